from __future__ import annotations

import msgspec
import numpy as np
import pytest

from heatwall.camera.link import InkSpec, MarkedLine, MarkedTrack, MarkedZone, ShowOverlay
from heatwall.marks import LineMark, Mark, ZoneMark
from heatwall.overlay import Planes
from heatwall.painting import Painter, marks_of
from support.ink import INK

NOTHING = msgspec.structs.replace(INK, heat=False)
TRACK = MarkedTrack(12, "person", 0, 0.93, (0.2, 0.2, 0.4, 0.8), ((0.1, 0.8), (0.3, 0.8)))
LINE = MarkedLine("door", (0.1, 0.7), (0.9, 0.7), "below", 3, 2)
ZONE = MarkedZone("queue", ((0.5, 0.3), (0.9, 0.3), (0.9, 0.6), (0.5, 0.6)), 4, 12, 9)


def with_(**changes: bool | str | float) -> InkSpec:
    return msgspec.structs.replace(NOTHING, **changes)


def overlay(level: int = 0, **parts: object) -> ShowOverlay:
    blank = ShowOverlay(9, 16, bytes([level]) * 144, ())
    return msgspec.structs.replace(blank, **parts)


def grey() -> Planes:
    return (
        np.full((360, 640), 100, np.uint8),
        np.full((180, 320), 128, np.uint8),
        np.full((180, 320), 128, np.uint8),
    )


def painted(ink: InkSpec, shown: ShowOverlay) -> Planes:
    planes = grey()
    Painter(640, 360, ink).paint(planes, shown)
    return planes


def is_clean(planes: Planes) -> bool:
    return all(np.array_equal(plane, clean) for plane, clean in zip(planes, grey(), strict=True))


FULL = overlay(200, tracks=(TRACK,), lines=(LINE,), zones=(ZONE,))


def test_nothing_asked_for_leaves_the_picture_as_it_was() -> None:
    assert is_clean(painted(with_(counts_in=True, counts_out=True), FULL))


@pytest.mark.parametrize("flag", ["heat", "boxes", "labels", "conf", "trails", "lines", "zones"])
def test_each_flag_alone_paints_something_and_its_own(flag: str) -> None:
    alone = painted(with_(**{flag: True}), FULL)
    assert not is_clean(alone)
    for other in {"heat", "boxes", "labels", "conf", "trails", "lines", "zones"} - {flag}:
        planes = painted(with_(**{other: True}), FULL)
        assert not np.array_equal(planes[0], alone[0])


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ({"boxes": True}, ""),
        ({"labels": True}, "person 12"),
        ({"conf": True}, "0.93"),
        ({"labels": True, "conf": True}, "person 12 0.93"),
    ],
)
def test_the_label_of_a_track_has_what_is_asked_for(flags: dict[str, bool], text: str) -> None:
    (mark,) = marks_of(FULL, with_(**flags))
    assert mark.text == text


@pytest.mark.parametrize("has_trail", [False, True])
@pytest.mark.parametrize("has_box", [False, True])
def test_a_track_has_the_box_and_the_trail_that_are_asked_for(
    has_box: bool, has_trail: bool
) -> None:
    (mark,) = marks_of(FULL, with_(labels=True, boxes=has_box, trails=has_trail))
    assert isinstance(mark, Mark)
    assert mark.has_box is has_box
    assert mark.trail == (TRACK.trail if has_trail else ())


@pytest.mark.parametrize(
    ("is_in", "is_out", "line", "zone"),
    [
        (False, False, "door", "queue: 4"),
        (True, False, "door: in 3", "queue: 4, in 12"),
        (False, True, "door: out 2", "queue: 4, out 9"),
        (True, True, "door: in 3, out 2", "queue: 4, in 12, out 9"),
    ],
)
def test_lines_and_zones_tell_the_counts_that_are_asked_for(
    is_in: bool, is_out: bool, line: str, zone: str
) -> None:
    ink = with_(lines=True, zones=True, counts_in=is_in, counts_out=is_out)
    assert marks_of(FULL, ink) == (
        ZoneMark(ZONE.polygon, zone),
        LineMark(LINE.start, LINE.end, "below", line),
    )


def test_lines_and_zones_are_painted_with_neither_heat_nor_tracks() -> None:
    ink = with_(heat=True, boxes=True, lines=True, zones=True)
    shown = ShowOverlay(0, 0, b"", (), (LINE,), (ZONE,))

    planes = painted(ink, shown)

    assert planes[0][252, 100] != 100
    assert planes[0][108, 500] != 100


def test_a_long_name_is_shortened_and_its_counts_stay() -> None:
    line = msgspec.structs.replace(LINE, name="the door between the bakery\nand the car park")
    (mark,) = marks_of(overlay(lines=(line,)), with_(lines=True, counts_in=True))
    assert mark.text == "the door between the...: in 3"


def test_a_place_without_a_name_tells_its_counts_alone() -> None:
    zone = msgspec.structs.replace(ZONE, name="")
    (mark,) = marks_of(overlay(zones=(zone,)), with_(zones=True))
    assert mark.text == "4"


def test_the_next_overlay_is_painted_and_the_last_is_gone() -> None:
    painter = Painter(640, 360, with_(boxes=True, heat=True, lines=True))
    painter.paint(grey(), FULL)
    planes = grey()
    moved = msgspec.structs.replace(TRACK, xyxy=(0.6, 0.2, 0.8, 0.8))

    painter.paint(planes, overlay(tracks=(moved,)))

    assert planes[0][180, 384] != 100
    assert planes[0][180, 128] == 100
    assert planes[0][252, 320] == 100


def test_the_same_overlay_is_painted_again_into_the_next_picture() -> None:
    painter = Painter(640, 360, with_(heat=True, boxes=True, labels=True, lines=True, zones=True))
    first, second = grey(), grey()

    painter.paint(first, FULL)
    painter.paint(second, FULL)

    assert not is_clean(first)
    assert all(np.array_equal(one, two) for one, two in zip(first, second, strict=True))


def test_other_ink_is_used_from_the_next_picture_on() -> None:
    painter = Painter(640, 360, NOTHING)
    painter.paint(grey(), FULL)
    planes = grey()

    painter.use(with_(heat=True, colormap="jet", lines=True))
    painter.paint(planes, FULL)

    wanted = painted(with_(heat=True, colormap="jet", lines=True), FULL)
    assert all(np.array_equal(one, two) for one, two in zip(planes, wanted, strict=True))
