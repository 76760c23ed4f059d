"""The config file, into which lines and zones that were drawn are saved."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import stat
import tempfile
from pathlib import Path

from heatwall.config import Config, Regions, read_text, regions_of, rewritten
from heatwall.errors import ConfigError, DeliveryError, EditError

_TRIES = 3
"""How often a save begins anew because somebody writes the file at the same time."""

_KEPT = "The lines and zones hold until the server ends, but were not saved"

_HINTS = {
    errno.EBUSY: "it is mounted by itself; mount its folder instead",
    errno.EROFS: "its disk can only be read",
}

_log = logging.getLogger(__name__)


class ConfigFile:
    """One config file. Blocks on the disk; one thread at a time.

    A save reads the file anew, so that what was written into it meanwhile stays, and puts a whole
    new one in its place, so that a crash leaves the old one or the new one.

    Args:
        path: The file; of a link, what it leads to is changed.
        config: What it said when it was read.
    """

    def __init__(self, path: Path, config: Config) -> None:
        self._path = path.absolute()
        self._known = {camera: regions_of(one) for camera, one in config.cameras.items()}

    def know(self, config: Config) -> None:
        """Take note of what the file says now."""
        self._known = {camera: regions_of(one) for camera, one in config.cameras.items()}

    def save(self, camera: str, wanted: Regions) -> None:
        """Write a camera's lines and zones; the file is as it was when that fails.

        Raises:
            DeliveryError: The file can't be read, used, edited or written; 409 with the reason.
        """
        try:
            self._save(camera, wanted)
        except EditError as error:
            raise DeliveryError(409, "not_editable", f"{_KEPT}: {error}") from None
        except ConfigError as error:
            message = f"{_KEPT}: the config file can't be used as it is now. {error}"
            raise DeliveryError(409, "file_invalid", message) from None
        except OSError as error:
            reason = _HINTS.get(error.errno or 0, error.strerror or str(error))
            message = f"{_KEPT}: {self._path} can't be written: {reason}."
            raise DeliveryError(409, "not_saved", message) from None
        self._known[camera] = wanted
        _log.info("lines and zones are saved in %s", self._path, extra={"camera": camera})

    def _save(self, camera: str, wanted: Regions) -> None:
        for _ in range(_TRIES):
            text = read_text(self._path)
            new = rewritten(text, self._path, camera, self._known[camera], wanted)
            if new == text:
                return
            target = self._path.resolve()
            partial = _written_beside(target, new)
            try:
                if read_text(self._path) == text:
                    partial.replace(target)
                    return
            finally:
                partial.unlink(missing_ok=True)
        raise OSError(errno.EAGAIN, "somebody else writes it all the time")


def _written_beside(target: Path, text: str) -> Path:
    """Return a new file with `text` in the folder of `target`, that belongs to whom it belongs.

    Raises:
        OSError: It can't be written, or `target` itself may not be.
    """
    if not os.access(target, os.W_OK):  # a replacement asks for the folder's permission alone
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    before = target.stat()
    number, name = tempfile.mkstemp(".partial", f".{target.name}.", target.parent)
    partial = Path(name)
    try:
        with open(number, "wb") as file:  # noqa: PTH123 - is open already, and never by a path
            with contextlib.suppress(PermissionError):  # only root gives files away
                os.fchown(number, before.st_uid, before.st_gid)
            os.fchmod(number, stat.S_IMODE(before.st_mode))
            file.write(text.encode())
            file.flush()
            os.fsync(number)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    return partial
