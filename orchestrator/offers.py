"""Offers: made by the allocator, outstanding until accepted, declined, rescinded or timed out.

What is offered is allocated to the framework from the allocator's point of view. Offers live in
memory only: after a failover they are made anew. No I/O here, and no clockwork: `triggers` says when.

What is outstanding is bounded for each framework: one that does not answer is offered no more than so many,
and in events of so many, until it has answered some, or `offer_timeout` took them back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from api.model.clock import Clock
from api.model.ids import IdSource
from api.model.resources import Resources
from api.wire.convert import in_older_form, resources_to_wire
from api.wire.v1 import mesos, scheduler
from orchestrator.allocator import Allocator
from orchestrator.allocator import Offer as Allocation
from orchestrator.filter_life import DEFAULT_REFUSE_SECONDS, filter_until
from orchestrator.index import Index
from orchestrator.messages import knows_reservations
from orchestrator.recovery_pause import RecoveryPause
from orchestrator.sessions import FrameworkSessions
from orchestrator.state import Agent, ClusterState, Provider
from orchestrator.triggers import Triggers

OUTSTANDING_LIMIT = 10_000
"""Offers that one framework may have outstanding. What it would be offered beyond it goes back, and it is
offered nothing more until it has answered some, or they have timed out: others come first."""

EVENT_OFFERS_LIMIT = 500
"""Offers in one OFFERS event; more come in several, so that no client must take them all in at once."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Resources that one framework may use until it is rescinded. Without allocation info."""

    offer_id: str
    framework_id: str
    role: str
    agent_id: str
    resources: Resources
    expires: float | None


OfferListener = Callable[[Offer, bool], None]
"""Told of an offer, and whether it is outstanding now."""


