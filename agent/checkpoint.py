"""The agent's facts to and from its store: identity, tasks, unacknowledged updates.

Each function that ends in `_change` returns a `Change` over values copied now, so that what is
written is what was true when it was asked for. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from agent import schema
from agent.tasks.record import Checked, KillIntent, TaskKey, TaskRecord
from agent.tasks.state import TaskPhase
from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.v1 import mesos
from store.port import Change

UUID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this agent is to the orchestrator, and the highest leadership it has obeyed.

    life: how often it was started on this work directory. life_ids: the ids of the last of these starts, the
    present one's at the end."""

    agent_id: str | None = None
    highest_epoch: int = 0
    life: int = 0
    life_ids: tuple[bytes, ...] = ()


def load_identity(connection: Connection) -> Identity:
    """The stored identity; a fresh one on a new work directory."""
    row = connection.execute(select(schema.agent_identity)).one_or_none()
    if row is None:
        return Identity()
    ids = (row.life_ids[at : at + UUID_BYTES] for at in range(0, len(row.life_ids), UUID_BYTES))
    return Identity(row.agent_id, row.highest_epoch, row.life, tuple(ids))


def identity_change(identity: Identity) -> Change:
    values = {
        "agent_id": identity.agent_id,
        "highest_epoch": identity.highest_epoch,
        "life": identity.life,
        "life_ids": b"".join(identity.life_ids),
    }
    statement = upsert(schema.agent_identity).values(row=1, **values)
    statement = statement.on_conflict_do_update(index_elements=["row"], set_=values)
    return lambda connection: connection.execute(statement)


def load_tasks(connection: Connection) -> list[TaskRecord]:
    """Every task that is not forgotten, oldest first, each with its unacknowledged updates."""
    order = (schema.tasks.c.received_at, schema.tasks.c.container_id)
    rows = connection.execute(select(schema.tasks).order_by(*order)).all()
    records = {(row.framework_id, row.task_id): _record(row._mapping) for row in rows}
    statuses = select(schema.task_statuses).order_by(schema.task_statuses.c.position)
    for row in connection.execute(statuses):
        status = decode_msgpack(mesos.TaskStatus, row.status)
        records[row.framework_id, row.task_id].statuses.append(status)
    for record in records.values():
        record.told = _told(record)
    return list(records.values())


def insert_task_change(record: TaskRecord) -> Change:
    framework_id, task_id = record.key
    statement = insert(schema.tasks).values(
        framework_id=framework_id,
        task_id=task_id,
        container_id=record.container_id,
        received_at=record.received_at,
        framework=encode_msgpack(record.framework),
        info=encode_msgpack(record.info),
        phase=str(record.phase),
        released=record.released,
        parent=record.parent,
        executor_id=record.executor_id,
        executor_container=record.executor_container,
        group_id=record.group,
        acknowledged=b"".join(record.acknowledged),
        **_kill_columns(record.kill),
    )
    return lambda connection: connection.execute(statement)


def phase_change(key: TaskKey, phase: TaskPhase) -> Change:
    statement = update(schema.tasks).where(_is(key)).values(phase=str(phase))
    return lambda connection: connection.execute(statement)


def boot_change(key: TaskKey, boot_id: str) -> Change:
    statement = update(schema.tasks).where(_is(key)).values(boot_id=boot_id)
    return lambda connection: connection.execute(statement)


def kill_change(key: TaskKey, kill: KillIntent) -> Change:
    statement = update(schema.tasks).where(_is(key)).values(**_kill_columns(kill))
    return lambda connection: connection.execute(statement)


def started_change(key: TaskKey, started_at: float) -> Change:
    statement = update(schema.tasks).where(_is(key)).values(started_at=started_at)
    return lambda connection: connection.execute(statement)


def checked_change(key: TaskKey, checked: Checked) -> Change:
    statement = (
        update(schema.tasks)
        .where(_is(key))
        .values(
            healthy=checked.healthy,
            health_failures=checked.failures,
            check_status=None if checked.status is None else encode_msgpack(checked.status),
        )
    )
    return lambda connection: connection.execute(statement)


