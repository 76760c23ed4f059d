from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heatwall
from heatwall import Heatmap
from heatwall.errors import ModelError
from heatwall.solution.model import FrameDetector
from heatwall.values import ByteArray, Detections
from support.tracks import detections_of

Box = tuple[float, float, float, float]

STANDING: Box = (0.42, 0.3, 0.58, 0.8)
GREY = np.full((180, 320, 3), 90, np.uint8)
DOOR = [(0.1, 0.5), (0.9, 0.5)]


class Scripted:
    """Finds in each frame what a script says, and keeps the sizes of what it saw."""

    def __init__(self, *frames: Sequence[Box], score: float = 0.9) -> None:
        self.names = {0: "person", 1: "cart"}
        self.seen: list[ByteArray] = []
        self._frames = frames
        self._score = score

    def detect(self, frames: Sequence[ByteArray]) -> list[Detections]:
        boxes = self._frames[min(len(self.seen), len(self._frames) - 1)]
        self.seen.extend(frames)
        return [detections_of(boxes, self._score) for _ in frames]


def of(detector: FrameDetector | None = None, **options: Any) -> Heatmap:
    return Heatmap(detector=detector or Scripted([STANDING]), fps=5, **options)


def walker(ways: Sequence[float]) -> Scripted:
    """Somebody whose feet are at these heights, one a frame."""
    return Scripted(*[[(0.45, y - 0.3, 0.55, y)] for y in ways])


def down_and_up() -> list[float]:
    down = np.linspace(0.35, 0.75, 15).tolist()
    return [*down, *reversed(down)]


def test_a_frame_comes_back_with_heat_at_the_feet_and_is_itself_left_alone() -> None:
    heatmap = of(scale=0.1)
    frame = GREY.copy()

    results = [heatmap(frame) for _ in range(20)][-1]

    assert (frame == GREY).all()
    assert results.plot_im.shape == GREY.shape
    assert results.plot_im.dtype == np.uint8
    assert results.plot_im.flags.writeable
    row, column = np.unravel_index(int(results.heat.argmax()), results.heat.shape)
    assert abs(int(row) - 0.8 * results.heat.shape[0]) <= 1.5
    assert abs(int(column) - 0.5 * results.heat.shape[1]) <= 1.5
    assert (results.plot_im[140, 160] != 90).any()
    assert not results.heat.flags.writeable


def test_pixels_with_nothing_on_them_keep_their_exact_colour() -> None:
    frame = np.random.default_rng(4).integers(0, 256, (180, 320, 3), np.uint8)
    heatmap = of(show_legend=False, scale=0.1)

    plot_im = [heatmap(frame).plot_im for _ in range(20)][-1]

    assert (plot_im[:60] == frame[:60]).all()
    assert (plot_im[130:150, 150:170] != frame[130:150, 150:170]).any()


def test_the_legend_is_in_the_picture_unless_it_is_switched_off() -> None:
    def corner(**options: Any) -> ByteArray:
        return of(Scripted([]), **options)(GREY).plot_im[150:]

    assert (corner() != 90).any()
    assert (corner(show_legend=False) == 90).all()
    assert (corner(show_heat=False) == 90).all()


def test_who_walks_over_a_line_and_back_is_counted_in_and_out_by_class() -> None:
    ways = down_and_up()
    heatmap = of(walker(ways), region=DOOR)

    results = [heatmap(GREY) for _ in ways][-1]

    assert (results.in_count, results.out_count) == (1, 1)
    assert results.classwise_count == {"person": {"IN": 1, "OUT": 1}}
    assert results.lines["line"].in_count == 1
    assert (results.total_tracks, results.seen_tracks) == (1, 1)


def test_the_side_of_a_named_line_that_is_inside_can_be_chosen() -> None:
    ways = down_and_up()[:15]
    heatmap = of(walker(ways), lines={"door": (*DOOR, "above")})

    results = [heatmap(GREY) for _ in ways][-1]

    assert (results.in_count, results.out_count) == (0, 1)
    assert list(results.lines) == ["door"]


