"""mesos.v1. Made by tools/generate_wire.py. Do not edit: change the .proto file and run `make proto`."""

from __future__ import annotations

from enum import StrEnum

from msgspec import UNSET, UnsetType, field

from api.wire.message import Double, Int32, Int64, Message, UINT64_MAX, UInt32, UInt64, beyond_uint64


class DrainState(StrEnum):
    """mesos.v1.DrainState"""

    UNKNOWN = "UNKNOWN"
    DRAINING = "DRAINING"
    DRAINED = "DRAINED"


class OperationState(StrEnum):
    """mesos.v1.OperationState"""

    OPERATION_UNSUPPORTED = "OPERATION_UNSUPPORTED"
    OPERATION_PENDING = "OPERATION_PENDING"
    OPERATION_FINISHED = "OPERATION_FINISHED"
    OPERATION_FAILED = "OPERATION_FAILED"
    OPERATION_ERROR = "OPERATION_ERROR"
    OPERATION_DROPPED = "OPERATION_DROPPED"
    OPERATION_UNREACHABLE = "OPERATION_UNREACHABLE"
    OPERATION_GONE_BY_OPERATOR = "OPERATION_GONE_BY_OPERATOR"
    OPERATION_RECOVERING = "OPERATION_RECOVERING"
    OPERATION_UNKNOWN = "OPERATION_UNKNOWN"


class Status(StrEnum):
    """mesos.v1.Status"""

    DRIVER_NOT_STARTED = "DRIVER_NOT_STARTED"
    DRIVER_RUNNING = "DRIVER_RUNNING"
    DRIVER_ABORTED = "DRIVER_ABORTED"
    DRIVER_STOPPED = "DRIVER_STOPPED"


class TaskState(StrEnum):
    """mesos.v1.TaskState"""

    TASK_STARTING = "TASK_STARTING"
    TASK_RUNNING = "TASK_RUNNING"
    TASK_FINISHED = "TASK_FINISHED"
    TASK_FAILED = "TASK_FAILED"
    TASK_KILLED = "TASK_KILLED"
    TASK_LOST = "TASK_LOST"
    TASK_STAGING = "TASK_STAGING"
    TASK_ERROR = "TASK_ERROR"
    TASK_KILLING = "TASK_KILLING"
    TASK_DROPPED = "TASK_DROPPED"
    TASK_UNREACHABLE = "TASK_UNREACHABLE"
    TASK_GONE = "TASK_GONE"
    TASK_GONE_BY_OPERATOR = "TASK_GONE_BY_OPERATOR"
    TASK_UNKNOWN = "TASK_UNKNOWN"


class Address(Message, kw_only=True):
    """mesos.v1.Address"""

    hostname: str | UnsetType = UNSET
    ip: str | UnsetType = UNSET
    port: Int32


class AgentID(Message, kw_only=True):
    """mesos.v1.AgentID"""

    value: str


class AgentInfo(Message, kw_only=True):
    """mesos.v1.AgentInfo"""

    hostname: str
    resources: list[Resource] = []
    attributes: list[Attribute] = []
    id: AgentID | UnsetType = UNSET
    port: Int32 = field(default_factory=lambda: 5051)
    domain: DomainInfo | UnsetType = UNSET


class AgentInfoCapabilityType(StrEnum):
    """mesos.v1.AgentInfo.Capability.Type"""

    UNKNOWN = "UNKNOWN"
    MULTI_ROLE = "MULTI_ROLE"
    HIERARCHICAL_ROLE = "HIERARCHICAL_ROLE"
    RESERVATION_REFINEMENT = "RESERVATION_REFINEMENT"
    RESOURCE_PROVIDER = "RESOURCE_PROVIDER"
    RESIZE_VOLUME = "RESIZE_VOLUME"
    AGENT_OPERATION_FEEDBACK = "AGENT_OPERATION_FEEDBACK"
    AGENT_DRAINING = "AGENT_DRAINING"
    TASK_RESOURCE_LIMITS = "TASK_RESOURCE_LIMITS"


class AgentInfoCapability(Message, kw_only=True):
    """mesos.v1.AgentInfo.Capability"""

    type: AgentInfoCapabilityType | UnsetType = UNSET


class Attribute(Message, kw_only=True):
    """mesos.v1.Attribute"""

    name: str
    type: ValueType
    scalar: ValueScalar | UnsetType = UNSET
    ranges: ValueRanges | UnsetType = UNSET
    text: ValueText | UnsetType = UNSET
    set: ValueSet | UnsetType = UNSET


class CSIPluginContainerInfoService(StrEnum):
    """mesos.v1.CSIPluginContainerInfo.Service"""

    UNKNOWN = "UNKNOWN"
    CONTROLLER_SERVICE = "CONTROLLER_SERVICE"
    NODE_SERVICE = "NODE_SERVICE"


class CSIPluginContainerInfo(Message, kw_only=True):
    """mesos.v1.CSIPluginContainerInfo"""

    services: list[CSIPluginContainerInfoService] = []
    command: CommandInfo | UnsetType = UNSET
    resources: list[Resource] = []
    container: ContainerInfo | UnsetType = UNSET


class CSIPluginEndpoint(Message, kw_only=True):
    """mesos.v1.CSIPluginEndpoint"""

    csi_service: CSIPluginContainerInfoService
    endpoint: str


class CSIPluginInfo(Message, kw_only=True):
    """mesos.v1.CSIPluginInfo"""

    type: str
    name: str = field(default_factory=lambda: "default")
    containers: list[CSIPluginContainerInfo] = []
    endpoints: list[CSIPluginEndpoint] = []
    target_path_root: str | UnsetType = UNSET
    target_path_exists: bool | UnsetType = UNSET
    secrets: list[CSIPluginSecret] = []
    admit: list[str] = []
    max_concurrent_calls: UInt32 | UnsetType = UNSET
    probe_seconds: Double | UnsetType = UNSET
    learn_capacity_groups: bool | UnsetType = UNSET


class CSIPluginSecret(Message, kw_only=True):
    """mesos.v1.CSIPluginSecret"""

    key: str
    file: str
    calls: list[str] = []


class CapabilityInfoCapability(StrEnum):
    """mesos.v1.CapabilityInfo.Capability"""

    UNKNOWN = "UNKNOWN"
    CHOWN = "CHOWN"
    DAC_OVERRIDE = "DAC_OVERRIDE"
    DAC_READ_SEARCH = "DAC_READ_SEARCH"
    FOWNER = "FOWNER"
    FSETID = "FSETID"
    KILL = "KILL"
    SETGID = "SETGID"
    SETUID = "SETUID"
    SETPCAP = "SETPCAP"
    LINUX_IMMUTABLE = "LINUX_IMMUTABLE"
    NET_BIND_SERVICE = "NET_BIND_SERVICE"
    NET_BROADCAST = "NET_BROADCAST"
    NET_ADMIN = "NET_ADMIN"
    NET_RAW = "NET_RAW"
    IPC_LOCK = "IPC_LOCK"
    IPC_OWNER = "IPC_OWNER"
    SYS_MODULE = "SYS_MODULE"
    SYS_RAWIO = "SYS_RAWIO"
    SYS_CHROOT = "SYS_CHROOT"
    SYS_PTRACE = "SYS_PTRACE"
    SYS_PACCT = "SYS_PACCT"
    SYS_ADMIN = "SYS_ADMIN"
    SYS_BOOT = "SYS_BOOT"
    SYS_NICE = "SYS_NICE"
    SYS_RESOURCE = "SYS_RESOURCE"
    SYS_TIME = "SYS_TIME"
    SYS_TTY_CONFIG = "SYS_TTY_CONFIG"
    MKNOD = "MKNOD"
    LEASE = "LEASE"
    AUDIT_WRITE = "AUDIT_WRITE"
    AUDIT_CONTROL = "AUDIT_CONTROL"
    SETFCAP = "SETFCAP"
    MAC_OVERRIDE = "MAC_OVERRIDE"
    MAC_ADMIN = "MAC_ADMIN"
    SYSLOG = "SYSLOG"
    WAKE_ALARM = "WAKE_ALARM"
    BLOCK_SUSPEND = "BLOCK_SUSPEND"
    AUDIT_READ = "AUDIT_READ"
    PERFMON = "PERFMON"
    BPF = "BPF"
    CHECKPOINT_RESTORE = "CHECKPOINT_RESTORE"


class CapabilityInfo(Message, kw_only=True):
    """mesos.v1.CapabilityInfo"""

    capabilities: list[CapabilityInfoCapability] = []


class CgroupInfo(Message, kw_only=True):
    """mesos.v1.CgroupInfo"""

    net_cls: CgroupInfoNetCls | UnsetType = UNSET


class CgroupInfoBlkioOperation(StrEnum):
    """mesos.v1.CgroupInfo.Blkio.Operation"""

    UNKNOWN = "UNKNOWN"
    TOTAL = "TOTAL"
    READ = "READ"
    WRITE = "WRITE"
    SYNC = "SYNC"
    ASYNC = "ASYNC"
    DISCARD = "DISCARD"


class CgroupInfoBlkio(Message, kw_only=True):
    """mesos.v1.CgroupInfo.Blkio"""


class CgroupInfoBlkioCFQ(Message, kw_only=True):
    """mesos.v1.CgroupInfo.Blkio.CFQ"""


class CgroupInfoBlkioCFQStatistics(Message, kw_only=True):
    """mesos.v1.CgroupInfo.Blkio.CFQ.Statistics"""

    device: DeviceNumber | UnsetType = UNSET
    sectors: UInt64 | UnsetType = UNSET
    time: UInt64 | UnsetType = UNSET
    io_serviced: list[CgroupInfoBlkioValue] = []
    io_service_bytes: list[CgroupInfoBlkioValue] = []
    io_service_time: list[CgroupInfoBlkioValue] = []
    io_wait_time: list[CgroupInfoBlkioValue] = []
    io_merged: list[CgroupInfoBlkioValue] = []
    io_queued: list[CgroupInfoBlkioValue] = []

    def __post_init__(self) -> None:
        if self.sectors is not UNSET and self.sectors > UINT64_MAX:
            raise beyond_uint64("sectors")
        if self.time is not UNSET and self.time > UINT64_MAX:
            raise beyond_uint64("time")


class CgroupInfoBlkioStatistics(Message, kw_only=True):
    """mesos.v1.CgroupInfo.Blkio.Statistics"""

    cfq: list[CgroupInfoBlkioCFQStatistics] = []
    cfq_recursive: list[CgroupInfoBlkioCFQStatistics] = []
    throttling: list[CgroupInfoBlkioThrottlingStatistics] = []


class CgroupInfoBlkioThrottling(Message, kw_only=True):
    """mesos.v1.CgroupInfo.Blkio.Throttling"""


class CgroupInfoBlkioThrottlingStatistics(Message, kw_only=True):
    """mesos.v1.CgroupInfo.Blkio.Throttling.Statistics"""

    device: DeviceNumber | UnsetType = UNSET
    io_serviced: list[CgroupInfoBlkioValue] = []
    io_service_bytes: list[CgroupInfoBlkioValue] = []


