"""Painted faces of walls, furniture, signs, windows, plants."""

from __future__ import annotations

import cv2
import numpy as np

from heatwall.simulator.scene_goods import TEXELS_PER_M, blank
from heatwall.simulator.scene_palette import Colour, Palette, mix, rgb, shade
from heatwall.simulator.store import Paint
from heatwall.values import ByteArray

_STRIPE_TEXELS = 4
"""Width of a texture that only changes from top to bottom; it is stretched over its face."""

WHITE: Colour = (248, 250, 250)
"""Lettering."""


def plain(role: str, factor: float = 1.0) -> Paint:
    """Return a painter of one palette colour (`wall`, `wood`, `frame`, `accent`, `second`)."""

    def paint(_: np.random.Generator, palette: Palette, __: float, height: float) -> ByteArray:
        colour: Colour = getattr(palette, role)
        face = blank(_STRIPE_TEXELS / TEXELS_PER_M, height, shade(colour, factor))
        fall = np.linspace(1.03, 0.9, face.shape[0])[:, None, None]
        return np.clip(face * fall, 0, 255).astype(np.uint8)

    return paint


def panelled(role: str, factor: float = 1.0) -> Paint:
    """Return a painter of vertical wooden boards in one palette colour."""

    def paint(rng: np.random.Generator, palette: Palette, width: float, height: float) -> ByteArray:
        colour: Colour = getattr(palette, role)
        face = blank(width, height, colour)
        step = round(0.14 * TEXELS_PER_M)
        for x in range(0, face.shape[1], step):
            tone = shade(colour, factor * rng.uniform(0.93, 1.05))
            cv2.rectangle(face, (x, 0), (x + step - 2, face.shape[0]), tone, -1)
            cv2.line(face, (x + step - 1, 0), (x + step - 1, face.shape[0]), shade(tone, 0.72), 2)
        return face

    return paint


def wall(rng: np.random.Generator, palette: Palette, _: float, height: float) -> ByteArray:
    """Paint a plastered wall with a skirting board and light from above."""
    high = max(2, round(height * TEXELS_PER_M))
    light = np.linspace(1.06, 0.88, high)[:, None] + rng.normal(0, 0.004, (high, 1))
    column = np.clip(light * np.array(palette.wall), 0, 255).astype(np.uint8)
    column[high - round(0.12 * TEXELS_PER_M) :] = shade(palette.frame, 1.3)
    return np.repeat(column[:, None], _STRIPE_TEXELS, axis=1)


def _lettering(face: ByteArray, text: str, box: tuple[int, int, int, int], ink: Colour) -> None:
    """Write `text` as large as fits, centred in `box` = left, top, right, bottom."""
    left, top, right, bottom = box
    font = cv2.FONT_HERSHEY_DUPLEX
    (wide, high), _ = cv2.getTextSize(text, font, 1.0, 2)
    scale = min((right - left) / wide, (bottom - top) / high) * 0.86
    weight = max(1, round(scale * 2.4))
    (wide, high), _ = cv2.getTextSize(text, font, scale, weight)
    origin = (left + right - wide) // 2, (top + bottom + high) // 2
    cv2.putText(face, text, origin, font, scale, ink, weight, cv2.LINE_AA)


