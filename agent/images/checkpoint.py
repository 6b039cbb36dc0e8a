"""What is known of images' pasts, to and from the agent's store. Nothing is decided here.

Each function that ends in `_change` returns a `Change` over values copied now, so that what is written is
what was true when it was asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from agent import schema
from agent.images.plan import Use
from store.port import Change


@dataclass(frozen=True, slots=True)
class PullIntent:
    """A pull that was begun. `before` is the image that the name led to then; None: none."""

    before: str | None
    began_at: float


def load_uses(connection: Connection) -> dict[str, Use]:
    """By the image's id."""
    return {
        row.image_id: Use(
            row.last_used, msgspec.msgpack.decode(row.names, type=tuple[str, ...]), row.pulled_at
        )
        for row in connection.execute(select(schema.image_uses))
    }


def load_pulls(connection: Connection) -> dict[str, PullIntent]:
    """By the name that is pulled."""
    return {
        row.name: PullIntent(row.before, row.began_at)
        for row in connection.execute(select(schema.image_pulls))
    }


def use_change(image_id: str, use: Use) -> Change:
    values = {
        "last_used": use.last_used,
        "pulled_at": use.pulled_at,
        "names": msgspec.msgpack.encode(use.names),
    }
    statement = insert(schema.image_uses).values(image_id=image_id, **values)
    statement = statement.on_conflict_do_update(index_elements=["image_id"], set_=values)
    return lambda connection: connection.execute(statement)


def forget_uses_change(image_ids: Collection[str]) -> Change:
    statement = delete(schema.image_uses).where(schema.image_uses.c.image_id.in_(tuple(image_ids)))
    return lambda connection: connection.execute(statement)


def pull_change(name: str, intent: PullIntent) -> Change:
    values = {"before": intent.before, "began_at": intent.began_at}
    statement = insert(schema.image_pulls).values(name=name, **values)
    statement = statement.on_conflict_do_update(index_elements=["name"], set_=values)
    return lambda connection: connection.execute(statement)


def forget_pull_change(name: str) -> Change:
    statement = delete(schema.image_pulls).where(schema.image_pulls.c.name == name)
    return lambda connection: connection.execute(statement)
