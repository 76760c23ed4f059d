"""What takes bytes from outside, each as a function that may only fail in the ways it promises."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import msgspec

from heatwall.api.body import parse_object
from heatwall.api.live import _SessionMessage
from heatwall.api.media import _SlotsMessage
from heatwall.api.whep import PatchBody
from heatwall.camera import reasons, rtsp_dialogue
from heatwall.camera.link import (
    EncodedPicture,
    Failed,
    Figures,
    LinkError,
    Notice,
    Opened,
    pack,
    unpack_to_main,
    unpack_to_worker,
)
from heatwall.camera.rtsp_client import RtspClient
from heatwall.camera.rtsp_dialogue import UnsuitedError
from heatwall.config import LineConfig, ZoneConfig, read_regions, regions_of, rewritten
from heatwall.config.loader import config_of
from heatwall.delivery.annexb import units
from heatwall.delivery.offer import quickened, read_offer
from heatwall.delivery.payloads import packetise
from heatwall.delivery.peer import Peer
from heatwall.delivery.sps import read_sps
from heatwall.errors import ConfigError, DeliveryError, EditError, SourceError
from heatwall.rtsp.auth import Prover, choose_challenge
from heatwall.rtsp.h264 import H264Depacketizer
from heatwall.rtsp.h265 import H265Depacketizer
from heatwall.rtsp.interleaved import InterleavedReader
from heatwall.rtsp.message import RtspError
from heatwall.rtsp.rtcp import parse_reports
from heatwall.rtsp.sdp import find_video
from heatwall.rtsp.units import UnitAssembler
from heatwall.values import SecretUrl

_HERE = Path("wall.yaml")
_ENV = {"PASSWORD": "canary"}
_URL = "rtsp://192.0.2.1/stream"


@dataclass(frozen=True)
class Target:
    """One reader of bytes.

    Attributes:
        name: For the command line.
        run: Takes any bytes; raises only when the reader broke its promise.
        seeds: Bytes that it understands, from which others are made.
        share: Part of the runs that it gets, since some are slow.
    """

    name: str
    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    share: float = 1.0


_CONFIG = b"""\
server: {port: 8080, host: 127.0.0.1}
defaults:
  heat: {half_lives: [30s, 10m]}
cameras:
  door:
    url: rtsp://viewer:${PASSWORD}@192.0.2.11/stream1
    lines: {way: {from: [0.1, 0.7], to: [0.9, 0.7], inside: below}}
    zones: {queue: {polygon: [[0.6, 0.5], [0.9, 0.5], [0.9, 0.9]]}}
