"""A real nginx before a server, set up as `configs/nginx.conf` shows it."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.certificates import make_pair
from support.eventually import eventually

EXAMPLE = Path(__file__).parents[2] / "configs" / "nginx.conf"

_MAIN = """
user root;
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/heatwall.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Nginx:
    """Where it listens.

    Attributes:
        tls: Port of HTTPS.
        plain: Port of HTTP, for viewers that know no certificates.
    """

    tls: int
    plain: int

    def base(self, prefix: str, *, is_tls: bool = True) -> str:
        """Return the address of the wall: of a name of its own, or below `prefix`."""
        host = "localhost" if prefix else "127.0.0.1"
        scheme, port = ("https", self.tls) if is_tls else ("http", self.plain)
        return f"{scheme}://{host}:{port}"


@contextlib.contextmanager
def nginx(folder: Path, server: int) -> Iterator[Nginx]:
    """Run nginx with the example's text until the context ends.

    Args:
        folder: For its files.
        server: Port of the server behind it.
    """
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    found = Nginx(_free_port(), _free_port())
    _write(folder, server, found)
    checked = subprocess.run(
        [program, "-t", "-p", str(folder), "-c", str(folder / "nginx.conf")],
        check=False,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert checked.returncode == 0, checked.stderr
    with subprocess.Popen(
        [program, "-p", str(folder), "-c", str(folder / "nginx.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:

        def listens() -> bool:
            assert process.poll() is None, (folder / "error.log").read_text()
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", found.plain), 1).close()
                return True
            return False

        try:
            eventually(listens, timeout_s=20)
            yield found
        finally:
            process.terminate()
            process.wait(20)


def _write(folder: Path, server: int, found: Nginx) -> None:
    certificate, key = make_pair(folder / "tls", "localhost")
    text = EXAMPLE.read_text()
    for old, new in {
        r"127\.0\.0\.1:8600": f"127.0.0.1:{server}",
        r"listen 443 ssl http2;": (
            f"listen 127.0.0.1:{found.tls} ssl http2; listen 127.0.0.1:{found.plain};"
        ),
        r"server_name wall\.example": "server_name 127.0.0.1",
        r"server_name shop\.example": "server_name localhost",
        r"/etc/letsencrypt/live/\S+/fullchain\.pem": str(certificate),
        r"/etc/letsencrypt/live/\S+/privkey\.pem": str(key),
    }.items():
        text, count = re.subn(old, new, text)
        assert count, f"the example has no {old}"
    (folder / "heatwall.conf").write_text(text)
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
