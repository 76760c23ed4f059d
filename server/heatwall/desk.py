"""Where heat and counts are read, restyled, reset and kept while the wall runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from heatwall.analysis.analyst import Analyst
from heatwall.analysis.memory import CameraMemory
from heatwall.analysis.per_camera import CameraAnalysis, Findings
from heatwall.analysis.reading import HeatReading
from heatwall.analysis.spec import AnalysisSpec
from heatwall.camera.link import InkSpec
from heatwall.clock import Clock
from heatwall.config import (
    Config,
    changed,
    in_words,
    overlay_settings,
    read_regions,
    regions_of,
    taken_over,
    with_regions,
)
from heatwall.config_file import ConfigFile
from heatwall.errors import DeliveryError, ModelError
from heatwall.saving import HeatSaver, SaveTimes
from heatwall.side_thread import SideThread, busy
from heatwall.specs import analysis_spec, heat_style, ink_spec, line_specs, zone_specs
from heatwall.status import MinuteStatus, SavingStatus

_DRAIN_S = 0.7
"""How long changes that were accepted may take at the end, so that the last save has them. They
take milliseconds, and the whole server has five seconds."""

_END_S = 0.2
"""How long the end waits for answers that nobody will get any more."""

_log = logging.getLogger(__name__)

T = TypeVar("T")
"""What a piece of work returns."""


class Screens(Protocol):
    """Where what was changed is to be seen. Called on the event loop."""

    def found(self, findings: Findings) -> None:
        """Show these findings."""

    def change_ink(self, camera: str, ink: InkSpec) -> None:
        """Paint a camera's overlay like this from now on."""


@dataclass(frozen=True, slots=True)
class DeskLimits:
    """What the desk takes on.

    Attributes:
        answer_s: Longest wait for an answer, seconds: as long as a user waits.
        most_waiting: Requests that may wait for one thread: each camera of a large wall's.
        saves: When heat goes to the disk.
    """

    answer_s: float = 10.0
    most_waiting: int = 64
    saves: SaveTimes = field(default_factory=SaveTimes)


