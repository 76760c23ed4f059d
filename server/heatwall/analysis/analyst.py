"""Who turns all cameras' detect frames into findings, whatever happens to the thread that does."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from heatwall import clock
from heatwall.analysis.allowance import Allowance
from heatwall.analysis.detector import Detector, ModelSpec
from heatwall.analysis.inbox import Inbox
from heatwall.analysis.ledger import Ledger
from heatwall.analysis.memory import CameraMemory
from heatwall.analysis.per_camera import CameraAnalysis, Findings
from heatwall.analysis.roster import Roster
from heatwall.analysis.shift import Bench, LoadedModel, Shift
from heatwall.analysis.spec import AnalysisSpec
from heatwall.camera.link import DetectFrame
from heatwall.camera.shared import FrameSlots
from heatwall.errors import ModelMemoryError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AnalystSpec:
    """How the analyst works.

    Attributes:
        model: The model.
        batch: Most frames in a batch.
        window_s: After the first frame, how long to wait for other cameras' frames, seconds; None
            for what suits the device.
        cameras: Settings by camera id.
    """

    model: ModelSpec
    batch: int
    window_s: float | None
    cameras: Mapping[str, AnalysisSpec]


@dataclass(frozen=True, slots=True)
class AnalystFigures:
    """Totals since the start.

    Attributes:
        detected: Frames that went through the detector, by camera.
        replaced: Frames replaced by newer ones before the detector came to them, by camera.
        stage_s: Seconds of work by camera and stage; a batch's seconds are shared evenly.
        error: Why the last batch failed, or None.
    """

    detected: Mapping[str, int]
    replaced: Mapping[str, int]
    stage_s: Mapping[str, Mapping[str, float]]
    error: str | None


class Analyst:
    """Each camera's analysis, and the shift that works on the newest frame of each.

    `offer` and `gap` may be called from any thread and never wait. The rest of the work happens
    in the shift's thread, which also calls `deliver`.

    Args:
        spec: How it works.
        deliver: Takes the findings of each frame; must not block.
        load_model: Loads the model; may take seconds.
        wall: Seconds since 1970 UTC.
    """

    def __init__(
        self,
        spec: AnalystSpec,
        deliver: Callable[[Findings], None],
        load_model: Callable[[ModelSpec], LoadedModel] = Detector,
        wall: clock.Clock = clock.wall,
    ) -> None:
        self._spec = spec
        self._load_model = load_model
        self._inbox = Inbox()
        self._ledger = Ledger()
        self._roster = Roster(spec.cameras, wall)
        self._allowance = Allowance(spec.batch)
        self._bench = Bench(
            self._inbox, self._roster, self._ledger, deliver, self._allowance, spec.window_s
        )
        self._shift: Shift | None = None
        self._given_up: list[Shift] = []
        self._is_stopped = False

    def load(self) -> None:
        """Load the model; takes seconds, so call it off the event loop, before `start`.

        Raises:
            ModelError: See `Detector`; or a camera wants a class that the model does not know.
        """
        self._shift = self.loaded()

    def loaded(self, device: str | None = None) -> Shift:
        """Return a shift with a model of its own, for `adopt`; takes seconds.

        Args:
            device: Where it is to run; None for what the spec says.

        Raises:
            ModelError: See `load`.
        """
        spec = self._spec.model if device is None else replace(self._spec.model, device=device)
        model = self._load_model(spec)
        self._roster.know(model.names, spec.path)
        while True:
            most = min(self._allowance.most, len(self._roster))
            try:
                model.prepare(most)
            except ModelMemoryError as error:
                if not self._allowance.shrink(time.monotonic()):
                    raise
                _log.warning("%s: now %d frames at once", error, self._allowance.most)
            else:
                return Shift(model, self._bench)

    def give_up(self, wait_s: float = 0.0) -> None:
        """Let go of the shift, which may hang or be broken; the cameras keep what they know.

        A thread that hangs lives on and keeps its model's memory: nothing can end it but the end
        of the process. Takes milliseconds beside the wait.

        Args:
            wait_s: What it gets for the batch in work; that of a healthy one is not lost then.
        """
        shift = self._shift
        if shift is None:
            return
        shift.stop(wait_s)
        held = shift.give_up()
        if held is not None:
            self._roster.rebuild(held, time.monotonic())
        if shift not in self._given_up:
            self._given_up.append(shift)

    def hung(self) -> int:
        """Return how many threads that were given up live on."""
        self._given_up = [shift for shift in self._given_up if shift.is_working]
        return len(self._given_up)

    def camera(self, camera: str) -> CameraAnalysis:
        """Return a camera's analysis, which any thread may ask.

        Raises:
            KeyError: There is no such camera, or the model is not loaded yet.
        """
        return self._roster.camera(camera)

    def memories(self, now_s: float) -> dict[str, CameraMemory]:
        """Return what the cameras know at `now_s`, monotonic seconds, by id.

        Without those that saw nothing yet.
        """
        return self._roster.memories(now_s)

    @property
    def device(self) -> str | None:
        """Where the model runs; None until it is loaded."""
        return self._shift.model.device if self._shift else None

    @property
    def shift(self) -> Shift | None:
        """Who works now; None until the model is loaded."""
        return self._shift

    @property
    def is_reduced(self) -> bool:
        """Whether memory lets fewer frames through at once than the spec says."""
        return self._allowance.is_reduced

    def adopt(self, shift: Shift) -> None:
        """Put another shift, of `loaded`, in the place of the one before, which is given up."""
        self.give_up()
        self._shift = shift

    def start(self) -> None:
        """Begin to work on what is offered, once after each `load` or `adopt`."""
        if self._shift is not None and not self._is_stopped:
            self._shift.start()

    def offer(self, camera: str, slots: FrameSlots, frame: DetectFrame) -> None:
        """Offer a camera's newest frame; one that still waits is replaced and counted."""
        self._inbox.offer(camera, slots, frame)

    def gap(self, camera: str) -> None:
        """Say that a camera's stream was interrupted; frames that wait are forgotten."""
        self._inbox.gap(camera)

    def figures(self) -> AnalystFigures:
        """Return the totals so far."""
        return AnalystFigures(
            self._ledger.detected(),
            self._inbox.replaced(),
            self._ledger.stage_s(),
            self._shift.error if self._shift else None,
        )

    def stop(self, timeout_s: float = 5.0) -> bool:
        """End the thread, waiting up to `timeout_s` for the batch in work; idempotent.

        Returns:
            Whether it ended: one that hangs may still read the cameras' shared memory.
        """
        self._is_stopped = True
        return self._shift is None or self._shift.stop(timeout_s)
