"""Operations that are forgotten: those that have ended, that their owners know of, and that are old.

What is forgotten can neither be told nor recognised when it is sent again. Must not: forget what anybody may
still wait for; the ledger sees to that.
"""

from __future__ import annotations

import asyncio
from typing import Final

from api.model.clock import Clock
from orchestrator.journal import Journal, Transaction
from orchestrator.ledger import Ledger

LOOK_SECONDS: Final = 60.0
"""Between two looks for what has become too old. What is too much goes at once."""


class Retention:
    """Looks for them, again and again."""

    def __init__(self, ledger: Ledger, journal: Journal, clock: Clock) -> None:
        self._ledger = ledger
        self._journal = journal
        self._clock = clock

    async def run(self) -> None:
        """Until it is cancelled. Raises StoreFailed."""
        while True:
            await self.forget()
            await asyncio.sleep(LOOK_SECONDS)

    async def forget(self) -> None:
        """Forget all that is too old now, some at a time: it is durable when this returns."""
        while (change := self._ledger.forget_old(self._clock.now())) is not None:
            transaction = Transaction()
            transaction.add(change)
            await self._journal.commit(transaction)
