"""Whether what a registry holds can be read: every row, as the orchestrator reads it at its start.

Reads only. Whether the file or the pages below are sound is the database's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, Table, func, select

from api.wire.codec import decode_msgpack
from api.wire.convert_operations import operation_from_wire
from api.wire.v1 import maintenance, mesos, scheduler
from orchestrator import schema
from orchestrator.allocator import Quota
from orchestrator.volumes import VolumeRecord
from orchestrator.withdrawal import Mode

RESTORE: Final = "a backup in its place: `orlop registry restore FILE`"

Reader = Callable[[Row[Any]], object]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that cannot be read, and why."""

    table: str
    key: str
    why: str

    def __str__(self) -> str:
        return f"the row {self.key} of table {self.table} cannot be read: {self.why}"


def _operation(row: Row[Any]) -> None:
    operation_from_wire(decode_msgpack(mesos.OfferOperation, row.info))
    msgspec.msgpack.decode(row.statuses, type=list[mesos.OperationStatus])


def _withdrawn(row: Row[Any]) -> None:
    Mode(row.mode)
    if row.config is not None:
        decode_msgpack(mesos.DrainConfig, row.config)


def _maintenance(row: Row[Any]) -> None:
    decode_msgpack(maintenance.Schedule, row.schedule)
    decode_msgpack(maintenance.ClusterStatus, row.status)


READERS: Final[Mapping[Table, Reader]] = {
    schema.agents: lambda row: decode_msgpack(mesos.AgentInfo, row.info),
    schema.frameworks: lambda row: decode_msgpack(mesos.FrameworkInfo, row.info),
    schema.withdrawn_agents: _withdrawn,
    schema.maintenance: _maintenance,
    schema.operations: _operation,
    schema.launches: lambda row: decode_msgpack(mesos.TaskInfo, row.info),
    schema.task_ends: lambda row: decode_msgpack(mesos.TaskStatus, row.status),
    schema.operation_refusals: lambda row: decode_msgpack(mesos.OperationStatus, row.status),
    schema.kills: lambda row: decode_msgpack(scheduler.CallKill, row.call),
    schema.provisionings: lambda row: msgspec.msgpack.decode(row.record, type=VolumeRecord),
    schema.quotas: lambda row: msgspec.msgpack.decode(row.quota, type=Quota),
}
"""Tables whose rows hold more than the database itself understands."""


def unreadable(connection: Connection) -> Iterator[Unreadable]:
    """Every row that the orchestrator could not read."""
    for table, reader in READERS.items():
        keys = [column.name for column in table.primary_key]
        for row in connection.execute(select(table)):
            try:
                reader(row)
            except Exception as error:
                key = "/".join(str(getattr(row, name)) for name in keys)
                yield Unreadable(table.name, key, " ".join(str(error).split())[:200])


def counted(connection: Connection) -> dict[str, int]:
    """How many rows each table has, by name."""
    tables = schema.metadata.sorted_tables
    return {
        table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in tables
    }
