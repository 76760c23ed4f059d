"""Takes pictures of every view of the wall, to be looked at: `python tests/pictures/screens.py`.

Real server, simulated cameras, the demo model; the pictures go to `build/screens`. With fewer cores
than cameras the larger walls are slow, and say so on their tiles, as they should.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from playwright.async_api import Browser, Page, async_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from heatwall.demo import camera_settings
from heatwall.simulator.weights import DEMO, DEMO_IOU, IMAGE_PX
from support.browser import ARGUMENTS, CHROMIUM

_TARGET = Path(__file__).parents[2] / "build" / "screens"
_FULL_HD, _LAPTOP, _PHONE = (1920, 1080), (1440, 900), (390, 844)
_OFFLINE = ("cam3=off", "cam4=stall@20s")
_SETTLE_MS = 1500
_END_S = 5.0


@dataclass(frozen=True, slots=True)
class Screen:
    """One picture.

    Attributes:
        name: Of its file.
        size: Of the window, CSS pixels.
        address: What follows the page's address.
        steps: What is done before the picture is taken.
    """

    name: str
    size: tuple[int, int] = _FULL_HD
    address: str = ""
    steps: Callable[[Page], Awaitable[None]] | None = None


def pressed(*keys: str) -> Callable[[Page], Awaitable[None]]:
    """Return a step that presses keys one after the other."""

    async def press(page: Page) -> None:
        for key in keys:
            await page.keyboard.press(key)
            await page.wait_for_timeout(_SETTLE_MS)

    return press


async def _drag_a_zoom(page: Page) -> None:
    await page.mouse.move(700, 520)
    for _ in range(4):
        await page.mouse.wheel(0, -200)
        await page.wait_for_timeout(100)


SCREENS: dict[int, tuple[Screen, ...]] = {
    1: (Screen("1"),),
    4: (
        Screen("4"),
        Screen("4-light", _LAPTOP, "?theme=light"),
        Screen("4-phone", _PHONE),
        Screen("4-figures", _LAPTOP, steps=pressed("i")),
        Screen("focus", _LAPTOP, "#cam3"),
        Screen("focus-light", _LAPTOP, "?theme=light#cam1"),
        Screen("focus-zoomed", _LAPTOP, "#cam3", _drag_a_zoom),
        Screen("focus-phone", _PHONE, "#cam3"),
        Screen("focus-figures", _LAPTOP, "#cam2", pressed("i")),
        Screen("heat-controls", _LAPTOP, steps=pressed("h")),
        Screen("heat-controls-phone", _PHONE, "?theme=light", pressed("h")),
        Screen("editor", _LAPTOP, "#cam1", pressed("e")),
        Screen("keys", _LAPTOP, steps=pressed("?")),
        Screen("side", _LAPTOP, "?layout=side"),
        Screen("4k", (3840, 2160)),
    ),
    9: (Screen("9"), Screen("9-phone", _PHONE), Screen("9-two-by-two", _LAPTOP, "?layout=2")),
    16: (Screen("16"), Screen("16-phone", _PHONE), Screen("16-light", _LAPTOP, "?theme=light")),
    25: (Screen("25"),),
}
"""By the number of cameras."""

OFFLINE = (
    Screen("offline"),
    Screen("offline-light", _LAPTOP, "?theme=light"),
    Screen("offline-focus", _LAPTOP, "#cam3"),
    Screen("offline-phone", _PHONE),
)
"""Of four cameras, one that is off and one that stands still."""


@contextlib.contextmanager
def child(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a module of the server until the context ends."""
    command = [sys.executable, "-m", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            # The cameras end with their input; the server when it is told.
            if process.stdin is not None:
                process.stdin.close()
            if "--exit-with-stdin" not in arguments:
                process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_END_S)
            process.kill()


@contextlib.contextmanager
def running(cameras: int, faults: tuple[str, ...] = ()) -> Iterator[str]:
    """Run simulated cameras and a server for them; yields the page's address."""
    simulate = ["heatwall.simulator.simulate", "--cameras", str(cameras), "--port", "0"]
    simulate += ["--json", "--exit-with-stdin"]
    simulate += [part for fault in faults for part in ("--fault", fault)]
    with tempfile.TemporaryDirectory() as folder, child(*simulate) as store:
        urls = json.loads(_line(store))["urls"]
        config = Path(folder) / "wall.yaml"
        settings = {
            "server": {"state": "none"},
            "model": {"path": DEMO, "imgsz": IMAGE_PX, "iou": DEMO_IOU},
            "cameras": {
                f"cam{index + 1}": camera_settings(index, url) for index, url in enumerate(urls)
            },
            "groups": {
                "front": {"name": "Front of house", "cameras": ["cam1"]},
                "floor": {"name": "Floor", "cameras": [f"cam{n + 1}" for n in range(1, cameras)]},
            },
        }
        if cameras == 1:
            del settings["groups"]
        config.write_text(
            yaml.safe_dump(json.loads(json.dumps(settings)), sort_keys=False), encoding="utf-8"
        )
        with child("heatwall.cli", "serve", str(config), "--port", "0") as server:
            yield next(word for word in _line(server).split() if word.startswith("http"))


def _line(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout else ""
    return line or sys.exit("the server or its cameras did not start")


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run Chromium until the context ends."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


async def take(browser: Browser, address: str, screen: Screen, wait_s: float) -> None:
    """Open the wall in one way and take its picture."""
    width, height = screen.size
    page = await browser.new_page(
        viewport={"width": width, "height": height},
        has_touch=width < 720,
        device_scale_factor=2 if width < 720 else 1,
    )
    await page.goto(f"{address}/{screen.address}")
    # Any of them, also one that a large camera hides.
    playing = "heat-tile[data-picture='playing']"
    await page.wait_for_selector(playing, state="attached", timeout=60_000)
    await page.wait_for_timeout(wait_s * 1000)
    if screen.steps is not None:
        await screen.steps(page)
    await page.wait_for_timeout(_SETTLE_MS)
    await page.screenshot(path=_TARGET / f"{screen.name}.png")
    await page.close()


async def take_all(
    browser: Browser, address: str, screens: tuple[Screen, ...], heat_s: float
) -> None:
    """Take pictures of one wall once there is heat on it."""
    await asyncio.sleep(heat_s)
    for screen in screens:
        await take(browser, address, screen, wait_s=3)
        print(screen.name)  # noqa: T201 -- the script's own progress


async def main() -> None:
    """Take them all, or those that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, nargs="*", choices=tuple(SCREENS), default=None)
    parser.add_argument("--offline", action="store_true", help="only those with cameras offline")
    parser.add_argument("--heat", type=float, default=40, help="seconds for heat to build up")
    wanted = parser.parse_args()
    _TARGET.mkdir(parents=True, exist_ok=True)
    counts = () if wanted.offline else wanted.cameras or tuple(SCREENS)
    async with chromium() as browser:
        for count in counts:
            with running(count) as address:
                await take_all(browser, address, SCREENS[count], wanted.heat)
        if wanted.offline or wanted.cameras is None:
            with running(4, _OFFLINE) as address:
                await take_all(browser, address, OFFLINE, wanted.heat)


if __name__ == "__main__":
    asyncio.run(main())
