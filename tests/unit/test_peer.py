from __future__ import annotations

import asyncio
import importlib.metadata
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from aioice.ice import Connection
from aiortc import RTCDtlsTransport, RTCPeerConnection, RTCRtpSender
from aiortc.exceptions import InvalidStateError
from aiortc.rtp import RtcpReceiverInfo, RtcpRrPacket
from pylibsrtp import Session

from heatwall.delivery.known_aiortc import why_not_lean
from heatwall.delivery.offer import Offer, read_offer
from heatwall.delivery.packets import Packets, Sink
from heatwall.delivery.peer import Peer, Slot, check_aiortc
from heatwall.errors import DeliveryError, StartError
from heatwall.values import Picture, Tier
from support.sdp import Section, offer


class _Source:
    """A source that a test feeds by hand."""

    def __init__(self, camera: str = "door") -> None:
        self.camera = camera
        self.tier = Tier.TILE
        self.is_closed = False
        self.idr_requests = 0
        self.sink: Sink | None = None
        self.drained = 0
        self._queue: asyncio.Queue[Packets | None] = asyncio.Queue()

    def give(self, *rtp_times: int) -> None:
        for rtp_time in rtp_times:
            picture = Picture(self.camera, Tier.TILE, b"", rtp_time, is_key=True)
            self._queue.put_nowait(Packets(picture, (self.camera.encode(),)))

    async def next(self) -> Packets | None:
        return await self._queue.get()

    def feed(self, sink: Sink) -> None:
        self.sink = sink

    def drain(self) -> None:
        self.drained += 1

    def request_idr(self) -> None:
        self.idr_requests += 1

    def close(self) -> None:
        self.is_closed = True
        self._queue.put_nowait(None)


@pytest.fixture(autouse=True)
def _forget_checks() -> Iterator[None]:
    check_aiortc.cache_clear()
    why_not_lean.cache_clear()
    yield
    check_aiortc.cache_clear()
    why_not_lean.cache_clear()


