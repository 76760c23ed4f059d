"""The options of `heatwall render`: one field each, named as users of Ultralytics know them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

_FILES = "Files"
_DETECTION = "Detection and tracking"
_HEAT = "Heat"
_COUNTING = "Counting"
_DRAWING = "Drawing"


def _value(help_text: str, panel: str, *names: str, metavar: str | None = None) -> Any:
    """Return an option with a value; what is allowed is the config's business."""
    return typer.Option(*names, help=help_text, rich_help_panel=panel, metavar=metavar)


def _switch(help_text: str, *names: str) -> Any:
    """Return an option that switches a part of the drawing on or off."""
    return typer.Option(*names, help=help_text, rich_help_panel=_DRAWING)


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """What was written on the command line; None where nothing was.

    Values are texts, so that one place, the config, says what is allowed and what is wrong.
    """

    source: Annotated[
        str, typer.Argument(help="A video file, or an rtsp://, http:// or https:// address.")
    ]
    output: Annotated[
        Path | None,
        _value(
            "The annotated video: .mp4, .m4v, .mov, .mkv or .avi, without sound. Default: the "
            "source's name with -heatwall.mp4, in this folder.",
            _FILES,
            "--output",
            "-o",
        ),
    ] = None
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files.", rich_help_panel=_FILES)
    ] = False
    heat_png: Annotated[
        Path | None,
        _value("The heat over the empty scene. Default: OUTPUT with .heat.png.", _FILES),
    ] = None
    heat_npy: Annotated[
        Path | None,
        _value(
            "The heat as numbers, float32 (rows, columns), share of the time that somebody stood "
            "there. Default: OUTPUT with .heat.npy.",
            _FILES,
        ),
    ] = None
    counts: Annotated[
        Path | None,
        _value(
            "Lines, zones and totals as JSON, with a CSV beside it. Default: OUTPUT with "
            ".counts.json.",
            _FILES,
        ),
    ] = None
    video_only: Annotated[
        bool,
        typer.Option("--video-only", help="Write the video alone.", rich_help_panel=_FILES),
    ] = False
    heat_of: Annotated[
        str,
        _value(
            "Which heat the PNG and the NPY hold: none for that of the whole video, or the "
            "half-life of one that fades, as it is at the end.",
            _FILES,
            metavar="HALF-LIFE",
        ),
    ] = "none"
    size: Annotated[
        str | None,
        _value("Most pixels of the video; it keeps its aspect.", _FILES, metavar="WxH"),
    ] = None
    duration: Annotated[
        str | None, _value("Stop after so much of the video, such as 10m.", _FILES)
    ] = None
    config: Annotated[
        Path | None, _value("Take all settings not given here from this YAML file.", _FILES)
    ] = None
    camera: Annotated[
        str | None,
        _value("Whose settings: a camera of the config, or defaults.", _FILES),
    ] = None
    transport: Annotated[str, _value("For RTSP: tcp or udp.", _FILES)] = "tcp"
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")] = (
        False
    )

    model: Annotated[
        str | None, _value("A model's file or name, or demo. Default: yolo26n.pt.", _DETECTION)
    ] = None
    device: Annotated[str | None, _value("auto, cpu, cuda, cuda:N or mps.", _DETECTION)] = None
    imgsz: Annotated[
        str | None, _value("Longer side of what the model sees, pixels.", _DETECTION)
    ] = None
    conf: Annotated[
        str | None, _value("Confidence from which a track may begin, 0 to 1.", _DETECTION)
    ] = None
    iou: Annotated[
        str | None, _value("Overlap above which two boxes are one, 0 to 1.", _DETECTION)
    ] = None
    max_det: Annotated[str | None, _value("Most detections in a frame.", _DETECTION)] = None
    classes: Annotated[
        list[str] | None,
        _value("What counts, by name or number, such as person or 0,2; or all.", _DETECTION),
    ] = None
    detect_fps: Annotated[
        str | None,
        _value(
            "Frames a second of the video that the model looks at, at most all. Default: 10, or "
            "what the config says.",
            _DETECTION,
        ),
    ] = None
    tracker: Annotated[
        str | None, _value("A tracker of Ultralytics, or the path of its YAML.", _DETECTION)
    ] = None
    track_buffer: Annotated[
        str | None, _value("How long a lost track is kept, such as 2s.", _DETECTION)
    ] = None

    half_life: Annotated[
        str | None,
        _value(
            "Of the heat in the video: the time after which it has faded by half, such as 30s; "
            "none lets nothing fade. Default: 30s.",
            _HEAT,
        ),
    ] = None
    colormap: Annotated[
        str | None, _value("Any of OpenCV's colour maps, by name or number.", _HEAT)
    ] = None
    opacity: Annotated[
        str | None,
        _value("Of the hottest colour, 0 to 1.", _HEAT, "--opacity", "--heatmap-alpha"),
    ] = None
    scale: Annotated[
        str | None, _value("Share of time at full colour, 0 to 1, or auto.", _HEAT)
    ] = None
    gamma: Annotated[str | None, _value("Below 1 lifts faint heat.", _HEAT)] = None
    footprint: Annotated[
        str | None,
        _value("What somebody adds: foot, circle or rect.", _HEAT, "--footprint", "--shape"),
    ] = None

    line: Annotated[
        list[str] | None,
        _value(
            "A counting line, in pixels or parts of the picture; the side after the colon is "
            "inside (default: below, or right of a line that stands). May be given again.",
            _COUNTING,
            metavar="[NAME=]X1,Y1,X2,Y2[:SIDE]",
        ),
    ] = None
    zone: Annotated[
        list[str] | None,
        _value("A zone. May be given again.", _COUNTING, metavar="[NAME=]X1,Y1,X2,Y2,X3,Y3,…"),
    ] = None
    region: Annotated[
        list[str] | None,
        _value(
            "A line or a zone as Ultralytics writes it, such as [(20, 400), (1080, 400)].",
            _COUNTING,
            "--region",
            "--count-reg-pts",
            metavar="POINTS",
        ),
    ] = None

    show_heat: Annotated[bool | None, _switch("The heat. Default: yes.")] = None
    show_legend: Annotated[bool, _switch("What its colours mean.")] = True
    show_boxes: Annotated[bool | None, _switch("A box around each track. Default: no.")] = None
    show_labels: Annotated[bool | None, _switch("Its class and number. Default: no.")] = None
    show_conf: Annotated[bool | None, _switch("Its confidence. Default: no.")] = None
    show_trails: Annotated[bool | None, _switch("The way that it came. Default: no.")] = None
    show_lines: Annotated[bool | None, _switch("Counting lines. Default: yes.")] = None
    show_zones: Annotated[bool | None, _switch("Zones. Default: yes.")] = None
    show_in: Annotated[
        bool | None,
        _switch(
            "How many went in. Default: yes.",
            "--show-in/--no-show-in",
            "--view-in-counts/--no-view-in-counts",
        ),
    ] = None
    show_out: Annotated[
        bool | None,
        _switch(
            "How many went out. Default: yes.",
            "--show-out/--no-show-out",
            "--view-out-counts/--no-view-out-counts",
        ),
    ] = None
    line_width: Annotated[
        str | None,
        _value("Width of what is drawn, pixels.", _DRAWING, "--line-width", "--line-thickness"),
    ] = None
