"""What the world may know of a camera: the values behind the API, the WebSocket and the metrics."""

from __future__ import annotations

import msgspec

from heatwall.roles import Role
from heatwall.states import CameraState


class LegendStop(msgspec.Struct, frozen=True):
    """One stop of the legend's gradient, as it is blended into the picture.

    Attributes:
        at: Position along the legend, 0 (no heat) to 1 (full colour).
        color: `#rrggbb`.
        alpha: 0 to 1.
    """

    at: float
    color: str
    alpha: float


class HeatStatus(msgspec.Struct, frozen=True):
    """The heat that a camera's picture shows now.

    Attributes:
        is_shown: False when the overlay's heat is switched off.
        half_life_s: Half-life of the heat shown, seconds; None for a lifetime sum.
        half_lives_s: All half-lives kept, seconds; None stands for a lifetime sum.
        shown_class: The class whose heat is shown; None for all that count.
        colormap: Name of the palette.
        opacity: Of the hottest heat, 0 to 1.
        scale: Share of recent time at full colour, 0 to 1.
        is_auto_scale: True when `scale` follows the heat by itself.
        peak: Largest share of recent time in the picture now.
        unit: What the numbers mean, for people.
        legend: The gradient from no heat to full colour.
    """

    is_shown: bool
    half_life_s: float | None
    half_lives_s: tuple[float | None, ...]
    shown_class: str | None
    colormap: str
    opacity: float
    scale: float
    is_auto_scale: bool
    peak: float
    unit: str
    legend: tuple[LegendStop, ...]

    def faded(self, left: float) -> HeatStatus:
        """Return it when only this part of it is left, 0 to 1."""
        return msgspec.structs.replace(self, peak=round(self.peak * left, 4))


class InOut(msgspec.Struct, frozen=True):
    """People who went in and out since the counts began."""

    in_count: int
    out_count: int


class LineStatus(msgspec.Struct, frozen=True):
    """What a counting line has counted since the counts began.

    Attributes:
        in_count: Crossings that ended inside.
        out_count: Crossings that ended outside.
        classes: The same by class name.
    """

    in_count: int
    out_count: int
    classes: dict[str, InOut]


class DwellStatus(msgspec.Struct, frozen=True):
    """How long visits to a zone last, those that still run included.

    Attributes:
        visits: How many, finished and running.
        mean_s: Their mean, seconds; None while there was none.
        median_s: Half of them were shorter, seconds.
        p90_s: Nine in ten of them were shorter, seconds.
    """

    visits: int
    mean_s: float | None
    median_s: float | None
    p90_s: float | None


class ZoneStatus(msgspec.Struct, frozen=True):
    """What happens in a zone.

    Attributes:
        people_now: Who is in it now; None while the camera sends no pictures.
        classes_now: The same by class name.
        in_count: Entries since the counts began.
        out_count: Exits since the counts began.
        classes: Entries and exits by class name.
        person_s: Person-seconds spent in it since the counts began.
        dwell: How long visits last.
    """

    people_now: int | None
    classes_now: dict[str, int]
    in_count: int
    out_count: int
    classes: dict[str, InOut]
    person_s: float
    dwell: DwellStatus

    def unseen(self) -> ZoneStatus:
        """Return it with all that was counted, and without who was there when it was seen."""
        return msgspec.structs.replace(self, people_now=None, classes_now={})


class Fps(msgspec.Struct, frozen=True):
    """Frame rates over the last seconds, frames per second."""

    decoded: float
    detected: float
    shown: float


class CameraStatus(msgspec.Struct, frozen=True):
    """One camera as `/api/cameras` and `/api/live` tell it.

    Attributes:
        id: The key in the config.
        name: For people.
        state: See `CameraState`.
        state_since: Since when it is live, or since when it is not, seconds since 1970 UTC; trying
            again does not change it.
        state_reason: Why, in plain words and without credentials; None when all is well.
        width: Width of the source picture in pixels; None before the first frame.
        height: Height of the source picture in pixels; None before the first frame.
        codec: Codec of the source, such as `h264`; None before the first frame.
        fps: Rates.
        frame_age_s: Seconds since the capture of the newest decoded frame; None before the first.
        people_now: Tracks in the newest detect frame; None while no detection has run.
        counts: Tracks now by class name.
        total_tracks: Different tracks since the counts began.
        lines: The counting lines by name.
        zones: The zones by name.
        counts_since: When the counts began, seconds since 1970 UTC; lines and zones that came
            later count from then on. None where nobody knows.
        notices: What is not as it should be while the camera is live, such as work that a busy
            machine leaves out; sentences for people.
        viewers: Slots that show this camera now.
        tiers: Tiers being encoded now.
        heat: The heat shown; None before the first frame.
        detect_fps: Detections a second that the config asks for; `fps.detected` is what comes.
        encoder: FFmpeg's name of what encodes its tiers, such as `libx264`; None while no tier of
            it is encoded.
        decoder: Where its stream is decoded, `cpu` or `cuda`; None before the first frame.
    """

    id: str
    name: str
    state: CameraState
    state_since: float
    state_reason: str | None
    width: int | None
    height: int | None
    codec: str | None
    fps: Fps
    frame_age_s: float | None
    people_now: int | None
    counts: dict[str, int]
    viewers: int
    tiers: tuple[str, ...]
    heat: HeatStatus | None
    detect_fps: float
    encoder: str | None = None
    decoder: str | None = None
    total_tracks: int = 0
    lines: dict[str, LineStatus] = {}
    zones: dict[str, ZoneStatus] = {}
    notices: tuple[str, ...] = ()
    counts_since: float | None = None


