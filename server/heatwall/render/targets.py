"""The files that a rendering writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from heatwall.errors import StartError
from heatwall.render.options import RenderOptions
from heatwall.render.regions import fault
from heatwall.render.writer import SUFFIXES
from heatwall.values import SecretUrl


@dataclass(frozen=True, slots=True)
class Targets:
    """Where each file goes; None for one that is not wanted.

    Attributes:
        video: The annotated video.
        heat_png: The heat as a picture.
        heat_npy: The heat as numbers.
        counts_json: All counts.
        counts_csv: The same as a table.
    """

    video: Path
    heat_png: Path | None
    heat_npy: Path | None
    counts_json: Path | None
    counts_csv: Path | None

    def each(self) -> Iterator[Path]:
        """Yield the wanted files."""
        paths = (self.video, self.heat_png, self.heat_npy, self.counts_json, self.counts_csv)
        yield from (path for path in paths if path is not None)


def choose_targets(options: RenderOptions, source: Path | SecretUrl) -> Targets:
    """Return where the files go, having made sure that they can.

    Raises:
        ConfigError: A name has an ending that can't be written.
        StartError: A folder is missing, a file is there already, or it is the source itself.
    """
    video = options.output if options.output is not None else Path(_default_name(source))
    if video.suffix.lower() not in SUFFIXES:
        message = "has an ending that can't be written"
        raise fault("--output", str(video), message, ", ".join(SUFFIXES))
    if options.video_only:
        targets = Targets(video, None, None, None, None)
    else:
        counts = options.counts or video.with_suffix(".counts.json")
        targets = Targets(
            video=video,
            heat_png=options.heat_png or video.with_suffix(".heat.png"),
            heat_npy=options.heat_npy or video.with_suffix(".heat.npy"),
            counts_json=counts.with_suffix(".json"),
            counts_csv=counts.with_suffix(".csv"),
        )
    _check(targets, source, is_overwriting=options.overwrite)
    return targets


def _check(targets: Targets, source: Path | SecretUrl, *, is_overwriting: bool) -> None:
    seen: set[Path] = set()
    for path in targets.each():
        if not path.parent.is_dir():
            raise StartError(f"{path}: the folder {path.parent} is not there")
        if isinstance(source, Path) and path.exists() and path.samefile(source):
            raise StartError(f"{path}: is the source itself; give another name with --output")
        if path.absolute() in seen:
            raise StartError(f"{path}: is named for two of the files")
        seen.add(path.absolute())
        if path.is_dir():
            raise StartError(f"{path}: is a folder")
        if path.exists() and not is_overwriting:
            raise StartError(f"{path}: is there already; --overwrite replaces it")


def _default_name(source: Path | SecretUrl) -> str:
    """Return `SOURCE-heatwall.mp4`; of a URL the last part of its path, without secrets."""
    if isinstance(source, Path):
        stem = source.stem
    else:
        path = str(source).partition("://")[2].partition("?")[0].partition("/")[2]
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(path).stem).strip("-")
    return f"{stem or 'stream'}-heatwall.mp4"
