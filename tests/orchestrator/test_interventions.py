"""What an operator does about an operation that is stuck, and what is told of it, at the orchestrator."""

from __future__ import annotations

import pytest
from msgspec import UNSET, structs

from api.model.errors import InvalidRequest
from api.wire.v1 import link, mesos
from orchestrator import accept, launches
from orchestrator.interventions import NoSuchOperation, OperationConflict
from orchestrator.messages import operation_shown
from orchestrator.records import OperationRecord
from orchestrator.volumes import VolumeState
from tests.orchestrator.scripted import ScriptedAgent
from tests.orchestrator.test_core import (
    Cluster,
    accept_disk,
    acknowledge,
    cluster,
    create_disk,
    launch,
    provision,
    raw_disk,
    subscribe,
    until,
)

__all__ = ["cluster"]

State = mesos.OperationState


async def stuck(cluster: Cluster) -> tuple[ScriptedAgent, OperationRecord]:
    """A CREATE_DISK of a framework ("op-1") that its provider has and cannot finish."""
    agent = ScriptedAgent()
    agent.busy = True
    await accept_disk(cluster, agent)
    await until(lambda: agent.heard)
    (record,) = cluster.orchestrator.ledger.operations.values()
    return agent, record


def shown(cluster: Cluster, record: OperationRecord) -> mesos.Operation:
    return operation_shown(record, cluster.orchestrator.standings.latest(record))


# Which one


async def test_an_operation_is_named_by_its_uuid_the_beginning_of_it_or_its_frameworks_id(
    cluster: Cluster,
) -> None:
    _, record = await stuck(cluster)
    digits = record.uuid.hex()
    dashed = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    for name in (digits, dashed, digits.upper(), digits[:4], "op-1"):
        assert cluster.orchestrator.interventions.find(name) is record
    for name in (digits[:3], "op", "0" * 32, ""):
        with pytest.raises(NoSuchOperation, match="orlop operations --all"):
            cluster.orchestrator.interventions.find(name)


async def test_a_name_that_means_several_operations_is_refused_with_those_it_may_be(
    cluster: Cluster,
) -> None:
    agent = ScriptedAgent()
    agent.busy = True
    await agent.join(cluster.orchestrator)
    for role in ("one", "two"):
        framework, session = await subscribe(cluster.orchestrator, [role])
        await until(session.offers)
        call = create_disk(session.offers()[0], 1000)
        call.filters = mesos.Filters(refuse_seconds=1000.0)
        await cluster.orchestrator.acceptance.accept(framework, call)
    await until(lambda: len(agent.heard) == 2)
    first, second = cluster.orchestrator.ledger.operations.values()
    with pytest.raises(InvalidRequest, match="give more of the UUID") as refusal:
        cluster.orchestrator.interventions.find("op-1")
    assert first.uuid.hex() in str(refusal.value) and second.uuid.hex() in str(refusal.value)


# Retry


async def test_a_retry_reaches_the_provider_after_the_operation_itself(cluster: Cluster) -> None:
    agent, record = await stuck(cluster)
    agent.received.clear()
    told, message = await cluster.orchestrator.interventions.retry("op-1")
    assert told is record and "tries again now" in message
    kinds = [each.type for each in agent.received]
    assert kinds == [
        link.OrchestratorMessageType.APPLY_OPERATION,
        link.OrchestratorMessageType.RETRY_OPERATION,
    ]
    assert agent.retried == [record.uuid]


async def test_what_has_ended_is_neither_tried_again_nor_given_up(cluster: Cluster) -> None:
    agent, record = await stuck(cluster)
    agent.work_off()
    await until(lambda: record.terminal)
    for wish in (cluster.orchestrator.interventions.retry, cluster.orchestrator.interventions.abandon):
        with pytest.raises(OperationConflict, match="has ended as FINISHED"):
            await wish("op-1")


async def test_a_retry_at_an_agent_that_is_away_is_refused_with_what_to_wait_for(cluster: Cluster) -> None:
    agent, record = await stuck(cluster)
    agent.leave("its process was killed")
    await until(lambda: not cluster.orchestrator.standings.is_here(record))
    with pytest.raises(
        OperationConflict, match=r"not subscribed \(its process was killed\): it goes on by itself"
    ):
        await cluster.orchestrator.interventions.retry("op-1")
    cluster.orchestrator.agents.disconnected(str(agent.agent_id), agent)
    with pytest.raises(OperationConflict, match=r"agent .* \(host-1\), which is not connected"):
        await cluster.orchestrator.interventions.retry("op-1")