class Offers:
    """The outstanding offers. `triggers`: to be told when something new may be offered."""

    def __init__(
        self,
        state: ClusterState,
        allocator: Allocator,
        frameworks: FrameworkSessions,
        clock: Clock,
        ids: IdSource,
        *,
        allocation_interval: float,
        offer_timeout: float | None,
        pause: RecoveryPause | None = None,
        outstanding_limit: int = OUTSTANDING_LIMIT,
    ) -> None:
        self._state = state
        self._allocator = allocator
        self._frameworks = frameworks
        self._clock = clock
        self._ids = ids
        self._interval = allocation_interval
        self._timeout = offer_timeout
        self._limit = outstanding_limit
        self._offers: dict[str, Offer] = {}
        """In the order in which they were made, and so in that in which they expire."""
        self._by_agent: Index[str, Offer] = Index()
        self._by_framework: Index[str, Offer] = Index()
        self._full: set[str] = set()
        """Frameworks that had too many to be offered more, until half of them are answered."""
        self.pause = pause if pause is not None else RecoveryPause()
        self.triggers = Triggers(lambda: state.agents)
        self._listeners: list[OfferListener] = []

    def listen(self, listener: OfferListener) -> None:
        """Call `listener` whenever an offer is made, and when it is outstanding no more."""
        self._listeners.append(listener)

    def outstanding(self) -> tuple[Offer, ...]:
        """All of them, oldest first."""
        return tuple(self._offers.values())

    def of_framework(self, framework_id: str) -> list[Offer]:
        return self._by_framework.of(framework_id)

    def of_agent(self, agent_id: str) -> list[Offer]:
        return self._by_agent.of(agent_id)

    def allocate(self, candidates: set[str] | None = None) -> None:
        """One allocation cycle: offer what is free, and rescind what nobody answered in time.

        `candidates`: only these agents are looked at; None, the batch: all of them.
        """
        now = self._clock.monotonic()
        self._expire(now)
        if self.pause.is_on(now):
            return
        made: dict[str, list[Offer]] = {}
        too_many: set[str] = set()
        for allocation in self._allocator.allocate_cycle(now, candidates):
            offer = self._offer(allocation, now)
            if self._by_framework.count(offer.framework_id) >= self._limit:
                self._allocator.release(*_books(offer))
                too_many.add(offer.framework_id)
            else:
                self._add(offer)
                made.setdefault(offer.framework_id, []).append(offer)
        for framework_id, offers in made.items():
            if not self._tell(framework_id, offers):
                for offer in offers:
                    self.take_back(offer)
        for framework_id in sorted(too_many):
            self._fill(framework_id)

    def _expire(self, now: float) -> None:
        while self._offers:
            oldest = next(iter(self._offers.values()))
            if oldest.expires is None or oldest.expires > now:
                break
            self.rescind(oldest)

    def _offer(self, allocation: Allocation, now: float) -> Offer:
        return Offer(
            offer_id=str(self._ids.uuid()),
            framework_id=allocation.framework_id,
            role=allocation.role,
            agent_id=allocation.agent_id,
            resources=allocation.resources.unallocated(),
            expires=now + self._timeout if self._timeout is not None else None,
        )

    def _tell(self, framework_id: str, offers: list[Offer]) -> bool:
        """Send offers to their framework; False when it is not connected."""
        for first in range(0, len(offers), EVENT_OFFERS_LIMIT):
            part = [self.message(offer) for offer in offers[first : first + EVENT_OFFERS_LIMIT]]
            event = scheduler.Event(
                type=scheduler.EventType.OFFERS, offers=scheduler.EventOffers(offers=part)
            )
            if not self._frameworks.send(framework_id, event):
                return False
        return True

    def _fill(self, framework_id: str) -> None:
        """A framework has as many offers as it may: it is offered no more."""
        self._full.add(framework_id)
        framework = self._state.frameworks.get(framework_id)
        if framework is not None:
            self._allocator.update_framework(framework_id, framework.roles, suppressed=framework.roles)

    def _answered(self, framework_id: str) -> None:
        """A framework has an offer less; one that had too many may be offered more once half are gone."""
        if framework_id in self._full and self._by_framework.count(framework_id) <= self._limit // 2:
            self._full.discard(framework_id)
            framework = self._state.frameworks.get(framework_id)
            if framework is not None:
                self._allocator.update_framework(
                    framework_id, framework.roles, suppressed=framework.suppressed
                )

    def paused(self) -> str | None:
        """Why nothing is offered now, for people; None when that is not so."""
        return self.pause.reason(self._clock.monotonic())

    def is_full(self, framework_id: str) -> bool:
        """Whether the framework is offered nothing more before it answers what it has."""
        return framework_id in self._full

    def count_full(self) -> int:
        """Frameworks that are offered nothing more before they answer what they have."""
        return len(self._full)

    def find(self, framework_id: str, offer_id: str) -> Offer | None:
        """The outstanding offer of this framework, None when it has gone."""
        offer = self._offers.get(offer_id)
        return offer if offer is not None and offer.framework_id == framework_id else None

    def take(self, offer: Offer) -> None:
        """An offer is being accepted: it is outstanding no more, its resources are the caller's."""
        self._remove(offer)
        self._allocator.release(*_books(offer))

    def decline(self, offer: Offer, filters: mesos.Filters | object) -> None:
        """Give an offer back, not to be repeated for a while."""
        self._remove(offer)
        self._allocator.decline(*_books(offer), self.filter_until(filters))

    def filter_until(self, filters: mesos.Filters | object) -> float | None:
        """When a filter ends, by the monotonic clock; None for no filter."""
        seconds = filters.refuse_seconds if isinstance(filters, mesos.Filters) else DEFAULT_REFUSE_SECONDS
        return filter_until(self._clock.monotonic(), seconds, self._interval)

    def take_back(self, offer: Offer) -> None:
        """Withdraw an offer that its framework needs not be told about."""
        if offer.offer_id in self._offers:
            self._remove(offer)
            self._allocator.release(*_books(offer))

    def rescind(self, offer: Offer) -> None:
        """Withdraw an offer and tell its framework."""
        if offer.offer_id not in self._offers:
            return
        self.take_back(offer)
        event = scheduler.Event(
            type=scheduler.EventType.RESCIND,
            rescind=scheduler.EventRescind(offer_id=mesos.OfferID(value=offer.offer_id)),
        )
        self._frameworks.send(offer.framework_id, event)

    def rescind_on(self, agent_id: str, unwanted: Callable[[Offer], bool] = lambda offer: True) -> None:
        """Withdraw every offer of an agent that `unwanted` is true of."""
        for offer in self.of_agent(agent_id):
            if unwanted(offer):
                self.rescind(offer)

    def rescind_lost(self, provider: Provider, lost: Resources) -> None:
        """Withdraw just the offers that hold something of a provider that is there no more.

        That is what its totals lack, and what, with all else in use, is more than there is: of the same kind,
        or of a pool that draws on the same capacity. As few as will do, the latest first. `lost`: what of its
        totals is gone; the allocator knows of it.
        """
        if not lost or not self._offers:
            return
        agent_id, provider_id = provider.key
        kept = provider.totals.view
        for offer in reversed(self.of_agent(agent_id)):
            part = offer.resources.of_provider(provider_id)
            if part and (not kept.contains(part) or self._allocator.overdraws(agent_id, part)):
                self.rescind(offer)

    def _add(self, offer: Offer) -> None:
        self._offers[offer.offer_id] = offer
        self._by_agent.add(offer.agent_id, offer.offer_id, offer)
        self._by_framework.add(offer.framework_id, offer.offer_id, offer)
        for listener in self._listeners:
            listener(offer, True)

    def _remove(self, offer: Offer) -> None:
        del self._offers[offer.offer_id]
        self._by_agent.remove(offer.agent_id, offer.offer_id)
        self._by_framework.remove(offer.framework_id, offer.offer_id)
        for listener in self._listeners:
            listener(offer, False)
        self._answered(offer.framework_id)

    def message(self, offer: Offer) -> mesos.Offer:
        """The offer as its framework sees it."""
        agent = self._state.agents[offer.agent_id]
        executors = self._state.executors_of_agent(offer.agent_id)
        resources = resources_to_wire(offer.resources.allocated(offer.role))
        if not knows_reservations(self._state.frameworks.get(offer.framework_id)):
            resources = [in_older_form(each) for each in resources]
        return mesos.Offer(
            id=mesos.OfferID(value=offer.offer_id),
            framework_id=mesos.FrameworkID(value=offer.framework_id),
            agent_id=mesos.AgentID(value=offer.agent_id),
            hostname=agent.info.hostname,
            resources=resources,
            attributes=list(agent.info.attributes),
            url=_agent_url(agent),
            allocation_info=mesos.ResourceAllocationInfo(role=offer.role),
            domain=agent.info.domain,
            unavailability=agent.unavailability or UNSET,
            executor_ids=[
                each.info.executor_id for each in executors if each.framework_id == offer.framework_id
            ],
        )


def _agent_url(agent: Agent) -> mesos.URL | UnsetType:
    host, _, port = agent.address.rpartition(":")
    if not port.isdigit():
        return UNSET
    address = mesos.Address(hostname=agent.info.hostname, ip=host, port=int(port))
    return mesos.URL(scheme="http", address=address, path="/slave(1)")


def _books(offer: Offer) -> tuple[str, str, str, Resources]:
    """Whom the allocator has charged with an offer, where, and with what."""
    return offer.framework_id, offer.role, offer.agent_id, offer.resources
