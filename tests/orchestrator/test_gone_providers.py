"""A resource provider that an operator removed for good: its operations end, its volumes can be forgotten."""

from __future__ import annotations

import pytest
from msgspec import UNSET

from api.wire.v1 import mesos
from orchestrator import volume_requests
from orchestrator.reconciliation import ProviderStanding
from orchestrator.volume_requests import NoSuchVolume, VolumeConflict
from orchestrator.volumes import VolumeState
from tests.orchestrator.scripted import PROVIDER, ScriptedAgent
from tests.orchestrator.test_core import (
    Cluster,
    accept_disk,
    acknowledge,
    cluster,
    provision,
    subscribe,
    until,
)

__all__ = ["cluster"]

State = mesos.OperationState


async def with_a_volume(cluster: Cluster) -> ScriptedAgent:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    await cluster.orchestrator.provisioning.provision(provision())
    volumes = cluster.orchestrator.provisioning.volumes
    await until(lambda: volumes["data"].state is VolumeState.AVAILABLE)
    return agent


async def test_operations_of_a_gone_provider_end_and_their_owners_are_told_until_they_acknowledge(
    cluster: Cluster,
) -> None:
    agent = ScriptedAgent()
    agent.busy = True
    framework, session = await accept_disk(cluster, agent)
    await until(lambda: agent.heard)
    agent.leave("removed", gone=True)
    await until(session.operation_statuses)
    (status,) = session.operation_statuses()
    assert status.state is State.OPERATION_GONE_BY_OPERATOR and status.uuid is not UNSET
    assert "removed for good" in str(status.message)
    cluster.orchestrator.allocator.validate()
    await cluster.crash()
    again, session = await subscribe(cluster.orchestrator, ["test"], framework.framework_id)
    await until(session.operation_statuses)
    (told,) = session.operation_statuses()
    assert told.uuid == status.uuid
    await acknowledge(cluster.orchestrator, again, told)
    assert cluster.orchestrator.ledger.awaited_by(framework.framework_id) == 0


