"""A camera that nobody here wrote: GStreamer's RTSP server in a process of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

_PACKAGES = (
    "gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good "
    "gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav"
)
_PYTHON = Path("/usr/bin/python3")
"""Debian's own, for which its package of the bindings is made."""
_SCRIPT = Path(__file__).with_name("gst_rtsp_server.py")
_END_S = 10.0


class Kind(StrEnum):
    """What the camera sends."""

    H264 = "h264"
    """H.264 without reordering, as most cameras do."""
    H264_B_FRAMES = "h264-b-frames"
    """H.264 with two B-frames between its references."""
    H265 = "h265"
    """H.265, as newer cameras do by default."""
    MJPEG = "mjpeg"
    """Motion JPEG, as old ones do; every frame stands alone."""


@contextmanager
def gst_camera(
    kind: Kind, clip: Path | None = None, user: str | None = None, password: str | None = None
) -> Iterator[str]:
    """Run a camera and give its URL, with user and password if it has them.

    Args:
        kind: What it sends, at 640×360 and 15 fps.
        clip: An MP4 file with H.264 to show in a loop; a bouncing ball without one.
        user: Account that must be proved by digest; None for none.
        password: Its password.

    Raises:
        AssertionError: GStreamer is not complete on this machine; names the packages.
    """
    command = [str(_PYTHON), str(_SCRIPT), kind.value]
    if clip is not None:
        command += ["--clip", str(clip)]
    account = ""
    if user is not None:
        command += ["--user", user, "--password", password or ""]
        account = f"{quote(user, safe='')}:{quote(password or '', safe='')}@"
    assert _PYTHON.exists(), f"{_PYTHON} is missing; apt-get install {_PACKAGES}"
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            line = json.loads(server.stdout.readline() or '{"missing": "no answer"}')
            assert "port" in line, (
                f"GStreamer's RTSP server can't run ({line.get('missing')}); "
                f"apt-get install {_PACKAGES}"
            )
            yield f"rtsp://{account}127.0.0.1:{line['port']}/stream"
        finally:
            try:
                server.communicate("", timeout=_END_S)
            except subprocess.TimeoutExpired:
                server.kill()
