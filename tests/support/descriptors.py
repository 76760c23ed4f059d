"""A process that may open no more files."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def no_descriptors_left() -> Iterator[None]:
    """Hold every file descriptor that this process may still open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(int(one.name) for one in Path("/proc/self/fd").iterdir())
    with ExitStack() as held:
        resource.setrlimit(resource.RLIMIT_NOFILE, (used + 8, hard))
        held.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        while True:
            try:
                held.enter_context(Path(os.devnull).open("rb"))
            except OSError:
                break
        yield
