"""The lives of volumes that are stopped after every instruction: stories, and the worlds they are told in.

A story asks for what an owner asks for and waits for each end; it must not know when it is stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from api.model.disk import Disk, Persistence, SourceType
from api.model.operation import Create, CreateDisk, Destroy, DestroyDisk, OperationState, ShrinkVolume
from api.model.resource import scalar
from api.model.resources import Resource, Scalar
from provider import calls, events
from provider.records import Profile
from provider.starts import Kind
from provider.volume import Capabilities
from tests.provider.every_instruction.rig import Rig
from tests.provider.model_plugin import ALL, ModelPlugin, ModelVolume
from tests.provider.resources import (
    MB,
    ROLE,
    create,
    create_disk,
    destroy,
    destroy_disk,
    grow,
    op,
    persistent,
    pool,
    reserve,
    reserved,
    unreserve,
)
from tests.provider.world import BLOCK, DEFAULT, unknown_outcome

FINISHED, FAILED, DROPPED = OperationState.FINISHED, OperationState.FAILED, OperationState.DROPPED
USER = "container-1"
CAPACITY = 1024 * MB
OWN = (scalar("disk", 1000_000),)

Story = Callable[[Rig], Awaitable[None]]


async def _finished(rig: Rig, operation: events.ApplyOperation) -> tuple[Resource, ...]:
    record = await rig.done(operation)
    assert record.state is FINISHED, record.message
    return record.converted


async def _used(rig: Rig, volume: Resource) -> None:
    """Published, written to, released. A reboot between answer and use ends the user too: it comes again."""
    there: list[ModelVolume] = []
    while not there:
        answer = await rig.publish(volume, USER)
        assert answer.message is None, answer.message
        there = [v for v in rig.plugin.volumes.values() if v.published == answer.published[0].path]
        assert there or rig.rebooted, "it is said to be published, and is not"
    there[0].data.append("written")
    await rig.unpublish(USER)


async def whole_life(rig: Rig) -> None:
    """Made, reserved, persistent, used, wiped, given back."""
    (disk,) = await _finished(rig, create_disk(1, 64))
    await _finished(rig, reserve(2, reserved(disk)))
    volume = persistent(reserved(disk), "data")
    await _finished(rig, create(3, volume))
    await _used(rig, volume)
    await _finished(rig, destroy(4, volume))
    assert not any(v.data for v in rig.plugin.volumes.values()), "DESTROY left data behind"
    await _finished(rig, unreserve(5, reserved(disk)))
    await _finished(rig, destroy_disk(6, disk))
    assert not rig.plugin.volumes


async def made_whole(rig: Rig) -> None:
    """Made as a reserved persistent volume at once; used; wiped and given back at once."""
    wanted = CreateDisk(
        pool(64), SourceType.MOUNT, target_reservations=(ROLE,), target_persistence=Persistence("data")
    )
    (volume,) = await _finished(rig, events.ApplyOperation(op(1), wanted, "framework"))
    assert volume.is_persistent and volume.is_reserved
    await _used(rig, volume)
    gone = DestroyDisk(volume, whole=True)
    (piece,) = await _finished(rig, events.ApplyOperation(op(2), gone, "framework"))
    assert not piece.is_reserved and not rig.plugin.volumes


async def raw_device(rig: Rig) -> None:
    (disk,) = await _finished(rig, create_disk(1, 64, "block", block=True))
    await _finished(rig, reserve(2, reserved(disk)))
    volume = persistent(reserved(disk), "device")
    await _finished(rig, create(3, volume))
    await _used(rig, volume)
    await _finished(rig, destroy(4, volume))
    await _finished(rig, unreserve(5, reserved(disk)))
    await _finished(rig, destroy_disk(6, disk))
    assert not rig.plugin.volumes


async def grown(rig: Rig) -> None:
    """Made larger at rest and in use, and smaller by nothing that was left behind."""
    (disk,) = await _finished(rig, create_disk(1, 64))
    (larger,) = await _finished(rig, grow(2, disk, pool(16)))
    assert larger.milli == 80_000
    await rig.publish(larger, USER)
    if rig.plugin.facts.capabilities.online_expand:
        (larger,) = await _finished(rig, grow(3, larger, pool(20)))
    await rig.unpublish(USER)
    (there,) = rig.plugin.volumes.values()
    assert there.size == there.file_system == larger.milli // 1000 * MB
    await _finished(rig, destroy_disk(4, larger))
    assert not rig.plugin.volumes


async def not_grown(rig: Rig) -> None:
    """The plugin has no room for more: everything is as it was."""
    (disk,) = await _finished(rig, create_disk(1, 64))
    rig.plugin.refuse = lambda request: (
        calls.PluginError("OUT_OF_RANGE", "at most 64 MB")
        if isinstance(request, calls.ControllerExpand | calls.NodeExpand)
        else None
    )
    assert (await rig.done(grow(2, disk, pool(16)))).state is FAILED


async def adopted(rig: Rig) -> None:
    """A volume that was there before is let in by its id, taken into use, and destroyed."""
    old = "vol/old"
    while not any(_id(r) == old for r in rig.reported):
        rig.feed(events.AdmitVolume(old))
        await asyncio.sleep(200.0)
    (bare,) = [r for r in rig.reported if _id(r) == old]
    operation = CreateDisk(bare, SourceType.MOUNT, target_profile="default")
    (disk,) = await _finished(rig, events.ApplyOperation(op(1), operation, "framework"))
    assert rig.plugin.volumes[old].data == ["somebody's"]
    await _used(rig, disk)
    await _finished(rig, destroy_disk(2, disk))
    assert old not in rig.plugin.volumes


def _id(resource: Resource) -> str | None:
    source = resource.disk.source if resource.disk is not None else None
    return None if source is None else source.id


async def kept_in_use(rig: Rig) -> None:
    """Two users; one leaves. At the end it is still published for the other, with its data."""
    (disk,) = await _finished(rig, create_disk(1, 64))
    first = await rig.publish(disk, "one")
    assert (await rig.publish(disk, "two")).published == first.published
    (there,) = rig.plugin.volumes.values()
    there.data.append("written")
    await rig.unpublish("one")
    record = await rig.done(destroy_disk(2, disk))
    assert record.state is FAILED and "two" in (record.message or "")


async def read_then_written(rig: Rig) -> None:
    """Published read-only for a reader, and anew for the writer that comes; both are there at the end."""
    (disk,) = await _finished(rig, create_disk(1, 64))
    await rig.publish(disk, "reader", readonly=True)
    (there,) = rig.plugin.volumes.values()
    assert there.readonly
    assert (await rig.publish(disk, "writer")).message is None
    assert not there.readonly and there.published


async def mount_lost(rig: Rig) -> None:
    """What is mounted for a user dies, and is mounted anew; the user is still there at the end."""
    (disk,) = await _finished(rig, create_disk(1, 64))
    first = await rig.publish(disk, USER)
    (there,) = rig.plugin.volumes.values()
    there.broken = events.MountState.DEAD
    rig.feed(events.RefreshDue())
    while there.broken is not None or not there.published:
        await asyncio.sleep(60.0)
        rig.feed(events.RefreshDue())
    assert (await rig.publish(disk, "another")).published == first.published
    await rig.unpublish("another")


async def refused(rig: Rig) -> None:
    """The plugin has no room: nothing is made, the pool is as it was."""
    rig.plugin.refuse = lambda request: (
        calls.PluginError("OUT_OF_RANGE", "too small for this backend")
        if isinstance(request, calls.CreateVolume)
        else None
    )
    assert (await rig.done(create_disk(1, 64))).state is FAILED
    assert not rig.plugin.volumes


async def answers_lost(rig: Rig) -> None:
    """Every third answer is lost after the call was done."""
    count = 0

    def lose(request: calls.Request[object]) -> calls.PluginError | None:
        nonlocal count
        count += 1
        return unknown_outcome() if count % 3 == 0 else None

    rig.plugin.lose = lose
    await whole_life(rig)


async def answers_lost_growing(rig: Rig) -> None:
    """Every second answer to a call that makes a volume larger is lost after it was done."""
    count = 0

    def lose(request: calls.Request[object]) -> calls.PluginError | None:
        nonlocal count
        if not isinstance(request, calls.ControllerExpand | calls.NodeExpand):
            return None
        count += 1
        return unknown_outcome() if count % 2 else None

    rig.plugin.lose = lose
    await grown(rig)


async def given_up(rig: Rig) -> None:
    """A creation that was done without anybody knowing is given up: it is found, deleted, and fails."""
    rig.plugin.lose = lambda request: unknown_outcome() if isinstance(request, calls.CreateVolume) else None
    rig.ask(create_disk(1, 64))
    while not rig.plugin.volumes:  # noqa: ASYNC110 - virtual time, and the plugin tells nobody
        await asyncio.sleep(1.0)
    while not rig.is_given_up(op(1)):
        rig.feed(events.AbandonOperation(op(1)))
        await asyncio.sleep(1.0)
    rig.plugin.lose = lambda request: None
    record = await rig.end_of(op(1))
    assert record.state is FAILED and "abandoned by an operator" in (record.message or "")
    assert not rig.plugin.volumes


async def pipelined(rig: Rig) -> None:
    """What gives a volume back is sent at once, before any of it was answered."""
    (disk,) = await _finished(rig, create_disk(1, 64))
    await _finished(rig, reserve(2, reserved(disk)))
    volume = persistent(reserved(disk), "data")
    await _finished(rig, create(3, volume))
    for each in (destroy(4, volume), unreserve(5, reserved(disk)), destroy_disk(6, disk)):
        rig.ask(each)
    for number in (4, 5, 6):
        assert (await rig.end_of(op(number))).state is FINISHED
    assert not rig.plugin.volumes


async def not_there(rig: Rig) -> None:
    """An operation on what is not there is dropped; one that never came is said to be unknown."""
    (disk,) = await _finished(rig, create_disk(1, 64))
    await _finished(rig, destroy_disk(2, disk))
    assert (await rig.done(reserve(3, reserved(disk)))).state is DROPPED
    await rig.asked_about(op(99))


async def own_volume(rig: Rig) -> None:
    """A persistent volume on the host's own disk."""
    piece = scalar("disk", 64_000).push_reservation(ROLE)
    await _finished(rig, reserve(1, piece))
    volume = piece.with_disk(Disk(None, Persistence("data")))
    await _finished(rig, events.ApplyOperation(op(2), Create((volume,)), "framework"))
    assert rig.folders.there
    more = scalar("disk", 16_000).push_reservation(ROLE)
    await _finished(rig, reserve(3, more))
    (larger,) = await _finished(rig, grow(4, volume, more))
    assert larger == volume.with_value(Scalar(80_000))
    shrink = events.ApplyOperation(op(5), ShrinkVolume(larger, 16_000), "framework")
    assert set(await _finished(rig, shrink)) == {volume, more}
    await _finished(rig, unreserve(6, more))
    await _finished(rig, events.ApplyOperation(op(7), Destroy((volume,)), "framework"))
    await _finished(rig, unreserve(8, piece))
    assert not rig.folders.there