def sign(text: str, role: str = "accent", second: str = "") -> Paint:
    """Return a painter of a sign with one or two lines of text on a palette colour."""

    def paint(_: np.random.Generator, palette: Palette, width: float, height: float) -> ByteArray:
        colour: Colour = getattr(palette, role)
        face = blank(width, height, colour)
        face = np.clip(face * np.linspace(1.08, 0.94, face.shape[0])[:, None, None], 0, 255).astype(
            np.uint8
        )
        high, wide = face.shape[:2]
        border = max(2, high // 30)
        cv2.rectangle(
            face,
            (border * 2, border * 2),
            (wide - border * 2, high - border * 2),
            mix(colour, WHITE, 0.45),
            border,
            cv2.LINE_AA,
        )
        margin = border * 4
        if second:
            split = round(high * 0.58)
            _lettering(face, text, (margin, margin, wide - margin, split), WHITE)
            _lettering(face, second, (margin, split, wide - margin, high - margin), rgb(0xFFF0C8))
        else:
            _lettering(face, text, (margin, margin, wide - margin, high - margin), WHITE)
        return face

    return paint


def outside(rng: np.random.Generator, _: Palette, width: float, height: float) -> ByteArray:
    """Paint the bright, blurred street behind a shop window."""
    face = blank(width, height, rgb(0xDCE8F0))
    high, wide = face.shape[:2]
    horizon = round(high * 0.62)
    face[:horizon] = np.linspace((250, 242, 226), (240, 236, 228), horizon)[:, None, :]
    x = 0
    while x < wide:
        span = int(rng.integers(wide // 14, wide // 6))
        tone = mix(rgb(0xD8CBBB), rgb(0xB9C3CB), float(rng.random()))
        roof = round(horizon * rng.uniform(0.15, 0.45))
        cv2.rectangle(face, (x, roof), (x + span - 6, horizon), shade(tone, 1.02), -1)
        for row in range(roof + 30, horizon - 50, 70):
            for column in range(x + 24, x + span - 50, 64):
                cv2.rectangle(face, (column, row), (column + 30, row + 44), shade(tone, 0.82), -1)
        x += span
    for _tree in range(4):
        middle = int(rng.integers(wide))
        cv2.rectangle(
            face, (middle - 6, horizon - 120), (middle + 6, horizon + 10), rgb(0x8A7660), -1
        )
        for _leaf in range(26):
            spot = (
                middle + int(rng.normal(0, 42)),
                horizon - 170 + int(rng.normal(0, 38)),
            )
            cv2.circle(face, spot, 30, shade(rgb(0x9DB98A), rng.uniform(0.85, 1.1)), -1)
    face[horizon:] = np.linspace((214, 216, 218), (232, 234, 236), high - horizon)[:, None, :]
    return np.asarray(cv2.GaussianBlur(face, (0, 0), 9), np.uint8)


def storefront(door: tuple[float, float], pane: tuple[float, float]) -> Paint:
    """Return a painter of a glass front, with alpha: panes let the street shine through.

    Args:
        door: Left and right edge of the open doorway, in metres from the wall's left edge.
        pane: Lower and upper edge of the windows, in metres.
    """

    def paint(rng: np.random.Generator, palette: Palette, width: float, height: float) -> ByteArray:
        stripe = cv2.cvtColor(wall(rng, palette, width, height), cv2.COLOR_BGR2BGRA)
        face = np.repeat(stripe[:, :1], round(width * TEXELS_PER_M), axis=1)
        high, scale = face.shape[0], TEXELS_PER_M
        frame = (*shade(palette.frame, 1.1), 255)

        def opening(left: float, right: float, low: float, top: float, alpha: int) -> None:
            corner = round(left * scale), high - round(top * scale)
            other = round(right * scale), high - round(low * scale)
            cv2.rectangle(face, corner, other, (250, 244, 236, alpha), -1)
            cv2.rectangle(face, corner, other, frame, 12)

        bays = []
        for start, end in ((0.35, door[0] - 0.95), (door[1] + 0.95, width - 0.35)):
            count = max(1, round((end - start) / 1.9))
            step = (end - start) / count
            bays += [(start + i * step, start + (i + 1) * step) for i in range(count)]
        for left, right in bays:
            opening(left + 0.03, right - 0.03, pane[0], pane[1], 58)
        opening(door[0] - 0.9, door[0], 0.0, 2.45, 66)
        opening(door[1], door[1] + 0.9, 0.0, 2.45, 66)
        opening(*door, 0.0, 2.45, 0)
        return np.asarray(face, np.uint8)

    return paint


def plant(rng: np.random.Generator, palette: Palette, width: float, height: float) -> ByteArray:
    """Paint a potted plant on a transparent ground."""
    canvas: ByteArray = np.zeros(
        (round(height * TEXELS_PER_M), round(width * TEXELS_PER_M), 4), np.uint8
    )
    high, wide = canvas.shape[:2]
    middle, brim = wide // 2, round(high * 0.68)
    for _ in range(46):
        angle = rng.uniform(-1.25, 1.25)
        reach = rng.uniform(0.4, 1.0) * high * 0.62
        tip = np.array([middle + np.sin(angle) * wide * 0.44, brim - np.cos(angle) * reach])
        root = np.array([middle + rng.normal(0, wide * 0.05), brim])
        along = tip - root
        aside = np.array([-along[1], along[0]]) * 0.13
        leaf = np.array([root, root + along * 0.55 + aside, tip, root + along * 0.55 - aside])
        tone = shade(rgb(0x4F7D4A), rng.uniform(0.65, 1.25))
        cv2.fillPoly(canvas, [leaf.astype(np.int32)], (*tone, 255), cv2.LINE_AA)
    pot = np.array(
        [
            (middle - wide * 0.25, brim - 4),
            (middle + wide * 0.25, brim - 4),
            (middle + wide * 0.19, high - 2),
            (middle - wide * 0.19, high - 2),
        ]
    )
    cv2.fillPoly(canvas, [pot.astype(np.int32)], (*shade(palette.wall, 0.86), 255), cv2.LINE_AA)
    shadow = pot + np.array([(wide * 0.3, 0), (0, 0), (0, 0), (wide * 0.24, 0)])
    cv2.fillPoly(canvas, [shadow.astype(np.int32)], (*shade(palette.wall, 0.72), 255), cv2.LINE_AA)
    return canvas


def belt(_: np.random.Generator, palette: Palette, width: float, height: float) -> ByteArray:
    """Paint the top of a checkout counter: a dark belt with goods, a steel edge."""
    face = blank(width, height, shade(palette.wood, 1.05))
    high, wide = face.shape[:2]
    left, right = round(wide * 0.2), round(wide * 0.8)
    cv2.rectangle(face, (left - 8, 0), (right + 8, high), rgb(0xB7BCC0), -1)
    cv2.rectangle(face, (left, 0), (right, round(high * 0.66)), rgb(0x3B3E42), -1)
    cv2.rectangle(face, (left, round(high * 0.68)), (right, high), rgb(0xA9AEB3), -1)
    for step in range(0, round(high * 0.66), 26):
        cv2.line(face, (left, step), (right, step), rgb(0x46494D), 1)
    return face