@pytest.mark.parametrize(
    "region",
    [
        [(32, 90), (288, 90)],
        np.array([[32, 90], [288, 90]]),
        {"line": [(32, 90), (288, 90)]},
        [[0.1, 0.5], [0.9, 0.5]],
    ],
)
def test_a_region_may_be_in_pixels_or_parts_lists_arrays_or_a_map(region: Any) -> None:
    ways = down_and_up()[:15]
    heatmap = of(walker(ways), region=region)

    results = [heatmap(GREY) for _ in ways][-1]

    assert results.lines["line"].in_count == 1


def test_regions_with_names_are_lines_and_zones_by_their_points() -> None:
    heatmap = of(
        region={"door": DOOR, "queue": [(0.2, 0.2), (0.8, 0.2), (0.8, 0.95), (0.2, 0.95)]},
        zones={"shop": [(0, 0), (1, 0), (1, 1), (0, 1)]},
    )

    results = [heatmap(GREY) for _ in range(25)][-1]

    assert list(results.lines) == ["door"]
    assert {name: zone.people_now for name, zone in results.zones.items()} == {
        "shop": 1,
        "queue": 1,
    }
    assert results.in_count == 2, "of all regions together"


def test_heat_goes_by_the_time_of_frames_not_by_their_number() -> None:
    often, seldom = of(), of()

    many = [often(GREY, time_s=step / 30) for step in range(301)][-1]
    few = [seldom(GREY, time_s=step / 5) for step in range(51)][-1]

    assert many.time_s == few.time_s == 10
    assert many.heat.max() == pytest.approx(few.heat.max(), rel=0.03)


def test_frames_without_a_time_are_one_frame_s_time_apart() -> None:
    heatmap = of()
    assert [heatmap(GREY).time_s for _ in range(3)] == [0, 0.2, 0.4]
    assert heatmap(GREY, time_s=9.0).time_s == 9
    assert heatmap(GREY).time_s == pytest.approx(9.2)


def test_a_frame_with_the_time_of_the_one_before_adds_nothing() -> None:
    heatmap = of()
    before = [heatmap(GREY, time_s=step / 5) for step in range(10)][-1]
    again = heatmap(GREY, time_s=1.8)
    assert again.heat.max() == before.heat.max()


def test_time_that_goes_back_is_refused_until_a_reset() -> None:
    heatmap = of()
    for step in range(10):
        heatmap(GREY, time_s=60 + step / 5)
    with pytest.raises(ValueError, match=r"time_s is 0\.0, before the last frame's 61\.8"):
        heatmap(GREY, time_s=0.0)
    with pytest.raises(ValueError, match="time_s is nan"):
        heatmap(GREY, time_s=float("nan"))

    heatmap.reset()
    results = heatmap(GREY, time_s=0.0)

    assert results.heat.max() == 0
    assert results.seen_tracks == 1
    assert results.tracks.track_id.tolist() == [1]


def test_the_heat_stays_when_frames_change_their_size() -> None:
    heatmap = of()
    before = [heatmap(GREY) for _ in range(25)][-1]
    large = np.full((360, 640, 3), 90, np.uint8)

    after = heatmap(large)

    assert after.plot_im.shape == large.shape
    assert after.heat.shape == before.heat.shape
    assert after.heat.max() == pytest.approx(before.heat.max(), rel=0.1)


@pytest.mark.parametrize(("height", "width"), [(181, 320), (180, 321), (179, 319), (16, 16)])
def test_frames_of_odd_sizes_work_as_others_do(height: int, width: int) -> None:
    frame = np.full((height, width, 3), 90, np.uint8)
    heatmap = of(region=DOOR, show_boxes=True, show_labels=True)
    for _ in range(3):
        assert heatmap(frame).plot_im.shape == frame.shape


def test_a_view_of_a_larger_array_is_a_frame_too() -> None:
    frame = np.full((360, 640, 3), 90, np.uint8)[::2, ::-2]
    assert of()(frame).plot_im.shape == frame.shape


