"""Changes to the lines and zones in which people are counted, while the server runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import Field, ValidationError

from heatwall.config import kinds
from heatwall.config.counting import LineConfig, ZoneConfig
from heatwall.config.document import Document
from heatwall.config.faults import Faults
from heatwall.config.model import CameraConfig
from heatwall.config.section import Section
from heatwall.errors import ConfigError

MOST = 64
"""Lines, and zones, that may be drawn in one picture: each costs at every look at it."""

_DIGITS = 4
"""Of a place that was drawn: a tenth of a pixel of the widest picture that is sent."""

_FILE = "regions"
"""What is named where a fault in a file names the file."""

_Shape = TypeVar("_Shape", LineConfig, ZoneConfig)


class Regions(Section):
    """All lines and zones of one camera, as in its part of the file."""

    lines: dict[Annotated[str, kinds.ID], LineConfig] = Field(description="Lines by name.")
    zones: dict[Annotated[str, kinds.ID], ZoneConfig] = Field(description="Zones by name.")


@dataclass(frozen=True, slots=True)
class Drawn:
    """Lines and zones as somebody has drawn them.

    Attributes:
        exact: With the places as they were given.
        rounded: With those that are kept of what is new, of four digits.
    """

    exact: Regions
    rounded: Regions


def regions_of(settings: CameraConfig) -> Regions:
    """Return a camera's lines and zones."""
    return Regions(lines=settings.lines, zones=settings.zones)


def in_words(regions: Regions) -> dict[str, Any]:
    """Return lines and zones with their keys and values as in the file."""
    return regions.model_dump(by_alias=True, mode="json")


def read_regions(change: Mapping[str, Any]) -> Drawn:
    """Return the lines and zones that somebody has drawn.

    It can take seconds: each edge of a zone is compared with every other.

    Args:
        change: All `lines` and `zones` of one camera, as in the file.

    Raises:
        ConfigError: A key is not known or missing, or a value is not allowed; each fault has its
            key, such as `lines.door.to`.
    """
    exact = _read(change)
    return Drawn(exact, _read(_rounded(in_words(exact))))


def with_regions(settings: CameraConfig, drawn: Drawn) -> CameraConfig:
    """Return `settings` with other lines and zones.

    What is there already, rounded or not, stays the very same.

    Args:
        settings: A camera's settings; they stay as they are.
        drawn: All its lines and zones from now on.
    """
    exact, rounded = drawn.exact, drawn.rounded
    return settings.model_copy(
        update={
            "lines": _settled(settings.lines, exact.lines, rounded.lines),
            "zones": _settled(settings.zones, exact.zones, rounded.zones),
        }
    )


def _read(change: Mapping[str, Any]) -> Regions:
    faults = Faults(Document(_FILE, dict(change)), Regions)
    for section in Regions.model_fields:
        count = len(shapes) if isinstance(shapes := change.get(section), dict) else 0
        if count > MOST:
            faults.add((section,), "has too many", f"at most {MOST}", str(count))
    try:
        regions = Regions.model_validate(dict(change), by_alias=True, by_name=False)
    except ValidationError as error:
        faults.add_validation(error)
        regions = Regions(lines={}, zones={})
    if faults.sorted():
        raise ConfigError(faults.sorted())
    return regions


def _settled(
    now: Mapping[str, _Shape], exact: Mapping[str, _Shape], rounded: Mapping[str, _Shape]
) -> dict[str, _Shape]:
    """Return what is rounded, but what is there already as it is."""
    settled: dict[str, _Shape] = {}
    for name, shape in rounded.items():
        there = now.get(name)
        is_same = there is not None and (
            there == exact[name] or _rounded(_plain(there)) == _plain(shape)
        )
        settled[name] = there if there is not None and is_same else shape
    return settled


def _plain(shape: LineConfig | ZoneConfig) -> dict[str, Any]:
    return shape.model_dump(by_alias=True, mode="json")


def _rounded(value: Any) -> Any:
    """Return a plain tree with its numbers rounded."""
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return value
