"""The pinhole camera that turns places on the shop floor into picture pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
"""float64 (n, 3) metres: x to the right, y away from the camera, z up; or (n, 2) without z."""


@dataclass(frozen=True, slots=True)
class FloorCamera:
    """A camera that hangs above the origin of the floor and looks along +y, tilted down.

    Attributes:
        height_m: Height of the lens above the floor.
        pitch_deg: Tilt below the horizontal.
        yaw_deg: Turn to the right of +y.
        fov_deg: Horizontal field of view.
        width: Picture width in pixels.
        height: Picture height in pixels.
    """

    height_m: float
    pitch_deg: float
    yaw_deg: float
    fov_deg: float
    width: int
    height: int

    @property
    def focal_px(self) -> float:
        """Focal length in pixels of this picture size."""
        return self.width / 2 / math.tan(math.radians(self.fov_deg) / 2)

    def scaled(self, width: int, height: int) -> FloorCamera:
        """Return the same camera with another picture size."""
        return FloorCamera(self.height_m, self.pitch_deg, self.yaw_deg, self.fov_deg, width, height)

    def _turn(self) -> tuple[float, float, float, float]:
        """Sine and cosine of pitch, then of yaw."""
        pitch, yaw = math.radians(self.pitch_deg), math.radians(self.yaw_deg)
        return math.sin(pitch), math.cos(pitch), math.sin(yaw), math.cos(yaw)

    def project(self, points: Points) -> Points:
        """Project points in metres.

        Args:
            points: float64 (n, 3), metres.

        Returns:
            float64 (n, 3): pixel x, pixel y, and the depth along the optical axis in metres.
            Points nearer than 5 cm are pushed out to 5 cm, so that nothing flips over.
        """
        sin_p, cos_p, sin_y, cos_y = self._turn()
        x = points[:, 0] * cos_y - points[:, 1] * sin_y
        y = points[:, 0] * sin_y + points[:, 1] * cos_y
        z = points[:, 2] - self.height_m
        depth = np.maximum(y * cos_p - z * sin_p, 0.05)
        rise = y * sin_p + z * cos_p
        focal = self.focal_px
        return np.stack(
            [self.width / 2 + focal * x / depth, self.height / 2 - focal * rise / depth, depth],
            axis=1,
        )

    def normalised(self, floor: Points) -> Points:
        """Project floor places (n, 2) in metres to picture coordinates 0-1, float64 (n, 2)."""
        ground = np.column_stack([floor, np.zeros(len(floor))])
        return self.project(ground)[:, :2] / (self.width, self.height)

    def floor_grid(self) -> tuple[Points, Points, npt.NDArray[np.bool_]]:
        """Find the floor place that every pixel centre looks at.

        Returns:
            x and y in metres, each float64 (height, width), and a mask that is False at and above
            the horizon, where x and y are meaningless but finite.
        """
        sin_p, cos_p, sin_y, cos_y = self._turn()
        focal = self.focal_px
        across = (np.arange(self.width) + 0.5 - self.width / 2)[None, :] / focal
        upward = (self.height / 2 - np.arange(self.height) - 0.5)[:, None] / focal
        fall = sin_p - cos_p * upward
        is_floor = np.broadcast_to(fall > 0.01, (self.height, self.width))
        reach = self.height_m / np.maximum(fall, 0.01)
        ahead = reach * (cos_p + sin_p * upward)
        aside = reach * across
        return aside * cos_y + ahead * sin_y, -aside * sin_y + ahead * cos_y, is_floor
