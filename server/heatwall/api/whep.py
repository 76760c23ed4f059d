"""The WHEP endpoint: offer in, answer out (draft-ietf-wish-whep).

Beyond the draft, one offer may ask for many cameras, one video m-line each, and a PATCH with JSON
changes what a slot shows.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from aiohttp import web

from heatwall.api.body import MAX_BODY, MAX_JSON, body_of
from heatwall.api.cameras import asked_tier
from heatwall.api.ice import ICE_SERVERS
from heatwall.api.peer_address import PROXY
from heatwall.api.rights import pass_of
from heatwall.api.wall import SESSIONS
from heatwall.delivery.ice_servers import links
from heatwall.delivery.session import SlotChange
from heatwall.errors import DeliveryError
from heatwall.values import Tier

_SDP = "application/sdp"


class PatchBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What slots of a session shall show from now on."""

    slots: list[SlotChange]


def whep_routes() -> list[web.RouteDef]:
    """Return the routes below `/whep`."""
    return [
        web.post("/whep", _create_wall),
        web.options("/whep", _options),
        # Before `/whep/{id}`, whose pattern takes one part only and so never takes these.
        web.patch("/whep/sessions/{sid}", _patch),
        web.delete("/whep/sessions/{sid}", _delete),
        web.options("/whep/sessions/{sid}", _session_options),
        web.post("/whep/{id}", _create_one),
        web.options("/whep/{id}", _options),
    ]


async def _create_wall(request: web.Request) -> web.Response:
    """Open a session that shows `camera`, given once for each slot, empty for nothing yet."""
    cameras = [camera or None for camera in request.query.getall("camera", [])]
    return await _create(request, cameras, asked_tier(request, Tier.TILE))


async def _create_one(request: web.Request) -> web.Response:
    """Open a session for one camera, as any WHEP player does."""
    return await _create(request, [request.match_info["id"]], asked_tier(request, Tier.FOCUS))


async def _create(request: web.Request, cameras: Sequence[str | None], tier: Tier) -> web.Response:
    if request.content_type != _SDP:
        raise DeliveryError(415, "wrong_content_type", f"The body must be {_SDP}.")
    offer = await _text(request)
    sid, answer = await request.app[SESSIONS].create(offer, cameras, tier, pass_of(request))
    headers = {
        "Content-Type": _SDP,
        "Location": f"{request.app[PROXY].prefix}/whep/sessions/{sid}",
        "Cache-Control": "no-store",
    }
    servers = request.app[ICE_SERVERS]()
    if servers:  # for players that know nothing of /api/ice (RFC 9725 section 4.6)
        headers["Link"] = links(servers)
    return web.Response(status=201, body=answer.encode(), headers=headers)


async def _patch(request: web.Request) -> web.Response:
    """Change what slots show."""
    if request.content_type != "application/json":
        # Trickle ICE is not needed, since the answer has all candidates (RFC 9725, 4.3.2: 405).
        raise web.HTTPMethodNotAllowed("PATCH", ["DELETE", "OPTIONS"])
    try:
        body = msgspec.json.decode(await body_of(request, MAX_JSON), type=PatchBody)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DeliveryError(400, "bad_body", f"The body can't be used: {error}.") from error
    sid = request.match_info["sid"]
    await request.app[SESSIONS].patch(sid, body.slots, pass_of(request))
    return web.Response(status=204)


async def _delete(request: web.Request) -> web.Response:
    """End a session."""
    await request.app[SESSIONS].end(request.match_info["sid"], pass_of(request))
    return web.Response()


async def _options(_request: web.Request) -> web.Response:
    """Say what may be posted here."""
    return web.Response(status=204, headers={"Allow": "POST, OPTIONS", "Accept-Post": _SDP})


async def _session_options(_request: web.Request) -> web.Response:
    """Say what may be done with a session."""
    headers = {"Allow": "PATCH, DELETE, OPTIONS", "Accept-Patch": "application/json"}
    return web.Response(status=204, headers=headers)


async def _text(request: web.Request) -> str:
    try:
        return (await body_of(request, MAX_BODY)).decode()
    except UnicodeDecodeError as error:
        raise DeliveryError(400, "bad_sdp", "The body is not UTF-8.") from error
