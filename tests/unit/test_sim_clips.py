from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from heatwall.simulator import clips
from heatwall.simulator.clips import Clip, cache_folder, ensure_clips
from heatwall.simulator.store_views import store_view
from heatwall.simulator.truth import load_truth

WIDTH, HEIGHT, FPS, LOOP_S = 320, 180, 10, 2.0


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return made_in(tmp_path_factory.mktemp("clips"))


def made_in(folder: Path) -> Clip:
    (made,) = ensure_clips(1, directory=folder, loop_s=LOOP_S, width=WIDTH, height=HEIGHT, fps=FPS)
    return made


def test_a_clip_has_every_frame_of_its_loop(clip: Clip) -> None:
    with av.open(str(clip.path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        assert (stream.width, stream.height) == (WIDTH, HEIGHT)
        assert stream.average_rate == FPS
    assert len(frames) == clip.frames == 20
    assert clip.loop_s == LOOP_S


def test_a_clip_begins_with_an_idr_and_has_one_every_second_and_no_b_frames(clip: Clip) -> None:
    with av.open(str(clip.path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert [number for number, packet in enumerate(packets) if packet.is_keyframe] == [0, 10]
    assert all(packet.pts == packet.dts for packet in packets)


def test_a_clip_shows_what_the_scene_renders(clip: Clip) -> None:
    scene = store_view(0, WIDTH, HEIGHT).scene(LOOP_S)
    with av.open(str(clip.path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            rendered, _ = scene.picture(number / FPS)
            shown = frame.to_ndarray(format="bgr24")
            assert cv2.PSNR(rendered, shown) > 26


def test_the_truth_beside_a_clip_is_that_of_its_pictures(clip: Clip) -> None:
    truth = load_truth(clip.truth_path)
    assert truth.name == clip.name == "Entrance"
    assert len(truth.frames) == clip.frames
    assert all(len(frame) >= 4 for frame in truth.frames)
    assert {line.name for line in truth.lines} == {"door"}


def test_ids_last_as_long_as_somebody_is_in_the_picture(clip: Clip) -> None:
    truth = load_truth(clip.truth_path)
    for before, after in zip(truth.frames, truth.frames[1:], strict=False):
        feet = {thing.id: np.array(thing.foot) for thing in before}
        for thing in after:
            if thing.id in feet and thing.visible > 0.5:
                assert np.linalg.norm(feet[thing.id] - thing.foot) < 0.12


def test_a_clip_is_made_once(clip: Clip) -> None:
    stamp = clip.path.stat().st_mtime_ns
    assert made_in(clip.path.parent) == clip
    assert clip.path.stat().st_mtime_ns == stamp


def test_nothing_but_finished_files_is_left(clip: Clip) -> None:
    names = sorted(path.name for path in clip.path.parent.iterdir())
    assert names == sorted((clip.path.name, clip.truth_path.name))


def test_a_failure_leaves_no_clip_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(clips, "save_truth", fail)
    with pytest.raises(OSError, match="disk full"):
        made_in(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_same_camera_is_rendered_alike_twice(clip: Clip, tmp_path: Path) -> None:
    again = made_in(tmp_path)
    assert again.path.read_bytes() == clip.path.read_bytes()
    assert again.truth_path.read_bytes() == clip.truth_path.read_bytes()


def test_other_code_makes_other_clips(
    clip: Clip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clips, "_edition", lambda: "0123456789")
    assert made_in(tmp_path).path.name != clip.path.name


def test_clips_are_kept_where_the_user_keeps_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder() == Path("/somewhere/heatwall/clips")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/ann")
    assert cache_folder() == Path("/home/ann/.cache/heatwall/clips")


def test_several_clips_are_made_by_several_processes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    made = ensure_clips(
        2, directory=tmp_path, loop_s=0.4, width=160, height=90, fps=FPS, progress=True
    )
    assert [clip.key for clip in made] == ["entrance", "aisles"]
    assert all(clip.path.stat().st_size > 0 for clip in made)
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".partial")]
    assert capfd.readouterr().err.count("\n") == 1
