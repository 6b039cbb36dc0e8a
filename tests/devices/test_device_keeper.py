"""Disks plugged, pulled and plugged again: what runs on them, who is told, what a crash leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.devices import findings, health
from agent.devices import keeper as keepers
from agent.devices.plan import State
from agent.devices.record import load_pools
from cli.agent_devices import leave_disks
from provider.local_storage.device import Device
from provider.local_storage.device_rules import Rule, Use
from tests.devices.hosts import World, broken, elsewhere
from tests.devices.values import ANY_DISK, EXT4, disk


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path, ANY_DISK)
    await made.start()
    yield made
    await made.stop()


async def test_a_disk_that_is_plugged_in_is_made_a_pool_once_and_served(world: World) -> None:
    world.host.plug(disk())
    await world.until(lambda: "/dev/sda" in world.served)
    await world.restart()
    await world.until(lambda: "/dev/sda" in world.served)
    assert world.host.formatted == ["wwn:sda"]


async def test_a_disk_that_comes_back_under_another_name_has_the_provider_that_it_had(world: World) -> None:
    device = world.host.plug(disk())
    await world.until(lambda: "/dev/sda" in world.served)
    name = world.served["/dev/sda"]
    world.host.pull(device)
    await world.until(lambda: not world.served and bool(world.host.unmounted))
    assert "not attached" in world.told.gone_[name]
    world.host.plug(elsewhere(device, "/dev/sdx"))
    await world.until(lambda: world.served == {"/dev/sdx": name})
    assert world.told.gone_ == {}
    assert world.host.formatted == ["wwn:sda"]


async def test_another_disk_in_the_same_place_is_not_taken_for_the_one_before(world: World) -> None:
    first = world.host.plug(disk("sda"))
    await world.until(lambda: "/dev/sda" in world.served)
    name = world.served["/dev/sda"]
    world.host.pull(first)
    world.host.plug(disk("sda", identity="wwn:photos", sequence="2"), EXT4)
    await world.until(lambda: not world.served)
    rows = {row.state for row in await world.keeper.rows()}
    assert rows == {State.ABSENT, State.REFUSED}
    assert world.host.on["wwn:photos"] == EXT4
    assert name in world.told.gone_


async def test_one_disk_leaves_and_the_others_stay(world: World) -> None:
    disks = [world.host.plug(disk(f"sd{letter}")) for letter in "abc"]
    await world.until(lambda: len(world.served) == 3)
    world.host.pull(disks[1])
    await world.until(lambda: len(world.served) == 2)
    assert sorted(world.served) == ["/dev/sda", "/dev/sdc"]
    assert len(world.providers.ended) == 1


async def test_a_disk_that_is_not_there_after_a_restart_is_told_with_its_reason(world: World) -> None:
    device = world.host.plug(disk())
    await world.until(lambda: "/dev/sda" in world.served)
    name = world.served["/dev/sda"]
    world.host.pull(device)
    await world.restart()
    await world.until(lambda: name in world.told.gone_)
    assert "attach it again" in world.told.gone_[name]
    assert world.keeper.provider_names() == [name]


async def test_a_disk_that_cannot_be_formatted_is_shown_with_why_and_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keepers, "AGAIN_SECONDS", 0.3)
    world.host.formats = broken
    world.host.plug(disk())
    shown: list[str] = []

    def is_shown() -> bool:
        shown[:] = [row.why for row in world.keeper.last_rows if row.state is State.FAILED]
        return bool(shown)

    await world.until(is_shown)
    assert "EIO" in shown[0]
    world.host.formats = lambda device: None
    await world.until(lambda: "/dev/sda" in world.served)


async def test_a_crash_after_the_intent_was_written_leads_to_the_same_pool(world: World) -> None:
    """The format is cut off: what there is on the disk then is neither a pool nor nothing."""
    world.host.formats = broken
    world.host.plug(disk())
    await world.until(lambda: bool(world.keeper.provider_names()))
    (name,) = world.keeper.provider_names()
    world.host.formats = lambda device: None
    await world.restart()
    await world.until(lambda: world.served == {"/dev/sda": name})


async def test_what_was_begun_with_a_disk_that_holds_something_else_now_is_forgotten(world: World) -> None:
    world.host.formats = broken
    device = world.host.plug(disk())
    await world.until(lambda: bool(world.keeper.provider_names()))
    world.host.pull(device)
    await world.until(lambda: [row.state for row in world.keeper.last_rows] == [State.ABSENT])
    world.host.plug(device, EXT4)
    await world.until(lambda: world.keeper.provider_names() == [])
    assert world.store.read(load_pools) == []
    assert [row.state for row in await world.keeper.rows()] == [State.REFUSED]


async def test_no_disk_is_formatted_for_an_agent_that_was_removed_for_good(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keepers, "AGAIN_SECONDS", 0.1)
    world.host.formats = broken
    world.host.plug(disk("sda"))
    await world.until(lambda: bool(world.keeper.provider_names()))
    world.closed = "agent a was removed for good"
    world.host.formats = lambda device: None
    world.host.plug(disk("sdb"))
    await world.until(lambda: [row.why for row in world.keeper.last_rows] == [world.closed] * 2)
    await asyncio.sleep(0.3)
    assert (await world.keeper.rows())[1].state is State.FAILED
    assert world.host.formatted == [] and world.served == {}


async def test_an_agent_that_leaves_for_good_ends_its_plugins_then_unmounts_its_pools_and_looks_no_more(
    world: World,
) -> None:
    device = world.host.plug(disk("sda"))
    await world.until(lambda: "/dev/sda" in world.served)
    mounted: list[int] = []

    async def end_plugins() -> None:
        mounted.append(len(world.host.unmounted))

    await leave_disks(world.keeper, end_plugins)
    assert (mounted, world.host.unmounted) == ([0], [device.number])
    looks = world.host.looks
    world.host.plug(disk("sdb"))
    world.event()
    await asyncio.sleep(0.5)
    assert world.host.looks == looks
    assert world.host.formatted == ["wwn:sda"]
    world.providers.running.clear()
    world.closed = "agent a was removed for good"
    rows = await world.keeper.rows()
    assert [(row.state, row.why) for row in rows] == [(State.UNUSED, world.closed)] * 2
    await asyncio.sleep(0.1)
    assert world.served == {}, "who asks about disks takes none up"


async def test_more_disks_than_an_agent_runs_providers_for_wait(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keepers, "MAX_PROVIDERS", 2)
    for letter in "abc":
        world.host.plug(disk(f"sd{letter}"))
    await world.until(lambda: len(world.served) == 2)
    await world.until(lambda: any(row.state is State.FAILED for row in world.keeper.last_rows))
    assert len(world.host.formatted) == 2


async def test_a_disk_that_fails_is_shown_and_one_that_recovers_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.stop()
    monkeypatch.setattr(health, "HEALTH_SECONDS", 0.05)
    await world.start()
    world.host.plug(disk())
    await world.until(lambda: "/dev/sda" in world.served)
    world.host.bad["/dev/sda"] = "reading it answers EIO"
    await world.until(lambda: [row.state for row in world.keeper.last_rows] == [State.FAILING])
    assert "EIO" in world.keeper.last_rows[0].why
    del world.host.bad["/dev/sda"]
    await world.until(lambda: [row.state for row in world.keeper.last_rows] == [State.USED])


async def test_rules_are_read_again_and_bad_ones_leave_those_before_in_force(world: World) -> None:
    world.rules = (Rule("any", min_size=2**50),)
    await world.keeper.reread()
    world.host.plug(disk())
    rows = await world.keeper.rows()
    assert [row.state for row in rows] == [State.UNUSED]
    world.rules = (ANY_DISK,)
    await world.keeper.reread()
    await world.until(lambda: "/dev/sda" in world.served)


async def test_without_rules_no_device_is_opened(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.rules = None
    await world.start()
    world.host.plug(disk())
    rows = await world.keeper.rows()
    assert [row.state for row in rows] == [State.UNUSED]
    assert world.host.opened == []
    assert "--devices" in world.keeper.problem
    await world.stop()


async def test_a_disk_whose_provider_was_given_up_is_left_as_it_is(world: World) -> None:
    device = world.host.plug(disk())
    await world.until(lambda: "/dev/sda" in world.served)
    name = world.served["/dev/sda"]
    world.host.pull(device)
    await world.until(lambda: not world.served)
    world.told.removed.add(name)
    world.host.plug(elsewhere(device, "/dev/sdx"))
    rows = await world.keeper.rows()
    assert [row.state for row in rows] == [State.REFUSED]
    assert "given up" in rows[0].why


async def test_a_pool_that_is_still_mounted_from_a_former_life_is_taken_over_unopened(world: World) -> None:
    device = world.host.plug(disk())
    await world.until(lambda: "/dev/sda" in world.served)
    name, pool_id = world.served["/dev/sda"], world.host.on[device.identity].pool_id
    world.host.mounts[pool_id] = device.number
    world.host.opened.clear()
    await world.restart()
    await world.until(lambda: world.served == {"/dev/sda": name})
    assert world.host.opened == []


async def test_a_pool_that_is_still_mounted_on_a_disk_that_has_gone_is_let_go_before_it_is_used_anew(
    world: World,
) -> None:
    device = world.host.plug(disk())
    await world.until(lambda: "/dev/sda" in world.served)
    name, pool_id = world.served["/dev/sda"], world.host.on[device.identity].pool_id
    world.host.mounts[pool_id] = device.number
    world.host.pull(device)
    moved = world.host.plug(elsewhere(device, "/dev/sdx"))
    await world.restart()
    await world.until(lambda: world.served == {"/dev/sdx": name})
    assert world.host.unmounted == [device.number]
    assert world.providers.ended == [name]
    assert moved.number != device.number


async def test_each_attachment_is_another_life_and_one_that_is_taken_over_is_not(world: World) -> None:
    """What was mounted of a disk before it was pulled out is not mounted when it is back."""

    def attachments() -> list[int]:
        return [record.attachments for record in world.store.read(load_pools)]

    device = world.host.plug(disk())
    await world.until(lambda: "/dev/sda" in world.served)
    assert attachments() == [1]
    world.host.mounts[world.host.on[device.identity].pool_id] = device.number
    await world.restart()
    await world.until(lambda: "/dev/sda" in world.served)
    assert attachments() == [1]
    world.host.pull(device)
    await world.until(lambda: not world.served and not world.host.mounts)
    world.host.plug(elsewhere(device, "/dev/sdx"))
    await world.until(lambda: "/dev/sdx" in world.served)
    assert attachments() == [2]


async def test_a_disk_is_offered_whole_with_no_byte_written_and_found_again_elsewhere(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, Rule("raw", Use.DISK))
    await world.start()
    device = world.host.plug(disk())
    await world.until(lambda: "/dev/sda" in world.served)
    (name,) = world.served.values()
    (row,) = await world.keeper.rows()
    assert row.record is not None and (row.state, row.record.whole) == (State.USED, True)
    world.host.on["wwn:sda"] = EXT4  # its users' own
    world.host.pull(device)
    await world.until(lambda: world.served == {})
    assert "disk wwn:sda" in world.told.gone_[name]
    world.host.plug(elsewhere(device, "/dev/sdx"))
    await world.until(lambda: world.served == {"/dev/sdx": name})
    await world.restart()
    await world.until(lambda: world.served == {"/dev/sdx": name})
    await world.stop()
    assert world.host.formatted == []


async def test_a_whole_disk_in_use_stays_so_over_a_restart_but_not_where_another_has_its_number(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, Rule("raw", Use.DISK))
    await world.start()
    device = world.host.plug(disk())
    await world.until(lambda: "/dev/sda" in world.served)
    (name,) = world.served.values()
    world.host.bound[f"/mounts/{name}"] = device.number
    await world.restart()
    await world.until(lambda: "/dev/sda" in world.served)
    (record,) = world.store.read(load_pools)
    assert (record.attachments, world.host.unmounted) == (1, [])
    await world.stop()
    world.host.pull(device)
    world.host.plug(disk("sdb", number=device.number))  # another one has its number now
    moved = world.host.plug(elsewhere(device, "/dev/sdx"))
    world.rules = ()
    world.providers.running.clear()
    await world.start()
    await world.until(lambda: moved.path in world.served)
    (record,) = world.store.read(load_pools)
    assert (record.attachments, world.host.unmounted) == (2, [device.number])
    await world.stop()


async def test_a_whole_disk_that_was_detached_while_the_agent_was_away_is_let_go_by_its_plugin(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, Rule("raw", Use.DISK))
    await world.start()
    device = world.host.plug(disk())
    await world.until(lambda: "/dev/sda" in world.served)
    (name,) = world.served.values()
    await world.stop()
    world.host.plug(replace(device, leaving=True))  # the plugin of the former life has it open
    again = world.host.plug(elsewhere(device, "/dev/sdx"))
    world.providers.running.clear()
    await world.start()
    await world.until(lambda: world.providers.ended == [name])
    assert world.served == {}, "it is there twice"
    world.host.pull(device)
    await world.until(lambda: world.served == {again.path: name})
    await world.stop()


async def test_disks_that_need_somebody_are_told_with_the_findings_of_their_host_until_they_do_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.stop()
    monkeypatch.setattr(health, "HEALTH_SECONDS", 0.05)
    monkeypatch.setattr(findings, "LOOK_SECONDS", 0.01)
    await world.start()
    told: list[list[str]] = []
    watching = findings.DiskFindings(
        lambda: world.keeper.last_rows, lambda: told.append([each.what for each in watching.told])
    )
    await watching.start()
    try:
        device = world.host.plug(disk())
        await world.until(lambda: "/dev/sda" in world.served)
        name = world.served["/dev/sda"]
        world.host.bad["/dev/sda"] = "reading it answers EIO"
        await world.until(lambda: told == [[f"disk /dev/sda with provider {name} is FAILING"]])
        (finding,) = watching.told
        assert finding.kind == "DISK"
        assert "reading it answers EIO: save what is on it, change the disk" in finding.advice
        del world.host.bad["/dev/sda"]
        await world.until(lambda: told[1:] == [[]])
        world.host.pull(device)
        await world.until(lambda: told[2:] == [[f"disk /dev/sda with provider {name} is ABSENT"]])
    finally:
        await watching.stop()


async def test_a_disk_is_not_offered_whole_for_what_was_read_of_another_one_under_its_name(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, Rule("raw", Use.DISK))
    await world.start()
    device = disk()

    def swapped(of: Device) -> None:
        world.host.on[device.identity] = EXT4  # what was read as empty was the other one

    world.host.confirms = swapped
    world.host.plug(device)
    await world.until(lambda: world.host.on.get(device.identity) == EXT4)
    rows = await world.keeper.rows()
    assert [row.state for row in rows] == [State.REFUSED] and world.store.read(load_pools) == []
    await world.stop()


async def test_a_whole_disk_is_known_from_one_moment_on(tmp_path: Path) -> None:
    world = World(tmp_path, Rule("raw", Use.DISK))
    await world.start()
    world.host.confirms = lambda device: seen.append(world.store.read(load_pools))  # and a crash leaves that
    seen: list[object] = []
    world.host.plug(disk())
    await world.until(lambda: "/dev/sda" in world.served)
    (record,) = world.store.read(load_pools)
    assert seen == [[]] and record.prepared
    await world.stop()


async def test_a_disk_that_is_offered_whole_is_claimed_for_as_long_as_the_agent_has_it(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, Rule("raw", Use.DISK))
    await world.start()
    device = world.host.plug(disk())
    await world.until(lambda: "/dev/sda" in world.served)
    assert list(world.host.claimed.values()) == ["/dev/sda"]
    world.host.pull(device)
    await world.until(lambda: not world.served)
    await world.until(lambda: not world.host.claimed)
    world.host.plug(elsewhere(device, "/dev/sdx"))
    await world.until(lambda: "/dev/sdx" in world.served)
    assert list(world.host.claimed.values()) == ["/dev/sdx"]
    await world.stop()
    assert not world.host.claimed, "its plugin goes on, and has claimed it, too"


async def test_a_disk_that_its_tasks_have_still_and_that_cannot_be_claimed_is_claimed_when_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keepers, "AGAIN_SECONDS", 0.1)
    world = World(tmp_path, Rule("raw", Use.DISK))
    await world.start()
    device = world.host.plug(disk())
    await world.until(lambda: "/dev/sda" in world.served)
    (name,) = world.served.values()
    world.host.bound[f"/mounts/{name}"] = device.number
    world.host.others.add("/dev/sda")
    await world.restart()
    await world.until(lambda: any("claimed" in each.why for each in world.keeper.last_rows))
    (row,) = await world.keeper.rows()
    assert (row.state, world.served) == (State.FAILED, {})
    world.host.others.clear()
    await world.until(lambda: world.served == {"/dev/sda": name})
    (record,) = world.store.read(load_pools)
    assert (record.attachments, world.host.unmounted) == (1, []), "it stays with those who have it"
    await world.stop()


async def test_a_disk_that_another_agent_has_is_not_offered_and_it_is_said_why(tmp_path: Path) -> None:
    world = World(tmp_path, Rule("raw", Use.DISK))
    world.host.others.add("/dev/sda")
    await world.start()
    world.host.plug(disk())
    await world.until(lambda: any("claimed" in each.why for each in world.keeper.last_rows))
    (row,) = await world.keeper.rows()
    assert (row.state, world.served, world.store.read(load_pools)) == (State.FAILED, {}, [])
    assert "another agent of this host has claimed it" in row.why
    await world.stop()
