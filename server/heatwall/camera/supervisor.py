"""Keeping one camera's worker alive, for ever."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from heatwall.backoff import Backoff, Care
from heatwall.camera import appetite
from heatwall.camera.claims import check
from heatwall.camera.knock import Knocker
from heatwall.camera.link import (
    CLOCK_HZ,
    ChangeInk,
    DetectFrame,
    EncodedPicture,
    Failed,
    Figures,
    InkSpec,
    LinkError,
    Notice,
    Open,
    Opened,
    RequestIdr,
    SetPace,
    ShowOverlay,
    StartTier,
    StopTier,
)
from heatwall.camera.process import WorkerProcess, started
from heatwall.camera.shared import SLOTS, FrameMemory, FrameSlots
from heatwall.camera.tally import Tally
from heatwall.camera.waiting import wait_for_return
from heatwall.clock import Clock
from heatwall.states import CameraState, is_legal
from heatwall.values import Picture, SecretUrl, Tier, redact

_log = logging.getLogger(__name__)

_STALLED_S = 2.0
"""Without a frame for this long a live camera is called stalled. Cameras pause for half a second
around keyframes; slower than one frame in two seconds is no video."""

_GRACE_S = 1.0
"""What a worker gets beyond the camera's time-out to report it by itself before it is killed."""

_STARTING_S = 5.0
"""What a new worker gets beyond the camera's time-out: a process starts within a second, and
looking up a name can take several."""

_WATCH_EVERY_S = 0.25
"""How often the watch looks; a fraction of the times that it measures."""

_MOST_NOTICES = 10
"""Topics that a worker may speak of at once; there are three."""

_STEADY_S = 10.0
"""A camera that was live for this long is tried again quickly after its next failure."""


class CameraPort(Protocol):
    """Who takes what a camera gives. All calls come on the event loop and must not block."""

    def picture(self, picture: Picture) -> None:
        """Take an encoded picture."""

    def detect_frame(self, camera: str, slots: FrameSlots, frame: DetectFrame) -> None:
        """Take a detect frame."""

    def gap(self, camera: str) -> None:
        """Note that the camera's stream was interrupted."""

    def changed(self, camera: str) -> None:
        """Note that the camera's state changed."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """How an attempt ended; `is_cameras` when the camera may end the cause by coming back."""

    state: CameraState
    reason: str
    is_cameras: bool = False


_STATE_OF_FAILURE = {
    "error": CameraState.RETRYING,
    "refused": CameraState.REFUSED,
    "unsupported": CameraState.UNSUPPORTED,
}

_WAITING = frozenset({CameraState.RETRYING, CameraState.REFUSED, CameraState.UNSUPPORTED})
"""States in which the next attempt is waited for; one does not become another."""

_CARE_OF_STATE = {CameraState.REFUSED: Care.ACCOUNT, CameraState.UNSUPPORTED: Care.SLOW}


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is known of a camera's stream from its last frame."""

    codec: str
    width: int
    height: int
    decoder: str


