"""What may be said to a `Heatmap`, and the settings that it comes to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypedDict

import numpy as np
import numpy.typing as npt

from heatwall.config.names import hint_for
from heatwall.errors import ConfigError
from heatwall.render.options import RenderOptions
from heatwall.render.settings import RenderSettings, load_settings

Points: TypeAlias = Sequence[Sequence[float]] | npt.NDArray[Any]
"""x and y of each point, in pixels of the frame, or all from 0 to 1 as parts of it."""

HalfLife: TypeAlias = str | float | None
"""`"30s"`, seconds as a number, or None for a lifetime sum."""


class HeatmapOptions(TypedDict, total=False):
    """The keywords of a `Heatmap`; those not given have the defaults of a config's camera.

    A region of two points is a counting line, one of three or more a zone; named ones come in a
    map. A named line may have its side that is inside as a third: `{"door": (a, b, "above")}`;
    by default it is below, or right of a line that stands.
    """

    region: Points | Mapping[str, Points] | None
    lines: Points | Mapping[str, Sequence[Any]] | None
    zones: Points | Mapping[str, Points] | None
    half_life: HalfLife | Sequence[HalfLife]
    footprint: Literal["foot", "circle", "rect"]
    shape: Literal["foot", "circle", "rect"]
    colormap: str | int
    opacity: float
    heatmap_alpha: float
    scale: float | Literal["auto"]
    gamma: float
    classes: int | str | Sequence[int | str] | None
    conf: float
    iou: float
    imgsz: int
    max_det: int
    device: str | int | None
    tracker: str | Path
    track_buffer: str | float
    show_heat: bool
    show_legend: bool
    show_boxes: bool
    show_labels: bool
    show_conf: bool
    show_trails: bool
    show_lines: bool
    show_zones: bool
    show_in: bool
    show_out: bool
    line_width: int


_SAME = {"heatmap_alpha": "opacity", "shape": "footprint"}
"""Ultralytics' words that are taken too."""

_SHAPES = ("region", "lines", "zones")

_REFUSED = {
    "decay_factor": "heat fades by time, not by frame: half_life='30s', or None for a sum that "
    "never fades",
    "count_reg_pts": "here it is called region",
    "reg_pts": "here it is called region",
    "source": "frames are given one by one: results = heatmap(im0)",
    "vid_stride": "leave frames out as you like, and give the others their time_s",
    **dict.fromkeys(
        ("show", "view_img"),
        "no window is opened: show results.plot_im yourself, or use `heatwall serve`, whose wall "
        "in the browser shows every camera",
    ),
}
"""Words of Ultralytics whose meaning here the config's hints do not tell."""

