"""The storage of an agent's host, put together: for each provider its plugin, its database, its session.

Composition only: of what a provider is made, and how the built-in one is configured. Which providers there
are is for `agent.providers.provider_set`.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random  # noqa: TID251 - composition root
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from msgspec import UNSET
from sqlalchemy import MetaData

from agent.host.mount_table import mount_points
from agent.providers.config import TYPE
from agent.providers.config_files import ConfigDirectory
from agent.providers.keeper import Failed
from agent.providers.metrics import ProviderMetrics
from agent.providers.plugin_config import plugin_config
from agent.providers.plugin_containers import PluginContainerKeeper
from agent.providers.provider_set import ProviderSet
from api.model.clock import Clock
from api.model.ids import IdSource
from api.wire.v1 import mesos
from cli.agent_places import AgentPlaces
from cli.agent_settings import AgentSettings
from cli.child import own_command
from cli.failures import USAGE, CommandFailed
from provider.calls import PluginFacts
from provider.checkpoint import SCHEMA_VERSION, ProviderTables
from provider.default_reservations import default_reservations_of
from provider.local_storage.device import Device
from provider.local_storage.host_files import LocalFiles
from provider.local_storage.provider import (
    LocalStorageConfig,
    LocalStorageParts,
    LocalStorageProvider,
)
from provider.manager.manager import ResourceProviderManager
from provider.plugins.client import CsiClient
from provider.plugins.local_disk.blocking import THREAD_LIMIT
from provider.plugins.local_disk.options import PLUGIN_NAME
from provider.plugins.secrets import SecretFiles
from provider.plugins.service import PluginService, PluginStatus
from provider.plugins.whole_disk.disk import PLUGIN_NAME as WHOLE_DISK
from provider.profile_source import FileSource, ProfileSource, source_of
from provider.profiles import default_profiles_text
from provider.session import InProcessSession
from provider.status_stream import Resend
from store.sqlite import SqliteStore

BUILT_IN: Final = "local-disk"
"""The name of the built-in provider. No other can have it: names of others have no '-' in them."""
POOL_FILE: Final = "pool.json"
"""The built-in plugin's own mark in a folder that is its pool."""
POLL_SECONDS: Final = 0.05

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StorageParts:
    """What all storage providers of one agent have in common. `boot_id` as in LocalStorageConfig. `of_disks`:
    the providers of disks, which come and go, by name, with the life that each is in (cli.agent_devices)."""

    settings: AgentSettings
    work_dir: Path
    places: AgentPlaces
    boot_id: str
    containers: PluginContainerKeeper
    manager: ResourceProviderManager
    metrics: ProviderMetrics
    clock: Clock
    ids: IdSource
    rng: random.Random
    of_disks: Callable[[], Mapping[str, str]] = dict


class Storage:
    """All storage of one agent."""

    def __init__(self, parts: StorageParts) -> None:
        self._parts = parts
        self.providers = ProviderSet(
            ConfigDirectory(configs_of(parts.settings, parts.work_dir)),
            lambda info, failed: StorageProvider(info, failed, parts),
            parts.containers,
            parts.rng,
            lambda info: put_aside(parts.places.database(info)),
            built_in(parts.settings, parts.work_dir) if parts.settings.local_disk else None,
            parts.of_disks,
        )

    async def released(self) -> None:
        """Wait until the kernel knows no mount of a volume any more."""
        infos = [each.info for each in self.providers.states() if each.info is not None]
        roots = tuple(f"{self._parts.places.mount_root(info)}/" for info in infos)
        while any(point.startswith(roots) for point in mount_points()):  # noqa: ASYNC110
            await asyncio.sleep(POLL_SECONDS)

    async def end_plugins(self) -> None:
        """End the plugins' containers."""
        await self.providers.shut_down()
        self._parts.places.remove_sockets()


