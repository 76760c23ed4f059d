"""Drawing of a shopper from joints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from heatwall.simulator.scene_camera import FloorCamera
from heatwall.simulator.scene_palette import Colour
from heatwall.simulator.shopper_look import Look
from heatwall.simulator.shopper_outfit import TONES, Outfit, View, outfit
from heatwall.simulator.shopper_pose import Joint, Pose, joints
from heatwall.values import ByteArray

Outline = npt.NDArray[np.int32]
"""int32 (n, 2): a convex polygon in sixteenths of a pixel."""

Layer = tuple[Outline, Colour, int]
"""A filled polygon (thickness 0), or lines (n, 2, 2) with their thickness in pixels."""

SHIFT = 4
"""Fractional bits of an outline, as OpenCV's drawing calls want them."""

_ARC = np.linspace(-np.pi / 2, np.pi / 2, 8)
_DIRECTIONS = np.stack([np.cos(np.arange(20) * np.pi / 10), np.sin(np.arange(20) * np.pi / 10)], 1)

_LIGHT = np.array([-0.86, -0.5])
"""Direction of the light in the picture: from the upper left."""

_SMALL_PX = 150.0
"""A body lower than this gets three tones instead of five; the rest could not be seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A shopper or a cart ready to be drawn.

    Attributes:
        layers: Polygons and lines from back to front.
        silhouette: Arrays (n, points, 2) of the outer polygons alone, in the units of `Outline`:
            their union is what the body covers.
        hull: Points that span the extent, float64 (n, 2) pixels.
        depth: Floor distance from the camera in metres.
    """

    layers: tuple[Layer, ...]
    silhouette: tuple[npt.NDArray[np.int32], ...]
    hull: npt.NDArray[np.float64]
    depth: float

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in pixels, not clipped to the picture."""
        low, high = self.hull.min(axis=0), self.hull.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


_TONES = np.array(TONES)


def _limbs(
    ends: npt.NDArray[np.float64], radii: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Outlines of limbs in all tones.

    Args:
        ends: float64 (n, 2, 2): both ends in pixels.
        radii: float64 (n, 2) pixels.

    Returns:
        float64 (n, tones, 16, 2) pixels.
    """
    along = ends[:, 1] - ends[:, 0]
    angle = np.arctan2(along[:, 1], along[:, 0])[:, None] + _ARC
    ahead = np.stack([np.cos(angle), np.sin(angle)], axis=-1)[:, None]
    reach = radii[:, None, :] * _TONES[:, 0, None]
    shift = radii[:, None, :, None] * _TONES[:, 1, None, None] * _LIGHT
    middle = (ends[:, None] + shift)[:, :, :, None]
    return np.concatenate(
        [
            middle[:, :, 1] + ahead * reach[:, :, 1, None, None],
            middle[:, :, 0] - ahead * reach[:, :, 0, None, None],
        ],
        axis=2,
    )


