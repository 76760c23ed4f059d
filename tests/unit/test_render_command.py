from __future__ import annotations

import signal
from dataclasses import fields

import pytest
import typer
from typer.testing import CliRunner

from heatwall.render import command
from heatwall.render.command import add_render
from heatwall.render.options import RenderOptions


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[RenderOptions]:
    seen: list[RenderOptions] = []
    monkeypatch.setattr(command, "_render", seen.append)
    return seen


def parse(*words: str) -> int:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_render(app)
    return CliRunner().invoke(app, ["render", *words]).exit_code


def test_every_option_is_a_field_and_nothing_is_given_by_itself(
    given: list[RenderOptions],
) -> None:
    assert parse("shop.mp4") == 0

    assert given == [RenderOptions("shop.mp4")]


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("--heatmap-alpha 0.5", "opacity", "0.5"),
        ("--heatmap_alpha 0.5", "opacity", "0.5"),
        ("--shape circle", "footprint", "circle"),
        ("--max_det 50", "max_det", "50"),
        ("--track_buffer 3s", "track_buffer", "3s"),
        ("--line_thickness 4", "line_width", "4"),
        ("--line_width 4", "line_width", "4"),
        ("--show_in", "show_in", True),
        ("--no-show-out", "show_out", False),
        ("--no-view_in_counts", "show_in", False),
        ("--view-out-counts", "show_out", True),
        ("--show_boxes", "show_boxes", True),
        ("--no-show-legend", "show_legend", False),
        ("--region 0,1,1,1 --region 0,0,1,1", "region", ["0,1,1,1", "0,0,1,1"]),
        ("--count_reg_pts 0,1,1,1", "region", ["0,1,1,1"]),
        ("--classes 0 --classes cart", "classes", ["0", "cart"]),
        ("--colormap COLORMAP_JET", "colormap", "COLORMAP_JET"),
    ],
)
def test_options_have_the_names_that_users_of_ultralytics_know(
    given: list[RenderOptions], words: str, name: str, value: object
) -> None:
    assert parse("shop.mp4", *words.split()) == 0

    changed = {
        field.name: getattr(given[0], field.name)
        for field in fields(RenderOptions)
        if getattr(given[0], field.name) != getattr(RenderOptions("shop.mp4"), field.name)
    }
    assert changed == {name: value}


def test_an_option_that_is_not_known_ends_it(given: list[RenderOptions]) -> None:
    assert parse("shop.mp4", "--colour", "red") == 2
    assert given == []


def test_a_second_ctrl_c_does_not_wait() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), command._stop_on_signals() as stop:
        assert not stop.is_wanted
        signal.raise_signal(signal.SIGINT)
        assert stop.is_wanted
        signal.raise_signal(signal.SIGINT)

    assert signal.getsignal(signal.SIGINT) is before


def test_an_end_by_sigterm_is_told_apart_from_ctrl_c() -> None:
    with command._stop_on_signals() as stop:
        signal.raise_signal(signal.SIGTERM)

    assert stop.number == signal.SIGTERM
