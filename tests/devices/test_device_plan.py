"""What follows from the devices that there are: who is known again, what comes and goes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.devices.plan import (
    UNFINISHED_SECONDS,
    Action,
    Admit,
    Attach,
    Detach,
    Forget,
    Row,
    State,
    plan,
    to_be_opened,
)
from agent.devices.record import PoolRecord
from provider.local_storage.device import Contents, Device, Kind
from provider.local_storage.device_rules import Rule, Use
from tests.devices.values import ANY_DISK, EMPTY, EXT4, carrying, disk, known, pool, row_of, seen

RULES = [ANY_DISK]
P1 = pool("p1")


def test_a_new_empty_disk_becomes_a_pool() -> None:
    found = plan([seen(disk())], RULES, known())
    assert found.actions == (Admit(disk(), ANY_DISK, destroys=False),)


def test_a_pool_is_known_again_under_another_name_and_on_another_bus() -> None:
    elsewhere = disk("sdq", identity="serial:USB")
    found = plan([seen(elsewhere, carrying("p1"))], RULES, known(P1))
    assert found.actions == (Attach(P1, elsewhere),)


def test_a_pool_is_known_again_when_no_rule_means_the_name_that_it_has_now() -> None:
    rules = [Rule("bay", paths=("/dev/sda",))]
    moved = disk("sdq", identity="wwn:sda")
    assert to_be_opened(moved, "", rules, known(P1)), "by its own identity"
    found = plan([seen(moved, carrying("p1"))], rules, known(P1))
    assert found.actions == (Attach(P1, moved),)


def test_a_pool_that_nobody_knows_is_offered_to_nobody() -> None:
    found = plan([seen(disk(), carrying("stranger"))], RULES, known())
    assert found.actions == ()
    assert row_of(found, disk()).state is State.REFUSED


def test_a_disk_that_was_pulled_out_takes_its_pool_away() -> None:
    found = plan([], RULES, known(P1, in_use={"p1": disk()}))
    (gone,) = found.actions
    assert isinstance(gone, Detach) and gone.record == P1
    assert "not attached" in gone.why
    assert [row.state for row in found.rows] == [State.ABSENT]


def test_another_disk_under_the_name_of_one_that_was_pulled_out_is_another_disk() -> None:
    other = disk("sda", sequence="later", identity="wwn:other")
    found = plan([seen(other, EXT4)], RULES, known(P1, in_use={"p1": disk("sda")}))
    assert [type(each) for each in found.actions] == [Detach]
    assert row_of(found, other).state is State.REFUSED


def test_a_disk_that_is_used_is_left_alone_and_not_opened() -> None:
    using = known(P1, in_use={"p1": disk()})
    assert not to_be_opened(disk(), "mounted at /pool", RULES, using)
    found = plan([seen(disk(), None, "mounted at /pool")], RULES, using)
    assert found.actions == ()
    assert row_of(found, disk()).state is State.USED


def test_a_copy_of_a_pool_in_use_is_refused_and_so_are_two_of_one_that_is_not() -> None:
    using = known(P1, in_use={"p1": disk("sda")})
    found = plan([seen(disk("sda"), None), seen(disk("sdb"), carrying("p1"))], RULES, using)
    assert found.actions == ()
    assert "/dev/sda" in row_of(found, disk("sdb")).why
    both = [seen(disk("sda"), carrying("p1")), seen(disk("sdb"), carrying("p1"))]
    twice = plan(both, RULES, known(P1))
    assert twice.actions == ()
    assert {row.state for row in twice.rows} == {State.REFUSED}


def test_a_pool_whose_disk_is_not_there_is_shown_with_what_to_do() -> None:
    (row,) = plan([], RULES, known(P1)).rows
    assert (row.state, row.record) == (State.ABSENT, P1)
    assert "/dev/sda" in row.why and "orlop providers gone" in row.why


def test_a_pool_that_was_given_up_is_not_used_again_until_it_is_emptied() -> None:
    given_up = known(P1, given_up={"any_p1"})
    found = plan([seen(disk(), carrying("p1"))], RULES, given_up)
    assert found.actions == ()
    assert "given up" in row_of(found, disk()).why
    assert plan([seen(disk(), EMPTY)], RULES, given_up).actions == (Admit(disk(), ANY_DISK, destroys=False),)
    assert plan([], RULES, given_up).rows == ()


def test_a_format_that_was_interrupted_goes_on_with_the_same_disk() -> None:
    begun = pool("p1", prepared=False)
    half = Contents(what="data of a kind that is not known")
    assert plan([seen(disk(), half)], RULES, known(begun)).actions == (Attach(begun, disk()),)
    assert plan([seen(disk(), EMPTY)], RULES, known(begun)).actions == (Attach(begun, disk()),)
    another = disk("sdb")
    assert plan([seen(another, half)], RULES, known(begun)).actions == ()


def test_a_disk_that_got_a_filesystem_since_its_format_was_interrupted_is_left_alone() -> None:
    begun = pool("p1", prepared=False)
    found = plan([seen(disk(), EXT4)], RULES, known(begun))
    assert found.actions == (Forget(begun, "disk /dev/sda holds ext4 now"),)
    assert [row.state for row in found.rows] == [State.REFUSED], "the pool that never was is shown no more"


def test_a_pool_that_was_begun_and_whose_disk_is_away_is_forgotten_after_some_days() -> None:
    begun = pool("p1", prepared=False, admitted_at=1_000.0)
    ((row,), actions) = _waiting(begun, 1_000.0 + UNFINISHED_SECONDS)
    assert row.state is State.ABSENT and "7 days" in row.why and "providers gone" not in row.why
    assert actions == ()
    rows, (action,) = _waiting(begun, 1_001.0 + UNFINISHED_SECONDS)
    assert isinstance(action, Forget) and rows == ()
    (_, actions) = _waiting(replace(begun, prepared=True), 1e12)
    assert actions == (), "one that was made may hold data wherever it is"


def _waiting(record: PoolRecord, now: float) -> tuple[tuple[Row, ...], tuple[Action, ...]]:
    found = plan([seen(disk("sdb"), EXT4)], (), known(record, now=now))
    return tuple(row for row in found.rows if row.sight is None), found.actions


def test_an_agent_that_has_left_takes_no_disk_up_any_more() -> None:
    gone = "agent a was removed for good"
    known_one = seen(disk("sdb"), carrying("p1"))
    found = plan([seen(disk(), EMPTY), known_one], RULES, known(pool("p1"), left=gone))
    assert found.actions == ()
    assert [(row.state, row.why) for row in found.rows] == [(State.UNUSED, gone)] * 2


def test_while_something_is_done_with_a_disk_nobody_opens_it_and_nothing_else_is_begun() -> None:
    making = known(pool("p1", prepared=False), hands_on={"/dev/sda": "p1"})
    assert not to_be_opened(disk(), "", RULES, making)
    found = plan([seen(disk(), None)], RULES, making)
    assert found.actions == ()
    assert [row.state for row in found.rows] == [State.STARTING]


def test_a_known_pool_is_not_used_where_a_rule_says_never_or_somebody_has_it() -> None:
    never = [Rule("no", Use.NEVER)]
    assert plan([seen(disk(), carrying("p1"))], never, known(P1)).actions == ()
    assert plan([seen(disk(), carrying("p1"), "mounted at /mnt")], RULES, known(P1)).actions == ()
    assert plan([seen(disk(read_only=True), carrying("p1"))], RULES, known(P1)).actions == ()


def test_a_device_that_is_to_be_detached_as_soon_as_it_is_free_is_set_free() -> None:
    using = known(P1, in_use={"p1": disk()})
    (gone,) = plan([seen(disk(leaving=True), None)], RULES, using).actions
    assert isinstance(gone, Detach) and "being detached" in gone.why
    assert plan([seen(disk(leaving=True), carrying("p1"))], RULES, known(P1)).actions == ()


def test_nothing_is_opened_that_no_rule_means() -> None:
    assert not to_be_opened(disk(), "", [], known())
    assert not to_be_opened(disk(), "mounted at /", RULES, known())
    assert to_be_opened(disk(), "", RULES, known())


def test_contents_are_destroyed_once_and_not_again_when_the_disk_was_used_otherwise_since() -> None:
    rule = Rule("any", even_if_not_empty=("wwn:sda",))
    assert plan([seen(disk(), EXT4)], [rule], known()).actions == (Admit(disk(), rule, destroys=True),)
    found = plan([seen(disk(), EXT4)], [rule], known(P1))
    assert found.actions == ()
    assert "second time" in row_of(found, disk()).why


def test_what_is_attached_twice_is_used_by_neither_way() -> None:
    twice = [seen(disk("sda")), seen(disk("sdb", identity="wwn:sda"))]
    found = plan(twice, RULES, known())
    assert found.actions == ()
    assert "/dev/sdb" in row_of(found, disk("sda")).why


def test_a_format_that_was_not_finished_is_begun_again_only_while_a_rule_means_the_disk() -> None:
    begun = pool("p1", prepared=False)
    remains = Contents(what="data of a kind that is not known")
    assert plan([seen(disk(), remains)], RULES, known(begun)).actions == (Attach(begun, disk()),)
    without = plan([seen(disk(), remains)], [], known(begun))
    assert without.actions == ()
    assert "no rule is for it any more" in row_of(without, disk()).why
    finished = plan([seen(disk(), carrying("p1"))], [], known(begun))
    assert finished.actions == (Attach(begun, disk()),), "there is nothing left to format"


def test_a_format_that_was_not_finished_does_not_go_on_on_a_disk_of_another_size() -> None:
    begun = pool("p1", prepared=False)
    other = disk(size=1 + begun.size)
    found = plan([seen(other, Contents(what="data of a kind that is not known"))], RULES, known(begun))
    assert found.actions == ()
    assert row_of(found, other).state is State.REFUSED


WHOLE = [Rule("raw", Use.DISK)]
W1 = pool("w1", use="disk", rule="raw", provider="raw_w1")


def test_a_disk_that_is_offered_whole_is_known_by_its_identity_whatever_is_on_it_and_not_opened() -> None:
    (admit,) = plan([seen(disk(), EMPTY)], WHOLE, known()).actions
    assert isinstance(admit, Admit) and admit.rule.use is Use.DISK
    there = disk("sdc", identity="wwn:sda")
    assert not to_be_opened(there, "", WHOLE, known(W1))
    assert plan([seen(there, None)], WHOLE, known(W1)).actions == (Attach(W1, there),)
    assert plan([seen(there, None)], (), known(W1)).actions == (Attach(W1, there),)
    (row,) = plan([], WHOLE, known(W1)).rows
    assert row.state is State.ABSENT and "the disk wwn:sda is not attached" in row.why


def test_a_disk_without_an_identity_is_not_offered_whole() -> None:
    found = plan([seen(disk(identity=""), EMPTY)], WHOLE, known())
    assert found.actions == () and "no identity" in found.rows[0].why


def test_a_disk_that_carries_something_is_offered_whole_only_when_it_is_named() -> None:
    found = plan([seen(disk(), EXT4)], WHOLE, known())
    assert found.actions == () and "which offers it to tasks" in found.rows[0].why
    named = [Rule("raw", Use.DISK, even_if_not_empty=("wwn:sda",))]
    assert [type(each) for each in plan([seen(disk(), EXT4)], named, known()).actions] == [Admit]


def test_a_disk_that_was_offered_whole_and_given_up_is_judged_anew_and_given_away_only_empty() -> None:
    gone = known(W1, given_up={"raw_w1"})
    named = [Rule("raw", Use.DISK, even_if_not_empty=("wwn:sda",))]
    assert to_be_opened(disk(), "", WHOLE, gone)
    assert plan([seen(disk(), EXT4)], named, gone).actions == ()
    assert [type(each) for each in plan([seen(disk(), EMPTY)], named, gone).actions] == [Admit]


def test_two_disks_with_one_identity_are_offered_by_neither_way() -> None:
    twins = [seen(disk(), None), seen(disk("sdb", identity="wwn:sda"), None)]
    found = plan(twins, WHOLE, known(W1))
    assert found.actions == () and {row.state for row in found.rows} == {State.REFUSED}


def test_a_partition_that_users_made_on_a_disk_that_is_offered_whole_is_theirs() -> None:
    there = disk(parts=("sda1",))
    part = Device("/dev/sda1", (8, 1), Kind.PARTITION, 50 * 2**30, identity="partuuid:1", disk="wwn:sda")
    rules = [*WHOLE, Rule("parts", kinds=frozenset({Kind.PARTITION}))]
    assert not to_be_opened(part, "", rules, known(W1, in_use={"w1": there}))
    found = plan([seen(there, None), seen(part, EMPTY)], rules, known(W1, in_use={"w1": there}))
    assert found.actions == () and "offered whole" in row_of(found, part).why
    gone = plan([seen(part, EMPTY)], rules, known(W1, given_up={"raw_w1"}))
    assert [type(each) for each in gone.actions] == [Admit]


def test_a_smaller_disk_is_not_the_one_that_was_offered_whole_whatever_it_says_of_itself() -> None:
    smaller, grown = disk(size=W1.size - 512), disk(size=W1.size + 512)
    found = plan([seen(smaller, None)], WHOLE, known(W1))
    assert found.actions == () and "another one" in row_of(found, smaller).why
    assert plan([seen(grown, None)], WHOLE, known(W1)).actions == (Attach(W1, grown),)


def partition(name: str, **others: Any) -> Device:
    """The first partition of the disk wwn:sda, which is attached as that."""
    number = (8, 16 * (ord(name[2]) - ord("a")) + 1)
    path, identity = f"/dev/{name}1", "partuuid:1"
    return Device(path, number, Kind.PARTITION, 50 * 2**30, identity=identity, disk="wwn:sda", **others)


def test_a_disk_that_is_offered_whole_comes_back_under_another_name_with_the_partitions_its_users_made() -> (
    None
):
    there = disk("sdc", identity="wwn:sda", parts=("sdc1",))
    for rules in (WHOLE, ()):
        found = plan([seen(there, None), seen(partition("sdc"), None)], rules, known(W1))
        assert found.actions == (Attach(W1, there),)
        assert row_of(found, partition("sdc")).state is State.REFUSED, "the partition is theirs, too"


def test_a_disk_that_is_offered_whole_is_not_taken_from_a_host_that_has_one_of_its_partitions() -> None:
    there = disk("sdc", identity="wwn:sda", parts=("sdc1",))
    mounted = seen(partition("sdc"), None, busy="mounted at /media/usb")
    found = plan([seen(there, None), mounted], WHOLE, known(W1))
    assert found.actions == ()
    assert "/dev/sdc1, mounted at /media/usb" in row_of(found, there).why
    held = partition("sdc", holders=("md0",))
    found = plan([seen(there, None), seen(held, None)], WHOLE, known(W1))
    assert found.actions == () and "md0 is made of it" in row_of(found, there).why


def test_a_larger_disk_with_partitions_is_not_the_one_that_was_offered_whole_unless_a_rule_names_it() -> None:
    there = replace(disk("sdc", identity="wwn:sda", parts=("sdc1",)), size=W1.size + 2**30)
    sights = [seen(there, None), seen(partition("sdc"), None)]
    found = plan(sights, WHOLE, known(W1))
    assert found.actions == ()
    assert "even_if_not_empty = ['wwn:sda']" in row_of(found, there).why
    named = [replace(WHOLE[0], even_if_not_empty=("wwn:sda",))]
    assert plan(sights, named, known(W1)).actions == (Attach(W1, there),)
    smaller = replace(there, size=W1.size - 2**20)
    assert plan([seen(smaller, None)], named, known(W1)).actions == ()


def test_a_disk_in_use_whose_provider_does_not_run_is_taken_up_again() -> None:
    there = disk("sda")
    stands = known(W1, in_use={W1.pool_id: there})
    assert plan([seen(there, None)], WHOLE, stands).actions == ()
    unserved = replace(stands, unserved={W1.pool_id})
    found = plan([seen(there, None)], WHOLE, unserved)
    assert (found.actions, row_of(found, there).state) == ((Attach(W1, there),), State.USED)
    assert plan([seen(there, None)], WHOLE, replace(unserved, left="this agent stops")).actions == ()


def test_a_disk_with_partitions_that_is_nobodys_yet_is_never_offered_whole() -> None:
    there = disk("sdc", parts=("sdc1",))
    for rules in (WHOLE, [Rule("raw", Use.DISK, even_if_not_empty=("wwn:sdb",))]):
        found = plan([seen(there, None), seen(partition("sdc"), None)], rules, known(W1))
        assert found.actions == () and "partition table" in row_of(found, there).why


def test_a_pool_whose_disk_carries_partitions_now_is_left_alone() -> None:
    there = disk("sdc", identity="wwn:sda", parts=("sdc1",))
    assert plan([seen(there, carrying("p1"))], RULES, known(P1)).actions == ()