groups: {front: {cameras: [door]}}
"""

_OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:0123456789abcdef01234567",
        f"a=fingerprint:sha-256 {':'.join(['AB'] * 32)}",
        "a=setup:actpass",
        "a=rtcp-mux",
        "a=recvonly",
        "a=candidate:1 1 udp 2130706431 127.0.0.1 50000 typ host",
        "a=rtpmap:96 H264/90000",
        "a=fmtp:96 packetization-mode=1;profile-level-id=42e01f",
        "",
    ]
).encode()

_SDP = (
    b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    b"a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0IAHukBQHsg,aM44gA==\r\n"
    b"a=control:track1\r\n"
)
_RTP = bytes.fromhex("80e0000100000bb8deadbeef") + b"\x65\x88\x84\x00"


def _config(raw: bytes) -> None:
    """A file that is no config is refused with its faults, none of which shows a secret."""
    text = raw.decode("utf-8", "replace")
    try:
        config = config_of(text, _HERE, _ENV)
    except ConfigError as error:
        assert error.faults
        assert "canary" not in str(error)
        return
    nothing = read_regions({"lines": {}, "zones": {}}).rounded
    for camera, settings in config.cameras.items():
        with contextlib.suppress(EditError):
            rewritten(text, _HERE, camera, regions_of(settings), nothing, _ENV)


def _regions(raw: bytes) -> None:
    with contextlib.suppress(DeliveryError, ConfigError):
        drawn = read_regions(parse_object(raw))
        shapes = (*drawn.exact.lines.values(), *drawn.exact.zones.values())
        assert all(isinstance(shape, LineConfig | ZoneConfig) for shape in shapes)


def _offer(raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    with contextlib.suppress(DeliveryError):
        assert read_offer(text).videos > 0
        quickened(text)


def _whep(raw: bytes) -> None:
    """Whatever passes as an offer is answered or refused by aiortc too."""
    try:
        offer = read_offer(raw.decode("utf-8", "replace"))
    except DeliveryError:
        return

    async def answer() -> None:
        peer = Peer(offer, lambda _state: None)
        try:
            with contextlib.suppress(DeliveryError):
                await peer.answer()
        finally:
            await peer.close()

    asyncio.run(answer())


def _messages(raw: bytes) -> None:
    for kind in (_SessionMessage, _SlotsMessage, PatchBody):
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
            msgspec.json.decode(raw, type=kind)


def _interleaved(raw: bytes) -> None:
    """In pieces of changing size, as a socket gives them."""
    reader, chance, at = InterleavedReader(), random.Random(len(raw)), 0
    with contextlib.suppress(RtspError):
        while at < len(raw):
            space = reader.space()
            piece = raw[at : at + min(len(space), chance.randint(1, 1500))]
            space[: len(piece)] = piece
            reader.received(len(piece))
            at += len(piece)
            for _ in reader.messages():
                pass


def _description(raw: bytes) -> None:
    with contextlib.suppress(RtspError):
        find_video(raw, _URL)


def _challenge(raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    challenge = choose_challenge(text.split("\n"))
    if challenge is not None:
        prover = Prover("viewer", "canary", "0123")
        prover.take(challenge)
        header = prover.authorization("DESCRIBE", _URL) or ""
        assert "\r" not in header
        assert "\n" not in header


def _packets(raw: bytes) -> None:
    """Packets of two bytes of length each, as RTP of either codec and as RTCP."""
    for depacketizer in (H264Depacketizer(), H265Depacketizer()):
        assembler = UnitAssembler(depacketizer, 96)
        for packet in _cut(raw):
            for unit in assembler.feed(memoryview(packet)):
                assert len(unit.annexb) < len(raw) * 8 + 64
        assert assembler.received >= 0
    for packet in _cut(raw):
        parse_reports(memoryview(packet))


def _cut(raw: bytes) -> Iterator[bytes]:
    while len(raw) > 2:
        length = int.from_bytes(raw[:2], "big")
        yield raw[2 : 2 + length]
        raw = raw[2 + length :]


class _Recording:
    """A connection to a camera that says the same whatever it is asked, and hangs up."""

    def __init__(self, raw: bytes) -> None:
        self.reader = InterleavedReader()
        self.arrival_s = 0.0
        self.is_behind = False
        self._raw = raw

    def send(self, _message: bytes) -> None:
        """Take a request."""

    def receive(self, _deadline_s: float) -> bool:
        """Give the next piece."""
        if not self._raw:
            raise reasons.ended()
        space = self.reader.space()
        piece = self._raw[: len(space)]
        space[: len(piece)] = piece
        self.reader.received(len(piece))
        self._raw = self._raw[len(piece) :]
        return True

    def close(self, _farewell: bytes = b"") -> None:
        """Hang up."""


def _camera(raw: bytes) -> None:
    """A whole client against a camera that answers with these bytes."""
    with (
        mock.patch.object(rtsp_dialogue, "RtspLink", lambda *_: _Recording(raw)),
        contextlib.suppress(SourceError, UnsuitedError),
    ):
        client = RtspClient(SecretUrl("rtsp://viewer:canary@192.0.2.1/stream"), 5.0)
        for _ in client.arrivals():
            pass


def _link(raw: bytes) -> None:
    for unpack in (unpack_to_main, unpack_to_worker):
        with contextlib.suppress(LinkError):
            unpack(raw)


def _picture(raw: bytes) -> None:
    """A picture by a worker gone mad still goes into packets, and into MP4 or not at all."""
    for payload in packetise(raw):
        assert 0 < len(payload) <= 1300
    for unit in units(raw):
        with contextlib.suppress(ValueError):
            read_sps(unit)


def _said(*messages: bytes) -> bytes:
    return b"".join(messages)


_REPLY = b"RTSP/1.0 200 OK\r\nCSeq: %d\r\nSession: 12;timeout=60\r\n"
_TALK = _said(
    _REPLY % 1 + b"Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER\r\n\r\n",
    _REPLY % 2 + b"Content-Length: %d\r\n\r\n" % len(_SDP) + _SDP,
    _REPLY % 3 + b"Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n",
    _REPLY % 4 + b"\r\n",
    b"$\x00" + len(_RTP).to_bytes(2, "big") + _RTP,
)

_FROM_WORKER = tuple(
    pack(message)[4:]
    for message in (
        Opened("h264", 640, 360),
        Notice("decoder", "busy"),
        Failed("error", "gone"),
        EncodedPicture("tile", b"\x00\x00\x00\x01\x65\x88", 90, True),
        Figures(1, {"tile": 1}, {}, {"decode": 0.1}, 1.0, 640, 360),
    )
)

_SHAPES = b'{"lines": {}, "zones": {"a": {"polygon": [[0, 0], [1, 0], [1, 1]]}}}'

TARGETS = (
    Target("config", _config, (_CONFIG,), 0.5),
    Target(
        "regions", _regions, (b'{"lines": {}, "zones": {"a": {"polygon": [[0,0],[1,0],[1,1]]}}}',)
    ),
    Target("offer", _offer, (_OFFER,)),
    Target("whep", _whep, (_OFFER,), 0.1),
    Target(
        "messages",
        _messages,
        (
            b'{"type":"session","sid":"abc"}',
            b'{"slots":[{"slot":0,"camera":"door","tier":"tile"}]}',
        ),
    ),
    Target("interleaved", _interleaved, (_TALK,)),
    Target("description", _description, (_SDP,)),
    Target(
        "challenge",
        _challenge,
        (b'Digest realm="cam", nonce="0a1b", qop="auth", algorithm=MD5', b'Basic realm="cam"'),
    ),
    Target("packets", _packets, (len(_RTP).to_bytes(2, "big") + _RTP,)),
    Target("camera", _camera, (_TALK,)),
    Target("link", _link, _FROM_WORKER),
    Target("picture", _picture, (b"\x00\x00\x00\x01\x67\x42\x00\x1e\xe9\x01\x40\x7b\x20" * 3,)),
)
"""All of them."""
