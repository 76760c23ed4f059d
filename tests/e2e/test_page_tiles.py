"""What a tile says and shows of its camera."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from playwright.async_api import Page, expect

from heatwall.states import CameraState
from support.fake_wall import FakeWall, fake_wall

pytestmark = pytest.mark.e2e

BERLIN = ZoneInfo("Europe/Berlin")


def at(hour: int, minute: int, days_ago: int = 0) -> float:
    """Return a time in the time zone of the test's browser, in seconds since 1970."""
    day = datetime.now(BERLIN) - timedelta(days=days_ago)
    return day.replace(hour=hour, minute=minute, second=0).timestamp()


def change_heat(wall: FakeWall, camera: str, **changes: object) -> None:
    heat = wall.cameras[camera].status.heat
    assert heat is not None
    wall.set(camera, heat=msgspec.structs.replace(heat, **changes))


async def test_every_camera_plays(page: Page) -> None:
    async with fake_wall(4) as wall:
        await page.goto(wall.url)
        await expect(page.locator("heat-tile[data-picture='playing']")).to_have_count(4)
        tile = page.locator("heat-tile[data-camera='cam3']")
        await expect(tile).to_have_attribute("data-width", "320")
        await expect(tile).to_have_attribute("data-height", "180")
        await expect(tile).to_have_attribute("data-tier", "tile")
        frames = int(await tile.get_attribute("data-frames") or 0)
        await page.wait_for_function(
            "([tile, seen]) => Number(tile.dataset.frames) >= seen + 5",
            arg=[await tile.element_handle(), frames],
        )
        assert await page.evaluate("peersMade") == 1
        assert wall.heard.posts == [["cam1", "cam2", "cam3", "cam4"]]


async def test_the_pictures_do_not_wait_for_the_websocket(page: Page) -> None:
    async with fake_wall(2) as wall:
        # Opened and silent, as on a server that is busy.
        await page.route_web_socket("**/api/live", lambda _socket: None)
        await page.goto(wall.url)
        await expect(page.locator("heat-tile")).to_have_count(2)
        for camera in ("cam1", "cam2"):
            tile = page.locator(f"heat-tile[data-camera='{camera}']")
            await expect(tile).not_to_have_attribute("data-frames", "0")
        assert wall.heard.posts == [["cam1", "cam2"]]
        assert await page.evaluate("peersMade") == 1


async def test_an_offer_is_short_and_waits_for_no_address(page: Page) -> None:
    async with fake_wall(3) as wall:
        async with page.expect_request("**/whep?*") as asked:
            await page.goto(wall.url)
        sdp = (await asked.value).post_data or ""
        assert sdp.count("m=video") == sdp.count("H264/90000") == sdp.count("rtx/90000") == 3
        assert "VP8" not in sdp
        assert "a=candidate" not in sdp


async def test_the_tiles_show_moving_pixels_of_their_own_camera(page: Page) -> None:
    async with fake_wall(2) as wall:
        await page.goto(wall.url)
        await expect(page.locator("heat-tile[data-picture='playing']")).to_have_count(2)
        # Camera 1 has nobody and no heat: grey. Camera 2 has heat: its warmest pixel is orange.
        warmest = """(camera) => {
          const video = document.querySelector(`heat-tile[data-camera=${camera}] video`);
          const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
          const context = canvas.getContext('2d');
          context.drawImage(video, 0, 0);
          const top = Math.round(canvas.height * 0.55);
          const {data} = context.getImageData(0, top, canvas.width, canvas.height - top);
          let warmth = -255;
          for (let i = 0; i < data.length; i += 4) warmth = Math.max(warmth, data[i] - data[i + 2]);
          return warmth;
        }"""
        assert await page.evaluate(warmest, "cam1") < 60
        assert await page.evaluate(warmest, "cam2") > 90


async def test_an_offline_camera_says_since_when_and_why(page: Page) -> None:
    async with fake_wall(2, fps=4) as wall:
        await page.goto(wall.url)
        tile = page.locator("heat-tile[data-camera='cam2']")
        await expect(tile).to_have_attribute("data-picture", "playing")
        since = at(14, 3)
        wall.set(
            "cam2",
            state=CameraState.RETRYING,
            state_since=since,
            state_reason="no route to 192.0.2.12",
        )
        await expect(tile).to_have_attribute("data-state", "retrying")
        await expect(tile).to_have_attribute("data-since", repr(since))
        await expect(tile.get_by_text("Camera offline – trying again")).to_be_visible()
        await expect(tile.get_by_text("since 14:03", exact=True)).to_be_visible()
        await expect(tile.get_by_text("no route to 192.0.2.12")).to_be_visible()
        await expect(page.locator("#news")).to_have_text(
            "Checkout 1–4: Camera offline – trying again"
        )
        wall.set("cam2", state=CameraState.REFUSED, state_since=at(14, 3, days_ago=40))
        day = datetime.fromtimestamp(at(14, 3, days_ago=40), BERLIN)
        await expect(
            tile.get_by_text(f"since {day.day} {day.strftime('%b')}, 14:03")
        ).to_be_visible()
        wall.set("cam2", state=CameraState.LIVE)
        await expect(tile).to_have_attribute("data-picture", "playing")
        await expect(tile.locator(".notice")).to_be_hidden()


