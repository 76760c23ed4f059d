"""The joints of a walking, standing or reaching body."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from heatwall.simulator.shopper_look import Bag, Look


class Joint(IntEnum):
    """Rows of the array that `joints` returns; L and R are the body's own sides."""

    HEAD = 0
    NECK = 1
    CHEST = 2
    WAIST = 3
    SHOULDER_L = 4
    SHOULDER_R = 5
    ELBOW_L = 6
    ELBOW_R = 7
    HAND_L = 8
    HAND_R = 9
    HIP_L = 10
    HIP_R = 11
    KNEE_L = 12
    KNEE_R = 13
    ANKLE_L = 14
    ANKLE_R = 15
    TOE_L = 16
    TOE_R = 17
    FACE = 18
    CROWN = 19
    NAPE = 20
    BACK = 21
    BAG_TOP_F = 22
    BAG_TOP_B = 23
    BAG_LOW_F = 24
    BAG_LOW_B = 25
    BRIM = 26


@dataclass(frozen=True, slots=True)
class Pose:
    """What a body does at one moment.

    Attributes:
        x: Place on the floor in metres.
        y: The same.
        facing: Direction of the body in radians, 0 along +x, anticlockwise seen from above.
        gait: 0 standing to 1 walking.
        phase: Phase of the walk in radians; one turn is two steps.
        reach: 0 arms at rest to 1 an arm stretched out to a shelf.
        turn: Turn of the head relative to the body, radians.
    """

    x: float
    y: float
    facing: float
    gait: float
    phase: float
    reach: float
    turn: float


LEG_SWING_RAD = 0.43
"""Largest angle of a thigh from the vertical in a normal walk."""

_THIGH, _SHIN, _TORSO = 0.245, 0.246, 0.288
_UPPER_ARM, _FOREARM = 0.172, 0.155
"""Lengths of limbs relative to body height (after Winter's body segment proportions)."""


def stride_m(look: Look) -> float:
    """Length of two steps, so that the feet do not slide over the floor."""
    return 4 * (_THIGH + _SHIN) * look.height_m * math.sin(LEG_SWING_RAD) * look.stride


def _swing(phase: float) -> float:
    """Angle of a thigh, -1 to 1: back at an even pace while the foot stands, then forward."""
    share = phase / (2 * math.pi) % 1.0
    return 1 - 4 * share if share < 0.5 else -math.cos(2 * math.pi * (share - 0.5))


def _leg(phase: float, gait: float, stance: float) -> tuple[tuple[float, float], ...]:
    """Knee, ankle and toe as (forward, up) from the hip, for a body of height 1."""
    thigh = LEG_SWING_RAD * _swing(phase) * gait + stance
    bend = gait * (0.06 + 0.78 * max(0.0, -math.sin(phase + 0.25)) ** 1.3) + 0.04
    shin = thigh - bend
    knee = (_THIGH * math.sin(thigh), -_THIGH * math.cos(thigh))
    ankle = (knee[0] + _SHIN * math.sin(shin), knee[1] - _SHIN * math.cos(shin))
    lift = min(0.0, shin) * 0.75 + max(0.0, shin) * 0.5
    toe = (ankle[0] + 0.105 * math.cos(lift), ankle[1] - 0.022 + 0.105 * math.sin(lift))
    return knee, ankle, toe


def _arm(swing: float, bend: float) -> tuple[tuple[float, float], ...]:
    """Elbow and hand as (forward, up) from the shoulder, for a body of height 1."""
    elbow = (_UPPER_ARM * math.sin(swing), -_UPPER_ARM * math.cos(swing))
    fore = swing + bend
    return elbow, (elbow[0] + _FOREARM * math.sin(fore), elbow[1] - _FOREARM * math.cos(fore))


