"""What is not at rest on a host is named, with what it waits for; what is at rest is not."""

from __future__ import annotations

from dataclasses import replace

from provider.at_rest import LINES_LIMIT, unsettled
from provider.calls import NodeUnpublish
from provider.events import CheckAtRest, Publish, Unpublish
from provider.volume import VolumeState
from tests.provider.model_plugin import ALL
from tests.provider.resources import op
from tests.provider.stories import volume_of, world
from tests.provider.test_interventions import silent
from tests.provider.world import World


def asked(made: World) -> tuple[str, ...]:
    made.apply(CheckAtRest(op(77)))
    return made.answers[op(77)].unsettled


def test_volumes_at_rest_are_not_named():
    made = world()
    volume_of(made)
    assert asked(made) == ()


def test_a_volume_in_use_is_named_with_its_user_and_no_more_once_it_is_given_back():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task t"))
    (line,) = asked(made)
    assert line.endswith("is used by task t")
    made.apply(Unpublish("task t"))
    made.run(seconds=1)
    assert asked(made) == ()


def test_a_volume_of_a_plugin_that_attaches_nothing_is_at_rest_once_it_is_unmounted():
    made = world(capabilities=replace(ALL, controller_publish=False))
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task t"))
    made.apply(Unpublish("task t"))
    made.run(seconds=1)
    assert {each.state for each in made.machine.driver.volumes.values()} == {VolumeState.NODE_READY}
    assert asked(made) == ()
    made.machine.driver.facts = None
    assert unsettled(made.machine.driver) == ()


def test_a_volume_that_does_not_come_down_is_named_with_the_call_that_fails():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task"))
    made.plugin.refuse = silent(NodeUnpublish)
    made.feed(Unpublish("task"))
    made.run(seconds=5)
    (line,) = asked(made)
    assert "NODE_UNPUBLISH" in line and "NodeUnpublishVolume" in line and "goes on being tried" in line
    made.plugin.refuse = lambda request: None
    made.run(seconds=120)
    assert asked(made) == ()


def test_a_plugin_that_is_not_up_is_what_its_volumes_wait_for():
    made = world()
    volume = volume_of(made)
    made.apply(Publish(op(90), (volume,), "task"))
    driver = made.machine.driver
    driver.facts = None
    made.apply(Unpublish("task"))
    (line,) = unsettled(driver)
    assert "its plugin is not up" in line
    assert len(unsettled(driver)) <= LINES_LIMIT
