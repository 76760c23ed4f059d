from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from av.video.frame import VideoFrame

from heatwall.camera.encoder import TierEncoder
from heatwall.camera.link import (
    ChangeInk,
    RequestIdr,
    SetPace,
    StartTier,
    StopTier,
    TierSpec,
)
from heatwall.camera.source import DecodedFrame
from heatwall.camera.tiers import Tiers, Totals
from support.cameras import overlay
from support.ink import INK

SPECS = {"tile": TierSpec(64, 36, 15, 100_000), "focus": TierSpec(128, 72, 15, 200_000)}


def frame() -> DecodedFrame:
    picture = np.full((72 * 3 // 2, 128), 128, np.uint8)
    return DecodedFrame(VideoFrame.from_ndarray(picture, format="yuv420p"), None, 128, 72)


def shown(tiers: Tiers, seconds: float, *, fps: float = 15, is_late: bool = False) -> int:
    """Offer frames to the tile; return how many were shown."""
    pictures = [
        tiers.render("tile", frame(), 10 + step / fps, is_late=is_late)
        for step in range(round(seconds * fps))
    ]
    return sum(picture is not None for picture in pictures)


@pytest.fixture
def tiers() -> Tiers:
    tiers = Tiers(SPECS, INK)
    tiers.obey(StartTier("tile"))
    return tiers


def test_only_tiers_that_were_started_are_there(tiers: Tiers) -> None:
    assert list(tiers) == ["tile"]

    tiers.obey(StartTier("focus"))
    tiers.obey(StopTier("tile"))

    assert list(tiers) == ["focus"]


def test_what_encodes_is_told_from_the_first_picture_on(tiers: Tiers) -> None:
    assert tiers.encoder == ""

    assert shown(tiers, 1 / 15) == 1
    assert tiers.encoder == "libx264"

    tiers.obey(StopTier("tile"))
    assert tiers.encoder == ""


def test_a_tier_that_found_no_room_on_the_gpu_is_told_before_one_that_did(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def opened(codec: str, *arguments: Any) -> tuple[TierEncoder, str]:
        encoder = TierEncoder(*arguments)
        encoder.codec = codec
        return encoder, ""

    monkeypatch.setattr("heatwall.camera.renditions.open_encoder", opened)
    gpu = msgspec.structs.replace(SPECS["tile"], encoder="h264_nvenc")
    tiers = Tiers({"tile": gpu, "focus": SPECS["focus"]}, INK)
    told = []
    for tier in ("tile", "focus"):
        tiers.obey(StartTier(tier))
        tiers.render(tier, frame(), 10.0, is_late=False)
        told.append(tiers.encoder)

    assert told == ["h264_nvenc", "libx264"]


def test_stopping_what_was_never_started_is_nothing(tiers: Tiers) -> None:
    tiers.obey(StopTier("focus"))
    tiers.obey(RequestIdr("focus"))

    assert list(tiers) == ["tile"]


def test_an_idr_comes_first_and_when_it_is_asked_for(tiers: Tiers) -> None:
    first = tiers.render("tile", frame(), 10.0, is_late=False)
    second = tiers.render("tile", frame(), 10.1, is_late=False)
    tiers.obey(RequestIdr("tile"))
    third = tiers.render("tile", frame(), 10.2, is_late=False)

    assert [picture.is_key for picture in (first, second, third) if picture] == [True, False, True]


def test_a_late_worker_shows_two_pictures_a_second_and_counts_the_rest(tiers: Tiers) -> None:
    assert shown(tiers, 3, is_late=True) == 6

    assert tiers.totals.dropped["late"] == 45 - 6
    assert tiers.totals.shown["tile"] == 6


def test_a_slower_pace_holds_for_tiers_that_run_and_that_begin_later(tiers: Tiers) -> None:
    tiers.obey(SetPace(0.5, 1 / 3))
    assert shown(tiers, 4) == pytest.approx(20, abs=1)

    tiers.obey(StopTier("tile"))
    tiers.obey(StartTier("tile"))
    assert shown(tiers, 4) == pytest.approx(20, abs=1)

    tiers.obey(SetPace(1.0, 1.0))
    assert shown(tiers, 4) >= 59


def test_anothers_pictures_can_be_made_to_look_the_same(tiers: Tiers) -> None:
    ink = msgspec.structs.replace(INK, opacity=1.0)
    tiers.obey(ChangeInk(ink))
    tiers.obey(SetPace(0.2, 0.5))
    tiers.obey(overlay(200))

    assert tiers.looks() == (ChangeInk(ink), SetPace(1.0, 0.5), overlay(200))
    assert Tiers(SPECS, INK).looks() == (ChangeInk(INK), SetPace(1.0, 1.0))


def test_totals_of_two_streams_add_up() -> None:
    one, other = Totals(), Totals()
    one.shown["tile"] = 3
    one.stage_s["encode"] = 0.5
    other.shown["focus"] = 2
    other.dropped["late"] = 1
    other.stage_s["encode"] = 0.25

    both = Totals().add(one).add(other)

    assert (both.shown, both.dropped) == ({"tile": 3, "focus": 2}, {"late": 1})
    assert both.stage_s == {"encode": 0.75}
    assert one.stage_s == {"encode": 0.5}
