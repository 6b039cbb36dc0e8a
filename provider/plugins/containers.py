"""Containers for plugins, as a port: what this room asks of whoever runs containers on the host.

The agent implements it with its standalone containers. Nothing here runs anything, and nothing here
knows CSI: a plugin container is a command that serves on a socket and may mount.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

DIGEST_LABEL = "orlop.plugin.config"
"""The label that carries `PluginContainer.digest`: a container with another one is configured otherwise."""


class ContainerFailed(Exception):
    """The container could not be started, waited for, killed or removed; the message says why.

    The plugin service tries again with backoff and shows the message to the operator.
    """


@dataclass(frozen=True, slots=True)
class PluginBind:
    """A host directory, visible at the same path in the container.

    `shared`: what the plugin mounts below it reaches the host. The directory is then a mount of its
    own with shared propagation, or the whole host namespace is shared with the container; who
    implements the port sees to that.
    """

    path: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class PluginContainer:
    """All that is needed to run a plugin: privileged, in the host's network."""

    id: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    binds: tuple[PluginBind, ...] = ()

    @property
    def digest(self) -> str:
        """Two containers with the same digest are configured alike."""
        text = repr((self.id, self.argv, sorted(self.environment.items()), self.binds))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class FoundContainer:
    """A container that is there. `digest` is that of the PluginContainer it was launched from."""

    id: str
    running: bool
    digest: str


class PluginContainers(Protocol):
    """Runs plugin containers. They go on running while this process is down."""

    async def launch(self, container: PluginContainer) -> None:
        """Start it, once: with an id that is there already nothing happens. Raises ContainerFailed."""

    async def wait(self, container_id: str) -> str:
        """How it ended, in words, once it has. Raises ContainerFailed, also for an unknown id."""

    async def kill(self, container_id: str) -> None:
        """Make it end soon; nothing happens to one that has ended or is unknown. Raises ContainerFailed."""

    async def remove(self, container_id: str) -> None:
        """Free all that an ended container holds; an unknown one is fine. Raises ContainerFailed."""

    async def list(self, prefix: str) -> list[FoundContainer]:
        """The containers whose id starts with `prefix`, by id. Raises ContainerFailed."""
