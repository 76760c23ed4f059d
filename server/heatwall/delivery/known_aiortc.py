"""What is used of aiortc's insides, looked for before it is used; for aiortc's adapters alone."""

# ruff: noqa: SLF001 -- private names are the point here; `known_aiortc` looks for them

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable
from types import FunctionType
from typing import Any

from aioice.ice import Connection, StunProtocol
from aiortc import RTCDtlsTransport, RTCIceTransport, RTCPeerConnection, RTCRtpSender
from aiortc.rtcrtpsender import RTCEncodedFrame
from pylibsrtp import Session

from heatwall.errors import StartError

CONNECT = "_RTCPeerConnection__connect"
"""The coroutine that connects, which aiortc keeps no reference to."""

NTP_TIME = "_RTCRtpSender__ntp_timestamp"
"""When the last packet was sent; this and the next three make aiortc's sender reports."""
RTP_TIME = "_RTCRtpSender__rtp_timestamp"
PACKET_COUNT = "_RTCRtpSender__packet_count"
OCTET_COUNT = "_RTCRtpSender__octet_count"

_REPORTED = (NTP_TIME, RTP_TIME, PACKET_COUNT, OCTET_COUNT)

_log = logging.getLogger(__name__)


@functools.cache
def check_aiortc() -> None:
    """Check that aiortc still has what is hooked, and say so if only the lean sender must rest.

    Raises:
        StartError: This version of aiortc is another one than Heatwall knows.
    """
    try:
        wrong = _wrong(_needed(), _calls())
    except AttributeError as error:
        raise StartError(f"This aiortc can't be used: {error}.") from error
    if wrong:
        raise StartError(f"This aiortc can't be used: changed are {', '.join(wrong)}.")
    reason = why_not_lean()
    if reason is not None:
        _log.warning("aiortc sends by itself, at three times the cost: %s", reason)


@functools.cache
def why_not_lean() -> str | None:
    """Return what the lean sender misses in this aiortc, aioice or pylibsrtp; None for nothing."""
    try:
        wrong = _wrong(
            {
                RTCRtpSender.send: ("self", "parameters"),
                RTCRtpSender._retransmit: ("self", "sequence_number"),
            },
            _lean_calls(),
        )
    except AttributeError as error:
        return str(error)
    return f"changed are {', '.join(wrong)}" if wrong else None


def _needed() -> dict[Callable[..., Any], tuple[str, ...]]:
    """Return the functions that are replaced or called, with their parameters."""
    return {
        RTCRtpSender._next_encoded_frame: ("self", "codec"),
        RTCRtpSender._send_keyframe: ("self",),
        RTCRtpSender._handle_rtcp_packet: ("self", "packet"),
        getattr(RTCPeerConnection, CONNECT): ("self",),
        RTCEncodedFrame: ("payloads", "timestamp", "audio_level"),
    }


def _calls() -> list[tuple[Any, tuple[str, ...]]]:
    """Return functions with the names that they must use."""
    return [
        (RTCPeerConnection.setLocalDescription, (CONNECT,)),
        (RTCRtpSender._run_rtp, ("_next_encoded_frame",)),
        (RTCRtpSender._handle_rtcp_packet, ("_send_keyframe",)),
        (RTCIceTransport.__init__, ("_connection",)),
        (StunProtocol.datagram_received, ("receiver", "data_received", "request_received")),
    ]


def _lean_calls() -> list[tuple[Any, tuple[str, ...]]]:
    """Return functions with the names that they must use for the lean sender."""
    return [
        (RTCRtpSender.__init__, ("_ssrc", "_rtx_ssrc", "_enabled", *_REPORTED)),
        (RTCRtpSender._run_rtcp, _REPORTED),
        (RTCRtpSender._handle_rtcp_packet, ("_retransmit",)),
        (getattr(RTCPeerConnection, CONNECT), ("send",)),
        (RTCDtlsTransport._send_rtp, ("_state", "_tx_srtp", "protect")),
        (RTCIceTransport.__init__, ("_connection",)),
        (Connection.sendto, ("_nominated", "protocol", "remote_addr")),
        (Session.protect, ("srtp_protect",)),
        (Session.__init__, ("_srtp",)),
    ]


def _wrong(
    signatures: dict[Callable[..., Any], tuple[str, ...]], calls: list[tuple[Any, tuple[str, ...]]]
) -> list[str]:
    wrong = [
        function.__qualname__
        for function, parameters in signatures.items()
        if tuple(inspect.signature(function).parameters) != parameters
    ]
    return wrong + [
        f"{caller.__qualname__} without {name}"
        for caller, names in calls
        for name in names
        if not isinstance(caller, FunctionType) or name not in caller.__code__.co_names
    ]