class CgroupInfoBlkioValue(Message, kw_only=True):
    """mesos.v1.CgroupInfo.Blkio.Value"""

    op: CgroupInfoBlkioOperation | UnsetType = UNSET
    value: UInt64 | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.value is not UNSET and self.value > UINT64_MAX:
            raise beyond_uint64("value")


class CgroupInfoNetCls(Message, kw_only=True):
    """mesos.v1.CgroupInfo.NetCls"""

    classid: UInt32 | UnsetType = UNSET


class CheckInfoType(StrEnum):
    """mesos.v1.CheckInfo.Type"""

    UNKNOWN = "UNKNOWN"
    COMMAND = "COMMAND"
    HTTP = "HTTP"
    TCP = "TCP"


class CheckInfo(Message, kw_only=True):
    """mesos.v1.CheckInfo"""

    type: CheckInfoType | UnsetType = UNSET
    command: CheckInfoCommand | UnsetType = UNSET
    http: CheckInfoHttp | UnsetType = UNSET
    delay_seconds: Double = field(default_factory=lambda: 15.0)
    interval_seconds: Double = field(default_factory=lambda: 10.0)
    timeout_seconds: Double = field(default_factory=lambda: 20.0)
    tcp: CheckInfoTcp | UnsetType = UNSET


class CheckInfoCommand(Message, kw_only=True):
    """mesos.v1.CheckInfo.Command"""

    command: CommandInfo


class CheckInfoHttp(Message, kw_only=True):
    """mesos.v1.CheckInfo.Http"""

    port: UInt32
    path: str | UnsetType = UNSET


class CheckInfoTcp(Message, kw_only=True):
    """mesos.v1.CheckInfo.Tcp"""

    port: UInt32


class CheckStatusInfo(Message, kw_only=True):
    """mesos.v1.CheckStatusInfo"""

    type: CheckInfoType | UnsetType = UNSET
    command: CheckStatusInfoCommand | UnsetType = UNSET
    http: CheckStatusInfoHttp | UnsetType = UNSET
    tcp: CheckStatusInfoTcp | UnsetType = UNSET


class CheckStatusInfoCommand(Message, kw_only=True):
    """mesos.v1.CheckStatusInfo.Command"""

    exit_code: Int32 | UnsetType = UNSET


class CheckStatusInfoHttp(Message, kw_only=True):
    """mesos.v1.CheckStatusInfo.Http"""

    status_code: UInt32 | UnsetType = UNSET


class CheckStatusInfoTcp(Message, kw_only=True):
    """mesos.v1.CheckStatusInfo.Tcp"""

    succeeded: bool | UnsetType = UNSET


class CommandInfo(Message, kw_only=True):
    """mesos.v1.CommandInfo"""

    uris: list[CommandInfoURI] = []
    environment: Environment | UnsetType = UNSET
    value: str | UnsetType = UNSET
    user: str | UnsetType = UNSET
    shell: bool = field(default_factory=lambda: True)
    arguments: list[str] = []


class CommandInfoURI(Message, kw_only=True):
    """mesos.v1.CommandInfo.URI"""

    value: str
    executable: bool | UnsetType = UNSET
    extract: bool = field(default_factory=lambda: True)
    cache: bool | UnsetType = UNSET
    output_file: str | UnsetType = UNSET


class ContainerID(Message, kw_only=True):
    """mesos.v1.ContainerID"""

    value: str
    parent: ContainerID | UnsetType = UNSET


class ContainerInfoType(StrEnum):
    """mesos.v1.ContainerInfo.Type"""

    DOCKER = "DOCKER"
    MESOS = "MESOS"


class ContainerInfo(Message, kw_only=True):
    """mesos.v1.ContainerInfo"""

    type: ContainerInfoType
    volumes: list[Volume] = []
    docker: ContainerInfoDockerInfo | UnsetType = UNSET
    hostname: str | UnsetType = UNSET
    mesos: ContainerInfoMesosInfo | UnsetType = UNSET
    network_infos: list[NetworkInfo] = []
    linux_info: LinuxInfo | UnsetType = UNSET
    rlimit_info: RLimitInfo | UnsetType = UNSET
    tty_info: TTYInfo | UnsetType = UNSET


class ContainerInfoDockerInfoNetwork(StrEnum):
    """mesos.v1.ContainerInfo.DockerInfo.Network"""

    HOST = "HOST"
    BRIDGE = "BRIDGE"
    NONE = "NONE"
    USER = "USER"


class ContainerInfoDockerInfo(Message, kw_only=True):
    """mesos.v1.ContainerInfo.DockerInfo"""

    image: str
    network: ContainerInfoDockerInfoNetwork = field(default_factory=lambda: ContainerInfoDockerInfoNetwork.HOST)
    port_mappings: list[ContainerInfoDockerInfoPortMapping] = []
    privileged: bool = field(default_factory=lambda: False)
    parameters: list[Parameter] = []
    force_pull_image: bool | UnsetType = UNSET
    volume_driver: str | UnsetType = UNSET  # deprecated


class ContainerInfoDockerInfoPortMapping(Message, kw_only=True):
    """mesos.v1.ContainerInfo.DockerInfo.PortMapping"""

    host_port: UInt32
    container_port: UInt32
    protocol: str | UnsetType = UNSET


class ContainerInfoMesosInfo(Message, kw_only=True):
    """mesos.v1.ContainerInfo.MesosInfo"""

    image: Image | UnsetType = UNSET


class ContainerStatus(Message, kw_only=True):
    """mesos.v1.ContainerStatus"""

    network_infos: list[NetworkInfo] = []
    cgroup_info: CgroupInfo | UnsetType = UNSET
    executor_pid: UInt32 | UnsetType = UNSET
    container_id: ContainerID | UnsetType = UNSET


class Credential(Message, kw_only=True):
    """mesos.v1.Credential"""

    principal: str
    secret: str | UnsetType = UNSET


class Credentials(Message, kw_only=True):
    """mesos.v1.Credentials"""

    credentials: list[Credential] = []


class Device(Message, kw_only=True):
    """mesos.v1.Device"""

    path: str | UnsetType = UNSET
    number: DeviceNumber | UnsetType = UNSET


class DeviceNumber(Message, kw_only=True):
    """mesos.v1.Device.Number"""

    major_number: UInt64
    minor_number: UInt64

    def __post_init__(self) -> None:
        if self.major_number > UINT64_MAX:
            raise beyond_uint64("major_number")
        if self.minor_number > UINT64_MAX:
            raise beyond_uint64("minor_number")


class DeviceAccess(Message, kw_only=True):
    """mesos.v1.DeviceAccess"""

    device: Device
    access: DeviceAccessAccess


class DeviceAccessAccess(Message, kw_only=True):
    """mesos.v1.DeviceAccess.Access"""

    read: bool | UnsetType = UNSET
    write: bool | UnsetType = UNSET
    mknod: bool | UnsetType = UNSET


class DeviceWhitelist(Message, kw_only=True):
    """mesos.v1.DeviceWhitelist"""

    allowed_devices: list[DeviceAccess] = []


class DiscoveryInfoVisibility(StrEnum):
    """mesos.v1.DiscoveryInfo.Visibility"""

    FRAMEWORK = "FRAMEWORK"
    CLUSTER = "CLUSTER"
    EXTERNAL = "EXTERNAL"


class DiscoveryInfo(Message, kw_only=True):
    """mesos.v1.DiscoveryInfo"""

    visibility: DiscoveryInfoVisibility
    name: str | UnsetType = UNSET
    environment: str | UnsetType = UNSET
    location: str | UnsetType = UNSET
    version: str | UnsetType = UNSET
    ports: Ports | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET


class DiskStatistics(Message, kw_only=True):
    """mesos.v1.DiskStatistics"""

    source: ResourceDiskInfoSource | UnsetType = UNSET
    persistence: ResourceDiskInfoPersistence | UnsetType = UNSET
    limit_bytes: UInt64 | UnsetType = UNSET
    used_bytes: UInt64 | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.limit_bytes is not UNSET and self.limit_bytes > UINT64_MAX:
            raise beyond_uint64("limit_bytes")
        if self.used_bytes is not UNSET and self.used_bytes > UINT64_MAX:
            raise beyond_uint64("used_bytes")


class DomainInfo(Message, kw_only=True):
    """mesos.v1.DomainInfo"""

    fault_domain: DomainInfoFaultDomain | UnsetType = UNSET


class DomainInfoFaultDomain(Message, kw_only=True):
    """mesos.v1.DomainInfo.FaultDomain"""

    region: DomainInfoFaultDomainRegionInfo
    zone: DomainInfoFaultDomainZoneInfo


class DomainInfoFaultDomainRegionInfo(Message, kw_only=True):
    """mesos.v1.DomainInfo.FaultDomain.RegionInfo"""

    name: str


class DomainInfoFaultDomainZoneInfo(Message, kw_only=True):
    """mesos.v1.DomainInfo.FaultDomain.ZoneInfo"""

    name: str


class DrainConfig(Message, kw_only=True):
    """mesos.v1.DrainConfig"""

    max_grace_period: DurationInfo | UnsetType = UNSET
    mark_gone: bool = field(default_factory=lambda: False)


class DrainInfo(Message, kw_only=True):
    """mesos.v1.DrainInfo"""

    state: DrainState
    config: DrainConfig
    waiting: list[str] = []


class DurationInfo(Message, kw_only=True):
    """mesos.v1.DurationInfo"""

    nanoseconds: Int64


class Environment(Message, kw_only=True):
    """mesos.v1.Environment"""

    variables: list[EnvironmentVariable] = []


class EnvironmentVariableType(StrEnum):
    """mesos.v1.Environment.Variable.Type"""

    UNKNOWN = "UNKNOWN"
    VALUE = "VALUE"
    SECRET = "SECRET"


class EnvironmentVariable(Message, kw_only=True):
    """mesos.v1.Environment.Variable"""

    name: str
    value: str | UnsetType = UNSET
    type: EnvironmentVariableType = field(default_factory=lambda: EnvironmentVariableType.VALUE)
    secret: Secret | UnsetType = UNSET


class ExecutorID(Message, kw_only=True):
    """mesos.v1.ExecutorID"""

    value: str


class ExecutorInfoType(StrEnum):
    """mesos.v1.ExecutorInfo.Type"""

    UNKNOWN = "UNKNOWN"
    DEFAULT = "DEFAULT"
    CUSTOM = "CUSTOM"


class ExecutorInfo(Message, kw_only=True):
    """mesos.v1.ExecutorInfo"""

    executor_id: ExecutorID
    data: bytes | UnsetType = UNSET
    resources: list[Resource] = []
    command: CommandInfo | UnsetType = UNSET
    framework_id: FrameworkID | UnsetType = UNSET
    name: str | UnsetType = UNSET
    source: str | UnsetType = UNSET  # deprecated
    container: ContainerInfo | UnsetType = UNSET
    discovery: DiscoveryInfo | UnsetType = UNSET
    shutdown_grace_period: DurationInfo | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET
    type: ExecutorInfoType | UnsetType = UNSET


class FileInfo(Message, kw_only=True):
    """mesos.v1.FileInfo"""

    path: str
    nlink: Int32 | UnsetType = UNSET
    size: UInt64 | UnsetType = UNSET
    mtime: TimeInfo | UnsetType = UNSET
    mode: UInt32 | UnsetType = UNSET
    uid: str | UnsetType = UNSET
    gid: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.size is not UNSET and self.size > UINT64_MAX:
            raise beyond_uint64("size")


