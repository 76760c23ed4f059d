"""Runs simulated cameras: within an event loop, from the command line, or as a child process."""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from heatwall.clock import monotonic
from heatwall.errors import HeatwallError, StartError
from heatwall.simulator.auth import Credentials
from heatwall.simulator.cameras import MakeFeed, SimulatedCamera
from heatwall.simulator.faults import Fault, FaultPlan, parse_fault
from heatwall.simulator.rtp_codec import ClipFile, packetize_clip, read_clip, reshape_clip
from heatwall.simulator.rtp_feed import ClipFeed, Feed, Publish
from heatwall.simulator.rtp_live import BarcodeFeed
from heatwall.simulator.rtp_track import FrameClock, Track
from heatwall.simulator.rtsp_server import RtspServer
from heatwall.values import SecretUrl

MAX_CAMERAS = 256
"""More than one process can serve; a larger number is a slip of the keyboard."""
_USAGE_ERROR = 2
"""Exit code of a wrong command line or a start that needs the user, as in all of Heatwall."""


@dataclass(frozen=True, slots=True)
class SimulationOptions:
    """What to simulate.

    Attributes:
        clips: One MP4 file a camera, used again from the first when there are more cameras; empty
            for the store scenes that `heatwall.simulator.clips` renders.
        host: Address to listen on.
        port: TCP port, 0 for any free one.
        credentials: The account of every camera; None for none.
        credentials_of: Accounts of single cameras by name, instead of the common one.
        barcode_cameras: Names of the cameras that paint the capture time; see `barcode`.
        faults: What goes wrong, and when; see `faults.parse_fault`.
        shows_progress: Whether the rendering of store scenes is shown on standard error.
    """

    clips: tuple[Path, ...] = ()
    host: str = "127.0.0.1"
    port: int = 0
    credentials: Credentials | None = None
    credentials_of: dict[str, Credentials] | None = None
    barcode_cameras: frozenset[str] = frozenset()
    faults: tuple[str, ...] = ()
    shows_progress: bool = False


class SimulatedCameras:
    """A number of cameras on one RTSP server; an async context manager.

    Usage::

        async with SimulatedCameras(2, SimulationOptions(clips=(path,))) as store:
            open_camera(store.urls[0])
            store.camera("cam2").fault = Fault.STALL

    Args:
        count: How many; they are called `cam1`, `cam2` and so on.
        options: What they show and how they fail.
    """

    def __init__(self, count: int, options: SimulationOptions | None = None) -> None:
        if not 1 <= count <= MAX_CAMERAS:
            raise StartError(f"{count} cameras asked for; allowed: 1 to {MAX_CAMERAS}")
        self._options = options or SimulationOptions()
        self._names = [f"cam{index + 1}" for index in range(count)]
        self._plans = [parse_fault(text, self._names) for text in self._options.faults]
        self._stack = AsyncExitStack()
        self._timers: list[asyncio.TimerHandle] = []
        self._server: RtspServer

    async def __aenter__(self) -> Self:
        """Read or render the clips, and listen.

        Raises:
            StartError: A clip can't be served.
            PortInUseError: The port can't be had.
        """
        clips = await asyncio.to_thread(_read_clips, self._options, len(self._names))
        cameras = [
            self._make_camera(name, index, *clips[index % len(clips)])
            for index, name in enumerate(self._names)
        ]
        async with AsyncExitStack() as stack:
            for camera in cameras:
                stack.callback(camera.close)
            self._server = await stack.enter_async_context(
                RtspServer(cameras, host=self._options.host, port=self._options.port)
            )
            stack.callback(self._cancel_plans)
            self._schedule_plans()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up on everybody."""
        await self._stack.aclose()

    @property
    def urls(self) -> list[SecretUrl]:
        """One URL a camera, with user and password."""
        return [self._server.url(name) for name in self._names]

    @property
    def cameras(self) -> list[SimulatedCamera]:
        """The cameras in the order of their URLs."""
        return [self._server.camera(name) for name in self._names]

    def camera(self, name: str) -> SimulatedCamera:
        """Return the camera of that name; KeyError when there is none."""
        return self._server.camera(name)

    def _make_camera(self, name: str, index: int, clip: ClipFile, track: Track) -> SimulatedCamera:
        """Return one camera, its frames shifted in time against its neighbours'."""
        phase_s = index / len(self._names) / clip.format.fps
        clock = FrameClock(monotonic() + phase_s, clip.format.fps, secrets.randbits(31))
        is_barcode = name in self._options.barcode_cameras
        credentials = (self._options.credentials_of or {}).get(name, self._options.credentials)
        make_feed = _barcode_feed(clip, clock) if is_barcode else _clip_feed(clip, track, clock)
        return SimulatedCamera(name, clock, make_feed, credentials=credentials)

    def _schedule_plans(self) -> None:
        """Set the timers of all planned faults."""
        for plan in self._plans:
            self._call_later(plan.start_s, plan, plan.fault)
            if plan.duration_s is not None:
                self._call_later(plan.start_s + plan.duration_s, plan, Fault.NONE)

    def _call_later(self, delay_s: float, plan: FaultPlan, fault: Fault) -> None:
        """Set a camera's fault after `delay_s`."""
        loop = asyncio.get_running_loop()
        self._timers.append(loop.call_later(delay_s, self._set_fault, plan.camera, fault))

    def _set_fault(self, name: str, fault: Fault) -> None:
        """Set a camera's fault now."""
        self._server.camera(name).fault = fault

    def _cancel_plans(self) -> None:
        """Cancel the timers of all planned faults."""
        for timer in self._timers:
            timer.cancel()


