"""The storage of an agent's host, put together: the plugin's container, the provider, the manager.

Composition only: which plugin is run and where its files are. It decides nothing at run time.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random  # noqa: TID251 - composition root
import re
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from agent.containerizer.watch import scope_of
from agent.daemon import Failure, Service
from agent.mount_table import mount_points
from agent.standalone import StandaloneContainers
from api.model.clock import Clock
from api.model.ids import IdSource
from cli.child import own_command
from cli.daemon_settings import AgentSettings
from cli.failures import CommandFailed
from provider.calls import PluginFacts
from provider.checkpoint import ProviderTables
from provider.local_storage.host_files import LocalFiles
from provider.local_storage.provider import (
    LocalStorageConfig,
    LocalStorageParts,
    LocalStorageProvider,
)
from provider.manager.manager import ResourceProviderManager
from provider.plugins.client import CsiClient
from provider.plugins.config import PluginConfig, ServingContainer
from provider.plugins.containers import PluginBind, PluginContainer
from provider.plugins.local_disk.options import PLUGIN_NAME
from provider.plugins.secrets import SecretFiles
from provider.plugins.service import PluginService, PluginStatus
from provider.profile_source import FileSource, ProfileSource, source_of
from provider.profiles import default_profiles_text
from provider.session import InProcessSession
from store.port import Store

NAME: Final = "local-disk"
PREFIX: Final = "plugin-local-disk"
NODE_ID_LENGTH: Final = 63
"""Of a node id, which is a topology value too (CSI 1.x, Topology)."""
POLL_SECONDS: Final = 0.05


class Storage:
    """The storage provider of one agent and its plugin."""

    def __init__(
        self,
        settings: AgentSettings,
        work_dir: Path,
        boot_id: str,
        store: Store,
        tables: ProviderTables,
        standalone: StandaloneContainers,
        manager: ResourceProviderManager,
        failure: Failure,
        clock: Clock,
        ids: IdSource,
        rng: random.Random,
    ) -> None:
        self._mount_root = work_dir / "mounts"
        socket_path = sockets_of(work_dir) / "csi.sock"
        socket_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sockets = socket_path.parent
        secrets = SecretFiles()
        client = CsiClient(secrets=secrets)
        container = plugin_container(settings, work_dir, self._mount_root, socket_path)
        config = PluginConfig(
            (ServingContainer(container, str(socket_path)),), prefix=PREFIX, type=PLUGIN_NAME
        )

        def plugin(
            on_ready: Callable[[PluginFacts], None], on_status: Callable[[PluginStatus], None]
        ) -> PluginService:
            return PluginService(config, standalone, client, clock, rng, on_ready, on_status, secrets)

        self._provider = LocalStorageProvider(
            LocalStorageConfig(
                name=NAME,
                plugin_type=PLUGIN_NAME,
                mount_root=str(self._mount_root),
                boot_id=boot_id,
                profile_seconds=settings.profiles_interval,
            ),
            LocalStorageParts(
                store=store,
                tables=tables,
                session=InProcessSession(manager.accept),
                plugin=plugin,
                files=LocalFiles(),
                profiles=profiles_source(settings, work_dir),
                clock=clock,
                ids=ids,
                random=rng,
                failed=failure.fail,
            ),
        )
        self.services: list[Service] = [self._provider]

    async def released(self) -> None:
        """Wait until the kernel knows no mount of a volume any more."""
        while any(point.startswith(f"{self._mount_root}/") for point in mount_points()):  # noqa: ASYNC110
            await asyncio.sleep(POLL_SECONDS)

    async def end_plugin(self) -> None:
        """End the plugin's container. Raises ContainerFailed."""
        await self._provider.plugin.shut_down()
        with contextlib.suppress(OSError):  # somebody else's socket is in it
            self._sockets.rmdir()


def plugin_container(
    settings: AgentSettings, work_dir: Path, mount_root: Path, socket_path: Path
) -> PluginContainer:
    """The built-in plugin on this agent's pool."""
    pool = (settings.pool or work_dir / "pool").absolute()
    is_device = pool.is_block_device()
    if not is_device:
        pool.mkdir(parents=True, exist_ok=True)
    endpoint = f"unix://{socket_path}"
    command = [
        *own_command(),
        *("plugin", "local-disk", "--endpoint", endpoint),
        *("--node-id", node_id(settings.hostname or socket.gethostname(), work_dir)),
        *("--pool", str(pool), "--backend", settings.backend),
    ]
    if settings.pool_size is not None:
        command += ["--capacity", str(settings.pool_size)]
    binds = [PluginBind(str(socket_path.parent)), PluginBind(str(mount_root), shared=True)]
    if not is_device:
        binds.append(PluginBind(str(pool)))
    return PluginContainer(PREFIX, tuple(command), {"CSI_ENDPOINT": endpoint}, tuple(binds))


def profiles_source(settings: AgentSettings, work_dir: Path) -> ProfileSource:
    """The document named, or the work directory's own file, made with the defaults when it is missing.

    Raises InvalidProfiles for an address that is none.
    """
    if settings.profiles is not None:
        return source_of(settings.profiles)
    path = work_dir / "profiles.toml"
    if not path.exists():
        path.write_text(default_profiles_text())
    return FileSource(path)


def node_id(hostname: str, work_dir: Path) -> str:
    """One node for each agent, also when several share a host."""
    name = re.sub(r"[^A-Za-z0-9_.-]", "-", hostname).strip("-_.")
    return f"{name[: NODE_ID_LENGTH - 13]}-{scope_of(work_dir)}".lstrip("-_.")


def sockets_of(work_dir: Path) -> Path:
    """A folder with a short path: a unix socket's has at most 107 bytes."""
    scope = scope_of(work_dir)
    if os.geteuid() == 0:
        return Path("/run/orlop") / scope
    return _own_runtime_folder() / "orlop" / scope


def _own_runtime_folder() -> Path:
    """The user's runtime folder, or one in /tmp that is this user's and nobody else's."""
    known = os.environ.get("XDG_RUNTIME_DIR")
    if known is not None:
        return Path(known)
    folder = Path(f"/tmp/orlop-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise CommandFailed(f"{folder} is not this user's own folder: remove it, or set XDG_RUNTIME_DIR")
    return folder
