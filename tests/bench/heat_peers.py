"""The heatmaps of other libraries, fed with the same people as ours."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.naive import given_tracks_heatmap
from bench.peers import supervision_module
from bench.people import tracks_at


class UltralyticsHeat:
    """Ultralytics' `solutions.Heatmap` on pictures of one size, its tracks given.

    Args:
        width: Pixels.
        height: Pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        import torch

        self._heatmap = given_tracks_heatmap()
        self._picture = np.full((height, width, 3), 90, np.uint8)
        self._heatmap.process(self._picture)
        pixels = tracks_at(0.0).xyxy * np.array([width, height] * 2, np.float32)
        self._boxes = torch.from_numpy(pixels)

    @property
    def nbytes(self) -> int:
        """Memory of its state, bytes."""
        return int(self._heatmap.heatmap.nbytes)

    def update(self) -> None:
        """Add the heat of all people, as its `process` does."""
        for box in self._boxes:
            self._heatmap.heatmap_effect(box)

    def process(self) -> None:
        """Take a picture and return it with heat."""
        self._heatmap.process(self._picture)


class SupervisionHeat:
    """supervision's `HeatMapAnnotator` with its defaults on pictures of one size.

    Args:
        supervision: The module.
        width: Pixels.
        height: Pixels.
    """

    def __init__(self, supervision: Any, width: int, height: int) -> None:
        self._annotator = supervision.HeatMapAnnotator()
        self._picture = np.full((height, width, 3), 90, np.uint8)
        tracks = tracks_at(0.0)
        self._detections = supervision.Detections(
            xyxy=tracks.xyxy * np.array([width, height] * 2, np.float32),
            class_id=tracks.class_id.astype(int),
            tracker_id=tracks.track_id.astype(int),
        )
        self.annotate()

    @property
    def nbytes(self) -> int:
        """Memory of its state, bytes."""
        return int(self._annotator.heat_mask.nbytes)

    def annotate(self) -> None:
        """Add the heat of all people and lay it over a picture."""
        self._annotator.annotate(self._picture.copy(), self._detections)


def supervision_heat(width: int, height: int) -> SupervisionHeat | None:
    """Return supervision's heatmap, or None where it can't be had; see `bench.peers`."""
    supervision = supervision_module()
    return None if supervision is None else SupervisionHeat(supervision, width, height)
