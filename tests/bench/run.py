"""Starts the benchmarks from a checkout: `python tests/bench/run.py [--only NAME]`."""

from __future__ import annotations

import sys
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    # As a script this folder is on the path and the one above is not.
    sys.path[0] = str(_TESTS)
    from bench.command import main

    sys.exit(main())
