"""Capacity groups of one provider: which profiles draw on the same capacity, and at which cost.

A byte of a volume takes `cost_milli` units of its group. Profiles of different declared groups do not share.
A profile in none is taken to share with every other of the plugin, until an operator says otherwise: at its
cost with others in none, at 1:1 or its cost, whichever is dearer, with those in a group. What one gives back
is counted to others only where both were declared, because for all that is known they never shared it. Whole
numbers only, and every rounding is towards less capacity. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from provider.records import Profile

Sizes = Mapping[str, int]
"""Bytes by profile."""

UNIT = 1000
"""The cost of a byte of a profile that nobody knows any more."""


class Groups:
    """The groups of these profiles. `vendor` names the group of all, when one was declared in none."""

    def __init__(self, profiles: Mapping[str, Profile], vendor: str) -> None:
        self._profiles = dict(profiles)
        self._vendor = vendor
        names = sorted(profiles)
        self._open = any(each.capacity_group is None for each in profiles.values())
        self._members = {
            name: tuple(other for other in names if self._group(name) is None or self._may_share(name, other))
            for name in names
        }

    def _group(self, name: str) -> str | None:
        known = self._profiles.get(name)
        return None if known is None else known.capacity_group

    def _may_share(self, name: str, other: str) -> bool:
        return self._group(other) in (None, self._group(name))

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
        known = self._profiles.get(name)
        return UNIT if known is None else known.cost_milli

    def label(self, name: str) -> str | None:
        """What the group is called outside; None when `name` shares with nobody."""
        if len(self.members(name)) < 2:
            return None
        return self._vendor if self._open else self._group(name)

    def cost_at(self, name: str, member: str) -> int:
        """Units of the pool `member` that a byte of `name` may take; its own bytes are `cost_milli` each."""
        own = self.cost_milli(name)
        return own if self._group(name) == self._group(member) else max(own, self.cost_milli(member))

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
