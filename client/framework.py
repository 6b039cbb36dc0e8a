"""A framework that is there: subscribed in the background, with operations and tasks to be run to their ends.

It stands on `SchedulerClient`, and takes from its user what every scheduler has to do: decline what is not
wanted, repeat an ACCEPT whose answer was lost, reconcile after a lost stream, acknowledge, and try again with
another offer what was never begun. It keeps nothing on disk: a scheduler that must remember what it asked for
over its own restarts uses `SchedulerClient`, and acknowledges once it has written an outcome down.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Final, TypeVar

from msgspec import UNSET, structs

from api.model.ids import IdSource, RandomIds
from api.wire.v1 import mesos, scheduler
from client.awaited import Awaited, AwaitedOperation, AwaitedTask
from client.errors import ClientError, FrameworkEnded, Refused, Unreachable
from client.offered import Pick
from client.operations import launch
from client.scheduler import SchedulerClient

T = TypeVar("T")
U = TypeVar("U")

REFUSE_SECONDS: Final = 1.0
"""For how long an offer is declined in which nobody found what is wanted: it may be worth more by then."""
IDLE_REFUSE_SECONDS: Final = 60.0
"""The same while nothing is wanted. When something is, all offers are asked for anew (REVIVE)."""
REPEAT_SECONDS: Final = 0.25
"""Between attempts of a call that was lost or came while the orchestrator was away."""
RECONCILE_SECONDS: Final = 1.0
LONGEST_RECONCILE_SECONDS: Final = 30.0
"""After a lost stream the pause between questions about what is awaited doubles from the first to this."""
LAST_WORDS_SECONDS: Final = 5.0
"""For the kills of tasks that nobody waits for any more to be sent, when the context is left."""
WORDS_LIMIT: Final = 1_000
"""Acknowledgements and declines that wait to be sent; beyond it events wait in the connection."""

NOT_SUBSCRIBED: Final = 403
UNAVAILABLE: Final = 503
INVALID: Final = 400


class OperationFailed(ClientError):
    """An operation has ended otherwise than FINISHED; `status` says how, and its message why."""

    def __init__(self, kind: str, status: mesos.OperationStatus) -> None:
        why = "" if status.message is UNSET else f": {status.message}"
        super().__init__(f"{kind} ended as {status.state}{why}")
        self.status = status


@dataclass(eq=False)
class _Wanted:
    """Somebody who waits for an offer."""

    pick: Pick[Any]
    found: asyncio.Future[tuple[mesos.Offer, Any]]


class Framework:
    """Use it as an asynchronous context manager, beside its client's: it is subscribed inside.

    Inside, every method raises what ended the subscription for good, if anything did: FrameworkEnded,
    Refused, or Unreachable when the client gives up. Leaving the context leaves the framework and its tasks
    to the failover timeout; `teardown` ends them.
    """

    def __init__(self, client: SchedulerClient, ids: IdSource | None = None) -> None:
        self._client = client
        self._ids = ids or RandomIds()
        self._subscribed = asyncio.Event()
        self._wanted: deque[_Wanted] = deque()
        self._valid: set[str] = set()
        self._operations: dict[str, AwaitedOperation] = {}
        self._tasks: dict[str, AwaitedTask] = {}
        self._words: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue(WORDS_LIMIT)
        self._returned: deque[Callable[[], Awaitable[None]]] = deque()
        """Declines of offers that were handed out to who waits no more: one for each of these at most."""
        self._failure: ClientError | None = None
        self._running: list[asyncio.Task[None]] = []
        self._kills: set[asyncio.Task[None]] = set()
        self._reconciling: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Framework:
        self._running = [asyncio.create_task(self._listen()), asyncio.create_task(self._speak())]
        try:
            await self._subscribed.wait()
            self._check()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._kills:
                await asyncio.wait(self._kills, timeout=LAST_WORDS_SECONDS)
        finally:
            await self._stop()

    async def offer(self, pick: Pick[T]) -> tuple[mesos.Offer, T]:
        """The next offer in which `pick` finds something, and what. It is to be accepted or declined."""
        self._check()
        wanted = _Wanted(pick, asyncio.get_running_loop().create_future())
        self._wanted.append(wanted)
        try:
            await self._words.put(self._client.revive)
            return await wanted.found
        except asyncio.CancelledError:
            if wanted.found.done() and not wanted.found.cancelled():
                self._decline_soon(wanted.found.result()[0])
            raise
        finally:
            self._wanted.remove(wanted)

    async def operate(
        self, pick: Pick[T], make: Callable[[T], mesos.OfferOperation]
    ) -> mesos.OperationStatus:
        """Carry out the operation that `make` makes of what `pick` finds; how it FINISHED.

        With another offer again when the first had gone, or its agent's view was stale (DROPPED): then
        nothing was done. Raises OperationFailed when it ended otherwise.
        """
        while True:
            offer, operation = await self._made(pick, make)
            status = await self._outcome(offer, operation)
            is_stale = offer.id.value not in self._valid
            self._valid.discard(offer.id.value)
            if status.state is mesos.OperationState.OPERATION_FINISHED:
                return status
            if not (status.state in AwaitedOperation.NOT_BEGUN or (is_stale and status.state is _ERROR)):
                raise OperationFailed(str(operation.type), status)

    async def run(
        self,
        pick: Pick[T],
        make: Callable[[T], mesos.TaskInfo],
        told: Callable[[mesos.TaskStatus], None] = lambda status: None,
    ) -> mesos.TaskStatus:
        """Run the task that `make` makes of what `pick` finds; its last status.

        `told` is called with each status, once, before it is acknowledged. A launch of which nothing came
        (TASK_DROPPED, or its offer had gone) is made again with another offer, under another task id. When
        the waiting is cancelled, the task is killed.
        """
        while True:
            offer, info = await self._made(pick, make)
            task_id = mesos.TaskID(value=str(self._ids.uuid()))
            info = structs.replace(info, task_id=task_id, agent_id=offer.agent_id)
            status = await self._end_of(offer, info, told)
            self._valid.discard(offer.id.value)
            if status is not None:
                return status

    async def accept(self, offer: mesos.Offer, *operations: mesos.OfferOperation) -> None:
        """ACCEPT, repeated until it is answered. What the operations leave is offered again at once."""
        await self._repeated(partial(self._client.accept, [offer], operations, refuse_seconds=0))

    async def decline(self, offer: mesos.Offer, refuse_seconds: float = REFUSE_SECONDS) -> None:
        """DECLINE, once: when it is lost with the stream, the offer is too."""
        await self._words.put(partial(self._client.decline, [offer], refuse_seconds=refuse_seconds))

    async def teardown(self) -> None:
        """Remove the framework and end its tasks."""
        try:
            await self._repeated(self._client.teardown)
        except Refused as error:  # it was removed already, when only the answer was lost
            if error.status != INVALID and not isinstance(error, FrameworkEnded):
                raise

    # Calls.

    async def _made(self, pick: Pick[T], make: Callable[[T], U]) -> tuple[mesos.Offer, U]:
        """An offer, and what `make` makes of what `pick` found in it."""
        offer, found = await self.offer(pick)
        try:
            return offer, make(found)
        except BaseException:
            self._decline_soon(offer)
            raise

    async def _outcome(self, offer: mesos.Offer, operation: mesos.OfferOperation) -> mesos.OperationStatus:
        operation_id = str(self._ids.uuid())
        awaited = self._operations[operation_id] = AwaitedOperation()
        try:
            await self.accept(offer, structs.replace(operation, id=mesos.OperationID(value=operation_id)))
            awaited.accepted = True
            return await awaited.ended
        finally:
            del self._operations[operation_id]

    async def _end_of(
        self, offer: mesos.Offer, info: mesos.TaskInfo, told: Callable[[mesos.TaskStatus], None]
    ) -> mesos.TaskStatus | None:
        """Its last status; None when it never began."""
        task_id = info.task_id.value
        awaited = self._tasks[task_id] = AwaitedTask(told)
        try:
            await self.accept(offer, launch(info))
            awaited.accepted = True
            return await awaited.ended
        except asyncio.CancelledError:
            kill = asyncio.create_task(self._kill(task_id))
            self._kills.add(kill)
            kill.add_done_callback(self._kills.discard)
            raise
        finally:
            del self._tasks[task_id]

    async def _kill(self, task_id: str) -> None:
        with contextlib.suppress(ClientError):  # the framework has ended, and its tasks with it
            await self._repeated(partial(self._client.kill, task_id))

    async def _repeated(self, call: Callable[[], Awaitable[None]]) -> None:
        """Until it is answered. Raises Refused when the answer is no."""
        while True:
            self._check()
            stream_id = self._client.stream_id
            try:
                await call()
                return
            except Unreachable:
                pass
            except Refused as error:
                is_lost = error.status in (NOT_SUBSCRIBED, UNAVAILABLE)
                if not is_lost and (error.status != INVALID or self._client.stream_id == stream_id):
                    raise
            await asyncio.sleep(REPEAT_SECONDS)

    def _decline_soon(self, offer: mesos.Offer) -> None:
        """Also when very much waits to be said, and before that: the offer would be held."""
        self._returned.append(partial(self._client.decline, [offer], refuse_seconds=0))
        with contextlib.suppress(asyncio.QueueFull):  # then there is somebody to be woken
            self._words.put_nowait(_nothing)

    async def _speak(self) -> None:
        while True:
            call = await self._words.get()
            while self._returned:
                await self._sent(self._returned.popleft())
            await self._sent(call)

    async def _sent(self, call: Callable[[], Awaitable[None]]) -> None:
        """Once, on the stream that there is."""
        # What is refused is told again, or has no meaning for the next stream. Until there is another, an
        # offer whose decline was lost would be held.
        stream_id = self._client.stream_id
        while stream_id is not None and self._client.stream_id == stream_id:
            try:
                await call()
            except Unreachable:
                await asyncio.sleep(REPEAT_SECONDS)
                continue
            except ClientError:
                pass
            break

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    # Events.

    async def _listen(self) -> None:
        try:
            async with contextlib.aclosing(self._client.events()) as events:
                async for event in events:
                    await self._heard(event)
        except ClientError as error:
            self._fail(error)

    async def _heard(self, event: scheduler.Event) -> None:
        if event.subscribed is not UNSET:
            self._take_up()
        elif event.offers is not UNSET:
            for offer in event.offers.offers:
                await self._hand_out(offer)
        elif event.rescind is not UNSET:
            self._valid.discard(event.rescind.offer_id.value)
        elif event.update is not UNSET:
            await self._task_updated(event.update.status)
        elif event.update_operation_status is not UNSET:
            await self._operation_updated(event.update_operation_status.status)

    def _take_up(self) -> None:
        """Subscribed, perhaps again: then offers are new ones, and what happened meanwhile is asked for."""
        self._valid.clear()
        if self._reconciling is not None:
            self._reconciling.cancel()
        for awaited in self._awaited():
            awaited.is_known = False
        self._reconciling = asyncio.create_task(self._reconcile())
        self._subscribed.set()

    async def _hand_out(self, offer: mesos.Offer) -> None:
        """To the first who finds in it what is wanted; else it is declined."""
        for wanted in self._wanted:
            if wanted.found.done():
                continue
            try:
                found = wanted.pick(offer)
            except Exception as error:
                wanted.found.set_exception(error)
                continue
            if found is not None:
                self._valid.add(offer.id.value)
                wanted.found.set_result((offer, found))
                return
        waits = any(not wanted.found.done() for wanted in self._wanted)
        seconds = REFUSE_SECONDS if waits else IDLE_REFUSE_SECONDS
        await self._words.put(partial(self._client.decline, [offer], refuse_seconds=seconds))

    async def _task_updated(self, status: mesos.TaskStatus) -> None:
        awaited = self._tasks.get(status.task_id.value)
        if awaited is not None:
            awaited.heard(status)
        if status.uuid is not UNSET:
            await self._words.put(partial(self._client.acknowledge, status))

    async def _operation_updated(self, status: mesos.OperationStatus) -> None:
        awaited = None if status.operation_id is UNSET else self._operations.get(status.operation_id.value)
        if awaited is not None:
            awaited.heard(status)
        if status.uuid is not UNSET:
            await self._words.put(partial(self._client.acknowledge_operation, status))

    async def _reconcile(self) -> None:
        """Ask about what is awaited and was not heard of since the stream began, until all was."""
        pause = RECONCILE_SECONDS
        while True:
            operations = [key for key, each in self._operations.items() if each.is_to_be_asked_for]
            tasks = [key for key, each in self._tasks.items() if each.is_to_be_asked_for]
            with contextlib.suppress(ClientError):
                if operations:
                    await self._client.reconcile_operations(*operations)
                if tasks:
                    await self._client.reconcile(*tasks)
            if all(each.is_known for each in self._awaited()):
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_RECONCILE_SECONDS)

    def _fail(self, error: ClientError) -> None:
        self._failure = error
        self._subscribed.set()
        for wanted in self._wanted:
            if not wanted.found.done():
                wanted.found.set_exception(error)
        for awaited in self._awaited():
            awaited.fail(error)

    def _awaited(self) -> list[Awaited[Any]]:
        return [*self._operations.values(), *self._tasks.values()]

    async def _stop(self) -> None:
        running = [*self._running, *self._kills, *([self._reconciling] if self._reconciling else [])]
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _nothing() -> None:
    """Said only to wake who speaks."""


_ERROR: Final = mesos.OperationState.OPERATION_ERROR
