"""Offers that rest on what is no longer so are withdrawn: nothing is offered twice, or used once gone."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from api.model.disk import Disk, DiskSource, SourceType
from api.model.resources import Resource, Resources, Scalar
from api.wire.v1 import link, mesos, scheduler
from orchestrator.offers import Offer
from tests.orchestrator.scripted import PROVIDER, ScriptedAgent, ScriptedFramework, pool
from tests.orchestrator.test_core import Cluster, cluster, launch, subscribe, until

__all__ = ["cluster"]

POOL_MB = 10_000


class LateProvider(ScriptedAgent):
    """Its storage provider comes after the agent's own resources, when it is told to."""

    is_up = False

    def report_provider(self) -> None:
        if self.is_up:
            super().report_provider()


def is_withdrawn(session: ScriptedFramework, offer: mesos.Offer) -> bool:
    return any(
        isinstance(event.rescind, scheduler.EventRescind) and event.rescind.offer_id == offer.id
        for event in session.events
    )


def offered_mb(cluster: Cluster) -> float:
    """Of the pool's capacity, in offers that are outstanding."""
    offers = cluster.orchestrator.offers.outstanding()
    return sum(r.milli for offer in offers for r in offer.resources if r.name == "disk") / 1000


async def test_offers_from_before_a_provider_came_stay_and_what_it_brings_is_offered_within_a_second(
    cluster: Cluster,
) -> None:
    rooms, agent = cluster.orchestrator, LateProvider()
    await agent.join(rooms)
    framework, session = await subscribe(rooms, ["test"])
    await until(session.offers)
    old = session.offers()[0]
    agent.is_up = True
    agent.report_provider()
    async with asyncio.timeout(0.5):
        await until(lambda: len(session.offers()) > 1)
    assert {resource.name for resource in session.offers()[-1].resources} == {"disk"}
    assert not is_withdrawn(session, old)
    await rooms.acceptance.accept(framework, launch(old, "t1"))
    assert [task.task_id for task in rooms.state.tasks.values()] == ["t1"]


def reserve(offer: mesos.Offer, mb: float) -> scheduler.CallAccept:
    """Reserve a part of the offered pool for the offer's role."""
    (pool,) = [resource for resource in offer.resources if resource.name == "disk"]
    pool.scalar = mesos.ValueScalar(value=mb)
    role = mesos.ResourceReservationInfo(type=mesos.ResourceReservationInfoType.DYNAMIC, role="test")
    pool.reservations = [role]
    operation = mesos.OfferOperation(
        type=mesos.OfferOperationType.RESERVE,
        id=mesos.OperationID(value="op-1"),
        reserve=mesos.OfferOperationReserve(resources=[pool]),
    )
    filters = mesos.Filters(refuse_seconds=0.0)
    return scheduler.CallAccept(offer_ids=[offer.id], operations=[operation], filters=filters)


@pytest.mark.parametrize(
    "outcome", [mesos.OperationState.OPERATION_FAILED, mesos.OperationState.OPERATION_DROPPED]
)
async def test_what_a_refused_reservation_would_have_made_is_not_offered_beside_what_there_is(
    cluster: Cluster, outcome: mesos.OperationState
) -> None:
    rooms, agent = cluster.orchestrator, ScriptedAgent(POOL_MB)
    await agent.join(rooms)
    agent.deaf, agent.refuse = True, {"RESERVE": outcome}
    framework, session = await subscribe(rooms, ["test"])
    await until(session.offers)
    await rooms.acceptance.accept(framework, reserve(session.offers()[0], 4000))
    await until(lambda: offered_mb(cluster) == POOL_MB)  # the reservation shows before it is confirmed
    early = session.offers()[-1]
    assert any(resource.role == "test" for resource in early.resources)
    call = next(m.apply_operation for m in agent.received if m.apply_operation)
    assert isinstance(call, link.OrchestratorMessageApplyOperation)
    agent.apply(call.operation)
    await until(session.operation_statuses)
    assert session.operation_statuses()[0].state is outcome
    assert is_withdrawn(session, early)
    rooms.offers.allocate()
    assert offered_mb(cluster) == POOL_MB


# What changes at one provider concerns only the offers that hold it.


