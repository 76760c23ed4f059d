"""What the HTTP API needs of the wall behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from aiohttp import web

from heatwall.delivery.session import Sessions
from heatwall.status import CameraCounters, CameraStatus


class Wall(Protocol):
    """The cameras of the wall. All calls come on the event loop and must not block."""

    def camera_ids(self) -> list[str]:
        """Return the ids of all cameras in the order of the config."""

    def status(self, camera: str, /) -> CameraStatus:
        """Return one camera's status; KeyError when there is no such camera."""

    def statuses(self) -> Sequence[CameraStatus]:
        """Return the status of all cameras in the order of the config."""

    def counters(self) -> Mapping[str, CameraCounters]:
        """Return the totals of all cameras by id."""

    def is_ready(self) -> bool:
        """Return whether the model is loaded and every camera has been tried."""

    def subscribe_changes(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` on the event loop when a status changed in more than its figures.

        Returns:
            A function that ends it, which may be called again.
        """


WALL = web.AppKey("wall", Wall)
"""The wall in the application."""

SESSIONS = web.AppKey("sessions", Sessions)
"""The viewers' sessions in the application."""
