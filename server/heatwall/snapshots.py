"""Heat and counts on disk, so that they survive a restart."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt
from numpy.lib.npyio import NpzFile

from heatwall.analysis.memory import CameraMemory
from heatwall.counting.line import LineCounts
from heatwall.counting.zone import ZoneState
from heatwall.feet import PersonSizeState
from heatwall.footprint import Footprint
from heatwall.heat_state import HeatState
from heatwall.history import Minute

_EDITION = 1
"""Of the file's form; a file of another one is left alone and not used."""

_log = logging.getLogger(__name__)


class _Heat(msgspec.Struct, frozen=True):
    """One heat without its grids, which are arrays of the file."""

    class_name: str
    half_lives_s: tuple[float | None, ...]
    age_s: float
    footprint: Footprint


class _Page(msgspec.Struct, frozen=True):
    """All of a file that is no array."""

    edition: int
    camera: str
    saved_at: float
    heats: tuple[_Heat, ...]
    lines: dict[str, LineCounts]
    zones: dict[str, ZoneState]
    total_tracks: int
    history: tuple[Minute, ...] = ()
    counts_since: float | None = None


class Snapshots:
    """A folder with one file a camera, `ID.heat.npz`. Blocks on the disk; one thread at a time.

    A file is written beside and then put in its place, so that a crash leaves the old one. Faults
    of the disk are logged once until it works again: a full disk must not stop a wall.

    Args:
        folder: Made when it is first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._failing: dict[str, str] = {}

    @property
    def fault(self) -> str | None:
        """Why some cameras' heat could not be saved; None when all of it was."""
        return next(iter(self._failing.values()), None)

    def save(self, camera: str, memory: CameraMemory, now: float) -> bool:
        """Write what a camera knows; returns whether that worked.

        Args:
            camera: Its id.
            memory: What it knows.
            now: Seconds since 1970 UTC.
        """
        path = self._path(camera)
        partial = path.with_suffix(".partial")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                np.savez(file, allow_pickle=False, **_arrays(camera, memory, now))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError as error:
            self._fail(camera, error.strerror or str(error))
            with contextlib.suppress(OSError):  # half a file would keep a full disk full
                partial.unlink(missing_ok=True)
            return False
        if self._failing.pop(camera, None) is not None and not self._failing:
            _log.info("heat is saved in %s again", self._folder)
        return True

    def _fail(self, camera: str, reason: str) -> None:
        """Note why a camera's heat was not saved, and log the first one's."""
        if not self._failing:
            _log.error("heat can't be saved in %s: %s", self._folder, reason)
        self._failing[camera] = reason

    def load(self, camera: str, now: float) -> tuple[CameraMemory, float] | None:
        """Return what a camera knew and for how many seconds it was away, or None.

        A file that can't be used is logged and left; the next `save` replaces it.

        Args:
            camera: Its id.
            now: Seconds since 1970 UTC; a clock that was set back counts as no time.
        """
        path = self._path(camera)
        try:
            # Opened here, since `np.load` leaves a path open that is no whole archive.
            with path.open("rb") as file, _opened(file) as arrays:
                page = msgspec.json.decode(arrays["page"].tobytes(), type=_Page)
                if page.edition != _EDITION or page.camera != camera:
                    raise ValueError(f"is of edition {page.edition} for camera {page.camera!r}")
                return _memory(page, arrays), max(0.0, now - page.saved_at)
        except FileNotFoundError:
            return None
        except Exception as error:  # noqa: BLE001 - zip, its packings and NumPy raise a dozen kinds
            _log.warning(
                "begins without heat: %s can't be used: %s", path, error, extra={"camera": camera}
            )
            return None

    def _path(self, camera: str) -> Path:
        return self._folder / f"{camera}.heat.npz"


def _arrays(camera: str, memory: CameraMemory, now: float) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a file: `page` is JSON, the rest is by heat and of sizes."""
    page = _Page(
        edition=_EDITION,
        camera=camera,
        saved_at=now,
        heats=tuple(
            _Heat(name, heat.half_lives_s, heat.age_s, heat.footprint)
            for name, heat in memory.heats.items()
        ),
        lines=dict(memory.lines),
        zones=dict(memory.zones),
        total_tracks=memory.total_tracks,
        history=memory.history,
        counts_since=memory.counts_since,
    )
    arrays: dict[str, npt.NDArray[Any]] = {
        "page": np.frombuffer(msgspec.json.encode(page), np.uint8),
        "sizes": memory.sizes.table,
    }
    for number, heat in enumerate(memory.heats.values()):
        arrays[f"grids{number}"] = heat.grids
        if heat.covers is not None:
            arrays[f"covers{number}"] = heat.covers
    return arrays


def _opened(file: BinaryIO) -> NpzFile:
    """Return an archive of arrays.

    Raises:
        ValueError: It is none. Other errors of `np.load` too.
    """
    arrays = np.load(file, allow_pickle=False)
    if not isinstance(arrays, NpzFile):
        raise ValueError("is no archive of arrays")
    return arrays


def _memory(page: _Page, arrays: NpzFile) -> CameraMemory:
    """Return what a file says.

    Raises:
        KeyError: Grids are missing.
        ValueError: They have the wrong form.
    """
    heats = {}
    for number, heat in enumerate(page.heats):
        grids = arrays[f"grids{number}"]
        if grids.ndim != 3:
            raise ValueError(f"grids{number} has {grids.ndim} dimensions; allowed: 3")
        _, rows, columns = grids.shape
        heats[heat.class_name] = HeatState(
            columns,
            rows,
            heat.half_lives_s,
            grids,
            heat.age_s,
            heat.footprint,
            arrays.get(f"covers{number}"),
        )
    sizes = PersonSizeState(arrays["sizes"])
    return CameraMemory(
        heats,
        sizes,
        page.lines,
        page.zones,
        page.total_tracks,
        page.history,
        page.counts_since,
    )
