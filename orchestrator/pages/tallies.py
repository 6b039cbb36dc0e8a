"""What has happened since the start, counted for the metrics that have Mesos's names.

It listens to the state's changes and counts; it changes nothing, and nobody decides by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from api.wire.v1 import mesos
from orchestrator.records import OperationRecord
from orchestrator.state import Agent, ChangeKind, ClusterState, StateChange, Task, TaskKey


class Tallies:
    """The counts of one orchestrator, all from 0 at its start."""

    def __init__(self, state: ClusterState) -> None:
        self.tasks: Counter[mesos.TaskState] = Counter()
        """Tasks that have ended, by how. Those whose launch was refused never were tasks."""
        self.operations: Counter[mesos.OperationState] = Counter()
        """Operations that have ended, by how."""
        self.agents: Counter[ChangeKind] = Counter()
        """Agents that are new (AGENT_ADDED), and that were removed for good (AGENT_REMOVED)."""
        self.reregistrations = 0
        """Of agents that were admitted before."""
        self._ended: set[TaskKey] = set()
        """Tasks that are counted and not yet forgotten: they are told of again."""
        self._reregistered: dict[str, float] = {}
        state.listen(self._changed, of=(Task, OperationRecord, Agent), added=self._tasks_added)

    def _changed(self, change: StateChange) -> None:
        match change.subject:
            case Task() as task:
                self._task_changed(task, removed=change.kind is ChangeKind.TASK_REMOVED)
            case OperationRecord() as record if change.kind is ChangeKind.OPERATION_UPDATED:
                if record.terminal:
                    self.operations[record.statuses[-1].state] += 1
            case Agent() as agent:
                self._agent_changed(change.kind, agent)

    def _tasks_added(self, tasks: Sequence[Task]) -> None:
        for task in tasks:
            if task.is_terminal:
                self._task_changed(task, removed=False)

    def _task_changed(self, task: Task, *, removed: bool) -> None:
        if task.is_terminal and task.key not in self._ended:
            self.tasks[task.state] += 1
            self._ended.add(task.key)
        if removed:
            self._ended.discard(task.key)

    def _agent_changed(self, kind: ChangeKind, agent: Agent) -> None:
        if kind in (ChangeKind.AGENT_ADDED, ChangeKind.AGENT_REMOVED):
            self.agents[kind] += 1
        if kind is ChangeKind.AGENT_REMOVED:
            self._reregistered.pop(agent.agent_id, None)
        elif agent.reregistered_at not in (None, self._reregistered.get(agent.agent_id)):
            assert agent.reregistered_at is not None
            self._reregistered[agent.agent_id] = agent.reregistered_at
            self.reregistrations += 1
