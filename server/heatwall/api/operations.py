"""What the HTTP API can be asked, operation by operation: the table behind its OpenAPI page."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from heatwall.api.alarms import AlarmsBody
from heatwall.api.cameras import CamerasBody
from heatwall.api.errors import ErrorBody
from heatwall.api.health import HealthBody
from heatwall.api.heat import HeatBody
from heatwall.api.history import HistoryBody
from heatwall.api.ice import IceBody
from heatwall.api.login import LogInBody, MeBody
from heatwall.api.whep import PatchBody
from heatwall.status import CameraStatus
from heatwall.values import Tier

JSON = "application/json"
SDP = "application/sdp"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value in an address's query.

    Attributes:
        name: Its key.
        about: What it chooses.
        schema: Its JSON Schema.
        is_many: Whether it may be given more than once.
    """

    name: str
    about: str
    schema: dict[str, object]
    is_many: bool = False


@dataclass(frozen=True, slots=True)
class Payload:
    """A body, sent or answered.

    Attributes:
        kind: Media type.
        schema: A struct, the name of a schema of the config's, or a JSON Schema as it is.
    """

    kind: str
    schema: type[msgspec.Struct] | str | dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one address.

    Attributes:
        method: Of HTTP.
        path: The address, its variable parts in braces.
        name: The operation's id for programs.
        about: What it does, one sentence.
        answer: What comes when all is well; None for no body.
        status: The status then.
        query: What may be asked with it.
        body: What is to be sent; None for nothing.
        errors: Statuses of errors of its own, beside those that every address of the API has.
    """

    method: str
    path: str
    name: str
    about: str
    answer: Payload | None = None
    status: int = 200
    query: tuple[Parameter, ...] = ()
    body: Payload | None = None
    errors: tuple[int, ...] = ()


_BINARY: dict[str, object] = {"type": "string", "format": "binary"}
_TEXT: dict[str, object] = {"type": "string"}

_CAMERA = "/api/cameras/{id}"

_TIER = Parameter("tier", "Which rendition of the picture.", {"enum": [str(tier) for tier in Tier]})
_HALF_LIFE = Parameter(
    "half_life", "One of the half-lives that the camera keeps, such as `10m`.", _TEXT
)
_CLASS = Parameter("class", "A class that has a heat of its own; empty is all.", _TEXT)
_OF_HEAT = (_HALF_LIFE, _CLASS)
_SIZE = Parameter(
    "size",
    "Width and height in pixels, each up to 3840.",
    {"type": "string", "pattern": "^[1-9][0-9]{0,3}x[1-9][0-9]{0,3}$"},
)
_LEGEND = Parameter("legend", "An opaque picture to keep, with its legend.", {"type": "boolean"})
_SLOTS = Parameter("camera", "What each slot shows, in order; empty is nothing yet.", _TEXT, True)

OPERATIONS = (
    Operation(
        "POST",
        "/api/login",
        "log_in",
        "Logs a user in: the answer sets the cookie that everything else asks for.",
        Payload(JSON, MeBody),
        body=Payload(JSON, LogInBody),
        errors=(409, 503),
    ),
    Operation(
        "POST",
        "/api/logout",
        "log_out",
        "Ends the log-in of this browser, and all that it shows.",
        status=204,
    ),
    Operation(
        "GET", "/api/me", "who_am_i", "Who asks, and what may be done.", Payload(JSON, MeBody)
    ),
    Operation(
        "GET",
        "/api/alarms",
        "list_alarms",
        "Where all alarms stand.",
        Payload(JSON, AlarmsBody),
    ),
    Operation(
        "GET",
        "/api/cameras",
        "list_cameras",
        "All cameras, their groups, and what may be done with them.",
        Payload(JSON, CamerasBody),
    ),
    Operation(
        "GET", _CAMERA, "get_camera", "One camera's state and figures.", Payload(JSON, CameraStatus)
    ),
    Operation(
        "GET",
        f"{_CAMERA}/heat.json",
        "get_heat",
        "The heat as shares of recent time by cells.",
        Payload(JSON, HeatBody),
        query=_OF_HEAT,
        errors=(409,),
    ),
    Operation(
        "GET",
        f"{_CAMERA}/heat.npy",
        "get_heat_array",
        "The same as a NumPy file, float32 (rows, columns).",
        Payload("application/octet-stream", _BINARY),
        query=_OF_HEAT,
        errors=(409,),
    ),
    Operation(
        "GET",
        f"{_CAMERA}/heat.png",
        "get_heat_picture",
        "The heat as it lies over the picture, PNG with alpha.",
        Payload("image/png", _BINARY),
        query=(*_OF_HEAT, _SIZE, _LEGEND),
        errors=(409,),
    ),
    Operation(
        "POST",
        f"{_CAMERA}/heat/reset",
        "reset_heat",
        "Empties the heat. Needs an operator.",
        status=204,
    ),
    Operation(
        "POST",
        f"{_CAMERA}/counts/reset",
        "reset_counts",
        "Lets lines and zones count from zero. Needs an operator.",
        status=204,
    ),
    Operation(
        "GET",
        f"{_CAMERA}/overlay",
        "get_overlay",
        "What is drawn over the picture, in the words of the config.",
        Payload(JSON, "Overlay"),
    ),
    Operation(
        "PATCH",
        f"{_CAMERA}/overlay",
        "change_overlay",
        "Changes some of it until the server ends. Needs an operator.",
        Payload(JSON, "Overlay"),
        body=Payload(JSON, "OverlayChange"),
        errors=(422,),
    ),
    Operation(
        "GET",
        f"{_CAMERA}/regions",
        "get_regions",
        "Lines and zones, in the words of the config.",
        Payload(JSON, "Regions"),
    ),
    Operation(
        "PUT",
        f"{_CAMERA}/regions",
        "change_regions",
        "Counts at these lines and zones from now on; `keep` says for how long. Needs an operator, "
        "and an admin to save.",
        Payload(JSON, "Regions"),
        body=Payload(JSON, "RegionsChange"),
        errors=(409, 422),
    ),
    Operation(
        "GET",
        f"{_CAMERA}/history.json",
        "get_history",
        "The last hour by minutes.",
        Payload(JSON, HistoryBody),
    ),
    Operation(
        "GET",
        f"{_CAMERA}/counts.csv",
        "get_counts",
        "What its lines and zones have counted.",
        Payload("text/csv", _TEXT),
    ),
    Operation(
        "GET",
        "/api/counts.csv",
        "get_all_counts",
        "What all lines and zones have counted.",
        Payload("text/csv", _TEXT),
    ),
    Operation(
        "GET",
        f"{_CAMERA}/snapshot.jpg",
        "get_snapshot",
        "The overlaid picture now.",
        Payload("image/jpeg", _BINARY),
        query=(_TIER,),
        errors=(503,),
    ),
    Operation(
        "GET",
        f"{_CAMERA}/stream.mp4",
        "stream_mp4",
        "The overlaid stream as fragmented MP4; it does not end.",
        Payload("video/mp4", _BINARY),
        query=(_TIER,),
        errors=(503,),
    ),
    Operation(
        "GET",
        "/api/ice",
        "get_ice_servers",
        "The STUN and TURN servers that a viewer may use, as RTCPeerConnection takes them.",
        Payload(JSON, IceBody),
    ),
    Operation(
        "POST",
        "/whep",
        "open_wall_session",
        "Opens a WebRTC session with a slot for each video m-line of the offer.",
        Payload(SDP, _TEXT),
        201,
        query=(_SLOTS, _TIER),
        body=Payload(SDP, _TEXT),
        errors=(406, 503),
    ),
    Operation(
        "POST",
        "/whep/{id}",
        "open_camera_session",
        "Opens a WebRTC session for one camera, as any WHEP player does.",
        Payload(SDP, _TEXT),
        201,
        query=(_TIER,),
        body=Payload(SDP, _TEXT),
        errors=(406, 503),
    ),
    Operation(
        "PATCH",
        "/whep/sessions/{sid}",
        "change_slots",
        "Changes what the slots of a session show.",
        status=204,
        body=Payload(JSON, PatchBody),
        errors=(405,),
    ),
    Operation("DELETE", "/whep/sessions/{sid}", "end_session", "Ends a session."),
    Operation(
        "GET",
        "/healthz",
        "is_alive",
        "Whether the server works at all.",
        Payload(JSON, HealthBody),
        errors=(503,),
    ),
    Operation(
        "GET",
        "/readyz",
        "is_ready",
        "Whether it is ready to be watched.",
        Payload(JSON, HealthBody),
        errors=(503,),
    ),
    Operation(
        "GET", "/metrics", "get_metrics", "All figures, for Prometheus.", Payload("text/plain")
    ),
)
"""All of them but the page's files and the WebSockets, which OpenAPI has no words for."""

ERROR = Payload(JSON, ErrorBody)
"""The answer to whatever fails."""
