"""Tasks' containers as parents of operators': what `orlop task exec` runs in. Looks up, changes nothing."""

from __future__ import annotations

from agent.containers.parts import Parent
from agent.task_state import TaskPhase
from agent.tasks import Tasks

_RUNS = (TaskPhase.RUNNING, TaskPhase.KILLING)


class TaskParents:
    """Implements `agent.containers.parts.Parents`."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    def find(self, container_id: str) -> Parent | None:
        """See Parents."""
        record = self._tasks.find_container(container_id)
        if record is None or record.phase not in _RUNS:
            return None
        return Parent(container_id, str(self._tasks.sandbox(record)))

    def knows(self, container_id: str) -> bool:
        """See Parents."""
        return self._tasks.find_container(container_id) is not None
