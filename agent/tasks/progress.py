"""What a task's owner is told while a step before RUNNING takes long: statuses without a uuid.

They are not durable, not acknowledged and not repeated; whoever misses one has missed nothing but words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from agent.tasks.parts import TaskParts
from agent.tasks.record import TaskRecord
from agent.tasks.status import Source, make_status
from api.wire.v1 import mesos

PATIENCE: Final = 1.0
"""Seconds that a step may take in silence, and between two statuses."""


class TaskProgress:
    """Says what is being done for a task, or for some together."""

    def __init__(self, parts: TaskParts, records: Callable[[], Sequence[TaskRecord]]) -> None:
        """`records`: the tasks that what is done is for."""
        self._parts = parts
        self._records = records
        self._text = ""
        self._told = ""
        self._timer: asyncio.TimerHandle | None = None
        """While a step lasts."""
        self.said = False
        """Whether the present step has said how far it is."""

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """While this lasts, `text` or what was `say`ed since is told each time that it changed. A step may be
        part of another one, which goes on afterwards."""
        outer = None if self._timer is None else (self._text, self.said)
        self._text, self.said = text, False
        if self._timer is None:
            self._told = ""
            self._tell_later()
        try:
            yield
        finally:
            if outer is not None:
                self._text, self.said = outer
            elif self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def say(self, text: str) -> None:
        """The step has come that far; may be said often."""
        self._text, self.said = text, True

    def _tell_later(self) -> None:
        # A timer, not a task: nearly every step is over before it is due.
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._tell_if_new)

    def _tell_if_new(self) -> None:
        if self._text != self._told:
            self._told = self._text
            for record in self._records():
                self._tell(record, self._text)
        self._tell_later()

    def _tell(self, record: TaskRecord, text: str) -> None:
        parts = self._parts
        status = make_status(
            record,
            record.phase,
            mesos.AgentID(value=parts.agent_id()),
            uuid=None,
            timestamp=parts.clock.now(),
            message=text,
            reason=None,
            source=Source.SOURCE_AGENT,
            address=parts.address,
        )
        parts.tell(record, status)
