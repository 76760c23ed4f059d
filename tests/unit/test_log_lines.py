from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest

from heatwall.log_lines import JsonLines, TextLines
from heatwall.redaction import KNOWN


def record(message: str, *values: object, **fields: Any) -> logging.LogRecord:
    made = logging.LogRecord("heatwall.x", logging.WARNING, "x.py", 1, message, values, None)
    made.created = 1_700_000_000.25
    made.__dict__.update(fields)
    return made


def failed(message: str) -> logging.LogRecord:
    try:
        raise ValueError("rtsp://u:canary@h/x")
    except ValueError:
        made = record(message)
        made.exc_info = sys.exc_info()
        return made


def test_a_line_for_people_names_camera_and_viewer_before_its_message() -> None:
    line = TextLines().format(record("%s is gone", "it", camera="door", viewer="3f2a"))
    assert line.endswith(" WARNING camera door: viewer 3f2a: it is gone")


def test_a_line_that_begins_with_its_camera_does_not_say_it_twice() -> None:
    line = TextLines().format(record("camera door: gone", camera="door"))
    assert line.endswith(" WARNING camera door: gone")


def test_a_line_for_machines_is_one_object_with_a_time_in_utc() -> None:
    line = JsonLines().format(record("%d pictures", 4, camera="door", viewer="", user=None))
    assert json.loads(line) == {
        "time": "2023-11-14T22:13:20.250Z",
        "level": "warning",
        "logger": "heatwall.x",
        "message": "4 pictures",
        "camera": "door",
    }


@pytest.mark.parametrize("lines", [TextLines(), JsonLines()], ids=["text", "json"])
def test_no_line_holds_a_secret_in_message_field_or_traceback(lines: logging.Formatter) -> None:
    KNOWN.add(["canary-of-a-camera"])
    for made in (
        record("can't open %s", "rtsp://u:canary@h/x"),
        record("as %s", "canary-of-a-camera", camera="canary-of-a-camera"),
        failed("no way"),
    ):
        line = lines.format(made)
        assert "canary" not in line
        assert "***" in line
        assert lines is not JSON or json.loads(line)


JSON = JsonLines()


def test_a_traceback_is_a_field_of_its_own() -> None:
    told = json.loads(JSON.format(failed("no way")))
    assert told["message"] == "no way"
    assert told["traceback"].startswith("Traceback (most recent call last):\n")


@pytest.mark.parametrize("evil", ["x\n2026-01-01 00:00:00,000 ERROR all is lost", "x\r\x1b[2J"])
def test_nothing_from_outside_makes_a_line_of_its_own_or_moves_the_cursor(evil: str) -> None:
    text = TextLines().format(record("camera says %s", evil))
    assert "\r" not in text
    assert "\x1b" not in text
    assert all(line.startswith("    ") for line in text.split("\n")[1:])
    assert len(JsonLines().format(record("camera says %s", evil)).splitlines()) == 1
