"""Drawing of a shopping cart."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from heatwall.simulator.scene_camera import FloorCamera
from heatwall.simulator.scene_palette import Colour, rgb, shade
from heatwall.simulator.shopper_figure import Figure, Layer

_Pixels = npt.NDArray[np.float64]
"""float64 (..., 2): places in the picture."""

_LENGTH_M, _WIDTH_M, _RIM_M, _BED_M = 0.86, 0.54, 0.98, 0.48
"""Size of the basket: length and width of the rim, heights of rim and bed above the floor."""

_STEEL = rgb(0xA9B0B6)
_DARK = rgb(0x3A3E43)

_GOODS_M = ((0.2, 0.1, 0.3), (-0.18, -0.08, 0.36), (0.02, -0.12, 0.26), (-0.05, 0.12, 0.22))
"""Where goods lie in the basket: ahead of its middle, aside, and how tall they are."""

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
    size: tuple[float, float],
    heights: tuple[float, float],
    taper: float = 1.0,
    middle: tuple[float, float] = (0.0, 0.0),
) -> npt.NDArray[np.float64]:
    """Corners of a box with a tapered bed, in the cart's own frame: float64 (8, 3), bed first."""
    corners = []
    for height, share in ((heights[0], taper), (heights[1], 1.0)):
        for ahead, aside in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
            corners.append(
                (middle[0] + ahead * size[0] * share, middle[1] + aside * size[1] * share, height)
            )
    return np.array(corners)


_FRAME = np.concatenate(
    [
        _box((_LENGTH_M, _WIDTH_M), (_BED_M, _RIM_M), 0.84),
        _box((_LENGTH_M * 0.9, _WIDTH_M * 0.9), (0.05, 0.15)),
        _box((0.02, _WIDTH_M), (1.0, 1.04), middle=(-0.5, 0.0)),
        *(
            _box((0.26, 0.2), (_BED_M + 0.05, _BED_M + tall), middle=(ahead, aside))
            for ahead, aside, tall in _GOODS_M
        ),
    ]
)
"""Every corner of a cart: basket, chassis, handle, goods; eight rows each."""


def _fixed(points: _Pixels) -> npt.NDArray[np.int32]:
    """Round pixels to sixteenths."""
    return np.round(points * 16).astype(np.int32)


def _between(start: _Pixels, end: _Pixels, shares: tuple[float, ...]) -> _Pixels:
    """Places on the way from `start` to `end`: (n, 2)."""
    along = np.array(shares)[:, None]
    return np.asarray(start + (end - start) * along)


_POSTS = {True: tuple(np.linspace(0, 1, 8)), False: tuple(np.linspace(0, 1, 5))}
_RUNGS = (0.0, 0.35, 0.7)
"""Where the wires of a side stand and lie, as shares of its length and height."""


def _mesh(seen: npt.NDArray[np.float64], is_near: bool, weight: int) -> list[Layer]:
    """Wire mesh of the two sides of the basket that are nearer to the camera (or farther)."""
    depth = [-(seen[i + 4, 2] + seen[(i + 1) % 4 + 4, 2]) for i in range(4)]
    order = np.argsort(depth)
    wires, rims = [], []
    for side in order[2:] if is_near else order[:2]:
        i, j = int(side), (int(side) + 1) % 4
        low, top = (seen[i, :2], seen[j, :2]), (seen[i + 4, :2], seen[j + 4, :2])
        posts = _POSTS[is_near]
        wires.append(np.stack([_between(*low, posts), _between(*top, posts)], axis=1))
        rungs = (_between(low[0], top[0], _RUNGS), _between(low[1], top[1], _RUNGS))
        wires.append(np.stack(rungs, axis=1))
        rims.append(np.stack(top))
    colour = _STEEL if is_near else shade(_STEEL, 0.72)
    return [
        (_fixed(np.concatenate(wires)), colour, weight),
        (_fixed(np.stack(rims)), shade(colour, 1.12), weight * 2),
    ]


def _goods(cart: Cart, seen: _Pixels) -> list[Layer]:
    """Boxes that lie in the basket."""
    layers: list[Layer] = []
    for number, colour in enumerate(cart.goods[: len(_GOODS_M)]):
        box = seen[24 + number * 8 : 32 + number * 8]
        layers.append((_fixed(_hull(box)), shade(colour, 0.78), 0))
        layers.append((_fixed(box[4:]), shade(colour, 1.05), 0))
    return layers


def _hull(points: _Pixels) -> _Pixels:
    """Convex hull of some pixels."""
    return np.asarray(cv2.convexHull(points.astype(np.float32))[:, 0], np.float64)


def _chassis(seen: _Pixels, weight: int) -> list[Layer]:
    """Wheels, the frame above them, the posts that carry the basket."""
    low, high, basket = seen[8:12], seen[12:16], seen[4:8]
    ring = np.stack([high, np.roll(high, -1, axis=0)], axis=1)
    posts = np.stack([high[[0, 3]], basket[[0, 3]]], axis=1)
    wheels = np.stack([low + np.array((0.0, -weight * 2.0)), low + np.array((0.0, weight))], axis=1)
    return [
        (_fixed(wheels), _DARK, weight * 4),
        (_fixed(np.concatenate([ring, posts])), shade(_STEEL, 0.82), weight * 2),
    ]


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
    cos, sin = float(np.cos(heading)), float(np.sin(heading))
    turned = np.empty_like(_FRAME)
    turned[:, 0] = place[0] + _FRAME[:, 0] * cos - _FRAME[:, 1] * sin
    turned[:, 1] = place[1] + _FRAME[:, 0] * sin + _FRAME[:, 1] * cos
    turned[:, 2] = _FRAME[:, 2]
    projected = camera.project(turned)
    seen = projected[:, :2]
    weight = max(1, round(0.011 * camera.focal_px / float(projected[:8, 2].mean())))
    grip = _fixed(np.stack([seen[20], seen[23]])[None])
    layers: list[Layer] = [
        *_chassis(seen, weight),
        *_mesh(projected, False, weight),
        (_fixed(seen[:4]), shade(_STEEL, 0.55), 0),
        *_goods(cart, seen),
        *_mesh(projected, True, weight),
        (grip, cart.handle, weight * 4),
    ]
    hull = _hull(seen[:24])
    return Figure(tuple(layers), (_fixed(hull)[None],), hull, float(np.hypot(*place)))
