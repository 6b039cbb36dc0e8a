"""What agents report of their tasks, read as far as a registration needs it.

Most tasks hold the same as many others: what is alike is read once, and is one object. Pure: it keeps nothing
but what it has read lately.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from api.model.resources import EMPTY, Resources
from api.model.roles import UNRESERVED
from api.wire.convert import resources_from_wire
from api.wire.registration import TaskHead, head_of, raw_task, resources_of
from api.wire.v1 import mesos

READINGS_LIMIT = 4_096
"""Different holdings whose reading is remembered; beyond it all are forgotten and read again."""

MULTIPLES_LIMIT = 4_096
"""The same of sums."""

Holding = tuple[str, Resources]
"""A role, and what is held for it, without allocation info."""


@dataclass(slots=True)
class ReportedTask:
    """A task, as its agent reports it. `raw`: all of it (`mesos.v1.Task` in msgpack)."""

    head: TaskHead
    role: str
    resources: Resources
    raw: bytes


class Reports:
    """Reads reports."""

    def __init__(self) -> None:
        self._read: dict[bytes, Holding] = {}

    def task(self, task: mesos.Task | msgspec.Raw) -> ReportedTask:
        """Raises WireError: the agent runs another version, or is not one of ours."""
        raw = raw_task(task)
        head = head_of(raw)
        role, resources = self._holding(bytes(head.resources))
        return ReportedTask(head, role, resources, raw)

    def _holding(self, raw: bytes) -> Holding:
        known = self._read.get(raw)
        if known is None:
            if len(self._read) >= READINGS_LIMIT:
                self._read.clear()
            resources = resources_from_wire(resources_of(raw))
            role = next(
                (each.allocated_to for each in resources if each.allocated_to is not None), UNRESERVED
            )
            known = self._read[raw] = role, resources.unallocated()
        return known


class Multiples:
    """Sums of what is mostly alike: what so many of the same are together is reckoned once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Resources, int], Resources] = {}

    def total(self, parts: list[Resources]) -> Resources:
        if not parts:
            return EMPTY
        first = parts[0]
        if not all(each is first for each in parts):
            return Resources.total(parts)
        key = first, len(parts)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MULTIPLES_LIMIT:
                self._known.clear()
            known = self._known[key] = Resources.total(parts)
        return known
