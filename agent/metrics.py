"""The agent's numbers for Prometheus, read when they are asked for. Counts nothing by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agent.daemon import Agent
from agent.tasks.state import TaskPhase


class AgentMetrics(Collector):
    """The metrics of one agent, in a registry of its own, with those of `others`."""

    def __init__(self, agent: Agent, others: Iterable[Collector] = ()) -> None:
        self._agent = agent
        self._registry = CollectorRegistry()
        for each in (self, *others):
            self._registry.register(each)

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterable[Metric]:
        """What the registry asks for at each scrape."""
        phases = Counter(record.phase for record in self._agent.tasks.records)
        tasks = GaugeMetricFamily("orlop_agent_tasks", "Tasks that this agent knows.", labels=["phase"])
        for phase in TaskPhase:
            tasks.add_metric([phase.value.lower()], phases[phase])
        yield tasks
        unacknowledged = sum(len(record.statuses) for record in self._agent.tasks.records)
        yield _gauge("unacknowledged_statuses", "Task statuses not acknowledged yet.", unacknowledged)
        yield _gauge("link_connected", "1 while registered.", int(self._agent.link.connected))
        yield _gauge("registrations", "Registrations since the start.", self._agent.link.registrations)
        yield _gauge("providers", "Providers that have reported.", len(self._agent.providers.reports))
        yield _gauge("orchestrator_epoch", "The highest epoch obeyed.", self._agent.highest_epoch)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"orlop_agent_{name}", text, value=value)
