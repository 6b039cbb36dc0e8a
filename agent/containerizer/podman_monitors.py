"""A container's monitor (conmon) is held still while Podman cannot be asked of the container.

What Podman did not see begin it forgets when that ends: the monitor reports the end, and Podman throws the
exit status away. A monitor that is held reports nothing; a process that ends meanwhile stays as it is, and
the kernel tells its status to whoever asks. Whoever holds monitors lets them go again, however that ends.
"""

from __future__ import annotations

import errno
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from agent.containerizer.shim import records
from agent.containerizer.watch import Process

MONITOR = "conmon"
EXIT_DIRECTORY = "--exit-dir"
EXITS = "/run/libpod/exits"
"""Where monitors leave exit statuses for Podman, if none is there to say so."""

SIGNALLED = 128


@dataclass(frozen=True, slots=True)
class HeldMonitors:
    """Those of one container: one, or two while it is about to begin. `exits` is where they write."""

    processes: tuple[Process, ...]
    exits: Path

    def let_go(self) -> None:
        for process in self.processes:
            process.send(signal.SIGCONT)

    def exit_code(self, pid: int, libpod_id: str) -> int | None:
        """How the container's first process ended, as a shell would tell it; None: it has not, or nobody
        knows any more."""
        if records.parent_of(pid) in {process.pid for process in self.processes}:
            return _ended_as(pid)
        try:
            return int((self.exits / libpod_id).read_text())
        except (OSError, ValueError):
            return None


def hold(name: str) -> HeldMonitors:
    """Hold those of the container of that name. It reads of every process of the host: in a thread."""
    found, exits = [], EXITS
    for pid in records.all_processes():
        arguments = _arguments(pid)
        if arguments[0].rpartition("/")[2] != MONITOR or name not in arguments:
            continue
        if (process := Process.of(pid)) is not None and process.send(signal.SIGSTOP):
            found.append(process)
        if EXIT_DIRECTORY in arguments[:-1]:
            exits = arguments[arguments.index(EXIT_DIRECTORY) + 1]
    return HeldMonitors(tuple(found), Path(exits))


def _arguments(pid: int) -> list[str]:
    try:
        return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).split("\0")
    except OSError:
        return [""]


def _ended_as(pid: int) -> int | None:
    """Of a process that has ended and whose parent has not asked yet."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    if fields[0] != "Z" or not _is_told(pid):
        return None
    status = int(fields[-1])
    return SIGNALLED + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _is_told(pid: int) -> bool:
    """Whether the kernel tells us the status: to those whom it does not it says 0."""
    try:
        os.readlink(f"/proc/{pid}/root")  # noqa: PTH115
    except OSError as error:
        return error.errno == errno.ENOENT
    return True
