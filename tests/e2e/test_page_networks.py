"""The page in a real Chromium, in networks as shops have them; see `support.town`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect

from support.browser import ARGUMENTS, CHROMIUM
from support.coturn import coturn
from support.fake_wall import WEB
from support.town import (
    GATE,
    OUTSIDE,
    PORT,
    PORTS,
    SERVER,
    TURN_TCP,
    TURN_UDP,
    Town,
    network_town,
)

pytestmark = pytest.mark.e2e

_PICTURES_MS = 30_000
"""A fallback takes five seconds of patience, and a busy machine its time."""

KEEP_PEERS = """
globalThis.peers = [];
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...args) {
    super(...args);
    peers.push(this);
  }
};
"""
WAY = """
async () => {
  for (const peer of peers.filter(({ connectionState }) => connectionState === "connected")) {
    const stats = [...(await peer.getStats()).values()];
    const pair = stats.find(({ type, nominated, state }) =>
      type === "candidate-pair" && nominated && state === "succeeded");
    const of = (id) => stats.find((entry) => entry.id === id);
    if (pair) return [of(pair.localCandidateId).candidateType, of(pair.remoteCandidateId).address];
  }
  return null;
}
"""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with network_town(tmp_path) as town:
        yield town


@asynccontextmanager
async def _page(town: Town, host: str) -> AsyncIterator[Page]:
    """Open the wall in a Chromium on the viewer's machine."""
    start = town.folder / "chromium"
    start.write_text(f'#!/bin/sh\nexec {" ".join(town.viewer.enter)} {CHROMIUM} "$@"\n')
    start.chmod(0o755)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=start, args=ARGUMENTS)
        page = await browser.new_page()
        await page.add_init_script(KEEP_PEERS)
        await page.goto(f"http://{host}:{PORT}/")
        yield page
        await browser.close()


async def _way(page: Page) -> Any:
    """Return by what the pictures come, and from where, once they do."""
    tile = page.locator("heat-tile[data-picture='playing']")
    await expect(tile).to_have_count(1, timeout=_PICTURES_MS)
    transport = await tile.get_attribute("data-transport")
    return await page.evaluate(WAY) if transport == "webrtc" else transport


async def test_a_page_behind_a_nat_reaches_what_docker_publishes(town: Town) -> None:
    town.publish(f"-t nat -A PREROUTING -d {GATE} -p udp --dport 50000:50007 -j DNAT --to {SERVER}")
    with town.serving(WEB, ports=PORTS, announce=[GATE]):
        async with _page(town, GATE) as page:
            local, address = await _way(page)
    assert (local in {"host", "prflx"}, address) == (True, GATE)


@pytest.mark.parametrize("turn", [TURN_UDP, TURN_TCP], ids=["udp", "tcp"])
async def test_a_page_whose_only_way_is_turn_takes_it(town: Town, turn: dict[str, str]) -> None:
    town.route_to_server()
    blocked = town.middle if turn is TURN_UDP else town.viewer_gate
    blocked.rules("-A FORWARD -p udp -j DROP")
    with (
        coturn(town.middle, OUTSIDE, town.folder),
        town.serving(WEB, turn=[turn], announce=[SERVER]),
    ):
        async with _page(town, SERVER) as page:
            assert await _way(page) == ["relay", SERVER]


async def test_a_page_without_any_udp_shows_mp4(town: Town) -> None:
    town.route_to_server()
    town.viewer_gate.rules("-A FORWARD -p udp -j DROP")
    with town.serving(WEB):
        async with _page(town, SERVER) as page:
            assert await _way(page) == "mp4"
