"""Mounts that die, calls that hang, read-only users, and a node that takes only so many volumes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provider.calls import ControllerPublish, NodePublish, NodeStage, NodeUnpublish, NodeUnstage, PluginError
from provider.events import MountState, Publish, RefreshDue, Unpublish
from provider.notices import NoticeKind
from provider.volume import VolumeCapability
from tests.provider.model_plugin import ALL
from tests.provider.resources import destroy, destroy_disk, op
from tests.provider.stories import FINISHED, disk_of, end_of, volume_of, world
from tests.provider.world import DEFAULT


def look(made):
    """Time passes, and what is due is looked at."""
    made.now += 40.0
    made.apply(RefreshDue())


def notices(made, kind):
    found, _ = made.machine.notices()
    return [n for n in found if n.kind is kind]


def count(made, kind):
    return sum(isinstance(r, kind) for r in made.plugin.requests)


def in_use(user="task-1", **plugin):
    made = world(**plugin)
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), user))
    (there,) = made.plugin.volumes.values()
    return made, volume, there


# Dead mounts


def test_a_mount_that_vanished_is_published_anew_and_what_is_staged_is_left_to_its_users():
    made, volume, there = in_use()
    there.broken = MountState.VANISHED
    look(made)
    assert there.broken is None and there.published
    assert (count(made, NodePublish), count(made, NodeUnpublish), count(made, NodeUnstage)) == (2, 1, 0)
    (notice,) = notices(made, NoticeKind.DEAD_MOUNT)
    assert "task-1" in notice.message and "restart" in notice.message
    made.apply(Unpublish("task-1"))
    look(made)
    assert not notices(made, NoticeKind.DEAD_MOUNT)
    assert end_of(made, destroy(12, volume)) is FINISHED


def test_a_mount_whose_daemon_died_is_staged_anew():
    made, _, there = in_use()
    there.broken = MountState.DEAD
    look(made)
    assert there.broken is None and there.published and there.staged
    assert (count(made, NodeStage), count(made, NodeUnstage)) == (2, 1)


@pytest.mark.parametrize("state", [MountState.FAILING, MountState.SILENT])
def test_a_mount_that_fails_under_its_user_is_reported_and_given_to_nobody_else(state):
    made, volume, there = in_use()
    there.broken = state
    look(made)
    assert count(made, NodeUnpublish) == 0
    (notice,) = notices(made, NoticeKind.DEAD_MOUNT)
    assert "task-1" in notice.message
    made.apply(Publish(op(91), (volume,), "task-2"))
    assert "task-1" in made.answers[op(91)].message
    made.apply(Unpublish("task-1"))
    made.apply(Publish(op(92), (volume,), "task-2"))
    assert made.answers[op(92)].published and there.broken is None
    look(made)
    assert not notices(made, NoticeKind.DEAD_MOUNT)


def test_a_mount_that_answers_again_is_no_longer_reported():
    made, volume, there = in_use()
    there.broken = MountState.SILENT
    look(made)
    there.broken = None
    look(made)
    assert not notices(made, NoticeKind.DEAD_MOUNT)
    made.apply(Publish(op(91), (volume,), "task-2"))
    assert made.answers[op(91)].published


def test_what_vanished_while_the_provider_was_away_is_found_when_the_plugin_is_up():
    made, _, there = in_use()
    there.broken = MountState.VANISHED
    made.start()
    made.run()
    assert there.broken is None and there.published


def test_nothing_is_asked_of_the_plugin_for_a_volume_at_rest():
    made, _, _ = in_use()
    before = list(made.plugin.requests)
    made.machine.capacity.refresh = lambda turn: None
    made.machine.listing.refresh_due = lambda turn: None
    for _ in range(5):
        look(made)
    assert made.plugin.requests == before


# Calls that hang


def test_an_unmount_that_does_not_return_is_told_with_what_to_do_and_holds_up_nobody_else():
    made, _, there = in_use()
    other = disk_of(made, number=20)
    made.plugin.refuse = lambda r: (
        PluginError("DEADLINE_EXCEEDED", "no answer in 30 s")
        if isinstance(r, NodeUnpublish) and r.volume_id == there.id
        else None
    )
    made.feed(Unpublish("task-1"))
    made.run(seconds=60)
    made.feed(RefreshDue())
    (notice,) = notices(made, NoticeKind.STUCK)
    assert notice.volume_id == there.id and "NodeUnpublish" in notice.message
    assert "fuser" in notice.message and "ls -la" in notice.message
    made.feed(Publish(op(95), (other,), "task-2"))
    made.run(seconds=1)
    assert made.answers[op(95)].published
    made.feed(destroy_disk(30, disk_of_third := disk_like(made)))
    made.run(seconds=1)
    assert made.last(op(30)).state is FINISHED and disk_of_third
    made.plugin.refuse = lambda r: None
    made.run()
    assert not notices(made, NoticeKind.STUCK) and not there.published


def disk_like(made):
    from tests.provider.resources import create_disk

    made.feed(create_disk(25, 10))
    made.run(seconds=1)
    return made.last(op(25)).converted[0]


# Readers and writers


def published_readonly(made):
    return [r.readonly for r in made.plugin.requests if isinstance(r, NodePublish)]


def test_a_volume_is_published_read_only_for_readers_and_anew_for_the_first_writer():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "reader", readonly=True))
    (there,) = made.plugin.volumes.values()
    assert there.readonly
    made.apply(Publish(op(91), (volume,), "writer"))
    assert made.answers[op(91)].published and not there.readonly
    assert published_readonly(made) == [True, False] and count(made, NodeUnstage) == 0
    made.apply(Unpublish("writer"))
    assert not there.readonly and count(made, NodeUnpublish) == 1


def test_who_only_reads_is_known_after_a_restart():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "reader", readonly=True))
    made.start()
    made.run()
    made.apply(Publish(op(91), (volume,), "another", readonly=True))
    assert published_readonly(made) == [True]


def test_a_volume_that_readers_leave_is_wiped_all_the_same():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "reader", readonly=True))
    made.apply(Unpublish("reader"))
    assert end_of(made, destroy(12, volume)) is FINISHED


@pytest.mark.parametrize("able", [True, False])
def test_only_what_is_never_written_is_attached_read_only_and_only_by_a_plugin_that_can(able):
    reader = replace(DEFAULT, capability=VolumeCapability(access_mode="MULTI_NODE_READER_ONLY"))
    made = world(profiles=(reader,), capabilities=replace(ALL, readonly_publish=able))
    made.apply(Publish(op(90), (volume_of(made),), "reader"))
    (attach,) = [r for r in made.plugin.requests if isinstance(r, ControllerPublish)]
    assert attach.readonly is able and published_readonly(made) == [True]


def test_a_volume_for_a_single_writer_has_one_user_at_a_time():
    single = replace(DEFAULT, capability=VolumeCapability(access_mode="SINGLE_NODE_SINGLE_WRITER"))
    made = world(profiles=(single,))
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "one"), Publish(op(91), (volume,), "two"))
    assert made.answers[op(90)].published and "one" in made.answers[op(91)].message
    made.apply(Publish(op(92), (volume,), "one"))  # the same again
    assert made.answers[op(92)].published


# A node that takes only so many


def test_one_volume_more_than_the_node_takes_is_refused_with_the_reason():
    made = world(max_volumes=2)
    disks = [disk_of(made, number=n) for n in (1, 2, 3)]
    for n, disk in enumerate(disks):
        made.apply(Publish(op(90 + n), (disk,), f"task-{n}"))
    assert made.answers[op(91)].published
    assert "max_volumes_per_node" in made.answers[op(92)].message
    made.apply(Unpublish("task-0"), Publish(op(95), (disks[2],), "task-2"))
    assert made.answers[op(95)].published


def test_a_volume_waits_for_one_that_is_on_its_way_down():
    made = world(max_volumes=1)
    first, second = (disk_of(made, number=n) for n in (1, 2))
    made.apply(Publish(op(90), (first,), "one"))
    made.plugin.refuse = lambda r: PluginError("ABORTED", "busy") if isinstance(r, NodeUnstage) else None
    made.feed(Unpublish("one"), Publish(op(91), (second,), "two"))
    made.run(seconds=10)
    assert op(91) not in made.answers
    assert any(n.volume_id == "vol/2" for n in notices(made, NoticeKind.STUCK))
    made.plugin.refuse = lambda r: None
    made.run()
    assert made.answers[op(91)].published


def test_wiping_waits_for_a_place_as_well():
    made = world(max_volumes=1)
    volume, other = volume_of(made), disk_of(made, number=20)
    made.apply(Publish(op(90), (volume,), "one"))
    made.apply(Unpublish("one"))
    made.apply(Publish(op(91), (other,), "two"))
    made.feed(destroy(30, volume))
    made.run(seconds=10)
    assert op(30) not in made.told
    made.apply(Unpublish("two"))
    assert made.last(op(30)).state is FINISHED
