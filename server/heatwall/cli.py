"""The command line."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from heatwall import __version__
from heatwall.access.command import add_access
from heatwall.alarms.command import add_alarms
from heatwall.capacity.command import add_bench
from heatwall.config import (
    Config,
    LogConfig,
    describe_check,
    load_config,
    render_schema,
    require_auth,
)
from heatwall.errors import ConfigError, HeatwallError
from heatwall.export.command import add_export
from heatwall.last_words import hide_last_words
from heatwall.logs import begin_log
from heatwall.redaction import redact
from heatwall.render.command import add_render
from heatwall.roles import is_loopback

app = typer.Typer(
    help="A live heat wall for shops: RTSP cameras in, a decaying heat on every tile, WebRTC out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_CAMERA_FAILED = 1
"""Exit code of `check --probe` when the config is fine and a camera is not."""

_CANT_START = 2
"""Exit code for everything that the user must change before a new try."""

ConfigPath = Annotated[Path, typer.Argument(help="The YAML file with the cameras.")]
Cameras = Annotated[int, typer.Option(min=1, max=64, help="How many simulated cameras.")]


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log more: --log-level debug.")
    ] = False,
    log_format: Annotated[
        Literal["text", "json"] | None,
        typer.Option(help="How lines are written, instead of what the config says."),
    ] = None,
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"] | None,
        typer.Option(help="The least important lines, instead of what the config says."),
    ] = None,
) -> None:
    given = {"format": log_format, "level": "debug" if verbose else log_level}
    context.obj = {name: value for name, value in given.items() if value is not None}
    hide_last_words()
    begin_log(LogConfig(**context.obj))
    if version:
        typer.echo(f"heatwall {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(_CANT_START)


@app.command()
def serve(
    context: typer.Context,
    config: ConfigPath,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="TCP port.")] = None,
) -> None:
    """Run the wall for the cameras in CONFIG."""
    settings = load_config(config)
    begin_log(settings.log.model_copy(update=context.obj))
    _serve(settings, config, host, port)


@app.command()
def check(
    config: ConfigPath,
    probe: Annotated[
        bool, typer.Option("--probe", help="Open each camera and try the network, too.")
    ] = False,
) -> None:
    """Say whether CONFIG can be used; every fault with file, line and what is allowed."""
    settings = load_config(config)
    for line in describe_check(settings):
        typer.echo(line)
    require_auth(settings, settings.server.host)
    if probe:
        from heatwall.clock import wall
        from heatwall.delivery.network import describe_network
        from heatwall.probe import probe_all

        for told in asyncio.run(describe_network(settings, wall)):
            typer.echo(told.text)
        if not asyncio.run(probe_all(settings, typer.echo)):
            raise typer.Exit(_CAMERA_FAILED)


@app.command(name="versions")
def show_versions() -> None:
    """Print the versions of all that matters, for a report of a fault."""
    from heatwall.versions import versions

    for name, version in versions().items():
        typer.echo(f"{name} {version}")


add_access(app)
add_render(app)
add_export(app)
add_bench(app)
add_alarms(app)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the config file, for editors."""
    typer.echo(json.dumps(render_schema(), indent=2))


@app.command()
def simulate(
    cameras: Cameras = 4,
    port: Annotated[int, typer.Option(min=0, max=65535, help="RTSP port.")] = 8554,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    fault: Annotated[
        list[str] | None,
        typer.Option(help="A fault to show, such as cam2=stall or cam3=cut@20s+5s."),
    ] = None,
    clip: Annotated[
        list[Path] | None, typer.Option(help="An MP4 to show instead of the rendered shops.")
    ] = None,
    user: Annotated[str | None, typer.Option(help="Account that the cameras ask for.")] = None,
    password: Annotated[
        str, typer.Option(envvar="HEATWALL_SIMULATE_PASSWORD", help="Its password.")
    ] = "",
    barcode: Annotated[
        bool, typer.Option(help="Paint the capture time into each picture.")
    ] = False,
) -> None:
    """Run simulated store cameras over RTSP, and nothing else."""
    from heatwall.simulator.auth import Credentials
    from heatwall.simulator.simulate import SimulationOptions, run_simulate

    names = [f"cam{index + 1}" for index in range(cameras)]
    run_simulate(
        cameras,
        SimulationOptions(
            clips=tuple(clip or ()),
            host=host,
            port=port,
            credentials=Credentials(user, password) if user else None,
            barcode_cameras=frozenset(names if barcode else ()),
            faults=tuple(fault or ()),
        ),
    )


@app.command()
def demo(
    cameras: Cameras = 4,
    port: Annotated[int, typer.Option(min=0, max=65535, help="TCP port of the page.")] = 8080,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Run simulated cameras and the wall for them, with the bundled demo model."""
    from heatwall.demo import simulated_config

    if not is_loopback(host):
        typer.echo("Anybody in the network can watch the simulated cameras now.")
    _warm_up()
    with simulated_config(cameras) as settings:
        _serve(settings, None, host, port)


def main() -> None:
    """Run the command line; faults that the user can mend end it with code 2 and no traceback."""
    try:
        app()
    except ConfigError as error:
        for fault in error.faults:
            print(redact(str(fault)), file=sys.stderr)  # noqa: T201 - the command line's own output
        sys.exit(_CANT_START)
    except HeatwallError as error:
        print(f"heatwall: {redact(str(error))}", file=sys.stderr)  # noqa: T201 - the same
        sys.exit(_CANT_START)


def _serve(settings: Config, file: Path | None, host: str | None, port: int | None) -> None:
    """Run the wall; the model's path is relative to the folder of the config's file."""
    from heatwall.app import serve as run
    from heatwall.crash_hooks import reporting
    from heatwall.simulator.weights import model_file

    folder = Path() if file is None else file.parent
    model_path = model_file(settings.model.path, folder, settings.model.device)
    _silence()
    with reporting(settings):
        asyncio.run(
            run(
                settings,
                model_path,
                settings.server.host if host is None else host,
                settings.server.port if port is None else port,
                lambda address: typer.echo(f"Heatwall is at {address}  (Ctrl-C ends it)"),
                file,
            )
        )


def _silence() -> None:
    from heatwall.analysis.detector import silence_ultralytics

    silence_ultralytics(Path(typer.get_app_dir("heatwall")) / "ultralytics")


def _warm_up() -> None:
    """Begin to import torch while the simulator makes its clips; both take seconds."""
    import threading

    _silence()
    threading.Thread(target=__import__, args=("ultralytics",), daemon=True).start()


if __name__ == "__main__":
    main()
