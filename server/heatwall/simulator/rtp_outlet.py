"""Carries RTP packets to one viewer over TCP or UDP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from heatwall.rtsp.interleaved import frame_packet
from heatwall.simulator.rtp_packet import interleaved_unit, rtp_header
from heatwall.simulator.rtsp_transport import TcpTransport, UdpTransport
from heatwall.simulator.rtsp_udp import UdpPair

WRITE_LIMIT = 262_144
"""Bytes that may wait for one viewer before frames are dropped: a second of 2 Mbit/s video, and
more than one IDR."""


class TcpOutlet:
    """Frames packets within the viewer's RTSP connection (RFC 2326 section 10.12).

    Args:
        transport: The connection.
        channels: Agreed in SETUP.
    """

    def __init__(self, transport: asyncio.Transport, channels: TcpTransport) -> None:
        self._transport = transport
        self._channels = channels

    @property
    def is_full(self) -> bool:
        """True while more than `WRITE_LIMIT` bytes wait, or the connection is closing."""
        return self._transport.is_closing() or self._transport.get_write_buffer_size() > WRITE_LIMIT

    def send_unit(
        self, payloads: tuple[bytes, ...], *, sequence: int, timestamp: int, ssrc: int
    ) -> None:
        """Send one access unit with a single write."""
        self._transport.write(
            interleaved_unit(
                payloads,
                channel=self._channels.rtp_channel,
                sequence=sequence,
                timestamp=timestamp,
                ssrc=ssrc,
            )
        )

    def send_report(self, packet: bytes) -> None:
        """Send one RTCP packet."""
        self._transport.write(frame_packet(packet, self._channels.rtcp_channel))

    def hang_up(self) -> None:
        """Close the RTSP connection at once."""
        self._transport.abort()


class UdpOutlet:
    """Sends packets to the viewer's two UDP ports from the server's two.

    Args:
        pair: The server's sockets, shared by all viewers.
        host: The viewer's address.
        ports: The viewer's ports.
        hang_up: Closes the RTSP connection that set this up.
    """

    def __init__(
        self,
        pair: UdpPair,
        host: str,
        ports: UdpTransport,
        hang_up: Callable[[], None],
    ) -> None:
        self._pair = pair
        self._rtp_address = (host, ports.rtp_port)
        self._rtcp_address = (host, ports.rtcp_port)
        self._hang_up = hang_up

    @property
    def is_full(self) -> bool:
        """True while datagrams wait for the network."""
        return self._pair.is_full

    def send_unit(
        self, payloads: tuple[bytes, ...], *, sequence: int, timestamp: int, ssrc: int
    ) -> None:
        """Send one access unit as one datagram a packet."""
        last = len(payloads) - 1
        for index, payload in enumerate(payloads):
            header = rtp_header(
                is_last=index == last, sequence=sequence + index, timestamp=timestamp, ssrc=ssrc
            )
            self._pair.rtp.sendto(header + payload, self._rtp_address)

    def send_report(self, packet: bytes) -> None:
        """Send one RTCP packet."""
        self._pair.rtcp.sendto(packet, self._rtcp_address)

    def hang_up(self) -> None:
        """Close the RTSP connection at once."""
        self._hang_up()
