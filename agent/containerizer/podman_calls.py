"""Questions and orders to Podman that outlast its service: repeated while it is away or busy.

What a container should look like, and what its state means, is decided elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from agent.containerizer.interface import ContainerizerError, Who
from agent.containerizer.libpod import Inspected, Libpod, LibpodError, LibpodUnreachable
from agent.containerizer.podman_service import PodmanService
from agent.containerizer.podman_spec import (
    ID_LABEL,
    PAYLOAD_GROUP,
    SCOPE_LABEL,
    cgroup_parent,
    container_name,
)

REPEATS = 6
"""Attempts at a call whose service went away; then the error goes to the caller (Who.RETRY)."""

REFUSED_PAUSE = 0.2
"""Seconds before what Podman refuses for the moment is asked again, at first; later waits are longer."""

LOOKS_AT_ONCE = 8
"""Containers that are looked at side by side, when all are."""

STOPPING = "stopping"
"""The state of a container that Podman was told of late: see `podman_starts`."""

T = TypeVar("T")


class PodmanCalls:
    """Calls about the containers of one agent. `scope` is in their names and labels."""

    def __init__(self, scope: str, service: PodmanService, libpod: Libpod) -> None:
        self._scope = scope
        self._service = service
        self.libpod = libpod

    async def all(self) -> tuple[Inspected, ...]:
        """Every container of this agent that Podman knows, in any state."""
        names = await self.asked(lambda: self.libpod.names(f"{SCOPE_LABEL}={self._scope}"))
        turns = asyncio.Semaphore(LOOKS_AT_ONCE)

        async def look(name: str) -> Inspected | None:
            async with turns:
                return await self.look(name)

        found = await asyncio.gather(*(look(name) for name in names))
        return tuple(seen for seen in found if seen is not None)

    async def inspect(self, container_id: str) -> Inspected | None:
        return await self.look(container_name(self._scope, container_id))

    async def look(self, name: str) -> Inspected | None:
        """Of one that was half removed when Podman was killed, the other half is removed: it is gone."""
        try:
            seen = await self.asked(lambda: self.libpod.inspect(name))
            return None if seen is None else _with_group(seen, self._scope)
        except ContainerizerError as error:
            if not (isinstance(error.__cause__, LibpodError) and error.__cause__.is_half_removed):
                raise
        await self.remove(name)
        return None

    async def remove(self, name: str) -> None:
        """Where the monitor was killed the first attempt fails, and makes Podman see the end."""
        for _ in range(REPEATS):
            try:
                await self.repeated(lambda: self.libpod.remove(name))
            except LibpodError as error:
                refusal = error
                await asyncio.sleep(REFUSED_PAUSE)
            else:
                return
        raise ContainerizerError(f"podman cannot remove {name}: {refusal.message}", Who.RETRY)

    async def asked(self, question: Callable[[], Awaitable[T]]) -> T:
        """The answer to something that Podman has no reason to refuse, and does while a container, perhaps
        somebody else's, ends or is removed under its eyes: then it is asked again."""
        for attempt in range(REPEATS):
            try:
                return await self.repeated(question)
            except LibpodError as error:
                refusal = error
                await asyncio.sleep(REFUSED_PAUSE * 2**attempt if attempt + 1 < REPEATS else 0)
        raise ContainerizerError(str(refusal), Who.RETRY) from refusal

    async def repeated(self, call: Callable[[], Awaitable[T]]) -> T:
        """Repeat while the service is away; every call here may be. Raises LibpodError: a refusal."""
        for _ in range(REPEATS):
            try:
                return await call()
            except LibpodUnreachable as error:
                trouble = error
                await self._service.ensure()
        raise ContainerizerError(f"podman does not answer ({trouble}): repeat the call", Who.RETRY)


def _with_group(seen: Inspected, scope: str) -> Inspected:
    """Podman names the group of a container that it knows to run, and not of one that it is to stop."""
    if seen.status != STOPPING or seen.cgroup_path:
        return seen
    parent = cgroup_parent(scope, seen.labels[ID_LABEL])
    return replace(seen, cgroup_path=f"/{parent}/{PAYLOAD_GROUP}{seen.libpod_id}")
