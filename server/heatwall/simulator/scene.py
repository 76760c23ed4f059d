"""A simulated camera's picture at any moment of its loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatwall.simulator.scene_actor import (
    Actor,
    Hiding,
    paint_actor,
    paint_shadow,
    shadow_stamp,
)
from heatwall.simulator.scene_backdrop import Backdrop, paint_backdrop
from heatwall.simulator.scene_palette import Palette
from heatwall.simulator.scene_visibility import VisibilityMap, visible_box, whole_box
from heatwall.simulator.shopper_cart import cart_figure
from heatwall.simulator.shopper_crowd import Crowd, Presence, gather
from heatwall.simulator.shopper_figure import figures
from heatwall.simulator.shopper_pose import stride_m
from heatwall.simulator.store import Layout, Place
from heatwall.values import ByteArray

PERSON, CART = 0, 1
"""Class numbers, as the demo model knows them."""

CLASS_NAMES = ("person", "cart")
"""Names of the classes by number."""

_NEAREST_M = 1.5
"""Things nearer to the camera's foot than this are below the picture and are not drawn."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing in one picture.

    Attributes:
        thing: Id, from 1: odd for people, even for carts; a cart has its shopper's id plus one.
        kind: `PERSON` or `CART`.
        box: Left, top, right, bottom of what furniture leaves visible, 0-1, inside the picture.
        whole: The same with what furniture hides of it: to the feet, inside the picture.
        foot: The place on the floor where it stands, 0-1; may lie outside the picture.
        visible: Share of its outline that is in the picture and that nothing hides, 0-1.
    """

    thing: int
    kind: int
    box: tuple[float, float, float, float]
    whole: tuple[float, float, float, float]
    foot: Place
    visible: float


class Scene:
    """One camera of the simulated shop; owned by one thread.

    Args:
        layout: What stands where, and the camera with the picture's size.
        palette: The colours.
        loop_s: Length of the loop in seconds; the picture at `loop_s` is that at 0.
        seed: Chooses goods, shoppers, visits; the same seed gives the same pictures.
        crowd: How full the shop is, relative to the layout's own number of people.

    Attributes:
        layout: As given.
        crowd: Who visits when.
        backdrop: The empty shop.
    """

    def __init__(
        self, layout: Layout, palette: Palette, loop_s: float, seed: int, crowd: float = 1.0
    ) -> None:
        self.layout = layout
        self.crowd: Crowd = gather(layout, palette, loop_s, seed, crowd)
        self.backdrop: Backdrop = paint_backdrop(layout, palette, seed)
        self._stamp = shadow_stamp()
        self._hiding = Hiding(self.backdrop.occluders)

    def picture(self, time_s: float) -> tuple[ByteArray, tuple[Sighting, ...]]:
        """Render the picture `time_s` seconds after the loop's start.

        Returns:
            uint8 (height, width, 3) BGR, and everything in it of which something can be seen,
            farthest first.
        """
        actors = self._actors(time_s)
        camera = self.layout.camera
        canvas = self.backdrop.picture.copy()
        for actor in actors:
            paint_shadow(canvas, actor, self._stamp, camera)
        seen = VisibilityMap(camera.width, camera.height)
        for actor in actors:
            paint_actor(canvas, actor)
            seen.add(actor)
        found = []
        for number, actor in enumerate(actors, 1):
            visible = seen.visible(number)
            box = visible_box(actor, camera.width, camera.height) if visible > 0 else None
            if box is not None:
                foot = camera.normalised(np.array([actor.at]))[0]
                place = (float(foot[0]), float(foot[1]))
                whole = whole_box(actor, camera.width, camera.height)
                found.append(Sighting(actor.thing, actor.kind, box, whole, place, visible))
        return canvas, tuple(found)

    def _actors(self, time_s: float) -> list[Actor]:
        """Everybody and every cart that may be in the picture, farthest first."""
        camera = self.layout.camera
        placed = [
            (present, present.shopper.visit.pose(present.since_s, stride_m(present.shopper.look)))
            for present in self.crowd.at(time_s)
        ]
        near = [(present, pose) for present, pose in placed if pose.y >= _NEAREST_M]
        drawn = figures([(present.shopper.look, pose) for present, pose in near], camera)
        actors = []
        for (present, pose), figure in zip(near, drawn, strict=True):
            at = (pose.x, pose.y)
            thing = present.person * 2 - 1
            actors.append(Actor(thing, PERSON, figure, at, 0.4, self._hiding.before(at)))
        for present, _ in near:
            actors += self._cart(present)
        return sorted(filter(self._is_in_picture, actors), key=lambda actor: -actor.drawn.depth)

    def _is_in_picture(self, actor: Actor) -> bool:
        """Whether some of a thing lies inside the picture's edges."""
        left, top, right, bottom = actor.drawn.extent
        camera = self.layout.camera
        return right > 0 and bottom > 0 and left < camera.width and top < camera.height

    def _cart(self, present: Presence) -> list[Actor]:
        """The cart of a shopper, if there is one before the camera."""
        shopper = present.shopper
        if shopper.cart is None:
            return []
        place, heading = shopper.visit.cart_at(present.since_s)
        if place[1] < _NEAREST_M:
            return []
        figure = cart_figure(shopper.cart, place, heading, self.layout.camera)
        thing = present.person * 2
        return [Actor(thing, CART, figure, place, 0.6, self._hiding.before(place))]
