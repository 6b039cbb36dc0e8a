"""A provider's tables: what changes of them with each of its changes, and all of them at a start.

Decides nothing: the machine says what to persist, and a loaded checkpoint is all that a new machine gets.
What the rows hold is `stored`'s to know.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

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
    func,
    select,
)
from sqlalchemy.dialects.sqlite import Insert, insert

from api.model.resources import Resource
from api.wire.convert import (
    reservation_from_wire,
    reservation_to_wire,
    resource_list_from_wire,
    resource_to_wire,
    resources_to_wire,
)
from api.wire.v1 import mesos
from provider import records
from provider.records import Checkpoint
from provider.sharing import SharedParts
from provider.stored import (
    StoredHolders,
    StoredLearned,
    StoredOperation,
    StoredProfile,
    StoredVolume,
    learned_in,
    learned_out,
    operation_in,
    operation_out,
    profile_in,
    profile_out,
    volume_in,
    volume_out,
)
from store.port import Change, Run, StoreError

SCHEMA_VERSION = 1
"""Raised with every change of what is stored."""

DEFAULTS = "default_reservations"
"""The key of that fact, and its name in errors."""

T = TypeVar("T")


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
            case records.SaveOperation(record) | records.SaveAcknowledged(record):
                return self._put(self.operations, str(record.uuid), operation_out(record))
            case records.ForgetOperation(uuid):
                return self._drop(self.operations, str(uuid))
            case records.SaveVolume(volume):
                return self._put(self.volumes, volume.id, volume_out(volume))
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
            case records.SaveLearned(learned):
                return self._put(self.facts, "learned_groups", learned_out(learned))
            case records.SaveDisk(resource, count):
                return self._disk(resource, count)
            case records.SaveProfile(profile):
                return self._put(self.profiles, profile.name, profile_out(profile))
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

    def count_volumes(self, connection: Connection) -> int:
        """How many volumes are known, without reading them."""
        found: int = connection.execute(select(func.count()).select_from(self.volumes)).scalar_one()
        return found

    def _load(self, connection: Connection) -> Checkpoint:
        shared = SharedParts()
        facts = {row.key: row.value for row in connection.execute(select(self.facts))}
        base = _fact(facts, "base", list[mesos.Resource])
        defaults = _fact(facts, DEFAULTS, list[mesos.ResourceReservationInfo])
        operations = sorted(map(shared.operation, self._operations(connection)), key=lambda r: r.sequence)
        holders = _rows(connection, self.holders, StoredHolders)
        disks = connection.execute(select(self.disks.c.count, self.disks.c.value).order_by(self.disks.c.key))
        return Checkpoint(
            provider_id=_fact(facts, "provider_id", str),
            plugin_name=_fact(facts, "plugin_name", str),
            operations=tuple(each for each in operations if each.acknowledged is None),
            remembered=tuple(each for each in operations if each.acknowledged is not None),
            volumes=tuple(
                shared.volume(volume_in(stored))
                for _, stored in _each(connection, self.volumes, StoredVolume)
            ),
            holders={k: tuple(v.users) for k, v in holders.items()},
            readers={k: tuple(v.readers) for k, v in holders.items() if v.readers},
            divisible=resource_list_from_wire(_fact(facts, "divisible", list[mesos.Resource]) or ()),
            disks=tuple((shared.whole(_resource_in(value)), count) for count, value in disks),
            available=_fact(facts, "available", dict[str, int]) or {},
            profiles=tuple(map(profile_in, _rows(connection, self.profiles, StoredProfile).values())),
            profiles_in_force=tuple(_fact(facts, "profiles_in_force", list[str]) or ()),
            withheld=tuple(_fact(facts, "withheld", list[str]) or ()),
            learned=learned_in(_fact(facts, "learned_groups", StoredLearned) or StoredLearned()),
            base=None if base is None else resource_list_from_wire(base),
            default_reservations=tuple(reservation_from_wire(each, DEFAULTS) for each in defaults or ()),
        )

    def _operations(self, connection: Connection) -> Iterable[records.OperationRecord]:
        """All, also those that are remembered only."""
        return (operation_in(stored) for _, stored in _each(connection, self.operations, StoredOperation))


def _upsert(table: Table) -> Insert:
    statement = insert(table)
    changed = {c.name: statement.excluded[c.name] for c in table.columns if c.name != "key"}
    return statement.on_conflict_do_update(index_elements=["key"], set_=changed)


def _rows(connection: Connection, table: Table, kind: type[T] | Callable[..., T]) -> dict[str, T]:
    return dict(_each(connection, table, kind))


def _each(connection: Connection, table: Table, kind: type[T] | Callable[..., T]) -> Iterator[tuple[str, T]]:
    """Row by row: of very many, no more than one is there as it is stored."""
    for key, value in connection.execute(select(table.c.key, table.c.value).order_by(table.c.key)):
        yield key, msgspec.msgpack.decode(value, type=kind)


def _fact(facts: Mapping[str, bytes], key: str, kind: type[T]) -> T | None:
    value = facts.get(key)
    return None if value is None else msgspec.msgpack.decode(value, type=kind)


def _resource_in(value: bytes) -> Resource:
    (resource,) = resource_list_from_wire([msgspec.msgpack.decode(value, type=mesos.Resource)])
    return resource
