"""One epoch of leading, and until when it certainly lasts by this process's own clock. It decides nothing."""

from __future__ import annotations

from api.model.clock import Clock


class Term:
    """One epoch of leading, and until when it certainly lasts."""

    def __init__(self, epoch: int, clock: Clock, ends: float) -> None:
        """`ends`: by the monotonic clock; infinite where nobody else can take the lease."""
        self.epoch = epoch
        self.ends = ends
        self._clock = clock

    @property
    def seconds_left(self) -> float:
        return self.ends - self._clock.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether another may lead by now. A leader that was paused asks before it says anything."""
        return self.seconds_left <= 0

    def end(self) -> None:
        """It has lost the lease, or given it back."""
        self.ends = float("-inf")


def unending(epoch: int, clock: Clock) -> Term:
    """Where no other process can take the lease."""
    return Term(epoch, clock, float("inf"))
