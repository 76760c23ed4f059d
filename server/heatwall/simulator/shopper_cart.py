"""Drawing of a shopping cart."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from heatwall.simulator.scene_camera import FloorCamera
from heatwall.simulator.scene_palette import Colour, rgb, shade
from heatwall.simulator.shopper_figure import Figure, Outline

_LENGTH_M, _WIDTH_M, _RIM_M, _BED_M = 0.86, 0.54, 0.98, 0.48
"""Size of the basket: length and width of the rim, heights of rim and bed above the floor."""

_STEEL = rgb(0xA9B0B6)
_DARK = rgb(0x3A3E43)

LEAD_M = 0.78
"""Distance from the shopper's middle to the cart's middle."""


@dataclass(frozen=True, slots=True)
class Cart:
    """One cart.

    Attributes:
        handle: Colour of the handle.
        goods: Colours of what lies in it.
    """

    handle: Colour
    goods: tuple[Colour, ...]


def _box(
    centre: tuple[float, float], turn: tuple[float, float], size: tuple[float, float],
    heights: tuple[float, float], taper: float = 1.0,
) -> npt.NDArray[np.float64]:
    """Corners of a box with a tapered bed: float64 (8, 3), bed first, anticlockwise."""
    cos, sin = turn
    corners = []
    for height, share in ((heights[0], taper), (heights[1], 1.0)):
        for ahead, aside in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
            f, a = ahead * size[0] * share, aside * size[1] * share
            corners.append((centre[0] + f * cos - a * sin, centre[1] + f * sin + a * cos, height))
    return np.array(corners)


def _fixed(points: npt.NDArray[np.float64]) -> Outline:
    """Round pixels to sixteenths."""
    return np.round(points * 16).astype(np.int32)


def _bar(start: npt.NDArray[np.float64], end: npt.NDArray[np.float64], width: float) -> Outline:
    """Outline of a thin bar between two pixels."""
    along = end - start
    aside = np.array([-along[1], along[0]]) / max(1e-6, float(np.hypot(*along))) * width / 2
    return _fixed(np.stack([start + aside, end + aside, end - aside, start - aside]))


def _panels(
    seen: npt.NDArray[np.float64], width: float, near: bool
) -> list[tuple[Outline, Colour]]:
    """Wire mesh of the basket's sides that face away from (or towards) the camera."""
    layers: list[tuple[Outline, Colour]] = []
    depths = seen[4:, 2]
    order = np.argsort([-(depths[i] + depths[(i + 1) % 4]) for i in range(4)])
    colour = _STEEL if near else shade(_STEEL, 0.72)
    for index in order[2:] if near else order[:2]:
        i, j = int(index), (int(index) + 1) % 4
        low_a, low_b, top_a, top_b = seen[i, :2], seen[j, :2], seen[i + 4, :2], seen[j + 4, :2]
        for share in np.linspace(0, 1, 8 if near else 5):
            layers.append(
                (
                    _bar(low_a + (low_b - low_a) * share, top_a + (top_b - top_a) * share, width),
                    colour,
                )
            )
        for share in (0.0, 0.35, 0.7):
            layers.append(
                (
                    _bar(low_a + (top_a - low_a) * share, low_b + (top_b - low_b) * share, width),
                    colour,
                )
            )
        layers.append((_bar(top_a, top_b, width * 1.9), shade(colour, 1.12)))
    return layers


def _goods(
    cart: Cart, centre: tuple[float, float], turn: tuple[float, float], camera: FloorCamera
) -> list[tuple[Outline, Colour]]:
    """Boxes that lie in the basket."""
    layers: list[tuple[Outline, Colour]] = []
    cos, sin = turn
    spots = ((0.2, 0.1, 0.3), (-0.18, -0.08, 0.36), (0.02, -0.12, 0.26), (-0.05, 0.12, 0.22))
    for colour, (ahead, aside, tall) in zip(cart.goods, spots, strict=False):
        middle = (
            centre[0] + ahead * cos - aside * sin, centre[1] + ahead * sin + aside * cos
        )
        box = camera.project(_box(middle, turn, (0.26, 0.2), (_BED_M + 0.05, _BED_M + tall)))
        top = box[4:, :2]
        body = _hull(box[:, :2])
        layers += [(_fixed(body), shade(colour, 0.78)), (_fixed(top), shade(colour, 1.05))]
    return layers


def _hull(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Convex hull of a few points by angle around their middle (they form a box)."""
    return np.asarray(cv2.convexHull(points.astype(np.float32))[:, 0], np.float64)


def cart_figure(
    cart: Cart, place: tuple[float, float], heading: float, camera: FloorCamera
) -> Figure:
    """Build the drawing of a cart.

    Args:
        cart: Its colours.
        place: Middle of the cart on the floor in metres.
        heading: Direction of travel in radians.
        camera: The camera that looks on.
    """
    turn = (float(np.cos(heading)), float(np.sin(heading)))
    seen = camera.project(_box(place, turn, (_LENGTH_M, _WIDTH_M), (_BED_M, _RIM_M), 0.84))
    base = camera.project(_box(place, turn, (_LENGTH_M * 0.9, _WIDTH_M * 0.9), (0.06, 0.16)))
    width = max(0.9, 0.011 * camera.focal_px / float(seen[:, 2].mean()))
    layers: list[tuple[Outline, Colour]] = []
    for i in range(4):
        j = (i + 1) % 4
        layers.append((_bar(base[i + 4, :2], base[j + 4, :2], width * 2), shade(_STEEL, 0.8)))
        wheel = base[i, :2] + (0, -width)
        layers.append((_bar(wheel + (0, -width * 3), wheel + (0, width), width * 4), _DARK))
    for i in (0, 3):
        layers.append((_bar(base[i + 4, :2], seen[i + 4, :2], width * 2.2), shade(_STEEL, 0.85)))
    layers += _panels(seen, width, near=False)
    layers.append((_fixed(seen[:4, :2]), shade(_STEEL, 0.55)))
    layers += _goods(cart, place, turn, camera)
    layers += _panels(seen, width, near=True)
    grip = camera.project(
        _box(
            (place[0] - turn[0] * 0.5, place[1] - turn[1] * 0.5), turn, (0.02, _WIDTH_M),
            (1.0, 1.04),
        )
    )
    layers.append((_bar(grip[4, :2], grip[7, :2], width * 4), cart.handle))
    hull = np.concatenate([seen[:, :2], base[:, :2], grip[:, :2]])
    outer = (_fixed(_hull(hull)),)
    return Figure(tuple(layers), outer, hull, float(np.hypot(*place)))
