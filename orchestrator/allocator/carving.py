"""How much of an agent's unreserved resources quota lets a role have.

First the role's guarantee: what it lacks of it, whatever that leaves to others. Then more, as far as the
limits of the role and of those above it go, and as far as the cluster has more than is needed for guarantees.

Only arithmetic: amounts in, amounts out. Kinds are taken in canonical order; what is indivisible is taken as
a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.allocator.clients import Role
from orchestrator.allocator.headroom import HeadroomBooks
from orchestrator.allocator.holdings import Amounts, Holding, Kind, vector
from orchestrator.allocator.names import Slot

Targets = dict[Slot, int]

_NOTHING_LACKED: Targets = {}


def is_even(holding: Holding) -> bool:
    """Whether each of its kinds counts in a name of its own, and all of it is quota's to cut."""
    return not holding.flags and len(holding.counted) == len(holding.amounts)


def carved(holding: Holding, role: Role, headroom: HeadroomBooks, *, is_first: bool) -> Holding | None:
    """What quota leaves of one that `is_even`, name by name; None where `is_first` and none is lacked."""
    unmet = role.top.unmet if is_first else _NOTHING_LACKED
    amounts: Amounts = {}
    lacked = 0
    for kind, amount in holding.amounts.items():
        slot, weight = kind.counts[0]
        for cap in role.caps:
            if slot in cap.limits:
                amount = min(amount, (cap.limits[slot] - cap.consumed(slot)) // weight)
        if amount <= 0:
            continue
        first = min(amount, unmet[slot] // weight) if slot in unmet else 0
        lacked += first
        required = headroom.required[slot]
        if first < amount and required > first * weight:
            amount = min(amount, first + max(headroom.available[slot] - required, 0) // weight)
        if amount:
            amounts[kind] = amount
    if is_first and not lacked:
        return None
    if amounts == holding.amounts:
        return holding
    found = Holding(amounts, holding.others)
    found.derive_plain()
    return found


def room_of(role: Role) -> Targets:
    """What the limits of the role and of those above it leave, of each name that any of them limits."""
    room: Targets = {}
    for cap in role.caps:
        for slot, limit in cap.limits.items():
            left = max(limit - cap.consumed(slot), 0)
            room[slot] = min(left, room.get(slot, left))
    return room


def guaranteed(plain: Amounts, role: Role, room: Targets) -> Amounts:
    """What the role gets of these because it lacks it; `room` is less by that afterwards."""
    return within(entitled(plain, dict(role.top.unmet)), room)


def surplus(plain: Amounts, taken: Amounts, room: Targets, headroom: HeadroomBooks, role: Role) -> Amounts:
    """What the role may have of these beyond `taken`, which it gets by its guarantee."""
    rest = {kind: left for kind, amount in plain.items() if (left := amount - taken.get(kind, 0))}
    if rest:
        rest = within(rest, room)
    if rest and headroom.tight:
        rest = within(rest, _beyond_guarantees(headroom, taken, role))
    return rest


def _beyond_guarantees(headroom: HeadroomBooks, taken: Amounts, role: Role) -> Targets:
    """What the cluster has more than guarantees need, once `taken` has gone to a role that lacked it."""
    given = dict(vector(taken))
    return {
        slot: max(headroom.available[slot] - given.get(slot, 0) - left, 0)
        for slot, left in lacking(headroom, taken, role).items()
    }


def lacking(headroom: HeadroomBooks, taken: Amounts, role: Role) -> Targets:
    """What guarantees lack over the whole cluster, once `taken` has gone to a role that lacked it."""
    given, unmet = dict(vector(taken)), role.top.unmet
    return {
        slot: left
        for slot, required in enumerate(headroom.required)
        if (left := required - min(given.get(slot, 0), unmet.get(slot, 0))) > 0
    }


def within(wanted: Amounts, target: Targets) -> Amounts:
    """As much of `wanted` as the target allows; a name that it does not have is not bounded. The target is
    less by that afterwards."""
    if not target:
        return wanted
    kept: Amounts = {}
    for kind, amount in wanted.items():
        most = amount
        for slot, weight in kind.counts:
            if slot in target:
                most = min(most, target[slot] // weight)
        _keep(kind, amount, most, kept, target)
    return kept


def entitled(wanted: Amounts, target: Targets) -> Amounts:
    """As much of `wanted` as the target asks for by any of a kind's names."""
    kept: Amounts = {}
    for kind, amount in wanted.items():
        most = max((target.get(slot, 0) // weight for slot, weight in kind.counts), default=0)
        _keep(kind, amount, min(most, amount), kept, target)
    return kept


def _keep(kind: Kind, amount: int, most: int, kept: Amounts, target: Targets) -> None:
    if most < amount:
        most -= most % kind.grain
    if most > 0:
        kept[kind] = most
        for slot, weight in kind.counts:
            if slot in target:
                target[slot] = max(target[slot] - most * weight, 0)


def plain_part(holding: Holding) -> Amounts:
    """What of a holding quota may cut, in canonical order."""
    return {kind: holding.amounts[kind] for kind in holding.ordered() if kind.is_plain}


def with_plain(holding: Holding, plain: Mapping[Kind, int]) -> Holding:
    """The holding with just this in the place of what quota may cut."""
    amounts = {kind: n for kind, n in holding.amounts.items() if not kind.is_plain}
    amounts.update(plain)
    return Holding(amounts, holding.others)
