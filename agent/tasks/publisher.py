"""The disks of a task, from resources to what is bound into its container, and back.

Disks of a provider are published through the resource provider manager; persistent volumes on
the agent's own disk are directories below the work directory. Which calls a provider makes for
that, and when it unmounts, is the provider's own affair.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from msgspec import UNSET

from agent.containerizer.interface import Bind, LaunchError
from agent.tasks.record import TaskRecord
from api.wire.v1 import mesos
from api.wire.v1.resource_provider import (
    CallUpdatePublishResourcesStatusPublishedVolume as PublishedVolume,
)
from provider.manager.publishing import PublishFailed

Source = mesos.ResourceDiskInfoSourceType


class VolumeManager(Protocol):
    """The part of the resource provider manager that tasks need."""

    async def publish(
        self,
        resources: Sequence[mesos.Resource],
        user: str,
        readonly: bool = False,
        told: Callable[[str], None] | None = None,
    ) -> Sequence[PublishedVolume]:
        """Make provider disks usable by `user`; `told` is told what is waited for. Idempotent.

        Raises PublishFailed.
        """

    async def unpublish(self, user: str, providers: Sequence[str]) -> None:
        """Give back all that `user` holds at these providers; idempotent. Raises PublishFailed."""


class VolumeHolders(Protocol):
    """Who uses persistent volumes on the agent's own disk; kept durably by the agent's own provider."""

    async def lacking(self, resources: Sequence[mesos.Resource]) -> str | None:
        """The first volume that is not here, in words; None: all are. Waits for those that are being made."""

    def hold(self, resources: Sequence[mesos.Resource], user: str) -> None:
        """`user` uses these from now on, so that they are not destroyed. Idempotent."""

    def release(self, user: str) -> None:
        """`user` uses nothing any more. Idempotent."""


class VolumeDirectories(Protocol):
    """Persistent volumes on the agent's own disk."""

    def ensure(
        self, role: str, persistence_id: str, owner: tuple[int, int] | None = None, *, shared: bool = False
    ) -> str:
        """The absolute path of the volume's directory, which is given to `owner`.

        Raises OSError; PublishFailed when the volume was made and its directory has gone.
        """

    def give(self, path: str, owner: tuple[int, int], *, shared: bool = False) -> None:
        """The directory at `path`, at its top, is `owner`'s afterwards; a `shared` one only while it is
        nobody's but the agent's. Raises OSError."""

    def device_for(
        self, path: str, container_id: str, owner: tuple[int, int], *, read_only: bool = False
    ) -> str:
        """A node for the device at `path` that `owner` may use, made for this container. Idempotent.

        Raises OSError.
        """

    def forget_devices(self, container_id: str) -> None:
        """The nodes that were made for a container are gone afterwards. Idempotent. Raises OSError."""


OwnerOf = Callable[[str | None], tuple[int, int] | None]
"""(uid, gid) of a user name; None for the agent's own account. Raises LaunchError."""


def user_of(record: TaskRecord) -> str:
    """Under which name a task holds volumes: people read it in messages, and a task that comes later under
    the same id is another one."""
    return f"task {record.info.task_id.value} (container {record.container_id})"


