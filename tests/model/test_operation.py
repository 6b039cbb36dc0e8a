"""Operations: the table of states, what each consumes and converts, and which are refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from api.model.disk import Disk, DiskSource, Persistence, SourceType, VolumeMount
from api.model.operation import (
    REPORTS,
    TRANSITIONS,
    Create,
    CreateDisk,
    Destroy,
    DestroyDisk,
    GrowVolume,
    InvalidOperation,
    InvalidTransition,
    Operation,
    OperationEvent,
    OperationState,
    OperationType,
    Reserve,
    ShrinkVolume,
    Unreserve,
    advance,
    consumed,
    is_speculative,
    provider_of,
    speculative_conversion,
)
from api.model.operation_rules import validate
from api.model.resources import Conversion, Reservation, Resource, Resources, Scalar, scalar

ROLE = Reservation("default", principal="ann")
POOL = Resource("disk", Scalar.of(100), (), Disk(DiskSource(SourceType.RAW, profile="fast")), "rp")
EXISTING = POOL.with_disk(Disk(DiskSource(SourceType.RAW, id="old")))
MOUNT = POOL.with_disk(Disk(DiskSource(SourceType.MOUNT, id="d", profile="fast")))
BLOCK = POOL.with_disk(Disk(DiskSource(SourceType.BLOCK, id="d", profile="fast")))
RESERVED = MOUNT.push_reservation(ROLE)


def persistent(resource: Resource) -> Resource:
    disk = resource.disk or Disk()
    return resource.with_disk(Disk(disk.source, Persistence("data"), VolumeMount("/data")))


VOLUME = persistent(RESERVED)
CPUS = scalar("cpus", 1000)

ENDS = {"FINISHED", "FAILED", "ERROR", "DROPPED", "GONE_BY_OPERATOR"}


def test_five_states_are_ends_and_nothing_leads_out_of_them() -> None:
    assert {state.name for state in OperationState if state.is_terminal} == ENDS
    assert not any(state.is_terminal for state, _ in TRANSITIONS)


def test_whatever_is_known_meanwhile_an_end_can_follow() -> None:
    for state in ("PENDING", "UNREACHABLE", "RECOVERING", "UNKNOWN"):
        known = OperationState[state]
        assert advance(known, OperationEvent.FINISH) is OperationState.FINISHED
        assert advance(known, OperationEvent.RESTATE) is OperationState.PENDING
        assert advance(known, OperationEvent.LOSE) is OperationState.UNREACHABLE


def test_only_what_nobody_has_acted_on_can_be_rejected() -> None:
    assert [state for state, event in TRANSITIONS if event is OperationEvent.REJECT] == [
        OperationState.PENDING
    ]


def test_what_is_not_in_the_table_is_refused_with_both_names() -> None:
    refused = [pair for pair in product(OperationState, OperationEvent) if pair not in TRANSITIONS]
    assert len(refused) == len(OperationState) * len(OperationEvent) - len(TRANSITIONS) > 0
    for state, event in refused:
        with pytest.raises(InvalidTransition) as refusal:
            advance(state, event)
        assert state.value in str(refusal.value) and event.value in str(refusal.value)


def test_a_reported_state_is_where_its_event_leads() -> None:
    assert set(OperationState) - set(REPORTS) == {OperationState.UNSUPPORTED}
    for state, event in REPORTS.items():
        assert advance(OperationState.PENDING, event) is state


def test_only_operations_on_disks_themselves_are_not_speculative() -> None:
    operations = (
        Reserve((RESERVED,)),
        Create((VOLUME,)),
        CreateDisk(POOL, SourceType.MOUNT),
        DestroyDisk(MOUNT),
    )
    unknown = {operation.type for operation in operations if not is_speculative(operation)}
    assert unknown == {OperationType.CREATE_DISK, OperationType.DESTROY_DISK}


GOOD: list[tuple[Operation, Resource]] = [
    (Reserve((POOL.push_reservation(ROLE),)), POOL),
    (Reserve((RESERVED.push_reservation(Reservation("default/web")),)), RESERVED),
    (Reserve((CPUS.push_reservation(ROLE),)), CPUS),
    (Unreserve((RESERVED,)), RESERVED),
    (Create((VOLUME,)), RESERVED),
    (Create((replace(VOLUME, shared=True),)), RESERVED),
    (Create((persistent(BLOCK.push_reservation(ROLE)),)), BLOCK.push_reservation(ROLE)),
    (
        Create((persistent(scalar("disk", 5000).push_reservation(ROLE)),)),
        scalar("disk", 5000).push_reservation(ROLE),
    ),
    (Destroy((VOLUME,)), VOLUME),
    (CreateDisk(POOL, SourceType.MOUNT), POOL),
    (CreateDisk(EXISTING, SourceType.BLOCK, "fast"), EXISTING),
    (CreateDisk(POOL, SourceType.MOUNT, None, (ROLE,), Persistence("data")), POOL),
    (
        CreateDisk(POOL.push_reservation(ROLE), SourceType.MOUNT, None, (), Persistence("data")),
        POOL.push_reservation(ROLE),
    ),
    (DestroyDisk(MOUNT), MOUNT),
    (DestroyDisk(EXISTING), EXISTING),
    (DestroyDisk(VOLUME, whole=True), VOLUME),
]


@pytest.mark.parametrize(("operation", "taken"), GOOD)
def test_a_good_operation_takes_what_it_works_on(operation: Operation, taken: Resource) -> None:
    validate(operation)
    assert consumed(operation) == Resources([taken])
    assert provider_of(operation) == taken.provider_id


def test_an_offers_allocation_is_not_part_of_what_is_taken() -> None:
    assert consumed(DestroyDisk(MOUNT.with_allocation("default"))) == Resources([MOUNT])
    conversion = speculative_conversion(Reserve((RESERVED.with_allocation("default"),)))
    assert conversion.consumed == Resources([MOUNT]) and conversion.converted == Resources([RESERVED])


@pytest.mark.parametrize(
    ("there", "back"),
    [(Reserve((RESERVED,)), Unreserve((RESERVED,))), (Create((VOLUME,)), Destroy((VOLUME,)))],
)
def test_an_operation_and_its_inverse_leave_everything_as_it_was(
    there: Reserve | Create, back: Unreserve | Destroy
) -> None:
    totals = consumed(there) + Resources([CPUS, POOL])
    during = totals.apply(speculative_conversion(there))
    assert during != totals and during.quantities() == totals.quantities()
    assert during.apply(speculative_conversion(back)) == totals


def test_a_reservation_is_exchanged_for_another_at_once_and_what_is_below_both_stays() -> None:
    static, old, new = STATIC, Reservation("default/a"), Reservation("default/b", labels=(("k", "v"),))
    there = replace(CPUS, reservations=(static, old))
    wanted = replace(CPUS, reservations=(static, new), allocated_to="default/b")
    operation = Reserve((wanted,), (there,))
    validate(operation)
    assert speculative_conversion(operation) == Conversion(
        Resources([there]), Resources([wanted.with_allocation(None)])
    )
    validate(Reserve((replace(wanted, reservations=(static, Reservation("default/b"), NESTED)),), (there,)))


def test_a_refined_reservation_is_taken_off_again_layer_by_layer() -> None:
    refined = replace(CPUS, reservations=(STATIC, Reservation("default/a"), NESTED_IN_A))
    operation = Unreserve((refined,))
    validate(operation)
    (left,) = speculative_conversion(operation).converted
    assert left.role == "default/a"
    (bottom,) = speculative_conversion(Unreserve((left,))).converted
    assert bottom.reservations == (STATIC,)
    with pytest.raises(InvalidOperation, match="last reservation is dynamic"):
        validate(Unreserve((bottom,)))


STATIC = Reservation("default", dynamic=False)
NESTED, NESTED_IN_A = Reservation("default/b/c"), Reservation("default/a/b")
OF_A = replace(CPUS, reservations=(Reservation("a"),))
OF_B = replace(CPUS, reservations=(Reservation("b"),))
BAD: list[tuple[Operation, str]] = [
    (Reserve(()), "RESERVE names no resources: name at least one"),
    (Reserve((scalar("cpus", 0).push_reservation(ROLE),)), "give more than nothing"),
    (Reserve((MOUNT,)), "add the reservation to make as its last"),
    (Reserve((MOUNT.push_reservation(STATIC),)), "make its last reservation dynamic"),
    (Reserve((RESERVED.push_reservation(Reservation("eng")),)), "choose a role below 'default'"),
    (Reserve((VOLUME,)), "DESTROY the volume first"),
    (Reserve((RESERVED, CPUS.push_reservation(ROLE))), "send one operation for each"),
    (Reserve((RESERVED.push_reservation(ROLE),)), "choose a role below 'default'"),
    (Reserve((OF_A,), (OF_B, MOUNT)), "send one operation for each"),
    (Reserve((OF_A, OF_B), (CPUS,)), "send one operation for each stack"),
    (Reserve((OF_A,), (OF_B.with_value(Scalar(2000)),)), "but for reservations"),
    (Reserve((OF_A,), (OF_A,)), "add a reservation that `source` lacks"),
    (Reserve((CPUS,), (OF_A,)), "or use UNRESERVE"),
    (Reserve((OF_A,), (replace(CPUS, reservations=(STATIC,)),)), "leave static reservations as they are"),
    (Reserve((replace(CPUS, reservations=(STATIC,)),), (OF_A,)), "leave static reservations as they are"),
    (Reserve((RESERVED,), (VOLUME,)), "DESTROY the persistent volume first"),
    (Unreserve((MOUNT,)), "last reservation is dynamic"),
    (Unreserve((MOUNT.push_reservation(STATIC),)), "last reservation is dynamic"),
    (Unreserve((VOLUME,)), "DESTROY the persistent volume first"),
    (Unreserve((replace(CPUS, revocable=True),)), "not revocable"),
    (Create((RESERVED,)), "name a disk with a persistence id"),
    (Create((persistent(MOUNT),)), "reserve it for a role first"),
    (Create((persistent(POOL.push_reservation(ROLE)),)), "CREATE_DISK first"),
    (Create((VOLUME, VOLUME)), "used twice"),
    (Destroy((RESERVED,)), "name a disk with a persistence id"),
    (CreateDisk(MOUNT, SourceType.MOUNT), "name a RAW disk of a resource provider"),
    (CreateDisk(replace(POOL, provider_id=None), SourceType.MOUNT), "name a RAW disk of a resource provider"),
    (CreateDisk(CPUS, SourceType.MOUNT), "name a RAW disk of a resource provider"),
    (CreateDisk(POOL, SourceType.PATH), "choose MOUNT or BLOCK as its target, not PATH"),
    (CreateDisk(POOL, SourceType.MOUNT, "slow"), "leave target_profile out, the disk has profile 'fast'"),
    (CreateDisk(EXISTING, SourceType.MOUNT), "give a target_profile"),
    (CreateDisk(POOL, SourceType.MOUNT, None, (STATIC,)), "make its target_reservations dynamic"),
    (CreateDisk(POOL, SourceType.MOUNT, None, (), Persistence("data")), "reserve it for a role first"),
    (CreateDisk(POOL, SourceType.MOUNT, None, (ROLE,), Persistence("a/b")), "cannot name a volume"),
    (
        CreateDisk(POOL.push_reservation(ROLE), SourceType.MOUNT, None, (Reservation("eng"),)),
        "choose a role below 'default'",
    ),
    (CreateDisk(replace(POOL, revocable=True), SourceType.MOUNT), "not revocable"),
    (CreateDisk(POOL.with_value(Scalar(0)), SourceType.MOUNT), "give more than nothing"),
    (DestroyDisk(POOL), "or a RAW disk with an id"),
    (DestroyDisk(replace(MOUNT, provider_id=None)), "of a provider"),
    (DestroyDisk(VOLUME), "DESTROY the persistent volume first"),
]


@pytest.mark.parametrize(("operation", "advice"), BAD)
def test_a_bad_operation_is_refused_with_advice(operation: Operation, advice: str) -> None:
    with pytest.raises(InvalidOperation) as refusal:
        validate(operation)
    assert advice in str(refusal.value) and operation.type.value in str(refusal.value)


def test_what_a_plugin_makes_of_a_volume_is_known_only_afterwards_what_a_directory_becomes_before() -> None:
    own = persistent(Resource("disk", Scalar.of(10), (ROLE,)))
    more = Resource("disk", Scalar.of(5), (ROLE,))
    grown = speculative_conversion(GrowVolume(own, more))
    assert grown.consumed == Resources((own, more)) and grown.converted == Resources(
        (own.with_value(Scalar.of(15)),)
    )
    shrunk = speculative_conversion(ShrinkVolume(own, 4000))
    assert shrunk.converted == Resources((own.with_value(Scalar.of(6)), more.with_value(Scalar.of(4))))
    assert not is_speculative(GrowVolume(VOLUME, POOL)) and is_speculative(GrowVolume(own, more))
    assert consumed(GrowVolume(VOLUME, POOL)) == Resources((VOLUME, POOL))


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        (GrowVolume(VOLUME, POOL.with_disk(Disk(DiskSource(SourceType.RAW, profile="slow")))), "fast"),
        (GrowVolume(VOLUME, MOUNT), "no volume of its own"),
        (GrowVolume(POOL, POOL), "MOUNT or BLOCK"),
        (GrowVolume(VOLUME, POOL.push_reservation(Reservation("other"))), "reserved as the volume"),
        (GrowVolume(persistent(CPUS), CPUS), "disk"),
        (ShrinkVolume(VOLUME, 1000), "CSI cannot"),
        (ShrinkVolume(persistent(Resource("disk", Scalar.of(10), (ROLE,))), 10_000), "less than all"),
    ],
)
def test_a_resize_that_makes_no_sense_is_refused_with_what_to_do(operation: Operation, says: str) -> None:
    with pytest.raises(InvalidOperation, match=says):
        validate(operation)


def test_volumes_of_plugins_and_of_agents_may_grow() -> None:
    own = persistent(Resource("disk", Scalar.of(10), (ROLE,)))
    for operation in (
        GrowVolume(VOLUME, POOL),
        GrowVolume(VOLUME, POOL.push_reservation(ROLE)),
        GrowVolume(own, Resource("disk", Scalar.of(5), (ROLE,))),
        ShrinkVolume(own, 1000),
    ):
        validate(operation)
