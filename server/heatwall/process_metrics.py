"""What the processes of the server take of the machine, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric

from heatwall import __version__

_KIB = 1024


def process_metrics(workers: Mapping[str, int | None], lag_s: float) -> Iterator[Metric]:
    """Yield them; `prometheus_client`'s own collector tells those of main.

    Args:
        workers: Process id of each camera's worker; None for a camera without one.
        lag_s: Worst lag of the event loop lately, seconds.
    """
    yield InfoMetricFamily(
        "heatwall_build", "The version that runs.", value={"version": __version__}
    )
    yield GaugeMetricFamily(
        "heatwall_event_loop_lag_seconds",
        "Largest lag of the event loop in the last ten seconds.",
        value=lag_s,
    )
    memory = GaugeMetricFamily(
        "heatwall_worker_resident_memory_bytes",
        "Resident memory of the camera's process.",
        labels=["camera"],
    )
    for camera, pid in workers.items():
        resident = None if pid is None else resident_bytes(pid)
        if resident is not None:
            memory.add_metric([camera], resident)
    yield memory


def resident_bytes(pid: int) -> int | None:
    """Return a process's resident memory (proc(5), `VmRSS`); None once it is gone.

    The kernel makes the file up on reading, so that the event loop touches no disk.
    """
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * _KIB
    return None
