"""One run of `heatwall bench`: trial after trial until the answer is known."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from heatwall.capacity import proc
from heatwall.capacity.cameras import RunningCameras, running_cameras
from heatwall.capacity.clips import numbered_clips
from heatwall.capacity.options import BenchOptions
from heatwall.capacity.settings import WallSettings
from heatwall.capacity.table import print_trials, rows
from heatwall.capacity.trial import Asked, Trial
from heatwall.capacity.trying import try_out
from heatwall.capacity.verdict import answer, next_count, shortfalls


@dataclass(slots=True)
class Run:
    """One run of the command, and what it has found so far."""

    options: BenchOptions
    settings: WallSettings
    console: Console
    trials: list[Trial] = field(default_factory=list)
    held: dict[float, dict[int, bool]] = field(default_factory=dict)

    def measure(self) -> None:
        """Try one number of cameras after the other, for each detection rate."""
        options = self.options
        most = options.counts[-1]
        with tempfile.TemporaryDirectory(prefix="heatwall-bench-") as folder:
            clips = numbered_clips(most, options.width, options.height, options.fps, progress=True)
            with running_cameras(most, clips, Path(folder)) as cameras:
                for rate in options.detect_fps:
                    self._ramp(min(rate, options.fps), cameras, Path(folder))

    def _ramp(self, rate: float, cameras: RunningCameras, folder: Path) -> None:
        held = self.held.setdefault(rate, {})
        while (count := next_count(self.options.counts, held)) is not None:
            trial = self._try(count, rate, cameras, folder)
            self.trials.append(trial)
            held[count] = not shortfalls(trial)
            words = "; ".join(shortfalls(trial)) or "holds"
            self._say(count, rate, words)

    def _try(self, count: int, rate: float, cameras: RunningCameras, folder: Path) -> Trial:
        settings = self.settings.make(cameras.urls[:count], rate)
        tile_fps = min(float(self.options.fps), self.settings.tile_fps(settings))
        return try_out(
            settings,
            Asked(count, rate, tile_fps, proc.cores()),
            cameras,
            folder,
            viewers=self.options.viewers,
            seconds=self.options.seconds,
            say=lambda words: self._say(count, rate, f"{words} …"),
        )

    def _say(self, count: int, rate: float, words: str) -> None:
        cameras = "camera" if count == 1 else "cameras"
        line = f"{count} {cameras}, {rate:g} detections a second: {words}"
        self.console.print(line, style="dim", highlight=False)

    def tell(self, is_whole: bool) -> None:
        """Print the table and the answer."""
        if self.trials:
            self.console.print()
            print_trials(self.console, self.trials)
        self.console.print()
        self.console.print(f"[bold]{answer(self.held, is_whole=is_whole)}[/]", highlight=False)

    def write(self, path: Path) -> None:
        """Write the figures as JSON."""
        found: dict[str, Any] = {
            "size": f"{self.options.width}x{self.options.height}",
            "fps": self.options.fps,
            "viewers": self.options.viewers,
            "seconds": self.options.seconds,
            "model": self.settings.model_name,
            "trials": rows(self.trials),
        }
        path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
