"""Pictures to compare two models on: rendered ones, or the user's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from heatwall.camera.scaling import DetectScaler
from heatwall.camera.source import Source
from heatwall.errors import ConfigError, ConfigFault, SourceError
from heatwall.geometry import fit
from heatwall.values import ByteArray, SecretUrl

_PICTURES = 24
"""Enough for some hundred people, and rendered in seconds."""

_PER_SHOP = 8
"""Painting the empty shop costs as much as fifty pictures."""

_RENDERED = ((640, 360), (1280, 720))
"""Sizes at which shops are rendered: the first that holds the pictures, or the last."""
_LOOP_S = 24.0
_FIRST_SEED = 4_000_000
"""Shops that the demo model was neither trained nor evaluated on."""

_ENDINGS = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}
_TIMEOUT_S = 5.0
_EVERY = 12
"""Frames from one picture of a clip to the next: people have moved by then."""


def pictures_for(check: Path | None, size_px: int) -> list[ByteArray]:
    """Return pictures, uint8 (h, w, 3) RGB, all of one shape, as a worker would scale them.

    Args:
        check: A clip, a picture, or a folder of pictures; None renders some.
        size_px: Longest side.

    Raises:
        ConfigError: There is nothing there that can be read.
    """
    found: list[ByteArray] = []
    for picture in _rendered(size_px) if check is None else _from(check):
        width, height = fit(picture.shape[1], picture.shape[0], size_px, size_px)
        scaled = picture
        if picture.shape[:2] != (height, width):
            scaled = np.asarray(
                cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8
            )
        if not found or scaled.shape == found[0].shape:
            found.append(scaled)
        if len(found) == _PICTURES:
            break
    if not found:
        raise _unreadable(check, "holds no picture that can be read")
    return found


def _rendered(size_px: int) -> Iterator[ByteArray]:
    from heatwall.simulator.store_views import random_view

    size = next((size for size in _RENDERED if size[0] >= size_px), _RENDERED[-1])

    for shop in range(-(-_PICTURES // _PER_SHOP)):
        scene = random_view(_FIRST_SEED + shop, *size).scene(_LOOP_S)
        for number in range(_PER_SHOP):
            picture, _ = scene.picture(_LOOP_S * (number + 0.5) / _PER_SHOP)
            yield np.ascontiguousarray(picture[..., ::-1])


def _from(check: Path) -> Iterator[ByteArray]:
    if not check.exists():
        raise _unreadable(check, "does not exist")
    if check.is_file() and check.suffix.lower() not in _ENDINGS:
        yield from _of_clip(check)
        return
    files = [check] if check.is_file() else sorted(check.iterdir())
    for file in files:
        if file.suffix.lower() in _ENDINGS:
            packed = np.frombuffer(file.read_bytes(), np.uint8)
            picture = cv2.imdecode(packed, cv2.IMREAD_COLOR) if packed.size else None
            if picture is None:
                raise _unreadable(file, "is no picture that OpenCV can read")
            yield np.ascontiguousarray(picture[..., ::-1])


def _of_clip(clip: Path) -> Iterator[ByteArray]:
    scaler = DetectScaler()
    source = None
    number = 0
    try:
        source = Source(SecretUrl(str(clip)), "tcp", _TIMEOUT_S)
        for number, frame in enumerate(source.frames()):
            if number % _EVERY == 0:
                yield scaler.scale(frame, frame.width, frame.height).copy()
    except SourceError as error:
        if not number:  # the end of a clip is one too
            raise _unreadable(clip, f"can't be read: {error}") from error
    finally:
        if source is not None:
            source.close()


def _unreadable(check: Path | None, why: str) -> ConfigError:
    allowed = "a video, a picture or a folder of pictures (.jpg, .png, .bmp, .webp)"
    return ConfigError([ConfigFault("--check", None, "", str(check), why, allowed)])
