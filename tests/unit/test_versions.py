from __future__ import annotations

from pathlib import Path

from heatwall import __version__
from heatwall.versions import _gpus, versions


def test_the_versions_name_what_faults_come_from() -> None:
    found = versions()
    assert found["heatwall"] == __version__
    assert found.keys() >= {"python", "system", "ffmpeg", "av", "aiortc", "torch"}
    assert all(found.values())


def test_the_gpu_is_told_by_its_driver(tmp_path: Path) -> None:
    assert _gpus(tmp_path) == ""
    (tmp_path / "version").write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.1\nGCC")
    card = tmp_path / "gpus" / "0000:01:00.0"
    card.mkdir(parents=True)
    (card / "information").write_text("Model: \t\t NVIDIA T4\nIRQ: 1\n")
    assert _gpus(tmp_path) == "NVIDIA T4; NVIDIA UNIX x86_64 Kernel Module  570.1"
