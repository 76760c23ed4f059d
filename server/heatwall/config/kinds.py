"""The kinds of value that only a camera server's config has: devices, trackers, half-lives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from heatwall.colormaps import ALLOWED, COLORMAPS, parse_colormap
from heatwall.config.rules import (
    DURATION_SCHEMA,
    FromFile,
    Rule,
    duration,
    fault,
    parse_flag,
    read_duration,
)
from heatwall.config.units import DURATION_FORM, format_duration
from heatwall.config.url import ALLOWED_URL, SCHEMES, parse_url
from heatwall.values import SecretUrl

TRACKERS = ("botsort", "bytetrack", "deepocsort", "fasttrack", "ocsort", "tracktrack")
"""The trackers that Ultralytics 8.4 ships a YAML for (ultralytics/cfg/trackers)."""

_DEVICE = re.compile(r"auto|cpu|mps|cuda(?::\d{1,2})?")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_SHORTEST_HALF_LIFE_S = 1.0
_LONGEST_HALF_LIFE_S = 30 * 86400.0
_MOST_HALF_LIVES = 8
"""Each costs a grid of floats per camera, and a choice in the page's menu."""


def name_of(camera: str) -> str:
    """Return the name for people that a camera's key makes: `north_door` is `North Door`."""
    return " ".join(word.capitalize() for word in re.split(r"[-_]+", str(camera)) if word)


def format_half_life(half_life_s: float | None) -> str:
    """Return `30s` or the like, `none` for a lifetime sum."""
    return "none" if half_life_s is None else format_duration(half_life_s)


def parse_half_life(word: str) -> float | None:
    """Return the seconds that `10m`, `600` or `none` stand for, None for a lifetime sum.

    Raises:
        ValueError: It is no half-life.
    """
    try:
        return float(word)
    except ValueError:
        return _parse_half_life(word, FromFile(Path()))


def few_and_unlike(half_lives_s: tuple[float | None, ...]) -> tuple[float | None, ...]:
    """Return `half_lives_s` when there are 1 to 8 and no two are the same."""
    is_few = 1 <= len(half_lives_s) <= _MOST_HALF_LIVES
    if is_few and len(set(half_lives_s)) == len(half_lives_s):
        return half_lives_s
    raise fault(
        "has the same half-life twice" if is_few else "has too few or too many",
        f"a list of 1 to {_MOST_HALF_LIVES} different half-lives, such as [30s, 10m]",
    )


def _parse_device(value: Any, _file: FromFile | None) -> str:
    word = str(value).strip().lower()
    if not isinstance(value, bool) and word.isascii() and word.isdigit():
        word = f"cuda:{int(word)}"  # Ultralytics' own spelling, `device: 0`
    if not _DEVICE.fullmatch(word):
        raise ValueError("is not a device")
    return word


def _parse_half(value: Any, _file: FromFile | None) -> bool | str:
    if isinstance(value, str) and value.strip().lower() == "auto":
        return "auto"
    return parse_flag(value)


def _parse_scale(value: Any, _file: FromFile | None) -> float | str:
    if isinstance(value, str) and value.strip().lower() == "auto":
        return "auto"
    try:
        share = float(value) if not isinstance(value, bool) else 0.0
    except (TypeError, ValueError):
        raise ValueError("is not a number") from None
    if not 0 < share <= 1:
        raise ValueError("is out of range")
    return share


def _parse_window(value: Any, file: FromFile | None) -> float | str:
    if isinstance(value, str) and value.strip().lower() == "auto":
        return "auto"
    seconds: float = _WINDOW.parse(value, file)
    return seconds


def _parse_half_life(value: Any, file: FromFile | None) -> float | None:
    if value is None or (isinstance(value, str) and value.strip().lower() == "none"):
        return None
    seconds = read_duration(value, file)
    if not _SHORTEST_HALF_LIFE_S <= seconds <= _LONGEST_HALF_LIFE_S:
        raise ValueError("is out of range")
    return seconds


def _parse_colormap(value: Any, _file: FromFile | None) -> str:
    if not isinstance(value, str | int):
        raise ValueError("is not a colour map")
    try:
        return parse_colormap(value)
    except ValueError as error:
        raise ValueError(str(error).partition(";")[0]) from None


def _parse_class(value: Any, _file: FromFile | None) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("is not a class; put names such as on or no in quotes")
    word = str(value).strip()
    if word.isascii() and word.isdigit():
        return int(word)
    if not word or isinstance(value, int):
        raise ValueError("is not a class")
    return word


def _parse_tracker(value: Any, file: FromFile | None) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("is not a tracker")
    word = value.strip()
    name = re.sub(r"\.ya?ml$", "", word.lower())
    if name in TRACKERS:
        return name
    if name == word.lower():
        raise ValueError("is not a tracker")
    path = (file.folder if file else Path()) / Path(word).expanduser()
    if not path.is_file():
        raise ValueError("names a tracker file that is not there")
    return str(path)


def _parse_url(value: Any, _file: FromFile | None) -> SecretUrl:
    if not isinstance(value, str | SecretUrl):
        raise ValueError("is not a URL")
    return parse_url(value)


