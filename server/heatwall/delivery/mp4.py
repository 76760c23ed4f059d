"""H.264 pictures as fragmented MP4: the boxes of one track. Pure.

Sections without a name are those of ISO/IEC 14496-12 (2015), the ISO base media file format.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from heatwall.delivery.annexb import NAL_DELIMITER, NAL_PPS, NAL_SPS, TYPE_MASK, units
from heatwall.delivery.sps import Sps, read_sps
from heatwall.values import Picture

TIMESCALE = 90_000
"""Ticks a second of all times in the file: those of the pictures."""

_TRACK = 1
_MATRIX = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
"""No turn, no stretch (section 8.2.2.2)."""

_UNDETERMINED = 0x55C4
"""The language "und", five bits a letter (section 8.4.2.3)."""

_DPI_72 = 0x00480000
_RGB_24 = 24
"""The depth of pictures without alpha (section 12.1.3.3)."""

_KEY_FLAGS = 0x02000000
"""Depends on no other sample (section 8.6.4.3, in the flags of section 8.8.3.1)."""
_MORE_FLAGS = 0x01010000
"""Depends on others, and is no sync sample."""

_FRAGMENT = struct.Struct(
    ">I4s"  # moof
    "I4sII"  # mfhd
    "I4s"  # traf
    "I4sII"  # tfhd
    "I4sIQ"  # tfdt
    "I4sIIiIII"  # trun
)
"""The whole moof of one sample; only four numbers in it change (sections 8.8.4 to 8.8.12)."""

_MDAT_HEADER = 8


@dataclass(frozen=True, slots=True)
class Track:
    """What a decoder must know before the first picture.

    Attributes:
        sps: NAL unit of the sequence parameter set.
        pps: NAL units of the picture parameter sets.
        shape: What the SPS says.
    """

    sps: bytes
    pps: tuple[bytes, ...]
    shape: Sps = field(init=False)

    def __post_init__(self) -> None:
        """Read the SPS; ValueError when it can't be used."""
        object.__setattr__(self, "shape", read_sps(self.sps))

    @property
    def codec(self) -> str:
        """The name that browsers know, such as `avc1.42c01f` (RFC 6381 section 3.3)."""
        return f"avc1.{self.sps[1:4].hex()}"

    def covers(self, other: Track) -> bool:
        """Return whether a decoder that was set up for this decodes `other` too.

        An encoder that is opened anew for another rate changes what is said on showing, which is
        no reason to set the decoder up again.
        """
        return (
            self.shape.coding == other.shape.coding
            and self.pps == other.pps
            and self.shape.level >= other.shape.level
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture as MP4 holds it; shared by all its viewers.

    Attributes:
        rtp_time: Capture time on the monotonic clock in 1/90000 s, not wrapped.
        is_key: True for an IDR.
        track: What its decoder must know; None unless it is an IDR, and for one with a parameter
            set that can't be read, with which nobody can begin.
        mdat: The box with its NAL units.
    """

    rtp_time: int
    is_key: bool
    track: Track | None
    mdat: bytes


def sample_of(picture: Picture) -> Sample:
    """Return a picture as MP4 holds it.

    Each NAL unit has its length in place of a start code (ISO/IEC 14496-15 section 5.3.2). The
    parameter sets stand in the track alone, as `avc1` wants it (section 5.4.2.1 there), and
    delimiters say nothing that the box does not.
    """
    parts = [b"", b"mdat"]
    sps: list[bytes] = []
    pps: list[bytes] = []
    for unit in units(picture.annexb):
        kind = unit[0] & TYPE_MASK
        if kind == NAL_SPS:
            sps.append(unit)
        elif kind == NAL_PPS:
            pps.append(unit)
        elif kind != NAL_DELIMITER:
            parts += (len(unit).to_bytes(4, "big"), unit)
    parts[0] = (4 + sum(map(len, parts))).to_bytes(4, "big")
    track = _track(sps, pps) if picture.is_key else None
    return Sample(picture.rtp_time, picture.is_key, track, b"".join(parts))


def init_segment(track: Track) -> bytes:
    """Return what a player must have before the first fragment: ftyp and moov."""
    brands = b"iso5iso6mp41"  # iso5: offsets from the moof; iso6: tfdt (sections E.8 and E.9)
    extends = _full(b"trex", 0, 0, struct.pack(">5I", _TRACK, 1, 0, 0, 0))  # section 8.8.3
    return _box(b"ftyp", b"iso5", bytes(4), brands) + _box(
        b"moov", _movie_header(), _trak(track), _box(b"mvex", extends)
    )


def fragment_head(sample: Sample, sequence: int, time: int, duration: int) -> bytes:
    """Return the moof of one sample, which its mdat follows.

    Args:
        sample: The sample.
        sequence: Number of the fragment, growing (section 8.8.5).
        time: When it is shown, ticks.
        duration: For how long, ticks.
    """
    size = _FRAGMENT.size
    return _FRAGMENT.pack(
        *(size, b"moof"),
        *(16, b"mfhd", 0, sequence & 0xFFFFFFFF),
        *(size - 24, b"traf"),
        *(16, b"tfhd", 0x020000, _TRACK),  # default-base-is-moof
        *(20, b"tfdt", 1 << 24, time),
        # data-offset, then duration, size and flags of the one sample
        *(32, b"trun", 0x000701, 1, size + _MDAT_HEADER),
        *(duration, len(sample.mdat) - _MDAT_HEADER, _KEY_FLAGS if sample.is_key else _MORE_FLAGS),
    )


def _track(sps: list[bytes], pps: list[bytes]) -> Track | None:
    if not (sps and pps):
        return None
    try:
        return Track(sps[-1], tuple(pps))
    except ValueError:
        return None


def _box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box (section 4.2)."""
    return struct.pack(">I4s", 8 + sum(map(len, parts)), kind) + b"".join(parts)


def _full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """Return a box with version and flags (section 4.2)."""
    return _box(kind, (version << 24 | flags).to_bytes(4, "big"), *parts)


def _movie_header() -> bytes:
    """Return mvhd (section 8.2.2); the duration is unknown, so it is 0."""
    fields = struct.pack(">4IiH10x", 0, 0, TIMESCALE, 0, 0x10000, 0x100)
    return _full(b"mvhd", 0, 0, fields, _MATRIX, bytes(24), struct.pack(">I", _TRACK + 1))


def _trak(track: Track) -> bytes:
    shape = track.shape
    head = _full(  # section 8.3.2; the flags: enabled, in the movie
        b"tkhd",
        0,
        3,
        struct.pack(">5I8x4H", 0, 0, _TRACK, 0, 0, 0, 0, 0, 0),
        _MATRIX,
        struct.pack(">2I", shape.width << 16, shape.height << 16),
    )
    media_head = struct.pack(">4IHH", 0, 0, TIMESCALE, 0, _UNDETERMINED, 0)
    media = _box(
        b"mdia",
        _full(b"mdhd", 0, 0, media_head),  # section 8.4.2
        _full(b"hdlr", 0, 0, bytes(4), b"vide", bytes(12), b"video\0"),  # section 8.4.3
        _media_information(track),
    )
    return _box(b"trak", head, media)


def _media_information(track: Track) -> bytes:
    """Return minf, whose tables of samples are empty: the samples come in fragments."""
    here = _full(b"url ", 0, 1)  # in this very file (section 8.7.2)
    one = struct.pack(">I", 1)
    table = _box(
        b"stbl",
        _full(b"stsd", 0, 0, one, _sample_entry(track)),
        _full(b"stts", 0, 0, bytes(4)),
        _full(b"stsc", 0, 0, bytes(4)),
        _full(b"stsz", 0, 0, bytes(8)),
        _full(b"stco", 0, 0, bytes(4)),
    )
    return _box(
        b"minf",
        _full(b"vmhd", 0, 1, bytes(8)),  # section 12.1.2
        _box(b"dinf", _full(b"dref", 0, 0, one, here)),
        table,
    )


def _sample_entry(track: Track) -> bytes:
    """Return avc1 (sections 8.5.2 and 12.1.3; ISO/IEC 14496-15 section 5.4.2)."""
    shape = track.shape
    fields = struct.pack(
        ">6xH16x2H2I4xH32xHh",
        *(1, shape.width, shape.height, _DPI_72, _DPI_72, 1, _RGB_24, -1),
    )
    return _box(b"avc1", fields, _decoder_configuration(track))


def _decoder_configuration(track: Track) -> bytes:
    """Return avcC (ISO/IEC 14496-15 section 5.3.3.1.2), lengths of NAL units being four bytes."""
    parts = [b"\x01", track.sps[1:4], b"\xff\xe1", len(track.sps).to_bytes(2, "big"), track.sps]
    parts.append(bytes((len(track.pps),)))
    for unit in track.pps:
        parts += (len(unit).to_bytes(2, "big"), unit)
    return _box(b"avcC", *parts)
