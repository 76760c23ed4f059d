from __future__ import annotations

import dataclasses
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.ntp import ntp_time
from heatwall.rtsp.rtcp import (
    Heard,
    Reception,
    parse_reports,
    receiver_report,
    sender_report,
)


def test_ntp_counts_from_1900() -> None:
    assert ntp_time(500_000_000) == (2_208_988_800 << 32) + (1 << 31)


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


SEEN = Reception(9, lost=3, lost_share=0.25, highest=70_000, jitter=12, last_report=0xAABBCCDD)


def test_a_receiver_report_is_a_valid_compound_packet() -> None:
    packet = receiver_report(5, dataclasses.replace(SEEN, since_report_s=1.5), "me")
    head = struct.unpack(">BBHIIIIIII", packet[:32])
    assert head == (0x81, 201, 7, 5, 9, 64 << 24 | 3, 70_000, 12, 0xAABBCCDD, 98_304)
    assert packet[32:34] == b"\x81\xca"
    assert len(packet) % 4 == 0


def test_figures_too_large_for_their_fields_are_the_largest() -> None:
    many = Reception(9, 2**30, 1.0, 2**33 + 1, 2**40, 1, 1e9)
    numbers = struct.unpack(">IIIII", receiver_report(5, many, "me")[12:32])
    assert numbers == (255 << 24 | 0x7FFFFF, 1, 2**32 - 1, 1, 2**32 - 1)


def test_a_sender_report_gives_the_middle_of_its_time() -> None:
    packet = sender_report(ssrc=7, unix_s=100.25, timestamp=3, packets=5, octets=6, cname="c")
    middle = ntp_time(100_250_000_000) >> 16 & 0xFFFFFFFF
    assert parse_reports(memoryview(packet)) == Heard(middle, is_bye=False)


def test_a_farewell_is_heard_after_other_packets() -> None:
    packet = receiver_report(5, SEEN, "me") + b"\x81\xcb\x00\x01" + bytes(4)
    assert parse_reports(memoryview(packet)) == Heard(None, is_bye=True)


@given(st.binary(max_size=80))
def test_garbage_says_nothing_that_breaks(packet: bytes) -> None:
    assert isinstance(parse_reports(memoryview(packet)), Heard)
