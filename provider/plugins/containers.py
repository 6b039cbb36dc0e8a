"""Containers for plugins, as a port: what this room asks of whoever runs containers on the host.

The agent implements it in `agent.providers.plugin_containers`. Nothing here runs anything, and nothing here
knows CSI: a plugin container is a command that serves on a socket and may mount.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Protocol

DIGEST_LABEL = "orlop.plugin.config"
"""The label that carries `PluginContainer.digest`: a container with another one is configured otherwise."""


END_SECONDS = 30.0
"""For a container that was killed to be gone; then its process hangs in the kernel, and that is shown."""


class ContainerFailed(Exception):
    """The container could not be started, waited for, killed or removed; the message says why.

    The plugin service tries again with backoff and shows the message to the operator.
    """


@dataclass(frozen=True, slots=True)
class PluginBind:
    """What is at `path` on the host, visible in the container at `target`, by default at the same path.

    `shared`: what the plugin mounts below it reaches the host (Mesos: BIDIRECTIONAL). The directory is then
    made when it is missing, and a mount of its own with shared propagation, or the whole host namespace is
    shared with the container; who implements the port sees to that. Otherwise what the host mounts below it
    reaches the container, and nothing comes back.
    """

    path: str
    shared: bool = False
    target: str = ""
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class PluginContainer:
    """All that is needed to run a plugin, in the host's network.

    Without an `image` the host's own programs run. With one (it has to be on the host already), `argv` is
    what runs instead of the image's entrypoint, or what that gets as arguments when `entrypoint` is set.
    `cpu_milli`: thousandths of a core; `memory_bytes`; None is no limit. `privileged`: it sees the host's
    devices and may mount, which any plugin needs that serves the node. `host_processes`: it sees the host's
    processes, so that it can enter their namespaces. `user`: None is who runs the agent, or the image's.
    """

    id: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    binds: tuple[PluginBind, ...] = ()
    image: str | None = None
    entrypoint: bool = False
    cpu_milli: int | None = None
    memory_bytes: int | None = None
    privileged: bool = True
    host_processes: bool = False
    user: str | None = None

    @property
    def digest(self) -> str:
        """Two containers with the same digest are configured alike."""
        values = [getattr(self, each.name) for each in fields(self) if each.name != "environment"]
        text = repr((values, sorted(self.environment.items())))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class FoundContainer:
    """A container that is there. `digest` is that of the PluginContainer it was launched from."""

    id: str
    running: bool
    digest: str


class EndedContainers(Protocol):
    """Plugin containers, as far as they are ended."""

    async def wait(self, container_id: str) -> str:
        """How it ended, in words, once it has. Raises ContainerFailed, also for an unknown id."""

    async def kill(self, container_id: str) -> None:
        """Make it end soon; nothing happens to one that has ended or is unknown. Raises ContainerFailed."""

    async def remove(self, container_id: str) -> None:
        """Free all that an ended container holds; an unknown one is fine. Raises ContainerFailed."""

    async def list(self, prefix: str) -> list[FoundContainer]:
        """The containers whose id starts with `prefix`, by id. Raises ContainerFailed."""


class PluginContainers(EndedContainers, Protocol):
    """Runs plugin containers. They go on running while this process is down."""

    async def launch(self, container: PluginContainer) -> None:
        """Start it, once: with an id that is there already nothing happens. Raises ContainerFailed."""

    async def log(self, container_id: str, lines: int) -> tuple[str, ...]:
        """The last lines, at most so many, of what it printed; also of one that has ended and is not removed
        yet. Each of bounded length. Empty for an unknown id. Raises ContainerFailed."""


async def end_container(containers: EndedContainers, container_id: str) -> None:
    """Kill it, wait for its end, remove it. Raises ContainerFailed."""
    await containers.kill(container_id)
    try:
        async with asyncio.timeout(END_SECONDS):
            with contextlib.suppress(ContainerFailed):  # it may be gone already
                await containers.wait(container_id)
    except TimeoutError:
        raise ContainerFailed(
            f"{container_id} was killed and is still there after {END_SECONDS:g} s: look at its processes on"
            " the host (state D: what they wait for, a disk or a mount, does not answer)"
        ) from None
    await containers.remove(container_id)
