"""What an agent's resources add up to: in shares, in reservations, in what can be offered. Sums only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from orchestrator.allocator.groups import Group
from orchestrator.allocator.holdings import Amounts, Holding, Kind, vector
from orchestrator.allocator.names import Slot, Vector


def share(amounts: Mapping[Kind, int]) -> Vector:
    """What these add to the cluster, what capacity groups add left out."""
    if not any(kind.group is not None for kind in amounts):
        return vector(amounts)
    found: dict[Slot, int] = {}
    for kind, amount in amounts.items():
        for slot, weight in kind.counts if kind.group is None else kind.counts[1:]:
            found[slot] = found.get(slot, 0) + amount * weight
    return tuple(found.items())


def capacities(groups: Iterable[Group]) -> Vector:
    """What capacity groups add to the cluster: each its capacity, once."""
    return tuple((group.kinds[0].counts[0][0], group.capacity) for group in groups)


def revocable(holding: Holding) -> Vector:
    """The revocable part."""
    if holding.vector is None:
        holding.derive()
    if not holding.flags:
        return ()
    return vector({kind: n for kind, n in holding.amounts.items() if kind.identity.revocable})


def reservations(holding: Holding) -> dict[str, Vector]:
    """What counts as reserved, by role."""
    if holding.vector is None:
        holding.derive()
    if not holding.flags:
        return {}
    by_role: dict[str, Amounts] = {}
    for kind, amount in holding.amounts.items():
        if kind.is_reserved and not kind.identity.revocable:
            by_role.setdefault(kind.role, {})[kind] = amount
    return {role: vector(amounts) for role, amounts in by_role.items()}


def offerable(star: Holding, fit: Callable[[Amounts], Amounts]) -> Vector:
    """What can be offered to anybody, as guarantees count it: of pools that share, what fits together
    counts as disk, and what fits by itself as disk of its profile."""
    plain = {kind: amount for kind, amount in star.amounts.items() if kind.is_plain}
    sums = dict(vector({kind: n for kind, n in plain.items() if kind.group is None}))
    pools = {kind: n for kind, n in plain.items() if kind.group is not None}
    by_profile: dict[Slot, Amounts] = {}
    for kind, amount in pools.items():
        for slot, _ in kind.counts[1:]:
            by_profile.setdefault(slot, {})[kind] = amount
    for kind, amount in fit(pools).items():
        slot, weight = kind.counts[0]
        sums[slot] = sums.get(slot, 0) + amount * weight
    for slot, part in by_profile.items():
        found = sum(
            n * weight for kind, n in fit(part).items() for at, weight in kind.counts[1:] if at == slot
        )
        sums[slot] = sums.get(slot, 0) + found
    return tuple((slot, amount) for slot, amount in sums.items() if amount)
