"""Answers the RTSP requests of one client (RFC 2326)."""

from __future__ import annotations

import asyncio
import secrets
import socket
from dataclasses import dataclass
from typing import Protocol, cast

from heatwall.rtsp.message import RtspError
from heatwall.simulator.auth import Credentials, Verdict
from heatwall.simulator.cameras import SimulatedCamera
from heatwall.simulator.faults import Fault
from heatwall.simulator.rtp_outlet import TcpOutlet, UdpOutlet
from heatwall.simulator.rtp_sender import Outlet, RtpSender
from heatwall.simulator.rtsp_message import (
    Interleaved,
    MessageReader,
    Request,
    Response,
    Status,
)
from heatwall.simulator.rtsp_sdp import CONTROL, describe
from heatwall.simulator.rtsp_transport import TcpTransport, UdpTransport, choose_transport
from heatwall.simulator.rtsp_udp import UdpPair

SESSION_TIMEOUT_S = 60
"""A client that says nothing for this long has gone (RFC 2326 section 12.37)."""

_METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "GET_PARAMETER", "TEARDOWN")
_SEND_BUFFER = 262_144
"""Bytes that the kernel may hold for one client; more would only be delay before a drop."""


class Premises(Protocol):
    """What a connection needs of its server."""

    udp: UdpPair

    def find_camera(self, name: str) -> SimulatedCamera | None:
        """Return the camera of that name."""
        ...

    def now_s(self) -> float:
        """Return monotonic seconds."""
        ...

    def opened(self, connection: RtspConnection) -> None:
        """Take note of a new connection."""
        ...

    def closed(self, connection: RtspConnection) -> None:
        """Forget a connection."""
        ...


@dataclass(slots=True)
class _Session:
    """What one SETUP made.

    Attributes:
        id: Secret name of the session.
        camera: Who is watched.
        sender: The RTP stream.
        rtcp_address: Where a UDP client's reports come from.
        is_playing: Whether frames are sent.
    """

    id: str
    camera: SimulatedCamera
    sender: RtpSender
    rtcp_address: tuple[str, int] | None
    is_playing: bool = False


