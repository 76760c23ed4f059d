"""The server's certificate: read at the start, and again when it was renewed."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

from cryptography import x509

from heatwall.clock import Clock, wall
from heatwall.errors import StartError
from heatwall.side_work import kept_up

LOOK_S = 2.0
"""How often the files are looked at; certbot renews once in two months."""

HANDSHAKE_S = 10.0
"""Longest TLS handshake; asyncio waits for a minute, and a silent client has a descriptor then."""

_WARN_S = 14 * 86_400.0
"""So long before its end a certificate is spoken of: certbot renews 30 days before, so that its
renewal has failed for two weeks by then."""

_REMIND_S = 86_400.0
"""Time between two lines of that."""

_log = logging.getLogger(__name__)

_Signature = tuple[tuple[int, int, int], ...]


class Certificate:
    """A certificate with its key, for all connections to come.

    Args:
        certificate: PEM file of the certificate and those that it hangs on.
        key: PEM file of its key.
        clock: Seconds since 1970 UTC.

    Raises:
        StartError: They can't be used.
    """

    def __init__(self, certificate: Path, key: Path, clock: Clock = wall) -> None:
        self._certificate = certificate
        self._key = key
        self._seen = self._signature()
        self._clock = clock
        self._doubted: _Signature | None = None
        self._refused: _Signature | None = None
        self._reminded_s = float("-inf")
        self.context = self._load(None)
        """What the server listens with. TLS 1.2 and newer, Python's choice of ciphers."""
        self.expires_at = _end_of(certificate)
        """Until when the certificate is good, seconds since 1970 UTC."""
        self._remind()

    def look(self) -> None:
        """Take the files when they are others than before; a broken pair leaves the old in use.

        In a thread, for it reads files.
        """
        self._take()
        self._remind()

    def _take(self) -> None:
        try:
            signature = self._signature()
            if signature == self._seen:
                self._doubted = self._refused = None
                return
            expires_at = _end_of(self._certificate)
            self._load(self.context)
        except StartError as error:
            self._refuse(error)
            return
        self._seen, self._doubted, self._refused = signature, None, None
        self.expires_at, self._reminded_s = expires_at, float("-inf")
        _log.info("the certificate was renewed: %s", self._certificate)

    def _remind(self) -> None:
        """Say that the certificate ends soon, or has ended, once a day."""
        now_s = self._clock()
        left_s = self.expires_at - now_s
        if left_s > _WARN_S or now_s - self._reminded_s < _REMIND_S:
            return
        self._reminded_s = now_s
        end = dt.datetime.fromtimestamp(self.expires_at, dt.UTC)
        if left_s <= 0:
            _log.error(
                "the certificate %s ended on %s UTC; browsers refuse the page until it is renewed",
                *(self._certificate, f"{end:%Y-%m-%d %H:%M}"),
            )
        else:
            _log.warning(
                "the certificate %s ends on %s UTC, in %d days, and was not renewed yet",
                *(self._certificate, f"{end:%Y-%m-%d %H:%M}", left_s // 86_400),
            )

    def _refuse(self, error: StartError) -> None:
        signature = _signature(self._certificate, self._key)
        if signature != self._doubted:  # two files are renewed one after the other
            self._doubted = signature
            return
        if signature == self._refused:  # said already
            return
        self._refused = signature
        _log.error("the certificate was not renewed, the old one stays in use: %s", error)

    def _load(self, context: ssl.SSLContext | None) -> ssl.SSLContext:
        """Load the pair; into `context` only once it is known to be sound."""
        found = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        for one in (found, context):
            if one is not None:
                self._load_into(one)
        return found

    def _load_into(self, context: ssl.SSLContext) -> None:
        asked: list[bool] = []

        def password() -> str:
            asked.append(True)  # without this OpenSSL asks on the terminal, and waits
            return ""

        try:
            context.load_cert_chain(self._certificate, self._key, password)
        except ssl.SSLError as error:
            if asked:
                reason = "the key has a password; write it without one"
            elif error.reason == "KEY_VALUES_MISMATCH":
                reason = "the key is not that of the certificate"
            else:
                reason = f"they are no PEM files of a certificate and a key ({error.reason})"
            raise StartError(f"{self._certificate} and {self._key}: {reason}") from error
        except OSError as error:
            raise StartError(f"can't read the certificate or its key: {error}") from error

    def _signature(self) -> _Signature:
        for file in (self._certificate, self._key):
            try:
                file.open("rb").close()
            except OSError as error:
                raise StartError(f"can't read {file}: {error.strerror}") from error
        return _signature(self._certificate, self._key)


@contextlib.asynccontextmanager
async def renewing(certificate: Certificate, look_s: float = LOOK_S) -> AsyncIterator[None]:
    """Take renewed files while the context lasts; connections that are open go on."""
    async with asyncio.TaskGroup() as group:
        looking = group.create_task(
            kept_up("certificate", lambda: _keep_looking(certificate, look_s)), name="certificate"
        )
        yield
        looking.cancel()


async def _keep_looking(certificate: Certificate, look_s: float) -> None:
    while True:
        await asyncio.sleep(look_s)
        await asyncio.to_thread(certificate.look)


def _end_of(certificate: Path) -> float:
    """Return until when the first certificate of a file is good, seconds since 1970 UTC.

    Raises:
        StartError: There is none.
    """
    try:
        return x509.load_pem_x509_certificate(
            certificate.read_bytes()
        ).not_valid_after_utc.timestamp()
    except OSError as error:
        raise StartError(f"can't read {certificate}: {error.strerror}") from error
    except ValueError as error:
        raise StartError(f"{certificate} has no certificate that can be read: {error}") from error


def _signature(*files: Path) -> _Signature:
    """Return what changes when files do: a rename of a new one over it, or over its link, too."""
    found = []
    for file in files:
        with contextlib.suppress(OSError):
            status = file.stat()
            found.append((status.st_ino, status.st_mtime_ns, status.st_size))
    return tuple(found)
