"""A camera whose every answer a test writes itself."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from heatwall.values import SecretUrl

SDP = (
    "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 packetization-mode=1\r\na=control:track1\r\n"
)
TRANSPORT = "RTP/AVP/TCP;unicast;interleaved=0-1"
_DEADLINE_S = 30.0


@dataclass(frozen=True)
class Request:
    """What a client asked.

    Attributes:
        method: Upper-case.
        url: As it was written.
        headers: Names in lower case.
    """

    method: str
    url: str
    headers: dict[str, str]

    @property
    def number(self) -> str:
        """Its CSeq."""
        return self.headers["cseq"]


def reply(request: Request, status: int = 200, *headers: str, body: str = "") -> bytes:
    """Return an answer."""
    lines = [f"RTSP/1.0 {status} Words", f"CSeq: {request.number}", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join([*lines, "", ""]) + body).encode()


def framed(packet: bytes | memoryview, channel: int = 0) -> bytes:
    """Return a packet as it travels within the connection."""
    return b"$" + bytes([channel]) + len(packet).to_bytes(2, "big") + bytes(packet)


@dataclass
class ScriptedCamera:
    """Answers one client after another, in a thread of its own.

    Attributes:
        answers: What to say to a method instead of the usual; None hangs up, `b""` says nothing.
        sdp: What DESCRIBE says.
        video: What follows on PLAY.
        requests: What was asked so far.
        replies: The status lines of what clients answered.
        is_talking: Whether there is a client.
        packets: What clients sent within the connection: channel and content.
    """

    answers: dict[str, Callable[[Request], bytes | None]] = field(default_factory=dict)
    sdp: str = SDP
    video: bytes = b""
    requests: list[Request] = field(default_factory=list)
    packets: list[tuple[int, bytes]] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    client: socket.socket | None = None
    port: int = 0
    is_talking: bool = False

    @property
    def url(self) -> SecretUrl:
        """Where it is, without an account."""
        return SecretUrl(f"rtsp://127.0.0.1:{self.port}/live")

    @property
    def methods(self) -> list[str]:
        """The methods of all requests."""
        return [request.method for request in self.requests]

    def send(self, text: bytes) -> None:
        """Send something to the client."""
        assert self.client is not None
        self.client.sendall(text)

    def serve(self, listener: socket.socket) -> None:
        """Answer until the listener is closed."""
        while True:
            try:
                self.client, _ = listener.accept()
            except OSError:
                return
            self.client.settimeout(_DEADLINE_S)
            self.is_talking = True
            with self.client, contextlib.suppress(OSError):
                self._talk(self.client)
            self.is_talking = False

    def _talk(self, client: socket.socket) -> None:
        with client.makefile("rb") as stream:
            self._hear(client, stream)

    def _hear(self, client: socket.socket, stream: io.BufferedReader) -> None:
        while first := stream.read(1):
            if first == b"$":
                channel, high, low = stream.read(3)
                self.packets.append((channel, stream.read(high << 8 | low)))
                continue
            lines = [(first + stream.readline()).decode().strip()]
            while lines[-1]:
                lines.append(stream.readline().decode().strip())
            if lines[0].startswith("RTSP/"):
                self.replies.append(lines[0])
                continue
            method, url, _ = lines[0].split(" ")
            pairs = (line.partition(":") for line in lines[1:-1])
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            request = Request(method, url, headers)
            self.requests.append(request)
            answer = self.answers.get(method, self._usual)(request)
            if answer is None:
                return
            client.sendall(answer)

    def _usual(self, request: Request) -> bytes:
        match request.method:
            case "DESCRIBE":
                return reply(request, 200, f"Content-Base: {request.url}/", body=self.sdp)
            case "SETUP":
                return reply(request, 200, "Session: s1", f"Transport: {TRANSPORT}")
            case "PLAY":
                return reply(request) + self.video
            case _:
                return reply(request)


@contextlib.contextmanager
def scripted_camera(camera: ScriptedCamera) -> Iterator[ScriptedCamera]:
    """Run a camera."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        camera.port = listener.getsockname()[1]
        thread = threading.Thread(target=camera.serve, args=(listener,), name="camera")
        thread.start()
        try:
            yield camera
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            if camera.client is not None:
                with contextlib.suppress(OSError):
                    camera.client.shutdown(socket.SHUT_RDWR)
            thread.join(_DEADLINE_S)
            assert not thread.is_alive()
