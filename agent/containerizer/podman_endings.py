"""What ends a Podman container before its time: a signal, SIGKILL at the end of a grace period, its parent.

Signals go to the container's processes themselves, which needs no service. When SIGKILL is due is on record,
so that the next agent sends it if this one does not live to. How a container ended is not found out here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from agent.containerizer.interface import Exit, UnknownContainer
from agent.containerizer.libpod import Inspected
from agent.containerizer.podman_spec import ID_LABEL, cgroup_parent
from agent.containerizer.podman_watch import kill_deadline, members, recorded_deadline
from agent.containerizer.podman_watches import Watches
from agent.containerizer.shim.cgroups import Hierarchies
from api.model.clock import Clock

SIGKILL = 9
SIGTERM = 15

Wait = Callable[[str], Awaitable[Exit]]
"""How the container of that id ended, once it has. Raises UnknownContainer."""

Kill = Callable[[str], Awaitable[None]]
"""End it at once. Raises UnknownContainer."""


class Endings:
    """Of one agent's containers, between `start` and `close`. `root` is the directory of their own ones."""

    def __init__(
        self, root: Path, scope: str, clock: Clock, watches: Watches, wait: Wait, kill: Kill
    ) -> None:
        self._root = root
        self._scope = scope
        self._clock = clock
        self._watches = watches
        self._wait = wait
        self._kill = kill
        self._hierarchies = Hierarchies(2, {})
        self._killers: dict[str, asyncio.Task[None]] = {}
        self._followers: dict[str, asyncio.Task[None]] = {}

    def start(self, hierarchies: Hierarchies) -> None:
        self._hierarchies = hierarchies

    async def close(self) -> None:
        """End nothing any more."""
        tasks = [*self._killers.values(), *self._followers.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._killers.clear()
        self._followers.clear()

    def forget(self, container_id: str) -> None:
        """It is removed."""
        for tasks in (self._killers, self._followers):
            if (task := tasks.pop(container_id, None)) is not None:
                task.cancel()

    def send(self, seen: Inspected, number: int) -> None:
        """A signal to each of its processes, by its identity; to none of one that has ended."""
        container_id = seen.labels[ID_LABEL]
        if (watch := self._watches.of(container_id)) is not None and watch.done():
            return
        for process in members(seen, self._hierarchies, cgroup_parent(self._scope, container_id)):
            process.send(number)

    def end(self, seen: Inspected, grace: float) -> None:
        """SIGTERM, and SIGKILL after that many seconds, or sooner if that was said before."""
        container_id = seen.labels[ID_LABEL]
        self._kill_at(seen, kill_deadline(self._root / container_id, self._clock.now() + max(0.0, grace)))
        self.send(seen, SIGTERM)

    def resume(self, seen: Inspected) -> None:
        """What an earlier life of the agent was to do and did not."""
        if (deadline := recorded_deadline(self._root / seen.labels[ID_LABEL])) is not None:
            self._kill_at(seen, deadline)

    def follow(self, container_id: str, parent: str) -> None:
        """End the container when its parent has ended, or is not there any more."""
        before = self._followers.pop(container_id, None)
        if before is not None:
            before.cancel()

        async def follow() -> None:
            with contextlib.suppress(UnknownContainer):
                await self._wait(parent)
            with contextlib.suppress(UnknownContainer):
                await self._kill(container_id)

        self._followers[container_id] = asyncio.get_running_loop().create_task(follow())

    def _kill_at(self, seen: Inspected, deadline: float) -> None:
        container_id = seen.labels[ID_LABEL]
        before = self._killers.pop(container_id, None)
        if before is not None:
            before.cancel()

        async def killer() -> None:
            await asyncio.sleep(max(0.0, deadline - self._clock.now()))
            self.send(seen, SIGKILL)

        self._killers[container_id] = asyncio.get_running_loop().create_task(killer())
