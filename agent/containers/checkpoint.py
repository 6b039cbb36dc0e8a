"""Operators' containers to and from the agent's store. Nothing is decided here.

Each function that ends in `_change` returns a `Change` over values copied now, so that what is written is
what was true when it was asked for.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from agent import schema
from agent.containerizer.interface import Exit
from agent.containers.paths import of_text
from agent.containers.record import ContainerRecord
from agent.containers.state import ContainerPhase
from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.v1 import agent as wire
from store.port import Change

TABLE = schema.operator_containers


def load_containers(connection: Connection) -> list[ContainerRecord]:
    """Every container that is not forgotten, oldest first: parents come before what is nested in them."""
    rows = connection.execute(select(TABLE).order_by(TABLE.c.created_at, TABLE.c.path)).all()
    return sorted((_record(row._mapping) for row in rows), key=lambda record: len(record.path))


def insert_change(record: ContainerRecord) -> Change:
    statement = insert(TABLE).values(
        path=record.key,
        run_id=record.run_id,
        parent=record.parent,
        call=encode_msgpack(record.call),
        session=record.session,
        created_at=record.created_at,
        boot_id=record.boot_id,
        phase=str(record.phase),
    )
    return lambda connection: connection.execute(statement)


def phase_change(record: ContainerRecord, phase: ContainerPhase, ended: Exit | None) -> Change:
    """The phase, and how it ended when that is known."""
    values = {"phase": str(phase), "ended": None if ended is None else msgspec.msgpack.encode(ended)}
    statement = update(TABLE).where(TABLE.c.run_id == record.run_id).values(**values)
    return lambda connection: connection.execute(statement)


def kill_change(record: ContainerRecord, grace: float) -> Change:
    statement = update(TABLE).where(TABLE.c.run_id == record.run_id).values(kill_grace=grace)
    return lambda connection: connection.execute(statement)


def limited_change(record: ContainerRecord, why: str) -> Change:
    statement = update(TABLE).where(TABLE.c.run_id == record.run_id).values(limited=why)
    return lambda connection: connection.execute(statement)


def forget_change(record: ContainerRecord) -> Change:
    statement = delete(TABLE).where(TABLE.c.run_id == record.run_id)
    return lambda connection: connection.execute(statement)


def _record(row: RowMapping) -> ContainerRecord:
    ended = row["ended"]
    return ContainerRecord(
        path=of_text(row["path"]),
        run_id=row["run_id"],
        parent=row["parent"],
        call=decode_msgpack(wire.CallLaunchContainer, row["call"]),
        session=row["session"],
        created_at=row["created_at"],
        boot_id=row["boot_id"],
        phase=ContainerPhase(row["phase"]),
        kill_grace=row["kill_grace"],
        limited=row["limited"],
        ended=None if ended is None else msgspec.msgpack.decode(ended, type=Exit),
    )
