"""What an operator says of a plugin: its containers, what each serves, its limits and its secrets.

Values only, frozen and compared as a whole: equal means that nothing has to be restarted. Nothing here
reads a file, runs a container or speaks CSI; who makes one from a configuration file checks it there.
"""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass

from provider.plugins.containers import PluginContainer

MAX_CONCURRENT_CALLS = 64
"""Calls under way at one plugin at most, when its configuration does not say; more wait their turn."""

PROBE_SECONDS = 60.0
"""For a plugin that was started to answer its first Probe; then its container is killed and started anew. One
that answers that it is not ready yet is waited for."""

CHECK_SECONDS = 10.0
"""Between probes of a plugin that is up."""

CHECK_TIMEOUT = 5.0
"""Seconds for the answer to such a probe. No other call counts: those may take long."""

CHECK_FAILURES = 3
"""Such probes without success in a row after which the plugin hangs: its container is killed."""

DRAIN_SECONDS = 30.0
"""For the calls under way when the configuration changes; then the containers end all the same, and the calls
that were lost with them are repeated."""


class Service(enum.StrEnum):
    """What a container serves beside CSI's Identity service, which all do."""

    CONTROLLER = "CONTROLLER_SERVICE"
    NODE = "NODE_SERVICE"


BOTH = frozenset(Service)


@dataclass(frozen=True, slots=True)
class ServingContainer:
    """A container of a plugin: it listens on the unix socket `socket_path` of the host and serves `services`.

    A service is used at the first container that lists it. `socket_path` has at most 107 bytes, and its
    directory has to be bound into the container (and CSI_ENDPOINT be set) by who makes this.
    """

    container: PluginContainer
    socket_path: str
    services: frozenset[Service] = BOTH


@dataclass(frozen=True, slots=True)
class SecretFile:
    """`key` in the `secrets` of a call is what the file at `path` holds, less one newline at its end.

    `calls`: names of CSI calls (CreateVolume, NodeStageVolume, ...) that carry it; empty: all that can.
    """

    key: str
    path: str
    calls: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PluginConfig:
    """A plugin. `prefix`: ids of containers that are this plugin's, now or in an earlier life.

    `type`: the name that the plugin should answer to GetPluginInfo; with another one it works all the same,
    and its status says so; "" expects none. For the numbers see the constants that they are by default.
    Invariant: `containers` is not empty; their ids differ and begin with `prefix`, which begins no other
    plugin's; their sockets differ.
    """

    containers: tuple[ServingContainer, ...]
    prefix: str
    type: str = ""
    max_concurrent_calls: int = MAX_CONCURRENT_CALLS
    secrets: tuple[SecretFile, ...] = ()
    probe_seconds: float = PROBE_SECONDS
    check_seconds: float = CHECK_SECONDS
    check_timeout: float = CHECK_TIMEOUT
    check_failures: int = CHECK_FAILURES
    drain_seconds: float = DRAIN_SECONDS

    @property
    def running(self) -> str:
        """How its containers are run, as a digest: the same text as long as that does not change."""
        parts = [
            (c.argv, sorted(c.environment.items()), c.image, c.user, [repr(bind) for bind in c.binds])
            for c in (each.container for each in self.containers)
        ]
        return hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()

    def serving(self, service: Service) -> ServingContainer | None:
        """The container at which `service` is used; None when none lists it."""
        return next((each for each in self.containers if service in each.services), None)
