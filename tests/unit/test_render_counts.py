from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from heatwall.analysis.reading import HeatReading
from heatwall.overlay import HeatInk, Planes
from heatwall.palette import alpha_lut, yuv_lut
from heatwall.render.counts import RenderCounts, counts_csv, counts_json
from heatwall.render.heat_files import file_scale, heat_npy, heat_png
from heatwall.render.reader import VideoFacts
from heatwall.render.report import summary, warnings
from heatwall.render.targets import Targets
from heatwall.status import DwellStatus, InOut, LineStatus, ZoneStatus
from support.tracks import ANALYSIS

FACTS = VideoFacts(
    source="shop.mp4",
    codec="h264",
    width=640,
    height=360,
    quarter_turns=0,
    fps=25.0,
    time_base=Fraction(1, 1000),
    duration_s=60.0,
    has_audio=False,
    is_live=False,
    pixel_aspect=None,
    color=(1, 6, 6, 6),
)


def reading(half_life_s: float | None = None, peak: float = 0.5) -> HeatReading:
    share = np.zeros((45, 80), np.float32)
    share[20:25, 30:40] = peak
    return HeatReading(half_life_s, None, share, share * 60, 60.0, 0.25, {})


COUNTS = RenderCounts(
    facts=FACTS,
    model="demo",
    classes=("person", "cart"),
    tracker="bytetrack",
    detect_fps=10.0,
    frames=1500,
    detected=600,
    duration_s=60.0,
    is_complete=True,
    warning=None,
    total_tracks=12,
    lines={"door": LineStatus(5, 3, {"person": InOut(4, 3), "cart": InOut(1, 0)})},
    zones={
        "queue": ZoneStatus(
            people_now=2,
            classes_now={"person": 2},
            in_count=7,
            out_count=5,
            classes={"person": InOut(7, 5)},
            person_s=81.25,
            dwell=DwellStatus(7, 11.6071, 10.5, 20.0),
        ),
        "empty": ZoneStatus(0, {}, 0, 0, {}, 0.0, DwellStatus(0, None, None, None)),
    },
    heat=reading(),
    shown_half_life_s=30.0,
)


def test_the_json_says_what_was_counted_and_how() -> None:
    tree = json.loads(counts_json(COUNTS))

    assert tree["lines"]["door"] == {
        "in": 5,
        "out": 3,
        "classes": {"person": {"in": 4, "out": 3}, "cart": {"in": 1, "out": 0}},
    }
    assert tree["zones"]["queue"]["person_seconds"] == 81.25
    assert tree["zones"]["queue"]["dwell"]["mean_s"] == 11.607
    assert tree["zones"]["empty"]["dwell"]["mean_s"] is None
    assert (tree["frames"], tree["frames_detected"], tree["duration_s"]) == (1500, 600, 60)
    assert (tree["model"], tree["tracker"], tree["total_tracks"]) == ("demo", "bytetrack", 12)
    assert tree["heat"]["half_life"] == "none"
    assert tree["heat"]["unit"] == "share of the time so far"
    assert (tree["heat"]["rows"], tree["heat"]["columns"], tree["heat"]["peak"]) == (45, 80, 0.5)
    assert tree["half_life_in_video"] == "30s"
    assert tree["is_complete"] is True


def test_the_table_has_a_row_for_all_and_for_each_class() -> None:
    rows = list(csv.DictReader(io.StringIO(counts_csv(COUNTS))))

    places = [(row["kind"], row["name"], row["class"]) for row in rows]
    assert places == [
        ("line", "door", "all"),
        ("line", "door", "person"),
        ("line", "door", "cart"),
        ("zone", "queue", "all"),
        ("zone", "queue", "person"),
        ("zone", "empty", "all"),
    ]
    assert (rows[0]["in"], rows[0]["out"], rows[0]["people_now"]) == ("5", "3", "")
    assert (rows[3]["people_now"], rows[3]["dwell_p90_s"], rows[3]["visits"]) == ("2", "20.0", "7")
    assert rows[5]["dwell_mean_s"] == ""


def test_the_numbers_are_read_back_as_they_were() -> None:
    heat = reading()

    back = np.load(io.BytesIO(heat_npy(heat)))

    assert back.dtype == np.float32
    assert np.array_equal(back, heat.share)


def test_the_picture_glows_where_the_heat_is_and_nowhere_else() -> None:
    ink = HeatInk(yuv_lut("inferno"), alpha_lut(0.65))
    chroma = np.full((180, 320), 128, np.uint8)
    grey: Planes = (np.full((360, 640), 100, np.uint8), chroma, chroma.copy())

    png = heat_png(reading(), grey, ANALYSIS.style, ink)

    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (360, 640, 3)
    blue, green, red = picture[180, 280].astype(int)
    assert blue < min(green, red) - 20
    cold = picture[20, 600].astype(int)
    assert np.ptp(cold) <= 2
    assert cold[0] == pytest.approx((100 - 16) * 255 / 219, abs=2)


def test_the_scale_of_the_picture_is_the_fixed_one_or_fits_the_heat() -> None:
    follows = replace(ANALYSIS.style, scale=None)

    assert file_scale(reading(), ANALYSIS.style) == 0.25
    assert file_scale(reading(peak=0.4), follows) == pytest.approx(0.4)
    assert file_scale(reading(peak=0.01), follows) == pytest.approx(0.05)


def test_the_summary_tells_files_pace_and_counts() -> None:
    targets = Targets(Path("b.mp4"), Path("b.heat.png"), None, None, None)

    lines = summary(targets, COUNTS, elapsed_s=30.0)

    assert lines == (
        "b.mp4: 1500 frames, 1:00 of video in 0:30 (2.0× real time)",
        "b.heat.png",
        "12 tracks",
        "line door: 5 in, 3 out",
        "zone queue: 7 in, 5 out, 2 there at the end, 11.6 s on average",
        "zone empty: 0 in, 0 out, 0 there at the end",
    )


def test_what_went_wrong_is_told_and_nothing_else() -> None:
    assert warnings(COUNTS, merged=0) == ()
    (cut,) = warnings(replace(COUNTS, is_complete=False, warning="broke off at 0:10: x"), merged=0)
    (stop,) = warnings(replace(COUNTS, is_complete=False, duration_s=12.0), merged=0)
    (merged,) = warnings(COUNTS, merged=3)

    assert cut == "shop.mp4 broke off at 0:10: x; what could be decoded is rendered"
    assert stop == "stopped at 0:12 of 1:00; what was done is saved"
    assert merged.startswith("3 frames left out")
