"""DESTROY of a plugin's volumes: their contents are deleted, published for it when they are not.

A volume that nobody could write to since it was made or wiped is not published just to find it empty.
Several volumes in one operation: all must be wiped for it to succeed; when one cannot be, it fails as a
whole, and the others, wiped or not, stay persistent volumes. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from api.model.operation import OperationEvent
from provider.attempts import Turn
from provider.driver import Demand, VolumeDriver
from provider.records import OperationRecord
from provider.volume import Goal


class Host(Protocol):
    """What this room asks of the machine."""

    def convert(self, turn: Turn, record: OperationRecord) -> None: ...

    def end(self, turn: Turn, uuid: UUID, how: OperationEvent, message: str) -> None: ...


class Wipes:
    """DESTROYs under way, each with the volumes that are not wiped yet."""

    def __init__(self, host: Host, driver: VolumeDriver) -> None:
        self._host = host
        self._driver = driver
        self._open: dict[UUID, set[str]] = {}

    def begin(self, turn: Turn, record: OperationRecord, keys: Sequence[str]) -> None:
        """Begin, or after a restart go on with, a DESTROY of volumes that nobody holds."""
        used = {k for k in keys if (v := self._driver.volumes.get(k)) is not None and v.used}
        self._open[record.uuid] = set(used)
        if not used:
            self._all_done(turn, record)
        for key in sorted(used):
            self._driver.demand(turn, key, self._demand(record, key))

    def _demand(self, record: OperationRecord, key: str) -> Demand:
        return Demand(
            Goal.PUBLISHED,
            lambda turn: self._done(turn, record, key),
            lambda turn, reason: self._failed(turn, record, reason),
        )

    def _done(self, turn: Turn, record: OperationRecord, key: str) -> None:
        left = self._open.get(record.uuid)
        if left is not None:
            left.discard(key)
            if not left:
                self._all_done(turn, record)

    def _all_done(self, turn: Turn, record: OperationRecord) -> None:
        del self._open[record.uuid]
        self._host.convert(turn, record)

    def give_up(self, turn: Turn, record: OperationRecord) -> None:
        """Wipe no more. A volume that is being wiped just now is not used before that is over."""
        self._failed(turn, record, "the volumes stay as they are; some may be wiped already")

    def _failed(self, turn: Turn, record: OperationRecord, reason: str) -> None:
        left = self._open.pop(record.uuid, None)
        if left is not None:
            self._driver.withdraw(turn, left)
            self._host.end(turn, record.uuid, OperationEvent.FAIL, reason)
