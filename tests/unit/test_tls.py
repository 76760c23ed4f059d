from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from heatwall.errors import StartError
from heatwall.tls import Certificate, renewing
from support.certificates import make_pair
from support.eventually import eventually


async def served(context: ssl.SSLContext) -> bytes:
    """Return the certificate that a new connection gets."""
    server = await asyncio.start_server(
        lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context
    )
    async with server:
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
        found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        return bytes(found)


async def test_a_renewed_certificate_is_served_to_new_connections(tmp_path: Path) -> None:
    certificate = Certificate(*make_pair(tmp_path / "in_use", "old"))
    first = await served(certificate.context)
    for new in make_pair(tmp_path / "new", "new"):
        new.rename(tmp_path / "in_use" / new.name)
    certificate.look()
    assert await served(certificate.context) != first


async def test_a_broken_renewal_keeps_the_old_one_and_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    certificate = Certificate(*make_pair(tmp_path / "in_use", "old"))
    first = await served(certificate.context)
    make_pair(tmp_path / "new", "new")[1].rename(tmp_path / "in_use" / "key.pem")
    certificate.look()
    certificate.look()
    assert await served(certificate.context) == first
    assert caplog.text.count("the key is not that of the certificate") == 1


async def test_the_files_are_looked_at_by_themselves(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    certificate = Certificate(*make_pair(tmp_path / "in_use", "old"))
    async with renewing(certificate, 0.01):
        for new in make_pair(tmp_path / "new", "new"):
            new.rename(tmp_path / "in_use" / new.name)
        async with asyncio.timeout(10):
            await asyncio.to_thread(eventually, lambda: "was renewed" in caplog.text, 9)


def test_what_cant_be_used_is_said_with_file_and_reason(tmp_path: Path) -> None:
    certificate, key = make_pair(tmp_path / "a", "a")
    other = make_pair(tmp_path / "b", "b")[1]
    secret = make_pair(tmp_path / "c", "c", "-passout", "pass:abcdef")
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no PEM")
    for pair, reason in [
        ((tmp_path / "none.pem", key), "none.pem: No such file"),
        ((certificate, other), "not that of the certificate"),
        (secret, "has a password"),
        ((garbage, key), "no PEM files"),
    ]:
        with pytest.raises(StartError, match=reason):
            Certificate(*pair)


def test_old_versions_of_tls_are_refused(tmp_path: Path) -> None:
    context = Certificate(*make_pair(tmp_path / "a", "a")).context
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
