"""mesos.v1.master. Made by tools/generate_wire.py. Do not edit: change the .proto file and run `make proto`."""

from __future__ import annotations

from enum import StrEnum

from msgspec import UNSET, UnsetType, field

from api.wire.message import Double, Int64, Message, UINT64_MAX, UInt32, UInt64, beyond_uint64
from api.wire.v1 import maintenance, mesos, protobuf, quota, resource_provider, scheduler


class VolumeState(StrEnum):
    """mesos.v1.master.VolumeState"""

    VOLUME_UNKNOWN = "VOLUME_UNKNOWN"
    VOLUME_CREATING = "VOLUME_CREATING"
    VOLUME_AVAILABLE = "VOLUME_AVAILABLE"
    VOLUME_DESTROYING = "VOLUME_DESTROYING"
    VOLUME_FAILED = "VOLUME_FAILED"
    VOLUME_NEEDS_OPERATOR = "VOLUME_NEEDS_OPERATOR"
    VOLUME_EXPANDING = "VOLUME_EXPANDING"


class CallType(StrEnum):
    """mesos.v1.master.Call.Type"""

    UNKNOWN = "UNKNOWN"
    GET_HEALTH = "GET_HEALTH"
    GET_FLAGS = "GET_FLAGS"
    GET_VERSION = "GET_VERSION"
    GET_METRICS = "GET_METRICS"
    GET_LOGGING_LEVEL = "GET_LOGGING_LEVEL"
    SET_LOGGING_LEVEL = "SET_LOGGING_LEVEL"
    LIST_FILES = "LIST_FILES"
    READ_FILE = "READ_FILE"
    GET_STATE = "GET_STATE"
    GET_AGENTS = "GET_AGENTS"
    GET_FRAMEWORKS = "GET_FRAMEWORKS"
    GET_EXECUTORS = "GET_EXECUTORS"
    GET_TASKS = "GET_TASKS"
    GET_ROLES = "GET_ROLES"
    GET_WEIGHTS = "GET_WEIGHTS"
    UPDATE_WEIGHTS = "UPDATE_WEIGHTS"
    GET_MASTER = "GET_MASTER"
    SUBSCRIBE = "SUBSCRIBE"
    RESERVE_RESOURCES = "RESERVE_RESOURCES"
    UNRESERVE_RESOURCES = "UNRESERVE_RESOURCES"
    CREATE_VOLUMES = "CREATE_VOLUMES"
    DESTROY_VOLUMES = "DESTROY_VOLUMES"
    GET_MAINTENANCE_STATUS = "GET_MAINTENANCE_STATUS"
    GET_MAINTENANCE_SCHEDULE = "GET_MAINTENANCE_SCHEDULE"
    UPDATE_MAINTENANCE_SCHEDULE = "UPDATE_MAINTENANCE_SCHEDULE"
    START_MAINTENANCE = "START_MAINTENANCE"
    STOP_MAINTENANCE = "STOP_MAINTENANCE"
    GET_QUOTA = "GET_QUOTA"
    SET_QUOTA = "SET_QUOTA"
    REMOVE_QUOTA = "REMOVE_QUOTA"
    TEARDOWN = "TEARDOWN"
    MARK_AGENT_GONE = "MARK_AGENT_GONE"
    GET_OPERATIONS = "GET_OPERATIONS"
    GROW_VOLUME = "GROW_VOLUME"
    SHRINK_VOLUME = "SHRINK_VOLUME"
    UPDATE_QUOTA = "UPDATE_QUOTA"
    DRAIN_AGENT = "DRAIN_AGENT"
    DEACTIVATE_AGENT = "DEACTIVATE_AGENT"
    REACTIVATE_AGENT = "REACTIVATE_AGENT"
    PROVISION_VOLUME = "PROVISION_VOLUME"
    DEPROVISION_VOLUME = "DEPROVISION_VOLUME"
    GET_VOLUMES = "GET_VOLUMES"
    GET_PROFILES = "GET_PROFILES"
    GET_RESOURCE_PROVIDERS = "GET_RESOURCE_PROVIDERS"
    EXPAND_VOLUME = "EXPAND_VOLUME"
    ADOPT_VOLUME = "ADOPT_VOLUME"
    RETRY_OPERATION = "RETRY_OPERATION"
    ABANDON_OPERATION = "ABANDON_OPERATION"
    EXPLAIN_OFFERS = "EXPLAIN_OFFERS"
    KILL_TASK = "KILL_TASK"
    FOLLOW = "FOLLOW"
    GET_OPERATION_HISTORY = "GET_OPERATION_HISTORY"
    GET_REGISTRY_DIFFERENCES = "GET_REGISTRY_DIFFERENCES"
    SETTLE_REGISTRY_DIFFERENCES = "SETTLE_REGISTRY_DIFFERENCES"


