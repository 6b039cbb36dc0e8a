"""The deciding rooms together, over a real database, with a scripted agent and framework."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from api.model.errors import InvalidRequest
from api.model.resources import Resources
from api.wire.convert import resources_from_wire
from api.wire.v1 import link, master, mesos, scheduler
from orchestrator.daemon import Orchestrator
from orchestrator.journal import Transaction
from orchestrator.placement import NotEnough
from orchestrator.state import Framework
from orchestrator.volume_requests import NoSuchVolume, VolumeConflict
from orchestrator.volumes import VolumeState
from store.sqlite import SqliteStore
from tests.orchestrator.scripted import ScriptedAgent, ScriptedFramework, lead, open_store, pool

Finished = mesos.OperationState.OPERATION_FINISHED


class Cluster:
    """One orchestrator that can be ended and begun again on its database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.starts = 0
        self.store: SqliteStore
        self.orchestrator: Orchestrator

    async def start(self) -> None:
        self.store = open_store(self.folder)
        self.starts += 1
        self.orchestrator = await lead(self.store, seed=self.starts)

    async def crash(self) -> None:
        await self.orchestrator.stop()
        await self.store.close()
        await self.start()


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    made = Cluster(tmp_path)
    await made.start()
    yield made
    made.orchestrator.allocator.validate()
    await made.orchestrator.stop()
    await made.store.close()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - conditions of many kinds, in one test helper
            await asyncio.sleep(0.005)


async def subscribe(
    orchestrator: Orchestrator, roles: list[str], framework_id: str | None = None
) -> tuple[Framework, ScriptedFramework]:
    session = ScriptedFramework()
    info = mesos.FrameworkInfo(user="me", name="test", roles=roles, failover_timeout=60.0)
    if framework_id is not None:
        info.id = mesos.FrameworkID(value=framework_id)
    framework = await orchestrator.frameworks.subscribe(scheduler.CallSubscribe(framework_info=info), session)
    return framework, session


def raw_disk(offer: mesos.Offer) -> mesos.Resource:
    return next(resource for resource in offer.resources if resource.name == "disk")


def create_disk(offer: mesos.Offer, mb: float, operation_id: str = "op-1") -> scheduler.CallAccept:
    source = raw_disk(offer)
    source.scalar = mesos.ValueScalar(value=mb)
    return scheduler.CallAccept(
        offer_ids=[offer.id],
        operations=[
            mesos.OfferOperation(
                type=mesos.OfferOperationType.CREATE_DISK,
                id=mesos.OperationID(value=operation_id),
                create_disk=mesos.OfferOperationCreateDisk(
                    source=source, target_type=mesos.ResourceDiskInfoSourceType.MOUNT
                ),
            )
        ],
        filters=mesos.Filters(refuse_seconds=0.0),
    )


def provision(name: str = "data", mb: int = 1024, **more: object) -> master.CallProvisionVolume:
    return master.CallProvisionVolume(name=name, profile="default", size_bytes=mb * 2**20, **more)  # type: ignore[arg-type]


async def test_an_operators_volume_becomes_available_and_is_offered_to_its_role_only(
    cluster: Cluster,
) -> None:
    orchestrator, agent = cluster.orchestrator, ScriptedAgent()
    await agent.join(orchestrator)
    await orchestrator.provisioning.provision(provision())
    await until(lambda: orchestrator.provisioning.volumes["data"].state is VolumeState.AVAILABLE)
    _, mine = await subscribe(orchestrator, ["default"])
    await until(mine.offers)
    volumes = [r for r in mine.offers()[0].resources if r.disk and r.disk.persistence]  # type: ignore[union-attr]
    assert [volume.disk.persistence.id for volume in volumes] == ["data"]  # type: ignore[union-attr]
    _, other = await subscribe(orchestrator, ["other"])
    framework = orchestrator.state.frameworks[mine.offers()[0].framework_id.value]
    orchestrator.frameworks.suppress(framework, [])
    for offer in orchestrator.offers.outstanding():
        orchestrator.offers.rescind(offer)
    await until(other.offers)
    assert not [r for offer in other.offers() for r in offer.resources if r.disk and r.disk.persistence]  # type: ignore[union-attr]


async def test_destroying_a_volume_gives_its_capacity_back(cluster: Cluster) -> None:
    orchestrator, agent = cluster.orchestrator, ScriptedAgent()
    await agent.join(orchestrator)
    before = agent.totals
    await orchestrator.provisioning.provision(provision())
    await until(lambda: orchestrator.provisioning.volumes["data"].state is VolumeState.AVAILABLE)
    await orchestrator.provisioning.deprovision("data")
    await until(lambda: "data" not in orchestrator.provisioning.volumes)
    assert agent.totals == before
    assert orchestrator.state.providers().__next__().totals.view == before
    await until(lambda: not agent.ended)  # every status was acknowledged


