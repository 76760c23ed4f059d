from __future__ import annotations

import struct
from itertools import pairwise

import pytest

from heatwall.simulator.cameras import SimulatedCamera
from heatwall.simulator.faults import Fault
from heatwall.simulator.rtp_feed import Publish
from heatwall.simulator.rtp_sender import REPORT_INTERVAL_S, RtpSender
from heatwall.simulator.rtp_track import AccessUnit, FrameClock, ParameterSets, Shape, VideoFormat
from support.scheduler import FakeScheduler

FPS = 10
WALL_S = 1_700_000_000.0


class FakeFeed:
    format = VideoFormat(ParameterSets(b"\x67", b"\x68"), FPS, 640, 360)

    def __init__(self, publish: Publish) -> None:
        self.publish = publish
        self.is_active = False
        self.shape = Shape.NORMAL
        self.is_closed = False

    def set_active(self, is_active: bool) -> None:
        self.is_active = is_active

    def set_shape(self, shape: Shape) -> None:
        self.shape = shape

    def close(self) -> None:
        self.is_closed = True


class FakeOutlet:
    def __init__(self) -> None:
        self.is_full = False
        self.is_hung_up = False
        self.units: list[tuple[tuple[bytes, ...], int, int]] = []
        self.reports: list[bytes] = []

    def send_unit(
        self, payloads: tuple[bytes, ...], *, sequence: int, timestamp: int, ssrc: int
    ) -> None:
        assert ssrc >= 0
        self.units.append((payloads, sequence, timestamp))

    def send_report(self, packet: bytes) -> None:
        self.reports.append(packet)

    def hang_up(self) -> None:
        self.is_hung_up = True


class Rig:
    """A camera at 10 fps with an IDR each five frames and one viewer."""

    def __init__(self) -> None:
        self.time = FakeScheduler()
        clock = FrameClock(self.time.now_s, FPS, 1000)
        self.feeds: list[FakeFeed] = []

        def make_feed(publish: Publish) -> FakeFeed:
            self.feeds.append(FakeFeed(publish))
            return self.feeds[0]

        self.camera = SimulatedCamera(
            "cam1",
            clock,
            make_feed,
            monotonic=self.time.time,
            wall=lambda: WALL_S + self.time.now_s,
        )
        self.outlet = FakeOutlet()
        self.sender = RtpSender(self.outlet, "cam1@heatwall")
        self.next = 0

    def play(self, frames: int) -> None:
        for _ in range(frames):
            payloads = (bytes([self.next % 256]), b"end")
            unit = AccessUnit(payloads, is_key=self.next % 5 == 0, size=4)
            self.feeds[0].publish(self.next, unit)
            self.next += 1
            self.time.advance(1 / FPS)

    @property
    def frames(self) -> list[int]:
        return [payloads[0][0] for payloads, _, _ in self.outlet.units]

    @property
    def rtp_times(self) -> list[int]:
        return [timestamp for _, _, timestamp in self.outlet.units]


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.camera.add_viewer(rig.sender)
    return rig


def test_a_viewer_starts_with_the_next_idr(rig: Rig) -> None:
    rig.next = 3
    rig.play(4)
    assert rig.frames == [5, 6]


def test_packets_are_numbered_without_a_gap_and_times_without_a_jump(rig: Rig) -> None:
    rig.play(12)
    sequences = [sequence for _, sequence, _ in rig.outlet.units]
    steps = {(b - a) % 65536 for a, b in pairwise(sequences)}
    assert steps == {2}
    assert rig.rtp_times == [1000 + 9000 * n for n in range(12)]


def test_all_viewers_see_the_same_moment(rig: Rig) -> None:
    other = FakeOutlet()
    rig.play(3)
    rig.camera.add_viewer(RtpSender(other, "cam1@heatwall"))
    rig.play(4)
    shared = [(payloads, time) for payloads, _, time in other.units]
    assert shared == [(payloads, time) for payloads, _, time in rig.outlet.units[-2:]]


def test_the_feed_runs_only_while_somebody_watches(rig: Rig) -> None:
    assert rig.feeds[0].is_active
    rig.camera.remove_viewer(rig.sender)
    assert not rig.feeds[0].is_active
    rig.camera.remove_viewer(rig.sender)
    assert rig.camera.viewers == 0


def test_the_first_report_comes_before_the_first_frame_and_more_follow(rig: Rig) -> None:
    rig.play(1)
    assert len(rig.outlet.reports) == 1
    rig.play(round(REPORT_INTERVAL_S * FPS) * 3)
    assert len(rig.outlet.reports) == 4


def test_a_report_maps_rtp_time_to_wall_time(rig: Rig) -> None:
    rig.time.sleep(0.02)  # the timer is late, as timers are
    rig.play(1)
    high, low, rtp_time = struct.unpack(">III", rig.outlet.reports[0][8:20])
    unix_s = high - 2_208_988_800 + low / 2**32
    assert rtp_time == 1000
    assert unix_s == pytest.approx(WALL_S + 1000.0, abs=1e-5)


