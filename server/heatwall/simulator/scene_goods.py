"""Painted faces of shelves full of goods."""

from __future__ import annotations

import cv2
import numpy as np

from heatwall.simulator.scene_palette import Colour, Palette, mix, rgb, shade
from heatwall.values import ByteArray

TEXELS_PER_M = 220
"""Resolution of a painted face: fine enough for a face 4 m from a 720p camera."""

PACKAGING: tuple[Colour, ...] = tuple(
    rgb(code)
    for code in (
        0xB8402F,
        0xD98A33,
        0xE3BE4B,
        0x6F9A4C,
        0x2F7A62,
        0x3B7EA1,
        0x2C4C74,
        0x6A4C82,
        0xB65C7C,
        0xEFE6D2,
        0xC9B08A,
        0x7A4B2E,
        0xF4F1EA,
        0x8FB7B3,
        0xDB6C4C,
        0x4A4A4E,
    )
)
"""Colours of packaging: saturated enough to read as goods, soft enough not to shout."""


def blank(width_m: float, height_m: float, colour: Colour) -> ByteArray:
    """Return a face of one colour at the texture resolution."""
    size = max(2, round(height_m * TEXELS_PER_M)), max(2, round(width_m * TEXELS_PER_M))
    face: ByteArray = np.empty((*size, 3), np.uint8)
    face[:] = colour
    return face


