"""Wire to model and back: nothing is lost, the older form is understood, what is wrong is named."""

import uuid
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import UNSET

from api.model.disk import Disk, DiskSource, Persistence, SourceType, VolumeMount
from api.model.operation import (
    Create,
    CreateDisk,
    Destroy,
    DestroyDisk,
    Operation,
    OperationState,
    Reserve,
    Unreserve,
)
from api.model.quantity import MAX_MILLI
from api.model.resource import Reservation, Resource
from api.model.resources import Resources
from api.model.values import Items, Ranges, Scalar
from api.wire import convert
from api.wire.codec import decode, encode
from api.wire.convert_operations import (
    converted_from_wire,
    operation_from_wire,
    operation_to_wire,
    state_from_wire,
    state_to_wire,
    status_to_wire,
)
from api.wire.errors import InvalidMessage, Unsupported
from api.wire.v1 import mesos

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
maybe = st.none() | texts
roles = st.sampled_from(["eng", "eng/storage", "ops"])
labels = st.lists(st.tuples(texts, maybe), max_size=2).map(tuple)
values = st.one_of(
    st.integers(min_value=0, max_value=MAX_MILLI).map(Scalar),
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), max_size=3).map(
        lambda pairs: Ranges(tuple((lo, lo + more) for lo, more in pairs))
    ),
    st.lists(texts, max_size=3).map(lambda items: Items(tuple(items))),
)


@st.composite
def sources(draw: st.DrawFn) -> DiskSource:
    source_type = draw(st.sampled_from(SourceType))
    return DiskSource(
        type=source_type,
        root=draw(maybe) if source_type in (SourceType.MOUNT, SourceType.PATH) else None,
        id=draw(maybe),
        metadata=draw(labels),
        profile=draw(maybe),
        vendor=draw(maybe),
        capacity_group=draw(maybe),
        cost_milli=draw(st.integers(min_value=1, max_value=10**6)),
    )


disks = st.builds(
    Disk,
    source=st.none() | sources(),
    persistence=st.none() | st.builds(Persistence, texts, maybe),
    volume=st.none() | st.builds(VolumeMount, texts, st.booleans(), maybe),
)
reservations = st.builds(Reservation, roles, st.booleans(), maybe, labels)
resources = st.builds(
    Resource,
    name=texts,
    value=values,
    reservations=st.lists(reservations, max_size=3).map(tuple),
    disk=st.none() | disks,
    provider_id=maybe,
    shared=st.booleans(),
    revocable=st.booleans(),
    allocated_to=st.none() | roles,
)
several = st.lists(resources, max_size=3).map(tuple)
operations = st.one_of(
    st.builds(Reserve, several, several),
    st.builds(Unreserve, several),
    st.builds(Create, several),
    st.builds(Destroy, several),
    st.builds(
        CreateDisk,
        resources,
        st.sampled_from(SourceType),
        maybe,
        st.lists(reservations, max_size=2).map(tuple),
        st.none() | st.builds(Persistence, texts, maybe),
    ),
    st.builds(DestroyDisk, resources, st.booleans()),
)


@given(resources)
def test_a_resource_comes_back_as_it_was_also_in_what_equality_leaves_out(resource: Resource) -> None:
    wire = decode(mesos.Resource, encode(convert.resource_to_wire(resource)))
    again = convert.resource_from_wire(wire)
    assert again == resource
    assert repr(again) == repr(resource)


@given(several)
def test_a_collection_comes_back_as_it_was(sample: tuple[Resource, ...]) -> None:
    collection = Resources(sample)
    assume(all(resource.milli <= MAX_MILLI for resource in collection))  # sums of what can be counted
    assert convert.resources_from_wire(convert.resources_to_wire(collection)) == collection


@given(operations, maybe)
def test_an_operation_comes_back_as_it_was(operation: Operation, operation_id: str | None) -> None:
    wire = decode(mesos.OfferOperation, encode(operation_to_wire(operation, operation_id)))
    assert operation_from_wire(wire) == operation
    assert (wire.id is UNSET) == (operation_id is None)


