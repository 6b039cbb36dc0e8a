"""Providers through the agent: its own resources, and those of a manager with a scripted provider."""

from __future__ import annotations

import uuid
from pathlib import Path

from msgspec import UNSET

from agent import schema
from api.model.resources import Resource, Resources
from api.model.values import Scalar
from api.wire.v1 import link, mesos
from api.wire.v1 import resource_provider as rp
from provider.manager.manager import ResourceProviderManager
from provider.own import OWN
from provider.session import InProcessSession
from tests.agent.model_orchestrator import Told
from tests.agent.world import FRAMEWORK, World, scalar, task

ROLE = mesos.ResourceReservationInfo(
    type=mesos.ResourceReservationInfoType.DYNAMIC, role="web", principal="ops"
)
OperationType = mesos.OfferOperationType


def reports(world: World, provider_id: str = OWN) -> list[rp.CallUpdateState]:
    """What the orchestrator was told of a provider, in order."""
    found = []
    for message in world.orchestrator.messages:
        update = message.update_provider
        if update is not UNSET:
            info = update.resource_provider_info
            named = OWN if info is UNSET or info.id is UNSET else info.id.value
            if named == provider_id:
                found.append(update.update_state)
    return found


def operation_states(world: World, operation: uuid.UUID) -> list[str]:
    updates = [m.update_operation_status for m in world.orchestrator.messages]
    return [
        u.update.status.state.value
        for u in updates
        if u is not UNSET and u.update.operation_uuid.value == operation.bytes
    ]


async def apply(world: World, number: int, info: mesos.OfferOperation, provider: str = OWN) -> uuid.UUID:
    """APPLY_OPERATION on the version last reported."""
    operation = uuid.UUID(int=number)
    message = link.OrchestratorMessageApplyOperation(
        resource_provider_id=UNSET if provider == OWN else mesos.ResourceProviderID(value=provider),
        operation=rp.EventApplyOperation(
            info=info,
            operation_uuid=mesos.UUID(value=operation.bytes),
            resource_version_uuid=reports(world, provider)[-1].resource_version_uuid,
        ),
    )
    await world.orchestrator.say(Told.APPLY_OPERATION, apply_operation=message)
    return operation


def volume(amount: float = 64.0, target: str | None = None) -> mesos.Resource:
    """A persistent volume of the role on the agent's own disk; with `target`, as a task wants it."""
    resource = scalar("disk", amount)
    resource.reservations = [ROLE]
    resource.disk = mesos.ResourceDiskInfo(
        persistence=mesos.ResourceDiskInfoPersistence(id="data"),
        volume=mesos.Volume(container_path=target or "data", mode=mesos.VolumeMode.RW),
    )
    return resource


async def made(world: World) -> Path:
    """RESERVE and CREATE a volume; where its directory is."""
    reserved = scalar("disk", 64.0)
    reserved.reservations = [ROLE]
    await world.orchestrator.until(lambda: reports(world))
    reserve = mesos.OfferOperation(
        type=OperationType.RESERVE, reserve=mesos.OfferOperationReserve(resources=[reserved])
    )
    create = mesos.OfferOperation(
        type=OperationType.CREATE, create=mesos.OfferOperationCreate(volumes=[volume()])
    )
    await apply(world, 1, reserve)
    second = await apply(world, 2, create)
    await world.orchestrator.until(lambda: operation_states(world, second) == ["OPERATION_FINISHED"])
    return world.path / "volumes" / "roles" / "web" / "data"


async def test_the_agents_own_resources_are_reported_after_each_registration(world: World) -> None:
    await world.started()
    await world.orchestrator.until(lambda: reports(world))
    told = {r.name: r.scalar.value for r in reports(world)[-1].resources if r.scalar is not UNSET}
    assert told == {"cpus": 4.0, "disk": 10_000.0}
    world.orchestrator.messages.clear()
    await world.orchestrator.drop()
    await world.orchestrator.until(lambda: reports(world))


async def test_a_new_orchestrator_is_told_what_finished_operations_made(world: World) -> None:
    await world.started()
    await made(world)
    world.orchestrator.messages.clear()
    await world.orchestrator.drop()
    await world.orchestrator.until(lambda: reports(world))
    persistent = [r for r in reports(world)[-1].resources if r.disk is not UNSET]
    assert [r.disk.persistence.id for r in persistent if r.disk.persistence] == ["data"]  # type: ignore[union-attr]


