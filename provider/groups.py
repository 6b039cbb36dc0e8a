"""Capacity groups of one provider: which profiles draw on the same capacity, and at which cost.

A byte of a volume takes `cost_milli` units of its group. Until an operator says otherwise all profiles of a
plugin are one group at 1:1: what one of them takes, each of the others may have lost. What one of them gives
back is counted to the others only where the group was declared, because for all that is known they never
shared it. Whole numbers only, and every rounding is towards less capacity. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from provider.records import Profile

Sizes = Mapping[str, int]
"""Bytes by profile."""


class Groups:
    """The groups of these profiles. `vendor` names the group of those that were declared in none."""

    def __init__(self, profiles: Mapping[str, Profile], vendor: str) -> None:
        self._profiles = dict(profiles)
        self._vendor = vendor
        members: dict[str | None, list[str]] = {}
        for name in sorted(profiles):
            members.setdefault(profiles[name].capacity_group, []).append(name)
        self._members = {group: tuple(names) for group, names in members.items()}

    def members(self, name: str) -> tuple[str, ...]:
        """The profiles that draw on the same capacity as `name`, itself included, sorted."""
        known = self._profiles.get(name)
        return (name,) if known is None else self._members[known.capacity_group]

    def cost_milli(self, name: str) -> int:
        known = self._profiles.get(name)
        return 1000 if known is None else known.cost_milli

    def label(self, name: str) -> str | None:
        """What the group is called outside; None when `name` shares with nobody."""
        if len(self.members(name)) < 2:
            return None
        return self._profiles[name].capacity_group or self._vendor

    def taken(self, sizes: Sizes, name: str) -> int:
        """How many bytes of the pool `name` may be gone when volumes of these sizes are made."""
        return -(-self._units(sizes, self.members(name)) // self.cost_milli(name))

    def given(self, sizes: Sizes, name: str) -> int:
        """How many bytes of the pool `name` are surely there again when such volumes are deleted."""
        known = self._profiles.get(name)
        shared = known is not None and known.capacity_group is not None
        return self._units(sizes, self.members(name) if shared else (name,)) // self.cost_milli(name)

    def units(self, sizes: Sizes, name: str) -> int:
        """Thousandths of a byte of the group of `name` that volumes of these sizes take."""
        return self._units(sizes, self.members(name))

    def _units(self, sizes: Sizes, members: tuple[str, ...]) -> int:
        if len(sizes) == 1:  # the usual case: one volume
            ((name, size),) = sizes.items()
            return size * self.cost_milli(name) if name in members else 0
        return sum(sizes.get(name, 0) * self.cost_milli(name) for name in members)
