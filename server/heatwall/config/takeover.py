"""What a camera does when its file changes while something was changed live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from heatwall.config.model import CameraConfig

V = TypeVar("V")
"""A line or a zone."""

_MISSING = object()


def taken_over(before: CameraConfig, live: CameraConfig, after: CameraConfig) -> CameraConfig:
    """Return the settings of a camera whose file changed from `before` to `after`.

    What the file changed is as in the file; all else that was changed live stays so, each key of
    the overlay, line and zone by itself.

    Args:
        before: What the file said.
        live: What holds now: `before` with what was changed for this run.
        after: What the file says now.
    """
    kept: dict[str, Any] = {
        name: getattr(live.overlay, name)
        for name in type(after.overlay).model_fields
        if getattr(before.overlay, name) == getattr(after.overlay, name)
    }
    return after.model_copy(
        update={
            "overlay": after.overlay.model_copy(update=kept),
            "heat": after.heat.model_copy(update=_shown(before, live, after)),
            "lines": _merged(before.lines, live.lines, after.lines),
            "zones": _merged(before.zones, live.zones, after.zones),
        }
    )


def _shown(before: CameraConfig, live: CameraConfig, after: CameraConfig) -> dict[str, Any]:
    """Return which heat stays shown, unless the file chose another or keeps it no more."""
    kept: dict[str, Any] = {}
    is_same = before.heat.shown_s == after.heat.shown_s
    if is_same and live.heat.shown_s in after.heat.half_lives_s:
        kept["shown_s"] = live.heat.shown_s
    is_same = before.heat.shown_class == after.heat.shown_class
    if is_same and after.heat.per_class and before.classes == after.classes:
        kept["shown_class"] = live.heat.shown_class
    return kept


def _merged(before: Mapping[str, V], live: Mapping[str, V], after: Mapping[str, V]) -> dict[str, V]:
    """Return those of the file, with the live ones in place of those that it left as they were."""
    merged: dict[str, V] = {}
    for name in (*after, *(name for name in live if name not in after)):
        is_same = before.get(name, _MISSING) == after.get(name, _MISSING)
        chosen = live if is_same else after
        if name in chosen:
            merged[name] = chosen[name]
    return merged