class Call(Message, kw_only=True):
    """mesos.v1.master.Call"""

    type: CallType | UnsetType = UNSET
    get_metrics: CallGetMetrics | UnsetType = UNSET
    set_logging_level: CallSetLoggingLevel | UnsetType = UNSET
    list_files: CallListFiles | UnsetType = UNSET
    read_file: CallReadFile | UnsetType = UNSET
    update_weights: CallUpdateWeights | UnsetType = UNSET
    reserve_resources: CallReserveResources | UnsetType = UNSET
    unreserve_resources: CallUnreserveResources | UnsetType = UNSET
    create_volumes: CallCreateVolumes | UnsetType = UNSET
    destroy_volumes: CallDestroyVolumes | UnsetType = UNSET
    update_maintenance_schedule: CallUpdateMaintenanceSchedule | UnsetType = UNSET
    start_maintenance: CallStartMaintenance | UnsetType = UNSET
    stop_maintenance: CallStopMaintenance | UnsetType = UNSET
    set_quota: CallSetQuota | UnsetType = UNSET  # deprecated
    remove_quota: CallRemoveQuota | UnsetType = UNSET  # deprecated
    teardown: CallTeardown | UnsetType = UNSET
    mark_agent_gone: CallMarkAgentGone | UnsetType = UNSET
    grow_volume: CallGrowVolume | UnsetType = UNSET
    shrink_volume: CallShrinkVolume | UnsetType = UNSET
    update_quota: CallUpdateQuota | UnsetType = UNSET
    drain_agent: CallDrainAgent | UnsetType = UNSET
    deactivate_agent: CallDeactivateAgent | UnsetType = UNSET
    reactivate_agent: CallReactivateAgent | UnsetType = UNSET
    provision_volume: CallProvisionVolume | UnsetType = UNSET
    deprovision_volume: CallDeprovisionVolume | UnsetType = UNSET
    get_volumes: CallGetVolumes | UnsetType = UNSET
    expand_volume: CallExpandVolume | UnsetType = UNSET
    adopt_volume: CallAdoptVolume | UnsetType = UNSET
    retry_operation: CallRetryOperation | UnsetType = UNSET
    abandon_operation: CallAbandonOperation | UnsetType = UNSET
    explain_offers: CallExplainOffers | UnsetType = UNSET
    kill_task: CallKillTask | UnsetType = UNSET
    subscribe: CallSubscribe | UnsetType = UNSET
    follow: CallFollow | UnsetType = UNSET
    get_operation_history: CallGetOperationHistory | UnsetType = UNSET


class CallFollow(Message, kw_only=True):
    """mesos.v1.master.Call.Follow"""

    follower: str | UnsetType = UNSET
    number: UInt64 | UnsetType = UNSET
    standby: str | UnsetType = UNSET
    address: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.number is not UNSET and self.number > UINT64_MAX:
            raise beyond_uint64("number")


class CallAbandonOperation(Message, kw_only=True):
    """mesos.v1.master.Call.AbandonOperation"""

    operation_id: str


class CallCreateVolumes(Message, kw_only=True):
    """mesos.v1.master.Call.CreateVolumes"""

    agent_id: mesos.AgentID
    volumes: list[mesos.Resource] = []


class CallDeactivateAgent(Message, kw_only=True):
    """mesos.v1.master.Call.DeactivateAgent"""

    agent_id: mesos.AgentID


class CallDeprovisionVolume(Message, kw_only=True):
    """mesos.v1.master.Call.DeprovisionVolume"""

    name: str
    force: bool | UnsetType = UNSET


class CallDestroyVolumes(Message, kw_only=True):
    """mesos.v1.master.Call.DestroyVolumes"""

    agent_id: mesos.AgentID
    volumes: list[mesos.Resource] = []


class CallDrainAgent(Message, kw_only=True):
    """mesos.v1.master.Call.DrainAgent"""

    agent_id: mesos.AgentID
    max_grace_period: protobuf.Duration | UnsetType = UNSET
    mark_gone: bool = field(default_factory=lambda: False)


