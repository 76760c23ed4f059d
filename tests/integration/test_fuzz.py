"""Bytes that nobody would send, by the thousand, to everything that reads some from outside."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import WSMsgType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.targets import TARGETS, Target
from support.api import serving_api
from support.soak import amount

LED = amount(5_000, 100_000)
"""Inputs of each target that are led by coverage, a slow target's fewer."""

BLIND = amount(400, 4_000)
"""Inputs of each target that are made by changing what it understands."""

GARBAGE = 300
"""Messages to each WebSocket, and requests that are no HTTP."""

DRIVER = Path(__file__).parents[1] / "fuzz" / "drive.py"


@pytest.mark.timeout(1000)
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_no_input_that_coverage_leads_to_breaks_a_promise(target: Target, tmp_path: Path) -> None:
    command = [sys.executable, str(DRIVER), target.name, "--runs", str(LED)]
    ended = subprocess.run(
        command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=amount(150, 900)
    )

    assert ended.returncode == 0, f"{ended.stdout[-2000:]}\n{ended.stderr[-4000:]}"
    done = re.search(r"Done (\d+) runs", ended.stderr)
    assert done is not None
    assert int(done[1]) >= LED * target.share


@st.composite
def changed(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """Return what is understood with some pieces of it cut, doubled, moved or replaced."""
    raw = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(raw)))
        end = draw(st.integers(at, min(len(raw), at + 64)))
        piece = draw(st.one_of(st.binary(max_size=32), st.just(raw[at:end] * 3)))
        raw = raw[:at] + piece + raw[end:]
    return raw


@pytest.mark.timeout(600)
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_no_change_to_what_is_understood_breaks_a_promise(target: Target) -> None:
    @settings(
        max_examples=max(20, round(BLIND * target.share)),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(raw=changed(target.seeds))
    def run(raw: bytes) -> None:
        target.run(raw)

    run()


@pytest.mark.parametrize("path", ["/api/live", "/api/media"])
async def test_a_websocket_that_is_sent_rubbish_is_closed_and_the_server_lives(
    path: str, tmp_path: Path
) -> None:
    messages = _examples(
        st.one_of(
            st.text(max_size=300),
            st.binary(max_size=300),
            changed((b'{"type":"session","sid":"abc"}', b'{"slots":[{"slot":0}]}')),
        )
    )
    async with serving_api(tmp_path) as stand:
        for message in messages:
            async with stand.client.ws_connect(path) as socket:
                if isinstance(message, str):
                    await socket.send_str(message)
                else:
                    await socket.send_bytes(message)
                await socket.send_str("{}")  # if that was fit, this is not
                async with asyncio.timeout(10):
                    while (await socket.receive()).type not in (WSMsgType.CLOSE, WSMsgType.CLOSED):
                        pass
                assert socket.close_code == 1008
        assert (await stand.client.get("/healthz")).status == 200


async def test_what_is_no_http_is_refused_and_the_server_lives(tmp_path: Path) -> None:
    request = b"GET /api/cameras HTTP/1.1\r\nHost: wall\r\nContent-Length: 2\r\n\r\n{}"
    async with serving_api(tmp_path) as stand:
        for raw in _examples(changed((request, request.replace(b"GET", b"POST")))):
            assert isinstance(raw, bytes)
            answer = await _told(str(stand.client.host), int(stand.client.port or 0), raw)
            assert not re.match(rb"HTTP/1.\d 5", answer), raw
        assert (await stand.client.get("/healthz")).status == 200


async def test_a_body_that_is_no_text_is_refused(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        for body in (b'{"colormap": "\xff"}', b"\xff", b'{"\xc3": 1}'):
            address = "/api/cameras/door/overlay"
            response = await stand.client.patch(address, data=body)
            assert response.status == 400
            assert (await response.json())["error"]["code"] == "bad_json"


def _examples(strategy: st.SearchStrategy[str | bytes]) -> list[str | bytes]:
    """Return some of what a strategy makes; hypothesis itself runs no coroutines."""
    found: list[str | bytes] = []

    @settings(max_examples=GARBAGE, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def gather(example: str | bytes) -> None:
        found.append(example)

    gather()
    return found


async def _told(host: str, port: int, raw: bytes) -> bytes:
    """Send bytes to a port, close for writing, and return what comes back within a moment."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(raw)
        writer.write_eof()
        async with asyncio.timeout(15):
            return await reader.read(64)
    except ConnectionError:
        return b""
    finally:
        writer.close()
