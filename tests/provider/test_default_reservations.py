"""A provider that is reserved as a whole: its pools, disks, volumes and what it lets in, over their life."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import MetaData

from api.model.disk import Persistence, SourceType
from api.model.errors import InvalidRequest, OperatorNeeded
from api.model.operation import CreateDisk, DestroyDisk
from api.model.resources import Reservation, Resource, Scalar
from api.wire.v1 import mesos
from provider.accounts import LAG_SECONDS
from provider.checkpoint import SCHEMA_VERSION, ProviderTables
from provider.default_reservations import default_reservations_of, kept_defaults
from provider.events import ApplyOperation, RefreshDue
from provider.records import Checkpoint, SaveDefaultReservations
from store.sqlite import SqliteStore
from tests.provider.model_plugin import ModelPlugin, ModelVolume
from tests.provider.resources import (
    MB,
    create,
    destroy,
    destroy_disk,
    grow,
    op,
    persistent,
    reserve,
    unreserve,
)
from tests.provider.stories import DROPPED, FINISHED, end_of
from tests.provider.world import BLOCK, DEFAULT, World

ENG = Reservation("eng", dynamic=False)
OPEN = Reservation("eng")
DEV = Reservation("eng/dev")


def made_with(*defaults: Reservation, **more) -> World:
    world = World(ModelPlugin(1000 * MB), (DEFAULT, BLOCK), **more)
    world.disk.checkpoint = replace(world.disk.checkpoint, default_reservations=defaults)
    world.start()
    world.run()
    return world


def pools(world: World) -> dict[tuple[str, tuple[str, ...]], int]:
    """MB by profile and roles of the stack."""
    world.machine.validate_state()
    return {
        (r.disk.source.profile, tuple(each.role for each in r.reservations)): r.milli // 1000
        for r in world.machine.totals.all()
        if r.disk.is_pool
    }


def at_rest(world: World) -> dict[tuple[str, tuple[str, ...]], int]:
    """The same, once the plugin has told all its pools what was given back to one."""
    world.now += 2 * LAG_SECONDS
    world.apply(RefreshDue())
    return pools(world)


def piece(world: World, mb: int, *stack: Reservation, profile: str = "default") -> Resource:
    """A part of the pool that has this stack."""
    (pool,) = [
        r
        for r in world.machine.totals.all()
        if r.disk.is_pool and r.disk.source.profile == profile and r.reservations == stack
    ]
    return pool.with_value(Scalar(mb * 1000))


def cut(world: World, number: int, source: Resource, **target) -> Resource:
    event = ApplyOperation(op(number), CreateDisk(source, SourceType.MOUNT, **target), "framework")
    assert end_of(world, event) is FINISHED
    (disk,) = world.last(op(number)).converted
    return disk


@pytest.mark.parametrize("stack", [(ENG,), (OPEN,), (ENG, DEV)])
def test_all_is_reserved_from_the_start_and_a_disk_comes_and_goes_like_that(stack):
    world = made_with(*stack)
    roles = tuple(each.role for each in stack)
    whole = {("default", roles): 1000, ("block", roles): 1000}
    assert pools(world) == whole
    disk = cut(world, 1, piece(world, 100, *stack))
    assert disk.reservations == stack
    assert pools(world) == {("default", roles): 900, ("block", roles): 900}
    world.start()
    world.run()
    assert pools(world) == {("default", roles): 900, ("block", roles): 900}
    assert end_of(world, destroy_disk(2, disk)) is FINISHED
    assert at_rest(world) == whole


def test_what_is_refined_stands_apart_and_its_siblings_shrink():
    world = made_with(ENG)
    refined = piece(world, 200, ENG).push_reservation(DEV)
    assert end_of(world, reserve(1, refined)) is FINISHED
    assert pools(world) == {
        ("default", ("eng",)): 800,
        ("default", ("eng", "eng/dev")): 200,
        ("block", ("eng",)): 800,
    }
    disk = cut(world, 2, piece(world, 150, ENG, DEV))
    volume = persistent(disk, "data")
    assert end_of(world, create(3, volume)) is FINISHED
    assert pools(world)["default", ("eng", "eng/dev")] == 50
    greedy = piece(world, 800, ENG).with_value(Scalar(801_000))
    assert end_of(world, ApplyOperation(op(4), CreateDisk(greedy, SourceType.MOUNT), "framework")) is DROPPED
    for number, event in enumerate((destroy(5, volume), destroy_disk(6, disk)), 5):
        assert end_of(world, event) is FINISHED, number
    assert end_of(world, unreserve(7, refined)) is FINISHED
    assert at_rest(world) == {("default", ("eng",)): 1000, ("block", ("eng",)): 1000}


def test_a_dynamic_default_may_be_taken_off_a_part_and_put_back():
    world = made_with(OPEN)
    part = piece(world, 300, OPEN)
    assert end_of(world, unreserve(1, part)) is FINISHED
    assert pools(world) == {("default", ("eng",)): 700, ("default", ()): 300, ("block", ("eng",)): 700}
    disk = cut(world, 2, piece(world, 300))
    assert disk.reservations == ()
    assert end_of(world, ApplyOperation(op(3), DestroyDisk(disk, whole=True), "framework")) is FINISHED
    assert pools(world)["default", ()] == 300
    assert end_of(world, reserve(4, part)) is FINISHED
    assert at_rest(world) == {("default", ("eng",)): 1000, ("block", ("eng",)): 1000}


def test_a_whole_volume_gives_its_space_back_reserved_as_by_default():
    world = made_with(OPEN)
    target = {"target_reservations": (DEV,), "target_persistence": Persistence("data")}
    volume = cut(world, 1, piece(world, 100, OPEN), **target)
    assert volume.reservations == (OPEN, DEV) and volume.is_persistent
    more = piece(world, 50, OPEN)
    assert end_of(world, grow(2, volume, more)) is FINISHED
    (volume,) = world.last(op(2)).converted
    assert volume.milli == 150_000 and pools(world)["block", ("eng",)] == 850
    assert end_of(world, ApplyOperation(op(3), DestroyDisk(volume, whole=True), "framework")) is FINISHED
    assert at_rest(world) == {("default", ("eng",)): 1000, ("block", ("eng",)): 1000}


def test_a_volume_that_was_there_before_is_let_in_reserved_and_is_taken_into_use_so():
    world = World(ModelPlugin(1000 * MB), (DEFAULT,), admit=("old",))
    world.disk.checkpoint = replace(world.disk.checkpoint, default_reservations=(ENG,))
    world.plugin.volumes["old"] = ModelVolume("old", "old", 100 * MB, DEFAULT.capability, {})
    world.start()
    world.run()
    (disk,) = world.machine.totals.pre_existing
    assert disk.reservations == (ENG,)
    event = ApplyOperation(op(1), CreateDisk(disk, SourceType.MOUNT, "default"), "framework")
    assert end_of(world, event) is FINISHED
    (made,) = world.last(op(1)).converted
    assert made.reservations == (ENG,)
    assert end_of(world, destroy_disk(2, made)) is FINISHED
    assert not world.plugin.volumes


def info(*stack: mesos.ResourceReservationInfo) -> mesos.ResourceProviderInfo:
    return mesos.ResourceProviderInfo(type="t", name="n", default_reservations=list(stack))


STATIC, DYNAMIC = mesos.ResourceReservationInfoType.STATIC, mesos.ResourceReservationInfoType.DYNAMIC


def test_only_a_stack_that_can_be_is_taken():
    def layer(role: str, kind: mesos.ResourceReservationInfoType) -> mesos.ResourceReservationInfo:
        return mesos.ResourceReservationInfo(role=role, type=kind)

    assert default_reservations_of(info(layer("eng", STATIC), layer("eng/dev", DYNAMIC))) == (ENG, DEV)
    for stack, words in (
        ((layer("eng", DYNAMIC), layer("eng/dev", STATIC)), "make it dynamic"),
        ((layer("eng", DYNAMIC), layer("ops", DYNAMIC)), "below 'eng'"),
        ((layer("*", STATIC),), "reserved for"),
        ((mesos.ResourceReservationInfo(type=STATIC),), "role"),
    ):
        with pytest.raises(InvalidRequest, match=words):
            default_reservations_of(info(*stack))


def test_the_defaults_are_fixed_once_the_provider_has_its_id():
    assert kept_defaults("p", (ENG,), Checkpoint()) == [SaveDefaultReservations((ENG,))]
    fixed = Checkpoint(provider_id="p-1", default_reservations=(ENG,))
    assert kept_defaults("p", (ENG,), fixed) == []
    for other in ((), (DEV,)):
        with pytest.raises(OperatorNeeded, match="STATIC,eng"):
            kept_defaults("p", other, fixed)
    with pytest.raises(OperatorNeeded, match="none"):
        kept_defaults("p", (ENG,), Checkpoint(provider_id="p-1"))


async def test_the_defaults_are_durable(tmp_path):
    metadata = MetaData()
    tables = ProviderTables(metadata)
    store = SqliteStore.open(tmp_path / "p.db", metadata, SCHEMA_VERSION)
    await store.write(*tables.changes([SaveDefaultReservations((ENG, DEV))]))
    assert store.read(tables.load).default_reservations == (ENG, DEV)
    await store.close()
