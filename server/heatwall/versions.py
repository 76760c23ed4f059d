"""What this is made of: the versions that a report of a fault must name."""

from __future__ import annotations

import importlib.metadata
import platform
from pathlib import Path

import av

from heatwall import __version__

_PACKAGES = (
    "aiohttp",
    "aiortc",
    "av",
    "numpy",
    "onnxruntime",
    "opencv-python-headless",
    "openvino",
    "pydantic",
    "pylibsrtp",
    "tensorrt",
    "torch",
    "ultralytics-opencv-headless",
)
"""Those whose versions have made a difference."""

_NVIDIA = Path("/proc/driver/nvidia")
"""Where NVIDIA's driver tells about itself; made up on reading. No library is loaded for it."""


def versions() -> dict[str, str]:
    """Return names with versions, in the order in which they matter. Blocks for milliseconds."""
    found = {
        "heatwall": __version__,
        "python": f"{platform.python_version()} ({platform.python_implementation()})",
        "system": _system(),
        "machine": platform.machine(),
        "ffmpeg": str(av.ffmpeg_version_info),
    }
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    gpus = _gpus()
    if gpus:
        found["gpu"] = gpus
    return found


def _system() -> str:
    try:
        name = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        name = ""
    return f"{name or platform.system()}, kernel {platform.release()}"


def _gpus(driver: Path = _NVIDIA) -> str:
    """Return NVIDIA's GPUs and their driver, or "" without one."""
    try:
        version = driver.joinpath("version").read_text(errors="replace").partition("\n")[0]
        texts = [file.read_text(errors="replace") for file in driver.glob("gpus/*/information")]
    except OSError:
        return ""
    models = [
        line.partition(":")[2].strip()
        for text in texts
        for line in text.splitlines()
        if line.startswith("Model:")
    ]
    return f"{', '.join(models) or 'none'}; {version.removeprefix('NVRM version:').strip()}"
