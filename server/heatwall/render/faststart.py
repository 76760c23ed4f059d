"""Putting the index of an MP4 before its pictures, by PyAV."""

from __future__ import annotations

from pathlib import Path

import av
import av.error


def write_faststart(source: Path, target: Path, kind: str) -> bool:
    """Copy a video so that it can be played before all of it has come over a network.

    Nothing is decoded; it takes as long as copying the file twice.

    Args:
        source: The video, one stream.
        target: Where the copy goes; nothing is left there when it fails.
        kind: What libavformat calls the format, `mp4` or `mov`.

    Returns:
        Whether there was room for the copy.
    """
    options = {"movflags": "faststart"}
    try:
        with (
            av.open(f"file:{source}") as reading,
            av.open(f"file:{target}", "w", format=kind, options=options) as writing,
        ):
            stream = writing.add_stream_from_template(reading.streams.video[0])
            for packet in reading.demux(video=0):
                if packet.dts is not None:  # the last one, which only says that there are no more
                    packet.stream = stream
                    writing.mux(packet)
    except (av.error.FFmpegError, OSError):
        target.unlink(missing_ok=True)
        return False
    return True
