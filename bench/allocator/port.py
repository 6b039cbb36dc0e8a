"""A straightforward port of the rules of allocation: dicts of amounts, sums made anew for each run, roles and
frameworks sorted for each agent that is visited, every agent, role and framework asked each time.

It answers the calls of the allocator that the workloads make, with the same offers. It is what the allocator
is measured against, and must not be made clever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.model.resources import EMPTY, Resources
from bench.allocator.port_books import (
    Bag,
    Holder,
    Key,
    Keys,
    PortAgent,
    Quantities,
    Refusal,
    Tree,
    add,
    by_name,
    resources_of,
    subtract,
)
from orchestrator.allocator import AllocatorConfig, Capability, FrameworkTraits, Offer, Quota

WHOLE_MB = 1000


class PortFramework:
    """Who subscribed: in which roles, and where it wants no offers."""

    def __init__(self, roles: set[str], suppressed: set[str]) -> None:
        self.roles = roles
        self.suppressed = suppressed


class Port:
    """See the head of this file."""

    def __init__(self, config: AllocatorConfig) -> None:
        self._config = config
        self._keys = Keys()
        self.tree = Tree(config.fair_sharing_excluded)
        self.agents: dict[str, PortAgent] = {}
        self.frameworks: dict[str, PortFramework] = {}
        self.quotas: dict[str, Quota] = {}
        self._batches = 0

    # What there is

    def add_agent(self, agent_id: str, total: Resources, used: Mapping[str, Resources] | None = None) -> None:
        agent = self.agents[agent_id] = PortAgent(agent_id, *self._keys.read(total))
        add(self.tree.totals, by_name(agent.total))
        for framework_id, resources in (used or {}).items():
            for role in sorted({resource.allocated_to or "" for resource in resources}):
                part = [resource for resource in resources if resource.allocated_to == role]
                self._charge(agent, (framework_id, role), *self._keys.read(part), times=1)

    def update_agent_total(self, agent_id: str, total: Resources) -> None:
        agent = self.agents[agent_id]
        subtract(self.tree.totals, by_name(agent.total))
        agent.total, agent.others = self._keys.read(total)
        add(self.tree.totals, by_name(agent.total))

    def set_agent_active(self, agent_id: str, is_active: bool) -> None:
        self.agents[agent_id].is_active = is_active

    def add_framework(
        self,
        framework_id: str,
        roles: Iterable[str],
        suppressed: Iterable[str] = (),
        active: bool = True,
        traits: FrameworkTraits = FrameworkTraits(capabilities=frozenset(Capability)),
    ) -> None:
        """`active` and `traits` are not looked at: all are active and capable of all there is."""
        self.frameworks[framework_id] = PortFramework(set(roles), set(suppressed))
        for role in roles:
            self.tree.client(framework_id, role)

    def set_weight(self, role: str, milli: int) -> None:
        self.tree.role(role).weight = milli / 1000

    def set_quota(self, role: str, quota: Quota) -> None:
        self.quotas[role] = quota

    def suppress(self, framework_id: str, roles: Iterable[str] | None = None) -> None:
        framework = self.frameworks[framework_id]
        framework.suppressed |= framework.roles if roles is None else set(roles)

    def revive(self, framework_id: str, roles: Iterable[str] | None = None) -> None:
        framework = self.frameworks[framework_id]
        revived = framework.roles if roles is None else set(roles)
        framework.suppressed -= revived
        for agent in self.agents.values():
            for role in revived:
                agent.filters.pop((framework_id, role), None)

    # What is given and taken

    def allocate(self, framework_id: str, role: str, agent_id: str, resources: Resources) -> None:
        self._charge(
            self.agents[agent_id], (framework_id, role), *self._keys.read(resources.allocated(role)), times=1
        )

    def release(self, framework_id: str, role: str, agent_id: str, resources: Resources) -> None:
        bag, others = self._keys.read(resources)
        self._discharge(self.agents[agent_id], (framework_id, role), bag, others)

    def decline(
        self, framework_id: str, role: str, agent_id: str, resources: Resources, filter_until: float | None
    ) -> None:
        agent, holder = self.agents[agent_id], (framework_id, role)
        bag, others = self._keys.read(resources)
        self._discharge(agent, holder, bag, others)
        if filter_until is not None:
            agent.filters.setdefault(holder, []).append(Refusal(bag, others, filter_until, self._batches))

    def convert(
        self, agent_id: str, framework_id: str, role: str, consumed: Resources, converted: Resources
    ) -> None:
        agent, holder = self.agents[agent_id], (framework_id, role)
        lost, lost_others = self._keys.read(consumed)
        gained, gained_others = self._keys.read(converted)
        self._discharge(agent, holder, lost, lost_others)
        subtract(self.tree.totals, by_name(lost))
        subtract(agent.total, lost)
        add(agent.total, gained)
        agent.others = agent.others - lost_others + gained_others
        add(self.tree.totals, by_name(gained))
        self._charge(agent, holder, gained, gained_others, times=0)

    def _charge(self, agent: PortAgent, holder: Holder, bag: Bag, others: Resources, times: int) -> None:
        held, held_others = agent.used.setdefault(holder, ({}, EMPTY))
        add(held, bag)
        add(agent.allocated, bag)
        agent.used[holder] = (held, held_others + others)
        self.tree.charge(holder, by_name(bag), 1, times)

    def _discharge(self, agent: PortAgent, holder: Holder, bag: Bag, others: Resources) -> None:
        held, held_others = agent.used[holder]
        subtract(held, bag)
        subtract(agent.allocated, bag)
        agent.used[holder] = (held, held_others - others)
        if not held and not agent.used[holder][1]:
            del agent.used[holder]
        self.tree.charge(holder, by_name(bag), -1, 0)

    # The run

    def allocate_cycle(self, now: float, candidates: set[str] | None = None) -> list[Offer]:
        run = Run(self, now)
        agents = [
            a for a in self.agents.values() if a.is_active and (candidates is None or a.id in candidates)
        ]
        for agent in agents:
            run.first_stage(agent)
        for agent in agents:
            run.second_stage(agent)
        if candidates is None:
            self._batches += 1
        return [
            Offer(framework_id, role, agent_id, resources_of(bag, others, role))
            for (framework_id, role, agent_id), (bag, others) in run.offered.items()
        ]

    def is_open(self, framework_id: str, role: str) -> bool:
        framework = self.frameworks.get(framework_id)
        return framework is not None and role in framework.roles and role not in framework.suppressed

    def install(self, agent_id: str, holder: Holder, resources: Resources, until: float) -> None:
        """A filter without an offer: for workloads that need millions."""
        bag, others = self._keys.read(resources)
        refusal = Refusal(bag, others, until, self._batches)
        self.agents[agent_id].filters.setdefault(holder, []).append(refusal)

    def is_filtered(self, agent: PortAgent, holder: Holder, bag: Bag, others: Resources, now: float) -> bool:
        refusals = agent.filters.get(holder)
        if not refusals:
            return False
        alive = [r for r in refusals if r.until > now or r.batch >= self._batches]
        agent.filters[holder] = alive
        return any(
            all(refusal.bag.get(key, 0) >= amount for key, amount in bag.items())
            and refusal.others.contains(others)
            for refusal in alive
        )

    def is_worth(self, bag: Bag) -> bool:
        if any(key.always_worth and amount >= WHOLE_MB for key, amount in bag.items()):
            return True
        sums = by_name(bag)
        least = self._config.min_allocatable
        return any(all(sums.get(n, 0) >= a for n, a in alternative.items()) for alternative in least)


class Run:
    """One run: what is consumed and what is free is summed up at its head, and kept as offers are made."""

    def __init__(self, port: Port, now: float) -> None:
        self._port = port
        self._now = now
        self.offered: dict[tuple[str, str, str], tuple[Bag, Resources]] = {}
        self._shared: set[tuple[str, Key]] = set()
        self._consumed: dict[str, Quantities] = {}
        self._required: Quantities = {}
        self._available: Quantities = {}
        self._active = {
            role
            for framework_id, framework in port.frameworks.items()
            for role in framework.roles
            if port.is_open(framework_id, role)
        }
        self._aggregate()

    def _aggregate(self) -> None:
        """Consumed quota of each role and its ancestors, and the headroom of the cluster."""
        for agent in self._port.agents.values():
            for key, amount in agent.total.items():
                if key.reserved_for is not None and not key.revocable:
                    self._consume(key.reserved_for, {key.name: amount})
            for (_, role), (bag, _) in agent.used.items():
                self._consume(role, by_name({k: amount for k, amount in bag.items() if k.is_plain}))
            plain = {k: amount for k, amount in agent.free().items() if k.is_plain and agent.is_active}
            free = by_name(plain)
            for name, amount in free.items():
                self._available[name] = self._available.get(name, 0) + amount
        for role, quota in self._port.quotas.items():
            consumed = self._consumed.get(role, {})
            for name, amount in quota.guarantees.items():
                lacking = max(amount - consumed.get(name, 0), 0)
                self._required[name] = self._required.get(name, 0) + lacking

    def _consume(self, role: str, amounts: Quantities) -> None:
        for path in (role, *(role[:at] for at, letter in enumerate(role) if letter == "/")):
            consumed = self._consumed.setdefault(path, {})
            for name, amount in amounts.items():
                consumed[name] = consumed.get(name, 0) + amount

    def first_stage(self, agent: PortAgent) -> None:
        """Guarantees: what a role lacks of its own, and with it what goes along."""
        quotas = self._port.quotas
        for role in self._port.tree.in_order():
            quota = quotas.get(role)
            if quota is None or role not in self._active:
                continue
            for framework_id in self._port.tree.clients_in_order(role):
                consumed = self._consumed.get(role, {})
                lacking = {n: a - consumed.get(n, 0) for n, a in quota.guarantees.items()}
                lacking = {name: amount for name, amount in lacking.items() if amount > 0}
                if not lacking:
                    break
                if not self._port.is_open(framework_id, role):
                    continue
                free, others = self._allocatable(agent, role)
                if not self._port.is_worth(free):
                    break
                plain = {key: amount for key, amount in free.items() if key.is_plain}
                guaranteed = chop(plain, {name: lacking.get(name, 0) for name in by_name(plain)})
                if guaranteed:
                    rest = dict(plain)
                    subtract(rest, guaranteed)
                    self._give(agent, (framework_id, role), free, others, guaranteed, rest)

    def second_stage(self, agent: PortAgent) -> None:
        """Fair share: whatever limits and headroom leave to anybody."""
        port = self._port
        for role in port.tree.in_order():
            if role not in self._active:
                continue
            for framework_id in port.tree.clients_in_order(role):
                if not port.is_open(framework_id, role):
                    continue
                free, others = self._allocatable(agent, role)
                if not port.is_worth(free):
                    break
                plain = {key: amount for key, amount in free.items() if key.is_plain}
                self._give(agent, (framework_id, role), free, others, {}, plain)

    def _allocatable(self, agent: PortAgent, role: str) -> tuple[Bag, Resources]:
        def may(reserved_for: str | None) -> bool:
            return reserved_for is None or role == reserved_for or role.startswith(reserved_for + "/")

        free = {key: amount for key, amount in agent.free().items() if may(key.reserved_for)}
        for key in [key for key in free if key.shared and (agent.id, key) in self._shared]:
            del free[key]  # at most one offer of it in a run
        others = agent.free_others()
        return free, others.allocatable_to(role) if others else EMPTY

    def _give(
        self, agent: PortAgent, holder: Holder, free: Bag, others: Resources, guaranteed: Bag, rest: Bag
    ) -> None:
        """Offers what is guaranteed, what quota does not count, and of the rest what may burst."""
        burst = self._burst(holder[1], by_name(guaranteed), rest)
        bag = {key: amount for key, amount in free.items() if not key.is_plain}
        add(bag, guaranteed)
        add(bag, burst)
        port = self._port
        if not port.is_worth(bag) or port.is_filtered(agent, holder, bag, others, self._now):
            return
        port._charge(agent, holder, bag, others, times=1)
        self._shared.update((agent.id, key) for key in bag if key.shared)
        found, found_others = self.offered.setdefault((*holder, agent.id), ({}, EMPTY))
        add(found, bag)
        self.offered[*holder, agent.id] = (found, found_others + others)
        counted, ours = by_name(guaranteed), by_name(burst)
        self._consume(holder[1], counted)
        self._consume(holder[1], ours)
        for name, amount in counted.items():
            self._required[name] = max(self._required.get(name, 0) - amount, 0)
            self._available[name] -= amount
        for name, amount in ours.items():
            self._available[name] -= amount

    def _burst(self, role: str, guaranteed: Quantities, rest: Bag) -> Bag:
        """Within the limits of the role and its ancestors, and beyond what is kept for guarantees."""
        for path in (role, *(role[:at] for at, letter in enumerate(role) if letter == "/")):
            quota = self._port.quotas.get(path)
            if quota is not None and quota.limits:
                has = self._consumed.get(path, {})
                rest = chop(
                    rest, {n: a - has.get(n, 0) - guaranteed.get(n, 0) for n, a in quota.limits.items()}
                )
        if not self._required:
            return rest
        names = by_name(rest)
        surplus = {
            n: self._available.get(n, 0) - guaranteed.get(n, 0) - self._lacking(n, guaranteed) for n in names
        }
        return chop(rest, surplus)

    def _lacking(self, name: str, guaranteed: Quantities) -> int:
        return max(self._required.get(name, 0) - guaranteed.get(name, 0), 0)


def chop(bag: Bag, room: Quantities) -> Bag:
    """Cut to the room there is by name (absent: any), what cannot be divided whole or not at all."""
    left = {name: max(amount, 0) for name, amount in room.items()}
    cut: Bag = {}
    for key in sorted(bag, key=lambda key: key.order):
        amount = bag[key]
        if key.name in left:
            amount = min(amount, left[key.name])
            if key.piece:
                amount -= amount % key.piece
            elif key.identity.disk is not None and amount < bag[key]:
                amount -= amount % WHOLE_MB
            left[key.name] -= amount
        if amount:
            cut[key] = amount
    return cut
