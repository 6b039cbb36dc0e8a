"""Who is told when something of the cluster's state is different.

They are told in the order in which they began to listen, at once, before whoever changed it goes on. Nothing
of the state is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

A = TypeVar("A")


class ChangeKind(StrEnum):
    AGENT_ADDED = "AGENT_ADDED"
    AGENT_UPDATED = "AGENT_UPDATED"
    AGENT_REMOVED = "AGENT_REMOVED"
    PROVIDER_UPDATED = "PROVIDER_UPDATED"
    PROVIDER_REMOVED = "PROVIDER_REMOVED"
    TOTALS_CHANGED = "TOTALS_CHANGED"
    """What a provider has, and so its agent, and nothing else of either."""
    FRAMEWORK_ADDED = "FRAMEWORK_ADDED"
    FRAMEWORK_UPDATED = "FRAMEWORK_UPDATED"
    FRAMEWORK_REMOVED = "FRAMEWORK_REMOVED"
    TASK_ADDED = "TASK_ADDED"
    TASK_UPDATED = "TASK_UPDATED"
    TASK_REMOVED = "TASK_REMOVED"
    EXECUTOR_ADDED = "EXECUTOR_ADDED"
    EXECUTOR_REMOVED = "EXECUTOR_REMOVED"
    OPERATION_UPDATED = "OPERATION_UPDATED"
    OPERATION_ACKNOWLEDGED = "OPERATION_ACKNOWLEDGED"
    VOLUME_UPDATED = "VOLUME_UPDATED"
    VOLUME_REMOVED = "VOLUME_REMOVED"


@dataclass(frozen=True, slots=True)
class StateChange:
    """Something became different. `subject` is the entity as it is now (as it last was, when removed)."""

    kind: ChangeKind
    subject: object


Tell = Callable[[StateChange], None]


@dataclass(frozen=True, slots=True)
class _Listener(Generic[A]):
    tell: Tell
    of: tuple[type, ...]
    added: Callable[[Sequence[A]], None] | None


class Listeners(Generic[A]):
    """All who listen. `A`: what may be new in great numbers."""

    def __init__(self) -> None:
        self._listeners: list[_Listener[A]] = []
        self._concerned: dict[type, list[_Listener[A]]] = {}
        """By the class of what changes, those who are to be told."""

    def listen(
        self,
        listener: Tell,
        *,
        of: tuple[type, ...] = (),
        added: Callable[[Sequence[A]], None] | None = None,
    ) -> None:
        """Call `listener` at every change, in order, before the change's caller goes on.

        `of`: only when the subject is one of these; () for all. `added`: is called instead, once, when many
        are new at the same time.
        """
        self._listeners.append(_Listener(listener, of, added))
        self._concerned.clear()

    def changed(self, kind: ChangeKind, subject: object) -> None:
        """Tell them. Called by whoever changed an entity in place."""
        change = StateChange(kind, subject)
        for listener in self._of(type(subject)):
            listener.tell(change)

    def added(self, kind: ChangeKind, subjects: Sequence[A]) -> None:
        """The same of many that are new, all of one class."""
        if not subjects:
            return
        for listener in self._of(type(subjects[0])):
            if listener.added is not None:
                listener.added(subjects)
            else:
                for subject in subjects:
                    listener.tell(StateChange(kind, subject))

    def _of(self, subject: type) -> list[_Listener[A]]:
        known = self._concerned.get(subject)
        if known is None:
            known = [each for each in self._listeners if not each.of or issubclass(subject, each.of)]
            self._concerned[subject] = known
        return known
