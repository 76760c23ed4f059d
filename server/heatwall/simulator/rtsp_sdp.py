"""Describes a camera's video in SDP (RFC 8866) for RTSP's DESCRIBE."""

from __future__ import annotations

import base64

from heatwall.rtsp.rtp import CLOCK_HZ
from heatwall.simulator.rtp_packet import PAYLOAD_TYPE
from heatwall.simulator.rtp_track import VideoFormat

CONTROL = "trackID=0"
"""The one stream's URL, relative to the Content-Base (RFC 2326 appendix C.1.1)."""


_SOUND = ("m=audio 0 RTP/AVP 0", "a=rtpmap:0 PCMU/8000")
"""G.711 (RFC 3551 section 4.5.14), which every camera with a microphone can send."""


def describe(video: VideoFormat | None, *, session_id: int, host: str) -> bytes:
    """Return the SDP of `video`.

    Args:
        video: Gives the parameter sets and the frame rate (RFC 6184 section 8.2.1); None for a
            camera that sends sound only.
        session_id: Any number; the same for as long as the description is the same.
        host: Address of the server as the client sees it.
    """
    family = "IP6" if ":" in host else "IP4"
    anywhere = "::" if ":" in host else "0.0.0.0"
    lines = [
        "v=0",
        f"o=- {session_id} 1 IN {family} {host}",
        "s=Heatwall simulated camera",
        f"c=IN {family} {anywhere}",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        *(_SOUND if video is None else _describe_video(video)),
        f"a=control:{CONTROL}",
        "",
    ]
    return "\r\n".join(lines).encode("ascii")


def _describe_video(video: VideoFormat) -> list[str]:
    """Return the lines of the one medium."""
    parameters = video.parameters
    sprop = ",".join(
        base64.b64encode(nal).decode("ascii") for nal in (parameters.sps, parameters.pps)
    )
    fmtp = (
        "packetization-mode=1;"
        f"profile-level-id={parameters.profile_level_id};sprop-parameter-sets={sprop}"
    )
    return [
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} H264/{CLOCK_HZ}",
        f"a=fmtp:{PAYLOAD_TYPE} {fmtp}",
        f"a=framerate:{video.fps:g}",
        f"a=framesize:{PAYLOAD_TYPE} {video.width}-{video.height}",
    ]