def _trunks(
    balls: npt.NDArray[np.float64], radii: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Outlines of trunks in all tones: the farthest point of all balls in each direction.

    Args:
        balls: float64 (n, balls, 2) pixels.
        radii: float64 (n, balls) pixels.

    Returns:
        float64 (n, tones, 20, 2) pixels.
    """
    reach = balls @ _DIRECTIONS.T + radii[..., None]
    farthest = reach.argmax(axis=1)
    rows = np.arange(len(balls))[:, None]
    hull = balls[rows, farthest] + _DIRECTIONS * radii[rows, farthest][..., None]
    middle = hull.mean(axis=1)[:, None, None]
    half_width = np.ptp(hull[..., 0], axis=1)[:, None, None, None] / 2
    size = np.stack([_TONES[:, 0], 0.35 + 0.65 * _TONES[:, 0]], axis=1)[:, None]
    shift = half_width * _TONES[:, 1, None, None] * (_LIGHT * (1, 0.4))
    return np.asarray(middle + (hull[:, None] - middle) * size + shift)


def _view(place: npt.NDArray[np.float64], pose: Pose) -> View:
    """From where the camera above the origin sees the body."""
    away = np.hypot(place[:, 0], place[:, 1])
    gaze = place[Joint.FACE] - place[Joint.HEAD]
    shows_face = gaze[0] * place[Joint.HEAD, 0] + gaze[1] * place[Joint.HEAD, 1] < 0.002
    front = -(np.cos(pose.facing) * pose.x + np.sin(pose.facing) * pose.y) / max(0.1, away[0])
    near = "L" if away[Joint.SHOULDER_L] < away[Joint.SHOULDER_R] else "R"
    behind = bool(away[Joint[f"HAND_{near}"]] > away[Joint.WAIST] + 0.08 and front < -0.6)
    return View(near, bool(front > 0), bool(shows_face), behind)


@dataclass(frozen=True, slots=True, eq=False)
class _Body:
    """One body's share of the arrays of all bodies."""

    dressed: Outfit
    tall_px: float
    depth: float


def figures(bodies: Sequence[tuple[Look, Pose]], camera: FloorCamera) -> list[Figure]:
    """Build the drawings of all shoppers of a picture at once, which is faster than one by one.

    Args:
        bodies: Body and clothes, and what the body does, of each.
        camera: The camera that looks on.
    """
    if not bodies:
        return []
    places = [joints(look, pose) for look, pose in bodies]
    seen = camera.project(np.concatenate(places))
    tall = np.repeat([look.height_m for look, _ in bodies], len(Joint))
    scale = camera.focal_px * tall / seen[:, 2]
    known = [
        _Body(
            outfit(look, _view(place, pose)),
            float(scale[number * len(Joint) + Joint.CHEST]),
            float(np.hypot(pose.x, pose.y)),
        )
        for number, ((look, pose), place) in enumerate(zip(bodies, places, strict=True))
    ]
    first = np.arange(len(known)) * len(Joint)
    limbs = np.concatenate(
        [body.dressed.limbs + row for body, row in zip(known, first, strict=True)]
    )
    trunks = np.concatenate(
        [body.dressed.trunks + row for body, row in zip(known, first, strict=True)]
    )
    limb_radii = np.concatenate([body.dressed.limb_radii for body in known]) * scale[limbs]
    trunk_radii = np.concatenate([body.dressed.trunk_radii for body in known]) * scale[trunks]
    limb_shapes = _fixed(_limbs(seen[limbs, :2], limb_radii))
    trunk_shapes = _fixed(_trunks(seen[trunks, :2], trunk_radii))
    built, limb, trunk = [], 0, 0
    for body in known:
        next_limb, next_trunk = limb + len(body.dressed.limbs), trunk + len(body.dressed.trunks)
        built.append(_figure(body, limb_shapes[limb:next_limb], trunk_shapes[trunk:next_trunk]))
        limb, trunk = next_limb, next_trunk
    return built


def _fixed(points: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """Round pixels to fractions of a pixel."""
    return np.round(points * (1 << SHIFT)).astype(np.int32)


def _figure(body: _Body, limbs: npt.NDArray[np.int32], trunks: npt.NDArray[np.int32]) -> Figure:
    """Put the outlines of one body into the order of painting."""
    step = 2 if body.tall_px < _SMALL_PX else 1
    layers: list[Layer] = []
    next_limb, next_trunk = iter(limbs), iter(trunks)
    for is_trunk, colours in zip(body.dressed.is_trunk, body.dressed.colours, strict=True):
        shapes = next(next_trunk if is_trunk else next_limb)
        layers += [(shapes[tone], colours[tone], 0) for tone in range(0, len(colours), step)]
    outer = (limbs[:, 0], trunks[:, 0])
    hull = np.concatenate([part.reshape(-1, 2) for part in outer]) / (1 << SHIFT)
    return Figure(tuple(layers), outer, hull, body.depth)


def paint_figure(picture: ByteArray, drawn: Figure) -> None:
    """Draw a figure into a BGR picture, anti-aliased, in place."""
    for outline, colour, thickness in drawn.layers:
        if thickness:
            cv2.polylines(picture, list(outline), False, colour, thickness, cv2.LINE_AA, SHIFT)
        else:
            cv2.fillConvexPoly(picture, outline, colour, cv2.LINE_AA, SHIFT)
