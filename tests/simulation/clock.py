"""The clocks of the simulated machines: virtual time, with wall clocks that disagree. Pure."""

from __future__ import annotations

from tests.simulation.loop import VirtualLoop

EPOCH = 1_700_000_000.0


class SimClock:
    """See `api.model.clock.Clock`. One for each machine, whichever processes it runs.

    skew: seconds that its wall clock is ahead. drift: how much faster than time its clocks go.
    """

    def __init__(self, loop: VirtualLoop, skew: float = 0.0, drift: float = 0.0) -> None:
        self._loop = loop
        self._skew = skew
        self._rate = 1.0 + drift

    def jump(self, seconds: float) -> None:
        """Somebody sets the wall clock. The other one goes on as it did."""
        self._skew += seconds

    def now(self) -> float:
        return EPOCH + self._skew + self._rate * self._loop.time()

    def monotonic(self) -> float:
        return self._rate * self._loop.time()
