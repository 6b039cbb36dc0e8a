"""Volumes that the plugin has and nobody here knows, and those that are known and not there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.model.disk import SourceType
from api.model.operation import CreateDisk
from provider.calls import (
    CreatedVolume,
    CreateVolume,
    DeleteVolume,
    ListVolumes,
    NodePublish,
    PluginError,
    ValidateVolume,
)
from provider.events import AdmitVolume, ApplyOperation, Publish, RefreshDue
from provider.listing import AGAIN_SECONDS, LIST_SECONDS
from provider.notices import NoticeKind
from provider.volume import Capabilities
from tests.provider.model_plugin import ALL, ModelPlugin, ModelVolume
from tests.provider.resources import MB, create_disk, destroy_disk, op, reserve, reserved
from tests.provider.stories import FAILED, FINISHED, end_of, world
from tests.provider.world import BLOCK, DEFAULT, World, unknown_outcome


def has(plugin: ModelPlugin, name: str, size: int = 100 * MB) -> ModelVolume:
    """The plugin has this volume, made by somebody else."""
    plugin.volumes[name] = ModelVolume(name, name, size, DEFAULT.capability, {})
    return plugin.volumes[name]


def started(*names: str, admit: tuple[str, ...] = (), plugin: ModelPlugin | None = None) -> World:
    made = World(plugin or ModelPlugin(1000 * MB), (DEFAULT, BLOCK), admit=admit)
    for name in names:
        has(made.plugin, name)
    made.start()
    made.run()
    return made


def look_again(made: World, seconds: float = LIST_SECONDS) -> None:
    made.now += seconds
    made.apply(RefreshDue())


def notices(made: World, kind: NoticeKind) -> list[str]:
    found, total = made.machine.notices()
    assert total == len(found)
    return [each.volume_id for each in found if each.kind is kind]


def withheld(made: World) -> list[str]:
    return notices(made, NoticeKind.WITHHELD)


def lost(made: World) -> list[str]:
    return notices(made, NoticeKind.LOST)


def raw(made: World) -> list[str]:
    return sorted(r.disk.source.id for r in made.machine.totals.pre_existing)


def imported(made: World, number: int, name: str, profile: str = "default", target=SourceType.MOUNT):
    (old,) = [r for r in made.machine.totals.pre_existing if r.disk.source.id == name]
    return end_of(made, ApplyOperation(op(number), CreateDisk(old, target, profile)))


# Withheld


def test_a_volume_that_nobody_knows_is_shown_and_not_offered():
    made = started("old")
    assert withheld(made) == ["old"] and raw(made) == []
    (notice,) = made.machine.notices()[0]
    assert "orlop volume adopt old" in notice.message and notice.size_bytes == 100 * MB


def test_a_lost_checkpoint_makes_every_volume_withheld_and_none_free():
    made = world(capacity=1000)
    for number in (1, 2, 3):
        assert end_of(made, create_disk(number, 100)) is FINISHED
    again = World(made.plugin)
    again.start()
    again.run()
    assert withheld(again) == sorted(made.plugin.volumes)
    assert again.totals == ["disk[RAW(default)]:700"], "what is used is not offered a second time"


def test_an_operator_lets_a_volume_in_and_it_stays_so():
    made = started("old", "other")
    made.apply(AdmitVolume("old"))
    assert raw(made) == ["old"] and withheld(made) == ["other"]
    made.apply(AdmitVolume("old"))
    made.start()
    made.run()
    assert raw(made) == ["old"] and withheld(made) == ["other"]


def test_a_rule_lets_volumes_in_without_an_operator():
    made = started("data-1", "data-2", "other", admit=("data-*",))
    assert raw(made) == ["data-1", "data-2"] and withheld(made) == ["other"]


def test_what_other_nodes_alone_can_reach_is_let_in_by_no_rule():
    places = {
        "here": ({"zone": "b"}, {"Zone": "a", "rack": "unknown here"}),
        "there": ({"zone": "b"}, {"zone": "c"}),
        "anywhere": (),
    }
    made = World(ModelPlugin(1000 * MB, replace(ALL, topology=True)), admit=("*",))
    made.plugin.facts = replace(made.plugin.facts, topology={"zone": "a", "host": "h1"})
    for name in places:
        has(made.plugin, name)
    made.plugin._described = lambda v: CreatedVolume(v.id, v.size, {}, places.get(v.id, ()))
    made.start()
    made.run()
    assert raw(made) == ["anywhere", "here"] and withheld(made) == ["there"]
    assert "this node does not reach it" in made.machine.notices()[0][0].message
    made.apply(AdmitVolume("there"))
    assert raw(made) == ["anywhere", "here", "there"], "an operator knows better"


def test_the_command_for_a_volume_can_be_pasted_into_a_shell_whatever_its_id():
    made = started("nas/share#x; rm -rf y")
    assert "`orlop volume adopt 'nas/share#x; rm -rf y'`" in made.machine.notices()[0][0].message


def test_a_volume_of_unknown_size_needs_the_operators_word():
    made = World(ModelPlugin(1000 * MB), admit=("*",))
    has(made.plugin, "old")
    made.plugin._described = lambda volume: CreatedVolume(volume.id, 0)
    made.start()
    made.run()
    assert withheld(made) == ["old"] and raw(made) == []
    assert "--size" in made.machine.notices()[0][0].message
    made.apply(AdmitVolume("old", 64 * MB))
    assert raw(made) == ["old"] and withheld(made) == []


def test_a_volume_that_appears_while_the_provider_runs_is_withheld_at_the_next_list():
    made = started()
    has(made.plugin, "new")
    look_again(made, LIST_SECONDS / 4)
    assert withheld(made) == []
    look_again(made)
    assert withheld(made) == ["new"]
    del made.plugin.volumes["new"]
    look_again(made)
    assert withheld(made) == []


def test_a_named_volume_that_no_list_has_shown_is_looked_for_at_once():
    made = started()
    has(made.plugin, "new")
    made.apply(AdmitVolume("new"))
    assert raw(made) == ["new"]


def test_a_plugin_without_a_list_is_taken_at_the_operators_word():
    blind = Capabilities(create_delete_volume=True, list_volumes=False)
    made = started("old", plugin=ModelPlugin(1000 * MB, blind))
    assert withheld(made) == []
    made.apply(AdmitVolume("old", 100 * MB), AdmitVolume("invented", 100 * MB))
    assert imported(made, 1, "old") is FINISHED
    assert imported(made, 2, "invented") is FAILED and "NOT_FOUND" in made.last(op(2)).message


def test_what_a_creation_with_an_unknown_outcome_may_have_made_is_not_withheld():
    made = started()
    made.plugin.lose = lambda r: unknown_outcome() if isinstance(r, CreateVolume) else None
    made.feed(create_disk(1, 64))
    made.run(seconds=0.01)
    assert len(made.plugin.volumes) == 1
    for _ in range(5):
        made.now += LIST_SECONDS
        made.feed(RefreshDue())
        made.run(seconds=AGAIN_SECONDS * 2)
        assert withheld(made) == []
    made.plugin.lose = lambda r: None
    made.run()
    assert made.last(op(1)).state is FINISHED and withheld(made) == []


def test_a_foreign_volume_that_turned_up_beside_a_creation_is_withheld_once_that_has_ended():
    made = started()
    made.plugin.lose = lambda r: unknown_outcome() if isinstance(r, CreateVolume) else None
    made.feed(create_disk(1, 64))
    made.run(seconds=0.01)
    has(made.plugin, "foreign")
    made.now += LIST_SECONDS
    made.feed(RefreshDue())
    made.run(seconds=1)
    made.plugin.lose = lambda r: None
    made.run(seconds=100)
    look_again(made)
    look_again(made)
    assert withheld(made) == ["foreign"]


def test_a_creation_that_was_refused_at_a_repeat_is_not_kept_open_by_withheld_volumes():
    made = started("old")
    made.plugin.refuse = lambda r: unknown_outcome() if isinstance(r, CreateVolume) else None
    made.feed(create_disk(1, 64))
    made.run(seconds=0.01)
    made.start()  # what was withheld is remembered
    full = PluginError("RESOURCE_EXHAUSTED", "full")
    made.plugin.refuse = lambda r: full if isinstance(r, CreateVolume) else None
    made.run()
    assert made.last(op(1)).state is FAILED


def test_a_volume_deleted_while_the_list_is_made_is_nobodys():
    made = world(capacity=1000)
    assert end_of(made, create_disk(1, 64)) is FINISHED
    (disk,) = made.last(op(1)).converted
    listed = made.plugin._ListVolumes(ListVolumes())
    assert end_of(made, destroy_disk(2, disk)) is FINISHED
    made.plugin._ListVolumes = lambda request: listed  # a list that is behind
    look_again(made)
    del made.plugin._ListVolumes
    look_again(made)
    assert withheld(made) == []


# Taken into use


def test_a_disk_that_was_there_before_is_imported_and_deleted():
    made = started("old")
    made.apply(AdmitVolume("old"))
    assert imported(made, 1, "old") is FINISHED
    (disk,) = made.last(op(1)).converted
    assert disk.disk.source.type is SourceType.MOUNT and disk.disk.source.profile == "default"
    assert end_of(made, destroy_disk(2, disk)) is FINISHED
    made.refresh()
    assert made.totals == ["disk[RAW(block)]:1000", "disk[RAW(default)]:1000"]


def test_a_volume_that_does_not_fit_the_profile_stays_as_it_is():
    made = started("old")
    made.apply(AdmitVolume("old"))
    assert imported(made, 1, "old", "block", SourceType.BLOCK) is FAILED
    assert "does not fit" in made.last(op(1)).message
    assert raw(made) == ["old"] and "old" in made.plugin.volumes


@pytest.mark.parametrize(
    ("code", "has_controller"), [("FAILED_PRECONDITION", False), ("UNIMPLEMENTED", True)]
)
def test_where_nobody_can_say_whether_a_volume_fits_the_operators_word_counts(code, has_controller):
    plugin = ModelPlugin(1000 * MB, Capabilities(create_delete_volume=False, get_capacity=False))
    plugin.facts = replace(plugin.facts, has_controller=has_controller)
    plugin.refuse = lambda r: PluginError(code, "no such call") if isinstance(r, ValidateVolume) else None
    made = started("share", plugin=plugin)
    made.apply(AdmitVolume("share", 100 * MB))
    assert imported(made, 1, "share") is FINISHED
    (disk,) = made.last(op(1)).converted
    assert disk.disk.source.type is SourceType.MOUNT
    assert end_of(made, destroy_disk(2, disk)) is FINISHED and raw(made) == ["share"]


def test_a_plugin_that_describes_no_volumes_is_told_of_one_what_the_profile_says():
    share = replace(DEFAULT, name="share", volume_context={"server": "nas", "share": "/x"})
    made = World(ModelPlugin(1000 * MB, replace(ALL, list_volumes=False)), (DEFAULT, share))
    has(made.plugin, "old")
    made.start()
    made.run()
    made.apply(AdmitVolume("old", 100 * MB))
    assert imported(made, 1, "old", "share") is FINISHED
    (disk,) = made.last(op(1)).converted
    made.apply(Publish(op(2), (disk,), "a"))
    (published,) = [r for r in made.plugin.requests if isinstance(r, NodePublish)]
    assert published.context == {"server": "nas", "share": "/x"}


def test_a_volume_that_the_plugin_describes_itself_is_not_told_otherwise():
    share = replace(DEFAULT, name="share", volume_context={"server": "nas"})
    made = World(ModelPlugin(1000 * MB), (DEFAULT, share))
    has(made.plugin, "old")
    made.start()
    made.run()
    made.apply(AdmitVolume("old"))
    assert imported(made, 1, "old", "share") is FINISHED
    assert made.machine.driver.volumes["old"].context == {"made-by": "model"}


def test_a_refusal_to_import_by_a_plugin_that_can_be_asked_counts():
    made = started("old")
    made.plugin.refuse = lambda r: (
        PluginError("FAILED_PRECONDITION", "not now") if isinstance(r, ValidateVolume) else None
    )
    made.apply(AdmitVolume("old"))
    assert imported(made, 1, "old") is FAILED and "not now" in made.last(op(1)).message


def test_an_imported_disk_keeps_the_exact_size_that_the_plugin_told():
    made = World(ModelPlugin(1000 * MB), (DEFAULT,))
    has(made.plugin, "odd", 10 * MB + 1)
    made.start()
    made.run()
    made.apply(AdmitVolume("odd"))
    assert imported(made, 1, "odd") is FINISHED
    assert made.machine.driver.volumes["odd"].capacity_bytes == 10 * MB + 1


def test_a_changed_description_is_taken_over_and_a_reserved_disk_is_left_as_its_role_knows_it():
    made = started("old", "mine")
    made.apply(AdmitVolume("old"), AdmitVolume("mine"))
    (mine,) = [r for r in made.machine.totals.pre_existing if r.disk.source.id == "mine"]
    assert end_of(made, reserve(1, reserved(mine))) is FINISHED
    describe = made.plugin._described
    made.plugin._described = lambda v: CreatedVolume(v.id, v.size, {**describe(v).context, "tier": "2"})
    look_again(made)
    labels = {r.disk.source.id: dict(r.disk.source.metadata) for r in made.machine.totals.pre_existing}
    assert labels["old"]["tier"] == "2" and "tier" not in labels["mine"]
    assert lost(made) == []


def test_a_volume_that_is_listed_twice_is_one():
    made = World(ModelPlugin(1000 * MB), admit=("*",))
    has(made.plugin, "old")
    once = made.plugin._ListVolumes
    made.plugin._ListVolumes = lambda request: (*once(request), *once(request))
    made.start()
    made.run()
    assert raw(made) == ["old"]


# Lost


def test_a_volume_that_is_listed_no_more_is_reported_and_not_forgotten():
    made = world(capacity=1000)
    assert end_of(made, create_disk(1, 64)) is FINISHED
    (disk,) = made.last(op(1)).converted
    (gone,) = made.plugin.volumes.values()
    made.plugin.volumes.clear()
    look_again(made)
    assert lost(made) == [gone.id] and str(disk) in made.totals
    made.plugin.volumes[gone.id] = gone
    look_again(made)
    assert lost(made) == []


def test_one_list_that_lacks_a_volume_is_not_believed():
    made = world(capacity=1000)
    assert end_of(made, create_disk(1, 64)) is FINISHED
    listed = made.plugin._ListVolumes
    answers = iter([(), listed(ListVolumes())])
    made.plugin._ListVolumes = lambda request: next(answers)
    made.now += LIST_SECONDS
    made.feed(RefreshDue())
    made.run(seconds=AGAIN_SECONDS * 2)
    assert next(answers, None) is None and lost(made) == []


def test_a_pre_existing_disk_that_vanishes_is_reported_and_kept():
    made = started("old")
    made.apply(AdmitVolume("old"))
    del made.plugin.volumes["old"]
    look_again(made)
    assert lost(made) == ["old"] and raw(made) == ["old"]


def test_a_lost_disk_can_be_given_up():
    made = world(capacity=1000)
    assert end_of(made, create_disk(1, 64)) is FINISHED
    (disk,) = made.last(op(1)).converted
    made.plugin.volumes.clear()
    look_again(made)
    assert end_of(made, destroy_disk(2, disk)) is FINISHED
    assert lost(made) == [], "at once, not only after the next list"
    look_again(made)
    assert lost(made) == []


def test_a_volume_that_is_being_deleted_is_not_lost():
    made = world(capacity=1000)
    assert end_of(made, create_disk(1, 64)) is FINISHED
    (disk,) = made.last(op(1)).converted
    made.plugin.lose = lambda r: unknown_outcome() if isinstance(r, DeleteVolume) else None
    made.feed(destroy_disk(2, disk))
    for _ in range(4):
        made.run(seconds=AGAIN_SECONDS)
        made.now += LIST_SECONDS
        made.feed(RefreshDue())
    assert lost(made) == []


@pytest.mark.parametrize("code", ["UNIMPLEMENTED", "UNAVAILABLE", "INTERNAL"])
def test_a_list_that_cannot_be_had_is_said_and_asked_for_again(code):
    made = started()
    refusal = PluginError(code, "no list today")
    made.plugin.refuse = lambda r: refusal if isinstance(r, ListVolumes) else None
    look_again(made)
    assert "no list today" in made.machine.listing.problem
    made.plugin.refuse = lambda r: None
    look_again(made)
    assert made.machine.listing.problem is None
