"""Heatwall's command line with faults whose words hold every secret of the config.

Run as `python -m support.telling_server serve CONFIG …`. Files beside the config break it: while
`api.fault` is there, /metrics fails; once `main.fault` is, the server ends by an exception.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

from heatwall import cli
from heatwall.config.loader import load_config
from heatwall.config.secrets import secrets_of
from heatwall.ending import Ending
from heatwall.metrics import Metrics

_LOOK_S = 0.05


def main() -> None:
    """Break what is to be broken, and serve."""
    (config,) = [Path(one) for one in sys.argv if one.endswith(".yaml")]
    folder = config.parent
    wait, exposition = Ending.wait, Metrics.exposition

    def secrets() -> str:
        return " and ".join(secrets_of(load_config(config)))

    async def wait_or_break(self: Ending) -> None:
        ended = asyncio.ensure_future(wait(self))
        while not ended.done():
            if (folder / "main.fault").exists():
                logging.getLogger("heatwall.told").warning("told to break with %s", secrets())
                raise RuntimeError(secrets())
            await asyncio.wait([ended], timeout=_LOOK_S)

    def exposition_or_break(self: Metrics) -> tuple[str, bytes]:
        if (folder / "api.fault").exists():
            raise RuntimeError(secrets())
        return exposition(self)

    Ending.wait = wait_or_break  # type: ignore[method-assign]  # that is what this is for
    Metrics.exposition = exposition_or_break  # type: ignore[method-assign]  # the same
    cli.main()


if __name__ == "__main__":
    main()
