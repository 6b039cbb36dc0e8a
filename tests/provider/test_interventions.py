"""What an operator does about an operation that is stuck, at the provider: tried again now, or given up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.model.disk import Disk, SourceType
from api.model.operation import CreateDisk, OperationState
from api.model.resources import Resource
from provider.calls import (
    ControllerExpand,
    CreateVolume,
    DeleteVolume,
    GetCapacity,
    NodeExpand,
    NodePublish,
    NodeUnpublish,
    Outcome,
    PluginError,
    ValidateVolume,
)
from provider.events import (
    AbandonOperation,
    ActOnHost,
    AdmitVolume,
    ApplyOperation,
    CallDone,
    CallFailed,
    PluginReady,
    Publish,
    RefreshDue,
    RetryOperation,
    Unpublish,
)
from provider.notices import NoticeKind
from tests.provider.model_plugin import ALL
from tests.provider.resources import (
    MB,
    create_disk,
    destroy,
    destroy_disk,
    grow,
    op,
    pool,
    reserve,
    reserved,
    unreserve,
)
from tests.provider.stories import FAILED, FINISHED, disk_of, refusing, volume_of, world
from tests.provider.test_listing import started
from tests.provider.world import World, unknown_outcome


def calls(made: World, kind: type) -> int:
    return len([r for r in made.plugin.requests if isinstance(r, kind)])


def silent(kind: type):
    """The plugin does nothing of this kind and nobody knows."""
    return lambda request: unknown_outcome() if isinstance(request, kind) else None


def holding(made: World, kind: type) -> list[CallDone]:
    """Calls of this kind are carried out from now on, and their answers are kept back here."""
    held: list[CallDone] = []
    real = made._call

    def call(number, request):
        if isinstance(request, kind):
            held.append(CallDone(number, made.plugin.answer(request)))
        else:
            real(number, request)

    made._call = call
    return held


def notices(made: World) -> list[str]:
    found, total = made.machine.notices()
    assert total == len(found)
    stuck = [notice.message for notice in found if notice.kind is NoticeKind.STUCK]
    return [message for message in stuck if "was given up" in message]


def waiting_long(made: World, number: int = 1) -> None:
    """A creation that has failed for so long that the next try is a minute away."""
    made.plugin.refuse = silent(CreateVolume)
    made.feed(create_disk(number, 64))
    made.run(seconds=300)
    made.plugin.refuse = lambda r: None


# Retry


def test_a_retry_does_at_once_what_would_be_done_a_minute_later():
    made = world()
    waiting_long(made)
    before = made.now
    made.apply(RetryOperation(op(1)))
    assert made.last(op(1)).state is FINISHED and made.now - before < 5000
    assert made.last(op(1)).ended == pytest.approx(before)


def test_a_retry_that_fails_again_is_repeated_as_before():
    made = world()
    made.plugin.refuse = silent(CreateVolume)
    made.feed(create_disk(1, 64))
    made.run(seconds=300)
    before = calls(made, CreateVolume)
    made.feed(RetryOperation(op(1)))
    made.run(seconds=0.1)
    assert calls(made, CreateVolume) == before + 1
    made.run(seconds=300)
    assert calls(made, CreateVolume) > before + 1


def test_a_retry_of_a_deletion_repeats_the_call_on_its_volume():
    made = world()
    disk = disk_of(made)
    made.plugin.refuse = silent(DeleteVolume)
    made.feed(destroy_disk(2, disk))
    made.run(seconds=300)
    made.plugin.refuse = lambda r: None
    at = made.now
    made.apply(RetryOperation(op(2)))
    assert made.last(op(2)).state is FINISHED and made.last(op(2)).ended == pytest.approx(at)


def test_a_retry_of_an_operation_that_waits_its_turn_hurries_those_before_it():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task"))
    made.plugin.refuse = silent(NodeUnpublish)
    made.feed(Unpublish("task"))
    made.feed(destroy(4, volume), unreserve(5, volume.with_disk(Disk(volume.disk.source))))
    made.run(seconds=300)
    made.plugin.refuse = lambda r: None
    at = made.now
    made.apply(RetryOperation(op(5)))
    assert made.last(op(5)).state is FINISHED and made.last(op(5)).ended == pytest.approx(at)


def test_a_wiping_that_fails_after_it_was_given_up_is_no_business_of_who_wants_the_volume_by_then():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task"))
    made.apply(Unpublish("task"))
    wiping: list[int] = []
    carry_out = made._carry_out
    made._carry_out = lambda each: (
        wiping.append(each.call) if isinstance(each, ActOnHost) else carry_out(each)
    )
    made.apply(destroy(4, volume))
    made.apply(AbandonOperation(op(4)), Publish(op(91), (volume,), "another task"))
    assert made.last(op(4)).state is FAILED and op(91) not in made.answers, "it waits for the wiping's end"
    (call,) = wiping
    made.apply(CallFailed(call, Outcome.REFUSED, "HOST", "the disk is bad"))
    assert made.answers[op(91)].message is None and made.answers[op(91)].published


def test_a_retry_of_what_has_ended_sends_its_status_again_and_of_the_unknown_says_nothing():
    made = world()
    made.acknowledge = False
    made.apply(create_disk(1, 64))
    told = len(made.told[op(1)])
    made.feed(RetryOperation(op(1)), RetryOperation(op(2)), AbandonOperation(op(2)))
    made.run(seconds=1)
    assert len(made.told[op(1)]) == told + 1
    assert op(2) not in made.told and made.unknown == []


# Abandon: a creation


def test_a_creation_that_may_have_been_done_is_finished_and_deleted_before_it_fails():
    made = world()
    made.plugin.lose = silent(CreateVolume)  # done, and nobody knows
    made.feed(create_disk(1, 64))
    made.run(seconds=100)
    made.feed(AbandonOperation(op(1)))
    made.run(seconds=100)
    assert op(1) not in made.told and len(made.plugin.volumes) == 1
    (message,) = notices(made)
    assert "stays charged" in message and "UNAVAILABLE" in message
    made.plugin.lose = lambda r: None
    made.run()
    assert made.last(op(1)).state is FAILED and "abandoned by an operator" in made.last(op(1)).message
    assert made.plugin.volumes == {} and notices(made) == []
    assert made.totals == ["disk[RAW(default)]:1024"]


def test_what_is_given_up_stays_given_up_over_a_restart():
    made = world()
    made.plugin.lose = silent(CreateVolume)
    made.feed(create_disk(1, 64))
    made.run(seconds=1)
    made.feed(AbandonOperation(op(1)))
    made.run(seconds=1)
    made.start()
    made.run(seconds=10)
    assert op(1) not in made.told and len(notices(made)) == 1
    made.plugin.lose = lambda r: None
    made.run()
    assert made.last(op(1)).state is FAILED and made.plugin.volumes == {}


def test_an_old_capacity_does_not_lower_a_pool_for_a_volume_that_was_given_up_and_is_gone():
    made = world()
    made.plugin.lose = silent(CreateVolume)
    made.feed(create_disk(1, 64))
    made.run(seconds=100)
    held = holding(made, GetCapacity)
    made.feed(RefreshDue())
    made.run(seconds=0)
    assert len(held) == 1  # it is asked while the volume is there, and the answer takes its time
    made.plugin.lose = lambda r: None
    made.apply(AbandonOperation(op(1)))
    assert made.last(op(1)).state is FAILED and made.plugin.volumes == {}
    made.apply(*held)
    assert made.totals == ["disk[RAW(default)]:1024"]


def test_a_creation_given_up_before_the_plugin_was_up_ends_at_once():
    made = world()
    made.machine.driver.facts = None
    made.apply(create_disk(1, 64), AbandonOperation(op(1)))
    assert made.last(op(1)).state is FAILED and "nothing was made" in made.last(op(1)).message
    made.apply(PluginReady(made.plugin.facts))
    assert calls(made, CreateVolume) == 0


def test_a_creation_that_is_refused_after_it_was_given_up_fails_with_the_plugins_words():
    made = world()
    made.plugin.refuse = silent(CreateVolume)
    made.feed(create_disk(1, 64))
    made.run(seconds=1)
    made.plugin.refuse = refusing(CreateVolume, "INVALID_ARGUMENT", "no such pool")
    made.apply(AbandonOperation(op(1)))
    assert made.last(op(1)).state is FAILED and "no such pool" in made.last(op(1)).message


def test_a_volume_that_is_given_up_and_cannot_be_deleted_is_a_disk_for_anybody():
    made = world()
    made.plugin.lose = silent(CreateVolume)
    made.feed(create_disk(1, 64))
    made.run(seconds=1)
    made.plugin.lose = lambda r: None
    made.plugin.refuse = refusing(DeleteVolume, "FAILED_PRECONDITION", "it has snapshots")
    made.apply(AbandonOperation(op(1)))
    assert made.last(op(1)).state is FAILED and "it has snapshots" in made.last(op(1)).message
    made.machine.validate_state()
    (disk,) = made.machine.totals.disks
    assert disk.disk.source.id in made.plugin.volumes and not disk.reservations
    assert "disk[RAW(default)]:960" in made.totals
    made.plugin.refuse = lambda r: None
    made.apply(destroy_disk(2, disk))
    assert made.last(op(2)).state is FINISHED and made.plugin.volumes == {}


def test_a_volume_that_is_too_small_and_cannot_be_deleted_is_not_lost_either():
    made = world()
    made.plugin.refuse = refusing(DeleteVolume, "FAILED_PRECONDITION", "it has snapshots")
    answer = made.plugin.answer

    def shrinking(request):
        result = answer(request)
        if isinstance(request, CreateVolume):
            volume = made.plugin.volumes[result.id]
            volume.size = 32 * MB
            return made.plugin._described(volume)
        return result

    made.plugin.answer = shrinking
    made.apply(create_disk(1, 64))
    assert made.last(op(1)).state is FAILED and "less than was required" in made.last(op(1)).message
    made.machine.validate_state()
    assert len(made.machine.totals.disks) == 1


def test_a_disk_that_was_to_be_taken_on_is_as_it_was_when_that_is_given_up():
    made = started("old")
    made.apply(AdmitVolume("old"))
    (old,) = made.machine.totals.disks
    made.plugin.refuse = silent(ValidateVolume)
    made.feed(ApplyOperation(op(1), CreateDisk(old, SourceType.MOUNT, "default")))
    made.run(seconds=10)
    assert op(1) not in made.told
    made.feed(AbandonOperation(op(1)))
    made.run(seconds=1)
    assert made.last(op(1)).state is FAILED and "the disk is as it was" in made.last(op(1)).message
    made.plugin.refuse = lambda r: None
    made.run()
    assert old in made.machine.totals.disks and len(made.told[op(1)]) == 1


# Abandon: deletions, and what waits


def test_a_deletion_that_has_not_begun_is_given_up_at_once_and_the_disk_stays():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task"))
    made.plugin.refuse = silent(NodeUnpublish)
    made.feed(Unpublish("task"))
    made.run(seconds=1)
    disk = next(iter(made.machine.totals.disks))
    made.plugin.refuse = lambda r: None
    made.run()
    made.apply(destroy(4, volume), unreserve(5, volume.with_disk(Disk(volume.disk.source))))
    bare = next(iter(made.machine.totals.disks))
    assert disk.disk.source.id == bare.disk.source.id
    made.plugin.refuse = silent(DeleteVolume)
    made.machine.driver.facts = None  # the plugin is down: nothing is sent
    made.feed(destroy_disk(6, bare))
    made.run(seconds=1)
    made.apply(AbandonOperation(op(6)))
    assert made.last(op(6)).state is FAILED and "still there" in made.last(op(6)).message
    made.plugin.refuse = lambda r: None
    made.apply(PluginReady(made.plugin.facts))
    assert bare.disk.source.id in made.plugin.volumes and bare in made.machine.totals.disks


def test_a_deletion_that_may_have_happened_ends_when_the_plugin_answers():
    made = world()
    disk = disk_of(made)
    made.plugin.lose = silent(DeleteVolume)
    made.feed(destroy_disk(2, disk))
    made.run(seconds=1)
    made.feed(AbandonOperation(op(2)))
    made.run(seconds=200)
    assert op(2) not in made.told and len(notices(made)) == 1
    made.plugin.lose = lambda r: None
    made.run()
    assert made.last(op(2)).state is FINISHED, "it happened: nothing else is true"
    assert made.totals == ["disk[RAW(default)]:1024"] and notices(made) == []


def test_a_deletion_that_is_refused_after_it_was_given_up_leaves_the_disk():
    made = world()
    disk = disk_of(made)
    made.plugin.refuse = silent(DeleteVolume)
    made.feed(destroy_disk(2, disk))
    made.run(seconds=1)
    made.plugin.refuse = refusing(DeleteVolume, "FAILED_PRECONDITION", "it has snapshots")
    made.apply(AbandonOperation(op(2)))
    assert made.last(op(2)).state is FAILED and "abandoned" in made.last(op(2)).message
    assert disk in made.machine.totals.disks and len(made.plugin.volumes) == 1


def test_a_destroy_that_cannot_reach_its_volume_is_given_up_and_the_volume_stays():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task"))
    made.apply(Unpublish("task"))
    made.plugin.refuse = silent(NodePublish)
    made.feed(destroy(4, volume))
    made.run(seconds=100)
    made.feed(AbandonOperation(op(4)))
    made.run(seconds=1)
    assert made.last(op(4)).state is FAILED and volume in made.machine.totals.disks
    made.plugin.refuse = lambda r: None
    made.run()
    made.apply(destroy(5, volume))
    assert made.last(op(5)).state is FINISHED


def test_what_waits_its_turn_is_given_up_at_once_and_those_before_it_go_on():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task"))
    made.apply(Unpublish("task"))
    made.plugin.refuse = silent(NodePublish)
    made.feed(destroy(4, volume), unreserve(5, volume.with_disk(Disk(volume.disk.source))))
    made.run(seconds=1)
    made.feed(AbandonOperation(op(5)))
    made.run(seconds=1)
    assert made.last(op(5)).state is FAILED and "waited its turn" in made.last(op(5)).message
    made.plugin.refuse = lambda r: None
    made.run()
    assert made.last(op(4)).state is FINISHED


def test_what_follows_an_operation_that_was_given_up_is_dropped():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task"))
    made.apply(Unpublish("task"))
    made.plugin.refuse = silent(NodePublish)
    made.feed(destroy(4, volume), unreserve(5, volume.with_disk(Disk(volume.disk.source))))
    made.run(seconds=1)
    made.feed(AbandonOperation(op(4)))
    made.run(seconds=1)
    assert made.last(op(4)).state is FAILED
    assert made.last(op(5)).state is OperationState.DROPPED


def test_giving_up_twice_changes_nothing_and_what_has_ended_stays_as_it_ended():
    made = world()
    disk = disk_of(made)
    made.plugin.refuse = silent(DeleteVolume)
    made.feed(destroy_disk(2, disk))
    made.run(seconds=1)
    made.feed(AbandonOperation(op(2)), AbandonOperation(op(2)))
    made.plugin.refuse = lambda r: None
    made.run()
    assert [r.state for r in made.told[op(2)]] == [FINISHED]
    made.apply(reserve(3, reserved(disk_of(made, number=4))))
    made.apply(AbandonOperation(op(3)))
    assert made.last(op(3)).state is FINISHED


# Abandon: a volume that was to become larger


def growing(**more) -> tuple[World, Resource]:
    made = world(capabilities=replace(ALL, controller_expand=True, node_expand=True, **more))
    return made, volume_of(made)


def test_a_growth_that_may_have_been_done_ends_when_the_plugin_answers():
    made, volume = growing()
    made.plugin.refuse = silent(ControllerExpand)
    made.feed(grow(11, volume, pool(36)))
    made.run(seconds=10)
    made.feed(AbandonOperation(op(11)))
    made.run(seconds=100)
    assert op(11) not in made.told and len(notices(made)) == 1
    made.plugin.refuse = refusing(ControllerExpand, "OUT_OF_RANGE", "too large")
    made.run()
    assert made.last(op(11)).state is FAILED and volume in made.machine.totals.disks


def test_a_growth_whose_room_was_made_is_done_when_it_is_given_up():
    made, volume = growing()
    made.plugin.refuse = silent(NodeExpand)
    made.feed(grow(11, volume, pool(36)))
    made.run(seconds=10)
    assert op(11) not in made.told
    made.apply(AbandonOperation(op(11)))
    assert made.last(op(11)).state is FINISHED and made.last(op(11)).converted[0].milli == 100_000


def test_a_growth_that_waits_for_its_plugin_is_given_up_at_once():
    made, volume = growing()
    made.machine.driver.facts = None
    made.apply(grow(11, volume, pool(36)), AbandonOperation(op(11)))
    assert made.last(op(11)).state is FAILED and "as large as it was" in made.last(op(11)).message


# What is told


def test_trouble_says_what_is_repeated_how_often_and_since_when():
    made = world()
    made.now = 1000.0
    made.plugin.refuse = lambda r: (
        PluginError("UNAVAILABLE", "array is rebooting") if isinstance(r, CreateVolume) else None
    )
    made.feed(create_disk(1, 64))
    made.run(seconds=200)
    (pending,) = made.machine.operations.pending()
    trouble = made.machine.troubles.of(pending)
    assert trouble is not None and "array is rebooting" in trouble.message
    assert trouble.times == calls(made, CreateVolume)
    assert trouble.since == pytest.approx(1000.0) and trouble.latest > 1100.0
    made.plugin.refuse = lambda r: None
    reports = made.reports
    made.run()
    assert made.reports > reports and made.machine.troubles.of(made.last(op(1))) is None


def test_what_waits_for_the_plugin_or_its_turn_says_so():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task"))
    made.apply(Unpublish("task"))
    made.plugin.refuse = silent(NodePublish)
    made.feed(destroy(4, volume), unreserve(5, volume.with_disk(Disk(volume.disk.source))))
    made.run(seconds=100)
    _, waiting = made.machine.operations.pending()
    trouble = made.machine.troubles.of(waiting)
    assert trouble is not None and f"behind DESTROY {op(4)}" in trouble.message and trouble.times > 3
    other = world()
    other.machine.driver.facts = None
    other.feed(create_disk(1, 64))
    (pending,) = other.machine.operations.pending()
    assert "plugin" in other.machine.troubles.of(pending).message


@pytest.mark.parametrize("wanted", [lambda v: destroy_disk(4, v), lambda v: grow(4, v, pool(36))])
def test_what_fails_for_a_volume_already_is_told_with_an_operation_that_comes_later(wanted):
    """The next failure that is told of by itself may be many minutes away."""
    made = world(capabilities=replace(ALL, online_expand=False))
    volume = disk_of(made)
    made.apply(Publish(op(90), (volume,), "task"))
    made.plugin.refuse = silent(NodeUnpublish)
    made.feed(Unpublish("task"))
    made.run(seconds=200)
    reports = made.reports
    made.feed(wanted(volume))
    made.run(seconds=1)
    (pending,) = made.machine.operations.pending()
    assert "NodeUnpublish" in made.machine.troubles.of(pending).message
    assert made.reports > reports
