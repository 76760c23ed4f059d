"""A worker whose camera sends more than it can do, on a clock of the test's own."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from av.video.frame import VideoFrame

from heatwall.camera.link import StartTier
from heatwall.camera.shared import open_memory
from heatwall.camera.source import DecodedFrame
from heatwall.camera.tiers import Tiers
from heatwall.camera.worker import Worker
from heatwall.errors import SourceError
from support.cameras import order_for
from support.faketime import FakeTime

FPS = 15
GOP = 30


class Camera:
    """A source that gives a frame each 1/15 s, or at once where the worker is behind."""

    codec = "h264"
    device = "cpu"

    def __init__(self, time: FakeTime, frames: int, decode_s: float) -> None:
        self.decode_s = 0.0
        self.lags_s: list[float] = []
        self.skips_to_key = False
        self.skipped = self.broken = 0
        self._time = time
        self._frames = frames
        self._cost_s = decode_s

    def frames(self) -> Iterator[DecodedFrame]:
        """Yield the frames; decoding takes its time."""
        picture = np.full((72 * 3 // 2, 128), 128, np.uint8)
        begun_s = self._time.now_s
        for number in range(self._frames):
            captured_s = begun_s + number / FPS
            if self.skips_to_key and number % GOP:
                self.skipped += 1
                continue
            self.skips_to_key = False
            self._time.now_s = max(self._time.now_s, captured_s) + self._cost_s
            self.decode_s += self._cost_s
            self.lags_s.append(self._time.now_s - captured_s)
            yield DecodedFrame(
                VideoFrame.from_ndarray(picture, format="yuv420p"), number / FPS, 128, 72
            )
        raise SourceError("the camera ended the stream")


@pytest.fixture
def link() -> Iterator[tuple[socket.socket, int]]:
    """Give a worker's end of a link that nobody reads, and its memory."""
    worker, main = socket.socketpair()
    fd = open_memory(320)
    with worker, main:
        yield worker, fd
    os.close(fd)


def run(
    monkeypatch: pytest.MonkeyPatch,
    link: tuple[socket.socket, int],
    *,
    decode_s: float,
    show_s: float,
    seconds: float = 20,
) -> tuple[Camera, Tiers]:
    """Run a worker that shows one tile; a picture takes `show_s`, a frame `decode_s`."""
    time = FakeTime()
    camera = Camera(time, round(seconds * FPS), decode_s)
    render = Tiers.render

    def slow(self: Tiers, *args: Any, **keywords: Any) -> Any:
        picture = render(self, *args, **keywords)
        time.now_s += show_s if picture is not None else 0.0
        return picture

    monkeypatch.setattr(Tiers, "render", slow)
    monkeypatch.setattr("heatwall.camera.worker.Source", lambda *_: camera)
    monkeypatch.setattr("heatwall.camera.worker.monotonic", time)
    worker = Worker(link[0], order_for("rtsp://127.0.0.1/"), link[1])
    monkeypatch.setattr("heatwall.camera.outbox.Outbox.send", lambda *_: None)
    worker.command(StartTier("tile"))
    with pytest.raises(SourceError):
        worker.run()
    return camera, worker._tiers


def test_a_worker_that_keeps_up_leaves_nothing_out(
    monkeypatch: pytest.MonkeyPatch, link: tuple[socket.socket, int]
) -> None:
    camera, tiers = run(monkeypatch, link, decode_s=0.01, show_s=0.03)

    assert tiers.totals.dropped == {}
    assert tiers.totals.shown["tile"] >= 20 * FPS - 2
    assert max(camera.lags_s) < 0.02


@pytest.mark.parametrize("show_s", [0.08, 0.15, 0.3])
def test_a_worker_that_can_not_show_all_shows_fewer_and_stays_in_time(
    monkeypatch: pytest.MonkeyPatch, link: tuple[socket.socket, int], show_s: float
) -> None:
    camera, tiers = run(monkeypatch, link, decode_s=0.01, show_s=show_s)

    assert max(camera.lags_s) < 0.4 + show_s
    assert np.mean(camera.lags_s[-FPS:]) < 0.2 + show_s
    assert tiers.totals.dropped["late"] > 0
    assert tiers.totals.shown["tile"] >= 20 * 2


def test_a_worker_that_can_not_even_decode_all_decodes_from_keyframe_to_keyframe(
    monkeypatch: pytest.MonkeyPatch, link: tuple[socket.socket, int]
) -> None:
    camera, tiers = run(monkeypatch, link, decode_s=0.12, show_s=0.05, seconds=60)

    assert max(camera.lags_s) < 1.5
    assert 0 < tiers.totals.dropped["undecoded"] <= camera.skipped
    assert tiers.totals.shown["tile"] > 60


def test_detection_goes_on_at_least_once_a_second_however_late(
    monkeypatch: pytest.MonkeyPatch, link: tuple[socket.socket, int]
) -> None:
    offered: list[int] = []

    def write(*_: object) -> tuple[int, int]:
        offered.append(len(offered))
        return 0, 1

    monkeypatch.setattr("heatwall.camera.shared.FrameSlots.write", write)

    run(monkeypatch, link, decode_s=0.06, show_s=0.1)

    assert len(offered) >= 19
