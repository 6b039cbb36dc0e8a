"""Whom something concerns, of the frameworks and agents that there are; and filters by them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.records import OperationRecord
from orchestrator.state import Agent, Executor, Framework, Provider, Task
from orchestrator.volumes import VolumeRecord


@dataclass(frozen=True, slots=True)
class Subjects:
    """Whom an event, or an entity, concerns; None is nobody of that kind."""

    framework_id: str | None = None
    agent_id: str | None = None


def concerned(subject: object) -> Subjects:
    """Whom an entity of the state concerns."""
    match subject:
        case Task() | Executor() | OperationRecord():
            return Subjects(subject.framework_id, subject.agent_id)
        case Agent() | VolumeRecord():
            return Subjects(agent_id=subject.agent_id)
        case Provider():
            return Subjects(agent_id=subject.key[0])
        case Framework():
            return Subjects(subject.framework_id)
    return Subjects()


@dataclass(frozen=True, slots=True)
class Filter:
    """What a subscriber wants to be told of: what concerns one of these frameworks or one of these agents."""

    framework_ids: frozenset[str]
    agent_ids: frozenset[str]

    def admits(self, subjects: Subjects) -> bool:
        return subjects.framework_id in self.framework_ids or subjects.agent_id in self.agent_ids
