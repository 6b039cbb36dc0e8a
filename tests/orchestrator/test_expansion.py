"""Operators' volumes made larger, at rest and in use; refused, interrupted, and too large."""

from __future__ import annotations

from typing import Any

import pytest

from api.model.errors import InvalidRequest
from api.model.operation import InvalidOperation
from api.model.resources import Reservation, Resource, Resources, Scalar
from api.wire.convert import resource_to_wire
from api.wire.v1 import master, mesos, scheduler
from orchestrator.placement import NotEnough
from orchestrator.volume_holds import resource_of
from orchestrator.volume_requests import NoSuchVolume, VolumeConflict
from orchestrator.volumes import VolumeRecord, VolumeState
from tests.orchestrator.scripted import PROVIDER, ScriptedAgent, pool
from tests.orchestrator.test_core import Cluster, cluster, provision, subscribe, until

__all__ = ["cluster"]

FAILED = mesos.OperationState.OPERATION_FAILED


def record(cluster: Cluster) -> VolumeRecord:
    return cluster.orchestrator.provisioning.volumes["data"]


async def available(cluster: Cluster, agent: ScriptedAgent) -> None:
    await agent.join(cluster.orchestrator)
    await cluster.orchestrator.provisioning.provision(provision())
    await until(lambda: record(cluster).state is VolumeState.AVAILABLE)


async def expand(cluster: Cluster, mb: int, name: str = "data") -> VolumeRecord:
    call = master.CallExpandVolume(name=name, size_bytes=mb * 2**20)
    return await cluster.orchestrator.expansion.expand(call)


def free_mb(cluster: Cluster, agent: ScriptedAgent) -> int:
    return cluster.orchestrator.allocator.free(str(agent.agent_id), pool(1)) // 1000