class StorageProvider:
    """One life of a storage provider (`agent.providers.keeper.KeptProvider`)."""

    def __init__(self, info: mesos.ResourceProviderInfo, failed: Failed, parts: StorageParts) -> None:
        """Raises StoreError, InvalidConfig, and OSError when its places cannot be made."""
        assert info.storage, "a configuration without it is refused"
        plugin = info.storage.plugin
        self._places = parts.places.of(info)
        config = plugin_config(plugin, self._places)
        parts.places.sockets(info).mkdir(parents=True, exist_ok=True, mode=0o700)
        metadata = MetaData()
        tables = ProviderTables(metadata, "local_storage")
        self._name = (info.type, info.name)
        self._metrics = parts.metrics
        observer = parts.metrics.observer(*self._name)
        secrets = SecretFiles()
        client = CsiClient(secrets=secrets)

        def service(
            on_ready: Callable[[PluginFacts], None], on_status: Callable[[PluginStatus], None]
        ) -> PluginService:
            return PluginService(
                config,
                parts.containers,
                client,
                parts.clock,
                parts.rng,
                on_ready,
                on_status,
                secrets,
                observer,
            )

        is_built_in = (info.type, info.name) == (TYPE, BUILT_IN)
        self._pool = pool_of(parts.settings, parts.work_dir) if is_built_in else None
        self._tables, self._started = tables, False
        self._store = SqliteStore.open(parts.places.database(info), metadata, SCHEMA_VERSION)
        self._provider = LocalStorageProvider(
            _config(info, parts),
            LocalStorageParts(
                store=self._store,
                tables=tables,
                session=InProcessSession(parts.manager.accept),
                plugin=service,
                files=LocalFiles(),
                profiles=profiles_source(parts.settings, parts.work_dir),
                clock=parts.clock,
                ids=parts.ids,
                random=parts.rng,
                failed=failed,
                observer=observer,
            ),
        )

    async def start(self) -> None:
        """See `KeptProvider.start`. Raises StoreError, InvalidProfiles; OSError while the pool is away."""
        if self._pool is not None:
            refuse_empty(self._pool, self._store.read(self._tables.count_volumes))
        self._started = True
        await self._provider.start()
        self._metrics.watch(*self._name, self._provider)

    async def stop(self) -> None:
        """See `KeptProvider.stop`."""
        try:
            if self._started:
                self._metrics.forget(*self._name)
                await self._provider.stop()
        finally:
            await self._store.close()

    async def reconfigure(self, info: mesos.ResourceProviderInfo) -> bool:
        """See `KeptProvider.reconfigure`. Who is let in, and whether it learns, is read once in a life."""
        assert info.storage, "a configuration without it is refused"
        plugin, config = info.storage.plugin, self._provider.config
        await self._provider.plugin.reconfigure(plugin_config(plugin, self._places))
        learns = plugin.learn_capacity_groups is not False
        return tuple(plugin.admit) == config.admit and learns == config.learns

    async def reload_profiles(self) -> None:
        """See `KeptProvider.reload_profiles`."""
        await self._provider.profiles.look()

    @property
    def removed(self) -> str | None:
        """See `KeptProvider.removed`."""
        return self._provider.removed


WHOLE_DISK_PROFILE: Final = f"""
[profiles.whole-disk]
plugin_type = "{WHOLE_DISK}"
description = "a whole disk, as a raw block device"
block = true
"""
"""Of agents that may be given disks."""


def pool_of(settings: AgentSettings, work_dir: Path) -> Path:
    """Where the built-in plugin makes volumes."""
    return (settings.pool or work_dir / "pool").absolute()


def refuse_empty(pool: Path, volumes: int) -> None:
    """Nothing new is made where a pool with volumes was and is not: under a file system that is not mounted,
    for example. Raises OSError; the provider is started again by itself, so it is enough to mount it."""
    if volumes and pool.is_dir() and not (pool / POOL_FILE).exists():
        raise OSError(
            f"the pool {pool} is empty, and {volumes} volumes are known in it: mount the file system that it "
            "is on, or bring its content back. If it is lost for good: orlop providers gone ID, then orlop "
            "volume destroy --force for each volume"
        )


def put_aside(database: Path) -> None:
    """Keep it under another name, for who wants to look; the one put aside before goes. Raises OSError."""
    for suffix in ("", "-wal", "-shm"):
        file = database.with_name(database.name + suffix)
        if file.exists():
            file.replace(database.with_name(f"{database.name}.gone{suffix}"))


def resend_of(settings: AgentSettings) -> Resend:
    """When statuses are sent again. Raises CommandFailed for waits that make no sense."""
    if settings.status_resend_longest < settings.status_resend:
        raise CommandFailed(
            f"--status-resend-longest {settings.status_resend_longest:g} is less than --status-resend "
            f"{settings.status_resend:g}: make it the same or more",
            USAGE,
        )
    return Resend(settings.status_resend, settings.status_resend_longest)


def _life(info: mesos.ResourceProviderInfo, parts: StorageParts) -> list[str]:
    """Another one for a disk that was attached anew: its mounts are gone, as all are after a boot."""
    lives = parts.of_disks()
    return [lives[info.name]] if info.name in lives else []


