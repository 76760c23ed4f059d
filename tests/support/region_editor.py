"""The page's editor of lines and zones, as a hand and an eye have it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import yaml
from playwright.async_api import FloatRect, Locator, Page

from heatwall.shapes import Point
from heatwall.values import ByteArray
from support.fake_wall import FakeWall

DOOR = {"from": [0.1, 0.7], "to": [0.5, 0.7], "inside": "below"}
QUEUE = {"polygon": [[0.6, 0.4], [0.9, 0.4], [0.9, 0.8], [0.6, 0.8]]}


class RegionEditor:
    """Draws on the large picture of one page; places are shares of the picture."""

    def __init__(self, page: Page, box: FloatRect) -> None:
        self.page = page
        self._box = box

    @classmethod
    async def open(cls, page: Page, wall: FakeWall, camera: str = "cam1") -> RegionEditor:
        """Open the page with a large camera and its editor, once it knows what is there."""
        await page.goto(f"{wall.url}#{camera}")
        await page.wait_for_selector(f"heat-wall[data-focus='{camera}']:not([data-moving])")
        await page.keyboard.press("e")
        return await cls.ready(page)

    @classmethod
    async def ready(cls, page: Page) -> RegionEditor:
        """Wait for an editor that is being opened."""
        await page.wait_for_function(
            "() => document.querySelector('.region-yaml textarea')?.value.includes('zones:')"
        )
        await page.wait_for_selector("heat-wall:not([data-moving])")
        box = await page.locator(".drawing").bounding_box()
        assert box is not None
        return cls(page, box)

    def pixel(self, place: Point) -> Point:
        """Return where a place of the picture is on the screen."""
        x, y = place
        box = self._box
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    async def click(self, *places: Point) -> None:
        """Click at places of the picture."""
        for place in places:
            await self.page.mouse.click(*self.pixel(place))

    async def drag(self, start: Point, end: Point) -> None:
        """Press at one place and let go at another."""
        await self.page.mouse.move(*self.pixel(start))
        await self.page.mouse.down()
        await self.page.mouse.move(*self.pixel(end), steps=4)
        await self.page.mouse.up()

    async def press(self, name: str) -> None:
        """Press a button of the panel."""
        await self.button(name).click()

    def button(self, name: str) -> Locator:
        """Return a button of the panel."""
        return self.page.locator("#panel").get_by_role("button", name=name, exact=True)

    def row(self, name: str) -> Locator:
        """Return a shape's place in the list."""
        rows = self.page.locator(".region")
        return rows.filter(has=self.page.locator(".row-text").get_by_text(name, exact=True))

    def corner(self, index: int) -> Locator:
        """Return a corner of the selected shape in the picture."""
        return self.page.locator(f".corner[data-corner='{index}']")

    async def drawn(self) -> dict[str, Any]:
        """Return what is drawn, from the text to be pasted."""
        text = await self.page.locator(".region-yaml textarea").input_value()
        regions: dict[str, Any] = yaml.safe_load(text)
        return regions

    async def corners(self, zone: str) -> list[list[float]]:
        """Return a zone's corners."""
        corners: list[list[float]] = (await self.drawn())["zones"][zone]["polygon"]
        return corners

    async def pixels(self) -> ByteArray:
        """Return the picture on the screen with all that lies over it: uint8 (height, width, 3)."""
        return await self._shot(self._box)

    async def patch(self, place: Point) -> ByteArray:
        """Return the 41×41 pixels of the screen around a place."""
        x, y = self.pixel(place)
        return await self._shot({"x": round(x) - 20, "y": round(y) - 20, "width": 41, "height": 41})

    async def _shot(self, clip: FloatRect) -> ByteArray:
        shot = await self.page.screenshot(clip=clip)
        picture = cv2.imdecode(np.frombuffer(shot, np.uint8), cv2.IMREAD_COLOR)
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


def along(picture: ByteArray, start: Point, end: Point) -> Iterator[ByteArray]:
    """Yield what is at places along a line: the 9×9 pixels around each."""
    height, width = picture.shape[:2]
    for share in np.linspace(0.1, 0.9, 9):
        x = round((start[0] + (end[0] - start[0]) * share) * (width - 1))
        y = round((start[1] + (end[1] - start[1]) * share) * (height - 1))
        yield picture[max(0, y - 4) : y + 5, max(0, x - 4) : x + 5]


def share_of(picture: ByteArray, start: Point, end: Point, colour: tuple[int, int, int]) -> float:
    """Return at which share of places along a line a colour is to be seen."""
    found = [
        bool((np.abs(patch.astype(int) - colour).max(axis=-1) < 12).any())
        for patch in along(picture, start, end)
    ]
    return sum(found) / len(found)