_POINTS = "points such as [(20, 400), (1080, 400)], in pixels or in parts of the frame from 0 to 1"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was said to a `Heatmap`, checked as far as it can be without a frame.

    Attributes:
        options: All but the shapes, as on a command line.
        shapes: For `line`, `zone` and `region` the texts, as on a command line, each with
            whether it is in pixels.
        half_lives: The half-lives to keep, the first of them shown.
    """

    options: RenderOptions
    shapes: Mapping[str, tuple[tuple[str, bool], ...]]
    half_lives: tuple[str, ...]

    def settings(self, size: tuple[int, int] | None) -> RenderSettings:
        """Return the settings.

        Args:
            size: Width and height of the frames in pixels; None before there is any, when shapes
                in pixels are left out.

        Raises:
            ValueError: A value is not allowed; the text names each, and what is.
            ModelError: The demo model is asked for, and missing.
        """
        texts: dict[str, Any] = {
            name: [text for text, is_in_pixels in shapes if size or not is_in_pixels]
            for name, shapes in self.shapes.items()
        }
        options = replace(self.options, **texts)
        try:
            kept = []
            for half_life in self.half_lives or (None,):
                one = replace(options, half_life=half_life)
                kept.append(load_settings(one, size or (1, 1), {}))
        except ConfigError as error:
            raise ValueError(_as_keywords(error)) from None
        half_lives_s = dict.fromkeys(settings.analysis.style.shown_s for settings in kept)
        first = kept[0]
        return replace(first, analysis=replace(first.analysis, half_lives_s=tuple(half_lives_s)))


def read_keywords(model: str | Path, given: Mapping[str, Any]) -> Wishes:
    """Return what is wished for.

    Args:
        model: A file or a name.
        given: The keywords, see `HeatmapOptions`.

    Raises:
        TypeError: There is no such keyword, or two say the same.
        ValueError: A region has no points.
    """
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in HeatmapOptions.__annotations__:
            raise TypeError(f"Heatmap() has no argument {key!r}{_hint(key)}")
        name = _SAME.get(key, key)
        if name in values:
            raise TypeError(f"{key} says the same as another argument; allowed: one of the two")
        values[name] = value
    half_lives = _half_lives(values.pop("half_life")) if "half_life" in values else ()
    shapes = {key.removesuffix("s"): _shapes(key, values.pop(key, None)) for key in _SHAPES}
    texts = {key: _text(key, value) for key, value in values.items()}
    chosen = {key: text for key, text in texts.items() if text is not None}
    return Wishes(RenderOptions(source="", model=str(model), **chosen), shapes, half_lives)


def _hint(key: str) -> str:
    if key in _REFUSED:
        return f"; {_REFUSED[key]}"
    hint = hint_for(key, tuple(HeatmapOptions.__annotations__), {}, "overlay")
    return re.sub(r"\bheat\.", "", hint).replace("model.path", "model")


def _as_keywords(error: ConfigError) -> str:
    """Return the faults of a command line's options in the words of Python."""
    called = {"--line": "lines", "--zone": "zones"}
    faults = [
        replace(one, file=called.get(one.file, one.file.removeprefix("--").replace("-", "_")))
        for one in error.faults
    ]
    return "\n".join(map(str, faults))


def _text(key: str, value: Any) -> Any:
    """Return a value as it would be written on a command line; None where none would be."""
    if key == "classes":
        return _classes(value)
    if value is None or key.startswith("show_"):
        return value
    return _duration(value) if key == "track_buffer" else str(value)


def _classes(value: Any) -> list[str]:
    if value is None:
        return ["all"]
    many = [value] if isinstance(value, int | str) else list(value)
    return [str(one) for one in many] or ["[]"]


def _half_lives(value: Any) -> tuple[str, ...]:
    many = value if isinstance(value, list | tuple) else [value]
    if not many:
        raise ValueError("half_life: is empty (allowed: one such as '30s', or a list of some)")
    return tuple(_duration(one) for one in many)


def _duration(value: Any) -> str:
    """Return `30s` for the number 30: in Python numbers are seconds, as everywhere here."""
    if value is None:
        return "none"
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return f"{value:.10g}s" if is_number else str(value)


def _shapes(keyword: str, value: Any) -> tuple[tuple[str, bool], ...]:
    if value is None:
        return ()
    if not isinstance(value, Mapping):
        return (_shape(keyword, "", value),)
    return tuple(_shape(keyword, str(name), points) for name, points in value.items())


def _shape(keyword: str, name: str, value: Any) -> tuple[str, bool]:
    """Return a line or zone as on a command line, and whether it is in pixels."""
    side = ""
    if keyword == "lines" and name and len(value) == 3 and isinstance(value[2], str):
        value, side = value[:2], f":{value[2]}"
    place = f"{keyword}[{name!r}]" if name else keyword
    try:
        points = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        points = np.empty(0)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise ValueError(f"{place}: is not a list of points (allowed: {_POINTS})")
    least, most = {"lines": (2, 2), "zones": (3, None), "region": (2, None)}[keyword]
    if len(points) < least or len(points) > (most or len(points)):
        allowed = f"{least}" if most else f"at least {least}"
        raise ValueError(f"{place}: has {len(points)} points (allowed: {allowed})")
    text = ", ".join(f"({_plain(x)}, {_plain(y)})" for x, y in points.tolist())
    return f"{name}=[{text}]{side}" if name else f"[{text}]{side}", bool((points > 1).any())


def _plain(number: float) -> str:
    return np.format_float_positional(number, trim="-")