@dataclass(frozen=True)
class Scenario:
    """A story and the world it is told in."""

    story: Story
    capabilities: Capabilities = ALL
    profiles: tuple[Profile, ...] = (DEFAULT, BLOCK)
    kind: Kind = Kind.PLUGIN
    reboots: bool = False
    inherited: bool = False
    """Whether the plugin has a volume before the provider comes."""

    def rig(self, stop_at: int) -> Rig:
        plugin = ModelPlugin(CAPACITY, self.capabilities)
        if self.inherited:
            old = ModelVolume("vol/old", "old", 64 * MB, DEFAULT.capability, {})
            old.data.append("somebody's")
            plugin.volumes[old.id] = old
        own = OWN if self.kind is Kind.HOST else ()
        return Rig(
            plugin,
            stop_at=stop_at,
            kind=self.kind,
            profiles=self.profiles,
            reboots=self.reboots,
            own=own,
        )


BARE = Capabilities(get_capacity=True, list_volumes=True)
SCENARIOS = {
    "whole life": Scenario(whole_life),
    "whole life, only create and publish": Scenario(whole_life, BARE),
    "whole life, host reboots": Scenario(whole_life, reboots=True),
    "made whole": Scenario(made_whole),
    "made whole, host reboots": Scenario(made_whole, reboots=True),
    "raw device": Scenario(raw_device),
    "grown": Scenario(grown),
    "grown, only at rest": Scenario(grown, replace(ALL, online_expand=False)),
    "grown, by the node alone": Scenario(grown, replace(ALL, controller_expand=False)),
    "grown, answers lost": Scenario(answers_lost_growing),
    "not grown": Scenario(not_grown),
    "mount lost": Scenario(mount_lost),
    "read, then written": Scenario(read_then_written),
    "kept in use": Scenario(kept_in_use),
    "kept in use, host reboots": Scenario(kept_in_use, reboots=True),
    "grown, host reboots": Scenario(grown, reboots=True),
    "adopted": Scenario(adopted, inherited=True),
    "refused": Scenario(refused),
    "answers lost": Scenario(answers_lost),
    "given up": Scenario(given_up),
    "pipelined": Scenario(pipelined),
    "not there": Scenario(not_there),
    "own volume": Scenario(own_volume, kind=Kind.HOST),
}
