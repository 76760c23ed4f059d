"""What settings of x264 cost and give, on the very pictures that a tile shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from time import process_time

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from bench.frame_cost import bare_encoder, tile_pictures
from bench.ours import TILE
from bench.report import Row, Table
from bench.setup import FPS, Setup

_ROUNDS = 8
_SETTLED = FPS
"""Pictures after which the first IDR is paid for."""
_DB_FULL = 255**2

_SETTINGS = {
    "as it is": {},
    "as it is, once more": {},
    "preset superfast": {"preset": "superfast"},
    "preset veryfast": {"preset": "veryfast"},
    "deblocking on": {"x264-params": "no-deblock=0:deblock=0,0"},
    "subme=1": {"x264-params": "subme=1"},
    "subme=1, deblocking on": {"x264-params": "subme=1:no-deblock=0:deblock=0,0"},
    "me=hex": {"x264-params": "me=hex"},
    "merange=4": {"x264-params": "merange=4"},
    "partitions=i4x4": {"x264-params": "analyse=i4x4"},
    "partitions=p8x8,i4x4": {"x264-params": "analyse=p8x8,i4x4"},
    "aq-mode=1": {"x264-params": "aq-mode=1"},
    "aq-mode=1, deblocking on": {"x264-params": "aq-mode=1:no-deblock=0:deblock=0,0"},
    "ref=2": {"x264-params": "ref=2"},
    "no-dct-decimate": {"x264-params": "no-dct-decimate=1"},
    "no-fast-pskip": {"x264-params": "no-fast-pskip=1"},
    "scenecut=40": {"x264-params": "scenecut=40"},
    "sliced-threads=0": {"x264-params": "sliced-threads=0"},
    "nr=100": {"x264-params": "nr=100"},
    "bufsize of a second": {"bufsize": str(TILE.bitrate_bps)},
}
"""Beside what `camera.encoder` sets; `cabac`, `8x8dct`, `weightp` and B-frames are none of the
Baseline profile, and a lookahead would hold pictures back."""


@dataclass(frozen=True, slots=True)
class _Quality:
    """What came out: peak signal to noise of luma, and the rate."""

    psnr_db: float
    kbps: float


def measure(setup: Setup) -> Table:
    """Measure it all; takes about a minute."""
    cv2.setNumThreads(1)
    pictures = tile_pictures(setup.clip)
    quality: dict[str, _Quality] = {}
    taken_ms: dict[str, list[float]] = {name: [] for name in _SETTINGS}
    for number in range(_ROUNDS):
        for name, options in _SETTINGS.items():
            packets, cost_ms = _encoded(pictures, options)
            taken_ms[name].append(cost_ms)
            if number == 0:
                quality[name] = _quality(pictures, packets)
    # The least of all rounds: the work is the same each time, and all else only adds to it.
    least = {name: min(costs) for name, costs in taken_ms.items()}
    rows = []
    for name, cost_ms in least.items():
        found = quality[name]
        share = cost_ms / least["as it is"]
        note = f"× {share:.2f}, {found.psnr_db:.2f} dB, {found.kbps:.0f} kbit/s"
        rows.append(Row(f"{name}: {note}", cost_ms, "ms/frame"))
    size = f"{TILE.width}×{TILE.height}"
    rate = f"{TILE.fps:g} fps, {TILE.bitrate_bps / 1000:g} kbit/s asked"
    return Table(f"x264 for a {size} tile at {rate}: CPU, PSNR of luma, rate", tuple(rows))


def _encoded(
    pictures: Sequence[VideoFrame], options: dict[str, str]
) -> tuple[list[av.Packet[av.VideoStream]], float]:
    """Return the packets, and the CPU milliseconds of a picture."""
    context = bare_encoder(options)
    context.open()
    packets = []
    began_s = process_time()
    for number, picture in enumerate(pictures):
        picture.pts, picture.time_base = number, Fraction(1, FPS)
        packets += context.encode(picture)
    return packets, (process_time() - began_s) * 1000 / len(pictures)


def _quality(
    pictures: Sequence[VideoFrame], packets: Sequence[av.Packet[av.VideoStream]]
) -> _Quality:
    decoder = av.CodecContext.create("h264", "r")
    if not isinstance(decoder, VideoCodecContext):
        raise TypeError("h264 is no video decoder in this build of PyAV")
    decoder.thread_count = 1
    errors = []
    decoded = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
    for before, after in list(zip(pictures, decoded, strict=True))[_SETTLED:]:
        off = _luma(before) - _luma(after)
        errors.append(float(np.square(off).mean()))
    bits = 8 * sum(packet.size for packet in packets[_SETTLED:])
    return _Quality(
        10 * np.log10(_DB_FULL / np.mean(errors)),
        bits * FPS / (len(packets) - _SETTLED) / 1000,
    )


def _luma(frame: VideoFrame) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return frame.to_ndarray()[: frame.height].astype(np.float32)