class CallExpandVolume(Message, kw_only=True):
    """mesos.v1.master.Call.ExpandVolume"""

    name: str
    size_bytes: Int64


class CallGetMetrics(Message, kw_only=True):
    """mesos.v1.master.Call.GetMetrics"""

    timeout: mesos.DurationInfo | UnsetType = UNSET


class CallGetOperationHistory(Message, kw_only=True):
    """mesos.v1.master.Call.GetOperationHistory"""

    limit: UInt32 | UnsetType = UNSET
    before: str | UnsetType = UNSET


class CallGetVolumes(Message, kw_only=True):
    """mesos.v1.master.Call.GetVolumes"""

    name: str | UnsetType = UNSET


class CallExplainOffers(Message, kw_only=True):
    """mesos.v1.master.Call.ExplainOffers"""

    role: str
    framework_id: mesos.FrameworkID | UnsetType = UNSET
    limit: UInt32 | UnsetType = UNSET


class CallGrowVolume(Message, kw_only=True):
    """mesos.v1.master.Call.GrowVolume"""

    agent_id: mesos.AgentID | UnsetType = UNSET
    volume: mesos.Resource
    addition: mesos.Resource


class CallKillTask(Message, kw_only=True):
    """mesos.v1.master.Call.KillTask"""

    framework_id: mesos.FrameworkID
    task_id: mesos.TaskID
    kill_policy: mesos.KillPolicy | UnsetType = UNSET


class CallListFiles(Message, kw_only=True):
    """mesos.v1.master.Call.ListFiles"""

    path: str


class CallMarkAgentGone(Message, kw_only=True):
    """mesos.v1.master.Call.MarkAgentGone"""

    agent_id: mesos.AgentID


class CallProvisionVolume(Message, kw_only=True):
    """mesos.v1.master.Call.ProvisionVolume"""

    name: str
    profile: str
    size_bytes: Int64
    block: bool | UnsetType = UNSET
    role: str | UnsetType = UNSET
    agent_id: mesos.AgentID | UnsetType = UNSET
    provider: str | UnsetType = UNSET


class CallReactivateAgent(Message, kw_only=True):
    """mesos.v1.master.Call.ReactivateAgent"""

    agent_id: mesos.AgentID
    force: bool | UnsetType = UNSET


class CallReadFile(Message, kw_only=True):
    """mesos.v1.master.Call.ReadFile"""

    path: str
    offset: UInt64
    length: UInt64 | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.offset > UINT64_MAX:
            raise beyond_uint64("offset")
        if self.length is not UNSET and self.length > UINT64_MAX:
            raise beyond_uint64("length")


class CallRemoveQuota(Message, kw_only=True):
    """mesos.v1.master.Call.RemoveQuota"""

    role: str


class CallReserveResources(Message, kw_only=True):
    """mesos.v1.master.Call.ReserveResources"""

    agent_id: mesos.AgentID
    resources: list[mesos.Resource] = []
    source: list[mesos.Resource] = []


class CallAdoptVolume(Message, kw_only=True):
    """mesos.v1.master.Call.AdoptVolume"""

    source_id: str
    agent_id: mesos.AgentID | UnsetType = UNSET
    resource_provider_id: mesos.ResourceProviderID | UnsetType = UNSET
    name: str | UnsetType = UNSET
    role: str | UnsetType = UNSET
    profile: str | UnsetType = UNSET
    size_bytes: Int64 | UnsetType = UNSET


class CallRetryOperation(Message, kw_only=True):
    """mesos.v1.master.Call.RetryOperation"""

    operation_id: str


class CallSetLoggingLevel(Message, kw_only=True):
    """mesos.v1.master.Call.SetLoggingLevel"""

    level: UInt32
    duration: mesos.DurationInfo


class CallSetQuota(Message, kw_only=True):
    """mesos.v1.master.Call.SetQuota"""

    quota_request: quota.QuotaRequest


class CallShrinkVolume(Message, kw_only=True):
    """mesos.v1.master.Call.ShrinkVolume"""

    agent_id: mesos.AgentID | UnsetType = UNSET
    volume: mesos.Resource
    subtract: mesos.ValueScalar


class CallStartMaintenance(Message, kw_only=True):
    """mesos.v1.master.Call.StartMaintenance"""

    machines: list[mesos.MachineID] = []


