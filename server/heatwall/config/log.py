"""How the log is written, in the config file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from heatwall.config.rules import choice
from heatwall.config.section import Section

LOG_FORMATS = ("text", "json")
"""What `log.format` may be."""

LOG_LEVELS = ("debug", "info", "warning", "error")
"""What `log.level` may be, from all to little."""


class LogConfig(Section):
    """The log, which goes to standard error."""

    format: Annotated[Literal["text", "json"], choice(LOG_FORMATS)] = Field(
        default="text",
        description="How lines are written: text for people, json for machines, one object a "
        "line with time, level, message, logger, and camera and viewer where there is one.",
    )
    level: Annotated[Literal["debug", "info", "warning", "error"], choice(LOG_LEVELS)] = Field(
        default="info", description="The least important lines that are still written."
    )
