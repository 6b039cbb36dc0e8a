"""Carries out what a machine instructs, in its order, and feeds back what came of it.

Writes are handed to the store as soon as the machine has decided, so that many share one fsync; what
follows a write waits until that write, and every earlier one, is durable. Calls to the plugin run side by
side. It decides nothing: what is sent where is the edge's business, what is done next the machine's.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from api.model.clock import Clock
from provider.attempts import Instant
from provider.calls import Outcome, PluginError, Request
from provider.checkpoint import ProviderTables
from provider.events import (
    ActOnHost,
    AnswerPublish,
    CallDone,
    CallFailed,
    CallPlugin,
    Event,
    HostAction,
    Instruction,
    Persist,
    ReportState,
    SendStatus,
    SendUnknownOperation,
    Tick,
)
from provider.machine import Machine
from provider.observer import Observer
from provider.records import Change, SaveOperation
from store.port import Store, StoreError

log = logging.getLogger(__name__)

REPORT_DELAY = 1.0
"""Seconds that a report which is not urgent waits for others to come, so that one is sent for all."""

REPORT_SHARE = 20
"""A report that is not urgent also waits so many times as long as the last one took to be made, so that a
provider with very many disks does not spend its time on reporting them."""

MAX_ACTIONS = 64
"""Actions on the host under way at once; more wait their turn. One that hangs holds its place. How many calls
a plugin gets at once is its service's business."""


class Edge(Protocol):
    """Where instructions lead."""

    async def call_plugin(self, request: Request[Any]) -> Any:
        """The plugin's answer. Raises PluginError."""

    async def act(self, action: HostAction) -> Any:
        """Do it on the host; what was seen there, if that is what it is for. Raises OSError."""

    async def send(self, instruction: SendStatus | SendUnknownOperation | AnswerPublish) -> None:
        """Tell the manager; lost when there is no session."""

    def snapshot(self) -> Any:
        """The machine's state now, as `report` sends it."""

    async def report(self, snapshot: Any) -> None:
        """Tell the manager the state; lost when there is no session."""


class _Report:
    """A snapshot on its way: sent once everything that it says is durable."""

    def __init__(self, snapshot: Any) -> None:
        self.snapshot = snapshot


