"""Whether a machine held what a trial asked, and what to try next; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from heatwall.capacity.trial import Trial

LEAST_TILE_SHARE = 0.97
"""Of the pictures asked; less is seen as stutter."""

LEAST_DETECT_SHARE = 0.9
"""Of the detections asked: the server slows them first when it has too much to do."""

MOST_DROPS = 0.005
"""Share of the tiles' pictures."""

MOST_GROWTH_MS = 50.0
"""Growth of the median latency within one trial. A machine that keeps up has none; one that does
not falls behind by milliseconds a second, and 20 s of it show."""

MOST_LATENCY_MS = 500.0
"""95th percentile: later than this, a wall shows what was."""

_CLOSE_ENOUGH = 0.1
"""Of the cameras that held: a finer answer would not outlive the next other program."""


def shortfalls(trial: Trial) -> list[str]:
    """Return what did not hold, in words; empty when everything did."""
    if trial.fault:
        return [trial.fault]
    found = []
    asked = trial.asked
    mean_detect, _ = trial.detect_fps
    _, least_tile = trial.tile_fps
    if least_tile < LEAST_TILE_SHARE * asked.tile_fps:
        found.append(f"a tile had {least_tile:.1f} of {asked.tile_fps:g} pictures a second")
    if mean_detect < LEAST_DETECT_SHARE * asked.detect_fps:
        found.append(f"{mean_detect:.1f} of {asked.detect_fps:g} detections a second")
    if trial.drop_share >= MOST_DROPS:
        found.append(f"{trial.drop_share:.1%} of the pictures were dropped")
    if trial.growth_ms is not None and trial.growth_ms > MOST_GROWTH_MS:
        found.append(f"the delay grew by {trial.growth_ms:.0f} ms")
    if trial.latency_ms is not None and trial.latency_ms[1] > MOST_LATENCY_MS:
        found.append(f"the delay rose to {trial.latency_ms[1]:.0f} ms")
    return found


def next_count(counts: Sequence[int], held: Mapping[int, bool]) -> int | None:
    """Return how many cameras to try next; None when the answer is known well enough.

    Args:
        counts: What was asked for, in rising order: these come first, until one does not hold.
        held: Whether each count that was tried held.
    """
    broken = [count for count, holds in held.items() if not holds]
    if not broken:
        return next((count for count in counts if count not in held), None)
    most = best_count(held)
    first_broken = min(broken)
    if first_broken - most <= max(1.0, _CLOSE_ENOUGH * most):
        return None
    return (most + first_broken) // 2


def best_count(held: Mapping[int, bool]) -> int:
    """Return the most cameras that held, fewer than any that did not; 0 when none did."""
    limit = min((count for count, holds in held.items() if not holds), default=None)
    return max(
        (count for count, holds in held.items() if holds and (limit is None or count < limit)),
        default=0,
    )


def answer(results: Mapping[float, Mapping[int, bool]], *, is_whole: bool) -> str:
    """Return the answer to "how many cameras", one sentence.

    Args:
        results: For each detection rate, whether each count held; the first rate is the question.
        is_whole: False when it was stopped before all was tried.
    """
    tried = [(rate, held) for rate, held in results.items() if held]
    if not tried:
        return "Nothing was measured."
    (rate, held), *others = tried
    most = best_count(held)
    if most == 0:
        fewest = min(held)
        what = "camera" if fewest == 1 else "cameras"
        text = f"This machine does not hold {fewest} {what} at {_per_second(rate)}"
    else:
        is_limit_seen = any(not holds for holds in held.values())
        least = "" if is_limit_seen else "at least "
        what = "camera" if most == 1 else "cameras"
        text = f"This machine holds {least}{most} {what} at {_per_second(rate)}"
    also = [f"{best_count(others_held)} at {other:g}" for other, others_held in others]
    text += f" ({', '.join(also)})" if also else ""
    return f"{text}; it was stopped before it had tried more." if not is_whole else f"{text}."


def _per_second(rate: float) -> str:
    return f"{rate:g} detection{'' if rate == 1 else 's'} a second"
