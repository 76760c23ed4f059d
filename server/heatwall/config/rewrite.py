"""A config's text with other lines and zones of one camera, checked to say just that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from heatwall.config.edit import edited
from heatwall.config.loader import config_of
from heatwall.config.model import Config
from heatwall.config.regions import Regions, in_words, regions_of
from heatwall.config.written import written_out
from heatwall.errors import ConfigError, ConfigFault, EditError

_Shape = TypeVar("_Shape")


def rewritten(
    text: str,
    path: Path,
    camera: str,
    was: Regions,
    wanted: Regions,
    env: Mapping[str, str] | None = None,
) -> str:
    """Return the text of a config file with what of a camera's lines and zones has changed.

    What somebody has written into the file meanwhile stays, unless it is of a line or zone that
    has changed here too.

    Args:
        text: The text, as it is now.
        path: The file.
        camera: The camera's id.
        was: The lines and zones that the file had when it was last read or written.
        wanted: Those that there are to be.
        env: What `${NAME}` is looked up in; the process's environment when None.

    Raises:
        ConfigError: The text can't be used, or has the camera no more.
        EditError: The change can't be made without touching all else; the error has the YAML that
            somebody may write by hand.
    """
    config = config_of(text, path, env)
    if camera not in config.cameras:
        message = "is not there any more"
        raise ConfigError([ConfigFault(str(path), None, f"cameras.{camera}", None, message)])
    before = regions_of(config.cameras[camera])
    after = Regions(
        lines=_merged(was.lines, wanted.lines, before.lines),
        zones=_merged(was.zones, wanted.zones, before.zones),
    )
    if after == before:
        return text
    try:
        new = edited(text, camera, in_words(before), in_words(after))
        _check(new, path, env, _with(config, camera, after))
    except EditError as error:
        raise EditError(
            f"{error}; to keep them, write below the key of {camera} in {path.name} by hand:\n"
            f"{written_out(in_words(after))}"
        ) from None
    return new


def _merged(
    was: Mapping[str, _Shape], wanted: Mapping[str, _Shape], there: Mapping[str, _Shape]
) -> dict[str, _Shape]:
    """Return what is there with all that differs between what was and what is wanted."""
    gone = was.keys() - wanted.keys()
    changed = {name: shape for name, shape in wanted.items() if shape != was.get(name)}
    return {name: shape for name, shape in there.items() if name not in gone} | changed


def _with(config: Config, camera: str, regions: Regions) -> Config:
    changed: dict[str, Any] = {"lines": regions.lines, "zones": regions.zones}
    settings = config.cameras[camera].model_copy(update=changed)
    return config.model_copy(update={"cameras": {**config.cameras, camera: settings}})


def _check(text: str, path: Path, env: Mapping[str, str] | None, wanted: Config) -> None:
    """Do nothing when a text means what is wanted.

    Raises:
        EditError: It means something else, or nothing.
    """
    try:
        config = config_of(text, path, env)
    except ConfigError as error:
        raise EditError(f"the file could not be read any more ({error})") from None
    if config != wanted:
        raise EditError("the change would touch other settings, as where cameras share an anchor")
