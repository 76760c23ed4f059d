"""A picture onto which flat faces in space are painted."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from heatwall.simulator.scene_camera import FloorCamera, Points
from heatwall.values import ByteArray


def _fit(texture: ByteArray, corners: npt.NDArray[np.float32]) -> ByteArray:
    """Shrink a texture to about the size it will have, so that it does not shimmer."""
    across = max(np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[2] - corners[3]))
    down = max(np.linalg.norm(corners[3] - corners[0]), np.linalg.norm(corners[2] - corners[1]))
    width = int(min(texture.shape[1], max(2, round(float(across)))))
    height = int(min(texture.shape[0], max(2, round(float(down)))))
    if (height, width) == texture.shape[:2]:
        return texture
    return np.asarray(cv2.resize(texture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


class Canvas:
    """A BGR picture and the camera that looks at it; owned by one thread.

    Attributes:
        camera: Projects metres to this picture's pixels.
        picture: uint8 (height, width, 3), painted in place.
    """

    def __init__(self, camera: FloorCamera, picture: ByteArray) -> None:
        self.camera = camera
        self.picture = picture

    def corners(self, points: Points) -> npt.NDArray[np.float32]:
        """Project corners (n, 3) in metres to float32 (n, 2) pixels."""
        return self.camera.project(points)[:, :2].astype(np.float32)

    def face(
        self, points: Points, texture: ByteArray, light: float = 1.0, mask: ByteArray | None = None
    ) -> None:
        """Paint a texture on a four-cornered face.

        Args:
            points: float64 (4, 3) metres: upper left, upper right, lower right, lower left.
            texture: uint8 (h, w, 3) BGR, or (h, w, 4) with alpha.
            light: Brightness factor of the face.
            mask: uint8 (height, width): receives the face's alpha, as an occluder's outline.
        """
        place = self.corners(points)
        high, wide = self.picture.shape[:2]
        left, top = np.maximum(np.floor(place.min(axis=0)).astype(int), 0)
        right, bottom = np.minimum(np.ceil(place.max(axis=0)).astype(int) + 1, (wide, high))
        if right - left < 1 or bottom - top < 1:
            return
        fitted = _fit(texture, place)
        source = np.array(
            [
                (0, 0),
                (fitted.shape[1], 0),
                (fitted.shape[1], fitted.shape[0]),
                (0, fitted.shape[0]),
            ],
            np.float32,
        )
        turn = cv2.getPerspectiveTransform(source, place - np.array([left, top], np.float32))
        size = (int(right - left), int(bottom - top))
        warped = cv2.warpPerspective(
            fitted, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        outline = np.zeros((size[1], size[0]), np.uint8)
        cv2.fillConvexPoly(
            outline, np.round((place - (left, top)) * 16).astype(np.int32), 255, cv2.LINE_8, 4
        )
        is_glass = warped.shape[2] == 4
        if is_glass:
            outline = cv2.min(outline, warped[..., 3])
        lit = cv2.convertScaleAbs(warped[..., :3], alpha=light)
        self._blend((left, top), lit, outline, is_glass)
        if mask is not None:
            region = mask[top:bottom, left:right]
            cv2.max(region, outline, region)

    def _blend(
        self, corner: tuple[int, int], lit: ByteArray, alpha: ByteArray, is_glass: bool
    ) -> None:
        """Put `lit` into the picture at `corner`, mixed by `alpha` where it is glass."""
        left, top = corner
        region = self.picture[top : top + alpha.shape[0], left : left + alpha.shape[1]]
        if not is_glass:
            cv2.copyTo(lit, alpha, region)
            return
        share = (alpha.astype(np.float32) / 255)[..., None]
        region[:] = (region * (1 - share) + lit * share + 0.5).astype(np.uint8)


def upright(
    left: tuple[float, float], right: tuple[float, float], z: tuple[float, float]
) -> Points:
    """Corners of an upright face between two floor places, in the order that `face` wants."""
    return np.array([(*left, z[1]), (*right, z[1]), (*right, z[0]), (*left, z[0])], np.float64)


def level(x: tuple[float, float], y: tuple[float, float], z: float) -> Points:
    """Corners of a level face, in the order that `face` wants (far edge first)."""
    return np.array(
        [(x[0], y[1], z), (x[1], y[1], z), (x[1], y[0], z), (x[0], y[0], z)], np.float64
    )
