"""A second allocator, dumb and obvious: the rules told once more, with nothing remembered that can be
worked out. Every question is answered by going through everything. Shares are fractions, resources
are the model's own, every agent is visited in every run.

It must not import of the clever one anything but the totals of a conversion, filter ends, and limits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from api.model.resource import Identity, Resource
from api.model.resources import EMPTY, Resources
from api.model.values import Scalar
from orchestrator.allocator.config import MAX_REFUSALS
from orchestrator.allocator.filters import filter_end
from orchestrator.allocator.groups import converted_total

Holder = tuple[str | None, str | None]
DumbOffer = tuple[str, str, str, Resources]


@dataclass
class DumbFilter:
    holder: Holder
    refused: Resources
    until: float
    batch: int


@dataclass
class DumbAgent:
    total: Resources
    active: bool = True
    held: dict[Holder, Resources] = field(default_factory=dict)
    filters: list[DumbFilter] = field(default_factory=list)
    turns: dict[Holder, int] = field(default_factory=dict)
    described: dict[Identity, tuple[tuple[str | None, str] | None, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.describe()

    def describe(self) -> None:
        for resource in self.total:
            source = resource.disk.source if resource.disk else None
            if source is not None and source.is_pool and source.capacity_group is not None:
                key = (resource.provider_id, source.capacity_group)
                self.described[resource.identity] = (key, source.cost_milli)
            else:
                self.described[resource.identity] = (None, 1000)

    def group(self, resource: Resource) -> tuple[str | None, str] | None:
        return self.described.get(resource.identity, (None, 1000))[0]

    def cost(self, resource: Resource) -> int:
        return self.described.get(resource.identity, (None, 1000))[1]

    def taken(self) -> Resources:
        return Resources.total(self.held.values())

    def units(self, resources: Iterable[Resource], key: object) -> int:
        return sum(r.milli * self.cost(r) for r in resources if self.group(r) == key)

    def group_keys(self) -> list[tuple[str | None, str]]:
        return sorted({k for r in [*self.total, *self.taken()] if (k := self.group(r)) is not None})

    def capacity(self, key: object) -> int:
        pools: dict[Identity, int] = {}
        for r in self.total:
            if self.group(r) == key:
                at = r.identity._replace(reservations=())
                pools[at] = pools.get(at, 0) + r.milli * self.cost(r)
        return max(pools.values(), default=0)

    def share_total(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for r in self.total:
            if isinstance(r.value, Scalar) and self.group(r) is None:
                found[r.name] = found.get(r.name, 0) + r.milli * 1000
        for key in self.group_keys():
            found["disk"] = found.get("disk", 0) + self.capacity(key)
        return found

    def free(self, role: str) -> Resources:
        return (self.total - self.taken()).allocatable_to(role)

    def fitting(self, free: Resources, turn: int) -> Resources:
        result = list(free)
        for key in self.group_keys():
            mine = [r for r in result if self.group(r) == key]
            result = [r for r in result if self.group(r) != key]
            used = self.units(self.taken(), key)
            held = {r.identity: r.milli for r in self.taken()}
            unheld = sum(
                max(r.milli - held.get(r.identity, 0), 0) * self.cost(r)
                for r in self.total
                if self.group(r) == key and r.is_reserved
            )
            capacity = self.capacity(key)
            result += self.cut([r for r in mine if r.is_reserved], capacity - used, turn)
            taken = self.units((r for r in self.taken() if not r.is_reserved), key)
            own = {r.identity: r.milli * self.cost(r) - taken for r in self.total if self.group(r) == key}
            promised = {r.identity for r in self.taken() if not r.is_reserved and self.group(r) == key}
            least = min((left for identity, left in own.items() if identity in promised), default=None)
            if least is not None:
                own = {identity: min(left, least) for identity, left in own.items()}
            common = []
            for r in mine:
                left = max(own.get(r.identity, 0), 0) // self.cost(r)
                if not r.is_reserved and left:
                    common.append(r if left >= r.milli else r.with_value(Scalar(left // 1000 * 1000)))
            result += self.cut([r for r in common if r.milli], capacity - used - unheld, turn)
        return Resources(result)

    def cut(self, pools: list[Resource], room: int, turn: int) -> list[Resource]:
        room = max(room, 0)
        pools = sorted(pools, key=lambda r: r.identity.order())
        if sum(r.milli * self.cost(r) for r in pools) <= room:
            return pools
        parts = dict.fromkeys(pools, 0)
        order = list(pools)
        if turn % 2 == 1:
            at = (turn // 2) % len(pools)
            order = pools[at:] + pools[:at]
        else:
            left = sorted(pools, key=lambda r: (r.milli * self.cost(r), pools.index(r)))
            while left:
                r, share = left[0], room // len(left)
                parts[r] = min(r.milli, share // self.cost(r)) // 1000 * 1000
                room -= parts[r] * self.cost(r)
                left = left[1:]
        for r in order:
            more = min(r.milli - parts[r], room // self.cost(r)) // 1000 * 1000
            parts[r] += more
            room -= more * self.cost(r)
        return [r.with_value(Scalar(part)) for r, part in parts.items() if part]

    def covers(self, refused: Resources, offered: Resources) -> bool:
        plain = Resources(r for r in offered if self.group(r) is None)
        if not refused.contains(plain):
            return False
        for key in self.group_keys():
            kinds = {r.identity: self.cost(r) for r in [*self.total, *self.taken()] if self.group(r) == key}
            if self.units(offered, key) > self.units(refused, key) + sum(kinds.values()) * 1000:
                return False
        refused_identities = {r.identity for r in refused}
        return all(self.group(r) is None or r.identity in refused_identities for r in offered)


@dataclass
class DumbFramework:
    active: bool
    roles: set[str]
    suppressed: set[str]


class DumbAllocator:
    def __init__(self, weights: dict[str, int]) -> None:
        self.weights = weights
        self.agents: dict[str, DumbAgent] = {}
        self.frameworks: dict[str, DumbFramework] = {}
        self.served: dict[object, int] = {}
        self.batches = 0
        self.now: float | None = None

    # What happens

    def add_agent(self, agent_id: str, total: Resources) -> None:
        self.agents.pop(agent_id, None)
        self.agents[agent_id] = DumbAgent(total)
        self.purge()

    def update_agent_total(self, agent_id: str, total: Resources) -> None:
        self.agents[agent_id].total = total
        self.agents[agent_id].describe()

    def remove_agent(self, agent_id: str) -> None:
        self.agents.pop(agent_id, None)
        self.purge()

    def set_agent_active(self, agent_id: str, active: bool) -> None:
        self.agents[agent_id].active = active

    def add_framework(self, framework_id: str, roles: set[str], suppressed: set[str], active: bool) -> None:
        self.frameworks[framework_id] = DumbFramework(active, roles, suppressed)
        for agent in self.agents.values():
            agent.filters = [f for f in agent.filters if f.holder[0] != framework_id or f.holder[1] in roles]
        self.purge()

    def remove_framework(self, framework_id: str) -> None:
        self.frameworks.pop(framework_id)
        self.clear_filters(framework_id, None)
        self.purge()

    def set_framework_active(self, framework_id: str, active: bool) -> None:
        self.frameworks[framework_id].active = active
        if not active:
            self.clear_filters(framework_id, None)

    def suppress(self, framework_id: str, roles: set[str] | None) -> None:
        framework = self.frameworks[framework_id]
        framework.suppressed |= framework.roles if roles is None else roles & framework.roles

    def revive(self, framework_id: str, roles: set[str] | None) -> None:
        framework = self.frameworks[framework_id]
        framework.suppressed -= framework.roles if roles is None else roles
        self.clear_filters(framework_id, roles)

    def clear_filters(self, framework_id: str, roles: set[str] | None) -> None:
        for agent in self.agents.values():
            agent.filters = [
                f
                for f in agent.filters
                if f.holder[0] != framework_id or (roles is not None and f.holder[1] not in roles)
            ]

    def allocate(self, holder: Holder, agent_id: str, resources: Resources) -> None:
        agent = self.agents[agent_id]
        agent.held[holder] = agent.held.get(holder, EMPTY) + resources.unallocated()
        self.served[holder] = self.served.get(holder, 0) + 1
        self.served[holder[1]] = self.served.get(holder[1], 0) + 1

    def release(self, holder: Holder, agent_id: str, resources: Resources) -> None:
        if agent_id in self.agents:
            agent = self.agents[agent_id]
            agent.held[holder] = agent.held[holder] - resources.unallocated()
            if not agent.held[holder]:
                del agent.held[holder]
        self.purge()

    def decline(self, holder: Holder, agent_id: str, resources: Resources, until: float | None) -> None:
        self.release(holder, agent_id, resources)
        if until is None or agent_id not in self.agents or not resources or not self.subscribed(holder):
            return
        agent, refused = self.agents[agent_id], resources.unallocated()
        until = filter_end(until, self.now, 1.0)
        agent.filters = [
            f
            for f in agent.filters
            if f.holder != holder or f.until > until or not agent.covers(refused, f.refused)
        ]
        agent.filters.append(DumbFilter(holder, refused, until, self.batches))
        same = [f for f in agent.filters if f.holder == holder]
        if len(same) > MAX_REFUSALS:
            agent.filters.remove(min(same[:-1], key=lambda f: f.until))

    def convert(self, holder: Holder, agent_id: str, consumed: Resources, converted: Resources) -> None:
        agent = self.agents[agent_id]
        self.update_agent_total(agent_id, converted_total(agent.total, consumed, converted))
        agent.held[holder] = agent.held[holder] - consumed.unallocated() + converted.unallocated()

    # What is answered

    def free(self, agent_id: str, resource: Resource) -> int:
        agent = self.agents[agent_id]
        same = (agent.total - agent.taken()).filter(lambda other: other.identity == resource.identity)
        return sum(r.milli for r in agent.fitting(same, 0))

    def cycle(self, now: float, candidates: set[str] | None) -> list[DumbOffer]:
        self.expire(now)
        offers: list[DumbOffer] = []
        for agent_id, agent in self.agents.items():
            if agent.active and (candidates is None or agent_id in candidates):
                offers += self.visit(agent_id, agent)
        if candidates is None:
            self.batches += 1
        return offers

    def expire(self, now: float) -> None:
        self.now = now
        for agent in self.agents.values():
            agent.filters = [f for f in agent.filters if f.until > now or f.batch >= self.batches]

    def visit(self, agent_id: str, agent: DumbAgent) -> list[DumbOffer]:
        made: list[DumbOffer] = []
        open_holders = sorted(h for h in self.holders() if self.is_open(h))
        roles = sorted({role for _, role in open_holders}, key=lambda r: self.rank(r, r))
        ranks = {h: self.rank(h, h[0]) for h in open_holders}
        for role in roles:
            for holder in sorted((h for h in open_holders if h[1] == role), key=lambda h: ranks[h]):
                free = agent.free(role)
                offered = agent.fitting(free, agent.turns.get(holder, 0))
                if not self.is_enough(offered):
                    continue
                if any(f.holder == holder and agent.covers(f.refused, offered) for f in agent.filters):
                    continue
                if offered != free:
                    agent.turns[holder] = agent.turns.get(holder, 0) + 1
                made.append((holder[0], role, agent_id, offered.allocated(role)))
                agent.held[holder] = agent.held.get(holder, EMPTY) + offered
                break
        for framework_id, role, _, _ in made:
            for counted in ((framework_id, role), role):
                self.served[counted] = self.served.get(counted, 0) + 1
        return made

    def is_enough(self, offered: Resources) -> bool:
        if any((r.provider_id is not None or r.is_persistent) and r.milli >= 1000 for r in offered):
            return True
        return offered.scalar_milli("cpus") >= 10 or offered.scalar_milli("mem") >= 32_000

    def rank(self, node: object, path: str) -> tuple[Fraction, int, str]:
        totals: dict[str, int] = {}
        used: dict[str, int] = {}
        for agent in self.agents.values():
            for name, amount in agent.share_total().items():
                totals[name] = totals.get(name, 0) + amount
            for holder, held in agent.held.items():
                if holder == node or holder[1] == node:
                    for r in held:
                        cost = agent.cost(r) if agent.group(r) else 1000
                        used[r.name] = used.get(r.name, 0) + r.milli * cost
        share = max((Fraction(used[n], totals[n]) for n in used if totals.get(n)), default=Fraction(0))
        weight = self.weights.get(path, 1000) if isinstance(node, str) else 1000
        return (share / Fraction(weight, 1000), self.served.get(node, 0), path)

    def subscribed(self, holder: Holder) -> bool:
        framework = self.frameworks.get(holder[0] or "")
        return framework is not None and holder[1] in framework.roles

    def is_open(self, holder: Holder) -> bool:
        framework = self.frameworks[holder[0]]
        return framework.active and holder[1] not in framework.suppressed

    def holders(self) -> set[Holder]:
        return {(framework_id, role) for framework_id, f in self.frameworks.items() for role in f.roles}

    def purge(self) -> None:
        """Whoever neither competes nor holds anything is forgotten, with how often it was served."""
        known = self.holders() | {holder for agent in self.agents.values() for holder in agent.held}
        known_roles = {role for _, role in known}
        self.served = {k: n for k, n in self.served.items() if k in known or k in known_roles}
        for agent in self.agents.values():
            agent.turns = {holder: turn for holder, turn in agent.turns.items() if holder in known}
