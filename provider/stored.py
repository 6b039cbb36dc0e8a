"""A provider's records as they are stored, and the way there and back.

The types are apart from the messages, so that a message may change without a migration; resources and
operations inside them are kept in their wire form. Which tables they are in is `checkpoint`'s to know.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from api.model.operation import OperationState
from api.wire.convert import (
    resource_list_from_wire,
    resources_to_wire,
)
from api.wire.convert_operations import operation_from_wire, operation_to_wire
from api.wire.v1 import mesos
from provider.learned_rates import Learned, Rate
from provider.records import OperationRecord, Profile
from provider.volume import Expansion, ExpansionStage, Volume, VolumeCapability, VolumeState


class StoredCapability(msgspec.Struct, omit_defaults=True):
    block: bool = False
    fs_type: str = ""
    mount_flags: list[str] = []
    access_mode: str = "SINGLE_NODE_WRITER"


class StoredExpansion(msgspec.Struct, omit_defaults=True):
    required_bytes: int
    from_bytes: int
    stage: str
    sent: bool = False


class StoredVolume(msgspec.Struct, omit_defaults=True):
    id: str
    state: str
    capacity_bytes: int
    capability: StoredCapability
    profile: str | None = None
    context: dict[str, str] = {}
    parameters: dict[str, str] = {}
    publish_context: dict[str, str] = {}
    boot_id: str | None = None
    operation: str | None = None
    used: bool = False
    readonly: bool = False
    mounted: bool = False
    expansion: StoredExpansion | None = None
    attached: bool = False
    staged: bool = False
    retreating: bool = False
    attached_to: str = ""


class StoredHolders(msgspec.Struct, omit_defaults=True):
    users: list[str]
    readers: list[str] = []


class StoredProfile(msgspec.Struct, omit_defaults=True):
    name: str
    capability: StoredCapability
    parameters: dict[str, str] = {}
    description: str = ""
    capacity_group: str | None = None
    cost_milli: int = 1000
    limit_bytes: int | None = None
    secrets: dict[str, str] = {}
    volume_context: dict[str, str] = {}


class StoredRate(msgspec.Struct, array_like=True):
    name: str
    other: str
    low: int
    high: int
    count: int
    span: int


class StoredContradiction(msgspec.Struct, array_like=True):
    name: str
    other: str
    times: int
    seen: str


class StoredLearned(msgspec.Struct, omit_defaults=True):
    basis: str = ""
    rates: list[StoredRate] = []
    contradictions: list[StoredContradiction] = []


class StoredOperation(msgspec.Struct, omit_defaults=True):
    uuid: bytes
    operation: mesos.OfferOperation
    created: float
    sequence: int
    framework_id: str | None = None
    operation_id: str | None = None
    state: str = OperationState.PENDING.value
    status_uuid: bytes | None = None
    message: str | None = None
    converted: list[mesos.Resource] = []
    ended: float | None = None
    started: bool = False
    abandoned: float | None = None
    topology: dict[str, str] | None = None
    acknowledged: float | None = None


def capability_out(capability: VolumeCapability) -> StoredCapability:
    return StoredCapability(
        capability.block, capability.fs_type, list(capability.mount_flags), capability.access_mode
    )


def capability_in(stored: StoredCapability) -> VolumeCapability:
    return VolumeCapability(stored.block, stored.fs_type, tuple(stored.mount_flags), stored.access_mode)


def volume_out(volume: Volume) -> StoredVolume:
    return StoredVolume(
        volume.id,
        volume.state.value,
        volume.capacity_bytes,
        capability_out(volume.capability),
        volume.profile,
        dict(volume.context),
        dict(volume.parameters),
        dict(volume.publish_context),
        volume.boot_id,
        volume.operation,
        volume.used,
        volume.readonly,
        volume.mounted,
        expansion_out(volume.expansion),
        volume.attached,
        volume.staged,
        volume.retreating,
        volume.attached_to,
    )


def expansion_out(expansion: Expansion | None) -> StoredExpansion | None:
    if expansion is None:
        return None
    return StoredExpansion(
        expansion.required_bytes, expansion.from_bytes, expansion.stage.value, expansion.sent
    )


def expansion_in(stored: StoredExpansion | None) -> Expansion | None:
    if stored is None:
        return None
    return Expansion(stored.required_bytes, stored.from_bytes, ExpansionStage(stored.stage), stored.sent)


def volume_in(stored: StoredVolume) -> Volume:
    return Volume(
        stored.id,
        VolumeState(stored.state),
        stored.capacity_bytes,
        capability_in(stored.capability),
        stored.profile,
        stored.context,
        stored.parameters,
        stored.publish_context,
        stored.boot_id,
        stored.operation,
        stored.used,
        stored.readonly,
        stored.mounted,
        expansion_in(stored.expansion),
        stored.attached,
        stored.staged,
        stored.retreating,
        stored.attached_to,
    )


def profile_out(profile: Profile) -> StoredProfile:
    return StoredProfile(
        profile.name,
        capability_out(profile.capability),
        dict(profile.parameters),
        profile.description,
        profile.capacity_group,
        profile.cost_milli,
        profile.limit_bytes,
        dict(profile.secrets),
        dict(profile.volume_context),
    )


def profile_in(stored: StoredProfile) -> Profile:
    return Profile(
        stored.name,
        capability_in(stored.capability),
        stored.parameters,
        stored.description,
        stored.capacity_group,
        stored.cost_milli,
        stored.limit_bytes,
        stored.secrets,
        stored.volume_context,
    )


def learned_out(learned: Learned) -> StoredLearned:
    return StoredLearned(
        learned.basis,
        [StoredRate(*pair, r.low, r.high, r.count, r.span) for pair, r in sorted(learned.rates.items())],
        [StoredContradiction(*pair, *said) for pair, said in sorted(learned.contradictions.items())],
    )


def learned_in(stored: StoredLearned) -> Learned:
    return Learned(
        stored.basis,
        {(r.name, r.other): Rate(r.low, r.high, r.count, r.span) for r in stored.rates},
        {(c.name, c.other): (c.times, c.seen) for c in stored.contradictions},
    )


def operation_out(record: OperationRecord) -> StoredOperation:
    return StoredOperation(
        record.uuid.bytes,
        operation_to_wire(record.operation),
        record.created,
        record.sequence,
        record.framework_id,
        record.operation_id,
        record.state.value,
        None if record.status_uuid is None else record.status_uuid.bytes,
        record.message,
        resources_to_wire(record.converted),
        record.ended,
        record.started,
        record.abandoned,
        None if record.topology is None else dict(record.topology),
        record.acknowledged,
    )


def operation_in(stored: StoredOperation) -> OperationRecord:
    return OperationRecord(
        UUID(bytes=stored.uuid),
        operation_from_wire(stored.operation),
        stored.created,
        stored.sequence,
        stored.framework_id,
        stored.operation_id,
        OperationState(stored.state),
        None if stored.status_uuid is None else UUID(bytes=stored.status_uuid),
        stored.message,
        resource_list_from_wire(stored.converted),
        stored.ended,
        stored.started,
        stored.abandoned,
        stored.topology,
        stored.acknowledged,
    )
