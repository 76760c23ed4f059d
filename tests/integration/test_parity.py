"""What users of the Ultralytics heatmap write works here: live, in `render` and from Python.

Each row of the table is one habit; ROWS says which test shows it. "Live" is the config and the
API's change of an overlay, `render` the command with the options, Python `heatwall.Heatmap`.

=============================================  ======================================
they write                                     what it is here
=============================================  ======================================
YOLO("yolov8s.pt"), model="yolo11n.pt"         model.path, --model, model
model.track(persist=True)                      a tracker per camera
tracker="botsort.yaml"                         tracker, track_buffer
conf, iou, classes, imgsz, max_det, device     the same names
colormap=cv2.COLORMAP_PARULA                   colormap, all 22
heatmap_alpha=0.5                              opacity
imw, imh                                       not needed
decay_factor=0.99                              half_life
shape="circle"                                 footprint
region, count_reg_pts                          lines, zones; region
show_in, show_out                              the same names
line_width, line_thickness, colours            line_width
show=True, view_img=True                       the wall
show_boxes, show_labels, show_conf             the same names
cv2.VideoWriter loop                           heatwall render SOURCE -o OUT
yolo solutions heatmap source=…                heatwall render SOURCE --colormap …
solutions.Heatmap, results.plot_im …           heatwall.Heatmap
=============================================  ======================================
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import msgspec
import numpy as np
import pytest
from typer.testing import CliRunner

from heatwall import Heatmap
from heatwall.analysis.detector import CONFIDENCE_FLOOR
from heatwall.analysis.spec import LineSpec
from heatwall.analysis.tracker_choice import choose_tracker
from heatwall.cli import app
from heatwall.colormaps import COLORMAPS
from heatwall.config import CameraConfig, ModelConfig, changed
from heatwall.config.kinds import TRACKERS
from heatwall.config.loader import load_config
from heatwall.errors import ConfigError, ModelError
from heatwall.painting import marks_of
from heatwall.render.options import RenderOptions
from heatwall.render.settings import RenderSettings, load_settings
from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.weights import demo_weights
from heatwall.specs import analysis_spec, heat_style, ink_spec, model_spec
from heatwall.values import ByteArray, Detections
from support.tracks import detections_of

Box = tuple[float, float, float, float]

ROWS = {
    'YOLO("yolov8s.pt"), model="yolo11n.pt"': "model_of_any_name_or_exported_format",
    "model.track(persist=True)": "track_persist_is_a_tracker_per_camera",
    'tracker="botsort.yaml"': "tracker_botsort_yaml_and_track_buffer",
    "conf, iou, classes, imgsz, max_det, device": "conf_iou_classes_imgsz_max_det_device_verbose",
    "colormap=cv2.COLORMAP_PARULA": "colormap_cv2_COLORMAP_PARULA_and_all_22",
    "heatmap_alpha=0.5": "heatmap_alpha_is_opacity",
    "imw, imh": "imw_and_imh_are_not_needed",
    "decay_factor=0.99": "decay_factor_is_half_life",
    'shape="circle"': "shape_circle_or_rect_is_footprint",
    "region, count_reg_pts": "region_and_count_reg_pts_are_lines_and_zones",
    "show_in, show_out": "show_in_and_show_out",
    "line_width, line_thickness, colours": "line_width_and_line_thickness",
    "show=True, view_img=True": "show_and_view_img_are_the_wall",
    "show_boxes, show_labels, show_conf": "show_boxes_show_labels_show_conf",
    "cv2.VideoWriter loop": "cv2_VideoWriter_loop_is_heatwall_render",
    "yolo solutions heatmap source=…": "yolo_solutions_heatmap_is_heatwall_render",
    "solutions.Heatmap, results.plot_im …": "solutions_Heatmap_and_its_results",
}
"""Each row with the end of its test's name."""

STANDING: Box = (0.42, 0.3, 0.58, 0.8)
GREY = np.full((180, 320, 3), 90, np.uint8)
SIZE = (1280, 720)
URL = {"url": "rtsp://192.0.2.1/x"}


