"""orlop.v1.link. Made by tools/generate_wire.py. Do not edit: change the .proto file and run `make proto`."""

from __future__ import annotations

from enum import StrEnum

from msgspec import UNSET, UnsetType

from api.wire.message import Double, Int32, Message, UINT64_MAX, UInt32, UInt64, beyond_uint64
from api.wire.v1 import mesos, resource_provider


class ExecutorMessage(Message, kw_only=True):
    """orlop.v1.link.ExecutorMessage"""

    framework_id: mesos.FrameworkID
    executor_id: mesos.ExecutorID
    data: bytes


class Executor(Message, kw_only=True):
    """orlop.v1.link.Executor"""

    framework_id: mesos.FrameworkID
    executor_info: mesos.ExecutorInfo
    resources: list[mesos.Resource] = []
    container_id: mesos.ContainerID | UnsetType = UNSET


class AgentMessageType(StrEnum):
    """orlop.v1.link.AgentMessage.Type"""

    UNKNOWN = "UNKNOWN"
    REGISTER = "REGISTER"
    HEARTBEAT = "HEARTBEAT"
    UPDATE_PROVIDER = "UPDATE_PROVIDER"
    PROVIDER_DISCONNECTED = "PROVIDER_DISCONNECTED"
    UPDATE_OPERATION_STATUS = "UPDATE_OPERATION_STATUS"
    UPDATE_TASK_STATUS = "UPDATE_TASK_STATUS"
    EXECUTOR_EXITED = "EXECUTOR_EXITED"
    EXECUTOR_MESSAGE = "EXECUTOR_MESSAGE"
    UPDATE_AGENT = "UPDATE_AGENT"
    DRAIN_STATUS = "DRAIN_STATUS"


class AgentMessage(Message, kw_only=True):
    """orlop.v1.link.AgentMessage"""

    type: AgentMessageType
    register: AgentMessageRegister | UnsetType = UNSET
    heartbeat: AgentMessageHeartbeat | UnsetType = UNSET
    update_provider: AgentMessageUpdateProvider | UnsetType = UNSET
    provider_disconnected: AgentMessageProviderDisconnected | UnsetType = UNSET
    update_operation_status: AgentMessageUpdateOperationStatus | UnsetType = UNSET
    update_task_status: AgentMessageUpdateTaskStatus | UnsetType = UNSET
    executor_exited: AgentMessageExecutorExited | UnsetType = UNSET
    executor_message: ExecutorMessage | UnsetType = UNSET
    update_agent: AgentMessageUpdateAgent | UnsetType = UNSET
    drain_status: AgentMessageDrainStatus | UnsetType = UNSET


class AgentMessageExecutorExited(Message, kw_only=True):
    """orlop.v1.link.AgentMessage.ExecutorExited"""

    framework_id: mesos.FrameworkID
    executor_id: mesos.ExecutorID
    status: Int32 | UnsetType = UNSET
    message: str | UnsetType = UNSET


class AgentMessageDrainStatus(Message, kw_only=True):
    """orlop.v1.link.AgentMessage.DrainStatus"""

    uuid: mesos.UUID
    tasks: UInt32
    waiting: list[str] = []


class AgentMessageHeartbeat(Message, kw_only=True):
    """orlop.v1.link.AgentMessage.Heartbeat"""


class AgentMessageProviderDisconnected(Message, kw_only=True):
    """orlop.v1.link.AgentMessage.ProviderDisconnected"""

    resource_provider_id: mesos.ResourceProviderID
    message: str | UnsetType = UNSET
    gone: bool | UnsetType = UNSET


class AgentMessageRegister(Message, kw_only=True):
    """orlop.v1.link.AgentMessage.Register"""

    agent_info: mesos.AgentInfo
    version: str
    capabilities: list[mesos.AgentInfoCapability] = []
    highest_epoch: UInt64 | UnsetType = UNSET
    tasks: list[mesos.Task] = []
    boot_id: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    isolation: str | UnsetType = UNSET
    executors: list[Executor] = []
    findings: list[mesos.HostFinding] = []
    lost_leader: bool | UnsetType = UNSET
    life: UInt64 | UnsetType = UNSET
    life_id: bytes | UnsetType = UNSET
    former_life_ids: list[bytes] = []

    def __post_init__(self) -> None:
        if self.highest_epoch is not UNSET and self.highest_epoch > UINT64_MAX:
            raise beyond_uint64("highest_epoch")
        if self.life is not UNSET and self.life > UINT64_MAX:
            raise beyond_uint64("life")


