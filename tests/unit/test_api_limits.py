from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest
from aiohttp import WSCloseCode, WSMsgType, WSServerHandshakeError

from heatwall.api import limits
from heatwall.api.limits import REFUSALS, WORK_PATHS
from heatwall.api.rights import NEEDS
from heatwall.buckets import Rate
from heatwall.forwarded import Proxy
from heatwall.refusals import Refusal
from support.api import ApiStand, serving_api
from support.sdp import Section, offer

PROXY = Proxy((ipaddress.ip_network("127.0.0.0/8"),))
SDP = {"Content-Type": "application/sdp"}
RESET = "/api/cameras/door/heat/reset"


def by(address: str) -> dict[str, str]:
    """Return the headers of a proxy that asks for `address`."""
    return {"X-Forwarded-For": address, "X-Forwarded-Proto": "http"}


@pytest.fixture
def stingy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make all buckets small, and so slow that no test sees them fill."""
    for name in ("CHANGES", "WORK", "MESSAGES"):
        monkeypatch.setattr(limits, name, Rate(burst=3, per_s=0.01))


async def code_of(stand: ApiStand, method: str, path: str, address: str) -> tuple[int, str]:
    answer = await stand.client.request(method, path, headers=by(address))
    code = (await answer.json())["error"]["code"] if answer.status >= 400 else ""
    return answer.status, code


@pytest.mark.usefixtures("stingy")
async def test_who_changes_too_much_waits_and_nobody_else_does(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving_api(tmp_path, proxy=PROXY) as stand:
        asked = [await code_of(stand, "POST", RESET, "192.0.2.1") for _ in range(4)]
        assert asked == [(204, "")] * 3 + [(429, "too_many")]
        answer = await stand.client.post(RESET, headers=by("192.0.2.1"))
        assert 90 <= int(answer.headers["Retry-After"]) <= 101
        assert (await code_of(stand, "POST", RESET, "192.0.2.2"))[0] == 204
        # Looking is another bucket, and what costs nothing has none.
        assert (await code_of(stand, "GET", "/api/counts.csv", "192.0.2.1"))[0] == 200
        for _ in range(5):
            assert (await code_of(stand, "GET", "/api/cameras", "192.0.2.1"))[0] == 200
        assert stand.client.app[REFUSALS].counts()[Refusal.TOO_MANY] == 2
        metrics = await (await stand.client.get("/metrics")).text()
        assert 'heatwall_requests_refused_total{reason="too_many"} 2.0' in metrics
    assert "192.0.2.1 asks too often" in caplog.text
    assert "192.0.2.2" not in caplog.text


@pytest.mark.usefixtures("stingy")
async def test_pictures_and_websockets_are_limited_by_address(tmp_path: Path) -> None:
    async with serving_api(tmp_path, proxy=PROXY) as stand:
        for _ in range(3):
            socket = await stand.client.ws_connect("/api/live", headers=by("2001:db8::1"))
            await socket.close()
        with pytest.raises(WSServerHandshakeError) as caught:
            await stand.client.ws_connect("/api/live", headers=by("2001:db8::2"))
        assert caught.value.status == 429
        path = "/api/cameras/door/snapshot.jpg"
        assert await code_of(stand, "GET", path, "2001:db8::3") == (429, "too_many")


@pytest.mark.usefixtures("stingy")
async def test_programs_on_this_machine_are_spared_but_not_whom_a_proxy_brings(
    tmp_path: Path,
) -> None:
    async with serving_api(tmp_path) as stand:  # which knows of no proxy
        for _ in range(6):
            assert (await stand.client.post(RESET)).status == 204
        asked = [(await code_of(stand, "POST", RESET, "192.0.2.1"))[0] for _ in range(4)]
        assert asked[-1] == 429


def test_every_path_that_is_limited_is_one_of_the_server() -> None:
    assert {("GET", path) for path in WORK_PATHS} <= set(NEEDS)


@pytest.mark.usefixtures("stingy")
@pytest.mark.parametrize("path", ["/api/live", "/api/media"])
async def test_a_page_that_says_too_much_is_told_and_closed(
    tmp_path: Path, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    said = '{"slots": []}' if path == "/api/media" else '{"type": "session", "sid": "x"}'
    async with serving_api(tmp_path) as stand:
        async with stand.client.ws_connect(path) as socket:
            for _ in range(4):
                await socket.send_str(said)
            while (message := await socket.receive(timeout=10)).type is WSMsgType.TEXT:
                pass
            assert (message.type, message.data) == (
                WSMsgType.CLOSE,
                WSCloseCode.POLICY_VIOLATION,
            )
            assert message.extra == "too many messages"
        assert stand.client.app[REFUSALS].counts()[Refusal.TOO_MANY_MESSAGES] == 1
    assert "too many messages" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "most"),
    [
        ("POST", "/api/login", 16 * 1024),
        ("PATCH", "/api/cameras/door/overlay", 16 * 1024),
        ("PATCH", "/whep/sessions/x", 16 * 1024),
        ("PUT", "/api/cameras/door/regions", 256 * 1024),
        ("POST", "/whep/door", 512 * 1024),
    ],
)
async def test_each_body_has_its_size(tmp_path: Path, method: str, path: str, most: int) -> None:
    kind = SDP if path == "/whep/door" else {"Content-Type": "application/json"}

    async def in_pieces(count: int) -> object:
        yield b"x" * count

    async with serving_api(tmp_path) as stand:
        for body in (b"x" * (most + 1), in_pieces(most + 1)):
            answer = await stand.client.request(method, path, data=body, headers=kind)
            assert answer.status == 413
            fault = (await answer.json())["error"]
            assert fault == {
                "code": "too_large",
                "message": f"The body may have {most} bytes at most.",
            }
        answer = await stand.client.request(method, path, data=b"x" * most, headers=kind)
        assert answer.status in (400, 406)


async def test_a_page_that_does_what_pages_do_is_never_refused(tmp_path: Path) -> None:
    async with serving_api(tmp_path, proxy=PROXY) as stand:
        who = by("192.0.2.1")
        for _ in range(64):  # a wall of 64 tiles asks for a still of each, twice
            for _ in range(2):
                path = "/api/cameras/door/heat.png?size=64x36"
                assert (await stand.client.get(path, headers=who)).status != 429
        answer = await stand.client.post("/whep/door", data=offer(Section()), headers=SDP | who)
        sid = answer.headers["Location"].rpartition("/")[2]
        for _ in range(100):  # a slider that is pulled for some seconds
            path = f"/whep/sessions/{sid}"
            assert (await stand.client.patch(path, json={"slots": []}, headers=who)).status == 204
