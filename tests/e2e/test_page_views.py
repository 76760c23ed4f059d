"""How somebody looks at the wall: layouts, groups, order, links, rotation, colours."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from support.eventually import eventually_async
from support.fake_wall import FakeWall, fake_wall

pytestmark = pytest.mark.e2e

ORDER = """() => [...document.querySelectorAll('heat-tile:not([hidden])')]
  .map((tile) => [tile.dataset.camera, tile.getBoundingClientRect()])
  .sort(([, a], [, b]) => Math.abs(a.top - b.top) > 5 ? a.top - b.top : a.left - b.left)
  .map(([camera]) => camera)"""

BOXES = """() => [...document.querySelectorAll('heat-tile')]
  .map((tile) => tile.getBoundingClientRect())"""


def tile_of(page: Page, camera: str) -> Locator:
    return page.locator(f"heat-tile[data-camera='{camera}']")


async def open_wall(page: Page, wall: FakeWall, address: str = "") -> None:
    await page.goto(wall.url + address)
    await page.wait_for_selector(f"heat-wall[data-cameras='{len(wall.cameras)}'][data-layout]")


async def choose_layout(page: Page, text: str) -> None:
    await page.get_by_role("button", name="Layout").click()
    await page.get_by_role("menuitemradio", name=text, exact=True).click()


def with_groups(wall: FakeWall) -> None:
    wall.groups = [
        {"id": "front", "name": "Front of house", "cameras": ["cam1", "cam3"]},
        {"id": "back", "name": "Back", "cameras": ["cam4"]},
    ]


def shown_slots(wall: FakeWall) -> list[list[tuple[str, str]]]:
    """Return what the slots of each session show; those that show nothing are left out."""
    return [
        [(camera, tier) for camera, tier in session.slots if camera is not None]
        for session in wall.sessions.values()
    ]


async def test_a_chosen_grid_shows_as_many_and_the_others_by_scrolling(page: Page) -> None:
    async with fake_wall(9, fps=2) as wall:
        await open_wall(page, wall)
        await expect(page.locator("heat-tile[data-picture='playing']")).to_have_count(9)
        await choose_layout(page, "2 × 2")
        await page.wait_for_selector("heat-wall[data-layout='2x5'][data-scrolls]")
        box = await tile_of(page, "cam4").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 1080
        first = [(f"cam{index}", "tile") for index in (1, 2, 3, 4)]
        await eventually_async(lambda: shown_slots(wall) == [first])
        await page.locator("heat-wall").evaluate("(wall) => wall.scrollTo(0, wall.scrollHeight)")
        await eventually_async(
            lambda: shown_slots(wall) == [[("cam7", "tile"), ("cam8", "tile"), ("cam9", "tile")]]
        )
        await expect(tile_of(page, "cam9")).to_have_attribute("data-picture", "playing")
        assert await page.evaluate("peersMade") == 1, "nothing was connected anew"


async def test_one_large_has_the_others_beside_it_and_a_finer_picture(page: Page) -> None:
    async with fake_wall(6, fps=2) as wall:
        await open_wall(page, wall)
        await choose_layout(page, "One large, the others small")
        await page.wait_for_selector("heat-wall[data-layout='side']")
        await expect(tile_of(page, "cam1")).to_have_attribute("data-tier", "focus")
        boxes: list[dict[str, float]] = await page.evaluate(BOXES)
        assert boxes[0]["width"] > 3 * boxes[1]["width"]
        assert len({round(box["width"]) for box in boxes[1:]}) <= 2
        await expect(tile_of(page, "cam1")).to_have_attribute("data-width", "960", timeout=15000)


async def test_a_layout_is_kept_on_this_device_and_stands_in_the_address(page: Page) -> None:
    async with fake_wall(4, fps=1) as wall:
        await open_wall(page, wall)
        await choose_layout(page, "3 × 3")
        await page.wait_for_url("**/?layout=3")
        await page.goto(wall.url)
        await page.wait_for_selector("heat-wall[data-layout='3x2']")


async def test_groups_are_tabs_and_only_their_cameras_stream(page: Page) -> None:
    async with fake_wall(4, fps=2) as wall:
        with_groups(wall)
        await open_wall(page, wall)
        tabs = page.get_by_role("tab")
        await expect(tabs).to_have_text(["All", "Front of house", "Back"])
        await tabs.nth(1).click()
        await page.wait_for_url("**/?group=front")
        await expect(page.locator("heat-wall")).to_have_attribute("data-shown", "2")
        await expect(tile_of(page, "cam2")).to_be_hidden()
        await eventually_async(lambda: shown_slots(wall) == [[("cam1", "tile"), ("cam3", "tile")]])
        await page.keyboard.press("ArrowRight")
        await expect(tabs.nth(2)).to_be_focused()
        await expect(tabs.nth(2)).to_have_attribute("aria-selected", "true")
        # A group of one is one large picture.
        await eventually_async(lambda: shown_slots(wall) == [[("cam4", "focus")]])
        await page.reload()
        await expect(page.locator("heat-wall")).to_have_attribute("data-shown", "1")
        await expect(tile_of(page, "cam4")).to_have_attribute("data-picture", "playing")
        assert len(wall.heard.posts) == 2, "one for each visit"


async def test_a_tile_is_dragged_to_another_place(page: Page) -> None:
    async with fake_wall(4, fps=1) as wall:
        await open_wall(page, wall)
        start, end = (
            await tile_of(page, "cam4").bounding_box(),
            await tile_of(page, "cam1").bounding_box(),
        )
        assert start is not None
        assert end is not None
        await page.mouse.move(start["x"] + 200, start["y"] + 200)
        await page.mouse.down()
        await page.mouse.move(start["x"] + 120, start["y"] + 100, steps=3)
        await expect(tile_of(page, "cam4")).to_have_attribute("data-dragged", "")
        await page.mouse.move(end["x"] + 200, end["y"] + 200, steps=5)
        await page.mouse.up()
        await eventually_async(lambda: has_order(page, ["cam4", "cam1", "cam2", "cam3"]))
        await expect(page.locator("heat-wall[data-focus]")).to_have_count(0)
        await page.reload()
        await page.wait_for_selector("heat-wall[data-cameras='4'][data-layout]")
        assert await has_order(page, ["cam4", "cam1", "cam2", "cam3"])
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("menuitem", name="Cameras in the order of the file").click()
        await eventually_async(lambda: has_order(page, ["cam1", "cam2", "cam3", "cam4"]))


async def has_order(page: Page, cameras: list[str]) -> bool:
    found: list[str] = await page.evaluate(ORDER)
    return found == cameras


async def test_the_keyboard_moves_a_tile_too(page: Page) -> None:
    async with fake_wall(3, fps=1) as wall:
        await open_wall(page, wall)
        await tile_of(page, "cam1").focus()
        await page.keyboard.press("Shift+ArrowRight")
        await eventually_async(lambda: has_order(page, ["cam2", "cam1", "cam3"]))
        await expect(tile_of(page, "cam1").locator(".open")).to_be_focused()


async def test_tab_reaches_one_tile_and_arrows_the_others(page: Page) -> None:
    async with fake_wall(4, fps=1) as wall:
        await open_wall(page, wall)
        reached = page.locator("heat-tile .open[tabindex='0']")
        await expect(reached).to_have_count(1)
        await reached.focus()
        await page.keyboard.press("ArrowRight")
        await expect(tile_of(page, "cam2").locator(".open")).to_be_focused()
        await expect(tile_of(page, "cam2").locator(".open")).to_have_attribute("tabindex", "0")
        await expect(reached).to_have_count(1)


async def test_a_link_shows_the_same_view_on_another_device(browser: Browser) -> None:
    first = await browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    second = await browser.new_context()
    async with fake_wall(4, fps=1) as wall:
        with_groups(wall)
        page = await first.new_page()
        await open_wall(page, wall, "?group=front&layout=2&order=cam3,cam1")
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("menuitem", name="Copy a link to this view").click()
        await expect(page.locator("#toast")).to_have_text("The link to this view is copied.")
        link = await page.evaluate("navigator.clipboard.readText()")
        assert link == f"{wall.url}?group=front&layout=2&order=cam3,cam1"
        other = await second.new_page()
        await other.goto(link)
        await other.wait_for_selector("heat-wall[data-shown='2'][data-layout='2x1']")
        assert await has_order(other, ["cam3", "cam1"])
    await first.close()
    await second.close()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("#gone", "There is no camera “gone” any more. All cameras are shown."),
        ("#%E0%A4%A", "There is no camera “%E0%A4%A” any more. All cameras are shown."),
        ("?group=gone", "There is no group “gone” any more. All cameras are shown."),
        ("?layout=7", "The link says layout=7, which this wall does not know."),
        ("?kiosk=0", "The link says kiosk=0, which this wall does not know."),
        ("?rotate=tiles", "The link says rotate=tiles, which this wall does not know."),
    ],
)
async def test_a_link_to_what_is_gone_says_so_and_shows_all(
    page: Page, address: str, said: str
) -> None:
    async with fake_wall(2, fps=1) as wall:
        await open_wall(page, wall, address)
        await expect(page.locator("#toast")).to_have_text(said)
        await expect(page.locator("heat-wall")).to_have_attribute("data-shown", "2")
        await expect(page.locator("heat-wall[data-focus]")).to_have_count(0)


async def test_a_kiosk_goes_round_and_escape_ends_it(page: Page) -> None:
    async with fake_wall(3, fps=2) as wall:
        await open_wall(page, wall, "?kiosk=3")
        focus = page.locator("heat-wall")
        await expect(focus).to_have_attribute("data-focus", "cam1")
        await expect(page.locator("#header")).to_be_hidden()
        await expect(page.locator("#panel")).to_be_hidden()
        for camera in ("cam2", "cam3", "cam1"):
            await expect(focus).to_have_attribute("data-focus", camera, timeout=15000)
        await page.keyboard.press("Escape")
        await expect(page.locator("#header")).to_be_visible()
        assert "kiosk" not in page.url
        assert await page.evaluate("peersMade") == 1


async def test_a_kiosk_goes_through_groups(page: Page) -> None:
    async with fake_wall(4, fps=1) as wall:
        with_groups(wall)
        await open_wall(page, wall, "?kiosk=3&rotate=groups")
        shown = page.locator("heat-wall")
        await expect(shown).to_have_attribute("data-shown", "2")
        await expect(shown).to_have_attribute("data-shown", "1", timeout=15000)
        await expect(shown).to_have_attribute("data-shown", "2", timeout=15000)


async def test_light_is_on_request_and_remembered(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        await open_wall(page, wall)
        root = page.locator("html")
        await expect(root).to_have_attribute("data-theme", "dark")
        dark = await lightness(page)
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("menuitemradio", name="Light").click()
        await expect(root).to_have_attribute("data-theme", "light")
        assert await lightness(page) > dark + 150
        await page.reload()
        await expect(root).to_have_attribute("data-theme", "light")


async def test_the_devices_colours_are_followed_when_asked(browser: Browser) -> None:
    page = await browser.new_page(color_scheme="light")
    async with fake_wall(1, fps=1) as wall:
        await open_wall(page, wall, "?theme=system")
        await expect(page.locator("html")).to_have_attribute("data-theme", "light")
        await page.emulate_media(color_scheme="dark")
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.close()


async def lightness(page: Page) -> float:
    """Return how light the bar is, 0 to 255."""
    colour: Any = await page.evaluate(
        "() => getComputedStyle(document.querySelector('#header')).backgroundColor"
    )
    channels = [int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    return sum(channels) / 3


async def test_the_keys_are_listed_and_do_not_act_behind_the_list(page: Page) -> None:
    async with fake_wall(2, fps=1) as wall:
        await open_wall(page, wall)
        await page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keys")
        await expect(dialog).to_contain_text("Next camera")
        await page.keyboard.press("l")
        await expect(page.locator("heat-wall")).to_have_attribute("data-layout", "2x1")
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await page.keyboard.press("l")
        await expect(page.locator("heat-wall")).to_have_attribute("data-layout", "1x2")
        await page.wait_for_url("**/?layout=1")


async def test_menus_are_walked_by_keyboard(page: Page) -> None:
    async with fake_wall(4, fps=1) as wall:
        await open_wall(page, wall)
        opener = page.get_by_role("button", name="Layout")
        await opener.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("menuitemradio", name="As large as possible")).to_be_focused()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_role("menuitemradio", name="2 × 2")).to_be_focused()
        await page.keyboard.press("End")
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_role("menuitemradio", name="As large as possible")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("menu")).to_have_count(0)
        await expect(opener).to_be_focused()


async def test_many_cameras_take_no_more_slots_than_a_server_answers(page: Page) -> None:
    async with fake_wall(70, fps=1) as wall:
        await open_wall(page, wall, "?layout=2")
        await eventually_async(
            lambda: shown_slots(wall) == [[(f"cam{index}", "tile") for index in (1, 2, 3, 4)]],
            timeout_s=30,
        )
        assert len(wall.heard.posts[0]) == 64
        await page.locator("heat-wall").evaluate("(wall) => wall.scrollTo(0, wall.scrollHeight)")
        await eventually_async(
            lambda: (
                {camera for slots in shown_slots(wall) for camera, _ in slots}
                == {"cam67", "cam68", "cam69", "cam70"}
            ),
            timeout_s=30,
        )
        assert await page.evaluate("peersMade") == 1
