"""One run of `heatwall render`: from its options to its files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from heatwall.analysis.detector import Detector
from heatwall.analysis.model_words import reworded
from heatwall.analysis.per_camera import CameraAnalysis, unknown_classes
from heatwall.clock import monotonic
from heatwall.config.url import SCHEMES, parse_url
from heatwall.errors import EncoderError, HeatwallError, ModelError, StartError
from heatwall.painting import Painter
from heatwall.render.background import Background
from heatwall.render.counts import RenderCounts
from heatwall.render.heat_files import video_legend
from heatwall.render.options import RenderOptions
from heatwall.render.pictures import UprightScaler
from heatwall.render.progress import ProgressView
from heatwall.render.reader import VideoFacts, VideoReader
from heatwall.render.regions import fault
from heatwall.render.rendering import Rendering, Stages
from heatwall.render.report import RenderResult, save_files, summary, warnings
from heatwall.render.settings import RenderSettings, load_settings
from heatwall.render.targets import Targets, choose_targets
from heatwall.render.writer import VideoFormat, VideoWriter
from heatwall.values import SecretUrl

_TIMEOUT_S = 5.0
"""Longest silence of a stream; the default of a camera in a config too."""

_TRANSPORTS = ("tcp", "udp")


def render_video(
    options: RenderOptions,
    should_stop: Callable[[], bool],
    console: Console | None,
) -> RenderResult:
    """Render a video; returns when it is done or was stopped, with all files written.

    Args:
        options: What was written on the command line.
        should_stop: Asked often; True ends it with what is done saved.
        console: Where progress is shown; None for nowhere.

    Raises:
        HeatwallError: Something that the user can change. What was rendered before is kept.
    """
    source = parse_source(options.source)
    if options.transport not in _TRANSPORTS:
        message = "is not a way to carry RTP"
        raise fault("--transport", options.transport, message, " or ".join(_TRANSPORTS))
    targets = choose_targets(options, source)
    with ExitStack() as stack:
        reader = VideoReader(source, options.transport, _TIMEOUT_S)
        stack.callback(reader.close)
        facts = reader.facts
        settings = load_settings(options, (facts.width, facts.height))
        stages = _stages(settings, facts, targets, *_load_analyst(settings))
        stack.callback(stages.writer.abandon)
        batch = 1 if facts.is_live else settings.batch
        rendering = Rendering(reader, stages, settings.detect_fps, batch, settings.until_s)
        view = ProgressView(facts.source, _length(facts, settings), monotonic, console)
        return _Run(targets, settings, reader, stages, rendering).render(view, should_stop)


@dataclass(frozen=True, slots=True)
class _Run:
    """All that takes part in one run."""

    targets: Targets
    settings: RenderSettings
    reader: VideoReader
    stages: Stages
    rendering: Rendering

    def render(self, view: ProgressView, should_stop: Callable[[], bool]) -> RenderResult:
        """Render, and write what has come of it, whatever ended it."""
        writer, rendering = self.stages.writer, self.rendering
        began_s = monotonic()
        failure: HeatwallError | None = None
        is_whole = False
        try:
            with view:
                is_whole = rendering.run(should_stop, view.show)
            if rendering.done.frames == 0:
                writer.discard()
                return RenderResult((), ("stopped before the first frame",), is_stopped=True)
            writer.finish()
        except EncoderError as error:
            if rendering.done.frames == 0:
                writer.discard()
                raise
            raise EncoderError(f"{error}; what was done is in {writer.partial}") from error
        except HeatwallError as error:
            if rendering.done.frames == 0:
                writer.discard()
                raise
            failure = error
            writer.finish()
        counts = self._counts(is_whole=is_whole and failure is None)
        save_files(self.targets, counts, self.stages.background, self.settings)
        if failure is not None:
            raise failure
        return RenderResult(
            summary=summary(self.targets, counts, monotonic() - began_s),
            warnings=warnings(counts, writer.merged),
            is_stopped=not is_whole,
        )

    def _counts(self, *, is_whole: bool) -> RenderCounts:
        settings, done, findings = self.settings, self.rendering.done, self.rendering.findings
        warning = self.reader.warning
        return RenderCounts(
            facts=self.reader.facts,
            model=settings.model_name,
            classes=settings.analysis.classes,
            tracker=settings.analysis.tracker,
            detect_fps=settings.detect_fps,
            frames=done.frames,
            detected=done.detected,
            duration_s=done.duration_s,
            is_complete=is_whole and warning is None,
            warning=warning,
            total_tracks=findings.total_tracks if findings else 0,
            lines=findings.lines if findings else {},
            zones=findings.zones if findings else {},
            heat=self.stages.analysis.heat(
                settings.file_half_life_s, settings.analysis.style.shown_class, done.time_s
            ),
            shown_half_life_s=settings.analysis.style.shown_s,
        )


def parse_source(text: str) -> Path | SecretUrl:
    """Return the file or the address that is meant.

    Raises:
        ConfigError: It is an address that can't be opened.
        StartError: It is a file that is not there.
    """
    if "://" in text:
        try:
            return parse_url(text)
        except ValueError as error:
            allowed = f"a file, or an address that begins with {', '.join(SCHEMES)}"
            raise fault("SOURCE", str(SecretUrl(text)), str(error), allowed) from None
    path = Path(text).expanduser()
    if not path.exists():
        raise StartError(f"{text}: the file is not there")
    if path.is_dir():
        raise StartError(f"{text}: is a folder, not a video")
    return path


def _load_analyst(settings: RenderSettings) -> tuple[Detector, CameraAnalysis]:
    """Return the loaded model, which takes seconds, and the state of the one camera."""
    try:
        detector = Detector(settings.model)
    except ModelError as error:
        raise reworded(error, "--model", "--device") from error
    unknown = unknown_classes(settings.analysis.classes, detector.names)
    if unknown:
        raise fault(
            "--classes",
            ", ".join(map(str, unknown)),
            f"is not known to the model {settings.model_name}",
            f"{', '.join(detector.names.values())}; or all",
        )
    return detector, CameraAnalysis("video", settings.analysis, detector.names)


def _stages(
    settings: RenderSettings,
    facts: VideoFacts,
    targets: Targets,
    detector: Detector,
    analysis: CameraAnalysis,
) -> Stages:
    writer = VideoWriter(
        targets.video,
        VideoFormat(
            width=settings.width,
            height=settings.height,
            fps=facts.fps,
            time_base=facts.time_base,
            pixel_aspect=facts.pixel_aspect,
            color=facts.color,
        ),
    )
    return Stages(
        scaler=UprightScaler(facts.quarter_turns, settings.model.imgsz),
        detector=detector,
        analysis=analysis,
        painter=Painter(settings.width, settings.height, settings.ink),
        legend=video_legend(settings, settings.height),
        writer=writer,
        background=None if targets.heat_png is None else Background(),
    )


def _length(facts: VideoFacts, settings: RenderSettings) -> float | None:
    """Return how much media time will be rendered, seconds, as far as anybody knows."""
    known = [one for one in (facts.duration_s, settings.until_s) if one is not None]
    return min(known, default=None)
