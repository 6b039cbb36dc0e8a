"""How each operation begins: which room does it, and what it means when it is done at once.

One table of what there is, by type. It must not: decide whether an operation may begin (that is
`operations`), call a plugin, or know how an operation is told of. Pure.
"""

from __future__ import annotations

import enum
from typing import Any, Protocol
from uuid import UUID

from api.model.operation import (
    Create,
    CreateDisk,
    Destroy,
    DestroyDisk,
    GrowVolume,
    OperationEvent,
    speculative_conversion,
)
from api.model.resources import Resource
from provider.attempts import Attempt, Attempts, Turn
from provider.deletions import Deletions
from provider.disks import Disks
from provider.driver import VolumeDriver, held_by
from provider.events import CallFailed, MakeVolume, RemoveVolume
from provider.growth import Growth
from provider.records import OperationRecord
from provider.totals import Totals, volume_key
from provider.wipes import Wipes


class Kind(enum.Enum):
    """Whose resources the machine looks after."""

    PLUGIN = "plugin"
    """A CSI plugin's pools and disks, under a provider id."""
    HOST = "host"
    """A host's own resources, which have no provider id."""


class Host(Protocol):
    """What this room asks of the machine."""

    def finish(self, turn: Turn, uuid: UUID, converted: tuple[Resource, ...]) -> None: ...

    def end(self, turn: Turn, uuid: UUID, how: OperationEvent, message: str) -> None: ...

    def settle(self, turn: Turn) -> None: ...


class Starts:
    """Begins operations. With `resuming` one is begun anew after a restart: it may have been done already."""

    def __init__(
        self,
        host: Host,
        kind: Kind,
        totals: Totals,
        driver: VolumeDriver,
        disks: Disks,
        deletions: Deletions,
        attempts: Attempts,
    ) -> None:
        self.resuming = False
        self._host = host
        self._kind = kind
        self._totals = totals
        self._driver = driver
        self._disks = disks
        self._deletions = deletions
        self._attempts = attempts
        self._wipes = Wipes(self, driver)
        self.growth = Growth(host, totals, driver)

    def start(self, turn: Turn, record: OperationRecord) -> None:
        """Begin `record`, which is contained in what is there; it may end at once."""
        operation = record.operation
        match operation:
            case CreateDisk() | DestroyDisk() if self._kind is Kind.HOST:
                message = (
                    f"{operation.type}: the agent's own disks are no provider's: use a RAW disk on offer"
                )
                self._host.end(turn, record.uuid, OperationEvent.FAIL, message)
            case CreateDisk():
                self._disks.create(turn, record, resumed=self.resuming)
            case DestroyDisk():
                self._deletions.begin(turn, record)
            case GrowVolume() if self._kind is Kind.PLUGIN:
                self.growth.begin(turn, record)
            case Create():
                self._create(turn, record, operation)
            case Destroy():
                self._destroy(turn, record, operation)
            case _:
                self.convert(turn, record)

    def give_up(self, turn: Turn, record: OperationRecord) -> None:
        """An operator abandoned `record`, which is under way: end it now if nothing can be left behind."""
        match record.operation:
            case CreateDisk():
                self._disks.give_up_creation(turn, record)
            case DestroyDisk():
                self._deletions.give_up(turn, record)
            case Destroy() if self._kind is Kind.PLUGIN:
                self._wipes.give_up(turn, record)
            case GrowVolume() if self._kind is Kind.PLUGIN:
                self.growth.give_up(turn, record)
            case _:
                pass  # it ends by itself: what it waits for is a single action of this host

    def convert(self, turn: Turn, record: OperationRecord) -> None:
        """A speculative operation was done: what it does to totals is known."""
        operation = record.operation
        self._host.finish(turn, record.uuid, tuple(speculative_conversion(operation).converted))
        if self._kind is Kind.PLUGIN:
            self._host.settle(turn)

    def _create(self, turn: Turn, record: OperationRecord, operation: Create) -> None:
        taken = next((v for v in operation.volumes if self._totals.is_named(v)), None)
        if taken is not None:
            message = f"{taken}: that persistence id is in use for role {taken.role!r}: choose another"
            self._host.end(turn, record.uuid, OperationEvent.FAIL, message)
        elif self._kind is Kind.PLUGIN:
            self.convert(turn, record)
        else:
            self._act_on_all(turn, record, operation.volumes, MakeVolume)

    def _destroy(self, turn: Turn, record: OperationRecord, operation: Destroy) -> None:
        keys = [volume_key(volume) for volume in operation.volumes]
        users = held_by(keys, self._driver.holders)
        if users is not None:
            self._host.end(turn, record.uuid, OperationEvent.FAIL, f"the volume is {users}")
        elif self._kind is Kind.HOST:
            self._act_on_all(turn, record, operation.volumes, RemoveVolume)
        else:
            self._wipes.begin(turn, record, keys)

    def _act_on_all(
        self,
        turn: Turn,
        record: OperationRecord,
        volumes: tuple[Resource, ...],
        action: type[MakeVolume] | type[RemoveVolume],
    ) -> None:
        """Carry `action` out on one volume after the other; the first failure fails the operation."""
        remaining = list(volumes)

        def next_one(later: Turn, _: Any = None) -> None:
            if not remaining:
                self.convert(later, record)
                return
            volume = remaining.pop(0).with_allocation(None)
            self._attempts.act(
                later, action(volume), f"{record.operation.type} of {volume}", next_one, failed
            )

        def failed(later: Turn, attempt: Attempt, failure: CallFailed) -> None:
            self._host.end(later, record.uuid, OperationEvent.FAIL, f"{attempt.about}: {failure.message}")

        next_one(turn)

    def end(self, turn: Turn, uuid: UUID, how: OperationEvent, message: str) -> None:
        """An operation was not done."""
        self._host.end(turn, uuid, how, message)
