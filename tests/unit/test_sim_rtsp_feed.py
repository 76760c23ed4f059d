from __future__ import annotations

from collections.abc import Callable
from threading import Event

import pytest

from heatwall.simulator.rtp_feed import ClipFeed
from heatwall.simulator.rtp_track import (
    AccessUnit,
    FrameClock,
    ParameterSets,
    Shape,
    Track,
    VideoFormat,
)
from support.eventually import eventually
from support.scheduler import FakeScheduler

FPS = 10
FORMAT = VideoFormat(ParameterSets(b"\x67\x42\xc0\x1e", b"\x68"), FPS, 640, 360)


def make_track(frames: int, key_every: int, tag: bytes) -> Track:
    units = tuple(
        AccessUnit((tag + bytes([i]),), is_key=i % key_every == 0, size=2) for i in range(frames)
    )
    return Track(units, FORMAT)


class Rig:
    def __init__(self, reshape: Callable[[Shape, Callable[[], bool]], Track | None]) -> None:
        self.scheduler = FakeScheduler()
        self.clock = FrameClock(self.scheduler.now_s, FPS, 0)
        self.published: list[tuple[float, int, bytes]] = []
        self.feed = ClipFeed(
            make_track(6, 3, b"o"),
            self.clock,
            lambda n, unit: self.published.append((self.scheduler.now_s, n, unit.payloads[0])),
            reshape=reshape,
            scheduler=self.scheduler,
        )

    @property
    def numbers(self) -> list[int]:
        return [number for _, number, _ in self.published]


@pytest.fixture
def rig() -> Rig:
    return Rig(lambda shape, _: make_track(6, 3, shape[:1].encode()))


def test_nothing_is_published_while_nobody_watches(rig: Rig) -> None:
    rig.scheduler.advance(5)
    assert rig.published == []
    assert rig.scheduler.pending == 0


def test_frames_come_at_their_times_and_the_clip_begins_again(rig: Rig) -> None:
    rig.feed.set_active(True)
    rig.scheduler.advance(1.25)
    assert rig.numbers == list(range(13))
    assert [payload for _, _, payload in rig.published] == [
        b"o" + bytes([i % 6]) for i in range(13)
    ]
    for time_s, number, _ in rig.published:
        assert time_s == pytest.approx(1000 + number / FPS)


def test_the_clip_goes_on_while_nobody_watches(rig: Rig) -> None:
    rig.feed.set_active(True)
    rig.scheduler.advance(0.35)
    rig.feed.set_active(False)
    rig.scheduler.advance(10)
    rig.feed.set_active(True)
    rig.scheduler.advance(0.1)
    assert rig.numbers == [0, 1, 2, 3, 104]


def test_late_frames_are_caught_up_with(rig: Rig) -> None:
    rig.feed.set_active(True)
    rig.scheduler.advance(0.05)
    rig.scheduler.sleep(0.5)
    rig.scheduler.advance(0.06)
    assert rig.numbers == [0, 1, 2, 3, 4, 5, 6]


def test_a_long_sleep_is_not_caught_up_with(rig: Rig) -> None:
    rig.feed.set_active(True)
    rig.scheduler.advance(0.05)
    rig.scheduler.sleep(60)
    rig.scheduler.advance(0.5)
    # Frame 1 was due; the next IDR after the sleep is 603.
    assert rig.numbers == [0, 1, 603, 604, 605]


@pytest.mark.parametrize("shape", [Shape.SMALL, Shape.NARROW])
def test_a_variant_begins_at_an_idr_and_ends_at_one(rig: Rig, shape: Shape) -> None:
    rig.feed.set_active(True)
    rig.scheduler.advance(0.05)
    rig.feed.set_shape(shape)
    eventually(lambda: shape in rig.feed._shapes)
    rig.scheduler.advance(0.5)
    rig.feed.set_shape(Shape.NORMAL)
    rig.scheduler.advance(0.3)
    tags = b"".join(payload[:1] for _, _, payload in rig.published)
    assert tags == b"ooo" + shape[:1].encode() * 3 + b"ooo"
    rig.feed.close()


def test_closing_ends_an_encoding_that_is_under_way() -> None:
    has_begun = Event()

    def reshape(_shape: Shape, is_cancelled: Callable[[], bool]) -> None:
        has_begun.set()
        eventually(is_cancelled)

    rig = Rig(reshape)
    rig.feed.set_shape(Shape.SMALL)
    assert has_begun.wait(10)
    rig.feed.close()
    rig.feed.close()
    assert rig.scheduler.pending == 0


def test_a_closed_feed_stays_silent(rig: Rig) -> None:
    rig.feed.close()
    rig.feed.set_active(True)
    rig.scheduler.advance(1)
    assert rig.published == []


@pytest.mark.parametrize("fps", [10, 15, 25, 29.97, 30])
def test_the_rtp_clock_does_not_drift_within_a_day(fps: float) -> None:
    clock = FrameClock(0.0, fps, 2**32 - 10)
    number = round(86_400 * fps)
    seconds = number / fps
    expected = (2**32 - 10 + round(seconds * 90_000)) % 2**32
    assert abs(clock.rtp_time(number) - expected) <= 1
    assert abs(clock.rtp_time_at(clock.due_s(number)) - expected) <= 1


@pytest.mark.parametrize("now_s", [0.0, 0.05, 0.1, 0.1000001, 7.77, 1e6 + 0.3])
def test_the_next_frame_is_the_first_that_is_not_past(now_s: float) -> None:
    clock = FrameClock(0.0, 10, 0)
    number = clock.next_number(now_s)
    assert clock.due_s(number) >= now_s
    assert number == 0 or clock.due_s(number - 1) < now_s
