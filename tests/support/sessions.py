"""Viewers that are not there, for those who count them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from heatwall.delivery.fanout import TierStatistics
from heatwall.delivery.peer import Loss
from heatwall.delivery.quality import Move
from heatwall.values import Tier


class NoSessions:
    """Nobody watches."""

    def __len__(self) -> int:
        return 0

    def viewers(self) -> Counter[str]:
        """Return none."""
        return Counter()

    def statistics(self) -> Mapping[tuple[str, Tier], TierStatistics]:
        """Return what was sent to those who have left."""
        return {("door", Tier.TILE): TierStatistics(0, 180, 20, 4, 2)}

    def losses(self) -> Sequence[Loss]:
        """Return none."""
        return []

    def reduced(self) -> int:
        """Return none."""
        return 0

    def moves(self) -> Mapping[Move, int]:
        """Return those of before."""
        return dict.fromkeys(Move, 0)
