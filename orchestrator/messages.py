"""What the orchestrator says: messages to agents and events to frameworks, put together.

Pure constructors. Who is told what, and when, is decided elsewhere.
"""

from __future__ import annotations

from msgspec import UNSET, UnsetType, structs

from api.wire.convert import in_older_form
from api.wire.secrets import without_secrets
from api.wire.v1 import link, master, mesos, resource_provider, scheduler
from orchestrator.records import OperationRecord
from orchestrator.state import Agent, Executor, Framework, Task
from orchestrator.withdrawal import Withdrawal

Message = link.OrchestratorMessage
MessageType = link.OrchestratorMessageType


def provider_id_of(provider_id: str | None) -> mesos.ResourceProviderID | UnsetType:
    """The identifier message of a provider; UNSET for an agent's own resources."""
    return mesos.ResourceProviderID(value=provider_id) if provider_id is not None else UNSET


def framework_id_of(framework_id: str | None) -> mesos.FrameworkID | UnsetType:
    """The identifier message of a framework; UNSET for what is the orchestrator's own."""
    return mesos.FrameworkID(value=framework_id) if framework_id is not None else UNSET


def status_uuid(status: mesos.OperationStatus) -> bytes:
    """16 bytes by which a status is acknowledged; empty when it needs no acknowledgement."""
    return status.uuid.value if isinstance(status.uuid, mesos.UUID) else b""


def addressed_status(
    record: OperationRecord, status: mesos.OperationStatus, now: float
) -> mesos.OperationStatus:
    """The status with what only the orchestrator knows: whose operation it is, and where. `now`: seconds
    since the epoch, for a status that does not say when it was."""
    return structs.replace(
        status,
        operation_id=record.info.id,
        agent_id=mesos.AgentID(value=record.agent_id),
        resource_provider_id=provider_id_of(record.provider_id),
        timestamp=status.timestamp if status.timestamp is not UNSET else now,
    )


def apply_operation(epoch: int, record: OperationRecord, version: bytes) -> Message:
    apply = resource_provider.EventApplyOperation(
        framework_id=framework_id_of(record.framework_id),
        info=record.info,
        operation_uuid=mesos.UUID(value=record.uuid),
        resource_version_uuid=mesos.UUID(value=version),
    )
    return Message(
        type=MessageType.APPLY_OPERATION,
        epoch=epoch,
        apply_operation=link.OrchestratorMessageApplyOperation(
            resource_provider_id=provider_id_of(record.provider_id), operation=apply
        ),
    )


def acknowledge_operation(epoch: int, operation: bytes, provider_id: str | None, status: bytes) -> Message:
    acknowledgement = resource_provider.EventAcknowledgeOperationStatus(
        status_uuid=mesos.UUID(value=status), operation_uuid=mesos.UUID(value=operation)
    )
    return Message(
        type=MessageType.ACKNOWLEDGE_OPERATION_STATUS,
        epoch=epoch,
        acknowledge_operation_status=link.OrchestratorMessageAcknowledgeOperationStatus(
            resource_provider_id=provider_id_of(provider_id), acknowledgement=acknowledgement
        ),
    )


def reconcile_operations(epoch: int, provider_id: str | None, operations: list[bytes]) -> Message:
    asked = link.OrchestratorMessageReconcileOperations(
        resource_provider_id=provider_id_of(provider_id),
        operation_uuids=[mesos.UUID(value=each) for each in operations],
    )
    return Message(type=MessageType.RECONCILE_OPERATIONS, epoch=epoch, reconcile_operations=asked)


def admit_volume(epoch: int, provider_id: str, source_id: str, size_bytes: int) -> Message:
    volume = resource_provider.EventAdmitVolume(source_id=source_id, size_bytes=size_bytes)
    wish = link.OrchestratorMessageAdmitVolume(
        resource_provider_id=mesos.ResourceProviderID(value=provider_id), volume=volume
    )
    return Message(type=MessageType.ADMIT_VOLUME, epoch=epoch, admit_volume=wish)


def retry_operation(epoch: int, record: OperationRecord) -> Message:
    wish = link.OrchestratorMessageRetryOperation(
        resource_provider_id=provider_id_of(record.provider_id), operation_uuid=mesos.UUID(value=record.uuid)
    )
    return Message(type=MessageType.RETRY_OPERATION, epoch=epoch, retry_operation=wish)


def abandon_operation(epoch: int, record: OperationRecord) -> Message:
    wish = link.OrchestratorMessageAbandonOperation(
        resource_provider_id=provider_id_of(record.provider_id), operation_uuid=mesos.UUID(value=record.uuid)
    )
    return Message(type=MessageType.ABANDON_OPERATION, epoch=epoch, abandon_operation=wish)


