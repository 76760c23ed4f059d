from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from heatwall.errors import StartError
from heatwall.tls import Certificate, renewing
from support.certificates import make_pair
from support.eventually import eventually
from support.faketime import FakeTime


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


async def test_a_renewal_that_is_half_done_is_no_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    certificate = Certificate(*make_pair(tmp_path / "in_use", "old"), clock=FakeTime())
    new_certificate, new_key = make_pair(tmp_path / "new", "new")
    new_certificate.rename(tmp_path / "in_use" / "cert.pem")
    certificate.look()
    new_key.rename(tmp_path / "in_use" / "key.pem")
    certificate.look()
    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert "was renewed" in caplog.text


async def test_a_connection_that_is_open_outlives_a_renewal(tmp_path: Path) -> None:
    certificate = Certificate(*make_pair(tmp_path / "in_use", "old"))

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    server = await asyncio.start_server(echo, "127.0.0.1", 0, ssl=certificate.context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
        for word in (b"before\n", b"after\n"):
            writer.write(word)
            assert await asyncio.wait_for(reader.readline(), 10) == word
            for new in make_pair(tmp_path / word.decode().strip(), "new"):
                new.rename(tmp_path / "in_use" / new.name)
            certificate.look()
        writer.close()
        await writer.wait_closed()


def test_its_end_is_told_two_weeks_before_and_once_a_day(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pair = make_pair(tmp_path / "a", "a")  # good for two days
    now = FakeTime()
    end = Certificate(*pair).expires_at
    caplog.clear()
    now.now_s = end - 15 * 86_400
    certificate = Certificate(*pair, clock=now)
    certificate.look()
    assert caplog.text == ""
    now.now_s = end - 14 * 86_400
    certificate.look()
    certificate.look()
    assert caplog.text.count("in 14 days, and was not renewed yet") == 1
    now.now_s += 86_401
    certificate.look()
    assert caplog.text.count("was not renewed yet") == 2
    now.now_s = end + 1
    certificate.look()
    assert "browsers refuse the page" in caplog.text


def test_one_that_has_ended_is_told_at_the_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pair = make_pair(tmp_path / "a", "a")
    now = FakeTime()
    now.now_s = Certificate(*pair).expires_at + 86_400
    caplog.clear()
    Certificate(*pair, clock=now)
    assert "a/cert.pem ended on" in caplog.text
