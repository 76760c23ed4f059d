"""The YAML config: its shape, its loading and its faults."""

from heatwall.config.alarms import ALL, AlarmConfig, AlarmsConfig, TargetConfig
from heatwall.config.api_schema import api_schemas
from heatwall.config.auth import AuthConfig, GrantConfig, TokenConfig, UserConfig
from heatwall.config.change import changed, overlay_settings
from heatwall.config.counting import LineConfig, ZoneConfig
from heatwall.config.describe import describe_check
from heatwall.config.edge import ProxyConfig, TlsConfig
from heatwall.config.faults import shown
from heatwall.config.geometry import PersonWidth
from heatwall.config.groups import GroupConfig
from heatwall.config.heat import HeatConfig
from heatwall.config.ice_url import IceUrl
from heatwall.config.kinds import format_half_life, parse_half_life
from heatwall.config.listening import require_auth
from heatwall.config.loader import load_config, read_text
from heatwall.config.log import LogConfig
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
from heatwall.config.regions import Regions, in_words, read_regions, regions_of, with_regions
from heatwall.config.rewrite import rewritten
from heatwall.config.schema import render_schema
from heatwall.config.takeover import taken_over
from heatwall.config.webrtc import PortRange, TurnConfig, WebRtcConfig

__all__ = [
    "ALL",
    "AlarmConfig",
    "AlarmsConfig",
    "AuthConfig",
    "CameraConfig",
    "Config",
    "DetectConfig",
    "FocusConfig",
    "GrantConfig",
    "GroupConfig",
    "HeatConfig",
    "IceUrl",
    "LineConfig",
    "LogConfig",
    "ModelConfig",
    "OverlayConfig",
    "PersonWidth",
    "PortRange",
    "ProxyConfig",
    "Regions",
    "ServerConfig",
    "TargetConfig",
    "TierConfig",
    "TlsConfig",
    "TokenConfig",
    "TurnConfig",
    "UserConfig",
    "WebRtcConfig",
    "ZoneConfig",
    "api_schemas",
    "changed",
    "describe_check",
    "format_half_life",
    "in_words",
    "load_config",
    "overlay_settings",
    "parse_half_life",
    "read_regions",
    "read_text",
    "regions_of",
    "render_schema",
    "require_auth",
    "rewritten",
    "shown",
    "taken_over",
    "with_regions",
]
