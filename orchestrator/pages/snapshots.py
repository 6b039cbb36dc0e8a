"""The cluster at one moment, for a page that is then written in many slices of the event loop.

Parts are kept from one page to the next, and only what changed is made anew, in slices; when all are made,
references to them are taken at once. Since parts are frozen, what is shown is one moment's state however
long it takes to write. While nobody asks, nothing is kept and no change costs anything.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from api.model.resources import Resources
from api.wire.slices import Slices
from orchestrator.offers import Offer, Offers
from orchestrator.operations import Operations
from orchestrator.pages.cached import Cached
from orchestrator.pages.parts import (
    AgentPart,
    ExecutorPart,
    FrameworkPart,
    TaskPart,
    agent_part,
    executor_part,
    framework_part,
    task_part,
)
from orchestrator.records import OperationRecord
from orchestrator.state import (
    Agent,
    ChangeKind,
    ClusterState,
    Executor,
    Framework,
    Provider,
    StateChange,
    Task,
)

KEPT_SECONDS = 60.0
"""Parts are forgotten when for so long nobody asked for a page that needs them."""

PASSES_LIMIT = 50
"""Rounds of making what changed meanwhile; after them the rest is made at once, in one slice."""

DROPPED_AT_ONCE = 500
"""Parts that are forgotten in one slice."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that pages are made of."""

    agents: list[AgentPart]
    frameworks: list[FrameworkPart]
    completed_frameworks: list[FrameworkPart]
    tasks: list[TaskPart]
    completed_tasks: list[TaskPart]
    executors: list[ExecutorPart]
    offers: tuple[Offer, ...]


class Snapshots:
    """Takes them. One for each orchestrator."""

    def __init__(self, state: ClusterState, offers: Offers, operations: Operations) -> None:
        self._state = state
        self._offers = offers
        self._operations = operations
        self._ended: dict[int, Task] = {}
        """Ended tasks that are still shown, by identity: a name may come twice."""
        self._agents = Cached(lambda: state.agents, self._agent)
        self._frameworks = Cached(lambda: state.frameworks, framework_part)
        self._tasks = Cached(lambda: state.tasks, task_part)
        self._completed = Cached(lambda: self._ended, task_part)
        self._executors = Cached(lambda: state.executors, executor_part)
        self._all: tuple[Cached[Any, Any, Any], ...] = (
            self._agents,
            self._frameworks,
            self._tasks,
            self._completed,
            self._executors,
        )
        self._turn = asyncio.Lock()
        """Who comes second waits, and finds made what the first had made."""
        self._is_kept = False
        self._last_asked = 0.0
        self._forgetting: asyncio.Task[None] | None = None
        state.listen(self._changed)

    async def take(self) -> Snapshot:
        """The cluster as it is at one moment between the call and the return."""
        slices = Slices()
        async with self._turn:
            await self._keep(slices)
            await self._freshen(slices)
            return Snapshot(
                agents=self._agents.parts(),
                frameworks=self._frameworks.parts(),
                completed_frameworks=[framework_part(each) for each in self._state.completed_frameworks],
                tasks=self._tasks.parts(),
                completed_tasks=self._completed.parts(),
                executors=self._executors.parts(),
                offers=self._offers.outstanding(),
            )

    def close(self) -> None:
        """The orchestrator stops."""
        if self._forgetting is not None:
            self._forgetting.cancel()

    # Kept while somebody asks.

    async def _keep(self, slices: Slices) -> None:
        self._last_asked = asyncio.get_running_loop().time()
        if self._forgetting is None:
            self._forgetting = asyncio.create_task(self._forget(), name="pages")
        if not self._is_kept:
            self._is_kept = True
            self._ended = {id(task): task for task in self._state.completed_tasks}
            for cached in self._all:
                for _ in cached.begin():
                    if slices.is_over:
                        await slices.next()

    async def _forget(self) -> None:
        """Once nobody has asked for long enough: forget everything, and do not listen any more."""
        while await self._asked_lately():
            pass
        async with self._turn:
            self._is_kept, self._forgetting = False, None
            self._ended = {}
            for cached in self._all:
                while cached.drop(DROPPED_AT_ONCE):  # noqa: ASYNC110 - in slices
                    await asyncio.sleep(0)

    async def _asked_lately(self) -> bool:
        """Wait as long as parts are kept since they were asked for; whether they were asked for meanwhile."""
        left = self._last_asked + KEPT_SECONDS - asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, left))
        return left > 0

    async def _freshen(self, slices: Slices) -> None:
        for _ in range(PASSES_LIMIT):
            self._drop_oldest_ended()
            for cached in self._all:
                while not cached.is_fresh:
                    cached.freshen_one()
                    if slices.is_over:
                        await slices.next()
            if all(cached.is_fresh for cached in self._all):
                return
        for cached in self._all:
            while not cached.is_fresh:
                cached.freshen_one()

    def _drop_oldest_ended(self) -> None:
        surplus = len(self._ended) - len(self._state.completed_tasks)
        for key in list(self._ended)[: max(0, surplus)]:
            del self._ended[key]
            self._completed.changed(key)

    # What changed.

    def _changed(self, change: StateChange) -> None:
        if not self._is_kept:
            return
        match change.subject:
            case Agent() as agent:
                self._agents.changed(agent.agent_id)
            case Provider() as provider:
                self._agents.changed(provider.key[0])
            case OperationRecord() as record:
                self._agents.changed(record.agent_id)
            case Framework() as framework:
                self._frameworks.changed(framework.framework_id)
            case Executor() as executor:
                self._executors.changed(executor.key)
                self._agents.changed(executor.agent_id)
            case Task() as task:
                self._tasks.changed(task.key)
                self._agents.changed(task.agent_id)
                if change.kind is ChangeKind.TASK_REMOVED:
                    self._ended[id(task)] = task
                if id(task) in self._ended:
                    self._completed.changed(id(task))

    def _agent(self, agent: Agent) -> AgentPart:
        held = [holder.resources for holder in self._state.holders_on(agent.agent_id)]
        held += [resources for _, resources in self._operations.held(agent.agent_id)]
        return agent_part(agent, Resources.total(held))
