"""Which outstanding offers go when quota changes: as few as will do.

A role whose limit was lowered gives up offers until what it has and is offered is within the limit. For a
role whose guarantee was raised, others give up offers until what comes free is enough, agent by agent, so
that it lies together. An offer that another role is guaranteed itself is left alone.

A choice only: must not rescind, and must not know what an offer is besides its amounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.model.roles import is_under
from orchestrator.allocator.quota import NO_QUOTA, Quantities, Quota


@dataclass(frozen=True, slots=True)
class Offered:
    """An outstanding offer. `amounts`: of what in it is neither reserved nor revocable, in milli-units."""

    key: str
    role: str
    agent_id: str
    amounts: Quantities


def offers_to_rescind(
    quotas: Mapping[str, Quota],
    changed: Iterable[str],
    consumed: Mapping[str, Quantities],
    offered: Sequence[Offered],
) -> list[str]:
    """The keys of the offers to rescind, in their order in `offered`.

    quotas: all there are, as they are from now on; changed: the roles whose quota is new.
    consumed: of each role in `quotas` and `changed`, its subtree included, without what is merely offered.
    """
    roles = sorted(changed)
    gone: dict[str, Offered] = {}
    for role in roles:
        limits = quotas.get(role, NO_QUOTA).limits
        gone |= _above_limits(role, limits, consumed.get(role, {}), _left(offered, gone))
    for role in roles:
        guarantees = quotas.get(role, NO_QUOTA).guarantees
        if any(guarantees.values()):
            missing = _missing(role, guarantees, consumed.get(role, {}), offered, gone)
            gone |= _for_guarantee(role, missing, quotas, consumed, _left(offered, gone))
    return [offer.key for offer in offered if offer.key in gone]


def _left(offered: Iterable[Offered], gone: Mapping[str, Offered]) -> list[Offered]:
    return [offer for offer in offered if offer.key not in gone]


def _above_limits(
    role: str, limits: Quantities, has: Quantities, offered: Sequence[Offered]
) -> dict[str, Offered]:
    """Offers to the role and those below it, the latest first: an early one may be in use soon."""
    mine = [offer for offer in offered if is_under(offer.role, role)]
    above = {
        name: excess
        for name, limit in limits.items()
        if (excess := has.get(name, 0) + _sum(mine, name) - limit) > 0 and _sum(mine, name)
    }
    return _enough(reversed(mine), above)


def _missing(
    role: str,
    guarantees: Quantities,
    has: Quantities,
    offered: Sequence[Offered],
    gone: Mapping[str, Offered],
) -> dict[str, int]:
    """What the role lacks of its guarantees besides what it is offered and what is coming free already."""
    counted = [offer for offer in offered if offer.key in gone or is_under(offer.role, role)]
    return {
        name: lack
        for name, least in guarantees.items()
        if (lack := least - has.get(name, 0) - _sum(counted, name)) > 0
    }


def _for_guarantee(
    role: str,
    missing: Quantities,
    quotas: Mapping[str, Quota],
    consumed: Mapping[str, Quantities],
    offered: Sequence[Offered],
) -> dict[str, Offered]:
    """Offers to other roles that have them beyond their own guarantees, agent by agent."""
    spare = {
        other: _spare(other, quota.guarantees, consumed.get(other, {}), offered)
        for other, quota in quotas.items()
        if any(quota.guarantees.values()) and other != role
    }
    places = {agent_id: at for at, agent_id in enumerate(dict.fromkeys(offer.agent_id for offer in offered))}
    others = [offer for offer in offered if not is_under(offer.role, role)]
    others.sort(key=lambda offer: places[offer.agent_id])
    can_go = []
    for offer in others:
        room = next((room for other, room in spare.items() if is_under(offer.role, other)), None)
        if room is None:
            can_go.append(offer)
        elif all(offer.amounts.get(name, 0) <= left for name, left in room.items()):
            can_go.append(offer)
            for name in room:
                room[name] -= offer.amounts.get(name, 0)
    return _enough(can_go, missing)


def _spare(role: str, guarantees: Quantities, has: Quantities, offered: Sequence[Offered]) -> dict[str, int]:
    """What a role can lose of its offers without falling below its guarantees."""
    mine = [offer for offer in offered if is_under(offer.role, role)]
    return {
        name: max(has.get(name, 0) + _sum(mine, name) - least, 0)
        for name, least in guarantees.items()
        if least
    }


def _enough(offers: Iterable[Offered], needed: Quantities) -> dict[str, Offered]:
    """Of the offers, in this order, those that together hold what is needed, and none that is not needed.

    All that hold some of it, when that is not enough.
    """
    left, chosen = dict(needed), []
    for offer in offers:
        if any(amount > 0 and offer.amounts.get(name, 0) for name, amount in left.items()):
            chosen.append(offer)
            for name in left:
                left[name] -= offer.amounts.get(name, 0)
    kept = {}
    for offer in reversed(chosen):  # what came later may have made an earlier one needless
        kept[offer.key] = offer
    for offer in chosen:
        if all(
            left[name] + offer.amounts.get(name, 0) <= 0 or not offer.amounts.get(name, 0) for name in left
        ):
            del kept[offer.key]
            for name in left:
                left[name] += offer.amounts.get(name, 0)
    return kept


def _sum(offers: Iterable[Offered], name: str) -> int:
    return sum(offer.amounts.get(name, 0) for offer in offers)
