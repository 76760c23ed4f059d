"""The accuracy proof: heat and counts of held-out scenes beside their truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from bench.proof_accuracy import Played, accuracy_rows
from bench.proof_causes import cause_rows
from bench.proof_detections import Finder, found_in
from bench.proof_exact import exact_rows
from bench.proof_peers import peer_rows
from bench.proof_replay import Pipeline, Server, Settings, replay
from bench.proof_scenes import FPS, LOOP_S, SCENES, Scene, scenes
from bench.proof_trackers import tracker_rows
from bench.report import Table
from bench.setup import Setup

_TITLE = f"{SCENES} held-out scenes, {SCENES * LOOP_S / 60:.1f} min at {FPS} frames a second"


def measure(_setup: Setup) -> Table:
    """Measure the heat, the counts and the stays; minutes at the first time, then seconds."""
    there = demo_played()
    rows = [*exact_rows([one.scene for one in there]), *accuracy_rows(there)]
    return Table(f"Accuracy against the truth: {_TITLE}", tuple(rows))


def measure_unseen(_setup: Setup) -> Table:
    """Measure the same on scenes that no setting was chosen by; minutes at the first time."""
    rows = accuracy_rows(played(scenes(SCENES), Finder(), Settings()))
    return Table(f"Accuracy where nobody looked before: {_TITLE}", tuple(rows))


def measure_causes(_setup: Setup) -> Table:
    """Measure where the whole pipeline and the truth part; some seconds."""
    rows = cause_rows(demo_played())
    return Table(f"Why the heat is not the truth's: {_TITLE}", tuple(rows))


def measure_peers(_setup: Setup) -> Table:
    """Measure other libraries' heat on the same tracks; about a minute."""
    rows = peer_rows(demo_played())
    return Table("Heat of the same tracks, beside other libraries", tuple(rows))


def measure_trackers(_setup: Setup) -> Table:
    """Measure each tracker choice; about a minute."""
    rows = tracker_rows(scenes(), Finder(), Settings())
    return Table(f"Trackers, 5 detections a second: {_TITLE}", tuple(rows))


@cache
def demo_played() -> tuple[Played, ...]:
    """Play all scenes as the demo would; once for all benchmarks of a run."""
    return played(scenes(), Finder(), Settings())


def played(
    there: Sequence[Scene],
    finder: Finder,
    settings: Settings,
    make: Callable[[Scene, Settings], Pipeline] = Server,
) -> tuple[Played, ...]:
    """Play each scene through the pipeline at 15 and at 5 detections a second."""
    outcomes = []
    for scene in there:
        found = found_in(scene, finder)
        often, seldom = (replay(scene, found, every, settings, make) for every in (1, 3))
        outcomes.append(Played(scene, often, seldom))
    return tuple(outcomes)
