"""All alarms with where they stand. Pure: values and times go in, events come out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from heatwall.alarms.events import Event, event_of
from heatwall.alarms.rules import Key, Watched
from heatwall.alarms.watch import AlarmState, Turn, Watch
from heatwall.status import AlarmStatus

_GONE = "the alarm was changed or taken out of the config"


@dataclass(frozen=True, slots=True)
class Fired:
    """An alarm that is raised; what must survive a restart, so that nobody is told twice.

    Attributes:
        watched: Its rule when it was raised.
        since: When that was, seconds since 1970 UTC.
    """

    watched: Watched
    since: float


@dataclass(frozen=True, slots=True)
class Told:
    """An event with those who are told of it.

    Attributes:
        event: What is told.
        to: Names of targets.
    """

    event: Event
    to: tuple[str, ...]


@dataclass(slots=True)
class _Entry:
    """One alarm."""

    watched: Watched
    watch: Watch = field(default_factory=Watch)
    since: float | None = None


class Book:
    """Keeps the alarms of a config.

    Args:
        watched: What is watched.
        fired: What was raised in a run before.
    """

    def __init__(self, watched: Mapping[Key, Watched], fired: Iterable[Fired] = ()) -> None:
        self._entries = {key: _Entry(one) for key, one in watched.items()}
        self._gone: list[Fired] = []
        for one in fired:
            entry = self._entries.get(one.watched.key)
            if entry is None or entry.watched.subject != one.watched.subject:
                self._gone.append(one)
                continue
            entry.watch, entry.since = Watch(is_firing=True), one.since

    @property
    def watched(self) -> tuple[Watched, ...]:
        """All that is watched, in the config's order."""
        return tuple(entry.watched for entry in self._entries.values())

    @property
    def fired(self) -> tuple[Fired, ...]:
        """Which are raised now."""
        raised = [
            Fired(entry.watched, entry.since)
            for entry in self._entries.values()
            if entry.since is not None
        ]
        return (*raised, *self._gone)

    @property
    def statuses(self) -> list[AlarmStatus]:
        """Where each stands, in the config's order."""
        return [_status(entry) for entry in self._entries.values()]

    def current(self, target: str, at: float) -> list[Event]:
        """Return where all alarms stand of which a target is told, each as an event."""
        return [
            event_of(entry.watched, Turn.CLEARED, None, at, at, "all is well")
            if entry.since is None
            else event_of(entry.watched, Turn.FIRED, entry.watch.value, entry.since, at)
            for entry in self._entries.values()
            if target in entry.watched.to
        ]

    def change(self, watched: Mapping[Key, Watched]) -> None:
        """Watch this from now on. What is about the same goes on as it stands."""
        before = self._entries
        self._entries = {key: _Entry(one) for key, one in watched.items()}
        for key, old in before.items():
            new = self._entries.get(key)
            if new is not None and new.watched.subject == old.watched.subject:
                new.watch, new.since = old.watch, old.since
            elif old.since is not None:
                self._gone.append(Fired(old.watched, old.since))

    def look(self, values: Mapping[Key, float | None], now_s: float, at: float) -> list[Told]:
        """Take the values of one moment.

        Args:
            values: What is known; of an alarm that is not there, nothing is.
            now_s: Monotonic seconds.
            at: Seconds since 1970 UTC.

        Returns:
            What is to be told, in order.
        """
        told = [
            Told(event_of(one.watched, Turn.CLEARED, None, one.since, at, _GONE), one.watched.to)
            for one in self._gone
        ]
        self._gone.clear()
        for key, entry in self._entries.items():
            event = _look(entry, values.get(key), now_s, at)
            if event is not None:
                told.append(Told(event, entry.watched.to))
        return told


def _look(entry: _Entry, value: float | None, now_s: float, at: float) -> Event | None:
    watched = entry.watched
    turn = entry.watch.look(value, watched.limit, watched.for_s, watched.clear_for_s, now_s)
    if turn is None:
        return None
    since = at if entry.since is None else entry.since
    entry.since = at if turn is Turn.FIRED else None
    return event_of(watched, turn, value, since, at)


def _status(entry: _Entry) -> AlarmStatus:
    watched, watch = entry.watched, entry.watch
    subject = watched.subject
    is_counted = subject.zone is not None
    return AlarmStatus(
        rule=watched.key.rule,
        camera=watched.key.camera,
        kind=str(subject.kind),
        zone=subject.zone,
        state=str(watch.state),
        is_known=watch.value is not None,
        value=watch.value if is_counted else None,
        limit=watched.limit if is_counted else None,
        since=entry.since if watch.state is AlarmState.FIRING else None,
    )
