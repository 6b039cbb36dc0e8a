"""A host with a manager and a storage provider, as the agent builds them, and who they report to.

`LocalHost` is the manager's host: it keeps what it was told and acknowledges what is final.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import UNSET
from sqlalchemy import MetaData

from api.model.clock import SystemClock
from api.model.ids import SeededIds
from api.model.operation import Operation, OperationState
from api.model.resources import Resource
from api.wire.convert import resource_list_from_wire, resources_to_wire, uuid_from_wire, uuid_to_wire
from api.wire.convert_operations import operation_to_wire
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from provider.checkpoint import SCHEMA_VERSION, ProviderTables
from provider.local_storage.host_files import LocalFiles
from provider.local_storage.provider import LocalStorageConfig, LocalStorageParts, LocalStorageProvider
from provider.manager.manager import ResourceProviderManager, Undeliverable
from provider.manager.registry import RegistryTables
from provider.observer import Observer
from provider.plugins.service import PluginService
from provider.profile_source import FileSource
from provider.profiles import default_profiles_text
from provider.session import InProcessSession
from store.sqlite import SqliteStore


class LocalHost:
    """What an agent hears of its providers."""

    def __init__(self) -> None:
        self.states: dict[str, rp.CallUpdateState] = {}
        self.statuses: dict[uuid.UUID, list[mesos.OperationStatus]] = {}
        self.gone: list[str] = []
        self.removed: list[str] = []
        self.undelivered: list[tuple[str, uuid.UUID, Undeliverable]] = []
        self.changed = asyncio.Event()
        self.manager: ResourceProviderManager | None = None
        self.acknowledge = True

    def provider_updated(self, info: mesos.ResourceProviderInfo, state: rp.CallUpdateState) -> None:
        assert info.id is not UNSET
        self.states[info.id.value] = state
        self.changed.set()

    def operation_status(self, provider_id: str, update: rp.CallUpdateOperationStatus) -> None:
        self.statuses.setdefault(uuid_from_wire(update.operation_uuid), []).append(update.status)
        self.changed.set()
        if self.acknowledge and self.manager is not None and update.status.uuid is not UNSET:
            self.manager.acknowledge(
                provider_id,
                rp.EventAcknowledgeOperationStatus(
                    status_uuid=update.status.uuid, operation_uuid=update.operation_uuid
                ),
            )

    def provider_disconnected(self, provider_id: str, message: str = "", *, gone: bool = False) -> None:
        self.gone.append(provider_id)
        if gone:
            self.removed.append(provider_id)
        self.states.pop(provider_id, None)
        self.changed.set()

    def operation_undeliverable(self, provider_id: str, operation: mesos.UUID, why: Undeliverable) -> None:
        self.undelivered.append((provider_id, uuid_from_wire(operation), why))
        self.changed.set()

    async def until(self, condition: Callable[[], Any], seconds: float = 20.0) -> Any:
        """What `condition` returns once that is true; asked again after each change."""
        async with asyncio.timeout(seconds):
            while not (found := condition()):
                self.changed.clear()
                await self.changed.wait()
            return found


class Cluster:
    """Builds and rebuilds host and provider on one directory; `plugin_parts` makes client and service."""

    def __init__(
        self,
        directory: Path,
        plugin_parts: Callable[..., tuple[Any, Any]],
        observer: Observer | None = None,
        **config: Any,
    ) -> None:
        self.directory = directory
        self._observer = observer
        self._plugin_parts = plugin_parts
        self._config = config
        self.profiles = directory / "profiles.toml"
        if not self.profiles.exists():
            self.profiles.write_text(default_profiles_text())
        self.failures: list[BaseException] = []
        self._random = random.Random(5)
        self._ids = SeededIds(self._random)

    async def start(self) -> None:
        self.host = LocalHost()
        metadata = MetaData()
        registry = RegistryTables(metadata)
        self._agent_store = SqliteStore.open(self.directory / "agent.sqlite", metadata, 1)
        self.manager = ResourceProviderManager(
            self._agent_store, registry, self._ids, self.host, self.failures.append
        )
        self.host.manager = self.manager
        await self.manager.start()
        own = MetaData()
        tables = ProviderTables(own)
        self._store = SqliteStore.open(self.directory / "provider.sqlite", own, SCHEMA_VERSION)
        _, service = self._plugin_parts(SystemClock(), self._random)
        config = LocalStorageConfig(
            "local", "local-disk", str(self.directory / "mounts"), "boot-1", **self._config
        )
        parts = LocalStorageParts(
            self._store,
            tables,
            InProcessSession(self.manager.accept),
            service,
            LocalFiles(),
            FileSource(self.profiles),
            SystemClock(),
            self._ids,
            self._random,
            self.failures.append,
            self._observer,
        )
        self.provider = LocalStorageProvider(config, parts)
        await self.provider.start()

    async def stop(self) -> None:
        await self.provider.stop()
        await self.manager.stop()
        await self._store.close()
        await self._agent_store.close()
        self.provider.machine.validate_state()
        assert not self.failures, self.failures

    async def pools(self) -> dict[str, Resource]:
        """The pools by profile, once there are any."""

        def found() -> dict[str, Resource]:
            return {
                r.disk.source.profile: r
                for r in self.resources
                if r.disk is not None and r.disk.source is not None and r.disk.source.is_pool
            }

        return await self.host.until(found)

    @property
    def provider_id(self) -> str:
        (only,) = self.host.states
        return only

    @property
    def resources(self) -> tuple[Resource, ...]:
        """What the provider reported last."""
        return tuple(
            r for state in self.host.states.values() for r in resource_list_from_wire(state.resources)
        )

    async def apply(self, operation: Operation) -> mesos.OperationStatus:
        """How the operation ended."""
        name = self.send(operation)
        return await self.ended(name)

    def send(self, operation: Operation, name: uuid.UUID | None = None) -> uuid.UUID:
        name = name or self._ids.uuid()
        self.manager.apply_operation(
            self.provider_id,
            rp.EventApplyOperation(
                framework_id=mesos.FrameworkID(value="framework"),
                info=operation_to_wire(operation),
                operation_uuid=uuid_to_wire(name),
                resource_version_uuid=self.host.states[self.provider_id].resource_version_uuid,
            ),
        )
        return name

    async def ended(self, name: uuid.UUID, seconds: float = 20.0) -> mesos.OperationStatus:
        def last() -> mesos.OperationStatus | None:
            said = self.host.statuses.get(name, [])
            return next((s for s in said if OperationState(s.state.value).is_terminal), None)

        return await self.host.until(last, seconds)

    async def publish(self, disk: Resource, user: str) -> str:
        (published,) = await self.manager.publish(resources_to_wire([disk]), user)
        return published.path

    async def unpublish(self, user: str) -> None:
        await self.manager.unpublish(user, [self.provider_id])


__all__ = ["Cluster", "LocalHost", "PluginService"]
