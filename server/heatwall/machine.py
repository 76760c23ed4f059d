"""What the machine tells and is told: how busy it is, how memory is shared, who ends with whom."""

from __future__ import annotations

import ctypes
import resource
import signal
from pathlib import Path

_M_ARENA_MAX = -8
"""Of mallopt(3)."""

_ARENAS = 2
"""For the event loop and the analyst, whose threads do nearly all the work."""

_PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that this process gets when its parent ends."""


class ProcessorMeter:
    """Tells the share of all processors in use since it was last asked. Not thread-safe.

    Args:
        stat: The kernel's account of processor time (proc(5), /proc/stat); made up on reading,
            so that no disk is touched.
    """

    def __init__(self, stat: Path = Path("/proc/stat")) -> None:
        self._stat = stat
        self._last = self._read()

    def busy(self) -> float | None:
        """Return the share in use, 0 to 1; None where the system does not tell it."""
        last, self._last = self._last, self._read()
        if last is None or self._last is None:
            return None
        used, whole = (now - before for now, before in zip(self._last, last, strict=True))
        return min(1.0, max(0.0, used / whole)) if whole > 0 else None

    def _read(self) -> tuple[int, int] | None:
        """Return the ticks in use and all ticks, summed over the processors."""
        try:
            line = self._stat.read_text(encoding="ascii").partition("\n")[0]
            name, *ticks = line.split()
            # user nice system idle iowait irq softirq steal; guests are counted in user already.
            numbers = [int(tick) for tick in ticks[:8]]
        except (OSError, ValueError):
            return None
        if name != "cpu" or len(numbers) < 5:
            return None
        idle = numbers[3] + numbers[4]
        return sum(numbers) - idle, sum(numbers)


def share_memory() -> bool:
    """Let all threads of this process share a few heaps; whether that could be had.

    glibc gives each thread a heap of its own, of which none gives back what another could use: with
    sixteen cameras a tenth of main's memory. Other C libraries are left as they are.
    """
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS))
    except (OSError, AttributeError):
        return False


def end_with_parent() -> bool:
    """Let this process be killed when the one that started it ends; whether that could be had.

    Also one that stands still ends then, who does not notice anything by itself. Linux only. Who
    had ended before is not noticed.
    """
    try:
        return bool(ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) == 0)
    except (OSError, AttributeError):
        return False


def raise_descriptor_limit() -> int:
    """Allow this process as many open files as it may have at most; returns how many.

    Each camera takes about eight and each viewer two; the usual limit of 1024 is of a time when
    programs could not do with more (getrlimit(2), select(2)).
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):  # some systems call a limit infinite and allow less
            return soft
    return hard
