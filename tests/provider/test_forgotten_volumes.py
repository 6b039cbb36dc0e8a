"""Volumes that the plugin has forgotten, though the provider made them: what an operator can do about it."""

from __future__ import annotations

from api.model.operation import DestroyDisk
from provider.calls import ControllerPublish, DeleteVolume
from provider.events import ApplyOperation, Publish, Unpublish
from tests.provider.resources import op
from tests.provider.stories import FAILED, FINISHED, end_of, refusing, volume_of, world
from tests.provider.world import World


def a_used_volume(made: World):
    """A persistent volume that somebody wrote to, and let go of."""
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task"))
    made.apply(Unpublish("task"))
    return volume


def test_a_forgotten_volume_that_was_used_is_destroyed_whole_without_being_wiped():
    made = world()
    volume = a_used_volume(made)
    made.plugin.volumes.clear()
    assert end_of(made, ApplyOperation(op(5), DestroyDisk(volume, whole=True), "framework")) is FINISHED
    assert [type(r) for r in made.plugin.requests][-1] is DeleteVolume
    assert not made.machine.driver.volumes


def test_another_refusal_to_publish_for_the_wiping_leaves_the_volume_as_it_was():
    made = world()
    volume = a_used_volume(made)
    made.plugin.refuse = refusing(ControllerPublish, "PERMISSION_DENIED", "not here")
    assert end_of(made, ApplyOperation(op(5), DestroyDisk(volume, whole=True), "framework")) is FAILED
    assert str(volume) in made.totals
