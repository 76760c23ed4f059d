"""The words in which a simulated shop is described."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from heatwall.shapes import Side
from heatwall.simulator.scene_camera import FloorCamera
from heatwall.simulator.scene_palette import Palette
from heatwall.values import ByteArray

Paint = Callable[[np.random.Generator, Palette, float, float], ByteArray]
"""Paints a flat face: (generator, palette, width in m, height in m) -> uint8 (h, w, 3) BGR, or
(h, w, 4) with alpha."""

Place = tuple[float, float]
"""A place on the floor in metres, or a point of the picture 0-1, as its holder says."""


@dataclass(frozen=True, slots=True)
class Solid:
    """A box that stands or hangs in the shop.

    Attributes:
        x: Left and right edge in metres.
        y: Near and far edge in metres.
        z: Lower and upper edge in metres.
        front: Paints the face towards the camera.
        side: Paints the left and right faces.
        top: Paints the upper face.
        is_occluder: True when people can be hidden behind it.
        has_bays: True when a wide front repeats bay by bay, False for one picture such as a sign.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    z: tuple[float, float]
    front: Paint
    side: Paint
    top: Paint
    is_occluder: bool = True
    has_bays: bool = True


@dataclass(frozen=True, slots=True)
class Board:
    """A flat picture with alpha that stands upright and faces the camera.

    Attributes:
        x: Centre in metres.
        y: Distance in metres.
        z: Lower and upper edge in metres.
        width: Width in metres.
        paint: Paints it, with alpha.
        is_occluder: True when people can be hidden behind it.
    """

    x: float
    y: float
    z: tuple[float, float]
    width: float
    paint: Paint
    is_occluder: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """One place of a route.

    Attributes:
        at: The place in metres.
        pause_s: Shortest and longest pause there; (0, 0) is a place that is only passed.
        look: What a pausing shopper faces, in metres, or None to keep the direction of walking.
        spread_m: How far the actual place may lie from `at`.
        is_slot: True for a place in a queue: it is left when the next one becomes free.
    """

    at: Place
    pause_s: tuple[float, float] = (0.0, 0.0)
    look: Place | None = None
    spread_m: float = 0.15
    is_slot: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """A way through the picture, from out of sight to out of sight.

    Attributes:
        stops: The places in order.
        weight: How often it is chosen, relative to the others.
        cart_share: The share of its shoppers who push a cart, 0-1.
        is_queue: True when its shoppers follow each other through slots at equal intervals.
    """

    stops: tuple[Stop, ...]
    weight: float = 1.0
    cart_share: float = 0.0
    is_queue: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A counting line of a layout, in metres on the floor; `inside` as seen in the picture."""

    name: str
    start: Place
    end: Place
    inside: Side


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone of a layout, in metres on the floor."""

    name: str
    corners: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """One view of the shop: what stands in it, and where people go.

    Attributes:
        camera: The camera.
        back_m: Distance of the back wall.
        walls_m: x of the left and of the right wall.
        back: Paints the back wall; where its alpha is below 1, the outside shows through.
        outside: Paints what lies behind the back wall, or None.
        solids: The boxes.
        boards: The flat pictures.
        routes: The ways of the shoppers.
        staff: Places where somebody of the staff stands, and what they look at.
        lines: The counting lines.
        zones: The zones.
        crowd: How many people are in the picture on average.
        rugs: Dark mats on the floor: near-left and far-right corner in metres.
    """

    camera: FloorCamera
    back_m: float
    walls_m: tuple[float, float]
    back: Paint
    routes: tuple[Route, ...]
    solids: tuple[Solid, ...] = ()
    boards: tuple[Board, ...] = ()
    outside: Paint | None = None
    staff: tuple[tuple[Place, Place], ...] = ()
    lines: tuple[Line, ...] = ()
    zones: tuple[Zone, ...] = ()
    crowd: float = 8.0
    rugs: tuple[tuple[Place, Place], ...] = field(default=())
