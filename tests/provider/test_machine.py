"""What the machine does with operations, told by what its owner and its plugin see."""

from __future__ import annotations

import itertools

import pytest

from api.model.disk import SourceType
from api.model.operation import CreateDisk, OperationState
from api.model.resources import Scalar
from provider import operations
from provider.attempts import MAX_WAIT
from provider.calls import (
    CreateVolume,
    DeleteVolume,
    GetCapacity,
    ListVolumes,
    NodePublish,
    NodeStage,
    PluginError,
)
from provider.events import (
    Acknowledge,
    ApplyOperation,
    Persist,
    ProfilesChanged,
    Publish,
    Reconcile,
    RefreshDue,
    Unpublish,
)
from provider.records import subject
from provider.volume import Capabilities
from tests.provider.model_plugin import ModelPlugin, ModelVolume
from tests.provider.resources import (
    MB,
    ROLE,
    create,
    create_disk,
    destroy,
    destroy_disk,
    op,
    persistent,
    pool,
    reserve,
    reserved,
    unreserve,
)
from tests.provider.world import BLOCK, DEFAULT, World, unknown_outcome

FINISHED, FAILED, DROPPED = OperationState.FINISHED, OperationState.FAILED, OperationState.DROPPED


def world(capacity=1024, profiles=(DEFAULT,), **plugin) -> World:
    made = World(ModelPlugin(capacity * MB, **plugin), profiles)
    made.start()
    made.run()
    return made


def refusing(kind, code, message):
    """The plugin answers every request of `kind` with this error, and does nothing."""
    return lambda request: PluginError(code, message) if isinstance(request, kind) else None


def end_of(made: World, event: ApplyOperation) -> OperationState:
    made.apply(event)
    return made.last(event.uuid).state


def disk_of(made: World, mb=64, number=1):
    assert end_of(made, create_disk(number, mb)) is FINISHED
    return made.last(op(number)).converted[0]


def volume_of(made: World, name="data", number=1):
    """A reserved, persistent volume; uses operations number to number + 2."""
    disk = reserved(disk_of(made, number=number))
    assert end_of(made, reserve(number + 1, disk)) is FINISHED
    assert end_of(made, create(number + 2, persistent(disk, name))) is FINISHED
    return persistent(disk, name)


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
    made.apply(Publish(op(90), (volume,), "c"), Unpublish("c"))
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
    made.apply(Publish(op(90), (volume,), "c"), Unpublish("c"))
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


# Outcomes of CreateVolume


@pytest.mark.parametrize("code", ["INVALID_ARGUMENT", "OUT_OF_RANGE", "RESOURCE_EXHAUSTED", "ALREADY_EXISTS"])
def test_a_first_attempt_that_is_refused_fails_with_the_plugins_words(code):
    made = world()
    made.plugin.refuse = refusing(CreateVolume, code, "no, sir")
    assert end_of(made, create_disk(1, 64)) is FAILED
    assert "no, sir" in made.last(op(1)).message and code in made.last(op(1)).message
    assert len([r for r in made.plugin.requests if isinstance(r, CreateVolume)]) == 1


@pytest.mark.parametrize(
    "code", ["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "ABORTED", "CANCELLED"]
)
def test_an_unknown_outcome_is_repeated_with_bounded_waits_until_it_is_known(code):
    made = world()
    made.plugin.lose = lambda r: PluginError(code, "") if isinstance(r, CreateVolume) else None
    made.feed(create_disk(1, 64))
    times = []
    seen = 0
    for _ in range(2000):
        made.run(seconds=1)
        made.now += 1
        sent = len([r for r in made.plugin.requests if isinstance(r, CreateVolume)])
        if sent > seen:
            times.append(made.now)
            seen = sent
        if len(times) > 14:
            break
    assert max(b - a for a, b in itertools.pairwise(times)) <= MAX_WAIT + 2
    assert op(1) not in made.told and len(made.plugin.volumes) == 1
    made.plugin.lose = lambda r: None
    made.run()
    assert made.last(op(1)).state is FINISHED and len(made.plugin.volumes) == 1


def test_a_refused_repeat_does_not_hide_what_the_first_attempt_made():
    made = world()
    made.plugin.lose = lambda r: unknown_outcome() if isinstance(r, CreateVolume) else None
    made.feed(create_disk(1, 64))
    made.run(seconds=0.01)
    made.plugin.lose = lambda r: None
    made.plugin.refuse = refusing(CreateVolume, "RESOURCE_EXHAUSTED", "")
    made.run(seconds=500)
    assert op(1) not in made.told, "its capacity stays charged while nobody knows"
    made.plugin.refuse = lambda r: None
    made.run()
    assert made.last(op(1)).state is FINISHED
    assert end_of(made, destroy_disk(2, made.last(op(1)).converted[0])) is FINISHED


def test_a_refused_repeat_ends_when_the_plugin_twice_lists_nothing_unknown():
    made = world()
    made.plugin.refuse = lambda r: unknown_outcome() if isinstance(r, CreateVolume) else None
    made.feed(create_disk(1, 64))
    made.run(seconds=0.01)
    made.plugin.refuse = refusing(CreateVolume, "RESOURCE_EXHAUSTED", "full")
    before = len([r for r in made.plugin.requests if isinstance(r, ListVolumes)])
    made.run(seconds=500)
    assert made.last(op(1)).state is FAILED and "full" in made.last(op(1)).message
    assert len([r for r in made.plugin.requests if isinstance(r, ListVolumes)]) == before + 2


def test_a_refused_repeat_that_judges_the_request_would_have_met_the_first_attempt():
    made = world()
    made.plugin.refuse = lambda r: unknown_outcome() if isinstance(r, CreateVolume) else None
    made.feed(create_disk(1, 64))
    made.run(seconds=0.01)
    made.plugin.refuse = refusing(CreateVolume, "INVALID_ARGUMENT", "never")
    made.run(seconds=500)
    assert made.last(op(1)).state is FAILED


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (CreateDisk(pool(64), SourceType.BLOCK), "MOUNT"),
        (CreateDisk(pool(64, "gone"), SourceType.MOUNT), "missing"),
    ],
)
def test_a_wrong_target_or_profile_is_refused_before_the_plugin_sees_it(operation, words):
    made = world()
    assert end_of(made, ApplyOperation(op(1), operation)) in (FAILED, DROPPED)
    assert words in made.last(op(1)).message
    assert not made.plugin.volumes


