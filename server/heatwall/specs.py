"""What the settings of a config mean to the rooms that work by them."""

from __future__ import annotations

from heatwall.analysis.analyst import AnalystSpec
from heatwall.analysis.detector import ModelSpec
from heatwall.analysis.spec import AnalysisSpec, HeatStyle, LineSpec, Polygon
from heatwall.camera.hardware import CPU_DECODER, CPU_ENCODER, Hardware
from heatwall.camera.link import InkSpec, Open, TierSpec
from heatwall.config import (
    CameraConfig,
    Config,
    ModelConfig,
    OverlayConfig,
    PersonWidth,
    TierConfig,
)
from heatwall.values import Tier


def open_order(
    camera: str, settings: CameraConfig, config: Config, phase: float, hardware: Hardware
) -> Open:
    """Return the order that a camera's worker begins with.

    Args:
        camera: The camera's id.
        settings: Its settings.
        config: All settings.
        phase: Of its detect frames, 0 to 1 of their interval, so that cameras take turns.
        hardware: What this machine's hardware can do.
    """
    encoder = CPU_ENCODER if settings.encoder == CPU_ENCODER else hardware.encoder
    return Open(
        camera=camera,
        url=settings.url.secret,
        transport=settings.transport,
        timeout_s=settings.timeout_s,
        detect_fps=settings.detect.fps,
        detect_phase=phase,
        detect_size_px=config.model.imgsz,
        tiers={tier: _tier(settings.tier(tier), encoder) for tier in Tier},
        ink=ink_spec(settings.overlay),
        substream=settings.substream.secret if settings.substream else "",
        decoder=CPU_DECODER if settings.decoder == CPU_DECODER else hardware.decoder,
    )


def missing_hardware(settings: CameraConfig, hardware: Hardware) -> tuple[str, ...]:
    """Return a sentence for each thing that a camera asks for and this machine has not."""
    found: list[str] = []
    if settings.decoder not in ("auto", CPU_DECODER, hardware.decoder):
        found.append("decoder: cuda does not open on this machine, the processor decodes")
    if settings.encoder not in ("auto", CPU_ENCODER, hardware.encoder):
        found.append("encoder: h264_nvenc does not open on this machine, libx264 is used")
    return tuple(found)


def ink_spec(overlay: OverlayConfig) -> InkSpec:
    """Return what a worker needs to know of an overlay's looks."""
    return InkSpec(
        heat=overlay.show_heat,
        colormap=overlay.colormap,
        opacity=overlay.opacity,
        boxes=overlay.show_boxes,
        labels=overlay.show_labels,
        conf=overlay.show_conf,
        trails=overlay.show_trails,
        lines=overlay.show_lines,
        zones=overlay.show_zones,
        counts_in=overlay.show_in,
        counts_out=overlay.show_out,
        line_width=overlay.line_width,
    )


def _tier(settings: TierConfig, encoder: str) -> TierSpec:
    return TierSpec(settings.width, settings.height, settings.fps, settings.bitrate_bps, encoder)


def analyst_spec(config: Config, model_path: str) -> AnalystSpec:
    """Return how the analyst works.

    Args:
        config: All settings.
        model_path: The model's file or name, with `demo` already resolved.
    """
    return AnalystSpec(
        model=model_spec(config.model, model_path),
        batch=config.model.batch,
        window_s=None if config.model.window_s == "auto" else config.model.window_s,
        cameras={camera: analysis_spec(settings) for camera, settings in config.cameras.items()},
    )


def model_spec(model: ModelConfig, path: str) -> ModelSpec:
    """Return which model to load from `path`, and how to run it."""
    return ModelSpec(
        path=path,
        device=model.device,
        half=None if model.half == "auto" else model.half,
        imgsz=model.imgsz,
        iou=model.iou,
        max_det=model.max_det,
    )


def analysis_spec(settings: CameraConfig) -> AnalysisSpec:
    """Return one camera's settings for its analysis."""
    heat = settings.heat
    return AnalysisSpec(
        classes=None if settings.classes is None else tuple(settings.classes),
        tracker=settings.tracker,
        confidence=settings.conf,
        buffer_s=settings.track_buffer_s,
        half_lives_s=heat.half_lives_s,
        style=heat_style(settings),
        footprint=heat.footprint,
        person_width=_widths(heat.person_width),
        has_class_heat=heat.per_class,
        excluded=heat.exclude,
        ignore_still_s=heat.ignore_still_s,
        lines=line_specs(settings),
        zones=zone_specs(settings),
    )


def line_specs(settings: CameraConfig) -> dict[str, LineSpec]:
    """Return a camera's counting lines by name."""
    return {
        name: LineSpec(line.start, line.end, line.inside) for name, line in settings.lines.items()
    }


def zone_specs(settings: CameraConfig) -> dict[str, Polygon]:
    """Return the corners of a camera's zones by name."""
    return {name: zone.polygon for name, zone in settings.zones.items()}


def _widths(width: PersonWidth) -> Polygon | None:
    """Return widths by row; one width is that of the top row and of the bottom row."""
    if isinstance(width, float):
        return ((0.0, width), (1.0, width))
    return width


def heat_style(settings: CameraConfig) -> HeatStyle:
    """Return how a camera's heat is shown."""
    overlay = settings.overlay
    return HeatStyle(
        is_shown=overlay.show_heat,
        shown_s=settings.heat.shown_s,
        shown_class=settings.heat.shown_class,
        colormap=overlay.colormap,
        opacity=overlay.opacity,
        scale=None if overlay.scale == "auto" else overlay.scale,
        gamma=overlay.gamma,
    )
