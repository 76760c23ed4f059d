"""The detector on a real GPU; nothing here can be said without one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pytest
from torch import cuda, inference_mode

from bench.gpu import detect_frames
from heatwall.analysis.detector import Detector, ModelSpec, silence_ultralytics
from heatwall.analysis.letterbox import place
from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.weights import DEMO_IOU, IMAGE_PX, demo_weights
from heatwall.values import ByteArray, Detections

pytestmark = pytest.mark.skipif(not cuda.is_available(), reason="needs a GPU with CUDA")

MODEL = ModelSpec(str(demo_weights()), "cuda:0", None, IMAGE_PX, DEMO_IOU, 300)
MIXED = (1, 16, 3, 2, 8, 5, 1, 11, 16, 4, 20, 7)
"""Sizes of batches in no order: what one leaves behind must not be seen in the next."""

FEW = (1, 4, 3, 1, 4, 3)
"""The same for a model that nothing else has called yet: each size and shape costs a second."""


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> list[ByteArray]:
    """Pictures of a camera as the worker scales them."""
    silence_ultralytics(tmp_path_factory.mktemp("ultralytics"))
    folder = tmp_path_factory.mktemp("clips")
    clip = ensure_clips(1, directory=folder, loop_s=2.0, width=320, height=180)[0]
    return detect_frames(clip.path, IMAGE_PX, 30)


def batches(frames: list[ByteArray], sizes: Sequence[int]) -> list[list[ByteArray]]:
    """Return batches of these sizes, every second one of pictures of another shape."""
    endless = cycle(frames)
    found = []
    for index, size in enumerate(sizes):
        batch = list(islice(endless, size))
        if index % 2:
            batch = [np.ascontiguousarray(frame[:, 40:280]) for frame in batch]
        found.append(batch)
    return found


def assert_same(mine: list[Detections], theirs: list[Detections], within: float) -> None:
    """Look for the like of all that is surely a person, to and fro."""
    for one, other in zip(mine, theirs, strict=True):
        for these, those in ((one, other), (other, one)):
            here, there = _rows(these, 0.5), _rows(those, 0.4)
            apart = np.abs(here[:, None] - there[None]).max(2)
            assert (apart.min(1, initial=1.0) <= within).all()


def _rows(found: Detections, least: float) -> np.ndarray:
    """Return box and score, (n, 5), of those that score at least so much."""
    rows = np.concatenate([found.xyxy, found.confidence[:, None]], 1)
    return np.asarray(rows[found.confidence >= least])


@pytest.mark.parametrize("is_half", [True, False])
def test_recorded_steps_find_what_the_steps_one_by_one_find(
    frames: list[ByteArray], *, is_half: bool
) -> None:
    model = replace(MODEL, half=is_half)
    recorded, plain = Detector(model), Detector(model, is_recorded=False)
    recorded.prepare(16)
    plain.prepare(16)

    for batch in batches(frames, MIXED * 2):
        mine, theirs = recorded.detect(batch), plain.detect(batch)
        assert len(mine) == len(batch)
        assert_same(mine, theirs, 1e-3)


def test_a_batch_that_is_filled_up_finds_what_each_frame_finds_alone(
    frames: list[ByteArray],
) -> None:
    detector = Detector(replace(MODEL, half=False))

    for batch in batches(frames, (3, 5, 7)):
        alone = [detector.detect([frame])[0] for frame in batch]
        assert_same(detector.detect(batch), alone, 0.01)


def test_the_demo_models_steps_can_be_recorded(
    frames: list[ByteArray], caplog: pytest.LogCaptureFixture
) -> None:
    detector = Detector(MODEL)
    detector.prepare(16)

    detector.detect(frames[:3])

    assert not [line for line in caplog.messages if "one by one" in line]


def test_a_larger_model_of_many_classes_can_be_recorded_too(
    frames: list[ByteArray], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from ultralytics import YOLO

    path = tmp_path / "untrained.pt"
    YOLO("yolo26n.yaml", task="detect").save(str(path))
    spec = replace(MODEL, path=str(path), half=False)
    recorded, plain = Detector(spec), Detector(spec, is_recorded=False)

    for batch in batches(frames, FEW):
        mine, theirs = _output(recorded, batch), _output(plain, batch)
        assert mine.shape[:2] == (len(batch), 84)
        np.testing.assert_allclose(mine, theirs, atol=0.05)  # pixels, and scores
        np.testing.assert_allclose(mine[:, 4:], theirs[:, 4:], atol=1e-3)

    assert not [line for line in caplog.messages if "one by one" in line]


def _output(detector: Detector, batch: list[ByteArray]) -> np.ndarray:
    """Return what the model says of a batch, (n, 4 + classes, anchors)."""
    height, width = batch[0].shape[:2]
    with inference_mode():
        laid = detector._lay(batch, place(width, height, 32, None))
        return np.asarray(detector._run(laid).float().cpu())
