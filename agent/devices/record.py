"""What is durable of a disk that was made a pool, or is offered whole. Rows on one side, values on the other;
nothing is decided."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from agent.schema import pool_devices as table
from provider.local_storage.device import Device
from provider.local_storage.device_rules import Rule
from store.port import Change

NAME_LETTERS: Final = 12
"""Of a pool's UUID in its provider's name."""

WHOLE: Final = "disk"
"""As rules say it (`provider.local_storage.device_rules.Use.DISK`)."""


@dataclass(frozen=True, slots=True)
class PoolRecord:
    """A pool, by the UUID that it carries itself: `pool_id`. A disk that is offered whole carries nothing of
    the agent's: it is known by its `identity` alone, and its `pool_id` is but a name.

    `provider`: the name of its resource provider. `identity`: the device's own when it was admitted, empty
    when it has none. `path`: where it was seen last. `prepared`: it was formatted; before that nothing is on
    it that is worth keeping, or its operator has said so.
    """

    pool_id: str
    provider: str
    rule: str
    use: str
    identity: str
    path: str
    size: int
    prepared: bool
    admitted_at: float
    attachments: int = 0
    """How often it was attached: what was mounted of it in an earlier one is not mounted any more."""

    @property
    def whole(self) -> bool:
        """Whether it is offered whole."""
        return self.use == WHOLE

    @property
    def named(self) -> str:
        """What its operator knows it by."""
        return f"disk {self.identity}" if self.whole else f"pool {self.pool_id}"


def begun(pool_id: str, device: Device, rule: Rule, now: float) -> PoolRecord:
    """Of a device that a rule gives away, before anything is done with it."""
    return PoolRecord(
        pool_id=pool_id,
        provider=f"{rule.name}_{pool_id.replace('-', '')[:NAME_LETTERS]}",
        rule=rule.name,
        use=str(rule.use),
        identity=device.identity,
        path=device.path,
        size=device.size,
        prepared=False,
        admitted_at=now,
    )


def load_pools(connection: Connection) -> list[PoolRecord]:
    """All of them, oldest first."""
    rows = connection.execute(select(table).order_by(table.c.admitted_at, table.c.pool_id))
    return [PoolRecord(**row._mapping) for row in rows]


def save_change(record: PoolRecord) -> Change:
    """It is like this from now on."""
    values = {name: getattr(record, name) for name in (each.name for each in fields(record))}
    statement = insert(table).values(values)
    statement = statement.on_conflict_do_update(index_elements=["pool_id"], set_=values)
    return lambda connection: connection.execute(statement)


def forget_change(pool_id: str) -> Change:
    """It is nothing of this agent's any more."""
    statement = delete(table).where(table.c.pool_id == pool_id)
    return lambda connection: connection.execute(statement)