# Deletion


def test_a_lost_answer_to_a_deletion_is_repeated_until_it_is_known():
    made = world()
    disk = disk_of(made)
    made.plugin.lose = lambda r: unknown_outcome() if isinstance(r, DeleteVolume) else None
    made.feed(destroy_disk(2, disk))
    made.run(seconds=5)
    assert op(2) not in made.told and not made.plugin.volumes
    made.plugin.lose = lambda r: None
    made.run()
    assert made.last(op(2)).state is FINISHED


def test_a_refused_deletion_fails_and_the_disk_is_still_there():
    made = world()
    disk = disk_of(made)
    made.plugin.refuse = refusing(DeleteVolume, "FAILED_PRECONDITION", "has snapshots")
    assert end_of(made, destroy_disk(2, disk)) is FAILED
    assert "has snapshots" in made.last(op(2)).message
    made.plugin.refuse = lambda r: None
    assert str(disk) in made.totals
    assert end_of(made, destroy_disk(3, disk)) is FINISHED


def test_a_plugin_that_cannot_delete_leaves_a_disk_with_its_id_and_without_profile():
    made = world()
    disk = disk_of(made)
    made.plugin.facts = type(made.plugin.facts)(
        "m", "1", Capabilities(create_delete_volume=False, controller_publish=True, stage=True)
    )
    made.start()
    made.run()
    assert end_of(made, destroy_disk(2, disk)) is FINISHED
    (left,) = made.last(op(2)).converted
    assert left.disk.source.type is SourceType.RAW and left.disk.source.id == disk.disk.source.id
    assert left.disk.source.profile is None and made.plugin.volumes


def test_a_disk_keeps_the_reservation_of_its_pool_and_gives_it_back():
    made = world()
    assert end_of(made, reserve(1, pool(100, "default", ROLE))) is FINISHED
    piece = pool(64, "default", ROLE)
    assert end_of(made, ApplyOperation(op(2), CreateDisk(piece, SourceType.MOUNT))) is FINISHED
    (disk,) = made.last(op(2)).converted
    assert disk.role == "data"
    assert end_of(made, destroy_disk(3, disk)) is FINISHED
    assert end_of(made, unreserve(4, pool(100, "default", ROLE))) is FINISHED
    assert made.totals == ["disk[RAW(default)]:1024"]


# Publishing


def test_a_volume_in_use_is_not_destroyed_and_its_users_are_named():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task-7"))
    assert end_of(made, destroy(11, volume)) is FAILED
    assert "task-7" in made.last(op(11)).message


def test_a_volume_is_given_back_only_when_its_last_user_has_gone():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "a"), Publish(op(91), (volume,), "b"), Unpublish("a"))
    (there,) = made.plugin.volumes.values()
    assert there.published == made.answers[op(91)].published[0].path
    made.apply(Unpublish("b"))
    assert not there.published and not there.attached


def test_users_are_remembered_through_a_restart():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "a"))
    made.start()
    made.run()
    (there,) = made.plugin.volumes.values()
    assert there.published
    assert end_of(made, destroy(11, volume)) is FAILED
    made.apply(Unpublish("a"))
    assert not there.published


def test_after_a_reboot_a_volume_in_use_is_staged_and_published_anew():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "a"))
    made.boot = "boot-2"
    made.plugin.reboot()
    made.start()
    made.run()
    (there,) = made.plugin.volumes.values()
    assert there.published and there.staged


