"""Tasks: launched once, told about until acknowledged, reconciled on request.

The outcome of a task is its agent's to know. This room passes statuses on, remembers launches
that no agent has spoken of yet, and answers in the agent's place when there is no agent that could.
No I/O here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import UNSET

from api.model.clock import Clock
from api.model.resources import Resources
from api.wire.convert import in_both_forms, resources_from_wire, resources_to_wire
from api.wire.v1 import link, mesos, scheduler
from orchestrator import messages
from orchestrator.allocator import Allocator
from orchestrator.end_mail import EndMail
from orchestrator.journal import Transaction
from orchestrator.ledger import Ledger
from orchestrator.records import KillRecord, LaunchRecord
from orchestrator.reports import ReportedTask
from orchestrator.sessions import AgentSessions, FrameworkSessions
from orchestrator.state import (
    TERMINAL_TASK_STATES,
    Agent,
    ChangeKind,
    ClusterState,
    Framework,
    Task,
    TaskKey,
    value_of,
)
from orchestrator.task_origins import STATUSES_KEPT, of_launch, of_report
from orchestrator.task_statuses import OwnStatuses


class Tasks:
    """Launches tasks and carries their statuses between agents and frameworks."""

    def __init__(
        self,
        state: ClusterState,
        ledger: Ledger,
        allocator: Allocator,
        agents: AgentSessions,
        frameworks: FrameworkSessions,
        clock: Clock,
    ) -> None:
        self._state = state
        self._ledger = ledger
        self._allocator = allocator
        self._agents = agents
        self._frameworks = frameworks
        self._clock = clock
        self._statuses = OwnStatuses(state, clock)
        self.ends = EndMail(state, ledger.ends, frameworks)

    def launch(
        self,
        transaction: Transaction,
        framework: Framework,
        role: str,
        launched: Sequence[tuple[mesos.TaskInfo, Resources]],
        starts_executor: bool = False,
        *,
        group: mesos.ExecutorInfo | None = None,
    ) -> None:
        """Accept validated tasks on resources that their framework was offered; run them once durable. What
        they use is charged by `charge`, once for many.

        One task, or all of a `group` and then its executor. The tasks name their executor as the agent is to
        know it. `starts_executor`: that is started with this launch, and its resources are charged with it.
        """
        records, now = [], self._clock.now()
        for info, resources in launched:
            record = LaunchRecord(framework.framework_id, info.agent_id.value, role, info, now)
            task = of_launch(record, resources)
            transaction.add(self._ledger.ends.forget(task.key))
            transaction.add(self._ledger.accept_launch(record))
            self._state.add_task(task)
            records.append(record)
        transaction.afterwards(lambda: self._send_run(framework, records, group, starts_executor))

    def charge(self, framework_id: str, role: str, agent_id: str, resources: Resources) -> None:
        """What tasks of one call use together is theirs from now on."""
        if resources:
            self._allocator.allocate(framework_id, role, agent_id, resources)

    def is_known(self, framework_id: str, task_id: str) -> bool:
        """Whether the name is taken: by a task that runs, or whose end its framework has not acknowledged."""
        return (framework_id, task_id) in self._state.tasks

    def agent_registered(
        self,
        transaction: Transaction,
        agent: Agent,
        reported: Sequence[ReportedTask],
        with_executors: Iterable[str] = (),
    ) -> None:
        """An agent is (back) here with the tasks it knows; what it does not know will never run.

        `with_executors`: frameworks that have executors there, which are ended with a removed one's tasks.
        """
        known: set[TaskKey] = set()
        new: dict[TaskKey, Task] = {}
        tasks, kills = self._state.tasks, self._ledger.kills
        for each in reported:
            head = each.head
            key = (head.framework_id.value, head.task_id.value)
            known.add(key)
            transaction.add(self._ledger.forget_launch(*key))
            transaction.add(self._ledger.ends.forget(key))  # a launch was repeated, and refused as such
            if head.state in TERMINAL_TASK_STATES and not head.statuses:
                # Ended and acknowledged: the agent is only cleaning up, and will not speak of it again.
                self._complete(transaction, key)
                continue
            task = tasks.get(key) or new.get(key)
            if task is None:
                task = new[key] = of_report(agent, each)
            else:
                self._restated(task, each)
            self._is_back(transaction, task)
            wanted = kills.get(key)
            if wanted is not None and not task.is_terminal:
                kill = messages.kill_task(self._agents.epoch, key[0], wanted.call)
                transaction.afterwards(lambda kill=kill: self._send(agent.agent_id, kill))  # type: ignore[misc]
        self._state.add_tasks(list(new.values()))
        self.ends.tell_of_agent(transaction, agent.agent_id)
        for framework_id in sorted({*with_executors, *(key[0] for key in known)}):
            if self._is_removed(framework_id):
                self.shut_down(transaction, framework_id, [agent.agent_id])
        for task in self._state.tasks_of_agent(agent.agent_id):
            if task.key not in known:
                self._drop(transaction, task)
        for asked in self._ledger.kills.of_agent(agent.agent_id):
            if asked.key not in known:
                transaction.add(self._ledger.forget_kill(*asked.key))

    def agent_gone(self, transaction: Transaction, agent_id: str) -> None:
        """An operator removed an agent for good: nobody else will say what became of its tasks.

        It is told until it is acknowledged, and whoever asks later is answered the same.
        """
        self.ends.tell_of_agent(transaction, agent_id)
        for task in self._state.tasks_of_agent(agent_id):
            transaction.add(self._ledger.forget_launch(*task.key))
            if not task.is_terminal:
                self._told_by_us(transaction, task, self._statuses.gone(task))
                self._state.changed(ChangeKind.TASK_UPDATED, task)
            self._over(transaction, task)
        for asked in self._ledger.kills.of_agent(agent_id):
            transaction.add(self._ledger.forget_kill(*asked.key))

    def agent_unreachable(self, agent: Agent) -> None:
        """Nobody knows how its tasks are: their frameworks are told so, once. They are told more when it is
        back. Until then what they use is charged to nobody: others may take their place elsewhere."""
        assert agent.unreachable_since is not None
        for task in self._state.tasks_of_agent(agent.agent_id):
            if not task.is_terminal:
                self._allocator.release(task.framework_id, task.role, task.agent_id, task.resources)
                task.unreachable = self._statuses.unreachable(task, agent.unreachable_since)
                self._tell(task.framework_id, task.unreachable)
                self._state.changed(ChangeKind.TASK_UPDATED, task)

    def recover(self) -> Iterator[None]:
        """Take up launches of the ledger after a start: their agents will say what became of them."""
        for record in self._ledger.launches.values():
            self._state.add_task(of_launch(record, resources_from_wire(record.info.resources).unallocated()))
            yield

    def status_arrived(
        self, transaction: Transaction, agent_id: str, update: link.AgentMessageUpdateTaskStatus
    ) -> None:
        """An agent tells of one of its tasks, perhaps again."""
        framework_id, status = update.framework_id.value, update.status
        task = self._state.tasks.get((framework_id, status.task_id.value))
        if task is None or self._is_removed(framework_id):
            # Ended and acknowledged before, or nobody's any more: the agent may forget it.
            transaction.afterwards(lambda: self._acknowledge_to_agent(agent_id, framework_id, status))
            if task is None:
                return
        transaction.add(self._ledger.forget_launch(*task.key))
        is_last = status.uuid is UNSET and status.state in TERMINAL_TASK_STATES
        if is_last:  # the agent does not know the task, and will not repeat this
            self.ends.keep(transaction, framework_id, agent_id, status)
        self._advance(task, status, update.latest_state)
        if self._is_removed(framework_id):
            if task.is_terminal:
                self._over(transaction, task)
            return
        transaction.afterwards(lambda: self._tell(framework_id, status))
        if is_last:
            self._over(transaction, task)

    def acknowledge(
        self, transaction: Transaction, framework_id: str, call: scheduler.CallAcknowledge
    ) -> bool:
        """A framework has seen a status; False when the task is unknown."""
        end = self._ledger.ends.get((framework_id, call.task_id.value))
        if end is not None and end.status.uuid == call.uuid:
            transaction.add(self._ledger.ends.forget(end.key))
            return True
        task = self._state.tasks.get((framework_id, call.task_id.value))
        if task is None:
            return False
        seen = next((status for status in task.statuses if status.uuid == call.uuid), None)
        transaction.add(self._ledger.forget_launch(*task.key))
        message = messages.acknowledge_task(self._agents.epoch, framework_id, call.task_id, call.uuid)
        transaction.afterwards(lambda: self._send(task.agent_id, message))
        if seen is not None and seen.state in TERMINAL_TASK_STATES:
            self._over(transaction, task)
        return True

    def kill(self, transaction: Transaction, framework_id: str, call: scheduler.CallKill) -> None:
        """Ask a task's agent to end it; about an unknown task the framework is told so at once.

        An agent that is away is asked when it is back, also after a restart of the orchestrator, and also
        about a task that only it knows.
        """
        task = self._state.tasks.get((framework_id, call.task_id.value))
        agent_id = value_of(call.agent_id) if task is None else task.agent_id
        if task is None:
            transaction.afterwards(lambda: self._tell_of_unknown(framework_id, call.task_id, call.agent_id))
            agent = self._state.agents.get(agent_id) if agent_id is not None else None
            if agent is None or agent.registered_at is not None:
                return  # else only the agent may know it, whenever it is back
        assert agent_id is not None
        if task is None or not task.is_terminal:
            transaction.add(self._ledger.record_kill(KillRecord(framework_id, agent_id, call)))
        message = messages.kill_task(self._agents.epoch, framework_id, call)
        transaction.afterwards(lambda: self._send(agent_id, message))

    def reconcile(self, framework_id: str, call: scheduler.CallReconcile) -> Iterator[None]:
        """Tell a framework, step by step, the state of the tasks it names, or of all when it names none.
        Nothing is said of a task that an agent may know which is not back yet: ask again later."""
        for task in () if call.tasks else self._state.tasks_of_framework(framework_id):
            if self._state.tasks.get(task.key) is task:
                self._tell(framework_id, self._statuses.reconciled(task))
            yield
        if not call.tasks:
            self.ends.tell_of_framework(framework_id)
        for entry in call.tasks:
            known = self._state.tasks.get((framework_id, entry.task_id.value))
            if known is not None:
                self._tell(framework_id, self._statuses.reconciled(known))
            else:
                self._tell_of_unknown(framework_id, entry.task_id, entry.agent_id)
            yield

    def shut_down(self, transaction: Transaction, framework_id: str, agent_ids: list[str]) -> None:
        """End all tasks of a framework that is gone on these agents."""
        message = messages.shut_down_framework(self._agents.epoch, framework_id)
        for agent_id in agent_ids:
            transaction.afterwards(lambda agent_id=agent_id: self._send(agent_id, message))  # type: ignore[misc]

    def refuse(
        self,
        transaction: Transaction,
        framework: Framework,
        info: mesos.TaskInfo,
        reason: mesos.TaskStatusReason,
        message: str,
        *,
        invalid: bool,
    ) -> None:
        """Tell a framework that a task was not accepted. Nothing was launched.

        When its agent is not back yet, the task may be there, and this a repeat: then it is told when the
        agent came back without it.
        """
        framework_id, agent_id = framework.framework_id, info.agent_id.value
        status = self._statuses.refused(framework_id, info, reason, message, invalid=invalid)
        if self.is_known(framework_id, info.task_id.value):  # the name is in use: that task has its own end
            transaction.afterwards(lambda: self._tell(framework_id, status))
            return
        known = self._ledger.ends.get((framework_id, info.task_id.value))
        if known is not None and reason is mesos.TaskStatusReason.REASON_INVALID_OFFERS:
            transaction.afterwards(lambda: self.ends.tell(known))  # a repeat: it has its end
            return
        end = self.ends.keep(transaction, framework_id, agent_id, status)
        transaction.afterwards(lambda: None if self.ends.is_held(end) else self._tell(framework_id, status))

    def _restated(self, task: Task, reported: ReportedTask) -> None:
        """A task that is known, as its agent speaks of it now."""
        if not task.is_terminal:  # an agent that died after it told an end may report what was before it
            task.state = reported.head.state
        task.reported = reported.raw
        self._state.changed(ChangeKind.TASK_UPDATED, task)

    def _is_back(self, transaction: Transaction, task: Task) -> None:
        """Its agent is; when its framework took it for unreachable, it is told how the task is now."""
        if task.unreachable is None:
            return
        task.unreachable = None
        if not task.is_terminal:  # the agent tells of an end itself, until that is acknowledged
            status = self._statuses.back(task)
            transaction.afterwards(lambda: self._tell(task.framework_id, status))
        self._state.changed(ChangeKind.TASK_UPDATED, task)

    def _over(self, transaction: Transaction, task: Task) -> None:
        """The task has ended, and its framework knows or never will."""
        transaction.add(self._ledger.forget_kill(*task.key))
        self._state.complete_task(task)

    def _complete(self, transaction: Transaction, key: TaskKey) -> None:
        task = self._state.tasks.get(key)
        if task is not None:
            self._over(transaction, task)

    def _advance(self, task: Task, status: mesos.TaskStatus, latest: mesos.TaskState | object) -> None:
        was_terminal = task.is_terminal
        is_new = not any(known.uuid == status.uuid for known in task.statuses)
        if is_new:
            task.statuses = [*task.statuses, status][-STATUSES_KEPT:]
        if not was_terminal:
            task.state = latest if isinstance(latest, mesos.TaskState) else status.state
            if task.is_terminal:
                self._allocator.release(task.framework_id, task.role, task.agent_id, task.resources)
        if is_new or not was_terminal:  # an end may be known before the status that tells it
            self._state.changed(ChangeKind.TASK_UPDATED, task)

    def _drop(self, transaction: Transaction, task: Task) -> None:
        """The agent does not know a task that was launched on it. It is never sent twice."""
        transaction.add(self._ledger.forget_launch(*task.key))
        if not task.is_terminal:
            self._told_by_us(transaction, task, self._statuses.dropped(task))
        self._over(transaction, task)

    def _told_by_us(self, transaction: Transaction, task: Task, status: mesos.TaskStatus) -> None:
        """A task has ended, and its agent is not who says so."""
        task.state, task.unreachable = status.state, None
        task.statuses = [*task.statuses, status][-STATUSES_KEPT:]
        if not self._is_removed(task.framework_id):
            end = self.ends.keep(transaction, task.framework_id, task.agent_id, status)
            transaction.afterwards(lambda: self.ends.tell(end))

    def _is_removed(self, framework_id: str) -> bool:
        return framework_id not in self._state.frameworks

    def _is_awaited(self, agent_id: str | None) -> bool:
        """Whether an agent (None: any of them) was not here since the start, and may be back soon.

        What it runs is not known until it is: a task that it took over has no launch in the ledger.
        """
        if agent_id is None:
            return any(agent.is_awaited for agent in self._state.agents.values())
        agent = self._state.agents.get(agent_id)
        return agent is not None and agent.is_awaited

    def _tell_of_unknown(
        self, framework_id: str, task_id: mesos.TaskID, agent_id: mesos.AgentID | object
    ) -> None:
        """Answer about a task that is not known, unless an agent that is awaited may know it.

        One whose end is kept is told that. Of one whose agent came back with it meanwhile that agent tells.
        """
        task = (framework_id, task_id.value)
        if task in self._state.tasks or self.ends.answer(*task):
            return
        named = value_of(agent_id)
        if not self._is_awaited(named):
            self._tell(framework_id, self._statuses.unknown(framework_id, task_id, agent_id))

    def _acknowledge_to_agent(self, agent_id: str, framework_id: str, status: mesos.TaskStatus) -> None:
        if isinstance(status.uuid, bytes):
            message = messages.acknowledge_task(self._agents.epoch, framework_id, status.task_id, status.uuid)
            self._send(agent_id, message)

    def _send_run(
        self,
        framework: Framework,
        records: list[LaunchRecord],
        group: mesos.ExecutorInfo | None,
        starts_executor: bool,
    ) -> None:
        launches = self._ledger.launches
        if any(launches.get((each.framework_id, each.task_id)) is not each for each in records):
            return  # the agent came back without them meanwhile: they were dropped
        agent_id, infos = records[0].agent_id, [record.info for record in records]
        epoch, agent = self._agents.epoch, self._state.agents[agent_id]
        if group is not None:
            message = messages.run_task_group(epoch, framework.info, group, infos, agent, starts_executor)
        else:
            message = messages.run_task(epoch, framework.info, infos[0], agent, starts_executor)
        self._send(agent_id, message)

    def _send(self, agent_id: str, message: link.OrchestratorMessage) -> None:
        self._agents.send(agent_id, message)

    def _tell(self, framework_id: str, status: mesos.TaskStatus) -> None:
        self._frameworks.send(framework_id, messages.task_updated(status))


def task_message(task: Task) -> mesos.Task:
    """The task as the operator API shows it."""
    resources = resources_to_wire(task.resources.allocated(task.role))
    return messages.task_shown(task, [in_both_forms(each) for each in resources])