class Filters(Message, kw_only=True):
    """mesos.v1.Filters"""

    refuse_seconds: Double = field(default_factory=lambda: 5.0)


class Flag(Message, kw_only=True):
    """mesos.v1.Flag"""

    name: str
    value: str | UnsetType = UNSET


class FrameworkID(Message, kw_only=True):
    """mesos.v1.FrameworkID"""

    value: str


class FrameworkInfo(Message, kw_only=True):
    """mesos.v1.FrameworkInfo"""

    user: str
    name: str
    id: FrameworkID | UnsetType = UNSET
    failover_timeout: Double = field(default_factory=lambda: 0.0)
    checkpoint: bool = field(default_factory=lambda: False)
    role: str | UnsetType = UNSET  # deprecated
    hostname: str | UnsetType = UNSET
    principal: str | UnsetType = UNSET
    webui_url: str | UnsetType = UNSET
    capabilities: list[FrameworkInfoCapability] = []
    labels: Labels | UnsetType = UNSET
    roles: list[str] = []
    offer_filters: dict[str, OfferFilters] = {}


class FrameworkInfoCapabilityType(StrEnum):
    """mesos.v1.FrameworkInfo.Capability.Type"""

    UNKNOWN = "UNKNOWN"
    REVOCABLE_RESOURCES = "REVOCABLE_RESOURCES"
    TASK_KILLING_STATE = "TASK_KILLING_STATE"
    GPU_RESOURCES = "GPU_RESOURCES"
    SHARED_RESOURCES = "SHARED_RESOURCES"
    PARTITION_AWARE = "PARTITION_AWARE"
    MULTI_ROLE = "MULTI_ROLE"
    RESERVATION_REFINEMENT = "RESERVATION_REFINEMENT"
    REGION_AWARE = "REGION_AWARE"


class FrameworkInfoCapability(Message, kw_only=True):
    """mesos.v1.FrameworkInfo.Capability"""

    type: FrameworkInfoCapabilityType | UnsetType = UNSET


class HealthCheckType(StrEnum):
    """mesos.v1.HealthCheck.Type"""

    UNKNOWN = "UNKNOWN"
    COMMAND = "COMMAND"
    HTTP = "HTTP"
    TCP = "TCP"


class HealthCheck(Message, kw_only=True):
    """mesos.v1.HealthCheck"""

    http: HealthCheckHTTPCheckInfo | UnsetType = UNSET
    delay_seconds: Double = field(default_factory=lambda: 15.0)
    interval_seconds: Double = field(default_factory=lambda: 10.0)
    timeout_seconds: Double = field(default_factory=lambda: 20.0)
    consecutive_failures: UInt32 = field(default_factory=lambda: 3)
    grace_period_seconds: Double = field(default_factory=lambda: 10.0)
    command: CommandInfo | UnsetType = UNSET
    type: HealthCheckType | UnsetType = UNSET
    tcp: HealthCheckTCPCheckInfo | UnsetType = UNSET


class HealthCheckHTTPCheckInfo(Message, kw_only=True):
    """mesos.v1.HealthCheck.HTTPCheckInfo"""

    port: UInt32
    path: str | UnsetType = UNSET
    scheme: str | UnsetType = UNSET
    statuses: list[UInt32] = []
    protocol: NetworkInfoProtocol = field(default_factory=lambda: NetworkInfoProtocol.IPv4)


class HealthCheckTCPCheckInfo(Message, kw_only=True):
    """mesos.v1.HealthCheck.TCPCheckInfo"""

    port: UInt32
    protocol: NetworkInfoProtocol = field(default_factory=lambda: NetworkInfoProtocol.IPv4)


class IcmpStatistics(Message, kw_only=True):
    """mesos.v1.IcmpStatistics"""

    InMsgs: Int64 | UnsetType = UNSET
    InErrors: Int64 | UnsetType = UNSET
    InCsumErrors: Int64 | UnsetType = UNSET
    InDestUnreachs: Int64 | UnsetType = UNSET
    InTimeExcds: Int64 | UnsetType = UNSET
    InParmProbs: Int64 | UnsetType = UNSET
    InSrcQuenchs: Int64 | UnsetType = UNSET
    InRedirects: Int64 | UnsetType = UNSET
    InEchos: Int64 | UnsetType = UNSET
    InEchoReps: Int64 | UnsetType = UNSET
    InTimestamps: Int64 | UnsetType = UNSET
    InTimestampReps: Int64 | UnsetType = UNSET
    InAddrMasks: Int64 | UnsetType = UNSET
    InAddrMaskReps: Int64 | UnsetType = UNSET
    OutMsgs: Int64 | UnsetType = UNSET
    OutErrors: Int64 | UnsetType = UNSET
    OutDestUnreachs: Int64 | UnsetType = UNSET
    OutTimeExcds: Int64 | UnsetType = UNSET
    OutParmProbs: Int64 | UnsetType = UNSET
    OutSrcQuenchs: Int64 | UnsetType = UNSET
    OutRedirects: Int64 | UnsetType = UNSET
    OutEchos: Int64 | UnsetType = UNSET
    OutEchoReps: Int64 | UnsetType = UNSET
    OutTimestamps: Int64 | UnsetType = UNSET
    OutTimestampReps: Int64 | UnsetType = UNSET
    OutAddrMasks: Int64 | UnsetType = UNSET
    OutAddrMaskReps: Int64 | UnsetType = UNSET


class ImageType(StrEnum):
    """mesos.v1.Image.Type"""

    APPC = "APPC"
    DOCKER = "DOCKER"


class Image(Message, kw_only=True):
    """mesos.v1.Image"""

    type: ImageType
    appc: ImageAppc | UnsetType = UNSET
    docker: ImageDocker | UnsetType = UNSET
    cached: bool = field(default_factory=lambda: True)


class ImageAppc(Message, kw_only=True):
    """mesos.v1.Image.Appc"""

    name: str
    id: str | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET


class ImageDocker(Message, kw_only=True):
    """mesos.v1.Image.Docker"""

    name: str
    credential: Credential | UnsetType = UNSET  # deprecated
    config: Secret | UnsetType = UNSET


class InverseOffer(Message, kw_only=True):
    """mesos.v1.InverseOffer"""

    id: OfferID
    url: URL | UnsetType = UNSET
    framework_id: FrameworkID
    agent_id: AgentID | UnsetType = UNSET
    unavailability: Unavailability
    resources: list[Resource] = []


class IpStatistics(Message, kw_only=True):
    """mesos.v1.IpStatistics"""

    Forwarding: Int64 | UnsetType = UNSET
    DefaultTTL: Int64 | UnsetType = UNSET
    InReceives: Int64 | UnsetType = UNSET
    InHdrErrors: Int64 | UnsetType = UNSET
    InAddrErrors: Int64 | UnsetType = UNSET
    ForwDatagrams: Int64 | UnsetType = UNSET
    InUnknownProtos: Int64 | UnsetType = UNSET
    InDiscards: Int64 | UnsetType = UNSET
    InDelivers: Int64 | UnsetType = UNSET
    OutRequests: Int64 | UnsetType = UNSET
    OutDiscards: Int64 | UnsetType = UNSET
    OutNoRoutes: Int64 | UnsetType = UNSET
    ReasmTimeout: Int64 | UnsetType = UNSET
    ReasmReqds: Int64 | UnsetType = UNSET
    ReasmOKs: Int64 | UnsetType = UNSET
    ReasmFails: Int64 | UnsetType = UNSET
    FragOKs: Int64 | UnsetType = UNSET
    FragFails: Int64 | UnsetType = UNSET
    FragCreates: Int64 | UnsetType = UNSET


class KillPolicy(Message, kw_only=True):
    """mesos.v1.KillPolicy"""

    grace_period: DurationInfo | UnsetType = UNSET


class Label(Message, kw_only=True):
    """mesos.v1.Label"""

    key: str
    value: str | UnsetType = UNSET


class Labels(Message, kw_only=True):
    """mesos.v1.Labels"""

    labels: list[Label] = []


class LinuxInfoIpcMode(StrEnum):
    """mesos.v1.LinuxInfo.IpcMode"""

    UNKNOWN = "UNKNOWN"
    PRIVATE = "PRIVATE"
    SHARE_PARENT = "SHARE_PARENT"


class LinuxInfo(Message, kw_only=True):
    """mesos.v1.LinuxInfo"""

    capability_info: CapabilityInfo | UnsetType = UNSET  # deprecated
    bounding_capabilities: CapabilityInfo | UnsetType = UNSET
    effective_capabilities: CapabilityInfo | UnsetType = UNSET
    share_pid_namespace: bool | UnsetType = UNSET
    seccomp: SeccompInfo | UnsetType = UNSET
    ipc_mode: LinuxInfoIpcMode | UnsetType = UNSET
    shm_size: UInt32 | UnsetType = UNSET
    share_cgroups: bool = field(default_factory=lambda: True)


class MachineID(Message, kw_only=True):
    """mesos.v1.MachineID"""

    hostname: str | UnsetType = UNSET
    ip: str | UnsetType = UNSET


class MachineInfoMode(StrEnum):
    """mesos.v1.MachineInfo.Mode"""

    UP = "UP"
    DRAINING = "DRAINING"
    DOWN = "DOWN"


class MachineInfo(Message, kw_only=True):
    """mesos.v1.MachineInfo"""

    id: MachineID
    mode: MachineInfoMode | UnsetType = UNSET
    unavailability: Unavailability | UnsetType = UNSET


class MasterInfo(Message, kw_only=True):
    """mesos.v1.MasterInfo"""

    id: str
    ip: UInt32
    port: UInt32
    pid: str | UnsetType = UNSET
    hostname: str | UnsetType = UNSET
    version: str | UnsetType = UNSET
    address: Address | UnsetType = UNSET
    domain: DomainInfo | UnsetType = UNSET
    capabilities: list[MasterInfoCapability] = []


class MasterInfoCapabilityType(StrEnum):
    """mesos.v1.MasterInfo.Capability.Type"""

    UNKNOWN = "UNKNOWN"
    AGENT_UPDATE = "AGENT_UPDATE"
    AGENT_DRAINING = "AGENT_DRAINING"
    QUOTA_V2 = "QUOTA_V2"


class MasterInfoCapability(Message, kw_only=True):
    """mesos.v1.MasterInfo.Capability"""

    type: MasterInfoCapabilityType | UnsetType = UNSET


class Metric(Message, kw_only=True):
    """mesos.v1.Metric"""

    name: str
    value: Double | UnsetType = UNSET


class MountPropagationMode(StrEnum):
    """mesos.v1.MountPropagation.Mode"""

    UNKNOWN = "UNKNOWN"
    HOST_TO_CONTAINER = "HOST_TO_CONTAINER"
    BIDIRECTIONAL = "BIDIRECTIONAL"


class MountPropagation(Message, kw_only=True):
    """mesos.v1.MountPropagation"""

    mode: MountPropagationMode | UnsetType = UNSET


class NetworkInfoProtocol(StrEnum):
    """mesos.v1.NetworkInfo.Protocol"""

    IPv4 = "IPv4"
    IPv6 = "IPv6"


