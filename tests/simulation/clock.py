"""The clocks of the simulated machines: virtual time, with wall clocks that disagree. Pure."""

from __future__ import annotations

from tests.simulation.loop import VirtualLoop

EPOCH = 1_700_000_000.0


class SimClock:
    """See `api.model.clock.Clock`. `skew`: seconds that this machine's wall clock is ahead."""

    def __init__(self, loop: VirtualLoop, skew: float = 0.0) -> None:
        self._loop = loop
        self._skew = skew

    def now(self) -> float:
        return EPOCH + self._skew + self._loop.time()

    def monotonic(self) -> float:
        return self._loop.time()
