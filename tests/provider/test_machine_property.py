"""Random schedulers, random faults, random stops: the accounts must balance at the end."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.model.disk import SourceType
from api.model.operation import (
    Create,
    CreateDisk,
    Destroy,
    DestroyDisk,
    GrowVolume,
    Reserve,
    Unreserve,
)
from api.model.resources import Scalar
from provider.calls import CreateVolume, GetCapacity, ListVolumes, PluginError
from provider.events import ApplyOperation, MountState, Publish, RefreshDue, Unpublish
from provider.volume import VolumeState
from tests.provider.model_plugin import ALL, ModelPlugin
from tests.provider.resources import MB, ROLE, op, persistent, reserved
from tests.provider.world import BLOCK, DEFAULT, Stopped, World

READS = (GetCapacity, ListVolumes)
LOST = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "ABORTED", "INTERNAL")


class Chaos:
    """A scheduler that does what makes some sense, on a plugin and a process that fail as `chance` says."""

    def __init__(self, seed: int, stops: bool) -> None:
        self.random = random.Random(seed)
        able = replace(
            ALL,
            online_expand=self.random.random() < 0.5,
            node_expand=self.random.random() < 0.8,
            stage=self.random.random() < 0.8,
        )
        self.plugin = ModelPlugin(
            500 * MB,
            able,
            granularity=self.random.choice((1, 7 * MB)),
            max_volumes=self.random.choice((0, 0, 2)),
        )
        self.plugin.refuse = self._refuse
        self.plugin.lose = lambda r: self._maybe(0.15, lambda: PluginError(self.random.choice(LOST), "lost"))
        self.world = World(self.plugin, (DEFAULT, BLOCK), seed)
        self.calm = False
        self.stops = stops
        self.number = 0
        self.sent: dict = {}
        self.users: set[str] = set()

    def _maybe(self, chance, make):
        return None if self.calm or self.random.random() > chance else make()

    def _refuse(self, request):
        if isinstance(request, READS):
            return self._maybe(0.1, lambda: PluginError("UNAVAILABLE", "not now"))
        code = "RESOURCE_EXHAUSTED" if isinstance(request, CreateVolume) else "FAILED_PRECONDITION"
        return self._maybe(0.1, lambda: PluginError(code, "no"))

    def play(self, steps: int) -> None:
        self._survive(self.world.start)
        for _ in range(steps):
            self._survive(self._step)
        self.calm = True
        self.world.stop_after = None
        self.world.start()
        for user in sorted(self.users):
            self.world.feed(Unpublish(user))
        self.world.run()
        for number, event in self.sent.items():  # the orchestrator repeats what it was not told the end of
            if not any(r.state.is_terminal for r in self.world.told.get(number, ())):
                self.world.feed(event)
        self.world.run()
        self.world.refresh()

    def _survive(self, act) -> None:
        self.world.stop_after = None
        if self.stops and self.random.random() < 0.3:
            self.world.stop_after = self.world.done + self.random.randrange(1, 12)
        while True:
            try:
                act()
                self.world.run(seconds=self.random.choice((0.01, 0.5, 30)))
                return
            except Stopped:
                self.world.stop_after = None
                if self.random.random() < 0.2:
                    self.reboot()
                act = self.world.start

    def _step(self) -> None:
        choice = self.random.random()
        if choice < 0.1:
            self._break_a_mount()
            self.world.now += 31.0
            self.world.feed(RefreshDue())
        elif choice < 0.3:
            self._use()
        else:
            self._operate()

    def _break_a_mount(self) -> None:
        published = [v for v in self.plugin.volumes.values() if v.published]
        if published and self.random.random() < 0.3:
            self.random.choice(published).broken = self.random.choice(list(MountState))

    def reboot(self) -> None:
        """The host comes up anew; whoever used something is gone, which the agent may not have said yet."""
        self.world.boot = f"boot-{self.random.random()}"
        self.plugin.reboot()

    def _use(self) -> None:
        user = f"user-{self.random.randrange(3)}"
        disks = [r for r in self.world.machine.totals.disks if r.disk.source.type is not SourceType.RAW]
        if self.random.random() < 0.5 or not disks:
            self.world.feed(Unpublish(user))
            return
        self.number += 1
        self.users.add(user)
        readonly = self.random.random() < 0.4
        self.world.feed(Publish(op(10_000 + self.number), (self.random.choice(disks),), user, readonly))

    def _operate(self) -> None:
        resources = list(self.world.machine.totals.all())
        if not resources:
            return
        for operation in self._choices(self.random.choice(resources)):
            self.number += 1
            event = ApplyOperation(op(self.number), operation, "framework")
            self.sent[event.uuid] = event
            self.world.feed(event)

    def _choices(self, resource) -> list:
        source = resource.disk.source
        if source.is_pool:
            size = Scalar(min(resource.milli, self.random.randrange(1, 200) * 1000))
            piece = resource.with_value(size)
            target = SourceType.BLOCK if source.profile == "block" else SourceType.MOUNT
            if piece.is_reserved and self.random.random() < 0.5:
                return [Unreserve((piece,))]
            if not piece.is_reserved and self.random.random() < 0.2:
                return [Reserve((reserved(piece),))]
            return [CreateDisk(piece, target)]
        if source.type is not SourceType.RAW and self.random.random() < 0.3:
            pools = [r for r in self.world.machine.totals.all() if r.disk.is_pool]
            fitting = [
                r
                for r in pools
                if r.disk.source.profile == source.profile and r.reservations in ((), resource.reservations)
            ]
            if fitting:
                more = self.random.choice(fitting)
                size = Scalar(min(more.milli, self.random.randrange(1, 50) * 1000))
                return [GrowVolume(resource, more.with_value(size))]
        if resource.is_persistent:
            bare = resource.with_disk(type(resource.disk)(source))
            pipeline = [Destroy((resource,)), Unreserve((bare,)), DestroyDisk(bare.pop_reservation())]
            return pipeline[: self.random.randrange(1, 4)]
        if resource.is_reserved and resource.reservations[-1] == ROLE and self.random.random() < 0.6:
            return [Create((persistent(resource, f"v{self.number}"),))]
        if not resource.is_reserved and self.random.random() < 0.5:
            return [Reserve((reserved(resource),))]
        return [DestroyDisk(resource)]

    def check(self) -> None:
        world = self.world
        world.machine.validate_state()
        for number in self.sent:
            states = {r.state for r in world.told.get(number, ()) if r.state.is_terminal}
            assert len(states) == 1, f"{number} was told {states}"
        assert not world.machine.operations.records
        known = {r.disk.source.id for r in world.machine.totals.disks}
        assert known == set(self.plugin.volumes), "what exists is known, and what is known exists"
        for volume in self.plugin.volumes.values():
            assert not (volume.attached or volume.staged or volume.published), "left mounted"
        for volume in self.plugin.volumes.values():
            assert volume.file_system == volume.size, "room was made that nobody can use"
        for disk in world.machine.totals.disks:
            assert disk.milli == -(-self.plugin.volumes[disk.disk.source.id].size // MB) * 1000
        states = {v.state for v in world.machine.driver.volumes.values()}
        assert states <= {VolumeState.CREATED, VolumeState.VOL_READY, VolumeState.NODE_READY}
        free = self.plugin.free // MB
        for profile in ("default", "block"):
            pools = [r for r in world.machine.totals.all() if r.disk.is_pool]
            unreserved = sum(r.milli for r in pools if not r.is_reserved and r.disk.source.profile == profile)
            kept = sum(r.milli for r in pools if r.is_reserved)
            assert unreserved == max(0, free * 1000 - kept)


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_every_operation_ends_once_and_nothing_leaks_whatever_the_plugin_answers(seed):
    chaos = Chaos(seed, stops=False)
    chaos.play(25)
    chaos.check()


@settings(max_examples=60)
@given(st.integers(0, 2**32))
@example(638)
def test_every_operation_ends_once_and_nothing_leaks_whenever_the_provider_is_stopped(seed):
    chaos = Chaos(seed, stops=True)
    chaos.play(25)
    chaos.check()
