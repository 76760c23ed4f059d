from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from torch import cuda

from bench import gpu
from bench.setup import Setup
from heatwall.analysis.detector import ModelSpec
from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.weights import DEMO_IOU, IMAGE_PX, demo_weights

MODEL = ModelSpec(str(demo_weights()), "cpu", None, IMAGE_PX, DEMO_IOU, 300)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a camera."""
    folder = tmp_path_factory.mktemp("clips")
    return ensure_clips(1, directory=folder, loop_s=2.0, width=320, height=180)[0].path


def test_without_a_gpu_nothing_is_measured_and_the_rows_say_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cuda, "is_available", lambda: False)

    setup = Setup(tmp_path / "none.mp4", tmp_path)
    rows = gpu.measure(setup).rows + gpu.measure_analyst(setup).rows

    assert [row.value for row in rows] == [None, None]
    assert all("no GPU" in row.note for row in rows)


def test_each_batch_is_measured_in_both_precisions(clip: Path) -> None:
    subject = gpu.Subject("demo model", MODEL, 3000.0)

    rows = gpu.detection_rows(subject, clip, batches=(1, 16), rounds=1)

    rates = [row for row in rows if row.unit == "frames/s"]
    assert [row.name.partition(" px, ")[2] for row in rates] == [
        "half precision, 1 at once",
        "half precision, 1 at once, step by step",
        "half precision, 16 at once",
        "half precision, 16 at once, step by step",
        "full precision, 1 at once",
        "full precision, 16 at once",
    ]
    assert [row.target for row in rates] == [None, None, 3000.0, None, None, None]
    assert all(row.value for row in rows)


def test_the_processors_boxes_are_all_found_by_the_processor(clip: Path) -> None:
    row = gpu.agreement_row(MODEL, clip)

    assert row.value == 100
    assert not row.note.startswith("0 ")


def test_boxes_apart_do_not_overlap_and_a_half_shared_one_does_by_a_third() -> None:
    left = np.array([[0, 0, 2, 2]], np.float32)
    others = np.array([[0, 0, 2, 2], [1, 0, 3, 2], [5, 5, 6, 6]], np.float32)

    assert gpu._overlap(left, others)[0].tolist() == pytest.approx([1, 1 / 3, 0])


def test_the_analyst_is_busy_with_all_cameras(clip: Path) -> None:
    rows = gpu.analyst_rows(MODEL, clip, batch=4, cameras=3, seconds=0.5)

    assert rows[0].value
    assert rows[0].target == 3000
    assert [row.name.rpartition(": ")[2] for row in rows[2:]] == ["infer", "track_and_heat"]
    assert all(row.value for row in rows)