class CallStopMaintenance(Message, kw_only=True):
    """mesos.v1.master.Call.StopMaintenance"""

    machines: list[mesos.MachineID] = []


class CallSubscribe(Message, kw_only=True):
    """mesos.v1.master.Call.Subscribe"""

    framework_ids: list[mesos.FrameworkID] = []
    agent_ids: list[mesos.AgentID] = []


class CallTeardown(Message, kw_only=True):
    """mesos.v1.master.Call.Teardown"""

    framework_id: mesos.FrameworkID


class CallUnreserveResources(Message, kw_only=True):
    """mesos.v1.master.Call.UnreserveResources"""

    agent_id: mesos.AgentID
    resources: list[mesos.Resource] = []


class CallUpdateMaintenanceSchedule(Message, kw_only=True):
    """mesos.v1.master.Call.UpdateMaintenanceSchedule"""

    schedule: maintenance.Schedule


class CallUpdateQuota(Message, kw_only=True):
    """mesos.v1.master.Call.UpdateQuota"""

    force: bool | UnsetType = UNSET
    quota_configs: list[quota.QuotaConfig] = []


class CallUpdateWeights(Message, kw_only=True):
    """mesos.v1.master.Call.UpdateWeights"""

    weight_infos: list[mesos.WeightInfo] = []


class EventType(StrEnum):
    """mesos.v1.master.Event.Type"""

    UNKNOWN = "UNKNOWN"
    SUBSCRIBED = "SUBSCRIBED"
    TASK_ADDED = "TASK_ADDED"
    TASK_UPDATED = "TASK_UPDATED"
    AGENT_ADDED = "AGENT_ADDED"
    AGENT_REMOVED = "AGENT_REMOVED"
    FRAMEWORK_ADDED = "FRAMEWORK_ADDED"
    FRAMEWORK_UPDATED = "FRAMEWORK_UPDATED"
    FRAMEWORK_REMOVED = "FRAMEWORK_REMOVED"
    HEARTBEAT = "HEARTBEAT"
    OPERATION_UPDATED = "OPERATION_UPDATED"
    VOLUME_UPDATED = "VOLUME_UPDATED"
    PROVIDER_UPDATED = "PROVIDER_UPDATED"
    AGENT_UPDATED = "AGENT_UPDATED"


class Event(Message, kw_only=True):
    """mesos.v1.master.Event"""

    type: EventType | UnsetType = UNSET
    subscribed: EventSubscribed | UnsetType = UNSET
    task_added: EventTaskAdded | UnsetType = UNSET
    task_updated: EventTaskUpdated | UnsetType = UNSET
    agent_added: EventAgentAdded | UnsetType = UNSET
    agent_removed: EventAgentRemoved | UnsetType = UNSET
    framework_added: EventFrameworkAdded | UnsetType = UNSET
    framework_updated: EventFrameworkUpdated | UnsetType = UNSET
    framework_removed: EventFrameworkRemoved | UnsetType = UNSET
    operation_updated: EventOperationUpdated | UnsetType = UNSET
    volume_updated: EventVolumeUpdated | UnsetType = UNSET
    provider_updated: EventProviderUpdated | UnsetType = UNSET
    agent_updated: EventAgentUpdated | UnsetType = UNSET


class EventAgentAdded(Message, kw_only=True):
    """mesos.v1.master.Event.AgentAdded"""

    agent: ResponseGetAgentsAgent


class EventAgentRemoved(Message, kw_only=True):
    """mesos.v1.master.Event.AgentRemoved"""

    agent_id: mesos.AgentID


class EventAgentUpdated(Message, kw_only=True):
    """mesos.v1.master.Event.AgentUpdated"""

    agent: ResponseGetAgentsAgent


class EventFrameworkAdded(Message, kw_only=True):
    """mesos.v1.master.Event.FrameworkAdded"""

    framework: ResponseGetFrameworksFramework


class EventFrameworkRemoved(Message, kw_only=True):
    """mesos.v1.master.Event.FrameworkRemoved"""

    framework_info: mesos.FrameworkInfo


class EventFrameworkUpdated(Message, kw_only=True):
    """mesos.v1.master.Event.FrameworkUpdated"""

    framework: ResponseGetFrameworksFramework