class Executor:
    """Runs one machine. `failed` is called when the store failed: memory is ahead of disk, so end."""

    def __init__(
        self,
        machine: Machine,
        store: Store,
        tables: ProviderTables,
        clock: Clock,
        edge: Edge,
        failed: Callable[[BaseException], None],
        observer: Observer | None = None,
    ) -> None:
        self._observer = observer or Observer()
        self.machine = machine
        self._store = store
        self._tables = tables
        self._clock = clock
        self._edge = edge
        self._failed = failed
        self._outbox: asyncio.Queue[tuple[asyncio.Future[None] | None, Sequence[Instruction | _Report]]] = (
            asyncio.Queue()
        )
        self._units: deque[Callable[[], None]] = deque()
        """What has arrived and is not taken in yet."""
        self._calls: set[asyncio.Task[None]] = set()
        self._actions = asyncio.Semaphore(MAX_ACTIONS)
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = 0.0
        self._report_timer: asyncio.TimerHandle | None = None
        self._report_seconds = 0.0
        self._stopped = False
        self._pump: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin with what the checkpoint left open."""
        self._pump = asyncio.create_task(self._run(), name="provider-executor")
        self._submit(self.machine.resume(self._now()))

    async def stop(self) -> None:
        """Stop carrying out. Calls under way are left to their fate; the checkpoint knows of them."""
        self._stopped = True
        for timer in (self._timer, self._report_timer):
            if timer is not None:
                timer.cancel()
        tasks = [*self._calls, *([self._pump] if self._pump is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def feed(self, event: Event) -> None:
        """Something happened."""
        self._submit(self.machine.handle(event, self._now()))

    def _submit(self, instructions: list[Instruction]) -> None:
        if instructions:
            first = instructions[0]
            write = None
            if isinstance(first, Persist):
                self._observe(first.changes)
                write = self._store.submit(*self._tables.changes(first.changes))
                instructions = instructions[1:]
            self._outbox.put_nowait((write, instructions))
        self._set_timer()

    def _observe(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if isinstance(change, SaveOperation) and change.record.ended is not None:
                record, ended = change.record, change.record.ended
                self._observer.operation_ended(
                    record.operation.type.value, record.state.value, max(0.0, ended - record.created)
                )

    def _now(self) -> Instant:
        return Instant(self._clock.monotonic(), self._clock.now())

    def _set_timer(self) -> None:
        """A timer that goes off too early does no harm, so it is moved only when it would be late."""
        due = self.machine.next_due()
        if due is None or (self._timer is not None and self._timer_due <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        delay = max(0.0, due - self._clock.monotonic())
        self._timer_due = due
        self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.feed(Tick())

    async def _run(self) -> None:
        try:
            while True:
                write, instructions = await self._outbox.get()
                if write is not None:
                    await write
                for instruction in instructions:
                    await self._carry_out(instruction)
        except StoreError as error:
            self._failed(error)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("a provider cannot go on")
            self._failed(error)

    async def _carry_out(self, instruction: Instruction | _Report) -> None:
        match instruction:
            case CallPlugin(call, request):
                self._spawn(self._call(call, lambda: self._edge.call_plugin(request)))
            case ActOnHost(call, action):
                self._spawn(self._act(call, action))
            case SendStatus() | SendUnknownOperation() | AnswerPublish():
                await self._edge.send(instruction)
            case ReportState(urgent):
                self._report_soon(urgent)
            case _Report():
                await self._edge.report(instruction.snapshot)
            case Persist():
                raise AssertionError("a Persist comes first in its turn")

    def _report_soon(self, urgent: bool) -> None:
        if urgent:
            self._report()
        elif self._report_timer is None:
            loop = asyncio.get_running_loop()
            delay = max(REPORT_DELAY, REPORT_SHARE * self._report_seconds)
            self._report_timer = loop.call_later(delay, self._report)

    def _report(self) -> None:
        """What memory says now goes out behind every write that made it so."""
        if self._report_timer is not None:
            self._report_timer.cancel()
            self._report_timer = None
        began = self._clock.monotonic()
        self._outbox.put_nowait((None, [_Report(self._edge.snapshot())]))
        self._report_seconds = self._clock.monotonic() - began

    def report(self) -> None:
        """Something that the machine does not know of (the plugin's state) changed: report it soon."""
        self._report_soon(urgent=False)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _call(self, call: int, work: Callable[[], Any]) -> None:
        event = await self._outcome(call, work)
        if event is not None:
            self._answered(event)

    async def _act(self, call: int, action: HostAction) -> None:
        async with self._actions:
            began = self._clock.monotonic()
            event = await self._outcome(call, lambda: self._edge.act(action))
        if event is not None:
            code = event.code if isinstance(event, CallFailed) else "OK"
            self._observer.call_ended(type(action).__name__, code, self._clock.monotonic() - began)
            self._answered(event)

    def _answered(self, event: Event) -> None:
        self._in_turn(lambda: self.feed(event))

    async def in_turn(self, take: Callable[[], None]) -> None:
        """Take something in (by `feed`) when it is its turn. Raises what `take` raises."""
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def unit() -> None:
            try:
                take()
            except Exception as error:
                if not taken.done():
                    taken.set_exception(error)
            else:
                if not taken.done():
                    taken.set_result(None)

        self._in_turn(unit)
        await taken

    def _in_turn(self, unit: Callable[[], None]) -> None:
        """What arrives together is taken in one by one, with a turn of the event loop for others in between:
        the calls that get their places at the plugin are sent first, as the plugin waits for them."""
        self._units.append(unit)
        if len(self._units) == 1:
            asyncio.get_running_loop().call_soon(self._take_unit)

    def _take_unit(self) -> None:
        if self._stopped:
            return
        try:
            self._units[0]()
        except Exception as error:
            log.exception("a provider cannot go on")
            self._failed(error)
            return
        self._units.popleft()
        if self._units:
            asyncio.get_running_loop().call_soon(self._take_unit)

    async def _outcome(self, call: int, work: Callable[[], Any]) -> CallDone | CallFailed | None:
        try:
            return CallDone(call, await work())
        except PluginError as error:
            return CallFailed(call, error.outcome, error.code, error.message)
        except OSError as error:
            return CallFailed(call, Outcome.REFUSED, "HOST", str(error))
        except Exception as error:
            log.exception("a call of a provider cannot go on")
            self._failed(error)
            return None
