"""Detect frames in memory shared by main and one worker."""

from __future__ import annotations

import fcntl
import mmap
import os
import tempfile

import numpy as np
import numpy.typing as npt

from heatwall.values import ByteArray

SLOTS = 3
"""One being written, one newest, one being read: the writer laps a reader only when that takes
longer than two detect intervals, and then the sequence number tells."""

_HEADER_BYTES = 64
"""Holds the slot's sequence number, alone on its cache line."""


class FrameSlots:
    """Slots for RGB frames, guarded by a sequence number each (a seqlock).

    The writer sets the number to 0, writes the pixels, then sets the new number; a reader that
    finds another number before or after its copy knows that the copy is torn. The memory has no
    name, so none is left behind however a process ends.

    Args:
        fd: File descriptor of the memory, owned by the caller.
        size_px: Longest side of a frame in pixels; a slot holds size_px² RGB pixels.
    """

    def __init__(self, fd: int, size_px: int) -> None:
        self._slot_bytes = _HEADER_BYTES + size_px * size_px * 3
        self._map = mmap.mmap(fd, SLOTS * self._slot_bytes)
        self._bytes: ByteArray = np.frombuffer(self._map, np.uint8)
        self._next = 0
        self._sequence = 0

    def write(self, pixels: ByteArray) -> tuple[int, int]:
        """Copy a frame into the next slot.

        Args:
            pixels: uint8 (height, width, 3); rows may have padding between them.

        Returns:
            (slot, sequence) to be told to the reader.
        """
        slot, self._next = self._next, (self._next + 1) % SLOTS
        self._sequence += 1
        header = self._header(slot)
        header[0] = 0
        np.copyto(self._pixels(slot, pixels.shape[1], pixels.shape[0]), pixels)
        header[0] = self._sequence
        return slot, self._sequence

    def read(self, slot: int, sequence: int, width: int, height: int) -> ByteArray | None:
        """Return a copy of the frame, uint8 (height, width, 3).

        None if it was overwritten, or if the slots were closed.
        """
        memory = self._bytes  # held, since another thread may close the slots meanwhile
        if not memory.size:
            return None
        start = slot * self._slot_bytes
        header = memory[start : start + 8].view(np.uint64)
        if header[0] != sequence:
            return None
        start += _HEADER_BYTES
        frame = memory[start : start + height * width * 3].reshape(height, width, 3).copy()
        return frame if header[0] == sequence else None

    def close(self) -> None:
        """Unmap the memory; idempotent."""
        self._bytes = np.empty(0, np.uint8)
        try:
            self._map.close()
        except BufferError:
            # A view is still in a reader's hands; the mapping goes when that view does.
            return

    def _header(self, slot: int) -> npt.NDArray[np.uint64]:
        start = slot * self._slot_bytes
        return self._bytes[start : start + 8].view(np.uint64)

    def _pixels(self, slot: int, width: int, height: int) -> ByteArray:
        start = slot * self._slot_bytes + _HEADER_BYTES
        return self._bytes[start : start + height * width * 3].reshape(height, width, 3)


class FrameMemory:
    """One camera's memory for detect frames, had when it is first needed. One thread.

    Args:
        size_px: Longest side of a frame in pixels.
    """

    def __init__(self, size_px: int) -> None:
        self._size_px = size_px
        self._opened: tuple[int, FrameSlots] | None = None

    def open(self) -> tuple[int, FrameSlots]:
        """Return its file descriptor and its slots, the same ones each time.

        Raises:
            OSError: There is no room for it, or no file descriptor is left; it may be had later.
        """
        if self._opened is None:
            fd = open_memory(self._size_px)
            try:
                self._opened = fd, FrameSlots(fd, self._size_px)
            except BaseException:
                os.close(fd)
                raise
        return self._opened

    def close(self) -> None:
        """Give it back; idempotent."""
        if self._opened is None:
            return
        (fd, slots), self._opened = self._opened, None
        slots.close()
        os.close(fd)


def open_memory(size_px: int) -> int:
    """Return a file descriptor of nameless memory for `FrameSlots` of this size.

    All of it is taken at once (posix_fallocate(3)): who writes to a page that can't be had gets
    SIGBUS, and would take all cameras along.

    Raises:
        OSError: There is no room for it.
    """
    length = SLOTS * (_HEADER_BYTES + size_px * size_px * 3)
    is_sealable = hasattr(os, "memfd_create")
    if is_sealable:
        fd = os.memfd_create("heatwall-detect-frames", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    else:
        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
    try:
        os.ftruncate(fd, length)
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(fd, 0, length)
        if is_sealable:
            # A worker gone wild can't take pages away under main's hands (memfd_create(2)).
            fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
    except BaseException:
        os.close(fd)
        raise
    return fd
