"""Executors to and from the agent's store. Nothing is decided here.

Each function that ends in `_change` returns a `Change` over values copied now.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, insert, select, update

from agent import schema
from agent.executors.record import End, ExecutorKey, ExecutorRecord
from agent.executors.state import ExecutorPhase
from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.v1 import mesos
from store.port import Change

_table = schema.executors


def load_executors(connection: Connection) -> list[ExecutorRecord]:
    """Every executor that is not forgotten, oldest first."""
    rows = connection.execute(select(_table).order_by(_table.c.received_at, _table.c.container_id))
    return [_record(row._mapping) for row in rows]


def insert_executor_change(record: ExecutorRecord) -> Change:
    framework_id, executor_id = record.key
    statement = insert(_table).values(
        framework_id=framework_id,
        executor_id=executor_id,
        container_id=record.container_id,
        received_at=record.received_at,
        phase=str(record.phase),
        boot_id=record.boot_id,
        framework=encode_msgpack(record.framework),
        info=encode_msgpack(record.info),
        **_end_columns(record.end),
    )
    return lambda connection: connection.execute(statement)


def executor_phase_change(key: ExecutorKey, phase: ExecutorPhase, exit_status: int | None = None) -> Change:
    statement = update(_table).where(_is(key)).values(phase=str(phase), exit_status=exit_status)
    return lambda connection: connection.execute(statement)


def executor_end_change(key: ExecutorKey, end: End) -> Change:
    statement = update(_table).where(_is(key)).values(**_end_columns(end))
    return lambda connection: connection.execute(statement)


def forget_executor_change(key: ExecutorKey) -> Change:
    statement = delete(_table).where(_is(key))
    return lambda connection: connection.execute(statement)


def _is(key: ExecutorKey) -> ColumnElement[bool]:
    return and_(_table.c.framework_id == key[0], _table.c.executor_id == key[1])


def _end_columns(end: End | None) -> dict[str, object]:
    return {
        "end_grace_seconds": None if end is None else end.grace_period,
        "end_message": None if end is None else end.message,
        "end_reason": None if end is None else str(end.reason),
    }


def _record(row: RowMapping) -> ExecutorRecord:
    end = None
    if row["end_grace_seconds"] is not None:
        reason = mesos.TaskStatusReason(row["end_reason"])
        end = End(row["end_grace_seconds"], row["end_message"], reason)
    return ExecutorRecord(
        framework=decode_msgpack(mesos.FrameworkInfo, row["framework"]),
        info=decode_msgpack(mesos.ExecutorInfo, row["info"]),
        container_id=row["container_id"],
        received_at=row["received_at"],
        phase=ExecutorPhase(row["phase"]),
        boot_id=row["boot_id"],
        end=end,
        exit_status=row["exit_status"],
    )
