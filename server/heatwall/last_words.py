"""What a process of ours leaves when it breaks: words without secrets, no image of its memory."""

from __future__ import annotations

import resource
import sys
import traceback
from types import TracebackType

from heatwall.redaction import redact

_NO_IMAGE_BYTES = 1
"""A limit of 1 and not of 0: a file of one byte is never begun, and where images are piped to a
program, as systemd-coredump and apport have it, 0 is ignored and 1 alone keeps the kernel from it
(core(5); fs/coredump.c, which takes 1 for a crash of that program itself)."""


def hide_last_words() -> None:
    """Print what ends the process without its secrets, and leave no image of the memory.

    All passwords are in that image. Processes that are started inherit the limit.
    """
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    least = _NO_IMAGE_BYTES if most == resource.RLIM_INFINITY else min(_NO_IMAGE_BYTES, most)
    resource.setrlimit(resource.RLIMIT_CORE, (least, most))
    sys.excepthook = _print_redacted


def _print_redacted(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    text = "".join(traceback.format_exception(kind, error, trace))
    print(redact(text), file=sys.stderr)  # noqa: T201 - the interpreter's own last words
