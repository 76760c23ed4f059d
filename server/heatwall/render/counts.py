"""The counts of a rendering as JSON and as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from heatwall import __version__
from heatwall.analysis.reading import HeatReading
from heatwall.config.kinds import format_half_life
from heatwall.counts_table import COLUMNS, count_rows, csv_text
from heatwall.render.reader import VideoFacts
from heatwall.status import DwellStatus, InOut, LineStatus, ZoneStatus


@dataclass(frozen=True, slots=True)
class RenderCounts:
    """What a rendering has counted.

    Attributes:
        facts: Of the source.
        model: The model, as it was asked for.
        classes: Names of the classes that count; None for all that the model knows.
        tracker: Its name or path.
        detect_fps: Frames per second of media time that the model was to look at.
        frames: Frames rendered.
        detected: Frames that the model looked at.
        duration_s: Media time rendered, seconds.
        is_complete: False when it was stopped or the source broke off.
        warning: What was wrong with the source, or None.
        total_tracks: Different tracks.
        lines: Counting lines by name.
        zones: Zones by name.
        heat: The heat that was written.
        shown_half_life_s: Half-life of the heat in the video, seconds; None for a lifetime sum.
    """

    facts: VideoFacts
    model: str
    classes: tuple[int | str, ...] | None
    tracker: str
    detect_fps: float
    frames: int
    detected: int
    duration_s: float
    is_complete: bool
    warning: str | None
    total_tracks: int
    lines: Mapping[str, LineStatus]
    zones: Mapping[str, ZoneStatus]
    heat: HeatReading
    shown_half_life_s: float | None


def counts_json(counts: RenderCounts) -> str:
    """Return all of it as JSON: seconds, shares from 0 to 1, pixels."""
    facts, heat = counts.facts, counts.heat
    rows, columns = heat.share.shape
    tree = {
        "heatwall": __version__,
        "source": {
            "name": facts.source,
            "codec": facts.codec,
            "width": facts.width,
            "height": facts.height,
            "fps": round(facts.fps, 3),
        },
        "frames": counts.frames,
        "frames_detected": counts.detected,
        "duration_s": round(counts.duration_s, 3),
        "is_complete": counts.is_complete,
        "warning": counts.warning,
        "model": counts.model,
        "classes": None if counts.classes is None else list(counts.classes),
        "tracker": counts.tracker,
        "detect_fps": counts.detect_fps,
        "total_tracks": counts.total_tracks,
        "lines": {name: _line(line) for name, line in counts.lines.items()},
        "zones": {name: _zone(zone) for name, zone in counts.zones.items()},
        "heat": {
            "unit": heat.unit if heat.half_life_s is not None else "share of the time so far",
            "half_life": format_half_life(heat.half_life_s),
            "class": heat.class_name,
            "age_s": round(heat.age_s, 3),
            "peak": round(float(heat.share.max()), 4),
            "person_seconds": round(heat.person_s, 3),
            "rows": rows,
            "columns": columns,
        },
        "half_life_in_video": format_half_life(counts.shown_half_life_s),
    }
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def counts_csv(counts: RenderCounts) -> str:
    """Return a table: each line and zone with a row for all classes and one for each class."""
    return csv_text(COLUMNS, count_rows(counts.lines, counts.zones), "\n")


def _line(line: LineStatus) -> dict[str, Any]:
    return {
        "in": line.in_count,
        "out": line.out_count,
        "classes": {name: _in_out(count) for name, count in line.classes.items()},
    }


def _zone(zone: ZoneStatus) -> dict[str, Any]:
    return {
        "people_now": zone.people_now,
        "in": zone.in_count,
        "out": zone.out_count,
        "person_seconds": round(zone.person_s, 3),
        "classes_now": zone.classes_now,
        "classes": {name: _in_out(count) for name, count in zone.classes.items()},
        "dwell": _dwell(zone.dwell),
    }


def _dwell(dwell: DwellStatus) -> dict[str, Any]:
    return {
        "visits": dwell.visits,
        "mean_s": _rounded(dwell.mean_s),
        "median_s": _rounded(dwell.median_s),
        "p90_s": _rounded(dwell.p90_s),
    }


def _in_out(count: InOut) -> dict[str, int]:
    return {"in": count.in_count, "out": count.out_count}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
