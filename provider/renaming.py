"""A provider that was given another id: what it has is the same, and says the new id from now on.

That happens when the registry of its host is lost and its own checkpoint is not. Whose each disk is, what its
name is and what is under way stand in that checkpoint, so all of it is kept. Pure: a checkpoint in, changes
out. It must not decide when an id changes.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from api.model.operation import Operation
from api.model.resources import Resource
from provider.records import (
    Change,
    Checkpoint,
    OperationRecord,
    SaveAcknowledged,
    SaveDisk,
    SaveDivisible,
    SaveOperation,
)


def renaming(checkpoint: Checkpoint) -> list[Change]:
    """The changes after which everything in the checkpoint has the checkpoint's provider id; empty when it
    has already, as nearly always.
    """
    provider_id = checkpoint.provider_id
    if provider_id is None:
        return []
    changes: list[Change] = []
    divisible = tuple(_renamed(each, provider_id) for each in checkpoint.divisible)
    if divisible != checkpoint.divisible:
        changes.append(SaveDivisible(divisible))
    for disk, count in checkpoint.disks:
        if disk.provider_id != provider_id:
            changes += [SaveDisk(disk, 0), SaveDisk(_renamed(disk, provider_id), count)]
    for record in checkpoint.operations:
        renamed = _record(record, provider_id)
        if renamed != record:
            changes.append(SaveOperation(renamed))
    for record in checkpoint.remembered:
        renamed = _record(record, provider_id)
        if renamed != record:
            changes.append(SaveAcknowledged(renamed))
    return changes


def _renamed(resource: Resource, provider_id: str) -> Resource:
    return resource if resource.provider_id == provider_id else replace(resource, provider_id=provider_id)


def _record(record: OperationRecord, provider_id: str) -> OperationRecord:
    return replace(
        record,
        operation=_operation(record.operation, provider_id),
        converted=tuple(_renamed(each, provider_id) for each in record.converted),
    )


def _operation(operation: Operation, provider_id: str) -> Operation:
    """Whatever resources its type has, by the types of its fields."""
    changed: dict[str, Any] = {}
    for field in fields(operation):
        value = getattr(operation, field.name)
        if isinstance(value, Resource):
            changed[field.name] = _renamed(value, provider_id)
        elif isinstance(value, tuple) and any(isinstance(each, Resource) for each in value):
            changed[field.name] = tuple(_renamed(each, provider_id) for each in value)
    return replace(operation, **changed)
