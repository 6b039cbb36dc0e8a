"""The work that goes on meanwhile: schedulers' and operators' stories, and all that these were told.

What is asked for is that of the crash test. On top of it, each task leaves a line in its sandbox when it
starts, and each status is kept as it came.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from msgspec import UNSET

from api.wire.v1 import mesos
from e2e.crash import cutting
from e2e.crash.operator_stories import OperatorStories
from e2e.crash.record import Record
from e2e.crash.scheduler_stories import OVER, ROLE, SchedulerStories
from e2e.task_crash.chronicle import rank

STARTED: Final = "starts-"
"""Beginning of the name of a file in the sandbox that gets a line at each start; the task's name follows."""
NOT_STARTED: Final = frozenset({"TASK_DROPPED"})
"""States that say that a task has never run, and never will."""


@dataclass
class Told:
    """The statuses of one task that have a uuid, each once, in the order in which they came first."""

    statuses: dict[bytes, str] = field(default_factory=dict)

    def judge(self) -> Iterable[str]:
        states = list(self.statuses.values())
        for before, after in itertools.pairwise(states):
            if rank(after) < rank(before) or before in OVER:
                yield f"was {before}, and after it {after}"


class Stories(SchedulerStories):
    """A framework whose tasks say when they start. `agents` are the directories of their agents."""

    def __init__(
        self, url: str, stories: int, rng: random.Random, record: Record, agents: Iterable[Path]
    ) -> None:
        super().__init__(url, stories, rng, record)
        self._agents = tuple(agents)
        self.told: dict[str, Told] = {}

    async def task(self, disk_id: str, command: str) -> str:
        return await super().task(disk_id, f'echo x >> "$MESOS_SANDBOX/{STARTED}$MESOS_TASK_ID"; {command}')

    def _heard(self, name: str, status: Any) -> None:
        if isinstance(status, mesos.TaskStatus) and status.uuid is not UNSET:
            self.told.setdefault(name, Told()).statuses.setdefault(bytes(status.uuid), str(status.state))
        super()._heard(name, status)
        entry = self._record.entries.get(name)
        if entry is not None and entry.unknown and entry.kind == "CREATE_DISK":
            self._came_late(status)

    def _came_late(self, status: Any) -> None:
        """A disk was made after all: the answer to its request had been lost, and the request had not."""
        if status.state is mesos.OperationState.OPERATION_FINISHED:
            self.disks |= {cutting.disk_id(each) for each in status.converted_resources}

    def judge(self) -> list[str]:
        """What is not as it must be, in words: tasks told twice, out of order, started twice or after all."""
        wrong = []
        for name, entry in self._record.entries.items():
            if entry.kind != "LAUNCH":
                continue
            wrong += [f"task {name} {each}" for each in self.told.get(name, Told()).judge()]
            starts = self._starts(name)
            if starts > 1 or (not starts and "TASK_FINISHED" in entry.told):
                wrong.append(f"task {name} was started {starts} times, and told {entry.told}")
            if starts and entry.unknown and entry.accepted:
                wrong.append(f"task {name} was said to be unknown, and it was started")
            if starts and NOT_STARTED.intersection(entry.told):
                wrong.append(f"task {name} was told {entry.told}, and it was started")
        return wrong

    def _starts(self, name: str) -> int:
        files = (
            file for agent in self._agents for file in (agent / "sandboxes").glob(f"*/*/*/{STARTED}{name}")
        )
        return sum(file.read_text().count("\n") for file in files)


class Load:
    """One framework and some operators, until they are told to stop."""

    def __init__(
        self, url: str, seed: int, agents: Iterable[Path], stories: int = 4, operators: int = 2
    ) -> None:
        self.record = Record()
        self.scheduler = Stories(url, stories, random.Random(seed + 1), self.record, agents)
        self.operators = OperatorStories(
            url, operators, random.Random(seed + 2), self.record, ROLE, self.scheduler.task, None
        )

    async def run(self) -> None:
        """Until `stop` was called, and each story has come to its end."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.scheduler.run())
            group.create_task(self.operators.run())

    def stop(self) -> None:
        self.scheduler.stopping.set()
        self.operators.stopping.set()

    async def clear(self) -> None:
        """Destroy what the stories left standing."""
        await asyncio.gather(
            *(self.operators.destroy(name) for name in sorted(self.operators.standing)),
            *(self.scheduler.destroy(disk) for disk in sorted(self.scheduler.disks)),
        )

    def judge(self) -> list[str]:
        return [*self.record.judge(unheard=True), *self.scheduler.judge()]

    async def close(self) -> None:
        await self.operators.close()
