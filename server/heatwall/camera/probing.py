"""One look at a camera's stream, in a process of its own, which can be killed if it hangs.

The order comes on stdin, since it has the camera's password, and the answer goes to stdout.
"""

from __future__ import annotations

import sys

import msgspec

from heatwall.camera.source import Source
from heatwall.clock import monotonic
from heatwall.errors import SourceError
from heatwall.redaction import KNOWN, redact, secrets_in_url
from heatwall.values import SecretUrl

LOOK_S = 5.0
"""How long frames are looked at: two IDRs of most cameras."""


class ProbeOrder(msgspec.Struct, frozen=True):
    """What to open."""

    url: str
    transport: str
    timeout_s: float

    def __repr__(self) -> str:
        """Return it without the URL."""
        return "ProbeOrder(…)"


class Probed(msgspec.Struct, frozen=True):
    """What was found; `fault` says why there is nothing else.

    Attributes:
        fault: Why the stream can't be shown; "" when it can.
        codec: FFmpeg's name of it.
        width: Pixels.
        height: Pixels.
        fps: Frames a second that came.
        idr_s: Seconds between two IDRs; None when fewer than two came.
    """

    fault: str = ""
    codec: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    idr_s: float | None = None


def probe(order: ProbeOrder) -> Probed:
    """Look at a stream for a while. Blocks."""
    KNOWN.add(secrets_in_url(order.url))
    try:
        source = Source(SecretUrl(order.url), order.transport, order.timeout_s)
        try:
            return _looked(source)
        finally:
            source.close()
    except SourceError as error:
        return Probed(fault=redact(str(error)))


def _looked(source: Source) -> Probed:
    arrivals: list[float] = []
    keys: list[float] = []
    width = height = 0
    for frame in source.frames():
        now_s = monotonic()
        arrivals.append(now_s)
        width, height = frame.width, frame.height
        if frame.frame.key_frame:
            keys.append(now_s)
        if now_s - arrivals[0] >= LOOK_S:
            break
    if not arrivals:
        return Probed(fault="the stream ended before a frame came")
    spent_s = arrivals[-1] - arrivals[0]
    return Probed(
        codec=source.codec,
        width=width,
        height=height,
        fps=round((len(arrivals) - 1) / spent_s, 1) if spent_s else 0.0,
        idr_s=round((keys[-1] - keys[0]) / (len(keys) - 1), 1) if len(keys) > 1 else None,
    )


if __name__ == "__main__":
    found = probe(msgspec.json.decode(sys.stdin.buffer.read(), type=ProbeOrder))
    sys.stdout.buffer.write(msgspec.json.encode(found))
