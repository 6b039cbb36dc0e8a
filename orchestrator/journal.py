"""The leader's pen: writes that are fenced by its epoch, and what happens when one fails.

No table is known here. A write that does not become durable ends the leadership: its memory would
be ahead of its disk, and what it says could be forgotten.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from store.port import Change, Store, StoreFailed

log = logging.getLogger(__name__)


OVER = "this orchestrator does not lead any more: repeat it, to the one that does"


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
    """Writes of one epoch of leadership. They become durable in the order in which they are committed.

    What is committed while nothing is being written is begun at once, so that the disk is at work while its
    caller goes on; what is committed in one turn of the event loop besides is one write. A fault in what
    follows a durable write is told like a failed write: it leaves memory in an unknown state, and coming
    back from disk is the one way to a known one.
    """

    def __init__(
        self,
        store: Store,
        fence: Change,
        on_failure: Callable[[BaseException], None],
        is_over: Callable[[], bool] = lambda: False,
    ) -> None:
        """`is_over`: whether another may lead by now. The fence refuses what is written then; this, what
        would be said and rests on no write."""
        self._store = store
        self._is_over = is_over
        self._closed = False
        self._fence = fence
        self._on_failure = on_failure
        self._batch: list[_Committed] = []
        self._latest: asyncio.Future[None] | None = None
        self._writing = 0
        self._failed = False

    async def commit(self, transaction: Transaction) -> None:
        """Make a transaction durable, all or nothing, then carry out what follows from it.

        Raises `StoreFailed`, and tells the daemon to stop, when it is not durable. Whoever stops
        waiting does not undo it.
        """
        await self.begin(transaction)

    def begin(self, transaction: Transaction) -> asyncio.Future[None]:
        """The same for who has something to do meanwhile; the future is the caller's own."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._enqueue(transaction, waiter)
        return waiter

    @property
    def latest(self) -> asyncio.Future[None] | None:
        """Done when all that was committed by now is durable, and what follows from it was carried out.

        None when it is so. Not to be cancelled.
        """
        latest = self._latest
        return None if latest is None or (latest.done() and latest.exception() is None) else latest

    @property
    def waits(self) -> str | None:
        """Why nothing becomes durable now, as on a full disk; None when all does."""
        return self._store.full

    async def barrier(self) -> None:
        """Wait until every write that was begun before is durable; not for those that are begun meanwhile.

        Raises StoreFailed; also when this process leads no more, and another may have written since.
        """
        if (latest := self.latest) is not None:
            await durable(latest)
        if self._closed or self._is_over():
            raise StoreFailed(OVER)

    def commit_soon(self, transaction: Transaction) -> asyncio.Future[None]:
        """The same without anybody waiting. Done when it is durable; not to be cancelled."""
        return self._enqueue(transaction)

    async def drain(self) -> None:
        """Wait until everything that was committed is durable, or has failed and was reported."""
        while self._latest is not None and not self._latest.done():
            await asyncio.wait([self._latest])

    def close(self) -> None:
        """Write and say nothing any more: whoever still waits, or comes, is told that nothing is durable."""
        self._closed = True

    def _enqueue(
        self, transaction: Transaction, waiter: asyncio.Future[None] | None = None
    ) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        committed = _Committed(transaction, loop.create_future(), waiter)
        committed.done.add_done_callback(_look_at)
        if self._closed:
            committed.end(StoreFailed(OVER))
            return committed.done
        self._batch.append(committed)
        self._latest = committed.done
        if len(self._batch) > 1:
            return committed.done
        if transaction.changes and not self._writing:
            self._write_batch()
        else:
            loop.call_soon(self._write_batch)
        return committed.done

    def _write_batch(self) -> None:
        batch, self._batch = self._batch, []
        if self._closed or self._is_over():
            self._ended(batch, StoreFailed(OVER))
            return
        changes = [change for each in batch for change in each.transaction.changes]
        # Even with nothing to write, words wait for the writes before them: what they rest on may
        # be in memory already and not on disk yet; after a failure it never will be.
        if changes or self._writing or self._failed:
            self._writing += 1
            fenced = (self._fence, *changes) if changes else ()
            write = self._store.submit(*fenced, at_once=True)
            write.add_done_callback(partial(self._written, batch))
        else:
            self._ended(batch, None)

    def _written(self, batch: list[_Committed], write: asyncio.Future[None]) -> None:
        self._writing -= 1
        self._ended(batch, write.exception())

    def _ended(self, batch: list[_Committed], error: BaseException | None) -> None:
        """All of a batch is durable, or nothing of it is."""
        try:
            for each in batch if error is None else ():
                each.transaction.carry_out()
        except Exception as fault:
            error = fault
        if error is not None:
            self._failed = True
            if not self._closed:
                level = logging.WARNING if isinstance(error, StoreFailed) else logging.CRITICAL
                why = "a write, or what follows from it, failed; this orchestrator stops leading: %s"
                log.log(level, why, error, exc_info=error if level == logging.CRITICAL else None)
                self._on_failure(error)
        for each in batch:
            each.end(error)


class _Committed:
    """A transaction on its way. `done`: of all who may ask; `waiter`: of whoever committed it."""

    __slots__ = ("done", "transaction", "waiter")

    def __init__(
        self, transaction: Transaction, done: asyncio.Future[None], waiter: asyncio.Future[None] | None
    ) -> None:
        self.transaction = transaction
        self.done = done
        self.waiter = waiter

    def end(self, error: BaseException | None) -> None:
        for future in (self.done, self.waiter):
            if future is None or future.done():
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)


async def durable(write: asyncio.Future[None]) -> None:
    """Wait for what `Journal.latest` was at some time. Raises StoreFailed."""
    try:
        await asyncio.shield(write)
    except StoreFailed:
        raise
    except Exception as error:
        raise StoreFailed(f"what follows from a write failed: {error}") from error


def _look_at(done: asyncio.Future[None]) -> None:
    """A failure that nobody waits for has been reported by the journal."""
    if not done.cancelled():
        done.exception()
