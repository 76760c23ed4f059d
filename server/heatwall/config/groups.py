"""The settings of groups of cameras, such as those of one floor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, field_validator

from heatwall.config.names import nearest
from heatwall.config.rules import FromFile, PartError, Rule, fault, text
from heatwall.config.section import Section

MOST_GROUPS = 64
"""Each is a choice on the page, which nobody overlooks when there are more."""

_MOST_CAMERAS = 64
"""Of one group, which is shown at once, as a wall of this many tiles."""

_MOST_NAMED = 12
"""Ids that a fault lists; a line of an error must stay readable."""

_A_LIST = f"a list of 1 to {_MOST_CAMERAS} ids of cameras, such as [entrance, checkout]"


@dataclass(frozen=True, slots=True)
class _Stranger:
    """Stands in the place of what is not the id of a camera.

    Attributes:
        message: What is wrong with it.
        allowed: The ids that cameras have.
    """

    message: str
    allowed: str


def _parse_member(value: Any, _file: FromFile | None) -> str:
    if isinstance(value, _Stranger):
        raise PartError((), value.message, value.allowed)
    if not _is_id(value):
        raise ValueError("is not the id of a camera")
    return str(value)


def _is_id(value: Any) -> bool:
    """Whether a value of a file may be an id; a key that is a number is text, here it is none."""
    return isinstance(value, str | int) and not isinstance(value, bool)


_MEMBER = Rule(
    _parse_member, _A_LIST, {"anyOf": [{"type": "string", "minLength": 1}, {"type": "integer"}]}
)


class GroupConfig(Section):
    """Cameras that belong together."""

    name: Annotated[str, text(200)] = Field(
        default="", description="For people; default: the group's key with its words capitalised."
    )
    cameras: tuple[Annotated[str, _MEMBER], ...] = Field(
        description="Ids of the cameras in it, in the order in which the group shows them. A "
        "camera may be in several groups.",
        json_schema_extra={"minItems": 1, "maxItems": _MOST_CAMERAS, "uniqueItems": True},
    )

    @field_validator("cameras")
    @classmethod
    def _are_some_and_unlike(cls, cameras: tuple[str, ...]) -> tuple[str, ...]:
        if not 1 <= len(cameras) <= _MOST_CAMERAS:
            raise fault("has too many cameras" if cameras else "is empty", _A_LIST)
        for place, camera in enumerate(cameras):
            if camera in cameras[:place]:
                raise fault(f"names {camera} twice", "each camera once", (place,))
        return cameras


def with_strangers(groups: Mapping[Any, Any], cameras: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return `groups` with a mark in place of each value that is not the id of a camera.

    A group does not know the cameras. With marks each value that is wrong is a fault of its own
    place, told together with all others.

    Args:
        groups: The groups, as they are before they are validated.
        cameras: The cameras, likewise.
    """
    return {key: _marked(group, cameras) for key, group in groups.items()}


def _marked(group: Any, cameras: Mapping[Any, Any]) -> Any:
    if isinstance(group, GroupConfig):
        group = group.model_dump(exclude_defaults=True)
    members = group.get("cameras") if isinstance(group, dict) else None
    if not isinstance(members, list | tuple):
        return group
    return {**group, "cameras": [_known(member, cameras) for member in members]}


def _known(member: Any, cameras: Mapping[Any, Any]) -> Any:
    if not cameras or (_is_id(member) and str(member) in cameras):
        return member  # no cameras at all are a fault of their own
    ids = [str(camera) for camera in cameras]
    allowed = ", ".join(ids[:_MOST_NAMED]) + (", …" if len(ids) > _MOST_NAMED else "")
    return _Stranger(f"is not the id of a camera{_hint(member, ids, cameras)}", allowed)


def _hint(member: Any, ids: list[str], cameras: Mapping[Any, Any]) -> str:
    """Return how the message of a value that is no id goes on."""
    if isinstance(member, bool):
        return "; put ids such as on or no in quotes"
    if not _is_id(member):
        return ""
    meant = next(_named(str(member), cameras), None) or nearest(str(member), ids)
    return f"; did you mean {meant}?" if meant else ""


def _named(word: str, cameras: Mapping[Any, Any]) -> Iterator[str]:
    """Yield the ids of the cameras that people call `word`."""
    for camera, settings in cameras.items():
        name = settings.get("name") if isinstance(settings, dict) else None
        if isinstance(name, str) and name.casefold() == word.casefold():
            yield str(camera)
