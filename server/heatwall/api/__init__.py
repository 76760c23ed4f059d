"""The HTTP edge."""

from heatwall.api.application import make_app

__all__ = ["make_app"]
