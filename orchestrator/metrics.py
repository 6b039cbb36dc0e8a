"""What is measured, for Prometheus: counted where it happens, or read from state when asked.

It must not change anything, and no room decides by it.
"""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from orchestrator.allocator import Allocator
from orchestrator.ledger import Ledger
from orchestrator.offers import Offers
from orchestrator.provisioning import Provisioning
from orchestrator.records import OperationRecord
from orchestrator.state import ChangeKind, ClusterState, StateChange
from orchestrator.streams import Streams


class Metrics:
    """The registry of one orchestrator."""

    def __init__(
        self,
        state: ClusterState,
        ledger: Ledger,
        offers: Offers,
        provisioning: Provisioning,
        allocator: Allocator,
        streams: Streams,
        further: Iterable[Collector] = (),
    ) -> None:
        """`further`: what rooms of their own measure."""
        self._registry = CollectorRegistry()
        for collector in further:
            self._registry.register(collector)
        self._registry.register(_Knowledge(state, ledger, offers, provisioning, allocator, streams))
        self._requests = Counter(
            "orlop_api_requests",
            "API calls by type and status; the type is empty when the call could not be read",
            ("api", "type", "status"),
            registry=self._registry,
        )
        self._ended = Counter(
            "orlop_operations_ended",
            "Operations that have reached their terminal state since the start",
            ("type", "state"),
            registry=self._registry,
        )
        state.listen(self._changed, of=(OperationRecord,))

    def request(self, api: str, call_type: str, status: int) -> None:
        """Count an answered call. `call_type` is of a bounded set: an enum's names, or empty."""
        self._requests.labels(api, call_type, str(status)).inc()

    def taken(self, api: str) -> Mapping[str, int]:
        """How many calls of each type were answered with success."""
        found: Count[str] = Count()
        for metric in self._requests.collect():
            for sample in metric.samples:
                labels = sample.labels
                if sample.name.endswith("_total") and labels["api"] == api and labels["status"][0] == "2":
                    found[labels["type"]] += int(sample.value)
        return found

    def page(self) -> tuple[bytes, str]:
        """The body of /metrics and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def _changed(self, change: StateChange) -> None:
        record = change.subject
        if (
            change.kind is ChangeKind.OPERATION_UPDATED
            and isinstance(record, OperationRecord)
            and record.terminal
        ):
            self._ended.labels(str(record.info.type), str(record.statuses[-1].state)).inc()


class _Knowledge(Collector):
    """Gauges that are read when asked for."""

    def __init__(
        self,
        state: ClusterState,
        ledger: Ledger,
        offers: Offers,
        provisioning: Provisioning,
        allocator: Allocator,
        streams: Streams,
    ) -> None:
        self._state = state
        self._ledger = ledger
        self._offers = offers
        self._provisioning = provisioning
        self._allocator = allocator
        self._streams = streams

    def describe(self) -> Iterable[Metric]:
        """Nothing is measured at registration."""
        return ()

    def collect(self) -> Iterator[Metric]:
        agents, frameworks = self._state.agents.values(), self._state.frameworks.values()
        yield _by("orlop_agents", "Admitted agents", "connected", (_yes(agent.connected) for agent in agents))
        modes = (str(agent.withdrawal.mode) for agent in agents)
        yield _by("orlop_agents_by_mode", "Admitted agents, by what operators said of them", "mode", modes)
        waiting = sum(len(agent.drain_waits) for agent in agents)
        yield GaugeMetricFamily("orlop_drains_waiting", "Things that drains under way wait for", waiting)
        gone = len(self._state.gone_agents)
        yield GaugeMetricFamily("orlop_agents_gone", "Agents removed for good, as far as remembered", gone)
        yield _by(
            "orlop_frameworks",
            "Known frameworks",
            "connected",
            (_yes(framework.connected) for framework in frameworks),
        )
        yield _by(
            "orlop_tasks",
            "Tasks that are not ended and acknowledged, by state",
            "state",
            (str(task.state) for task in self._state.tasks.values()),
        )
        yield GaugeMetricFamily("orlop_executors", "Known executors", len(self._state.executors))
        yield _by(
            "orlop_operations",
            "Operations in the ledger, by state",
            "state",
            (_operation_state(record) for record in self._ledger.operations.values()),
        )
        yield _by(
            "orlop_volumes",
            "Operators' volumes, by state",
            "state",
            (str(record.state) for record in self._provisioning.volumes.values()),
        )
        yield GaugeMetricFamily("orlop_offers", "Outstanding offers", len(self._offers.outstanding()))
        paused = self._offers.paused() is not None
        yield GaugeMetricFamily(
            "orlop_offers_paused",
            "1 while quota waits for agents after a start, and nothing is offered",
            paused,
        )
        yield GaugeMetricFamily(
            "orlop_frameworks_full",
            "Frameworks offered nothing more before they answer the offers they have",
            self._offers.count_full(),
        )
        yield GaugeMetricFamily("orlop_streams", "Open event streams, of both APIs", len(self._streams))
        cut = CounterMetricFamily(
            "orlop_streams_cut", "Subscribers that were cut off since the start, by why", labels=("why",)
        )
        for why, count in self._streams.cut_off.items():
            cut.add_metric((why,), count)
        yield cut
        yield GaugeMetricFamily(
            "orlop_streams_longest_waiting_bytes",
            "Bytes that wait for the subscriber that is furthest behind",
            self._streams.longest_waiting,
        )
        runs = self._allocator.filters.batches
        yield CounterMetricFamily("orlop_allocation_runs", "Allocation runs over all agents", runs)


def _by(name: str, text: str, label: str, values: Iterable[str]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=(label,))
    for value, count in sorted(Count(values).items()):
        family.add_metric((value,), count)
    return family


def _yes(value: bool) -> str:
    return "true" if value else "false"


def _operation_state(record: OperationRecord) -> str:
    return str(record.statuses[-1].state) if record.statuses else "OPERATION_PENDING"
