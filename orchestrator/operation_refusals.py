"""Refusals of operations: the orchestrator's own last word, kept until it is acknowledged.

No provider has ever heard of such an operation, and nobody repeats its end. So it is durable before it is
told, is told again whenever its framework subscribes or sends the operation again, and is what a
reconciliation answers. No I/O here but loading; callers write the changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, insert

from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.v1 import mesos
from orchestrator import schema
from orchestrator.found_rows import Found
from orchestrator.index import Index
from store.port import Change, Run, Several

REFUSALS_LIMIT = 10_000
"""Refusals that are kept for one framework that acknowledges none. Beyond it the oldest are forgotten."""

_INSERT: Final = insert(schema.operation_refusals)
_DELETE: Final = delete(schema.operation_refusals).where(
    schema.operation_refusals.c.framework_id == bindparam("framework"),
    schema.operation_refusals.c.operation_id == bindparam("operation"),
)

RefusalKey = tuple[str, str]
"""(framework id, operation id)."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """`status` has the operation's id, and the uuid by which it is acknowledged."""

    framework_id: str
    status: mesos.OperationStatus

    @property
    def key(self) -> RefusalKey:
        assert isinstance(self.status.operation_id, mesos.OperationID)
        return self.framework_id, self.status.operation_id.value


class Refusals:
    """In memory what is on disk. Methods that give a `Change` alter memory at once."""

    def __init__(self, limit: int = REFUSALS_LIMIT) -> None:
        """`limit`: see REFUSALS_LIMIT."""
        self._limit = limit
        self._all: dict[RefusalKey, Refusal] = {}
        self._by_framework: Index[str, Refusal] = Index()

    def __len__(self) -> int:
        return len(self._all)

    def load(self, found: Found) -> Iterator[None]:
        """Fill memory from disk. Once, at start."""
        for row in found.rows(schema.operation_refusals):
            self._put(Refusal(row.framework_id, decode_msgpack(mesos.OperationStatus, row.status)))
            yield

    def get(self, key: RefusalKey) -> Refusal | None:
        return self._all.get(key)

    def of_framework(self, framework_id: str) -> list[Refusal]:
        return self._by_framework.of(framework_id)

    def record(self, refusal: Refusal) -> Change:
        """Keep it. There is none of this operation."""
        forgotten: list[Change] = []
        if self._by_framework.count(refusal.framework_id) >= self._limit:
            forgotten.append(self.forget(self._by_framework.of(refusal.framework_id)[0]))
        self._put(refusal)
        framework_id, operation_id = refusal.key
        row = {
            "framework_id": framework_id,
            "operation_id": operation_id,
            "status": encode_msgpack(refusal.status),
        }
        return Several((*forgotten, Run(_INSERT, row)))

    def forget(self, refusal: Refusal) -> Change:
        """Its framework knows it, or is gone."""
        del self._all[refusal.key]
        framework_id, operation_id = refusal.key
        self._by_framework.remove(framework_id, operation_id)
        return Run(_DELETE, {"framework": framework_id, "operation": operation_id})

    def _put(self, refusal: Refusal) -> None:
        self._all[refusal.key] = refusal
        self._by_framework.add(refusal.framework_id, refusal.key[1], refusal)
