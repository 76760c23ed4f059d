"""The heat's controls: live, for one camera or many, and never other than what is true."""

from __future__ import annotations

import itertools
import time
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.async_api import Locator, Page, Route, expect

from heatwall.palette import lut_rgb
from support.eventually import eventually_async
from support.fake_wall import FakeWall, fake_wall
from support.slow_line import SlowLine

pytestmark = pytest.mark.e2e

OVERLAYS = "**/api/cameras/*/overlay"

SWITCHES = {
    "Heat": "show_heat",
    "Boxes": "show_boxes",
    "Labels": "show_labels",
    "Confidence": "show_conf",
    "Trails": "show_trails",
    "Lines": "show_lines",
    "Zones": "show_zones",
    "Count in": "show_in",
    "Count out": "show_out",
}


async def open_controls(page: Page, wall: FakeWall, address: str = "") -> Locator:
    """Open the page and its controls; returns once they show what is true."""
    await page.goto(wall.url + address)
    await expect(page.locator("heat-tile")).to_have_count(len(wall.cameras))
    await page.keyboard.press("h")
    await expect(page.locator("fieldset")).to_have_attribute("aria-busy", "false")
    return page.locator("#panel")


async def choose(page: Page, target: str) -> None:
    await page.get_by_label("Cameras that are changed").select_option(target)


async def until_heard(wall: FakeWall, camera: str, **values: object) -> None:
    def is_so() -> bool:
        return all(wall.overlays[camera][key] == value for key, value in values.items())

    await eventually_async(is_so)


async def change_elsewhere(page: Page, wall: FakeWall, camera: str, **values: object) -> None:
    answer = await page.request.patch(f"{wall.url}api/cameras/{camera}/overlay", data=values)
    assert answer.ok


async def slide(page: Page, label: str, *, to: int) -> None:
    await page.get_by_label(label, exact=True).evaluate(
        """(slider, to) => {
          slider.value = String(to);
          slider.dispatchEvent(new Event("input", {bubbles: true}));
        }""",
        to,
    )


async def test_every_control_changes_the_camera_without_a_reload(page: Page) -> None:
    async with fake_wall(2) as wall:
        panel = await open_controls(page, wall, "#cam2")
        await page.evaluate("globalThis.isSamePage = true")
        tile = page.locator("heat-tile[data-camera='cam2']")
        for label, key in SWITCHES.items():
            box = panel.get_by_role("checkbox", name=label, exact=True)
            was = wall.overlays["cam2"][key]
            assert await box.is_checked() == was
            await box.click()
            await until_heard(wall, "cam2", **{key: not was})
        await expect(tile.locator(".legend")).to_be_hidden()
        await panel.get_by_role("checkbox", name="Heat", exact=True).click()
        await expect(tile.locator(".legend")).to_be_visible()
        await panel.get_by_text("Palette").click()
        await panel.get_by_role("radio", name="Viridis").check()
        await until_heard(wall, "cam2", colormap="viridis")
        await panel.get_by_role("radio", name="2 h").check()
        await until_heard(wall, "cam2", shown="2h")
        await expect(tile.locator(".legend-unit")).to_contain_text("half-life 2 h")
        await slide(page, "Opacity", to=40)
        await until_heard(wall, "cam2", opacity=0.4)
        await slide(page, "Full colour at", to=0)
        await until_heard(wall, "cam2", scale=0.01)
        await expect(tile.locator("[data-part='legend-top']")).to_have_text("1 %")
        await panel.get_by_text("More", exact=True).click()
        await slide(page, "Faint heat (gamma)", to=0)
        await slide(page, "Width of lines", to=15)
        await until_heard(wall, "cam2", gamma=0.1, line_width=16)
        await panel.get_by_role("radio", name="Automatic").check()
        await until_heard(wall, "cam2", scale="auto")
        await expect(panel.get_by_label("Full colour at")).to_be_disabled()
        assert {camera for camera, _ in wall.heard.overlays} == {"cam2"}
        assert await page.evaluate("globalThis.isSamePage")


