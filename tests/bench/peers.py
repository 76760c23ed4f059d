"""Other projects that benchmarks compare with, installed beside the environment.

They go to build/peers and not into the environment: supervision would bring dependencies of its
own, which nothing here is to be tested with, and a server needs none of it.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from types import ModuleType

_PEERS = Path(__file__).resolve().parents[2] / "build" / "peers"

_WANTED = {
    "supervision": "0.31.2",
    "pydeprecate": "0.13.0",
    "defusedxml": "0.7.1",
    "tqdm": "4.70.1",
}
"""supervision, and what it imports that the environment lacks; the rest of its dependencies
(NumPy, SciPy, Matplotlib, Pillow, OpenCV, PyAV) come from the environment. Pinned, so that
figures of two days are of the same code."""

_PY_SPY = {"py-spy": "0.4.3"}
"""A program, not a module: it looks into other processes."""

_LIMIT_S = 120
"""For downloads of about 3 MB."""


def supervision_module() -> ModuleType | None:
    """Return `supervision`, installed by the first call; None when that is impossible."""
    return _find()[0]


def missing_note() -> str:
    """Return why there is no `supervision`, as a row's note; empty when there is one."""
    return _find()[1]


def py_spy() -> Path | None:
    """Return the sampling profiler, installed by the first call; None when that is impossible."""
    return _find_py_spy()[0]


def py_spy_missing_note() -> str:
    """Return why there is no py-spy, as a row's note; empty when there is one."""
    return _find_py_spy()[1]


@cache
def _find_py_spy() -> tuple[Path | None, str]:
    program = _PEERS / "bin" / "py-spy"
    note = _installed(_PY_SPY)
    return (None, note) if note else (program, "")


@cache
def _find() -> tuple[ModuleType | None, str]:
    note = _installed(_WANTED)
    if note:
        return None, note
    # At the end: what the environment has goes first.
    sys.path.append(str(_PEERS))
    try:
        return importlib.import_module("supervision"), ""
    except ImportError as error:
        return None, f"not installed: {error}"


def _installed(wanted: dict[str, str]) -> str:
    """Install what build/peers lacks; return why that was impossible, empty when it was not."""
    there = {one.name.lower(): one.version for one in distributions(path=[str(_PEERS)])}
    if all(there.get(name) == version for name, version in wanted.items()):
        return ""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade"]
    command += ["--disable-pip-version-check", "--target", str(_PEERS)]
    command += [f"{name}=={version}" for name, version in wanted.items()]
    try:
        subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S, check=True)
    except subprocess.TimeoutExpired:
        return f"not installed: pip took longer than {_LIMIT_S} s"
    except subprocess.CalledProcessError as error:
        lines = str(error.stderr).strip().splitlines() or ["pip said nothing"]
        return f"not installed: {lines[-1]}"
    except OSError as error:
        return f"not installed: {error}"
    return ""
