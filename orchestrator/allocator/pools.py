"""What quota leaves a role of pools that share a capacity, before and after that is divided among them.

Before: of each pool as much as the role might have of it alone, so that no turn goes to a pool of which it
may have nothing while its siblings wait. After: what others take leaves room for disks of the profiles that
guarantees still lack, as far as the rest of the cluster has not enough of them.

Only arithmetic: amounts in, amounts out.
"""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.allocator.agents import Agent
from orchestrator.allocator.carving import (
    Targets,
    carved,
    guaranteed,
    is_even,
    lacking,
    plain_part,
    room_of,
    surplus,
    with_plain,
)
from orchestrator.allocator.clients import Role
from orchestrator.allocator.groups import Group, divide
from orchestrator.allocator.headroom import HeadroomBooks
from orchestrator.allocator.holdings import Amounts, Holding, Kind
from orchestrator.allocator.names import MICRO, Slot


def askable(wanted: Mapping[Kind, int], role: Role, books: HeadroomBooks, *, is_first: bool) -> Amounts:
    """`wanted` with each pool of a group cut to what the role might have of it if it took nothing else.

    is_first: in groups of which it lacks some pools, those alone.
    """
    found = dict(wanted)
    entitled = set()
    shared = [kind for kind in wanted if kind.group is not None and kind.is_plain]
    for kind in shared:
        room, alone = room_of(role), {kind: wanted[kind]}
        first = guaranteed(alone, role, room) if is_first else {}
        if first:
            entitled.add(kind)
        more = surplus(alone, first, room, books, role)
        found[kind] = first.get(kind, 0) + more.get(kind, 0)
    groups = {kind.group for kind in entitled}
    return {
        kind: amount
        for kind, amount in found.items()
        if amount and (kind in entitled or not kind.is_plain or kind.group not in groups)
    }


def within_quota(
    have: Holding,
    role: Role,
    books: HeadroomBooks,
    *,
    is_first: bool,
    agent: Agent | None = None,
    turn: int = 0,
) -> tuple[Holding | None, bool]:
    """What quota leaves the role of it, `have` itself where that is all; and whether its turn decided about
    that. None where `is_first` and the role lacks nothing of it. agent: where pools share a capacity.
    """
    if is_even(have):
        return carved(have, role, books, is_first=is_first), False
    plain, room = plain_part(have), room_of(role)
    first = guaranteed(plain, role, room) if is_first else {}
    if is_first and not first:
        return None, False
    possible = more = surplus(plain, first, room, books, role)
    if agent is not None and books.tight:
        more = spared(agent, first, possible, role, books, turn)
    kept = dict(first)
    for kind, amount in more.items():
        kept[kind] = kept.get(kind, 0) + amount
    return have if kept == plain else with_plain(have, kept), more != possible


def spared(
    agent: Agent, taken: Amounts, more: Amounts, role: Role, books: HeadroomBooks, turn: int
) -> Amounts:
    """As much of `more`, which the role would get beyond its guarantee, as leaves room for guaranteed disks.

    taken: what it gets by its guarantee, from the same agent.
    """
    found = dict(more)
    lack = lacking(books, taken, role)
    for group in agent.groups:
        mine = [kind for kind in group.kinds if kind in more and kind.is_plain and kind not in group.apart]
        needs = _needs(agent, group, lack, books) if mine else {}
        if needs:
            parts = _divided(_left(agent, group, taken), needs, mine, more, turn)
            found.update(dict.fromkeys(mine, 0) | parts)
    return {kind: amount for kind, amount in found.items() if amount}


def _divided(
    left: Mapping[Kind, int], needs: Mapping[Kind, int], mine: list[Kind], more: Amounts, turn: int
) -> Amounts:
    kept = sum(needs.values())
    possible = [kind for kind in mine if left[kind] > kept]  # of a smaller pool nothing can go beside those
    room = min(
        max(left[kind] for kind in needs) - kept,
        *(left[kind] - need for kind, need in needs.items()),
        *(left[kind] - kept for kind in possible),
    )
    parts = divide([(kind.cost_milli, more[kind]) for kind in possible], max(room, 0), turn)
    return dict(zip(possible, parts, strict=True))


def _needs(agent: Agent, group: Group, lack: Targets, books: HeadroomBooks) -> dict[Kind, int]:
    """Of which pools of the group the rest of the cluster has less than guarantees lack, and how much of the
    capacity that is."""
    needs: dict[Kind, int] = {}
    by_slot: dict[Slot, list[Kind]] = {}
    for kind in group.kinds:
        if kind.is_plain and kind not in group.apart:
            for slot, _ in kind.counts[1:]:
                by_slot.setdefault(slot, []).append(kind)
    for slot, kinds in by_slot.items():
        if slot in lack:
            free = {kind: amount for kind in kinds if (amount := agent.free_of(kind)) > 0}
            here = sum(agent.fit(free, 0).values()) * MICRO
            need = lack[slot] - (books.available[slot] - here)
            if need > 0 and free:
                largest = max(free, key=lambda kind: free[kind] * kind.cost_milli)
                needs[largest] = -(-need // MICRO) * largest.cost_milli
    return needs


def _left(agent: Agent, group: Group, taken: Amounts) -> dict[Kind, int]:
    """Of the capacity, what could be taken as each of the pools alone, once `taken` has gone."""
    total = agent.stock.amounts
    gone = sum(taken.get(kind, 0) * kind.cost_milli for kind in group.kinds)
    left = {}
    for kind in group.kinds:
        amount = agent.free_of(kind)
        fitting = agent.fit({kind: amount}, 0).get(kind, 0) if amount > 0 else 0
        left[kind] = fitting * kind.cost_milli - gone
    least = min((total.get(k, 0) * k.cost_milli for k in group.kinds if taken.get(k)), default=None)
    if least is not None:
        held = sum(agent.held_of(k) * k.cost_milli for k in group.kinds if k not in group.apart)
        left = {kind: min(room, least - held - gone) for kind, room in left.items()}
    return left
