"""What a config says, as lines for people."""

from __future__ import annotations

from collections.abc import Mapping

from heatwall.config.groups import GroupConfig
from heatwall.config.kinds import format_half_life
from heatwall.config.model import CameraConfig, Config, TierConfig
from heatwall.config.units import format_bitrate
from heatwall.roles import open_role

_HEAD = (
    "camera",
    "name",
    "url",
    "substream",
    "detect",
    "heat shown",
    "footprint",
    "lines",
    "zones",
    "tile",
    "focus",
    "preview",
)


def describe_check(config: Config) -> tuple[str, ...]:
    """Return the lines of `heatwall check`: server, model, cameras and groups; no passwords."""
    server, model = config.server, config.model
    table = [_HEAD, *(_row(key, camera) for key, camera in config.cameras.items())]
    widths = [max(len(row[column]) for row in table) for column in range(len(_HEAD))]
    rows = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )
    address = f"[{server.host}]" if ":" in server.host else server.host
    auth = config.auth
    log_in = f"{len(auth.users)} users, {len(auth.tokens)} tokens" if auth.has_log_in else ""
    role = open_role(server.role, server.host)
    others = "" if role.near is role.far else f" on this machine, {role.far.value} elsewhere"
    count = len(config.cameras)
    return (
        f"server  http://{address}:{server.port}, at most {server.max_viewers} viewers",
        f"auth    {log_in}" if log_in else f"role    {role.near.value}{others}",
        f"model   {model.path} on {model.device}, {model.imgsz} px",
        f"state   {server.state or 'not kept over a restart'}",
        f"{count} camera{'' if count == 1 else 's'}",
        "",
        *rows,
        *_groups(config.groups),
    )


def _groups(groups: Mapping[str, GroupConfig]) -> tuple[str, ...]:
    if not groups:
        return ()
    count = len(groups)
    widths = [max(map(len, words)) for words in (groups, [one.name for one in groups.values()])]
    return (
        "",
        f"{count} group{'' if count == 1 else 's'}",
        *(
            f"{key.ljust(widths[0])}  {group.name.ljust(widths[1])}  {', '.join(group.cameras)}"
            for key, group in groups.items()
        ),
    )


def _row(key: str, camera: CameraConfig) -> tuple[str, ...]:
    return (
        key,
        camera.name,
        str(camera.url),
        str(camera.substream or "none"),
        f"{camera.detect.fps:g} fps",
        format_half_life(camera.heat.shown_s),
        camera.heat.footprint,
        str(len(camera.lines)),
        str(len(camera.zones)),
        _tier(camera.tile),
        _tier(camera.focus),
        _tier(camera.preview),
    )


def _tier(tier: TierConfig) -> str:
    return f"{tier.width}×{tier.height} {tier.fps:g} fps {format_bitrate(tier.bitrate_bps)}"
