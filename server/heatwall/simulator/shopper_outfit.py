"""The order, sizes, colours of a shopper's body parts, ready to be drawn many times."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from heatwall.simulator.scene_palette import Colour, mix, shade
from heatwall.simulator.shopper_look import Bag, Hair, Look, Lower
from heatwall.simulator.shopper_pose import Joint

TONES: tuple[tuple[float, float, float], ...] = (
    (1.0, 0.0, 0.76),
    (0.9, 0.08, 0.85),
    (0.76, 0.17, 0.94),
    (0.58, 0.26, 1.01),
    (0.34, 0.36, 1.08),
)
"""Shading of a round part: relative width, shift towards the light, brightness; outermost first."""


TRUNK_BALLS = 7
"""Most balls of one part."""


@dataclass(frozen=True, slots=True)
class Part:
    """A rounded part: the convex hull of balls.

    Attributes:
        balls: (joint, radius relative to body height) of each ball; one or two make a limb, more
            make a trunk.
        colour: Colour under neutral light.
    """

    balls: tuple[tuple[Joint, float], ...]
    colour: Colour


@dataclass(frozen=True, slots=True)
class View:
    """From where a body is seen, as far as the order of its parts depends on it.

    Attributes:
        near: The body's side nearer to the camera, `L` or `R`.
        sees_front: True when chest and toes point to the camera.
        sees_face: True when the face does.
        hides_hands: True when the nearer hand is behind the trunk.
    """

    near: str
    sees_front: bool
    sees_face: bool
    hides_hands: bool


@dataclass(frozen=True, slots=True, eq=False)
class Outfit:
    """Parts in the order of painting, as arrays.

    Attributes:
        limbs: int32 (n, 2): joints at both ends of each limb.
        limb_radii: float64 (n, 2): radii there, relative to body height.
        trunks: int32 (m, `TRUNK_BALLS`): joints of each trunk; short ones repeat their first.
        trunk_radii: float64 (m, `TRUNK_BALLS`): radii there, relative to body height.
        is_trunk: For each part in painting order, whether it is the next trunk or the next limb.
        colours: For each part one colour per entry of `TONES`.
    """

    limbs: npt.NDArray[np.int32]
    limb_radii: npt.NDArray[np.float64]
    trunks: npt.NDArray[np.int32]
    trunk_radii: npt.NDArray[np.float64]
    is_trunk: tuple[bool, ...]
    colours: tuple[tuple[Colour, ...], ...]


def _leg(look: Look, side: str) -> list[Part]:
    """Leg with shoe."""
    hip, knee = Joint[f"HIP_{side}"], Joint[f"KNEE_{side}"]
    ankle, toe = Joint[f"ANKLE_{side}"], Joint[f"TOE_{side}"]
    wide = look.build
    bare = look.lower is not Lower.TROUSERS
    upper = look.skin if look.lower in (Lower.DRESS, Lower.SKIRT) else look.lower_colour
    shin = look.skin if bare else look.lower_colour
    return [
        Part(((ankle, 0.027), (toe, 0.019)), look.shoes),
        Part(((knee, 0.033 * wide), (ankle, 0.022 if bare else 0.029)), shin),
        Part(((hip, 0.05 * wide), (knee, 0.036 * wide)), upper),
    ]


def _arm(look: Look, side: str) -> list[Part]:
    """Arm with hand and what hangs from it."""
    shoulder, elbow = Joint[f"SHOULDER_{side}"], Joint[f"ELBOW_{side}"]
    hand = Joint[f"HAND_{side}"]
    wide = look.build
    parts: list[Part] = []
    if side == "L" and look.bag in (Bag.TOTE, Bag.BASKET):
        corners = (Joint.BAG_TOP_F, Joint.BAG_TOP_B, Joint.BAG_LOW_F, Joint.BAG_LOW_B)
        parts += [
            Part(((hand, 0.006), (Joint.BAG_TOP_F, 0.006)), shade(look.bag_colour, 0.8)),
            Part(((hand, 0.006), (Joint.BAG_TOP_B, 0.006)), shade(look.bag_colour, 0.8)),
            Part(tuple((corner, 0.016) for corner in corners), look.bag_colour),
        ]
    sleeve = look.top if look.has_sleeves else look.skin
    return [
        *parts,
        Part(((hand, 0.022),), look.skin),
        Part(((elbow, 0.023 * wide), (hand, 0.017)), sleeve),
        Part(((shoulder, 0.034 * wide), (elbow, 0.025 * wide)), look.top),
    ]


def _trunk(look: Look, sees_front: bool) -> list[Part]:
    """Trunk, skirt, backpack in the order in which they cover each other."""
    wide = look.build
    left, right = Joint.SHOULDER_L, Joint.SHOULDER_R
    hips = ((Joint.HIP_L, 0.052 * wide), (Joint.HIP_R, 0.052 * wide))
    yoke = ((left, 0.027 * wide), (right, 0.027 * wide), (Joint.NECK, 0.03))
    parts = [
        Part(((Joint.WAIST, 0.06 * wide), *hips), look.lower_colour),
        Part((*yoke, (Joint.CHEST, 0.07 * wide), (Joint.WAIST, 0.064 * wide), *hips), look.top),
    ]
    if look.lower in (Lower.SKIRT, Lower.DRESS):
        hem = ((Joint.KNEE_L, 0.058 * wide), (Joint.KNEE_R, 0.058 * wide))
        colour = look.top if look.lower is Lower.DRESS else look.lower_colour
        parts.insert(0, Part(((Joint.WAIST, 0.055 * wide), *hips, *hem), colour))
    if look.has_jacket and sees_front:
        parts.append(Part(((Joint.NECK, 0.026), (Joint.WAIST, 0.03)), look.shirt))
    if look.bag is Bag.BACKPACK:
        pack = Part(((Joint.BACK, 0.078), (Joint.WAIST, 0.05), (Joint.NAPE, 0.02)), look.bag_colour)
        parts.insert(0 if sees_front else len(parts), pack)
    return parts


def _head(look: Look, sees_face: bool) -> list[Part]:
    """Neck, face, hair; hair covers a head that looks away."""
    neck = Part(((Joint.NECK, 0.028), (Joint.HEAD, 0.03)), shade(look.skin, 0.86))
    face = Part(((Joint.HEAD, 0.05), (Joint.FACE, 0.047)), look.skin)
    if look.hair is Hair.BALD:
        return [neck, Part(((Joint.CROWN, 0.053), (Joint.FACE, 0.048)), look.skin)]
    cover = Part(((Joint.CROWN, 0.058),), look.hair_colour)
    if look.hair in (Hair.LONG, Hair.SCARF):
        fall = Part(((Joint.CROWN, 0.058), (Joint.NAPE, 0.05)), look.hair_colour)
        return [fall, neck, cover, face] if sees_face else [neck, face, cover, fall]
    if look.hair is Hair.BUN:
        bun = Part(((Joint.NAPE, 0.026), (Joint.CROWN, 0.03)), shade(look.hair_colour, 0.9))
        return [bun, neck, cover, face] if sees_face else [neck, face, cover, bun]
    if look.hair is Hair.CAP and sees_face:
        brim = Part(((Joint.BRIM, 0.022), (Joint.CROWN, 0.05)), shade(look.hair_colour, 0.85))
        return [neck, cover, face, brim]
    return [neck, cover, face] if sees_face else [neck, face, cover]


def _parts(look: Look, view: View) -> list[Part]:
    """All parts from back to front."""
    far = "R" if view.near == "L" else "L"
    parts = [*_leg(look, far), *_leg(look, view.near), *_arm(look, far)]
    if view.hides_hands:
        parts += _arm(look, view.near)
    parts += _trunk(look, view.sees_front)
    if not view.hides_hands:
        parts += _arm(look, view.near)
    return parts + _head(look, view.sees_face)


@lru_cache(maxsize=1024)
def outfit(look: Look, view: View) -> Outfit:
    """Return the parts of a look as seen from one side; kept, as a crowd asks again and again."""
    parts = _parts(look, view)
    limbs = [(part.balls[0], part.balls[-1]) for part in parts if len(part.balls) <= 2]
    trunks = [part.balls for part in parts if len(part.balls) > 2]
    filled = [(*balls, *[balls[0]] * (TRUNK_BALLS - len(balls))) for balls in trunks]
    softened = (mix(part.colour, (128, 128, 128), 0.06) for part in parts)
    return Outfit(
        np.array([[joint for joint, _ in balls] for balls in limbs], np.int32),
        np.array([[size for _, size in balls] for balls in limbs]),
        np.array([[joint for joint, _ in balls] for balls in filled], np.int32),
        np.array([[size for _, size in balls] for balls in filled]),
        tuple(len(part.balls) > 2 for part in parts),
        tuple(tuple(shade(colour, tone[2]) for tone in TONES) for colour in softened),
    )
