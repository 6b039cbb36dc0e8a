"""What is wrong with a scheduler's call by itself, before anybody looks at the cluster.

Pure. What a call asks of the cluster (offers, resources, names in use) is judged by the rooms
that carry it out; what is wrong with a task or an operation is told to the framework by a status.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import UNSET, structs

from api.wire.served import refusals
from api.wire.v1 import mesos, scheduler
from orchestrator.state import value_of
from orchestrator.task_rules import launched_by

OPERATIONS_LIMIT = 1_000
"""Operations in one ACCEPT, launches included; more is an invalid call."""

TASKS_LIMIT = 5_000
"""Tasks in one ACCEPT; more is an invalid call."""

NAMED_LIMIT = 10_000
"""Offers, tasks, operations or roles that one call may name; more is an invalid call."""

ID_LIMIT = 255
"""Characters of an id that a framework chooses. A database may refuse longer keys."""

UUID_BYTES = 16

T = scheduler.CallType

SERVED = frozenset(
    {
        T.SUBSCRIBE,
        T.TEARDOWN,
        T.ACCEPT,
        T.DECLINE,
        T.ACCEPT_INVERSE_OFFERS,
        T.DECLINE_INVERSE_OFFERS,
        T.REVIVE,
        T.SUPPRESS,
        T.UPDATE_FRAMEWORK,
        T.KILL,
        T.ACKNOWLEDGE,
        T.ACKNOWLEDGE_OPERATION_STATUS,
        T.RECONCILE,
        T.RECONCILE_OPERATIONS,
        T.REQUEST,
        T.SHUTDOWN,
        T.MESSAGE,
    }
)

NEED_PAYLOAD = frozenset(
    {
        T.SUBSCRIBE,
        T.ACCEPT,
        T.DECLINE,
        T.ACCEPT_INVERSE_OFFERS,
        T.DECLINE_INVERSE_OFFERS,
        T.UPDATE_FRAMEWORK,
        T.KILL,
        T.ACKNOWLEDGE,
        T.ACKNOWLEDGE_OPERATION_STATUS,
        T.RECONCILE,
        T.RECONCILE_OPERATIONS,
        T.REQUEST,
        T.SHUTDOWN,
        T.MESSAGE,
    }
)


def checks_accept(call: scheduler.Call) -> bool:
    """Whether the sender must be able to read an answer to this call."""
    return call.type in (T.SUBSCRIBE, T.RECONCILE_OPERATIONS)


def validate(call: scheduler.Call) -> str | None:
    """What is wrong with the call, in words for its sender; None when nothing is.

    Calls that are not served are left alone: the answer to them is another one (501).
    """
    if call.type not in SERVED:
        return None
    field = str(call.type).lower()
    if call.type in NEED_PAYLOAD and getattr(call, field) is UNSET:
        return f"expecting '{field}' to be present"
    if call.type is not T.SUBSCRIBE and call.framework_id is UNSET:
        return "expecting 'framework_id' to be present"
    return _too_much(call) or _contradiction(call) or _refused(call)


def _contradiction(call: scheduler.Call) -> str | None:
    if isinstance(call.subscribe, scheduler.CallSubscribe):
        inner = value_of(call.subscribe.framework_info.id) or ""
        if isinstance(call.framework_id, mesos.FrameworkID) and inner != call.framework_id.value:
            return "'framework_id' differs from 'subscribe.framework_info.id': set both to the same id"
    update = call.update_framework
    if isinstance(update, scheduler.CallUpdateFramework) and update.framework_info.id != call.framework_id:
        return "'update_framework.framework_info.id' differs from 'framework_id': set both to the same id"
    if isinstance(call.accept, scheduler.CallAccept):
        for index, operation in enumerate(call.accept.operations):
            if operation.type is mesos.OfferOperationType.LAUNCH and operation.launch is UNSET:
                return f"expecting 'accept.operations[{index}].launch' to be present"
            is_group = operation.type is mesos.OfferOperationType.LAUNCH_GROUP
            if is_group and not operation.launch_group:
                return f"expecting 'accept.operations[{index}].launch_group' to be present"
            if is_group and not launched_by(operation):
                return f"accept.operations[{index}].launch_group.task_group.tasks: name at least one task"
    if isinstance(call.acknowledge, scheduler.CallAcknowledge):
        return _wrong_uuid("acknowledge.uuid", call.acknowledge.uuid)
    if isinstance(call.acknowledge_operation_status, scheduler.CallAcknowledgeOperationStatus):
        return _wrong_uuid("acknowledge_operation_status.uuid", call.acknowledge_operation_status.uuid)
    return None


def _wrong_uuid(path: str, uuid: bytes) -> str | None:
    if len(uuid) == UUID_BYTES:
        return None
    return f"{path}: {UUID_BYTES} bytes are expected here (the status's uuid as it came), not {len(uuid)}"


def _too_much(call: scheduler.Call) -> str | None:
    for path, limit, count in _counts(call):
        if count > limit:
            return f"{path}: {count} are too many for one call, the limit is {limit}: send several calls"
    for path, value in _ids(call):
        if len(value) > ID_LIMIT or "\0" in value:
            return f"{path}: at most {ID_LIMIT} characters are allowed, and none of them may be NUL"
    return None


def _ids(call: scheduler.Call) -> Iterator[tuple[str, str]]:
    """What a framework chose and the registry keeps as a key."""
    if isinstance(call.accept, scheduler.CallAccept):
        for index, operation in enumerate(call.accept.operations):
            yield f"accept.operations[{index}].id", value_of(operation.id) or ""
    if isinstance(call.kill, scheduler.CallKill):
        yield "kill.task_id", call.kill.task_id.value
    if isinstance(call.shutdown, scheduler.CallShutdown):
        yield "shutdown.executor_id", call.shutdown.executor_id.value


def _counts(call: scheduler.Call) -> Iterable[tuple[str, int, int]]:
    if isinstance(call.accept, scheduler.CallAccept):
        yield "accept.offer_ids", NAMED_LIMIT, len(call.accept.offer_ids)
        yield "accept.operations", OPERATIONS_LIMIT, len(call.accept.operations)
        tasks = sum(len(launched_by(operation)) for operation in call.accept.operations)
        yield "tasks in accept.operations", TASKS_LIMIT, tasks
    if isinstance(call.decline, scheduler.CallDecline):
        yield "decline.offer_ids", NAMED_LIMIT, len(call.decline.offer_ids)
    if isinstance(call.accept_inverse_offers, scheduler.CallAcceptInverseOffers):
        named = call.accept_inverse_offers.inverse_offer_ids
        yield "accept_inverse_offers.inverse_offer_ids", NAMED_LIMIT, len(named)
    if isinstance(call.decline_inverse_offers, scheduler.CallDeclineInverseOffers):
        named = call.decline_inverse_offers.inverse_offer_ids
        yield "decline_inverse_offers.inverse_offer_ids", NAMED_LIMIT, len(named)
    if isinstance(call.reconcile, scheduler.CallReconcile):
        yield "reconcile.tasks", NAMED_LIMIT, len(call.reconcile.tasks)
    if isinstance(call.reconcile_operations, scheduler.CallReconcileOperations):
        yield "reconcile_operations.operations", NAMED_LIMIT, len(call.reconcile_operations.operations)
    if isinstance(call.subscribe, scheduler.CallSubscribe):
        yield "subscribe.framework_info.roles", NAMED_LIMIT, len(call.subscribe.framework_info.roles)
    if isinstance(call.update_framework, scheduler.CallUpdateFramework):
        info = call.update_framework.framework_info
        yield "update_framework.framework_info.roles", NAMED_LIMIT, len(info.roles)
    if isinstance(call.revive, scheduler.CallRevive):
        yield "revive.roles", NAMED_LIMIT, len(call.revive.roles)
    if isinstance(call.suppress, scheduler.CallSuppress):
        yield "suppress.roles", NAMED_LIMIT, len(call.suppress.roles)


def _refused(call: scheduler.Call) -> str | None:
    """Fields that are not served, tasks aside: a task is refused by a status of its own."""
    if isinstance(call.accept, scheduler.CallAccept):
        bare = [
            structs.replace(operation, launch=UNSET, launch_group=UNSET)
            for operation in call.accept.operations
        ]
        call = structs.replace(call, accept=structs.replace(call.accept, operations=bare))
    lines = refusals(call)
    return f"not served: {'; '.join(lines)}" if lines else None
