"""What a volume's steps need on the host beside the plugin's own part: directories, wiping, a look at mounts.

CSI asks its client to make the staging directory and the parent of the target before the plugin is called,
and leaves it to remove them (CSI 1.x, NodeStageVolume and NodePublishVolume). It must not: decide which
step comes when, or repeat one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Any

from provider import calls, events
from provider.calls import PluginError, Request
from provider.local_storage.host_files import HostFiles
from provider.paths import VolumePaths


class VolumesOnHost:
    """Makes each call with what belongs to it; `make` is the plugin's part."""

    def __init__(
        self, make: Callable[[Request[Any]], Awaitable[Any]], files: HostFiles, paths: VolumePaths
    ) -> None:
        self._make = make
        self._files = files
        self._paths = paths
        self._made: set[str] = set()
        self._found: Collection[str] | None = None

    async def call(self, request: Request[Any]) -> Any:
        """The plugin's answer. Raises PluginError, also when the host cannot do its part."""
        await self._prepare(request)
        try:
            result = await self._make(request)
        except PluginError as error:
            if error.code == "NOT_FOUND" or _is_refused_deletion(request, error):
                await self._clean_up(request)  # nothing is mounted there any more, if it ever was
            raise
        await self._clean_up(request)
        if isinstance(request, calls.NodePublish):
            return await self._published(request.target_path)
        return result

    async def _published(self, path: str) -> bool:
        """Whether what was published at `path` is a mount. Raises PluginError when nothing is there."""
        if await self._files.is_mounted(path):
            return True
        try:
            there = await self._files.exists(path)
        except TimeoutError as error:
            raise PluginError("DEADLINE_EXCEEDED", f"a look at what was published: {error}") from error
        if not there:
            raise PluginError(
                "FAILED_PRECONDITION",
                f"the plugin says that it published the volume, and nothing is at {path}: see whether it "
                "publishes where this host does not see it, and its log (orlop plugins)",
            )
        return False

    async def act(self, action: events.HostAction) -> Any:
        """Carry out an action on the host. Raises OSError."""
        match action:
            case events.WipeContents(path, block, mounted):
                if mounted and not await self._files.is_mounted(path):
                    raise OSError(f"the volume is not mounted at {path} any more: try again")
                await self._files.wipe(path, block)
                return None
            case events.ExamineMounts(mounts):
                return await self._files.examine(mounts)
            case _:
                raise AssertionError(f"{action} is for a host's own volumes")

    async def _prepare(self, request: Request[Any]) -> None:
        try:
            match request:
                case calls.NodeStage(volume_id=volume_id, staging_path=path):
                    self._made.add(self._paths.directory(volume_id))
                    await self._files.make_directory(path)
                case calls.NodePublish(volume_id=volume_id, target_path=path):
                    self._made.add(self._paths.directory(volume_id))
                    await self._files.make_directory(str(Path(path).parent))
        except TimeoutError as error:
            raise PluginError("DEADLINE_EXCEEDED", f"a directory is not made yet: {error}") from error
        except OSError as error:
            raise PluginError("FAILED_PRECONDITION", f"a directory cannot be made: {error}") from error

    async def _clean_up(self, request: Request[Any]) -> None:
        """Remove what was made for the call; what cannot be removed makes the call unfinished."""
        try:
            match request:
                case calls.NodeUnpublish(target_path=path):
                    await self._files.remove_directory(path)
                case calls.NodeUnstage(staging_path=path):
                    await self._files.remove_directory(path)
                case calls.DeleteVolume(volume_id=volume_id):
                    if not await self._was_used(volume_id):
                        return
                    for each in (self._paths.target, self._paths.staging, self._paths.directory):
                        await self._files.remove_directory(each(volume_id))
                    self._made.discard(self._paths.directory(volume_id))
        except TimeoutError as error:
            raise PluginError("DEADLINE_EXCEEDED", f"after the call, on the host: {error}") from error
        except OSError as error:
            raise PluginError("UNKNOWN", f"the volume is still there after the call: {error}") from error

    async def _was_used(self, volume_id: str) -> bool:
        """Whether there may be directories of the volume. A look at the host takes a thread; so what was
        there before this process is read once, for all volumes, and what was made since is known.
        """
        if self._found is None:
            self._found = await self._files.names(self._paths.root)
        directory = self._paths.directory(volume_id)
        return directory in self._made or directory.rpartition("/")[2] in self._found


def _is_refused_deletion(request: Request[Any], error: PluginError) -> bool:
    """Whether nothing follows on this host: the volume may be gone since an earlier attempt, and whoever
    finds that out asks for nothing more. If it is there, its directories are made anew for its next use."""
    refused = error.outcome is calls.Outcome.REFUSED and error.code != "FAILED_PRECONDITION"
    return refused and isinstance(request, calls.DeleteVolume)