class EventOperationUpdated(Message, kw_only=True):
    """mesos.v1.master.Event.OperationUpdated"""

    operation: mesos.Operation


class EventProviderUpdated(Message, kw_only=True):
    """mesos.v1.master.Event.ProviderUpdated"""

    provider: Provider
    removed: bool | UnsetType = UNSET


class EventSubscribed(Message, kw_only=True):
    """mesos.v1.master.Event.Subscribed"""

    get_state: ResponseGetState | UnsetType = UNSET
    heartbeat_interval_seconds: Double | UnsetType = UNSET


class EventTaskAdded(Message, kw_only=True):
    """mesos.v1.master.Event.TaskAdded"""

    task: mesos.Task


class EventTaskUpdated(Message, kw_only=True):
    """mesos.v1.master.Event.TaskUpdated"""

    framework_id: mesos.FrameworkID
    status: mesos.TaskStatus
    state: mesos.TaskState


class EventVolumeUpdated(Message, kw_only=True):
    """mesos.v1.master.Event.VolumeUpdated"""

    volume: VolumeInfo
    removed: bool | UnsetType = UNSET


class Profile(Message, kw_only=True):
    """mesos.v1.master.Profile"""

    name: str
    agent_id: mesos.AgentID | UnsetType = UNSET
    resource_provider_id: mesos.ResourceProviderID | UnsetType = UNSET
    block: bool | UnsetType = UNSET
    fs_type: str | UnsetType = UNSET
    free_bytes: Int64 | UnsetType = UNSET
    total_bytes: Int64 | UnsetType = UNSET
    capacity_group: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    available: bool | UnsetType = UNSET
    message: str | UnsetType = UNSET
    cost_ratio: Double | UnsetType = UNSET
    sharing: resource_provider.ProfileInfoSharing | UnsetType = UNSET
    sharing_note: str | UnsetType = UNSET


class Provider(Message, kw_only=True):
    """mesos.v1.master.Provider"""

    resource_provider_info: mesos.ResourceProviderInfo
    agent_id: mesos.AgentID | UnsetType = UNSET
    total_resources: list[mesos.Resource] = []
    resource_version_uuid: mesos.UUID | UnsetType = UNSET
    plugin: resource_provider.PluginState | UnsetType = UNSET
    connected: bool | UnsetType = UNSET
    profiles: list[resource_provider.ProfileInfo] = []
    notices: list[resource_provider.VolumeNotice] = []
    notices_total: UInt32 | UnsetType = UNSET


class Standby(Message, kw_only=True):
    """mesos.v1.master.Standby"""

    name: str
    address: str | UnsetType = UNSET


class ResponseType(StrEnum):
    """mesos.v1.master.Response.Type"""

    UNKNOWN = "UNKNOWN"
    GET_HEALTH = "GET_HEALTH"
    GET_FLAGS = "GET_FLAGS"
    GET_VERSION = "GET_VERSION"
    GET_METRICS = "GET_METRICS"
    GET_LOGGING_LEVEL = "GET_LOGGING_LEVEL"
    LIST_FILES = "LIST_FILES"
    READ_FILE = "READ_FILE"
    GET_STATE = "GET_STATE"
    GET_AGENTS = "GET_AGENTS"
    GET_FRAMEWORKS = "GET_FRAMEWORKS"
    GET_EXECUTORS = "GET_EXECUTORS"
    GET_TASKS = "GET_TASKS"
    GET_ROLES = "GET_ROLES"
    GET_WEIGHTS = "GET_WEIGHTS"
    GET_MASTER = "GET_MASTER"
    GET_MAINTENANCE_STATUS = "GET_MAINTENANCE_STATUS"
    GET_MAINTENANCE_SCHEDULE = "GET_MAINTENANCE_SCHEDULE"
    GET_QUOTA = "GET_QUOTA"
    GET_OPERATIONS = "GET_OPERATIONS"
    PROVISION_VOLUME = "PROVISION_VOLUME"
    DEPROVISION_VOLUME = "DEPROVISION_VOLUME"
    GET_VOLUMES = "GET_VOLUMES"
    GET_PROFILES = "GET_PROFILES"
    GET_RESOURCE_PROVIDERS = "GET_RESOURCE_PROVIDERS"
    EXPAND_VOLUME = "EXPAND_VOLUME"
    ADOPT_VOLUME = "ADOPT_VOLUME"
    RETRY_OPERATION = "RETRY_OPERATION"
    ABANDON_OPERATION = "ABANDON_OPERATION"
    EXPLAIN_OFFERS = "EXPLAIN_OFFERS"
    GET_OPERATION_HISTORY = "GET_OPERATION_HISTORY"
    GET_REGISTRY_DIFFERENCES = "GET_REGISTRY_DIFFERENCES"


