"""Operators' volumes, carried up and down their ladder (`volumes`) one operation at a time.

The next step is written in the same transaction as the outcome of the one before, so a crash
finds either an operation in flight, which is resumed like any other, or a volume at rest. What
stands between two steps is held back from offers. No I/O here.
"""

from __future__ import annotations

import asyncio
import logging
from random import Random  # noqa: TID251 - for its type: the generator is passed in
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.sqlite import Insert, insert

from api.model.clock import Clock
from api.model.errors import InvalidRequest, StaleView
from api.model.operation import CREATE_DISK_WHOLE, OperationType
from api.model.resource import Resource
from api.model.resources import Resources
from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.convert import resource_from_wire, resource_to_wire
from api.wire.convert_operations import operation_to_wire
from api.wire.v1 import master, mesos
from orchestrator import schema
from orchestrator.allocator import Allocator
from orchestrator.index import Index
from orchestrator.journal import Journal, Transaction
from orchestrator.offers import Offers
from orchestrator.operations import Operations
from orchestrator.placement import Placement, place
from orchestrator.records import OperationRecord
from orchestrator.state import ChangeKind, ClusterState
from orchestrator.volume_requests import NoSuchVolume, VolumeConflict, refuse_other, wanted_volume
from orchestrator.volumes import (
    Goal,
    Rung,
    VolumeRecord,
    VolumeState,
    operation_for,
    resource_after,
    rung_of,
)
from store.port import Change, Run, Store

log = logging.getLogger(__name__)

VOLUMES_LIMIT = 100_000
"""Volumes that may be known; a further one is refused until one is destroyed."""

ATTEMPTS_LIMIT = 5
"""How often a step that was dropped (its view of the resources was stale) is tried anew."""

RETRY_FIRST_SECONDS = 0.2
RETRY_LAST_SECONDS = 10.0
"""The wait before a dropped step is tried anew doubles from the first to the last, with jitter."""

OPERATIONS_SHOWN = 32
"""Operations that a volume's record names; the oldest are left out beyond it."""


