"""An agent that drains, or was removed for good: tasks are ended, and what keeps it from being left is said.

    told to drain -> written -> no task is taken on, each is ended with its grace (at most the drain's)
    -> volumes come to rest -> nothing left: said; of an agent that is gone: its plugins are ended, too

The drain is what the orchestrator last said, and holds over restarts. Operators' containers are not ended,
only named. Whether a drain is over is the orchestrator's to decide. It must not: publish, unmount or launch
anything.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final

from msgspec import UNSET, UnsetType
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from agent import schema
from agent.executors.executors import Executors
from agent.tasks.record import KillIntent, TaskRecord, grace_seconds
from agent.tasks.spec import DEFAULT_GRACE_PERIOD
from agent.tasks.status import Reason
from agent.tasks.tasks import Tasks
from agent.tasks.updates import Send
from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.v1 import link, mesos
from store.port import Change, Store

log = logging.getLogger(__name__)

LOOK_FIRST: Final = 0.1
LOOK_LAST: Final = 2.0
"""Seconds between two looks at what is left: from the first to the last, the less happens the longer."""

LINES_LIMIT: Final = 100
"""Lines about what is in the way that are said; of more, that there are more."""

AtRest = Callable[[], Awaitable[Sequence[str]]]
"""What is not at rest at the providers, in words; nothing when all is."""


async def nothing_to_rest() -> Sequence[str]:
    """Of an agent without providers that could say."""
    return ()


async def no_plugins() -> None:
    """Of an agent that runs none."""


@dataclass(frozen=True, slots=True)
class DrainParts:
    """What a drain looks at besides tasks. `others`: containers that nobody ends but an operator, in words.
    `end_plugins`: of an agent that is gone, once its volumes are at rest; repeats are harmless."""

    at_rest: AtRest = nothing_to_rest
    others: Callable[[], Sequence[str]] = tuple
    end_plugins: Callable[[], Awaitable[None]] = no_plugins


@dataclass(frozen=True, slots=True)
class Order:
    """What the orchestrator wants. `uuid`: 16 bytes of the drain, empty when it was gone without one; `gone`:
    why the agent is removed for good."""

    uuid: bytes
    config: mesos.DrainConfig
    gone: str | None = None

    @property
    def most(self) -> float | None:
        """Seconds of grace at most; None for each task's own."""
        period = self.config.max_grace_period
        return None if period is UNSET else max(0.0, period.nanoseconds / 1e9)

    @property
    def reason(self) -> Reason:
        draining = self.gone is None
        return Reason.REASON_AGENT_DRAINING if draining else Reason.REASON_AGENT_REMOVED_BY_OPERATOR

    @property
    def message(self) -> str:
        if self.gone is not None:
            return "its agent is removed for good by an operator"
        return "its agent is drained by an operator"

    def intent(self, record: TaskRecord) -> KillIntent:
        """How a task is ended."""
        grace = grace_seconds(record.info.kill_policy, DEFAULT_GRACE_PERIOD)
        grace = grace if self.most is None else min(grace, self.most)
        gone = self.gone is not None or self.config.mark_gone is True
        return KillIntent(grace, self.message, self.reason, gone)


