"""What is measured of an orchestrator that does not lead: for Prometheus, and under Mesos's names.

Read when asked for. It must not change anything, and no room decides by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.model.clock import Clock
from api.model.process import Process
from api.wire.v0 import metrics
from api.wire.v0.metrics import Metrics
from orchestrator.standby.follower import Follower


class StandbyMetrics:
    """The registry of one standby."""

    def __init__(self, follower: Follower, process: Process, clock: Clock) -> None:
        self._follower = follower
        self._process = process
        self._clock = clock
        self._started = clock.monotonic()
        self._registry = CollectorRegistry()
        self._registry.register(_Following(follower))
        self._requests = Counter(
            "orlop_api_requests",
            "API calls by type and status; the type is empty when the call could not be read",
            ("api", "type", "status"),
            registry=self._registry,
        )

    def request(self, api: str, call_type: str, status: int) -> None:
        """Count an answered call. `call_type` is of a bounded set: an enum's names, or empty."""
        self._requests.labels(api, call_type, str(status)).inc()

    def page(self) -> tuple[bytes, str]:
        """The body of /metrics and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    async def snapshot(self) -> Metrics:
        """Under the names of /metrics/snapshot: of the process alone."""
        found: Metrics = {
            "master/elected": 0.0,
            "master/uptime_secs": self._clock.monotonic() - self._started,
        }
        return dict(sorted((found | metrics.system(self._process.load())).items()))


class _Following(Collector):
    def __init__(self, follower: Follower) -> None:
        self._follower = follower

    def describe(self) -> Iterable[Metric]:
        """Nothing is measured at registration."""
        return ()

    def collect(self) -> Iterator[Metric]:
        follower = self._follower
        followed = 0 if follower.leader is None else follower.leader.epoch
        yield GaugeMetricFamily(
            "orlop_standby_follows", "The epoch of the leader that is followed; 0: nobody", followed
        )
        yield CounterMetricFamily("orlop_standby_answers", "Answers of leaders", follower.answers)
        yield CounterMetricFamily(
            "orlop_standby_beginnings", "Those of them that told everything", follower.beginnings
        )
        if follower.view is None:
            return
        replica = follower.view.replica
        yield GaugeMetricFamily(
            "orlop_standby_age_seconds", "How old the view is that reads are answered of", follower.age or 0.0
        )
        yield GaugeMetricFamily("orlop_standby_epoch", "The epoch that the view is of", replica.epoch)
        yield GaugeMetricFamily("orlop_standby_bytes", "Of all that the leader told", replica.bytes)
        entities = GaugeMetricFamily(
            "orlop_standby_entities", "What the leader shows, by kind", labels=("kind",)
        )
        for name, kind in replica.kinds.items():
            entities.add_metric((name,), len(kind))
        yield entities
