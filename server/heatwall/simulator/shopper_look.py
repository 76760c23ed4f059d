"""How a shopper is built and dressed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from heatwall.simulator.scene_palette import Colour, rgb, shade


class Hair(StrEnum):
    """What is on a head."""

    SHORT = "short"
    LONG = "long"
    BUN = "bun"
    BALD = "bald"
    CAP = "cap"
    SCARF = "scarf"


class Lower(StrEnum):
    """What is worn below the belt."""

    TROUSERS = "trousers"
    SHORTS = "shorts"
    SKIRT = "skirt"
    DRESS = "dress"


class Bag(StrEnum):
    """What is carried."""

    NONE = "none"
    BACKPACK = "backpack"
    TOTE = "tote"
    BASKET = "basket"


@dataclass(frozen=True, slots=True)
class Look:
    """One shopper's body and clothes.

    Attributes:
        height_m: Body height.
        build: Width relative to the average, 0.85-1.25.
        skin: Colour of the skin.
        hair: What is on the head.
        hair_colour: Its colour.
        top: Colour of shirt or jacket.
        has_sleeves: True when the sleeves reach the wrists.
        has_jacket: True when the jacket is open over a shirt.
        shirt: Colour of the shirt under it.
        lower: What is worn below the belt.
        lower_colour: Its colour.
        shoes: Colour of the shoes.
        bag: What is carried.
        bag_colour: Its colour.
        has_cart: True when the shopper pushes a cart.
        stride: Step length relative to the average.
    """

    height_m: float
    build: float
    skin: Colour
    hair: Hair
    hair_colour: Colour
    top: Colour
    has_sleeves: bool
    has_jacket: bool
    shirt: Colour
    lower: Lower
    lower_colour: Colour
    shoes: Colour
    bag: Bag
    bag_colour: Colour
    has_cart: bool
    stride: float


_SKINS = tuple(
    rgb(c) for c in (0xF1C9A5, 0xE3B08A, 0xD2986E, 0xB97A50, 0x94592F, 0x6E4327, 0x55331F)
)
_HAIRS = tuple(
    rgb(c) for c in (0x1F1A17, 0x33241C, 0x4E3424, 0x7A5230, 0xB98A4E, 0x8E8C8A, 0xC9C5BF)
)
_TOPS = tuple(
    rgb(c)
    for c in (
        0x2F4B6E,
        0xA33B32,
        0xE8E4DA,
        0x3E6B58,
        0xD5A73F,
        0x5B5F66,
        0x7B4B6A,
        0x86A9BF,
        0xC9724A,
        0x23262B,
        0x9DAE8C,
        0xD9B7A6,
        0x385A8A,
        0x6B3A2E,
        0xF2F0EB,
        0x4C8C96,
    )
)
_LOWERS = tuple(
    rgb(c) for c in (0x2A3A55, 0x3E4F6B, 0x25272B, 0x5A5148, 0xB8A78A, 0x6D7681, 0x46504A, 0x8B8F96)
)
_SHOES = tuple(rgb(c) for c in (0xF0EEEA, 0x26262A, 0x5C3E2A, 0x9A2F2F, 0x3C4A5C))
_BAGS = tuple(rgb(c) for c in (0x7A4E2F, 0x2C2F36, 0xC7A87A, 0x2F5D58, 0xA8453C, 0x46597A))


def _pick(rng: np.random.Generator, colours: tuple[Colour, ...]) -> Colour:
    """Pick a colour and vary its brightness a little."""
    return shade(colours[int(rng.integers(len(colours)))], rng.uniform(0.9, 1.1))


def random_look(rng: np.random.Generator, has_cart: bool) -> Look:
    """Dress a shopper at random."""
    hairs, lowers, bags = tuple(Hair), tuple(Lower), tuple(Bag)
    hair = hairs[int(rng.choice(6, p=(0.38, 0.28, 0.1, 0.06, 0.1, 0.08)))]
    lower = lowers[int(rng.choice(4, p=(0.72, 0.08, 0.1, 0.1)))]
    bag = bags[int(rng.choice(4, p=(0.38, 0.22, 0.2, 0.2)))]
    is_child = not has_cart and rng.random() < 0.06
    covering = _pick(rng, _TOPS)
    return Look(
        height_m=float(rng.uniform(1.2, 1.35) if is_child else rng.normal(1.71, 0.075)),
        build=float(np.clip(rng.normal(1.0, 0.09), 0.85, 1.25)),
        skin=_pick(rng, _SKINS),
        hair=hair,
        hair_colour=covering if hair in (Hair.CAP, Hair.SCARF) else _pick(rng, _HAIRS),
        top=_pick(rng, _TOPS),
        has_sleeves=bool(rng.random() < 0.62),
        has_jacket=bool(rng.random() < 0.35),
        shirt=_pick(rng, _TOPS),
        lower=lower,
        lower_colour=_pick(rng, _LOWERS if lower in (Lower.TROUSERS, Lower.SHORTS) else _TOPS),
        shoes=_pick(rng, _SHOES),
        bag=Bag.NONE if has_cart and bag is Bag.BASKET else bag,
        bag_colour=_pick(rng, _BAGS),
        has_cart=has_cart,
        stride=float(rng.uniform(0.94, 1.06)),
    )


def staff_look(rng: np.random.Generator, uniform: Colour) -> Look:
    """Dress somebody of the staff: everybody wears the shop's colour."""
    base = random_look(rng, has_cart=False)
    return Look(
        height_m=max(1.6, base.height_m),
        build=base.build,
        skin=base.skin,
        hair=base.hair if base.hair is not Hair.CAP else Hair.SHORT,
        hair_colour=_pick(rng, _HAIRS),
        top=uniform,
        has_sleeves=False,
        has_jacket=False,
        shirt=uniform,
        lower=Lower.TROUSERS,
        lower_colour=rgb(0x2A2D33),
        shoes=rgb(0x26262A),
        bag=Bag.NONE,
        bag_colour=base.bag_colour,
        has_cart=False,
        stride=1.0,
    )
