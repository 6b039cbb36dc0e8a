"""A host whose disks are plugged and pulled by a test, and an agent's providers that only take note."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from agent import schema
from agent.devices.keeper import DeviceKeeper
from agent.devices.ports import DeviceParts, May
from agent.devices.record import PoolRecord
from agent.providers.config import TYPE
from agent.providers.provider_set import ConfigConflict
from api.model.clock import SystemClock
from api.model.ids import RandomIds
from api.wire.v1 import mesos
from provider.local_storage.device import Contents, Device
from provider.local_storage.device_host import NotPrepared
from provider.local_storage.device_rules import Rule
from store.sqlite import SqliteStore
from tests.devices.values import carrying


class ModelHost:
    """Devices by path, and what is on each medium by its identity. Implements `agent.devices.ports.Host`."""

    def __init__(self) -> None:
        self.attached: dict[str, Device] = {}
        self.on: dict[str, Contents] = {}
        self.opened: list[str] = []
        self.formatted: list[str] = []
        self.unmounted: list[tuple[int, int]] = []
        self.bad: dict[str, str] = {}
        self.formats: Callable[[Device], None] = lambda device: None
        self.confirms: Callable[[Device], None] = lambda device: None
        self.mounts: dict[str, tuple[int, int]] = {}
        """What is mounted from a former life: device numbers by pool."""
        self.bound: dict[str, tuple[int, int]] = {}
        """Nodes that are bound from a former life: device numbers by folder of volumes."""
        self.looks = 0
        self.claimed: dict[str, str] = {}
        """Paths of disks that this agent has claimed, by what for."""
        self.others: set[str] = set()
        """Paths of disks that another agent of the host has claimed."""

    def plug(self, device: Device, contents: Contents | None = None) -> Device:
        if contents is not None:
            self.on[device.identity] = contents
        self.attached[device.path] = device
        return device

    def pull(self, device: Device) -> None:
        del self.attached[device.path]

    async def look(self, may: May, *, fresh: bool = False) -> Sequence[tuple[Device, str, Contents | None]]:
        self.looks += 1
        there = sorted(self.attached.values(), key=lambda device: device.path)
        found = []
        for device in there:
            await asyncio.sleep(0)
            busy = "mounted at /pools" if device.number in self.mounts.values() else ""
            opened = may(device, busy)
            found.append((device, busy, await self.contents(device, fresh=fresh) if opened else None))
        return found

    async def contents(self, device: Device, *, fresh: bool) -> Contents:
        self.opened.append(device.path)
        return self.on.get(device.identity, Contents())

    async def prepare(self, device: Device, pool_id: str, carries: Contents, *, destroys: bool) -> None:
        assert carries == self.on.get(device.identity, Contents()), "something else was decided about"
        assert destroys or not self.on.get(device.identity, Contents()).signature, "data was destroyed"
        await asyncio.sleep(0)
        self.formats(device)
        self.formatted.append(device.identity)
        self.on[device.identity] = carrying(pool_id)

    async def confirm(self, device: Device, carries: Contents) -> None:
        await asyncio.sleep(0)
        self.confirms(device)
        if self.attached.get(device.path) != device or carries != self.on.get(device.identity, Contents()):
            raise NotPrepared(f"{device.path} is another disk by now")

    async def claim(self, key: str, device: Device, *, alone: bool) -> None:
        if device.path in self.others:
            raise NotPrepared(f"{device.path}: another agent of this host has claimed it")
        self.claimed[key] = device.path

    async def release(self, key: str) -> None:
        self.claimed.pop(key, None)

    async def release_all(self) -> None:
        self.claimed.clear()

    async def trouble(self, path: str, turn: int) -> str:
        return self.bad.get(path, "")

    async def mounted_at(self, points: Sequence[str]) -> Sequence[tuple[int, int] | None]:
        return [self.mounts.get(point.rpartition("/")[2]) for point in points]

    async def bound_at(self, folder: str) -> tuple[int, int] | None:
        return self.bound.get(folder)

    async def let_go(self, folders: Sequence[str], number: tuple[int, int]) -> None:
        self.unmounted.append(number)
        self.mounts = {pool_id: each for pool_id, each in self.mounts.items() if each != number}
        self.bound = {folder: each for folder, each in self.bound.items() if folder not in folders}


class ModelWatch:
    """Events, when a test says so."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.changed = changed
        self.problem = ""

    def start(self) -> None:
        """Nothing comes by itself."""

    def stop(self) -> None:
        """Nothing comes."""


