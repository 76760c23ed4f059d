"""What the options of a rendering and its config come to."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from heatwall.analysis.detector import ModelSpec
from heatwall.analysis.spec import AnalysisSpec
from heatwall.camera.link import InkSpec
from heatwall.config.overrides import Override, load_overridden
from heatwall.config.units import DURATION_FORM, parse_duration
from heatwall.geometry import fit
from heatwall.render.options import RenderOptions
from heatwall.render.regions import fault, parse_line, parse_region, parse_zone
from heatwall.shapes import A_POLYGON
from heatwall.simulator.weights import DEMO, DEMO_CONF, DEMO_IOU, IMAGE_PX, model_file
from heatwall.specs import analysis_spec, ink_spec, model_spec

_DETECT_FPS = "10"
"""A file has no cores to share with other cameras: twice the rate of a live one follows people
who cross each other better."""

_DEMO = (
    Override("--model", ("model", "imgsz"), IMAGE_PX),
    Override("--model", ("model", "iou"), DEMO_IOU),
    Override("--model", ("camera", "conf"), DEMO_CONF),
)
"""The demo model is run as `heatwall demo` does."""

_SIZE = re.compile(r"\s*(\d{2,5})\s*[xX×]\s*(\d{2,5})\s*")

_PLACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("model", ("model", "path")),
    ("device", ("model", "device")),
    ("imgsz", ("model", "imgsz")),
    ("iou", ("model", "iou")),
    ("max_det", ("model", "max_det")),
    ("conf", ("camera", "conf")),
    ("detect_fps", ("camera", "detect", "fps")),
    ("tracker", ("camera", "tracker")),
    ("track_buffer", ("camera", "track_buffer")),
    ("colormap", ("camera", "overlay", "colormap")),
    ("opacity", ("camera", "overlay", "opacity")),
    ("scale", ("camera", "overlay", "scale")),
    ("gamma", ("camera", "overlay", "gamma")),
    ("footprint", ("camera", "heat", "footprint")),
    ("show_heat", ("camera", "overlay", "show_heat")),
    ("show_boxes", ("camera", "overlay", "show_boxes")),
    ("show_labels", ("camera", "overlay", "show_labels")),
    ("show_conf", ("camera", "overlay", "show_conf")),
    ("show_trails", ("camera", "overlay", "show_trails")),
    ("show_lines", ("camera", "overlay", "show_lines")),
    ("show_zones", ("camera", "overlay", "show_zones")),
    ("show_in", ("camera", "overlay", "show_in")),
    ("show_out", ("camera", "overlay", "show_out")),
    ("line_width", ("camera", "overlay", "line_width")),
)
"""Each option with the place of its value in a config."""


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """How a video is rendered.

    Attributes:
        model: The model.
        model_name: The model as it was asked for, for people.
        batch: Most frames in one run of the model.
        analysis: Tracking, heat and counting.
        detect_fps: Frames per second of media time that the model looks at.
        ink: What the overlay looks like.
        has_legend: Whether the meaning of the colours is written into the picture.
        file_half_life_s: Which heat is written to files; None for that of the whole video.
        width: Of the video, pixels.
        height: Of the video, pixels.
        until_s: Media time at which it ends, seconds; None for the end of the source.
    """

    model: ModelSpec
    model_name: str
    batch: int
    analysis: AnalysisSpec
    detect_fps: float
    ink: InkSpec
    has_legend: bool
    file_half_life_s: float | None
    width: int
    height: int
    until_s: float | None


def load_settings(
    options: RenderOptions,
    size: tuple[int, int],
    env: Mapping[str, str] = os.environ,
) -> RenderSettings:
    """Return the settings that the options and their config come to.

    Args:
        options: What was written.
        size: Width and height of the source, upright, pixels.
        env: What `${NAME}` in the config is looked up in.

    Raises:
        ConfigError: An option or the config has a fault.
        ModelError: The demo model is asked for, and missing.
    """
    limit = _size(options.size, size)
    until_s = None if options.duration is None else _duration(options.duration)
    overrides = [*_base_overrides(options), *_value_overrides(options)]
    overrides += _shape_overrides(options, size)
    model, camera = load_overridden(options.config, options.camera, overrides, env)
    analysis = analysis_spec(camera)
    file_half_life_s = _file_half_life(options.heat_of)
    kept = dict.fromkeys((analysis.style.shown_s, file_half_life_s, None))
    is_beside = options.config is not None and options.model is None
    folder = options.config.parent if options.config is not None and is_beside else Path()
    return RenderSettings(
        model=model_spec(model, model_file(model.path, folder, model.device)),
        model_name=model.path,
        batch=model.batch,
        analysis=replace(analysis, half_lives_s=tuple(kept)),
        detect_fps=camera.detect.fps,
        ink=ink_spec(camera.overlay),
        has_legend=options.show_legend and camera.overlay.show_heat,
        file_half_life_s=file_half_life_s,
        width=limit[0],
        height=limit[1],
        until_s=until_s,
    )


def _base_overrides(options: RenderOptions) -> list[Override]:
    """Return what stands below the options: what differs from a camera of a wall."""
    base = [*_DEMO] if options.model == DEMO else []
    if options.config is None:
        base.append(Override("--detect-fps", ("camera", "detect", "fps"), _DETECT_FPS))
    return base


def _value_overrides(options: RenderOptions) -> list[Override]:
    given = []
    for name, place in _PLACES:
        value = getattr(options, name)
        if value is not None:
            given.append(Override(_flag(name), place, _absolute(name, value)))
    if options.half_life is not None:
        one = _plain(options.half_life)
        for key, value in (("half_lives", [one]), ("shown", one)):
            place = ("camera", "heat", key)
            given.append(Override("--half-life", place, value, options.half_life))
    if options.classes:
        classes = _classes(options.classes)
        words = " ".join(options.classes)
        given.append(Override("--classes", ("camera", "classes"), classes, words))
    return given


def _shape_overrides(options: RenderOptions, size: tuple[int, int]) -> list[Override]:
    """Return the lines and zones, each at the place of its name."""
    shapes = [parse_line(text) for text in options.line or ()]
    shapes += [parse_zone(text) for text in options.zone or ()]
    shapes += [parse_region(text) for text in options.region or ()]
    taken: set[tuple[str, str]] = set()
    given = []
    for shape in shapes:
        kind = "lines" if shape.is_line else "zones"
        name = shape.name or _free_name(kind.removesuffix("s"), kind, taken)
        if (kind, name) in taken:
            raise fault(shape.option, shape.text, f"has a name given twice: {name}", "another one")
        taken.add((kind, name))
        points = [list(point) for point in shape.normalised(*size)]
        value: dict[str, Any] = {"polygon": points}
        if shape.is_line:
            value = {"from": points[0], "to": points[1], "inside": shape.side(*size)}
        allowed = None if shape.is_line else A_POLYGON
        given.append(Override(shape.option, ("camera", kind, name), value, shape.text, allowed))
    return given


def _free_name(stem: str, kind: str, taken: set[tuple[str, str]]) -> str:
    """Return `line`, `line2` and so on."""
    number = 1
    while (kind, stem if number == 1 else f"{stem}{number}") in taken:
        number += 1
    return stem if number == 1 else f"{stem}{number}"


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _absolute(name: str, value: Any) -> Any:
    """Return the value as a file would have it: paths from here, durations without unit as such."""
    if name == "tracker" and value.lower().endswith((".yaml", ".yml")):
        path = Path(value).expanduser()
        return str(path.absolute()) if path.exists() else value
    return _plain(value) if name == "track_buffer" else value


def _plain(value: str) -> str | int:
    """Return a bare number as one, so that the message about its missing unit fits."""
    return int(value) if value.strip().isdecimal() else value


def _classes(texts: list[str]) -> list[str] | None:
    words = [word for text in texts for word in re.split(r"[,\[\]]", text)]
    names = [word.strip().strip("'\"") for word in words if word.strip()]
    return None if names == ["all"] else names


def _file_half_life(text: str) -> float | None:
    if text.strip().lower() == "none":
        return None
    return _duration(text, "--heat-of", f"{DURATION_FORM}; or none for the whole video")


def _duration(text: str, option: str = "--duration", allowed: str = DURATION_FORM) -> float:
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise fault(option, text, str(error), allowed) from None
    if seconds <= 0:
        raise fault(option, text, "is no time at all", allowed)
    return seconds


def _size(text: str | None, size: tuple[int, int]) -> tuple[int, int]:
    """Return the even width and height of the video, pixels."""
    if text is None:
        return fit(*size, *size)
    match = _SIZE.fullmatch(text)
    if match is None:
        raise fault("--size", text, "is not a size", "WIDTHxHEIGHT in pixels, such as 1280x720")
    return fit(*size, int(match[1]), int(match[2]))