def scalar(**fields: object) -> mesos.Resource:
    return mesos.Resource(
        **{
            "name": "disk",
            "type": mesos.ValueType.SCALAR,
            "scalar": mesos.ValueScalar(value=1024.0),
            **fields,
        }  # type: ignore[arg-type]
    )


def test_the_older_form_of_reservations_is_read_and_the_newer_one_written() -> None:
    static = convert.resource_from_wire(scalar(role="eng"))
    assert static.reservations == (Reservation("eng", dynamic=False),)
    dynamic = convert.resource_from_wire(
        scalar(role="eng", reservation=mesos.ResourceReservationInfo(principal="ann"))
    )
    assert dynamic.reservations == (Reservation("eng", dynamic=True, principal="ann"),)
    assert convert.resource_from_wire(scalar(role="*")).reservations == ()
    written = convert.resource_to_wire(dynamic)
    assert (written.role, written.reservation) == (UNSET, UNSET)
    assert [each.role for each in written.reservations] == ["eng"]


def test_both_forms_together_must_agree() -> None:
    newer = mesos.ResourceReservationInfo(type=mesos.ResourceReservationInfoType.DYNAMIC, role="eng")
    assert convert.resource_from_wire(scalar(role="eng", reservations=[newer])).role == "eng"
    with pytest.raises(InvalidMessage) as caught:
        convert.resource_from_wire(scalar(role="ops", reservations=[newer]))
    assert caught.value.path == "resource.role"


def test_allocation_is_kept_and_may_be_absent() -> None:
    allocated = convert.resource_from_wire(scalar(allocation_info=mesos.ResourceAllocationInfo(role="eng")))
    assert allocated.allocated_to == "eng"
    assert convert.resource_to_wire(allocated).allocation_info == mesos.ResourceAllocationInfo(role="eng")
    assert convert.resource_from_wire(scalar(allocation_info=mesos.ResourceAllocationInfo())) == (
        convert.resource_from_wire(scalar())
    )


def source(**fields: object) -> mesos.ResourceDiskInfo:
    raw = {"type": mesos.ResourceDiskInfoSourceType.RAW, **fields}
    return mesos.ResourceDiskInfo(source=mesos.ResourceDiskInfoSource(**raw))  # type: ignore[arg-type]


def volume(**fields: object) -> mesos.ResourceDiskInfo:
    mount = {"container_path": "p", "mode": mesos.VolumeMode.RW, **fields}
    return mesos.ResourceDiskInfo(volume=mesos.Volume(**mount))  # type: ignore[arg-type]


