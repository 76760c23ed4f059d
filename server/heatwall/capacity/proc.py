"""CPU time and memory of other processes, from the kernel's own figures."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process so far, user and system (proc(5), `stat` 14 and 15)."""
    fields = _stat_fields(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8"))
    # `state` is field 3 of the manual and the first one here.
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def thread_cpu_s(pid: int, thread: int) -> float:
    """Return the CPU seconds of one thread; a process's first has the number of the process."""
    fields = _stat_fields(Path(f"/proc/{pid}/task/{thread}/stat").read_text(encoding="utf-8"))
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def cores() -> int:
    """Return the processors that this process, and what it starts, may use."""
    return len(os.sched_getaffinity(0))


def machine_busy_s() -> float:
    """Return the CPU seconds that all of the machine has spent (proc(5), first line of `stat`).

    All but idle, waiting for a disk, and the guests' time, which the kernel counts in user time.
    """
    first = Path("/proc/stat").read_text(encoding="utf-8").partition("\n")[0].split()
    user, nice, system, _idle, _iowait, irq, softirq, steal = (int(field) for field in first[1:9])
    return (user + nice + system + irq + softirq + steal) / _TICKS_PER_S


def children(pid: int) -> list[int]:
    """Return the processes whose parent is `pid` (proc(5), `stat` 4), oldest first."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = _stat_fields(path.read_text(encoding="utf-8"))
        except OSError:
            continue  # it ended while we looked
        if int(fields[1]) == pid:
            found.append(int(path.parent.name))
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of a process.

    Attributes:
        resident_bytes: All of it, libraries shared with other processes included.
        private_bytes: What it alone has: anonymous pages.
    """

    resident_bytes: int
    private_bytes: int


def memory(pid: int) -> Memory:
    """Return a process's memory now (proc(5), `VmRSS` and `RssAnon` of `status`, in KiB)."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    kib = {
        name: int(rest.split()[0])
        for name, _, rest in (line.partition(":") for line in lines)
        if name in {"VmRSS", "RssAnon"}
    }
    return Memory(kib["VmRSS"] * 1024, kib["RssAnon"] * 1024)


def _stat_fields(text: str) -> list[str]:
    """Return the fields after the process's name, which may itself hold spaces and brackets."""
    return text.rpartition(")")[2].split()