class CameraSupervisor:
    """One camera from the server's start to its end. Event loop only.

    Args:
        order: How the worker is to open the camera.
        port: Takes what the camera gives.
        monotonic: Monotonic seconds.
        wall: Seconds since 1970 UTC.
    """

    def __init__(self, order: Open, port: CameraPort, monotonic: Clock, wall: Clock) -> None:
        self.camera = order.camera
        self._order = order
        self._port = port
        self._monotonic = monotonic
        self._wall = wall
        self._backoff = Backoff(random.random)
        self._memory = FrameMemory(order.detect_size_px)
        self._knocker = _knocker_of(order)
        self._worker: WorkerProcess | None = None
        self._reopens = asyncio.Event()
        self._tiers: set[Tier] = set()
        self._overlay: ShowOverlay | None = None
        self._pace = SetPace(1.0, 1.0)
        self._notices: dict[str, str] = {}
        self._end: _Failure | None = None
        self._last_frame_s = 0.0
        self._live_since_s: float | None = None
        self.tally = Tally()
        self._logged: tuple[CameraState, str | None] | None = None
        self.state = CameraState.CONNECTING
        self.state_since = wall()
        self.state_reason: str | None = None
        self._stranded_since_s: float | None = None
        self.facts: SourceFacts | None = None
        self.newest_s: float | None = None
        self.connects = 0
        self.restarts = -1

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """Tiers being encoded now: those asked for, while the camera is live."""
        if self.state not in {CameraState.LIVE, CameraState.STALLED}:
            return ()
        return tuple(sorted(self._tiers))

    @property
    def order(self) -> Open:
        """How the worker is to open the camera."""
        return self._order

    @property
    def worker_pid(self) -> int | None:
        """The worker's process id, for those who measure; None between workers."""
        return self._worker.pid if self._worker else None

    @property
    def notices(self) -> tuple[str, ...]:
        """What is not as it should be while the camera works, in plain words."""
        return tuple(self._notices.values())

    @property
    def encoder(self) -> str | None:
        """FFmpeg's name of what encodes the tiers; None while none is encoded."""
        newest = self.tally.newest
        return newest.encoder or None if newest and self.tiers else None

    @property
    def lag_s(self) -> float | None:
        """Smallest age of the newest frames when they were decoded; None unless it is live."""
        newest = self.tally.newest
        return newest.lag_s if newest and self.state is CameraState.LIVE else None

    def stranded_s(self) -> float:
        """Return for how long this machine has given the camera no worker, seconds; 0 if it has."""
        since_s = self._stranded_since_s
        return 0.0 if since_s is None else self._monotonic() - since_s

    def live_s(self) -> float:
        """Return for how long the worker has had frames, seconds."""
        return 0.0 if self._live_since_s is None else self._monotonic() - self._live_since_s

    async def run(self) -> None:
        """Connect and connect again until cancelled. Holds the camera's only broad `except`."""
        try:
            while True:
                try:
                    await self._try_once()
                except Exception as error:  # noqa: BLE001 - a camera fails alone, whatever it was
                    _log.exception("unexpected fault", extra={"camera": self.camera})
                    self._port.gap(self.camera)
                    if self.state not in _WAITING:
                        reason = f"internal fault: {redact(str(error))}"
                        self._enter(CameraState.RETRYING, reason)
                    await asyncio.sleep(self._backoff.next_s(self._care()))
        finally:
            self._enter(CameraState.STOPPED, None)
            self._memory.close()

    async def _try_once(self) -> None:
        """Make one attempt, which lasts as long as the camera does, and wait for the next."""
        self._reopens.clear()
        self._enter(CameraState.CONNECTING, self.state_reason)
        failure = await self._attempt()
        self._port.gap(self.camera)
        if self._reopens.is_set():
            self._backoff.reset()
            failure = _Failure(CameraState.RETRYING, "its settings changed")
        self._enter(failure.state, failure.reason)
        await self._wait_after(failure)

    def reopen(self, order: Open) -> None:
        """Open the camera like this from now on, at once, by another worker.

        Who watches goes on with the new pictures, and nothing that is known of the camera is lost.

        Args:
            order: Of the same camera and the same `detect_size_px`.
        """
        self._order = order
        self._knocker = _knocker_of(order)
        self._reopens.set()
        if self._worker:
            self._worker.hang_up()

    def start_tier(self, tier: Tier) -> None:
        """Encode a tier from now on, also after the worker was replaced."""
        self._tiers.add(tier)
        if self._worker:
            # While nobody watched, overlays were not sent.
            if self._overlay:
                self._worker.send(self._overlay)
            self._worker.send(StartTier(tier))

    def stop_tier(self, tier: Tier) -> None:
        """Encode a tier no more."""
        self._tiers.discard(tier)
        if self._worker:
            self._worker.send(StopTier(tier))

    def request_idr(self, tier: Tier) -> None:
        """Make the tier's next picture an IDR."""
        if self._worker:
            self._worker.send(RequestIdr(tier))

    def show(self, overlay: ShowOverlay) -> None:
        """Blend this overlay into the pictures from now on."""
        self._overlay = overlay
        if self._worker and self._tiers and not self._worker.is_behind:
            self._worker.send(overlay)

    def change_ink(self, ink: InkSpec) -> None:
        """Paint the overlay like this from now on, also after the worker was replaced."""
        self._order = self._order.with_ink(ink)
        if self._worker:
            self._worker.send(ChangeInk(ink))

    def set_pace(self, pace: SetPace) -> None:
        """Do this share of the work from now on, also after the worker was replaced."""
        if pace == self._pace:
            return
        self._pace = pace
        if self._worker:
            self._worker.send(pace)

    def shown_fps(self) -> float:
        """Return the rate of encoded pictures now, of the fastest tier that is asked for."""
        return self.tally.shown_fps(self._tiers, self._monotonic())

    async def _wait_after(self, failure: _Failure) -> None:
        """Wait for the next attempt; less where the camera itself failed and answers again."""
        wait_s = self._backoff.next_s(self._care())
        knock, chance = self._knocker.is_answered, random.random
        waiting = (
            wait_for_return(wait_s, knock, self._monotonic, chance)
            if failure.is_cameras
            else asyncio.sleep(wait_s)
        )
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(waiting), group.create_task(self._until_reopened())]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()

    def _care(self) -> Care:
        """Return how careful the next attempt must be."""
        return _CARE_OF_STATE.get(self.state, Care.NONE)

    async def _until_reopened(self) -> None:
        await self._reopens.wait()

    async def _attempt(self) -> _Failure:
        self._end = None
        self._last_frame_s = self._monotonic()
        self._live_since_s = None
        try:
            memory_fd, slots = self._memory.open()
        except OSError as error:
            return self._stranded(f"no shared memory for its frames: {error.strerror or error}")
        self.restarts += 1
        async with asyncio.TaskGroup() as group:
            async with contextlib.AsyncExitStack() as stack:
                try:
                    worker = await stack.enter_async_context(started(self.camera, memory_fd))
                except OSError as error:
                    reason = f"its process can't be started: {error.strerror or error}"
                    return self._stranded(reason)
                self._stranded_since_s = None
                errors = group.create_task(worker.log_errors(), name=f"{self.camera} errors")
                watch = group.create_task(self._watch(worker), name=f"{self.camera} watch")
                with self._introduced(worker):
                    failure = await self._converse(worker, slots)
                watch.cancel()
            await errors
        return failure

    def _stranded(self, reason: str) -> _Failure:
        if self._stranded_since_s is None:
            self._stranded_since_s = self._monotonic()
        return _Failure(CameraState.RETRYING, reason)

    @contextlib.contextmanager
    def _introduced(self, worker: WorkerProcess) -> Iterator[None]:
        """Tell a new worker all that it must know, and make it this camera's worker."""
        worker.send(self._order)
        worker.send(self._pace)
        if self._overlay:
            worker.send(self._overlay)
        for tier in self._tiers:
            worker.send(StartTier(tier))
        self._worker = worker
        try:
            yield
        finally:
            self._worker = None
            self.tally.close_worker()
            self._notices.clear()

    async def _converse(self, worker: WorkerProcess, slots: FrameSlots) -> _Failure:
        while True:
            try:
                message = await worker.receive()
                if message is not None:
                    check(message, self._order.detect_size_px, SLOTS)
            except LinkError as error:
                return _Failure(CameraState.RETRYING, f"the worker is out of step: {error}")
            match message:
                case None:
                    return await self._reason_of_end(worker)
                case Failed(kind, reason):
                    state = _STATE_OF_FAILURE.get(kind, CameraState.RETRYING)
                    return _Failure(state, reason, is_cameras=kind == "error")
                case Opened(codec, width, height, decoder):
                    self.facts = SourceFacts(codec, width, height, decoder)
                    self.connects += self._live_since_s is None
                    self._alive()
                case DetectFrame():
                    self._alive()
                    self.newest_s = message.time_s
                    self._port.detect_frame(self.camera, slots, message)
                case EncodedPicture(tier, annexb, rtp_time, is_key):
                    self._alive()
                    self.newest_s = rtp_time / CLOCK_HZ
                    self._port.picture(Picture(self.camera, Tier(tier), annexb, rtp_time, is_key))
                case Notice(topic, text):
                    self._notice(topic, text)
                case Figures():
                    self._alive()
                    self.newest_s = message.newest_s
                    self.tally.note(message, self._monotonic())

    async def _reason_of_end(self, worker: WorkerProcess) -> _Failure:
        if self._end is not None:
            return self._end
        try:
            async with asyncio.timeout(_GRACE_S):
                code = await worker.ended()
        except TimeoutError:
            return _Failure(CameraState.RETRYING, "the camera's process closed its link")
        cause = f"signal {-code}" if code < 0 else f"exit code {code}"
        about = {"camera": self.camera, "crash": await worker.last_words()}
        _log.error("the camera's process ended by itself (%s)", cause, extra=about)
        return _Failure(CameraState.RETRYING, f"the camera's process ended ({cause})")

    async def _watch(self, worker: WorkerProcess) -> None:
        """Call a silent camera stalled, and kill a worker that does not report it by itself."""
        while True:
            looked_s = self._monotonic()
            await asyncio.sleep(_WATCH_EVERY_S)
            late_s = self._monotonic() - looked_s - _WATCH_EVERY_S
            if late_s > _WATCH_EVERY_S:
                # Main itself was held up: what came meanwhile is not read yet.
                self._last_frame_s += late_s
            quiet_s = self._monotonic() - self._last_frame_s
            limit_s = self._order.timeout_s + _GRACE_S
            if self._live_since_s is None:
                limit_s += self._order.timeout_s + _STARTING_S
            elif quiet_s > _STALLED_S and self.state is CameraState.LIVE:
                self._enter(CameraState.STALLED, "no frame arrives")
            if quiet_s > limit_s:
                reason = f"no frame for {quiet_s:.0f} s"
                self._end = _Failure(CameraState.RETRYING, reason, is_cameras=True)
            elif (taken := appetite.own_bytes(worker.pid)) > appetite.MOST_BYTES:
                reason = f"its process used {taken / 1e6:.0f} MB and was ended"
                self._end = _Failure(CameraState.RETRYING, reason)
            if self._end is not None:
                worker.kill()
                return

    def _alive(self) -> None:
        self._last_frame_s = self._monotonic()
        if self._live_since_s is None:
            self._live_since_s = self._last_frame_s
        elif self._last_frame_s - self._live_since_s > _STEADY_S:
            self._backoff.reset()
        self._enter(CameraState.LIVE, None)

    def _notice(self, topic: str, text: str) -> None:
        self._notices.pop(topic, None)
        if text and len(self._notices) < _MOST_NOTICES:
            self._notices[topic] = text
            _log.warning("%s", text, extra={"camera": self.camera})
        self._port.changed(self.camera)

    def _enter(self, state: CameraState, reason: str | None) -> None:
        if state is self.state and reason == self.state_reason:
            return
        if not is_legal(self.state, state):
            raise AssertionError(f"{self.camera}: {self.state} can't become {state}")
        if (state is CameraState.LIVE) != (self.state is CameraState.LIVE):
            self.state_since = self._wall()
        self._log_once(state, reason)
        self.state, self.state_reason = state, reason
        self._port.changed(self.camera)

    def _log_once(self, state: CameraState, reason: str | None) -> None:
        """Log a change of state, but not each try of a camera that fails as it did before."""
        if state is CameraState.CONNECTING or (state, reason) == self._logged:
            return
        self._logged = (state, reason)
        why = f": {reason}" if reason else ""
        _log.info("%s%s", state, why, extra={"camera": self.camera})


def _knocker_of(order: Open) -> Knocker:
    return Knocker(SecretUrl(order.substream or order.url))
