"""One camera's MP4 in a video element: live, bounded, and never without a way on."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page

from support.fake_wall import FakeWall, fake_wall

pytestmark = pytest.mark.e2e

RECORD = """
async (address) => {
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  const segments = [];
  await new Promise((done) => {
    socket.addEventListener("open", () => {
      socket.send(JSON.stringify({slots: [{slot: 0, camera: "cam2", tier: "tile"}]}));
    });
    socket.addEventListener("message", ({data}) => {
      const bytes = new Uint8Array(data);
      const [, kind, length] = bytes;
      const codec = kind === 0 ? new TextDecoder().decode(bytes.subarray(3, 3 + length)) : "";
      segments.push([kind, bytes.slice(kind === 0 ? 3 + length : 2), codec]);
      if (segments.length === 16) done();
    });
  });
  socket.close();
  const {Reel} = await import("/js/reel.js");
  const video = document.createElement("video");
  video.muted = true;
  document.body.replaceChildren(video);
  globalThis.seen = {gaps: 0, blanks: 0};
  globalThis.video = video;
  globalThis.reel = new Reel(() => { seen.gaps += 1; });
  globalThis.playIt = () => reel.playIn(video, () => { seen.blanks += 1; });
  globalThis.pushAll = () => { for (const segment of segments) reel.push(...segment); };
  globalThis.segments = segments;
}
"""
"""An init segment and the fifteen fragments after it, and a reel that the test alone feeds."""

END = "(video.buffered.length ? video.buffered.end(video.buffered.length - 1) : 0)"


async def recorded(page: Page, wall: FakeWall) -> None:
    await page.goto(f"{wall.url}api/cameras")
    await page.evaluate(RECORD, wall.url.replace("http", "ws") + "api/media")


async def push_all(page: Page) -> None:
    """Push the recording once more and wait until all of it is in the buffer."""
    end = float(await page.evaluate(END))
    await page.evaluate("pushAll()")
    await page.wait_for_function(f"(end) => {END} > end + 0.9", arg=end)


async def test_it_plays_at_the_live_end_and_forgets_what_is_long_past(page: Page) -> None:
    async with fake_wall(2, fps=15) as wall:
        await recorded(page, wall)
        await page.evaluate("playIt()")
        for _ in range(40):
            await push_all(page)
        state: dict[str, Any] = await page.evaluate(
            f"({{end: {END}, start: video.buffered.start(0), ranges: video.buffered.length,"
            " at: video.currentTime, ...seen})"
        )
        assert state["end"] > 35
        assert state["ranges"] == 1, "each recording begins at 0 again, and is shown after the last"
        assert state["end"] - state["start"] < 25
        assert state["at"] > state["start"]
        assert state["gaps"] == state["blanks"] == 0
        await page.wait_for_function(f"() => {END} - video.currentTime < 1")


async def test_what_comes_faster_than_it_can_be_appended_is_dropped_up_to_an_idr(
    page: Page,
) -> None:
    async with fake_wall(2, fps=15) as wall:
        await recorded(page, wall)
        # Nothing is appended before it plays.
        await page.evaluate(
            "pushAll(); for (const _ of [1, 2, 3, 4]) "
            "for (const segment of segments.slice(1)) reel.push(...segment);"
        )
        assert await page.evaluate("seen.gaps") == 1
        assert 20 < await page.evaluate("reel.arrivals.dropped") < 75
        await page.evaluate("playIt()")
        await push_all(page)
        await page.wait_for_function("() => video.currentTime > 0")
        assert await page.evaluate("seen.blanks") == 0


async def test_rubbish_is_survived_with_another_decoder(page: Page) -> None:
    async with fake_wall(2, fps=15) as wall:
        await recorded(page, wall)
        await page.evaluate("playIt()")
        await push_all(page)
        await page.evaluate("reel.push(2, new Uint8Array(500).fill(255), '')")
        await page.wait_for_function("() => seen.blanks === 1 && seen.gaps === 1")
        await page.evaluate("pushAll()")
        await page.wait_for_function(f"() => {END} > 0.9 && video.currentTime > 0 && !video.error")


async def test_a_full_buffer_is_begun_anew(page: Page) -> None:
    async with fake_wall(2, fps=15) as wall:
        await recorded(page, wall)
        await page.evaluate("playIt()")
        await push_all(page)
        await page.evaluate(
            """() => {
              const append = SourceBuffer.prototype.appendBuffer;
              SourceBuffer.prototype.appendBuffer = function () {
                SourceBuffer.prototype.appendBuffer = append;
                throw new DOMException("full", "QuotaExceededError");
              };
              reel.push(...segments.at(-1));
            }"""
        )
        await page.wait_for_function("() => seen.blanks === 1 && seen.gaps === 1")
        await push_all(page)
        await page.wait_for_function("() => video.currentTime > 0 && !video.error")


async def test_it_gives_the_element_back(page: Page) -> None:
    async with fake_wall(2, fps=15) as wall:
        await recorded(page, wall)
        await page.evaluate("playIt()")
        await push_all(page)
        await page.evaluate("reel.leave(); reel.leave(); pushAll()")
        assert not await page.evaluate("video.hasAttribute('src')")
        assert await page.evaluate("video.readyState") == 0
