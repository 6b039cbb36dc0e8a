"""The ledger: what the orchestrator has accepted, durable before anybody is told so.

It records intents and their outcomes: operations, launches, provisionings. It is never a source
of resources: totals come from their owners alone. It decides nothing; callers compose its
changes into one write, so that what belongs together is durable together or not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, insert, update

from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.v1 import mesos, scheduler
from orchestrator import schema
from orchestrator.found_rows import Found
from orchestrator.operation_refusals import Refusals
from orchestrator.per_agent import PerAgent
from orchestrator.records import KillRecord, LaunchRecord, OperationRecord, ShutdownRecord
from orchestrator.task_ends import TaskEnds
from store.port import Change, Run, Several

ENDED_LIMIT = 10_000
"""Ended and acknowledged operations that are remembered, unless an operator sets it otherwise: their ids are
recognised when they are sent again, and their story can be told. The oldest are forgotten beyond it."""

ENDED_DAYS = 30.0
"""How long they are remembered at most, unless an operator sets it otherwise."""

FORGOTTEN_AT_ONCE = 500
"""Operations that are forgotten in one write because they have become old; the next follow in another."""


KILLS_LIMIT = 100_000
"""KILLs that are remembered until their tasks have ended. A further one is sent, and lost with its agent's
link: the framework may ask again."""

SHUTDOWNS_LIMIT = 100_000
"""The same of SHUTDOWNs, until their executors are gone."""

# Made once: making a statement costs more than running it.
_INSERT_OPERATION: Final = insert(schema.operations)
_UPDATE_OPERATION: Final = (
    update(schema.operations)
    .where(schema.operations.c.uuid == bindparam("operation"))
    .values({name: bindparam(name) for name in ("statuses", "terminal", "acknowledged", "abandoned")})
)
_DELETE_OPERATION: Final = delete(schema.operations).where(schema.operations.c.uuid == bindparam("operation"))
_INSERT_LAUNCH: Final = insert(schema.launches)
_INSERT_KILL: Final = insert(schema.kills)
_DELETE_KILL: Final = delete(schema.kills).where(
    schema.kills.c.framework_id == bindparam("framework"), schema.kills.c.task_id == bindparam("task")
)
_INSERT_SHUTDOWN: Final = insert(schema.shutdowns)
_DELETE_SHUTDOWN: Final = delete(schema.shutdowns).where(
    schema.shutdowns.c.agent_id == bindparam("agent"),
    schema.shutdowns.c.framework_id == bindparam("framework"),
    schema.shutdowns.c.executor_id == bindparam("executor"),
)
_DELETE_LAUNCH: Final = delete(schema.launches).where(
    schema.launches.c.framework_id == bindparam("framework"), schema.launches.c.task_id == bindparam("task")
)


class Ledger:
    """Accepted operations and launches: in memory what is on disk, indexed.

    Methods that end in a `Change` alter memory at once; the caller writes the change.
    """

    def __init__(self, kept: int = ENDED_LIMIT, kept_seconds: float = ENDED_DAYS * 86_400) -> None:
        """How many operations that are over are remembered, and how long."""
        self._kept = kept
        self._kept_seconds = kept_seconds
        self.operations: dict[bytes, OperationRecord] = {}
        self.launches: dict[tuple[str, str], LaunchRecord] = {}
        self.ends = TaskEnds()
        self.refusals = Refusals()
        self.kills: PerAgent[tuple[str, str], KillRecord] = PerAgent()
        self.shutdowns: PerAgent[tuple[str, str, str], ShutdownRecord] = PerAgent()
        self._by_id: dict[tuple[str, str], OperationRecord] = {}
        self._ended: dict[bytes, None] = {}
        self._awaited: Counter[str] = Counter()
        self.served: set[tuple[str, str | None]] = set()
        """(agent id, provider id) of all that ever had an operation that was remembered since the start."""

    def load(self, found: Found) -> Iterator[None]:
        """Fill memory from disk. Once, at start; others may have a turn wherever it yields."""
        for row in found.rows(schema.operations):
            self._index(
                OperationRecord(
                    uuid=row.uuid,
                    framework_id=row.framework_id,
                    operation_id=row.operation_id,
                    agent_id=row.agent_id,
                    provider_id=row.provider_id,
                    role=row.role,
                    info=decode_msgpack(mesos.OfferOperation, row.info),
                    digest=row.digest,
                    created=row.created,
                    provisioning=row.provisioning,
                    statuses=msgspec.msgpack.decode(row.statuses, type=list[mesos.OperationStatus]),
                    terminal=row.terminal,
                    acknowledged=row.acknowledged,
                    abandoned=row.abandoned,
                )
            )
            yield
        for row in found.rows(schema.launches):
            info = decode_msgpack(mesos.TaskInfo, row.info)
            record = LaunchRecord(row.framework_id, row.agent_id, row.role, info, row.created)
            self.launches[record.framework_id, record.task_id] = record
            yield
        yield from self.ends.load(found)
        yield from self.refusals.load(found)
        for row in found.rows(schema.kills):
            call = decode_msgpack(scheduler.CallKill, row.call)
            self.kills.put(KillRecord(row.framework_id, row.agent_id, call))
            yield
        for row in found.rows(schema.shutdowns):
            self.shutdowns.put(ShutdownRecord(row.framework_id, row.agent_id, row.executor_id))
            yield

    def find(self, framework_id: str, operation_id: str) -> OperationRecord | None:
        """The operation that a framework gave this id, ended ones included while remembered."""
        return self._by_id.get((framework_id, operation_id))

    def awaited_by(self, framework_id: str) -> int:
        """How many operations with an id a framework has that are unfinished or not acknowledged."""
        return self._awaited[framework_id]

    def accept_operation(self, record: OperationRecord) -> Change:
        """Record an operation that was accepted."""
        self._index(record)
        row = _operation_row(record)
        return Run(_INSERT_OPERATION, row)

    def accept_launch(self, record: LaunchRecord) -> Change:
        """Record a task that was accepted."""
        self.launches[record.framework_id, record.task_id] = record
        row = {
            "framework_id": record.framework_id,
            "task_id": record.task_id,
            "agent_id": record.agent_id,
            "role": record.role,
            "info": encode_msgpack(record.info),
            "created": record.created,
        }
        return Run(_INSERT_LAUNCH, row)

    def forget_launch(self, framework_id: str, task_id: str) -> Change | None:
        """The agent has taken the task over, or it was dropped: nothing is owed any more."""
        if self.launches.pop((framework_id, task_id), None) is None:
            return None
        key = {"framework": framework_id, "task": task_id}
        return Run(_DELETE_LAUNCH, key)

    def record_kill(self, record: KillRecord) -> Change | None:
        """Record that a task is to end; None when that is known, or too many are."""
        known = self.kills.get(record.key)
        if known == record or (known is None and len(self.kills) >= KILLS_LIMIT):
            return None
        self.kills.put(record)
        framework_id, task_id = record.key
        key = {"framework": framework_id, "task": task_id}
        row = {
            "framework_id": framework_id,
            "task_id": task_id,
            "agent_id": record.agent_id,
            "call": encode_msgpack(record.call),
        }
        return Several((Run(_DELETE_KILL, key), Run(_INSERT_KILL, row)))

    def forget_kill(self, framework_id: str, task_id: str) -> Change | None:
        """The task has ended: nothing is to be killed any more."""
        if self.kills.pop((framework_id, task_id)) is None:
            return None
        return Run(_DELETE_KILL, {"framework": framework_id, "task": task_id})

    def record_shutdown(self, record: ShutdownRecord) -> Change | None:
        """Record that an executor is to end; None when that is known, or too many are."""
        if record.key in self.shutdowns or len(self.shutdowns) >= SHUTDOWNS_LIMIT:
            return None
        self.shutdowns.put(record)
        agent_id, framework_id, executor_id = record.key
        row = {"agent_id": agent_id, "framework_id": framework_id, "executor_id": executor_id}
        return Run(_INSERT_SHUTDOWN, row)

    def forget_shutdown(self, key: tuple[str, str, str]) -> Change | None:
        """The executor is gone: nothing is to be shut down any more."""
        if self.shutdowns.pop(key) is None:
            return None
        agent_id, framework_id, executor_id = key
        row = {"agent": agent_id, "framework": framework_id, "executor": executor_id}
        return Run(_DELETE_SHUTDOWN, row)

    def record_status(
        self, record: OperationRecord, status: mesos.OperationStatus, *, terminal: bool, acknowledged: bool
    ) -> Change:
        """Record what an operation's provider said of it."""
        record.statuses.append(status)
        record.terminal = terminal
        return self._update(record, acknowledged)

    def abandon(self, record: OperationRecord, now: float) -> Change:
        """Record that an operator gave up an operation without an outcome."""
        record.abandoned = now
        return self._update(record, acknowledged=False)

    def acknowledge(self, record: OperationRecord) -> Change:
        """Record that the owner knows the outcome."""
        return self._update(record, acknowledged=True)

    def _update(self, record: OperationRecord, acknowledged: bool) -> Change:
        was_over = record.is_over
        record.acknowledged = record.acknowledged or acknowledged
        if record.is_over and not was_over:
            self._no_longer_awaited(record)
        row = {
            "operation": record.uuid,
            "statuses": msgspec.msgpack.encode(record.statuses),
            "terminal": record.terminal,
            "acknowledged": record.acknowledged,
            "abandoned": record.abandoned,
        }
        updated = Run(_UPDATE_OPERATION, row)
        if record.is_over:
            self._ended[record.uuid] = None
        forgotten = [self._forget_oldest()] if len(self._ended) > self._kept else []
        return Several((updated, *forgotten)) if forgotten else updated

    def forget_old(self, now: float) -> Change | None:
        """Forget operations that have been over for too long, or are too many, the oldest first; None when
        there is none. Call it again: it stops after FORGOTTEN_AT_ONCE."""
        forgotten: list[Change] = []
        while self._ended and len(forgotten) < FORGOTTEN_AT_ONCE:
            oldest = self.operations[next(iter(self._ended))]
            if len(self._ended) <= self._kept and now - oldest.ended < self._kept_seconds:
                break
            forgotten.append(self._forget_oldest())
        return Several(tuple(forgotten)) if forgotten else None

    def _forget_oldest(self) -> Change:
        oldest = next(iter(self._ended))
        del self._ended[oldest]
        self._unindex(oldest)
        return Run(_DELETE_OPERATION, {"operation": oldest})

    def _index(self, record: OperationRecord) -> None:
        self.operations[record.uuid] = record
        if record.framework_id is not None and record.operation_id is not None:
            self._by_id[record.framework_id, record.operation_id] = record
            if not record.is_over:
                self._awaited[record.framework_id] += 1
        self.served.add((record.agent_id, record.provider_id))
        if record.is_over:
            self._ended[record.uuid] = None

    def _no_longer_awaited(self, record: OperationRecord) -> None:
        if record.framework_id is not None and record.operation_id is not None:
            self._awaited[record.framework_id] -= 1
            if not self._awaited[record.framework_id]:
                del self._awaited[record.framework_id]

    def _unindex(self, uuid: bytes) -> None:
        record = self.operations.pop(uuid)
        if record.framework_id is not None and record.operation_id is not None:
            self._by_id.pop((record.framework_id, record.operation_id), None)


def _operation_row(record: OperationRecord) -> dict[str, object]:
    return {
        "uuid": record.uuid,
        "framework_id": record.framework_id,
        "operation_id": record.operation_id,
        "agent_id": record.agent_id,
        "provider_id": record.provider_id,
        "role": record.role,
        "info": encode_msgpack(record.info),
        "digest": record.digest,
        "created": record.created,
        "provisioning": record.provisioning,
        "statuses": msgspec.msgpack.encode(record.statuses),
        "terminal": record.terminal,
        "acknowledged": record.acknowledged,
        "abandoned": record.abandoned,
    }
