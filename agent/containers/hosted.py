"""The containers of this agent that are no operator's: those of tasks, executors and plugins.

Found by their paths, as parents for others and for whoever waits for them or wants their end, which is a
wish to the room that has the container. Nothing is launched or kept here.
"""

from __future__ import annotations

from agent.containers.parts import Parent
from agent.containers.paths import ContainerPath
from agent.executors.executors import Executors
from agent.executors.run import ExecutorRun
from agent.executors.state import ExecutorPhase
from agent.providers.plugin_containers import PluginContainerKeeper
from agent.tasks.record import TaskRecord
from agent.tasks.state import TaskPhase
from agent.tasks.tasks import Tasks

ENDED_BY_OPERATOR = "killed by an operator"


class HostedContainers:
    """Implements `agent.containers.parts.Parents`."""

    def __init__(self, tasks: Tasks, executors: Executors, plugins: PluginContainerKeeper) -> None:
        self._tasks = tasks
        self._executors = executors
        self._plugins = plugins

    def find(self, path: ContainerPath) -> Parent | None:
        """See Parents. A plugin's is none: what it holds is secret."""
        executor, task = self._executor(path), self._task(path)
        if executor is not None and executor.record.phase is not ExecutorPhase.LAUNCHING:
            directory = self._executors.directory_of(executor.record)
        elif task is not None and task.phase in (TaskPhase.RUNNING, TaskPhase.KILLING):
            directory = self._tasks.sandbox(task)
        else:
            return None
        return Parent(path[-1], str(directory))

    def run_id(self, path: ContainerPath) -> str | None:
        """The containerizer's id of that container; None when it is none of these."""
        known = self._task(path) or self._executor(path) or (len(path) == 1 and path[0] in self._plugins.ids)
        return path[-1] if known else None

    def knows(self, path: ContainerPath) -> bool:
        """See Parents."""
        return self.run_id(path) is not None

    def is_plugins(self, path: ContainerPath) -> bool:
        """Whether it is a plugin's, whose output nobody is shown."""
        return len(path) == 1 and path[0] in self._plugins.ids

    def sandbox(self, path: ContainerPath) -> str | None:
        """Where a task's or an executor's output is; None for any other container."""
        executor, task = self._executor(path), self._task(path)
        if executor is not None:
            return str(self._executors.directory_of(executor.record))
        return None if task is None else str(self._tasks.sandbox(task))

    async def end(self, path: ContainerPath) -> None:
        """A task ends with its own grace period, an executor with all its tasks. Raises ContainerFailed."""
        executor, task = self._executor(path), self._task(path)
        if executor is not None:
            executor.shut_down(ENDED_BY_OPERATOR)
        elif task is not None:
            self._tasks.end(task, ENDED_BY_OPERATOR)
        else:
            await self._plugins.kill(path[0])

    def _executor(self, path: ContainerPath) -> ExecutorRun | None:
        return self._executors.find_container(path[0]) if len(path) == 1 else None

    def _task(self, path: ContainerPath) -> TaskRecord | None:
        """A command task's by its id, a group's task also by that and its executor's."""
        task = self._tasks.find_container(path[-1])
        if task is None or (task.executor_id is not None and task.parent is None):
            return None  # with a custom executor it lives in that one's
        outside = path[:-1]
        return task if not outside or outside == (task.parent,) else None
