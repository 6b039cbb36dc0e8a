"""What the orchestrator itself said of tasks' ends, told until it is acknowledged.

It decides no end and writes nothing by itself: changes go into the caller's transaction.
"""

from __future__ import annotations

from msgspec import UNSET, structs

from api.wire.v1 import mesos
from orchestrator import messages
from orchestrator.journal import Transaction
from orchestrator.sessions import FrameworkSessions
from orchestrator.state import ClusterState
from orchestrator.task_ends import TaskEnd, TaskEnds


class EndMail:
    """Tells kept ends, each once it is durable, and none that only an agent knows which is not back."""

    def __init__(self, state: ClusterState, ends: TaskEnds, frameworks: FrameworkSessions) -> None:
        self._state = state
        self._ends = ends
        self._frameworks = frameworks

    def keep(
        self, transaction: Transaction, framework_id: str, agent_id: str, status: mesos.TaskStatus
    ) -> TaskEnd:
        """This end is told until it is acknowledged."""
        status.agent_id = status.agent_id or mesos.AgentID(value=agent_id)
        transaction.add(self._ends.record(framework_id, agent_id, status))
        return TaskEnd(framework_id, agent_id, status)

    def tell(self, end: TaskEnd) -> None:
        """Unless it is known by now, or another word counts, or only an agent that is not back knows."""
        if self._ends.get(end.key) == end and not self.is_held(end):
            self._send(end.framework_id, end.status)

    def is_held(self, end: TaskEnd) -> bool:
        """Whether its agent is not back since the start: it may have the task."""
        agent = self._state.agents.get(end.agent_id)
        return agent is not None and agent.registered_at is None

    def answer(self, framework_id: str, task_id: str) -> bool:
        """Whether a framework that asks of a task was told an end that is kept; as a reconciliation."""
        end = self._ends.get((framework_id, task_id))
        if end is None or self.is_held(end):
            return False
        answer = structs.replace(end.status, uuid=UNSET)
        answer.reason = mesos.TaskStatusReason.REASON_RECONCILIATION
        self._send(framework_id, answer)
        return True

    def tell_of_framework(self, framework_id: str) -> None:
        for end in self._ends.of_framework(framework_id):
            self.tell(end)

    def tell_of_agent(self, transaction: Transaction, agent_id: str) -> None:
        """The agent is back, or gone for good: what was held for its sake is told once this is durable."""
        for end in self._ends.of_agent(agent_id):
            transaction.afterwards(lambda end=end: self.tell(end))  # type: ignore[misc]

    def resend(self, framework_id: str) -> Transaction:
        """A framework subscribed: what we said of its tasks is told again until it is acknowledged.

        To be committed: it is not told before it is durable.
        """
        transaction = Transaction()
        for end in self._ends.of_framework(framework_id):
            transaction.afterwards(lambda end=end: self.tell(end))  # type: ignore[misc]
        return transaction

    def orphan(self, transaction: Transaction, framework_id: str) -> None:
        """A framework is gone: nobody waits for what we said of its tasks."""
        for end in self._ends.of_framework(framework_id):
            transaction.add(self._ends.forget(end.key))

    def _send(self, framework_id: str, status: mesos.TaskStatus) -> None:
        self._frameworks.send(framework_id, messages.task_updated(status))
