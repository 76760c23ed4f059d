"""axe-core's judgement of a page: what people with other eyes, ears and hands can't use."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from playwright.async_api import Page

_AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
_RUN = """async () => {
  const {violations} = await axe.run(document, {resultTypes: ['violations']});
  return violations.map(({id, impact, help, nodes}) => ({
    id, impact, help,
    where: nodes.slice(0, 3).map(({html, failureSummary}) => [html, failureSummary]),
  }));
}"""

_SERIOUS = {"serious", "critical"}


async def serious_faults(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical on the page as it is now."""
    # As the tools of the browser do, past the page's Content-Security-Policy.
    if not await page.evaluate("() => 'axe' in globalThis"):
        await page.evaluate(_AXE)
    found: list[dict[str, Any]] = await page.evaluate(_RUN)
    return [
        f"{fault['id']} ({fault['impact']}): {fault['help']}: {fault['where']}"
        for fault in found
        if fault["impact"] in _SERIOUS
    ]
