"""Volumes in use: published, held, given back, wiped."""

from __future__ import annotations

from dataclasses import replace

from provider.calls import (
    NodePublish,
    NodeStage,
)
from provider.events import (
    Publish,
    Unpublish,
)
from tests.provider.resources import (
    create,
    destroy,
    destroy_disk,
    op,
    persistent,
    reserve,
    reserved,
)
from tests.provider.stories import FAILED, FINISHED, disk_of, end_of, refusing, volume_of, world
from tests.provider.world import unknown_outcome

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


def test_after_a_reboot_under_another_node_id_a_volume_is_detached_from_the_node_that_it_was_on():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "a"))
    made.boot = "boot-2"
    made.plugin.reboot()
    made.plugin.facts = replace(made.plugin.facts, node_id="renamed")
    made.start()
    made.run()
    (there,) = made.plugin.volumes.values()
    assert there.published and there.attached_to == "renamed"
    made.apply(Unpublish("a"))
    assert not there.attached


def test_a_volume_in_use_whose_node_is_called_otherwise_stays_where_it_is_and_is_detached_from_there():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "a"))
    made.plugin.facts = replace(made.plugin.facts, node_id="renamed")
    made.start()
    made.run()
    (there,) = made.plugin.volumes.values()
    assert there.published and there.attached_to == "node"
    made.apply(Unpublish("a"))
    assert not there.attached
    made.apply(Publish(op(91), (volume,), "b"))
    assert there.published and there.attached_to == "renamed"


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


def test_a_volume_that_nobody_ever_got_is_destroyed_by_a_plugin_that_cannot_publish_it():
    made = world()
    volume = volume_of(made)
    made.plugin.refuse = refusing(NodePublish, "FAILED_PRECONDITION", "nothing is there")
    made.apply(Publish(op(90), (volume,), "a"))
    assert "nothing is there" in made.answers[op(90)].message
    assert end_of(made, destroy(11, volume)) is FINISHED


def test_who_was_answered_before_the_crash_has_used_the_volume():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "a"))
    made.start()
    made.run()
    made.apply(Unpublish("a"))
    made.plugin.refuse = refusing(NodePublish, "FAILED_PRECONDITION", "nothing is there")
    assert end_of(made, destroy(11, volume)) is FAILED


def test_a_persistence_id_is_used_once_in_a_role():
    made = world()
    volume_of(made, "data", 1)
    disk = reserved(disk_of(made, number=11))
    assert end_of(made, reserve(12, disk)) is FINISHED
    assert end_of(made, create(13, persistent(disk, "data"))) is FAILED
