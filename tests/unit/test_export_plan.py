"""What the options of `heatwall export` mean."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from heatwall.errors import ConfigError
from heatwall.export.plan import ExportPlan, Wishes, make_plan

PLAIN = Wishes("onnx", None, 16, None, half=False, device="cpu", out=None)


def plan(wishes: Wishes, model: str = "shop.pt") -> ExportPlan:
    return make_plan(model, model, wishes, 640)


@pytest.mark.parametrize(
    ("text", "shape"),
    [(None, (640, 640)), ("320", (320, 320)), ("384x640", (384, 640)), ("384,640", (384, 640))],
)
def test_sizes_are_written_as_ultralytics_has_them(
    text: str | None, shape: tuple[int, int]
) -> None:
    assert plan(replace(PLAIN, imgsz=text)).spec.shape == shape


@pytest.mark.parametrize(
    ("kind", "name", "is_dynamic"),
    [
        ("onnx", "shop.onnx", True),
        ("openvino", "shop_openvino_model", True),
        ("TensorRT", "shop.engine", False),
        ("torchscript", "shop.torchscript", False),
    ],
)
def test_a_format_names_the_file_and_says_whether_any_shape_goes(
    kind: str, name: str, is_dynamic: bool
) -> None:
    made = plan(replace(PLAIN, kind=kind))

    assert str(made.out) == name
    assert made.spec.is_dynamic is is_dynamic


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        (replace(PLAIN, kind="tflite"), "--format.*found tflite; allowed: onnx, openvino, engine"),
        (replace(PLAIN, imgsz="100"), "--imgsz.*found 100; allowed: one multiple of 32"),
        (replace(PLAIN, imgsz="640x"), "--imgsz"),
        (replace(PLAIN, imgsz="32x32x32"), "--imgsz"),
        (replace(PLAIN, imgsz="4096"), "--imgsz"),
        (replace(PLAIN, batch=0), "--batch.*allowed: a whole number from 1 to 256"),
        (replace(PLAIN, kind="torchscript", is_dynamic=True), "--dynamic"),
        (replace(PLAIN, out=Path("shop.trt")), r"--output.*ends in \.onnx"),
        (replace(PLAIN, out=Path("nowhere/shop.onnx")), "folder does not exist"),
    ],
)
def test_what_can_not_be_is_told_with_what_is_allowed(wishes: Wishes, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        plan(wishes)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        plan(replace(PLAIN, kind="x", imgsz="y", batch=-1))

    assert len(caught.value.faults) == 3


def test_an_export_is_not_exported_again() -> None:
    with pytest.raises(ConfigError, match=r"MODEL.*is an export already"):
        plan(PLAIN, "shop.onnx")


def test_a_folder_that_no_export_made_is_not_replaced(tmp_path: Path) -> None:
    out = tmp_path / "shop_openvino_model"
    out.mkdir()
    wishes = replace(PLAIN, kind="openvino", out=out)
    plan(wishes)
    (out / "holiday.jpg").touch()

    with pytest.raises(ConfigError, match="is a folder that no export made"):
        plan(wishes)
    (out / "metadata.yaml").touch()
    plan(wishes)
