"""The protection of the page and the API against other sites."""

from __future__ import annotations

import re

from aiohttp import web
from aiohttp.typedefs import Handler

from heatwall.api.errors import error_response
from heatwall.api.peer_address import client_of
from heatwall.forwarded import ClientAddress

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    # MP4 is played from a MediaSource, which a page names by a blob URL.
    "media-src 'self' blob:; connect-src 'self'{sockets}; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'; "
    "require-trusted-types-for 'script'"
)
"""What the page may load and do (CSP level 3): nothing but its own, and no text becomes code."""

_HOST = re.compile(r"[\w.-]+(:\d+)?|\[[0-9a-f:.]+\](:\d+)?", re.IGNORECASE)
"""What of a Host header may stand in the policy: a name or an address, and a port."""

_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    # Nothing of this is used; a script that got in would not get it either.
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=(), usb=()",
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


async def add_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Set the security headers; a signal, so that streams and errors get them too."""
    response.headers.setdefault("Content-Security-Policy", policy_for(request.host))
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


def policy_for(host: str) -> str:
    """Return the Content-Security-Policy of a page at `host`.

    Its WebSockets are named, since not every browser takes `'self'` to hold them too (CSP level 3,
    section 6.7.2.8, which older Safaris do not know).
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return _POLICY.format(sockets=sockets)


def _is_own(origin: str, asked: ClientAddress) -> bool:
    """Whether `scheme://host:port` is what the client asked; the word `null` is not.

    The scheme counts where it is known: behind a proxy that nobody told us of, it is not.
    """
    scheme, _, host = origin.lower().partition("://")
    is_scheme = scheme == asked.scheme or not asked.is_scheme_known
    return is_scheme and host == asked.host.lower()
