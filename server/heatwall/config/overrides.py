"""One camera's settings with single values given elsewhere, such as on a command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from heatwall.config.document import Place, dotted, parse_document, value_at
from heatwall.config.faults import shown
from heatwall.config.loader import load_config, merge
from heatwall.config.model import CameraConfig, Config, ModelConfig
from heatwall.config.rules import FromFile
from heatwall.config.substitute import Substitution
from heatwall.errors import ConfigError, ConfigFault

_KEY = "video"
"""What the one camera is called while it is checked."""

_PLACEHOLDER = "rtsp://video/"
"""Where its pictures come from is not said by its settings here."""

DEFAULTS = "defaults"
"""The name by which the settings that all cameras share are asked for."""


@dataclass(frozen=True, slots=True)
class Override:
    """One value that stands above the file's.

    Attributes:
        option: What it is called where it was given, such as `--opacity`.
        place: Where it belongs: `("model", "iou")`, or `("camera", "overlay", "opacity")`.
        value: As it would stand in a file.
        text: As it was given, for people; None when `value` tells.
        allowed: What may be given, when it is more than a file allows; None when it is not.
    """

    option: str
    place: Place
    value: Any
    text: str | None = None
    allowed: str | None = None


def load_overridden(
    path: Path | None, camera: str | None, overrides: Sequence[Override], env: Mapping[str, str]
) -> tuple[ModelConfig, CameraConfig]:
    """Return the model's settings and one camera's, with `overrides` above them.

    Blocks on the disk when there is a file. The camera's URL is a placeholder.

    Args:
        path: A config file; None for nothing but defaults.
        camera: The key of a camera in it, or `defaults`; None for the only camera.
        overrides: Later ones stand above earlier ones.
        env: What `${NAME}` is looked up in.

    Raises:
        ConfigError: The file has faults, has no such camera, or a value is not allowed.
    """
    model, settings = _base(path, camera, env)
    tree: dict[str, Any] = {"model": model, "camera": settings}
    for override in overrides:
        _put(tree, override)
    # Relative paths of the file were made whole by then; those of options start from here.
    whole = {
        "model": tree["model"],
        "cameras": {_KEY: {**tree["camera"], "name": "Video", "url": _PLACEHOLDER}},
    }
    folder = Path() if path is None else path.absolute().parent
    try:
        config = Config.model_validate(
            whole, context=FromFile(folder), by_alias=True, by_name=False
        )
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        faults = dict.fromkeys(_fault(detail, overrides, whole) for detail in details)
        raise ConfigError(list(faults)) from None
    return config.model, config.cameras[_KEY]


def _base(
    path: Path | None, camera: str | None, env: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the model's map and the camera's as they stand in the file."""
    if path is None:
        if camera is not None:
            message = "names a camera, and there is no config that it could stand in"
            raise ConfigError(
                [ConfigFault("--camera", None, "", repr(camera), message, "--config beside it")]
            )
        return {}, {}
    load_config(path, env)  # tells all faults of the file, each with its line
    document = parse_document(path.read_text(), str(path))
    tree = Substitution(env, path.absolute().parent, lambda *_: None).fill(document.tree)
    defaults, cameras = tree.get("defaults") or {}, tree["cameras"]
    if camera is None and len(cameras) == 1:
        camera = next(iter(cameras))
    if camera in cameras:
        settings = merge(defaults, cameras[camera] or {})
    elif camera == DEFAULTS:
        settings = dict(defaults)
    else:
        names = ", ".join([*cameras, f"or {DEFAULTS} for what all of them share"])
        found = "nothing" if camera is None else repr(camera)
        message = f"must name a camera of {path}"
        raise ConfigError([ConfigFault("--camera", None, "", found, message, names)])
    return tree.get("model") or {}, settings


def _put(tree: dict[str, Any], override: Override) -> None:
    """Write a value into the tree in place."""
    at = tree
    for part in override.place[:-1]:
        below = at.get(str(part))
        at[str(part)] = at = dict(below) if isinstance(below, dict) else {}
    key = str(override.place[-1])
    if key == "half_lives":
        at.pop("half_life", None)  # its short form
    at[key] = override.value


def _fault(
    detail: ErrorDetails, overrides: Sequence[Override], whole: dict[str, Any]
) -> ConfigFault:
    """Return the fault as it is told to whoever gave the value."""
    notes = detail.get("ctx", {})
    place: Place = (*detail["loc"], *notes.get("at", ()))
    if place[:2] == ("cameras", _KEY):
        place = ("camera", *place[2:])
    message, allowed = notes.get("message", detail["msg"]), notes.get("allowed", "")
    for override in reversed(overrides):
        if place[: len(override.place)] == override.place:
            found = shown(override.value) if override.text is None else repr(override.text)
            allowed = allowed if override.allowed is None else override.allowed
            return ConfigFault(override.option, None, "", found, message, allowed)
    key = dotted(place[1:] if place[:1] == ("camera",) else place)
    found = shown(value_at(whole, detail["loc"]))
    return ConfigFault("settings", None, key, found, message, allowed)
