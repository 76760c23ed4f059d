"""Lines and zones are drawn over the large picture."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Browser, Page, Route, expect

from heatwall.states import CameraState
from support.eventually import eventually_async
from support.fake_wall import FakeWall, fake_wall
from support.region_editor import DOOR, QUEUE, RegionEditor, share_of

pytestmark = pytest.mark.e2e

ACCENT, RED = (255, 146, 72), (229, 50, 45)

QUESTION = "Discard what you drew?"


def with_regions(wall: FakeWall) -> None:
    wall.regions["cam1"] = {"lines": {"door": DOOR}, "zones": {"queue": QUEUE}}


def sent(wall: FakeWall) -> dict[str, Any]:
    """Return what the page sent last."""
    camera, body = wall.heard.regions[-1]
    assert camera == "cam1"
    return body


async def open_with_regions(page: Page, wall: FakeWall) -> RegionEditor:
    with_regions(wall)
    return await RegionEditor.open(page, wall)


async def test_a_line_is_drawn_with_two_clicks_flipped_named_and_applied(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await RegionEditor.open(page, wall)
        await expect(editor.button("Apply")).to_be_disabled()
        await editor.press("Line")
        await expect(page.locator(".region-hint")).to_contain_text("where the line begins")
        await editor.click((0.2, 0.6))
        await expect(page.locator(".region-hint")).to_contain_text("where the line ends")
        await editor.click((0.7, 0.65))
        line = (await editor.drawn())["lines"]["line-1"]
        assert line["from"] == pytest.approx([0.2, 0.6], abs=0.002)
        assert line["to"] == pytest.approx([0.7, 0.65], abs=0.002)
        await page.get_by_role("button", name="line-1: inside is below. Change sides").click()
        await expect(page.get_by_role("radio", name="Above")).to_be_checked()
        await page.get_by_role("textbox", name="Name").fill("door")
        await editor.press("Apply")
        await expect(page.locator("#toast")).to_contain_text("Applied")
        await expect(editor.button("Apply")).to_be_disabled()
        body = sent(wall)
        assert body["keep"] == "run"
        assert list(body["lines"]) == ["door"]
        assert body["lines"]["door"]["inside"] == "above"
        assert all(len(str(n)) <= 6 for n in body["lines"]["door"]["from"]), "4 digits"


async def test_a_line_is_drawn_by_dragging(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await RegionEditor.open(page, wall)
        await editor.press("Line")
        await editor.drag((0.3, 0.2), (0.31, 0.8))
        (line,) = (await editor.drawn())["lines"].values()
        assert line["from"] == pytest.approx([0.3, 0.2], abs=0.002)
        assert line["inside"] == "right", "an upright line has a left and a right"
        await expect(page.get_by_role("radio", name="Left")).to_be_visible()
        await expect(page.get_by_role("radio", name="Below")).to_have_count(0)


async def test_a_zone_is_closed_at_its_first_corner_by_a_double_click_or_by_enter(
    page: Page,
) -> None:
    corners = [(0.2, 0.3), (0.5, 0.3), (0.5, 0.6)]
    async with fake_wall(1, fps=1) as wall:
        editor = await RegionEditor.open(page, wall)
        await editor.press("Zone")
        await editor.click(*corners[:2])
        await expect(editor.button("Done")).to_be_disabled()
        await page.keyboard.press("Enter")
        await expect(page.locator(".region")).to_have_count(0)
        await editor.click(corners[2], (0.202, 0.303))
        await expect(editor.row("zone-1")).to_be_visible()
        await editor.press("Zone")
        await editor.click(*corners[:2])
        await page.mouse.dblclick(*editor.pixel(corners[2]))
        await expect(editor.row("zone-2")).to_be_visible()
        await editor.press("Zone")
        await editor.click(*corners)
        await page.keyboard.press("Enter")
        await expect(editor.row("zone-3")).to_be_visible()
        await editor.press("Zone")
        await editor.click(*corners)
        await editor.press("Done")
        for name in ("zone-1", "zone-2", "zone-3", "zone-4"):
            found = await editor.corners(name)
            for corner, drawn in zip(corners, found, strict=True):
                assert drawn == pytest.approx(corner, abs=0.002)


async def test_backspace_takes_a_corner_back_and_escape_the_whole_drawing(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await RegionEditor.open(page, wall)
        await editor.press("Zone")
        await editor.click((0.2, 0.3), (0.5, 0.3), (0.8, 0.8))
        await page.keyboard.press("Backspace")
        await expect(page.locator(".dot-set")).to_have_count(2)
        await editor.click((0.5, 0.6))
        await page.keyboard.press("Enter")
        assert (await editor.corners("zone-1"))[2] == pytest.approx([0.5, 0.6], abs=0.002)
        await editor.press("Line")
        await editor.click((0.2, 0.8))
        await page.keyboard.press("Escape")
        await expect(page.locator(".drawing[data-sketch]")).to_have_count(0)
        await expect(page.locator(".region")).to_have_count(1)
        assert wall.heard.regions == []


async def test_corners_edges_and_whole_shapes_are_dragged(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.click((0.75, 0.7))
        await expect(editor.row("queue")).to_have_attribute("data-selected", "")
        await editor.drag((0.6, 0.4), (0.5, 0.3))
        assert (await editor.corners("queue"))[0] == pytest.approx([0.5, 0.3], abs=0.002)
        await editor.drag((0.9, 0.6), (0.95, 0.6))
        corners = await editor.corners("queue")
        assert len(corners) == 5, "the middle of an edge is a new corner"
        assert corners[2] == pytest.approx([0.95, 0.6], abs=0.002)
        await editor.drag((0.7, 0.7), (0.6, 0.6))
        moved = await editor.corners("queue")
        assert [
            [round(a - b, 2) for a, b in zip(new, old, strict=True)]
            for new, old in zip(moved, corners, strict=True)
        ] == [[-0.1, -0.1]] * 5
        await editor.drag((0.3, 0.7), (0.3, 0.9))
        line = (await editor.drawn())["lines"]["door"]
        assert (line["from"], line["to"]) == (
            pytest.approx([0.1, 0.9], abs=0.002),
            pytest.approx([0.5, 0.9], abs=0.002),
        )


async def test_what_is_dragged_stays_in_the_picture_and_snaps_to_its_edge(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.click((0.75, 0.7))
        await editor.drag((0.6, 0.4), (0.3, 0.005))
        await editor.drag((0.9, 0.8), (0.997, 1.3))
        corners = await editor.corners("queue")
        assert corners[0] == pytest.approx([0.3, 0], abs=0.002)
        assert corners[0][1] == 0
        assert corners[2] == [1, 1]
        await editor.drag((0.3, 0.7), (0.9, 0.7))
        line = (await editor.drawn())["lines"]["door"]
        assert line == {"from": [0.6, 0.7], "to": [1, 0.7], "inside": "below"}


async def test_a_line_that_is_turned_keeps_its_side(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.click((0.3, 0.7))
        # From the left round to below: what was below is now to the left.
        await editor.drag((0.5, 0.7), (0.1, 0.98))
        line = (await editor.drawn())["lines"]["door"]
        assert line["to"][0] == pytest.approx(0.1, abs=0.002)
        assert line["inside"] == "left"
        await page.keyboard.press("Control+z")
        assert (await editor.drawn())["lines"]["door"] == DOOR


async def test_escape_lets_go_of_what_is_being_dragged(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.click((0.75, 0.7))
        await page.mouse.move(*editor.pixel((0.6, 0.4)))
        await page.mouse.down()
        await page.mouse.move(*editor.pixel((0.4, 0.2)), steps=3)
        assert await editor.corners("queue") != QUEUE["polygon"]
        await page.keyboard.press("Escape")
        assert await editor.corners("queue") == QUEUE["polygon"]
        await page.mouse.move(*editor.pixel((0.5, 0.2)))
        await page.mouse.up()
        assert await editor.corners("queue") == QUEUE["polygon"]
        await expect(editor.button("Undo")).to_be_disabled()


async def test_corners_are_removed_down_to_three_and_shapes_deleted(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.click((0.75, 0.7))
        await expect(editor.button("Remove corner")).to_be_disabled()
        await editor.corner(1).click()
        await editor.press("Remove corner")
        assert await editor.corners("queue") == [[0.6, 0.4], [0.9, 0.8], [0.6, 0.8]]
        await expect(editor.button("Remove corner")).to_be_disabled()
        await editor.corner(1).click()
        await page.keyboard.press("Delete")
        assert len(await editor.corners("queue")) == 3
        await editor.press("Delete")
        assert (await editor.drawn())["zones"] == {}
        await editor.click((0.3, 0.7))
        await page.keyboard.press("Delete")
        assert await editor.drawn() == {"lines": {}, "zones": {}}
        await page.keyboard.press("Control+z")
        await page.keyboard.press("Control+z")
        assert (await editor.drawn())["lines"] == {"door": DOOR}
        assert "queue" in (await editor.drawn())["zones"]


async def test_steps_are_taken_back_and_done_again(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.click((0.75, 0.7))
        await editor.drag((0.6, 0.4), (0.5, 0.3))
        after_drag = await editor.drawn()
        await page.get_by_role("textbox", name="Name").fill("till")
        await editor.corner(2).click()
        await page.keyboard.press("Control+z")
        assert await editor.drawn() == after_drag
        await page.keyboard.press("Control+z")
        assert await editor.drawn() == wall.regions["cam1"]
        await expect(editor.button("Undo")).to_be_disabled()
        await page.keyboard.press("Control+Shift+Z")
        assert await editor.drawn() == after_drag
        await editor.press("Redo")
        assert "till" in (await editor.drawn())["zones"]
        await expect(editor.button("Redo")).to_be_disabled()


async def test_a_keyboard_is_enough(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await RegionEditor.open(page, wall)
        await editor.button("Zone").focus()
        await page.keyboard.press("Enter")
        corner = page.get_by_role("button", name="zone-1, corner 1 of 4: 35 % from the left")
        await expect(corner).to_be_focused()
        await page.keyboard.press("ArrowLeft")
        await page.keyboard.press("Shift+ArrowUp")
        assert (await editor.corners("zone-1"))[0] == [0.345, 0.3]
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam1")
        await expect(page.locator(".region-editor .aloud")).to_have_text(
            "34.5 % from the left, 30 % from the top"
        )
        await page.keyboard.press("Tab")
        await expect(editor.corner(1)).to_be_focused()
        await page.keyboard.press("Delete")
        assert len(await editor.corners("zone-1")) == 3
        middle = page.get_by_role("button", name="zone-1: add a corner between 1 and 2")
        await middle.focus()
        await page.keyboard.press("Enter")
        await expect(editor.corner(1)).to_be_focused()
        assert len(await editor.corners("zone-1")) == 4
        await page.get_by_role("button", name="Zone zone-1, 4 corners").first.focus()
        before = await editor.corners("zone-1")
        await page.keyboard.press("Shift+ArrowRight")
        after = await editor.corners("zone-1")
        assert [round(b[0] - a[0], 3) for a, b in zip(before, after, strict=True)] == [0.05] * 4
        await editor.button("Line").focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="line-1: inside is below. Change sides").focus()
        await page.keyboard.press("Enter")
        assert (await editor.drawn())["lines"]["line-1"]["inside"] == "above"
        await editor.button("Apply").focus()
        await page.keyboard.press("Enter")
        await eventually_async(lambda: len(wall.heard.regions) == 1)


async def test_names_keep_to_the_rules_of_the_file_and_are_given_once(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.press("Line")
        await editor.drag((0.2, 0.2), (0.5, 0.2))
        name = page.get_by_role("textbox", name="Name")
        fault = page.locator(".region[data-selected] .fault")
        for wrong in ("Main door", "", "-door", "tür", "a.b"):
            await name.fill(wrong)
            await expect(fault).to_contain_text("1 to 63 of a-z")
            await expect(editor.button("Apply")).to_be_disabled()
            await expect(editor.button("Save to the file")).to_be_disabled()
        await name.fill("door")
        await expect(fault).to_have_text("Another one is called like that.")
        await name.fill("queue")
        await expect(fault).to_be_hidden()
        await expect(editor.button("Apply")).to_be_enabled()
        await name.fill("x" * 70)
        await expect(name).to_have_value("x" * 63)


async def test_a_zone_that_crosses_itself_is_red_says_so_and_is_not_sent(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.click((0.75, 0.7))
        edge = ((0.6, 0.8), (0.6, 0.4))
        assert share_of(await editor.pixels(), *edge, RED) == 0
        await editor.drag((0.6, 0.4), (0.95, 0.6))
        await expect(editor.row("queue")).to_contain_text("Two edges cross each other")
        await expect(page.locator(".shape-tag[data-tag]").last).to_contain_text("crosses itself")
        bad = ((0.6, 0.8), (0.95, 0.6))
        assert share_of(await editor.pixels(), *bad, RED) > 0.8
        await expect(editor.button("Apply")).to_be_disabled()
        await expect(page.locator(".region-actions")).to_contain_text("must be mended first")
        await page.keyboard.press("Control+z")
        await expect(editor.button("Apply")).to_be_disabled()
        await expect(page.locator(".region-actions")).to_contain_text("All of this is in use")
        assert wall.heard.regions == []


async def test_a_line_without_length_is_told_so(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.click((0.3, 0.7))
        await editor.drag((0.5, 0.7), (0.1, 0.7))
        await expect(editor.row("door")).to_contain_text("too short to be crossed")
        await expect(editor.button("Apply")).to_be_disabled()


async def test_what_is_selected_is_clearly_above_the_picture(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        edge = ((0.6, 0.4), (0.9, 0.4))
        assert share_of(await editor.pixels(), *edge, ACCENT) == 0
        assert share_of(await editor.pixels(), *edge, (255, 255, 255)) > 0.4, "dashes"
        await editor.row("queue").get_by_role("button").first.click()
        # In the middle of the edge there is a handle.
        assert share_of(await editor.pixels(), *edge, ACCENT) > 0.8
        assert share_of(await editor.pixels(), *edge, (255, 255, 255)) > 0.8, "a casing"


async def test_faults_of_the_server_stand_beside_their_shape_until_it_changes(page: Page) -> None:
    fault = {"message": "makes a line of no length", "found": "[0.5, 0.7]", "allowed": "a point"}
    faults = [
        {"key": "lines.door.to", **fault},
        {"key": "zones", "message": "has too many", "found": "65", "allowed": "at most 64"},
    ]

    async def refuse(route: Route) -> None:
        if route.request.method != "PUT":
            return await route.continue_()
        body = {"error": {"code": "invalid", "message": "2 faults"}, "faults": faults}
        return await route.fulfill(status=422, json=body)

    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await page.route("**/regions", refuse)
        await editor.click((0.3, 0.7))
        await page.keyboard.press("ArrowUp")
        await editor.press("Apply")
        beside = editor.row("door").locator(".fault")
        await expect(beside).to_have_text("[0.5, 0.7] makes a line of no length; allowed: a point.")
        await expect(page.locator(".region-actions .fault")).to_contain_text("at most 64")
        await editor.click((0.3, 0.695))
        await page.keyboard.press("ArrowUp")
        await expect(beside).to_be_hidden()


async def test_what_is_drawn_is_copied_for_the_file(browser: Browser) -> None:
    context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = await context.new_page()
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.press("Copy")
        await expect(page.locator("#toast")).to_contain_text("Copied")
        text = await page.evaluate("navigator.clipboard.readText()")
        assert text.split("\n")[:2] == [
            "    lines:",
            "      door: {from: [0.1, 0.7], to: [0.5, 0.7], inside: below}",
        ]
        # Over plain HTTP from elsewhere a browser has no clipboard for a page.
        await page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        await page.evaluate("document.execCommand('copy')")
        await editor.press("Copy")
        await expect(page.locator("#toast")).to_contain_text("Copied")
    await context.close()


async def test_who_may_only_look_sees_them_and_why_nothing_can_be_changed(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        wall.rights = {"role": "viewer", "can_operate": False, "can_save": False}
        editor = await open_with_regions(page, wall)
        await expect(page.locator("#panel")).to_contain_text("needs an operator")
        for name in ("Line", "Zone", "Apply", "Save to the file"):
            await expect(editor.button(name)).to_be_hidden()
        await editor.click((0.75, 0.7))
        await expect(editor.row("queue")).to_have_attribute("data-selected", "")
        await expect(page.locator(".corner")).to_have_count(0)
        await editor.drag((0.75, 0.7), (0.4, 0.2))
        await page.keyboard.press("ArrowLeft")
        await page.keyboard.press("Delete")
        assert await editor.drawn() == wall.regions["cam1"]


async def test_an_operator_applies_and_an_admin_saves(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        wall.rights = {"role": "operator", "can_operate": True, "can_save": False}
        editor = await open_with_regions(page, wall)
        await expect(editor.button("Save to the file")).to_be_hidden()
        await expect(page.locator("#panel")).to_contain_text("saving it to the file needs an admin")
        wall.rights = {"role": "admin", "can_operate": True, "can_save": False}
        wall.announce()
        await expect(page.locator("#panel")).to_contain_text("runs without a config file")
        wall.rights = {"role": "admin", "can_operate": True, "can_save": True}
        wall.announce()
        await editor.press("Save to the file")
        await expect(page.locator("#toast")).to_contain_text("Saved to the config file")
        assert sent(wall)["keep"] == "file"
        assert {key: sent(wall)[key] for key in ("lines", "zones")} == wall.regions["cam1"]


async def test_a_file_that_can_not_be_written_says_why_and_what_is_in_use(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)

        async def refuse(route: Route) -> None:
            if route.request.method != "PUT":
                return await route.continue_()
            body = json.loads(route.request.post_data or "")
            wall.regions["cam1"] = {key: body[key] for key in ("lines", "zones")}
            error = {"code": "not_editable", "message": "the camera is an alias"}
            return await route.fulfill(status=409, json={"error": error})

        await page.route("**/regions", refuse)
        await editor.click((0.3, 0.7))
        await page.keyboard.press("ArrowUp")
        await editor.press("Save to the file")
        await expect(page.locator(".region-actions .fault")).to_have_text(
            "In use now, but not saved. The camera is an alias."
        )
        await expect(editor.button("Apply")).to_be_disabled()
        await expect(editor.button("Save to the file")).to_be_enabled()


async def test_a_server_that_is_away_loses_nothing(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.click((0.3, 0.7))
        await page.keyboard.press("ArrowUp")
        await page.route("**/regions", lambda route: route.abort())
        await editor.press("Apply")
        await expect(page.locator(".region-actions .fault")).to_have_text(
            "The server was not reached."
        )
        await page.unroute("**/regions")
        await editor.press("Apply")
        await expect(page.locator("#toast")).to_contain_text("Applied")
        assert sent(wall)["lines"]["door"]["from"] == [0.1, 0.695]


async def test_what_can_not_be_read_can_be_asked_for_again(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        with_regions(wall)
        await page.route("**/regions", lambda route: route.abort())
        await page.goto(f"{wall.url}#cam1")
        await page.wait_for_selector("heat-wall[data-focus]:not([data-moving])")
        await page.keyboard.press("e")
        notice = page.locator(".region-notice")
        await expect(notice).to_contain_text("could not be read: The server was not reached.")
        await expect(page.get_by_role("button", name="Line", exact=True)).to_be_hidden()
        await page.unroute("**/regions")
        await page.get_by_role("button", name="Try again").click()
        editor = await RegionEditor.ready(page)
        await expect(notice).to_be_hidden()
        await expect(editor.row("queue")).to_be_visible()


async def test_changes_made_elsewhere_are_not_overwritten_unasked(page: Page) -> None:
    theirs = {"lines": {}, "zones": {"window": QUEUE}}
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.click((0.3, 0.7))
        await page.keyboard.press("ArrowUp")
        wall.regions["cam1"] = theirs
        await editor.press("Apply")
        notice = page.locator(".region-notice")
        await expect(notice).to_contain_text("Somebody else has changed")
        assert wall.heard.regions == []
        await expect(editor.button("Apply")).to_be_disabled()
        await editor.press("Load theirs")
        await expect(notice).to_be_hidden()
        assert await editor.drawn() == theirs
        await editor.row("window").get_by_role("button").first.click()
        await editor.press("Delete")
        wall.regions["cam1"] = {"lines": {"door": DOOR}, "zones": {}}
        await editor.press("Apply")
        await editor.press("Keep mine")
        await editor.press("Apply")
        await expect(page.locator("#toast")).to_contain_text("Applied")
        assert wall.regions["cam1"] == {"lines": {}, "zones": {}}


async def test_who_has_drawn_nothing_follows_the_others(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        wall.regions["cam1"] = {"lines": {}, "zones": {"window": QUEUE}}
        await page.evaluate("dispatchEvent(new Event('focus'))")
        await expect(editor.row("window")).to_be_visible()
        await editor.row("window").get_by_role("button").first.click()
        await page.get_by_role("textbox", name="Name").fill("mine")
        wall.regions["cam1"] = {"lines": {}, "zones": {}}
        await page.evaluate("dispatchEvent(new Event('focus'))")
        await expect(editor.row("mine")).to_be_visible()


@pytest.mark.parametrize("way", ["close", "escape", "key", "heat", "kiosk", "group", "back"])
async def test_leaving_asks_where_something_would_be_lost(page: Page, way: str) -> None:
    async with fake_wall(2, fps=1) as wall:
        wall.groups = [{"id": "front", "name": "Front", "cameras": ["cam2"]}]
        with_regions(wall)
        await page.goto(wall.url)
        await page.wait_for_selector("heat-wall[data-cameras='2']")
        await page.locator("heat-tile[data-camera='cam1']").click()
        await page.wait_for_selector("heat-wall[data-focus='cam1']:not([data-moving])")
        await page.keyboard.press("e")
        editor = await RegionEditor.ready(page)
        await editor.click((0.3, 0.7))
        await page.keyboard.press("ArrowUp")
        changed = await editor.drawn()
        question = page.get_by_role("alertdialog", name=QUESTION)
        for answer in ("Cancel", "Discard"):
            await leave(page, way)
            await expect(question).to_be_visible()
            await question.get_by_role("button", name=answer).click()
            await expect(question).to_have_count(0)
            if answer == "Cancel":
                assert await editor.drawn() == changed
                await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam1")
                assert page.url.endswith("#cam1")
        await expect(page.locator(".drawing")).to_have_count(0)
        await expect(page.locator("heat-wall[data-editing]")).to_have_count(0)
        assert wall.heard.regions == []
        if way in ("group", "back"):
            await expect(page.locator("heat-wall[data-focus]")).to_have_count(0)
            await expect(page).not_to_have_url("**/#cam1")


async def leave(page: Page, way: str) -> None:
    if way == "close":
        await page.locator("#panel").get_by_role("button", name="Close", exact=True).click()
    elif way == "escape":
        await page.locator(".drawing").focus()
        if await page.locator(".region[data-selected]").count():
            await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
    elif way == "group":
        await page.get_by_role("tab", name="Front").click()
    elif way == "back":
        await page.go_back()
    else:
        await page.keyboard.press({"key": "e", "heat": "h", "kiosk": "k"}[way])


async def test_who_has_drawn_nothing_leaves_without_a_question(page: Page) -> None:
    async with fake_wall(2, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.click((0.3, 0.7))
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("Control+z")
        await page.keyboard.press("e")
        await expect(page.locator(".drawing")).to_have_count(0)
        await expect(page.get_by_role("alertdialog")).to_have_count(0)
        await page.keyboard.press("ArrowRight")
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam2")


async def test_while_somebody_draws_the_wall_stays_where_it_is(page: Page) -> None:
    async with fake_wall(2, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.click((0.4, 0.2))
        for key in ("ArrowRight", "ArrowDown", "Shift+ArrowLeft"):
            await page.keyboard.press(key)
        await page.keyboard.press("?")
        keys = page.get_by_role("dialog", name="Keys")
        await expect(keys).to_contain_text("Last point back")
        await page.keyboard.press("Escape")
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam1")
        await expect(page.locator(".drawing")).to_be_visible()


async def test_a_camera_that_is_removed_takes_its_editor_along(page: Page) -> None:
    async with fake_wall(2, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.click((0.3, 0.7))
        await page.keyboard.press("ArrowUp")
        del wall.cameras["cam1"]
        wall.announce()
        await expect(page.locator("#toast")).to_contain_text("The camera was removed")
        await expect(page.locator(".drawing")).to_have_count(0)
        await expect(page.get_by_role("alertdialog")).to_have_count(0)
        await expect(page.locator("heat-wall[data-focus]")).to_have_count(0)
        await page.locator("heat-tile[data-camera='cam2']").click()
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam2")


async def test_a_camera_that_is_away_can_be_drawn_on_all_the_same(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        wall.set("cam1", state=CameraState.RETRYING, state_reason="no answer")
        await expect(page.locator("heat-tile")).to_have_attribute("data-picture", "off")
        await editor.click((0.75, 0.7))
        await editor.drag((0.6, 0.4), (0.5, 0.3))
        await editor.press("Apply")
        await expect(page.locator("#toast")).to_contain_text("Applied")


async def test_a_finger_draws_a_zone_and_moves_a_corner(browser: Browser) -> None:
    context = await browser.new_context(
        has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}
    )
    page = await context.new_page()
    async with fake_wall(2, fps=1) as wall:
        editor = await RegionEditor.open(page, wall)
        await editor.button("Zone").tap()
        for corner in ((0.3, 0.2), (0.7, 0.2), (0.7, 0.8)):
            await page.touchscreen.tap(*editor.pixel(corner))
        await editor.button("Done").tap()
        assert len(await editor.corners("zone-1")) == 3
        box = await editor.corner(0).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 40
        await finger(page, editor.pixel((0.3, 0.2)), editor.pixel((0.1, 0.5)))
        assert (await editor.corners("zone-1"))[0] == pytest.approx([0.1, 0.5], abs=0.01)
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam1")
        # Chromium swallows the first tap after a drag that DevTools sent, on any page.
        await editor.press("Apply")
        await eventually_async(lambda: len(wall.heard.regions) == 1)
    await context.close()


async def test_two_fingers_zoom_and_what_is_drawn_stays_in_its_place(browser: Browser) -> None:
    context = await browser.new_context(
        has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}
    )
    page = await context.new_page()
    async with fake_wall(2, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.button("Zone").tap()
        await page.touchscreen.tap(*editor.pixel((0.2, 0.2)))
        x, y = editor.pixel((0.5, 0.5))
        await fingers(page, [[(x - 20 * step, y), (x + 20 * step, y)] for step in (1, 2, 3)])
        await expect(page.locator("heat-tile[data-zoomed]")).to_have_count(1)
        await expect(page.locator(".dot-set")).to_have_count(1)
        await page.keyboard.press("Escape")
        await editor.press("Line")
        await fingers(page, [[(x, y)], [(x, y), (x + 60, y)], [(x, y), (x + 70, y)]])
        await expect(page.locator(".dot-set")).to_have_count(0)
        await page.keyboard.press("Escape")
        closer = await RegionEditor.ready(page)
        await page.touchscreen.tap(*closer.pixel((0.6, 0.5)))
        await fingers(page, [[closer.pixel((0.6, 0.4))], [closer.pixel((0.5, 0.45))]])
        corners = await closer.corners("queue")
        assert corners[0] == pytest.approx([0.5, 0.45], abs=0.01)
        assert corners[1:] == QUEUE["polygon"][1:]
        box = await closer.corner(0).bounding_box()
        assert box is not None
        assert box["width"] == pytest.approx(42, abs=1), "as large as ever"
    await context.close()


async def test_whoever_draws_zooms_by_wheel(page: Page) -> None:
    async with fake_wall(1, fps=1) as wall:
        editor = await open_with_regions(page, wall)
        await editor.click((0.65, 0.45))
        for _ in range(3):
            await page.mouse.wheel(0, -240)
        await expect(page.locator("heat-tile[data-zoomed]")).to_have_count(1)
        closer = await RegionEditor.ready(page)
        await closer.drag((0.6, 0.4), (0.55, 0.45))
        assert (await closer.corners("queue"))[0] == pytest.approx([0.55, 0.45], abs=0.002)
        await page.keyboard.press("Control+z")
        is_edge = np.abs((await closer.patch((0.64, 0.4))).astype(int) - ACCENT).max(axis=-1) < 12
        assert 2 <= np.median(is_edge.sum(axis=0)) <= 4, "an edge as wide as ever"
        box = await closer.corner(0).bounding_box()
        assert box is not None
        assert box["width"] == pytest.approx(28, abs=1)


async def finger(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    way = [
        (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
        for share in (0.0, 0.3, 0.6, 1.0)
    ]
    await fingers(page, [[place] for place in way])


async def fingers(page: Page, moves: list[list[tuple[float, float]]]) -> None:
    browser = await page.context.new_cdp_session(page)
    for index, places in enumerate(moves):
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        is_begin = index == 0 or len(places) > len(moves[index - 1])
        kind = "touchStart" if is_begin else "touchMove"
        await browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    await browser.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await browser.detach()
