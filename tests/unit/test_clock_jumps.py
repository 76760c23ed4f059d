"""A wall clock that is set back or forward: what is measured by it is only what people read."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from heatwall.analysis.memory import CameraMemory
from heatwall.analysis.per_camera import CameraAnalysis
from heatwall.snapshots import Snapshots
from support.faketime import FakeTime
from support.tracks import ANALYSIS, detections_of

DAY_S = 86_400.0
SERVER = Path(__file__).parents[2] / "server" / "heatwall"

READS_THE_CLOCK = {"clock.py"}
"""Who may name `time.time`: where clocks come from."""


def seen(jump_s: float) -> tuple[CameraMemory, int]:
    """Return what a camera knows after ten seconds, in whose midst the clock was set."""
    wall = FakeTime()
    wall.now_s = 1_700_000_000.0
    analysis = CameraAnalysis("door", ANALYSIS, {0: "person"}, wall)
    for step in range(50):
        wall.now_s += 0.2 + (jump_s if step == 25 else 0)
        analysis.update(detections_of([(0.4, 0.3, 0.5, 0.8)]), 100 + step / 5, (320, 180))
    memory = analysis.memory(110.0)
    assert memory is not None
    return memory, len(analysis.history())


@pytest.mark.parametrize("jump_s", [-DAY_S, -90.0, 90.0, DAY_S])
def test_heat_and_counts_do_not_notice_a_clock_that_is_set(jump_s: float) -> None:
    (memory, _), (plain, _) = seen(jump_s), seen(0.0)

    np.testing.assert_array_equal(memory.heats[""].grids, plain.heats[""].grids)
    assert memory.heats[""].age_s == plain.heats[""].age_s
    assert memory.total_tracks == plain.total_tracks == 1
    people_s = [sum(minute.people_s for minute in one.history) for one in (memory, plain)]
    # Across a jump nobody knows how long a person stood there; all else is known.
    assert people_s[0] == pytest.approx(people_s[1], abs=5.5)


def test_heat_that_was_saved_in_the_future_is_there_undecayed(tmp_path: Path) -> None:
    memory, _ = seen(0.0)
    snapshots = Snapshots(tmp_path)
    snapshots.save("door", memory, 1_700_000_000.0 + 10 * DAY_S)

    loaded = snapshots.load("door", 1_700_000_000.0)

    assert loaded is not None
    kept, down_s = loaded
    assert down_s == 0
    wall = FakeTime()
    wall.now_s = 1_700_000_000.0
    again = CameraAnalysis("door", ANALYSIS, {0: "person"}, wall)
    again.remember(kept, down_s, 5.0)
    after = again.memory(5.0)
    assert after is not None
    np.testing.assert_allclose(after.heats[""].grids, memory.heats[""].grids, rtol=1e-6)
    assert len(again.history()) <= 61


def test_nothing_reads_the_wall_clock_by_itself() -> None:
    readers = {
        path.relative_to(SERVER).as_posix()
        for path in SERVER.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr == "time"
        and isinstance(node.value, ast.Name)
        and node.value.id == "time"
    }
    assert readers <= READS_THE_CLOCK, "pass `clock.wall` in, and measure by `clock.monotonic`"
