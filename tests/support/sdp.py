"""SDP offers, made to order."""

from __future__ import annotations

from dataclasses import dataclass

_FINGERPRINT = ":".join(["AB"] * 32)


@dataclass(frozen=True)
class Section:
    """One m-line; a codec is `payload-type encoding/rate [parameters]`."""

    kind: str = "video"
    port: int = 9
    direction: str = "recvonly"
    codecs: tuple[str, ...] = ("96 H264/90000 packetization-mode=1;profile-level-id=42e01f",)


def offer(*sections: Section) -> str:
    """Return an offer as a browser would make it."""
    mids = " ".join(str(index) for index in range(len(sections)))
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
    for mid, section in enumerate(sections):
        lines += _lines(mid, section)
    return "\r\n".join(lines) + "\r\n"


def _lines(mid: int, section: Section) -> list[str]:
    is_data = section.kind == "application"
    types = [codec.split()[0] for codec in section.codecs] or ["96"]
    profile = (
        "UDP/DTLS/SCTP webrtc-datachannel" if is_data else f"UDP/TLS/RTP/SAVPF {' '.join(types)}"
    )
    lines = [
        f"m={section.kind} {section.port} {profile}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{mid}",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:0123456789abcdef01234567",
        f"a=fingerprint:sha-256 {_FINGERPRINT}",
        "a=setup:actpass",
    ]
    if is_data:
        return [*lines, "a=sctp-port:5000"]
    lines.append("a=rtcp-mux")
    if section.direction:
        lines.append(f"a={section.direction}")
    for codec in section.codecs:
        payload_type, encoding, *parameters = codec.split(" ", 2)
        lines.append(f"a=rtpmap:{payload_type} {encoding}")
        lines += [f"a=fmtp:{payload_type} {text}" for text in parameters]
    return lines
