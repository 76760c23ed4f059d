"""A small reader of MP4, which knows nothing of how it was written."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import av

_CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl", b"mvex", b"moof", b"traf"}


def boxes(body: bytes, path: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield every box with its path, such as `moov/trak/tkhd`, and what it holds."""
    at = 0
    while at < len(body):
        size, kind = struct.unpack_from(">I4s", body, at)
        assert size >= 8, f"{kind!r} at {at} of {path!r} has {size} bytes"
        assert at + size <= len(body), f"{kind!r} at {at} of {path!r} does not fit"
        inside = body[at + 8 : at + size]
        name = f"{path}/{kind.decode()}".lstrip("/")
        yield name, inside
        if kind in _CONTAINERS:
            yield from boxes(inside, name)
        at += size


@dataclass(frozen=True, slots=True)
class ReadFragment:
    """What a fragment says of its one sample."""

    sequence: int
    time: int
    duration: int
    flags: int
    sample: bytes

    @property
    def is_sync(self) -> bool:
        """Whether a player may start here (`sample_is_non_sync_sample`)."""
        return not self.flags & 0x10000


def read_fragment(body: bytes) -> ReadFragment:
    """Read moof and mdat of one sample."""
    found = dict(boxes(body))
    sequence = struct.unpack(">4xI", found["moof/mfhd"])[0]
    time = struct.unpack(">B3xQ", found["moof/traf/tfdt"])[1]
    flags, count, offset, duration, size, sample_flags = struct.unpack(
        ">IIiIII", found["moof/traf/trun"]
    )
    assert flags == 0x701
    assert count == 1
    sample = body[offset : offset + size]
    assert sample == found["mdat"]
    return ReadFragment(sequence, time, duration, sample_flags, sample)


def nal_units(sample: bytes) -> Iterator[bytes]:
    """Yield the NAL units of a sample, each of which follows its length."""
    at = 0
    while at < len(sample):
        (size,) = struct.unpack_from(">I", sample, at)
        yield sample[at + 4 : at + 4 + size]
        at += 4 + size


def decoded(segments: Sequence[bytes]) -> list[av.VideoFrame]:
    """Return the frames that FFmpeg finds in a file of these segments."""
    with av.open(io.BytesIO(b"".join(segments)), mode="r", format="mp4") as container:
        return list(container.decode(video=0))
