"""The settings of a camera's heats."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from heatwall.config import geometry, kinds
from heatwall.config.rules import choice, fault, flag
from heatwall.config.section import Section, renamed
from heatwall.shapes import Point

NO_CLASS = "is not one of classes"
"""What is wrong with a class whose heat is to be shown, though it does not count."""


class HeatConfig(Section):
    """The heats of one camera."""

    half_lives_s: Annotated[
        tuple[Annotated[float | None, kinds.HALF_LIFE], ...], AfterValidator(kinds.few_and_unlike)
    ] = Field(
        validation_alias=AliasChoices("half_lives", "half_life"),
        serialization_alias="half_lives",
        default=(30.0, 600.0, 7200.0),
        description="Heats kept at once: the time after which a mark has faded by half. "
        "none keeps a lifetime sum. half_life: 30s is short for half_lives: [30s].",
    )
    shown_s: Annotated[float | None, kinds.HALF_LIFE] = renamed(
        "shown",
        default_factory=lambda known: next(iter(known.get("half_lives_s", ())), None),
        description="The half-life in the picture; default: the first of half_lives.",
    )
    footprint: Annotated[Literal["foot", "circle", "rect"], choice(("foot", "circle", "rect"))] = (
        Field(
            default="foot",
            description="What somebody adds to the heat: the place of the feet, a disc in the box, "
            "or the whole box.",
        )
    )
    person_width: Annotated[geometry.PersonWidth, geometry.PERSON_WIDTH] = Field(
        default=None,
        description="How wide a person is, as a share of the picture's width: one number, or "
        "pairs [row, width] from the top down. auto learns it from the boxes.",
    )
    per_class: Annotated[bool, flag()] = Field(
        default=False, description="Keep a heat for each class beside that of all."
    )
    shown_class: Annotated[str | None, kinds.SHOWN_CLASS] = Field(
        default=None,
        description="The class whose heat is in the picture; null for all. Needs per_class.",
    )
    exclude: tuple[Annotated[tuple[Point, ...], geometry.POLYGON], ...] = Field(
        default=(), description="Polygons in which nobody adds heat."
    )
    ignore_still_s: Annotated[float | None, kinds.IGNORE_STILL] = renamed(
        "ignore_still",
        default=None,
        description="Who has not moved for this long adds no more heat, such as somebody on a "
        "chair or a poster taken for a person; none counts them.",
    )

    @model_validator(mode="before")
    @classmethod
    def _one_half_life(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "half_life" not in value:
            return value
        if "half_lives" in value:
            allowed = "one of the two; half_life: 30s is short for half_lives: [30s]"
            raise fault("is given beside half_lives", allowed, ("half_life",))
        return {**value, "half_life": [value["half_life"]]}

    @field_validator("exclude", mode="before")
    @classmethod
    def _is_no_single_polygon(cls, value: Any) -> Any:
        if isinstance(value, list) and value and all(geometry.is_pair(item) for item in value):
            raise fault("is one polygon", "a list of polygons: one more pair of brackets around it")
        return value

    @field_validator("shown_s")
    @classmethod
    def _is_kept(cls, shown_s: float | None, info: ValidationInfo) -> float | None:
        kept = info.data.get("half_lives_s")
        if kept is not None and shown_s not in kept:
            words = ", ".join(kinds.format_half_life(one) for one in kept)
            raise fault("is not one of half_lives", words)
        return shown_s

    @field_validator("shown_class")
    @classmethod
    def _has_a_heat(cls, shown_class: str | None, info: ValidationInfo) -> str | None:
        if shown_class is not None and info.data.get("per_class") is False:
            raise fault("has no heat of its own", "null, or per_class: true beside it")
        return shown_class


def allowed_instead(shown: str | None, classes: tuple[int | str, ...] | None) -> str:
    """Return which classes' heat can be shown; "" when `shown` may be one of them.

    It may be when a class that counts is given by its number, which could have any name.
    """
    names = [one for one in classes or () if isinstance(one, str)]
    if shown is None or not classes or shown in names or len(names) < len(classes):
        return ""
    return f"{', '.join(names)}, or null for all"
