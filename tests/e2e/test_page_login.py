"""Who has to log in sees a form and nothing else, and then the wall."""

from __future__ import annotations

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from support.axe import serious_faults
from support.fake_wall import FakeWall, fake_wall

pytestmark = pytest.mark.e2e

TILES = "heat-tile"
PLAYING = "heat-tile[data-picture='playing']"
FORM = "dialog.log-in"


def guarded(wall: FakeWall) -> None:
    wall.log_in.users = {"anna": "correct horse"}


async def log_in(page: Page, password: str = "correct horse") -> None:  # noqa: S107 - of nobody
    await page.get_by_label("User").fill("anna")
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Log in").click()


async def test_who_logs_in_sees_the_wall_without_loading_the_page_again(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        guarded(wall)
        await page.goto(wall.url)
        await expect(page.locator(FORM)).to_be_visible()
        await expect(page.get_by_label("User")).to_be_focused()
        assert await page.locator(TILES).count() == 0
        await page.evaluate("globalThis.isSamePage = true")
        await log_in(page)
        await expect(page.locator(PLAYING)).to_have_count(2)
        await expect(page.locator(FORM)).to_have_count(0)
        assert await page.evaluate("globalThis.isSamePage")
        await page.get_by_role("button", name="More").click()
        await expect(page.get_by_text("Logged in as anna")).to_be_visible()


async def test_a_wrong_password_is_said_and_can_be_typed_again(page: Page) -> None:
    async with fake_wall(1, fps=2) as wall:
        guarded(wall)
        await page.goto(wall.url)
        await log_in(page, "horse")
        await expect(page.get_by_role("alert")).to_have_text(
            "This user and password do not belong together."
        )
        password = page.get_by_label("Password", exact=True)
        await expect(password).to_be_focused()
        await expect(password).to_have_value("")
        await expect(page.get_by_label("User")).to_have_value("anna")
        await password.fill("correct horse")
        await page.keyboard.press("Enter")
        await expect(page.locator(PLAYING)).to_have_count(1)


async def test_what_is_missing_is_said_before_anything_is_sent(page: Page) -> None:
    async with fake_wall(1, fps=2) as wall:
        guarded(wall)
        await page.goto(wall.url)
        await page.get_by_role("button", name="Log in").click()
        await expect(page.get_by_role("alert")).to_have_text("Write who you are.")
        await page.get_by_label("User").fill("anna")
        await page.get_by_role("button", name="Log in").click()
        await expect(page.get_by_role("alert")).to_have_text("Write your password.")
        assert wall.log_in.tries == []


async def test_who_tried_too_often_is_told_when_to_try_again(page: Page) -> None:
    async with fake_wall(1, fps=2) as wall:
        guarded(wall)
        wall.log_in.answer = web.Response(status=429, headers={"Retry-After": "2"})
        await page.goto(wall.url)
        await log_in(page)
        await expect(page.get_by_role("alert")).to_contain_text("Too many tries.")
        button = page.get_by_role("button", name="Log in")
        await expect(button).to_be_disabled()
        await expect(button).to_be_enabled(timeout=10_000)
        await button.click()
        await expect(page.locator(PLAYING)).to_have_count(1)


async def test_the_password_can_be_looked_at(page: Page) -> None:
    async with fake_wall(1, fps=2) as wall:
        guarded(wall)
        await page.goto(wall.url)
        password = page.get_by_label("Password", exact=True)
        await password.fill("secret")
        await expect(password).to_have_attribute("type", "password")
        await page.get_by_role("button", name="Show the password").click()
        await expect(password).to_have_attribute("type", "text")


async def test_escape_leads_nowhere(page: Page) -> None:
    async with fake_wall(1, fps=2) as wall:
        guarded(wall)
        await page.goto(wall.url)
        await expect(page.locator(FORM)).to_be_visible()
        for _ in range(3):
            await page.keyboard.press("Escape")
        await expect(page.locator(FORM)).to_be_visible()


async def test_a_log_in_that_ends_takes_every_picture_from_the_screen(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        guarded(wall)
        await page.goto(wall.url)
        await log_in(page)
        await expect(page.locator(PLAYING)).to_have_count(2)
        await page.locator("heat-tile[data-camera='cam2']").click()
        await expect(page.locator("heat-tile[data-focused]")).to_be_visible()
        await wall.log_in.end_all()
        await expect(page.locator(FORM)).to_be_visible()
        await expect(page.locator(TILES)).to_have_count(0)
        await expect(page.locator("#panel")).to_be_hidden()
        await log_in(page)
        await expect(page.locator(PLAYING)).to_have_count(2)


async def test_who_logs_out_sees_nothing_any_more(page: Page) -> None:
    async with fake_wall(1, fps=2) as wall:
        guarded(wall)
        await page.goto(wall.url)
        await log_in(page)
        await expect(page.locator(PLAYING)).to_have_count(1)
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("menuitem", name="Log out").click()
        await expect(page.locator(FORM)).to_be_visible()
        await expect(page.locator(TILES)).to_have_count(0)
        await page.reload()
        await expect(page.locator(FORM)).to_be_visible()


async def test_who_can_not_be_logged_out_is_told(page: Page) -> None:
    async with fake_wall(1, fps=2) as wall:
        guarded(wall)
        await page.goto(wall.url)
        await log_in(page)
        await expect(page.locator(PLAYING)).to_have_count(1)
        await page.route("**/api/logout", lambda route: route.abort())
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("menuitem", name="Log out").click()
        await expect(page.get_by_text("you are still logged in here")).to_be_visible()
        await expect(page.locator(FORM)).to_have_count(0)


async def test_a_request_that_comes_too_late_leads_to_the_form(page: Page) -> None:
    async with fake_wall(1, fps=2) as wall:
        guarded(wall)
        await page.goto(wall.url)
        await log_in(page)
        await expect(page.locator(PLAYING)).to_have_count(1)
        wall.log_in.forget_all()
        await page.keyboard.press("h")
        await expect(page.locator(FORM)).to_be_visible()


async def test_where_nobody_has_to_log_in_there_is_nothing_to_log_out_of(page: Page) -> None:
    async with fake_wall(1, fps=2) as wall:
        await page.goto(wall.url)
        await expect(page.locator(PLAYING)).to_have_count(1)
        await page.get_by_role("button", name="More").click()
        await expect(page.get_by_role("menuitem", name="Keys")).to_be_visible()
        await expect(page.get_by_role("menuitem", name="Log out")).to_have_count(0)


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_everybody_can_use_the_form(page: Page, theme: str) -> None:
    async with fake_wall(1, fps=2) as wall:
        guarded(wall)
        await page.emulate_media(reduced_motion="reduce")
        await page.goto(f"{wall.url}?theme={theme}")
        await log_in(page, "horse")
        await expect(page.get_by_role("alert")).to_be_visible()
        assert await serious_faults(page) == []


async def test_the_form_fits_a_phone(browser: Browser) -> None:
    context = await browser.new_context(
        viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True
    )
    page = await context.new_page()
    async with fake_wall(1, fps=2) as wall:
        guarded(wall)
        await page.goto(wall.url)
        box = await page.locator(FORM).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        assert box["y"] + box["height"] <= 640
        assert (await serious_faults(page)) == []
    await context.close()
