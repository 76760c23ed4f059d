"""One simulated camera: its live clock, its viewers and what is wrong with it."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from heatwall.clock import Clock, monotonic, wall
from heatwall.rtsp.rtp import CLOCK_HZ
from heatwall.simulator.auth import Credentials
from heatwall.simulator.faults import Fault
from heatwall.simulator.rtp_feed import Feed, Publish
from heatwall.simulator.rtp_sender import RtpSender
from heatwall.simulator.rtp_track import AccessUnit, FrameClock, Shape

IDR_PAUSE_S = 0.5
"""How long the fault `idr-pause` withholds an IDR and what follows."""
TIMESTAMP_JUMP_S = 3600.0
"""How far the faults `timestamp-jump` and `timestamp-back` shift the RTP time by default."""
WRAP_AFTER_S = 2.0
"""When the RTP time begins anew after the fault `timestamp-wrap`."""

_SHAPES = {Fault.RESOLUTION: Shape.SMALL, Fault.ASPECT: Shape.NARROW}

MakeFeed = Callable[[Publish], Feed]
"""Makes the feed that publishes into the camera."""


class SimulatedCamera:
    """Hands every frame of its feed to all its viewers, as its fault lets it.

    Lives on the event loop's thread.

    Args:
        name: Its path on the server, such as `cam1`; ASCII.
        clock: Gives each frame its time; the feed's.
        make_feed: Makes where the frames come from.
        credentials: The account that may watch; None for a camera without a password.
        monotonic: Seconds; the scheduler's clock.
        wall: Seconds since 1970 UTC, for sender reports.
    """

    def __init__(
        self,
        name: str,
        clock: FrameClock,
        make_feed: MakeFeed,
        *,
        credentials: Credentials | None = None,
        monotonic: Clock = monotonic,
        wall: Clock = wall,
    ) -> None:
        self.name = name
        self.description_id = secrets.randbits(31)
        self.credentials = credentials
        self.timestamp_jump_s = TIMESTAMP_JUMP_S
        self.frames_sent = 0
        self._clock = clock
        self._monotonic = monotonic
        self._wall = wall
        self._fault = Fault.NONE
        self._wrap_ticks = 0
        self._viewers: set[RtpSender] = set()
        self._dropped_before = 0
        self._held: list[tuple[int, AccessUnit]] = []
        self._hold_until_s: float | None = None
        self._feed = make_feed(self._take)

    @property
    def feed(self) -> Feed:
        """Where the frames come from."""
        return self._feed

    @property
    def viewers(self) -> int:
        """How many watch now."""
        return len(self._viewers)

    @property
    def epoch_s(self) -> float:
        """Capture time of frame 0, monotonic seconds; differs between neighbours."""
        return self._clock.epoch_s

    @property
    def frames_dropped(self) -> int:
        """Frames that slow viewers did not get, in total."""
        return self._dropped_before + sum(viewer.dropped for viewer in self._viewers)

    @property
    def fault(self) -> Fault:
        """What is wrong now; setting it acts at once."""
        return self._fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        before, self._fault = self._fault, fault
        if fault is before:
            return
        if before is Fault.STALL:
            # What was left out is missed by later frames; a camera starts afresh with an IDR.
            for viewer in self._viewers:
                viewer.wait_for_key()
        if before is Fault.IDR_PAUSE:
            self._release()
        if before is Fault.VANISH:
            self.hang_up()
        if fault is Fault.TIMESTAMP_WRAP:
            self._wrap_ticks = -self._clock.rtp_time_at(self._monotonic() + WRAP_AFTER_S)
        self._feed.set_shape(_SHAPES.get(fault, Shape.NORMAL))
        if fault in (Fault.CUT, Fault.OFF):
            self.hang_up()

    def hang_up(self) -> None:
        """Close the connections of all viewers once; they may come back at once."""
        for viewer in tuple(self._viewers):
            viewer.hang_up()

    def add_viewer(self, viewer: RtpSender) -> None:
        """Send every frame to `viewer`, from the next IDR on."""
        viewer.wait_for_key()
        self._viewers.add(viewer)
        self._feed.set_active(True)

    def remove_viewer(self, viewer: RtpSender) -> None:
        """Send nothing more to `viewer`; nothing happens when it is not watching."""
        if viewer in self._viewers:
            self._viewers.remove(viewer)
            self._dropped_before += viewer.dropped
        self._feed.set_active(bool(self._viewers))

    def frame_number(self, time_s: float) -> int:
        """Return the last frame captured at or before `time_s`, monotonic seconds.

        Modulo the clip's frames this is the row of its ground truth.
        """
        return self._clock.next_number(time_s + 1e-9) - 1

    def rtp_time(self, number: int) -> int:
        """Return the RTP time that frame `number` is sent with now, modulo 2^32."""
        match self._fault:
            case Fault.TIMESTAMP_JUMP:
                shift = round(self.timestamp_jump_s * CLOCK_HZ)
            case Fault.TIMESTAMP_BACK:
                shift = -round(self.timestamp_jump_s * CLOCK_HZ)
            case Fault.TIMESTAMP_WRAP:
                shift = self._wrap_ticks
            case _:
                shift = 0
        return (self._clock.rtp_time(number) + shift) & 0xFFFFFFFF

    def next_rtp_time(self) -> int:
        """Return the RTP time of the next frame to be captured, modulo 2^32."""
        return self.rtp_time(self._clock.next_number(self._monotonic()))

    def close(self) -> None:
        """Hang up and stop the feed; may be called twice."""
        self.hang_up()
        self._feed.close()

    def _take(self, number: int, unit: AccessUnit) -> None:
        """Take one frame from the feed, when it is due."""
        match self._fault:
            case Fault.STALL | Fault.VANISH:
                return
            case Fault.DUPLICATE:
                self._send(number, unit)
                self._send(number, unit)
            case Fault.GARBAGE:
                self._send(number, _with_random_payloads(unit))
            case Fault.IDR_PAUSE:
                self._hold(number, unit)
            case _:
                self._send(number, unit)

    def _hold(self, number: int, unit: AccessUnit) -> None:
        """Keep the frames that come within `IDR_PAUSE_S` of an IDR, then send them all."""
        now_s = self._monotonic()
        if unit.is_key and self._hold_until_s is None:
            self._hold_until_s = now_s + IDR_PAUSE_S
        self._held.append((number, unit))
        if self._hold_until_s is None or now_s >= self._hold_until_s:
            self._release()

    def _release(self) -> None:
        """Send what was withheld."""
        held, self._held, self._hold_until_s = self._held, [], None
        for number, unit in held:
            self._send(number, unit)

    def _send(self, number: int, unit: AccessUnit) -> None:
        """Send one frame to every viewer."""
        now_s = self._monotonic()
        rtp_time = self.rtp_time(number)
        capture_unix_s = self._wall() - now_s + self._clock.due_s(number)
        for viewer in self._viewers:
            viewer.send(unit, rtp_time=rtp_time, capture_unix_s=capture_unix_s, now_s=now_s)
        self.frames_sent += 1


def _with_random_payloads(unit: AccessUnit) -> AccessUnit:
    """Return `unit` with as many bytes as it had, all of them random."""
    payloads = tuple(secrets.token_bytes(len(payload)) for payload in unit.payloads)
    return AccessUnit(payloads, unit.is_key, unit.size)
