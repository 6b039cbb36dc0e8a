"""Equal parts of many records, kept once: a provider may have very many volumes that differ in little.

Only memory is saved: what comes out equals what went in. It must not know what the parts mean.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from api.model.operation import CreateDisk, DestroyDisk
from api.model.resources import Resource
from provider.records import OperationRecord
from provider.volume import EMPTY, Volume

H = TypeVar("H", bound=Hashable)


class SharedParts:
    """What was seen so far. To be thrown away once all records are read."""

    def __init__(self) -> None:
        self._seen: dict[Any, Any] = {}

    def one(self, part: H) -> H:
        """The first that was equal to this one, and of its type."""
        known: H = self._seen.setdefault((type(part), part), part)
        return known

    def mapping(self, part: Mapping[str, str]) -> Mapping[str, str]:
        if not part:
            return EMPTY
        known: Mapping[str, str] = self._seen.setdefault(tuple(part.items()), part)
        return known

    def volume(self, volume: Volume) -> Volume:
        """The same with shared parts."""
        return replace(
            volume,
            id=self.one(volume.id),
            capability=self.one(volume.capability),
            profile=self.one(volume.profile),
            context=self.mapping(volume.context),
            parameters=self.mapping(volume.parameters),
            publish_context=self.mapping(volume.publish_context),
            boot_id=self.one(volume.boot_id),
        )

    def operation(self, record: OperationRecord) -> OperationRecord:
        """The same with shared parts; the disks that it made, or ended, are those that are there."""
        operation = record.operation
        match operation:
            case CreateDisk():
                operation = replace(
                    operation,
                    source=self.whole(operation.source),
                    target_profile=self.one(operation.target_profile),
                    target_reservations=self.one(operation.target_reservations),
                )
            case DestroyDisk():
                operation = replace(operation, source=self.whole(operation.source))
        return replace(
            record,
            operation=operation,
            framework_id=self.one(record.framework_id),
            message=self.one(record.message),
            converted=tuple(self.whole(each) for each in record.converted),
            topology=None if record.topology is None else self.mapping(record.topology),
        )

    def whole(self, resource: Resource) -> Resource:
        """The first that was equal to this one, also in what equality leaves out; with shared parts."""
        shared = self.resource(resource)
        known: Resource = self._seen.setdefault((Resource, shared), shared)
        return known if known is shared or repr(known) == repr(shared) else shared

    def resource(self, resource: Resource) -> Resource:
        """The same with shared parts; a disk's id is shared with its volume's, when that came before."""
        disk = resource.disk
        if disk is not None and disk.source is not None:
            source = replace(
                disk.source,
                id=self.one(disk.source.id),
                metadata=self.one(disk.source.metadata),
                profile=self.one(disk.source.profile),
                vendor=self.one(disk.source.vendor),
            )
            disk = replace(disk, source=source)
        return replace(
            resource,
            name=self.one(resource.name),
            value=self.one(resource.value),
            reservations=self.one(resource.reservations),
            disk=disk,
            provider_id=self.one(resource.provider_id),
        )