class AgentMessageUpdateAgent(Message, kw_only=True):
    """orlop.v1.link.AgentMessage.UpdateAgent"""

    agent_info: mesos.AgentInfo
    findings: list[mesos.HostFinding] = []


class AgentMessageUpdateOperationStatus(Message, kw_only=True):
    """orlop.v1.link.AgentMessage.UpdateOperationStatus"""

    resource_provider_id: mesos.ResourceProviderID | UnsetType = UNSET
    update: resource_provider.CallUpdateOperationStatus


class AgentMessageUpdateProvider(Message, kw_only=True):
    """orlop.v1.link.AgentMessage.UpdateProvider"""

    resource_provider_info: mesos.ResourceProviderInfo | UnsetType = UNSET
    update_state: resource_provider.CallUpdateState


class AgentMessageUpdateTaskStatus(Message, kw_only=True):
    """orlop.v1.link.AgentMessage.UpdateTaskStatus"""

    framework_id: mesos.FrameworkID
    status: mesos.TaskStatus
    latest_state: mesos.TaskState | UnsetType = UNSET


class OrchestratorMessageType(StrEnum):
    """orlop.v1.link.OrchestratorMessage.Type"""

    UNKNOWN = "UNKNOWN"
    REGISTERED = "REGISTERED"
    REFUSED = "REFUSED"
    HEARTBEAT = "HEARTBEAT"
    APPLY_OPERATION = "APPLY_OPERATION"
    ACKNOWLEDGE_OPERATION_STATUS = "ACKNOWLEDGE_OPERATION_STATUS"
    RECONCILE_OPERATIONS = "RECONCILE_OPERATIONS"
    RUN_TASK = "RUN_TASK"
    KILL_TASK = "KILL_TASK"
    ACKNOWLEDGE_TASK_STATUS = "ACKNOWLEDGE_TASK_STATUS"
    SHUTDOWN_FRAMEWORK = "SHUTDOWN_FRAMEWORK"
    RUN_TASK_GROUP = "RUN_TASK_GROUP"
    EXECUTOR_MESSAGE = "EXECUTOR_MESSAGE"
    SHUTDOWN_EXECUTOR = "SHUTDOWN_EXECUTOR"
    UPDATE_DRAIN = "UPDATE_DRAIN"
    AGENT_GONE = "AGENT_GONE"
    ADMIT_VOLUME = "ADMIT_VOLUME"
    RETRY_OPERATION = "RETRY_OPERATION"
    ABANDON_OPERATION = "ABANDON_OPERATION"


