"""All cameras of a store with their analyst: what the edge shows and steers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from heatwall.analysis.analyst import Analyst
from heatwall.analysis.per_camera import Findings
from heatwall.analyst_watch import AnalystWatch
from heatwall.camera.hardware import Hardware
from heatwall.camera.link import DetectFrame, InkSpec
from heatwall.camera.shared import FrameSlots
from heatwall.camera.supervisor import CameraSupervisor
from heatwall.clock import Clock
from heatwall.config import Config
from heatwall.delivery.fanout import Fanout, Packetise
from heatwall.desk import HeatDesk
from heatwall.keeping_pace import PaceKeeper
from heatwall.load import Pace
from heatwall.notices import Work, notices_of, saving_notices
from heatwall.rates import Rate
from heatwall.specs import analyst_spec, missing_hardware, open_order
from heatwall.states import CameraState
from heatwall.status import (
    CameraCounters,
    CameraStatus,
    DetectionStatus,
    Fps,
    GroupStatus,
    SavingStatus,
)
from heatwall.values import Picture, Tier

_SETTLED_S = 10.0
"""Rates of a camera that was live for this long say something."""

_LAST_BATCH_S = 0.7
"""What the analyst gets for the batch in work when the server ends; batches take milliseconds."""


class Wall:
    """Runs the cameras and the analyst, and tells what they do. Event loop only.

    It is the supervisors' port, the fan-out's demand and the API's view in one, since each of
    these is a few lines that pass on between the others.

    Args:
        config: All settings.
        model_path: The model's file or name, with `demo` already resolved.
        packetise: Cuts a picture into RTP payloads.
        monotonic: Monotonic seconds.
        wall: Seconds since 1970 UTC.
        hardware: What this machine's hardware can do.
        config_file: Where the config came from; None for one made in code.
    """

    def __init__(
        self,
        config: Config,
        model_path: str,
        packetise: Packetise,
        monotonic: Clock,
        wall: Clock,
        hardware: Hardware = Hardware(),  # noqa: B008 - frozen: the processor does all
        config_file: Path | None = None,
    ) -> None:
        self._config = config
        self._monotonic = monotonic
        self.fanout = Fanout(self, monotonic, packetise)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._analyst = Analyst(analyst_spec(config, model_path), self._deliver, wall=wall)
        self._watch = AnalystWatch(self._analyst, self._notify, monotonic, wall)
        self.desk = HeatDesk(config, self._analyst, self, monotonic, wall, config_file=config_file)
        self._cameras = {
            camera: CameraSupervisor(
                open_order(camera, settings, config, index / len(config.cameras), hardware),
                self,
                monotonic,
                wall,
            )
            for index, (camera, settings) in enumerate(config.cameras.items())
        }
        self._missing = {
            camera: missing_hardware(settings, hardware)
            for camera, settings in config.cameras.items()
        }
        self._groups = [
            GroupStatus(group, settings.name, settings.cameras)
            for group, settings in config.groups.items()
        ]
        self._pace = PaceKeeper(self._cameras.values(), monotonic)
        self._findings: dict[str, Findings] = {}
        self._detect_rates = {camera: Rate() for camera in self._cameras}
        self._detect_totals = dict.fromkeys(self._cameras, 0)
        self._listeners: set[Callable[[], None]] = set()
        self._is_ready = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the cameras, load the model, then analyse; all end with the context.

        Raises:
            ModelError: The model can't be loaded; inside an ExceptionGroup.
        """
        self._loop = asyncio.get_running_loop()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(camera.run(), name=f"camera {camera.camera}")
                    for camera in self._cameras.values()
                ]
                tasks.append(group.create_task(self._load_and_look_after(), name="load model"))
                tasks.append(group.create_task(self.desk.keep_saving(), name="snapshots"))
                try:
                    yield
                finally:
                    self._is_ready = False
                    for task in tasks:
                        task.cancel()
                    # Beside the cameras, since either may hang; and before the last save.
                    await asyncio.to_thread(self._analyst.stop, _LAST_BATCH_S)
                    self.fanout.close()
        finally:
            # Out here no task that fails meanwhile can cut the last save off.
            await self.desk.close()

    async def _load_and_look_after(self) -> None:
        await self._load()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pace.keep(), name="pace")
            group.create_task(self._watch.keep(), name="analyst watch")

    async def _load(self) -> None:
        await self._watch.load()
        await self.desk.remember()
        self._analyst.start()
        self._is_ready = True
        self._notify()

    # The API's view.

    def camera_ids(self) -> list[str]:
        """Return the cameras' ids in the config's order."""
        return list(self._cameras)

    def groups(self) -> list[GroupStatus]:
        """Return the groups of cameras in the config's order."""
        return self._groups

    def is_ready(self) -> bool:
        """Return whether the model is loaded and every camera has its supervisor.

        It stays so while a model that failed is loaded anew, since the pictures go on: who watches
        is not to be sent away for that. Only what needs a new process ends it.
        """
        return self._is_ready and not self.detection().is_lost

    def saving(self) -> SavingStatus:
        """Return how heat and counts are saved."""
        return self.desk.saving()

    def detection(self) -> DetectionStatus:
        """Return how the detection of all cameras does."""
        return self._watch.status()

    def statuses(self) -> list[CameraStatus]:
        """Return what the world may know of each camera, in the config's order."""
        return [self.status(camera) for camera in self._cameras]

    def status(self, camera: str) -> CameraStatus:
        """Return what the world may know of a camera.

        Raises:
            KeyError: There is no such camera.
        """
        supervisor = self._cameras[camera]
        findings = self._findings.get(camera)
        is_live = supervisor.state is CameraState.LIVE
        facts, now_s = supervisor.facts, self._monotonic()
        newest_s = supervisor.newest_s
        statistics = self.fanout.statistics()
        return CameraStatus(
            id=camera,
            name=self._config.cameras[camera].name,
            state=supervisor.state,
            state_since=supervisor.state_since,
            state_reason=supervisor.state_reason,
            width=facts.width if facts else None,
            height=facts.height if facts else None,
            codec=facts.codec if facts else None,
            fps=Fps(
                decoded=round(supervisor.decoded_fps(), 1),
                detected=round(self._detect_rates[camera].per_s(now_s), 1),
                shown=round(supervisor.shown_fps(), 1),
            ),
            frame_age_s=None if newest_s is None else round(now_s - newest_s, 3),
            people_now=len(findings.tracks) if findings and is_live else None,
            counts=findings.counts if findings and is_live else {},
            viewers=sum(
                figures.viewers for (owner, _), figures in statistics.items() if owner == camera
            ),
            tiers=supervisor.tiers,
            heat=findings.heat if findings else None,
            detect_fps=self._config.cameras[camera].detect.fps,
            encoder=supervisor.encoder,
            decoder=facts.decoder if facts else None,
            total_tracks=findings.total_tracks if findings else 0,
            lines=findings.lines if findings else {},
            zones=findings.zones if findings else {},
            counts_since=findings.counts_since if findings else None,
            notices=self._notices(supervisor) if is_live else (),
        )

    def pace(self) -> Pace:
        """Return what is done of what the config asks for."""
        return self._pace.pace

    def counters(self) -> dict[str, CameraCounters]:
        """Return the totals of each camera."""
        figures = self._analyst.figures()
        return {
            camera: CameraCounters(
                decoded=supervisor.total("decoded"),
                detected=figures.detected.get(camera, 0),
                shown=supervisor.totals("shown"),
                dropped=supervisor.totals("dropped")
                | {"detect_replaced": figures.replaced.get(camera, 0)},
                connects=supervisor.connects,
                restarts=max(0, supervisor.restarts),
                stage_s=supervisor.stage_s() | dict(figures.stage_s.get(camera, {})),
            )
            for camera, supervisor in self._cameras.items()
        }

    def worker_pids(self) -> dict[str, int | None]:
        """Return each camera's worker process, for those who measure or break things."""
        return {camera: supervisor.worker_pid for camera, supervisor in self._cameras.items()}

    def subscribe_changes(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` on each change of state; returns what ends that."""
        self._listeners.add(callback)
        return lambda: self._listeners.discard(callback)

    # The fan-out's demand.

    def start_tier(self, camera: str, tier: Tier) -> None:
        """Encode a tier from now on."""
        self._cameras[camera].start_tier(tier)

    def stop_tier(self, camera: str, tier: Tier) -> None:
        """Encode a tier no more."""
        self._cameras[camera].stop_tier(tier)

    def request_idr(self, camera: str, tier: Tier) -> None:
        """Make a tier's next picture an IDR."""
        self._cameras[camera].request_idr(tier)

    # The supervisors' port.

    def picture(self, picture: Picture) -> None:
        """Hand a picture to its viewers."""
        self.fanout.publish(picture)

    def detect_frame(self, camera: str, slots: FrameSlots, frame: DetectFrame) -> None:
        """Hand a detect frame to the analyst, who counts those that no model saw."""
        self._analyst.offer(camera, slots, frame)

    def gap(self, camera: str) -> None:
        """Tell the analyst that a camera's stream was interrupted."""
        self._analyst.gap(camera)

    def changed(self, camera: str) -> None:  # noqa: ARG002 - the page takes all cameras at once
        """Tell the listeners that a camera's state changed."""
        self._notify()

    # The heat desk's screens.

    def found(self, findings: Findings) -> None:
        """Show findings that came of no new frame."""
        self._keep(findings)
        self._notify()

    def change_ink(self, camera: str, ink: InkSpec) -> None:
        """Paint a camera's overlay like this from now on."""
        self._cameras[camera].change_ink(ink)

    def _deliver(self, findings: Findings) -> None:
        """Take findings from the analyst's thread over to the event loop."""
        if self._loop is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop was closed while a batch was in work
            self._loop.call_soon_threadsafe(self._analysed, findings)

    def _analysed(self, findings: Findings) -> None:
        """Take the findings of a new frame."""
        self._detect_totals[findings.camera] += 1
        self._detect_rates[findings.camera].add(
            self._monotonic(), self._detect_totals[findings.camera]
        )
        self._keep(findings)

    def _keep(self, findings: Findings) -> None:
        self._findings[findings.camera] = findings
        self._cameras[findings.camera].show(findings.overlay)

    def _notices(self, supervisor: CameraSupervisor) -> tuple[str, ...]:
        settings = self._config.cameras[supervisor.camera]
        is_up = self._is_ready and not self._watch.is_down
        is_settled = is_up and supervisor.live_s() > _SETTLED_S
        rate = self._detect_rates[supervisor.camera].per_s(self._monotonic())
        work = Work(
            detect_fps=settings.detect.fps,
            tile_fps=settings.tile.fps,
            detect_share=self._pace.pace.detect,
            picture_share=self._pace.pace.pictures,
            decoded_fps=supervisor.decoded_fps(),
            detected_fps=rate if is_settled else None,
            late_fps=supervisor.late_fps(),
        )
        return (
            *self._watch.notices(),
            *saving_notices(self.desk.saving()),
            *self._missing[supervisor.camera],
            *supervisor.notices,
            *notices_of(work),
        )

    def _notify(self) -> None:
        for listener in tuple(self._listeners):
            listener()
