"""Containers that keep an agent from being left: those of operators, which nobody ends but an operator.

Must not: end any.
"""

from __future__ import annotations

from collections.abc import Iterable

from agent.containers.record import ContainerRecord


def in_the_way(records: Iterable[ContainerRecord]) -> list[str]:
    """One line for each that runs."""
    return [
        f"container {record.key} is an operator's, and runs: end it (`orlop container kill {record.key}`)"
        for record in records
        if record.live
    ]
