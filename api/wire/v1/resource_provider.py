"""mesos.v1.resource_provider. Made by tools/generate_wire.py. Do not edit: change the .proto file and run `make proto`."""

from __future__ import annotations

from enum import StrEnum

from msgspec import UNSET, UnsetType

from api.wire.message import Double, Int32, Int64, Message, UInt32
from api.wire.v1 import mesos


class CallType(StrEnum):
    """mesos.v1.resource_provider.Call.Type"""

    UNKNOWN = "UNKNOWN"
    SUBSCRIBE = "SUBSCRIBE"
    UPDATE_OPERATION_STATUS = "UPDATE_OPERATION_STATUS"
    UPDATE_STATE = "UPDATE_STATE"
    UPDATE_PUBLISH_RESOURCES_STATUS = "UPDATE_PUBLISH_RESOURCES_STATUS"


class Call(Message, kw_only=True):
    """mesos.v1.resource_provider.Call"""

    resource_provider_id: mesos.ResourceProviderID | UnsetType = UNSET
    type: CallType | UnsetType = UNSET
    subscribe: CallSubscribe | UnsetType = UNSET
    update_operation_status: CallUpdateOperationStatus | UnsetType = UNSET
    update_state: CallUpdateState | UnsetType = UNSET
    update_publish_resources_status: CallUpdatePublishResourcesStatus | UnsetType = UNSET


class CallSubscribe(Message, kw_only=True):
    """mesos.v1.resource_provider.Call.Subscribe"""

    resource_provider_info: mesos.ResourceProviderInfo


class CallUpdateOperationStatus(Message, kw_only=True):
    """mesos.v1.resource_provider.Call.UpdateOperationStatus"""

    framework_id: mesos.FrameworkID | UnsetType = UNSET
    status: mesos.OperationStatus
    latest_status: mesos.OperationStatus | UnsetType = UNSET
    operation_uuid: mesos.UUID


class CallUpdatePublishResourcesStatusStatus(StrEnum):
    """mesos.v1.resource_provider.Call.UpdatePublishResourcesStatus.Status"""

    UNKNOWN = "UNKNOWN"
    OK = "OK"
    FAILED = "FAILED"


class CallUpdatePublishResourcesStatus(Message, kw_only=True):
    """mesos.v1.resource_provider.Call.UpdatePublishResourcesStatus"""

    uuid: mesos.UUID
    status: CallUpdatePublishResourcesStatusStatus
    message: str | UnsetType = UNSET
    published: list[CallUpdatePublishResourcesStatusPublishedVolume] = []
    unsettled: list[str] = []


class CallUpdatePublishResourcesStatusPublishedVolume(Message, kw_only=True):
    """mesos.v1.resource_provider.Call.UpdatePublishResourcesStatus.PublishedVolume"""

    source_id: str
    path: str
    block: bool | UnsetType = UNSET
    provider_id: mesos.ResourceProviderID | UnsetType = UNSET


class CallUpdateState(Message, kw_only=True):
    """mesos.v1.resource_provider.Call.UpdateState"""

    operations: list[mesos.Operation] = []
    resources: list[mesos.Resource] = []
    resource_version_uuid: mesos.UUID
    profiles: list[ProfileInfo] = []
    plugin: PluginState | UnsetType = UNSET
    notices: list[VolumeNotice] = []
    notices_total: UInt32 | UnsetType = UNSET
    more: bool | UnsetType = UNSET
    capabilities: list[str] = []


class EventType(StrEnum):
    """mesos.v1.resource_provider.Event.Type"""

    UNKNOWN = "UNKNOWN"
    SUBSCRIBED = "SUBSCRIBED"
    APPLY_OPERATION = "APPLY_OPERATION"
    PUBLISH_RESOURCES = "PUBLISH_RESOURCES"
    ACKNOWLEDGE_OPERATION_STATUS = "ACKNOWLEDGE_OPERATION_STATUS"
    RECONCILE_OPERATIONS = "RECONCILE_OPERATIONS"
    TEARDOWN = "TEARDOWN"
    UNPUBLISH_RESOURCES = "UNPUBLISH_RESOURCES"
    HEARTBEAT = "HEARTBEAT"
    CHECK_AT_REST = "CHECK_AT_REST"
    ADMIT_VOLUME = "ADMIT_VOLUME"
    RETRY_OPERATION = "RETRY_OPERATION"
    ABANDON_OPERATION = "ABANDON_OPERATION"
    ERROR = "ERROR"


class Event(Message, kw_only=True):
    """mesos.v1.resource_provider.Event"""

    type: EventType | UnsetType = UNSET
    subscribed: EventSubscribed | UnsetType = UNSET
    apply_operation: EventApplyOperation | UnsetType = UNSET
    publish_resources: EventPublishResources | UnsetType = UNSET
    acknowledge_operation_status: EventAcknowledgeOperationStatus | UnsetType = UNSET
    reconcile_operations: EventReconcileOperations | UnsetType = UNSET
    unpublish_resources: EventUnpublishResources | UnsetType = UNSET
    admit_volume: EventAdmitVolume | UnsetType = UNSET
    retry_operation: EventRetryOperation | UnsetType = UNSET
    abandon_operation: EventAbandonOperation | UnsetType = UNSET
    check_at_rest: EventCheckAtRest | UnsetType = UNSET
    error: EventError | UnsetType = UNSET


