"""What stays of a container that Podman has removed: groups, and what the OCI runtime keeps.

Podman leaves both to the container's monitor. Where the monitor was killed the runtime's record stays and,
if that was between create and start, so does a process that waits for ever and holds the container's
mounts: their devices stay in use. Podman is not asked here; it has forgotten the container.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from pathlib import Path

from agent.containerizer.shim.cgroups import Group, Hierarchies, names_below, remove_everywhere

KNOWN_RUNTIMES = ("runc", "crun")
"""Those that Podman may have chosen by itself."""

DELETE_TIMEOUT = 20.0
"""Seconds for a deletion, which kills what still runs; then it is left, with an error in the log."""

PASSES = 250
PAUSE = 0.02
"""Five seconds for the monitor to leave the container's group; then an empty group may stay behind."""

PAYLOAD_GROUP = "libpod-"
"""How Podman names a container's own group, before the id; the monitor's has another name."""

log = logging.getLogger(__name__)


class Remains:
    """Those of one container. `runtime`: its name or path, None for whichever Podman chose; `group`: the one
    above all that belong to the container.
    """

    def __init__(self, runtime: str | None, hierarchies: Hierarchies, group: str) -> None:
        self._runtimes = KNOWN_RUNTIMES if runtime is None else (runtime,)
        self._hierarchies = hierarchies
        self._group = group

    async def remove(self, libpod_id: str | None) -> None:
        """Remove all of it; `libpod_id` where Podman's id is known. May be repeated.

        The monitor is in one of the groups, and cleans up there for a moment longer. One that was killed may
        leave a runtime at work, which makes a container that Podman never hears of.
        """
        if libpod_id is not None:
            await self._forget(libpod_id)
        for _ in range(PASSES):
            if remove_everywhere(self._group):
                return
            for name in names_below(self._group):
                if name.startswith(PAYLOAD_GROUP) and "conmon" not in name:
                    await self._end(name.removeprefix(PAYLOAD_GROUP))
            await asyncio.sleep(PAUSE)

    async def _end(self, libpod_id: str) -> None:
        if not await self._forget(libpod_id):
            Group.at(self._hierarchies, f"{self._group}/{PAYLOAD_GROUP}{libpod_id}").kill()

    async def _forget(self, libpod_id: str) -> bool:
        """Let the runtime end and delete what it has under that id. False: it knows of none."""
        known = [name for name in self._runtimes if (_records() / Path(name).name / libpod_id).is_dir()]
        for runtime in known:
            await _delete(runtime, libpod_id)
        return bool(known)


def _records() -> Path:
    if os.geteuid() == 0:
        return Path("/run")
    return Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent"))


async def _delete(program: str, libpod_id: str) -> None:
    try:
        child = await asyncio.create_subprocess_exec(
            program,
            *("delete", "--force", libpod_id),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        log.error("%s cannot be asked to delete %s: %s", program, libpod_id, error)
        return
    try:
        async with asyncio.timeout(DELETE_TIMEOUT):
            _, words = await child.communicate()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
        words = b"it took too long"
    if child.returncode != 0:
        log.error("%s did not delete %s: %s", program, libpod_id, words.decode(errors="replace").strip())
