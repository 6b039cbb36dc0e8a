"""Volumes brought into running containers of a host in memory: the books of its mount namespaces."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agent.containerizer.interface import Bind
from agent.containerizer.late_volumes import LateVolumeRefused, Running
from tests.simulation.host import SimHost

MOST_SECONDS = 0.1
"""For one order."""


class SimLateVolumes:
    """Implements `agent.containerizer.late_volumes.LateVolumes`, with the host's faults."""

    def __init__(self, host: SimHost) -> None:
        self._host = host

    async def bring(self, into: Running, binds: Sequence[Bind], owner: tuple[int, int] | None) -> None:
        """See `LateVolumes.bring`."""
        await self._act()
        container_id = self._running(into)
        if container_id is None:
            raise LateVolumeRefused("the container has ended")
        there = self._host.late.setdefault(container_id, {})
        for bind in binds:
            if there.get(bind.target, bind.source) != bind.source:
                raise LateVolumeRefused(f"something else is mounted at {bind.target}")
            there[bind.target] = bind.source
            self._host.volume_used(bind.source, container_id)

    async def take(self, from_: Running, binds: Sequence[Bind]) -> None:
        """See `LateVolumes.take`."""
        await self._act()
        container_id = self._running(from_)
        there = self._host.late.get(container_id or "", {})
        for bind in binds:
            if there.get(bind.target) == bind.source:
                del there[bind.target]

    async def _act(self) -> None:
        await asyncio.sleep(self._host.rng.uniform(0.0, MOST_SECONDS))
        if self._host.faulty() and self._host.rng.random() < 0.1:
            raise OSError("nothing came of it")

    def _running(self, meant: Running) -> str | None:
        container_id = meant.mark.partition("=")[2]
        container = self._host.containers.get(container_id)
        return None if container is None or container.exit is not None else container_id
