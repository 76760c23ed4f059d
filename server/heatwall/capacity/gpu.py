"""How busy the GPUs are, from NVIDIA's own command line tool."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass

_QUERY = "utilization.gpu,memory.used"
_LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class GpuLoad:
    """All GPUs of the machine together.

    Attributes:
        busy: Share of the time in which a kernel ran, 0 to 1, the mean of the GPUs.
        memory_mb: Memory in use, megabytes, the sum of the GPUs.
    """

    busy: float
    memory_mb: float


def gpu_load() -> GpuLoad | None:
    """Return the load now; None where there is no NVIDIA driver, or no GPU."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    command = [tool, f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_load(done.stdout)


def parse_load(text: str) -> GpuLoad | None:
    """Return what `nvidia-smi` says in CSV, a line a GPU; None when no line can be read."""
    rows = []
    for line in text.splitlines():
        try:
            busy, memory_mib = (float(field) for field in line.split(","))
        except ValueError:
            continue  # "[N/A]" on GPUs that do not tell
        rows.append((busy / 100, memory_mib * 1.048576))
    if not rows:
        return None
    return GpuLoad(sum(busy for busy, _ in rows) / len(rows), sum(memory for _, memory in rows))