class NetworkInfo(Message, kw_only=True):
    """mesos.v1.NetworkInfo"""

    groups: list[str] = []
    labels: Labels | UnsetType = UNSET
    ip_addresses: list[NetworkInfoIPAddress] = []
    name: str | UnsetType = UNSET
    port_mappings: list[NetworkInfoPortMapping] = []


class NetworkInfoIPAddress(Message, kw_only=True):
    """mesos.v1.NetworkInfo.IPAddress"""

    protocol: NetworkInfoProtocol = field(default_factory=lambda: NetworkInfoProtocol.IPv4)
    ip_address: str | UnsetType = UNSET


class NetworkInfoPortMapping(Message, kw_only=True):
    """mesos.v1.NetworkInfo.PortMapping"""

    host_port: UInt32
    container_port: UInt32
    protocol: str | UnsetType = UNSET


class Offer(Message, kw_only=True):
    """mesos.v1.Offer"""

    id: OfferID
    framework_id: FrameworkID
    agent_id: AgentID
    hostname: str
    resources: list[Resource] = []
    executor_ids: list[ExecutorID] = []
    attributes: list[Attribute] = []
    url: URL | UnsetType = UNSET
    unavailability: Unavailability | UnsetType = UNSET
    allocation_info: ResourceAllocationInfo | UnsetType = UNSET
    domain: DomainInfo | UnsetType = UNSET


class OfferOperationType(StrEnum):
    """mesos.v1.Offer.Operation.Type"""

    UNKNOWN = "UNKNOWN"
    LAUNCH = "LAUNCH"
    RESERVE = "RESERVE"
    UNRESERVE = "UNRESERVE"
    CREATE = "CREATE"
    DESTROY = "DESTROY"
    LAUNCH_GROUP = "LAUNCH_GROUP"
    GROW_VOLUME = "GROW_VOLUME"
    SHRINK_VOLUME = "SHRINK_VOLUME"
    CREATE_DISK = "CREATE_DISK"
    DESTROY_DISK = "DESTROY_DISK"


class OfferOperation(Message, kw_only=True):
    """mesos.v1.Offer.Operation"""

    type: OfferOperationType | UnsetType = UNSET
    launch: OfferOperationLaunch | UnsetType = UNSET
    reserve: OfferOperationReserve | UnsetType = UNSET
    unreserve: OfferOperationUnreserve | UnsetType = UNSET
    create: OfferOperationCreate | UnsetType = UNSET
    destroy: OfferOperationDestroy | UnsetType = UNSET
    launch_group: OfferOperationLaunchGroup | UnsetType = UNSET
    id: OperationID | UnsetType = UNSET
    grow_volume: OfferOperationGrowVolume | UnsetType = UNSET
    shrink_volume: OfferOperationShrinkVolume | UnsetType = UNSET
    create_disk: OfferOperationCreateDisk | UnsetType = UNSET
    destroy_disk: OfferOperationDestroyDisk | UnsetType = UNSET


class OfferOperationCreate(Message, kw_only=True):
    """mesos.v1.Offer.Operation.Create"""

    volumes: list[Resource] = []


class OfferOperationCreateDisk(Message, kw_only=True):
    """mesos.v1.Offer.Operation.CreateDisk"""

    source: Resource
    target_type: ResourceDiskInfoSourceType
    target_profile: str | UnsetType = UNSET
    target_reservations: list[ResourceReservationInfo] = []
    target_persistence: ResourceDiskInfoPersistence | UnsetType = UNSET


class OfferOperationDestroy(Message, kw_only=True):
    """mesos.v1.Offer.Operation.Destroy"""

    volumes: list[Resource] = []


class OfferOperationDestroyDisk(Message, kw_only=True):
    """mesos.v1.Offer.Operation.DestroyDisk"""

    source: Resource
    whole: bool | UnsetType = UNSET


class OfferOperationGrowVolume(Message, kw_only=True):
    """mesos.v1.Offer.Operation.GrowVolume"""

    volume: Resource
    addition: Resource


class OfferOperationLaunch(Message, kw_only=True):
    """mesos.v1.Offer.Operation.Launch"""

    task_infos: list[TaskInfo] = []


class OfferOperationLaunchGroup(Message, kw_only=True):
    """mesos.v1.Offer.Operation.LaunchGroup"""

    executor: ExecutorInfo
    task_group: TaskGroupInfo


class OfferOperationReserve(Message, kw_only=True):
    """mesos.v1.Offer.Operation.Reserve"""

    resources: list[Resource] = []
    source: list[Resource] = []


class OfferOperationShrinkVolume(Message, kw_only=True):
    """mesos.v1.Offer.Operation.ShrinkVolume"""

    volume: Resource
    subtract: ValueScalar


class OfferOperationUnreserve(Message, kw_only=True):
    """mesos.v1.Offer.Operation.Unreserve"""

    resources: list[Resource] = []


class OfferFilters(Message, kw_only=True):
    """mesos.v1.OfferFilters"""

    min_allocatable_resources: OfferFiltersMinAllocatableResources | UnsetType = UNSET


class OfferFiltersMinAllocatableResources(Message, kw_only=True):
    """mesos.v1.OfferFilters.MinAllocatableResources"""

    quantities: list[OfferFiltersResourceQuantities] = []


class OfferFiltersResourceQuantities(Message, kw_only=True):
    """mesos.v1.OfferFilters.ResourceQuantities"""

    quantities: dict[str, ValueScalar] = {}


class OfferID(Message, kw_only=True):
    """mesos.v1.OfferID"""

    value: str


class Operation(Message, kw_only=True):
    """mesos.v1.Operation"""

    framework_id: FrameworkID | UnsetType = UNSET
    agent_id: AgentID | UnsetType = UNSET
    info: OfferOperation
    latest_status: OperationStatus
    statuses: list[OperationStatus] = []
    uuid: UUID
    created: Double | UnsetType = UNSET
    resource_provider_id: ResourceProviderID | UnsetType = UNSET
    provisioning_name: str | UnsetType = UNSET
    trouble: OperationTrouble | UnsetType = UNSET
    abandoned: Double | UnsetType = UNSET
    acknowledged: bool | UnsetType = UNSET
    troubles: list[OperationTrouble] = []


class HostFinding(Message, kw_only=True):
    """mesos.v1.HostFinding"""

    kind: str
    what: str
    advice: str


class OperationTrouble(Message, kw_only=True):
    """mesos.v1.OperationTrouble"""

    message: str
    times: UInt32 | UnsetType = UNSET
    since: Double | UnsetType = UNSET
    latest: Double | UnsetType = UNSET


class OperationID(Message, kw_only=True):
    """mesos.v1.OperationID"""

    value: str


class OperationStatus(Message, kw_only=True):
    """mesos.v1.OperationStatus"""

    operation_id: OperationID | UnsetType = UNSET
    state: OperationState
    message: str | UnsetType = UNSET
    converted_resources: list[Resource] = []
    uuid: UUID | UnsetType = UNSET
    agent_id: AgentID | UnsetType = UNSET
    resource_provider_id: ResourceProviderID | UnsetType = UNSET
    timestamp: Double | UnsetType = UNSET


class Parameter(Message, kw_only=True):
    """mesos.v1.Parameter"""

    key: str
    value: str


class Parameters(Message, kw_only=True):
    """mesos.v1.Parameters"""

    parameter: list[Parameter] = []


