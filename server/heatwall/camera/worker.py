"""The process of one camera: its frames in, detect frames and encoded pictures out.

Run as `python -m heatwall.camera.worker LINK_FD MEMORY_FD` by the supervisor, which sends `Open`
first. It ends when the stream fails (after a `Failed`), when it is told to, or when main is gone.
It imports neither torch nor ultralytics and keeps nothing that may not be lost.
"""

from __future__ import annotations

import os
import queue
import signal
import socket
import sys
import threading
import time
from collections import Counter, defaultdict

import cv2

from heatwall.camera.link import (
    HEADER,
    ChangeInk,
    DetectFrame,
    EncodedPicture,
    Failed,
    Figures,
    LinkError,
    Open,
    Opened,
    RequestIdr,
    ShowOverlay,
    StartTier,
    StopTier,
    ToWorker,
    body_length,
    unpack_to_worker,
)
from heatwall.camera.outbox import Outbox
from heatwall.camera.renditions import Rendition
from heatwall.camera.scaling import DetectScaler
from heatwall.camera.shared import FrameSlots
from heatwall.camera.source import DecodedFrame, Source
from heatwall.errors import (
    EncoderError,
    SourceError,
    SourceRefusedError,
    SourceUnsupportedError,
)
from heatwall.geometry import fit
from heatwall.pacing import Pacer
from heatwall.timeline import Timeline
from heatwall.values import SecretUrl

_FIGURES_EVERY_S = 0.5
"""Twice per update of the page, so that what it shows is never older than a second."""

_FAREWELL_S = 1.0
"""Main reads within milliseconds, or is gone."""


class Worker:
    """The frame loop of one camera. Everything runs in the process's main thread but `listen`.

    Args:
        link: Connected socket to main.
        order: The first message.
        memory_fd: Shared memory for detect frames.
    """

    def __init__(self, link: socket.socket, order: Open, memory_fd: int) -> None:
        self._order = order
        self._outbox = Outbox(link)
        self._slots = FrameSlots(memory_fd, order.detect_size_px)
        self._commands: queue.SimpleQueue[ToWorker] = queue.SimpleQueue()
        self._renditions: dict[str, Rendition] = {}
        self._ink = order.ink
        self._overlay: ShowOverlay | None = None
        self._detect_pacer = Pacer(order.detect_fps, order.detect_phase)
        self._detect_scaler = DetectScaler()
        self._timeline = Timeline()
        self._decoded = 0
        self._shown: Counter[str] = Counter()
        self._dropped: Counter[str] = Counter()
        self._stage_s: defaultdict[str, float] = defaultdict(float)
        self._size = (0, 0)
        self._figures_due_s = 0.0

    def command(self, message: ToWorker) -> None:
        """Hand over a message from main; called by the listening thread."""
        self._commands.put(message)

    def run(self) -> None:
        """Open the stream and work until it fails.

        Raises:
            SourceError: The stream could not be opened or ended.
            EncoderError: A tier can't be encoded.
            OSError: Main is gone.
        """
        order = self._order
        source = Source(SecretUrl(order.url), order.transport, order.timeout_s)
        for decoded in source.frames():
            arrival_s = time.monotonic()
            self._stage_s["decode"] = source.decode_s
            time_s = self._timeline.capture_s(decoded.pts_s, arrival_s)
            if self._size != (decoded.width, decoded.height):
                self._size = (decoded.width, decoded.height)
                self._outbox.send(Opened(source.codec, *self._size))
            self._decoded += 1
            self._obey()
            self._detect(decoded, time_s)
            self._show(decoded, time_s)
            self._tell(arrival_s, time_s)

    def fail(self, failure: Failed) -> None:
        """Send the last message; main may be gone already."""
        try:
            self._outbox.finish(failure, _FAREWELL_S)
        except OSError:
            return

    def _obey(self) -> None:
        while True:
            try:
                message = self._commands.get_nowait()
            except queue.Empty:
                return
            match message:
                case ShowOverlay():
                    self._overlay = message
                    for rendition in self._renditions.values():
                        rendition.show(message)
                case ChangeInk(ink):
                    self._ink = ink
                    for rendition in self._renditions.values():
                        rendition.use(ink)
                case StartTier(tier) if tier not in self._renditions:
                    rendition = Rendition(tier, self._order.tiers[tier], self._ink)
                    rendition.show(self._overlay)
                    self._renditions[tier] = rendition
                case StartTier(tier) | RequestIdr(tier):
                    if tier in self._renditions:
                        self._renditions[tier].wants_key = True
                case StopTier(tier):
                    self._renditions.pop(tier, None)
                case Open():
                    continue

    def _detect(self, decoded: DecodedFrame, time_s: float) -> None:
        if not self._detect_pacer.is_due(time_s):
            return
        began_s = time.perf_counter()
        limit_px = self._order.detect_size_px
        width, height = fit(decoded.width, decoded.height, limit_px, limit_px)
        pixels = self._detect_scaler.scale(decoded, width, height)
        slot, sequence = self._slots.write(pixels)
        self._stage_s["detect_scale"] += time.perf_counter() - began_s
        self._outbox.send(DetectFrame(slot, sequence, width, height, time_s))

    def _show(self, decoded: DecodedFrame, time_s: float) -> None:
        for rendition in self._renditions.values():
            if not self._outbox.is_free:
                # Main is behind: a picture now would only be late. The encoder has not seen it,
                # so the next one needs no IDR.
                self._dropped["main_busy"] += 1
                continue
            picture: EncodedPicture | None = rendition.render(decoded, time_s, self._stage_s)
            if picture is not None:
                self._shown[rendition.tier] += 1
                self._outbox.send(picture)

    def _tell(self, now_s: float, newest_s: float) -> None:
        if now_s < self._figures_due_s:
            return
        self._figures_due_s = now_s + _FIGURES_EVERY_S
        self._outbox.send(
            Figures(
                decoded=self._decoded,
                shown=dict(self._shown),
                dropped=dict(self._dropped),
                stage_s=dict(self._stage_s),
                newest_s=newest_s,
                width=self._size[0],
                height=self._size[1],
            )
        )


