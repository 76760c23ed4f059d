"""NVDEC and NVENC beside the processor: frames a second, CPU, and whether pictures are the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from bench.frame_cost import tile_pictures
from bench.ours import TILE
from bench.report import Row, Table
from bench.setup import FPS, HEIGHT, WIDTH, Setup
from heatwall.camera.encoder import TierEncoder
from heatwall.camera.hardware import (
    CPU_DECODER,
    CPU_ENCODER,
    GPU_DECODER,
    GPU_ENCODER,
    _why_no_decoder,
    find_hardware,
)
from heatwall.camera.link import CLOCK_HZ
from heatwall.camera.scaling import DetectScaler, TileScaler, frame_planes
from heatwall.camera.source import DecodedFrame, Source
from heatwall.capacity.gpu import gpu_load
from heatwall.errors import EncoderError, SourceError
from heatwall.geometry import fit
from heatwall.simulator.weights import IMAGE_PX
from heatwall.values import SecretUrl

_AT_ONCE = 8
"""Streams that are decoded at the same time, by a thread each."""
_WARM_UP_FRAMES = 2 * FPS
_COMPARED_FRAMES = 30
_ON_GPU = "nv12"
"""What NVDEC's frames are when they come back; the processor's are yuv420p."""
_TIMEOUT_S = 5.0


def measure(setup: Setup) -> Table:
    """Measure it all; takes half a minute."""
    found = find_hardware()
    rows = list(_decoder_rows(setup.clip, CPU_DECODER))
    if found.decoder == GPU_DECODER:
        rows += _nvdec_rows(setup.clip)
    else:
        note = f"it does not open here: {_why_no_decoder()}"
        rows.append(Row("video: decoded by NVDEC", None, "frames/s", note=note))
    pictures = tile_pictures(setup.clip)
    rows += _encoder_rows(pictures, CPU_ENCODER)
    rows += _encoder_rows(pictures, GPU_ENCODER)
    title = f"Video on a GPU: {found.decoder} decodes {WIDTH}×{HEIGHT}, {found.encoder} encodes"
    return Table(f"{title} {TILE.width}×{TILE.height}", tuple(rows))


def _nvdec_rows(clip: Path) -> Iterator[Row]:
    kind = next(_frames(clip, GPU_DECODER)).frame.format.name
    if kind != _ON_GPU:
        # FFmpeg falls back without a word: the device opens, and the stream is not taken.
        note = f"the device opens, and the processor decodes nevertheless: {kind}"
        yield Row("video: decoded by NVDEC", None, "frames/s", note=note)
        return
    yield from _decoder_rows(clip, GPU_DECODER)
    yield Row("video: NVDEC's pictures off the processor's, at most", _most_off(clip), "of 255")
    yield _memory_row(clip)


def _decoder_rows(clip: Path, device: str) -> Iterator[Row]:
    """Yield the rates and the CPU of decoding alone, with scaling to a tile, and many at once."""
    name = f"video: decoded by {device}"
    count, took_s, cpu_s = _timed(clip, device, is_scaled=False)
    yield Row(name, count / took_s, "frames/s", note="one stream, as fast as it goes")
    yield Row(f"{name}, CPU", cpu_s / count * 1000, "ms/frame")
    count, _, cpu_s = _timed(clip, device, is_scaled=True)
    yield Row(f"{name} and scaled to a tile, CPU", cpu_s / count * 1000, "ms/frame")
    began_s = time.perf_counter()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        counts = list(pool.map(lambda _: sum(1 for _ in _frames(clip, device)), range(_AT_ONCE)))
    rate = sum(counts) / (time.perf_counter() - began_s)
    yield Row(f"{name}, {_AT_ONCE} streams at once", rate, "frames/s", note="opening them included")


def _timed(clip: Path, device: str, *, is_scaled: bool) -> tuple[int, float, float]:
    """Return how many frames were decoded after the first, and the seconds: of time and of CPU."""
    encoder = TierEncoder(TILE.width, TILE.height, TILE.fps, TILE.bitrate_bps)
    scaler = TileScaler()
    began_s, cpu_began_s, count = 0.0, 0.0, 0
    for number, decoded in enumerate(_frames(clip, device)):
        if number == _WARM_UP_FRAMES:
            began_s, cpu_began_s = time.perf_counter(), time.process_time()
        if is_scaled:
            scaler.scale(decoded, encoder.planes)
        count = number + 1 - _WARM_UP_FRAMES
    return count, time.perf_counter() - began_s, time.process_time() - cpu_began_s


def _most_off(clip: Path) -> float:
    """Return by how much a value of a detect frame differs at most."""
    width, height = fit(WIDTH, HEIGHT, IMAGE_PX, IMAGE_PX)
    scalers = DetectScaler(), DetectScaler()
    pairs = zip(_frames(clip, CPU_DECODER), _frames(clip, GPU_DECODER), strict=True)
    most = 0
    for _, pair in zip(range(_COMPARED_FRAMES), pairs, strict=False):
        ours, theirs = (
            scaler.scale(one, width, height).astype(np.int16)
            for scaler, one in zip(scalers, pair, strict=True)
        )
        most = max(most, int(np.abs(ours - theirs).max()))
    return most


def _memory_row(clip: Path) -> Row:
    """Return the GPU's memory that each further decoder takes in one process."""
    name = "video: GPU memory of a decoder"
    opened = [_frames(clip, GPU_DECODER) for _ in range(1 + _AT_ONCE)]
    next(opened[0])
    before = gpu_load()
    for frames in opened[1:]:
        next(frames)
    after = gpu_load()
    if before is None or after is None:
        return Row(name, None, "MB", note="nvidia-smi does not tell")
    note = f"of {_AT_ONCE} more in one process; each worker of a wall is a process of its own"
    return Row(name, (after.memory_mb - before.memory_mb) / _AT_ONCE, "MB", note=note)


def _frames(clip: Path, device: str) -> Iterator[DecodedFrame]:
    source = Source(SecretUrl(str(clip)), "tcp", _TIMEOUT_S, device)
    try:
        yield from source.frames()
    except SourceError:
        return  # its end
    finally:
        source.close()


def _encoder_rows(pictures: list[VideoFrame], codec: str) -> list[Row]:
    name = f"video: tile encoded by {codec}"
    try:
        encoder = TierEncoder(TILE.width, TILE.height, TILE.fps, TILE.bitrate_bps, codec=codec)
    except EncoderError as error:
        return [Row(name, None, "frames/s", note=str(error))]
    began_s, cpu_began_s, size = 0.0, 0.0, 0
    for number, picture in enumerate(pictures):
        if number == _WARM_UP_FRAMES:
            began_s, cpu_began_s, size = time.perf_counter(), time.process_time(), 0
        for source, target in zip(frame_planes(picture), encoder.planes, strict=True):
            np.copyto(target, source)
        encoded = encoder.encode(round(number / FPS * CLOCK_HZ), is_key=number == 0)
        size += len(encoded[0]) if encoded else 0
    took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_began_s
    count = len(pictures) - _WARM_UP_FRAMES
    return [
        Row(name, count / took_s, "frames/s", note=f"{size * 8 * FPS / count / 1000:.0f} kbit/s"),
        Row(f"{name}, CPU", cpu_s / count * 1000, "ms/frame"),
    ]
