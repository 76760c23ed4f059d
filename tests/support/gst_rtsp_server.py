"""A camera made of GStreamer's RTSP server, for Debian's own Python; see `gst_camera`.

Prints one line of JSON when it listens, `{"port": 1234}`, or `{"missing": "…"}` when GStreamer is
not complete. Ends when its standard input ends.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

PATH = "/stream"
SIZE_RATE = "width=640,height=360,framerate=15/1"
RATE = 15

ENCODERS = {
    "h264": (
        "x264enc speed-preset=ultrafast tune=zerolatency threads=1 key-int-max=15 bitrate=800 "
        "! rtph264pay name=pay0 pt=96 config-interval=-1"
    ),
    # Reordered pictures, and few parameter sets in band: what a recorder's stream looks like.
    "h264-b-frames": (
        "x264enc speed-preset=superfast bframes=2 b-adapt=false threads=1 key-int-max=15 "
        "rc-lookahead=0 bitrate=800 ! video/x-h264,profile=main ! rtph264pay name=pay0 pt=96"
    ),
    "h265": (
        "x265enc speed-preset=ultrafast tune=zerolatency key-int-max=15 bitrate=800 "
        "option-string=pools=1 ! rtph265pay name=pay0 pt=96 config-interval=-1"
    ),
    "mjpeg": "jpegenc quality=60 ! rtpjpegpay name=pay0 pt=26",
}
NEEDED = ("x264enc", "x265enc", "jpegenc", "rtph265pay", "rtpjpegpay", "avdec_h264", "qtdemux")


def load() -> tuple[Any, Any, Any, Any]:
    """Return GLib, Gst, GstRtsp and GstRtspServer; exit with a line when something is missing."""
    try:
        import gi

        for name in ("Gst", "GstRtsp", "GstRtspServer"):
            gi.require_version(name, "1.0")
        from gi.repository import GLib, Gst, GstRtsp, GstRtspServer
    except (ImportError, ValueError) as error:
        answer({"missing": str(error)})
        sys.exit(3)
    Gst.init(None)
    missing = [name for name in NEEDED if Gst.ElementFactory.find(name) is None]
    if missing:
        answer({"missing": f"elements {', '.join(missing)}"})
        sys.exit(3)
    return GLib, Gst, GstRtsp, GstRtspServer


def answer(line: dict[str, Any]) -> None:
    """Tell the parent process."""
    print(json.dumps(line), flush=True)  # noqa: T201 - the protocol with the parent


class LoopingClip:
    """Decodes a clip again and again, on demand.

    Args:
        gst: The module.
        path: An MP4 file with H.264.
    """

    def __init__(self, gst: Any, path: str) -> None:
        self._gst = gst
        self._frames = 0
        self._pipeline = gst.parse_launch(
            f'filesrc location="{path}" ! qtdemux ! h264parse ! avdec_h264 ! videoconvert '
            f"! videoscale ! videorate ! video/x-raw,format=I420,{SIZE_RATE} "
            "! appsink name=out sync=false max-buffers=2"
        )
        self._out = self._pipeline.get_by_name("out")
        self._pipeline.set_state(gst.State.PLAYING)

    def feed(self, source: Any, _length: int) -> None:
        """Push the next frame; called by the source when it wants one."""
        sample = self._out.emit("pull-sample")
        if sample is None:
            flags = self._gst.SeekFlags.FLUSH | self._gst.SeekFlags.KEY_UNIT
            self._pipeline.seek_simple(self._gst.Format.TIME, flags, 0)
            sample = self._out.emit("pull-sample")
        buffer = sample.get_buffer().copy()
        buffer.pts = buffer.dts = self._frames * self._gst.SECOND // RATE
        buffer.duration = self._gst.SECOND // RATE
        self._frames += 1
        source.emit("push-buffer", buffer)


def make_factory(gst: Any, server_module: Any, kind: str, clip: str | None) -> Any:
    """Return the factory of the one stream, shared by all clients."""
    factory = server_module.RTSPMediaFactory()
    factory.set_shared(True)
    raw = f"video/x-raw,format=I420,{SIZE_RATE}"
    source = f"videotestsrc is-live=true pattern=ball ! {raw}"
    if clip is not None:
        source = f"appsrc name=source is-live=true block=true format=time max-bytes=1 caps={raw}"

        def configure(_factory: Any, media: Any) -> None:
            looping = LoopingClip(gst, clip)
            media.get_element().get_by_name("source").connect("need-data", looping.feed)

        factory.connect("media-configure", configure)
    factory.set_launch(f"( {source} ! {ENCODERS[kind]} )")
    return factory


def protect(modules: tuple[Any, Any], server: Any, factory: Any, user: str, password: str) -> None:
    """Ask for `user` and `password` by digest."""
    rtsp, server_module = modules
    token = server_module.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth = server_module.RTSPAuth()
    auth.set_supported_methods(rtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = server_module.RTSPPermissions()
    for right in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role("viewer", right, True)
    factory.set_permissions(permissions)


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=ENCODERS)
    parser.add_argument("--clip")
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    arguments = parser.parse_args()
    glib, gst, rtsp, server_module = load()
    server = server_module.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = make_factory(gst, server_module, arguments.kind, arguments.clip)
    if arguments.user:
        protect((rtsp, server_module), server, factory, arguments.user, arguments.password)
    server.get_mount_points().add_factory(PATH, factory)
    server.attach(None)
    loop = glib.MainLoop()

    def at_input(*_: Any) -> bool:
        if not os.read(sys.stdin.fileno(), 4096):
            loop.quit()
            return False
        return True

    glib.io_add_watch(sys.stdin, glib.IO_IN | glib.IO_HUP, at_input)
    answer({"port": server.get_bound_port()})
    loop.run()


if __name__ == "__main__":
    main()