async def test_the_legend_has_the_chosen_palettes_colours_within_a_second(page: Page) -> None:
    async with fake_wall(1) as wall:
        panel = await open_controls(page, wall, "#cam1")
        ramp = page.locator("heat-tile .ramp")
        before = await colour_at(ramp, 0.9)
        await panel.get_by_text("Palette").click()
        began = time.monotonic()
        await panel.get_by_role("radio", name="Winter").check()
        await eventually_async(lambda: wall.heard.overlays != [])

        async def is_green() -> bool:
            red, green, _ = await colour_at(ramp, 0.9)
            return green > red + 40

        await eventually_async(is_green)
        assert time.monotonic() - began < 5  # a second, on a machine that has nothing else to do
        assert before[0] > before[2] + 40


async def test_each_of_the_22_palettes_is_shown_in_its_own_colours(page: Page) -> None:
    async with fake_wall(1) as wall:
        panel = await open_controls(page, wall)
        await panel.get_by_text("Palette").click()
        choices = panel.locator(".palettes label")
        await expect(choices).to_have_count(22)
        for name in ("inferno", "jet", "deepgreen", "twilight_shifted", "hsv"):
            choice = panel.locator(f".palettes label:has(input[value='{name}'])")
            for at in (0.1, 0.5, 0.9):
                seen = np.array(await colour_at(choice.locator(".swatch"), at))
                assert np.abs(seen - lut_rgb(name)[round(at * 255)]).max() <= 45, name


async def colour_at(element: Locator, at: float) -> tuple[int, int, int]:
    """Return the colour in the middle of an element, that far from its left: R, G and B."""
    shot = np.frombuffer(await element.screenshot(), np.uint8)
    picture = cv2.imdecode(shot, cv2.IMREAD_COLOR)
    assert picture is not None
    blue, green, red = picture[picture.shape[0] // 2, round(at * (picture.shape[1] - 1))].tolist()
    return red, green, blue


async def test_all_cameras_get_the_touched_value_and_keep_their_others(page: Page) -> None:
    async with fake_wall(6) as wall:
        wall.overlays["cam3"] |= {"colormap": "jet", "show_boxes": True}
        panel = await open_controls(page, wall)
        await slide(page, "Opacity", to=20)
        for camera in wall.cameras:
            await until_heard(wall, camera, opacity=0.2)
        assert all(change == {"opacity": 0.2} for _, change in wall.heard.overlays)
        assert len(wall.heard.overlays) == 6
        assert wall.overlays["cam3"]["colormap"] == "jet"
        await expect(panel.locator("output").first).to_have_text("20 %")


async def test_a_group_is_changed_and_the_others_are_left_alone(page: Page) -> None:
    async with fake_wall(4) as wall:
        wall.groups = [{"id": "front", "name": "Front: door & till", "cameras": ["cam1", "cam3"]}]
        panel = await open_controls(page, wall)
        await choose(page, "Front: door & till (2 cameras)")
        await panel.get_by_role("checkbox", name="Trails").check()
        for camera in ("cam1", "cam3"):
            await until_heard(wall, camera, show_trails=True)
        assert sorted(camera for camera, _ in wall.heard.overlays) == ["cam1", "cam3"]


async def test_where_cameras_differ_it_says_so_and_one_press_makes_them_equal(page: Page) -> None:
    async with fake_wall(3) as wall:
        wall.overlays["cam2"] |= {
            "opacity": 0.3,
            "show_trails": True,
            "colormap": "jet",
            "scale": "auto",
            "shown": "10m",
        }
        panel = await open_controls(page, wall)
        trails = panel.get_by_role("checkbox", name="Trails")
        assert await trails.evaluate("(box) => box.indeterminate")
        await expect(panel.get_by_text("mixed, 30 % – 65 %")).to_be_visible()
        await expect(panel.locator("summary").first).to_contain_text("mixed")
        await expect(panel.locator("input[type='radio']:checked")).to_have_count(0)
        await trails.click()
        for camera in wall.cameras:
            await until_heard(wall, camera, show_trails=True)
        await panel.get_by_role("radio", name="Fixed").check()
        await panel.get_by_role("radio", name="30 s").check()
        for camera in wall.cameras:
            await until_heard(wall, camera, shown="30s", scale=0.25)
        assert not await trails.evaluate("(box) => box.indeterminate")
        await choose(page, "camera:cam2")
        await expect(panel.locator("output").first).to_have_text("30 %")
        await expect(panel.locator("summary").first).to_contain_text("Jet")


async def test_a_half_life_that_only_some_keep_changes_only_those(page: Page) -> None:
    async with fake_wall(2) as wall:
        heat = wall.cameras["cam1"].status.heat
        assert heat is not None
        wall.set("cam1", heat=replaced(heat, half_lives_s=(30.0, 600.0)))
        panel = await open_controls(page, wall)
        await expect(panel.get_by_text("2 h is kept by 1 of 2 cameras")).to_be_visible()
        await panel.get_by_role("radio", name="2 h").click()
        await until_heard(wall, "cam2", shown="2h")
        assert [camera for camera, _ in wall.heard.overlays] == ["cam2"]


def replaced(heat: Any, **changes: object) -> Any:
    return type(heat)(**{name: getattr(heat, name) for name in heat.__struct_fields__} | changes)


async def drag(page: Page, slider: Locator) -> float:
    """Drag a slider from its left over most of its length; return what it then stands at."""
    box = await slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + 10, y)
    await page.mouse.down()
    for step in range(40):
        await page.mouse.move(box["x"] + 10 + step * (box["width"] - 40) / 40, y)
    await page.mouse.up()
    return float(await slider.evaluate("(slider) => Number(slider.value) / 100"))