# Abandon


async def test_an_operation_that_is_given_up_ends_as_its_provider_says_and_its_owner_is_told(
    cluster: Cluster,
) -> None:
    agent = ScriptedAgent()
    agent.busy = True
    _, session = await accept_disk(cluster, agent)
    await until(lambda: agent.heard)
    (record,) = cluster.orchestrator.ledger.operations.values()
    _, message = await cluster.orchestrator.interventions.abandon("op-1")
    assert "given up" in message and agent.abandoned == [record.uuid] and not record.terminal
    assert shown(cluster, record).abandoned == record.abandoned is not None
    agent.fail(record.uuid, "abandoned by an operator: the volume that the plugin made is deleted again")
    await until(session.operation_statuses)
    (status,) = session.operation_statuses()
    assert status.state is State.OPERATION_FAILED and "abandoned by an operator" in str(status.message)
    story = [each.state for each in shown(cluster, record).statuses]
    assert story == [State.OPERATION_PENDING, State.OPERATION_FAILED]


async def test_that_an_operation_was_given_up_is_remembered_for_a_provider_that_is_away(
    cluster: Cluster,
) -> None:
    agent, record = await stuck(cluster)
    cluster.orchestrator.agents.disconnected(str(agent.agent_id), agent)
    _, message = await cluster.orchestrator.interventions.abandon("op-1")
    assert "remembered" in message and "orlop providers gone provider-1" in message
    assert agent.abandoned == []
    await cluster.crash()
    await agent.join(cluster.orchestrator)
    await until(lambda: agent.abandoned == [record.uuid])


