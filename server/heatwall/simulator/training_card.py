"""The card that says what the demo model is, how it was made, how well it does."""

from __future__ import annotations

from dataclasses import dataclass

from heatwall.simulator.clip_recall import LEAST_VISIBLE, Recall
from heatwall.simulator.scene import CLASS_NAMES
from heatwall.simulator.training_pictures import FIRST_SEED, HELD_OUT_SEED


@dataclass(frozen=True, slots=True)
class Score:
    """How well a model does on held-out shops.

    Attributes:
        map50: Mean average precision at an overlap of 0.5, per class.
        map50_95: The same, averaged over overlaps 0.5 to 0.95.
        pictures: Number of pictures it was measured on.
    """

    map50: dict[str, float]
    map50_95: dict[str, float]
    pictures: int


@dataclass(frozen=True, slots=True)
class Training:
    """One training, finished and measured.

    Attributes:
        epochs: Passes over the pictures.
        pictures: Number of training pictures.
        first_seed: Seed of the first training shop; the others count on from it.
        minutes: Duration, rendering and measuring included.
        seed: Seed of the weights and of the order of pictures.
        image_px: Side of the square that the model sees.
        width: Channels relative to the full architecture.
        confidence: Confidence from which on a box counts as found in the demo's clips.
        size_bytes: Size of the weights file.
        score: On held-out shops.
        clips: On the demo's own cameras, by name.
        start: Name of the weights that were trained on from; None for from scratch.
    """

    epochs: int
    pictures: int
    first_seed: int
    minutes: float
    seed: int
    image_px: int
    width: float
    confidence: float
    size_bytes: int
    score: Score
    clips: dict[str, Recall]
    start: str | None


def _mean(figures: dict[str, float]) -> float:
    """Mean over the classes."""
    return sum(figures.values()) / max(1, len(figures))


def _facts(made: Training) -> tuple[tuple[str, str], ...]:
    """What the card says in its first table."""
    classes = ", ".join(f"{number} {name}" for number, name in enumerate(CLASS_NAMES))
    return (
        ("architecture", f"YOLO26 at width {made.width}, half of the smallest published size"),
        ("input", f"{made.image_px} px"),
        ("classes", classes),
        ("file", f"{made.size_bytes / 1e6:.2f} MB, half precision"),
        ("trained on", f"{made.pictures} rendered pictures, {made.epochs} epochs"),
        ("training took", f"{made.minutes:.0f} minutes on a CPU"),
        ("seeds of training shops", f"from {made.first_seed}"),
        ("seeds of held-out shops", f"from {HELD_OUT_SEED}"),
        ("seed of the weights", f"{made.seed}"),
        ("licence", "AGPL-3.0, as the Ultralytics code that it was trained with"),
    )


def _origin(made: Training) -> str:
    """Say how to make the weights again."""
    command = "python -m heatwall.simulator.train"
    command += f" --epochs {made.epochs} --pictures {made.pictures}"
    if made.first_seed != FIRST_SEED:
        command += f" --shops {made.first_seed}"
    if made.start is None:
        return f"Made with `{command}`."
    return f"Made with `{command} --start {made.start}`, which goes on from earlier weights."


def card(made: Training) -> str:
    """Write the model card as Markdown."""
    score = made.score
    rows = [
        f"| {name} | {score.map50[name]:.3f} | {score.map50_95[name]:.3f} |" for name in score.map50
    ]
    rows.append(f"| all | {_mean(score.map50):.3f} | {_mean(score.map50_95):.3f} |")
    clips = [
        f"| {name} | {found.people} | {found.recall:.3f} | {found.precision:.3f} |"
        for name, found in made.clips.items()
    ]
    facts = "\n".join(f"| {name} | {fact} |" for name, fact in _facts(made))
    held_out, cameras = "\n".join(rows), "\n".join(clips)
    return f"""# The demo model

`demo.pt` finds people and shopping carts in the simulated store cameras of Heatwall, so that the
demo and the tests need neither a download nor a GPU.

`demo.onnx` is the same model for ONNX Runtime, which the demo takes on a processor: a third to two
thirds of the work. Made with `heatwall export demo --format onnx --imgsz 192x320 -o demo.onnx`.

**It is not for real cameras.** It has never seen a photograph. For real cameras use `yolo26n.pt`
or larger.

| | |
|---|---|
{facts}

Measured on {score.pictures} pictures of held-out shops, which have other colours, goods, people,
camera heights:

| class | mAP50 | mAP50-95 |
|---|---|---|
{held_out}

Measured on the compressed clips of the demo's own cameras (seeds from 100, none of them trained
on), every fifth frame, at confidence {made.confidence}, for people of whom at least
{LEAST_VISIBLE:.0%} is visible:

| camera | people | recall | precision |
|---|---|---|---|
{cameras}

{_origin(made)}

The pictures are drawn by `heatwall.simulator.scene`; no picture, weight or label comes from
anywhere else. A thing is labelled when at least a fifth of it is visible; its box covers the whole
body as far as it lies in the picture, also where furniture or another person hides the legs, so
that the box ends where somebody stands.
"""
