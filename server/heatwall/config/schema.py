"""The JSON Schema of the config file, as people write it."""

from __future__ import annotations

import copy
from typing import Any

from heatwall.config.model import CameraConfig, Config, Section
from heatwall.config.rules import JsonSchema, rule_of
from heatwall.config.substitute import ALLOWED_FORMS
from heatwall.values import SecretUrl

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OWN_TO_A_CAMERA = ("name", "url")
"""Keys that make no sense in `defaults`."""

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
    order = ("server", "model", "defaults", "cameras")
    return {
        "$schema": _DIALECT,
        **schema,
        "title": "Heatwall config",
        "properties": {key: properties[key] for key in order},
    }


def default_of(section: type[Section]) -> dict[str, Any]:
    """Return the defaults of `section` as they would be written in a file."""
    if section is Config:
        return {}
    if section is CameraConfig:
        camera = CameraConfig(url=SecretUrl("rtsp://host/"))
        return camera.model_dump(mode="json", by_alias=True, exclude={"url", "name"})
    return section().model_dump(mode="json", by_alias=True)


def _all_sections() -> list[type[Section]]:
    """Return every section, each once."""
    found: list[type[Section]] = [Config, CameraConfig]
    for section in found:
        for field in section.model_fields.values():
            inner = field.annotation
            if isinstance(inner, type) and issubclass(inner, Section) and inner not in found:
                found.append(inner)
    return found


def _describe(section: type[Section], body: JsonSchema) -> None:
    """Put defaults as written, the allowed values and `${…}` into the schema of one section."""
    defaults = default_of(section)
    for name, field in section.model_fields.items():
        key = str(field.validation_alias or name)
        old = body["properties"][key]
        new: JsonSchema = {"description": field.description}
        if key == "cameras":
            new |= old | {"additionalProperties": False, "minProperties": 1}
            new.pop("title")
        elif isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            # A section whose keys are all commented out is nothing at all.
            new["anyOf"] = [{"$ref": f"#/$defs/{field.annotation.__name__}"}, {"type": "null"}]
        else:
            rule = rule_of(field)
            allowed = f" Allowed: {rule.allowed}." if rule else ""
            new = {"description": f"{field.description}{allowed}", "anyOf": _forms(old)}
            if key in defaults:
                new["default"] = defaults[key]
        body["properties"][key] = new


def _forms(schema: JsonSchema) -> list[JsonSchema]:
    """Return the forms that a value may have, `${…}` among them."""
    notes = ("default", "description", "title")
    keywords = {key: value for key, value in schema.items() if key not in notes}
    forms = [*keywords.pop("anyOf", ()), *([keywords] if keywords else [])]
    lists = [form for form in forms if form.get("type") == "array"]
    if not lists:
        return [*forms, {"$ref": "#/$defs/Filled"}]
    for form in lists:
        form["items"] = {"anyOf": _forms(form["items"])}
    return forms


def _defaults_of(camera: JsonSchema) -> JsonSchema:
    """Return the schema of `defaults`: a camera's, without what belongs to one camera."""
    defaults = copy.deepcopy(camera)
    defaults["description"] = "What holds for every camera that does not say otherwise."
    defaults["title"] = "Defaults"
    defaults.pop("required", None)
    for key in _OWN_TO_A_CAMERA:
        del defaults["properties"][key]
    return defaults
