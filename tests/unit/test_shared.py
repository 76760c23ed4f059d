from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from heatwall.camera.shared import SLOTS, FrameMemory, FrameSlots, open_memory


@pytest.fixture
def sides() -> Iterator[tuple[FrameSlots, FrameSlots]]:
    fd = open_memory(64)
    writer, reader = FrameSlots(fd, 64), FrameSlots(fd, 64)
    yield writer, reader
    writer.close()
    reader.close()
    os.close(fd)


def test_a_frame_crosses_unchanged(sides: tuple[FrameSlots, FrameSlots]) -> None:
    writer, reader = sides
    frame = np.random.default_rng(1).integers(0, 255, (36, 64, 3), np.uint8)

    slot, sequence = writer.write(frame)
    read = reader.read(slot, sequence, 64, 36)

    assert read is not None
    assert np.array_equal(read, frame)


def test_rows_with_padding_are_taken_without_it(sides: tuple[FrameSlots, FrameSlots]) -> None:
    writer, reader = sides
    padded = np.zeros((36, 80, 3), np.uint8)
    padded[:, :60] = 9

    slot, sequence = writer.write(padded[:, :60])
    read = reader.read(slot, sequence, 60, 36)

    assert read is not None
    assert read.min() == 9


def test_an_overwritten_frame_is_not_handed_out(sides: tuple[FrameSlots, FrameSlots]) -> None:
    writer, reader = sides
    frame = np.zeros((36, 64, 3), np.uint8)
    slot, sequence = writer.write(frame)

    for _ in range(SLOTS):
        writer.write(frame)

    assert reader.read(slot, sequence, 64, 36) is None


def test_closed_slots_hold_no_frame(sides: tuple[FrameSlots, FrameSlots]) -> None:
    writer, reader = sides
    slot, sequence = writer.write(np.zeros((36, 64, 3), np.uint8))

    reader.close()
    reader.close()

    assert reader.read(slot, sequence, 64, 36) is None


def names_of_shared_memory() -> set[Path]:
    folder = Path("/dev/shm")
    return set(folder.iterdir()) if folder.is_dir() else set()


def test_the_memory_has_no_name_that_could_be_left_behind() -> None:
    before = names_of_shared_memory()

    fd = open_memory(64)

    assert names_of_shared_memory() <= before
    os.close(fd)


def test_all_of_the_memory_is_there_from_the_start() -> None:
    fd = open_memory(64)
    about = os.fstat(fd)
    os.close(fd)

    assert about.st_blocks * 512 >= about.st_size > SLOTS * 64 * 64 * 3


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_process_that_holds_the_memory_can_not_make_it_smaller() -> None:
    fd = open_memory(64)
    with pytest.raises(PermissionError):
        os.ftruncate(fd, 0)
    os.close(fd)


def test_without_room_there_is_an_error_and_nothing_is_left_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    memory, before = FrameMemory(64), descriptors()
    with monkeypatch.context() as broken:
        broken.setattr("os.posix_fallocate", full)
        with pytest.raises(OSError, match="No space left"):
            memory.open()
    with monkeypatch.context() as broken:
        broken.setattr("mmap.mmap", full)
        with pytest.raises(OSError, match="No space left"):
            memory.open()
    assert descriptors() == before

    assert memory.open() == memory.open()
    memory.close()
    memory.close()
    assert descriptors() == before
