"""Why a camera's stream can't be had, in words that a shop's owner understands."""

from __future__ import annotations

from heatwall.errors import SourceError, SourceRefusedError, SourceUnsupportedError


def no_answer(timeout_s: float) -> SourceError:
    """Return the error for a silence of `timeout_s` seconds."""
    return SourceError(f"no answer within {timeout_s:g} s")


def refused() -> SourceRefusedError:
    """Return the error for a wrong or missing password."""
    return SourceRefusedError("the camera refused the user or password")


def unknown_path() -> SourceError:
    """Return the error for a path that the camera does not have."""
    return SourceError("the camera does not know this path")


def ended() -> SourceError:
    """Return the error for a stream that the camera closed."""
    return SourceError("the camera ended the stream")


def no_listener() -> SourceError:
    """Return the error for a port at which nothing answers."""
    return SourceError("connection refused: nothing listens at this address")


def unreachable() -> SourceError:
    """Return the error for a host without a name or a way to it."""
    return SourceError("can't reach the camera: unknown host, or no network")


def no_video() -> SourceUnsupportedError:
    """Return the error for a stream of sound or other things only."""
    return SourceUnsupportedError("the stream holds no video")


def no_decoder() -> SourceUnsupportedError:
    """Return the error for video in a codec that is not built in."""
    return SourceUnsupportedError("the stream holds no video that can be decoded")


def unreadable(text: str) -> SourceError:
    """Return the error for all else.

    Args:
        text: The system's or library's words.
    """
    return SourceError(f"can't read the stream: {text}")
