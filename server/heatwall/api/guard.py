"""The protection of the page and the API against other sites."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from heatwall.api.errors import error_response
from heatwall.api.peer_address import client_of
from heatwall.forwarded import ClientAddress

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob:; "
    "media-src 'self' blob: mediastream:; connect-src 'self' ws: wss:; "
    "base-uri 'none'; frame-ancestors 'self'",
    # Another site's page may not show a camera's picture as its own (Fetch Standard, section 3.7).
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@web.middleware
async def refuse_other_origins(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse requests that change something, and WebSockets, when another site's page sent them.

    Browsers state the Origin (RFC 6454 section 7) with all of these; programs need not.
    """
    origin = request.headers.get("Origin")
    is_websocket = request.headers.get("Upgrade", "").lower() == "websocket"
    is_guarded = is_websocket or request.method not in _SAFE_METHODS
    if is_guarded and origin is not None and not _is_own(origin, client_of(request)):
        return error_response(403, "other_origin", "Another site's page may not do this.")
    return await handler(request)


async def add_security_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Set the security headers; a signal, so that streams and errors get them too."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


def _is_own(origin: str, asked: ClientAddress) -> bool:
    """Whether `scheme://host:port` is what the client asked; the word `null` is not.

    The scheme counts where it is known: behind a proxy that nobody told us of, it is not.
    """
    scheme, _, host = origin.lower().partition("://")
    is_scheme = scheme == asked.scheme or not asked.is_scheme_known
    return is_scheme and host == asked.host.lower()
