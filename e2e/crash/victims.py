"""Who can be killed, by host pid: found in the kernel and in Podman, killed through a pidfd."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from e2e.harness.census import scope_of
from e2e.harness.cluster import DaemonCluster

PLUGIN = "plugin-local-disk--controller-node"


@dataclass
class Victim:
    """A process, held by a pidfd: a number that is used again cannot be meant."""

    name: str
    pid: int
    handle: int

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)

    def close(self) -> None:
        os.close(self.handle)


def hold(name: str, pid: int) -> Victim | None:
    """None: it has gone already."""
    try:
        return Victim(name, pid, os.pidfd_open(pid))
    except ProcessLookupError:
        return None


def plugin(cluster: DaemonCluster) -> Victim | None:
    """The main process of the plugin's container."""
    if cluster.containerizer == "podman":
        pid = _podman_pid(f"orlop-{scope_of(cluster.place.agents[0])}-{PLUGIN}")
    else:
        pool = str(cluster.place.agents[0] / "pool")
        pid = next((pid for pid, argv in commands() if "local-disk" in argv and pool in argv), 0)
    return hold("plugin", pid) if pid else None


def monitors(cluster: DaemonCluster) -> list[int]:
    """The processes that look after containers: conmon with Podman, the shims otherwise."""
    return sorted(monitors_by_container(cluster))


def monitors_by_container(cluster: DaemonCluster) -> dict[int, str]:
    """The same, each with the id of the container that it looks after."""
    agent = cluster.place.agents[0]
    found: dict[int, str] = {}
    if cluster.containerizer == "podman":
        prefix = f"orlop-{scope_of(agent)}-"
        for pid, argv in commands():
            names = [a.removeprefix(prefix) for a in argv if a.startswith(prefix)]
            if names and _is(pid, "conmon"):
                found[pid] = names[0]
    for folder in (agent / "containers").glob("*/*"):
        with contextlib.suppress(OSError, ValueError, KeyError):
            record = dict(line.split(" ", 1) for line in (folder / "shim").read_text().splitlines())
            if not (folder / "exit").exists():
                found[int(record["pid"])] = folder.name
    return found


def _podman_pid(name: str) -> int:
    asked = subprocess.run(
        ["podman", "container", "inspect", "--format", "{{.State.Pid}}", name],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return int(asked.stdout) if asked.returncode == 0 else 0


def commands() -> Iterator[tuple[int, list[str]]]:
    for folder in sorted(Path("/proc").glob("[0-9]*")):
        with contextlib.suppress(OSError):
            yield int(folder.name), (folder / "cmdline").read_text(errors="replace").split("\0")


def _is(pid: int, program: str) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip() == program
    return False
