"""The answers to requests that fail: always JSON, never a traceback."""

from __future__ import annotations

import logging

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from heatwall.errors import ConfigError, DeliveryError

_CODES = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "wrong_content_type",
}
_MESSAGES = {
    404: "There is nothing at this address.",
    405: "This method is not allowed here.",
    413: "The body is too large.",
}

_log = logging.getLogger(__name__)


class Fault(msgspec.Struct, frozen=True):
    """Why a request failed: a word for programs, and a sentence."""

    code: str
    message: str


class Detail(msgspec.Struct, frozen=True):
    """One value that was refused: where, what was found, what is allowed."""

    key: str
    message: str
    found: str | None
    allowed: str


class ErrorBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every answer to a request that failed."""

    error: Fault
    faults: tuple[Detail, ...] = ()


def error_response(status: int, code: str, message: str) -> web.Response:
    """Return `{"error": {"code", "message"}}` with an HTTP status."""
    body = msgspec.json.encode(ErrorBody(Fault(code, message)))
    return web.Response(status=status, body=body, content_type="application/json")


def _refused(error: ConfigError) -> web.Response:
    """Answer to values that break the config's rules, with all faults."""
    faults = tuple(
        Detail(fault.key, fault.message, fault.found, fault.allowed) for fault in error.faults
    )
    body = msgspec.json.encode(ErrorBody(Fault("invalid", str(error)), faults))
    return web.Response(status=422, body=body, content_type="application/json")


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what a handler raises into an answer; the unexpected is logged, not told."""
    try:
        return await handler(request)
    except DeliveryError as error:
        answer = error_response(error.status, error.code, str(error))
        if error.retry_after_s is not None:  # RFC 9110 section 10.2.3
            answer.headers["Retry-After"] = str(error.retry_after_s)
        if error.status == 401:  # RFC 9110 section 15.5.2; no browser asks for a Bearer by itself
            answer.headers["WWW-Authenticate"] = 'Bearer realm="heatwall"'
        if error.status == 408:  # half a request is on the connection: no other can follow it
            answer.force_close()
        return answer
    except ConfigError as error:
        return _refused(error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        code = _CODES.get(error.status, "error")
        answer = error_response(error.status, code, _MESSAGES.get(error.status, error.reason))
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except ConnectionError:
        raise  # the client went away: there is nobody to answer
    except Exception:  # noqa: BLE001 -- the last border: a bug must not tell a client its traceback
        _log.exception("%s %s failed", request.method, request.path)
        return error_response(500, "internal", "The server failed; its log has the reason.")
