"""The settings of what is drawn over a camera's picture."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from heatwall.config import kinds
from heatwall.config.rules import flag, number, whole
from heatwall.config.section import Section


class OverlayConfig(Section):
    """What is drawn over the picture."""

    show_heat: Annotated[bool, flag()] = Field(default=True, description="Show the heat.")
    show_boxes: Annotated[bool, flag()] = Field(
        default=False, description="Draw a box around each track."
    )
    show_labels: Annotated[bool, flag()] = Field(
        default=False, description="Write class and track number at each box."
    )
    show_conf: Annotated[bool, flag()] = Field(
        default=False, description="Write the confidence at each box."
    )
    show_trails: Annotated[bool, flag()] = Field(
        default=False, description="Draw the way that each track came."
    )
    show_lines: Annotated[bool, flag()] = Field(
        default=True, description="Draw the counting lines."
    )
    show_zones: Annotated[bool, flag()] = Field(
        default=True, description="Draw the zones, each with the people in it now."
    )
    show_in: Annotated[bool, flag()] = Field(
        default=True, description="Write how many went in at each line and zone that is drawn."
    )
    show_out: Annotated[bool, flag()] = Field(
        default=True, description="Write how many went out at each line and zone that is drawn."
    )
    colormap: Annotated[str, kinds.COLORMAP] = Field(
        default="inferno", description="Colours of the heat, any of OpenCV's 22 maps."
    )
    opacity: Annotated[float, number(0, 1)] = Field(
        default=0.65, description="Weight of the hottest colour: 0 is unseen, 1 covers the picture."
    )
    scale: Annotated[float | Literal["auto"], kinds.SCALE] = Field(
        default="auto",
        description="Share of recent time that gets the full colour; auto follows the heat slowly.",
    )
    gamma: Annotated[float, number(0.1, 5)] = Field(
        default=0.7, description="Below 1 lifts faint heat, above 1 hides it."
    )
    line_width: Annotated[int, whole(1, 16)] = Field(
        default=2, description="Width of all that is drawn, in pixels of the picture sent."
    )
