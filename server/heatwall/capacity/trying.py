"""Runs one trial: server, simulated cameras and viewers, each in processes of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from heatwall.capacity import proc
from heatwall.capacity.cameras import RunningCameras
from heatwall.capacity.children import Child, child
from heatwall.capacity.gpu import GpuLoad, gpu_load
from heatwall.capacity.messages import SlotReport, Watching, WatchOrder
from heatwall.capacity.server import RunningServer, running_server
from heatwall.capacity.trial import Arrived, Asked, Moment, Trial, make_trial

_LIVE_S = 60.0
_LIVE_PER_CAMERA_S = 2.0
"""A process a camera has to start: half a second of a core each, on all machines we know."""

_WATCH_S = 30.0
_SETTLE_S = 3.0
"""The burst of first pictures is over by then, and the model's first batches, which are slow."""

_LOOK_S = 2.0
"""Between two looks at the GPU and at whether everything still runs."""

_ANSWER_S = 30.0


class NotUpError(Exception):
    """Raised when a trial could not begin, in words; the machine did not hold so much."""


@dataclass(frozen=True, slots=True)
class Rig:
    """A server with cameras that are live, and viewers that watch.

    Attributes:
        server: The server.
        cameras: The cameras, of which the server may use fewer than there are.
        viewers: The process of the viewers.
        slots: Slots of all viewers.
        anchored: Slots of which the latency is known.
    """

    server: RunningServer
    cameras: RunningCameras
    viewers: Child
    slots: int
    anchored: int

    def moment(self) -> Moment:
        """Return the totals now.

        Raises:
            OSError: The server does not answer, or a worker has ended.
            StartError: The server has ended.
        """
        pids = self.server.worker_pids
        try:
            metrics = self.server.metrics()
        except OSError:
            self.server.process.check()
            raise
        dropped = metrics.by("heatwall_frames_dropped_total", "reason")
        dropped["slow viewer"] = metrics.total("heatwall_pictures_dropped_total")
        return Moment(
            at_s=time.monotonic(),
            main_s=proc.cpu_s(self.server.pid),
            workers_s=tuple(proc.cpu_s(pid) for pid in pids),
            load_s=proc.cpu_s(self.cameras.pid) + proc.cpu_s(self.viewers.pid),
            machine_s=proc.machine_busy_s(),
            decoded=metrics.by("heatwall_frames_decoded_total", "camera"),
            detected=metrics.by("heatwall_frames_detected_total", "camera"),
            dropped=dropped,
            main_bytes=proc.memory(self.server.pid).resident_bytes,
            worker_bytes=tuple(proc.memory(pid).private_bytes for pid in pids),
        )

    def take(self) -> Arrived:
        """Return what the viewers got since the last call.

        Raises:
            StartError: Their process has ended.
        """
        self.viewers.say("take")
        reports = msgspec.json.decode(self.viewers.line(_ANSWER_S), type=list[SlotReport])
        return Arrived(
            pictures=tuple(report.pictures for report in reports),
            broken=sum(report.broken for report in reports),
            packets=sum(report.packets for report in reports),
            lost=sum(report.lost for report in reports),
            latency_ms=tuple(tuple(report.latency_ms) for report in reports),
        )

    def look_again(self) -> None:
        """Let the viewers compare their clocks with the cameras' again; see `CaptureTimes`."""
        self.viewers.say("look")

    def rest(self, seconds: float, loads: list[GpuLoad] | None = None) -> None:
        """Wait, look at the GPU now and then, and see that everything still runs.

        Raises:
            StartError: Something has ended.
        """
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            time.sleep(min(_LOOK_S, left_s))
            self.server.process.check()
            self.viewers.check()
            load = None if loads is None else gpu_load()
            if loads is not None and load is not None:
                loads.append(load)


@contextmanager
def running_rig(
    settings: dict[str, Any],
    cameras: RunningCameras,
    folder: Path,
    *,
    viewers: int,
    say: Callable[[str], None],
) -> Iterator[Rig]:
    """Run the server and the viewers until the context ends.

    Args:
        settings: The server's config; its cameras are the first of `cameras`, called cam1, ….
        cameras: They run already.
        folder: For logs.
        viewers: How many watch every tile.
        say: Told what is waited for.

    Raises:
        NotUpError: Not everything came up in time.
        StartError: Something ended by itself.
    """
    names = list(settings["cameras"])
    say("starting the server")
    with running_server(settings, folder) as server:
        say("waiting for the model and the cameras")
        limit_s = _LIVE_S + _LIVE_PER_CAMERA_S * len(names)
        if missing := server.wait_live(limit_s):
            raise NotUpError(f"after {limit_s:.0f} s {missing}")
        say("waiting for the first pictures")
        clocks = dict(zip(names, cameras.clocks, strict=False))
        order = WatchOrder(server.address, clocks, viewers, _WATCH_S)
        with child("the viewer", ["heatwall.capacity.watch"], folder / "watch.log") as process:
            process.say(msgspec.json.encode(order).decode())
            line = process.line(2 * _WATCH_S)
            watching = msgspec.json.decode(line, type=Watching)
            yield Rig(server, cameras, process, watching.slots, watching.anchored)


def try_out(
    settings: dict[str, Any],
    asked: Asked,
    cameras: RunningCameras,
    folder: Path,
    *,
    viewers: int,
    seconds: float,
    say: Callable[[str], None],
) -> Trial:
    """Return what a trial of so many seconds finds.

    Raises:
        StartError: Something ended by itself.
    """
    loads: list[GpuLoad] = []
    try:
        with running_rig(settings, cameras, folder, viewers=viewers, say=say) as rig:
            rig.rest(_SETTLE_S)
            say(f"measuring for {seconds:g} s")
            rig.take()
            begin = rig.moment()
            rig.rest(seconds, loads)
            arrived, end = rig.take(), rig.moment()
    except NotUpError as error:
        return Trial(asked, fault=str(error))
    except OSError as error:
        return Trial(asked, fault=f"the server's figures could not be read: {error}")
    return make_trial(asked, begin, end, arrived, loads)
