from __future__ import annotations

import os
from pathlib import Path

import pytest

from heatwall.config import Config, load_config
from heatwall.config.loader import merge
from heatwall.errors import ConfigError, ConfigFault
from heatwall.values import SecretUrl

CAMERA = "cameras:\n  door:\n    url: rtsp://192.0.2.11/stream1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def load(folder: Path, text: str, env: dict[str, str] | None = None) -> Config:
    file = folder / "wall.yaml"
    file.write_text(text)
    return load_config(file, env or {})


def faults_of(folder: Path, text: str, env: dict[str, str] | None = None) -> list[ConfigFault]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, env)
    return list(caught.value.faults)


def test_the_smallest_config_has_the_documented_defaults(folder: Path) -> None:
    config = load(folder, CAMERA)
    camera = config.cameras["door"]
    assert camera.name == "Door"
    assert camera.url == SecretUrl("rtsp://192.0.2.11/stream1")
    assert (camera.transport, camera.timeout_s, camera.track_buffer_s) == ("tcp", 5, 2)
    assert (camera.classes, camera.conf, camera.tracker) == (("person",), 0.25, "bytetrack")
    assert camera.heat.half_lives_s == (30, 600, 7200)
    assert camera.heat.shown_s == 30
    assert (camera.tile.width, camera.tile.height, camera.tile.bitrate_bps) == (640, 360, 600_000)
    assert (camera.focus.width, camera.focus.fps, camera.focus.bitrate_bps) == (1920, 25, 3_000_000)
    preview = camera.preview
    assert (preview.width, preview.fps, preview.bitrate_bps) == (320, 5, 120_000)
    assert (config.server.host, config.server.port) == ("127.0.0.1", 8080)
    assert (config.model.path, config.model.window_s) == ("yolo26n.pt", "auto")


def test_defaults_are_merged_under_every_camera_and_lists_replace(folder: Path) -> None:
    config = load(
        folder,
        """
defaults:
  conf: 0.4
  classes: [person, dog]
  overlay: {colormap: jet, opacity: 0.5}
cameras:
  a: {url: rtsp://h/a, classes: [cat], overlay: {opacity: 0.9}}
  b: {url: rtsp://h/b, classes: null, overlay: }
""",
    )
    a, b = config.cameras["a"], config.cameras["b"]
    assert (a.conf, b.conf) == (0.4, 0.4)
    assert (a.classes, b.classes) == (("cat",), None)
    assert (a.overlay.colormap, a.overlay.opacity) == ("jet", 0.9)
    assert (b.overlay.colormap, b.overlay.opacity) == ("jet", 0.5)


def test_one_half_life_and_several_replace_each_other(folder: Path) -> None:
    text = """
defaults: {heat: {half_lives: [30s, 10m]}}
cameras:
  a: {url: rtsp://h/a, heat: {half_life: 2h}}
  b: {url: rtsp://h/b, heat: {half_life: none}}
  c: {url: rtsp://h/c}
"""
    heats = [camera.heat for camera in load(folder, text).cameras.values()]
    assert [heat.half_lives_s for heat in heats] == [(7200,), (None,), (30, 600)]
    assert [heat.shown_s for heat in heats] == [7200, None, 30]
    text = """
defaults: {heat: {half_life: 1m}}
cameras: {a: {url: rtsp://h/a, heat: {half_lives: [30s, 10m]}}, b: {url: rtsp://h/b}}
"""
    heats = [camera.heat for camera in load(folder, text).cameras.values()]
    assert [heat.half_lives_s for heat in heats] == [(30, 600), (60,)]


def test_a_fault_of_the_one_half_life_of_the_defaults_is_told_there(folder: Path) -> None:
    (fault,) = faults_of(folder, "defaults:\n  heat:\n    half_life: 5\n" + CAMERA)
    assert (fault.line, fault.key, fault.found) == (3, "defaults.heat.half_life", "5")


def test_a_camera_keeps_the_limits_of_the_tier_that_it_does_not_change(folder: Path) -> None:
    config = load(folder, CAMERA + "    focus: {fps: 10}\n")
    focus = config.cameras["door"].focus
    assert (focus.width, focus.height, focus.fps) == (1920, 1080, 10)


def test_sections_with_every_key_commented_out_mean_their_defaults(folder: Path) -> None:
    config = load(folder, "server:\nmodel:\ndefaults:\n" + CAMERA + "    heat:\n")
    assert config == load(folder, CAMERA)


