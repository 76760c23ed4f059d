from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from heatwall.heat_sheet import Outline, Sheet, sheet_png
from heatwall.palette import lut_rgb
from heatwall.values import ByteArray

GROUND = (34, 30, 28)


def share() -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    shares = np.zeros((45, 80), np.float32)
    shares[20:26, 36:44] = 0.5
    shares[20:26, 8:16] = 0.125
    return shares


SHEET = Sheet(
    share=share(),
    scale=0.5,
    gamma=1.0,
    colormap="inferno",
    half_life_s=30.0,
    class_name=None,
    names=("Entrance", "cam1"),
    when="2025-11-28 14:03",
)


def drawn(sheet: Sheet = SHEET, width: int = 1280, height: int = 720) -> ByteArray:
    """Return the pixels, R, G and B, and whatever else there is."""
    packed = np.frombuffer(sheet_png(sheet, width, height), np.uint8)
    picture: ByteArray = np.asarray(cv2.imdecode(packed, cv2.IMREAD_UNCHANGED))
    assert picture.ndim == 3
    return picture[..., ::-1]


def texts_of(monkeypatch: pytest.MonkeyPatch, sheet: Sheet, width: int = 1280) -> list[str]:
    """Return the texts that are written."""
    written: list[str] = []
    put = cv2.putText

    def note(paper: ByteArray, text: str, *rest: Any) -> Any:
        if paper.shape[1] == width:  # else a letter is only tried
            written.append(text)
        return put(paper, text, *rest)

    with monkeypatch.context() as patch:
        patch.setattr("heatwall.heat_sheet.cv2.putText", note)
        sheet_png(sheet, width, round(width * 9 / 16))
    return written


def test_it_is_opaque_and_the_strip_comes_below_the_heat() -> None:
    picture = drawn()
    assert picture.shape[1:] == (1280, 3)
    assert 720 + 80 < picture.shape[0] < 720 + 180


def test_where_nobody_was_is_the_ground_and_where_all_were_is_full_colour() -> None:
    picture = drawn()
    assert tuple(picture[20, 20]) == GROUND
    assert tuple(picture[20, 1260]) == GROUND
    assert tuple(picture[23 * 16, 40 * 16]) == tuple(lut_rgb("inferno")[255])


def test_the_bar_has_the_colours_of_the_heat_and_is_even_in_it() -> None:
    picture = drawn()
    quarter = picture[23 * 16, 12 * 16].astype(int)  # 0.125 of 0.5
    strip = picture[720:].astype(int)
    row = strip[np.argmax((strip[:, 400:640].max(axis=2) > 200).sum(axis=1))]
    distance = np.abs(row - quarter).sum(axis=1)
    full = np.flatnonzero(np.abs(row - lut_rgb("inferno")[255].astype(int)).sum(axis=1) < 12)
    end = int(full[full < 900].max())
    at = int(np.argmin(distance))
    assert distance[at] < 12
    assert end - at == pytest.approx(0.75 * 320, abs=8)


def test_what_the_colours_mean_is_written_with_name_and_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert texts_of(monkeypatch, SHEET) == [
        "2025-11-28 14:03",
        "Entrance",
        "Somebody stood there 0",
        "50 % of recent time (half-life 30s)",
    ]


def test_a_heat_that_does_not_fade_and_a_class_are_told_as_such(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = texts_of(monkeypatch, replace(SHEET, half_life_s=None, class_name="cart"))
    assert texts[-1] == "50 % of the time so far, cart"


def test_a_name_that_can_not_be_written_gives_way_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert texts_of(monkeypatch, replace(SHEET, names=("🛒 🍷", "cam1")))[1] == "cam1"
    assert texts_of(monkeypatch, replace(SHEET, names=("Wine  🍷\n2", "cam1")))[1] == "Wine 2"


def test_a_long_name_is_cut_before_it_meets_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    name = texts_of(monkeypatch, replace(SHEET, names=("Fruit and vegetables " * 20,)))[1]
    assert name.startswith("Fruit and vegetables Fruit")
    assert name.endswith("...")
    strip = drawn(replace(SHEET, names=("M" * 300,)))[720:760]
    is_empty = ~(strip.max(axis=2) > 60).any(axis=0)
    gaps = np.flatnonzero(is_empty[900:1250])
    assert gaps.size > 20


def test_where_there_is_little_room_the_numbers_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = texts_of(monkeypatch, SHEET, width=360)
    assert texts[2:] == ["0", "50 % of recent time (half-life 30s)"]


@pytest.mark.parametrize("size", [(1, 1), (16, 9), (100, 1), (1, 100), (333, 77)])
def test_a_tiny_one_holds_what_it_can(size: tuple[int, int]) -> None:
    picture = drawn(SHEET, *size)
    assert picture.shape[1] == size[0]
    assert picture.shape[0] > size[1]


def test_lines_and_zones_are_seen_faintly() -> None:
    line = Outline(((0.1, 0.9), (0.9, 0.9)), is_closed=False)
    zone = Outline(((0.7, 0.1), (0.9, 0.1), (1.7, 0.3)), is_closed=True)
    picture = drawn(replace(SHEET, outlines=(line, zone)))
    changed = (picture[:720].astype(int) - drawn()[:720]).max(axis=2)
    rows, columns = np.nonzero(changed)
    assert changed.max() < 90
    assert (rows.min(), rows.max()) == (pytest.approx(72, abs=3), pytest.approx(647, abs=3))
    assert (columns.min(), columns.max()) == (pytest.approx(128, abs=3), 1279)
    assert changed[647, 640] > 40
    assert not changed[330:420, :].any()
