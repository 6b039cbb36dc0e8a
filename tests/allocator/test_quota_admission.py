"""Whether quota may be set: each rule by the smallest case that breaks it, and what its refusal says."""

from __future__ import annotations

import pytest

from api.model.disk import Disk, DiskSource, SourceType
from api.model.resource import Resource
from api.model.values import Ranges, Scalar
from orchestrator.allocator.quota import (
    MAX_CPUS,
    MAX_MB,
    MAX_NAMES,
    MAX_NAMES_IN_ALL,
    Quota,
    amount_text,
    disk_of_profile,
    profile_of,
    quantities,
    refusals,
)

GIB = 1024 * 1000
CAPACITY = {"cpus": 10_000, "mem": 8 * GIB, "disk": 100 * GIB, "disk[profile=fast]": 50 * GIB}


def guarantee(**amounts: int) -> Quota:
    return Quota(guarantees=amounts)


def limit(**amounts: int) -> Quota:
    return Quota(limits=amounts)


def asked(
    wanted: dict[str, Quota],
    *,
    present: dict[str, Quota] | None = None,
    consumed: dict[str, dict[str, int]] | None = None,
    force: bool = False,
) -> list[str]:
    return refusals(present or {}, wanted, CAPACITY, consumed or {}, force)


def test_quota_within_what_there_is_is_taken() -> None:
    assert asked({"eng": Quota({"cpus": 10_000}, {"cpus": 10_000, "gpus": 0})}) == []
    assert asked({"eng": Quota()}) == []


def test_guarantees_of_all_roles_are_together_within_the_cluster() -> None:
    present = {"ops": guarantee(cpus=4000)}
    assert asked({"eng": guarantee(cpus=6000)}, present=present) == []
    (line,) = asked({"eng": guarantee(cpus=6500)}, present=present)
    assert "10.5 in all" in line and "4 of them of other roles" in line and "the cluster has 10" in line
    assert "guarantee 0.5 less" in line
    assert asked({"eng": guarantee(cpus=6500)}, present=present, force=True) == []


def test_roles_are_judged_together_and_a_changed_role_counts_once() -> None:
    assert asked({"a": guarantee(cpus=5001), "b": guarantee(cpus=5000)})
    assert asked({"a": guarantee(cpus=6000)}, present={"a": guarantee(cpus=9000)}) == []


def test_a_name_that_the_cluster_does_not_have_cannot_be_guaranteed_but_limited() -> None:
    assert "the cluster has 0" in asked({"eng": guarantee(gpus=1000)})[0]
    assert asked({"eng": limit(gpus=1000)}) == []


def test_too_much_that_was_promised_can_be_lowered_in_steps() -> None:
    present = {"a": guarantee(cpus=30_000), "b": guarantee(mem=GIB)}
    assert asked({"a": guarantee(cpus=20_000)}, present=present) == []
    assert asked({"b": Quota()}, present=present) == []
    assert asked({"b": guarantee(cpus=1)}, present=present)


def test_a_guarantee_is_within_its_limit_even_by_force() -> None:
    (line,) = asked({"eng": Quota({"mem": 2 * GIB}, {"mem": GIB})}, force=True)
    assert "guarantee of mem (2GiB) is above its limit (1GiB)" in line


def test_a_limit_is_not_below_what_the_role_has_unless_forced() -> None:
    consumed = {"eng/db": {"disk": 3 * GIB}}
    (line,) = asked({"eng/db": limit(disk=2 * GIB)}, consumed=consumed)
    assert "has 3GiB of disk already" in line and "free 1GiB" in line and "--force" in line
    assert asked({"eng/db": limit(disk=2 * GIB)}, consumed=consumed, force=True) == []
    assert asked({"eng/db": limit(disk=3 * GIB)}, consumed=consumed) == []
    raised = {"eng/db": limit(disk=2 * GIB)}
    assert (
        asked({"eng/db": limit(disk=2 * GIB)}, consumed=consumed, present={"eng/db": limit(disk=GIB)}) == []
    )
    assert asked({"eng/db": limit(disk=GIB)}, consumed=consumed, present=raised)


def test_limits_are_for_every_level_and_guarantees_for_the_top() -> None:
    assert asked({"eng/db": limit(cpus=99_000_000)}, present={"eng": limit(cpus=1000)}) == []
    (line,) = asked({"eng/db/x": guarantee(cpus=1000)}, force=True)
    assert "only roles at the top can" in line and "'eng'" in line
    assert asked({"eng/db": guarantee(cpus=0)}) == []


