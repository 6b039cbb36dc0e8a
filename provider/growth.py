"""GROW_VOLUME of a plugin's disks: what the operation asks for, charges, and ends in.

The piece of the pool that is added is consumed like the volume itself; the grown volume takes their place
when the plugin has made room and, where that is needed, the node has taken it in. What the plugin really
took, which may be more than was asked for, leaves the pool. Pure.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from api.model.operation import GrowVolume, OperationEvent
from api.model.quantity import MILLI, bytes_to_mb_up, mb_milli_to_bytes
from api.model.resources import Resource, Scalar
from provider.attempts import Turn
from provider.driver import VolumeDriver, held_by
from provider.expansions import Wish
from provider.records import OperationRecord
from provider.totals import Totals, pool_profile, volume_key
from provider.volume import Expansion, Volume


class Host(Protocol):
    """What this room asks of the machine."""

    def finish(self, turn: Turn, uuid: UUID, converted: tuple[Resource, ...]) -> None: ...

    def end(self, turn: Turn, uuid: UUID, how: OperationEvent, message: str) -> None: ...

    def settle(self, turn: Turn) -> None: ...


class Growth:
    """GROW_VOLUMEs under way of one provider."""

    def __init__(self, host: Host, totals: Totals, driver: VolumeDriver) -> None:
        self._host = host
        self._totals = totals
        self._driver = driver
        self._unsent: dict[UUID, OperationRecord] = {}

    def begin(self, turn: Turn, record: OperationRecord) -> None:
        """Begin, or after a restart go on with, a GROW_VOLUME; it waits for a plugin that is not up."""
        if self._driver.facts is None:
            self._unsent[record.uuid] = record
            return
        operation = record.operation
        assert isinstance(operation, GrowVolume)
        problem = self._problem(operation)
        if problem is not None:
            self._host.end(turn, record.uuid, OperationEvent.FAIL, problem)
            return
        wish = Wish(
            lambda later, volume, taken: self._finish(later, record, volume, taken),
            lambda later, reason, taken: self._refused(later, record, reason, taken),
        )
        self._driver.expansions.begin(turn, volume_key(operation.volume), _required(operation), wish)
        self._driver.tell_trouble(turn, volume_key(operation.volume))

    def ready(self, turn: Turn) -> None:
        """The plugin is up: begin what waited for it."""
        waiting, self._unsent = list(self._unsent.values()), {}
        for record in waiting:
            self.begin(turn, record)

    def give_up(self, turn: Turn, record: OperationRecord) -> None:
        """An operator abandoned it. Room that may have been made is waited for; what was made, is taken."""
        operation = record.operation
        assert isinstance(operation, GrowVolume)
        key = volume_key(operation.volume)
        if record.uuid not in self._unsent:
            self._driver.expansions.abandon(turn, key, "the volume is as large as it was")
            return
        volume = self._driver.volumes.get(key)
        expansion = None if volume is None else _expansion(volume, operation)
        if volume is None or expansion is None or not self._may_be_made(volume, expansion):
            del self._unsent[record.uuid]
            self._host.end(turn, record.uuid, OperationEvent.FAIL, "the volume is as large as it was")
        elif self._driver.expansions.is_made(volume):
            del self._unsent[record.uuid]
            self._finish(turn, record, volume, volume.capacity_bytes - expansion.from_bytes)

    def _may_be_made(self, volume: Volume, expansion: Expansion) -> bool:
        """Whether there is no way back, or nobody knows."""
        return expansion.sent or self._driver.expansions.is_made(volume)

    def _problem(self, operation: GrowVolume) -> str | None:
        facts, key = self._driver.facts, volume_key(operation.volume)
        assert facts is not None
        volume = self._driver.volumes.get(key)
        if volume is None:
            return f"volume {key!r} is not known to this provider: look at the resources again"
        expansion = _expansion(volume, operation)
        if expansion is not None and self._may_be_made(volume, expansion):
            return None  # it may have been done already: it goes on, whatever else is true now
        can = facts.capabilities
        if not can.controller_expand and not can.node_expand:
            return (
                f"the plugin {facts.name} cannot expand volumes (EXPAND_VOLUME): make a larger one and copy"
            )
        users = held_by([key], self._driver.holders)
        if users is not None and not can.online_expand:
            return f"the plugin {facts.name} expands a volume only while it is not in use, and it is {users}"
        return None

    def _charge(self, turn: Turn, record: OperationRecord, taken: int) -> None:
        """The plugin has made room: the pool has really so much less."""
        assert isinstance(record.operation, GrowVolume)
        if taken > 0:
            turn.persist(*self._totals.charge(pool_profile(record.operation.addition), taken))

    def _refused(self, turn: Turn, record: OperationRecord, reason: str, taken: int) -> None:
        self._charge(turn, record, taken)
        self._host.end(turn, record.uuid, OperationEvent.FAIL, reason)
        self._host.settle(turn)

    def _finish(self, turn: Turn, record: OperationRecord, volume: Volume, taken: int) -> None:
        operation = record.operation
        assert isinstance(operation, GrowVolume)
        self._charge(turn, record, taken)
        size = Scalar(bytes_to_mb_up(volume.capacity_bytes) * MILLI)
        self._host.finish(turn, record.uuid, (operation.volume.with_allocation(None).with_value(size),))
        self._host.settle(turn)


def _required(operation: GrowVolume) -> int:
    return mb_milli_to_bytes(operation.volume.milli + operation.addition.milli)


def _expansion(volume: Volume, operation: GrowVolume) -> Expansion | None:
    """What was begun for this operation; an earlier one's may still wait for the node to take it in."""
    expansion = volume.expansion
    return expansion if expansion is not None and expansion.required_bytes >= _required(operation) else None