async def test_the_same_request_again_changes_nothing_and_another_is_refused(cluster: Cluster) -> None:
    orchestrator, agent = cluster.orchestrator, ScriptedAgent()
    await agent.join(orchestrator)
    first = await orchestrator.provisioning.provision(provision())
    assert await orchestrator.provisioning.provision(provision()) is first
    with pytest.raises(VolumeConflict, match="other properties"):
        await orchestrator.provisioning.provision(provision(mb=2048))


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (provision(mb=0), InvalidRequest),
        (provision(mb=-1), InvalidRequest),
        (provision(name=""), InvalidRequest),
        (provision(name="../x"), InvalidRequest),
        (provision(role="*"), InvalidRequest),
        (provision(block=True), InvalidRequest),
        (provision(mb=10_001), NotEnough),
        (master.CallProvisionVolume(name="a", profile="nope", size_bytes=1), InvalidRequest),
    ],
)
async def test_a_bad_request_leaves_nothing_behind(
    cluster: Cluster, call: master.CallProvisionVolume, error: type[Exception]
) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    with pytest.raises(error):
        await cluster.orchestrator.provisioning.provision(call)
    await cluster.crash()
    assert not cluster.orchestrator.provisioning.volumes
    assert not cluster.orchestrator.ledger.operations
    with pytest.raises(NoSuchVolume):
        await cluster.orchestrator.provisioning.deprovision("data")


@pytest.mark.parametrize("step", ["CREATE_DISK", "RESERVE", "CREATE"])
async def test_a_refused_step_is_compensated_and_the_reason_is_told(cluster: Cluster, step: str) -> None:
    orchestrator, agent = cluster.orchestrator, ScriptedAgent()
    await agent.join(orchestrator)
    before = agent.totals
    agent.refuse[step] = mesos.OperationState.OPERATION_FAILED
    await orchestrator.provisioning.provision(provision())
    volumes = orchestrator.provisioning.volumes
    await until(lambda: volumes["data"].state is VolumeState.FAILED)
    assert "the script refuses" in volumes["data"].message
    assert agent.totals == before
    agent.refuse.clear()
    await orchestrator.provisioning.provision(provision())
    await until(lambda: volumes["data"].state is VolumeState.AVAILABLE)


async def test_a_volume_takes_its_share_out_of_offers(cluster: Cluster) -> None:
    orchestrator, agent = cluster.orchestrator, ScriptedAgent()
    await agent.join(orchestrator)
    _, session = await subscribe(orchestrator, ["greedy"])
    await until(session.offers)
    await orchestrator.provisioning.provision(provision(mb=9_000))
    await until(lambda: orchestrator.provisioning.volumes["data"].state is VolumeState.AVAILABLE)
    assert any(isinstance(event.rescind, scheduler.EventRescind) for event in session.events)


@pytest.mark.parametrize("moment", range(8))
async def test_a_volume_is_finished_after_a_crash_at_any_step(cluster: Cluster, moment: int) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    agent.deaf = True
    await cluster.orchestrator.provisioning.provision(provision())
    agent.deaf = False
    for _ in range(moment):
        await asyncio.sleep(0.0004 * moment)
    await cluster.crash()
    await agent.join(cluster.orchestrator)
    volumes = cluster.orchestrator.provisioning.volumes
    await until(lambda: volumes["data"].state is VolumeState.AVAILABLE)
    assert len(agent.applied) == len(set(agent.applied)) == 3
    await cluster.orchestrator.provisioning.deprovision("data")
    await until(lambda: not volumes)
    assert len([r for r in agent.totals if r.disk and r.disk.is_pool]) == len(agent.totals)


async def test_a_framework_makes_a_disk_and_its_capacity_is_not_offered_meanwhile(cluster: Cluster) -> None:
    orchestrator, agent = cluster.orchestrator, ScriptedAgent()
    await agent.join(orchestrator)
    agent.deaf = True
    framework, session = await subscribe(orchestrator, ["test"])
    await until(session.offers)
    await orchestrator.acceptance.accept(framework, create_disk(session.offers()[0], 4000))
    await until(lambda: len(session.offers()) > 1)
    assert raw_disk(session.offers()[1]).scalar.value == 6000  # type: ignore[union-attr]
    agent.deaf = False
    for message in list(agent.received):
        if isinstance(message.apply_operation, link.OrchestratorMessageApplyOperation):
            agent.apply(message.apply_operation.operation)
    await until(session.operation_statuses)
    status = session.operation_statuses()[0]
    assert (status.state, status.operation_id.value) == (Finished, "op-1")  # type: ignore[union-attr]
    made = next(iter(resources_from_wire(status.converted_resources)))
    assert made.disk is not None
    assert made.disk.source is not None
    assert (str(made.disk.source.type), made.milli) == ("MOUNT", 4_000_000)


