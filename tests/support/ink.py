"""What an overlay looks like in tests."""

from __future__ import annotations

from heatwall.camera.link import InkSpec

INK = InkSpec(
    heat=True,
    colormap="inferno",
    opacity=0.65,
    boxes=False,
    labels=False,
    conf=False,
    trails=False,
    lines=False,
    zones=False,
    counts_in=False,
    counts_out=False,
    line_width=2,
)
"""The heat alone, in the colours that it has by default."""
