"""What the command line says when it can't start; each in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PASSWORD = "canary-4711"
CAMERA = f'{{url: "rtsp://viewer:{PASSWORD}@127.0.0.1:9/x"}}'


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "heatwall.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def expect(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Expect exit code 2 and these words, no traceback and no password."""
    said = done.stdout + done.stderr
    assert done.returncode == 2, said
    for word in words:
        assert word in said
    assert "Traceback" not in said
    assert PASSWORD not in said


def test_a_missing_config_is_named() -> None:
    expect(run("serve", "nowhere.yaml"), "nowhere.yaml")


def test_an_unknown_key_is_named_with_its_line(tmp_path: Path) -> None:
    config = tmp_path / "wall.yaml"
    config.write_text(f"cameras:\n  door: {CAMERA}\nservr: {{}}\n")

    expect(run("check", str(config)), f"{config}:3", "servr", "did you mean server")


def test_a_bad_url_is_told_without_its_password(tmp_path: Path) -> None:
    config = tmp_path / "wall.yaml"
    config.write_text(f'cameras:\n  door: {{url: "ftp://viewer:{PASSWORD}@host/x"}}\n')

    expect(run("check", str(config)), f"{config}:2", "cameras.door.url")


def test_a_model_that_is_no_file_and_can_not_be_fetched_is_named(tmp_path: Path) -> None:
    config = tmp_path / "wall.yaml"
    config.write_text(f"model: {{path: no-such-model.pt}}\ncameras: {{door: {CAMERA}}}\n")

    expect(run("serve", str(config), "--port", "0"), "model.path", "no-such-model.pt")


def test_a_class_that_the_model_does_not_know_is_named(tmp_path: Path) -> None:
    config = tmp_path / "wall.yaml"
    config.write_text(
        "model: {path: demo, imgsz: 320}\n"
        f'cameras: {{door: {{url: "rtsp://v:{PASSWORD}@127.0.0.1:9/x", classes: [dog]}}}}\n'
    )

    expect(run("serve", str(config), "--port", "0"), "cameras.door.classes", "'dog'", "person")


def test_a_port_in_use_is_named(tmp_path: Path, taken_port: int) -> None:
    config = tmp_path / "wall.yaml"
    config.write_text(f"model: {{path: demo}}\ncameras: {{door: {CAMERA}}}\n")

    expect(run("serve", str(config), "--port", str(taken_port)), str(taken_port), "in use")


def test_a_fault_that_does_not_exist_is_named() -> None:
    expect(run("simulate", "--cameras", "1", "--fault", "cam1=explode"), "explode", "stall")


def test_a_good_config_is_fine_and_its_password_stays_hidden(tmp_path: Path) -> None:
    config = tmp_path / "wall.yaml"
    config.write_text(f"cameras:\n  door: {CAMERA}\n")

    done = run("check", str(config))

    assert done.returncode == 0
    assert "door" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr


def test_the_schema_is_printed_for_editors() -> None:
    assert '"$schema"' in run("schema").stdout
