"""What the HTTP API needs of the wall behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from aiohttp import web

from heatwall.access.door import Access
from heatwall.analysis.reading import HeatReading
from heatwall.delivery.session import Sessions
from heatwall.load import Pace
from heatwall.status import (
    CameraCounters,
    CameraStatus,
    ConfigStatus,
    DetectionStatus,
    GroupStatus,
    MinuteStatus,
    SavingStatus,
)

T = TypeVar("T")
"""What a piece of work returns."""


class Wall(Protocol):
    """The cameras of the wall. All calls come on the event loop and must not block."""

    def camera_ids(self) -> list[str]:
        """Return the ids of all cameras in the order of the config."""

    def status(self, camera: str, /) -> CameraStatus:
        """Return one camera's status; KeyError when there is no such camera."""

    def statuses(self) -> Sequence[CameraStatus]:
        """Return the status of all cameras in the order of the config."""

    def groups(self) -> Sequence[GroupStatus]:
        """Return the groups of cameras in the order of the config."""

    def counters(self) -> Mapping[str, CameraCounters]:
        """Return the totals of all cameras by id."""

    def config_status(self) -> ConfigStatus:
        """Return what became of the config file."""

    def config_loaded_at(self) -> float:
        """Return when the config that runs was taken over, seconds since 1970 UTC."""

    def worker_pids(self) -> Mapping[str, int | None]:
        """Return each camera's worker process; None between two of them."""

    def pace(self) -> Pace:
        """Return what is done of what the config asks for."""

    def saving(self) -> SavingStatus:
        """Return how heat and counts are saved."""

    def detection(self) -> DetectionStatus:
        """Return how the detection of all cameras does."""

    def stranded_s(self) -> float:
        """Return for how long this machine has given no camera a worker, seconds; 0 if it has."""

    def is_ready(self) -> bool:
        """Return whether the model is loaded and every camera has been tried."""

    def subscribe_changes(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` on the event loop when a status changed in more than its figures.

        Returns:
            A function that ends it, which may be called again.
        """


class Desk(Protocol):
    """The cameras' heat, which may be read and changed. All calls come on the event loop."""

    async def heat(
        self, camera: str, half_life_s: float | None, class_name: str | None, /
    ) -> HeatReading:
        """Return a camera's heat; KeyError with the known ones when it has none of this class."""

    async def history(self, camera: str, /) -> Sequence[MinuteStatus]:
        """Return the minutes of a camera's last hour, oldest first, and the one that runs."""

    async def reset_heat(self, camera: str, /) -> None:
        """Empty a camera's heat."""

    async def reset_counts(self, camera: str, /) -> None:
        """Let a camera's lines and zones count from zero."""

    def overlay(self, camera: str, /) -> dict[str, Any]:
        """Return what is drawn over a camera's picture, in the words of the config."""

    async def change_overlay(self, camera: str, change: Mapping[str, Any], /) -> None:
        """Change some of it; ConfigError with every fault, and then nothing has changed."""

    def regions(self, camera: str, /) -> dict[str, Any]:
        """Return the lines and zones of a camera's picture, in the words of the config."""

    async def change_regions(self, camera: str, change: Mapping[str, Any], /) -> None:
        """Count at other ones; ConfigError with every fault, and then nothing has changed."""

    async def save_regions(self, camera: str, /) -> None:
        """Write them into the config file; DeliveryError when that can't be done."""

    async def off_loop(self, work: Callable[[], T], /) -> T:
        """Return what `work` returns, done in a thread; DeliveryError when too much is asked."""


WALL = web.AppKey("wall", Wall)
"""The wall in the application."""

DESK = web.AppKey("desk", Desk)
"""The heat in the application."""

ACCESS = web.AppKey("access", Access)
"""Who may come in; what a request may do, `api.rights` says."""

CONFIG_FILE = web.AppKey[Path | None]("config_file")
"""The file that the config came from and that changes may be saved to; None without one."""

SESSIONS = web.AppKey("sessions", Sessions)
"""The viewers' sessions in the application."""