class Scripted:
    """Finds the boxes of a script, frame after frame, the last one again and again."""

    def __init__(self, *frames: Sequence[Box], scores: Sequence[float] = (0.9,)) -> None:
        self.names = {0: "person", 1: "cart"}
        self._frames = frames
        self._scores = scores
        self._calls = 0

    def detect(self, frames: Sequence[ByteArray]) -> list[Detections]:
        boxes = self._frames[min(self._calls, len(self._frames) - 1)]
        score = self._scores[min(self._calls, len(self._scores) - 1)]
        self._calls += 1
        return [detections_of(boxes, score) for _ in frames]


def live(**keys: Any) -> CameraConfig:
    return CameraConfig.model_validate({**URL, **keys})


def rendered(**options: Any) -> RenderSettings:
    """The settings that options of `heatwall render` come to, for a source of 1280×720."""
    return load_settings(RenderOptions("x.mp4", **options), SIZE, {})


def python(*frames: Sequence[Box], **options: Any) -> Heatmap:
    return Heatmap(detector=Scripted(*(frames or ([STANDING],))), fps=5, **options)


def fault_of(tmp_path: Path, text: str) -> str:
    """What `heatwall check` says of a camera with this line in it."""
    config = tmp_path / "wall.yaml"
    config.write_text(f"cameras:\n  door:\n    url: rtsp://192.0.2.1/x\n    {text}\n")
    with pytest.raises(ConfigError) as caught:
        load_config(config, {})
    return str(caught.value)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    return ensure_clips(1, directory=folder, loop_s=4, width=320, height=180)[0].path


def render(*arguments: str | Path) -> str:
    """Run `heatwall render` with the demo model, twice a second."""
    words = ["render", *map(str, arguments), "--model", "demo", "--detect-fps", "2"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize(
    "path",
    ["yolo26n.pt", "yolov8s.pt", "yolo11n.pt", "shop.onnx", "shop.engine", "shop_openvino_model/"],
)
def test_model_of_any_name_or_exported_format(path: str, tmp_path: Path) -> None:
    assert ModelConfig().path == rendered().model.path == "yolo26n.pt"
    assert model_spec(ModelConfig(path=path), path).path == path
    assert rendered(model=path).model.path == path

    missing = tmp_path / path
    with pytest.raises(ModelError, match=f"there is no model at {tmp_path}"):
        Heatmap(str(missing))


def test_model_that_can_not_be_fetched_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: Any, **__: Any) -> None:
        raise ConnectionError("no route to host")

    monkeypatch.setattr("ultralytics.YOLO", unreachable)
    with pytest.raises(ModelError, match="neither a file here nor could it be fetched; fetch the"):
        Heatmap("yolo11n.pt")


def test_model_file_is_loaded_by_its_path(tmp_path: Path) -> None:
    mine = tmp_path / "mine.pt"
    mine.write_bytes(demo_weights().read_bytes())
    assert set(Heatmap(str(mine)).detector.names.values()) == {"person", "cart"}


def test_track_persist_is_a_tracker_per_camera() -> None:
    first = python()
    second = Heatmap(detector=first.detector, fps=5)

    ids = [first(GREY).tracks.track_id.tolist() for _ in range(5)]

    assert ids[-3:] == [[1], [1], [1]], "tracks go on from frame to frame"
    assert [second(GREY).tracks.track_id.tolist() for _ in range(2)][-1] == [1]


@pytest.mark.parametrize("name", TRACKERS)
def test_tracker_botsort_yaml_and_track_buffer(name: str, tmp_path: Path) -> None:
    for word in (name, f"{name}.yaml"):
        assert analysis_spec(live(tracker=word)).tracker == name
        assert rendered(tracker=word).analysis.tracker == name
        python(tracker=word)(GREY)
    made = choose_tracker(f"{name}.yaml", 0.25).make()
    assert getattr(made.args, "gmc_method", "none") == "none", "cameras are fixed"

    assert analysis_spec(live(track_buffer="3s")).buffer_s == 3
    assert rendered(track_buffer="3s").analysis.buffer_s == 3
    python(track_buffer="3s")

    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "tracker_type: bytetrack\ntrack_high_thresh: 0.3\ntrack_low_thresh: 0.1\n"
        "new_track_thresh: 0.3\ntrack_buffer: 30\nmatch_thresh: 0.8\nfuse_score: true\n"
    )
    assert analysis_spec(live(tracker=str(mine))).tracker == str(mine)
    assert rendered(tracker=str(mine)).analysis.tracker == str(mine)
    python(tracker=mine)(GREY)


