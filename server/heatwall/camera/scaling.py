"""Decoded frames at the sizes that the detector and the encoders want, by PyAV and OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import Interpolation, VideoReformatter

from heatwall.camera.source import DecodedFrame
from heatwall.overlay import Planes
from heatwall.values import ByteArray

_PLANAR = frozenset({"yuv420p"})
"""Formats whose planes are taken as they are; all others go through swscale once."""


class DetectScaler:
    """Scales frames to RGB for the detector, in one pass. Not thread-safe."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def scale(self, decoded: DecodedFrame, width: int, height: int) -> ByteArray:
        """Return uint8 (height, width, 3), RGB, a view valid until the frame is dropped."""
        frame = self._reformatter.reformat(
            decoded.frame, width, height, "rgb24", interpolation=Interpolation.AREA
        )
        plane = frame.planes[0]
        rows: ByteArray = np.frombuffer(memoryview(plane), np.uint8)
        return rows.reshape(height, plane.line_size)[:, : width * 3].reshape(height, width, 3)


class TileScaler:
    """Scales frames into the planes of an encoder's picture. Not thread-safe."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def scale(self, decoded: DecodedFrame, planes: Planes) -> None:
        """Fill `planes` with the frame at their size, limited range."""
        frame = decoded.frame
        height, width = planes[0].shape
        if frame.format.name not in _PLANAR:
            frame = self._reformatter.reformat(
                frame, width, height, "yuv420p", interpolation=Interpolation.AREA
            )
        for source, target in zip(frame_planes(frame), planes, strict=True):
            if source.shape == target.shape:
                np.copyto(target, source)
            else:
                cv2.resize(
                    source,
                    (target.shape[1], target.shape[0]),
                    dst=target,
                    interpolation=cv2.INTER_AREA,
                )


def frame_planes(frame: VideoFrame) -> Planes:
    """Return views of a yuv420p frame's planes, without their padding."""
    height, width = frame.height, frame.width
    half = ((height + 1) // 2, (width + 1) // 2)
    y, u, v = frame.planes
    return _view(y, (height, width)), _view(u, half), _view(v, half)


def _view(plane: VideoPlane, size: tuple[int, int]) -> ByteArray:
    # In one step: this is done for each frame, and a view of a view takes half as long again.
    return np.ndarray(size, np.uint8, memoryview(plane), strides=(plane.line_size, 1))
