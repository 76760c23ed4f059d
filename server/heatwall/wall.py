"""All cameras of a store with their analyst: what the edge shows and steers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from heatwall.analysis.analyst import Analyst
from heatwall.analysis.per_camera import Findings
from heatwall.analyst_watch import AnalystWatch
from heatwall.camera.hardware import Hardware
from heatwall.camera.link import DetectFrame, InkSpec, Open, SetPace
from heatwall.camera.shared import FrameSlots
from heatwall.camera.supervisor import CameraSupervisor
from heatwall.clock import Clock
from heatwall.config import Config
from heatwall.decay import share_left
from heatwall.delivery.fanout import Fanout, Packetise
from heatwall.desk import HeatDesk
from heatwall.keeping_pace import PaceKeeper
from heatwall.load import Pace
from heatwall.notices import Work, notices_of, saving_notices
from heatwall.rates import Rate
from heatwall.specs import analysis_spec, analyst_spec, missing_hardware, open_order
from heatwall.states import CameraState
from heatwall.status import (
    CameraCounters,
    CameraStatus,
    ConfigStatus,
    DetectionStatus,
    Fps,
    GroupStatus,
    HeatStatus,
    SavingStatus,
    ZoneStatus,
)
from heatwall.values import Picture, Tier

_log = logging.getLogger(__name__)

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
        self._wall_clock = wall
        self._hardware = hardware
        self._group: asyncio.TaskGroup | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._loaded = asyncio.Event()
        self._config_status = ConfigStatus()
        self._config_loaded_at = wall()
        self._monotonic = monotonic
        self.fanout = Fanout(self, monotonic, packetise)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._analyst = Analyst(analyst_spec(config, model_path), self._deliver, wall=wall)
        self._watch = AnalystWatch(self._analyst, self._notify, monotonic, wall)
        self.desk = HeatDesk(config, self._analyst, self, monotonic, wall, config_file=config_file)
        self._cameras: dict[str, CameraSupervisor] = {}
        self._cameras |= {
            camera: self._supervisor(order) for camera, order in self._orders(config).items()
        }
        self._missing = {
            camera: missing_hardware(settings, hardware)
            for camera, settings in config.cameras.items()
        }
        self._groups = _groups_of(config)
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
                self._group, tasks = group, []
                for supervisor in self._cameras.values():
                    self._run(supervisor)
                tasks.append(group.create_task(self._load_and_look_after(), name="load model"))
                tasks.append(group.create_task(self.desk.keep_saving(), name="snapshots"))
                try:
                    yield
                finally:
                    self._is_ready = False
                    self._group = None
                    for task in (*tasks, *self._tasks.values()):
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
        self._loaded.set()
        self._notify()

    async def reconfigure(self, config: Config) -> None:
        """Take another config; only the cameras that changed notice.

        Waits for the model if it is still being loaded. `server` and `model` stay as they are.

        Raises:
            ModelError: A camera wants what the model does not know; nothing has changed then.
            DeliveryError: The server is too busy; most is still done.
        """
        await self._loaded.wait()
        fixed = {"server": self._config.server, "model": self._config.model}
        config = config.model_copy(update=fixed)
        self._analyst.check({key: analysis_spec(one) for key, one in config.cameras.items()})
        orders = self._orders(config)  # before anything changes: it is the last that may fail
        await self.desk.reconfigure(config)
        for camera in self._cameras.keys() - config.cameras.keys():
            self._remove(camera)
        added = config.cameras.keys() - self._cameras.keys()
        self._config = config
        self._groups = _groups_of(config)
        self._missing = {
            camera: missing_hardware(settings, self._hardware)
            for camera, settings in config.cameras.items()
        }
        # In place: others hold a view of it.
        before = dict(self._cameras)
        self._cameras.clear()
        for camera, order in orders.items():
            if camera in added:
                self._add(camera, order)
            else:
                self._cameras[camera] = before[camera]
                self._reopen(before[camera], order)
        await self.desk.remember(added)
        self._notify()

    def _orders(self, config: Config) -> dict[str, Open]:
        """Return how the cameras are to be opened; those that are there keep their phase."""
        orders = {}
        for index, (camera, settings) in enumerate(config.cameras.items()):
            known = self._cameras.get(camera)
            phase = index / len(config.cameras) if known is None else known.order.detect_phase
            orders[camera] = open_order(camera, settings, config, phase, self._hardware)
        return orders

    def _supervisor(self, order: Open) -> CameraSupervisor:
        return CameraSupervisor(order, self, self._monotonic, self._wall_clock)

    def _run(self, supervisor: CameraSupervisor) -> None:
        if self._group is not None:
            self._tasks[supervisor.camera] = self._group.create_task(
                supervisor.run(), name=f"camera {supervisor.camera}"
            )

    def _add(self, camera: str, order: Open) -> None:
        self._cameras[camera] = supervisor = self._supervisor(order)
        self._detect_rates[camera] = Rate()
        self._detect_totals[camera] = 0
        pace = self._pace.pace
        supervisor.set_pace(SetPace(pace.detect, pace.pictures))
        self._run(supervisor)
        _log.info("camera %s: added", camera)

    def _remove(self, camera: str) -> None:
        del self._cameras[camera]
        if (task := self._tasks.pop(camera, None)) is not None:
            task.cancel()
        self.fanout.forget(camera)
        self._findings.pop(camera, None)
        _log.info("camera %s: removed", camera)

    def _reopen(self, supervisor: CameraSupervisor, order: Open) -> None:
        """Start the camera's worker anew if its order is another one than before."""
        old = supervisor.order
        if (new := order.with_ink(old.ink)) != old:
            _log.info("camera %s: opened anew, its settings changed", supervisor.camera)
            supervisor.reopen(new)

    def knows(self, camera: str) -> bool:
        """Return whether there is such a camera."""
        return camera in self._cameras

    def config_status(self) -> ConfigStatus:
        """Return what became of the config file."""
        return self._config_status

    def config_loaded_at(self) -> float:
        """Return when the config that runs was taken over, seconds since 1970 UTC."""
        return self._config_loaded_at

    def tell_config(self, status: ConfigStatus) -> None:
        """Tell what became of the config file from now on."""
        if status.error is None:
            self._config_loaded_at = self._wall_clock()
        self._config_status = status
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

    def stranded_s(self) -> float:
        """Return for how long this machine has given no camera a worker, seconds; 0 if it has."""
        return min((camera.stranded_s() for camera in self._cameras.values()), default=0.0)

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
                decoded=round(supervisor.tally.decoded_fps(now_s), 1),
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
            heat=self._heat(findings, now_s, is_live=is_live) if findings else None,
            detect_fps=self._config.cameras[camera].detect.fps,
            encoder=supervisor.encoder,
            decoder=facts.decoder if facts else None,
            total_tracks=findings.total_tracks if findings else 0,
            lines=findings.lines if findings else {},
            zones=_zones(findings, is_live=is_live) if findings else {},
            counts_since=findings.counts_since if findings else None,
            notices=self._notices(supervisor) if is_live else (),
        )

    def _heat(self, findings: Findings, now_s: float, *, is_live: bool) -> HeatStatus:
        heat, at_s = findings.heat, findings.heat_at_s
        if is_live or not at_s:
            return heat
        idle_s = max(0.0, now_s - at_s)
        return heat.faded(share_left(heat.half_life_s, findings.heat_age_s, idle_s))

    def pace(self) -> Pace:
        """Return what is done of what the config asks for."""
        return self._pace.pace

    def counters(self) -> dict[str, CameraCounters]:
        """Return the totals of each camera."""
        figures = self._analyst.figures()
        return {
            camera: CameraCounters(
                decoded=supervisor.tally.total("decoded"),
                detected=figures.detected.get(camera, 0),
                shown=supervisor.tally.totals("shown"),
                dropped=supervisor.tally.totals("dropped")
                | {"detect_replaced": figures.replaced.get(camera, 0)},
                connects=supervisor.connects,
                restarts=max(0, supervisor.restarts),
                stage_s=supervisor.tally.stage_s() | dict(figures.stage_s.get(camera, {})),
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
        if (supervisor := self._cameras.get(camera)) is not None:
            supervisor.start_tier(tier)

    def stop_tier(self, camera: str, tier: Tier) -> None:
        """Encode a tier no more."""
        if (supervisor := self._cameras.get(camera)) is not None:
            supervisor.stop_tier(tier)

    def request_idr(self, camera: str, tier: Tier) -> None:
        """Make a tier's next picture an IDR."""
        if (supervisor := self._cameras.get(camera)) is not None:
            supervisor.request_idr(tier)

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
        if (supervisor := self._cameras.get(camera)) is not None:
            supervisor.change_ink(ink)

    def _deliver(self, findings: Findings) -> None:
        """Take findings from the analyst's thread over to the event loop."""
        if self._loop is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop was closed while a batch was in work
            self._loop.call_soon_threadsafe(self._analysed, findings)

    def _analysed(self, findings: Findings) -> None:
        """Take the findings of a new frame."""
        if findings.camera not in self._cameras:
            return  # was removed while the model looked at it
        self._detect_totals[findings.camera] += 1
        self._detect_rates[findings.camera].add(
            self._monotonic(), self._detect_totals[findings.camera]
        )
        self._keep(findings)

    def _keep(self, findings: Findings) -> None:
        if findings.camera not in self._cameras:
            return
        self._findings[findings.camera] = findings
        self._cameras[findings.camera].show(findings.overlay)

    def _notices(self, supervisor: CameraSupervisor) -> tuple[str, ...]:
        settings = self._config.cameras[supervisor.camera]
        is_up = self._is_ready and not self._watch.is_down
        is_settled = is_up and supervisor.live_s() > _SETTLED_S
        now_s = self._monotonic()
        rate = self._detect_rates[supervisor.camera].per_s(now_s)
        work = Work(
            detect_fps=settings.detect.fps,
            tile_fps=settings.tile.fps,
            detect_share=self._pace.pace.detect,
            picture_share=self._pace.pace.pictures,
            decoded_fps=supervisor.tally.decoded_fps(now_s),
            detected_fps=rate if is_settled else None,
            late_fps=supervisor.tally.late_fps(now_s),
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


def _groups_of(config: Config) -> list[GroupStatus]:
    return [
        GroupStatus(group, settings.name, settings.cameras)
        for group, settings in config.groups.items()
    ]


def _zones(findings: Findings, *, is_live: bool) -> dict[str, ZoneStatus]:
    if is_live:
        return findings.zones
    return {name: zone.unseen() for name, zone in findings.zones.items()}