async def test_one_that_never_arrived_is_sent_before_it_is_given_up(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    agent.deaf = True
    await accept_disk(cluster, agent)
    (record,) = cluster.orchestrator.ledger.operations.values()
    cluster.orchestrator.agents.disconnected(str(agent.agent_id), agent)
    await cluster.orchestrator.interventions.abandon("op-1")
    agent.received.clear()
    agent.busy = True
    await agent.join(cluster.orchestrator)
    await until(lambda: agent.abandoned)
    kinds = [m.type for m in agent.received if m.apply_operation or m.abandon_operation]
    assert [str(kind) for kind in kinds] == ["APPLY_OPERATION", "ABANDON_OPERATION"]
    assert list(agent.heard) == [record.uuid]


async def test_a_volumes_step_that_is_given_up_fails_the_volume(cluster: Cluster) -> None:
    orchestrator, agent = cluster.orchestrator, ScriptedAgent()
    agent.busy = True
    await agent.join(orchestrator)
    await orchestrator.provisioning.provision(provision())
    await until(lambda: agent.heard)
    (record,) = orchestrator.ledger.operations.values()
    await orchestrator.interventions.abandon(record.uuid.hex())
    agent.fail(record.uuid, "abandoned by an operator: nothing was made")
    volumes = orchestrator.provisioning.volumes
    await until(lambda: volumes["data"].state is VolumeState.FAILED)
    assert "abandoned by an operator" in volumes["data"].message
    with pytest.raises(OperationConflict, match="orlop volume inspect data"):
        await orchestrator.interventions.retry(record.uuid.hex())


async def test_a_volume_that_was_made_although_it_was_given_up_is_taken_down_again(cluster: Cluster) -> None:
    orchestrator, agent = cluster.orchestrator, ScriptedAgent()
    agent.busy = True
    before = agent.totals
    await agent.join(orchestrator)
    await orchestrator.provisioning.provision(provision())
    await until(lambda: agent.heard)
    (record,) = orchestrator.ledger.operations.values()
    await orchestrator.interventions.abandon(record.uuid.hex())
    agent.busy = False
    agent.work_off()  # a provider need not know what giving up is, or was faster
    volumes = orchestrator.provisioning.volumes
    await until(lambda: volumes["data"].state is VolumeState.FAILED)
    assert "given up by an operator" in volumes["data"].message
    assert agent.totals == before
    orchestrator.allocator.validate()


# What is told of it


async def test_what_stands_in_its_way_is_shown_while_it_does(cluster: Cluster) -> None:
    agent, record = await stuck(cluster)
    trouble = mesos.OperationTrouble(
        message="CreateVolume is being repeated: UNAVAILABLE", times=4, since=1.0, latest=9.0
    )
    agent.troubles[record.uuid] = trouble
    agent.report_provider()
    await until(lambda: record.trouble is not None)
    operation = shown(cluster, record)
    assert operation.trouble == trouble and operation.latest_status.message == trouble.message
    assert operation.latest_status.state is State.OPERATION_PENDING
    agent.troubles.clear()
    agent.report_provider()
    await until(lambda: record.trouble is None)
    agent.note(record.uuid, State.OPERATION_RECOVERING, "its provider is not here")
    await until(lambda: record.trouble is not None)
    assert shown(cluster, record).latest_status.message == "its provider is not here"
    agent.work_off()
    await until(lambda: record.terminal)
    assert shown(cluster, record).trouble is UNSET
    told = [each.message for each in shown(cluster, record).troubles]
    assert told == [trouble.message, "its provider is not here"], "its story is kept"


async def test_of_what_stood_in_its_way_the_latest_few_are_kept_each_once(cluster: Cluster) -> None:
    agent, record = await stuck(cluster)
    for moment, message in enumerate(["busy", *(f"trouble {n}" for n in range(20)), "busy", "last"]):
        agent.troubles[record.uuid] = mesos.OperationTrouble(
            message=message, since=float(moment), latest=float(moment)
        )
        agent.report_provider()
        await until(lambda message=message: record.trouble and record.trouble.message == message)
    kept = shown(cluster, record).troubles
    assert [each.message for each in kept] == [*(f"trouble {n}" for n in range(13, 20)), "busy"]


async def test_what_a_provider_said_is_not_repeated_once_it_has_left(cluster: Cluster) -> None:
    agent, record = await stuck(cluster)
    agent.troubles[record.uuid] = mesos.OperationTrouble(message="UNAVAILABLE: rebooting")
    agent.report_provider()
    await until(lambda: record.trouble is not None)
    agent.leave()
    latest = cluster.orchestrator.standings.latest
    await until(lambda: latest(record).state is not State.OPERATION_PENDING)
    assert "not back" in latest(record).message and "rebooting" not in latest(record).message
    assert [each.message for each in record.earlier_troubles] == ["UNAVAILABLE: rebooting"]


async def test_where_an_operation_stands_follows_its_agent_and_provider(cluster: Cluster) -> None:
    agent, record = await stuck(cluster)
    latest = cluster.orchestrator.standings.latest
    assert latest(record).state is State.OPERATION_PENDING
    agent.leave()
    await until(lambda: latest(record).state is State.OPERATION_RECOVERING)
    cluster.orchestrator.agents.disconnected(str(agent.agent_id), agent)
    assert latest(record).state is State.OPERATION_UNREACHABLE
    await cluster.crash()
    (record,) = cluster.orchestrator.ledger.operations.values()
    assert cluster.orchestrator.standings.latest(record).state is State.OPERATION_RECOVERING
    await agent.join(cluster.orchestrator)
    await until(lambda: cluster.orchestrator.standings.latest(record).state is State.OPERATION_PENDING)


async def test_owners_of_operations_on_a_lost_agent_are_told_so_once(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    agent.busy = True
    _, session = await accept_disk(cluster, agent)
    await until(lambda: agent.heard)
    cluster.orchestrator.agents.disconnected(str(agent.agent_id), agent)
    (status,) = session.operation_statuses()
    assert (status.state, status.uuid) == (State.OPERATION_UNREACHABLE, UNSET)
    assert status.operation_id == mesos.OperationID(value="op-1")
    await agent.join(cluster.orchestrator)
    agent.work_off()
    await until(lambda: len(session.operation_statuses()) == 2)
    assert session.operation_statuses()[-1].state is State.OPERATION_FINISHED


async def test_an_end_that_no_stream_repeats_is_told_until_it_is_acknowledged(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    agent.busy = True
    framework, session = await accept_disk(cluster, agent)
    await until(lambda: agent.heard)
    (record,) = cluster.orchestrator.ledger.operations.values()
    agent.heard.clear()
    agent.note(record.uuid, State.OPERATION_DROPPED, "it never arrived")
    await until(session.operation_statuses)
    assert session.operation_statuses()[0].uuid is not UNSET and not record.acknowledged
    await cluster.crash()
    _, again = await subscribe(cluster.orchestrator, ["test"], framework.framework_id)
    await until(again.operation_statuses)
    (told,) = again.operation_statuses()
    assert (told.state, told.message) == (State.OPERATION_DROPPED, "it never arrived")


async def test_operations_without_an_id_are_told_to_nobody_and_acknowledged_at_once(cluster: Cluster) -> None:
    orchestrator, agent = cluster.orchestrator, ScriptedAgent()
    await agent.join(orchestrator)
    framework, session = await subscribe(orchestrator, ["test"])
    await until(session.offers)
    call = create_disk(session.offers()[0], 4000)
    call.operations[0].id = UNSET
    await orchestrator.acceptance.accept(framework, call)
    await until(lambda: agent.applied and not agent.ended)
    assert session.operation_statuses() == []


async def test_what_an_orphan_holds_stays_charged_until_it_has_ended(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    agent.busy = True
    framework, _ = await accept_disk(cluster, agent)
    await until(lambda: agent.heard)
    await cluster.orchestrator.frameworks.remove(framework.framework_id)
    _, other = await subscribe(cluster.orchestrator, ["other"])
    await until(other.offers)
    assert raw_disk(other.offers()[0]).scalar.value == 6000  # type: ignore[union-attr]
    await cluster.crash()  # the orphan outlives the orchestrator, and its framework never comes back
    await agent.join(cluster.orchestrator)
    _, third = await subscribe(cluster.orchestrator, ["third"])
    await until(third.offers)
    assert raw_disk(third.offers()[0]).scalar.value == 6000  # type: ignore[union-attr]
    (key,) = agent.heard
    agent.fail(key, "the plugin refuses")
    await until(lambda: not agent.ended)
    cluster.orchestrator.allocator.validate()
    await until(lambda: sum(raw_disk(o).scalar.value for o in third.offers()) >= 10_000)  # type: ignore[union-attr]


# Who never acknowledges


async def test_a_framework_that_never_acknowledges_is_refused_until_it_does(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accept, "UNACKNOWLEDGED_LIMIT", 1)
    agent = ScriptedAgent()
    framework, session = await accept_disk(cluster, agent)
    await until(session.operation_statuses)
    orchestrator = cluster.orchestrator

    def pools() -> list[mesos.Offer]:
        """Offers that are outstanding, with nothing but their pools."""
        found = []
        for offer in session.offers():
            raw = [r for r in offer.resources if r.disk and str(r.disk.source.type) == "RAW"]  # type: ignore[union-attr]
            if raw and orchestrator.offers.find(framework.framework_id, offer.id.value):
                found.append(structs.replace(offer, resources=raw))
        return found

    await until(pools)
    await orchestrator.acceptance.accept(framework, create_disk(pools()[-1], 1000, "op-2"))
    refused = session.operation_statuses()[-1]
    assert refused.state is State.OPERATION_ERROR and "not acknowledged" in str(refused.message)
    assert len(agent.applied) == 1
    await acknowledge(orchestrator, framework, session.operation_statuses()[0])
    await until(pools)
    await orchestrator.acceptance.accept(framework, create_disk(pools()[-1], 1000, "op-3"))
    await until(lambda: len(agent.applied) == 2)


async def test_the_number_of_unacknowledged_operations_outlives_a_restart(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = ScriptedAgent()
    framework, session = await accept_disk(cluster, agent)
    await until(session.operation_statuses)
    await cluster.crash()
    assert cluster.orchestrator.ledger.awaited_by(framework.framework_id) == 1
    await agent.join(cluster.orchestrator)
    again, session = await subscribe(cluster.orchestrator, ["test"], framework.framework_id)
    await until(session.operation_statuses)
    await acknowledge(cluster.orchestrator, again, session.operation_statuses()[0])
    assert cluster.orchestrator.ledger.awaited_by(framework.framework_id) == 0


async def test_a_framework_with_too_many_tasks_launches_no_more(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launches, "FRAMEWORK_TASKS_LIMIT", 1)
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    framework, session = await subscribe(cluster.orchestrator, ["test"])
    await until(session.offers)
    first = launch(session.offers()[0], "t1")
    first.filters = mesos.Filters(refuse_seconds=0.0)
    await cluster.orchestrator.acceptance.accept(framework, first)
    await until(lambda: len(session.offers()) > 1)
    await cluster.orchestrator.acceptance.accept(framework, launch(session.offers()[-1], "t2"))
    (status,) = session.statuses()
    assert status.task_id.value == "t2" and status.state is mesos.TaskState.TASK_LOST
    assert "not acknowledged" in str(status.message)