def test_conf_iou_classes_imgsz_max_det_device_verbose() -> None:
    model = ModelConfig.model_validate({"iou": 0.5, "imgsz": 320, "max_det": 50, "device": 0})
    there = model_spec(model, "x.pt")
    options = {"iou": "0.5", "imgsz": "320", "max_det": "50", "device": "0"}
    settings = rendered(conf="0.3", classes=["0,2"], **options)
    assert (there.iou, there.imgsz, there.max_det, there.device) == (0.5, 320, 50, "cuda:0")
    assert replace(settings.model, path="x.pt") == there
    for spec in (analysis_spec(live(conf=0.3, classes=[0, 2])), settings.analysis):
        assert (spec.confidence, spec.classes) == (0.3, (0, 2))
    assert rendered(classes=["person", "cart"]).analysis.classes == ("person", "cart")
    assert analysis_spec(live(classes=None)).classes is None

    chosen = {"iou": 0.5, "imgsz": 320, "max_det": 50, "device": 0, "verbose": True}
    assert python(conf=0.95, **chosen)(GREY).total_tracks == 0
    assert python(conf=0.3, classes=[0], **chosen)(GREY).total_tracks == 1
    assert python(classes=["cart"])(GREY).total_tracks == 0


def test_conf_leaves_low_scores_to_the_tracker_s_second_stage() -> None:
    assert CONFIDENCE_FLOOR == 0.1
    detector = Scripted([STANDING], scores=(0.9, 0.9, 0.9, 0.15))
    heatmap = Heatmap(detector=detector, fps=5, conf=0.3)
    ids = [heatmap(GREY).tracks.track_id.tolist() for _ in range(10)]
    assert ids[-1] == [1], "a known person is followed down to scores that begin no track"
    assert Heatmap(detector=Scripted([STANDING], scores=(0.15,)), conf=0.3)(GREY).total_tracks == 0


@pytest.mark.parametrize("name", COLORMAPS)
def test_colormap_cv2_COLORMAP_PARULA_and_all_22(name: str) -> None:  # noqa: N802 - cv2's name
    assert len(COLORMAPS) == 22
    number = getattr(cv2, f"COLORMAP_{name.upper()}")
    for word in (name, f"COLORMAP_{name.upper()}", f"cv2.COLORMAP_{name.upper()}", number):
        assert live(overlay={"colormap": word}).overlay.colormap == name
        assert changed(live(), {"colormap": word}).overlay.colormap == name
        assert rendered(colormap=str(word)).ink.colormap == name
    ramp = np.arange(256, dtype=np.uint8)[:, None]
    hottest = cv2.applyColorMap(ramp, number)[255, 0].astype(int)

    heatmap = python(colormap=number, opacity=1.0, scale=0.001, show_legend=False)
    plot_im = [heatmap(GREY).plot_im for _ in range(8)][-1]

    assert np.abs(plot_im[143, 160].astype(int) - hottest).max() <= 12, "as OpenCV has it"


def test_heatmap_alpha_is_opacity() -> None:
    assert heat_style(live(overlay={"opacity": 0.5})).opacity == 0.5
    assert changed(live(), {"opacity": 0.5}).overlay.opacity == 0.5
    assert rendered(opacity="0.5").ink.opacity == 0.5
    assert "--heatmap-alpha" in CliRunner().invoke(app, ["render", "--help"]).output

    def shift(**options: Any) -> int:
        heatmap = python(scale=0.001, colormap="hot", show_legend=False, **options)
        plot_im = [heatmap(GREY).plot_im for _ in range(8)][-1]
        return int(plot_im[143, 160].astype(int).sum() - 3 * 90)

    whole = shift(heatmap_alpha=1.0)
    assert shift(heatmap_alpha=0.0) == 0
    assert shift(heatmap_alpha=0.5) == shift(opacity=0.5) == pytest.approx(whole / 2, rel=0.05)


def test_heatmap_alpha_is_told_in_a_config(tmp_path: Path) -> None:
    assert "here it is called opacity" in fault_of(tmp_path, "overlay: {heatmap_alpha: 0.5}")


