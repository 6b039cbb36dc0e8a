"""Operators' volumes, carried up and down their ladder (`volumes`) one operation at a time.

The next step is written in the same transaction as the outcome of the one before, so a crash
finds either an operation in flight, which is resumed like any other, or a volume at rest. What
stands between two steps is held back from offers. No I/O here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from random import Random  # noqa: TID251 - for its type: the generator is passed in

from api.model.clock import Clock
from api.model.errors import InvalidRequest, StaleView
from api.model.operation import CREATE_DISK_WHOLE, GrowVolume, Operation, OperationType
from api.model.quantity import MILLI
from api.model.resource import Resource
from api.model.resources import Resources
from api.wire.convert_operations import operation_to_wire
from api.wire.v1 import master, mesos
from orchestrator.adoptable import NotLetIn, disk_of
from orchestrator.allocator import Allocator
from orchestrator.found_rows import Found
from orchestrator.index import Index
from orchestrator.journal import Journal, Transaction
from orchestrator.offers import Offers
from orchestrator.operations import Operations
from orchestrator.operator_messages import volume_shown
from orchestrator.reconciliation import AgentStanding, ProviderStanding
from orchestrator.records import OperationRecord
from orchestrator.standings import Standings
from orchestrator.state import ChangeKind, ClusterState
from orchestrator.volume_holds import VolumeHolds, disk_id_of, held, resource_of
from orchestrator.volume_places import VolumePlaces
from orchestrator.volume_requests import (
    NoSuchVolume,
    VolumeConflict,
    refuse_end,
    refuse_forgetting,
    refuse_other,
    wanted_volume,
)
from orchestrator.volume_rows import loaded_volumes, remove_volume, store_volume
from orchestrator.volume_steps import climbed, lose, reason_of, step_of
from orchestrator.volumes import (
    ATTEMPTS_LIMIT,
    OPERATIONS_SHOWN,
    VOLUMES_LIMIT,
    Goal,
    Rung,
    VolumeRecord,
    VolumeState,
    operation_for,
    retry_pause,
)

log = logging.getLogger(__name__)


class Provisioning:
    """Creates and destroys operators' volumes."""

    def __init__(
        self,
        state: ClusterState,
        journal: Journal,
        allocator: Allocator,
        offers: Offers,
        operations: Operations,
        standings: Standings,
        places: VolumePlaces,
        clock: Clock,
        random: Random,
    ) -> None:
        self._state = state
        self._journal = journal
        self._operations = operations
        self._standings = standings
        self._places = places
        self._clock = clock
        self._random = random
        self._holds = VolumeHolds(allocator, offers)
        self._began = clock.now()
        self.volumes: dict[str, VolumeRecord] = {}
        self._by_agent: Index[str, VolumeRecord] = Index()
        operations.on_provisioning_ended(self._ended)

    def load(self, found: Found) -> Iterator[None]:
        """Fill memory from disk. Once, at start; providers set the volumes going when they are back."""
        yield from map(self._keep, loaded_volumes(found))

    async def provision(self, call: master.CallProvisionVolume) -> VolumeRecord:
        """Accept a volume: it exists as CREATING, durably, when this returns.

        The same request again changes nothing. Raises InvalidRequest (what was asked can never be),
        VolumeConflict (the name is in use otherwise), NotEnough (there is no room for it now), QuotaExceeded
        and KeptForOthers (its role's quota, or others' guarantees, do not allow it).
        """
        wanted = wanted_volume(call, self._clock.now())
        known = self.volumes.get(wanted.name)
        if known is not None and known.state is not VolumeState.FAILED:
            refuse_other(known, wanted)
            await self._journal.barrier()
            return known
        if known is None and len(self.volumes) >= VOLUMES_LIMIT:
            raise VolumeConflict(f"there are {VOLUMES_LIMIT} volumes already: destroy one first")
        placement = self._places.place(wanted, self.volumes)
        wanted.agent_id, wanted.provider_id = placement.agent_id, placement.provider_id
        self._keep(wanted)
        transaction = Transaction()
        self._begin(transaction, wanted, OperationType.CREATE_DISK, placement.share)
        await self._save_and_commit(transaction, wanted)
        return wanted

    async def take_up(self, wanted: VolumeRecord) -> None:
        """Begin with a volume that is to be adopted: it exists, durably, when this returns.

        Raises QuotaExceeded, KeptForOthers. One that stands already is charged to its role already.
        """
        if wanted.rung is Rung.NOTHING:
            self._places.check(wanted, self.volumes)
        self._keep(wanted)
        transaction = Transaction()
        self._advance(transaction, wanted)
        await self._save_and_commit(transaction, wanted)

    async def deprovision(self, name: str) -> VolumeRecord:
        """Accept the end of a volume: it is DESTROYING, durably, when this returns.

        Raises NoSuchVolume, and VolumeConflict naming the tasks that use it.
        """
        record = self.volumes.get(name)
        if record is None:
            raise NoSuchVolume(f"there is no volume {name!r}: see `orlop volume list`")
        refuse_end(record, self.users(record))
        transaction = Transaction()
        if record.operation is None:
            self._holds.release(record)
            self._holds.withdraw(record)
        record.failed = None
        if record.stuck is not None:
            record.stuck, record.attempts = None, 0
        record.goal = Goal.ABSENT
        if record.operation is None:
            self._advance(transaction, record)
        await self._save_and_commit(transaction, record)
        return record

    async def forget(self, name: str) -> tuple[VolumeRecord, bool]:
        """Forget a volume that nobody can destroy any more: its provider was removed for good, or is away,
        and the operator says that it will not be back. Of one whose provider is here this is `deprovision`.

        Returns the volume, and whether it was forgotten. Durable when it returns. Raises as `deprovision`.
        """
        record = self.volumes.get(name)
        if record is None or self._is_reachable(record):
            return await self.deprovision(name), False
        if self._standings.of_agent(record.agent_id) is AgentStanding.RECOVERED:
            refuse_forgetting(record, self._clock.now() - self._began)
        transaction = Transaction()
        self._holds.release(record)
        if record.operation is not None and record.rung is Rung.NOTHING:
            self._operations.abandon_uuid(transaction, record.operation)
        self._drop(record)
        await self._save_and_commit(transaction, record)
        return record, True

    def restored(
        self, transaction: Transaction, record: VolumeRecord, change: Callable[[VolumeRecord], None]
    ) -> None:
        """What a restored registry says of a volume is not so any more: it goes on from `change`."""
        if record.operation is None:
            self._holds.release(record)
        record.operation, record.attempts = None, 0
        change(record)
        if record.stuck is None:
            self._advance(transaction, record)
        self._save(transaction, record)

    def _is_reachable(self, record: VolumeRecord) -> bool:
        provider = self._standings.of_provider(record.agent_id, record.provider_id)
        agent = self._standings.of_agent(record.agent_id)
        at, source_id = self._state.provider((record.agent_id, record.provider_id)), disk_id_of(record)
        if at is not None and record.stuck is not None and source_id and disk_of(at, source_id) is None:
            return False  # its provider is here, and has nothing of it
        return agent is AgentStanding.REGISTERED and provider is ProviderStanding.SUBSCRIBED

    def provider_gone(self, transaction: Transaction, agent_id: str, provider_id: str | None) -> None:
        """An operator removed a provider for good, or (None) an agent with all of its: the volumes there are
        nobody's to make or to destroy. Those with operations under way follow when these have ended.
        """
        for record in self._by_agent.of(agent_id):
            is_its = provider_id in (None, record.provider_id)
            if is_its and record.operation is None and not record.gone:
                self._holds.release(record)
                lose(record, self._state.gone_agents)
                self._save(transaction, record)

    def of_agent(self, agent_id: str) -> list[VolumeRecord]:
        """The operators' volumes that are, or are being made, on an agent."""
        return self._by_agent.of(agent_id)

    async def grow(self, transaction: Transaction, record: VolumeRecord, wanted_mb: int) -> None:
        """A volume at rest is to have `wanted_mb`, which is more: EXPANDING, durably, when this returns.
        Raises NotEnough, QuotaExceeded, KeptForOthers; nothing has changed then."""
        missing = wanted_mb * MILLI - resource_of(record).milli
        if missing > 0:
            addition = self._places.more(record, missing, self.volumes)
            self._holds.withdraw(record)
            record.goal, record.wanted_mb, record.unexpanded = Goal.LARGER, wanted_mb, None
            record.attempts = 0
            self._carry_out(transaction, record, GrowVolume(resource_of(record), addition))
        else:  # the plugin gave more than was asked for
            record.size_mb, record.unexpanded = wanted_mb, None
        await self._save_and_commit(transaction, record)

    def held(self, agent_id: str) -> list[tuple[str, Resources]]:
        """What volumes between two steps keep from being offered on an agent, and for which role."""
        return held(self._by_agent.of(agent_id))

    def provider_ready(self, agent_id: str, provider_id: str | None) -> None:
        """A provider is (back) here: set its volumes going that wait between two steps."""
        for record in self._by_agent.of(agent_id):
            if record.provider_id == provider_id:
                self.kick(record.name)

    def users(self, record: VolumeRecord) -> list[str]:
        """The tasks (and executors) that use the volume."""
        source_id = disk_id_of(record)
        users = [] if source_id is None else self._state.users_of(source_id, record.provider_id)
        return [user.label for user in users]

    def operators_volume(self, disk: Resource) -> VolumeRecord | None:
        """The operator's volume that this persistent disk is; None when it is somebody else's."""
        assert disk.disk is not None
        assert disk.disk.persistence is not None
        record = self.volumes.get(disk.disk.persistence.id)
        if record is None or record.resource is None or record.provider_id != disk.provider_id:
            return None
        mine = resource_of(record).disk
        return record if mine is not None and mine.source == disk.disk.source else None

    def message(self, record: VolumeRecord) -> master.VolumeInfo:
        """The volume as the operator API shows it."""
        return volume_shown(record, self.users(record), self._is_whole(record), self._state)

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
            self._holds.hold(record)  # goes on when the provider is back
            return
        if step is OperationType.CREATE_DISK:
            self._replace(transaction, record)
        elif step is OperationType.GROW_VOLUME:
            self._grow_again(transaction, record)
        else:
            self._begin(transaction, record, step, resource_of(record))

    def _replace(self, transaction: Transaction, record: VolumeRecord) -> None:
        """Take a share of a pool again, after the first was not there when it was needed."""
        try:
            placement = self._places.place(record, self.volumes)
        except NotLetIn:
            return  # goes on with its provider's next report
        except (InvalidRequest, StaleView) as error:
            self._fail(transaction, record, str(error))
            return
        self._drop(record)
        record.agent_id, record.provider_id = placement.agent_id, placement.provider_id
        self._keep(record)
        self._begin(transaction, record, OperationType.CREATE_DISK, placement.share)

    def _grow_again(self, transaction: Transaction, record: VolumeRecord) -> None:
        """Take the share that is missing again, after the first was not there when it was needed."""
        missing = record.wanted_mb * MILLI - resource_of(record).milli
        try:
            addition = self._places.more(record, missing, self.volumes)
        except (InvalidRequest, StaleView) as error:
            self._fail(transaction, record, str(error))
            return
        self._carry_out(transaction, record, GrowVolume(resource_of(record), addition))

    def _begin(
        self, transaction: Transaction, record: VolumeRecord, step: OperationType, resource: Resource
    ) -> None:
        whole = self._is_whole(record)
        if step is OperationType.CREATE_DISK:
            record.reserved_by_pool = resource.role == record.role
        self._carry_out(transaction, record, operation_for(record, step, resource, whole=whole))

    def _carry_out(self, transaction: Transaction, record: VolumeRecord, operation: Operation) -> None:
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
        step, status = step_of(operation), operation.statuses[-1]
        if status.state is mesos.OperationState.OPERATION_GONE_BY_OPERATOR:
            lose(record, self._state.gone_agents)
        elif status.state is mesos.OperationState.OPERATION_FINISHED:
            climbed(record, step, status)
            if operation.abandoned is not None and record.goal is Goal.PRESENT:
                self._fail(transaction, record, f"{step} was given up by an operator")
            else:
                self._advance(transaction, record)
        elif record.next_step(whole=self._is_whole(record)) is not step:
            self._advance(transaction, record)  # the goal was turned meanwhile: nobody wants it any more
        elif status.state is mesos.OperationState.OPERATION_DROPPED and record.attempts < ATTEMPTS_LIMIT:
            record.attempts += 1
            self._holds.hold(record)
            self._retry_later(record)
        else:
            self._fail(transaction, record, reason_of(step, status))
        self._save(transaction, record)

    def _fail(self, transaction: Transaction, record: VolumeRecord, reason: str) -> None:
        """A step was refused: going up, go down again; going down, an operator has to look."""
        adopts = record.goal is Goal.PRESENT and record.source_id is not None
        if record.goal is Goal.PRESENT and not (adopts and record.resource is not None):
            record.goal, record.failed, record.attempts = Goal.ABSENT, reason, 0
            self._advance(transaction, record)
            return
        if record.goal is Goal.LARGER:
            record.goal, record.unexpanded = Goal.PRESENT, f"it was not expanded: {reason}"
            record.wanted_mb, record.attempts = 0, 0
            return
        again = f"adopt {record.source_id} --name" if adopts else "destroy"  # the way down deletes its data
        record.stuck = f"{reason}; try again with `orlop volume {again} {record.name}`"
        self._holds.hold(record)
        log.error("volume %s: %s", record.name, record.stuck)

    def _retry_later(self, record: VolumeRecord) -> None:
        wait = retry_pause(record.attempts, self._random)
        asyncio.get_running_loop().call_later(wait, self.kick, record.name)

    def kick(self, name: str) -> None:
        """Go on with a volume that waits between two steps."""
        record = self.volumes.get(name)
        if record is None or record.operation is not None or record.stuck is not None:
            return
        provider = self._state.provider((record.agent_id, record.provider_id))
        if provider is None or record.next_step(whole=self._is_whole(record)) is None:
            return
        transaction = Transaction()
        self._holds.release(record)
        self._advance(transaction, record)
        self._save(transaction, record)
        self._journal.commit_soon(transaction)

    # Writing.

    async def _save_and_commit(self, transaction: Transaction, record: VolumeRecord) -> None:
        self._save(transaction, record)
        await self._journal.commit(transaction)

    def _save(self, transaction: Transaction, record: VolumeRecord) -> None:
        present = self.volumes.get(record.name) is record
        transaction.add(store_volume(record) if present else remove_volume(record.name))
        kind = ChangeKind.VOLUME_UPDATED if present else ChangeKind.VOLUME_REMOVED
        self._state.changed(kind, record)
