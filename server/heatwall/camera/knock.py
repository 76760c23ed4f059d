"""Asking a camera that failed whether it is back, for a thousandth of what an attempt costs.

An attempt starts a process: a third of a second of a processor. That is why a camera that was away
for long is tried every 30 s only. A knock is one DESCRIBE (RFC 2326 section 10.2) from main, so it
can be had every two seconds, and a camera that answers it is worth an attempt.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import threading
from urllib.parse import urlsplit

from heatwall.camera.rtsp_dialogue import Address, UnsuitedError, parse_address
from heatwall.rtsp.auth import Prover, choose_challenge
from heatwall.rtsp.message import HEAD_END, MAX_HEAD, Message, RtspError, encode_message, parse_head
from heatwall.values import SecretUrl

_ANSWER_S = 2.0
"""Longest wait for the whole of a knock. A camera that is slower is still tried by the back-off."""

_OK, _UNAUTHORIZED = 200, 401
_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
"""Ports of the schemes that a camera's URL may have (RFC 7826 section 22.14, RFC 9110)."""


class Knocker:
    """Knocks at one camera. Event loop only.

    Args:
        url: The camera's.
    """

    def __init__(self, url: SecretUrl) -> None:
        self._url = url
        self._looking_up: threading.Thread | None = None

    async def is_answered(self) -> bool:
        """Return whether the camera offers its stream now, within two seconds.

        Over RTSP it must grant the description, or refuse the password, which is for an attempt
        to tell; over anything else its port must take a connection.
        """
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await self._ask()
        except (OSError, ValueError, RtspError, UnsuitedError, asyncio.IncompleteReadError):
            return False  # a time-out is an OSError too

    async def _ask(self) -> bool:
        parts = urlsplit(self._url.secret)
        scheme = parts.scheme.lower()
        if scheme == "rtsp":
            address = parse_address(self._url)
            host, port = address.host, address.port
        else:
            address, host, port = None, parts.hostname or "", parts.port or _PORTS.get(scheme, 0)
        reader, writer = await asyncio.open_connection(await self._look_up(host), port)
        try:
            return address is None or await _is_described(address, reader, writer)
        finally:
            writer.transport.abort()

    async def _look_up(self, host: str) -> str:
        """Return a host's first address.

        In a thread of its own, as the system's look-up has no deadline; while one hangs there is
        no second one, so that a dead name server costs a camera one thread.
        """
        if _is_address(host):
            return host
        if self._looking_up is not None and self._looking_up.is_alive():
            raise OSError("the last look-up still waits")
        loop = asyncio.get_running_loop()
        found: asyncio.Future[str] = loop.create_future()
        self._looking_up = threading.Thread(
            target=_look_up, args=(host, loop, found), name="look-up", daemon=True
        )
        try:
            self._looking_up.start()
        except RuntimeError as error:  # the system has no thread left
            raise OSError("no thread for the look-up") from error
        return await found


def _is_address(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return True
    return False


def _look_up(host: str, loop: asyncio.AbstractEventLoop, found: asyncio.Future[str]) -> None:
    """Look a name up; runs in a thread."""
    try:
        address = str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except (OSError, UnicodeError):
        address = ""

    def tell() -> None:
        if found.done():
            return  # nobody waits any more
        if address:
            found.set_result(address)
        else:
            found.set_exception(OSError("unknown host"))

    try:
        loop.call_soon_threadsafe(tell)
    except RuntimeError:
        return  # the loop was closed meanwhile


async def _is_described(
    address: Address, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    """Ask for the description, without the password and then with it."""
    prover = Prover(address.user, address.password, secrets.token_hex(8))
    for number in (1, 2):
        headers = [
            ("CSeq", str(number)),
            ("User-Agent", "Heatwall"),
            ("Accept", "application/sdp"),
        ]
        proof = prover.authorization("DESCRIBE", address.url)
        if proof is not None:
            headers.append(("Authorization", proof))
        writer.write(encode_message(f"DESCRIBE {address.url} RTSP/1.0", headers))
        reply = await _reply(reader)
        if reply.status != _UNAUTHORIZED:
            return reply.status == _OK
        challenge = choose_challenge(reply.all("www-authenticate"))
        if challenge is None or not address.user:
            return True
        prover.take(challenge)
        length = reply.get("content-length", "0")
        await reader.readexactly(min(int(length), MAX_HEAD) if length.isdecimal() else 0)
    return True


async def _reply(reader: asyncio.StreamReader) -> Message:
    try:
        head = await reader.readuntil(HEAD_END)
    except asyncio.LimitOverrunError as error:
        raise RtspError("a head without an end") from error
    return parse_head(head[: -len(HEAD_END)])
