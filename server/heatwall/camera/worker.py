"""The process of one camera: its frames in, detect frames and encoded pictures out.

Run as `python -m heatwall.camera.worker LINK_FD MEMORY_FD` by the supervisor, which sends `Open`
first. It ends when the stream fails (after a `Failed`), when it is told to, or when main is gone.
It imports neither torch nor ultralytics and keeps nothing that may not be lost.
"""

from __future__ import annotations

import faulthandler
import os
import queue
import signal
import socket
import sys
import threading
import time

import cv2

from heatwall.camera.large_tier import LargeTier
from heatwall.camera.lateness import Lateness
from heatwall.camera.link import (
    HEADER,
    DetectFrame,
    Failed,
    Figures,
    LinkError,
    Notice,
    Open,
    Opened,
    SetPace,
    ToWorker,
    body_length,
    unpack_to_worker,
)
from heatwall.camera.outbox import Outbox
from heatwall.camera.scaling import DetectScaler
from heatwall.camera.shared import FrameSlots
from heatwall.camera.source import DecodedFrame, Source
from heatwall.camera.tiers import Tiers, Totals
from heatwall.clock import monotonic
from heatwall.errors import (
    EncoderError,
    SourceError,
    SourceRefusedError,
    SourceUnsupportedError,
)
from heatwall.geometry import fit
from heatwall.machine import end_with_parent
from heatwall.pacing import Pacer
from heatwall.redaction import KNOWN, redact, secrets_in_url
from heatwall.timeline import Timeline
from heatwall.values import SecretUrl, Tier

_FIGURES_EVERY_S = 0.5
"""Twice per update of the page, so that what it shows is never older than a second."""

_FAREWELL_S = 1.0
"""Main reads within milliseconds, or is gone."""

_LEAST_DETECT_FPS = 1.0
"""Detect frames a second that a late worker still hands over."""

_NICE = 3
"""Below main, which all cameras and viewers wait for: a worker that gets less leaves frames out,
and main then asks for less."""

