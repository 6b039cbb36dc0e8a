"""A second allocator, short and obvious: the rules told once more, with nothing remembered that can be worked
out. Every question is answered by going through everything that is held; shares are fractions, resources are
the model's own, and every agent is visited in every run.

It must not import anything of the real one but plain values, limits, and the pure rules of a single thing
(the totals of a conversion).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from api.model.resource import Identity, Resource
from api.model.resources import EMPTY, Resources
from api.model.roles import ancestors, is_under
from api.model.values import Scalar
from orchestrator.allocator import AgentTraits, Capability, FrameworkTraits, Quota
from orchestrator.allocator.config import MAX_REFUSALS
from orchestrator.allocator.groups import converted_total
from tests.allocator.reference_agent import GroupKey, Holder, RefAgent, by_name, names_of

RefOffer = tuple[str, str, str, Resources]
Amounts = Mapping[str, int]  # by name, in millionths

DEFAULT_MINIMUM = ({"cpus": 10}, {"mem": 32_000})


@dataclass
class RefFramework:
    active: bool
    roles: set[str]
    suppressed: set[str]
    traits: FrameworkTraits = field(default_factory=FrameworkTraits)


@dataclass
class Run:
    """One run under way."""

    pieces: dict[tuple[str, str, str], Resources] = field(default_factory=dict)
    shared: dict[str, set[Resource]] = field(default_factory=dict)


class Reference:
    def __init__(
        self,
        minimum: tuple[Mapping[str, int], ...] = DEFAULT_MINIMUM,
        excluded: frozenset[str] = frozenset(),
        region: str | None = None,
    ) -> None:
        self.minimum = minimum
        self.excluded = excluded
        self.region = region
        self.agents: dict[str, RefAgent] = {}
        self.frameworks: dict[str, RefFramework] = {}
        self.quotas: dict[str, Quota] = {}
        self.weights: dict[str, int] = {}
        self.whitelist: frozenset[str] | None = None
        self.served: dict[
            tuple[str, ...], int
        ] = {}  # of ("role", path), ("direct", path), ("client", id, role)
        self.batches = 0

    # What happens

    def add_agent(self, agent_id: str, total: Resources, traits: AgentTraits = AgentTraits()) -> None:
        self.remove_agent(agent_id)
        self.agents[agent_id] = RefAgent(total, traits)
        self.forget()

    def update_agent_total(self, agent_id: str, total: Resources) -> None:
        self.agents[agent_id].set_total(total)
        self.forget()

    def remove_agent(self, agent_id: str) -> None:
        self.agents.pop(agent_id, None)
        self.forget()

    def set_agent_active(self, agent_id: str, active: bool) -> None:
        self.agents[agent_id].active = active

    def add_framework(self, framework_id: str, framework: RefFramework) -> None:
        self.frameworks[framework_id] = framework
        for agent in self.agents.values():
            agent.drop_filters(lambda holder: holder[0] == framework_id and holder[1] not in framework.roles)
        self.forget()

    def remove_framework(self, framework_id: str) -> None:
        self.frameworks.pop(framework_id)
        self.clear_filters(framework_id, None)
        self.forget()

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
            agent.drop_filters(
                lambda holder: holder[0] == framework_id and (roles is None or holder[1] in roles)
            )

    def set_quota(self, role: str, quota: Quota) -> None:
        self.quotas.pop(role, None)
        if quota:
            self.quotas[role] = quota
        self.forget()

    def allocate(self, holder: Holder, agent_id: str, resources: Resources) -> None:
        if resources:
            self.agents[agent_id].take(holder, resources)
            self.count(holder)

    def release(self, holder: Holder, agent_id: str, resources: Resources) -> None:
        if agent_id in self.agents:
            self.agents[agent_id].give_back(holder, resources)
        self.forget()

    def decline(self, holder: Holder, agent_id: str, resources: Resources, until: float | None) -> None:
        self.release(holder, agent_id, resources)
        framework = self.frameworks.get(holder[0] or "")
        if until is None or agent_id not in self.agents or framework is None or not resources:
            return
        if holder[1] in framework.roles:
            self.agents[agent_id].filter(holder, resources.unallocated(), until, self.batches, MAX_REFUSALS)

    def convert(self, holder: Holder, agent_id: str, consumed: Resources, converted: Resources) -> None:
        agent = self.agents[agent_id]
        agent.set_total(converted_total(agent.total, consumed, converted))
        agent.give_back(holder, consumed)
        agent.take(holder, converted)
        self.forget()

    # A run

    def cycle(self, now: float, candidates: set[str] | None) -> list[RefOffer]:
        for agent in self.agents.values():
            agent.expire(now, self.batches)
        run = Run()
        for stage in (1, 2):
            for agent_id, agent in self.agents.items():
                if self.may_offer(agent) and (candidates is None or agent_id in candidates):
                    self.visit(run, stage, agent_id, agent)
        if candidates is None:
            self.batches += 1
        return [(*key, resources.allocated(key[1])) for key, resources in run.pieces.items()]

    def may_offer(self, agent: RefAgent) -> bool:
        return agent.active and (self.whitelist is None or agent.traits.hostname in self.whitelist)

    def offering(self) -> list[RefAgent]:
        return [agent for agent in self.agents.values() if self.may_offer(agent)]

    def visit(self, run: Run, stage: int, agent_id: str, agent: RefAgent) -> None:
        for role in self.roles_in_order():
            for framework_id in self.frameworks_in_order(role):
                piece = self.piece(run, stage, agent_id, agent, (framework_id, role))
                if piece:
                    key = (framework_id, role, agent_id)
                    run.pieces[key] = run.pieces.get(key, EMPTY) + piece
                    run.shared.setdefault(agent_id, set()).update(r for r in piece if r.shared)
                    agent.take((framework_id, role), piece)
                    self.count((framework_id, role))

    def piece(
        self, run: Run, stage: int, agent_id: str, agent: RefAgent, holder: tuple[str, str]
    ) -> Resources:
        """What the framework is given now; nothing when some rule is against it."""
        framework_id, role = holder
        traits = self.frameworks[framework_id].traits
        if not agent.is_for(traits, role, self.region):
            return EMPTY
        offered = run.shared.get(agent_id, set())
        free = agent.free(role).filter(lambda r: _can_use(traits, r) and not (r.shared and r in offered))
        turn = agent.turns.get(holder, 0)
        wanted = self.askable(stage, agent, role, free)
        fitting = agent.fitting(wanted, turn)
        if not self.is_enough(holder, fitting):
            return EMPTY
        rest = fitting.filter(lambda r: not _counts(r))
        entitled, more = self.allowed(stage, agent, role, fitting.filter(_counts))
        if stage == 1 and not entitled:
            return EMPTY
        spared = self.spared(agent, role, entitled, more, turn)
        offer = rest + entitled + spared
        if not offer or not self.is_enough(holder, offer) or agent.is_filtered(holder, offer):
            return EMPTY
        if fitting != wanted or spared != more:
            agent.turns[holder] = turn + 1
        return offer

    def allowed(
        self, stage: int, agent: RefAgent, role: str, plain: Resources
    ) -> tuple[Resources, Resources]:
        """What the role gets of these by its guarantee, and what it may have besides."""
        room = self.room(role)
        entitled: list[Resource] = []
        if stage == 1:
            entitled = shrink(agent, shrink(agent, plain, self.unmet(role), most=True), room)
            taken = agent.counted(entitled)
            room = {name: max(amount - taken.get(name, 0), 0) for name, amount in room.items()}
        surplus = self.surplus(role, agent.counted(entitled))
        more = shrink(agent, shrink(agent, plain - Resources(entitled), room), surplus)
        return Resources(entitled), Resources(more)

    # Pools that share

    def askable(self, stage: int, agent: RefAgent, role: str, free: Resources) -> Resources:
        """Of each pool of a group no more than the role might have of it alone; in the first stage, where
        it is entitled to some pools of a group, those alone."""
        found: list[Resource] = []
        alone = {r: self.allowed(stage, agent, role, Resources([r])) for r in free if _is_pool(agent, r)}
        groups = {agent.group(r) for r, (entitled, _) in alone.items() if entitled}
        for r in free:
            if r not in alone:
                found.append(r)
            elif alone[r][0] or agent.group(r) not in groups:
                found += alone[r][0] + alone[r][1]
        return Resources(found)

    def spared(
        self, agent: RefAgent, role: str, entitled: Resources, more: Resources, turn: int
    ) -> Resources:
        """`more` without what must stay for guarantees of profiles that share a group with it."""
        found = list(more)
        for key in agent.group_keys():
            mine = [r for r in found if _is_pool(agent, r) and agent.group(r) == key]
            if agent.common_stack(key) != () or not mine:
                continue
            needs = self.needs(agent, role, entitled, key)
            if needs:
                found = [r for r in found if r not in mine]
                left = agent.left_alone(key, entitled)
                kept = sum(needs.values())
                rooms = [max(left[identity] for identity in needs) - kept]
                rooms += [left[identity] - need for identity, need in needs.items()]
                mine = [r for r in mine if left[r.identity] > kept]
                rooms += [left[r.identity] - kept for r in mine]
                found += agent.cut(mine, min(rooms), turn)
        return Resources(found)

    def needs(self, agent: RefAgent, role: str, entitled: Resources, key: GroupKey) -> dict[Identity, int]:
        """What of the group must stay for guarantees: of a profile what the rest of the cluster lacks."""
        gone, unmet, available = agent.counted(entitled), self.unmet(role), self.available()
        found: dict[Identity, int] = {}
        for name, required in self.required().items():
            pools = [
                r
                for r in agent.free("*")
                if _is_pool(agent, r)
                and agent.group(r) == key
                and name != "disk"
                and name in names_of(agent, r)
            ]
            lack = required - min(gone.get(name, 0), unmet.get(name, 0))
            if pools and lack > 0:
                here = agent.counted(agent.fitting(Resources(pools), 0)).get(name, 0)
                need = lack - (available.get(name, 0) - here)
                if need > 0:
                    ordered = sorted(pools, key=lambda r: r.identity.order())
                    largest = max(ordered, key=lambda r: r.milli * agent.cost(r))
                    found[largest.identity] = -(-need // 1000) * agent.cost(largest)
        return found

    def is_enough(self, holder: tuple[str, str], offered: Resources) -> bool:
        own = self.frameworks[holder[0]].traits.min_allocatable.get(holder[1])
        alternatives = self.minimum if own is None else own
        if not alternatives:
            return bool(offered)
        if own is None and any(
            r.disk and (r.provider_id is not None or r.is_persistent) and r.milli >= 1000 for r in offered
        ):
            return True
        sums = by_name(offered)
        return any(all(sums.get(n, 0) >= least for n, least in each.items()) for each in alternatives)

    # Quota

    def consumed(self, role: str) -> dict[str, int]:
        """What is reserved in the subtree, and what of the rest is held in it; in millionths."""
        found: dict[str, int] = {}
        for agent in self.agents.values():
            reserved = [
                r for r in agent.total if r.is_reserved and not r.revocable and is_under(r.role, role)
            ]
            add(found, agent.counted(reserved))
            for (_, path), held in agent.held.items():
                if path is not None and is_under(path, role):
                    add(found, agent.counted(r for r in held if _counts(r)))
        return found

    def unmet(self, role: str) -> dict[str, int]:
        """What the top-level role above lacks of its guarantees."""
        top = (role, *ancestors(role))[-1]
        quota = self.quotas.get(top, Quota())
        has = self.consumed(top)
        return {name: max(least * 1000 - has.get(name, 0), 0) for name, least in quota.guarantees.items()}

    def room(self, role: str) -> dict[str, int]:
        """What its limits and those of the roles above leave to it."""
        found: dict[str, int] = {}
        for each in (role, *ancestors(role)):
            if each in self.quotas:
                has = self.consumed(each)
                for name, limit in self.quotas[each].limits.items():
                    left = max(limit * 1000 - has.get(name, 0), 0)
                    found[name] = min(found.get(name, left), left)
        return found

    def required(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for role in self.quotas:
            if not ancestors(role):
                add(found, self.unmet(role))
        return {name: amount for name, amount in found.items() if amount}

    def available(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for agent in self.offering():
            add(found, agent.offerable())
        return found

    def surplus(self, role: str, granted: Amounts) -> dict[str, int]:
        """What guarantees do not need, of each name of which one still lacks something, once a role has got
        what is granted by its own."""
        available, unmet = self.available(), self.unmet(role)
        found = {}
        for name, required in self.required().items():
            gone = granted.get(name, 0)
            lacking = required - min(gone, unmet.get(name, 0))
            if lacking:
                found[name] = max(available.get(name, 0) - gone - lacking, 0)
        return found

    def capacity(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for agent in self.offering():
            add(found, agent.capacity())
        return found

    # Fairness

    def roles_in_order(self) -> list[str]:
        """Leaves of the tree, depth first; a role with children and frameworks is a child of itself."""
        return list(self._below(""))

    def _below(self, path: str) -> Iterable[str]:
        children = sorted(self.children(path), key=lambda child: self.rank(("role", child), child))
        if path:
            children = sorted(
                [*children, f"{path}/."],
                key=lambda c: self.rank(("direct", path) if c == f"{path}/." else ("role", c), c),
            )
        for child in children:
            if path and child == f"{path}/.":
                yield path
            elif self.children(child):
                yield from self._below(child)
            else:
                yield child

    def children(self, path: str) -> list[str]:
        return sorted(role for role in self.known_roles() if role.rpartition("/")[0] == path)

    def frameworks_in_order(self, role: str) -> list[str]:
        ids = [i for i, f in self.frameworks.items() if f.active and role in f.roles - f.suppressed]
        return sorted(ids, key=lambda framework_id: self.rank(("client", framework_id, role), framework_id))

    def rank(self, node: tuple[str, ...], path: str) -> tuple[Fraction, int, str]:
        weight = self.weights.get(node[1], 1000) if node[0] == "role" else 1000
        return (self.share(node) / Fraction(weight, 1000), self.served.get(node, 0), path)

    def share(self, node: tuple[str, ...]) -> Fraction:
        totals: dict[str, int] = {}
        used: dict[str, int] = {}
        for agent in self.agents.values():
            add(totals, {n: amount for n, amount in agent.share_total().items() if n not in self.excluded})
            mine = Resources.total(held for holder, held in agent.held.items() if _is_of(node, holder))
            once = mine.filter(lambda r: not r.shared) + Resources({r for r in mine if r.shared})
            add(used, agent.costs(once))
        return max((Fraction(used[n], totals[n]) for n in used if totals.get(n)), default=Fraction(0))

    def count(self, holder: Holder) -> None:
        """It was served once more."""
        framework_id, role = holder
        if role is None:
            return
        nodes: list[tuple[str, ...]] = [("direct", role), *(("role", r) for r in (role, *ancestors(role)))]
        if framework_id is not None:
            nodes.append(("client", framework_id, role))
        for node in nodes:
            self.served[node] = self.served.get(node, 0) + 1

    # Who is known

    def known_clients(self) -> set[tuple[str, str]]:
        subscribed = {(i, role) for i, f in self.frameworks.items() for role in f.roles}
        holding = {
            (i, role)
            for agent in self.agents.values()
            for i, role in agent.held
            if i is not None and role is not None
        }
        return subscribed | holding

    def known_roles(self) -> set[str]:
        """Those with clients, charges, reservations or quota, and all above them."""
        found = {role for _, role in self.known_clients()} | set(self.quotas)
        for agent in self.agents.values():
            found |= {role for _, role in agent.held if role is not None}
            found |= {
                r.role
                for r in agent.total
                if r.is_reserved and isinstance(r.value, Scalar) and not r.revocable
            }
        return found | {above for role in found for above in ancestors(role)}

    def forget(self) -> None:
        """Whoever neither competes nor holds anything is forgotten, with how often it was served."""
        clients, roles = self.known_clients(), self.known_roles()
        self.served = {
            node: n
            for node, n in self.served.items()
            if (node[1:] in clients if node[0] == "client" else node[1] in roles)
        }
        for agent in self.agents.values():
            agent.turns = {holder: turn for holder, turn in agent.turns.items() if holder in clients}


def shrink(
    agent: RefAgent, resources: Iterable[Resource], targets: Amounts, most: bool = False
) -> list[Resource]:
    """The resources cut to the targets, in canonical order. Every name counts; without a target: no limit.

    most: as much as any of its names entitles it to, and nothing of what has no target.
    """
    left = dict(targets)
    found = []
    for resource in resources:
        bounds = [left[name] // cost for name, cost in names_of(agent, resource).items() if name in left]
        amount = max(bounds, default=0) if most else min(bounds, default=resource.milli)
        if amount >= resource.milli:
            amount = resource.milli
        elif resource.is_counted:
            amount = 0
        elif resource.disk is not None and resource.disk.source is not None:
            amount = amount // 1000 * 1000
        if amount:
            found.append(resource.with_value(Scalar(amount)))
            for name, cost in names_of(agent, resource).items():
                if name in left:
                    left[name] = max(left[name] - amount * cost, 0)
    return found


def add(into: dict[str, int], more: Amounts) -> None:
    for name, amount in more.items():
        into[name] = into.get(name, 0) + amount


def _counts(resource: Resource) -> bool:
    """Whether quota decides about it: a plain amount, neither reserved nor revocable."""
    return isinstance(resource.value, Scalar) and not resource.is_reserved and not resource.revocable


def _is_pool(agent: RefAgent, resource: Resource) -> bool:
    """Whether it shares a capacity, and quota decides about it."""
    return _counts(resource) and agent.group(resource) is not None


def _can_use(traits: FrameworkTraits, resource: Resource) -> bool:
    has = traits.capabilities
    return (
        (not resource.revocable or Capability.REVOCABLE_RESOURCES in has)
        and (not resource.shared or Capability.SHARED_RESOURCES in has)
        and (len(resource.reservations) < 2 or Capability.RESERVATION_REFINEMENT in has)
    )


def _is_of(node: tuple[str, ...], holder: Holder) -> bool:
    if holder[1] is None:
        return False
    if node[0] == "client":
        return holder == node[1:]
    return holder[1] == node[1] if node[0] == "direct" else is_under(holder[1], node[1])
