"""Facts about the large camera, beside it."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from heatwall.states import CameraState
from heatwall.status import DwellStatus, Fps, InOut, LineStatus, ZoneStatus
from support.eventually import eventually_async
from support.fake_answers import zone_status
from support.fake_wall import FakeWall, fake_wall

pytestmark = pytest.mark.e2e

BEGIN_S = 1_764_590_400
"""13:00 in Berlin."""


def history(people: list[float | None]) -> dict[str, Any]:
    """Return a history of so many minutes; at most one person more than on average."""
    minutes = [
        {
            "at": BEGIN_S + 60 * index,
            "people": mean,
            "most": None if mean is None else int(mean) + 1,
            "in": index % 3,
            "out": 0,
        }
        for index, mean in enumerate(people)
    ]
    return {"interval_s": 60, "minutes": minutes}


async def answer_history(page: Page, people: list[float | None]) -> list[str]:
    """Answer with this history; returns the list of what is asked for."""
    asked: list[str] = []

    async def answer(route: Route) -> None:
        asked.append(route.request.url)
        body = msgspec.json.encode(history(people))
        await route.fulfill(body=body, content_type="application/json")

    await page.route("**/history.json", answer)
    return asked


async def open_large(page: Page, wall: FakeWall, camera: str = "cam2") -> Locator:
    await page.goto(f"{wall.url}#{camera}")
    panel = page.locator("#panel")
    await expect(panel).to_have_attribute("data-panel", "camera")
    return panel


def fact(panel: Locator, name: str) -> Locator:
    return panel.locator(".fact", has=panel.page.get_by_text(name, exact=True)).locator("dd")


async def test_it_tells_who_is_there_and_what_was_counted(page: Page) -> None:
    async with fake_wall(2, fps=1) as wall:
        dwell = DwellStatus(visits=24, mean_s=12.0, median_s=10.0, p90_s=95.0)
        queue = ZoneStatus(1, {"person": 1}, 24, 23, {}, 288.0, dwell)
        lines = {
            "door": LineStatus(1234, 987, {"person": InOut(1234, 987)}),
            "<b>back</b>": LineStatus(0, 2, {}),
        }
        wall.set("cam2", people_now=7, total_tracks=1500, lines=lines, zones={"queue": queue})
        panel = await open_large(page, wall)
        await expect(panel.get_by_role("heading", level=2)).to_have_text("Checkout 1–4")
        await expect(panel.locator(".people-large")).to_have_text("7")
        await expect(panel.locator(".people-words")).to_contain_text("people now")
        await expect(panel.locator(".people-words")).to_contain_text("1,500 people so far")
        rows = panel.locator(".lines tbody tr")
        await expect(rows).to_have_text(["door1,234987", "<b>back</b>02"])
        zone = panel.locator(".zone")
        await expect(zone).to_contain_text("1 person now")
        await expect(zone).to_contain_text("24 visits, 12 s on average")
        await expect(zone).to_contain_text("Half under 10 s, nine in ten under 1.6 min")
        await expect(zone).to_contain_text("4.8 min of people’s time in all")
        wall.set("cam2", people_now=1)
        await expect(panel.locator(".people-large")).to_have_text("1")
        await expect(panel.locator(".people-words")).to_contain_text("person now")


async def test_it_tells_what_the_colours_mean_and_how_the_camera_runs(page: Page) -> None:
    async with fake_wall(2, fps=1) as wall:
        heat = wall.cameras["cam2"].status.heat
        assert heat is not None
        heat = msgspec.structs.replace(heat, peak=0.125, is_auto_scale=True, half_life_s=600.0)
        notice = "the substream is missing"
        wall.set("cam2", heat=heat, fps=Fps(25.0, 3.2, 15.0), notices=(notice,))
        panel = await open_large(page, wall)
        legend = panel.get_by_role("img", name="Heat: the share of recent time")
        await expect(legend).to_contain_text("of recent time · half-life 10 min")
        gradient = await panel.locator(".heat-ramp-colours").evaluate(
            "(ramp) => getComputedStyle(ramp).backgroundImage"
        )
        assert gradient.count("rgb") >= len(heat.legend)
        ramp = await panel.locator(".heat-ramp").bounding_box()
        mark = await panel.locator(".heat-mark").bounding_box()
        assert ramp and mark
        at = (mark["x"] + mark["width"] / 2 - ramp["x"]) / ramp["width"]
        assert at == pytest.approx(0.5, abs=0.01), "half way to full colour"
        await expect(fact(panel, "Hottest place")).to_have_text("13 %")
        await expect(fact(panel, "Full colour at")).to_have_text("25 %, follows the heat")
        await expect(fact(panel, "Source")).to_have_text("1920 × 1080, H.264")
        await expect(fact(panel, "Looks for people")).to_have_text("3.2 of 10 / s")
        await expect(panel.locator(".fact[data-poor]")).to_have_count(1)
        await expect(fact(panel, "Encoded by")).to_have_text("Processor (x264)")
        await expect(fact(panel, "Newest picture")).to_have_text("0.1 s old")
        await expect(fact(panel, "Sizes sent")).to_have_text("small")
        await expect(panel.locator(".notices li")).to_have_text(["The substream is missing."])


async def test_the_hour_is_a_curve_with_gaps_that_can_be_read_minute_by_minute(page: Page) -> None:
    people = [2.0] * 20 + [None] * 10 + [4.5] * 31
    async with fake_wall(2, fps=1) as wall:
        await answer_history(page, people)
        panel = await open_large(page, wall)
        await expect(panel.locator(".hour")).to_have_attribute("data-history", "61")
        for path in (".hour-area", ".hour-mean", ".hour-most"):
            drawn = await panel.locator(path).get_attribute("d")
            assert drawn is not None
            assert drawn.count("M") == 2, "nothing is drawn where nobody looked"
        await expect(panel.locator(".hour-axis span")).to_have_text(["13:00", "", "14:01"])
        await expect(panel.locator(".hour-counts span")).to_have_text(["5", "0"])
        head = panel.locator(".hour-head")
        await expect(head).to_contain_text("3.5 on average")
        await expect(head).to_contain_text("5 at most")
        box = await panel.locator(".hour-plot").bounding_box()
        assert box
        minute = box["width"] / 61
        await page.mouse.move(box["x"] + 10.5 * minute, box["y"] + 20)
        await expect(head).to_have_text("13:102 on average3 at most")
        axis = panel.locator(".hour-axis span")
        await expect(axis).to_have_text(["13:00", "1 in, 0 out", "14:01"])
        assert not await head.evaluate("(head) => head.scrollWidth > head.clientWidth")
        await page.mouse.move(box["x"] + 25.5 * minute, box["y"] + 20)
        await expect(head).to_have_text("13:25not looked at")
        await page.mouse.move(10, 10)
        await expect(head).to_contain_text("Last hour")
        slider = panel.get_by_role("slider")
        await expect(slider).to_have_accessible_name(
            "2 to 5 people in the last hour, most at 13:30"
        )
        await page.locator("#panel .panel-head button").focus()
        await page.keyboard.press("Tab")
        await expect(slider).to_be_focused()
        await page.keyboard.press("Home")
        await expect(slider).to_have_attribute("aria-valuetext", "13:00: 2 on average, 3 at most")
        await page.keyboard.press("ArrowRight")
        await expect(head).to_contain_text("13:01")
        # These arrows are the curve's, not the wall's.
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam2")


async def test_a_short_history_stands_at_the_right_end(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        await answer_history(page, [1.0, 2.0, 3.0])
        panel = await open_large(page, wall, "cam1")
        drawn = panel.locator(".hour-mean")
        await expect(drawn).to_have_attribute("d", "M58 75.00L58.5 75.00L59.5 50.00L60.5 25.00H61")


async def test_it_goes_along_to_the_next_camera_without_being_built_again(page: Page) -> None:
    async with fake_wall(2, fps=1) as wall:
        panel = await open_large(page, wall)
        await expect(panel.locator(".hour")).to_have_attribute("data-history", "61")
        first = await panel.locator(".hour-mean").get_attribute("d")
        await panel.locator(".camera-panel").evaluate("(panel) => { panel.isSame = true; }")
        await page.keyboard.press("ArrowRight")
        await expect(panel.get_by_role("heading", level=2)).to_have_text("Entrance")
        await expect(panel.locator(".people-large")).to_have_text("0")
        await expect(panel.locator(".hour-mean")).not_to_have_attribute("d", first or "")
        assert await panel.locator(".camera-panel").evaluate("(panel) => panel.isSame")
        png = panel.get_by_role("link", name="Heat with legend")
        assert "/cam1/" in str(await png.get_attribute("href"))
        await page.keyboard.press("ArrowRight")
        # What is known of a camera is there at once.
        assert await panel.locator(".hour-mean").get_attribute("d") == first


async def test_a_camera_that_is_away_says_so_and_keeps_its_last_facts(page: Page) -> None:
    async with fake_wall(2, fps=1) as wall:
        panel = await open_large(page, wall)
        await expect(panel.locator(".people-large")).to_have_text("5")
        queue = zone_status(6)
        wall.set("cam2", zones={"queue": queue})
        await expect(panel.locator(".zones")).to_contain_text("3 people now")
        colour = "(element) => getComputedStyle(element).color"
        bright = await panel.locator(".people-large").evaluate(colour)
        since = time.time() - 3 * 86400
        wall.set(
            "cam2",
            state=CameraState.RETRYING,
            state_since=since,
            state_reason="the camera does not answer",
            people_now=None,
            zones={"queue": queue.unseen()},
            heat=None,
            width=None,
            height=None,
        )
        await expect(panel.locator(".state")).to_contain_text(
            "Camera offline – trying again, since"
        )
        await expect(panel.locator(".state")).to_contain_text("The camera does not answer.")
        await expect(panel.locator(".people-large")).to_have_text("5")
        await expect(panel.locator(".people-words")).to_contain_text("people when last seen")
        await expect(panel.locator(".zones")).to_contain_text("3 people when last seen")
        await expect(fact(panel, "Source")).to_have_text("1920 × 1080, H.264")
        await expect(fact(panel, "Hottest place")).to_have_text("20 %")
        assert await panel.locator(".people-large").evaluate(colour) != bright
        wall.set("cam2", state=CameraState.LIVE, people_now=3)
        await expect(panel.locator(".people-words")).to_contain_text("people now")


async def test_a_camera_that_was_never_seen_has_no_made_up_facts(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        nothing = {"people_now": None, "heat": None, "width": None, "height": None}
        away = {"state": CameraState.CONNECTING, "total_tracks": 0, "lines": {}, "zones": {}}
        wall.set("cam1", frame_age_s=None, codec=None, decoder=None, **nothing, **away)
        await answer_history(page, [])
        panel = await open_large(page, wall, "cam1")
        await expect(panel.locator(".people-large")).to_have_text("–")
        await expect(panel.locator(".people-words")).to_contain_text("people not counted yet")
        await expect(panel.locator(".hour-empty")).to_have_text(
            "Nobody was counted in the last hour."
        )
        await expect(panel.locator(".heat-legend")).to_be_hidden()
        await expect(fact(panel, "Newest picture")).to_have_text("–")
        await expect(panel.get_by_role("slider")).to_be_disabled()


@pytest.mark.parametrize("may", [True, False])
async def test_a_camera_without_regions_offers_to_draw_some_to_who_may(
    page: Page, may: bool
) -> None:
    async with fake_wall(1, fps=1) as wall:
        wall.rights = {"role": "operator", "can_operate": may, "can_save": False}
        wall.set("cam1", lines={}, zones={})
        panel = await open_large(page, wall, "cam1")
        await expect(panel.locator(".regions")).to_contain_text("None yet.")
        draw = panel.get_by_role("button", name="Draw some")
        if not may:
            await expect(draw).to_be_hidden()
            await expect(panel.get_by_role("button", name="Reset counts")).to_be_hidden()
            return
        await draw.click()
        await expect(panel).to_have_attribute("data-panel", "regions")


async def test_a_camera_that_was_never_looked_at_does_not_say_it_has_no_regions(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        wall.set("cam1", state=CameraState.RETRYING, lines={}, zones={}, heat=None)
        panel = await open_large(page, wall, "cam1")
        await expect(panel.locator(".regions")).to_contain_text("Nothing was counted yet.")
        await expect(panel.get_by_role("button", name="Draw some")).to_be_hidden()
        await expect(panel.locator(".heat-now")).to_contain_text("No heat yet.")


async def test_resets_are_a_step_away(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        panel = await open_large(page, wall, "cam1")
        await panel.get_by_role("button", name="Reset counts").click()
        await expect(panel).to_have_attribute("data-panel", "heat")


async def test_the_hour_is_asked_for_until_the_panel_is_closed(page: Page) -> None:
    async with fake_wall(2, fps=1) as wall:
        await page.clock.install()
        asked = await answer_history(page, [1.0] * 61)
        panel = await open_large(page, wall)
        await eventually_async(lambda: len(asked) == 1)
        await page.clock.fast_forward(31_000)
        await eventually_async(lambda: len(asked) == 2)
        assert all("/cam2/" in url for url in asked)
        await panel.get_by_role("button", name="Close").click()
        await page.clock.fast_forward(65_000)
        await expect(panel).to_be_hidden()
        assert len(asked) == 2


async def test_an_hour_that_is_not_known_is_said_and_soon_asked_for_again(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        await page.route("**/history.json", lambda route: route.fulfill(status=503))
        panel = await open_large(page, wall, "cam1")
        trouble = panel.locator(".hour-empty")
        await expect(trouble).to_have_text("The last hour is not known right now.")
        await page.unroute("**/history.json")
        await expect(trouble).to_have_text("", timeout=8000)
        await expect(panel.locator(".hour")).to_have_attribute("data-history", "61")


async def test_on_a_phone_the_picture_stays_above_the_facts(browser: Browser) -> None:
    page = await browser.new_page(has_touch=True, viewport={"width": 390, "height": 844})
    async with fake_wall(2, fps=2) as wall:
        await page.goto(f"{wall.url}#cam2")
        await expect(page.locator("heat-tile[data-focused]")).to_have_attribute("data-width", "960")
        await expect(page.locator("#panel")).to_be_hidden()
        await page.get_by_role("button", name="Facts about the camera").tap()
        await expect(page.locator(".people-large")).to_have_text("5")
        frame = await page.locator("heat-tile[data-focused] .frame").bounding_box()
        sheet = await page.locator("#panel").bounding_box()
        assert frame
        assert sheet
        assert frame["width"] == 390
        assert frame["y"] >= 0
        assert frame["y"] + frame["height"] <= sheet["y"]
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    await page.close()