class Draining:
    """At most one order at a time, and how far it is."""

    def __init__(
        self,
        store: Store,
        tasks: Tasks,
        executors: Executors,
        parts: DrainParts,
        send: Send,
        failed: Callable[[BaseException], None],
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._executors = executors
        self._parts = parts
        self._send = send
        self._failed = failed
        self.order: Order | None = None
        self.waiting: tuple[str, ...] = ()
        """What was in the way at the last look."""
        self._told: tuple[int, tuple[str, ...]] | None = None
        self._wake = asyncio.Event()
        self._jobs: set[asyncio.Task[None]] = set()
        self._watching: asyncio.Task[None] | None = None
        self.left = False
        """Whether nothing is left of an agent that is gone, and its plugins were ended."""

    # life

    def load(self) -> None:
        """Read the checkpoint, before any task is resumed."""
        self._take(self._store.read(_loaded))

    def resume(self) -> None:
        """Go on with what was ordered; tasks are known and driven."""
        if self.order is not None:
            self._begin(self.order)

    async def stop(self) -> None:
        """Stop looking; it is taken up again by `load` and `resume`."""
        jobs = [*self._jobs, *([self._watching] if self._watching is not None else [])]
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    @property
    def gone_for(self) -> str:
        """Why the agent was removed for good; empty when it was not."""
        return "" if self.order is None else self.order.gone or ""

    # what the orchestrator says

    async def registered(self, drain: link.OrchestratorMessageDrain | UnsetType) -> None:
        """The whole of what it wants, at a registration. Durable when this returns. Raises StoreFailed."""
        order = _ordered(drain)
        if order != self.order:
            self._take(order)
            await self._ordered_durably(order)

    def update(self, message: link.OrchestratorMessageUpdateDrain) -> None:
        """UPDATE_DRAIN. What is being ended goes on ending."""
        self._replace(_ordered(message.drain))

    def gone(self, why: str) -> None:
        """AGENT_GONE, or REFUSED for that reason: it is for good."""
        if self.order is not None and self.order.gone is not None:
            return
        log.error("%s", why)
        before = self.order
        config = mesos.DrainConfig() if before is None else before.config
        self._replace(Order(b"" if before is None else before.uuid, config, why))

    def owe(self) -> None:
        """The orchestrator knows nothing of how far it is (any more)."""
        self._told = None
        self._wake.set()

    def _replace(self, order: Order | None) -> None:
        if order != self.order:
            self._take(order)
            self._spawn(self._ordered_durably(order))
        else:
            self.owe()

    def _take(self, order: Order | None) -> None:
        """From here on no task is taken on, or some are again."""
        self.order = order
        self._told, self.waiting = None, ()
        closed = None
        if order is not None:
            state = "is removed for good" if order.gone is not None else "is drained"
            closed = f"this agent {state} by an operator: launch it elsewhere"
        self._tasks.closed = closed

    async def _ordered_durably(self, order: Order | None) -> None:
        await self._store.write(_written(order))
        if order is self.order and order is not None:
            self._begin(order)

    # how far it is

    def _begin(self, order: Order) -> None:
        log.info("%s: %d tasks are ended", order.message, len(self._tasks.unreleased))
        self._tasks.end_for(order.intent)
        self._wake.set()
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch(), name="draining")
            self._watching.add_done_callback(self._ended)

    async def _watch(self) -> None:
        """Until nothing is ordered any more, or nothing is left to do."""
        loop = asyncio.get_running_loop()
        order, began, pause = None, loop.time(), LOOK_FIRST
        while self.order is not None and not self.left:
            self._wake.clear()
            if order is not self.order:
                order, began, pause = self.order, loop.time(), LOOK_FIRST
            self._executors.end_idle(order.message, order.reason, order.most, loop.time() - began)
            before = self._told
            await self._look(order)
            pause = LOOK_FIRST if before != self._told else min(LOOK_LAST, pause * 2)
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _look(self, order: Order) -> None:
        tasks = len(self._tasks.unreleased) + len(self._executors)
        lines = [*self._unreleased(), *self._parts.others(), *await self._parts.at_rest()]
        if len(lines) > LINES_LIMIT:
            lines[LINES_LIMIT:] = [f"and {len(lines) - LINES_LIMIT} more"]
        if order is not self.order:
            return
        self.waiting = tuple(lines)
        if (tasks, self.waiting) != self._told:
            self._told = tasks, self.waiting
            self._say(order, tasks)
            for line in lines if order.gone is not None else ():
                log.warning("before this agent is left: %s", line)
        if order.gone is not None and not tasks and not lines:
            await self._parts.end_plugins()
            self.left = True
            log.warning("nothing is left of what this agent ran: it can be stopped")

    def _unreleased(self) -> list[str]:
        return [
            f"task {record.info.task_id.value} has ended, and its volumes are not given back yet"
            for record in self._tasks.unreleased
            if record.terminal
        ]

    def _say(self, order: Order, tasks: int) -> None:
        status = link.AgentMessageDrainStatus(
            uuid=mesos.UUID(value=order.uuid), tasks=tasks, waiting=list(self.waiting)
        )
        self._send(link.AgentMessage(type=link.AgentMessageType.DRAIN_STATUS, drain_status=status))

    # within

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        job = asyncio.create_task(work)
        self._jobs.add(job)
        job.add_done_callback(self._ended)

    def _ended(self, job: asyncio.Task[None]) -> None:
        self._jobs.discard(job)
        if not job.cancelled() and (error := job.exception()) is not None:
            self._failed(error)


def _ordered(drain: link.OrchestratorMessageDrain | UnsetType) -> Order | None:
    return None if drain is UNSET else Order(drain.uuid.value, drain.config)


def _loaded(connection: Connection) -> Order | None:
    row = connection.execute(select(schema.agent_drain)).one_or_none()
    return None if row is None else Order(row.uuid, decode_msgpack(mesos.DrainConfig, row.config), row.gone)


def _written(order: Order | None) -> Change:
    table = schema.agent_drain
    if order is None:
        return lambda connection: connection.execute(delete(table))
    values = {"uuid": order.uuid, "config": encode_msgpack(order.config), "gone": order.gone}
    statement = upsert(table).values(row=1, **values)
    statement = statement.on_conflict_do_update(index_elements=["row"], set_=values)
    return lambda connection: connection.execute(statement)
