from __future__ import annotations

import asyncio

import pytest

from heatwall.camera import waiting
from heatwall.camera.waiting import wait_for_return


class Street:
    """Time that passes by itself whenever somebody sleeps, and a camera that comes back."""

    def __init__(self, back_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 100.0
        self.back_s = 100.0 + back_s
        self.knocks: list[float] = []
        monkeypatch.setattr(waiting, "asyncio", self)

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds

    async def is_answered(self) -> bool:
        self.knocks.append(self.now_s - 100)
        return self.now_s >= self.back_s

    def wait(self, wait_s: float) -> float:
        """Return how long it was waited."""
        asyncio.run(wait_for_return(wait_s, self.is_answered, lambda: self.now_s, lambda: 0.5))
        return self.now_s - 100


def test_a_camera_that_comes_back_ends_a_long_wait_within_two_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Street(11, monkeypatch).wait(30) == 12


def test_a_camera_that_stays_away_is_waited_for_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    street = Street(1e9, monkeypatch)
    assert street.wait(30) == 30
    assert len(street.knocks) == 13


def test_short_waits_are_not_worth_a_knock(monkeypatch: pytest.MonkeyPatch) -> None:
    street = Street(0, monkeypatch)
    assert street.wait(2) == 2
    assert street.knocks == []


def test_a_camera_that_answers_all_the_time_is_not_tried_without_a_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Street(0, monkeypatch).wait(30) == 4
