"""The states of a camera, with the one table of what may follow what."""

from __future__ import annotations

from enum import StrEnum


class CameraState(StrEnum):
    """Where a camera stands; the same words in API, log, metrics and page."""

    CONNECTING = "connecting"
    """A worker is being started or is opening the stream."""
    LIVE = "live"
    """Frames arrive."""
    STALLED = "stalled"
    """The stream is open and no frame has come for the stall time-out."""
    RETRYING = "retrying"
    """The last attempt failed; the next one is waiting for its back-off."""
    REFUSED = "refused"
    """The camera refused the user or password; tried again slowly."""
    UNSUPPORTED = "unsupported"
    """The stream holds no video that can be decoded; tried again slowly."""
    STOPPED = "stopped"
    """Nobody tries: the server is stopping, or the camera was removed."""


_FAILED = frozenset(
    {
        CameraState.RETRYING,
        CameraState.REFUSED,
        CameraState.UNSUPPORTED,
        CameraState.STOPPED,
    }
)

_NEXT: dict[CameraState, frozenset[CameraState]] = {
    CameraState.CONNECTING: _FAILED | {CameraState.LIVE},
    CameraState.LIVE: _FAILED | {CameraState.STALLED},
    CameraState.STALLED: _FAILED | {CameraState.LIVE},
    CameraState.RETRYING: frozenset({CameraState.CONNECTING, CameraState.STOPPED}),
    CameraState.REFUSED: frozenset({CameraState.CONNECTING, CameraState.STOPPED}),
    CameraState.UNSUPPORTED: frozenset({CameraState.CONNECTING, CameraState.STOPPED}),
    CameraState.STOPPED: frozenset({CameraState.CONNECTING}),
}


def is_legal(before: CameraState, after: CameraState) -> bool:
    """Return whether a camera in `before` may go to `after`; staying is always allowed."""
    return before == after or after in _NEXT[before]
