"""Who turns all cameras' detect frames into findings, whatever happens to the thread that does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from heatwall import clock
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
        self._bench = Bench(
            self._inbox, self._roster, self._ledger, deliver, spec.batch, spec.window_s
        )
        self._shift: Shift | None = None

    def load(self) -> None:
        """Load the model; takes seconds, so call it off the event loop, before `start`.

        Raises:
            ModelError: See `Detector`; or a camera wants a class that the model does not know.
        """
        model = self._load_model(self._spec.model)
        self._roster.know(model.names, self._spec.model.path)
        model.prepare(min(self._spec.batch, len(self._roster)))
        self._shift = Shift(model, self._bench)

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

    def start(self) -> None:
        """Begin to work on what is offered; call it after `load`."""
        if self._shift is not None:
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
        return self._shift is None or self._shift.stop(timeout_s)
