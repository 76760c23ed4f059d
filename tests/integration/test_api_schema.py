"""The real server's HTTP API against its own OpenAPI page, with made-up requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, SerializationContext
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from heatwall.api.openapi import describe_api
from heatwall.api.operations import OPERATIONS, SDP, Operation
from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.simulate import SimulationOptions
from support.eventually import eventually
from support.server import running_server
from support.store import running_store

EACH = 40
"""Requests of each operation."""

ENDLESS = "/api/cameras/{id}/stream.mp4"
"""It never ends; `test_film_delivery` has it."""

SLOW = "/api/cameras/{id}/snapshot.jpg"
"""503 says that the camera has no picture now, which is no fault of the server."""


SCHEMA = schemathesis.openapi.from_dict(describe_api())
TRIED = [operation for operation in OPERATIONS if operation.path != ENDLESS]


@schemathesis.serializer(SDP)
def as_it_is(_context: SerializationContext, value: str) -> bytes:
    """Send an offer, which is text."""
    return value.encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a server whose one camera is live."""
    clip = ensure_clips(1)[0]
    with running_store(1, SimulationOptions(clips=(clip.path,))) as cameras:
        config = {
            "model": {"path": "demo", "imgsz": 320},
            "cameras": {"door": {"url": cameras.urls[0], "detect": {"fps": 2}}},
        }
        with running_server(tmp_path_factory.mktemp("api"), config) as server:
            eventually(lambda: server.camera("door")["heat"], timeout_s=60)
            yield server.address


@pytest.mark.parametrize("operation", TRIED, ids=lambda operation: operation.name)
def test_whatever_is_asked_the_answer_is_one_that_the_page_tells_of(
    address: str, operation: Operation
) -> None:
    described = SCHEMA[operation.path][operation.method]
    checks = [status_code_conformance, content_type_conformance, response_schema_conformance]
    if operation.path != SLOW:
        checks.append(not_a_server_error)

    @settings(
        max_examples=EACH,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=described.as_strategy(), is_door=st.booleans())
    def ask(case: Case[Any], is_door: bool) -> None:
        if is_door and "id" in case.path_parameters:  # else hardly any gets beyond that question
            case.path_parameters["id"] = "door"
        response = case.call(base_url=address, timeout=30)
        case.validate_response(response, checks=checks)

    ask()
