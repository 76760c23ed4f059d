"""The same tile as it is written today: Ultralytics' heatmap on BGR, an encoder per viewer."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from aiortc.codecs.h264 import H264Encoder
from av.video.frame import VideoFrame

from bench.ours import TILE
from bench.people import tracks_at
from bench.setup import FPS
from heatwall.values import ByteArray

SIZE = (TILE.width, TILE.height)


def given_tracks_heatmap() -> Any:
    """Return an `ultralytics.solutions.Heatmap` that is told its tracks, and infers nothing.

    Only `extract_tracks` (model and tracker) is replaced. `process` is the library's own with its
    defaults: `heatmap_effect` for each box, normalise, colour map, blend over the whole picture.
    The constructor is left out, since it loads a model; what it sets is set here.
    """
    import torch
    from ultralytics.solutions.config import SolutionConfig
    from ultralytics.solutions.heatmap import Heatmap

    heatmap = Heatmap.__new__(Heatmap)
    heatmap.CFG = vars(SolutionConfig())
    heatmap.region = None
    heatmap.line_width = heatmap.CFG["line_width"]
    heatmap.colormap = heatmap.CFG["colormap"]
    heatmap.env_check = False
    heatmap.initialized = False
    heatmap.heatmap = None
    heatmap.in_count = heatmap.out_count = 0
    heatmap.classwise_count = {}
    heatmap.time_s = 0.0

    def extract_tracks(picture: ByteArray) -> None:
        height, width = picture.shape[:2]
        tracks = tracks_at(heatmap.time_s)
        pixels = tracks.xyxy * np.array([width, height, width, height], np.float32)
        heatmap.boxes = torch.from_numpy(pixels)
        heatmap.track_ids = tracks.track_id.tolist()
        heatmap.clss = tracks.class_id.tolist()

    heatmap.extract_tracks = extract_tracks
    return heatmap


def decoded_frames(clip: Path) -> Iterator[VideoFrame]:
    """Yield the clip's frames for ever, decoded with PyAV's defaults."""
    while True:
        with av.open(str(clip)) as container:
            yield from container.decode(video=0)


class NaiveTile:
    """The tile of one camera for a number of viewers.

    Args:
        clip: What the camera sends.
        viewers: How many have an encoder.
    """

    def __init__(self, clip: Path, viewers: int) -> None:
        self._frames = decoded_frames(clip)
        self._heatmap = given_tracks_heatmap()
        self._encoders = [H264Encoder() for _ in range(viewers)]
        self._number = 0

    def show(self, frames: int) -> None:
        """Bring the next frames of the camera to all viewers."""
        for _ in range(frames):
            small = cv2.resize(next(self._frames).to_ndarray(format="bgr24"), SIZE)
            self.encode(self.heated(small))

    def heated(self, small: ByteArray) -> ByteArray:
        """Return the picture with the heat of the next instant over it."""
        self._heatmap.time_s = self._number / FPS
        picture: ByteArray = self._heatmap.process(small).plot_im
        return picture

    def encode(self, picture: ByteArray) -> None:
        """Make the picture a frame, as a track gives it to aiortc, and encode it per viewer."""
        frame = VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts = self._number
        frame.time_base = Fraction(1, FPS)
        self._number += 1
        for encoder in self._encoders:
            encoder.encode(frame)
