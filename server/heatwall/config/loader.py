"""Loading a config file, with every fault found in one go."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from heatwall.config.document import parse_document
from heatwall.config.faults import Faults
from heatwall.config.model import OWN_TO_A_CAMERA, Config
from heatwall.config.rules import FromFile
from heatwall.config.secrets import hide_secrets
from heatwall.config.substitute import Substitution
from heatwall.errors import ConfigError, ConfigFault

_LARGEST = 1_000_000
"""Bytes; a wall of 64 cameras with every key written out is about 100 kB."""

_MARK_DIGITS = 8
"""Hexadecimal; enough to tell the configs of one machine apart that have the same name."""

_SAME = {"half_life": "half_lives", "half_lives": "half_life"}
"""Two keys for one value: who gives the one replaces the other."""

_EXAMPLE = "a map with cameras: in it, such as cameras: {door: {url: 'rtsp://192.0.2.11/stream1'}}"


def load_config(path: Path, env: Mapping[str, str] | None = None) -> Config:
    """Return the config in the file at `path`, `defaults` merged and `${…}` filled in.

    Blocks on the disk; called before the event loop starts, or in a thread.

    Args:
        path: The file.
        env: What `${NAME}` is looked up in; the process's environment when None.

    Raises:
        ConfigError: With every fault found, in file order, none of which shows a secret.
    """
    return config_of(read_text(path), path, env)


def config_of(text: str, path: Path, env: Mapping[str, str] | None = None) -> Config:
    """Return the config in `text`, as `load_config` does for what stands in the file at `path`."""
    document = parse_document(text, str(path))
    faults = Faults(document)
    tree = document.tree
    if not isinstance(tree, dict):
        faults.add((), "is empty" if tree is None else "is not a map", _EXAMPLE)
        raise ConfigError(faults.sorted())
    env = os.environ if env is None else env
    folder = path.absolute().parent
    substitution = Substitution(env, folder, faults.add)
    filled = substitution.fill(tree)
    config = _validate(filled, faults, FromFile(folder, _state_folder(path, env)))
    if config is None or faults.sorted():
        raise ConfigError(faults.sorted())
    hide_secrets(config, substitution.secrets)
    return config


def _validate(filled: dict[str, Any], faults: Faults, context: FromFile) -> Config | None:
    """Return the config, or None with the faults added."""
    filled.setdefault("server", {})  # its state depends on the file even when it is not there
    defaults = filled.pop("defaults", None)
    defaults = {} if defaults is None else defaults
    if not isinstance(defaults, dict):
        faults.add(("defaults",), "is not a map", "the keys of a camera")
        defaults = {}
    for key in OWN_TO_A_CAMERA:
        if key in defaults:
            faults.add(("defaults", key), "belongs under one camera", f"{key} under each camera")
    cameras = filled.get("cameras")
    if cameras is None or cameras == {}:
        faults.add(("cameras",), "has no cameras", _EXAMPLE)
        cameras = {}
    if isinstance(cameras, dict):
        filled["cameras"] = {
            key: merge(defaults, camera or {}) if isinstance(camera, dict | None) else camera
            for key, camera in cameras.items()
        }
    # By themselves too: a fault in them is theirs, even when no camera makes use of them.
    alone = {"cameras": {"defaults": merge(defaults, {"url": "rtsp://host/"})}}
    try:
        Config.model_validate(alone, context=context, by_alias=True, by_name=False)
    except ValidationError as error:
        faults.add_validation(error, in_defaults=True)
    try:
        return Config.model_validate(filled, context=context, by_alias=True, by_name=False)
    except ValidationError as error:
        faults.add_validation(error)
    return None


def merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return both maps as one: maps merge key by key, all else of `above` replaces."""
    replaced = {_SAME[key] for key in above if key in _SAME}
    merged = {key: value for key, value in below.items() if key not in replaced}
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, dict) and (isinstance(value, dict) or value is None):
            merged[key] = merge(old, value or {})
        else:
            merged[key] = value
    return merged


def _state_folder(path: Path, env: Mapping[str, str]) -> Path | None:
    """Return the folder for the state of a server with this config; None without a home.

    Below $XDG_STATE_HOME, which counts only when absolute (XDG Base Directory Specification 0.8).
    """
    home = Path(env.get("XDG_STATE_HOME", ""))
    if not home.is_absolute():
        try:
            home = Path(env["HOME"] if env.get("HOME") else Path.home()) / ".local" / "state"
        except RuntimeError:
            return None
    real = path.resolve()
    mark = hashlib.sha256(os.fsencode(real)).hexdigest()[:_MARK_DIGITS]
    return home / "heatwall" / f"{real.stem}-{mark}"


def read_text(path: Path) -> str:
    """Return the text of the config file at `path`, line ends as they are.

    Raises:
        ConfigError: It is not there, can't be read, is too large or no UTF-8.
    """

    def fault(message: str, allowed: str = "a YAML file", line: int | None = None) -> ConfigError:
        return ConfigError([ConfigFault(str(path), line, "", None, message, allowed)])

    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise fault("the file is not there") from None
    except IsADirectoryError:
        raise fault("is a folder") from None
    except OSError as error:
        raise fault(f"can't be read: {error.strerror}") from None
    if len(content) > _LARGEST:
        raise fault("is too large", f"at most {_LARGEST // 1000} kB")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise fault("is not UTF-8 text", "UTF-8", line) from None
