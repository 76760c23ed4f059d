"""The names of OpenCV's colour maps, and how people write them."""

from __future__ import annotations

import difflib

COLORMAPS: tuple[str, ...] = (
    "autumn",
    "bone",
    "jet",
    "winter",
    "rainbow",
    "ocean",
    "summer",
    "spring",
    "cool",
    "hsv",
    "pink",
    "hot",
    "parula",
    "magma",
    "inferno",
    "plasma",
    "viridis",
    "cividis",
    "twilight",
    "twilight_shifted",
    "turbo",
    "deepgreen",
)
"""In the order of OpenCV's `cv::ColormapTypes`: the position of a name is its number there."""

_PREFIX = "colormap_"

ALLOWED = (
    f"{', '.join(COLORMAPS)}; also OpenCV's spelling such as COLORMAP_INFERNO, "
    f"or its number from 0 to {len(COLORMAPS) - 1}"
)
"""What may be written for a colour map, for people."""


def parse_colormap(value: str | int) -> str:
    """Return the canonical lower-case name of the colour map that `value` means.

    Args:
        value: A name in any case, with or without `COLORMAP_` or `cv2.COLORMAP_` before it, or
            OpenCV's number, as int or as text.

    Raises:
        ValueError: `value` is no colour map; the text says which are allowed.
    """
    if isinstance(value, bool):
        raise ValueError(f"is not a colour map; allowed: {ALLOWED}")
    text = str(value).strip().lower().removeprefix("cv2.").removeprefix(_PREFIX)
    if text.isascii() and text.isdigit() and int(text) < len(COLORMAPS):
        return COLORMAPS[int(text)]
    if text in COLORMAPS:
        return text
    near = difflib.get_close_matches(text, COLORMAPS, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise ValueError(f"is not a colour map{hint}; allowed: {ALLOWED}")
