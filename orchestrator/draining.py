"""Agents withdrawn by their operators: deactivated, drained, and brought back. Durable before it is answered.

    DRAIN_AGENT -> written -> offers withdrawn, the agent told -> it ends its tasks, gives volumes back, and
    says what it waits for -> nothing left here and there -> written: DRAINED, or gone for good

The agent is told the whole of it at each registration, so a drain goes on after a failover of either side.
What it says of a drain carries that drain's id. The table of modes is `withdrawal`, what is waited for
`drain_waits`. No I/O here.
"""

from __future__ import annotations

import asyncio
import logging

from api.model.clock import Clock
from api.model.ids import IdSource
from api.wire.v1 import link, mesos
from orchestrator import messages
from orchestrator.allocator import Allocator
from orchestrator.drain_waits import LINES_LIMIT, DrainWaits, Report, of_host
from orchestrator.gone_agents import GoneAgents, UnknownAgent
from orchestrator.journal import Journal, Transaction
from orchestrator.offers import Offers
from orchestrator.records import OperationRecord
from orchestrator.registrar import Registrar
from orchestrator.sessions import AgentSessions
from orchestrator.state import Agent, ChangeKind, ClusterState, Executor, StateChange, Task
from orchestrator.volumes import VolumeRecord
from orchestrator.withdrawal import Drain, Mode, NotNow, Step, Withdrawal, same_drain

log = logging.getLogger(__name__)

CONCERNED = (Agent, Task, Executor, OperationRecord, VolumeRecord)
"""Entities on an agent that a drain may wait for."""


