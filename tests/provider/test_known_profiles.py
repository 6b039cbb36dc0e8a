"""What a profile means is fixed from the first time it is seen; the rest of a document is taken."""

from __future__ import annotations

from dataclasses import replace

from provider.calls import DeleteVolume
from provider.events import ProfilesChanged
from provider.known_profiles import MAX_KNOWN, KnownProfiles
from provider.records import Checkpoint, Profile
from provider.volume import VolumeCapability
from tests.provider.resources import create_disk, destroy_disk, op
from tests.provider.stories import FINISHED, disk_of, end_of, world
from tests.provider.world import BLOCK, DEFAULT, unknown_outcome

OTHER = replace(DEFAULT, capability=VolumeCapability(fs_type="xfs"))


def named(name: str) -> Profile:
    return replace(DEFAULT, name=name)


def by_name(*profiles: Profile) -> dict[str, Profile]:
    return {profile.name: profile for profile in profiles}


def test_a_changed_meaning_is_refused_by_name_and_the_rest_is_taken():
    made = world(capacity=1000, profiles=(DEFAULT,))
    made.apply(ProfilesChanged(by_name(OTHER, BLOCK)))
    assert sorted(made.machine.profiles) == ["block", "default"]
    assert made.machine.profiles["default"].capability.fs_type == "ext4", "the old meaning stays in force"
    assert "new name" in made.machine.known_profiles.problems["default"]
    assert any("RAW(default)" in t for t in made.totals) and any("RAW(block)" in t for t in made.totals)


def test_a_meaning_outlives_a_restart_though_nothing_was_made_of_it():
    made = world(capacity=1000, profiles=(DEFAULT,))
    made.profiles = (OTHER,)
    made.start()
    made.run()
    assert made.machine.profiles["default"].capability.fs_type == "ext4"
    assert "default" in made.machine.known_profiles.problems
    made.apply(ProfilesChanged(by_name(DEFAULT)))
    assert made.machine.known_profiles.problems == {}


def test_a_profile_that_comes_back_must_mean_the_same():
    made = world(capacity=1000, profiles=(DEFAULT,))
    made.apply(ProfilesChanged({}))
    assert made.totals == []
    made.apply(ProfilesChanged(by_name(OTHER)))
    assert made.machine.profiles["default"].capability.fs_type == "ext4"


def test_how_a_profile_is_described_and_counted_may_change():
    made = world(capacity=1000, profiles=(DEFAULT,))
    described = replace(DEFAULT, description="slow", capacity_group="g", cost_milli=2000)
    made.apply(ProfilesChanged(by_name(described)))
    assert made.machine.profiles["default"] == described
    assert made.machine.known_profiles.problems == {}


def test_before_its_document_is_read_a_restarted_provider_offers_what_it_offered():
    before = Checkpoint(profiles=(DEFAULT, BLOCK), profiles_in_force=("default",))
    assert sorted(KnownProfiles(before).in_force) == ["default"]


def test_a_creation_goes_on_although_its_profile_went_meanwhile():
    made = world(capacity=1000, profiles=(DEFAULT, BLOCK))
    made.feed(create_disk(1, 64))
    made.stop_after = made.done + 1  # the operation is written, and the process dies
    try:
        made.run()
    except Exception as stopped:
        assert type(stopped).__name__ == "Stopped"
    made.stop_after = None
    made.profiles = (BLOCK,)
    made.start()
    made.run()
    assert made.last(op(1)).state is FINISHED
    assert end_of(made, destroy_disk(2, made.last(op(1)).converted[0])) is FINISHED
    assert not made.plugin.volumes


def test_the_number_of_known_profiles_is_bounded():
    many = tuple(named(f"p{n}") for n in range(MAX_KNOWN))
    known = KnownProfiles(Checkpoint(profiles=many))
    known.take(by_name(named("p1"), named("new")))
    assert sorted(known.in_force) == ["p1"] and "known" in known.problems["new"]


def test_where_the_secrets_of_a_profile_are_is_known_after_it_left_and_after_a_restart():
    """Its volumes stay, and the plugin wants the secrets to delete them."""
    secret = replace(DEFAULT, secrets={"key": "/etc/key"})
    made = world(capacity=1000, profiles=(DEFAULT,))
    made.apply(ProfilesChanged(by_name(secret)))
    made.apply(ProfilesChanged({}))
    made.profiles = ()
    made.start()
    made.run()
    assert made.machine.profiles == {}
    assert made.machine.known_profiles.secrets == {"default": {"key": "/etc/key"}}
    made.apply(ProfilesChanged(by_name(DEFAULT)))
    assert made.machine.known_profiles.secrets == {}, "the document says so"


def test_a_new_profile_has_its_pool_at_once_though_a_deletion_is_stuck():
    made = world(capacity=1000, profiles=(DEFAULT,))
    disk = disk_of(made)
    made.plugin.refuse = lambda r: unknown_outcome() if isinstance(r, DeleteVolume) else None
    made.feed(destroy_disk(4, disk))
    made.run(seconds=5)
    made.feed(ProfilesChanged(by_name(DEFAULT, BLOCK)))
    made.run(seconds=1)
    assert any("RAW(block)" in t for t in made.totals)
