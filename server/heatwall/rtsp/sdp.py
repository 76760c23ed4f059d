"""Finds the video in a camera's session description (RFC 8866, RFC 2326 appendix C)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from heatwall.rtsp.rtp import CLOCK_HZ

_START_CODE = b"\x00\x00\x00\x01"
_CODECS = {"H264": "h264", "H265": "hevc"}
"""RTP's names to FFmpeg's."""
_PARAMETER_SETS = {
    "h264": ("sprop-parameter-sets",),
    "hevc": ("sprop-vps", "sprop-sps", "sprop-pps"),
}
"""RFC 6184 section 8.1, RFC 7798 section 7.1."""


@dataclass(frozen=True, slots=True)
class Video:
    """A stream that can be taken apart here.

    Attributes:
        codec: FFmpeg's name, `h264` or `hevc`.
        payload_type: Of its RTP packets.
        control: The URL for its SETUP.
        aggregate: The URL for PLAY and what follows.
        parameter_sets: In Annex B form; empty when the description has none.
    """

    codec: str
    payload_type: int
    control: str
    aggregate: str
    parameter_sets: bytes


@dataclass(slots=True)
class _Section:
    """One media section, or the session's part before the first.

    Attributes:
        media: The value of its `m=` line; empty for the session.
        attributes: The `a=` lines, names in lower case.
    """

    media: str = ""
    attributes: list[tuple[str, str]] = field(default_factory=list)

    def get(self, name: str, payload_type: str | None = None) -> str:
        """Return an attribute's value, of those that begin with the payload type if one is given.

        The payload type is not part of what is returned.
        """
        for given, value in self.attributes:
            if given != name:
                continue
            if payload_type is None:
                return value
            first, _, rest = value.partition(" ")
            if first == payload_type:
                return rest.strip()
        return ""


def find_video(description: bytes, base: str) -> Video | None:
    """Return the first video stream, None when it is not one that can be taken apart here.

    None too for what the RFCs allow and no camera was seen to do: H.264 in interleaved mode,
    H.265 with decoding order numbers, encryption.

    Args:
        description: The body of DESCRIBE's reply.
        base: The URL that relative ones belong to: Content-Base, Content-Location or the
            request's own (RFC 2326 appendix C.1.1).
    """
    session, *sections = _split(description)
    for section in sections:
        kind, _, profile, *formats = [*section.media.split(), "", "", ""]
        if kind.lower() != "video":
            continue
        if not (formats[0].isascii() and formats[0].isdecimal()):
            return None
        if profile.upper() not in ("RTP/AVP", "RTP/AVP/TCP", "RTP/AVPF"):
            return None
        return _video(section, formats[0], resolve(base, session.get("control")))
    return None


def resolve(base: str, control: str) -> str:
    """Return the URL that an `a=control` means.

    Relative ones are put behind the base, its query included: RFC 2326 speaks of RFC 1808, which
    would replace the last part of the path, but cameras whose base has no slash at its end or has
    a query expect this, and live555, GStreamer and libavformat do it.
    """
    if control in ("", "*"):
        return base
    if "://" in control:
        return control
    if control.startswith("/"):
        scheme, mark, rest = base.partition("://")
        return scheme + mark + rest.partition("/")[0] + control
    return base + ("" if base.endswith("/") else "/") + control


def _split(description: bytes) -> list[_Section]:
    """Return the session's part and the media sections, as far as they can be read."""
    sections = [_Section()]
    for line in description.decode("utf-8", "replace").splitlines():
        name, _, value = line.strip().partition("=")
        if name == "m":
            sections.append(_Section(value))
        elif name == "a":
            key, _, text = value.partition(":")
            sections[-1].attributes.append((key.lower(), text.strip()))
    return sections


def _video(section: _Section, payload_type: str, aggregate: str) -> Video | None:
    """Return the stream of one media section."""
    encoding, _, clock = section.get("rtpmap", payload_type).partition("/")
    codec = _CODECS.get(encoding.upper())
    if codec is None or clock.partition("/")[0] != str(CLOCK_HZ):
        return None
    parameters = _format_parameters(section.get("fmtp", payload_type))
    if parameters.get("packetization-mode", "0") not in ("0", "1"):
        return None
    if parameters.get("sprop-max-don-diff", "0") != "0":
        return None
    return Video(
        codec,
        int(payload_type),
        resolve(aggregate, section.get("control")),
        aggregate,
        b"".join(_nals(parameters.get(name, "")) for name in _PARAMETER_SETS[codec]),
    )


def _format_parameters(text: str) -> dict[str, str]:
    """Return the `name=value` pairs of an `a=fmtp`, names in lower case."""
    pairs = (item.partition("=") for item in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _nals(text: str) -> bytes:
    """Return NAL units in Annex B form from base64 ones with commas; broken ones are left out."""
    units: list[bytes] = []
    for item in text.split(","):
        try:
            nal = base64.b64decode(item.strip(), validate=True)
        except (binascii.Error, ValueError):
            continue
        if nal:
            units.append(_START_CODE + nal)
    return b"".join(units)


def has_only_others(body: bytes) -> bool:
    """Return whether a description names media, and none of them is video (RFC 8866 section 5.14).

    A camera that sends sound only, or only what it has detected, as ONVIF's metadata.
    """
    media = [line for line in body.splitlines() if line.startswith(b"m=")]
    return bool(media) and not any(line.startswith(b"m=video") for line in media)
