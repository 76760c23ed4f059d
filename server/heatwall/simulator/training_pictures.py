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
class Labelled:
    """One training picture.

    Attributes:
        picture: uint8 (180, 320, 3) BGR.
        labels: Lines `class x y width height`, centre and size 0-1, as Ultralytics reads them.
    """

    picture: ByteArray
    labels: tuple[str, ...]


def label_lines(sightings: tuple[Sighting, ...]) -> tuple[str, ...]:
    """Return one label line for every thing that is visible and large enough to be learnt."""
    lines = []
    for seen in sightings:
        left, top, right, bottom = seen.box
        wide, high = right - left, bottom - top
        is_small = wide * DETECT[0] < _LEAST_PX[0] or high * DETECT[1] < _LEAST_PX[1]
        if seen.visible >= _LEAST_VISIBLE and not is_small:
            middle = ((left + right) / 2, (top + bottom) / 2)
            lines.append(f"{seen.kind} {middle[0]:.6f} {middle[1]:.6f} {wide:.6f} {high:.6f}")
    return tuple(lines)


def degraded(picture: ByteArray, rng: np.random.Generator) -> ByteArray:
    """Make a clean picture look like one from a camera: exposure, tint, noise, compression.

    Returns:
        uint8 (180, 320, 3), averaged down as the run time does it.
    """
    gain = rng.uniform(0.72, 1.22) * rng.uniform(0.94, 1.06, 3)
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
            yield Labelled(degraded(picture, rng), label_lines(sightings))


def write_dataset(folder: Path, pictures: int, held_out: int) -> Path:
    """Write a data set in Ultralytics' layout.

    Args:
        folder: Where to; made when missing.
        pictures: Number of training pictures.
        held_out: Number of pictures for evaluation, from shops that are not trained on.

    Returns:
        The path of its YAML file.
    """
    for split, count, seed in (
        ("train", pictures, FIRST_SEED),
        ("val", held_out, HELD_OUT_SEED),
    ):
        images, labels = folder / "images" / split, folder / "labels" / split
        images.mkdir(parents=True, exist_ok=True)
        labels.mkdir(parents=True, exist_ok=True)
        for number, item in enumerate(training_pictures(count, seed)):
            cv2.imwrite(
                str(images / f"{number:05}.jpg"), item.picture, [cv2.IMWRITE_JPEG_QUALITY, 97]
            )
            (labels / f"{number:05}.txt").write_text("\n".join(item.labels), encoding="utf-8")
    names = "\n".join(f"  {number}: {name}" for number, name in enumerate(CLASS_NAMES))
    sheet = folder / "shop.yaml"
    sheet.write_text(
        f"path: {folder}\ntrain: images/train\nval: images/val\nnames:\n{names}\n",
        encoding="utf-8",
    )
    return sheet
