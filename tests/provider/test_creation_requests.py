"""What the plugin is asked for when a volume is made."""

from __future__ import annotations

import re
from dataclasses import replace

from provider.calls import CreateVolume, GetCapacity
from tests.provider.resources import create_disk
from tests.provider.stories import world

HERE = {"zone": "a", "host": "h1"}


def the_requests(*, has_topology: bool):
    made = world()
    facts = made.plugin.facts
    capabilities = replace(facts.capabilities, topology=has_topology)
    made.plugin.facts = replace(facts, capabilities=capabilities, topology=HERE)
    made.start()
    made.run()
    made.apply(create_disk(1, 64))
    (creation,) = (r for r in made.plugin.requests if isinstance(r, CreateVolume))
    return creation, [r for r in made.plugin.requests if isinstance(r, GetCapacity)][-1]


def test_volumes_and_capacity_are_asked_for_where_this_node_reaches_them():
    creation, capacity = the_requests(has_topology=True)
    assert (creation.topology, capacity.topology) == (HERE, HERE)


def test_a_plugin_without_topology_is_not_told_of_any():
    creation, capacity = the_requests(has_topology=False)
    assert (creation.topology, capacity.topology) == ({}, {})


def test_a_creation_names_its_profile_whose_secrets_go_with_it():
    creation, _ = the_requests(has_topology=False)
    assert creation.profile == "default"


def test_a_creation_has_a_name_that_begins_with_a_letter_as_many_storages_want_and_is_no_longer_than_usual():
    creation, _ = the_requests(has_topology=False)
    assert re.fullmatch("[a-z][-a-z0-9]{0,38}[a-z0-9]", creation.name)
