"""Waiting for a condition, with a deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

_STEP_S = 0.02

T = TypeVar("T")


def eventually(predicate: Callable[[], T], timeout_s: float = 10.0) -> T:
    """Return the first true value of `predicate`; AssertionError after `timeout_s`."""
    deadline_s = time.monotonic() + timeout_s
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > deadline_s:
            raise AssertionError(f"not within {timeout_s} s; last value: {value!r}")
        time.sleep(_STEP_S)


async def eventually_async(predicate: Callable[[], Any], timeout_s: float = 10.0) -> Any:
    """Like `eventually`, and the event loop goes on; `predicate` may be async."""
    deadline_s = time.monotonic() + timeout_s
    while True:
        result = predicate()
        value = await result if isinstance(result, Awaitable) else result
        if value:
            return value
        if time.monotonic() > deadline_s:
            raise AssertionError(f"not within {timeout_s} s; last value: {value!r}")
        await asyncio.sleep(_STEP_S)