class RtspConnection(asyncio.Protocol):
    """One client's TCP connection, with at most one session, which ends with it.

    Lives on the event loop's thread; every answer is ready at once, so it needs no task.

    Args:
        premises: The server.
    """

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._reader = MessageReader()
        self._nonce = secrets.token_hex(16)
        self._is_hanging = False
        self._session: _Session | None = None
        self._transport: asyncio.Transport
        self._heard_s = premises.now_s()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self._premises.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """End the session with its connection, as cameras do."""
        self._end_session()
        self._premises.closed(self)

    def data_received(self, data: bytes) -> None:
        """Answer what the client sent."""
        self._heard_s = self._premises.now_s()
        try:
            for message in self._reader.feed(data):
                if isinstance(message, Interleaved):
                    continue  # reports of a viewer are a sign of life, no more
                self._answer(message)
                if self._transport.is_closing():
                    return
        except RtspError:
            self._transport.write(Response(Status.BAD_REQUEST).encode("0"))
            self._transport.close()

    def pause_writing(self) -> None:
        """Read no more requests while the client does not take the answers."""
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Read requests again."""
        self._transport.resume_reading()

    def hear_report(self, address: tuple[str, int]) -> None:
        """Count an RTCP packet from `address` as a sign of life if it is this session's."""
        if self._session is not None and self._session.rtcp_address == address:
            self._heard_s = self._premises.now_s()

    def expire(self) -> None:
        """Close the connection if its client has been silent for too long."""
        if not self._is_hanging and self._premises.now_s() - self._heard_s > SESSION_TIMEOUT_S:
            self._transport.abort()

    def abort(self) -> None:
        """Close the connection at once."""
        self._transport.abort()

    def _answer(self, request: Request) -> None:
        """Write the answer to one request, unless the camera's fault says otherwise."""
        camera = self._premises.find_camera(request.camera)
        fault = camera.fault if camera is not None else Fault.NONE
        if self._is_hanging or fault in (Fault.HANG, Fault.VANISH):
            self._is_hanging = True
            return
        if fault in (Fault.REFUSE, Fault.CUT):
            self._transport.abort()
            return
        response = self._respond(request, None if fault is Fault.OFF else camera)
        self._transport.write(response.encode(request.headers.get("cseq", "0")))

    def _respond(self, request: Request, camera: SimulatedCamera | None) -> Response:
        """Return the answer to one request."""
        if request.method not in _METHODS:
            return Response(Status.NOT_IMPLEMENTED, [("Public", ", ".join(_METHODS))])
        if camera is None:
            if request.method == "OPTIONS" and not request.camera:
                return _options()
            return Response(Status.NOT_FOUND)
        if request.method == "OPTIONS":
            return _options()
        refusal = self._authenticate(request, camera)
        if refusal is not None:
            return refusal
        match request.method:
            case "DESCRIBE":
                return self._describe(request, camera)
            case "SETUP":
                return self._setup(request, camera)
            case _:
                return self._control(request)

    def _authenticate(self, request: Request, camera: SimulatedCamera) -> Response | None:
        """Return the 401 that asks for the password, None when it has been proved."""
        credentials = camera.credentials
        is_refused = camera.fault is Fault.PASSWORD and self._session is None
        if is_refused:
            credentials = Credentials("nobody", secrets.token_hex())
        if credentials is None:
            return None
        verdict = credentials.check(
            request.headers.get("authorization"),
            method=request.method,
            uri=request.uri,
            nonce=self._nonce,
        )
        if verdict is Verdict.GRANTED:
            return None
        challenges = credentials.challenges(self._nonce, is_stale=verdict is Verdict.STALE)
        return Response(
            Status.UNAUTHORIZED, [("WWW-Authenticate", challenge) for challenge in challenges]
        )

    def _describe(self, request: Request, camera: SimulatedCamera) -> Response:
        """Answer DESCRIBE (section 10.2)."""
        host = self._transport.get_extra_info("sockname")[0]
        has_video = camera.fault is not Fault.NO_VIDEO
        video = camera.feed.format if has_video else None
        body = describe(video, session_id=camera.description_id, host=host)
        base = request.uri.partition("?")[0].rstrip("/") + "/"
        headers = [("Content-Base", base), ("Content-Type", "application/sdp")]
        return Response(Status.OK, headers, body)

    def _setup(self, request: Request, camera: SimulatedCamera) -> Response:
        """Answer SETUP (section 10.4)."""
        if self._session is not None:
            if self._session.is_playing:
                return Response(Status.METHOD_NOT_VALID_IN_THIS_STATE)
            self._end_session()
        match choose_transport(request.headers.get("transport", "")):
            case TcpTransport() as tcp:
                sender = self._open_session(camera, TcpOutlet(self._transport, tcp), None)
                chosen = tcp.header(sender.ssrc)
            case UdpTransport() as udp:
                host: str = self._transport.get_extra_info("peername")[0]
                outlet = UdpOutlet(self._premises.udp, host, udp, self._transport.abort)
                sender = self._open_session(camera, outlet, (host, udp.rtcp_port))
                chosen = udp.header(sender.ssrc, self._premises.udp.ports)
            case _:
                return Response(Status.UNSUPPORTED_TRANSPORT)
        return self._session_response([("Transport", chosen)])

    def _open_session(
        self, camera: SimulatedCamera, outlet: Outlet, rtcp_address: tuple[str, int] | None
    ) -> RtpSender:
        """Begin a session and return its RTP stream."""
        sender = RtpSender(outlet, f"{camera.name}@heatwall")
        self._session = _Session(secrets.token_hex(8), camera, sender, rtcp_address)
        return sender

    def _control(self, request: Request) -> Response:
        """Answer PLAY, PAUSE, GET_PARAMETER and TEARDOWN (sections 10.5 to 10.8)."""
        session = self._session
        named = request.headers.get("session", "").partition(";")[0].strip()
        if session is None or (named and named != session.id):
            return Response(Status.SESSION_NOT_FOUND)
        match request.method:
            case "PLAY":
                return self._play(request, session)
            case "PAUSE":
                session.camera.remove_viewer(session.sender)
                session.is_playing = False
            case "TEARDOWN":
                self._end_session()
                return Response(Status.OK)
            case _:
                pass  # GET_PARAMETER without a body is a keep-alive
        return self._session_response([])

    def _play(self, request: Request, session: _Session) -> Response:
        """Answer PLAY; the picture begins at the camera's next IDR, since it is live."""
        if not session.is_playing:
            session.camera.add_viewer(session.sender)
            session.is_playing = True
        base = request.uri.partition("?")[0].rstrip("/").removesuffix(f"/{CONTROL}")
        info = (
            f"url={base}/{CONTROL};seq={session.sender.sequence};"
            f"rtptime={session.camera.next_rtp_time()}"
        )
        return self._session_response([("Range", "npt=now-"), ("RTP-Info", info)])

    def _session_response(self, headers: list[tuple[str, str]]) -> Response:
        """Return a 200 that names the session."""
        if self._session is None:
            return Response(Status.OK, headers)
        name = f"{self._session.id};timeout={SESSION_TIMEOUT_S}"
        return Response(Status.OK, [("Session", name), *headers])

    def _end_session(self) -> None:
        """Stop the stream, if there is one."""
        if self._session is not None:
            self._session.camera.remove_viewer(self._session.sender)
            self._session = None


def _options() -> Response:
    """Answer OPTIONS (section 10.1)."""
    return Response(Status.OK, [("Public", ", ".join(_METHODS))])
