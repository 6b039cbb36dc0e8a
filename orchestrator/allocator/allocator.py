"""The allocator: who is offered what. Dominant-resource fairness over flat roles.

Theory of operation. The caller says what there is, who competes, and what is given back; a run
answers with offers and has charged them already. An offer that ends is given back by `release` or
`decline`; one that is accepted stays charged: as it is (a launched task) or `convert`ed (an operation).

Pure: no I/O, no clock (`now` is passed in), no randomness. The same calls give the same offers.

Must not: decide whether an operation is valid, time offers out, know tasks, remember anything across
a restart (the caller adds all agents, with what is used, and all frameworks anew).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.model.resource import Resource
from api.model.resources import Conversion, Resources
from orchestrator.allocator import entitlements
from orchestrator.allocator.agents import Agent
from orchestrator.allocator.clients import Client, Holder
from orchestrator.allocator.config import (
    MAX_CACHED_OFFERS,
    AgentId,
    AllocatorConfig,
    FrameworkId,
    Headroom,
    Offer,
    UnknownAgent,
    UnknownFramework,
)
from orchestrator.allocator.cycle import Grant, Worth, run
from orchestrator.allocator.explain import explain
from orchestrator.allocator.filters import Filters
from orchestrator.allocator.groups import converted_total
from orchestrator.allocator.holdings import Holding, Kind, Kinds, by_name
from orchestrator.allocator.invariants import check
from orchestrator.allocator.quota import NO_QUOTA, Quota, QuotaName
from orchestrator.allocator.roster import Roster
from orchestrator.allocator.shares import ClusterTotals
from orchestrator.allocator.sorter import DEFAULT_WEIGHT
from orchestrator.allocator.traits import AgentTraits, FrameworkTraits


class Allocator:
    """See the head of this file. A framework of None is the orchestrator itself; it may charge a role."""

    def __init__(self, config: AllocatorConfig) -> None:
        self.config = config
        self.kinds = Kinds(config.fair_sharing_excluded)
        self.totals = ClusterTotals()
        self.agents: dict[AgentId, Agent] = {}
        self.roster = Roster(self.totals)
        self.filters = Filters(config.max_filter_masks, config.allocation_interval, self._woken)
        self.worth = Worth(config)
        self._frameworks: dict[FrameworkId, bool] = {}
        self._traits: dict[FrameworkId, FrameworkTraits] = {}
        self._agent_traits: dict[AgentId, AgentTraits] = {}
        self._whitelist: frozenset[str] | None = None
        self.quotas: dict[str, Quota] = {}
        self._awake: set[Agent] = set()
        self._agents_made = 0
        self._texts: dict[tuple[str, frozenset[tuple[Kind, int]]], Resources] = {}

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
        self.remove_agent(agent_id)
        self._agents_made += 1
        agent = Agent(agent_id, self._agents_made, self.kinds)
        agent.set_total(total)
        self.agents[agent_id] = agent
        self._agent_traits[agent_id] = traits
        self.totals.replace({}, agent.share_totals())
        self._woken(agent)
        for framework_id, resources in (used or {}).items():
            by_role: dict[str | None, list[Resource]] = {}
            for resource in resources:
                by_role.setdefault(resource.allocated_to, []).append(resource)
            for role, part in by_role.items():
                self.allocate(framework_id, role, agent_id, Resources(part))

    def update_agent_total(self, agent_id: AgentId, total: Resources) -> None:
        """New totals; what is held stays held, even when it is more than there is. Raises UnknownAgent."""
        agent = self._agent(agent_id)
        before = self._discharge_all(agent)
        agent.set_total(total)
        self._recharge_all(agent, before)

    def change_agent_total(self, agent_id: AgentId, change: Conversion) -> None:
        """Totals of which just this has changed: `consumed` is gone, `converted` is new.

        For agents with very many disks; the same as `update_agent_total` otherwise. Raises UnknownAgent.
        """
        agent = self._agent(agent_id)
        before = agent.share_totals()
        if not agent.change_total(change):
            self.update_agent_total(agent_id, agent.total - change.consumed + change.converted)
            return
        self.totals.replace(before, agent.share_totals())
        agent.blocked = 0
        self._woken(agent)

    def remove_agent(self, agent_id: AgentId) -> None:
        """Forgets the agent with all that is held there, and its filters. Unknown: nothing happens."""
        agent = self.agents.pop(agent_id, None)
        if agent is None:
            return
        self._agent_traits.pop(agent_id, None)
        self.filters.clear_agent(agent)
        self._awake.discard(agent)
        for holder, holding in agent.held.items():
            self.roster.discharge(holder, by_name(holding.amounts))
        self.totals.replace(agent.share_totals(), {})
        for holder in list(agent.held):
            self._forget_if_idle(holder)

    def set_agent_active(self, agent_id: AgentId, is_active: bool) -> None:
        """An inactive agent makes no offers; it counts in totals still. Raises UnknownAgent."""
        agent = self._agent(agent_id)
        agent.is_active = is_active
        self._woken(agent)

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
        if traits is not None:
            self._traits[framework_id] = traits
        for client in self.roster.of_framework(framework_id):
            if client.role.path not in wanted:
                client.is_subscribed = False
                self.filters.clear_client(client, self.agents.values())
                self._open_or_close(client)
                self._forget_if_idle(client.holder)
        for role in sorted(wanted):
            client = self.roster.client(framework_id, role)
            client.is_subscribed = True
            client.is_suppressed = role in quiet
            client.framework_active = active
            self._open_or_close(client)

    def remove_framework(self, framework_id: FrameworkId) -> None:
        """It competes no more. What it holds stays charged until it is released. Unknown: nothing."""
        if framework_id in self._frameworks:
            self.update_framework(framework_id, ())
            del self._frameworks[framework_id]
            self._traits.pop(framework_id, None)

    def set_framework_active(self, framework_id: FrameworkId, is_active: bool) -> None:
        """An inactive framework gets no offers and loses its filters. Raises UnknownFramework."""
        self._active(framework_id)
        self._frameworks[framework_id] = is_active
        for client in self.roster.of_framework(framework_id):
            client.framework_active = is_active
            if not is_active:
                self.filters.clear_client(client, self.agents.values())
            self._open_or_close(client)

    def suppress(self, framework_id: FrameworkId, roles: Iterable[str] | None = None) -> None:
        """No offers in these roles (None: all of its own) until revived. Raises UnknownFramework."""
        for client in self._chosen(framework_id, roles):
            client.is_suppressed = True
            self._open_or_close(client)

    def revive(self, framework_id: FrameworkId, roles: Iterable[str] | None = None) -> None:
        """Offers again in these roles (None: all of its own); its filters there are gone.

        Raises UnknownFramework.
        """
        for client in self._chosen(framework_id, roles):
            client.is_suppressed = False
            self.filters.clear_client(client, self.agents.values())
            self._open_or_close(client)

    # What is held

    def free(self, agent_id: AgentId, resource: Resource) -> int:
        """How much of this divisible resource's kind nobody holds, in milli-units; its capacity group,
        if it has one, is counted in. Whatever amount `resource` names does not matter. Unknown agent: 0.
        """
        agent = self.agents.get(agent_id)
        if agent is None:
            return 0
        wanted = {kind: agent.free_of(kind) for kind in agent.read(Resources((resource,))).amounts}
        fitting = agent.fit(Holding({kind: amount for kind, amount in wanted.items() if amount > 0}), 0)
        return sum(fitting.amounts.values())

    def is_overdrawn(self, agent_id: AgentId) -> bool:
        """Whether more is held there than there is, as after its totals shrank. Raises UnknownAgent."""
        return self._agent(agent_id).may_exceed

    def allocate(
        self, framework_id: FrameworkId | None, role: str | None, agent_id: AgentId, resources: Resources
    ) -> None:
        """Charges what is in use without an offer: found at recovery, or the orchestrator's own.

        It may be more than is free. Raises UnknownAgent.
        """
        agent = self._agent(agent_id)
        holding = agent.read(resources)
        if not holding:
            return
        agent.take((framework_id, role), holding)
        agent.note_excess(holding.amounts)
        self.roster.charge((framework_id, role), by_name(holding.amounts))

    def release(
        self, framework_id: FrameworkId | None, role: str | None, agent_id: AgentId, resources: Resources
    ) -> None:
        """Gives back what was offered or in use. An agent that has gone has given back all already.

        Raises NotHeld when there is less: the caller's books are wrong, nothing has changed.
        """
        agent = self.agents.get(agent_id)
        if agent is None:
            return
        holding = agent.read(resources)
        agent.give_back((framework_id, role), holding)
        self.roster.discharge((framework_id, role), by_name(holding.amounts))
        self._forget_if_idle((framework_id, role))
        agent.blocked = 0
        self._woken(agent)

    def decline(
        self,
        framework_id: FrameworkId,
        role: str,
        agent_id: AgentId,
        resources: Resources,
        filter_until: float | None,
    ) -> None:
        """Gives back, and suppresses the same or less for this framework and role until `filter_until`.

        None: no filter. A filter lasts at least one run over all agents. Raises NotHeld.
        """
        self.release(framework_id, role, agent_id, resources)
        agent, client = self.agents.get(agent_id), self.roster.clients.get((framework_id, role))
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
        agent = self._agent(agent_id)
        holding = agent.read(consumed)
        agent.require((framework_id, role), holding)
        before = self._discharge_all(agent)
        total = converted_total(agent.total, consumed, converted)
        agent.exchange((framework_id, role), holding, converted, total)
        self._recharge_all(agent, before)
        self._forget_if_idle((framework_id, role))

    # What operators decide, and what follows from it

    def set_agent_traits(self, agent_id: AgentId, traits: AgentTraits) -> None:
        """Raises UnknownAgent."""
        self._woken(self._agent(agent_id))
        self._agent_traits[agent_id] = traits

    def set_whitelist(self, hostnames: frozenset[str] | None) -> None:
        """Only agents of these hosts make offers from now on; None: all do."""
        self._whitelist = hostnames
        self._awake.update(self.agents.values())

    def set_weight(self, role: str, milli: int) -> None:
        """How much the role may have beside its siblings, in thousandths; 1000 is the default.

        Raises ValueError for a weight that is not positive.
        """
        if milli <= 0:
            raise ValueError(f"the weight of role {role} must be above zero, in thousandths: {milli}")
        self.roster.set_weight(role, milli)

    def weight(self, role: str) -> int:
        return self.roster.weights.get(role, DEFAULT_WEIGHT)

    def set_quota(self, role: str, quota: Quota) -> None:
        """The role's quota is this from now on; an empty one removes it. Nothing is taken back."""
        if quota:
            self.quotas[role] = quota
        else:
            self.quotas.pop(role, None)
        self._awake.update(self.agents.values())

    def quota(self, role: str) -> Quota:
        return self.quotas.get(role, NO_QUOTA)

    def consumed(self, role: str) -> Mapping[QuotaName, int]:
        """What counts against the role's quota: reservations for it and below, in use or not, and all
        that is not reserved and is offered to or used by it and below."""
        return entitlements.consumed(self, role)

    def capacity(self) -> Mapping[QuotaName, int]:
        """The cluster's non-revocable amounts, those that are reserved included; capacity groups once."""
        return entitlements.capacity(self)

    def headroom(self) -> Headroom:
        return Headroom(entitlements.required(self, self.quotas), {})

    def quantities(self, agent_id: AgentId, resources: Resources) -> Mapping[QuotaName, int]:
        """What of these, as they are on this agent, counts in quota when somebody uses them: all
        but reserved and revocable ones. Raises UnknownAgent."""
        found: dict[QuotaName, int] = {}
        for kind, amount in self._agent(agent_id).read(resources).amounts.items():
            if not kind.is_reserved:
                entitlements.count(kind, amount, found)
        return {name: -(-micro // 1000) for name, micro in sorted(found.items())}

    # Runs

    def allocate_cycle(self, now: float, candidates: set[AgentId] | None = None) -> list[Offer]:
        """The offers to make now, charged already; on `candidates`, or (the batch) on all agents.

        Filters that ended by `now` are lifted first. Agents are visited in the order they were added.
        """
        self.filters.expire(now)
        chosen = [a for a in self._awake if candidates is None or a.id in candidates]
        chosen.sort(key=_sequence)
        grants = run(chosen, self.roster.order, self.worth)
        self._awake.difference_update(chosen)
        if candidates is None:
            self.filters.batch_ended()
        return [self._offer(grant) for grant in grants]

    def expire_filters(self, now: float) -> None:
        """Lifts the filters that ended by `now`, if they have seen a batch."""
        self.filters.expire(now)

    def explain(self, framework_id: FrameworkId, role: str, agent_id: AgentId) -> str:
        """Why the framework is not being offered this agent, in one line, for people."""
        client = self.roster.clients.get((framework_id, role))
        return explain(client, self.agents.get(agent_id), self.roster.order, self.worth)

    def shares(self) -> dict[str, float]:
        """Each role's dominant share of the cluster, 0 to 1, weights aside; for people, not for order."""
        totals = self.totals.totals()
        return {
            path: max((u / totals[n] for n, u in role.used.items() if n in totals), default=0.0)
            for path, role in sorted(self.roster.roles.items())
        }

    def validate(self) -> None:
        """Raises InvariantBroken when the books contradict each other. Slow: for tests."""
        check(self)

    # Within

    def _offer(self, grant: Grant) -> Offer:
        role, holding = grant.client.role.path, grant.holding
        if holding.others or any(kind.identity.disk is not None for kind in holding.amounts):
            resources = holding.resources(role)
        else:
            resources = self._text(role, holding)
        return Offer(grant.client.framework_id, role, grant.agent.id, resources)

    def _text(self, role: str, holding: Holding) -> Resources:
        """Offers on like agents are alike: their resources are made once."""
        key = (role, frozenset(holding.amounts.items()))
        found = self._texts.get(key)
        if found is None:
            if len(self._texts) >= MAX_CACHED_OFFERS:
                self._texts.clear()
            found = self._texts[key] = holding.resources(role)
        return found

    def _woken(self, agent: Agent) -> None:
        """The agent may have something new to offer."""
        if self.agents.get(agent.id) is agent:
            self._awake.add(agent)

    def _discharge_all(self, agent: Agent) -> dict[str, int]:
        """Before an agent's totals change; returns what it adds to the cluster's."""
        for holder, holding in agent.held.items():
            self.roster.discharge(holder, by_name(holding.amounts))
        return agent.share_totals()

    def _recharge_all(self, agent: Agent, before: Mapping[str, int]) -> None:
        for holder, holding in agent.held.items():
            self.roster.charge(holder, by_name(holding.amounts), times=0)
        self.totals.replace(before, agent.share_totals())
        agent.blocked = 0
        self._woken(agent)

    def _agent(self, agent_id: AgentId) -> Agent:
        agent = self.agents.get(agent_id)
        if agent is None:
            raise UnknownAgent(f"agent {agent_id} is not known to the allocator: add it first")
        return agent

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
            for client in self.roster.of_framework(framework_id)
            if client.is_subscribed and (wanted is None or client.role.path in wanted)
        ]

    def _open_or_close(self, client: Client) -> None:
        if self.roster.open_or_close(client):
            self._awake.update(self.agents.values())

    def _forget_if_idle(self, holder: Holder) -> None:
        """Forgets a client that is not subscribed and holds nothing, and a role that nobody uses."""
        client = self.roster.clients.get(holder)
        path = holder[1]
        if client is not None and not client.is_subscribed and not self._holds(holder):
            self.roster.forget_client(client)
            for agent in self.agents.values():
                agent.unblock(client.bit)
                agent.turns.pop(client, None)
        role = self.roster.roles.get(path) if path is not None else None
        if role is not None and not role.clients and not role.used and not self._holds((None, path)):
            self.roster.forget_role(role)

    def _holds(self, holder: Holder) -> bool:
        return any(holder in agent.held for agent in self.agents.values())


def _sequence(agent: Agent) -> int:
    return agent.sequence
