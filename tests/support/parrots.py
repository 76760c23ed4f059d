"""Cameras and receivers that repeat in their answers what they were told, hostile or broken."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
from collections.abc import Iterator

from support.scripted_camera import Request, ScriptedCamera, reply, scripted_camera

_CHALLENGE = 'WWW-Authenticate: Basic realm="parrot"'


def _repeat(request: Request) -> bytes:
    """Ask for the account first, then say it back in the words of the status and in a header."""
    proof = request.headers.get("authorization")
    if proof is None:
        return reply(request, 401, _CHALLENGE)
    said = f"{request.url} {proof}"
    return f"RTSP/1.0 500 {said}\r\nCSeq: {request.number}\r\nX-Said: {said}\r\n\r\n".encode()


@contextlib.contextmanager
def rtsp_parrot() -> Iterator[ScriptedCamera]:
    """Run a camera that answers with its client's account."""
    camera = ScriptedCamera(answers={"DESCRIBE": _repeat, "OPTIONS": _repeat})
    with scripted_camera(camera):
        yield camera


class _Parrot(http.server.BaseHTTPRequestHandler):
    """Answers 401 to who shows no account, and 500 with all it heard to who does."""

    def do_GET(self) -> None:
        if "Authorization" not in self.headers and self.path.startswith("/account"):
            self.send_response(401)
            self.send_header(*_CHALLENGE.split(": "))
            self.end_headers()
            return
        self._repeat(b"")

    def do_POST(self) -> None:
        self._repeat(self.rfile.read(int(self.headers["Content-Length"])))

    def _repeat(self, body: bytes) -> None:
        said = f"{self.path} {self.headers.get('Authorization', '')}"
        self.server.heard.append(said)  # type: ignore[attr-defined] # of HttpParrot
        self.send_response(500, said)
        self.send_header("Location", said)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(said.encode() + body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


class HttpParrot(http.server.ThreadingHTTPServer):
    """A web server that repeats what it was asked for.

    Attributes:
        heard: Paths and accounts so far.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Parrot)
        self.heard: list[str] = []

    @property
    def host(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_address[1]}"


@contextlib.contextmanager
def http_parrot() -> Iterator[HttpParrot]:
    """Run one."""
    with HttpParrot() as parrot:
        thread = threading.Thread(target=parrot.serve_forever, name="parrot")
        thread.start()
        try:
            yield parrot
        finally:
            parrot.shutdown()
            thread.join(10)


def closed_port() -> int:
    """Return a port at which nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port
