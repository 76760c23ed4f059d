"""The viewers' sessions, from offer to end.

A session ends when its viewer says so, when its connection fails or closes, when it never connects,
or when the page that named it on a WebSocket has been gone for a while. Everything runs on the
event loop.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from heatwall.clock import Clock
from heatwall.delivery.fanout import Fanout, TierStatistics
from heatwall.delivery.offer import Offer, read_offer
from heatwall.delivery.packets import Packets
from heatwall.delivery.peer import Loss, Peer, PeerState
from heatwall.delivery.quality import Move, Rules
from heatwall.delivery.refusing import RETRY_S, no_picture, unknown_camera
from heatwall.delivery.screen import Screen
from heatwall.delivery.viewing import EVERYBODY, Connection, Holder, Session, Viewer
from heatwall.errors import DeliveryError
from heatwall.side_work import kept_up
from heatwall.status import QualityStatus
from heatwall.values import Tier

CONNECT_S = 9.0
"""A browser connects on a LAN within half a second, by a relay in two; who has not after this never
will."""

UNBOUND_S = 5.0
"""How long a page may be without its WebSocket, so that a short cut does not end its pictures."""

_SWEEP_S = 0.5
"""How often sessions past their time are looked for."""

_SID_BYTES = 18
"""Random bytes of a session id: whoever knows it may end the session, so it can't be guessed."""

_log = logging.getLogger(__name__)

_SID_SHOWN = 6
"""Signs of a session's id in the log: enough to tell viewers apart, too few to act as one."""


Connect = Callable[[Offer, Callable[[PeerState], None]], Connection]
"""Makes the connection for an offer; the callback hears of each change of its state."""


@dataclass(frozen=True, slots=True)
class SlotChange:
    """What one slot of a session shall show.

    Attributes:
        slot: Index of the slot, which is that of the video m-line in the offer, from 0.
        camera: The camera's id, or None for nothing.
        tier: The tier of the camera.
    """

    slot: int
    camera: str | None
    tier: Tier = Tier.TILE


