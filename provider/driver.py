"""Brings volumes where they are wanted: one call at a time for each volume, many volumes at once.

Where a volume is wanted follows from who wants something of it: containers that hold it and a
DESTROY that must wipe it want it published, a DESTROY_DISK wants it deleted, an expansion wants it at
rest or published as the plugin can do it, and without any of them it comes back to rest. `advance`
compares that with where the volume is and begins the next call. After every call it is asked again, so a
wish that changed meanwhile is seen at the next step.

A volume is published read-only while all its users only read; for the first that writes it is published
anew. A plugin that takes only so many volumes on a node at once gets no more: who comes then is refused,
or waits for one that is on its way down.

Pure. It knows operations only as demands with a callback, and capacity not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from provider import volume as ladder
from provider.attempts import Attempt, Attempts, Turn
from provider.calls import PluginFacts
from provider.events import AnswerPublish, CallFailed, Publish, PublishedVolume, WipeContents
from provider.expansions import Expansions
from provider.failures import Failures
from provider.holders import Holders, held_by
from provider.paths import VolumePaths
from provider.places import Places
from provider.records import Checkpoint, ForgetVolume, SaveVolume
from provider.volume import HEIGHT, ONE_WRITER, READ_ONLY_MODES, Goal, Step, Volume, VolumeCall, VolumeState
from provider.volume_calls import request_for

__all__ = ["Demand", "VolumeDriver", "held_by"]


@dataclass(frozen=True, slots=True)
class Demand:
    """What an operation wants of a volume: wiped, or deleted. Exactly one of the callbacks is called; `gone`
    and not `refused`, where there is one, when the plugin does not know the volume any more."""

    goal: Goal
    done: Callable[[Turn], None]
    refused: Callable[[Turn, str], None]
    gone: Callable[[Turn], None] | None = None


class VolumeDriver:
    """The volumes of one provider, their holders and what is wanted of them."""

    def __init__(self, checkpoint: Checkpoint, attempts: Attempts, mount_root: str, boot_id: str) -> None:
        self._attempts = attempts
        self.paths = VolumePaths(mount_root)
        self._boot_id = boot_id
        self.volumes: dict[str, Volume] = {v.id: ladder.after_boot(v, boot_id) for v in checkpoint.volumes}
        self.users = Holders(checkpoint)
        self.facts: PluginFacts | None = None
        self.expansions = Expansions(self, attempts)
        self.failures = Failures(self, attempts)
        self._demands: dict[str, Demand] = {}
        self._busy: dict[str, Attempt] = {}
        self.unhealthy: dict[str, str] = {}
        """Volumes whose mounts fail under their users, and how: nobody else gets them."""
        self._renewals: dict[str, VolumeState] = {}
        """Volumes that are to come down so far before they are used again: their mounts are dead."""
        self.places = Places(self.volumes.values())

    @property
    def holders(self) -> dict[str, tuple[str, ...]]:
        """The users of each volume that has any."""
        return self.users.users

    # What others want

    def add(self, turn: Turn, volume: Volume) -> None:
        """A volume that exists from now on."""
        self.volumes[volume.id] = volume
        turn.persist(SaveVolume(volume))

    def demand(self, turn: Turn, volume_id: str, demand: Demand) -> None:
        """An operation wants something of a volume that nobody holds and that has no other demand."""
        assert volume_id not in self._demands and volume_id not in self.holders
        self._demands[volume_id] = demand
        self.advance(turn, volume_id)
        self.tell_trouble(turn, volume_id)

    def tell_trouble(self, turn: Turn, volume_id: str) -> None:
        """An operation wants something of the volume: a call that fails already stands in its way, too."""
        attempt = self._busy.get(volume_id)
        if attempt is not None and attempt.failures:
            turn.report(urgent=False)

    def withdraw(self, turn: Turn, volume_ids: Iterable[str]) -> None:
        """The demands on these volumes are off, without a callback."""
        for volume_id in sorted(volume_ids):
            if self._demands.pop(volume_id, None) is not None:
                self.advance(turn, volume_id)

    def is_demanded(self, volume_id: str) -> bool:
        """Whether an operation is at work on the volume."""
        return volume_id in self._demands or self.expansions.is_under_way(volume_id)

    def publish(self, turn: Turn, event: Publish, volume_ids: tuple[str, ...]) -> None:
        """Hold the volumes for `event.user` and answer once all of them are published, or one cannot be."""
        problem = self._problem(event.user, volume_ids)
        if problem is not None:
            turn.act(AnswerPublish(event.request, message=problem))
            return
        for volume_id in volume_ids:
            self.users.hold(turn, volume_id, event.user, readonly=event.readonly)
        self.users.wait(event.request, event.user, volume_ids)
        for volume_id in volume_ids:
            self.advance(turn, volume_id)
        self._answer(turn, (event.request,))

    def _problem(self, user: str, volume_ids: tuple[str, ...]) -> str | None:
        """Why `user` cannot have the volumes."""
        for volume_id in volume_ids:
            problem = self._unusable(volume_id, user)
            if problem is not None:
                return problem
        new = [v for v in volume_ids if v not in self.holders and v not in self.places]
        claimed = len(self.holders) + sum(d.goal is Goal.PUBLISHED for d in self._demands.values())
        return self.places.refusal(len(new), claimed)

    def _unusable(self, volume_id: str, user: str) -> str | None:
        volume = self.volumes.get(volume_id)
        if volume is None:
            return f"volume {volume_id!r} is not known to this provider: look at the resources again"
        if volume_id in self._demands or volume.state is VolumeState.DELETING:
            return f"volume {volume_id!r} is being destroyed"
        others = [u for u in self.holders.get(volume_id, ()) if u != user]
        if others and volume_id in self.unhealthy:
            return f"{self.unhealthy[volume_id]}, and {others[0]} uses it: end that first"
        if others and volume.capability.access_mode == ONE_WRITER:
            return f"volume {volume_id!r} has one user at a time ({ONE_WRITER}), and is in use by {others[0]}"
        return None

    def unpublish(self, turn: Turn, user: str) -> None:
        """`user` needs nothing any more: volumes that nobody else holds come back to rest."""
        self.users.drop_requests(turn, user)
        for volume_id in self.users.of(user):
            self.users.release(turn, volume_id, user)
            self.advance(turn, volume_id)

    def renew(self, turn: Turn, volume_id: str, down_to: VolumeState) -> None:
        """What is mounted is dead: bring the volume down to there before it is used again."""
        self._renewals[volume_id] = down_to
        self.advance(turn, volume_id)

    def ready(self, turn: Turn, facts: PluginFacts) -> None:
        """The plugin is up: go on with everything."""
        self.facts = facts
        self.places.limit = facts.max_volumes
        for volume_id in sorted(self.volumes):
            volume = self.volumes[volume_id]
            here = ladder.on_node(volume, facts.node_id)
            if here is not volume:
                self.save(turn, volume, here)
            self.advance(turn, volume_id)

    # Getting there

    def advance(self, turn: Turn, volume_id: str) -> None:
        """Begin the next call for this volume, if there is one and none is in flight."""
        volume = self.volumes.get(volume_id)
        if volume is None or self.facts is None:
            return
        before = self._busy.get(volume_id)
        if before is not None:
            if not self._attempts.withdraw(before):
                return
            del self._busy[volume_id]
        goal = self._goal(volume)
        step = ladder.next_step(volume, goal, self.facts.capabilities)
        if step is None or (step.call is VolumeCall.DELETE and not self._can_delete):
            if volume_id in self._demands or not self.expansions.step(turn, volume):
                self._reached(turn, volume, goal)
        elif goal is Goal.PUBLISHED and not self.places.has_room_for(volume_id):
            self.places.wait(volume_id)
        else:
            self._begin(turn, volume, step)
        again = self._busy.get(volume_id)
        if before is not None and again is not None:
            self._attempts.resemble(again, before)

    @property
    def _can_delete(self) -> bool:
        return self.facts is not None and self.facts.capabilities.create_delete_volume

    def _goal(self, volume: Volume) -> Goal:
        demand = self._demands.get(volume.id)
        goal = demand.goal if demand is not None else None
        if goal is None:
            goal = self.expansions.goal(volume, held=volume.id in self.holders)
        if goal is None:
            goal = Goal.PUBLISHED if volume.id in self.holders else Goal.CREATED
        return Goal.CREATED if goal is Goal.PUBLISHED and self._is_coming_down(volume) else goal

    def _is_coming_down(self, volume: Volume) -> bool:
        """Whether it has to be published anew: its mounts are dead, or somebody is going to write."""
        floor = self._renewals.get(volume.id)
        if floor is not None and HEIGHT[volume.state] <= HEIGHT[floor]:
            del self._renewals[volume.id]
            floor = None
        if floor is None and volume.readonly and not self._readonly(volume):
            floor = VolumeState.VOL_READY
        return floor is not None and HEIGHT[volume.state] > HEIGHT[floor]

    def _readonly(self, volume: Volume) -> bool:
        """Whether nobody who wants the volume is going to write."""
        if volume.capability.access_mode in READ_ONLY_MODES:
            return True
        return volume.id not in self._demands and self.users.only_read(volume.id)

    def _begin(self, turn: Turn, volume: Volume, step: Step) -> None:
        assert self.facts is not None
        changed = ladder.begin(
            volume, step, self._boot_id, readonly=self._readonly(volume), node_id=self.facts.node_id
        )
        self.save(turn, volume, changed)
        self._busy[volume.id] = self._attempts.call(
            turn,
            request_for(changed, step.call, self.facts, self.paths),
            f"{step.call} of volume {volume.id}",
            lambda later, result: self._done(later, volume.id, step, result),
            lambda later, attempt, failure: self.failures.failed(later, volume.id, step, attempt, failure),
        )

    def _done(self, turn: Turn, volume_id: str, step: Step, result: Any) -> None:
        self._busy.pop(volume_id, None)
        volume = self.volumes[volume_id]
        context = result if step.call is VolumeCall.CONTROLLER_PUBLISH else None
        mounted = step.call is VolumeCall.NODE_PUBLISH and result is True
        self.save(turn, volume, ladder.done(volume, step, context, mounted=mounted))
        self.advance(turn, volume_id)
        self._let_in(turn)

    def _let_in(self, turn: Turn) -> None:
        """A volume may have left the node: another may come."""
        while (volume_id := self.places.admitted()) is not None:
            self.advance(turn, volume_id)

    # What `failures` asks (`provider.failures.Host`)

    def done(self, turn: Turn, volume_id: str, step: Step) -> None:
        """The call of `step` has nothing left to do."""
        self._done(turn, volume_id, step, None)

    def next_step(self, volume: Volume) -> Step | None:
        """The next call on the way to where the volume is wanted."""
        assert self.facts is not None
        return ladder.next_step(volume, self._goal(volume), self.facts.capabilities)

    def taken_for_gone(self, turn: Turn, volume_id: str) -> bool:
        """Whether whoever wants something of the volume has an end for one that the plugin does not know."""
        demand = self._demands.get(volume_id)
        if demand is None or demand.gone is None:
            return False
        self._busy.pop(volume_id, None)
        del self._demands[volume_id]
        demand.gone(turn)
        return True

    def is_occupied_by(self, volume_id: str, attempt: Attempt) -> bool:
        """Whether `attempt` is still the volume's call under way."""
        return self._busy.get(volume_id) is attempt

    def give_up(self, turn: Turn, volume_id: str, message: str) -> None:
        """Tell everyone who waits for this volume that the plugin refuses; other holders stay."""
        demand = self._demands.pop(volume_id, None)
        if demand is not None:
            demand.refused(turn, message)
        self.expansions.give_up(turn, volume_id, message)
        for request in self.users.waiting_for(volume_id):
            for held in self.users.refuse(turn, request, f"volume {volume_id!r}: {message}"):
                if held != volume_id:
                    self.advance(turn, held)

    def _reached(self, turn: Turn, volume: Volume, goal: Goal) -> None:
        self.failures.forget(volume.id)
        if goal is Goal.PUBLISHED:
            if volume.id in self._demands:
                self._wipe(turn, volume)
            else:
                self.answer(turn, volume.id)
        elif goal is Goal.DELETED:
            if volume.state is VolumeState.DELETED:
                del self.volumes[volume.id]
                self._renewals.pop(volume.id, None)
                turn.persist(ForgetVolume(volume.id))
            self._demands.pop(volume.id).done(turn)

    def _wipe(self, turn: Turn, volume: Volume) -> None:
        self._busy[volume.id] = self._attempts.act(
            turn,
            WipeContents(self.paths.target(volume.id), volume.capability.block, volume.mounted),
            f"wiping of volume {volume.id}",
            lambda later, _: self._wiped(later, volume.id),
            lambda later, attempt, failure: self._not_wiped(later, volume.id, failure),
        )

    def _wiped(self, turn: Turn, volume_id: str) -> None:
        self._busy.pop(volume_id, None)
        volume = self.volumes[volume_id]
        self.save(turn, volume, replace(volume, used=volume_id in self.holders))
        demand = self._demands.pop(volume_id, None)
        if demand is not None:
            demand.done(turn)
        self.advance(turn, volume_id)

    def _not_wiped(self, turn: Turn, volume_id: str, failure: CallFailed) -> None:
        self._busy.pop(volume_id, None)
        demand = self._demands.pop(volume_id, None)
        if demand is not None:  # else it was withdrawn meanwhile, and is no business of who wants it now
            demand.refused(turn, f"its contents could not be deleted: {failure.message}")
        self.advance(turn, volume_id)

    # Holders

    def hold(self, turn: Turn, volume_id: str, user: str) -> None:
        """Note durably that `user` uses the volume, which needs no publishing for it."""
        if self.users.hold(turn, volume_id, user):
            volume = self.volumes.get(volume_id)
            if volume is not None:
                self.save(turn, volume, replace(volume, used=True))

    def answer(self, turn: Turn, volume_id: str) -> None:
        """Answer whoever waited for this volume alone."""
        self._answer(turn, self.users.waiting_for(volume_id))

    def _answer(self, turn: Turn, requests: Iterable[UUID]) -> None:
        for volume_id in self.users.answer(turn, requests, self._is_published, self._published):
            volume = self.volumes[volume_id]  # from here on somebody's data may be on it
            self.save(turn, volume, replace(volume, used=True))

    def _is_published(self, volume_id: str) -> bool:
        volume = self.volumes[volume_id]
        if volume.state is not VolumeState.PUBLISHED or self._is_coming_down(volume):
            return False
        return volume_id not in self._busy or self.expansions.is_slow(volume_id)

    def _published(self, volume_id: str) -> PublishedVolume:
        block = self.volumes[volume_id].capability.block
        return PublishedVolume(volume_id, self.paths.target(volume_id), block)

    # What is under way

    def occupy(self, volume_id: str, attempt: Attempt) -> None:
        """A call on the volume is under way: no other is begun before it is over."""
        self._busy[volume_id] = attempt

    def free(self, volume_id: str) -> None:
        """The call that was under way is over."""
        self._busy.pop(volume_id, None)

    def published(self) -> list[Volume]:
        """Volumes that are published here, with no call under way."""
        here = (self.volumes[v] for v in self.places.taken if v not in self._busy)
        return [volume for volume in here if volume.state is VolumeState.PUBLISHED]

    @property
    def under_way(self) -> dict[str, Attempt]:
        """The call that is under way for each volume that has one."""
        return self._busy

    def save(self, turn: Turn, before: Volume, after: Volume) -> None:
        """The volume is different from here on, durably."""
        self.volumes[after.id] = after
        self.places.note(after)
        if after != before:
            turn.persist(SaveVolume(after))

    def validate(self, *, tracked: bool) -> None:
        """Raises AssertionError when an invariant is broken. `tracked`: whatever is held is a volume here."""
        for volume_id in (*(self.holders if tracked else ()), *self._demands, *self._busy):
            assert volume_id in self.volumes, f"{volume_id} is wanted or in work, but not known"
        for volume_id in self._demands:
            assert volume_id not in self.holders, f"{volume_id} is held and being destroyed"
        self.users.validate()
        self.expansions.validate()
        for volume in self.volumes.values():
            assert volume.state is not VolumeState.DELETED, f"{volume.id} is deleted and still known"
