"""The cameras' analyses, which outlive the threads that work on them."""

from __future__ import annotations

from collections.abc import Mapping

from heatwall import clock
from heatwall.analysis.memory import CameraMemory
from heatwall.analysis.per_camera import CameraAnalysis, unknown_classes
from heatwall.analysis.spec import AnalysisSpec
from heatwall.errors import ModelError


class Roster:
    """Each camera's analysis by id. Any thread may ask; one at a time changes it.

    Args:
        specs: Settings by camera id.
        wall: Seconds since 1970 UTC.
    """

    def __init__(self, specs: Mapping[str, AnalysisSpec], wall: clock.Clock) -> None:
        self._specs = dict(specs)
        self._wall = wall
        self._cameras: dict[str, CameraAnalysis] = {}

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
        cameras = {}
        for camera, spec in self._specs.items():
            unknown = unknown_classes(spec.classes, names)
            if unknown:
                raise ModelError(
                    f"cameras.{camera}.classes: the model {model} does not know "
                    f"{', '.join(map(repr, unknown))}; it knows: {', '.join(names.values())}"
                )
            cameras[camera] = self._cameras.get(camera) or CameraAnalysis(
                camera, spec, names, self._wall
            )
        self._cameras = cameras  # at once: other threads ask meanwhile

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
        stuck.let_go()

    def memories(self, now_s: float) -> dict[str, CameraMemory]:
        """Return what the cameras know at `now_s`, monotonic seconds, by id.

        Without those that saw nothing yet.
        """
        known = {camera: analysis.memory(now_s) for camera, analysis in self._cameras.items()}
        return {camera: memory for camera, memory in known.items() if memory is not None}
