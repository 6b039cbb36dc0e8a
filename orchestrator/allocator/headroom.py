"""What is kept free for guarantees, over the whole cluster and by name.

`required` is what roles lack of their guarantees, `available` what is free, unreserved and not revocable.
Both are kept up with each change, never added up in a run. A name of which nothing is required is not held
back.

Plain sums: it knows neither agents nor roles.
"""

from __future__ import annotations

from typing import Protocol

from orchestrator.allocator.names import Names, Slot, Vector


class Countable(Protocol):
    """What has something to offer. `offerable`: what was counted of it."""

    offerable: Vector

    def count_offerable(self) -> Vector: ...


class HeadroomBooks:
    """Amounts by slot, in millionths.

    is_kept: whether `available` is kept up; it is not while no role has a guarantee.
    tight: how many names there are of which something is required.
    grew: whether more may be given out than when this was last set to False.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self.required: list[int] = []
        self.available: list[int] = []
        self.is_kept = False
        self.tight = 0
        self.grew = False
        names.grown.append(self._grow)
        self._grow()

    def _grow(self) -> None:
        more = [0] * (len(self._names) - len(self.required))
        self.required += more
        self.available += more

    def require(self, slot: Slot, change: int) -> None:
        before = self.required[slot]
        self.required[slot] = before + change
        self.tight += (before + change > 0) - (before > 0)
        if change < 0:
            self.grew = True

    def free(self, more: Vector) -> None:
        for slot, amount in more:
            self.available[slot] += amount
        self.grew = True

    def lose(self, agent: Countable) -> None:
        """Nothing of the agent counts any more."""
        for slot, amount in agent.offerable:
            self.available[slot] -= amount
        agent.offerable = ()

    def recount(self, agent: Countable) -> None:
        """The agent may have more or less to offer than was counted."""
        before, now = agent.offerable, agent.count_offerable()
        if before is not now and before != now:
            available = self.available
            for slot, amount in before:
                available[slot] -= amount
            for slot, amount in now:
                available[slot] += amount
            self.grew = True
            agent.offerable = now

    def restart(self, *, is_kept: bool) -> None:
        """Whoever calls counts all that is free, if it is to be kept."""
        self.is_kept = is_kept
        self.available = [0] * len(self._names)

    def allows(self, wanted: Vector, entitled: dict[Slot, int] | None = None) -> bool:
        """Whether so much may be given to one who is entitled to a part of it by its own guarantee."""
        for slot, amount in wanted:
            required = self.required[slot]
            if required > 0:
                if entitled is not None:
                    amount -= min(entitled.get(slot, 0), amount)
                if amount > 0 and amount > self.available[slot] - required:
                    return False
        return True

    def surplus(self) -> dict[Slot, int]:
        """What may be given beyond guarantees, of each name of which something is required."""
        return {
            slot: max(self.available[slot] - required, 0)
            for slot, required in enumerate(self.required)
            if required > 0
        }
