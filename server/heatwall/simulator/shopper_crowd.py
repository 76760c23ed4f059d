"""Who visits the view when, so that the loop has no seam."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatwall.simulator.scene_goods import PACKAGING
from heatwall.simulator.scene_palette import Palette
from heatwall.simulator.shopper_cart import Cart
from heatwall.simulator.shopper_look import Look, random_look, staff_look
from heatwall.simulator.shopper_visit import SAMPLE_HZ, Halt, Visit, stand, walk
from heatwall.simulator.store import Layout, Place, Route

_VISITS, _ARRIVALS = 3, 8
"""Visits tried for each shopper, and arrivals of each; what meets fewest others is kept."""

_SLOT_S = 10.0
"""Time that one place of a queue takes, about: it is fitted to the loop."""

_CLEAR_M = 0.75
"""Two people nearer than this would walk through each other."""

PER_SHOPPER = 16
"""Ids per shopper: one whose visit runs over the loop's end has one id before and one after."""


def person_id(index: int, turn: int) -> int:
    """Return the id, from 1, of the `index`-th shopper after the loop's end came `turn` times."""
    return index * PER_SHOPPER + turn + 1


@dataclass(frozen=True, slots=True)
class Shopper:
    """Somebody who visits once per loop.

    Attributes:
        look: Body and clothes.
        cart: The cart, or None.
        visit: The movement.
        arrival_s: Time in the loop at which the visit begins.
        is_staff: True for staff, who are there all the time.
    """

    look: Look
    cart: Cart | None
    visit: Visit
    arrival_s: float
    is_staff: bool = False


@dataclass(frozen=True, slots=True)
class Presence:
    """One appearance of a shopper at one moment.

    Attributes:
        person: The id, from 1, stable from arrival until the loop starts again.
        shopper: Who.
        since_s: Seconds since the arrival.
    """

    person: int
    shopper: Shopper
    since_s: float


@dataclass(frozen=True, slots=True)
class Crowd:
    """All visits of one loop.

    Attributes:
        shoppers: Everybody.
        loop_s: Length of the loop in seconds.
    """

    shoppers: tuple[Shopper, ...]
    loop_s: float

    def at(self, time_s: float) -> list[Presence]:
        """Return who is there `time_s` seconds after the loop's start, 0 to below `loop_s`."""
        found = []
        for index, shopper in enumerate(self.shoppers):
            for turn in range(1 if shopper.is_staff else PER_SHOPPER):
                since = time_s + turn * self.loop_s - shopper.arrival_s
                if since > shopper.visit.duration_s:
                    break
                if since >= 0:
                    found.append(Presence(person_id(index, turn), shopper, since))
        return found


def _halts(route: Route, rng: np.random.Generator, slot_s: float) -> list[Halt]:
    """Choose the actual places and pauses of one visit."""
    halts = []
    last: Place = route.stops[0].at
    for stop in route.stops:
        spread = rng.uniform(-1, 1, 2) * stop.spread_m
        at = (stop.at[0] + float(spread[0]), stop.at[1] + float(spread[1]))
        pause = float(rng.uniform(*stop.pause_s)) if stop.pause_s[1] > 0 else 0.0
        if stop.is_slot:
            pause = max(1.0, slot_s - float(np.hypot(at[0] - last[0], at[1] - last[1])) / 1.1 - 0.7)
        halts.append(Halt(at, pause, stop.look))
        last = at
    return halts