class PerfStatistics(Message, kw_only=True):
    """mesos.v1.PerfStatistics"""

    timestamp: Double
    duration: Double
    cycles: UInt64 | UnsetType = UNSET
    stalled_cycles_frontend: UInt64 | UnsetType = UNSET
    stalled_cycles_backend: UInt64 | UnsetType = UNSET
    instructions: UInt64 | UnsetType = UNSET
    cache_references: UInt64 | UnsetType = UNSET
    cache_misses: UInt64 | UnsetType = UNSET
    branches: UInt64 | UnsetType = UNSET
    branch_misses: UInt64 | UnsetType = UNSET
    bus_cycles: UInt64 | UnsetType = UNSET
    ref_cycles: UInt64 | UnsetType = UNSET
    cpu_clock: Double | UnsetType = UNSET
    task_clock: Double | UnsetType = UNSET
    page_faults: UInt64 | UnsetType = UNSET
    minor_faults: UInt64 | UnsetType = UNSET
    major_faults: UInt64 | UnsetType = UNSET
    context_switches: UInt64 | UnsetType = UNSET
    cpu_migrations: UInt64 | UnsetType = UNSET
    alignment_faults: UInt64 | UnsetType = UNSET
    emulation_faults: UInt64 | UnsetType = UNSET
    l1_dcache_loads: UInt64 | UnsetType = UNSET
    l1_dcache_load_misses: UInt64 | UnsetType = UNSET
    l1_dcache_stores: UInt64 | UnsetType = UNSET
    l1_dcache_store_misses: UInt64 | UnsetType = UNSET
    l1_dcache_prefetches: UInt64 | UnsetType = UNSET
    l1_dcache_prefetch_misses: UInt64 | UnsetType = UNSET
    l1_icache_loads: UInt64 | UnsetType = UNSET
    l1_icache_load_misses: UInt64 | UnsetType = UNSET
    l1_icache_prefetches: UInt64 | UnsetType = UNSET
    l1_icache_prefetch_misses: UInt64 | UnsetType = UNSET
    llc_loads: UInt64 | UnsetType = UNSET
    llc_load_misses: UInt64 | UnsetType = UNSET
    llc_stores: UInt64 | UnsetType = UNSET
    llc_store_misses: UInt64 | UnsetType = UNSET
    llc_prefetches: UInt64 | UnsetType = UNSET
    llc_prefetch_misses: UInt64 | UnsetType = UNSET
    dtlb_loads: UInt64 | UnsetType = UNSET
    dtlb_load_misses: UInt64 | UnsetType = UNSET
    dtlb_stores: UInt64 | UnsetType = UNSET
    dtlb_store_misses: UInt64 | UnsetType = UNSET
    dtlb_prefetches: UInt64 | UnsetType = UNSET
    dtlb_prefetch_misses: UInt64 | UnsetType = UNSET
    itlb_loads: UInt64 | UnsetType = UNSET
    itlb_load_misses: UInt64 | UnsetType = UNSET
    branch_loads: UInt64 | UnsetType = UNSET
    branch_load_misses: UInt64 | UnsetType = UNSET
    node_loads: UInt64 | UnsetType = UNSET
    node_load_misses: UInt64 | UnsetType = UNSET
    node_stores: UInt64 | UnsetType = UNSET
    node_store_misses: UInt64 | UnsetType = UNSET
    node_prefetches: UInt64 | UnsetType = UNSET
    node_prefetch_misses: UInt64 | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.cycles is not UNSET and self.cycles > UINT64_MAX:
            raise beyond_uint64("cycles")
        if self.stalled_cycles_frontend is not UNSET and self.stalled_cycles_frontend > UINT64_MAX:
            raise beyond_uint64("stalled_cycles_frontend")
        if self.stalled_cycles_backend is not UNSET and self.stalled_cycles_backend > UINT64_MAX:
            raise beyond_uint64("stalled_cycles_backend")
        if self.instructions is not UNSET and self.instructions > UINT64_MAX:
            raise beyond_uint64("instructions")
        if self.cache_references is not UNSET and self.cache_references > UINT64_MAX:
            raise beyond_uint64("cache_references")
        if self.cache_misses is not UNSET and self.cache_misses > UINT64_MAX:
            raise beyond_uint64("cache_misses")
        if self.branches is not UNSET and self.branches > UINT64_MAX:
            raise beyond_uint64("branches")
        if self.branch_misses is not UNSET and self.branch_misses > UINT64_MAX:
            raise beyond_uint64("branch_misses")
        if self.bus_cycles is not UNSET and self.bus_cycles > UINT64_MAX:
            raise beyond_uint64("bus_cycles")
        if self.ref_cycles is not UNSET and self.ref_cycles > UINT64_MAX:
            raise beyond_uint64("ref_cycles")
        if self.page_faults is not UNSET and self.page_faults > UINT64_MAX:
            raise beyond_uint64("page_faults")
        if self.minor_faults is not UNSET and self.minor_faults > UINT64_MAX:
            raise beyond_uint64("minor_faults")
        if self.major_faults is not UNSET and self.major_faults > UINT64_MAX:
            raise beyond_uint64("major_faults")
        if self.context_switches is not UNSET and self.context_switches > UINT64_MAX:
            raise beyond_uint64("context_switches")
        if self.cpu_migrations is not UNSET and self.cpu_migrations > UINT64_MAX:
            raise beyond_uint64("cpu_migrations")
        if self.alignment_faults is not UNSET and self.alignment_faults > UINT64_MAX:
            raise beyond_uint64("alignment_faults")
        if self.emulation_faults is not UNSET and self.emulation_faults > UINT64_MAX:
            raise beyond_uint64("emulation_faults")
        if self.l1_dcache_loads is not UNSET and self.l1_dcache_loads > UINT64_MAX:
            raise beyond_uint64("l1_dcache_loads")
        if self.l1_dcache_load_misses is not UNSET and self.l1_dcache_load_misses > UINT64_MAX:
            raise beyond_uint64("l1_dcache_load_misses")
        if self.l1_dcache_stores is not UNSET and self.l1_dcache_stores > UINT64_MAX:
            raise beyond_uint64("l1_dcache_stores")
        if self.l1_dcache_store_misses is not UNSET and self.l1_dcache_store_misses > UINT64_MAX:
            raise beyond_uint64("l1_dcache_store_misses")
        if self.l1_dcache_prefetches is not UNSET and self.l1_dcache_prefetches > UINT64_MAX:
            raise beyond_uint64("l1_dcache_prefetches")
        if self.l1_dcache_prefetch_misses is not UNSET and self.l1_dcache_prefetch_misses > UINT64_MAX:
            raise beyond_uint64("l1_dcache_prefetch_misses")
        if self.l1_icache_loads is not UNSET and self.l1_icache_loads > UINT64_MAX:
            raise beyond_uint64("l1_icache_loads")
        if self.l1_icache_load_misses is not UNSET and self.l1_icache_load_misses > UINT64_MAX:
            raise beyond_uint64("l1_icache_load_misses")
        if self.l1_icache_prefetches is not UNSET and self.l1_icache_prefetches > UINT64_MAX:
            raise beyond_uint64("l1_icache_prefetches")
        if self.l1_icache_prefetch_misses is not UNSET and self.l1_icache_prefetch_misses > UINT64_MAX:
            raise beyond_uint64("l1_icache_prefetch_misses")
        if self.llc_loads is not UNSET and self.llc_loads > UINT64_MAX:
            raise beyond_uint64("llc_loads")
        if self.llc_load_misses is not UNSET and self.llc_load_misses > UINT64_MAX:
            raise beyond_uint64("llc_load_misses")
        if self.llc_stores is not UNSET and self.llc_stores > UINT64_MAX:
            raise beyond_uint64("llc_stores")
        if self.llc_store_misses is not UNSET and self.llc_store_misses > UINT64_MAX:
            raise beyond_uint64("llc_store_misses")
        if self.llc_prefetches is not UNSET and self.llc_prefetches > UINT64_MAX:
            raise beyond_uint64("llc_prefetches")
        if self.llc_prefetch_misses is not UNSET and self.llc_prefetch_misses > UINT64_MAX:
            raise beyond_uint64("llc_prefetch_misses")
        if self.dtlb_loads is not UNSET and self.dtlb_loads > UINT64_MAX:
            raise beyond_uint64("dtlb_loads")
        if self.dtlb_load_misses is not UNSET and self.dtlb_load_misses > UINT64_MAX:
            raise beyond_uint64("dtlb_load_misses")
        if self.dtlb_stores is not UNSET and self.dtlb_stores > UINT64_MAX:
            raise beyond_uint64("dtlb_stores")
        if self.dtlb_store_misses is not UNSET and self.dtlb_store_misses > UINT64_MAX:
            raise beyond_uint64("dtlb_store_misses")
        if self.dtlb_prefetches is not UNSET and self.dtlb_prefetches > UINT64_MAX:
            raise beyond_uint64("dtlb_prefetches")
        if self.dtlb_prefetch_misses is not UNSET and self.dtlb_prefetch_misses > UINT64_MAX:
            raise beyond_uint64("dtlb_prefetch_misses")
        if self.itlb_loads is not UNSET and self.itlb_loads > UINT64_MAX:
            raise beyond_uint64("itlb_loads")
        if self.itlb_load_misses is not UNSET and self.itlb_load_misses > UINT64_MAX:
            raise beyond_uint64("itlb_load_misses")
        if self.branch_loads is not UNSET and self.branch_loads > UINT64_MAX:
            raise beyond_uint64("branch_loads")
        if self.branch_load_misses is not UNSET and self.branch_load_misses > UINT64_MAX:
            raise beyond_uint64("branch_load_misses")
        if self.node_loads is not UNSET and self.node_loads > UINT64_MAX:
            raise beyond_uint64("node_loads")
        if self.node_load_misses is not UNSET and self.node_load_misses > UINT64_MAX:
            raise beyond_uint64("node_load_misses")
        if self.node_stores is not UNSET and self.node_stores > UINT64_MAX:
            raise beyond_uint64("node_stores")
        if self.node_store_misses is not UNSET and self.node_store_misses > UINT64_MAX:
            raise beyond_uint64("node_store_misses")
        if self.node_prefetches is not UNSET and self.node_prefetches > UINT64_MAX:
            raise beyond_uint64("node_prefetches")
        if self.node_prefetch_misses is not UNSET and self.node_prefetch_misses > UINT64_MAX:
            raise beyond_uint64("node_prefetch_misses")


class Port(Message, kw_only=True):
    """mesos.v1.Port"""

    number: UInt32
    name: str | UnsetType = UNSET
    protocol: str | UnsetType = UNSET
    visibility: DiscoveryInfoVisibility | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET


class Ports(Message, kw_only=True):
    """mesos.v1.Ports"""

    ports: list[Port] = []


class RLimitInfo(Message, kw_only=True):
    """mesos.v1.RLimitInfo"""

    rlimits: list[RLimitInfoRLimit] = []


class RLimitInfoRLimitType(StrEnum):
    """mesos.v1.RLimitInfo.RLimit.Type"""

    UNKNOWN = "UNKNOWN"
    RLMT_AS = "RLMT_AS"
    RLMT_CORE = "RLMT_CORE"
    RLMT_CPU = "RLMT_CPU"
    RLMT_DATA = "RLMT_DATA"
    RLMT_FSIZE = "RLMT_FSIZE"
    RLMT_LOCKS = "RLMT_LOCKS"
    RLMT_MEMLOCK = "RLMT_MEMLOCK"
    RLMT_MSGQUEUE = "RLMT_MSGQUEUE"
    RLMT_NICE = "RLMT_NICE"
    RLMT_NOFILE = "RLMT_NOFILE"
    RLMT_NPROC = "RLMT_NPROC"
    RLMT_RSS = "RLMT_RSS"
    RLMT_RTPRIO = "RLMT_RTPRIO"
    RLMT_RTTIME = "RLMT_RTTIME"
    RLMT_SIGPENDING = "RLMT_SIGPENDING"
    RLMT_STACK = "RLMT_STACK"


class RLimitInfoRLimit(Message, kw_only=True):
    """mesos.v1.RLimitInfo.RLimit"""

    type: RLimitInfoRLimitType | UnsetType = UNSET
    hard: UInt64 | UnsetType = UNSET
    soft: UInt64 | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.hard is not UNSET and self.hard > UINT64_MAX:
            raise beyond_uint64("hard")
        if self.soft is not UNSET and self.soft > UINT64_MAX:
            raise beyond_uint64("soft")


class RateLimit(Message, kw_only=True):
    """mesos.v1.RateLimit"""

    qps: Double | UnsetType = UNSET
    principal: str
    capacity: UInt64 | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.capacity is not UNSET and self.capacity > UINT64_MAX:
            raise beyond_uint64("capacity")


class RateLimits(Message, kw_only=True):
    """mesos.v1.RateLimits"""

    limits: list[RateLimit] = []
    aggregate_default_qps: Double | UnsetType = UNSET
    aggregate_default_capacity: UInt64 | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.aggregate_default_capacity is not UNSET and self.aggregate_default_capacity > UINT64_MAX:
            raise beyond_uint64("aggregate_default_capacity")


class Request(Message, kw_only=True):
    """mesos.v1.Request"""

    agent_id: AgentID | UnsetType = UNSET
    resources: list[Resource] = []


class Resource(Message, kw_only=True):
    """mesos.v1.Resource"""

    name: str
    type: ValueType
    scalar: ValueScalar | UnsetType = UNSET
    ranges: ValueRanges | UnsetType = UNSET
    set: ValueSet | UnsetType = UNSET
    role: str | UnsetType = UNSET  # deprecated
    disk: ResourceDiskInfo | UnsetType = UNSET
    reservation: ResourceReservationInfo | UnsetType = UNSET
    revocable: ResourceRevocableInfo | UnsetType = UNSET
    shared: ResourceSharedInfo | UnsetType = UNSET
    allocation_info: ResourceAllocationInfo | UnsetType = UNSET
    provider_id: ResourceProviderID | UnsetType = UNSET
    reservations: list[ResourceReservationInfo] = []


class ResourceAllocationInfo(Message, kw_only=True):
    """mesos.v1.Resource.AllocationInfo"""

    role: str | UnsetType = UNSET


class ResourceDiskInfo(Message, kw_only=True):
    """mesos.v1.Resource.DiskInfo"""

    persistence: ResourceDiskInfoPersistence | UnsetType = UNSET
    volume: Volume | UnsetType = UNSET
    source: ResourceDiskInfoSource | UnsetType = UNSET


class ResourceDiskInfoPersistence(Message, kw_only=True):
    """mesos.v1.Resource.DiskInfo.Persistence"""

    id: str
    principal: str | UnsetType = UNSET


class ResourceDiskInfoSourceType(StrEnum):
    """mesos.v1.Resource.DiskInfo.Source.Type"""

    UNKNOWN = "UNKNOWN"
    PATH = "PATH"
    MOUNT = "MOUNT"
    BLOCK = "BLOCK"
    RAW = "RAW"


