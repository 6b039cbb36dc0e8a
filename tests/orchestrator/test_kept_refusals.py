"""Refusals of operations are kept until they are acknowledged, whatever happens."""

from __future__ import annotations

from msgspec import UNSET

from api.wire.v1 import mesos, scheduler
from orchestrator.journal import Transaction
from orchestrator.operation_refusals import REFUSALS_LIMIT, Refusal, Refusals
from orchestrator.state import Framework
from tests.orchestrator.test_core import (
    Cluster,
    ScriptedAgent,
    ScriptedFramework,
    cluster,
    create_disk,
    subscribe,
    until,
)

__all__ = ["cluster"]

ERROR = mesos.OperationState.OPERATION_ERROR


class Asking:
    """A framework that sends an ACCEPT whose offer has gone."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.framework: Framework
        self.session: ScriptedFramework
        self.call: scheduler.CallAccept

    async def begin(self) -> None:
        await ScriptedAgent().join(self.cluster.orchestrator)
        self.framework, self.session = await subscribe(self.cluster.orchestrator, ["test"])
        await until(self.session.offers)
        self.call = create_disk(self.session.offers()[0], 1000)
        self.call.offer_ids = [mesos.OfferID(value="gone")]
        await self.accept()

    async def accept(self) -> None:
        await self.cluster.orchestrator.acceptance.accept(self.framework, self.call)

    async def subscribe_again(self) -> None:
        rooms, framework_id = self.cluster.orchestrator, self.framework.framework_id
        self.framework, self.session = await subscribe(rooms, ["test"], framework_id)
        await rooms.journal.drain()

    async def acknowledge(self, status: mesos.OperationStatus) -> bool:
        assert isinstance(status.uuid, mesos.UUID) and isinstance(status.operation_id, mesos.OperationID)
        transaction, rooms = Transaction(), self.cluster.orchestrator
        call = scheduler.CallAcknowledgeOperationStatus(
            uuid=status.uuid.value, operation_id=status.operation_id
        )
        known = rooms.operations.acknowledge(transaction, self.framework.framework_id, call)
        await rooms.journal.commit(transaction)
        return known

    @property
    def told(self) -> list[mesos.OperationStatus]:
        return self.session.operation_statuses()


async def test_a_refusal_is_told_by_the_next_leader_by_the_same_uuid_until_it_is_acknowledged(
    cluster: Cluster,
) -> None:
    asking = Asking(cluster)
    await asking.begin()
    (first,) = asking.told
    assert first.state is ERROR and "no longer valid" in str(first.message)
    await cluster.crash()
    await asking.subscribe_again()
    assert asking.told == [first]
    assert await asking.acknowledge(first)
    assert not await asking.acknowledge(first)
    await asking.subscribe_again()
    assert asking.told == []
    await cluster.crash()
    await asking.subscribe_again()
    assert asking.told == []


async def test_a_refused_operation_that_is_sent_again_is_told_the_same_and_not_carried_out(
    cluster: Cluster,
) -> None:
    asking = Asking(cluster)
    await asking.begin()
    (first,) = asking.told
    asking.call.offer_ids = [asking.session.offers()[0].id]
    await asking.accept()
    assert asking.told == [first, first] and not cluster.orchestrator.ledger.operations
    await asking.acknowledge(first)
    await until(lambda: len(asking.session.offers()) > 1)
    asking.call.offer_ids = [asking.session.offers()[-1].id]
    await asking.accept()  # the name is free again
    assert len(cluster.orchestrator.ledger.operations) == 1


async def test_refusals_go_with_their_framework(cluster: Cluster) -> None:
    asking = Asking(cluster)
    await asking.begin()
    await cluster.orchestrator.frameworks.remove(asking.framework.framework_id)
    await cluster.crash()
    assert not len(cluster.orchestrator.ledger.refusals)


async def test_who_asks_is_answered_and_an_answer_needs_no_acknowledgement(cluster: Cluster) -> None:
    asking = Asking(cluster)
    await asking.begin()
    refusals, framework_id = cluster.orchestrator.operations.refusals, asking.framework.framework_id
    (answer,) = refusals.answers(framework_id)
    assert answer.state is ERROR and answer.uuid is UNSET
    assert isinstance(answer.operation_id, mesos.OperationID)
    assert refusals.answer(framework_id, answer.operation_id.value) == answer
    assert refusals.answer(framework_id, "another") is None


def test_they_are_bounded_for_each_framework() -> None:
    refusals = Refusals(limit=2)
    for framework in ("one", "another"):
        for name in ("a", "b", "c"):
            status = mesos.OperationStatus(state=ERROR, operation_id=mesos.OperationID(value=name))
            refusals.record(Refusal(framework, status))
    assert [each.key for each in refusals.of_framework("one")] == [("one", "b"), ("one", "c")]
    assert len(refusals) == 4 and REFUSALS_LIMIT == 10_000
