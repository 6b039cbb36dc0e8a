"""GROW_VOLUME of a plugin's disks, online and offline, refused, lost, and interrupted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provider.calls import ControllerExpand, NodeExpand, NodePublish, NodeStage, NodeUnpublish, PluginError
from provider.events import AbandonOperation, PluginReady, Publish, Unpublish
from tests.provider.model_plugin import ALL
from tests.provider.resources import MB, destroy, destroy_disk, grow, op, pool
from tests.provider.stories import FAILED, FINISHED, disk_of, end_of, refusing, volume_of, world
from tests.provider.world import unknown_outcome

OFFLINE = replace(ALL, online_expand=False)
ONLY_NODE = replace(ALL, controller_expand=False)
NEITHER = replace(ALL, controller_expand=False, node_expand=False)


def sent(made, kind):
    return [r for r in made.plugin.requests if isinstance(r, kind)]


def pool_mb(made):
    (found,) = (r for r in made.machine.totals.all() if r.disk.is_pool)
    return found.milli // 1000


@pytest.mark.parametrize("capabilities", [ALL, OFFLINE, ONLY_NODE, replace(ALL, node_expand=False)])
def test_a_volume_grows_by_what_is_added_and_the_pool_shrinks_by_it(capabilities):
    made = world(capabilities=capabilities)
    volume = volume_of(made)
    assert end_of(made, grow(11, volume, pool(36))) is FINISHED
    (grown,) = made.last(op(11)).converted
    assert grown.milli == 100_000 and grown.disk == volume.disk and grown.reservations == volume.reservations
    (there,) = made.plugin.volumes.values()
    assert there.size == there.file_system == 100 * MB
    assert not (there.published or there.staged or there.attached)
    assert grown in made.machine.totals.disks and volume not in made.machine.totals.disks
    assert pool_mb(made) == 1024 - 100
    made.refresh()
    assert pool_mb(made) == 1024 - 100
    made.apply(destroy(12, grown))
    assert made.last(op(12)).state is FINISHED


def test_a_larger_result_is_taken_and_the_pool_shrinks_by_what_is_really_gone():
    made = world(granularity=50 * MB)
    disk = disk_of(made, mb=50)
    assert end_of(made, grow(11, disk, pool(10))) is FINISHED
    assert made.last(op(11)).converted[0].milli == 100_000
    assert pool_mb(made) == 1024 - 100


def test_a_refused_expansion_fails_with_the_plugins_words_and_changes_nothing():
    made = world()
    volume = volume_of(made)
    before = made.totals
    made.plugin.refuse = refusing(ControllerExpand, "OUT_OF_RANGE", "only 80 MB for one volume")
    assert end_of(made, grow(11, volume, pool(36))) is FAILED
    assert "only 80 MB for one volume" in made.last(op(11)).message
    assert made.totals == before
    assert made.machine.driver.volumes[volume.disk.source.id].expansion is None


def test_a_plugin_that_cannot_expand_says_so():
    made = world(capabilities=NEITHER)
    assert end_of(made, grow(11, volume_of(made), pool(36))) is FAILED
    assert "EXPAND_VOLUME" in made.last(op(11)).message


@pytest.mark.parametrize("attaches", [True, False])
@pytest.mark.parametrize("stages", [True, False])
@pytest.mark.parametrize("online", [True, False])
def test_a_volume_that_was_used_and_is_at_rest_again_grows(attaches, stages, online):
    capabilities = replace(ALL, controller_publish=attaches, stage=stages, online_expand=online)
    made = world(capabilities=capabilities)
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task-1"))
    made.apply(Unpublish("task-1"))
    assert end_of(made, grow(11, volume, pool(36))) is FINISHED
    (there,) = made.plugin.volumes.values()
    assert there.size == 100 * MB


def test_a_volume_in_use_grows_under_its_user_when_the_plugin_can():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task-1"))
    assert end_of(made, grow(11, volume, pool(36))) is FINISHED
    (there,) = made.plugin.volumes.values()
    assert there.file_system == 100 * MB and there.published
    assert not sent(made, NodeUnpublish)
    (call,) = sent(made, NodeExpand)
    assert call.volume_path == there.published and call.staging_path == there.staged


def test_a_volume_in_use_that_the_plugin_cannot_expand_so_is_refused_naming_its_users():
    made = world(capabilities=OFFLINE)
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task-1"))
    assert end_of(made, grow(11, volume, pool(36))) is FAILED
    assert "task-1" in made.last(op(11)).message and not sent(made, ControllerExpand)
    made.apply(Unpublish("task-1"))
    assert end_of(made, grow(12, volume, pool(36))) is FINISHED


def test_who_wants_to_use_a_volume_that_grows_at_rest_waits_for_it():
    made = world(capabilities=OFFLINE)
    volume = volume_of(made)
    made.plugin.lose = lambda r: unknown_outcome() if isinstance(r, ControllerExpand) else None
    made.feed(grow(11, volume, pool(36)))
    made.run(seconds=1)
    made.feed(Publish(op(90), (volume,), "task-1"))
    made.run(seconds=1)
    assert op(90) not in made.answers
    made.plugin.lose = lambda r: None
    made.run()
    assert made.answers[op(90)].published and made.last(op(11)).state is FINISHED
    (there,) = made.plugin.volumes.values()
    assert there.file_system == 100 * MB


@pytest.mark.parametrize("kind", [ControllerExpand, NodeExpand])
def test_a_lost_answer_is_asked_for_again_with_the_same_request(kind):
    made = world()
    volume = volume_of(made)
    made.plugin.lose = lambda r: unknown_outcome() if isinstance(r, kind) else None
    made.feed(grow(11, volume, pool(36)))
    made.run(seconds=5)
    made.start()  # and it is the same after a restart
    made.run(seconds=5)
    made.plugin.lose = lambda r: None
    made.run()
    assert made.last(op(11)).state is FINISHED
    assert len(sent(made, kind)) > 2 and len(set(map(repr, sent(made, kind)))) == 1
    assert pool_mb(made) == 1024 - 100


def test_a_repeat_that_is_refused_fails_only_when_the_list_shows_that_nothing_was_done():
    made = world()
    volume = volume_of(made)
    answers = [unknown_outcome()] + [PluginError("RESOURCE_EXHAUSTED", "no")] * 50
    made.plugin.refuse = lambda r: answers.pop(0) if isinstance(r, ControllerExpand) else None
    assert end_of(made, grow(11, volume, pool(36))) is FAILED
    assert len(sent(made, ControllerExpand)) == 3


def test_a_repeat_that_is_refused_after_the_room_was_made_goes_on():
    made = world()
    volume = volume_of(made)
    made.plugin.lose = lambda r: unknown_outcome() if isinstance(r, ControllerExpand) else None
    made.feed(grow(11, volume, pool(36)))
    made.run(seconds=0.05)
    made.plugin.lose = lambda r: None
    made.plugin.refuse = refusing(ControllerExpand, "RESOURCE_EXHAUSTED", "no")
    made.run(seconds=100)
    assert op(11) not in made.told
    made.plugin.refuse = lambda r: None
    made.run()
    assert made.last(op(11)).state is FINISHED


def test_what_the_node_does_not_take_in_is_repeated_and_keeps_nobody_from_the_volume():
    made = world()
    volume = volume_of(made)
    made.plugin.refuse = refusing(NodeExpand, "INTERNAL", "resize2fs: bad superblock")
    made.feed(grow(11, volume, pool(36)))
    made.run(seconds=200)
    assert op(11) not in made.told
    made.feed(Publish(op(90), (volume,), "task-1"))
    made.run(seconds=1)
    assert made.answers[op(90)].published
    made.plugin.refuse = lambda r: None
    made.run()
    assert made.last(op(11)).state is FINISHED and pool_mb(made) == 1024 - 100


def test_a_node_that_refuses_while_it_is_staged_is_asked_again_after_staging_anew():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task-1"))
    (there,) = made.plugin.volumes.values()
    old = there.staged, there.published
    published = len(sent(made, NodePublish))
    made.plugin.refuse = lambda r: (
        PluginError("FAILED_PRECONDITION", "it grows when it is staged next")
        if isinstance(r, NodeExpand) and len(sent(made, NodePublish)) == published
        else None
    )
    made.feed(grow(11, volume, pool(36)))
    made.run(seconds=100)
    assert op(11) not in made.told and (there.staged, there.published) == old, "never under its user"
    made.apply(Unpublish("task-1"))
    assert made.last(op(11)).state is FINISHED and there.file_system == 100 * MB
    assert not (there.published or there.staged)


def test_a_smaller_result_than_was_required_fails_and_what_it_took_is_charged():
    made = world()
    disk = disk_of(made)
    real = made.plugin._ControllerExpand

    def less(request):
        return real(replace(request, required_bytes=request.required_bytes - 6 * MB))

    made.plugin._ControllerExpand = less
    assert end_of(made, grow(11, disk, pool(36))) is FAILED
    assert "less than" in made.last(op(11)).message
    assert disk in made.machine.totals.disks and pool_mb(made) == 1024 - 94
    assert end_of(made, destroy_disk(12, disk)) is FINISHED
    assert pool_mb(made) == 1024


def test_a_volume_grows_once_the_plugin_is_up():
    made = world()
    volume = volume_of(made)
    made.start(plugin_up=False)
    made.feed(grow(11, volume, pool(36)))
    made.run(seconds=1)
    assert op(11) not in made.told
    made.apply(PluginReady(made.plugin.facts))
    assert made.last(op(11)).state is FINISHED


def with_room_made(made, disk):
    """The plugin has made room for GROW_VOLUME 11, and the node has not taken it in."""
    made.plugin.refuse = refusing(NodePublish, "UNAVAILABLE", "not now")
    made.feed(grow(11, disk, pool(36)))
    made.run(seconds=1)
    made.plugin.refuse = lambda r: None
    assert op(11) not in made.told


@pytest.mark.parametrize("plugin_up", [True, False])
def test_what_was_given_up_after_the_room_was_made_is_charged_and_comes_back_when_it_is_destroyed(plugin_up):
    made = world()
    disk = disk_of(made)
    with_room_made(made, disk)
    made.start(plugin_up=plugin_up)
    made.feed(AbandonOperation(op(11)))
    made.run(seconds=1)
    (grown,) = made.last(op(11)).converted
    assert grown.milli == 100_000 and pool_mb(made) == 1024 - 100
    made.apply(PluginReady(made.plugin.facts))
    assert end_of(made, destroy_disk(12, grown)) is FINISHED
    assert pool_mb(made) == 1024


def test_what_was_given_up_before_it_was_sent_is_not_taken_for_an_earlier_one_that_had_room_made():
    made = world()
    disk = disk_of(made)
    with_room_made(made, disk)
    made.apply(AbandonOperation(op(11)))
    (grown,) = made.last(op(11)).converted
    made.start(plugin_up=False)
    made.apply(grow(12, grown, pool(36)), AbandonOperation(op(12)))
    assert made.last(op(12)).state is FAILED and pool_mb(made) == 1024 - 100


def test_room_that_was_made_is_taken_in_after_a_restart_although_somebody_uses_the_volume():
    made = world(capabilities=OFFLINE)
    disk = disk_of(made)
    with_room_made(made, disk)
    made.start(plugin_up=False)
    made.feed(Publish(op(90), (disk,), "task-1"))
    made.run(seconds=1)
    made.apply(PluginReady(made.plugin.facts))
    assert made.last(op(11)).state is FINISHED and pool_mb(made) == 1024 - 100


def test_an_expansion_that_is_given_up_leaves_the_call_that_is_under_way_alone():
    made = world(capabilities=ONLY_NODE)  # so it is staged and published for that
    disk = disk_of(made)
    made.plugin.lose = lambda request: unknown_outcome("ABORTED") if isinstance(request, NodeStage) else None
    made.feed(grow(2, disk, pool(32)))
    made.feed(AbandonOperation(op(2)))  # before NodeStage is answered
    made.machine.validate_state()
    made.plugin.lose = lambda request: None
    made.run()
    assert made.last(op(2)).state is FAILED
    (volume,) = made.plugin.volumes.values()
    assert not volume.staged and not volume.published
