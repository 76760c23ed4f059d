"""The files of the wall page."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ETag, web

from heatwall.errors import StartError

_CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
"""What the page is made of. Anything else in the folder, such as settings of tools, is not
served."""


@dataclass(frozen=True, slots=True)
class _PageFile:
    """One file of the page, held in memory: as it is, and packed."""

    body: bytes
    packed: bytes
    content_type: str
    etag: str

    async def answer(self, request: web.Request) -> web.Response:
        """Answer with the file, or with 304 when the browser has it (RFC 9110 section 13.1.2)."""
        is_packed = "gzip" in request.headers.get("Accept-Encoding", "")
        # Another coding is another representation, with a tag of its own (section 8.8.3).
        etag = f"{self.etag}-gzip" if is_packed else self.etag
        held = request.if_none_match or ()
        is_held = any(tag.value in (etag, "*") for tag in held)
        if is_held:
            response = web.Response(status=304)
        else:
            response = web.Response(body=self.packed if is_packed else self.body)
            response.headers["Content-Type"] = self.content_type
            if is_packed:
                response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.etag = ETag(etag)
        # To be asked for each time, so that an update of the server is an update of the page.
        response.headers["Cache-Control"] = "no-cache"
        return response


def page_routes(page_dir: Path) -> list[web.RouteDef]:
    """Read the page's files and return one route for each, `/` being `index.html`.

    There is no path handling at all when serving: what was not read here has no route.

    Raises:
        StartError: There is no page in `page_dir`.
    """
    root = page_dir.resolve()
    if not (root / "index.html").is_file():
        raise StartError(f"There is no page in {page_dir}: index.html is missing.")
    routes = []
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        is_hidden = any(part.startswith(".") or part == "node_modules" for part in parts)
        content_type = _CONTENT_TYPES.get(path.suffix)
        if is_hidden or content_type is None or not path.is_file():
            continue
        if not path.resolve().is_relative_to(root):
            continue
        body = path.read_bytes()
        # Packed once: a time in it would make another file of it at each start.
        packed = gzip.compress(body, mtime=0)
        held = _PageFile(body, packed, content_type, hashlib.sha256(body).hexdigest()[:16])
        address = "/" + "/".join(parts)
        routes.append(_get(address, held.answer))
        if address == "/index.html":
            routes.append(_get("/", held.answer))
    return routes


def _get(
    address: str, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.RouteDef:
    # Braces would make a pattern of a file's name.
    return web.get(address.replace("{", "%7B").replace("}", "%7D"), handler)
