"""CPU of one displayed frame, from decoder to packets, beside the way it is written today."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame

from bench.naive import SIZE, NaiveTile, decoded_frames
from bench.ours import DETECT_EVERY, TILE, Heat, OurTile
from bench.ours import decoded_frames as our_frames
from bench.people import tracks_at
from bench.report import Row, Table
from bench.setup import FPS, Setup
from heatwall.camera.encoder import TierEncoder
from heatwall.camera.link import CLOCK_HZ
from heatwall.camera.scaling import TileScaler
from heatwall.delivery.peer import packetise
from heatwall.overlay import HeatLayer, Planes
from heatwall.painting import heat_ink, levels_of
from support.ink import INK

_ROUNDS = 7
_FRAMES = 20
"""More than a second of video a turn, long against the scheduler's slices."""
_WARM_UP = 2 * FPS
"""Heat, encoders and caches are then as they stay."""
_PART_FRAMES = 150
"""Ten seconds of the clip."""

_NAIVE = (
    "PyAV decode → to_ndarray(bgr24) → cv2.resize → ultralytics Heatmap.process (tracks given, "
    "model and tracker not run) → VideoFrame.from_ndarray → aiortc H264Encoder.encode per viewer"
)
_OURS = (
    "Source, Rendition (TileScaler, HeatLayer, TierEncoder), HeatMap at 5 a second, link message, "
    "packetise once, Fanout to each viewer"
)


@dataclass(frozen=True, slots=True)
class _Costs:
    """CPU milliseconds of a frame, one for each round."""

    ours_1: list[float]
    ours_8: list[float]
    naive_1: list[float]
    naive_8: list[float]
    bare: list[float]


def measure(setup: Setup) -> Table:
    """Measure it all; takes half a minute."""
    clip = setup.clip
    cv2.setNumThreads(1)  # as in a worker; for both sides, since more threads cost more CPU
    costs = asyncio.run(_alternate(clip))
    rows = [
        Row("ours, 1 viewer", statistics.median(costs.ours_1), "ms/frame", note=_OURS),
        Row("ours, 8 viewers", statistics.median(costs.ours_8), "ms/frame"),
        Row("today, 1 viewer", statistics.median(costs.naive_1), "ms/frame", note=_NAIVE),
        Row("today, 8 viewers", statistics.median(costs.naive_8), "ms/frame"),
        Row("ours / today, 1 viewer", _ratio(costs.ours_1, costs.naive_1), target=1 / 4),
        Row("ours / today, 8 viewers", _ratio(costs.ours_8, costs.naive_8), target=1 / 10),
        Row(
            "bare decode + bare x264",
            statistics.median(costs.bare),
            "ms/frame",
            note="PyAV decode, and libx264 with the tile's settings on the very frames shown",
        ),
        Row("ours / bare decode + bare x264", _ratio(costs.ours_1, costs.bare), target=1.25),
        *_parts("part of ours", _our_parts(clip)),
        *_parts("part of today's", _naive_parts(clip)),
    ]
    title = f"CPU of a displayed frame, 1280×720 to a {SIZE[0]}×{SIZE[1]} tile with heat, 10 people"
    return Table(title, tuple(rows))


def aiortc_encode_ms(clip: Path) -> float:
    """Return the CPU milliseconds that aiortc's encoder takes for one tile frame in one viewer."""
    return sum(_naive_parts(clip)["to frame and aiortc's encoder"]) / _PART_FRAMES


def tile_pictures(clip: Path) -> list[VideoFrame]:
    """Return ten seconds of a tile's pictures as its encoder gets them, with heat."""
    shown: list[VideoFrame] = []
    _our_parts(clip, shown.append)
    return shown


async def _alternate(clip: Path) -> _Costs:
    """Let all take turns, so that whatever else the machine does meets all alike."""
    for number in range(_WARM_UP + _ROUNDS * _FRAMES):
        tracks_at(number / FPS)  # made up now and not while somebody's work is measured
    tiles = {viewers: OurTile(clip, viewers) for viewers in (1, 8)}
    naive = {viewers: NaiveTile(clip, viewers) for viewers in (1, 8)}
    bare = _BareTile(clip, tile_pictures(clip))
    turns: list[tuple[list[float], Callable[[int], Awaitable[None] | None]]] = [
        ([], tiles[1].show),
        ([], tiles[8].show),
        ([], naive[1].show),
        ([], naive[8].show),
        ([], bare.show),
    ]
    for _, show in turns:
        await _cpu_ms(show, _WARM_UP)
    for _ in range(_ROUNDS):
        for costs, show in turns:
            costs.append(await _cpu_ms(show, _FRAMES))
    return _Costs(*(costs for costs, _ in turns))


async def _cpu_ms(show: Callable[[int], Awaitable[None] | None], frames: int) -> float:
    """Return the CPU milliseconds of a frame, of all threads: some encoders have several."""
    began_s = time.process_time()
    waiting = show(frames)
    if waiting is not None:
        await waiting
    return (time.process_time() - began_s) * 1000 / frames


