"""The cameras' analyses, which outlive the threads that work on them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping

from heatwall import clock
from heatwall.analysis.memory import CameraMemory
from heatwall.analysis.per_camera import CameraAnalysis, unknown_classes
from heatwall.analysis.spec import AnalysisSpec
from heatwall.errors import ModelError

_log = logging.getLogger(__name__)


class Roster:
    """Each camera's analysis by id. Any thread may ask and change it.

    Args:
        specs: Settings by camera id.
        wall: Seconds since 1970 UTC.
    """

    def __init__(self, specs: Mapping[str, AnalysisSpec], wall: clock.Clock) -> None:
        self._specs = dict(specs)
        self._wall = wall
        self._cameras: dict[str, CameraAnalysis] = {}
        self._names: dict[int, str] = {}
        self._model = ""
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many cameras there are."""
        return len(self._specs)

    def know(self, names: dict[int, str], model: str) -> None:
        """Learn the model's classes; cameras that have an analysis already keep it.

        Args:
            names: Class names of the model by id.
            model: Its path, for errors.

        Raises:
            ModelError: A camera wants a class that the model does not know.
        """
        with self._lock:
            self._names, self._model = names, model
            self.check(self._specs)
            self._cameras = {  # at once: other threads ask meanwhile
                camera: self._cameras.get(camera) or self._made(camera, spec)
                for camera, spec in self._specs.items()
            }

    def check(self, specs: Mapping[str, AnalysisSpec]) -> None:
        """See whether these cameras can be looked at by the model.

        Raises:
            ModelError: A camera wants a class that the model does not know.
        """
        for camera, spec in specs.items():
            unknown = unknown_classes(spec.classes, self._names)
            if unknown:
                raise ModelError(
                    f"cameras.{camera}.classes: the model {self._model} does not know "
                    f"{', '.join(map(repr, unknown))}; it knows: {', '.join(self._names.values())}"
                )

    def change(
        self, specs: Mapping[str, AnalysisSpec], gone: Collection[str], now_s: float
    ) -> None:
        """Take other settings for some cameras, or new cameras, and let others go.

        What can change in place does; else another analysis takes over what the old one knows,
        and only tracks begin anew. Takes milliseconds for each.

        Args:
            specs: Their settings by id.
            gone: Ids of those that are no more.
            now_s: Monotonic seconds.

        Raises:
            ModelError: There is no such tracker; nothing has changed then.
        """
        with self._lock:
            anew = {
                camera: self._made(camera, spec)
                for camera, spec in specs.items()
                if camera not in self._cameras or not self._cameras[camera].can_become(spec)
            }
            for camera, spec in specs.items():
                old = self._cameras.get(camera)
                if old is None:
                    continue
                try:
                    if camera not in anew:
                        old.become(spec)
                    elif (memory := old.memory(now_s)) is not None:
                        anew[camera].remember(memory, 0.0, now_s)
                except ValueError as error:  # all but the heat is taken over
                    _log.warning("begins without its heat: %s", error, extra={"camera": camera})
                except Exception as error:  # noqa: BLE001 - a camera fails alone, and begins anew
                    _log.error("begins anew: %r", error, extra={"camera": camera})
                    anew[camera] = self._made(camera, spec)
            kept = {camera: one for camera, one in self._cameras.items() if camera not in gone}
            self._cameras = kept | anew
            known = {camera: spec for camera, spec in self._specs.items() if camera not in gone}
            self._specs = known | dict(specs)

    def _made(self, camera: str, spec: AnalysisSpec) -> CameraAnalysis:
        return CameraAnalysis(camera, spec, self._names, self._wall)

    def camera(self, camera: str) -> CameraAnalysis:
        """Return a camera's analysis.

        Raises:
            KeyError: There is no such camera, or the model is not loaded yet.
        """
        return self._cameras[camera]

    def get(self, camera: str) -> CameraAnalysis | None:
        """Return a camera's analysis; None when there is no such camera."""
        return self._cameras.get(camera)

    def rebuild(self, camera: str, now_s: float) -> None:
        """Put another analysis in the place of one in which a thread hangs.

        Changes of it that wait for that thread are lost; who waits goes on.

        Args:
            camera: Its id.
            now_s: Monotonic seconds.
        """
        stuck = self._cameras.get(camera)
        if stuck is None:
            return
        self._cameras = {**self._cameras, camera: stuck.rebuilt(now_s)}
        stuck.let_go()  # first: who changes the roster may wait for that thread

    def memories(self, now_s: float) -> dict[str, CameraMemory]:
        """Return what the cameras know at `now_s`, monotonic seconds, by id.

        Without those that saw nothing yet.
        """
        known = {camera: analysis.memory(now_s) for camera, analysis in self._cameras.items()}
        return {camera: memory for camera, memory in known.items() if memory is not None}
