"""The leader's pen: writes that are fenced by its epoch, and what happens when one fails.

No table is known here. A write that does not become durable ends the daemon: its memory would
be ahead of its disk, and what it says could be forgotten.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from store.port import Change, Store, StoreFailed

log = logging.getLogger(__name__)


class Transaction:
    """What a decision writes, and what is done once that is durable.

    Rooms alter memory at once, add their changes here, and put every word that leaves the
    process (to an agent, a framework, an HTTP client) into `afterwards`.
    """

    __slots__ = ("_actions", "changes")

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self._actions: list[Callable[[], None]] = []

    def add(self, change: Change | None) -> None:
        """Make `change` part of the write; None is nothing to write."""
        if change is not None:
            self.changes.append(change)

    def afterwards(self, action: Callable[[], None]) -> None:
        """Do this once the write is durable, in the order of the calls."""
        self._actions.append(action)

    def carry_out(self) -> None:
        """Do what was to be done afterwards. By the journal only."""
        for action in self._actions:
            action()


class Journal:
    """Writes of one epoch of leadership."""

    def __init__(self, store: Store, fence: Change, on_failure: Callable[[BaseException], None]) -> None:
        self._store = store
        self._fence = fence
        self._on_failure = on_failure
        self._pending: set[asyncio.Task[None]] = set()
        self._writing = 0

    async def commit(self, transaction: Transaction) -> None:
        """Make a transaction durable, all or nothing, then carry out what follows from it.

        Raises `StoreFailed`, and tells the daemon to stop, when it is not durable.
        """
        # Even with nothing to write, words wait for the writes before them: what they rest on may
        # be in memory already and not on disk yet.
        if transaction.changes or self._writing:
            self._writing += 1
            try:
                await self._store.write(self._fence, *transaction.changes)
            except StoreFailed as failure:
                self._on_failure(failure)
                raise
            finally:
                self._writing -= 1
        transaction.carry_out()

    async def barrier(self) -> None:
        """Wait until every write that was begun before is durable."""
        await self.commit(Transaction())

    def commit_soon(self, transaction: Transaction) -> None:
        """The same without anybody waiting. Only for what may become durable in any order."""
        task = asyncio.ensure_future(self._commit_quietly(transaction))
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)

    async def drain(self) -> None:
        """Wait until everything begun by `commit_soon` is durable, or has failed and was reported."""
        while self._pending:
            await asyncio.gather(*self._pending)

    async def _commit_quietly(self, transaction: Transaction) -> None:
        try:
            await self.commit(transaction)
        except StoreFailed:
            log.critical("a write failed; the orchestrator stops")
        except Exception as error:
            # What follows a durable write is knowledge and messages; a fault there leaves memory
            # in an unknown state, and coming back from disk is the one way to a known one.
            log.critical("an action after a write failed; the orchestrator stops", exc_info=error)
            self._on_failure(error)
