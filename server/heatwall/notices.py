"""What a live camera's tile says about work that is left out, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from heatwall.status import SavingStatus

_REACHED = 0.8
"""Share of the wanted detect frames below which it is said that the model does not keep up."""

_LATE_FPS = 0.5
"""Frames a second left out from which it is said; fewer is a hiccup."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is asked of a camera's frames, and what is done.

    Attributes:
        detect_fps: Wanted frames a second through the model.
        tile_fps: Wanted pictures a second on the wall.
        detect_share: Share of it that the machine's load allows, 0 to 1.
        picture_share: The same of pictures.
        decoded_fps: Frames a second that the camera gives.
        detected_fps: Frames a second that went through the model; None while that can't be said
            yet.
        late_fps: Frames a second that the camera's own process left out, being late.
    """

    detect_fps: float
    tile_fps: float
    detect_share: float
    picture_share: float
    decoded_fps: float
    detected_fps: float | None
    late_fps: float


def notices_of(work: Work) -> tuple[str, ...]:
    """Return a sentence for each kind of work that is left out; nothing when all is done."""
    found: list[str] = []
    asked_fps = work.detect_fps * work.detect_share
    if work.detect_share < 1 or work.picture_share < 1:
        done = [f"detection at {asked_fps:.2g} of {work.detect_fps:.3g}"]
        if work.picture_share < 1:
            done.append(
                f"pictures at {work.tile_fps * work.picture_share:.2g} of {work.tile_fps:.3g}"
            )
        found.append(f"the machine is busy: {' and '.join(done)} a second")
    elif work.late_fps > _LATE_FPS:
        found.append("this stream is too much for one processor: frames are left out")
    asked_fps = min(asked_fps, work.decoded_fps)
    if work.detected_fps is not None and work.detected_fps < _REACHED * asked_fps:
        found.append(
            f"the model keeps up with {work.detected_fps:.2g} of {asked_fps:.2g} frames a second"
        )
    return tuple(found)


def saving_notices(saving: SavingStatus) -> tuple[str, ...]:
    """Return what is to be said while heat can't be saved."""
    if saving.fault is None:
        return ()
    return (f"heat and counts are not being saved: {saving.fault}",)
