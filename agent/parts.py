"""What an agent is made of, and how it is set up: values for composition roots. Nothing acts here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from agent.connection import Connector
from agent.containerizer.interface import Containerizer
from agent.containerizer.late_volumes import LateMounts, LateVolumes
from agent.draining import DrainParts
from agent.executors.spec import ExecutorLimits
from agent.link import LinkLimits
from agent.providers.providers import Providers
from agent.sandboxes.ownership import owner_of
from agent.services import ContainerKeeper, Failure, Service
from agent.tasks.parts import Fetcher, NoFetcher, Room, Sandboxes, TaskLimits, always_room
from agent.tasks.publisher import OwnerOf, VolumeDirectories, VolumeHolders, VolumeManager
from api.model.clock import Clock
from api.model.ids import IdSource
from api.wire.v1 import mesos
from provider.status_stream import Resend
from store.port import Store

if TYPE_CHECKING:
    import random  # noqa: TID251 - its type only


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """What an operator decides about an agent.

    Its HTTP API is said to be at `advertised_host`:`port`; with `port` 0 at the one that the edge got.
    """

    hostname: str
    advertised_host: str = "127.0.0.1"
    port: int = 5051
    version: str = ""
    boot_id: str = ""
    attributes: tuple[mesos.Attribute, ...] = ()
    domain: mesos.DomainInfo | UnsetType = UNSET
    link: LinkLimits = field(default_factory=LinkLimits)
    tasks: TaskLimits = field(default_factory=TaskLimits)
    executors: ExecutorLimits = field(default_factory=ExecutorLimits)
    resend: Resend = field(default_factory=Resend)


@dataclass(frozen=True, slots=True)
class AgentParts:
    """What an agent is made of. `services` are started in their order and stopped in the opposite one.

    `own`, `manager` and storage providers are services too: the composition root lists them, in this
    order, and the HTTP edge after them. `failure` is the one that all parts were given. Store and
    containerizer come started, and are closed by who started them, after `stop`.
    """

    store: Store
    containerizer: Containerizer
    connector: Connector
    manager: VolumeManager
    own: VolumeHolders
    providers: Providers
    failure: Failure
    directories: VolumeDirectories
    sandboxes: Sandboxes
    keepers: Sequence[ContainerKeeper]
    clock: Clock
    ids: IdSource
    rng: random.Random
    services: Sequence[Service] = ()
    owner_of: OwnerOf = owner_of
    fetcher: Fetcher = field(default_factory=NoFetcher)
    room: Room = always_room
    late: LateVolumes = field(default_factory=LateMounts)
    hidden: tuple[Path, ...] = ()
    """Directories of the agent that no task's host path may lead into."""
    drain: DrainParts = field(default_factory=DrainParts)
    findings: Callable[[], list[mesos.HostFinding]] = list
    """What is left on the host of former lives, for operators."""
