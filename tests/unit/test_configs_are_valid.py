from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from heatwall.config import Config, load_config, render_schema

CONFIGS = Path(__file__).parents[2] / "configs"
ENV = {
    "ENTRANCE_PASSWORD": "p@ss/w:#rd",
    "CHECKOUT_PASSWORD": "secret",
    "BACK_DOOR_PASSWORD": "secret",
}
TOLD = re.compile(r"Default: (.+)\.$")


def store_keys() -> dict[str, tuple[str, str]]:
    """Each key of store.yaml with the comment above it and the value it has there."""
    found: dict[str, tuple[str, str]] = {}
    path: list[tuple[int, str]] = []
    comment = ""
    for line in (CONFIGS / "store.yaml").read_text().splitlines():
        text = line.strip()
        if text.startswith("#"):
            comment = f"{comment} {text.removeprefix('#').strip()}".strip()
            continue
        match = re.match(r"( *)([a-z_]+):(.*)", line)
        if match:
            indent = len(match[1])
            path = [part for part in path if part[0] < indent] + [(indent, match[2])]
            found[".".join(name for _, name in path)] = (comment, match[3].strip())
        comment = ""
    return found


def schema_keys(node: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Each key of the schema that has a value, with its default."""
    found: dict[str, Any] = {}
    for key, value in node.get("properties", {}).items():
        references = [form.get("$ref", "") for form in (value, *value.get("anyOf", []))]
        names = [name.removeprefix("#/$defs/") for name in references if name]
        if names and names != ["Filled"]:
            found |= schema_keys(SCHEMA["$defs"][names[0]], f"{before}{key}.")
        elif key != "cameras":
            found[before + key] = value.get("default")
    return found


SCHEMA = render_schema()
WRITTEN = store_keys()
KNOWN = schema_keys(SCHEMA)


def test_there_are_configs() -> None:
    assert {file.name for file in CONFIGS.glob("*.yaml")} >= {"demo.yaml", "store.yaml"}


@pytest.mark.parametrize("file", sorted(CONFIGS.glob("*.yaml")), ids=lambda file: file.name)
def test_every_example_loads(file: Path) -> None:
    assert load_config(file, ENV).cameras


def test_the_demo_shows_four_simulated_cameras_with_its_own_model() -> None:
    config = load_config(CONFIGS / "demo.yaml", {})
    assert (config.model.path, config.model.imgsz) == ("demo", 320)
    assert [(camera.name, camera.url.secret) for camera in config.cameras.values()] == [
        ("Entrance", "rtsp://127.0.0.1:8554/cam1"),
        ("Aisles", "rtsp://127.0.0.1:8554/cam2"),
        ("Checkout", "rtsp://127.0.0.1:8554/cam3"),
        ("Promotion", "rtsp://127.0.0.1:8554/cam4"),
    ]


def test_the_passwords_of_the_store_come_from_the_environment() -> None:
    config = load_config(CONFIGS / "store.yaml", ENV)
    url = config.cameras["entrance"].url.secret
    assert url == "rtsp://viewer:p%40ss%2Fw%3A%23rd@192.0.2.11/stream1"
    assert config.cameras["back_door"].url.secret == "rtsps://viewer:secret@192.0.2.13/stream1"


def test_the_store_shows_every_key_and_no_other() -> None:
    shown = {key for key in WRITTEN if key.split(".")[0] != "cameras" and key in KNOWN}
    assert shown == set(KNOWN)
    assert {"cameras.entrance.name", "cameras.entrance.url"} <= set(WRITTEN)


@pytest.mark.parametrize("key", sorted(KNOWN))
def test_every_key_of_the_store_is_explained_with_its_true_default(key: str) -> None:
    comment, written = WRITTEN[key]
    told = TOLD.search(comment)
    assert told is not None, f"{key} has no line `# Default: ….`"
    assert len(comment) > len(told[0]) + 20, f"{key} is not explained"
    assert yaml.safe_load(written) == KNOWN[key]
    if told[1] != "the first of half_lives":
        assert yaml.safe_load(told[1]) == KNOWN[key]


def test_the_values_of_the_store_are_the_defaults() -> None:
    config = load_config(CONFIGS / "store.yaml", ENV)
    bare = Config.model_validate({"cameras": {"entrance": {"url": config.cameras["entrance"].url}}})
    assert (config.server, config.model) == (bare.server, bare.model)
    assert config.cameras["entrance"] == bare.cameras["entrance"]
