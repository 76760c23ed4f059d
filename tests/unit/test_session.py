from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest

from heatwall.delivery.fanout import Fanout
from heatwall.delivery.film import Film
from heatwall.delivery.offer import Offer
from heatwall.delivery.peer import Loss, PeerState, Slot
from heatwall.delivery.quality import Move
from heatwall.delivery.session import CONNECT_S, UNBOUND_S, Sessions, SlotChange
from heatwall.delivery.viewing import SILENT_S
from heatwall.errors import DeliveryError
from heatwall.status import QualityStatus
from heatwall.values import Picture, Tier
from support.demand import NotedDemand
from support.eventually import eventually_async
from support.faketime import FakeTime
from support.sdp import Section, offer

_CAMERAS = {"door", "till"}


class _Connection:
    """A connection whose state a test sets."""

    def __init__(self, offer: Offer, on_state: Callable[[PeerState], None]) -> None:
        self.slots = tuple(Slot() for _ in range(offer.videos))
        self.on_state = on_state
        self.is_closed = False
        self.fault: Exception | None = None
        self.heard_s = float("inf")
        self.close_fault: Exception | None = None
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def answer(self) -> str:
        await self.may_answer.wait()
        if self.fault is not None:
            raise self.fault
        return "answer"

    async def close(self) -> None:
        self.is_closed = True
        for slot in self.slots:
            slot.show(None)
        if self.close_fault is not None:
            raise self.close_fault


class _Stand:
    def __init__(self, max_viewers: int = 4) -> None:
        self.time = FakeTime()
        self.demand = NotedDemand()
        self.fanout = Fanout(
            self.demand, self.time, lambda annexb: [annexb] * 60, call_later=self.time.call_later
        )
        self.connections: list[_Connection] = []
        self.prepare: Callable[[_Connection], None] = lambda _connection: None
        self.sessions = Sessions(
            self.fanout, _CAMERAS.__contains__, max_viewers, self.time, self._connect
        )

    def _connect(self, offer: Offer, on_state: Callable[[PeerState], None]) -> _Connection:
        connection = _Connection(offer, on_state)
        self.prepare(connection)
        self.connections.append(connection)
        return connection

    async def open(self, *cameras: str | None, slots: int = 2) -> str:
        sid, _ = await self.sessions.create(offer(*[Section()] * slots), cameras, Tier.TILE)
        return sid

    async def lose(self, share: float, seconds: int, connection: int = 0) -> None:
        """Let a viewer report on each of its slots once a second."""
        for _ in range(seconds):
            for slot in self.connections[connection].slots:
                if slot.source is not None:
                    self.fanout.publish(_picture(slot.source.camera, slot.source.tier))
                    await slot.source.next()
                before = slot.loss.packets if slot.loss else 0
                slot.loss = Loss(share, before + round(share * 60), 0.0)
            await self.pass_time(1.0)

    async def pass_time(self, seconds: float) -> None:
        self.time.advance(seconds)
        await self.sessions.sweep()

    def shown(self, connection: int = 0) -> list[tuple[str, Tier] | None]:
        return [
            None if slot.source is None else (slot.source.camera, slot.source.tier)
            for slot in self.connections[connection].slots
        ]


def _picture(camera: str, tier: Tier) -> Picture:
    return Picture(camera, tier, b"", 0, is_key=True)


async def _refused(stand: _Stand, *cameras: str, sdp: str = "") -> tuple[int, str]:
    with pytest.raises(DeliveryError) as caught:
        await stand.sessions.create(sdp or offer(Section()), cameras, Tier.TILE)
    return caught.value.status, caught.value.code


async def test_slot_k_shows_camera_k() -> None:
    stand = _Stand()
    await stand.open("door", None, "till", slots=4)
    assert stand.shown() == [("door", Tier.TILE), None, ("till", Tier.TILE), None]
    assert stand.sessions.viewers() == {"door": 1, "till": 1}


async def test_session_ids_can_not_be_guessed() -> None:
    stand = _Stand()
    sids = {await stand.open("door") for _ in range(4)}
    assert len(sids) == 4
    assert min(len(sid) for sid in sids) >= 22, "128 bits"


