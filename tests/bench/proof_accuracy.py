"""The figures of the whole pipeline beside the truth's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.proof_replay import Outcome
from bench.proof_scenes import Scene
from bench.proof_truth import (
    SEEN,
    coarse,
    correlation,
    line_counts,
    mass_s,
    spread,
    stays_s,
)
from bench.report import Row

_COARSE_CELLS = 4
"""Cells of a block of the coarse grid, 32 px of a picture 640 wide: about a person's width."""


@dataclass(frozen=True, slots=True)
class Played:
    """One scene and what the pipeline made of it.

    Attributes:
        scene: The scene.
        often: Looked at in every frame, 15 a second.
        seldom: In every third, 5 a second: the server's usual rate.
    """

    scene: Scene
    often: Outcome
    seldom: Outcome


def accuracy_rows(played: Sequence[Played]) -> Iterator[Row]:
    """Return the rows of all figures that the whole pipeline should keep."""
    yield from _heat_rows(played)
    yield from _mass_rows(played)
    yield from _line_rows(played)
    yield from _zone_rows(played)


def _heat_rows(played: Sequence[Played]) -> Iterator[Row]:
    """Correlation over cells with the heat of the truth's feet."""
    found = [spread(one.seldom.mass_s[None]) for one in played]
    truth = [spread(mass_s(one.scene)) for one in played]
    yield Row(
        "heat of the whole pipeline against that of the truth, correlation over cells",
        correlation(found, truth),
        target=0.97,
        limit="≥",
        note=f"{len(played)} scenes together, lifetime sum under the kernel of the shown heat, "
        f"5 detections a second; truth: people with feet in the picture, at least {SEEN:.0%} seen",
    )
    for one, mine, true in zip(played, found, truth, strict=True):
        yield Row(f"  {one.scene.clip.name}", correlation([mine], [true]), target=0.97, limit="≥")
    yield Row(
        "  at 15 detections a second",
        correlation([spread(one.often.mass_s[None]) for one in played], truth),
    )
    yield Row(
        "  half-life 10 min",
        correlation(
            [spread(one.seldom.mass_s[600.0]) for one in played],
            [spread(mass_s(one.scene, half_life_s=600.0)) for one in played],
        ),
    )
    moments = [(one.scene, *moment) for one in played for moment in one.seldom.moments]
    yield Row(
        "  half-life 30 s, at moments 10 s apart",
        correlation(
            [spread(grid) for _, _, grid in moments],
            [spread(mass_s(scene, SEEN, 30.0, time_s)) for scene, time_s, _ in moments],
        ),
    )
    everybody = [mass_s(one.scene, 0.0) for one in played]
    yield Row(
        "  against all people of whom anything is seen",
        correlation(found, [spread(grid) for grid in everybody]),
    )
    raw = [mass_s(one.scene) for one in played]
    yield Row(
        f"  raw, in blocks of {_COARSE_CELLS} × {_COARSE_CELLS} cells",
        correlation(
            [coarse(one.seldom.mass_s[None], _COARSE_CELLS) for one in played],
            [coarse(grid, _COARSE_CELLS) for grid in raw],
        ),
    )
    yield Row(
        "  raw, cell by cell",
        correlation([one.seldom.mass_s[None] for one in played], raw),
        note="cells of 8 px are finer than feet are found: to know, not to reach",
    )


