"""Protobuf: what is written is what the official runtime reads, and what it writes is read as in JSON."""

from __future__ import annotations

import random

import pytest
from msgspec import UNSET

from api.wire.content import JSON, MEDIA_TYPES, PROTOBUF, MediaType, decode, encode
from api.wire.elements import MAX_ELEMENTS
from api.wire.errors import InvalidMessage, MalformedDocument
from api.wire.fragments import empty, field_number, protobuf_field, with_elements, with_field
from api.wire.message import DOUBLE_MAX, Message
from api.wire.nesting import MAX_NESTING
from api.wire.v1 import agent, master, mesos, quota, scheduler
from api.wire.v1.protobuf_writers import PROTO_NAMES
from tests.wire.generated import CLASSES, made_up
from tests.wire.official import in_runtime, runtime_class


@pytest.mark.parametrize("message", CLASSES, ids=lambda each: PROTO_NAMES[each])
def test_each_message_is_written_as_the_runtime_has_it_and_read_as_in_json(message: type[Message]) -> None:
    rng = random.Random(PROTO_NAMES[message])
    for density in (0.0, 0.2, 0.5, 0.8, 1.0):
        made = made_up(rng, message, density)
        official = in_runtime(made)
        written = encode(made, PROTOBUF)
        assert runtime_class(message).FromString(written) == official
        assert decode(message, official.SerializeToString(), PROTOBUF) == made
        assert decode(message, encode(made, JSON), JSON) == made


def test_a_required_field_that_is_missing_is_named_as_in_json() -> None:
    call = runtime_class(scheduler.Call)()
    operation = call.accept.operations.add()
    operation.reserve.resources.add()
    for media_type, data in (
        (PROTOBUF, call.SerializePartialToString()),
        (JSON, b'{"accept":{"operations":[{"reserve":{"resources":[{}]}}]}}'),
    ):
        with pytest.raises(InvalidMessage) as caught:
            decode(scheduler.Call, data, media_type)
        assert caught.value.path == "accept.operations[0].reserve.resources[0].name"
        assert "required" in caught.value.reason


def test_a_required_field_that_is_missing_in_a_map_is_refused() -> None:
    config = runtime_class(quota.QuotaConfig)(role="r")
    config.limits["cpus"].SetInParent()
    with pytest.raises(InvalidMessage, match="required"):
        decode(quota.QuotaConfig, config.SerializePartialToString(), PROTOBUF)


def test_unknown_fields_are_ignored() -> None:
    for unknown in (b"\xf8\xff\x0f\x05", b"\xfa\xff\x0f\x02hi", b"\xfb\xff\x0f\xfc\xff\x0f"):
        data = encode(mesos.AgentID(value="a"), PROTOBUF) + unknown
        assert decode(mesos.AgentID, data, PROTOBUF) == mesos.AgentID(value="a")


def test_an_unknown_value_of_an_enum_is_dropped_where_the_field_is_optional() -> None:
    call = decode(scheduler.Call, b"\x10\xe7\x07", PROTOBUF)  # type: 999
    assert call.type is UNSET
    status = encode(
        mesos.TaskStatus(task_id=mesos.TaskID(value="t"), state=mesos.TaskState.TASK_LOST), PROTOBUF
    )
    assert decode(mesos.TaskStatus, status + b"\x48\xe7\x07", PROTOBUF).source is UNSET


def test_an_unknown_value_of_an_enum_is_refused_where_the_field_is_required() -> None:
    with pytest.raises(InvalidMessage) as caught:
        decode(mesos.Resource, b"\x0a\x04cpus\x18\x63", PROTOBUF)
    assert caught.value.path == "type"


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"\x0a\x02\xff\xfe", "value"),
        (b"\x0a\x03\xed\xa0\x80", "value"),
    ],
)
def test_text_that_is_not_utf8_is_refused_and_named(data: bytes, path: str) -> None:
    with pytest.raises(InvalidMessage) as caught:
        decode(mesos.AgentID, data, PROTOBUF)
    assert (caught.value.path, caught.value.reason) == (path, "text in UTF-8 is expected here")


def test_a_key_that_is_not_utf8_is_refused_and_named() -> None:
    entry = b"\x0a\x02\xff\xfe\x12\x09\x09" + b"\x00" * 8
    data = b"\x0a\x01r" + protobuf_field(field_number(quota.QuotaConfig, "limits"), entry)
    with pytest.raises(InvalidMessage) as caught:
        decode(quota.QuotaConfig, data, PROTOBUF)
    assert (caught.value.path, caught.value.reason) == ("limits", "text in UTF-8 is expected here")


def test_what_is_wrong_deep_within_is_named_with_its_path() -> None:
    call = runtime_class(scheduler.Call)()
    resource = call.accept.operations.add().reserve.resources.add(name="cpus", type=0)
    resource.scalar.value = float("nan")
    with pytest.raises(InvalidMessage) as caught:
        decode(scheduler.Call, call.SerializeToString(), PROTOBUF)
    assert caught.value.path == "accept.operations[0].reserve.resources[0].scalar.value"


