"""The codec: what existing clients write is understood, what is wrong is named, what is written is plain."""

import base64
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from api.wire.codec import decode, decode_msgpack, encode, encode_msgpack
from api.wire.errors import InvalidMessage, MalformedDocument
from api.wire.message import DOUBLE_MAX
from api.wire.nesting import MAX_NESTING
from api.wire.v1 import agent, mesos, scheduler

DISK = {
    "name": "disk",
    "type": "SCALAR",
    "scalar": {"value": 1024},
    "disk": {"source": {"type": "RAW", "profile": "fast"}},
    "provider_id": {"value": "p"},
}


def document(**fields: object) -> bytes:
    return json.dumps(fields).encode()


@given(st.text(st.characters(exclude_categories=["Cs"])), st.binary(max_size=40), st.lists(st.text("aé𝄞")))
def test_what_is_written_is_ascii_and_reads_back(text: str, data: bytes, roles: list[str]) -> None:
    task = mesos.TaskInfo(
        name=text, task_id=mesos.TaskID(value="t"), agent_id=mesos.AgentID(value="a"), data=data
    )
    for message in (task, scheduler.CallRevive(roles=roles)):
        written = encode(message)
        assert written.isascii()
        assert b"\n" not in written
        assert decode(type(message), written) == message
        assert decode_msgpack(type(message), encode_msgpack(message)) == message


def test_escapes_are_those_of_json_also_beyond_the_basic_plane() -> None:
    written = encode(mesos.AgentID(value="é𝄞"))
    assert written == b'{"value":"\\u00e9\\ud834\\udd1e"}'
    assert json.loads(written) == {"value": "é𝄞"}


def test_unknown_fields_are_ignored() -> None:
    call = decode(
        scheduler.CallKill, document(task_id={"value": "t", "x": 1}, slave_id={"value": "s"}, more=[[{}]])
    )
    assert call == scheduler.CallKill(task_id=mesos.TaskID(value="t"))


def test_null_is_unset() -> None:
    call = decode(scheduler.Call, document(type="REVIVE", framework_id=None, revive={"roles": None}))
    assert call == scheduler.Call(type=scheduler.CallType.REVIVE, revive=scheduler.CallRevive())
    assert decode(mesos.Filters, document(refuse_seconds=None)).refuse_seconds == 5.0


def test_a_lone_value_is_a_list_of_one() -> None:
    call = decode(scheduler.Call, document(decline={"offer_ids": {"value": "o"}}, revive={"roles": "r"}))
    assert call.decline == scheduler.CallDecline(offer_ids=[mesos.OfferID(value="o")])
    assert call.revive == scheduler.CallRevive(roles=["r"])


def test_an_unknown_name_of_an_enum_is_dropped_where_the_field_is_optional() -> None:
    call = decode(scheduler.Call, document(type="FROM_THE_FUTURE"))
    assert call.type is UNSET
    assert decode(mesos.EnvironmentVariable, document(name="n", type="NEW")).type == "VALUE"
    plugin = decode(
        mesos.CSIPluginContainerInfo, document(services=["NODE_SERVICE", "GROUP_SERVICE"], resources=None)
    )
    assert plugin.services == [mesos.CSIPluginContainerInfoService.NODE_SERVICE]


def test_an_unknown_name_of_an_enum_is_refused_where_the_field_is_required() -> None:
    with pytest.raises(InvalidMessage) as caught:
        decode(mesos.Resource, document(**{**DISK, "type": "COMPLEX"}))
    assert caught.value.path == "type"
    assert "SCALAR, RANGES, SET, TEXT" in caught.value.reason


@pytest.mark.parametrize("size", range(1, 8))
def test_base64_may_lack_its_padding(size: int) -> None:
    data = bytes(range(250, 250 + size)) if size < 6 else b"\xfb\xff" * size
    text = base64.b64encode(data).decode()
    for spelling in (text, text.rstrip("=")):
        assert decode(mesos.UUID, document(value=spelling)).value == data


@pytest.mark.parametrize("wrong", ["a", "abcde", "ab$d", "ab=d", "a b c d", "_-_-", 5, ["YQ=="], "YWJj\n"])
def test_what_is_not_base64_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidMessage, match="base64"):
        decode(mesos.UUID, document(value=wrong))


@pytest.mark.parametrize(
    ("text", "value"), [("9223372036854775807", 2**63 - 1), ("-9223372036854775808", -(2**63)), ("5.0", 5)]
)
def test_64_bit_numbers_are_plain_json_numbers(text: str, value: int) -> None:
    assert decode(mesos.TimeInfo, b'{"nanoseconds":%b}' % text.encode()).nanoseconds == value
    assert json.loads(encode(mesos.TimeInfo(nanoseconds=value))) == {"nanoseconds": value}


@pytest.mark.parametrize(
    "text", ["9223372036854775808", "-9223372036854775809", "1.5", '"5"', "true", "1e30"]
)
def test_what_is_no_64_bit_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidMessage) as caught:
        decode(mesos.TimeInfo, b'{"nanoseconds":%b}' % text.encode())
    assert caught.value.path == "nanoseconds"


