"""The YAML config: its shape, its loading and its faults."""

from heatwall.config.change import changed, overlay_settings
from heatwall.config.counting import LineConfig, ZoneConfig
from heatwall.config.describe import describe_check
from heatwall.config.geometry import PersonWidth
from heatwall.config.groups import GroupConfig
from heatwall.config.heat import HeatConfig
from heatwall.config.kinds import format_half_life, parse_half_life
from heatwall.config.loader import load_config
from heatwall.config.model import (
    CameraConfig,
    Config,
    DetectConfig,
    FocusConfig,
    ModelConfig,
    ServerConfig,
    TierConfig,
)
from heatwall.config.overlay import OverlayConfig
from heatwall.config.schema import render_schema

__all__ = [
    "CameraConfig",
    "Config",
    "DetectConfig",
    "FocusConfig",
    "GroupConfig",
    "HeatConfig",
    "LineConfig",
    "ModelConfig",
    "OverlayConfig",
    "PersonWidth",
    "ServerConfig",
    "TierConfig",
    "ZoneConfig",
    "changed",
    "describe_check",
    "format_half_life",
    "load_config",
    "overlay_settings",
    "parse_half_life",
    "render_schema",
]
