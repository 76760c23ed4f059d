from __future__ import annotations

from itertools import pairwise, product

import pytest

from heatwall.states import CameraState, is_legal

S = CameraState


@pytest.mark.parametrize(
    "way",
    [
        (S.CONNECTING, S.LIVE, S.STALLED, S.LIVE, S.RETRYING, S.CONNECTING, S.LIVE, S.STOPPED),
        (S.CONNECTING, S.RETRYING, S.CONNECTING, S.REFUSED, S.CONNECTING, S.UNSUPPORTED),
        (S.UNSUPPORTED, S.CONNECTING, S.STOPPED, S.CONNECTING),
        (S.STALLED, S.RETRYING),
        (S.LIVE, S.REFUSED),
    ],
)
def test_a_camera_may_go_the_ways_that_cameras_go(way: tuple[CameraState, ...]) -> None:
    assert all(is_legal(before, after) for before, after in pairwise(way))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (S.RETRYING, S.LIVE),
        (S.REFUSED, S.LIVE),
        (S.UNSUPPORTED, S.LIVE),
        (S.STOPPED, S.LIVE),
        (S.STOPPED, S.RETRYING),
        (S.CONNECTING, S.STALLED),
        (S.LIVE, S.CONNECTING),
        (S.RETRYING, S.REFUSED),
    ],
)
def test_a_camera_can_not_skip_a_step(before: CameraState, after: CameraState) -> None:
    assert not is_legal(before, after)


@pytest.mark.parametrize("state", CameraState)
def test_every_state_may_stay_can_be_stopped_and_leads_back_to_live(state: CameraState) -> None:
    assert is_legal(state, state)
    assert is_legal(state, S.STOPPED)
    reached = {state}
    for _ in CameraState:
        reached |= {b for a, b in product(reached, CameraState) if is_legal(a, b)}
    assert S.LIVE in reached


def test_the_words_are_those_of_the_contract() -> None:
    assert [str(state) for state in CameraState] == [
        "connecting",
        "live",
        "stalled",
        "retrying",
        "refused",
        "unsupported",
        "stopped",
    ]
