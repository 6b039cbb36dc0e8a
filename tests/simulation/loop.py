"""An event loop under virtual time, whose callbacks belong to processes that can be killed.

Time jumps to the next timer whenever nothing is ready; no selector, no socket, no thread is ever
waited for. A killed process never runs another line of its code, not even a `finally`: what it had
scheduled is taken away, and what would wake it is thrown away. Knows nothing of the cluster.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
import logging
import warnings
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from store.port import StoreError

T = TypeVar("T")

CURRENT: contextvars.ContextVar[Process | None] = contextvars.ContextVar("process", default=None)
"""The process whose code is running; None is the world around the cluster."""

STEPS_LIMIT = 3_000_000
"""Turns of the loop after which a scenario is taken for one that never ends."""

THREAD_SECONDS = 0.002
"""How long the work takes that is given to a thread."""


class Deadlock(Exception):
    """Nothing is scheduled, and the scenario has not ended: somebody waits for what never comes."""


class Process:
    """A process: code that runs in its context dies with it."""

    def __init__(self, loop: VirtualLoop, name: str) -> None:
        self.name = name
        self.alive = True
        self.held: list[asyncio.Handle] | None = None
        """What would have run while it is stopped, in order; None while it runs."""
        self._loop = loop
        self._context = contextvars.copy_context()
        self._context.run(CURRENT.set, self)
        self._at_kill: list[Callable[[], None]] = []

    def __repr__(self) -> str:
        return f"<{self.name}{'' if self.alive else ' dead'}>"

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run a coroutine as this process's."""
        return self._context.copy().run(self._loop.create_task, work)

    def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Run a function in this process's name, now."""
        return self._context.copy().run(function, *arguments)

    def later(self, delay: float, function: Callable[..., object], *arguments: Any) -> None:
        """Run a function as this process's after `delay` seconds, unless it dies before."""
        self._context.copy().run(self._loop.call_later, delay, function, *arguments)

    def at_kill(self, function: Callable[[], None]) -> None:
        """What the kernel does when this process dies. Runs in nobody's name."""
        self._at_kill.append(function)

    def kill(self) -> None:
        """As by SIGKILL. Idempotent."""
        if self.alive:
            self.alive = False
            self._loop.forget(self)
            self.go_on()
            for function in reversed(self._at_kill):
                contextvars.copy_context().run(_as_nobody, function)

    def stop(self) -> None:
        """As by SIGSTOP: time goes on, what others send waits in the kernel, and none of its code runs."""
        if self.alive and self.held is None:
            self.held = []
            self._loop.stopped += 1

    def go_on(self) -> None:
        """As by SIGCONT: everything that became due meanwhile is due now. Idempotent."""
        held, self.held = self.held, None
        if held is not None:
            self._loop.stopped -= 1
            self._loop.due(held)


def _as_nobody(function: Callable[[], None]) -> None:
    CURRENT.set(None)
    function()


