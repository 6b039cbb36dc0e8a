"""The reference allocator's agents: what there is, who holds what, what is free for whom, what was refused.

Obvious before anything else: all is worked out from totals and what is held, each time it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from api.model.resource import Identity, Reservation, Resource
from api.model.resources import EMPTY, Resources
from api.model.values import Scalar
from orchestrator.allocator import AgentCapability, AgentTraits, Capability, FrameworkTraits
from orchestrator.allocator.quota import disk_of_profile

Holder = tuple[str | None, str | None]
GroupKey = tuple[str | None, str]
Stack = tuple[Reservation, ...]
Filter = tuple[Resources, float]  # what was refused, when that ends


@dataclass
class RefAgent:
    """filters: of each (refused, end) the holders that it binds, with how many batches there had been.

    described: capacity group and cost of each disk, as the totals said last.
    """

    total: Resources
    traits: AgentTraits
    active: bool = True
    held: dict[Holder, Resources] = field(default_factory=dict)
    filters: dict[Filter, dict[Holder, int]] = field(default_factory=dict)
    turns: dict[Holder, int] = field(default_factory=dict)
    described: dict[Identity, tuple[GroupKey | None, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.set_total(self.total)

    def set_total(self, total: Resources) -> None:
        self.total = total.unallocated()
        for resource in self.total:
            self.described[resource.identity] = _description(resource)

    def group(self, resource: Resource) -> GroupKey | None:
        return self._described(resource)[0]

    def cost(self, resource: Resource) -> int:
        return self._described(resource)[1]

    def _described(self, resource: Resource) -> tuple[GroupKey | None, int]:
        plain = resource.identity._replace(allocated_to=None)
        return self.described.get(plain) or _description(resource)

    # Who holds what

    def take(self, holder: Holder, resources: Resources) -> None:
        self.held[holder] = self.held.get(holder, EMPTY) + resources.unallocated()

    def give_back(self, holder: Holder, resources: Resources) -> None:
        self.held[holder] = self.held.get(holder, EMPTY) - resources.unallocated()
        if not self.held[holder]:
            del self.held[holder]

    def taken(self) -> Resources:
        return Resources.total(self.held.values())

    # What it adds up to

    def costs(self, resources: Iterable[Resource]) -> dict[str, int]:
        """By name, at cost, in millionths; what shares are made of."""
        found: dict[str, int] = {}
        for r in resources:
            if isinstance(r.value, Scalar):
                found[r.name] = found.get(r.name, 0) + r.milli * self.cost(r)
        return found

    def counted(self, resources: Iterable[Resource]) -> dict[str, int]:
        """By name and by profile, in millionths; what quota is counted in. A shared one counts once."""
        found: dict[str, int] = {}
        for r in _once(resources):
            if isinstance(r.value, Scalar):
                for name, cost in names_of(self, r).items():
                    found[name] = found.get(name, 0) + r.milli * cost
        return found

    def share_total(self) -> dict[str, int]:
        found = self.costs(r for r in _once(self.total) if self.group(r) is None)
        for key in self.group_keys():
            found["disk"] = found.get("disk", 0) + self.group_capacity(key)
        return found

    def capacity(self) -> dict[str, int]:
        """What guarantees are judged by: all that is not revocable, of capacity groups each its capacity."""
        found = self.counted(r for r in self.total if not r.revocable)
        for key in self.group_keys():
            found["disk"] = found.get("disk", 0) - self.units(self.total, key) + self.group_capacity(key)
        return found

    def offerable(self) -> dict[str, int]:
        """What is free for anybody: of pools that share, what fits together is disk, what fits of each
        profile by itself is disk of that profile."""
        free = [r for r in self.free("*") if isinstance(r.value, Scalar) and not r.revocable]
        found = self.counted(r for r in free if self.group(r) is None)
        pools = [r for r in free if self.group(r) is not None]
        together = self.counted(self.fitting(Resources(pools), 0))
        found["disk"] = found.get("disk", 0) + together.get("disk", 0)
        for profile in sorted({_profile(r) or "" for r in pools}):
            name = disk_of_profile(profile)
            alone = self.fitting(Resources(r for r in pools if _profile(r) == profile), 0)
            found[name] = found.get(name, 0) + self.counted(alone).get(name, 0)
        return found

    # What is free

    def is_for(self, traits: FrameworkTraits, role: str, region: str | None) -> bool:
        """Whether a framework can deal with this agent."""
        has, mine = traits.capabilities, self.traits.capabilities
        is_remote = self.traits.region is not None and region is not None and self.traits.region != region
        return not (
            (any(r.name == "gpus" for r in self.total) and Capability.GPU_RESOURCES not in has)
            or (Capability.MULTI_ROLE in has and AgentCapability.MULTI_ROLE not in mine)
            or ("/" in role and AgentCapability.HIERARCHICAL_ROLE not in mine)
            or (is_remote and Capability.REGION_AWARE not in has)
        )

    def free(self, role: str) -> Resources:
        """What the role may have of what nobody holds; what is shared stays free while it is held."""
        plain = self.total.filter(lambda r: not r.shared) - self.taken()
        return (plain + self.total.filter(lambda r: r.shared)).allocatable_to(role)

    def group_keys(self) -> list[GroupKey]:
        return sorted({k for r in [*self.total, *self.taken()] if (k := self.group(r)) is not None})

    def units(self, resources: Iterable[Resource], key: GroupKey) -> int:
        return sum(r.milli * self.cost(r) for r in resources if self.group(r) == key)

    def group_capacity(self, key: GroupKey) -> int:
        """The largest pool, its reserved parts included."""
        pools: dict[Identity, int] = {}
        for r in self.total:
            if self.group(r) == key:
                at = r.identity._replace(reservations=())
                pools[at] = pools.get(at, 0) + r.milli * self.cost(r)
        return max(pools.values(), default=0)

    def fitting(self, free: Resources, turn: int) -> Resources:
        """`free` cut to what its capacity groups have left."""
        result = list(free)
        for key in self.group_keys():
            mine = [r for r in result if self.group(r) == key]
            result = [r for r in result if self.group(r) != key]
            used = self.units(self.taken(), key)
            held = {r.identity: r.milli for r in self.taken()}
            stack = self.common_stack(key)
            unheld = sum(
                max(r.milli - held.get(r.identity, 0), 0) * self.cost(r)
                for r in self.total
                if self.group(r) == key and r.reservations != stack
            )
            capacity = self.group_capacity(key)
            result += self.cut([r for r in mine if r.reservations != stack], capacity - used, turn)
            result += self.cut(self.common(mine, key, stack), capacity - used - unheld, turn)
        return Resources(result)

    def common_stack(self, key: GroupKey) -> Stack:
        """How the pools are reserved that are alternatives, each of which could fill the whole group: as all
        else fits in it together. Unreserved if that will do; else as most pools are, if several are, or
        nothing is unreserved."""
        mine = [r for r in self.total if self.group(r) == key]
        others = {
            stack: self.units((r for r in mine if r.reservations != stack), key)
            for stack in [(), *(r.reservations for r in mine)]
        }
        if others[()] <= self.group_capacity(key):
            return ()
        numbers = {stack: sum(r.reservations == stack for r in mine) for stack in others}
        found = [
            stack
            for stack, rest in others.items()
            if stack and rest <= self.group_capacity(key) and (numbers[stack] > 1 or not numbers[()])
        ]
        return min(found, key=lambda stack: (-numbers[stack], len(stack), str(stack)), default=())

    def common(self, mine: list[Resource], key: GroupKey, stack: Stack) -> list[Resource]:
        """The pools reserved alike, each within what it could fill by itself, and within what leaves room
        for what is held of the others."""
        taken = self.units((r for r in self.taken() if r.reservations == stack), key)
        own = {r.identity: r.milli * self.cost(r) - taken for r in self.total if self.group(r) == key}
        promised = {r.identity for r in self.taken() if r.reservations == stack and self.group(r) == key}
        least = min((left for identity, left in own.items() if identity in promised), default=None)
        if least is not None:
            own = {identity: min(left, least) for identity, left in own.items()}
        found = []
        for r in mine:
            left = max(own.get(r.identity, 0), 0) // self.cost(r)
            if r.reservations == stack and left:
                found.append(r if left >= r.milli else r.with_value(Scalar(left // 1000 * 1000)))
        return [r for r in found if r.milli]

    def left_alone(self, key: GroupKey, gone: Resources) -> dict[Identity, int]:
        """What of the group could go from each unreserved pool alone, if `gone` had gone."""
        mine = [r for r in self.total if self.group(r) == key]
        free = {r.identity: r for r in self.free("*")}
        lost = self.units(gone, key)
        left = {}
        for r in mine:
            alone = self.fitting(Resources([free[r.identity]]), 0) if r.identity in free else EMPTY
            left[r.identity] = self.units(alone, key) - lost
        taken = self.units((r for r in self.taken() if not r.is_reserved), key)
        going = {r.identity for r in gone}
        for r in mine:
            if r.identity in going:
                most = r.milli * self.cost(r) - taken - lost
                left = {identity: min(room, most) for identity, room in left.items()}
        return left

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

    # What was refused

    def filter(self, holder: Holder, refused: Resources, end: float, batch: int, at_most: int) -> None:
        """The new one stands for those that it covers and outlives; of too many, the soonest to end goes."""
        mine = [key for key, bound in self.filters.items() if holder in bound and key != (refused, end)]
        kept = [key for key in mine if key[1] > end or not self.covers(refused, key[0])]
        if len(kept) >= at_most:
            kept.remove(min(kept, key=lambda key: key[1]))
        for key in mine:
            if key not in kept:
                self._unbind(key, holder)
        self.filters.setdefault((refused, end), {})[holder] = batch

    def expire(self, now: float, batches: int) -> None:
        for key, bound in list(self.filters.items()):
            for holder, batch in list(bound.items()):
                if key[1] <= now and batch < batches:
                    self._unbind(key, holder)

    def drop_filters(self, is_meant: Callable[[Holder], bool]) -> None:
        for key, bound in list(self.filters.items()):
            for holder in filter(is_meant, list(bound)):
                self._unbind(key, holder)

    def _unbind(self, key: Filter, holder: Holder) -> None:
        del self.filters[key][holder]
        if not self.filters[key]:
            del self.filters[key]

    def is_filtered(self, holder: Holder, offered: Resources) -> bool:
        return any(holder in bound and self.covers(key[0], offered) for key, bound in self.filters.items())

    def covers(self, refused: Resources, offered: Resources) -> bool:
        """Whether the offer is within what was refused; pools of one group by the capacity they take."""
        plain = Resources(r for r in offered if self.group(r) is None)
        if not refused.contains(plain):
            return False
        for key in self.group_keys():
            kinds = {r.identity: self.cost(r) for r in [*self.total, *self.taken()] if self.group(r) == key}
            if self.units(offered, key) > self.units(refused, key) + sum(kinds.values()) * 1000:
                return False
        refused_identities = {r.identity for r in refused}
        return all(self.group(r) is None or r.identity in refused_identities for r in offered)


def names_of(agent: RefAgent, resource: Resource) -> dict[str, int]:
    """The names that a resource counts under in quota; how many millionths a thousandth of it is there."""
    found = {resource.name: agent.cost(resource)}
    profile = _profile(resource)
    if profile is not None and not resource.revocable:
        found[disk_of_profile(profile)] = 1000
    return found


def by_name(resources: Iterable[Resource]) -> dict[str, int]:
    """In milli-units."""
    found: dict[str, int] = {}
    for r in resources:
        found[r.name] = found.get(r.name, 0) + r.milli
    return found


def _once(resources: Iterable[Resource]) -> list[Resource]:
    found: list[Resource] = []
    for r in resources:
        if not (r.shared and r in found):
            found.append(r)
    return found


def _profile(resource: Resource) -> str | None:
    source = resource.disk.source if resource.disk else None
    return source.profile if source else None


def _description(resource: Resource) -> tuple[GroupKey | None, int]:
    source = resource.disk.source if resource.disk else None
    if source is None:
        return (None, 1000)
    grouped = source.is_pool and source.capacity_group is not None
    return (
        (resource.provider_id, source.capacity_group or "") if grouped else None,
        max(source.cost_milli, 1),
    )
