"""How large a picture a viewer's path carries, judged by what it loses.

All slots of a viewer share one path and so are judged together. The two shares between which
nothing changes are those of Google's congestion control, loss-based part
(draft-ietf-rmcat-gcc-02, section 6). It changes a bitrate at every report; here a whole tier is at
stake, with an IDR at each move, so that a move down takes loss that stays, and one up a quiet time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from heatwall.values import Tier

_ASCENDING = tuple(Tier)


@dataclass(frozen=True, slots=True)
class Rules:
    """When a viewer is moved; all times in seconds.

    Attributes:
        bad_share: Share of packets lost from which the path carries too much; 10 % in the draft.
        good_share: Share up to which it may carry more; 2 % in the draft.
        least_lost: Packets or pictures that must be missing before a share is believed: of the
            eight packets that a quiet preview sends in a round, one is already 12 %.
        round_s: How long reports are gathered for one judgement. Browsers report on each slot
            every 0.5 to 1.5 s, so that every slot is in every round.
        bad_rounds: Bad judgements in a row that move down: a break of a second, such as a change
            of Wi-Fi cells, spoils two at most.
        settle_s: For how long reports are left out after a move: they still tell of what was sent
            before it, and of the burst of IDRs.
        stale_s: Age from which a report says nothing any more. The slowest viewers report every
            5 s, stretched to 6.2 s by chance (RFC 3550, sections 6.2 and 6.3.1).
        first_quiet_s: How long a path must be good before it is tried with more.
        last_quiet_s: To what that time grows by doubling. A path that was not bad for as long is
            tried too, even if it was never good: some Wi-Fi always loses 3 %.
        proven_s: A try that lasted for so long, and for the quiet time, has not failed.
    """

    bad_share: float = 0.10
    good_share: float = 0.02
    least_lost: int = 3
    round_s: float = 1.5
    bad_rounds: int = 3
    settle_s: float = 2.0
    stale_s: float = 8.0
    first_quiet_s: float = 10.0
    last_quiet_s: float = 300.0
    proven_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What became of one slot's pictures since the last evidence.

    Lost packets are the difference between two reports' totals, not the share that a report tells:
    that is of the time since the report before only, and browsers send one with each NACK, so that
    the newest says little about a second.

    Attributes:
        packets: Packets sent up to the newest report; up to now if there never was one.
        lost: Packets lost by a report that came since; None without a report.
        dropped: Pictures dropped before they were sent, since the viewer was too slow.
    """

    packets: int = 0
    lost: int | None = None
    dropped: int = 0


class Move(StrEnum):
    """Where a viewer was moved."""

    DOWN = "down"
    UP = "up"


@dataclass(slots=True)
class _Tally:
    """Sums of evidence."""

    packets: int = 0
    lost: int = 0
    dropped: int = 0

    def add(self, seen: Evidence) -> None:
        self.packets += seen.packets + seen.dropped
        self.lost += (seen.lost or 0) + seen.dropped
        self.dropped += seen.dropped

    def is_above(self, share: float, least_lost: int) -> bool:
        return self.lost >= least_lost and self.share > share

    @property
    def share(self) -> float:
        # Reports lag behind, so that for a moment more may be lost than was sent since.
        return min(1.0, self.lost / max(1, self.packets))

    @property
    def reason(self) -> str:
        if self.dropped > self.lost / 2:
            return "the connection is too slow"
        return f"{self.share:.0%} of packets lost".replace("%", " %")