_LARGE = Tier.FOCUS.value
"""The tier that comes from the main stream where there is a substream."""


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
        self._tiers = Tiers(order.tiers, order.ink)
        self._large = LargeTier(_LARGE, order, self._outbox, self._tiers)
        self._detect_pacer = Pacer(order.detect_fps, order.detect_phase)
        self._detect_scaler = DetectScaler()
        self._detect_s = float("-inf")
        self._timeline = Timeline()
        self._lateness = Lateness()
        self._decoded = 0
        self._size = (0, 0)
        self._encoder_notice = ""
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
        source = self._open()
        asked_s, decode_s = monotonic(), 0.0
        for decoded in source.frames():
            now_s = monotonic()
            frame_s, decode_s = source.decode_s - decode_s, source.decode_s
            self._tiers.totals.stage_s["decode"] += frame_s
            time_s = self._timeline.capture_s(decoded.pts_s, decoded.arrival_s or now_s)
            self._lateness.note(now_s, time_s, now_s - asked_s - frame_s)
            self._catch_up(source)
            if self._size != (decoded.width, decoded.height):
                self._size = (decoded.width, decoded.height)
                self._outbox.send(Opened(source.codec, *self._size, source.device))
            self._decoded += 1
            self._obey()
            self._detect(decoded, time_s)
            self._show(decoded, time_s)
            self._tell(now_s, time_s)
            asked_s = monotonic()

    def fail(self, failure: Failed) -> None:
        """Send the last message; main may be gone already."""
        try:
            self._outbox.finish(failure, _FAREWELL_S)
        except OSError:
            return

    def _open(self) -> Source:
        """Return the stream that tile and detection come from.

        Where the substream can't be had, that is the main stream, which then is all there is.
        """
        order = self._order
        if order.substream:
            try:
                return self._source(order.substream)
            except SourceRefusedError:
                raise  # the main stream takes the same password: no account is to be locked
            except SourceError as error:
                self._large.give_up(str(error))
        return self._source(order.url)

    def _source(self, url: str) -> Source:
        order = self._order
        return Source(SecretUrl(url), order.transport, order.timeout_s, order.decoder)

    def _catch_up(self, source: Source) -> None:
        """Leave frames out undecoded where decoding alone takes longer than they last."""
        if self._lateness.is_hopeless:
            source.skips_to_key = True
        for reason, units in (("undecoded", source.skipped), ("broken", source.broken)):
            if units:
                self._tiers.totals.dropped[reason] = units

    def _obey(self) -> None:
        while True:
            try:
                message = self._commands.get_nowait()
            except queue.Empty:
                return
            self._tiers.obey(message)
            self._large.obey(message)
            if isinstance(message, SetPace):
                self._detect_pacer.change(self._order.detect_fps * message.detect)

    def _detect(self, decoded: DecodedFrame, time_s: float) -> None:
        if not self._detect_pacer.is_due(time_s):
            return
        if self._lateness.is_late and time_s - self._detect_s < 1 / _LEAST_DETECT_FPS:
            self._tiers.totals.dropped["detect_late"] += 1
            return
        self._detect_s = time_s
        began_s = time.perf_counter()
        limit_px = self._order.detect_size_px
        width, height = fit(decoded.width, decoded.height, limit_px, limit_px)
        pixels = self._detect_scaler.scale(decoded, width, height)
        slot, sequence = self._slots.write(pixels)
        self._tiers.totals.stage_s["detect_scale"] += time.perf_counter() - began_s
        self._outbox.send(DetectFrame(slot, sequence, width, height, time_s))

    def _show(self, decoded: DecodedFrame, time_s: float) -> None:
        for tier in self._tiers:
            if not self._outbox.is_free:
                # Main is behind: a picture now would only be late. The encoder has not seen it,
                # so the next one needs no IDR.
                self._tiers.totals.dropped["main_busy"] += 1
            elif tier == _LARGE:
                with self._large.turn() as is_ours:
                    if is_ours:
                        self._show_tier(tier, decoded, time_s)
            else:
                self._show_tier(tier, decoded, time_s)

    def _show_tier(self, tier: str, decoded: DecodedFrame, time_s: float) -> None:
        picture = self._tiers.render(tier, decoded, time_s, is_late=self._lateness.is_late)
        if picture is not None:
            self._outbox.send(picture)

    def _tell(self, now_s: float, newest_s: float) -> None:
        if now_s < self._figures_due_s:
            return
        self._figures_due_s = now_s + _FIGURES_EVERY_S
        self._large.compare(*self._size)
        if self._encoder_notice != self._tiers.notice:
            self._encoder_notice = self._tiers.notice
            self._outbox.send(Notice("encoder", self._encoder_notice))
        totals = Totals().add(self._tiers.totals).add(self._large.totals())
        self._outbox.send(
            Figures(
                decoded=self._decoded,
                shown=dict(totals.shown),
                dropped=dict(totals.dropped),
                stage_s=dict(totals.stage_s),
                newest_s=newest_s,
                width=self._size[0],
                height=self._size[1],
                lag_s=self._lateness.take_standing_s(),
                encoder=self._tiers.encoder or self._large.encoder,
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


def hide_secrets_of(order: Open) -> None:
    """Know the camera's password, so that no message of this process shows it."""
    for url in (order.url, order.substream):
        KNOWN.add(secrets_in_url(url))


def main(link_fd: int, memory_fd: int) -> int:
    """Run one worker on inherited file descriptors; returns the exit code."""
    # Ctrl-C reaches the whole process group; ending the workers is main's business.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()  # main keeps what a worker prints before it crashes
    end_with_parent()  # for one that hangs; else `listen` notices, also if main is gone already
    cv2.setNumThreads(1)
    os.nice(_NICE)
    link = socket.socket(fileno=link_fd)
    order = read_message(link)
    if not isinstance(order, Open):
        return 2
    hide_secrets_of(order)
    worker = Worker(link, order, memory_fd)
    threading.Thread(target=listen, args=(link, worker), name="listen", daemon=True).start()
    try:
        worker.run()
    except SourceRefusedError as error:
        worker.fail(Failed("refused", redact(str(error))))
    except SourceUnsupportedError as error:
        worker.fail(Failed("unsupported", redact(str(error))))
    except (SourceError, EncoderError) as error:
        worker.fail(Failed("error", redact(str(error))))
    except OSError:
        return 0
    return 1


if __name__ == "__main__":
    # Not sys.exit: libav's threads may hang, and nothing here needs to be flushed.
    os._exit(main(int(sys.argv[1]), int(sys.argv[2])))
