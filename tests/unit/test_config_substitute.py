from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.config.substitute import Substitution


def fill(
    value: Any, env: dict[str, str] | None = None, folder: Path = Path()
) -> tuple[Any, list[Any]]:
    faults: list[Any] = []

    def report(*fault: Any) -> None:
        faults.append(fault)

    return Substitution(env or {}, folder, report).fill(value), faults


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("${NAME}", "value"),
        ("a-${NAME}-b-${NAME}", "a-value-b-value"),
        ("${UNSET:default}", "default"),
        ("${UNSET:}", ""),
        ("${UNSET:with:colons}", "with:colons"),
        ("${NAME:default}", "value"),
        ("${EMPTY:default}", ""),
        ("$${NAME}", "${NAME}"),
        ("$NAME and $$", "$NAME and $$"),
        ("plain", "plain"),
    ],
)
def test_a_text_is_filled_in_from_the_environment(text: str, filled: str) -> None:
    assert fill(text, {"NAME": "value", "EMPTY": ""}) == (filled, [])


def test_what_is_filled_in_is_not_filled_in_again() -> None:
    assert fill("${A}", {"A": "${B}", "B": "secret"}) == ("${B}", [])


def test_texts_are_filled_in_at_every_depth_and_the_rest_is_left() -> None:
    tree = {"a": [{"b": "${X}"}, 5, None, True]}
    assert fill(tree, {"X": "y"})[0] == {"a": [{"b": "y"}, 5, None, True]}
    assert tree == {"a": [{"b": "${X}"}, 5, None, True]}


def test_a_variable_that_is_not_set_is_reported_where_it_is_used() -> None:
    _, ((path, message, allowed),) = fill({"cameras": {"door": {"url": "${PW}"}}})
    assert path == ("cameras", "door", "url")
    assert "PW" in message
    assert "${PW:default}" in allowed


@pytest.mark.parametrize("text", ["${", "${NAME", "${}", "${1A}", "${A B}", "${:x}"])
def test_a_form_that_is_not_closed_or_names_nothing_is_reported(text: str) -> None:
    _, faults = fill(text, {"NAME": "x"})
    assert len(faults) == 1


def test_a_file_is_read_without_the_end_of_its_line(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2\r\n")
    assert fill(f"${{file:{tmp_path}/secret}}") == ("hunter2", [])
    assert fill("${file:secret}", folder=tmp_path) == ("hunter2", [])


def test_a_file_that_can_not_be_used_is_reported_with_its_name_alone(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "large").write_text("hunter2" * 10_000)
    for name in ("missing", "binary", "large", "."):
        _, ((_, message, _),) = fill(f"${{file:{name}}}", folder=tmp_path)
        assert name in message
        assert "hunter2" not in message


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="%\x00"), min_size=1))
def test_any_password_from_the_environment_fits_into_a_url(password: str) -> None:
    filled, _ = fill("rtsp://viewer:${PW}@192.0.2.11:554/stream", {"PW": password})
    parts = urlsplit(filled)
    assert (parts.hostname, parts.port, parts.path) == ("192.0.2.11", 554, "/stream")
    assert unquote(parts.password or "") == password


def test_a_password_that_is_already_encoded_is_left_so() -> None:
    filled, _ = fill("rtsp://v:${PW}@h/", {"PW": "a%2Fb"})
    assert filled == "rtsp://v:a%2Fb@h/"


def test_a_default_in_a_url_and_a_file_in_a_url_are_encoded_too(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("a/b@c\n")
    filled, _ = fill("rtsp://${USER:me@shop}:${file:pw}@h:1/${P:x/y}", folder=tmp_path)
    assert filled == "rtsp://me%40shop:a%2Fb%40c@h:1/x/y"


def test_outside_of_the_password_a_url_is_filled_in_as_it_stands() -> None:
    env = {"HOST": "192.0.2.1:8554", "PATH": "a/b@c"}
    assert fill("rtsp://${HOST}/${PATH}", env)[0] == "rtsp://192.0.2.1:8554/a/b@c"
    assert fill("${URL}", {"URL": "rtsp://u:p@h/x"})[0] == "rtsp://u:p@h/x"