class Quality:
    """Decides the largest tier that one viewer is sent; no clock, no input or output.

    Args:
        rules: When it moves.

    Attributes:
        cap: The largest tier that it is sent, whatever its page wants.
        reason: Why it was lowered last, in plain words; empty if it never was.
    """

    def __init__(self, rules: Rules) -> None:
        self.cap = _ASCENDING[-1]
        self.reason = ""
        self._rules = rules
        self._quiet_needed_s = rules.first_quiet_s
        self._settled_s: float | None = None
        self._raised_s = float("-inf")
        self._bearable_since_s = 0.0
        self._reported_s: float | None = None
        self._round = _Tally()
        self._round_ends_s: float | None = None
        self._bad_rounds = 0
        self._quiet = _Tally()
        self._quiet_since_s = 0.0

    def observe(self, now_s: float, seen: Iterable[Evidence], wanted: Tier) -> Tier:
        """Judge what was seen since the last call, at least once a second, and return the cap.

        Args:
            now_s: Monotonic.
            seen: One for each slot of which there is something to say.
            wanted: The largest tier that its page wants now.
        """
        if self._settled_s is None:
            # What was dropped while the connection was made says nothing about the path.
            self._settle(now_s)
        seen = tuple(seen)
        if any(one.lost is not None for one in seen):
            self._reported_s = now_s
        if self._settled_s is not None and now_s < self._settled_s:
            return self.cap
        if self._is_silent(now_s):
            self._forget(now_s)
            return self.cap
        self._note(now_s, seen)
        if self._round_ends_s is not None and now_s >= self._round_ends_s:
            self._end_round(now_s, at_most(wanted, self.cap))
        elif self._may_try(now_s):
            self._raise(now_s, wanted)
        return self.cap

    def _is_silent(self, now_s: float) -> bool:
        """Whether a viewer that has reported does so no more; some players never do."""
        return self._reported_s is not None and now_s - self._reported_s > self._rules.stale_s

    def _note(self, now_s: float, seen: Iterable[Evidence]) -> None:
        for one in seen:
            self._round.add(one)
            self._quiet.add(one)
        if self._round.packets and self._round_ends_s is None:
            self._round_ends_s = now_s + self._rules.round_s
        if self._quiet.is_above(self._rules.good_share, self._rules.least_lost):
            self._restart_quiet(now_s)

    def _end_round(self, now_s: float, largest: Tier) -> None:
        ended, self._round, self._round_ends_s = self._round, _Tally(), None
        if not ended.is_above(self._rules.bad_share, self._rules.least_lost):
            self._bad_rounds = 0
            return
        self._bad_rounds += 1
        self._bearable_since_s = now_s
        self._restart_quiet(now_s)
        if self._bad_rounds >= self._rules.bad_rounds and largest is not _ASCENDING[0]:
            self.reason = ended.reason
            self._lower(now_s, largest)

    def _may_try(self, now_s: float) -> bool:
        if self.cap is _ASCENDING[-1]:
            return False
        return (
            now_s - self._quiet_since_s >= self._quiet_needed_s
            or now_s - self._bearable_since_s >= self._rules.last_quiet_s
        )

    def _lower(self, now_s: float, largest: Tier) -> None:
        rules = self._rules
        if now_s - self._raised_s < max(rules.proven_s, self._quiet_needed_s):
            self._quiet_needed_s = min(2 * self._quiet_needed_s, rules.last_quiet_s)
        else:
            self._quiet_needed_s = rules.first_quiet_s
        # Not one below the cap: a cap that nothing reaches would change nothing.
        self.cap = _ASCENDING[_ASCENDING.index(largest) - 1]
        self._settle(now_s)

    def _raise(self, now_s: float, wanted: Tier) -> None:
        has_effect = at_most(wanted, self.cap) is not wanted
        self.cap = _ASCENDING[_ASCENDING.index(self.cap) + 1]
        if has_effect:
            self._raised_s = now_s
        self._settle(now_s)

    def _settle(self, now_s: float) -> None:
        self._settled_s = now_s + self._rules.settle_s
        self._forget(now_s)

    def _forget(self, now_s: float) -> None:
        """Leave out all that was seen so far."""
        self._round, self._round_ends_s = _Tally(), None
        self._bad_rounds = 0
        self._bearable_since_s = now_s
        self._restart_quiet(now_s)

    def _restart_quiet(self, now_s: float) -> None:
        self._quiet = _Tally()
        self._quiet_since_s = now_s


def at_most(tier: Tier, cap: Tier) -> Tier:
    """Return the smaller of two tiers."""
    return min(tier, cap, key=_ASCENDING.index)
