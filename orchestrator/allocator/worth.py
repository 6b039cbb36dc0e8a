"""Whether an offer is worth making. Plain rules; who gets it is decided elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.allocator.holdings import ALONE, Holding

# So much of a provider's disk is worth an offer: 1 MB, in milli-units.
LEAST_DISK = 1000


class Worth:
    """What a framework wants at least, as it said: it alone decides.

    Alternatives, each a set of amounts by name that must all be there; with none, anything will do.
    """

    __slots__ = ("alternatives",)

    def __init__(self, alternatives: tuple[Mapping[str, int], ...]) -> None:
        self.alternatives = tuple(tuple(alternative.items()) for alternative in alternatives)

    def is_enough(self, holding: Holding) -> bool:
        """By any alternative."""
        if not self.alternatives:
            return bool(holding)
        sums: dict[str, int] = {}
        for kind, amount in holding.amounts.items():
            milli = amount * kind.unit_milli
            sums[kind.name] = sums.get(kind.name, 0) + milli
        for least in self.alternatives:
            for name, milli in least:
                if sums.get(name, 0) < milli:
                    break
            else:
                return True
        return False


class CommonWorth(Worth):
    """The allocator's own rule, for frameworks that said nothing.

    A provider's disk and a persistent volume are worth an offer by themselves. The verdict on a holding is
    kept there.
    """

    __slots__ = ()

    def is_enough(self, holding: Holding) -> bool:
        found = holding.enough
        if found is None:
            found = holding.enough = _has_disk(holding) or super().is_enough(holding)
        return found


def _has_disk(holding: Holding) -> bool:
    for kind, amount in holding.amounts.items():
        if kind.flags & ALONE and amount * kind.unit_milli >= LEAST_DISK:
            return True
    return False
