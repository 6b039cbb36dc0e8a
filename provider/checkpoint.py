"""The durable form of a provider's records: tables, and the way from records to rows and back.

What is stored has types of its own, apart from the messages, so that a message may change without a
migration; resources and operations inside them are kept in their wire form. Decides nothing: the
machine says what to persist, and a loaded checkpoint is all that a new machine gets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    select,
)
from sqlalchemy.dialects.sqlite import Insert, insert

from api.model.operation import OperationState
from api.model.resources import Resource
from api.wire.convert import (
    reservation_from_wire,
    reservation_to_wire,
    resource_list_from_wire,
    resource_to_wire,
    resources_to_wire,
)
from api.wire.convert_operations import operation_from_wire, operation_to_wire
from api.wire.v1 import mesos
from provider import records
from provider.records import Checkpoint, OperationRecord, Profile
from provider.sharing import SharedParts
from provider.volume import Expansion, ExpansionStage, Volume, VolumeCapability, VolumeState
from store.port import Change, Run, StoreError

SCHEMA_VERSION = 1
"""Raised with every change of what is stored."""

DEFAULTS = "default_reservations"
"""The key of that fact, and its name in errors."""

T = TypeVar("T")


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


class ProviderTables:
    """The tables of one provider, made on `metadata`; `prefix` keeps several providers apart in one file."""

    def __init__(self, metadata: MetaData, prefix: str = "provider") -> None:
        def blobs(name: str) -> Table:
            return Table(
                f"{prefix}_{name}",
                metadata,
                Column("key", String, primary_key=True),
                Column("value", LargeBinary, nullable=False),
            )

        self.facts = blobs("facts")  # provider_id, divisible, available, profiles_in_force, …: one row each
        self.operations = blobs("operations")
        self.volumes = blobs("volumes")
        self.holders = blobs("holders")
        self.profiles = blobs("profiles")
        self.disks = Table(
            f"{prefix}_disks",
            metadata,
            Column("key", String, primary_key=True),
            Column("count", Integer, nullable=False),
            Column("value", LargeBinary, nullable=False),
        )

        every = (self.facts, self.operations, self.volumes, self.holders, self.profiles, self.disks)
        # Made once: making a statement costs more than running it.
        self._upserts = {table.name: _upsert(table) for table in every}
        self._deletes = {table.name: delete(table).where(table.c.key == bindparam("gone")) for table in every}

    def changes(self, changed: Iterable[records.Change]) -> list[Change]:
        """The database changes that make `changed` durable, in their order."""
        return [self._change(each) for each in changed]

    def _change(self, change: records.Change) -> Change:
        match change:
            case records.SaveOperation(record):
                return self._put(self.operations, str(record.uuid), _operation_out(record))
            case records.ForgetOperation(uuid):
                return self._drop(self.operations, str(uuid))
            case records.SaveVolume(volume):
                return self._put(self.volumes, volume.id, _volume_out(volume))
            case records.ForgetVolume(volume_id):
                return self._drop(self.volumes, volume_id)
            case records.SaveHolders(volume_id, users, readers):
                if not users:
                    return self._drop(self.holders, volume_id)
                return self._put(self.holders, volume_id, StoredHolders(list(users), list(readers)))
            case records.SaveDivisible(resources):
                return self._put(self.facts, "divisible", resources_to_wire(resources))
            case records.SaveCapacity(available):
                return self._put(self.facts, "available", dict(available))
            case records.SaveDisk(resource, count):
                return self._disk(resource, count)
            case records.SaveProfile(profile):
                return self._put(self.profiles, profile.name, _profile_out(profile))
            case records.SaveProfilesInForce(names):
                return self._put(self.facts, "profiles_in_force", list(names))
            case records.SaveWithheld(volume_ids):
                return self._put(self.facts, "withheld", list(volume_ids))
            case records.SaveProviderId(provider_id):
                return self._put(self.facts, "provider_id", provider_id)
            case records.SavePluginName(name):
                return self._put(self.facts, "plugin_name", name)
            case records.SaveDefaultReservations(reservations):
                return self._put(self.facts, DEFAULTS, [reservation_to_wire(each) for each in reservations])
            case records.SaveBase(resources):
                return self._put(self.facts, "base", resources_to_wire(resources))

    def _disk(self, resource: Resource, count: int) -> Change:
        key = hashlib.blake2b(repr(resource.order()).encode(), digest_size=16).hexdigest()
        if count == 0:
            return self._drop(self.disks, key)
        return self._put(self.disks, key, resource_to_wire(resource), count=count)

    def _put(self, table: Table, key: str, value: Any, **more: int) -> Change:
        statement = self._upserts[table.name]
        row = {"key": key, "value": msgspec.msgpack.encode(value), **more}
        return Run(statement, row)

    def _drop(self, table: Table, key: str) -> Change:
        statement = self._deletes[table.name]
        return Run(statement, {"gone": key})

    def load(self, connection: Connection) -> Checkpoint:
        """What is durable. Raises StoreError for rows that this release cannot read."""
        try:
            return self._load(connection)
        except (msgspec.MsgspecError, ValueError, KeyError) as error:
            raise StoreError(
                f"the checkpoint of a provider cannot be read: {error}: use the release that wrote it"
            ) from error

    def _load(self, connection: Connection) -> Checkpoint:
        shared = SharedParts()
        base = _fact(connection, self.facts, "base", list[mesos.Resource])
        defaults = _fact(connection, self.facts, DEFAULTS, list[mesos.ResourceReservationInfo])
        stored = _rows(connection, self.operations, StoredOperation)
        holders = _rows(connection, self.holders, StoredHolders)
        disks = connection.execute(select(self.disks.c.count, self.disks.c.value).order_by(self.disks.c.key))
        return Checkpoint(
            provider_id=_fact(connection, self.facts, "provider_id", str),
            plugin_name=_fact(connection, self.facts, "plugin_name", str),
            operations=tuple(sorted(map(_operation_in, stored.values()), key=lambda r: r.sequence)),
            volumes=tuple(
                shared.volume(_volume_in(volume))
                for volume in _rows(connection, self.volumes, StoredVolume).values()
            ),
            holders={k: tuple(v.users) for k, v in holders.items()},
            readers={k: tuple(v.readers) for k, v in holders.items() if v.readers},
            divisible=resource_list_from_wire(
                _fact(connection, self.facts, "divisible", list[mesos.Resource]) or ()
            ),
            disks=tuple((shared.resource(_resource_in(value)), count) for count, value in disks),
            available=_fact(connection, self.facts, "available", dict[str, int]) or {},
            profiles=tuple(map(_profile_in, _rows(connection, self.profiles, StoredProfile).values())),
            profiles_in_force=tuple(_fact(connection, self.facts, "profiles_in_force", list[str]) or ()),
            withheld=tuple(_fact(connection, self.facts, "withheld", list[str]) or ()),
            base=None if base is None else resource_list_from_wire(base),
            default_reservations=tuple(reservation_from_wire(each, DEFAULTS) for each in defaults or ()),
        )


def _upsert(table: Table) -> Insert:
    statement = insert(table)
    changed = {c.name: statement.excluded[c.name] for c in table.columns if c.name != "key"}
    return statement.on_conflict_do_update(index_elements=["key"], set_=changed)


def _rows(connection: Connection, table: Table, kind: type[T] | Callable[..., T]) -> dict[str, T]:
    found = connection.execute(select(table.c.key, table.c.value).order_by(table.c.key))
    return {key: msgspec.msgpack.decode(value, type=kind) for key, value in found}


def _fact(connection: Connection, table: Table, key: str, kind: type[T]) -> T | None:
    value = connection.execute(select(table.c.value).where(table.c.key == key)).scalar_one_or_none()
    return None if value is None else msgspec.msgpack.decode(value, type=kind)


def _resource_in(value: bytes) -> Resource:
    (resource,) = resource_list_from_wire([msgspec.msgpack.decode(value, type=mesos.Resource)])
    return resource


def _capability_out(capability: VolumeCapability) -> StoredCapability:
    return StoredCapability(
        capability.block, capability.fs_type, list(capability.mount_flags), capability.access_mode
    )


def _capability_in(stored: StoredCapability) -> VolumeCapability:
    return VolumeCapability(stored.block, stored.fs_type, tuple(stored.mount_flags), stored.access_mode)


def _volume_out(volume: Volume) -> StoredVolume:
    return StoredVolume(
        volume.id,
        volume.state.value,
        volume.capacity_bytes,
        _capability_out(volume.capability),
        volume.profile,
        dict(volume.context),
        dict(volume.parameters),
        dict(volume.publish_context),
        volume.boot_id,
        volume.operation,
        volume.used,
        volume.readonly,
        volume.mounted,
        _expansion_out(volume.expansion),
        volume.attached,
        volume.staged,
        volume.retreating,
        volume.attached_to,
    )


def _expansion_out(expansion: Expansion | None) -> StoredExpansion | None:
    if expansion is None:
        return None
    return StoredExpansion(
        expansion.required_bytes, expansion.from_bytes, expansion.stage.value, expansion.sent
    )


def _expansion_in(stored: StoredExpansion | None) -> Expansion | None:
    if stored is None:
        return None
    return Expansion(stored.required_bytes, stored.from_bytes, ExpansionStage(stored.stage), stored.sent)


def _volume_in(stored: StoredVolume) -> Volume:
    return Volume(
        stored.id,
        VolumeState(stored.state),
        stored.capacity_bytes,
        _capability_in(stored.capability),
        stored.profile,
        stored.context,
        stored.parameters,
        stored.publish_context,
        stored.boot_id,
        stored.operation,
        stored.used,
        stored.readonly,
        stored.mounted,
        _expansion_in(stored.expansion),
        stored.attached,
        stored.staged,
        stored.retreating,
        stored.attached_to,
    )


def _profile_out(profile: Profile) -> StoredProfile:
    return StoredProfile(
        profile.name,
        _capability_out(profile.capability),
        dict(profile.parameters),
        profile.description,
        profile.capacity_group,
        profile.cost_milli,
        profile.limit_bytes,
        dict(profile.secrets),
        dict(profile.volume_context),
    )


def _profile_in(stored: StoredProfile) -> Profile:
    return Profile(
        stored.name,
        _capability_in(stored.capability),
        stored.parameters,
        stored.description,
        stored.capacity_group,
        stored.cost_milli,
        stored.limit_bytes,
        stored.secrets,
        stored.volume_context,
    )


def _operation_out(record: OperationRecord) -> StoredOperation:
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
    )


def _operation_in(stored: StoredOperation) -> OperationRecord:
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
    )
