"""The figures of the web server itself: whom it refused, and its certificate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from heatwall.refusals import Refusal

Expiry = Callable[[], float | None]
"""Returns until when the server's certificate is good, seconds since 1970 UTC; None without one."""


def no_certificate() -> float | None:
    """Return what a server without TLS tells of its certificate."""
    return None


class EdgeFigures(Collector):
    """Reads them at each scrape.

    Args:
        refused: Returns how often requests were refused, by reason.
        expiry: Returns until when the certificate is good.
    """

    def __init__(self, refused: Callable[[], Mapping[Refusal, int]], expiry: Expiry) -> None:
        self._refused = refused
        self._expiry = expiry

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering reads nothing."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics."""
        refused = CounterMetricFamily(
            "heatwall_requests_refused",
            "Requests, messages and connections that were refused.",
            labels=["reason"],
        )
        for reason, count in self._refused().items():
            refused.add_metric([reason], count)
        yield refused
        if (expires_at := self._expiry()) is not None:
            yield GaugeMetricFamily(
                "heatwall_tls_expiry_timestamp_seconds",
                "Until when the server's certificate is good, seconds since 1970 UTC.",
                value=expires_at,
            )
