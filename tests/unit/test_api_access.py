"""Every route of the server, asked by nobody, by each role, and for a camera of somebody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar, WSMsgType

from heatwall.api.rights import NEEDS
from heatwall.delivery.session import SlotChange
from heatwall.forwarded import Proxy
from heatwall.values import Tier
from support.access import PASSWORD, TOKEN, guarded_config, log_in_body, quick_hash
from support.api import ApiStand, serving_api
from support.eventually import eventually_async
from support.sdp import Section, offer

OPEN = {"/api/login", "/api/logout", "/healthz", "/readyz"}
SCREEN = {"Authorization": f"Bearer {TOKEN}"}
SDP = {"Content-Type": "application/sdp"}
JSON = {"Content-Type": "application/json"}


def routes(stand: ApiStand) -> list[tuple[str, str]]:
    """Every method and address of the server's, but for the page's files."""
    found = []
    for route in stand.client.app.router.routes():
        assert route.resource is not None
        address = route.resource.canonical
        if address not in {"/", "/index.html"}:
            found.append((route.method, address))
    assert len(found) > 30
    return found


async def code_of(response: ClientResponse) -> str:
    code: str = (await response.json())["error"]["code"]
    return code


async def log_in(stand: ApiStand, user: str, password: str = PASSWORD) -> ClientResponse:
    body = log_in_body(user, password)
    return await stand.client.post("/api/login", data=body, headers=JSON)


async def test_every_route_says_what_it_needs(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        served = {("GET" if method == "HEAD" else method, at) for method, at in routes(stand)}
        assert served == set(NEEDS)


async def test_nobody_gets_anything_but_the_page_and_the_log_in(tmp_path: Path) -> None:
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        for method, address in routes(stand):
            if address in OPEN:
                continue
            at = address.replace("{id}", "door").replace("{sid}", "x")
            response = await stand.client.request(method, at)
            assert response.status == 401, f"{method} {address}"
            assert response.headers["WWW-Authenticate"].startswith("Bearer")
            if method != "HEAD":
                assert await code_of(response) == "log_in"
        for address in ("/", "/healthz", "/readyz"):
            assert (await stand.client.get(address)).status == 200
        assert stand.wall.asked == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": "Bearer"},
        {"Cookie": "heatwall=guess"},
        {"Cookie": f"heatwall={TOKEN}"},
    ],
)
async def test_what_is_no_token_and_no_log_in_opens_nothing(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        assert (await stand.client.get("/api/cameras", headers=headers)).status == 401


async def test_a_token_that_sees_one_camera_gets_no_other_by_any_route(tmp_path: Path) -> None:
    """A camera of somebody else answers as one that is not there, word for word."""
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        for method, address in routes(stand):
            if "{id}" not in address or method in {"OPTIONS", "HEAD"}:
                continue
            body: dict[str, Any] = {"headers": SCREEN | SDP, "data": offer(Section())}
            told = []
            for camera in ("till", "nowhere"):
                at = address.replace("{id}", camera)
                response = await stand.client.request(method, at, **body)
                assert response.status in {403, 404}, f"{method} {at}"
                told.append((await response.text()).replace(camera, "…"))
            assert told[0] == told[1], f"{method} {address}"
            is_to_look = NEEDS[method, address].role is not None and method == "GET"
            if is_to_look:
                assert "unknown_camera" in told[0]


async def test_what_tells_of_many_cameras_tells_of_those_that_may_be_seen(tmp_path: Path) -> None:
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        response = await stand.client.get("/api/cameras", headers=SCREEN)
        assert [camera["id"] for camera in (await response.json())["cameras"]] == ["door"]
        table = await (await stand.client.get("/api/counts.csv", headers=SCREEN)).text()
        assert "door" in table
        assert "till" not in table
        async with stand.client.ws_connect("/api/live", headers=SCREEN) as socket:
            for _ in range(2):
                message = await socket.receive_json(timeout=10)
                assert [camera["id"] for camera in message["cameras"]] == ["door"]


async def test_a_slot_can_not_be_given_a_camera_that_may_not_be_seen(tmp_path: Path) -> None:
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        at, body = "/whep?camera=till", offer(Section())
        refused = await stand.client.post(at, data=body, headers=SCREEN | SDP)
        assert (refused.status, await code_of(refused)) == (404, "unknown_camera")
        own = await stand.client.post("/whep?camera=door", data=body, headers=SCREEN | SDP)
        assert own.status == 201
        patch = {"slots": [{"slot": 0, "camera": "till", "tier": "tile"}]}
        refused = await stand.client.patch(own.headers["Location"], json=patch, headers=SCREEN)
        assert (refused.status, await code_of(refused)) == (404, "unknown_camera")
        async with stand.client.ws_connect("/api/media", headers=SCREEN) as socket:
            await socket.send_json(patch)
            message = await socket.receive(timeout=10)
            assert message.type is WSMsgType.CLOSE
        assert "till" not in {camera for _, camera, _ in stand.demand.calls}


async def test_the_metrics_need_a_right_to_all_cameras(tmp_path: Path) -> None:
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        refused = await stand.client.get("/metrics", headers=SCREEN)
        assert (refused.status, await code_of(refused)) == (403, "forbidden")
        headers = {"Authorization": f"bearer {TOKEN}-of-all"}
        assert (await stand.client.get("/metrics", headers=headers)).status == 200


async def test_a_session_is_of_who_has_opened_it(tmp_path: Path) -> None:
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        body, other = offer(Section()), {"Authorization": f"Bearer {TOKEN}-of-all"}
        made = await stand.client.post("/whep?camera=door", data=body, headers=SCREEN | SDP)
        at = made.headers["Location"]
        patch: dict[str, Any] = {"slots": []}
        for response in (
            await stand.client.patch(at, json=patch, headers=other),
            await stand.client.delete(at, headers=other),
        ):
            assert (response.status, await code_of(response)) == (404, "unknown_session")
        assert (await stand.client.patch(at, json=patch, headers=SCREEN)).status == 204
        assert (await stand.client.delete(at, headers=SCREEN)).status == 200


async def test_who_watches_too_often_is_told_so(tmp_path: Path) -> None:
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        at, body = "/whep?camera=door", offer(Section())
        for _ in range(2):
            made = await stand.client.post(at, data=body, headers=SCREEN | SDP)
            assert made.status == 201
        response = await stand.client.post(at, data=body, headers=SCREEN | SDP)
        assert response.status == 429
        assert await code_of(response) == "too_many_sessions"
        assert "Retry-After" in response.headers


async def test_a_browser_logs_in_and_out(tmp_path: Path) -> None:
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        response = await log_in(stand, "operator")
        told = await response.json()
        assert (response.status, told["user"]) == (200, "operator")
        assert told["rights"]["role"] == "operator"
        cookie = response.headers["Set-Cookie"]
        for word in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="):
            assert word in cookie
        assert "Secure" not in cookie  # over plain HTTP a browser would not send it
        assert (await (await stand.client.get("/api/me")).json())["user"] == "operator"
        assert (await stand.client.get("/api/cameras")).status == 200
        assert (await stand.client.post("/api/logout")).status == 204
        assert (await stand.client.get("/api/me")).status == 401


async def test_a_cookie_that_was_taken_along_opens_nothing_after_the_log_out(
    tmp_path: Path,
) -> None:
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        response = await log_in(stand, "operator")
        kept = {"Cookie": f"heatwall={response.cookies['heatwall'].value}"}
        assert (await stand.client.get("/api/me", headers=kept)).status == 200
        await stand.client.post("/api/logout", headers=kept)
        async with ClientSession(cookie_jar=CookieJar()) as other:
            url = stand.client.make_url("/api/me")
            assert (await other.get(url, headers=kept)).status == 401


async def test_a_wrong_password_and_an_unknown_user_are_answered_alike(tmp_path: Path) -> None:
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        wrong, unknown = await log_in(stand, "admin", "no"), await log_in(stand, "nobody", "no")
        assert (wrong.status, unknown.status) == (401, 401)
        assert await wrong.text() == await unknown.text()
        assert await code_of(wrong) == "bad_login"


async def test_who_guesses_has_to_wait(tmp_path: Path) -> None:
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        statuses = [(await log_in(stand, "admin", "no")).status for _ in range(8)]
        assert statuses == [401] * 6 + [429] * 2
        refused = await log_in(stand, "admin")  # the right one, too early
        assert (refused.status, await code_of(refused)) == (429, "too_many_tries")
        assert int(refused.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"user": "admin"}', 400),
        (b'{"user": 4, "password": "canary"}', 400),
        (b"\xff", 400),
    ],
)
async def test_a_log_in_that_is_none_is_refused(tmp_path: Path, body: bytes, status: int) -> None:
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        response = await stand.client.post("/api/login", data=body, headers=JSON)
        assert response.status == status
        assert "canary" not in await response.text()
        form = {"user": "admin", "password": PASSWORD}
        assert (await stand.client.post("/api/login", data=form)).status == 415


async def test_another_sites_page_logs_nobody_in(tmp_path: Path) -> None:
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        response = await stand.client.post(
            "/api/login",
            data=log_in_body("admin"),
            headers=JSON | {"Origin": "http://evil.example"},
        )
        assert response.status == 403
        assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("user", "camera", "status"),
    [
        ("viewer", "door", 403),
        ("boss", "door", 204),
        ("boss", "till", 404),
        ("operator", "till", 204),
        ("admin", "till", 204),
    ],
)
async def test_each_role_changes_what_it_may(
    tmp_path: Path, user: str, camera: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        await log_in(stand, user)
        response = await stand.client.post(f"/api/cameras/{camera}/heat/reset")
        assert response.status == status
    line = f"user {user}: POST /api/cameras/{camera}/heat/reset"
    assert (line in caplog.messages) is (status == 204)


async def test_everything_that_a_log_in_shows_ends_with_it(tmp_path: Path) -> None:
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        await log_in(stand, "operator")
        made = await stand.client.post("/whep?camera=door", data=offer(Section()), headers=SDP)
        assert made.status == 201
        async with (
            stand.client.ws_connect("/api/live") as live,
            stand.client.ws_connect("/api/media") as media,
        ):
            await eventually_async(lambda: len(stand.sessions) == 2)
            await stand.client.post("/api/logout")
            for socket in (live, media):
                while (message := await socket.receive(timeout=10)).type is WSMsgType.TEXT:
                    continue
                assert message.type is WSMsgType.CLOSE
                assert message.data == 4401
        await eventually_async(lambda: len(stand.sessions) == 0)


async def test_a_user_who_is_removed_sees_nothing_any_more(tmp_path: Path) -> None:
    async with serving_api(tmp_path, config=guarded_config()) as stand:
        await log_in(stand, "operator")
        await stand.client.post("/whep?camera=door", data=offer(Section()), headers=SDP)
        async with stand.client.ws_connect("/api/live") as live:
            await live.receive_json(timeout=10)
            users = {"other": {"password": quick_hash(), "role": "admin"}}
            stand.access.reconfigure(guarded_config(users=users))
            assert (await stand.client.get("/api/cameras")).status == 401
            while (message := await live.receive(timeout=10)).type is WSMsgType.TEXT:
                continue
            assert message.data == 4401
        await eventually_async(lambda: len(stand.sessions) == 0)


async def test_another_password_ends_the_log_ins_of_before(tmp_path: Path) -> None:
    config = guarded_config()
    async with serving_api(tmp_path, config=config) as stand:
        await log_in(stand, "operator")
        stand.access.reconfigure(config)
        assert (await stand.client.get("/api/me")).status == 200  # nothing has changed
        stand.access.reconfigure(guarded_config())  # the same password, salted anew
        assert (await stand.client.get("/api/me")).status == 401


async def test_a_camera_that_is_taken_away_goes_from_the_slots_that_show_it(
    tmp_path: Path,
) -> None:
    users = {"anna": {"password": quick_hash(), "role": "viewer"}}
    async with serving_api(tmp_path, config=guarded_config(users=users)) as stand:
        await log_in(stand, "anna")
        made = await stand.client.post(
            "/whep?camera=door&camera=till",
            data=offer(Section(), Section()),
            headers=SDP,
        )
        assert made.status == 201
        assert stand.sessions.viewers()["till"] == 1
        less = {"anna": users["anna"] | {"cameras": ["door"]}}
        stand.access.reconfigure(guarded_config(users=less))
        await eventually_async(lambda: stand.sessions.viewers()["till"] == 0)
        assert stand.sessions.viewers()["door"] == 1


async def test_the_open_door_closes_for_those_who_came_in_by_it(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        told = await (await stand.client.get("/api/me")).json()
        assert (told["user"], told["is_open"]) == (None, True)
        assert (await log_in(stand, "admin")).status == 409
        async with stand.client.ws_connect("/api/live") as live:
            await live.receive_json(timeout=10)
            stand.access.reconfigure(guarded_config())
            while (message := await live.receive(timeout=10)).type is WSMsgType.TEXT:
                continue
            assert message.data == 4401
        assert (await stand.client.get("/api/me")).status == 401


async def test_a_change_of_slots_by_the_server_itself_asks_nobody(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        sid, _ = await stand.sessions.create(offer(Section()), ["door"], Tier.TILE)
        await stand.sessions.patch(sid, [SlotChange(0, "till")])
        assert stand.sessions.viewers()["till"] == 1


async def test_below_a_prefix_nobody_gets_more(tmp_path: Path) -> None:
    proxy = Proxy(prefix="/heatwall")
    async with serving_api(tmp_path, config=guarded_config(), proxy=proxy) as stand:
        for at in ("/heatwall/api/cameras", "/heatwall/metrics", "/heatwall/api/cameras/door"):
            assert (await stand.client.get(at)).status == 401
            assert (await stand.client.get(at, headers=SCREEN)).status in {200, 403}
        assert (await stand.client.get("/heatwall/api/cameras/till", headers=SCREEN)).status == 404
        cookie = (await log_in(stand, "operator")).headers["Set-Cookie"]
        assert "Path=/heatwall" in cookie