def test_cameras_keep_their_order(folder: Path) -> None:
    text = "cameras: {z: {url: rtsp://h/}, a: {url: rtsp://h/}, m: {url: rtsp://h/}}"
    assert list(load(folder, text).cameras) == ["z", "a", "m"]


def test_the_environment_of_the_process_is_used_when_none_is_given(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "HEATWALL_TEST_HOST", "192.0.2.7")
    file = folder / "wall.yaml"
    file.write_text("cameras: {a: {url: 'rtsp://${HEATWALL_TEST_HOST}/'}}")
    assert load_config(file).cameras["a"].url.secret == "rtsp://192.0.2.7/"


def test_numbers_and_truths_may_come_from_the_environment(folder: Path) -> None:
    text = "server: {port: '${PORT}'}\nmodel: {half: '${HALF}', imgsz: '${SIZE:320}'}\n" + CAMERA
    config = load(folder, text + "    overlay: {show_boxes: '${BOXES}'}\n    conf: ${CONF:0.5}\n",
                  {"PORT": "9000", "HALF": "off", "BOXES": "true"})  # fmt: skip
    assert (config.server.port, config.model.half, config.model.imgsz) == (9000, False, 320)
    assert config.cameras["door"].overlay.show_boxes is True
    assert config.cameras["door"].conf == 0.5


def test_every_fault_is_told_at_once_in_file_order(folder: Path) -> None:
    faults = faults_of(
        folder,
        """\
server:
  port: 99999
  hots: x
defaults:
  timeout: 5
cameras:
  door:
    url: ftp://h/
  Bad Id:
    url: rtsp://h/
  third:
    name: Third
    overlay: {colormap: infreno,
              opacity: 2}
    tracker: ${TRACKER}
""",
    )
    assert [(fault.line, fault.key) for fault in faults] == [
        (2, "server.port"),
        (3, "server.hots"),
        (5, "defaults.timeout"),
        (8, "cameras.door.url"),
        (9, "cameras.Bad Id"),
        (11, "cameras.third.url"),
        (13, "cameras.third.overlay.colormap"),
        (14, "cameras.third.overlay.opacity"),
        (15, "cameras.third.tracker"),
    ]
    assert all(fault.allowed for fault in faults)


def test_a_fault_says_what_was_found_and_what_is_allowed(folder: Path) -> None:
    (fault,) = faults_of(folder, "server: {port: 99999}\n" + CAMERA)
    assert str(fault) == (
        f"{folder}/wall.yaml:1: server.port: is out of range "
        "(found 99999; allowed: a whole number from 0 to 65535)"
    )


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("    conff: 0.4", "did you mean conf?"),
        ("    colormap: jet", "did you mean overlay.colormap?"),
        ("    heatmap_alpha: 0.4", "here it is called overlay.opacity"),
        ("    decay_factor: 0.99", "here it is called heat.half_life"),
        ("    show_boxes: true", "did you mean overlay.show_boxes?"),
        ("    boxes: true", "did you mean overlay.show_boxes?"),
        ("    overlay: {color_map: jet}", "here it is called colormap"),
        ("    overlay: {colour_map: jet}", "did you mean colormap?"),
        ("    overlay: {heatmap_alpha: 0.4}", "here it is called opacity"),
        ("    overlay: {boxes: true}", "here it is called show_boxes"),
        ("    overlay: {conf: true}", "here it is called show_conf"),
        ("    overlay: {view_in_counts: true}", "here it is called show_in"),
        ("    view_out_counts: true", "here it is called overlay.show_out"),
        ("    shape: circle", "here it is called heat.footprint"),
        ("    region: [[0, 0], [1, 1]]", "here it is called lines (two points) or zones"),
        ("    count_reg_pts: []", "here it is called lines (two points) or zones"),
        ("    reg_pts: []", "here it is called lines (two points) or zones"),
        ("    line_thickness: 2", "here it is called overlay.line_width"),
        ("    region_thickness: 2", "here it is called overlay.line_width"),
        ("    imw: 640", "not needed: heat fits pictures of any size"),
        ("    imh: 640", "not needed: heat fits pictures of any size"),
        ("    view_img: true", "not needed: the wall in the browser"),
        ("    show: true", "not needed: the wall in the browser"),
        ("    imgsz: 640", "did you mean model.imgsz?"),
        ("    footprint: rect", "did you mean heat.footprint?"),
        ("    line: {}", "did you mean lines?"),
        ("    heat: {halflife: 30s}", "here it is called half_life"),
        ("    heat: {half_livess: [30s]}", "did you mean half_lives?"),
        ("    lines: {a: {from: [0, 0], too: [1, 1], inside: left}}", "did you mean to?"),
        ("    zones: {a: {points: [[0, 0]]}}", "here it is called polygon"),
        ("    timeout_s: 5", "did you mean timeout?"),
        ("    group: front", "here it is called groups, beside cameras"),
    ],
)
def test_an_unknown_key_is_a_fault_with_the_likely_one(folder: Path, line: str, hint: str) -> None:
    fault = next(one for one in faults_of(folder, CAMERA + line + "\n") if "known" in one.message)
    assert fault.line == 4
    assert hint in fault.message
    assert fault.found is None


