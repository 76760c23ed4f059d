"""Who sent a request: the one place that says it."""

from __future__ import annotations

from aiohttp import web

from heatwall.forwarded import FORWARDED_HEADERS, ClientAddress, Proxy, trace

PROXY = web.AppKey("proxy", Proxy)
"""The reverse proxies before the server."""

_CLIENT = web.RequestKey("client", ClientAddress)


def client_of(request: web.Request) -> ClientAddress:
    """Return who sent a request, looked up once."""
    found = request.get(_CLIENT)
    if found is None:
        headers = {
            name: request.headers.getall(name)
            for name in FORWARDED_HEADERS
            if name in request.headers
        }
        peer = request.remote or ""
        found = trace(request.app[PROXY], peer, request.scheme, request.host, headers)
        request[_CLIENT] = found
    return found


def shown_path(request: web.Request) -> str:
    """Return the path of a request's route as the API's table has it, without the prefix."""
    resource = request.match_info.route.resource
    canonical = request.path if resource is None else resource.canonical
    prefix = request.app[PROXY].prefix
    is_below = prefix and (canonical == prefix or canonical.startswith(f"{prefix}/"))
    return canonical[len(prefix) :] if is_below else canonical


async def _to_the_page(request: web.Request) -> web.StreamResponse:
    """Lead on to the page, whose addresses are relative to the slash at its end."""
    question = f"?{request.query_string}" if request.query_string else ""
    raise web.HTTPPermanentRedirect(f"{request.app[PROXY].prefix}/{question}")


def with_prefix(app: web.Application, routes: list[web.RouteDef]) -> None:
    """Add routes, and again below the prefix, for a proxy that passes it on."""
    app.add_routes(routes)
    if prefix := app[PROXY].prefix:
        app.router.add_get(prefix, _to_the_page)
        app.add_routes(
            [web.RouteDef(one.method, prefix + one.path, one.handler, one.kwargs) for one in routes]
        )
