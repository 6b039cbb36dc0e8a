"""mesos.v1.agent. Made by tools/generate_wire.py. Do not edit: change the .proto file and run `make proto`."""

from __future__ import annotations

from enum import StrEnum

from msgspec import UNSET, UnsetType

from api.wire.message import Double, Int32, Message, UINT64_MAX, UInt32, UInt64, beyond_uint64
from api.wire.v1 import mesos


class CallType(StrEnum):
    """mesos.v1.agent.Call.Type"""

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
    GET_CONTAINERS = "GET_CONTAINERS"
    GET_FRAMEWORKS = "GET_FRAMEWORKS"
    GET_EXECUTORS = "GET_EXECUTORS"
    GET_TASKS = "GET_TASKS"
    LAUNCH_NESTED_CONTAINER = "LAUNCH_NESTED_CONTAINER"
    WAIT_NESTED_CONTAINER = "WAIT_NESTED_CONTAINER"
    KILL_NESTED_CONTAINER = "KILL_NESTED_CONTAINER"
    LAUNCH_NESTED_CONTAINER_SESSION = "LAUNCH_NESTED_CONTAINER_SESSION"
    ATTACH_CONTAINER_INPUT = "ATTACH_CONTAINER_INPUT"
    ATTACH_CONTAINER_OUTPUT = "ATTACH_CONTAINER_OUTPUT"
    GET_AGENT = "GET_AGENT"
    REMOVE_NESTED_CONTAINER = "REMOVE_NESTED_CONTAINER"
    LAUNCH_CONTAINER = "LAUNCH_CONTAINER"
    WAIT_CONTAINER = "WAIT_CONTAINER"
    KILL_CONTAINER = "KILL_CONTAINER"
    REMOVE_CONTAINER = "REMOVE_CONTAINER"
    GET_RESOURCE_PROVIDERS = "GET_RESOURCE_PROVIDERS"
    ADD_RESOURCE_PROVIDER_CONFIG = "ADD_RESOURCE_PROVIDER_CONFIG"
    UPDATE_RESOURCE_PROVIDER_CONFIG = "UPDATE_RESOURCE_PROVIDER_CONFIG"
    REMOVE_RESOURCE_PROVIDER_CONFIG = "REMOVE_RESOURCE_PROVIDER_CONFIG"
    PRUNE_IMAGES = "PRUNE_IMAGES"
    GET_OPERATIONS = "GET_OPERATIONS"
    MARK_RESOURCE_PROVIDER_GONE = "MARK_RESOURCE_PROVIDER_GONE"
    GET_RESOURCE_PROVIDER_CONFIGS = "GET_RESOURCE_PROVIDER_CONFIGS"
    GET_IMAGES = "GET_IMAGES"
    RECONFIGURE = "RECONFIGURE"
    GET_DEVICES = "GET_DEVICES"


class Call(Message, kw_only=True):
    """mesos.v1.agent.Call"""

    type: CallType | UnsetType = UNSET
    get_metrics: CallGetMetrics | UnsetType = UNSET
    set_logging_level: CallSetLoggingLevel | UnsetType = UNSET
    list_files: CallListFiles | UnsetType = UNSET
    read_file: CallReadFile | UnsetType = UNSET
    launch_nested_container: CallLaunchNestedContainer | UnsetType = UNSET  # deprecated
    wait_nested_container: CallWaitNestedContainer | UnsetType = UNSET  # deprecated
    kill_nested_container: CallKillNestedContainer | UnsetType = UNSET  # deprecated
    launch_nested_container_session: CallLaunchNestedContainerSession | UnsetType = UNSET
    attach_container_input: CallAttachContainerInput | UnsetType = UNSET
    attach_container_output: CallAttachContainerOutput | UnsetType = UNSET
    remove_nested_container: CallRemoveNestedContainer | UnsetType = UNSET  # deprecated
    launch_container: CallLaunchContainer | UnsetType = UNSET
    wait_container: CallWaitContainer | UnsetType = UNSET
    kill_container: CallKillContainer | UnsetType = UNSET
    remove_container: CallRemoveContainer | UnsetType = UNSET
    add_resource_provider_config: CallAddResourceProviderConfig | UnsetType = UNSET
    update_resource_provider_config: CallUpdateResourceProviderConfig | UnsetType = UNSET
    remove_resource_provider_config: CallRemoveResourceProviderConfig | UnsetType = UNSET
    get_containers: CallGetContainers | UnsetType = UNSET
    prune_images: CallPruneImages | UnsetType = UNSET
    mark_resource_provider_gone: CallMarkResourceProviderGone | UnsetType = UNSET
    reconfigure: CallReconfigure | UnsetType = UNSET