@pytest.mark.parametrize(
    ("frame", "error", "words"),
    [
        (None, TypeError, "im0 is None: no frame could be read"),
        ([[1, 2]], TypeError, "im0 is of type list"),
        (np.zeros((180, 320), np.uint8), ValueError, r"im0 is uint8 \(180, 320\); allowed"),
        (np.zeros((180, 320, 4), np.uint8), ValueError, r"im0 is uint8 \(180, 320, 4\)"),
        (np.zeros((180, 320, 3), np.float32), ValueError, "im0 is float32"),
        (np.zeros((0, 320, 3), np.uint8), ValueError, "at least 16 pixels"),
    ],
)
def test_what_is_no_frame_is_refused_and_changes_nothing(
    frame: Any, error: type[Exception], words: str
) -> None:
    heatmap = of()
    heatmap(GREY)
    with pytest.raises(error, match=words):
        heatmap(frame)
    assert heatmap(GREY).time_s == pytest.approx(0.2)


def test_the_detector_sees_rgb_with_no_side_above_imgsz() -> None:
    detector = Scripted([])
    blue = np.zeros((360, 640, 3), np.uint8)
    blue[..., 0] = 200

    of(detector, imgsz=320)(blue)

    assert detector.seen[0].shape == (180, 320, 3)
    assert detector.seen[0][0, 0].tolist() == [0, 0, 200]


def test_several_heatmaps_share_a_model_and_nothing_else() -> None:
    first = of()
    second = of(first.detector)
    for _ in range(10):
        first(GREY)

    results = [second(GREY) for _ in range(3)][-1]

    assert results.tracks.track_id.tolist() == [1]
    assert results.time_s == pytest.approx(0.4)


def test_several_half_lives_are_kept_and_the_first_is_shown() -> None:
    heatmap = of(half_life=["30s", 2.0, None])
    assert heatmap.half_lives_s == (30, 2, None)
    results = [heatmap(GREY) for _ in range(11)][-1]

    assert results.heat.max() == heatmap.heat(30).share.max()
    assert heatmap.heat(2.0).share.max() > 3 * results.heat.max()
    assert heatmap.heat(None).person_s == pytest.approx(2, abs=0.3)
    with pytest.raises(ValueError, match=r"half-life 60 is kept; allowed: 30\.0, 2\.0, None"):
        heatmap.heat(60)


def test_there_is_no_heat_before_the_first_frame() -> None:
    with pytest.raises(ValueError, match="before the first frame"):
        of().heat(30)


def test_classes_may_be_all_one_or_some_by_name_or_number() -> None:
    class Both(Scripted):
        def detect(self, frames: Sequence[ByteArray]) -> list[Detections]:
            boxes = np.array([STANDING, (0.7, 0.1, 0.9, 0.4)], np.float32)
            classes = np.array([0, 1], np.int32)
            return [Detections(boxes, np.full(2, 0.9, np.float32), classes) for _ in frames]

    def tracked(**options: Any) -> int:
        heatmap = of(Both(), **options)
        return [heatmap(GREY) for _ in range(4)][-1].total_tracks

    assert tracked() == 1, "people alone, as everywhere here"
    assert tracked(classes=None) == 2
    assert tracked(classes="cart") == tracked(classes=1) == 1
    assert tracked(classes=[0, "cart"]) == 2
    with pytest.raises(
        ValueError, match=r"classes: the model does not know it .*'dog'.*person, ca"
    ):
        tracked(classes=["dog"])
    with pytest.raises(ValueError, match="classes: is empty"):
        tracked(classes=[])


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("opacity", 2, r"opacity: .*found '2'; allowed: a number"),
        ("colormap", "sepia", "colormap: is not a colour map.*inferno"),
        ("half_life", "soon", "half_life: .*'soon'"),
        ("half_life", [], "half_life: is empty"),
        ("half_life", [30, "soon"], "half_life: .*'soon'"),
        ("tracker", "magic", "tracker: .*bytetrack"),
        ("line_width", 0, "line_width: "),
        ("footprint", "square", "footprint: .*foot, circle, rect"),
        ("region", [(1, 2)], r"region: has 1 points \(allowed: at least 2\)"),
        ("region", "20,400", "region: is not a list of points"),
        ("region", [(0.1, float("nan")), (0.2, 0.3)], "region: is not a list of points"),
        ("region", [(0.2, 0.2), (0.8, 0.8), (0.8, 0.2), (0.2, 0.8)], "region: crosses itself"),
        ("region", {"No Name!": DOOR}, "region: "),
        ("lines", [(0.1, 0.5), (0.1, 0.5)], "lines: makes a line of no length"),
        ("lines", {"door": (*DOOR, "behind")}, "lines: has the side 'behind'"),
        ("zones", {"queue": DOOR}, r"zones\['queue'\]: has 2 points \(allowed: at least 3\)"),
    ],
)
def test_a_value_that_is_not_allowed_is_named_as_it_was_given(
    option: str, value: Any, words: str
) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        of(**{option: value})
    assert "--" not in str(caught.value)


