"""From raw output to detections, beside Ultralytics' own way."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from ultralytics.utils.nms import non_max_suppression

from heatwall.analysis.letterbox import place
from heatwall.analysis.suppression import Selection, select

PLACED = place(320, 192, 32, None)


def selection(**changes: object) -> Selection:
    settings = {"confidence": 0.1, "iou": 0.5, "max_det": 300, "is_final": False}
    return Selection(**(settings | changes))  # type: ignore[arg-type]  # a builder of keywords


def raw_output(frames: int, classes: int, anchors: int, seed: int) -> torch.Tensor:
    """Return crowded boxes (frames, 4 + classes, anchors), of which few score."""
    rng = np.random.default_rng(seed)
    centre = rng.uniform(20, 170, (frames, 2, anchors))
    size = rng.uniform(10, 60, (frames, 2, anchors))
    scores = rng.uniform(0, 1, (frames, classes, anchors)) ** 4
    return torch.tensor(np.concatenate([centre, size, scores], 1), dtype=torch.float32)


@pytest.mark.parametrize(("frames", "classes"), [(1, 1), (3, 2), (5, 80)])
def test_what_ultralytics_keeps_is_kept(frames: int, classes: int) -> None:
    raw = raw_output(frames, classes, 400, seed=classes)
    theirs = non_max_suppression(raw.clone(), 0.1, 0.5, max_det=20)

    ours = select(raw, selection(max_det=20), PLACED, torch)

    assert len(ours) == frames
    for found, rows in zip(ours, theirs, strict=True):
        boxes = np.clip(rows[:, :4].numpy() / np.array([320, 192] * 2), 0, 1)
        assert len(found) == 20
        assert np.allclose(found.xyxy, boxes, atol=1e-5)
        assert np.allclose(found.confidence, rows[:, 4].numpy())
        assert found.class_id.tolist() == rows[:, 5].int().tolist()


def test_frames_without_anything_have_no_detections_and_the_others_keep_theirs() -> None:
    raw = torch.zeros(3, 6, 50)
    raw[1, :, 7] = torch.tensor([160, 96, 32, 19.2, 0, 0.9])

    found = select(raw, selection(), PLACED, torch)

    assert [len(one) for one in found] == [0, 1, 0]
    assert np.allclose(found[1].xyxy, [[0.45, 0.45, 0.55, 0.55]])
    assert found[1].class_id.tolist() == [1]
    assert [len(one) for one in select(raw * 0, selection(), PLACED, torch)] == [0, 0, 0]


def test_what_an_end_to_end_head_chose_is_only_filtered() -> None:
    rows = torch.tensor(
        [[[0, 0, 32, 19.2, 0.9, 1], [0, 0, 32, 19.2, 0.8, 1], [0, 0, 9, 9, 0.1, 0]]]
    )

    for is_final in (True, False):  # six numbers a row tell it, too
        found = select(rows.half(), selection(is_final=is_final), PLACED, torch)[0]
        assert found.confidence.tolist() == pytest.approx([0.9, 0.8], abs=1e-3)
        assert found.class_id.tolist() == [1, 1]
    assert len(select(rows, selection(max_det=1), PLACED, torch)[0]) == 1
