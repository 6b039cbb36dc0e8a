"""Structs to protobuf. Made by tools/generate_wire.py. Do not edit: change the .proto file and run `make proto`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec import UNSET

from api.wire.message import Message
from api.wire.v1 import agent, allocator, executor, maintenance, master, mesos, protobuf, quota, resource_provider, scheduler
from api.wire.varint import DOUBLE, SHORT, SHORTER_THAN, varint

_mesos_DrainState: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "DRAINING": b'\x01', "DRAINED": b'\x02'}
_mesos_OperationState: Final[dict[str, bytes]] = {"OPERATION_UNSUPPORTED": b'\x00', "OPERATION_PENDING": b'\x01', "OPERATION_FINISHED": b'\x02', "OPERATION_FAILED": b'\x03', "OPERATION_ERROR": b'\x04', "OPERATION_DROPPED": b'\x05', "OPERATION_UNREACHABLE": b'\x06', "OPERATION_GONE_BY_OPERATOR": b'\x07', "OPERATION_RECOVERING": b'\x08', "OPERATION_UNKNOWN": b'\t'}
_mesos_Status: Final[dict[str, bytes]] = {"DRIVER_NOT_STARTED": b'\x01', "DRIVER_RUNNING": b'\x02', "DRIVER_ABORTED": b'\x03', "DRIVER_STOPPED": b'\x04'}
_mesos_TaskState: Final[dict[str, bytes]] = {"TASK_STARTING": b'\x00', "TASK_RUNNING": b'\x01', "TASK_FINISHED": b'\x02', "TASK_FAILED": b'\x03', "TASK_KILLED": b'\x04', "TASK_LOST": b'\x05', "TASK_STAGING": b'\x06', "TASK_ERROR": b'\x07', "TASK_KILLING": b'\x08', "TASK_DROPPED": b'\t', "TASK_UNREACHABLE": b'\n', "TASK_GONE": b'\x0b', "TASK_GONE_BY_OPERATOR": b'\x0c', "TASK_UNKNOWN": b'\r'}
_mesos_AgentInfoCapabilityType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "MULTI_ROLE": b'\x01', "HIERARCHICAL_ROLE": b'\x02', "RESERVATION_REFINEMENT": b'\x03', "RESOURCE_PROVIDER": b'\x04', "RESIZE_VOLUME": b'\x05', "AGENT_OPERATION_FEEDBACK": b'\x06', "AGENT_DRAINING": b'\x07', "TASK_RESOURCE_LIMITS": b'\x08'}
_mesos_CSIPluginContainerInfoService: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "CONTROLLER_SERVICE": b'\x01', "NODE_SERVICE": b'\x02'}
_mesos_CapabilityInfoCapability: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "CHOWN": b'\xe8\x07', "DAC_OVERRIDE": b'\xe9\x07', "DAC_READ_SEARCH": b'\xea\x07', "FOWNER": b'\xeb\x07', "FSETID": b'\xec\x07', "KILL": b'\xed\x07', "SETGID": b'\xee\x07', "SETUID": b'\xef\x07', "SETPCAP": b'\xf0\x07', "LINUX_IMMUTABLE": b'\xf1\x07', "NET_BIND_SERVICE": b'\xf2\x07', "NET_BROADCAST": b'\xf3\x07', "NET_ADMIN": b'\xf4\x07', "NET_RAW": b'\xf5\x07', "IPC_LOCK": b'\xf6\x07', "IPC_OWNER": b'\xf7\x07', "SYS_MODULE": b'\xf8\x07', "SYS_RAWIO": b'\xf9\x07', "SYS_CHROOT": b'\xfa\x07', "SYS_PTRACE": b'\xfb\x07', "SYS_PACCT": b'\xfc\x07', "SYS_ADMIN": b'\xfd\x07', "SYS_BOOT": b'\xfe\x07', "SYS_NICE": b'\xff\x07', "SYS_RESOURCE": b'\x80\x08', "SYS_TIME": b'\x81\x08', "SYS_TTY_CONFIG": b'\x82\x08', "MKNOD": b'\x83\x08', "LEASE": b'\x84\x08', "AUDIT_WRITE": b'\x85\x08', "AUDIT_CONTROL": b'\x86\x08', "SETFCAP": b'\x87\x08', "MAC_OVERRIDE": b'\x88\x08', "MAC_ADMIN": b'\x89\x08', "SYSLOG": b'\x8a\x08', "WAKE_ALARM": b'\x8b\x08', "BLOCK_SUSPEND": b'\x8c\x08', "AUDIT_READ": b'\x8d\x08', "PERFMON": b'\x8e\x08', "BPF": b'\x8f\x08', "CHECKPOINT_RESTORE": b'\x90\x08'}
_mesos_CgroupInfoBlkioOperation: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "TOTAL": b'\x01', "READ": b'\x02', "WRITE": b'\x03', "SYNC": b'\x04', "ASYNC": b'\x05', "DISCARD": b'\x06'}
_mesos_CheckInfoType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "COMMAND": b'\x01', "HTTP": b'\x02', "TCP": b'\x03'}
_mesos_ContainerInfoType: Final[dict[str, bytes]] = {"DOCKER": b'\x01', "MESOS": b'\x02'}
_mesos_ContainerInfoDockerInfoNetwork: Final[dict[str, bytes]] = {"HOST": b'\x01', "BRIDGE": b'\x02', "NONE": b'\x03', "USER": b'\x04'}
_mesos_DiscoveryInfoVisibility: Final[dict[str, bytes]] = {"FRAMEWORK": b'\x00', "CLUSTER": b'\x01', "EXTERNAL": b'\x02'}
_mesos_EnvironmentVariableType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "VALUE": b'\x01', "SECRET": b'\x02'}
_mesos_ExecutorInfoType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "DEFAULT": b'\x01', "CUSTOM": b'\x02'}
_mesos_FrameworkInfoCapabilityType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "REVOCABLE_RESOURCES": b'\x01', "TASK_KILLING_STATE": b'\x02', "GPU_RESOURCES": b'\x03', "SHARED_RESOURCES": b'\x04', "PARTITION_AWARE": b'\x05', "MULTI_ROLE": b'\x06', "RESERVATION_REFINEMENT": b'\x07', "REGION_AWARE": b'\x08'}
_mesos_HealthCheckType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "COMMAND": b'\x01', "HTTP": b'\x02', "TCP": b'\x03'}
_mesos_ImageType: Final[dict[str, bytes]] = {"APPC": b'\x01', "DOCKER": b'\x02'}
_mesos_LinuxInfoIpcMode: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "PRIVATE": b'\x01', "SHARE_PARENT": b'\x02'}
_mesos_MachineInfoMode: Final[dict[str, bytes]] = {"UP": b'\x01', "DRAINING": b'\x02', "DOWN": b'\x03'}
_mesos_MasterInfoCapabilityType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "AGENT_UPDATE": b'\x01', "AGENT_DRAINING": b'\x02', "QUOTA_V2": b'\x03'}
_mesos_MountPropagationMode: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "HOST_TO_CONTAINER": b'\x01', "BIDIRECTIONAL": b'\x02'}
_mesos_NetworkInfoProtocol: Final[dict[str, bytes]] = {"IPv4": b'\x01', "IPv6": b'\x02'}
_mesos_OfferOperationType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "LAUNCH": b'\x01', "RESERVE": b'\x02', "UNRESERVE": b'\x03', "CREATE": b'\x04', "DESTROY": b'\x05', "LAUNCH_GROUP": b'\x06', "GROW_VOLUME": b'\x0b', "SHRINK_VOLUME": b'\x0c', "CREATE_DISK": b'\r', "DESTROY_DISK": b'\x0e'}
_mesos_RLimitInfoRLimitType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "RLMT_AS": b'\x01', "RLMT_CORE": b'\x02', "RLMT_CPU": b'\x03', "RLMT_DATA": b'\x04', "RLMT_FSIZE": b'\x05', "RLMT_LOCKS": b'\x06', "RLMT_MEMLOCK": b'\x07', "RLMT_MSGQUEUE": b'\x08', "RLMT_NICE": b'\t', "RLMT_NOFILE": b'\n', "RLMT_NPROC": b'\x0b', "RLMT_RSS": b'\x0c', "RLMT_RTPRIO": b'\r', "RLMT_RTTIME": b'\x0e', "RLMT_SIGPENDING": b'\x0f', "RLMT_STACK": b'\x10'}
_mesos_ResourceDiskInfoSourceType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "PATH": b'\x01', "MOUNT": b'\x02', "BLOCK": b'\x03', "RAW": b'\x04'}
_mesos_ResourceReservationInfoType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "STATIC": b'\x01', "DYNAMIC": b'\x02'}
_mesos_SecretType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "REFERENCE": b'\x01', "VALUE": b'\x02'}
_mesos_TaskStatusReason: Final[dict[str, bytes]] = {"REASON_COMMAND_EXECUTOR_FAILED": b'\x00', "REASON_EXECUTOR_TERMINATED": b'\x01', "REASON_EXECUTOR_UNREGISTERED": b'\x02', "REASON_FRAMEWORK_REMOVED": b'\x03', "REASON_GC_ERROR": b'\x04', "REASON_INVALID_FRAMEWORKID": b'\x05', "REASON_INVALID_OFFERS": b'\x06', "REASON_MASTER_DISCONNECTED": b'\x07', "REASON_CONTAINER_LIMITATION_MEMORY": b'\x08', "REASON_RECONCILIATION": b'\t', "REASON_AGENT_DISCONNECTED": b'\n', "REASON_AGENT_REMOVED": b'\x0b', "REASON_AGENT_RESTARTED": b'\x0c', "REASON_AGENT_UNKNOWN": b'\r', "REASON_TASK_INVALID": b'\x0e', "REASON_TASK_UNAUTHORIZED": b'\x0f', "REASON_TASK_UNKNOWN": b'\x10', "REASON_CONTAINER_PREEMPTED": b'\x11', "REASON_RESOURCES_UNKNOWN": b'\x12', "REASON_CONTAINER_LIMITATION": b'\x13', "REASON_CONTAINER_LIMITATION_DISK": b'\x14', "REASON_CONTAINER_LAUNCH_FAILED": b'\x15', "REASON_CONTAINER_UPDATE_FAILED": b'\x16', "REASON_EXECUTOR_REGISTRATION_TIMEOUT": b'\x17', "REASON_EXECUTOR_REREGISTRATION_TIMEOUT": b'\x18', "REASON_TASK_GROUP_INVALID": b'\x19', "REASON_TASK_GROUP_UNAUTHORIZED": b'\x1a', "REASON_IO_SWITCHBOARD_EXITED": b'\x1b', "REASON_TASK_CHECK_STATUS_UPDATED": b'\x1c', "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED": b'\x1d', "REASON_TASK_KILLED_DURING_LAUNCH": b'\x1e', "REASON_AGENT_REMOVED_BY_OPERATOR": b'\x1f', "REASON_AGENT_REREGISTERED": b' ', "REASON_MAX_COMPLETION_TIME_REACHED": b'!', "REASON_AGENT_DRAINING": b'"'}
_mesos_TaskStatusSource: Final[dict[str, bytes]] = {"SOURCE_MASTER": b'\x00', "SOURCE_AGENT": b'\x01', "SOURCE_EXECUTOR": b'\x02'}
_mesos_ValueType: Final[dict[str, bytes]] = {"SCALAR": b'\x00', "RANGES": b'\x01', "SET": b'\x02', "TEXT": b'\x03'}
_mesos_VolumeMode: Final[dict[str, bytes]] = {"RW": b'\x01', "RO": b'\x02'}
_mesos_VolumeSourceType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "DOCKER_VOLUME": b'\x01', "SANDBOX_PATH": b'\x02', "SECRET": b'\x03', "HOST_PATH": b'\x04', "CSI_VOLUME": b'\x05'}
_mesos_VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "SINGLE_NODE_WRITER": b'\x01', "SINGLE_NODE_READER_ONLY": b'\x02', "MULTI_NODE_READER_ONLY": b'\x03', "MULTI_NODE_SINGLE_WRITER": b'\x04', "MULTI_NODE_MULTI_WRITER": b'\x05'}
_mesos_VolumeSourceSandboxPathType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "SELF": b'\x01', "PARENT": b'\x02'}
_agent_CallType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "GET_HEALTH": b'\x01', "GET_FLAGS": b'\x02', "GET_VERSION": b'\x03', "GET_METRICS": b'\x04', "GET_LOGGING_LEVEL": b'\x05', "SET_LOGGING_LEVEL": b'\x06', "LIST_FILES": b'\x07', "READ_FILE": b'\x08', "GET_STATE": b'\t', "GET_CONTAINERS": b'\n', "GET_FRAMEWORKS": b'\x0b', "GET_EXECUTORS": b'\x0c', "GET_TASKS": b'\r', "LAUNCH_NESTED_CONTAINER": b'\x0e', "WAIT_NESTED_CONTAINER": b'\x0f', "KILL_NESTED_CONTAINER": b'\x10', "LAUNCH_NESTED_CONTAINER_SESSION": b'\x11', "ATTACH_CONTAINER_INPUT": b'\x12', "ATTACH_CONTAINER_OUTPUT": b'\x13', "GET_AGENT": b'\x14', "REMOVE_NESTED_CONTAINER": b'\x15', "LAUNCH_CONTAINER": b'\x16', "WAIT_CONTAINER": b'\x17', "KILL_CONTAINER": b'\x18', "REMOVE_CONTAINER": b'\x19', "GET_RESOURCE_PROVIDERS": b'\x1a', "ADD_RESOURCE_PROVIDER_CONFIG": b'\x1b', "UPDATE_RESOURCE_PROVIDER_CONFIG": b'\x1c', "REMOVE_RESOURCE_PROVIDER_CONFIG": b'\x1d', "PRUNE_IMAGES": b'\x1e', "GET_OPERATIONS": b'\x1f', "MARK_RESOURCE_PROVIDER_GONE": b' ', "GET_RESOURCE_PROVIDER_CONFIGS": b'\xe8\x07', "GET_IMAGES": b'\xe9\x07', "RECONFIGURE": b'\xea\x07', "GET_DEVICES": b'\xeb\x07'}
_agent_CallAttachContainerInputType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "CONTAINER_ID": b'\x01', "PROCESS_IO": b'\x02'}
_agent_ProcessIOType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "DATA": b'\x01', "CONTROL": b'\x02'}
_agent_ProcessIOControlType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "TTY_INFO": b'\x01', "HEARTBEAT": b'\x02'}
_agent_ProcessIODataType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "STDIN": b'\x01', "STDOUT": b'\x02', "STDERR": b'\x03'}
_agent_ResponseType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "GET_HEALTH": b'\x01', "GET_FLAGS": b'\x02', "GET_VERSION": b'\x03', "GET_METRICS": b'\x04', "GET_LOGGING_LEVEL": b'\x05', "LIST_FILES": b'\x06', "READ_FILE": b'\x07', "GET_STATE": b'\x08', "GET_CONTAINERS": b'\t', "GET_FRAMEWORKS": b'\n', "GET_EXECUTORS": b'\x0b', "GET_TASKS": b'\x0c', "WAIT_NESTED_CONTAINER": b'\r', "GET_AGENT": b'\x0e', "WAIT_CONTAINER": b'\x0f', "GET_RESOURCE_PROVIDERS": b'\x10', "GET_OPERATIONS": b'\x11', "GET_RESOURCE_PROVIDER_CONFIGS": b'\xe8\x07', "GET_IMAGES": b'\xe9\x07', "PRUNE_IMAGES": b'\xec\x07', "RECONFIGURE": b'\xea\x07', "GET_DEVICES": b'\xeb\x07'}
_allocator_InverseOfferStatusStatus: Final[dict[str, bytes]] = {"UNKNOWN": b'\x01', "ACCEPT": b'\x02', "DECLINE": b'\x03'}
_executor_CallType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "SUBSCRIBE": b'\x01', "UPDATE": b'\x02', "MESSAGE": b'\x03', "HEARTBEAT": b'\x04'}
_executor_EventType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "SUBSCRIBED": b'\x01', "LAUNCH": b'\x02', "KILL": b'\x03', "ACKNOWLEDGED": b'\x04', "MESSAGE": b'\x05', "ERROR": b'\x06', "SHUTDOWN": b'\x07', "LAUNCH_GROUP": b'\x08', "HEARTBEAT": b'\t'}
_resource_provider_CallType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "SUBSCRIBE": b'\x01', "UPDATE_OPERATION_STATUS": b'\x02', "UPDATE_STATE": b'\x03', "UPDATE_PUBLISH_RESOURCES_STATUS": b'\x04'}
_resource_provider_CallUpdatePublishResourcesStatusStatus: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "OK": b'\x01', "FAILED": b'\x02'}
_resource_provider_EventType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "SUBSCRIBED": b'\x01', "APPLY_OPERATION": b'\x02', "PUBLISH_RESOURCES": b'\x03', "ACKNOWLEDGE_OPERATION_STATUS": b'\x04', "RECONCILE_OPERATIONS": b'\x05', "TEARDOWN": b'\x06', "UNPUBLISH_RESOURCES": b'\xe8\x07', "HEARTBEAT": b'\xe9\x07', "CHECK_AT_REST": b'\xee\x07', "ADMIT_VOLUME": b'\xeb\x07', "RETRY_OPERATION": b'\xec\x07', "ABANDON_OPERATION": b'\xed\x07', "ERROR": b'\xea\x07'}
_resource_provider_PluginCapabilityUse: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "USED": b'\x01', "UNUSED": b'\x02', "ABSENT": b'\x03'}
_resource_provider_VolumeNoticeKind: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "WITHHELD": b'\x01', "LOST": b'\x02', "STUCK": b'\x03', "DEAD_MOUNT": b'\x04'}
_resource_provider_ProfileInfoSharing: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "DECLARED": b'\x01', "LEARNED": b'\x02'}
_scheduler_AttributeConstraintSelectorPseudoattributeType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "HOSTNAME": b'\x01', "REGION": b'\x02', "ZONE": b'\x03'}
_scheduler_CallType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "SUBSCRIBE": b'\x01', "TEARDOWN": b'\x02', "ACCEPT": b'\x03', "DECLINE": b'\x04', "REVIVE": b'\x05', "KILL": b'\x06', "SHUTDOWN": b'\x07', "ACKNOWLEDGE": b'\x08', "RECONCILE": b'\t', "MESSAGE": b'\n', "REQUEST": b'\x0b', "SUPPRESS": b'\x0c', "ACCEPT_INVERSE_OFFERS": b'\r', "DECLINE_INVERSE_OFFERS": b'\x0e', "ACKNOWLEDGE_OPERATION_STATUS": b'\x0f', "RECONCILE_OPERATIONS": b'\x10', "UPDATE_FRAMEWORK": b'\x11'}
_scheduler_EventType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "SUBSCRIBED": b'\x01', "OFFERS": b'\x02', "RESCIND": b'\x03', "UPDATE": b'\x04', "MESSAGE": b'\x05', "FAILURE": b'\x06', "ERROR": b'\x07', "HEARTBEAT": b'\x08', "INVERSE_OFFERS": b'\t', "RESCIND_INVERSE_OFFER": b'\n', "UPDATE_OPERATION_STATUS": b'\x0b'}
_scheduler_ResponseType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "RECONCILE_OPERATIONS": b'\x01'}
_master_VolumeState: Final[dict[str, bytes]] = {"VOLUME_UNKNOWN": b'\x00', "VOLUME_CREATING": b'\x01', "VOLUME_AVAILABLE": b'\x02', "VOLUME_DESTROYING": b'\x03', "VOLUME_FAILED": b'\x04', "VOLUME_NEEDS_OPERATOR": b'\x05', "VOLUME_EXPANDING": b'\x06'}
_master_CallType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "GET_HEALTH": b'\x01', "GET_FLAGS": b'\x02', "GET_VERSION": b'\x03', "GET_METRICS": b'\x04', "GET_LOGGING_LEVEL": b'\x05', "SET_LOGGING_LEVEL": b'\x06', "LIST_FILES": b'\x07', "READ_FILE": b'\x08', "GET_STATE": b'\t', "GET_AGENTS": b'\n', "GET_FRAMEWORKS": b'\x0b', "GET_EXECUTORS": b'\x0c', "GET_TASKS": b'\r', "GET_ROLES": b'\x0e', "GET_WEIGHTS": b'\x0f', "UPDATE_WEIGHTS": b'\x10', "GET_MASTER": b'\x11', "SUBSCRIBE": b'\x12', "RESERVE_RESOURCES": b'\x13', "UNRESERVE_RESOURCES": b'\x14', "CREATE_VOLUMES": b'\x15', "DESTROY_VOLUMES": b'\x16', "GET_MAINTENANCE_STATUS": b'\x17', "GET_MAINTENANCE_SCHEDULE": b'\x18', "UPDATE_MAINTENANCE_SCHEDULE": b'\x19', "START_MAINTENANCE": b'\x1a', "STOP_MAINTENANCE": b'\x1b', "GET_QUOTA": b'\x1c', "SET_QUOTA": b'\x1d', "REMOVE_QUOTA": b'\x1e', "TEARDOWN": b'\x1f', "MARK_AGENT_GONE": b' ', "GET_OPERATIONS": b'!', "GROW_VOLUME": b'"', "SHRINK_VOLUME": b'#', "UPDATE_QUOTA": b'$', "DRAIN_AGENT": b'%', "DEACTIVATE_AGENT": b'&', "REACTIVATE_AGENT": b"'", "PROVISION_VOLUME": b'\xe8\x07', "DEPROVISION_VOLUME": b'\xe9\x07', "GET_VOLUMES": b'\xea\x07', "GET_PROFILES": b'\xeb\x07', "GET_RESOURCE_PROVIDERS": b'\xec\x07', "EXPAND_VOLUME": b'\xed\x07', "ADOPT_VOLUME": b'\xee\x07', "RETRY_OPERATION": b'\xef\x07', "ABANDON_OPERATION": b'\xf0\x07', "EXPLAIN_OFFERS": b'\xf1\x07', "KILL_TASK": b'\xf2\x07', "FOLLOW": b'\xf4\x07', "GET_OPERATION_HISTORY": b'\xfc\x07', "GET_REGISTRY_DIFFERENCES": b'\xfd\x07', "SETTLE_REGISTRY_DIFFERENCES": b'\xfe\x07'}
_master_EventType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "SUBSCRIBED": b'\x01', "TASK_ADDED": b'\x02', "TASK_UPDATED": b'\x03', "AGENT_ADDED": b'\x04', "AGENT_REMOVED": b'\x05', "FRAMEWORK_ADDED": b'\x06', "FRAMEWORK_UPDATED": b'\x07', "FRAMEWORK_REMOVED": b'\x08', "HEARTBEAT": b'\t', "OPERATION_UPDATED": b'\xe8\x07', "VOLUME_UPDATED": b'\xe9\x07', "PROVIDER_UPDATED": b'\xea\x07', "AGENT_UPDATED": b'\xeb\x07'}
_master_ResponseType: Final[dict[str, bytes]] = {"UNKNOWN": b'\x00', "GET_HEALTH": b'\x01', "GET_FLAGS": b'\x02', "GET_VERSION": b'\x03', "GET_METRICS": b'\x04', "GET_LOGGING_LEVEL": b'\x05', "LIST_FILES": b'\x06', "READ_FILE": b'\x07', "GET_STATE": b'\x08', "GET_AGENTS": b'\t', "GET_FRAMEWORKS": b'\n', "GET_EXECUTORS": b'\x0b', "GET_TASKS": b'\x0c', "GET_ROLES": b'\r', "GET_WEIGHTS": b'\x0e', "GET_MASTER": b'\x0f', "GET_MAINTENANCE_STATUS": b'\x10', "GET_MAINTENANCE_SCHEDULE": b'\x11', "GET_QUOTA": b'\x12', "GET_OPERATIONS": b'\x13', "PROVISION_VOLUME": b'\xe8\x07', "DEPROVISION_VOLUME": b'\xe9\x07', "GET_VOLUMES": b'\xea\x07', "GET_PROFILES": b'\xeb\x07', "GET_RESOURCE_PROVIDERS": b'\xec\x07', "EXPAND_VOLUME": b'\xed\x07', "ADOPT_VOLUME": b'\xee\x07', "RETRY_OPERATION": b'\xef\x07', "ABANDON_OPERATION": b'\xf0\x07', "EXPLAIN_OFFERS": b'\xf1\x07', "GET_OPERATION_HISTORY": b'\xfc\x07', "GET_REGISTRY_DIFFERENCES": b'\xfd\x07'}


def _mesos_Address(m: mesos.Address) -> bytes:
    o: list[bytes] = []
    if (v := m.hostname) is not UNSET:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.ip) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    n = m.port
    o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_AgentID(m: mesos.AgentID) -> bytes:
    s = m.value.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _mesos_AgentInfo(m: mesos.AgentInfo) -> bytes:
    o: list[bytes] = []
    s = m.hostname.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.attributes:
        s = _mesos_Attribute(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.port) != 5051:
        n = v
        o.append(b'@' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.domain) is not UNSET:
        s = _mesos_DomainInfo(v)
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_AgentInfoCapability(m: mesos.AgentInfoCapability) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _mesos_AgentInfoCapabilityType[v])
    return b"".join(o)


def _mesos_Attribute(m: mesos.Attribute) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    o.append(b'\x10' + _mesos_ValueType[m.type])
    if (v := m.scalar) is not UNSET:
        s = _mesos_ValueScalar(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.ranges) is not UNSET:
        s = _mesos_ValueRanges(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.text) is not UNSET:
        s = _mesos_ValueText(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.set) is not UNSET:
        s = _mesos_ValueSet(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_CSIPluginContainerInfo(m: mesos.CSIPluginContainerInfo) -> bytes:
    o: list[bytes] = []
    for v in m.services:
        o.append(b'\x08' + _mesos_CSIPluginContainerInfoService[v])
    if (v := m.command) is not UNSET:
        s = _mesos_CommandInfo(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.container) is not UNSET:
        s = _mesos_ContainerInfo(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_CSIPluginEndpoint(m: mesos.CSIPluginEndpoint) -> bytes:
    o: list[bytes] = []
    o.append(b'\x08' + _mesos_CSIPluginContainerInfoService[m.csi_service])
    s = m.endpoint.encode()
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_CSIPluginInfo(m: mesos.CSIPluginInfo) -> bytes:
    o: list[bytes] = []
    s = m.type.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.name) != "default":
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.containers:
        s = _mesos_CSIPluginContainerInfo(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.endpoints:
        s = _mesos_CSIPluginEndpoint(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.target_path_root) is not UNSET:
        s = v.encode()
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.target_path_exists) is not UNSET:
        o.append(b'0\x01' if v else b'0\x00')
    for v in m.secrets:
        s = _mesos_CSIPluginSecret(v)
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.admit:
        s = v.encode()
        o.append(b'\xca>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.max_concurrent_calls) is not UNSET:
        n = v
        o.append(b'\xd0>' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.probe_seconds) is not UNSET:
        o.append(b'\xd9>' + DOUBLE(v))
    if (v := m.learn_capacity_groups) is not UNSET:
        o.append(b'\xe0>\x01' if v else b'\xe0>\x00')
    return b"".join(o)


def _mesos_CSIPluginSecret(m: mesos.CSIPluginSecret) -> bytes:
    o: list[bytes] = []
    s = m.key.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.file.encode()
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.calls:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_CapabilityInfo(m: mesos.CapabilityInfo) -> bytes:
    o: list[bytes] = []
    for v in m.capabilities:
        o.append(b'\x08' + _mesos_CapabilityInfoCapability[v])
    return b"".join(o)


def _mesos_CgroupInfo(m: mesos.CgroupInfo) -> bytes:
    o: list[bytes] = []
    if (v := m.net_cls) is not UNSET:
        s = _mesos_CgroupInfoNetCls(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_CgroupInfoBlkio(m: mesos.CgroupInfoBlkio) -> bytes:
    return b""


def _mesos_CgroupInfoBlkioCFQ(m: mesos.CgroupInfoBlkioCFQ) -> bytes:
    return b""


def _mesos_CgroupInfoBlkioCFQStatistics(m: mesos.CgroupInfoBlkioCFQStatistics) -> bytes:
    o: list[bytes] = []
    if (v := m.device) is not UNSET:
        s = _mesos_DeviceNumber(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.sectors) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.time) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    for v in m.io_serviced:
        s = _mesos_CgroupInfoBlkioValue(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.io_service_bytes:
        s = _mesos_CgroupInfoBlkioValue(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.io_service_time:
        s = _mesos_CgroupInfoBlkioValue(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.io_wait_time:
        s = _mesos_CgroupInfoBlkioValue(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.io_merged:
        s = _mesos_CgroupInfoBlkioValue(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.io_queued:
        s = _mesos_CgroupInfoBlkioValue(v)
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_CgroupInfoBlkioStatistics(m: mesos.CgroupInfoBlkioStatistics) -> bytes:
    o: list[bytes] = []
    for v in m.cfq:
        s = _mesos_CgroupInfoBlkioCFQStatistics(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.cfq_recursive:
        s = _mesos_CgroupInfoBlkioCFQStatistics(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.throttling:
        s = _mesos_CgroupInfoBlkioThrottlingStatistics(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_CgroupInfoBlkioThrottling(m: mesos.CgroupInfoBlkioThrottling) -> bytes:
    return b""


def _mesos_CgroupInfoBlkioThrottlingStatistics(m: mesos.CgroupInfoBlkioThrottlingStatistics) -> bytes:
    o: list[bytes] = []
    if (v := m.device) is not UNSET:
        s = _mesos_DeviceNumber(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.io_serviced:
        s = _mesos_CgroupInfoBlkioValue(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.io_service_bytes:
        s = _mesos_CgroupInfoBlkioValue(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_CgroupInfoBlkioValue(m: mesos.CgroupInfoBlkioValue) -> bytes:
    o: list[bytes] = []
    if (v := m.op) is not UNSET:
        o.append(b'\x08' + _mesos_CgroupInfoBlkioOperation[v])
    if (v := m.value) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_CgroupInfoNetCls(m: mesos.CgroupInfoNetCls) -> bytes:
    o: list[bytes] = []
    if (v := m.classid) is not UNSET:
        n = v
        o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_CheckInfo(m: mesos.CheckInfo) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _mesos_CheckInfoType[v])
    if (v := m.command) is not UNSET:
        s = _mesos_CheckInfoCommand(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.http) is not UNSET:
        s = _mesos_CheckInfoHttp(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.delay_seconds) != 15:
        o.append(b'!' + DOUBLE(v))
    if (v := m.interval_seconds) != 10:
        o.append(b')' + DOUBLE(v))
    if (v := m.timeout_seconds) != 20:
        o.append(b'1' + DOUBLE(v))
    if (v := m.tcp) is not UNSET:
        s = _mesos_CheckInfoTcp(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_CheckInfoCommand(m: mesos.CheckInfoCommand) -> bytes:
    s = _mesos_CommandInfo(m.command)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _mesos_CheckInfoHttp(m: mesos.CheckInfoHttp) -> bytes:
    o: list[bytes] = []
    n = m.port
    o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.path) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_CheckInfoTcp(m: mesos.CheckInfoTcp) -> bytes:
    n = m.port
    return b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n))


def _mesos_CheckStatusInfo(m: mesos.CheckStatusInfo) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _mesos_CheckInfoType[v])
    if (v := m.command) is not UNSET:
        s = _mesos_CheckStatusInfoCommand(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.http) is not UNSET:
        s = _mesos_CheckStatusInfoHttp(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.tcp) is not UNSET:
        s = _mesos_CheckStatusInfoTcp(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_CheckStatusInfoCommand(m: mesos.CheckStatusInfoCommand) -> bytes:
    o: list[bytes] = []
    if (v := m.exit_code) is not UNSET:
        n = v
        o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_CheckStatusInfoHttp(m: mesos.CheckStatusInfoHttp) -> bytes:
    o: list[bytes] = []
    if (v := m.status_code) is not UNSET:
        n = v
        o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_CheckStatusInfoTcp(m: mesos.CheckStatusInfoTcp) -> bytes:
    o: list[bytes] = []
    if (v := m.succeeded) is not UNSET:
        o.append(b'\x08\x01' if v else b'\x08\x00')
    return b"".join(o)


def _mesos_CommandInfo(m: mesos.CommandInfo) -> bytes:
    o: list[bytes] = []
    for v in m.uris:
        s = _mesos_CommandInfoURI(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.environment) is not UNSET:
        s = _mesos_Environment(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.value) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.user) is not UNSET:
        s = v.encode()
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.shell) is not True:
        o.append(b'0\x01' if v else b'0\x00')
    for v in m.arguments:
        s = v.encode()
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_CommandInfoURI(m: mesos.CommandInfoURI) -> bytes:
    o: list[bytes] = []
    s = m.value.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.executable) is not UNSET:
        o.append(b'\x10\x01' if v else b'\x10\x00')
    if (v := m.extract) is not True:
        o.append(b'\x18\x01' if v else b'\x18\x00')
    if (v := m.cache) is not UNSET:
        o.append(b' \x01' if v else b' \x00')
    if (v := m.output_file) is not UNSET:
        s = v.encode()
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ContainerID(m: mesos.ContainerID) -> bytes:
    o: list[bytes] = []
    s = m.value.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.parent) is not UNSET:
        s = _mesos_ContainerID(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ContainerInfo(m: mesos.ContainerInfo) -> bytes:
    o: list[bytes] = []
    o.append(b'\x08' + _mesos_ContainerInfoType[m.type])
    for v in m.volumes:
        s = _mesos_Volume(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.docker) is not UNSET:
        s = _mesos_ContainerInfoDockerInfo(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.hostname) is not UNSET:
        s = v.encode()
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.mesos) is not UNSET:
        s = _mesos_ContainerInfoMesosInfo(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.network_infos:
        s = _mesos_NetworkInfo(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.linux_info) is not UNSET:
        s = _mesos_LinuxInfo(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.rlimit_info) is not UNSET:
        s = _mesos_RLimitInfo(v)
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.tty_info) is not UNSET:
        s = _mesos_TTYInfo(v)
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ContainerInfoDockerInfo(m: mesos.ContainerInfoDockerInfo) -> bytes:
    o: list[bytes] = []
    s = m.image.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.network) != "HOST":
        o.append(b'\x10' + _mesos_ContainerInfoDockerInfoNetwork[v])
    for v in m.port_mappings:
        s = _mesos_ContainerInfoDockerInfoPortMapping(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.privileged) is not False:
        o.append(b' \x01' if v else b' \x00')
    for v in m.parameters:
        s = _mesos_Parameter(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.force_pull_image) is not UNSET:
        o.append(b'0\x01' if v else b'0\x00')
    if (v := m.volume_driver) is not UNSET:
        s = v.encode()
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ContainerInfoDockerInfoPortMapping(m: mesos.ContainerInfoDockerInfoPortMapping) -> bytes:
    o: list[bytes] = []
    n = m.host_port
    o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    n = m.container_port
    o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.protocol) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ContainerInfoMesosInfo(m: mesos.ContainerInfoMesosInfo) -> bytes:
    o: list[bytes] = []
    if (v := m.image) is not UNSET:
        s = _mesos_Image(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ContainerStatus(m: mesos.ContainerStatus) -> bytes:
    o: list[bytes] = []
    for v in m.network_infos:
        s = _mesos_NetworkInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.cgroup_info) is not UNSET:
        s = _mesos_CgroupInfo(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.executor_pid) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.container_id) is not UNSET:
        s = _mesos_ContainerID(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_Credential(m: mesos.Credential) -> bytes:
    o: list[bytes] = []
    s = m.principal.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.secret) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_Credentials(m: mesos.Credentials) -> bytes:
    o: list[bytes] = []
    for v in m.credentials:
        s = _mesos_Credential(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_Device(m: mesos.Device) -> bytes:
    o: list[bytes] = []
    if (v := m.path) is not UNSET:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.number) is not UNSET:
        s = _mesos_DeviceNumber(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_DeviceNumber(m: mesos.DeviceNumber) -> bytes:
    o: list[bytes] = []
    n = m.major_number
    o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    n = m.minor_number
    o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_DeviceAccess(m: mesos.DeviceAccess) -> bytes:
    o: list[bytes] = []
    s = _mesos_Device(m.device)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_DeviceAccessAccess(m.access)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_DeviceAccessAccess(m: mesos.DeviceAccessAccess) -> bytes:
    o: list[bytes] = []
    if (v := m.read) is not UNSET:
        o.append(b'\x08\x01' if v else b'\x08\x00')
    if (v := m.write) is not UNSET:
        o.append(b'\x10\x01' if v else b'\x10\x00')
    if (v := m.mknod) is not UNSET:
        o.append(b'\x18\x01' if v else b'\x18\x00')
    return b"".join(o)


def _mesos_DeviceWhitelist(m: mesos.DeviceWhitelist) -> bytes:
    o: list[bytes] = []
    for v in m.allowed_devices:
        s = _mesos_DeviceAccess(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_DiscoveryInfo(m: mesos.DiscoveryInfo) -> bytes:
    o: list[bytes] = []
    o.append(b'\x08' + _mesos_DiscoveryInfoVisibility[m.visibility])
    if (v := m.name) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.environment) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.location) is not UNSET:
        s = v.encode()
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.version) is not UNSET:
        s = v.encode()
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.ports) is not UNSET:
        s = _mesos_Ports(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.labels) is not UNSET:
        s = _mesos_Labels(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_DiskStatistics(m: mesos.DiskStatistics) -> bytes:
    o: list[bytes] = []
    if (v := m.source) is not UNSET:
        s = _mesos_ResourceDiskInfoSource(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.persistence) is not UNSET:
        s = _mesos_ResourceDiskInfoPersistence(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.limit_bytes) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.used_bytes) is not UNSET:
        n = v
        o.append(b' ' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_DomainInfo(m: mesos.DomainInfo) -> bytes:
    o: list[bytes] = []
    if (v := m.fault_domain) is not UNSET:
        s = _mesos_DomainInfoFaultDomain(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_DomainInfoFaultDomain(m: mesos.DomainInfoFaultDomain) -> bytes:
    o: list[bytes] = []
    s = _mesos_DomainInfoFaultDomainRegionInfo(m.region)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_DomainInfoFaultDomainZoneInfo(m.zone)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_DomainInfoFaultDomainRegionInfo(m: mesos.DomainInfoFaultDomainRegionInfo) -> bytes:
    s = m.name.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _mesos_DomainInfoFaultDomainZoneInfo(m: mesos.DomainInfoFaultDomainZoneInfo) -> bytes:
    s = m.name.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _mesos_DrainConfig(m: mesos.DrainConfig) -> bytes:
    o: list[bytes] = []
    if (v := m.max_grace_period) is not UNSET:
        s = _mesos_DurationInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.mark_gone) is not False:
        o.append(b'\x10\x01' if v else b'\x10\x00')
    return b"".join(o)


def _mesos_DrainInfo(m: mesos.DrainInfo) -> bytes:
    o: list[bytes] = []
    o.append(b'\x08' + _mesos_DrainState[m.state])
    s = _mesos_DrainConfig(m.config)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.waiting:
        s = v.encode()
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_DurationInfo(m: mesos.DurationInfo) -> bytes:
    n = m.nanoseconds
    return b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n))


def _mesos_Environment(m: mesos.Environment) -> bytes:
    o: list[bytes] = []
    for v in m.variables:
        s = _mesos_EnvironmentVariable(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_EnvironmentVariable(m: mesos.EnvironmentVariable) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.value) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.type) != "VALUE":
        o.append(b'\x18' + _mesos_EnvironmentVariableType[v])
    if (v := m.secret) is not UNSET:
        s = _mesos_Secret(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ExecutorID(m: mesos.ExecutorID) -> bytes:
    s = m.value.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _mesos_ExecutorInfo(m: mesos.ExecutorInfo) -> bytes:
    o: list[bytes] = []
    s = _mesos_ExecutorID(m.executor_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.data) is not UNSET:
        s = v
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.command) is not UNSET:
        s = _mesos_CommandInfo(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.framework_id) is not UNSET:
        s = _mesos_FrameworkID(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.name) is not UNSET:
        s = v.encode()
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.source) is not UNSET:
        s = v.encode()
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.container) is not UNSET:
        s = _mesos_ContainerInfo(v)
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.discovery) is not UNSET:
        s = _mesos_DiscoveryInfo(v)
        o.append(b'b' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.shutdown_grace_period) is not UNSET:
        s = _mesos_DurationInfo(v)
        o.append(b'j' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.labels) is not UNSET:
        s = _mesos_Labels(v)
        o.append(b'r' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.type) is not UNSET:
        o.append(b'x' + _mesos_ExecutorInfoType[v])
    return b"".join(o)


def _mesos_FileInfo(m: mesos.FileInfo) -> bytes:
    o: list[bytes] = []
    s = m.path.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.nlink) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.size) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.mtime) is not UNSET:
        s = _mesos_TimeInfo(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.mode) is not UNSET:
        n = v
        o.append(b'(' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.uid) is not UNSET:
        s = v.encode()
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.gid) is not UNSET:
        s = v.encode()
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_Filters(m: mesos.Filters) -> bytes:
    o: list[bytes] = []
    if (v := m.refuse_seconds) != 5:
        o.append(b'\t' + DOUBLE(v))
    return b"".join(o)


def _mesos_Flag(m: mesos.Flag) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.value) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_FrameworkID(m: mesos.FrameworkID) -> bytes:
    s = m.value.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _mesos_FrameworkInfo(m: mesos.FrameworkInfo) -> bytes:
    o: list[bytes] = []
    s = m.user.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.name.encode()
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.id) is not UNSET:
        s = _mesos_FrameworkID(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.failover_timeout) != 0:
        o.append(b'!' + DOUBLE(v))
    if (v := m.checkpoint) is not False:
        o.append(b'(\x01' if v else b'(\x00')
    if (v := m.role) is not UNSET:
        s = v.encode()
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.hostname) is not UNSET:
        s = v.encode()
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.principal) is not UNSET:
        s = v.encode()
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.webui_url) is not UNSET:
        s = v.encode()
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.capabilities:
        s = _mesos_FrameworkInfoCapability(v)
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.labels) is not UNSET:
        s = _mesos_Labels(v)
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.roles:
        s = v.encode()
        o.append(b'b' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for k, v in m.offer_filters.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = _mesos_OfferFilters(v)
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'j' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    return b"".join(o)


def _mesos_FrameworkInfoCapability(m: mesos.FrameworkInfoCapability) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _mesos_FrameworkInfoCapabilityType[v])
    return b"".join(o)


def _mesos_HealthCheck(m: mesos.HealthCheck) -> bytes:
    o: list[bytes] = []
    if (v := m.http) is not UNSET:
        s = _mesos_HealthCheckHTTPCheckInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.delay_seconds) != 15:
        o.append(b'\x11' + DOUBLE(v))
    if (v := m.interval_seconds) != 10:
        o.append(b'\x19' + DOUBLE(v))
    if (v := m.timeout_seconds) != 20:
        o.append(b'!' + DOUBLE(v))
    if (v := m.consecutive_failures) != 3:
        n = v
        o.append(b'(' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.grace_period_seconds) != 10:
        o.append(b'1' + DOUBLE(v))
    if (v := m.command) is not UNSET:
        s = _mesos_CommandInfo(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.type) is not UNSET:
        o.append(b'@' + _mesos_HealthCheckType[v])
    if (v := m.tcp) is not UNSET:
        s = _mesos_HealthCheckTCPCheckInfo(v)
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_HealthCheckHTTPCheckInfo(m: mesos.HealthCheckHTTPCheckInfo) -> bytes:
    o: list[bytes] = []
    n = m.port
    o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.path) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.scheme) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.statuses:
        n = v
        o.append(b' ' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.protocol) != "IPv4":
        o.append(b'(' + _mesos_NetworkInfoProtocol[v])
    return b"".join(o)


def _mesos_HealthCheckTCPCheckInfo(m: mesos.HealthCheckTCPCheckInfo) -> bytes:
    o: list[bytes] = []
    n = m.port
    o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.protocol) != "IPv4":
        o.append(b'\x10' + _mesos_NetworkInfoProtocol[v])
    return b"".join(o)


def _mesos_IcmpStatistics(m: mesos.IcmpStatistics) -> bytes:
    o: list[bytes] = []
    if (v := m.InMsgs) is not UNSET:
        n = v
        o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InErrors) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InCsumErrors) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InDestUnreachs) is not UNSET:
        n = v
        o.append(b' ' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InTimeExcds) is not UNSET:
        n = v
        o.append(b'(' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InParmProbs) is not UNSET:
        n = v
        o.append(b'0' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InSrcQuenchs) is not UNSET:
        n = v
        o.append(b'8' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InRedirects) is not UNSET:
        n = v
        o.append(b'@' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InEchos) is not UNSET:
        n = v
        o.append(b'H' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InEchoReps) is not UNSET:
        n = v
        o.append(b'P' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InTimestamps) is not UNSET:
        n = v
        o.append(b'X' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InTimestampReps) is not UNSET:
        n = v
        o.append(b'`' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InAddrMasks) is not UNSET:
        n = v
        o.append(b'h' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InAddrMaskReps) is not UNSET:
        n = v
        o.append(b'p' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutMsgs) is not UNSET:
        n = v
        o.append(b'x' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutErrors) is not UNSET:
        n = v
        o.append(b'\x80\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutDestUnreachs) is not UNSET:
        n = v
        o.append(b'\x88\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutTimeExcds) is not UNSET:
        n = v
        o.append(b'\x90\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutParmProbs) is not UNSET:
        n = v
        o.append(b'\x98\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutSrcQuenchs) is not UNSET:
        n = v
        o.append(b'\xa0\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutRedirects) is not UNSET:
        n = v
        o.append(b'\xa8\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutEchos) is not UNSET:
        n = v
        o.append(b'\xb0\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutEchoReps) is not UNSET:
        n = v
        o.append(b'\xb8\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutTimestamps) is not UNSET:
        n = v
        o.append(b'\xc0\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutTimestampReps) is not UNSET:
        n = v
        o.append(b'\xc8\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutAddrMasks) is not UNSET:
        n = v
        o.append(b'\xd0\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutAddrMaskReps) is not UNSET:
        n = v
        o.append(b'\xd8\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_Image(m: mesos.Image) -> bytes:
    o: list[bytes] = []
    o.append(b'\x08' + _mesos_ImageType[m.type])
    if (v := m.appc) is not UNSET:
        s = _mesos_ImageAppc(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.docker) is not UNSET:
        s = _mesos_ImageDocker(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.cached) is not True:
        o.append(b' \x01' if v else b' \x00')
    return b"".join(o)


def _mesos_ImageAppc(m: mesos.ImageAppc) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.id) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.labels) is not UNSET:
        s = _mesos_Labels(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ImageDocker(m: mesos.ImageDocker) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.credential) is not UNSET:
        s = _mesos_Credential(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.config) is not UNSET:
        s = _mesos_Secret(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_InverseOffer(m: mesos.InverseOffer) -> bytes:
    o: list[bytes] = []
    s = _mesos_OfferID(m.id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.url) is not UNSET:
        s = _mesos_URL(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_FrameworkID(m.framework_id)
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_Unavailability(m.unavailability)
    o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_IpStatistics(m: mesos.IpStatistics) -> bytes:
    o: list[bytes] = []
    if (v := m.Forwarding) is not UNSET:
        n = v
        o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.DefaultTTL) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InReceives) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InHdrErrors) is not UNSET:
        n = v
        o.append(b' ' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InAddrErrors) is not UNSET:
        n = v
        o.append(b'(' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.ForwDatagrams) is not UNSET:
        n = v
        o.append(b'0' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InUnknownProtos) is not UNSET:
        n = v
        o.append(b'8' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InDiscards) is not UNSET:
        n = v
        o.append(b'@' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InDelivers) is not UNSET:
        n = v
        o.append(b'H' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutRequests) is not UNSET:
        n = v
        o.append(b'P' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutDiscards) is not UNSET:
        n = v
        o.append(b'X' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutNoRoutes) is not UNSET:
        n = v
        o.append(b'`' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.ReasmTimeout) is not UNSET:
        n = v
        o.append(b'h' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.ReasmReqds) is not UNSET:
        n = v
        o.append(b'p' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.ReasmOKs) is not UNSET:
        n = v
        o.append(b'x' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.ReasmFails) is not UNSET:
        n = v
        o.append(b'\x80\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.FragOKs) is not UNSET:
        n = v
        o.append(b'\x88\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.FragFails) is not UNSET:
        n = v
        o.append(b'\x90\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.FragCreates) is not UNSET:
        n = v
        o.append(b'\x98\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_KillPolicy(m: mesos.KillPolicy) -> bytes:
    o: list[bytes] = []
    if (v := m.grace_period) is not UNSET:
        s = _mesos_DurationInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_Label(m: mesos.Label) -> bytes:
    o: list[bytes] = []
    s = m.key.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.value) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_Labels(m: mesos.Labels) -> bytes:
    o: list[bytes] = []
    for v in m.labels:
        s = _mesos_Label(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_LinuxInfo(m: mesos.LinuxInfo) -> bytes:
    o: list[bytes] = []
    if (v := m.capability_info) is not UNSET:
        s = _mesos_CapabilityInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.bounding_capabilities) is not UNSET:
        s = _mesos_CapabilityInfo(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.effective_capabilities) is not UNSET:
        s = _mesos_CapabilityInfo(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.share_pid_namespace) is not UNSET:
        o.append(b' \x01' if v else b' \x00')
    if (v := m.seccomp) is not UNSET:
        s = _mesos_SeccompInfo(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.ipc_mode) is not UNSET:
        o.append(b'0' + _mesos_LinuxInfoIpcMode[v])
    if (v := m.shm_size) is not UNSET:
        n = v
        o.append(b'8' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.share_cgroups) is not True:
        o.append(b'@\x01' if v else b'@\x00')
    return b"".join(o)


def _mesos_MachineID(m: mesos.MachineID) -> bytes:
    o: list[bytes] = []
    if (v := m.hostname) is not UNSET:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.ip) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_MachineInfo(m: mesos.MachineInfo) -> bytes:
    o: list[bytes] = []
    s = _mesos_MachineID(m.id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.mode) is not UNSET:
        o.append(b'\x10' + _mesos_MachineInfoMode[v])
    if (v := m.unavailability) is not UNSET:
        s = _mesos_Unavailability(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_MasterInfo(m: mesos.MasterInfo) -> bytes:
    o: list[bytes] = []
    s = m.id.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    n = m.ip
    o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    n = m.port
    o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.pid) is not UNSET:
        s = v.encode()
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.hostname) is not UNSET:
        s = v.encode()
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.version) is not UNSET:
        s = v.encode()
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.address) is not UNSET:
        s = _mesos_Address(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.domain) is not UNSET:
        s = _mesos_DomainInfo(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.capabilities:
        s = _mesos_MasterInfoCapability(v)
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_MasterInfoCapability(m: mesos.MasterInfoCapability) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _mesos_MasterInfoCapabilityType[v])
    return b"".join(o)


def _mesos_Metric(m: mesos.Metric) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.value) is not UNSET:
        o.append(b'\x11' + DOUBLE(v))
    return b"".join(o)


def _mesos_MountPropagation(m: mesos.MountPropagation) -> bytes:
    o: list[bytes] = []
    if (v := m.mode) is not UNSET:
        o.append(b'\x08' + _mesos_MountPropagationMode[v])
    return b"".join(o)


def _mesos_NetworkInfo(m: mesos.NetworkInfo) -> bytes:
    o: list[bytes] = []
    for v in m.groups:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.labels) is not UNSET:
        s = _mesos_Labels(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.ip_addresses:
        s = _mesos_NetworkInfoIPAddress(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.name) is not UNSET:
        s = v.encode()
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.port_mappings:
        s = _mesos_NetworkInfoPortMapping(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_NetworkInfoIPAddress(m: mesos.NetworkInfoIPAddress) -> bytes:
    o: list[bytes] = []
    if (v := m.protocol) != "IPv4":
        o.append(b'\x08' + _mesos_NetworkInfoProtocol[v])
    if (v := m.ip_address) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_NetworkInfoPortMapping(m: mesos.NetworkInfoPortMapping) -> bytes:
    o: list[bytes] = []
    n = m.host_port
    o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    n = m.container_port
    o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.protocol) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_Offer(m: mesos.Offer) -> bytes:
    o: list[bytes] = []
    s = _mesos_OfferID(m.id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_FrameworkID(m.framework_id)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_AgentID(m.agent_id)
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.hostname.encode()
    o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.executor_ids:
        s = _mesos_ExecutorID(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.attributes:
        s = _mesos_Attribute(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.url) is not UNSET:
        s = _mesos_URL(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.unavailability) is not UNSET:
        s = _mesos_Unavailability(v)
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.allocation_info) is not UNSET:
        s = _mesos_ResourceAllocationInfo(v)
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.domain) is not UNSET:
        s = _mesos_DomainInfo(v)
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_OfferOperation(m: mesos.OfferOperation) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _mesos_OfferOperationType[v])
    if (v := m.launch) is not UNSET:
        s = _mesos_OfferOperationLaunch(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.reserve) is not UNSET:
        s = _mesos_OfferOperationReserve(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.unreserve) is not UNSET:
        s = _mesos_OfferOperationUnreserve(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.create) is not UNSET:
        s = _mesos_OfferOperationCreate(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.destroy) is not UNSET:
        s = _mesos_OfferOperationDestroy(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.launch_group) is not UNSET:
        s = _mesos_OfferOperationLaunchGroup(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.id) is not UNSET:
        s = _mesos_OperationID(v)
        o.append(b'b' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.grow_volume) is not UNSET:
        s = _mesos_OfferOperationGrowVolume(v)
        o.append(b'j' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.shrink_volume) is not UNSET:
        s = _mesos_OfferOperationShrinkVolume(v)
        o.append(b'r' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.create_disk) is not UNSET:
        s = _mesos_OfferOperationCreateDisk(v)
        o.append(b'z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.destroy_disk) is not UNSET:
        s = _mesos_OfferOperationDestroyDisk(v)
        o.append(b'\x82\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_OfferOperationCreate(m: mesos.OfferOperationCreate) -> bytes:
    o: list[bytes] = []
    for v in m.volumes:
        s = _mesos_Resource(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_OfferOperationCreateDisk(m: mesos.OfferOperationCreateDisk) -> bytes:
    o: list[bytes] = []
    s = _mesos_Resource(m.source)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    o.append(b'\x10' + _mesos_ResourceDiskInfoSourceType[m.target_type])
    if (v := m.target_profile) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.target_reservations:
        s = _mesos_ResourceReservationInfo(v)
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.target_persistence) is not UNSET:
        s = _mesos_ResourceDiskInfoPersistence(v)
        o.append(b'\xca>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_OfferOperationDestroy(m: mesos.OfferOperationDestroy) -> bytes:
    o: list[bytes] = []
    for v in m.volumes:
        s = _mesos_Resource(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_OfferOperationDestroyDisk(m: mesos.OfferOperationDestroyDisk) -> bytes:
    o: list[bytes] = []
    s = _mesos_Resource(m.source)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.whole) is not UNSET:
        o.append(b'\xc0>\x01' if v else b'\xc0>\x00')
    return b"".join(o)


def _mesos_OfferOperationGrowVolume(m: mesos.OfferOperationGrowVolume) -> bytes:
    o: list[bytes] = []
    s = _mesos_Resource(m.volume)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_Resource(m.addition)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_OfferOperationLaunch(m: mesos.OfferOperationLaunch) -> bytes:
    o: list[bytes] = []
    for v in m.task_infos:
        s = _mesos_TaskInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_OfferOperationLaunchGroup(m: mesos.OfferOperationLaunchGroup) -> bytes:
    o: list[bytes] = []
    s = _mesos_ExecutorInfo(m.executor)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_TaskGroupInfo(m.task_group)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_OfferOperationReserve(m: mesos.OfferOperationReserve) -> bytes:
    o: list[bytes] = []
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.source:
        s = _mesos_Resource(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_OfferOperationShrinkVolume(m: mesos.OfferOperationShrinkVolume) -> bytes:
    o: list[bytes] = []
    s = _mesos_Resource(m.volume)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_ValueScalar(m.subtract)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_OfferOperationUnreserve(m: mesos.OfferOperationUnreserve) -> bytes:
    o: list[bytes] = []
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_OfferFilters(m: mesos.OfferFilters) -> bytes:
    o: list[bytes] = []
    if (v := m.min_allocatable_resources) is not UNSET:
        s = _mesos_OfferFiltersMinAllocatableResources(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_OfferFiltersMinAllocatableResources(m: mesos.OfferFiltersMinAllocatableResources) -> bytes:
    o: list[bytes] = []
    for v in m.quantities:
        s = _mesos_OfferFiltersResourceQuantities(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_OfferFiltersResourceQuantities(m: mesos.OfferFiltersResourceQuantities) -> bytes:
    o: list[bytes] = []
    for k, v in m.quantities.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = _mesos_ValueScalar(v)
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'\n' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    return b"".join(o)


def _mesos_OfferID(m: mesos.OfferID) -> bytes:
    s = m.value.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _mesos_Operation(m: mesos.Operation) -> bytes:
    o: list[bytes] = []
    if (v := m.framework_id) is not UNSET:
        s = _mesos_FrameworkID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_OfferOperation(m.info)
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_OperationStatus(m.latest_status)
    o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.statuses:
        s = _mesos_OperationStatus(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_UUID(m.uuid)
    o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.created) is not UNSET:
        o.append(b'\xc1>' + DOUBLE(v))
    if (v := m.resource_provider_id) is not UNSET:
        s = _mesos_ResourceProviderID(v)
        o.append(b'\xca>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.provisioning_name) is not UNSET:
        s = v.encode()
        o.append(b'\xd2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.trouble) is not UNSET:
        s = _mesos_OperationTrouble(v)
        o.append(b'\xda>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.abandoned) is not UNSET:
        o.append(b'\xe1>' + DOUBLE(v))
    if (v := m.acknowledged) is not UNSET:
        o.append(b'\xe8>\x01' if v else b'\xe8>\x00')
    for v in m.troubles:
        s = _mesos_OperationTrouble(v)
        o.append(b'\xf2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_HostFinding(m: mesos.HostFinding) -> bytes:
    o: list[bytes] = []
    s = m.kind.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.what.encode()
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.advice.encode()
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_OperationTrouble(m: mesos.OperationTrouble) -> bytes:
    o: list[bytes] = []
    s = m.message.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.times) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.since) is not UNSET:
        o.append(b'\x19' + DOUBLE(v))
    if (v := m.latest) is not UNSET:
        o.append(b'!' + DOUBLE(v))
    return b"".join(o)


def _mesos_OperationID(m: mesos.OperationID) -> bytes:
    s = m.value.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _mesos_OperationStatus(m: mesos.OperationStatus) -> bytes:
    o: list[bytes] = []
    if (v := m.operation_id) is not UNSET:
        s = _mesos_OperationID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    o.append(b'\x10' + _mesos_OperationState[m.state])
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.converted_resources:
        s = _mesos_Resource(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.uuid) is not UNSET:
        s = _mesos_UUID(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.resource_provider_id) is not UNSET:
        s = _mesos_ResourceProviderID(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.timestamp) is not UNSET:
        o.append(b'\xc1>' + DOUBLE(v))
    return b"".join(o)


def _mesos_Parameter(m: mesos.Parameter) -> bytes:
    o: list[bytes] = []
    s = m.key.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.value.encode()
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_Parameters(m: mesos.Parameters) -> bytes:
    o: list[bytes] = []
    for v in m.parameter:
        s = _mesos_Parameter(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_PerfStatistics(m: mesos.PerfStatistics) -> bytes:
    o: list[bytes] = []
    o.append(b'\t' + DOUBLE(m.timestamp))
    o.append(b'\x11' + DOUBLE(m.duration))
    if (v := m.cycles) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.stalled_cycles_frontend) is not UNSET:
        n = v
        o.append(b' ' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.stalled_cycles_backend) is not UNSET:
        n = v
        o.append(b'(' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.instructions) is not UNSET:
        n = v
        o.append(b'0' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.cache_references) is not UNSET:
        n = v
        o.append(b'8' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.cache_misses) is not UNSET:
        n = v
        o.append(b'@' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.branches) is not UNSET:
        n = v
        o.append(b'H' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.branch_misses) is not UNSET:
        n = v
        o.append(b'P' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.bus_cycles) is not UNSET:
        n = v
        o.append(b'X' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.ref_cycles) is not UNSET:
        n = v
        o.append(b'`' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.cpu_clock) is not UNSET:
        o.append(b'i' + DOUBLE(v))
    if (v := m.task_clock) is not UNSET:
        o.append(b'q' + DOUBLE(v))
    if (v := m.page_faults) is not UNSET:
        n = v
        o.append(b'x' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.minor_faults) is not UNSET:
        n = v
        o.append(b'\x80\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.major_faults) is not UNSET:
        n = v
        o.append(b'\x88\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.context_switches) is not UNSET:
        n = v
        o.append(b'\x90\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.cpu_migrations) is not UNSET:
        n = v
        o.append(b'\x98\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.alignment_faults) is not UNSET:
        n = v
        o.append(b'\xa0\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.emulation_faults) is not UNSET:
        n = v
        o.append(b'\xa8\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.l1_dcache_loads) is not UNSET:
        n = v
        o.append(b'\xb0\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.l1_dcache_load_misses) is not UNSET:
        n = v
        o.append(b'\xb8\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.l1_dcache_stores) is not UNSET:
        n = v
        o.append(b'\xc0\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.l1_dcache_store_misses) is not UNSET:
        n = v
        o.append(b'\xc8\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.l1_dcache_prefetches) is not UNSET:
        n = v
        o.append(b'\xd0\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.l1_dcache_prefetch_misses) is not UNSET:
        n = v
        o.append(b'\xd8\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.l1_icache_loads) is not UNSET:
        n = v
        o.append(b'\xe0\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.l1_icache_load_misses) is not UNSET:
        n = v
        o.append(b'\xe8\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.l1_icache_prefetches) is not UNSET:
        n = v
        o.append(b'\xf0\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.l1_icache_prefetch_misses) is not UNSET:
        n = v
        o.append(b'\xf8\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.llc_loads) is not UNSET:
        n = v
        o.append(b'\x80\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.llc_load_misses) is not UNSET:
        n = v
        o.append(b'\x88\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.llc_stores) is not UNSET:
        n = v
        o.append(b'\x90\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.llc_store_misses) is not UNSET:
        n = v
        o.append(b'\x98\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.llc_prefetches) is not UNSET:
        n = v
        o.append(b'\xa0\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.llc_prefetch_misses) is not UNSET:
        n = v
        o.append(b'\xa8\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.dtlb_loads) is not UNSET:
        n = v
        o.append(b'\xb0\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.dtlb_load_misses) is not UNSET:
        n = v
        o.append(b'\xb8\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.dtlb_stores) is not UNSET:
        n = v
        o.append(b'\xc0\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.dtlb_store_misses) is not UNSET:
        n = v
        o.append(b'\xc8\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.dtlb_prefetches) is not UNSET:
        n = v
        o.append(b'\xd0\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.dtlb_prefetch_misses) is not UNSET:
        n = v
        o.append(b'\xd8\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.itlb_loads) is not UNSET:
        n = v
        o.append(b'\xe0\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.itlb_load_misses) is not UNSET:
        n = v
        o.append(b'\xe8\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.branch_loads) is not UNSET:
        n = v
        o.append(b'\xf0\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.branch_load_misses) is not UNSET:
        n = v
        o.append(b'\xf8\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.node_loads) is not UNSET:
        n = v
        o.append(b'\x80\x03' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.node_load_misses) is not UNSET:
        n = v
        o.append(b'\x88\x03' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.node_stores) is not UNSET:
        n = v
        o.append(b'\x90\x03' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.node_store_misses) is not UNSET:
        n = v
        o.append(b'\x98\x03' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.node_prefetches) is not UNSET:
        n = v
        o.append(b'\xa0\x03' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.node_prefetch_misses) is not UNSET:
        n = v
        o.append(b'\xa8\x03' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_Port(m: mesos.Port) -> bytes:
    o: list[bytes] = []
    n = m.number
    o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.name) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.protocol) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.visibility) is not UNSET:
        o.append(b' ' + _mesos_DiscoveryInfoVisibility[v])
    if (v := m.labels) is not UNSET:
        s = _mesos_Labels(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_Ports(m: mesos.Ports) -> bytes:
    o: list[bytes] = []
    for v in m.ports:
        s = _mesos_Port(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_RLimitInfo(m: mesos.RLimitInfo) -> bytes:
    o: list[bytes] = []
    for v in m.rlimits:
        s = _mesos_RLimitInfoRLimit(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_RLimitInfoRLimit(m: mesos.RLimitInfoRLimit) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _mesos_RLimitInfoRLimitType[v])
    if (v := m.hard) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.soft) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_RateLimit(m: mesos.RateLimit) -> bytes:
    o: list[bytes] = []
    if (v := m.qps) is not UNSET:
        o.append(b'\t' + DOUBLE(v))
    s = m.principal.encode()
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.capacity) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_RateLimits(m: mesos.RateLimits) -> bytes:
    o: list[bytes] = []
    for v in m.limits:
        s = _mesos_RateLimit(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.aggregate_default_qps) is not UNSET:
        o.append(b'\x11' + DOUBLE(v))
    if (v := m.aggregate_default_capacity) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_Request(m: mesos.Request) -> bytes:
    o: list[bytes] = []
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_Resource(m: mesos.Resource) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    o.append(b'\x10' + _mesos_ValueType[m.type])
    if (v := m.scalar) is not UNSET:
        s = _mesos_ValueScalar(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.ranges) is not UNSET:
        s = _mesos_ValueRanges(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.set) is not UNSET:
        s = _mesos_ValueSet(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.role) is not UNSET:
        s = v.encode()
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.disk) is not UNSET:
        s = _mesos_ResourceDiskInfo(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.reservation) is not UNSET:
        s = _mesos_ResourceReservationInfo(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.revocable) is not UNSET:
        s = _mesos_ResourceRevocableInfo(v)
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.shared) is not UNSET:
        s = _mesos_ResourceSharedInfo(v)
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.allocation_info) is not UNSET:
        s = _mesos_ResourceAllocationInfo(v)
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.provider_id) is not UNSET:
        s = _mesos_ResourceProviderID(v)
        o.append(b'b' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.reservations:
        s = _mesos_ResourceReservationInfo(v)
        o.append(b'j' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ResourceAllocationInfo(m: mesos.ResourceAllocationInfo) -> bytes:
    o: list[bytes] = []
    if (v := m.role) is not UNSET:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ResourceDiskInfo(m: mesos.ResourceDiskInfo) -> bytes:
    o: list[bytes] = []
    if (v := m.persistence) is not UNSET:
        s = _mesos_ResourceDiskInfoPersistence(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.volume) is not UNSET:
        s = _mesos_Volume(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.source) is not UNSET:
        s = _mesos_ResourceDiskInfoSource(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ResourceDiskInfoPersistence(m: mesos.ResourceDiskInfoPersistence) -> bytes:
    o: list[bytes] = []
    s = m.id.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.principal) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ResourceDiskInfoSource(m: mesos.ResourceDiskInfoSource) -> bytes:
    o: list[bytes] = []
    o.append(b'\x08' + _mesos_ResourceDiskInfoSourceType[m.type])
    if (v := m.path) is not UNSET:
        s = _mesos_ResourceDiskInfoSourcePath(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.mount) is not UNSET:
        s = _mesos_ResourceDiskInfoSourceMount(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.id) is not UNSET:
        s = v.encode()
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.metadata) is not UNSET:
        s = _mesos_Labels(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.profile) is not UNSET:
        s = v.encode()
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.vendor) is not UNSET:
        s = v.encode()
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.capacity_group) is not UNSET:
        s = v.encode()
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.cost) is not UNSET:
        o.append(b'\xc9>' + DOUBLE(v))
    return b"".join(o)


def _mesos_ResourceDiskInfoSourceMount(m: mesos.ResourceDiskInfoSourceMount) -> bytes:
    o: list[bytes] = []
    if (v := m.root) is not UNSET:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ResourceDiskInfoSourcePath(m: mesos.ResourceDiskInfoSourcePath) -> bytes:
    o: list[bytes] = []
    if (v := m.root) is not UNSET:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ResourceReservationInfo(m: mesos.ResourceReservationInfo) -> bytes:
    o: list[bytes] = []
    if (v := m.principal) is not UNSET:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.labels) is not UNSET:
        s = _mesos_Labels(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.role) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.type) is not UNSET:
        o.append(b' ' + _mesos_ResourceReservationInfoType[v])
    return b"".join(o)


def _mesos_ResourceRevocableInfo(m: mesos.ResourceRevocableInfo) -> bytes:
    return b""


def _mesos_ResourceSharedInfo(m: mesos.ResourceSharedInfo) -> bytes:
    return b""


def _mesos_ResourceProviderID(m: mesos.ResourceProviderID) -> bytes:
    s = m.value.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _mesos_ResourceProviderInfo(m: mesos.ResourceProviderInfo) -> bytes:
    o: list[bytes] = []
    if (v := m.id) is not UNSET:
        s = _mesos_ResourceProviderID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.attributes:
        s = _mesos_Attribute(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.type.encode()
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.name.encode()
    o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.default_reservations:
        s = _mesos_ResourceReservationInfo(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.storage) is not UNSET:
        s = _mesos_ResourceProviderInfoStorage(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ResourceProviderInfoStorage(m: mesos.ResourceProviderInfoStorage) -> bytes:
    o: list[bytes] = []
    s = _mesos_CSIPluginInfo(m.plugin)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.reconciliation_interval_seconds) is not UNSET:
        o.append(b'\x11' + DOUBLE(v))
    return b"".join(o)


def _mesos_ResourceStatistics(m: mesos.ResourceStatistics) -> bytes:
    o: list[bytes] = []
    o.append(b'\t' + DOUBLE(m.timestamp))
    if (v := m.cpus_user_time_secs) is not UNSET:
        o.append(b'\x11' + DOUBLE(v))
    if (v := m.cpus_system_time_secs) is not UNSET:
        o.append(b'\x19' + DOUBLE(v))
    if (v := m.cpus_limit) is not UNSET:
        o.append(b'!' + DOUBLE(v))
    if (v := m.mem_rss_bytes) is not UNSET:
        n = v
        o.append(b'(' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.mem_limit_bytes) is not UNSET:
        n = v
        o.append(b'0' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.cpus_nr_periods) is not UNSET:
        n = v
        o.append(b'8' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.cpus_nr_throttled) is not UNSET:
        n = v
        o.append(b'@' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.cpus_throttled_time_secs) is not UNSET:
        o.append(b'I' + DOUBLE(v))
    if (v := m.mem_file_bytes) is not UNSET:
        n = v
        o.append(b'P' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.mem_anon_bytes) is not UNSET:
        n = v
        o.append(b'X' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.mem_mapped_file_bytes) is not UNSET:
        n = v
        o.append(b'`' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.perf) is not UNSET:
        s = _mesos_PerfStatistics(v)
        o.append(b'j' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.net_rx_packets) is not UNSET:
        n = v
        o.append(b'p' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.net_rx_bytes) is not UNSET:
        n = v
        o.append(b'x' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.net_rx_errors) is not UNSET:
        n = v
        o.append(b'\x80\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.net_rx_dropped) is not UNSET:
        n = v
        o.append(b'\x88\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.net_tx_packets) is not UNSET:
        n = v
        o.append(b'\x90\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.net_tx_bytes) is not UNSET:
        n = v
        o.append(b'\x98\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.net_tx_errors) is not UNSET:
        n = v
        o.append(b'\xa0\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.net_tx_dropped) is not UNSET:
        n = v
        o.append(b'\xa8\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.net_tcp_rtt_microsecs_p50) is not UNSET:
        o.append(b'\xb1\x01' + DOUBLE(v))
    if (v := m.net_tcp_rtt_microsecs_p90) is not UNSET:
        o.append(b'\xb9\x01' + DOUBLE(v))
    if (v := m.net_tcp_rtt_microsecs_p95) is not UNSET:
        o.append(b'\xc1\x01' + DOUBLE(v))
    if (v := m.net_tcp_rtt_microsecs_p99) is not UNSET:
        o.append(b'\xc9\x01' + DOUBLE(v))
    if (v := m.disk_limit_bytes) is not UNSET:
        n = v
        o.append(b'\xd0\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.disk_used_bytes) is not UNSET:
        n = v
        o.append(b'\xd8\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.net_tcp_active_connections) is not UNSET:
        o.append(b'\xe1\x01' + DOUBLE(v))
    if (v := m.net_tcp_time_wait_connections) is not UNSET:
        o.append(b'\xe9\x01' + DOUBLE(v))
    if (v := m.processes) is not UNSET:
        n = v
        o.append(b'\xf0\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.threads) is not UNSET:
        n = v
        o.append(b'\xf8\x01' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.mem_low_pressure_counter) is not UNSET:
        n = v
        o.append(b'\x80\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.mem_medium_pressure_counter) is not UNSET:
        n = v
        o.append(b'\x88\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.mem_critical_pressure_counter) is not UNSET:
        n = v
        o.append(b'\x90\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    for v in m.net_traffic_control_statistics:
        s = _mesos_TrafficControlStatistics(v)
        o.append(b'\x9a\x02' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.mem_total_bytes) is not UNSET:
        n = v
        o.append(b'\xa0\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.mem_total_memsw_bytes) is not UNSET:
        n = v
        o.append(b'\xa8\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.mem_soft_limit_bytes) is not UNSET:
        n = v
        o.append(b'\xb0\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.mem_cache_bytes) is not UNSET:
        n = v
        o.append(b'\xb8\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.mem_swap_bytes) is not UNSET:
        n = v
        o.append(b'\xc0\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.mem_unevictable_bytes) is not UNSET:
        n = v
        o.append(b'\xc8\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.net_snmp_statistics) is not UNSET:
        s = _mesos_SNMPStatistics(v)
        o.append(b'\xd2\x02' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.disk_statistics:
        s = _mesos_DiskStatistics(v)
        o.append(b'\xda\x02' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.blkio_statistics) is not UNSET:
        s = _mesos_CgroupInfoBlkioStatistics(v)
        o.append(b'\xe2\x02' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.cpus_soft_limit) is not UNSET:
        o.append(b'\xe9\x02' + DOUBLE(v))
    if (v := m.net_tx_rate_limit) is not UNSET:
        n = v
        o.append(b'\xf0\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.net_tx_burst_rate_limit) is not UNSET:
        n = v
        o.append(b'\xf8\x02' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.net_tx_burst_size) is not UNSET:
        n = v
        o.append(b'\x80\x03' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.net_rx_rate_limit) is not UNSET:
        n = v
        o.append(b'\x88\x03' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.net_rx_burst_rate_limit) is not UNSET:
        n = v
        o.append(b'\x90\x03' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.net_rx_burst_size) is not UNSET:
        n = v
        o.append(b'\x98\x03' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.mem_kmem_usage_bytes) is not UNSET:
        n = v
        o.append(b'\xa0\x03' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.mem_kmem_tcp_usage_bytes) is not UNSET:
        n = v
        o.append(b'\xa8\x03' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.net_rate_statistics) is not UNSET:
        s = _mesos_ResourceStatisticsRateStatistics(v)
        o.append(b'\xb2\x03' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.net_ephemeral_ports) is not UNSET:
        s = _mesos_ValueRange(v)
        o.append(b'\xba\x03' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ResourceStatisticsRatePercentiles(m: mesos.ResourceStatisticsRatePercentiles) -> bytes:
    o: list[bytes] = []
    if (v := m.min) is not UNSET:
        n = v
        o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.max) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.p50) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.p90) is not UNSET:
        n = v
        o.append(b' ' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.p95) is not UNSET:
        n = v
        o.append(b'(' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.p99) is not UNSET:
        n = v
        o.append(b'0' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.p999) is not UNSET:
        n = v
        o.append(b'8' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.p9999) is not UNSET:
        n = v
        o.append(b'@' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.samples) is not UNSET:
        n = v
        o.append(b'H' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_ResourceStatisticsRateStatistics(m: mesos.ResourceStatisticsRateStatistics) -> bytes:
    o: list[bytes] = []
    if (v := m.rx_rate) is not UNSET:
        s = _mesos_ResourceStatisticsRatePercentiles(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.rx_packet_rate) is not UNSET:
        s = _mesos_ResourceStatisticsRatePercentiles(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.rx_drop_rate) is not UNSET:
        s = _mesos_ResourceStatisticsRatePercentiles(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.rx_error_rate) is not UNSET:
        s = _mesos_ResourceStatisticsRatePercentiles(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.tx_rate) is not UNSET:
        s = _mesos_ResourceStatisticsRatePercentiles(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.tx_packet_rate) is not UNSET:
        s = _mesos_ResourceStatisticsRatePercentiles(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.tx_drop_rate) is not UNSET:
        s = _mesos_ResourceStatisticsRatePercentiles(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.tx_error_rate) is not UNSET:
        s = _mesos_ResourceStatisticsRatePercentiles(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.sampling_window_secs) is not UNSET:
        o.append(b'I' + DOUBLE(v))
    if (v := m.sampling_interval_secs) is not UNSET:
        o.append(b'Q' + DOUBLE(v))
    return b"".join(o)


def _mesos_ResourceUsage(m: mesos.ResourceUsage) -> bytes:
    o: list[bytes] = []
    for v in m.executors:
        s = _mesos_ResourceUsageExecutor(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.total:
        s = _mesos_Resource(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ResourceUsageExecutor(m: mesos.ResourceUsageExecutor) -> bytes:
    o: list[bytes] = []
    s = _mesos_ExecutorInfo(m.executor_info)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.allocated:
        s = _mesos_Resource(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.statistics) is not UNSET:
        s = _mesos_ResourceStatistics(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_ContainerID(m.container_id)
    o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.tasks:
        s = _mesos_ResourceUsageExecutorTask(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ResourceUsageExecutorTask(m: mesos.ResourceUsageExecutorTask) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_TaskID(m.id)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.labels) is not UNSET:
        s = _mesos_Labels(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_Role(m: mesos.Role) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    o.append(b'\x11' + DOUBLE(m.weight))
    for v in m.frameworks:
        s = _mesos_FrameworkID(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for k, v in m.guarantees.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = _mesos_ValueScalar(v)
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'\xc2>' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    for k, v in m.limits.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = _mesos_ValueScalar(v)
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'\xca>' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    for k, v in m.consumed.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = _mesos_ValueScalar(v)
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'\xd2>' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    for k, v in m.allocated.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = _mesos_ValueScalar(v)
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'\xda>' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    for k, v in m.offered.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = _mesos_ValueScalar(v)
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'\xe2>' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    for k, v in m.reserved.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = _mesos_ValueScalar(v)
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'\xea>' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    return b"".join(o)


def _mesos_SNMPStatistics(m: mesos.SNMPStatistics) -> bytes:
    o: list[bytes] = []
    if (v := m.ip_stats) is not UNSET:
        s = _mesos_IpStatistics(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.icmp_stats) is not UNSET:
        s = _mesos_IcmpStatistics(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.tcp_stats) is not UNSET:
        s = _mesos_TcpStatistics(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.udp_stats) is not UNSET:
        s = _mesos_UdpStatistics(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_SeccompInfo(m: mesos.SeccompInfo) -> bytes:
    o: list[bytes] = []
    if (v := m.profile_name) is not UNSET:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.unconfined) is not UNSET:
        o.append(b'\x10\x01' if v else b'\x10\x00')
    return b"".join(o)


def _mesos_Secret(m: mesos.Secret) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _mesos_SecretType[v])
    if (v := m.reference) is not UNSET:
        s = _mesos_SecretReference(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.value) is not UNSET:
        s = _mesos_SecretValue(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_SecretReference(m: mesos.SecretReference) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.key) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_SecretValue(m: mesos.SecretValue) -> bytes:
    s = m.data
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _mesos_TTYInfo(m: mesos.TTYInfo) -> bytes:
    o: list[bytes] = []
    if (v := m.window_size) is not UNSET:
        s = _mesos_TTYInfoWindowSize(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_TTYInfoWindowSize(m: mesos.TTYInfoWindowSize) -> bytes:
    o: list[bytes] = []
    n = m.rows
    o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    n = m.columns
    o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_Task(m: mesos.Task) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_TaskID(m.task_id)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_FrameworkID(m.framework_id)
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.executor_id) is not UNSET:
        s = _mesos_ExecutorID(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_AgentID(m.agent_id)
    o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    o.append(b'0' + _mesos_TaskState[m.state])
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.statuses:
        s = _mesos_TaskStatus(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.status_update_state) is not UNSET:
        o.append(b'H' + _mesos_TaskState[v])
    if (v := m.status_update_uuid) is not UNSET:
        s = v
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.labels) is not UNSET:
        s = _mesos_Labels(v)
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.discovery) is not UNSET:
        s = _mesos_DiscoveryInfo(v)
        o.append(b'b' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.container) is not UNSET:
        s = _mesos_ContainerInfo(v)
        o.append(b'j' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.user) is not UNSET:
        s = v.encode()
        o.append(b'r' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.health_check) is not UNSET:
        s = _mesos_HealthCheck(v)
        o.append(b'z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.kill_policy) is not UNSET:
        s = _mesos_KillPolicy(v)
        o.append(b'\x82\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for k, v in m.limits.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = _mesos_ValueScalar(v)
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'\x8a\x01' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    return b"".join(o)


def _mesos_TaskGroupInfo(m: mesos.TaskGroupInfo) -> bytes:
    o: list[bytes] = []
    for v in m.tasks:
        s = _mesos_TaskInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_TaskID(m: mesos.TaskID) -> bytes:
    s = m.value.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _mesos_TaskInfo(m: mesos.TaskInfo) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_TaskID(m.task_id)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_AgentID(m.agent_id)
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.executor) is not UNSET:
        s = _mesos_ExecutorInfo(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.data) is not UNSET:
        s = v
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.command) is not UNSET:
        s = _mesos_CommandInfo(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.health_check) is not UNSET:
        s = _mesos_HealthCheck(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.container) is not UNSET:
        s = _mesos_ContainerInfo(v)
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.labels) is not UNSET:
        s = _mesos_Labels(v)
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.discovery) is not UNSET:
        s = _mesos_DiscoveryInfo(v)
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.kill_policy) is not UNSET:
        s = _mesos_KillPolicy(v)
        o.append(b'b' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.check) is not UNSET:
        s = _mesos_CheckInfo(v)
        o.append(b'j' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.max_completion_time) is not UNSET:
        s = _mesos_DurationInfo(v)
        o.append(b'r' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for k, v in m.limits.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = _mesos_ValueScalar(v)
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'z' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    return b"".join(o)


def _mesos_TaskResourceLimitation(m: mesos.TaskResourceLimitation) -> bytes:
    o: list[bytes] = []
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_TaskStatus(m: mesos.TaskStatus) -> bytes:
    o: list[bytes] = []
    s = _mesos_TaskID(m.task_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    o.append(b'\x10' + _mesos_TaskState[m.state])
    if (v := m.data) is not UNSET:
        s = v
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.timestamp) is not UNSET:
        o.append(b'1' + DOUBLE(v))
    if (v := m.executor_id) is not UNSET:
        s = _mesos_ExecutorID(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.healthy) is not UNSET:
        o.append(b'@\x01' if v else b'@\x00')
    if (v := m.source) is not UNSET:
        o.append(b'H' + _mesos_TaskStatusSource[v])
    if (v := m.reason) is not UNSET:
        o.append(b'P' + _mesos_TaskStatusReason[v])
    if (v := m.uuid) is not UNSET:
        s = v
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.labels) is not UNSET:
        s = _mesos_Labels(v)
        o.append(b'b' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.container_status) is not UNSET:
        s = _mesos_ContainerStatus(v)
        o.append(b'j' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.unreachable_time) is not UNSET:
        s = _mesos_TimeInfo(v)
        o.append(b'r' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.check_status) is not UNSET:
        s = _mesos_CheckStatusInfo(v)
        o.append(b'z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.limitation) is not UNSET:
        s = _mesos_TaskResourceLimitation(v)
        o.append(b'\x82\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_TcpStatistics(m: mesos.TcpStatistics) -> bytes:
    o: list[bytes] = []
    if (v := m.RtoAlgorithm) is not UNSET:
        n = v
        o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.RtoMin) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.RtoMax) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.MaxConn) is not UNSET:
        n = v
        o.append(b' ' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.ActiveOpens) is not UNSET:
        n = v
        o.append(b'(' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.PassiveOpens) is not UNSET:
        n = v
        o.append(b'0' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.AttemptFails) is not UNSET:
        n = v
        o.append(b'8' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.EstabResets) is not UNSET:
        n = v
        o.append(b'@' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.CurrEstab) is not UNSET:
        n = v
        o.append(b'H' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InSegs) is not UNSET:
        n = v
        o.append(b'P' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutSegs) is not UNSET:
        n = v
        o.append(b'X' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.RetransSegs) is not UNSET:
        n = v
        o.append(b'`' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InErrs) is not UNSET:
        n = v
        o.append(b'h' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutRsts) is not UNSET:
        n = v
        o.append(b'p' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InCsumErrors) is not UNSET:
        n = v
        o.append(b'x' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_TimeInfo(m: mesos.TimeInfo) -> bytes:
    n = m.nanoseconds
    return b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n))


def _mesos_TrafficControlStatistics(m: mesos.TrafficControlStatistics) -> bytes:
    o: list[bytes] = []
    s = m.id.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.backlog) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.bytes) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.drops) is not UNSET:
        n = v
        o.append(b' ' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.overlimits) is not UNSET:
        n = v
        o.append(b'(' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.packets) is not UNSET:
        n = v
        o.append(b'0' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.qlen) is not UNSET:
        n = v
        o.append(b'8' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.ratebps) is not UNSET:
        n = v
        o.append(b'@' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.ratepps) is not UNSET:
        n = v
        o.append(b'H' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.requeues) is not UNSET:
        n = v
        o.append(b'P' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_URL(m: mesos.URL) -> bytes:
    o: list[bytes] = []
    s = m.scheme.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_Address(m.address)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.path) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.query:
        s = _mesos_Parameter(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.fragment) is not UNSET:
        s = v.encode()
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_UUID(m: mesos.UUID) -> bytes:
    s = m.value
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _mesos_UdpStatistics(m: mesos.UdpStatistics) -> bytes:
    o: list[bytes] = []
    if (v := m.InDatagrams) is not UNSET:
        n = v
        o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.NoPorts) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InErrors) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.OutDatagrams) is not UNSET:
        n = v
        o.append(b' ' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.RcvbufErrors) is not UNSET:
        n = v
        o.append(b'(' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.SndbufErrors) is not UNSET:
        n = v
        o.append(b'0' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.InCsumErrors) is not UNSET:
        n = v
        o.append(b'8' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.IgnoredMulti) is not UNSET:
        n = v
        o.append(b'@' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_Unavailability(m: mesos.Unavailability) -> bytes:
    o: list[bytes] = []
    s = _mesos_TimeInfo(m.start)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.duration) is not UNSET:
        s = _mesos_DurationInfo(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_Value(m: mesos.Value) -> bytes:
    o: list[bytes] = []
    o.append(b'\x08' + _mesos_ValueType[m.type])
    if (v := m.scalar) is not UNSET:
        s = _mesos_ValueScalar(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.ranges) is not UNSET:
        s = _mesos_ValueRanges(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.set) is not UNSET:
        s = _mesos_ValueSet(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.text) is not UNSET:
        s = _mesos_ValueText(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ValueRange(m: mesos.ValueRange) -> bytes:
    o: list[bytes] = []
    n = m.begin
    o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    n = m.end
    o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _mesos_ValueRanges(m: mesos.ValueRanges) -> bytes:
    o: list[bytes] = []
    for v in m.range:
        s = _mesos_ValueRange(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ValueScalar(m: mesos.ValueScalar) -> bytes:
    return b'\t' + DOUBLE(m.value)


def _mesos_ValueSet(m: mesos.ValueSet) -> bytes:
    o: list[bytes] = []
    for v in m.item:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_ValueText(m: mesos.ValueText) -> bytes:
    s = m.value.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _mesos_VersionInfo(m: mesos.VersionInfo) -> bytes:
    o: list[bytes] = []
    s = m.version.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.build_date) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.build_time) is not UNSET:
        o.append(b'\x19' + DOUBLE(v))
    if (v := m.build_user) is not UNSET:
        s = v.encode()
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.git_sha) is not UNSET:
        s = v.encode()
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.git_branch) is not UNSET:
        s = v.encode()
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.git_tag) is not UNSET:
        s = v.encode()
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.product) is not UNSET:
        s = v.encode()
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.product_version) is not UNSET:
        s = v.encode()
        o.append(b'\xca>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_Volume(m: mesos.Volume) -> bytes:
    o: list[bytes] = []
    s = m.container_path.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.host_path) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    o.append(b'\x18' + _mesos_VolumeMode[m.mode])
    if (v := m.image) is not UNSET:
        s = _mesos_Image(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.source) is not UNSET:
        s = _mesos_VolumeSource(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_VolumeSource(m: mesos.VolumeSource) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _mesos_VolumeSourceType[v])
    if (v := m.docker_volume) is not UNSET:
        s = _mesos_VolumeSourceDockerVolume(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.sandbox_path) is not UNSET:
        s = _mesos_VolumeSourceSandboxPath(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.secret) is not UNSET:
        s = _mesos_Secret(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.host_path) is not UNSET:
        s = _mesos_VolumeSourceHostPath(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.csi_volume) is not UNSET:
        s = _mesos_VolumeSourceCSIVolume(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_VolumeSourceCSIVolume(m: mesos.VolumeSourceCSIVolume) -> bytes:
    o: list[bytes] = []
    s = m.plugin_name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.static_provisioning) is not UNSET:
        s = _mesos_VolumeSourceCSIVolumeStaticProvisioning(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_VolumeSourceCSIVolumeStaticProvisioning(m: mesos.VolumeSourceCSIVolumeStaticProvisioning) -> bytes:
    o: list[bytes] = []
    s = m.volume_id.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_VolumeSourceCSIVolumeVolumeCapability(m.volume_capability)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for k, v in m.node_stage_secrets.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = _mesos_Secret(v)
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'\x1a' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    for k, v in m.node_publish_secrets.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = _mesos_Secret(v)
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'"' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    for k, v in m.volume_context.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = v.encode()
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'*' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    return b"".join(o)


def _mesos_VolumeSourceCSIVolumeVolumeCapability(m: mesos.VolumeSourceCSIVolumeVolumeCapability) -> bytes:
    o: list[bytes] = []
    if (v := m.block) is not UNSET:
        s = _mesos_VolumeSourceCSIVolumeVolumeCapabilityBlockVolume(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.mount) is not UNSET:
        s = _mesos_VolumeSourceCSIVolumeVolumeCapabilityMountVolume(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_VolumeSourceCSIVolumeVolumeCapabilityAccessMode(m.access_mode)
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_VolumeSourceCSIVolumeVolumeCapabilityAccessMode(m: mesos.VolumeSourceCSIVolumeVolumeCapabilityAccessMode) -> bytes:
    return b'\x08' + _mesos_VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode[m.mode]


def _mesos_VolumeSourceCSIVolumeVolumeCapabilityBlockVolume(m: mesos.VolumeSourceCSIVolumeVolumeCapabilityBlockVolume) -> bytes:
    return b""


def _mesos_VolumeSourceCSIVolumeVolumeCapabilityMountVolume(m: mesos.VolumeSourceCSIVolumeVolumeCapabilityMountVolume) -> bytes:
    o: list[bytes] = []
    if (v := m.fs_type) is not UNSET:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.mount_flags:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_VolumeSourceDockerVolume(m: mesos.VolumeSourceDockerVolume) -> bytes:
    o: list[bytes] = []
    if (v := m.driver) is not UNSET:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.name.encode()
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.driver_options) is not UNSET:
        s = _mesos_Parameters(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_VolumeSourceHostPath(m: mesos.VolumeSourceHostPath) -> bytes:
    o: list[bytes] = []
    s = m.path.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.mount_propagation) is not UNSET:
        s = _mesos_MountPropagation(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_VolumeSourceSandboxPath(m: mesos.VolumeSourceSandboxPath) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _mesos_VolumeSourceSandboxPathType[v])
    s = m.path.encode()
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _mesos_WeightInfo(m: mesos.WeightInfo) -> bytes:
    o: list[bytes] = []
    o.append(b'\t' + DOUBLE(m.weight))
    if (v := m.role) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_Call(m: agent.Call) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _agent_CallType[v])
    if (v := m.get_metrics) is not UNSET:
        s = _agent_CallGetMetrics(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.set_logging_level) is not UNSET:
        s = _agent_CallSetLoggingLevel(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.list_files) is not UNSET:
        s = _agent_CallListFiles(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.read_file) is not UNSET:
        s = _agent_CallReadFile(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.launch_nested_container) is not UNSET:
        s = _agent_CallLaunchNestedContainer(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.wait_nested_container) is not UNSET:
        s = _agent_CallWaitNestedContainer(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.kill_nested_container) is not UNSET:
        s = _agent_CallKillNestedContainer(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.launch_nested_container_session) is not UNSET:
        s = _agent_CallLaunchNestedContainerSession(v)
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.attach_container_input) is not UNSET:
        s = _agent_CallAttachContainerInput(v)
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.attach_container_output) is not UNSET:
        s = _agent_CallAttachContainerOutput(v)
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.remove_nested_container) is not UNSET:
        s = _agent_CallRemoveNestedContainer(v)
        o.append(b'b' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.launch_container) is not UNSET:
        s = _agent_CallLaunchContainer(v)
        o.append(b'j' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.wait_container) is not UNSET:
        s = _agent_CallWaitContainer(v)
        o.append(b'r' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.kill_container) is not UNSET:
        s = _agent_CallKillContainer(v)
        o.append(b'z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.remove_container) is not UNSET:
        s = _agent_CallRemoveContainer(v)
        o.append(b'\x82\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.add_resource_provider_config) is not UNSET:
        s = _agent_CallAddResourceProviderConfig(v)
        o.append(b'\x8a\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.update_resource_provider_config) is not UNSET:
        s = _agent_CallUpdateResourceProviderConfig(v)
        o.append(b'\x92\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.remove_resource_provider_config) is not UNSET:
        s = _agent_CallRemoveResourceProviderConfig(v)
        o.append(b'\x9a\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_containers) is not UNSET:
        s = _agent_CallGetContainers(v)
        o.append(b'\xa2\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.prune_images) is not UNSET:
        s = _agent_CallPruneImages(v)
        o.append(b'\xaa\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.mark_resource_provider_gone) is not UNSET:
        s = _agent_CallMarkResourceProviderGone(v)
        o.append(b'\xb2\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.reconfigure) is not UNSET:
        s = _agent_CallReconfigure(v)
        o.append(b'\xd2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_CallAddResourceProviderConfig(m: agent.CallAddResourceProviderConfig) -> bytes:
    s = _mesos_ResourceProviderInfo(m.info)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _agent_CallAttachContainerInput(m: agent.CallAttachContainerInput) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _agent_CallAttachContainerInputType[v])
    if (v := m.container_id) is not UNSET:
        s = _mesos_ContainerID(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.process_io) is not UNSET:
        s = _agent_ProcessIO(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_CallAttachContainerOutput(m: agent.CallAttachContainerOutput) -> bytes:
    s = _mesos_ContainerID(m.container_id)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _agent_CallGetContainers(m: agent.CallGetContainers) -> bytes:
    o: list[bytes] = []
    if (v := m.show_nested) is not UNSET:
        o.append(b'\x08\x01' if v else b'\x08\x00')
    if (v := m.show_standalone) is not UNSET:
        o.append(b'\x10\x01' if v else b'\x10\x00')
    if (v := m.show_ended) is not UNSET:
        o.append(b'\xc0>\x01' if v else b'\xc0>\x00')
    return b"".join(o)


def _agent_CallGetMetrics(m: agent.CallGetMetrics) -> bytes:
    o: list[bytes] = []
    if (v := m.timeout) is not UNSET:
        s = _mesos_DurationInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_CallKillContainer(m: agent.CallKillContainer) -> bytes:
    o: list[bytes] = []
    s = _mesos_ContainerID(m.container_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.signal) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.grace_period) is not UNSET:
        s = _mesos_DurationInfo(v)
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_CallKillNestedContainer(m: agent.CallKillNestedContainer) -> bytes:
    o: list[bytes] = []
    s = _mesos_ContainerID(m.container_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.signal) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _agent_CallLaunchContainer(m: agent.CallLaunchContainer) -> bytes:
    o: list[bytes] = []
    s = _mesos_ContainerID(m.container_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.command) is not UNSET:
        s = _mesos_CommandInfo(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.container) is not UNSET:
        s = _mesos_ContainerInfo(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for k, v in m.limits.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = _mesos_ValueScalar(v)
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'*' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    if (v := m.stdin) is not UNSET:
        o.append(b'\xc0>\x01' if v else b'\xc0>\x00')
    return b"".join(o)


def _agent_CallLaunchNestedContainer(m: agent.CallLaunchNestedContainer) -> bytes:
    o: list[bytes] = []
    s = _mesos_ContainerID(m.container_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.command) is not UNSET:
        s = _mesos_CommandInfo(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.container) is not UNSET:
        s = _mesos_ContainerInfo(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_CallLaunchNestedContainerSession(m: agent.CallLaunchNestedContainerSession) -> bytes:
    o: list[bytes] = []
    s = _mesos_ContainerID(m.container_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.command) is not UNSET:
        s = _mesos_CommandInfo(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.container) is not UNSET:
        s = _mesos_ContainerInfo(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_CallListFiles(m: agent.CallListFiles) -> bytes:
    s = m.path.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _agent_CallMarkResourceProviderGone(m: agent.CallMarkResourceProviderGone) -> bytes:
    s = _mesos_ResourceProviderID(m.resource_provider_id)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _agent_CallPruneImages(m: agent.CallPruneImages) -> bytes:
    o: list[bytes] = []
    for v in m.excluded_images:
        s = _mesos_Image(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.dry_run) is not UNSET:
        o.append(b'\xc0>\x01' if v else b'\xc0>\x00')
    if (v := m.report) is not UNSET:
        o.append(b'\xc8>\x01' if v else b'\xc8>\x00')
    if (v := m.all) is not UNSET:
        o.append(b'\xd0>\x01' if v else b'\xd0>\x00')
    return b"".join(o)


def _agent_CallReadFile(m: agent.CallReadFile) -> bytes:
    o: list[bytes] = []
    s = m.path.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    n = m.offset
    o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.length) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _agent_CallReconfigure(m: agent.CallReconfigure) -> bytes:
    o: list[bytes] = []
    if (v := m.dry_run) is not UNSET:
        o.append(b'\x08\x01' if v else b'\x08\x00')
    return b"".join(o)


def _agent_CallRemoveContainer(m: agent.CallRemoveContainer) -> bytes:
    s = _mesos_ContainerID(m.container_id)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _agent_CallRemoveNestedContainer(m: agent.CallRemoveNestedContainer) -> bytes:
    s = _mesos_ContainerID(m.container_id)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _agent_CallRemoveResourceProviderConfig(m: agent.CallRemoveResourceProviderConfig) -> bytes:
    o: list[bytes] = []
    s = m.type.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.name.encode()
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_CallSetLoggingLevel(m: agent.CallSetLoggingLevel) -> bytes:
    o: list[bytes] = []
    n = m.level
    o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    s = _mesos_DurationInfo(m.duration)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_CallUpdateResourceProviderConfig(m: agent.CallUpdateResourceProviderConfig) -> bytes:
    s = _mesos_ResourceProviderInfo(m.info)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _agent_CallWaitContainer(m: agent.CallWaitContainer) -> bytes:
    s = _mesos_ContainerID(m.container_id)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _agent_CallWaitNestedContainer(m: agent.CallWaitNestedContainer) -> bytes:
    s = _mesos_ContainerID(m.container_id)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _agent_ProcessIO(m: agent.ProcessIO) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _agent_ProcessIOType[v])
    if (v := m.data) is not UNSET:
        s = _agent_ProcessIOData(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.control) is not UNSET:
        s = _agent_ProcessIOControl(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ProcessIOControl(m: agent.ProcessIOControl) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _agent_ProcessIOControlType[v])
    if (v := m.tty_info) is not UNSET:
        s = _mesos_TTYInfo(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.heartbeat) is not UNSET:
        s = _agent_ProcessIOControlHeartbeat(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ProcessIOControlHeartbeat(m: agent.ProcessIOControlHeartbeat) -> bytes:
    o: list[bytes] = []
    if (v := m.interval) is not UNSET:
        s = _mesos_DurationInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ProcessIOData(m: agent.ProcessIOData) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _agent_ProcessIODataType[v])
    if (v := m.data) is not UNSET:
        s = v
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_Response(m: agent.Response) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _agent_ResponseType[v])
    if (v := m.get_health) is not UNSET:
        s = _agent_ResponseGetHealth(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_flags) is not UNSET:
        s = _agent_ResponseGetFlags(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_version) is not UNSET:
        s = _agent_ResponseGetVersion(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_metrics) is not UNSET:
        s = _agent_ResponseGetMetrics(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_logging_level) is not UNSET:
        s = _agent_ResponseGetLoggingLevel(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.list_files) is not UNSET:
        s = _agent_ResponseListFiles(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.read_file) is not UNSET:
        s = _agent_ResponseReadFile(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_state) is not UNSET:
        s = _agent_ResponseGetState(v)
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_containers) is not UNSET:
        s = _agent_ResponseGetContainers(v)
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_frameworks) is not UNSET:
        s = _agent_ResponseGetFrameworks(v)
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_executors) is not UNSET:
        s = _agent_ResponseGetExecutors(v)
        o.append(b'b' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_tasks) is not UNSET:
        s = _agent_ResponseGetTasks(v)
        o.append(b'j' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.wait_nested_container) is not UNSET:
        s = _agent_ResponseWaitNestedContainer(v)
        o.append(b'r' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_agent) is not UNSET:
        s = _agent_ResponseGetAgent(v)
        o.append(b'z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.wait_container) is not UNSET:
        s = _agent_ResponseWaitContainer(v)
        o.append(b'\x82\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_resource_providers) is not UNSET:
        s = _agent_ResponseGetResourceProviders(v)
        o.append(b'\x8a\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_operations) is not UNSET:
        s = _agent_ResponseGetOperations(v)
        o.append(b'\x92\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_resource_provider_configs) is not UNSET:
        s = _agent_ResponseGetResourceProviderConfigs(v)
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_images) is not UNSET:
        s = _agent_ResponseGetImages(v)
        o.append(b'\xca>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.reconfigure) is not UNSET:
        s = _agent_ResponseReconfigure(v)
        o.append(b'\xd2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_devices) is not UNSET:
        s = _agent_ResponseGetDevices(v)
        o.append(b'\xda>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.prune_images) is not UNSET:
        s = _agent_ResponsePruneImages(v)
        o.append(b'\xe2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetAgent(m: agent.ResponseGetAgent) -> bytes:
    o: list[bytes] = []
    if (v := m.agent_info) is not UNSET:
        s = _mesos_AgentInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.drain_config) is not UNSET:
        s = _mesos_DrainConfig(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.estimated_drain_start_time) is not UNSET:
        s = _mesos_TimeInfo(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.isolation) is not UNSET:
        s = _agent_ResponseIsolation(v)
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.findings:
        s = _mesos_HostFinding(v)
        o.append(b'\xca>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseIsolation(m: agent.ResponseIsolation) -> bytes:
    o: list[bytes] = []
    s = m.containerizer.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    o.append(b'\x10\x01' if m.volumes else b'\x10\x00')
    o.append(b'\x18\x01' if m.memory_limit else b'\x18\x00')
    o.append(b' \x01' if m.cpu_limit else b' \x00')
    o.append(b'(\x01' if m.images else b'(\x00')
    for v in m.notes:
        s = v.encode()
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.processes_limit) is not UNSET:
        o.append(b'8\x01' if v else b'8\x00')
    for v in m.networks:
        s = v.encode()
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetContainers(m: agent.ResponseGetContainers) -> bytes:
    o: list[bytes] = []
    for v in m.containers:
        s = _agent_ResponseGetContainersContainer(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetContainersContainer(m: agent.ResponseGetContainersContainer) -> bytes:
    o: list[bytes] = []
    if (v := m.framework_id) is not UNSET:
        s = _mesos_FrameworkID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.executor_id) is not UNSET:
        s = _mesos_ExecutorID(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.executor_name) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_ContainerID(m.container_id)
    o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.container_status) is not UNSET:
        s = _mesos_ContainerStatus(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.resource_statistics) is not UNSET:
        s = _mesos_ResourceStatistics(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.kind) is not UNSET:
        s = v.encode()
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.state) is not UNSET:
        s = v.encode()
        o.append(b'\xca>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.exit) is not UNSET:
        s = _agent_ResponseWaitContainer(v)
        o.append(b'\xd2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.created) is not UNSET:
        o.append(b'\xd9>' + DOUBLE(v))
    if (v := m.command) is not UNSET:
        s = v.encode()
        o.append(b'\xe2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.image) is not UNSET:
        s = v.encode()
        o.append(b'\xea>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.task_id) is not UNSET:
        s = _mesos_TaskID(v)
        o.append(b'\xf2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'\xfa>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetExecutors(m: agent.ResponseGetExecutors) -> bytes:
    o: list[bytes] = []
    for v in m.executors:
        s = _agent_ResponseGetExecutorsExecutor(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.completed_executors:
        s = _agent_ResponseGetExecutorsExecutor(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetExecutorsExecutor(m: agent.ResponseGetExecutorsExecutor) -> bytes:
    s = _mesos_ExecutorInfo(m.executor_info)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _agent_ResponseGetFlags(m: agent.ResponseGetFlags) -> bytes:
    o: list[bytes] = []
    for v in m.flags:
        s = _mesos_Flag(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetFrameworks(m: agent.ResponseGetFrameworks) -> bytes:
    o: list[bytes] = []
    for v in m.frameworks:
        s = _agent_ResponseGetFrameworksFramework(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.completed_frameworks:
        s = _agent_ResponseGetFrameworksFramework(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetFrameworksFramework(m: agent.ResponseGetFrameworksFramework) -> bytes:
    s = _mesos_FrameworkInfo(m.framework_info)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _agent_ResponseGetHealth(m: agent.ResponseGetHealth) -> bytes:
    return b'\x08\x01' if m.healthy else b'\x08\x00'


def _agent_ResponseGetLoggingLevel(m: agent.ResponseGetLoggingLevel) -> bytes:
    n = m.level
    return b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n))


def _agent_ResponseGetMetrics(m: agent.ResponseGetMetrics) -> bytes:
    o: list[bytes] = []
    for v in m.metrics:
        s = _mesos_Metric(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetImages(m: agent.ResponseGetImages) -> bytes:
    o: list[bytes] = []
    for v in m.images:
        s = _agent_ResponseGetImagesImage(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.path) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.free_bytes) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.total_bytes) is not UNSET:
        n = v
        o.append(b' ' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.headroom) is not UNSET:
        o.append(b')' + DOUBLE(v))
    if (v := m.low_water) is not UNSET:
        o.append(b'1' + DOUBLE(v))
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetImagesImage(m: agent.ResponseGetImagesImage) -> bytes:
    o: list[bytes] = []
    s = m.id.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.names:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    n = m.size_bytes
    o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.own_bytes) is not UNSET:
        n = v
        o.append(b' ' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.created) is not UNSET:
        s = _mesos_TimeInfo(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.last_used) is not UNSET:
        s = _mesos_TimeInfo(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.pulled) is not UNSET:
        o.append(b'8\x01' if v else b'8\x00')
    for v in m.kept:
        s = v.encode()
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetOperations(m: agent.ResponseGetOperations) -> bytes:
    o: list[bytes] = []
    for v in m.operations:
        s = _mesos_Operation(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetResourceProviderConfigs(m: agent.ResponseGetResourceProviderConfigs) -> bytes:
    o: list[bytes] = []
    for v in m.configs:
        s = _agent_ResponseGetResourceProviderConfigsConfig(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetResourceProviderConfigsConfig(m: agent.ResponseGetResourceProviderConfigsConfig) -> bytes:
    o: list[bytes] = []
    if (v := m.info) is not UNSET:
        s = _mesos_ResourceProviderInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.file) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.state.encode()
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetDevices(m: agent.ResponseGetDevices) -> bytes:
    o: list[bytes] = []
    for v in m.devices:
        s = _agent_ResponseGetDevicesDevice(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetDevicesDevice(m: agent.ResponseGetDevicesDevice) -> bytes:
    o: list[bytes] = []
    s = m.path.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.kind) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.size) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.model) is not UNSET:
        s = v.encode()
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.rotational) is not UNSET:
        o.append(b'(\x01' if v else b'(\x00')
    if (v := m.read_only) is not UNSET:
        o.append(b'0\x01' if v else b'0\x00')
    for v in m.links:
        s = v.encode()
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.identity) is not UNSET:
        s = v.encode()
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.contents) is not UNSET:
        s = v.encode()
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.state.encode()
    o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.rule) is not UNSET:
        s = v.encode()
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.use) is not UNSET:
        s = v.encode()
        o.append(b'b' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.provider) is not UNSET:
        s = v.encode()
        o.append(b'j' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'r' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.pool) is not UNSET:
        s = v.encode()
        o.append(b'z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetResourceProviders(m: agent.ResponseGetResourceProviders) -> bytes:
    o: list[bytes] = []
    for v in m.resource_providers:
        s = _agent_ResponseGetResourceProvidersResourceProvider(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetResourceProvidersResourceProvider(m: agent.ResponseGetResourceProvidersResourceProvider) -> bytes:
    o: list[bytes] = []
    s = _mesos_ResourceProviderInfo(m.resource_provider_info)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.total_resources:
        s = _mesos_Resource(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.connected) is not UNSET:
        o.append(b'\xc0>\x01' if v else b'\xc0>\x00')
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'\xca>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetState(m: agent.ResponseGetState) -> bytes:
    o: list[bytes] = []
    if (v := m.get_tasks) is not UNSET:
        s = _agent_ResponseGetTasks(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_executors) is not UNSET:
        s = _agent_ResponseGetExecutors(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_frameworks) is not UNSET:
        s = _agent_ResponseGetFrameworks(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetTasks(m: agent.ResponseGetTasks) -> bytes:
    o: list[bytes] = []
    for v in m.pending_tasks:
        s = _mesos_Task(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.queued_tasks:
        s = _mesos_Task(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.launched_tasks:
        s = _mesos_Task(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.terminated_tasks:
        s = _mesos_Task(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.completed_tasks:
        s = _mesos_Task(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseGetVersion(m: agent.ResponseGetVersion) -> bytes:
    s = _mesos_VersionInfo(m.version_info)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _agent_ResponseListFiles(m: agent.ResponseListFiles) -> bytes:
    o: list[bytes] = []
    for v in m.file_infos:
        s = _mesos_FileInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponsePruneImages(m: agent.ResponsePruneImages) -> bytes:
    o: list[bytes] = []
    for v in m.removed:
        s = _agent_ResponseGetImagesImage(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.kept:
        s = _agent_ResponseGetImagesImage(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    n = m.freed_bytes
    o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.free_bytes) is not UNSET:
        n = v
        o.append(b' ' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.total_bytes) is not UNSET:
        n = v
        o.append(b'(' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseReadFile(m: agent.ResponseReadFile) -> bytes:
    o: list[bytes] = []
    n = m.size
    o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    s = m.data
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseReconfigure(m: agent.ResponseReconfigure) -> bytes:
    o: list[bytes] = []
    for v in m.changes:
        s = _agent_ResponseReconfigureChange(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    o.append(b'\x10\x01' if m.applied else b'\x10\x00')
    if (v := m.refusal) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.notes:
        s = v.encode()
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseReconfigureChange(m: agent.ResponseReconfigureChange) -> bytes:
    o: list[bytes] = []
    s = m.what.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.old) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.new) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.verdict.encode()
    o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseWaitContainer(m: agent.ResponseWaitContainer) -> bytes:
    o: list[bytes] = []
    if (v := m.exit_status) is not UNSET:
        n = v
        o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.state) is not UNSET:
        o.append(b'\x10' + _mesos_TaskState[v])
    if (v := m.reason) is not UNSET:
        o.append(b'\x18' + _mesos_TaskStatusReason[v])
    if (v := m.limitation) is not UNSET:
        s = _mesos_TaskResourceLimitation(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _agent_ResponseWaitNestedContainer(m: agent.ResponseWaitNestedContainer) -> bytes:
    o: list[bytes] = []
    if (v := m.exit_status) is not UNSET:
        n = v
        o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.state) is not UNSET:
        o.append(b'\x10' + _mesos_TaskState[v])
    if (v := m.reason) is not UNSET:
        o.append(b'\x18' + _mesos_TaskStatusReason[v])
    if (v := m.limitation) is not UNSET:
        s = _mesos_TaskResourceLimitation(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _allocator_InverseOfferStatus(m: allocator.InverseOfferStatus) -> bytes:
    o: list[bytes] = []
    o.append(b'\x08' + _allocator_InverseOfferStatusStatus[m.status])
    s = _mesos_FrameworkID(m.framework_id)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_TimeInfo(m.timestamp)
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _executor_Call(m: executor.Call) -> bytes:
    o: list[bytes] = []
    s = _mesos_ExecutorID(m.executor_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_FrameworkID(m.framework_id)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.type) is not UNSET:
        o.append(b'\x18' + _executor_CallType[v])
    if (v := m.subscribe) is not UNSET:
        s = _executor_CallSubscribe(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.update) is not UNSET:
        s = _executor_CallUpdate(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.message) is not UNSET:
        s = _executor_CallMessage(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _executor_CallMessage(m: executor.CallMessage) -> bytes:
    s = m.data
    return b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _executor_CallSubscribe(m: executor.CallSubscribe) -> bytes:
    o: list[bytes] = []
    for v in m.unacknowledged_tasks:
        s = _mesos_TaskInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.unacknowledged_updates:
        s = _executor_CallUpdate(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _executor_CallUpdate(m: executor.CallUpdate) -> bytes:
    s = _mesos_TaskStatus(m.status)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _executor_Event(m: executor.Event) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _executor_EventType[v])
    if (v := m.subscribed) is not UNSET:
        s = _executor_EventSubscribed(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.acknowledged) is not UNSET:
        s = _executor_EventAcknowledged(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.launch) is not UNSET:
        s = _executor_EventLaunch(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.kill) is not UNSET:
        s = _executor_EventKill(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.message) is not UNSET:
        s = _executor_EventMessage(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.error) is not UNSET:
        s = _executor_EventError(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.launch_group) is not UNSET:
        s = _executor_EventLaunchGroup(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _executor_EventAcknowledged(m: executor.EventAcknowledged) -> bytes:
    o: list[bytes] = []
    s = _mesos_TaskID(m.task_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.uuid
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _executor_EventError(m: executor.EventError) -> bytes:
    s = m.message.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _executor_EventKill(m: executor.EventKill) -> bytes:
    o: list[bytes] = []
    s = _mesos_TaskID(m.task_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.kill_policy) is not UNSET:
        s = _mesos_KillPolicy(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _executor_EventLaunch(m: executor.EventLaunch) -> bytes:
    s = _mesos_TaskInfo(m.task)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _executor_EventLaunchGroup(m: executor.EventLaunchGroup) -> bytes:
    s = _mesos_TaskGroupInfo(m.task_group)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _executor_EventMessage(m: executor.EventMessage) -> bytes:
    s = m.data
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _executor_EventSubscribed(m: executor.EventSubscribed) -> bytes:
    o: list[bytes] = []
    s = _mesos_ExecutorInfo(m.executor_info)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_FrameworkInfo(m.framework_info)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_AgentInfo(m.agent_info)
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.container_id) is not UNSET:
        s = _mesos_ContainerID(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _maintenance_ClusterStatus(m: maintenance.ClusterStatus) -> bytes:
    o: list[bytes] = []
    for v in m.draining_machines:
        s = _maintenance_ClusterStatusDrainingMachine(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.down_machines:
        s = _mesos_MachineID(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _maintenance_ClusterStatusDrainingMachine(m: maintenance.ClusterStatusDrainingMachine) -> bytes:
    o: list[bytes] = []
    s = _mesos_MachineID(m.id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.statuses:
        s = _allocator_InverseOfferStatus(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _maintenance_Schedule(m: maintenance.Schedule) -> bytes:
    o: list[bytes] = []
    for v in m.windows:
        s = _maintenance_Window(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _maintenance_Window(m: maintenance.Window) -> bytes:
    o: list[bytes] = []
    for v in m.machine_ids:
        s = _mesos_MachineID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_Unavailability(m.unavailability)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _protobuf_Duration(m: protobuf.Duration) -> bytes:
    o: list[bytes] = []
    if (v := m.seconds) is not UNSET:
        n = v
        o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.nanos) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _quota_QuotaConfig(m: quota.QuotaConfig) -> bytes:
    o: list[bytes] = []
    s = m.role.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for k, v in m.guarantees.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = _mesos_ValueScalar(v)
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'\x12' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    for k, v in m.limits.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = _mesos_ValueScalar(v)
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'\x1a' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    return b"".join(o)


def _quota_QuotaInfo(m: quota.QuotaInfo) -> bytes:
    o: list[bytes] = []
    if (v := m.role) is not UNSET:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.principal) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.guarantee:
        s = _mesos_Resource(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _quota_QuotaRequest(m: quota.QuotaRequest) -> bytes:
    o: list[bytes] = []
    if (v := m.force) is not UNSET:
        o.append(b'\x08\x01' if v else b'\x08\x00')
    if (v := m.role) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.guarantee:
        s = _mesos_Resource(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _quota_QuotaStatus(m: quota.QuotaStatus) -> bytes:
    o: list[bytes] = []
    for v in m.infos:
        s = _quota_QuotaInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.configs:
        s = _quota_QuotaConfig(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _resource_provider_Call(m: resource_provider.Call) -> bytes:
    o: list[bytes] = []
    if (v := m.resource_provider_id) is not UNSET:
        s = _mesos_ResourceProviderID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.type) is not UNSET:
        o.append(b'\x10' + _resource_provider_CallType[v])
    if (v := m.subscribe) is not UNSET:
        s = _resource_provider_CallSubscribe(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.update_operation_status) is not UNSET:
        s = _resource_provider_CallUpdateOperationStatus(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.update_state) is not UNSET:
        s = _resource_provider_CallUpdateState(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.update_publish_resources_status) is not UNSET:
        s = _resource_provider_CallUpdatePublishResourcesStatus(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _resource_provider_CallSubscribe(m: resource_provider.CallSubscribe) -> bytes:
    s = _mesos_ResourceProviderInfo(m.resource_provider_info)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _resource_provider_CallUpdateOperationStatus(m: resource_provider.CallUpdateOperationStatus) -> bytes:
    o: list[bytes] = []
    if (v := m.framework_id) is not UNSET:
        s = _mesos_FrameworkID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_OperationStatus(m.status)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.latest_status) is not UNSET:
        s = _mesos_OperationStatus(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_UUID(m.operation_uuid)
    o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _resource_provider_CallUpdatePublishResourcesStatus(m: resource_provider.CallUpdatePublishResourcesStatus) -> bytes:
    o: list[bytes] = []
    s = _mesos_UUID(m.uuid)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    o.append(b'\x10' + _resource_provider_CallUpdatePublishResourcesStatusStatus[m.status])
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.published:
        s = _resource_provider_CallUpdatePublishResourcesStatusPublishedVolume(v)
        o.append(b'\xca>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.unsettled:
        s = v.encode()
        o.append(b'\xd2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _resource_provider_CallUpdatePublishResourcesStatusPublishedVolume(m: resource_provider.CallUpdatePublishResourcesStatusPublishedVolume) -> bytes:
    o: list[bytes] = []
    s = m.source_id.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.path.encode()
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.block) is not UNSET:
        o.append(b'\x18\x01' if v else b'\x18\x00')
    if (v := m.provider_id) is not UNSET:
        s = _mesos_ResourceProviderID(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _resource_provider_CallUpdateState(m: resource_provider.CallUpdateState) -> bytes:
    o: list[bytes] = []
    for v in m.operations:
        s = _mesos_Operation(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_UUID(m.resource_version_uuid)
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.profiles:
        s = _resource_provider_ProfileInfo(v)
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.plugin) is not UNSET:
        s = _resource_provider_PluginState(v)
        o.append(b'\xca>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.notices:
        s = _resource_provider_VolumeNotice(v)
        o.append(b'\xd2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.notices_total) is not UNSET:
        n = v
        o.append(b'\xd8>' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.more) is not UNSET:
        o.append(b'\xe0>\x01' if v else b'\xe0>\x00')
    for v in m.capabilities:
        s = v.encode()
        o.append(b'\xea>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _resource_provider_Event(m: resource_provider.Event) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _resource_provider_EventType[v])
    if (v := m.subscribed) is not UNSET:
        s = _resource_provider_EventSubscribed(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.apply_operation) is not UNSET:
        s = _resource_provider_EventApplyOperation(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.publish_resources) is not UNSET:
        s = _resource_provider_EventPublishResources(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.acknowledge_operation_status) is not UNSET:
        s = _resource_provider_EventAcknowledgeOperationStatus(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.reconcile_operations) is not UNSET:
        s = _resource_provider_EventReconcileOperations(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.unpublish_resources) is not UNSET:
        s = _resource_provider_EventUnpublishResources(v)
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.error) is not UNSET:
        s = _resource_provider_EventError(v)
        o.append(b'\xd2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.admit_volume) is not UNSET:
        s = _resource_provider_EventAdmitVolume(v)
        o.append(b'\xda>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.retry_operation) is not UNSET:
        s = _resource_provider_EventRetryOperation(v)
        o.append(b'\xe2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.abandon_operation) is not UNSET:
        s = _resource_provider_EventAbandonOperation(v)
        o.append(b'\xea>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.check_at_rest) is not UNSET:
        s = _resource_provider_EventCheckAtRest(v)
        o.append(b'\xf2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _resource_provider_EventAbandonOperation(m: resource_provider.EventAbandonOperation) -> bytes:
    s = _mesos_UUID(m.operation_uuid)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _resource_provider_EventAcknowledgeOperationStatus(m: resource_provider.EventAcknowledgeOperationStatus) -> bytes:
    o: list[bytes] = []
    s = _mesos_UUID(m.status_uuid)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_UUID(m.operation_uuid)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _resource_provider_EventApplyOperation(m: resource_provider.EventApplyOperation) -> bytes:
    o: list[bytes] = []
    if (v := m.framework_id) is not UNSET:
        s = _mesos_FrameworkID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_OfferOperation(m.info)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_UUID(m.operation_uuid)
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_UUID(m.resource_version_uuid)
    o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _resource_provider_EventError(m: resource_provider.EventError) -> bytes:
    s = m.message.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _resource_provider_EventPublishResources(m: resource_provider.EventPublishResources) -> bytes:
    o: list[bytes] = []
    s = _mesos_UUID(m.uuid)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.user) is not UNSET:
        s = v.encode()
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.readonly) is not UNSET:
        o.append(b'\xc8>\x01' if v else b'\xc8>\x00')
    return b"".join(o)


def _resource_provider_EventCheckAtRest(m: resource_provider.EventCheckAtRest) -> bytes:
    s = _mesos_UUID(m.uuid)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _resource_provider_EventReconcileOperations(m: resource_provider.EventReconcileOperations) -> bytes:
    o: list[bytes] = []
    for v in m.operation_uuids:
        s = _mesos_UUID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _resource_provider_EventAdmitVolume(m: resource_provider.EventAdmitVolume) -> bytes:
    o: list[bytes] = []
    s = m.source_id.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.size_bytes) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _resource_provider_EventRetryOperation(m: resource_provider.EventRetryOperation) -> bytes:
    s = _mesos_UUID(m.operation_uuid)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _resource_provider_EventSubscribed(m: resource_provider.EventSubscribed) -> bytes:
    o: list[bytes] = []
    s = _mesos_ResourceProviderID(m.provider_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.heartbeat_interval_seconds) is not UNSET:
        o.append(b'\xc1>' + DOUBLE(v))
    return b"".join(o)


def _resource_provider_EventUnpublishResources(m: resource_provider.EventUnpublishResources) -> bytes:
    o: list[bytes] = []
    s = _mesos_UUID(m.uuid)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.user.encode()
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _resource_provider_PluginState(m: resource_provider.PluginState) -> bytes:
    o: list[bytes] = []
    if (v := m.name) is not UNSET:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.vendor_version) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.state) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.container_id) is not UNSET:
        s = v.encode()
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.restarts) is not UNSET:
        n = v
        o.append(b'0' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    for v in m.capabilities:
        s = v.encode()
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.containers:
        s = _resource_provider_PluginContainerState(v)
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.calls_in_flight) is not UNSET:
        n = v
        o.append(b'\xc8>' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.calls_limit) is not UNSET:
        n = v
        o.append(b'\xd0>' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    for v in m.capabilities_detail:
        s = _resource_provider_PluginCapability(v)
        o.append(b'\xda>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.next_start) is not UNSET:
        o.append(b'\xe1>' + DOUBLE(v))
    return b"".join(o)


def _resource_provider_PluginContainerState(m: resource_provider.PluginContainerState) -> bytes:
    o: list[bytes] = []
    if (v := m.container_id) is not UNSET:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.services:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.state) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.restarts) is not UNSET:
        n = v
        o.append(b' ' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.log:
        s = v.encode()
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _resource_provider_PluginCapability(m: resource_provider.PluginCapability) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.use) is not UNSET:
        o.append(b'\x10' + _resource_provider_PluginCapabilityUse[v])
    if (v := m.note) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _resource_provider_VolumeNotice(m: resource_provider.VolumeNotice) -> bytes:
    o: list[bytes] = []
    s = m.source_id.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    o.append(b'\x10' + _resource_provider_VolumeNoticeKind[m.kind])
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.size_bytes) is not UNSET:
        n = v
        o.append(b' ' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _resource_provider_ProfileInfo(m: resource_provider.ProfileInfo) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.block) is not UNSET:
        o.append(b'\x10\x01' if v else b'\x10\x00')
    if (v := m.fs_type) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for k, v in m.parameters.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = v.encode()
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'"' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    if (v := m.description) is not UNSET:
        s = v.encode()
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.available) is not UNSET:
        o.append(b'0\x01' if v else b'0\x00')
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.capacity_group) is not UNSET:
        s = v.encode()
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.cost_ratio) is not UNSET:
        o.append(b'\xc9>' + DOUBLE(v))
    if (v := m.sharing) is not UNSET:
        o.append(b'\xd0>' + _resource_provider_ProfileInfoSharing[v])
    if (v := m.sharing_note) is not UNSET:
        s = v.encode()
        o.append(b'\xda>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_APIResult(m: scheduler.APIResult) -> bytes:
    o: list[bytes] = []
    n = m.status_code
    o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.response) is not UNSET:
        s = _scheduler_Response(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.error) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_AttributeConstraint(m: scheduler.AttributeConstraint) -> bytes:
    o: list[bytes] = []
    s = _scheduler_AttributeConstraintSelector(m.selector)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _scheduler_AttributeConstraintPredicate(m.predicate)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_AttributeConstraintPredicate(m: scheduler.AttributeConstraintPredicate) -> bytes:
    o: list[bytes] = []
    if (v := m.exists) is not UNSET:
        s = _scheduler_AttributeConstraintPredicateExists(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.not_exists) is not UNSET:
        s = _scheduler_AttributeConstraintPredicateNotExists(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.text_equals) is not UNSET:
        s = _scheduler_AttributeConstraintPredicateTextEquals(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.text_not_equals) is not UNSET:
        s = _scheduler_AttributeConstraintPredicateTextNotEquals(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.text_matches) is not UNSET:
        s = _scheduler_AttributeConstraintPredicateTextMatches(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.text_not_matches) is not UNSET:
        s = _scheduler_AttributeConstraintPredicateTextNotMatches(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_AttributeConstraintPredicateExists(m: scheduler.AttributeConstraintPredicateExists) -> bytes:
    return b""


def _scheduler_AttributeConstraintPredicateNotExists(m: scheduler.AttributeConstraintPredicateNotExists) -> bytes:
    return b""


def _scheduler_AttributeConstraintPredicateTextEquals(m: scheduler.AttributeConstraintPredicateTextEquals) -> bytes:
    s = m.value.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _scheduler_AttributeConstraintPredicateTextMatches(m: scheduler.AttributeConstraintPredicateTextMatches) -> bytes:
    s = m.regex.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _scheduler_AttributeConstraintPredicateTextNotEquals(m: scheduler.AttributeConstraintPredicateTextNotEquals) -> bytes:
    s = m.value.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _scheduler_AttributeConstraintPredicateTextNotMatches(m: scheduler.AttributeConstraintPredicateTextNotMatches) -> bytes:
    s = m.regex.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _scheduler_AttributeConstraintSelector(m: scheduler.AttributeConstraintSelector) -> bytes:
    o: list[bytes] = []
    if (v := m.pseudoattribute_type) is not UNSET:
        o.append(b'\x08' + _scheduler_AttributeConstraintSelectorPseudoattributeType[v])
    if (v := m.attribute_name) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_Call(m: scheduler.Call) -> bytes:
    o: list[bytes] = []
    if (v := m.framework_id) is not UNSET:
        s = _mesos_FrameworkID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.type) is not UNSET:
        o.append(b'\x10' + _scheduler_CallType[v])
    if (v := m.subscribe) is not UNSET:
        s = _scheduler_CallSubscribe(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.accept) is not UNSET:
        s = _scheduler_CallAccept(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.decline) is not UNSET:
        s = _scheduler_CallDecline(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.kill) is not UNSET:
        s = _scheduler_CallKill(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.shutdown) is not UNSET:
        s = _scheduler_CallShutdown(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.acknowledge) is not UNSET:
        s = _scheduler_CallAcknowledge(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.reconcile) is not UNSET:
        s = _scheduler_CallReconcile(v)
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.message) is not UNSET:
        s = _scheduler_CallMessage(v)
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.request) is not UNSET:
        s = _scheduler_CallRequest(v)
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.accept_inverse_offers) is not UNSET:
        s = _scheduler_CallAcceptInverseOffers(v)
        o.append(b'j' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.decline_inverse_offers) is not UNSET:
        s = _scheduler_CallDeclineInverseOffers(v)
        o.append(b'r' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.revive) is not UNSET:
        s = _scheduler_CallRevive(v)
        o.append(b'z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.suppress) is not UNSET:
        s = _scheduler_CallSuppress(v)
        o.append(b'\x82\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.acknowledge_operation_status) is not UNSET:
        s = _scheduler_CallAcknowledgeOperationStatus(v)
        o.append(b'\x8a\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.reconcile_operations) is not UNSET:
        s = _scheduler_CallReconcileOperations(v)
        o.append(b'\x92\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.update_framework) is not UNSET:
        s = _scheduler_CallUpdateFramework(v)
        o.append(b'\x9a\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallAccept(m: scheduler.CallAccept) -> bytes:
    o: list[bytes] = []
    for v in m.offer_ids:
        s = _mesos_OfferID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.operations:
        s = _mesos_OfferOperation(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.filters) is not UNSET:
        s = _mesos_Filters(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallAcceptInverseOffers(m: scheduler.CallAcceptInverseOffers) -> bytes:
    o: list[bytes] = []
    for v in m.inverse_offer_ids:
        s = _mesos_OfferID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.filters) is not UNSET:
        s = _mesos_Filters(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallAcknowledge(m: scheduler.CallAcknowledge) -> bytes:
    o: list[bytes] = []
    s = _mesos_AgentID(m.agent_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_TaskID(m.task_id)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.uuid
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallAcknowledgeOperationStatus(m: scheduler.CallAcknowledgeOperationStatus) -> bytes:
    o: list[bytes] = []
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.resource_provider_id) is not UNSET:
        s = _mesos_ResourceProviderID(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.uuid
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_OperationID(m.operation_id)
    o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallDecline(m: scheduler.CallDecline) -> bytes:
    o: list[bytes] = []
    for v in m.offer_ids:
        s = _mesos_OfferID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.filters) is not UNSET:
        s = _mesos_Filters(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallDeclineInverseOffers(m: scheduler.CallDeclineInverseOffers) -> bytes:
    o: list[bytes] = []
    for v in m.inverse_offer_ids:
        s = _mesos_OfferID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.filters) is not UNSET:
        s = _mesos_Filters(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallKill(m: scheduler.CallKill) -> bytes:
    o: list[bytes] = []
    s = _mesos_TaskID(m.task_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.kill_policy) is not UNSET:
        s = _mesos_KillPolicy(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallMessage(m: scheduler.CallMessage) -> bytes:
    o: list[bytes] = []
    s = _mesos_AgentID(m.agent_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_ExecutorID(m.executor_id)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.data
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallReconcile(m: scheduler.CallReconcile) -> bytes:
    o: list[bytes] = []
    for v in m.tasks:
        s = _scheduler_CallReconcileTask(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallReconcileTask(m: scheduler.CallReconcileTask) -> bytes:
    o: list[bytes] = []
    s = _mesos_TaskID(m.task_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallReconcileOperations(m: scheduler.CallReconcileOperations) -> bytes:
    o: list[bytes] = []
    for v in m.operations:
        s = _scheduler_CallReconcileOperationsOperation(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallReconcileOperationsOperation(m: scheduler.CallReconcileOperationsOperation) -> bytes:
    o: list[bytes] = []
    s = _mesos_OperationID(m.operation_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.resource_provider_id) is not UNSET:
        s = _mesos_ResourceProviderID(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallRequest(m: scheduler.CallRequest) -> bytes:
    o: list[bytes] = []
    for v in m.requests:
        s = _mesos_Request(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallRevive(m: scheduler.CallRevive) -> bytes:
    o: list[bytes] = []
    for v in m.roles:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallShutdown(m: scheduler.CallShutdown) -> bytes:
    o: list[bytes] = []
    s = _mesos_ExecutorID(m.executor_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_AgentID(m.agent_id)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallSubscribe(m: scheduler.CallSubscribe) -> bytes:
    o: list[bytes] = []
    s = _mesos_FrameworkInfo(m.framework_info)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.suppressed_roles:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.offer_constraints) is not UNSET:
        s = _scheduler_OfferConstraints(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallSuppress(m: scheduler.CallSuppress) -> bytes:
    o: list[bytes] = []
    for v in m.roles:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_CallUpdateFramework(m: scheduler.CallUpdateFramework) -> bytes:
    o: list[bytes] = []
    s = _mesos_FrameworkInfo(m.framework_info)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.suppressed_roles:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.offer_constraints) is not UNSET:
        s = _scheduler_OfferConstraints(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_Event(m: scheduler.Event) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _scheduler_EventType[v])
    if (v := m.subscribed) is not UNSET:
        s = _scheduler_EventSubscribed(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.offers) is not UNSET:
        s = _scheduler_EventOffers(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.rescind) is not UNSET:
        s = _scheduler_EventRescind(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.update) is not UNSET:
        s = _scheduler_EventUpdate(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.message) is not UNSET:
        s = _scheduler_EventMessage(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.failure) is not UNSET:
        s = _scheduler_EventFailure(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.error) is not UNSET:
        s = _scheduler_EventError(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.inverse_offers) is not UNSET:
        s = _scheduler_EventInverseOffers(v)
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.rescind_inverse_offer) is not UNSET:
        s = _scheduler_EventRescindInverseOffer(v)
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.update_operation_status) is not UNSET:
        s = _scheduler_EventUpdateOperationStatus(v)
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_EventError(m: scheduler.EventError) -> bytes:
    s = m.message.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _scheduler_EventFailure(m: scheduler.EventFailure) -> bytes:
    o: list[bytes] = []
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.executor_id) is not UNSET:
        s = _mesos_ExecutorID(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.status) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _scheduler_EventInverseOffers(m: scheduler.EventInverseOffers) -> bytes:
    o: list[bytes] = []
    for v in m.inverse_offers:
        s = _mesos_InverseOffer(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_EventMessage(m: scheduler.EventMessage) -> bytes:
    o: list[bytes] = []
    s = _mesos_AgentID(m.agent_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_ExecutorID(m.executor_id)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.data
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_EventOffers(m: scheduler.EventOffers) -> bytes:
    o: list[bytes] = []
    for v in m.offers:
        s = _mesos_Offer(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_EventRescind(m: scheduler.EventRescind) -> bytes:
    s = _mesos_OfferID(m.offer_id)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _scheduler_EventRescindInverseOffer(m: scheduler.EventRescindInverseOffer) -> bytes:
    s = _mesos_OfferID(m.inverse_offer_id)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _scheduler_EventSubscribed(m: scheduler.EventSubscribed) -> bytes:
    o: list[bytes] = []
    s = _mesos_FrameworkID(m.framework_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.heartbeat_interval_seconds) is not UNSET:
        o.append(b'\x11' + DOUBLE(v))
    if (v := m.master_info) is not UNSET:
        s = _mesos_MasterInfo(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_EventUpdate(m: scheduler.EventUpdate) -> bytes:
    s = _mesos_TaskStatus(m.status)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _scheduler_EventUpdateOperationStatus(m: scheduler.EventUpdateOperationStatus) -> bytes:
    s = _mesos_OperationStatus(m.status)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _scheduler_OfferConstraints(m: scheduler.OfferConstraints) -> bytes:
    o: list[bytes] = []
    for k, v in m.role_constraints.items():
        s = k.encode()
        e = b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        s = _scheduler_OfferConstraintsRoleConstraints(v)
        e += b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s
        o.append(b'\n' + (SHORT[n] if (n := len(e)) < SHORTER_THAN else varint(n)) + e)
    return b"".join(o)


def _scheduler_OfferConstraintsRoleConstraints(m: scheduler.OfferConstraintsRoleConstraints) -> bytes:
    o: list[bytes] = []
    for v in m.groups:
        s = _scheduler_OfferConstraintsRoleConstraintsGroup(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_OfferConstraintsRoleConstraintsGroup(m: scheduler.OfferConstraintsRoleConstraintsGroup) -> bytes:
    o: list[bytes] = []
    for v in m.attribute_constraints:
        s = _scheduler_AttributeConstraint(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_Response(m: scheduler.Response) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _scheduler_ResponseType[v])
    if (v := m.reconcile_operations) is not UNSET:
        s = _scheduler_ResponseReconcileOperations(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _scheduler_ResponseReconcileOperations(m: scheduler.ResponseReconcileOperations) -> bytes:
    o: list[bytes] = []
    for v in m.operation_statuses:
        s = _mesos_OperationStatus(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_Call(m: master.Call) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _master_CallType[v])
    if (v := m.get_metrics) is not UNSET:
        s = _master_CallGetMetrics(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.set_logging_level) is not UNSET:
        s = _master_CallSetLoggingLevel(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.list_files) is not UNSET:
        s = _master_CallListFiles(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.read_file) is not UNSET:
        s = _master_CallReadFile(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.update_weights) is not UNSET:
        s = _master_CallUpdateWeights(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.reserve_resources) is not UNSET:
        s = _master_CallReserveResources(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.unreserve_resources) is not UNSET:
        s = _master_CallUnreserveResources(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.create_volumes) is not UNSET:
        s = _master_CallCreateVolumes(v)
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.destroy_volumes) is not UNSET:
        s = _master_CallDestroyVolumes(v)
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.update_maintenance_schedule) is not UNSET:
        s = _master_CallUpdateMaintenanceSchedule(v)
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.start_maintenance) is not UNSET:
        s = _master_CallStartMaintenance(v)
        o.append(b'b' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.stop_maintenance) is not UNSET:
        s = _master_CallStopMaintenance(v)
        o.append(b'j' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.set_quota) is not UNSET:
        s = _master_CallSetQuota(v)
        o.append(b'r' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.remove_quota) is not UNSET:
        s = _master_CallRemoveQuota(v)
        o.append(b'z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.teardown) is not UNSET:
        s = _master_CallTeardown(v)
        o.append(b'\x82\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.mark_agent_gone) is not UNSET:
        s = _master_CallMarkAgentGone(v)
        o.append(b'\x8a\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.grow_volume) is not UNSET:
        s = _master_CallGrowVolume(v)
        o.append(b'\x92\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.shrink_volume) is not UNSET:
        s = _master_CallShrinkVolume(v)
        o.append(b'\x9a\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.update_quota) is not UNSET:
        s = _master_CallUpdateQuota(v)
        o.append(b'\xa2\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.drain_agent) is not UNSET:
        s = _master_CallDrainAgent(v)
        o.append(b'\xaa\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.deactivate_agent) is not UNSET:
        s = _master_CallDeactivateAgent(v)
        o.append(b'\xb2\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.reactivate_agent) is not UNSET:
        s = _master_CallReactivateAgent(v)
        o.append(b'\xba\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.provision_volume) is not UNSET:
        s = _master_CallProvisionVolume(v)
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.deprovision_volume) is not UNSET:
        s = _master_CallDeprovisionVolume(v)
        o.append(b'\xca>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_volumes) is not UNSET:
        s = _master_CallGetVolumes(v)
        o.append(b'\xd2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.expand_volume) is not UNSET:
        s = _master_CallExpandVolume(v)
        o.append(b'\xea>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.adopt_volume) is not UNSET:
        s = _master_CallAdoptVolume(v)
        o.append(b'\xf2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.retry_operation) is not UNSET:
        s = _master_CallRetryOperation(v)
        o.append(b'\xfa>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.abandon_operation) is not UNSET:
        s = _master_CallAbandonOperation(v)
        o.append(b'\x82?' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.explain_offers) is not UNSET:
        s = _master_CallExplainOffers(v)
        o.append(b'\x8a?' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.kill_task) is not UNSET:
        s = _master_CallKillTask(v)
        o.append(b'\x92?' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.subscribe) is not UNSET:
        s = _master_CallSubscribe(v)
        o.append(b'\x9a?' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.follow) is not UNSET:
        s = _master_CallFollow(v)
        o.append(b'\xa2?' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_operation_history) is not UNSET:
        s = _master_CallGetOperationHistory(v)
        o.append(b'\xe2?' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallFollow(m: master.CallFollow) -> bytes:
    o: list[bytes] = []
    if (v := m.follower) is not UNSET:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.number) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.standby) is not UNSET:
        s = v.encode()
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.address) is not UNSET:
        s = v.encode()
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallAbandonOperation(m: master.CallAbandonOperation) -> bytes:
    s = m.operation_id.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_CallCreateVolumes(m: master.CallCreateVolumes) -> bytes:
    o: list[bytes] = []
    s = _mesos_AgentID(m.agent_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.volumes:
        s = _mesos_Resource(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallDeactivateAgent(m: master.CallDeactivateAgent) -> bytes:
    s = _mesos_AgentID(m.agent_id)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_CallDeprovisionVolume(m: master.CallDeprovisionVolume) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.force) is not UNSET:
        o.append(b'\x10\x01' if v else b'\x10\x00')
    return b"".join(o)


def _master_CallDestroyVolumes(m: master.CallDestroyVolumes) -> bytes:
    o: list[bytes] = []
    s = _mesos_AgentID(m.agent_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.volumes:
        s = _mesos_Resource(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallDrainAgent(m: master.CallDrainAgent) -> bytes:
    o: list[bytes] = []
    s = _mesos_AgentID(m.agent_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.max_grace_period) is not UNSET:
        s = _protobuf_Duration(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.mark_gone) is not False:
        o.append(b'\x18\x01' if v else b'\x18\x00')
    return b"".join(o)


def _master_CallExpandVolume(m: master.CallExpandVolume) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    n = m.size_bytes
    o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _master_CallGetMetrics(m: master.CallGetMetrics) -> bytes:
    o: list[bytes] = []
    if (v := m.timeout) is not UNSET:
        s = _mesos_DurationInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallGetOperationHistory(m: master.CallGetOperationHistory) -> bytes:
    o: list[bytes] = []
    if (v := m.limit) is not UNSET:
        n = v
        o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.before) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallGetVolumes(m: master.CallGetVolumes) -> bytes:
    o: list[bytes] = []
    if (v := m.name) is not UNSET:
        s = v.encode()
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallExplainOffers(m: master.CallExplainOffers) -> bytes:
    o: list[bytes] = []
    s = m.role.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.framework_id) is not UNSET:
        s = _mesos_FrameworkID(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.limit) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _master_CallGrowVolume(m: master.CallGrowVolume) -> bytes:
    o: list[bytes] = []
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_Resource(m.volume)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_Resource(m.addition)
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallKillTask(m: master.CallKillTask) -> bytes:
    o: list[bytes] = []
    s = _mesos_FrameworkID(m.framework_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_TaskID(m.task_id)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.kill_policy) is not UNSET:
        s = _mesos_KillPolicy(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallListFiles(m: master.CallListFiles) -> bytes:
    s = m.path.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_CallMarkAgentGone(m: master.CallMarkAgentGone) -> bytes:
    s = _mesos_AgentID(m.agent_id)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_CallProvisionVolume(m: master.CallProvisionVolume) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.profile.encode()
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    n = m.size_bytes
    o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.block) is not UNSET:
        o.append(b' \x01' if v else b' \x00')
    if (v := m.role) is not UNSET:
        s = v.encode()
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.provider) is not UNSET:
        s = v.encode()
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallReactivateAgent(m: master.CallReactivateAgent) -> bytes:
    o: list[bytes] = []
    s = _mesos_AgentID(m.agent_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.force) is not UNSET:
        o.append(b'\xc0>\x01' if v else b'\xc0>\x00')
    return b"".join(o)


def _master_CallReadFile(m: master.CallReadFile) -> bytes:
    o: list[bytes] = []
    s = m.path.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    n = m.offset
    o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.length) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _master_CallRemoveQuota(m: master.CallRemoveQuota) -> bytes:
    s = m.role.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_CallReserveResources(m: master.CallReserveResources) -> bytes:
    o: list[bytes] = []
    s = _mesos_AgentID(m.agent_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.source:
        s = _mesos_Resource(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallAdoptVolume(m: master.CallAdoptVolume) -> bytes:
    o: list[bytes] = []
    s = m.source_id.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.resource_provider_id) is not UNSET:
        s = _mesos_ResourceProviderID(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.name) is not UNSET:
        s = v.encode()
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.role) is not UNSET:
        s = v.encode()
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.profile) is not UNSET:
        s = v.encode()
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.size_bytes) is not UNSET:
        n = v
        o.append(b'8' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _master_CallRetryOperation(m: master.CallRetryOperation) -> bytes:
    s = m.operation_id.encode()
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_CallSetLoggingLevel(m: master.CallSetLoggingLevel) -> bytes:
    o: list[bytes] = []
    n = m.level
    o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    s = _mesos_DurationInfo(m.duration)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallSetQuota(m: master.CallSetQuota) -> bytes:
    s = _quota_QuotaRequest(m.quota_request)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_CallShrinkVolume(m: master.CallShrinkVolume) -> bytes:
    o: list[bytes] = []
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_Resource(m.volume)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_ValueScalar(m.subtract)
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallStartMaintenance(m: master.CallStartMaintenance) -> bytes:
    o: list[bytes] = []
    for v in m.machines:
        s = _mesos_MachineID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallStopMaintenance(m: master.CallStopMaintenance) -> bytes:
    o: list[bytes] = []
    for v in m.machines:
        s = _mesos_MachineID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallSubscribe(m: master.CallSubscribe) -> bytes:
    o: list[bytes] = []
    for v in m.framework_ids:
        s = _mesos_FrameworkID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.agent_ids:
        s = _mesos_AgentID(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallTeardown(m: master.CallTeardown) -> bytes:
    s = _mesos_FrameworkID(m.framework_id)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_CallUnreserveResources(m: master.CallUnreserveResources) -> bytes:
    o: list[bytes] = []
    s = _mesos_AgentID(m.agent_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.resources:
        s = _mesos_Resource(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallUpdateMaintenanceSchedule(m: master.CallUpdateMaintenanceSchedule) -> bytes:
    s = _maintenance_Schedule(m.schedule)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_CallUpdateQuota(m: master.CallUpdateQuota) -> bytes:
    o: list[bytes] = []
    if (v := m.force) is not UNSET:
        o.append(b'\x08\x01' if v else b'\x08\x00')
    for v in m.quota_configs:
        s = _quota_QuotaConfig(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_CallUpdateWeights(m: master.CallUpdateWeights) -> bytes:
    o: list[bytes] = []
    for v in m.weight_infos:
        s = _mesos_WeightInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_Event(m: master.Event) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _master_EventType[v])
    if (v := m.subscribed) is not UNSET:
        s = _master_EventSubscribed(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.task_added) is not UNSET:
        s = _master_EventTaskAdded(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.task_updated) is not UNSET:
        s = _master_EventTaskUpdated(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.agent_added) is not UNSET:
        s = _master_EventAgentAdded(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.agent_removed) is not UNSET:
        s = _master_EventAgentRemoved(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.framework_added) is not UNSET:
        s = _master_EventFrameworkAdded(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.framework_updated) is not UNSET:
        s = _master_EventFrameworkUpdated(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.framework_removed) is not UNSET:
        s = _master_EventFrameworkRemoved(v)
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.operation_updated) is not UNSET:
        s = _master_EventOperationUpdated(v)
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.volume_updated) is not UNSET:
        s = _master_EventVolumeUpdated(v)
        o.append(b'\xca>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.provider_updated) is not UNSET:
        s = _master_EventProviderUpdated(v)
        o.append(b'\xd2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.agent_updated) is not UNSET:
        s = _master_EventAgentUpdated(v)
        o.append(b'\xda>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_EventAgentAdded(m: master.EventAgentAdded) -> bytes:
    s = _master_ResponseGetAgentsAgent(m.agent)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_EventAgentRemoved(m: master.EventAgentRemoved) -> bytes:
    s = _mesos_AgentID(m.agent_id)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_EventAgentUpdated(m: master.EventAgentUpdated) -> bytes:
    s = _master_ResponseGetAgentsAgent(m.agent)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_EventFrameworkAdded(m: master.EventFrameworkAdded) -> bytes:
    s = _master_ResponseGetFrameworksFramework(m.framework)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_EventFrameworkRemoved(m: master.EventFrameworkRemoved) -> bytes:
    s = _mesos_FrameworkInfo(m.framework_info)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_EventFrameworkUpdated(m: master.EventFrameworkUpdated) -> bytes:
    s = _master_ResponseGetFrameworksFramework(m.framework)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_EventOperationUpdated(m: master.EventOperationUpdated) -> bytes:
    s = _mesos_Operation(m.operation)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_EventProviderUpdated(m: master.EventProviderUpdated) -> bytes:
    o: list[bytes] = []
    s = _master_Provider(m.provider)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.removed) is not UNSET:
        o.append(b'\x10\x01' if v else b'\x10\x00')
    return b"".join(o)


def _master_EventSubscribed(m: master.EventSubscribed) -> bytes:
    o: list[bytes] = []
    if (v := m.get_state) is not UNSET:
        s = _master_ResponseGetState(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.heartbeat_interval_seconds) is not UNSET:
        o.append(b'\x11' + DOUBLE(v))
    return b"".join(o)


def _master_EventTaskAdded(m: master.EventTaskAdded) -> bytes:
    s = _mesos_Task(m.task)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_EventTaskUpdated(m: master.EventTaskUpdated) -> bytes:
    o: list[bytes] = []
    s = _mesos_FrameworkID(m.framework_id)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_TaskStatus(m.status)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    o.append(b'\x18' + _mesos_TaskState[m.state])
    return b"".join(o)


def _master_EventVolumeUpdated(m: master.EventVolumeUpdated) -> bytes:
    o: list[bytes] = []
    s = _master_VolumeInfo(m.volume)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.removed) is not UNSET:
        o.append(b'\x10\x01' if v else b'\x10\x00')
    return b"".join(o)


def _master_Profile(m: master.Profile) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.resource_provider_id) is not UNSET:
        s = _mesos_ResourceProviderID(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.block) is not UNSET:
        o.append(b' \x01' if v else b' \x00')
    if (v := m.fs_type) is not UNSET:
        s = v.encode()
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.free_bytes) is not UNSET:
        n = v
        o.append(b'0' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.total_bytes) is not UNSET:
        n = v
        o.append(b'8' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.capacity_group) is not UNSET:
        s = v.encode()
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.description) is not UNSET:
        s = v.encode()
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.available) is not UNSET:
        o.append(b'P\x01' if v else b'P\x00')
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.cost_ratio) is not UNSET:
        o.append(b'a' + DOUBLE(v))
    if (v := m.sharing) is not UNSET:
        o.append(b'h' + _resource_provider_ProfileInfoSharing[v])
    if (v := m.sharing_note) is not UNSET:
        s = v.encode()
        o.append(b'r' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_Provider(m: master.Provider) -> bytes:
    o: list[bytes] = []
    s = _mesos_ResourceProviderInfo(m.resource_provider_info)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.total_resources:
        s = _mesos_Resource(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.resource_version_uuid) is not UNSET:
        s = _mesos_UUID(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.plugin) is not UNSET:
        s = _resource_provider_PluginState(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.connected) is not UNSET:
        o.append(b'0\x01' if v else b'0\x00')
    for v in m.profiles:
        s = _resource_provider_ProfileInfo(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.notices:
        s = _resource_provider_VolumeNotice(v)
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.notices_total) is not UNSET:
        n = v
        o.append(b'\xc8>' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _master_Standby(m: master.Standby) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.address) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_Response(m: master.Response) -> bytes:
    o: list[bytes] = []
    if (v := m.type) is not UNSET:
        o.append(b'\x08' + _master_ResponseType[v])
    if (v := m.get_health) is not UNSET:
        s = _master_ResponseGetHealth(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_flags) is not UNSET:
        s = _master_ResponseGetFlags(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_version) is not UNSET:
        s = _master_ResponseGetVersion(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_metrics) is not UNSET:
        s = _master_ResponseGetMetrics(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_logging_level) is not UNSET:
        s = _master_ResponseGetLoggingLevel(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.list_files) is not UNSET:
        s = _master_ResponseListFiles(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.read_file) is not UNSET:
        s = _master_ResponseReadFile(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_state) is not UNSET:
        s = _master_ResponseGetState(v)
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_agents) is not UNSET:
        s = _master_ResponseGetAgents(v)
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_frameworks) is not UNSET:
        s = _master_ResponseGetFrameworks(v)
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_executors) is not UNSET:
        s = _master_ResponseGetExecutors(v)
        o.append(b'b' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_tasks) is not UNSET:
        s = _master_ResponseGetTasks(v)
        o.append(b'j' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_roles) is not UNSET:
        s = _master_ResponseGetRoles(v)
        o.append(b'r' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_weights) is not UNSET:
        s = _master_ResponseGetWeights(v)
        o.append(b'z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_master) is not UNSET:
        s = _master_ResponseGetMaster(v)
        o.append(b'\x82\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_maintenance_status) is not UNSET:
        s = _master_ResponseGetMaintenanceStatus(v)
        o.append(b'\x8a\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_maintenance_schedule) is not UNSET:
        s = _master_ResponseGetMaintenanceSchedule(v)
        o.append(b'\x92\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_quota) is not UNSET:
        s = _master_ResponseGetQuota(v)
        o.append(b'\x9a\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_operations) is not UNSET:
        s = _master_ResponseGetOperations(v)
        o.append(b'\xa2\x01' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.provision_volume) is not UNSET:
        s = _master_ResponseProvisionVolume(v)
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.deprovision_volume) is not UNSET:
        s = _master_ResponseDeprovisionVolume(v)
        o.append(b'\xca>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_volumes) is not UNSET:
        s = _master_ResponseGetVolumes(v)
        o.append(b'\xd2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_profiles) is not UNSET:
        s = _master_ResponseGetProfiles(v)
        o.append(b'\xda>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_resource_providers) is not UNSET:
        s = _master_ResponseGetResourceProviders(v)
        o.append(b'\xe2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.expand_volume) is not UNSET:
        s = _master_ResponseExpandVolume(v)
        o.append(b'\xea>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.adopt_volume) is not UNSET:
        s = _master_ResponseAdoptVolume(v)
        o.append(b'\xf2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.retry_operation) is not UNSET:
        s = _master_ResponseRetryOperation(v)
        o.append(b'\xfa>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.abandon_operation) is not UNSET:
        s = _master_ResponseAbandonOperation(v)
        o.append(b'\x82?' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.explain_offers) is not UNSET:
        s = _master_ResponseExplainOffers(v)
        o.append(b'\x8a?' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_operation_history) is not UNSET:
        s = _master_ResponseGetOperationHistory(v)
        o.append(b'\xe2?' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_registry_differences) is not UNSET:
        s = _master_ResponseGetRegistryDifferences(v)
        o.append(b'\xea?' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseAbandonOperation(m: master.ResponseAbandonOperation) -> bytes:
    o: list[bytes] = []
    s = _mesos_Operation(m.operation)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseDeprovisionVolume(m: master.ResponseDeprovisionVolume) -> bytes:
    o: list[bytes] = []
    if (v := m.volume) is not UNSET:
        s = _master_VolumeInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseExplainOffers(m: master.ResponseExplainOffers) -> bytes:
    o: list[bytes] = []
    for v in m.withheld:
        s = _master_Withheld(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.total) is not UNSET:
        n = v
        o.append(b'\x10' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _master_ResponseExpandVolume(m: master.ResponseExpandVolume) -> bytes:
    o: list[bytes] = []
    s = _master_VolumeInfo(m.volume)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.operation_id) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetAgents(m: master.ResponseGetAgents) -> bytes:
    o: list[bytes] = []
    for v in m.agents:
        s = _master_ResponseGetAgentsAgent(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.recovered_agents:
        s = _mesos_AgentInfo(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetAgentsAgent(m: master.ResponseGetAgentsAgent) -> bytes:
    o: list[bytes] = []
    s = _mesos_AgentInfo(m.agent_info)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    o.append(b'\x10\x01' if m.active else b'\x10\x00')
    s = m.version.encode()
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.pid) is not UNSET:
        s = v.encode()
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.registered_time) is not UNSET:
        s = _mesos_TimeInfo(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.reregistered_time) is not UNSET:
        s = _mesos_TimeInfo(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.total_resources:
        s = _mesos_Resource(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.allocated_resources:
        s = _mesos_Resource(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.offered_resources:
        s = _mesos_Resource(v)
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.capabilities:
        s = _mesos_AgentInfoCapability(v)
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.resource_providers:
        s = _master_ResponseGetAgentsAgentResourceProvider(v)
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.deactivated) is not UNSET:
        o.append(b'`\x01' if v else b'`\x00')
    if (v := m.drain_info) is not UNSET:
        s = _mesos_DrainInfo(v)
        o.append(b'j' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.estimated_drain_start_time) is not UNSET:
        s = _mesos_TimeInfo(v)
        o.append(b'r' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.findings:
        s = _mesos_HostFinding(v)
        o.append(b'\xca>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetAgentsAgentResourceProvider(m: master.ResponseGetAgentsAgentResourceProvider) -> bytes:
    o: list[bytes] = []
    s = _mesos_ResourceProviderInfo(m.resource_provider_info)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.total_resources:
        s = _mesos_Resource(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetExecutors(m: master.ResponseGetExecutors) -> bytes:
    o: list[bytes] = []
    for v in m.executors:
        s = _master_ResponseGetExecutorsExecutor(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.orphan_executors:
        s = _master_ResponseGetExecutorsExecutor(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetExecutorsExecutor(m: master.ResponseGetExecutorsExecutor) -> bytes:
    o: list[bytes] = []
    s = _mesos_ExecutorInfo(m.executor_info)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_AgentID(m.agent_id)
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetFlags(m: master.ResponseGetFlags) -> bytes:
    o: list[bytes] = []
    for v in m.flags:
        s = _mesos_Flag(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetFrameworks(m: master.ResponseGetFrameworks) -> bytes:
    o: list[bytes] = []
    for v in m.frameworks:
        s = _master_ResponseGetFrameworksFramework(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.completed_frameworks:
        s = _master_ResponseGetFrameworksFramework(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.recovered_frameworks:
        s = _mesos_FrameworkInfo(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetFrameworksFramework(m: master.ResponseGetFrameworksFramework) -> bytes:
    o: list[bytes] = []
    s = _mesos_FrameworkInfo(m.framework_info)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    o.append(b'\x10\x01' if m.active else b'\x10\x00')
    o.append(b'\x18\x01' if m.connected else b'\x18\x00')
    if (v := m.registered_time) is not UNSET:
        s = _mesos_TimeInfo(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.reregistered_time) is not UNSET:
        s = _mesos_TimeInfo(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.unregistered_time) is not UNSET:
        s = _mesos_TimeInfo(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.offers:
        s = _mesos_Offer(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.inverse_offers:
        s = _mesos_InverseOffer(v)
        o.append(b'B' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.allocated_resources:
        s = _mesos_Resource(v)
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.offered_resources:
        s = _mesos_Resource(v)
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    o.append(b'X\x01' if m.recovered else b'X\x00')
    if (v := m.offer_constraints) is not UNSET:
        s = _scheduler_OfferConstraints(v)
        o.append(b'b' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetHealth(m: master.ResponseGetHealth) -> bytes:
    return b'\x08\x01' if m.healthy else b'\x08\x00'


def _master_ResponseGetLoggingLevel(m: master.ResponseGetLoggingLevel) -> bytes:
    n = m.level
    return b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n))


def _master_ResponseGetMaintenanceSchedule(m: master.ResponseGetMaintenanceSchedule) -> bytes:
    s = _maintenance_Schedule(m.schedule)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_ResponseGetMaintenanceStatus(m: master.ResponseGetMaintenanceStatus) -> bytes:
    s = _maintenance_ClusterStatus(m.status)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_ResponseGetMaster(m: master.ResponseGetMaster) -> bytes:
    o: list[bytes] = []
    if (v := m.master_info) is not UNSET:
        s = _mesos_MasterInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.start_time) is not UNSET:
        o.append(b'\x11' + DOUBLE(v))
    if (v := m.elected_time) is not UNSET:
        o.append(b'\x19' + DOUBLE(v))
    if (v := m.offers_paused) is not UNSET:
        s = v.encode()
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.standbys:
        s = _master_Standby(v)
        o.append(b'\xca>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.writes_waiting) is not UNSET:
        s = v.encode()
        o.append(b'\x92?' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.registry_differences) is not UNSET:
        n = v
        o.append(b'\x98?' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _master_ResponseGetMetrics(m: master.ResponseGetMetrics) -> bytes:
    o: list[bytes] = []
    for v in m.metrics:
        s = _mesos_Metric(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetOperationHistory(m: master.ResponseGetOperationHistory) -> bytes:
    o: list[bytes] = []
    for v in m.operations:
        s = _mesos_Operation(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.next) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.total) is not UNSET:
        n = v
        o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


def _master_ResponseGetOperations(m: master.ResponseGetOperations) -> bytes:
    o: list[bytes] = []
    for v in m.operations:
        s = _mesos_Operation(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetProfiles(m: master.ResponseGetProfiles) -> bytes:
    o: list[bytes] = []
    for v in m.profiles:
        s = _master_Profile(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetQuota(m: master.ResponseGetQuota) -> bytes:
    s = _quota_QuotaStatus(m.status)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_ResponseGetRegistryDifferences(m: master.ResponseGetRegistryDifferences) -> bytes:
    o: list[bytes] = []
    if (v := m.restoration) is not UNSET:
        s = _master_RegistryRestoration(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.differences:
        s = _master_RegistryDifference(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetResourceProviders(m: master.ResponseGetResourceProviders) -> bytes:
    o: list[bytes] = []
    for v in m.resource_providers:
        s = _master_Provider(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetRoles(m: master.ResponseGetRoles) -> bytes:
    o: list[bytes] = []
    for v in m.roles:
        s = _mesos_Role(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetState(m: master.ResponseGetState) -> bytes:
    o: list[bytes] = []
    if (v := m.get_tasks) is not UNSET:
        s = _master_ResponseGetTasks(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_executors) is not UNSET:
        s = _master_ResponseGetExecutors(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_frameworks) is not UNSET:
        s = _master_ResponseGetFrameworks(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_agents) is not UNSET:
        s = _master_ResponseGetAgents(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_operations) is not UNSET:
        s = _master_ResponseGetOperations(v)
        o.append(b'\xc2>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.get_volumes) is not UNSET:
        s = _master_ResponseGetVolumes(v)
        o.append(b'\xca>' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetTasks(m: master.ResponseGetTasks) -> bytes:
    o: list[bytes] = []
    for v in m.pending_tasks:
        s = _mesos_Task(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.tasks:
        s = _mesos_Task(v)
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.completed_tasks:
        s = _mesos_Task(v)
        o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.orphan_tasks:
        s = _mesos_Task(v)
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.unreachable_tasks:
        s = _mesos_Task(v)
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetVersion(m: master.ResponseGetVersion) -> bytes:
    s = _mesos_VersionInfo(m.version_info)
    return b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s


def _master_ResponseGetVolumes(m: master.ResponseGetVolumes) -> bytes:
    o: list[bytes] = []
    for v in m.volumes:
        s = _master_VolumeInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseGetWeights(m: master.ResponseGetWeights) -> bytes:
    o: list[bytes] = []
    for v in m.weight_infos:
        s = _mesos_WeightInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseListFiles(m: master.ResponseListFiles) -> bytes:
    o: list[bytes] = []
    for v in m.file_infos:
        s = _mesos_FileInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseProvisionVolume(m: master.ResponseProvisionVolume) -> bytes:
    o: list[bytes] = []
    s = _master_VolumeInfo(m.volume)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.operation_id) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseReadFile(m: master.ResponseReadFile) -> bytes:
    o: list[bytes] = []
    n = m.size
    o.append(b'\x08' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    s = m.data
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseAdoptVolume(m: master.ResponseAdoptVolume) -> bytes:
    o: list[bytes] = []
    if (v := m.volume) is not UNSET:
        s = _master_VolumeInfo(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_ResponseRetryOperation(m: master.ResponseRetryOperation) -> bytes:
    o: list[bytes] = []
    s = _mesos_Operation(m.operation)
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_RegistryRestoration(m: master.RegistryRestoration) -> bytes:
    o: list[bytes] = []
    o.append(b'\t' + DOUBLE(m.taken))
    o.append(b'\x11' + DOUBLE(m.restored))
    return b"".join(o)


def _master_RegistryDifference(m: master.RegistryDifference) -> bytes:
    o: list[bytes] = []
    s = m.kind.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.subject.encode()
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.message.encode()
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.found) is not UNSET:
        o.append(b'!' + DOUBLE(v))
    return b"".join(o)


def _master_Withheld(m: master.Withheld) -> bytes:
    o: list[bytes] = []
    if (v := m.framework_id) is not UNSET:
        s = _mesos_FrameworkID(v)
        o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.role.encode()
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = _mesos_AgentID(m.agent_id)
    o.append(b'\x1a' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.hostname) is not UNSET:
        s = v.encode()
        o.append(b'"' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.code.encode()
    o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.reason.encode()
    o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    return b"".join(o)


def _master_VolumeInfo(m: master.VolumeInfo) -> bytes:
    o: list[bytes] = []
    s = m.name.encode()
    o.append(b'\n' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    s = m.profile.encode()
    o.append(b'\x12' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    n = m.size_bytes
    o.append(b'\x18' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    if (v := m.block) is not UNSET:
        o.append(b' \x01' if v else b' \x00')
    if (v := m.role) is not UNSET:
        s = v.encode()
        o.append(b'*' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.agent_id) is not UNSET:
        s = _mesos_AgentID(v)
        o.append(b'2' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.resource_provider_id) is not UNSET:
        s = _mesos_ResourceProviderID(v)
        o.append(b':' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.state) is not UNSET:
        o.append(b'@' + _master_VolumeState[v])
    if (v := m.message) is not UNSET:
        s = v.encode()
        o.append(b'J' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.resource) is not UNSET:
        s = _mesos_Resource(v)
        o.append(b'R' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.users:
        s = v.encode()
        o.append(b'Z' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    for v in m.operations:
        s = _mesos_UUID(v)
        o.append(b'b' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.created) is not UNSET:
        o.append(b'i' + DOUBLE(v))
    if (v := m.step) is not UNSET:
        s = v.encode()
        o.append(b'r' + (SHORT[n] if (n := len(s)) < SHORTER_THAN else varint(n)) + s)
    if (v := m.wanted_bytes) is not UNSET:
        n = v
        o.append(b'x' + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n)))
    return b"".join(o)


WRITERS: Final[dict[type[Message], Callable[[Any], bytes]]] = {
    mesos.Address: _mesos_Address,
    mesos.AgentID: _mesos_AgentID,
    mesos.AgentInfo: _mesos_AgentInfo,
    mesos.AgentInfoCapability: _mesos_AgentInfoCapability,
    mesos.Attribute: _mesos_Attribute,
    mesos.CSIPluginContainerInfo: _mesos_CSIPluginContainerInfo,
    mesos.CSIPluginEndpoint: _mesos_CSIPluginEndpoint,
    mesos.CSIPluginInfo: _mesos_CSIPluginInfo,
    mesos.CSIPluginSecret: _mesos_CSIPluginSecret,
    mesos.CapabilityInfo: _mesos_CapabilityInfo,
    mesos.CgroupInfo: _mesos_CgroupInfo,
    mesos.CgroupInfoBlkio: _mesos_CgroupInfoBlkio,
    mesos.CgroupInfoBlkioCFQ: _mesos_CgroupInfoBlkioCFQ,
    mesos.CgroupInfoBlkioCFQStatistics: _mesos_CgroupInfoBlkioCFQStatistics,
    mesos.CgroupInfoBlkioStatistics: _mesos_CgroupInfoBlkioStatistics,
    mesos.CgroupInfoBlkioThrottling: _mesos_CgroupInfoBlkioThrottling,
    mesos.CgroupInfoBlkioThrottlingStatistics: _mesos_CgroupInfoBlkioThrottlingStatistics,
    mesos.CgroupInfoBlkioValue: _mesos_CgroupInfoBlkioValue,
    mesos.CgroupInfoNetCls: _mesos_CgroupInfoNetCls,
    mesos.CheckInfo: _mesos_CheckInfo,
    mesos.CheckInfoCommand: _mesos_CheckInfoCommand,
    mesos.CheckInfoHttp: _mesos_CheckInfoHttp,
    mesos.CheckInfoTcp: _mesos_CheckInfoTcp,
    mesos.CheckStatusInfo: _mesos_CheckStatusInfo,
    mesos.CheckStatusInfoCommand: _mesos_CheckStatusInfoCommand,
    mesos.CheckStatusInfoHttp: _mesos_CheckStatusInfoHttp,
    mesos.CheckStatusInfoTcp: _mesos_CheckStatusInfoTcp,
    mesos.CommandInfo: _mesos_CommandInfo,
    mesos.CommandInfoURI: _mesos_CommandInfoURI,
    mesos.ContainerID: _mesos_ContainerID,
    mesos.ContainerInfo: _mesos_ContainerInfo,
    mesos.ContainerInfoDockerInfo: _mesos_ContainerInfoDockerInfo,
    mesos.ContainerInfoDockerInfoPortMapping: _mesos_ContainerInfoDockerInfoPortMapping,
    mesos.ContainerInfoMesosInfo: _mesos_ContainerInfoMesosInfo,
    mesos.ContainerStatus: _mesos_ContainerStatus,
    mesos.Credential: _mesos_Credential,
    mesos.Credentials: _mesos_Credentials,
    mesos.Device: _mesos_Device,
    mesos.DeviceNumber: _mesos_DeviceNumber,
    mesos.DeviceAccess: _mesos_DeviceAccess,
    mesos.DeviceAccessAccess: _mesos_DeviceAccessAccess,
    mesos.DeviceWhitelist: _mesos_DeviceWhitelist,
    mesos.DiscoveryInfo: _mesos_DiscoveryInfo,
    mesos.DiskStatistics: _mesos_DiskStatistics,
    mesos.DomainInfo: _mesos_DomainInfo,
    mesos.DomainInfoFaultDomain: _mesos_DomainInfoFaultDomain,
    mesos.DomainInfoFaultDomainRegionInfo: _mesos_DomainInfoFaultDomainRegionInfo,
    mesos.DomainInfoFaultDomainZoneInfo: _mesos_DomainInfoFaultDomainZoneInfo,
    mesos.DrainConfig: _mesos_DrainConfig,
    mesos.DrainInfo: _mesos_DrainInfo,
    mesos.DurationInfo: _mesos_DurationInfo,
    mesos.Environment: _mesos_Environment,
    mesos.EnvironmentVariable: _mesos_EnvironmentVariable,
    mesos.ExecutorID: _mesos_ExecutorID,
    mesos.ExecutorInfo: _mesos_ExecutorInfo,
    mesos.FileInfo: _mesos_FileInfo,
    mesos.Filters: _mesos_Filters,
    mesos.Flag: _mesos_Flag,
    mesos.FrameworkID: _mesos_FrameworkID,
    mesos.FrameworkInfo: _mesos_FrameworkInfo,
    mesos.FrameworkInfoCapability: _mesos_FrameworkInfoCapability,
    mesos.HealthCheck: _mesos_HealthCheck,
    mesos.HealthCheckHTTPCheckInfo: _mesos_HealthCheckHTTPCheckInfo,
    mesos.HealthCheckTCPCheckInfo: _mesos_HealthCheckTCPCheckInfo,
    mesos.IcmpStatistics: _mesos_IcmpStatistics,
    mesos.Image: _mesos_Image,
    mesos.ImageAppc: _mesos_ImageAppc,
    mesos.ImageDocker: _mesos_ImageDocker,
    mesos.InverseOffer: _mesos_InverseOffer,
    mesos.IpStatistics: _mesos_IpStatistics,
    mesos.KillPolicy: _mesos_KillPolicy,
    mesos.Label: _mesos_Label,
    mesos.Labels: _mesos_Labels,
    mesos.LinuxInfo: _mesos_LinuxInfo,
    mesos.MachineID: _mesos_MachineID,
    mesos.MachineInfo: _mesos_MachineInfo,
    mesos.MasterInfo: _mesos_MasterInfo,
    mesos.MasterInfoCapability: _mesos_MasterInfoCapability,
    mesos.Metric: _mesos_Metric,
    mesos.MountPropagation: _mesos_MountPropagation,
    mesos.NetworkInfo: _mesos_NetworkInfo,
    mesos.NetworkInfoIPAddress: _mesos_NetworkInfoIPAddress,
    mesos.NetworkInfoPortMapping: _mesos_NetworkInfoPortMapping,
    mesos.Offer: _mesos_Offer,
    mesos.OfferOperation: _mesos_OfferOperation,
    mesos.OfferOperationCreate: _mesos_OfferOperationCreate,
    mesos.OfferOperationCreateDisk: _mesos_OfferOperationCreateDisk,
    mesos.OfferOperationDestroy: _mesos_OfferOperationDestroy,
    mesos.OfferOperationDestroyDisk: _mesos_OfferOperationDestroyDisk,
    mesos.OfferOperationGrowVolume: _mesos_OfferOperationGrowVolume,
    mesos.OfferOperationLaunch: _mesos_OfferOperationLaunch,
    mesos.OfferOperationLaunchGroup: _mesos_OfferOperationLaunchGroup,
    mesos.OfferOperationReserve: _mesos_OfferOperationReserve,
    mesos.OfferOperationShrinkVolume: _mesos_OfferOperationShrinkVolume,
    mesos.OfferOperationUnreserve: _mesos_OfferOperationUnreserve,
    mesos.OfferFilters: _mesos_OfferFilters,
    mesos.OfferFiltersMinAllocatableResources: _mesos_OfferFiltersMinAllocatableResources,
    mesos.OfferFiltersResourceQuantities: _mesos_OfferFiltersResourceQuantities,
    mesos.OfferID: _mesos_OfferID,
    mesos.Operation: _mesos_Operation,
    mesos.HostFinding: _mesos_HostFinding,
    mesos.OperationTrouble: _mesos_OperationTrouble,
    mesos.OperationID: _mesos_OperationID,
    mesos.OperationStatus: _mesos_OperationStatus,
    mesos.Parameter: _mesos_Parameter,
    mesos.Parameters: _mesos_Parameters,
    mesos.PerfStatistics: _mesos_PerfStatistics,
    mesos.Port: _mesos_Port,
    mesos.Ports: _mesos_Ports,
    mesos.RLimitInfo: _mesos_RLimitInfo,
    mesos.RLimitInfoRLimit: _mesos_RLimitInfoRLimit,
    mesos.RateLimit: _mesos_RateLimit,
    mesos.RateLimits: _mesos_RateLimits,
    mesos.Request: _mesos_Request,
    mesos.Resource: _mesos_Resource,
    mesos.ResourceAllocationInfo: _mesos_ResourceAllocationInfo,
    mesos.ResourceDiskInfo: _mesos_ResourceDiskInfo,
    mesos.ResourceDiskInfoPersistence: _mesos_ResourceDiskInfoPersistence,
    mesos.ResourceDiskInfoSource: _mesos_ResourceDiskInfoSource,
    mesos.ResourceDiskInfoSourceMount: _mesos_ResourceDiskInfoSourceMount,
    mesos.ResourceDiskInfoSourcePath: _mesos_ResourceDiskInfoSourcePath,
    mesos.ResourceReservationInfo: _mesos_ResourceReservationInfo,
    mesos.ResourceRevocableInfo: _mesos_ResourceRevocableInfo,
    mesos.ResourceSharedInfo: _mesos_ResourceSharedInfo,
    mesos.ResourceProviderID: _mesos_ResourceProviderID,
    mesos.ResourceProviderInfo: _mesos_ResourceProviderInfo,
    mesos.ResourceProviderInfoStorage: _mesos_ResourceProviderInfoStorage,
    mesos.ResourceStatistics: _mesos_ResourceStatistics,
    mesos.ResourceStatisticsRatePercentiles: _mesos_ResourceStatisticsRatePercentiles,
    mesos.ResourceStatisticsRateStatistics: _mesos_ResourceStatisticsRateStatistics,
    mesos.ResourceUsage: _mesos_ResourceUsage,
    mesos.ResourceUsageExecutor: _mesos_ResourceUsageExecutor,
    mesos.ResourceUsageExecutorTask: _mesos_ResourceUsageExecutorTask,
    mesos.Role: _mesos_Role,
    mesos.SNMPStatistics: _mesos_SNMPStatistics,
    mesos.SeccompInfo: _mesos_SeccompInfo,
    mesos.Secret: _mesos_Secret,
    mesos.SecretReference: _mesos_SecretReference,
    mesos.SecretValue: _mesos_SecretValue,
    mesos.TTYInfo: _mesos_TTYInfo,
    mesos.TTYInfoWindowSize: _mesos_TTYInfoWindowSize,
    mesos.Task: _mesos_Task,
    mesos.TaskGroupInfo: _mesos_TaskGroupInfo,
    mesos.TaskID: _mesos_TaskID,
    mesos.TaskInfo: _mesos_TaskInfo,
    mesos.TaskResourceLimitation: _mesos_TaskResourceLimitation,
    mesos.TaskStatus: _mesos_TaskStatus,
    mesos.TcpStatistics: _mesos_TcpStatistics,
    mesos.TimeInfo: _mesos_TimeInfo,
    mesos.TrafficControlStatistics: _mesos_TrafficControlStatistics,
    mesos.URL: _mesos_URL,
    mesos.UUID: _mesos_UUID,
    mesos.UdpStatistics: _mesos_UdpStatistics,
    mesos.Unavailability: _mesos_Unavailability,
    mesos.Value: _mesos_Value,
    mesos.ValueRange: _mesos_ValueRange,
    mesos.ValueRanges: _mesos_ValueRanges,
    mesos.ValueScalar: _mesos_ValueScalar,
    mesos.ValueSet: _mesos_ValueSet,
    mesos.ValueText: _mesos_ValueText,
    mesos.VersionInfo: _mesos_VersionInfo,
    mesos.Volume: _mesos_Volume,
    mesos.VolumeSource: _mesos_VolumeSource,
    mesos.VolumeSourceCSIVolume: _mesos_VolumeSourceCSIVolume,
    mesos.VolumeSourceCSIVolumeStaticProvisioning: _mesos_VolumeSourceCSIVolumeStaticProvisioning,
    mesos.VolumeSourceCSIVolumeVolumeCapability: _mesos_VolumeSourceCSIVolumeVolumeCapability,
    mesos.VolumeSourceCSIVolumeVolumeCapabilityAccessMode: _mesos_VolumeSourceCSIVolumeVolumeCapabilityAccessMode,
    mesos.VolumeSourceCSIVolumeVolumeCapabilityBlockVolume: _mesos_VolumeSourceCSIVolumeVolumeCapabilityBlockVolume,
    mesos.VolumeSourceCSIVolumeVolumeCapabilityMountVolume: _mesos_VolumeSourceCSIVolumeVolumeCapabilityMountVolume,
    mesos.VolumeSourceDockerVolume: _mesos_VolumeSourceDockerVolume,
    mesos.VolumeSourceHostPath: _mesos_VolumeSourceHostPath,
    mesos.VolumeSourceSandboxPath: _mesos_VolumeSourceSandboxPath,
    mesos.WeightInfo: _mesos_WeightInfo,
    agent.Call: _agent_Call,
    agent.CallAddResourceProviderConfig: _agent_CallAddResourceProviderConfig,
    agent.CallAttachContainerInput: _agent_CallAttachContainerInput,
    agent.CallAttachContainerOutput: _agent_CallAttachContainerOutput,
    agent.CallGetContainers: _agent_CallGetContainers,
    agent.CallGetMetrics: _agent_CallGetMetrics,
    agent.CallKillContainer: _agent_CallKillContainer,
    agent.CallKillNestedContainer: _agent_CallKillNestedContainer,
    agent.CallLaunchContainer: _agent_CallLaunchContainer,
    agent.CallLaunchNestedContainer: _agent_CallLaunchNestedContainer,
    agent.CallLaunchNestedContainerSession: _agent_CallLaunchNestedContainerSession,
    agent.CallListFiles: _agent_CallListFiles,
    agent.CallMarkResourceProviderGone: _agent_CallMarkResourceProviderGone,
    agent.CallPruneImages: _agent_CallPruneImages,
    agent.CallReadFile: _agent_CallReadFile,
    agent.CallReconfigure: _agent_CallReconfigure,
    agent.CallRemoveContainer: _agent_CallRemoveContainer,
    agent.CallRemoveNestedContainer: _agent_CallRemoveNestedContainer,
    agent.CallRemoveResourceProviderConfig: _agent_CallRemoveResourceProviderConfig,
    agent.CallSetLoggingLevel: _agent_CallSetLoggingLevel,
    agent.CallUpdateResourceProviderConfig: _agent_CallUpdateResourceProviderConfig,
    agent.CallWaitContainer: _agent_CallWaitContainer,
    agent.CallWaitNestedContainer: _agent_CallWaitNestedContainer,
    agent.ProcessIO: _agent_ProcessIO,
    agent.ProcessIOControl: _agent_ProcessIOControl,
    agent.ProcessIOControlHeartbeat: _agent_ProcessIOControlHeartbeat,
    agent.ProcessIOData: _agent_ProcessIOData,
    agent.Response: _agent_Response,
    agent.ResponseGetAgent: _agent_ResponseGetAgent,
    agent.ResponseIsolation: _agent_ResponseIsolation,
    agent.ResponseGetContainers: _agent_ResponseGetContainers,
    agent.ResponseGetContainersContainer: _agent_ResponseGetContainersContainer,
    agent.ResponseGetExecutors: _agent_ResponseGetExecutors,
    agent.ResponseGetExecutorsExecutor: _agent_ResponseGetExecutorsExecutor,
    agent.ResponseGetFlags: _agent_ResponseGetFlags,
    agent.ResponseGetFrameworks: _agent_ResponseGetFrameworks,
    agent.ResponseGetFrameworksFramework: _agent_ResponseGetFrameworksFramework,
    agent.ResponseGetHealth: _agent_ResponseGetHealth,
    agent.ResponseGetLoggingLevel: _agent_ResponseGetLoggingLevel,
    agent.ResponseGetMetrics: _agent_ResponseGetMetrics,
    agent.ResponseGetImages: _agent_ResponseGetImages,
    agent.ResponseGetImagesImage: _agent_ResponseGetImagesImage,
    agent.ResponseGetOperations: _agent_ResponseGetOperations,
    agent.ResponseGetResourceProviderConfigs: _agent_ResponseGetResourceProviderConfigs,
    agent.ResponseGetResourceProviderConfigsConfig: _agent_ResponseGetResourceProviderConfigsConfig,
    agent.ResponseGetDevices: _agent_ResponseGetDevices,
    agent.ResponseGetDevicesDevice: _agent_ResponseGetDevicesDevice,
    agent.ResponseGetResourceProviders: _agent_ResponseGetResourceProviders,
    agent.ResponseGetResourceProvidersResourceProvider: _agent_ResponseGetResourceProvidersResourceProvider,
    agent.ResponseGetState: _agent_ResponseGetState,
    agent.ResponseGetTasks: _agent_ResponseGetTasks,
    agent.ResponseGetVersion: _agent_ResponseGetVersion,
    agent.ResponseListFiles: _agent_ResponseListFiles,
    agent.ResponsePruneImages: _agent_ResponsePruneImages,
    agent.ResponseReadFile: _agent_ResponseReadFile,
    agent.ResponseReconfigure: _agent_ResponseReconfigure,
    agent.ResponseReconfigureChange: _agent_ResponseReconfigureChange,
    agent.ResponseWaitContainer: _agent_ResponseWaitContainer,
    agent.ResponseWaitNestedContainer: _agent_ResponseWaitNestedContainer,
    allocator.InverseOfferStatus: _allocator_InverseOfferStatus,
    executor.Call: _executor_Call,
    executor.CallMessage: _executor_CallMessage,
    executor.CallSubscribe: _executor_CallSubscribe,
    executor.CallUpdate: _executor_CallUpdate,
    executor.Event: _executor_Event,
    executor.EventAcknowledged: _executor_EventAcknowledged,
    executor.EventError: _executor_EventError,
    executor.EventKill: _executor_EventKill,
    executor.EventLaunch: _executor_EventLaunch,
    executor.EventLaunchGroup: _executor_EventLaunchGroup,
    executor.EventMessage: _executor_EventMessage,
    executor.EventSubscribed: _executor_EventSubscribed,
    maintenance.ClusterStatus: _maintenance_ClusterStatus,
    maintenance.ClusterStatusDrainingMachine: _maintenance_ClusterStatusDrainingMachine,
    maintenance.Schedule: _maintenance_Schedule,
    maintenance.Window: _maintenance_Window,
    protobuf.Duration: _protobuf_Duration,
    quota.QuotaConfig: _quota_QuotaConfig,
    quota.QuotaInfo: _quota_QuotaInfo,
    quota.QuotaRequest: _quota_QuotaRequest,
    quota.QuotaStatus: _quota_QuotaStatus,
    resource_provider.Call: _resource_provider_Call,
    resource_provider.CallSubscribe: _resource_provider_CallSubscribe,
    resource_provider.CallUpdateOperationStatus: _resource_provider_CallUpdateOperationStatus,
    resource_provider.CallUpdatePublishResourcesStatus: _resource_provider_CallUpdatePublishResourcesStatus,
    resource_provider.CallUpdatePublishResourcesStatusPublishedVolume: _resource_provider_CallUpdatePublishResourcesStatusPublishedVolume,
    resource_provider.CallUpdateState: _resource_provider_CallUpdateState,
    resource_provider.Event: _resource_provider_Event,
    resource_provider.EventAbandonOperation: _resource_provider_EventAbandonOperation,
    resource_provider.EventAcknowledgeOperationStatus: _resource_provider_EventAcknowledgeOperationStatus,
    resource_provider.EventApplyOperation: _resource_provider_EventApplyOperation,
    resource_provider.EventError: _resource_provider_EventError,
    resource_provider.EventPublishResources: _resource_provider_EventPublishResources,
    resource_provider.EventCheckAtRest: _resource_provider_EventCheckAtRest,
    resource_provider.EventReconcileOperations: _resource_provider_EventReconcileOperations,
    resource_provider.EventAdmitVolume: _resource_provider_EventAdmitVolume,
    resource_provider.EventRetryOperation: _resource_provider_EventRetryOperation,
    resource_provider.EventSubscribed: _resource_provider_EventSubscribed,
    resource_provider.EventUnpublishResources: _resource_provider_EventUnpublishResources,
    resource_provider.PluginState: _resource_provider_PluginState,
    resource_provider.PluginContainerState: _resource_provider_PluginContainerState,
    resource_provider.PluginCapability: _resource_provider_PluginCapability,
    resource_provider.VolumeNotice: _resource_provider_VolumeNotice,
    resource_provider.ProfileInfo: _resource_provider_ProfileInfo,
    scheduler.APIResult: _scheduler_APIResult,
    scheduler.AttributeConstraint: _scheduler_AttributeConstraint,
    scheduler.AttributeConstraintPredicate: _scheduler_AttributeConstraintPredicate,
    scheduler.AttributeConstraintPredicateExists: _scheduler_AttributeConstraintPredicateExists,
    scheduler.AttributeConstraintPredicateNotExists: _scheduler_AttributeConstraintPredicateNotExists,
    scheduler.AttributeConstraintPredicateTextEquals: _scheduler_AttributeConstraintPredicateTextEquals,
    scheduler.AttributeConstraintPredicateTextMatches: _scheduler_AttributeConstraintPredicateTextMatches,
    scheduler.AttributeConstraintPredicateTextNotEquals: _scheduler_AttributeConstraintPredicateTextNotEquals,
    scheduler.AttributeConstraintPredicateTextNotMatches: _scheduler_AttributeConstraintPredicateTextNotMatches,
    scheduler.AttributeConstraintSelector: _scheduler_AttributeConstraintSelector,
    scheduler.Call: _scheduler_Call,
    scheduler.CallAccept: _scheduler_CallAccept,
    scheduler.CallAcceptInverseOffers: _scheduler_CallAcceptInverseOffers,
    scheduler.CallAcknowledge: _scheduler_CallAcknowledge,
    scheduler.CallAcknowledgeOperationStatus: _scheduler_CallAcknowledgeOperationStatus,
    scheduler.CallDecline: _scheduler_CallDecline,
    scheduler.CallDeclineInverseOffers: _scheduler_CallDeclineInverseOffers,
    scheduler.CallKill: _scheduler_CallKill,
    scheduler.CallMessage: _scheduler_CallMessage,
    scheduler.CallReconcile: _scheduler_CallReconcile,
    scheduler.CallReconcileTask: _scheduler_CallReconcileTask,
    scheduler.CallReconcileOperations: _scheduler_CallReconcileOperations,
    scheduler.CallReconcileOperationsOperation: _scheduler_CallReconcileOperationsOperation,
    scheduler.CallRequest: _scheduler_CallRequest,
    scheduler.CallRevive: _scheduler_CallRevive,
    scheduler.CallShutdown: _scheduler_CallShutdown,
    scheduler.CallSubscribe: _scheduler_CallSubscribe,
    scheduler.CallSuppress: _scheduler_CallSuppress,
    scheduler.CallUpdateFramework: _scheduler_CallUpdateFramework,
    scheduler.Event: _scheduler_Event,
    scheduler.EventError: _scheduler_EventError,
    scheduler.EventFailure: _scheduler_EventFailure,
    scheduler.EventInverseOffers: _scheduler_EventInverseOffers,
    scheduler.EventMessage: _scheduler_EventMessage,
    scheduler.EventOffers: _scheduler_EventOffers,
    scheduler.EventRescind: _scheduler_EventRescind,
    scheduler.EventRescindInverseOffer: _scheduler_EventRescindInverseOffer,
    scheduler.EventSubscribed: _scheduler_EventSubscribed,
    scheduler.EventUpdate: _scheduler_EventUpdate,
    scheduler.EventUpdateOperationStatus: _scheduler_EventUpdateOperationStatus,
    scheduler.OfferConstraints: _scheduler_OfferConstraints,
    scheduler.OfferConstraintsRoleConstraints: _scheduler_OfferConstraintsRoleConstraints,
    scheduler.OfferConstraintsRoleConstraintsGroup: _scheduler_OfferConstraintsRoleConstraintsGroup,
    scheduler.Response: _scheduler_Response,
    scheduler.ResponseReconcileOperations: _scheduler_ResponseReconcileOperations,
    master.Call: _master_Call,
    master.CallFollow: _master_CallFollow,
    master.CallAbandonOperation: _master_CallAbandonOperation,
    master.CallCreateVolumes: _master_CallCreateVolumes,
    master.CallDeactivateAgent: _master_CallDeactivateAgent,
    master.CallDeprovisionVolume: _master_CallDeprovisionVolume,
    master.CallDestroyVolumes: _master_CallDestroyVolumes,
    master.CallDrainAgent: _master_CallDrainAgent,
    master.CallExpandVolume: _master_CallExpandVolume,
    master.CallGetMetrics: _master_CallGetMetrics,
    master.CallGetOperationHistory: _master_CallGetOperationHistory,
    master.CallGetVolumes: _master_CallGetVolumes,
    master.CallExplainOffers: _master_CallExplainOffers,
    master.CallGrowVolume: _master_CallGrowVolume,
    master.CallKillTask: _master_CallKillTask,
    master.CallListFiles: _master_CallListFiles,
    master.CallMarkAgentGone: _master_CallMarkAgentGone,
    master.CallProvisionVolume: _master_CallProvisionVolume,
    master.CallReactivateAgent: _master_CallReactivateAgent,
    master.CallReadFile: _master_CallReadFile,
    master.CallRemoveQuota: _master_CallRemoveQuota,
    master.CallReserveResources: _master_CallReserveResources,
    master.CallAdoptVolume: _master_CallAdoptVolume,
    master.CallRetryOperation: _master_CallRetryOperation,
    master.CallSetLoggingLevel: _master_CallSetLoggingLevel,
    master.CallSetQuota: _master_CallSetQuota,
    master.CallShrinkVolume: _master_CallShrinkVolume,
    master.CallStartMaintenance: _master_CallStartMaintenance,
    master.CallStopMaintenance: _master_CallStopMaintenance,
    master.CallSubscribe: _master_CallSubscribe,
    master.CallTeardown: _master_CallTeardown,
    master.CallUnreserveResources: _master_CallUnreserveResources,
    master.CallUpdateMaintenanceSchedule: _master_CallUpdateMaintenanceSchedule,
    master.CallUpdateQuota: _master_CallUpdateQuota,
    master.CallUpdateWeights: _master_CallUpdateWeights,
    master.Event: _master_Event,
    master.EventAgentAdded: _master_EventAgentAdded,
    master.EventAgentRemoved: _master_EventAgentRemoved,
    master.EventAgentUpdated: _master_EventAgentUpdated,
    master.EventFrameworkAdded: _master_EventFrameworkAdded,
    master.EventFrameworkRemoved: _master_EventFrameworkRemoved,
    master.EventFrameworkUpdated: _master_EventFrameworkUpdated,
    master.EventOperationUpdated: _master_EventOperationUpdated,
    master.EventProviderUpdated: _master_EventProviderUpdated,
    master.EventSubscribed: _master_EventSubscribed,
    master.EventTaskAdded: _master_EventTaskAdded,
    master.EventTaskUpdated: _master_EventTaskUpdated,
    master.EventVolumeUpdated: _master_EventVolumeUpdated,
    master.Profile: _master_Profile,
    master.Provider: _master_Provider,
    master.Standby: _master_Standby,
    master.Response: _master_Response,
    master.ResponseAbandonOperation: _master_ResponseAbandonOperation,
    master.ResponseDeprovisionVolume: _master_ResponseDeprovisionVolume,
    master.ResponseExplainOffers: _master_ResponseExplainOffers,
    master.ResponseExpandVolume: _master_ResponseExpandVolume,
    master.ResponseGetAgents: _master_ResponseGetAgents,
    master.ResponseGetAgentsAgent: _master_ResponseGetAgentsAgent,
    master.ResponseGetAgentsAgentResourceProvider: _master_ResponseGetAgentsAgentResourceProvider,
    master.ResponseGetExecutors: _master_ResponseGetExecutors,
    master.ResponseGetExecutorsExecutor: _master_ResponseGetExecutorsExecutor,
    master.ResponseGetFlags: _master_ResponseGetFlags,
    master.ResponseGetFrameworks: _master_ResponseGetFrameworks,
    master.ResponseGetFrameworksFramework: _master_ResponseGetFrameworksFramework,
    master.ResponseGetHealth: _master_ResponseGetHealth,
    master.ResponseGetLoggingLevel: _master_ResponseGetLoggingLevel,
    master.ResponseGetMaintenanceSchedule: _master_ResponseGetMaintenanceSchedule,
    master.ResponseGetMaintenanceStatus: _master_ResponseGetMaintenanceStatus,
    master.ResponseGetMaster: _master_ResponseGetMaster,
    master.ResponseGetMetrics: _master_ResponseGetMetrics,
    master.ResponseGetOperationHistory: _master_ResponseGetOperationHistory,
    master.ResponseGetOperations: _master_ResponseGetOperations,
    master.ResponseGetProfiles: _master_ResponseGetProfiles,
    master.ResponseGetQuota: _master_ResponseGetQuota,
    master.ResponseGetRegistryDifferences: _master_ResponseGetRegistryDifferences,
    master.ResponseGetResourceProviders: _master_ResponseGetResourceProviders,
    master.ResponseGetRoles: _master_ResponseGetRoles,
    master.ResponseGetState: _master_ResponseGetState,
    master.ResponseGetTasks: _master_ResponseGetTasks,
    master.ResponseGetVersion: _master_ResponseGetVersion,
    master.ResponseGetVolumes: _master_ResponseGetVolumes,
    master.ResponseGetWeights: _master_ResponseGetWeights,
    master.ResponseListFiles: _master_ResponseListFiles,
    master.ResponseProvisionVolume: _master_ResponseProvisionVolume,
    master.ResponseReadFile: _master_ResponseReadFile,
    master.ResponseAdoptVolume: _master_ResponseAdoptVolume,
    master.ResponseRetryOperation: _master_ResponseRetryOperation,
    master.RegistryRestoration: _master_RegistryRestoration,
    master.RegistryDifference: _master_RegistryDifference,
    master.Withheld: _master_Withheld,
    master.VolumeInfo: _master_VolumeInfo,
}

PROTO_NAMES: Final[dict[type[Message], str]] = {
    mesos.Address: "mesos.v1.Address",
    mesos.AgentID: "mesos.v1.AgentID",
    mesos.AgentInfo: "mesos.v1.AgentInfo",
    mesos.AgentInfoCapability: "mesos.v1.AgentInfo.Capability",
    mesos.Attribute: "mesos.v1.Attribute",
    mesos.CSIPluginContainerInfo: "mesos.v1.CSIPluginContainerInfo",
    mesos.CSIPluginEndpoint: "mesos.v1.CSIPluginEndpoint",
    mesos.CSIPluginInfo: "mesos.v1.CSIPluginInfo",
    mesos.CSIPluginSecret: "mesos.v1.CSIPluginSecret",
    mesos.CapabilityInfo: "mesos.v1.CapabilityInfo",
    mesos.CgroupInfo: "mesos.v1.CgroupInfo",
    mesos.CgroupInfoBlkio: "mesos.v1.CgroupInfo.Blkio",
    mesos.CgroupInfoBlkioCFQ: "mesos.v1.CgroupInfo.Blkio.CFQ",
    mesos.CgroupInfoBlkioCFQStatistics: "mesos.v1.CgroupInfo.Blkio.CFQ.Statistics",
    mesos.CgroupInfoBlkioStatistics: "mesos.v1.CgroupInfo.Blkio.Statistics",
    mesos.CgroupInfoBlkioThrottling: "mesos.v1.CgroupInfo.Blkio.Throttling",
    mesos.CgroupInfoBlkioThrottlingStatistics: "mesos.v1.CgroupInfo.Blkio.Throttling.Statistics",
    mesos.CgroupInfoBlkioValue: "mesos.v1.CgroupInfo.Blkio.Value",
    mesos.CgroupInfoNetCls: "mesos.v1.CgroupInfo.NetCls",
    mesos.CheckInfo: "mesos.v1.CheckInfo",
    mesos.CheckInfoCommand: "mesos.v1.CheckInfo.Command",
    mesos.CheckInfoHttp: "mesos.v1.CheckInfo.Http",
    mesos.CheckInfoTcp: "mesos.v1.CheckInfo.Tcp",
    mesos.CheckStatusInfo: "mesos.v1.CheckStatusInfo",
    mesos.CheckStatusInfoCommand: "mesos.v1.CheckStatusInfo.Command",
    mesos.CheckStatusInfoHttp: "mesos.v1.CheckStatusInfo.Http",
    mesos.CheckStatusInfoTcp: "mesos.v1.CheckStatusInfo.Tcp",
    mesos.CommandInfo: "mesos.v1.CommandInfo",
    mesos.CommandInfoURI: "mesos.v1.CommandInfo.URI",
    mesos.ContainerID: "mesos.v1.ContainerID",
    mesos.ContainerInfo: "mesos.v1.ContainerInfo",
    mesos.ContainerInfoDockerInfo: "mesos.v1.ContainerInfo.DockerInfo",
    mesos.ContainerInfoDockerInfoPortMapping: "mesos.v1.ContainerInfo.DockerInfo.PortMapping",
    mesos.ContainerInfoMesosInfo: "mesos.v1.ContainerInfo.MesosInfo",
    mesos.ContainerStatus: "mesos.v1.ContainerStatus",
    mesos.Credential: "mesos.v1.Credential",
    mesos.Credentials: "mesos.v1.Credentials",
    mesos.Device: "mesos.v1.Device",
    mesos.DeviceNumber: "mesos.v1.Device.Number",
    mesos.DeviceAccess: "mesos.v1.DeviceAccess",
    mesos.DeviceAccessAccess: "mesos.v1.DeviceAccess.Access",
    mesos.DeviceWhitelist: "mesos.v1.DeviceWhitelist",
    mesos.DiscoveryInfo: "mesos.v1.DiscoveryInfo",
    mesos.DiskStatistics: "mesos.v1.DiskStatistics",
    mesos.DomainInfo: "mesos.v1.DomainInfo",
    mesos.DomainInfoFaultDomain: "mesos.v1.DomainInfo.FaultDomain",
    mesos.DomainInfoFaultDomainRegionInfo: "mesos.v1.DomainInfo.FaultDomain.RegionInfo",
    mesos.DomainInfoFaultDomainZoneInfo: "mesos.v1.DomainInfo.FaultDomain.ZoneInfo",
    mesos.DrainConfig: "mesos.v1.DrainConfig",
    mesos.DrainInfo: "mesos.v1.DrainInfo",
    mesos.DurationInfo: "mesos.v1.DurationInfo",
    mesos.Environment: "mesos.v1.Environment",
    mesos.EnvironmentVariable: "mesos.v1.Environment.Variable",
    mesos.ExecutorID: "mesos.v1.ExecutorID",
    mesos.ExecutorInfo: "mesos.v1.ExecutorInfo",
    mesos.FileInfo: "mesos.v1.FileInfo",
    mesos.Filters: "mesos.v1.Filters",
    mesos.Flag: "mesos.v1.Flag",
    mesos.FrameworkID: "mesos.v1.FrameworkID",
    mesos.FrameworkInfo: "mesos.v1.FrameworkInfo",
    mesos.FrameworkInfoCapability: "mesos.v1.FrameworkInfo.Capability",
    mesos.HealthCheck: "mesos.v1.HealthCheck",
    mesos.HealthCheckHTTPCheckInfo: "mesos.v1.HealthCheck.HTTPCheckInfo",
    mesos.HealthCheckTCPCheckInfo: "mesos.v1.HealthCheck.TCPCheckInfo",
    mesos.IcmpStatistics: "mesos.v1.IcmpStatistics",
    mesos.Image: "mesos.v1.Image",
    mesos.ImageAppc: "mesos.v1.Image.Appc",
    mesos.ImageDocker: "mesos.v1.Image.Docker",
    mesos.InverseOffer: "mesos.v1.InverseOffer",
    mesos.IpStatistics: "mesos.v1.IpStatistics",
    mesos.KillPolicy: "mesos.v1.KillPolicy",
    mesos.Label: "mesos.v1.Label",
    mesos.Labels: "mesos.v1.Labels",
    mesos.LinuxInfo: "mesos.v1.LinuxInfo",
    mesos.MachineID: "mesos.v1.MachineID",
    mesos.MachineInfo: "mesos.v1.MachineInfo",
    mesos.MasterInfo: "mesos.v1.MasterInfo",
    mesos.MasterInfoCapability: "mesos.v1.MasterInfo.Capability",
    mesos.Metric: "mesos.v1.Metric",
    mesos.MountPropagation: "mesos.v1.MountPropagation",
    mesos.NetworkInfo: "mesos.v1.NetworkInfo",
    mesos.NetworkInfoIPAddress: "mesos.v1.NetworkInfo.IPAddress",
    mesos.NetworkInfoPortMapping: "mesos.v1.NetworkInfo.PortMapping",
    mesos.Offer: "mesos.v1.Offer",
    mesos.OfferOperation: "mesos.v1.Offer.Operation",
    mesos.OfferOperationCreate: "mesos.v1.Offer.Operation.Create",
    mesos.OfferOperationCreateDisk: "mesos.v1.Offer.Operation.CreateDisk",
    mesos.OfferOperationDestroy: "mesos.v1.Offer.Operation.Destroy",
    mesos.OfferOperationDestroyDisk: "mesos.v1.Offer.Operation.DestroyDisk",
    mesos.OfferOperationGrowVolume: "mesos.v1.Offer.Operation.GrowVolume",
    mesos.OfferOperationLaunch: "mesos.v1.Offer.Operation.Launch",
    mesos.OfferOperationLaunchGroup: "mesos.v1.Offer.Operation.LaunchGroup",
    mesos.OfferOperationReserve: "mesos.v1.Offer.Operation.Reserve",
    mesos.OfferOperationShrinkVolume: "mesos.v1.Offer.Operation.ShrinkVolume",
    mesos.OfferOperationUnreserve: "mesos.v1.Offer.Operation.Unreserve",
    mesos.OfferFilters: "mesos.v1.OfferFilters",
    mesos.OfferFiltersMinAllocatableResources: "mesos.v1.OfferFilters.MinAllocatableResources",
    mesos.OfferFiltersResourceQuantities: "mesos.v1.OfferFilters.ResourceQuantities",
    mesos.OfferID: "mesos.v1.OfferID",
    mesos.Operation: "mesos.v1.Operation",
    mesos.HostFinding: "mesos.v1.HostFinding",
    mesos.OperationTrouble: "mesos.v1.OperationTrouble",
    mesos.OperationID: "mesos.v1.OperationID",
    mesos.OperationStatus: "mesos.v1.OperationStatus",
    mesos.Parameter: "mesos.v1.Parameter",
    mesos.Parameters: "mesos.v1.Parameters",
    mesos.PerfStatistics: "mesos.v1.PerfStatistics",
    mesos.Port: "mesos.v1.Port",
    mesos.Ports: "mesos.v1.Ports",
    mesos.RLimitInfo: "mesos.v1.RLimitInfo",
    mesos.RLimitInfoRLimit: "mesos.v1.RLimitInfo.RLimit",
    mesos.RateLimit: "mesos.v1.RateLimit",
    mesos.RateLimits: "mesos.v1.RateLimits",
    mesos.Request: "mesos.v1.Request",
    mesos.Resource: "mesos.v1.Resource",
    mesos.ResourceAllocationInfo: "mesos.v1.Resource.AllocationInfo",
    mesos.ResourceDiskInfo: "mesos.v1.Resource.DiskInfo",
    mesos.ResourceDiskInfoPersistence: "mesos.v1.Resource.DiskInfo.Persistence",
    mesos.ResourceDiskInfoSource: "mesos.v1.Resource.DiskInfo.Source",
    mesos.ResourceDiskInfoSourceMount: "mesos.v1.Resource.DiskInfo.Source.Mount",
    mesos.ResourceDiskInfoSourcePath: "mesos.v1.Resource.DiskInfo.Source.Path",
    mesos.ResourceReservationInfo: "mesos.v1.Resource.ReservationInfo",
    mesos.ResourceRevocableInfo: "mesos.v1.Resource.RevocableInfo",
    mesos.ResourceSharedInfo: "mesos.v1.Resource.SharedInfo",
    mesos.ResourceProviderID: "mesos.v1.ResourceProviderID",
    mesos.ResourceProviderInfo: "mesos.v1.ResourceProviderInfo",
    mesos.ResourceProviderInfoStorage: "mesos.v1.ResourceProviderInfo.Storage",
    mesos.ResourceStatistics: "mesos.v1.ResourceStatistics",
    mesos.ResourceStatisticsRatePercentiles: "mesos.v1.ResourceStatistics.RatePercentiles",
    mesos.ResourceStatisticsRateStatistics: "mesos.v1.ResourceStatistics.RateStatistics",
    mesos.ResourceUsage: "mesos.v1.ResourceUsage",
    mesos.ResourceUsageExecutor: "mesos.v1.ResourceUsage.Executor",
    mesos.ResourceUsageExecutorTask: "mesos.v1.ResourceUsage.Executor.Task",
    mesos.Role: "mesos.v1.Role",
    mesos.SNMPStatistics: "mesos.v1.SNMPStatistics",
    mesos.SeccompInfo: "mesos.v1.SeccompInfo",
    mesos.Secret: "mesos.v1.Secret",
    mesos.SecretReference: "mesos.v1.Secret.Reference",
    mesos.SecretValue: "mesos.v1.Secret.Value",
    mesos.TTYInfo: "mesos.v1.TTYInfo",
    mesos.TTYInfoWindowSize: "mesos.v1.TTYInfo.WindowSize",
    mesos.Task: "mesos.v1.Task",
    mesos.TaskGroupInfo: "mesos.v1.TaskGroupInfo",
    mesos.TaskID: "mesos.v1.TaskID",
    mesos.TaskInfo: "mesos.v1.TaskInfo",
    mesos.TaskResourceLimitation: "mesos.v1.TaskResourceLimitation",
    mesos.TaskStatus: "mesos.v1.TaskStatus",
    mesos.TcpStatistics: "mesos.v1.TcpStatistics",
    mesos.TimeInfo: "mesos.v1.TimeInfo",
    mesos.TrafficControlStatistics: "mesos.v1.TrafficControlStatistics",
    mesos.URL: "mesos.v1.URL",
    mesos.UUID: "mesos.v1.UUID",
    mesos.UdpStatistics: "mesos.v1.UdpStatistics",
    mesos.Unavailability: "mesos.v1.Unavailability",
    mesos.Value: "mesos.v1.Value",
    mesos.ValueRange: "mesos.v1.Value.Range",
    mesos.ValueRanges: "mesos.v1.Value.Ranges",
    mesos.ValueScalar: "mesos.v1.Value.Scalar",
    mesos.ValueSet: "mesos.v1.Value.Set",
    mesos.ValueText: "mesos.v1.Value.Text",
    mesos.VersionInfo: "mesos.v1.VersionInfo",
    mesos.Volume: "mesos.v1.Volume",
    mesos.VolumeSource: "mesos.v1.Volume.Source",
    mesos.VolumeSourceCSIVolume: "mesos.v1.Volume.Source.CSIVolume",
    mesos.VolumeSourceCSIVolumeStaticProvisioning: "mesos.v1.Volume.Source.CSIVolume.StaticProvisioning",
    mesos.VolumeSourceCSIVolumeVolumeCapability: "mesos.v1.Volume.Source.CSIVolume.VolumeCapability",
    mesos.VolumeSourceCSIVolumeVolumeCapabilityAccessMode: "mesos.v1.Volume.Source.CSIVolume.VolumeCapability.AccessMode",
    mesos.VolumeSourceCSIVolumeVolumeCapabilityBlockVolume: "mesos.v1.Volume.Source.CSIVolume.VolumeCapability.BlockVolume",
    mesos.VolumeSourceCSIVolumeVolumeCapabilityMountVolume: "mesos.v1.Volume.Source.CSIVolume.VolumeCapability.MountVolume",
    mesos.VolumeSourceDockerVolume: "mesos.v1.Volume.Source.DockerVolume",
    mesos.VolumeSourceHostPath: "mesos.v1.Volume.Source.HostPath",
    mesos.VolumeSourceSandboxPath: "mesos.v1.Volume.Source.SandboxPath",
    mesos.WeightInfo: "mesos.v1.WeightInfo",
    agent.Call: "mesos.v1.agent.Call",
    agent.CallAddResourceProviderConfig: "mesos.v1.agent.Call.AddResourceProviderConfig",
    agent.CallAttachContainerInput: "mesos.v1.agent.Call.AttachContainerInput",
    agent.CallAttachContainerOutput: "mesos.v1.agent.Call.AttachContainerOutput",
    agent.CallGetContainers: "mesos.v1.agent.Call.GetContainers",
    agent.CallGetMetrics: "mesos.v1.agent.Call.GetMetrics",
    agent.CallKillContainer: "mesos.v1.agent.Call.KillContainer",
    agent.CallKillNestedContainer: "mesos.v1.agent.Call.KillNestedContainer",
    agent.CallLaunchContainer: "mesos.v1.agent.Call.LaunchContainer",
    agent.CallLaunchNestedContainer: "mesos.v1.agent.Call.LaunchNestedContainer",
    agent.CallLaunchNestedContainerSession: "mesos.v1.agent.Call.LaunchNestedContainerSession",
    agent.CallListFiles: "mesos.v1.agent.Call.ListFiles",
    agent.CallMarkResourceProviderGone: "mesos.v1.agent.Call.MarkResourceProviderGone",
    agent.CallPruneImages: "mesos.v1.agent.Call.PruneImages",
    agent.CallReadFile: "mesos.v1.agent.Call.ReadFile",
    agent.CallReconfigure: "mesos.v1.agent.Call.Reconfigure",
    agent.CallRemoveContainer: "mesos.v1.agent.Call.RemoveContainer",
    agent.CallRemoveNestedContainer: "mesos.v1.agent.Call.RemoveNestedContainer",
    agent.CallRemoveResourceProviderConfig: "mesos.v1.agent.Call.RemoveResourceProviderConfig",
    agent.CallSetLoggingLevel: "mesos.v1.agent.Call.SetLoggingLevel",
    agent.CallUpdateResourceProviderConfig: "mesos.v1.agent.Call.UpdateResourceProviderConfig",
    agent.CallWaitContainer: "mesos.v1.agent.Call.WaitContainer",
    agent.CallWaitNestedContainer: "mesos.v1.agent.Call.WaitNestedContainer",
    agent.ProcessIO: "mesos.v1.agent.ProcessIO",
    agent.ProcessIOControl: "mesos.v1.agent.ProcessIO.Control",
    agent.ProcessIOControlHeartbeat: "mesos.v1.agent.ProcessIO.Control.Heartbeat",
    agent.ProcessIOData: "mesos.v1.agent.ProcessIO.Data",
    agent.Response: "mesos.v1.agent.Response",
    agent.ResponseGetAgent: "mesos.v1.agent.Response.GetAgent",
    agent.ResponseIsolation: "mesos.v1.agent.Response.Isolation",
    agent.ResponseGetContainers: "mesos.v1.agent.Response.GetContainers",
    agent.ResponseGetContainersContainer: "mesos.v1.agent.Response.GetContainers.Container",
    agent.ResponseGetExecutors: "mesos.v1.agent.Response.GetExecutors",
    agent.ResponseGetExecutorsExecutor: "mesos.v1.agent.Response.GetExecutors.Executor",
    agent.ResponseGetFlags: "mesos.v1.agent.Response.GetFlags",
    agent.ResponseGetFrameworks: "mesos.v1.agent.Response.GetFrameworks",
    agent.ResponseGetFrameworksFramework: "mesos.v1.agent.Response.GetFrameworks.Framework",
    agent.ResponseGetHealth: "mesos.v1.agent.Response.GetHealth",
    agent.ResponseGetLoggingLevel: "mesos.v1.agent.Response.GetLoggingLevel",
    agent.ResponseGetMetrics: "mesos.v1.agent.Response.GetMetrics",
    agent.ResponseGetImages: "mesos.v1.agent.Response.GetImages",
    agent.ResponseGetImagesImage: "mesos.v1.agent.Response.GetImages.Image",
    agent.ResponseGetOperations: "mesos.v1.agent.Response.GetOperations",
    agent.ResponseGetResourceProviderConfigs: "mesos.v1.agent.Response.GetResourceProviderConfigs",
    agent.ResponseGetResourceProviderConfigsConfig: "mesos.v1.agent.Response.GetResourceProviderConfigs.Config",
    agent.ResponseGetDevices: "mesos.v1.agent.Response.GetDevices",
    agent.ResponseGetDevicesDevice: "mesos.v1.agent.Response.GetDevices.Device",
    agent.ResponseGetResourceProviders: "mesos.v1.agent.Response.GetResourceProviders",
    agent.ResponseGetResourceProvidersResourceProvider: "mesos.v1.agent.Response.GetResourceProviders.ResourceProvider",
    agent.ResponseGetState: "mesos.v1.agent.Response.GetState",
    agent.ResponseGetTasks: "mesos.v1.agent.Response.GetTasks",
    agent.ResponseGetVersion: "mesos.v1.agent.Response.GetVersion",
    agent.ResponseListFiles: "mesos.v1.agent.Response.ListFiles",
    agent.ResponsePruneImages: "mesos.v1.agent.Response.PruneImages",
    agent.ResponseReadFile: "mesos.v1.agent.Response.ReadFile",
    agent.ResponseReconfigure: "mesos.v1.agent.Response.Reconfigure",
    agent.ResponseReconfigureChange: "mesos.v1.agent.Response.Reconfigure.Change",
    agent.ResponseWaitContainer: "mesos.v1.agent.Response.WaitContainer",
    agent.ResponseWaitNestedContainer: "mesos.v1.agent.Response.WaitNestedContainer",
    allocator.InverseOfferStatus: "mesos.v1.allocator.InverseOfferStatus",
    executor.Call: "mesos.v1.executor.Call",
    executor.CallMessage: "mesos.v1.executor.Call.Message",
    executor.CallSubscribe: "mesos.v1.executor.Call.Subscribe",
    executor.CallUpdate: "mesos.v1.executor.Call.Update",
    executor.Event: "mesos.v1.executor.Event",
    executor.EventAcknowledged: "mesos.v1.executor.Event.Acknowledged",
    executor.EventError: "mesos.v1.executor.Event.Error",
    executor.EventKill: "mesos.v1.executor.Event.Kill",
    executor.EventLaunch: "mesos.v1.executor.Event.Launch",
    executor.EventLaunchGroup: "mesos.v1.executor.Event.LaunchGroup",
    executor.EventMessage: "mesos.v1.executor.Event.Message",
    executor.EventSubscribed: "mesos.v1.executor.Event.Subscribed",
    maintenance.ClusterStatus: "mesos.v1.maintenance.ClusterStatus",
    maintenance.ClusterStatusDrainingMachine: "mesos.v1.maintenance.ClusterStatus.DrainingMachine",
    maintenance.Schedule: "mesos.v1.maintenance.Schedule",
    maintenance.Window: "mesos.v1.maintenance.Window",
    protobuf.Duration: "google.protobuf.Duration",
    quota.QuotaConfig: "mesos.v1.quota.QuotaConfig",
    quota.QuotaInfo: "mesos.v1.quota.QuotaInfo",
    quota.QuotaRequest: "mesos.v1.quota.QuotaRequest",
    quota.QuotaStatus: "mesos.v1.quota.QuotaStatus",
    resource_provider.Call: "mesos.v1.resource_provider.Call",
    resource_provider.CallSubscribe: "mesos.v1.resource_provider.Call.Subscribe",
    resource_provider.CallUpdateOperationStatus: "mesos.v1.resource_provider.Call.UpdateOperationStatus",
    resource_provider.CallUpdatePublishResourcesStatus: "mesos.v1.resource_provider.Call.UpdatePublishResourcesStatus",
    resource_provider.CallUpdatePublishResourcesStatusPublishedVolume: "mesos.v1.resource_provider.Call.UpdatePublishResourcesStatus.PublishedVolume",
    resource_provider.CallUpdateState: "mesos.v1.resource_provider.Call.UpdateState",
    resource_provider.Event: "mesos.v1.resource_provider.Event",
    resource_provider.EventAbandonOperation: "mesos.v1.resource_provider.Event.AbandonOperation",
    resource_provider.EventAcknowledgeOperationStatus: "mesos.v1.resource_provider.Event.AcknowledgeOperationStatus",
    resource_provider.EventApplyOperation: "mesos.v1.resource_provider.Event.ApplyOperation",
    resource_provider.EventError: "mesos.v1.resource_provider.Event.Error",
    resource_provider.EventPublishResources: "mesos.v1.resource_provider.Event.PublishResources",
    resource_provider.EventCheckAtRest: "mesos.v1.resource_provider.Event.CheckAtRest",
    resource_provider.EventReconcileOperations: "mesos.v1.resource_provider.Event.ReconcileOperations",
    resource_provider.EventAdmitVolume: "mesos.v1.resource_provider.Event.AdmitVolume",
    resource_provider.EventRetryOperation: "mesos.v1.resource_provider.Event.RetryOperation",
    resource_provider.EventSubscribed: "mesos.v1.resource_provider.Event.Subscribed",
    resource_provider.EventUnpublishResources: "mesos.v1.resource_provider.Event.UnpublishResources",
    resource_provider.PluginState: "mesos.v1.resource_provider.PluginState",
    resource_provider.PluginContainerState: "mesos.v1.resource_provider.PluginContainerState",
    resource_provider.PluginCapability: "mesos.v1.resource_provider.PluginCapability",
    resource_provider.VolumeNotice: "mesos.v1.resource_provider.VolumeNotice",
    resource_provider.ProfileInfo: "mesos.v1.resource_provider.ProfileInfo",
    scheduler.APIResult: "mesos.v1.scheduler.APIResult",
    scheduler.AttributeConstraint: "mesos.v1.scheduler.AttributeConstraint",
    scheduler.AttributeConstraintPredicate: "mesos.v1.scheduler.AttributeConstraint.Predicate",
    scheduler.AttributeConstraintPredicateExists: "mesos.v1.scheduler.AttributeConstraint.Predicate.Exists",
    scheduler.AttributeConstraintPredicateNotExists: "mesos.v1.scheduler.AttributeConstraint.Predicate.NotExists",
    scheduler.AttributeConstraintPredicateTextEquals: "mesos.v1.scheduler.AttributeConstraint.Predicate.TextEquals",
    scheduler.AttributeConstraintPredicateTextMatches: "mesos.v1.scheduler.AttributeConstraint.Predicate.TextMatches",
    scheduler.AttributeConstraintPredicateTextNotEquals: "mesos.v1.scheduler.AttributeConstraint.Predicate.TextNotEquals",
    scheduler.AttributeConstraintPredicateTextNotMatches: "mesos.v1.scheduler.AttributeConstraint.Predicate.TextNotMatches",
    scheduler.AttributeConstraintSelector: "mesos.v1.scheduler.AttributeConstraint.Selector",
    scheduler.Call: "mesos.v1.scheduler.Call",
    scheduler.CallAccept: "mesos.v1.scheduler.Call.Accept",
    scheduler.CallAcceptInverseOffers: "mesos.v1.scheduler.Call.AcceptInverseOffers",
    scheduler.CallAcknowledge: "mesos.v1.scheduler.Call.Acknowledge",
    scheduler.CallAcknowledgeOperationStatus: "mesos.v1.scheduler.Call.AcknowledgeOperationStatus",
    scheduler.CallDecline: "mesos.v1.scheduler.Call.Decline",
    scheduler.CallDeclineInverseOffers: "mesos.v1.scheduler.Call.DeclineInverseOffers",
    scheduler.CallKill: "mesos.v1.scheduler.Call.Kill",
    scheduler.CallMessage: "mesos.v1.scheduler.Call.Message",
    scheduler.CallReconcile: "mesos.v1.scheduler.Call.Reconcile",
    scheduler.CallReconcileTask: "mesos.v1.scheduler.Call.Reconcile.Task",
    scheduler.CallReconcileOperations: "mesos.v1.scheduler.Call.ReconcileOperations",
    scheduler.CallReconcileOperationsOperation: "mesos.v1.scheduler.Call.ReconcileOperations.Operation",
    scheduler.CallRequest: "mesos.v1.scheduler.Call.Request",
    scheduler.CallRevive: "mesos.v1.scheduler.Call.Revive",
    scheduler.CallShutdown: "mesos.v1.scheduler.Call.Shutdown",
    scheduler.CallSubscribe: "mesos.v1.scheduler.Call.Subscribe",
    scheduler.CallSuppress: "mesos.v1.scheduler.Call.Suppress",
    scheduler.CallUpdateFramework: "mesos.v1.scheduler.Call.UpdateFramework",
    scheduler.Event: "mesos.v1.scheduler.Event",
    scheduler.EventError: "mesos.v1.scheduler.Event.Error",
    scheduler.EventFailure: "mesos.v1.scheduler.Event.Failure",
    scheduler.EventInverseOffers: "mesos.v1.scheduler.Event.InverseOffers",
    scheduler.EventMessage: "mesos.v1.scheduler.Event.Message",
    scheduler.EventOffers: "mesos.v1.scheduler.Event.Offers",
    scheduler.EventRescind: "mesos.v1.scheduler.Event.Rescind",
    scheduler.EventRescindInverseOffer: "mesos.v1.scheduler.Event.RescindInverseOffer",
    scheduler.EventSubscribed: "mesos.v1.scheduler.Event.Subscribed",
    scheduler.EventUpdate: "mesos.v1.scheduler.Event.Update",
    scheduler.EventUpdateOperationStatus: "mesos.v1.scheduler.Event.UpdateOperationStatus",
    scheduler.OfferConstraints: "mesos.v1.scheduler.OfferConstraints",
    scheduler.OfferConstraintsRoleConstraints: "mesos.v1.scheduler.OfferConstraints.RoleConstraints",
    scheduler.OfferConstraintsRoleConstraintsGroup: "mesos.v1.scheduler.OfferConstraints.RoleConstraints.Group",
    scheduler.Response: "mesos.v1.scheduler.Response",
    scheduler.ResponseReconcileOperations: "mesos.v1.scheduler.Response.ReconcileOperations",
    master.Call: "mesos.v1.master.Call",
    master.CallFollow: "mesos.v1.master.Call.Follow",
    master.CallAbandonOperation: "mesos.v1.master.Call.AbandonOperation",
    master.CallCreateVolumes: "mesos.v1.master.Call.CreateVolumes",
    master.CallDeactivateAgent: "mesos.v1.master.Call.DeactivateAgent",
    master.CallDeprovisionVolume: "mesos.v1.master.Call.DeprovisionVolume",
    master.CallDestroyVolumes: "mesos.v1.master.Call.DestroyVolumes",
    master.CallDrainAgent: "mesos.v1.master.Call.DrainAgent",
    master.CallExpandVolume: "mesos.v1.master.Call.ExpandVolume",
    master.CallGetMetrics: "mesos.v1.master.Call.GetMetrics",
    master.CallGetOperationHistory: "mesos.v1.master.Call.GetOperationHistory",
    master.CallGetVolumes: "mesos.v1.master.Call.GetVolumes",
    master.CallExplainOffers: "mesos.v1.master.Call.ExplainOffers",
    master.CallGrowVolume: "mesos.v1.master.Call.GrowVolume",
    master.CallKillTask: "mesos.v1.master.Call.KillTask",
    master.CallListFiles: "mesos.v1.master.Call.ListFiles",
    master.CallMarkAgentGone: "mesos.v1.master.Call.MarkAgentGone",
    master.CallProvisionVolume: "mesos.v1.master.Call.ProvisionVolume",
    master.CallReactivateAgent: "mesos.v1.master.Call.ReactivateAgent",
    master.CallReadFile: "mesos.v1.master.Call.ReadFile",
    master.CallRemoveQuota: "mesos.v1.master.Call.RemoveQuota",
    master.CallReserveResources: "mesos.v1.master.Call.ReserveResources",
    master.CallAdoptVolume: "mesos.v1.master.Call.AdoptVolume",
    master.CallRetryOperation: "mesos.v1.master.Call.RetryOperation",
    master.CallSetLoggingLevel: "mesos.v1.master.Call.SetLoggingLevel",
    master.CallSetQuota: "mesos.v1.master.Call.SetQuota",
    master.CallShrinkVolume: "mesos.v1.master.Call.ShrinkVolume",
    master.CallStartMaintenance: "mesos.v1.master.Call.StartMaintenance",
    master.CallStopMaintenance: "mesos.v1.master.Call.StopMaintenance",
    master.CallSubscribe: "mesos.v1.master.Call.Subscribe",
    master.CallTeardown: "mesos.v1.master.Call.Teardown",
    master.CallUnreserveResources: "mesos.v1.master.Call.UnreserveResources",
    master.CallUpdateMaintenanceSchedule: "mesos.v1.master.Call.UpdateMaintenanceSchedule",
    master.CallUpdateQuota: "mesos.v1.master.Call.UpdateQuota",
    master.CallUpdateWeights: "mesos.v1.master.Call.UpdateWeights",
    master.Event: "mesos.v1.master.Event",
    master.EventAgentAdded: "mesos.v1.master.Event.AgentAdded",
    master.EventAgentRemoved: "mesos.v1.master.Event.AgentRemoved",
    master.EventAgentUpdated: "mesos.v1.master.Event.AgentUpdated",
    master.EventFrameworkAdded: "mesos.v1.master.Event.FrameworkAdded",
    master.EventFrameworkRemoved: "mesos.v1.master.Event.FrameworkRemoved",
    master.EventFrameworkUpdated: "mesos.v1.master.Event.FrameworkUpdated",
    master.EventOperationUpdated: "mesos.v1.master.Event.OperationUpdated",
    master.EventProviderUpdated: "mesos.v1.master.Event.ProviderUpdated",
    master.EventSubscribed: "mesos.v1.master.Event.Subscribed",
    master.EventTaskAdded: "mesos.v1.master.Event.TaskAdded",
    master.EventTaskUpdated: "mesos.v1.master.Event.TaskUpdated",
    master.EventVolumeUpdated: "mesos.v1.master.Event.VolumeUpdated",
    master.Profile: "mesos.v1.master.Profile",
    master.Provider: "mesos.v1.master.Provider",
    master.Standby: "mesos.v1.master.Standby",
    master.Response: "mesos.v1.master.Response",
    master.ResponseAbandonOperation: "mesos.v1.master.Response.AbandonOperation",
    master.ResponseDeprovisionVolume: "mesos.v1.master.Response.DeprovisionVolume",
    master.ResponseExplainOffers: "mesos.v1.master.Response.ExplainOffers",
    master.ResponseExpandVolume: "mesos.v1.master.Response.ExpandVolume",
    master.ResponseGetAgents: "mesos.v1.master.Response.GetAgents",
    master.ResponseGetAgentsAgent: "mesos.v1.master.Response.GetAgents.Agent",
    master.ResponseGetAgentsAgentResourceProvider: "mesos.v1.master.Response.GetAgents.Agent.ResourceProvider",
    master.ResponseGetExecutors: "mesos.v1.master.Response.GetExecutors",
    master.ResponseGetExecutorsExecutor: "mesos.v1.master.Response.GetExecutors.Executor",
    master.ResponseGetFlags: "mesos.v1.master.Response.GetFlags",
    master.ResponseGetFrameworks: "mesos.v1.master.Response.GetFrameworks",
    master.ResponseGetFrameworksFramework: "mesos.v1.master.Response.GetFrameworks.Framework",
    master.ResponseGetHealth: "mesos.v1.master.Response.GetHealth",
    master.ResponseGetLoggingLevel: "mesos.v1.master.Response.GetLoggingLevel",
    master.ResponseGetMaintenanceSchedule: "mesos.v1.master.Response.GetMaintenanceSchedule",
    master.ResponseGetMaintenanceStatus: "mesos.v1.master.Response.GetMaintenanceStatus",
    master.ResponseGetMaster: "mesos.v1.master.Response.GetMaster",
    master.ResponseGetMetrics: "mesos.v1.master.Response.GetMetrics",
    master.ResponseGetOperationHistory: "mesos.v1.master.Response.GetOperationHistory",
    master.ResponseGetOperations: "mesos.v1.master.Response.GetOperations",
    master.ResponseGetProfiles: "mesos.v1.master.Response.GetProfiles",
    master.ResponseGetQuota: "mesos.v1.master.Response.GetQuota",
    master.ResponseGetRegistryDifferences: "mesos.v1.master.Response.GetRegistryDifferences",
    master.ResponseGetResourceProviders: "mesos.v1.master.Response.GetResourceProviders",
    master.ResponseGetRoles: "mesos.v1.master.Response.GetRoles",
    master.ResponseGetState: "mesos.v1.master.Response.GetState",
    master.ResponseGetTasks: "mesos.v1.master.Response.GetTasks",
    master.ResponseGetVersion: "mesos.v1.master.Response.GetVersion",
    master.ResponseGetVolumes: "mesos.v1.master.Response.GetVolumes",
    master.ResponseGetWeights: "mesos.v1.master.Response.GetWeights",
    master.ResponseListFiles: "mesos.v1.master.Response.ListFiles",
    master.ResponseProvisionVolume: "mesos.v1.master.Response.ProvisionVolume",
    master.ResponseReadFile: "mesos.v1.master.Response.ReadFile",
    master.ResponseAdoptVolume: "mesos.v1.master.Response.AdoptVolume",
    master.ResponseRetryOperation: "mesos.v1.master.Response.RetryOperation",
    master.RegistryRestoration: "mesos.v1.master.RegistryRestoration",
    master.RegistryDifference: "mesos.v1.master.RegistryDifference",
    master.Withheld: "mesos.v1.master.Withheld",
    master.VolumeInfo: "mesos.v1.master.VolumeInfo",
}

FIELD_NUMBERS: Final[dict[type[Message], dict[str, int]]] = {
    mesos.Address: {"hostname": 1, "ip": 2, "port": 3},
    mesos.AgentID: {"value": 1},
    mesos.AgentInfo: {"hostname": 1, "resources": 3, "attributes": 5, "id": 6, "port": 8, "domain": 10},
    mesos.AgentInfoCapability: {"type": 1},
    mesos.Attribute: {"name": 1, "type": 2, "scalar": 3, "ranges": 4, "text": 5, "set": 6},
    mesos.CSIPluginContainerInfo: {"services": 1, "command": 2, "resources": 3, "container": 4},
    mesos.CSIPluginEndpoint: {"csi_service": 1, "endpoint": 2},
    mesos.CSIPluginInfo: {"type": 1, "name": 2, "containers": 3, "endpoints": 4, "target_path_root": 5, "target_path_exists": 6, "secrets": 1000, "admit": 1001, "max_concurrent_calls": 1002, "probe_seconds": 1003, "learn_capacity_groups": 1004},
    mesos.CSIPluginSecret: {"key": 1, "file": 2, "calls": 3},
    mesos.CapabilityInfo: {"capabilities": 1},
    mesos.CgroupInfo: {"net_cls": 1},
    mesos.CgroupInfoBlkio: {},
    mesos.CgroupInfoBlkioCFQ: {},
    mesos.CgroupInfoBlkioCFQStatistics: {"device": 1, "sectors": 2, "time": 3, "io_serviced": 4, "io_service_bytes": 5, "io_service_time": 6, "io_wait_time": 7, "io_merged": 8, "io_queued": 9},
    mesos.CgroupInfoBlkioStatistics: {"cfq": 1, "cfq_recursive": 2, "throttling": 3},
    mesos.CgroupInfoBlkioThrottling: {},
    mesos.CgroupInfoBlkioThrottlingStatistics: {"device": 1, "io_serviced": 2, "io_service_bytes": 3},
    mesos.CgroupInfoBlkioValue: {"op": 1, "value": 2},
    mesos.CgroupInfoNetCls: {"classid": 1},
    mesos.CheckInfo: {"type": 1, "command": 2, "http": 3, "delay_seconds": 4, "interval_seconds": 5, "timeout_seconds": 6, "tcp": 7},
    mesos.CheckInfoCommand: {"command": 1},
    mesos.CheckInfoHttp: {"port": 1, "path": 2},
    mesos.CheckInfoTcp: {"port": 1},
    mesos.CheckStatusInfo: {"type": 1, "command": 2, "http": 3, "tcp": 4},
    mesos.CheckStatusInfoCommand: {"exit_code": 1},
    mesos.CheckStatusInfoHttp: {"status_code": 1},
    mesos.CheckStatusInfoTcp: {"succeeded": 1},
    mesos.CommandInfo: {"uris": 1, "environment": 2, "value": 3, "user": 5, "shell": 6, "arguments": 7},
    mesos.CommandInfoURI: {"value": 1, "executable": 2, "extract": 3, "cache": 4, "output_file": 5},
    mesos.ContainerID: {"value": 1, "parent": 2},
    mesos.ContainerInfo: {"type": 1, "volumes": 2, "docker": 3, "hostname": 4, "mesos": 5, "network_infos": 7, "linux_info": 8, "rlimit_info": 9, "tty_info": 10},
    mesos.ContainerInfoDockerInfo: {"image": 1, "network": 2, "port_mappings": 3, "privileged": 4, "parameters": 5, "force_pull_image": 6, "volume_driver": 7},
    mesos.ContainerInfoDockerInfoPortMapping: {"host_port": 1, "container_port": 2, "protocol": 3},
    mesos.ContainerInfoMesosInfo: {"image": 1},
    mesos.ContainerStatus: {"network_infos": 1, "cgroup_info": 2, "executor_pid": 3, "container_id": 4},
    mesos.Credential: {"principal": 1, "secret": 2},
    mesos.Credentials: {"credentials": 1},
    mesos.Device: {"path": 1, "number": 2},
    mesos.DeviceNumber: {"major_number": 1, "minor_number": 2},
    mesos.DeviceAccess: {"device": 1, "access": 2},
    mesos.DeviceAccessAccess: {"read": 1, "write": 2, "mknod": 3},
    mesos.DeviceWhitelist: {"allowed_devices": 1},
    mesos.DiscoveryInfo: {"visibility": 1, "name": 2, "environment": 3, "location": 4, "version": 5, "ports": 6, "labels": 7},
    mesos.DiskStatistics: {"source": 1, "persistence": 2, "limit_bytes": 3, "used_bytes": 4},
    mesos.DomainInfo: {"fault_domain": 1},
    mesos.DomainInfoFaultDomain: {"region": 1, "zone": 2},
    mesos.DomainInfoFaultDomainRegionInfo: {"name": 1},
    mesos.DomainInfoFaultDomainZoneInfo: {"name": 1},
    mesos.DrainConfig: {"max_grace_period": 1, "mark_gone": 2},
    mesos.DrainInfo: {"state": 1, "config": 2, "waiting": 1000},
    mesos.DurationInfo: {"nanoseconds": 1},
    mesos.Environment: {"variables": 1},
    mesos.EnvironmentVariable: {"name": 1, "value": 2, "type": 3, "secret": 4},
    mesos.ExecutorID: {"value": 1},
    mesos.ExecutorInfo: {"executor_id": 1, "data": 4, "resources": 5, "command": 7, "framework_id": 8, "name": 9, "source": 10, "container": 11, "discovery": 12, "shutdown_grace_period": 13, "labels": 14, "type": 15},
    mesos.FileInfo: {"path": 1, "nlink": 2, "size": 3, "mtime": 4, "mode": 5, "uid": 6, "gid": 7},
    mesos.Filters: {"refuse_seconds": 1},
    mesos.Flag: {"name": 1, "value": 2},
    mesos.FrameworkID: {"value": 1},
    mesos.FrameworkInfo: {"user": 1, "name": 2, "id": 3, "failover_timeout": 4, "checkpoint": 5, "role": 6, "hostname": 7, "principal": 8, "webui_url": 9, "capabilities": 10, "labels": 11, "roles": 12, "offer_filters": 13},
    mesos.FrameworkInfoCapability: {"type": 1},
    mesos.HealthCheck: {"http": 1, "delay_seconds": 2, "interval_seconds": 3, "timeout_seconds": 4, "consecutive_failures": 5, "grace_period_seconds": 6, "command": 7, "type": 8, "tcp": 9},
    mesos.HealthCheckHTTPCheckInfo: {"port": 1, "path": 2, "scheme": 3, "statuses": 4, "protocol": 5},
    mesos.HealthCheckTCPCheckInfo: {"port": 1, "protocol": 2},
    mesos.IcmpStatistics: {"InMsgs": 1, "InErrors": 2, "InCsumErrors": 3, "InDestUnreachs": 4, "InTimeExcds": 5, "InParmProbs": 6, "InSrcQuenchs": 7, "InRedirects": 8, "InEchos": 9, "InEchoReps": 10, "InTimestamps": 11, "InTimestampReps": 12, "InAddrMasks": 13, "InAddrMaskReps": 14, "OutMsgs": 15, "OutErrors": 16, "OutDestUnreachs": 17, "OutTimeExcds": 18, "OutParmProbs": 19, "OutSrcQuenchs": 20, "OutRedirects": 21, "OutEchos": 22, "OutEchoReps": 23, "OutTimestamps": 24, "OutTimestampReps": 25, "OutAddrMasks": 26, "OutAddrMaskReps": 27},
    mesos.Image: {"type": 1, "appc": 2, "docker": 3, "cached": 4},
    mesos.ImageAppc: {"name": 1, "id": 2, "labels": 3},
    mesos.ImageDocker: {"name": 1, "credential": 2, "config": 3},
    mesos.InverseOffer: {"id": 1, "url": 2, "framework_id": 3, "agent_id": 4, "unavailability": 5, "resources": 6},
    mesos.IpStatistics: {"Forwarding": 1, "DefaultTTL": 2, "InReceives": 3, "InHdrErrors": 4, "InAddrErrors": 5, "ForwDatagrams": 6, "InUnknownProtos": 7, "InDiscards": 8, "InDelivers": 9, "OutRequests": 10, "OutDiscards": 11, "OutNoRoutes": 12, "ReasmTimeout": 13, "ReasmReqds": 14, "ReasmOKs": 15, "ReasmFails": 16, "FragOKs": 17, "FragFails": 18, "FragCreates": 19},
    mesos.KillPolicy: {"grace_period": 1},
    mesos.Label: {"key": 1, "value": 2},
    mesos.Labels: {"labels": 1},
    mesos.LinuxInfo: {"capability_info": 1, "bounding_capabilities": 2, "effective_capabilities": 3, "share_pid_namespace": 4, "seccomp": 5, "ipc_mode": 6, "shm_size": 7, "share_cgroups": 8},
    mesos.MachineID: {"hostname": 1, "ip": 2},
    mesos.MachineInfo: {"id": 1, "mode": 2, "unavailability": 3},
    mesos.MasterInfo: {"id": 1, "ip": 2, "port": 3, "pid": 4, "hostname": 5, "version": 6, "address": 7, "domain": 8, "capabilities": 9},
    mesos.MasterInfoCapability: {"type": 1},
    mesos.Metric: {"name": 1, "value": 2},
    mesos.MountPropagation: {"mode": 1},
    mesos.NetworkInfo: {"groups": 3, "labels": 4, "ip_addresses": 5, "name": 6, "port_mappings": 7},
    mesos.NetworkInfoIPAddress: {"protocol": 1, "ip_address": 2},
    mesos.NetworkInfoPortMapping: {"host_port": 1, "container_port": 2, "protocol": 3},
    mesos.Offer: {"id": 1, "framework_id": 2, "agent_id": 3, "hostname": 4, "resources": 5, "executor_ids": 6, "attributes": 7, "url": 8, "unavailability": 9, "allocation_info": 10, "domain": 11},
    mesos.OfferOperation: {"type": 1, "launch": 2, "reserve": 3, "unreserve": 4, "create": 5, "destroy": 6, "launch_group": 7, "id": 12, "grow_volume": 13, "shrink_volume": 14, "create_disk": 15, "destroy_disk": 16},
    mesos.OfferOperationCreate: {"volumes": 1},
    mesos.OfferOperationCreateDisk: {"source": 1, "target_type": 2, "target_profile": 3, "target_reservations": 1000, "target_persistence": 1001},
    mesos.OfferOperationDestroy: {"volumes": 1},
    mesos.OfferOperationDestroyDisk: {"source": 1, "whole": 1000},
    mesos.OfferOperationGrowVolume: {"volume": 1, "addition": 2},
    mesos.OfferOperationLaunch: {"task_infos": 1},
    mesos.OfferOperationLaunchGroup: {"executor": 1, "task_group": 2},
    mesos.OfferOperationReserve: {"resources": 1, "source": 2},
    mesos.OfferOperationShrinkVolume: {"volume": 1, "subtract": 2},
    mesos.OfferOperationUnreserve: {"resources": 1},
    mesos.OfferFilters: {"min_allocatable_resources": 1},
    mesos.OfferFiltersMinAllocatableResources: {"quantities": 1},
    mesos.OfferFiltersResourceQuantities: {"quantities": 1},
    mesos.OfferID: {"value": 1},
    mesos.Operation: {"framework_id": 1, "agent_id": 2, "info": 3, "latest_status": 4, "statuses": 5, "uuid": 6, "created": 1000, "resource_provider_id": 1001, "provisioning_name": 1002, "trouble": 1003, "abandoned": 1004, "acknowledged": 1005, "troubles": 1006},
    mesos.HostFinding: {"kind": 1, "what": 2, "advice": 3},
    mesos.OperationTrouble: {"message": 1, "times": 2, "since": 3, "latest": 4},
    mesos.OperationID: {"value": 1},
    mesos.OperationStatus: {"operation_id": 1, "state": 2, "message": 3, "converted_resources": 4, "uuid": 5, "agent_id": 6, "resource_provider_id": 7, "timestamp": 1000},
    mesos.Parameter: {"key": 1, "value": 2},
    mesos.Parameters: {"parameter": 1},
    mesos.PerfStatistics: {"timestamp": 1, "duration": 2, "cycles": 3, "stalled_cycles_frontend": 4, "stalled_cycles_backend": 5, "instructions": 6, "cache_references": 7, "cache_misses": 8, "branches": 9, "branch_misses": 10, "bus_cycles": 11, "ref_cycles": 12, "cpu_clock": 13, "task_clock": 14, "page_faults": 15, "minor_faults": 16, "major_faults": 17, "context_switches": 18, "cpu_migrations": 19, "alignment_faults": 20, "emulation_faults": 21, "l1_dcache_loads": 22, "l1_dcache_load_misses": 23, "l1_dcache_stores": 24, "l1_dcache_store_misses": 25, "l1_dcache_prefetches": 26, "l1_dcache_prefetch_misses": 27, "l1_icache_loads": 28, "l1_icache_load_misses": 29, "l1_icache_prefetches": 30, "l1_icache_prefetch_misses": 31, "llc_loads": 32, "llc_load_misses": 33, "llc_stores": 34, "llc_store_misses": 35, "llc_prefetches": 36, "llc_prefetch_misses": 37, "dtlb_loads": 38, "dtlb_load_misses": 39, "dtlb_stores": 40, "dtlb_store_misses": 41, "dtlb_prefetches": 42, "dtlb_prefetch_misses": 43, "itlb_loads": 44, "itlb_load_misses": 45, "branch_loads": 46, "branch_load_misses": 47, "node_loads": 48, "node_load_misses": 49, "node_stores": 50, "node_store_misses": 51, "node_prefetches": 52, "node_prefetch_misses": 53},
    mesos.Port: {"number": 1, "name": 2, "protocol": 3, "visibility": 4, "labels": 5},
    mesos.Ports: {"ports": 1},
    mesos.RLimitInfo: {"rlimits": 1},
    mesos.RLimitInfoRLimit: {"type": 1, "hard": 2, "soft": 3},
    mesos.RateLimit: {"qps": 1, "principal": 2, "capacity": 3},
    mesos.RateLimits: {"limits": 1, "aggregate_default_qps": 2, "aggregate_default_capacity": 3},
    mesos.Request: {"agent_id": 1, "resources": 2},
    mesos.Resource: {"name": 1, "type": 2, "scalar": 3, "ranges": 4, "set": 5, "role": 6, "disk": 7, "reservation": 8, "revocable": 9, "shared": 10, "allocation_info": 11, "provider_id": 12, "reservations": 13},
    mesos.ResourceAllocationInfo: {"role": 1},
    mesos.ResourceDiskInfo: {"persistence": 1, "volume": 2, "source": 3},
    mesos.ResourceDiskInfoPersistence: {"id": 1, "principal": 2},
    mesos.ResourceDiskInfoSource: {"type": 1, "path": 2, "mount": 3, "id": 4, "metadata": 5, "profile": 6, "vendor": 7, "capacity_group": 1000, "cost": 1001},
    mesos.ResourceDiskInfoSourceMount: {"root": 1},
    mesos.ResourceDiskInfoSourcePath: {"root": 1},
    mesos.ResourceReservationInfo: {"principal": 1, "labels": 2, "role": 3, "type": 4},
    mesos.ResourceRevocableInfo: {},
    mesos.ResourceSharedInfo: {},
    mesos.ResourceProviderID: {"value": 1},
    mesos.ResourceProviderInfo: {"id": 1, "attributes": 2, "type": 3, "name": 4, "default_reservations": 5, "storage": 6},
    mesos.ResourceProviderInfoStorage: {"plugin": 1, "reconciliation_interval_seconds": 2},
    mesos.ResourceStatistics: {"timestamp": 1, "cpus_user_time_secs": 2, "cpus_system_time_secs": 3, "cpus_limit": 4, "mem_rss_bytes": 5, "mem_limit_bytes": 6, "cpus_nr_periods": 7, "cpus_nr_throttled": 8, "cpus_throttled_time_secs": 9, "mem_file_bytes": 10, "mem_anon_bytes": 11, "mem_mapped_file_bytes": 12, "perf": 13, "net_rx_packets": 14, "net_rx_bytes": 15, "net_rx_errors": 16, "net_rx_dropped": 17, "net_tx_packets": 18, "net_tx_bytes": 19, "net_tx_errors": 20, "net_tx_dropped": 21, "net_tcp_rtt_microsecs_p50": 22, "net_tcp_rtt_microsecs_p90": 23, "net_tcp_rtt_microsecs_p95": 24, "net_tcp_rtt_microsecs_p99": 25, "disk_limit_bytes": 26, "disk_used_bytes": 27, "net_tcp_active_connections": 28, "net_tcp_time_wait_connections": 29, "processes": 30, "threads": 31, "mem_low_pressure_counter": 32, "mem_medium_pressure_counter": 33, "mem_critical_pressure_counter": 34, "net_traffic_control_statistics": 35, "mem_total_bytes": 36, "mem_total_memsw_bytes": 37, "mem_soft_limit_bytes": 38, "mem_cache_bytes": 39, "mem_swap_bytes": 40, "mem_unevictable_bytes": 41, "net_snmp_statistics": 42, "disk_statistics": 43, "blkio_statistics": 44, "cpus_soft_limit": 45, "net_tx_rate_limit": 46, "net_tx_burst_rate_limit": 47, "net_tx_burst_size": 48, "net_rx_rate_limit": 49, "net_rx_burst_rate_limit": 50, "net_rx_burst_size": 51, "mem_kmem_usage_bytes": 52, "mem_kmem_tcp_usage_bytes": 53, "net_rate_statistics": 54, "net_ephemeral_ports": 55},
    mesos.ResourceStatisticsRatePercentiles: {"min": 1, "max": 2, "p50": 3, "p90": 4, "p95": 5, "p99": 6, "p999": 7, "p9999": 8, "samples": 9},
    mesos.ResourceStatisticsRateStatistics: {"rx_rate": 1, "rx_packet_rate": 2, "rx_drop_rate": 3, "rx_error_rate": 4, "tx_rate": 5, "tx_packet_rate": 6, "tx_drop_rate": 7, "tx_error_rate": 8, "sampling_window_secs": 9, "sampling_interval_secs": 10},
    mesos.ResourceUsage: {"executors": 1, "total": 2},
    mesos.ResourceUsageExecutor: {"executor_info": 1, "allocated": 2, "statistics": 3, "container_id": 4, "tasks": 5},
    mesos.ResourceUsageExecutorTask: {"name": 1, "id": 2, "resources": 3, "labels": 4},
    mesos.Role: {"name": 1, "weight": 2, "frameworks": 3, "resources": 4, "guarantees": 1000, "limits": 1001, "consumed": 1002, "allocated": 1003, "offered": 1004, "reserved": 1005},
    mesos.SNMPStatistics: {"ip_stats": 1, "icmp_stats": 2, "tcp_stats": 3, "udp_stats": 4},
    mesos.SeccompInfo: {"profile_name": 1, "unconfined": 2},
    mesos.Secret: {"type": 1, "reference": 2, "value": 3},
    mesos.SecretReference: {"name": 1, "key": 2},
    mesos.SecretValue: {"data": 1},
    mesos.TTYInfo: {"window_size": 1},
    mesos.TTYInfoWindowSize: {"rows": 1, "columns": 2},
    mesos.Task: {"name": 1, "task_id": 2, "framework_id": 3, "executor_id": 4, "agent_id": 5, "state": 6, "resources": 7, "statuses": 8, "status_update_state": 9, "status_update_uuid": 10, "labels": 11, "discovery": 12, "container": 13, "user": 14, "health_check": 15, "kill_policy": 16, "limits": 17},
    mesos.TaskGroupInfo: {"tasks": 1},
    mesos.TaskID: {"value": 1},
    mesos.TaskInfo: {"name": 1, "task_id": 2, "agent_id": 3, "resources": 4, "executor": 5, "data": 6, "command": 7, "health_check": 8, "container": 9, "labels": 10, "discovery": 11, "kill_policy": 12, "check": 13, "max_completion_time": 14, "limits": 15},
    mesos.TaskResourceLimitation: {"resources": 1},
    mesos.TaskStatus: {"task_id": 1, "state": 2, "data": 3, "message": 4, "agent_id": 5, "timestamp": 6, "executor_id": 7, "healthy": 8, "source": 9, "reason": 10, "uuid": 11, "labels": 12, "container_status": 13, "unreachable_time": 14, "check_status": 15, "limitation": 16},
    mesos.TcpStatistics: {"RtoAlgorithm": 1, "RtoMin": 2, "RtoMax": 3, "MaxConn": 4, "ActiveOpens": 5, "PassiveOpens": 6, "AttemptFails": 7, "EstabResets": 8, "CurrEstab": 9, "InSegs": 10, "OutSegs": 11, "RetransSegs": 12, "InErrs": 13, "OutRsts": 14, "InCsumErrors": 15},
    mesos.TimeInfo: {"nanoseconds": 1},
    mesos.TrafficControlStatistics: {"id": 1, "backlog": 2, "bytes": 3, "drops": 4, "overlimits": 5, "packets": 6, "qlen": 7, "ratebps": 8, "ratepps": 9, "requeues": 10},
    mesos.URL: {"scheme": 1, "address": 2, "path": 3, "query": 4, "fragment": 5},
    mesos.UUID: {"value": 1},
    mesos.UdpStatistics: {"InDatagrams": 1, "NoPorts": 2, "InErrors": 3, "OutDatagrams": 4, "RcvbufErrors": 5, "SndbufErrors": 6, "InCsumErrors": 7, "IgnoredMulti": 8},
    mesos.Unavailability: {"start": 1, "duration": 2},
    mesos.Value: {"type": 1, "scalar": 2, "ranges": 3, "set": 4, "text": 5},
    mesos.ValueRange: {"begin": 1, "end": 2},
    mesos.ValueRanges: {"range": 1},
    mesos.ValueScalar: {"value": 1},
    mesos.ValueSet: {"item": 1},
    mesos.ValueText: {"value": 1},
    mesos.VersionInfo: {"version": 1, "build_date": 2, "build_time": 3, "build_user": 4, "git_sha": 5, "git_branch": 6, "git_tag": 7, "product": 1000, "product_version": 1001},
    mesos.Volume: {"container_path": 1, "host_path": 2, "mode": 3, "image": 4, "source": 5},
    mesos.VolumeSource: {"type": 1, "docker_volume": 2, "sandbox_path": 3, "secret": 4, "host_path": 5, "csi_volume": 6},
    mesos.VolumeSourceCSIVolume: {"plugin_name": 1, "static_provisioning": 2},
    mesos.VolumeSourceCSIVolumeStaticProvisioning: {"volume_id": 1, "volume_capability": 2, "node_stage_secrets": 3, "node_publish_secrets": 4, "volume_context": 5},
    mesos.VolumeSourceCSIVolumeVolumeCapability: {"block": 1, "mount": 2, "access_mode": 3},
    mesos.VolumeSourceCSIVolumeVolumeCapabilityAccessMode: {"mode": 1},
    mesos.VolumeSourceCSIVolumeVolumeCapabilityBlockVolume: {},
    mesos.VolumeSourceCSIVolumeVolumeCapabilityMountVolume: {"fs_type": 1, "mount_flags": 2},
    mesos.VolumeSourceDockerVolume: {"driver": 1, "name": 2, "driver_options": 3},
    mesos.VolumeSourceHostPath: {"path": 1, "mount_propagation": 2},
    mesos.VolumeSourceSandboxPath: {"type": 1, "path": 2},
    mesos.WeightInfo: {"weight": 1, "role": 2},
    agent.Call: {"type": 1, "get_metrics": 2, "set_logging_level": 3, "list_files": 4, "read_file": 5, "launch_nested_container": 6, "wait_nested_container": 7, "kill_nested_container": 8, "launch_nested_container_session": 9, "attach_container_input": 10, "attach_container_output": 11, "remove_nested_container": 12, "launch_container": 13, "wait_container": 14, "kill_container": 15, "remove_container": 16, "add_resource_provider_config": 17, "update_resource_provider_config": 18, "remove_resource_provider_config": 19, "get_containers": 20, "prune_images": 21, "mark_resource_provider_gone": 22, "reconfigure": 1002},
    agent.CallAddResourceProviderConfig: {"info": 1},
    agent.CallAttachContainerInput: {"type": 1, "container_id": 2, "process_io": 3},
    agent.CallAttachContainerOutput: {"container_id": 1},
    agent.CallGetContainers: {"show_nested": 1, "show_standalone": 2, "show_ended": 1000},
    agent.CallGetMetrics: {"timeout": 1},
    agent.CallKillContainer: {"container_id": 1, "signal": 2, "grace_period": 1000},
    agent.CallKillNestedContainer: {"container_id": 1, "signal": 2},
    agent.CallLaunchContainer: {"container_id": 1, "command": 2, "resources": 3, "container": 4, "limits": 5, "stdin": 1000},
    agent.CallLaunchNestedContainer: {"container_id": 1, "command": 2, "container": 3},
    agent.CallLaunchNestedContainerSession: {"container_id": 1, "command": 2, "container": 3},
    agent.CallListFiles: {"path": 1},
    agent.CallMarkResourceProviderGone: {"resource_provider_id": 1},
    agent.CallPruneImages: {"excluded_images": 1, "dry_run": 1000, "report": 1001, "all": 1002},
    agent.CallReadFile: {"path": 1, "offset": 2, "length": 3},
    agent.CallReconfigure: {"dry_run": 1},
    agent.CallRemoveContainer: {"container_id": 1},
    agent.CallRemoveNestedContainer: {"container_id": 1},
    agent.CallRemoveResourceProviderConfig: {"type": 1, "name": 2},
    agent.CallSetLoggingLevel: {"level": 1, "duration": 2},
    agent.CallUpdateResourceProviderConfig: {"info": 1},
    agent.CallWaitContainer: {"container_id": 1},
    agent.CallWaitNestedContainer: {"container_id": 1},
    agent.ProcessIO: {"type": 1, "data": 2, "control": 3},
    agent.ProcessIOControl: {"type": 1, "tty_info": 2, "heartbeat": 3},
    agent.ProcessIOControlHeartbeat: {"interval": 1},
    agent.ProcessIOData: {"type": 1, "data": 2},
    agent.Response: {"type": 1, "get_health": 2, "get_flags": 3, "get_version": 4, "get_metrics": 5, "get_logging_level": 6, "list_files": 7, "read_file": 8, "get_state": 9, "get_containers": 10, "get_frameworks": 11, "get_executors": 12, "get_tasks": 13, "wait_nested_container": 14, "get_agent": 15, "wait_container": 16, "get_resource_providers": 17, "get_operations": 18, "get_resource_provider_configs": 1000, "get_images": 1001, "reconfigure": 1002, "get_devices": 1003, "prune_images": 1004},
    agent.ResponseGetAgent: {"agent_info": 1, "drain_config": 2, "estimated_drain_start_time": 3, "isolation": 1000, "findings": 1001},
    agent.ResponseIsolation: {"containerizer": 1, "volumes": 2, "memory_limit": 3, "cpu_limit": 4, "images": 5, "notes": 6, "processes_limit": 7, "networks": 8},
    agent.ResponseGetContainers: {"containers": 1},
    agent.ResponseGetContainersContainer: {"framework_id": 1, "executor_id": 2, "executor_name": 3, "container_id": 4, "container_status": 5, "resource_statistics": 6, "kind": 1000, "state": 1001, "exit": 1002, "created": 1003, "command": 1004, "image": 1005, "task_id": 1006, "message": 1007},
    agent.ResponseGetExecutors: {"executors": 1, "completed_executors": 2},
    agent.ResponseGetExecutorsExecutor: {"executor_info": 1},
    agent.ResponseGetFlags: {"flags": 1},
    agent.ResponseGetFrameworks: {"frameworks": 1, "completed_frameworks": 2},
    agent.ResponseGetFrameworksFramework: {"framework_info": 1},
    agent.ResponseGetHealth: {"healthy": 1},
    agent.ResponseGetLoggingLevel: {"level": 1},
    agent.ResponseGetMetrics: {"metrics": 1},
    agent.ResponseGetImages: {"images": 1, "path": 2, "free_bytes": 3, "total_bytes": 4, "headroom": 5, "low_water": 6, "message": 7},
    agent.ResponseGetImagesImage: {"id": 1, "names": 2, "size_bytes": 3, "own_bytes": 4, "created": 5, "last_used": 6, "pulled": 7, "kept": 8},
    agent.ResponseGetOperations: {"operations": 1},
    agent.ResponseGetResourceProviderConfigs: {"configs": 1},
    agent.ResponseGetResourceProviderConfigsConfig: {"info": 1, "file": 2, "state": 3, "message": 4},
    agent.ResponseGetDevices: {"devices": 1, "message": 2},
    agent.ResponseGetDevicesDevice: {"path": 1, "kind": 2, "size": 3, "model": 4, "rotational": 5, "read_only": 6, "links": 7, "identity": 8, "contents": 9, "state": 10, "rule": 11, "use": 12, "provider": 13, "message": 14, "pool": 15},
    agent.ResponseGetResourceProviders: {"resource_providers": 1},
    agent.ResponseGetResourceProvidersResourceProvider: {"resource_provider_info": 1, "total_resources": 2, "connected": 1000, "message": 1001},
    agent.ResponseGetState: {"get_tasks": 1, "get_executors": 2, "get_frameworks": 3},
    agent.ResponseGetTasks: {"pending_tasks": 1, "queued_tasks": 2, "launched_tasks": 3, "terminated_tasks": 4, "completed_tasks": 5},
    agent.ResponseGetVersion: {"version_info": 1},
    agent.ResponseListFiles: {"file_infos": 1},
    agent.ResponsePruneImages: {"removed": 1, "kept": 2, "freed_bytes": 3, "free_bytes": 4, "total_bytes": 5, "message": 6},
    agent.ResponseReadFile: {"size": 1, "data": 2},
    agent.ResponseReconfigure: {"changes": 1, "applied": 2, "refusal": 3, "notes": 4},
    agent.ResponseReconfigureChange: {"what": 1, "old": 2, "new": 3, "verdict": 4},
    agent.ResponseWaitContainer: {"exit_status": 1, "state": 2, "reason": 3, "limitation": 4, "message": 5},
    agent.ResponseWaitNestedContainer: {"exit_status": 1, "state": 2, "reason": 3, "limitation": 4, "message": 5},
    allocator.InverseOfferStatus: {"status": 1, "framework_id": 2, "timestamp": 3},
    executor.Call: {"executor_id": 1, "framework_id": 2, "type": 3, "subscribe": 4, "update": 5, "message": 6},
    executor.CallMessage: {"data": 2},
    executor.CallSubscribe: {"unacknowledged_tasks": 1, "unacknowledged_updates": 2},
    executor.CallUpdate: {"status": 1},
    executor.Event: {"type": 1, "subscribed": 2, "acknowledged": 3, "launch": 4, "kill": 5, "message": 6, "error": 7, "launch_group": 8},
    executor.EventAcknowledged: {"task_id": 1, "uuid": 2},
    executor.EventError: {"message": 1},
    executor.EventKill: {"task_id": 1, "kill_policy": 2},
    executor.EventLaunch: {"task": 1},
    executor.EventLaunchGroup: {"task_group": 1},
    executor.EventMessage: {"data": 1},
    executor.EventSubscribed: {"executor_info": 1, "framework_info": 2, "agent_info": 3, "container_id": 4},
    maintenance.ClusterStatus: {"draining_machines": 1, "down_machines": 2},
    maintenance.ClusterStatusDrainingMachine: {"id": 1, "statuses": 2},
    maintenance.Schedule: {"windows": 1},
    maintenance.Window: {"machine_ids": 1, "unavailability": 2},
    protobuf.Duration: {"seconds": 1, "nanos": 2},
    quota.QuotaConfig: {"role": 1, "guarantees": 2, "limits": 3},
    quota.QuotaInfo: {"role": 1, "principal": 2, "guarantee": 3},
    quota.QuotaRequest: {"force": 1, "role": 2, "guarantee": 3},
    quota.QuotaStatus: {"infos": 1, "configs": 2},
    resource_provider.Call: {"resource_provider_id": 1, "type": 2, "subscribe": 3, "update_operation_status": 4, "update_state": 5, "update_publish_resources_status": 6},
    resource_provider.CallSubscribe: {"resource_provider_info": 1},
    resource_provider.CallUpdateOperationStatus: {"framework_id": 1, "status": 2, "latest_status": 3, "operation_uuid": 4},
    resource_provider.CallUpdatePublishResourcesStatus: {"uuid": 1, "status": 2, "message": 1000, "published": 1001, "unsettled": 1002},
    resource_provider.CallUpdatePublishResourcesStatusPublishedVolume: {"source_id": 1, "path": 2, "block": 3, "provider_id": 4},
    resource_provider.CallUpdateState: {"operations": 1, "resources": 2, "resource_version_uuid": 3, "profiles": 1000, "plugin": 1001, "notices": 1002, "notices_total": 1003, "more": 1004, "capabilities": 1005},
    resource_provider.Event: {"type": 1, "subscribed": 2, "apply_operation": 3, "publish_resources": 4, "acknowledge_operation_status": 5, "reconcile_operations": 6, "unpublish_resources": 1000, "admit_volume": 1003, "retry_operation": 1004, "abandon_operation": 1005, "check_at_rest": 1006, "error": 1002},
    resource_provider.EventAbandonOperation: {"operation_uuid": 1},
    resource_provider.EventAcknowledgeOperationStatus: {"status_uuid": 1, "operation_uuid": 2},
    resource_provider.EventApplyOperation: {"framework_id": 1, "info": 2, "operation_uuid": 3, "resource_version_uuid": 4},
    resource_provider.EventError: {"message": 1},
    resource_provider.EventPublishResources: {"uuid": 1, "resources": 2, "user": 1000, "readonly": 1001},
    resource_provider.EventCheckAtRest: {"uuid": 1},
    resource_provider.EventReconcileOperations: {"operation_uuids": 1},
    resource_provider.EventAdmitVolume: {"source_id": 1, "size_bytes": 2},
    resource_provider.EventRetryOperation: {"operation_uuid": 1},
    resource_provider.EventSubscribed: {"provider_id": 1, "heartbeat_interval_seconds": 1000},
    resource_provider.EventUnpublishResources: {"uuid": 1, "user": 2},
    resource_provider.PluginState: {"name": 1, "vendor_version": 2, "state": 3, "message": 4, "container_id": 5, "restarts": 6, "capabilities": 7, "containers": 1000, "calls_in_flight": 1001, "calls_limit": 1002, "capabilities_detail": 1003, "next_start": 1004},
    resource_provider.PluginContainerState: {"container_id": 1, "services": 2, "state": 3, "restarts": 4, "message": 5, "log": 6},
    resource_provider.PluginCapability: {"name": 1, "use": 2, "note": 3},
    resource_provider.VolumeNotice: {"source_id": 1, "kind": 2, "message": 3, "size_bytes": 4},
    resource_provider.ProfileInfo: {"name": 1, "block": 2, "fs_type": 3, "parameters": 4, "description": 5, "available": 6, "message": 7, "capacity_group": 1000, "cost_ratio": 1001, "sharing": 1002, "sharing_note": 1003},
    scheduler.APIResult: {"status_code": 1, "response": 2, "error": 3},
    scheduler.AttributeConstraint: {"selector": 1, "predicate": 2},
    scheduler.AttributeConstraintPredicate: {"exists": 1, "not_exists": 2, "text_equals": 3, "text_not_equals": 4, "text_matches": 5, "text_not_matches": 6},
    scheduler.AttributeConstraintPredicateExists: {},
    scheduler.AttributeConstraintPredicateNotExists: {},
    scheduler.AttributeConstraintPredicateTextEquals: {"value": 1},
    scheduler.AttributeConstraintPredicateTextMatches: {"regex": 1},
    scheduler.AttributeConstraintPredicateTextNotEquals: {"value": 1},
    scheduler.AttributeConstraintPredicateTextNotMatches: {"regex": 1},
    scheduler.AttributeConstraintSelector: {"pseudoattribute_type": 1, "attribute_name": 2},
    scheduler.Call: {"framework_id": 1, "type": 2, "subscribe": 3, "accept": 4, "decline": 5, "kill": 6, "shutdown": 7, "acknowledge": 8, "reconcile": 9, "message": 10, "request": 11, "accept_inverse_offers": 13, "decline_inverse_offers": 14, "revive": 15, "suppress": 16, "acknowledge_operation_status": 17, "reconcile_operations": 18, "update_framework": 19},
    scheduler.CallAccept: {"offer_ids": 1, "operations": 2, "filters": 3},
    scheduler.CallAcceptInverseOffers: {"inverse_offer_ids": 1, "filters": 2},
    scheduler.CallAcknowledge: {"agent_id": 1, "task_id": 2, "uuid": 3},
    scheduler.CallAcknowledgeOperationStatus: {"agent_id": 1, "resource_provider_id": 2, "uuid": 3, "operation_id": 4},
    scheduler.CallDecline: {"offer_ids": 1, "filters": 2},
    scheduler.CallDeclineInverseOffers: {"inverse_offer_ids": 1, "filters": 2},
    scheduler.CallKill: {"task_id": 1, "agent_id": 2, "kill_policy": 3},
    scheduler.CallMessage: {"agent_id": 1, "executor_id": 2, "data": 3},
    scheduler.CallReconcile: {"tasks": 1},
    scheduler.CallReconcileTask: {"task_id": 1, "agent_id": 2},
    scheduler.CallReconcileOperations: {"operations": 1},
    scheduler.CallReconcileOperationsOperation: {"operation_id": 1, "agent_id": 2, "resource_provider_id": 3},
    scheduler.CallRequest: {"requests": 1},
    scheduler.CallRevive: {"roles": 1},
    scheduler.CallShutdown: {"executor_id": 1, "agent_id": 2},
    scheduler.CallSubscribe: {"framework_info": 1, "suppressed_roles": 2, "offer_constraints": 3},
    scheduler.CallSuppress: {"roles": 1},
    scheduler.CallUpdateFramework: {"framework_info": 1, "suppressed_roles": 2, "offer_constraints": 3},
    scheduler.Event: {"type": 1, "subscribed": 2, "offers": 3, "rescind": 4, "update": 5, "message": 6, "failure": 7, "error": 8, "inverse_offers": 9, "rescind_inverse_offer": 10, "update_operation_status": 11},
    scheduler.EventError: {"message": 1},
    scheduler.EventFailure: {"agent_id": 1, "executor_id": 2, "status": 3},
    scheduler.EventInverseOffers: {"inverse_offers": 1},
    scheduler.EventMessage: {"agent_id": 1, "executor_id": 2, "data": 3},
    scheduler.EventOffers: {"offers": 1},
    scheduler.EventRescind: {"offer_id": 1},
    scheduler.EventRescindInverseOffer: {"inverse_offer_id": 1},
    scheduler.EventSubscribed: {"framework_id": 1, "heartbeat_interval_seconds": 2, "master_info": 3},
    scheduler.EventUpdate: {"status": 1},
    scheduler.EventUpdateOperationStatus: {"status": 1},
    scheduler.OfferConstraints: {"role_constraints": 1},
    scheduler.OfferConstraintsRoleConstraints: {"groups": 1},
    scheduler.OfferConstraintsRoleConstraintsGroup: {"attribute_constraints": 1},
    scheduler.Response: {"type": 1, "reconcile_operations": 2},
    scheduler.ResponseReconcileOperations: {"operation_statuses": 1},
    master.Call: {"type": 1, "get_metrics": 2, "set_logging_level": 3, "list_files": 4, "read_file": 5, "update_weights": 6, "reserve_resources": 7, "unreserve_resources": 8, "create_volumes": 9, "destroy_volumes": 10, "update_maintenance_schedule": 11, "start_maintenance": 12, "stop_maintenance": 13, "set_quota": 14, "remove_quota": 15, "teardown": 16, "mark_agent_gone": 17, "grow_volume": 18, "shrink_volume": 19, "update_quota": 20, "drain_agent": 21, "deactivate_agent": 22, "reactivate_agent": 23, "provision_volume": 1000, "deprovision_volume": 1001, "get_volumes": 1002, "expand_volume": 1005, "adopt_volume": 1006, "retry_operation": 1007, "abandon_operation": 1008, "explain_offers": 1009, "kill_task": 1010, "subscribe": 1011, "follow": 1012, "get_operation_history": 1020},
    master.CallFollow: {"follower": 1, "number": 2, "standby": 3, "address": 4},
    master.CallAbandonOperation: {"operation_id": 1},
    master.CallCreateVolumes: {"agent_id": 1, "volumes": 2},
    master.CallDeactivateAgent: {"agent_id": 1},
    master.CallDeprovisionVolume: {"name": 1, "force": 2},
    master.CallDestroyVolumes: {"agent_id": 1, "volumes": 2},
    master.CallDrainAgent: {"agent_id": 1, "max_grace_period": 2, "mark_gone": 3},
    master.CallExpandVolume: {"name": 1, "size_bytes": 2},
    master.CallGetMetrics: {"timeout": 1},
    master.CallGetOperationHistory: {"limit": 1, "before": 2},
    master.CallGetVolumes: {"name": 1},
    master.CallExplainOffers: {"role": 1, "framework_id": 2, "limit": 3},
    master.CallGrowVolume: {"agent_id": 1, "volume": 2, "addition": 3},
    master.CallKillTask: {"framework_id": 1, "task_id": 2, "kill_policy": 3},
    master.CallListFiles: {"path": 1},
    master.CallMarkAgentGone: {"agent_id": 1},
    master.CallProvisionVolume: {"name": 1, "profile": 2, "size_bytes": 3, "block": 4, "role": 5, "agent_id": 6, "provider": 7},
    master.CallReactivateAgent: {"agent_id": 1, "force": 1000},
    master.CallReadFile: {"path": 1, "offset": 2, "length": 3},
    master.CallRemoveQuota: {"role": 1},
    master.CallReserveResources: {"agent_id": 1, "resources": 2, "source": 3},
    master.CallAdoptVolume: {"source_id": 1, "agent_id": 2, "resource_provider_id": 3, "name": 4, "role": 5, "profile": 6, "size_bytes": 7},
    master.CallRetryOperation: {"operation_id": 1},
    master.CallSetLoggingLevel: {"level": 1, "duration": 2},
    master.CallSetQuota: {"quota_request": 1},
    master.CallShrinkVolume: {"agent_id": 1, "volume": 2, "subtract": 3},
    master.CallStartMaintenance: {"machines": 1},
    master.CallStopMaintenance: {"machines": 1},
    master.CallSubscribe: {"framework_ids": 1, "agent_ids": 2},
    master.CallTeardown: {"framework_id": 1},
    master.CallUnreserveResources: {"agent_id": 1, "resources": 2},
    master.CallUpdateMaintenanceSchedule: {"schedule": 1},
    master.CallUpdateQuota: {"force": 1, "quota_configs": 2},
    master.CallUpdateWeights: {"weight_infos": 1},
    master.Event: {"type": 1, "subscribed": 2, "task_added": 3, "task_updated": 4, "agent_added": 5, "agent_removed": 6, "framework_added": 7, "framework_updated": 8, "framework_removed": 9, "operation_updated": 1000, "volume_updated": 1001, "provider_updated": 1002, "agent_updated": 1003},
    master.EventAgentAdded: {"agent": 1},
    master.EventAgentRemoved: {"agent_id": 1},
    master.EventAgentUpdated: {"agent": 1},
    master.EventFrameworkAdded: {"framework": 1},
    master.EventFrameworkRemoved: {"framework_info": 1},
    master.EventFrameworkUpdated: {"framework": 1},
    master.EventOperationUpdated: {"operation": 1},
    master.EventProviderUpdated: {"provider": 1, "removed": 2},
    master.EventSubscribed: {"get_state": 1, "heartbeat_interval_seconds": 2},
    master.EventTaskAdded: {"task": 1},
    master.EventTaskUpdated: {"framework_id": 1, "status": 2, "state": 3},
    master.EventVolumeUpdated: {"volume": 1, "removed": 2},
    master.Profile: {"name": 1, "agent_id": 2, "resource_provider_id": 3, "block": 4, "fs_type": 5, "free_bytes": 6, "total_bytes": 7, "capacity_group": 8, "description": 9, "available": 10, "message": 11, "cost_ratio": 12, "sharing": 13, "sharing_note": 14},
    master.Provider: {"resource_provider_info": 1, "agent_id": 2, "total_resources": 3, "resource_version_uuid": 4, "plugin": 5, "connected": 6, "profiles": 7, "notices": 1000, "notices_total": 1001},
    master.Standby: {"name": 1, "address": 2},
    master.Response: {"type": 1, "get_health": 2, "get_flags": 3, "get_version": 4, "get_metrics": 5, "get_logging_level": 6, "list_files": 7, "read_file": 8, "get_state": 9, "get_agents": 10, "get_frameworks": 11, "get_executors": 12, "get_tasks": 13, "get_roles": 14, "get_weights": 15, "get_master": 16, "get_maintenance_status": 17, "get_maintenance_schedule": 18, "get_quota": 19, "get_operations": 20, "provision_volume": 1000, "deprovision_volume": 1001, "get_volumes": 1002, "get_profiles": 1003, "get_resource_providers": 1004, "expand_volume": 1005, "adopt_volume": 1006, "retry_operation": 1007, "abandon_operation": 1008, "explain_offers": 1009, "get_operation_history": 1020, "get_registry_differences": 1021},
    master.ResponseAbandonOperation: {"operation": 1, "message": 2},
    master.ResponseDeprovisionVolume: {"volume": 1},
    master.ResponseExplainOffers: {"withheld": 1, "total": 2},
    master.ResponseExpandVolume: {"volume": 1, "operation_id": 2},
    master.ResponseGetAgents: {"agents": 1, "recovered_agents": 2},
    master.ResponseGetAgentsAgent: {"agent_info": 1, "active": 2, "version": 3, "pid": 4, "registered_time": 5, "reregistered_time": 6, "total_resources": 7, "allocated_resources": 8, "offered_resources": 9, "capabilities": 10, "resource_providers": 11, "deactivated": 12, "drain_info": 13, "estimated_drain_start_time": 14, "findings": 1001},
    master.ResponseGetAgentsAgentResourceProvider: {"resource_provider_info": 1, "total_resources": 2},
    master.ResponseGetExecutors: {"executors": 1, "orphan_executors": 2},
    master.ResponseGetExecutorsExecutor: {"executor_info": 1, "agent_id": 2},
    master.ResponseGetFlags: {"flags": 1},
    master.ResponseGetFrameworks: {"frameworks": 1, "completed_frameworks": 2, "recovered_frameworks": 3},
    master.ResponseGetFrameworksFramework: {"framework_info": 1, "active": 2, "connected": 3, "registered_time": 4, "reregistered_time": 5, "unregistered_time": 6, "offers": 7, "inverse_offers": 8, "allocated_resources": 9, "offered_resources": 10, "recovered": 11, "offer_constraints": 12},
    master.ResponseGetHealth: {"healthy": 1},
    master.ResponseGetLoggingLevel: {"level": 1},
    master.ResponseGetMaintenanceSchedule: {"schedule": 1},
    master.ResponseGetMaintenanceStatus: {"status": 1},
    master.ResponseGetMaster: {"master_info": 1, "start_time": 2, "elected_time": 3, "offers_paused": 1000, "standbys": 1001, "writes_waiting": 1010, "registry_differences": 1011},
    master.ResponseGetMetrics: {"metrics": 1},
    master.ResponseGetOperationHistory: {"operations": 1, "next": 2, "total": 3},
    master.ResponseGetOperations: {"operations": 1},
    master.ResponseGetProfiles: {"profiles": 1},
    master.ResponseGetQuota: {"status": 1},
    master.ResponseGetRegistryDifferences: {"restoration": 1, "differences": 2},
    master.ResponseGetResourceProviders: {"resource_providers": 1},
    master.ResponseGetRoles: {"roles": 1},
    master.ResponseGetState: {"get_tasks": 1, "get_executors": 2, "get_frameworks": 3, "get_agents": 4, "get_operations": 1000, "get_volumes": 1001},
    master.ResponseGetTasks: {"pending_tasks": 1, "tasks": 2, "completed_tasks": 3, "orphan_tasks": 4, "unreachable_tasks": 5},
    master.ResponseGetVersion: {"version_info": 1},
    master.ResponseGetVolumes: {"volumes": 1},
    master.ResponseGetWeights: {"weight_infos": 1},
    master.ResponseListFiles: {"file_infos": 1},
    master.ResponseProvisionVolume: {"volume": 1, "operation_id": 2},
    master.ResponseReadFile: {"size": 1, "data": 2},
    master.ResponseAdoptVolume: {"volume": 1},
    master.ResponseRetryOperation: {"operation": 1, "message": 2},
    master.RegistryRestoration: {"taken": 1, "restored": 2},
    master.RegistryDifference: {"kind": 1, "subject": 2, "message": 3, "found": 4},
    master.Withheld: {"framework_id": 1, "role": 2, "agent_id": 3, "hostname": 4, "code": 5, "reason": 6},
    master.VolumeInfo: {"name": 1, "profile": 2, "size_bytes": 3, "block": 4, "role": 5, "agent_id": 6, "resource_provider_id": 7, "state": 8, "message": 9, "resource": 10, "users": 11, "operations": 12, "created": 13, "step": 14, "wanted_bytes": 15},
}