class ResourceDiskInfoSource(Message, kw_only=True):
    """mesos.v1.Resource.DiskInfo.Source"""

    type: ResourceDiskInfoSourceType
    path: ResourceDiskInfoSourcePath | UnsetType = UNSET
    mount: ResourceDiskInfoSourceMount | UnsetType = UNSET
    id: str | UnsetType = UNSET
    metadata: Labels | UnsetType = UNSET
    profile: str | UnsetType = UNSET
    vendor: str | UnsetType = UNSET
    capacity_group: str | UnsetType = UNSET
    cost: Double | UnsetType = UNSET


class ResourceDiskInfoSourceMount(Message, kw_only=True):
    """mesos.v1.Resource.DiskInfo.Source.Mount"""

    root: str | UnsetType = UNSET


class ResourceDiskInfoSourcePath(Message, kw_only=True):
    """mesos.v1.Resource.DiskInfo.Source.Path"""

    root: str | UnsetType = UNSET


class ResourceReservationInfoType(StrEnum):
    """mesos.v1.Resource.ReservationInfo.Type"""

    UNKNOWN = "UNKNOWN"
    STATIC = "STATIC"
    DYNAMIC = "DYNAMIC"


class ResourceReservationInfo(Message, kw_only=True):
    """mesos.v1.Resource.ReservationInfo"""

    principal: str | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET
    role: str | UnsetType = UNSET
    type: ResourceReservationInfoType | UnsetType = UNSET


class ResourceRevocableInfo(Message, kw_only=True):
    """mesos.v1.Resource.RevocableInfo"""


class ResourceSharedInfo(Message, kw_only=True):
    """mesos.v1.Resource.SharedInfo"""


class ResourceProviderID(Message, kw_only=True):
    """mesos.v1.ResourceProviderID"""

    value: str


class ResourceProviderInfo(Message, kw_only=True):
    """mesos.v1.ResourceProviderInfo"""

    id: ResourceProviderID | UnsetType = UNSET
    attributes: list[Attribute] = []
    type: str
    name: str
    default_reservations: list[ResourceReservationInfo] = []
    storage: ResourceProviderInfoStorage | UnsetType = UNSET


class ResourceProviderInfoStorage(Message, kw_only=True):
    """mesos.v1.ResourceProviderInfo.Storage"""

    plugin: CSIPluginInfo
    reconciliation_interval_seconds: Double | UnsetType = UNSET


class ResourceStatistics(Message, kw_only=True):
    """mesos.v1.ResourceStatistics"""

    timestamp: Double
    cpus_user_time_secs: Double | UnsetType = UNSET
    cpus_system_time_secs: Double | UnsetType = UNSET
    cpus_limit: Double | UnsetType = UNSET
    mem_rss_bytes: UInt64 | UnsetType = UNSET
    mem_limit_bytes: UInt64 | UnsetType = UNSET
    cpus_nr_periods: UInt32 | UnsetType = UNSET
    cpus_nr_throttled: UInt32 | UnsetType = UNSET
    cpus_throttled_time_secs: Double | UnsetType = UNSET
    mem_file_bytes: UInt64 | UnsetType = UNSET
    mem_anon_bytes: UInt64 | UnsetType = UNSET
    mem_mapped_file_bytes: UInt64 | UnsetType = UNSET
    perf: PerfStatistics | UnsetType = UNSET
    net_rx_packets: UInt64 | UnsetType = UNSET
    net_rx_bytes: UInt64 | UnsetType = UNSET
    net_rx_errors: UInt64 | UnsetType = UNSET
    net_rx_dropped: UInt64 | UnsetType = UNSET
    net_tx_packets: UInt64 | UnsetType = UNSET
    net_tx_bytes: UInt64 | UnsetType = UNSET
    net_tx_errors: UInt64 | UnsetType = UNSET
    net_tx_dropped: UInt64 | UnsetType = UNSET
    net_tcp_rtt_microsecs_p50: Double | UnsetType = UNSET
    net_tcp_rtt_microsecs_p90: Double | UnsetType = UNSET
    net_tcp_rtt_microsecs_p95: Double | UnsetType = UNSET
    net_tcp_rtt_microsecs_p99: Double | UnsetType = UNSET
    disk_limit_bytes: UInt64 | UnsetType = UNSET
    disk_used_bytes: UInt64 | UnsetType = UNSET
    net_tcp_active_connections: Double | UnsetType = UNSET
    net_tcp_time_wait_connections: Double | UnsetType = UNSET
    processes: UInt32 | UnsetType = UNSET
    threads: UInt32 | UnsetType = UNSET
    mem_low_pressure_counter: UInt64 | UnsetType = UNSET
    mem_medium_pressure_counter: UInt64 | UnsetType = UNSET
    mem_critical_pressure_counter: UInt64 | UnsetType = UNSET
    net_traffic_control_statistics: list[TrafficControlStatistics] = []
    mem_total_bytes: UInt64 | UnsetType = UNSET
    mem_total_memsw_bytes: UInt64 | UnsetType = UNSET
    mem_soft_limit_bytes: UInt64 | UnsetType = UNSET
    mem_cache_bytes: UInt64 | UnsetType = UNSET
    mem_swap_bytes: UInt64 | UnsetType = UNSET
    mem_unevictable_bytes: UInt64 | UnsetType = UNSET
    net_snmp_statistics: SNMPStatistics | UnsetType = UNSET
    disk_statistics: list[DiskStatistics] = []
    blkio_statistics: CgroupInfoBlkioStatistics | UnsetType = UNSET
    cpus_soft_limit: Double | UnsetType = UNSET
    net_tx_rate_limit: UInt64 | UnsetType = UNSET
    net_tx_burst_rate_limit: UInt64 | UnsetType = UNSET
    net_tx_burst_size: UInt64 | UnsetType = UNSET
    net_rx_rate_limit: UInt64 | UnsetType = UNSET
    net_rx_burst_rate_limit: UInt64 | UnsetType = UNSET
    net_rx_burst_size: UInt64 | UnsetType = UNSET
    mem_kmem_usage_bytes: UInt64 | UnsetType = UNSET
    mem_kmem_tcp_usage_bytes: UInt64 | UnsetType = UNSET
    net_rate_statistics: ResourceStatisticsRateStatistics | UnsetType = UNSET
    net_ephemeral_ports: ValueRange | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.mem_rss_bytes is not UNSET and self.mem_rss_bytes > UINT64_MAX:
            raise beyond_uint64("mem_rss_bytes")
        if self.mem_limit_bytes is not UNSET and self.mem_limit_bytes > UINT64_MAX:
            raise beyond_uint64("mem_limit_bytes")
        if self.mem_file_bytes is not UNSET and self.mem_file_bytes > UINT64_MAX:
            raise beyond_uint64("mem_file_bytes")
        if self.mem_anon_bytes is not UNSET and self.mem_anon_bytes > UINT64_MAX:
            raise beyond_uint64("mem_anon_bytes")
        if self.mem_mapped_file_bytes is not UNSET and self.mem_mapped_file_bytes > UINT64_MAX:
            raise beyond_uint64("mem_mapped_file_bytes")
        if self.net_rx_packets is not UNSET and self.net_rx_packets > UINT64_MAX:
            raise beyond_uint64("net_rx_packets")
        if self.net_rx_bytes is not UNSET and self.net_rx_bytes > UINT64_MAX:
            raise beyond_uint64("net_rx_bytes")
        if self.net_rx_errors is not UNSET and self.net_rx_errors > UINT64_MAX:
            raise beyond_uint64("net_rx_errors")
        if self.net_rx_dropped is not UNSET and self.net_rx_dropped > UINT64_MAX:
            raise beyond_uint64("net_rx_dropped")
        if self.net_tx_packets is not UNSET and self.net_tx_packets > UINT64_MAX:
            raise beyond_uint64("net_tx_packets")
        if self.net_tx_bytes is not UNSET and self.net_tx_bytes > UINT64_MAX:
            raise beyond_uint64("net_tx_bytes")
        if self.net_tx_errors is not UNSET and self.net_tx_errors > UINT64_MAX:
            raise beyond_uint64("net_tx_errors")
        if self.net_tx_dropped is not UNSET and self.net_tx_dropped > UINT64_MAX:
            raise beyond_uint64("net_tx_dropped")
        if self.disk_limit_bytes is not UNSET and self.disk_limit_bytes > UINT64_MAX:
            raise beyond_uint64("disk_limit_bytes")
        if self.disk_used_bytes is not UNSET and self.disk_used_bytes > UINT64_MAX:
            raise beyond_uint64("disk_used_bytes")
        if self.mem_low_pressure_counter is not UNSET and self.mem_low_pressure_counter > UINT64_MAX:
            raise beyond_uint64("mem_low_pressure_counter")
        if self.mem_medium_pressure_counter is not UNSET and self.mem_medium_pressure_counter > UINT64_MAX:
            raise beyond_uint64("mem_medium_pressure_counter")
        if self.mem_critical_pressure_counter is not UNSET and self.mem_critical_pressure_counter > UINT64_MAX:
            raise beyond_uint64("mem_critical_pressure_counter")
        if self.mem_total_bytes is not UNSET and self.mem_total_bytes > UINT64_MAX:
            raise beyond_uint64("mem_total_bytes")
        if self.mem_total_memsw_bytes is not UNSET and self.mem_total_memsw_bytes > UINT64_MAX:
            raise beyond_uint64("mem_total_memsw_bytes")
        if self.mem_soft_limit_bytes is not UNSET and self.mem_soft_limit_bytes > UINT64_MAX:
            raise beyond_uint64("mem_soft_limit_bytes")
        if self.mem_cache_bytes is not UNSET and self.mem_cache_bytes > UINT64_MAX:
            raise beyond_uint64("mem_cache_bytes")
        if self.mem_swap_bytes is not UNSET and self.mem_swap_bytes > UINT64_MAX:
            raise beyond_uint64("mem_swap_bytes")
        if self.mem_unevictable_bytes is not UNSET and self.mem_unevictable_bytes > UINT64_MAX:
            raise beyond_uint64("mem_unevictable_bytes")
        if self.net_tx_rate_limit is not UNSET and self.net_tx_rate_limit > UINT64_MAX:
            raise beyond_uint64("net_tx_rate_limit")
        if self.net_tx_burst_rate_limit is not UNSET and self.net_tx_burst_rate_limit > UINT64_MAX:
            raise beyond_uint64("net_tx_burst_rate_limit")
        if self.net_tx_burst_size is not UNSET and self.net_tx_burst_size > UINT64_MAX:
            raise beyond_uint64("net_tx_burst_size")
        if self.net_rx_rate_limit is not UNSET and self.net_rx_rate_limit > UINT64_MAX:
            raise beyond_uint64("net_rx_rate_limit")
        if self.net_rx_burst_rate_limit is not UNSET and self.net_rx_burst_rate_limit > UINT64_MAX:
            raise beyond_uint64("net_rx_burst_rate_limit")
        if self.net_rx_burst_size is not UNSET and self.net_rx_burst_size > UINT64_MAX:
            raise beyond_uint64("net_rx_burst_size")
        if self.mem_kmem_usage_bytes is not UNSET and self.mem_kmem_usage_bytes > UINT64_MAX:
            raise beyond_uint64("mem_kmem_usage_bytes")
        if self.mem_kmem_tcp_usage_bytes is not UNSET and self.mem_kmem_tcp_usage_bytes > UINT64_MAX:
            raise beyond_uint64("mem_kmem_tcp_usage_bytes")


