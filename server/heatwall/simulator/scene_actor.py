"""One moving thing in a picture: its drawing, its shadow, what stands before it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from heatwall.simulator.scene_backdrop import Occluder
from heatwall.simulator.scene_camera import FloorCamera
from heatwall.simulator.shopper_figure import Figure, paint_figure
from heatwall.simulator.store import Place
from heatwall.values import ByteArray

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels; right and bottom are outside."""


@dataclass(frozen=True, slots=True, eq=False)
class Actor:
    """A person or a cart at one moment.

    Attributes:
        thing: Its id.
        kind: Its class number.
        drawn: Its figure.
        at: Its place on the floor in metres.
        reach_m: Radius of its shadow on the floor in metres.
        hidden_by: The still things between the camera and it.
    """

    thing: int
    kind: int
    drawn: Figure
    at: Place
    reach_m: float
    hidden_by: tuple[Occluder, ...]


class Hiding:
    """Tells which still things stand between the camera and a place on the floor.

    Args:
        occluders: The still things.
    """

    def __init__(self, occluders: tuple[Occluder, ...]) -> None:
        self._occluders = occluders
        edges = np.array([item.footprint for item in occluders], np.float64).reshape(-1, 2, 2)
        self._edges = edges.transpose(1, 2, 0)

    def before(self, at: Place) -> tuple[Occluder, ...]:
        """Return the occluders whose footprint the line from the camera to `at` crosses."""
        goal = np.array(at)
        goal = np.where(np.abs(goal) < 1e-6, 1e-6, goal)[:, None, None]
        shares = self._edges / goal
        enter = shares.min(axis=1).max(axis=0)
        leave = shares.max(axis=1).min(axis=0)
        crossed = (np.maximum(enter, 0) < np.minimum(leave, 1)) & (enter < 0.999)
        return tuple(self._occluders[int(i)] for i in np.flatnonzero(crossed))


def shadow_stamp() -> ByteArray:
    """Paint a contact shadow: uint8 (48, 96, 3), 255 is unshaded."""
    y, x = np.mgrid[-1:1:48j, -1:1:96j]
    fall = np.clip(1 - np.hypot(x, y), 0, 1) ** 1.3
    grey = np.asarray(255 - 150 * fall, np.uint8)
    return np.asarray(cv2.merge([grey, grey, grey]), np.uint8)


def clipped(extent: tuple[float, float, float, float], width: int, height: int) -> Box:
    """Whole pixels around an extent, inside a picture."""
    return (
        max(0, int(extent[0]) - 2),
        max(0, int(extent[1]) - 2),
        min(width, int(extent[2]) + 3),
        min(height, int(extent[3]) + 3),
    )


def common_part(first: Box, second: Box) -> Box | None:
    """The common part of two boxes, or None."""
    left, top = max(first[0], second[0]), max(first[1], second[1])
    right, bottom = min(first[2], second[2]), min(first[3], second[3])
    return (left, top, right, bottom) if right > left and bottom > top else None


def alpha_part(item: Occluder, part: Box) -> ByteArray:
    """The piece of an occluder's alpha inside `part`, which lies inside its box."""
    left, top = item.box[:2]
    return item.alpha[part[1] - top : part[3] - top, part[0] - left : part[2] - left]


class _Cover:
    """What stands before a thing, lifted off while the thing is painted."""

    def __init__(self, canvas: ByteArray, hidden_by: tuple[Occluder, ...], box: Box) -> None:
        self._canvas = canvas
        self._lifted = []
        for item in hidden_by:
            part = common_part(item.box, box)
            if part is not None:
                left, top, right, bottom = part
                self._lifted.append((item, part, canvas[top:bottom, left:right].copy()))

    def put_back(self) -> None:
        """Blend the lifted pixels back by the occluders' alpha."""
        for item, part, before in self._lifted:
            left, top, right, bottom = part
            share = (alpha_part(item, part).astype(np.float32) / 255)[..., None]
            region = self._canvas[top:bottom, left:right]
            region[:] = (region * (1 - share) + before * share + 0.5).astype(np.uint8)


def paint_actor(canvas: ByteArray, actor: Actor) -> None:
    """Draw a thing into a BGR picture behind what hides it, in place."""
    box = clipped(actor.drawn.extent, canvas.shape[1], canvas.shape[0])
    cover = _Cover(canvas, actor.hidden_by, box)
    paint_figure(canvas, actor.drawn)
    cover.put_back()


def paint_shadow(canvas: ByteArray, actor: Actor, stamp: ByteArray, camera: FloorCamera) -> None:
    """Darken the floor under a thing, in place."""
    x, y = actor.at[0] + 0.05, actor.at[1]
    reach = actor.reach_m
    rim = np.array([(x - reach, y, 0), (x + reach, y, 0), (x, y - reach, 0), (x, y + reach, 0)])
    seen = np.round(camera.project(rim)[:, :2]).astype(int)
    outer = (int(seen[0, 0]), int(seen[3, 1]), int(seen[1, 0]), int(seen[2, 1]))
    inner = common_part(outer, (0, 0, canvas.shape[1], canvas.shape[0]))
    if inner is None or outer[2] - outer[0] < 3 or outer[3] - outer[1] < 3:
        return
    left, top, right, bottom = inner
    sized = cv2.resize(stamp, (outer[2] - outer[0], outer[3] - outer[1]))
    part = sized[top - outer[1] : bottom - outer[1], left - outer[0] : right - outer[0]]
    cover = _Cover(canvas, actor.hidden_by, inner)
    region = canvas[top:bottom, left:right]
    region[:] = cv2.multiply(region, part, scale=1 / 255)
    cover.put_back()
