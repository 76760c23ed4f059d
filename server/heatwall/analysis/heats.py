"""All heats of one camera: of all classes together, and of each where that is wanted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from heatwall.analysis.reading import HeatReading
from heatwall.analysis.spec import AnalysisSpec, Polygon
from heatwall.counting.polygon import Polygon as Shape
from heatwall.decay import mass_left, share_left
from heatwall.feet import PersonSize
from heatwall.geometry import grid_size
from heatwall.heat import HeatMap
from heatwall.heat_state import HeatState
from heatwall.kernel import Kernel
from heatwall.stationary import StillFilter
from heatwall.values import FloatArray, Tracks

_ALL = ""
"""Key of the heat of all classes that count."""

_KERNEL_EVERY_S = 10.0
"""How often the kernel follows what is learnt of people's size, which changes over minutes."""

_STALE_S = 2.0
"""A heat that was not updated for this long decays on paper when it is read."""

_SIGMA_CELLS = 2.0
"""Width of the kernel before anything is known of people's size: half a person who is a twentieth
of the picture wide."""

_Mask = npt.NDArray[np.bool_]


class CameraHeats:
    """The heats of one camera, with what keeps things out of them. One thread at a time.

    Args:
        spec: The camera's settings.
        names: Class names of the model by id.
    """

    def __init__(self, spec: AnalysisSpec, names: Mapping[int, str]) -> None:
        self._spec = spec
        self._names = names
        self._classes = _countable(spec, names) if spec.has_class_heat else frozenset[str]()
        self._size: tuple[int, int] | None = None
        self._heats: dict[str, HeatMap] = {}
        self._zones = spec.zones
        self._masks: dict[str, _Mask] = {}
        self._excluded: _Mask | None = None
        self._still = None if spec.ignore_still_s is None else StillFilter(spec.ignore_still_s)
        self._kernel = Kernel(_SIGMA_CELLS)
        self._kernel_due_s: float | None = None

    @property
    def half_lives_s(self) -> tuple[float | None, ...]:
        """Half-lives kept, seconds; None for a lifetime sum."""
        return self._spec.half_lives_s

    @property
    def has_grid(self) -> bool:
        """Whether there is any heat to show: a frame was seen, or a heat remembered."""
        return self._size is not None

    @property
    def time_s(self) -> float:
        """Up to when the heat is known, monotonic seconds; 0 before the first frame."""
        return self._heats[_ALL].time_s or 0.0

    @property
    def age_s(self) -> float:
        """Over how long the heat was gathered, seconds."""
        return self._heats[_ALL].age_s

    def update(self, tracks: Tracks, sizes: PersonSize, picture: tuple[int, int]) -> None:
        """Take the tracks of one moment.

        Args:
            tracks: Whole bodies.
            sizes: How large people appear.
            picture: Width and height of the frame; the first one gives the grid its aspect.
        """
        if self._size is None:
            self._begin(grid_size(*picture))
        self._follow(sizes, tracks.time_s)
        if self._still is not None:
            tracks = tracks.where(self._still.mask(tracks))
        if self._spec.has_class_heat:
            for class_id in set(tracks.class_id.tolist()):
                self._of_class(self._names.get(class_id, str(class_id)))
        for name, heat in self._heats.items():
            heat.update(tracks if name == _ALL else tracks.where(self._is_of(tracks, name)))

    def gap(self) -> None:
        """Say that the stream was interrupted: nobody is credited for the time in between."""
        for heat in self._heats.values():
            heat.gap()

    def reset(self) -> None:
        """Empty all heats."""
        for heat in self._heats.values():
            heat.reset()

    def share(self, half_life_s: float | None, class_name: str | None) -> FloatArray:
        """Return the share of recent time that somebody stood at each cell, to be shown.

        A class of which nothing was seen yet has no heat anywhere.
        """
        heat = self._heats.get(class_name or _ALL)
        if heat is None:
            return np.zeros_like(self._heats[_ALL].mass_s(half_life_s))
        return heat.share(half_life_s, self._kernel)

    def reading(
        self, half_life_s: float | None, class_name: str | None, now_s: float, scale: float
    ) -> HeatReading:
        """Return a heat as it is at `now_s`, also while the camera is away.

        Raises:
            KeyError: No class of this name has a heat of its own; the text names those that do.
        """
        heat = self._heats.get(class_name or _ALL)
        if heat is None and class_name in self._classes and self.has_grid:
            heat = self._of_class(class_name)
        if heat is None:
            raise KeyError(", ".join(sorted(self._classes)) or "none")
        idle_s = _idle_s(heat, now_s)
        mass = heat.mass_s(half_life_s) * np.float32(mass_left(half_life_s, idle_s))
        left = share_left(half_life_s, heat.age_s, idle_s)
        share = heat.share(half_life_s, self._kernel) * np.float32(left)
        return HeatReading(
            half_life_s=half_life_s,
            class_name=class_name,
            share=share,
            mass_s=mass,
            age_s=heat.age_s + idle_s,
            scale=scale,
            zones_person_s={name: float(mass[zone].sum()) for name, zone in self._masks.items()},
            zones_peak={
                name: float(share[zone].max(initial=0.0)) for name, zone in self._masks.items()
            },
        )

    def masks(self, zones: Mapping[str, Polygon]) -> dict[str, _Mask]:
        """Return the cells of zones by name, as `set_zones` takes them.

        Each new one takes milliseconds. May be called while another thread updates the heats.
        """
        if self._size is None:
            return {}
        before, made = self._zones, self._masks
        return {
            name: made[name]
            if name in made and before.get(name) == zone
            else covered([zone], self._size)
            for name, zone in zones.items()
        }

    def set_zones(self, zones: Mapping[str, Polygon], masks: dict[str, _Mask]) -> None:
        """Tell the heat in other zones from now on.

        Args:
            zones: Their corners by name.
            masks: What `masks` made of them.
        """
        # The first frame may have come since the masks were made.
        self._masks = masks if masks.keys() == zones.keys() else self.masks(zones)
        self._zones = zones

    def states(self, now_s: float) -> dict[str, HeatState]:
        """Return what must survive a restart, by class name, "" for all classes.

        As it is at `now_s`, also while the camera is away.
        """
        return {
            name: _aged(heat.state(), _idle_s(heat, now_s)) for name, heat in self._heats.items()
        }

    def restore(
        self, states: Mapping[str, HeatState], sizes: PersonSize, down_s: float, now_s: float
    ) -> None:
        """Take over the heats of a run before.

        Args:
            states: By class name.
            sizes: How large people appear.
            down_s: Seconds since then.
            now_s: Monotonic seconds; the heat decays from here on.

        Raises:
            ValueError: `down_s` is negative or not finite; nothing is taken over then.
        """
        if not 0 <= down_s < math.inf:
            raise ValueError(f"a down time of {down_s} s; allowed: 0 or more")
        for name, state in states.items():
            if self._size is None:
                self._begin((state.columns, state.rows))
            heat = self._heats[_ALL] if name == _ALL else None
            if name != _ALL and self._spec.has_class_heat:
                heat = self._of_class(name)
            if heat is not None:
                heat.restore(state, down_s)
                heat.update(nobody(now_s))
        self._follow(sizes, now_s)

    def _begin(self, size: tuple[int, int]) -> None:
        self._size = size
        self._excluded = covered(self._spec.excluded, size) if self._spec.excluded else None
        self._heats[_ALL] = self._made(size)
        self._masks = {name: covered([zone], size) for name, zone in self._zones.items()}

    def _made(self, size: tuple[int, int]) -> HeatMap:
        return HeatMap(
            *size,
            self._spec.half_lives_s,
            footprint=self._spec.footprint,
            excluded=self._excluded,
        )

    def _of_class(self, name: str) -> HeatMap:
        """Return the heat of a class; a new one is empty since the heat of all began."""
        if name not in self._heats:
            everyone = self._heats[_ALL]
            heat = self._heats[name] = self._made((everyone.columns, everyone.rows))
            state = everyone.state()
            heat.restore(replace(state, grids=np.zeros_like(state.grids), covers=None), 0.0)
            if everyone.time_s is not None:
                heat.update(nobody(everyone.time_s))
        return self._heats[name]

    def _is_of(self, tracks: Tracks, name: str) -> _Mask:
        return np.array(
            [self._names.get(key, str(key)) == name for key in tracks.class_id.tolist()], np.bool_
        )

    def _follow(self, sizes: PersonSize, time_s: float) -> None:
        """Let the kernel follow people's apparent size, now and then."""
        if self._size is None or (self._kernel_due_s is not None and time_s < self._kernel_due_s):
            return
        self._kernel_due_s = time_s + _KERNEL_EVERY_S
        self._kernel = Kernel.of_people(sizes, *self._size) or self._kernel


