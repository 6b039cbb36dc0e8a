"""Volumes made larger: operators' own by name, and any by GROW_VOLUME and SHRINK_VOLUME of the operator API.

Judges the request, makes room for it, and begins the operation; what follows is `provisioning`'s, or the
operation's own. No I/O here.
"""

from __future__ import annotations

from msgspec import UNSET

from api.model.errors import InvalidRequest
from api.model.operation import GrowVolume, Operation, consumed
from api.model.operation_rules import validate
from api.model.quantity import bytes_to_mb_up
from api.model.resources import Resources
from api.wire.convert import resource_from_wire
from api.wire.convert_operations import operation_from_wire
from api.wire.v1 import master, mesos
from orchestrator.claims import Claims, UnknownAgent
from orchestrator.journal import Journal, Transaction
from orchestrator.operations import Operations
from orchestrator.provisioning import Provisioning
from orchestrator.records import OperationRecord
from orchestrator.state import Agent, ClusterState
from orchestrator.volume_requests import NoSuchVolume, VolumeConflict
from orchestrator.volumes import VolumeRecord, VolumeState


class Expansion:
    """Carries out what operators ask of volumes' sizes."""

    def __init__(
        self,
        state: ClusterState,
        journal: Journal,
        claims: Claims,
        operations: Operations,
        provisioning: Provisioning,
    ) -> None:
        self._state = state
        self._journal = journal
        self._claims = claims
        self._operations = operations
        self._provisioning = provisioning

    async def expand(self, call: master.CallExpandVolume) -> VolumeRecord:
        """Accept that a volume becomes as large as asked: it is EXPANDING, durably, when this returns.

        One that is as large already is left as it is. Raises NoSuchVolume, InvalidRequest (it would become
        smaller), VolumeConflict (its state does not allow it now), NotEnough (there is no room for it now).
        """
        record = self._provisioning.volumes.get(call.name)
        if record is None:
            raise NoSuchVolume(f"there is no volume {call.name!r}: see `orlop volume list`")
        wanted_mb = bytes_to_mb_up(call.size_bytes) if call.size_bytes > 0 else 0
        if not _is_new(record, wanted_mb):
            await self._journal.barrier()
            return record
        if self._state.provider((record.agent_id, record.provider_id)) is None:
            raise VolumeConflict(
                f"volume {record.name!r} is on agent {record.agent_id}, whose provider is not here now: "
                "try again when it is back (`orlop providers`)"
            )
        transaction = Transaction()
        await self._provisioning.grow(transaction, record, wanted_mb)
        return record

    async def resize(self, call: master.CallGrowVolume | master.CallShrinkVolume) -> OperationRecord:
        """Accept GROW_VOLUME or SHRINK_VOLUME of any volume; durable when it returns.

        Raises InvalidRequest (it can never be), NotEnough (what it consumes is not free now).
        """
        info = _info(call)
        operation = operation_from_wire(info)
        validate(operation)
        agent = self._agent(call)
        volume = resource_from_wire(call.volume)
        if volume.is_persistent and (mine := self._provisioning.operators_volume(volume)) is not None:
            raise VolumeConflict(
                f"{volume} is an operator's volume: use EXPAND_VOLUME (`orlop volume expand {mine.name}`)"
            )
        self._claims.check_quota(operation)
        self._claims.make_free(agent, consumed(operation), in_use=_goes_on(operation))
        transaction = Transaction()
        record = self._operations.accept(
            transaction,
            info=info,
            operation=operation,
            agent_id=agent.agent_id,
            provider_id=volume.provider_id,
            role=volume.role if volume.is_reserved else None,
        )
        await self._journal.commit(transaction)
        return record

    def _agent(self, call: master.CallGrowVolume | master.CallShrinkVolume) -> Agent:
        if call.agent_id is UNSET:
            volume = resource_from_wire(call.volume)
            having = [a for a in self._state.agents.values() if a.total().count(volume.with_allocation(None))]
            if volume.provider_id is None or len(having) != 1:
                raise UnknownAgent("say which agent has the volume (agent_id)")
            return having[0]
        return self._claims.agent(call.agent_id.value)


def _info(call: master.CallGrowVolume | master.CallShrinkVolume) -> mesos.OfferOperation:
    kind = mesos.OfferOperationType
    if isinstance(call, master.CallGrowVolume):
        grow = mesos.OfferOperationGrowVolume(volume=call.volume, addition=call.addition)
        return mesos.OfferOperation(type=kind.GROW_VOLUME, grow_volume=grow)
    shrink = mesos.OfferOperationShrinkVolume(volume=call.volume, subtract=call.subtract)
    return mesos.OfferOperation(type=kind.SHRINK_VOLUME, shrink_volume=shrink)


def _goes_on(operation: Operation) -> Resources:
    """What tasks may use while the operation is at work: a provider's volume grows under them."""
    if isinstance(operation, GrowVolume) and operation.volume.provider_id is not None:
        return Resources((operation.volume.with_allocation(None),))
    return Resources()


def _is_new(record: VolumeRecord, wanted_mb: int) -> bool:
    """Whether there is something to do. Raises InvalidRequest, VolumeConflict."""
    if record.state is VolumeState.EXPANDING and record.wanted_mb == wanted_mb:
        return False
    if record.state is not VolumeState.AVAILABLE:
        raise VolumeConflict(
            f"volume {record.name!r} is {record.state}, and can be expanded once it is AVAILABLE: "
            f"see `orlop volume inspect {record.name}`"
        )
    if wanted_mb < record.size_mb:
        raise InvalidRequest(
            f"volume {record.name!r} has {record.size_mb} MiB, and CSI cannot make a volume smaller: "
            "make a smaller one and copy"
        )
    return wanted_mb > record.size_mb
