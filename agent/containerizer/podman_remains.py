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
import re
from dataclasses import dataclass
from pathlib import Path

from agent.containerizer.podman_spec import PAYLOAD_GROUP
from agent.containerizer.shim.cgroups import Group, Hierarchies, names_below, remove_everywhere

KNOWN_RUNTIMES = ("runc", "crun")
"""Those that Podman may have chosen by itself."""

DELETE_TIMEOUT = 20.0
"""Seconds for a deletion, which kills what still runs; then it is left, with an error in the log."""

PASSES = 250
PAUSE = 0.02
"""Five seconds for the monitor to leave the container's group; then an empty group may stay behind."""

RECORD_FILES = ("state.json", "status")
"""What runc and crun call the file that describes a container, in a directory of its id."""

log = logging.getLogger(__name__)


class Remains:
    """Those of an agent's containers.

    `runtime`: its name or path, None for whichever Podman chose. `scope_group`: the group above those of all
    the agent's containers.
    """

    def __init__(self, runtime: str | None, hierarchies: Hierarchies, scope_group: str) -> None:
        self._runtimes = runtimes_of(runtime)
        self._hierarchies = hierarchies
        self._group = scope_group

    def containers(self) -> set[str]:
        """Ids of the containers of which something is there: of those that Podman has, too."""
        return names_below(self._group) | {record.container_id for record in self._records()}

    async def remove(self, container_id: str) -> None:
        """Remove all that is left of a container that Podman has removed. May be repeated.

        The monitor is in one of the groups, and cleans up there for a moment longer. One that was killed may
        leave a runtime at work, which makes a container that Podman never hears of.
        """
        group = f"{self._group}/{container_id}"
        for _ in range(PASSES):
            await self._forget(container_id)
            if remove_everywhere(group):
                return
            for name in names_below(group):
                if name.startswith(PAYLOAD_GROUP) and "conmon" not in name:
                    Group.at(self._hierarchies, f"{group}/{name}").kill()
            await asyncio.sleep(PAUSE)

    async def _forget(self, container_id: str) -> None:
        """Let the runtime end and delete what it has in the container's group."""
        for record in self._records():
            if record.container_id == container_id:
                await _delete(record.runtime, record.libpod_id)

    def _records(self) -> list[_Record]:
        """What the runtime knows in the groups of this scope; its records name the groups."""
        mark = re.compile(rf"/{re.escape(self._group)}/([^/\"]+)/{PAYLOAD_GROUP}")
        found = []
        for runtime in self._runtimes:
            for name in RECORD_FILES:
                for path in records_directory(runtime).glob(f"*/{name}"):
                    with contextlib.suppress(OSError):
                        if named := mark.search(path.read_text(errors="replace")):
                            found.append(_Record(runtime, path.parent.name, named[1]))
        return found


@dataclass(frozen=True, slots=True)
class _Record:
    """A container as the runtime knows it: under Podman's id, in the group of the one that was asked for."""

    runtime: str
    libpod_id: str
    container_id: str


def records_directory(runtime: str) -> Path:
    """Where that runtime has a directory for each container, under Podman's id."""
    root = Path("/run") if os.geteuid() == 0 else Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent"))
    return root / Path(runtime).name


def runtimes_of(runtime: str | None) -> tuple[str, ...]:
    """Those that may be at work: the one that was asked for, or whichever Podman may have chosen."""
    return KNOWN_RUNTIMES if runtime is None else (runtime,)


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
