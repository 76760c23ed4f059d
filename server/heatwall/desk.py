"""Where heat and counts are read, restyled, reset and kept while the wall runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from heatwall.analysis.analyst import Analyst
from heatwall.analysis.per_camera import CameraAnalysis, Findings
from heatwall.analysis.reading import HeatReading
from heatwall.camera.link import InkSpec
from heatwall.clock import Clock
from heatwall.config import Config, changed, overlay_settings
from heatwall.errors import DeliveryError
from heatwall.snapshots import Snapshots
from heatwall.specs import heat_style, ink_spec

_SAVE_EVERY_S = 30.0
"""How much heat and how many counts a crash may cost."""

_LAST_SAVE_S = 10.0
"""How long the last save may take before the server ends without it, as on a share that is gone."""

_log = logging.getLogger(__name__)

T = TypeVar("T")
"""What a piece of work returns."""


class Screens(Protocol):
    """Where what was changed is to be seen. Called on the event loop."""

    def found(self, findings: Findings) -> None:
        """Show these findings."""

    def change_ink(self, camera: str, ink: InkSpec) -> None:
        """Paint a camera's overlay like this from now on."""


class HeatDesk:
    """The cameras' heat for all who ask. Event loop only; a thread of its own does the work.

    Args:
        config: All settings.
        analyst: Who has the heat.
        screens: Where changes are to be seen.
        monotonic: Monotonic seconds.
        wall: Seconds since 1970 UTC.
        save_every_s: How often heat and counts are saved.
    """

    def __init__(
        self,
        config: Config,
        analyst: Analyst,
        screens: Screens,
        monotonic: Clock,
        wall: Clock,
        save_every_s: float = _SAVE_EVERY_S,
    ) -> None:
        self._settings = dict(config.cameras)
        self._analyst = analyst
        self._screens = screens
        self._monotonic = monotonic
        self._wall_clock = wall
        self._save_every_s = save_every_s
        folder = config.server.state
        self._snapshots = None if folder is None else Snapshots(folder)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="heat")
        self._is_closed = False

    async def heat(
        self, camera: str, half_life_s: float | None, class_name: str | None
    ) -> HeatReading:
        """Return a camera's heat as it is now.

        Args:
            camera: The camera's id.
            half_life_s: One of those that it keeps.
            class_name: A class with a heat of its own; None for all that count.

        Raises:
            KeyError: The camera keeps no heat of this class; its text names those it keeps.
            DeliveryError: The model is still being loaded; 503.
        """
        analysis = self._analysis(camera)
        return await self.off_loop(
            lambda: analysis.heat(half_life_s, class_name, self._monotonic())
        )

    async def reset_heat(self, camera: str) -> None:
        """Empty a camera's heat; the picture shows it at once.

        Raises:
            DeliveryError: The model is still being loaded; 503.
        """
        await self._redraw(camera, self._analysis(camera).reset_heat)

    async def reset_counts(self, camera: str) -> None:
        """Let a camera's lines and zones count from zero.

        Raises:
            DeliveryError: The model is still being loaded; 503.
        """
        await self._redraw(camera, self._analysis(camera).reset_counts)

    def overlay(self, camera: str) -> dict[str, Any]:
        """Return what is drawn over a camera's picture, in the words of the config."""
        return overlay_settings(self._settings[camera])

    async def change_overlay(self, camera: str, change: Mapping[str, Any]) -> None:
        """Change what is drawn over a camera's picture, at once and without losing heat.

        It holds until the server ends; what is to hold for longer belongs into the config.

        Raises:
            ConfigError: Something in it can't be used; nothing has changed then.
            DeliveryError: The model is still being loaded; 503.
        """
        analysis = self._analysis(camera)
        settings = changed(self._settings[camera], change)
        self._settings[camera] = settings
        self._screens.change_ink(camera, ink_spec(settings.overlay))
        style = heat_style(settings)
        await self._redraw(camera, lambda: analysis.restyle(style))

    async def off_loop(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, done in the desk's thread.

        Raises:
            DeliveryError: The server is ending; 503.
        """
        if self._is_closed:
            raise DeliveryError(503, "stopping", "The server is ending.")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def remember(self) -> None:
        """Give the cameras what they knew when the server last ran, before the analyst starts."""
        for findings in await self.off_loop(self._remembered):
            self._screens.found(findings)

    async def keep_saving(self) -> None:
        """Save now and then, until cancelled."""
        while True:
            await asyncio.sleep(self._save_every_s)
            await self.off_loop(self._save)

    async def close(self) -> None:
        """Save for the last time and end the thread; idempotent."""
        if self._is_closed:
            return
        try:
            async with asyncio.timeout(_LAST_SAVE_S):
                await self.off_loop(self._save)
        except TimeoutError:
            _log.error("heat was not saved at the end: the disk took over %g s", _LAST_SAVE_S)
        finally:
            self._is_closed = True
            self._thread.shutdown(wait=False)

    def _analysis(self, camera: str) -> CameraAnalysis:
        try:
            return self._analyst.camera(camera)
        except KeyError:
            raise DeliveryError(
                503, "starting", "The model is still being loaded; try again in a moment."
            ) from None

    async def _redraw(self, camera: str, work: Callable[[], None]) -> None:
        """Do `work`, then show the camera's heat as it is without waiting for a frame."""
        analysis = self._analysis(camera)

        def redrawn() -> Findings | None:
            work()
            return analysis.findings()

        findings = await self.off_loop(redrawn)
        if findings is not None:
            self._screens.found(findings)

    def _save(self) -> None:
        if self._snapshots is None:
            return
        now_s, now = self._monotonic(), self._wall_clock()
        for camera, memory in self._analyst.memories(now_s).items():
            self._snapshots.save(camera, memory, now)

    def _remembered(self) -> list[Findings]:
        found: list[Findings | None] = []
        if self._snapshots is None:
            return []
        for camera in self._settings:
            saved = self._snapshots.load(camera, self._wall_clock())
            if saved is None:
                continue
            analysis = self._analyst.camera(camera)
            try:
                analysis.remember(*saved, self._monotonic())
            except ValueError as error:
                _log.warning("camera %s begins without its old heat: %s", camera, error)
            found.append(analysis.findings())
        return [findings for findings in found if findings is not None]
