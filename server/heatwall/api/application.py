"""The aiohttp application: all routes of the server in one table."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from aiohttp import web

from heatwall import clock
from heatwall.access.door import Access, open_to_all
from heatwall.alarms.alarms import AlarmsView, NoAlarms
from heatwall.api.alarms import ALARMS, alarm_routes
from heatwall.api.body import BODY_LIMIT_S, BODY_S, MAX_BODY
from heatwall.api.cameras import camera_routes
from heatwall.api.counts import counts_routes
from heatwall.api.errors import answer_errors
from heatwall.api.film import end_films, film_routes
from heatwall.api.guard import add_security_headers, refuse_other_origins
from heatwall.api.health import health_routes
from heatwall.api.heat import heat_routes
from heatwall.api.history import history_routes
from heatwall.api.ice import ICE_SERVERS, IceServers, ice_routes, no_ice_servers
from heatwall.api.keeping import WALL_CLOCK
from heatwall.api.limits import LIMITS, REFUSALS, Limits, count_refusals, limit_rates
from heatwall.api.live import Live
from heatwall.api.login import login_routes
from heatwall.api.media import serve_media
from heatwall.api.openapi import openapi_routes
from heatwall.api.page import page_routes
from heatwall.api.peer_address import PROXY, with_prefix
from heatwall.api.regions import region_routes
from heatwall.api.rights import OPEN_PATHS, require_rights
from heatwall.api.snapshot import snapshot_routes
from heatwall.api.wall import ACCESS, CONFIG_FILE, DESK, SESSIONS, WALL, Desk, Wall
from heatwall.api.whep import whep_routes
from heatwall.delivery.session import Sessions
from heatwall.forwarded import Proxy
from heatwall.loop_lag import LoopLag
from heatwall.metrics import Expiry, Metrics, no_certificate
from heatwall.refusals import Refusals
from heatwall.roles import Role

_NO_PROXY = Proxy()


def make_app(
    wall: Wall,
    desk: Desk,
    sessions: Sessions,
    page_dir: Path,
    more_routes: Iterable[web.RouteDef] = (),
    wall_clock: clock.Clock = clock.wall,
    body_s: float = BODY_LIMIT_S,
    config_file: Path | None = None,
    access: Access | None = None,
    ice_servers: IceServers = no_ice_servers,
    alarms: AlarmsView | None = None,
    proxy: Proxy = _NO_PROXY,
    expiry: Expiry = no_certificate,
) -> web.Application:
    """Put the application together.

    Args:
        wall: The cameras.
        desk: Their heat.
        sessions: The viewers' sessions; the caller opens and closes them.
        page_dir: The folder with the page's `index.html`.
        more_routes: Routes of other rooms, such as the heat's.
        wall_clock: Seconds since 1970 UTC.
        body_s: Longest wait for a request's body, seconds.
        config_file: The file that changes may be saved to; None without one.
        access: Who may come in; None lets everybody look.
        ice_servers: Returns the STUN and TURN servers that a viewer may use.
        alarms: What somebody is told of; None for nothing.
        proxy: The reverse proxies before the server.
        expiry: Returns until when the certificate is good, seconds since 1970 UTC.

    Raises:
        StartError: There is no page in `page_dir`.
    """
    app = web.Application(
        middlewares=[
            count_refusals,
            answer_errors,
            limit_rates,
            refuse_other_origins,
            require_rights,
        ],
        client_max_size=MAX_BODY,
    )
    app[REFUSALS] = refusals = Refusals()
    app[LIMITS] = Limits(clock.monotonic)
    app[BODY_S] = body_s
    app[WALL] = wall
    app[DESK] = desk
    app[SESSIONS] = sessions
    app[WALL_CLOCK] = wall_clock
    app[ACCESS] = access or open_to_all(Role.VIEWER)
    app[CONFIG_FILE] = config_file
    app[ICE_SERVERS] = ice_servers
    alarms = NoAlarms() if alarms is None else alarms
    app[ALARMS] = alarms
    app[PROXY] = proxy
    lag = LoopLag(clock.monotonic)
    metrics = Metrics(wall, sessions, alarms, lag.worst_s, refusals.counts, expiry)
    live = Live(wall, sessions, wall_clock, has_file=config_file is not None)
    open_routes = [*page_routes(page_dir), *more_routes]
    app[OPEN_PATHS] = frozenset({"", *(route.path for route in open_routes)})  # and the prefix
    with_prefix(
        app,
        [
            *open_routes,
            *login_routes(),
            *camera_routes(),
            *heat_routes(),
            *history_routes(),
            *counts_routes(),
            *region_routes(),
            web.get("/api/live", live.serve),
            *ice_routes(),
            *whep_routes(),
            *film_routes(),
            web.get("/api/media", serve_media),
            *snapshot_routes(),
            *alarm_routes(),
            *openapi_routes(),
            *health_routes(metrics.exposition, lag.worst_s),
        ],
    )
    app.on_response_prepare.append(add_security_headers)
    app.cleanup_ctx.append(live.run)
    app.cleanup_ctx.append(lambda _: _measuring(lag))
    app.on_shutdown.append(live.close)
    app.on_shutdown.append(end_films)
    return app


async def _measuring(lag: LoopLag) -> AsyncIterator[None]:
    """Measure the event loop's lag while the application runs; a cleanup context of aiohttp."""
    async with asyncio.TaskGroup() as tasks:
        measuring = tasks.create_task(lag.keep_measuring(), name="loop lag")
        yield
        measuring.cancel()
