from __future__ import annotations

import numpy as np
import pytest

from heatwall.overlay import Planes
from heatwall.render.background import Background


def scene(person_at: int | None, level: int = 100) -> Planes:
    """A floor of one grey, with somebody white in one column."""
    y = np.full((8, 16), level, np.uint8)
    if person_at is not None:
        y[:, person_at] = 255
    chroma = np.full((4, 8), 128, np.uint8)
    return y, chroma, chroma.copy()


def test_somebody_who_walks_through_is_not_in_the_background() -> None:
    background = Background()

    for step in range(16):
        background.look(scene(person_at=step))

    assert (background.planes()[0] == 100).all()


@pytest.mark.parametrize("count", [1, 9, 10, 1000])
def test_the_pictures_kept_are_few_and_spread_over_all(count: int) -> None:
    background = Background()

    for step in range(count):
        background.look(scene(None, level=round(255 * step / count)))

    # The middle of what rises evenly is its half, from wherever the kept pictures come.
    assert len(background._kept) <= 9
    assert background.planes()[0][0, 0] == pytest.approx(255 * (count - 1) / count / 2, abs=40)


def test_a_picture_that_changes_later_is_not_changed_in_memory() -> None:
    background, planes = Background(), scene(None)
    background.look(planes)

    planes[0][:] = 0

    assert (background.planes()[0] == 100).all()
