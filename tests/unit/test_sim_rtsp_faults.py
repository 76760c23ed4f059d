from __future__ import annotations

import pytest

from heatwall.errors import StartError
from heatwall.simulator.faults import Fault, FaultPlan, parse_fault

CAMERAS = ["cam1", "cam2"]


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("cam2=stall", FaultPlan("cam2", Fault.STALL)),
        ("cam2=cut@20s+5s", FaultPlan("cam2", Fault.CUT, 20.0, 5.0)),
        ("cam1=off@2m", FaultPlan("cam1", Fault.OFF, 120.0)),
        ("cam1=idr-pause+500ms", FaultPlan("cam1", Fault.IDR_PAUSE, 0.0, 0.5)),
        ("cam1=hang@1.5s", FaultPlan("cam1", Fault.HANG, 1.5)),
        (" cam1=timestamp-jump@1h ", FaultPlan("cam1", Fault.TIMESTAMP_JUMP, 3600.0)),
    ],
)
def test_a_plan_is_read(text: str, plan: FaultPlan) -> None:
    assert parse_fault(text, CAMERAS) == plan


def test_a_cut_without_a_duration_lasts_an_instant() -> None:
    assert parse_fault("cam1=cut@3s", CAMERAS).duration_s == 0.0


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cam2", ["CAMERA=KIND", "cam2=stall"]),
        ("cam2=stall@20", ["ms, s, m or h"]),
        ("cam2=stall+", ["CAMERA=KIND"]),
        ("cam9=stall", ["'cam9'", "cam1, cam2"]),
        ("cam1=explode", ["'explode'", "stall", "idr-pause"]),
    ],
)
def test_a_wrong_plan_says_what_is_allowed(text: str, names: list[str]) -> None:
    with pytest.raises(StartError) as caught:
        parse_fault(text, CAMERAS)
    for name in [repr(text), *names]:
        assert name in str(caught.value)
