"""How busy this machine's processors are, by Linux's own account."""

from __future__ import annotations

from pathlib import Path


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