class CallAddResourceProviderConfig(Message, kw_only=True):
    """mesos.v1.agent.Call.AddResourceProviderConfig"""

    info: mesos.ResourceProviderInfo


class CallAttachContainerInputType(StrEnum):
    """mesos.v1.agent.Call.AttachContainerInput.Type"""

    UNKNOWN = "UNKNOWN"
    CONTAINER_ID = "CONTAINER_ID"
    PROCESS_IO = "PROCESS_IO"


class CallAttachContainerInput(Message, kw_only=True):
    """mesos.v1.agent.Call.AttachContainerInput"""

    type: CallAttachContainerInputType | UnsetType = UNSET
    container_id: mesos.ContainerID | UnsetType = UNSET
    process_io: ProcessIO | UnsetType = UNSET


class CallAttachContainerOutput(Message, kw_only=True):
    """mesos.v1.agent.Call.AttachContainerOutput"""

    container_id: mesos.ContainerID


class CallGetContainers(Message, kw_only=True):
    """mesos.v1.agent.Call.GetContainers"""

    show_nested: bool | UnsetType = UNSET
    show_standalone: bool | UnsetType = UNSET
    show_ended: bool | UnsetType = UNSET


class CallGetMetrics(Message, kw_only=True):
    """mesos.v1.agent.Call.GetMetrics"""

    timeout: mesos.DurationInfo | UnsetType = UNSET


class CallKillContainer(Message, kw_only=True):
    """mesos.v1.agent.Call.KillContainer"""

    container_id: mesos.ContainerID
    signal: Int32 | UnsetType = UNSET
    grace_period: mesos.DurationInfo | UnsetType = UNSET


class CallKillNestedContainer(Message, kw_only=True):
    """mesos.v1.agent.Call.KillNestedContainer"""

    container_id: mesos.ContainerID
    signal: Int32 | UnsetType = UNSET


class CallLaunchContainer(Message, kw_only=True):
    """mesos.v1.agent.Call.LaunchContainer"""

    container_id: mesos.ContainerID
    command: mesos.CommandInfo | UnsetType = UNSET
    resources: list[mesos.Resource] = []
    container: mesos.ContainerInfo | UnsetType = UNSET
    limits: dict[str, mesos.ValueScalar] = {}
    stdin: bool | UnsetType = UNSET


class CallLaunchNestedContainer(Message, kw_only=True):
    """mesos.v1.agent.Call.LaunchNestedContainer"""

    container_id: mesos.ContainerID
    command: mesos.CommandInfo | UnsetType = UNSET
    container: mesos.ContainerInfo | UnsetType = UNSET


class CallLaunchNestedContainerSession(Message, kw_only=True):
    """mesos.v1.agent.Call.LaunchNestedContainerSession"""

    container_id: mesos.ContainerID
    command: mesos.CommandInfo | UnsetType = UNSET
    container: mesos.ContainerInfo | UnsetType = UNSET


class CallListFiles(Message, kw_only=True):
    """mesos.v1.agent.Call.ListFiles"""

    path: str


class CallMarkResourceProviderGone(Message, kw_only=True):
    """mesos.v1.agent.Call.MarkResourceProviderGone"""

    resource_provider_id: mesos.ResourceProviderID


class CallPruneImages(Message, kw_only=True):
    """mesos.v1.agent.Call.PruneImages"""

    excluded_images: list[mesos.Image] = []
    dry_run: bool | UnsetType = UNSET
    report: bool | UnsetType = UNSET
    all: bool | UnsetType = UNSET


class CallReadFile(Message, kw_only=True):
    """mesos.v1.agent.Call.ReadFile"""

    path: str
    offset: UInt64
    length: UInt64 | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.offset > UINT64_MAX:
            raise beyond_uint64("offset")
        if self.length is not UNSET and self.length > UINT64_MAX:
            raise beyond_uint64("length")


