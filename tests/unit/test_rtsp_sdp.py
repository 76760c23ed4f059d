from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.rtsp.sdp import find_video, has_only_others, resolve
from support.rtp import annexb

BASE = "rtsp://cam/stream/"
SPS = bytes.fromhex("6742000a9653058988")
PPS = bytes.fromhex("68c96388")

USUAL = """v=0
o=- 0 0 IN IP4 127.0.0.1
s=camera
c=IN IP4 0.0.0.0
t=0 0
a=control:*
m=audio 0 RTP/AVP 0
a=control:trackID=0
m=video 0 RTP/AVP 98
a=rtpmap:98 H264/90000
a=fmtp:98 profile-level-id=42A01E; packetization-mode=1;sprop-parameter-sets=Z0IACpZTBYmI,aMljiA==
a=control:trackID=1
"""

H265 = """v=0
m=video 0 RTP/AVP 97
a=rtpmap:97 h265/90000
a=fmtp:97 sprop-vps=QAE=; sprop-sps=QgE=; sprop-pps=RAE=
a=control:rtsp://cam/other/video
"""


def test_the_video_of_a_usual_camera_is_found() -> None:
    video = find_video(USUAL.replace("\n", "\r\n").encode(), BASE)
    assert video is not None
    assert (video.codec, video.payload_type) == ("h264", 98)
    assert video.control == "rtsp://cam/stream/trackID=1"
    assert video.aggregate == BASE
    assert video.parameter_sets == annexb(SPS, PPS)


def test_h265_has_three_kinds_of_parameter_sets() -> None:
    video = find_video(H265.encode(), BASE)
    assert video is not None
    assert video.codec == "hevc"
    assert video.control == "rtsp://cam/other/video"
    assert video.parameter_sets == annexb(b"\x40\x01", b"\x42\x01", b"\x44\x01")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("H264/90000", "JPEG/90000"),
        ("H264/90000", "H264/48000"),
        ("RTP/AVP 98", "RTP/SAVP 98"),
        ("RTP/AVP 98", "UDP 98"),
        ("RTP/AVP 98", "RTP/AVP"),
        ("RTP/AVP 98", "RTP/AVP x"),
        ("98", "²"),
        ("packetization-mode=1", "packetization-mode=2"),
        ("a=rtpmap:98 H264/90000\n", ""),
        ("m=video", "m=application"),
    ],
)
def test_what_this_client_does_not_play_is_none(old: str, new: str) -> None:
    assert old in USUAL
    assert find_video(USUAL.replace(old, new).encode(), BASE) is None


def test_h265_with_decoding_order_numbers_is_none() -> None:
    text = H265.replace("sprop-vps", "sprop-max-don-diff=1;sprop-vps")
    assert find_video(text.encode(), BASE) is None


@pytest.mark.parametrize("sets", ["", "!!!", "Z0IACpZTBYmI,", ",aMljiA==,=", "Zg"])
def test_broken_parameter_sets_are_left_out(sets: str) -> None:
    text = USUAL.replace("Z0IACpZTBYmI,aMljiA==", sets)
    video = find_video(text.encode(), BASE)
    assert video is not None
    assert video.parameter_sets in (b"", annexb(SPS), annexb(PPS))


@pytest.mark.parametrize(
    ("base", "control", "url"),
    [
        ("rtsp://h/s/", "trackID=1", "rtsp://h/s/trackID=1"),
        ("rtsp://h/s", "trackID=1", "rtsp://h/s/trackID=1"),
        ("rtsp://h/s?channel=1", "trackID=1", "rtsp://h/s?channel=1/trackID=1"),
        ("rtsp://h/s", "rtsp://other/x", "rtsp://other/x"),
        ("rtsp://h:8554/s/t", "/x", "rtsp://h:8554/x"),
        ("rtsp://[::1", "/x", "rtsp://[::1/x"),
        ("rtsp://h/s", "*", "rtsp://h/s"),
        ("rtsp://h/s", "", "rtsp://h/s"),
    ],
)
def test_a_control_is_resolved_as_cameras_expect(base: str, control: str, url: str) -> None:
    assert resolve(base, control) == url


def test_an_absolute_control_of_the_session_is_the_base_of_the_streams() -> None:
    text = USUAL.replace("a=control:*", "a=control:rtsp://nat/live")
    video = find_video(text.encode(), BASE)
    assert video is not None
    assert video.aggregate == "rtsp://nat/live"
    assert video.control == "rtsp://nat/live/trackID=1"


@given(st.binary(max_size=200), st.integers(0, 300), st.integers(0, 300))
def test_garbage_is_no_more_than_no_video(garbage: bytes, begin: int, end: int) -> None:
    text = USUAL.encode()
    find_video(garbage, BASE)
    find_video(text[:begin] + garbage + text[end:], BASE)


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=4))
def test_parameter_sets_are_those_of_the_camera(nals: list[bytes]) -> None:
    sets = ",".join(base64.b64encode(nal).decode() for nal in nals)
    video = find_video(USUAL.replace("Z0IACpZTBYmI,aMljiA==", sets).encode(), BASE)
    assert video is not None
    assert video.parameter_sets == annexb(*nals)


@pytest.mark.parametrize(
    ("body", "is_so"),
    [
        (b"v=0\r\nm=audio 0 RTP/AVP 0\r\n", True),
        (b"v=0\r\nm=application 0 RTP/AVP 107\r\nm=audio 0 RTP/AVP 0\r\n", True),
        (b"v=0\r\nm=audio 0 RTP/AVP 0\r\nm=video 0 RTP/AVP 99\r\n", False),
        (b"v=0\r\n", False),
        (b"", False),
        (b"\xff\xfe", False),
    ],
)
def test_a_description_without_video_is_told_from_one_that_is_not_understood(
    body: bytes, is_so: bool
) -> None:
    assert has_only_others(body) is is_so
