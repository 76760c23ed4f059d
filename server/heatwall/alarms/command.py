"""`heatwall alarms test`: tells one target that alarms reach it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from heatwall import clock
from heatwall.alarms.alarms import sender_of
from heatwall.alarms.delivering import Result
from heatwall.alarms.events import made_up
from heatwall.config import TargetConfig, load_config
from heatwall.errors import AlarmError

_FAILED = 1
_UNKNOWN = 2
_LIMIT_S = 20.0


def add_alarms(app: typer.Typer) -> None:
    """Add `alarms` to the command line."""
    group = typer.Typer(help="Alarms: try out who is told.", no_args_is_help=True)
    group.command("test")(_test)
    # A group of one command would become that command itself.
    group.callback()(lambda: None)
    app.add_typer(group, name="alarms")


def _test(
    config: Annotated[Path, typer.Argument(help="The YAML file with the alarms.")],
    target: Annotated[str, typer.Argument(help="A name below alarms.notify.")],
) -> None:
    """Send one test event to TARGET and say what came of it."""
    targets = load_config(config).alarms.notify
    if target not in targets:
        known = ", ".join(targets) or "none"
        typer.echo(f"There is nobody called {target!r} in alarms.notify: {known}.", err=True)
        raise typer.Exit(_UNKNOWN)
    reason = asyncio.run(_told(targets[target]))
    if reason:
        typer.echo(f"{target} was not told: {reason}", err=True)
        raise typer.Exit(_FAILED)
    typer.echo(f"{target} ({targets[target].place}) has taken a test event.")


async def _told(target: TargetConfig) -> str:
    """Return why it was not told; "" when it was."""
    try:
        async with asyncio.timeout(_LIMIT_S), sender_of(target, clock.wall).open(()) as link:
            attempt = await link.tell(made_up(clock.wall()))
    except AlarmError as error:
        return str(error)
    except TimeoutError:
        return f"no answer within {_LIMIT_S:g} s"
    return "" if attempt.result is Result.DELIVERED else attempt.reason