class ResourceStatisticsRatePercentiles(Message, kw_only=True):
    """mesos.v1.ResourceStatistics.RatePercentiles"""

    min: UInt64 | UnsetType = UNSET
    max: UInt64 | UnsetType = UNSET
    p50: UInt64 | UnsetType = UNSET
    p90: UInt64 | UnsetType = UNSET
    p95: UInt64 | UnsetType = UNSET
    p99: UInt64 | UnsetType = UNSET
    p999: UInt64 | UnsetType = UNSET
    p9999: UInt64 | UnsetType = UNSET
    samples: UInt64 | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.min is not UNSET and self.min > UINT64_MAX:
            raise beyond_uint64("min")
        if self.max is not UNSET and self.max > UINT64_MAX:
            raise beyond_uint64("max")
        if self.p50 is not UNSET and self.p50 > UINT64_MAX:
            raise beyond_uint64("p50")
        if self.p90 is not UNSET and self.p90 > UINT64_MAX:
            raise beyond_uint64("p90")
        if self.p95 is not UNSET and self.p95 > UINT64_MAX:
            raise beyond_uint64("p95")
        if self.p99 is not UNSET and self.p99 > UINT64_MAX:
            raise beyond_uint64("p99")
        if self.p999 is not UNSET and self.p999 > UINT64_MAX:
            raise beyond_uint64("p999")
        if self.p9999 is not UNSET and self.p9999 > UINT64_MAX:
            raise beyond_uint64("p9999")
        if self.samples is not UNSET and self.samples > UINT64_MAX:
            raise beyond_uint64("samples")


class ResourceStatisticsRateStatistics(Message, kw_only=True):
    """mesos.v1.ResourceStatistics.RateStatistics"""

    rx_rate: ResourceStatisticsRatePercentiles | UnsetType = UNSET
    rx_packet_rate: ResourceStatisticsRatePercentiles | UnsetType = UNSET
    rx_drop_rate: ResourceStatisticsRatePercentiles | UnsetType = UNSET
    rx_error_rate: ResourceStatisticsRatePercentiles | UnsetType = UNSET
    tx_rate: ResourceStatisticsRatePercentiles | UnsetType = UNSET
    tx_packet_rate: ResourceStatisticsRatePercentiles | UnsetType = UNSET
    tx_drop_rate: ResourceStatisticsRatePercentiles | UnsetType = UNSET
    tx_error_rate: ResourceStatisticsRatePercentiles | UnsetType = UNSET
    sampling_window_secs: Double | UnsetType = UNSET
    sampling_interval_secs: Double | UnsetType = UNSET


class ResourceUsage(Message, kw_only=True):
    """mesos.v1.ResourceUsage"""

    executors: list[ResourceUsageExecutor] = []
    total: list[Resource] = []


class ResourceUsageExecutor(Message, kw_only=True):
    """mesos.v1.ResourceUsage.Executor"""

    executor_info: ExecutorInfo
    allocated: list[Resource] = []
    statistics: ResourceStatistics | UnsetType = UNSET
    container_id: ContainerID
    tasks: list[ResourceUsageExecutorTask] = []


class ResourceUsageExecutorTask(Message, kw_only=True):
    """mesos.v1.ResourceUsage.Executor.Task"""

    name: str
    id: TaskID
    resources: list[Resource] = []
    labels: Labels | UnsetType = UNSET


class Role(Message, kw_only=True):
    """mesos.v1.Role"""

    name: str
    weight: Double
    frameworks: list[FrameworkID] = []
    resources: list[Resource] = []
    guarantees: dict[str, ValueScalar] = {}
    limits: dict[str, ValueScalar] = {}
    consumed: dict[str, ValueScalar] = {}
    allocated: dict[str, ValueScalar] = {}
    offered: dict[str, ValueScalar] = {}
    reserved: dict[str, ValueScalar] = {}


class SNMPStatistics(Message, kw_only=True):
    """mesos.v1.SNMPStatistics"""

    ip_stats: IpStatistics | UnsetType = UNSET
    icmp_stats: IcmpStatistics | UnsetType = UNSET
    tcp_stats: TcpStatistics | UnsetType = UNSET
    udp_stats: UdpStatistics | UnsetType = UNSET


class SeccompInfo(Message, kw_only=True):
    """mesos.v1.SeccompInfo"""

    profile_name: str | UnsetType = UNSET
    unconfined: bool | UnsetType = UNSET


class SecretType(StrEnum):
    """mesos.v1.Secret.Type"""

    UNKNOWN = "UNKNOWN"
    REFERENCE = "REFERENCE"
    VALUE = "VALUE"


class Secret(Message, kw_only=True):
    """mesos.v1.Secret"""

    type: SecretType | UnsetType = UNSET
    reference: SecretReference | UnsetType = UNSET
    value: SecretValue | UnsetType = UNSET


class SecretReference(Message, kw_only=True):
    """mesos.v1.Secret.Reference"""

    name: str
    key: str | UnsetType = UNSET


class SecretValue(Message, kw_only=True):
    """mesos.v1.Secret.Value"""

    data: bytes


class TTYInfo(Message, kw_only=True):
    """mesos.v1.TTYInfo"""

    window_size: TTYInfoWindowSize | UnsetType = UNSET


class TTYInfoWindowSize(Message, kw_only=True):
    """mesos.v1.TTYInfo.WindowSize"""

    rows: UInt32
    columns: UInt32


class Task(Message, kw_only=True):
    """mesos.v1.Task"""

    name: str
    task_id: TaskID
    framework_id: FrameworkID
    executor_id: ExecutorID | UnsetType = UNSET
    agent_id: AgentID
    state: TaskState
    resources: list[Resource] = []
    statuses: list[TaskStatus] = []
    status_update_state: TaskState | UnsetType = UNSET
    status_update_uuid: bytes | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET
    discovery: DiscoveryInfo | UnsetType = UNSET
    container: ContainerInfo | UnsetType = UNSET
    user: str | UnsetType = UNSET
    health_check: HealthCheck | UnsetType = UNSET
    kill_policy: KillPolicy | UnsetType = UNSET
    limits: dict[str, ValueScalar] = {}


class TaskGroupInfo(Message, kw_only=True):
    """mesos.v1.TaskGroupInfo"""

    tasks: list[TaskInfo] = []


class TaskID(Message, kw_only=True):
    """mesos.v1.TaskID"""

    value: str


class TaskInfo(Message, kw_only=True):
    """mesos.v1.TaskInfo"""

    name: str
    task_id: TaskID
    agent_id: AgentID
    resources: list[Resource] = []
    executor: ExecutorInfo | UnsetType = UNSET
    data: bytes | UnsetType = UNSET
    command: CommandInfo | UnsetType = UNSET
    health_check: HealthCheck | UnsetType = UNSET
    container: ContainerInfo | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET
    discovery: DiscoveryInfo | UnsetType = UNSET
    kill_policy: KillPolicy | UnsetType = UNSET
    check: CheckInfo | UnsetType = UNSET
    max_completion_time: DurationInfo | UnsetType = UNSET
    limits: dict[str, ValueScalar] = {}


class TaskResourceLimitation(Message, kw_only=True):
    """mesos.v1.TaskResourceLimitation"""

    resources: list[Resource] = []


class TaskStatusReason(StrEnum):
    """mesos.v1.TaskStatus.Reason"""

    REASON_COMMAND_EXECUTOR_FAILED = "REASON_COMMAND_EXECUTOR_FAILED"
    REASON_EXECUTOR_TERMINATED = "REASON_EXECUTOR_TERMINATED"
    REASON_EXECUTOR_UNREGISTERED = "REASON_EXECUTOR_UNREGISTERED"
    REASON_FRAMEWORK_REMOVED = "REASON_FRAMEWORK_REMOVED"
    REASON_GC_ERROR = "REASON_GC_ERROR"
    REASON_INVALID_FRAMEWORKID = "REASON_INVALID_FRAMEWORKID"
    REASON_INVALID_OFFERS = "REASON_INVALID_OFFERS"
    REASON_MASTER_DISCONNECTED = "REASON_MASTER_DISCONNECTED"
    REASON_CONTAINER_LIMITATION_MEMORY = "REASON_CONTAINER_LIMITATION_MEMORY"
    REASON_RECONCILIATION = "REASON_RECONCILIATION"
    REASON_AGENT_DISCONNECTED = "REASON_AGENT_DISCONNECTED"
    REASON_AGENT_REMOVED = "REASON_AGENT_REMOVED"
    REASON_AGENT_RESTARTED = "REASON_AGENT_RESTARTED"
    REASON_AGENT_UNKNOWN = "REASON_AGENT_UNKNOWN"
    REASON_TASK_INVALID = "REASON_TASK_INVALID"
    REASON_TASK_UNAUTHORIZED = "REASON_TASK_UNAUTHORIZED"
    REASON_TASK_UNKNOWN = "REASON_TASK_UNKNOWN"
    REASON_CONTAINER_PREEMPTED = "REASON_CONTAINER_PREEMPTED"
    REASON_RESOURCES_UNKNOWN = "REASON_RESOURCES_UNKNOWN"
    REASON_CONTAINER_LIMITATION = "REASON_CONTAINER_LIMITATION"
    REASON_CONTAINER_LIMITATION_DISK = "REASON_CONTAINER_LIMITATION_DISK"
    REASON_CONTAINER_LAUNCH_FAILED = "REASON_CONTAINER_LAUNCH_FAILED"
    REASON_CONTAINER_UPDATE_FAILED = "REASON_CONTAINER_UPDATE_FAILED"
    REASON_EXECUTOR_REGISTRATION_TIMEOUT = "REASON_EXECUTOR_REGISTRATION_TIMEOUT"
    REASON_EXECUTOR_REREGISTRATION_TIMEOUT = "REASON_EXECUTOR_REREGISTRATION_TIMEOUT"
    REASON_TASK_GROUP_INVALID = "REASON_TASK_GROUP_INVALID"
    REASON_TASK_GROUP_UNAUTHORIZED = "REASON_TASK_GROUP_UNAUTHORIZED"
    REASON_IO_SWITCHBOARD_EXITED = "REASON_IO_SWITCHBOARD_EXITED"
    REASON_TASK_CHECK_STATUS_UPDATED = "REASON_TASK_CHECK_STATUS_UPDATED"
    REASON_TASK_HEALTH_CHECK_STATUS_UPDATED = "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED"
    REASON_TASK_KILLED_DURING_LAUNCH = "REASON_TASK_KILLED_DURING_LAUNCH"
    REASON_AGENT_REMOVED_BY_OPERATOR = "REASON_AGENT_REMOVED_BY_OPERATOR"
    REASON_AGENT_REREGISTERED = "REASON_AGENT_REREGISTERED"
    REASON_MAX_COMPLETION_TIME_REACHED = "REASON_MAX_COMPLETION_TIME_REACHED"
    REASON_AGENT_DRAINING = "REASON_AGENT_DRAINING"


class TaskStatusSource(StrEnum):
    """mesos.v1.TaskStatus.Source"""

    SOURCE_MASTER = "SOURCE_MASTER"
    SOURCE_AGENT = "SOURCE_AGENT"
    SOURCE_EXECUTOR = "SOURCE_EXECUTOR"


