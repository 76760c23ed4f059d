from __future__ import annotations

import json
import re
from typing import Any

import pytest

from heatwall.config import Config, render_schema
from heatwall.config.schema import default_of

SCHEMA = render_schema()


def keys(schema: dict[str, Any], before: str = "") -> dict[str, dict[str, Any]]:
    """Every key of the file with its schema, as `defaults.heat.shown`."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in schema.get("properties", {}).items():
        found[f"{before}{key}"] = value
        for form in [value, *value.get("anyOf", [])]:
            for star, one in [
                ("", form),
                *(("*.", one) for one in form.get("patternProperties", {}).values()),
            ]:
                name = one.get("$ref", "").removeprefix("#/$defs/")
                if name:
                    found |= keys(SCHEMA["$defs"][name], f"{before}{key}.{star}")
    return found


KEYS = keys(SCHEMA)


def test_the_schema_is_json() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["$schema"].startswith("https://json-schema.org/")


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_key_is_described(key: str) -> None:
    text = KEYS[key]["description"]
    assert text.strip().endswith(".")


def test_the_file_as_people_write_it_is_described() -> None:
    assert set(SCHEMA["properties"]) == {
        "server",
        "auth",
        "log",
        "model",
        "webrtc",
        "defaults",
        "cameras",
        "groups",
        "alarms",
    }
    assert SCHEMA["required"] == ["cameras"]
    assert KEYS["defaults.timeout"]["default"] == "5s"
    assert KEYS["defaults.heat.half_lives"]["default"] == ["30s", "10m", "2h"]
    assert KEYS["defaults.focus.bitrate"]["default"] == "3M"
    assert KEYS["model.window"]["default"] == "auto"
    assert KEYS["defaults.heat.person_width"]["default"] == "auto"
    assert KEYS["defaults.heat.ignore_still"]["default"] == "none"
    assert KEYS["server.state"]["default"] == "auto"
    assert "defaults.heat.half_life" in KEYS
    assert "cameras.*.lines.*.from" in KEYS
    assert "cameras.*.zones.*.polygon" in KEYS
    assert {"groups.*.name", "groups.*.cameras"} <= set(KEYS)
    assert not {"defaults.url", "defaults.lines", "defaults.zones"} & set(KEYS)
    assert "cameras.*.url" in KEYS
    assert not [key for key in KEYS if key.endswith(("_s", "_bps"))]


def test_unknown_keys_are_refused_everywhere() -> None:
    sections = [SCHEMA, *SCHEMA["$defs"].values()]
    maps = [section for section in sections if section.get("type") == "object"]
    assert len(maps) >= 9
    assert all(section["additionalProperties"] is False for section in maps)


def fillable(forms: list[dict[str, Any]]) -> bool:
    """Whether a value of these forms, or each item of the lists among them, may be `${…}`."""
    lists = [form for form in forms if form.get("type") == "array"]
    words = [
        form
        for form in forms
        if form.get("type") not in ("array", "null")
        and not form.get("$ref", "").endswith("Config")  # a section, whose values may be
    ]
    return all(fillable(form["items"]["anyOf"]) for form in lists) and (
        not words or {"$ref": "#/$defs/Filled"} in words
    )


def test_every_value_may_be_filled_in_from_the_environment() -> None:
    maps = (".lines", ".zones", ".notify", ".rules")
    for key, schema in KEYS.items():
        forms = schema.get("anyOf", [])
        if any(form.get("$ref", "").endswith("Config") for form in forms):
            continue  # a section
        of_auth = ("auth.users", "auth.tokens")
        is_map = key in ("cameras", "defaults", "groups", *of_auth) or key.endswith(maps)
        if not is_map:
            assert forms, key
            assert fillable(forms), key


def test_the_schema_is_the_same_each_time() -> None:
    assert render_schema() == SCHEMA


def test_the_defaults_that_are_told_are_the_defaults_that_hold() -> None:
    url = "rtsp://h/"
    told: dict[str, Any] = {}
    for key, schema in KEYS.items():
        if key.startswith("cameras.*.") and "default" in schema:
            *sections, name = key.split(".")[2:]
            place = told
            for section in sections:
                place = place.setdefault(section, {})
            place[name] = schema["default"]
    written_out = Config.model_validate({"cameras": {"door": {"url": url, **told}}})
    assert written_out == Config.model_validate({"cameras": {"door": {"url": url}}})
    assert told == default_of(type(written_out.cameras["door"]))


def test_the_patterns_are_patterns() -> None:
    for pattern in re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(SCHEMA)):
        re.compile(json.loads(pattern))