def _mass_rows(played: Sequence[Played]) -> Iterator[Row]:
    true = [float(mass_s(one.scene).sum()) for one in played]
    slow, fast = ([getattr(one, name).person_s for one in played] for name in ("seldom", "often"))
    yield Row(
        "person-seconds of the whole pipeline against the truth",
        _off(sum(slow), sum(true)),
        "%",
        5,
        limit="±",
        note=f"{sum(slow):.0f} of {sum(true):.0f} s",
    )
    for one, mine, truth in zip(played, slow, true, strict=True):
        yield Row(f"  {one.scene.clip.name}, person-seconds", _off(mine, truth), "%", 5, limit="±")
    everybody = sum(float(mass_s(one.scene, 0.0).sum()) for one in played)
    yield Row("  against all people of whom anything is seen, all", _off(sum(slow), everybody), "%")
    yield Row(
        "5 against 15 detections a second: person-seconds",
        _off(sum(slow), sum(fast)),
        "%",
        3,
        limit="±",
        note="worst scene: "
        f"{max((_off(a, b) for a, b in zip(slow, fast, strict=True)), key=abs):.1f} %",
    )


def _line_rows(played: Sequence[Played]) -> Iterator[Row]:
    for rate, outcomes in _by_rate(played).items():
        true = [line_counts(one.scene) for one in played]
        (seen_in, true_in), (seen_out, true_out) = (
            (
                sum(counts[side] for each in outcomes for counts in each.counts.lines.values()),
                sum(counts[side] for each in true for counts in each.values()),
            )
            for side in (0, 1)
        )
        note = _each_line(played, outcomes)
        limit = 3 if rate == 5 else None
        name = f"line crossings, {rate} a second"
        yield Row(f"{name}: in", _off(seen_in, true_in), "%", limit, note, "±")
        yield Row(
            f"{name}: out",
            _off(seen_out, true_out),
            "%",
            limit,
            f"in {seen_in} of {true_in}, out {seen_out} of {true_out}",
            "±",
        )
        yield Row(
            f"{name}: side, in less out",
            _off(seen_in, true_in) - _off(seen_out, true_out),
            "%",
            limit,
            limit="±",
        )


def _each_line(played: Sequence[Played], outcomes: Sequence[Outcome]) -> str:
    parts = []
    for one, outcome in zip(played, outcomes, strict=True):
        for name, (inward, outward) in line_counts(one.scene).items():
            mine = outcome.counts.lines[name]
            parts.append(f"{one.scene.clip.key} {mine[0]}/{inward} {mine[1]}/{outward}")
    return "found/true in, out: " + ", ".join(parts)


def _zone_rows(played: Sequence[Played]) -> Iterator[Row]:
    for rate, outcomes in _by_rate(played).items():
        true = [
            length
            for one in played
            for lengths in stays_s(one.scene).values()
            for length in lengths
        ]
        seen = [summary for each in outcomes for summary in each.counts.zones.values()]
        count, total_s = sum(one.count for one in seen), sum(one.total_s for one in seen)
        yield Row(
            f"zone dwell, mean, {rate} a second",
            _off(total_s / max(1, count), sum(true) / len(true)),
            "%",
            5 if rate == 5 else None,
            note=f"{total_s / max(1, count):.1f} s of {sum(true) / len(true):.1f} s; "
            + _each_zone(played, outcomes),
            limit="±",
        )
        yield Row(
            f"zone person-seconds, {rate} a second",
            _off(total_s, sum(true)),
            "%",
            note=f"{count} stays of {len(true)}",
        )


def _each_zone(played: Sequence[Played], outcomes: Sequence[Outcome]) -> str:
    parts = []
    for one, outcome in zip(played, outcomes, strict=True):
        for name, lengths in stays_s(one.scene).items():
            mine, mean_s = outcome.counts.zones[name], sum(lengths) / max(1, len(lengths))
            parts.append(
                f"{one.scene.clip.key} {name} {mine.count}/{len(lengths)} stays "
                f"of {mine.mean_s:.1f}/{mean_s:.1f} s"
            )
    return "found/true: " + ", ".join(parts)


def _by_rate(played: Sequence[Played]) -> Mapping[int, list[Outcome]]:
    return {5: [one.seldom for one in played], 15: [one.often for one in played]}


def _off(found: float, true: float) -> float:
    """Return by how many per cent a figure is too high."""
    return (found / true - 1) * 100 if true else 0.0
