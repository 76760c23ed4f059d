"""A tier's rate, whatever the camera sends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pytest
from av.video.frame import VideoFrame

from heatwall.camera.link import EncodedPicture, TierSpec
from heatwall.camera.renditions import Rendition
from heatwall.camera.source import DecodedFrame
from support.ink import INK

TILE = TierSpec(320, 180, 15.0, 300_000)


@pytest.fixture(scope="module")
def frames() -> list[VideoFrame]:
    """Pictures that no encoder gets done with: noise that is new in each."""
    chance = np.random.default_rng(1)
    return [
        VideoFrame.from_ndarray(
            chance.integers(100, 140, (270, 320), dtype=np.uint8), format="yuv420p"
        )
        for _ in range(16)
    ]


def shown(frames: Sequence[VideoFrame], fps: float, seconds: float) -> list[EncodedPicture]:
    rendition = Rendition("tile", TILE, INK)
    pictures = []
    for number in range(round(fps * seconds)):
        decoded = DecodedFrame(frames[number % len(frames)], None, 320, 180)
        picture = rendition.render(decoded, number / fps, defaultdict(float))
        if picture is not None:
            pictures.append(picture)
    return pictures


@pytest.mark.parametrize("fps", [5.0, 7.0, 15.0, 25.0, 60.0])
def test_a_tier_has_its_bits_at_any_rate_of_the_camera(
    frames: list[VideoFrame], fps: float
) -> None:
    pictures = shown(frames, fps, 30.0)

    late = [picture for picture in pictures if picture.rtp_time >= 20 * 90_000]
    bits_per_s = 8 * sum(len(picture.annexb) for picture in late) / 10
    assert bits_per_s == pytest.approx(TILE.bitrate_bps, rel=0.2)


def test_a_slow_camera_is_found_out_with_one_more_idr(frames: list[VideoFrame]) -> None:
    assert sum(picture.is_key for picture in shown(frames, 7.0, 30.0)) == 2
    assert sum(picture.is_key for picture in shown(frames, 15.0, 30.0)) == 1