def test_a_refused_publish_says_why_and_leaves_nothing_mounted():
    made = world()
    volume = volume_of(made)
    made.plugin.refuse = refusing(NodeStage, "INVALID_ARGUMENT", "bad flag")
    made.apply(Publish(op(90), (volume,), "a"))
    assert "bad flag" in made.answers[op(90)].message
    (there,) = made.plugin.volumes.values()
    assert not there.attached and not made.machine.driver.holders


def test_a_publish_of_a_volume_nobody_knows_is_refused():
    made = world()
    disk = disk_of(made)
    assert end_of(made, destroy_disk(2, disk)) is FINISHED
    made.apply(Publish(op(90), (disk,), "a"))
    assert "not known" in made.answers[op(90)].message


def test_giving_back_while_the_plugin_does_not_answer_ends_the_waiting():
    made = world()
    volume = volume_of(made)
    made.plugin.lose = lambda r: unknown_outcome() if isinstance(r, NodeStage) else None
    made.feed(Publish(op(90), (volume,), "a"))
    made.run(seconds=5)
    assert op(90) not in made.answers
    made.apply(Unpublish("a", op(91)))
    assert made.answers[op(90)].message and made.answers[op(91)].message is None
    (there,) = made.plugin.volumes.values()
    assert not there.staged and not there.attached


def test_a_volume_that_was_used_is_wiped_and_one_that_was_not_is_not_even_published():
    made = world()
    volume = volume_of(made)
    assert end_of(made, destroy(11, volume)) is FINISHED
    assert not [r for r in made.plugin.requests if isinstance(r, NodePublish)]
    assert end_of(made, create(12, volume)) is FINISHED
    made.apply(Publish(op(90), (volume,), "a"))
    (there,) = made.plugin.volumes.values()
    there.data.append("secret")
    made.apply(Unpublish("a"))
    assert end_of(made, destroy(13, volume)) is FINISHED
    assert there.data == [] and not there.published


def test_a_persistence_id_is_used_once_in_a_role():
    made = world()
    volume_of(made, "data", 1)
    disk = reserved(disk_of(made, number=11))
    assert end_of(made, reserve(12, disk)) is FINISHED
    assert end_of(made, create(13, persistent(disk, "data"))) is FAILED


# Profiles and pre-existing disks


def test_a_profile_that_goes_takes_its_pool_and_leaves_its_disks():
    made = world(capacity=1000, profiles=(DEFAULT, BLOCK))
    assert end_of(made, create_disk(1, 100, "block", block=True)) is FINISHED
    (disk,) = made.last(op(1)).converted
    made.apply(ProfilesChanged({"default": DEFAULT}))
    assert str(disk) in made.totals and not any("RAW(block)" in t for t in made.totals)
    assert end_of(made, destroy_disk(2, disk)) is FINISHED
    made.refresh()
    assert made.totals == ["disk[RAW(default)]:1000"]


def test_a_profile_that_the_plugin_refuses_has_no_pool_and_says_why():
    made = World(ModelPlugin(1000 * MB), (DEFAULT, BLOCK))
    made.plugin.refuse = lambda r: (
        PluginError("INVALID_ARGUMENT", "no block here")
        if isinstance(r, GetCapacity) and r.capability.block
        else None
    )
    made.start()
    made.run()
    assert made.totals == ["disk[RAW(default)]:1000"]
    assert "no block here" in made.machine.capacity.problems["block"]


def test_a_disk_that_was_there_before_is_offered_imported_and_deleted():
    made = World(ModelPlugin(1000 * MB))
    made.plugin.volumes["old"] = ModelVolume("old", "old", 100 * MB, DEFAULT.capability, {})
    made.start()
    made.run()
    old = next(r for r in made.machine.totals.disks)
    assert old.disk.source.id == "old" and old.disk.source.type is SourceType.RAW
    imported = CreateDisk(old, SourceType.MOUNT, "default")
    assert end_of(made, ApplyOperation(op(1), imported)) is FINISHED
    (disk,) = made.last(op(1)).converted
    assert disk.disk.source.type is SourceType.MOUNT and disk.disk.source.profile == "default"
    made.refresh()
    assert end_of(made, destroy_disk(2, disk)) is FINISHED
    made.refresh()
    assert made.totals == ["disk[RAW(default)]:1000"]


def test_a_pre_existing_disk_that_vanishes_is_no_longer_offered():
    made = World(ModelPlugin(1000 * MB))
    made.plugin.volumes["old"] = ModelVolume("old", "old", 100 * MB, DEFAULT.capability, {})
    made.start()
    made.run()
    del made.plugin.volumes["old"]
    made.refresh()
    assert made.totals == ["disk[RAW(default)]:1000"]


# Limits, and what people are told


def test_what_stands_in_the_way_of_a_pending_operation_is_told():
    made = world()
    made.plugin.refuse = refusing(CreateVolume, "UNAVAILABLE", "array is rebooting")
    made.feed(create_disk(1, 64))
    made.run(seconds=1)
    (pending,) = made.machine.operations.pending()
    assert "array is rebooting" in made.machine.trouble_of(pending)
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
