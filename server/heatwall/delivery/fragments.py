"""One viewer's pictures as MP4 segments, in the order in which a player takes them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from heatwall.delivery.gapless import Gapless
from heatwall.delivery.mp4 import Sample, Track, fragment_head, init_segment


class Kind(IntEnum):
    """What a segment is; the numbers are those of the API."""

    INIT = 0
    """What a player must have before the first fragment, and when the shape changes."""
    KEY = 1
    """A fragment that begins with an IDR."""
    MORE = 2
    """Any other fragment."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of MP4 that is sent as a whole.

    Attributes:
        kind: What it is.
        head: The viewer's own part: all of an init segment, the moof of a fragment.
        mdat: The picture, which all its viewers share; empty for an init segment.
        codec: For an init segment, the name that browsers know.
    """

    kind: Kind
    head: bytes
    mdat: bytes = b""
    codec: str = ""


class Fragments:
    """Makes segments of one viewer's samples.

    The moof is the viewer's own, 100 bytes: so its time begins at 0, whenever it joined, and has
    no gap where the viewer lost pictures or sees another camera. The picture itself is shared.
    """

    def __init__(self) -> None:
        self._times = Gapless()
        self._sequence = 0
        self._track: Track | None = None

    def restart(self) -> None:
        """Say that the next sample is of something else, which begins with an init segment."""
        self._track = None
        self._times.restart()

    def segments(self, sample: Sample) -> Iterator[Segment]:
        """Yield what a sample is sent as; nothing before the first IDR."""
        track = sample.track
        if track is not None and (self._track is None or not self._track.covers(track)):
            self._track = track
            yield Segment(Kind.INIT, init_segment(track), codec=track.codec)
        if self._track is None:
            return
        time, duration = self._times.place(sample.rtp_time)
        self._sequence += 1
        head = fragment_head(sample, self._sequence, time, duration)
        yield Segment(Kind.KEY if sample.is_key else Kind.MORE, head, sample.mdat)