def _bottle(face: ByteArray, x: int, floor: int, width: int, tall: int, colour: Colour) -> None:
    """Draw a bottle with a label and a cap."""
    neck = max(2, width // 3)
    middle = x + width // 2
    shoulder = floor - round(tall * 0.68)
    cv2.rectangle(face, (x + 1, shoulder), (x + width - 2, floor), shade(colour, 0.82), -1)
    cv2.ellipse(
        face,
        (middle, shoulder),
        (max(1, width // 2 - 1), max(1, tall // 8)),
        0,
        180,
        360,
        shade(colour, 0.82),
        -1,
        cv2.LINE_AA,
    )
    cv2.rectangle(
        face, (middle - neck // 2, floor - tall), (middle + neck // 2, shoulder), colour, -1
    )
    cv2.rectangle(
        face,
        (x + 1, floor - round(tall * 0.5)),
        (x + width - 2, floor - round(tall * 0.2)),
        mix(colour, (235, 240, 242), 0.75),
        -1,
    )
    cv2.line(face, (x + width // 4, shoulder), (x + width // 4, floor), shade(colour, 1.25), 1)


def _box(face: ByteArray, x: int, floor: int, width: int, tall: int, colour: Colour) -> None:
    """Draw a carton with a stripe and a spot."""
    cv2.rectangle(face, (x, floor - tall), (x + width - 2, floor), colour, -1)
    stripe = floor - round(tall * 0.72)
    cv2.rectangle(
        face,
        (x, stripe),
        (x + width - 2, stripe + max(2, tall // 6)),
        mix(colour, (240, 244, 246), 0.8),
        -1,
    )
    cv2.circle(
        face,
        (x + width // 2, floor - tall // 3),
        max(2, min(width, tall) // 5),
        mix(colour, (90, 190, 235), 0.5),
        -1,
        cv2.LINE_AA,
    )
    cv2.line(face, (x, floor - tall), (x, floor), shade(colour, 1.2), 1)


def _can(face: ByteArray, x: int, floor: int, width: int, tall: int, colour: Colour) -> None:
    """Draw a jar or a can with a lid."""
    lid = max(2, tall // 7)
    cv2.rectangle(face, (x + 1, floor - tall + lid), (x + width - 2, floor), colour, -1)
    cv2.rectangle(
        face,
        (x + 2, floor - tall),
        (x + width - 3, floor - tall + lid),
        mix(colour, (200, 205, 210), 0.6),
        -1,
    )
    cv2.rectangle(
        face,
        (x + 1, floor - round(tall * 0.62)),
        (x + width - 2, floor - round(tall * 0.25)),
        mix(colour, (238, 242, 245), 0.65),
        -1,
    )
    cv2.line(
        face, (x + width // 3, floor - tall + lid), (x + width // 3, floor), shade(colour, 1.25), 1
    )


_GOODS = ((_bottle, 0.085, 0.28), (_box, 0.16, 0.25), (_can, 0.1, 0.16), (_box, 0.12, 0.3))


def _row(
    face: ByteArray, floor: int, room: int, rng: np.random.Generator, colours: list[Colour]
) -> None:
    """Fill one shelf board from left to right with runs of equal goods."""
    x = 2
    width = face.shape[1]
    while x < width - 8:
        paint, wide, tall = _GOODS[int(rng.integers(len(_GOODS)))]
        colour = colours[int(rng.integers(len(colours)))]
        item_w = max(5, round(wide * TEXELS_PER_M * rng.uniform(0.9, 1.2)))
        item_h = min(round(room * 0.9), round(tall * TEXELS_PER_M * rng.uniform(0.85, 1.1)))
        for _ in range(int(rng.integers(3, 7))):
            if x + item_w > width - 2:
                return
            if rng.random() > 0.05:
                tone = shade(colour, rng.uniform(0.93, 1.05))
                paint(face, x, floor, item_w, item_h, tone)
            x += item_w + 1


def shelf(rng: np.random.Generator, palette: Palette, width: float, height: float) -> ByteArray:
    """Paint a shelf bay: back panel, boards with price strips, goods in rows, soft shadows."""
    face = blank(width, height, shade(mix(palette.wall, palette.frame, 0.35), 0.8))
    high, wide = face.shape[:2]
    base = round(0.12 * TEXELS_PER_M)
    boards = max(1, round((height - 0.12) / 0.38))
    room = (high - base) // boards
    colours = [PACKAGING[i] for i in rng.permutation(len(PACKAGING))[:6]]
    for board in range(boards):
        floor = high - base - board * room
        lit = np.linspace(0.45, 1.0, room)[:, None, None]
        band = face[floor - room : floor]
        band[:] = (band * lit).astype(np.uint8)
        _row(face, floor - 1, room - 4, rng, colours)
        cv2.rectangle(face, (0, floor - 1), (wide, floor + 7), shade(palette.wall, 1.02), -1)
        cv2.line(face, (0, floor + 8), (wide, floor + 8), shade(palette.frame, 1.1), 2)
        for tag in range(12, wide - 16, 34):
            cv2.rectangle(face, (tag, floor), (tag + 13, floor + 6), (250, 250, 250), -1)
        if board % 2 == 0:
            cv2.rectangle(face, (wide // 3, floor), (wide // 3 + 18, floor + 6), palette.second, -1)
    cv2.rectangle(face, (0, high - base + 8), (wide, high), shade(palette.frame, 1.0), -1)
    cv2.rectangle(face, (0, 0), (3, high), shade(palette.frame, 1.5), -1)
    return face


def fridge(rng: np.random.Generator, palette: Palette, width: float, height: float) -> ByteArray:
    """Paint a glowing refrigerated cabinet with a glass door."""
    face = shelf(rng, palette, width, height)
    cold = np.empty_like(face)
    cold[:] = (255, 246, 232)
    face = cv2.addWeighted(face, 0.78, cold, 0.22, 14)
    high, wide = face.shape[:2]
    streak = face.copy()
    cv2.fillPoly(
        streak,
        [np.array([(wide // 3, 0), (wide // 2, 0), (wide // 5, high), (0, high)])],
        (255, 252, 246),
    )
    face = cv2.addWeighted(face, 0.88, streak, 0.12, 0)
    cv2.rectangle(face, (0, 0), (wide - 1, high - 1), shade(palette.frame, 0.9), 10)
    cv2.rectangle(face, (0, 0), (wide, round(high * 0.1)), shade(palette.frame, 0.75), -1)
    cv2.rectangle(face, (0, round(high * 0.9)), (wide, high), shade(palette.frame, 0.8), -1)
    cv2.line(
        face, (wide - 16, round(high * 0.42)), (wide - 16, round(high * 0.62)), (225, 225, 225), 4
    )
    return np.asarray(face, np.uint8)


_FRUIT = tuple(rgb(code) for code in (0xC8352B, 0xE8902E, 0xE9C440, 0x7FA63C, 0x6B3A62, 0xD9643A))


def produce(rng: np.random.Generator, palette: Palette, width: float, height: float) -> ByteArray:
    """Paint crates of fruit seen from above."""
    face = blank(width, height, shade(palette.wood, 0.55))
    high, wide = face.shape[:2]
    columns, rows = max(1, round(width / 0.55)), max(1, round(height / 0.45))
    for row in range(rows):
        for column in range(columns):
            left, right = column * wide // columns + 4, (column + 1) * wide // columns - 4
            upper, lower = row * high // rows + 4, (row + 1) * high // rows - 4
            colour = _FRUIT[int(rng.integers(len(_FRUIT)))]
            cv2.rectangle(face, (left, upper), (right, lower), shade(colour, 0.5), -1)
            radius = 9
            for _ in range((right - left) * (lower - upper) // 130):
                x = int(rng.integers(left + radius, max(left + radius + 1, right - radius)))
                y = int(rng.integers(upper + radius, max(upper + radius + 1, lower - radius)))
                tone = shade(colour, rng.uniform(0.8, 1.1))
                cv2.circle(face, (x, y), radius, tone, -1, cv2.LINE_AA)
                cv2.circle(face, (x - 3, y - 3), 3, mix(tone, (255, 255, 255), 0.4), -1)
            cv2.rectangle(face, (left - 2, upper - 2), (right + 2, lower + 2), palette.wood, 5)
    return face


def stacks(rng: np.random.Generator, palette: Palette, width: float, height: float) -> ByteArray:
    """Paint a pile of equal gift boxes, as they stand on a promotion table."""
    face = blank(width, height, shade(palette.accent, 0.6))
    high, wide = face.shape[:2]
    colours = (palette.accent, palette.second, rgb(0xF1EBDD), shade(palette.accent, 1.3))
    size = round(0.2 * TEXELS_PER_M)
    for row, floor in enumerate(range(high, 0, -size)):
        for x in range(-(row % 2) * size // 2, wide, size):
            tone = shade(colours[int(rng.integers(4))], rng.uniform(0.92, 1.04))
            cv2.rectangle(face, (x, floor - size), (x + size - 2, floor - 1), tone, -1)
            middle = x + size // 2
            ribbon = mix(tone, (245, 245, 245), 0.6)
            cv2.rectangle(face, (middle - 3, floor - size), (middle + 3, floor - 1), ribbon, -1)
            cv2.line(face, (x, floor - size), (x + size, floor - size), shade(tone, 1.2), 2)
    return face