def test_imw_and_imh_are_not_needed(tmp_path: Path) -> None:
    assert "not needed: heat fits pictures of any size" in fault_of(tmp_path, "imw: 1280")
    with pytest.raises(TypeError, match="not needed"):
        python(imh=720)

    heatmap = python()
    before = [heatmap(GREY).heat for _ in range(25)][-1]
    after = heatmap(np.full((720, 1280, 3), 90, np.uint8)).heat
    assert after.shape == before.shape
    assert after.max() == pytest.approx(before.max(), rel=0.1)


def test_decay_factor_is_half_life(tmp_path: Path) -> None:
    assert "here it is called half_life" in fault_of(tmp_path, "heat: {decay_factor: 0.99}")
    with pytest.raises(TypeError, match="half_life='30s'"):
        python(decay_factor=0.99)
    for word, seconds in (("30s", 30.0), ("10m", 600.0), ("none", None)):
        assert analysis_spec(live(heat={"half_life": word})).half_lives_s == (seconds,)
        assert rendered(half_life=word).analysis.style.shown_s == seconds
        assert python(half_life=word).half_lives_s == (seconds,)

    fading, lasting = python([STANDING], half_life="2s"), python([STANDING], half_life=None)
    for heatmap in (fading, lasting):
        heatmap(GREY, time_s=0.0)
        heatmap(GREY, time_s=1.0)
        heatmap.detector = Scripted([])
    before = fading.heat(2).share.max(), lasting.heat(None).person_s
    fading(GREY, time_s=5.0)
    lasting(GREY, time_s=5.0)
    assert fading.heat(2).share.max() == pytest.approx(before[0] / 4, rel=0.01)
    assert lasting.heat(None).person_s == pytest.approx(before[1], rel=0.01)


@pytest.mark.parametrize("shape", ["foot", "circle", "rect"])
def test_shape_circle_or_rect_is_footprint(shape: str, tmp_path: Path) -> None:
    assert "here it is called footprint" in fault_of(tmp_path, f"heat: {{shape: {shape}}}")
    assert analysis_spec(live(heat={"footprint": shape})).footprint == shape
    assert rendered(footprint=shape).analysis.footprint == shape
    assert "--shape" in CliRunner().invoke(app, ["render", "--help"]).output
    for word in ("shape", "footprint"):
        heatmap = python(**{word: shape})
        heat = [heatmap(GREY).heat for _ in range(10)][-1]
        rows, columns = heat.shape
        middle = heat[round(0.55 * rows), columns // 2]
        corner = heat[round(0.33 * rows), round(0.44 * columns)]
        warm = [name for name, at in (("middle", middle), ("corner", corner)) if at > 0.03]
        assert warm == {"foot": [], "circle": ["middle"], "rect": ["middle", "corner"]}[shape]


def test_region_and_count_reg_pts_are_lines_and_zones(tmp_path: Path) -> None:
    assert "lines (two points) or zones (three and more)" in fault_of(tmp_path, "region: []")
    assert "lines (two points) or zones" in fault_of(tmp_path, "count_reg_pts: []")
    with pytest.raises(TypeError, match="here it is called region"):
        python(count_reg_pts=[(20, 400), (1080, 400)])

    line, ring = [(64, 360), (1216, 360)], [(128, 72), (1152, 72), (1152, 648), (128, 648)]
    there = analysis_spec(
        live(
            lines={"line": {"from": [0.05, 0.5], "to": [0.95, 0.5], "inside": "below"}},
            zones={"zone": {"polygon": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]}},
        )
    )
    here = rendered(region=[str(line), str(ring)]).analysis
    assert here.lines == there.lines == {"line": LineSpec((0.05, 0.5), (0.95, 0.5), "below")}
    assert here.zones == there.zones

    ways = [[(0.45, y - 0.3, 0.55, y)] for y in np.linspace(0.35, 0.75, 15)]
    frame = np.full((720, 1280, 3), 90, np.uint8)
    for region, name in ((line, "line"), (ring, "zone")):
        heatmap = python(*ways, region=region)
        results = [heatmap(frame) for _ in ways][-1]
        assert [*results.lines, *results.zones] == [name]
        assert results.in_count == 1


