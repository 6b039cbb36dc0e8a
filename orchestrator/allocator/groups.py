"""Capacity groups: pools of one provider that draw on the same physical capacity.

A group's capacity is the largest that any of its pools could fill: amount times cost, in millionths
of an MB. What is held of one pool leaves less for its siblings. What is set apart of a pool, as by a
reservation, stays available to its role: siblings get only what neither is held nor set apart. Pools may
all be reserved by default; then a part that is refined, or not reserved any more, is set apart from those.

Pools that share do not always say the same of what is left: each says what it could fill by itself, and no
more of it is offered than that less what is held of all. Nor is more offered than leaves room for what is
held of the others.

When the pools of one offer could together be more than what is left, it is divided. Equal parts show
every profile at once, but would never let anybody have a large volume; all to one pool at a time
hides the rest. So offers to one framework alternate: equal parts, all to the first pool, equal parts,
all to the second, and so on.

Only arithmetic here; who gets an offer is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.model.resource import Identity, Reservation, Resource
from api.model.resources import Resources
from api.model.values import Scalar
from orchestrator.allocator.config import WHOLE_MB
from orchestrator.allocator.holdings import Amounts, GroupKey, Kind


@dataclass(slots=True)
class Group:
    """Its pools (in a fixed order) on one agent, what is set apart of them, and its capacity."""

    key: GroupKey
    kinds: list[Kind]
    apart: frozenset[Kind]
    capacity: int

    @property
    def tolerance(self) -> int:
        """By how much two divisions of the same room may differ, as each rounds to whole MB."""
        return sum(kind.cost_milli * WHOLE_MB for kind in self.kinds)


def groups_of(total: Mapping[Kind, int], held: Mapping[Kind, int]) -> list[Group]:
    """The groups on an agent. A pool that left the totals still counts while some of it is held."""
    members: dict[GroupKey, list[Kind]] = {}
    for kind in {**total, **held}:
        if kind.group is not None:
            members.setdefault(kind.group, []).append(kind)
    found = []
    for key in sorted(members, key=lambda key: (key[0] or "", key[1])):
        kinds = sorted(members[key], key=Kind.order)
        capacity = _capacity(kinds, total)
        found.append(Group(key, kinds, _set_apart(kinds, total, capacity), capacity))
    return found


def _set_apart(kinds: Iterable[Kind], total: Mapping[Kind, int], capacity: int) -> frozenset[Kind]:
    """The parts that are not reserved as the group's pools are in common.

    What was set apart came out of the one capacity, part by part, and so its sum is within that. Pools in
    common are alternatives: each could fill the whole. Where that leaves a choice, what is not reserved is
    in common, then what most pools have.
    """
    by_stack: dict[tuple[Reservation, ...], list[Kind]] = {(): []}
    for kind in kinds:
        if kind in total:
            by_stack.setdefault(kind.identity.reservations, []).append(kind)
    sizes = {stack: sum(total[k] * k.cost_milli for k in mine) for stack, mine in by_stack.items()}
    least = sum(sizes.values()) - capacity  # so large is what is in common
    common: tuple[Reservation, ...] = ()
    if sizes[()] < least:
        enough = 2 if sizes[()] else 1
        possible = [s for s, mine in by_stack.items() if s and sizes[s] >= least and len(mine) >= enough]
        common = min(possible, key=lambda s: (-len(by_stack[s]), len(s), str(s)), default=())
    return frozenset(kind for kind in kinds if kind.identity.reservations != common)


def _capacity(kinds: Iterable[Kind], total: Mapping[Kind, int]) -> int:
    """The largest pool, its reserved parts included."""
    pools: dict[Identity, int] = {}
    for kind in kinds:
        pool = kind.identity._replace(reservations=())
        pools[pool] = pools.get(pool, 0) + total.get(kind, 0) * kind.cost_milli
    return max(pools.values())


def limit(group: Group, total: Mapping[Kind, int], held: Amounts, wanted: Amounts, turn: int) -> None:
    """Cuts the group's part of `wanted` down to what fits; drops what becomes nothing.

    `wanted` is within what is free of each kind by itself. Parts set apart come first: they are
    already kept out of everybody else's way.
    """
    apart = group.apart
    used = committed = 0
    for kind in group.kinds:
        part = held.get(kind, 0)
        used += part * kind.cost_milli
        committed += (max(part, total.get(kind, 0)) if kind in apart else part) * kind.cost_milli
    own = [kind for kind in group.kinds if kind in wanted and kind in apart]
    common = [kind for kind in group.kinds if kind in wanted and kind not in apart]
    taken = sum(held.get(kind, 0) * kind.cost_milli for kind in group.kinds if kind not in apart)
    promised = (kind for kind in group.kinds if kind not in apart and kind in total and held.get(kind, 0))
    least = min((total[kind] * kind.cost_milli for kind in promised), default=None)
    for kind in common:  # a pool that says that it could fill less than its siblings cannot fill more
        most = total[kind] * kind.cost_milli
        left = max((most if least is None else min(most, least)) - taken, 0) // kind.cost_milli
        wanted[kind] = min(wanted[kind], left if left >= wanted[kind] else _whole_mb(left))
    for kinds, room in ((own, group.capacity - used), (common, group.capacity - committed)):
        parts = divide([(kind.cost_milli, wanted[kind]) for kind in kinds], max(room, 0), turn)
        for kind, part in zip(kinds, parts, strict=True):
            if part:
                wanted[kind] = part
            else:
                del wanted[kind]


def divide(pools: list[tuple[int, int]], room: int, turn: int) -> list[int]:
    """How much of each (cost, amount) may go out, so that the sum of cost * amount is within `room`.

    Everything if it fits. Otherwise by turns, as the head of this file says, in whole MB.
    """
    if sum(cost * amount for cost, amount in pools) <= room:
        return [amount for _, amount in pools]
    parts = [0] * len(pools)
    places = list(range(len(pools)))
    if turn % 2:
        first = (turn // 2) % len(pools)
        places = places[first:] + places[:first]
    else:
        room = _equal_parts(pools, parts, room)
    for place in places:
        cost, amount = pools[place]
        more = _whole_mb(min(amount - parts[place], room // cost))
        parts[place] += more
        room -= more * cost
    return parts


def _equal_parts(pools: list[tuple[int, int]], parts: list[int], room: int) -> int:
    """Fills `parts` with an equal part of the room each, small pools leaving theirs to larger ones."""
    by_size = sorted(range(len(pools)), key=lambda place: (pools[place][0] * pools[place][1], place))
    for rank, place in enumerate(by_size):
        cost, amount = pools[place]
        part = room // (len(pools) - rank)
        parts[place] = _whole_mb(min(amount, part // cost))
        room -= parts[place] * cost
    return room


def _whole_mb(amount: int) -> int:
    return amount // WHOLE_MB * WHOLE_MB


def by_group(amounts: Mapping[Kind, int]) -> dict[GroupKey, int]:
    """The capacity that the amounts take of each group."""
    found: dict[GroupKey, int] = {}
    for kind, amount in amounts.items():
        if kind.group is not None:
            found[kind.group] = found.get(kind.group, 0) + amount * kind.cost_milli
    return found


def converted_total(total: Resources, consumed: Resources, converted: Resources) -> Resources:
    """`total` after an operation made `converted` out of `consumed`, siblings of shared pools included.

    A disk cut from one pool takes capacity from its siblings, too, as much as it would cost there; one cut
    from a reserved part takes nothing that they still had. Their provider says so in its next report;
    until then this keeps them from being offered what is gone. Nothing is raised: of what is not there,
    nothing is taken.
    """
    before = _capacities(total)
    consumed, converted = consumed.unallocated(), converted.unallocated().described_as_in(total)
    after = total.exchange(consumed, converted)
    if not before:
        return after
    taken = _units(consumed.described_as_in(total))
    given = _units(converted)
    rooms = {
        key: max(before[key] - lost + given.get(key, 0), 0)
        for key, lost in taken.items()
        if lost > given.get(key, 0) and key in before
    }
    if not rooms:
        return after
    common = Resources(r for r in consumed.described_as_in(total) if not r.is_reserved)
    own = {_pool(resource) for resource in common}
    return _shrunk(after, rooms, {key: lost for key, lost in _units(common).items() if key in rooms}, own)


def _group(resource: Resource) -> GroupKey | None:
    source = resource.disk.source if resource.disk is not None else None
    if source is None or not source.is_pool or source.capacity_group is None:
        return None
    return (resource.provider_id, source.capacity_group)


def _cost(resource: Resource) -> int:
    source = resource.disk.source if resource.disk is not None else None
    return max(source.cost_milli, 1) if source is not None else 1


def _pool(resource: Resource) -> Identity:
    return resource.identity._replace(reservations=(), allocated_to=None)


def _capacities(total: Resources) -> dict[GroupKey, int]:
    pools: dict[tuple[GroupKey, Identity], int] = {}
    for resource in total.divisible:
        key = _group(resource)
        if key is not None:
            at = (key, _pool(resource))
            pools[at] = pools.get(at, 0) + resource.milli * _cost(resource)
    found: dict[GroupKey, int] = {}
    for (key, _), capacity in pools.items():
        found[key] = max(found.get(key, 0), capacity)
    return found


def _units(part: Resources) -> dict[GroupKey, int]:
    found: dict[GroupKey, int] = {}
    for resource in part:
        key = _group(resource)
        if key is not None:
            found[key] = found.get(key, 0) + resource.milli * _cost(resource)
    return found


def _shrunk(
    total: Resources, rooms: Mapping[GroupKey, int], lost: Mapping[GroupKey, int], own: set[Identity]
) -> Resources:
    """Each pool of these groups cut to the room that is left; unreserved parts are cut first.

    Of unreserved parts of pools other than `own`, what was `lost` to those is gone besides.
    """
    left: dict[Identity, int] = {}
    kept = []
    for resource in sorted(total.divisible, key=lambda resource: not resource.is_reserved):
        key = _group(resource)
        if key is None or key not in rooms:
            kept.append(resource)
            continue
        pool, cost = _pool(resource), _cost(resource)
        room = left.setdefault(pool, rooms[key] // cost)
        gone = 0 if resource.is_reserved or pool in own else -(-lost.get(key, 0) // cost)
        part = max(min(resource.milli - gone, room), 0)
        left[pool] = room - part
        kept.append(resource.with_value(Scalar(part)))
    return total.counted + Resources(kept)
