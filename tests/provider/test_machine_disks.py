"""Making and deleting disks: what each answer of the plugin leads to."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from api.model.disk import SourceType
from api.model.operation import CreateDisk
from provider.attempts import MAX_WAIT
from provider.calls import (
    CreateVolume,
    DeleteVolume,
    GetCapacity,
    ListVolumes,
    PluginError,
)
from provider.events import (
    ApplyOperation,
    ProfilesChanged,
)
from provider.volume import Capabilities
from tests.provider.model_plugin import ALL, ModelPlugin
from tests.provider.resources import (
    MB,
    ROLE,
    create_disk,
    destroy_disk,
    op,
    pool,
    reserve,
    unreserve,
)
from tests.provider.stories import DROPPED, FAILED, FINISHED, disk_of, end_of, refusing, world
from tests.provider.world import BLOCK, DEFAULT, World, unknown_outcome

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


def test_a_creation_is_repeated_from_where_it_was_first_asked_for_wherever_the_node_is_by_then():
    made = world(capabilities=replace(ALL, topology=True))
    zone = {"zone": "one"}
    made.plugin.facts = replace(made.plugin.facts, topology=zone)
    made.start()
    made.plugin.lose = lambda r: unknown_outcome() if isinstance(r, CreateVolume) else None
    made.feed(create_disk(1, 64))
    made.run(seconds=1)
    made.plugin.facts = replace(made.plugin.facts, topology={"zone": "two"})
    made.start()
    made.plugin.lose = lambda r: None
    made.run()
    sent = [r for r in made.plugin.requests if isinstance(r, CreateVolume)]
    assert len(sent) > 1 and all(r.topology == zone for r in sent)
    assert made.last(op(1)).state is FINISHED
    asked = [r for r in made.plugin.requests if isinstance(r, GetCapacity)]
    assert asked[-1].topology == {"zone": "two"}


def test_a_wrong_answer_of_a_plugin_that_cannot_list_deletes_nothing():
    """The id may be wrong as well, and then the volume is somebody else's."""
    made = world(capabilities=replace(ALL, list_volumes=False))
    answer = made.plugin._CreateVolume
    made.plugin._CreateVolume = lambda request: replace(answer(request), capacity_bytes=1)
    assert end_of(made, create_disk(1, 64)) is FAILED
    (there,) = made.plugin.volumes
    message = made.last(op(1)).message
    assert "less than was required" in message and repr(there) in message
    assert not [r for r in made.plugin.requests if isinstance(r, DeleteVolume)]
    made.plugin._CreateVolume = answer
    assert end_of(made, create_disk(2, 64)) is FINISHED


def test_a_wrong_answer_of_a_plugin_that_lists_is_deleted_again():
    made = world()
    answer = made.plugin._CreateVolume
    made.plugin._CreateVolume = lambda request: replace(answer(request), capacity_bytes=1)
    assert end_of(made, create_disk(1, 64)) is FAILED
    assert "less than was required" in made.last(op(1)).message and not made.plugin.volumes
