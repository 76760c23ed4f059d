"""The level surfaces of a view: its floor, its ceiling."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from heatwall.simulator.scene_camera import FloorCamera
from heatwall.simulator.scene_palette import Palette
from heatwall.simulator.store import Layout

Grid = npt.NDArray[np.float32]
"""float32 (height, width)."""

_TILE_M = 0.6
_SLAB_M = 1.2
_PLANK_M = (0.16, 1.5)
_JOINT_M = 0.008
"""Sizes of tiles, concrete slabs, planks (width, length) and of the joints between them."""

_PAVEMENT = (206, 210, 214)
"""Colour of the pavement outside, in daylight."""

_CEILING_M = 3.3
"""Height of the ceiling above the floor."""


def _joint(place: Grid, step: float, blur: Grid) -> Grid:
    """How much of a pixel lies on a joint (0-1) when joints repeat every `step` metres."""
    offset = np.abs((place / step + 0.5) % 1.0 - 0.5) * step
    reach = np.maximum(blur, _JOINT_M)
    strength = np.minimum(1.0, 2 * _JOINT_M / reach)
    return np.asarray(np.clip(1.0 - offset / reach, 0, 1) * strength, np.float32)


def _grain(cell_x: Grid, cell_y: Grid, rng: np.random.Generator, spread: float) -> Grid:
    """A random brightness for every tile, looked up in a small table."""
    table = rng.normal(1.0, spread, (64, 64)).astype(np.float32)
    columns = cell_x.astype(np.int32) & 63
    rows = cell_y.astype(np.int32) & 63
    return np.asarray(table[rows, columns], np.float32)


def _pattern(
    x: Grid, y: Grid, blur: Grid, kind: str, rng: np.random.Generator
) -> tuple[Grid, Grid]:
    """Brightness of the floor and share of joint, per pixel."""
    if kind == "plank":
        wide, long = _PLANK_M
        column = np.floor(x / wide)
        shift = (column * 0.61803) % 1.0 * long
        tone = _grain(column + 64, np.floor((y + shift) / long) + 64, rng, 0.05)
        tone = tone * (1 + 0.02 * np.sin(x * 170 + 3 * np.sin(y * 2.3)) * (blur < 0.012))
        joint = np.maximum(_joint(x, wide, blur), _joint(y + shift, long, blur * 2))
        return np.asarray(tone, np.float32), np.asarray(joint * 0.7, np.float32)
    step = _TILE_M if kind == "tile" else _SLAB_M
    tone = _grain(np.floor(x / step) + 64, np.floor(y / step) + 64, rng, 0.018)
    joint = np.maximum(_joint(x, step, blur), _joint(y, step, blur * 2))
    return tone, np.asarray(joint, np.float32)


def _lamp_light(layout: Layout, camera: FloorCamera) -> Grid:
    """Brightness of the floor under rows of ceiling lamps; painted small, as it is smooth."""
    small = camera.scaled(camera.width // 4, camera.height // 4)
    x, y, _ = small.floor_grid()
    across = sum(
        np.exp(-np.minimum(((x - lamp) / 1.1) ** 2, 30))
        for lamp in np.arange(layout.walls_m[0] + 1.5, layout.walls_m[1], 2.6)
    )
    along = sum(
        np.exp(-np.minimum(((y - lamp) / 1.5) ** 2, 30))
        for lamp in np.arange(4.0, layout.back_m, 2.8)
    )
    light = (0.95 + 0.08 * np.minimum(across * along, 1.2)).astype(np.float32)
    return np.asarray(cv2.resize(light, (camera.width, camera.height)), np.float32)


def floor_picture(
    layout: Layout, camera: FloorCamera, palette: Palette, rng: np.random.Generator
) -> Grid:
    """Paint the bare floor: joints that fade with distance, light pools under ceiling lamps.

    Returns:
        float32 (height, width, 3), 0-255, BGR; rows above the horizon hold the wall colour.
    """
    wide_x, wide_y, is_floor = camera.floor_grid()
    x, y = wide_x.astype(np.float32), wide_y.astype(np.float32)
    blur = np.minimum(np.hypot(x, y) / camera.focal_px, 2.0).astype(np.float32)
    tone, joint = _pattern(x, y, blur, palette.floor, rng)
    fade = np.exp(-np.maximum(0, y - 4) / 14)[..., None]
    base = np.array(palette.floor_base, np.float32)
    colour = base * tone[..., None]
    colour += joint[..., None] * fade * (np.array(palette.floor_line, np.float32) - base)
    if layout.outside is not None:
        colour[y > layout.back_m] = _PAVEMENT
    colour *= _lamp_light(layout, camera)[..., None]
    colour[~is_floor] = palette.wall
    return np.asarray(colour, np.float32)


def rug_tint(picture: Grid, layout: Layout, camera: FloorCamera, palette: Palette) -> None:
    """Lay the dark mats of the layout on a floor picture, in place."""
    for (left, near), (right, far) in layout.rugs:
        corners = np.array(
            [(left, near, 0), (right, near, 0), (right, far, 0), (left, far, 0)], np.float64
        )
        place = np.round(camera.project(corners)[:, :2] * 16).astype(np.int32)
        cv2.fillPoly(
            picture, [place], tuple(part * 0.9 + 14 for part in palette.frame), cv2.LINE_AA, 4
        )
        inner = place.mean(axis=0) + (place - place.mean(axis=0)) * 0.94
        cv2.polylines(
            picture,
            [inner.astype(np.int32)],
            True,
            tuple(part * 1.3 + 24 for part in palette.frame),
            1,
            cv2.LINE_AA,
            4,
        )


def ceiling_picture(layout: Layout, palette: Palette) -> npt.NDArray[np.uint8]:
    """Paint the ceiling as a flat texture, 60 texels a metre, seen from below.

    Returns:
        uint8 (h, w, 3) that spans the walls from y = 1 m (bottom row) to the back wall (top row).
    """
    per_m = 60
    wide = round((layout.walls_m[1] - layout.walls_m[0]) * per_m)
    high = round((layout.back_m - 1) * per_m)
    face = np.empty((high, wide, 3), np.uint8)
    face[:] = [round(part * 0.9) for part in palette.wall]
    for x in range(0, wide, per_m * 6 // 5):
        cv2.line(face, (x, 0), (x, high), [round(part * 0.8) for part in palette.wall], 2)
    for y in range(0, high, per_m * 6 // 5):
        cv2.line(face, (0, y), (wide, y), [round(part * 0.8) for part in palette.wall], 2)
    for x in range(round(1.5 * per_m), wide, round(2.6 * per_m)):
        for y in range(round(1.0 * per_m), high, round(2.8 * per_m)):
            cv2.rectangle(face, (x - 18, y - 40), (x + 18, y + 40), (255, 254, 250), -1)
    return face


def ceiling_corners(layout: Layout) -> npt.NDArray[np.float64]:
    """Corners of the ceiling in metres: far left, far right, near right, near left."""
    left, right = layout.walls_m
    return np.array(
        [
            (left, layout.back_m, _CEILING_M),
            (right, layout.back_m, _CEILING_M),
            (right, 1.0, _CEILING_M),
            (left, 1.0, _CEILING_M),
        ],
        np.float64,
    )
