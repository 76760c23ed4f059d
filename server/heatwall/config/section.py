"""What every map of the config file has in common."""

from __future__ import annotations

from typing import Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo


class Section(BaseModel):
    """One map of the file: frozen, unknown keys refused, an empty one means its defaults."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_means_defaults(cls, value: Any) -> Any:
        return {} if value is None else value


def renamed(alias: str, **more: Any) -> Any:
    """Return a field that is called `alias` in the file and has its unit in its name here."""
    return Field(validation_alias=alias, serialization_alias=alias, **more)


def key_of(name: str, field: FieldInfo) -> str:
    """Return what the field called `name` here is called in the file."""
    return field.serialization_alias or name


def section_of(field: FieldInfo) -> type[Section] | None:
    """Return the section that a field holds, by itself, in a list or as the values of a map."""
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, Section):
            return kind
    return None


def is_map(field: FieldInfo) -> bool:
    """Return whether a field is a map of sections, each under a key of the user's."""
    return section_of(field) not in (None, field.annotation)


def is_list(field: FieldInfo) -> bool:
    """Return whether a field is a list of sections."""
    return section_of(field) is not None and get_origin(field.annotation) is tuple