class CallReconfigure(Message, kw_only=True):
    """mesos.v1.agent.Call.Reconfigure"""

    dry_run: bool | UnsetType = UNSET


class CallRemoveContainer(Message, kw_only=True):
    """mesos.v1.agent.Call.RemoveContainer"""

    container_id: mesos.ContainerID


class CallRemoveNestedContainer(Message, kw_only=True):
    """mesos.v1.agent.Call.RemoveNestedContainer"""

    container_id: mesos.ContainerID


class CallRemoveResourceProviderConfig(Message, kw_only=True):
    """mesos.v1.agent.Call.RemoveResourceProviderConfig"""

    type: str
    name: str


class CallSetLoggingLevel(Message, kw_only=True):
    """mesos.v1.agent.Call.SetLoggingLevel"""

    level: UInt32
    duration: mesos.DurationInfo


class CallUpdateResourceProviderConfig(Message, kw_only=True):
    """mesos.v1.agent.Call.UpdateResourceProviderConfig"""

    info: mesos.ResourceProviderInfo


class CallWaitContainer(Message, kw_only=True):
    """mesos.v1.agent.Call.WaitContainer"""

    container_id: mesos.ContainerID


class CallWaitNestedContainer(Message, kw_only=True):
    """mesos.v1.agent.Call.WaitNestedContainer"""

    container_id: mesos.ContainerID


class ProcessIOType(StrEnum):
    """mesos.v1.agent.ProcessIO.Type"""

    UNKNOWN = "UNKNOWN"
    DATA = "DATA"
    CONTROL = "CONTROL"


class ProcessIO(Message, kw_only=True):
    """mesos.v1.agent.ProcessIO"""

    type: ProcessIOType | UnsetType = UNSET
    data: ProcessIOData | UnsetType = UNSET
    control: ProcessIOControl | UnsetType = UNSET


class ProcessIOControlType(StrEnum):
    """mesos.v1.agent.ProcessIO.Control.Type"""

    UNKNOWN = "UNKNOWN"
    TTY_INFO = "TTY_INFO"
    HEARTBEAT = "HEARTBEAT"


class ProcessIOControl(Message, kw_only=True):
    """mesos.v1.agent.ProcessIO.Control"""

    type: ProcessIOControlType | UnsetType = UNSET
    tty_info: mesos.TTYInfo | UnsetType = UNSET
    heartbeat: ProcessIOControlHeartbeat | UnsetType = UNSET


class ProcessIOControlHeartbeat(Message, kw_only=True):
    """mesos.v1.agent.ProcessIO.Control.Heartbeat"""

    interval: mesos.DurationInfo | UnsetType = UNSET


class ProcessIODataType(StrEnum):
    """mesos.v1.agent.ProcessIO.Data.Type"""

    UNKNOWN = "UNKNOWN"
    STDIN = "STDIN"
    STDOUT = "STDOUT"
    STDERR = "STDERR"


class ProcessIOData(Message, kw_only=True):
    """mesos.v1.agent.ProcessIO.Data"""

    type: ProcessIODataType | UnsetType = UNSET
    data: bytes | UnsetType = UNSET


class ResponseType(StrEnum):
    """mesos.v1.agent.Response.Type"""

    UNKNOWN = "UNKNOWN"
    GET_HEALTH = "GET_HEALTH"
    GET_FLAGS = "GET_FLAGS"
    GET_VERSION = "GET_VERSION"
    GET_METRICS = "GET_METRICS"
    GET_LOGGING_LEVEL = "GET_LOGGING_LEVEL"
    LIST_FILES = "LIST_FILES"
    READ_FILE = "READ_FILE"
    GET_STATE = "GET_STATE"
    GET_CONTAINERS = "GET_CONTAINERS"
    GET_FRAMEWORKS = "GET_FRAMEWORKS"
    GET_EXECUTORS = "GET_EXECUTORS"
    GET_TASKS = "GET_TASKS"
    WAIT_NESTED_CONTAINER = "WAIT_NESTED_CONTAINER"
    GET_AGENT = "GET_AGENT"
    WAIT_CONTAINER = "WAIT_CONTAINER"
    GET_RESOURCE_PROVIDERS = "GET_RESOURCE_PROVIDERS"
    GET_OPERATIONS = "GET_OPERATIONS"
    GET_RESOURCE_PROVIDER_CONFIGS = "GET_RESOURCE_PROVIDER_CONFIGS"
    GET_IMAGES = "GET_IMAGES"
    PRUNE_IMAGES = "PRUNE_IMAGES"
    RECONFIGURE = "RECONFIGURE"
    GET_DEVICES = "GET_DEVICES"