def test_show_in_and_show_out(tmp_path: Path) -> None:
    assert "here it is called show_in" in fault_of(tmp_path, "overlay: {view_in_counts: true}")
    assert "here it is called show_out" in fault_of(tmp_path, "overlay: {view_out_counts: true}")
    heatmap = python(region=[(0.1, 0.5), (0.9, 0.5)])
    heatmap(GREY)
    for change, words in (
        ({}, "line: in 0, out 0"),
        ({"show_in": False}, "line: out 0"),
        ({"show_out": False}, "line: in 0"),
    ):
        assert line_text(heatmap, changed(live(), change)) == words
        assert line_text(heatmap, live(overlay=change)) == words
        assert rendered(**change).ink == ink_spec(live(overlay=change).overlay)
    shown, hidden = (
        python(region=[(0.1, 0.5), (0.9, 0.5)], show_in=wish, show_legend=False)(GREY).plot_im
        for wish in (True, False)
    )
    assert (shown != hidden).any()


def line_text(heatmap: Heatmap, settings: CameraConfig) -> str:
    assert heatmap._analysis is not None
    findings = heatmap._analysis.findings()
    assert findings is not None
    (mark,) = marks_of(
        msgspec.structs.replace(findings.overlay, tracks=()), ink_spec(settings.overlay)
    )
    return mark.text


def test_line_width_and_line_thickness(tmp_path: Path) -> None:
    for word in ("line_thickness", "region_thickness"):
        said = fault_of(tmp_path, f"overlay: {{{word}: 3}}")
        assert "here it is called line_width" in said
    assert "colours of what is drawn are fixed" in fault_of(tmp_path, "count_reg_color: red")
    assert ink_spec(live(overlay={"line_width": 5}).overlay).line_width == 5
    assert changed(live(), {"line_width": 5}).overlay.line_width == 5
    assert rendered(line_width="5").ink.line_width == 5

    thin, thick = (
        python([], region=[(0.1, 0.5), (0.9, 0.5)], line_width=width, show_legend=False)(GREY)
        for width in (1, 6)
    )
    assert (thick.plot_im != GREY).sum() > 2 * (thin.plot_im[88:93] != GREY[88:93]).sum()


def test_show_and_view_img_are_the_wall(tmp_path: Path) -> None:
    for word in ("show", "view_img"):
        assert "the wall in the browser" in fault_of(tmp_path, f"{word}: true")
        with pytest.raises(TypeError, match="heatwall serve"):
            python(**{word: True})


@pytest.mark.parametrize("word", ["show_boxes", "show_labels", "show_conf"])
def test_show_boxes_show_labels_show_conf(word: str) -> None:
    field = word.removeprefix("show_")
    for wish in (True, False):
        assert getattr(ink_spec(live(overlay={word: wish}).overlay), field) is wish
        assert getattr(ink_spec(changed(live(), {word: wish}).overlay), field) is wish
        assert getattr(rendered(**{word: wish}).ink, field) is wish
    drawn, plain = (python(**{word: wish}, show_heat=False)(GREY).plot_im for wish in (True, False))
    assert (drawn != GREY).any()
    assert (plain == GREY).all()


def test_cv2_VideoWriter_loop_is_heatwall_render(  # noqa: N802 - cv2's name
    clip: Path, tmp_path: Path
) -> None:
    out = tmp_path / "heatmap_output.avi"

    render(clip, "-o", out)

    with av.open(str(clip)) as source, av.open(str(out)) as made:
        assert sum(1 for _ in made.decode(video=0)) == sum(1 for _ in source.decode(video=0))
        stream = made.streams.video[0]
        assert (stream.width, stream.height) == (320, 180)
    heat = np.load(tmp_path / "heatmap_output.heat.npy")
    assert heat.dtype == np.float32
    assert heat.max() > 0