class Draining:
    """The modes of agents, and what follows from them."""

    def __init__(
        self,
        state: ClusterState,
        registrar: Registrar,
        journal: Journal,
        allocator: Allocator,
        offers: Offers,
        sessions: AgentSessions,
        waits: DrainWaits,
        gone: GoneAgents,
        clock: Clock,
        ids: IdSource,
    ) -> None:
        self._state = state
        self._registrar = registrar
        self._journal = journal
        self._allocator = allocator
        self._offers = offers
        self._sessions = sessions
        self._waits = waits
        self._gone = gone
        self._clock = clock
        self._ids = ids
        self._reports: dict[str, Report] = {}
        self._draining: set[str] = set()
        self._to_look_at: dict[str, None] = {}
        state.listen(self._changed, of=(Agent, *CONCERNED))

    def recover(self) -> None:
        """Take up the registry's modes after a start. Agents are known, and not here yet."""
        for agent_id, withdrawal in self._registrar.withdrawn.items():
            agent = self._state.agents[agent_id]
            agent.withdrawal = withdrawal
            if withdrawal.mode is Mode.DRAINING:
                self._draining.add(agent_id)
                self._look_soon(agent_id)

    async def deactivate(self, agent_id: str) -> None:
        """Nothing of it is offered any more; what runs there runs on. Raises UnknownAgent."""
        await self._take(agent_id, Step.DEACTIVATE)

    async def drain(self, agent_id: str, config: mesos.DrainConfig) -> None:
        """It is emptied, too. A repeat changes nothing; another config counts from now on.

        Raises UnknownAgent.
        """
        agent = self._known(agent_id)
        drain = agent.withdrawal.drain
        if drain is None or not same_drain(drain, config):
            drain = Drain(self._ids.uuid().bytes, config)
            await self._take(agent_id, Step.DRAIN, drain)
        else:
            await self._journal.barrier()

    async def reactivate(self, agent_id: str, *, force: bool) -> None:
        """It is offered again. `force`: also while it drains; what was told to end ends all the same.

        Raises UnknownAgent, NotNow.
        """
        await self._take(agent_id, Step.CANCEL if force else Step.REACTIVATE)

    async def mark_gone(self, agent_id: str) -> None:
        """It is removed for good, whether it is here or not. Nothing happens when it is already.

        Raises UnknownAgent.
        """
        if agent_id in self._registrar.gone_agents:
            await self._journal.barrier()
            return
        transaction = Transaction()
        self._gone.remove(transaction, self._known(agent_id))
        await self._journal.commit(transaction)

    def reported(self, agent_id: str, message: link.AgentMessageDrainStatus) -> None:
        """An agent says what is left on its host; of an earlier drain that counts for nothing."""
        drain = self._state.agents[agent_id].withdrawal.drain
        if drain is not None and drain.uuid == message.uuid.value:
            lines = tuple(message.waiting[:LINES_LIMIT])
            self._reports[agent_id] = Report(drain.uuid, message.tasks, lines)
            self._look_soon(agent_id)

    async def _take(self, agent_id: str, step: Step, drain: Drain | None = None) -> None:
        agent = self._known(agent_id)
        transaction = Transaction()
        try:
            after = agent.withdrawal.after(step, self._clock.now(), drain)
        except NotNow as refusal:
            raise NotNow(f"agent {agent_id} {refusal}") from None
        if after != agent.withdrawal:
            self._become(transaction, agent, after)
        await self._journal.commit(transaction)

    def _known(self, agent_id: str) -> Agent:
        agent = self._state.agents.get(agent_id)
        if agent is None:
            raise UnknownAgent(agent_id, is_gone=agent_id in self._registrar.gone_agents)
        return agent

    def _become(self, transaction: Transaction, agent: Agent, after: Withdrawal) -> None:
        before, agent.withdrawal = agent.withdrawal, after
        agent_id = agent.agent_id
        log.info("agent %s (%s) is %s, was %s", agent_id, agent.info.hostname, after.mode, before.mode)
        transaction.add(self._registrar.withdraw(agent_id, after))
        if after.drain != before.drain:
            self._reports.pop(agent_id, None)
            message = messages.update_drain(self._sessions.epoch, after)
            transaction.afterwards(lambda: _ignore(self._sessions.send(agent_id, message)))
        if after.mode is Mode.DRAINING:
            self._draining.add(agent_id)
            self._look_soon(agent_id)
        else:
            self._draining.discard(agent_id)
            agent.drain_waits = ()
        if not agent.is_offered:
            self._offers.rescind_on(agent_id)
        if agent.connected and agent_id in self._allocator.agents:
            self._allocator.set_agent_active(agent_id, agent.is_offered)
        self._offers.triggers.agent(agent_id)
        self._state.changed(ChangeKind.AGENT_UPDATED, agent)

    # How far it is.

    def _changed(self, change: StateChange) -> None:
        if not self._draining:
            return
        subject = change.subject
        if isinstance(subject, Agent) and change.kind is ChangeKind.AGENT_REMOVED:
            self._draining.discard(subject.agent_id)
            self._reports.pop(subject.agent_id, None)
        elif isinstance(subject, CONCERNED) and subject.agent_id in self._draining:
            self._look_soon(subject.agent_id)

    def _look_soon(self, agent_id: str) -> None:
        """After what is being decided just now: several things change together."""
        if not self._to_look_at:
            asyncio.get_running_loop().call_soon(self._look)
        self._to_look_at[agent_id] = None

    def _look(self) -> None:
        agent_ids, self._to_look_at = list(self._to_look_at), {}
        for agent_id in agent_ids:
            agent = self._state.agents.get(agent_id)
            if agent is not None and agent.withdrawal.mode is Mode.DRAINING:
                self._look_at(agent)

    def _look_at(self, agent: Agent) -> None:
        report = self._reports.get(agent.agent_id)
        lines = self._waits.lines(agent, report)
        if not lines and report is not None and report.tasks:
            lines = (of_host(report.tasks),)
        if not lines:
            self._emptied(agent)
        elif lines != agent.drain_waits:
            agent.drain_waits = lines
            self._state.changed(ChangeKind.AGENT_UPDATED, agent)

    def _emptied(self, agent: Agent) -> None:
        transaction = Transaction()
        drain = agent.withdrawal.drain
        assert drain is not None, "there is one while it drains"
        if drain.mark_gone:
            self._gone.remove(transaction, agent)
        else:
            self._become(transaction, agent, agent.withdrawal.after(Step.EMPTY, self._clock.now()))
        self._journal.commit_soon(transaction)


def drain_of(agent: Agent) -> link.OrchestratorMessageDrain | None:
    """What an agent is told at its registration: whether it has to drain."""
    return None if agent.withdrawal.drain is None else agent.withdrawal.drain.message


def _ignore(_: bool) -> None:
    """An agent that is not here is told when it registers."""