@pytest.mark.parametrize("key", ["sub_stream", "group"])
def test_keys_of_features_that_are_not_there_are_refused(folder: Path, key: str) -> None:
    (fault,) = faults_of(folder, CAMERA + f"    {key}: x\n")
    assert fault.key == f"cameras.door.{key}"


def test_the_keys_that_are_allowed_are_listed(folder: Path) -> None:
    (at_root,) = faults_of(folder, "sever: {}\n" + CAMERA)
    keys = "alarms, auth, cameras, defaults, groups, log, model, server, webrtc"
    assert at_root.allowed == keys
    (in_defaults,) = faults_of(folder, "defaults: {zzz: 1}\n" + CAMERA)
    assert "url" not in in_defaults.allowed.split(", ")


def test_a_fault_in_the_defaults_is_told_once_however_many_cameras(folder: Path) -> None:
    cameras = "".join(f"  c{n}: {{url: rtsp://h/}}\n" for n in range(16))
    (fault,) = faults_of(folder, "defaults:\n  conf: 2\ncameras:\n" + cameras)
    assert (fault.line, fault.key, fault.found) == (2, "defaults.conf", "2")


def test_a_fault_in_the_defaults_is_told_even_when_no_camera_makes_use_of_them(
    folder: Path,
) -> None:
    (fault,) = faults_of(folder, "defaults: {conf: 2}\n" + CAMERA + "    conf: 0.5\n")
    assert fault.key == "defaults.conf"


def test_a_default_that_only_one_camera_makes_wrong_names_that_camera(folder: Path) -> None:
    text = "defaults: {heat: {shown: 10m}}\n" + CAMERA + "    heat: {half_lives: [30s]}\n"
    (fault,) = faults_of(folder, text)
    assert fault.line == 1
    assert "cameras.door" in fault.message
    assert fault.allowed == "30s"


@pytest.mark.parametrize("key", ["name", "url", "lines", "zones"])
def test_what_belongs_to_one_camera_is_refused_in_the_defaults(folder: Path, key: str) -> None:
    (fault,) = faults_of(folder, f"defaults: {{{key}: rtsp://h/}}\n" + CAMERA)
    assert fault.key == f"defaults.{key}"


@pytest.mark.parametrize(
    "text",
    ["server: {}\n", "cameras:\n", "cameras: {}\n"],
)
def test_a_wall_without_cameras_is_a_fault(folder: Path, text: str) -> None:
    (fault,) = faults_of(folder, text)
    assert fault.key == "cameras"
    assert "no cameras" in fault.message
    assert "rtsp://" in fault.allowed


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("cameras: [a]\n", "cameras"),
        ("cameras: {a: rtsp://h/}\n", "cameras.a"),
        ("defaults: 5\n" + CAMERA, "defaults"),
        ("server: 8080\n" + CAMERA, "server"),
        (CAMERA + "    heat: 30s\n", "cameras.door.heat"),
        (CAMERA + "    heat: {half_lives: 30s}\n", "cameras.door.heat.half_lives"),
        (CAMERA + "    classes: person\n", "cameras.door.classes"),
        (CAMERA + "    url2: x\n", "cameras.door.url2"),
    ],
)
def test_a_value_of_the_wrong_form_is_a_fault_at_its_key(folder: Path, text: str, key: str) -> None:
    (fault,) = faults_of(folder, text)
    assert fault.key == key
    assert fault.allowed


