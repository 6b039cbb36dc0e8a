"""What a registry that was restored and the owners of the facts say differently, for operators; and metrics.

Of what nobody else knows (quota, weights, who was removed since) it tells that it is of the backup. It
changes nothing, but forgets differences: of volumes that are no more, and all when an operator says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Final

from msgspec import UNSET
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.wire.v1 import master
from orchestrator.journal import Journal, Transaction
from orchestrator.replies import Answer, Reply, told
from orchestrator.restoration import Difference, Kind, Restoration
from orchestrator.state import ClusterState
from orchestrator.volumes import VolumeRecord

AWAY_SHOWN: Final = 1_000
"""Agents, and frameworks, of the backup that are shown as not being here; `orlop agents` has all."""

SETTINGS: Final = (
    "quota, weights, the maintenance schedule, and which agents drain or are deactivated, are those of the "
    "backup: compare them (orlop quota, orlop roles, orlop maintenance, orlop agents), and set anew what has "
    "been changed since"
)

OF_VOLUMES: Final = frozenset({Kind.VOLUME_MISSING, Kind.VOLUME_CHANGED})
"""Differences whose subject is an operator's volume, by its name."""

T = master.CallType
R = master.ResponseType


class RegistryCalls:
    """Handlers of the operator API."""

    def __init__(
        self,
        state: ClusterState,
        volumes: Mapping[str, VolumeRecord],
        restoration: Restoration,
        journal: Journal,
    ) -> None:
        self._state = state
        self._volumes = volumes
        self._restoration = restoration
        self._journal = journal

    def handlers(self) -> Mapping[T, Callable[[master.Call], Awaitable[Reply]]]:
        return {T.GET_REGISTRY_DIFFERENCES: self._show, T.SETTLE_REGISTRY_DIFFERENCES: self._settle}

    async def _show(self, call: master.Call) -> Reply:
        self._forget_ended()
        answer = master.ResponseGetRegistryDifferences(
            differences=[_shown(each) for each in (*self._restoration.found, *self._now())]
        )
        last = self._restoration.last
        if last is not None and self._restoration.is_open:
            answer.restoration = master.RegistryRestoration(taken=last.taken, restored=last.restored)
        await self._journal.barrier()
        return told(R.GET_REGISTRY_DIFFERENCES, answer)

    def _forget_ended(self) -> None:
        """What was found of a volume is not so of one made anew, which its advice would end."""
        standing = set(still_found(self._restoration, self._volumes))
        for each in self._restoration.found:
            if each not in standing:
                transaction = Transaction()
                self._restoration.forget(transaction, each.kind, each.subject)
                self._journal.commit_soon(transaction)

    async def _settle(self, call: master.Call) -> Reply:
        transaction = Transaction()
        self._restoration.settle(transaction)
        await self._journal.commit(transaction)
        return Answer(200)

    def _now(self) -> Iterator[Difference]:
        """What is so while nobody has said that it is settled."""
        if not self._restoration.is_open:
            return
        yield Difference(Kind.SETTINGS, "settings", SETTINGS, None)
        away = [each for each in self._state.agents.values() if not each.connected]
        for agent in away[:AWAY_SHOWN]:
            message = (
                f"agent {agent.agent_id} ({agent.info.hostname}) is not connected: start it, or, if it was "
                f"given up after the backup, give it up again (orlop agents gone {agent.agent_id})"
            )
            yield Difference(Kind.AGENT_AWAY, agent.agent_id, message, None)
        gone = [each for each in self._state.frameworks.values() if not each.connected]
        for framework in gone[:AWAY_SHOWN]:
            message = (
                f"framework {framework.framework_id} ({framework.info.name}) is not subscribed: its "
                "scheduler comes back, or the framework is removed when its failover timeout has passed"
            )
            yield Difference(Kind.FRAMEWORK_AWAY, framework.framework_id, message, None)


def still_found(restoration: Restoration, volumes: Mapping[str, VolumeRecord]) -> list[Difference]:
    """What was found and is so still: not of a volume that has ended since, or was made anew."""

    def stands(each: Difference) -> bool:
        record = volumes.get(each.subject)
        return each.kind not in OF_VOLUMES or (record is not None and restoration.precedes(record.created))

    return [each for each in restoration.found if stands(each)]


class RegistryMetrics(Collector):
    """Whether writes wait, and what a restore has left to look at."""

    def __init__(
        self, restoration: Restoration, volumes: Mapping[str, VolumeRecord], journal: Journal
    ) -> None:
        self._restoration = restoration
        self._volumes = volumes
        self._journal = journal

    def describe(self) -> Iterable[Metric]:
        """Nothing is measured at registration."""
        return ()

    def collect(self) -> Iterator[Metric]:
        waits = self._journal.waits is not None
        yield GaugeMetricFamily(
            "orlop_registry_writes_waiting",
            "Whether nothing becomes durable now (1), as on a full disk",
            waits,
        )
        found = len(still_found(self._restoration, self._volumes))
        yield GaugeMetricFamily(
            "orlop_registry_differences", "What was found to differ since the registry was restored", found
        )


def _shown(each: Difference) -> master.RegistryDifference:
    found = UNSET if each.found is None else each.found
    return master.RegistryDifference(
        kind=str(each.kind), subject=each.subject, message=each.message, found=found
    )
