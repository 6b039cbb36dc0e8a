"""The machine's words as messages of the resource provider protocol, and back.

An edge: nothing is decided here, and nothing of what it makes goes into the machine but events.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType

from api.model.disk import DEFAULT_COST_MILLI
from api.model.operation import CHECK_AT_REST, CREATE_DISK_WHOLE, OperationState
from api.model.quantity import from_milli
from api.model.resources import Resource
from api.wire.convert import (
    resource_list_from_wire,
    resource_to_wire,
    resources_to_wire,
    uuid_from_wire,
    uuid_to_wire,
    uuids_from_wire,
)
from api.wire.convert_operations import operation_from_wire, operation_to_wire
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from provider import events
from provider.attempts import Trouble
from provider.machine import Machine
from provider.notices import Notice
from provider.plugins.container_life import ContainerStatus
from provider.plugins.service import PluginStatus
from provider.records import OperationRecord, Profile
from provider.starts import Kind


def apply_in(message: rp.EventApplyOperation) -> events.ApplyOperation:
    """Raises InvalidMessage or Unsupported for an operation that no provider can apply."""
    return events.ApplyOperation(
        uuid_from_wire(message.operation_uuid),
        operation_from_wire(message.info),
        None if message.framework_id is UNSET else message.framework_id.value,
        None if message.info.id is UNSET else message.info.id.value,
    )


def uuid_of(message: rp.EventApplyOperation) -> UUID:
    """Raises InvalidMessage."""
    return uuid_from_wire(message.operation_uuid)


def acknowledge_in(message: rp.EventAcknowledgeOperationStatus) -> events.Acknowledge:
    """Raises InvalidMessage."""
    return events.Acknowledge(uuid_from_wire(message.operation_uuid), uuid_from_wire(message.status_uuid))


def reconcile_in(message: rp.EventReconcileOperations) -> events.Reconcile:
    """Raises InvalidMessage."""
    return events.Reconcile(uuids_from_wire(message.operation_uuids))


def admit_in(message: rp.EventAdmitVolume) -> events.AdmitVolume:
    size = message.size_bytes if isinstance(message.size_bytes, int) else 0
    return events.AdmitVolume(message.source_id, max(0, size))


def retry_in(message: rp.EventRetryOperation) -> events.RetryOperation:
    """Raises InvalidMessage."""
    return events.RetryOperation(uuid_from_wire(message.operation_uuid))


def abandon_in(message: rp.EventAbandonOperation) -> events.AbandonOperation:
    """Raises InvalidMessage."""
    return events.AbandonOperation(uuid_from_wire(message.operation_uuid))


def publish_in(message: rp.EventPublishResources) -> events.Publish:
    """Raises InvalidMessage."""
    user = "" if message.user is UNSET else message.user
    resources = resource_list_from_wire(message.resources)
    return events.Publish(uuid_from_wire(message.uuid), resources, user, message.readonly is True)


def unpublish_in(message: rp.EventUnpublishResources) -> events.Unpublish:
    """Raises InvalidMessage."""
    return events.Unpublish(message.user, uuid_from_wire(message.uuid))


def check_at_rest_in(message: rp.EventCheckAtRest) -> events.CheckAtRest:
    """Raises InvalidMessage."""
    return events.CheckAtRest(uuid_from_wire(message.uuid))


def status_out(
    record: OperationRecord, status: UUID | None, provider_id: str | None
) -> rp.CallUpdateOperationStatus:
    """The status of `record`; with `status` it is to be acknowledged."""
    said = _status(record, status, provider_id)
    return rp.CallUpdateOperationStatus(
        framework_id=_framework(record),
        status=said,
        latest_status=said,
        operation_uuid=uuid_to_wire(record.uuid),
    )


def unknown_out(operation: UUID, provider_id: str | None, message: str) -> rp.CallUpdateOperationStatus:
    """Says of an operation that this provider does not have it, and so never applied it."""
    said = mesos.OperationStatus(
        state=mesos.OperationState.OPERATION_DROPPED, message=message, resource_provider_id=_id(provider_id)
    )
    return rp.CallUpdateOperationStatus(
        status=said, latest_status=said, operation_uuid=uuid_to_wire(operation)
    )


def answer_out(answer: events.AnswerPublish, provider_id: str | None) -> rp.CallUpdatePublishResourcesStatus:
    """How a Publish ended."""
    status = rp.CallUpdatePublishResourcesStatusStatus
    return rp.CallUpdatePublishResourcesStatus(
        uuid=uuid_to_wire(answer.request),
        status=status.OK if answer.message is None else status.FAILED,
        message=UNSET if answer.message is None else answer.message,
        published=[
            rp.CallUpdatePublishResourcesStatusPublishedVolume(
                source_id=each.source_id, path=each.path, block=each.block, provider_id=_id(provider_id)
            )
            for each in answer.published
        ],
        unsettled=list(answer.unsettled),
    )


class WireResources:
    """Resources as messages, converted once: most are the same from report to report."""

    def __init__(self) -> None:
        self._made: dict[Resource, mesos.Resource] = {}

    def of(self, resources: Iterable[Resource]) -> list[mesos.Resource]:
        """The messages; those of resources that are not among these are forgotten."""
        made = self._made
        parts: dict[object, Any] = {}
        kept = {r: made.get(r) or _sharing(r, parts) for r in resources if r.is_counted}
        self._made = kept
        return [kept.get(r) or resource_to_wire(r) for r in resources]


def _sharing(resource: Resource, parts: dict[object, Any]) -> mesos.Resource:
    """Its message. What very many have in common is kept once, as nobody changes a message that was made."""
    wire = resource_to_wire(resource)
    wire.reservations = parts.setdefault(resource.reservations, wire.reservations)
    wire.scalar = parts.setdefault(resource.value, wire.scalar)
    wire.provider_id = parts.setdefault(resource.provider_id, wire.provider_id)
    return wire


def state_out(
    machine: Machine, wire: WireResources, plugin: PluginStatus | None = None
) -> rp.CallUpdateState:
    """Everything that the machine's resources and operations are now. `wire` is kept between reports."""
    records = sorted(machine.operations.records.values(), key=lambda r: r.sequence)
    notices, notices_total = machine.notices()
    return rp.CallUpdateState(
        operations=[_operation(record, machine) for record in records],
        resources=wire.of(machine.totals.all()),
        resource_version_uuid=uuid_to_wire(machine.version),
        profiles=[_profile(profile, machine) for _, profile in sorted(machine.profiles.items())],
        plugin=UNSET if plugin is None else _plugin(plugin),
        capabilities=[CREATE_DISK_WHOLE, CHECK_AT_REST] if machine.kind is Kind.PLUGIN else [],
        notices=[_notice(notice) for notice in notices],
        notices_total=notices_total or UNSET,
    )