def run_task(
    epoch: int, framework: mesos.FrameworkInfo, info: mesos.TaskInfo, agent: Agent, starts_executor: bool
) -> Message:
    """`starts_executor`: the task's executor is to be started; without it, it is known to run."""
    run = link.OrchestratorMessageRunTask(
        framework_info=framework,
        task_info=info,
        resource_versions=_versions(agent),
        executor_info=info.executor,
    )
    if info.executor is not UNSET:
        run.launch_executor = starts_executor
    return Message(type=MessageType.RUN_TASK, epoch=epoch, run_task=run)


def run_task_group(
    epoch: int,
    framework: mesos.FrameworkInfo,
    executor: mesos.ExecutorInfo,
    infos: list[mesos.TaskInfo],
    agent: Agent,
    starts_executor: bool,
) -> Message:
    """The tasks go without their executor, which they have in common."""
    run = link.OrchestratorMessageRunTaskGroup(
        framework_info=framework,
        executor_info=executor,
        task_group=mesos.TaskGroupInfo(tasks=[structs.replace(info, executor=UNSET) for info in infos]),
        resource_versions=_versions(agent),
        launch_executor=starts_executor,
    )
    return Message(type=MessageType.RUN_TASK_GROUP, epoch=epoch, run_task_group=run)


def _versions(agent: Agent) -> list[link.OrchestratorMessageRunTaskResourceVersion]:
    return [
        link.OrchestratorMessageRunTaskResourceVersion(
            resource_provider_id=provider_id_of(provider_id), uuid=mesos.UUID(value=provider.version)
        )
        for provider_id, provider in agent.providers.items()
    ]


def executor_message(epoch: int, framework_id: str, executor_id: mesos.ExecutorID, data: bytes) -> Message:
    carried = link.ExecutorMessage(
        framework_id=mesos.FrameworkID(value=framework_id), executor_id=executor_id, data=data
    )
    return Message(type=MessageType.EXECUTOR_MESSAGE, epoch=epoch, executor_message=carried)


def shut_down_executor(epoch: int, framework_id: str, executor_id: str) -> Message:
    shutdown = link.OrchestratorMessageShutdownExecutor(
        framework_id=mesos.FrameworkID(value=framework_id), executor_id=mesos.ExecutorID(value=executor_id)
    )
    return Message(type=MessageType.SHUTDOWN_EXECUTOR, epoch=epoch, shutdown_executor=shutdown)


def kill_task(epoch: int, framework_id: str, call: scheduler.CallKill) -> Message:
    kill = link.OrchestratorMessageKillTask(
        framework_id=mesos.FrameworkID(value=framework_id),
        task_id=call.task_id,
        kill_policy=call.kill_policy,
    )
    return Message(type=MessageType.KILL_TASK, epoch=epoch, kill_task=kill)


def acknowledge_task(epoch: int, framework_id: str, task_id: mesos.TaskID, uuid: bytes) -> Message:
    acknowledge = link.OrchestratorMessageAcknowledgeTaskStatus(
        framework_id=mesos.FrameworkID(value=framework_id), task_id=task_id, uuid=uuid
    )
    return Message(type=MessageType.ACKNOWLEDGE_TASK_STATUS, epoch=epoch, acknowledge_task_status=acknowledge)


def shut_down_framework(epoch: int, framework_id: str) -> Message:
    shutdown = link.OrchestratorMessageShutdownFramework(framework_id=mesos.FrameworkID(value=framework_id))
    return Message(type=MessageType.SHUTDOWN_FRAMEWORK, epoch=epoch, shutdown_framework=shutdown)


def update_drain(epoch: int, withdrawal: Withdrawal) -> Message:
    """What the agent has to do from now on; without a drain what it ends goes on ending."""
    drain = UNSET if withdrawal.drain is None else withdrawal.drain.message
    update = link.OrchestratorMessageUpdateDrain(drain=drain)
    return Message(type=MessageType.UPDATE_DRAIN, epoch=epoch, update_drain=update)


def agent_gone(epoch: int, reason: str) -> Message:
    gone = link.OrchestratorMessageAgentGone(message=reason)
    return Message(type=MessageType.AGENT_GONE, epoch=epoch, agent_gone=gone)


def gone_reason(agent_id: str) -> str:
    """What an agent that was removed for good is told, and tells whoever looks after it."""
    return (
        f"agent {agent_id} was removed for good by an operator: it ends what it runs and cannot come back; "
        "to have this host in the cluster again, give the agent a new work directory"
    )


def registered(
    epoch: int, agent_id: str, heartbeat_interval: float, timeout: float, withdrawal: Withdrawal
) -> Message:
    welcome = link.OrchestratorMessageRegistered(
        agent_id=mesos.AgentID(value=agent_id),
        heartbeat_interval_seconds=heartbeat_interval,
        timeout_seconds=timeout,
        drain=UNSET if withdrawal.drain is None else withdrawal.drain.message,
    )
    return Message(type=MessageType.REGISTERED, epoch=epoch, registered=welcome)


