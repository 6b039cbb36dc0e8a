"""The orchestrator as one object: its rooms, built, recovered, run and stopped in order.

It decides nothing. It is crash-only: stopping is no more than dying in good order, and starting
is always recovery.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from random import Random  # noqa: TID251 - for its type: the generator is passed in
from typing import Any

from msgspec import UNSET, UnsetType

from api.model.clock import Clock
from api.model.ids import IdSource
from api.wire.fault_domain import region_of
from api.wire.v1 import mesos
from orchestrator import recovery_pause
from orchestrator.accept import Acceptance
from orchestrator.adoptable import Adoptable
from orchestrator.adoptions import Adoptions
from orchestrator.agent_link import CONNECTIONS_LIMIT, AgentLink
from orchestrator.agents import Agents
from orchestrator.allocator import Allocator, AllocatorConfig
from orchestrator.claims import Claims
from orchestrator.drain_waits import DrainWaits
from orchestrator.draining import Draining
from orchestrator.executors import Executors
from orchestrator.expansion import Expansion
from orchestrator.frameworks import Frameworks
from orchestrator.gone_agents import GoneAgents
from orchestrator.interventions import Interventions
from orchestrator.inverse_offers import InverseOffers
from orchestrator.journal import Journal
from orchestrator.launches import Launches
from orchestrator.lease import fence
from orchestrator.ledger import ENDED_DAYS, ENDED_LIMIT, Ledger
from orchestrator.machines import Machines
from orchestrator.newcomers import Newcomers
from orchestrator.offers import OUTSTANDING_LIMIT, Offers
from orchestrator.operation_mail import OperationMail
from orchestrator.operations import Operations
from orchestrator.provisioning import Provisioning
from orchestrator.quota import Quotas
from orchestrator.quota_claims import QuotaClaims
from orchestrator.recovery_pause import RecoveryPause
from orchestrator.refusal_mail import RefusalMail
from orchestrator.registrar import Registrar
from orchestrator.reservations import Reservations
from orchestrator.restoration import Restoration
from orchestrator.restored_volumes import RestoredVolumes
from orchestrator.retelling import Retelling
from orchestrator.retention import Retention
from orchestrator.sessions import AgentSessions, FrameworkSessions
from orchestrator.standings import Standings
from orchestrator.state import ClusterState
from orchestrator.taking_up import taken_up
from orchestrator.tasks import Tasks
from orchestrator.term import Term
from orchestrator.triggers import AllocationLoop
from orchestrator.unreachable import Unreachable
from orchestrator.version import Identity
from orchestrator.volume_places import VolumePlaces
from orchestrator.weights import Weights
from store.port import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OrchestratorConfig:
    """Settings; all times in seconds.

    allocation_interval: between two looks at everything that is free.
    offer_timeout: None for offers that last until they are answered.
    min_allocatable, fair_sharing_excluded, filter_gpu_resources: see `AllocatorConfig`.
    domain: region and zone of this orchestrator; agents of other regions are remote.
    recovery_share, recovery_seconds: after a restart, while there is quota, nothing is offered until this
        share of the agents is back, or so much time has passed.
    outstanding_offers: that one framework may have.
    operations_kept, operations_kept_days: how many operations that are over are remembered, and how long.
    agent_timeout: an agent of which nothing was heard for this long is taken for lost.
    unreachable_after: an agent that was lost this long ago is unreachable: frameworks are told of its tasks.
    reregister_timeout: the same of one that is not back after a start of the orchestrator.
    agent_connections: links of agents at once.
    """

    allocation_interval: float = 1.0
    offer_timeout: float | None = None
    min_allocatable: tuple[Mapping[str, int], ...] = AllocatorConfig().min_allocatable
    fair_sharing_excluded: frozenset[str] = frozenset()
    filter_gpu_resources: bool = True
    domain: mesos.DomainInfo | UnsetType = UNSET
    recovery_share: float = recovery_pause.DEFAULT_SHARE
    recovery_seconds: float = recovery_pause.DEFAULT_SECONDS
    outstanding_offers: int = OUTSTANDING_LIMIT
    operations_kept: int = ENDED_LIMIT
    operations_kept_days: float = ENDED_DAYS
    scheduler_heartbeat: float = 15.0
    agent_heartbeat: float = 5.0
    agent_timeout: float = 20.0
    unreachable_after: float = 75.0
    reregister_timeout: float = 600.0
    agent_connections: int = CONNECTIONS_LIMIT


class Orchestrator:
    """The deciding rooms of one leadership. Build with `Orchestrator.lead`."""

    def __init__(
        self,
        config: OrchestratorConfig,
        store: Store,
        term: Term,
        clock: Clock,
        ids: IdSource,
        random: Random,
        identity: Identity | None = None,
    ) -> None:
        epoch = term.epoch
        self.config = config
        self.epoch = epoch
        self.clock = clock
        self.ids = ids
        self.failed: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self._store = store
        self.identity = identity or Identity(str(ids.uuid()), config.domain)
        self.state = ClusterState()
        self.ledger = Ledger(config.operations_kept, config.operations_kept_days * 86_400)
        self.registrar = Registrar()
        self.restoration = Restoration(clock)
        self.journal = Journal(store, fence(epoch), self._fail, lambda: term.is_over)
        self.allocator = Allocator(
            AllocatorConfig(
                min_allocatable=config.min_allocatable,
                fair_sharing_excluded=config.fair_sharing_excluded,
                allocation_interval=config.allocation_interval,
                region=region_of(config.domain),
                filter_gpu_resources=config.filter_gpu_resources,
            )
        )
        self.agent_sessions = AgentSessions(epoch)
        self.framework_sessions = FrameworkSessions()
        self.offers = Offers(
            self.state,
            self.allocator,
            self.framework_sessions,
            clock,
            ids,
            allocation_interval=config.allocation_interval,
            offer_timeout=config.offer_timeout,
            pause=RecoveryPause(config.recovery_share, config.recovery_seconds),
            outstanding_limit=config.outstanding_offers,
        )
        self.quotas = Quotas(self.registrar, self.journal, self.allocator, self.offers)
        self.weights = Weights(self.registrar, self.journal, self.allocator)
        self.standings = Standings(self.state, self.ledger, self.registrar)
        self.operation_mail = OperationMail(self.state, self.agent_sessions, self.framework_sessions)
        self.operations = Operations(
            self.state,
            self.ledger,
            self.allocator,
            self.offers,
            self.operation_mail,
            RefusalMail(self.ledger.refusals, self.framework_sessions, clock, ids),
            self.standings,
            self.restoration,
            clock,
            ids,
        )
        self.tasks = Tasks(
            self.state, self.ledger, self.allocator, self.agent_sessions, self.framework_sessions, clock
        )
        self.executors = Executors(
            self.state, self.ledger, self.allocator, self.agent_sessions, self.framework_sessions
        )
        self.unreachable = Unreachable(
            self.state,
            self.tasks,
            self.executors,
            self.operations,
            self.framework_sessions,
            clock,
            after_loss=config.unreachable_after,
            after_start=config.reregister_timeout,
        )
        self.inverse_offers = InverseOffers(self.state, self.framework_sessions, self._holders, clock, ids)
        self.machines = Machines(
            self.state,
            self.journal,
            self.allocator,
            self.offers,
            self.inverse_offers,
            self.tasks,
            self.executors,
        )
        adoptable = Adoptable(self.state, self.offers, self.agent_sessions)
        quota = QuotaClaims(self.state, self.ledger, self.allocator, self.quotas)
        places = VolumePlaces(self.state, self.allocator, self.offers, adoptable, quota, clock)
        self.provisioning = Provisioning(
            self.state,
            self.journal,
            self.allocator,
            self.offers,
            self.operations,
            self.standings,
            places,
            clock,
            random,
        )
        self.adoptions = Adoptions(adoptable, self.provisioning, self.restoration, self.journal, clock)
        claims = Claims(self.state, self.allocator, self.offers, self.operations, self.provisioning, quota)
        self.expansion = Expansion(self.state, self.journal, claims, self.operations, self.provisioning)
        self.reservations = Reservations(claims, self.operations, self.provisioning, self.journal)
        self.interventions = Interventions(
            self.state, self.ledger, self.operations, self.operation_mail, self.standings, self.journal
        )
        self.acceptance = Acceptance(
            self.state,
            self.ledger,
            self.journal,
            self.allocator,
            self.offers,
            self.operations,
            Launches(self.state, self.tasks, self.executors),
            self.provisioning,
            quota,
        )
        self.frameworks = Frameworks(
            self.state,
            self.registrar,
            self.journal,
            self.allocator,
            self.offers,
            self.operations,
            self.tasks,
            self.framework_sessions,
            self.identity,
            clock,
            ids,
            heartbeat_interval=config.scheduler_heartbeat,
        )
        gone = GoneAgents(
            self.state,
            self.registrar,
            self.allocator,
            self.offers,
            self.tasks,
            self.executors,
            self.operations,
            self.provisioning,
            self.agent_sessions,
            self.framework_sessions,
            clock,
        )
        waits = DrainWaits(self.state, self.operations, self.provisioning)
        self.draining = Draining(
            self.state,
            self.registrar,
            self.journal,
            self.allocator,
            self.offers,
            self.agent_sessions,
            waits,
            gone,
            clock,
            ids,
        )
        self.agents = Agents(
            self.state,
            self.registrar,
            self.journal,
            self.allocator,
            self.offers,
            self.operations,
            self.tasks,
            self.executors,
            self.provisioning,
            self.adoptions,
            self.draining,
            Newcomers(self.state, self.registrar, self.frameworks, self.restoration),
            RestoredVolumes(self.provisioning, self.ledger, self.restoration),
            self.agent_sessions,
            clock,
            ids,
            heartbeat_interval=config.agent_heartbeat,
            timeout=config.agent_timeout,
        )
        self.agent_link = AgentLink(
            self.agents,
            epoch,
            heartbeat_interval=config.agent_heartbeat,
            timeout=config.agent_timeout,
            limit=config.agent_connections,
        )
        self._allocation = AllocationLoop(
            self._allocate, self.offers.triggers, config.allocation_interval, self.allocator.due
        )
        self.retelling = Retelling(self.ledger, self.registrar, self.operation_mail, self.journal)
        self.retention = Retention(self.ledger, self.journal, clock)
        self._loops: list[asyncio.Task[None]] = []

    @classmethod
    async def lead(
        cls,
        config: OrchestratorConfig,
        store: Store,
        term: Term,
        clock: Clock,
        ids: IdSource,
        random: Random,
        identity: Identity | None = None,
    ) -> Orchestrator:
        """Recover from the store, and begin to allocate. Not listening yet.

        `term`: begun already, the lease is this process's. `identity`: of the process, when it has one.
        """
        orchestrator = cls(config, store, term, clock, ids, random, identity)
        await taken_up(orchestrator, store)
        orchestrator._begin(orchestrator._allocation.run, "allocation")
        orchestrator._begin(orchestrator.retelling.run, "retelling")
        orchestrator._begin(orchestrator.retention.run, "forgetting")
        orchestrator._begin(orchestrator.unreachable.run, "watching agents that are away")
        log.info("leading in epoch %d", term.epoch)
        return orchestrator

    async def stop(self) -> None:
        """Stop deciding, and make durable what was decided. The store stays open.

        Nothing is said any more when it returns.
        """
        self._end("the orchestrator is stopping")
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self.journal.drain()
        self.journal.close()

    def drop(self) -> None:
        """Stop at once: another may lead already. What is being written may become durable, or not."""
        self.journal.close()
        self._end("another orchestrator leads, or will")

    def _end(self, reason: str) -> None:
        self.agent_link.close(reason)
        self.frameworks.stop()
        for loop in self._loops:
            loop.cancel()

    def _allocate(self, candidates: set[str] | None) -> None:
        self.offers.allocate(candidates)
        self.inverse_offers.ask(candidates)

    def _holders(self, agent_id: str) -> set[str]:
        """The frameworks that have something on an agent: tasks, executors, operations, offers."""
        holders = {holder.framework_id for holder in self.state.holders_on(agent_id)}
        holders |= {offer.framework_id for offer in self.offers.of_agent(agent_id)}
        operations = self.operations.held(agent_id)
        return holders | {record.framework_id for record, _ in operations if record.framework_id is not None}

    def _begin(self, loop: Callable[[], Coroutine[Any, Any, None]], what: str) -> None:
        self._loops.append(asyncio.ensure_future(self._until_cancelled(loop, what)))

    async def _until_cancelled(self, loop: Callable[[], Coroutine[Any, Any, None]], what: str) -> None:
        try:
            await loop()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.critical("%s failed; the orchestrator stops", what, exc_info=error)
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        """Something left memory in an unknown state: `failed` tells the composition root to stop."""
        if not self.failed.done():
            self.failed.set_result(error)
