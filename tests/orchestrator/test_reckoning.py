"""What the operations of one call make of totals is passed on together, and comes to the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.model.operation import CreateDisk, Operation, Reserve, Unreserve
from api.model.resource import Reservation, Resource
from api.model.resources import Resources, Scalar
from api.wire.convert_operations import operation_to_wire
from api.wire.v1 import mesos, scheduler
from orchestrator.daemon import Orchestrator
from orchestrator.state import ChangeKind, Provider, StateChange
from tests.orchestrator.scripted import (
    PROVIDER,
    ScriptedAgent,
    ScriptedFramework,
    SourceType,
    lead,
    open_store,
    pool,
)

KEPT = Reservation("bench", principal="me")


def cpus(milli: int) -> Resource:
    return Resource("cpus", Scalar(milli), (KEPT,))


class Cluster:
    """An agent that says nothing of what it is to do, and a framework with an offer of all of it."""

    def __init__(self, orchestrator: Orchestrator) -> None:
        self.orchestrator = orchestrator
        self.agent = ScriptedAgent()
        self.agent.deaf = True
        self.session = ScriptedFramework()
        self.changes: list[str | None] = []
        """Providers of which it was told that their totals changed."""
        orchestrator.state.listen(self._changed, of=(Provider,))

    async def join(self) -> None:
        await self.agent.join(self.orchestrator)
        can = mesos.FrameworkInfoCapabilityType.RESERVATION_REFINEMENT
        info = mesos.FrameworkInfo(
            user="me", name="t", roles=["bench"], capabilities=[mesos.FrameworkInfoCapability(type=can)]
        )
        call = scheduler.CallSubscribe(framework_info=info)
        self.framework = await self.orchestrator.frameworks.subscribe(call, self.session)
        self.orchestrator.offers.allocate(None)
        self.changes.clear()

    async def accept(self, *operations: Operation) -> None:
        call = scheduler.CallAccept(
            offer_ids=[each.id for each in self.session.offers()],
            operations=[operation_to_wire(each, f"{at}") for at, each in enumerate(operations)],
        )
        await self.orchestrator.acceptance.accept(self.framework, call)
        assert not self.session.operation_statuses(), "all of them are accepted"

    def _changed(self, change: StateChange) -> None:
        assert isinstance(change.subject, Provider)
        if change.kind is ChangeKind.TOTALS_CHANGED:
            self.changes.append(change.subject.key[1])


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    store = open_store(tmp_path)
    made = Cluster(await lead(store))
    await made.join()
    yield made
    made.orchestrator.allocator.validate()
    await made.orchestrator.stop()
    await store.close()


def counted(cluster: Cluster) -> Resources:
    """What the allocator thinks that the agent has."""
    (agent,) = cluster.orchestrator.allocator.cluster.agents.values()
    return agent.total


async def test_many_reservations_of_one_call_change_an_agents_totals_once(cluster: Cluster) -> None:
    await cluster.accept(*[Reserve((cpus(100),))] * 20)
    assert cluster.changes == [None]
    (agent,) = cluster.orchestrator.state.agents.values()
    assert counted(cluster) == agent.total()
    assert counted(cluster).reserved_to("bench").scalar_milli("cpus") == 2_000


async def test_what_a_call_makes_and_takes_away_again_was_never_there(cluster: Cluster) -> None:
    before = counted(cluster)
    await cluster.accept(Reserve((cpus(100),)), Unreserve((cpus(100),)))
    assert cluster.changes == []
    assert counted(cluster) == before


async def test_a_disk_may_be_cut_from_what_the_same_call_reserved(cluster: Cluster) -> None:
    kept = pool(500).push_reservation(KEPT)
    await cluster.accept(
        Reserve((cpus(100),)), Reserve((kept,)), CreateDisk(kept, SourceType.MOUNT), Reserve((cpus(200),))
    )
    (agent,) = cluster.orchestrator.state.agents.values()
    assert counted(cluster) == agent.total()
    assert counted(cluster).reserved_to("bench").scalar_milli("cpus") == 300
    assert set(cluster.changes) == {None, PROVIDER}
    (held,) = [held for record, held in cluster.orchestrator.operations.held(agent.agent_id) if held]
    assert held.scalar_milli("disk") == 500_000
