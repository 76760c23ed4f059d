"""What the comparison of a frame's cost compares does show pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.naive import NaiveTile, given_tracks_heatmap
from bench.ours import OurTile
from bench.people import PEOPLE, tracks_at
from support.clip import build_clip


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_clip(tmp_path_factory.mktemp("bench") / "clip.mp4", frames=5)


async def test_our_tile_brings_every_picture_to_every_viewer_over_the_end_of_a_clip(
    clip: Path,
) -> None:
    tile = OurTile(clip, viewers=2)

    await tile.show(7)

    assert [viewer.sent for viewer in tile._viewers] == [7, 7]


def test_the_naive_tile_encodes_once_for_each_viewer(clip: Path) -> None:
    tile = NaiveTile(clip, viewers=2)

    tile.show(7)

    assert all(encoder.codec is not None for encoder in tile._encoders)
    assert tile._number == 7


def test_the_librarys_heatmap_takes_the_given_boxes() -> None:
    heatmap = given_tracks_heatmap()
    picture = np.full((90, 160, 3), 200, np.uint8)

    shown = heatmap.process(picture).plot_im

    assert len(heatmap.boxes) == PEOPLE
    assert heatmap.heatmap.max() >= 2
    assert not np.array_equal(shown, picture)


def test_all_people_are_in_the_picture_at_any_time() -> None:
    for time_s in range(0, 600, 7):
        boxes = tracks_at(time_s).xyxy
        assert (boxes[:, 2] - boxes[:, 0] > 0.01).all()
        assert (boxes[:, 3] - boxes[:, 1] > 0.1).all()
