from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from heatwall.config import Regions, in_words, regions_of
from heatwall.config.loader import config_of
from heatwall.config.rewrite import rewritten
from heatwall.errors import ConfigError, EditError

FILE = Path("wall.yaml")
DOOR = {"from": [0.1, 0.7], "to": [0.9, 0.7], "inside": "below"}
MOVED = {"from": [0.1, 0.6], "to": [0.9, 0.7], "inside": "below"}
HAND = {"from": [0.1, 0.2], "to": [0.9, 0.2], "inside": "above"}
TEXT = """\
cameras:
  cam:
    url: rtsp://${USER:me}:${PASS}@h/1
    lines:
      door: {from: [0.1, 0.7], to: [0.9, 0.7], inside: below}
"""
ENV = {"PASS": "hunter2"}


def regions(**lines: Any) -> Regions:
    return Regions.model_validate({"lines": lines, "zones": {}})


def rewrite(text: str, was: Regions, wanted: Regions, camera: str = "cam") -> str:
    return rewritten(text, FILE, camera, was, wanted, ENV)


def lines_of(text: str) -> dict[str, Any]:
    lines: dict[str, Any] = in_words(regions_of(config_of(text, FILE, ENV).cameras["cam"]))["lines"]
    return lines


def test_what_is_wanted_is_there_and_passwords_stay_in_the_environment() -> None:
    new = rewrite(TEXT, regions(door=DOOR), regions(door=MOVED, back=HAND))
    assert lines_of(new) == {"door": MOVED, "back": HAND}
    assert "url: rtsp://${USER:me}:${PASS}@h/1\n" in new


def test_nothing_wanted_is_nothing_done() -> None:
    assert rewrite(TEXT, regions(door=DOOR), regions(door=DOOR)) == TEXT


def test_what_was_written_by_hand_meanwhile_stays() -> None:
    by_hand = TEXT.replace("0.7]", "0.65]") + (
        "      hand: {from: [0.1, 0.2], to: [0.9, 0.2], inside: above}\n    conf: 0.5 # better\n"
    )
    new = rewrite(by_hand, regions(door=DOOR), regions(door=DOOR, back=HAND))
    assert lines_of(new) == lines_of(by_hand) | {"back": HAND}
    assert new.endswith("conf: 0.5 # better\n")


def test_what_was_changed_in_both_places_is_as_it_was_drawn() -> None:
    by_hand = TEXT.replace("0.7]", "0.65]")
    assert lines_of(rewrite(by_hand, regions(door=DOOR), regions(door=MOVED))) == {"door": MOVED}
    assert lines_of(rewrite(by_hand, regions(door=DOOR), regions())) == {}


def test_what_was_drawn_for_one_run_before_is_saved_with_the_rest() -> None:
    assert lines_of(rewrite(TEXT, regions(), regions(door=MOVED))) == {"door": MOVED}


def test_a_file_that_is_invalid_by_now_is_not_edited() -> None:
    with pytest.raises(ConfigError, match="confi"):
        rewrite(TEXT + "    confi: 1\n", regions(door=DOOR), regions())
    with pytest.raises(ConfigError, match=r"cameras\.gate: is not there any more"):
        rewrite(TEXT, regions(), regions(), "gate")


SHARED = """\
cameras:
  cam: &both
    url: rtsp://h/1
  other:
    <<: *both
    url: rtsp://h/2
"""


def test_an_edit_that_would_change_another_camera_too_is_refused_with_what_to_write() -> None:
    with pytest.raises(EditError) as caught:
        rewrite(SHARED, regions(), regions(door=DOOR))
    why, _, pasted = str(caught.value).partition(":\n")
    assert "would touch other settings" in why
    assert "below the key of cam in wall.yaml" in why
    assert yaml.safe_load(pasted) == {"lines": {"door": DOOR}, "zones": {}}


def test_an_edit_that_leaves_no_yaml_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heatwall.config.rewrite.edited", lambda *_: "cameras: [")
    with pytest.raises(EditError, match="could not be read any more"):
        rewrite(TEXT, regions(door=DOOR), regions())
