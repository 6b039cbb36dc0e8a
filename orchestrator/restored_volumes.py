"""Operators' volumes after the registry was restored: each is taken to be what its provider has.

For each provider when it first reports, and whenever it reports while the restoration is not settled: what
was under way there, and is not in the backup, may still change a volume. What was under way in the backup and
is not known to the provider was done or never begun: its disks say which. Must not: make, grow or end a disk
because of that; a volume goes on from where it stands, by `provisioning`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from api.model.errors import OrlopError
from api.model.operation import Create, CreateDisk
from api.model.quantity import MILLI
from api.model.resource import Resource
from api.wire.convert_operations import operation_from_wire
from api.wire.errors import WireError
from orchestrator.journal import Transaction
from orchestrator.ledger import Ledger
from orchestrator.provisioning import Provisioning
from orchestrator.records import OperationRecord
from orchestrator.restoration import Kind, Restoration
from orchestrator.state import Provider
from orchestrator.volume_holds import disk_id_of, resource_of, stored
from orchestrator.volumes import Goal, Rung, VolumeRecord, rung_of

Name = tuple[str | None, str]
"""(role, persistence id): what a persistent volume is known by at its provider."""

NOT_MADE: Final = (
    "it was being made when the backup was taken from which the registry was restored, and its provider does "
    "not have it: ask for it again"
)
MISSING: Final = (
    "it is in the backup from which the registry was restored, and its provider does not have it: it was "
    "destroyed since, or is lost; `orlop volume destroy --force {name}` forgets it"
)
NOT_GROWN: Final = (
    "it was being expanded when the backup was taken from which the registry was restored, and is not as "
    "large: expand it again"
)


class RestoredVolumes:
    """Compares them. Does nothing when the registry was never restored."""

    def __init__(self, provisioning: Provisioning, ledger: Ledger, restoration: Restoration) -> None:
        self._provisioning = provisioning
        self._ledger = ledger
        self._restoration = restoration
        self._frameworks_own: set[Name] | None = None

    def provider_reported(self, transaction: Transaction, provider: Provider, *, first: bool) -> None:
        """A provider reports what it has; `first`: since it came back."""
        agent_id, provider_id = provider.key
        if self._restoration.last is None or provider_id is None or not (first or self._restoration.is_open):
            return
        disks = [each for each in provider.totals.view.counted if id_of(each) is not None]
        by_id = {id_of(each): each for each in disks}
        by_name = {name: each for each in disks if (name := name_of(each)) is not None}
        records = [each for each in self._provisioning.of_agent(agent_id) if each.provider_id == provider_id]
        for record in records:
            if self._restoration.precedes(record.created) and not record.gone:
                same, namesake = by_id.get(disk_id_of(record)), by_name.get((record.role, record.name))
                self._compare(transaction, record, same, namesake)
        if self._restoration.is_open:
            self._look_for_unknown(transaction, provider, by_name)

    def _look_for_unknown(
        self, transaction: Transaction, provider: Provider, disks: Mapping[Name, Resource]
    ) -> None:
        """Each that is nobody's is noted once."""
        mine = {(each.role, each.name) for each in self._provisioning.of_agent(provider.key[0])}
        strange = disks.keys() - mine - self._of_frameworks()
        if not strange:
            return
        noted = {each.subject for each in self._restoration.found if each.kind is Kind.VOLUME_UNKNOWN}
        found = {name: disk for name, disk in disks.items() if name in strange and id_of(disk) not in noted}
        if found:
            self._frameworks_own = None  # a framework may have made one since that was read
        for name, disk in found.items():
            if name not in self._of_frameworks():
                self._note_unknown(transaction, provider, disk)

    def _compare(
        self,
        transaction: Transaction,
        record: VolumeRecord,
        same: Resource | None,
        namesake: Resource | None,
    ) -> None:
        operation = None if record.operation is None else self._ledger.operations.get(record.operation)
        if operation is not None and not operation.terminal:
            return  # its provider knows it, or it was accepted since
        lost = record.operation is not None
        if not lost and (not self._restoration.is_open or record.rung is Rung.NOTHING):
            return
        # A namesake is another volume, made since: it never takes over a goal of the former one but to be.
        disk = same or (namesake if record.goal is not Goal.ABSENT or record.rung is Rung.NOTHING else None)
        if disk is None and self._was_missing(record):
            return
        if disk is None:
            self._is_missing(transaction, record)
        elif lost or disk != resource_of(record) or self._was_missing(record):
            self._is_otherwise(transaction, record, disk, is_namesake=same is None)

    def _is_missing(self, transaction: Transaction, record: VolumeRecord) -> None:
        if record.goal is Goal.ABSENT:
            self._provisioning.restored(transaction, record, _ended)
            return
        self._provisioning.restored(transaction, record, _not_there)
        self._restoration.note(
            transaction, Kind.VOLUME_MISSING, record.name, f"volume {record.name}: {record.message}"
        )

    def _is_otherwise(
        self, transaction: Transaction, record: VolumeRecord, disk: Resource, *, is_namesake: bool
    ) -> None:
        self._restoration.forget(transaction, Kind.VOLUME_MISSING, record.name)
        self._provisioning.restored(transaction, record, _taken_from(disk, is_namesake=is_namesake))
        message = (
            f"volume {record.name} is taken to be what its provider has, {disk.milli // MILLI} MiB "
            f"({record.rung}): look at it (orlop volume inspect {record.name})"
        )
        self._restoration.note(transaction, Kind.VOLUME_CHANGED, record.name, message)

    def _was_missing(self, record: VolumeRecord) -> bool:
        return record.stuck == MISSING.format(name=record.name)

    def _note_unknown(self, transaction: Transaction, provider: Provider, disk: Resource) -> None:
        agent_id, provider_id = provider.key
        source_id = id_of(disk)
        assert disk.disk is not None
        assert disk.disk.persistence is not None
        assert source_id is not None
        name = disk.disk.persistence.id
        message = (
            f"persistent volume {name} of role {disk.role} ({disk.milli // MILLI} MiB, at provider "
            f"{provider_id} of agent {agent_id}) is nobody's in the backup: if it was an operator's, `orlop "
            f"volume adopt {source_id} --name {name} --role {disk.role}` makes it one again; a framework's "
            "own is left to it"
        )
        self._restoration.note(transaction, Kind.VOLUME_UNKNOWN, source_id, message)

    def _of_frameworks(self) -> set[Name]:
        """Volumes that frameworks are known to have made. Read once: there may be many operations."""
        if self._frameworks_own is None:
            records = self._ledger.operations.values()
            self._frameworks_own = {name for each in records for name in _made_by_framework(each)}
        return self._frameworks_own


