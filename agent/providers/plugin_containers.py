"""Plugin containers, run and kept track of so that none is ever lost.

Implements `provider.plugins.containers.PluginContainers` on a containerizer. That a container is
wanted is durable before it is started, and that it is unwanted before it is removed; what neither
this room nor a task knows is an orphan, which the daemon removes. It knows no CSI, restarts
nothing and probes nothing: the plugin service does.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from agent import schema
from agent.commands import DEFAULT_PATH
from agent.containerizer.interface import (
    Bind,
    Containerizer,
    ContainerizerError,
    ContainerSpec,
    ContainerState,
    Limits,
    UnknownContainer,
)
from agent.host.shared_mounts import SharedDirectories
from agent.sandboxes.output_tail import last_lines
from agent.sandboxes.sandbox import OwnFolder
from agent.tasks.parts import Sandboxes
from agent.tasks.spec import KIND_LABEL
from agent.tasks.status import describe_exit
from provider.plugins.containers import DIGEST_LABEL, ContainerFailed, FoundContainer, PluginContainer
from store.port import Change, Store

T = TypeVar("T")
log = logging.getLogger(__name__)

SANDBOX_OWNER = OwnFolder.PLUGINS
"""Stands for a framework in the paths of plugin containers' sandboxes."""

KILL_GRACE = 2.0
"""Seconds between SIGTERM and SIGKILL. Plugins must survive SIGKILL; this only spares them a recovery."""

MAX_CONTAINERS = 100
"""Plugin containers known at once; another one is refused."""


class PluginContainerKeeper:
    """The plugin containers of one agent. `load` comes first."""

    def __init__(
        self,
        store: Store,
        containerizer: Containerizer,
        sandboxes: Sandboxes,
        shared: SharedDirectories,
    ) -> None:
        self._store = store
        self._containerizer = containerizer
        self._sandboxes = sandboxes
        self._shared = shared
        self._wanted: dict[str, tuple[str, ...]] = {}  # container id -> directories shared for it
        self._removing: set[str] = set()
        self._locks: dict[str, asyncio.Lock] = {}

    # recovery

    def load(self) -> set[str]:
        """Read the checkpoint; returns the ids of the containers that belong to this room."""
        for container_id, shared, removing in self._store.read(_load):
            self._wanted[container_id] = shared
            if removing:
                self._removing.add(container_id)
        return set(self._wanted)

    async def resume(self, found: Mapping[str, ContainerState]) -> None:
        """Finish the removals that a crash interrupted; what fails is left to the next start."""
        for container_id in sorted(self._removing):
            try:
                await self.kill(container_id)
                with contextlib.suppress(ContainerFailed):  # it may be gone already
                    await self.wait(container_id)
                await self.remove(container_id)
            except ContainerFailed as error:
                log.error("plugin container %s cannot be removed: %s", container_id, error)

    def sandboxes(self) -> set[Path]:
        """The directories that wanted containers use."""
        return {self._sandbox(container_id) for container_id in self._wanted}

    @property
    def ids(self) -> Sequence[str]:
        """The containers that are wanted, for those who look at this agent."""
        return sorted(self._wanted)

    # provider.plugins.containers.PluginContainers

    async def launch(self, container: PluginContainer) -> None:
        """See `PluginContainers.launch`."""
        async with self._lock(container.id):
            if container.id not in self._wanted and len(self._wanted) >= MAX_CONTAINERS:
                raise ContainerFailed(f"this agent keeps {MAX_CONTAINERS} plugin containers, its limit")
            shared = tuple(bind.path for bind in container.binds if bind.shared)
            await self._store.write(_want(container.id, shared))
            self._wanted[container.id] = shared
            self._removing.discard(container.id)
            try:
                spec = self._spec(container)
            except (OSError, ContainerizerError) as error:
                raise ContainerFailed(f"plugin container {container.id}: {error}") from error
            await _asked(self._containerizer.launch(spec))

    async def wait(self, container_id: str) -> str:
        """See `PluginContainers.wait`."""
        return describe_exit(await _asked(self._containerizer.wait(container_id)))

    async def kill(self, container_id: str) -> None:
        """See `PluginContainers.kill`."""
        try:
            await self._containerizer.kill(container_id, KILL_GRACE)
        except UnknownContainer:
            return
        except ContainerizerError as error:
            raise ContainerFailed(error.message) from error

    async def remove(self, container_id: str) -> None:
        """See `PluginContainers.remove`."""
        async with self._lock(container_id):
            if container_id in self._wanted and container_id not in self._removing:
                await self._store.write(_unwant(container_id))
                self._removing.add(container_id)
            try:
                await self._containerizer.remove(container_id)
            except UnknownContainer:
                pass
            except ContainerizerError as error:
                raise ContainerFailed(error.message) from error
            await self._forget(container_id)

    async def log(self, container_id: str, lines: int) -> tuple[str, ...]:
        """See `PluginContainers.log`."""
        if container_id not in self._wanted:
            return ()
        return last_lines(self._sandbox(container_id), lines)

    async def list(self, prefix: str) -> list[FoundContainer]:
        """See `PluginContainers.list`."""
        return [
            FoundContainer(state.id, state.running, state.labels.get(DIGEST_LABEL, ""))
            for state in await _asked(self._containerizer.list())
            if state.id.startswith(prefix) and DIGEST_LABEL in state.labels
        ]

    # within

    async def _forget(self, container_id: str) -> None:
        if container_id not in self._wanted:
            return
        for path in self._wanted[container_id]:
            try:
                self._shared.release(path)
            except OSError as error:
                log.warning("the directory %s stays shared: %s", path, error)
        await self._store.write(_forgotten(container_id))
        del self._wanted[container_id]
        self._removing.discard(container_id)
        self._sandboxes.retire(self._sandbox(container_id))

    def _spec(self, container: PluginContainer) -> ContainerSpec:
        for bind in container.binds:
            if bind.shared:
                self._shared.share(bind.path)
        # What a driver prints may hold the secrets that it was given: it is for nobody else to read.
        mode = 0o700 if container.user is None else 0o755
        sandbox = self._sandboxes.create(*_sandbox_names(container.id), mode=mode)
        return ContainerSpec(
            id=container.id,
            argv=container.argv,
            sandbox=str(sandbox),
            environment={**_environment(container, str(sandbox)), **container.environment},
            binds=tuple(
                Bind(
                    bind.path,
                    bind.target or bind.path,
                    read_only=bind.read_only,
                    propagation="rshared" if bind.shared else "rslave",
                )
                for bind in container.binds
            ),
            limits=Limits(container.cpu_milli, container.memory_bytes),
            image=container.image,
            entrypoint=container.entrypoint,
            user=container.user,
            privileged=container.privileged,
            host_processes=container.host_processes,
            labels={KIND_LABEL: "plugin", DIGEST_LABEL: container.digest},
        )

    def _sandbox(self, container_id: str) -> Path:
        return self._sandboxes.path(*_sandbox_names(container_id))

    def _lock(self, container_id: str) -> asyncio.Lock:
        return self._locks.setdefault(container_id, asyncio.Lock())


