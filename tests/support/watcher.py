"""A client that decodes a camera's stream in a thread and writes down what it sees."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import av
import numpy as np

from heatwall.simulator import barcode

IO_TIMEOUT_S = 2.0
"""After which a silent stream counts as ended."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One decoded frame.

    Attributes:
        pts: In 1/90000 s, None when the demuxer gave none.
        barcode: What the picture's barcode says, None without a readable one.
        size: Width and height in pixels.
        arrival_s: Monotonic seconds.
    """

    pts: int | None
    barcode: int | None
    size: tuple[int, int]
    arrival_s: float


class Watcher(threading.Thread):
    """Opens `url` with FFmpeg's RTSP client; an async context manager that stops it.

    Attributes:
        frames: What was decoded so far.
        error: Why the stream ended, None while it runs or when it ended well.
        codec: Name of the codec, once open.
        start_realtime_us: The camera's wall time of pts 0 in microseconds, once known.

    Args:
        url: With credentials.
        transport: `tcp` or `udp`.
    """

    def __init__(self, url: str, transport: str = "tcp") -> None:
        super().__init__(name="watcher")
        self.frames: list[Seen] = []
        self.error: Exception | None = None
        self.codec: str | None = None
        self.start_realtime_us: int | None = None
        self._url = url
        self._transport = transport
        self._is_stopping = threading.Event()

    @property
    def barcodes(self) -> list[int | None]:
        """The barcodes of all frames so far."""
        return [frame.barcode for frame in self.frames]

    @property
    def times(self) -> list[int]:
        """The known pts of all frames so far."""
        return [frame.pts for frame in self.frames if frame.pts is not None]

    async def __aenter__(self) -> Self:
        """Start."""
        self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, and wait for the thread while the event loop, which may serve it, goes on."""
        self._is_stopping.set()
        await asyncio.to_thread(self.join)

    def run(self) -> None:
        """Decode until stopped or until the stream ends; runs in the thread."""
        options = {
            "rtsp_transport": self._transport,
            "timeout": str(round(IO_TIMEOUT_S * 1e6)),
            "probesize": "32",
            "analyzeduration": "0",
        }
        try:
            with av.open(self._url, options=options) as container:
                stream = container.streams.video[0]
                stream.codec_context.thread_count = 1
                self.codec = stream.codec_context.name
                for packet in container.demux(stream):
                    self._decode(packet)
                    self.start_realtime_us = container.start_time_realtime
                    if self._is_stopping.is_set():
                        return
        except (av.FFmpegError, OSError) as error:
            self.error = error

    def _decode(self, packet: av.Packet[av.VideoStream]) -> None:
        """Write down the frames of one packet; broken ones are left out."""
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            return
        for frame in frames:
            if not isinstance(frame, av.VideoFrame):
                continue
            luma = np.asarray(frame.to_ndarray(format="gray"), dtype=np.uint8)
            seen = Seen(
                frame.pts, barcode.read(luma), (frame.width, frame.height), time.monotonic()
            )
            self.frames.append(seen)