class Provisioning:
    """Creates and destroys operators' volumes."""

    def __init__(
        self,
        state: ClusterState,
        journal: Journal,
        allocator: Allocator,
        offers: Offers,
        operations: Operations,
        clock: Clock,
        random: Random,
    ) -> None:
        self._state = state
        self._journal = journal
        self._allocator = allocator
        self._offers = offers
        self._operations = operations
        self._clock = clock
        self._random = random
        self.volumes: dict[str, VolumeRecord] = {}
        self._by_agent: Index[str, VolumeRecord] = Index()
        operations.on_provisioning_ended(self._ended)

    def load(self, store: Store) -> None:
        """Fill memory from disk. Once, at start; providers set the volumes going when they are back."""

        def query(connection: Connection) -> None:
            for row in connection.execute(select(schema.provisionings)):
                record = msgspec.msgpack.decode(row.record, type=VolumeRecord)
                self._keep(record)

        store.read(query)

    async def provision(self, call: master.CallProvisionVolume) -> VolumeRecord:
        """Accept a volume: it exists as CREATING, durably, when this returns.

        The same request again changes nothing. Raises InvalidRequest (what was asked can never be),
        VolumeConflict (the name is in use otherwise), NotEnough (there is no room for it now).
        """
        wanted = wanted_volume(call, self._clock.now())
        known = self.volumes.get(wanted.name)
        if known is not None and known.state is not VolumeState.FAILED:
            refuse_other(known, wanted)
            await self._journal.barrier()
            return known
        if known is None and len(self.volumes) >= VOLUMES_LIMIT:
            raise VolumeConflict(f"there are {VOLUMES_LIMIT} volumes already: destroy one first")
        placement = self._place(wanted)
        wanted.agent_id, wanted.provider_id = placement.agent_id, placement.provider_id
        self._keep(wanted)
        transaction = Transaction()
        self._begin(transaction, wanted, OperationType.CREATE_DISK, placement.share)
        await self._save_and_commit(transaction, wanted)
        return wanted

    async def deprovision(self, name: str) -> VolumeRecord:
        """Accept the end of a volume: it is DESTROYING, durably, when this returns.

        Raises NoSuchVolume, and VolumeConflict naming the tasks that use it.
        """
        record = self.volumes.get(name)
        if record is None:
            raise NoSuchVolume(f"there is no volume {name!r}: see `orlop volume list`")
        users = self.users(record)
        if users:
            raise VolumeConflict(
                f"volume {name!r} is in use by task(s) {', '.join(users)}: "
                f"end them first (`orlop task kill {users[0]}`)"
            )
        transaction = Transaction()
        if record.operation is None:
            self._unhold(record)
            self._withdraw(record)
        record.failed = None
        if record.stuck is not None:
            record.stuck, record.attempts = None, 0
        record.goal = Goal.ABSENT
        if record.operation is None:
            self._advance(transaction, record)
        await self._save_and_commit(transaction, record)
        return record

    def held(self, agent_id: str) -> list[Resources]:
        """What volumes between two steps keep from being offered on an agent."""
        return [
            Resources((self._resource(record),)) for record in self._by_agent.of(agent_id) if _is_held(record)
        ]

    def provider_ready(self, agent_id: str, provider_id: str | None) -> None:
        """A provider is (back) here: set its volumes going that wait between two steps."""
        for record in self._by_agent.of(agent_id):
            if record.provider_id == provider_id:
                self._kick(record.name)

    def users(self, record: VolumeRecord) -> list[str]:
        """Ids of the tasks that use the volume."""
        if record.resource is None:
            return []
        disk = self._resource(record).disk
        source_id = disk.source.id if disk is not None and disk.source is not None else None
        if source_id is None:
            return []
        return [task.task_id for task in self._state.users_of(source_id, record.provider_id)]

    def operators_volume(self, disk: Resource) -> VolumeRecord | None:
        """The operator's volume that this persistent disk is; None when it is somebody else's."""
        assert disk.disk is not None
        assert disk.disk.persistence is not None
        record = self.volumes.get(disk.disk.persistence.id)
        if record is None or record.resource is None or record.provider_id != disk.provider_id:
            return None
        mine = self._resource(record).disk
        return record if mine is not None and mine.source == disk.disk.source else None

    def message(self, record: VolumeRecord) -> master.VolumeInfo:
        """The volume as the operator API shows it."""
        step = record.next_step(whole=self._is_whole(record))
        info = master.VolumeInfo(
            name=record.name,
            profile=record.profile,
            size_bytes=record.size_mb * 2**20,
            block=record.block,
            role=record.role,
            agent_id=mesos.AgentID(value=record.agent_id),
            resource_provider_id=mesos.ResourceProviderID(value=record.provider_id),
            state=master.VolumeState(f"VOLUME_{record.state}"),
            users=self.users(record),
            operations=[mesos.UUID(value=uuid) for uuid in record.operations],
            created=record.created,
        )
        if record.message:
            info.message = record.message
        if record.resource is not None:
            info.resource = decode_msgpack(mesos.Resource, record.resource)
        if step is not None:
            info.step = str(step)
        return info

    def _keep(self, record: VolumeRecord) -> None:
        """Know a volume by its name and by its agent; one of the same name that failed gives way."""
        known = self.volumes.get(record.name)
        if known is not None:
            self._drop(known)
        self.volumes[record.name] = record
        self._by_agent.add(record.agent_id, record.name, record)

    def _drop(self, record: VolumeRecord) -> None:
        del self.volumes[record.name]
        self._by_agent.remove(record.agent_id, record.name)

    def _is_whole(self, record: VolumeRecord) -> bool:
        """Whether the volume's provider makes and ends whole volumes, as far as is known now."""
        provider = self._state.provider((record.agent_id, record.provider_id))
        return provider is not None and CREATE_DISK_WHOLE in provider.capabilities

    def _place(self, record: VolumeRecord) -> Placement:
        return place(record, self._state, self._allocator, self._offers)

    # Steps.

    def _advance(self, transaction: Transaction, record: VolumeRecord) -> None:
        """Begin the next step, or rest at the goal."""
        step = record.next_step(whole=self._is_whole(record))
        if step is None:
            if record.rung is Rung.NOTHING and record.failed is None:
                self._drop(record)
            return
        provider = self._state.provider((record.agent_id, record.provider_id))
        if provider is None:
            self._hold(record)  # goes on when the provider is back
            return
        if step is OperationType.CREATE_DISK:
            self._replace(transaction, record)
        else:
            self._begin(transaction, record, step, self._resource(record))

    def _replace(self, transaction: Transaction, record: VolumeRecord) -> None:
        """Take a share of a pool again, after the first was not there when it was needed."""
        try:
            placement = self._place(record)
        except (InvalidRequest, StaleView) as error:
            self._fail(transaction, record, str(error))
            return
        self._drop(record)
        record.agent_id, record.provider_id = placement.agent_id, placement.provider_id
        self._keep(record)
        self._begin(transaction, record, OperationType.CREATE_DISK, placement.share)

    def _begin(
        self, transaction: Transaction, record: VolumeRecord, step: OperationType, resource: Resource
    ) -> None:
        operation = operation_for(record, step, resource, whole=self._is_whole(record))
        accepted = self._operations.accept(
            transaction,
            info=operation_to_wire(operation),
            operation=operation,
            agent_id=record.agent_id,
            provider_id=record.provider_id,
            role=record.role,
            provisioning=record.name,
        )
        record.operation = accepted.uuid
        record.operations = [*record.operations, accepted.uuid][-OPERATIONS_SHOWN:]

    def _ended(self, operation: OperationRecord, transaction: Transaction) -> None:
        record = self.volumes.get(operation.provisioning or "")
        if record is None or record.operation != operation.uuid:
            return
        record.operation = None
        step, status = _step_of(operation), operation.statuses[-1]
        if status.state is mesos.OperationState.OPERATION_FINISHED:
            self._climbed(record, step, status)
            self._advance(transaction, record)
        elif record.next_step(whole=self._is_whole(record)) is not step:
            self._advance(transaction, record)  # the goal was turned meanwhile: nobody wants it any more
        elif status.state is mesos.OperationState.OPERATION_DROPPED and record.attempts < ATTEMPTS_LIMIT:
            record.attempts += 1
            self._hold(record)
            self._retry_later(record)
        else:
            self._fail(transaction, record, _reason(step, status))
        self._save(transaction, record)

    def _climbed(self, record: VolumeRecord, step: OperationType, status: mesos.OperationStatus) -> None:
        if step is OperationType.CREATE_DISK:
            record.resource = encode_msgpack(status.converted_resources[0])
            record.rung = rung_of(self._resource(record))
        elif step is OperationType.DESTROY_DISK:
            record.resource, record.rung = None, Rung.NOTHING
        else:
            after = resource_after(record, step, self._resource(record))
            record.resource, record.rung = encode_msgpack(resource_to_wire(after)), rung_of(after)
        record.attempts = 0

    def _fail(self, transaction: Transaction, record: VolumeRecord, reason: str) -> None:
        """A step was refused: going up, go down again; going down, an operator has to look."""
        if record.goal is Goal.PRESENT:
            record.goal, record.failed, record.attempts = Goal.ABSENT, reason, 0
            self._advance(transaction, record)
            return
        record.stuck = f"{reason}; try again with `orlop volume destroy {record.name}`"
        self._hold(record)
        log.error("volume %s: %s", record.name, record.stuck)

    def _retry_later(self, record: VolumeRecord) -> None:
        limit = min(RETRY_LAST_SECONDS, RETRY_FIRST_SECONDS * 2**record.attempts)
        wait = limit * (0.5 + self._random.random() / 2)
        asyncio.get_running_loop().call_later(wait, self._kick, record.name)

    def _kick(self, name: str) -> None:
        """Go on with a volume that waits between two steps."""
        record = self.volumes.get(name)
        if record is None or record.operation is not None or record.stuck is not None:
            return
        if self._state.provider((record.agent_id, record.provider_id)) is None:
            return
        if record.next_step(whole=self._is_whole(record)) is None:
            return
        transaction = Transaction()
        self._unhold(record)
        self._advance(transaction, record)
        self._save(transaction, record)
        self._journal.commit_soon(transaction)

    # What stands between two steps must not be offered.

    def _hold(self, record: VolumeRecord) -> None:
        if record.resource is not None and record.agent_id in self._allocator.agents:
            held = Resources((self._resource(record),))
            self._allocator.allocate(None, None, record.agent_id, held)

    def _unhold(self, record: VolumeRecord) -> None:
        if _is_held(record):
            held = Resources((self._resource(record),))
            self._allocator.release(None, None, record.agent_id, held)

    def _withdraw(self, record: VolumeRecord) -> None:
        """Before a volume at rest goes down: nobody may be offered it any more."""
        if record.rung is not Rung.PERSISTENT:
            return
        wanted = Resources((self._resource(record),))
        self._offers.rescind_on(record.agent_id, lambda offer: offer.resources.contains(wanted))

    def _resource(self, record: VolumeRecord) -> Resource:
        assert record.resource is not None
        return resource_from_wire(decode_msgpack(mesos.Resource, record.resource))

    # Writing.

    async def _save_and_commit(self, transaction: Transaction, record: VolumeRecord) -> None:
        self._save(transaction, record)
        await self._journal.commit(transaction)

    def _save(self, transaction: Transaction, record: VolumeRecord) -> None:
        present = self.volumes.get(record.name) is record
        transaction.add(_store(record) if present else _remove(record.name))
        kind = ChangeKind.VOLUME_UPDATED if present else ChangeKind.VOLUME_REMOVED
        self._state.changed(kind, record)


def _is_held(record: VolumeRecord) -> bool:
    at_rest = record.goal is Goal.PRESENT and record.rung is Rung.PERSISTENT
    return record.operation is None and record.resource is not None and not at_rest


def _step_of(operation: OperationRecord) -> OperationType:
    return OperationType(str(operation.info.type))


def _reason(step: OperationType, status: mesos.OperationStatus) -> str:
    message = status.message if isinstance(status.message, str) else "no reason was given"
    return f"{step} ended as {status.state}: {message}"


def _store(record: VolumeRecord) -> Change:
    row = {"name": record.name, "record": msgspec.msgpack.encode(record)}
    return Run(_UPSERT, row)


def _remove(name: str) -> Change:
    return Run(_DELETE, {"volume": name})


def _upsert() -> Insert:
    query = insert(schema.provisionings)
    return query.on_conflict_do_update(index_elements=["name"], set_={"record": query.excluded.record})


# Made once: making a statement costs more than running it.
_UPSERT: Final = _upsert()
_DELETE: Final = delete(schema.provisionings).where(schema.provisionings.c.name == bindparam("volume"))