class Response(Message, kw_only=True):
    """mesos.v1.agent.Response"""

    type: ResponseType | UnsetType = UNSET
    get_health: ResponseGetHealth | UnsetType = UNSET
    get_flags: ResponseGetFlags | UnsetType = UNSET
    get_version: ResponseGetVersion | UnsetType = UNSET
    get_metrics: ResponseGetMetrics | UnsetType = UNSET
    get_logging_level: ResponseGetLoggingLevel | UnsetType = UNSET
    list_files: ResponseListFiles | UnsetType = UNSET
    read_file: ResponseReadFile | UnsetType = UNSET
    get_state: ResponseGetState | UnsetType = UNSET
    get_containers: ResponseGetContainers | UnsetType = UNSET
    get_frameworks: ResponseGetFrameworks | UnsetType = UNSET
    get_executors: ResponseGetExecutors | UnsetType = UNSET
    get_tasks: ResponseGetTasks | UnsetType = UNSET
    wait_nested_container: ResponseWaitNestedContainer | UnsetType = UNSET
    get_agent: ResponseGetAgent | UnsetType = UNSET
    wait_container: ResponseWaitContainer | UnsetType = UNSET
    get_resource_providers: ResponseGetResourceProviders | UnsetType = UNSET
    get_operations: ResponseGetOperations | UnsetType = UNSET
    get_resource_provider_configs: ResponseGetResourceProviderConfigs | UnsetType = UNSET
    get_images: ResponseGetImages | UnsetType = UNSET
    reconfigure: ResponseReconfigure | UnsetType = UNSET
    get_devices: ResponseGetDevices | UnsetType = UNSET
    prune_images: ResponsePruneImages | UnsetType = UNSET


class ResponseGetAgent(Message, kw_only=True):
    """mesos.v1.agent.Response.GetAgent"""

    agent_info: mesos.AgentInfo | UnsetType = UNSET
    drain_config: mesos.DrainConfig | UnsetType = UNSET
    estimated_drain_start_time: mesos.TimeInfo | UnsetType = UNSET
    isolation: ResponseIsolation | UnsetType = UNSET
    findings: list[mesos.HostFinding] = []


class ResponseIsolation(Message, kw_only=True):
    """mesos.v1.agent.Response.Isolation"""

    containerizer: str
    volumes: bool
    memory_limit: bool
    cpu_limit: bool
    images: bool
    notes: list[str] = []
    processes_limit: bool | UnsetType = UNSET
    networks: list[str] = []


class ResponseGetContainers(Message, kw_only=True):
    """mesos.v1.agent.Response.GetContainers"""

    containers: list[ResponseGetContainersContainer] = []


class ResponseGetContainersContainer(Message, kw_only=True):
    """mesos.v1.agent.Response.GetContainers.Container"""

    framework_id: mesos.FrameworkID | UnsetType = UNSET
    executor_id: mesos.ExecutorID | UnsetType = UNSET
    executor_name: str | UnsetType = UNSET
    container_id: mesos.ContainerID
    container_status: mesos.ContainerStatus | UnsetType = UNSET
    resource_statistics: mesos.ResourceStatistics | UnsetType = UNSET
    kind: str | UnsetType = UNSET
    state: str | UnsetType = UNSET
    exit: ResponseWaitContainer | UnsetType = UNSET
    created: Double | UnsetType = UNSET
    command: str | UnsetType = UNSET
    image: str | UnsetType = UNSET
    task_id: mesos.TaskID | UnsetType = UNSET
    message: str | UnsetType = UNSET


