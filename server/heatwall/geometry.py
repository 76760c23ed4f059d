"""Sizes of pictures."""

from __future__ import annotations


def fit(
    width: int, height: int, max_width: int, max_height: int, multiple: int = 2
) -> tuple[int, int]:
    """Return the largest size within the limits that keeps the aspect, never larger than given.

    Args:
        width: Width in pixels, above 0.
        height: Height in pixels, above 0.
        max_width: Limit in pixels.
        max_height: Limit in pixels.
        multiple: Both results are multiples of it (2 for 4:2:0 pictures), at least one multiple.
    """
    ratio = min(1.0, max_width / width, max_height / height)
    return (
        max(multiple, round(width * ratio / multiple) * multiple),
        max(multiple, round(height * ratio / multiple) * multiple),
    )


def grid_size(width: int, height: int, columns: int = 80) -> tuple[int, int]:
    """Return (columns, rows) of a heat grid with nearly square cells for a picture of this size.

    80 columns are cells of 8 px in a picture 640 wide: finer than a person's width on a store
    camera, and small enough for a few kilobytes.
    """
    return columns, max(1, round(columns * height / width))