async def test_a_volume_is_expanded_out_of_its_pool_and_again(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await available(cluster, agent)
    accepted = await expand(cluster, 2048)
    assert accepted.state in (VolumeState.EXPANDING, VolumeState.AVAILABLE)
    await until(lambda: record(cluster).state is VolumeState.AVAILABLE)
    assert record(cluster).size_mb == 2048 and resource_of(record(cluster)).milli == 2048_000
    assert free_mb(cluster, agent) == 10_000 - 2048
    assert (await expand(cluster, 2048)).operation is None  # as large already
    await expand(cluster, 3000)
    await until(lambda: record(cluster).size_mb == 3000)
    _, mine = await subscribe(cluster.orchestrator, ["default"])
    await until(mine.offers)
    (offered,) = [r for r in mine.offers()[0].resources if r.disk and r.disk.persistence]  # type: ignore[union-attr]
    assert offered.scalar.value == 3000  # type: ignore[union-attr]


async def test_an_expansion_takes_back_what_is_on_offer(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await available(cluster, agent)
    _, session = await subscribe(cluster.orchestrator, ["default"])
    await until(session.offers)
    await expand(cluster, 10_000)
    await until(lambda: record(cluster).size_mb == 10_000)


async def test_a_refused_expansion_leaves_the_volume_as_it_was_with_the_reason(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await available(cluster, agent)
    agent.refuse["GROW_VOLUME"] = FAILED
    before = free_mb(cluster, agent)
    await expand(cluster, 2048)
    await until(lambda: record(cluster).state is VolumeState.AVAILABLE)
    assert record(cluster).size_mb == 1024 and "the script refuses" in record(cluster).message
    assert free_mb(cluster, agent) == before
    agent.refuse.clear()
    await expand(cluster, 2048)
    await until(lambda: record(cluster).size_mb == 2048)
    assert not record(cluster).message


async def test_an_expansion_goes_on_after_the_orchestrator_was_killed(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await available(cluster, agent)
    agent.deaf = True
    await expand(cluster, 2048)
    await cluster.crash()
    assert record(cluster).state is VolumeState.EXPANDING
    agent.deaf = False
    await agent.join(cluster.orchestrator)
    await until(lambda: record(cluster).state is VolumeState.AVAILABLE)
    assert record(cluster).size_mb == 2048 and free_mb(cluster, agent) == 10_000 - 2048


async def test_a_volume_that_is_expanded_can_be_destroyed_meanwhile(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await available(cluster, agent)
    agent.busy = True
    await expand(cluster, 2048)
    await until(lambda: agent.heard)
    await cluster.orchestrator.provisioning.deprovision("data")
    agent.busy = False
    agent.work_off()
    await until(lambda: not cluster.orchestrator.provisioning.volumes)
    assert free_mb(cluster, agent) == 10_000


async def test_what_cannot_be_is_refused_with_what_to_do(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await available(cluster, agent)
    for mb, error, words in ((512, InvalidRequest, "smaller"), (20_000, NotEnough, "MiB")):
        with pytest.raises(error, match=words):
            await expand(cluster, mb)
    with pytest.raises(NoSuchVolume):
        await expand(cluster, 2048, "nope")
    agent.busy = True
    await expand(cluster, 2048)
    assert (await expand(cluster, 2048)).state is VolumeState.EXPANDING
    with pytest.raises(VolumeConflict, match="EXPANDING"):
        await expand(cluster, 4096)
    agent.busy = False
    agent.work_off()
    agent.leave()
    with pytest.raises(VolumeConflict, match="try again"):
        await expand(cluster, 4096)


async def running_task(cluster: Cluster, agent: ScriptedAgent) -> mesos.Resource:
    _, session = await subscribe(cluster.orchestrator, ["default"])
    await until(session.offers)
    offer = session.offers()[0]
    disk = next(r for r in offer.resources if r.disk and r.disk.persistence)  # type: ignore[union-attr]
    cpus = resource_to_wire(Resource("cpus", Scalar(1000)))
    cpus.allocation_info = disk.allocation_info
    task = mesos.TaskInfo(
        name="t",
        task_id=mesos.TaskID(value="t"),
        agent_id=offer.agent_id,
        resources=[disk, cpus],
        command=mesos.CommandInfo(value="true"),
    )
    launch = mesos.OfferOperation(
        type=mesos.OfferOperationType.LAUNCH, launch=mesos.OfferOperationLaunch(task_infos=[task])
    )
    framework = next(iter(cluster.orchestrator.state.frameworks.values()))
    call = scheduler.CallAccept(offer_ids=[offer.id], operations=[launch])
    await cluster.orchestrator.acceptance.accept(framework, call)
    return disk


async def test_a_volume_that_grows_in_use_is_still_its_tasks(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await available(cluster, agent)
    await running_task(cluster, agent)
    await expand(cluster, 2048)
    await until(lambda: record(cluster).size_mb == 2048)
    (task,) = cluster.orchestrator.state.tasks.values()
    (held,) = task.resources.counted
    assert held.milli == 2048_000
    assert cluster.orchestrator.allocator.free(str(agent.agent_id), held) <= 0
    agent.report_provider()  # and after the next report as well
    (held,) = task.resources.counted
    assert held.milli == 2048_000 and cluster.orchestrator.provisioning.users(record(cluster)) == ["t"]


# GROW_VOLUME and SHRINK_VOLUME


def own_volume() -> tuple[Resource, Resource]:
    from api.model.disk import Disk, Persistence

    volume = Resource("disk", Scalar(64_000), (Reservation("r"),), Disk(None, Persistence("mine")))
    return volume, volume.with_disk(None).with_value(Scalar(10_000))


async def resize(cluster: Cluster, call: Any) -> Any:
    return await cluster.orchestrator.expansion.resize(call)


async def test_an_agents_own_volume_grows_and_shrinks_by_accounting(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    volume, more = own_volume()
    agent.own = agent.own + Resources([volume, more])
    agent.deaf = True  # what becomes of it is known before the agent says so
    await agent.join(cluster.orchestrator)
    agent_id = mesos.AgentID(value=str(agent.agent_id))
    grow = master.CallGrowVolume(
        agent_id=agent_id, volume=resource_to_wire(volume), addition=resource_to_wire(more)
    )
    await resize(cluster, grow)
    grown = volume.with_value(Scalar(74_000))
    total = cluster.orchestrator.state.agents[str(agent.agent_id)].total
    assert total().count(grown) == 1
    shrink = master.CallShrinkVolume(
        agent_id=agent_id, volume=resource_to_wire(grown), subtract=mesos.ValueScalar(value=4)
    )
    await resize(cluster, shrink)
    assert total().count(volume.with_value(Scalar(70_000))) == 1


async def test_a_plugins_disk_is_not_made_smaller_and_an_operators_volume_has_its_own_call(
    cluster: Cluster,
) -> None:
    agent = ScriptedAgent()
    await available(cluster, agent)
    volume = resource_of(record(cluster))
    agent_id = mesos.AgentID(value=str(agent.agent_id))
    with pytest.raises(InvalidOperation, match="CSI cannot"):
        await resize(
            cluster,
            master.CallShrinkVolume(
                agent_id=agent_id, volume=resource_to_wire(volume), subtract=mesos.ValueScalar(value=1)
            ),
        )
    with pytest.raises(VolumeConflict, match="orlop volume expand data"):
        await resize(
            cluster,
            master.CallGrowVolume(
                agent_id=agent_id, volume=resource_to_wire(volume), addition=resource_to_wire(pool(10))
            ),
        )
    assert volume.provider_id == PROVIDER
