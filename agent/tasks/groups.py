"""What the tasks of a group have to do with each other. Pure: it says who has to end, and ends nobody."""

from __future__ import annotations

from collections.abc import Iterable

from agent.tasks.record import TaskRecord
from agent.tasks.state import TaskPhase


def siblings_to_end(ended: TaskRecord, records: Iterable[TaskRecord]) -> list[TaskRecord]:
    """The tasks of its group that have to end because `ended` did: all, unless it finished its work.

    A group that a custom executor runs is that executor's affair once it has it.
    """
    if ended.group is None or ended.parent is None or ended.phase is TaskPhase.FINISHED:
        return []
    return [
        record
        for record in records
        if record.group == ended.group and not record.terminal and record.kill is None
    ]