def _operation(record: OperationRecord, machine: Machine) -> mesos.Operation:
    provider_id = machine.provider_id
    status = _status(record, record.status_uuid, provider_id)
    trouble = machine.troubles.of(record)
    if trouble is not None:
        status.message = trouble.message
    return mesos.Operation(
        framework_id=_framework(record),
        info=operation_to_wire(record.operation, record.operation_id),
        latest_status=status,
        statuses=[status] if record.state is not OperationState.PENDING else [],
        uuid=uuid_to_wire(record.uuid),
        created=record.created,
        resource_provider_id=_id(provider_id),
        trouble=UNSET if trouble is None else _trouble(trouble),
        abandoned=UNSET if record.abandoned is None else record.abandoned,
    )


def _trouble(trouble: Trouble) -> mesos.OperationTrouble:
    return mesos.OperationTrouble(
        message=trouble.message, times=trouble.times, since=trouble.since, latest=trouble.latest
    )


def _status(record: OperationRecord, status: UUID | None, provider_id: str | None) -> mesos.OperationStatus:
    return mesos.OperationStatus(
        operation_id=UNSET if record.operation_id is None else mesos.OperationID(value=record.operation_id),
        state=mesos.OperationState(record.state.value),
        message=UNSET if record.message is None else record.message,
        converted_resources=resources_to_wire(record.converted),
        uuid=UNSET if status is None else uuid_to_wire(status),
        resource_provider_id=_id(provider_id),
        timestamp=record.created if record.ended is None else record.ended,
    )


def _profile(profile: Profile, machine: Machine) -> rp.ProfileInfo:
    """With why there is no pool of it, or what was not taken of its document."""
    problem = machine.capacity.problems.get(profile.name)
    message = problem or machine.known_profiles.problems.get(profile.name)
    sharing = machine.learner.sharing(profile)
    return rp.ProfileInfo(
        name=profile.name,
        block=profile.capability.block,
        fs_type=profile.capability.fs_type or UNSET,
        parameters=dict(profile.parameters),
        description=profile.description or UNSET,
        available=problem is None,
        message=UNSET if message is None else message,
        capacity_group=UNSET if sharing.group is None else sharing.group,
        cost_ratio=UNSET if sharing.cost_milli == DEFAULT_COST_MILLI else from_milli(sharing.cost_milli),
        sharing=UNSET if sharing.source is None else rp.ProfileInfoSharing(sharing.source.value),
        sharing_note=sharing.note or UNSET,
    )


def _plugin(status: PluginStatus) -> rp.PluginState:
    facts = status.facts
    return rp.PluginState(
        name=UNSET if facts is None else facts.name,
        vendor_version=UNSET if facts is None else facts.vendor_version,
        state=status.phase.value,
        message=status.message or UNSET,
        container_id=status.containers[0].container_id if status.containers else UNSET,
        restarts=status.restarts,
        capabilities=[] if facts is None else list(facts.capability_names),
        containers=[_container(each) for each in status.containers],
        calls_in_flight=status.calls_in_flight,
        calls_limit=status.calls_limit,
        capabilities_detail=[
            rp.PluginCapability(
                name=each.name, use=rp.PluginCapabilityUse(each.use.value), note=each.note or UNSET
            )
            for each in status.capabilities
        ],
        next_start=UNSET if status.next_start is None else status.next_start,
    )


def _container(status: ContainerStatus) -> rp.PluginContainerState:
    return rp.PluginContainerState(
        container_id=status.container_id,
        services=list(status.services),
        state=status.phase.value,
        restarts=status.restarts,
        message=status.message or UNSET,
        log=list(status.log),
    )


def _notice(notice: Notice) -> rp.VolumeNotice:
    return rp.VolumeNotice(
        source_id=notice.volume_id,
        kind=rp.VolumeNoticeKind(notice.kind.value),
        message=notice.message,
        size_bytes=notice.size_bytes or UNSET,
    )


def _framework(record: OperationRecord) -> mesos.FrameworkID | UnsetType:
    return UNSET if record.framework_id is None else mesos.FrameworkID(value=record.framework_id)


def _id(provider_id: str | None) -> mesos.ResourceProviderID | UnsetType:
    return UNSET if provider_id is None else mesos.ResourceProviderID(value=provider_id)
