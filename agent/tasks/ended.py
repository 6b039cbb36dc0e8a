"""Tasks that have ended in this life of the agent: how many, and the latest, for who asks when all is over.

Only for people and their tools: nothing is decided by it, and nothing of it survives a restart.
"""

from __future__ import annotations

from collections import Counter, deque

from agent.tasks.record import TaskRecord
from api.wire.v1 import mesos

ENDED_KEPT = 200
"""Of the tasks that have ended, the latest; older ones are found by their sandboxes alone."""


class EndedTasks:
    """Counted, and the latest kept."""

    def __init__(self) -> None:
        self.counts: Counter[mesos.TaskState] = Counter()
        self._latest: deque[TaskRecord] = deque(maxlen=ENDED_KEPT)

    def note(self, record: TaskRecord) -> None:
        """It has just come to its end."""
        self.counts[record.wire_state_of(record.phase)] += 1
        self._latest.append(record)

    def forgotten(self, known: list[TaskRecord]) -> list[TaskRecord]:
        """The latest that are not among those that are `known` still, oldest first."""
        here = {id(record) for record in known}
        return [record for record in self._latest if id(record) not in here]