def test_a_camera_with_nothing_in_it_lacks_its_url(folder: Path) -> None:
    (fault,) = faults_of(folder, "cameras:\n  door:\n")
    assert (fault.line, fault.key, fault.message) == (2, "cameras.door.url", "is missing")
    assert "rtsp://" in fault.allowed


def test_no_fault_shows_a_password(folder: Path) -> None:
    text = """\
defaults: {url: rtsp://admin:canary@h/}
cameras:
  a: {url: "ftp://admin:canary@h/"}
  b: {url: "rtsp://admin:can/ary@h/"}
  c: {url: "rtsp:admin:canary@h/"}
  d: {url: "ftp://h/x?password=canary"}
  e: {url: "ftp://${USER}:${PASSWORD:canary}@h"}
  f: {url: "${WHOLE}"}
  g: {url: rtsp://h/, password: canary, name: "${UNSET}"}
  h: {url: "rtsp://admin:canary@[h/"}
  i: {url: canary}
  j: {url: rtsp://h/, conf: "${SECRET}", tracker: "${file:secret}"}
  k: {url: "rtsp://admin:p canary@h/"}
  l: canary@x
"""
    (folder / "secret").write_text("canary")
    env = {"USER": "admin", "WHOLE": "ftp://admin:canary@h/", "SECRET": "canary"}
    faults = faults_of(folder, text, env)
    assert {fault.line for fault in faults} == {1, *range(3, 15)}
    told = "\n".join(str(fault) for fault in faults)
    assert "canary" not in told
    assert "can/ary" not in told
    with pytest.raises(ConfigError) as caught:
        load(folder, text, env)
    # Pydantic's own error would show its input, so it is not chained.
    assert caught.value.__cause__ is None


def test_a_config_that_is_printed_shows_no_password(folder: Path) -> None:
    config = load(
        folder, "cameras: {a: {url: 'rtsp://admin:${PW}@h/?token=x1y2'}}", {"PW": "hunter2"}
    )
    assert config.cameras["a"].url.secret == "rtsp://admin:hunter2@h/?token=x1y2"
    for text in (repr(config), str(config), config.model_dump_json(), str(config.model_dump())):
        assert "hunter2" not in text
        assert "x1y2" not in text


def test_a_value_that_is_long_is_cut_in_the_fault(folder: Path) -> None:
    (fault,) = faults_of(folder, CAMERA + f"    tracker: {'x' * 5000}\n")
    assert len(str(fault)) < 500


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        (b"", "is empty", None),
        (b"# nothing\n", "is empty", None),
        (b"- a\n", "is not a map", 1),
        (b"word\n", "is not a map", 1),
        (b"a: 1\nb: \xff\n", "not UTF-8", 2),
        (b"a" * 1_000_001, "too large", None),
    ],
)
def test_a_file_that_holds_no_config_says_why(
    folder: Path, content: bytes, message: str, line: int | None
) -> None:
    file = folder / "wall.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_config(file, {})
    (fault,) = caught.value.faults
    assert message in fault.message
    assert fault.line == line
    assert fault.allowed


def test_a_file_that_can_not_be_read_says_why(folder: Path) -> None:
    for path, message in (
        (folder / "missing.yaml", "not there"),
        (folder, "is a folder"),
        (folder / ("x" * 300), "can't be read: File name too long"),
        (folder / "wall.yaml" / "x", "can't be read: Not a directory"),
    ):
        (folder / "wall.yaml").write_text(CAMERA)
        with pytest.raises(ConfigError, match=message):
            load_config(path, {})


def test_a_byte_order_mark_is_no_fault(folder: Path) -> None:
    file = folder / "wall.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + CAMERA.encode())
    assert "door" in load_config(file, {}).cameras


def test_a_tracker_file_is_found_from_the_folder_of_the_config(folder: Path) -> None:
    (folder / "mine.yaml").write_text("tracker_type: bytetrack\n")
    config = load(folder, CAMERA + "    tracker: mine.yaml\n")
    assert config.cameras["door"].tracker == str(folder / "mine.yaml")
    (fault,) = faults_of(folder, CAMERA + "    tracker: other.yaml\n")
    assert "not there" in fault.message


def test_merging_leaves_both_maps_as_they_were() -> None:
    below, above = {"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}
    assert merge(below, above) == {"a": {"b": 3, "c": 2}}
    assert (below, above) == ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}})