async def accept_disk(cluster: Cluster, agent: ScriptedAgent) -> tuple[Framework, ScriptedFramework]:
    await agent.join(cluster.orchestrator)
    framework, session = await subscribe(cluster.orchestrator, ["test"])
    await until(session.offers)
    await cluster.orchestrator.acceptance.accept(framework, create_disk(session.offers()[0], 4000))
    return framework, session


async def test_an_accepted_operation_repeated_is_applied_once(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    framework, session = await accept_disk(cluster, agent)
    call = create_disk(session.offers()[0], 4000)
    await cluster.orchestrator.acceptance.accept(framework, call)
    await until(session.operation_statuses)
    assert len(agent.applied) == 1
    assert all(status.state is Finished for status in session.operation_statuses())


async def test_an_operation_id_used_for_something_else_is_an_error(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    framework, session = await accept_disk(cluster, agent)
    await until(session.operation_statuses)
    await cluster.orchestrator.acceptance.accept(framework, create_disk(session.offers()[0], 5000))
    last = session.operation_statuses()[-1]
    assert last.state is mesos.OperationState.OPERATION_ERROR
    assert "used before" in str(last.message)


async def test_an_outcome_is_told_again_after_failover_until_it_is_acknowledged(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    framework, session = await accept_disk(cluster, agent)
    await until(session.operation_statuses)
    uuid = session.operation_statuses()[0].uuid
    assert agent.ended, "the provider keeps it until it is acknowledged"
    await cluster.crash()
    await agent.join(cluster.orchestrator)
    again, session = await subscribe(cluster.orchestrator, ["test"], framework.framework_id)
    await until(session.operation_statuses)
    assert session.operation_statuses()[0].uuid == uuid
    await acknowledge(cluster.orchestrator, again, session.operation_statuses()[0])
    await until(lambda: not agent.ended)
    assert len(agent.applied) == 1


async def acknowledge(
    orchestrator: Orchestrator, framework: Framework, status: mesos.OperationStatus
) -> None:
    assert isinstance(status.uuid, mesos.UUID)
    transaction = Transaction()
    call = scheduler.CallAcknowledgeOperationStatus(
        uuid=status.uuid.value, operation_id=mesos.OperationID(value="op-1")
    )
    assert orchestrator.operations.acknowledge(transaction, framework.framework_id, call)
    await orchestrator.journal.commit(transaction)


async def test_a_torn_down_frameworks_operations_are_acknowledged_for_it(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    framework, session = await accept_disk(cluster, agent)
    await until(session.operation_statuses)
    await cluster.orchestrator.frameworks.remove(framework.framework_id)
    await until(lambda: not agent.ended)


def launch(offer: mesos.Offer, task_id: str) -> scheduler.CallAccept:
    cpus = mesos.Resource(name="cpus", type=mesos.ValueType.SCALAR, scalar=mesos.ValueScalar(value=1.0))
    task = mesos.TaskInfo(
        name="t",
        task_id=mesos.TaskID(value=task_id),
        agent_id=offer.agent_id,
        resources=[cpus],
        command=mesos.CommandInfo(value="true"),
    )
    return scheduler.CallAccept(
        offer_ids=[offer.id],
        operations=[
            mesos.OfferOperation(
                type=mesos.OfferOperationType.LAUNCH, launch=mesos.OfferOperationLaunch(task_infos=[task])
            )
        ],
    )


async def test_a_launch_that_the_agent_never_saw_is_dropped_and_not_sent_twice(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    framework, session = await subscribe(cluster.orchestrator, ["test"])
    await until(session.offers)
    await cluster.orchestrator.acceptance.accept(framework, launch(session.offers()[0], "t1"))
    assert sum(isinstance(m.run_task, link.OrchestratorMessageRunTask) for m in agent.received) == 1
    await cluster.crash()
    framework, session = await subscribe(cluster.orchestrator, ["test"], framework.framework_id)
    await agent.join(cluster.orchestrator)
    await until(session.statuses)
    assert session.statuses()[0].state is mesos.TaskState.TASK_LOST
    assert sum(isinstance(m.run_task, link.OrchestratorMessageRunTask) for m in agent.received) == 1
    assert not cluster.orchestrator.ledger.launches


async def test_a_gone_offer_is_answered_and_a_repeated_launch_is_not_lost(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    framework, session = await subscribe(cluster.orchestrator, ["test"])
    await until(session.offers)
    call = launch(session.offers()[0], "t1")
    await cluster.orchestrator.acceptance.accept(framework, call)
    await cluster.orchestrator.acceptance.accept(framework, call)
    assert not session.statuses(), "the same call again is no error"
    await cluster.orchestrator.acceptance.accept(framework, launch(session.offers()[0], "t2"))
    assert session.statuses()[-1].reason is mesos.TaskStatusReason.REASON_INVALID_OFFERS


async def test_an_operation_that_is_in_one_call_twice_is_applied_once(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    framework, session = await subscribe(cluster.orchestrator, ["test"])
    await until(session.offers)
    call = create_disk(session.offers()[0], 1000)
    call.operations *= 2
    await cluster.orchestrator.acceptance.accept(framework, call)
    await until(session.operation_statuses)
    assert len(agent.applied) == len(cluster.orchestrator.ledger.operations) == 1


async def test_an_operation_id_twice_in_one_call_for_two_things_is_an_error(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    framework, session = await subscribe(cluster.orchestrator, ["test"])
    await until(session.offers)
    call = create_disk(session.offers()[0], 1000)
    call.operations += create_disk(copy.deepcopy(session.offers()[0]), 2000).operations
    await cluster.orchestrator.acceptance.accept(framework, call)
    await until(lambda: len(session.operation_statuses()) == 2)
    told = {status.state: str(status.message) for status in session.operation_statuses()}
    assert "used before" in told[mesos.OperationState.OPERATION_ERROR]
    assert Finished in told


async def test_a_framework_cannot_destroy_an_operators_volume(cluster: Cluster) -> None:
    orchestrator, agent = cluster.orchestrator, ScriptedAgent()
    await agent.join(orchestrator)
    await orchestrator.provisioning.provision(provision())
    await until(lambda: orchestrator.provisioning.volumes["data"].state is VolumeState.AVAILABLE)
    framework, session = await subscribe(orchestrator, ["default"])
    await until(session.offers)
    offer = session.offers()[0]
    volume = next(r for r in offer.resources if r.disk and r.disk.persistence)
    destroy = mesos.OfferOperation(
        type=mesos.OfferOperationType.DESTROY,
        id=mesos.OperationID(value="op-1"),
        destroy=mesos.OfferOperationDestroy(volumes=[volume]),
    )
    call = scheduler.CallAccept(offer_ids=[offer.id], operations=[destroy])
    await orchestrator.acceptance.accept(framework, call)
    told = session.operation_statuses()[0]
    assert told.state is mesos.OperationState.OPERATION_ERROR
    assert "orlop volume destroy data" in str(told.message)


async def test_an_offer_that_no_longer_fits_beside_an_operation_is_rescinded(cluster: Cluster) -> None:
    orchestrator, agent = cluster.orchestrator, ScriptedAgent()
    await agent.join(orchestrator)
    agent.deaf = True
    framework, session = await subscribe(orchestrator, ["test"])
    await until(session.offers)
    await orchestrator.acceptance.accept(framework, create_disk(session.offers()[0], 4000))
    await until(lambda: len(session.offers()) > 1)
    offered = session.offers()[1]
    assert raw_disk(offered).scalar.value == 6000  # type: ignore[union-attr]
    agent.totals = Resources([pool(8000)])  # the operation's 4000 among them
    agent.report_provider()
    rescinded = [e.rescind.offer_id for e in session.events if isinstance(e.rescind, scheduler.EventRescind)]
    assert rescinded == [offered.id]
    await until(lambda: len(session.offers()) > 2)
    assert raw_disk(session.offers()[2]).scalar.value == 4000  # type: ignore[union-attr]


async def test_an_outcome_without_its_result_is_not_believed(cluster: Cluster) -> None:
    orchestrator, agent = cluster.orchestrator, ScriptedAgent()
    await agent.join(orchestrator)
    agent.deaf = True
    await orchestrator.provisioning.provision(provision())
    operation = next(
        message.apply_operation.operation
        for message in agent.received
        if isinstance(message.apply_operation, link.OrchestratorMessageApplyOperation)
    )
    key = operation.operation_uuid.value
    agent.close("the link is lost")
    agent.apply(operation)
    right = agent.ended[key]
    await cluster.crash()
    agent.ended[key] = mesos.OperationStatus(state=Finished, uuid=right.uuid)
    await agent.join(cluster.orchestrator)
    volume = cluster.orchestrator.provisioning.volumes["data"]
    assert not cluster.orchestrator.ledger.operations[key].terminal
    agent.ended[key], agent.deaf = right, False
    agent.report_provider()
    await until(lambda: volume.state is VolumeState.AVAILABLE)
