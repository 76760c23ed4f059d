"""Makes an export, puts it in its place and compares it with the original."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from heatwall.analysis.detector import Detector, ModelSpec
from heatwall.analysis.exporter import export_model
from heatwall.errors import ModelError
from heatwall.export.comparison import EXACT, HALF, Allowance, Comparison, compare
from heatwall.export.plan import ExportPlan
from heatwall.values import ByteArray, Detections

_ROUNDS = 5
"""Of each model, in turns, so that other work on the machine falls on both."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How an export compares with its original.

    Attributes:
        comparison: What they found.
        allowance: How much they may differ.
        pictures: How many pictures were compared.
        batch: Frames at once while timing.
        original_ms: Time of a frame of the original, median.
        exported_ms: Time of a frame of the export, median.
    """

    comparison: Comparison
    allowance: Allowance
    pictures: int
    batch: int
    original_ms: float
    exported_ms: float

    @property
    def is_judged(self) -> bool:
        """Whether there was anything to find."""
        return self.comparison.original + self.comparison.exported > 0

    @property
    def is_within(self) -> bool:
        """Whether the export may stand for the original."""
        return self.comparison.is_within(self.allowance)


def make_export(plan: ExportPlan) -> None:
    """Make the export in a folder beside its place, and move it there when it is whole.

    Raises:
        ModelError: It can't be made or written.
    """
    out = plan.out.absolute()
    try:
        with tempfile.TemporaryDirectory(prefix=".heatwall-export-", dir=out.parent) as name:
            folder = Path(name)
            made = export_model(plan.source, plan.spec, folder)
            if out.is_dir():
                out.rename(folder / "replaced")  # a rename replaces no folder that holds something
            made.replace(out)
    except OSError as error:
        raise ModelError(f"--output: {plan.out} can't be written: {error.strerror}") from error


def check_export(plan: ExportPlan, model: ModelSpec, pictures: Sequence[ByteArray]) -> CheckResult:
    """Compare an export with its original.

    Args:
        plan: What was made.
        model: How the original is run; `imgsz` is that of the pictures.
        pictures: uint8 (h, w, 3) RGB, all of one shape.

    Raises:
        ModelError: One of the two can't be run.
    """
    original = Detector(model)
    exported = Detector(replace(model, path=str(plan.out.absolute()), half=plan.spec.half))
    batch = min(plan.spec.batch, len(pictures))
    found: dict[Detector, list[Detections]] = {original: [], exported: []}
    for first in range(0, len(pictures), batch):
        for detector in found:
            found[detector] += detector.detect(pictures[first : first + batch])
    times: dict[Detector, list[float]] = {original: [], exported: []}
    for _ in range(_ROUNDS):
        for detector in times:
            began_s = time.perf_counter()
            detector.detect(pictures[:batch])
            times[detector].append(time.perf_counter() - began_s)
    height, width = pictures[0].shape[:2]
    return CheckResult(
        comparison=compare(found[original], found[exported], (width, height)),
        allowance=HALF if plan.spec.half else EXACT,
        pictures=len(pictures),
        batch=batch,
        original_ms=statistics.median(times[original]) / batch * 1000,
        exported_ms=statistics.median(times[exported]) / batch * 1000,
    )


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(
        (Path(folder) / name).stat().st_size for folder, _, names in os.walk(path) for name in names
    )
