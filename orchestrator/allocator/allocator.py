"""The allocator: who is offered what. Dominant-resource fairness over a tree of roles, within quota.

Theory of operation. The caller says what there is, who competes, what operators decided, and what is given
back; a run answers with offers and has charged them already. An offer that ends is given back by `release` or
`decline`; one that is accepted stays charged: as it is (a launched task) or `convert`ed (an operation).

Pure: no I/O, no clock (`now` is passed in), no randomness. The same calls give the same offers.

Must not: decide whether an operation or a quota is valid, time offers out, know tasks, remember anything
across a restart (the caller adds all agents, with what is used, and all frameworks anew).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from operator import attrgetter

from api.model.resource import Resource
from api.model.resources import Conversion, Resources
from orchestrator.allocator import figures
from orchestrator.allocator.agents import Agent
from orchestrator.allocator.clients import Client
from orchestrator.allocator.cluster import Cluster
from orchestrator.allocator.config import AgentId, AllocatorConfig, FrameworkId, Headroom, UnknownFramework
from orchestrator.allocator.cycle import Run
from orchestrator.allocator.explain import MAX_WITHHELD, Explainer, Open, Withheld
from orchestrator.allocator.filters import Filters
from orchestrator.allocator.invariants import check
from orchestrator.allocator.offer import Offer, Texts
from orchestrator.allocator.quota import NO_QUOTA, Quota, QuotaName
from orchestrator.allocator.sorter import DEFAULT_WEIGHT
from orchestrator.allocator.traits import AgentTraits, FrameworkTraits


class Allocator:
    """See the head of this file. A framework of None is the orchestrator itself; it may charge a role."""

    def __init__(self, config: AllocatorConfig) -> None:
        self.config = config
        self.cluster = Cluster(config)
        self._texts = Texts()
        self._frameworks: dict[FrameworkId, bool] = {}
        self._traits: dict[FrameworkId, FrameworkTraits] = {}

    @property
    def agents(self) -> Mapping[AgentId, Agent]:
        return self.cluster.agents

    @property
    def filters(self) -> Filters:
        return self.cluster.filters

    # Agents

    def add_agent(
        self,
        agent_id: AgentId,
        total: Resources,
        used: Mapping[FrameworkId, Resources] | None = None,
        traits: AgentTraits = AgentTraits(),
    ) -> None:
        """An agent with all it has, its providers' included, and what frameworks use there.

        What is used should say the role it is allocated to; what does not is charged to no role. An
        agent that is known is replaced.
        """
        self.cluster.add_agent(agent_id, total, traits)
        for framework_id, resources in (used or {}).items():
            by_role: dict[str | None, list[Resource]] = {}
            for resource in resources:
                by_role.setdefault(resource.allocated_to, []).append(resource)
            for role, part in by_role.items():
                self.allocate(framework_id, role, agent_id, Resources(part))

    def update_agent_total(self, agent_id: AgentId, total: Resources) -> None:
        """New totals; what is held stays held, even when it is more than there is. Raises UnknownAgent."""
        self.cluster.set_total(self.cluster.agent(agent_id), total)

    def change_agent_total(self, agent_id: AgentId, change: Conversion) -> None:
        """Totals of which just this has changed: `consumed` is gone, `converted` is new.

        For agents with very many disks; the same as `update_agent_total` otherwise. Raises UnknownAgent.
        """
        self.cluster.change_total(self.cluster.agent(agent_id), change)

    def remove_agent(self, agent_id: AgentId, *, comes_back: bool = False) -> None:
        """Forgets it, if it is known, all that is held there, and its filters unless it is to come back."""
        self.cluster.remove_agent(agent_id, comes_back=comes_back)

    def set_agent_active(self, agent_id: AgentId, is_active: bool) -> None:
        """An inactive agent makes no offers. It still counts in the totals that shares are parts of, but not
        as capacity nor as headroom for guarantees. Raises UnknownAgent."""
        self.cluster.set_active(self.cluster.agent(agent_id), is_active)

    def set_whitelist(self, hostnames: frozenset[str] | None) -> None:
        """Only agents of these hosts make offers from now on; None: all do. Others are as inactive ones."""
        self.cluster.set_whitelist(hostnames)

    # Frameworks

    def add_framework(
        self,
        framework_id: FrameworkId,
        roles: Iterable[str],
        suppressed: Iterable[str] = (),
        active: bool = True,
        traits: FrameworkTraits = FrameworkTraits(),
    ) -> None:
        """A framework that subscribed. One that is known is updated."""
        self._frameworks[framework_id] = active
        self.update_framework(framework_id, roles, suppressed, traits)

    def update_framework(
        self,
        framework_id: FrameworkId,
        roles: Iterable[str],
        suppressed: Iterable[str] = (),
        traits: FrameworkTraits | None = None,
    ) -> None:
        """The framework's roles, and which of them are suppressed, are these and no others now.

        traits: None leaves them as they are. A role that it left stays charged with what it holds there.
        Raises UnknownFramework.
        """
        active = self._active(framework_id)
        wanted, quiet = set(roles), set(suppressed)
        traits = self._traits[framework_id] = traits or self._traits.get(framework_id, FrameworkTraits())
        changed, is_another = [], False
        for role in sorted(wanted):
            client = self.cluster.roster.client(framework_id, role)
            client.is_subscribed = True
            client.is_suppressed = role in quiet
            client.framework_active = active
            if client.traits != traits:
                was_picky = client in self.cluster.roster.picky
                self.cluster.roster.set_traits(client, traits)
                if was_picky or client.wants is not None:
                    self.cluster.ask_for(client)
                is_another = True
            changed.append(client)
        if is_another:
            self.cluster.wake_all()
        self.cluster.leave(
            framework_id, wanted
        )  # last: a role that it goes down from is not forgotten meanwhile
        self.cluster.open_or_close(changed)

    def remove_framework(self, framework_id: FrameworkId) -> None:
        """It competes no more. What it holds stays charged until it is released. Unknown: nothing."""
        if framework_id in self._frameworks:
            self.cluster.leave(framework_id, set())
            del self._frameworks[framework_id]
            self._traits.pop(framework_id, None)

    def set_framework_active(self, framework_id: FrameworkId, is_active: bool) -> None:
        """An inactive framework gets no offers and loses its filters. Raises UnknownFramework."""
        self._active(framework_id)
        self._frameworks[framework_id] = is_active
        clients = self.cluster.roster.of_framework(framework_id)
        for client in clients:
            client.framework_active = is_active
            if not is_active:
                self.filters.clear_client(client, self.agents.values())
        self.cluster.open_or_close(clients)

    def suppress(self, framework_id: FrameworkId, roles: Iterable[str] | None = None) -> None:
        """No offers in these roles (None: all of its own) until revived. Raises UnknownFramework."""
        chosen = self._chosen(framework_id, roles)
        for client in chosen:
            client.is_suppressed = True
        self.cluster.open_or_close(chosen)

    def revive(self, framework_id: FrameworkId, roles: Iterable[str] | None = None) -> None:
        """Offers again in these roles (None: all of its own); its filters there are gone.

        Raises UnknownFramework.
        """
        chosen = self._chosen(framework_id, roles)
        for client in chosen:
            client.is_suppressed = False
            self.filters.clear_client(client, self.agents.values())
        self.cluster.open_or_close(chosen)

    # What is held

    def free(self, agent_id: AgentId, resource: Resource) -> int:
        """How much of this divisible resource's kind nobody holds, in milli-units; its capacity group,
        if it has one, is counted in. Whatever amount `resource` names does not matter. Unknown agent: 0.
        """
        agent = self.agents.get(agent_id)
        if agent is None:
            return 0
        wanted = {kind: agent.free_of(kind) for kind in agent.read(Resources((resource,))).amounts}
        fitting = agent.fit({kind: amount for kind, amount in wanted.items() if amount > 0}, 0)
        return sum(fitting.values())

    def overdraws(self, agent_id: AgentId, resources: Resources) -> bool:
        """Whether more is held than there is, as after totals shrank, of anything that is among these, or
        of a capacity group of theirs. Raises UnknownAgent."""
        agent = self.cluster.agent(agent_id)
        return agent.overdraws(agent.read(resources))

    def allocate(
        self,
        framework_id: FrameworkId | None,
        role: str | None,
        agent_id: AgentId,
        resources: Resources,
        times: int = 1,
    ) -> None:
        """Charges what is in use without an offer: found at recovery, or the orchestrator's own.

        It may be more than is free. `times`: so many charges in one. Raises UnknownAgent.
        """
        agent = self.cluster.agent(agent_id)
        holding = agent.read(resources)
        if holding:
            self.cluster.take(agent, (framework_id, role), holding, times)

    def release(
        self, framework_id: FrameworkId | None, role: str | None, agent_id: AgentId, resources: Resources
    ) -> None:
        """Gives back what was offered or in use. An agent that has gone has given back all already.

        Raises NotHeld when there is less: the caller's books are wrong, nothing has changed.
        """
        agent = self.agents.get(agent_id)
        if agent is not None:
            self.cluster.give_back(agent, (framework_id, role), agent.read(resources))

    def decline(
        self,
        framework_id: FrameworkId,
        role: str,
        agent_id: AgentId,
        resources: Resources,
        filter_until: float | None,
        is_held: bool = True,
    ) -> None:
        """Gives back, unless it is free already (not is_held), and suppresses the same or less for this
        framework and role until `filter_until`; None: no filter. A filter lasts at least one run over all
        agents. Raises NotHeld."""
        if is_held:
            self.release(framework_id, role, agent_id, resources)
        agent, client = self.agents.get(agent_id), self.cluster.roster.clients.get((framework_id, role))
        if filter_until is None or agent is None or client is None or not client.is_subscribed:
            return
        refused = agent.read(resources)
        if refused:
            self.filters.install(agent, client, refused, filter_until)

    def convert(
        self,
        agent_id: AgentId,
        framework_id: FrameworkId | None,
        role: str | None,
        consumed: Resources,
        converted: Resources,
    ) -> None:
        """An operation made `converted` out of `consumed`, which the framework holds: the agent's totals
        change alike (see `converted_total`), and it holds `converted` now, until that is released.

        Not for operations that the totals reflect already: there, `consumed` is released.
        Raises UnknownAgent; NotHeld when it does not hold `consumed`: nothing has changed then.
        """
        agent = self.cluster.agent(agent_id)
        lost = agent.read(consumed)
        agent.require((framework_id, role), lost)
        self.cluster.convert(agent, (framework_id, role), lost, consumed, converted)

    # What operators decide, and what follows from it

    def set_weight(self, role: str, milli: int) -> None:
        """How much the role may have beside its siblings, in thousandths; 1000 is the default.

        Raises ValueError for a weight that is not positive.
        """
        self.set_weights({role: milli})

    def set_weights(self, weights: Mapping[str, int]) -> None:
        """The same for several roles at once, which there may be thousands of."""
        for role, milli in weights.items():
            if milli <= 0:
                raise ValueError(f"the weight of role {role} must be above zero, in thousandths: {milli}")
        self.cluster.roster.set_weights(weights)

    def weight(self, role: str) -> int:
        return self.cluster.roster.weights.get(role, DEFAULT_WEIGHT)

    def set_quota(self, role: str, quota: Quota) -> None:
        """The role's quota is this from now on; an empty one removes it. Nothing is taken back."""
        self.set_quotas({role: quota})

    def set_quotas(self, quotas: Mapping[str, Quota]) -> None:
        """The same for several roles at once, which there may be thousands of."""
        self.cluster.set_quotas(quotas)

    def quota(self, role: str) -> Quota:
        return self.cluster.roster.quotas.get(role, NO_QUOTA)

    @property
    def quotas(self) -> Mapping[str, Quota]:
        """All there are, by role."""
        return self.cluster.roster.quotas

    def consumed(self, role: str) -> Mapping[QuotaName, int]:
        """What counts against the role's quota: reservations for it and below, in use or not, and all
        that is not reserved and is offered to or used by it and below."""
        return figures.consumed(self.cluster, role)

    @property
    def has_guarantees(self) -> bool:
        """Whether any role has one."""
        return self.cluster.roster.headroom.is_kept

    def lacks(self, role: str) -> Mapping[QuotaName, int]:
        """What the role lacks of its own guarantees; what it is offered it has."""
        return figures.lacks(self.cluster, role)

    def capacity(self) -> Mapping[QuotaName, int]:
        """The non-revocable amounts of all agents that offers are made of, those that are reserved included;
        capacity groups once."""
        return figures.capacity(self.cluster)

    def headroom(self) -> Headroom:
        """What guarantees lack, and what is free for them."""
        return figures.headroom(self.cluster)

    def quantities(self, agent_id: AgentId, resources: Resources) -> Mapping[QuotaName, int]:
        """What of these, as they are on this agent, counts in quota when somebody uses them: all
        but reserved and revocable ones. Raises UnknownAgent."""
        return figures.quantities(self.cluster, self.cluster.agent(agent_id), resources)

    def shares(self) -> dict[str, float]:
        """Each role's dominant share of the cluster, 0 to 1, weights aside; for people, not for order."""
        return figures.shares(self.cluster)

    # Runs

    def allocate_cycle(self, now: float, candidates: set[AgentId] | None = None) -> list[Offer]:
        """The offers to make now, charged already; on `candidates`, or (the batch) on all agents.

        Filters that ended by `now` are lifted first. Agents are visited in the order they were added.
        """
        cluster = self.cluster
        self.filters.expire(now)
        cluster.wake_kept_back()
        chosen = cluster.awake_of(candidates)
        chosen.sort(key=attrgetter("sequence"))
        outcome = Run(cluster.roster, cluster.worth, self._texts).over(chosen)
        cluster.awake.difference_update(chosen)
        cluster.awake.update(outcome.restless)
        cluster.kept_back.update(outcome.kept_back)
        cluster.roster.headroom.grew = False
        if candidates is None:
            self.filters.batch_ended()
        return outcome.offers

    def due(self) -> list[AgentId]:
        """The agents that a batch would visit, in its order."""
        return [agent.id for agent in sorted(self.cluster.awake, key=attrgetter("sequence"))]

    def withheld(
        self, role: str, framework_id: FrameworkId | None = None, limit: int = MAX_WITHHELD
    ) -> list[Withheld]:
        """Agents that have something free and are not being offered to the role's frameworks (or to one of
        them), each with the first reason; the first `limit` of them, in the order of the agents."""
        return list(islice(self.each_withheld(role, framework_id), limit))

    def each_withheld(self, role: str, framework_id: FrameworkId | None = None) -> Iterator[Withheld]:
        """All of them, found one by one: there may be as many as agents times frameworks."""
        return (found for found in self.looked_at(role, framework_id) if isinstance(found, Withheld))

    def looked_at(self, role: str, framework_id: FrameworkId | None = None) -> Iterator[Withheld | Open]:
        """The same, and between them what the next run may offer."""
        explainer = Explainer(self.cluster.roster, self.filters, self.cluster.names)
        return explainer.looked_at(role, framework_id, list(self.agents.values()))

    def validate(self) -> None:
        """Raises InvariantBroken when the books contradict each other. Slow: for tests."""
        check(self)

    # Within

    def _active(self, framework_id: FrameworkId) -> bool:
        active = self._frameworks.get(framework_id)
        if active is None:
            raise UnknownFramework(f"framework {framework_id} is not known to the allocator: add it first")
        return active

    def _chosen(self, framework_id: FrameworkId, roles: Iterable[str] | None) -> list[Client]:
        self._active(framework_id)
        wanted = None if roles is None else set(roles)
        return [
            client
            for client in self.cluster.roster.of_framework(framework_id)
            if client.is_subscribed and (wanted is None or client.role.path in wanted)
        ]
