"""The settings of the lines and zones of a camera's picture in which people are counted."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from heatwall.config import geometry
from heatwall.config.rules import fault
from heatwall.config.section import Section, renamed
from heatwall.shapes import Point, Side, check_inside, check_length


class LineConfig(Section):
    """A counting line."""

    start: Annotated[Point, geometry.POINT] = renamed("from", description="One end of the line.")
    end: Annotated[Point, geometry.POINT] = renamed("to", description="The other end.")
    inside: Annotated[Side, geometry.SIDE] = Field(
        description="The side of the line, as seen in the picture, on which people are in."
    )

    @field_validator("end")
    @classmethod
    def _has_length(cls, end: Point, info: ValidationInfo) -> Point:
        if "start" in info.data:
            try:
                check_length(info.data["start"], end)
            except ValueError as error:
                raise fault(str(error), "a point apart from `from`") from None
        return end

    @field_validator("inside")
    @classmethod
    def _tells_the_sides_apart(cls, inside: str, info: ValidationInfo) -> str:
        if {"start", "end"} <= info.data.keys():
            try:
                check_inside(info.data["start"], info.data["end"], inside)
            except ValueError as error:
                others = "left or right" if inside in ("above", "below") else "above or below"
                raise fault(str(error), others) from None
        return inside


class ZoneConfig(Section):
    """A part of the floor in which people are counted."""

    polygon: Annotated[tuple[Point, ...], geometry.POLYGON] = Field(
        description="Its corners, in order round the edge."
    )