def test_a_region_outside_of_the_first_frame_is_refused_with_the_size_of_the_frame() -> None:
    heatmap = of(region=[(20, 400), (300, 400)])
    with pytest.raises(
        ValueError, match=r"region: .*20,400 outside of the picture.*y from 0 to 180"
    ):
        heatmap(GREY)


@pytest.mark.parametrize(
    ("keyword", "words"),
    [
        ("imw", "not needed: heat fits pictures of any size"),
        ("imh", "not needed: heat fits pictures of any size"),
        ("decay_factor", "by time, not by frame: half_life='30s'"),
        ("count_reg_pts", "here it is called region"),
        ("view_in_counts", "here it is called show_in"),
        ("view_out_counts", "here it is called show_out"),
        ("line_thickness", "here it is called line_width"),
        ("region_thickness", "here it is called line_width"),
        ("count_reg_color", "the colours of what is drawn are fixed"),
        ("view_img", "no window is opened"),
        ("show", "no window is opened"),
        ("persist", "tracks go on"),
        ("source", "one by one"),
        ("weights", "here it is called model$"),
        ("decay", "here it is called half_life$"),
        ("colourmap", "did you mean colormap?"),
        ("boxes", "here it is called show_boxes"),
    ],
)
def test_a_keyword_that_is_not_known_is_told_what_it_is_called_here(
    keyword: str, words: str
) -> None:
    with pytest.raises(TypeError, match=rf"no argument '{keyword}'; .*{words}"):
        Heatmap(detector=Scripted([]), **{keyword: 1})  # type: ignore[arg-type] # on purpose


def test_two_words_for_one_thing_are_refused_together() -> None:
    with pytest.raises(TypeError, match="heatmap_alpha says the same"):
        of(opacity=0.5, heatmap_alpha=0.5)


@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf")])
def test_a_frame_rate_that_is_none_is_refused(fps: float) -> None:
    with pytest.raises(ValueError, match="fps: is out of range"):
        Heatmap(detector=Scripted([]), fps=fps)


def test_each_frame_is_logged_only_on_request(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    of()(GREY)
    assert not caplog.records
    of(verbose=True)(GREY)
    assert "frame at 0.00 s: 1 tracks" in caplog.text


def test_the_time_that_it_took_is_told_in_milliseconds() -> None:
    speed = of()(GREY).speed
    assert set(speed) == {"track", "solution"}
    assert all(0 <= spent_ms < 60_000 for spent_ms in speed.values())


def test_importing_heatwall_loads_nothing_and_names_what_there_is() -> None:
    script = (
        "import sys, heatwall; before = set(sys.modules); "
        "assert not before & {'numpy', 'cv2', 'torch', 'ultralytics', 'pydantic', 'typer'}; "
        "assert set(heatwall.__all__) <= set(dir(heatwall)); "
        "heatwall.HeatMap; "
        "assert not set(sys.modules) & {'torch', 'ultralytics', 'typer', 'av'}"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_every_public_name_is_there_and_no_other() -> None:
    for name in heatwall.__all__:
        assert getattr(heatwall, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'HeatMapp'"):
        heatwall.HeatMapp  # noqa: B018 - looking it up is the test


def test_the_demo_model_is_loaded_by_its_name_and_files_by_their_path(tmp_path: Path) -> None:
    heatmap = Heatmap("demo")
    assert set(heatmap.detector.names.values()) == {"person", "cart"}
    with pytest.raises(ModelError, match=r"^model: there is no model at"):
        Heatmap(tmp_path / "none.pt")
