"""The reading of a viewer's SDP offer, so that a bad one is refused with a clear reason.

Only what decides whether the offer can be answered is read; aiortc reads the rest. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from heatwall.errors import DeliveryError

MAX_M_LINES = 64
"""More video m-lines than any wall shows; 64 are answered in about 100 ms."""

_M_LINE = re.compile(r"m=(audio|video|application) (\d{1,5})(?:/\d+)? [A-Z/]+ \S.*", re.ASCII)
_ADDRESS_FIELD = 4
_BASELINE = 0x42
_CONSTRAINT_SET1 = 0x40


@dataclass(frozen=True, slots=True)
class _Section:
    """One m-section: its kind, port and the lines below it."""

    kind: str
    port: int
    lines: tuple[str, ...]

    def values(self, attribute: str) -> Iterator[str]:
        """Yield the values of every `a=attribute:value` line."""
        prefix = f"a={attribute}:"
        return (line[len(prefix) :] for line in self.lines if line.startswith(prefix))


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that can be answered.

    Attributes:
        sdp: The whole text.
        videos: Number of video m-lines, each of which becomes a slot.
    """

    sdp: str
    videos: int


def read_offer(sdp: str) -> Offer:
    """Read an SDP offer (RFC 8866, with the WebRTC attributes of RFC 8829).

    Raises:
        DeliveryError: 400 for text that is no WebRTC offer, 406 for one that wants no H.264.
    """
    session, sections = _split(sdp)
    videos = [section for section in sections if section.kind == "video"]
    if not videos:
        raise DeliveryError(400, "no_video", "The offer has no video m-line.")
    if len(sections) > MAX_M_LINES:
        raise DeliveryError(
            400, "too_many_m_lines", f"The offer has more than {MAX_M_LINES} m-lines."
        )
    _require_one_transport(session, sections)
    for section in sections:
        _require_keys(session, section)
    for index, section in enumerate(videos):
        _require_receiving(session, section, index)
        if not any(_is_h264(section, payload_type) for payload_type in _h264_types(section)):
            raise DeliveryError(
                406,
                "no_h264",
                f"Video m-line {index} offers no H.264 constrained baseline with "
                "packetization-mode 1, the only format served.",
            )
    return Offer(sdp=sdp, videos=len(videos))


def quickened(sdp: str) -> str:
    """Return the same offer as it is answered and connected to with the least waiting.

    Candidates behind an mDNS name are left out, as most browsers hide addresses: the name takes up
    to a second to be looked up, answers only on the same network, and is not needed, since the
    viewer's first packet tells its address (a peer-reflexive candidate, RFC 8445 section 7.3.1.3).
    Of the DTLS roles that a viewer leaves open (RFC 8842 section 5.2) it gets the active one: then
    it can begin the handshake as soon as its own side of ICE is through.
    """
    lines = [
        "a=setup:active" if line == "a=setup:actpass" else line
        for line in sdp.replace("\r\n", "\n").split("\n")
        if not (line.startswith("a=candidate:") and _is_mdns(line))
    ]
    return "\r\n".join(lines)


def _is_mdns(candidate: str) -> bool:
    """Whether a candidate line names a host instead of its address (RFC 8839 section 5.1)."""
    fields = candidate.split()
    return len(fields) > _ADDRESS_FIELD and fields[_ADDRESS_FIELD].lower().endswith(".local")


def _split(sdp: str) -> tuple[_Section, list[_Section]]:
    lines = [line.rstrip("\r") for line in sdp.split("\n")]
    if lines[0] != "v=0":
        raise DeliveryError(400, "bad_sdp", "The body is no SDP: it does not begin with v=0.")
    starts = [index for index, line in enumerate(lines) if line.startswith("m=")]
    session = _Section("", 0, tuple(lines[: starts[0]] if starts else lines))
    sections = []
    for start, end in pairwise([*starts, len(lines)]):
        match = _M_LINE.fullmatch(lines[start])
        if match is None:
            raise DeliveryError(
                400, "bad_sdp", f"Line {start + 1} of the offer is no m-line that can be answered."
            )
        sections.append(_Section(match[1], int(match[2]), tuple(lines[start + 1 : end])))
    return session, sections


def _require_one_transport(session: _Section, sections: list[_Section]) -> None:
    """All m-lines must share one transport (BUNDLE, RFC 9143), as every browser offers."""
    if len(sections) == 1:
        return
    mids = [next(section.values("mid"), "") for section in sections]
    bundled = {
        mid
        for group in session.values("group")
        if group.startswith("BUNDLE ")
        for mid in group.split()[1:]
    }
    if len(set(mids)) != len(mids) or not bundled.issuperset(mids):
        raise DeliveryError(
            400, "not_bundled", "Several m-lines must have mids of their own in one BUNDLE group."
        )


def _require_keys(session: _Section, section: _Section) -> None:
    """ICE credentials and a DTLS fingerprint must be there (RFC 8829 section 5.2.1)."""
    for attribute in ("ice-ufrag", "ice-pwd", "fingerprint", "setup"):
        if not any((*section.values(attribute), *session.values(attribute))):
            raise DeliveryError(
                400, "bad_sdp", f"The {section.kind} m-line has no a={attribute} attribute."
            )
    if section.kind != "application" and "a=rtcp-mux" not in section.lines:
        raise DeliveryError(400, "bad_sdp", f"The {section.kind} m-line has no a=rtcp-mux.")


def _require_receiving(session: _Section, section: _Section, index: int) -> None:
    directions = ("a=recvonly", "a=sendrecv", "a=sendonly", "a=inactive")
    stated = [line for line in (*section.lines, *session.lines) if line in directions]
    # Without a word the direction is sendrecv (RFC 8866 section 6.7).
    if section.port == 0 or (stated and stated[0] not in directions[:2]):
        raise DeliveryError(400, "not_receiving", f"Video m-line {index} does not receive.")


def _h264_types(section: _Section) -> Iterator[str]:
    for value in section.values("rtpmap"):
        payload_type, _, encoding = value.partition(" ")
        if encoding.strip().upper() == "H264/90000":
            yield payload_type


def _is_h264(section: _Section, payload_type: str) -> bool:
    """Whether the payload type takes constrained baseline in FU-A and STAP-A (RFC 6184, 8.1)."""
    parameters: dict[str, str] = {}
    for value in section.values("fmtp"):
        stated_type, _, text = value.partition(" ")
        if stated_type == payload_type:
            for parameter in text.split(";"):
                name, _, setting = parameter.strip().partition("=")
                parameters[name.lower()] = setting
    if parameters.get("packetization-mode", "0") != "1":
        return False
    profile = parameters.get("profile-level-id", "42e01f")
    if re.fullmatch(r"[0-9a-fA-F]{6}", profile) is None:
        return False
    return int(profile[:2], 16) == _BASELINE and bool(int(profile[2:4], 16) & _CONSTRAINT_SET1)