def _environment(container: PluginContainer, sandbox: str) -> dict[str, str]:
    """An image says itself where its programs are."""
    return {"HOME": sandbox} if container.image is not None else {"PATH": DEFAULT_PATH, "HOME": sandbox}


def _sandbox_names(container_id: str) -> tuple[str, str, str]:
    return SANDBOX_OWNER, container_id, container_id


async def _asked(call: Awaitable[T]) -> T:
    try:
        return await call
    except ContainerizerError as error:
        raise ContainerFailed(error.message) from error


def _load(connection: Connection) -> list[tuple[str, tuple[str, ...], bool]]:
    return [
        (row.container_id, msgspec.msgpack.decode(row.shared, type=tuple[str, ...]), row.removing)
        for row in connection.execute(select(schema.plugin_containers))
    ]


def _want(container_id: str, shared: tuple[str, ...]) -> Change:
    values = {"shared": msgspec.msgpack.encode(shared), "removing": False}
    statement = insert(schema.plugin_containers).values(container_id=container_id, **values)
    statement = statement.on_conflict_do_update(index_elements=["container_id"], set_=values)
    return lambda connection: connection.execute(statement)


def _unwant(container_id: str) -> Change:
    table = schema.plugin_containers
    statement = update(table).where(table.c.container_id == container_id).values(removing=True)
    return lambda connection: connection.execute(statement)


def _forgotten(container_id: str) -> Change:
    table = schema.plugin_containers
    statement = delete(table).where(table.c.container_id == container_id)
    return lambda connection: connection.execute(statement)