def run_simulate(count: int, options: SimulationOptions) -> None:
    """Serve until Ctrl-C, and print one URL a line; the body of `heatwall simulate`.

    Blocks. Shows the progress of rendering on standard error the first time.

    Raises:
        StartError: The options can't be served; the caller shows its text and exits with 2.
    """
    try:
        asyncio.run(_serve(count, options, is_json=False, ends_with_stdin=False))
    except KeyboardInterrupt:
        print()  # noqa: T201 - ends the line in which the terminal shows ^C


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `python -m heatwall.simulator.simulate`; return the exit code."""
    parsed = _parser().parse_args(arguments)
    account = Credentials(parsed.user, parsed.password or "") if parsed.user else None
    names = [f"cam{index + 1}" for index in range(parsed.cameras)]
    options = SimulationOptions(
        clips=tuple(parsed.clip),
        host=parsed.host,
        port=parsed.port,
        credentials=account,
        barcode_cameras=frozenset(names if parsed.barcode else ()),
        faults=tuple(parsed.fault),
    )
    try:
        asyncio.run(
            _serve(
                parsed.cameras,
                options,
                is_json=parsed.json,
                ends_with_stdin=parsed.exit_with_stdin,
            )
        )
    except KeyboardInterrupt:
        return 0
    except HeatwallError as error:
        print(f"simulate: {error}", file=sys.stderr)  # noqa: T201 - the command line's answer
        return _USAGE_ERROR
    return 0


async def _serve(
    count: int, options: SimulationOptions, *, is_json: bool, ends_with_stdin: bool
) -> None:
    """Serve until SIGINT or SIGTERM or, if asked, until standard input ends."""
    async with SimulatedCameras(count, replace(options, shows_progress=True)) as store:
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        # By name: a shell starts background jobs with SIGINT ignored, and Python leaves it so.
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, ended.set)
        if is_json:
            # A parent process needs the passwords; a terminal or a log must not show them.
            facts = {
                "urls": [url.secret for url in store.urls],
                # With it a benchmark knows when each frame was captured.
                "epochs_s": [camera.epoch_s for camera in store.cameras],
            }
            print(json.dumps(facts), flush=True)  # noqa: T201 - so asked
        else:
            for url in store.urls:
                print(url, flush=True)  # noqa: T201 - the command's output
        if ends_with_stdin:
            _watch_stdin(loop, ended)
        await ended.wait()


def _watch_stdin(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    """Set `ended` when standard input ends, which it does when the parent process dies."""

    def watch() -> None:
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(ended.set)

    # A daemon, because nothing can wake it when the program ends for another reason.
    threading.Thread(target=watch, name="simulator-stdin", daemon=True).start()


def _read_clips(options: SimulationOptions, count: int) -> list[tuple[ClipFile, Track]]:
    """Return the clips to serve; blocks, for minutes when they must be rendered first."""
    paths = options.clips
    if not paths:
        # The renderer is loaded by those alone who have no clips of their own.
        from heatwall.simulator.clips import ensure_clips

        rendered = ensure_clips(count, progress=options.shows_progress)
        paths = tuple(clip.path for clip in rendered)
    clips = [read_clip(path) for path in paths[:count]]
    return [(clip, packetize_clip(clip)) for clip in clips]


def _clip_feed(clip: ClipFile, track: Track, clock: FrameClock) -> MakeFeed:
    """Return what makes a feed of the clip as it is; `track` may be shared by many cameras."""
    loop = asyncio.get_running_loop()

    def make(publish: Publish) -> Feed:
        return ClipFeed(track, clock, publish, reshape=partial(reshape_clip, clip), scheduler=loop)

    return make


def _barcode_feed(clip: ClipFile, clock: FrameClock) -> MakeFeed:
    """Return what makes a feed that paints the capture time."""
    loop = asyncio.get_running_loop()

    def make(publish: Publish) -> Feed:
        return BarcodeFeed(clip, clock, publish, scheduler=loop, monotonic=monotonic)

    return make


def _parser() -> argparse.ArgumentParser:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m heatwall.simulator.simulate", description="Simulated RTSP cameras."
    )
    parser.add_argument("--cameras", type=int, default=4, help="how many (default: 4)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8554, help="TCP port, 0 for any free one")
    parser.add_argument("--user", help="user of all cameras")
    parser.add_argument("--password", help="password of all cameras")
    parser.add_argument(
        "--clip", type=Path, action="append", default=[], help="MP4 file instead of a store scene"
    )
    parser.add_argument(
        "--fault", action="append", default=[], help="CAMERA=KIND[@START][+DURATION]"
    )
    parser.add_argument("--barcode", action="store_true", help="paint the capture time")
    parser.add_argument("--json", action="store_true", help="print the URLs as one line of JSON")
    parser.add_argument("--exit-with-stdin", action="store_true", help="end when stdin ends")
    return parser


if __name__ == "__main__":
    sys.exit(main())
