"""What tasks and executors say that they use, read and judged. What is said alike is read once.

Pure but for what it remembers. Whether it was offered is not asked here.
"""

from __future__ import annotations

from typing import Final

import msgspec

from api.model.resources import Resources
from api.model.validation import validate_resources
from api.wire.convert import resources_from_wire
from api.wire.v1 import mesos
from orchestrator.check_rules import InvalidTask

ALIKE_LIMIT: Final = 4_096
"""Descriptions that are remembered; when there are more, remembering starts anew."""

ALIKE_BYTES: Final = 1_024
"""A longer description is not remembered: one with disks is its task's alone."""


class TaskResources:
    """Schedulers launch many tasks alike: reading what they use is most of what a launch would cost."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, str], Resources] = {}

    def of(self, path: str, wire: list[mesos.Resource], role: str) -> Resources:
        """Without their allocation, which is to `role`. Raises OrlopError, WireError: say `path`."""
        said = msgspec.msgpack.encode(wire)
        if len(said) > ALIKE_BYTES:
            return _read(path, wire, role)
        found = self._known.get((said, role))
        if found is None:
            found = _read(path, wire, role)
            if len(self._known) >= ALIKE_LIMIT:
                self._known.clear()
            self._known[said, role] = found
        return found


def _read(path: str, wire: list[mesos.Resource], role: str) -> Resources:
    resources = resources_from_wire(wire, path)
    validate_resources(resources)
    other = next((each for each in resources if each.allocated_to not in (None, role)), None)
    if other is not None:
        raise InvalidTask(
            f"{other}: allocation_info names another role than the offer's, {role!r}: leave it out"
        )
    return resources.unallocated()
