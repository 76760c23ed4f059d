"""Heatwall: a live heat wall for shops."""

__version__ = "0.1.0"
