"""Writes that wait, in groups: the event loop's half of a store.

What is asked for while a group is under way waits and goes with the next one, so that many callers pay for
one commit. How a group becomes durable is the business of the store; no database here.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from store.port import Change, StoreFailed

log = logging.getLogger(__name__)

GROUP_LIMIT = 500
"""Writes that share one commit at most; what is beyond waits for the next, so that the event
loop is answered in between."""


class Write:
    """Changes that become durable together, and who waits for that."""

    __slots__ = ("changes", "done")

    def __init__(self, changes: tuple[Change, ...], done: asyncio.Future[None]) -> None:
        self.changes = changes
        self.done = done


Group = list[Write]
Answers = list[tuple[Write, StoreFailed | None]]


class GroupCommit:
    """Takes writes in order and begins one group after the other. Of one event loop."""

    def __init__(self, begin: Callable[[Group, asyncio.AbstractEventLoop], None]) -> None:
        """`begin` is called in the event loop, with the next group as soon as that before was answered."""
        self._begin = begin
        self._waiting: deque[Write] = deque()
        self._busy = False
        self._closed = False
        self.failed: StoreFailed | None = None
        """Why nothing is written any more. Set by whoever writes, before it answers."""

    def submit(self, changes: tuple[Change, ...], *, at_once: bool = False) -> asyncio.Future[None]:
        """See `Store.submit`."""
        loop = asyncio.get_running_loop()
        write = Write(changes, loop.create_future())
        if self.failed is not None or self._closed:
            write.done.set_exception(self.failed or StoreFailed("the store is closed: close() was called"))
            return write.done
        write.done.add_done_callback(_look_at)
        self._waiting.append(write)
        if not self._busy:
            self._busy = True
            if at_once and changes:
                self._next(loop)
            else:
                loop.call_soon(self._next, loop)  # what else is asked for in this turn goes with it
        return write.done

    async def close(self) -> None:
        """Take no more; return when the last group was handed over or has ended."""
        self._closed = True
        while self._busy and self._waiting:
            await asyncio.wait([self._waiting[-1].done])

    def answer(self, answers: Answers, loop: asyncio.AbstractEventLoop) -> None:
        """A group has ended so. In any thread."""
        try:
            loop.call_soon_threadsafe(self._answered, answers, loop)
        except RuntimeError:
            log.debug("the event loop ended before a write was answered")

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin with the next group, if something waits."""
        if not self._waiting:
            self._busy = False
            return
        group = [self._waiting.popleft() for _ in range(min(GROUP_LIMIT, len(self._waiting)))]
        if self.failed is None and not any(write.changes for write in group):
            self._answered([(write, None) for write in group], loop)  # all before it is durable
        else:
            self._begin(group, loop)

    def _answered(self, answers: Answers, loop: asyncio.AbstractEventLoop) -> None:
        for write, failure in answers:
            if write.done.done():
                continue
            if failure is None:
                write.done.set_result(None)
            else:
                write.done.set_exception(failure)
        self._next(loop)


def _look_at(done: asyncio.Future[None]) -> None:
    """A write that failed is in the log; who waited for it may be gone."""
    if not done.cancelled():
        done.exception()
