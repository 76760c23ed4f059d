"""The shape of the config file, as frozen values with defaults."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo

from heatwall.config import geometry, kinds
from heatwall.config.rules import bitrate, choice, duration, fault, flag, number, text, whole
from heatwall.shapes import Point, check_inside, check_length
from heatwall.values import SecretUrl, Tier

OWN_TO_A_CAMERA = ("name", "url", "lines", "zones")
"""Keys of a camera that make no sense in `defaults`."""

NO_CLASS = "is not one of classes"
"""What is wrong with a class whose heat is to be shown, though it does not count."""


class Section(BaseModel):
    """One map of the file: frozen, unknown keys refused, an empty one means its defaults."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_means_defaults(cls, value: Any) -> Any:
        return {} if value is None else value


def _renamed(alias: str, **more: Any) -> Any:
    """Return a field that is called `alias` in the file and has its unit in its name here."""
    return Field(validation_alias=alias, serialization_alias=alias, **more)


def key_of(name: str, field: FieldInfo) -> str:
    """Return what the field called `name` here is called in the file."""
    return field.serialization_alias or name


def section_of(field: FieldInfo) -> type[Section] | None:
    """Return the section that a field holds, by itself or as the values of a map."""
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, Section):
            return kind
    return None


def is_map(field: FieldInfo) -> bool:
    """Return whether a field is a map of sections, each under a key of the user's."""
    return section_of(field) not in (None, field.annotation)


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
    state: kinds.StateFolder = Field(
        default="auto",
        validate_default=True,  # auto depends on the file; a config made in code keeps nothing
        description="Folder in which heat and counts survive a restart. auto is one for each "
        "config file, below $XDG_STATE_HOME/heatwall or ~/.local/state/heatwall; none keeps "
        "nothing.",
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
        default=16, description="Most frames in one run of the model."
    )
    window_s: Annotated[float, duration(0, 1)] = _renamed(
        "window",
        default=0.01,
        description="Longest wait for more frames before a batch that is not full is run.",
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


class HeatConfig(Section):
    """The heats of one camera."""

    half_lives_s: Annotated[
        tuple[Annotated[float | None, kinds.HALF_LIFE], ...], AfterValidator(kinds.few_and_unlike)
    ] = Field(
        validation_alias=AliasChoices("half_lives", "half_life"),
        serialization_alias="half_lives",
        default=(30.0, 600.0, 7200.0),
        description="Heats kept at once: the time after which a mark has faded by half. "
        "none keeps a lifetime sum. half_life: 30s is short for half_lives: [30s].",
    )
    shown_s: Annotated[float | None, kinds.HALF_LIFE] = _renamed(
        "shown",
        default_factory=lambda known: next(iter(known.get("half_lives_s", ())), None),
        description="The half-life in the picture; default: the first of half_lives.",
    )
    footprint: Annotated[Literal["foot", "circle", "rect"], choice(("foot", "circle", "rect"))] = (
        Field(
            default="foot",
            description="What somebody adds to the heat: the place of the feet, a disc in the box, "
            "or the whole box.",
        )
    )
    person_width: Annotated[geometry.PersonWidth, geometry.PERSON_WIDTH] = Field(
        default=None,
        description="How wide a person is, as a share of the picture's width: one number, or "
        "pairs [row, width] from the top down. auto learns it from the boxes.",
    )
    per_class: Annotated[bool, flag()] = Field(
        default=False, description="Keep a heat for each class beside that of all."
    )
    shown_class: Annotated[str | None, kinds.SHOWN_CLASS] = Field(
        default=None,
        description="The class whose heat is in the picture; null for all. Needs per_class.",
    )
    exclude: tuple[Annotated[tuple[Point, ...], geometry.POLYGON], ...] = Field(
        default=(), description="Polygons in which nobody adds heat."
    )
    ignore_still_s: Annotated[float | None, kinds.IGNORE_STILL] = _renamed(
        "ignore_still",
        default=None,
        description="Who has not moved for this long adds no more heat, such as somebody on a "
        "chair or a poster taken for a person; none counts them.",
    )

    @model_validator(mode="before")
    @classmethod
    def _one_half_life(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "half_life" not in value:
            return value
        if "half_lives" in value:
            allowed = "one of the two; half_life: 30s is short for half_lives: [30s]"
            raise fault("is given beside half_lives", allowed, ("half_life",))
        return {**value, "half_life": [value["half_life"]]}

    @field_validator("shown_s")
    @classmethod
    def _is_kept(cls, shown_s: float | None, info: ValidationInfo) -> float | None:
        kept = info.data.get("half_lives_s")
        if kept is not None and shown_s not in kept:
            words = ", ".join(kinds.format_half_life(one) for one in kept)
            raise fault("is not one of half_lives", words)
        return shown_s

    @field_validator("shown_class")
    @classmethod
    def _has_a_heat(cls, shown_class: str | None, info: ValidationInfo) -> str | None:
        if shown_class is not None and info.data.get("per_class") is False:
            raise fault("has no heat of its own", "null, or per_class: true beside it")
        return shown_class


class OverlayConfig(Section):
    """What is drawn over the picture."""

    show_heat: Annotated[bool, flag()] = Field(default=True, description="Show the heat.")
    show_boxes: Annotated[bool, flag()] = Field(
        default=False, description="Draw a box around each track."
    )
    show_labels: Annotated[bool, flag()] = Field(
        default=False, description="Write class and track number at each box."
    )
    show_conf: Annotated[bool, flag()] = Field(
        default=False, description="Write the confidence at each box."
    )
    show_trails: Annotated[bool, flag()] = Field(
        default=False, description="Draw the way that each track came."
    )
    show_lines: Annotated[bool, flag()] = Field(
        default=True, description="Draw the counting lines."
    )
    show_zones: Annotated[bool, flag()] = Field(
        default=True, description="Draw the zones, each with the people in it now."
    )
    show_in: Annotated[bool, flag()] = Field(
        default=True, description="Write how many went in at each line and zone that is drawn."
    )
    show_out: Annotated[bool, flag()] = Field(
        default=True, description="Write how many went out at each line and zone that is drawn."
    )
    colormap: Annotated[str, kinds.COLORMAP] = Field(
        default="inferno", description="Colours of the heat, any of OpenCV's 22 maps."
    )
    opacity: Annotated[float, number(0, 1)] = Field(
        default=0.65, description="Weight of the hottest colour: 0 is unseen, 1 covers the picture."
    )
    scale: Annotated[float | Literal["auto"], kinds.SCALE] = Field(
        default="auto",
        description="Share of recent time that gets the full colour; auto follows the heat slowly.",
    )
    gamma: Annotated[float, number(0.1, 5)] = Field(
        default=0.7, description="Below 1 lifts faint heat, above 1 hides it."
    )
    line_width: Annotated[int, whole(1, 16)] = Field(
        default=2, description="Width of all that is drawn, in pixels of the picture sent."
    )


class LineConfig(Section):
    """A counting line."""

    start: Annotated[Point, geometry.POINT] = _renamed("from", description="One end of the line.")
    end: Annotated[Point, geometry.POINT] = _renamed("to", description="The other end.")
    inside: Annotated[Literal["above", "below", "left", "right"], geometry.SIDE] = Field(
        description="The side of the line, as seen in the picture, on which people are in."
    )

    @field_validator("end")
    @classmethod
    def _has_length(cls, end: Point, info: ValidationInfo) -> Point:
        if "start" in info.data:
            try:
                check_length(info.data["start"], end)
            except ValueError as error:
                raise fault(str(error), "a point apart from `from`") from None
        return end

    @field_validator("inside")
    @classmethod
    def _tells_the_sides_apart(cls, inside: str, info: ValidationInfo) -> str:
        if {"start", "end"} <= info.data.keys():
            try:
                check_inside(info.data["start"], info.data["end"], inside)
            except ValueError as error:
                others = "left or right" if inside in ("above", "below") else "above or below"
                raise fault(str(error), others) from None
        return inside


class ZoneConfig(Section):
    """A part of the floor in which people are counted."""

    polygon: Annotated[tuple[Point, ...], geometry.POLYGON] = Field(
        description="Its corners, in order round the edge."
    )


class TierConfig(Section):
    """One rendition of the picture; sizes are limits, the picture keeps its aspect."""

    width: Annotated[int, whole(64, 3840)] = Field(default=640, description="Most pixels across.")
    height: Annotated[int, whole(64, 2160)] = Field(default=360, description="Most pixels down.")
    fps: Annotated[float, number(1, 60)] = Field(
        default=15.0, description="Most frames per second."
    )
    bitrate_bps: Annotated[int, bitrate(50_000, 50_000_000)] = _renamed(
        "bitrate", default=600_000, description="Bits per second that the encoder aims for."
    )


class FocusConfig(TierConfig):
    """The large rendition, for one camera in focus."""

    width: Annotated[int, whole(64, 3840)] = Field(default=1920, description="Most pixels across.")
    height: Annotated[int, whole(64, 2160)] = Field(default=1080, description="Most pixels down.")
    fps: Annotated[float, number(1, 60)] = Field(
        default=25.0, description="Most frames per second."
    )
    bitrate_bps: Annotated[int, bitrate(50_000, 50_000_000)] = _renamed(
        "bitrate", default=3_000_000, description="Bits per second that the encoder aims for."
    )


def allowed_instead(shown: str | None, classes: tuple[int | str, ...] | None) -> str:
    """Return which classes' heat can be shown; "" when `shown` may be one of them.

    It may be when a class that counts is given by its number, which could have any name.
    """
    names = [one for one in classes or () if isinstance(one, str)]
    if shown is None or not classes or shown in names or len(names) < len(classes):
        return ""
    return f"{', '.join(names)}, or null for all"


class CameraConfig(Section):
    """One camera."""

    name: Annotated[str, text(200)] = Field(
        default="", description="For people; default: the camera's key with its words capitalised."
    )
    url: Annotated[SecretUrl, kinds.URL] = Field(
        description="Where the stream is. Keep the password out of this file: ${NAME} or "
        "${file:/run/secrets/name}."
    )
    transport: Annotated[Literal["tcp", "udp"], choice(("tcp", "udp"))] = Field(
        default="tcp", description="How RTP is carried. udp loses packets on a busy network."
    )
    timeout_s: Annotated[float, duration(0.5, 60)] = _renamed(
        "timeout", default=5.0, description="Longest wait for an answer or for the next frame."
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
    track_buffer_s: Annotated[float, duration(0.1, 60)] = _renamed(
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

    def tier(self, tier: Tier) -> TierConfig:
        """Return the limits of `tier`."""
        return self.tile if tier is Tier.TILE else self.focus


class Config(Section):
    """A whole config file, with `defaults` already merged under every camera."""

    server: ServerConfig = Field(default=ServerConfig(), description="The web server.")
    model: ModelConfig = Field(
        default=ModelConfig(), description="The detection model, shared by all cameras."
    )
    cameras: dict[Annotated[str, kinds.ID], CameraConfig] = Field(
        description="The cameras, each under the key that the API calls it by."
    )

    @model_validator(mode="before")
    @classmethod
    def _name_the_nameless(cls, value: Any) -> Any:
        cameras = value.get("cameras") if isinstance(value, dict) else None
        if not isinstance(cameras, dict):
            return value
        named = {
            key: {"name": kinds.name_of(key), **camera} if isinstance(camera, dict) else camera
            for key, camera in cameras.items()
        }
        return {**value, "cameras": named}
