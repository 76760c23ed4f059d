"""Opens the server's pair of UDP ports for RTP and RTCP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from heatwall.errors import PortInUseError

_ATTEMPTS = 64
"""Free even ports with a free odd one above are common; this many misses mean something else."""


class UdpPair:
    """An even port for RTP with the odd one above it for RTCP (RFC 3550 section 11).

    Made by `open_udp_pair`; lives on the event loop's thread.

    Args:
        rtp: Sends RTP.
        rtcp: Sends RTCP.
        sending: Knows whether RTP waits for the network.
    """

    def __init__(
        self,
        rtp: asyncio.DatagramTransport,
        rtcp: asyncio.DatagramTransport,
        sending: _Listener,
    ) -> None:
        self.rtp = rtp
        self.rtcp = rtcp
        self._sending = sending

    @property
    def is_full(self) -> bool:
        """True while datagrams wait for the network, or the sockets are closed."""
        return self._sending.is_paused or self.rtp.is_closing()

    @property
    def ports(self) -> tuple[int, int]:
        """The local ports of RTP and RTCP."""
        rtp, rtcp = (t.get_extra_info("sockname")[1] for t in (self.rtp, self.rtcp))
        return rtp, rtcp

    def close(self) -> None:
        """Close both sockets."""
        self.rtp.close()
        self.rtcp.close()


async def open_udp_pair(host: str, on_report: Callable[[tuple[str, int]], None]) -> UdpPair:
    """Bind a pair of ports.

    Args:
        host: Address to bind.
        on_report: Called with host and port of every client that sends RTCP.

    Raises:
        PortInUseError: No such pair is free.
    """
    loop = asyncio.get_running_loop()
    rtp_socket, rtcp_socket = _bind_pair(host)
    rtp, sending = await loop.create_datagram_endpoint(
        lambda: _Listener(lambda _: None), sock=rtp_socket
    )
    rtcp, _ = await loop.create_datagram_endpoint(lambda: _Listener(on_report), sock=rtcp_socket)
    return UdpPair(rtp, rtcp, sending)


def _bind_pair(host: str) -> tuple[socket.socket, socket.socket]:
    """Return two bound sockets, the first on an even port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(_ATTEMPTS):
        rtp, rtcp = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
        try:
            rtp.bind((host, 0))
            port = rtp.getsockname()[1]
            if port % 2 == 0:
                rtcp.bind((host, port + 1))
                return rtp, rtcp
        except OSError:
            pass  # the odd port is taken: try another pair
        rtp.close()
        rtcp.close()
    raise PortInUseError(f"no pair of UDP ports is free on {host}")


class _Listener(asyncio.DatagramProtocol):
    """Tells who sent something; what the reports say does not matter to a simulated camera."""

    def __init__(self, on_sender: Callable[[tuple[str, int]], None]) -> None:
        self.is_paused = False
        self._on_sender = on_sender

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002 - the signature is asyncio's
        """Pass on the sender's address."""
        self._on_sender((addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        """Go on: a viewer that closed its port is found by its RTSP connection."""

    def pause_writing(self) -> None:
        """Note that datagrams wait for the network."""
        self.is_paused = True

    def resume_writing(self) -> None:
        """Note that they have left."""
        self.is_paused = False
