"""Keeping one camera's worker alive, for ever."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from heatwall.backoff import Backoff
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
from heatwall.camera.shared import FrameMemory, FrameSlots
from heatwall.clock import Clock
from heatwall.rates import Rate
from heatwall.states import CameraState, is_legal
from heatwall.values import Picture, Tier, redact

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
    state: CameraState
    reason: str


_STATE_OF_FAILURE = {
    "error": CameraState.RETRYING,
    "refused": CameraState.REFUSED,
    "unsupported": CameraState.UNSUPPORTED,
}


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
        self._worker: WorkerProcess | None = None
        self._tiers: set[Tier] = set()
        self._overlay: ShowOverlay | None = None
        self._pace = SetPace(1.0, 1.0)
        self._notices: dict[str, str] = {}
        self._stall_reason: str | None = None
        self._last_frame_s = 0.0
        self._live_since_s: float | None = None
        self._past: Counter[str] = Counter()
        self._past_stage_s: dict[str, float] = {}
        self._now: Figures | None = None
        self._decode_rate = Rate()
        self._late_rate = Rate()
        self._show_rates = {tier: Rate() for tier in Tier}
        self._logged: tuple[CameraState, str | None] | None = None
        self.state = CameraState.CONNECTING
        self.state_since = wall()
        self.state_reason: str | None = None
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
        return self._now.encoder or None if self._now and self.tiers else None

    @property
    def lag_s(self) -> float | None:
        """Smallest age of the newest frames when they were decoded; None unless it is live."""
        if self.state is not CameraState.LIVE or self._now is None:
            return None
        return self._now.lag_s

    def live_s(self) -> float:
        """Return for how long the worker has had frames, seconds."""
        return 0.0 if self._live_since_s is None else self._monotonic() - self._live_since_s

    async def run(self) -> None:
        """Connect and connect again until cancelled. Holds the camera's only broad `except`."""
        try:
            while True:
                self._enter(CameraState.CONNECTING, self.state_reason)
                try:
                    failure = await self._attempt()
                except Exception as error:  # noqa: BLE001 - a camera fails alone, whatever it was
                    _log.exception("unexpected fault", extra={"camera": self.camera})
                    failure = _Failure(
                        CameraState.RETRYING, f"internal fault: {redact(str(error))}"
                    )
                self._port.gap(self.camera)
                is_slow = failure.state is not CameraState.RETRYING
                wait_s = self._backoff.next_s(is_slow=is_slow)
                self._enter(failure.state, failure.reason)
                await asyncio.sleep(wait_s)
        finally:
            self._enter(CameraState.STOPPED, None)
            self._memory.close()

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

    def total(self, name: str) -> int:
        """Return a total since the start: `decoded`, `shown.<tier>` or `dropped.<reason>`."""
        return self._past[name] + _flat(self._now).get(name, 0)

    def totals(self, prefix: str) -> dict[str, int]:
        """Return the totals whose names begin with `prefix` and a dot, by the rest of the name."""
        names = {name for name in (*self._past, *_flat(self._now)) if name.startswith(f"{prefix}.")}
        return {name.partition(".")[2]: self.total(name) for name in sorted(names)}

    def stage_s(self) -> dict[str, float]:
        """Return the worker's seconds of work by stage since the start."""
        return _sum(self._past_stage_s, self._now.stage_s if self._now else {})

    def decoded_fps(self) -> float:
        """Return the rate of decoded frames now."""
        return self._decode_rate.per_s(self._monotonic())

    def shown_fps(self) -> float:
        """Return the rate of encoded pictures now, of the faster tier."""
        now_s = self._monotonic()
        return max((self._show_rates[tier].per_s(now_s) for tier in self._tiers), default=0.0)

    def late_fps(self) -> float:
        """Return the rate of pictures left out now because the worker is late."""
        return self._late_rate.per_s(self._monotonic())

    async def _attempt(self) -> _Failure:
        self._stall_reason = None
        self._last_frame_s = self._monotonic()
        self._live_since_s = None
        try:
            memory_fd, slots = self._memory.open()
        except OSError as error:
            reason = f"no shared memory for its frames: {error.strerror or error}"
            return _Failure(CameraState.RETRYING, reason)
        self.restarts += 1
        async with asyncio.TaskGroup() as group:
            async with contextlib.AsyncExitStack() as stack:
                try:
                    worker = await stack.enter_async_context(started(self.camera, memory_fd))
                except OSError as error:
                    reason = f"its process can't be started: {error.strerror or error}"
                    return _Failure(CameraState.RETRYING, reason)
                errors = group.create_task(worker.log_errors(), name=f"{self.camera} errors")
                watch = group.create_task(self._watch(worker), name=f"{self.camera} watch")
                with self._introduced(worker):
                    failure = await self._converse(worker, slots)
                watch.cancel()
            await errors
        self._remember()
        return failure

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

    async def _converse(self, worker: WorkerProcess, slots: FrameSlots) -> _Failure:
        while True:
            try:
                message = await worker.receive()
            except LinkError as error:
                return _Failure(CameraState.RETRYING, f"the worker is out of step: {error}")
            match message:
                case None:
                    return await self._reason_of_end(worker)
                case Failed(kind, reason):
                    return _Failure(_STATE_OF_FAILURE.get(kind, CameraState.RETRYING), reason)
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
                    self._note(message)

    async def _reason_of_end(self, worker: WorkerProcess) -> _Failure:
        if self._stall_reason is not None:
            return _Failure(CameraState.RETRYING, self._stall_reason)
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
                self._stall_reason = f"no frame for {quiet_s:.0f} s"
                worker.kill()
                return

    def _alive(self) -> None:
        self._last_frame_s = self._monotonic()
        if self._live_since_s is None:
            self._live_since_s = self._last_frame_s
        elif self._last_frame_s - self._live_since_s > _STEADY_S:
            self._backoff.reset()
        self._enter(CameraState.LIVE, None)

    def _note(self, figures: Figures) -> None:
        self._now = figures
        self.newest_s = figures.newest_s
        now_s = self._monotonic()
        self._decode_rate.add(now_s, figures.decoded)
        self._late_rate.add(now_s, figures.dropped.get("late", 0))
        for tier in Tier:
            self._show_rates[tier].add(now_s, figures.shown.get(tier, 0))

    def _notice(self, topic: str, text: str) -> None:
        self._notices.pop(topic, None)
        if text:
            self._notices[topic] = text
            _log.warning("%s", text, extra={"camera": self.camera})
        self._port.changed(self.camera)

    def _remember(self) -> None:
        """Add the ended worker's totals to those of its predecessors."""
        self._past.update(_flat(self._now))
        self._past_stage_s = self.stage_s()
        self._now = None
        self._notices.clear()

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


def _flat(figures: Figures | None) -> dict[str, int]:
    if figures is None:
        return {}
    return (
        {"decoded": figures.decoded}
        | {f"shown.{tier}": count for tier, count in figures.shown.items()}
        | {f"dropped.{reason}": count for reason, count in figures.dropped.items()}
    )


def _sum(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    return {name: one.get(name, 0.0) + other.get(name, 0.0) for name in (*one, *other)}
