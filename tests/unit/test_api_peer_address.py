from __future__ import annotations

import ipaddress
from pathlib import Path

from heatwall.forwarded import Proxy
from heatwall.roles import OpenRole, Role
from support.api import serving_api
from support.sdp import Section, offer

NGINX = Proxy((ipaddress.ip_network("127.0.0.1"),), prefix="/heatwall")
NEAR_IS_ADMIN = OpenRole(Role.ADMIN, Role.VIEWER)


async def test_a_prefix_may_be_cut_off_or_passed_on(tmp_path: Path) -> None:
    async with serving_api(tmp_path, proxy=NGINX) as stand:
        for prefix in ("", "/heatwall"):
            for path in ("/", "/api/cameras", "/metrics"):
                assert (await stand.client.get(prefix + path)).status == 200
            answer = await stand.client.post(
                f"{prefix}/whep/door",
                data=offer(Section()),
                headers={"Content-Type": "application/sdp"},
            )
            assert answer.headers["Location"].startswith("/heatwall/whep/sessions/")
            assert (await stand.client.delete(answer.headers["Location"])).status == 200


async def test_a_page_behind_a_proxy_has_the_proxys_origin(tmp_path: Path) -> None:
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "shop.example"}
    async with serving_api(tmp_path, proxy=NGINX) as stand:
        for origin, status in [
            ("https://shop.example", 204),
            ("http://shop.example", 403),
            ("https://evil.example", 403),
        ]:
            answer = await stand.client.post(
                "/heatwall/api/cameras/door/heat/reset", headers=told | {"Origin": origin}
            )
            assert answer.status == status


async def test_a_proxy_on_this_machine_makes_nobody_an_admin(tmp_path: Path) -> None:
    async with serving_api(tmp_path, proxy=NGINX, open_role=NEAR_IS_ADMIN) as stand:
        body = await (await stand.client.get("/api/cameras")).json()
        assert body["rights"]["role"] == "viewer"
    async with serving_api(tmp_path, open_role=NEAR_IS_ADMIN) as stand:
        body = await (await stand.client.get("/api/cameras")).json()
        assert body["rights"]["role"] == "admin"
