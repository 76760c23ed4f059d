"""What one camera saw in each minute of the last hour."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from heatwall.status import LineStatus, MinuteStatus

MINUTE_S = 60
"""Of the wall's clock, so that the minute of 14:03 begins when clocks show it."""

MOST_MINUTES = 60
"""Whole minutes kept, beside the one that still runs."""

_JITTER_S = MINUTE_S / 2
"""A clock that was set back by less is waited for, in the minute that runs."""

_HOLD_S = 5.0
"""Who was seen is taken to be there for so long without another look, as a busy machine looks only
once in some seconds. Longer adds nothing: the looks of a minute weigh the same then."""


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute, as it is kept.

    Attributes:
        at: When it begins, seconds since 1970 UTC, a multiple of 60.
        people_s: Person-seconds in the picture.
        seen_s: Seconds for which it is known who was there.
        most: Most people at once; None where nobody looked.
        in_count: Crossings of all lines that ended inside.
        out_count: Crossings of all lines that ended outside.
    """

    at: int
    people_s: float = 0.0
    seen_s: float = 0.0
    most: int | None = None
    in_count: int = 0
    out_count: int = 0

    def status(self) -> MinuteStatus:
        """Return what the world may know of it."""
        people = float(self.most or 0) if self.seen_s == 0 else self.people_s / self.seen_s
        mean = None if self.most is None else round(people, 2)
        return MinuteStatus(self.at, mean, self.most, self.in_count, self.out_count)

    def with_people(self, people: int, for_s: float) -> Minute:
        """Return it with some people for some more seconds."""
        return replace(
            self,
            people_s=self.people_s + people * for_s,
            seen_s=self.seen_s + for_s,
            most=max(people, self.most or 0),
        )


class History:
    """The minutes of the last hour of one camera. One thread at a time.

    All times are the wall's clock, which may jump: forward, then nobody looked meanwhile, as
    after a machine slept; back, then what is known moves along with it, since it is still so many
    minutes ago.
    """

    def __init__(self) -> None:
        self._minutes: dict[int, Minute] = {}
        self._people = 0
        self._looked: float | None = None
        self._lines: dict[str, tuple[int, int]] | None = None
        self._now: float | None = None

    def look(self, people: int, lines: Mapping[str, LineStatus], now: float) -> None:
        """Take what one look at the camera has found.

        Args:
            people: How many were there.
            lines: Totals of the lines; one that fell was reset, a new one began at zero.
            now: Seconds since 1970 UTC.
        """
        totals = {name: (line.in_count, line.out_count) for name, line in lines.items()}
        self._come_to(now)
        if self._looked is not None:
            self._add(self._people, self._looked, min(now, self._looked + _HOLD_S))
        self._people, self._looked = people, now
        at = self._running(now)
        minute = self._minute(at).with_people(people, 0.0)
        # The totals at the first look are those of a run before.
        seen = totals if self._lines is None else self._lines
        crossed = [_crossed(total, seen.get(name, (0, 0))) for name, total in totals.items()]
        self._lines = totals
        self._minutes[at] = replace(
            minute,
            in_count=minute.in_count + sum(inward for inward, _ in crossed),
            out_count=minute.out_count + sum(outward for _, outward in crossed),
        )

    def gap(self) -> None:
        """Say that the stream was interrupted: from the last look on nobody knows who was there."""
        self._looked = None

    def minutes(self, now: float) -> tuple[MinuteStatus, ...]:
        """Return the minutes from the oldest that is known to the one that runs, without holes."""
        self._come_to(now)
        last = self._running(now)
        first = min(self._minutes, default=last)
        return tuple(self._minute(at).status() for at in range(first, last + MINUTE_S, MINUTE_S))

    def state(self) -> tuple[Minute, ...]:
        """Return what must survive a restart, oldest first."""
        return tuple(self._minutes[at] for at in sorted(self._minutes))

    def restore(self, minutes: Iterable[Minute], now: float) -> None:
        """Take over the minutes of a run before, as far as they lie in the last hour.

        What can't be true is left out: a file may say anything.
        """
        self._come_to(now)
        kept = {minute.at: minute for minute in minutes if _can_be(minute, now)}
        self._minutes = kept | self._minutes
        self._forget(now)

    def _come_to(self, now: float) -> None:
        """Let it be `now`, whatever it was before."""
        before, self._now = self._now, now
        if before is not None and now < before:
            self._looked = None
            if before - now > _JITTER_S:
                self._move(round((before - now) / MINUTE_S) * MINUTE_S)
        self._forget(now)

    def _move(self, back_s: int) -> None:
        """Follow a clock that was set back."""
        moved = (replace(minute, at=minute.at - back_s) for minute in self._minutes.values())
        self._minutes = {minute.at: minute for minute in moved}

    def _forget(self, now: float) -> None:
        """Let go of what is more than an hour ago."""
        oldest = now // MINUTE_S * MINUTE_S - MOST_MINUTES * MINUTE_S
        for at in [at for at in self._minutes if at < oldest]:
            del self._minutes[at]

    def _running(self, now: float) -> int:
        """Return the minute that runs: the clock's, or a later one that had begun already."""
        return max(int(now // MINUTE_S) * MINUTE_S, max(self._minutes, default=0))

    def _minute(self, at: int) -> Minute:
        return self._minutes.get(at) or Minute(at)

    def _add(self, people: int, begin: float, end: float) -> None:
        """Note that some people were there for some time, which may be of several minutes."""
        while begin < end:
            until = min(end, (begin // MINUTE_S + 1) * MINUTE_S)
            at = self._running(begin)
            self._minutes[at] = self._minute(at).with_people(people, until - begin)
            begin = until


def _crossed(total: tuple[int, int], before: tuple[int, int]) -> tuple[int, int]:
    """Return how many crossed a line in and out since the look before."""
    if total[0] < before[0] or total[1] < before[1]:
        return total
    return total[0] - before[0], total[1] - before[1]


def _can_be(minute: Minute, now: float) -> bool:
    figures = (minute.people_s, minute.seen_s, minute.most or 0, minute.in_count, minute.out_count)
    return (
        minute.at % MINUTE_S == 0
        and now - (MOST_MINUTES + 1) * MINUTE_S < minute.at <= now
        and all(0 <= figure < math.inf for figure in figures)
    )
