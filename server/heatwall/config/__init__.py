"""The YAML config: its shape, its loading and its faults."""

from heatwall.config.describe import describe_check
from heatwall.config.loader import load_config
from heatwall.config.model import (
    CameraConfig,
    Config,
    DetectConfig,
    FocusConfig,
    HeatConfig,
    ModelConfig,
    OverlayConfig,
    ServerConfig,
    TierConfig,
)
from heatwall.config.schema import render_schema

__all__ = [
    "CameraConfig",
    "Config",
    "DetectConfig",
    "FocusConfig",
    "HeatConfig",
    "ModelConfig",
    "OverlayConfig",
    "ServerConfig",
    "TierConfig",
    "describe_check",
    "load_config",
    "render_schema",
]
