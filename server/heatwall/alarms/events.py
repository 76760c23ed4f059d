"""What somebody is told of an alarm: the body of a webhook and of an MQTT message."""

from __future__ import annotations

import msgspec

from heatwall.alarms.rules import Key, Kind, Watched
from heatwall.alarms.watch import Turn
from heatwall.config import format_half_life

VERSION = 1
"""Of the body. Keys may be added within a version; none is taken away, and none changes its
meaning."""


class Event(msgspec.Struct, frozen=True):
    """That an alarm was raised or has ended.

    Attributes:
        version: See `VERSION`.
        id: Of this event: the same each time that it is sent, so that a receiver knows it again.
        event: `fired`, `cleared` or `test`.
        rule: The rule's name in the config.
        camera: The camera's id; "" in a test.
        camera_name: For people.
        zone: The zone's name; None for a camera that is offline.
        kind: See `Kind`; None in a test.
        value: What was found: people, or share of recent time; None where nothing is counted.
        limit: What it exceeded; None where nothing is counted.
        since: When the alarm was raised, seconds since 1970 UTC; the same in both of its events.
        at: When this happened, seconds since 1970 UTC.
        text: All of it in one sentence.
    """

    id: str
    event: str
    rule: str
    camera: str
    camera_name: str
    zone: str | None
    kind: Kind | None
    value: float | None
    limit: float | None
    since: float
    at: float
    text: str
    version: int = VERSION

    @property
    def key(self) -> Key:
        """Which alarm it is of."""
        return Key(self.rule, self.camera)

    @property
    def is_firing(self) -> bool:
        """Whether the alarm is raised after it."""
        return self.event == Turn.FIRED


def event_of(
    watched: Watched,
    turn: Turn,
    value: float | None,
    since: float,
    at: float,
    reason: str | None = None,
) -> Event:
    """Return what is told of a turn.

    Args:
        watched: The alarm.
        turn: What happened.
        value: What was found.
        since: When the alarm was raised, seconds since 1970 UTC.
        at: Now, seconds since 1970 UTC.
        reason: Why it ended, when not for its value.
    """
    key, subject = watched.key, watched.subject
    is_counted = subject.kind is not Kind.OFFLINE
    return Event(
        id=f"{key.rule}.{key.camera}.{round(since * 1000)}.{turn}",
        event=turn,
        rule=key.rule,
        camera=key.camera,
        camera_name=watched.camera_name,
        zone=subject.zone,
        kind=subject.kind,
        value=value if is_counted else None,
        limit=watched.limit if is_counted else None,
        since=since,
        at=at,
        text=f"{watched.camera_name}: {reason or _words(watched, turn, value)}.",
    )


def made_up(at: float) -> Event:
    """Return an event that tries out whether somebody can be told.

    Args:
        at: Now, seconds since 1970 UTC.
    """
    return Event(
        id=f"test.{round(at * 1000)}",
        event="test",
        rule="test",
        camera="",
        camera_name="",
        zone=None,
        kind=None,
        value=None,
        limit=None,
        since=at,
        at=at,
        text="This is a test of Heatwall's alarms.",
    )


def _words(watched: Watched, turn: Turn, value: float | None) -> str:
    subject, is_fired = watched.subject, turn is Turn.FIRED
    if subject.kind is Kind.OFFLINE:
        if not is_fired:
            return "the camera sends pictures again"
        return f"the camera has sent no pictures for {format_half_life(watched.for_s)}"
    if subject.kind is Kind.PEOPLE:
        people = f"{value or 0:.0f} in {subject.zone}"
        if not is_fired:
            return f"{people}, no longer over {watched.limit:g}"
        return f"{people}, over {watched.limit:g} for {format_half_life(watched.for_s)}"
    heat = f"heat of {value or 0:.2f} in {subject.zone}"
    if not is_fired:
        return f"{heat}, no longer over {watched.limit:g}"
    return f"{heat}, over {watched.limit:g} for {format_half_life(watched.for_s)}"
