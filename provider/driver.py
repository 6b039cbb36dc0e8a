"""Brings volumes where they are wanted: one call at a time for each volume, many volumes at once.

Where a volume is wanted follows from who wants something of it: containers that hold it and a
DESTROY that must wipe it want it published, a DESTROY_DISK wants it deleted, and without either it
comes back to rest. `advance` compares that with where the volume is and begins the next call. After
every call it is asked again, so a wish that changed meanwhile is seen at the next step.

Pure. It knows operations only as demands with a callback, and capacity not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from provider import volume as ladder
from provider.attempts import Attempt, Attempts, Turn
from provider.calls import (
    ControllerPublish,
    ControllerUnpublish,
    CreatedVolume,
    DeleteVolume,
    ListVolumes,
    NodePublish,
    NodeStage,
    NodeUnpublish,
    NodeUnstage,
    Outcome,
    PluginFacts,
    VolumeRequest,
)
from provider.events import AnswerPublish, CallFailed, Publish, PublishedVolume, WipeContents
from provider.paths import VolumePaths
from provider.records import Checkpoint, ForgetVolume, SaveHolders, SaveVolume
from provider.volume import Goal, Step, Volume, VolumeCall, VolumeState

READ_ONLY_MODES = frozenset({"SINGLE_NODE_READER_ONLY", "MULTI_NODE_READER_ONLY"})

INVERSES = frozenset(
    {
        VolumeCall.NODE_UNPUBLISH,
        VolumeCall.NODE_UNSTAGE,
        VolumeCall.CONTROLLER_UNPUBLISH,
        VolumeCall.DELETE,
    }
)
"""Calls that have nothing left to do when the plugin does not know the volume (NOT_FOUND)."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What an operation wants of a volume: wiped, or deleted. Exactly one of the callbacks is called."""

    goal: Goal
    done: Callable[[Turn], None]
    refused: Callable[[Turn, str], None]


@dataclass(slots=True)
class _Request:
    """A Publish that is not answered yet."""

    user: str
    volumes: tuple[str, ...]