def test_a_slow_viewer_loses_frames_up_to_the_next_idr_and_they_are_counted(rig: Rig) -> None:
    rig.play(2)
    rig.outlet.is_full = True
    rig.play(1)
    rig.outlet.is_full = False
    rig.play(4)
    assert rig.frames == [0, 1, 5, 6]
    assert rig.camera.frames_dropped == 1
    rig.camera.remove_viewer(rig.sender)
    assert rig.camera.frames_dropped == 1


def test_a_stalled_camera_sends_nothing_and_goes_on_with_an_idr(rig: Rig) -> None:
    rig.play(2)
    rig.camera.fault = Fault.STALL
    rig.play(5)
    assert not rig.outlet.is_hung_up
    rig.camera.fault = Fault.NONE
    rig.play(5)
    assert rig.frames == [0, 1, 10, 11]


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.OFF])
def test_a_cut_hangs_up_on_the_viewers(rig: Rig, fault: Fault) -> None:
    rig.camera.fault = fault
    assert rig.outlet.is_hung_up


@pytest.mark.parametrize("fault", [Fault.REFUSE, Fault.HANG])
def test_a_fault_of_new_connections_leaves_old_ones_alone(rig: Rig, fault: Fault) -> None:
    rig.camera.fault = fault
    rig.play(3)
    assert rig.frames == [0, 1, 2]
    assert not rig.outlet.is_hung_up


def test_garbage_has_the_sizes_of_the_real_thing(rig: Rig) -> None:
    rig.camera.fault = Fault.GARBAGE
    rig.play(10)
    assert all(tuple(map(len, payloads)) == (1, 3) for payloads, _, _ in rig.outlet.units)
    assert any(payloads[1] != b"end" for payloads, _, _ in rig.outlet.units)
    rig.camera.fault = Fault.NONE
    rig.play(1)
    assert rig.outlet.units[-1][0] == (b"\x0a", b"end")


@pytest.mark.parametrize("jump_s", [3600.0, -20.0])
def test_the_rtp_time_jumps_there_and_back(rig: Rig, jump_s: float) -> None:
    rig.camera.timestamp_jump_s = jump_s
    rig.play(1)
    rig.camera.fault = Fault.TIMESTAMP_JUMP
    rig.play(1)
    rig.camera.fault = Fault.NONE
    rig.play(1)
    assert rig.rtp_times == [1000, (10_000 + round(jump_s * 90_000)) % 2**32, 19_000]


def test_an_idr_pause_delays_the_idr_and_loses_nothing(rig: Rig) -> None:
    rig.camera.fault = Fault.IDR_PAUSE
    rig.play(4)
    assert rig.frames == []
    rig.play(2)
    assert rig.frames == [0, 1, 2, 3, 4, 5]
    assert rig.rtp_times[0] == 1000


def test_what_an_idr_pause_withholds_is_sent_when_it_ends(rig: Rig) -> None:
    rig.camera.fault = Fault.IDR_PAUSE
    rig.play(3)
    rig.camera.fault = Fault.NONE
    assert rig.frames == [0, 1, 2]


@pytest.mark.parametrize(
    ("fault", "shape"), [(Fault.RESOLUTION, Shape.SMALL), (Fault.ASPECT, Shape.NARROW)]
)
def test_another_shape_is_asked_of_the_feed(rig: Rig, fault: Fault, shape: Shape) -> None:
    rig.camera.fault = fault
    assert rig.feeds[0].shape is shape
    rig.camera.fault = Fault.NONE
    assert rig.feeds[0].shape is Shape.NORMAL


def test_a_closed_camera_has_hung_up(rig: Rig) -> None:
    rig.camera.close()
    assert rig.outlet.is_hung_up
    assert rig.feeds[0].is_closed


def test_the_frame_of_a_moment_is_known(rig: Rig) -> None:
    assert rig.camera.frame_number(1000.0) == 0
    assert rig.camera.frame_number(1000.0999) == 0
    assert rig.camera.frame_number(1000.2) == 2


def test_a_time_that_wraps_does_so_two_seconds_later_and_goes_on(rig: Rig) -> None:
    rig.camera.fault = Fault.TIMESTAMP_WRAP
    rig.play(40)
    steps = {(b - a) % 2**32 for a, b in pairwise(rig.rtp_times)}
    assert steps == {9000}
    assert 19 <= rig.rtp_times.index(min(rig.rtp_times)) <= 21


def test_a_time_that_is_set_back_jumps_back_and_forth(rig: Rig) -> None:
    rig.camera.timestamp_jump_s = 0.001
    rig.play(1)
    rig.camera.fault = Fault.TIMESTAMP_BACK
    rig.play(1)
    rig.camera.fault = Fault.NONE
    rig.play(1)
    assert rig.rtp_times == [1000, 10_000 - 90, 19_000]


def test_every_frame_comes_twice(rig: Rig) -> None:
    rig.camera.fault = Fault.DUPLICATE
    rig.play(3)
    assert rig.frames == [0, 0, 1, 1, 2, 2]


def test_a_camera_that_vanishes_tells_nobody_until_it_is_back(rig: Rig) -> None:
    rig.camera.fault = Fault.VANISH
    rig.play(3)
    assert rig.frames == []
    assert not rig.outlet.is_hung_up
    rig.camera.fault = Fault.NONE
    assert rig.outlet.is_hung_up
