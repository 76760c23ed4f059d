from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from heatwall.errors import HeatwallError
from heatwall.render.options import RenderOptions
from heatwall.render.run import parse_source
from heatwall.render.targets import Targets, choose_targets
from heatwall.values import SecretUrl


def choose(source: Path | SecretUrl, **given: object) -> Targets:
    options = replace(RenderOptions("x"), **given)  # type: ignore[arg-type]  # by name
    return choose_targets(options, source)


def test_all_files_are_named_after_the_video(tmp_path: Path) -> None:
    names = [path.name for path in choose(Path("a.mp4"), output=tmp_path / "b.mkv").each()]

    assert names == ["b.mkv", "b.heat.png", "b.heat.npy", "b.counts.json", "b.counts.csv"]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (Path("/videos/shop floor.avi"), "shop floor-heatwall.mp4"),
        (SecretUrl("rtsp://user:secret@host/live/door?token=abc"), "door-heatwall.mp4"),
        (SecretUrl("http://host/a/clip.mp4?key=secret"), "clip-heatwall.mp4"),
        (SecretUrl("rtsp://user:secret@host"), "stream-heatwall.mp4"),
    ],
)
def test_without_a_name_it_is_that_of_the_source_in_this_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: Path | SecretUrl, name: str
) -> None:
    monkeypatch.chdir(tmp_path)

    assert choose(source).video == Path(name)


def test_the_video_alone_may_be_wanted(tmp_path: Path) -> None:
    output = tmp_path / "b.mp4"

    assert list(choose(Path("a.mp4"), output=output, video_only=True).each()) == [output]


def test_files_may_have_names_of_their_own(tmp_path: Path) -> None:
    targets = choose(
        Path("a.mp4"),
        output=tmp_path / "b.mp4",
        heat_png=tmp_path / "1.png",
        heat_npy=tmp_path / "2.npy",
        counts=tmp_path / "3.json",
    )

    assert [path.name for path in targets.each()] == ["b.mp4", "1.png", "2.npy", "3.json", "3.csv"]


def test_a_file_that_is_there_is_replaced_only_when_that_is_wanted(tmp_path: Path) -> None:
    source, output = tmp_path / "a.mp4", tmp_path / "b.mp4"
    for path in (source, tmp_path / "b.heat.png"):
        path.touch()

    with pytest.raises(HeatwallError, match=r"b\.heat\.png: is there already; --overwrite"):
        choose(source, output=output)
    assert choose(source, output=output, overwrite=True).video == output


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("b.webm", r"--output: has an ending .*\.mkv, \.mov, \.mp4"),
        ("b", "--output: has an ending"),
        ("nowhere/b.mp4", "the folder .*nowhere is not there"),
        ("a.mp4", "is the source itself"),
        ("folder.mp4", "is a folder"),
    ],
)
def test_a_name_that_can_not_be_written_to_is_told(tmp_path: Path, output: str, words: str) -> None:
    source = tmp_path / "a.mp4"
    source.touch()
    (tmp_path / "folder.mp4").mkdir()

    with pytest.raises(HeatwallError, match=words):
        choose(source, output=tmp_path / output, overwrite=True)


def test_a_link_to_the_source_is_the_source(tmp_path: Path) -> None:
    source, link = tmp_path / "a.mp4", tmp_path / "b.mp4"
    source.touch()
    link.symlink_to(source)

    with pytest.raises(HeatwallError, match="is the source itself"):
        choose(source, output=link, overwrite=True)


def test_two_files_of_one_name_are_told(tmp_path: Path) -> None:
    with pytest.raises(HeatwallError, match="named for two"):
        choose(Path("a.mp4"), output=tmp_path / "b.mp4", heat_png=tmp_path / "b.mp4")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not-there.mp4", "not-there.mp4: the file is not there"),
        (".", "is a folder"),
        ("ftp://viewer:canary@host/x", "SOURCE: has a scheme"),
    ],
)
def test_a_source_that_can_not_be_opened_is_told(text: str, words: str) -> None:
    with pytest.raises(HeatwallError, match=words) as caught:
        parse_source(text)

    assert "canary" not in str(caught.value)