class VolumeDriver:
    """The volumes of one provider, their holders and what is wanted of them."""

    def __init__(self, checkpoint: Checkpoint, attempts: Attempts, mount_root: str, boot_id: str) -> None:
        self._attempts = attempts
        self.paths = VolumePaths(mount_root)
        self._boot_id = boot_id
        self.volumes: dict[str, Volume] = {v.id: ladder.after_boot(v, boot_id) for v in checkpoint.volumes}
        self.holders: dict[str, tuple[str, ...]] = {v: tuple(u) for v, u in checkpoint.holders.items() if u}
        self.facts: PluginFacts | None = None
        self._requests: dict[UUID, _Request] = {}
        self._demands: dict[str, Demand] = {}
        self._busy: dict[str, Attempt] = {}

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

    def withdraw(self, turn: Turn, volume_ids: Iterable[str]) -> None:
        """The demands on these volumes are off, without a callback."""
        for volume_id in sorted(volume_ids):
            if self._demands.pop(volume_id, None) is not None:
                self.advance(turn, volume_id)

    def publish(self, turn: Turn, event: Publish, volume_ids: tuple[str, ...]) -> None:
        """Hold the volumes for `event.user` and answer once all of them are published, or one cannot be."""
        for volume_id in volume_ids:
            problem = self._unusable(volume_id)
            if problem is not None:
                turn.act(AnswerPublish(event.request, message=problem))
                return
        for volume_id in volume_ids:
            self.hold(turn, volume_id, event.user)
        self._requests[event.request] = _Request(event.user, volume_ids)
        for volume_id in volume_ids:
            self.advance(turn, volume_id)
        self._answer(turn)

    def _unusable(self, volume_id: str) -> str | None:
        if volume_id not in self.volumes:
            return f"volume {volume_id!r} is not known to this provider: look at the resources again"
        if volume_id in self._demands or self.volumes[volume_id].state is VolumeState.DELETING:
            return f"volume {volume_id!r} is being destroyed"
        return None

    def unpublish(self, turn: Turn, user: str) -> None:
        """`user` needs nothing any more: volumes that nobody else holds come back to rest."""
        for request, waiting in list(self._requests.items()):
            if waiting.user == user:
                del self._requests[request]
                turn.act(AnswerPublish(request, message=f"{user} gave its volumes back meanwhile"))
        for volume_id in sorted(v for v, users in self.holders.items() if user in users):
            self._release(turn, volume_id, user)
            self.advance(turn, volume_id)

    def ready(self, turn: Turn, facts: PluginFacts) -> None:
        """The plugin is up: go on with everything."""
        self.facts = facts
        for volume_id in sorted(self.volumes):
            self.advance(turn, volume_id)

    # Getting there

    def advance(self, turn: Turn, volume_id: str) -> None:
        """Begin the next call for this volume, if there is one and none is in flight."""
        volume = self.volumes.get(volume_id)
        if volume is None or self.facts is None:
            return
        attempt = self._busy.get(volume_id)
        if attempt is not None:
            if not self._attempts.withdraw(attempt):
                return
            del self._busy[volume_id]
        goal = self._goal(volume_id)
        step = ladder.next_step(volume, goal, self.facts.capabilities)
        if step is None or (step.call is VolumeCall.DELETE and not self._can_delete):
            self._reached(turn, volume, goal)
        else:
            self._begin(turn, volume, step)

    @property
    def _can_delete(self) -> bool:
        return self.facts is not None and self.facts.capabilities.create_delete_volume

    def _goal(self, volume_id: str) -> Goal:
        demand = self._demands.get(volume_id)
        if demand is not None:
            return demand.goal
        return Goal.PUBLISHED if volume_id in self.holders else Goal.CREATED

    def _begin(self, turn: Turn, volume: Volume, step: Step) -> None:
        changed = ladder.begin(volume, step, self._boot_id)
        self._save(turn, volume, changed)
        self._busy[volume.id] = self._attempts.call(
            turn,
            self._request(changed, step.call),
            f"{step.call} of volume {volume.id}",
            lambda later, result: self._done(later, volume.id, step, result),
            lambda later, attempt, failure: self._failed(later, volume.id, step, attempt, failure),
        )

    def _done(self, turn: Turn, volume_id: str, step: Step, result: Any) -> None:
        self._busy.pop(volume_id, None)
        volume = self.volumes[volume_id]
        context = result if step.call is VolumeCall.CONTROLLER_PUBLISH else None
        self._save(turn, volume, ladder.done(volume, step, context))
        self.advance(turn, volume_id)

    def _failed(self, turn: Turn, volume_id: str, step: Step, attempt: Attempt, failure: CallFailed) -> None:
        if failure.code == "NOT_FOUND" and step.call in INVERSES:
            self._done(turn, volume_id, step, None)
            return
        if failure.outcome is not Outcome.REFUSED:
            self._attempts.repeat(attempt, failure, turn.at.monotonic)
        elif step.call is VolumeCall.DELETE and self._in_doubt(step, attempt):
            self._look(turn, volume_id, step, attempt, failure)
        else:
            self._refused(turn, volume_id, step, attempt, failure)

    def _in_doubt(self, step: Step, attempt: Attempt) -> bool:
        """Whether an earlier attempt may have done it, and the plugin can be asked."""
        assert self.facts is not None
        return self.facts.capabilities.list_volumes and (attempt.failures > 0 or step.start is step.transient)

    def _look(self, turn: Turn, volume_id: str, step: Step, attempt: Attempt, failure: CallFailed) -> None:
        """A repeated deletion was refused: see whether an earlier attempt had done it."""

        def listed(later: Turn, volumes: tuple[CreatedVolume, ...]) -> None:
            if any(v.id == volume_id for v in volumes):
                self._refused(later, volume_id, step, attempt, failure)
            else:
                self._done(later, volume_id, step, None)

        def not_listed(later: Turn, _: Attempt, __: CallFailed) -> None:
            self._attempts.repeat(attempt, failure, later.at.monotonic)

        about = f"ListVolumes for {attempt.about}"
        self._attempts.call(turn, ListVolumes(), about, listed, not_listed)

    def _refused(self, turn: Turn, volume_id: str, step: Step, attempt: Attempt, failure: CallFailed) -> None:
        volume = self.volumes[volume_id]
        changed = ladder.refused(volume, step)
        self._save(turn, volume, changed)
        self._give_up(turn, volume_id, f"{step.call} was refused: {failure.code}: {failure.message}")
        following = self._following(changed)
        if following is not None and following.call is step.call:
            self._attempts.repeat(attempt, failure, turn.at.monotonic)  # nothing else leads there
            return
        self._busy.pop(volume_id, None)
        self.advance(turn, volume_id)

    def _following(self, volume: Volume) -> Step | None:
        assert self.facts is not None
        return ladder.next_step(volume, self._goal(volume.id), self.facts.capabilities)

    def _give_up(self, turn: Turn, volume_id: str, message: str) -> None:
        """Tell everyone who waits for this volume that the plugin refuses; other holders stay."""
        demand = self._demands.pop(volume_id, None)
        if demand is not None:
            demand.refused(turn, message)
        for request, waiting in list(self._requests.items()):
            if volume_id in waiting.volumes:
                del self._requests[request]
                turn.act(AnswerPublish(request, message=f"volume {volume_id!r}: {message}"))
                for held in waiting.volumes:
                    self._release(turn, held, waiting.user)
                    if held != volume_id:
                        self.advance(turn, held)

    def _reached(self, turn: Turn, volume: Volume, goal: Goal) -> None:
        if goal is Goal.PUBLISHED:
            if volume.id in self._demands:
                self._wipe(turn, volume)
            else:
                self._answer(turn)
        elif goal is Goal.DELETED:
            if volume.state is VolumeState.DELETED:
                del self.volumes[volume.id]
                turn.persist(ForgetVolume(volume.id))
            self._demands.pop(volume.id).done(turn)

    def _wipe(self, turn: Turn, volume: Volume) -> None:
        self._busy[volume.id] = self._attempts.act(
            turn,
            WipeContents(self.paths.target(volume.id), volume.capability.block),
            f"wiping of volume {volume.id}",
            lambda later, _: self._wiped(later, volume.id),
            lambda later, attempt, failure: self._not_wiped(later, volume.id, failure),
        )

    def _wiped(self, turn: Turn, volume_id: str) -> None:
        self._busy.pop(volume_id, None)
        volume = self.volumes[volume_id]
        self._save(turn, volume, replace(volume, used=volume_id in self.holders))
        demand = self._demands.pop(volume_id, None)
        if demand is not None:
            demand.done(turn)
        self.advance(turn, volume_id)

    def _not_wiped(self, turn: Turn, volume_id: str, failure: CallFailed) -> None:
        self._busy.pop(volume_id, None)
        self._give_up(turn, volume_id, f"its contents could not be deleted: {failure.message}")
        self.advance(turn, volume_id)

    # Holders

    def hold(self, turn: Turn, volume_id: str, user: str) -> None:
        """Note durably that `user` uses the volume; nothing is published by this alone."""
        users = self.holders.get(volume_id, ())
        if user not in users:
            self.holders[volume_id] = (*users, user)
            turn.persist(SaveHolders(volume_id, self.holders[volume_id]))
            volume = self.volumes.get(volume_id)
            if volume is not None:
                self._save(turn, volume, replace(volume, used=True))

    def _release(self, turn: Turn, volume_id: str, user: str) -> None:
        users = self.holders.get(volume_id, ())
        if user not in users:
            return
        left = tuple(u for u in users if u != user)
        self.holders[volume_id] = left
        if not left:
            del self.holders[volume_id]
        turn.persist(SaveHolders(volume_id, left))

    def _answer(self, turn: Turn) -> None:
        """Answer every Publish whose volumes are all there."""
        for request, waiting in list(self._requests.items()):
            if all(self._is_published(v) for v in waiting.volumes):
                del self._requests[request]
                published = tuple(self._published(v) for v in waiting.volumes)
                turn.act(AnswerPublish(request, published))

    def _is_published(self, volume_id: str) -> bool:
        volume = self.volumes[volume_id]
        return volume.state is VolumeState.PUBLISHED and volume_id not in self._busy

    def _published(self, volume_id: str) -> PublishedVolume:
        block = self.volumes[volume_id].capability.block
        return PublishedVolume(volume_id, self.paths.target(volume_id), block)

    def _request(self, volume: Volume, call: VolumeCall) -> VolumeRequest:
        assert self.facts is not None
        node = self.facts.node_id
        readonly = volume.capability.access_mode in READ_ONLY_MODES
        staging = self.paths.staging(volume.id)
        target = self.paths.target(volume.id)
        match call:
            case VolumeCall.CONTROLLER_PUBLISH:
                return ControllerPublish(volume.id, node, volume.capability, readonly, volume.context)
            case VolumeCall.NODE_STAGE:
                return NodeStage(
                    volume.id, staging, volume.capability, volume.context, volume.publish_context
                )
            case VolumeCall.NODE_PUBLISH:
                return NodePublish(
                    volume.id,
                    staging if self.facts.capabilities.stage else None,
                    target,
                    volume.capability,
                    readonly,
                    volume.context,
                    volume.publish_context,
                )
            case VolumeCall.NODE_UNPUBLISH:
                return NodeUnpublish(volume.id, target)
            case VolumeCall.NODE_UNSTAGE:
                return NodeUnstage(volume.id, staging)
            case VolumeCall.CONTROLLER_UNPUBLISH:
                return ControllerUnpublish(volume.id, node)
            case VolumeCall.DELETE:
                return DeleteVolume(volume.id)

    def _save(self, turn: Turn, before: Volume, after: Volume) -> None:
        self.volumes[after.id] = after
        if after != before:
            turn.persist(SaveVolume(after))

    def validate(self, *, tracked: bool) -> None:
        """Raises AssertionError when an invariant is broken. `tracked`: whatever is held is a volume here."""
        for volume_id in (*(self.holders if tracked else ()), *self._demands, *self._busy):
            assert volume_id in self.volumes, f"{volume_id} is wanted or in work, but not known"
        for volume_id in self._demands:
            assert volume_id not in self.holders, f"{volume_id} is held and being destroyed"
        assert all(self.holders.values()), self.holders
        for waiting in self._requests.values():
            for volume_id in waiting.volumes:
                assert waiting.user in self.holders.get(volume_id, ()), f"{waiting.user} waits unheld"
        for volume in self.volumes.values():
            assert volume.state is not VolumeState.DELETED, f"{volume.id} is deleted and still known"


def held_by(volume_ids: Iterable[str], holders: dict[str, tuple[str, ...]]) -> str | None:
    """Who uses the volumes, for a refusal; None when nobody does."""
    users = sorted({user for v in volume_ids for user in holders.get(v, ())})
    if not users:
        return None
    return f"in use by {', '.join(users)}: stop what uses it first"
