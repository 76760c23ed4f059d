"""The colours of a shop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Colour = tuple[int, int, int]
"""Blue, green, red, each 0-255: the order of OpenCV."""


def rgb(code: int) -> Colour:
    """Turn 0xRRGGBB into a colour."""
    return code & 255, code >> 8 & 255, code >> 16 & 255


def shade(colour: Colour, factor: float) -> Colour:
    """Return `colour` made darker (factor below 1) or lighter (above 1)."""
    blue, green, red = (min(255, max(0, round(part * factor))) for part in colour)
    return blue, green, red


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return the colour that lies `share` (0-1) of the way from `first` to `second`."""
    blue, green, red = (
        round(a * (1 - share) + b * share) for a, b in zip(first, second, strict=True)
    )
    return blue, green, red


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours one shop is painted in.

    Attributes:
        floor: `tile`, `plank` or `slab`.
        floor_base: Colour of the floor under neutral light.
        floor_line: Colour of joints.
        wall: Colour of the walls.
        wood: Colour of furniture.
        frame: Colour of metal frames.
        accent: Colour of signs.
        second: A second colour for signs and goods.
    """

    floor: str
    floor_base: Colour
    floor_line: Colour
    wall: Colour
    wood: Colour
    frame: Colour
    accent: Colour
    second: Colour


PALETTES: tuple[Palette, ...] = (
    Palette(
        "tile",
        rgb(0xCFC9BF),
        rgb(0xA9A39A),
        rgb(0xE6E1D8),
        rgb(0xB98D5E),
        rgb(0x3A3F44),
        rgb(0x1F6F5C),
        rgb(0xE0A63A),
    ),
    Palette(
        "plank",
        rgb(0xC49A6C),
        rgb(0x8E6A47),
        rgb(0xE9E6E0),
        rgb(0x9A6B42),
        rgb(0x2E3136),
        rgb(0xB5442F),
        rgb(0x2F5D7C),
    ),
    Palette(
        "slab",
        rgb(0xB6B8B8),
        rgb(0x8F9294),
        rgb(0xDDE1E2),
        rgb(0xC7A77B),
        rgb(0x2B3036),
        rgb(0x23527C),
        rgb(0xD97B3A),
    ),
    Palette(
        "tile",
        rgb(0xD8D4CC),
        rgb(0xB7B1A7),
        rgb(0xDCE3DC),
        rgb(0xA87C4F),
        rgb(0x40444A),
        rgb(0x7A3B5E),
        rgb(0x4D8B5B),
    ),
    Palette(
        "plank",
        rgb(0xA98867),
        rgb(0x735A42),
        rgb(0xE4DFD5),
        rgb(0x6E4E33),
        rgb(0x25282C),
        rgb(0x2E7D84),
        rgb(0xD0573F),
    ),
    Palette(
        "slab",
        rgb(0xC6C0B6),
        rgb(0xA19B92),
        rgb(0xEFEBE4),
        rgb(0xD0B48A),
        rgb(0x4A4E52),
        rgb(0xC25A2B),
        rgb(0x3C6E50),
    ),
)
"""Palettes that were looked at; a camera's number picks one."""


def random_palette(rng: np.random.Generator) -> Palette:
    """Return a known palette with every colour shifted a little, for training pictures."""
    base = PALETTES[int(rng.integers(len(PALETTES)))]
    other = PALETTES[int(rng.integers(len(PALETTES)))]

    def jitter(colour: Colour) -> Colour:
        bright = rng.uniform(0.86, 1.08)
        blue, green, red = (
            int(min(255, max(0, part * bright + rng.uniform(-5, 5)))) for part in colour
        )
        return blue, green, red

    return Palette(
        base.floor,
        jitter(base.floor_base),
        jitter(base.floor_line),
        jitter(other.wall),
        jitter(other.wood),
        jitter(base.frame),
        jitter(other.accent),
        jitter(base.second),
    )
