"""The still part of a view: everything but the people."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from heatwall.simulator.scene_camera import FloorCamera, Points
from heatwall.simulator.scene_canvas import Canvas, level, upright
from heatwall.simulator.scene_decor import wall
from heatwall.simulator.scene_floor import (
    ceiling_corners,
    ceiling_picture,
    floor_picture,
    rug_tint,
)
from heatwall.simulator.scene_palette import Palette
from heatwall.simulator.store import Board, Layout, Paint, Solid
from heatwall.values import ByteArray

_WALL_M = 3.3
"""Height of the walls."""

_STREET_M = 3.0
"""Distance of the houses across the street behind the back wall: near, so that they are seen."""

_BAY_M = 1.3
"""Long faces are painted in bays of about this length, each at its own resolution."""

_GLOSS = 0.2
"""Share of the mirrored furniture in the polished floor's colour."""


@dataclass(frozen=True, slots=True)
class Occluder:
    """Something still that people can be hidden behind.

    Attributes:
        footprint: Left, right, near, far edge on the floor in metres.
        box: Left, top, right, bottom of its outline in pixels.
        alpha: uint8 (bottom - top, right - left): 255 where it hides, less where it is glass.
    """

    footprint: tuple[float, float, float, float]
    box: tuple[int, int, int, int]
    alpha: ByteArray


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A painted empty shop.

    Attributes:
        picture: uint8 (height, width, 3) BGR, read-only.
        occluders: What can hide people, farthest first.
    """

    picture: ByteArray
    occluders: tuple[Occluder, ...]


Face = tuple[Points, Paint, float, float, float]
"""Corners in metres, painter, width and height of the face in metres, brightness."""


def _bays(start: Points, end: Points) -> list[tuple[Points, Points]]:
    """Cut the line from `start` to `end` into bays of about equal length."""
    count = max(1, round(float(np.linalg.norm(end - start)) / _BAY_M))
    marks = [start + (end - start) * i / count for i in range(count + 1)]
    return list(pairwise(marks))


def _sides(solid: Solid, camera_x: float) -> list[Face]:
    """The faces of a solid that the camera sees, far ones first."""
    (x0, x1), (y0, y1), (z0, z1) = solid.x, solid.y, solid.z
    faces: list[Face] = []
    x = x0 if camera_x < x0 else x1 if camera_x > x1 else None
    if x is not None:
        ends = (np.array([x, y1]), np.array([x, y0]))
        for far, near in _bays(*ends):
            first, second = (far, near) if x == x1 else (near, far)
            corners = upright((first[0], first[1]), (second[0], second[1]), (z0, z1))
            length = float(np.linalg.norm(far - near))
            faces.append((corners, solid.side, length, z1 - z0, 0.82 if x == x1 else 0.9))
    ends = (np.array([x0, y0]), np.array([x1, y0]))
    for left, right in _bays(*ends) if solid.has_bays else [ends]:
        corners = upright((left[0], left[1]), (right[0], right[1]), (z0, z1))
        length = float(np.linalg.norm(left - right))
        faces.append((corners, solid.front, length, z1 - z0, 0.97))
    return faces


def _paint_solid(
    canvas: Canvas, solid: Solid, seed: int, palette: Palette, mask: ByteArray | None
) -> None:
    """Paint one solid; the same seed gives the same goods in the mirror image on the floor."""
    rng = np.random.default_rng(seed)
    for corners, paint, width, height, light in _sides(solid, 0.0):
        canvas.face(corners, paint(rng, palette, width, height), light, mask)
    if solid.z[1] < canvas.camera.height_m:
        width, depth = solid.x[1] - solid.x[0], solid.y[1] - solid.y[0]
        top = solid.top(rng, palette, width, depth)
        canvas.face(level(solid.x, solid.y, solid.z[1]), top, 1.05, mask)


def _paint_outside(canvas: Canvas, layout: Layout, seed: int, palette: Palette) -> None:
    """Paint the street behind the back wall, where there is one, and the ceiling."""
    rng = np.random.default_rng(seed)
    if layout.outside is not None:
        far = layout.back_m + _STREET_M
        street = layout.outside(rng, palette, 22.0, 4.4)
        canvas.face(upright((-11, far), (11, far), (0.0, 4.4)), street)
    canvas.face(ceiling_corners(layout), ceiling_picture(layout, palette))


def _paint_walls(
    canvas: Canvas, layout: Layout, seed: int, palette: Palette, mask: ByteArray
) -> list[Occluder | None]:
    """Paint the three walls; return them as occluders, as people may be in the street."""
    rng = np.random.default_rng(seed)
    left, right = layout.walls_m
    back = layout.back_m
    heights = (0.0, _WALL_M)
    texture = wall(rng, palette, back - 1, _WALL_M)
    facade = layout.back(np.random.default_rng(seed), palette, right - left, _WALL_M)
    occluders = []
    for corners, face, light, footprint in (
        (
            upright((left, back), (right, back), heights),
            facade,
            0.98,
            (left, right, back - 0.05, back + 0.05),
        ),
        (upright((left, 1.0), (left, back), heights), texture, 0.88, (left - 0.1, left, 1.0, back)),
        (
            upright((right, back), (right, 1.0), heights),
            texture,
            0.82,
            (right, right + 0.1, 1.0, back),
        ),
    ):
        mask[:] = 0
        canvas.face(corners, face, light, mask)
        occluders.append(_shrink(mask, footprint))
    return occluders


def _shadows(layout: Layout, camera: FloorCamera) -> ByteArray:
    """Paint the soft darkness around the feet of furniture and walls: uint8, 255 is unshaded."""
    shadow: ByteArray = np.full((camera.height, camera.width), 255, np.uint8)
    left, right = layout.walls_m
    patches = [(s.x, s.y, 0.16 if s.z[0] < 0.3 else 0.0) for s in layout.solids]
    patches += [((left - 1, left), (1.5, layout.back_m), 0.2)]
    patches += [((right, right + 1), (1.5, layout.back_m), 0.2)]
    for x, y, margin in patches:
        if margin == 0:
            continue
        corners = level((x[0] - margin, x[1] + margin), (y[0] - margin, y[1] + margin), 0.0)
        place = np.round(camera.project(corners)[:, :2] * 16).astype(np.int32)
        cv2.fillConvexPoly(shadow, place, 128, cv2.LINE_AA, 4)
    sigma = camera.width / 110
    return np.asarray(cv2.GaussianBlur(shadow, (0, 0), sigma), np.uint8)


def _gloss(
    layout: Layout, floor: ByteArray, camera: FloorCamera, seed: int, palette: Palette
) -> ByteArray:
    """Paint the mirror image of the furniture, blurred, as a polished floor shows it."""
    small = camera.scaled(camera.width // 2, camera.height // 2)
    layer = np.asarray(
        cv2.resize(floor, (small.width, small.height), interpolation=cv2.INTER_AREA), np.uint8
    )
    canvas = Canvas(small, layer)
    left, right = layout.walls_m
    heights = (-_WALL_M, 0.0)
    back = layout.back(np.random.default_rng(seed), palette, right - left, _WALL_M)
    place = upright((left, layout.back_m), (right, layout.back_m), heights)
    glass = np.ascontiguousarray(back[::-1])
    if glass.shape[2] == 4:
        glass[..., 3] = 255
    canvas.face(place, glass)
    for index, solid in _far_to_near(layout):
        if solid.z[0] > 0.3:
            continue
        rng = np.random.default_rng(seed + index + 10)
        for corners, paint, width, height, light in _sides(solid, 0.0):
            mirrored = corners * (1, 1, -1)
            canvas.face(mirrored, paint(rng, palette, width, height), light)
    soft = cv2.GaussianBlur(layer, (0, 0), sigmaX=camera.width / 360, sigmaY=camera.width / 200)
    return np.asarray(cv2.resize(soft, (camera.width, camera.height)), np.uint8)


def _distance(solid: Solid) -> float:
    """Floor distance from the camera to the near edge of a solid."""
    return float(np.hypot(min(max(0.0, solid.x[0]), solid.x[1]), solid.y[0]))


def _carries(lower: Solid, upper: Solid) -> bool:
    """Whether one solid stands on another."""
    x, y = sum(upper.x) / 2, sum(upper.y) / 2
    is_over = lower.x[0] < x < lower.x[1] and lower.y[0] < y < lower.y[1]
    return is_over and lower.z[1] <= upper.z[0] + 0.01


def _far_to_near(layout: Layout) -> list[tuple[int, Solid]]:
    """Solids with their numbers in the order in which they hide each other.

    The farthest is first; what stands on something comes right after it, the lowest first.
    """

    def rank(item: tuple[int, Solid]) -> tuple[float, float]:
        solid = item[1]
        below = [_distance(other) for other in layout.solids if _carries(other, solid)]
        return -min([_distance(solid), *below]), solid.z[0]

    return sorted(enumerate(layout.solids), key=rank)


def _paint_board(
    canvas: Canvas, board: Board, seed: int, palette: Palette, mask: ByteArray | None
) -> None:
    """Paint one flat picture."""
    rng = np.random.default_rng(seed)
    half = board.width / 2
    texture = board.paint(rng, palette, board.width, board.z[1] - board.z[0])
    corners = upright((board.x - half, board.y), (board.x + half, board.y), board.z)
    canvas.face(corners, texture, 1.0, mask)


def _shrink(mask: ByteArray, footprint: tuple[float, float, float, float]) -> Occluder | None:
    """Turn a full-size mask at twice the resolution into an occluder, or None when it is empty."""
    small = cv2.resize(mask, (mask.shape[1] // 2, mask.shape[0] // 2), interpolation=cv2.INTER_AREA)
    left, top, width, height = cv2.boundingRect(small)
    if width == 0:
        return None
    crop = np.ascontiguousarray(small[top : top + height, left : left + width])
    crop.flags.writeable = False
    return Occluder(footprint, (left, top, left + width, top + height), crop)


def _finish(picture: ByteArray) -> ByteArray:
    """Add the glow of bright places and the darker corners of a lens."""
    high, wide = picture.shape[:2]
    small = cv2.resize(picture, (wide // 4, high // 4), interpolation=cv2.INTER_AREA)
    glow = cv2.GaussianBlur(cv2.subtract(small, (214, 214, 214, 0)), (0, 0), wide / 130)
    lit = cv2.add(picture, cv2.resize(glow, (wide, high)))
    x = np.linspace(-1, 1, wide, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, high, dtype=np.float32)[:, None]
    lens = 1.0 - 0.13 * (x**2 + y**2) ** 1.2 / 2
    finished = np.asarray(lit * lens[..., None], np.uint8)
    finished.flags.writeable = False
    return finished


def paint_backdrop(layout: Layout, palette: Palette, seed: int) -> Backdrop:
    """Paint the empty shop at the layout's camera size, at twice the resolution inside.

    Args:
        layout: What stands where.
        palette: The colours.
        seed: Chooses the goods; the same seed paints the same picture.
    """
    camera = layout.camera
    bare = floor_picture(layout, camera, palette, np.random.default_rng(seed))
    rug_tint(bare, layout, camera, palette)
    plain_floor = np.clip(bare, 0, 255).astype(np.uint8)
    mirror = _gloss(layout, plain_floor, camera, seed, palette)
    floor = cv2.addWeighted(plain_floor, 1 - _GLOSS, mirror, _GLOSS, 0)
    floor = cv2.multiply(
        floor, cv2.cvtColor(_shadows(layout, camera), cv2.COLOR_GRAY2BGR), scale=1 / 255
    )
    large = camera.scaled(camera.width * 2, camera.height * 2)
    canvas = Canvas(large, np.asarray(cv2.resize(floor, (large.width, large.height)), np.uint8))
    mask: ByteArray = np.zeros((large.height, large.width), np.uint8)
    _paint_outside(canvas, layout, seed, palette)
    occluders = _paint_walls(canvas, layout, seed, palette, mask)
    for index, solid in _far_to_near(layout):
        mask[:] = 0
        _paint_solid(canvas, solid, seed + index + 10, palette, mask)
        if solid.is_occluder:
            occluders.append(_shrink(mask, (*solid.x, *solid.y)))
    for index, board in enumerate(sorted(layout.boards, key=lambda b: -b.y)):
        mask[:] = 0
        _paint_board(canvas, board, seed + index + 500, palette, mask)
        if board.is_occluder:
            half = board.width / 2
            edges = (board.x - half, board.x + half, board.y - 0.1, board.y + 0.1)
            occluders.append(_shrink(mask, edges))
    picture = cv2.resize(
        canvas.picture, (camera.width, camera.height), interpolation=cv2.INTER_AREA
    )
    return Backdrop(
        _finish(np.asarray(picture, np.uint8)), tuple(item for item in occluders if item)
    )
