"""Chooses how RTP reaches a client, from the Transport header of its SETUP (RFC 2326, 12.39)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PAIR = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class TcpTransport:
    """RTP and RTCP framed within the RTSP connection.

    Attributes:
        rtp_channel: Channel of RTP, 0 to 255.
        rtcp_channel: Channel of RTCP.
    """

    rtp_channel: int
    rtcp_channel: int

    def header(self, ssrc: int) -> str:
        """Return the value of the answer's Transport header."""
        pair = f"{self.rtp_channel}-{self.rtcp_channel}"
        return f"RTP/AVP/TCP;unicast;interleaved={pair};ssrc={ssrc:08X}"


@dataclass(frozen=True, slots=True)
class UdpTransport:
    """RTP and RTCP as datagrams to two ports of the client.

    Attributes:
        rtp_port: The client's port for RTP.
        rtcp_port: The client's port for RTCP.
    """

    rtp_port: int
    rtcp_port: int

    def header(self, ssrc: int, server_ports: tuple[int, int]) -> str:
        """Return the value of the answer's Transport header."""
        client = f"{self.rtp_port}-{self.rtcp_port}"
        server = f"{server_ports[0]}-{server_ports[1]}"
        return f"RTP/AVP;unicast;client_port={client};server_port={server};ssrc={ssrc:08X}"


def choose_transport(header: str) -> TcpTransport | UdpTransport | None:
    """Return the first offer in `header` that can be served, None when there is none.

    Multicast and recording are not served.
    """
    for offer in header.split(","):
        transport = _parse_offer(offer)
        if transport is not None:
            return transport
    return None


def _parse_offer(offer: str) -> TcpTransport | UdpTransport | None:
    """Return one offer, None when it can't be served."""
    protocol, *fields = [part.strip() for part in offer.split(";")]
    options = {name.lower(): value for name, _, value in (item.partition("=") for item in fields)}
    if "multicast" in options or options.get("mode", "PLAY").strip('"').upper() != "PLAY":
        return None
    match protocol.upper():
        case "RTP/AVP/TCP":
            pair = _pair(options.get("interleaved", "0-1"), 255)
            return TcpTransport(*pair) if pair else None
        case "RTP/AVP" | "RTP/AVP/UDP":
            pair = _pair(options.get("client_port", ""), 65_535)
            return UdpTransport(*pair) if pair else None
        case _:
            return None


def _pair(text: str, highest: int) -> tuple[int, int] | None:
    """Return the numbers of `4-5`; `4` alone means 4 and 5. None when they are no such pair."""
    match = _PAIR.fullmatch(text.strip())
    if match is None:
        return None
    first = int(match[1])
    second = int(match[2]) if match[2] else first + 1
    return (first, second) if max(first, second) <= highest else None
