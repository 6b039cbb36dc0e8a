"""Operations and tasks of which the end is awaited: what each status means for that. No I/O here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar, Final, Generic, TypeVar

from msgspec import UNSET

from api.wire.v1 import mesos

OperationState, TaskState = mesos.OperationState, mesos.TaskState

TASK_ENDED: Final = frozenset(
    {
        TaskState.TASK_FINISHED,
        TaskState.TASK_FAILED,
        TaskState.TASK_KILLED,
        TaskState.TASK_ERROR,
        TaskState.TASK_LOST,
        TaskState.TASK_GONE,
        TaskState.TASK_GONE_BY_OPERATOR,
    }
)
TASK_NOT_BEGUN: Final = frozenset({TaskState.TASK_DROPPED, TaskState.TASK_UNKNOWN})
"""Nobody knows it: when nothing was heard of it before, it never ran."""


S = TypeVar("S")


class Awaited(Generic[S]):
    """`ended` has the outcome. `accepted`: its ACCEPT was answered; `is_known`: it began on this stream, or
    was heard of there."""

    def __init__(self) -> None:
        self.ended: asyncio.Future[S] = asyncio.get_running_loop().create_future()
        self.accepted = False
        self.is_known = True

    @property
    def is_to_be_asked_for(self) -> bool:
        return self.accepted and not self.is_known and not self.ended.done()

    def fail(self, error: Exception) -> None:
        if not self.ended.done():
            self.ended.set_exception(error)


class AwaitedOperation(Awaited[mesos.OperationStatus]):
    """Its outcome is its last status."""

    NOT_BEGUN: ClassVar = frozenset({OperationState.OPERATION_DROPPED, OperationState.OPERATION_UNKNOWN})
    ENDED: ClassVar = frozenset(
        {
            OperationState.OPERATION_FINISHED,
            OperationState.OPERATION_FAILED,
            OperationState.OPERATION_ERROR,
            OperationState.OPERATION_DROPPED,
            OperationState.OPERATION_GONE_BY_OPERATOR,
        }
    )
    NOT_NOW: ClassVar = frozenset({OperationState.OPERATION_RECOVERING, OperationState.OPERATION_UNREACHABLE})

    def heard(self, status: mesos.OperationStatus) -> None:
        """A status came; an operation that nobody knows was not accepted, once it cannot be any more."""
        self.is_known = self.is_known or status.state not in self.NOT_NOW
        is_unknown = status.state is OperationState.OPERATION_UNKNOWN and self.accepted
        if (is_unknown or status.state in self.ENDED) and not self.ended.done():
            self.ended.set_result(status)


class AwaitedTask(Awaited[mesos.TaskStatus | None]):
    """Its outcome is its last status, or None when it never began. `told` is called with each status once."""

    def __init__(self, told: Callable[[mesos.TaskStatus], None]) -> None:
        super().__init__()
        self._told = told
        self._seen: set[bytes] = set()
        self._latest: mesos.TaskState | None = None

    def heard(self, status: mesos.TaskStatus) -> None:
        """A status came, perhaps again, or as an answer to a question (without a uuid)."""
        if self.ended.done():
            return
        self.is_known = True
        if status.state in TASK_NOT_BEGUN and self._latest is None:
            if self.accepted or status.state is not TaskState.TASK_UNKNOWN:
                self.ended.set_result(None)
            return
        if not self._is_new(status):
            return
        self._latest = status.state
        try:
            self._told(status)
        except Exception as error:
            self.fail(error)
            return
        if status.state in TASK_ENDED | TASK_NOT_BEGUN:
            self.ended.set_result(status)

    def _is_new(self, status: mesos.TaskStatus) -> bool:
        if status.uuid is UNSET:
            return status.state is not self._latest
        is_new = status.uuid not in self._seen
        self._seen.add(status.uuid)
        return is_new
