"""Threads for what a host's file systems are asked, any of which may hang for ever.

A call on a dead file system sits in the kernel and cannot be taken back. So each piece of work has a name
(its path): while it is under way a repeat waits for the same piece instead of hanging a second thread.
Whoever waits gives up after its patience; the thread does not keep the process from ending. It must not:
know volumes, or what is done in a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

MAX_BUSY = 32
"""Threads at once; more work waits its turn. Those that hang do not count here, but below."""

MAX_HUNG = 256
"""Threads that hang; beyond it work is refused at once, until some come back."""

HUNG_SECONDS = 30.0
"""A thread that takes longer counts as hanging; what knows that it takes long says so."""


class HostHangs(TimeoutError):
    """The host did not answer in time. What was begun goes on; the same again waits for it."""


class HostThreads:
    """Runs blocking work by name. One per provider; belongs to the event loop that it is used in."""

    def __init__(self, max_busy: int = MAX_BUSY, max_hung: int = MAX_HUNG) -> None:
        self._max_hung = max_hung
        self._turns = asyncio.Semaphore(max_busy)
        self._under_way: dict[str, asyncio.Future[Any]] = {}
        self._hung = 0

    async def run(self, name: str, work: Callable[[], T], patience: float | None = HUNG_SECONDS) -> T:
        """What `work` returns or raises. Raises HostHangs after `patience` seconds (None: never).

        Cancelling, like a lack of patience, leaves the work under way.
        """
        running = self._under_way.get(name)
        if running is None:
            if self._hung >= self._max_hung:
                raise HostHangs(f"{self._hung} calls hang on this host: unmount what does not answer")
            running = asyncio.get_running_loop().create_future()
            self._under_way[name] = running
            await self._begin(name, work, running)
        try:
            return await asyncio.wait_for(asyncio.shield(running), patience)
        except TimeoutError as error:
            if running.done():
                raise  # its own
            raise HostHangs(f"{name} has not come back in {patience:g} s") from error

    @property
    def hung(self) -> int:
        """Threads that have not come back for HUNG_SECONDS."""
        return self._hung

    async def _begin(self, name: str, work: Callable[[], Any], result: asyncio.Future[Any]) -> None:
        try:
            await self._turns.acquire()
        except BaseException:  # given up while it waited: nothing was begun
            del self._under_way[name]
            result.cancel()
            raise
        loop = asyncio.get_running_loop()
        result.add_done_callback(lambda done: done.cancelled() or done.exception())  # perhaps nobody waits
        state = _Thread(self, name, result)
        state.timer = loop.call_later(HUNG_SECONDS, state.hangs)

        def body() -> None:
            try:
                value, failure = work(), None
            except BaseException as error:
                value, failure = None, error
            with contextlib.suppress(RuntimeError):  # the loop has gone: nobody is interested any more
                loop.call_soon_threadsafe(state.ended, value, failure)

        threading.Thread(target=body, name=f"host: {name}", daemon=True).start()


class _Thread:
    """One piece of work in its thread, seen from the event loop."""

    def __init__(self, threads: HostThreads, name: str, result: asyncio.Future[Any]) -> None:
        self._threads = threads
        self._name = name
        self._result = result
        self._is_hung = False
        self.timer: asyncio.TimerHandle | None = None

    def hangs(self) -> None:
        self._is_hung = True
        self._threads._hung += 1
        self._threads._turns.release()

    def ended(self, value: Any, failure: BaseException | None) -> None:
        assert self.timer is not None
        self.timer.cancel()
        if self._is_hung:
            self._threads._hung -= 1
        else:
            self._threads._turns.release()
        self._threads._under_way.pop(self._name, None)
        if self._result.done():
            return
        if failure is None:
            self._result.set_result(value)
        else:
            self._result.set_exception(failure)
