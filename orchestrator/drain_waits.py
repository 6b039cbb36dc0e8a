"""What a drain waits for, in words for operators: as the orchestrator knows it, and as the agent says.

Each line names what it is and, where somebody has to act, who and with which command. Nothing is left when
there is no line. Must not: change anything, end anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from orchestrator.operations import Operations
from orchestrator.provisioning import Provisioning
from orchestrator.state import Agent, ClusterState, Task
from orchestrator.volumes import VolumeState

LINES_LIMIT: Final = 100
"""Lines that are kept and shown; of those beyond it, that there are more."""

UNDER_WAY: Final = (VolumeState.CREATING, VolumeState.EXPANDING, VolumeState.DESTROYING)


@dataclass(frozen=True, slots=True)
class Report:
    """What an agent last said of a drain. `tasks`: and executors, of which something is on the host."""

    drain: bytes
    tasks: int
    lines: tuple[str, ...]


class DrainWaits:
    """Looks at everything that keeps an agent from being left."""

    def __init__(self, state: ClusterState, operations: Operations, provisioning: Provisioning) -> None:
        self._state = state
        self._operations = operations
        self._provisioning = provisioning

    def lines(self, agent: Agent, report: Report | None) -> tuple[str, ...]:
        """At most LINES_LIMIT and one. `report`: of this drain; None when the agent has said nothing."""
        found = list(islice(self._every(agent, report), LINES_LIMIT + 1))
        if len(found) > LINES_LIMIT:
            found[LINES_LIMIT:] = ["and more"]
        return tuple(found)

    def _every(self, agent: Agent, report: Report | None) -> Iterator[str]:
        if not agent.connected:
            yield (
                "the agent is not connected: start it; if it never comes back, remove it "
                f"(`orlop agents gone {agent.agent_id}`)"
            )
        elif report is None:
            yield "the agent has not said yet what there is on its host"
        yield from self._held(agent)
        for record, _ in self._operations.held(agent.agent_id):
            yield f"operation {record.uuid.hex()} ({record.info.type}) is under way (`orlop operations`)"
        for volume in self._provisioning.of_agent(agent.agent_id):
            if volume.operation is None and volume.state in UNDER_WAY:
                yield f"volume {volume.name} is {volume.state} (`orlop volume inspect {volume.name}`)"
        if report is not None:
            yield from report.lines

    def _held(self, agent: Agent) -> Iterator[str]:
        for task in self._state.tasks_of_agent(agent.agent_id):
            yield self._task(task)
        for executor in self._state.executors_of_agent(agent.agent_id):
            yield f"executor {executor.executor_id} of framework {executor.framework_id} has not exited"

    def _task(self, task: Task) -> str:
        state = str(task.state).removeprefix("TASK_")
        which = f"task {task.task_id} of framework {task.framework_id}"
        if not task.is_terminal:
            return f"{which} is {state}"
        framework = self._state.frameworks.get(task.framework_id)
        away = "" if framework is None or framework.connected else ", which is not connected,"
        return f"{which} has ended as {state}, and its framework{away} has not acknowledged that"


def of_host(tasks: int) -> str:
    """Of tasks that the orchestrator has not heard of, or for which nothing is left to be said."""
    which = "tasks or executors are" if tasks > 1 else "task or executor is"
    return f"{tasks} {which} not cleaned up on the host"
