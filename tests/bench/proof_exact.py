"""What the heat's own arithmetic adds to the error: the truth's tracks at several rates."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from bench.proof_scenes import Scene
from bench.proof_truth import COLUMNS, ROWS, Run, tracks_of, whole_second_runs
from bench.report import Row
from heatwall.heat import HeatMap
from heatwall.values import FloatArray

_RATES_HZ = (2, 5, 10, 30)
_HALF_LIVES_S: tuple[float | None, ...] = (30.0, 600.0, None)
_LOOKS = 4
"""Moments of a loop at which the heat of two rates is compared."""

_CUT = "ways cut to whole seconds, so that all rates see the same beginnings and ends"


def exact_rows(scenes: Sequence[Scene]) -> Iterator[Row]:
    """Return the rows; takes some seconds."""
    apart = dict.fromkeys(_RATES_HZ, 0.0)
    off = 0.0
    for scene in scenes:
        runs = whole_second_runs(scene)
        heats = {rate: _heats(runs, rate, scene.truth.loop_s) for rate in _RATES_HZ}
        finest = heats[_RATES_HZ[-1]]
        for rate in _RATES_HZ:
            for mine, best in zip(heats[rate], finest, strict=True):
                for half_life_s in _HALF_LIVES_S:
                    one, other = mine.share(half_life_s), best.share(half_life_s)
                    apart[rate] = max(apart[rate], float(np.abs(one - other).max() / other.max()))
        for number, heat in enumerate(finest, 1):
            off = max(off, _mass_error(heat, runs, number * scene.truth.loop_s / _LOOKS))
    for rate in _RATES_HZ[:-1]:
        yield Row(
            f"truth's tracks at {rate} updates a second against {_RATES_HZ[-1]}: "
            "farthest cell, of the peak",
            apart[rate] * 100,
            "%",
            0.5,
            note=f"worst scene, moment and half-life (30 s, 10 min, none); {_CUT}",
        )
    yield Row(
        "sum of the grid against decayed person-seconds, same tracks",
        off * 100,
        "%",
        0.1,
        note="worst scene, moment and half-life; the integral over each way is exact",
    )


class _Heat:
    """The heat at one moment."""

    def __init__(self, heat: HeatMap) -> None:
        self._shares = {one: heat.share(one) for one in _HALF_LIVES_S}
        self.sums = {one: float(heat.mass_s(one).sum(dtype=np.float64)) for one in _HALF_LIVES_S}

    def share(self, half_life_s: float | None) -> FloatArray:
        """Return the share of recent time."""
        return self._shares[half_life_s]


def _heats(runs: Sequence[Run], rate_hz: int, loop_s: float) -> list[_Heat]:
    heat = HeatMap(COLUMNS, ROWS, _HALF_LIVES_S)
    found = []
    look = round(loop_s * rate_hz / _LOOKS)
    for number in range(round(loop_s * rate_hz) + 1):
        heat.update(tracks_of(runs, number / rate_hz))
        if number and number % look == 0:
            found.append(_Heat(heat))
    return found


def _mass_error(heat: _Heat, runs: Sequence[Run], now_s: float) -> float:
    """Return the greatest relative error of the grid's sum."""
    errors = []
    for half_life_s, found in heat.sums.items():
        spans = [(run.times_s[0], min(run.times_s[-1], now_s)) for run in runs]
        true = sum(_decayed(now_s - a, now_s - b, half_life_s) for a, b in spans if b > a)
        errors.append(abs(found / true - 1))
    return float(max(errors))


def _decayed(oldest_s: float, newest_s: float, half_life_s: float | None) -> float:
    """Integrate the decay from one age to another, seconds."""
    if half_life_s is None:
        return oldest_s - newest_s
    tau_s = half_life_s / math.log(2)
    return tau_s * (math.exp(-newest_s / tau_s) - math.exp(-oldest_s / tau_s))