def nobody(time_s: float) -> Tracks:
    """Return a moment without tracks."""
    return Tracks.of(time_s, [], [])


def _countable(spec: AnalysisSpec, names: Mapping[int, str]) -> frozenset[str]:
    """Return the names of the classes that count."""
    wanted = spec.classes
    return frozenset(
        name for key, name in names.items() if wanted is None or key in wanted or name in wanted
    )


def _idle_s(heat: HeatMap, now_s: float) -> float:
    """Return for how long a heat must decay on paper."""
    idle_s = 0.0 if heat.time_s is None else now_s - heat.time_s
    return idle_s if idle_s > _STALE_S else 0.0


def _aged(state: HeatState, idle_s: float) -> HeatState:
    """Return a heat as it is some seconds later, in which nobody was seen."""
    if idle_s == 0:
        return state
    lefts = [mass_left(one, idle_s) for one in state.half_lives_s]
    left = np.array(lefts, np.float32)[:, None, None]
    return replace(
        state,
        grids=state.grids * left,
        covers=None if state.covers is None else state.covers * left,
        age_s=state.age_s + idle_s,
    )


def covered(polygons: Sequence[Polygon], size: tuple[int, int]) -> _Mask:
    """Return which cells have their centre in one of some polygons: bool (rows, columns)."""
    columns, rows = size
    shapes = [Shape(polygon) for polygon in polygons]
    return np.array(
        [
            [
                any(
                    shape.contains((column + 0.5) / columns, (row + 0.5) / rows) for shape in shapes
                )
                for column in range(columns)
            ]
            for row in range(rows)
        ],
        np.bool_,
    )
