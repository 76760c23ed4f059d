"""What the page is made of."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from support.fake_wall import WEB, fake_wall

LARGEST_PAGE_BYTES = 150_000


@pytest.mark.e2e
async def test_the_page_is_light_and_asks_nobody_else(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    async with fake_wall(1) as wall:
        await page.goto(wall.url)
        await expect(page.locator("heat-tile")).to_have_attribute("data-picture", "playing")
        assert len(asked) > 10
        assert [url for url in asked if not url.startswith(wall.url)] == []
    files = [path for path in WEB.rglob("*") if path.suffix in {".html", ".css", ".js", ".svg"}]
    # As they go out; also what is loaded later, or never.
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) <= LARGEST_PAGE_BYTES


@pytest.mark.parametrize("path", sorted((WEB / "js").glob("*.js")), ids=lambda path: path.name)
def test_a_module_says_what_it_is_for_and_writes_text_as_text(path: Path) -> None:
    source = path.read_text()
    assert re.match(r"// .+\.\n", source)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", source)


def test_every_module_that_runs_at_the_start_is_loaded_ahead() -> None:
    page = (WEB / "index.html").read_text()
    needed, found = {"main"}, set()
    while needed:
        name = needed.pop()
        found.add(name)
        source = (WEB / "js" / f"{name}.js").read_text()
        needed |= set(re.findall(r'from "\./([\w-]+)\.js"', source)) - found
    ahead = set(re.findall(r'modulepreload" href="js/([\w-]+)\.js"', page))

    assert ahead == found - {"main"}
