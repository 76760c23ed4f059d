"""No secret comes out of anything: a wall on which nearly all fails is listened to everywhere."""

from __future__ import annotations

import asyncio
import functools
import signal
import socket
from pathlib import Path

import pytest

from support.canaries import leaks
from support.canary_run import Run, files_in, running, said_by_commands
from support.canary_talk import Talk
from support.canary_wall import SECRETS, CanaryWall, canary_wall
from support.eventually import eventually

_WITHIN_S = 60.0

TURN = "the password of a TURN account"
TOLD = (
    (TURN, "the ICE servers of a viewer"),
    (TURN, "the Link headers of a viewer"),
    ("the cookie of a log-in", "the answers' headers"),
)
"""What has to be told: a static TURN account to every viewer, who could not use it else, and the
cookie to who has logged in."""

CHANNELS = {
    "the log as text, all of it",
    "the log as JSON, with asyncio's own faults",
    "what a start says that fails",
    "the answers' headers",
    "the answers' bodies",
    "the Link headers of a viewer",
    "the WebSockets' messages",
    "media",
    "the page's files",
    "the metrics",
    "the OpenAPI page",
    "the ICE servers of a viewer",
    "the alarms",
    "the cameras",
    "main's command line",
    "the workers' command lines",
    "the workers' environment",
    "the crash reports",
    "the stacks of a crash of main",
    "the state folder",
    "check",
    "check of a file that is refused",
    "check --probe",
    "serve of a file that is refused",
    "render of a camera",
    "render of a web camera",
    "alarms test of a webhook",
    "alarms test of a webhook that is away",
    "alarms test of a broker",
    "versions",
}
"""Everything that comes out of Heatwall. One that said nothing would prove nothing."""


@pytest.mark.timeout(400)
def test_no_secret_comes_out_of_any_channel(tmp_path: Path) -> None:
    with canary_wall(tmp_path) as wall:
        heard, cookies = _served(wall)
        heard |= said_by_commands(tmp_path, _commands(wall))
    heard["the crash reports"] = files_in(tmp_path / "state", "crash-*.txt")
    heard["the state folder"] = files_in(tmp_path / "state", "*")
    assert {name for name, said in heard.items() if len(said) > 10} == CHANNELS
    found = leaks(SECRETS | wall.hashes | cookies, heard, TOLD)
    assert not found, "\n".join(found)
    # What must be there: else the search has looked for the wrong thing.
    told = {name: said for name, said in heard.items() if "of a viewer" in name}
    assert len(leaks({TURN: SECRETS[TURN]}, told, ())) >= 2
    _assert_all_has_happened(heard)


def _assert_all_has_happened(heard: dict[str, bytes]) -> None:
    """What nobody said can't have been hidden."""
    text = heard["the log as text, all of it"]
    for words in (
        b"the camera refused the user or password",
        b"nothing listens at this address",
        b"unknown host, or no network",
        b"the stream holds no video",
        b"the camera's process ended by itself",
        b"the config file is refused",
        b"log-in of user anna from 127.0.0.1 failed",
        b"alarms: office can't be told",
        b"alarms: broker can't be told",
        b"TURN turn:127.0.0.1",
        b"told to break with *** and ***",
        b"GET /metrics failed",
        b"RuntimeError: ***",
    ):
        assert words in text, words.decode()
    assert b'"logger"' in heard["the log as JSON, with asyncio's own faults"]
    reports = heard["the crash reports"]
    for words in (b"Segmentation fault", b"Aborted", b"the server ended by ExceptionGroup"):
        assert words in reports, words.decode()


def _served(wall: CanaryWall) -> tuple[dict[str, bytes], dict[str, str]]:
    """Run the server three times, each to a bad end; returns what it said, and its cookies."""
    folder = wall.folder
    with running(folder, "text.log", "--verbose") as first:
        talk = Talk(first.server.address)
        _go_through(wall, first, talk)
        (folder / "main.fault").touch()
        assert first.ended() == 1
    (folder / "main.fault").unlink()
    debug = {"PYTHONASYNCIODEBUG": "1"}
    with running(folder, "json.log", "--log-format", "json", **debug) as second:
        talk.address = second.server.address
        asyncio.run(talk.scrape())
        assert second.end_by(signal.SIGABRT) == -signal.SIGABRT
    stacks = files_in(folder / "state", "native-*.txt")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        starts = said_by_commands(folder, {"start": ["serve", str(wall.file), "--port", port]})
    heard = dict(talk.heard) | dict(first.processes)
    heard["the log as text, all of it"] = first.server.log.read_bytes()
    heard["the log as JSON, with asyncio's own faults"] = second.server.log.read_bytes()
    heard["what a start says that fails"] = starts["start"]
    heard["the stacks of a crash of main"] = stacks
    return heard, {"the cookie of a log-in": talk.cookie}


def _go_through(wall: CanaryWall, run: Run, talk: Talk) -> None:
    """Let all go wrong that can go wrong while the server goes on."""
    config = wall.file.read_text()
    eventually(lambda: '"live"' in run.get("/api/cameras/door"), timeout_s=_WITHIN_S)
    asyncio.run(talk.have())
    run.look()
    for number in (signal.SIGSEGV, signal.SIGABRT):
        eventually(functools.partial(run.has_crashed_worker, number), timeout_s=_WITHIN_S)
        run.look()
    wall.file.write_text(wall.wrong_file.read_text())
    eventually(lambda: "refused" in run.server.log.read_text(), timeout_s=_WITHIN_S)
    eventually(lambda: "heatwall_config_valid 0.0" in run.get("/metrics"), timeout_s=_WITHIN_S)
    asyncio.run(talk.scrape())
    wall.file.write_text(config)
    eventually(lambda: "heatwall_config_valid 1.0" in run.get("/metrics"), timeout_s=_WITHIN_S)
    for target in ("office", "away", "broker"):
        eventually(functools.partial(_is_away, run, target), timeout_s=_WITHIN_S)
    (wall.folder / "api.fault").touch()
    assert run.status("/metrics") == 500
    (wall.folder / "api.fault").unlink()


def _is_away(run: Run, target: str) -> bool:
    return f"alarms: {target} can't be told" in run.server.log.read_text()


def _commands(wall: CanaryWall) -> dict[str, list[str]]:
    file, password = str(wall.file), SECRETS["the password of a camera"]
    return {
        "check": ["check", file],
        "check of a file that is refused": ["check", str(wall.wrong_file)],
        "check --probe": ["check", file, "--probe"],
        "serve of a file that is refused": ["serve", str(wall.wrong_file)],
        "render of a camera": ["render", wall.working.replace("cam1", "other")],
        "render of a web camera": ["render", f"http://u:{password}@127.0.0.1:9/?pwd={password}"],
        "alarms test of a webhook": ["alarms", "test", file, "office"],
        "alarms test of a webhook that is away": ["alarms", "test", file, "away"],
        "alarms test of a broker": ["alarms", "test", file, "broker"],
        "versions": ["versions"],
    }
