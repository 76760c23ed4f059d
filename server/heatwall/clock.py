"""The clocks that the rest is handed, so that tests own time."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Returns seconds. Which zero it counts from is said by the name of the parameter that holds it."""

monotonic: Clock = time.monotonic
"""Seconds since an arbitrary start, the same in every process of one machine (CLOCK_MONOTONIC)."""

wall: Clock = time.time
"""Seconds since 1970-01-01 UTC; only for logs, files and texts that people read."""