@pytest.mark.parametrize("state", [state for state in CameraState if state != CameraState.LIVE])
async def test_every_state_is_said_in_plain_words(page: Page, state: CameraState) -> None:
    async with fake_wall(1) as wall:
        wall.set("cam1", state=state)
        await page.goto(wall.url)
        tile = page.locator("heat-tile")
        await expect(tile).to_have_attribute("data-state", state.value)
        title = tile.locator("[data-part='notice-title']")
        await expect(title).to_be_visible()
        assert " " in await title.inner_text()
        assert "undefined" not in await tile.inner_text()


async def test_names_and_reasons_with_markup_are_text(page: Page) -> None:
    name = "<img src=x onerror=alert(1)> & <b>Till</b>"
    async with fake_wall(1) as wall:
        wall.set("cam1", name=name, state=CameraState.RETRYING, state_reason="<script>1</script>")
        await page.goto(wall.url)
        tile = page.locator("heat-tile")
        await expect(tile.locator("h2")).to_have_text(name)
        await expect(tile.get_by_text("<script>1</script>", exact=True)).to_be_visible()
        assert await tile.locator("img, b, script").count() == 0


async def test_people_and_legend_say_their_unit(page: Page) -> None:
    async with fake_wall(1) as wall:
        wall.set("cam1", people_now=12)
        await page.goto(wall.url)
        tile = page.locator("heat-tile")
        await expect(tile).to_have_attribute("data-people", "12")
        await expect(tile.locator(".people")).to_have_text("12")
        legend = tile.locator(".legend")
        await expect(legend).to_contain_text("25 %")
        await expect(legend).to_contain_text("of recent time · half-life 30 s")
        ramp = await tile.locator("[data-part='ramp']").evaluate(
            "(ramp) => getComputedStyle(ramp).backgroundImage"
        )
        assert ramp.startswith("linear-gradient(to right, rgba(0, 0, 4, 0) 0%")
        change_heat(wall, "cam1", half_life_s=600.0, scale=0.025)
        await expect(legend).to_contain_text("2.5 %")
        await expect(legend).to_contain_text("half-life 10 min")
        change_heat(wall, "cam1", half_life_s=None)
        await expect(legend).to_contain_text("of the time since the start")
        change_heat(wall, "cam1", is_shown=False)
        await expect(legend).to_be_hidden()


async def test_a_picture_that_stands_still_says_its_age(page: Page) -> None:
    async with fake_wall(1) as wall:
        await page.goto(wall.url)
        tile = page.locator("heat-tile")
        await expect(tile).to_have_attribute("data-picture", "playing")
        wall.cameras["cam1"].has_pictures = False
        wall.announce()
        await expect(tile).to_have_attribute("data-picture", "late", timeout=10000)
        await expect(tile.get_by_text("s old")).to_be_visible()


async def test_cameras_come_and_go_without_a_break_for_the_others(page: Page) -> None:
    async with fake_wall(3) as wall:
        await page.goto(wall.url)
        await expect(page.locator("heat-tile[data-picture='playing']")).to_have_count(3)
        gone = wall.cameras.pop("cam2")
        wall.announce()
        await expect(page.locator("heat-tile")).to_have_count(2)
        status = msgspec.structs.replace(gone.status, id="new", name="New camera")
        wall.cameras["new"] = type(gone)(status, gone.shop)
        wall.announce()
        tile = page.locator("heat-tile[data-camera='new']")
        await expect(tile).to_have_attribute("data-picture", "playing")
        assert await page.evaluate("peersMade") == 1, "the freed slot was used"
        assert {"slot": 1, "camera": "new", "tier": "tile"} in wall.heard.patches[-1]


async def test_more_cameras_than_slots_make_a_new_session(page: Page) -> None:
    async with fake_wall(2) as wall:
        third = wall.cameras.pop("cam2")
        await page.goto(wall.url)
        await expect(page.locator("heat-tile[data-picture='playing']")).to_have_count(1)
        wall.cameras["cam2"] = third
        wall.announce()
        await expect(page.locator("heat-tile[data-picture='playing']")).to_have_count(2)
        assert wall.heard.posts == [["cam1"], ["cam1", "cam2"]]
        assert len(wall.sessions) == 1


async def test_a_wall_without_cameras_says_so(page: Page) -> None:
    async with fake_wall(0) as wall:
        await page.goto(wall.url)
        await expect(page.get_by_text("No cameras yet")).to_be_visible()
        assert wall.heard.posts == []


async def test_work_that_a_busy_machine_leaves_out_is_said_on_the_tile(page: Page) -> None:
    slow = "the machine is busy: detection at 2.5 of 5 a second"
    async with fake_wall(2, fps=4) as wall:
        await page.goto(wall.url)
        tile = page.locator("heat-tile[data-camera='cam2']")
        await expect(tile).to_have_attribute("data-picture", "playing")
        await expect(tile.locator(".hint")).to_be_hidden()

        wall.set("cam2", notices=(slow, "main stream: no answer within 5 s"))
        await expect(tile.locator(".hint")).to_have_text(f"{slow[0].upper()}{slow[1:]}.")
        await expect(tile.locator(".hint")).to_have_attribute("title", re.compile("Main stream: "))
        await expect(tile.locator(".open")).to_have_attribute("aria-label", re.compile(slow))
        await expect(page.locator("heat-tile[data-camera='cam1'] .hint")).to_be_hidden()

        wall.set("cam2", notices=())
        await expect(tile.locator(".hint")).to_be_hidden()
