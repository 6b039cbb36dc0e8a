"""DESTROY_DISK: a plugin's volumes deleted, and what they took given back to the pool.

A deletion that is refused leaves the disk; one whose outcome is unknown is repeated by the driver until the
plugin answers. It must not: call a plugin, or know how operations are told of. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from api.model.disk import Disk, DiskSource, SourceType
from api.model.operation import DestroyDisk, OperationEvent
from api.model.quantity import mb_milli_to_bytes
from api.model.resources import Reservation, Resource
from provider.attempts import Turn
from provider.driver import Demand, VolumeDriver, held_by
from provider.known_profiles import KnownProfiles
from provider.records import OperationRecord
from provider.totals import Totals, volume_key
from provider.volume import Goal, Volume, VolumeState


class Host(Protocol):
    """What this room asks of the machine."""

    def finish(self, turn: Turn, uuid: UUID, converted: tuple[Resource, ...]) -> None: ...

    def end(self, turn: Turn, uuid: UUID, how: OperationEvent, message: str) -> None: ...

    def settle(self, turn: Turn) -> None: ...


class Deletions:
    """DESTROY_DISKs of one provider."""

    def __init__(self, host: Host, totals: Totals, driver: VolumeDriver, profiles: KnownProfiles) -> None:
        self._host = host
        self._totals = totals
        self._driver = driver
        self._profiles = profiles

    def begin(self, turn: Turn, record: OperationRecord) -> None:
        """Begin, or after a restart go on with, a DESTROY_DISK."""
        operation = record.operation
        assert isinstance(operation, DestroyDisk) and operation.source.disk is not None
        source = operation.source.disk.source
        assert source is not None
        if source.id is None:
            message = f"{operation.source} has no id, so it is not a disk of this provider's plugin"
            self._host.end(turn, record.uuid, OperationEvent.FAIL, message)
            return
        users = held_by([source.id], self._driver.holders)
        if users is not None:
            self._host.end(turn, record.uuid, OperationEvent.FAIL, f"{operation.source} is {users}")
            return
        if source.id not in self._driver.volumes:  # it was there before us and was never taken on
            self._driver.add(turn, _untouched(source, operation.source))
        volume = self._driver.volumes[source.id]
        # What was there before us was never taken from the pool: what its end gives back shows in the
        # plugin's capacity.
        volume_id, size = source.id, volume.capacity_bytes if volume.operation is not None else 0
        disk = _released(operation.source, self._totals.defaults) if operation.whole else operation.source

        def failed(later: Turn, reason: str) -> None:
            self._host.end(later, record.uuid, OperationEvent.FAIL, reason)

        def delete(later: Turn) -> None:
            done = Demand(
                Goal.DELETED, lambda last: self._destroyed(last, record, disk, source, size), failed
            )
            self._driver.demand(later, volume_id, done)

        if operation.whole and self._driver.volumes[volume_id].used:
            # Wiped first; one that the plugin has forgotten has no contents.
            self._driver.demand(turn, volume_id, Demand(Goal.PUBLISHED, delete, failed, gone=delete))
        else:
            delete(turn)

    def give_up(self, turn: Turn, record: OperationRecord) -> None:
        """An operator abandoned a DESTROY_DISK: unless the deletion may have happened, the disk stays."""
        operation = record.operation
        assert isinstance(operation, DestroyDisk)
        volume = self._driver.volumes[volume_key(operation.source)]
        if volume.state is not VolumeState.DELETING:
            self._driver.withdraw(turn, [volume.id])
            self._host.end(turn, record.uuid, OperationEvent.FAIL, "the disk is still there")

    def _destroyed(
        self, turn: Turn, record: OperationRecord, disk: Resource, source: DiskSource, size_bytes: int
    ) -> None:
        assert source.id is not None
        volume = self._driver.volumes.get(source.id)
        if volume is not None:  # the plugin cannot delete: the disk is there as before it was taken on
            bare = replace(source, type=SourceType.RAW, root=None, profile=None)
            self._host.finish(turn, record.uuid, (disk.with_allocation(None).with_disk(Disk(bare)),))
            return
        known = source.profile is not None and source.profile in self._profiles.in_force
        converted: tuple[Resource, ...] = ()
        if not known or not size_bytes:
            self._totals.pass_unmeasured()
        if known and source.profile is not None:
            turn.persist(*self._totals.charge(source.profile, -size_bytes))
            converted = (self._totals.pool_piece(disk.with_allocation(None), source.profile),)
        self._host.finish(turn, record.uuid, converted)
        self._host.settle(turn)


def _released(disk: Resource, defaults: tuple[Reservation, ...]) -> Resource:
    """The disk as DESTROY and UNRESERVE leave it: nothing persists on it, no role has reserved it since.

    One whose default reservations were taken off is left with none of them.
    """
    assert disk.disk is not None
    kept = defaults if disk.reservations[: len(defaults)] == defaults else ()
    return replace(disk, reservations=kept, disk=Disk(disk.disk.source), shared=False)


def _untouched(source: DiskSource, disk: Resource) -> Volume:
    assert source.id is not None
    context: Mapping[str, str] = {key: value or "" for key, value in source.metadata}
    size = mb_milli_to_bytes(disk.milli)
    return Volume(source.id, VolumeState.CREATED, size, profile=source.profile, context=context, used=True)