class ResponseGetExecutors(Message, kw_only=True):
    """mesos.v1.agent.Response.GetExecutors"""

    executors: list[ResponseGetExecutorsExecutor] = []
    completed_executors: list[ResponseGetExecutorsExecutor] = []


class ResponseGetExecutorsExecutor(Message, kw_only=True):
    """mesos.v1.agent.Response.GetExecutors.Executor"""

    executor_info: mesos.ExecutorInfo


class ResponseGetFlags(Message, kw_only=True):
    """mesos.v1.agent.Response.GetFlags"""

    flags: list[mesos.Flag] = []


class ResponseGetFrameworks(Message, kw_only=True):
    """mesos.v1.agent.Response.GetFrameworks"""

    frameworks: list[ResponseGetFrameworksFramework] = []
    completed_frameworks: list[ResponseGetFrameworksFramework] = []


class ResponseGetFrameworksFramework(Message, kw_only=True):
    """mesos.v1.agent.Response.GetFrameworks.Framework"""

    framework_info: mesos.FrameworkInfo


class ResponseGetHealth(Message, kw_only=True):
    """mesos.v1.agent.Response.GetHealth"""

    healthy: bool


class ResponseGetLoggingLevel(Message, kw_only=True):
    """mesos.v1.agent.Response.GetLoggingLevel"""

    level: UInt32


class ResponseGetMetrics(Message, kw_only=True):
    """mesos.v1.agent.Response.GetMetrics"""

    metrics: list[mesos.Metric] = []


class ResponseGetImages(Message, kw_only=True):
    """mesos.v1.agent.Response.GetImages"""

    images: list[ResponseGetImagesImage] = []
    path: str | UnsetType = UNSET
    free_bytes: UInt64 | UnsetType = UNSET
    total_bytes: UInt64 | UnsetType = UNSET
    headroom: Double | UnsetType = UNSET
    low_water: Double | UnsetType = UNSET
    message: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.free_bytes is not UNSET and self.free_bytes > UINT64_MAX:
            raise beyond_uint64("free_bytes")
        if self.total_bytes is not UNSET and self.total_bytes > UINT64_MAX:
            raise beyond_uint64("total_bytes")


class ResponseGetImagesImage(Message, kw_only=True):
    """mesos.v1.agent.Response.GetImages.Image"""

    id: str
    names: list[str] = []
    size_bytes: UInt64
    own_bytes: UInt64 | UnsetType = UNSET
    created: mesos.TimeInfo | UnsetType = UNSET
    last_used: mesos.TimeInfo | UnsetType = UNSET
    pulled: bool | UnsetType = UNSET
    kept: list[str] = []

    def __post_init__(self) -> None:
        if self.size_bytes > UINT64_MAX:
            raise beyond_uint64("size_bytes")
        if self.own_bytes is not UNSET and self.own_bytes > UINT64_MAX:
            raise beyond_uint64("own_bytes")


class ResponseGetOperations(Message, kw_only=True):
    """mesos.v1.agent.Response.GetOperations"""

    operations: list[mesos.Operation] = []


class ResponseGetResourceProviderConfigs(Message, kw_only=True):
    """mesos.v1.agent.Response.GetResourceProviderConfigs"""

    configs: list[ResponseGetResourceProviderConfigsConfig] = []


class ResponseGetResourceProviderConfigsConfig(Message, kw_only=True):
    """mesos.v1.agent.Response.GetResourceProviderConfigs.Config"""

    info: mesos.ResourceProviderInfo | UnsetType = UNSET
    file: str | UnsetType = UNSET
    state: str
    message: str | UnsetType = UNSET


class ResponseGetDevices(Message, kw_only=True):
    """mesos.v1.agent.Response.GetDevices"""

    devices: list[ResponseGetDevicesDevice] = []
    message: str | UnsetType = UNSET


class ResponseGetDevicesDevice(Message, kw_only=True):
    """mesos.v1.agent.Response.GetDevices.Device"""

    path: str
    kind: str | UnsetType = UNSET
    size: UInt64 | UnsetType = UNSET
    model: str | UnsetType = UNSET
    rotational: bool | UnsetType = UNSET
    read_only: bool | UnsetType = UNSET
    links: list[str] = []
    identity: str | UnsetType = UNSET
    contents: str | UnsetType = UNSET
    state: str
    rule: str | UnsetType = UNSET
    use: str | UnsetType = UNSET
    provider: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    pool: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.size is not UNSET and self.size > UINT64_MAX:
            raise beyond_uint64("size")


