"""What the machine does with operations, told by what its owner sees."""

from __future__ import annotations

from api.model.operation import OperationState
from api.model.resources import Scalar
from provider import operations
from provider.calls import (
    CreateVolume,
    GetCapacity,
    NodePublish,
)
from provider.events import (
    Acknowledge,
    Persist,
    Publish,
    Reconcile,
    RefreshDue,
    Unpublish,
)
from provider.records import subject
from tests.provider.resources import (
    MB,
    ROLE,
    create_disk,
    destroy,
    destroy_disk,
    op,
    pool,
    reserve,
    reserved,
    unreserve,
)
from tests.provider.stories import DROPPED, FAILED, FINISHED, disk_of, end_of, refusing, volume_of, world
from tests.provider.world import BLOCK, DEFAULT, unknown_outcome

# Accepting


def test_an_operation_that_arrives_twice_is_done_once_and_told_again():
    made = world()
    made.acknowledge = False
    made.apply(create_disk(1, 64))
    told = len(made.told[op(1)])
    made.feed(create_disk(1, 64))
    made.run(seconds=1)
    assert len(made.told[op(1)]) > told
    assert len(made.plugin.volumes) == 1
    assert {str(r.status_uuid) for r in made.told[op(1)]} == {str(made.last(op(1)).status_uuid)}


def test_more_than_there_is_is_dropped_and_says_what_is_missing():
    made = world(capacity=100)
    assert end_of(made, create_disk(1, 200)) is DROPPED
    assert "missing" in made.last(op(1)).message
    assert not made.plugin.volumes


def test_what_is_not_contained_beside_what_is_under_way_is_dropped():
    made = world(capacity=100)
    made.plugin.lose = lambda r: unknown_outcome()
    made.feed(create_disk(1, 60), create_disk(2, 60))
    made.run(seconds=1)
    assert op(1) not in made.told
    assert made.last(op(2)).state is DROPPED


def test_a_pipeline_on_one_volume_waits_for_what_comes_before_it():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "c"))
    made.apply(Unpublish("c"))
    made.feed(
        destroy(11, volume),
        unreserve(12, reserved(made.last(op(1)).converted[0])),
        destroy_disk(13, made.last(op(1)).converted[0]),
    )
    assert op(13) in made.machine.operations.records
    made.run()
    assert [made.last(op(n)).state for n in (11, 12, 13)] == [FINISHED] * 3
    assert not made.plugin.volumes


def test_what_waits_for_an_operation_that_fails_is_dropped():
    made = world()
    volume = volume_of(made)
    disk = made.last(op(1)).converted[0]
    made.apply(Publish(op(90), (volume,), "c"))
    made.apply(Unpublish("c"))
    made.plugin.refuse = refusing(NodePublish, "INVALID_ARGUMENT", "broken")
    made.feed(destroy(11, volume), unreserve(12, reserved(disk)))
    made.run(seconds=100)
    assert made.last(op(11)).state is FAILED and "broken" in made.last(op(11)).message
    assert made.last(op(12)).state is DROPPED


def test_an_unknown_operation_is_answered_as_dropped_and_a_pending_one_as_pending():
    made = world()
    made.plugin.lose = lambda r: unknown_outcome()
    made.feed(create_disk(1, 64))
    made.run(seconds=1)
    made.feed(Reconcile((op(1), op(77))))
    made.run(seconds=1)
    assert made.last(op(1)).state is OperationState.PENDING
    assert made.unknown == [op(77)]


def test_an_empty_reconciliation_has_everything_reported_again():
    made = world()
    made.acknowledge = False
    made.apply(create_disk(1, 64))
    told, reports = len(made.told[op(1)]), made.reports
    made.feed(Reconcile(()))
    made.run(seconds=1)
    assert len(made.told[op(1)]) == told + 1 and made.reports == reports + 1


def test_an_acknowledged_operation_is_forgotten():
    made = world()
    made.apply(create_disk(1, 64))
    assert not made.machine.operations.records and not made.disk.checkpoint.operations
    made.apply(Acknowledge(op(1), op(2)))


# Versions


def test_the_version_stays_through_what_finished_operations_did():
    made = world()
    version = made.machine.version
    disk_of(made)
    made.refresh()
    assert made.machine.version == version
    assert end_of(made, reserve(5, reserved(pool(2000)))) is DROPPED
    assert made.machine.version != version, "the owner took a speculative operation for done"


