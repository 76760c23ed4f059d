"""The JSON Schema of the config file, as people write it."""

from __future__ import annotations

import copy
from typing import Any

from pydantic.fields import FieldInfo

from heatwall.config.alarms import TargetConfig
from heatwall.config.auth import OPEN, AuthConfig
from heatwall.config.heat import HeatConfig
from heatwall.config.model import OWN_TO_A_CAMERA, CameraConfig, Config
from heatwall.config.rules import JsonSchema, rule_of
from heatwall.config.section import Section, is_list, is_map, key_of, section_of
from heatwall.config.substitute import ALLOWED_FORMS
from heatwall.values import SecretUrl

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_FILLED_IN = {"type": "string", "pattern": r"\$\{", "description": ALLOWED_FORMS}
"""Any value may be a text that is filled in at start."""


def render_schema() -> JsonSchema:
    """Return the JSON Schema (draft 2020-12) of the file: units in texts, `defaults` included."""
    schema = Config.model_json_schema(by_alias=True)
    sections = schema["$defs"]
    for section in _all_sections():
        body = schema if section is Config else sections[section.__name__]
        _describe(section, body)
    sections["Filled"] = _FILLED_IN
    sections["Defaults"] = _defaults_of(sections["CameraConfig"])
    properties = {
        **schema["properties"],
        "defaults": {
            "$ref": "#/$defs/Defaults",
            "description": "Merged under every camera: maps key by key, lists as a whole.",
        },
    }
    order = (
        "server",
        "auth",
        "log",
        "model",
        "webrtc",
        "defaults",
        "cameras",
        "groups",
        "alarms",
    )
    return {
        "$schema": _DIALECT,
        **schema,
        "title": "Heatwall config",
        "properties": {key: properties[key] for key in order},
    }


def default_of(section: type[Section]) -> dict[str, Any]:
    """Return the defaults of `section` as they would be written in a file."""
    if section is not CameraConfig and any(
        field.is_required() for field in section.model_fields.values()
    ):
        return {}
    if section is CameraConfig:
        camera = CameraConfig(url=SecretUrl("rtsp://host/"))
        return camera.model_dump(mode="json", by_alias=True, exclude={"url", "name"})
    by_file = {  # written as in the file, since its value depends on that
        name: field.default
        for name, field in section.model_fields.items()
        if field.validate_default
    }
    # Not validated: somebody who is told by nothing is no target, and has defaults nevertheless.
    filled = section.model_construct() if section is TargetConfig else section()
    return filled.model_dump(mode="json", by_alias=True) | by_file


def _all_sections() -> list[type[Section]]:
    """Return every section, each once."""
    found: list[type[Section]] = [Config, CameraConfig]
    for section in found:
        for field in section.model_fields.values():
            inner = section_of(field)
            if inner is not None and inner not in found:
                found.append(inner)
    return found


def _describe(section: type[Section], body: JsonSchema) -> None:
    """Put defaults as written, the allowed values and `${…}` into the schema of one section."""
    defaults = default_of(section)
    for name, field in section.model_fields.items():
        key = key_of(name, field)
        body["properties"][key] = _described(field, body["properties"][key])
        is_section = section_of(field) is not None and not is_map(field) and not is_list(field)
        if key in defaults and (not is_section or defaults[key] is None):
            body["properties"][key]["default"] = defaults[key]
    if section is HeatConfig:
        body["properties"]["half_life"] = _half_life(body["properties"]["half_lives"])


def _described(field: FieldInfo, old: JsonSchema) -> JsonSchema:
    """Return the schema of one key, from pydantic's."""
    inner, new = section_of(field), {"description": field.description}
    if inner is not None and is_list(field):
        items = {"anyOf": [{"$ref": f"#/$defs/{inner.__name__}"}]}
        return new | {"anyOf": [{"type": "array", "items": items}, {"type": "null"}]}
    if is_map(field):
        notes = ("title", "description", "default")
        form = {key: value for key, value in old.items() if key not in notes}
        form["additionalProperties"] = False
        if field.is_required():
            return new | form | {"minProperties": 1}
        return new | {"anyOf": [form, {"type": "null"}]}
    if inner is not None:
        # A section whose keys are all commented out is nothing at all.
        words = [{"const": OPEN}] if inner is AuthConfig else []
        return new | {"anyOf": [{"$ref": f"#/$defs/{inner.__name__}"}, *words, {"type": "null"}]}
    rule = rule_of(field)
    allowed = f" Allowed: {rule.allowed}." if rule else ""
    return {"description": f"{field.description}{allowed}", "anyOf": _forms(old)}


def _half_life(half_lives: JsonSchema) -> JsonSchema:
    """Return the schema of the short form of a list of one half-life."""
    (items,) = (form["items"] for form in half_lives["anyOf"] if form.get("type") == "array")
    return {"description": "Short for a list of one: 30s for half_lives: [30s].", **items}


def _forms(schema: JsonSchema) -> list[JsonSchema]:
    """Return the forms that a value may have, `${…}` among them."""
    notes = ("default", "description", "title")
    keywords = {key: value for key, value in schema.items() if key not in notes}
    forms = [*keywords.pop("anyOf", ()), *([keywords] if keywords else [])]
    forms = [
        {**form, "items": {"anyOf": _forms(form["items"])}} if "items" in form else form
        for form in forms
    ]
    are_lists = all(form.get("type") in ("array", "null") for form in forms)
    return forms if are_lists else [*forms, {"$ref": "#/$defs/Filled"}]


def _defaults_of(camera: JsonSchema) -> JsonSchema:
    """Return the schema of `defaults`: a camera's, without what belongs to one camera."""
    defaults = copy.deepcopy(camera)
    defaults["description"] = "What holds for every camera that does not say otherwise."
    defaults["title"] = "Defaults"
    defaults.pop("required", None)
    for key in OWN_TO_A_CAMERA:
        del defaults["properties"][key]
    return defaults
