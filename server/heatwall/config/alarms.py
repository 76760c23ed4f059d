"""The settings of alarms: when one is raised, and who is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from heatwall.config import kinds
from heatwall.config.names import nearest
from heatwall.config.rules import FromFile, PartError, Rule, duration, fault, number, whole
from heatwall.config.section import Section, renamed
from heatwall.config.url import check_url, without_path
from heatwall.values import SecretUrl

ALL = "all"
"""Stands for every camera."""

MOST_RULES = 256
"""Each is looked at every second."""

_MOST_TARGETS = 16
"""Each has a task and a queue of its own."""

_MOST_NAMED = 12
"""Names that a fault lists; a line of an error must stay readable."""

_SHORTEST_SECRET = 16
"""Characters; a signature by a word that can be guessed signs nothing."""

_LONGEST_TOPIC = 200
"""Characters; the names of a rule and a camera follow, and a broker takes 65,535 bytes."""

_LONGEST_WAIT_S = 86400.0


class _Stranger:
    """Stands in the place of a name that nothing has.

    Args:
        message: What is wrong with it.
        allowed: The names that there are.
    """

    def __init__(self, message: str, allowed: str) -> None:
        self.message = message
        self.allowed = allowed


def _parse_name(value: Any, _file: FromFile | None) -> str:
    if isinstance(value, _Stranger):
        raise PartError((), value.message, value.allowed)
    if not isinstance(value, str) or not value.strip():
        raise ValueError("is not a name; put names such as on or no in quotes")
    return value.strip()


def _name(what: str) -> Rule:
    return Rule(_parse_name, what, {"type": "string", "minLength": 1})


def _or_null(rule: Rule) -> Rule:
    """Return a rule that takes null too, which is what a key has that is not there."""
    return Rule(
        lambda value, file: None if value is None else rule.parse(value, file),
        rule.allowed,
        {"anyOf": [rule.schema, {"type": "null"}]},
        lambda value: None if value is None else rule.write(value),
    )


def _parse_webhook(value: Any, _file: FromFile | None) -> SecretUrl:
    if not isinstance(value, str | SecretUrl):
        raise ValueError("is not a URL")
    return check_url(value, ("http", "https"))


def _parse_broker(value: Any, _file: FromFile | None) -> SecretUrl:
    if not isinstance(value, str | SecretUrl):
        raise ValueError("is not a URL")
    url = check_url(value, ("mqtt", "mqtts"))
    parts = urlsplit(url.secret)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("has more than a host and a port; the topic is a key of its own")
    return url


def _parse_secret(value: Any, _file: FromFile | None) -> SecretStr:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("is not text; put it in quotes")
    if len(value) < _SHORTEST_SECRET:
        raise ValueError("is too short")
    return SecretStr(value)


def _parse_topic(value: Any, _file: FromFile | None) -> str:
    if not isinstance(value, str) or not value.strip("/ "):
        raise ValueError("is not a topic")
    # MQTT 5.0, section 4.7.1: + and # are wildcards; 4.7.2: $ begins the broker's own topics.
    if not value.isprintable() or any(sign in value for sign in "+#") or value[0] in "$/":
        raise ValueError("can't be published to")
    if len(value) > _LONGEST_TOPIC:
        raise ValueError("is too long")
    return value.rstrip("/")


_WEBHOOK = Rule(
    _parse_webhook,
    "https:// or http:// with a host, such as https://hooks.example.com/heatwall",
    {"type": "string", "pattern": "^https?://"},
    without_path,
)
_BROKER = Rule(
    _parse_broker,
    "mqtt:// or mqtts:// with a host and, where it is another, a port, such as "
    "mqtts://heatwall:${MQTT_PASSWORD}@192.0.2.5",
    {"type": "string", "pattern": "^mqtts?://"},
    str,
)
_SECRET = Rule(
    _parse_secret,
    f"text of {_SHORTEST_SECRET} characters or more, such as ${{WEBHOOK_SECRET}}",
    {"type": "string", "minLength": _SHORTEST_SECRET},
    lambda _secret: "***",
)
_TOPIC = Rule(
    _parse_topic,
    f"1 to {_LONGEST_TOPIC} characters without + and #, not beginning with $ or /",
    {"type": "string", "minLength": 1, "maxLength": _LONGEST_TOPIC, "pattern": "^[^+#$/][^+#]*$"},
)


class TargetConfig(Section):
    """Somebody who is told of alarms: by a webhook or by an MQTT broker."""

    webhook: Annotated[SecretUrl | None, _or_null(_WEBHOOK)] = Field(
        default=None, description="Where each event is posted as JSON."
    )
    secret: Annotated[SecretStr | None, _or_null(_SECRET)] = Field(
        default=None,
        description="Signs what is posted (HMAC-SHA256), so that the receiver knows from whom it "
        "is. Without one nothing is signed.",
    )
    mqtt: Annotated[SecretUrl | None, _or_null(_BROKER)] = Field(
        default=None, description="The broker that each event is published at."
    )
    topic: Annotated[str, _TOPIC] = Field(
        default="heatwall", description="What the broker's topics begin with."
    )

    @model_validator(mode="after")
    def _is_one_of_both(self) -> TargetConfig:
        if (self.webhook is None) == (self.mqtt is None):
            raise fault("says not by what it is told", "one of webhook and mqtt")
        if self.secret is not None and self.webhook is None:
            raise fault("belongs to a webhook", "user and password in the URL of mqtt", ("secret",))
        if "topic" in self.model_fields_set and self.mqtt is None:
            raise fault("belongs to mqtt", "no topic beside webhook", ("topic",))
        return self

    @property
    def place(self) -> str:
        """The host that is told, for people; never more of a URL, whose path may be a secret."""
        url = self.webhook or self.mqtt
        parts = urlsplit(url.secret if url else "")
        return f"{parts.scheme}://{parts.hostname}"


class AlarmConfig(Section):
    """When one alarm is raised: for a camera that is offline, or for a zone."""

    camera: Annotated[str, _name("the id of a camera, or all where `offline` is given")] = Field(
        description="The camera that is watched; `all` watches each by itself, for `offline` alone."
    )
    offline_s: Annotated[float | None, _or_null(duration(1, _LONGEST_WAIT_S))] = renamed(
        "offline", default=None, description="Raised when the camera sends no pictures for so long."
    )
    zone: Annotated[str | None, _or_null(_name("the name of a zone of this camera"))] = Field(
        default=None, description="The zone that is watched."
    )
    people_over: Annotated[int | None, _or_null(whole(0, 1000))] = Field(
        default=None, description="Raised when more people than this are in the zone."
    )
    heat_over: Annotated[float | None, _or_null(number(0.01, 100))] = Field(
        default=None,
        description="Raised when the hottest place in the zone is hotter. The unit is the heat's "
        "own: the share of recent time that somebody stood there, 1 for one person who never "
        "left.",
    )
    half_life_s: Annotated[float | None, kinds.HALF_LIFE] = renamed(
        "half_life",
        default=None,
        description="Which of the camera's heats `heat_over` looks at, instead of the one shown.",
    )
    for_s: Annotated[float, duration(0, _LONGEST_WAIT_S)] = renamed(
        "for", default=30.0, description="How long a zone must be over before it is raised."
    )
    clear_for_s: Annotated[float, duration(0, _LONGEST_WAIT_S)] = renamed(
        "clear_for",
        default=30.0,
        description="How long all must be well again before the alarm ends.",
    )
    to: tuple[Annotated[str, _name("names of `notify`, such as [office]")], ...] | None = Field(
        default=None, description="Who is told, by the names in `notify`; null is everybody."
    )

    @model_validator(mode="after")
    def _watches_one_thing(self) -> AlarmConfig:
        limits = {
            "offline": self.offline_s,
            "people_over": self.people_over,
            "heat_over": self.heat_over,
        }
        given = [name for name, limit in limits.items() if limit is not None]
        if len(given) != 1:
            raise fault(
                f"has {' and '.join(given)}" if given else "says not when it is raised",
                "one of offline, people_over and heat_over",
            )
        self._check_zone(given[0])
        return self

    def _check_zone(self, kind: str) -> None:
        is_offline = kind == "offline"
        if is_offline and self.zone is not None:
            raise fault("belongs to people_over or heat_over", "no zone beside offline", ("zone",))
        if is_offline and "for_s" in self.model_fields_set:
            raise fault("is said by offline already", "no `for` beside offline", ("for",))
        if not is_offline and self.zone is None:
            raise fault(f"has {kind} and no zone", f"zone, beside {kind}")
        if not is_offline and self.camera == ALL:
            raise fault("has a zone, which one camera has", "the id of one camera", ("camera",))
        if kind != "heat_over" and "half_life_s" in self.model_fields_set:
            raise fault("belongs to heat_over", f"no half_life beside {kind}", ("half_life",))

    @field_validator("to")
    @classmethod
    def _are_some(cls, to: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if to == ():
            raise fault("is empty", "names of `notify`, or null for all")
        return to


class AlarmsConfig(Section):
    """Alarms, and who is told of them."""

    notify: dict[Annotated[str, kinds.ID], TargetConfig] = Field(
        default_factory=dict, description="Who is told, each under a name."
    )
    rules: dict[Annotated[str, kinds.ID], AlarmConfig] = Field(
        default_factory=dict, description="The alarms, each under a name."
    )

    @field_validator("notify", "rules", mode="before")
    @classmethod
    def _nothing_means_none(cls, value: Any) -> Any:
        return {} if value is None else value

    @field_validator("rules")
    @classmethod
    def _are_few(cls, rules: dict[str, AlarmConfig]) -> dict[str, AlarmConfig]:
        if len(rules) > MOST_RULES:
            raise fault("has too many alarms", f"at most {MOST_RULES}")
        return rules

    @field_validator("notify")
    @classmethod
    def _tell_few(cls, notify: dict[str, TargetConfig]) -> dict[str, TargetConfig]:
        if len(notify) > _MOST_TARGETS:
            raise fault("has too many to tell", f"at most {_MOST_TARGETS}")
        return notify


def with_unknown_names(alarms: Any, cameras: Mapping[Any, Any]) -> Any:
    """Return `alarms` with a mark in place of each name of a camera, zone or target that is none.

    A rule knows neither the cameras nor the targets. With marks each wrong name is a fault of
    its own place, told together with all others.

    Args:
        alarms: The section, as it is before it is validated.
        cameras: The cameras, likewise.
    """
    if isinstance(alarms, AlarmsConfig):
        return alarms
    rules = alarms.get("rules") if isinstance(alarms, dict) else None
    if not isinstance(rules, dict):
        return alarms
    notify = alarms.get("notify")
    targets = list(notify) if isinstance(notify, dict) else []
    return {
        **alarms,
        "rules": {key: _marked(rule, cameras, targets) for key, rule in rules.items()},
    }


def _marked(rule: Any, cameras: Mapping[Any, Any], targets: list[Any]) -> Any:
    if not isinstance(rule, dict):
        return rule
    marked = dict(rule)
    camera, zone, to = rule.get("camera"), rule.get("zone"), rule.get("to")
    if isinstance(camera, str) and camera != ALL:
        marked["camera"] = _known(camera, cameras, "the id of a camera")
    settings = cameras.get(camera) if isinstance(camera, str) else None
    if isinstance(zone, str) and isinstance(settings, dict):
        zones = settings.get("zones")
        names = zones if isinstance(zones, dict) else {}
        marked["zone"] = _known(zone, names, f"a zone of {camera}")
    elif isinstance(zone, str) and settings is not None and hasattr(settings, "zones"):
        marked["zone"] = _known(zone, settings.zones, f"a zone of {camera}")
    if isinstance(to, list | tuple):
        marked["to"] = [_known(one, targets, "one of `notify`") for one in to]
    return marked


def _known(name: Any, names: Mapping[Any, Any] | list[Any], what: str) -> Any:
    if not isinstance(name, str) or name in names:
        return name
    known = [str(one) for one in names]
    meant = nearest(name, known)
    hint = f"; did you mean {meant}?" if meant else ""
    allowed = ", ".join(known[:_MOST_NAMED]) + (", …" if len(known) > _MOST_NAMED else "")
    return _Stranger(f"is not {what}{hint}", allowed or "none is there yet")


def half_lives_are_kept(alarms: AlarmsConfig, cameras: Mapping[str, Any]) -> None:
    """Check that each rule's half-life is one that its camera keeps.

    Raises:
        PydanticCustomError: One is not; it leads from the whole config to the value.
    """
    for name, rule in alarms.rules.items():
        if rule.heat_over is None or "half_life_s" not in rule.model_fields_set:
            continue
        kept = cameras[rule.camera].heat.half_lives_s
        if rule.half_life_s not in kept:
            raise fault(
                f"is no heat that {rule.camera} keeps",
                ", ".join(map(kinds.format_half_life, kept)),
                ("alarms", "rules", name, "half_life"),
            )
