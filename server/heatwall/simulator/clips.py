"""The cache of the simulated cameras' H.264 clips with their truth beside them."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from fractions import Fraction
from importlib.resources import files
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import av
import cv2
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from heatwall.simulator.store_views import StoreView, store_view
from heatwall.simulator.truth import Truth, events, save_truth, thing_of
from heatwall.values import ByteArray

_BPS_PER_PIXEL = 0.11
"""Bits per pixel and frame: 1.5 Mbit/s at 1280x720 and 15 fps."""

_NOISE = 1.3
"""Standard deviation of the sensor's noise in steps of 8-bit luma."""

_POLL_S = 0.1
"""Time between two updates of the progress bar."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One camera's loop as a file.

    Attributes:
        key: Id fit for a config file, such as `entrance`.
        name: Name for people, such as `Entrance`.
        path: An .mp4 with one H.264 stream: no B-frames, an IDR every second, the first frame an
            IDR, and the last frame followed by the first without a jump.
        truth_path: What `load_truth` reads.
        width: Width in pixels.
        height: Height in pixels.
        fps: Frames a second.
        frames: Number of frames.
    """

    key: str
    name: str
    path: Path
    truth_path: Path
    width: int
    height: int
    fps: int
    frames: int

    @property
    def loop_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.fps


@dataclass(frozen=True, slots=True)
class _Order:
    """One clip to be made: which camera, into which files."""

    camera_index: int
    clip: Clip


def cache_folder() -> Path:
    """Return `$XDG_CACHE_HOME/heatwall/clips`, by default below `~/.cache`."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base else Path.home() / ".cache") / "heatwall" / "clips"


def _edition() -> str:
    """A short digest of the code that draws, so that a changed drawing makes new clips."""
    digest = hashlib.sha256()
    for item in sorted(files("heatwall.simulator").iterdir(), key=lambda item: item.name):
        if item.name.startswith(("scene", "shopper", "store", "truth", "clips")):
            digest.update(item.read_bytes())
    return digest.hexdigest()[:10]


def _noise_tiles(height: int, width: int) -> tuple[ByteArray, ByteArray]:
    """Noise to add and noise to subtract, a little larger than the picture: uint8."""
    rng = np.random.default_rng(1)
    grain = rng.normal(0, _NOISE, (height + 64, width + 64)).round()
    return np.maximum(grain, 0).astype(np.uint8), np.maximum(-grain, 0).astype(np.uint8)


class _Sensor:
    """Turns a rendered picture into what a camera's encoder is fed: I420 with noise."""

    def __init__(self, height: int, width: int) -> None:
        self._plus, self._minus = _noise_tiles(height, width)
        self._size = (height, width)

    def frame(self, picture: ByteArray, number: int) -> av.VideoFrame:
        """Convert BGR to BT.601 limited range and add the noise of frame `number`."""
        height, width = self._size
        planes = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
        top, left = number * 37 % 64, number * 23 % 64
        luma = planes[:height]
        cv2.add(luma, self._plus[top : top + height, left : left + width], luma)
        cv2.subtract(luma, self._minus[top : top + height, left : left + width], luma)
        return av.VideoFrame.from_ndarray(planes, format="yuv420p")


