"""The tasks of one executor, whoever drives them, as far as their executor's life has to do with theirs.

It starts none, and it does not know when an executor has to end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Protocol

from agent.executors.record import End
from agent.executors.task import ExecutorTask
from agent.tasks.record import KillIntent, TaskRecord, grace_seconds
from agent.tasks.spec import DEFAULT_GRACE_PERIOD
from agent.tasks.state import TaskPhase


class Member(Protocol):
    """A task of the executor."""

    record: TaskRecord
    released: asyncio.Event

    async def wish_end(self, intent: KillIntent) -> None:
        """Someone wants the task to end."""

    async def note(self, message: str) -> None:
        """Its owner is to know this while it runs."""


class Members:
    """All of them, in the order in which they came. `changed` is set when one is forgotten."""

    def __init__(self, changed: asyncio.Event) -> None:
        self._all: list[Member] = []
        self._changed = changed

    def __iter__(self) -> Iterator[Member]:
        return iter(list(self._all))

    def add(self, member: Member) -> None:
        self._all.append(member)

    def remove(self, member: Member) -> None:
        self._all = [each for each in self._all if each is not member]
        self._changed.set()

    @property
    def live(self) -> list[TaskRecord]:
        """Those that are not over."""
        return [member.record for member in self._all if not member.record.terminal]

    @property
    def released(self) -> bool:
        """Whether nothing is left of any."""
        return all(member.released.is_set() for member in self._all)

    async def until_released(self, patience: float | None) -> None:
        """Wait until nothing is left of any, at most for `patience` seconds."""
        try:
            async with asyncio.timeout(patience):
                while not self.released:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pass

    async def end(self, end: End, grace: float | None) -> None:
        """Their executor ends. `grace` in seconds; None is each task's own."""
        for member in self:
            if isinstance(member, ExecutorTask):
                phase = TaskPhase.FAILED if member.record.kill is None else TaskPhase.KILLED
                await member.end(phase, end.message, end.reason)
                continue
            seconds = grace_seconds(member.record.info.kill_policy, DEFAULT_GRACE_PERIOD)
            intent = KillIntent(seconds if grace is None else grace, end.message, end.reason)
            await member.wish_end(intent)

    async def note(self, message: str) -> None:
        """Their owner is to know this."""
        for member in self:
            await member.note(message)
