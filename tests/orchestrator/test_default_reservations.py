"""Operators' volumes on a provider that is reserved as a whole: for its role and those below, up and down."""

from __future__ import annotations

import pytest

from api.model.operation import CREATE_DISK_WHOLE
from api.model.resources import Reservation, Resources
from api.wire.v1 import master, mesos
from orchestrator.placement import NotEnough
from orchestrator.volume_holds import resource_of
from orchestrator.volumes import VolumeState
from tests.orchestrator.scripted import ScriptedAgent
from tests.orchestrator.test_core import Cluster, cluster, subscribe, until

__all__ = ["cluster"]

ENG = Reservation("eng", dynamic=False)
OPEN = Reservation("eng")
UP, DOWN = ["CREATE_DISK", "CREATE"], ["DESTROY", "DESTROY_DISK"]
REFINED_UP, REFINED_DOWN = ["CREATE_DISK", "RESERVE", "CREATE"], ["DESTROY", "UNRESERVE", "DESTROY_DISK"]


def wanted(role: str, mb: int = 1024) -> master.CallProvisionVolume:
    return master.CallProvisionVolume(name="data", profile="default", size_bytes=mb * 2**20, role=role)


@pytest.mark.parametrize("default", [ENG, OPEN])
@pytest.mark.parametrize(
    ("role", "capabilities", "steps"),
    [
        ("eng", [], UP + DOWN),
        ("eng/dev", [], REFINED_UP + REFINED_DOWN),
        ("eng", [CREATE_DISK_WHOLE], ["CREATE_DISK", "DESTROY_DISK"]),
        ("eng/dev", [CREATE_DISK_WHOLE], ["CREATE_DISK", "DESTROY_DISK"]),
    ],
)
async def test_a_volume_of_the_role_or_below_is_made_and_destroyed(
    cluster: Cluster, default: Reservation, role: str, capabilities: list[str], steps: list[str]
) -> None:
    agent = ScriptedAgent(10_000, default)
    agent.capabilities = capabilities
    await agent.join(cluster.orchestrator)
    before = agent.totals
    provisioning = cluster.orchestrator.provisioning
    await provisioning.provision(wanted(role))
    await until(lambda: provisioning.volumes["data"].state is VolumeState.AVAILABLE)
    volume = resource_of(provisioning.volumes["data"])
    assert volume.is_persistent and volume.role == role
    assert volume.reservations == ((default,) if role == "eng" else (default, Reservation(role)))
    await provisioning.deprovision("data")
    await until(lambda: not provisioning.volumes)
    assert agent.totals == before
    ledger = cluster.orchestrator.ledger.operations.values()
    assert [str(record.info.type) for record in ledger] == steps


async def test_offers_of_the_reserved_pool_give_way_and_the_volume_grows_out_of_it(cluster: Cluster) -> None:
    agent = ScriptedAgent(10_000, ENG)
    await agent.join(cluster.orchestrator)
    _, session = await subscribe(cluster.orchestrator, ["eng"])
    await until(session.offers)
    provisioning = cluster.orchestrator.provisioning
    await provisioning.provision(wanted("eng", 9_000))
    await until(lambda: provisioning.volumes["data"].state is VolumeState.AVAILABLE)
    await until(lambda: len(session.offers()) > 1)
    call = master.CallExpandVolume(name="data", size_bytes=10_000 * 2**20)
    await cluster.orchestrator.expansion.expand(call)
    await until(lambda: provisioning.volumes["data"].size_mb == 10_000)
    assert agent.totals == Resources([resource_of(provisioning.volumes["data"])])


async def test_other_roles_get_nothing_of_it(cluster: Cluster) -> None:
    agent = ScriptedAgent(10_000, ENG)
    await agent.join(cluster.orchestrator)
    with pytest.raises(NotEnough):
        await cluster.orchestrator.provisioning.provision(wanted("ops"))
    _, session = await subscribe(cluster.orchestrator, ["ops"])
    await until(session.offers)
    assert {r.name for offer in session.offers() for r in offer.resources} == {"cpus", "mem"}


async def test_a_volume_whose_last_step_is_refused_leaves_the_pool_as_it_was(cluster: Cluster) -> None:
    agent = ScriptedAgent(10_000, OPEN)
    await agent.join(cluster.orchestrator)
    before = agent.totals
    agent.refuse["CREATE"] = mesos.OperationState.OPERATION_FAILED
    provisioning = cluster.orchestrator.provisioning
    await provisioning.provision(wanted("eng"))
    await until(lambda: provisioning.volumes["data"].state is VolumeState.FAILED)
    assert agent.totals == before
