"""Operators' volumes at a provider that makes and ends them whole, and what frameworks may ask of one."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import UNSET

from api.model.operation import CREATE_DISK_WHOLE
from api.wire.v1 import link, mesos
from orchestrator.volumes import VolumeState
from tests.orchestrator.scripted import ScriptedAgent
from tests.orchestrator.test_core import (
    Cluster,
    cluster,
    create_disk,
    provision,
    subscribe,
    until,
)

__all__ = ["cluster"]

Kind = mesos.OfferOperationType


def asked_of(agent: ScriptedAgent) -> list[mesos.OfferOperationType]:
    return [
        message.apply_operation.operation.info.type
        for message in agent.received
        if isinstance(message.apply_operation, link.OrchestratorMessageApplyOperation)
    ]


def able(**more: int) -> ScriptedAgent:
    agent = ScriptedAgent(**more)
    agent.capabilities = [CREATE_DISK_WHOLE]
    return agent


async def test_a_volume_takes_one_operation_up_and_one_down(cluster: Cluster) -> None:
    orchestrator, agent = cluster.orchestrator, able()
    await agent.join(orchestrator)
    before = agent.totals
    volumes = orchestrator.provisioning.volumes
    await orchestrator.provisioning.provision(provision())
    await until(lambda: volumes["data"].state is VolumeState.AVAILABLE)
    _, session = await subscribe(orchestrator, ["default"])
    await until(session.offers)
    disks = [r.disk for r in session.offers()[0].resources if r.disk]
    assert [disk.persistence.id for disk in disks if disk.persistence] == ["data"]
    await orchestrator.provisioning.deprovision("data")
    await until(lambda: "data" not in volumes)
    assert asked_of(agent) == [Kind.CREATE_DISK, Kind.DESTROY_DISK]
    assert agent.totals == before
    await until(lambda: not agent.ended)


async def test_a_refusal_leaves_nothing_to_be_undone(cluster: Cluster) -> None:
    orchestrator, agent = cluster.orchestrator, able()
    agent.refuse["CREATE_DISK"] = mesos.OperationState.OPERATION_FAILED
    await agent.join(orchestrator)
    await orchestrator.provisioning.provision(provision())
    await until(lambda: orchestrator.provisioning.volumes["data"].state is VolumeState.FAILED)
    assert asked_of(agent) == [Kind.CREATE_DISK]


@pytest.mark.parametrize(
    ("first", "then", "down"),
    [
        ([CREATE_DISK_WHOLE], [], [Kind.DESTROY, Kind.UNRESERVE, Kind.DESTROY_DISK]),
        ([], [CREATE_DISK_WHOLE], [Kind.DESTROY_DISK]),
    ],
)
async def test_a_volume_goes_down_as_its_provider_can_now(
    cluster: Cluster, first: list[str], then: list[str], down: list[mesos.OfferOperationType]
) -> None:
    orchestrator, agent = cluster.orchestrator, ScriptedAgent()
    agent.capabilities = first
    await agent.join(orchestrator)
    before = agent.totals
    volumes = orchestrator.provisioning.volumes
    await orchestrator.provisioning.provision(provision())
    await until(lambda: volumes["data"].state is VolumeState.AVAILABLE)
    agent.received.clear()
    agent.capabilities = then
    agent.report_provider()
    await orchestrator.provisioning.deprovision("data")
    await until(lambda: not volumes)
    assert asked_of(agent) == down
    assert agent.totals == before


async def test_a_crash_in_between_makes_one_volume(cluster: Cluster, tmp_path: Path) -> None:
    agent = able()
    await agent.join(cluster.orchestrator)
    agent.deaf = True
    await cluster.orchestrator.provisioning.provision(provision())
    agent.deaf = False
    await cluster.crash()
    await agent.join(cluster.orchestrator)
    await until(lambda: cluster.orchestrator.provisioning.volumes["data"].state is VolumeState.AVAILABLE)
    assert len(agent.applied) == len(set(agent.applied)) == 1


@pytest.mark.parametrize(
    ("capabilities", "role", "refusal"),
    [
        ([CREATE_DISK_WHOLE], "test", ""),
        ([CREATE_DISK_WHOLE], "somebody", "can be reserved for no other"),
        ([], "test", "does not make whole volumes"),
    ],
)
async def test_a_framework_makes_a_whole_volume_for_its_own_role_where_that_can_be(
    cluster: Cluster, capabilities: list[str], role: str, refusal: str
) -> None:
    orchestrator, agent = cluster.orchestrator, ScriptedAgent()
    agent.capabilities = capabilities
    await agent.join(orchestrator)
    framework, session = await subscribe(orchestrator, ["test"])
    await until(session.offers)
    call = create_disk(session.offers()[0], 4000)
    wanted = call.operations[0].create_disk
    assert isinstance(wanted, mesos.OfferOperationCreateDisk)
    dynamic = mesos.ResourceReservationInfoType.DYNAMIC
    wanted.target_reservations = [mesos.ResourceReservationInfo(type=dynamic, role=role)]
    wanted.target_persistence = mesos.ResourceDiskInfoPersistence(id="mine")
    await orchestrator.acceptance.accept(framework, call)
    await until(session.operation_statuses)
    status = session.operation_statuses()[0]
    if refusal:
        assert status.state is mesos.OperationState.OPERATION_ERROR
        assert refusal in str(status.message)
        return
    (made,) = status.converted_resources
    assert made.disk and made.disk.persistence and made.disk.persistence.id == "mine"
    assert (made.role, made.reservation is UNSET) == ("test", False)
