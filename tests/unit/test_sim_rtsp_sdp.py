from __future__ import annotations

import base64

import pytest

from heatwall.simulator.rtp_track import ParameterSets, VideoFormat
from heatwall.simulator.rtsp_sdp import describe

VIDEO = VideoFormat(ParameterSets(b"\x67\x42\xc0\x1eabc", b"\x68de"), 15.0, 1280, 720)


def test_the_description_names_codec_parameters_and_control() -> None:
    lines = describe(VIDEO, session_id=5, host="192.0.2.1").decode().split("\r\n")
    assert lines[:2] == ["v=0", "o=- 5 1 IN IP4 192.0.2.1"]
    assert "m=video 0 RTP/AVP 96" in lines
    assert "a=rtpmap:96 H264/90000" in lines
    assert "a=control:trackID=0" in lines
    assert "a=framerate:15" in lines
    (fmtp,) = [line for line in lines if line.startswith("a=fmtp:96 ")]
    fields = dict(field.split("=", 1) for field in fmtp.removeprefix("a=fmtp:96 ").split(";"))
    assert fields["packetization-mode"] == "1"
    assert fields["profile-level-id"] == "42c01e"
    sets = [base64.b64decode(text) for text in fields["sprop-parameter-sets"].split(",")]
    assert sets == [VIDEO.parameters.sps, VIDEO.parameters.pps]
    assert lines[-1] == ""


@pytest.mark.parametrize(("host", "family"), [("192.0.2.1", "IP4"), ("2001:db8::1", "IP6")])
def test_the_address_family_is_the_servers(host: str, family: str) -> None:
    assert f"IN {family} {host}" in describe(VIDEO, session_id=1, host=host).decode()


def test_a_camera_without_video_offers_sound_only() -> None:
    text = describe(None, session_id=1, host="127.0.0.1").decode()
    assert "m=audio 0 RTP/AVP 0" in text
    assert "m=video" not in text
