"""The shape of the config file, as frozen values with defaults."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from heatwall.config import kinds
from heatwall.config.alarms import AlarmsConfig, half_lives_are_kept, with_unknown_names
from heatwall.config.auth import AuthConfig, require_known
from heatwall.config.counting import LineConfig, ZoneConfig
from heatwall.config.edge import ProxyConfig, TlsConfig
from heatwall.config.groups import MOST_GROUPS, GroupConfig, with_strangers
from heatwall.config.heat import NO_CLASS, HeatConfig, allowed_instead
from heatwall.config.log import LogConfig
from heatwall.config.overlay import OverlayConfig
from heatwall.config.rules import bitrate, choice, duration, fault, number, text, whole
from heatwall.config.section import Section, renamed
from heatwall.config.webrtc import WebRtcConfig
from heatwall.roles import AUTO, Role
from heatwall.values import SecretUrl, Tier

OWN_TO_A_CAMERA = ("name", "url", "substream", "lines", "zones")
"""Keys of a camera that make no sense in `defaults`."""

ROLES = (AUTO, *(role.value for role in Role))
"""What `server.role` may be."""


class ServerConfig(Section):
    """The web server."""

    host: Annotated[str, text(253, "a host name or address")] = Field(
        default="127.0.0.1",
        description="Address to listen on. 0.0.0.0 means all of IPv4: anybody in the network "
        "can then watch.",
    )
    port: Annotated[int, whole(0, 65535)] = Field(
        default=8080, description="TCP port to listen on. 0 takes a free one."
    )
    max_viewers: Annotated[int, whole(1, 10_000)] = Field(
        default=64, description="How many pages may watch at once; more are turned away."
    )
    max_sessions_per_user: Annotated[int, whole(1, 1000)] = Field(
        default=16,
        description="How many pages and streams one user or token may watch at once, and on how "
        "many browsers one user is logged in; one more ends the log-in used longest ago.",
    )
    role: Annotated[Literal["auto", "viewer", "operator", "admin"], choice(ROLES)] = Field(
        default="auto",
        description="While nobody has to log in, what everybody may do who opens the page: a "
        "viewer looks, an operator also "
        "changes overlays, counts, lines and zones until the server ends, an admin also saves "
        "them to this file. auto is admin for who sits at this machine, as long as the server "
        "listens on a loopback address; otherwise it is viewer.",
    )
    state: kinds.StateFolder = Field(
        default="auto",
        validate_default=True,  # auto depends on the file; a config made in code keeps nothing
        description="Folder in which heat and counts survive a restart. auto is one for each "
        "config file, below $XDG_STATE_HOME/heatwall or ~/.local/state/heatwall; none keeps "
        "nothing.",
    )
    tls: TlsConfig | None = Field(
        default=None, description="Certificate and key, for https. Without them it is http."
    )
    proxy: ProxyConfig = Field(
        default=ProxyConfig(), description="The reverse proxy before this server, if there is one."
    )


class ModelConfig(Section):
    """The detection model, loaded once for all cameras."""

    path: Annotated[str, text(4096, "a path or a name")] = Field(
        default="yolo26n.pt",
        description="Any Ultralytics detection model in any exported format: a name that "
        "Ultralytics fetches on first use, a path, or `demo` for the bundled demo model.",
    )
    device: Annotated[str, kinds.DEVICE] = Field(
        default="auto", description="Where the model runs. auto takes the GPU when there is one."
    )
    imgsz: Annotated[int, whole(64, 1920, step=32)] = Field(
        default=640, description="Longer side of the picture that the model sees, in pixels."
    )
    half: Annotated[bool | Literal["auto"], kinds.HALF] = Field(
        default="auto", description="Half precision. auto means on for a GPU, off for the CPU."
    )
    batch: Annotated[int, whole(1, 256)] = Field(
        default=16, description="Most frames in one run of the model; on a processor at most 4."
    )
    window_s: Annotated[float | Literal["auto"], kinds.WINDOW] = renamed(
        "window",
        default="auto",
        description="Longest wait for more frames before a batch that is not full is run. auto "
        "means 40ms on a GPU, for which many frames are as little work as one, and 10ms on a "
        "processor.",
    )
    iou: Annotated[float, number(0, 1)] = Field(
        default=0.7,
        description="Overlap above which two boxes of one class are taken for one object.",
    )
    max_det: Annotated[int, whole(1, 3000)] = Field(
        default=300, description="Most detections kept in one frame."
    )


class DetectConfig(Section):
    """How often a camera is looked at by the model."""

    fps: Annotated[float, number(0.1, 60)] = Field(
        default=5.0, description="Frames per second that go through the model."
    )


class TierConfig(Section):
    """One rendition of the picture; sizes are limits, the picture keeps its aspect."""

    width: Annotated[int, whole(64, 3840)] = Field(default=640, description="Most pixels across.")
    height: Annotated[int, whole(64, 2160)] = Field(default=360, description="Most pixels down.")
    fps: Annotated[float, number(1, 60)] = Field(
        default=15.0, description="Most frames per second."
    )
    bitrate_bps: Annotated[int, bitrate(50_000, 50_000_000)] = renamed(
        "bitrate", default=600_000, description="Bits per second that the encoder aims for."
    )


class PreviewConfig(TierConfig):
    """The smallest rendition, for viewers whose path loses packets."""

    width: Annotated[int, whole(64, 3840)] = Field(default=320, description="Most pixels across.")
    height: Annotated[int, whole(64, 2160)] = Field(default=180, description="Most pixels down.")
    fps: Annotated[float, number(1, 60)] = Field(default=5.0, description="Most frames per second.")
    bitrate_bps: Annotated[int, bitrate(50_000, 50_000_000)] = renamed(
        "bitrate", default=120_000, description="Bits per second that the encoder aims for."
    )


class FocusConfig(TierConfig):
    """The large rendition, for one camera in focus."""

    width: Annotated[int, whole(64, 3840)] = Field(default=1920, description="Most pixels across.")
    height: Annotated[int, whole(64, 2160)] = Field(default=1080, description="Most pixels down.")
    fps: Annotated[float, number(1, 60)] = Field(
        default=25.0, description="Most frames per second."
    )
    bitrate_bps: Annotated[int, bitrate(50_000, 50_000_000)] = renamed(
        "bitrate", default=3_000_000, description="Bits per second that the encoder aims for."
    )


class CameraConfig(Section):
    """One camera."""

    name: Annotated[str, text(200)] = Field(
        default="", description="For people; default: the camera's key with its words capitalised."
    )
    url: Annotated[SecretUrl, kinds.URL] = Field(
        description="Where the stream is. Keep the password out of this file: ${NAME} or "
        "${file:/run/secrets/name}."
    )
    substream: Annotated[SecretUrl | None, kinds.SUBSTREAM] = Field(
        default=None,
        description="The camera's second, small stream, of the same view. The wall and the model "
        "then take that one, and the main stream is open only while the camera is in focus.",
    )
    transport: Annotated[Literal["tcp", "udp"], choice(("tcp", "udp"))] = Field(
        default="tcp", description="How RTP is carried. udp loses packets on a busy network."
    )
    timeout_s: Annotated[float, duration(0.5, 60)] = renamed(
        "timeout", default=5.0, description="Longest wait for an answer or for the next frame."
    )
    decoder: Annotated[Literal["auto", "cpu", "cuda"], choice(("auto", "cpu", "cuda"))] = Field(
        default="auto",
        description="Where the stream is decoded. cuda is the GPU's NVDEC; auto takes it where "
        "it opens.",
    )
    encoder: Annotated[
        Literal["auto", "libx264", "h264_nvenc"], choice(("auto", "libx264", "h264_nvenc"))
    ] = Field(
        default="auto",
        description="What encodes the pictures. h264_nvenc is the GPU's; auto takes it where it "
        "opens.",
    )
    detect: DetectConfig = Field(default=DetectConfig(), description="How often the model looks.")
    classes: tuple[Annotated[int | str, kinds.CLASS], ...] | None = Field(
        default=("person",), description="What counts, by name or number of the model; null is all."
    )
    conf: Annotated[float, number(0, 1)] = Field(
        default=0.25, description="Confidence from which a detection may begin a track."
    )
    tracker: Annotated[str, kinds.TRACKER] = Field(
        default="bytetrack",
        description="Any of Ultralytics' trackers, or the path of a tracker YAML.",
    )
    track_buffer_s: Annotated[float, duration(0.1, 60)] = renamed(
        "track_buffer",
        default=2.0,
        description="How long a track that is out of sight is kept before its number is lost.",
    )
    heat: HeatConfig = Field(default=HeatConfig(), description="The heats that are kept.")
    overlay: OverlayConfig = Field(
        default=OverlayConfig(), description="What is drawn over the picture."
    )
    lines: dict[Annotated[str, kinds.ID], LineConfig] = Field(
        default_factory=dict, description="Lines at which people are counted, each under its name."
    )
    zones: dict[Annotated[str, kinds.ID], ZoneConfig] = Field(
        default_factory=dict, description="Zones in which people are counted, each under its name."
    )
    tile: TierConfig = Field(default=TierConfig(), description="The small rendition, for the wall.")
    focus: FocusConfig = Field(
        default=FocusConfig(), description="The large rendition, for one camera."
    )
    preview: PreviewConfig = Field(
        default=PreviewConfig(),
        description="The smallest rendition, for viewers whose network loses packets.",
    )

    @field_validator("classes")
    @classmethod
    def _not_empty(cls, classes: tuple[int | str, ...] | None) -> tuple[int | str, ...] | None:
        if classes == ():
            raise fault("is empty", "a list such as [person], or null for all")
        return classes

    @field_validator("heat")
    @classmethod
    def _shows_a_class_that_counts(cls, heat: HeatConfig, info: ValidationInfo) -> HeatConfig:
        allowed = allowed_instead(heat.shown_class, info.data.get("classes"))
        if allowed:
            raise fault(NO_CLASS, allowed, ("shown_class",))
        return heat

    @field_validator("lines", "zones", mode="before")
    @classmethod
    def _nothing_means_none(cls, value: Any) -> Any:
        return {} if value is None else value

    @property
    def has_own_tracker(self) -> bool:
        """Whether `tracker` is the path of a file."""
        return self.tracker not in kinds.TRACKERS

    def tier(self, tier: Tier) -> TierConfig:
        """Return the limits of `tier`."""
        return {Tier.PREVIEW: self.preview, Tier.TILE: self.tile, Tier.FOCUS: self.focus}[tier]


class Config(Section):
    """A whole config file, with `defaults` already merged under every camera."""

    server: ServerConfig = Field(default=ServerConfig(), description="The web server.")
    model: ModelConfig = Field(
        default=ModelConfig(), description="The detection model, shared by all cameras."
    )
    log: LogConfig = Field(default=LogConfig(), description="The log, on standard error.")
    webrtc: WebRtcConfig = Field(
        default=WebRtcConfig(), description="How the pictures get through networks."
    )
    cameras: dict[Annotated[str, kinds.ID], CameraConfig] = Field(
        description="The cameras, each under the key that the API calls it by."
    )
    groups: dict[Annotated[str, kinds.ID], GroupConfig] = Field(
        default_factory=dict,
        description="Cameras that belong together, each group under a key of its own. The wall "
        "can show one group instead of all cameras.",
    )
    auth: AuthConfig = Field(
        default=AuthConfig(),
        description="Who may see what. Without users and tokens nobody has to log in, and the "
        "server listens on loopback addresses only, unless none is written here.",
    )
    alarms: AlarmsConfig = Field(
        default=AlarmsConfig(), description="What somebody is told of, and who."
    )

    @model_validator(mode="before")
    @classmethod
    def _name_the_nameless(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        cameras, groups = value.get("cameras"), value.get("groups")
        if isinstance(cameras, dict):
            value = {**value, "cameras": _named(cameras)}
            if isinstance(groups, dict):
                value["groups"] = _named(with_strangers(groups, value["cameras"]))
            if "alarms" in value:
                value["alarms"] = with_unknown_names(value["alarms"], value["cameras"])
        return value

    @field_validator("groups", mode="before")
    @classmethod
    def _are_few(cls, value: Any) -> Any:
        if isinstance(value, dict) and len(value) > MOST_GROUPS:
            raise fault("has too many groups", f"at most {MOST_GROUPS}")
        return {} if value is None else value

    @model_validator(mode="after")
    def _open_to_what_there_is(self) -> Self:
        require_known(self.auth, self.cameras, self.groups)
        return self

    @model_validator(mode="after")
    def _alarms_look_at_heats_that_are_kept(self) -> Config:
        half_lives_are_kept(self.alarms, self.cameras)
        return self


def _named(sections: dict[Any, Any]) -> dict[Any, Any]:
    """Return maps with a name in each, which their keys make where people gave none."""
    return {
        key: {"name": kinds.name_of(key), **section} if isinstance(section, dict) else section
        for key, section in sections.items()
    }
