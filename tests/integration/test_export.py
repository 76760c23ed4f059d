"""Exports made by Ultralytics and run by their own runtimes."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from typer.testing import CliRunner

from heatwall.analysis.detector import Detector, ModelSpec, silence_ultralytics
from heatwall.analysis.exporter import ExportSpec, export_model
from heatwall.analysis.runtime import format_of, read_facts
from heatwall.cli import app
from heatwall.errors import HeatwallError, ModelError
from heatwall.export.pictures import pictures_for
from heatwall.export.plan import ExportPlan
from heatwall.export.run import check_export
from heatwall.simulator.weights import demo_weights
from heatwall.values import ByteArray
from support.detections import differ_by

DEMO = ModelSpec(str(demo_weights()), "cpu", None, imgsz=320, iou=0.5, max_det=300)
FIXED = ExportSpec("onnx", (192, 320), 4, is_dynamic=False, half=False, device="cpu")
SAME = 2e-3
"""Parts of the picture, and of confidence: what the order of sums may change."""


@pytest.fixture(scope="module", autouse=True)
def quiet(tmp_path_factory: pytest.TempPathFactory) -> None:
    silence_ultralytics(tmp_path_factory.mktemp("ultralytics"))


@pytest.fixture(scope="module")
def pictures() -> list[ByteArray]:
    return pictures_for(None, 320)[:9]


@pytest.fixture(scope="module")
def original() -> Detector:
    return Detector(DEMO)


@pytest.fixture(scope="module")
def fixed_onnx(tmp_path_factory: pytest.TempPathFactory) -> str:
    pytest.importorskip("onnxruntime")
    return str(export_model(DEMO.path, FIXED, tmp_path_factory.mktemp("fixed")))


def test_detections_are_those_of_ultralytics_own_pipeline(
    original: Detector, pictures: list[ByteArray]
) -> None:
    from ultralytics import YOLO

    model = YOLO(DEMO.path)
    padded = np.full((len(pictures), 192, 320, 3), 114, np.uint8)
    padded[:, 6:186] = np.stack(pictures)
    tensor = torch.from_numpy(padded).permute(0, 3, 1, 2).float() / 255
    theirs = model.predict(tensor, conf=0.1, iou=0.5, imgsz=(192, 320), device="cpu", verbose=False)

    ours = original.detect(pictures)

    assert sum(len(found) for found in ours) > 40
    for found, result in zip(ours, theirs, strict=True):
        rows = result.boxes.data.numpy()
        boxes = np.clip((rows[:, :4] - [0, 6, 0, 6]) / [320, 180, 320, 180], 0, 1)
        assert np.allclose(found.xyxy, boxes, atol=1e-4)
        assert np.allclose(found.confidence, rows[:, 4], atol=1e-4)
        assert found.class_id.tolist() == rows[:, 5].astype(int).tolist()


@pytest.mark.parametrize(
    ("kind", "package", "is_dynamic"),
    [
        ("onnx", "onnxruntime", True),
        ("openvino", "openvino", True),
        ("openvino", "openvino", False),
        ("torchscript", "torch", False),
    ],
)
def test_an_export_finds_what_the_original_finds(
    kind: str,
    package: str,
    is_dynamic: bool,
    original: Detector,
    pictures: list[ByteArray],
    tmp_path: Path,
) -> None:
    pytest.importorskip(package)
    spec = replace(FIXED, kind=kind, is_dynamic=is_dynamic)
    made = export_model(DEMO.path, spec, tmp_path)
    assert format_of(str(made)) == kind
    assert [path for path in tmp_path.iterdir() if path != made and path.suffix == ".pt"] == []

    exported = Detector(replace(DEMO, path=str(made)))

    assert exported.names == original.names
    for count in (1, 3, 9):
        for found, other in zip(
            exported.detect(pictures[:count]), original.detect(pictures[:count]), strict=True
        ):
            assert differ_by(found, other) < SAME


def test_an_export_for_one_batch_takes_more_and_fewer_frames(
    fixed_onnx: str, original: Detector, pictures: list[ByteArray]
) -> None:
    facts = read_facts(fixed_onnx)
    assert facts is not None
    assert (facts.task, facts.shape, facts.largest, facts.batch) == ("detect", (192, 320), 320, 4)

    exported = Detector(replace(DEMO, path=fixed_onnx))

    for count in (1, 4, 9):
        for found, other in zip(
            exported.detect(pictures[:count]), original.detect(pictures[:count]), strict=True
        ):
            assert differ_by(found, other) < SAME


def test_frames_that_do_not_fit_an_exports_shape_are_scaled(
    fixed_onnx: str, original: Detector, pictures: list[ByteArray]
) -> None:
    exported = Detector(replace(DEMO, path=fixed_onnx))
    tall = [np.concatenate([picture, picture[:60]]) for picture in pictures[:2]]

    scaled, whole = exported.detect(tall)[0], original.detect(tall)[0]

    sure = whole.xyxy[whole.confidence > 0.6]
    assert len(sure)
    near = np.abs(sure[:, None] - scaled.xyxy[None]).max(2).min(1)
    assert np.median(near) < 0.03


def test_larger_pictures_than_an_export_takes_are_refused_with_what_is_allowed(
    fixed_onnx: str,
) -> None:
    with pytest.raises(ModelError, match=r"model\.imgsz.*192x320.*found 640; allowed: up to 320"):
        Detector(replace(DEMO, path=fixed_onnx, imgsz=640))


def test_smaller_pictures_than_an_export_takes_are_served_and_told(
    fixed_onnx: str, pictures: list[ByteArray], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        exported = Detector(replace(DEMO, path=fixed_onnx, imgsz=160))

    assert "the rest is padding" in caplog.text
    assert len(exported.detect([np.ascontiguousarray(pictures[0][::2, ::2])])) == 1


def test_a_missing_runtime_is_told_with_what_to_install(
    fixed_onnx: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(ModelError, match=r"needs onnxruntime.*pip install 'heatwall\[onnx\]'"):
        Detector(replace(DEMO, path=fixed_onnx))


def test_an_export_for_another_task_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "shop_openvino_model"
    folder.mkdir()
    (folder / "metadata.yaml").write_text(yaml.safe_dump({"task": "segment", "imgsz": [320, 320]}))
    pytest.importorskip("openvino")

    with pytest.raises(ModelError, match="made for segment, not for detection"):
        Detector(replace(DEMO, path=str(folder)))


def test_an_export_that_finds_something_else_is_not_within_what_is_allowed(
    pictures: list[ByteArray], tmp_path: Path
) -> None:
    from ultralytics import YOLO

    spoilt = YOLO(DEMO.path)
    with torch.no_grad():
        for weight in spoilt.model.parameters():
            weight.mul_(1 + 0.1 * torch.randn(weight.shape, generator=torch.manual_seed(1)))
    spoilt.save(str(tmp_path / "spoilt.pt"))
    pytest.importorskip("onnxruntime")
    (tmp_path / "made").mkdir()
    made = export_model(str(tmp_path / "spoilt.pt"), FIXED, tmp_path / "made")

    result = check_export(ExportPlan(DEMO.path, FIXED, made), DEMO, pictures)

    assert result.is_judged
    assert not result.is_within


def test_the_command_makes_checks_and_says_what_to_write_in_the_config(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    out = tmp_path / "shop.onnx"
    out.write_text("an older one, which is replaced")

    done = CliRunner().invoke(app, ["export", "demo", "--format", "onnx", "-o", str(out)])

    assert done.exit_code == 0, done.output
    assert f"path: {out}" in done.output.replace("\n", "").replace("  path", " path")
    assert "imgsz: 320" in done.output
    assert "The export finds what the original finds." in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["shop.onnx"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", "engine"], "tensorrt|NVIDIA"),
        (["--format", "torchscript", "--half"], "TorchScript has half precision on a GPU only"),
        (["--format", "onnx", "--device", "cuda:63"], "CUDA devices"),
        (["--format", "onnx", "--device", "gpu"], "allowed: auto, cpu, cuda"),
        (["--format", "torchscript", "--check", "nothing.mp4"], "--check: does not exist"),
    ],
)
def test_what_this_machine_can_not_make_is_told_and_nothing_is_left(
    arguments: list[str], words: str, tmp_path: Path
) -> None:
    suffix = {"engine": "engine", "torchscript": "torchscript"}.get(arguments[1], "onnx")
    out = str(tmp_path / f"shop.{suffix}")
    device = [] if "--device" in arguments else ["--device", "cpu"]
    done = CliRunner().invoke(app, ["export", "demo", "-o", out, *device, *arguments])

    assert isinstance(done.exception, HeatwallError)
    assert re.search(words, str(done.exception))
    assert list(tmp_path.iterdir()) == []


def test_openvino_can_not_report_its_use() -> None:
    pytest.importorskip("openvino")
    script = (
        "import sys, pathlib, tempfile\n"
        "from heatwall.analysis.detector import silence_ultralytics\n"
        "silence_ultralytics(pathlib.Path(tempfile.mkdtemp()))\n"
        "import openvino\n"
        "print(sys.modules['openvino_telemetry'])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == "None"
