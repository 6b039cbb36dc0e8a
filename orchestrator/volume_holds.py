"""What of operators' volumes must not be offered: that which stands between two steps.

It tells the allocator. It decides nothing about volumes, and keeps nothing: a record says by itself
whether it is held.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from api.model.resource import Resource
from api.model.resources import Resources
from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.convert import resource_from_wire, resource_to_wire
from api.wire.v1 import mesos
from orchestrator.allocator import Allocator
from orchestrator.offers import Offers
from orchestrator.volumes import Goal, Rung, VolumeRecord


class VolumeHolds:
    """Holds volumes between two steps back from offers."""

    def __init__(self, allocator: Allocator, offers: Offers) -> None:
        self._allocator = allocator
        self._offers = offers

    def hold(self, record: VolumeRecord) -> None:
        """The volume has come to stand between two steps."""
        if record.resource is not None and record.agent_id in self._allocator.agents:
            self._allocator.allocate(None, record.role, record.agent_id, Resources((resource_of(record),)))

    def release(self, record: VolumeRecord) -> None:
        """Before the volume goes on: it is held by that step then."""
        if is_held(record):
            self._allocator.release(None, record.role, record.agent_id, Resources((resource_of(record),)))

    def withdraw(self, record: VolumeRecord) -> None:
        """Before a volume at rest goes down: nobody may be offered it any more."""
        if record.rung is not Rung.PERSISTENT or not self._offers.of_agent(record.agent_id):
            return
        wanted = Resources((resource_of(record),))
        self._offers.rescind_on(record.agent_id, lambda offer: offer.resources.contains(wanted))


def held(records: Iterable[VolumeRecord]) -> list[tuple[str, Resources]]:
    """What these volumes keep from being offered, and for which role."""
    return [(record.role, Resources((resource_of(record),))) for record in records if is_held(record)]


def is_held(record: VolumeRecord) -> bool:
    """Whether the volume stands between two steps, where it still can be reached."""
    at_rest = record.goal is Goal.PRESENT and record.rung is Rung.PERSISTENT
    return record.operation is None and record.resource is not None and not at_rest and not record.gone


def resource_of(record: VolumeRecord) -> Resource:
    """The volume as it stands on its rung, which is not NOTHING."""
    assert record.resource is not None
    return resource_from_wire(decode_msgpack(mesos.Resource, record.resource))


def stored(disk: Resource) -> bytes:
    """A disk as a volume's record keeps it."""
    return encode_msgpack(resource_to_wire(disk.with_allocation(None)))


class _Source(msgspec.Struct):
    id: str | None = None


class _Disk(msgspec.Struct):
    source: _Source | None = None


class _Resource(msgspec.Struct):
    """As much of a resource as says which disk it is: volumes are many, and this is asked often."""

    disk: _Disk | None = None


def disk_id_of(record: VolumeRecord) -> str | None:
    """The source id of the volume's disk; None when there is no disk."""
    if record.resource is None:
        return None
    disk = msgspec.msgpack.decode(record.resource, type=_Resource).disk
    return None if disk is None or disk.source is None else disk.source.id
