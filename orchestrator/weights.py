"""Weights of roles: set by operators, durable, told to the allocator.

A role of weight 2 may have twice as much as a sibling of weight 1. It holds from the next run on; nothing
that is on offer is taken back. No I/O here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final

from api.model.errors import InvalidRequest
from api.model.quantity import MILLI, from_milli
from api.model.roles import validate_role
from api.wire.v1 import mesos
from orchestrator.allocator import Allocator
from orchestrator.journal import Journal, Transaction
from orchestrator.registrar import Registrar

MAX_WEIGHT: Final = 1_000_000
"""A larger one is refused; weights only mean something beside one another."""

WEIGHTS_LIMIT: Final = 10_000
"""Roles that may have a weight of their own. A further one is refused."""


class InvalidWeight(InvalidRequest):
    """The weight cannot be; the message says which could."""


class Weights:
    """The weight of every role that an operator gave one."""

    def __init__(self, registrar: Registrar, journal: Journal, allocator: Allocator) -> None:
        self._registrar = registrar
        self._journal = journal
        self._allocator = allocator

    def recover(self) -> None:
        """Tell the allocator what is on disk, before it is told of anything else."""
        self._allocator.set_weights(self._registrar.weights)

    @property
    def all(self) -> Mapping[str, int]:
        """By role, in thousandths; of those that were given one."""
        return self._registrar.weights

    async def update(self, wanted: Iterable[mesos.WeightInfo]) -> None:
        """Set the weights of several roles, all or none. Durable when it returns. Raises InvalidWeight."""
        weights = _checked(wanted)
        if len({*self.all, *weights}) > WEIGHTS_LIMIT:
            raise InvalidWeight(f"at most {WEIGHTS_LIMIT} roles can have a weight of their own")
        transaction = Transaction()
        for role, milli in weights.items():
            transaction.add(self._registrar.set_weight(role, milli))
        self._allocator.set_weights(weights)
        await self._journal.commit(transaction)

    def shown(self) -> list[mesos.WeightInfo]:
        return [mesos.WeightInfo(role=role, weight=from_milli(self.all[role])) for role in sorted(self.all)]


def _checked(wanted: Iterable[mesos.WeightInfo]) -> dict[str, int]:
    found: dict[str, int] = {}
    for info in wanted:
        role = info.role
        if not isinstance(role, str):
            raise InvalidWeight("a weight names no role: name one")
        validate_role(role)
        if role in found:
            raise InvalidWeight(f"role {role!r} is named twice: name each role once")
        if not math.isfinite(info.weight) or not 1 / MILLI <= info.weight <= MAX_WEIGHT:
            raise InvalidWeight(
                f"the weight of role {role!r} is {info.weight:g}: give one from {1 / MILLI:g} to {MAX_WEIGHT}"
            )
        found[role] = round(info.weight * MILLI)
    return found