def _arms(look: Look, pose: Pose) -> list[tuple[tuple[float, float], ...]]:
    """Left and right arm: on a cart's handle, reaching, or swinging with the walk."""
    if look.has_cart and pose.reach < 0.05:
        sway = 0.03 * math.sin(pose.phase) * pose.gait
        return [_arm(0.42 + sway, 0.62), _arm(0.42 - sway, 0.62)]
    swing = 0.5 * math.cos(pose.phase) * pose.gait
    rest = 0.1 + 0.3 * pose.gait
    left = _arm(-swing, rest + 0.3 * max(0.0, -swing))
    right_swing = swing * (1 - pose.reach) + 0.95 * pose.reach
    right = _arm(right_swing, rest + 0.3 * max(0.0, swing) + 0.15 * pose.reach)
    return [left, right]


def _bag(look: Look, hand: tuple[float, float, float]) -> list[tuple[float, float, float]]:
    """Corners of what hangs from the left hand: wide and low for a basket, tall for a tote."""
    forward, aside, up = hand
    wide, drop, deep = (0.11, 0.09, 0.1) if look.bag is Bag.BASKET else (0.07, 0.06, 0.17)
    aside += 0.02
    return [
        (forward + wide, aside, up - drop),
        (forward - wide, aside, up - drop),
        (forward + wide * 0.85, aside, up - drop - deep),
        (forward - wide * 0.85, aside, up - drop - deep),
    ]


def joints(look: Look, pose: Pose) -> npt.NDArray[np.float64]:
    """Compute the joints in space.

    Returns:
        float64 (len(Joint), 3) metres on the floor of the shop.
    """
    tall, wide = look.height_m, look.build
    left_leg = _leg(pose.phase, pose.gait, 0.02)
    right_leg = _leg(pose.phase + math.pi, pose.gait, -0.02)
    lowest = min(left_leg[1][1], right_leg[1][1], left_leg[2][1] + 0.02, right_leg[2][1] + 0.02)
    hip = 0.042 - lowest
    lean = 0.035 * pose.gait + 0.05 * pose.reach + (0.05 if look.has_cart else 0.0)
    hips, shoulders = 0.052 * wide, 0.108 * wide
    top = hip + _TORSO
    twist = 0.018 * math.cos(pose.phase) * pose.gait
    head_f, head_l = math.cos(pose.turn), math.sin(pose.turn)
    arms = _arms(look, pose)
    body: list[tuple[float, float, float]] = [
        (lean * 1.25, 0.0, top + 0.098),
        (lean, 0.0, top + 0.022),
        (lean * 0.9, 0.0, top - 0.05),
        (lean * 0.2, 0.0, hip + 0.05),
        (lean - twist, shoulders, top - 0.008),
        (lean + twist, -shoulders, top - 0.008),
    ]
    for part in (0, 1):
        for side, arm in zip((1, -1), arms, strict=True):
            flare = shoulders + (0.022 if part == 0 else 0.012)
            body.append((lean - side * twist + arm[part][0], side * flare, top + arm[part][1]))
    body += [(twist * 0.5, hips, hip), (-twist * 0.5, -hips, hip)]
    for part in (0, 1, 2):
        for side, leg in zip((1, -1), (left_leg, right_leg), strict=True):
            aside = hips * (0.95 if part < 2 else 1.15)
            body.append((leg[part][0], side * aside, hip + leg[part][1]))
    skull = body[0]
    body += [
        (skull[0] + 0.022 * head_f, 0.022 * head_l, skull[2] - 0.012),
        (skull[0] - 0.012 * head_f, -0.012 * head_l, skull[2] + 0.02),
        (skull[0] - 0.034 * head_f, -0.034 * head_l, skull[2] - 0.055),
        (lean - 0.085, 0.0, top - 0.1),
        *_bag(look, body[Joint.HAND_L]),
        (skull[0] + 0.07 * head_f, 0.07 * head_l, skull[2] + 0.022),
    ]
    local = np.array(body) * tall
    cos, sin = math.cos(pose.facing), math.sin(pose.facing)
    place = np.empty_like(local)
    place[:, 0] = pose.x + local[:, 0] * cos - local[:, 1] * sin
    place[:, 1] = pose.y + local[:, 0] * sin + local[:, 1] * cos
    place[:, 2] = local[:, 2]
    return place
