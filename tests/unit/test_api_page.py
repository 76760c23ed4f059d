from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from heatwall.api.page import page_routes
from heatwall.errors import StartError
from heatwall.forwarded import Proxy
from support.access import guarded_config
from support.api import serving_api


def _write(folder: Path, name: str, text: str = "x") -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_folder_without_a_page_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"index\.html"):
        page_routes(tmp_path)


async def _raw_status(port: int | None, address: str) -> int:
    """Ask for an address just as it is written; clients tidy it up."""
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        status = int((await reader.readline()).split()[1])
        await reader.read()
        writer.close()
        await writer.wait_closed()
        return status


async def test_the_page_and_its_parts_are_served_with_their_types(tmp_path: Path) -> None:
    page = tmp_path / "web"
    _write(page, "index.html", "<!doctype html>")
    _write(page, "js/main.js", "export {};")
    _write(page, "wall.css", "body {}")
    _write(page, "icon.svg", "<svg/>")
    async with serving_api(page) as stand:
        for address, content_type in (
            ("/", "text/html"),
            ("/index.html", "text/html"),
            ("/js/main.js", "text/javascript"),
            ("/wall.css", "text/css"),
            ("/icon.svg", "image/svg+xml"),
        ):
            response = await stand.client.get(address)
            assert (response.status, response.content_type) == (200, content_type)
            assert response.headers["Cache-Control"] == "no-cache"
        assert await (await stand.client.get("/js/main.js")).text() == "export {};"


async def test_a_browser_that_has_the_file_is_told_so(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        first = await stand.client.get("/")
        held = {"If-None-Match": first.headers["ETag"]}
        second = await stand.client.get("/", headers=held)
        assert second.status == 304
        assert second.headers["ETag"] == first.headers["ETag"]
        assert await second.read() == b""
        stale = await stand.client.get("/", headers={"If-None-Match": '"other"'})
        assert stale.status == 200


async def test_nothing_beside_the_pages_own_kinds_of_file_is_served(tmp_path: Path) -> None:
    page = tmp_path / "web"
    _write(page, "index.html")
    _write(page, "tsconfig.json")
    _write(page, ".hidden.js")
    _write(page, "node_modules/a.js")
    _write(tmp_path, "secret.js")
    (page / "out.js").symlink_to(tmp_path / "secret.js")
    async with serving_api(page) as stand:
        for address in (
            "/tsconfig.json",
            "/.hidden.js",
            "/node_modules/a.js",
            "/out.js",
            "/../secret.js",
            "/%2e%2e/secret.js",
            "/..%2fsecret.js",
            "//index.html",
            "/js",
        ):
            assert await _raw_status(stand.client.server.port, address) == 404, address
        assert await _raw_status(stand.client.server.port, "/") == 200


async def test_a_prefix_without_its_slash_leads_to_the_page(tmp_path: Path) -> None:
    async with serving_api(
        tmp_path, proxy=Proxy(prefix="/heatwall"), config=guarded_config()
    ) as stand:
        answer = await stand.client.get("/heatwall?view=2", allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (308, "/heatwall/?view=2")
