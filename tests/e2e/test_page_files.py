"""What the page is made of."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from support.fake_wall import WEB, fake_wall

LARGEST_START_BYTES = 80_000
"""Of all files that are loaded before anybody opens a panel, packed as the server sends them."""


@pytest.mark.e2e
async def test_the_page_is_light_and_asks_nobody_else(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    async with fake_wall(1) as wall:
        await page.goto(wall.url)
        await expect(page.locator("heat-tile")).to_have_attribute("data-picture", "playing")
        assert len(asked) > 10
        assert [url for url in asked if not url.startswith(wall.url)] == []
    files = {WEB / (urlsplit(url).path.removeprefix("/") or "index.html") for url in asked}
    packed = [len(gzip.compress(path.read_bytes())) for path in files if path.is_file()]
    assert len(packed) > 10
    assert sum(packed) <= LARGEST_START_BYTES


@pytest.mark.parametrize("path", sorted((WEB / "js").glob("*.js")), ids=lambda path: path.name)
def test_a_module_says_what_it_is_for_and_writes_text_as_text(path: Path) -> None:
    source = path.read_text()
    assert re.match(r"// .+\.\n", source)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", source)


def test_every_module_that_runs_at_the_start_is_loaded_ahead() -> None:
    page = (WEB / "index.html").read_text()
    at_start, found = set[str](), ["main"]
    while found:
        source = (WEB / "js" / f"{found.pop()}.js").read_text()
        imported = set(re.findall(r'^(?:import|\}) .*from "\./([\w-]+)\.js"', source, re.MULTILINE))
        found.extend(imported - at_start)
        at_start |= imported
    ahead = set(re.findall(r'modulepreload" href="js/([\w-]+)\.js"', page))

    assert ahead == at_start
