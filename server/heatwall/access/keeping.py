"""The log-ins on the disk, so that a wall's screens need nobody after a restart of the server."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

import msgspec

from heatwall.access.sign_ins import SignIn

_NAME = "log-ins.json"
_EDITION = 1
_LARGEST = 10_000_000
"""Bytes; ten thousand log-ins are a third of it."""


class _File(msgspec.Struct, frozen=True):
    edition: int
    log_ins: tuple[SignIn, ...]


def read_sign_ins(folder: Path) -> tuple[SignIn, ...]:
    """Return what was kept in `folder`; nothing when there is no such file.

    Raises:
        OSError: It can't be read.
        ValueError: It is damaged, or of another edition.
    """
    try:
        with (folder / _NAME).open("rb") as file:
            content = file.read(_LARGEST)
    except FileNotFoundError:
        return ()
    kept = msgspec.json.decode(content, type=_File)  # its errors are ValueErrors
    if kept.edition != _EDITION:
        raise ValueError(f"is of edition {kept.edition}; known: {_EDITION}")
    return kept.log_ins


def write_sign_ins(folder: Path, kept: tuple[SignIn, ...]) -> None:
    """Keep log-ins in `folder`: the whole file or none, for this user's eyes only.

    It holds hashes, which open nothing; but names and times are nobody else's matter.

    Raises:
        OSError: It can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(".partial", f".{_NAME}.", folder)  # mode 0600
    partial = Path(name)
    try:
        with open(number, "wb") as file:  # noqa: PTH123 - is open already, and never by a path
            file.write(msgspec.json.encode(_File(_EDITION, kept)))
            file.flush()
            os.fsync(number)
        partial.replace(folder / _NAME)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
