"""Fuzzing led by coverage: `python tests/fuzz/drive.py TARGET [--runs N] [--seconds S]`.

Prints how many inputs were tried; ends with another code than 0 when one of them broke a promise,
took more than ten seconds or two gigabytes, with the input in the folder it was run in.
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

with atheris.instrument_imports(include=["heatwall", "aiortc.sdp"], enable_loader_override=False):
    from fuzz.targets import TARGETS

_LONGEST_S = 10
_MOST_MB = 2048
_MOST_BYTES = 4096


def _inherited_mb() -> int:
    """Return the peak that libFuzzer would take for this process's own before the first input.

    It asks `getrusage` for `ru_maxrss`, which outlives `execve`: a driver started by a large test
    run begins with the test run's peak (getrusage(2), "Notes").
    """
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Fuzz one target; libFuzzer ends the process."""
    targets = {target.name: target for target in TARGETS}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=[*targets])
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=0, help="0: as long as the runs take")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    target = targets[options.target]
    logging.disable(logging.CRITICAL)
    corpus = tempfile.mkdtemp(prefix="heatwall-fuzz-")
    for number, seed in enumerate(target.seeds):
        (Path(corpus) / f"seed{number}").write_bytes(seed)
    words = [
        sys.argv[0],
        corpus,
        f"-runs={max(1, round(options.runs * target.share))}",
        f"-seed={options.seed}",
        f"-timeout={_LONGEST_S}",
        f"-rss_limit_mb={_inherited_mb() + _MOST_MB}",
        f"-max_len={_MOST_BYTES}",
        "-print_final_stats=1",
        *([f"-max_total_time={options.seconds}"] if options.seconds else []),
    ]
    atheris.Setup(words, target.run, internal_libfuzzer=True)
    atheris.Fuzz()


if __name__ == "__main__":
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    main()
