"""A slot for each name that is counted, so that amounts by name are short lists of integers.

Slots are given out in the order in which names are first met, and kept. Nothing here knows amounts.
"""

from __future__ import annotations

from collections.abc import Callable

from orchestrator.allocator.quota import QuotaName, profile_of

# Amounts by slot are counted in thousandths of a milli-unit, so that the cost of a pool, which has three
# decimals, leaves whole numbers.
MICRO = 1000

Slot = int
Vector = tuple[tuple[Slot, int], ...]  # amounts by slot, no zeros


class Names:
    """All names so far. `grown` is told when there is one more: whoever keeps lists by slot makes room."""

    def __init__(self) -> None:
        self._slots: dict[QuotaName, Slot] = {}
        self._names: list[QuotaName] = []
        self.grown: list[Callable[[], None]] = []

    def __len__(self) -> int:
        return len(self._names)

    def slot(self, name: QuotaName) -> Slot:
        """The slot of this name, a new one when it is met for the first time."""
        found = self._slots.get(name)
        if found is None:
            found = self._slots[name] = len(self._names)
            self._names.append(name)
            for tell in self.grown:
                tell()
        return found

    def name(self, slot: Slot) -> QuotaName:
        return self._names[slot]

    def is_of_profile(self, slot: Slot) -> bool:
        """Whether it counts disks of one profile, which count as "disk" as well."""
        return profile_of(self._names[slot]) is not None


def milli(names: Names, amounts: list[int], *, up: bool = False) -> dict[QuotaName, int]:
    """Amounts by slot as milli-units by name, no zeros, sorted; `up`: parts of one count as one."""
    found = {
        names.name(slot): -(-micro // MICRO) if up else micro // MICRO for slot, micro in enumerate(amounts)
    }
    return {name: amount for name, amount in sorted(found.items()) if amount}
