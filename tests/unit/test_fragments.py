from __future__ import annotations

from heatwall.delivery.fragments import Fragments, Kind, Segment
from heatwall.delivery.mp4 import sample_of
from support.h264 import TestEncoder
from support.mp4 import decoded, read_fragment


def _sent(fragments: Fragments, encoder: TestEncoder, pictures: int) -> list[Segment]:
    return [
        segment
        for _ in range(pictures)
        for segment in fragments.segments(sample_of(encoder.picture()))
    ]


def _kinds(segments: list[Segment]) -> str:
    return " ".join(segment.kind.name for segment in segments)


def _whole(segment: Segment) -> bytes:
    return segment.head + segment.mdat


def test_an_init_segment_comes_before_the_first_picture_and_not_again() -> None:
    encoder, fragments = TestEncoder("door"), Fragments()
    assert _kinds(_sent(fragments, encoder, 3)) == "INIT KEY MORE MORE"
    encoder.is_idr_wanted = True
    assert _kinds(_sent(fragments, encoder, 2)) == "KEY MORE"


def test_nothing_is_sent_before_an_idr() -> None:
    encoder = TestEncoder("door")
    encoder.picture()
    assert _sent(Fragments(), encoder, 2) == []


def test_another_shape_begins_with_an_init_segment() -> None:
    fragments = Fragments()
    _sent(fragments, TestEncoder("door", size=(640, 360)), 2)
    segments = _sent(fragments, TestEncoder("door", size=(320, 240)), 2)
    assert _kinds(segments) == "INIT KEY MORE"
    assert segments[0].codec.startswith("avc1.42")


def test_after_a_change_an_init_segment_comes_even_for_the_same_shape() -> None:
    fragments = Fragments()
    sent = _sent(fragments, TestEncoder("door"), 2)
    fragments.restart()
    after = _sent(fragments, TestEncoder("till"), 2)
    assert _kinds(after) == "INIT KEY MORE"
    last, first = (read_fragment(_whole(segment)) for segment in (sent[-1], after[1]))
    assert first.time == last.time + last.duration, "time goes on"
    assert first.sequence == last.sequence + 1


def test_two_viewers_share_the_picture_and_have_times_of_their_own() -> None:
    encoder, early, late = TestEncoder("door"), Fragments(), Fragments()
    _sent(early, encoder, 5)
    encoder.is_idr_wanted = True
    sample = sample_of(encoder.picture())
    (seen,), (init, first) = early.segments(sample), late.segments(sample)
    assert init.kind is Kind.INIT
    assert seen.mdat is first.mdat is sample.mdat
    assert read_fragment(_whole(seen)).time == 5 * 6000
    assert read_fragment(_whole(first)).time == 0


def test_ffmpeg_plays_a_viewers_segments_through_a_change_of_camera() -> None:
    fragments = Fragments()
    segments = _sent(fragments, TestEncoder("door"), 4)
    fragments.restart()
    segments += _sent(fragments, TestEncoder("till"), 4)
    frames = decoded([_whole(segment) for segment in segments])
    assert [frame.pts for frame in frames] == [6000 * index for index in range(8)]
