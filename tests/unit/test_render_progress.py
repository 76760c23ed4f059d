from __future__ import annotations

import io

import pytest
from rich.console import Console

from heatwall.render.progress import ProgressView, progress_text
from heatwall.render.rendering import Done
from support.faketime import FakeTime


def done(frames: int, time_s: float) -> Done:
    return Done(frames=frames, detected=frames, time_s=time_s, duration_s=time_s)


def test_a_line_has_rate_pace_and_the_time_left() -> None:
    text = progress_text(done(480, 12.0), elapsed_s=10.0, length_s=72.0)

    assert text == "0:12 of 1:12, 48 frames/s, 1.2× real time, 0:50 left"


def test_a_stream_without_an_end_has_no_time_left() -> None:
    assert progress_text(done(480, 12.0), 10.0, None) == "0:12, 48 frames/s, 1.2× real time"


def test_nothing_is_foretold_before_the_first_frame() -> None:
    assert progress_text(Done(), 3.0, 60.0) == "0:00 of 1:00"


@pytest.mark.parametrize("length_s", [60.0, None])
def test_elsewhere_than_on_a_terminal_there_is_a_plain_line_now_and_then(
    length_s: float | None,
) -> None:
    file, clock = io.StringIO(), FakeTime()
    with ProgressView("shop.mp4", length_s, clock, Console(file=file, width=40)) as view:
        for second in range(31):
            clock.advance(1)
            view.show(done(second + 1, second + 1))

    lines = file.getvalue().splitlines()
    assert len(lines) == 3
    assert all("frames/s" in line for line in lines)


@pytest.mark.parametrize("length_s", [60.0, None])
def test_on_a_terminal_there_is_a_bar_that_is_gone_at_the_end(length_s: float | None) -> None:
    file, clock = io.StringIO(), FakeTime()
    console = Console(file=file, force_terminal=True, width=100)
    with ProgressView("shop [1].mp4", length_s, clock, console) as view:
        clock.advance(5)
        view.show(done(100, 30.0))

    said = file.getvalue()
    assert "20 frames/s" in said
    assert ("50%" in said) == (length_s is not None)


def test_who_wants_quiet_gets_it() -> None:
    clock = FakeTime()
    with ProgressView("shop.mp4", 60.0, clock, None) as view:
        clock.advance(100)
        view.show(done(1, 1.0))
