"""Takes the README's picture of the demo: `python tests/pictures/take.py`."""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
from pathlib import Path

from playwright.async_api import async_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.browser import ARGUMENTS, CHROMIUM

_TARGET = Path(__file__).parent / "wall.jpg"


async def take(address: str, target: Path, wait_s: float, size: tuple[int, int]) -> None:
    """Open the wall, wait until there is heat worth showing, and take its picture."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
        await page.goto(address)
        await page.wait_for_timeout(wait_s * 1000)
        kind = {"type": "jpeg", "quality": 82} if target.suffix == ".jpg" else {}
        await page.screenshot(path=target, **kind)  # type: ignore[arg-type]  # two literal forms
        await browser.close()


def main() -> None:
    """Run the demo, take the picture, end the demo."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--wait", type=float, default=60, help="seconds for the heat to build up")
    parser.add_argument("--size", type=int, nargs=2, default=(1600, 960))
    parser.add_argument("--out", type=Path, default=_TARGET)
    wanted = parser.parse_args()
    command = [sys.executable, "-m", "heatwall.cli", "demo", "--port", "0"]
    command += ["--cameras", str(wanted.cameras)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        try:
            line = demo.stdout.readline() if demo.stdout else ""
            address = re.search(r"http://\S+", line)
            if address is None:
                sys.exit("the demo did not start")
            size = (wanted.size[0], wanted.size[1])
            asyncio.run(take(address[0], wanted.out, wanted.wait, size))
        finally:
            demo.terminate()


if __name__ == "__main__":
    main()
