"""The typed messages between main and one camera worker."""

from __future__ import annotations

import struct
from typing import TypeVar

import msgspec

from heatwall.errors import HeatwallError

HEADER = struct.Struct("<I")
"""Length of the message that follows, in bytes."""

CLOCK_HZ = 90_000
"""Clock of a picture's time, which is that of H.264 over RTP (RFC 6184 section 8.2.1)."""

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""Far above any keyframe; a longer length means that the stream is out of step."""


class TierSpec(msgspec.Struct, frozen=True):
    """How one tier is encoded: limits of size and rate; the picture keeps its aspect.

    `encoder` is FFmpeg's name of it.
    """

    width: int
    height: int
    fps: float
    bitrate_bps: int
    encoder: str = "libx264"


class InkSpec(msgspec.Struct, frozen=True):
    """What the overlay looks like."""

    heat: bool
    colormap: str
    opacity: float
    boxes: bool
    labels: bool
    conf: bool
    trails: bool
    lines: bool
    zones: bool
    counts_in: bool
    counts_out: bool
    line_width: int


class Open(msgspec.Struct, frozen=True, tag=True):
    """First message to a worker: the camera to open and how. It has the URLs and hides them.

    `substream` is the address of the camera's small stream, or "" where it has none; `decoder` is
    `cpu` or `cuda`.
    """

    camera: str
    url: str
    transport: str
    timeout_s: float
    detect_fps: float
    detect_phase: float
    detect_size_px: int
    tiers: dict[str, TierSpec]
    ink: InkSpec
    substream: str = ""
    decoder: str = "cpu"

    def __repr__(self) -> str:
        """Return what it is for, without the URLs."""
        return f"Open(camera={self.camera!r}, …)"

    def with_ink(self, ink: InkSpec) -> Open:
        """Return the same order with another ink."""
        return msgspec.structs.replace(self, ink=ink)


class MarkedTrack(msgspec.Struct, frozen=True, array_like=True):
    """One track to draw: normalised box, trail of foot points from old to new."""

    track_id: int
    label: str
    class_id: int
    confidence: float
    xyxy: tuple[float, float, float, float]
    trail: tuple[tuple[float, float], ...]


class MarkedLine(msgspec.Struct, frozen=True, array_like=True):
    """One counting line to draw: normalised ends, the side that is inside, people so far."""

    name: str
    start: tuple[float, float]
    end: tuple[float, float]
    inside: str
    count_in: int
    count_out: int


class MarkedZone(msgspec.Struct, frozen=True, array_like=True):
    """One zone to draw: normalised corners, people now, entries and exits so far."""

    name: str
    polygon: tuple[tuple[float, float], ...]
    people: int
    count_in: int
    count_out: int


class ShowOverlay(msgspec.Struct, frozen=True, tag=True):
    """The overlay from now on; `levels` is uint8 (rows, columns), row by row."""

    rows: int
    columns: int
    levels: bytes
    tracks: tuple[MarkedTrack, ...]
    lines: tuple[MarkedLine, ...] = ()
    zones: tuple[MarkedZone, ...] = ()


class ChangeInk(msgspec.Struct, frozen=True, tag=True):
    """Paint the overlay like this from now on."""

    ink: InkSpec


class StartTier(msgspec.Struct, frozen=True, tag=True):
    """Begin to encode a tier, with an IDR."""

    tier: str


class StopTier(msgspec.Struct, frozen=True, tag=True):
    """Stop encoding a tier."""

    tier: str


class RequestIdr(msgspec.Struct, frozen=True, tag=True):
    """Make the tier's next picture an IDR."""

    tier: str


class SetPace(msgspec.Struct, frozen=True, tag=True):
    """Do this share of the work from now on: of the detect frames, and of all pictures."""

    detect: float
    pictures: float


class Opened(msgspec.Struct, frozen=True, tag=True):
    """The first frame was decoded; `decoder` is `cpu` or `cuda`, whichever took the stream."""

    codec: str
    width: int
    height: int
    decoder: str = "cpu"


class DetectFrame(msgspec.Struct, frozen=True, tag=True):
    """A detect frame lies in the shared memory.

    Attributes:
        slot: Which slot.
        sequence: What the slot's header must hold, else it was overwritten.
        width: Pixels.
        height: Pixels.
        time_s: Capture time, monotonic seconds.
    """

    slot: int
    sequence: int
    width: int
    height: int
    time_s: float


class EncodedPicture(msgspec.Struct, frozen=True, tag=True):
    """One access unit; see `heatwall.values.Picture`."""

    tier: str
    annexb: bytes
    rtp_time: int
    is_key: bool


class Notice(msgspec.Struct, frozen=True, tag=True):
    """What is not as it should be while the camera works: one text a topic, "" for no more."""

    topic: str
    text: str


class Figures(msgspec.Struct, frozen=True, tag=True):
    """Totals of this worker since its start, and the newest frame's capture time.

    `lag_s` is the smallest age of a frame when it was decoded, since the last figures. `encoder`
    is FFmpeg's name of what really encodes its tiers, or "" while none is encoded.
    """

    decoded: int
    shown: dict[str, int]
    dropped: dict[str, int]
    stage_s: dict[str, float]
    newest_s: float
    width: int
    height: int
    lag_s: float = 0.0
    encoder: str = ""


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The worker's last message: why it ends.

    `kind` is error, refused or unsupported, which are the camera's doing, or encoder.
    """

    kind: str
    reason: str


ToWorker = Open | ShowOverlay | ChangeInk | SetPace | StartTier | StopTier | RequestIdr
ToMain = Opened | DetectFrame | EncodedPicture | Notice | Figures | Failed

_Message = TypeVar("_Message")
_encoder = msgspec.msgpack.Encoder()
_to_worker: msgspec.msgpack.Decoder[ToWorker] = msgspec.msgpack.Decoder(ToWorker)
_to_main: msgspec.msgpack.Decoder[ToMain] = msgspec.msgpack.Decoder(ToMain)


class LinkError(HeatwallError):
    """Raised when the other side sent what is no message; the worker is then replaced."""


def pack(message: ToWorker | ToMain) -> bytes:
    """Return the message with its length in front."""
    body = _encoder.encode(message)
    return HEADER.pack(len(body)) + body


def body_length(header: bytes) -> int:
    """Return the length that a header announces.

    Raises:
        LinkError: It is longer than any message.
    """
    (length,) = HEADER.unpack(header)
    if length > MAX_MESSAGE_BYTES:
        raise LinkError(f"a message of {length} bytes was announced")
    return int(length)


def unpack_to_worker(body: bytes) -> ToWorker:
    """Return the message for a worker.

    Raises:
        LinkError: It is not one.
    """
    return _decode(_to_worker, body)


def unpack_to_main(body: bytes) -> ToMain:
    """Return the message for main.

    Raises:
        LinkError: It is not one.
    """
    return _decode(_to_main, body)


def _decode(decoder: msgspec.msgpack.Decoder[_Message], body: bytes) -> _Message:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LinkError(f"not a message: {error}") from error
