"""What an operation does to resources while it has no outcome, and when it has one.

Pure. What is offered, charged or told because of it is decided by `operations`.
"""

from __future__ import annotations

from api.model.errors import InvalidRequest
from api.model.operation import (
    CreateDisk,
    GrowVolume,
    Operation,
    consumed,
    is_speculative,
    speculative_conversion,
)
from api.model.resources import Conversion, Resources
from api.wire.convert import resources_from_wire
from api.wire.v1 import mesos
from orchestrator.records import OperationRecord

TERMINAL_STATES = frozenset(
    {
        mesos.OperationState.OPERATION_FINISHED,
        mesos.OperationState.OPERATION_FAILED,
        mesos.OperationState.OPERATION_ERROR,
        mesos.OperationState.OPERATION_DROPPED,
        mesos.OperationState.OPERATION_GONE_BY_OPERATOR,
    }
)


def holds_of(record: OperationRecord, operation: Operation) -> Resources:
    """What must not be offered until the operation has its outcome.

    The result of a framework's speculative operation may be offered at once; that of a
    provisioning's step belongs to its next step.
    """
    if not is_speculative(operation):
        return consumed(operation)
    if record.provisioning is not None:
        return speculative_conversion(operation).converted
    return Resources()


def is_nothing(change: Conversion) -> bool:
    """Whether totals are the same before and after."""
    return not change.consumed and not change.converted


def outcome_of(operation: Operation, status: mesos.OperationStatus) -> Conversion | None:
    """What an operation that has ended made of what; None when nothing.

    Raises InvalidRequest when what a provider says came of it cannot be reckoned with.
    """
    if status.state is not mesos.OperationState.OPERATION_FINISHED:
        return None
    if is_speculative(operation):
        return speculative_conversion(operation)
    converted = resources_from_wire(status.converted_resources)
    if isinstance(operation, CreateDisk | GrowVolume) and len(converted) != 1:
        raise InvalidRequest(f"{operation.type} finished with {len(converted)} disks instead of one")
    return Conversion(consumed(operation), converted.unallocated())