class Publisher:
    """Publishes what tasks use and binds it where they want it."""

    def __init__(
        self,
        manager: VolumeManager,
        own: VolumeHolders,
        directories: VolumeDirectories,
        owner_of: OwnerOf,
    ) -> None:
        """`own` keeps the users of the agent's own volumes, `manager` those of providers' disks."""
        self._manager = manager
        self._own = own
        self._directories = directories
        self._owner_of = owner_of

    async def publish(
        self, record: TaskRecord, told: Callable[[str], None] | None = None
    ) -> tuple[Bind, ...]:
        """Binds for every disk of the task that names a container path, in the task's order.

        `told` is told what is waited for. A repeat publishes nothing new and answers the same. Raises
        PublishFailed with the provider's message.
        """
        own = [resource for resource in record.info.resources if _is_own_volume(resource)]
        if own:
            if (lacking := await self._own.lacking(own)) is not None:
                raise PublishFailed(
                    f"volume {lacking} is not here: the CREATE that was to make it failed, and says why"
                )
            self._own.hold(own, user_of(record))
        disks = [resource for resource in record.info.resources if _is_provider_disk(resource)]
        published: dict[tuple[str, str], PublishedVolume] = {}
        for readonly in (False, True):
            group = [disk for disk in disks if _read_only(disk) is readonly]
            if group:
                for volume in await self._manager.publish(group, user_of(record), readonly, told):
                    published[_provider_of(volume), volume.source_id] = volume
        try:
            return tuple(
                self._bind(record, resource, published)
                for resource in record.info.resources
                if resource.disk is not UNSET and resource.disk.volume is not UNSET
            )
        except (OSError, LaunchError) as error:
            raise PublishFailed(f"a volume's directory cannot be made its user's: {error}") from error

    def lend(self, record: TaskRecord, bind: Bind) -> Bind:
        """A disk that the task's executor holds, bound for the task: its user can use it, as the first of its
        users does with a shared one. Raises OSError, LaunchError."""
        owner = self._owner_of(record.user)
        if owner is not None and bind.is_device:
            made = self._directories.device_for(
                bind.source, record.container_id, owner, read_only=bind.read_only
            )
            return replace(bind, source=made)
        if owner is not None and not bind.read_only:
            self._directories.give(bind.source, owner, shared=True)
        return bind

    async def unpublish(self, record: TaskRecord) -> None:
        """Give back what `publish` took, or may have taken. Raises PublishFailed, OSError: call again."""
        self._directories.forget_devices(record.container_id)
        if any(_is_own_volume(resource) for resource in record.info.resources):
            self._own.release(user_of(record))
        disks = [resource for resource in record.info.resources if _is_provider_disk(resource)]
        if disks:
            providers = sorted({_disk_key(disk)[0] for disk in disks})
            await self._manager.unpublish(user_of(record), providers)

    def _bind(
        self,
        record: TaskRecord,
        resource: mesos.Resource,
        published: dict[tuple[str, str], PublishedVolume],
    ) -> Bind:
        assert resource.disk is not UNSET and resource.disk.volume is not UNSET
        target, read_only = resource.disk.volume.container_path, _read_only(resource)
        if not _is_provider_disk(resource):
            return Bind(self._directory(record, resource), target, read_only)
        volume = published.get(_disk_key(resource))
        if volume is None:
            raise PublishFailed(
                f"the provider did not publish disk {_disk_key(resource)[1]!r}: check that it still exists"
            )
        path, is_device, owner = volume.path, volume.block is True, self._owner_of(record.user)
        if owner is not None and is_device:  # what a plugin publishes is root's, and so is every use of it
            path = self._directories.device_for(path, record.container_id, owner, read_only=read_only)
        elif owner is not None and not read_only:  # a plugin makes file systems whose top is root's
            self._directories.give(path, owner, shared=resource.shared is not UNSET)
        return Bind(path, target, read_only, is_device=is_device)

    def _directory(self, record: TaskRecord, resource: mesos.Resource) -> str:
        disk = resource.disk
        if disk is UNSET or disk.persistence is UNSET:
            raise PublishFailed("a disk with a volume but without a persistence id cannot be bound")
        owner, shared = self._owner_of(record.user), resource.shared is not UNSET
        if _read_only(resource):
            owner = None
        return self._directories.ensure(role_of(resource), disk.persistence.id, owner, shared=shared)


def volume_names(record: TaskRecord) -> str:
    """The disks of a task, for people: by their persistence ids, else by their providers' ids."""
    names = []
    for resource in record.info.resources:
        disk = resource.disk
        if disk is not UNSET and disk.volume is not UNSET:
            names.append(_disk_key(resource)[1] if disk.persistence is UNSET else disk.persistence.id)
    return ("volume " if len(names) == 1 else "volumes ") + ", ".join(names) if names else "no volumes"


def role_of(resource: mesos.Resource) -> str:
    """The role that a resource is reserved for, of the innermost reservation; `*` when unreserved."""
    if resource.reservations:
        role = resource.reservations[-1].role
        return "*" if role is UNSET else role
    return "*" if resource.role is UNSET else resource.role


def _is_provider_disk(resource: mesos.Resource) -> bool:
    disk = resource.disk
    return (
        disk is not UNSET
        and disk.source is not UNSET
        and disk.source.type in (Source.MOUNT, Source.BLOCK)
        and resource.provider_id is not UNSET
    )


def _is_own_volume(resource: mesos.Resource) -> bool:
    """A persistent volume on the agent's own disk."""
    disk = resource.disk
    return resource.provider_id is UNSET and disk is not UNSET and disk.persistence is not UNSET


def _read_only(resource: mesos.Resource) -> bool:
    disk = resource.disk
    return disk is not UNSET and disk.volume is not UNSET and disk.volume.mode is mesos.VolumeMode.RO


def _disk_key(resource: mesos.Resource) -> tuple[str, str]:
    provider = "" if resource.provider_id is UNSET else resource.provider_id.value
    disk = resource.disk
    source = UNSET if disk is UNSET else disk.source
    return provider, "" if source is UNSET or source.id is UNSET else source.id


def _provider_of(volume: PublishedVolume) -> str:
    return "" if volume.provider_id is UNSET else volume.provider_id.value
