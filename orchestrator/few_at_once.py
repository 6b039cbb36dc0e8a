"""What arrives together is taken in a few at a time, in the order of its arrival.

When very many ask at once, the last of them would otherwise be taken in before the first is written and sent
on: nobody further down the line has anything to do meanwhile. It must not know what is taken in.
"""

from __future__ import annotations

import asyncio
from collections import deque

TOGETHER = 8
"""In one turn of the event loop; the others follow in the next ones."""


class FewAtOnce:
    """Turns of the event loop, given out. Of one event loop.

    No bound of its own: who waits is a call that is being answered.
    """

    def __init__(self, together: int = TOGETHER) -> None:
        self._together = together
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def turn(self) -> None:
        """Returns when whoever asks may go on."""
        loop = asyncio.get_running_loop()
        if self._taken == 0:
            loop.call_soon(self._next, loop)
        if self._taken < self._together:
            self._taken += 1
            return
        turn = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        self._taken = 0
        while self._waiting and self._taken < self._together:
            turn = self._waiting.popleft()
            if not turn.done():  # else nobody waits for its answer any more
                turn.set_result(None)
                self._taken += 1
        if self._taken:
            loop.call_soon(self._next, loop)