class DetectionStatus(msgspec.Struct, frozen=True):
    """How the detection of all cameras does.

    Attributes:
        is_up: Whether the model works, or has had nothing to do yet.
        restarts: Times that it was loaded anew since it failed or hung.
        hung_threads: Threads that were given up and live on, each with its model's memory.
        is_lost: Whether so many hang that only a new process will detect again.
        device: Where the model runs, such as `cpu` or `cuda:0`; None until it is loaded.
        is_reduced: Whether it does with less than the config asks for, since memory is short.
    """

    is_up: bool = True
    restarts: int = 0
    hung_threads: int = 0
    is_lost: bool = False
    device: str | None = None
    is_reduced: bool = False


class SavingStatus(msgspec.Struct, frozen=True):
    """How heat and counts are saved.

    Attributes:
        fault: Why not all was saved last time, in plain words; None when it was.
        failing_since: Since when, seconds since 1970 UTC.
        saved_at: When all was saved last, seconds since 1970 UTC; None before the first time.
    """

    fault: str | None = None
    failing_since: float | None = None
    saved_at: float | None = None


class MinuteStatus(msgspec.Struct, frozen=True):
    """What a camera saw in one minute, or so far in the one that runs.

    Attributes:
        at: When it begins, seconds since 1970 UTC.
        people: How many were there on average over the time in which it was looked at; None where
            it never was.
        most: Most people at once; None where nobody looked.
        in_count: Crossings of all lines that ended inside.
        out_count: Crossings of all lines that ended outside.
    """

    at: int
    people: float | None
    most: int | None
    in_count: int = msgspec.field(name="in")
    out_count: int = msgspec.field(name="out")


class QualityStatus(msgspec.Struct, frozen=True):
    """How well one page's session is served, as `/api/live` tells that page.

    Attributes:
        is_reduced: Whether it gets smaller pictures than it asked for, since its path loses them.
        reason: Why, in plain words; None when it is not reduced.
    """

    is_reduced: bool = False
    reason: str | None = None


class GroupStatus(msgspec.Struct, frozen=True):
    """Cameras that belong together.

    Attributes:
        id: The key in the config.
        name: For people.
        cameras: Ids of the cameras, in the group's own order.
    """

    id: str
    name: str
    cameras: tuple[str, ...]


class RightsStatus(msgspec.Struct, frozen=True):
    """What whoever asks may do, as the page is told.

    Attributes:
        role: See `Role`.
        can_operate: Whether overlays, counts, lines and zones may be changed.
        can_save: Whether changes may be saved to the config file; there is one then.
    """

    role: Role
    can_operate: bool
    can_save: bool


class AlarmStatus(msgspec.Struct, frozen=True):
    """Where one alarm stands.

    Attributes:
        rule: The rule's name in the config.
        camera: The id of the camera that is watched.
        kind: What it is about: `offline`, `people` or `heat`.
        zone: The zone that is watched; None for a camera that may be offline.
        state: `ok`, `pending` (over the limit, not yet for long enough) or `firing`.
        is_known: Whether anybody knows now: of a camera that is offline nobody knows its zones,
            and their alarms stay as they are.
        value: People, or share of recent time, as of now; None where nobody knows or counts.
        limit: What must be exceeded; None where nothing is counted.
        since: Since when it is firing, seconds since 1970 UTC; None when it is not.
    """

    rule: str
    camera: str
    kind: str
    zone: str | None
    state: str
    is_known: bool
    value: float | None
    limit: float | None
    since: float | None


class ConfigStatus(msgspec.Struct, frozen=True):
    """What became of the config file.

    Attributes:
        error: Why the file as it is now is not used, its first fault; None when it is.
        since: Since when that is so, seconds since 1970 UTC.
        needs_restart: Keys that changed and that only a restart of the server takes over.
    """

    error: str | None = None
    since: float | None = None
    needs_restart: tuple[str, ...] = ()


class CameraCounters(msgspec.Struct, frozen=True):
    """Totals of one camera since the server started; they only grow.

    Attributes:
        decoded: Frames decoded.
        detected: Detect frames that went through the detector.
        shown: Frames encoded, by tier.
        dropped: Frames or pictures dropped, by reason.
        connects: Times that the stream was opened.
        restarts: Times that the worker was started again.
        stage_s: Seconds of work by stage (decode, detect_scale, overlay, encode, infer, heat …).
    """

    decoded: int
    detected: int
    shown: dict[str, int]
    dropped: dict[str, int]
    connects: int
    restarts: int
    stage_s: dict[str, float]
