"""The command `heatwall render`."""

from __future__ import annotations

import inspect
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, get_type_hints

import typer
from rich.console import Console

from heatwall.render.options import RenderOptions

_SIGNALED = 128
"""Exit codes of a process that was stopped, as shells have them: this and the signal's number,
130 for Ctrl-C."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def add_render(app: typer.Typer) -> None:
    """Add the command to a command line."""

    def render(**values: Any) -> None:
        _render(RenderOptions(**values))

    render.__doc__ = _HELP
    # One declaration for the options: the fields of RenderOptions are the command's parameters.
    hints = get_type_hints(RenderOptions, include_extras=True)
    fields = inspect.signature(RenderOptions).parameters.values()
    render.__signature__ = inspect.Signature(  # type: ignore[attr-defined] # PEP 362 has it, typeshed not
        [
            field.replace(annotation=hints[field.name], kind=inspect.Parameter.KEYWORD_ONLY)
            for field in fields
        ]
    )
    render.__annotations__ = hints
    # --show_in and --show-in are the same: Ultralytics' names have underscores.
    app.command("render", context_settings={"token_normalize_func": _hyphened})(render)


_HELP = (
    "Render SOURCE with its heat and counts into a video.\n\n"
    "Beside OUTPUT.mp4 it writes OUTPUT.heat.png and OUTPUT.heat.npy (the heat of the whole "
    "video, or see --heat-of), OUTPUT.counts.json and OUTPUT.counts.csv.\n\n"
    "Time is that of the video, so the same video gives the same heat and counts on any "
    "machine. Every frame is shown; the sound is left out. Ctrl-C stops it with what is done "
    "saved. Of a damaged source all is rendered that can be decoded, and a warning says where "
    "it breaks off. A live stream is rendered until Ctrl-C or --duration, and needs a machine "
    "that keeps up with it."
)


class _Stop:
    """Whether somebody has asked to stop; a second Ctrl-C does not wait."""

    def __init__(self) -> None:
        self.number: int | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether a signal has come."""
        return self.number is not None

    def ask(self, number: int, _frame: FrameType | None) -> None:
        """Take the signal."""
        if self.is_wanted:
            raise KeyboardInterrupt
        self.number = number


@contextmanager
def _stop_on_signals() -> Iterator[_Stop]:
    stop = _Stop()
    before = {number: signal.signal(number, stop.ask) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _render(options: RenderOptions) -> None:
    # Only now: PyAV alone takes a quarter of a second, which `heatwall --help` can do without.
    from heatwall.analysis.detector import silence_ultralytics
    from heatwall.render.run import render_video

    silence_ultralytics(Path(typer.get_app_dir("heatwall")) / "ultralytics")
    console = None if options.quiet else Console(stderr=True)
    with _stop_on_signals() as stop:
        result = render_video(options, lambda: stop.is_wanted, console)
    for warning in result.warnings:
        print(f"heatwall: {warning}", file=sys.stderr)  # noqa: T201 - the command's own output
    if not options.quiet:
        for line in result.summary:
            typer.echo(line)
    if result.is_stopped and stop.number is not None:
        raise typer.Exit(_SIGNALED + stop.number)


def _hyphened(name: str) -> str:
    return name.replace("_", "-")
