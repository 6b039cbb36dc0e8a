"""The numbers of the provider configurations for Prometheus, read when they are asked for. Counts nothing by
itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agent.providers.keeper import KeeperState
from agent.providers.provider_set import INVALID, REMOVING, ProviderSet


class ConfigMetrics(Collector):
    """How many configurations there are in each state: FAILED and INVALID ones need somebody."""

    def __init__(self, providers: ProviderSet) -> None:
        self._providers = providers

    def collect(self) -> Iterable[Metric]:
        """What the registry asks for at each scrape."""
        states = Counter(each.state for each in self._providers.states())
        found = GaugeMetricFamily(
            "orlop_agent_provider_configs",
            "Configurations of resource providers, and files that cannot be used.",
            labels=["state"],
        )
        for state in (*KeeperState, REMOVING, INVALID):
            found.add_metric([state.lower()], states[state])
        yield found
