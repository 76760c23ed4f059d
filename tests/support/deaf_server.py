"""Heatwall's command line on a disk that never tells of changes: only SIGHUP helps there.

Run as `python -m support.deaf_server serve CONFIG …`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from heatwall import cli, reloader


async def _deaf(*_: object, **__: object) -> AsyncIterator[None]:
    """Hear nothing, like a watcher of a network disk; not even that time goes by."""
    await asyncio.Event().wait()
    yield


if __name__ == "__main__":
    reloader.awatch = _deaf  # type: ignore[attr-defined, assignment]  # that is what this is for
    cli.main()
