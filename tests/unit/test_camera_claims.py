from __future__ import annotations

import msgspec
import pytest

from heatwall.camera.claims import check
from heatwall.camera.link import (
    DetectFrame,
    EncodedPicture,
    Failed,
    Figures,
    LinkError,
    Notice,
    Opened,
    ToMain,
)

FRAME = DetectFrame(slot=2, sequence=1, width=320, height=180, time_s=12.5)
PICTURE = EncodedPicture("tile", b"\0\0\0\1\x65", 90_000, is_key=True)
FIGURES = Figures(1, {"tile": 1}, {"late": 0}, {"decode": 0.1}, 12.5, 640, 360)
GOOD: list[ToMain] = [
    FRAME,
    PICTURE,
    FIGURES,
    Opened("h264", 640, 360),
    Notice("encoder", ""),
    Failed("error", "the camera ended the stream"),
]


@pytest.mark.parametrize("message", GOOD, ids=lambda one: type(one).__name__)
def test_what_a_worker_says_passes(message: ToMain) -> None:
    check(message, 320, 3)


@pytest.mark.parametrize(
    ("message", "change"),
    [
        (FRAME, {"slot": 3}),
        (FRAME, {"slot": -1}),
        (FRAME, {"sequence": 0}),
        (FRAME, {"width": 321}),
        (FRAME, {"height": 0}),
        (FRAME, {"time_s": float("nan")}),
        (FRAME, {"time_s": float("inf")}),
        (PICTURE, {"tier": "huge"}),
        (PICTURE, {"annexb": b""}),
        (PICTURE, {"rtp_time": -1}),
        (FIGURES, {"decoded": -1}),
        (FIGURES, {"stage_s": {"decode": float("nan")}}),
        (FIGURES, {"newest_s": float("nan")}),
        (FIGURES, {"lag_s": float("inf")}),
        (FIGURES, {"dropped": {str(number): 1 for number in range(101)}}),
        (FIGURES, {"shown": {"t" * 101: 1}}),
        (FIGURES, {"width": 0}),
        (Opened("h264", 640, 360), {"width": 1 << 40}),
        (Opened("h264", 640, 360), {"codec": "h" * 1001}),
        (Notice("encoder", ""), {"text": "x" * 1001}),
        (Failed("error", ""), {"reason": "x" * 1001}),
    ],
)
def test_what_can_not_be_ends_the_worker(message: ToMain, change: dict[str, object]) -> None:
    with pytest.raises(LinkError, match=type(message).__name__):
        check(msgspec.structs.replace(message, **change), 320, 3)
