from __future__ import annotations

import numpy as np

from heatwall.marks import Mark, draw
from heatwall.overlay import Planes


def grey() -> Planes:
    return (
        np.full((360, 640), 100, np.uint8),
        np.full((180, 320), 128, np.uint8),
        np.full((180, 320), 128, np.uint8),
    )


def test_a_box_is_drawn_at_its_place_in_all_planes() -> None:
    planes = grey()

    draw(planes, [Mark((0.25, 0.25, 0.75, 0.75), "", 0, (), has_box=True)], 2)

    assert planes[0][90, 320] != 100
    assert planes[1][45, 160] != 128
    assert planes[0][180, 320] == 100


def test_nothing_asked_for_draws_nothing() -> None:
    planes = grey()

    draw(planes, [Mark((0.25, 0.25, 0.75, 0.75), "", 0, (), has_box=False)], 2)

    assert np.all(planes[0] == 100)


def test_a_trail_joins_its_points() -> None:
    planes = grey()

    draw(planes, [Mark((0, 0, 0, 0), "", 0, ((0.1, 0.5), (0.9, 0.5)), has_box=False)], 2)

    assert np.all(planes[0][179:181, 100:500].max(axis=0) != 100)


def test_a_label_at_any_edge_stays_inside_the_picture() -> None:
    for xyxy in ((0.0, 0.0, 0.1, 0.1), (0.99, 0.99, 1.0, 1.0), (-3.0, -3.0, 9.0, 9.0)):
        planes = grey()

        draw(planes, [Mark(xyxy, "person 12 0.93", 1, (), has_box=True)], 2)

        assert planes[0].shape == (360, 640)
        assert planes[0].max() > 150
