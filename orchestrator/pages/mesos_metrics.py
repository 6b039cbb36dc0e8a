"""What is measured, under the names that Mesos's metrics have: for /metrics/snapshot and GET_METRICS.

Where there is no such thing here, there is no such metric. Read when asked for, in slices of the event loop:
numbers of one answer may be a moment apart. It changes nothing, and nobody decides by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from api.model.clock import Clock
from api.model.process import Process
from api.model.quantity import from_milli
from api.wire.slices import Slices
from api.wire.v0 import metrics
from api.wire.v0.metrics import Amounts, Metrics
from api.wire.v1 import mesos
from orchestrator.allocator import Allocator
from orchestrator.ledger import Ledger
from orchestrator.offers import Offers
from orchestrator.pages.tallies import Tallies
from orchestrator.quota import Quotas
from orchestrator.state import ChangeKind, ClusterState, Holder

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
    State.TASK_GONE_BY_OPERATOR,
)
ENDED_OPERATIONS = (
    mesos.OperationState.OPERATION_FINISHED,
    mesos.OperationState.OPERATION_FAILED,
    mesos.OperationState.OPERATION_ERROR,
    mesos.OperationState.OPERATION_DROPPED,
    mesos.OperationState.OPERATION_GONE_BY_OPERATOR,
)
MESSAGES = {
    "ACKNOWLEDGE": "status_update_acknowledgement",
    "ACKNOWLEDGE_OPERATION_STATUS": "operation_status_update_acknowledgement",
    "DECLINE": "decline_offers",
    "KILL": "kill_task",
    "MESSAGE": "framework_to_executor",
    "RECONCILE": "reconcile_tasks",
    "RECONCILE_OPERATIONS": "reconcile_operations",
    "REQUEST": "resource_request",
    "REVIVE": "revive_offers",
    "SUPPRESS": "suppress_offers",
    "TEARDOWN": "unregister_framework",
}
"""Calls of schedulers, and what metrics call them."""

NAMES = ("cpus", "mem", "disk")
"""Resources that the allocator's metrics speak of."""


class MesosMetrics:
    """The metrics of one orchestrator."""

    def __init__(
        self,
        state: ClusterState,
        ledger: Ledger,
        offers: Offers,
        allocator: Allocator,
        quotas: Quotas,
        taken: Callable[[], Mapping[str, int]],
        process: Process,
        clock: Clock,
    ) -> None:
        """`taken`: how many calls of schedulers were answered with success, by type."""
        self._state = state
        self._ledger = ledger
        self._offers = offers
        self._allocator = allocator
        self._quotas = quotas
        self._taken = taken
        self._process = process
        self._clock = clock
        self._started = clock.monotonic()
        self._tallies = Tallies(state)

    async def snapshot(self) -> Metrics:
        """All of them, by name."""
        slices = Slices()
        found: Metrics = {
            "master/elected": 1.0,
            "master/uptime_secs": self._clock.monotonic() - self._started,
            "master/outstanding_offers": float(len(self._offers.outstanding())),
        }
        found |= metrics.system(self._process.load())
        found |= self._agents() | self._frameworks() | self._operations() | self._messages()
        found |= await self._tasks(slices)
        await slices.next()
        found |= await self._resources(slices)
        found |= self._quota()
        return dict(sorted(found.items()))

    def _agents(self) -> Metrics:
        agents = self._state.agents.values()
        connected = sum(agent.connected for agent in agents)
        active = sum(agent.connected and agent.is_offered for agent in agents)
        unreachable = sum(agent.unreachable_since is not None for agent in agents)
        tallied = self._tallies
        return {
            "master/slaves_connected": float(connected),
            "master/slaves_disconnected": float(len(agents) - connected - unreachable),
            "master/slaves_active": float(active),
            "master/slaves_inactive": float(len(agents) - active - unreachable),
            "master/slaves_unreachable": float(unreachable),
            "master/slave_registrations": float(tallied.agents[ChangeKind.AGENT_ADDED]),
            "master/slave_reregistrations": float(tallied.reregistrations),
            "master/slave_removals": float(tallied.agents[ChangeKind.AGENT_REMOVED]),
        }

    def _frameworks(self) -> Metrics:
        frameworks = self._state.frameworks.values()
        connected = float(sum(framework.connected for framework in frameworks))
        others = len(frameworks) - connected
        return {
            "master/frameworks_connected": connected,
            "master/frameworks_disconnected": others,
            "master/frameworks_active": connected,
            "master/frameworks_inactive": others,
        }

    async def _tasks(self, slices: Slices) -> Metrics:
        states: Counter[State] = Counter()
        for task in list(self._state.tasks.values()):
            states[task.shown_state] += 1
            if slices.is_over:
                await slices.next()
        found = {f"master/{_name(state)}": float(states[state]) for state in LIVE}
        found["master/tasks_unreachable"] = float(states[State.TASK_UNREACHABLE])
        return found | {f"master/{_name(state)}": float(self._tallies.tasks[state]) for state in ENDED}

    def _operations(self) -> Metrics:
        """Of those that have ended, since the start."""
        pending = sum(not record.terminal for record in self._ledger.operations.values())
        found: Metrics = {"master/operations/pending": float(pending)}
        for state in ENDED_OPERATIONS:
            name = state.lower().removeprefix("operation_")
            found[f"master/operations/{name}"] = float(self._tallies.operations[state])
        return found

    def _messages(self) -> Metrics:
        taken = self._taken()
        return {f"master/messages_{name}": float(taken.get(call, 0)) for call, name in MESSAGES.items()}

    async def _resources(self, slices: Slices) -> Metrics:
        total, used, offered = Amounts(), Amounts(), Amounts()
        reached: set[str] = set()
        for agent in list(self._state.agents.values()):
            if agent.registered_at is not None and agent.unreachable_since is None:
                reached.add(agent.agent_id)
                for provider in agent.providers.values():
                    total.add(provider.totals.view)
            if slices.is_over:
                await slices.next()
        running = (task for task in list(self._state.tasks.values()) if not task.is_terminal)
        holders: Iterator[Holder] = chain(running, list(self._state.executors.values()))
        for holder in holders:
            if holder.agent_id in reached:
                used.add(holder.resources)
            if slices.is_over:
                await slices.next()
        for offer in self._offers.outstanding():
            offered.add(offer.resources)
            if slices.is_over:
                await slices.next()
        found = metrics.usage("master", total, used)
        found["allocator/mesos/allocation_runs"] = float(self._allocator.filters.batches)
        for name in NAMES:
            prefix = f"allocator/mesos/resources/{name}"
            found[f"{prefix}/total"] = from_milli(total.fixed[name])
            found[f"{prefix}/offered_or_allocated"] = from_milli(used.fixed[name] + offered.fixed[name])
        return found

    def _quota(self) -> Metrics:
        roles = [role for role, quota in self._quotas.all.items() if quota.guarantees]
        consumed = self._quotas.consumed(roles)
        found: Metrics = {}
        for role in roles:
            for name, milli in self._quotas.all[role].guarantees.items():
                prefix = f"allocator/mesos/quota/roles/{role}/resources/{name}"
                found[f"{prefix}/guarantee"] = from_milli(milli)
                found[f"{prefix}/offered_or_allocated"] = from_milli(consumed.get(role, {}).get(name, 0))
        return found


def _name(state: State) -> str:
    """As metrics name it: TASK_RUNNING is tasks_running."""
    return state.lower().replace("task_", "tasks_", 1)
