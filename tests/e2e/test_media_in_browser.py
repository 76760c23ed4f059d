"""What `/api/media` sends, in a browser's Media Source Extensions."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page

from support.fake_video import SIZES
from support.fake_wall import FakeWall, fake_wall

pytestmark = pytest.mark.e2e

_PLAYER = """
(address) => {
  const video = document.createElement("video");
  video.muted = true;
  document.body.replaceChildren(video);
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  const waiting = [];
  const player = { video, socket, inits: 0, errors: [], opened: new Promise((done) => {
    socket.addEventListener("open", done);
  }) };
  globalThis.player = player;
  let buffer = null;
  const append = () => {
    if (!buffer || buffer.updating || waiting.length === 0) return;
    try {
      buffer.appendBuffer(waiting.shift());
    } catch (error) {
      player.errors.push(String(error));
    }
  };
  video.addEventListener("error", () => player.errors.push(video.error.message));
  socket.addEventListener("message", ({ data }) => {
    const bytes = new Uint8Array(data);
    let body = bytes.subarray(2);
    if (bytes[1] === 0) {
      player.inits += 1;
      const codec = new TextDecoder().decode(body.subarray(1, 1 + body[0]));
      body = body.subarray(1 + body[0]);
      if (!buffer) {
        buffer = source.addSourceBuffer(`video/mp4; codecs="${codec}"`);
        buffer.addEventListener("updateend", append);
        buffer.addEventListener("error", () => player.errors.push("buffer"));
        video.play();
      } else {
        buffer.changeType(`video/mp4; codecs="${codec}"`);
      }
    }
    waiting.push(body);
    append();
  });
}
"""

_SHOW = """
async (slots) => {
  await player.opened;
  player.socket.send(JSON.stringify({ slots }));
}
"""

_STATE = """
() => ({
  errors: player.errors,
  inits: player.inits,
  time: player.video.currentTime,
  ranges: player.video.buffered.length,
  behind: player.video.buffered.length
    ? player.video.buffered.end(0) - player.video.currentTime : null,
})
"""

_TO_THE_LIVE_END = """
() => {
  const { video } = player;
  video.currentTime = Math.max(video.currentTime, video.buffered.end(0) - 0.2);
  return video.currentTime;
}
"""


async def _play(page: Page, wall: FakeWall) -> None:
    await page.goto(f"{wall.url}api/cameras")
    await page.evaluate(_PLAYER, wall.url.replace("http", "ws") + "api/media")


async def _show(page: Page, camera: str, tier: str, inits: int) -> None:
    """Show something, as the `inits`-th of all, and wait until it is seen."""
    await page.evaluate(_SHOW, [{"slot": 0, "camera": camera, "tier": tier}])
    await page.wait_for_function(
        "([width, height, inits]) => player.errors.length || (player.inits >= inits "
        "&& player.video.videoWidth === width && player.video.videoHeight === height "
        "&& player.video.currentTime > 0)",
        arg=[*SIZES[tier], inits],
        timeout=20_000,
    )


async def _state(page: Page) -> dict[str, Any]:
    state: dict[str, Any] = await page.evaluate(_STATE)
    assert state["errors"] == []
    return state


async def test_a_browser_plays_on_through_changes_of_camera_and_tier(page: Page) -> None:
    async with fake_wall(2, fps=15) as wall:
        await _play(page, wall)
        shown = [("cam1", "tile"), ("cam2", "tile"), ("cam2", "focus"), ("cam1", "tile")]
        for inits, (camera, tier) in enumerate(shown, start=1):
            await _show(page, camera, tier, inits)
            state = await _state(page)
            assert state["inits"] == inits
            assert state["ranges"] == 1, "one picture ends where the next begins"
        # A plain player never hurries: what a busy machine held up until now would stay behind.
        at_s = await page.evaluate(_TO_THE_LIVE_END)
        await page.wait_for_function("(at) => player.video.currentTime > at + 1.5", arg=at_s)
        state = await _state(page)
        assert state["ranges"] == 1
        assert state["behind"] < 1.0, "it shows what is live"
        assert len(wall.media.heard) == 4
        assert wall.media.count("start") <= 4


async def test_a_picture_that_stood_still_goes_on_without_a_gap(page: Page) -> None:
    async with fake_wall(1, fps=15) as wall:
        await _play(page, wall)
        await _show(page, "cam1", "tile", 1)
        wall.cameras["cam1"].has_pictures = False
        await page.wait_for_function("() => player.video.readyState < 3", timeout=10_000)
        at_s = (await _state(page))["time"]
        wall.cameras["cam1"].has_pictures = True
        await page.wait_for_function("(at) => player.video.currentTime > at + 0.5", arg=at_s)
        assert (await _state(page))["ranges"] == 1


async def test_a_snapshot_opens_as_a_picture(page: Page) -> None:
    async with fake_wall(1) as wall:
        await page.goto(f"{wall.url}api/cameras/cam1/snapshot.jpg?tier=focus")
        size = await page.evaluate(
            "() => [document.images[0].naturalWidth, document.images[0].naturalHeight]"
        )
        assert size == list(SIZES["focus"])
