"""Drawing of a shopper from joints."""

from __future__ import annotations

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
_RING = np.stack([np.cos(np.arange(12) * np.pi / 6), np.sin(np.arange(12) * np.pi / 6)], axis=1)

_LIGHT = np.array([-0.86, -0.5])
"""Direction of the light in the picture: from the upper left."""

_SMALL_PX = 150.0
"""A body lower than this gets three tones instead of five; the rest could not be seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A shopper or a cart ready to be drawn.

    Attributes:
        layers: Polygons and lines from back to front.
        silhouette: The outer polygons alone: their union is what the body covers.
        hull: Points that span the extent, float64 (n, 2) pixels.
        depth: Floor distance from the camera in metres.
    """

    layers: tuple[Layer, ...]
    silhouette: tuple[Outline, ...]
    hull: npt.NDArray[np.float64]
    depth: float

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in pixels, not clipped to the picture."""
        low, high = self.hull.min(axis=0), self.hull.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _limbs(
    dressed: Outfit,
    seen: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64],
    tones: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Outlines of all limbs in all tones: float64 (limbs, tones, 16, 2) pixels."""
    first, last = dressed.limbs[:, 0], dressed.limbs[:, 1]
    start, end = seen[first, :2], seen[last, :2]
    angle = np.arctan2(end[:, 1] - start[:, 1], end[:, 0] - start[:, 0])[:, None] + _ARC
    ahead = np.stack([np.cos(angle), np.sin(angle)], axis=-1)[:, None]
    radius_a = (dressed.radii[:, 0] * scale[first])[:, None] * tones[None, :, 0]
    radius_b = (dressed.radii[:, 1] * scale[last])[:, None] * tones[None, :, 0]
    shift_a = (dressed.radii[:, 0] * scale[first])[:, None, None] * tones[None, :, 1:2] * _LIGHT
    shift_b = (dressed.radii[:, 1] * scale[last])[:, None, None] * tones[None, :, 1:2] * _LIGHT
    return np.concatenate(
        [
            (end[:, None] + shift_b)[:, :, None] + ahead * radius_b[..., None, None],
            (start[:, None] + shift_a)[:, :, None] - ahead * radius_a[..., None, None],
        ],
        axis=2,
    )


def _trunk(
    rows: npt.NDArray[np.int32],
    radii: npt.NDArray[np.float64],
    seen: npt.NDArray[np.float64],
    tones: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Outlines of one trunk in all tones: float64 (tones, n, 2) pixels."""
    rings = (seen[rows, None, :2] + _RING[None] * radii[:, None, None]).reshape(-1, 2)
    hull = cv2.convexHull(rings.astype(np.float32))[:, 0].astype(np.float64)
    middle = hull.mean(axis=0)
    half_width = float(np.ptp(hull[:, 0])) / 2
    spread = (hull - middle) * np.stack([tones[:, 0], 0.35 + 0.65 * tones[:, 0]], 1)[:, None]
    return np.asarray(
        middle + spread + (tones[:, 1] * half_width)[:, None, None] * _LIGHT * (1, 0.4)
    )


def _view(place: npt.NDArray[np.float64], pose: Pose) -> View:
    """From where the camera above the origin sees the body."""
    away = np.hypot(place[:, 0], place[:, 1])
    gaze = place[Joint.FACE] - place[Joint.HEAD]
    shows_face = gaze[0] * place[Joint.HEAD, 0] + gaze[1] * place[Joint.HEAD, 1] < 0.002
    front = -(np.cos(pose.facing) * pose.x + np.sin(pose.facing) * pose.y) / max(0.1, away[0])
    near = "L" if away[Joint.SHOULDER_L] < away[Joint.SHOULDER_R] else "R"
    behind = bool(away[Joint[f"HAND_{near}"]] > away[Joint.WAIST] + 0.08 and front < -0.6)
    return View(near, bool(front > 0), bool(shows_face), behind)


def figure(look: Look, pose: Pose, camera: FloorCamera) -> Figure:
    """Build the drawing of a shopper.

    Args:
        look: Body and clothes.
        pose: What the body does.
        camera: The camera that looks on.
    """
    place = joints(look, pose)
    seen = camera.project(place)
    scale = camera.focal_px * look.height_m / seen[:, 2]
    dressed = outfit(look, _view(place, pose))
    chosen = TONES[::2] if scale[Joint.CHEST] < _SMALL_PX else TONES
    step = 2 if len(chosen) < len(TONES) else 1
    tones = np.array(chosen)
    limbs = _limbs(dressed, seen, scale, tones)
    limbs_fixed = np.round(limbs * 16).astype(np.int32)
    layers: list[Layer] = []
    silhouette: list[Outline] = []
    extent = [limbs[:, 0].reshape(-1, 2)]
    number = 0
    for trunk, colours in zip(dressed.trunks, dressed.colours, strict=True):
        if trunk is None:
            shapes = limbs_fixed[number]
            number += 1
        else:
            rows, radii = trunk
            outlines = _trunk(rows, radii * scale[rows], seen, tones)
            extent.append(outlines[0])
            shapes = np.round(outlines * 16).astype(np.int32)
        silhouette.append(shapes[0])
        layers.extend(
            (shape, colour, 0) for shape, colour in zip(shapes, colours[::step], strict=True)
        )
    return Figure(
        tuple(layers),
        tuple(silhouette),
        np.concatenate(extent),
        float(np.hypot(pose.x, pose.y)),
    )


def paint_figure(picture: ByteArray, drawn: Figure) -> None:
    """Draw a figure into a BGR picture, anti-aliased, in place."""
    for outline, colour, thickness in drawn.layers:
        if thickness:
            cv2.polylines(picture, outline, False, colour, thickness, cv2.LINE_AA, SHIFT)
        else:
            cv2.fillConvexPoly(picture, outline, colour, cv2.LINE_AA, SHIFT)
