from __future__ import annotations

from heatwall.geometry import fit, grid_size


def test_a_picture_is_fitted_without_losing_its_aspect() -> None:
    assert fit(1280, 720, 640, 360) == (640, 360)
    assert fit(720, 1280, 640, 360) == (202, 360)
    assert fit(480, 360, 1920, 1080) == (480, 360)


def test_sizes_are_even_and_never_zero() -> None:
    assert fit(1281, 721, 9999, 9999) == (1280, 720)
    assert fit(4000, 2, 640, 360) == (640, 2)


def test_cells_are_nearly_square() -> None:
    assert grid_size(1280, 720) == (80, 45)
    assert grid_size(480, 360) == (80, 60)
    assert grid_size(3200, 9) == (80, 1)