class HeatDesk:
    """The cameras' heat for all who ask. Event loop only; threads of its own do the work.

    One is for the heat itself, one for the files that are made of it, which take longer, one for
    the disk and one for the config file, so that none of them holds up another.

    Args:
        config: All settings.
        analyst: Who has the heat.
        screens: Where changes are to be seen.
        monotonic: Monotonic seconds.
        wall: Seconds since 1970 UTC.
        limits: What it takes on.
        config_file: Where the config came from; None for one made in code.
    """

    def __init__(
        self,
        config: Config,
        analyst: Analyst,
        screens: Screens,
        monotonic: Clock,
        wall: Clock,
        limits: DeskLimits | None = None,
        config_file: Path | None = None,
    ) -> None:
        self._in_file = dict(config.cameras)
        self._settings = dict(config.cameras)
        self._analyst = analyst
        self._screens = screens
        self._monotonic = monotonic
        self._limits = limits or DeskLimits()
        self._thread = SideThread("heat", self._limits.most_waiting)
        self._files_thread = SideThread("heat-files", self._limits.most_waiting)
        self._config_file = None if config_file is None else ConfigFile(config_file, config)
        self._config_thread = SideThread("config-file", self._limits.most_waiting)
        self._saver = HeatSaver(
            config.server.state,
            lambda: analyst.memories(monotonic()),
            wall,
            self._limits.saves,
        )
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
            DeliveryError: The model is still being loaded, or too much is asked; 503.
        """
        analysis = self._analysis(camera)
        return await self._answer(
            self._thread.begin(lambda: analysis.heat(half_life_s, class_name, self._monotonic()))
        )

    async def history(self, camera: str) -> tuple[MinuteStatus, ...]:
        """Return the minutes of a camera's last hour, oldest first, and the one that runs.

        Raises:
            DeliveryError: The model is still being loaded, or too much is asked; 503.
        """
        return await self._answer(self._thread.begin(self._analysis(camera).history))

    async def reset_heat(self, camera: str) -> None:
        """Empty a camera's heat; the picture shows it at once.

        Raises:
            DeliveryError: The model is still being loaded, or too much is asked; 503.
        """
        await self._change(self._redraw(camera, self._analysis(camera).reset_heat))

    async def reset_counts(self, camera: str) -> None:
        """Let a camera's lines and zones count from zero.

        Raises:
            DeliveryError: The model is still being loaded, or too much is asked; 503.
        """
        await self._change(self._redraw(camera, self._analysis(camera).reset_counts))

    def overlay(self, camera: str) -> dict[str, Any]:
        """Return what is drawn over a camera's picture, in the words of the config."""
        return overlay_settings(self._settings[camera])

    async def change_overlay(self, camera: str, change: Mapping[str, Any]) -> None:
        """Change what is drawn over a camera's picture, at once and without losing heat.

        It holds until the server ends; what is to hold for longer belongs into the config.

        Raises:
            ConfigError: Something in it can't be used; nothing has changed then.
            DeliveryError: The model is still being loaded, or too much is asked; 503.
        """
        analysis = self._analysis(camera)
        settings = changed(self._settings[camera], change)
        style = heat_style(settings)
        redrawn = self._redraw(camera, lambda: analysis.restyle(style))
        # Only now, since a refusal changes nothing; and at once, since others change them too.
        self._settings[camera] = settings
        self._screens.change_ink(camera, ink_spec(settings.overlay))
        await self._change(redrawn)

    def regions(self, camera: str) -> dict[str, Any]:
        """Return the lines and zones of a camera's picture, in the words of the config."""
        return in_words(regions_of(self._settings[camera]))

    async def change_regions(self, camera: str, change: Mapping[str, Any]) -> None:
        """Count at other lines and zones, at once; those that did not change count on.

        It holds until the server ends, or for longer by `save_regions`.

        Raises:
            ConfigError: Something in it can't be used; nothing has changed then.
            DeliveryError: The model is still being loaded, or too much is asked; 503.
        """
        analysis = self._analysis(camera)
        drawn = await self.off_loop(lambda: read_regions(change))
        settings = with_regions(self._settings[camera], drawn)
        lines, zones = line_specs(settings), zone_specs(settings)
        redrawn = self._redraw(camera, lambda: analysis.set_regions(lines, zones))
        self._settings[camera] = settings  # only now, as in `change_overlay`
        await self._change(redrawn)

    async def save_regions(self, camera: str) -> None:
        """Write the lines and zones of a camera into the config file.

        Raises:
            DeliveryError: There is no such file, or it can't be edited or written, 409; or too
                much is asked, 503.
        """
        file, regions = self._config_file, regions_of(self._settings[camera])
        if file is None:
            raise DeliveryError(409, "no_file", "The server has no config file to save to.")
        await self._change(self._config_thread.begin(lambda: file.save(camera, regions)))

    async def off_loop(self, work: Callable[[], T]) -> T:
        """Return what `work` returns: a file made of heat, in the thread that is for these.

        Raises:
            DeliveryError: Too much is asked, or the server is ending; 503.
        """
        return await self._answer(self._files_thread.begin(work))

    async def reconfigure(self, config: Config) -> None:
        """Take another config: live where that can be, else with heat and counts kept.

        What somebody changed for this run stays, unless the file changed the same key. A camera
        that goes is saved, and has its heat again when it comes back.

        Args:
            config: All settings, the cameras of which the model can look at.

        Raises:
            DeliveryError: The thread for the heat does not come to it; it will still be done.
            ModelError: There is no such tracker; nothing has changed then.
        """
        await self._saver.keep(self._settings.keys() - config.cameras.keys())
        before = self._settings
        settings = {
            camera: taken_over(self._in_file[camera], before[camera], after)
            if camera in before and camera in self._in_file
            else after
            for camera, after in config.cameras.items()
        }
        specs = {
            camera: analysis_spec(one)
            for camera, one in settings.items()
            if camera not in before
            or analysis_spec(before[camera]) != analysis_spec(one)
            or one.has_own_tracker  # of which the file may say something else now
        }
        gone = before.keys() - settings.keys()
        changing = self._thread.begin(lambda: self._rearranged(specs, gone))
        file_before = self._in_file
        # Those that go stay until the end, since they may still be asked for.
        self._settings, self._in_file = before | settings, dict(config.cameras)
        try:
            findings = await self._answer(asyncio.shield(changing), "it will still be made")
        except ModelError:
            self._settings, self._in_file = before, file_before
            raise
        for found in findings:
            if found.camera in before:
                self._screens.found(found)
        for camera, one in settings.items():
            if camera in before and one.overlay != before[camera].overlay:
                self._screens.change_ink(camera, ink_spec(one.overlay))
        if (file := self._config_file) is not None:
            await self._change(self._config_thread.begin(lambda: file.know(config)))
        self._settings = {camera: self._settings[camera] for camera in settings}

    def _rearranged(
        self, specs: Mapping[str, AnalysisSpec], gone: Collection[str]
    ) -> list[Findings]:
        self._analyst.change(specs, gone, self._monotonic())
        found = map(self._found, specs)
        return [findings for findings in found if findings is not None]

    def _found(self, camera: str) -> Findings | None:
        """Return what a camera has found so far; None where that can't be told."""
        try:
            return self._analyst.camera(camera).findings()
        except Exception as error:  # noqa: BLE001 - a camera fails alone; its next frame shows it
            _log.error("can't be shown after a change: %r", error, extra={"camera": camera})
            return None

    async def remember(self, cameras: Iterable[str] | None = None) -> None:
        """Give cameras what they knew when they were last there, before frames come.

        Args:
            cameras: Their ids; None for all.
        """
        saved = await self._saver.load(tuple(self._settings if cameras is None else cameras))

        def remembered() -> list[Findings]:
            found = [self._remembered(camera, *memory) for camera, memory in saved.items()]
            return [findings for findings in found if findings is not None]

        try:
            shown = await self._answer(self._thread.begin(remembered))
        except DeliveryError as error:
            _log.error("the cameras begin without their old heat: %s", error)
            return
        for findings in shown:
            self._screens.found(findings)

    def saving(self) -> SavingStatus:
        """Return how heat and counts are saved."""
        return self._saver.status()

    async def keep_saving(self) -> None:
        """Save now and then, until cancelled."""
        await self._saver.keep_saving()

    async def close(self) -> None:
        """Save for the last time and end the threads, even when one hangs; idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            await asyncio.gather(self._thread.close(_DRAIN_S), self._config_thread.close(_DRAIN_S))
        finally:
            try:
                await self._saver.close()
            finally:
                await self._files_thread.close(_END_S)

    def _analysis(self, camera: str) -> CameraAnalysis:
        try:
            return self._analyst.camera(camera)
        except KeyError:
            raise DeliveryError(
                503, "starting", "The model is still being loaded; try again in a moment."
            ) from None

    def _redraw(self, camera: str, work: Callable[[], None]) -> asyncio.Future[Findings | None]:
        """Begin `work`; the camera's heat is then shown as it is, without waiting for a frame."""
        analysis = self._analysis(camera)

        def redrawn() -> Findings | None:
            work()
            return analysis.findings()

        found = self._thread.begin(redrawn)
        found.add_done_callback(self._show)
        return found

    def _show(self, found: asyncio.Future[Findings | None]) -> None:
        if found.cancelled() or found.exception() is not None:
            return
        findings = found.result()
        if findings is not None:
            self._screens.found(findings)

    async def _change(self, change: asyncio.Future[Any]) -> None:
        """Wait for a change, which is made even when nobody waits for it any more."""
        await self._answer(asyncio.shield(change), "it will still be made")

    async def _answer(self, answer: asyncio.Future[T], otherwise: str = "try again") -> T:
        """Return an answer in time.

        Raises:
            DeliveryError: It did not come; 503.
        """
        limit_s = self._limits.answer_s
        try:
            async with asyncio.timeout(limit_s):
                return await answer
        except TimeoutError:
            raise busy(f"The server was too busy for {limit_s:g} s; {otherwise}.") from None

    def _remembered(self, camera: str, memory: CameraMemory, down_s: float) -> Findings | None:
        """Give a camera what it knew; returns what there is to see."""
        analysis = self._analyst.camera(camera)
        try:
            analysis.remember(memory, down_s, self._monotonic())
        except Exception as error:  # noqa: BLE001 - whatever was kept, its camera alone goes without
            _log.warning("begins without its old heat: %s", error, extra={"camera": camera})
        return self._found(camera)