class EventAbandonOperation(Message, kw_only=True):
    """mesos.v1.resource_provider.Event.AbandonOperation"""

    operation_uuid: mesos.UUID


class EventAcknowledgeOperationStatus(Message, kw_only=True):
    """mesos.v1.resource_provider.Event.AcknowledgeOperationStatus"""

    status_uuid: mesos.UUID
    operation_uuid: mesos.UUID


class EventApplyOperation(Message, kw_only=True):
    """mesos.v1.resource_provider.Event.ApplyOperation"""

    framework_id: mesos.FrameworkID | UnsetType = UNSET
    info: mesos.OfferOperation
    operation_uuid: mesos.UUID
    resource_version_uuid: mesos.UUID


class EventError(Message, kw_only=True):
    """mesos.v1.resource_provider.Event.Error"""

    message: str


class EventPublishResources(Message, kw_only=True):
    """mesos.v1.resource_provider.Event.PublishResources"""

    uuid: mesos.UUID
    resources: list[mesos.Resource] = []
    user: str | UnsetType = UNSET
    readonly: bool | UnsetType = UNSET


class EventCheckAtRest(Message, kw_only=True):
    """mesos.v1.resource_provider.Event.CheckAtRest"""

    uuid: mesos.UUID


class EventReconcileOperations(Message, kw_only=True):
    """mesos.v1.resource_provider.Event.ReconcileOperations"""

    operation_uuids: list[mesos.UUID] = []


class EventAdmitVolume(Message, kw_only=True):
    """mesos.v1.resource_provider.Event.AdmitVolume"""

    source_id: str
    size_bytes: Int64 | UnsetType = UNSET


class EventRetryOperation(Message, kw_only=True):
    """mesos.v1.resource_provider.Event.RetryOperation"""

    operation_uuid: mesos.UUID


class EventSubscribed(Message, kw_only=True):
    """mesos.v1.resource_provider.Event.Subscribed"""

    provider_id: mesos.ResourceProviderID
    heartbeat_interval_seconds: Double | UnsetType = UNSET


class EventUnpublishResources(Message, kw_only=True):
    """mesos.v1.resource_provider.Event.UnpublishResources"""

    uuid: mesos.UUID
    user: str


class PluginState(Message, kw_only=True):
    """mesos.v1.resource_provider.PluginState"""

    name: str | UnsetType = UNSET
    vendor_version: str | UnsetType = UNSET
    state: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    container_id: str | UnsetType = UNSET
    restarts: Int32 | UnsetType = UNSET
    capabilities: list[str] = []
    containers: list[PluginContainerState] = []
    calls_in_flight: UInt32 | UnsetType = UNSET
    calls_limit: UInt32 | UnsetType = UNSET
    capabilities_detail: list[PluginCapability] = []
    next_start: Double | UnsetType = UNSET


class PluginContainerState(Message, kw_only=True):
    """mesos.v1.resource_provider.PluginContainerState"""

    container_id: str | UnsetType = UNSET
    services: list[str] = []
    state: str | UnsetType = UNSET
    restarts: Int32 | UnsetType = UNSET
    message: str | UnsetType = UNSET
    log: list[str] = []


class PluginCapabilityUse(StrEnum):
    """mesos.v1.resource_provider.PluginCapability.Use"""

    UNKNOWN = "UNKNOWN"
    USED = "USED"
    UNUSED = "UNUSED"
    ABSENT = "ABSENT"


class PluginCapability(Message, kw_only=True):
    """mesos.v1.resource_provider.PluginCapability"""

    name: str
    use: PluginCapabilityUse | UnsetType = UNSET
    note: str | UnsetType = UNSET


class VolumeNoticeKind(StrEnum):
    """mesos.v1.resource_provider.VolumeNotice.Kind"""

    UNKNOWN = "UNKNOWN"
    WITHHELD = "WITHHELD"
    LOST = "LOST"
    STUCK = "STUCK"
    DEAD_MOUNT = "DEAD_MOUNT"


class VolumeNotice(Message, kw_only=True):
    """mesos.v1.resource_provider.VolumeNotice"""

    source_id: str
    kind: VolumeNoticeKind
    message: str | UnsetType = UNSET
    size_bytes: Int64 | UnsetType = UNSET


class ProfileInfoSharing(StrEnum):
    """mesos.v1.resource_provider.ProfileInfo.Sharing"""

    UNKNOWN = "UNKNOWN"
    DECLARED = "DECLARED"
    LEARNED = "LEARNED"


class ProfileInfo(Message, kw_only=True):
    """mesos.v1.resource_provider.ProfileInfo"""

    name: str
    block: bool | UnsetType = UNSET
    fs_type: str | UnsetType = UNSET
    parameters: dict[str, str] = {}
    description: str | UnsetType = UNSET
    available: bool | UnsetType = UNSET
    message: str | UnsetType = UNSET
    capacity_group: str | UnsetType = UNSET
    cost_ratio: Double | UnsetType = UNSET
    sharing: ProfileInfoSharing | UnsetType = UNSET
    sharing_note: str | UnsetType = UNSET
