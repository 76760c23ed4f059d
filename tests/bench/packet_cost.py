"""CPU that a packet costs main on its way to a viewer, by who sends it."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable

from aioice.candidate import Candidate
from aioice.ice import CandidatePair, Connection, get_host_addresses
from aiortc import (
    RTCCertificate,
    RTCDtlsTransport,
    RTCIceGatherer,
    RTCIceTransport,
    RTCRtpSender,
)
from aiortc.rtcdtlstransport import State
from aiortc.rtcrtpparameters import (
    RTCRtcpParameters,
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpSendParameters,
)
from pylibsrtp import Policy, Session

from heatwall.delivery.hooks import HookedTrack, hook
from heatwall.delivery.lean import LeanLinks
from heatwall.delivery.packets import Packets
from heatwall.delivery.slot import Slot
from heatwall.values import Picture, Tier

VIEWERS = 8
_PICTURES = 400
_ROUNDS = 5
_PAUSE_S = 0.004
"""After each picture for all viewers, as cameras have it whose phases are apart."""

_TILE = (1150,) * 3
_FOCUS = (1150,) * 12
_READER = """
import socket, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
sock.bind((sys.argv[1], 0))
print(sock.getsockname()[1], flush=True)
while True:
    sock.recv(2048)
"""


async def packet_costs() -> dict[str, float]:
    """Return microseconds of CPU a packet, medians of rounds that take turns."""
    senders = {
        "aiortc's sender, shared payloads": "aiortc",
        "lean, a call a packet": "single",
        "lean, one call a picture (UDP_SEGMENT)": "lean",
    }
    found: dict[str, list[float]] = {}
    for _ in range(_ROUNDS):
        for picture, sizes in (("tile", _TILE), ("focus", _FOCUS)):
            for name, mode in senders.items():
                cost = await _cost(mode, sizes)
                found.setdefault(f"{name}: {picture} of {len(sizes)} packets", []).append(cost)
    return {name: statistics.median(costs) for name, costs in found.items()}


class _Source:
    """Gives one picture when told to."""

    camera, tier, is_closed = "bench", Tier.TILE, False

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Packets | None] = asyncio.Queue()
        self._sink: Callable[[Packets], bool] | None = None

    def give(self, packets: Packets) -> None:
        if self._sink is None:
            self._queue.put_nowait(packets)
        elif not self._sink(packets):
            raise RuntimeError("no room, so that the cost would be of fewer packets")

    async def next(self) -> Packets | None:
        return await self._queue.get()

    def feed(self, sink: Callable[[Packets], bool]) -> None:
        self._sink = sink

    def drain(self) -> None: ...

    def request_idr(self) -> None: ...

    def close(self) -> None: ...


async def _cost(mode: str, sizes: tuple[int, ...]) -> float:
    payloads = tuple(bytes(size) for size in sizes)
    sources = [_Source() for _ in range(VIEWERS)]
    async with contextlib.AsyncExitStack() as stack:
        for source in sources:
            await stack.enter_async_context(_sending(source, mode))
        spent_s = 0.0
        for number in range(_PICTURES // len(sizes)):
            picture = Picture("bench", Tier.TILE, b"", 6000 * (number + 1), is_key=True)
            packets = Packets(picture, payloads)
            began_s = time.process_time()
            for source in sources:
                source.give(packets)
            await asyncio.sleep(_PAUSE_S)
            spent_s += time.process_time() - began_s
    return spent_s * 1e6 / (number + 1) / len(sizes) / VIEWERS


@contextlib.asynccontextmanager
async def _sending(source: _Source, mode: str) -> AsyncIterator[None]:
    """Run a sender by a real socket to a process that reads."""
    address = get_host_addresses(use_ipv4=True, use_ipv6=False)[0]
    reader = subprocess.Popen(  # noqa: ASYNC220 - nothing else runs here
        [sys.executable, "-c", _READER, address], stdout=subprocess.PIPE, text=True
    )
    gatherer = RTCIceGatherer(iceServers=[])
    ice = RTCIceTransport(gatherer)
    await gatherer.gather()
    port = int(reader.stdout.readline()) if reader.stdout else 0
    connection: Connection = ice._connection
    protocol = next(one for one in connection._protocols if one.local_candidate.host == address)
    remote = Candidate("1", 1, "udp", 1, address, port, "host")
    connection._nominated[1] = CandidatePair(protocol, remote)
    dtls = RTCDtlsTransport(ice, [RTCCertificate.generateCertificate()])
    policy = Policy(
        key=bytes(30),
        ssrc_type=Policy.SSRC_ANY_OUTBOUND,
        srtp_profile=Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    )
    dtls._tx_srtp = Session(policy)
    dtls._state = State.CONNECTED
    sender = RTCRtpSender(HookedTrack(), dtls)
    slot, links = Slot(), LeanLinks()
    if mode == "aiortc":
        links._links[dtls] = None
    hook(sender, slot, links)
    slot.show(source)
    await sender.send(_parameters())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    if mode != "aiortc":
        link = links.of(dtls)
        if link is None:
            raise RuntimeError("the lean sender can't be used here")
        link.is_up()
        link.wire._has_segments = mode == "lean"
    try:
        yield
    finally:
        await sender.stop()
        await ice.stop()
        reader.kill()
        reader.wait()
        if reader.stdout:
            reader.stdout.close()


def _parameters() -> RTCRtpSendParameters:
    return RTCRtpSendParameters(
        codecs=[RTCRtpCodecParameters("video/H264", 90_000, payloadType=96)],
        headerExtensions=[
            RTCRtpHeaderExtensionParameters(1, "urn:ietf:params:rtp-hdrext:sdes:mid"),
            RTCRtpHeaderExtensionParameters(
                2, "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
            ),
        ],
        muxId="0",
        rtcp=RTCRtcpParameters(),
    )