def test_the_installed_aiortc_has_all_that_is_hooked() -> None:
    check_aiortc()
    assert why_not_lean() is None
    assert importlib.metadata.version("aiortc")


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (RTCRtpSender, "_next_encoded_frame"),
        (RTCRtpSender, "_send_keyframe"),
        (RTCRtpSender, "_handle_rtcp_packet"),
        (RTCRtpSender, "_run_rtp"),
        (RTCPeerConnection, "_RTCPeerConnection__connect"),
    ],
)
def test_an_aiortc_without_a_hooked_name_is_refused(
    owner: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(owner, name)
    with pytest.raises(StartError, match=name):
        check_aiortc()


def test_an_aiortc_with_another_signature_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def changed(self: Any, codec: Any, _more: Any) -> None:
        """Stand for a version that passes more."""

    monkeypatch.setattr(RTCRtpSender, "_next_encoded_frame", changed)
    with pytest.raises(StartError, match="changed"):
        check_aiortc()


def test_an_aiortc_that_no_longer_calls_a_hook_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def _run_rtp(_self: Any, _codec: Any) -> None:
        """Stand for a version that sends in another way."""

    monkeypatch.setattr(RTCRtpSender, "_run_rtp", _run_rtp)
    with pytest.raises(StartError, match="_next_encoded_frame"):
        check_aiortc()


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (RTCRtpSender, "_retransmit"),
        (RTCRtpSender, "_run_rtcp"),
        (RTCDtlsTransport, "_send_rtp"),
        (Connection, "sendto"),
        (Session, "protect"),
    ],
)
def test_an_aiortc_that_only_the_lean_sender_can_not_use_sends_by_itself(
    owner: Any, name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def changed(_self: Any, *_more: Any) -> None:
        """Stand for a version that does it in another way."""

    changed.__qualname__ = f"{owner.__qualname__}.{name}"
    monkeypatch.setattr(owner, name, changed)
    for _ in range(3):
        check_aiortc()
    assert name in (why_not_lean() or "")
    (record,) = caplog.records
    assert "aiortc sends by itself" in record.message


def test_an_aiortc_without_a_name_that_only_the_lean_sender_needs_sends_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(RTCRtpSender, "_retransmit")
    check_aiortc()
    assert "_retransmit" in (why_not_lean() or "")


class _Sender:
    """A sender that notes what it was given, and takes nothing while it is full."""

    def __init__(self) -> None:
        self.is_full = False
        self.sent: list[tuple[bytes, int]] = []

    def send(self, packets: Packets, rtp_time: int) -> bool:
        if not self.is_full:
            self.sent.append((packets.payloads[0], rtp_time))
        return not self.is_full


def _offered(source: _Source, rtp_time: int) -> bool:
    """Offer a picture to the sink that `source` was given."""
    assert source.sink is not None
    picture = Picture(source.camera, Tier.TILE, b"", rtp_time, is_key=True)
    return source.sink(Packets(picture, (source.camera.encode(),)))


async def test_a_slot_hands_its_pictures_to_a_sender_in_the_same_call() -> None:
    slot, before, after, sender = Slot(), _Source("door"), _Source("till"), _Sender()
    slot.show(before)
    slot.send_by(sender)
    assert _offered(before, 90_000)
    slot.show(after)
    assert _offered(after, 80_000)
    assert _offered(after, 86_000)
    assert before.is_closed
    assert [payload for payload, _ in sender.sent] == [b"door", b"till", b"till"]
    times = [time for _, time in sender.sent]
    assert times[0] == 90_000
    assert times[0] < times[1] == times[2] - 6000


async def test_a_picture_that_a_sender_refuses_keeps_its_place_in_time() -> None:
    slot, source, sender = Slot(), _Source(), _Sender()
    slot.send_by(sender)
    slot.show(source)
    sender.is_full = True
    assert not _offered(source, 3000)
    slot.go_on()
    assert source.drained == 1
    sender.is_full = False
    assert _offered(source, 3000)
    assert sender.sent == [(b"door", 3000)]


async def test_a_source_that_ends_under_a_sender_is_shown_no_more() -> None:
    slot, source = Slot(), _Source()
    slot.send_by(_Sender())
    slot.show(source)
    source.close()
    assert slot.source is None


async def test_a_slot_sends_what_its_source_gives() -> None:
    slot, source = Slot(), _Source()
    slot.show(source)
    source.give(3000, 9000)
    assert await slot.next() == ([b"door"], 3000)
    assert await slot.next() == ([b"door"], 9000)


async def test_a_slot_without_a_source_waits_for_one() -> None:
    slot, source = Slot(), _Source()
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(slot.next())
        await asyncio.sleep(0)
        source.give(3000)
        slot.show(source)
    assert waiting.result() == ([b"door"], 3000)


async def test_a_waiting_slot_turns_to_its_new_source_at_once() -> None:
    slot, before, after = Slot(), _Source("door"), _Source("till")
    slot.show(before)
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(slot.next())
        await asyncio.sleep(0)
        slot.show(after)
        after.give(3000)
    assert waiting.result() == ([b"till"], 3000)
    assert before.is_closed


async def test_rtp_times_grow_when_the_new_source_is_behind() -> None:
    slot, before, after = Slot(), _Source("door"), _Source("till")
    slot.show(before)
    before.give(90_000, 96_000)
    times = [(await slot.next())[1] for _ in range(2)]
    slot.show(after)
    after.give(80_000, 86_000, 92_000)
    times += [(await slot.next())[1] for _ in range(3)]
    assert all(later > sooner for sooner, later in pairwise(times))
    assert times[3] - times[2] == times[4] - times[3] == 6000, "its own pace is kept"


async def test_rtp_times_stay_a_sources_own_when_it_is_ahead() -> None:
    slot, before, after = Slot(), _Source("door"), _Source("till")
    slot.show(before)
    before.give(90_000)
    await slot.next()
    slot.show(after)
    after.give(93_000)
    assert await slot.next() == ([b"till"], 93_000)


async def test_a_later_source_that_is_ahead_has_its_own_times_again() -> None:
    slot = Slot()
    sent = []
    for rtp_time in (90_000, 80_000, 100_000):
        source = _Source()
        slot.show(source)
        source.give(rtp_time)
        sent.append((await slot.next())[1])
    assert sent[0] == 90_000
    assert 90_000 < sent[1] < 100_000
    assert sent[2] == 100_000


async def test_a_source_that_ends_leaves_the_slot_waiting() -> None:
    slot, gone, after = Slot(), _Source("door"), _Source("till")
    slot.show(gone)
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(slot.next())
        gone.close()
        for _ in range(3):
            await asyncio.sleep(0)
        assert not waiting.done()
        assert slot.source is None
        after.give(3000)
        slot.show(after)
    assert waiting.result() == ([b"till"], 3000)


async def test_a_decoders_request_reaches_what_is_shown_now() -> None:
    slot, before, after = Slot(), _Source("door"), _Source("till")
    slot.request_idr()
    slot.show(before)
    slot.show(after)
    slot.request_idr()
    assert (before.idr_requests, after.idr_requests) == (0, 1)


async def test_an_answer_offers_h264_alone_on_every_slot() -> None:
    sdp = offer(
        *[Section(codecs=("100 VP8/90000", *Section().codecs, "97 rtx/90000 apt=96"))] * 3,
        Section(kind="audio", direction="sendrecv", codecs=("111 opus/48000/2",)),
    )
    peer = Peer(read_offer(sdp), lambda _state: None)
    try:
        answer = await peer.answer()
    finally:
        await peer.close()
    assert len(peer.slots) == 3
    assert answer.count("a=sendonly") == 3
    assert answer.count("a=inactive") == 1, "what a viewer says is not listened to"
    assert answer.count("H264/90000") == answer.count("profile-level-id=42e01f") == 3
    assert "VP8" not in answer
    assert answer.count("rtx/90000") == 3


async def test_an_audio_codec_that_nobody_knows_is_no_server_fault() -> None:
    sdp = offer(Section(), Section(kind="audio", codecs=("111 L16/44100/2",)))
    peer = Peer(read_offer(sdp), lambda _state: None)
    with pytest.raises(DeliveryError) as caught:
        await peer.answer()
    await peer.close()
    assert caught.value.status == 406


@pytest.mark.parametrize("line", ["a=extmap:x", "a=candidate:1", "a=fmtp:7 x", "a=setup:never"])
async def test_an_attribute_that_can_not_be_read_is_the_viewers_fault(line: str) -> None:
    peer = Peer(Offer(offer(Section()) + line + "\r\n", 1), lambda _state: None)
    with pytest.raises(DeliveryError) as caught:
        await peer.answer()
    await peer.close()
    assert caught.value.status == 400


def _report(ssrc: int, fraction_lost: int, packets_lost: int, jitter: int) -> RtcpReceiverInfo:
    return RtcpReceiverInfo(
        ssrc=ssrc,
        fraction_lost=fraction_lost,
        packets_lost=packets_lost,
        highest_sequence=0,
        jitter=jitter,
        lsr=0,
        dlsr=0,
    )


async def test_a_viewers_report_tells_the_slots_loss() -> None:
    peer = Peer(read_offer(offer(Section(), Section())), lambda _state: None)
    sender = peer._connection.getSenders()[1]
    reports = [_report(sender._ssrc, 64, 12, 900), _report(sender._ssrc ^ 1, 255, 999, 9)]
    await sender._handle_rtcp_packet(RtcpRrPacket(ssrc=1, reports=reports))
    await peer.close()
    assert peer.slots[0].loss is None
    loss = peer.slots[1].loss
    assert loss is not None
    assert (loss.share, loss.packets, loss.jitter_s) == (0.25, 12, 0.01)


async def test_closing_twice_is_closing_once() -> None:
    peer = Peer(read_offer(offer(Section())), lambda _state: None)
    source = _Source()
    peer.slots[0].show(source)
    await peer.close()
    await peer.close()
    assert source.is_closed


@pytest.mark.parametrize("closes", [True, False])
async def test_only_a_handshake_that_closing_interrupts_may_fail(
    closes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interrupted(self: RTCPeerConnection) -> None:
        while closes and self.connectionState != "closed":  # noqa: ASYNC110 -- a turn is enough
            await asyncio.sleep(0)
        raise InvalidStateError

    monkeypatch.setattr(RTCPeerConnection, "_RTCPeerConnection__connect", interrupted)
    peer = Peer(read_offer(offer(Section())), lambda _state: None)
    before = asyncio.all_tasks()
    connecting = peer._connection._RTCPeerConnection__connect()  # type: ignore[attr-defined]  # private
    connect = asyncio.create_task(connecting)
    await asyncio.sleep(0)
    await peer.close()
    await asyncio.wait([connect])
    assert isinstance(connect.exception(), InvalidStateError) is not closes
    assert asyncio.all_tasks() <= before