async def test_a_dragged_slider_sends_in_order_and_the_newest_last(page: Page) -> None:
    async with fake_wall(1) as wall:
        await open_controls(page, wall, "#cam1")
        line = SlowLine(0.3)
        await page.route(OVERLAYS, line)
        last = await drag(page, page.get_by_label("Opacity", exact=True))
        await until_heard(wall, "cam1", opacity=last)
        sent = [change["opacity"] for _, change in wall.heard.overlays]
        assert sent == sorted(sent)
        assert len(sent) >= 2
        assert line.most == 1


async def test_a_dragged_slider_sends_five_times_a_second_at_most(page: Page) -> None:
    await page.add_init_script(
        """
        const {fetch} = globalThis;
        globalThis.sentAt = [];
        globalThis.fetch = (url, request) => {
          if (request?.method === "PATCH") sentAt.push(performance.now());
          return fetch(url, request);
        };
        """
    )
    async with fake_wall(1) as wall:
        await open_controls(page, wall, "#cam1")
        slider = page.get_by_label("Opacity", exact=True)
        for _ in range(3):
            await until_heard(wall, "cam1", opacity=await drag(page, slider))
        sent_at = await page.evaluate("sentAt")
        assert len(sent_at) >= 3
        assert min(later - sooner for sooner, later in itertools.pairwise(sent_at)) >= 195


async def test_many_cameras_are_changed_a_few_at_a_time(page: Page) -> None:
    line = SlowLine(0.1)
    await page.route(OVERLAYS, line)
    async with fake_wall(9) as wall:
        panel = await open_controls(page, wall)
        await panel.get_by_role("checkbox", name="Boxes").check()
        for camera in wall.cameras:
            await until_heard(wall, camera, show_boxes=True)
        assert 2 <= line.most <= 3


