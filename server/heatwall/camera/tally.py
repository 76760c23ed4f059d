"""What a camera's workers have done, counted over all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from heatwall.camera.link import Figures
from heatwall.rates import Rate
from heatwall.values import Tier


class Tally:
    """Totals since the start, and rates of now.

    A worker tells its own totals, which begin at zero with each new one.
    """

    def __init__(self) -> None:
        self.newest: Figures | None = None
        """What the present worker told last; None before its first word."""
        self._past: Counter[str] = Counter()
        self._past_stage_s: dict[str, float] = {}
        self._decoded = Rate()
        self._late = Rate()
        self._shown = {tier: Rate() for tier in Tier}

    def note(self, figures: Figures, now_s: float) -> None:
        """Take what the worker tells.

        Args:
            figures: Its totals.
            now_s: Monotonic seconds, as all times here.
        """
        self.newest = figures
        self._decoded.add(now_s, figures.decoded)
        self._late.add(now_s, figures.dropped.get("late", 0))
        for tier, rate in self._shown.items():
            rate.add(now_s, figures.shown.get(tier, 0))

    def close_worker(self) -> None:
        """Add the ended worker's totals to those of its predecessors."""
        self._past.update(_flat(self.newest))
        self._past_stage_s = self.stage_s()
        self.newest = None

    def total(self, name: str) -> int:
        """Return a total since the start: `decoded`, `shown.<tier>` or `dropped.<reason>`."""
        return self._past[name] + _flat(self.newest).get(name, 0)

    def totals(self, prefix: str) -> dict[str, int]:
        """Return the totals whose names begin with `prefix` and a dot, by the rest of the name."""
        known = (*self._past, *_flat(self.newest))
        names = {name for name in known if name.startswith(f"{prefix}.")}
        return {name.partition(".")[2]: self.total(name) for name in sorted(names)}

    def stage_s(self) -> dict[str, float]:
        """Return the workers' seconds of work by stage since the start."""
        return _sum(self._past_stage_s, self.newest.stage_s if self.newest else {})

    def decoded_fps(self, now_s: float) -> float:
        """Return the rate of decoded frames now."""
        return self._decoded.per_s(now_s)

    def late_fps(self, now_s: float) -> float:
        """Return the rate of pictures left out now because the worker is late."""
        return self._late.per_s(now_s)

    def shown_fps(self, tiers: Iterable[Tier], now_s: float) -> float:
        """Return the rate of encoded pictures now, of the fastest of some tiers."""
        return max((self._shown[tier].per_s(now_s) for tier in tiers), default=0.0)


def _flat(figures: Figures | None) -> dict[str, int]:
    if figures is None:
        return {}
    return (
        {"decoded": figures.decoded}
        | {f"shown.{tier}": count for tier, count in figures.shown.items()}
        | {f"dropped.{reason}": count for reason, count in figures.dropped.items()}
    )


def _sum(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    return {name: one.get(name, 0.0) + other.get(name, 0.0) for name in (*one, *other)}
