from __future__ import annotations

import pytest
from aiortc import clock
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensionsMap, RtpPacket, unwrap_rtx, wrap_rtx

from heatwall.delivery.rtp import (
    HISTORY_PACKETS,
    Extensions,
    RtpStream,
    SentPicture,
    absolute_send_time,
    retransmission,
)
from heatwall.ntp import ntp_time

_MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"


def _map(extensions: Extensions) -> HeaderExtensionsMap:
    """Return aiortc's map of the same extensions."""
    ids = {_MID: extensions.mid_id, _SEND_TIME: extensions.send_time_id}
    headers = [RTCRtpHeaderExtensionParameters(id_, uri) for uri, id_ in ids.items() if id_]
    found = HeaderExtensionsMap()
    found.configure(RTCRtpParameters(headerExtensions=headers))
    return found


def _stream(extensions: Extensions, sequence: int = 65_534, origin: int = 0) -> RtpStream:
    return RtpStream(0xCAFE, 96, extensions, sequence, origin)


def _sent(stream: RtpStream, *payloads: bytes, time: int = 3000) -> SentPicture:
    return stream.take(payloads, time, ntp_time(1_700_000_000_500_000_000))


@pytest.mark.parametrize(
    "extensions",
    [
        Extensions(b"0", 1, 2),
        Extensions(b"a-longer-name", 14, 3),
        Extensions(b"0", 15, 2),
        Extensions(b"more-than-sixteen-letters", 1, 2),
        Extensions(b"0", 0, 2),
        Extensions(b"0", 4, 0),
        Extensions(b"0", 0, 0),
        Extensions(b"", 1, 2),
    ],
)
def test_headers_are_those_that_aiortc_would_write(extensions: Extensions) -> None:
    stream = _stream(extensions)
    sent = _sent(stream, b"first", b"second", b"last")
    for index, header in enumerate(stream.headers(sent)):
        packet = RtpPacket(96, int(index == 2), (65_534 + index) & 0xFFFF, 3000, 0xCAFE)
        packet.payload = sent.payloads[index]
        packet.extensions.mid = extensions.mid.decode() or None
        packet.extensions.abs_send_time = sent.send_time
        assert header + sent.payloads[index] == packet.serialize(_map(extensions))


def test_sequence_numbers_go_on_from_picture_to_picture() -> None:
    stream = _stream(Extensions(b"0", 1, 2))
    numbers = []
    for _ in range(3):
        headers = stream.headers(_sent(stream, b"a", b"b"))
        numbers += [RtpPacket.parse(header).sequence_number for header in headers]
    assert numbers == [65_534, 65_535, 0, 1, 2, 3]


def test_times_beyond_32_bits_wrap_around() -> None:
    stream = _stream(Extensions(b"0", 1, 2), origin=7)
    assert _sent(stream, b"a", time=(5 << 32) + 3).time == 10


def test_ntp_time_is_the_same_as_aiortcs() -> None:
    now = clock.current_datetime()
    expected = clock.datetime_to_ntp(now)
    unix_ns = round(now.timestamp() * 1e6) * 1000
    assert abs(ntp_time(unix_ns) - expected) <= 4300, "a microsecond"
    assert absolute_send_time(expected) == (expected >> 14) & 0x00FFFFFF


def test_a_packet_of_the_last_ones_is_given_again_bit_by_bit() -> None:
    stream = _stream(Extensions(b"0", 1, 2))
    first = _sent(stream, b"one", b"two", b"three", time=3000)
    headers = stream.headers(first)
    _sent(stream, b"four", time=6000)
    assert [stream.again(number) for number in (65_534, 65_535, 0)] == list(
        zip(headers, first.payloads, strict=True)
    )
    assert stream.again(65_533) is None
    assert stream.again(2) is None


def test_only_the_last_packets_are_kept_and_always_a_whole_picture() -> None:
    stream = _stream(Extensions(b"0", 1, 2), sequence=0)
    for _ in range(HISTORY_PACKETS):
        _sent(stream, b"a", b"b")
    assert stream.again(HISTORY_PACKETS - 1) is None
    assert stream.again(HISTORY_PACKETS) is not None
    large = _sent(stream, *[b"x"] * (HISTORY_PACKETS + 44))
    assert stream.again(large.sequence) is not None
    assert stream.again(large.sequence - 1) is None


def test_a_retransmission_is_the_one_that_aiortc_would_send() -> None:
    extensions = Extensions(b"3", 1, 2)
    stream = _stream(extensions)
    sent = _sent(stream, b"one", b"two")
    found = stream.again(65_535)
    assert found is not None
    header, payload = retransmission(*found, payload_type=97, ssrc=0xBEEF, sequence=17)
    lost = RtpPacket.parse(found[0] + found[1], _map(extensions))
    expected = wrap_rtx(lost, payload_type=97, sequence_number=17, ssrc=0xBEEF)
    assert header + payload == expected.serialize(_map(extensions))
    again = unwrap_rtx(RtpPacket.parse(header + payload, _map(extensions)), 96, 0xCAFE)
    assert (again.sequence_number, again.payload, again.marker) == (65_535, b"two", 1)
    assert again.timestamp == sent.time
