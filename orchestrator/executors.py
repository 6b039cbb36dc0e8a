"""Executors: charged from the launch that needs them until they have exited, and spoken with.

    a launch needs one that is not known -> known (it may not run yet)
        -> EXECUTOR_EXITED, or its agent came back without it -> forgotten

What runs is its agent's to know. Messages between a framework and its executors are passed on and lost with a
link, as the API has it; a SHUTDOWN is remembered until the executor is gone. No I/O here.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET, UnsetType

from api.model.resources import Resources
from api.wire.convert import resources_from_wire
from api.wire.v1 import link, mesos, scheduler
from orchestrator import messages
from orchestrator.allocator import Allocator
from orchestrator.journal import Transaction
from orchestrator.ledger import Ledger
from orchestrator.records import ShutdownRecord
from orchestrator.sessions import AgentSessions, FrameworkSessions
from orchestrator.state import Agent, ClusterState, Executor, ExecutorKey, value_of


class Executors:
    """The executors of all frameworks, as their agents last spoke of them."""

    def __init__(
        self,
        state: ClusterState,
        ledger: Ledger,
        allocator: Allocator,
        agents: AgentSessions,
        frameworks: FrameworkSessions,
    ) -> None:
        self._state = state
        self._ledger = ledger
        self._allocator = allocator
        self._agents = agents
        self._frameworks = frameworks

    def recover(self) -> Iterator[None]:
        """Take up the executors of launches in the ledger; their agents will say which of them run."""
        for record in self._ledger.launches.values():
            yield
            info = record.info.executor
            if not isinstance(info, mesos.ExecutorInfo):
                continue
            key = (record.agent_id, record.framework_id, info.executor_id.value)
            if key not in self._state.executors:
                resources = resources_from_wire(info.resources).unallocated()
                self._state.add_executor(_executor(key, record.role, info, resources))

    def start(
        self, framework_id: str, agent_id: str, role: str, info: mesos.ExecutorInfo, resources: Resources
    ) -> None:
        """A launch that is being accepted needs an executor that is not known: it is charged from now on."""
        executor = _executor((agent_id, framework_id, info.executor_id.value), role, info, resources)
        self._allocator.allocate(framework_id, role, agent_id, resources)
        self._state.add_executor(executor)

    def agent_registered(self, transaction: Transaction, agent: Agent, reported: list[link.Executor]) -> None:
        """An agent is (back) here with the executors it knows; others are gone.

        What is in use there is counted anew afterwards.
        """
        known = {self._adopt(agent, message) for message in reported}
        for executor in self._state.executors_of_agent(agent.agent_id):
            if executor.key not in known:
                self._gone(transaction, executor, UNSET)
        for asked in self._ledger.shutdowns.of_agent(agent.agent_id):
            if asked.key in known:
                self._send_shutdown(transaction, asked)
            else:
                transaction.add(self._ledger.forget_shutdown(asked.key))

    def agent_gone(self, transaction: Transaction, agent_id: str) -> None:
        """An operator removed an agent for good, and its executors with it."""
        for executor in self._state.executors_of_agent(agent_id):
            self._gone(transaction, executor, UNSET)
        for asked in self._ledger.shutdowns.of_agent(agent_id):
            transaction.add(self._ledger.forget_shutdown(asked.key))

    def exited(
        self, transaction: Transaction, agent_id: str, message: link.AgentMessageExecutorExited
    ) -> None:
        """An agent says that an executor is over, perhaps of one that is not known."""
        key = (agent_id, message.framework_id.value, message.executor_id.value)
        executor = self._state.executors.get(key)
        if executor is None:
            return
        self._allocator.release(executor.framework_id, executor.role, agent_id, executor.resources)
        self._gone(transaction, executor, message.status)

    def said(self, transaction: Transaction, agent_id: str, message: link.ExecutorMessage) -> None:
        """An executor has a message for its framework."""
        event = messages.executor_said(agent_id, message)
        transaction.afterwards(lambda: self._tell(message.framework_id.value, event))

    def agent_unreachable(self, agent_id: str) -> None:
        """What they use is charged to nobody until their agent is back, and counted in anew."""
        for each in self._state.executors_of_agent(agent_id):
            self._allocator.release(each.framework_id, each.role, agent_id, each.resources)

    def tell(self, transaction: Transaction, framework_id: str, call: scheduler.CallMessage) -> None:
        """A framework has a message for one of its executors; when nobody can deliver it, it is lost."""
        message = messages.executor_message(self._agents.epoch, framework_id, call.executor_id, call.data)
        transaction.afterwards(lambda: self._send(call.agent_id.value, message))

    def shut_down(self, transaction: Transaction, framework_id: str, call: scheduler.CallShutdown) -> None:
        """Ask for the end of an executor, which ends its tasks. Of one that is not known nothing is said.

        An agent that is away is asked when it is back, also after a restart of the orchestrator.
        """
        agent_id, executor_id = call.agent_id.value, call.executor_id.value
        record = ShutdownRecord(framework_id, agent_id, executor_id)
        if record.key in self._state.executors or self._is_awaited(agent_id):
            transaction.add(self._ledger.record_shutdown(record))
            self._send_shutdown(transaction, record)

    def _adopt(self, agent: Agent, message: link.Executor) -> ExecutorKey:
        info = message.executor_info
        key = (agent.agent_id, message.framework_id.value, info.executor_id.value)
        resources = resources_from_wire(message.resources)
        role = next((each.allocated_to for each in resources if each.allocated_to is not None), "*")
        executor = self._state.executors.get(key)
        if executor is None:
            executor = _executor(key, role, info, resources.unallocated())
            self._state.add_executor(executor)
        executor.container_id = value_of(message.container_id)
        return key

    def _gone(self, transaction: Transaction, executor: Executor, status: int | UnsetType) -> None:
        self._state.remove_executor(executor)
        transaction.add(self._ledger.forget_shutdown(executor.key))
        event = messages.executor_failed(executor.agent_id, executor.executor_id, status)
        transaction.afterwards(lambda: self._tell(executor.framework_id, event))

    def _is_awaited(self, agent_id: str) -> bool:
        """Whether an agent was admitted and has not been here since the start: nobody knows what it runs."""
        agent = self._state.agents.get(agent_id)
        return agent is not None and agent.registered_at is None

    def _send_shutdown(self, transaction: Transaction, record: ShutdownRecord) -> None:
        epoch = self._agents.epoch
        message = messages.shut_down_executor(epoch, record.framework_id, record.executor_id)
        transaction.afterwards(lambda: self._send(record.agent_id, message))

    def _send(self, agent_id: str, message: link.OrchestratorMessage) -> None:
        self._agents.send(agent_id, message)

    def _tell(self, framework_id: str, event: scheduler.Event) -> None:
        self._frameworks.send(framework_id, event)


def _executor(key: ExecutorKey, role: str, info: mesos.ExecutorInfo, resources: Resources) -> Executor:
    return Executor(
        framework_id=key[1],
        executor_id=key[2],
        agent_id=key[0],
        role=role,
        info=info,
        resources=resources,
    )
