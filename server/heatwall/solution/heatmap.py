"""Heat and counts on frames that a program hands over one by one."""

from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import Unpack

from heatwall.analysis.per_camera import CameraAnalysis, Findings
from heatwall.analysis.reading import HeatReading
from heatwall.clock import monotonic
from heatwall.render.heat_files import video_legend
from heatwall.solution.keywords import HeatmapOptions, read_keywords
from heatwall.solution.model import FrameDetector, check_classes, keep_quiet, load_model
from heatwall.solution.picture import BgrPainter, check_frame, detect_picture
from heatwall.solution.result import HeatmapResult
from heatwall.status import InOut, LineStatus, ZoneStatus
from heatwall.values import ByteArray

_log = logging.getLogger(__name__)


class Heatmap:
    """Heat and counts on the frames of one video, as Ultralytics' `solutions.Heatmap` gives them.

    Call it with one frame after the other; each call finds and follows people, lets the heat
    grow and fade by the frame's time, counts, and returns a `HeatmapResult`. The keywords are
    those of `HeatmapOptions`; see the README for the words of Ultralytics that differ.

    Frames may change their size: heat, lines and zones stay where they are in the picture.
    Regions in pixels are meant in those of the first frame.

    Not thread-safe. Several may share one model, in one thread:
    `Heatmap(detector=first.detector)`.

    Example:
        A stand-in for a model finds somebody who never moves; after 30 s, which is the default
        half-life, the heat at the feet has risen half way.

        >>> import numpy as np
        >>> import heatwall
        >>> class Standing:
        ...     names = {0: "person"}
        ...     def detect(self, frames):
        ...         box = np.array([[0.4, 0.3, 0.6, 0.8]], np.float32)
        ...         score, person = np.ones(1, np.float32), np.zeros(1, np.int32)
        ...         return [heatwall.Detections(box, score, person) for _ in frames]
        >>> heatmap = heatwall.Heatmap(
        ...     detector=Standing(),
        ...     fps=5,
        ...     region=[(32, 9), (288, 9), (288, 171), (32, 171)],
        ...     colormap="turbo",
        ... )
        >>> frame = np.full((180, 320, 3), 90, np.uint8)
        >>> for _ in range(150):
        ...     results = heatmap(frame)
        >>> results.plot_im.shape, results.heat.shape
        ((180, 320, 3), (45, 80))
        >>> print(f"{results.heat.max():.1f}", results.heat_unit)
        0.5 share of recent time
        >>> results.in_count, results.out_count, results.total_tracks
        (1, 0, 1)
        >>> results.classwise_count
        {'person': {'IN': 1, 'OUT': 0}}
        >>> results.zones["zone"].people_now
        1

    Args:
        model: Any Ultralytics detection model: a file, a name that Ultralytics fetches, or
            `demo` for the bundled demo model. Not looked at beside a `detector`.
        detector: A loaded model to use instead; `device`, `iou` and `max_det` are its own.
        fps: Frames a second, for frames that come without a time.
        verbose: Whether each frame is told to the log `heatwall.solution.heatmap`, level INFO.
        **options: See `HeatmapOptions`.

    Raises:
        TypeError: A keyword is not known; the text says what it is called here.
        ValueError: A value is not allowed; the text says what is.
        ModelError: The model or the tracker can't be used.
    """

    def __init__(
        self,
        model: str | Path = "yolo26n.pt",
        *,
        detector: FrameDetector | None = None,
        fps: float = 30.0,
        verbose: bool = False,
        **options: Unpack[HeatmapOptions],
    ) -> None:
        if not 0 < fps < math.inf:
            raise ValueError(f"fps: is out of range (found {fps}; allowed: a number above 0)")
        self._wishes = read_keywords(model, options)
        settings = self._wishes.settings(None)
        keep_quiet()
        self.detector: FrameDetector = detector or load_model(settings.model)
        """The model, for others to share."""
        self.half_lives_s = settings.analysis.half_lives_s
        """The half-lives that are kept, seconds; None for a lifetime sum."""
        check_classes(settings.analysis.classes, self.detector.names)
        # Tried before the first frame, so that a tracker that is none shows at once.
        CameraAnalysis("frames", settings.analysis, dict(self.detector.names))
        self._settings = settings
        self._step_s = 1 / fps
        self._is_verbose = verbose
        self._analysis: CameraAnalysis | None = None
        self._painter: BgrPainter | None = None
        self._size = (0, 0)
        self._time_s: float | None = None

    def __call__(self, im0: ByteArray, time_s: float | None = None) -> HeatmapResult:
        """Take the next frame.

        Args:
            im0: uint8 (height, width, 3), BGR, as OpenCV reads it; it is left as it is.
            time_s: When it was taken, seconds, on any clock that does not go back; None for one
                frame's time, 1 / `fps`, after the one before.

        Raises:
            TypeError: `im0` is None or no array.
            ValueError: `im0` is no picture, or the time goes back.
            ModelError: The model or the tracker failed.
        """
        im0 = check_frame(im0)
        time_s = self._next_time(time_s)
        size = (im0.shape[1], im0.shape[0])
        analysis, painter = self._ready(size)
        began_s = monotonic()
        picture = detect_picture(im0, self._settings.model.imgsz)
        detections = self.detector.detect([picture])[0]
        found_s = monotonic()
        findings = analysis.update(detections, time_s, size)
        self._time_s = time_s
        plot_im = painter.paint(im0, findings.overlay, findings.heat.scale)
        heat = analysis.heat(self.half_lives_s[0], None, time_s)
        speed = {"track": (found_s - began_s) * 1e3, "solution": (monotonic() - found_s) * 1e3}
        if self._is_verbose:
            count, spent_ms = len(findings.tracks), sum(speed.values())
            _log.info("frame at %.2f s: %d tracks, %.1f ms", time_s, count, spent_ms)
        return _result(findings, plot_im, heat, speed)

    def heat(self, half_life_s: float | None) -> HeatReading:
        """Return a heat with all that is known of it: share, person-seconds, age, scale.

        Args:
            half_life_s: One of `half_lives_s`.

        Raises:
            ValueError: It is not kept, or there was no frame yet.
        """
        if half_life_s not in self.half_lives_s:
            kept = ", ".join(map(str, self.half_lives_s))
            raise ValueError(f"no heat of half-life {half_life_s} is kept; allowed: {kept}")
        if self._analysis is None or self._time_s is None:
            raise ValueError("there is no heat before the first frame")
        return self._analysis.heat(half_life_s, None, self._time_s)

    def reset(self) -> None:
        """Begin again, as for another video: no heat, no tracks, counts and time from zero."""
        self._analysis = None
        self._time_s = None

    def _next_time(self, time_s: float | None) -> float:
        if time_s is None:
            return 0.0 if self._time_s is None else self._time_s + self._step_s
        if not math.isfinite(time_s):
            raise ValueError(f"time_s is {time_s}; allowed: seconds, or None")
        if self._time_s is not None and time_s < self._time_s:
            raise ValueError(
                f"time_s is {time_s}, before the last frame's {self._time_s}; allowed: times that "
                "do not go back, or reset() for another video"
            )
        return float(time_s)

    def _ready(self, size: tuple[int, int]) -> tuple[CameraAnalysis, BgrPainter]:
        """Return what works on frames of this size; only the painter depends on it."""
        if self._analysis is None:
            self._settings = self._wishes.settings(size)
            spec = self._settings.analysis
            self._analysis = CameraAnalysis("frames", spec, dict(self.detector.names))
        if self._painter is None or size != self._size:
            self._size = size
            self._painter = BgrPainter(
                *size, self._settings.ink, video_legend(self._settings, size[1])
            )
        return self._analysis, self._painter


def _result(
    findings: Findings, plot_im: ByteArray, heat: HeatReading, speed: dict[str, float]
) -> HeatmapResult:
    places: list[LineStatus | ZoneStatus] = [*findings.lines.values(), *findings.zones.values()]
    classes: dict[str, dict[str, int]] = {}
    for place in places:
        for name, counts in place.classes.items():
            _add(classes.setdefault(name, {"IN": 0, "OUT": 0}), counts)
    return HeatmapResult(
        plot_im=plot_im,
        in_count=sum(place.in_count for place in places),
        out_count=sum(place.out_count for place in places),
        classwise_count=classes,
        total_tracks=len(findings.tracks),
        seen_tracks=findings.total_tracks,
        heat=heat.share,
        scale=findings.heat.scale,
        lines=findings.lines,
        zones=findings.zones,
        tracks=findings.tracks,
        time_s=findings.tracks.time_s,
        speed=speed,
    )


def _add(totals: dict[str, int], counts: InOut) -> None:
    totals["IN"] += counts.in_count
    totals["OUT"] += counts.out_count
