"""Changes to what is drawn over a camera's picture, while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from heatwall.config.document import Document
from heatwall.config.faults import Faults, keys_of, shown
from heatwall.config.heat import NO_CLASS, allowed_instead
from heatwall.config.model import CameraConfig
from heatwall.config.names import hint_for
from heatwall.config.overlay import OverlayConfig
from heatwall.config.section import Section, key_of
from heatwall.errors import ConfigError

_Section = TypeVar("_Section", bound=Section)

_OF_HEAT = ("shown", "shown_class")
"""Keys of `heat` that choose among the heats that are kept."""


def changed(settings: CameraConfig, change: Mapping[str, Any]) -> CameraConfig:
    """Return `settings` with another overlay.

    Args:
        settings: A camera's settings; they stay as they are.
        change: Some keys of `overlay` with their new values as in the file, and of `shown` (a
            half-life that is kept, in seconds if it is a number) and `shown_class`.

    Raises:
        ConfigError: A key is not known or a value is not allowed; each fault has its `key`.
    """
    faults = Faults(Document("overlay change", dict(change)))
    keys = [*keys_of(OverlayConfig), *_OF_HEAT]
    for key in change:
        if key not in keys:
            hint = hint_for(str(key), keys, {}, "overlay")
            faults.add((key,), f"is not a known key{hint}", ", ".join(sorted(keys)))
    known = {key: value for key, value in change.items() if key in keys}
    for_heat = {key: known.pop(key) for key in _OF_HEAT if key in known}
    overlay = _with(settings.overlay, known, faults)
    heat = _with(settings.heat, for_heat, faults)
    allowed = allowed_instead(heat.shown_class, settings.classes)
    if allowed:
        faults.add(("shown_class",), NO_CLASS, allowed, shown(heat.shown_class))
    if faults.sorted():
        raise ConfigError(faults.sorted())
    return settings.model_copy(update={"overlay": overlay, "heat": heat})


def overlay_settings(settings: CameraConfig) -> dict[str, Any]:
    """Return what `changed` can change with its present values, as in the file."""
    overlay = settings.overlay.model_dump(by_alias=True, mode="json")
    heat = settings.heat.model_dump(by_alias=True, mode="json")
    return overlay | {key: heat[key] for key in _OF_HEAT}


def _with(section: _Section, change: Mapping[str, Any], faults: Faults) -> _Section:
    """Return `section` with `change`, or as it is, with the faults added."""
    kind = type(section)
    values = {
        key_of(name, field): getattr(section, name) for name, field in kind.model_fields.items()
    }
    try:
        return kind.model_validate({**values, **change}, by_alias=True, by_name=False)
    except ValidationError as error:
        faults.add_validation(error)
    return section
