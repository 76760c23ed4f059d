"""Serves simulated cameras over RTSP (RFC 2326)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self
from urllib.parse import quote

from heatwall.clock import Clock, monotonic
from heatwall.errors import PortInUseError
from heatwall.simulator.cameras import SimulatedCamera
from heatwall.simulator.rtsp_connection import RtspConnection
from heatwall.simulator.rtsp_udp import UdpPair, open_udp_pair
from heatwall.values import SecretUrl

_SWEEP_INTERVAL_S = 5.0
"""Between looks for clients that have gone silent; their time-out is twelve times longer."""

_LOCAL = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""What to write in a URL for a server that listens on all addresses."""


class RtspServer:
    """Listens on one port for the clients of all cameras; an async context manager.

    Lives on the event loop of the task that enters it, and needs no tasks of its own.

    Args:
        cameras: Each is found at the path of its name; closed with the server.
        host: Address to listen on.
        port: TCP port, 0 for any free one.
        clock: Monotonic seconds.
    """

    udp: UdpPair
    """The two UDP ports, shared by all sessions."""

    def __init__(
        self,
        cameras: Sequence[SimulatedCamera],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock = monotonic,
    ) -> None:
        self.cameras = {camera.name: camera for camera in cameras}
        self._host = host
        self._port = port
        self._clock = clock
        self._connections: set[RtspConnection] = set()
        self._listener: asyncio.Server | None = None
        self._sweep_timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            PortInUseError: The port can't be had.
        """
        loop = asyncio.get_running_loop()
        try:
            self._listener = await loop.create_server(
                lambda: RtspConnection(self), self._host, self._port
            )
        except OSError as error:
            raise PortInUseError(
                f"RTSP port {self._port} on {self._host} can't be used: {error.strerror}"
            ) from error
        try:
            self.udp = await open_udp_pair(self._listening_host, self._hear_report)
        except PortInUseError:
            self._listener.close()
            raise
        self._sweep()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up on everybody, and close the cameras."""
        if self._sweep_timer is not None:
            self._sweep_timer.cancel()
        for camera in self.cameras.values():
            camera.close()
        for connection in tuple(self._connections):
            connection.abort()
        if self._listener is not None:
            self._listener.close()
            await self._listener.wait_closed()
        self.udp.close()
        # Aborted transports tell their protocols, and free their sockets, in the loop's next turn.
        await asyncio.sleep(0)

    @property
    def port(self) -> int:
        """The TCP port that is listened on."""
        return int(self._listening_address[1])

    def camera(self, name: str) -> SimulatedCamera:
        """Return the camera of that name; KeyError when there is none."""
        return self.cameras[name]

    def url(self, name: str) -> SecretUrl:
        """Return the URL that opens a camera, with its user and password."""
        credentials = self.cameras[name].credentials
        host = _LOCAL.get(self._listening_host, self._listening_host)
        host = f"[{host}]" if ":" in host else host
        account = ""
        if credentials is not None:
            user, password = quote(credentials.user, safe=""), quote(credentials.password, safe="")
            account = f"{user}:{password}@"
        return SecretUrl(f"rtsp://{account}{host}:{self.port}/{name}")

    def find_camera(self, name: str) -> SimulatedCamera | None:
        """Return the camera of that name, None when there is none."""
        return self.cameras.get(name)

    def now_s(self) -> float:
        """Return monotonic seconds."""
        return self._clock()

    def opened(self, connection: RtspConnection) -> None:
        """Take note of a new connection."""
        self._connections.add(connection)

    def closed(self, connection: RtspConnection) -> None:
        """Forget a connection."""
        self._connections.discard(connection)

    @property
    def _listening_address(self) -> tuple[str, int]:
        """Host and port of the listening socket."""
        if self._listener is None:
            raise RuntimeError("the server has not been entered")
        host, port, *_ = self._listener.sockets[0].getsockname()
        return host, port

    @property
    def _listening_host(self) -> str:
        """Address of the listening socket."""
        return self._listening_address[0]

    def _hear_report(self, address: tuple[str, int]) -> None:
        """Tell the sessions that a UDP client is alive."""
        for connection in self._connections:
            connection.hear_report(address)

    def expire_silent(self) -> None:
        """Close the connections of clients that have said nothing for the session time-out."""
        for connection in tuple(self._connections):
            connection.expire()

    def _sweep(self) -> None:
        """Look for silent clients, now and every few seconds."""
        self.expire_silent()
        self._sweep_timer = asyncio.get_running_loop().call_later(_SWEEP_INTERVAL_S, self._sweep)
