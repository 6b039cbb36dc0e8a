"""The disks of an agent's host, put together: what looks at them, what runs on them, who is told.

Composition only: which disk is used, and for what, is for `agent.devices`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.containerizer.watch import scope_of
from agent.devices.keeper import DeviceKeeper
from agent.devices.ports import DeviceParts
from agent.devices.record import PoolRecord, load_pools
from agent.devices.told import ToldOfDisks, Users
from agent.providers.config import TYPE
from agent.providers.provider_set import ProviderSet
from api.model.clock import Clock
from api.model.ids import IdSource
from api.wire.v1 import mesos
from cli.agent_settings import AgentSettings
from cli.agent_storage import local_disk, whole_disk
from cli.failures import USAGE, CommandFailed
from provider.local_storage.device import Device
from provider.local_storage.device_host import DevicesOnHost
from provider.local_storage.device_rule_file import InvalidRules, read_rules
from provider.local_storage.device_rules import Rule
from provider.local_storage.device_watch import DeviceWatch
from provider.manager.manager import ResourceProviderManager
from provider.plugins.local_disk.commands import Subprocesses
from provider.plugins.whole_disk.disk import VOLUME_ID
from store.port import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DiskParts:
    """What of the agent the disks have to do with."""

    settings: AgentSettings
    work_dir: Path
    store: Store
    providers: ProviderSet
    manager: ResourceProviderManager
    tasks: Users
    clock: Clock
    ids: IdSource
    failed: Callable[[BaseException], None]
    closed: Callable[[], str]


class DiskProviders:
    """`agent.devices.ports.Providers` on the agent's set of them."""

    def __init__(self, providers: ProviderSet) -> None:
        self._providers = providers

    async def run(self, info: mesos.ResourceProviderInfo) -> None:
        """See `Providers.run`."""
        await self._providers.run(info)

    async def end(self, name: str) -> None:
        """See `Providers.end`."""
        await self._providers.end(TYPE, name)

    def state(self, name: str) -> tuple[str, str] | None:
        """See `Providers.state`."""
        found = self._providers.state(TYPE, name)
        return None if found is None else (found.state, found.message)


def lives_of_disks(store: Store) -> dict[str, str]:
    """Providers of all disks that are known, attached or not, by name; with what is another text whenever the
    disk was attached anew, and so nothing of it is mounted from before."""
    return {record.provider: f"attachment {record.attachments}" for record in store.read(load_pools)}


def device_keeper(parts: DiskParts) -> DeviceKeeper:
    """Raises CommandFailed for rules that cannot be used."""
    work_dir = Path(os.path.realpath(parts.work_dir))
    try:
        return DeviceKeeper(
            DeviceParts(
                store=parts.store,
                host=DevicesOnHost(Subprocesses(), scope_of(work_dir)),
                watch=DeviceWatch,
                providers=DiskProviders(parts.providers),
                told=ToldOfDisks(parts.manager, parts.tasks),
                configured=lambda record, device: _configured(record, device, work_dir),
                folders=lambda record: _folders(record, work_dir),
                rules=lambda: _rules(parts.settings),
                closed=parts.closed,
                clock=parts.clock,
                ids=parts.ids,
                failed=parts.failed,
            )
        )
    except InvalidRules as error:
        raise CommandFailed(f"--devices: {error}", USAGE) from error


async def leave_disks(devices: DeviceKeeper, end_plugins: Callable[[], Awaitable[None]]) -> None:
    """Of an agent that was removed for good: no disk is taken up any more, the plugins end, and no pool stays
    mounted, so that the disks can be taken out. A repeat does what is left of it."""
    await devices.stop()
    await end_plugins()
    try:
        await devices.unmounted()
    except OSError as error:
        log.error("pools on disks are not unmounted, unmount them by hand: %s", error)


def _rules(settings: AgentSettings) -> tuple[Rule, ...] | None:
    return None if settings.devices is None else read_rules(settings.devices)


def _configured(record: PoolRecord, device: Device, work_dir: Path) -> mesos.ResourceProviderInfo:
    if record.whole:
        return whole_disk(record.provider, device, _volume_id(record), scope_of(work_dir))
    folder = _pool_folder(record, work_dir)
    options = ["--pool", device.path, "--pool-id", record.pool_id, "--backend", "image"]
    return local_disk(record.provider, [*options, "--state-folder", folder], [_spread(folder)])


def _volume_id(record: PoolRecord) -> str:
    """Of a disk that is offered whole: what tells an operator which it is, where CSI can carry that."""
    return record.identity if VOLUME_ID.fullmatch(record.identity) else record.pool_id


def _pool_folder(record: PoolRecord, work_dir: Path) -> str:
    """The pool is mounted below."""
    return str(work_dir / "pools" / record.pool_id)


def _spread(folder: str) -> mesos.Volume:
    """What is mounted there, and taken off again, is so for everybody who has a copy of it: a container that
    was started meanwhile would keep a disk busy that was let go."""
    both_ways = mesos.MountPropagation(mode=mesos.MountPropagationMode.BIDIRECTIONAL)
    path = mesos.VolumeSourceHostPath(path=folder, mount_propagation=both_ways)
    source = mesos.VolumeSource(type=mesos.VolumeSourceType.HOST_PATH, host_path=path)
    return mesos.Volume(container_path=folder, mode=mesos.VolumeMode.RW, source=source)


def _folders(record: PoolRecord, work_dir: Path) -> Sequence[str]:
    """Volumes first: they are mounted on top."""
    return [str(work_dir / "mounts" / record.provider), _pool_folder(record, work_dir)]
