"""What is measured on an agent, under the names that Mesos's metrics have.

Where there is no such thing here, there is no such metric. Read when asked for; it changes nothing.
"""

from __future__ import annotations

from collections import Counter

from agent.daemon import Agent
from agent.executors.state import ExecutorPhase
from api.model.clock import Clock
from api.model.process import Process
from api.wire.convert import resources_from_wire
from api.wire.slices import Slices
from api.wire.v0 import metrics
from api.wire.v0.metrics import Amounts, Metrics
from api.wire.v1 import mesos

State = mesos.TaskState
LIVE = (State.TASK_STAGING, State.TASK_STARTING, State.TASK_RUNNING, State.TASK_KILLING)
ENDED = (
    State.TASK_FINISHED,
    State.TASK_FAILED,
    State.TASK_KILLED,
    State.TASK_LOST,
    State.TASK_ERROR,
    State.TASK_DROPPED,
    State.TASK_GONE,
)
EXECUTORS = {
    ExecutorPhase.LAUNCHING: "registering",
    ExecutorPhase.REGISTERING: "registering",
    ExecutorPhase.RUNNING: "running",
    ExecutorPhase.TERMINATING: "terminating",
}


class MesosMetrics:
    """The metrics of one agent."""

    def __init__(self, agent: Agent, process: Process, clock: Clock) -> None:
        self._agent = agent
        self._process = process
        self._clock = clock
        self._started = clock.monotonic()

    async def snapshot(self) -> Metrics:
        """All of them, by name."""
        slices = Slices()
        agent = self._agent
        reports = agent.providers.reports
        found: Metrics = {
            "slave/registered": float(agent.link.connected),
            "slave/uptime_secs": self._clock.monotonic() - self._started,
            "resource_provider_manager/subscribed": float(
                sum(1 for report in reports if report.resource_provider_info)
            ),
        }
        found |= metrics.system(self._process.load())
        states: Counter[State] = Counter()
        total, used = Amounts(), Amounts()
        frameworks: set[str] = set()
        for task in agent.tasks.records:
            states[task.wire_state] += 1
            frameworks.add(task.framework_id)
            if not task.terminal:
                used.add(resources_from_wire(task.info.resources))
            if slices.is_over:
                await slices.next()
        phases: Counter[str] = Counter()
        for executor in agent.executors.records:
            phases[EXECUTORS.get(executor.phase, "")] += 1
            frameworks.add(executor.framework_id)
            used.add(resources_from_wire(executor.info.resources))
        for report in reports:
            total.add(resources_from_wire(report.update_state.resources))
            if slices.is_over:
                await slices.next()
        found |= metrics.usage("slave", total, used)
        found["slave/frameworks_active"] = float(len(frameworks))
        found |= {
            f"slave/executors_{name}": float(phases[name]) for name in dict.fromkeys(EXECUTORS.values())
        }
        found |= {f"slave/{_name(state)}": float(states[state]) for state in LIVE}
        found |= {f"slave/{_name(state)}": float(agent.ended.counts[state]) for state in ENDED}
        return dict(sorted(found.items()))


def _name(state: State) -> str:
    """As metrics name it: TASK_RUNNING is tasks_running."""
    return state.lower().replace("task_", "tasks_", 1)
