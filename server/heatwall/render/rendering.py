"""The loop of a rendering: frames in, heat and counts on them, frames out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from heatwall.analysis.per_camera import CameraAnalysis, Findings
from heatwall.overlay import Planes
from heatwall.pacing import Pacer
from heatwall.painting import Painter
from heatwall.render.background import Background
from heatwall.render.legend import Legend
from heatwall.render.pictures import UprightScaler
from heatwall.render.reader import MediaFrame, VideoReader
from heatwall.render.writer import VideoWriter
from heatwall.values import ByteArray, Detections

_MOST_HELD_BYTES = 256_000_000
"""Frames wait for their batch of the model; so much of them, and the batch is smaller."""


class FrameDetector(Protocol):
    """What a rendering needs of a model; see `Detector`."""

    def detect(self, frames: Sequence[ByteArray], /) -> list[Detections]:
        """Detect in frames of one shape."""


@dataclass(frozen=True, slots=True)
class Done:
    """How far a rendering has come.

    Attributes:
        frames: Frames written.
        detected: Frames that the model looked at.
        time_s: Media time of the newest frame, seconds.
        duration_s: Media time covered, seconds: up to the end of the newest frame.
    """

    frames: int = 0
    detected: int = 0
    time_s: float = 0.0
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Stages:
    """What a rendering is made of.

    Attributes:
        scaler: Makes upright pictures.
        detector: Finds people.
        analysis: Follows and counts them.
        painter: Paints the overlay.
        legend: Writes what the colours mean; None for none.
        writer: Takes the pictures.
        background: Remembers the empty scene; None when nobody wants it.
    """

    scaler: UprightScaler
    detector: FrameDetector
    analysis: CameraAnalysis
    painter: Painter
    legend: Legend | None
    writer: VideoWriter
    background: Background | None


@dataclass(frozen=True, slots=True)
class _Held:
    """A frame that waits for its batch; `picture` is for the detector, if it looks at it."""

    frame: MediaFrame
    picture: ByteArray | None


class Rendering:
    """Renders one video at media time. Single use, one thread.

    Every frame is shown. Those that the detector sees are chosen by their stamps, and batches
    are filled in order, so that the result depends on the video alone, not on the machine.

    Args:
        reader: The source.
        stages: What is done with each frame.
        detect_fps: Frames per second of media time that the detector sees.
        batch: Most frames in one run of the detector.
        until_s: Media time to stop at, seconds; None for the end.
    """

    def __init__(
        self,
        reader: VideoReader,
        stages: Stages,
        detect_fps: float,
        batch: int,
        until_s: float | None,
    ) -> None:
        self._reader = reader
        self._stages = stages
        self._pacer = Pacer(detect_fps)
        self._batch = batch
        self._until_s = until_s
        frame_bytes = reader.facts.width * reader.facts.height * 3 // 2
        self._most_held = max(1, _MOST_HELD_BYTES // frame_bytes)
        self.done = Done()
        """How far it has come."""
        self.findings: Findings | None = None
        """Of the newest frame that the detector saw."""

    def run(self, should_stop: Callable[[], bool], tell: Callable[[Done], None]) -> bool:
        """Render until the source ends; returns whether it was not stopped before.

        Args:
            should_stop: Asked before each frame.
            tell: Told after each frame.

        Raises:
            ModelError: The model or the tracker failed.
            EncoderError: The video can't be written.
        """
        for held in self._batches():
            pictures = [one.picture for one in held if one.picture is not None]
            found = iter(self._stages.detector.detect(pictures) if pictures else ())
            for one in held:
                if should_stop():
                    return False
                detections = None if one.picture is None else next(found)
                self._render(one, detections)
                tell(self.done)
            if should_stop():
                return False
        return True

    def _batches(self) -> Iterator[list[_Held]]:
        """Yield the frames in order, in lists that hold a batch for the detector at most."""
        held: list[_Held] = []
        count = 0
        for frame in self._reader.frames():
            if self._until_s is not None and frame.instant.time_s >= self._until_s:
                break
            is_due = self._pacer.is_due(frame.instant.time_s)
            if held and ((is_due and count == self._batch) or len(held) == self._most_held):
                yield held
                held, count = [], 0
            picture = self._stages.scaler.detect_picture(frame.decoded) if is_due else None
            if held and picture is not None and _is_other_shape(held, picture):
                yield held
                held, count = [], 0
            held.append(_Held(frame, picture))
            count += is_due
        if held:
            yield held

    def _render(self, one: _Held, detections: Detections | None) -> None:
        stages, instant = self._stages, one.frame.instant
        if instant.is_after_jump:
            stages.analysis.gap()
        if detections is not None and one.picture is not None:
            size = (one.picture.shape[1], one.picture.shape[0])
            self.findings = stages.analysis.update(detections, instant.time_s, size)
        planes: Planes = stages.writer.planes
        stages.scaler.scale(one.frame.decoded, planes)
        if stages.background is not None:
            stages.background.look(planes)
        if self.findings is not None:
            stages.painter.paint(planes, self.findings.overlay)
            if stages.legend is not None:
                stages.legend.draw(planes, self.findings.heat.scale)
        stages.writer.write(instant.ticks)
        self.done = Done(
            frames=self.done.frames + 1,
            detected=self.done.detected + (detections is not None),
            time_s=instant.time_s,
            duration_s=instant.time_s + 1 / self._reader.facts.fps,
        )


def _is_other_shape(held: Sequence[_Held], picture: ByteArray) -> bool:
    """Return whether the source has changed its size, which ends a batch."""
    return any(one.picture is not None and one.picture.shape != picture.shape for one in held)
