"""The numbers of the host's disks for Prometheus, as of the last look. Counts nothing by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agent.devices.keeper import DeviceKeeper
from agent.devices.plan import State


class DeviceMetrics(Collector):
    """How many devices there are in each state: FAILED, FAILING and ABSENT ones need somebody."""

    def __init__(self, keeper: DeviceKeeper) -> None:
        self._keeper = keeper

    def collect(self) -> Iterable[Metric]:
        """What the registry asks for at each scrape."""
        states = Counter(row.state for row in self._keeper.last_rows)
        found = GaugeMetricFamily(
            "orlop_agent_devices", "Disks of this host, and pools whose disk is away.", labels=["state"]
        )
        for state in State:
            found.add_metric([state.lower()], states[state])
        yield found
