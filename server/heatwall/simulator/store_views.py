"""Which view of the shop each simulated camera has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from heatwall.shapes import Side
from heatwall.simulator.scene import Scene
from heatwall.simulator.scene_palette import PALETTES, Palette, random_palette
from heatwall.simulator.store import Layout, Line, Place, Route, Solid, Stop, Zone
from heatwall.simulator.store_aisles import aisles
from heatwall.simulator.store_checkout import checkout
from heatwall.simulator.store_entrance import entrance
from heatwall.simulator.store_promotion import promotion

_KINDS: tuple[tuple[str, Callable[[], Layout], int], ...] = (
    ("Entrance", entrance, 0),
    ("Aisles", aisles, 2),
    ("Checkout", checkout, 1),
    ("Promotion", promotion, 4),
)
"""Name, layout, palette of the first four cameras; the rest are variants of these."""

_SEED = 100
"""Seed of the first camera; the training uses seeds from a million on."""


@dataclass(frozen=True, slots=True)
class PictureLine:
    """A counting line in the picture.

    Attributes:
        name: As in a config file.
        start: One end, 0-1.
        end: The other end, 0-1.
        inside: The side that counts as inside.
    """

    name: str
    start: Place
    end: Place
    inside: Side


@dataclass(frozen=True, slots=True)
class PictureZone:
    """A zone in the picture.

    Attributes:
        name: As in a config file.
        polygon: Its corners, 0-1.
    """

    name: str
    polygon: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class StoreView:
    """What one simulated camera looks at.

    Attributes:
        key: Id fit for a config file, such as `entrance` or `aisles-2`.
        name: Name for people, such as `Entrance`.
        layout: What stands where, with the camera.
        palette: The colours.
        seed: Chooses goods, shoppers, visits.
        crowd: How full the shop is, relative to the layout's own number of people.
        lines: The counting lines as seen in the picture.
        zones: The zones as seen in the picture.
    """

    key: str
    name: str
    layout: Layout
    palette: Palette
    seed: int
    crowd: float
    lines: tuple[PictureLine, ...]
    zones: tuple[PictureZone, ...]

    def scene(self, loop_s: float) -> Scene:
        """Build the scene of this view for a loop of `loop_s` seconds."""
        return Scene(self.layout, self.palette, loop_s, self.seed, self.crowd)


def _flip(place: Place) -> Place:
    """Mirror a place left to right."""
    return -place[0], place[1]


def _flip_solid(solid: Solid) -> Solid:
    """Mirror a box left to right."""
    return replace(solid, x=(-solid.x[1], -solid.x[0]))


def _flip_route(route: Route) -> Route:
    """Mirror a route left to right."""

    def flip(stop: Stop) -> Stop:
        look = _flip(stop.look) if stop.look else None
        return replace(stop, at=_flip(stop.at), look=look)

    return replace(route, stops=tuple(flip(stop) for stop in route.stops))


_OTHER_SIDE: dict[Side, Side] = {
    "left": "right",
    "right": "left",
    "above": "above",
    "below": "below",
}


def mirrored(layout: Layout) -> Layout:
    """Return the mirror image of a layout; lettering is not mirrored."""
    return replace(
        layout,
        camera=replace(layout.camera, yaw_deg=-layout.camera.yaw_deg),
        walls_m=(-layout.walls_m[1], -layout.walls_m[0]),
        solids=tuple(_flip_solid(solid) for solid in layout.solids),
        boards=tuple(replace(board, x=-board.x) for board in layout.boards),
        routes=tuple(_flip_route(route) for route in layout.routes),
        staff=tuple((_flip(place), _flip(look)) for place, look in layout.staff),
        lines=tuple(
            Line(line.name, _flip(line.start), _flip(line.end), _OTHER_SIDE[line.inside])
            for line in layout.lines
        ),
        zones=tuple(
            Zone(z.name, tuple(_flip(corner) for corner in z.corners)) for z in layout.zones
        ),
        rugs=tuple(((-b[0], a[1]), (-a[0], b[1])) for a, b in layout.rugs),
    )


def _shaken(layout: Layout, rng: np.random.Generator, amount: float) -> Layout:
    """Hang the camera a little differently."""
    camera = layout.camera
    moved = replace(
        camera,
        height_m=camera.height_m + float(rng.uniform(-0.25, 0.35)) * amount,
        pitch_deg=camera.pitch_deg + float(rng.uniform(-2.5, 3.0)) * amount,
        yaw_deg=camera.yaw_deg + float(rng.uniform(-5, 5)) * amount,
        fov_deg=camera.fov_deg + float(rng.uniform(-6, 4)) * amount,
    )
    return replace(layout, camera=moved)


def _in_picture(layout: Layout, places: tuple[Place, ...]) -> tuple[Place, ...]:
    """Project floor places into the picture, 0-1, and keep them inside it."""
    seen = layout.camera.normalised(np.array(places, np.float64))
    return tuple(
        (round(min(1.0, max(0.0, float(x))), 4), round(min(1.0, max(0.0, float(y))), 4))
        for x, y in seen
    )


def _view(
    key: str, name: str, layout: Layout, palette: Palette, seed: int, crowd: float
) -> StoreView:
    """Put a view together: its lines and zones follow from the camera."""
    lines = []
    for line in layout.lines:
        start, end = _in_picture(layout, (line.start, line.end))
        lines.append(PictureLine(line.name, start, end, line.inside))
    zones = tuple(PictureZone(z.name, _in_picture(layout, z.corners)) for z in layout.zones)
    return StoreView(key, name, layout, palette, seed, crowd, tuple(lines), zones)


def store_view(camera_index: int, width: int = 1280, height: int = 720) -> StoreView:
    """Return what the camera with number `camera_index` (from 0) looks at.

    The first four are the entrance, the aisles, the checkout, the promotion. Every further four
    are the same places of another shop: mirrored in turn, in other colours, with the camera hung
    differently, with other shoppers.
    """
    name, build, palette = _KINDS[camera_index % 4]
    layout, shop, crowd, key = build(), camera_index // 4, 1.0, name.lower()
    if shop:
        rng = np.random.default_rng(_SEED + camera_index)
        layout = _shaken(mirrored(layout) if shop % 2 else layout, rng, 0.8)
        palette = (palette + 1 + 2 * shop + shop // 3) % len(PALETTES)
        crowd = float(rng.uniform(0.75, 1.15))
        name, key = f"{name} {shop + 1}", f"{key}-{shop + 1}"
    layout = replace(layout, camera=layout.camera.scaled(width, height))
    return _view(key, name, layout, PALETTES[palette], _SEED + camera_index, crowd)


def random_view(seed: int, width: int, height: int) -> StoreView:
    """Return a view made up from `seed`, for training pictures."""
    rng = np.random.default_rng(seed)
    name, build, _ = _KINDS[int(rng.integers(4))]
    layout = mirrored(build()) if rng.random() < 0.5 else build()
    layout = _shaken(layout, rng, 1.6)
    layout = replace(layout, camera=layout.camera.scaled(width, height))
    crowd = float(rng.uniform(0.5, 1.5))
    return _view(name.lower(), name, layout, random_palette(rng), seed, crowd)