BACKWARDS = mesos.ValueRanges(range=[mesos.ValueRange(begin=2, end=1)])


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (scalar(scalar=UNSET), "scalar"),
        (scalar(scalar=mesos.ValueScalar(value=-1.0)), "scalar.value"),
        (scalar(scalar=mesos.ValueScalar(value=float("nan"))), "scalar.value"),
        (scalar(scalar=mesos.ValueScalar(value=1e300)), "scalar.value"),
        (scalar(type=mesos.ValueType.RANGES), "ranges"),
        (scalar(type=mesos.ValueType.RANGES, ranges=BACKWARDS), "ranges"),
        (scalar(type=mesos.ValueType.SET), "set"),
        (scalar(type=mesos.ValueType.TEXT), "type"),
        (scalar(role="a b"), "role"),
        (scalar(reservation=mesos.ResourceReservationInfo()), "reservation"),
        (scalar(reservations=[mesos.ResourceReservationInfo(role="eng")]), "reservations[0].type"),
        (scalar(reservations=[mesos.ResourceReservationInfo(type=mesos.ResourceReservationInfoType.STATIC)]),
         "reservations[0].role"),
        (scalar(allocation_info=mesos.ResourceAllocationInfo(role="/")), "allocation_info.role"),
        (scalar(disk=source(type=mesos.ResourceDiskInfoSourceType.UNKNOWN)), "disk.source.type"),
        (scalar(disk=source(mount=mesos.ResourceDiskInfoSourceMount())), "disk.source.mount"),
        (scalar(disk=source(path=mesos.ResourceDiskInfoSourcePath())), "disk.source.path"),
        (scalar(disk=source(cost=0.0)), "disk.source.cost"),
        (scalar(disk=source(cost=-1.0)), "disk.source.cost"),
        (scalar(disk=volume(image=mesos.Image(type=mesos.ImageType.DOCKER))), "disk.volume.image"),
        (scalar(disk=volume(source=mesos.VolumeSource())), "disk.volume.source"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_resource_is_named(wrong: mesos.Resource, path: str) -> None:
    with pytest.raises(InvalidMessage) as caught:
        convert.resource_list_from_wire([scalar(), wrong])
    assert caught.value.path == f"resources[1].{path}"


POOL = scalar(disk=source(profile="fast"), provider_id=mesos.ResourceProviderID(value="p"))
TYPES = mesos.OfferOperationType


@pytest.mark.parametrize("operation_type", [TYPES.LAUNCH, TYPES.LAUNCH_GROUP])
def test_other_operations_are_unsupported_by_name(operation_type: mesos.OfferOperationType) -> None:
    with pytest.raises(Unsupported, match=rf"operations\[2\].*{operation_type}"):
        operation_from_wire(mesos.OfferOperation(type=operation_type), "operations[2]")


def test_an_operation_without_its_type_or_payload_is_invalid() -> None:
    for wire, path in (
        (mesos.OfferOperation(), "operation.type"),
        (mesos.OfferOperation(type=TYPES.UNKNOWN), "operation.type"),
        (mesos.OfferOperation(type=TYPES.CREATE_DISK, reserve=mesos.OfferOperationReserve()),
         "operation.create_disk"),
    ):  # fmt: skip
        with pytest.raises(InvalidMessage) as caught:
            operation_from_wire(wire)
        assert caught.value.path == path


def test_errors_within_an_operation_name_the_whole_way() -> None:
    wire = mesos.OfferOperation(
        type=TYPES.CREATE_DISK,
        create_disk=mesos.OfferOperationCreateDisk(
            source=POOL, target_type=mesos.ResourceDiskInfoSourceType.UNKNOWN
        ),
    )
    with pytest.raises(InvalidMessage, match=r"^accept\.operations\[0\]\.create_disk\.target_type: "):
        operation_from_wire(wire, "accept.operations[0]")


@pytest.mark.parametrize("state", OperationState)
def test_states_have_the_same_names_on_both_sides(state: OperationState) -> None:
    assert state_from_wire(state_to_wire(state)) is state
    assert len(OperationState) == len(mesos.OperationState)


def test_a_status_carries_what_its_owner_needs_to_acknowledge_it() -> None:
    converted = convert.resources_from_wire([POOL])
    name = uuid.UUID(int=7)
    status = status_to_wire(
        OperationState.FINISHED,
        timestamp=12.5,
        operation_id="o",
        converted=converted,
        status_uuid=name,
        agent_id="a",
        resource_provider_id="p",
    )
    again = decode(mesos.OperationStatus, encode(status))
    assert again.uuid is not UNSET and convert.uuid_from_wire(again.uuid) == name
    assert converted_from_wire(again) == converted
    bare = status_to_wire(OperationState.DROPPED, timestamp=1.0, message="too late")
    assert encode(bare) == b'{"state":"OPERATION_DROPPED","message":"too late","timestamp":1.0}'


def test_a_uuid_has_sixteen_bytes() -> None:
    name = uuid.UUID(int=2**127 + 1)
    assert convert.uuid_from_wire(convert.uuid_to_wire(name)) == name
    wrongs: tuple[Callable[[], object], ...] = (
        lambda: convert.uuid_from_bytes(b"short"),
        lambda: convert.uuids_from_wire([convert.uuid_to_wire(name), mesos.UUID(value=bytes(17))]),
    )
    for wrong, path in zip(wrongs, ("uuid", "uuids[1].value"), strict=True):
        with pytest.raises(InvalidMessage, match="16 bytes") as caught:
            wrong()
        assert caught.value.path == path
