"""Heatwall's command line with a model that does as a file tells it, and saves that come quickly.

Run as `python -m support.broken_server serve CONFIG …`. The file `model.fault` beside the config
says what the model does: `hang`, `raise`, or, when it is empty or missing, its work.
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from heatwall import cli, desk
from heatwall.analysis.detector import Detector
from heatwall.saving import SaveTimes
from heatwall.values import ByteArray, Detections

SAVES_EVERY_S = 2.0

_LOOK_S = 0.05


def main() -> None:
    """Break what is to be broken, and serve."""
    (config,) = [Path(one) for one in sys.argv if one.endswith(".yaml")]
    fault = config.with_name("model.fault")
    detect = Detector.detect

    def detect_or_fail(self: Detector, frames: Sequence[ByteArray]) -> list[Detections]:
        while (word := fault.read_text() if fault.exists() else "") == "hang":
            time.sleep(_LOOK_S)
        if word == "raise":
            raise ZeroDivisionError("the model is told to fail")
        return detect(self, frames)

    Detector.detect = detect_or_fail  # type: ignore[method-assign]  # that is what this is for
    saves = SaveTimes(every_s=SAVES_EVERY_S)
    desk.DeskLimits = functools.partial(desk.DeskLimits, saves=saves)  # type: ignore[misc,assignment]  # the same
    cli.main()


if __name__ == "__main__":
    main()
