"""What main takes from a worker, whose memory a broken stream may have overwritten."""

from __future__ import annotations

import math

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
from heatwall.values import Tier

_MOST_PX = 16_384
"""Longest side of a picture; the largest that H.264 and H.265 know have 8,192 and 16,888."""

_MOST_TEXT = 1_000
"""Characters of a text for people."""

_MOST_NAMES = 100
"""Entries of a table of totals; there are some ten stages and reasons."""

_MOST_S = 1e10
"""Monotonic seconds: three hundred years."""

_TIERS = frozenset(tier.value for tier in Tier)


def check(message: ToMain, detect_size_px: int, slots: int) -> None:
    """Let a message pass that a worker in its right mind may send.

    Args:
        message: Of the right types, which the link has seen to.
        detect_size_px: Longest side of a detect frame, pixels.
        slots: How many the shared memory has.

    Raises:
        LinkError: It says what can't be; the worker is then replaced.
    """
    if not _is_possible(message, detect_size_px, slots):
        raise LinkError(f"a {type(message).__name__} says what can't be")


def _is_possible(message: ToMain, detect_size_px: int, slots: int) -> bool:
    match message:
        case DetectFrame(slot, sequence, width, height, time_s):
            is_sized = min(width, height) > 0 and max(width, height) <= detect_size_px
            return is_sized and 0 <= slot < slots and sequence > 0 and _is_time(time_s)
        case EncodedPicture(tier, annexb, rtp_time):
            return tier in _TIERS and len(annexb) > 0 and rtp_time >= 0
        case Opened(codec, width, height, decoder):
            return max(len(codec), len(decoder)) <= _MOST_TEXT and _is_size(width, height)
        case Notice(topic, text):
            return max(len(topic), len(text)) <= _MOST_TEXT
        case Failed(kind, reason):
            return max(len(kind), len(reason)) <= _MOST_TEXT
        case Figures():
            return _are_figures(message)


def _are_figures(figures: Figures) -> bool:
    totals = [figures.decoded, *figures.shown.values(), *figures.dropped.values()]
    tables = (figures.shown, figures.dropped, figures.stage_s)
    return (
        min(totals) >= 0
        and all(len(table) <= _MOST_NAMES for table in tables)
        and all(len(name) <= _MOST_NAMES for table in tables for name in table)
        and all(_is_time(seconds) for seconds in figures.stage_s.values())
        and _is_time(figures.newest_s)
        and math.isfinite(figures.lag_s)
        and len(figures.encoder) <= _MOST_NAMES
        and _is_size(figures.width, figures.height)
    )


def _is_size(width: int, height: int) -> bool:
    return 0 < width <= _MOST_PX and 0 < height <= _MOST_PX


def _is_time(time_s: float) -> bool:
    return 0.0 <= time_s < _MOST_S  # false for what is not a number