class Response(Message, kw_only=True):
    """mesos.v1.master.Response"""

    type: ResponseType | UnsetType = UNSET
    get_health: ResponseGetHealth | UnsetType = UNSET
    get_flags: ResponseGetFlags | UnsetType = UNSET
    get_version: ResponseGetVersion | UnsetType = UNSET
    get_metrics: ResponseGetMetrics | UnsetType = UNSET
    get_logging_level: ResponseGetLoggingLevel | UnsetType = UNSET
    list_files: ResponseListFiles | UnsetType = UNSET
    read_file: ResponseReadFile | UnsetType = UNSET
    get_state: ResponseGetState | UnsetType = UNSET
    get_agents: ResponseGetAgents | UnsetType = UNSET
    get_frameworks: ResponseGetFrameworks | UnsetType = UNSET
    get_executors: ResponseGetExecutors | UnsetType = UNSET
    get_tasks: ResponseGetTasks | UnsetType = UNSET
    get_roles: ResponseGetRoles | UnsetType = UNSET
    get_weights: ResponseGetWeights | UnsetType = UNSET
    get_master: ResponseGetMaster | UnsetType = UNSET
    get_maintenance_status: ResponseGetMaintenanceStatus | UnsetType = UNSET
    get_maintenance_schedule: ResponseGetMaintenanceSchedule | UnsetType = UNSET
    get_quota: ResponseGetQuota | UnsetType = UNSET
    get_operations: ResponseGetOperations | UnsetType = UNSET
    provision_volume: ResponseProvisionVolume | UnsetType = UNSET
    deprovision_volume: ResponseDeprovisionVolume | UnsetType = UNSET
    get_volumes: ResponseGetVolumes | UnsetType = UNSET
    get_profiles: ResponseGetProfiles | UnsetType = UNSET
    get_resource_providers: ResponseGetResourceProviders | UnsetType = UNSET
    expand_volume: ResponseExpandVolume | UnsetType = UNSET
    adopt_volume: ResponseAdoptVolume | UnsetType = UNSET
    retry_operation: ResponseRetryOperation | UnsetType = UNSET
    abandon_operation: ResponseAbandonOperation | UnsetType = UNSET
    explain_offers: ResponseExplainOffers | UnsetType = UNSET
    get_operation_history: ResponseGetOperationHistory | UnsetType = UNSET
    get_registry_differences: ResponseGetRegistryDifferences | UnsetType = UNSET


class ResponseAbandonOperation(Message, kw_only=True):
    """mesos.v1.master.Response.AbandonOperation"""

    operation: mesos.Operation
    message: str | UnsetType = UNSET


class ResponseDeprovisionVolume(Message, kw_only=True):
    """mesos.v1.master.Response.DeprovisionVolume"""

    volume: VolumeInfo | UnsetType = UNSET


class ResponseExplainOffers(Message, kw_only=True):
    """mesos.v1.master.Response.ExplainOffers"""

    withheld: list[Withheld] = []
    total: UInt32 | UnsetType = UNSET


class ResponseExpandVolume(Message, kw_only=True):
    """mesos.v1.master.Response.ExpandVolume"""

    volume: VolumeInfo
    operation_id: str | UnsetType = UNSET


class ResponseGetAgents(Message, kw_only=True):
    """mesos.v1.master.Response.GetAgents"""

    agents: list[ResponseGetAgentsAgent] = []
    recovered_agents: list[mesos.AgentInfo] = []


class ResponseGetAgentsAgent(Message, kw_only=True):
    """mesos.v1.master.Response.GetAgents.Agent"""

    agent_info: mesos.AgentInfo
    active: bool
    version: str
    pid: str | UnsetType = UNSET
    registered_time: mesos.TimeInfo | UnsetType = UNSET
    reregistered_time: mesos.TimeInfo | UnsetType = UNSET
    total_resources: list[mesos.Resource] = []
    allocated_resources: list[mesos.Resource] = []
    offered_resources: list[mesos.Resource] = []
    capabilities: list[mesos.AgentInfoCapability] = []
    resource_providers: list[ResponseGetAgentsAgentResourceProvider] = []
    deactivated: bool | UnsetType = UNSET
    drain_info: mesos.DrainInfo | UnsetType = UNSET
    estimated_drain_start_time: mesos.TimeInfo | UnsetType = UNSET
    findings: list[mesos.HostFinding] = []


