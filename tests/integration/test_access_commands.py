"""What the command line makes for log-ins, and where a server refuses to listen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

from heatwall.access.passwords import is_password
from heatwall.access.sign_ins import mark_of

CANARY = "canary-4711"


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "heatwall.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        input=stdin,
    )


def test_a_server_that_anybody_could_watch_refuses_and_names_both_ways_out(tmp_path: Path) -> None:
    file = tmp_path / "wall.yaml"
    file.write_text("model: {path: demo}\ncameras: {door: {url: 'rtsp://127.0.0.1:9/'}}\n")
    done = run("serve", str(file), "--host", "0.0.0.0", "--port", "0")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    for word in ("0.0.0.0", "auth: none", "auth.users", "heatwall passwd"):
        assert word in done.stderr


def test_the_lines_that_passwd_prints_let_the_user_in(tmp_path: Path) -> None:
    done = run("passwd", "anna", "--stdin", stdin=f"{CANARY}\n")
    assert done.returncode == 0, done.stderr
    kept = yaml.safe_load(done.stdout)["auth"]["users"]["anna"]["password"]
    assert is_password(CANARY, kept)
    assert CANARY not in done.stdout + done.stderr
    file = tmp_path / "wall.yaml"
    file.write_text(f"{done.stdout}cameras: {{door: {{url: 'rtsp://h/'}}}}\n")
    checked = run("check", str(file))
    assert checked.returncode == 0, checked.stderr
    assert "1 users" in checked.stdout


def test_a_short_password_is_refused() -> None:
    done = run("passwd", "anna", "--stdin", stdin="short\n")
    assert (done.returncode, "at least 8" in done.stderr) == (2, True)


def test_a_token_is_shown_once_and_its_hash_is_the_line_of_the_config() -> None:
    done = run("token", "grafana")
    secret = done.stderr.strip().rpartition(" ")[2]
    kept = yaml.safe_load(done.stdout)["auth"]["tokens"]["grafana"]["hash"]
    assert kept == f"sha256:{mark_of(secret)}"
