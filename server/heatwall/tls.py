"""The server's certificate: read at the start, and again when it was renewed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

from heatwall.errors import StartError

LOOK_S = 2.0
"""How often the files are looked at; certbot renews once in two months."""

_log = logging.getLogger(__name__)

_Signature = tuple[tuple[int, int, int], ...]


class Certificate:
    """A certificate with its key, for all connections to come.

    Args:
        certificate: PEM file of the certificate and those that it hangs on.
        key: PEM file of its key.

    Raises:
        StartError: They can't be used.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        self._certificate = certificate
        self._key = key
        self._seen = self._signature()
        self._refused: _Signature | None = None
        self.context = self._load(None)
        """What the server listens with. TLS 1.2 and newer, Python's choice of ciphers."""

    def look(self) -> None:
        """Take the files when they are others than before; a broken pair leaves the old in use.

        In a thread, for it reads files.
        """
        try:
            signature = self._signature()
            if signature == self._seen:
                return
            self._load(self.context)
        except StartError as error:
            self._refuse(error)
            return
        self._seen, self._refused = signature, None
        _log.info("the certificate was renewed: %s", self._certificate)

    def _refuse(self, error: StartError) -> None:
        signature = _signature(self._certificate, self._key)
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
        looking = group.create_task(_keep_looking(certificate, look_s), name="certificate")
        yield
        looking.cancel()


async def _keep_looking(certificate: Certificate, look_s: float) -> None:
    while True:
        await asyncio.sleep(look_s)
        await asyncio.to_thread(certificate.look)


def _signature(*files: Path) -> _Signature:
    """Return what changes when files do: a rename of a new one over it, or over its link, too."""
    found = []
    for file in files:
        with contextlib.suppress(OSError):
            status = file.stat()
            found.append((status.st_ino, status.st_mtime_ns, status.st_size))
    return tuple(found)
