"""What is watched, camera by camera, as the config says it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from heatwall.config import ALL, AlarmConfig, Config


class Kind(StrEnum):
    """What an alarm is about; the same words in API, log and messages."""

    OFFLINE = "offline"
    """A camera sends no pictures."""
    PEOPLE = "people"
    """Too many people are in a zone."""
    HEAT = "heat"
    """A place in a zone is too hot."""


@dataclass(frozen=True, slots=True)
class Key:
    """Which alarm it is: a rule watches each of its cameras by itself.

    Attributes:
        rule: The rule's name.
        camera: The camera's id.
    """

    rule: str
    camera: str

    def __str__(self) -> str:
        """Return both, as they stand in topics and logs."""
        return f"{self.rule}/{self.camera}"


@dataclass(frozen=True, slots=True)
class Subject:
    """What an alarm is about; while this is the same, an alarm that is raised stays the same one.

    Attributes:
        kind: See `Kind`.
        zone: The zone's name; None for a camera.
        half_life_s: Of the heat looked at, seconds, None for a lifetime sum; 0 where none is.
    """

    kind: Kind
    zone: str | None = None
    half_life_s: float | None = 0.0


@dataclass(frozen=True, slots=True)
class Watched:
    """One alarm's rule for one camera.

    Attributes:
        key: Which it is.
        camera_name: For people.
        subject: What it is about.
        limit: What must be exceeded: people, or share of recent time; 0 for a camera, of which 1
            says that it is offline.
        for_s: For how long it must be, seconds.
        clear_for_s: For how long it must not be any more, seconds.
        to: Names of those who are told.
    """

    key: Key
    camera_name: str
    subject: Subject
    limit: float
    for_s: float
    clear_for_s: float
    to: tuple[str, ...]


def watched_by(config: Config) -> dict[Key, Watched]:
    """Return all that a config's alarms watch, in its order."""
    targets = tuple(config.alarms.notify)
    return {
        one.key: one
        for name, rule in config.alarms.rules.items()
        for one in _of_rule(name, rule, config, targets if rule.to is None else rule.to)
    }


def _of_rule(
    name: str, rule: AlarmConfig, config: Config, to: tuple[str, ...]
) -> Iterator[Watched]:
    for camera in config.cameras if rule.camera == ALL else (rule.camera,):
        settings = config.cameras[camera]
        shown_s = settings.heat.shown_s
        if rule.offline_s is not None:
            subject, limit, for_s = Subject(Kind.OFFLINE), 0.0, rule.offline_s
        elif rule.people_over is not None:
            subject, limit = Subject(Kind.PEOPLE, rule.zone), float(rule.people_over)
            for_s = rule.for_s
        else:
            is_chosen = "half_life_s" in rule.model_fields_set
            half_life_s = rule.half_life_s if is_chosen else shown_s
            subject, limit = Subject(Kind.HEAT, rule.zone, half_life_s), rule.heat_over or 0.0
            for_s = rule.for_s
        yield Watched(
            key=Key(name, camera),
            camera_name=settings.name,
            subject=subject,
            limit=limit,
            for_s=for_s,
            clear_for_s=rule.clear_for_s,
            to=to,
        )