async def test_a_change_made_elsewhere_is_followed(page: Page) -> None:
    async with fake_wall(2) as wall:
        panel = await open_controls(page, wall, "#cam1")
        await change_elsewhere(page, wall, "cam1", opacity=0.9, colormap="hot", scale=0.5)
        await expect(panel.locator("output").first).to_have_text("90 %")
        await expect(panel.locator("summary").first).to_contain_text("Hot")
        await expect(panel.locator("output").nth(1)).to_have_text("50 %")
        # The status says nothing of boxes: they are looked at when somebody comes here.
        await change_elsewhere(page, wall, "cam1", show_boxes=True)
        await panel.get_by_role("checkbox", name="Zones").focus()
        await expect(panel.get_by_role("checkbox", name="Boxes")).to_be_checked()


async def test_closing_the_panel_at_once_loses_no_change(page: Page) -> None:
    async with fake_wall(5) as wall:
        panel = await open_controls(page, wall)
        await panel.get_by_role("checkbox", name="Labels").check()
        await slide(page, "Opacity", to=10)
        await page.keyboard.press("Escape")
        await expect(panel).to_be_hidden()
        for camera in wall.cameras:
            await until_heard(wall, camera, show_labels=True, opacity=0.1)


async def test_who_may_only_look_sees_what_is_true_and_why_nothing_moves(page: Page) -> None:
    async with fake_wall(2) as wall:
        wall.rights = {"role": "viewer", "can_operate": False, "can_save": False}
        wall.overlays["cam1"] |= {"show_boxes": True, "opacity": 0.5}
        panel = await open_controls(page, wall, "#cam1")
        await expect(panel.get_by_text("This page may only look")).to_be_visible()
        await expect(panel.get_by_role("checkbox", name="Boxes")).to_be_checked()
        await expect(panel.locator("output").first).to_have_text("50 %")
        for control in await panel.locator("fieldset :is(input, button)").all():
            await expect(control).to_be_disabled()
        await expect(panel.get_by_role("link", name="Heat with legend and time")).to_be_visible()
        wall.rights = {"role": "operator", "can_operate": True, "can_save": False}
        wall.announce()
        await expect(panel.get_by_role("checkbox", name="Boxes")).to_be_enabled()
        await expect(panel.get_by_text("This page may only look")).to_be_hidden()


