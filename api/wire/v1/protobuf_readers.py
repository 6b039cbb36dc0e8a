"""What the runtime has parsed, as structs. Made by tools/generate_wire.py. Do not edit: change the .proto file and run `make proto`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from api.wire.message import DOUBLE_MAX, Message
from api.wire.v1 import agent, allocator, executor, maintenance, master, mesos, protobuf, quota, resource_provider, scheduler
from api.wire.values_read import finite, same, text

_mesos_DrainState = {0: mesos.DrainState.UNKNOWN, 1: mesos.DrainState.DRAINING, 2: mesos.DrainState.DRAINED}
_mesos_OperationState = {0: mesos.OperationState.OPERATION_UNSUPPORTED, 1: mesos.OperationState.OPERATION_PENDING, 2: mesos.OperationState.OPERATION_FINISHED, 3: mesos.OperationState.OPERATION_FAILED, 4: mesos.OperationState.OPERATION_ERROR, 5: mesos.OperationState.OPERATION_DROPPED, 6: mesos.OperationState.OPERATION_UNREACHABLE, 7: mesos.OperationState.OPERATION_GONE_BY_OPERATOR, 8: mesos.OperationState.OPERATION_RECOVERING, 9: mesos.OperationState.OPERATION_UNKNOWN}
_mesos_Status = {1: mesos.Status.DRIVER_NOT_STARTED, 2: mesos.Status.DRIVER_RUNNING, 3: mesos.Status.DRIVER_ABORTED, 4: mesos.Status.DRIVER_STOPPED}
_mesos_TaskState = {0: mesos.TaskState.TASK_STARTING, 1: mesos.TaskState.TASK_RUNNING, 2: mesos.TaskState.TASK_FINISHED, 3: mesos.TaskState.TASK_FAILED, 4: mesos.TaskState.TASK_KILLED, 5: mesos.TaskState.TASK_LOST, 6: mesos.TaskState.TASK_STAGING, 7: mesos.TaskState.TASK_ERROR, 8: mesos.TaskState.TASK_KILLING, 9: mesos.TaskState.TASK_DROPPED, 10: mesos.TaskState.TASK_UNREACHABLE, 11: mesos.TaskState.TASK_GONE, 12: mesos.TaskState.TASK_GONE_BY_OPERATOR, 13: mesos.TaskState.TASK_UNKNOWN}
_mesos_AgentInfoCapabilityType = {0: mesos.AgentInfoCapabilityType.UNKNOWN, 1: mesos.AgentInfoCapabilityType.MULTI_ROLE, 2: mesos.AgentInfoCapabilityType.HIERARCHICAL_ROLE, 3: mesos.AgentInfoCapabilityType.RESERVATION_REFINEMENT, 4: mesos.AgentInfoCapabilityType.RESOURCE_PROVIDER, 5: mesos.AgentInfoCapabilityType.RESIZE_VOLUME, 6: mesos.AgentInfoCapabilityType.AGENT_OPERATION_FEEDBACK, 7: mesos.AgentInfoCapabilityType.AGENT_DRAINING, 8: mesos.AgentInfoCapabilityType.TASK_RESOURCE_LIMITS}
_mesos_CSIPluginContainerInfoService = {0: mesos.CSIPluginContainerInfoService.UNKNOWN, 1: mesos.CSIPluginContainerInfoService.CONTROLLER_SERVICE, 2: mesos.CSIPluginContainerInfoService.NODE_SERVICE}
_mesos_CapabilityInfoCapability = {0: mesos.CapabilityInfoCapability.UNKNOWN, 1000: mesos.CapabilityInfoCapability.CHOWN, 1001: mesos.CapabilityInfoCapability.DAC_OVERRIDE, 1002: mesos.CapabilityInfoCapability.DAC_READ_SEARCH, 1003: mesos.CapabilityInfoCapability.FOWNER, 1004: mesos.CapabilityInfoCapability.FSETID, 1005: mesos.CapabilityInfoCapability.KILL, 1006: mesos.CapabilityInfoCapability.SETGID, 1007: mesos.CapabilityInfoCapability.SETUID, 1008: mesos.CapabilityInfoCapability.SETPCAP, 1009: mesos.CapabilityInfoCapability.LINUX_IMMUTABLE, 1010: mesos.CapabilityInfoCapability.NET_BIND_SERVICE, 1011: mesos.CapabilityInfoCapability.NET_BROADCAST, 1012: mesos.CapabilityInfoCapability.NET_ADMIN, 1013: mesos.CapabilityInfoCapability.NET_RAW, 1014: mesos.CapabilityInfoCapability.IPC_LOCK, 1015: mesos.CapabilityInfoCapability.IPC_OWNER, 1016: mesos.CapabilityInfoCapability.SYS_MODULE, 1017: mesos.CapabilityInfoCapability.SYS_RAWIO, 1018: mesos.CapabilityInfoCapability.SYS_CHROOT, 1019: mesos.CapabilityInfoCapability.SYS_PTRACE, 1020: mesos.CapabilityInfoCapability.SYS_PACCT, 1021: mesos.CapabilityInfoCapability.SYS_ADMIN, 1022: mesos.CapabilityInfoCapability.SYS_BOOT, 1023: mesos.CapabilityInfoCapability.SYS_NICE, 1024: mesos.CapabilityInfoCapability.SYS_RESOURCE, 1025: mesos.CapabilityInfoCapability.SYS_TIME, 1026: mesos.CapabilityInfoCapability.SYS_TTY_CONFIG, 1027: mesos.CapabilityInfoCapability.MKNOD, 1028: mesos.CapabilityInfoCapability.LEASE, 1029: mesos.CapabilityInfoCapability.AUDIT_WRITE, 1030: mesos.CapabilityInfoCapability.AUDIT_CONTROL, 1031: mesos.CapabilityInfoCapability.SETFCAP, 1032: mesos.CapabilityInfoCapability.MAC_OVERRIDE, 1033: mesos.CapabilityInfoCapability.MAC_ADMIN, 1034: mesos.CapabilityInfoCapability.SYSLOG, 1035: mesos.CapabilityInfoCapability.WAKE_ALARM, 1036: mesos.CapabilityInfoCapability.BLOCK_SUSPEND, 1037: mesos.CapabilityInfoCapability.AUDIT_READ, 1038: mesos.CapabilityInfoCapability.PERFMON, 1039: mesos.CapabilityInfoCapability.BPF, 1040: mesos.CapabilityInfoCapability.CHECKPOINT_RESTORE}
_mesos_CgroupInfoBlkioOperation = {0: mesos.CgroupInfoBlkioOperation.UNKNOWN, 1: mesos.CgroupInfoBlkioOperation.TOTAL, 2: mesos.CgroupInfoBlkioOperation.READ, 3: mesos.CgroupInfoBlkioOperation.WRITE, 4: mesos.CgroupInfoBlkioOperation.SYNC, 5: mesos.CgroupInfoBlkioOperation.ASYNC, 6: mesos.CgroupInfoBlkioOperation.DISCARD}
_mesos_CheckInfoType = {0: mesos.CheckInfoType.UNKNOWN, 1: mesos.CheckInfoType.COMMAND, 2: mesos.CheckInfoType.HTTP, 3: mesos.CheckInfoType.TCP}
_mesos_ContainerInfoType = {1: mesos.ContainerInfoType.DOCKER, 2: mesos.ContainerInfoType.MESOS}
_mesos_ContainerInfoDockerInfoNetwork = {1: mesos.ContainerInfoDockerInfoNetwork.HOST, 2: mesos.ContainerInfoDockerInfoNetwork.BRIDGE, 3: mesos.ContainerInfoDockerInfoNetwork.NONE, 4: mesos.ContainerInfoDockerInfoNetwork.USER}
_mesos_DiscoveryInfoVisibility = {0: mesos.DiscoveryInfoVisibility.FRAMEWORK, 1: mesos.DiscoveryInfoVisibility.CLUSTER, 2: mesos.DiscoveryInfoVisibility.EXTERNAL}
_mesos_EnvironmentVariableType = {0: mesos.EnvironmentVariableType.UNKNOWN, 1: mesos.EnvironmentVariableType.VALUE, 2: mesos.EnvironmentVariableType.SECRET}
_mesos_ExecutorInfoType = {0: mesos.ExecutorInfoType.UNKNOWN, 1: mesos.ExecutorInfoType.DEFAULT, 2: mesos.ExecutorInfoType.CUSTOM}
_mesos_FrameworkInfoCapabilityType = {0: mesos.FrameworkInfoCapabilityType.UNKNOWN, 1: mesos.FrameworkInfoCapabilityType.REVOCABLE_RESOURCES, 2: mesos.FrameworkInfoCapabilityType.TASK_KILLING_STATE, 3: mesos.FrameworkInfoCapabilityType.GPU_RESOURCES, 4: mesos.FrameworkInfoCapabilityType.SHARED_RESOURCES, 5: mesos.FrameworkInfoCapabilityType.PARTITION_AWARE, 6: mesos.FrameworkInfoCapabilityType.MULTI_ROLE, 7: mesos.FrameworkInfoCapabilityType.RESERVATION_REFINEMENT, 8: mesos.FrameworkInfoCapabilityType.REGION_AWARE}
_mesos_HealthCheckType = {0: mesos.HealthCheckType.UNKNOWN, 1: mesos.HealthCheckType.COMMAND, 2: mesos.HealthCheckType.HTTP, 3: mesos.HealthCheckType.TCP}
_mesos_ImageType = {1: mesos.ImageType.APPC, 2: mesos.ImageType.DOCKER}
_mesos_LinuxInfoIpcMode = {0: mesos.LinuxInfoIpcMode.UNKNOWN, 1: mesos.LinuxInfoIpcMode.PRIVATE, 2: mesos.LinuxInfoIpcMode.SHARE_PARENT}
_mesos_MachineInfoMode = {1: mesos.MachineInfoMode.UP, 2: mesos.MachineInfoMode.DRAINING, 3: mesos.MachineInfoMode.DOWN}
_mesos_MasterInfoCapabilityType = {0: mesos.MasterInfoCapabilityType.UNKNOWN, 1: mesos.MasterInfoCapabilityType.AGENT_UPDATE, 2: mesos.MasterInfoCapabilityType.AGENT_DRAINING, 3: mesos.MasterInfoCapabilityType.QUOTA_V2}
_mesos_MountPropagationMode = {0: mesos.MountPropagationMode.UNKNOWN, 1: mesos.MountPropagationMode.HOST_TO_CONTAINER, 2: mesos.MountPropagationMode.BIDIRECTIONAL}
_mesos_NetworkInfoProtocol = {1: mesos.NetworkInfoProtocol.IPv4, 2: mesos.NetworkInfoProtocol.IPv6}
_mesos_OfferOperationType = {0: mesos.OfferOperationType.UNKNOWN, 1: mesos.OfferOperationType.LAUNCH, 2: mesos.OfferOperationType.RESERVE, 3: mesos.OfferOperationType.UNRESERVE, 4: mesos.OfferOperationType.CREATE, 5: mesos.OfferOperationType.DESTROY, 6: mesos.OfferOperationType.LAUNCH_GROUP, 11: mesos.OfferOperationType.GROW_VOLUME, 12: mesos.OfferOperationType.SHRINK_VOLUME, 13: mesos.OfferOperationType.CREATE_DISK, 14: mesos.OfferOperationType.DESTROY_DISK}
_mesos_RLimitInfoRLimitType = {0: mesos.RLimitInfoRLimitType.UNKNOWN, 1: mesos.RLimitInfoRLimitType.RLMT_AS, 2: mesos.RLimitInfoRLimitType.RLMT_CORE, 3: mesos.RLimitInfoRLimitType.RLMT_CPU, 4: mesos.RLimitInfoRLimitType.RLMT_DATA, 5: mesos.RLimitInfoRLimitType.RLMT_FSIZE, 6: mesos.RLimitInfoRLimitType.RLMT_LOCKS, 7: mesos.RLimitInfoRLimitType.RLMT_MEMLOCK, 8: mesos.RLimitInfoRLimitType.RLMT_MSGQUEUE, 9: mesos.RLimitInfoRLimitType.RLMT_NICE, 10: mesos.RLimitInfoRLimitType.RLMT_NOFILE, 11: mesos.RLimitInfoRLimitType.RLMT_NPROC, 12: mesos.RLimitInfoRLimitType.RLMT_RSS, 13: mesos.RLimitInfoRLimitType.RLMT_RTPRIO, 14: mesos.RLimitInfoRLimitType.RLMT_RTTIME, 15: mesos.RLimitInfoRLimitType.RLMT_SIGPENDING, 16: mesos.RLimitInfoRLimitType.RLMT_STACK}
_mesos_ResourceDiskInfoSourceType = {0: mesos.ResourceDiskInfoSourceType.UNKNOWN, 1: mesos.ResourceDiskInfoSourceType.PATH, 2: mesos.ResourceDiskInfoSourceType.MOUNT, 3: mesos.ResourceDiskInfoSourceType.BLOCK, 4: mesos.ResourceDiskInfoSourceType.RAW}
_mesos_ResourceReservationInfoType = {0: mesos.ResourceReservationInfoType.UNKNOWN, 1: mesos.ResourceReservationInfoType.STATIC, 2: mesos.ResourceReservationInfoType.DYNAMIC}
_mesos_SecretType = {0: mesos.SecretType.UNKNOWN, 1: mesos.SecretType.REFERENCE, 2: mesos.SecretType.VALUE}
_mesos_TaskStatusReason = {0: mesos.TaskStatusReason.REASON_COMMAND_EXECUTOR_FAILED, 1: mesos.TaskStatusReason.REASON_EXECUTOR_TERMINATED, 2: mesos.TaskStatusReason.REASON_EXECUTOR_UNREGISTERED, 3: mesos.TaskStatusReason.REASON_FRAMEWORK_REMOVED, 4: mesos.TaskStatusReason.REASON_GC_ERROR, 5: mesos.TaskStatusReason.REASON_INVALID_FRAMEWORKID, 6: mesos.TaskStatusReason.REASON_INVALID_OFFERS, 7: mesos.TaskStatusReason.REASON_MASTER_DISCONNECTED, 8: mesos.TaskStatusReason.REASON_CONTAINER_LIMITATION_MEMORY, 9: mesos.TaskStatusReason.REASON_RECONCILIATION, 10: mesos.TaskStatusReason.REASON_AGENT_DISCONNECTED, 11: mesos.TaskStatusReason.REASON_AGENT_REMOVED, 12: mesos.TaskStatusReason.REASON_AGENT_RESTARTED, 13: mesos.TaskStatusReason.REASON_AGENT_UNKNOWN, 14: mesos.TaskStatusReason.REASON_TASK_INVALID, 15: mesos.TaskStatusReason.REASON_TASK_UNAUTHORIZED, 16: mesos.TaskStatusReason.REASON_TASK_UNKNOWN, 17: mesos.TaskStatusReason.REASON_CONTAINER_PREEMPTED, 18: mesos.TaskStatusReason.REASON_RESOURCES_UNKNOWN, 19: mesos.TaskStatusReason.REASON_CONTAINER_LIMITATION, 20: mesos.TaskStatusReason.REASON_CONTAINER_LIMITATION_DISK, 21: mesos.TaskStatusReason.REASON_CONTAINER_LAUNCH_FAILED, 22: mesos.TaskStatusReason.REASON_CONTAINER_UPDATE_FAILED, 23: mesos.TaskStatusReason.REASON_EXECUTOR_REGISTRATION_TIMEOUT, 24: mesos.TaskStatusReason.REASON_EXECUTOR_REREGISTRATION_TIMEOUT, 25: mesos.TaskStatusReason.REASON_TASK_GROUP_INVALID, 26: mesos.TaskStatusReason.REASON_TASK_GROUP_UNAUTHORIZED, 27: mesos.TaskStatusReason.REASON_IO_SWITCHBOARD_EXITED, 28: mesos.TaskStatusReason.REASON_TASK_CHECK_STATUS_UPDATED, 29: mesos.TaskStatusReason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED, 30: mesos.TaskStatusReason.REASON_TASK_KILLED_DURING_LAUNCH, 31: mesos.TaskStatusReason.REASON_AGENT_REMOVED_BY_OPERATOR, 32: mesos.TaskStatusReason.REASON_AGENT_REREGISTERED, 33: mesos.TaskStatusReason.REASON_MAX_COMPLETION_TIME_REACHED, 34: mesos.TaskStatusReason.REASON_AGENT_DRAINING}
_mesos_TaskStatusSource = {0: mesos.TaskStatusSource.SOURCE_MASTER, 1: mesos.TaskStatusSource.SOURCE_AGENT, 2: mesos.TaskStatusSource.SOURCE_EXECUTOR}
_mesos_ValueType = {0: mesos.ValueType.SCALAR, 1: mesos.ValueType.RANGES, 2: mesos.ValueType.SET, 3: mesos.ValueType.TEXT}
_mesos_VolumeMode = {1: mesos.VolumeMode.RW, 2: mesos.VolumeMode.RO}
_mesos_VolumeSourceType = {0: mesos.VolumeSourceType.UNKNOWN, 1: mesos.VolumeSourceType.DOCKER_VOLUME, 2: mesos.VolumeSourceType.SANDBOX_PATH, 3: mesos.VolumeSourceType.SECRET, 4: mesos.VolumeSourceType.HOST_PATH, 5: mesos.VolumeSourceType.CSI_VOLUME}
_mesos_VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode = {0: mesos.VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode.UNKNOWN, 1: mesos.VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode.SINGLE_NODE_WRITER, 2: mesos.VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode.SINGLE_NODE_READER_ONLY, 3: mesos.VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode.MULTI_NODE_READER_ONLY, 4: mesos.VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode.MULTI_NODE_SINGLE_WRITER, 5: mesos.VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode.MULTI_NODE_MULTI_WRITER}
_mesos_VolumeSourceSandboxPathType = {0: mesos.VolumeSourceSandboxPathType.UNKNOWN, 1: mesos.VolumeSourceSandboxPathType.SELF, 2: mesos.VolumeSourceSandboxPathType.PARENT}
_agent_CallType = {0: agent.CallType.UNKNOWN, 1: agent.CallType.GET_HEALTH, 2: agent.CallType.GET_FLAGS, 3: agent.CallType.GET_VERSION, 4: agent.CallType.GET_METRICS, 5: agent.CallType.GET_LOGGING_LEVEL, 6: agent.CallType.SET_LOGGING_LEVEL, 7: agent.CallType.LIST_FILES, 8: agent.CallType.READ_FILE, 9: agent.CallType.GET_STATE, 10: agent.CallType.GET_CONTAINERS, 11: agent.CallType.GET_FRAMEWORKS, 12: agent.CallType.GET_EXECUTORS, 13: agent.CallType.GET_TASKS, 14: agent.CallType.LAUNCH_NESTED_CONTAINER, 15: agent.CallType.WAIT_NESTED_CONTAINER, 16: agent.CallType.KILL_NESTED_CONTAINER, 17: agent.CallType.LAUNCH_NESTED_CONTAINER_SESSION, 18: agent.CallType.ATTACH_CONTAINER_INPUT, 19: agent.CallType.ATTACH_CONTAINER_OUTPUT, 20: agent.CallType.GET_AGENT, 21: agent.CallType.REMOVE_NESTED_CONTAINER, 22: agent.CallType.LAUNCH_CONTAINER, 23: agent.CallType.WAIT_CONTAINER, 24: agent.CallType.KILL_CONTAINER, 25: agent.CallType.REMOVE_CONTAINER, 26: agent.CallType.GET_RESOURCE_PROVIDERS, 27: agent.CallType.ADD_RESOURCE_PROVIDER_CONFIG, 28: agent.CallType.UPDATE_RESOURCE_PROVIDER_CONFIG, 29: agent.CallType.REMOVE_RESOURCE_PROVIDER_CONFIG, 30: agent.CallType.PRUNE_IMAGES, 31: agent.CallType.GET_OPERATIONS, 32: agent.CallType.MARK_RESOURCE_PROVIDER_GONE, 1000: agent.CallType.GET_RESOURCE_PROVIDER_CONFIGS, 1001: agent.CallType.GET_IMAGES, 1002: agent.CallType.RECONFIGURE, 1003: agent.CallType.GET_DEVICES}
_agent_CallAttachContainerInputType = {0: agent.CallAttachContainerInputType.UNKNOWN, 1: agent.CallAttachContainerInputType.CONTAINER_ID, 2: agent.CallAttachContainerInputType.PROCESS_IO}
_agent_ProcessIOType = {0: agent.ProcessIOType.UNKNOWN, 1: agent.ProcessIOType.DATA, 2: agent.ProcessIOType.CONTROL}
_agent_ProcessIOControlType = {0: agent.ProcessIOControlType.UNKNOWN, 1: agent.ProcessIOControlType.TTY_INFO, 2: agent.ProcessIOControlType.HEARTBEAT}
_agent_ProcessIODataType = {0: agent.ProcessIODataType.UNKNOWN, 1: agent.ProcessIODataType.STDIN, 2: agent.ProcessIODataType.STDOUT, 3: agent.ProcessIODataType.STDERR}
_agent_ResponseType = {0: agent.ResponseType.UNKNOWN, 1: agent.ResponseType.GET_HEALTH, 2: agent.ResponseType.GET_FLAGS, 3: agent.ResponseType.GET_VERSION, 4: agent.ResponseType.GET_METRICS, 5: agent.ResponseType.GET_LOGGING_LEVEL, 6: agent.ResponseType.LIST_FILES, 7: agent.ResponseType.READ_FILE, 8: agent.ResponseType.GET_STATE, 9: agent.ResponseType.GET_CONTAINERS, 10: agent.ResponseType.GET_FRAMEWORKS, 11: agent.ResponseType.GET_EXECUTORS, 12: agent.ResponseType.GET_TASKS, 13: agent.ResponseType.WAIT_NESTED_CONTAINER, 14: agent.ResponseType.GET_AGENT, 15: agent.ResponseType.WAIT_CONTAINER, 16: agent.ResponseType.GET_RESOURCE_PROVIDERS, 17: agent.ResponseType.GET_OPERATIONS, 1000: agent.ResponseType.GET_RESOURCE_PROVIDER_CONFIGS, 1001: agent.ResponseType.GET_IMAGES, 1002: agent.ResponseType.RECONFIGURE, 1003: agent.ResponseType.GET_DEVICES, 1004: agent.ResponseType.PRUNE_IMAGES}
_allocator_InverseOfferStatusStatus = {1: allocator.InverseOfferStatusStatus.UNKNOWN, 2: allocator.InverseOfferStatusStatus.ACCEPT, 3: allocator.InverseOfferStatusStatus.DECLINE}
_executor_CallType = {0: executor.CallType.UNKNOWN, 1: executor.CallType.SUBSCRIBE, 2: executor.CallType.UPDATE, 3: executor.CallType.MESSAGE, 4: executor.CallType.HEARTBEAT}
_executor_EventType = {0: executor.EventType.UNKNOWN, 1: executor.EventType.SUBSCRIBED, 2: executor.EventType.LAUNCH, 3: executor.EventType.KILL, 4: executor.EventType.ACKNOWLEDGED, 5: executor.EventType.MESSAGE, 6: executor.EventType.ERROR, 7: executor.EventType.SHUTDOWN, 8: executor.EventType.LAUNCH_GROUP, 9: executor.EventType.HEARTBEAT}
_resource_provider_CallType = {0: resource_provider.CallType.UNKNOWN, 1: resource_provider.CallType.SUBSCRIBE, 2: resource_provider.CallType.UPDATE_OPERATION_STATUS, 3: resource_provider.CallType.UPDATE_STATE, 4: resource_provider.CallType.UPDATE_PUBLISH_RESOURCES_STATUS}
_resource_provider_CallUpdatePublishResourcesStatusStatus = {0: resource_provider.CallUpdatePublishResourcesStatusStatus.UNKNOWN, 1: resource_provider.CallUpdatePublishResourcesStatusStatus.OK, 2: resource_provider.CallUpdatePublishResourcesStatusStatus.FAILED}
_resource_provider_EventType = {0: resource_provider.EventType.UNKNOWN, 1: resource_provider.EventType.SUBSCRIBED, 2: resource_provider.EventType.APPLY_OPERATION, 3: resource_provider.EventType.PUBLISH_RESOURCES, 4: resource_provider.EventType.ACKNOWLEDGE_OPERATION_STATUS, 5: resource_provider.EventType.RECONCILE_OPERATIONS, 6: resource_provider.EventType.TEARDOWN, 1000: resource_provider.EventType.UNPUBLISH_RESOURCES, 1001: resource_provider.EventType.HEARTBEAT, 1002: resource_provider.EventType.ERROR, 1003: resource_provider.EventType.ADMIT_VOLUME, 1004: resource_provider.EventType.RETRY_OPERATION, 1005: resource_provider.EventType.ABANDON_OPERATION, 1006: resource_provider.EventType.CHECK_AT_REST}
_resource_provider_PluginCapabilityUse = {0: resource_provider.PluginCapabilityUse.UNKNOWN, 1: resource_provider.PluginCapabilityUse.USED, 2: resource_provider.PluginCapabilityUse.UNUSED, 3: resource_provider.PluginCapabilityUse.ABSENT}
_resource_provider_VolumeNoticeKind = {0: resource_provider.VolumeNoticeKind.UNKNOWN, 1: resource_provider.VolumeNoticeKind.WITHHELD, 2: resource_provider.VolumeNoticeKind.LOST, 3: resource_provider.VolumeNoticeKind.STUCK, 4: resource_provider.VolumeNoticeKind.DEAD_MOUNT}
_resource_provider_ProfileInfoSharing = {0: resource_provider.ProfileInfoSharing.UNKNOWN, 1: resource_provider.ProfileInfoSharing.DECLARED, 2: resource_provider.ProfileInfoSharing.LEARNED}
_scheduler_AttributeConstraintSelectorPseudoattributeType = {0: scheduler.AttributeConstraintSelectorPseudoattributeType.UNKNOWN, 1: scheduler.AttributeConstraintSelectorPseudoattributeType.HOSTNAME, 2: scheduler.AttributeConstraintSelectorPseudoattributeType.REGION, 3: scheduler.AttributeConstraintSelectorPseudoattributeType.ZONE}
_scheduler_CallType = {0: scheduler.CallType.UNKNOWN, 1: scheduler.CallType.SUBSCRIBE, 2: scheduler.CallType.TEARDOWN, 3: scheduler.CallType.ACCEPT, 4: scheduler.CallType.DECLINE, 5: scheduler.CallType.REVIVE, 6: scheduler.CallType.KILL, 7: scheduler.CallType.SHUTDOWN, 8: scheduler.CallType.ACKNOWLEDGE, 9: scheduler.CallType.RECONCILE, 10: scheduler.CallType.MESSAGE, 11: scheduler.CallType.REQUEST, 12: scheduler.CallType.SUPPRESS, 13: scheduler.CallType.ACCEPT_INVERSE_OFFERS, 14: scheduler.CallType.DECLINE_INVERSE_OFFERS, 15: scheduler.CallType.ACKNOWLEDGE_OPERATION_STATUS, 16: scheduler.CallType.RECONCILE_OPERATIONS, 17: scheduler.CallType.UPDATE_FRAMEWORK}
_scheduler_EventType = {0: scheduler.EventType.UNKNOWN, 1: scheduler.EventType.SUBSCRIBED, 2: scheduler.EventType.OFFERS, 3: scheduler.EventType.RESCIND, 4: scheduler.EventType.UPDATE, 5: scheduler.EventType.MESSAGE, 6: scheduler.EventType.FAILURE, 7: scheduler.EventType.ERROR, 8: scheduler.EventType.HEARTBEAT, 9: scheduler.EventType.INVERSE_OFFERS, 10: scheduler.EventType.RESCIND_INVERSE_OFFER, 11: scheduler.EventType.UPDATE_OPERATION_STATUS}
_scheduler_ResponseType = {0: scheduler.ResponseType.UNKNOWN, 1: scheduler.ResponseType.RECONCILE_OPERATIONS}
_master_VolumeState = {0: master.VolumeState.VOLUME_UNKNOWN, 1: master.VolumeState.VOLUME_CREATING, 2: master.VolumeState.VOLUME_AVAILABLE, 3: master.VolumeState.VOLUME_DESTROYING, 4: master.VolumeState.VOLUME_FAILED, 5: master.VolumeState.VOLUME_NEEDS_OPERATOR, 6: master.VolumeState.VOLUME_EXPANDING}
_master_CallType = {0: master.CallType.UNKNOWN, 1: master.CallType.GET_HEALTH, 2: master.CallType.GET_FLAGS, 3: master.CallType.GET_VERSION, 4: master.CallType.GET_METRICS, 5: master.CallType.GET_LOGGING_LEVEL, 6: master.CallType.SET_LOGGING_LEVEL, 7: master.CallType.LIST_FILES, 8: master.CallType.READ_FILE, 9: master.CallType.GET_STATE, 10: master.CallType.GET_AGENTS, 11: master.CallType.GET_FRAMEWORKS, 12: master.CallType.GET_EXECUTORS, 13: master.CallType.GET_TASKS, 14: master.CallType.GET_ROLES, 15: master.CallType.GET_WEIGHTS, 16: master.CallType.UPDATE_WEIGHTS, 17: master.CallType.GET_MASTER, 18: master.CallType.SUBSCRIBE, 19: master.CallType.RESERVE_RESOURCES, 20: master.CallType.UNRESERVE_RESOURCES, 21: master.CallType.CREATE_VOLUMES, 22: master.CallType.DESTROY_VOLUMES, 23: master.CallType.GET_MAINTENANCE_STATUS, 24: master.CallType.GET_MAINTENANCE_SCHEDULE, 25: master.CallType.UPDATE_MAINTENANCE_SCHEDULE, 26: master.CallType.START_MAINTENANCE, 27: master.CallType.STOP_MAINTENANCE, 28: master.CallType.GET_QUOTA, 29: master.CallType.SET_QUOTA, 30: master.CallType.REMOVE_QUOTA, 31: master.CallType.TEARDOWN, 32: master.CallType.MARK_AGENT_GONE, 33: master.CallType.GET_OPERATIONS, 34: master.CallType.GROW_VOLUME, 35: master.CallType.SHRINK_VOLUME, 36: master.CallType.UPDATE_QUOTA, 37: master.CallType.DRAIN_AGENT, 38: master.CallType.DEACTIVATE_AGENT, 39: master.CallType.REACTIVATE_AGENT, 1000: master.CallType.PROVISION_VOLUME, 1001: master.CallType.DEPROVISION_VOLUME, 1002: master.CallType.GET_VOLUMES, 1003: master.CallType.GET_PROFILES, 1004: master.CallType.GET_RESOURCE_PROVIDERS, 1005: master.CallType.EXPAND_VOLUME, 1006: master.CallType.ADOPT_VOLUME, 1007: master.CallType.RETRY_OPERATION, 1008: master.CallType.ABANDON_OPERATION, 1009: master.CallType.EXPLAIN_OFFERS, 1010: master.CallType.KILL_TASK, 1012: master.CallType.FOLLOW, 1020: master.CallType.GET_OPERATION_HISTORY, 1021: master.CallType.GET_REGISTRY_DIFFERENCES, 1022: master.CallType.SETTLE_REGISTRY_DIFFERENCES}
_master_EventType = {0: master.EventType.UNKNOWN, 1: master.EventType.SUBSCRIBED, 2: master.EventType.TASK_ADDED, 3: master.EventType.TASK_UPDATED, 4: master.EventType.AGENT_ADDED, 5: master.EventType.AGENT_REMOVED, 6: master.EventType.FRAMEWORK_ADDED, 7: master.EventType.FRAMEWORK_UPDATED, 8: master.EventType.FRAMEWORK_REMOVED, 9: master.EventType.HEARTBEAT, 1000: master.EventType.OPERATION_UPDATED, 1001: master.EventType.VOLUME_UPDATED, 1002: master.EventType.PROVIDER_UPDATED, 1003: master.EventType.AGENT_UPDATED}
_master_ResponseType = {0: master.ResponseType.UNKNOWN, 1: master.ResponseType.GET_HEALTH, 2: master.ResponseType.GET_FLAGS, 3: master.ResponseType.GET_VERSION, 4: master.ResponseType.GET_METRICS, 5: master.ResponseType.GET_LOGGING_LEVEL, 6: master.ResponseType.LIST_FILES, 7: master.ResponseType.READ_FILE, 8: master.ResponseType.GET_STATE, 9: master.ResponseType.GET_AGENTS, 10: master.ResponseType.GET_FRAMEWORKS, 11: master.ResponseType.GET_EXECUTORS, 12: master.ResponseType.GET_TASKS, 13: master.ResponseType.GET_ROLES, 14: master.ResponseType.GET_WEIGHTS, 15: master.ResponseType.GET_MASTER, 16: master.ResponseType.GET_MAINTENANCE_STATUS, 17: master.ResponseType.GET_MAINTENANCE_SCHEDULE, 18: master.ResponseType.GET_QUOTA, 19: master.ResponseType.GET_OPERATIONS, 1000: master.ResponseType.PROVISION_VOLUME, 1001: master.ResponseType.DEPROVISION_VOLUME, 1002: master.ResponseType.GET_VOLUMES, 1003: master.ResponseType.GET_PROFILES, 1004: master.ResponseType.GET_RESOURCE_PROVIDERS, 1005: master.ResponseType.EXPAND_VOLUME, 1006: master.ResponseType.ADOPT_VOLUME, 1007: master.ResponseType.RETRY_OPERATION, 1008: master.ResponseType.ABANDON_OPERATION, 1009: master.ResponseType.EXPLAIN_OFFERS, 1020: master.ResponseType.GET_OPERATION_HISTORY, 1021: master.ResponseType.GET_REGISTRY_DIFFERENCES}


def _mesos_Address(p: Any) -> mesos.Address:
    m = mesos.Address(port=p.port)
    if p.HasField("hostname"):
        m.hostname = s if type(s := p.hostname) is str else text(s)
    if p.HasField("ip"):
        m.ip = s if type(s := p.ip) is str else text(s)
    return m


def _mesos_AgentID(p: Any) -> mesos.AgentID:
    return mesos.AgentID(value=s if type(s := p.value) is str else text(s))


def _mesos_AgentInfo(p: Any) -> mesos.AgentInfo:
    m = mesos.AgentInfo(hostname=s if type(s := p.hostname) is str else text(s))
    if v := p.resources:
        m.resources = [_mesos_Resource(e) for e in v]
    if v := p.attributes:
        m.attributes = [_mesos_Attribute(e) for e in v]
    if p.HasField("id"):
        m.id = _mesos_AgentID(p.id)
    if p.HasField("port"):
        m.port = p.port
    if p.HasField("domain"):
        m.domain = _mesos_DomainInfo(p.domain)
    return m


def _mesos_AgentInfoCapability(p: Any) -> mesos.AgentInfoCapability:
    m = mesos.AgentInfoCapability()
    if p.HasField("type"):
        m.type = _mesos_AgentInfoCapabilityType[p.type]
    return m


def _mesos_Attribute(p: Any) -> mesos.Attribute:
    m = mesos.Attribute(name=s if type(s := p.name) is str else text(s), type=_mesos_ValueType[p.type])
    if p.HasField("scalar"):
        m.scalar = _mesos_ValueScalar(p.scalar)
    if p.HasField("ranges"):
        m.ranges = _mesos_ValueRanges(p.ranges)
    if p.HasField("text"):
        m.text = _mesos_ValueText(p.text)
    if p.HasField("set"):
        m.set = _mesos_ValueSet(p.set)
    return m


def _mesos_CSIPluginContainerInfo(p: Any) -> mesos.CSIPluginContainerInfo:
    m = mesos.CSIPluginContainerInfo()
    if v := p.services:
        m.services = [_mesos_CSIPluginContainerInfoService[e] for e in v]
    if p.HasField("command"):
        m.command = _mesos_CommandInfo(p.command)
    if v := p.resources:
        m.resources = [_mesos_Resource(e) for e in v]
    if p.HasField("container"):
        m.container = _mesos_ContainerInfo(p.container)
    return m


def _mesos_CSIPluginEndpoint(p: Any) -> mesos.CSIPluginEndpoint:
    return mesos.CSIPluginEndpoint(csi_service=_mesos_CSIPluginContainerInfoService[p.csi_service], endpoint=s if type(s := p.endpoint) is str else text(s))


def _mesos_CSIPluginInfo(p: Any) -> mesos.CSIPluginInfo:
    return mesos.CSIPluginInfo(**{(f := _mesos_CSIPluginInfo_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_CSIPluginSecret(p: Any) -> mesos.CSIPluginSecret:
    m = mesos.CSIPluginSecret(key=s if type(s := p.key) is str else text(s), file=s if type(s := p.file) is str else text(s))
    if v := p.calls:
        m.calls = [s if type(s := e) is str else text(s) for e in v]
    return m


def _mesos_CapabilityInfo(p: Any) -> mesos.CapabilityInfo:
    m = mesos.CapabilityInfo()
    if v := p.capabilities:
        m.capabilities = [_mesos_CapabilityInfoCapability[e] for e in v]
    return m


def _mesos_CgroupInfo(p: Any) -> mesos.CgroupInfo:
    m = mesos.CgroupInfo()
    if p.HasField("net_cls"):
        m.net_cls = _mesos_CgroupInfoNetCls(p.net_cls)
    return m


def _mesos_CgroupInfoBlkio(p: Any) -> mesos.CgroupInfoBlkio:
    return mesos.CgroupInfoBlkio()


def _mesos_CgroupInfoBlkioCFQ(p: Any) -> mesos.CgroupInfoBlkioCFQ:
    return mesos.CgroupInfoBlkioCFQ()


def _mesos_CgroupInfoBlkioCFQStatistics(p: Any) -> mesos.CgroupInfoBlkioCFQStatistics:
    return mesos.CgroupInfoBlkioCFQStatistics(**{(f := _mesos_CgroupInfoBlkioCFQStatistics_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_CgroupInfoBlkioStatistics(p: Any) -> mesos.CgroupInfoBlkioStatistics:
    m = mesos.CgroupInfoBlkioStatistics()
    if v := p.cfq:
        m.cfq = [_mesos_CgroupInfoBlkioCFQStatistics(e) for e in v]
    if v := p.cfq_recursive:
        m.cfq_recursive = [_mesos_CgroupInfoBlkioCFQStatistics(e) for e in v]
    if v := p.throttling:
        m.throttling = [_mesos_CgroupInfoBlkioThrottlingStatistics(e) for e in v]
    return m


def _mesos_CgroupInfoBlkioThrottling(p: Any) -> mesos.CgroupInfoBlkioThrottling:
    return mesos.CgroupInfoBlkioThrottling()


def _mesos_CgroupInfoBlkioThrottlingStatistics(p: Any) -> mesos.CgroupInfoBlkioThrottlingStatistics:
    m = mesos.CgroupInfoBlkioThrottlingStatistics()
    if p.HasField("device"):
        m.device = _mesos_DeviceNumber(p.device)
    if v := p.io_serviced:
        m.io_serviced = [_mesos_CgroupInfoBlkioValue(e) for e in v]
    if v := p.io_service_bytes:
        m.io_service_bytes = [_mesos_CgroupInfoBlkioValue(e) for e in v]
    return m


def _mesos_CgroupInfoBlkioValue(p: Any) -> mesos.CgroupInfoBlkioValue:
    m = mesos.CgroupInfoBlkioValue()
    if p.HasField("op"):
        m.op = _mesos_CgroupInfoBlkioOperation[p.op]
    if p.HasField("value"):
        m.value = p.value
    return m


def _mesos_CgroupInfoNetCls(p: Any) -> mesos.CgroupInfoNetCls:
    m = mesos.CgroupInfoNetCls()
    if p.HasField("classid"):
        m.classid = p.classid
    return m


def _mesos_CheckInfo(p: Any) -> mesos.CheckInfo:
    m = mesos.CheckInfo()
    if p.HasField("type"):
        m.type = _mesos_CheckInfoType[p.type]
    if p.HasField("command"):
        m.command = _mesos_CheckInfoCommand(p.command)
    if p.HasField("http"):
        m.http = _mesos_CheckInfoHttp(p.http)
    if p.HasField("delay_seconds"):
        m.delay_seconds = x if -DOUBLE_MAX <= (x := p.delay_seconds) <= DOUBLE_MAX else finite(x)
    if p.HasField("interval_seconds"):
        m.interval_seconds = x if -DOUBLE_MAX <= (x := p.interval_seconds) <= DOUBLE_MAX else finite(x)
    if p.HasField("timeout_seconds"):
        m.timeout_seconds = x if -DOUBLE_MAX <= (x := p.timeout_seconds) <= DOUBLE_MAX else finite(x)
    if p.HasField("tcp"):
        m.tcp = _mesos_CheckInfoTcp(p.tcp)
    return m


def _mesos_CheckInfoCommand(p: Any) -> mesos.CheckInfoCommand:
    return mesos.CheckInfoCommand(command=_mesos_CommandInfo(p.command))


def _mesos_CheckInfoHttp(p: Any) -> mesos.CheckInfoHttp:
    m = mesos.CheckInfoHttp(port=p.port)
    if p.HasField("path"):
        m.path = s if type(s := p.path) is str else text(s)
    return m


def _mesos_CheckInfoTcp(p: Any) -> mesos.CheckInfoTcp:
    return mesos.CheckInfoTcp(port=p.port)


def _mesos_CheckStatusInfo(p: Any) -> mesos.CheckStatusInfo:
    m = mesos.CheckStatusInfo()
    if p.HasField("type"):
        m.type = _mesos_CheckInfoType[p.type]
    if p.HasField("command"):
        m.command = _mesos_CheckStatusInfoCommand(p.command)
    if p.HasField("http"):
        m.http = _mesos_CheckStatusInfoHttp(p.http)
    if p.HasField("tcp"):
        m.tcp = _mesos_CheckStatusInfoTcp(p.tcp)
    return m


def _mesos_CheckStatusInfoCommand(p: Any) -> mesos.CheckStatusInfoCommand:
    m = mesos.CheckStatusInfoCommand()
    if p.HasField("exit_code"):
        m.exit_code = p.exit_code
    return m


def _mesos_CheckStatusInfoHttp(p: Any) -> mesos.CheckStatusInfoHttp:
    m = mesos.CheckStatusInfoHttp()
    if p.HasField("status_code"):
        m.status_code = p.status_code
    return m


def _mesos_CheckStatusInfoTcp(p: Any) -> mesos.CheckStatusInfoTcp:
    m = mesos.CheckStatusInfoTcp()
    if p.HasField("succeeded"):
        m.succeeded = p.succeeded
    return m


def _mesos_CommandInfo(p: Any) -> mesos.CommandInfo:
    m = mesos.CommandInfo()
    if v := p.uris:
        m.uris = [_mesos_CommandInfoURI(e) for e in v]
    if p.HasField("environment"):
        m.environment = _mesos_Environment(p.environment)
    if p.HasField("value"):
        m.value = s if type(s := p.value) is str else text(s)
    if p.HasField("user"):
        m.user = s if type(s := p.user) is str else text(s)
    if p.HasField("shell"):
        m.shell = p.shell
    if v := p.arguments:
        m.arguments = [s if type(s := e) is str else text(s) for e in v]
    return m


def _mesos_CommandInfoURI(p: Any) -> mesos.CommandInfoURI:
    m = mesos.CommandInfoURI(value=s if type(s := p.value) is str else text(s))
    if p.HasField("executable"):
        m.executable = p.executable
    if p.HasField("extract"):
        m.extract = p.extract
    if p.HasField("cache"):
        m.cache = p.cache
    if p.HasField("output_file"):
        m.output_file = s if type(s := p.output_file) is str else text(s)
    return m


def _mesos_ContainerID(p: Any) -> mesos.ContainerID:
    m = mesos.ContainerID(value=s if type(s := p.value) is str else text(s))
    if p.HasField("parent"):
        m.parent = _mesos_ContainerID(p.parent)
    return m


def _mesos_ContainerInfo(p: Any) -> mesos.ContainerInfo:
    m = mesos.ContainerInfo(type=_mesos_ContainerInfoType[p.type])
    if v := p.volumes:
        m.volumes = [_mesos_Volume(e) for e in v]
    if p.HasField("docker"):
        m.docker = _mesos_ContainerInfoDockerInfo(p.docker)
    if p.HasField("hostname"):
        m.hostname = s if type(s := p.hostname) is str else text(s)
    if p.HasField("mesos"):
        m.mesos = _mesos_ContainerInfoMesosInfo(p.mesos)
    if v := p.network_infos:
        m.network_infos = [_mesos_NetworkInfo(e) for e in v]
    if p.HasField("linux_info"):
        m.linux_info = _mesos_LinuxInfo(p.linux_info)
    if p.HasField("rlimit_info"):
        m.rlimit_info = _mesos_RLimitInfo(p.rlimit_info)
    if p.HasField("tty_info"):
        m.tty_info = _mesos_TTYInfo(p.tty_info)
    return m


def _mesos_ContainerInfoDockerInfo(p: Any) -> mesos.ContainerInfoDockerInfo:
    m = mesos.ContainerInfoDockerInfo(image=s if type(s := p.image) is str else text(s))
    if p.HasField("network"):
        m.network = _mesos_ContainerInfoDockerInfoNetwork[p.network]
    if v := p.port_mappings:
        m.port_mappings = [_mesos_ContainerInfoDockerInfoPortMapping(e) for e in v]
    if p.HasField("privileged"):
        m.privileged = p.privileged
    if v := p.parameters:
        m.parameters = [_mesos_Parameter(e) for e in v]
    if p.HasField("force_pull_image"):
        m.force_pull_image = p.force_pull_image
    if p.HasField("volume_driver"):
        m.volume_driver = s if type(s := p.volume_driver) is str else text(s)
    return m


def _mesos_ContainerInfoDockerInfoPortMapping(p: Any) -> mesos.ContainerInfoDockerInfoPortMapping:
    m = mesos.ContainerInfoDockerInfoPortMapping(host_port=p.host_port, container_port=p.container_port)
    if p.HasField("protocol"):
        m.protocol = s if type(s := p.protocol) is str else text(s)
    return m


def _mesos_ContainerInfoMesosInfo(p: Any) -> mesos.ContainerInfoMesosInfo:
    m = mesos.ContainerInfoMesosInfo()
    if p.HasField("image"):
        m.image = _mesos_Image(p.image)
    return m


def _mesos_ContainerStatus(p: Any) -> mesos.ContainerStatus:
    m = mesos.ContainerStatus()
    if v := p.network_infos:
        m.network_infos = [_mesos_NetworkInfo(e) for e in v]
    if p.HasField("cgroup_info"):
        m.cgroup_info = _mesos_CgroupInfo(p.cgroup_info)
    if p.HasField("executor_pid"):
        m.executor_pid = p.executor_pid
    if p.HasField("container_id"):
        m.container_id = _mesos_ContainerID(p.container_id)
    return m


def _mesos_Credential(p: Any) -> mesos.Credential:
    m = mesos.Credential(principal=s if type(s := p.principal) is str else text(s))
    if p.HasField("secret"):
        m.secret = s if type(s := p.secret) is str else text(s)
    return m


def _mesos_Credentials(p: Any) -> mesos.Credentials:
    m = mesos.Credentials()
    if v := p.credentials:
        m.credentials = [_mesos_Credential(e) for e in v]
    return m


def _mesos_Device(p: Any) -> mesos.Device:
    m = mesos.Device()
    if p.HasField("path"):
        m.path = s if type(s := p.path) is str else text(s)
    if p.HasField("number"):
        m.number = _mesos_DeviceNumber(p.number)
    return m


def _mesos_DeviceNumber(p: Any) -> mesos.DeviceNumber:
    return mesos.DeviceNumber(major_number=p.major_number, minor_number=p.minor_number)


def _mesos_DeviceAccess(p: Any) -> mesos.DeviceAccess:
    return mesos.DeviceAccess(device=_mesos_Device(p.device), access=_mesos_DeviceAccessAccess(p.access))


def _mesos_DeviceAccessAccess(p: Any) -> mesos.DeviceAccessAccess:
    m = mesos.DeviceAccessAccess()
    if p.HasField("read"):
        m.read = p.read
    if p.HasField("write"):
        m.write = p.write
    if p.HasField("mknod"):
        m.mknod = p.mknod
    return m


def _mesos_DeviceWhitelist(p: Any) -> mesos.DeviceWhitelist:
    m = mesos.DeviceWhitelist()
    if v := p.allowed_devices:
        m.allowed_devices = [_mesos_DeviceAccess(e) for e in v]
    return m


def _mesos_DiscoveryInfo(p: Any) -> mesos.DiscoveryInfo:
    m = mesos.DiscoveryInfo(visibility=_mesos_DiscoveryInfoVisibility[p.visibility])
    if p.HasField("name"):
        m.name = s if type(s := p.name) is str else text(s)
    if p.HasField("environment"):
        m.environment = s if type(s := p.environment) is str else text(s)
    if p.HasField("location"):
        m.location = s if type(s := p.location) is str else text(s)
    if p.HasField("version"):
        m.version = s if type(s := p.version) is str else text(s)
    if p.HasField("ports"):
        m.ports = _mesos_Ports(p.ports)
    if p.HasField("labels"):
        m.labels = _mesos_Labels(p.labels)
    return m


def _mesos_DiskStatistics(p: Any) -> mesos.DiskStatistics:
    m = mesos.DiskStatistics()
    if p.HasField("source"):
        m.source = _mesos_ResourceDiskInfoSource(p.source)
    if p.HasField("persistence"):
        m.persistence = _mesos_ResourceDiskInfoPersistence(p.persistence)
    if p.HasField("limit_bytes"):
        m.limit_bytes = p.limit_bytes
    if p.HasField("used_bytes"):
        m.used_bytes = p.used_bytes
    return m


def _mesos_DomainInfo(p: Any) -> mesos.DomainInfo:
    m = mesos.DomainInfo()
    if p.HasField("fault_domain"):
        m.fault_domain = _mesos_DomainInfoFaultDomain(p.fault_domain)
    return m


def _mesos_DomainInfoFaultDomain(p: Any) -> mesos.DomainInfoFaultDomain:
    return mesos.DomainInfoFaultDomain(region=_mesos_DomainInfoFaultDomainRegionInfo(p.region), zone=_mesos_DomainInfoFaultDomainZoneInfo(p.zone))


def _mesos_DomainInfoFaultDomainRegionInfo(p: Any) -> mesos.DomainInfoFaultDomainRegionInfo:
    return mesos.DomainInfoFaultDomainRegionInfo(name=s if type(s := p.name) is str else text(s))


def _mesos_DomainInfoFaultDomainZoneInfo(p: Any) -> mesos.DomainInfoFaultDomainZoneInfo:
    return mesos.DomainInfoFaultDomainZoneInfo(name=s if type(s := p.name) is str else text(s))


def _mesos_DrainConfig(p: Any) -> mesos.DrainConfig:
    m = mesos.DrainConfig()
    if p.HasField("max_grace_period"):
        m.max_grace_period = _mesos_DurationInfo(p.max_grace_period)
    if p.HasField("mark_gone"):
        m.mark_gone = p.mark_gone
    return m


def _mesos_DrainInfo(p: Any) -> mesos.DrainInfo:
    m = mesos.DrainInfo(state=_mesos_DrainState[p.state], config=_mesos_DrainConfig(p.config))
    if v := p.waiting:
        m.waiting = [s if type(s := e) is str else text(s) for e in v]
    return m


def _mesos_DurationInfo(p: Any) -> mesos.DurationInfo:
    return mesos.DurationInfo(nanoseconds=p.nanoseconds)


def _mesos_Environment(p: Any) -> mesos.Environment:
    m = mesos.Environment()
    if v := p.variables:
        m.variables = [_mesos_EnvironmentVariable(e) for e in v]
    return m


def _mesos_EnvironmentVariable(p: Any) -> mesos.EnvironmentVariable:
    m = mesos.EnvironmentVariable(name=s if type(s := p.name) is str else text(s))
    if p.HasField("value"):
        m.value = s if type(s := p.value) is str else text(s)
    if p.HasField("type"):
        m.type = _mesos_EnvironmentVariableType[p.type]
    if p.HasField("secret"):
        m.secret = _mesos_Secret(p.secret)
    return m


def _mesos_ExecutorID(p: Any) -> mesos.ExecutorID:
    return mesos.ExecutorID(value=s if type(s := p.value) is str else text(s))


def _mesos_ExecutorInfo(p: Any) -> mesos.ExecutorInfo:
    return mesos.ExecutorInfo(**{(f := _mesos_ExecutorInfo_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_FileInfo(p: Any) -> mesos.FileInfo:
    m = mesos.FileInfo(path=s if type(s := p.path) is str else text(s))
    if p.HasField("nlink"):
        m.nlink = p.nlink
    if p.HasField("size"):
        m.size = p.size
    if p.HasField("mtime"):
        m.mtime = _mesos_TimeInfo(p.mtime)
    if p.HasField("mode"):
        m.mode = p.mode
    if p.HasField("uid"):
        m.uid = s if type(s := p.uid) is str else text(s)
    if p.HasField("gid"):
        m.gid = s if type(s := p.gid) is str else text(s)
    return m


def _mesos_Filters(p: Any) -> mesos.Filters:
    m = mesos.Filters()
    if p.HasField("refuse_seconds"):
        m.refuse_seconds = x if -DOUBLE_MAX <= (x := p.refuse_seconds) <= DOUBLE_MAX else finite(x)
    return m


def _mesos_Flag(p: Any) -> mesos.Flag:
    m = mesos.Flag(name=s if type(s := p.name) is str else text(s))
    if p.HasField("value"):
        m.value = s if type(s := p.value) is str else text(s)
    return m


def _mesos_FrameworkID(p: Any) -> mesos.FrameworkID:
    return mesos.FrameworkID(value=s if type(s := p.value) is str else text(s))


def _mesos_FrameworkInfo(p: Any) -> mesos.FrameworkInfo:
    return mesos.FrameworkInfo(**{(f := _mesos_FrameworkInfo_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_FrameworkInfoCapability(p: Any) -> mesos.FrameworkInfoCapability:
    m = mesos.FrameworkInfoCapability()
    if p.HasField("type"):
        m.type = _mesos_FrameworkInfoCapabilityType[p.type]
    return m


def _mesos_HealthCheck(p: Any) -> mesos.HealthCheck:
    return mesos.HealthCheck(**{(f := _mesos_HealthCheck_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_HealthCheckHTTPCheckInfo(p: Any) -> mesos.HealthCheckHTTPCheckInfo:
    m = mesos.HealthCheckHTTPCheckInfo(port=p.port)
    if p.HasField("path"):
        m.path = s if type(s := p.path) is str else text(s)
    if p.HasField("scheme"):
        m.scheme = s if type(s := p.scheme) is str else text(s)
    if v := p.statuses:
        m.statuses = list(v)
    if p.HasField("protocol"):
        m.protocol = _mesos_NetworkInfoProtocol[p.protocol]
    return m


def _mesos_HealthCheckTCPCheckInfo(p: Any) -> mesos.HealthCheckTCPCheckInfo:
    m = mesos.HealthCheckTCPCheckInfo(port=p.port)
    if p.HasField("protocol"):
        m.protocol = _mesos_NetworkInfoProtocol[p.protocol]
    return m


def _mesos_IcmpStatistics(p: Any) -> mesos.IcmpStatistics:
    return mesos.IcmpStatistics(**{(f := _mesos_IcmpStatistics_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_Image(p: Any) -> mesos.Image:
    m = mesos.Image(type=_mesos_ImageType[p.type])
    if p.HasField("appc"):
        m.appc = _mesos_ImageAppc(p.appc)
    if p.HasField("docker"):
        m.docker = _mesos_ImageDocker(p.docker)
    if p.HasField("cached"):
        m.cached = p.cached
    return m


def _mesos_ImageAppc(p: Any) -> mesos.ImageAppc:
    m = mesos.ImageAppc(name=s if type(s := p.name) is str else text(s))
    if p.HasField("id"):
        m.id = s if type(s := p.id) is str else text(s)
    if p.HasField("labels"):
        m.labels = _mesos_Labels(p.labels)
    return m


def _mesos_ImageDocker(p: Any) -> mesos.ImageDocker:
    m = mesos.ImageDocker(name=s if type(s := p.name) is str else text(s))
    if p.HasField("credential"):
        m.credential = _mesos_Credential(p.credential)
    if p.HasField("config"):
        m.config = _mesos_Secret(p.config)
    return m


def _mesos_InverseOffer(p: Any) -> mesos.InverseOffer:
    m = mesos.InverseOffer(id=_mesos_OfferID(p.id), framework_id=_mesos_FrameworkID(p.framework_id), unavailability=_mesos_Unavailability(p.unavailability))
    if p.HasField("url"):
        m.url = _mesos_URL(p.url)
    if p.HasField("agent_id"):
        m.agent_id = _mesos_AgentID(p.agent_id)
    if v := p.resources:
        m.resources = [_mesos_Resource(e) for e in v]
    return m


def _mesos_IpStatistics(p: Any) -> mesos.IpStatistics:
    return mesos.IpStatistics(**{(f := _mesos_IpStatistics_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_KillPolicy(p: Any) -> mesos.KillPolicy:
    m = mesos.KillPolicy()
    if p.HasField("grace_period"):
        m.grace_period = _mesos_DurationInfo(p.grace_period)
    return m


def _mesos_Label(p: Any) -> mesos.Label:
    m = mesos.Label(key=s if type(s := p.key) is str else text(s))
    if p.HasField("value"):
        m.value = s if type(s := p.value) is str else text(s)
    return m


def _mesos_Labels(p: Any) -> mesos.Labels:
    m = mesos.Labels()
    if v := p.labels:
        m.labels = [_mesos_Label(e) for e in v]
    return m


def _mesos_LinuxInfo(p: Any) -> mesos.LinuxInfo:
    m = mesos.LinuxInfo()
    if p.HasField("capability_info"):
        m.capability_info = _mesos_CapabilityInfo(p.capability_info)
    if p.HasField("bounding_capabilities"):
        m.bounding_capabilities = _mesos_CapabilityInfo(p.bounding_capabilities)
    if p.HasField("effective_capabilities"):
        m.effective_capabilities = _mesos_CapabilityInfo(p.effective_capabilities)
    if p.HasField("share_pid_namespace"):
        m.share_pid_namespace = p.share_pid_namespace
    if p.HasField("seccomp"):
        m.seccomp = _mesos_SeccompInfo(p.seccomp)
    if p.HasField("ipc_mode"):
        m.ipc_mode = _mesos_LinuxInfoIpcMode[p.ipc_mode]
    if p.HasField("shm_size"):
        m.shm_size = p.shm_size
    if p.HasField("share_cgroups"):
        m.share_cgroups = p.share_cgroups
    return m


def _mesos_MachineID(p: Any) -> mesos.MachineID:
    m = mesos.MachineID()
    if p.HasField("hostname"):
        m.hostname = s if type(s := p.hostname) is str else text(s)
    if p.HasField("ip"):
        m.ip = s if type(s := p.ip) is str else text(s)
    return m


def _mesos_MachineInfo(p: Any) -> mesos.MachineInfo:
    m = mesos.MachineInfo(id=_mesos_MachineID(p.id))
    if p.HasField("mode"):
        m.mode = _mesos_MachineInfoMode[p.mode]
    if p.HasField("unavailability"):
        m.unavailability = _mesos_Unavailability(p.unavailability)
    return m


def _mesos_MasterInfo(p: Any) -> mesos.MasterInfo:
    m = mesos.MasterInfo(id=s if type(s := p.id) is str else text(s), ip=p.ip, port=p.port)
    if p.HasField("pid"):
        m.pid = s if type(s := p.pid) is str else text(s)
    if p.HasField("hostname"):
        m.hostname = s if type(s := p.hostname) is str else text(s)
    if p.HasField("version"):
        m.version = s if type(s := p.version) is str else text(s)
    if p.HasField("address"):
        m.address = _mesos_Address(p.address)
    if p.HasField("domain"):
        m.domain = _mesos_DomainInfo(p.domain)
    if v := p.capabilities:
        m.capabilities = [_mesos_MasterInfoCapability(e) for e in v]
    return m


def _mesos_MasterInfoCapability(p: Any) -> mesos.MasterInfoCapability:
    m = mesos.MasterInfoCapability()
    if p.HasField("type"):
        m.type = _mesos_MasterInfoCapabilityType[p.type]
    return m


def _mesos_Metric(p: Any) -> mesos.Metric:
    m = mesos.Metric(name=s if type(s := p.name) is str else text(s))
    if p.HasField("value"):
        m.value = x if -DOUBLE_MAX <= (x := p.value) <= DOUBLE_MAX else finite(x)
    return m


def _mesos_MountPropagation(p: Any) -> mesos.MountPropagation:
    m = mesos.MountPropagation()
    if p.HasField("mode"):
        m.mode = _mesos_MountPropagationMode[p.mode]
    return m


def _mesos_NetworkInfo(p: Any) -> mesos.NetworkInfo:
    m = mesos.NetworkInfo()
    if v := p.groups:
        m.groups = [s if type(s := e) is str else text(s) for e in v]
    if p.HasField("labels"):
        m.labels = _mesos_Labels(p.labels)
    if v := p.ip_addresses:
        m.ip_addresses = [_mesos_NetworkInfoIPAddress(e) for e in v]
    if p.HasField("name"):
        m.name = s if type(s := p.name) is str else text(s)
    if v := p.port_mappings:
        m.port_mappings = [_mesos_NetworkInfoPortMapping(e) for e in v]
    return m


def _mesos_NetworkInfoIPAddress(p: Any) -> mesos.NetworkInfoIPAddress:
    m = mesos.NetworkInfoIPAddress()
    if p.HasField("protocol"):
        m.protocol = _mesos_NetworkInfoProtocol[p.protocol]
    if p.HasField("ip_address"):
        m.ip_address = s if type(s := p.ip_address) is str else text(s)
    return m


def _mesos_NetworkInfoPortMapping(p: Any) -> mesos.NetworkInfoPortMapping:
    m = mesos.NetworkInfoPortMapping(host_port=p.host_port, container_port=p.container_port)
    if p.HasField("protocol"):
        m.protocol = s if type(s := p.protocol) is str else text(s)
    return m


def _mesos_Offer(p: Any) -> mesos.Offer:
    m = mesos.Offer(id=_mesos_OfferID(p.id), framework_id=_mesos_FrameworkID(p.framework_id), agent_id=_mesos_AgentID(p.agent_id), hostname=s if type(s := p.hostname) is str else text(s))
    if v := p.resources:
        m.resources = [_mesos_Resource(e) for e in v]
    if v := p.executor_ids:
        m.executor_ids = [_mesos_ExecutorID(e) for e in v]
    if v := p.attributes:
        m.attributes = [_mesos_Attribute(e) for e in v]
    if p.HasField("url"):
        m.url = _mesos_URL(p.url)
    if p.HasField("unavailability"):
        m.unavailability = _mesos_Unavailability(p.unavailability)
    if p.HasField("allocation_info"):
        m.allocation_info = _mesos_ResourceAllocationInfo(p.allocation_info)
    if p.HasField("domain"):
        m.domain = _mesos_DomainInfo(p.domain)
    return m


def _mesos_OfferOperation(p: Any) -> mesos.OfferOperation:
    return mesos.OfferOperation(**{(f := _mesos_OfferOperation_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_OfferOperationCreate(p: Any) -> mesos.OfferOperationCreate:
    m = mesos.OfferOperationCreate()
    if v := p.volumes:
        m.volumes = [_mesos_Resource(e) for e in v]
    return m


def _mesos_OfferOperationCreateDisk(p: Any) -> mesos.OfferOperationCreateDisk:
    m = mesos.OfferOperationCreateDisk(source=_mesos_Resource(p.source), target_type=_mesos_ResourceDiskInfoSourceType[p.target_type])
    if p.HasField("target_profile"):
        m.target_profile = s if type(s := p.target_profile) is str else text(s)
    if v := p.target_reservations:
        m.target_reservations = [_mesos_ResourceReservationInfo(e) for e in v]
    if p.HasField("target_persistence"):
        m.target_persistence = _mesos_ResourceDiskInfoPersistence(p.target_persistence)
    return m


def _mesos_OfferOperationDestroy(p: Any) -> mesos.OfferOperationDestroy:
    m = mesos.OfferOperationDestroy()
    if v := p.volumes:
        m.volumes = [_mesos_Resource(e) for e in v]
    return m


def _mesos_OfferOperationDestroyDisk(p: Any) -> mesos.OfferOperationDestroyDisk:
    m = mesos.OfferOperationDestroyDisk(source=_mesos_Resource(p.source))
    if p.HasField("whole"):
        m.whole = p.whole
    return m


def _mesos_OfferOperationGrowVolume(p: Any) -> mesos.OfferOperationGrowVolume:
    return mesos.OfferOperationGrowVolume(volume=_mesos_Resource(p.volume), addition=_mesos_Resource(p.addition))


def _mesos_OfferOperationLaunch(p: Any) -> mesos.OfferOperationLaunch:
    m = mesos.OfferOperationLaunch()
    if v := p.task_infos:
        m.task_infos = [_mesos_TaskInfo(e) for e in v]
    return m


def _mesos_OfferOperationLaunchGroup(p: Any) -> mesos.OfferOperationLaunchGroup:
    return mesos.OfferOperationLaunchGroup(executor=_mesos_ExecutorInfo(p.executor), task_group=_mesos_TaskGroupInfo(p.task_group))


def _mesos_OfferOperationReserve(p: Any) -> mesos.OfferOperationReserve:
    m = mesos.OfferOperationReserve()
    if v := p.resources:
        m.resources = [_mesos_Resource(e) for e in v]
    if v := p.source:
        m.source = [_mesos_Resource(e) for e in v]
    return m


def _mesos_OfferOperationShrinkVolume(p: Any) -> mesos.OfferOperationShrinkVolume:
    return mesos.OfferOperationShrinkVolume(volume=_mesos_Resource(p.volume), subtract=_mesos_ValueScalar(p.subtract))


def _mesos_OfferOperationUnreserve(p: Any) -> mesos.OfferOperationUnreserve:
    m = mesos.OfferOperationUnreserve()
    if v := p.resources:
        m.resources = [_mesos_Resource(e) for e in v]
    return m


def _mesos_OfferFilters(p: Any) -> mesos.OfferFilters:
    m = mesos.OfferFilters()
    if p.HasField("min_allocatable_resources"):
        m.min_allocatable_resources = _mesos_OfferFiltersMinAllocatableResources(p.min_allocatable_resources)
    return m


def _mesos_OfferFiltersMinAllocatableResources(p: Any) -> mesos.OfferFiltersMinAllocatableResources:
    m = mesos.OfferFiltersMinAllocatableResources()
    if v := p.quantities:
        m.quantities = [_mesos_OfferFiltersResourceQuantities(e) for e in v]
    return m


def _mesos_OfferFiltersResourceQuantities(p: Any) -> mesos.OfferFiltersResourceQuantities:
    m = mesos.OfferFiltersResourceQuantities()
    if v := p.quantities:
        m.quantities = {text(k): _mesos_ValueScalar(e) for k, e in v.items()}
    return m


def _mesos_OfferID(p: Any) -> mesos.OfferID:
    return mesos.OfferID(value=s if type(s := p.value) is str else text(s))


def _mesos_Operation(p: Any) -> mesos.Operation:
    return mesos.Operation(**{(f := _mesos_Operation_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_HostFinding(p: Any) -> mesos.HostFinding:
    return mesos.HostFinding(kind=s if type(s := p.kind) is str else text(s), what=s if type(s := p.what) is str else text(s), advice=s if type(s := p.advice) is str else text(s))


def _mesos_OperationTrouble(p: Any) -> mesos.OperationTrouble:
    m = mesos.OperationTrouble(message=s if type(s := p.message) is str else text(s))
    if p.HasField("times"):
        m.times = p.times
    if p.HasField("since"):
        m.since = x if -DOUBLE_MAX <= (x := p.since) <= DOUBLE_MAX else finite(x)
    if p.HasField("latest"):
        m.latest = x if -DOUBLE_MAX <= (x := p.latest) <= DOUBLE_MAX else finite(x)
    return m


def _mesos_OperationID(p: Any) -> mesos.OperationID:
    return mesos.OperationID(value=s if type(s := p.value) is str else text(s))


def _mesos_OperationStatus(p: Any) -> mesos.OperationStatus:
    m = mesos.OperationStatus(state=_mesos_OperationState[p.state])
    if p.HasField("operation_id"):
        m.operation_id = _mesos_OperationID(p.operation_id)
    if p.HasField("message"):
        m.message = s if type(s := p.message) is str else text(s)
    if v := p.converted_resources:
        m.converted_resources = [_mesos_Resource(e) for e in v]
    if p.HasField("uuid"):
        m.uuid = _mesos_UUID(p.uuid)
    if p.HasField("agent_id"):
        m.agent_id = _mesos_AgentID(p.agent_id)
    if p.HasField("resource_provider_id"):
        m.resource_provider_id = _mesos_ResourceProviderID(p.resource_provider_id)
    if p.HasField("timestamp"):
        m.timestamp = x if -DOUBLE_MAX <= (x := p.timestamp) <= DOUBLE_MAX else finite(x)
    return m


def _mesos_Parameter(p: Any) -> mesos.Parameter:
    return mesos.Parameter(key=s if type(s := p.key) is str else text(s), value=s if type(s := p.value) is str else text(s))


def _mesos_Parameters(p: Any) -> mesos.Parameters:
    m = mesos.Parameters()
    if v := p.parameter:
        m.parameter = [_mesos_Parameter(e) for e in v]
    return m


def _mesos_PerfStatistics(p: Any) -> mesos.PerfStatistics:
    return mesos.PerfStatistics(**{(f := _mesos_PerfStatistics_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_Port(p: Any) -> mesos.Port:
    m = mesos.Port(number=p.number)
    if p.HasField("name"):
        m.name = s if type(s := p.name) is str else text(s)
    if p.HasField("protocol"):
        m.protocol = s if type(s := p.protocol) is str else text(s)
    if p.HasField("visibility"):
        m.visibility = _mesos_DiscoveryInfoVisibility[p.visibility]
    if p.HasField("labels"):
        m.labels = _mesos_Labels(p.labels)
    return m


def _mesos_Ports(p: Any) -> mesos.Ports:
    m = mesos.Ports()
    if v := p.ports:
        m.ports = [_mesos_Port(e) for e in v]
    return m


def _mesos_RLimitInfo(p: Any) -> mesos.RLimitInfo:
    m = mesos.RLimitInfo()
    if v := p.rlimits:
        m.rlimits = [_mesos_RLimitInfoRLimit(e) for e in v]
    return m


def _mesos_RLimitInfoRLimit(p: Any) -> mesos.RLimitInfoRLimit:
    m = mesos.RLimitInfoRLimit()
    if p.HasField("type"):
        m.type = _mesos_RLimitInfoRLimitType[p.type]
    if p.HasField("hard"):
        m.hard = p.hard
    if p.HasField("soft"):
        m.soft = p.soft
    return m


def _mesos_RateLimit(p: Any) -> mesos.RateLimit:
    m = mesos.RateLimit(principal=s if type(s := p.principal) is str else text(s))
    if p.HasField("qps"):
        m.qps = x if -DOUBLE_MAX <= (x := p.qps) <= DOUBLE_MAX else finite(x)
    if p.HasField("capacity"):
        m.capacity = p.capacity
    return m


def _mesos_RateLimits(p: Any) -> mesos.RateLimits:
    m = mesos.RateLimits()
    if v := p.limits:
        m.limits = [_mesos_RateLimit(e) for e in v]
    if p.HasField("aggregate_default_qps"):
        m.aggregate_default_qps = x if -DOUBLE_MAX <= (x := p.aggregate_default_qps) <= DOUBLE_MAX else finite(x)
    if p.HasField("aggregate_default_capacity"):
        m.aggregate_default_capacity = p.aggregate_default_capacity
    return m


def _mesos_Request(p: Any) -> mesos.Request:
    m = mesos.Request()
    if p.HasField("agent_id"):
        m.agent_id = _mesos_AgentID(p.agent_id)
    if v := p.resources:
        m.resources = [_mesos_Resource(e) for e in v]
    return m


def _mesos_Resource(p: Any) -> mesos.Resource:
    return mesos.Resource(**{(f := _mesos_Resource_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_ResourceAllocationInfo(p: Any) -> mesos.ResourceAllocationInfo:
    m = mesos.ResourceAllocationInfo()
    if p.HasField("role"):
        m.role = s if type(s := p.role) is str else text(s)
    return m


def _mesos_ResourceDiskInfo(p: Any) -> mesos.ResourceDiskInfo:
    m = mesos.ResourceDiskInfo()
    if p.HasField("persistence"):
        m.persistence = _mesos_ResourceDiskInfoPersistence(p.persistence)
    if p.HasField("volume"):
        m.volume = _mesos_Volume(p.volume)
    if p.HasField("source"):
        m.source = _mesos_ResourceDiskInfoSource(p.source)
    return m


def _mesos_ResourceDiskInfoPersistence(p: Any) -> mesos.ResourceDiskInfoPersistence:
    m = mesos.ResourceDiskInfoPersistence(id=s if type(s := p.id) is str else text(s))
    if p.HasField("principal"):
        m.principal = s if type(s := p.principal) is str else text(s)
    return m


def _mesos_ResourceDiskInfoSource(p: Any) -> mesos.ResourceDiskInfoSource:
    m = mesos.ResourceDiskInfoSource(type=_mesos_ResourceDiskInfoSourceType[p.type])
    if p.HasField("path"):
        m.path = _mesos_ResourceDiskInfoSourcePath(p.path)
    if p.HasField("mount"):
        m.mount = _mesos_ResourceDiskInfoSourceMount(p.mount)
    if p.HasField("id"):
        m.id = s if type(s := p.id) is str else text(s)
    if p.HasField("metadata"):
        m.metadata = _mesos_Labels(p.metadata)
    if p.HasField("profile"):
        m.profile = s if type(s := p.profile) is str else text(s)
    if p.HasField("vendor"):
        m.vendor = s if type(s := p.vendor) is str else text(s)
    if p.HasField("capacity_group"):
        m.capacity_group = s if type(s := p.capacity_group) is str else text(s)
    if p.HasField("cost"):
        m.cost = x if -DOUBLE_MAX <= (x := p.cost) <= DOUBLE_MAX else finite(x)
    return m


def _mesos_ResourceDiskInfoSourceMount(p: Any) -> mesos.ResourceDiskInfoSourceMount:
    m = mesos.ResourceDiskInfoSourceMount()
    if p.HasField("root"):
        m.root = s if type(s := p.root) is str else text(s)
    return m


def _mesos_ResourceDiskInfoSourcePath(p: Any) -> mesos.ResourceDiskInfoSourcePath:
    m = mesos.ResourceDiskInfoSourcePath()
    if p.HasField("root"):
        m.root = s if type(s := p.root) is str else text(s)
    return m


def _mesos_ResourceReservationInfo(p: Any) -> mesos.ResourceReservationInfo:
    m = mesos.ResourceReservationInfo()
    if p.HasField("principal"):
        m.principal = s if type(s := p.principal) is str else text(s)
    if p.HasField("labels"):
        m.labels = _mesos_Labels(p.labels)
    if p.HasField("role"):
        m.role = s if type(s := p.role) is str else text(s)
    if p.HasField("type"):
        m.type = _mesos_ResourceReservationInfoType[p.type]
    return m


def _mesos_ResourceRevocableInfo(p: Any) -> mesos.ResourceRevocableInfo:
    return mesos.ResourceRevocableInfo()


def _mesos_ResourceSharedInfo(p: Any) -> mesos.ResourceSharedInfo:
    return mesos.ResourceSharedInfo()


def _mesos_ResourceProviderID(p: Any) -> mesos.ResourceProviderID:
    return mesos.ResourceProviderID(value=s if type(s := p.value) is str else text(s))


def _mesos_ResourceProviderInfo(p: Any) -> mesos.ResourceProviderInfo:
    m = mesos.ResourceProviderInfo(type=s if type(s := p.type) is str else text(s), name=s if type(s := p.name) is str else text(s))
    if p.HasField("id"):
        m.id = _mesos_ResourceProviderID(p.id)
    if v := p.attributes:
        m.attributes = [_mesos_Attribute(e) for e in v]
    if v := p.default_reservations:
        m.default_reservations = [_mesos_ResourceReservationInfo(e) for e in v]
    if p.HasField("storage"):
        m.storage = _mesos_ResourceProviderInfoStorage(p.storage)
    return m


def _mesos_ResourceProviderInfoStorage(p: Any) -> mesos.ResourceProviderInfoStorage:
    m = mesos.ResourceProviderInfoStorage(plugin=_mesos_CSIPluginInfo(p.plugin))
    if p.HasField("reconciliation_interval_seconds"):
        m.reconciliation_interval_seconds = x if -DOUBLE_MAX <= (x := p.reconciliation_interval_seconds) <= DOUBLE_MAX else finite(x)
    return m


def _mesos_ResourceStatistics(p: Any) -> mesos.ResourceStatistics:
    return mesos.ResourceStatistics(**{(f := _mesos_ResourceStatistics_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_ResourceStatisticsRatePercentiles(p: Any) -> mesos.ResourceStatisticsRatePercentiles:
    return mesos.ResourceStatisticsRatePercentiles(**{(f := _mesos_ResourceStatisticsRatePercentiles_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_ResourceStatisticsRateStatistics(p: Any) -> mesos.ResourceStatisticsRateStatistics:
    return mesos.ResourceStatisticsRateStatistics(**{(f := _mesos_ResourceStatisticsRateStatistics_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_ResourceUsage(p: Any) -> mesos.ResourceUsage:
    m = mesos.ResourceUsage()
    if v := p.executors:
        m.executors = [_mesos_ResourceUsageExecutor(e) for e in v]
    if v := p.total:
        m.total = [_mesos_Resource(e) for e in v]
    return m


def _mesos_ResourceUsageExecutor(p: Any) -> mesos.ResourceUsageExecutor:
    m = mesos.ResourceUsageExecutor(executor_info=_mesos_ExecutorInfo(p.executor_info), container_id=_mesos_ContainerID(p.container_id))
    if v := p.allocated:
        m.allocated = [_mesos_Resource(e) for e in v]
    if p.HasField("statistics"):
        m.statistics = _mesos_ResourceStatistics(p.statistics)
    if v := p.tasks:
        m.tasks = [_mesos_ResourceUsageExecutorTask(e) for e in v]
    return m


def _mesos_ResourceUsageExecutorTask(p: Any) -> mesos.ResourceUsageExecutorTask:
    m = mesos.ResourceUsageExecutorTask(name=s if type(s := p.name) is str else text(s), id=_mesos_TaskID(p.id))
    if v := p.resources:
        m.resources = [_mesos_Resource(e) for e in v]
    if p.HasField("labels"):
        m.labels = _mesos_Labels(p.labels)
    return m


def _mesos_Role(p: Any) -> mesos.Role:
    m = mesos.Role(name=s if type(s := p.name) is str else text(s), weight=x if -DOUBLE_MAX <= (x := p.weight) <= DOUBLE_MAX else finite(x))
    if v := p.frameworks:
        m.frameworks = [_mesos_FrameworkID(e) for e in v]
    if v := p.resources:
        m.resources = [_mesos_Resource(e) for e in v]
    if v := p.guarantees:
        m.guarantees = {text(k): _mesos_ValueScalar(e) for k, e in v.items()}
    if v := p.limits:
        m.limits = {text(k): _mesos_ValueScalar(e) for k, e in v.items()}
    if v := p.consumed:
        m.consumed = {text(k): _mesos_ValueScalar(e) for k, e in v.items()}
    if v := p.allocated:
        m.allocated = {text(k): _mesos_ValueScalar(e) for k, e in v.items()}
    if v := p.offered:
        m.offered = {text(k): _mesos_ValueScalar(e) for k, e in v.items()}
    if v := p.reserved:
        m.reserved = {text(k): _mesos_ValueScalar(e) for k, e in v.items()}
    return m


def _mesos_SNMPStatistics(p: Any) -> mesos.SNMPStatistics:
    m = mesos.SNMPStatistics()
    if p.HasField("ip_stats"):
        m.ip_stats = _mesos_IpStatistics(p.ip_stats)
    if p.HasField("icmp_stats"):
        m.icmp_stats = _mesos_IcmpStatistics(p.icmp_stats)
    if p.HasField("tcp_stats"):
        m.tcp_stats = _mesos_TcpStatistics(p.tcp_stats)
    if p.HasField("udp_stats"):
        m.udp_stats = _mesos_UdpStatistics(p.udp_stats)
    return m


def _mesos_SeccompInfo(p: Any) -> mesos.SeccompInfo:
    m = mesos.SeccompInfo()
    if p.HasField("profile_name"):
        m.profile_name = s if type(s := p.profile_name) is str else text(s)
    if p.HasField("unconfined"):
        m.unconfined = p.unconfined
    return m


def _mesos_Secret(p: Any) -> mesos.Secret:
    m = mesos.Secret()
    if p.HasField("type"):
        m.type = _mesos_SecretType[p.type]
    if p.HasField("reference"):
        m.reference = _mesos_SecretReference(p.reference)
    if p.HasField("value"):
        m.value = _mesos_SecretValue(p.value)
    return m


def _mesos_SecretReference(p: Any) -> mesos.SecretReference:
    m = mesos.SecretReference(name=s if type(s := p.name) is str else text(s))
    if p.HasField("key"):
        m.key = s if type(s := p.key) is str else text(s)
    return m


def _mesos_SecretValue(p: Any) -> mesos.SecretValue:
    return mesos.SecretValue(data=p.data)


def _mesos_TTYInfo(p: Any) -> mesos.TTYInfo:
    m = mesos.TTYInfo()
    if p.HasField("window_size"):
        m.window_size = _mesos_TTYInfoWindowSize(p.window_size)
    return m


def _mesos_TTYInfoWindowSize(p: Any) -> mesos.TTYInfoWindowSize:
    return mesos.TTYInfoWindowSize(rows=p.rows, columns=p.columns)


def _mesos_Task(p: Any) -> mesos.Task:
    return mesos.Task(**{(f := _mesos_Task_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_TaskGroupInfo(p: Any) -> mesos.TaskGroupInfo:
    m = mesos.TaskGroupInfo()
    if v := p.tasks:
        m.tasks = [_mesos_TaskInfo(e) for e in v]
    return m


def _mesos_TaskID(p: Any) -> mesos.TaskID:
    return mesos.TaskID(value=s if type(s := p.value) is str else text(s))


def _mesos_TaskInfo(p: Any) -> mesos.TaskInfo:
    return mesos.TaskInfo(**{(f := _mesos_TaskInfo_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_TaskResourceLimitation(p: Any) -> mesos.TaskResourceLimitation:
    m = mesos.TaskResourceLimitation()
    if v := p.resources:
        m.resources = [_mesos_Resource(e) for e in v]
    return m


def _mesos_TaskStatus(p: Any) -> mesos.TaskStatus:
    return mesos.TaskStatus(**{(f := _mesos_TaskStatus_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_TcpStatistics(p: Any) -> mesos.TcpStatistics:
    return mesos.TcpStatistics(**{(f := _mesos_TcpStatistics_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_TimeInfo(p: Any) -> mesos.TimeInfo:
    return mesos.TimeInfo(nanoseconds=p.nanoseconds)


def _mesos_TrafficControlStatistics(p: Any) -> mesos.TrafficControlStatistics:
    return mesos.TrafficControlStatistics(**{(f := _mesos_TrafficControlStatistics_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _mesos_URL(p: Any) -> mesos.URL:
    m = mesos.URL(scheme=s if type(s := p.scheme) is str else text(s), address=_mesos_Address(p.address))
    if p.HasField("path"):
        m.path = s if type(s := p.path) is str else text(s)
    if v := p.query:
        m.query = [_mesos_Parameter(e) for e in v]
    if p.HasField("fragment"):
        m.fragment = s if type(s := p.fragment) is str else text(s)
    return m


def _mesos_UUID(p: Any) -> mesos.UUID:
    return mesos.UUID(value=p.value)


def _mesos_UdpStatistics(p: Any) -> mesos.UdpStatistics:
    m = mesos.UdpStatistics()
    if p.HasField("InDatagrams"):
        m.InDatagrams = p.InDatagrams
    if p.HasField("NoPorts"):
        m.NoPorts = p.NoPorts
    if p.HasField("InErrors"):
        m.InErrors = p.InErrors
    if p.HasField("OutDatagrams"):
        m.OutDatagrams = p.OutDatagrams
    if p.HasField("RcvbufErrors"):
        m.RcvbufErrors = p.RcvbufErrors
    if p.HasField("SndbufErrors"):
        m.SndbufErrors = p.SndbufErrors
    if p.HasField("InCsumErrors"):
        m.InCsumErrors = p.InCsumErrors
    if p.HasField("IgnoredMulti"):
        m.IgnoredMulti = p.IgnoredMulti
    return m


def _mesos_Unavailability(p: Any) -> mesos.Unavailability:
    m = mesos.Unavailability(start=_mesos_TimeInfo(p.start))
    if p.HasField("duration"):
        m.duration = _mesos_DurationInfo(p.duration)
    return m


def _mesos_Value(p: Any) -> mesos.Value:
    m = mesos.Value(type=_mesos_ValueType[p.type])
    if p.HasField("scalar"):
        m.scalar = _mesos_ValueScalar(p.scalar)
    if p.HasField("ranges"):
        m.ranges = _mesos_ValueRanges(p.ranges)
    if p.HasField("set"):
        m.set = _mesos_ValueSet(p.set)
    if p.HasField("text"):
        m.text = _mesos_ValueText(p.text)
    return m


def _mesos_ValueRange(p: Any) -> mesos.ValueRange:
    return mesos.ValueRange(begin=p.begin, end=p.end)


def _mesos_ValueRanges(p: Any) -> mesos.ValueRanges:
    m = mesos.ValueRanges()
    if v := p.range:
        m.range = [_mesos_ValueRange(e) for e in v]
    return m


def _mesos_ValueScalar(p: Any) -> mesos.ValueScalar:
    return mesos.ValueScalar(value=x if -DOUBLE_MAX <= (x := p.value) <= DOUBLE_MAX else finite(x))


def _mesos_ValueSet(p: Any) -> mesos.ValueSet:
    m = mesos.ValueSet()
    if v := p.item:
        m.item = [s if type(s := e) is str else text(s) for e in v]
    return m


def _mesos_ValueText(p: Any) -> mesos.ValueText:
    return mesos.ValueText(value=s if type(s := p.value) is str else text(s))


def _mesos_VersionInfo(p: Any) -> mesos.VersionInfo:
    m = mesos.VersionInfo(version=s if type(s := p.version) is str else text(s))
    if p.HasField("build_date"):
        m.build_date = s if type(s := p.build_date) is str else text(s)
    if p.HasField("build_time"):
        m.build_time = x if -DOUBLE_MAX <= (x := p.build_time) <= DOUBLE_MAX else finite(x)
    if p.HasField("build_user"):
        m.build_user = s if type(s := p.build_user) is str else text(s)
    if p.HasField("git_sha"):
        m.git_sha = s if type(s := p.git_sha) is str else text(s)
    if p.HasField("git_branch"):
        m.git_branch = s if type(s := p.git_branch) is str else text(s)
    if p.HasField("git_tag"):
        m.git_tag = s if type(s := p.git_tag) is str else text(s)
    if p.HasField("product"):
        m.product = s if type(s := p.product) is str else text(s)
    if p.HasField("product_version"):
        m.product_version = s if type(s := p.product_version) is str else text(s)
    return m


def _mesos_Volume(p: Any) -> mesos.Volume:
    m = mesos.Volume(container_path=s if type(s := p.container_path) is str else text(s), mode=_mesos_VolumeMode[p.mode])
    if p.HasField("host_path"):
        m.host_path = s if type(s := p.host_path) is str else text(s)
    if p.HasField("image"):
        m.image = _mesos_Image(p.image)
    if p.HasField("source"):
        m.source = _mesos_VolumeSource(p.source)
    return m


def _mesos_VolumeSource(p: Any) -> mesos.VolumeSource:
    m = mesos.VolumeSource()
    if p.HasField("type"):
        m.type = _mesos_VolumeSourceType[p.type]
    if p.HasField("docker_volume"):
        m.docker_volume = _mesos_VolumeSourceDockerVolume(p.docker_volume)
    if p.HasField("sandbox_path"):
        m.sandbox_path = _mesos_VolumeSourceSandboxPath(p.sandbox_path)
    if p.HasField("secret"):
        m.secret = _mesos_Secret(p.secret)
    if p.HasField("host_path"):
        m.host_path = _mesos_VolumeSourceHostPath(p.host_path)
    if p.HasField("csi_volume"):
        m.csi_volume = _mesos_VolumeSourceCSIVolume(p.csi_volume)
    return m


def _mesos_VolumeSourceCSIVolume(p: Any) -> mesos.VolumeSourceCSIVolume:
    m = mesos.VolumeSourceCSIVolume(plugin_name=s if type(s := p.plugin_name) is str else text(s))
    if p.HasField("static_provisioning"):
        m.static_provisioning = _mesos_VolumeSourceCSIVolumeStaticProvisioning(p.static_provisioning)
    return m


def _mesos_VolumeSourceCSIVolumeStaticProvisioning(p: Any) -> mesos.VolumeSourceCSIVolumeStaticProvisioning:
    m = mesos.VolumeSourceCSIVolumeStaticProvisioning(volume_id=s if type(s := p.volume_id) is str else text(s), volume_capability=_mesos_VolumeSourceCSIVolumeVolumeCapability(p.volume_capability))
    if v := p.node_stage_secrets:
        m.node_stage_secrets = {text(k): _mesos_Secret(e) for k, e in v.items()}
    if v := p.node_publish_secrets:
        m.node_publish_secrets = {text(k): _mesos_Secret(e) for k, e in v.items()}
    if v := p.volume_context:
        m.volume_context = {text(k): s if type(s := e) is str else text(s) for k, e in v.items()}
    return m


def _mesos_VolumeSourceCSIVolumeVolumeCapability(p: Any) -> mesos.VolumeSourceCSIVolumeVolumeCapability:
    m = mesos.VolumeSourceCSIVolumeVolumeCapability(access_mode=_mesos_VolumeSourceCSIVolumeVolumeCapabilityAccessMode(p.access_mode))
    if p.HasField("block"):
        m.block = _mesos_VolumeSourceCSIVolumeVolumeCapabilityBlockVolume(p.block)
    if p.HasField("mount"):
        m.mount = _mesos_VolumeSourceCSIVolumeVolumeCapabilityMountVolume(p.mount)
    return m


def _mesos_VolumeSourceCSIVolumeVolumeCapabilityAccessMode(p: Any) -> mesos.VolumeSourceCSIVolumeVolumeCapabilityAccessMode:
    return mesos.VolumeSourceCSIVolumeVolumeCapabilityAccessMode(mode=_mesos_VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode[p.mode])


def _mesos_VolumeSourceCSIVolumeVolumeCapabilityBlockVolume(p: Any) -> mesos.VolumeSourceCSIVolumeVolumeCapabilityBlockVolume:
    return mesos.VolumeSourceCSIVolumeVolumeCapabilityBlockVolume()


def _mesos_VolumeSourceCSIVolumeVolumeCapabilityMountVolume(p: Any) -> mesos.VolumeSourceCSIVolumeVolumeCapabilityMountVolume:
    m = mesos.VolumeSourceCSIVolumeVolumeCapabilityMountVolume()
    if p.HasField("fs_type"):
        m.fs_type = s if type(s := p.fs_type) is str else text(s)
    if v := p.mount_flags:
        m.mount_flags = [s if type(s := e) is str else text(s) for e in v]
    return m


def _mesos_VolumeSourceDockerVolume(p: Any) -> mesos.VolumeSourceDockerVolume:
    m = mesos.VolumeSourceDockerVolume(name=s if type(s := p.name) is str else text(s))
    if p.HasField("driver"):
        m.driver = s if type(s := p.driver) is str else text(s)
    if p.HasField("driver_options"):
        m.driver_options = _mesos_Parameters(p.driver_options)
    return m


def _mesos_VolumeSourceHostPath(p: Any) -> mesos.VolumeSourceHostPath:
    m = mesos.VolumeSourceHostPath(path=s if type(s := p.path) is str else text(s))
    if p.HasField("mount_propagation"):
        m.mount_propagation = _mesos_MountPropagation(p.mount_propagation)
    return m


def _mesos_VolumeSourceSandboxPath(p: Any) -> mesos.VolumeSourceSandboxPath:
    m = mesos.VolumeSourceSandboxPath(path=s if type(s := p.path) is str else text(s))
    if p.HasField("type"):
        m.type = _mesos_VolumeSourceSandboxPathType[p.type]
    return m


def _mesos_WeightInfo(p: Any) -> mesos.WeightInfo:
    m = mesos.WeightInfo(weight=x if -DOUBLE_MAX <= (x := p.weight) <= DOUBLE_MAX else finite(x))
    if p.HasField("role"):
        m.role = s if type(s := p.role) is str else text(s)
    return m


def _agent_Call(p: Any) -> agent.Call:
    return agent.Call(**{(f := _agent_Call_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _agent_CallAddResourceProviderConfig(p: Any) -> agent.CallAddResourceProviderConfig:
    return agent.CallAddResourceProviderConfig(info=_mesos_ResourceProviderInfo(p.info))


def _agent_CallAttachContainerInput(p: Any) -> agent.CallAttachContainerInput:
    m = agent.CallAttachContainerInput()
    if p.HasField("type"):
        m.type = _agent_CallAttachContainerInputType[p.type]
    if p.HasField("container_id"):
        m.container_id = _mesos_ContainerID(p.container_id)
    if p.HasField("process_io"):
        m.process_io = _agent_ProcessIO(p.process_io)
    return m


def _agent_CallAttachContainerOutput(p: Any) -> agent.CallAttachContainerOutput:
    return agent.CallAttachContainerOutput(container_id=_mesos_ContainerID(p.container_id))


def _agent_CallGetContainers(p: Any) -> agent.CallGetContainers:
    m = agent.CallGetContainers()
    if p.HasField("show_nested"):
        m.show_nested = p.show_nested
    if p.HasField("show_standalone"):
        m.show_standalone = p.show_standalone
    if p.HasField("show_ended"):
        m.show_ended = p.show_ended
    return m


def _agent_CallGetMetrics(p: Any) -> agent.CallGetMetrics:
    m = agent.CallGetMetrics()
    if p.HasField("timeout"):
        m.timeout = _mesos_DurationInfo(p.timeout)
    return m


def _agent_CallKillContainer(p: Any) -> agent.CallKillContainer:
    m = agent.CallKillContainer(container_id=_mesos_ContainerID(p.container_id))
    if p.HasField("signal"):
        m.signal = p.signal
    if p.HasField("grace_period"):
        m.grace_period = _mesos_DurationInfo(p.grace_period)
    return m


def _agent_CallKillNestedContainer(p: Any) -> agent.CallKillNestedContainer:
    m = agent.CallKillNestedContainer(container_id=_mesos_ContainerID(p.container_id))
    if p.HasField("signal"):
        m.signal = p.signal
    return m


def _agent_CallLaunchContainer(p: Any) -> agent.CallLaunchContainer:
    m = agent.CallLaunchContainer(container_id=_mesos_ContainerID(p.container_id))
    if p.HasField("command"):
        m.command = _mesos_CommandInfo(p.command)
    if v := p.resources:
        m.resources = [_mesos_Resource(e) for e in v]
    if p.HasField("container"):
        m.container = _mesos_ContainerInfo(p.container)
    if v := p.limits:
        m.limits = {text(k): _mesos_ValueScalar(e) for k, e in v.items()}
    if p.HasField("stdin"):
        m.stdin = p.stdin
    return m


def _agent_CallLaunchNestedContainer(p: Any) -> agent.CallLaunchNestedContainer:
    m = agent.CallLaunchNestedContainer(container_id=_mesos_ContainerID(p.container_id))
    if p.HasField("command"):
        m.command = _mesos_CommandInfo(p.command)
    if p.HasField("container"):
        m.container = _mesos_ContainerInfo(p.container)
    return m


def _agent_CallLaunchNestedContainerSession(p: Any) -> agent.CallLaunchNestedContainerSession:
    m = agent.CallLaunchNestedContainerSession(container_id=_mesos_ContainerID(p.container_id))
    if p.HasField("command"):
        m.command = _mesos_CommandInfo(p.command)
    if p.HasField("container"):
        m.container = _mesos_ContainerInfo(p.container)
    return m


def _agent_CallListFiles(p: Any) -> agent.CallListFiles:
    return agent.CallListFiles(path=s if type(s := p.path) is str else text(s))


def _agent_CallMarkResourceProviderGone(p: Any) -> agent.CallMarkResourceProviderGone:
    return agent.CallMarkResourceProviderGone(resource_provider_id=_mesos_ResourceProviderID(p.resource_provider_id))


def _agent_CallPruneImages(p: Any) -> agent.CallPruneImages:
    m = agent.CallPruneImages()
    if v := p.excluded_images:
        m.excluded_images = [_mesos_Image(e) for e in v]
    if p.HasField("dry_run"):
        m.dry_run = p.dry_run
    if p.HasField("report"):
        m.report = p.report
    if p.HasField("all"):
        m.all = p.all
    return m


def _agent_CallReadFile(p: Any) -> agent.CallReadFile:
    m = agent.CallReadFile(path=s if type(s := p.path) is str else text(s), offset=p.offset)
    if p.HasField("length"):
        m.length = p.length
    return m


def _agent_CallReconfigure(p: Any) -> agent.CallReconfigure:
    m = agent.CallReconfigure()
    if p.HasField("dry_run"):
        m.dry_run = p.dry_run
    return m


def _agent_CallRemoveContainer(p: Any) -> agent.CallRemoveContainer:
    return agent.CallRemoveContainer(container_id=_mesos_ContainerID(p.container_id))


def _agent_CallRemoveNestedContainer(p: Any) -> agent.CallRemoveNestedContainer:
    return agent.CallRemoveNestedContainer(container_id=_mesos_ContainerID(p.container_id))


def _agent_CallRemoveResourceProviderConfig(p: Any) -> agent.CallRemoveResourceProviderConfig:
    return agent.CallRemoveResourceProviderConfig(type=s if type(s := p.type) is str else text(s), name=s if type(s := p.name) is str else text(s))


def _agent_CallSetLoggingLevel(p: Any) -> agent.CallSetLoggingLevel:
    return agent.CallSetLoggingLevel(level=p.level, duration=_mesos_DurationInfo(p.duration))


def _agent_CallUpdateResourceProviderConfig(p: Any) -> agent.CallUpdateResourceProviderConfig:
    return agent.CallUpdateResourceProviderConfig(info=_mesos_ResourceProviderInfo(p.info))


def _agent_CallWaitContainer(p: Any) -> agent.CallWaitContainer:
    return agent.CallWaitContainer(container_id=_mesos_ContainerID(p.container_id))


def _agent_CallWaitNestedContainer(p: Any) -> agent.CallWaitNestedContainer:
    return agent.CallWaitNestedContainer(container_id=_mesos_ContainerID(p.container_id))


def _agent_ProcessIO(p: Any) -> agent.ProcessIO:
    m = agent.ProcessIO()
    if p.HasField("type"):
        m.type = _agent_ProcessIOType[p.type]
    if p.HasField("data"):
        m.data = _agent_ProcessIOData(p.data)
    if p.HasField("control"):
        m.control = _agent_ProcessIOControl(p.control)
    return m


def _agent_ProcessIOControl(p: Any) -> agent.ProcessIOControl:
    m = agent.ProcessIOControl()
    if p.HasField("type"):
        m.type = _agent_ProcessIOControlType[p.type]
    if p.HasField("tty_info"):
        m.tty_info = _mesos_TTYInfo(p.tty_info)
    if p.HasField("heartbeat"):
        m.heartbeat = _agent_ProcessIOControlHeartbeat(p.heartbeat)
    return m


def _agent_ProcessIOControlHeartbeat(p: Any) -> agent.ProcessIOControlHeartbeat:
    m = agent.ProcessIOControlHeartbeat()
    if p.HasField("interval"):
        m.interval = _mesos_DurationInfo(p.interval)
    return m


def _agent_ProcessIOData(p: Any) -> agent.ProcessIOData:
    m = agent.ProcessIOData()
    if p.HasField("type"):
        m.type = _agent_ProcessIODataType[p.type]
    if p.HasField("data"):
        m.data = p.data
    return m


def _agent_Response(p: Any) -> agent.Response:
    return agent.Response(**{(f := _agent_Response_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _agent_ResponseGetAgent(p: Any) -> agent.ResponseGetAgent:
    m = agent.ResponseGetAgent()
    if p.HasField("agent_info"):
        m.agent_info = _mesos_AgentInfo(p.agent_info)
    if p.HasField("drain_config"):
        m.drain_config = _mesos_DrainConfig(p.drain_config)
    if p.HasField("estimated_drain_start_time"):
        m.estimated_drain_start_time = _mesos_TimeInfo(p.estimated_drain_start_time)
    if p.HasField("isolation"):
        m.isolation = _agent_ResponseIsolation(p.isolation)
    if v := p.findings:
        m.findings = [_mesos_HostFinding(e) for e in v]
    return m


def _agent_ResponseIsolation(p: Any) -> agent.ResponseIsolation:
    m = agent.ResponseIsolation(containerizer=s if type(s := p.containerizer) is str else text(s), volumes=p.volumes, memory_limit=p.memory_limit, cpu_limit=p.cpu_limit, images=p.images)
    if v := p.notes:
        m.notes = [s if type(s := e) is str else text(s) for e in v]
    if p.HasField("processes_limit"):
        m.processes_limit = p.processes_limit
    if v := p.networks:
        m.networks = [s if type(s := e) is str else text(s) for e in v]
    return m


def _agent_ResponseGetContainers(p: Any) -> agent.ResponseGetContainers:
    m = agent.ResponseGetContainers()
    if v := p.containers:
        m.containers = [_agent_ResponseGetContainersContainer(e) for e in v]
    return m


def _agent_ResponseGetContainersContainer(p: Any) -> agent.ResponseGetContainersContainer:
    return agent.ResponseGetContainersContainer(**{(f := _agent_ResponseGetContainersContainer_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _agent_ResponseGetExecutors(p: Any) -> agent.ResponseGetExecutors:
    m = agent.ResponseGetExecutors()
    if v := p.executors:
        m.executors = [_agent_ResponseGetExecutorsExecutor(e) for e in v]
    if v := p.completed_executors:
        m.completed_executors = [_agent_ResponseGetExecutorsExecutor(e) for e in v]
    return m


def _agent_ResponseGetExecutorsExecutor(p: Any) -> agent.ResponseGetExecutorsExecutor:
    return agent.ResponseGetExecutorsExecutor(executor_info=_mesos_ExecutorInfo(p.executor_info))


def _agent_ResponseGetFlags(p: Any) -> agent.ResponseGetFlags:
    m = agent.ResponseGetFlags()
    if v := p.flags:
        m.flags = [_mesos_Flag(e) for e in v]
    return m


def _agent_ResponseGetFrameworks(p: Any) -> agent.ResponseGetFrameworks:
    m = agent.ResponseGetFrameworks()
    if v := p.frameworks:
        m.frameworks = [_agent_ResponseGetFrameworksFramework(e) for e in v]
    if v := p.completed_frameworks:
        m.completed_frameworks = [_agent_ResponseGetFrameworksFramework(e) for e in v]
    return m


def _agent_ResponseGetFrameworksFramework(p: Any) -> agent.ResponseGetFrameworksFramework:
    return agent.ResponseGetFrameworksFramework(framework_info=_mesos_FrameworkInfo(p.framework_info))


def _agent_ResponseGetHealth(p: Any) -> agent.ResponseGetHealth:
    return agent.ResponseGetHealth(healthy=p.healthy)


def _agent_ResponseGetLoggingLevel(p: Any) -> agent.ResponseGetLoggingLevel:
    return agent.ResponseGetLoggingLevel(level=p.level)


def _agent_ResponseGetMetrics(p: Any) -> agent.ResponseGetMetrics:
    m = agent.ResponseGetMetrics()
    if v := p.metrics:
        m.metrics = [_mesos_Metric(e) for e in v]
    return m


def _agent_ResponseGetImages(p: Any) -> agent.ResponseGetImages:
    m = agent.ResponseGetImages()
    if v := p.images:
        m.images = [_agent_ResponseGetImagesImage(e) for e in v]
    if p.HasField("path"):
        m.path = s if type(s := p.path) is str else text(s)
    if p.HasField("free_bytes"):
        m.free_bytes = p.free_bytes
    if p.HasField("total_bytes"):
        m.total_bytes = p.total_bytes
    if p.HasField("headroom"):
        m.headroom = x if -DOUBLE_MAX <= (x := p.headroom) <= DOUBLE_MAX else finite(x)
    if p.HasField("low_water"):
        m.low_water = x if -DOUBLE_MAX <= (x := p.low_water) <= DOUBLE_MAX else finite(x)
    if p.HasField("message"):
        m.message = s if type(s := p.message) is str else text(s)
    return m


def _agent_ResponseGetImagesImage(p: Any) -> agent.ResponseGetImagesImage:
    m = agent.ResponseGetImagesImage(id=s if type(s := p.id) is str else text(s), size_bytes=p.size_bytes)
    if v := p.names:
        m.names = [s if type(s := e) is str else text(s) for e in v]
    if p.HasField("own_bytes"):
        m.own_bytes = p.own_bytes
    if p.HasField("created"):
        m.created = _mesos_TimeInfo(p.created)
    if p.HasField("last_used"):
        m.last_used = _mesos_TimeInfo(p.last_used)
    if p.HasField("pulled"):
        m.pulled = p.pulled
    if v := p.kept:
        m.kept = [s if type(s := e) is str else text(s) for e in v]
    return m


def _agent_ResponseGetOperations(p: Any) -> agent.ResponseGetOperations:
    m = agent.ResponseGetOperations()
    if v := p.operations:
        m.operations = [_mesos_Operation(e) for e in v]
    return m


def _agent_ResponseGetResourceProviderConfigs(p: Any) -> agent.ResponseGetResourceProviderConfigs:
    m = agent.ResponseGetResourceProviderConfigs()
    if v := p.configs:
        m.configs = [_agent_ResponseGetResourceProviderConfigsConfig(e) for e in v]
    return m


def _agent_ResponseGetResourceProviderConfigsConfig(p: Any) -> agent.ResponseGetResourceProviderConfigsConfig:
    m = agent.ResponseGetResourceProviderConfigsConfig(state=s if type(s := p.state) is str else text(s))
    if p.HasField("info"):
        m.info = _mesos_ResourceProviderInfo(p.info)
    if p.HasField("file"):
        m.file = s if type(s := p.file) is str else text(s)
    if p.HasField("message"):
        m.message = s if type(s := p.message) is str else text(s)
    return m


def _agent_ResponseGetDevices(p: Any) -> agent.ResponseGetDevices:
    m = agent.ResponseGetDevices()
    if v := p.devices:
        m.devices = [_agent_ResponseGetDevicesDevice(e) for e in v]
    if p.HasField("message"):
        m.message = s if type(s := p.message) is str else text(s)
    return m


def _agent_ResponseGetDevicesDevice(p: Any) -> agent.ResponseGetDevicesDevice:
    return agent.ResponseGetDevicesDevice(**{(f := _agent_ResponseGetDevicesDevice_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _agent_ResponseGetResourceProviders(p: Any) -> agent.ResponseGetResourceProviders:
    m = agent.ResponseGetResourceProviders()
    if v := p.resource_providers:
        m.resource_providers = [_agent_ResponseGetResourceProvidersResourceProvider(e) for e in v]
    return m


def _agent_ResponseGetResourceProvidersResourceProvider(p: Any) -> agent.ResponseGetResourceProvidersResourceProvider:
    m = agent.ResponseGetResourceProvidersResourceProvider(resource_provider_info=_mesos_ResourceProviderInfo(p.resource_provider_info))
    if v := p.total_resources:
        m.total_resources = [_mesos_Resource(e) for e in v]
    if p.HasField("connected"):
        m.connected = p.connected
    if p.HasField("message"):
        m.message = s if type(s := p.message) is str else text(s)
    return m


def _agent_ResponseGetState(p: Any) -> agent.ResponseGetState:
    m = agent.ResponseGetState()
    if p.HasField("get_tasks"):
        m.get_tasks = _agent_ResponseGetTasks(p.get_tasks)
    if p.HasField("get_executors"):
        m.get_executors = _agent_ResponseGetExecutors(p.get_executors)
    if p.HasField("get_frameworks"):
        m.get_frameworks = _agent_ResponseGetFrameworks(p.get_frameworks)
    return m


def _agent_ResponseGetTasks(p: Any) -> agent.ResponseGetTasks:
    m = agent.ResponseGetTasks()
    if v := p.pending_tasks:
        m.pending_tasks = [_mesos_Task(e) for e in v]
    if v := p.queued_tasks:
        m.queued_tasks = [_mesos_Task(e) for e in v]
    if v := p.launched_tasks:
        m.launched_tasks = [_mesos_Task(e) for e in v]
    if v := p.terminated_tasks:
        m.terminated_tasks = [_mesos_Task(e) for e in v]
    if v := p.completed_tasks:
        m.completed_tasks = [_mesos_Task(e) for e in v]
    return m


def _agent_ResponseGetVersion(p: Any) -> agent.ResponseGetVersion:
    return agent.ResponseGetVersion(version_info=_mesos_VersionInfo(p.version_info))


def _agent_ResponseListFiles(p: Any) -> agent.ResponseListFiles:
    m = agent.ResponseListFiles()
    if v := p.file_infos:
        m.file_infos = [_mesos_FileInfo(e) for e in v]
    return m


def _agent_ResponsePruneImages(p: Any) -> agent.ResponsePruneImages:
    m = agent.ResponsePruneImages(freed_bytes=p.freed_bytes)
    if v := p.removed:
        m.removed = [_agent_ResponseGetImagesImage(e) for e in v]
    if v := p.kept:
        m.kept = [_agent_ResponseGetImagesImage(e) for e in v]
    if p.HasField("free_bytes"):
        m.free_bytes = p.free_bytes
    if p.HasField("total_bytes"):
        m.total_bytes = p.total_bytes
    if p.HasField("message"):
        m.message = s if type(s := p.message) is str else text(s)
    return m


def _agent_ResponseReadFile(p: Any) -> agent.ResponseReadFile:
    return agent.ResponseReadFile(size=p.size, data=p.data)


def _agent_ResponseReconfigure(p: Any) -> agent.ResponseReconfigure:
    m = agent.ResponseReconfigure(applied=p.applied)
    if v := p.changes:
        m.changes = [_agent_ResponseReconfigureChange(e) for e in v]
    if p.HasField("refusal"):
        m.refusal = s if type(s := p.refusal) is str else text(s)
    if v := p.notes:
        m.notes = [s if type(s := e) is str else text(s) for e in v]
    return m


def _agent_ResponseReconfigureChange(p: Any) -> agent.ResponseReconfigureChange:
    m = agent.ResponseReconfigureChange(what=s if type(s := p.what) is str else text(s), verdict=s if type(s := p.verdict) is str else text(s))
    if p.HasField("old"):
        m.old = s if type(s := p.old) is str else text(s)
    if p.HasField("new"):
        m.new = s if type(s := p.new) is str else text(s)
    return m


def _agent_ResponseWaitContainer(p: Any) -> agent.ResponseWaitContainer:
    m = agent.ResponseWaitContainer()
    if p.HasField("exit_status"):
        m.exit_status = p.exit_status
    if p.HasField("state"):
        m.state = _mesos_TaskState[p.state]
    if p.HasField("reason"):
        m.reason = _mesos_TaskStatusReason[p.reason]
    if p.HasField("limitation"):
        m.limitation = _mesos_TaskResourceLimitation(p.limitation)
    if p.HasField("message"):
        m.message = s if type(s := p.message) is str else text(s)
    return m


def _agent_ResponseWaitNestedContainer(p: Any) -> agent.ResponseWaitNestedContainer:
    m = agent.ResponseWaitNestedContainer()
    if p.HasField("exit_status"):
        m.exit_status = p.exit_status
    if p.HasField("state"):
        m.state = _mesos_TaskState[p.state]
    if p.HasField("reason"):
        m.reason = _mesos_TaskStatusReason[p.reason]
    if p.HasField("limitation"):
        m.limitation = _mesos_TaskResourceLimitation(p.limitation)
    if p.HasField("message"):
        m.message = s if type(s := p.message) is str else text(s)
    return m


def _allocator_InverseOfferStatus(p: Any) -> allocator.InverseOfferStatus:
    return allocator.InverseOfferStatus(status=_allocator_InverseOfferStatusStatus[p.status], framework_id=_mesos_FrameworkID(p.framework_id), timestamp=_mesos_TimeInfo(p.timestamp))


def _executor_Call(p: Any) -> executor.Call:
    m = executor.Call(executor_id=_mesos_ExecutorID(p.executor_id), framework_id=_mesos_FrameworkID(p.framework_id))
    if p.HasField("type"):
        m.type = _executor_CallType[p.type]
    if p.HasField("subscribe"):
        m.subscribe = _executor_CallSubscribe(p.subscribe)
    if p.HasField("update"):
        m.update = _executor_CallUpdate(p.update)
    if p.HasField("message"):
        m.message = _executor_CallMessage(p.message)
    return m


def _executor_CallMessage(p: Any) -> executor.CallMessage:
    return executor.CallMessage(data=p.data)


def _executor_CallSubscribe(p: Any) -> executor.CallSubscribe:
    m = executor.CallSubscribe()
    if v := p.unacknowledged_tasks:
        m.unacknowledged_tasks = [_mesos_TaskInfo(e) for e in v]
    if v := p.unacknowledged_updates:
        m.unacknowledged_updates = [_executor_CallUpdate(e) for e in v]
    return m


def _executor_CallUpdate(p: Any) -> executor.CallUpdate:
    return executor.CallUpdate(status=_mesos_TaskStatus(p.status))


def _executor_Event(p: Any) -> executor.Event:
    m = executor.Event()
    if p.HasField("type"):
        m.type = _executor_EventType[p.type]
    if p.HasField("subscribed"):
        m.subscribed = _executor_EventSubscribed(p.subscribed)
    if p.HasField("acknowledged"):
        m.acknowledged = _executor_EventAcknowledged(p.acknowledged)
    if p.HasField("launch"):
        m.launch = _executor_EventLaunch(p.launch)
    if p.HasField("kill"):
        m.kill = _executor_EventKill(p.kill)
    if p.HasField("message"):
        m.message = _executor_EventMessage(p.message)
    if p.HasField("error"):
        m.error = _executor_EventError(p.error)
    if p.HasField("launch_group"):
        m.launch_group = _executor_EventLaunchGroup(p.launch_group)
    return m


def _executor_EventAcknowledged(p: Any) -> executor.EventAcknowledged:
    return executor.EventAcknowledged(task_id=_mesos_TaskID(p.task_id), uuid=p.uuid)


def _executor_EventError(p: Any) -> executor.EventError:
    return executor.EventError(message=s if type(s := p.message) is str else text(s))


def _executor_EventKill(p: Any) -> executor.EventKill:
    m = executor.EventKill(task_id=_mesos_TaskID(p.task_id))
    if p.HasField("kill_policy"):
        m.kill_policy = _mesos_KillPolicy(p.kill_policy)
    return m


def _executor_EventLaunch(p: Any) -> executor.EventLaunch:
    return executor.EventLaunch(task=_mesos_TaskInfo(p.task))


def _executor_EventLaunchGroup(p: Any) -> executor.EventLaunchGroup:
    return executor.EventLaunchGroup(task_group=_mesos_TaskGroupInfo(p.task_group))


def _executor_EventMessage(p: Any) -> executor.EventMessage:
    return executor.EventMessage(data=p.data)


def _executor_EventSubscribed(p: Any) -> executor.EventSubscribed:
    m = executor.EventSubscribed(executor_info=_mesos_ExecutorInfo(p.executor_info), framework_info=_mesos_FrameworkInfo(p.framework_info), agent_info=_mesos_AgentInfo(p.agent_info))
    if p.HasField("container_id"):
        m.container_id = _mesos_ContainerID(p.container_id)
    return m


def _maintenance_ClusterStatus(p: Any) -> maintenance.ClusterStatus:
    m = maintenance.ClusterStatus()
    if v := p.draining_machines:
        m.draining_machines = [_maintenance_ClusterStatusDrainingMachine(e) for e in v]
    if v := p.down_machines:
        m.down_machines = [_mesos_MachineID(e) for e in v]
    return m


def _maintenance_ClusterStatusDrainingMachine(p: Any) -> maintenance.ClusterStatusDrainingMachine:
    m = maintenance.ClusterStatusDrainingMachine(id=_mesos_MachineID(p.id))
    if v := p.statuses:
        m.statuses = [_allocator_InverseOfferStatus(e) for e in v]
    return m


def _maintenance_Schedule(p: Any) -> maintenance.Schedule:
    m = maintenance.Schedule()
    if v := p.windows:
        m.windows = [_maintenance_Window(e) for e in v]
    return m


def _maintenance_Window(p: Any) -> maintenance.Window:
    m = maintenance.Window(unavailability=_mesos_Unavailability(p.unavailability))
    if v := p.machine_ids:
        m.machine_ids = [_mesos_MachineID(e) for e in v]
    return m


def _protobuf_Duration(p: Any) -> protobuf.Duration:
    return protobuf.Duration(**{(f := _protobuf_Duration_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _quota_QuotaConfig(p: Any) -> quota.QuotaConfig:
    m = quota.QuotaConfig(role=s if type(s := p.role) is str else text(s))
    if v := p.guarantees:
        m.guarantees = {text(k): _mesos_ValueScalar(e) for k, e in v.items()}
    if v := p.limits:
        m.limits = {text(k): _mesos_ValueScalar(e) for k, e in v.items()}
    return m


def _quota_QuotaInfo(p: Any) -> quota.QuotaInfo:
    m = quota.QuotaInfo()
    if p.HasField("role"):
        m.role = s if type(s := p.role) is str else text(s)
    if p.HasField("principal"):
        m.principal = s if type(s := p.principal) is str else text(s)
    if v := p.guarantee:
        m.guarantee = [_mesos_Resource(e) for e in v]
    return m


def _quota_QuotaRequest(p: Any) -> quota.QuotaRequest:
    m = quota.QuotaRequest()
    if p.HasField("force"):
        m.force = p.force
    if p.HasField("role"):
        m.role = s if type(s := p.role) is str else text(s)
    if v := p.guarantee:
        m.guarantee = [_mesos_Resource(e) for e in v]
    return m


def _quota_QuotaStatus(p: Any) -> quota.QuotaStatus:
    m = quota.QuotaStatus()
    if v := p.infos:
        m.infos = [_quota_QuotaInfo(e) for e in v]
    if v := p.configs:
        m.configs = [_quota_QuotaConfig(e) for e in v]
    return m


def _resource_provider_Call(p: Any) -> resource_provider.Call:
    m = resource_provider.Call()
    if p.HasField("resource_provider_id"):
        m.resource_provider_id = _mesos_ResourceProviderID(p.resource_provider_id)
    if p.HasField("type"):
        m.type = _resource_provider_CallType[p.type]
    if p.HasField("subscribe"):
        m.subscribe = _resource_provider_CallSubscribe(p.subscribe)
    if p.HasField("update_operation_status"):
        m.update_operation_status = _resource_provider_CallUpdateOperationStatus(p.update_operation_status)
    if p.HasField("update_state"):
        m.update_state = _resource_provider_CallUpdateState(p.update_state)
    if p.HasField("update_publish_resources_status"):
        m.update_publish_resources_status = _resource_provider_CallUpdatePublishResourcesStatus(p.update_publish_resources_status)
    return m


def _resource_provider_CallSubscribe(p: Any) -> resource_provider.CallSubscribe:
    return resource_provider.CallSubscribe(resource_provider_info=_mesos_ResourceProviderInfo(p.resource_provider_info))


def _resource_provider_CallUpdateOperationStatus(p: Any) -> resource_provider.CallUpdateOperationStatus:
    m = resource_provider.CallUpdateOperationStatus(status=_mesos_OperationStatus(p.status), operation_uuid=_mesos_UUID(p.operation_uuid))
    if p.HasField("framework_id"):
        m.framework_id = _mesos_FrameworkID(p.framework_id)
    if p.HasField("latest_status"):
        m.latest_status = _mesos_OperationStatus(p.latest_status)
    return m


def _resource_provider_CallUpdatePublishResourcesStatus(p: Any) -> resource_provider.CallUpdatePublishResourcesStatus:
    m = resource_provider.CallUpdatePublishResourcesStatus(uuid=_mesos_UUID(p.uuid), status=_resource_provider_CallUpdatePublishResourcesStatusStatus[p.status])
    if p.HasField("message"):
        m.message = s if type(s := p.message) is str else text(s)
    if v := p.published:
        m.published = [_resource_provider_CallUpdatePublishResourcesStatusPublishedVolume(e) for e in v]
    if v := p.unsettled:
        m.unsettled = [s if type(s := e) is str else text(s) for e in v]
    return m


def _resource_provider_CallUpdatePublishResourcesStatusPublishedVolume(p: Any) -> resource_provider.CallUpdatePublishResourcesStatusPublishedVolume:
    m = resource_provider.CallUpdatePublishResourcesStatusPublishedVolume(source_id=s if type(s := p.source_id) is str else text(s), path=s if type(s := p.path) is str else text(s))
    if p.HasField("block"):
        m.block = p.block
    if p.HasField("provider_id"):
        m.provider_id = _mesos_ResourceProviderID(p.provider_id)
    return m


def _resource_provider_CallUpdateState(p: Any) -> resource_provider.CallUpdateState:
    m = resource_provider.CallUpdateState(resource_version_uuid=_mesos_UUID(p.resource_version_uuid))
    if v := p.operations:
        m.operations = [_mesos_Operation(e) for e in v]
    if v := p.resources:
        m.resources = [_mesos_Resource(e) for e in v]
    if v := p.profiles:
        m.profiles = [_resource_provider_ProfileInfo(e) for e in v]
    if p.HasField("plugin"):
        m.plugin = _resource_provider_PluginState(p.plugin)
    if v := p.notices:
        m.notices = [_resource_provider_VolumeNotice(e) for e in v]
    if p.HasField("notices_total"):
        m.notices_total = p.notices_total
    if p.HasField("more"):
        m.more = p.more
    if v := p.capabilities:
        m.capabilities = [s if type(s := e) is str else text(s) for e in v]
    return m


def _resource_provider_Event(p: Any) -> resource_provider.Event:
    return resource_provider.Event(**{(f := _resource_provider_Event_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _resource_provider_EventAbandonOperation(p: Any) -> resource_provider.EventAbandonOperation:
    return resource_provider.EventAbandonOperation(operation_uuid=_mesos_UUID(p.operation_uuid))


def _resource_provider_EventAcknowledgeOperationStatus(p: Any) -> resource_provider.EventAcknowledgeOperationStatus:
    return resource_provider.EventAcknowledgeOperationStatus(status_uuid=_mesos_UUID(p.status_uuid), operation_uuid=_mesos_UUID(p.operation_uuid))


def _resource_provider_EventApplyOperation(p: Any) -> resource_provider.EventApplyOperation:
    m = resource_provider.EventApplyOperation(info=_mesos_OfferOperation(p.info), operation_uuid=_mesos_UUID(p.operation_uuid), resource_version_uuid=_mesos_UUID(p.resource_version_uuid))
    if p.HasField("framework_id"):
        m.framework_id = _mesos_FrameworkID(p.framework_id)
    return m


def _resource_provider_EventError(p: Any) -> resource_provider.EventError:
    return resource_provider.EventError(message=s if type(s := p.message) is str else text(s))


def _resource_provider_EventPublishResources(p: Any) -> resource_provider.EventPublishResources:
    m = resource_provider.EventPublishResources(uuid=_mesos_UUID(p.uuid))
    if v := p.resources:
        m.resources = [_mesos_Resource(e) for e in v]
    if p.HasField("user"):
        m.user = s if type(s := p.user) is str else text(s)
    if p.HasField("readonly"):
        m.readonly = p.readonly
    return m


def _resource_provider_EventCheckAtRest(p: Any) -> resource_provider.EventCheckAtRest:
    return resource_provider.EventCheckAtRest(uuid=_mesos_UUID(p.uuid))


def _resource_provider_EventReconcileOperations(p: Any) -> resource_provider.EventReconcileOperations:
    m = resource_provider.EventReconcileOperations()
    if v := p.operation_uuids:
        m.operation_uuids = [_mesos_UUID(e) for e in v]
    return m


def _resource_provider_EventAdmitVolume(p: Any) -> resource_provider.EventAdmitVolume:
    m = resource_provider.EventAdmitVolume(source_id=s if type(s := p.source_id) is str else text(s))
    if p.HasField("size_bytes"):
        m.size_bytes = p.size_bytes
    return m


def _resource_provider_EventRetryOperation(p: Any) -> resource_provider.EventRetryOperation:
    return resource_provider.EventRetryOperation(operation_uuid=_mesos_UUID(p.operation_uuid))


def _resource_provider_EventSubscribed(p: Any) -> resource_provider.EventSubscribed:
    m = resource_provider.EventSubscribed(provider_id=_mesos_ResourceProviderID(p.provider_id))
    if p.HasField("heartbeat_interval_seconds"):
        m.heartbeat_interval_seconds = x if -DOUBLE_MAX <= (x := p.heartbeat_interval_seconds) <= DOUBLE_MAX else finite(x)
    return m


def _resource_provider_EventUnpublishResources(p: Any) -> resource_provider.EventUnpublishResources:
    return resource_provider.EventUnpublishResources(uuid=_mesos_UUID(p.uuid), user=s if type(s := p.user) is str else text(s))


def _resource_provider_PluginState(p: Any) -> resource_provider.PluginState:
    return resource_provider.PluginState(**{(f := _resource_provider_PluginState_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _resource_provider_PluginContainerState(p: Any) -> resource_provider.PluginContainerState:
    m = resource_provider.PluginContainerState()
    if p.HasField("container_id"):
        m.container_id = s if type(s := p.container_id) is str else text(s)
    if v := p.services:
        m.services = [s if type(s := e) is str else text(s) for e in v]
    if p.HasField("state"):
        m.state = s if type(s := p.state) is str else text(s)
    if p.HasField("restarts"):
        m.restarts = p.restarts
    if p.HasField("message"):
        m.message = s if type(s := p.message) is str else text(s)
    if v := p.log:
        m.log = [s if type(s := e) is str else text(s) for e in v]
    return m


def _resource_provider_PluginCapability(p: Any) -> resource_provider.PluginCapability:
    m = resource_provider.PluginCapability(name=s if type(s := p.name) is str else text(s))
    if p.HasField("use"):
        m.use = _resource_provider_PluginCapabilityUse[p.use]
    if p.HasField("note"):
        m.note = s if type(s := p.note) is str else text(s)
    return m


def _resource_provider_VolumeNotice(p: Any) -> resource_provider.VolumeNotice:
    m = resource_provider.VolumeNotice(source_id=s if type(s := p.source_id) is str else text(s), kind=_resource_provider_VolumeNoticeKind[p.kind])
    if p.HasField("message"):
        m.message = s if type(s := p.message) is str else text(s)
    if p.HasField("size_bytes"):
        m.size_bytes = p.size_bytes
    return m


def _resource_provider_ProfileInfo(p: Any) -> resource_provider.ProfileInfo:
    return resource_provider.ProfileInfo(**{(f := _resource_provider_ProfileInfo_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _scheduler_APIResult(p: Any) -> scheduler.APIResult:
    m = scheduler.APIResult(status_code=p.status_code)
    if p.HasField("response"):
        m.response = _scheduler_Response(p.response)
    if p.HasField("error"):
        m.error = s if type(s := p.error) is str else text(s)
    return m


def _scheduler_AttributeConstraint(p: Any) -> scheduler.AttributeConstraint:
    return scheduler.AttributeConstraint(selector=_scheduler_AttributeConstraintSelector(p.selector), predicate=_scheduler_AttributeConstraintPredicate(p.predicate))


def _scheduler_AttributeConstraintPredicate(p: Any) -> scheduler.AttributeConstraintPredicate:
    m = scheduler.AttributeConstraintPredicate()
    if p.HasField("exists"):
        m.exists = _scheduler_AttributeConstraintPredicateExists(p.exists)
    if p.HasField("not_exists"):
        m.not_exists = _scheduler_AttributeConstraintPredicateNotExists(p.not_exists)
    if p.HasField("text_equals"):
        m.text_equals = _scheduler_AttributeConstraintPredicateTextEquals(p.text_equals)
    if p.HasField("text_not_equals"):
        m.text_not_equals = _scheduler_AttributeConstraintPredicateTextNotEquals(p.text_not_equals)
    if p.HasField("text_matches"):
        m.text_matches = _scheduler_AttributeConstraintPredicateTextMatches(p.text_matches)
    if p.HasField("text_not_matches"):
        m.text_not_matches = _scheduler_AttributeConstraintPredicateTextNotMatches(p.text_not_matches)
    return m


def _scheduler_AttributeConstraintPredicateExists(p: Any) -> scheduler.AttributeConstraintPredicateExists:
    return scheduler.AttributeConstraintPredicateExists()


def _scheduler_AttributeConstraintPredicateNotExists(p: Any) -> scheduler.AttributeConstraintPredicateNotExists:
    return scheduler.AttributeConstraintPredicateNotExists()


def _scheduler_AttributeConstraintPredicateTextEquals(p: Any) -> scheduler.AttributeConstraintPredicateTextEquals:
    return scheduler.AttributeConstraintPredicateTextEquals(value=s if type(s := p.value) is str else text(s))


def _scheduler_AttributeConstraintPredicateTextMatches(p: Any) -> scheduler.AttributeConstraintPredicateTextMatches:
    return scheduler.AttributeConstraintPredicateTextMatches(regex=s if type(s := p.regex) is str else text(s))


def _scheduler_AttributeConstraintPredicateTextNotEquals(p: Any) -> scheduler.AttributeConstraintPredicateTextNotEquals:
    return scheduler.AttributeConstraintPredicateTextNotEquals(value=s if type(s := p.value) is str else text(s))


def _scheduler_AttributeConstraintPredicateTextNotMatches(p: Any) -> scheduler.AttributeConstraintPredicateTextNotMatches:
    return scheduler.AttributeConstraintPredicateTextNotMatches(regex=s if type(s := p.regex) is str else text(s))


def _scheduler_AttributeConstraintSelector(p: Any) -> scheduler.AttributeConstraintSelector:
    m = scheduler.AttributeConstraintSelector()
    if p.HasField("pseudoattribute_type"):
        m.pseudoattribute_type = _scheduler_AttributeConstraintSelectorPseudoattributeType[p.pseudoattribute_type]
    if p.HasField("attribute_name"):
        m.attribute_name = s if type(s := p.attribute_name) is str else text(s)
    return m


def _scheduler_Call(p: Any) -> scheduler.Call:
    return scheduler.Call(**{(f := _scheduler_Call_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _scheduler_CallAccept(p: Any) -> scheduler.CallAccept:
    m = scheduler.CallAccept()
    if v := p.offer_ids:
        m.offer_ids = [_mesos_OfferID(e) for e in v]
    if v := p.operations:
        m.operations = [_mesos_OfferOperation(e) for e in v]
    if p.HasField("filters"):
        m.filters = _mesos_Filters(p.filters)
    return m


def _scheduler_CallAcceptInverseOffers(p: Any) -> scheduler.CallAcceptInverseOffers:
    m = scheduler.CallAcceptInverseOffers()
    if v := p.inverse_offer_ids:
        m.inverse_offer_ids = [_mesos_OfferID(e) for e in v]
    if p.HasField("filters"):
        m.filters = _mesos_Filters(p.filters)
    return m


def _scheduler_CallAcknowledge(p: Any) -> scheduler.CallAcknowledge:
    return scheduler.CallAcknowledge(agent_id=_mesos_AgentID(p.agent_id), task_id=_mesos_TaskID(p.task_id), uuid=p.uuid)


def _scheduler_CallAcknowledgeOperationStatus(p: Any) -> scheduler.CallAcknowledgeOperationStatus:
    m = scheduler.CallAcknowledgeOperationStatus(uuid=p.uuid, operation_id=_mesos_OperationID(p.operation_id))
    if p.HasField("agent_id"):
        m.agent_id = _mesos_AgentID(p.agent_id)
    if p.HasField("resource_provider_id"):
        m.resource_provider_id = _mesos_ResourceProviderID(p.resource_provider_id)
    return m


def _scheduler_CallDecline(p: Any) -> scheduler.CallDecline:
    m = scheduler.CallDecline()
    if v := p.offer_ids:
        m.offer_ids = [_mesos_OfferID(e) for e in v]
    if p.HasField("filters"):
        m.filters = _mesos_Filters(p.filters)
    return m


def _scheduler_CallDeclineInverseOffers(p: Any) -> scheduler.CallDeclineInverseOffers:
    m = scheduler.CallDeclineInverseOffers()
    if v := p.inverse_offer_ids:
        m.inverse_offer_ids = [_mesos_OfferID(e) for e in v]
    if p.HasField("filters"):
        m.filters = _mesos_Filters(p.filters)
    return m


def _scheduler_CallKill(p: Any) -> scheduler.CallKill:
    m = scheduler.CallKill(task_id=_mesos_TaskID(p.task_id))
    if p.HasField("agent_id"):
        m.agent_id = _mesos_AgentID(p.agent_id)
    if p.HasField("kill_policy"):
        m.kill_policy = _mesos_KillPolicy(p.kill_policy)
    return m


def _scheduler_CallMessage(p: Any) -> scheduler.CallMessage:
    return scheduler.CallMessage(agent_id=_mesos_AgentID(p.agent_id), executor_id=_mesos_ExecutorID(p.executor_id), data=p.data)


def _scheduler_CallReconcile(p: Any) -> scheduler.CallReconcile:
    m = scheduler.CallReconcile()
    if v := p.tasks:
        m.tasks = [_scheduler_CallReconcileTask(e) for e in v]
    return m


def _scheduler_CallReconcileTask(p: Any) -> scheduler.CallReconcileTask:
    m = scheduler.CallReconcileTask(task_id=_mesos_TaskID(p.task_id))
    if p.HasField("agent_id"):
        m.agent_id = _mesos_AgentID(p.agent_id)
    return m


def _scheduler_CallReconcileOperations(p: Any) -> scheduler.CallReconcileOperations:
    m = scheduler.CallReconcileOperations()
    if v := p.operations:
        m.operations = [_scheduler_CallReconcileOperationsOperation(e) for e in v]
    return m


def _scheduler_CallReconcileOperationsOperation(p: Any) -> scheduler.CallReconcileOperationsOperation:
    m = scheduler.CallReconcileOperationsOperation(operation_id=_mesos_OperationID(p.operation_id))
    if p.HasField("agent_id"):
        m.agent_id = _mesos_AgentID(p.agent_id)
    if p.HasField("resource_provider_id"):
        m.resource_provider_id = _mesos_ResourceProviderID(p.resource_provider_id)
    return m


def _scheduler_CallRequest(p: Any) -> scheduler.CallRequest:
    m = scheduler.CallRequest()
    if v := p.requests:
        m.requests = [_mesos_Request(e) for e in v]
    return m


def _scheduler_CallRevive(p: Any) -> scheduler.CallRevive:
    m = scheduler.CallRevive()
    if v := p.roles:
        m.roles = [s if type(s := e) is str else text(s) for e in v]
    return m


def _scheduler_CallShutdown(p: Any) -> scheduler.CallShutdown:
    return scheduler.CallShutdown(executor_id=_mesos_ExecutorID(p.executor_id), agent_id=_mesos_AgentID(p.agent_id))


def _scheduler_CallSubscribe(p: Any) -> scheduler.CallSubscribe:
    m = scheduler.CallSubscribe(framework_info=_mesos_FrameworkInfo(p.framework_info))
    if v := p.suppressed_roles:
        m.suppressed_roles = [s if type(s := e) is str else text(s) for e in v]
    if p.HasField("offer_constraints"):
        m.offer_constraints = _scheduler_OfferConstraints(p.offer_constraints)
    return m


def _scheduler_CallSuppress(p: Any) -> scheduler.CallSuppress:
    m = scheduler.CallSuppress()
    if v := p.roles:
        m.roles = [s if type(s := e) is str else text(s) for e in v]
    return m


def _scheduler_CallUpdateFramework(p: Any) -> scheduler.CallUpdateFramework:
    m = scheduler.CallUpdateFramework(framework_info=_mesos_FrameworkInfo(p.framework_info))
    if v := p.suppressed_roles:
        m.suppressed_roles = [s if type(s := e) is str else text(s) for e in v]
    if p.HasField("offer_constraints"):
        m.offer_constraints = _scheduler_OfferConstraints(p.offer_constraints)
    return m


def _scheduler_Event(p: Any) -> scheduler.Event:
    return scheduler.Event(**{(f := _scheduler_Event_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _scheduler_EventError(p: Any) -> scheduler.EventError:
    return scheduler.EventError(message=s if type(s := p.message) is str else text(s))


def _scheduler_EventFailure(p: Any) -> scheduler.EventFailure:
    m = scheduler.EventFailure()
    if p.HasField("agent_id"):
        m.agent_id = _mesos_AgentID(p.agent_id)
    if p.HasField("executor_id"):
        m.executor_id = _mesos_ExecutorID(p.executor_id)
    if p.HasField("status"):
        m.status = p.status
    return m


def _scheduler_EventInverseOffers(p: Any) -> scheduler.EventInverseOffers:
    m = scheduler.EventInverseOffers()
    if v := p.inverse_offers:
        m.inverse_offers = [_mesos_InverseOffer(e) for e in v]
    return m


def _scheduler_EventMessage(p: Any) -> scheduler.EventMessage:
    return scheduler.EventMessage(agent_id=_mesos_AgentID(p.agent_id), executor_id=_mesos_ExecutorID(p.executor_id), data=p.data)


def _scheduler_EventOffers(p: Any) -> scheduler.EventOffers:
    m = scheduler.EventOffers()
    if v := p.offers:
        m.offers = [_mesos_Offer(e) for e in v]
    return m


def _scheduler_EventRescind(p: Any) -> scheduler.EventRescind:
    return scheduler.EventRescind(offer_id=_mesos_OfferID(p.offer_id))


def _scheduler_EventRescindInverseOffer(p: Any) -> scheduler.EventRescindInverseOffer:
    return scheduler.EventRescindInverseOffer(inverse_offer_id=_mesos_OfferID(p.inverse_offer_id))


def _scheduler_EventSubscribed(p: Any) -> scheduler.EventSubscribed:
    m = scheduler.EventSubscribed(framework_id=_mesos_FrameworkID(p.framework_id))
    if p.HasField("heartbeat_interval_seconds"):
        m.heartbeat_interval_seconds = x if -DOUBLE_MAX <= (x := p.heartbeat_interval_seconds) <= DOUBLE_MAX else finite(x)
    if p.HasField("master_info"):
        m.master_info = _mesos_MasterInfo(p.master_info)
    return m


def _scheduler_EventUpdate(p: Any) -> scheduler.EventUpdate:
    return scheduler.EventUpdate(status=_mesos_TaskStatus(p.status))


def _scheduler_EventUpdateOperationStatus(p: Any) -> scheduler.EventUpdateOperationStatus:
    return scheduler.EventUpdateOperationStatus(status=_mesos_OperationStatus(p.status))


def _scheduler_OfferConstraints(p: Any) -> scheduler.OfferConstraints:
    m = scheduler.OfferConstraints()
    if v := p.role_constraints:
        m.role_constraints = {text(k): _scheduler_OfferConstraintsRoleConstraints(e) for k, e in v.items()}
    return m


def _scheduler_OfferConstraintsRoleConstraints(p: Any) -> scheduler.OfferConstraintsRoleConstraints:
    m = scheduler.OfferConstraintsRoleConstraints()
    if v := p.groups:
        m.groups = [_scheduler_OfferConstraintsRoleConstraintsGroup(e) for e in v]
    return m


def _scheduler_OfferConstraintsRoleConstraintsGroup(p: Any) -> scheduler.OfferConstraintsRoleConstraintsGroup:
    m = scheduler.OfferConstraintsRoleConstraintsGroup()
    if v := p.attribute_constraints:
        m.attribute_constraints = [_scheduler_AttributeConstraint(e) for e in v]
    return m


def _scheduler_Response(p: Any) -> scheduler.Response:
    m = scheduler.Response()
    if p.HasField("type"):
        m.type = _scheduler_ResponseType[p.type]
    if p.HasField("reconcile_operations"):
        m.reconcile_operations = _scheduler_ResponseReconcileOperations(p.reconcile_operations)
    return m


def _scheduler_ResponseReconcileOperations(p: Any) -> scheduler.ResponseReconcileOperations:
    m = scheduler.ResponseReconcileOperations()
    if v := p.operation_statuses:
        m.operation_statuses = [_mesos_OperationStatus(e) for e in v]
    return m


def _master_Call(p: Any) -> master.Call:
    return master.Call(**{(f := _master_Call_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _master_CallFollow(p: Any) -> master.CallFollow:
    m = master.CallFollow()
    if p.HasField("follower"):
        m.follower = s if type(s := p.follower) is str else text(s)
    if p.HasField("number"):
        m.number = p.number
    if p.HasField("standby"):
        m.standby = s if type(s := p.standby) is str else text(s)
    if p.HasField("address"):
        m.address = s if type(s := p.address) is str else text(s)
    return m


def _master_CallAbandonOperation(p: Any) -> master.CallAbandonOperation:
    return master.CallAbandonOperation(operation_id=s if type(s := p.operation_id) is str else text(s))


def _master_CallCreateVolumes(p: Any) -> master.CallCreateVolumes:
    m = master.CallCreateVolumes(agent_id=_mesos_AgentID(p.agent_id))
    if v := p.volumes:
        m.volumes = [_mesos_Resource(e) for e in v]
    return m


def _master_CallDeactivateAgent(p: Any) -> master.CallDeactivateAgent:
    return master.CallDeactivateAgent(agent_id=_mesos_AgentID(p.agent_id))


def _master_CallDeprovisionVolume(p: Any) -> master.CallDeprovisionVolume:
    m = master.CallDeprovisionVolume(name=s if type(s := p.name) is str else text(s))
    if p.HasField("force"):
        m.force = p.force
    return m


def _master_CallDestroyVolumes(p: Any) -> master.CallDestroyVolumes:
    m = master.CallDestroyVolumes(agent_id=_mesos_AgentID(p.agent_id))
    if v := p.volumes:
        m.volumes = [_mesos_Resource(e) for e in v]
    return m


def _master_CallDrainAgent(p: Any) -> master.CallDrainAgent:
    m = master.CallDrainAgent(agent_id=_mesos_AgentID(p.agent_id))
    if p.HasField("max_grace_period"):
        m.max_grace_period = _protobuf_Duration(p.max_grace_period)
    if p.HasField("mark_gone"):
        m.mark_gone = p.mark_gone
    return m


def _master_CallExpandVolume(p: Any) -> master.CallExpandVolume:
    return master.CallExpandVolume(name=s if type(s := p.name) is str else text(s), size_bytes=p.size_bytes)


def _master_CallGetMetrics(p: Any) -> master.CallGetMetrics:
    m = master.CallGetMetrics()
    if p.HasField("timeout"):
        m.timeout = _mesos_DurationInfo(p.timeout)
    return m


def _master_CallGetOperationHistory(p: Any) -> master.CallGetOperationHistory:
    m = master.CallGetOperationHistory()
    if p.HasField("limit"):
        m.limit = p.limit
    if p.HasField("before"):
        m.before = s if type(s := p.before) is str else text(s)
    return m


def _master_CallGetVolumes(p: Any) -> master.CallGetVolumes:
    m = master.CallGetVolumes()
    if p.HasField("name"):
        m.name = s if type(s := p.name) is str else text(s)
    return m


def _master_CallExplainOffers(p: Any) -> master.CallExplainOffers:
    m = master.CallExplainOffers(role=s if type(s := p.role) is str else text(s))
    if p.HasField("framework_id"):
        m.framework_id = _mesos_FrameworkID(p.framework_id)
    if p.HasField("limit"):
        m.limit = p.limit
    return m


def _master_CallGrowVolume(p: Any) -> master.CallGrowVolume:
    m = master.CallGrowVolume(volume=_mesos_Resource(p.volume), addition=_mesos_Resource(p.addition))
    if p.HasField("agent_id"):
        m.agent_id = _mesos_AgentID(p.agent_id)
    return m


def _master_CallKillTask(p: Any) -> master.CallKillTask:
    m = master.CallKillTask(framework_id=_mesos_FrameworkID(p.framework_id), task_id=_mesos_TaskID(p.task_id))
    if p.HasField("kill_policy"):
        m.kill_policy = _mesos_KillPolicy(p.kill_policy)
    return m


def _master_CallListFiles(p: Any) -> master.CallListFiles:
    return master.CallListFiles(path=s if type(s := p.path) is str else text(s))


def _master_CallMarkAgentGone(p: Any) -> master.CallMarkAgentGone:
    return master.CallMarkAgentGone(agent_id=_mesos_AgentID(p.agent_id))


def _master_CallProvisionVolume(p: Any) -> master.CallProvisionVolume:
    m = master.CallProvisionVolume(name=s if type(s := p.name) is str else text(s), profile=s if type(s := p.profile) is str else text(s), size_bytes=p.size_bytes)
    if p.HasField("block"):
        m.block = p.block
    if p.HasField("role"):
        m.role = s if type(s := p.role) is str else text(s)
    if p.HasField("agent_id"):
        m.agent_id = _mesos_AgentID(p.agent_id)
    if p.HasField("provider"):
        m.provider = s if type(s := p.provider) is str else text(s)
    return m


def _master_CallReactivateAgent(p: Any) -> master.CallReactivateAgent:
    m = master.CallReactivateAgent(agent_id=_mesos_AgentID(p.agent_id))
    if p.HasField("force"):
        m.force = p.force
    return m


def _master_CallReadFile(p: Any) -> master.CallReadFile:
    m = master.CallReadFile(path=s if type(s := p.path) is str else text(s), offset=p.offset)
    if p.HasField("length"):
        m.length = p.length
    return m


def _master_CallRemoveQuota(p: Any) -> master.CallRemoveQuota:
    return master.CallRemoveQuota(role=s if type(s := p.role) is str else text(s))


def _master_CallReserveResources(p: Any) -> master.CallReserveResources:
    m = master.CallReserveResources(agent_id=_mesos_AgentID(p.agent_id))
    if v := p.resources:
        m.resources = [_mesos_Resource(e) for e in v]
    if v := p.source:
        m.source = [_mesos_Resource(e) for e in v]
    return m


def _master_CallAdoptVolume(p: Any) -> master.CallAdoptVolume:
    m = master.CallAdoptVolume(source_id=s if type(s := p.source_id) is str else text(s))
    if p.HasField("agent_id"):
        m.agent_id = _mesos_AgentID(p.agent_id)
    if p.HasField("resource_provider_id"):
        m.resource_provider_id = _mesos_ResourceProviderID(p.resource_provider_id)
    if p.HasField("name"):
        m.name = s if type(s := p.name) is str else text(s)
    if p.HasField("role"):
        m.role = s if type(s := p.role) is str else text(s)
    if p.HasField("profile"):
        m.profile = s if type(s := p.profile) is str else text(s)
    if p.HasField("size_bytes"):
        m.size_bytes = p.size_bytes
    return m


def _master_CallRetryOperation(p: Any) -> master.CallRetryOperation:
    return master.CallRetryOperation(operation_id=s if type(s := p.operation_id) is str else text(s))


def _master_CallSetLoggingLevel(p: Any) -> master.CallSetLoggingLevel:
    return master.CallSetLoggingLevel(level=p.level, duration=_mesos_DurationInfo(p.duration))


def _master_CallSetQuota(p: Any) -> master.CallSetQuota:
    return master.CallSetQuota(quota_request=_quota_QuotaRequest(p.quota_request))


def _master_CallShrinkVolume(p: Any) -> master.CallShrinkVolume:
    m = master.CallShrinkVolume(volume=_mesos_Resource(p.volume), subtract=_mesos_ValueScalar(p.subtract))
    if p.HasField("agent_id"):
        m.agent_id = _mesos_AgentID(p.agent_id)
    return m


def _master_CallStartMaintenance(p: Any) -> master.CallStartMaintenance:
    m = master.CallStartMaintenance()
    if v := p.machines:
        m.machines = [_mesos_MachineID(e) for e in v]
    return m


def _master_CallStopMaintenance(p: Any) -> master.CallStopMaintenance:
    m = master.CallStopMaintenance()
    if v := p.machines:
        m.machines = [_mesos_MachineID(e) for e in v]
    return m


def _master_CallSubscribe(p: Any) -> master.CallSubscribe:
    m = master.CallSubscribe()
    if v := p.framework_ids:
        m.framework_ids = [_mesos_FrameworkID(e) for e in v]
    if v := p.agent_ids:
        m.agent_ids = [_mesos_AgentID(e) for e in v]
    return m


def _master_CallTeardown(p: Any) -> master.CallTeardown:
    return master.CallTeardown(framework_id=_mesos_FrameworkID(p.framework_id))


def _master_CallUnreserveResources(p: Any) -> master.CallUnreserveResources:
    m = master.CallUnreserveResources(agent_id=_mesos_AgentID(p.agent_id))
    if v := p.resources:
        m.resources = [_mesos_Resource(e) for e in v]
    return m


def _master_CallUpdateMaintenanceSchedule(p: Any) -> master.CallUpdateMaintenanceSchedule:
    return master.CallUpdateMaintenanceSchedule(schedule=_maintenance_Schedule(p.schedule))


def _master_CallUpdateQuota(p: Any) -> master.CallUpdateQuota:
    m = master.CallUpdateQuota()
    if p.HasField("force"):
        m.force = p.force
    if v := p.quota_configs:
        m.quota_configs = [_quota_QuotaConfig(e) for e in v]
    return m


def _master_CallUpdateWeights(p: Any) -> master.CallUpdateWeights:
    m = master.CallUpdateWeights()
    if v := p.weight_infos:
        m.weight_infos = [_mesos_WeightInfo(e) for e in v]
    return m


def _master_Event(p: Any) -> master.Event:
    return master.Event(**{(f := _master_Event_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _master_EventAgentAdded(p: Any) -> master.EventAgentAdded:
    return master.EventAgentAdded(agent=_master_ResponseGetAgentsAgent(p.agent))


def _master_EventAgentRemoved(p: Any) -> master.EventAgentRemoved:
    return master.EventAgentRemoved(agent_id=_mesos_AgentID(p.agent_id))


def _master_EventAgentUpdated(p: Any) -> master.EventAgentUpdated:
    return master.EventAgentUpdated(agent=_master_ResponseGetAgentsAgent(p.agent))


def _master_EventFrameworkAdded(p: Any) -> master.EventFrameworkAdded:
    return master.EventFrameworkAdded(framework=_master_ResponseGetFrameworksFramework(p.framework))


def _master_EventFrameworkRemoved(p: Any) -> master.EventFrameworkRemoved:
    return master.EventFrameworkRemoved(framework_info=_mesos_FrameworkInfo(p.framework_info))


def _master_EventFrameworkUpdated(p: Any) -> master.EventFrameworkUpdated:
    return master.EventFrameworkUpdated(framework=_master_ResponseGetFrameworksFramework(p.framework))


def _master_EventOperationUpdated(p: Any) -> master.EventOperationUpdated:
    return master.EventOperationUpdated(operation=_mesos_Operation(p.operation))


def _master_EventProviderUpdated(p: Any) -> master.EventProviderUpdated:
    m = master.EventProviderUpdated(provider=_master_Provider(p.provider))
    if p.HasField("removed"):
        m.removed = p.removed
    return m


def _master_EventSubscribed(p: Any) -> master.EventSubscribed:
    m = master.EventSubscribed()
    if p.HasField("get_state"):
        m.get_state = _master_ResponseGetState(p.get_state)
    if p.HasField("heartbeat_interval_seconds"):
        m.heartbeat_interval_seconds = x if -DOUBLE_MAX <= (x := p.heartbeat_interval_seconds) <= DOUBLE_MAX else finite(x)
    return m


def _master_EventTaskAdded(p: Any) -> master.EventTaskAdded:
    return master.EventTaskAdded(task=_mesos_Task(p.task))


def _master_EventTaskUpdated(p: Any) -> master.EventTaskUpdated:
    return master.EventTaskUpdated(framework_id=_mesos_FrameworkID(p.framework_id), status=_mesos_TaskStatus(p.status), state=_mesos_TaskState[p.state])


def _master_EventVolumeUpdated(p: Any) -> master.EventVolumeUpdated:
    m = master.EventVolumeUpdated(volume=_master_VolumeInfo(p.volume))
    if p.HasField("removed"):
        m.removed = p.removed
    return m


def _master_Profile(p: Any) -> master.Profile:
    return master.Profile(**{(f := _master_Profile_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _master_Provider(p: Any) -> master.Provider:
    m = master.Provider(resource_provider_info=_mesos_ResourceProviderInfo(p.resource_provider_info))
    if p.HasField("agent_id"):
        m.agent_id = _mesos_AgentID(p.agent_id)
    if v := p.total_resources:
        m.total_resources = [_mesos_Resource(e) for e in v]
    if p.HasField("resource_version_uuid"):
        m.resource_version_uuid = _mesos_UUID(p.resource_version_uuid)
    if p.HasField("plugin"):
        m.plugin = _resource_provider_PluginState(p.plugin)
    if p.HasField("connected"):
        m.connected = p.connected
    if v := p.profiles:
        m.profiles = [_resource_provider_ProfileInfo(e) for e in v]
    if v := p.notices:
        m.notices = [_resource_provider_VolumeNotice(e) for e in v]
    if p.HasField("notices_total"):
        m.notices_total = p.notices_total
    return m


def _master_Standby(p: Any) -> master.Standby:
    m = master.Standby(name=s if type(s := p.name) is str else text(s))
    if p.HasField("address"):
        m.address = s if type(s := p.address) is str else text(s)
    return m


def _master_Response(p: Any) -> master.Response:
    return master.Response(**{(f := _master_Response_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _master_ResponseAbandonOperation(p: Any) -> master.ResponseAbandonOperation:
    m = master.ResponseAbandonOperation(operation=_mesos_Operation(p.operation))
    if p.HasField("message"):
        m.message = s if type(s := p.message) is str else text(s)
    return m


def _master_ResponseDeprovisionVolume(p: Any) -> master.ResponseDeprovisionVolume:
    m = master.ResponseDeprovisionVolume()
    if p.HasField("volume"):
        m.volume = _master_VolumeInfo(p.volume)
    return m


def _master_ResponseExplainOffers(p: Any) -> master.ResponseExplainOffers:
    m = master.ResponseExplainOffers()
    if v := p.withheld:
        m.withheld = [_master_Withheld(e) for e in v]
    if p.HasField("total"):
        m.total = p.total
    return m


def _master_ResponseExpandVolume(p: Any) -> master.ResponseExpandVolume:
    m = master.ResponseExpandVolume(volume=_master_VolumeInfo(p.volume))
    if p.HasField("operation_id"):
        m.operation_id = s if type(s := p.operation_id) is str else text(s)
    return m


def _master_ResponseGetAgents(p: Any) -> master.ResponseGetAgents:
    m = master.ResponseGetAgents()
    if v := p.agents:
        m.agents = [_master_ResponseGetAgentsAgent(e) for e in v]
    if v := p.recovered_agents:
        m.recovered_agents = [_mesos_AgentInfo(e) for e in v]
    return m


def _master_ResponseGetAgentsAgent(p: Any) -> master.ResponseGetAgentsAgent:
    return master.ResponseGetAgentsAgent(**{(f := _master_ResponseGetAgentsAgent_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


def _master_ResponseGetAgentsAgentResourceProvider(p: Any) -> master.ResponseGetAgentsAgentResourceProvider:
    m = master.ResponseGetAgentsAgentResourceProvider(resource_provider_info=_mesos_ResourceProviderInfo(p.resource_provider_info))
    if v := p.total_resources:
        m.total_resources = [_mesos_Resource(e) for e in v]
    return m


def _master_ResponseGetExecutors(p: Any) -> master.ResponseGetExecutors:
    m = master.ResponseGetExecutors()
    if v := p.executors:
        m.executors = [_master_ResponseGetExecutorsExecutor(e) for e in v]
    if v := p.orphan_executors:
        m.orphan_executors = [_master_ResponseGetExecutorsExecutor(e) for e in v]
    return m


def _master_ResponseGetExecutorsExecutor(p: Any) -> master.ResponseGetExecutorsExecutor:
    return master.ResponseGetExecutorsExecutor(executor_info=_mesos_ExecutorInfo(p.executor_info), agent_id=_mesos_AgentID(p.agent_id))


def _master_ResponseGetFlags(p: Any) -> master.ResponseGetFlags:
    m = master.ResponseGetFlags()
    if v := p.flags:
        m.flags = [_mesos_Flag(e) for e in v]
    return m


def _master_ResponseGetFrameworks(p: Any) -> master.ResponseGetFrameworks:
    m = master.ResponseGetFrameworks()
    if v := p.frameworks:
        m.frameworks = [_master_ResponseGetFrameworksFramework(e) for e in v]
    if v := p.completed_frameworks:
        m.completed_frameworks = [_master_ResponseGetFrameworksFramework(e) for e in v]
    if v := p.recovered_frameworks:
        m.recovered_frameworks = [_mesos_FrameworkInfo(e) for e in v]
    return m


def _master_ResponseGetFrameworksFramework(p: Any) -> master.ResponseGetFrameworksFramework:
    m = master.ResponseGetFrameworksFramework(framework_info=_mesos_FrameworkInfo(p.framework_info), active=p.active, connected=p.connected, recovered=p.recovered)
    if p.HasField("registered_time"):
        m.registered_time = _mesos_TimeInfo(p.registered_time)
    if p.HasField("reregistered_time"):
        m.reregistered_time = _mesos_TimeInfo(p.reregistered_time)
    if p.HasField("unregistered_time"):
        m.unregistered_time = _mesos_TimeInfo(p.unregistered_time)
    if v := p.offers:
        m.offers = [_mesos_Offer(e) for e in v]
    if v := p.inverse_offers:
        m.inverse_offers = [_mesos_InverseOffer(e) for e in v]
    if v := p.allocated_resources:
        m.allocated_resources = [_mesos_Resource(e) for e in v]
    if v := p.offered_resources:
        m.offered_resources = [_mesos_Resource(e) for e in v]
    if p.HasField("offer_constraints"):
        m.offer_constraints = _scheduler_OfferConstraints(p.offer_constraints)
    return m


def _master_ResponseGetHealth(p: Any) -> master.ResponseGetHealth:
    return master.ResponseGetHealth(healthy=p.healthy)


def _master_ResponseGetLoggingLevel(p: Any) -> master.ResponseGetLoggingLevel:
    return master.ResponseGetLoggingLevel(level=p.level)


def _master_ResponseGetMaintenanceSchedule(p: Any) -> master.ResponseGetMaintenanceSchedule:
    return master.ResponseGetMaintenanceSchedule(schedule=_maintenance_Schedule(p.schedule))


def _master_ResponseGetMaintenanceStatus(p: Any) -> master.ResponseGetMaintenanceStatus:
    return master.ResponseGetMaintenanceStatus(status=_maintenance_ClusterStatus(p.status))


def _master_ResponseGetMaster(p: Any) -> master.ResponseGetMaster:
    m = master.ResponseGetMaster()
    if p.HasField("master_info"):
        m.master_info = _mesos_MasterInfo(p.master_info)
    if p.HasField("start_time"):
        m.start_time = x if -DOUBLE_MAX <= (x := p.start_time) <= DOUBLE_MAX else finite(x)
    if p.HasField("elected_time"):
        m.elected_time = x if -DOUBLE_MAX <= (x := p.elected_time) <= DOUBLE_MAX else finite(x)
    if p.HasField("offers_paused"):
        m.offers_paused = s if type(s := p.offers_paused) is str else text(s)
    if v := p.standbys:
        m.standbys = [_master_Standby(e) for e in v]
    if p.HasField("writes_waiting"):
        m.writes_waiting = s if type(s := p.writes_waiting) is str else text(s)
    if p.HasField("registry_differences"):
        m.registry_differences = p.registry_differences
    return m


def _master_ResponseGetMetrics(p: Any) -> master.ResponseGetMetrics:
    m = master.ResponseGetMetrics()
    if v := p.metrics:
        m.metrics = [_mesos_Metric(e) for e in v]
    return m


def _master_ResponseGetOperationHistory(p: Any) -> master.ResponseGetOperationHistory:
    m = master.ResponseGetOperationHistory()
    if v := p.operations:
        m.operations = [_mesos_Operation(e) for e in v]
    if p.HasField("next"):
        m.next = s if type(s := p.next) is str else text(s)
    if p.HasField("total"):
        m.total = p.total
    return m


def _master_ResponseGetOperations(p: Any) -> master.ResponseGetOperations:
    m = master.ResponseGetOperations()
    if v := p.operations:
        m.operations = [_mesos_Operation(e) for e in v]
    return m


def _master_ResponseGetProfiles(p: Any) -> master.ResponseGetProfiles:
    m = master.ResponseGetProfiles()
    if v := p.profiles:
        m.profiles = [_master_Profile(e) for e in v]
    return m


def _master_ResponseGetQuota(p: Any) -> master.ResponseGetQuota:
    return master.ResponseGetQuota(status=_quota_QuotaStatus(p.status))


def _master_ResponseGetRegistryDifferences(p: Any) -> master.ResponseGetRegistryDifferences:
    m = master.ResponseGetRegistryDifferences()
    if p.HasField("restoration"):
        m.restoration = _master_RegistryRestoration(p.restoration)
    if v := p.differences:
        m.differences = [_master_RegistryDifference(e) for e in v]
    return m


def _master_ResponseGetResourceProviders(p: Any) -> master.ResponseGetResourceProviders:
    m = master.ResponseGetResourceProviders()
    if v := p.resource_providers:
        m.resource_providers = [_master_Provider(e) for e in v]
    return m


def _master_ResponseGetRoles(p: Any) -> master.ResponseGetRoles:
    m = master.ResponseGetRoles()
    if v := p.roles:
        m.roles = [_mesos_Role(e) for e in v]
    return m


def _master_ResponseGetState(p: Any) -> master.ResponseGetState:
    m = master.ResponseGetState()
    if p.HasField("get_tasks"):
        m.get_tasks = _master_ResponseGetTasks(p.get_tasks)
    if p.HasField("get_executors"):
        m.get_executors = _master_ResponseGetExecutors(p.get_executors)
    if p.HasField("get_frameworks"):
        m.get_frameworks = _master_ResponseGetFrameworks(p.get_frameworks)
    if p.HasField("get_agents"):
        m.get_agents = _master_ResponseGetAgents(p.get_agents)
    if p.HasField("get_operations"):
        m.get_operations = _master_ResponseGetOperations(p.get_operations)
    if p.HasField("get_volumes"):
        m.get_volumes = _master_ResponseGetVolumes(p.get_volumes)
    return m


def _master_ResponseGetTasks(p: Any) -> master.ResponseGetTasks:
    m = master.ResponseGetTasks()
    if v := p.pending_tasks:
        m.pending_tasks = [_mesos_Task(e) for e in v]
    if v := p.tasks:
        m.tasks = [_mesos_Task(e) for e in v]
    if v := p.completed_tasks:
        m.completed_tasks = [_mesos_Task(e) for e in v]
    if v := p.orphan_tasks:
        m.orphan_tasks = [_mesos_Task(e) for e in v]
    if v := p.unreachable_tasks:
        m.unreachable_tasks = [_mesos_Task(e) for e in v]
    return m


def _master_ResponseGetVersion(p: Any) -> master.ResponseGetVersion:
    return master.ResponseGetVersion(version_info=_mesos_VersionInfo(p.version_info))


def _master_ResponseGetVolumes(p: Any) -> master.ResponseGetVolumes:
    m = master.ResponseGetVolumes()
    if v := p.volumes:
        m.volumes = [_master_VolumeInfo(e) for e in v]
    return m


def _master_ResponseGetWeights(p: Any) -> master.ResponseGetWeights:
    m = master.ResponseGetWeights()
    if v := p.weight_infos:
        m.weight_infos = [_mesos_WeightInfo(e) for e in v]
    return m


def _master_ResponseListFiles(p: Any) -> master.ResponseListFiles:
    m = master.ResponseListFiles()
    if v := p.file_infos:
        m.file_infos = [_mesos_FileInfo(e) for e in v]
    return m


def _master_ResponseProvisionVolume(p: Any) -> master.ResponseProvisionVolume:
    m = master.ResponseProvisionVolume(volume=_master_VolumeInfo(p.volume))
    if p.HasField("operation_id"):
        m.operation_id = s if type(s := p.operation_id) is str else text(s)
    return m


def _master_ResponseReadFile(p: Any) -> master.ResponseReadFile:
    return master.ResponseReadFile(size=p.size, data=p.data)


def _master_ResponseAdoptVolume(p: Any) -> master.ResponseAdoptVolume:
    m = master.ResponseAdoptVolume()
    if p.HasField("volume"):
        m.volume = _master_VolumeInfo(p.volume)
    return m


def _master_ResponseRetryOperation(p: Any) -> master.ResponseRetryOperation:
    m = master.ResponseRetryOperation(operation=_mesos_Operation(p.operation))
    if p.HasField("message"):
        m.message = s if type(s := p.message) is str else text(s)
    return m


def _master_RegistryRestoration(p: Any) -> master.RegistryRestoration:
    return master.RegistryRestoration(taken=x if -DOUBLE_MAX <= (x := p.taken) <= DOUBLE_MAX else finite(x), restored=x if -DOUBLE_MAX <= (x := p.restored) <= DOUBLE_MAX else finite(x))


def _master_RegistryDifference(p: Any) -> master.RegistryDifference:
    m = master.RegistryDifference(kind=s if type(s := p.kind) is str else text(s), subject=s if type(s := p.subject) is str else text(s), message=s if type(s := p.message) is str else text(s))
    if p.HasField("found"):
        m.found = x if -DOUBLE_MAX <= (x := p.found) <= DOUBLE_MAX else finite(x)
    return m


def _master_Withheld(p: Any) -> master.Withheld:
    m = master.Withheld(role=s if type(s := p.role) is str else text(s), agent_id=_mesos_AgentID(p.agent_id), code=s if type(s := p.code) is str else text(s), reason=s if type(s := p.reason) is str else text(s))
    if p.HasField("framework_id"):
        m.framework_id = _mesos_FrameworkID(p.framework_id)
    if p.HasField("hostname"):
        m.hostname = s if type(s := p.hostname) is str else text(s)
    return m


def _master_VolumeInfo(p: Any) -> master.VolumeInfo:
    return master.VolumeInfo(**{(f := _master_VolumeInfo_fields[d.number])[0]: f[1](v) for d, v in p.ListFields()})


Table = dict[int, tuple[str, Callable[[Any], Any]]]
_mesos_CSIPluginInfo_fields: Final[Table] = {
    1: ("type", text),
    2: ("name", text),
    3: ("containers", lambda v: [_mesos_CSIPluginContainerInfo(e) for e in v]),
    4: ("endpoints", lambda v: [_mesos_CSIPluginEndpoint(e) for e in v]),
    5: ("target_path_root", text),
    6: ("target_path_exists", same),
    1000: ("secrets", lambda v: [_mesos_CSIPluginSecret(e) for e in v]),
    1001: ("admit", lambda v: [s if type(s := e) is str else text(s) for e in v]),
    1002: ("max_concurrent_calls", same),
    1003: ("probe_seconds", finite),
    1004: ("learn_capacity_groups", same),
}
_mesos_CgroupInfoBlkioCFQStatistics_fields: Final[Table] = {
    1: ("device", _mesos_DeviceNumber),
    2: ("sectors", same),
    3: ("time", same),
    4: ("io_serviced", lambda v: [_mesos_CgroupInfoBlkioValue(e) for e in v]),
    5: ("io_service_bytes", lambda v: [_mesos_CgroupInfoBlkioValue(e) for e in v]),
    6: ("io_service_time", lambda v: [_mesos_CgroupInfoBlkioValue(e) for e in v]),
    7: ("io_wait_time", lambda v: [_mesos_CgroupInfoBlkioValue(e) for e in v]),
    8: ("io_merged", lambda v: [_mesos_CgroupInfoBlkioValue(e) for e in v]),
    9: ("io_queued", lambda v: [_mesos_CgroupInfoBlkioValue(e) for e in v]),
}
_mesos_ExecutorInfo_fields: Final[Table] = {
    1: ("executor_id", _mesos_ExecutorID),
    4: ("data", same),
    5: ("resources", lambda v: [_mesos_Resource(e) for e in v]),
    7: ("command", _mesos_CommandInfo),
    8: ("framework_id", _mesos_FrameworkID),
    9: ("name", text),
    10: ("source", text),
    11: ("container", _mesos_ContainerInfo),
    12: ("discovery", _mesos_DiscoveryInfo),
    13: ("shutdown_grace_period", _mesos_DurationInfo),
    14: ("labels", _mesos_Labels),
    15: ("type", _mesos_ExecutorInfoType.__getitem__),
}
_mesos_FrameworkInfo_fields: Final[Table] = {
    1: ("user", text),
    2: ("name", text),
    3: ("id", _mesos_FrameworkID),
    4: ("failover_timeout", finite),
    5: ("checkpoint", same),
    6: ("role", text),
    7: ("hostname", text),
    8: ("principal", text),
    9: ("webui_url", text),
    10: ("capabilities", lambda v: [_mesos_FrameworkInfoCapability(e) for e in v]),
    11: ("labels", _mesos_Labels),
    12: ("roles", lambda v: [s if type(s := e) is str else text(s) for e in v]),
    13: ("offer_filters", lambda v: {text(k): _mesos_OfferFilters(e) for k, e in v.items()}),
}
_mesos_HealthCheck_fields: Final[Table] = {
    1: ("http", _mesos_HealthCheckHTTPCheckInfo),
    2: ("delay_seconds", finite),
    3: ("interval_seconds", finite),
    4: ("timeout_seconds", finite),
    5: ("consecutive_failures", same),
    6: ("grace_period_seconds", finite),
    7: ("command", _mesos_CommandInfo),
    8: ("type", _mesos_HealthCheckType.__getitem__),
    9: ("tcp", _mesos_HealthCheckTCPCheckInfo),
}
_mesos_IcmpStatistics_fields: Final[Table] = {
    1: ("InMsgs", same),
    2: ("InErrors", same),
    3: ("InCsumErrors", same),
    4: ("InDestUnreachs", same),
    5: ("InTimeExcds", same),
    6: ("InParmProbs", same),
    7: ("InSrcQuenchs", same),
    8: ("InRedirects", same),
    9: ("InEchos", same),
    10: ("InEchoReps", same),
    11: ("InTimestamps", same),
    12: ("InTimestampReps", same),
    13: ("InAddrMasks", same),
    14: ("InAddrMaskReps", same),
    15: ("OutMsgs", same),
    16: ("OutErrors", same),
    17: ("OutDestUnreachs", same),
    18: ("OutTimeExcds", same),
    19: ("OutParmProbs", same),
    20: ("OutSrcQuenchs", same),
    21: ("OutRedirects", same),
    22: ("OutEchos", same),
    23: ("OutEchoReps", same),
    24: ("OutTimestamps", same),
    25: ("OutTimestampReps", same),
    26: ("OutAddrMasks", same),
    27: ("OutAddrMaskReps", same),
}
_mesos_IpStatistics_fields: Final[Table] = {
    1: ("Forwarding", same),
    2: ("DefaultTTL", same),
    3: ("InReceives", same),
    4: ("InHdrErrors", same),
    5: ("InAddrErrors", same),
    6: ("ForwDatagrams", same),
    7: ("InUnknownProtos", same),
    8: ("InDiscards", same),
    9: ("InDelivers", same),
    10: ("OutRequests", same),
    11: ("OutDiscards", same),
    12: ("OutNoRoutes", same),
    13: ("ReasmTimeout", same),
    14: ("ReasmReqds", same),
    15: ("ReasmOKs", same),
    16: ("ReasmFails", same),
    17: ("FragOKs", same),
    18: ("FragFails", same),
    19: ("FragCreates", same),
}
_mesos_OfferOperation_fields: Final[Table] = {
    1: ("type", _mesos_OfferOperationType.__getitem__),
    2: ("launch", _mesos_OfferOperationLaunch),
    3: ("reserve", _mesos_OfferOperationReserve),
    4: ("unreserve", _mesos_OfferOperationUnreserve),
    5: ("create", _mesos_OfferOperationCreate),
    6: ("destroy", _mesos_OfferOperationDestroy),
    7: ("launch_group", _mesos_OfferOperationLaunchGroup),
    12: ("id", _mesos_OperationID),
    13: ("grow_volume", _mesos_OfferOperationGrowVolume),
    14: ("shrink_volume", _mesos_OfferOperationShrinkVolume),
    15: ("create_disk", _mesos_OfferOperationCreateDisk),
    16: ("destroy_disk", _mesos_OfferOperationDestroyDisk),
}
_mesos_Operation_fields: Final[Table] = {
    1: ("framework_id", _mesos_FrameworkID),
    2: ("agent_id", _mesos_AgentID),
    3: ("info", _mesos_OfferOperation),
    4: ("latest_status", _mesos_OperationStatus),
    5: ("statuses", lambda v: [_mesos_OperationStatus(e) for e in v]),
    6: ("uuid", _mesos_UUID),
    1000: ("created", finite),
    1001: ("resource_provider_id", _mesos_ResourceProviderID),
    1002: ("provisioning_name", text),
    1003: ("trouble", _mesos_OperationTrouble),
    1004: ("abandoned", finite),
    1005: ("acknowledged", same),
    1006: ("troubles", lambda v: [_mesos_OperationTrouble(e) for e in v]),
}
_mesos_PerfStatistics_fields: Final[Table] = {
    1: ("timestamp", finite),
    2: ("duration", finite),
    3: ("cycles", same),
    4: ("stalled_cycles_frontend", same),
    5: ("stalled_cycles_backend", same),
    6: ("instructions", same),
    7: ("cache_references", same),
    8: ("cache_misses", same),
    9: ("branches", same),
    10: ("branch_misses", same),
    11: ("bus_cycles", same),
    12: ("ref_cycles", same),
    13: ("cpu_clock", finite),
    14: ("task_clock", finite),
    15: ("page_faults", same),
    16: ("minor_faults", same),
    17: ("major_faults", same),
    18: ("context_switches", same),
    19: ("cpu_migrations", same),
    20: ("alignment_faults", same),
    21: ("emulation_faults", same),
    22: ("l1_dcache_loads", same),
    23: ("l1_dcache_load_misses", same),
    24: ("l1_dcache_stores", same),
    25: ("l1_dcache_store_misses", same),
    26: ("l1_dcache_prefetches", same),
    27: ("l1_dcache_prefetch_misses", same),
    28: ("l1_icache_loads", same),
    29: ("l1_icache_load_misses", same),
    30: ("l1_icache_prefetches", same),
    31: ("l1_icache_prefetch_misses", same),
    32: ("llc_loads", same),
    33: ("llc_load_misses", same),
    34: ("llc_stores", same),
    35: ("llc_store_misses", same),
    36: ("llc_prefetches", same),
    37: ("llc_prefetch_misses", same),
    38: ("dtlb_loads", same),
    39: ("dtlb_load_misses", same),
    40: ("dtlb_stores", same),
    41: ("dtlb_store_misses", same),
    42: ("dtlb_prefetches", same),
    43: ("dtlb_prefetch_misses", same),
    44: ("itlb_loads", same),
    45: ("itlb_load_misses", same),
    46: ("branch_loads", same),
    47: ("branch_load_misses", same),
    48: ("node_loads", same),
    49: ("node_load_misses", same),
    50: ("node_stores", same),
    51: ("node_store_misses", same),
    52: ("node_prefetches", same),
    53: ("node_prefetch_misses", same),
}
_mesos_Resource_fields: Final[Table] = {
    1: ("name", text),
    2: ("type", _mesos_ValueType.__getitem__),
    3: ("scalar", _mesos_ValueScalar),
    4: ("ranges", _mesos_ValueRanges),
    5: ("set", _mesos_ValueSet),
    6: ("role", text),
    7: ("disk", _mesos_ResourceDiskInfo),
    8: ("reservation", _mesos_ResourceReservationInfo),
    9: ("revocable", _mesos_ResourceRevocableInfo),
    10: ("shared", _mesos_ResourceSharedInfo),
    11: ("allocation_info", _mesos_ResourceAllocationInfo),
    12: ("provider_id", _mesos_ResourceProviderID),
    13: ("reservations", lambda v: [_mesos_ResourceReservationInfo(e) for e in v]),
}
_mesos_ResourceStatistics_fields: Final[Table] = {
    1: ("timestamp", finite),
    2: ("cpus_user_time_secs", finite),
    3: ("cpus_system_time_secs", finite),
    4: ("cpus_limit", finite),
    5: ("mem_rss_bytes", same),
    6: ("mem_limit_bytes", same),
    7: ("cpus_nr_periods", same),
    8: ("cpus_nr_throttled", same),
    9: ("cpus_throttled_time_secs", finite),
    10: ("mem_file_bytes", same),
    11: ("mem_anon_bytes", same),
    12: ("mem_mapped_file_bytes", same),
    13: ("perf", _mesos_PerfStatistics),
    14: ("net_rx_packets", same),
    15: ("net_rx_bytes", same),
    16: ("net_rx_errors", same),
    17: ("net_rx_dropped", same),
    18: ("net_tx_packets", same),
    19: ("net_tx_bytes", same),
    20: ("net_tx_errors", same),
    21: ("net_tx_dropped", same),
    22: ("net_tcp_rtt_microsecs_p50", finite),
    23: ("net_tcp_rtt_microsecs_p90", finite),
    24: ("net_tcp_rtt_microsecs_p95", finite),
    25: ("net_tcp_rtt_microsecs_p99", finite),
    26: ("disk_limit_bytes", same),
    27: ("disk_used_bytes", same),
    28: ("net_tcp_active_connections", finite),
    29: ("net_tcp_time_wait_connections", finite),
    30: ("processes", same),
    31: ("threads", same),
    32: ("mem_low_pressure_counter", same),
    33: ("mem_medium_pressure_counter", same),
    34: ("mem_critical_pressure_counter", same),
    35: ("net_traffic_control_statistics", lambda v: [_mesos_TrafficControlStatistics(e) for e in v]),
    36: ("mem_total_bytes", same),
    37: ("mem_total_memsw_bytes", same),
    38: ("mem_soft_limit_bytes", same),
    39: ("mem_cache_bytes", same),
    40: ("mem_swap_bytes", same),
    41: ("mem_unevictable_bytes", same),
    42: ("net_snmp_statistics", _mesos_SNMPStatistics),
    43: ("disk_statistics", lambda v: [_mesos_DiskStatistics(e) for e in v]),
    44: ("blkio_statistics", _mesos_CgroupInfoBlkioStatistics),
    45: ("cpus_soft_limit", finite),
    46: ("net_tx_rate_limit", same),
    47: ("net_tx_burst_rate_limit", same),
    48: ("net_tx_burst_size", same),
    49: ("net_rx_rate_limit", same),
    50: ("net_rx_burst_rate_limit", same),
    51: ("net_rx_burst_size", same),
    52: ("mem_kmem_usage_bytes", same),
    53: ("mem_kmem_tcp_usage_bytes", same),
    54: ("net_rate_statistics", _mesos_ResourceStatisticsRateStatistics),
    55: ("net_ephemeral_ports", _mesos_ValueRange),
}
_mesos_ResourceStatisticsRatePercentiles_fields: Final[Table] = {
    1: ("min", same),
    2: ("max", same),
    3: ("p50", same),
    4: ("p90", same),
    5: ("p95", same),
    6: ("p99", same),
    7: ("p999", same),
    8: ("p9999", same),
    9: ("samples", same),
}
_mesos_ResourceStatisticsRateStatistics_fields: Final[Table] = {
    1: ("rx_rate", _mesos_ResourceStatisticsRatePercentiles),
    2: ("rx_packet_rate", _mesos_ResourceStatisticsRatePercentiles),
    3: ("rx_drop_rate", _mesos_ResourceStatisticsRatePercentiles),
    4: ("rx_error_rate", _mesos_ResourceStatisticsRatePercentiles),
    5: ("tx_rate", _mesos_ResourceStatisticsRatePercentiles),
    6: ("tx_packet_rate", _mesos_ResourceStatisticsRatePercentiles),
    7: ("tx_drop_rate", _mesos_ResourceStatisticsRatePercentiles),
    8: ("tx_error_rate", _mesos_ResourceStatisticsRatePercentiles),
    9: ("sampling_window_secs", finite),
    10: ("sampling_interval_secs", finite),
}
_mesos_Task_fields: Final[Table] = {
    1: ("name", text),
    2: ("task_id", _mesos_TaskID),
    3: ("framework_id", _mesos_FrameworkID),
    4: ("executor_id", _mesos_ExecutorID),
    5: ("agent_id", _mesos_AgentID),
    6: ("state", _mesos_TaskState.__getitem__),
    7: ("resources", lambda v: [_mesos_Resource(e) for e in v]),
    8: ("statuses", lambda v: [_mesos_TaskStatus(e) for e in v]),
    9: ("status_update_state", _mesos_TaskState.__getitem__),
    10: ("status_update_uuid", same),
    11: ("labels", _mesos_Labels),
    12: ("discovery", _mesos_DiscoveryInfo),
    13: ("container", _mesos_ContainerInfo),
    14: ("user", text),
    15: ("health_check", _mesos_HealthCheck),
    16: ("kill_policy", _mesos_KillPolicy),
    17: ("limits", lambda v: {text(k): _mesos_ValueScalar(e) for k, e in v.items()}),
}
_mesos_TaskInfo_fields: Final[Table] = {
    1: ("name", text),
    2: ("task_id", _mesos_TaskID),
    3: ("agent_id", _mesos_AgentID),
    4: ("resources", lambda v: [_mesos_Resource(e) for e in v]),
    5: ("executor", _mesos_ExecutorInfo),
    6: ("data", same),
    7: ("command", _mesos_CommandInfo),
    8: ("health_check", _mesos_HealthCheck),
    9: ("container", _mesos_ContainerInfo),
    10: ("labels", _mesos_Labels),
    11: ("discovery", _mesos_DiscoveryInfo),
    12: ("kill_policy", _mesos_KillPolicy),
    13: ("check", _mesos_CheckInfo),
    14: ("max_completion_time", _mesos_DurationInfo),
    15: ("limits", lambda v: {text(k): _mesos_ValueScalar(e) for k, e in v.items()}),
}
_mesos_TaskStatus_fields: Final[Table] = {
    1: ("task_id", _mesos_TaskID),
    2: ("state", _mesos_TaskState.__getitem__),
    3: ("data", same),
    4: ("message", text),
    5: ("agent_id", _mesos_AgentID),
    6: ("timestamp", finite),
    7: ("executor_id", _mesos_ExecutorID),
    8: ("healthy", same),
    9: ("source", _mesos_TaskStatusSource.__getitem__),
    10: ("reason", _mesos_TaskStatusReason.__getitem__),
    11: ("uuid", same),
    12: ("labels", _mesos_Labels),
    13: ("container_status", _mesos_ContainerStatus),
    14: ("unreachable_time", _mesos_TimeInfo),
    15: ("check_status", _mesos_CheckStatusInfo),
    16: ("limitation", _mesos_TaskResourceLimitation),
}
_mesos_TcpStatistics_fields: Final[Table] = {
    1: ("RtoAlgorithm", same),
    2: ("RtoMin", same),
    3: ("RtoMax", same),
    4: ("MaxConn", same),
    5: ("ActiveOpens", same),
    6: ("PassiveOpens", same),
    7: ("AttemptFails", same),
    8: ("EstabResets", same),
    9: ("CurrEstab", same),
    10: ("InSegs", same),
    11: ("OutSegs", same),
    12: ("RetransSegs", same),
    13: ("InErrs", same),
    14: ("OutRsts", same),
    15: ("InCsumErrors", same),
}
_mesos_TrafficControlStatistics_fields: Final[Table] = {
    1: ("id", text),
    2: ("backlog", same),
    3: ("bytes", same),
    4: ("drops", same),
    5: ("overlimits", same),
    6: ("packets", same),
    7: ("qlen", same),
    8: ("ratebps", same),
    9: ("ratepps", same),
    10: ("requeues", same),
}
_agent_Call_fields: Final[Table] = {
    1: ("type", _agent_CallType.__getitem__),
    2: ("get_metrics", _agent_CallGetMetrics),
    3: ("set_logging_level", _agent_CallSetLoggingLevel),
    4: ("list_files", _agent_CallListFiles),
    5: ("read_file", _agent_CallReadFile),
    6: ("launch_nested_container", _agent_CallLaunchNestedContainer),
    7: ("wait_nested_container", _agent_CallWaitNestedContainer),
    8: ("kill_nested_container", _agent_CallKillNestedContainer),
    9: ("launch_nested_container_session", _agent_CallLaunchNestedContainerSession),
    10: ("attach_container_input", _agent_CallAttachContainerInput),
    11: ("attach_container_output", _agent_CallAttachContainerOutput),
    12: ("remove_nested_container", _agent_CallRemoveNestedContainer),
    13: ("launch_container", _agent_CallLaunchContainer),
    14: ("wait_container", _agent_CallWaitContainer),
    15: ("kill_container", _agent_CallKillContainer),
    16: ("remove_container", _agent_CallRemoveContainer),
    17: ("add_resource_provider_config", _agent_CallAddResourceProviderConfig),
    18: ("update_resource_provider_config", _agent_CallUpdateResourceProviderConfig),
    19: ("remove_resource_provider_config", _agent_CallRemoveResourceProviderConfig),
    20: ("get_containers", _agent_CallGetContainers),
    21: ("prune_images", _agent_CallPruneImages),
    22: ("mark_resource_provider_gone", _agent_CallMarkResourceProviderGone),
    1002: ("reconfigure", _agent_CallReconfigure),
}
_agent_Response_fields: Final[Table] = {
    1: ("type", _agent_ResponseType.__getitem__),
    2: ("get_health", _agent_ResponseGetHealth),
    3: ("get_flags", _agent_ResponseGetFlags),
    4: ("get_version", _agent_ResponseGetVersion),
    5: ("get_metrics", _agent_ResponseGetMetrics),
    6: ("get_logging_level", _agent_ResponseGetLoggingLevel),
    7: ("list_files", _agent_ResponseListFiles),
    8: ("read_file", _agent_ResponseReadFile),
    9: ("get_state", _agent_ResponseGetState),
    10: ("get_containers", _agent_ResponseGetContainers),
    11: ("get_frameworks", _agent_ResponseGetFrameworks),
    12: ("get_executors", _agent_ResponseGetExecutors),
    13: ("get_tasks", _agent_ResponseGetTasks),
    14: ("wait_nested_container", _agent_ResponseWaitNestedContainer),
    15: ("get_agent", _agent_ResponseGetAgent),
    16: ("wait_container", _agent_ResponseWaitContainer),
    17: ("get_resource_providers", _agent_ResponseGetResourceProviders),
    18: ("get_operations", _agent_ResponseGetOperations),
    1000: ("get_resource_provider_configs", _agent_ResponseGetResourceProviderConfigs),
    1001: ("get_images", _agent_ResponseGetImages),
    1002: ("reconfigure", _agent_ResponseReconfigure),
    1003: ("get_devices", _agent_ResponseGetDevices),
    1004: ("prune_images", _agent_ResponsePruneImages),
}
_agent_ResponseGetContainersContainer_fields: Final[Table] = {
    1: ("framework_id", _mesos_FrameworkID),
    2: ("executor_id", _mesos_ExecutorID),
    3: ("executor_name", text),
    4: ("container_id", _mesos_ContainerID),
    5: ("container_status", _mesos_ContainerStatus),
    6: ("resource_statistics", _mesos_ResourceStatistics),
    1000: ("kind", text),
    1001: ("state", text),
    1002: ("exit", _agent_ResponseWaitContainer),
    1003: ("created", finite),
    1004: ("command", text),
    1005: ("image", text),
    1006: ("task_id", _mesos_TaskID),
    1007: ("message", text),
}
_agent_ResponseGetDevicesDevice_fields: Final[Table] = {
    1: ("path", text),
    2: ("kind", text),
    3: ("size", same),
    4: ("model", text),
    5: ("rotational", same),
    6: ("read_only", same),
    7: ("links", lambda v: [s if type(s := e) is str else text(s) for e in v]),
    8: ("identity", text),
    9: ("contents", text),
    10: ("state", text),
    11: ("rule", text),
    12: ("use", text),
    13: ("provider", text),
    14: ("message", text),
    15: ("pool", text),
}
_protobuf_Duration_fields: Final[Table] = {
    1: ("seconds", same),
    2: ("nanos", same),
}
_resource_provider_Event_fields: Final[Table] = {
    1: ("type", _resource_provider_EventType.__getitem__),
    2: ("subscribed", _resource_provider_EventSubscribed),
    3: ("apply_operation", _resource_provider_EventApplyOperation),
    4: ("publish_resources", _resource_provider_EventPublishResources),
    5: ("acknowledge_operation_status", _resource_provider_EventAcknowledgeOperationStatus),
    6: ("reconcile_operations", _resource_provider_EventReconcileOperations),
    1000: ("unpublish_resources", _resource_provider_EventUnpublishResources),
    1003: ("admit_volume", _resource_provider_EventAdmitVolume),
    1004: ("retry_operation", _resource_provider_EventRetryOperation),
    1005: ("abandon_operation", _resource_provider_EventAbandonOperation),
    1006: ("check_at_rest", _resource_provider_EventCheckAtRest),
    1002: ("error", _resource_provider_EventError),
}
_resource_provider_PluginState_fields: Final[Table] = {
    1: ("name", text),
    2: ("vendor_version", text),
    3: ("state", text),
    4: ("message", text),
    5: ("container_id", text),
    6: ("restarts", same),
    7: ("capabilities", lambda v: [s if type(s := e) is str else text(s) for e in v]),
    1000: ("containers", lambda v: [_resource_provider_PluginContainerState(e) for e in v]),
    1001: ("calls_in_flight", same),
    1002: ("calls_limit", same),
    1003: ("capabilities_detail", lambda v: [_resource_provider_PluginCapability(e) for e in v]),
    1004: ("next_start", finite),
}
_resource_provider_ProfileInfo_fields: Final[Table] = {
    1: ("name", text),
    2: ("block", same),
    3: ("fs_type", text),
    4: ("parameters", lambda v: {text(k): s if type(s := e) is str else text(s) for k, e in v.items()}),
    5: ("description", text),
    6: ("available", same),
    7: ("message", text),
    1000: ("capacity_group", text),
    1001: ("cost_ratio", finite),
    1002: ("sharing", _resource_provider_ProfileInfoSharing.__getitem__),
    1003: ("sharing_note", text),
}
_scheduler_Call_fields: Final[Table] = {
    1: ("framework_id", _mesos_FrameworkID),
    2: ("type", _scheduler_CallType.__getitem__),
    3: ("subscribe", _scheduler_CallSubscribe),
    4: ("accept", _scheduler_CallAccept),
    5: ("decline", _scheduler_CallDecline),
    6: ("kill", _scheduler_CallKill),
    7: ("shutdown", _scheduler_CallShutdown),
    8: ("acknowledge", _scheduler_CallAcknowledge),
    9: ("reconcile", _scheduler_CallReconcile),
    10: ("message", _scheduler_CallMessage),
    11: ("request", _scheduler_CallRequest),
    13: ("accept_inverse_offers", _scheduler_CallAcceptInverseOffers),
    14: ("decline_inverse_offers", _scheduler_CallDeclineInverseOffers),
    15: ("revive", _scheduler_CallRevive),
    16: ("suppress", _scheduler_CallSuppress),
    17: ("acknowledge_operation_status", _scheduler_CallAcknowledgeOperationStatus),
    18: ("reconcile_operations", _scheduler_CallReconcileOperations),
    19: ("update_framework", _scheduler_CallUpdateFramework),
}
_scheduler_Event_fields: Final[Table] = {
    1: ("type", _scheduler_EventType.__getitem__),
    2: ("subscribed", _scheduler_EventSubscribed),
    3: ("offers", _scheduler_EventOffers),
    4: ("rescind", _scheduler_EventRescind),
    5: ("update", _scheduler_EventUpdate),
    6: ("message", _scheduler_EventMessage),
    7: ("failure", _scheduler_EventFailure),
    8: ("error", _scheduler_EventError),
    9: ("inverse_offers", _scheduler_EventInverseOffers),
    10: ("rescind_inverse_offer", _scheduler_EventRescindInverseOffer),
    11: ("update_operation_status", _scheduler_EventUpdateOperationStatus),
}
_master_Call_fields: Final[Table] = {
    1: ("type", _master_CallType.__getitem__),
    2: ("get_metrics", _master_CallGetMetrics),
    3: ("set_logging_level", _master_CallSetLoggingLevel),
    4: ("list_files", _master_CallListFiles),
    5: ("read_file", _master_CallReadFile),
    6: ("update_weights", _master_CallUpdateWeights),
    7: ("reserve_resources", _master_CallReserveResources),
    8: ("unreserve_resources", _master_CallUnreserveResources),
    9: ("create_volumes", _master_CallCreateVolumes),
    10: ("destroy_volumes", _master_CallDestroyVolumes),
    11: ("update_maintenance_schedule", _master_CallUpdateMaintenanceSchedule),
    12: ("start_maintenance", _master_CallStartMaintenance),
    13: ("stop_maintenance", _master_CallStopMaintenance),
    14: ("set_quota", _master_CallSetQuota),
    15: ("remove_quota", _master_CallRemoveQuota),
    16: ("teardown", _master_CallTeardown),
    17: ("mark_agent_gone", _master_CallMarkAgentGone),
    18: ("grow_volume", _master_CallGrowVolume),
    19: ("shrink_volume", _master_CallShrinkVolume),
    20: ("update_quota", _master_CallUpdateQuota),
    21: ("drain_agent", _master_CallDrainAgent),
    22: ("deactivate_agent", _master_CallDeactivateAgent),
    23: ("reactivate_agent", _master_CallReactivateAgent),
    1000: ("provision_volume", _master_CallProvisionVolume),
    1001: ("deprovision_volume", _master_CallDeprovisionVolume),
    1002: ("get_volumes", _master_CallGetVolumes),
    1005: ("expand_volume", _master_CallExpandVolume),
    1006: ("adopt_volume", _master_CallAdoptVolume),
    1007: ("retry_operation", _master_CallRetryOperation),
    1008: ("abandon_operation", _master_CallAbandonOperation),
    1009: ("explain_offers", _master_CallExplainOffers),
    1010: ("kill_task", _master_CallKillTask),
    1011: ("subscribe", _master_CallSubscribe),
    1012: ("follow", _master_CallFollow),
    1020: ("get_operation_history", _master_CallGetOperationHistory),
}
_master_Event_fields: Final[Table] = {
    1: ("type", _master_EventType.__getitem__),
    2: ("subscribed", _master_EventSubscribed),
    3: ("task_added", _master_EventTaskAdded),
    4: ("task_updated", _master_EventTaskUpdated),
    5: ("agent_added", _master_EventAgentAdded),
    6: ("agent_removed", _master_EventAgentRemoved),
    7: ("framework_added", _master_EventFrameworkAdded),
    8: ("framework_updated", _master_EventFrameworkUpdated),
    9: ("framework_removed", _master_EventFrameworkRemoved),
    1000: ("operation_updated", _master_EventOperationUpdated),
    1001: ("volume_updated", _master_EventVolumeUpdated),
    1002: ("provider_updated", _master_EventProviderUpdated),
    1003: ("agent_updated", _master_EventAgentUpdated),
}
_master_Profile_fields: Final[Table] = {
    1: ("name", text),
    2: ("agent_id", _mesos_AgentID),
    3: ("resource_provider_id", _mesos_ResourceProviderID),
    4: ("block", same),
    5: ("fs_type", text),
    6: ("free_bytes", same),
    7: ("total_bytes", same),
    8: ("capacity_group", text),
    9: ("description", text),
    10: ("available", same),
    11: ("message", text),
    12: ("cost_ratio", finite),
    13: ("sharing", _resource_provider_ProfileInfoSharing.__getitem__),
    14: ("sharing_note", text),
}
_master_Response_fields: Final[Table] = {
    1: ("type", _master_ResponseType.__getitem__),
    2: ("get_health", _master_ResponseGetHealth),
    3: ("get_flags", _master_ResponseGetFlags),
    4: ("get_version", _master_ResponseGetVersion),
    5: ("get_metrics", _master_ResponseGetMetrics),
    6: ("get_logging_level", _master_ResponseGetLoggingLevel),
    7: ("list_files", _master_ResponseListFiles),
    8: ("read_file", _master_ResponseReadFile),
    9: ("get_state", _master_ResponseGetState),
    10: ("get_agents", _master_ResponseGetAgents),
    11: ("get_frameworks", _master_ResponseGetFrameworks),
    12: ("get_executors", _master_ResponseGetExecutors),
    13: ("get_tasks", _master_ResponseGetTasks),
    14: ("get_roles", _master_ResponseGetRoles),
    15: ("get_weights", _master_ResponseGetWeights),
    16: ("get_master", _master_ResponseGetMaster),
    17: ("get_maintenance_status", _master_ResponseGetMaintenanceStatus),
    18: ("get_maintenance_schedule", _master_ResponseGetMaintenanceSchedule),
    19: ("get_quota", _master_ResponseGetQuota),
    20: ("get_operations", _master_ResponseGetOperations),
    1000: ("provision_volume", _master_ResponseProvisionVolume),
    1001: ("deprovision_volume", _master_ResponseDeprovisionVolume),
    1002: ("get_volumes", _master_ResponseGetVolumes),
    1003: ("get_profiles", _master_ResponseGetProfiles),
    1004: ("get_resource_providers", _master_ResponseGetResourceProviders),
    1005: ("expand_volume", _master_ResponseExpandVolume),
    1006: ("adopt_volume", _master_ResponseAdoptVolume),
    1007: ("retry_operation", _master_ResponseRetryOperation),
    1008: ("abandon_operation", _master_ResponseAbandonOperation),
    1009: ("explain_offers", _master_ResponseExplainOffers),
    1020: ("get_operation_history", _master_ResponseGetOperationHistory),
    1021: ("get_registry_differences", _master_ResponseGetRegistryDifferences),
}
_master_ResponseGetAgentsAgent_fields: Final[Table] = {
    1: ("agent_info", _mesos_AgentInfo),
    2: ("active", same),
    3: ("version", text),
    4: ("pid", text),
    5: ("registered_time", _mesos_TimeInfo),
    6: ("reregistered_time", _mesos_TimeInfo),
    7: ("total_resources", lambda v: [_mesos_Resource(e) for e in v]),
    8: ("allocated_resources", lambda v: [_mesos_Resource(e) for e in v]),
    9: ("offered_resources", lambda v: [_mesos_Resource(e) for e in v]),
    10: ("capabilities", lambda v: [_mesos_AgentInfoCapability(e) for e in v]),
    11: ("resource_providers", lambda v: [_master_ResponseGetAgentsAgentResourceProvider(e) for e in v]),
    12: ("deactivated", same),
    13: ("drain_info", _mesos_DrainInfo),
    14: ("estimated_drain_start_time", _mesos_TimeInfo),
    1001: ("findings", lambda v: [_mesos_HostFinding(e) for e in v]),
}
_master_VolumeInfo_fields: Final[Table] = {
    1: ("name", text),
    2: ("profile", text),
    3: ("size_bytes", same),
    4: ("block", same),
    5: ("role", text),
    6: ("agent_id", _mesos_AgentID),
    7: ("resource_provider_id", _mesos_ResourceProviderID),
    8: ("state", _master_VolumeState.__getitem__),
    9: ("message", text),
    10: ("resource", _mesos_Resource),
    11: ("users", lambda v: [s if type(s := e) is str else text(s) for e in v]),
    12: ("operations", lambda v: [_mesos_UUID(e) for e in v]),
    13: ("created", finite),
    14: ("step", text),
    15: ("wanted_bytes", same),
}

READERS: Final[dict[type[Message], Callable[[Any], Any]]] = {
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
