"""How pictures are written to a connection that may be too slow for them."""

from __future__ import annotations

import socket

from aiohttp import web

LOGGED_OUT = 4401
"""The close code of a WebSocket whose page may see nothing any more; 4000 to 4999 are for private
use (RFC 6455 section 7.4.2), and 401 is HTTP's word for it."""

SEND_S = 10.0
"""Longest wait for a client that takes nothing; the system's buffer is full by then."""

_UNSENT_BYTES = 64 * 1024
"""What may wait in the system for a slow client: a second of a tile. The default is megabytes,
half a minute of a picture that was live once; what waits here is dropped instead."""

_TCP_NOTSENT_LOWAT = getattr(socket, "TCP_NOTSENT_LOWAT", 25)
"""Linux's and macOS's option for that (tcp(7)); Python names it on some systems only."""


def keep_live(request: web.Request) -> None:
    """Let the system hold little of what is written to the request's connection."""
    connection = None if request.transport is None else request.transport.get_extra_info("socket")
    if connection is None:
        return
    try:
        connection.setsockopt(socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, _UNSENT_BYTES)
    except OSError:
        return  # a system that has no such option: a slow client sees older pictures there


def cut(request: web.Request) -> None:
    """End the connection without what was not sent: nobody reads it."""
    if request.transport is not None:
        request.transport.abort()
