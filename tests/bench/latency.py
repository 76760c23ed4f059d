"""Time from a camera's capture to the pixels in a browser's canvas."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from av.video.frame import VideoFrame

from bench.browser import chromium, opened, page_clock
from bench.report import Row, Table
from bench.server import RunningWall, running_wall
from bench.setup import FPS, Setup
from heatwall.camera.libav import LibavDemuxer
from heatwall.camera.scaling import frame_planes
from heatwall.camera.source import Source
from heatwall.simulator import barcode
from heatwall.values import SecretUrl

_WATCH_S = 30.0
_SETTLE_S = 3.0
"""The browser's jitter buffer has found its depth by then, and the encoder its rate."""
_OPACITY = 0.1
"""Heat that is as much work as ever and leaves the barcode legible below it."""
_DECODED_FRAMES = 5 * FPS
_TIMEOUT_S = 5.0
_WRAP_MS = 2**32
_SCRIPT = Path(__file__).with_name("latency.js")


def measure(setup: Setup) -> Table:
    """Measure it all; takes about 50 s, or `setup.minutes` and 20 s."""
    defaults = {"overlay": {"opacity": _OPACITY}}
    watch_s = _WATCH_S if setup.minutes is None else 60 * setup.minutes
    with running_wall(setup, 1, has_barcode=True, defaults=defaults) as wall:
        seen_ms, unread, error_ms = _watch(wall, watch_s)
        decoded_ms = _ages_ms(_frames(Source(SecretUrl(wall.camera_urls[0]), "tcp", _TIMEOUT_S)))
        held_ms = _ages_ms(_held_frames(wall.camera_urls[0]))
    median_ms = statistics.median(seen_ms)
    rows = [
        Row(
            "capture to canvas, median",
            median_ms,
            "ms",
            100,
            f"{len(seen_ms)} pictures in {watch_s:g} s, clocks compared to ±{error_ms:.1f} ms; "
            "the camera's own painting and encoding included",
        ),
        Row("capture to canvas, 95th percentile", _percentile(seen_ms, 0.95), "ms", 160),
        Row(
            "capture to decoded frame, median",
            statistics.median(decoded_ms),
            "ms",
            note="Source on the same camera, without the wall: camera, RTSP and decoder",
        ),
        Row(
            "the same through libavformat",
            statistics.median(held_ms),
            "ms",
            note=f"which gives a picture out when the next begins, {1000 / FPS:.0f} ms later",
        ),
        Row(
            "decoded frame to canvas",
            median_ms - statistics.median(decoded_ms),
            "ms",
            note="difference of the two medians: overlay, encoder, WebRTC and browser",
        ),
        Row("pictures whose barcode could not be read", unread, ""),
    ]
    if setup.minutes is not None:
        rows += minute_rows(seen_ms)
    title = "Latency from the camera's barcode to the browser's canvas, one 720p camera"
    return Table(title, tuple(rows))


def minute_rows(seen_ms: list[float]) -> list[Row]:
    """Return the first minute's figures beside the last one's; `seen_ms` is in order."""
    minute = min(len(seen_ms), 60 * FPS)
    first, last = seen_ms[:minute], seen_ms[-minute:]
    return [
        Row("capture to canvas, first minute, median", statistics.median(first), "ms", 100),
        Row(
            "capture to canvas, first minute, 95th percentile", _percentile(first, 0.95), "ms", 160
        ),
        Row("capture to canvas, last minute, median", statistics.median(last), "ms", 100),
        Row("capture to canvas, last minute, 95th percentile", _percentile(last, 0.95), "ms", 160),
        Row(
            "last minute's median less the first's",
            statistics.median(last) - statistics.median(first),
            "ms",
            20,
            limit="±",
        ),
    ]


def _watch(wall: RunningWall, watch_s: float) -> tuple[list[float], int, float]:
    """Return the latencies that a page saw, how many it could not read, and the clocks' error."""
    with chromium() as browser, opened(browser, _SCRIPT.read_text(encoding="utf-8")) as page:
        page.goto(wall.address)
        page.wait_for_selector("heat-tile[data-picture=playing]", timeout=20_000)
        page.wait_for_timeout(_SETTLE_S * 1000)
        page.evaluate("watchBarcodes()")
        page.wait_for_timeout(watch_s * 1000)
        seen, unread = page.evaluate("[seen, unread]")
        clock = page_clock(page)
    latencies = [
        (page_ms + clock.offset_ms - captured_ms) % _WRAP_MS for captured_ms, page_ms in seen
    ]
    return latencies, unread, clock.error_ms


def _frames(source: Source) -> Iterator[VideoFrame]:
    """Yield the frames as the server's own source gives them."""
    with closing(source):
        for decoded in source.frames():
            yield decoded.frame


def _held_frames(url: str) -> Iterator[VideoFrame]:
    """Yield the frames as libavformat's demuxer makes them possible."""
    with closing(LibavDemuxer(SecretUrl(url), "tcp", _TIMEOUT_S)) as demuxer:
        for packet, _ in demuxer.packets():
            yield from demuxer.decoder.decode(packet)


def _ages_ms(frames: Iterator[VideoFrame]) -> list[float]:
    """Return how long after its capture each frame came, the first second's left out."""
    ages: list[float] = []
    for frame in islice(frames, _DECODED_FRAMES):
        captured_ms = barcode.read(frame_planes(frame)[0])
        now_ms = time.monotonic() * 1000
        if captured_ms is not None:
            ages.append((now_ms - captured_ms) % _WRAP_MS)
    return ages[FPS:]


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, round(share * len(values)))]
