"""The command `heatwall bench`."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from heatwall.capacity.options import make_options
from heatwall.errors import ConfigError, ConfigFault, StartError

_INTERRUPTED = 128 + signal.SIGINT
"""Exit code after Ctrl-C, as shells have it."""


def add_bench(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command("bench")(bench)


def bench(
    cameras: Annotated[
        str, typer.Option(help="Numbers of cameras to try, until one does not hold.")
    ] = "1,2,4,8,16,32",
    detect_fps: Annotated[
        str,
        typer.Option(help="Detections a second of each camera. After a comma more to compare."),
    ] = "5",
    size: Annotated[str, typer.Option(help="The cameras' pictures.")] = "640x360",
    fps: Annotated[int, typer.Option(min=5, max=60, help="The cameras' frames a second.")] = 15,
    viewers: Annotated[int, typer.Option(min=1, max=64, help="How many watch all tiles.")] = 1,
    seconds: Annotated[
        float, typer.Option(min=2, max=3600, help="How long each number is measured.")
    ] = 20,
    model: Annotated[str | None, typer.Option(help="Model to use: demo, a name or a path.")] = None,
    imgsz: Annotated[
        int | None, typer.Option(help="Longer side of the picture that the model sees, pixels.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="Use the model and the cameras' settings of this config."),
    ] = None,
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write the figures to this file too.")
    ] = None,
) -> None:
    """Measure how many cameras this machine holds.

    Simulated cameras send over real RTSP, the real server detects and encodes, and a viewer
    watches every tile over real WebRTC. The number of cameras rises until pictures stutter, are
    dropped or come ever later, or detections are left out; then the limit is narrowed down.
    Ctrl-C ends it with what is known by then.
    """
    if sys.platform != "linux":
        raise StartError("heatwall bench reads CPU and memory from /proc, which only Linux has")
    options = make_options(
        cameras=cameras,
        detect_fps=detect_fps,
        size=size,
        fps=fps,
        viewers=viewers,
        seconds=seconds,
        model=model,
        imgsz=imgsz,
        config=config,
    )
    if json_path is not None and (json_path.is_dir() or not json_path.absolute().parent.is_dir()):
        message = "is no file that could be written"
        allowed = "a file in a folder that is there"
        raise ConfigError([ConfigFault("--json", None, "", repr(str(json_path)), message, allowed)])
    # They load PyAV and OpenCV, which nobody waits for who only asks for help.
    from rich.console import Console

    from heatwall.capacity.running import Run
    from heatwall.capacity.settings import WallSettings

    run = Run(options, WallSettings(options), Console())
    is_whole = False
    with _terminated_as_interrupted():
        try:
            run.measure()
            is_whole = True
        except KeyboardInterrupt:
            pass
        finally:
            run.tell(is_whole)
            if json_path is not None:
                run.write(json_path)
    if not is_whole:
        raise typer.Exit(_INTERRUPTED)


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Take SIGTERM for Ctrl-C, so that everything that was started is ended then too."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {
        number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