async def test_that_a_provider_is_gone_is_remembered_and_said_again_without_effect(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    agent.busy = True
    _, session = await accept_disk(cluster, agent)
    await until(lambda: agent.heard)
    agent.leave(gone=True)
    agent.leave(gone=True)
    await until(session.operation_statuses)
    await cluster.crash()
    standings = cluster.orchestrator.standings
    assert standings.of_provider(agent.agent_id, PROVIDER) is ProviderStanding.GONE
    assert len(session.operation_statuses()) == 1


async def test_a_provider_that_goes_while_its_agent_was_away_ends_its_operations_at_the_next_registration(
    cluster: Cluster,
) -> None:
    agent = ScriptedAgent()
    agent.deaf = True
    framework, _ = await accept_disk(cluster, agent)
    await cluster.crash()
    _, session = await subscribe(cluster.orchestrator, ["test"], framework.framework_id)
    agent.report_provider = lambda: agent.leave(gone=True)  # type: ignore[method-assign]
    await agent.join(cluster.orchestrator)
    await until(session.operation_statuses)
    assert session.operation_statuses()[0].state is State.OPERATION_GONE_BY_OPERATOR
    cluster.orchestrator.allocator.validate()


async def test_a_volume_of_a_gone_provider_needs_an_operator_who_can_forget_it(cluster: Cluster) -> None:
    agent = await with_a_volume(cluster)
    rooms = cluster.orchestrator
    agent.leave(gone=True)
    volumes = rooms.provisioning.volumes
    await until(lambda: volumes["data"].state is VolumeState.NEEDS_OPERATOR)
    assert "orlop volume destroy --force data" in volumes["data"].message
    with pytest.raises(VolumeConflict, match="--force data"):
        await rooms.provisioning.deprovision("data")
    await cluster.crash()
    rooms = cluster.orchestrator
    assert rooms.provisioning.volumes["data"].state is VolumeState.NEEDS_OPERATOR
    await agent_without_provider(agent, cluster)
    _, forgotten = await rooms.provisioning.forget("data")
    assert forgotten and "data" not in rooms.provisioning.volumes
    await cluster.crash()
    assert "data" not in cluster.orchestrator.provisioning.volumes
    with pytest.raises(NoSuchVolume):
        await cluster.orchestrator.provisioning.forget("data")


async def agent_without_provider(agent: ScriptedAgent, cluster: Cluster) -> None:
    agent.report_provider = lambda: agent.leave(gone=True)  # type: ignore[method-assign]
    await agent.join(cluster.orchestrator)


@pytest.mark.parametrize("step", ["RESERVE", "CREATE", "DESTROY_DISK"])
async def test_a_volume_whose_step_is_under_way_when_its_provider_goes_needs_an_operator(
    cluster: Cluster, step: str
) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    rooms = cluster.orchestrator
    if step == "DESTROY_DISK":
        await rooms.provisioning.provision(provision())
        await until(lambda: rooms.provisioning.volumes["data"].state is VolumeState.AVAILABLE)
    stop_before(agent, step)
    if step == "DESTROY_DISK":
        await rooms.provisioning.deprovision("data")
    else:
        await rooms.provisioning.provision(provision())
    await until(lambda: agent.heard)
    agent.leave(gone=True)
    record = rooms.provisioning.volumes["data"]
    await until(lambda: record.state is VolumeState.NEEDS_OPERATOR)
    rooms.allocator.validate()
    assert (await rooms.provisioning.forget("data"))[1]


def stop_before(agent: ScriptedAgent, step: str) -> None:
    """The agent goes on with everything but operations of this type."""
    apply = agent.apply

    def choosy(call):  # type: ignore[no-untyped-def]
        if str(call.info.type) == step:
            agent.heard[call.operation_uuid.value] = call
        else:
            apply(call)

    agent.apply = choosy  # type: ignore[method-assign]


async def test_a_volume_of_which_there_was_nothing_yet_fails_when_its_provider_goes(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    agent.busy = True
    await agent.join(cluster.orchestrator)
    await cluster.orchestrator.provisioning.provision(provision())
    await until(lambda: agent.heard)
    agent.leave(gone=True)
    record = cluster.orchestrator.provisioning.volumes["data"]
    await until(lambda: record.state is VolumeState.FAILED)
    assert "removed for good" in record.message


# --force of a volume whose provider is not gone


async def test_forcing_the_end_of_a_volume_whose_provider_is_here_destroys_it(cluster: Cluster) -> None:
    agent = await with_a_volume(cluster)
    record, forgotten = await cluster.orchestrator.provisioning.forget("data")
    assert not forgotten and record.state is VolumeState.DESTROYING
    await until(lambda: "data" not in cluster.orchestrator.provisioning.volumes)
    assert all(r.disk.is_pool for r in agent.totals if r.disk)


async def test_a_volume_of_an_agent_that_is_away_is_forgotten_when_an_operator_insists(
    cluster: Cluster,
) -> None:
    agent = await with_a_volume(cluster)
    cluster.orchestrator.agents.disconnected(str(agent.agent_id), agent)
    assert (await cluster.orchestrator.provisioning.forget("data"))[1]
    await agent.join(cluster.orchestrator)  # it came back after all: the disk is there for its role
    _, session = await subscribe(cluster.orchestrator, ["default"])
    await until(lambda: [r for o in session.offers() for r in o.resources if r.disk and r.disk.persistence])


async def test_a_creation_at_an_agent_that_is_away_is_given_up_with_its_volume(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    agent.busy = True
    await agent.join(cluster.orchestrator)
    await cluster.orchestrator.provisioning.provision(provision())
    await until(lambda: agent.heard)
    cluster.orchestrator.agents.disconnected(str(agent.agent_id), agent)
    assert (await cluster.orchestrator.provisioning.forget("data"))[1]
    await agent.join(cluster.orchestrator)
    await until(lambda: agent.abandoned == list(agent.heard))


async def test_just_after_a_start_nobody_is_taken_for_lost(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_a_volume(cluster)
    await cluster.crash()
    with pytest.raises(VolumeConflict, match="may be on its way back"):
        await cluster.orchestrator.provisioning.forget("data")
    monkeypatch.setattr(volume_requests, "RECOVERY_GRACE_SECONDS", 0.0)
    assert (await cluster.orchestrator.provisioning.forget("data"))[1]


async def test_a_stuck_volume_of_an_agent_that_does_not_come_back_is_forgotten(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await with_a_volume(cluster)
    agent.refuse["DESTROY"] = State.OPERATION_FAILED
    await cluster.orchestrator.provisioning.deprovision("data")
    record = cluster.orchestrator.provisioning.volumes["data"]
    await until(lambda: record.state is VolumeState.NEEDS_OPERATOR)
    await cluster.crash()
    monkeypatch.setattr(volume_requests, "RECOVERY_GRACE_SECONDS", 0.0)
    assert (await cluster.orchestrator.provisioning.forget("data"))[1]
    await agent.join(cluster.orchestrator)
    cluster.orchestrator.allocator.validate()


async def test_a_provider_that_is_away_since_before_the_start_is_known_to_be_away(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    agent.report_provider = lambda: agent.leave("not here")  # type: ignore[method-assign]
    await agent.join(cluster.orchestrator)
    standings = cluster.orchestrator.standings
    assert standings.of_provider(agent.agent_id, PROVIDER) is ProviderStanding.AWAY
    assert standings.of_provider(agent.agent_id, "never heard of") is ProviderStanding.UNKNOWN
