"""Training of the demo model on rendered pictures: `python -m heatwall.simulator.train`."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
import yaml
from rich.console import Console

from heatwall.simulator.clip_recall import Recall, clip_recall
from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.scene import CLASS_NAMES
from heatwall.simulator.training_card import Score, Training, card
from heatwall.simulator.training_pictures import DETECT, FIRST_SEED, write_dataset
from heatwall.simulator.weights import IMAGE_PX
from heatwall.values import ByteArray, Detections

CONFIDENCE = 0.25
"""Confidence from which on a box counts as found in the demo's clips."""

_WIDTH = 0.125
"""Channels relative to the full YOLO26: half of the smallest published size."""

_SEED = 7
"""Seed of the weights and of the order of pictures."""

_MOST_BYTES = 1_500_000
"""Size above which the weights are not fit to live in the repository."""


def _quiet_ultralytics(folder: Path) -> None:
    """Keep Ultralytics off the network and its settings out of the user's home."""
    os.environ["YOLO_OFFLINE"] = "true"
    os.environ["YOLO_CONFIG_DIR"] = str(folder)
    os.environ["YOLO_AUTOINSTALL"] = "false"


def _model_sheet(folder: Path) -> Path:
    """Write the model's YAML: YOLO26 with one tiny scale, for our classes."""
    import ultralytics

    source = Path(ultralytics.__file__).parent / "cfg" / "models" / "26" / "yolo26.yaml"
    sheet = yaml.safe_load(source.read_text(encoding="utf-8"))
    sheet["scales"] = {"n": [0.5, _WIDTH, 512]}
    sheet["nc"] = len(CLASS_NAMES)
    sheet["end2end"] = False  # the one-to-one head needs far longer to learn to give one box each
    path = folder / "yolo26n-shop.yaml"
    path.write_text(yaml.safe_dump(sheet), encoding="utf-8")
    return path


def _fit(folder: Path, dataset: Path, epochs: int, start: Path | None) -> Path:
    """Train, from scratch or on from `start`; return the path of the best weights."""
    from ultralytics import YOLO

    model = YOLO(str(_model_sheet(folder)), task="detect")
    model.train(
        data=str(dataset),
        epochs=epochs,
        imgsz=IMAGE_PX,
        batch=16,
        nbs=16,  # every batch is a step: few pictures and a tiny model gain from many small steps
        device="cpu",
        workers=0,
        cache="ram",
        seed=_SEED,
        deterministic=True,
        amp=False,
        plots=False,
        pretrained=str(start) if start else False,
        optimizer="AdamW",
        lr0=0.002,
        lrf=0.02,
        cos_lr=True,
        warmup_epochs=1.5,
        mosaic=0.0,
        scale=0.35,
        translate=0.08,
        erasing=0.0,
        hsv_h=0.02,
        hsv_s=0.4,
        hsv_v=0.25,
        project=str(folder),
        name="run",
        exist_ok=True,
        verbose=False,
    )
    return folder / "run" / "weights" / "best.pt"


def _score(weights: Path, dataset: Path, folder: Path, pictures: int) -> Score:
    """Measure weights on the held-out shops."""
    from ultralytics import YOLO

    figures = YOLO(str(weights)).val(
        data=str(dataset),
        imgsz=IMAGE_PX,
        device="cpu",
        workers=0,
        plots=False,
        verbose=False,
        project=str(folder),
        name="val",
        exist_ok=True,
    )
    names = dict(enumerate(CLASS_NAMES))
    rows = [
        (names[int(i)], figures.box.class_result(n))
        for n, i in enumerate(figures.box.ap_class_index)
    ]
    return Score(
        {name: float(row[2]) for name, row in rows},
        {name: float(row[3]) for name, row in rows},
        pictures,
    )


def _clip_scores(weights: Path, folder: Path) -> dict[str, Recall]:
    """Look for the people in the clips of the demo's own cameras, which were not trained on."""
    from ultralytics import YOLO

    model = YOLO(str(weights))

    def detect(picture: ByteArray) -> Detections:
        boxes = model.predict(
            picture, imgsz=IMAGE_PX, conf=CONFIDENCE, device="cpu", verbose=False
        )[0].boxes
        return Detections(
            boxes.xyxyn.numpy().astype(np.float32),
            boxes.conf.numpy().astype(np.float32),
            boxes.cls.numpy().astype(np.int32),
        )

    clips = ensure_clips(4, directory=folder / "clips")
    return {clip.name: clip_recall(detect, clip, DETECT) for clip in clips}


def _slim(weights: Path, target: Path) -> None:
    """Save the weights alone, in half precision, free of paths and of training state.

    Raises:
        ValueError: When the file would be too large for the repository.
    """
    import torch
    import ultralytics

    stored: dict[str, Any] = torch.load(weights, map_location="cpu", weights_only=False)
    model = (stored.get("ema") or stored["model"]).half().eval()
    model.args = {"imgsz": IMAGE_PX, "task": "detect"}
    model.yaml.pop("yaml_file", None)
    model.pt_path = None
    for weight in model.parameters():
        weight.requires_grad = False
    kept = {
        "model": model,
        "ema": None,
        "optimizer": None,
        "epoch": -1,
        "train_args": {"imgsz": IMAGE_PX, "task": "detect", "data": "rendered", "model": "yolo26"},
        "version": ultralytics.__version__,
        "license": "AGPL-3.0",
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    torch.save(kept, partial)
    if partial.stat().st_size > _MOST_BYTES:
        raise ValueError(f"{partial} has {partial.stat().st_size} bytes, too many for the repo")
    partial.replace(target)


def main(
    out: Annotated[Path, typer.Option(help="Folder for demo.pt and its README.md.")],
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the pictures.")] = 25,
    pictures: Annotated[int, typer.Option(min=16, help="Training pictures to render.")] = 1600,
    held_out: Annotated[int, typer.Option(min=8, help="Pictures to measure on.")] = 240,
    start: Annotated[Path | None, typer.Option(help="Weights to train on from.")] = None,
    shops: Annotated[int, typer.Option(help="Seed of the first training shop.")] = FIRST_SEED,
) -> None:
    """Render pictures, train the demo model on them, measure it, save it with its card."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="heatwall-train-") as name:
        folder = Path(name)
        _quiet_ultralytics(folder)
        started = time.monotonic()
        dataset = write_dataset(folder / "shop", pictures, held_out, shops)
        console.print(f"{pictures + held_out} pictures in {time.monotonic() - started:.0f} s")
        weights = _fit(folder, dataset, epochs, start)
        _slim(weights, out / "demo.pt")
        score = _score(out / "demo.pt", dataset, folder, held_out)
        clips = _clip_scores(out / "demo.pt", folder)
        minutes = (time.monotonic() - started) / 60
    made = Training(
        epochs=epochs,
        pictures=pictures,
        first_seed=shops,
        minutes=minutes,
        seed=_SEED,
        image_px=IMAGE_PX,
        width=_WIDTH,
        confidence=CONFIDENCE,
        size_bytes=(out / "demo.pt").stat().st_size,
        score=score,
        clips=clips,
        start=start.name if start else None,
    )
    (out / "README.md").write_text(card(made), encoding="utf-8")
    console.print(card(made))


if __name__ == "__main__":
    typer.run(main)
