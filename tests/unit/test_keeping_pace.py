from __future__ import annotations

import asyncio

import pytest

from heatwall.camera.link import SetPace
from heatwall.clock import monotonic
from heatwall.keeping_pace import PaceKeeper
from support.eventually import eventually_async
from support.faketime import FakeTime


class Camera:
    """Has the lag that the test says, and remembers its pace."""

    def __init__(self, lag_s: float | None = 0.0) -> None:
        self.lag_s = lag_s
        self.paces: list[SetPace] = []

    def set_pace(self, pace: SetPace) -> None:
        self.paces.append(pace)


@pytest.fixture(autouse=True)
def idle_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processors of whatever machine runs this look half used."""
    monkeypatch.setattr("heatwall.keeping_pace.ProcessorMeter.busy", lambda _: 0.5)


def test_all_cameras_are_slowed_alike() -> None:
    late, fine = Camera(0.4), Camera(0.3)
    keeper = PaceKeeper([late, fine], FakeTime())

    keeper.look(0.0)
    keeper.look(0.0)

    assert late.paces == fine.paces == [SetPace(keeper.pace.detect, 1.0)]
    assert keeper.pace.detect < 1


def test_cameras_hear_of_changes_only() -> None:
    camera, clock = Camera(), FakeTime()
    keeper = PaceKeeper([camera], clock)

    for _ in range(20):
        clock.advance(1)
        keeper.look(0.0)

    assert camera.paces == []


def test_cameras_that_are_not_live_do_not_count() -> None:
    off, fine = Camera(None), Camera(0.0)
    keeper = PaceKeeper([off, fine, off], FakeTime())

    keeper.look(0.0)
    keeper.look(0.0)

    assert keeper.pace == (1, 1)


def test_a_change_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    camera, clock = Camera(0.4), FakeTime()
    keeper = PaceKeeper([camera], clock)
    with caplog.at_level("INFO"):
        keeper.look(0.0)
        keeper.look(0.0)
        camera.lag_s = 0.0
        for _ in range(60):
            clock.advance(1)
            keeper.look(0.0)

    busy, *room = caplog.messages
    assert (
        busy == "the machine is too busy: detection at 70 %, pictures at 100 % of the wanted rate"
    )
    assert room == [
        "the machine has room again: detection at 100 %, pictures at 100 % of the wanted rate"
    ]


async def test_it_looks_by_itself_until_it_is_cancelled() -> None:
    camera = Camera(0.4)
    keeper = PaceKeeper([camera], monotonic)
    task = asyncio.create_task(keeper.keep())

    await eventually_async(lambda: len(camera.paces) >= 2)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
