"""Agents: admitted once, here or not, and what they report.

An agent that is lost keeps its place: its containers run on, and everything it holds stays held
until it is back. What it reports replaces what was known. No sockets here: `agent_link` is the edge.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import UNSET, structs

from api.model.clock import Clock
from api.model.errors import InvalidRequest
from api.model.ids import IdSource
from api.model.resources import Resources
from api.wire.fault_domain import region_of
from api.wire.v1 import link, mesos
from orchestrator import messages
from orchestrator.adoptions import Adoptions
from orchestrator.agent_lives import former_lives, judged, life_of
from orchestrator.allocator import AgentCapability, AgentTraits, Allocator
from orchestrator.draining import Draining
from orchestrator.executors import Executors
from orchestrator.journal import Journal, Transaction, durable
from orchestrator.newcomers import Newcomers
from orchestrator.offers import Offers
from orchestrator.operations import Operations
from orchestrator.provisioning import Provisioning
from orchestrator.registrar import Registrar
from orchestrator.reports import Multiples, Reports
from orchestrator.restored_volumes import RestoredVolumes
from orchestrator.sessions import AgentSessions, Session
from orchestrator.state import Agent, ChangeKind, ClusterState, Provider, value_of
from orchestrator.tasks import Tasks
from orchestrator.whereabouts import Whereabouts
from provider.manager.absences import AWAY
from store.port import StoreFailed

log = logging.getLogger(__name__)

AGENTS_LIMIT = 50_000
"""Agents that may be admitted; a further one is refused until the operator removes one."""


NOTICES_LIMIT = 1_000
"""Notices of one provider that are kept and shown; of more, the number is told. Findings of an agent, too."""


class RegistrationRefused(InvalidRequest):
    """The agent is told why; it goes on trying, so that an operator can mend it on either side.

    gone: it was removed for good. permanent: somebody has to act before it helps to ask again.
    """

    def __init__(self, message: str, *, gone: bool = False, permanent: bool = False) -> None:
        super().__init__(message)
        self.gone, self.permanent = gone, permanent or gone


@dataclass(frozen=True, slots=True)
class Registering:
    """An agent that is being admitted. `durable`: done when it is; not to be cancelled."""

    agent: Agent
    durable: asyncio.Future[None]


class Agents:
    """The agents that are admitted, connected or not."""

    def __init__(
        self,
        state: ClusterState,
        registrar: Registrar,
        journal: Journal,
        allocator: Allocator,
        offers: Offers,
        operations: Operations,
        tasks: Tasks,
        executors: Executors,
        provisioning: Provisioning,
        adoptions: Adoptions,
        draining: Draining,
        newcomers: Newcomers,
        restored_volumes: RestoredVolumes,
        sessions: AgentSessions,
        clock: Clock,
        ids: IdSource,
        *,
        heartbeat_interval: float,
        timeout: float,
    ) -> None:
        self._state = state
        self._registrar = registrar
        self._journal = journal
        self._allocator = allocator
        self._offers = offers
        self._operations = operations
        self._tasks = tasks
        self._executors = executors
        self._provisioning = provisioning
        self._adoptions = adoptions
        self._draining = draining
        self._newcomers = newcomers
        self._restored_volumes = restored_volumes
        self._sessions = sessions
        self._clock = clock
        self._ids = ids
        self._whereabouts = Whereabouts(state)
        self._reports = Reports()
        self._multiples = Multiples()
        self._heartbeat_interval = heartbeat_interval
        self._timeout = timeout

    def recover(self) -> Iterator[None]:
        """Take up the registry's agents after a start: known, not here yet."""
        for agent_id, info in self._registrar.agents.items():
            self._state.agents[agent_id] = Agent(agent_id, info, away_since=self._clock.now())
            self._whereabouts.came(agent_id, info)
            yield

    async def register(
        self, call: link.AgentMessageRegister, session: Session[link.OrchestratorMessage]
    ) -> str:
        """`admit`, and `admitted` once that is durable."""
        registering = self.admit(call, session)
        await durable(registering.durable)
        return self.admitted(registering)

    def admit(
        self, call: link.AgentMessageRegister, session: Session[link.OrchestratorMessage]
    ) -> Registering:
        """Admit an agent, or take it back; the first message to it is REGISTERED, when that is durable.

        Its tasks may be unread (`api.wire.registration`). Raises `RegistrationRefused` for an id that this
        cluster has not given out, and WireError; nothing has changed then.
        """
        info = call.agent_info
        agent_id = value_of(info.id)
        if agent_id is None:
            if len(self._state.agents) >= AGENTS_LIMIT:
                raise RegistrationRefused(
                    f"{AGENTS_LIMIT} agents are admitted already: remove those that never come back (`orlop "
                    "agents gone`)"
                )
            agent_id = str(self._ids.uuid())
            self._whereabouts.warn_of_former(info)
            info = structs.replace(info, id=mesos.AgentID(value=agent_id))
        elif agent_id in self._registrar.gone_agents:
            raise RegistrationRefused(messages.gone_reason(agent_id), gone=True)
        elif agent_id not in self._state.agents and not self._newcomers.may_come(call):
            raise RegistrationRefused(
                f"agent {agent_id} is not known to this cluster: point it to its own orchestrator, "
                "or give it a new work directory to join as a new agent"
            )
        life, known = life_of(call), self._registrar.lives.get(agent_id)
        is_here = self._sessions.get(agent_id) is not None
        if (refused := judged(agent_id, known, life, former_lives(call), is_here=is_here)) is not None:
            raise RegistrationRefused(refused.message, permanent=refused.for_good)
        reported = [self._reports.task(each) for each in call.tasks]
        transaction = Transaction()
        if agent_id not in self._state.agents and call.agent_info.id is not UNSET:
            self._newcomers.agent(transaction, agent_id, info)
        transaction.add(self._registrar.admit_agent(info, self._clock.now(), life))
        agent = self._admit(agent_id, info, call)
        transaction.afterwards(lambda: self._welcome(agent, session))
        with_executors = [each.framework_id.value for each in call.executors]
        spoken_of = (*with_executors, *(each.head.framework_id.value for each in reported))
        self._newcomers.frameworks(transaction, agent_id, spoken_of)
        self._tasks.agent_registered(transaction, agent, reported, with_executors)
        self._executors.agent_registered(transaction, agent, call.executors)
        return Registering(agent, self._journal.commit_soon(transaction))

    def admitted(self, registering: Registering) -> str:
        """The id of an agent whose registration is written, or could not be.

        Raises StoreFailed, and RegistrationRefused when it was removed for good in the meantime.
        """
        if (error := registering.durable.exception()) is not None:
            raise StoreFailed(f"the registration is not durable: {error}") from error
        agent_id = registering.agent.agent_id
        if self._state.agents.get(agent_id) is not registering.agent:
            raise RegistrationRefused(messages.gone_reason(agent_id), gone=True)
        return agent_id

    def disconnected(self, agent_id: str, session: Session[link.OrchestratorMessage]) -> None:
        """A link ended. Unless another one took its place, nothing more is offered of this agent."""
        if not self._sessions.closed(agent_id, session):
            return
        agent = self._state.agents.get(agent_id)
        if agent is None:
            return  # removed for good, and this is not written yet
        agent.connected, agent.away_since, agent.findings = False, self._clock.now(), []
        self._operations.agent_lost(agent_id)
        self._offers.rescind_on(agent_id)
        self._allocator.set_agent_active(agent_id, False)
        self._state.changed(ChangeKind.AGENT_UPDATED, agent)
        log.warning("lost agent %s at %s", agent_id, agent.address)

    def message(self, agent_id: str, message: link.AgentMessage) -> None:
        """Take in what a registered agent says. Messages of one agent must be passed in order."""
        if agent_id not in self._state.agents:
            return  # removed for good; its link is closed when that is durable
        transaction = Transaction()
        if isinstance(message.update_provider, link.AgentMessageUpdateProvider):
            self._provider_updated(transaction, agent_id, message.update_provider)
        elif isinstance(message.provider_disconnected, link.AgentMessageProviderDisconnected):
            self._provider_left(transaction, agent_id, message.provider_disconnected)
        elif isinstance(message.update_operation_status, link.AgentMessageUpdateOperationStatus):
            told = message.update_operation_status
            provider_id = value_of(told.resource_provider_id)
            self._operations.status_arrived(transaction, agent_id, provider_id, told.update)
        elif isinstance(message.update_task_status, link.AgentMessageUpdateTaskStatus):
            self._tasks.status_arrived(transaction, agent_id, message.update_task_status)
        elif isinstance(message.executor_exited, link.AgentMessageExecutorExited):
            self._executors.exited(transaction, agent_id, message.executor_exited)
        elif isinstance(message.executor_message, link.ExecutorMessage):
            self._executors.said(transaction, agent_id, message.executor_message)
        elif isinstance(message.drain_status, link.AgentMessageDrainStatus):
            self._draining.reported(agent_id, message.drain_status)
        elif isinstance(message.update_agent, link.AgentMessageUpdateAgent):
            self._agent_updated(transaction, agent_id, message.update_agent)
        self._journal.commit_soon(transaction)

    def _admit(self, agent_id: str, info: mesos.AgentInfo, call: link.AgentMessageRegister) -> Agent:
        agent = self._state.agents.get(agent_id)
        now = self._clock.now()
        if agent is not None:
            agent.away_since = None  # it is here: nobody gives it up while this is written
        else:
            agent = Agent(agent_id, info)
            self._state.agents[agent_id] = agent
            self._state.changed(ChangeKind.AGENT_ADDED, agent)
        # What the earlier link still says must not mix with what this one reports.
        self._sessions.close(agent_id, "the agent registered anew")
        self._offers.rescind_on(agent_id)
        self._allocator.remove_agent(agent_id, comes_back=_alike(agent.info, info))
        agent.connected = False
        agent.unreachable_since = None
        agent.info = info
        self._whereabouts.came(agent_id, info)
        agent.version = call.version
        agent.address = call.address if isinstance(call.address, str) else ""
        agent.isolation = call.isolation if isinstance(call.isolation, str) else ""
        agent.capabilities = list(call.capabilities)
        agent.findings = list(call.findings[:NOTICES_LIMIT])
        agent.reregistered_at = now if agent.registered_at is not None else None
        agent.registered_at = agent.registered_at or now
        agent.providers = {}
        return agent

    def _welcome(self, agent: Agent, session: Session[link.OrchestratorMessage]) -> None:
        if self._state.agents.get(agent.agent_id) is not agent:
            return  # removed for good while its registration was written
        self._sessions.open(agent.agent_id, session)
        agent.connected, agent.away_since = True, None
        self._count_in(agent, comes_back=True)
        session.send(
            messages.registered(
                self._sessions.epoch,
                agent.agent_id,
                self._heartbeat_interval,
                self._timeout,
                agent.withdrawal,
            )
        )
        self._state.changed(ChangeKind.AGENT_UPDATED, agent)

    def _agent_updated(
        self, transaction: Transaction, agent_id: str, told: link.AgentMessageUpdateAgent
    ) -> None:
        """What frameworks are told of an agent is another: offers that say what was before are withdrawn. Or
        it found something for its operators."""
        agent = self._state.agents[agent_id]
        agent.findings = list(told.findings[:NOTICES_LIMIT])
        new = told.agent_info
        info = structs.replace(agent.info, attributes=new.attributes, domain=new.domain)
        if info != agent.info:
            transaction.add(self._registrar.admit_agent(info, self._clock.now()))
            agent.info = info
            self._count_in(agent, comes_back=False)
            self._offers.triggers.agent(agent_id)
        self._state.changed(ChangeKind.AGENT_UPDATED, agent)

    def _count_in(self, agent: Agent, *, comes_back: bool) -> None:
        """Tell the allocator anew what of the agent is in use; what it has, its providers report.

        All that is known to be in use is charged now, that of providers that are not back, too: so a
        provider that comes later changes totals and nothing else, and offers of what others have stay.
        Withdrawn are those from before: they rest on the former count (an agent may dial anew before its
        old link was found dead). `comes_back`: who refused what it had has refused it still.
        """
        self._offers.rescind_on(agent.agent_id)
        self._allocator.remove_agent(agent.agent_id, comes_back=comes_back)
        self._allocator.add_agent(agent.agent_id, agent.total(), {}, traits_of(agent))
        by_holder: dict[tuple[str, str], list[Resources]] = {}
        for holder in self._state.holders_on(agent.agent_id):
            by_holder.setdefault((holder.framework_id, holder.role), []).append(holder.resources)
        for (framework_id, role), parts in by_holder.items():
            total = self._multiples.total(parts)
            self._allocator.allocate(framework_id, role, agent.agent_id, total, times=len(parts))
        for record, held in self._operations.held(agent.agent_id):
            self._allocator.allocate(record.framework_id, record.role, agent.agent_id, held)
        for role, held in self._provisioning.held(agent.agent_id):
            self._allocator.allocate(None, role, agent.agent_id, held)

    def _provider_updated(
        self, transaction: Transaction, agent_id: str, message: link.AgentMessageUpdateProvider
    ) -> None:
        info, update = message.resource_provider_info, message.update_state
        provider_id = value_of(info.id) if isinstance(info, mesos.ResourceProviderInfo) else None
        agent = self._state.agents[agent_id]
        provider = agent.providers.get(provider_id)
        agent.departed.pop(provider_id or "", None)
        first = provider is None
        if provider is None:
            provider = Provider((agent_id, provider_id), None, b"")
            agent.providers[provider_id] = provider
        provider.info = info if isinstance(info, mesos.ResourceProviderInfo) else None
        provider.version = update.resource_version_uuid.value
        provider.profiles = list(update.profiles)
        provider.plugin = update.plugin or None
        provider.capabilities = frozenset(update.capabilities)
        provider.notices = list(update.notices[:NOTICES_LIMIT])
        told = update.notices_total
        provider.notices_total = max(told if isinstance(told, int) else 0, len(update.notices))
        before = provider.totals.view
        if first:
            self._newcomers.of_operations(transaction, agent_id, update.operations)
        self._operations.provider_reported(transaction, provider, update, first=first)
        if first and provider_id is None:
            self._offers.pause.agent_is_back(agent_id)
        self._restored_volumes.provider_reported(transaction, provider, first=first)
        if first:
            self._provisioning.provider_ready(agent_id, provider_id)
        self._adoptions.provider_reported(agent_id, provider_id)
        self._offers.rescind_lost(provider, before - provider.totals.view)
        if first or before != provider.totals.view:
            self._offers.triggers.agent(agent_id)
        self._state.changed(ChangeKind.PROVIDER_UPDATED, provider)

    def _provider_left(
        self, transaction: Transaction, agent_id: str, message: link.AgentMessageProviderDisconnected
    ) -> None:
        """A provider is not here (any more); when an operator removed it, it never will be. Said at each
        registration, so mostly it is known."""
        agent = self._state.agents[agent_id]
        provider_id = message.resource_provider_id.value
        reason = message.message if isinstance(message.message, str) else ""
        provider = agent.providers.pop(provider_id, None)
        if provider is not None or provider_id not in agent.departed or reason != AWAY:
            agent.departed[provider_id] = reason
        if provider is not None:
            self._operations.provider_left(agent_id, provider_id)
            self._operations.totals_changed(provider)
            self._offers.rescind_on(
                agent_id, lambda offer: not offer.resources.of_provider(provider_id).is_empty
            )
            self._offers.triggers.agent(agent_id)
            self._state.changed(ChangeKind.PROVIDER_REMOVED, provider)
        else:
            self._state.changed(ChangeKind.AGENT_UPDATED, agent)  # why it is not here may be another reason
        if message.gone is True:
            transaction.add(self._registrar.provider_gone(agent_id, provider_id, self._clock.now()))
            self._operations.provider_gone(transaction, agent_id, provider_id)
            self._provisioning.provider_gone(transaction, agent_id, provider_id)


def _alike(before: mesos.AgentInfo, now: mesos.AgentInfo) -> bool:
    """Whether who refused what the agent had would refuse it still."""
    return (before.hostname, before.attributes, before.domain) == (now.hostname, now.attributes, now.domain)


def traits_of(agent: Agent) -> AgentTraits:
    """What the allocator has to know of an agent beside its resources."""
    named = {str(entry.type) for entry in agent.capabilities}
    return AgentTraits(
        hostname=agent.info.hostname,
        region=region_of(agent.info.domain),
        capabilities=frozenset(capability for capability in AgentCapability if capability in named),
        about=agent.info,
    )