class Storage(ScriptedAgent):
    """Two pools of one capacity, one of another, and a disk, each offered to a framework of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.alone = replace_group(pool(5000, "alone"), "apart")
        self.free_disk = disk_with_id("disk-1", 700)
        self.totals = Resources([pool(8000, "a"), pool(8000, "b"), self.alone, self.free_disk])

    def change(self, *totals: Resource) -> None:
        self.totals = Resources(totals)
        self.report_provider()


def replace_group(resource: Resource, group: str) -> Resource:
    assert resource.disk is not None and resource.disk.source is not None
    return resource.with_disk(Disk(replace(resource.disk.source, capacity_group=group)))


def disk_with_id(source_id: str, mb: int) -> Resource:
    source = DiskSource(SourceType.RAW, id=source_id, profile="a", vendor="test.pool")
    return Resource("disk", Scalar(mb * 1000), disk=Disk(source), provider_id=PROVIDER)


def outstanding(cluster: Cluster, agent: ScriptedAgent) -> dict[str, Offer]:
    """Offers made by hand, one for each part of what there is, by what they hold."""
    rooms = cluster.orchestrator
    assert agent.agent_id is not None
    made = {}
    for name, part in (
        ("cpus", Resources([Resource("cpus", Scalar(4000))])),
        ("a", Resources([pool(3000, "a")])),
        ("b", Resources([pool(3000, "b")])),
        ("alone", Resources([replace_group(pool(5000, "alone"), "apart")])),
        ("disk", Resources([disk_with_id("disk-1", 700)])),
    ):
        rooms.allocator.allocate("f", "test", agent.agent_id, part)
        made[name] = Offer(f"offer-{name}", "f", "test", agent.agent_id, part, None)
        rooms.offers._add(made[name])
    return made


def kept(cluster: Cluster) -> set[str]:
    return {offer.offer_id.removeprefix("offer-") for offer in cluster.orchestrator.offers.outstanding()}


ALL = {"cpus", "a", "b", "alone", "disk"}


@pytest.mark.parametrize(
    ("mb", "disk", "alone", "left"),
    [
        (8000, True, 5000, ALL),
        (7000, True, 5000, ALL),  # 6000 of the shared capacity are on offer: there is still room
        (5000, True, 5000, ALL - {"b"}),  # one of the two must go, and that is enough
        (2000, True, 5000, ALL - {"a", "b"}),
        (8000, True, 4999, ALL - {"alone"}),
        (8000, True, 9000, ALL),
        (8000, False, 5000, ALL - {"disk"}),
    ],
)
async def test_a_change_at_a_provider_withdraws_only_offers_that_hold_what_changed(
    cluster: Cluster, mb: int, disk: bool, alone: int, left: set[str]
) -> None:
    agent = Storage()
    await agent.join(cluster.orchestrator)
    outstanding(cluster, agent)
    disks = [disk_with_id("disk-1", 700)] if disk else []
    agent.change(pool(mb, "a"), pool(mb, "b"), replace_group(pool(alone, "alone"), "apart"), *disks)
    assert kept(cluster) == left


async def test_less_of_the_agents_own_resources_withdraws_no_offer_of_a_providers_disks(
    cluster: Cluster,
) -> None:
    agent = Storage()
    await agent.join(cluster.orchestrator)
    outstanding(cluster, agent)
    agent.report(Resources([Resource("cpus", Scalar(2000)), Resource("mem", Scalar(4096_000))]), None)
    assert kept(cluster) == ALL - {"cpus"}


async def test_a_provider_that_leaves_takes_only_its_own_offers_with_it(cluster: Cluster) -> None:
    agent = Storage()
    await agent.join(cluster.orchestrator)
    outstanding(cluster, agent)
    agent.leave()
    assert kept(cluster) == {"cpus"}


async def test_what_tasks_hold_of_a_provider_stays_theirs_while_it_is_away_and_when_it_is_back(
    cluster: Cluster,
) -> None:
    rooms, agent = cluster.orchestrator, Storage()
    await agent.join(rooms)
    framework, session = await subscribe(rooms, ["test"])
    await until(session.offers)
    offer = session.offers()[0]
    (disk,) = [r for r in offer.resources if r.name == "disk" and r.disk.source.id == "disk-1"]  # type: ignore[union-attr]
    call = launch(offer, "t1")
    call.filters = mesos.Filters(refuse_seconds=0.0)
    call.operations[0].launch.task_infos[0].resources.append(disk)  # type: ignore[union-attr]
    await rooms.acceptance.accept(framework, call)
    assert [task.task_id for task in rooms.state.tasks.values()] == ["t1"]
    agent.leave()
    agent.report_provider()
    rooms.offers.allocate()
    offered = [r for each in rooms.offers.outstanding() for r in each.resources if r.name == "disk"]
    assert offered
    assert not [r for r in offered if r.disk and r.disk.source and r.disk.source.id == "disk-1"]


def reconfigured(agent: ScriptedAgent, rack: str) -> link.AgentMessage:
    """The agent says that frameworks are to be told something else of it, and what it found."""
    text = mesos.ValueText(value=rack)
    attribute = mesos.Attribute(name="rack", type=mesos.ValueType.TEXT, text=text)
    told = link.AgentMessageUpdateAgent(
        agent_info=mesos.AgentInfo(hostname="another", attributes=[attribute] if rack else []),
        findings=[mesos.HostFinding(kind="MOUNT", what="/m", advice="umount /m")],
    )
    return link.AgentMessage(type=link.AgentMessageType.UPDATE_AGENT, update_agent=told)


async def test_offers_that_say_what_an_agent_was_are_withdrawn_when_it_is_configured_anew(
    cluster: Cluster,
) -> None:
    rooms, agent = cluster.orchestrator, ScriptedAgent()
    await agent.join(rooms)
    framework, session = await subscribe(rooms, ["test"])
    await until(session.offers)
    agent.tell(reconfigured(agent, "r2"))
    async with asyncio.timeout(0.5):
        await until(lambda: len(session.offers()) > 1)
    assert is_withdrawn(session, session.offers()[0])
    assert [each.text.value for each in session.offers()[-1].attributes] == ["r2"]
    known = rooms.state.agents[agent.agent_id or ""]
    assert known.info.hostname == "host-1", "who it is does not change"
    await rooms.acceptance.accept(framework, launch(session.offers()[-1], "t1"))
    assert [task.task_id for task in rooms.state.tasks.values()] == ["t1"]


async def test_what_an_agent_finds_is_shown_and_withdraws_nothing(cluster: Cluster) -> None:
    rooms, agent = cluster.orchestrator, ScriptedAgent()
    await agent.join(rooms)
    _, session = await subscribe(rooms, ["test"])
    await until(session.offers)
    agent.tell(reconfigured(agent, ""))
    known = rooms.state.agents[agent.agent_id or ""]
    assert [each.kind for each in known.findings] == ["MOUNT"]
    await asyncio.sleep(0.05)
    assert not is_withdrawn(session, session.offers()[0])
