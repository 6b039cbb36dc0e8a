"""The files of a simulated host: directories, what is mounted on them, and sandboxes.

No disk is touched but for the folders of sandboxes, which are looked up by the product.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from provider.events import MountProblem, MountState, PublishedMount
from tests.simulation.plugin import SimPlugin


class SimFiles:
    """Directories and wiping on the host; refuses to remove what is mounted."""

    def __init__(self, plugin: SimPlugin) -> None:
        self._plugin = plugin
        self.directories: set[str] = set()
        self.shared: set[str] = set()
        self.own_volumes: set[str] = set()
        """Persistent volumes on the host's own disk, by role and name."""

    async def make_directory(self, path: str) -> None:
        await asyncio.sleep(0.0005)
        self.directories.add(path)

    async def remove_directory(self, path: str) -> None:
        await asyncio.sleep(0.0005)
        volumes = self._plugin.disk.volumes.values()
        if any(path in (volume.staged, volume.published) for volume in volumes):
            raise OSError(f"{path} is a mount point")
        self.directories.discard(path)

    async def wipe(self, path: str, block: bool) -> None:
        await asyncio.sleep(0.05)
        found = [v for v in self._plugin.disk.volumes.values() if v.published == path]
        if len(found) != 1:
            raise OSError(f"{path} is no mount point")  # the host was rebooted: nothing is mounted there
        found[0].data.clear()

    async def is_mounted(self, path: str) -> bool:
        return any(v.published == path for v in self._plugin.disk.volumes.values())

    async def exists(self, path: str) -> bool:
        return path in self.directories or await self.is_mounted(path)

    async def names(self, path: str) -> frozenset[str]:
        await asyncio.sleep(0.0005)
        below = (each.removeprefix(f"{path}/") for each in self.directories if each.startswith(f"{path}/"))
        return frozenset(each.partition("/")[0] for each in below)

    async def examine(self, mounts: Sequence[PublishedMount]) -> Mapping[str, MountProblem]:
        await asyncio.sleep(0.001)
        there = {v.published for v in self._plugin.disk.volumes.values()}
        gone = MountProblem(MountState.VANISHED, "nothing is mounted there")
        return {m.volume_id: gone for m in mounts if m.mounted and m.path not in there}

    def share(self, path: str) -> None:
        self.shared.add(path)

    def release(self, path: str) -> None:
        self.shared.discard(path)

    def make(self, role: str, persistence_id: str) -> str:
        return self.ensure(role, persistence_id)

    def ensure(
        self, role: str, persistence_id: str, owner: tuple[int, int] | None = None, *, shared: bool = False
    ) -> str:
        self.own_volumes.add(f"{role}/{persistence_id}")
        return f"/var/lib/orlop/volumes/{role}/{persistence_id}"

    def give(self, path: str, owner: tuple[int, int], *, shared: bool = False) -> None:
        pass

    def device_for(
        self, path: str, container_id: str, owner: tuple[int, int], *, read_only: bool = False
    ) -> str:
        return path

    def forget_devices(self, container_id: str) -> None:
        pass

    def destroy(self, role: str, persistence_id: str) -> None:
        self.own_volumes.discard(f"{role}/{persistence_id}")


class SimSandboxes:
    """Sandboxes that nobody writes to; real directories, as what is below one is looked up."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def create(
        self,
        framework: str,
        task: str,
        container: str,
        owner: tuple[int, int] | None = None,
        *,
        mode: int = 0o755,
    ) -> Path:
        path = self.path(framework, task, container)
        path.mkdir(mode, parents=True, exist_ok=True)
        return path

    def path(self, framework: str, task: str, container: str) -> Path:
        return self._root / framework / task / container

    def retire(self, sandbox: Path) -> None:
        pass

    def retire_others(self, in_use: Collection[Path]) -> None:
        pass

    async def collect(self) -> Sequence[Path]:
        return ()
