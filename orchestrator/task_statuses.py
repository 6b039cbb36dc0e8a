"""What the orchestrator itself says of tasks, in an agent's place: refused, dropped, reconciled.

Pure constructors: such a status has no uuid, so that nobody has to acknowledge it. Ends get one when they are
kept (`task_ends`).
"""

from __future__ import annotations

from msgspec import UNSET

from api.model.clock import Clock
from api.wire.v1 import mesos
from orchestrator.operator_messages import time_of
from orchestrator.state import ClusterState, Task, value_of

Reason = mesos.TaskStatusReason
State = mesos.TaskState


class OwnStatuses:
    """Statuses from what is known of agents and frameworks."""

    def __init__(self, state: ClusterState, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def refused(
        self, framework_id: str, info: mesos.TaskInfo, reason: Reason, message: str, *, invalid: bool
    ) -> mesos.TaskStatus:
        """Of a task that was not accepted; `invalid`: it never can be as it is."""
        state = State.TASK_ERROR if invalid else self._dropped_state(framework_id)
        return self._status(info.task_id, state, reason, message, info.agent_id)

    def dropped(self, task: Task) -> mesos.TaskStatus:
        """Of a task that its agent came back without."""
        status = self._status(
            mesos.TaskID(value=task.task_id),
            self._dropped_state(task.framework_id),
            Reason.REASON_AGENT_REREGISTERED,
            "the agent came back without this task: it never reached it, and will not be sent again",
            mesos.AgentID(value=task.agent_id),
        )
        return _of_executor(status, task)

    def gone(self, task: Task) -> mesos.TaskStatus:
        """Of a task whose agent was removed for good."""
        status = self._status(
            mesos.TaskID(value=task.task_id),
            self._gone_state(task.framework_id),
            Reason.REASON_AGENT_REMOVED_BY_OPERATOR,
            "its agent was removed for good by an operator",
            mesos.AgentID(value=task.agent_id),
        )
        return _of_executor(status, task)

    def unreachable(self, task: Task, since: float) -> mesos.TaskStatus:
        """Of a task whose agent has been away for too long, `since` then (seconds since the epoch)."""
        aware = self._is_aware(task.framework_id)
        status = self._status(
            mesos.TaskID(value=task.task_id),
            State.TASK_UNREACHABLE if aware else State.TASK_LOST,
            Reason.REASON_AGENT_REMOVED,
            "its agent is away: nobody knows how the task is; it goes on when the agent is back with it",
            mesos.AgentID(value=task.agent_id),
        )
        status.unreachable_time = time_of(since)
        return _of_executor(status, task)

    def back(self, task: Task) -> mesos.TaskStatus:
        """Of a task that was unreachable, and runs."""
        status = self.reconciled(task)
        status.reason = Reason.REASON_AGENT_REREGISTERED
        status.message = "its agent is back, and the task is as it is told here"
        return status

    def reconciled(self, task: Task) -> mesos.TaskStatus:
        """Of a task that is known."""
        status = self._status(
            mesos.TaskID(value=task.task_id),
            task.shown_state,
            Reason.REASON_RECONCILIATION,
            "the latest state that is known",
            mesos.AgentID(value=task.agent_id),
        )
        if task.statuses:
            last = task.statuses[-1]
            status.healthy, status.check_status = last.healthy, last.check_status
        if task.unreachable is not None:
            status.unreachable_time = task.unreachable.unreachable_time
        return _of_executor(status, task)

    def unknown(
        self, framework_id: str, task_id: mesos.TaskID, agent_id: mesos.AgentID | object
    ) -> mesos.TaskStatus:
        """Of a task that is not known, and that no awaited agent may know."""
        named = value_of(agent_id)
        agent = self._state.agents.get(named) if named is not None else None
        text, since = "no task of this name is known", agent.unreachable_since if agent is not None else None
        aware = self._is_aware(framework_id)
        if named in self._state.gone_agents:
            state, text = self._gone_state(framework_id), "its agent was removed for good by an operator"
        elif since is not None:
            state = State.TASK_UNREACHABLE if aware else State.TASK_LOST
            text = "its agent is away: nobody knows whether there is such a task"
        elif not aware:
            state = State.TASK_LOST
        elif agent is not None and agent.connected:
            state = State.TASK_GONE
        else:
            state = State.TASK_UNKNOWN
        where = agent_id if isinstance(agent_id, mesos.AgentID) else None
        status = self._status(task_id, state, Reason.REASON_RECONCILIATION, text, where)
        status.unreachable_time = time_of(since)
        return status

    def _dropped_state(self, framework_id: str) -> State:
        return State.TASK_DROPPED if self._is_aware(framework_id) else State.TASK_LOST

    def _gone_state(self, framework_id: str) -> State:
        return State.TASK_GONE_BY_OPERATOR if self._is_aware(framework_id) else State.TASK_LOST

    def _is_aware(self, framework_id: str) -> bool:
        framework = self._state.frameworks.get(framework_id)
        aware = mesos.FrameworkInfoCapabilityType.PARTITION_AWARE
        return framework is not None and framework.has_capability(aware)

    def _status(
        self,
        task_id: mesos.TaskID,
        state: State,
        reason: Reason,
        message: str,
        agent_id: mesos.AgentID | None,
    ) -> mesos.TaskStatus:
        return mesos.TaskStatus(
            task_id=task_id,
            state=state,
            message=message,
            agent_id=agent_id if agent_id is not None else UNSET,
            timestamp=self._clock.now(),
            source=mesos.TaskStatusSource.SOURCE_MASTER,
            reason=reason,
        )


def _of_executor(status: mesos.TaskStatus, task: Task) -> mesos.TaskStatus:
    if task.executor_id is not None:
        status.executor_id = mesos.ExecutorID(value=task.executor_id)
    return status
