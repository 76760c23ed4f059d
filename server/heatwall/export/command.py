"""The command line of `heatwall export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from heatwall.export.plan import FORMATS, ExportPlan, Wishes, make_plan

if TYPE_CHECKING:
    from heatwall.export.run import CheckResult

_DIFFERS = 1
"""Exit code when the export is there and does not find what the original finds."""


def add_export(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command("export")(_export)


def _export(
    model: Annotated[
        str, typer.Argument(help="The weights: a .pt file, a name that Ultralytics fetches, demo.")
    ],
    kind: Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")],
    imgsz: Annotated[
        str | None,
        typer.Option(help="Pictures: 640 for a square or 384x640, height x width. Default: 640."),
    ] = None,
    batch: Annotated[
        int, typer.Option(help="Frames at once; with --dynamic the most of an engine.")
    ] = 16,
    dynamic: Annotated[
        bool | None,
        typer.Option(
            "--dynamic/--no-dynamic",
            help="Take any batch and shape. Default: onnx and openvino do.",
        ),
    ] = None,
    half: Annotated[bool, typer.Option("--half/--no-half", help="Half precision.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to. Default: MODEL's name, in this folder."),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(help="A video, a picture or a folder to compare on. Default: rendered shops."),
    ] = None,
) -> None:
    """Make MODEL for another runtime, and check that it finds the same.

    Exit code 0: done; 1: it is made and finds something else than the original; 2: not made.
    """
    # Only now: torch takes seconds, which `heatwall --help` can do without.
    from heatwall.analysis.detector import ModelSpec, choose_device, silence_ultralytics
    from heatwall.analysis.exporter import check_can_export
    from heatwall.export.pictures import pictures_for
    from heatwall.export.run import check_export, make_export, size_of
    from heatwall.simulator.weights import DEMO, DEMO_IOU, IMAGE_PX, demo_weights

    silence_ultralytics(Path(typer.get_app_dir("heatwall")) / "ultralytics")
    is_demo = model == DEMO
    wishes = Wishes(kind, imgsz, batch, dynamic, half, choose_device(device), output)
    plan = make_plan(
        model, str(demo_weights()) if is_demo else model, wishes, IMAGE_PX if is_demo else 640
    )
    check_can_export(plan.spec)  # before the pictures, which take seconds
    size_px = max(plan.spec.shape)
    pictures = pictures_for(check, size_px)
    make_export(plan)
    typer.echo(_made(plan, size_of(plan.out)))
    iou = DEMO_IOU if is_demo else 0.7
    original = ModelSpec(
        plan.source, plan.spec.device, half=None, imgsz=size_px, iou=iou, max_det=300
    )
    result = check_export(plan, original, pictures)
    _print_check(result, rendered=check is None)
    if result.is_judged and not result.is_within:
        raise typer.Exit(_DIFFERS)


def _made(plan: ExportPlan, size_bytes: int) -> str:
    """Say what is where, and what to write in the config."""
    spec = plan.spec
    height, width = spec.shape
    takes = f"{spec.batch} frames of {height}x{width} (height x width)"
    if spec.is_dynamic and spec.kind == "engine":
        takes = f"up to {takes}"
    elif spec.is_dynamic:
        takes = "any number of frames of any size"
    elif spec.kind == "torchscript":
        takes = f"any number of frames of {height}x{width} (height x width)"
    lines = [
        f"{plan.out}: {size_bytes / 1e6:.1f} MB, takes {takes}. In the config:",
        "",
        "model:",
        f"  path: {plan.out.absolute()}",
        f"  imgsz: {max(height, width)}",
    ]
    if spec.kind == "engine" or not (spec.is_dynamic or spec.kind == "torchscript"):
        lines.append(f"  batch: {spec.batch}")
    return "\n".join([*lines, ""])


def _print_check(result: CheckResult, rendered: bool) -> None:
    """Print the comparison as one table, and its verdict."""
    console = Console(highlight=False)
    found, allowed = result.comparison, result.allowance
    kind = "rendered pictures" if rendered else "pictures"
    table = Table(box=SIMPLE_HEAD, title=f"Against the original, on {result.pictures} {kind}")
    for column in ("", "original", "export", "allowed"):
        table.add_column(column, justify="left" if not column else "right")
    table.add_row("detections", str(found.original), str(found.exported), "")
    table.add_row("found by both", "", f"{found.matched:.2%}", f"≥ {allowed.matched:.0%}")
    table.add_row(
        "largest difference of confidence", "", f"{found.confidence:.4f}", f"≤ {allowed.confidence}"
    )
    table.add_row("largest difference of an edge", "", f"{found.box_px:.2f} px", "")
    table.add_row(
        f"ms a frame, {result.batch} at once",
        f"{result.original_ms:.1f}",
        f"{result.exported_ms:.1f}",
        "",
    )
    console.print(table)
    if not result.is_judged:
        advice = "give some of your shop with --check, so that it is"
        console.print(f"Nothing was found in the pictures, so nothing is checked: {advice}.")
    elif result.is_within:
        console.print("The export finds what the original finds.")
    else:
        console.print(
            escape(
                "The export does not find what the original finds: "
                f"{found.matched:.2%} found by both (allowed: {allowed.matched:.0%} or more), "
                f"confidence off by up to {found.confidence:.4f} (allowed: {allowed.confidence})."
            )
        )