class OrchestratorMessage(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage"""

    type: OrchestratorMessageType
    epoch: UInt64
    registered: OrchestratorMessageRegistered | UnsetType = UNSET
    refused: OrchestratorMessageRefused | UnsetType = UNSET
    heartbeat: OrchestratorMessageHeartbeat | UnsetType = UNSET
    apply_operation: OrchestratorMessageApplyOperation | UnsetType = UNSET
    acknowledge_operation_status: OrchestratorMessageAcknowledgeOperationStatus | UnsetType = UNSET
    reconcile_operations: OrchestratorMessageReconcileOperations | UnsetType = UNSET
    run_task: OrchestratorMessageRunTask | UnsetType = UNSET
    kill_task: OrchestratorMessageKillTask | UnsetType = UNSET
    acknowledge_task_status: OrchestratorMessageAcknowledgeTaskStatus | UnsetType = UNSET
    shutdown_framework: OrchestratorMessageShutdownFramework | UnsetType = UNSET
    run_task_group: OrchestratorMessageRunTaskGroup | UnsetType = UNSET
    executor_message: ExecutorMessage | UnsetType = UNSET
    shutdown_executor: OrchestratorMessageShutdownExecutor | UnsetType = UNSET
    update_drain: OrchestratorMessageUpdateDrain | UnsetType = UNSET
    agent_gone: OrchestratorMessageAgentGone | UnsetType = UNSET
    admit_volume: OrchestratorMessageAdmitVolume | UnsetType = UNSET
    retry_operation: OrchestratorMessageRetryOperation | UnsetType = UNSET
    abandon_operation: OrchestratorMessageAbandonOperation | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.epoch > UINT64_MAX:
            raise beyond_uint64("epoch")


class OrchestratorMessageAbandonOperation(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.AbandonOperation"""

    resource_provider_id: mesos.ResourceProviderID | UnsetType = UNSET
    operation_uuid: mesos.UUID


class OrchestratorMessageAcknowledgeOperationStatus(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.AcknowledgeOperationStatus"""

    resource_provider_id: mesos.ResourceProviderID | UnsetType = UNSET
    acknowledgement: resource_provider.EventAcknowledgeOperationStatus


class OrchestratorMessageAcknowledgeTaskStatus(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.AcknowledgeTaskStatus"""

    framework_id: mesos.FrameworkID
    task_id: mesos.TaskID
    uuid: bytes


class OrchestratorMessageApplyOperation(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.ApplyOperation"""

    resource_provider_id: mesos.ResourceProviderID | UnsetType = UNSET
    operation: resource_provider.EventApplyOperation


class OrchestratorMessageHeartbeat(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.Heartbeat"""


class OrchestratorMessageKillTask(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.KillTask"""

    framework_id: mesos.FrameworkID
    task_id: mesos.TaskID
    kill_policy: mesos.KillPolicy | UnsetType = UNSET


class OrchestratorMessageReconcileOperations(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.ReconcileOperations"""

    resource_provider_id: mesos.ResourceProviderID | UnsetType = UNSET
    operation_uuids: list[mesos.UUID] = []


class OrchestratorMessageRefused(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.Refused"""

    message: str
    permanent: bool | UnsetType = UNSET
    gone: bool | UnsetType = UNSET
    leader: str | UnsetType = UNSET
    standby: bool | UnsetType = UNSET


class OrchestratorMessageRegistered(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.Registered"""

    agent_id: mesos.AgentID
    heartbeat_interval_seconds: Double
    timeout_seconds: Double
    drain: OrchestratorMessageDrain | UnsetType = UNSET


class OrchestratorMessageAdmitVolume(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.AdmitVolume"""

    resource_provider_id: mesos.ResourceProviderID
    volume: resource_provider.EventAdmitVolume


class OrchestratorMessageAgentGone(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.AgentGone"""

    message: str


class OrchestratorMessageDrain(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.Drain"""

    uuid: mesos.UUID
    config: mesos.DrainConfig


class OrchestratorMessageUpdateDrain(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.UpdateDrain"""

    drain: OrchestratorMessageDrain | UnsetType = UNSET


class OrchestratorMessageRetryOperation(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.RetryOperation"""

    resource_provider_id: mesos.ResourceProviderID | UnsetType = UNSET
    operation_uuid: mesos.UUID


class OrchestratorMessageRunTask(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.RunTask"""

    framework_info: mesos.FrameworkInfo
    task_info: mesos.TaskInfo
    resource_versions: list[OrchestratorMessageRunTaskResourceVersion] = []
    executor_info: mesos.ExecutorInfo | UnsetType = UNSET
    launch_executor: bool | UnsetType = UNSET


class OrchestratorMessageRunTaskResourceVersion(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.RunTask.ResourceVersion"""

    resource_provider_id: mesos.ResourceProviderID | UnsetType = UNSET
    uuid: mesos.UUID


class OrchestratorMessageRunTaskGroup(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.RunTaskGroup"""

    framework_info: mesos.FrameworkInfo
    executor_info: mesos.ExecutorInfo
    task_group: mesos.TaskGroupInfo
    resource_versions: list[OrchestratorMessageRunTaskResourceVersion] = []
    launch_executor: bool | UnsetType = UNSET


class OrchestratorMessageShutdownExecutor(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.ShutdownExecutor"""

    framework_id: mesos.FrameworkID
    executor_id: mesos.ExecutorID


class OrchestratorMessageShutdownFramework(Message, kw_only=True):
    """orlop.v1.link.OrchestratorMessage.ShutdownFramework"""

    framework_id: mesos.FrameworkID
