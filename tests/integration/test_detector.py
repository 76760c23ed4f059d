"""The real model on rendered scenes with known truth."""

from __future__ import annotations

import av
import numpy as np
import pytest
import torch

from heatwall.analysis.detector import Detector, ModelSpec, silence_ultralytics
from heatwall.analysis.replay import Replays
from heatwall.analysis.tracker import Tracker
from heatwall.errors import ModelError
from heatwall.simulator.clips import Clip, ensure_clips
from heatwall.simulator.truth import load_truth
from heatwall.simulator.weights import demo_export, demo_weights
from heatwall.values import ByteArray, Detections


def spec(path: str, **changes: object) -> ModelSpec:
    settings: dict[str, object] = {
        "path": path,
        "device": "cpu",
        "half": None,
        "imgsz": 320,
        "iou": 0.7,
        "max_det": 300,
    }
    return ModelSpec(**(settings | changes))  # type: ignore[arg-type]  # a builder of keywords


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    silence_ultralytics(tmp_path_factory.mktemp("ultralytics"))
    return Detector(spec(str(demo_weights())))


@pytest.fixture(scope="module")
def clips() -> list[Clip]:
    return ensure_clips(4)


def frames_of(clip: Clip, every: int) -> list[tuple[int, ByteArray]]:
    """Return every n-th frame as the worker would scale it, with its number."""
    found = []
    with av.open(str(clip.path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % every == 0:
                pixels = frame.reformat(320, 180, "rgb24", interpolation="AREA").to_ndarray()
                found.append((number, pixels.astype(np.uint8)))
    return found


def empty_pictures(count: int, height: int, width: int) -> torch.Tensor:
    """Return memory for a batch."""
    return torch.zeros((count, height, width, 3), dtype=torch.uint8)


def overlap(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the intersection over union of a box with each of the others."""
    if not len(others):
        return np.zeros(0)
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    both = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1) + np.prod(box[2:] - box[:2])
    return np.asarray(both / (areas - both))


def people(found: Detections) -> np.ndarray:
    boxes: np.ndarray = found.xyxy[(found.class_id == 0) & (found.confidence >= 0.25)]
    return boxes


def test_the_demo_model_finds_the_people_of_every_view(
    detector: Detector, clips: list[Clip]
) -> None:
    for clip in clips:
        truth, wanted, hits, given, right = load_truth(clip.truth_path), 0, 0, 0, 0
        for number, pixels in frames_of(clip, every=24):
            boxes = people(detector.detect([pixels])[0])
            seen = [np.array(person.whole) for person in truth.people(number, least_visible=0.5)]
            everyone = np.array([person.whole for person in truth.people(number)]).reshape(-1, 4)
            wanted += len(seen)
            hits += sum(bool((overlap(box, boxes) > 0.4).any()) for box in seen)
            given += len(boxes)
            right += sum(bool((overlap(box, everyone) > 0.3).any()) for box in boxes)
        assert wanted > 20
        assert hits / wanted > 0.85, clip.name
        assert right / given > 0.85, clip.name


def test_a_batch_gives_what_single_frames_give(detector: Detector, clips: list[Clip]) -> None:
    frames = [pixels for _, pixels in frames_of(clips[0], every=120)]

    batch = detector.detect(frames)

    for frame, found in zip(frames, batch, strict=True):
        alone = detector.detect([frame])[0]
        assert len(people(alone)) == len(people(found))
        assert np.allclose(people(alone), people(found), atol=0.01)


def test_a_batch_that_is_filled_up_gives_what_the_frames_give(
    detector: Detector, clips: list[Clip], monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = [pixels for clip in clips for _, pixels in frames_of(clip, every=120)]
    plain = {count: detector.detect(frames[:count]) for count in (1, 3, 5)}

    replays = Replays(detector._forward, empty_pictures, None, 256)  # as on a GPU
    monkeypatch.setattr(detector, "_replays", replays)

    for count in (5, 3, 1, 5):  # what fills up is of the batch before
        for mine, theirs in zip(detector.detect(frames[:count]), plain[count], strict=True):
            np.testing.assert_allclose(mine.xyxy, theirs.xyxy, atol=1e-4)
            np.testing.assert_allclose(mine.confidence, theirs.confidence, atol=1e-4)
            assert mine.class_id.tolist() == theirs.class_id.tolist()


def test_frames_of_any_size_are_taken(detector: Detector, clips: list[Clip]) -> None:
    _, pixels = frames_of(clips[0], every=1000)[0]
    cut = np.ascontiguousarray(pixels[:133, :301])

    found = detector.detect([cut])[0]

    assert found.xyxy.min(initial=0) >= 0
    assert found.xyxy.max(initial=1) <= 1


def test_two_cameras_never_share_the_identity_of_a_track(
    detector: Detector, clips: list[Clip]
) -> None:
    trackers = [Tracker("bytetrack", 0.25, 10) for _ in range(2)]
    mixed: list[list[list[int]]] = [[], []]
    streams = [frames_of(clip, every=3)[:30] for clip in clips[:2]]
    for step, pair in enumerate(zip(*streams, strict=True)):
        batch = detector.detect([pixels for _, pixels in pair])
        for camera, found in enumerate(batch):
            tracks = trackers[camera].update(found, step * 0.2)
            mixed[camera].append(tracks.track_id.tolist())

    alone = Tracker("bytetrack", 0.25, 10)
    for step, (_, pixels) in enumerate(streams[1]):
        found = detector.detect([pixels])[0]
        assert alone.update(found, step * 0.2).track_id.tolist() == mixed[1][step]


def test_a_model_that_can_not_be_had_is_a_clear_error() -> None:
    for path, words in (
        ("folder/nothing.pt", "no model at folder/nothing.pt"),
        ("tests/unit/test_heat.py", "no detection model"),
        ("configs/store.yaml", "holds no weights"),
    ):
        with pytest.raises(ModelError, match=words):
            Detector(spec(path))


def test_a_device_that_is_not_there_is_a_clear_error() -> None:
    with pytest.raises(ModelError, match="CUDA devices"):
        Detector(spec(str(demo_weights()), device="cuda:63"))


def test_the_demo_models_export_finds_what_its_weights_find(
    detector: Detector, clips: list[Clip]
) -> None:
    export = Detector(spec(str(demo_export())))
    frames = [pixels for clip in clips[:2] for _, pixels in frames_of(clip, 60)]

    for mine, theirs in zip(export.detect(frames), detector.detect(frames), strict=True):
        np.testing.assert_allclose(mine.xyxy, theirs.xyxy, atol=2e-3)
        np.testing.assert_allclose(mine.confidence, theirs.confidence, atol=5e-3)
        assert mine.class_id.tolist() == theirs.class_id.tolist()
    assert export.names == detector.names
