from __future__ import annotations

import pytest

from heatwall.camera.link import (
    HEADER,
    MAX_MESSAGE_BYTES,
    EncodedPicture,
    Failed,
    LinkError,
    StartTier,
    body_length,
    pack,
    unpack_to_main,
    unpack_to_worker,
)


@pytest.mark.parametrize(
    "message", [EncodedPicture("tile", b"\0\0\0\1e", 90_000, True), Failed("refused", "no")]
)
def test_a_message_to_main_arrives_as_it_was(message: EncodedPicture | Failed) -> None:
    packed = pack(message)

    assert body_length(packed[: HEADER.size]) == len(packed) - HEADER.size
    assert unpack_to_main(packed[HEADER.size :]) == message


def test_a_message_to_a_worker_arrives_as_it_was() -> None:
    assert unpack_to_worker(pack(StartTier("focus"))[HEADER.size :]) == StartTier("focus")


def test_a_stream_out_of_step_is_an_error_and_no_huge_read() -> None:
    with pytest.raises(LinkError, match="announced"):
        body_length(HEADER.pack(MAX_MESSAGE_BYTES + 1))


def test_garbage_is_an_error() -> None:
    with pytest.raises(LinkError):
        unpack_to_main(b"\xff\xff")


def test_text_that_is_not_utf_8_is_no_message() -> None:
    body = bytearray(pack(Failed("error", "gone"))[HEADER.size :])
    body[body.index(b"gone")] = 0xFF
    with pytest.raises(LinkError, match="not a message"):
        unpack_to_main(bytes(body))