def knows_reservations(framework: Framework | None) -> bool:
    """Whether it looks for reservations in `reservations`; others know `role` and `reservation` alone."""
    refining = mesos.FrameworkInfoCapabilityType.RESERVATION_REFINEMENT
    return framework is None or framework.has_capability(refining)


def operation_updated(status: mesos.OperationStatus, framework: Framework | None) -> scheduler.Event:
    """`framework`: whose operation it is; it is told what came of it in the form in which it was offered."""
    if status.converted_resources and not knows_reservations(framework):
        converted = [in_older_form(each) for each in status.converted_resources]
        status = structs.replace(status, converted_resources=converted)
    return scheduler.Event(
        type=scheduler.EventType.UPDATE_OPERATION_STATUS,
        update_operation_status=scheduler.EventUpdateOperationStatus(status=status),
    )


def task_updated(status: mesos.TaskStatus) -> scheduler.Event:
    return scheduler.Event(type=scheduler.EventType.UPDATE, update=scheduler.EventUpdate(status=status))


def executor_failed(agent_id: str, executor_id: str, status: int | UnsetType) -> scheduler.Event:
    failure = scheduler.EventFailure(
        agent_id=mesos.AgentID(value=agent_id),
        executor_id=mesos.ExecutorID(value=executor_id),
        status=status,
    )
    return scheduler.Event(type=scheduler.EventType.FAILURE, failure=failure)


def agent_failed(agent_id: str) -> scheduler.Event:
    """An agent is gone, with all that ran there."""
    failure = scheduler.EventFailure(agent_id=mesos.AgentID(value=agent_id))
    return scheduler.Event(type=scheduler.EventType.FAILURE, failure=failure)


def executor_said(agent_id: str, message: link.ExecutorMessage) -> scheduler.Event:
    said = scheduler.EventMessage(
        agent_id=mesos.AgentID(value=agent_id), executor_id=message.executor_id, data=message.data
    )
    return scheduler.Event(type=scheduler.EventType.MESSAGE, message=said)


def operation_shown(record: OperationRecord, latest: mesos.OperationStatus) -> mesos.Operation:
    """The operation as the operator API shows it, with its story: each status and when.

    `latest`: how it stands, as far as is known.
    """
    pending = mesos.OperationStatus(state=mesos.OperationState.OPERATION_PENDING, timestamp=record.created)
    return mesos.Operation(
        framework_id=framework_id_of(record.framework_id),
        agent_id=mesos.AgentID(value=record.agent_id),
        resource_provider_id=provider_id_of(record.provider_id),
        info=record.info,
        latest_status=latest,
        statuses=[pending, *record.statuses],
        uuid=mesos.UUID(value=record.uuid),
        created=record.created,
        provisioning_name=record.provisioning if record.provisioning is not None else UNSET,
        trouble=record.trouble if record.trouble is not None and not record.terminal else UNSET,
        troubles=record.earlier_troubles,
        abandoned=record.abandoned if record.abandoned is not None else UNSET,
        acknowledged=record.acknowledged,
    )


def executor_shown(executor: Executor) -> master.ResponseGetExecutorsExecutor:
    """The executor as the operator API shows it, without values of secrets."""
    return master.ResponseGetExecutorsExecutor(
        executor_info=without_secrets(executor.info), agent_id=mesos.AgentID(value=executor.agent_id)
    )


def task_shown(task: Task, resources: list[mesos.Resource]) -> mesos.Task:
    """The task as the operator API shows it. `resources` carry their allocation."""
    reported = task.message
    described = task.info if task.info is not None else reported
    checked = described.health_check if described is not None else UNSET
    shown = mesos.Task(
        name=task.name,
        task_id=mesos.TaskID(value=task.task_id),
        framework_id=mesos.FrameworkID(value=task.framework_id),
        agent_id=mesos.AgentID(value=task.agent_id),
        state=task.shown_state,
        resources=resources,
        statuses=[*task.statuses, *([task.unreachable] if task.unreachable is not None else [])],
        labels=described.labels if described is not None else UNSET,
        discovery=described.discovery if described is not None else UNSET,
        container=described.container if described is not None else UNSET,
        health_check=UNSET if checked is UNSET else without_secrets(checked),
        kill_policy=described.kill_policy if described is not None else UNSET,
        limits=described.limits if described is not None else {},
    )
    if task.executor_id is not None:
        shown.executor_id = mesos.ExecutorID(value=task.executor_id)
    if reported is not None:
        shown.user = reported.user
    elif task.info is not None and task.info.command is not UNSET:
        shown.user = task.info.command.user
    latest = next((each for each in reversed(task.statuses) if each.uuid is not UNSET), None)
    if latest is not None:
        shown.status_update_state, shown.status_update_uuid = latest.state, latest.uuid
    return shown