class ResponseGetAgentsAgentResourceProvider(Message, kw_only=True):
    """mesos.v1.master.Response.GetAgents.Agent.ResourceProvider"""

    resource_provider_info: mesos.ResourceProviderInfo
    total_resources: list[mesos.Resource] = []


class ResponseGetExecutors(Message, kw_only=True):
    """mesos.v1.master.Response.GetExecutors"""

    executors: list[ResponseGetExecutorsExecutor] = []
    orphan_executors: list[ResponseGetExecutorsExecutor] = []  # deprecated


class ResponseGetExecutorsExecutor(Message, kw_only=True):
    """mesos.v1.master.Response.GetExecutors.Executor"""

    executor_info: mesos.ExecutorInfo
    agent_id: mesos.AgentID


class ResponseGetFlags(Message, kw_only=True):
    """mesos.v1.master.Response.GetFlags"""

    flags: list[mesos.Flag] = []


class ResponseGetFrameworks(Message, kw_only=True):
    """mesos.v1.master.Response.GetFrameworks"""

    frameworks: list[ResponseGetFrameworksFramework] = []
    completed_frameworks: list[ResponseGetFrameworksFramework] = []
    recovered_frameworks: list[mesos.FrameworkInfo] = []  # deprecated


class ResponseGetFrameworksFramework(Message, kw_only=True):
    """mesos.v1.master.Response.GetFrameworks.Framework"""

    framework_info: mesos.FrameworkInfo
    active: bool
    connected: bool
    registered_time: mesos.TimeInfo | UnsetType = UNSET
    reregistered_time: mesos.TimeInfo | UnsetType = UNSET
    unregistered_time: mesos.TimeInfo | UnsetType = UNSET
    offers: list[mesos.Offer] = []
    inverse_offers: list[mesos.InverseOffer] = []
    allocated_resources: list[mesos.Resource] = []
    offered_resources: list[mesos.Resource] = []
    recovered: bool
    offer_constraints: scheduler.OfferConstraints | UnsetType = UNSET


class ResponseGetHealth(Message, kw_only=True):
    """mesos.v1.master.Response.GetHealth"""

    healthy: bool


class ResponseGetLoggingLevel(Message, kw_only=True):
    """mesos.v1.master.Response.GetLoggingLevel"""

    level: UInt32


class ResponseGetMaintenanceSchedule(Message, kw_only=True):
    """mesos.v1.master.Response.GetMaintenanceSchedule"""

    schedule: maintenance.Schedule


class ResponseGetMaintenanceStatus(Message, kw_only=True):
    """mesos.v1.master.Response.GetMaintenanceStatus"""

    status: maintenance.ClusterStatus


class ResponseGetMaster(Message, kw_only=True):
    """mesos.v1.master.Response.GetMaster"""

    master_info: mesos.MasterInfo | UnsetType = UNSET
    start_time: Double | UnsetType = UNSET
    elected_time: Double | UnsetType = UNSET
    offers_paused: str | UnsetType = UNSET
    standbys: list[Standby] = []
    writes_waiting: str | UnsetType = UNSET
    registry_differences: UInt32 | UnsetType = UNSET


class ResponseGetMetrics(Message, kw_only=True):
    """mesos.v1.master.Response.GetMetrics"""

    metrics: list[mesos.Metric] = []


class ResponseGetOperationHistory(Message, kw_only=True):
    """mesos.v1.master.Response.GetOperationHistory"""

    operations: list[mesos.Operation] = []
    next: str | UnsetType = UNSET
    total: UInt64 | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.total is not UNSET and self.total > UINT64_MAX:
            raise beyond_uint64("total")


class ResponseGetOperations(Message, kw_only=True):
    """mesos.v1.master.Response.GetOperations"""

    operations: list[mesos.Operation] = []


class ResponseGetProfiles(Message, kw_only=True):
    """mesos.v1.master.Response.GetProfiles"""

    profiles: list[Profile] = []


class ResponseGetQuota(Message, kw_only=True):
    """mesos.v1.master.Response.GetQuota"""

    status: quota.QuotaStatus