async def test_an_unknown_camera_is_refused_before_anything_is_opened() -> None:
    stand = _Stand()
    assert await _refused(stand, "attic") == (404, "unknown_camera")
    assert stand.connections == []


async def test_a_bad_offer_starts_no_encoder() -> None:
    stand = _Stand()
    assert await _refused(stand, "door", sdp="garbage") == (400, "bad_sdp")
    assert stand.demand.calls == []


async def test_more_cameras_than_m_lines_are_refused() -> None:
    stand = _Stand()
    assert await _refused(stand, "door", "till") == (400, "too_few_m_lines")


async def test_a_full_server_refuses_and_takes_again_after_an_end() -> None:
    stand = _Stand(max_viewers=1)
    sid = await stand.open("door")
    assert await _refused(stand, "door") == (503, "full")
    await stand.sessions.end(sid)
    await stand.open("door")


async def test_a_session_that_is_being_opened_counts() -> None:
    stand = _Stand(max_viewers=1)
    stand.prepare = lambda connection: connection.may_answer.clear()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(stand.open("door"))
        await asyncio.sleep(0)
        assert await _refused(stand, "door") == (503, "full")
        stand.connections[0].may_answer.set()
    assert len(stand.sessions) == 1


async def test_a_failed_answer_leaves_nothing_behind() -> None:
    stand = _Stand()
    stand.prepare = lambda connection: setattr(
        connection, "fault", DeliveryError(400, "bad_sdp", "No.")
    )
    assert await _refused(stand, "door") == (400, "bad_sdp")
    assert stand.connections[0].is_closed
    assert len(stand.sessions) == 0
    assert stand.demand.calls == []


async def test_a_patch_changes_its_slots_and_no_others() -> None:
    stand = _Stand()
    sid = await stand.open("door", "till", slots=3)
    await stand.sessions.patch(
        sid, [SlotChange(0, "door", Tier.FOCUS), SlotChange(2, "till"), SlotChange(1, None)]
    )
    assert stand.shown() == [("door", Tier.FOCUS), None, ("till", Tier.TILE)]


async def test_a_patch_to_what_is_shown_already_changes_nothing() -> None:
    stand = _Stand()
    sid = await stand.open("door")
    source = stand.connections[0].slots[0].source
    await stand.sessions.patch(sid, [SlotChange(0, "door")])
    assert stand.connections[0].slots[0].source is source


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (SlotChange(2, "door"), "unknown_slot"),
        (SlotChange(-1, "door"), "unknown_slot"),
        (SlotChange(1, "attic"), "unknown_camera"),
    ],
)
async def test_a_patch_with_one_fault_changes_nothing(change: SlotChange, code: str) -> None:
    stand = _Stand()
    sid = await stand.open("door", "till")
    with pytest.raises(DeliveryError) as caught:
        await stand.sessions.patch(sid, [SlotChange(0, None), change])
    assert caught.value.code == code
    assert stand.shown() == [("door", Tier.TILE), ("till", Tier.TILE)]


async def test_an_ended_session_is_unknown() -> None:
    stand = _Stand()
    sid = await stand.open("door")
    await stand.sessions.end(sid)
    assert stand.connections[0].is_closed
    assert stand.sessions.viewers()["door"] == 0
    assert not stand.sessions.bind(sid, object())
    for call in (stand.sessions.end(sid), stand.sessions.patch(sid, [])):
        with pytest.raises(DeliveryError) as caught:
            await call
        assert caught.value.status == 404


async def test_a_session_that_never_connects_ends() -> None:
    stand = _Stand()
    await stand.open("door")
    await stand.pass_time(CONNECT_S - 0.1)
    assert len(stand.sessions) == 1
    await stand.pass_time(0.2)
    assert len(stand.sessions) == 0
    assert stand.connections[0].is_closed


@pytest.mark.parametrize("state", [PeerState.FAILED, PeerState.CLOSED])
async def test_a_player_without_a_websocket_stays_until_its_connection_ends(
    state: PeerState,
) -> None:
    stand = _Stand()
    await stand.open("door")
    stand.connections[0].on_state(PeerState.CONNECTED)
    await stand.pass_time(3600)
    assert len(stand.sessions) == 1
    stand.connections[0].on_state(state)
    await stand.pass_time(0)
    assert len(stand.sessions) == 0


