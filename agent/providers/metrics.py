"""Numbers of one agent's resource providers, for Prometheus: counted where it happens, or read when asked.

Counts go on when a provider is stopped and started again within this process. It must not change anything,
and no room decides by it.
"""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Iterable, Iterator
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from provider.machine import Machine
from provider.notices import NoticeKind
from provider.observer import Observer
from provider.plugins.service import PluginPhase, PluginStatus
from provider.totals import is_pool, pool_profile
from provider.volume import VolumeState

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Bounds of the histograms: from a plugin in memory to the longest deadline."""

PROVIDER = ("provider_type", "provider")
"""Labels of everything here."""

MB = 2**20
Name = tuple[str, str]


class _Plugin(Protocol):
    @property
    def status(self) -> PluginStatus: ...


class Watched(Protocol):
    """What of a provider is read."""

    @property
    def machine(self) -> Machine: ...

    @property
    def plugin(self) -> _Plugin: ...


class ProviderMetrics(Collector):
    """All providers of one agent, by type and name."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._watched: dict[Name, Watched] = {}
        self.operations = Counter(
            "orlop_provider_operations",
            "Operations that have ended since the start.",
            (*PROVIDER, "type", "state"),
            registry=self._registry,
        )
        self.operation_seconds = Histogram(
            "orlop_provider_operation_seconds",
            "From an operation's acceptance to its end.",
            (*PROVIDER, "type"),
            buckets=SECONDS,
            registry=self._registry,
        )
        self.calls = Counter(
            "orlop_csi_calls",
            "CSI calls, and actions on the host, that have ended since the start, by gRPC code.",
            (*PROVIDER, "method", "code"),
            registry=self._registry,
        )
        self.call_seconds = Histogram(
            "orlop_csi_call_seconds",
            "How long CSI calls took, without the wait for their turn.",
            (*PROVIDER, "method"),
            buckets=SECONDS,
            registry=self._registry,
        )
        self.call_wait_seconds = Histogram(
            "orlop_csi_call_wait_seconds",
            "How long CSI calls waited for the plugin and for their turn.",
            PROVIDER,
            buckets=SECONDS,
            registry=self._registry,
        )

    def observer(self, provider_type: str, name: str) -> Observer:
        """Counts what happens in the provider of that type and name."""
        return _Observer(self, (provider_type, name))

    def watch(self, provider_type: str, name: str, provider: Watched) -> None:
        """Read this provider's state from now on. It has been started."""
        self._watched[provider_type, name] = provider

    def forget(self, provider_type: str, name: str) -> None:
        """It has stopped: there is no state to read."""
        self._watched.pop((provider_type, name), None)

    def collect(self) -> Iterable[Metric]:
        """What a registry asks for at each scrape."""
        yield from self._registry.collect()
        yield from self._operations()
        yield from self._plugins()
        yield from self._storage()

    def _operations(self) -> Iterator[Metric]:
        pending = _gauge("provider_operations_pending", "Operations that have not ended.", "type")
        waiting = _gauge("provider_status_updates_waiting", "Operations whose end is not acknowledged.")
        for name, provider in self._watched.items():
            operations = provider.machine.operations
            types = Count(
                record.operation.type.value
                for record in operations.records.values()
                if not record.state.is_terminal
            )
            for kind, count in sorted(types.items()):
                pending.add_metric([*name, kind], count)
            waiting.add_metric(name, len(operations.streams))
        yield from (pending, waiting)

    def _plugins(self) -> Iterator[Metric]:
        in_flight = _gauge("csi_calls_in_flight", "CSI calls under way.")
        waiting = _gauge("csi_calls_waiting", "CSI calls that wait for their turn.")
        limit = _gauge("csi_calls_limit", "CSI calls that may be under way at once just now.")
        states = _gauge("plugin_container_state", "1 for the state that it is in.", "container", "state")
        restarts = CounterMetricFamily(
            "orlop_plugin_restarts", "Ends of the plugin's containers.", labels=PROVIDER
        )
        for name, provider in self._watched.items():
            status = provider.plugin.status
            in_flight.add_metric(name, status.calls_in_flight)
            waiting.add_metric(name, status.calls_waiting)
            limit.add_metric(name, status.calls_limit)
            restarts.add_metric(name, status.restarts)
            for container in status.containers:
                for phase in PluginPhase:
                    labels = [*name, container.container_id, phase.value]
                    states.add_metric(labels, int(phase is container.phase))
        yield from (in_flight, waiting, limit, states, restarts)

    def _storage(self) -> Iterator[Metric]:
        pools = _gauge("provider_pool_bytes", "What the pools hold, by profile.", "profile")
        volumes = _gauge("provider_volumes", "Volumes by the state that they are in.", "state")
        notices = _gauge("provider_notices", "Volumes that an operator should look at.", "kind")
        for name, provider in self._watched.items():
            machine = provider.machine
            for profile, size in sorted(_pools(machine).items()):
                pools.add_metric([*name, profile], size)
            found = Count(volume.state for volume in machine.driver.volumes.values())
            for state in VolumeState:
                volumes.add_metric([*name, state.value], found[state])
            kinds = Count(notice.kind for notice in machine.notices()[0])
            for kind in NoticeKind:
                notices.add_metric([*name, kind.value], kinds[kind])
        yield from (pools, volumes, notices)


class _Observer(Observer):
    """The labelled children are kept: finding one anew costs more than counting."""

    def __init__(self, metrics: ProviderMetrics, name: Name) -> None:
        self._metrics = metrics
        self._name = name
        self._ended: dict[tuple[str, str], tuple[Counter, Histogram]] = {}
        self._calls: dict[tuple[str, str], Counter] = {}
        self._call_seconds: dict[str, Histogram] = {}
        self._waits = metrics.call_wait_seconds.labels(*name)

    def operation_ended(self, kind: str, state: str, seconds: float) -> None:
        found = self._ended.get((kind, state))
        if found is None:
            found = self._ended[kind, state] = (
                self._metrics.operations.labels(*self._name, kind, state),
                self._metrics.operation_seconds.labels(*self._name, kind),
            )
        counter, histogram = found
        counter.inc()
        histogram.observe(seconds)

    def call_ended(self, call: str, code: str, seconds: float) -> None:
        counter = self._calls.get((call, code))
        if counter is None:
            counter = self._calls[call, code] = self._metrics.calls.labels(*self._name, call, code)
        histogram = self._call_seconds.get(call)
        if histogram is None:
            histogram = self._call_seconds[call] = self._metrics.call_seconds.labels(*self._name, call)
        counter.inc()
        histogram.observe(seconds)

    def call_waited(self, call: str, seconds: float) -> None:
        self._waits.observe(seconds)


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"orlop_{name}", text, labels=(*PROVIDER, *labels))


def _pools(machine: Machine) -> dict[str, int]:
    """Bytes by profile, reserved or not."""
    sizes: dict[str, int] = {}
    for resource in machine.totals.all().divisible:
        if is_pool(resource):
            profile = pool_profile(resource)
            sizes[profile] = sizes.get(profile, 0) + resource.milli * MB // 1000
    return sizes
