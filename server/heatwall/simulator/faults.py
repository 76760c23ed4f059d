"""The ways in which a simulated camera can fail, with the text form that schedules them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from heatwall.errors import StartError


class Fault(StrEnum):
    """What is wrong with a camera right now."""

    NONE = "none"
    """Nothing."""
    OFF = "off"
    """Unplugged: viewers are cut, and its path is not found (404)."""
    REFUSE = "refuse"
    """New connections are closed at the first request; those that play go on."""
    HANG = "hang"
    """Requests are taken and never answered; those that play go on."""
    STALL = "stall"
    """No frames come, while the connection stays and answers."""
    CUT = "cut"
    """Connections are closed, and new ones too for as long as it lasts."""
    GARBAGE = "garbage"
    """The RTP payloads hold random bytes."""
    RESOLUTION = "resolution"
    """The picture has another size, with new parameter sets in the stream."""
    ASPECT = "aspect"
    """The picture is narrower and as high as before, with new parameter sets in the stream."""
    TIMESTAMP_JUMP = "timestamp-jump"
    """The RTP time is shifted; it jumps at the beginning and back at the end."""
    IDR_PAUSE = "idr-pause"
    """Each IDR and what follows come half a second late, in one burst."""
    VANISH = "vanish"
    """Gone without a word, as by a pulled cable: nothing is sent nor answered, and nobody is told;
    once it is over, connections from before are reset."""
    PASSWORD = "password"  # noqa: S105 - the fault's name
    """Every password is refused, of those who connect from now on."""
    NO_VIDEO = "no-video"
    """The description holds sound only, for those who connect from now on."""
    TIMESTAMP_BACK = "timestamp-back"
    """The RTP time is set back; it jumps at the beginning and forth at the end."""
    TIMESTAMP_WRAP = "timestamp-wrap"
    """The RTP time is shifted so that its 32 bits are used up two seconds after the beginning."""
    DUPLICATE = "duplicate"
    """Every frame is sent twice."""


_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_TIME = r"\d+(?:\.\d+)?(?:ms|s|m|h)"
_FORM = re.compile(
    rf"(?P<camera>[^=]+)=(?P<kind>[a-z-]+)(?:@(?P<start>{_TIME}))?(?:\+(?P<duration>{_TIME}))?"
)


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """One fault that comes by itself.

    Attributes:
        camera: Name of the camera.
        fault: What happens.
        start_s: Seconds after the server's start.
        duration_s: Seconds that it lasts; None for good.
    """

    camera: str
    fault: Fault
    start_s: float = 0.0
    duration_s: float | None = None


def parse_fault(text: str, cameras: Collection[str]) -> FaultPlan:
    """Return the plan written as `CAMERA=KIND[@START][+DURATION]`, such as `cam2=cut@20s+5s`.

    Without a start a fault is there at once, without a duration it stays; only `cut` without a
    duration lasts an instant, so that clients can come back.

    Args:
        text: What the user wrote.
        cameras: Names that exist.

    Raises:
        StartError: The text has another form, or names an unknown camera or kind.
    """
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise StartError(
            f"fault {text!r} is not CAMERA=KIND[@START][+DURATION], for example "
            f"cam2=stall or cam2=cut@20s+5s; times end in ms, s, m or h"
        )
    camera, kind = match["camera"].strip(), match["kind"]
    if camera not in cameras:
        raise StartError(
            f"fault {text!r} names an unknown camera {camera!r}; allowed: {', '.join(cameras)}"
        )
    if kind not in set(Fault):
        raise StartError(
            f"fault {text!r} names an unknown kind {kind!r}; allowed: {', '.join(Fault)}"
        )
    fault = Fault(kind)
    duration_s = _seconds(match["duration"]) if match["duration"] else None
    if duration_s is None and fault is Fault.CUT:
        duration_s = 0.0
    start_s = _seconds(match["start"]) if match["start"] else 0.0
    return FaultPlan(camera, fault, start_s, duration_s)


def _seconds(text: str) -> float:
    """Return the seconds of a time such as `500ms` or `2m`; the form has been checked."""
    unit = text.lstrip("0123456789.")
    return float(text.removesuffix(unit)) * _UNIT_S[unit]
