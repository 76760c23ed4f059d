"""What a viewer is told who asks for a camera that can't be shown."""

from __future__ import annotations

from heatwall.errors import DeliveryError

RETRY_S = 5
"""When to ask a camera again that sent nothing: lost ones are tried about as often."""


def unknown_camera(camera: str) -> DeliveryError:
    """Return the answer to who asks for a camera that is not there, or not there for him."""
    return DeliveryError(404, "unknown_camera", f"There is no camera {camera!r}.")


def no_picture(camera: str, within_s: float) -> DeliveryError:
    """Return the answer to who waited for a camera that sends nothing."""
    return DeliveryError(
        503,
        "no_picture",
        f"Camera {camera!r} sent no picture within {within_s:g} s.",
        retry_after_s=RETRY_S,
    )