class _Occupancy:
    """Where everybody is at four moments a second of the loop."""

    def __init__(self, loop_s: float) -> None:
        self._steps = max(1, round(loop_s * 4))
        self._places: list[npt.NDArray[np.float64]] = []

    def _spread(self, visit: Visit, arrival_s: float) -> list[npt.NDArray[np.float64]]:
        """Places by step of the loop, (steps, 2), one array per time round; NaN when absent."""
        rows = np.arange(0, len(visit.x), SAMPLE_HZ / 4).astype(int)
        steps = int(arrival_s * 4) + np.arange(len(rows))
        rounds = []
        for turn in range(int(steps[-1]) // self._steps + 1):
            present = steps // self._steps == turn
            places = np.full((self._steps, 2), np.nan)
            places[steps[present] % self._steps, 0] = visit.x[rows[present]]
            places[steps[present] % self._steps, 1] = visit.y[rows[present]]
            rounds.append(places)
        return rounds

    def conflict(self, visit: Visit, arrival_s: float) -> float:
        """How much a visit would run into the others; 0 is not at all."""
        if not self._places:
            return 0.0
        taken = np.stack(self._places)
        total = 0.0
        for places in self._spread(visit, arrival_s):
            apart = np.hypot(taken[..., 0] - places[:, 0], taken[..., 1] - places[:, 1])
            total += float(np.nansum(np.maximum(0, _CLEAR_M - apart)))
        return total

    def add(self, visit: Visit, arrival_s: float) -> None:
        """Take the places of a visit."""
        self._places += self._spread(visit, arrival_s)


def _cart(palette: Palette, rng: np.random.Generator) -> Cart:
    """Fill a cart at random."""
    goods = tuple(PACKAGING[i] for i in rng.permutation(len(PACKAGING))[: int(rng.integers(0, 5))])
    return Cart(palette.accent, goods)


def _queue(
    route: Route, loop_s: float, palette: Palette, rng: np.random.Generator
) -> list[Shopper]:
    """Shoppers who follow each other through a queue at equal intervals."""
    count = max(1, round(loop_s / _SLOT_S))
    slot_s = loop_s / count
    shift = float(rng.uniform(0, slot_s))
    shoppers = []
    for index in range(count):
        has_cart = bool(rng.random() < route.cart_share)
        halts = _halts(route, np.random.default_rng(int(rng.integers(1 << 30))), slot_s)
        visit = walk(halts, 1.1, rng)
        cart = _cart(palette, rng) if has_cart else None
        look = random_look(rng, has_cart)
        shoppers.append(Shopper(look, cart, visit, (shift + index * slot_s) % loop_s))
    return shoppers


def _candidates(route: Route, loop_s: float, rng: np.random.Generator) -> list[tuple[Visit, float]]:
    """Some possible visits along a route, each with some times of arrival."""
    visits = [
        walk(_halts(route, rng, _SLOT_S), float(rng.uniform(0.95, 1.3)), rng)
        for _ in range(_VISITS)
    ]
    return [(visit, float(rng.uniform(0, loop_s))) for visit in visits for _ in range(_ARRIVALS)]


def gather(layout: Layout, palette: Palette, loop_s: float, seed: int, crowd: float = 1.0) -> Crowd:
    """Plan the visits of one loop.

    Args:
        layout: The view with its routes.
        palette: Colours of the shop, for uniforms and carts.
        loop_s: Length of the loop in seconds.
        seed: The same seed plans the same visits.
        crowd: How full the shop is, relative to the layout's own number of people.
    """
    rng = np.random.default_rng(seed)
    shoppers: list[Shopper] = []
    taken = _Occupancy(loop_s)
    for place, look in layout.staff:
        visit = stand(place, look, loop_s, rng)
        shoppers.append(Shopper(staff_look(rng, palette.accent), None, visit, 0.0, is_staff=True))
    for route in layout.routes:
        if route.is_queue and rng.random() < crowd:
            shoppers += _queue(route, loop_s, palette, rng)
    for shopper in shoppers:
        taken.add(shopper.visit, shopper.arrival_s)
    free = [route for route in layout.routes if not route.is_queue]
    weights = np.array([route.weight for route in free])
    present = sum(shopper.visit.duration_s for shopper in shoppers) / loop_s
    while free and present < layout.crowd * crowd:
        route = free[int(rng.choice(len(free), p=weights / weights.sum()))]
        tries = _candidates(route, loop_s, rng)
        visit, arrival = min(tries, key=lambda item: taken.conflict(*item))
        has_cart = bool(rng.random() < route.cart_share)
        cart = _cart(palette, rng) if has_cart else None
        shoppers.append(Shopper(random_look(rng, has_cart), cart, visit, arrival))
        taken.add(visit, arrival)
        present += visit.duration_s / loop_s
    return Crowd(tuple(shoppers), loop_s)
