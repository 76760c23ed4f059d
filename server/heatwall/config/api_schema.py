"""The JSON Schemas of those parts of the config that the API tells and takes."""

from __future__ import annotations

from typing import Any

from heatwall.config.heat import HeatConfig
from heatwall.config.overlay import OverlayConfig
from heatwall.config.regions import MOST, Regions
from heatwall.config.rules import JsonSchema
from heatwall.config.schema import render_schema

_DEFS = "#/$defs/"
_FILLED = {"$ref": f"{_DEFS}Filled"}
"""A text that is filled in at start: in a file, never in the API."""

_OF_HEAT = ("shown", "shown_class")


def api_schemas(ref_template: str) -> dict[str, JsonSchema]:
    """Return the schemas `Overlay`, `OverlayChange`, `Regions`, `RegionsChange` and their parts.

    Args:
        ref_template: How they name each other, with `{name}`.
    """
    sections = render_schema()["$defs"]
    overlay = sections[OverlayConfig.__name__]["properties"]
    heat = sections[HeatConfig.__name__]["properties"]
    change = {**overlay, **{key: heat[key] for key in _OF_HEAT}}
    regions = {
        name: {
            "type": "object",
            "description": Regions.model_fields[name].description,
            "additionalProperties": {"$ref": f"{_DEFS}{section}"},
            "maxProperties": MOST,
        }
        for name, section in (("lines", "LineConfig"), ("zones", "ZoneConfig"))
    }
    keep = {"enum": ["run", "file"], "default": "run", "description": "How long it is to hold."}
    schemas = {
        "Overlay": {**_object(change), "required": list(change)},
        "OverlayChange": _object(change),
        "Regions": {**_object(regions), "required": list(regions)},
        "RegionsChange": {**_object({**regions, "keep": keep}), "required": list(regions)},
        "LineConfig": sections["LineConfig"],
        "ZoneConfig": sections["ZoneConfig"],
    }
    return {name: _rewritten(schema, ref_template) for name, schema in schemas.items()}


def _object(properties: JsonSchema) -> JsonSchema:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _rewritten(schema: Any, ref_template: str) -> Any:
    """Return a schema that names others as `ref_template` does, without what only files may say."""
    if isinstance(schema, list):
        return [_rewritten(part, ref_template) for part in schema if part != _FILLED]
    if not isinstance(schema, dict):
        return schema
    return {
        key: ref_template.format(name=part.removeprefix(_DEFS))
        if key == "$ref"
        else _rewritten(part, ref_template)
        for key, part in schema.items()
    }