@pytest.mark.parametrize("role", ["*", "", "/eng", "eng/", "a//b", "a b", "-a", "a/.", "x" * 600])
def test_a_bad_role_is_refused_even_by_force(role: str) -> None:
    lines = asked({role: limit(cpus=1000)}, force=True)
    assert len(lines) == 1 and "\n" not in lines[0]


@pytest.mark.parametrize(
    "name",
    ["", "disk[profile=]", "disk[profile=a", "mem[profile=a]", "disk[size=1]", "a b", "ports", "x" * 300],
)
def test_a_name_that_cannot_be_counted_is_refused(name: str) -> None:
    assert len(asked({"eng": Quota(limits={name: 1000})}, force=True)) == 1


def test_disk_can_be_guaranteed_and_limited_by_profile() -> None:
    fast = disk_of_profile("fast")
    assert asked({"eng": limit(**{disk_of_profile("very fast, [a]=b"): 1})}) == []
    assert profile_of(fast) == "fast" and profile_of("disk") is None
    assert asked({"eng": Quota({fast: 50 * GIB}, {fast: 60 * GIB})}) == []
    assert "disk[profile=fast] would be 51GiB" in asked({"eng": Quota({fast: 51 * GIB})})[0]


@pytest.mark.parametrize(
    ("name", "most"), [("cpus", MAX_CPUS), ("mem", MAX_MB), ("disk", MAX_MB), ("disk[profile=a]", MAX_MB)]
)
def test_amounts_are_bounded(name: str, most: int) -> None:
    assert asked({"eng": Quota(limits={name: most * 1000})}) == []
    assert "largest" in asked({"eng": Quota(limits={name: most * 1000 + 1})})[0]
    assert "below zero" in asked({"eng": Quota(limits={name: -1})})[0]


def test_names_of_a_role_are_bounded() -> None:
    many = {f"x{number}": 1 for number in range(MAX_NAMES + 1)}
    (line,) = asked({"eng": Quota(limits=many)}, force=True)
    assert f"at most {MAX_NAMES}" in line


def test_names_of_all_roles_together_are_bounded() -> None:
    """Each that is named anywhere is counted for every role."""
    roles = MAX_NAMES_IN_ALL // MAX_NAMES + 1
    many = {
        f"r{role}": Quota(limits={f"x{role}-{number}": 1 for number in range(MAX_NAMES)})
        for role in range(roles)
    }
    (line,) = asked(many, force=True)
    assert f"would have {roles * MAX_NAMES} different names, of which at most {MAX_NAMES_IN_ALL}" in line
    last = many.popitem()
    assert asked(many) == [] and asked({last[0]: limit(cpus=1)}, present=many) == []
    assert asked(dict([last]), present=many) != []
    assert asked({"r0": Quota()}, present={**many, last[0]: last[1]}) == [], "fewer than before"


def test_all_that_is_wrong_is_told() -> None:
    lines = asked({"a/b": guarantee(cpus=1), "c": Quota({"mem": 2}, {"mem": 1})})
    assert len(lines) == 2 and "a/b" in lines[0] and "'c'" in lines[1]


def test_amounts_are_told_in_the_units_of_their_names() -> None:
    assert amount_text("cpus", 2500) == "2.5"
    assert amount_text("mem", 4 * GIB) == "4GiB"
    assert amount_text(disk_of_profile("fast"), 512_000) == "512MiB"
    assert amount_text("disk", 1000_000) == "1000MiB", "not rounded: it may be typed back"
    assert amount_text("disk", 1) == "0.001MiB" and amount_text("disk", 0) == "0MiB"
    assert amount_text("disk", 1024**2 * GIB) == "1PiB"


def test_pools_count_at_their_cost_and_by_profile() -> None:
    source = DiskSource(SourceType.RAW, profile="fast", capacity_group="all", cost_milli=1500)
    pool = Resource("disk", Scalar(100_000), disk=Disk(source), provider_id="p")
    made = Resource("disk", Scalar(7000), disk=Disk(DiskSource(SourceType.MOUNT, id="d", profile="fast")))
    assert quantities([pool]) == {"disk": 150_000, "disk[profile=fast]": 100_000}
    assert quantities([pool, made]) == {"disk": 157_000, "disk[profile=fast]": 107_000}


def test_what_is_revocable_or_no_amount_does_not_count() -> None:
    cpus = Resource("cpus", Scalar(1000))
    spare = Resource("cpus", Scalar(5000), revocable=True)
    ports = Resource("ports", Ranges(((1, 9),)))
    assert quantities([cpus, spare, ports, Resource("disk", Scalar(3))]) == {"cpus": 1000, "disk": 3}
