"""How far a rendering has come, on a terminal or in plain lines."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn

from heatwall.clock import Clock
from heatwall.render.reader import clock_text
from heatwall.render.rendering import Done

_BAR_EVERY_S = 0.1
_LINE_EVERY_S = 10.0
"""In a log file a line every ten seconds is enough to see that it goes on."""

_SETTLED_S = 2.0
"""Before that, a rate is that of the first batch, which warms the model up."""


class ProgressView:
    """Shows the progress of a rendering on stderr; a context manager, one thread.

    Args:
        name: What is rendered, for people, without credentials.
        length_s: Media time to be rendered, seconds; None when nobody knows.
        clock: Monotonic seconds.
        console: Where to; None to say nothing.
    """

    def __init__(
        self, name: str, length_s: float | None, clock: Clock, console: Console | None
    ) -> None:
        self._length_s = length_s
        self._clock = clock
        self._console = console
        self._began_s = clock()
        self._bar: Progress | None = None
        self._every_s = _LINE_EVERY_S
        if console is not None and console.is_terminal:
            self._every_s = _BAR_EVERY_S
            self._bar = Progress(
                SpinnerColumn() if length_s is None else BarColumn(),
                TaskProgressColumn() if length_s is not None else TextColumn(""),
                TextColumn("{task.description}", markup=False),
                console=console,
                transient=True,
                auto_refresh=False,
            )
            self._task = self._bar.add_task(name, total=length_s)
        self._due_s = self._began_s + self._every_s

    def __enter__(self) -> Self:
        """Begin to show it."""
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Clear the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def show(self, done: Done) -> None:
        """Show how far it has come, if it is time."""
        now_s = self._clock()
        if self._console is None or now_s < self._due_s:
            return
        self._due_s = now_s + self._every_s
        text = progress_text(done, now_s - self._began_s, self._length_s)
        if self._bar is None:
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)
        else:
            self._bar.update(self._task, completed=done.duration_s, description=text, refresh=True)


def progress_text(done: Done, elapsed_s: float, length_s: float | None) -> str:
    """Return a line such as `0:12 of 1:20, 48 frames/s, 1.9× real time, 0:36 left`.

    Args:
        done: How far it has come.
        elapsed_s: Seconds that it took.
        length_s: Media time to be rendered, seconds; None when nobody knows.
    """
    parts = [clock_text(done.duration_s)]
    if length_s is not None:
        parts[0] += f" of {clock_text(length_s)}"
    if elapsed_s > 0 and done.frames:
        pace = done.duration_s / elapsed_s
        parts += [f"{done.frames / elapsed_s:.0f} frames/s", f"{pace:.1f}× real time"]
        if length_s is not None and elapsed_s >= _SETTLED_S and pace > 0:
            parts.append(f"{clock_text(max(0.0, length_s - done.duration_s) / pace)} left")
    return ", ".join(parts)
