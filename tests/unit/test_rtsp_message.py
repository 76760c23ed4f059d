from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.rtsp.message import (
    HEAD_END,
    Message,
    RtspError,
    body_length,
    encode_message,
    parse_head,
)

REPLY = b"RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: A x\r\nwww-authenticate:B y"


def test_a_reply_has_its_status_and_headers_that_may_stand_twice() -> None:
    reply = parse_head(REPLY)
    assert reply.is_reply
    assert reply.status == 401
    assert reply.all("www-authenticate") == ["A x", "B y"]
    assert reply.get("cseq") == "2"
    assert reply.get("session", "none") == "none"


def test_a_request_has_its_method() -> None:
    request = parse_head(b"options * RTSP/1.0")
    assert not request.is_reply
    assert request.method == "OPTIONS"


@pytest.mark.parametrize("head", [b"RTSP/1.0 200 OK\r\nno colon", b"RTSP/1.0 \xff\xfe"])
def test_a_head_that_is_no_rtsp_is_refused(head: bytes) -> None:
    with pytest.raises(RtspError):
        parse_head(head)


@pytest.mark.parametrize("first", ["RTSP/1.0", "RTSP/1.0 ok", "RTSP/1.0 -1 x", "RTSP/1.0 ² x", ""])
def test_a_reply_without_a_status_is_refused(first: str) -> None:
    with pytest.raises(RtspError):
        _ = Message(first).status


@pytest.mark.parametrize("length", ["-1", "x", "65537", "9" * 5000, "²"])
def test_a_length_that_can_not_be_is_refused(length: str) -> None:
    with pytest.raises(RtspError):
        body_length(Message("RTSP/1.0 200 OK", (("content-length", length),)))


words = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=":"), min_size=1
)


@given(st.lists(st.tuples(words, words), max_size=5), st.binary(max_size=50))
def test_what_is_written_is_read_again(headers: list[tuple[str, str]], body: bytes) -> None:
    names = [(name.lower(), value) for name, value in headers if name.lower() != "content-length"]
    head, _, rest = encode_message("PLAY * RTSP/1.0", names, body).partition(HEAD_END)
    message = parse_head(head)
    assert rest == body
    assert body_length(message) == len(body)
    assert [pair for pair in message.headers if pair[0] != "content-length"] == names