@pytest.mark.parametrize("text", ["18446744073709551616", "99999999999999999999999999", "-1"])
def test_unsigned_numbers_are_bounded_at_both_ends(text: str) -> None:
    good = decode(mesos.ValueRange, b'{"begin":0,"end":18446744073709551615}')
    assert good.end == 2**64 - 1
    with pytest.raises(InvalidMessage) as caught:
        decode(mesos.ValueRanges, b'{"range":[{"begin":0,"end":%b}]}' % text.encode())
    assert caught.value.path == "range[0].end"


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_what_is_not_a_number_is_not_json(text: str) -> None:
    with pytest.raises(MalformedDocument):
        decode(mesos.ValueScalar, b'{"value":%b}' % text.encode())


@pytest.mark.parametrize("text", ["1e999", "-1e999", "1" + "0" * 400])
def test_numbers_beyond_a_double_are_refused(text: str) -> None:
    with pytest.raises((InvalidMessage, MalformedDocument)):
        decode(mesos.ValueScalar, b'{"value":%b}' % text.encode())


def test_infinity_in_quotes_is_the_largest_number() -> None:
    assert decode(mesos.ValueScalar, b'{"value": "Infinity"}').value == DOUBLE_MAX
    with pytest.raises(InvalidMessage):
        decode(mesos.ValueScalar, b'{"value": "-Infinity"}')


def test_nan_is_refused_on_the_link_too() -> None:
    with pytest.raises(InvalidMessage):
        decode_msgpack(mesos.ValueScalar, msgspec.msgpack.encode({"value": float("nan")}))


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b'{"a":1', b"{}}", b"\xff\xfe", b'{"value":"\xff"}', b"{'value':1}", b"x" * 10_000_000],
)
def test_what_is_not_json_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedDocument):
        decode(mesos.AgentID, data)


@pytest.mark.parametrize("data", [b"[]", b"5", b'"x"', b"null"])
def test_json_that_is_no_object_is_no_message(data: bytes) -> None:
    with pytest.raises(InvalidMessage, match="an object is expected"):
        decode(mesos.AgentID, data)


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (document(accept={"operations": [{"type": "RESERVE", "reserve": {"resources": [DISK, {}]}}]}),
         "accept.operations[0].reserve.resources[1].name"),
        (document(acknowledge={"agent_id": {"value": "a"}, "task_id": {"value": "t"}}), "acknowledge.uuid"),
        (document(revive={"roles": [1]}), "revive.roles[0]"),
        (document(accept={"filters": {"refuse_seconds": "5"}}), "accept.filters.refuse_seconds"),
        (document(decline=[]), "decline"),
        (document(type=4), "type"),
    ],
)  # fmt: skip
def test_an_error_names_the_field(data: bytes, path: str) -> None:
    with pytest.raises(InvalidMessage) as caught:
        decode(scheduler.Call, data)
    assert caught.value.path == path
    assert str(caught.value).startswith(f"{path}: ")


def test_an_error_shows_little_of_a_long_value() -> None:
    with pytest.raises(InvalidMessage) as caught:
        decode(mesos.ValueScalar, document(value="x" * 100_000))
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("opening", [b"[", b'{"x":'])
def test_deep_nesting_is_refused_and_not_a_crash(opening: bytes) -> None:
    with pytest.raises(MalformedDocument):
        decode(mesos.AgentID, b'{"value":"a","x":' + opening * 200_000)


@pytest.mark.parametrize("key", [b'"parent"', b'"\\u0070arent"'])
@pytest.mark.parametrize("extra", [b"", b',"x":null', b',"value":null'])
def test_messages_within_themselves_are_bounded(key: bytes, extra: bytes) -> None:
    """On the strict way and on the way of the second try."""
    depth = MAX_NESTING + 2
    nested = (b'{"value":"c",' + key + b":") * depth + b'{"value":"c"' + extra + b"}" + b"}" * depth
    with pytest.raises(InvalidMessage):
        decode(agent.CallWaitContainer, b'{"container_id":' + nested + b"}")


def test_many_parents_side_by_side_are_not_deep() -> None:
    name = mesos.ContainerID(value="c", parent=mesos.ContainerID(value="p"))
    container = agent.ResponseGetContainersContainer(container_id=name)
    kept = agent.ResponseGetContainers(containers=[container] * (MAX_NESTING * 2))
    assert decode(agent.ResponseGetContainers, encode(kept)) == kept


NAMES = [
    "type",
    "subscribe",
    "framework_info",
    "accept",
    "operations",
    "create_disk",
    "source",
    "scalar",
    "value",
    "roles",
    "revive",
    "name",
    "offer_ids",
    "reservations",
    "uuid",
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@given(ANYTHING)
def test_any_json_is_a_message_or_a_clear_error(anything: object) -> None:
    try:
        call = decode(scheduler.Call, json.dumps(anything).encode())
    except (InvalidMessage, MalformedDocument) as error:
        assert str(error)
    else:
        assert decode(scheduler.Call, encode(call)) == call
