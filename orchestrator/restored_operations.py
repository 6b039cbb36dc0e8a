"""Operations that a restored registry and their providers do not know alike.

Pure, but for what is noted. What is done about them is decided by `operations`: what is learned here goes
its ordinary way from then on, and what was lost ends.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from msgspec import UNSET

from api.model.errors import OrlopError
from api.model.operation import resources_of
from api.wire.convert_operations import operation_from_wire
from api.wire.errors import WireError
from api.wire.v1 import mesos
from orchestrator.journal import Transaction
from orchestrator.records import OperationRecord
from orchestrator.restoration import Kind, Restoration
from orchestrator.state import ProviderKey, value_of

log = logging.getLogger(__name__)

LOST = mesos.OperationStatus(
    state=mesos.OperationState.OPERATION_DROPPED,
    message="the registry was restored from a backup in which this had no outcome, and its provider does not "
    "know it: it was never applied, or its outcome was acknowledged long ago; it is not sent again",
)
"""The end of an operation of the backup that its provider does not know."""

ASKED = (
    "the registry was restored from a backup in which this had no outcome: its provider is asked what became "
    "of it. If it never answers, `orlop operations abandon` ends it here, and nothing is sent"
)


class AskedFor:
    """Operations of the backup whose outcome their providers are asked for, because they are not among those
    that these have to tell of: they may have ended, and been acknowledged, since the backup. They are never
    sent, and what they did is in what their providers report."""

    def __init__(self) -> None:
        self._uuids: set[bytes] = set()

    def __contains__(self, uuid: bytes) -> bool:
        return uuid in self._uuids

    def ask(self, records: Iterable[OperationRecord]) -> list[bytes]:
        """Their UUIDs, to be asked for now."""
        asked = [record.uuid for record in records]
        self._uuids.update(asked)
        return asked

    def answered(
        self, record: OperationRecord, status: mesos.OperationStatus
    ) -> mesos.OperationStatus | None:
        """How it ended, once that is known: as its provider says. None: it was not asked for.

        A provider that remembers the end of an operation tells it to be acknowledged, with a UUID.
        """
        if record.uuid not in self._uuids:
            return None
        self._uuids.discard(record.uuid)
        is_unknown = status.state is LOST.state and status.uuid is UNSET
        return LOST if is_unknown else status


def learned(told: mesos.Operation, provider: ProviderKey) -> OperationRecord | None:
    """The record of an operation that only its provider knows; None when the provider does not say enough.

    Its digest is not known: a repeat is recognised by the framework and the id alone.
    """
    try:
        named = tuple(resources_of(operation_from_wire(told.info)))
    except (OrlopError, WireError) as error:
        log.warning("operation %s cannot be learned from its provider: %s", told.uuid, error)
        return None
    framework_id = value_of(told.framework_id)
    roles = [each.allocated_to or each.role for each in named]
    return OperationRecord(
        uuid=told.uuid.value if isinstance(told.uuid, mesos.UUID) else b"",
        framework_id=framework_id,
        operation_id=None if framework_id is None else value_of(told.info.id),
        agent_id=provider[0],
        provider_id=provider[1],
        role=roles[0] if roles else None,
        info=told.info,
        digest=b"",
        created=told.created if isinstance(told.created, float) else 0.0,
    )


def note_learned(restoration: Restoration, transaction: Transaction, record: OperationRecord) -> None:
    message = f"{_named(record)} was accepted after the backup, and is learned from its provider: do nothing"
    restoration.note(transaction, Kind.OPERATION_UNKNOWN, record.uuid.hex(), message)


def note_lost(restoration: Restoration, transaction: Transaction, record: OperationRecord) -> None:
    known = "had no outcome in the backup and is not known to its provider"
    if record.provisioning is not None:
        step = f"{_named(record)}, a step of volume {record.provisioning},"
        message = f"{step} {known}: the volume is taken to be what the provider has"
    else:
        message = (
            f"{_named(record)} {known}: its owner is told that it was dropped; if it was done since the "
            "backup, the owner has acknowledged that already"
        )
    restoration.note(transaction, Kind.OPERATION_LOST, record.uuid.hex(), message)


def _named(record: OperationRecord) -> str:
    kind = str(record.info.type) if record.info.type is not UNSET else "an operation"
    if record.framework_id is None:
        return kind
    return f"{kind} {record.operation_id or 'without an id'} of framework {record.framework_id}"
