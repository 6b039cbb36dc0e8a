"""What stands in the way of an operation that has not ended, in words for people.

It looks and tells: it must not change anything, repeat a call, or know how it is reported. Pure.
"""

from __future__ import annotations

from api.model.operation import resources_of
from provider.attempts import Attempts, Trouble
from provider.disks import Disks
from provider.driver import VolumeDriver
from provider.operations import Operations
from provider.records import OperationRecord
from provider.starts import Kind
from provider.totals import volume_key


class Troubles:
    """What goes on failing, by operation."""

    def __init__(
        self, kind: Kind, operations: Operations, attempts: Attempts, driver: VolumeDriver, disks: Disks
    ) -> None:
        self._kind = kind
        self._operations = operations
        self._attempts = attempts
        self._driver = driver
        self._disks = disks

    def of(self, record: OperationRecord) -> Trouble | None:
        """Why `record` has not ended yet; None when nothing is wrong."""
        if record.state.is_terminal:
            return None
        if self._operations.is_waiting(record.uuid):
            found = self._behind(record)
        else:
            found = self._attempts.trouble_of(self.subjects(record))
        if found is None and self._kind is Kind.PLUGIN and self._driver.facts is None:
            found = Trouble("it waits for the plugin, which is not up yet", 0, record.created, record.created)
        return found

    def subjects(self, record: OperationRecord) -> list[str]:
        """What the calls that it may wait for are about: itself, and the volumes that it names or made."""
        found = [str(record.uuid), *(key for r in resources_of(record.operation) if (key := volume_key(r)))]
        made = self._disks.discarded.get(record.uuid)
        return found if made is None else [*found, made]

    def before(self, record: OperationRecord) -> list[OperationRecord]:
        """Those under way that an operation which waits its turn may be waiting for."""
        return [r for r in self._operations.active() if r.sequence < record.sequence]

    def _behind(self, record: OperationRecord) -> Trouble | None:
        for earlier in self.before(record):
            found = self._attempts.trouble_of(self.subjects(earlier))
            if found is not None:
                message = f"it waits its turn behind {earlier.operation.type} {earlier.uuid}: {found.message}"
                return Trouble(message, found.times, found.since, found.latest)
        return None