def _config(info: mesos.ResourceProviderInfo, parts: StorageParts) -> LocalStorageConfig:
    assert info.storage, "a configuration without it is refused"
    config = LocalStorageConfig(
        name=info.name,
        type=info.type,
        plugin_type=info.storage.plugin.type,
        plugin_name=info.storage.plugin.name,
        admit=tuple(info.storage.plugin.admit),
        mount_root=str(parts.places.mount_root(info)),
        boot_id=" ".join((parts.boot_id, *_life(info, parts))),
        profile_seconds=parts.settings.profiles_interval,
        attributes=tuple(info.attributes),
        default_reservations=default_reservations_of(info),
        learns=info.storage.plugin.learn_capacity_groups is not False,
        resend=resend_of(parts.settings),
    )
    seconds = info.storage.reconciliation_interval_seconds
    if seconds is UNSET:
        return config
    return replace(config, refresh_seconds=seconds or math.inf)


def built_in(settings: AgentSettings, work_dir: Path) -> mesos.ResourceProviderInfo:
    """The configuration of the built-in plugin on this agent's pool."""
    pool = pool_of(settings, work_dir)
    is_device = pool.is_block_device()
    if not is_device:
        pool.mkdir(parents=True, exist_ok=True)
    options = ["--pool", str(pool), "--backend", settings.backend]
    if settings.pool_size is not None:
        options += ["--capacity", str(settings.pool_size)]
    visible = mesos.Volume(container_path=str(pool), host_path=str(pool), mode=mesos.VolumeMode.RW)
    return local_disk(BUILT_IN, options, () if is_device else (visible,))


def local_disk(
    name: str, options: Sequence[str], volumes: Sequence[mesos.Volume] = ()
) -> mesos.ResourceProviderInfo:
    """The configuration of a provider of the built-in plugin, run with these options."""
    return _of_our_plugin(name, "local-disk", PLUGIN_NAME, options, volumes)


def whole_disk(name: str, device: Device, volume_id: str, owner: str) -> mesos.ResourceProviderInfo:
    """The configuration of a provider of one disk as it is, which is the one volume that its plugin has.
    `owner`: the agent, which has claimed the disk and whose plugin claims it, too."""
    which = ["--device", device.path, "--sequence", device.sequence]
    options = [*which, "--volume-id", volume_id, "--owner", owner]
    info = _of_our_plugin(name, "whole-disk", WHOLE_DISK, options, ())
    assert info.storage, "made so just now"
    info.storage.plugin.admit = ["*"]
    return info


def _of_our_plugin(
    name: str, program: str, plugin_type: str, options: Sequence[str], volumes: Sequence[mesos.Volume]
) -> mesos.ResourceProviderInfo:
    command = [
        *own_command(),
        *("plugin", program, "--endpoint", "${CSI_ENDPOINT}", "--node-id", "${NODE_ID}"),
        *options,
    ]
    container = mesos.CSIPluginContainerInfo(
        services=[
            mesos.CSIPluginContainerInfoService.CONTROLLER_SERVICE,
            mesos.CSIPluginContainerInfoService.NODE_SERVICE,
        ],
        command=mesos.CommandInfo(shell=False, arguments=command),
        container=mesos.ContainerInfo(type=mesos.ContainerInfoType.MESOS, volumes=list(volumes)),
    )
    plugin = mesos.CSIPluginInfo(
        type=plugin_type, name=name, containers=[container], max_concurrent_calls=THREAD_LIMIT
    )
    storage = mesos.ResourceProviderInfoStorage(plugin=plugin)
    return mesos.ResourceProviderInfo(type=TYPE, name=name, storage=storage)


def configs_of(settings: AgentSettings, work_dir: Path) -> Path:
    """The directory of the providers' configurations."""
    return (settings.resource_provider_config_dir or work_dir / "resource-providers").absolute()


def profiles_source(settings: AgentSettings, work_dir: Path) -> ProfileSource:
    """The document named, or the work directory's own file, made with the defaults when it is missing.

    Raises InvalidProfiles for an address that is none.
    """
    if settings.profiles is not None:
        return source_of(settings.profiles)
    path = work_dir / "profiles.toml"
    if not path.exists():
        text = default_profiles_text(PLUGIN_NAME if settings.local_disk else None)
        path.write_text(text + (WHOLE_DISK_PROFILE if settings.devices is not None else ""))
    return FileSource(path)
