"""What the keeper of disks works with: the host's devices, the providers that run on them, and who is
told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.devices.record import PoolRecord
from api.model.clock import Clock
from api.model.ids import IdSource
from api.wire.v1 import mesos
from provider.local_storage.device import Contents, Device
from provider.local_storage.device_rules import Rule
from store.port import Store

May = Callable[[Device, str], bool]
"""Whether a device may be opened, given who has it in use."""


class Host(Protocol):
    """See `provider.local_storage.device_host.DevicesOnHost`."""

    async def look(self, may: May, *, fresh: bool = False) -> Sequence[tuple[Device, str, Contents | None]]:
        """See `DevicesOnHost.look`."""

    async def contents(self, device: Device, *, fresh: bool) -> Contents: ...

    async def prepare(self, device: Device, pool_id: str, carries: Contents, *, destroys: bool) -> None: ...

    async def confirm(self, device: Device, carries: Contents) -> None: ...

    async def claim(self, key: str, device: Device, *, alone: bool) -> None: ...

    async def release(self, key: str) -> None: ...

    async def release_all(self) -> None: ...

    async def trouble(self, path: str, turn: int) -> str: ...

    async def mounted_at(self, points: Sequence[str]) -> Sequence[tuple[int, int] | None]: ...

    async def bound_at(self, folder: str) -> tuple[int, int] | None: ...

    async def let_go(self, folders: Sequence[str], number: tuple[int, int]) -> None: ...


class Watch(Protocol):
    """See `provider.local_storage.device_watch.DeviceWatch`."""

    problem: str

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Providers(Protocol):
    """The providers of this agent, as far as those of disks are run (`agent.providers.provider_set`)."""

    async def run(self, info: mesos.ResourceProviderInfo) -> None:
        """Have this provider run like that; it may run already. Raises ConfigConflict."""

    async def end(self, name: str) -> None:
        """End a provider and its plugin's containers; what it knows stays. Raises ContainerFailed."""

    def state(self, name: str) -> tuple[str, str] | None:
        """How it stands, and what is wrong; None when it does not run."""


class Told(Protocol):
    """Who has to know that a disk has gone, or is back."""

    def gone(self, provider: str, why: str) -> None:
        """The provider is about to leave: nothing of it can be used."""

    def back(self, provider: str) -> None:
        """It is about to come."""

    def given_up(self) -> Collection[str]:
        """The names of the providers that an operator has given up for good."""


@dataclass(frozen=True, slots=True)
class DeviceParts:
    """`watch` makes the watch, given what to call. `configured`: the provider of a pool on that device.
    `folders`: where the pool and its volumes may be mounted. `rules` reads the rules and raises InvalidRules;
    None when there are none: then no disk is used, and none is opened. `closed`: why no disk is made a pool
    any more, as this agent was removed for good; empty while disks are.
    """

    store: Store
    host: Host
    watch: Callable[[Callable[[], None]], Watch]
    providers: Providers
    told: Told
    configured: Callable[[PoolRecord, Device], mesos.ResourceProviderInfo]
    folders: Callable[[PoolRecord], Sequence[str]]
    rules: Callable[[], tuple[Rule, ...] | None]
    closed: Callable[[], str]
    clock: Clock
    ids: IdSource
    failed: Callable[[BaseException], None]