def _copied(planes: Planes) -> VideoFrame:
    flat = np.concatenate([plane.reshape(-1) for plane in planes])
    return VideoFrame.from_ndarray(flat.reshape(-1, planes[0].shape[1]), format="yuv420p")


def bare_encoder(options: Mapping[str, str]) -> av.VideoCodecContext:
    """Return x264 as the tile has it, but for `options`, with nothing of ours around it."""
    context = av.CodecContext.create("libx264", "w")
    if not isinstance(context, av.VideoCodecContext):
        raise TypeError("libx264 is no video encoder in this build of PyAV")
    context.width, context.height, context.pix_fmt = TILE.width, TILE.height, "yuv420p"
    context.framerate, context.time_base = Fraction(FPS), Fraction(1, FPS)
    context.bit_rate = TILE.bitrate_bps
    context.thread_count = 1
    context.gop_size = 10_000
    context.profile = "Baseline"
    context.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "maxrate": str(TILE.bitrate_bps),
        "bufsize": str(TILE.bitrate_bps // 2),
        **options,
    }
    return context


class _BareTile:
    """Nothing but the decoder and the encoder: what no tile can do without."""

    def __init__(self, clip: Path, shown: list[VideoFrame]) -> None:
        self._packets = _packets(clip)
        self._shown = itertools.cycle(shown)
        self._context = bare_encoder({})
        self._number = 0

    def show(self, frames: int) -> None:
        """Decode and encode as many frames."""
        for _ in range(frames):
            next(self._packets).decode()
            frame = next(self._shown)
            frame.pts, frame.time_base = self._number, Fraction(1, FPS)
            self._number += 1
            self._context.encode(frame)


def _packets(clip: Path) -> Iterator[av.Packet[av.VideoStream]]:
    while True:
        with av.open(str(clip)) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            stream.thread_type = "NONE"
            yield from (packet for packet in container.demux(stream) if packet.size)


class _Stages:
    """CPU milliseconds by stage, of all threads, one entry each time."""

    def __init__(self) -> None:
        self.ms: dict[str, list[float]] = {}
        self._last_s = time.process_time()

    def start(self) -> None:
        """Begin a frame."""
        self._last_s = time.process_time()

    def end(self, stage: str) -> None:
        """Note what was done since the last call."""
        now_s = time.process_time()
        self.ms.setdefault(stage, []).append((now_s - self._last_s) * 1000)
        self._last_s = time.process_time()


def _our_parts(
    clip: Path, keep: Callable[[VideoFrame], None] | None = None
) -> dict[str, list[float]]:
    """Return the parts of our tile, from its adapters called one by one.

    Args:
        clip: What the camera sends.
        keep: Takes a copy of each frame as the encoder gets it.
    """
    encoder = TierEncoder(TILE.width, TILE.height, TILE.fps, TILE.bitrate_bps)
    layer, scaler, ink = HeatLayer(TILE.width, TILE.height), TileScaler(), heat_ink(INK)
    heat = Heat(TILE.width, TILE.height)
    frames, stages = our_frames(clip), _Stages()
    for number in range(_PART_FRAMES):
        stages.start()
        decoded = next(frames)
        stages.end("decode")
        scaler.scale(decoded, encoder.planes)
        stages.end("scale")
        if number % DETECT_EVERY == 0:
            overlay = heat.overlay(tracks_at(number / FPS))
            stages.end("heat from tracks to levels")
            layer.prepare(levels_of(overlay), ink)
            stages.end("prepare the blend")
        layer.blend(encoder.planes)
        stages.end("blend")
        if keep is not None:
            keep(_copied(encoder.planes))
            stages.start()
        encoded = encoder.encode(round(number / FPS * CLOCK_HZ), is_key=number == 0)
        stages.end("encode")
        packetise(encoded[0] if encoded else b"")
        stages.end("packetise")
    return stages.ms


def _naive_parts(clip: Path) -> dict[str, list[float]]:
    """Return the parts of today's tile for one viewer."""
    tile, stages = NaiveTile(clip, 1), _Stages()
    decoder = decoded_frames(clip)
    for _ in range(_PART_FRAMES):
        stages.start()
        frame = next(decoder)
        stages.end("decode")
        bgr = frame.to_ndarray(format="bgr24")
        stages.end("to BGR")
        small = cv2.resize(bgr, SIZE)
        stages.end("resize")
        shown = tile.heated(small)
        stages.end("Heatmap.process")
        tile.encode(shown)
        stages.end("to frame and aiortc's encoder")
    return stages.ms


def _parts(whose: str, parts: dict[str, list[float]]) -> Iterator[Row]:
    note = "parts are measured in one go with warm caches, and come to less than the whole in turns"
    for stage, values in parts.items():
        # The mean, so that the parts sum up to the whole, keyframes included.
        yield Row(f"{whose}: {stage}", sum(values) / _PART_FRAMES, "ms/frame", note=note)
        note = ""


def _ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the median of the rounds' ratios: both halves of a round met the same machine."""
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