def test_an_infinite_number_is_the_largest_there_is() -> None:
    infinite = runtime_class(mesos.ValueScalar)(value=float("inf")).SerializeToString()
    assert decode(mesos.ValueScalar, infinite, PROTOBUF).value == DOUBLE_MAX
    for wrong in (float("-inf"), float("nan")):
        data = runtime_class(mesos.ValueScalar)(value=wrong).SerializeToString()
        with pytest.raises(InvalidMessage, match="finite"):
            decode(mesos.ValueScalar, data, PROTOBUF)


@pytest.mark.parametrize("data", [b"\x0a", b"\x0a\x05a", b"\xff" * 11, b"{}", b"\x0b\x00", b"\x00\x00"])
def test_what_is_no_protobuf_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedDocument):
        decode(mesos.AgentID, data, PROTOBUF)


def contained(depth: int) -> mesos.ContainerID:
    container = mesos.ContainerID(value="c")
    for _ in range(depth):
        container = mesos.ContainerID(value="c", parent=container)
    return container


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_messages_within_themselves_are_bounded(media_type: MediaType) -> None:
    good = agent.CallWaitContainer(container_id=contained(MAX_NESTING - 1))
    assert decode(agent.CallWaitContainer, encode(good, media_type), media_type) == good
    for depth in (MAX_NESTING + 2, 200):
        deep = agent.CallWaitContainer(container_id=contained(depth))
        with pytest.raises((InvalidMessage, MalformedDocument)):
            decode(agent.CallWaitContainer, encode(deep, media_type), media_type)


def test_a_short_body_that_would_fill_the_memory_is_refused() -> None:
    labels = protobuf_field(field_number(mesos.Labels, "labels"), b"\x0a\x00") * (MAX_ELEMENTS + 1)
    with pytest.raises(InvalidMessage, match="elements"):
        decode(mesos.Labels, labels, PROTOBUF)


@pytest.mark.parametrize("label", [b'{"key":""}', b'{"key":"","value":null}'], ids=["strict", "unusual"])
def test_json_that_would_fill_the_memory_is_refused_likewise(label: bytes) -> None:
    def labels(count: int) -> bytes:
        return b'{"labels":[%b]}' % b",".join([label] * count)

    assert len(decode(mesos.Labels, labels(MAX_ELEMENTS), JSON).labels) == MAX_ELEMENTS
    with pytest.raises(InvalidMessage, match="elements"):
        decode(mesos.Labels, labels(MAX_ELEMENTS + 1), JSON)


def test_many_names_in_one_json_object_are_elements_too() -> None:
    members = b",".join(b'"%d":null' % number for number in range(MAX_ELEMENTS + 1))
    with pytest.raises(InvalidMessage, match="elements"):
        decode(mesos.Labels, b'{"labels":{%b}}' % members, JSON)


def test_defaults_of_their_own_do_not_travel_and_are_read() -> None:
    assert encode(mesos.Filters(), PROTOBUF) == b""
    assert decode(mesos.Filters, b"", PROTOBUF).refuse_seconds == 5.0


def test_a_message_in_several_parts_is_one() -> None:
    call = encode(scheduler.Call(type=scheduler.CallType.REVIVE), PROTOBUF)
    halves = [
        encode(scheduler.Call(revive=scheduler.CallRevive(roles=[role])), PROTOBUF) for role in ("a", "b")
    ]
    assert decode(scheduler.Call, call + b"".join(halves), PROTOBUF) == scheduler.Call(
        type=scheduler.CallType.REVIVE, revive=scheduler.CallRevive(roles=["a", "b"])
    )


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_a_message_put_together_from_encoded_parts_is_the_message(media_type: MediaType) -> None:
    tasks = [
        mesos.Task(
            name=name * 100,
            task_id=mesos.TaskID(value=name),
            framework_id=mesos.FrameworkID(value="f"),
            agent_id=mesos.AgentID(value="a"),
            state=mesos.TaskState.TASK_RUNNING,
        )
        for name in "tu"
    ]
    encoded = [encode(task, media_type) for task in tasks]
    body = with_elements(master.ResponseGetTasks, empty(media_type), "tasks", encoded, media_type)
    body = with_elements(master.ResponseGetTasks, body, "completed_tasks", encoded[:1], media_type)
    body = with_elements(master.ResponseGetTasks, body, "pending_tasks", [], media_type)
    kind = encode(master.Response(type=master.ResponseType.GET_TASKS), media_type)
    answer = with_field(master.Response, kind, "get_tasks", body, media_type)
    assert decode(master.Response, answer, media_type) == master.Response(
        type=master.ResponseType.GET_TASKS,
        get_tasks=master.ResponseGetTasks(tasks=tasks, completed_tasks=tasks[:1]),
    )
    nothing = with_field(master.Response, empty(media_type), "get_tasks", empty(media_type), media_type)
    assert decode(master.Response, nothing, media_type).get_tasks == master.ResponseGetTasks()