def _parse_substream(value: Any, file: FromFile | None) -> SecretUrl | None:
    return None if value is None else _parse_url(value, file)


def _parse_shown_class(value: Any, _file: FromFile | None) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise ValueError("is not the name of a class")
    return value.strip()


def _parse_still(value: Any, file: FromFile | None) -> float | None:
    if value is None or (isinstance(value, str) and value.strip().lower() == "none"):
        return None
    seconds: float = _STILL.parse(value, file)
    return seconds


def _parse_state(value: Any, file: FromFile | None) -> Path | None:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value.strip():
        raise ValueError("is not a folder")
    word = value.strip()
    if word.lower() == "auto":
        return file.state if file else None
    if word.lower() == "none":
        return None
    path = (file.folder if file else Path()) / Path(word).expanduser()
    if path.exists() and not path.is_dir():
        raise ValueError("is there and is not a folder")
    return path


def _parse_id(value: Any, _file: FromFile | None) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError("can't be a key here")
    return value


DEVICE = Rule(
    _parse_device,
    "auto, cpu, cuda, cuda:N for the Nth GPU counted from 0, or mps",
    {"anyOf": [{"type": "string", "pattern": f"^({_DEVICE.pattern})$"}, {"type": "integer"}]},
)
"""Where the model runs."""

HALF = Rule(_parse_half, "true, false or auto", {"anyOf": [{"type": "boolean"}, {"const": "auto"}]})
"""Whether the model runs in half precision."""

_WINDOW = duration(0, 1)

WINDOW = Rule(
    _parse_window,
    f"auto, or {_WINDOW.allowed}",
    {"anyOf": [{"const": "auto"}, DURATION_SCHEMA]},
    lambda window: window if window == "auto" else format_duration(window),
)
"""How long a batch gathers."""

SCALE = Rule(
    _parse_scale,
    "auto, or a number above 0 and up to 1, such as 0.25 for full colour at 25 %",
    {"anyOf": [{"const": "auto"}, {"type": "number", "exclusiveMinimum": 0, "maximum": 1}]},
)
"""Share of recent time at full colour."""

HALF_LIFE = Rule(
    _parse_half_life,
    f"{DURATION_FORM}, from {format_duration(_SHORTEST_HALF_LIFE_S)} to "
    f"{format_duration(_LONGEST_HALF_LIFE_S)}; or none for a lifetime sum",
    {"anyOf": [DURATION_SCHEMA, {"const": "none"}]},
    format_half_life,
)
"""Half-life of a heat, None for a lifetime sum."""

COLORMAP = Rule(
    _parse_colormap,
    ALLOWED,
    {
        "anyOf": [
            {"type": "string", "enum": list(COLORMAPS)},
            {"type": "string", "pattern": "^(cv2\\.)?COLORMAP_[A-Z_]+$"},
            {"type": "integer", "minimum": 0, "maximum": len(COLORMAPS) - 1},
        ]
    },
)
"""One of OpenCV's colour maps."""

CLASS = Rule(
    _parse_class,
    "a class of the model by name, such as person, or by number from 0",
    {"anyOf": [{"type": "string", "minLength": 1}, {"type": "integer", "minimum": 0}]},
)
"""A class of the model."""

TRACKER = Rule(
    _parse_tracker,
    f"{', '.join(TRACKERS)}, or the path of a tracker file that ends in .yaml",
    {"anyOf": [{"enum": list(TRACKERS)}, {"type": "string", "pattern": r"\.ya?ml$"}]},
)
"""One of Ultralytics' trackers, or a path."""

URL = Rule(
    _parse_url,
    ALLOWED_URL,
    {"type": "string", "pattern": f"^({'|'.join(SCHEMES)})://"},
    str,
)
"""Where a camera's stream is; written back redacted."""

SUBSTREAM = Rule(
    _parse_substream,
    f"{ALLOWED_URL}; or null for none",
    {"anyOf": [{"type": "string", "pattern": f"^({'|'.join(SCHEMES)})://"}, {"type": "null"}]},
    lambda url: None if url is None else str(url),
)
"""Where a camera's small stream is, if it has one; written back redacted."""

SHOWN_CLASS = Rule(
    _parse_shown_class,
    "a class of the model by name, such as person, or null for all",
    {"anyOf": [{"type": "string", "minLength": 1}, {"type": "null"}]},
)
"""The class whose heat is shown."""

_STILL = duration(10, 86400)

IGNORE_STILL = Rule(
    _parse_still,
    f"{_STILL.allowed}; or none to count them",
    {"anyOf": [DURATION_SCHEMA, {"const": "none"}]},
    format_half_life,
)
"""After which time those who do not move add no heat; None for never."""

STATE = Rule(
    _parse_state,
    "auto, none, or a folder, from this file's folder on",
    {"type": "string", "minLength": 1},
    lambda folder: "none" if folder is None else str(folder),
)
"""Where the server keeps what survives a restart."""

StateFolder = Annotated[Path | None, STATE]
"""A folder, or None for nowhere."""

ID = Rule(
    _parse_id,
    "1 to 63 of a-z, 0-9, _ and -, beginning with a letter or a digit",
    {"type": "string", "pattern": f"^{_ID.pattern}$"},
)
"""The key of a camera, a line or a zone."""
