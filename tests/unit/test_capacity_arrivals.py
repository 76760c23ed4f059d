from __future__ import annotations

import struct

import pytest

from heatwall.capacity.arrivals import (
    CameraClock,
    CaptureTimes,
    StreamLog,
    answered_ssrcs,
    is_rtp,
    ssrc_of,
)

CLOCK = CameraClock(epoch_s=1000.0, fps=15, frames=300)
STEP = 6000


def packet(sequence: int, rtp_time: int = 0, *, is_last: bool = False) -> bytes:
    marked = 96 | (0x80 if is_last else 0)
    return struct.pack("!BBHII", 0x80, marked, sequence & 0xFFFF, rtp_time, 4711) + b"payload"


def test_rtp_is_told_from_rtcp_dtls_and_stun() -> None:
    assert is_rtp(packet(1, is_last=True))
    assert not is_rtp(b"\x80\xc8" + bytes(30))  # a sender report
    assert not is_rtp(b"\x16\xfe" + bytes(30))  # DTLS
    assert not is_rtp(b"\x00\x01" + bytes(30))  # STUN
    assert not is_rtp(packet(1)[:5])
    assert ssrc_of(packet(1)) == 4711


def test_a_picture_counts_once_its_last_packet_is_there() -> None:
    log = StreamLog()

    assert not log.add(packet(65535, 90), 1.0)
    assert log.add(packet(0, 90, is_last=True), 1.5)

    taken = log.take()
    assert taken.pictures == ((90, 1.5),)
    assert (taken.packets, taken.lost, taken.broken) == (2, 0, 0)
    assert log.take().packets == 0


def test_a_missing_packet_breaks_its_picture_and_no_other() -> None:
    log = StreamLog()
    log.add(packet(1, 10, is_last=True), 1.0)

    log.add(packet(3, 20), 2.0)
    log.add(packet(4, 20, is_last=True), 2.0)
    log.add(packet(5, 30, is_last=True), 3.0)

    taken = log.take()
    assert [rtp_time for rtp_time, _ in taken.pictures] == [10, 30]
    assert (taken.packets, taken.lost, taken.broken) == (4, 1, 1)
    assert (log.total.packets, log.total.lost) == (4, 1)


def test_a_packet_that_comes_late_or_twice_is_left_out() -> None:
    log = StreamLog()
    log.add(packet(8), 1.0)

    assert not log.add(packet(7, is_last=True), 1.1)
    assert log.take().packets == 1


def test_each_video_of_an_answer_has_its_ssrc_and_retransmissions_have_not() -> None:
    sdp = (
        "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ssrc-group:FID 20 21\r\n"
        "a=ssrc:21 cname:x\r\na=ssrc:20 cname:x\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=ssrc:5 cname:x\r\n"
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ssrc:30 cname:x\r\n"
    )

    assert answered_ssrcs(sdp) == [20, 30]


def test_capture_times_follow_from_one_frame_number_and_the_rtp_clock() -> None:
    times = CaptureTimes(CLOCK)
    # 25 s after the camera's start it is in its second loop: frame 375, number 75.
    times.anchor(rtp_time=7_000, number=74, seen_s=1025.0)

    assert times.captured_s(7_000) == pytest.approx(1000 + 374 / 15)
    assert times.captured_s(7_000 + STEP) == pytest.approx(1000 + 375 / 15)


def test_what_the_server_thinks_of_the_cameras_clock_shifts_nothing() -> None:
    times = CaptureTimes(CLOCK)
    times.anchor(rtp_time=0, number=0, seen_s=1000.05)

    drifting = [times.captured_s(number * (STEP + 200)) for number in range(100)]

    assert drifting[-1] == pytest.approx(1000 + 99 / 15)


def test_frames_left_out_and_a_wrap_of_the_rtp_clock_are_seen() -> None:
    times = CaptureTimes(CLOCK)
    times.anchor(rtp_time=2**32 - STEP, number=10, seen_s=1000.7)

    assert times.captured_s(2 * STEP) == pytest.approx(1000 + 13 / 15)


def test_pictures_from_before_the_one_that_was_looked_at_have_their_times_too() -> None:
    times = CaptureTimes(CLOCK)
    times.anchor(rtp_time=10 * STEP, number=20, seen_s=1001.4)

    assert times.captured_s(8 * STEP) == pytest.approx(1000 + 18 / 15)
    assert times.captured_s(11 * STEP) == pytest.approx(1000 + 21 / 15)


def test_without_a_look_there_are_no_capture_times() -> None:
    times = CaptureTimes(CLOCK)

    assert not times.is_known
    with pytest.raises(ValueError, match="looked at"):
        times.captured_s(0)
