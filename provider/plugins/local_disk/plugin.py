"""The plugin put together: a pool opened, what an earlier plugin left mended, the three services ready.

Composition only: nothing is decided here, and no socket is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from provider.plugins.local_disk import device_pool
from provider.plugins.local_disk.backend import Backend
from provider.plugins.local_disk.blocking import BlockingCalls
from provider.plugins.local_disk.commands import CommandRunner
from provider.plugins.local_disk.controller import Controller
from provider.plugins.local_disk.filesystems import Filesystems
from provider.plugins.local_disk.folder_backend import FolderBackend
from provider.plugins.local_disk.growth import Growth
from provider.plugins.local_disk.identity import Identity
from provider.plugins.local_disk.image_backend import ImageBackend
from provider.plugins.local_disk.in_flight import InFlight
from provider.plugins.local_disk.node import Node
from provider.plugins.local_disk.options import NODE_ID_BYTES, PluginOptions
from provider.plugins.local_disk.pool import Pool, PoolUnusable, open_pool
from provider.plugins.local_disk.records import RecordFolder
from provider.plugins.local_disk.steps import Steps
from provider.plugins.local_disk.volume_table import CapacityLedger, VolumeTable

PROCESS_STATUS = Path("/proc/self/status")
CAP_SYS_RESOURCE = 24

_NODE_ID = re.compile(rf"[A-Za-z0-9]([A-Za-z0-9_.-]{{0,{NODE_ID_BYTES - 2}}}[A-Za-z0-9])?")


@dataclass(frozen=True)
class Plugin:
    """The services over one pool. `close` lets another plugin open the pool."""

    identity: Identity
    controller: Controller
    node: Node
    in_flight: InFlight
    pool: Pool

    def close(self) -> None:
        self.pool.close()


async def open_plugin(
    options: PluginOptions, blocking: BlockingCalls, runner: CommandRunner, steps: Steps
) -> Plugin:
    """Open the pool and recover it. Raises PoolUnusable: an operator reads the message and acts."""
    if not _NODE_ID.fullmatch(options.node_id):
        raise PoolUnusable(
            f"node id {options.node_id[:128]!r} cannot be a topology value: at most {NODE_ID_BYTES} "
            "letters, digits, '-', '_', '.', with a letter or digit at both ends"
        )
    root = options.pool
    if await blocking.call(device_pool.is_device, root):
        root = await device_pool.mounted_pool(root, options.state_folder, runner, blocking, options.pool_id)
    elif options.pool_id is not None:
        raise PoolUnusable(f"{root} is no block device: attach the disk that carries pool {options.pool_id}")
    pool = await blocking.call(open_pool, root, options.backend, options.capacity)
    try:
        return await _assemble(options, pool, blocking, runner, steps)
    except BaseException:
        pool.close()
        raise


async def _assemble(
    options: PluginOptions, pool: Pool, blocking: BlockingCalls, runner: CommandRunner, steps: Steps
) -> Plugin:
    folder = RecordFolder(pool.volumes)
    ledger = CapacityLedger(pool.description.capacity_bytes)
    table = VolumeTable(folder, blocking, ledger)
    backend: Backend
    if pool.description.backend == "image":
        backend = ImageBackend(folder, table, blocking, Filesystems(runner), steps)
    else:
        backend = FolderBackend(folder, blocking, steps)
    growth = Growth(table, backend, steps)
    await _recover(folder, table, backend, growth, blocking)
    in_flight = InFlight()
    enforced = "true" if backend.enforced else "false"
    manifest = {"backend": backend.name, "enforced": enforced}
    grows_online = backend.name == "dir" or may_grow_mounted_ext4()
    return Plugin(
        Identity(metadata.version("orlop"), manifest, grows_online, pool.free_bytes, blocking),
        Controller(options.node_id, table, backend, growth, in_flight, pool.free_bytes, blocking, steps),
        Node(options.node_id, table, backend, in_flight, blocking, steps),
        in_flight,
        pool,
    )


async def _recover(
    folder: RecordFolder, table: VolumeTable, backend: Backend, growth: Growth, blocking: BlockingCalls
) -> None:
    """Bring disk and records together: finish deletions and growths, drop what no record owns."""
    try:
        await blocking.call(folder.remove_unfinished)
        existing, deleting = await blocking.call(folder.load), await blocking.call(folder.buried)
        table.restore(existing, deleting)
        await backend.recover({each.volume_id for each in existing}, {each.volume_id for each in deleting})
        for record in deleting:
            await table.forget(record.volume_id)
        await growth.recover()
    except (OSError, ValueError) as error:
        raise PoolUnusable(f"cannot recover the pool: {error}") from error


def may_grow_mounted_ext4() -> bool:
    """Whether the kernel lets this process do so: it wants CAP_SYS_RESOURCE."""
    for line in PROCESS_STATUS.read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> CAP_SYS_RESOURCE & 1)
    return False
