"""Offers that rest on what is no longer so are withdrawn: nothing is offered twice, or used once gone."""

from __future__ import annotations

import asyncio

import pytest

from api.wire.v1 import link, mesos, scheduler
from tests.orchestrator.scripted import ScriptedAgent, ScriptedFramework
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
    assert any(resource.reservations for resource in early.resources)
    call = next(m.apply_operation for m in agent.received if m.apply_operation)
    assert isinstance(call, link.OrchestratorMessageApplyOperation)
    agent.apply(call.operation)
    await until(session.operation_statuses)
    assert session.operation_statuses()[0].state is outcome
    assert is_withdrawn(session, early)
    rooms.offers.allocate()
    assert offered_mb(cluster) == POOL_MB