class ResponseGetResourceProviders(Message, kw_only=True):
    """mesos.v1.agent.Response.GetResourceProviders"""

    resource_providers: list[ResponseGetResourceProvidersResourceProvider] = []


class ResponseGetResourceProvidersResourceProvider(Message, kw_only=True):
    """mesos.v1.agent.Response.GetResourceProviders.ResourceProvider"""

    resource_provider_info: mesos.ResourceProviderInfo
    total_resources: list[mesos.Resource] = []
    connected: bool | UnsetType = UNSET
    message: str | UnsetType = UNSET


class ResponseGetState(Message, kw_only=True):
    """mesos.v1.agent.Response.GetState"""

    get_tasks: ResponseGetTasks | UnsetType = UNSET
    get_executors: ResponseGetExecutors | UnsetType = UNSET
    get_frameworks: ResponseGetFrameworks | UnsetType = UNSET


class ResponseGetTasks(Message, kw_only=True):
    """mesos.v1.agent.Response.GetTasks"""

    pending_tasks: list[mesos.Task] = []
    queued_tasks: list[mesos.Task] = []
    launched_tasks: list[mesos.Task] = []
    terminated_tasks: list[mesos.Task] = []
    completed_tasks: list[mesos.Task] = []


class ResponseGetVersion(Message, kw_only=True):
    """mesos.v1.agent.Response.GetVersion"""

    version_info: mesos.VersionInfo


class ResponseListFiles(Message, kw_only=True):
    """mesos.v1.agent.Response.ListFiles"""

    file_infos: list[mesos.FileInfo] = []


class ResponsePruneImages(Message, kw_only=True):
    """mesos.v1.agent.Response.PruneImages"""

    removed: list[ResponseGetImagesImage] = []
    kept: list[ResponseGetImagesImage] = []
    freed_bytes: UInt64
    free_bytes: UInt64 | UnsetType = UNSET
    total_bytes: UInt64 | UnsetType = UNSET
    message: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.freed_bytes > UINT64_MAX:
            raise beyond_uint64("freed_bytes")
        if self.free_bytes is not UNSET and self.free_bytes > UINT64_MAX:
            raise beyond_uint64("free_bytes")
        if self.total_bytes is not UNSET and self.total_bytes > UINT64_MAX:
            raise beyond_uint64("total_bytes")


class ResponseReadFile(Message, kw_only=True):
    """mesos.v1.agent.Response.ReadFile"""

    size: UInt64
    data: bytes

    def __post_init__(self) -> None:
        if self.size > UINT64_MAX:
            raise beyond_uint64("size")


class ResponseReconfigure(Message, kw_only=True):
    """mesos.v1.agent.Response.Reconfigure"""

    changes: list[ResponseReconfigureChange] = []
    applied: bool
    refusal: str | UnsetType = UNSET
    notes: list[str] = []


class ResponseReconfigureChange(Message, kw_only=True):
    """mesos.v1.agent.Response.Reconfigure.Change"""

    what: str
    old: str | UnsetType = UNSET
    new: str | UnsetType = UNSET
    verdict: str


class ResponseWaitContainer(Message, kw_only=True):
    """mesos.v1.agent.Response.WaitContainer"""

    exit_status: Int32 | UnsetType = UNSET
    state: mesos.TaskState | UnsetType = UNSET
    reason: mesos.TaskStatusReason | UnsetType = UNSET
    limitation: mesos.TaskResourceLimitation | UnsetType = UNSET
    message: str | UnsetType = UNSET


class ResponseWaitNestedContainer(Message, kw_only=True):
    """mesos.v1.agent.Response.WaitNestedContainer"""

    exit_status: Int32 | UnsetType = UNSET
    state: mesos.TaskState | UnsetType = UNSET
    reason: mesos.TaskStatusReason | UnsetType = UNSET
    limitation: mesos.TaskResourceLimitation | UnsetType = UNSET
    message: str | UnsetType = UNSET
