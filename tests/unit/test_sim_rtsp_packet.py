from __future__ import annotations

import struct

import pytest

from heatwall.simulator.rtp_packet import (
    interleaved,
    interleaved_unit,
    ntp_time,
    rtp_header,
    sender_report,
)


def test_an_rtp_header_is_that_of_rfc_3550() -> None:
    header = rtp_header(is_last=True, sequence=65537, timestamp=2**32 + 7, ssrc=0x01020304)
    assert header == b"\x80\xe0\x00\x01\x00\x00\x00\x07\x01\x02\x03\x04"
    assert rtp_header(is_last=False, sequence=0, timestamp=0, ssrc=0)[1] == 96


def test_a_unit_on_tcp_is_its_framed_packets_in_a_row() -> None:
    framed = interleaved_unit((b"abc", b"de"), channel=2, sequence=65535, timestamp=9, ssrc=1)
    expected = interleaved(
        rtp_header(is_last=False, sequence=65535, timestamp=9, ssrc=1) + b"abc", 2
    ) + interleaved(rtp_header(is_last=True, sequence=0, timestamp=9, ssrc=1) + b"de", 2)
    assert framed == expected
    assert framed[:4] == b"$\x02\x00\x0f"


def test_ntp_counts_from_1900() -> None:
    assert ntp_time(0.5) == (2_208_988_800 << 32) + (1 << 31)


@pytest.mark.parametrize("cname", ["a", "ab", "abc", "abcd", "cam1@heatwall"])
def test_a_sender_report_is_a_valid_compound_packet(cname: str) -> None:
    packet = sender_report(
        ssrc=7, unix_s=100.25, timestamp=2**32 + 3, packets=5, octets=6, cname=cname
    )
    assert len(packet) % 4 == 0
    head = struct.unpack(">BBHIIIIII", packet[:28])
    assert head == (0x80, 200, 6, 7, 2_208_988_900, 1 << 30, 3, 5, 6)
    version, kind, words = struct.unpack(">BBH", packet[28:32])
    assert (version, kind) == (0x81, 202)
    assert len(packet) == 28 + 4 * (words + 1)
    name = cname.encode()
    assert packet[32 : 38 + len(name)] == struct.pack(">IBB", 7, 1, len(name)) + name
    rest = packet[38 + len(name) :]
    assert 1 <= len(rest) <= 4
    assert not any(rest)
