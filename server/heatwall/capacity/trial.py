"""What one trial found: so many cameras, so often detected, for some seconds; pure."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from heatwall.capacity.gpu import GpuLoad

_PARTS = 4
"""The beginning and the end that are compared for growth are each this part of the trial."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Totals at one moment; two of them make a trial.

    Attributes:
        at_s: When, monotonic seconds.
        main_s: CPU seconds of the server's main process.
        workers_s: CPU seconds of each camera's process.
        load_s: CPU seconds of what the benchmark itself runs: cameras and viewers.
        machine_s: CPU seconds of the whole machine.
        decoded: Frames decoded by camera.
        detected: Frames that the model saw by camera.
        dropped: Frames and pictures dropped by reason, since the start.
        main_bytes: Resident memory of main.
        worker_bytes: Private memory of each worker.
    """

    at_s: float
    main_s: float
    workers_s: tuple[float, ...]
    load_s: float
    machine_s: float
    decoded: Mapping[str, float]
    detected: Mapping[str, float]
    dropped: Mapping[str, float]
    main_bytes: int
    worker_bytes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Arrived:
    """What all viewers' slots got in a trial.

    Attributes:
        pictures: Whole pictures of each slot.
        broken: Pictures that came with packets missing, of all slots.
        packets: Packets that came, of all slots.
        lost: Packets that did not.
        latency_ms: For each slot, capture to last packet of each picture, in order.
    """

    pictures: tuple[int, ...]
    broken: int
    packets: int
    lost: int
    latency_ms: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a trial asks of the machine.

    Attributes:
        cameras: How many.
        detect_fps: Detections per second of each.
        tile_fps: Pictures per second of each tile.
        cores: Of the machine.
    """

    cameras: int
    detect_fps: float
    tile_fps: float
    cores: int


@dataclass(frozen=True, slots=True)
class Trial:
    """The figures of one trial.

    Attributes:
        asked: What was asked.
        main_cores: CPU of main, in cores.
        worker_cores: CPU of all workers together, in cores.
        load_cores: CPU of the simulated cameras and viewers, in cores; not the server's.
        machine_busy: Share of all cores that were busy, whoever kept them so, 0 to 1.
        gpu: The GPU's load; None without one.
        detect_fps: Detections per second: of the mean camera, and of the one with the fewest.
        tile_fps: Pictures per second: of the mean tile, and of the one with the fewest.
        latency_ms: Capture to viewer, median and 95th percentile; None when it is not known.
        growth_ms: Median of the last quarter less that of the first; None likewise.
        drops: Frames, pictures and packets dropped by reason.
        drop_share: Share of the tiles' pictures that were dropped, 0 to 1.
        main_mb: Resident memory of main, megabytes.
        worker_mb: Private memory of all workers, megabytes.
        fault: Why it could not be measured, in words; empty when it was.
    """

    asked: Asked
    main_cores: float = 0.0
    worker_cores: float = 0.0
    load_cores: float = 0.0
    machine_busy: float = 0.0
    gpu: GpuLoad | None = None
    detect_fps: tuple[float, float] = (0.0, 0.0)
    tile_fps: tuple[float, float] = (0.0, 0.0)
    latency_ms: tuple[float, float] | None = None
    growth_ms: float | None = None
    drops: Mapping[str, int] = field(default_factory=dict)
    drop_share: float = 0.0
    main_mb: float = 0.0
    worker_mb: float = 0.0
    fault: str = ""

    @property
    def server_share(self) -> float:
        """Share of the machine's cores that the server took, 0 to 1."""
        return (self.main_cores + self.worker_cores) / self.asked.cores

    @property
    def others_share(self) -> float:
        """Share of the machine's cores that neither server nor simulation took, 0 to 1."""
        return max(0.0, self.machine_busy - self.server_share - self.load_cores / self.asked.cores)


def make_trial(
    asked: Asked, begin: Moment, end: Moment, arrived: Arrived, loads: Sequence[GpuLoad]
) -> Trial:
    """Return the figures between two moments."""
    took_s = end.at_s - begin.at_s
    worker_s = sum(end.workers_s) - sum(begin.workers_s)
    detected = [
        (total - begin.detected.get(camera, 0)) / took_s for camera, total in end.detected.items()
    ]
    shown = [pictures / took_s for pictures in arrived.pictures]
    drops = _drops(begin, end, arrived)
    slots = max(1, len(arrived.pictures))
    due = asked.tile_fps * took_s * slots
    in_pictures = sum(count for reason, count in drops.items() if _is_shown(reason))
    latencies = [ms for slot in arrived.latency_ms for ms in slot]
    return Trial(
        asked=asked,
        main_cores=(end.main_s - begin.main_s) / took_s,
        worker_cores=worker_s / took_s,
        load_cores=(end.load_s - begin.load_s) / took_s,
        machine_busy=(end.machine_s - begin.machine_s) / took_s / asked.cores,
        gpu=_mean_load(loads),
        detect_fps=_mean_and_least(detected),
        tile_fps=_mean_and_least(shown),
        latency_ms=(statistics.median(latencies), percentile(latencies, 0.95))
        if latencies
        else None,
        growth_ms=growth_ms(arrived.latency_ms),
        drops=drops,
        drop_share=in_pictures / due,
        main_mb=end.main_bytes / 1e6,
        worker_mb=sum(end.worker_bytes) / 1e6,
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed; there must be one."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def growth_ms(slots: Sequence[Sequence[float]]) -> float | None:
    """Return by how much the latency at the end exceeds that at the beginning, of all slots.

    Args:
        slots: The latencies of each slot in order, milliseconds.
    """
    early: list[float] = []
    late: list[float] = []
    for slot in slots:
        part = len(slot) // _PARTS
        early += slot[:part]
        late += slot[len(slot) - part :]
    if not early:
        return None
    return statistics.median(late) - statistics.median(early)


def _drops(begin: Moment, end: Moment, arrived: Arrived) -> dict[str, int]:
    counts = {
        reason: round(total - begin.dropped.get(reason, 0)) for reason, total in end.dropped.items()
    }
    counts |= {"broken pictures": arrived.broken, "lost packets": arrived.lost}
    return {reason: count for reason, count in counts.items() if count}


def _is_shown(reason: str) -> bool:
    """Return whether what was dropped for that reason is missing on a tile.

    Frames that the model did not see are told by the detections that are missing, and a lost
    packet by the picture that it breaks.
    """
    return not reason.startswith("detect") and reason != "lost packets"


def _mean_and_least(values: Sequence[float]) -> tuple[float, float]:
    return (statistics.fmean(values), min(values)) if values else (0.0, 0.0)


def _mean_load(loads: Sequence[GpuLoad]) -> GpuLoad | None:
    if not loads:
        return None
    return GpuLoad(
        statistics.fmean(load.busy for load in loads), max(load.memory_mb for load in loads)
    )
