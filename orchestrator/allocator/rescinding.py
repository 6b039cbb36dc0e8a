"""Which outstanding offers go when quota changes: as few as will do.

A role whose limit was lowered gives up offers until what it has and is offered is within the limit. For a
role whose guarantee was raised, others give up offers until what comes free is enough, agent by agent, so
that it lies together. An offer that another role is guaranteed itself is left alone.

A choice only: must not rescind, and must not know what an offer is besides its amounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from api.model.roles import ancestors, is_under
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
    choice = _Choice(quotas, consumed, offered)
    roles = sorted(changed)
    for role in roles:
        choice.keep_limits(role)
    for role in roles:
        choice.meet_guarantees(role)
    return [offer.key for offer in offered if offer.key in choice.gone]


class _Choice:
    """Which offers go. Sums are kept as they do: thousands of roles may change at once."""

    def __init__(
        self, quotas: Mapping[str, Quota], consumed: Mapping[str, Quantities], offered: Sequence[Offered]
    ) -> None:
        self.gone: set[str] = set()
        self._quotas = quotas
        self._consumed = consumed
        self._freed: dict[str, int] = {}
        """By name: of what goes, what no guarantee was found to need yet."""
        self._left: dict[str, dict[str, int]] = {}
        """By role, its subtree included, and name: what stays on offer."""
        self._offers: dict[str, list[Offered]] = {}
        for offer in offered:
            for role in _path(offer):
                self._offers.setdefault(role, []).append(offer)
                _add(self._left.setdefault(role, {}), offer.amounts)
        places = {agent: at for at, agent in enumerate(dict.fromkeys(each.agent_id for each in offered))}
        self._candidates = sorted(offered, key=lambda offer: places[offer.agent_id])
        """What guarantees may be met from, agent by agent. One that cannot go is left out: it never can, as
        what its role can lose only becomes less."""
        self._exhausted: set[str] = set()
        """Names that no candidate holds."""

    def keep_limits(self, role: str) -> None:
        """Offers to the role and those below it go, the latest first: an early one may be in use soon."""
        has, left = self._consumed.get(role, {}), self._left.get(role, {})
        above = {
            name: excess
            for name, limit in self._quotas.get(role, NO_QUOTA).limits.items()
            if (excess := has.get(name, 0) + left.get(name, 0) - limit) > 0 and left.get(name, 0)
        }
        if above:
            mine = reversed(self._offers[role])
            self._take(_enough((offer for offer in mine if offer.key not in self.gone), above))

    def meet_guarantees(self, role: str) -> None:
        """Offers to others go, until what comes free is all that the role lacks besides its own offers."""
        has, left = self._consumed.get(role, {}), self._left.get(role, {})
        lacking = {
            name: lack
            for name, least in self._quotas.get(role, NO_QUOTA).guarantees.items()
            if (lack := least - has.get(name, 0) - left.get(name, 0)) > 0
        }
        missing = {
            name: more
            for name, lack in lacking.items()
            if (more := lack - self._freed.get(name, 0)) > 0 and name not in self._exhausted
        }
        if missing:
            self._candidates = [offer for offer in self._candidates if self._can_go(offer)]
            self._exhausted |= {name for name in missing if not _holds(self._candidates, name)}
            self._take(_enough(self._of_others(role), missing))
        for name, lack in lacking.items():
            self._freed[name] = max(self._freed.get(name, 0) - lack, 0)

    def _of_others(self, role: str) -> Iterator[Offered]:
        """Those that others can lose, one after another, beyond their own guarantees."""
        rooms: dict[str, dict[str, int]] = {}
        for offer in self._candidates:
            holder = _path(offer)[-1]
            if is_under(offer.role, role):
                continue
            room = rooms.setdefault(holder, self._room(holder))
            if _fits(offer, room):
                for name in room:
                    room[name] -= offer.amounts.get(name, 0)
                yield offer

    def _can_go(self, offer: Offered) -> bool:
        return offer.key not in self.gone and _fits(offer, self._room(_path(offer)[-1]))

    def _room(self, role: str) -> dict[str, int]:
        """What a role can lose of its offers without falling below its guarantees."""
        has, left = self._consumed.get(role, {}), self._left.get(role, {})
        return {
            name: max(has.get(name, 0) + left.get(name, 0) - least, 0)
            for name, least in self._quotas.get(role, NO_QUOTA).guarantees.items()
            if least
        }

    def _take(self, chosen: Mapping[str, Offered]) -> None:
        self.gone |= set(chosen)
        for offer in chosen.values():
            _add(self._freed, offer.amounts)
            for role in _path(offer):
                _add(self._left[role], offer.amounts, sign=-1)


def _path(offer: Offered) -> tuple[str, ...]:
    """Its role and those above; the last has the guarantees."""
    return (offer.role, *ancestors(offer.role))


def _holds(offers: Iterable[Offered], name: str) -> bool:
    return any(offer.amounts.get(name, 0) for offer in offers)


def _fits(offer: Offered, room: Quantities) -> bool:
    return all(offer.amounts.get(name, 0) <= left for name, left in room.items())


def _add(sums: dict[str, int], amounts: Quantities, sign: int = 1) -> None:
    for name, amount in amounts.items():
        sums[name] = sums.get(name, 0) + sign * amount


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
        if all(amount <= 0 for amount in left.values()):
            break
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
