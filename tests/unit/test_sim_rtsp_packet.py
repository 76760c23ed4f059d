from __future__ import annotations

from heatwall.rtsp.interleaved import frame_packet
from heatwall.simulator.rtp_packet import interleaved_unit, rtp_header


def test_an_rtp_header_is_that_of_rfc_3550() -> None:
    header = rtp_header(is_last=True, sequence=65537, timestamp=2**32 + 7, ssrc=0x01020304)
    assert header == b"\x80\xe0\x00\x01\x00\x00\x00\x07\x01\x02\x03\x04"
    assert rtp_header(is_last=False, sequence=0, timestamp=0, ssrc=0)[1] == 96


def test_a_unit_on_tcp_is_its_framed_packets_in_a_row() -> None:
    framed = interleaved_unit((b"abc", b"de"), channel=2, sequence=65535, timestamp=9, ssrc=1)
    expected = frame_packet(
        rtp_header(is_last=False, sequence=65535, timestamp=9, ssrc=1) + b"abc", 2
    ) + frame_packet(rtp_header(is_last=True, sequence=0, timestamp=9, ssrc=1) + b"de", 2)
    assert framed == expected
    assert framed[:4] == b"$\x02\x00\x0f"