@dataclass
class ModelProviders:
    """Implements `agent.devices.ports.Providers`: which run, and on which device."""

    running: dict[str, str] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    full: bool = False

    async def run(self, info: mesos.ResourceProviderInfo) -> None:
        await asyncio.sleep(0)
        if self.full:
            raise ConfigConflict("this agent runs 50 providers, its limit")
        self.running[info.name] = info.attributes[0].name

    async def end(self, name: str) -> None:
        await asyncio.sleep(0)
        self.ended.append(name)
        self.running.pop(name, None)

    def state(self, name: str) -> tuple[str, str] | None:
        return ("RUNNING", "") if name in self.running else None


@dataclass
class ModelTold:
    """Implements `agent.devices.ports.Told`."""

    gone_: dict[str, str] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)

    def gone(self, provider: str, why: str) -> None:
        self.gone_[provider] = why

    def back(self, provider: str) -> None:
        self.gone_.pop(provider, None)

    def given_up(self) -> Collection[str]:
        return self.removed


class World:
    """One agent's disks. `restart` is a new life on the same store; `crash` one that wrote nothing more."""

    def __init__(self, path: Path, *rules: Rule) -> None:
        self._path = path
        self.rules: tuple[Rule, ...] | None = rules
        self.host, self.providers, self.told = ModelHost(), ModelProviders(), ModelTold()
        self.closed = ""
        self.failures: list[BaseException] = []
        self._watches: list[ModelWatch] = []
        self.store: SqliteStore
        self.keeper: DeviceKeeper

    async def start(self) -> None:
        self.store = SqliteStore.open(self._path / "agent.db", schema.metadata, schema.SCHEMA_VERSION)
        self.keeper = DeviceKeeper(
            DeviceParts(
                store=self.store,
                host=self.host,
                watch=self._watch,
                providers=self.providers,
                told=self.told,
                configured=_configured,
                folders=lambda record: [f"/mounts/{record.provider}", f"/pools/{record.pool_id}"],
                rules=lambda: self.rules,
                closed=lambda: self.closed,
                clock=SystemClock(),
                ids=RandomIds(),
                failed=self.failures.append,
            )
        )
        await self.keeper.start()

    def _watch(self, changed: Callable[[], None]) -> ModelWatch:
        self._watches.append(ModelWatch(changed))
        return self._watches[-1]

    def event(self) -> None:
        self._watches[-1].changed()

    async def stop(self) -> None:
        await self.keeper.stop()
        await self.store.close()
        assert not self.failures

    async def restart(self) -> None:
        await self.stop()
        self.providers.running.clear()
        self.told.gone_.clear()
        await self.start()

    async def until(self, wanted: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait for it, with an event now: what is there is looked at."""
        self.event()
        async with asyncio.timeout(seconds):
            while not wanted():  # noqa: ASYNC110 - what is waited for is anything
                await asyncio.sleep(0.01)

    @property
    def served(self) -> dict[str, str]:
        """Devices that providers run on, and the providers."""
        return {path: name for name, path in self.providers.running.items()}


def broken(device: Device) -> None:
    """What `ModelHost.formats` does when a disk refuses."""
    raise NotPrepared(f"cannot make a pool of {device.path}: it answers EIO")


def elsewhere(device: Device, path: str) -> Device:
    """The same medium, attached anew under another name."""
    return replace(device, path=path, number=(device.number[0], 99), sequence=f"{device.sequence}+")


def _configured(record: PoolRecord, device: Device) -> mesos.ResourceProviderInfo:
    where = mesos.Attribute(name=device.path, type=mesos.ValueType.TEXT)
    return mesos.ResourceProviderInfo(type=TYPE, name=record.provider, attributes=[where])
