"""What one target has not been told yet."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from heatwall.alarms.events import Event

MOST_WAITING = 1000
"""About 300 bytes each; who was away for so many wants to know the last ones."""


class Outbox:
    """A bounded queue of events in their order; the oldest goes when there are too many.

    Args:
        events: What waits from a run before.
        most: How many may wait.
    """

    def __init__(self, events: Iterable[Event] = (), most: int = MOST_WAITING) -> None:
        self._events = deque(events, maxlen=most)

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._events)

    @property
    def waiting(self) -> tuple[Event, ...]:
        """All that wait, the oldest first."""
        return tuple(self._events)

    @property
    def first(self) -> Event | None:
        """The oldest that waits, which is told next."""
        return self._events[0] if self._events else None

    def put(self, event: Event) -> bool:
        """Let an event wait; returns whether the oldest one was dropped for it."""
        is_full = len(self._events) == self._events.maxlen
        self._events.append(event)
        return is_full

    def done(self, event: Event) -> bool:
        """Take out the oldest if it is `event`, which may have been dropped meanwhile.

        Returns:
            Whether it was there.
        """
        if self._events and self._events[0] is event:
            self._events.popleft()
            return True
        return False
