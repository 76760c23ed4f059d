"""How much memory a worker has taken, and how much it may."""

from __future__ import annotations

import os
from pathlib import Path

MOST_BYTES = 1 << 30
"""Chosen as a bound for leaks, meant to leave room for 4K and a hardware decoder; not measured."""

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def own_bytes(pid: int) -> int:
    """Return the memory that a process has for itself (proc(5), `statm` 2 less 3).

    0 for one that is gone. Files, libraries and what is shared with main are left out.
    """
    try:
        fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return 0
    return (int(fields[1]) - int(fields[2])) * _PAGE_BYTES


def offer_oneself() -> None:
    """Make this process the one that the kernel ends when the machine's memory is used up.

    Main must not be it: a worker is replaced within a second (proc(5), `oom_score_adj`).
    """
    try:
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    except OSError:
        return  # another system, or not allowed in this container
