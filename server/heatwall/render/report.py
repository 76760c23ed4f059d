"""What a rendering leaves behind beside its video: files, and a few lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from heatwall.errors import HeatwallError
from heatwall.painting import heat_ink
from heatwall.render.background import Background
from heatwall.render.counts import RenderCounts, counts_csv, counts_json
from heatwall.render.heat_files import heat_npy, heat_png
from heatwall.render.reader import clock_text
from heatwall.render.settings import RenderSettings
from heatwall.render.targets import Targets


@dataclass(frozen=True, slots=True)
class RenderResult:
    """What a run has led to.

    Attributes:
        summary: Lines for people: what was written, and what was counted.
        warnings: What was wrong, for people.
        is_stopped: Whether somebody stopped it before the end.
    """

    summary: tuple[str, ...]
    warnings: tuple[str, ...]
    is_stopped: bool


def save_files(
    targets: Targets, counts: RenderCounts, background: Background | None, settings: RenderSettings
) -> None:
    """Write the heat and the counts, each whole or not at all.

    Raises:
        HeatwallError: A file can't be written.
    """
    style = settings.analysis.style
    if targets.heat_png is not None and background is not None:
        ink = heat_ink(settings.ink)
        _save(targets.heat_png, heat_png(counts.heat, background.planes(), style, ink))
    if targets.heat_npy is not None:
        _save(targets.heat_npy, heat_npy(counts.heat))
    if targets.counts_json is not None:
        _save(targets.counts_json, counts_json(counts).encode())
    if targets.counts_csv is not None:
        _save(targets.counts_csv, counts_csv(counts).encode())


def summary(targets: Targets, counts: RenderCounts, elapsed_s: float) -> tuple[str, ...]:
    """Return what was done, in lines for people."""
    pace = counts.duration_s / elapsed_s if elapsed_s > 0 else 0.0
    video = (
        f"{targets.video}: {counts.frames} frames, {clock_text(counts.duration_s)} of video "
        f"in {clock_text(elapsed_s)} ({pace:.1f}× real time)"
    )
    others = [str(path) for path in targets.each() if path != targets.video]
    tracks = f"{counts.total_tracks} track{'' if counts.total_tracks == 1 else 's'}"
    return (video, *([", ".join(others)] if others else ()), tracks, *_figures(counts))


def warnings(counts: RenderCounts, merged: int) -> tuple[str, ...]:
    """Return what was wrong, for people.

    Args:
        counts: The rendering.
        merged: Frames that its format had no place for.
    """
    found = []
    if counts.warning is not None:
        found.append(f"{counts.facts.source} {counts.warning}; what could be decoded is rendered")
    elif not counts.is_complete:
        length_s = counts.facts.duration_s
        of = "" if length_s is None else f" of {clock_text(length_s)}"
        found.append(f"stopped at {clock_text(counts.duration_s)}{of}; what was done is saved")
    if merged:
        found.append(f"{merged} frames left out: an AVI has one rate, and they came faster")
    return tuple(found)


def _figures(counts: RenderCounts) -> Iterator[str]:
    for name, line in counts.lines.items():
        yield f"line {name}: {line.in_count} in, {line.out_count} out"
    for name, zone in counts.zones.items():
        stays = "" if zone.dwell.mean_s is None else f", {zone.dwell.mean_s:.1f} s on average"
        yield (
            f"zone {name}: {zone.in_count} in, {zone.out_count} out, {zone.people_now} there "
            f"at the end{stays}"
        )


def _save(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        raise HeatwallError(f"{path}: can't be written: {error.strerror}") from error