def test_yolo_solutions_heatmap_is_heatwall_render(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"

    render(
        clip,
        *("-o", out, "--colormap", "cv2.COLORMAP_PARULA", "--heatmap-alpha", "0.5"),
        *("--region", "[(20, 90), (300, 90)]", "--region", "[(10,10),(310,10),(310,170),(10,170)]"),
        *("--conf", "0.3", "--iou", "0.5", "--classes", "0", "--tracker", "botsort.yaml"),
        *("--line-width", "2", "--show-boxes", "--no-show-in", "--shape", "circle"),
    )

    counts = json.loads(out.with_suffix(".counts.json").read_text())
    assert list(counts["lines"]) == ["line"]
    assert list(counts["zones"]) == ["zone"]
    assert out.stat().st_size > 10_000


def test_solutions_Heatmap_and_its_results(clip: Path) -> None:  # noqa: N802 - their name
    heatmap = Heatmap(
        model="demo",
        colormap=cv2.COLORMAP_PARULA,
        region=[(10, 10), (310, 10), (310, 170), (10, 170)],
    )
    with av.open(str(clip)) as source:
        frames = [
            (frame.to_ndarray(format="bgr24"), frame.time) for frame in source.decode(video=0)
        ]

    results = [heatmap(im0.astype(np.uint8), time_s) for im0, time_s in frames[::5]][-1]

    assert results.plot_im.shape == frames[0][0].shape
    assert results.in_count >= results.total_tracks > 0
    assert results.out_count >= 0
    assert results.classwise_count["person"]["IN"] == results.in_count
    assert 0 < results.heat.max() <= 2
    assert results.heat_unit == "share of recent time"
    assert results.speed["track"] > 0


class TestFaultsThatMustNotComeOver:
    """What is wrong with the heatmap that people know."""

    def test_heat_decays_and_the_overlay_stays_on_empty_frames(self) -> None:
        heatmap = python(*[[STANDING]] * 30, [], half_life="4s", scale=0.25, show_legend=False)
        hot = [heatmap(GREY) for _ in range(30)][-1]
        soon = heatmap(GREY)
        later = [heatmap(GREY) for _ in range(20)][-1]
        assert soon.total_tracks == 0
        assert (soon.plot_im != GREY).any(), "nobody there, and the heat is"
        assert later.heat.max() == pytest.approx(hot.heat.max() * 2 ** (-4.2 / 4), rel=0.02)

    def test_the_scale_is_not_the_maximum_of_the_frame(self) -> None:
        first = [r for heatmap in [python()] for r in [heatmap(GREY) for _ in range(2)]][-1]
        assert first.heat.max() < first.scale / 2, "a first look is not full colour"
        assert python(scale=0.25)(GREY).scale == 0.25

    def test_the_frame_is_not_tinted_where_there_is_no_heat(self) -> None:
        heatmap = python(colormap="deepgreen", show_legend=False)
        plot_im = [heatmap(GREY).plot_im for _ in range(20)][-1]
        assert (plot_im[:60] == 90).all()

    def test_heat_is_the_same_at_30_and_at_5_frames_a_second(self) -> None:
        often, seldom = python(), python()
        many = [often(GREY, step / 30) for step in range(301)][-1]
        few = [seldom(GREY, step / 5) for step in range(51)][-1]
        assert many.heat.max() == pytest.approx(few.heat.max(), rel=0.01)

    def test_heat_is_at_the_feet(self) -> None:
        heatmap = python()
        heat = [heatmap(GREY).heat for _ in range(10)][-1]
        assert int(heat.argmax()) // heat.shape[1] == pytest.approx(0.8 * heat.shape[0], abs=1.5)

    def test_each_crossing_counts_either_way_and_again(self) -> None:
        down = np.linspace(0.35, 0.75, 15).tolist()
        ways = [*down, *reversed(down)] * 2
        heatmap = python(*[[(0.45, y - 0.3, 0.55, y)] for y in ways], region=[(0, 0.5), (1, 0.5)])
        results = [heatmap(GREY) for _ in ways][-1]
        assert (results.in_count, results.out_count) == (2, 2)
        assert results.seen_tracks == 1

    def test_several_cameras_share_a_model(self) -> None:
        first = python()
        assert Heatmap(detector=first.detector).detector is first.detector

    def test_nothing_grows_with_the_people_that_have_come_and_gone(self) -> None:
        visits = [[[(x, 0.3, x + 0.1, 0.8)]] * 3 + [[]] * 17 for x in (0.1, 0.4, 0.7)]
        heatmap = python(*[boxes for visit in visits for boxes in visit], track_buffer="1s")
        for _ in range(60):
            heatmap(GREY)
        results = [heatmap(GREY, time_s=100.0 + step) for step in range(3)][-1]
        assert results.seen_tracks == 3
        assert heatmap._analysis is not None
        assert not heatmap._analysis._trails._trails


def test_every_row_has_its_test() -> None:
    tests = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert set(ROWS.values()) <= tests
    assert __doc__ is not None
    table = __doc__.split("=\n")[2]
    rows = [line[:45].strip() for line in table.splitlines() if line and line[0] != "="]
    assert rows == list(ROWS)
