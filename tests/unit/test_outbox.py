from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from heatwall.camera.link import HEADER, EncodedPicture, Failed, body_length, unpack_to_main
from heatwall.camera.outbox import Outbox

PICTURE = EncodedPicture("tile", b"x" * 200_000, 1, True)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    worker, main = socket.socketpair()
    with worker, main:
        main.settimeout(5)
        yield worker, main


def read_all(main: socket.socket) -> list[object]:
    stream = main.makefile("rb")
    messages: list[object] = []
    while header := stream.read(HEADER.size):
        messages.append(unpack_to_main(stream.read(body_length(header))))
    stream.close()
    return messages


def test_sending_never_waits_for_a_main_that_does_not_read(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    outbox = Outbox(ends[0])

    while outbox.is_free:
        outbox.send(PICTURE)

    assert not outbox.is_free


def test_what_was_kept_is_sent_later_and_whole(ends: tuple[socket.socket, socket.socket]) -> None:
    worker, main = ends
    outbox = Outbox(worker)
    sent = 0
    while outbox.is_free:
        outbox.send(PICTURE)
        sent += 1
    received = bytearray()

    while not outbox.is_free:
        received += main.recv(1 << 20)
    worker.shutdown(socket.SHUT_WR)
    while part := main.recv(1 << 20):
        received += part

    assert len(received) > sent * 200_000


def test_a_main_that_never_reads_is_an_error_before_memory_grows(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    outbox = Outbox(ends[0])

    with pytest.raises(ConnectionError, match="does not read"):
        for _ in range(200):
            outbox.send(PICTURE)


def test_the_last_message_arrives(ends: tuple[socket.socket, socket.socket]) -> None:
    worker, main = ends
    outbox = Outbox(worker)

    outbox.finish(Failed("refused", "no"), 1.0)
    worker.shutdown(socket.SHUT_WR)

    assert read_all(main) == [Failed("refused", "no")]
