"""The OpenAPI page of the HTTP API, made from the very types that answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from heatwall import __version__
from heatwall.api.operations import ERROR, OPERATIONS, Operation, Parameter, Payload
from heatwall.config import api_schemas

_VERSION = "3.1.0"
"""Of the OpenAPI Specification; its schemas are JSON Schema 2020-12, as msgspec's are."""

_REF = "#/components/schemas/{name}"

_EVERYWHERE = (400, 401, 403, 404, 408, 413, 415, 429)
"""Statuses of errors that any address may answer with."""

_PART = re.compile(r"\{(\w+)\}")


def openapi_routes() -> list[web.RouteDef]:
    """Return the route of the page."""
    return [web.get("/api/openapi.json", _page)]


async def _page(_request: web.Request) -> web.Response:
    """Answer with the description of the API for programs."""
    return web.Response(body=_encoded(), content_type="application/json")


@cache
def _encoded() -> bytes:
    return msgspec.json.encode(describe_api())


def describe_api() -> dict[str, Any]:
    """Return the OpenAPI document."""
    structs = [
        payload.schema
        for payload in _payloads(OPERATIONS)
        if isinstance(payload.schema, type) and issubclass(payload.schema, msgspec.Struct)
    ]
    _, schemas = msgspec.json.schema_components(structs, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation)
    return {
        "openapi": _VERSION,
        "info": {
            "title": "Heatwall",
            "version": __version__,
            "description": "The wall's cameras, their heat and their streams. Beside these routes "
            "there are two WebSockets: /api/live tells states and figures, /api/media sends "
            "pictures where WebRTC can't.",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "paths": paths,
        "components": {
            "schemas": {**schemas, **api_schemas(_REF)},
        },
    }


def _payloads(operations: Iterable[Operation]) -> Iterable[Payload]:
    yield ERROR
    for operation in operations:
        yield from (body for body in (operation.body, operation.answer) if body is not None)


def _described(operation: Operation) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    if operation.answer is not None:
        answer["content"] = _content(operation.answer)
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.about,
        "parameters": [
            *(_path_parameter(name) for name in _PART.findall(operation.path)),
            *(_query_parameter(parameter) for parameter in operation.query),
        ],
        "responses": {str(operation.status): answer}
        | {
            str(status): {"description": HTTPStatus(status).phrase, "content": _content(ERROR)}
            for status in sorted({*_EVERYWHERE, *operation.errors})
        },
    }
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _content(operation.body)}
    return described


def _content(payload: Payload) -> dict[str, Any]:
    schema = payload.schema
    if isinstance(schema, str):
        return {payload.kind: {"schema": {"$ref": _REF.format(name=schema)}}}
    if isinstance(schema, dict):
        return {payload.kind: {"schema": schema} if schema else {}}
    return {payload.kind: {"schema": {"$ref": _REF.format(name=schema.__name__)}}}


def _path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = dict(parameter.schema)
    if parameter.is_many:
        schema = {"type": "array", "items": schema}
    return {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": parameter.about,
        "schema": schema,
    }