async def test_a_player_that_says_nothing_any_more_ends() -> None:
    stand = _Stand()
    await stand.open("door")
    stand.connections[0].on_state(PeerState.CONNECTED)
    stand.connections[0].heard_s = stand.time()
    await stand.pass_time(SILENT_S - 0.1)
    assert len(stand.sessions) == 1
    await stand.pass_time(0.2)
    assert len(stand.sessions) == 0
    assert stand.connections[0].is_closed


async def test_a_page_whose_websocket_is_alive_may_be_silent() -> None:
    stand = _Stand()
    sid = await stand.open("door")
    stand.connections[0].on_state(PeerState.CONNECTED)
    stand.connections[0].heard_s = stand.time()
    stand.sessions.bind(sid, object())
    await stand.pass_time(3600)
    assert sid in stand.sessions


async def test_a_page_that_goes_away_ends_its_session_after_a_while() -> None:
    stand = _Stand()
    socket = object()
    sid = await stand.open("door")
    other = await stand.open("door")
    for connection in stand.connections:
        connection.on_state(PeerState.CONNECTED)
    assert stand.sessions.bind(sid, socket)
    await stand.pass_time(3600)
    stand.sessions.unbind(socket)
    await stand.pass_time(UNBOUND_S - 0.1)
    assert sid in stand.sessions
    await stand.pass_time(0.2)
    assert sid not in stand.sessions
    assert other in stand.sessions


async def test_a_page_that_comes_back_keeps_its_session() -> None:
    stand = _Stand()
    first, second = object(), object()
    sid = await stand.open("door")
    stand.connections[0].on_state(PeerState.CONNECTED)
    stand.sessions.bind(sid, first)
    stand.sessions.unbind(first)
    await stand.pass_time(UNBOUND_S - 0.1)
    stand.sessions.bind(sid, second)
    await stand.pass_time(3600)
    assert sid in stand.sessions


async def test_an_old_websocket_that_ends_late_does_not_end_the_session() -> None:
    stand = _Stand()
    first, second = object(), object()
    sid = await stand.open("door")
    stand.connections[0].on_state(PeerState.CONNECTED)
    stand.sessions.bind(sid, first)
    stand.sessions.bind(sid, second)
    stand.sessions.unbind(first)
    await stand.pass_time(3600)
    assert sid in stand.sessions


async def test_a_page_that_leaves_before_it_connected_does_not_stay_by_connecting() -> None:
    stand = _Stand()
    socket = object()
    sid = await stand.open("door")
    stand.sessions.bind(sid, socket)
    stand.sessions.unbind(socket)
    stand.connections[0].on_state(PeerState.CONNECTED)
    await stand.pass_time(UNBOUND_S + 0.1)
    assert sid not in stand.sessions


async def test_losses_are_those_that_were_reported() -> None:
    stand = _Stand()
    await stand.open("door", "till")
    loss = Loss(share=0.1, packets=3, jitter_s=0.004)
    stand.connections[0].slots[1].loss = loss
    assert stand.sessions.losses() == [loss]


async def test_a_viewer_with_loss_is_moved_and_another_is_not() -> None:
    stand = _Stand()
    token = object()
    sid = await stand.open("door", "till")
    await stand.open("door")
    assert stand.sessions.bind(sid, token)
    for connection in stand.connections:
        connection.on_state(PeerState.CONNECTED)
    await stand.lose(0.25, 12)
    assert stand.shown(0) == [("door", Tier.PREVIEW), ("till", Tier.PREVIEW)]
    assert stand.shown(1) == [("door", Tier.TILE), None]
    assert (stand.sessions.reduced(), stand.sessions.moves()) == (1, {Move.DOWN: 1, Move.UP: 0})
    assert stand.sessions.quality(token) == QualityStatus(True, "25 % of packets lost")
    assert stand.sessions.quality(object()) == QualityStatus(False, None)
    await stand.lose(0.0, 20)
    assert stand.shown(0) == [("door", Tier.TILE), ("till", Tier.TILE)]
    assert (stand.sessions.reduced(), stand.sessions.moves()) == (0, {Move.DOWN: 1, Move.UP: 1})
    assert stand.sessions.quality(token) == QualityStatus(False, None)


