from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse

from heatwall.roles import Role, open_role
from support.api import EVERYBODY, ApiStand, serving_api

SAFE = {"GET", "HEAD", "OPTIONS"}
CHANGES = [
    ("PATCH", "/api/cameras/door/overlay"),
    ("POST", "/api/cameras/door/heat/reset"),
    ("POST", "/api/cameras/door/counts/reset"),
    ("PUT", "/api/cameras/door/regions"),
]
BODY: dict[str, Any] = {"lines": {}, "zones": {}}
"""Fit for each of them."""
LOCAL = open_role("auto", "127.0.0.1")


async def _error(response: ClientResponse) -> dict[str, Any]:
    error: dict[str, Any] = (await response.json())["error"]
    return error


async def _rights(stand: ApiStand, **headers: str) -> dict[str, Any]:
    response = await stand.client.get("/api/cameras", headers=headers)
    rights: dict[str, Any] = (await response.json())["rights"]
    return rights


def _changing_routes(stand: ApiStand) -> set[tuple[str, str]]:
    """Every route that is not there to look, with ids that exist in its address."""
    found = set()
    for route in stand.client.app.router.routes():
        assert route.resource is not None
        address = route.resource.canonical.replace("{id}", "door")
        if route.method not in SAFE and not address.startswith(("/whep", "/api/log")):
            found.add((route.method, address))
    return found


async def test_a_viewer_is_refused_by_every_route_that_changes_something(tmp_path: Path) -> None:
    async with serving_api(tmp_path, open_role=EVERYBODY[Role.VIEWER]) as stand:
        routes = _changing_routes(stand)
        assert routes >= set(CHANGES)
        for method, address in routes:
            response = await stand.client.request(method, address, json={})
            assert response.status == 403, f"{method} {address}"
            assert (await _error(response))["code"] == "forbidden"
        assert stand.wall.asked == []


async def test_a_viewer_looks_at_everything(tmp_path: Path) -> None:
    async with serving_api(tmp_path, open_role=EVERYBODY[Role.VIEWER]) as stand:
        for address in ("/", "/api/cameras", "/api/cameras/door/overlay", "/metrics"):
            assert (await stand.client.get(address)).status == 200


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
async def test_an_operator_and_an_admin_change_what_is_drawn_and_counted(
    tmp_path: Path, role: Role
) -> None:
    async with serving_api(tmp_path, open_role=EVERYBODY[role]) as stand:
        for method, address in CHANGES:
            response = await stand.client.request(method, address, json=BODY)
            assert response.status < 300
        assert len(stand.wall.asked) == len(CHANGES)


async def test_who_is_refused_is_told_what_would_be_needed(tmp_path: Path) -> None:
    async with serving_api(tmp_path, open_role=EVERYBODY[Role.VIEWER]) as stand:
        error = await _error(await stand.client.post("/api/cameras/door/heat/reset"))
        assert error["message"] == (
            "You are a viewer here, and this needs an operator; "
            "server.role in the config says who may do what."
        )


async def test_who_may_not_change_a_camera_is_not_told_whether_it_is_there(tmp_path: Path) -> None:
    async with serving_api(tmp_path, open_role=EVERYBODY[Role.VIEWER]) as stand:
        assert (await stand.client.post("/api/cameras/attic/heat/reset")).status == 403


@pytest.mark.parametrize(
    ("role", "can_operate", "can_save"),
    [(Role.VIEWER, False, False), (Role.OPERATOR, True, False), (Role.ADMIN, True, True)],
)
async def test_the_page_is_told_what_it_may_do(
    tmp_path: Path, role: Role, can_operate: bool, can_save: bool
) -> None:
    file, everybody = tmp_path / "wall.yaml", EVERYBODY[role]
    async with serving_api(tmp_path, open_role=everybody, config_file=file) as stand:
        told = {"role": role.value, "can_operate": can_operate, "can_save": can_save}
        assert await _rights(stand) == told
        async with stand.client.ws_connect("/api/live") as socket:
            for _ in range(2):  # what comes at once, and what comes with every second
                assert (await socket.receive_json(timeout=10))["rights"] == told


async def test_nobody_saves_where_there_is_no_config_file(tmp_path: Path) -> None:
    async with serving_api(tmp_path, open_role=EVERYBODY[Role.ADMIN]) as stand:
        assert await _rights(stand) == {"role": "admin", "can_operate": True, "can_save": False}


@pytest.mark.parametrize(
    ("headers", "role"),
    [
        ({}, "admin"),
        ({"Host": "localhost:8080"}, "admin"),
        ({"Host": "[::1]:8080"}, "admin"),
        ({"Host": "127.0.0.1"}, "admin"),
        ({"Host": "shop.example"}, "viewer"),
        ({"Host": "localhost.evil.example:8080"}, "viewer"),
        ({"Host": "["}, "viewer"),
        ({"X-Forwarded-For": "192.0.2.9"}, "viewer"),
        ({"X-Forwarded-Host": "shop.example"}, "viewer"),
        ({"Forwarded": "for=192.0.2.9"}, "viewer"),
    ],
)
async def test_who_comes_through_a_proxy_or_by_another_name_is_not_taken_for_this_machine(
    tmp_path: Path, headers: dict[str, str], role: str
) -> None:
    async with serving_api(tmp_path, open_role=LOCAL) as stand:
        assert (await _rights(stand, **headers))["role"] == role


async def test_another_sites_page_changes_nothing_by_a_name_of_its_own_for_this_machine(
    tmp_path: Path,
) -> None:
    rebound = {"Host": "evil.example:8080", "Origin": "http://evil.example:8080"}
    async with serving_api(tmp_path, open_role=LOCAL) as stand:
        for method, address in CHANGES:
            response = await stand.client.request(method, address, json={}, headers=rebound)
            assert response.status == 403
        assert stand.wall.asked == []


async def test_pages_with_other_rights_are_told_their_own(tmp_path: Path) -> None:
    async with (
        serving_api(tmp_path, open_role=LOCAL) as stand,
        stand.client.ws_connect("/api/live") as near,
        stand.client.ws_connect("/api/live", headers={"Host": "shop.example"}) as far,
    ):
        for _ in range(2):
            assert (await near.receive_json(timeout=10))["rights"]["role"] == "admin"
            assert (await far.receive_json(timeout=10))["rights"]["role"] == "viewer"
