"""Writes the page's table of OpenCV's colour maps: `python tests/support/palettes.py`."""

from __future__ import annotations

from pathlib import Path

from heatwall.palette import COLORMAPS, lut_rgb

TABLE = Path(__file__).parents[2] / "web" / "js" / "palettes.js"

STOPS = 16
"""Of each map: every 17th of its 256 colours, which a gradient joins to within a tenth of full
brightness; hsv and jet, whose colours turn sharply, need as many."""

ORDER = (
    *("inferno", "magma", "plasma", "viridis", "cividis", "parula", "turbo", "jet", "rainbow"),
    *("hsv", "hot", "autumn", "summer", "spring", "winter", "cool", "ocean", "deepgreen"),
    *("bone", "pink", "twilight", "twilight_shifted"),
)
"""As the page offers them: those first whose brightness rises evenly with the heat."""

_BEGIN, _END = "export const PALETTES = {\n", "};\n"


def colours(name: str) -> str:
    """Return a map's stops, cold to hot, six hexadecimal digits each, in one text."""
    return bytes(lut_rgb(name)[:: 255 // (STOPS - 1)]).hex()


def with_table(source: str) -> str:
    """Return the module `source` with the table that OpenCV gives."""
    before, _, rest = source.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    lines = [f'  {name}: "{colours(name)}",\n' for name in ORDER]
    return "".join([before, _BEGIN, *lines, _END, after])


def main() -> None:
    """Write the table into its module."""
    if missing := set(COLORMAPS) ^ set(ORDER):
        raise SystemExit(f"the page's order and OpenCV's maps differ: {sorted(missing)}")
    TABLE.write_text(with_table(TABLE.read_text()))


if __name__ == "__main__":
    main()
