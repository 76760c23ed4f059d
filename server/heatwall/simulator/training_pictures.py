"""Rendered pictures with labels, as a detector learns from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from heatwall.simulator.scene import CLASS_NAMES, Sighting
from heatwall.simulator.store_views import random_view
from heatwall.values import ByteArray

RENDERED = (640, 360)
"""Size at which training pictures are rendered."""

DETECT = (320, 180)
"""Size at which they are stored: that of the detect frame at run time, made the same way."""

FIRST_SEED = 1_000_000
"""First seed of a training shop; the shops of the demo and the tests have seeds below 1000."""

HELD_OUT_SEED = 2_000_000
"""First seed of a shop that only the evaluation sees."""

_PER_SHOP = 16
"""Pictures taken in one shop: painting the empty shop costs as much as fifty pictures."""

_LOOP_S = 24.0
"""Length of a training shop's loop."""

_LEAST_VISIBLE = 0.2
"""A thing of which less is visible is not labelled."""

_LEAST_PX = (3.0, 6.0)
"""A box narrower or lower than this in the detect frame is not labelled."""


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled box.

    Attributes:
        kind: Class number.
        box: Left, top, right, bottom in pixels of its picture.
    """

    kind: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Labelled:
    """One training picture.

    Attributes:
        picture: uint8 (h, w, 3) BGR.
        labels: What is in it.
    """

    picture: ByteArray
    labels: tuple[Label, ...]

    def lines(self) -> str:
        """Return lines `class x y width height`, centre and size 0-1, as Ultralytics reads them."""
        high, wide = self.picture.shape[:2]
        rows = []
        for label in self.labels:
            left, top, right, bottom = label.box
            middle = ((left + right) / 2 / wide, (top + bottom) / 2 / high)
            size = ((right - left) / wide, (bottom - top) / high)
            rows.append(" ".join([str(label.kind), *(f"{part:.6f}" for part in (*middle, *size))]))
        return "\n".join(rows)


def labels_of(sightings: tuple[Sighting, ...]) -> tuple[Label, ...]:
    """Label every thing that is visible and large enough to be learnt, in detect-frame pixels.

    A label covers the whole body, also where furniture hides the legs (as full-body boxes in
    CrowdHuman, Shao et al., 2018, do): the heat needs to know where somebody stands.
    """
    found = []
    for seen in sightings:
        left, top, right, bottom = (
            edge * size for edge, size in zip(seen.whole, DETECT * 2, strict=True)
        )
        is_small = right - left < _LEAST_PX[0] or bottom - top < _LEAST_PX[1]
        if seen.visible >= _LEAST_VISIBLE and not is_small:
            found.append(Label(seen.kind, (left, top, right, bottom)))
    return tuple(found)


def stacked(upper: Labelled, lower: Labelled, first_row: int) -> Labelled:
    """Fill a square with one whole picture and a band of another below it.

    A detector is trained on squares; a wide picture alone would leave almost half of each empty.

    Args:
        upper: Shown whole.
        lower: Shown from `first_row` on, as far as there is room.
        first_row: First row of `lower` that is shown.
    """
    room = DETECT[0] - DETECT[1]
    labels = list(upper.labels)
    for label in lower.labels:
        left, top, right, bottom = label.box
        shown = (max(0.0, top - first_row), min(float(room), bottom - first_row))
        if shown[1] - shown[0] > max(_LEAST_PX[1], 0.25 * (bottom - top)):
            box = (left, shown[0] + DETECT[1], right, shown[1] + DETECT[1])
            labels.append(Label(label.kind, box))
    band = lower.picture[first_row : first_row + room]
    return Labelled(np.concatenate([upper.picture, band]), tuple(labels))


def degraded(picture: ByteArray, rng: np.random.Generator) -> ByteArray:
    """Make a clean picture look like one from a camera: exposure, tint, noise, compression.

    Returns:
        uint8 (180, 320, 3), averaged down as the run time does it.
    """
    gain = rng.uniform(0.72, 1.22) * rng.uniform(0.97, 1.03, 3)
    lit = np.clip(picture * gain + rng.uniform(-14, 14), 0, 255)
    lit = 255 * (lit / 255) ** rng.uniform(0.85, 1.18)
    noisy = lit + rng.normal(0, rng.uniform(0.5, 5), picture.shape)
    grainy = np.clip(noisy, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        grainy = np.asarray(cv2.GaussianBlur(grainy, (0, 0), rng.uniform(0.4, 1.1)), np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(38, 93))]
    _, packed = cv2.imencode(".jpg", grainy, quality)
    decoded = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    way = cv2.INTER_AREA if rng.random() < 0.5 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(decoded, DETECT, interpolation=way), np.uint8)


def training_pictures(count: int, first_seed: int) -> Iterator[Labelled]:
    """Render `count` pictures of shops with seeds from `first_seed` on."""
    for shop in range(-(-count // _PER_SHOP)):
        scene = random_view(first_seed + shop, *RENDERED).scene(_LOOP_S)
        rng = np.random.default_rng(first_seed + shop)
        for _ in range(min(_PER_SHOP, count - shop * _PER_SHOP)):
            picture, sightings = scene.picture(float(rng.uniform(0, _LOOP_S)))
            yield Labelled(degraded(picture, rng), labels_of(sightings))


def training_squares(count: int, first_seed: int) -> Iterator[Labelled]:
    """Render `count` pictures and stack each with a band of one that came before it."""
    rng = np.random.default_rng(first_seed)
    room = DETECT[0] - DETECT[1]
    earlier: list[Labelled] = []
    for item in training_pictures(count, first_seed):
        earlier.append(item)
        other = earlier[int(rng.integers(len(earlier)))]
        yield stacked(item, other, int(rng.integers(DETECT[1] - room + 1)))


def _write(folder: Path, split: str, items: Iterator[Labelled]) -> None:
    """Write one part of a data set."""
    images, labels = folder / "images" / split, folder / "labels" / split
    images.mkdir(parents=True, exist_ok=True)
    labels.mkdir(parents=True, exist_ok=True)
    for number, item in enumerate(items):
        quality = [cv2.IMWRITE_JPEG_QUALITY, 97]
        cv2.imwrite(str(images / f"{number:05}.jpg"), item.picture, quality)
        (labels / f"{number:05}.txt").write_text(item.lines(), encoding="utf-8")


def write_dataset(folder: Path, pictures: int, held_out: int, first_seed: int = FIRST_SEED) -> Path:
    """Write a data set in Ultralytics' layout.

    Args:
        folder: Where to; made when missing.
        pictures: Number of training pictures.
        held_out: Number of pictures for evaluation, from shops that are not trained on.
        first_seed: First seed of the training shops.

    Returns:
        The path of its YAML file.
    """
    _write(folder, "train", training_squares(pictures, first_seed))
    _write(folder, "val", training_pictures(held_out, HELD_OUT_SEED))
    names = "\n".join(f"  {number}: {name}" for number, name in enumerate(CLASS_NAMES))
    sheet = folder / "shop.yaml"
    sheet.write_text(
        f"path: {folder}\ntrain: images/train\nval: images/val\nnames:\n{names}\n",
        encoding="utf-8",
    )
    return sheet
