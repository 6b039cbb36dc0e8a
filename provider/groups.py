"""Capacity groups of one provider: which profiles draw on the same capacity, and at which cost.

A byte of a volume takes `cost_milli` units of its group. Profiles of different declared groups do not share.
A profile in none is taken to share with every other of the plugin, until an operator says otherwise or it was
learned: at its cost with others in none, at 1:1 or its cost, whichever is dearer, with those in a group. What
is declared is never learned. Profiles stand apart when nothing that may be shared links them, not even by
way of a third. What one gives back is counted to others only where both were declared, because for all that
is known they never shared it. Whole numbers only, and every rounding is towards less capacity. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from api.model.disk import DEFAULT_COST_MILLI
from provider.learned_rates import MILLIONTHS, Rates, Relation
from provider.records import Profile

Sizes = Mapping[str, int]
"""Bytes by profile."""

UNIT = 1000
"""The cost of a byte of a profile that nobody knows any more."""

SLACK = 20
"""What follows only by way of a third profile counts one part in so many dearer."""

MAX_DENOMINATOR = 16
"""Costs that were learned are taken to be the simplest ratio that was seen, when it is as simple as this."""


class Groups:
    """The groups of these profiles. `vendor` names the group of all, when one was declared in none."""

    def __init__(self, profiles: Mapping[str, Profile], vendor: str, rates: Rates | None = None) -> None:
        self._profiles = dict(profiles)
        self._vendor = vendor
        self._rates = rates if rates is not None else Rates()
        names = sorted(profiles)
        self._relations = {
            (name, other): found
            for name in names
            for other in names
            if name != other and (found := self._learned(name, other)) is not None
        }
        self._linked = self._components(names)
        self._members = {
            name: tuple(other for other in self._linked[name] if self._may_share(name, other))
            for name in names
        }
        self._known_costs: dict[tuple[str, str], int] = {}
        """What `cost_at` has found: volumes are charged by it one by one."""
        self._costs: dict[str, int] = {}
        for linked in {names[0]: names for names in self._linked.values()}.values():
            self._costs.update(self._learned_costs(linked))

    def _group(self, name: str) -> str | None:
        known = self._profiles.get(name)
        return None if known is None else known.capacity_group

    def _are_declared(self, name: str, other: str) -> bool:
        return self._group(name) is not None and self._group(other) is not None

    def _learned(self, name: str, other: str) -> Relation | None:
        return None if self._are_declared(name, other) else self._rates.relation(name, other)

    def _links(self, name: str, other: str) -> bool:
        """Whether they share, or may for all that is known of the two."""
        if self._are_declared(name, other):
            return self._group(name) == self._group(other)
        relation = self._relations.get((name, other))
        return relation is None or not relation.apart

    def _components(self, names: list[str]) -> dict[str, tuple[str, ...]]:
        """Of each profile all that are linked with it, itself included, sorted."""
        found: dict[str, tuple[str, ...]] = {}
        for first in names:
            if first in found:
                continue
            linked, edge = {first}, [first]
            while edge:
                name = edge.pop()
                more = [o for o in names if o not in linked and o not in found and self._links(name, o)]
                linked.update(more)
                edge += more
            found.update(dict.fromkeys(linked, tuple(sorted(linked))))
        return found

    def _may_share(self, name: str, other: str) -> bool:
        """Of linked ones: only what was declared to be apart is."""
        return not self._are_declared(name, other) or self._group(name) == self._group(other)

    def _learned_costs(self, linked: tuple[str, ...]) -> dict[str, int]:
        """What bytes of linked profiles cost that say nothing about it, once that was learned of all."""
        said = {name: Fraction(self._profiles[name].cost_milli) for name in linked if self._says_cost(name)}
        groups = {self._group(name) for name in said}
        if len(said) == len(linked) or len(groups) > 1 or (said and None in groups):
            return {}
        costs = said or {linked[0]: Fraction(UNIT)}
        edge = list(costs)
        while edge:
            name = edge.pop()
            for other in linked:
                ratio = self._ratio(other, name)
                if other not in costs and ratio is not None:
                    costs[other] = costs[name] * ratio
                    edge.append(other)
        if len(costs) < len(linked) or not all(self._fits(costs, *pair) for pair in self._relations):
            return {}
        least = min(costs.values())
        scale = Fraction(1) if said else UNIT / least
        rounded = {name: -(-cost * scale // 1) for name, cost in costs.items() if name not in said}
        return {name: int(cost) for name, cost in rounded.items() if cost >= 1}

    def _says_cost(self, name: str) -> bool:
        return self._group(name) is not None or self._profiles[name].cost_milli != DEFAULT_COST_MILLI

    def _ratio(self, name: str, other: str) -> Fraction | None:
        """What a byte of `name` costs in bytes of `other`, as a number for people."""
        relation = self._relations.get((name, other))
        if relation is None or relation.apart:
            return None
        low, high = Fraction(relation.low, MILLIONTHS), Fraction(relation.high, MILLIONTHS)
        for denominator in range(1, MAX_DENOMINATOR + 1):
            simple = Fraction(-(-low * denominator // 1), denominator)
            if simple <= high:
                return simple
        return (low + high) / 2

    def _fits(self, costs: Mapping[str, Fraction], name: str, other: str) -> bool:
        relation = self._relations[name, other]
        if relation.apart or name not in costs or other not in costs:
            return True
        rate = costs[name] / costs[other] * MILLIONTHS
        return relation.low * (SLACK - 1) <= rate * SLACK <= relation.high * (SLACK + 1)

    def members(self, name: str) -> tuple[str, ...]:
        """The profiles that may draw on the same capacity as `name`, itself included, sorted."""
        return self._members.get(name, (name,))

    def peers(self, name: str) -> tuple[str, ...]:
        """Those that are known to, because an operator said so, and itself."""
        group = self._group(name)
        if group is None:
            return (name,)
        return tuple(other for other in self.members(name) if self._group(other) == group)

    def cost_milli(self, name: str) -> int:
        learned = self._costs.get(name)
        if learned is not None:
            return learned
        known = self._profiles.get(name)
        return UNIT if known is None else known.cost_milli

    def label(self, name: str) -> str | None:
        """What the group is called outside; None when `name` shares with nobody."""
        if len(self.members(name)) < 2:
            return None
        linked = self._linked[name]
        declared = {self._group(each) for each in linked}
        if None not in declared:
            return self._group(name)
        if len(linked) == len(self._profiles):
            return self._vendor
        return f"{self._vendor}/{next(each for each in linked if self._group(each) is None)}"

    def cost_at(self, name: str, member: str) -> int:
        """Units of the pool `member` that a byte of `name` may take; its own bytes are `cost_milli` each."""
        known = self._known_costs.get((name, member))
        if known is None:
            known = self._known_costs[name, member] = self._cost_at(name, member)
        return known

    def _cost_at(self, name: str, member: str) -> int:
        own, units = self.cost_milli(name), self.cost_milli(member)
        if name == member or self._are_declared(name, member):
            return own
        relation = self._relations.get((name, member))
        if relation is not None and not relation.apart and not self._says_ratio(name, member):
            return -(-relation.high * units // MILLIONTHS)
        if name in self._costs or member in self._costs:
            return -(-own * (SLACK + 1) // SLACK)
        careful = own if self._group(name) == self._group(member) else max(own, units)
        return max(careful, -(-self._rates.dear(name, member) * units // MILLIONTHS))

    def _says_ratio(self, name: str, other: str) -> bool:
        """Whether an operator said what bytes of either cost."""
        return {self._profiles[each].cost_milli for each in (name, other)} != {DEFAULT_COST_MILLI}

    def units(self, sizes: Sizes, name: str) -> int:
        """Units of the pool `name` that volumes of these sizes may take."""
        if len(sizes) == 1:  # the usual case: one volume
            ((other, size),) = sizes.items()
            return size * self.cost_at(other, name) if other in self.members(name) else 0
        return sum(sizes[m] * self.cost_at(m, name) for m in self.members(name) if m in sizes)

    def taken(self, sizes: Sizes, name: str) -> int:
        """How many bytes of the pool `name` may be gone when volumes of these sizes are made."""
        return -(-self.units(sizes, name) // self.cost_milli(name))

    def given(self, sizes: Sizes, name: str) -> int:
        """How many bytes of the pool `name` are surely there again when such volumes are deleted."""
        known = {peer: sizes[peer] for peer in self.peers(name) if peer in sizes}
        return self.units(known, name) // self.cost_milli(name)