REFUSALS = {
    "fault": (
        422,
        """{"error": {"code": "invalid", "message": "x"}, "faults": [{"key": "opacity",
        "message": "is out of range", "found": "0.1", "allowed": "a number from 0.2 to 1"}]}""",
        "0.1 is out of range; allowed: a number from 0.2 to 1.",
    ),
    "forbidden": (
        403,
        '{"error": {"code": "forbidden", "message": "Only an operator may change this"}}',
        "Only an operator may change this.",
    ),
    "conflict": (
        409,
        '{"error": {"code": "no_heat_yet", "message": "No frame was analysed yet."}}',
        "No frame was analysed yet.",
    ),
    "odd": (502, "<h1>Bad gateway</h1>", "The server answered 502."),
    "unreachable": (0, "", "The server was not reached."),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_what_was_refused_is_told_beside_the_control_which_falls_back(
    page: Page, name: str
) -> None:
    status, body, text = REFUSALS[name]

    async def refuse(route: Route) -> None:
        if route.request.method != "PATCH":
            await route.continue_()
        elif status == 0:
            await route.abort()
        else:
            await route.fulfill(status=status, body=body)

    async with fake_wall(1) as wall:
        panel = await open_controls(page, wall, "#cam1")
        await page.route(OVERLAYS, refuse)
        await slide(page, "Opacity", to=10)
        field = panel.locator(".field", has=page.get_by_label("Opacity", exact=True))
        await expect(field.get_by_role("alert")).to_have_text(text)
        await expect(field.locator("output")).to_have_text("65 %")
        await expect(panel.get_by_role("alert")).to_have_count(1)
        await page.unroute(OVERLAYS)
        await slide(page, "Opacity", to=30)
        await until_heard(wall, "cam1", opacity=0.3)
        await expect(panel.get_by_role("alert")).to_have_count(0)


async def test_a_reason_that_many_cameras_share_is_told_once_with_their_names(page: Page) -> None:
    async def refuse(route: Route) -> None:
        is_fine = route.request.method != "PATCH" or "/cam2/" in route.request.url
        message = '{"error": {"code": "busy", "message": "too much is asked"}}'
        await (route.continue_() if is_fine else route.fulfill(status=503, body=message))

    async with fake_wall(4) as wall:
        panel = await open_controls(page, wall)
        await page.route(OVERLAYS, refuse)
        await panel.get_by_role("checkbox", name="Boxes").check()
        await until_heard(wall, "cam2", show_boxes=True)
        await expect(panel.get_by_role("alert")).to_have_text(
            "Entrance and 2 others: Too much is asked."
        )
        assert await panel.get_by_role("checkbox", name="Boxes").evaluate("(b) => b.indeterminate")


async def test_settings_that_can_not_be_read_are_told_and_read_later(page: Page) -> None:
    await page.route(OVERLAYS, lambda route: route.abort())
    async with fake_wall(1) as wall:
        await page.goto(wall.url)
        await expect(page.locator("heat-tile")).to_have_count(1)
        await page.keyboard.press("h")
        panel = page.locator("#panel")
        await expect(panel.get_by_role("alert")).to_have_text(
            "The settings of Entrance could not be read: The server was not reached. Trying again."
        )
        await expect(panel.get_by_role("checkbox", name="Boxes")).to_be_disabled()
        await page.unroute(OVERLAYS)
        await expect(panel.get_by_role("checkbox", name="Boxes")).to_be_enabled(timeout=10000)
        await expect(panel.get_by_role("alert")).to_have_count(0)


async def test_a_reset_says_what_is_lost_and_asks_first(page: Page) -> None:
    async with fake_wall(2) as wall:
        panel = await open_controls(page, wall)
        reset = panel.get_by_role("button", name="Reset heat")
        await reset.click()
        dialog = page.get_by_role("alertdialog", name="Reset the heat of 2 cameras?")
        await expect(dialog).to_contain_text("All heat gathered so far is lost")
        await expect(dialog).to_contain_text("Entrance, Checkout 1–4")
        await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(dialog).to_have_count(0)
        await reset.click()
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await expect(panel).to_be_visible()
        await expect(reset).to_be_focused()
        assert wall.heard.resets == []
        await reset.click()
        await dialog.get_by_role("button", name="Reset heat").click()
        await expect(page.locator("#toast")).to_have_text("The heat of 2 cameras begins anew.")
        assert sorted(wall.heard.resets) == [("cam1", "heat"), ("cam2", "heat")]
        await choose(page, "Checkout 1–4")
        await panel.get_by_role("button", name="Reset counts").click()
        await page.get_by_role("alertdialog").get_by_role("button", name="Reset counts").click()
        await expect(page.locator("#toast")).to_have_text(
            "The counts of Checkout 1–4 begin at zero."
        )
        assert wall.heard.resets[2:] == [("cam2", "counts")]


async def test_a_reset_that_fails_for_some_names_them(page: Page) -> None:
    async with fake_wall(3) as wall:
        panel = await open_controls(page, wall)
        await page.route("**/cam2/heat/reset", lambda route: route.abort())
        await panel.get_by_role("button", name="Reset heat").click()
        await page.get_by_role("alertdialog").get_by_role("button", name="Reset heat").click()
        await expect(page.locator("#toast")).to_have_text(
            "The heat of Checkout 1–4 was not reset: The server was not reached."
        )
        assert sorted(wall.heard.resets) == [("cam1", "heat"), ("cam3", "heat")]


async def test_files_keep_the_names_that_the_server_gives_them(page: Page) -> None:
    async with fake_wall(2) as wall:
        panel = await open_controls(page, wall, "#cam2")
        for link, query, name in (
            ("Heat with legend and time", "heat.png?legend=true", "heat"),
            ("Counts of lines and zones", "counts.csv", "counts"),
        ):
            async with page.expect_download() as waited:
                await panel.get_by_role("link", name=link).click()
            download = await waited.value
            assert download.url == f"{wall.url}api/cameras/cam2/{query}"
            assert download.suggested_filename.startswith("cam2-")
            assert name in download.suggested_filename
        picture = panel.get_by_role("link", name="Picture as shown now")
        await expect(picture).to_have_attribute(
            "href", f"{wall.url}api/cameras/cam2/snapshot.jpg?tier=focus"
        )
        await panel.get_by_text("More files").click()
        for form, path in (("PNG", "heat.png"), ("NPY", "heat.npy"), ("JSON", "heat.json")):
            file = panel.locator("details .export", has_text=form)
            await expect(file).to_have_attribute("href", f"{wall.url}api/cameras/cam2/{path}")
        await choose(page, "All 2 cameras")
        async with page.expect_download() as waited:
            await panel.get_by_role("link", name="Counts of all cameras").click()
        assert (await waited.value).url == f"{wall.url}api/counts.csv"


async def test_no_file_is_fetched_of_a_camera_that_has_none(page: Page) -> None:
    async with fake_wall(1) as wall:
        wall.set("cam1", state="retrying", heat=None)
        panel = await open_controls(page, wall, "#cam1")
        await panel.get_by_role("link", name="Picture as shown now").click()
        await expect(page.locator("#toast")).to_have_text(
            "The camera sends no picture at the moment."
        )
        await panel.get_by_role("link", name="Heat with legend and time").click()
        await expect(page.locator("#toast")).to_have_text("There is no heat of this camera yet.")


async def test_the_controls_follow_the_large_camera_unless_all_are_meant(page: Page) -> None:
    async with fake_wall(3) as wall:
        panel = await open_controls(page, wall)
        select = panel.get_by_label("Cameras that are changed")
        await expect(select).to_have_value("all")
        await page.locator("heat-tile[data-camera='cam1']").click()
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam1")
        await expect(select).to_have_value("all")
        await choose(page, "Entrance")
        await page.locator("heat-tile[data-camera='cam1'] .open").focus()
        await page.keyboard.press("ArrowRight")
        await expect(select).to_have_value("camera:cam2")
        await page.keyboard.press("Escape")
        await expect(page.locator("heat-wall")).not_to_have_attribute("data-focus", "cam2")
        await expect(select).to_have_value("camera:cam2")
        wall.cameras.pop("cam2")
        wall.announce()
        await expect(select).to_have_value("all")


async def test_all_of_it_works_by_the_keyboard(page: Page) -> None:
    async with fake_wall(1) as wall:
        panel = await open_controls(page, wall, "#cam1")
        await panel.locator("summary").first.focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.keyboard.press("ArrowRight")
        await until_heard(wall, "cam1", colormap="magma")
        await panel.get_by_label("Opacity", exact=True).focus()
        await page.keyboard.press("ArrowLeft")
        await until_heard(wall, "cam1", opacity=0.64)
        await panel.get_by_role("checkbox", name="Boxes").focus()
        await page.keyboard.press("Space")
        await until_heard(wall, "cam1", show_boxes=True)
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam1")
        await page.keyboard.press("h")
        await expect(panel).to_be_hidden()


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_on_a_phone_all_can_be_touched_and_nothing_is_cut_off(page: Page, theme: str) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    client = await page.context.new_cdp_session(page)
    await client.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 5})
    async with fake_wall(2) as wall:
        panel = await open_controls(page, wall, f"?theme={theme}#cam1")
        for fold in await panel.locator("summary").all():
            await fold.click()
        targets = ".switch, .choice, .button, .export, select, summary, input[type='range']"
        for target in await panel.locator(targets).all():
            box = await target.bounding_box()
            assert box is not None
            assert box["height"] >= 40
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 360
        body = panel.locator(".panel-body")
        assert await body.evaluate("(it) => it.scrollWidth <= it.clientWidth")
