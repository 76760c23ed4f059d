"""Requests to a camera and its replies, on a connection that carries video too (RFC 2326)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from heatwall.camera import reasons
from heatwall.camera.rtsp_link import RtspLink
from heatwall.clock import monotonic
from heatwall.rtsp.auth import Prover, choose_challenge
from heatwall.rtsp.interleaved import Packet
from heatwall.rtsp.message import Message, RtspError, encode_message
from heatwall.values import SecretUrl

_PORT = 554
_MOST_TRIES = 3
"""Without the password, with it, and again when the nonce had become too old in between."""
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 401, 403, 404
_NOT_IMPLEMENTED = "RTSP/1.0 501 Not Implemented"
_LAST_WORDS = frozenset({"TEARDOWN", "REDIRECT"})
"""What a camera asks of its client when it will send no more."""


class UnsuitedError(Exception):
    """Raised when a stream is not one that this client plays; libavformat may.

    The connection stays until `release` is called: servers that make a stream on demand, such as
    GStreamer's, end it with the last connection and refuse a new one meanwhile (503).
    """

    release: Callable[[], None] = staticmethod(lambda: None)


@dataclass(frozen=True, slots=True)
class Address:
    """What a URL says.

    Attributes:
        host: Name or address.
        port: TCP port.
        url: Without user and password, as it is written in requests.
        user: Empty for none.
        password: Possibly empty.
    """

    host: str
    port: int
    url: str
    user: str
    password: str = field(repr=False)


def parse_address(url: SecretUrl) -> Address:
    """Return the parts of an RTSP URL.

    Raises:
        UnsuitedError: It has none of them.
    """
    try:
        parts = urlsplit(url.secret)
        host, port = parts.hostname, parts.port or _PORT
    except ValueError:
        raise UnsuitedError from None
    if not host:
        raise UnsuitedError
    scheme, _, rest = url.secret.partition("://")
    place = parts.netloc.rpartition("@")[2]
    return Address(
        host,
        port,
        f"{scheme}://{place}{rest[len(parts.netloc) :]}",
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


class RtspDialogue:
    """The talk with one camera. Not thread-safe.

    Args:
        address: Whom to talk to.
        timeout_s: Longest wait for the connection and for each reply, seconds.
        take: Is given the packets that come while a reply is waited for.

    Raises:
        SourceError: There is no connection.
    """

    def __init__(self, address: Address, timeout_s: float, take: Callable[[Packet], None]) -> None:
        self._timeout_s = timeout_s
        self._take = take
        self._has_account = bool(address.user or address.password)
        self._prover = Prover(address.user, address.password, secrets.token_hex(8))
        self._number = 0
        self._session = ""
        self.link = RtspLink(address.host, address.port, timeout_s)

    def request(self, method: str, url: str, headers: Sequence[tuple[str, str]] = ()) -> Message:
        """Send a request and return its reply, which has been granted.

        Raises:
            SourceRefusedError: The camera refused the credentials.
            SourceError: No reply, an unknown path, or the end of the connection.
            UnsuitedError: Any other status.
        """
        for attempt in range(_MOST_TRIES):
            reply = self._reply(self.send(method, url, headers))
            status = reply.status
            if status == _OK:
                self._session = reply.get("session").partition(";")[0].strip() or self._session
                return reply
            if status == _NOT_FOUND and method == "DESCRIBE":
                raise reasons.unknown_path()
            if status == _FORBIDDEN or (status == _UNAUTHORIZED and not self._has_account):
                raise reasons.refused()
            if status != _UNAUTHORIZED:
                break
            if not self.accept_challenge(reply, is_first=attempt == 0):
                raise reasons.refused()
        raise UnsuitedError

    def accept_challenge(self, reply: Message, *, is_first: bool = True) -> bool:
        """Answer the challenge of a 401 from now on; False when the password was wrong.

        Args:
            reply: The 401.
            is_first: Whether its request was not yet sent with an answer to a new challenge.

        Raises:
            UnsuitedError: There is no challenge that can be answered.
        """
        challenge = choose_challenge(reply.all("www-authenticate"))
        if challenge is None:
            raise UnsuitedError
        self._prover.take(challenge)
        return is_first or challenge.is_stale

    def send(self, method: str, url: str, headers: Sequence[tuple[str, str]] = ()) -> int:
        """Send a request and return its number, without waiting for the reply."""
        self._number += 1
        self.link.send(self._encode(method, url, headers))
        return self._number

    def incoming(self) -> Iterator[Message | Packet]:
        """Yield what has come, packets and replies; the camera's own requests are answered here.

        Raises:
            SourceError: The camera says that it ends the stream, or sends what is not RTSP.
        """
        try:
            for message in self.link.reader.messages():
                if isinstance(message, tuple) or message.is_reply:
                    yield message
                elif message.method in _LAST_WORDS:
                    raise reasons.ended()
                else:
                    number = ("CSeq", message.get("cseq", "0"))
                    self.link.send(encode_message(_NOT_IMPLEMENTED, [number]))
        except RtspError as error:
            raise reasons.unreadable(str(error)) from error

    def close(self, url: str = "") -> None:
        """End the session, if there is one, and the connection; idempotent.

        Args:
            url: The session's.
        """
        self._number += 1
        self.link.close(self._encode("TEARDOWN", url) if self._session else b"")

    def _reply(self, number: int) -> Message:
        """Wait for the reply to a request; other messages are dealt with meanwhile."""
        deadline_s = monotonic() + self._timeout_s
        while True:
            for message in self.incoming():
                if isinstance(message, tuple):
                    self._take(message)
                elif message.get("cseq", str(number)).strip() == str(number):
                    return message
            if monotonic() > deadline_s or not self.link.receive(deadline_s):
                raise reasons.no_answer(self._timeout_s)

    def _encode(self, method: str, url: str, headers: Sequence[tuple[str, str]] = ()) -> bytes:
        common = [("CSeq", str(self._number)), ("User-Agent", "Heatwall")]
        if self._session:
            common.append(("Session", self._session))
        authorization = self._prover.authorization(method, url)
        if authorization is not None:
            common.append(("Authorization", authorization))
        return encode_message(f"{method} {url} RTSP/1.0", [*common, *headers])