def encoder_options(fps: int, rate_bps: int) -> dict[str, str]:
    """Return x264's options for a clip that is served as a camera: an IDR a second, no B-frames.

    Args:
        fps: Frames per second.
        rate_bps: Bits per second.
    """
    return {
        # A clip is made while somebody waits for it: half the time of veryfast.
        "preset": "superfast",
        "profile": "main",
        "bf": "0",
        "g": str(fps),
        "keyint_min": str(fps),
        "sc_threshold": "0",
        "forced-idr": "1",
        "maxrate": str(rate_bps * 3 // 2),
        "bufsize": str(rate_bps),
    }


def _open_stream(container: av.container.OutputContainer, clip: Clip) -> av.VideoStream:
    """Add the H.264 stream."""
    rate = round(_BPS_PER_PIXEL * clip.width * clip.height * clip.fps)
    stream = container.add_stream(
        "libx264",
        rate=clip.fps,
        options=encoder_options(clip.fps, rate),
    )
    stream.width, stream.height, stream.pix_fmt = clip.width, clip.height, "yuv420p"
    stream.codec_context.bit_rate = rate
    stream.codec_context.thread_count = 1
    stream.codec_context.color_range = 1
    stream.codec_context.colorspace = 6
    stream.codec_context.time_base = Fraction(1, clip.fps)
    return stream


def _render(view: StoreView, clip: Clip, partial: Path, tick: Callable[[], None]) -> Truth:
    """Render and encode one loop into `partial`; return its truth."""
    scene = view.scene(clip.loop_s)
    sensor = _Sensor(clip.height, clip.width)
    things = []
    with av.open(str(partial), "w", format="mp4") as container:
        stream = _open_stream(container, clip)
        for number in range(clip.frames):
            picture, sightings = scene.picture(number / clip.fps)
            frame = sensor.frame(picture, number)
            frame.pts = number
            container.mux(stream.encode(frame))
            things.append(tuple(thing_of(seen) for seen in sightings))
            tick()
        container.mux(stream.encode(None))
    crossings, dwells = events(view, scene.crowd)
    return Truth(
        view.name,
        clip.width,
        clip.height,
        clip.fps,
        clip.loop_s,
        view.lines,
        view.zones,
        tuple(things),
        crossings,
        dwells,
    )


def _make(order: _Order, tick: Callable[[], None]) -> None:
    """Make one clip; the .mp4 appears last and whole, so that its presence means both are there."""
    clip = order.clip
    view = store_view(order.camera_index, clip.width, clip.height)
    suffix = f".{os.getpid()}.partial"
    partial = clip.path.with_name(clip.path.name + suffix)
    truth_partial = clip.truth_path.with_name(clip.truth_path.name + suffix)
    try:
        save_truth(_render(view, clip, partial, tick), truth_partial)
        truth_partial.replace(clip.truth_path)
        partial.replace(clip.path)
    finally:
        partial.unlink(missing_ok=True)
        truth_partial.unlink(missing_ok=True)


_done_frames: list[Synchronized[int]] = []
"""In a worker process: the shared counter of rendered frames, set once by `_start_worker`."""


def _start_worker(counter: Synchronized[int]) -> None:
    """Prepare a worker process: one core each, and the counter for the progress bar."""
    cv2.setNumThreads(1)
    _done_frames.append(counter)


def _tick_shared() -> None:
    """Count one frame, in a worker process."""
    with _done_frames[0].get_lock():
        _done_frames[0].value += 1


def _make_in_worker(order: _Order) -> None:
    """Make one clip, in a worker process."""
    _make(order, _tick_shared)


def _progress_bar(total: int, is_wanted: bool) -> tuple[Progress, Callable[[int], None]]:
    """A bar on a terminal, one plain line otherwise, nothing when not wanted."""
    console = Console(stderr=True, quiet=not is_wanted)
    bar = Progress(
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not (is_wanted and console.is_terminal),
        transient=True,
    )
    task = bar.add_task("Rendering the simulated cameras", total=total)
    if not console.is_terminal:
        console.print("Rendering the simulated cameras (once; they are kept) …")
    return bar, lambda done: bar.update(task, completed=done)


def _make_all(orders: list[_Order], progress: bool) -> None:
    """Make clips in as many processes as there are cores.

    Raises:
        Exception: Whatever a worker raised; clips that were finished are kept.
    """
    context = multiprocessing.get_context("spawn")
    counter: Synchronized[int] = context.Value("i", 0)
    bar, show = _progress_bar(sum(order.clip.frames for order in orders), progress)
    workers = min(len(orders), os.cpu_count() or 1)
    with (
        bar,
        ProcessPoolExecutor(workers, context, _start_worker, (counter,)) as pool,
    ):
        waiting: set[Future[None]] = {pool.submit(_make_in_worker, order) for order in orders}
        while waiting:
            done, waiting = wait(waiting, _POLL_S, FIRST_EXCEPTION)
            show(counter.value)
            for future in done:
                future.result()


def ensure_clips(
    count: int,
    *,
    directory: Path | None = None,
    loop_s: float = 20.0,
    width: int = 1280,
    height: int = 720,
    fps: int = 15,
    progress: bool = False,
) -> list[Clip]:
    """Return the clips of the first `count` cameras; those that are missing are made.

    Blocks for some seconds when clips are missing: call it before an event loop runs, or in a
    thread. Two processes that do this at once do the work twice, and neither sees half a file.

    Args:
        count: Number of cameras.
        directory: Where clips are kept, `cache_folder()` by default.
        loop_s: Length of a loop in seconds.
        width: Width in pixels, even.
        height: Height in pixels, even.
        fps: Frames a second.
        progress: True to show a bar on a terminal, or a line elsewhere.
    """
    folder = cache_folder() if directory is None else directory
    folder.mkdir(parents=True, exist_ok=True)
    edition = _edition()
    frames = max(1, round(loop_s * fps))
    orders = []
    for index in range(count):
        view = store_view(index, width, height)
        stem = f"{view.key}-{width}x{height}-{fps}fps-{frames}-{edition}"
        clip = Clip(
            view.key,
            view.name,
            folder / f"{stem}.mp4",
            folder / f"{stem}.truth.json",
            width,
            height,
            fps,
            frames,
        )
        orders.append(_Order(index, clip))
    missing = [order for order in orders if not order.clip.path.exists()]
    if len(missing) == 1:
        _make(missing[0], lambda: None)
    elif missing:
        _make_all(missing, progress)
    return [order.clip for order in orders]
