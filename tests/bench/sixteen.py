"""Sixteen cameras on one machine, for as long as asked: does anything grow, does anything drop."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from bench.report import Row, Table
from bench.rig import small_cameras, watched_wall
from bench.setup import Setup
from heatwall.capacity import proc
from heatwall.capacity.trial import Arrived, Asked, Moment, Trial, make_trial, percentile

_CAMERAS = 16
_FPS = 15
_DETECT_FPS = 4.0
_MINUTES = 1.0
_SETTLE_S = 5.0
"""First pictures and the model's slow first batches are over by then."""

_LEAST_WINDOWS = 3
_LONGEST_WINDOW_S = 60.0


def measure(setup: Setup) -> Table:
    """Measure it all; takes `setup.minutes`, or one, and half of one more."""
    seconds = (setup.minutes or _MINUTES) * 60
    windows = max(_LEAST_WINDOWS, round(seconds / _LONGEST_WINDOW_S))
    asked = Asked(_CAMERAS, _DETECT_FPS, _FPS, proc.cores())
    with (
        small_cameras(setup, _CAMERAS, _FPS) as cameras,
        watched_wall(setup, cameras, _CAMERAS, _DETECT_FPS) as rig,
    ):
        rig.rest(_SETTLE_S)
        rig.take()
        moments, arrived = [rig.moment()], []
        for _ in range(windows):
            # Read early in a window, the clocks are right for what follows; see `CaptureTimes`.
            rig.look_again()
            rig.rest(seconds / windows)
            arrived.append(rig.take())
            moments.append(rig.moment())
    title = (
        f"{_CAMERAS} cameras of 640×360 at {_FPS} fps, {_DETECT_FPS:g} detections a second each, "
        f"a viewer of all tiles, {seconds / 60:g} min on {asked.cores} cores"
    )
    return Table(title, rows(asked, moments, arrived))


def rows(asked: Asked, moments: Sequence[Moment], windows: Sequence[Arrived]) -> tuple[Row, ...]:
    """Return the rows; `moments` are the bounds of the `windows`."""
    whole = make_trial(asked, moments[0], moments[-1], joined(windows), ())
    return (
        *_picture_rows(whole, joined(windows), moments[-1].at_s - moments[0].at_s),
        *_latency_rows(windows, (moments[1].at_s - moments[0].at_s) / 60),
        *_cpu_rows(whole),
        *_memory_rows(moments[0], moments[-1]),
    )


def joined(windows: Sequence[Arrived]) -> Arrived:
    """Return all windows as one."""
    by_slot = zip(*(window.pictures for window in windows), strict=True)
    latencies = zip(*(window.latency_ms for window in windows), strict=True)
    return Arrived(
        pictures=tuple(sum(slot) for slot in by_slot),
        broken=sum(window.broken for window in windows),
        packets=sum(window.packets for window in windows),
        lost=sum(window.lost for window in windows),
        latency_ms=tuple(tuple(ms for part in slot for ms in part) for slot in latencies),
    )


def _picture_rows(whole: Trial, arrived: Arrived, took_s: float) -> list[Row]:
    fps = [pictures / took_s for pictures in arrived.pictures]
    drops = ", ".join(f"{reason} {count}" for reason, count in whole.drops.items()) or "none"
    return [
        Row("sixteen: pictures on the worst tile", min(fps), "fps", 14.5, limit="≥"),
        Row("sixteen: pictures on the median tile", statistics.median(fps), "fps"),
        Row(
            "sixteen: detections of a camera",
            whole.detect_fps[0],
            "/s",
            note=f"mean; the camera with the fewest has {whole.detect_fps[1]:.2f}",
        ),
        Row("sixteen: drops", 100 * whole.drop_share, "%", 0.5, f"by reason: {drops}"),
    ]


def _latency_rows(windows: Sequence[Arrived], minutes: float) -> list[Row]:
    first, last = (
        [ms for slot in window.latency_ms for ms in slot] for window in (windows[0], windows[-1])
    )
    length = f"{minutes:.2g} min"
    note = "capture to last packet at the viewer; the browser's own delay is not in it"
    if not first or not last:
        return [Row("sixteen: latency", None, "ms", note="no tile's barcode could be read")]
    return [
        Row(f"sixteen: latency, first {length}, median", statistics.median(first), "ms", note=note),
        Row(f"sixteen: latency, first {length}, 95th percentile", percentile(first, 0.95), "ms"),
        Row(f"sixteen: latency, last {length}, median", statistics.median(last), "ms"),
        Row(f"sixteen: latency, last {length}, 95th percentile", percentile(last, 0.95), "ms"),
        Row(
            "sixteen: growth of the median",
            statistics.median(last) - statistics.median(first),
            "ms",
            20,
        ),
    ]


def _cpu_rows(whole: Trial) -> list[Row]:
    return [
        Row("sixteen: CPU of main", whole.main_cores, "cores"),
        Row("sixteen: CPU of all workers", whole.worker_cores, "cores"),
        Row(
            "sixteen: CPU of the server",
            100 * whole.server_share,
            "% of the machine",
            note=f"cameras and viewer took {whole.load_cores:.2f} cores beside it, other programs "
            f"{whole.others_share:.0%} of the machine",
        ),
    ]


def _memory_rows(begin: Moment, end: Moment) -> list[Row]:
    before, after = ([worker / 1e6 for worker in moment.worker_bytes] for moment in (begin, end))
    return [
        Row("sixteen: main, resident, at the beginning", begin.main_bytes / 1e6, "MB", 900),
        Row("sixteen: main, resident, at the end", end.main_bytes / 1e6, "MB", 900),
        Row(
            "sixteen: the largest worker, private, at the beginning",
            max(before),
            "MB",
            90,
            "all: " + " ".join(f"{worker:.0f}" for worker in before),
        ),
        Row(
            "sixteen: the largest worker, private, at the end",
            max(after),
            "MB",
            90,
            "all: " + " ".join(f"{worker:.0f}" for worker in after),
        ),
    ]