def listen(link: socket.socket, worker: Worker) -> None:
    """Hand main's messages to the worker; end the process when main is gone.

    Runs in a thread of its own, so that a worker that hangs inside a library still ends.
    """
    try:
        while True:
            worker.command(read_message(link))
    except (OSError, LinkError):
        os._exit(0)


def read_message(link: socket.socket) -> ToWorker:
    """Return the next message from main, waiting for it.

    Raises:
        OSError: Main is gone.
    """
    body = _read_exactly(link, body_length(_read_exactly(link, HEADER.size)))
    return unpack_to_worker(body)


def _read_exactly(link: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = link.recv(length - len(parts))
        if not part:
            raise ConnectionError("main is gone")
        parts += part
    return bytes(parts)


def main(link_fd: int, memory_fd: int) -> int:
    """Run one worker on inherited file descriptors; returns the exit code."""
    # Ctrl-C reaches the whole process group; ending the workers is main's business.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    link = socket.socket(fileno=link_fd)
    order = read_message(link)
    if not isinstance(order, Open):
        return 2
    worker = Worker(link, order, memory_fd)
    threading.Thread(target=listen, args=(link, worker), name="listen", daemon=True).start()
    try:
        worker.run()
    except SourceRefusedError as error:
        worker.fail(Failed("refused", str(error)))
    except SourceUnsupportedError as error:
        worker.fail(Failed("unsupported", str(error)))
    except (SourceError, EncoderError) as error:
        worker.fail(Failed("error", str(error)))
    except OSError:
        return 0
    return 1


if __name__ == "__main__":
    # Not sys.exit: libav's threads may hang, and nothing here needs to be flushed.
    os._exit(main(int(sys.argv[1]), int(sys.argv[2])))
