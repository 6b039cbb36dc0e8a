"""Who follows Podman's containers to their ends: one watch for each container that Podman made.

A name may be given again: what was asked of Podman a moment ago may be about a container that is gone by
now, and another one may have its name. So a watch is begun only of what was asked under the name's lock,
is of one container of Podman's, and never tells of another one with that name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from agent.containerizer.interface import MIN_MEMORY_LIMIT, Exit
from agent.containerizer.libpod import Inspected
from agent.containerizer.logs import LogSplitter
from agent.containerizer.podman_spec import (
    ID_LABEL,
    LOG_FILE,
    MEMORY_LABEL,
    OUTPUT_LABEL,
    SANDBOX_LABEL,
    cgroup_parent,
)
from agent.containerizer.podman_watch import Watch
from agent.containerizer.shim.cgroups import Hierarchies
from agent.containerizer.watch import is_spent
from api.model.clock import Clock

LOG_THREADS = 2
"""They copy the output of all containers, in turns; large files that others copy do not hold them up."""


@dataclass(frozen=True, slots=True)
class _Following:
    libpod_id: str
    ended: asyncio.Task[Exit]
    tidied: asyncio.Task[None]


class Watches:
    """Those of one agent, between `start` and `close`. `root` is the directory of the containers' own ones,
    `inspect` asks Podman for the container that has an id now."""

    def __init__(
        self, root: Path, scope: str, clock: Clock, inspect: Callable[[str], Awaitable[Inspected | None]]
    ) -> None:
        self._root = root
        self._scope = scope
        self._clock = clock
        self._inspect = inspect
        self._hierarchies = Hierarchies(2, {})
        self._threads: ThreadPoolExecutor | None = None
        self._following: dict[str, _Following] = {}

    def start(self, hierarchies: Hierarchies) -> None:
        """Threads begin with the first output."""
        self._hierarchies = hierarchies
        self._threads = ThreadPoolExecutor(LOG_THREADS, "container-logs")

    async def close(self) -> None:
        """Follow nothing any more; the containers run on."""
        tasks = [task for each in self._following.values() for task in (each.ended, each.tidied)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._following.clear()
        if self._threads is not None:
            self._threads.shutdown(wait=False)  # whoever used it was waited for

    def of(self, container_id: str, libpod_id: str | None = None) -> asyncio.Task[Exit] | None:
        """The watch that runs, or has its answer; of that container of Podman's, where one is named."""
        found = self._following.get(container_id)
        if found is None or is_spent(found.ended) or libpod_id not in (None, found.libpod_id):
            return None
        return found.ended

    def begin(self, seen: Inspected) -> asyncio.Task[Exit]:
        """Follow a container, if it is not followed yet. `seen` was asked for under the lock of its id."""
        container_id = seen.labels[ID_LABEL]
        if (watch := self.of(container_id, seen.libpod_id)) is not None:
            return watch
        self.forget(container_id)
        follower = self._follower(seen, container_id)
        loop = asyncio.get_running_loop()
        ended = loop.create_task(follower.until_ended())
        tidied = loop.create_task(_tidy(ended, follower))
        self._following[container_id] = _Following(seen.libpod_id, ended, tidied)
        return ended

    def forget(self, container_id: str) -> None:
        """The container of that id is removed, or is another one now."""
        if (found := self._following.pop(container_id, None)) is not None:
            found.ended.cancel()
            found.tidied.cancel()

    def _follower(self, seen: Inspected, container_id: str) -> Watch:
        assert self._threads is not None, "containers are followed after the start"
        directory = self._root / container_id
        directory.mkdir(exist_ok=True, mode=0o700)
        sandbox = Path(seen.labels[SANDBOX_LABEL])
        splitter = LogSplitter(directory / LOG_FILE, sandbox, int(seen.labels[OUTPUT_LABEL]))
        memory = int(seen.labels[MEMORY_LABEL])
        limit = max(memory, MIN_MEMORY_LIMIT) if memory else 0
        group = cgroup_parent(self._scope, container_id)

        async def inspect() -> Inspected | None:
            now = await self._inspect(container_id)
            return now if now is not None and now.libpod_id == seen.libpod_id else None

        kept = (directory, splitter, self._hierarchies, group, limit)
        return Watch(seen, inspect, *kept, self._clock, self._threads)


async def _tidy(watch: asyncio.Task[Exit], follower: Watch) -> None:
    """After the end, and apart from it: who waits for the container does not wait for its monitor."""
    await asyncio.wait((watch,))
    if not is_spent(watch):
        await follower.remove_groups()
