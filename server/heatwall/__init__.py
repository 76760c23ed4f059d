"""Heatwall: a live heat wall for shops.

From Python: `Heatmap` takes frames, one after the other; `HeatMap`, `LineCounter` and
`ZoneCounter` take `Tracks`, plain arrays, and need no model. Each is loaded when it is first
asked for, so that whoever wants one of them does not wait for the others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from heatwall.counting.line import LineCounter
    from heatwall.counting.zone import ZoneCounter
    from heatwall.heat import HeatMap
    from heatwall.kernel import Kernel
    from heatwall.scale import HeatScale
    from heatwall.solution import Heatmap, HeatmapResult
    from heatwall.values import Detections, Tracks

__version__ = "0.1.0"

__all__ = [
    "Detections",
    "HeatMap",
    "HeatScale",
    "Heatmap",
    "HeatmapResult",
    "Kernel",
    "LineCounter",
    "Tracks",
    "ZoneCounter",
    "__version__",
]

_HOME = {
    "Detections": "values",
    "HeatMap": "heat",
    "HeatScale": "scale",
    "Heatmap": "solution",
    "HeatmapResult": "solution",
    "Kernel": "kernel",
    "LineCounter": "counting.line",
    "Tracks": "values",
    "ZoneCounter": "counting.zone",
}
"""Each public name with the module that it lives in."""


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for (PEP 562)."""
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