async def test_moves_are_counted_also_of_those_who_left() -> None:
    stand = _Stand()
    sid = await stand.open("door")
    stand.connections[0].on_state(PeerState.CONNECTED)
    await stand.lose(0.25, 12)
    await stand.sessions.end(sid)
    assert stand.sessions.reduced() == 0
    assert stand.sessions.moves()[Move.DOWN] == 1


async def test_nobody_is_judged_before_the_connection_stands() -> None:
    stand = _Stand()
    await stand.open("door")
    await stand.lose(0.9, int(CONNECT_S) - 1)
    assert stand.shown() == [("door", Tier.TILE), None]


async def test_a_patch_to_focus_while_reduced_is_kept_for_later() -> None:
    stand = _Stand()
    sid = await stand.open("door")
    stand.connections[0].on_state(PeerState.CONNECTED)
    await stand.lose(0.25, 12)
    await stand.sessions.patch(sid, [SlotChange(0, "till", Tier.FOCUS)])
    assert stand.shown() == [("till", Tier.PREVIEW), None]
    await stand.lose(0.0, 40)
    assert stand.shown() == [("till", Tier.FOCUS), None]


async def test_one_connection_that_does_not_close_keeps_no_other_open(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stand = _Stand()
    for _ in range(3):
        await stand.open("door")
    stand.connections[2].close_fault = RuntimeError("stuck")
    with caplog.at_level(logging.ERROR):
        await stand.sessions.close()
    assert all(connection.is_closed for connection in stand.connections)
    assert len(stand.sessions) == 0
    assert len(caplog.records) == 1
    assert await _refused(stand, "door") == (503, "full")


async def test_a_broken_connection_is_swept_by_itself_and_all_end_with_the_context() -> None:
    stand = _Stand()
    async with stand.sessions:
        await stand.open("door")
        await stand.open("till")
        stand.connections[0].on_state(PeerState.FAILED)
        await eventually_async(lambda: stand.connections[0].is_closed)
        assert not stand.connections[1].is_closed
    assert stand.connections[1].is_closed
    assert len(asyncio.all_tasks()) == 1


async def test_a_viewer_without_an_offer_is_a_session_while_it_is_attached() -> None:
    stand = _Stand(max_viewers=1)
    film = Film(2)
    async with stand.sessions.attached(film) as sid:
        await stand.sessions.patch(sid, [SlotChange(1, "door")])
        assert stand.sessions.viewers() == {"door": 1}
        assert await _refused(stand, "door") == (503, "full")
        await stand.pass_time(3600)
        assert sid in stand.sessions, "it needs no connecting"
    assert len(stand.sessions) == 0
    assert await film.next() is None, "it was closed"
    await stand.open("door")


async def test_an_attached_viewer_is_refused_when_the_server_is_full_and_closed_with_it() -> None:
    stand = _Stand(max_viewers=1)
    first = Film(1)
    async with stand.sessions.attached(first):
        with pytest.raises(DeliveryError, match="No more viewers"):
            async with stand.sessions.attached(Film(1)):
                pytest.fail("there is no place")
        await stand.sessions.close()
        assert await first.next() is None


async def test_the_next_idr_is_waited_for_and_left() -> None:
    stand = _Stand()
    async with asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(stand.sessions.next_idr("door", Tier.FOCUS, 5.0))
        await asyncio.sleep(0)
        stand.fanout.publish(Picture("door", Tier.FOCUS, b"", 1, is_key=False))
        stand.fanout.publish(_picture("door", Tier.FOCUS))
    assert asked.result().picture.is_key
    assert stand.fanout.statistics()["door", Tier.FOCUS].viewers == 0


async def test_an_idr_that_does_not_come_is_told() -> None:
    stand = _Stand()
    with pytest.raises(DeliveryError) as caught:
        await stand.sessions.next_idr("door", Tier.TILE, 0.01)
    assert (caught.value.status, caught.value.code) == (503, "no_picture")
    with pytest.raises(DeliveryError) as caught:
        await stand.sessions.next_idr("attic", Tier.TILE, 0.01)
    assert caught.value.status == 404