class Sessions:
    """All sessions of the server; an async context manager that ends them all when left.

    Args:
        fanout: Where the pictures come from.
        knows: Whether there is a camera of this id.
        max_viewers: Most sessions at a time.
        most_each: Most sessions of one user or token at a time.
        clock: Monotonic seconds.
        connect: Makes a connection; aiortc's unless a test has its own.
        rules: When a viewer is moved to another tier.
    """

    def __init__(
        self,
        fanout: Fanout,
        knows: Callable[[str], bool],
        max_viewers: int,
        clock: Clock,
        connect: Connect = Peer,
        rules: Rules | None = None,
        most_each: int | None = None,
    ) -> None:
        self._fanout = fanout
        self._knows = knows
        self._max_viewers = max_viewers
        self._most_each = most_each
        self._clock = clock
        self._connect = connect
        self._rules = rules or Rules()
        self._moves = Counter(dict.fromkeys(Move, 0))
        self._sessions: dict[str, Session] = {}
        self._is_closed = False
        self._sweeper: asyncio.Task[None] | None = None
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        """Begin to end sessions that are past their time."""
        await self._tasks.__aenter__()
        sweeping = kept_up("sessions", self._keep_sweeping)
        self._sweeper = self._tasks.create_task(sweeping, name="sessions")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End all sessions."""
        await self.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
        await self._tasks.__aexit__(kind, error, traceback)

    def allow(self, max_viewers: int, most_each: int | None = None) -> None:
        """Take so many sessions at a time from now on; those that are there stay."""
        self._max_viewers = max_viewers
        self._most_each = most_each

    def __len__(self) -> int:
        """Return the number of sessions, also of those that are still connecting."""
        return len(self._sessions)

    def __contains__(self, sid: object) -> bool:
        """Return whether there is a session of this id."""
        return sid in self._sessions

    def viewers(self) -> Counter[str]:
        """Return how many slots show each camera now; a camera without any is 0."""
        return Counter(
            slot.source.camera
            for session in self._sessions.values()
            for slot in session.connection.slots
            if slot.source is not None
        )

    def statistics(self) -> dict[tuple[str, Tier], TierStatistics]:
        """Return the totals of every tier that was ever watched."""
        return self._fanout.statistics()

    def losses(self) -> list[Loss]:
        """Return what the viewers last reported, one for each slot that has had a report."""
        return [
            slot.loss
            for session in self._sessions.values()
            for slot in session.connection.slots
            if slot.loss is not None
        ]

    def reduced(self) -> int:
        """Return how many viewers get a smaller tier than they want."""
        return sum(session.screen.is_reduced for session in self._sessions.values())

    def moves(self) -> Mapping[Move, int]:
        """Return how often viewers were moved to other tiers since the start."""
        return self._moves

    def quality(self, token: object) -> QualityStatus:
        """Return how well the session named by a WebSocket is served."""
        for session in self._sessions.values():
            if token in session.tokens and session.screen.is_reduced:
                return QualityStatus(is_reduced=True, reason=session.screen.reason)
        return QualityStatus()

    async def create(
        self,
        offer_sdp: str,
        cameras: Sequence[str | None],
        tier: Tier,
        holder: Holder = EVERYBODY,
    ) -> tuple[str, str]:
        """Answer an offer; slot k shows `cameras[k]`.

        A slot whose camera is None, or that is beyond the list, shows nothing yet.

        Returns:
            The session's id and the SDP answer.

        Raises:
            DeliveryError: 400 or 406 for the offer, 404 for a camera that is not there or that the
                holder may not see, 429 when the holder has too many, 503 when the server is full.
        """
        for camera in cameras:
            if camera is not None:
                self._require_camera(camera, holder)
        offer = read_offer(offer_sdp)
        if len(cameras) > offer.videos:
            raise DeliveryError(
                400,
                "too_few_m_lines",
                f"{len(cameras)} cameras need as many video m-lines; there are {offer.videos}.",
            )
        self._require_room(holder)
        return await self._open(offer, cameras, tier, holder)

    @asynccontextmanager
    async def attached(
        self, viewer: Viewer, holder: Holder = EVERYBODY, *, keeps_tier: bool = False
    ) -> AsyncIterator[str]:
        """Hold a session for a viewer who needs no offer, and close the viewer at the end.

        Args:
            viewer: Who watches.
            holder: On whose behalf.
            keeps_tier: Send the tier that is wanted, whatever the path carries: to players that
                can't take pictures of another shape.

        Yields:
            The session's id, by which `patch` says what the slots show.

        Raises:
            DeliveryError: 429 when the holder has too many, 503 when the server is full.
        """
        self._require_room(holder)
        sid = secrets.token_urlsafe(_SID_BYTES)
        screen = Screen(self._fanout, viewer.slots, self._rules)
        session = Session(viewer, screen, holder, connect_by_s=None, keeps_tier=keeps_tier)
        self._sessions[sid] = session
        try:
            yield sid
        finally:
            self._sessions.pop(sid, None)
            await self._close(session)

    async def next_idr(
        self, camera: str, tier: Tier, within_s: float, holder: Holder = EVERYBODY
    ) -> Packets:
        """Return the next picture from which a decoder can start; nobody counts as a viewer.

        Raises:
            DeliveryError: 404 for an unknown camera, 503 when none came in time.
        """
        self._require_camera(camera, holder)
        source = self._fanout.subscribe(camera, tier)
        try:
            async with asyncio.timeout(within_s):
                packets = await source.next()
        except TimeoutError:
            packets = None
        finally:
            source.close()
        if packets is None:
            raise no_picture(camera, within_s)
        return packets

    async def patch(
        self, sid: str, changes: Sequence[SlotChange], holder: Holder | None = None
    ) -> None:
        """Change what slots show, all or none of them.

        Args:
            sid: The session's id.
            changes: What slots show from now on.
            holder: Who asks; None for who opened the session.

        Raises:
            DeliveryError: 404 for an unknown session or camera, also for those that are somebody
                else's, 400 for an unknown slot.
        """
        session = self._require(sid, holder)
        screen = session.screen
        for change in changes:
            if not 0 <= change.slot < len(screen):
                raise DeliveryError(
                    400, "unknown_slot", f"There is no slot {change.slot}; slots: {len(screen)}."
                )
            if change.camera is not None:
                self._require_camera(change.camera, session.holder)
        for change in changes:
            screen.want(change.slot, change.camera, change.tier)

    async def end(self, sid: str, holder: Holder | None = None) -> None:
        """End a session.

        Raises:
            DeliveryError: 404 for an unknown session, or one that is not the holder's.
        """
        session = self._require(sid, holder)
        del self._sessions[sid]
        await self._close(session)

    def bind(self, sid: str, token: object, holder: Holder | None = None) -> bool:
        """Tie a session's life to `token`, a WebSocket of its page; whether there is such one."""
        session = self._sessions.get(sid)
        if session is None or not session.is_of(holder):
            return False
        session.tokens.add(token)
        session.leave_at_s = None
        return True

    def unbind(self, token: object) -> None:
        """Say that `token` is gone: sessions that had no other end soon, unless bound again."""
        for session in self._sessions.values():
            if token in session.tokens:
                session.tokens.discard(token)
                if not session.tokens:
                    session.leave_at_s = self._clock() + UNBOUND_S

    async def sweep(self) -> None:
        """End the sessions that are past their time, and move the others to what they can take."""
        now_s = self._clock()
        past = [sid for sid, session in self._sessions.items() if session.is_past(now_s)]
        sessions = [self._sessions.pop(sid) for sid in past]
        for sid, session in self._sessions.items():
            session.hide_forbidden()
            # Before it is connected nothing is sent, and what is dropped says nothing.
            if session.connect_by_s is None and not session.keeps_tier:
                self._adapt(sid, session.screen, now_s)
        await asyncio.gather(*(self._close(session) for session in sessions))

    async def close(self) -> None:
        """End all sessions and take no more. May be called again."""
        self._is_closed = True
        sessions = list(self._sessions.values())
        self._sessions.clear()
        await asyncio.gather(*(self._close(session) for session in sessions))

    async def _open(
        self, offer: Offer, cameras: Sequence[str | None], tier: Tier, holder: Holder
    ) -> tuple[str, str]:
        sid = secrets.token_urlsafe(_SID_BYTES)
        connection = self._connect(offer, lambda state: self._state_changed(sid, state))
        screen = Screen(self._fanout, connection.slots, self._rules)
        session = Session(
            connection,
            screen,
            holder,
            connect_by_s=self._clock() + CONNECT_S,
            heard_s=lambda: connection.heard_s,
        )
        self._sessions[sid] = session
        try:
            answer = await connection.answer()
            if self._sessions.get(sid) is not session:
                raise DeliveryError(503, "full", "The server is stopping.")
            # The encoders start while the connection builds up, so that pictures wait for it.
            for slot, camera in enumerate(cameras[: len(screen)]):
                screen.want(slot, camera, tier)
        except BaseException:  # whatever ends this, cancellation too, must not leave a connection
            self._sessions.pop(sid, None)
            await self._close(session)
            raise
        return sid, answer

    def _adapt(self, sid: str, screen: Screen, now_s: float) -> None:
        move = screen.adapt(now_s)
        if move is not None:
            self._moves[move] += 1
            why = f": {screen.reason}" if move is Move.DOWN else ""
            viewer = {"viewer": sid[:_SID_SHOWN]}
            _log.info("was moved %s to %s%s", move, screen.largest, why, extra=viewer)

    def _state_changed(self, sid: str, state: PeerState) -> None:
        session = self._sessions.get(sid)
        if session is None:
            return
        if state is PeerState.CONNECTED:
            session.connect_by_s = None
        elif state in (PeerState.FAILED, PeerState.CLOSED):
            session.is_over = True

    async def _keep_sweeping(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            await self.sweep()

    async def _close(self, session: Session) -> None:
        try:
            await session.connection.close()
        except Exception:  # noqa: BLE001 -- one broken connection must not keep others from closing
            _log.exception("A viewer's connection did not close cleanly")

    def _require(self, sid: str, holder: Holder | None) -> Session:
        session = self._sessions.get(sid)
        if session is None or not session.is_of(holder):
            raise DeliveryError(404, "unknown_session", "There is no such session.")
        return session

    def _require_room(self, holder: Holder) -> None:
        if self._is_closed or len(self._sessions) >= self._max_viewers:
            raise DeliveryError(503, "full", "No more viewers can be served at the moment.")
        if holder.owner is None or self._most_each is None:
            return
        count = sum(one.holder.owner == holder.owner for one in self._sessions.values())
        if count >= self._most_each:
            message = (
                f"You watch {count} times at once already, and no more is allowed; close another "
                "page first (server.max_sessions_per_user)."
            )
            raise DeliveryError(429, "too_many_sessions", message, retry_after_s=RETRY_S)

    def _require_camera(self, camera: str, holder: Holder) -> None:
        # Alike for a camera that is somebody else's: nobody learns that it is there.
        if not self._knows(camera) or not holder.sees(camera):
            raise unknown_camera(camera)