class VirtualLoop(asyncio.BaseEventLoop):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self._clock_resolution = 1e-9
        self._cancelled = 0
        self.steps = 0
        self.stopped = 0
        """Processes that are stopped."""
        self.tasks: list[tuple[asyncio.Task[Any], Process | None]] = []
        self._tasks_kept = 500
        self.errors: list[str] = []
        self.network: Any = None
        self.set_task_factory(self._make_task)  # type: ignore[arg-type]
        self.set_exception_handler(_note_error)

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        """One turn: where BaseEventLoop would wait for the world, time passes instead."""
        ready, scheduled = self._ready, self._scheduled
        self.steps += 1
        if self.steps > STEPS_LIMIT:
            raise Deadlock(f"no end after {STEPS_LIMIT} turns\n{self.describe()}")
        while scheduled and scheduled[0]._cancelled:
            heapq.heappop(scheduled)._scheduled = False
        if not ready and not self._stopping:
            if not scheduled:
                raise Deadlock(f"everybody waits, and nothing is scheduled\n{self.describe()}")
            self._now = max(self._now, scheduled[0]._when)
        end = self._now + self._clock_resolution
        while scheduled and scheduled[0]._when < end:
            handle = heapq.heappop(scheduled)
            handle._scheduled = False
            ready.append(handle)
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled and not (self.stopped and self._hold(handle)):
                handle._run()

    def _hold(self, handle: asyncio.Handle) -> bool:
        """Whether it belongs to a process that is stopped, and waits until that goes on."""
        process = handle._context.get(CURRENT)
        if process is None or process.held is None:
            return False
        process.held.append(handle)
        return True

    def due(self, handles: list[asyncio.Handle]) -> None:
        """These run in the next turn, unless they were cancelled."""
        self._ready.extend(handles)

    def describe(self) -> str:
        """The tasks that wait, for a failure."""
        lines = [f"t={self._now:.3f}"]
        for task, process in self.tasks:
            if not task.done() and (process is None or process.alive):
                frame = task.get_stack(limit=1)
                place = f"{frame[0].f_code.co_filename}:{frame[0].f_lineno}" if frame else "?"
                lines.append(f"  {process} {task.get_coro().__qualname__} at {place}")  # type: ignore[union-attr]
        return "\n".join(lines)

    def forget(self, process: Process) -> None:
        """Take away everything that a dead process had scheduled."""
        for handle in (*self._ready, *self._scheduled, *(process.held or ())):
            if handle._context.get(CURRENT) is process:
                handle.cancel()

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:
        handle = super().call_soon(callback, *args, context=context)
        return self._unless_dead(handle)

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:
        handle = super().call_at(when, callback, *args, context=context)
        self._unless_dead(handle)
        return handle

    def _unless_dead(self, handle: asyncio.Handle) -> asyncio.Handle:
        process = handle._context.get(CURRENT)
        if process is not None and not process.alive:
            handle.cancel()
        return handle

    def _make_task(self, _: Any, work: Any, **options: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(work, loop=self, **options)
        self.tasks.append((task, CURRENT.get()))
        if len(self.tasks) > 4 * self._tasks_kept:
            self.note_failed_tasks()
            self.tasks = [each for each in self.tasks if not each[0].done()]
            self._tasks_kept = max(500, len(self.tasks))
        return task

    def note_failed_tasks(self) -> None:
        """Errors of tasks that nobody waited for; not of writes: when one fails the process ends anyway."""
        for task, process in self.tasks:
            failed = task.done() and task._log_traceback  # type: ignore[attr-defined]
            if failed and not isinstance(task.exception(), StoreError):
                self.errors.append(f"a task of {process} ended with {task.exception()!r}")

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        self._cancelled += 1
        if self._cancelled > 200 and 2 * self._cancelled > len(self._scheduled):
            self._scheduled[:] = [each for each in self._scheduled if not each._cancelled]
            heapq.heapify(self._scheduled)
            self._cancelled = 0

    def _write_to_self(self) -> None:
        pass

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """Work for a thread: done at once, a little later."""
        done: asyncio.Future[Any] = self.create_future()

        def work() -> None:
            try:
                result = func(*args)
            except Exception as error:
                if not done.done():
                    done.set_exception(error)
            else:
                if not done.done():
                    done.set_result(result)

        self.call_later(THREAD_SECONDS, work)
        return done

    async def create_server(self, protocol_factory: Any, host: Any = None, port: Any = None, **_: Any) -> Any:
        return self.network.listen(CURRENT.get(), protocol_factory, host, port)

    async def create_connection(  # type: ignore[override]
        self, protocol_factory: Any, host: Any = None, port: Any = None, **_: Any
    ) -> Any:
        return await self.network.dial(CURRENT.get(), protocol_factory, host, port)

    def bury(self) -> None:
        """End what still hangs, without a word: the scenario is over and nothing of it counts.

        A coroutine that awaits while it is closed raises into those that await it, which may take that for
        a fault and report it.
        """
        before = logging.root.manager.disable
        logging.disable()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of coroutines that nobody came to await
                for task, _ in self.tasks:
                    if not task.done():
                        task._log_destroy_pending = False  # type: ignore[attr-defined]
                        _close(task.get_coro())
            self._ready.clear()
            self._scheduled.clear()
            self.close()
        finally:
            logging.disable(before)


def _close(work: Any) -> None:
    for _ in range(20):  # a `finally` that awaits has to be closed again
        try:
            work.close()
            return
        except BaseException:
            continue


def _note_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    assert isinstance(loop, VirtualLoop)
    error = context.get("exception")
    loop.errors.append(f"{context.get('message')}: {error!r}")
