"""Ends of tasks that the orchestrator itself told: refused, dropped, gone. Kept until they are acknowledged.

No agent repeats such an end. So it is durable before it is told, is told again whenever its framework
subscribes, and is what a reconciliation answers. No I/O here but loading; callers write the changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, insert

from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.v1 import mesos
from orchestrator import schema
from orchestrator.found_rows import Found
from orchestrator.index import Index
from orchestrator.per_agent import PerAgent
from store.port import Change, Run, Several

ENDS_LIMIT = 10_000
"""Ends that are kept for one framework that acknowledges none. Beyond it the oldest are forgotten."""

_INSERT: Final = insert(schema.task_ends)
_DELETE: Final = delete(schema.task_ends).where(
    schema.task_ends.c.framework_id == bindparam("framework"),
    schema.task_ends.c.task_id == bindparam("task"),
)

TaskKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class TaskEnd:
    """The last word of a task, with the uuid by which it is acknowledged."""

    framework_id: str
    agent_id: str
    status: mesos.TaskStatus

    @property
    def key(self) -> TaskKey:
        """(framework id, task id)."""
        return self.framework_id, self.status.task_id.value


class TaskEnds:
    """In memory what is on disk. Methods that give a `Change` alter memory at once."""

    def __init__(self, limit: int = ENDS_LIMIT) -> None:
        """`limit`: see ENDS_LIMIT."""
        self._limit = limit
        self._all: PerAgent[TaskKey, TaskEnd] = PerAgent()
        self._by_framework: Index[str, TaskEnd] = Index()

    def __len__(self) -> int:
        return len(self._all)

    def load(self, found: Found) -> Iterator[None]:
        """Fill memory from disk. Once, at start."""
        for row in found.rows(schema.task_ends):
            self._put(TaskEnd(row.framework_id, row.agent_id, decode_msgpack(mesos.TaskStatus, row.status)))
            yield

    def get(self, key: TaskKey) -> TaskEnd | None:
        return self._all.get(key)

    def of_framework(self, framework_id: str) -> list[TaskEnd]:
        return self._by_framework.of(framework_id)

    def of_agent(self, agent_id: str) -> list[TaskEnd]:
        return self._all.of_agent(agent_id)

    def record(self, framework_id: str, agent_id: str, status: mesos.TaskStatus) -> Change:
        """Keep it. The status gets a uuid, so that it can be acknowledged."""
        status.uuid = _uuid_of(framework_id, status)
        end = TaskEnd(framework_id, agent_id, status)
        forgotten = [self.forget(end.key)]
        if self._by_framework.count(framework_id) >= self._limit:
            forgotten.append(self.forget(self._by_framework.of(framework_id)[0].key))
        self._put(end)
        row = {
            "framework_id": framework_id,
            "task_id": status.task_id.value,
            "agent_id": agent_id,
            "status": encode_msgpack(status),
        }
        return Several((*(each for each in forgotten if each is not None), Run(_INSERT, row)))

    def forget(self, key: TaskKey) -> Change | None:
        """Its framework knows it, or another word counts; None when there is none."""
        if self._all.pop(key) is None:
            return None
        framework_id, task_id = key
        self._by_framework.remove(framework_id, task_id)
        return Run(_DELETE, {"framework": framework_id, "task": task_id})

    def _put(self, end: TaskEnd) -> None:
        self._all.put(end)
        self._by_framework.add(end.framework_id, end.status.task_id.value, end)


def _uuid_of(framework_id: str, status: mesos.TaskStatus) -> bytes:
    said = f"{framework_id}/{status.task_id.value}/{status.state}/{status.timestamp}"
    return hashlib.sha256(said.encode()).digest()[:16]
