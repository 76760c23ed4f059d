"""What a browser shows of the wall, as arrays."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np
from playwright.async_api import Page

from heatwall.values import ByteArray

KEEP_PEERS = """
globalThis.peers = [];
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...args) {
    super(...args);
    globalThis.peers.push(this);
  }
};
"""
"""Init script: keeps the peer connections that a page makes, for their statistics."""

_READ = """
([cameras, width, height]) => cameras.map((camera) => {
  const video = document.querySelector(`heat-tile[data-camera="${camera}"] video`);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(video, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  let text = "";
  for (let at = 0; at < data.length; at += 32768) {
    text += String.fromCharCode(...data.subarray(at, at + 32768));
  }
  return btoa(text);
})
"""

_RECEIVED = """
async () => {
  const report = { received: 0, lost: 0 };
  for (const peer of globalThis.peers) {
    for (const entry of (await peer.getStats()).values()) {
      if (entry.type === "inbound-rtp") {
        report.received += entry.framesReceived ?? 0;
        report.lost += entry.packetsLost ?? 0;
      }
    }
  }
  return report;
}
"""


async def pictures(page: Page, cameras: Sequence[str], width: int, height: int) -> list[ByteArray]:
    """Return what several tiles show at one moment: uint8 (height, width, 3) each, RGB."""
    found = []
    for text in await page.evaluate(_READ, [list(cameras), width, height]):
        flat: ByteArray = np.frombuffer(base64.b64decode(text), np.uint8)
        found.append(flat.reshape(height, width, 4)[..., :3])
    return found


async def picture(page: Page, camera: str) -> ByteArray:
    """Return what a tile shows now: uint8 (180, 320, 3), RGB."""
    return (await pictures(page, [camera], 320, 180))[0]


async def packets_lost(page: Page) -> int:
    """Return the packets that the page's connections lost so far."""
    report = await page.evaluate(_RECEIVED)
    return int(report["lost"])


async def playing(page: Page, camera: str, timeout_s: float = 30.0, beyond: int = 3) -> None:
    """Wait until a tile has presented more pictures than `beyond`."""
    selector = f'heat-tile[data-camera="{camera}"]'
    await page.wait_for_function(
        "([selector, beyond]) => Number(document.querySelector(selector)?.dataset.frames) > beyond",
        arg=[selector, beyond],
        timeout=timeout_s * 1000,
    )


async def tile(page: Page, camera: str) -> dict[str, str]:
    """Return the data attributes of a tile."""
    attributes: dict[str, str] = await page.evaluate(
        "camera => ({...document.querySelector(`heat-tile[data-camera='${camera}']`).dataset})",
        camera,
    )
    return attributes
