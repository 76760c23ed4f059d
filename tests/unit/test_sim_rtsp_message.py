from __future__ import annotations

import pytest

from heatwall.rtsp.message import RtspError
from heatwall.simulator.rtsp_message import (
    Interleaved,
    MessageReader,
    Request,
    Response,
    Status,
)

OPTIONS = b"OPTIONS rtsp://h/cam1 RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: me: too\r\n\r\n"


def test_a_request_is_read() -> None:
    (request,) = MessageReader().feed(OPTIONS)
    headers = {"cseq": "1", "user-agent": "me: too"}
    assert request == Request("OPTIONS", "rtsp://h/cam1", headers)


def test_a_request_in_single_bytes_is_read() -> None:
    reader = MessageReader()
    messages = [m for byte in OPTIONS for m in reader.feed(bytes([byte]))]
    assert [m.method for m in messages if isinstance(m, Request)] == ["OPTIONS"]


def test_several_messages_in_one_chunk_are_read_in_order() -> None:
    chunk = OPTIONS + b"$\x01\x00\x03abc" + b"\r\n" + OPTIONS
    kinds = [type(message) for message in MessageReader().feed(chunk)]
    assert kinds == [Request, Interleaved, Request]


def test_an_interleaved_packet_may_hold_anything() -> None:
    packet = b"\r\n\r\n$OPTIONS"
    chunk = b"$\x07" + len(packet).to_bytes(2, "big") + packet
    assert list(MessageReader().feed(chunk)) == [Interleaved(7, packet)]


def test_a_body_belongs_to_its_request() -> None:
    text = b"GET_PARAMETER * RTSP/1.0\r\nContent-Length: 7\r\n\r\nOPTIONS" + OPTIONS
    first, second = MessageReader().feed(text)
    assert isinstance(first, Request)
    assert first.body == b"OPTIONS"
    assert isinstance(second, Request)


@pytest.mark.parametrize(
    "text",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nno colon\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nContent-Length: 99999999\r\n\r\n",
        b"OPTIONS \xff\xfe RTSP/1.0\r\n\r\n",
        b"x" * 20_000,
    ],
)
def test_what_is_no_rtsp_is_refused(text: bytes) -> None:
    with pytest.raises(RtspError):
        list(MessageReader().feed(text))


@pytest.mark.parametrize(
    ("uri", "camera"),
    [
        ("rtsp://host:8554/cam1", "cam1"),
        ("rtsp://host/cam1/trackID=0", "cam1"),
        ("rtsp://host/cam1/", "cam1"),
        ("rtsp://host/cam1?transport=tcp", "cam1"),
        ("/cam1", "cam1"),
        ("rtsp://host", ""),
        ("rtsp://host/", ""),
        ("*", ""),
    ],
)
def test_the_camera_is_the_first_part_of_the_path(uri: str, camera: str) -> None:
    assert Request("PLAY", uri, {}).camera == camera


def test_a_response_has_status_number_headers_and_length() -> None:
    response = Response(Status.OK, [("Session", "1"), ("X", "a"), ("X", "b")], b"body")
    assert response.encode("42") == (
        b"RTSP/1.0 200 OK\r\nCSeq: 42\r\nSession: 1\r\nX: a\r\nX: b\r\n"
        b"Content-Length: 4\r\n\r\nbody"
    )


def test_reasons_are_words() -> None:
    assert Status.NOT_FOUND.reason == "Not Found"
    assert Status.OK.reason == "OK"
