"""The maintenance of machines: an operator's schedule, made durable, and what it means for agents.

    scheduled: the agents of its machines say in offers when they will be away; frameworks are asked to leave
    started:   nothing is offered or placed there any more, and their tasks are killed; volumes stay
    stopped:   all as before, and out of the schedule

An agent on a machine that is down stays connected, so that its volumes stay known. What the schedule says
holds over restarts, and also for agents that come later. The rules are in `maintenance`.

Must not: end an agent, detach anything.
"""

from __future__ import annotations

from typing import Final

from msgspec import UNSET

from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.v1 import maintenance, mesos, scheduler
from orchestrator import schema
from orchestrator.allocator import Allocator
from orchestrator.executors import Executors
from orchestrator.found_rows import Found
from orchestrator.inverse_offers import InverseOffers
from orchestrator.journal import Journal, Transaction
from orchestrator.maintenance import Plan, machines_of, windows_of
from orchestrator.offers import Offers
from orchestrator.state import Agent, ChangeKind, ClusterState, Provider, StateChange
from orchestrator.tasks import Tasks
from store.port import Change, Run
from store.upsert import upsert

_ROW: Final = 1
_PUT_PLAN: Final = upsert(schema.maintenance, "schedule", "status")


class Machines:
    """The plan that is in force, and its effects."""

    def __init__(
        self,
        state: ClusterState,
        journal: Journal,
        allocator: Allocator,
        offers: Offers,
        inverse_offers: InverseOffers,
        tasks: Tasks,
        executors: Executors,
    ) -> None:
        self._state = state
        self._journal = journal
        self._allocator = allocator
        self._offers = offers
        self._inverse_offers = inverse_offers
        self._tasks = tasks
        self._executors = executors
        self._plan = Plan()
        state.listen(self._changed, of=(Agent, Provider))

    def load(self, found: Found) -> None:
        """Take up the plan from disk. Once, at start, before agents are here."""
        row = found.first(schema.maintenance)
        if row is not None:
            windows = windows_of(decode_msgpack(maintenance.Schedule, row.schedule))
            down = decode_msgpack(maintenance.ClusterStatus, row.status).down_machines
            self._plan = Plan(windows, frozenset(machines_of(down, "down")) if down else frozenset())

    async def update_schedule(self, schedule: maintenance.Schedule) -> None:
        """Replace the schedule. Raises InvalidMaintenance, and nothing has changed."""
        await self._commit(self._plan.scheduled(windows_of(schedule)))

    async def start(self, named: list[mesos.MachineID]) -> None:
        """Take machines down. Raises InvalidMaintenance unless all are in the schedule and not down."""
        await self._commit(self._plan.started(machines_of(named, "machines")))

    async def stop(self, named: list[mesos.MachineID]) -> None:
        """Bring machines up. Raises InvalidMaintenance unless all are down."""
        await self._commit(self._plan.stopped(machines_of(named, "machines")))

    def schedule(self) -> maintenance.Schedule:
        return self._plan.schedule_message()

    def status(self) -> maintenance.ClusterStatus:
        """Machines that are draining, with what frameworks said to it, and those that are down."""
        draining = {machine: maintenance.ClusterStatusDrainingMachine(id=machine.message)
                    for machine in self._plan.machines() if machine not in self._plan.down}  # fmt: skip
        for agent in self._state.agents.values():
            machine = self._plan.machine_of(agent.info.hostname, agent.ip)
            if machine in draining:
                draining[machine].statuses += self._inverse_offers.statuses(agent.agent_id)
        down = [machine.message for machine in self._plan.machines() if machine in self._plan.down]
        return maintenance.ClusterStatus(draining_machines=list(draining.values()), down_machines=down)

    async def _commit(self, plan: Plan) -> None:
        transaction = Transaction()
        self._plan = plan
        transaction.add(_written(plan))
        for agent in self._state.agents.values():
            self._apply(agent, transaction)
        await self._journal.commit(transaction)

    def _apply(self, agent: Agent, transaction: Transaction | None) -> None:
        """Let the plan hold for an agent; with a transaction, something about the plan may be new."""
        machine = self._plan.machine_of(agent.info.hostname, agent.ip)
        window = self._plan.window(machine) if machine is not None else None
        down = machine in self._plan.down
        unavailability = window.unavailability if window is not None else None
        if (agent.unavailability, agent.down) == (unavailability, down):
            self._keep_down(agent)
            return
        agent.unavailability, agent.down = unavailability, down
        self._offers.rescind_on(agent.agent_id)
        self._inverse_offers.announce(agent.agent_id, None if down else unavailability)
        if agent.connected and agent.agent_id in self._allocator.agents:
            self._allocator.set_agent_active(agent.agent_id, agent.is_offered)
        self._offers.triggers.agent(agent.agent_id)
        if down:
            self._kill_tasks(agent, transaction)
        if transaction is not None:
            self._state.changed(ChangeKind.AGENT_UPDATED, agent)

    def _keep_down(self, agent: Agent) -> None:
        """An agent is counted in as an active one whenever it registers or a provider comes; one that its
        operators have withdrawn stays so, too."""
        if not agent.is_offered and agent.agent_id in self._allocator.agents:
            self._allocator.set_agent_active(agent.agent_id, False)

    def _kill_tasks(self, agent: Agent, transaction: Transaction | None) -> None:
        killing = transaction if transaction is not None else Transaction()
        for task in self._state.tasks_of_agent(agent.agent_id):
            if not task.is_terminal:
                call = scheduler.CallKill(task_id=mesos.TaskID(value=task.task_id))
                self._tasks.kill(killing, task.framework_id, call)
        for executor in self._state.executors_of_agent(agent.agent_id):
            shutdown = scheduler.CallShutdown(
                executor_id=executor.info.executor_id, agent_id=mesos.AgentID(value=agent.agent_id)
            )
            self._executors.shut_down(killing, executor.framework_id, shutdown)
        if transaction is None:
            self._journal.commit_soon(killing)

    def _changed(self, change: StateChange) -> None:
        if isinstance(change.subject, Agent) and change.kind is not ChangeKind.AGENT_REMOVED:
            self._apply(change.subject, None)
        elif isinstance(change.subject, Provider):
            agent = self._state.agents.get(change.subject.key[0])
            if agent is not None:
                self._keep_down(agent)


def _written(plan: Plan) -> Change:
    down = [machine.message for machine in plan.machines() if machine in plan.down]
    row = {
        "id": _ROW,
        "schedule": encode_msgpack(plan.schedule_message()),
        "status": encode_msgpack(maintenance.ClusterStatus(down_machines=down)),
    }
    return Run(_PUT_PLAN, row)


def unavailability_shown(agent: Agent) -> mesos.Unavailability | object:
    """For messages about the agent: when it will be away, if that is known."""
    return agent.unavailability if agent.unavailability is not None else UNSET
