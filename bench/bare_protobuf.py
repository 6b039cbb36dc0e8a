"""The reference of `bench_codec`: what somebody would write by hand for just these messages.

Structs are filled into the official runtime's messages, field by field, and serialized; and messages that it
has parsed are read into structs. It knows which fields are set, looks at no other, and can do nothing else.
"""

from __future__ import annotations

from typing import Any

from api.wire.v1 import mesos, scheduler
from api.wire.v1.protobuf_writers import PROTO_NAMES
from tests.wire.official import runtime_class

Event: Any = runtime_class(scheduler.Event)
Call: Any = runtime_class(scheduler.Call)
Task: Any = runtime_class(mesos.Task)

OFFERS = Event.DESCRIPTOR.fields_by_name["type"].enum_type.values_by_name["OFFERS"].number
UPDATE = Event.DESCRIPTOR.fields_by_name["type"].enum_type.values_by_name["UPDATE"].number
STATUS = runtime_class(mesos.TaskStatus).DESCRIPTOR
STATES = {each.name: each.number for each in STATUS.fields_by_name["state"].enum_type.values}
SOURCES = {each.name: each.number for each in STATUS.fields_by_name["source"].enum_type.values}
SCALAR, RANGES = 0, 1

assert PROTO_NAMES[scheduler.Event] == "mesos.v1.scheduler.Event"


def resource(filled: Any, given: mesos.Resource) -> None:
    filled.name = given.name
    if given.type == "SCALAR":
        filled.type = SCALAR
        filled.scalar.value = given.scalar.value  # type: ignore[union-attr]
    else:
        filled.type = RANGES
        for each in given.ranges.range:  # type: ignore[union-attr]
            one = filled.ranges.range.add()
            one.begin = each.begin
            one.end = each.end
    filled.allocation_info.role = given.allocation_info.role  # type: ignore[union-attr]


def status(filled: Any, given: mesos.TaskStatus) -> None:
    filled.task_id.value = given.task_id.value
    filled.state = STATES[given.state]
    filled.source = SOURCES[given.source]  # type: ignore[index]
    filled.timestamp = given.timestamp
    filled.agent_id.value = given.agent_id.value  # type: ignore[union-attr]
    filled.uuid = given.uuid


def offers(event: scheduler.Event) -> bytes:
    filled = Event(type=OFFERS)
    for given in event.offers.offers:  # type: ignore[union-attr]
        offer = filled.offers.offers.add()
        offer.id.value = given.id.value
        offer.framework_id.value = given.framework_id.value
        offer.agent_id.value = given.agent_id.value
        offer.hostname = given.hostname
        for each in given.resources:
            resource(offer.resources.add(), each)
        offer.allocation_info.role = given.allocation_info.role  # type: ignore[union-attr]
    return filled.SerializeToString()  # type: ignore[no-any-return]


def update(event: scheduler.Event) -> bytes:
    filled = Event(type=UPDATE)
    status(filled.update.status, event.update.status)  # type: ignore[union-attr]
    return filled.SerializeToString()  # type: ignore[no-any-return]


def task(given: mesos.Task) -> bytes:
    filled = Task()
    filled.name = given.name
    filled.task_id.value = given.task_id.value
    filled.framework_id.value = given.framework_id.value
    filled.agent_id.value = given.agent_id.value
    filled.state = STATES[given.state]
    for each in given.resources:
        resource(filled.resources.add(), each)
    for one in given.statuses:
        status(filled.statuses.add(), one)
    for label in given.labels.labels:  # type: ignore[union-attr]
        made = filled.labels.labels.add()
        made.key = label.key
        made.value = label.value
    return filled.SerializeToString()  # type: ignore[no-any-return]


def acknowledge(data: bytes) -> scheduler.Call:
    parsed = Call.FromString(data)
    body = parsed.acknowledge
    return scheduler.Call(
        framework_id=mesos.FrameworkID(value=parsed.framework_id.value),
        type=scheduler.CallType.ACKNOWLEDGE,
        acknowledge=scheduler.CallAcknowledge(
            agent_id=mesos.AgentID(value=body.agent_id.value),
            task_id=mesos.TaskID(value=body.task_id.value),
            uuid=body.uuid,
        ),
    )


def accept(data: bytes) -> scheduler.Call:
    parsed = Call.FromString(data)
    body = parsed.accept
    return scheduler.Call(
        framework_id=mesos.FrameworkID(value=parsed.framework_id.value),
        type=scheduler.CallType.ACCEPT,
        accept=scheduler.CallAccept(
            offer_ids=[mesos.OfferID(value=each.value) for each in body.offer_ids],
            operations=[_launch(each) for each in body.operations],
            filters=mesos.Filters(refuse_seconds=body.filters.refuse_seconds),
        ),
    )


def _launch(parsed: Any) -> mesos.OfferOperation:
    return mesos.OfferOperation(
        type=mesos.OfferOperationType.LAUNCH,
        launch=mesos.OfferOperationLaunch(task_infos=[_task_info(each) for each in parsed.launch.task_infos]),
    )


def _task_info(parsed: Any) -> mesos.TaskInfo:
    return mesos.TaskInfo(
        name=parsed.name,
        task_id=mesos.TaskID(value=parsed.task_id.value),
        agent_id=mesos.AgentID(value=parsed.agent_id.value),
        resources=[_resource(each) for each in parsed.resources],
        command=mesos.CommandInfo(value=parsed.command.value),
    )


def _resource(parsed: Any) -> mesos.Resource:
    return mesos.Resource(
        name=parsed.name,
        type=mesos.ValueType.SCALAR,
        scalar=mesos.ValueScalar(value=parsed.scalar.value),
        allocation_info=mesos.ResourceAllocationInfo(role=parsed.allocation_info.role),
    )
