"""How long work of one kind may take in one turn of the event loop, when much of it has come at once.

What is beyond it waits for the next turn, in its order, so that nobody waits for all of it: a turn stays
short, and whoever needs several (a commit, an answer to a standby) has them soon. It knows nothing of the
work. The clock is the loop's.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

TURN_SECONDS: Final = 0.01
"""Of one turn of the event loop, for frameworks' calls together, and for agents' messages together."""


class Turns:
    """Of one kind of work."""

    def __init__(self, seconds: float = TURN_SECONDS) -> None:
        self._seconds = seconds
        self._end: float | None = None
        """Of its part of this turn; None: nothing of it was done in this turn yet."""
        self._later: deque[Callable[[], None]] = deque()
        self._is_taking = False

    @property
    def is_over(self) -> bool:
        """Whether what comes now has to wait for the next turn. To be asked before each piece of work."""
        loop = asyncio.get_running_loop()
        if self._end is None:
            self._end = loop.time() + self._seconds
            loop.call_soon(self._next)
            return False
        return loop.time() >= self._end

    async def mine(self) -> None:
        """Wait until it is not over. Who came first goes on first."""
        while self.is_over:  # noqa: ASYNC110 - until the next turn of the loop, which no event tells
            await asyncio.sleep(0)

    def later(self, work: Callable[[], None]) -> None:
        """Do this in one of the next turns, after all that waits already. However many wait, the event loop
        has one thing to do for them."""
        self._later.append(work)
        if not self._is_taking:
            self._is_taking = True
            asyncio.get_running_loop().call_soon(self._take)

    def _take(self) -> None:
        """Each that waits once, until it is over."""
        try:
            for _ in range(len(self._later)):
                if self.is_over:
                    break
                self._later.popleft()()
        finally:
            self._is_taking = bool(self._later)
            if self._is_taking:
                asyncio.get_running_loop().call_soon(self._take)

    def _next(self) -> None:
        self._end = None
