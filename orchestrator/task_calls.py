"""The operator's call that ends a task, whoever launched it: an extension of the operator API.

Must not: know how a task is ended.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from api.model.errors import InvalidRequest, StaleView
from api.wire.v1 import master, mesos, scheduler
from orchestrator.journal import Journal, Transaction
from orchestrator.replies import Answer, Reply
from orchestrator.state import ClusterState
from orchestrator.tasks import Tasks

T = master.CallType

SHOWN = 255
"""Characters of an unknown id that an answer repeats."""


class NoSuchTask(InvalidRequest):
    """No task of this name is known; GET_TASKS has those that are."""

    @property
    def http_status(self) -> int:
        return 404


class TaskEnded(StaleView):
    """There is nothing left to end."""


class TaskCalls:
    """KILL_TASK as a handler of the operator API. 202: written down, and the agent will be asked."""

    def __init__(self, state: ClusterState, tasks: Tasks, journal: Journal) -> None:
        self._state = state
        self._tasks = tasks
        self._journal = journal

    def handlers(self) -> Mapping[T, Callable[[master.Call], Awaitable[Reply]]]:
        return {T.KILL_TASK: self._kill}

    async def _kill(self, call: master.Call) -> Reply:
        asked = call.kill_task
        assert isinstance(asked, master.CallKillTask)
        framework_id = asked.framework_id.value
        task = self._state.tasks.get((framework_id, asked.task_id.value))
        if task is None:
            names = f"task {asked.task_id.value[:SHOWN]!r} of framework {framework_id[:SHOWN]!r}"
            raise NoSuchTask(f"{names} is not known, or has ended: see GET_TASKS (`orlop task list`)")
        if task.is_terminal:
            raise TaskEnded(f"task {task.task_id!r} has ended already: {task.state}")
        kill = scheduler.CallKill(
            task_id=asked.task_id,
            agent_id=mesos.AgentID(value=task.agent_id),
            kill_policy=asked.kill_policy,
        )
        transaction = Transaction()
        self._tasks.kill(transaction, framework_id, kill)
        await self._journal.commit(transaction)
        return Answer(202)