def released_change(key: TaskKey) -> Change:
    statement = update(schema.tasks).where(_is(key)).values(released=True)
    return lambda connection: connection.execute(statement)


def add_status_change(key: TaskKey, status: mesos.TaskStatus) -> Change:
    statement = insert(schema.task_statuses).values(
        framework_id=key[0], task_id=key[1], uuid=status.uuid, status=encode_msgpack(status)
    )
    return lambda connection: connection.execute(statement)


def acknowledge_change(key: TaskKey, uuid: bytes) -> Change:
    table = schema.task_statuses
    statement = delete(table).where(
        table.c.framework_id == key[0], table.c.task_id == key[1], table.c.uuid == uuid
    )
    return lambda connection: connection.execute(statement)


def remember_acknowledged_change(key: TaskKey, uuids: Sequence[bytes]) -> Change:
    """`uuids`, 16 bytes each, are those that are acknowledged and that an executor may say again."""
    statement = update(schema.tasks).where(_is(key)).values(acknowledged=b"".join(uuids))
    return lambda connection: connection.execute(statement)


def forget_task_change(key: TaskKey) -> Change:
    statement = delete(schema.tasks).where(_is(key))
    return lambda connection: connection.execute(statement)


def _is(key: TaskKey) -> ColumnElement[bool]:
    return and_(schema.tasks.c.framework_id == key[0], schema.tasks.c.task_id == key[1])


def _kill_columns(kill: KillIntent | None) -> dict[str, object]:
    return {
        "kill_grace_seconds": None if kill is None else kill.grace_period,
        "kill_message": None if kill is None else kill.message,
        "kill_reason": None if kill is None or kill.reason is None else str(kill.reason),
        "kill_gone": None if kill is None else kill.gone,
    }


def _record(row: RowMapping) -> TaskRecord:
    kill = None
    if row["kill_grace_seconds"] is not None:
        reason = row["kill_reason"]
        kill = KillIntent(
            row["kill_grace_seconds"],
            row["kill_message"] or "",
            None if reason is None else mesos.TaskStatusReason(reason),
            row["kill_gone"] is True,
        )
    phase = TaskPhase(row["phase"])
    return TaskRecord(
        framework=decode_msgpack(mesos.FrameworkInfo, row["framework"]),
        info=decode_msgpack(mesos.TaskInfo, row["info"]),
        container_id=row["container_id"],
        received_at=row["received_at"],
        phase=phase,
        told=phase,
        kill=kill,
        released=row["released"],
        boot_id=row["boot_id"],
        started_at=row["started_at"],
        checked=_checked(row),
        parent=row["parent"],
        executor_id=row["executor_id"],
        executor_container=row["executor_container"],
        group=row["group_id"],
        acknowledged=_uuids(row["acknowledged"] or b""),
    )


def _told(record: TaskRecord) -> TaskPhase:
    """What is known of a task outside: of one whose end is held back, how it was before that."""
    if not record.terminal or record.released or not record.statuses:
        return record.phase  # without statuses it was acknowledged: only cleaning up is left
    # A custom executor's task has no time of its start: there its words say that it was under way.
    said = record.shares_sandbox and (len(record.statuses) > 1 or record.acknowledged)
    if record.started_at is not None or said:
        return TaskPhase.RUNNING if record.kill is None else TaskPhase.KILLING
    return TaskPhase.RECEIVED if record.boot_id is None else TaskPhase.STARTING


def _uuids(text: bytes) -> tuple[bytes, ...]:
    return tuple(text[start : start + UUID_BYTES] for start in range(0, len(text), UUID_BYTES))


def _checked(row: RowMapping) -> Checked:
    found = row["check_status"]
    return Checked(
        row["healthy"],
        row["health_failures"] or 0,
        None if found is None else decode_msgpack(mesos.CheckStatusInfo, found),
    )
