"""`heatwall` whose pictures aiortc sends by itself, to compare the lean sender with."""

from __future__ import annotations

from heatwall.cli import main
from heatwall.delivery import lean

if __name__ == "__main__":
    lean.is_plain = lambda _transport: False
    main()