class ResponseGetRegistryDifferences(Message, kw_only=True):
    """mesos.v1.master.Response.GetRegistryDifferences"""

    restoration: RegistryRestoration | UnsetType = UNSET
    differences: list[RegistryDifference] = []


class ResponseGetResourceProviders(Message, kw_only=True):
    """mesos.v1.master.Response.GetResourceProviders"""

    resource_providers: list[Provider] = []


class ResponseGetRoles(Message, kw_only=True):
    """mesos.v1.master.Response.GetRoles"""

    roles: list[mesos.Role] = []


class ResponseGetState(Message, kw_only=True):
    """mesos.v1.master.Response.GetState"""

    get_tasks: ResponseGetTasks | UnsetType = UNSET
    get_executors: ResponseGetExecutors | UnsetType = UNSET
    get_frameworks: ResponseGetFrameworks | UnsetType = UNSET
    get_agents: ResponseGetAgents | UnsetType = UNSET
    get_operations: ResponseGetOperations | UnsetType = UNSET
    get_volumes: ResponseGetVolumes | UnsetType = UNSET


class ResponseGetTasks(Message, kw_only=True):
    """mesos.v1.master.Response.GetTasks"""

    pending_tasks: list[mesos.Task] = []  # deprecated
    tasks: list[mesos.Task] = []
    completed_tasks: list[mesos.Task] = []
    orphan_tasks: list[mesos.Task] = []  # deprecated
    unreachable_tasks: list[mesos.Task] = []


class ResponseGetVersion(Message, kw_only=True):
    """mesos.v1.master.Response.GetVersion"""

    version_info: mesos.VersionInfo


class ResponseGetVolumes(Message, kw_only=True):
    """mesos.v1.master.Response.GetVolumes"""

    volumes: list[VolumeInfo] = []


class ResponseGetWeights(Message, kw_only=True):
    """mesos.v1.master.Response.GetWeights"""

    weight_infos: list[mesos.WeightInfo] = []


class ResponseListFiles(Message, kw_only=True):
    """mesos.v1.master.Response.ListFiles"""

    file_infos: list[mesos.FileInfo] = []


class ResponseProvisionVolume(Message, kw_only=True):
    """mesos.v1.master.Response.ProvisionVolume"""

    volume: VolumeInfo
    operation_id: str | UnsetType = UNSET


class ResponseReadFile(Message, kw_only=True):
    """mesos.v1.master.Response.ReadFile"""

    size: UInt64
    data: bytes

    def __post_init__(self) -> None:
        if self.size > UINT64_MAX:
            raise beyond_uint64("size")


class ResponseAdoptVolume(Message, kw_only=True):
    """mesos.v1.master.Response.AdoptVolume"""

    volume: VolumeInfo | UnsetType = UNSET


class ResponseRetryOperation(Message, kw_only=True):
    """mesos.v1.master.Response.RetryOperation"""

    operation: mesos.Operation
    message: str | UnsetType = UNSET


class RegistryRestoration(Message, kw_only=True):
    """mesos.v1.master.RegistryRestoration"""

    taken: Double
    restored: Double


class RegistryDifference(Message, kw_only=True):
    """mesos.v1.master.RegistryDifference"""

    kind: str
    subject: str
    message: str
    found: Double | UnsetType = UNSET


class Withheld(Message, kw_only=True):
    """mesos.v1.master.Withheld"""

    framework_id: mesos.FrameworkID | UnsetType = UNSET
    role: str
    agent_id: mesos.AgentID
    hostname: str | UnsetType = UNSET
    code: str
    reason: str


class VolumeInfo(Message, kw_only=True):
    """mesos.v1.master.VolumeInfo"""

    name: str
    profile: str
    size_bytes: Int64
    block: bool | UnsetType = UNSET
    role: str | UnsetType = UNSET
    agent_id: mesos.AgentID | UnsetType = UNSET
    resource_provider_id: mesos.ResourceProviderID | UnsetType = UNSET
    state: VolumeState | UnsetType = UNSET
    message: str | UnsetType = UNSET
    resource: mesos.Resource | UnsetType = UNSET
    users: list[str] = []
    operations: list[mesos.UUID] = []
    created: Double | UnsetType = UNSET
    step: str | UnsetType = UNSET
    wanted_bytes: Int64 | UnsetType = UNSET