class TaskStatus(Message, kw_only=True):
    """mesos.v1.TaskStatus"""

    task_id: TaskID
    state: TaskState
    data: bytes | UnsetType = UNSET
    message: str | UnsetType = UNSET
    agent_id: AgentID | UnsetType = UNSET
    timestamp: Double | UnsetType = UNSET
    executor_id: ExecutorID | UnsetType = UNSET
    healthy: bool | UnsetType = UNSET
    source: TaskStatusSource | UnsetType = UNSET
    reason: TaskStatusReason | UnsetType = UNSET
    uuid: bytes | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET
    container_status: ContainerStatus | UnsetType = UNSET
    unreachable_time: TimeInfo | UnsetType = UNSET
    check_status: CheckStatusInfo | UnsetType = UNSET
    limitation: TaskResourceLimitation | UnsetType = UNSET


class TcpStatistics(Message, kw_only=True):
    """mesos.v1.TcpStatistics"""

    RtoAlgorithm: Int64 | UnsetType = UNSET
    RtoMin: Int64 | UnsetType = UNSET
    RtoMax: Int64 | UnsetType = UNSET
    MaxConn: Int64 | UnsetType = UNSET
    ActiveOpens: Int64 | UnsetType = UNSET
    PassiveOpens: Int64 | UnsetType = UNSET
    AttemptFails: Int64 | UnsetType = UNSET
    EstabResets: Int64 | UnsetType = UNSET
    CurrEstab: Int64 | UnsetType = UNSET
    InSegs: Int64 | UnsetType = UNSET
    OutSegs: Int64 | UnsetType = UNSET
    RetransSegs: Int64 | UnsetType = UNSET
    InErrs: Int64 | UnsetType = UNSET
    OutRsts: Int64 | UnsetType = UNSET
    InCsumErrors: Int64 | UnsetType = UNSET


class TimeInfo(Message, kw_only=True):
    """mesos.v1.TimeInfo"""

    nanoseconds: Int64


class TrafficControlStatistics(Message, kw_only=True):
    """mesos.v1.TrafficControlStatistics"""

    id: str
    backlog: UInt64 | UnsetType = UNSET
    bytes: UInt64 | UnsetType = UNSET
    drops: UInt64 | UnsetType = UNSET
    overlimits: UInt64 | UnsetType = UNSET
    packets: UInt64 | UnsetType = UNSET
    qlen: UInt64 | UnsetType = UNSET
    ratebps: UInt64 | UnsetType = UNSET
    ratepps: UInt64 | UnsetType = UNSET
    requeues: UInt64 | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.backlog is not UNSET and self.backlog > UINT64_MAX:
            raise beyond_uint64("backlog")
        if self.bytes is not UNSET and self.bytes > UINT64_MAX:
            raise beyond_uint64("bytes")
        if self.drops is not UNSET and self.drops > UINT64_MAX:
            raise beyond_uint64("drops")
        if self.overlimits is not UNSET and self.overlimits > UINT64_MAX:
            raise beyond_uint64("overlimits")
        if self.packets is not UNSET and self.packets > UINT64_MAX:
            raise beyond_uint64("packets")
        if self.qlen is not UNSET and self.qlen > UINT64_MAX:
            raise beyond_uint64("qlen")
        if self.ratebps is not UNSET and self.ratebps > UINT64_MAX:
            raise beyond_uint64("ratebps")
        if self.ratepps is not UNSET and self.ratepps > UINT64_MAX:
            raise beyond_uint64("ratepps")
        if self.requeues is not UNSET and self.requeues > UINT64_MAX:
            raise beyond_uint64("requeues")


class URL(Message, kw_only=True):
    """mesos.v1.URL"""

    scheme: str
    address: Address
    path: str | UnsetType = UNSET
    query: list[Parameter] = []
    fragment: str | UnsetType = UNSET


class UUID(Message, kw_only=True):
    """mesos.v1.UUID"""

    value: bytes


class UdpStatistics(Message, kw_only=True):
    """mesos.v1.UdpStatistics"""

    InDatagrams: Int64 | UnsetType = UNSET
    NoPorts: Int64 | UnsetType = UNSET
    InErrors: Int64 | UnsetType = UNSET
    OutDatagrams: Int64 | UnsetType = UNSET
    RcvbufErrors: Int64 | UnsetType = UNSET
    SndbufErrors: Int64 | UnsetType = UNSET
    InCsumErrors: Int64 | UnsetType = UNSET
    IgnoredMulti: Int64 | UnsetType = UNSET


class Unavailability(Message, kw_only=True):
    """mesos.v1.Unavailability"""

    start: TimeInfo
    duration: DurationInfo | UnsetType = UNSET


class ValueType(StrEnum):
    """mesos.v1.Value.Type"""

    SCALAR = "SCALAR"
    RANGES = "RANGES"
    SET = "SET"
    TEXT = "TEXT"


class Value(Message, kw_only=True):
    """mesos.v1.Value"""

    type: ValueType
    scalar: ValueScalar | UnsetType = UNSET
    ranges: ValueRanges | UnsetType = UNSET
    set: ValueSet | UnsetType = UNSET
    text: ValueText | UnsetType = UNSET


class ValueRange(Message, kw_only=True):
    """mesos.v1.Value.Range"""

    begin: UInt64
    end: UInt64

    def __post_init__(self) -> None:
        if self.begin > UINT64_MAX:
            raise beyond_uint64("begin")
        if self.end > UINT64_MAX:
            raise beyond_uint64("end")


class ValueRanges(Message, kw_only=True):
    """mesos.v1.Value.Ranges"""

    range: list[ValueRange] = []


class ValueScalar(Message, kw_only=True):
    """mesos.v1.Value.Scalar"""

    value: Double


class ValueSet(Message, kw_only=True):
    """mesos.v1.Value.Set"""

    item: list[str] = []


class ValueText(Message, kw_only=True):
    """mesos.v1.Value.Text"""

    value: str


class VersionInfo(Message, kw_only=True):
    """mesos.v1.VersionInfo"""

    version: str
    build_date: str | UnsetType = UNSET
    build_time: Double | UnsetType = UNSET
    build_user: str | UnsetType = UNSET
    git_sha: str | UnsetType = UNSET
    git_branch: str | UnsetType = UNSET
    git_tag: str | UnsetType = UNSET
    product: str | UnsetType = UNSET
    product_version: str | UnsetType = UNSET


class VolumeMode(StrEnum):
    """mesos.v1.Volume.Mode"""

    RW = "RW"
    RO = "RO"


class Volume(Message, kw_only=True):
    """mesos.v1.Volume"""

    container_path: str
    host_path: str | UnsetType = UNSET
    mode: VolumeMode
    image: Image | UnsetType = UNSET
    source: VolumeSource | UnsetType = UNSET


class VolumeSourceType(StrEnum):
    """mesos.v1.Volume.Source.Type"""

    UNKNOWN = "UNKNOWN"
    DOCKER_VOLUME = "DOCKER_VOLUME"
    SANDBOX_PATH = "SANDBOX_PATH"
    SECRET = "SECRET"
    HOST_PATH = "HOST_PATH"
    CSI_VOLUME = "CSI_VOLUME"


class VolumeSource(Message, kw_only=True):
    """mesos.v1.Volume.Source"""

    type: VolumeSourceType | UnsetType = UNSET
    docker_volume: VolumeSourceDockerVolume | UnsetType = UNSET
    sandbox_path: VolumeSourceSandboxPath | UnsetType = UNSET
    secret: Secret | UnsetType = UNSET
    host_path: VolumeSourceHostPath | UnsetType = UNSET
    csi_volume: VolumeSourceCSIVolume | UnsetType = UNSET


class VolumeSourceCSIVolume(Message, kw_only=True):
    """mesos.v1.Volume.Source.CSIVolume"""

    plugin_name: str
    static_provisioning: VolumeSourceCSIVolumeStaticProvisioning | UnsetType = UNSET


class VolumeSourceCSIVolumeStaticProvisioning(Message, kw_only=True):
    """mesos.v1.Volume.Source.CSIVolume.StaticProvisioning"""

    volume_id: str
    volume_capability: VolumeSourceCSIVolumeVolumeCapability
    node_stage_secrets: dict[str, Secret] = {}
    node_publish_secrets: dict[str, Secret] = {}
    volume_context: dict[str, str] = {}


class VolumeSourceCSIVolumeVolumeCapability(Message, kw_only=True):
    """mesos.v1.Volume.Source.CSIVolume.VolumeCapability"""

    block: VolumeSourceCSIVolumeVolumeCapabilityBlockVolume | UnsetType = UNSET
    mount: VolumeSourceCSIVolumeVolumeCapabilityMountVolume | UnsetType = UNSET
    access_mode: VolumeSourceCSIVolumeVolumeCapabilityAccessMode


class VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode(StrEnum):
    """mesos.v1.Volume.Source.CSIVolume.VolumeCapability.AccessMode.Mode"""

    UNKNOWN = "UNKNOWN"
    SINGLE_NODE_WRITER = "SINGLE_NODE_WRITER"
    SINGLE_NODE_READER_ONLY = "SINGLE_NODE_READER_ONLY"
    MULTI_NODE_READER_ONLY = "MULTI_NODE_READER_ONLY"
    MULTI_NODE_SINGLE_WRITER = "MULTI_NODE_SINGLE_WRITER"
    MULTI_NODE_MULTI_WRITER = "MULTI_NODE_MULTI_WRITER"


class VolumeSourceCSIVolumeVolumeCapabilityAccessMode(Message, kw_only=True):
    """mesos.v1.Volume.Source.CSIVolume.VolumeCapability.AccessMode"""

    mode: VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode


class VolumeSourceCSIVolumeVolumeCapabilityBlockVolume(Message, kw_only=True):
    """mesos.v1.Volume.Source.CSIVolume.VolumeCapability.BlockVolume"""


class VolumeSourceCSIVolumeVolumeCapabilityMountVolume(Message, kw_only=True):
    """mesos.v1.Volume.Source.CSIVolume.VolumeCapability.MountVolume"""

    fs_type: str | UnsetType = UNSET
    mount_flags: list[str] = []


class VolumeSourceDockerVolume(Message, kw_only=True):
    """mesos.v1.Volume.Source.DockerVolume"""

    driver: str | UnsetType = UNSET
    name: str
    driver_options: Parameters | UnsetType = UNSET


class VolumeSourceHostPath(Message, kw_only=True):
    """mesos.v1.Volume.Source.HostPath"""

    path: str
    mount_propagation: MountPropagation | UnsetType = UNSET


class VolumeSourceSandboxPathType(StrEnum):
    """mesos.v1.Volume.Source.SandboxPath.Type"""

    UNKNOWN = "UNKNOWN"
    SELF = "SELF"
    PARENT = "PARENT"


class VolumeSourceSandboxPath(Message, kw_only=True):
    """mesos.v1.Volume.Source.SandboxPath"""

    type: VolumeSourceSandboxPathType | UnsetType = UNSET
    path: str


class WeightInfo(Message, kw_only=True):
    """mesos.v1.WeightInfo"""

    weight: Double
    role: str | UnsetType = UNSET
