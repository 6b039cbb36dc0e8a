"""Which devices rules admit. Expected from the words of docs/devices.md, not from the code."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.local_storage.device import Contents, Device, Kind
from provider.local_storage.device_rules import Answer, Rule, Use, before_opening, means, rule_for, verdict
from tests.devices.values import ANY_DISK, EMPTY, EXT4, GIB, carrying, disk, loop


def answer(device: Device, *rules: Rule, busy: str = "", contents: Contents | None = EMPTY) -> Answer:
    return verdict(device, rules, busy, contents).answer


def why(device: Device, *rules: Rule, busy: str = "", contents: Contents | None = EMPTY) -> str:
    return verdict(device, rules, busy, contents).why


def test_without_rules_nothing_is_used() -> None:
    assert answer(disk()) is Answer.UNUSED


def test_an_empty_disk_that_a_rule_means_is_admitted() -> None:
    assert answer(disk(), ANY_DISK) is Answer.ADMITTED


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        (EXT4, "ext4"),
        (Contents(what="a partition table (gpt)", signature=True), "gpt"),
        (Contents(what="a signature", signature=True), "signature"),
        (Contents(what="data of a kind that is not known"), "not known"),
        (carrying("p1"), "pool"),
        (Contents(busy="a RAID"), "RAID"),
        (Contents(unreadable="EIO"), "EIO"),
        (None, "not looked at"),
    ],
)
def test_a_disk_that_carries_anything_or_cannot_be_read_is_refused_with_what_was_found(
    contents: Contents | None, said: str
) -> None:
    assert answer(disk(), ANY_DISK, contents=contents) is Answer.REFUSED
    assert said in why(disk(), ANY_DISK, contents=contents)


@pytest.mark.parametrize(
    ("device", "busy"),
    [
        (disk(), "mounted at /"),
        (disk(), "it is swap"),
        (disk(holders=("dm-0",)), ""),
        (disk(parts=("sda1",)), ""),
        (disk(read_only=True), ""),
        (disk(size=2**20), ""),
        (disk(kind=Kind.OTHER), ""),
        (loop(7, volume=True), ""),
        (loop(7, leaving=True), ""),
    ],
)
@pytest.mark.parametrize("contents", [EMPTY, EXT4])
def test_what_is_in_use_is_never_used_whatever_a_rule_says(
    device: Device, busy: str, contents: Contents
) -> None:
    rule = Rule("all", kinds=frozenset(Kind), even_if_not_empty=(device.identity,))
    assert answer(device, rule, busy=busy, contents=contents) is Answer.REFUSED
    assert before_opening(device, rule, busy), "it is not even opened"


def test_a_disk_that_is_not_empty_is_admitted_when_it_is_named_and_only_it() -> None:
    rule = Rule("any", even_if_not_empty=("wwn:sda",))
    found = verdict(disk("sda"), [rule], "", EXT4)
    assert (found.answer, found.destroys) == (Answer.ADMITTED, True)
    assert answer(disk("sdb"), rule, contents=EXT4) is Answer.REFUSED


def test_a_pool_that_is_not_known_is_destroyed_by_no_rule() -> None:
    rule = Rule("any", even_if_not_empty=("wwn:sda",))
    assert answer(disk("sda"), rule, contents=carrying("p1")) is Answer.REFUSED


def test_a_name_that_another_disk_may_have_tomorrow_destroys_nothing() -> None:
    rule = Rule("any", even_if_not_empty=("/dev/sda",))
    assert answer(disk("sda"), rule, contents=EXT4) is Answer.REFUSED


def test_a_link_by_id_names_a_disk() -> None:
    link = "/dev/disk/by-id/ata-X"
    rule = Rule("any", even_if_not_empty=(link,))
    assert answer(disk(links=(link,)), rule, contents=EXT4) is Answer.ADMITTED


def test_a_device_without_an_identity_is_named_by_none() -> None:
    rule = Rule("any", even_if_not_empty=("",))
    assert answer(disk(identity=""), rule, contents=EXT4) is Answer.REFUSED


def test_loop_devices_and_partitions_have_to_be_asked_for() -> None:
    assert answer(loop(1), ANY_DISK) is Answer.UNUSED
    assert answer(disk("sda", kind=Kind.PARTITION), ANY_DISK) is Answer.UNUSED


LOOPS = frozenset({Kind.LOOP})


@pytest.mark.parametrize(
    ("pattern", "is_meant"),
    [
        ("/dev/loop7", True),
        ("/dev/loop*", False),
        ("/dev/*", False),
        ("*", True),  # the file behind it
        ("/srv/disks/*.img", True),
        ("/srv/other/*.img", False),
    ],
)
def test_a_loop_device_is_meant_by_its_name_to_the_letter_or_by_its_file(
    pattern: str, is_meant: bool
) -> None:
    assert means(Rule("loops", kinds=LOOPS, paths=(pattern,)), loop(7)) is is_meant


@pytest.mark.parametrize(
    ("rule", "is_meant"),
    [
        (Rule("r", paths=("/dev/sd?",)), True),
        (Rule("r", paths=("/dev/nvme*", "/dev/disk/by-id/ata-*")), True),
        (Rule("r", paths=("/dev/nvme*",)), False),
        (Rule("r", model="WDC*"), True),
        (Rule("r", model="ST*"), False),
        (Rule("r", min_size=100 * GIB), True),
        (Rule("r", min_size=100 * GIB + 1), False),
        (Rule("r", max_size=100 * GIB), True),
        (Rule("r", max_size=100 * GIB - 1), False),
        (Rule("r", rotational=True), True),
        (Rule("r", rotational=False), False),
        (Rule("r", identities=("wwn:*",)), True),
        (Rule("r", identities=("serial:*",)), False),
        (Rule("r", paths=("/dev/sda",), model="ST*"), False),
    ],
)
def test_a_rule_means_what_all_of_it_is_true_of(rule: Rule, is_meant: bool) -> None:
    device = disk(model="WDC WD40", rotational=True, links=("/dev/disk/by-id/ata-1",))
    assert means(rule, device) is is_meant


def test_the_first_rule_that_means_a_device_decides() -> None:
    never, some = Rule("never", Use.NEVER, paths=("/dev/sda",)), Rule("some", paths=("/dev/sd*",))
    assert answer(disk("sda"), never, some) is Answer.UNUSED
    assert answer(disk("sda"), some, never) is Answer.ADMITTED
    assert rule_for(disk("sdb"), [never, some]) is some


RULES = st.builds(
    Rule,
    name=st.sampled_from("abc"),
    use=st.sampled_from(Use),
    paths=st.sampled_from([(), ("*",), ("/dev/sd*",), ("/dev/loop1",)]),
    min_size=st.sampled_from([0, GIB, 200 * GIB]),
    kinds=st.frozensets(st.sampled_from(Kind)),
    even_if_not_empty=st.sampled_from([(), ("wwn:sda",), ("file:fe00-1", "wwn:sdb")]),
)
DEVICES = st.builds(
    replace,
    st.sampled_from([disk("sda"), disk("sdb"), loop(1), loop(2)]),
    read_only=st.booleans(),
    parts=st.sampled_from([(), ("sda1",)]),
    holders=st.sampled_from([(), ("md0",)]),
    volume=st.booleans(),
    leaving=st.booleans(),
)
CONTENTS = st.one_of(
    st.none(), st.builds(Contents, st.sampled_from(["", "ext4"]), st.booleans(), st.sampled_from(["", "p"]))
)


@given(DEVICES, st.lists(RULES, max_size=4), st.sampled_from(["", "mounted at /"]), CONTENTS)
def test_nothing_is_ever_admitted_that_carries_or_serves_anything_unless_it_is_named(
    device: Device, rules: list[Rule], busy: str, contents: Contents | None
) -> None:
    found = verdict(device, rules, busy, contents)
    if found.answer is not Answer.ADMITTED:
        return
    assert contents is not None and found.rule is not None
    assert not (busy or device.parts or device.holders or device.read_only or device.volume)
    assert found.rule.use is Use.POOL and means(found.rule, device)
    if contents.what or contents.busy or contents.unreadable:
        assert device.identity in found.rule.even_if_not_empty


def test_a_rule_means_the_same_in_whatever_order_the_patterns_are_written() -> None:
    patterns = ("/dev/nvme*", "/dev/sda", "/x/*")
    assert {means(Rule("r", paths=each), disk("sda")) for each in permutations(patterns)} == {True}