def test_capacity_that_changed_outside_of_operations_gives_a_new_version():
    made = world(capacity=1024)
    version = made.machine.version
    made.plugin.capacity = 512 * MB
    made.refresh()
    assert made.machine.version != version
    assert made.totals == ["disk[RAW(default)]:512"]


# Sizes


def test_a_larger_volume_than_required_is_taken_and_its_real_size_charged():
    made = world(capacity=1000, granularity=100 * MB)
    disk = disk_of(made, 64)
    assert disk.value == Scalar(100_000)
    assert "disk[RAW(default)]:900" in made.totals
    assert end_of(made, destroy_disk(2, disk)) is FINISHED
    assert made.totals == ["disk[RAW(default)]:1000"]


def test_a_volume_that_is_too_small_is_deleted_and_the_operation_fails():
    made = world()
    answer = made.plugin._CreateVolume

    def small(request):
        volume = answer(request)
        made.plugin.volumes[volume.id].size = 1
        return type(volume)(volume.id, 1, volume.context)

    made.plugin._CreateVolume = small
    assert end_of(made, create_disk(1, 64)) is FAILED
    assert "less than was required" in made.last(op(1)).message
    assert not made.plugin.volumes and made.totals == ["disk[RAW(default)]:1024"]


def test_capacity_read_while_something_is_created_is_thrown_away():
    made = world(capacity=1024)
    held = []
    made.plugin.capacity = 700 * MB
    made.plugin.lose = lambda r: unknown_outcome() if isinstance(r, CreateVolume) and not held else None
    made.feed(create_disk(1, 64))
    made.run(seconds=0.01)
    before = len([r for r in made.plugin.requests if isinstance(r, GetCapacity)])
    made.feed(RefreshDue())
    made.run(seconds=1)
    assert "disk[RAW(default)]:1024" in made.totals, "a pending creation's source stays in totals"
    assert len([r for r in made.plugin.requests if isinstance(r, GetCapacity)]) == before
    held.append(1)
    made.run()
    assert "disk[RAW(default)]:960" in made.totals


def test_siblings_of_a_pool_share_its_capacity():
    made = world(capacity=1000, profiles=(DEFAULT, BLOCK))
    assert made.totals == ["disk[RAW(block)]:1000", "disk[RAW(default)]:1000"]
    assert end_of(made, create_disk(1, 300)) is FINISHED
    assert "disk[RAW(block)]:700" in made.totals and "disk[RAW(default)]:700" in made.totals
    assert end_of(made, reserve(2, pool(500, "default", ROLE))) is FINISHED
    assert "disk[RAW(block)]:200" in made.totals and "disk[RAW(default)]:200" in made.totals
    assert end_of(made, create_disk(3, 300, "block", block=True)) is DROPPED
    groups = {r.disk.source.capacity_group for r in made.machine.totals.all() if r.disk.is_pool}
    assert len(groups) == 1 and None not in groups


def test_siblings_under_way_at_once_do_not_overcommit_their_capacity():
    made = world(capacity=1000, profiles=(DEFAULT, BLOCK))
    made.plugin.lose = lambda r: unknown_outcome()
    made.feed(create_disk(1, 600), create_disk(2, 600, "block", block=True))
    made.run(seconds=1)
    assert made.last(op(2)).state is DROPPED


# Limits, and what people are told


def test_what_stands_in_the_way_of_a_pending_operation_is_told():
    made = world()
    made.plugin.refuse = refusing(CreateVolume, "UNAVAILABLE", "array is rebooting")
    made.feed(create_disk(1, 64))
    made.run(seconds=1)
    (pending,) = made.machine.operations.pending()
    assert "array is rebooting" in made.machine.troubles.of(pending).message
    made.plugin.refuse = lambda r: None
    made.run()
    assert made.last(op(1)).state is FINISHED


def test_operations_that_are_never_acknowledged_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(operations, "MAX_OPERATIONS", 3)
    made = world()
    made.acknowledge = False
    made.feed(*[create_disk(number, 1) for number in range(1, 6)])
    made.run(seconds=1)
    assert sorted(made.told) == [op(1), op(2), op(3)] and made.unknown == [op(4), op(5)]
    assert len(made.plugin.volumes) == 3


def test_one_write_holds_each_subject_once():
    made = world()
    made.feed(create_disk(1, 64))
    first = next(i for i in made.queue if isinstance(i, Persist))
    subjects = [subject(change) for change in first.changes]
    assert len(subjects) == len(set(subjects)) and ("operation", op(1)) in subjects
    made.run()
