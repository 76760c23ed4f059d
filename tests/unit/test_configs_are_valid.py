from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from heatwall.config import Config, load_config, render_schema
from heatwall.simulator.weights import DEMO, DEMO_CONF, DEMO_IOU, IMAGE_PX

CONFIGS = Path(__file__).parents[2] / "configs"
ENV = {
    "ENTRANCE_PASSWORD": "p@ss/w:#rd",
    "CHECKOUT_PASSWORD": "secret",
    "BACK_DOOR_PASSWORD": "secret",
    "WEBHOOK_SECRET": "0123456789abcdef",
    "MQTT_PASSWORD": "secret",
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
    """Each key of the schema that has a value, with its default; * stands for a user's key."""
    found: dict[str, Any] = {}
    for key, value in node.get("properties", {}).items():
        below: dict[str, Any] = {}
        if "default" in value and value["default"] in (None, []):
            found[before + key] = value["default"]  # a section that is not there, or a list of them
            continue
        for form in (value, *value.get("anyOf", [])):
            inner = [
                ("", form),
                *(("*.", one) for one in form.get("patternProperties", {}).values()),
            ]
            for star, one in inner:
                name = one.get("$ref", "").removeprefix("#/$defs/")
                if name and name != "Filled":
                    below |= schema_keys(SCHEMA["$defs"][name], f"{before}{key}.{star}")
        found |= below or {before + key: value.get("default")}
    return found


def explained(key: str) -> tuple[str, str]:
    """The comment and the value of a key of the schema in store.yaml."""
    pattern = re.compile(re.escape(key).replace(r"\*", "[a-z_]+"))
    return next(written for name, written in WRITTEN.items() if pattern.fullmatch(name))


SCHEMA = render_schema()
WRITTEN = store_keys()
SHORT_FORMS = {"defaults.heat.half_life": "defaults.heat.half_lives"}
"""Keys that may not stand beside their long form, which explains them."""
KNOWN = schema_keys(SCHEMA)
OF_A_CAMERA = {key for key in KNOWN if re.match(r"cameras\.\*\.(name|url|lines|zones)", key)}
OF_A_GROUP = {key for key in KNOWN if key.startswith("groups.")}
OF_ALARMS = {key for key in KNOWN if key.startswith("alarms.")}
OF_A_MAP = ("cameras.", "groups.", "alarms.", "auth.users.", "auth.tokens.")
SHOWN = {key for key in KNOWN if not key.startswith(OF_A_MAP)} - set(SHORT_FORMS)
SHOWN |= {"auth.users", "auth.tokens"}
KNOWN |= {"auth.users": {}, "auth.tokens": {}}
"""Users stand there as a comment: one that works would be everybody's."""


OF_OTHERS = {"alerts.yaml", "compose.yaml", "prometheus.yaml"}
"""Files of other programs; `test_operation_files` looks at them."""
WALLS = sorted(file for file in CONFIGS.glob("*.yaml") if file.name not in OF_OTHERS)


def test_there_are_configs() -> None:
    assert {file.name for file in WALLS} >= {"demo.yaml", "store.yaml"}


@pytest.mark.parametrize("file", WALLS, ids=lambda file: file.name)
def test_every_example_loads(file: Path) -> None:
    assert load_config(file, ENV).cameras


def test_the_demo_shows_four_simulated_cameras_with_its_own_model() -> None:
    config = load_config(CONFIGS / "demo.yaml", {})
    assert (config.model.path, config.model.imgsz, config.model.iou) == (DEMO, IMAGE_PX, DEMO_IOU)
    assert {camera.conf for camera in config.cameras.values()} == {DEMO_CONF}
    assert [(camera.name, camera.url.secret) for camera in config.cameras.values()] == [
        ("Entrance", "rtsp://127.0.0.1:8554/cam1"),
        ("Aisles", "rtsp://127.0.0.1:8554/cam2"),
        ("Checkout", "rtsp://127.0.0.1:8554/cam3"),
        ("Promotion", "rtsp://127.0.0.1:8554/cam4"),
    ]


def test_the_examples_have_groups() -> None:
    store = load_config(CONFIGS / "store.yaml", ENV)
    assert store.groups["front"].cameras == ("entrance", "checkout")
    demo = load_config(CONFIGS / "demo.yaml", {})
    assert {key: (group.name, group.cameras) for key, group in demo.groups.items()} == {
        "front": ("Front of house", ("entrance", "checkout")),
        "floor": ("Sales floor", ("aisles", "promotion")),
    }


def test_the_passwords_of_the_store_come_from_the_environment() -> None:
    config = load_config(CONFIGS / "store.yaml", ENV)
    url = config.cameras["entrance"].url.secret
    assert url == "rtsp://viewer:p%40ss%2Fw%3A%23rd@192.0.2.11/stream1"
    assert config.cameras["back_door"].url.secret == "rtsps://viewer:secret@192.0.2.13/stream1"


def test_the_store_shows_every_key_and_no_other() -> None:
    assert {key for key in WRITTEN if key in KNOWN} == SHOWN
    assert len(OF_A_CAMERA) == 6
    assert len(OF_A_GROUP) == 2
    assert len(OF_ALARMS) == 13
    for key in OF_A_CAMERA | OF_A_GROUP | OF_ALARMS:
        assert explained(key)


@pytest.mark.parametrize("key", sorted(SHOWN))
def test_every_key_of_the_store_is_explained_with_its_true_default(key: str) -> None:
    comment, written = WRITTEN[key]
    told = TOLD.search(comment)
    assert told is not None, f"{key} has no line `# Default: ….`"
    assert len(comment) > len(told[0]) + 20, f"{key} is not explained"
    assert yaml.safe_load(written) == KNOWN[key]
    if told[1] != "the first of half_lives":
        assert yaml.safe_load(told[1]) == KNOWN[key]


@pytest.mark.parametrize("key", sorted(OF_A_CAMERA | OF_A_GROUP))
def test_every_key_of_one_camera_or_group_is_explained(key: str) -> None:
    comment, _ = explained(key)
    assert comment.endswith(("Needed.", "capitalised."))
    assert len(comment) > 30


@pytest.mark.parametrize("key", sorted(OF_ALARMS))
def test_every_key_of_alarms_is_explained(key: str) -> None:
    comment, _ = explained(key)
    assert re.search(r"(Needed|Default: .+)\.$", comment)
    assert len(comment) > 50


@pytest.mark.parametrize(("short", "long"), SHORT_FORMS.items())
def test_a_short_form_is_explained_with_its_long_form(short: str, long: str) -> None:
    assert f" {short.rpartition('.')[2]}: " in WRITTEN[long][0]


def test_the_values_of_the_store_are_the_defaults() -> None:
    config = load_config(CONFIGS / "store.yaml", ENV)
    bare = Config.model_validate({"cameras": {"entrance": {"url": config.cameras["entrance"].url}}})
    assert config.server.model_copy(update={"state": None}) == bare.server
    assert config.model == bare.model
    assert config.log == bare.log
    examples: dict[str, Any] = {"lines": {}, "zones": {}, "substream": None}
    assert config.cameras["entrance"].model_copy(update=examples) == bare.cameras["entrance"]


def test_the_store_has_a_line_and_a_zone() -> None:
    entrance = load_config(CONFIGS / "store.yaml", ENV).cameras["entrance"]
    assert entrance.lines["door"].inside == "below"
    assert len(entrance.zones["queue"].polygon) == 4
