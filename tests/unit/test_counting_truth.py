"""Counters that are fed the true feet of the simulated cameras find what the truth says."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from heatwall.counting.line import Crossing, LineCounter
from heatwall.counting.zone import ZoneCounter, ZoneEvent
from heatwall.simulator.shopper_crowd import gather
from heatwall.simulator.store_views import StoreView, store_view
from heatwall.simulator.truth import _tracks, crossings_of, stays_in
from heatwall.values import Tracks

LOOP_S = 20.0

Ways = list[npt.NDArray[np.float64]]
"""Time, x and y of each visit, thirty a second; NaN out of the camera's sight."""


def ways_of(view: StoreView) -> Ways:
    crowd = gather(view.layout, view.palette, LOOP_S, view.seed, view.crowd)
    return [way for _, way in _tracks(view, crowd)]


def replay(ways: Ways, fps: int) -> list[Tracks]:
    """Show all visits as a detector of `fps` frames a second would see them at best."""
    found = []
    for step in range(round(max(way[-1, 0] for way in ways) * fps) + 1):
        time_s = step / fps
        feet = {}
        for number, way in enumerate(ways, 1):
            row = round((time_s - way[0, 0]) * 30)
            if 0 <= row < len(way) and np.isfinite(way[row, 1]):
                feet[number] = way[row, 1:]
        boxes = np.array([(x - 0.02, y - 0.25, x + 0.02, y) for x, y in feet.values()], np.float32)
        count = len(feet)
        found.append(
            Tracks(
                time_s,
                np.array(list(feet), np.int32),
                boxes.reshape(count, 4),
                np.ones(count, np.float32),
                np.zeros(count, np.int32),
            )
        )
    return found


@pytest.mark.parametrize("fps", [5, 15])
@pytest.mark.parametrize("camera", range(4))
def test_counts_and_stays_of_a_camera_are_those_of_its_truth(camera: int, fps: int) -> None:
    view = store_view(camera)
    ways = ways_of(view)
    shown = replay(ways, fps)

    for line in view.lines:
        counter = LineCounter(line.start, line.end, line.inside)
        crossings: list[Crossing] = [one for tracks in shown for one in counter.update(tracks)]
        crossings += counter.gap()
        expected = sorted(one for way in ways for one in crossings_of(line, way))
        found = sorted((one.time_s, one.is_inward) for one in crossings)
        assert [way for _, way in found] == [way for _, way in expected]
        assert [time for time, _ in found] == pytest.approx(
            [time for time, _ in expected], abs=0.05
        )

    for zone in view.zones:
        occupied = ZoneCounter(zone.polygon)
        events: list[ZoneEvent] = [one for tracks in shown for one in occupied.update(tracks)]
        events += occupied.gap()
        stays = [leave - enter for way in ways for enter, leave in stays_in(zone, way)]
        # Who steps over the border for a moment has left by the truth, and not by the counter.
        assert len(stays) - 1 <= sum(event.is_entry for event in events) <= len(stays)
        assert occupied.figures().person_s == pytest.approx(sum(stays), rel=0.02)
