"""The numbers of the resource provider manager for Prometheus, read when they are asked for. Counts nothing
by itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from provider.manager.manager import ResourceProviderManager
from provider.manager.tally import COUNTED


class ManagerMetrics(Collector):
    """Who is admitted, here and removed; what happened to sessions, calls and operations."""

    def __init__(self, manager: ResourceProviderManager) -> None:
        self._manager = manager

    def collect(self) -> Iterable[Metric]:
        """What the registry asks for at each scrape."""
        known = GaugeMetricFamily(
            "orlop_resource_provider_manager_providers",
            "Resource providers by where they are.",
            labels=["standing"],
        )
        known.add_metric(["subscribed"], len(self._manager.here))
        known.add_metric(["away"], len(self._manager.away))
        known.add_metric(["removed"], len(self._manager.removed))
        yield known
        for name, text in COUNTED.items():
            yield CounterMetricFamily(
                f"orlop_resource_provider_manager_{name}", text, value=self._manager.tally[name]
            )