def id_of(disk: Resource) -> str | None:
    return disk.disk.source.id if disk.disk is not None and disk.disk.source is not None else None


def name_of(disk: Resource) -> Name | None:
    """None: not a persistent volume."""
    if disk.disk is None or disk.disk.persistence is None:
        return None
    return disk.role, disk.disk.persistence.id


def _made_by_framework(record: OperationRecord) -> list[Name]:
    if record.framework_id is None or str(record.info.type) not in ("CREATE", "CREATE_DISK"):
        return []
    try:
        operation = operation_from_wire(record.info)
    except (OrlopError, WireError):
        return []
    if isinstance(operation, Create):
        return [name for each in operation.volumes if (name := name_of(each)) is not None]
    if isinstance(operation, CreateDisk) and operation.target_name is not None:
        return [operation.target_name]
    return []


def _ended(record: VolumeRecord) -> None:
    record.rung, record.resource, record.stuck = Rung.NOTHING, None, None


def _not_there(record: VolumeRecord) -> None:
    if record.rung is Rung.PERSISTENT:
        record.goal, record.stuck, record.wanted_mb = Goal.PRESENT, MISSING.format(name=record.name), 0
    else:
        record.goal, record.rung, record.resource, record.failed = Goal.ABSENT, Rung.NOTHING, None, NOT_MADE


def _taken_from(disk: Resource, *, is_namesake: bool) -> Callable[[VolumeRecord], None]:
    def take(record: VolumeRecord) -> None:
        record.resource, record.rung, record.stuck = stored(disk), rung_of(record, disk), None
        size_mb = disk.milli // MILLI
        if record.goal is Goal.LARGER:
            if size_mb < record.wanted_mb:
                record.unexpanded = NOT_GROWN
            record.goal, record.wanted_mb = Goal.PRESENT, 0
        elif is_namesake:
            record.goal, record.failed = Goal.PRESENT, None  # made since the backup: nobody asked for its end
        record.size_mb = size_mb if record.rung is Rung.PERSISTENT else record.size_mb

    return take
