from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from heatwall.api.openapi import describe_api
from heatwall.api.operations import OPERATIONS
from support.api import serving_api

WITHOUT_WORDS = {"/api/live", "/api/media"}
"""WebSockets, for which OpenAPI has none."""


def _references(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(_references, schema))
    if not isinstance(schema, dict):
        return set()
    own = {schema["$ref"]} if isinstance(schema.get("$ref"), str) else set()
    return own.union(*map(_references, schema.values()))


async def test_every_route_of_the_api_is_on_its_page(tmp_path: Path) -> None:
    told = {(operation.method, operation.path) for operation in OPERATIONS}
    async with serving_api(tmp_path) as stand:
        served = set()
        for route in stand.client.app.router.routes():
            assert route.resource is not None
            address = route.resource.canonical
            is_of_page = address == "/" or re.fullmatch(r"/[^/]+\.\w+|/(js|css)/.*", address)
            if route.method not in {"HEAD", "OPTIONS"} and not is_of_page:
                served.add((route.method, address))
    served -= {("GET", address) for address in WITHOUT_WORDS}
    assert served == told | {("GET", "/api/openapi.json")}


async def test_the_page_is_served_as_json(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.get("/api/openapi.json")
        assert response.content_type == "application/json"
        assert json.loads(await response.text()) == json.loads(json.dumps(describe_api()))


def test_every_schema_that_is_named_is_there() -> None:
    document = describe_api()
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert _references(document) <= known


def test_no_schema_says_what_only_files_may_say() -> None:
    assert "Filled" not in json.dumps(describe_api())


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_says_how_it_fails(operation: Any) -> None:
    responses = describe_api()["paths"][operation.path][operation.method.lower()]["responses"]
    assert {"400", "401", "403", "404", "429", str(operation.status)} <= responses.keys()


def test_no_two_operations_have_one_name() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(names) == len(set(names))
