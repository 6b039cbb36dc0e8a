"""What frameworks ask to be told, however much it is: in turns of the event loop, and as fast as each reads.

A call that asks is answered after its first turn. Many schedulers read nothing of their stream until they
are answered, and whoever waited for them would wait in vain. It knows no status, and decides nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Final, Protocol

from api.wire.slices import Slices
from api.wire.v1 import scheduler
from orchestrator.journal import Journal
from orchestrator.sessions import FrameworkSessions, Session
from store.port import StoreFailed

log = logging.getLogger(__name__)

BEHIND_LIMIT: Final = 8
"""Tellings of one framework that go on behind their answers; what a further call asks for is told whether or
not the framework reads, and a stream for which too much waits is cut off."""


class Reader(Session[scheduler.Event], Protocol):
    """The session of a framework."""

    async def caught_up(self) -> None:
        """Wait until little waits for it, or its stream is over."""


class Tellings:
    """Of all frameworks. One turn of the event loop has part of one of them."""

    def __init__(self, sessions: FrameworkSessions, journal: Journal) -> None:
        self._sessions = sessions
        self._journal = journal
        self._turn = asyncio.Lock()
        self._behind: dict[str, set[asyncio.Task[None]]] = {}

    async def tell(self, framework_id: str, reader: Reader, steps: Iterator[None]) -> None:
        """Take steps that tell a framework what is so at each: all of it durable. `reader` is its session.

        When it returns, those of one turn are taken, and the others follow. Raises StoreFailed.
        """
        await self._journal.barrier()
        if await self._take_some(steps):
            return
        behind = self._behind.get(framework_id, set())
        if len(behind) >= BEHIND_LIMIT:
            await self._go_on(framework_id, reader, steps, patient=False)
            return
        rest = asyncio.ensure_future(self._tell_rest(framework_id, reader, steps))
        self._behind[framework_id] = behind | {rest}

    async def _tell_rest(self, framework_id: str, reader: Reader, steps: Iterator[None]) -> None:
        try:
            await self._go_on(framework_id, reader, steps, patient=True)
        except StoreFailed:
            log.info("framework %s was not told all it asked for: this process leads no more", framework_id)
        except Exception:
            log.exception("framework %s was not told all it asked for: report this", framework_id)
        finally:
            self._ended(framework_id)

    def _ended(self, framework_id: str) -> None:
        left = {task for task in self._behind[framework_id] if task is not asyncio.current_task()}
        if left:
            self._behind[framework_id] = left
        else:
            del self._behind[framework_id]

    async def _go_on(
        self, framework_id: str, reader: Reader, steps: Iterator[None], *, patient: bool
    ) -> None:
        while True:
            await asyncio.sleep(0)
            if patient:
                await reader.caught_up()
            await self._journal.barrier()
            if self._sessions.get(framework_id) is not reader:
                return  # who has subscribed since asks for itself
            if await self._take_some(steps):
                return

    async def _take_some(self, steps: Iterator[None]) -> bool:
        """Those of one turn; whether they were the last."""
        async with self._turn:
            slices = Slices()
            return not any(slices.is_over for _ in steps)
