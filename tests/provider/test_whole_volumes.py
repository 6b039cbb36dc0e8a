"""CREATE_DISK and DESTROY_DISK of whole volumes: reserved and persistent from first to last."""

from __future__ import annotations

import pytest

from api.model.disk import Persistence, SourceType
from api.model.operation import CreateDisk, DestroyDisk
from api.model.resources import Reservation, Resource
from provider.calls import CreateVolume, NodeStage
from provider.events import ApplyOperation, Publish, Unpublish
from tests.provider.resources import create, op, persistent, pool, reserve, reserved
from tests.provider.stories import FAILED, FINISHED, disk_of, end_of, refusing, world
from tests.provider.world import World, unknown_outcome

ROLE = Reservation("data")


def whole(number: int, name: str, mb: float = 64) -> ApplyOperation:
    operation = CreateDisk(
        pool(mb), SourceType.MOUNT, target_reservations=(ROLE,), target_persistence=Persistence(name)
    )
    return ApplyOperation(op(number), operation, "framework")


def gone(number: int, volume: Resource) -> ApplyOperation:
    return ApplyOperation(op(number), DestroyDisk(volume, whole=True), "framework")


def made_whole(made: World, name: str = "data", number: int = 1) -> Resource:
    assert end_of(made, whole(number, name)) is FINISHED
    return made.last(op(number)).converted[0]


def test_one_call_makes_a_reserved_persistent_volume():
    made = world()
    volume = made_whole(made)
    assert volume.role == "data" and volume.is_persistent
    assert volume.disk.persistence == Persistence("data") and volume.disk.source.type is SourceType.MOUNT
    assert list(made.machine.totals.disks) == [volume]
    assert len([r for r in made.plugin.requests if isinstance(r, CreateVolume)]) == 1


def test_destroying_it_whole_wipes_it_first_and_gives_the_pool_back_unreserved():
    made = world()
    before = made.machine.totals.all()
    volume = made_whole(made)
    made.apply(Publish(op(90), (volume,), "task"))
    (there,) = made.plugin.volumes.values()
    there.data.append("secret")
    made.apply(Unpublish("task"))
    assert end_of(made, gone(2, volume)) is FINISHED
    assert not there.data and not made.plugin.volumes
    assert made.machine.totals.all() == before
    assert made.last(op(2)).converted == tuple(pool(64) for _ in range(1))


def test_one_that_nobody_used_is_deleted_without_being_published():
    made = world()
    volume = made_whole(made)
    assert end_of(made, gone(2, volume)) is FINISHED
    assert not [r for r in made.plugin.requests if isinstance(r, NodeStage)]


def test_one_in_use_is_not_destroyed_and_its_users_are_named():
    made = world()
    volume = made_whole(made)
    made.apply(Publish(op(90), (volume,), "task-7"))
    assert end_of(made, gone(2, volume)) is FAILED
    assert "task-7" in made.last(op(2)).message


def test_one_that_cannot_be_wiped_stays_as_it_is():
    made = world()
    volume = made_whole(made)
    made.apply(Publish(op(90), (volume,), "a"))
    made.apply(Unpublish("a"))
    made.plugin.refuse = refusing(NodeStage, "INVALID_ARGUMENT", "broken")
    assert end_of(made, gone(2, volume)) is FAILED
    assert list(made.machine.totals.disks) == [volume] and len(made.plugin.volumes) == 1


def test_a_persistence_id_in_use_is_refused_before_the_plugin_is_asked():
    made = world()
    made_whole(made, "data")
    assert end_of(made, whole(2, "data")) is FAILED
    assert "data" in made.last(op(2)).message and len(made.plugin.volumes) == 1
    assert end_of(made, whole(3, "other")) is FINISHED


def test_of_two_at_once_with_one_persistence_id_the_first_gets_it():
    made = world()
    made.apply(whole(1, "data"), whole(2, "data"))
    assert (made.last(op(1)).state, made.last(op(2)).state) == (FINISHED, FAILED)


def test_a_persistence_id_that_is_promised_is_nobody_elses_also_after_a_restart():
    made = world()
    disk = reserved(disk_of(made, number=1))
    assert end_of(made, reserve(2, disk)) is FINISHED
    made.plugin.lose = lambda request: unknown_outcome() if isinstance(request, CreateVolume) else None
    made.feed(whole(3, "data"))
    made.run(seconds=0.01)
    assert end_of(made, create(4, persistent(disk, "data"))) is FAILED
    made.start()
    made.run(seconds=0.01)
    assert end_of(made, create(5, persistent(disk, "data"))) is FAILED
    made.plugin.lose = lambda request: None
    made.run()
    assert made.last(op(3)).state is FINISHED


def test_a_persistence_id_is_free_again_when_the_creation_failed():
    made = world()
    made.plugin.refuse = refusing(CreateVolume, "OUT_OF_RANGE", "too small")
    assert end_of(made, whole(1, "data")) is FAILED
    made.plugin.refuse = lambda request: None
    assert end_of(made, whole(2, "data")) is FINISHED


@pytest.mark.parametrize("whole_disk", [True, False])
def test_a_disk_without_persistence_is_given_back_as_it_was_asked(whole_disk):
    made = world()
    disk = reserved(disk_of(made))
    assert end_of(made, reserve(2, disk)) is FINISHED
    assert end_of(made, ApplyOperation(op(3), DestroyDisk(disk, whole=whole_disk), "framework")) is FINISHED
    (piece,) = made.last(op(3)).converted
    assert piece.is_reserved is not whole_disk
