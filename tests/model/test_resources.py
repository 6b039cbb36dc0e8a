"""Resources as a user meets them: text, messages, validation, what equality leaves out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.model.disk import Disk, DiskSource, Persistence, SourceType, VolumeMount
from api.model.quantity import InvalidQuantity
from api.model.resources import (
    Conversion,
    InvalidResource,
    Items,
    NotContained,
    Ranges,
    Reservation,
    Resource,
    Resources,
    Scalar,
    scalar,
    validate_resource,
    validate_resources,
)

DEFAULT = (Reservation("default"),)
POOL_SOURCE = DiskSource(SourceType.RAW, profile="fast")
POOL = Resource("disk", Scalar.of(1024), (), Disk(POOL_SOURCE), "rp")
MOUNT = Disk(DiskSource(SourceType.MOUNT, root="/r", id="id", profile="fast"), Persistence("name"))
VOLUME = Resource("disk", Scalar.of(1024), DEFAULT, MOUNT, "rp")


@pytest.mark.parametrize(
    ("resource", "text"),
    [
        (scalar("cpus", 1500), "cpus:1.5"),
        (VOLUME, "disk(reservations:[(DYNAMIC,default)])[MOUNT(id,fast):name]:1024"),
        (POOL.with_allocation("eng"), "disk(allocated:eng)[RAW(fast)]:1024"),
        (
            replace(VOLUME, shared=True).with_disk(replace(MOUNT, volume=VolumeMount("/data"))),
            "disk(reservations:[(DYNAMIC,default)])[MOUNT(id,fast):name:/data]<SHARED>:1024",
        ),
        (
            Resource(
                "ports", Ranges(((7, 9), (1, 2), (3, 3))), (Reservation("a", False, "ann", (("k", "v"),)),)
            ),
            "ports(reservations:[(STATIC,a,ann,{k:v})]):[1-3,7-9]",
        ),
        (Resource("zones", Items(("b", "a", "b")), revocable=True), "zones{REV}:{a,b}"),
    ],
)
def test_resources_are_readable(resource: Resource, text: str) -> None:
    assert str(resource) == text


def test_what_is_missing_is_named_beside_what_there_is() -> None:
    have = Resources([POOL, scalar("cpus", 1000)])
    wanted = POOL.with_value(Scalar.of(2000))
    with pytest.raises(NotContained) as refusal:
        have.apply(Conversion(Resources([wanted]), Resources()))
    assert str(refusal.value) == (
        "disk[RAW(fast)]:976 is missing; of that kind there is disk[RAW(fast)]:1024: look again"
    )


def test_a_message_about_many_resources_stays_short() -> None:
    wanted = Resources(Resource("cpus", Scalar(1), (Reservation(f"r{n}"),)) for n in range(1000))
    with pytest.raises(NotContained) as refusal:
        Resources().apply(Conversion(wanted, Resources()))
    assert "995 more" in str(refusal.value) and len(str(refusal.value)) < 500


def test_how_a_disk_is_used_does_not_make_it_another_disk() -> None:
    used = VOLUME.with_disk(replace(MOUNT, volume=VolumeMount("/data", read_only=True)))
    assert Resources([VOLUME]).contains(Resources([used]))
    assert not Resources([VOLUME]).described_alike(Resources([used]))


def test_a_scheduler_that_knows_no_capacity_groups_can_return_what_it_was_offered() -> None:
    source = DiskSource(SourceType.RAW, profile="fast", capacity_group="g", cost_milli=3000)
    totals = Resources([POOL.with_disk(Disk(source))])
    reserved = POOL.with_value(Scalar.of(24)).push_reservation(Reservation("default"))
    after = totals.apply(Conversion(Resources([reserved.pop_reservation()]), Resources([reserved])))
    sources = [resource.disk.source for resource in after if resource.disk is not None]
    assert len(sources) == 2
    assert all(found and (found.capacity_group, found.cost_milli) == ("g", 3000) for found in sources)


def test_labels_and_metadata_are_equal_in_any_order() -> None:
    assert Reservation("a", labels=(("x", None), ("b", "1"))) == Reservation(
        "a", labels=(("b", "1"), ("x", None))
    )
    left = DiskSource(SourceType.RAW, id="d", metadata=(("x", "1"), ("a", "2")))
    right = DiskSource(SourceType.RAW, id="d", metadata=(("a", "2"), ("x", "1")))
    assert left == right and hash(left) == hash(right)


def test_a_collection_never_changes_under_its_holder() -> None:
    have = Resources([scalar("cpus", 1000)])
    _ = have + Resources([scalar("cpus", 1000)]), have - Resources([scalar("cpus", 500)])
    assert str(have) == "cpus:1"
    with pytest.raises(TypeError):
        have.quantities()["cpus"] = 7  # type: ignore[index]


def test_amounts_of_one_name_add_up_over_roles_and_disks() -> None:
    have = Resources([POOL, VOLUME, Resource("disk", Scalar(500))])
    assert have.scalar_milli("disk") == 2048500 and have.scalar_milli("gpus") == 0


@pytest.mark.parametrize("bounds", [(3, 1), (-1, 2), (0, 2**64)])
def test_impossible_ranges_are_refused(bounds: tuple[int, int]) -> None:
    with pytest.raises(InvalidQuantity, match="is not a range"):
        Ranges((bounds,))


def test_negative_amounts_are_refused() -> None:
    with pytest.raises(InvalidQuantity, match=r"^-1\.5 is negative"):
        scalar("cpus", -1500)


RAW = Disk(DiskSource(SourceType.RAW, profile="fast"), Persistence("x"))
INVALID = [
    (scalar("", 1), "not a resource name"),
    (scalar("a\nb", 1), "not a resource name"),
    (scalar("cpus", 0), "cpus:0 is empty"),
    (Resource("ports", Ranges()), "empty"),
    (Resource("cpus", Scalar(1), (Reservation("-a"),)), "starts with '-'"),
    (Resource("cpus", Scalar(1), (Reservation("*"),)), "leave the reservation out"),
    (Resource("cpus", Scalar(1), (Reservation("a"), Reservation("b"))), "choose a role below 'a'"),
    (Resource("cpus", Scalar(1), (Reservation("a"), Reservation("a/b", dynamic=False))), "make it dynamic"),
    (Resource("cpus", Scalar(1), DEFAULT, revocable=True), "revocable"),
    (Resource("cpus", Scalar(1), allocated_to="a//b"), "empty component"),
    (Resource("cpus", Scalar(1), disk=MOUNT), "only an amount called 'disk'"),
    (Resource("cpus", Scalar(1), shared=True), "only those can be shared"),
    (replace(VOLUME, reservations=()), "reserve it for a role first"),
    (VOLUME.with_disk(RAW), "CREATE_DISK first"),
    (VOLUME.with_disk(replace(MOUNT, persistence=Persistence("../x"))), "cannot name a volume"),
    (VOLUME.with_disk(replace(MOUNT, persistence=Persistence(""))), "is empty"),
    (VOLUME.with_disk(replace(MOUNT, persistence=Persistence("x" * 256))), "shorten it"),
    (VOLUME.with_disk(replace(MOUNT, volume=VolumeMount("/d", host_path="/h"))), "host_path"),
    (POOL.with_disk(Disk(POOL_SOURCE, None, VolumeMount("/d"))), "no container can use it"),
    (scalar("disk", 1000).with_disk(Disk(None, None, VolumeMount("/d"))), "no container can use it"),
]


@pytest.mark.parametrize(("resource", "advice"), INVALID)
def test_an_invalid_resource_is_refused_with_advice(resource: Resource, advice: str) -> None:
    with pytest.raises(InvalidResource) as refusal:
        validate_resource(resource)
    assert advice in str(refusal.value)


def test_good_resources_are_accepted() -> None:
    refined = VOLUME.push_reservation(Reservation("default/web"))
    block = VOLUME.with_disk(Disk(DiskSource(SourceType.BLOCK, id="b"), Persistence("raw data")))
    shared = replace(VOLUME, shared=True).with_disk(replace(MOUNT, persistence=Persistence("s")))
    scratch = POOL.with_disk(Disk(MOUNT.source, None, VolumeMount("/scratch")))
    validate_resources([POOL, VOLUME, refined, block, shared, shared, scratch])


def test_a_persistence_id_is_used_once_within_a_role() -> None:
    other = VOLUME.with_disk(Disk(DiskSource(SourceType.MOUNT, id="other"), Persistence("name")))
    with pytest.raises(InvalidResource, match="'name' is used twice in role 'default'"):
        validate_resources([VOLUME, other])
    validate_resources([VOLUME, replace(other, reservations=(Reservation("eng"),))])


def test_a_total_counts_one_collection_as_often_as_it_is_there() -> None:
    one = Resources([scalar("cpus", 500), POOL])
    assert Resources.total([one, one, one]) == one + one + one == Resources([*one, *one, *one])
