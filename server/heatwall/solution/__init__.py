"""Heat and counts frame by frame, for programs in Python."""

from heatwall.solution.heatmap import Heatmap
from heatwall.solution.keywords import HeatmapOptions
from heatwall.solution.result import HeatmapResult

__all__ = ["Heatmap", "HeatmapOptions", "HeatmapResult"]