async def test_a_persistent_volume_keeps_its_data_until_it_is_destroyed(world: World) -> None:
    await world.started()
    directory = await made(world)
    assert directory.is_dir()
    await world.orchestrator.run_task(task("t1", resources=[volume(target="/data")]), FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    (container_id,) = world.host.running
    (bind,) = world.host.containers[container_id].spec.binds
    assert (bind.source, bind.target) == (str(directory), "/data")
    (directory / "kept").write_text("here")
    await world.crash()
    await world.started()
    world.orchestrator.messages.clear()
    await world.orchestrator.drop()
    await world.orchestrator.until(lambda: reports(world))

    destroy = mesos.OfferOperation(
        type=OperationType.DESTROY, destroy=mesos.OfferOperationDestroy(volumes=[volume()])
    )
    refused = await apply(world, 3, destroy)
    await world.orchestrator.until(lambda: operation_states(world, refused) == ["OPERATION_FAILED"])
    assert (directory / "kept").read_text() == "here", "a volume in use is not destroyed"

    world.host.end(container_id, 0)
    await world.orchestrator.until(lambda: "TASK_FINISHED" in world.orchestrator.states("t1"))
    done = await apply(world, 4, destroy)
    await world.orchestrator.until(lambda: operation_states(world, done) == ["OPERATION_FINISHED"])
    assert not directory.exists()


async def test_what_is_reserved_stays_on_a_host_with_less(world: World) -> None:
    await world.started()
    await made(world)
    await world.crash()
    world.resources = Resources((Resource("cpus", Scalar(4_000)),))
    await world.started()
    await world.orchestrator.until(
        lambda: any(
            r.disk is not UNSET and r.disk.persistence is not UNSET for r in reports(world)[-1].resources
        )
    )
    world.resources = Resources((Resource("cpus", Scalar(8_000)), Resource("disk", Scalar(10_000_000))))
    await world.crash()
    await world.started()
    await world.orchestrator.until(
        lambda: any(
            r.name == "cpus" and r.scalar is not UNSET and r.scalar.value == 8.0
            for r in reports(world)[-1].resources
        )
    )


async def test_messages_for_a_provider_go_to_it_and_its_answers_come_back(world: World) -> None:
    agent = await world.started()
    manager = ResourceProviderManager(
        world.store,  # type: ignore[arg-type]
        schema.registry,
        world.ids,
        agent.providers,
        world.failure.fail,
    )
    await manager.start()
    world.providers.connect(world.own, manager)
    session = InProcessSession(manager.accept)
    try:
        await session.connect()
        info = mesos.ResourceProviderInfo(type="org.test", name="scripted")
        await session.send(
            rp.Call(type=rp.CallType.SUBSCRIBE, subscribe=rp.CallSubscribe(resource_provider_info=info))
        )
        subscribed = (await session.receive()).subscribed
        assert subscribed is not UNSET
        await _converse(world, session, subscribed.provider_id)
    finally:
        await session.close()
        await manager.stop()


async def _wishes(
    world: World, session: InProcessSession, provider: mesos.ResourceProviderID, operation: mesos.UUID
) -> None:
    """What an operator wants of an operation reaches its provider, and of no other."""
    retry = link.OrchestratorMessageRetryOperation(resource_provider_id=provider, operation_uuid=operation)
    await world.orchestrator.say(Told.RETRY_OPERATION, retry_operation=retry)
    asked = await session.receive()
    assert asked.type is rp.EventType.RETRY_OPERATION and asked.retry_operation is not UNSET
    assert asked.retry_operation.operation_uuid == operation
    abandon = link.OrchestratorMessageAbandonOperation(
        resource_provider_id=provider, operation_uuid=operation
    )
    await world.orchestrator.say(Told.ABANDON_OPERATION, abandon_operation=abandon)
    asked = await session.receive()
    assert asked.type is rp.EventType.ABANDON_OPERATION and asked.abandon_operation is not UNSET
    assert asked.abandon_operation.operation_uuid == operation
    own = link.OrchestratorMessageAbandonOperation(operation_uuid=operation)
    await world.orchestrator.say(Told.ABANDON_OPERATION, abandon_operation=own)


async def _converse(world: World, session: InProcessSession, provider: mesos.ResourceProviderID) -> None:
    version = mesos.UUID(value=uuid.UUID(int=9).bytes)
    state = rp.CallUpdateState(resource_version_uuid=version)
    report = rp.Call(type=rp.CallType.UPDATE_STATE, resource_provider_id=provider, update_state=state)
    await session.send(report)
    await world.orchestrator.until(lambda: reports(world, provider.value) == [state])

    destroy = mesos.OfferOperation(
        type=OperationType.DESTROY, destroy=mesos.OfferOperationDestroy(volumes=[volume()])
    )
    operation = await apply(world, 5, destroy, provider.value)
    event = (await session.receive()).apply_operation
    assert event is not UNSET and event.operation_uuid.value == operation.bytes
    status = mesos.OperationStatus(
        state=mesos.OperationState.OPERATION_DROPPED, resource_provider_id=provider
    )
    update = rp.CallUpdateOperationStatus(status=status, operation_uuid=event.operation_uuid)
    await session.send(
        rp.Call(
            type=rp.CallType.UPDATE_OPERATION_STATUS,
            resource_provider_id=provider,
            update_operation_status=update,
        )
    )
    await world.orchestrator.until(lambda: operation_states(world, operation) == ["OPERATION_DROPPED"])
    await _wishes(world, session, provider, event.operation_uuid)

    await world.orchestrator.drop()
    asked = await session.receive()
    assert asked.reconcile_operations is not UNSET, "it is asked to report anew after a registration"
    await session.close()
    await world.orchestrator.until(
        lambda: any(
            m.provider_disconnected is not UNSET and m.provider_disconnected.resource_provider_id == provider
            for m in world.orchestrator.messages
        )
    )
