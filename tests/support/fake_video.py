"""Moving pictures of a shop that does not exist, cheap enough for 25 at once."""

from __future__ import annotations

import asyncio
import fractions
import math
import time

import cv2
import numpy as np
import numpy.typing as npt
from aiortc import MediaStreamTrack
from av import VideoFrame

Picture = npt.NDArray[np.uint8]

SIZES: dict[str, tuple[int, int]] = {"tile": (320, 180), "focus": (960, 540)}
"""Width and height of each tier, in pixels: different, so that a test can tell them apart."""

_CLOCK_HZ = 90000
_TIME_BASE = fractions.Fraction(1, _CLOCK_HZ)
_SHELF_COLOURS = [(86, 92, 104), (70, 84, 112), (92, 100, 96), (104, 94, 84)]
_COAT_COLOURS = [(64, 74, 150), (146, 120, 66), (86, 132, 92), (150, 142, 138), (60, 60, 64)]


class FakeShop:
    """The scene of one camera: floor, shelves, standing heat, and people who walk about."""

    def __init__(self, seed: int, people: int) -> None:
        self.is_still = False
        self._random = np.random.default_rng(seed)
        self._walks = self._random.uniform(0.2, 1.0, (people, 6))
        self._backgrounds = {tier: self._background(*size) for tier, size in SIZES.items()}

    def picture(self, tier: str, at_s: float) -> Picture:
        """Return the picture at a time: uint8 (H, W, 3), BGR."""
        picture = self._backgrounds[tier].copy()
        height, width = picture.shape[:2]
        for index, walk in enumerate(self._walks):
            x, y = _stroll(walk, 0.0 if self.is_still else at_s)
            _draw_person(picture, (x * width, y * height), _COAT_COLOURS[index % 5])
        return picture

    def _background(self, width: int, height: int) -> Picture:
        rows = np.linspace(0, 1, height)[:, None, None]
        floor = np.array([112, 120, 126]) * (0.55 + 0.5 * rows)
        picture = np.ascontiguousarray(np.broadcast_to(floor, (height, width, 3)), np.uint8)
        picture[: int(height * 0.3)] = (58, 62, 68)
        for index in range(4):
            _draw_shelf(picture, index, _SHELF_COLOURS[index])
        return self._with_heat(picture)

    def _with_heat(self, picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
        heat = np.zeros((height, width), np.float32)
        for walk in self._walks:
            for step in range(14):
                x, y = _stroll(walk, step * 0.9)
                squared = ((columns / width - x) / 0.07) ** 2 + ((rows / height - y) / 0.09) ** 2
                heat += 0.22 * np.exp(-squared)
        shown = np.clip(heat, 0, 1) ** 0.7
        colour = cv2.applyColorMap((shown * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
        alpha = (np.minimum(1, 2.2 * shown) * 0.65)[:, :, None]
        return np.asarray(picture * (1 - alpha) + colour * alpha, np.uint8)


class SlotTrack(MediaStreamTrack):
    """The video of one slot: what it shows can change at any frame."""

    kind = "video"

    def __init__(self, fps: float) -> None:
        super().__init__()
        self.shop: FakeShop | None = None
        self.tier = "tile"
        self._period_s = 1 / fps
        self._start_s = time.monotonic()
        self._next_s = self._start_s

    async def recv(self) -> VideoFrame:
        """Return the next frame; waits while the slot shows nothing."""
        while True:
            self._next_s = max(self._next_s + self._period_s, time.monotonic())
            await asyncio.sleep(self._next_s - time.monotonic())
            if self.shop is not None:
                break
        picture = self.shop.picture(self.tier, time.time())
        frame = VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts = int((time.monotonic() - self._start_s) * _CLOCK_HZ)
        frame.time_base = _TIME_BASE
        return frame


def _stroll(walk: npt.NDArray[np.float64], at_s: float) -> tuple[float, float]:
    """Return where somebody stands, as shares of width and height."""
    x = 0.5 + 0.4 * math.sin(at_s * walk[0] * 0.5 + walk[1] * 9) * walk[2]
    y = 0.66 + 0.24 * math.sin(at_s * walk[3] * 0.4 + walk[4] * 9) * walk[5]
    return x, y


def _draw_person(picture: Picture, foot: tuple[float, float], coat: tuple[int, int, int]) -> None:
    height = picture.shape[0]
    x, y = round(foot[0]), round(foot[1])
    tall = max(6, round(y * 0.3))
    half = max(2, tall // 6)
    cv2.ellipse(picture, (x, y), (half * 2, half // 2 + 1), 0, 0, 360, (50, 52, 54), -1)
    cv2.line(picture, (x, y - half), (x, y - round(tall * 0.75)), coat, half * 2, cv2.LINE_AA)
    head = (x, y - round(tall * 0.95))
    cv2.circle(picture, head, max(1, half * 4 // 5), (150, 176, 206), -1, cv2.LINE_AA)
    box = (80, 160, 255)
    corner = (x - half * 2, max(0, y - tall - half))
    cv2.rectangle(picture, corner, (x + half * 2, min(height - 1, y + 2)), box, 1)


def _draw_shelf(picture: Picture, index: int, colour: tuple[int, int, int]) -> None:
    height, width = picture.shape[:2]
    left, right = (round(width * (0.04 + 0.24 * index + step)) for step in (0, 0.2))
    top, bottom = round(height * 0.12), round(height * 0.46)
    cv2.rectangle(picture, (left, top), (right, bottom), colour, -1)
    for board in range(1, 4):
        y = top + (bottom - top) * board // 4
        goods = np.random.default_rng(index * 7 + board).integers(60, 170, (14, 3))
        for place, good in enumerate(goods):
            x = left + (right - left) * place // 14
            tall = (bottom - top) // 6 + place % 3
            cv2.rectangle(picture, (x, y - tall), (x + width // 80, y), good.tolist(), -1)
        cv2.line(picture, (left, y), (right, y), (40, 44, 50), max(1, height // 180))
