from __future__ import annotations

import struct

import pytest

from heatwall.rtsp.rtcp import ntp_time, sender_report


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
