"""Makes existing volumes larger: ControllerExpandVolume, then NodeExpandVolume where it is needed.

What is wanted is part of the volume's record from before the first call on, so that a repeat after a
restart asks for exactly the same. The stages:

    CONTROLLER  room is made where the volume is kept; while it is published only if the plugin expands
                ONLINE, else at rest
    NODE        the volume is published, and takes the room in there

A plugin without ControllerExpandVolume begins at NODE. Until room was made, a refusal ends it and nothing
has changed; a refusal of a repeat counts only if it judges the request, or if the plugin's list shows twice
that the volume is as large as before. Once room was made there is no way back: NodeExpandVolume is repeated
until it succeeds, which delays nobody who uses the volume as it is.

It must not: know operations, or bring a volume anywhere. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from provider.attempts import Attempt, Attempts, Turn
from provider.calls import CreatedVolume, Expanded, ListVolumes, Outcome, PluginFacts
from provider.events import CallFailed
from provider.paths import VolumePaths
from provider.plausibility import told_size
from provider.volume import Capabilities, Expansion, ExpansionStage, Goal, Volume, VolumeState, next_step
from provider.volume_calls import expand_at_controller, expand_on_node

JUDGES_THE_REQUEST = frozenset({"INVALID_ARGUMENT", "OUT_OF_RANGE", "UNIMPLEMENTED", "NOT_FOUND"})
"""Refusals that depend on nothing but the request, so that a repeat is refused like the first attempt."""

LISTS_NEEDED = 2
"""Listings that show the volume as large as before, each after a refused repeat, until nothing was done."""


class Host(Protocol):
    """What this room asks of the driver."""

    volumes: dict[str, Volume]
    facts: PluginFacts | None
    paths: VolumePaths

    @property
    def holders(self) -> Mapping[str, tuple[str, ...]]: ...

    def save(self, turn: Turn, before: Volume, after: Volume) -> None: ...

    def occupy(self, volume_id: str, attempt: Attempt) -> None: ...

    def free(self, volume_id: str) -> None: ...

    def advance(self, turn: Turn, volume_id: str) -> None: ...

    def answer(self, turn: Turn, volume_id: str) -> None: ...

    def renew(self, turn: Turn, volume_id: str, down_to: VolumeState) -> None: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants it: told either that it is `done`, or that it was `refused` and why.

    Both are told the bytes that the volume really took: a refusal may come after some.
    """

    done: Callable[[Turn, Volume, int], None]
    refused: Callable[[Turn, str, int], None]


class Expansions:
    """Volumes that are being made larger."""

    def __init__(self, host: Host, attempts: Attempts) -> None:
        self._host = host
        self._attempts = attempts
        self._wishes: dict[str, Wish] = {}
        self._slow: set[str] = set()
        self._restaged: set[str] = set()
        """Volumes that were staged anew because NodeExpandVolume was refused: some plugins need that."""
        self._unchanged: dict[str, int] = {}

    def is_under_way(self, volume_id: str) -> bool:
        """Whether somebody waits for the volume to become larger."""
        return volume_id in self._wishes

    def is_slow(self, volume_id: str) -> bool:
        """Whether NodeExpandVolume has failed already, so that users do not wait for it."""
        return volume_id in self._slow

    def _stage(self, volume_id: str) -> ExpansionStage | None:
        volume = self._host.volumes.get(volume_id)
        return volume.expansion.stage if volume is not None and volume.expansion is not None else None

    def begin(self, turn: Turn, volume_id: str, required_bytes: int, wish: Wish) -> None:
        """Begin, or after a restart go on. The plugin is up, and can expand in some way."""
        volume = self._host.volumes[volume_id]
        self._wishes[volume_id] = wish
        if volume.expansion is None or volume.expansion.required_bytes < required_bytes:
            able = self._capabilities.controller_expand
            stage = ExpansionStage.CONTROLLER if able else ExpansionStage.NODE
            expansion = Expansion(required_bytes, volume.capacity_bytes, stage)
            self._host.save(turn, volume, replace(volume, expansion=expansion))
        self._host.advance(turn, volume_id)

    def abandon(self, turn: Turn, volume_id: str, message: str) -> bool:
        """Nobody wants to wait any more. True when it is over: off, or as large as it was to be.

        False while nobody knows whether room was made. What is made is taken in when it is next published.
        """
        volume, wish = self._host.volumes[volume_id], self._wishes[volume_id]
        if volume.expansion is not None and self.is_made(volume):
            del self._wishes[volume_id]
            wish.done(turn, volume, volume.capacity_bytes - volume.expansion.from_bytes)
            self._host.advance(turn, volume_id)
            return True
        if volume.expansion is not None and volume.expansion.sent:
            return False
        self._refused(turn, volume_id, message)
        return True

    @property
    def _capabilities(self) -> Capabilities:
        assert self._host.facts is not None
        return self._host.facts.capabilities

    def goal(self, volume: Volume, *, held: bool) -> Goal | None:
        """Where a volume has to be brought for the sake of its expansion; None: anywhere."""
        if volume.expansion is None or volume.id not in self._wishes:
            return None
        if volume.expansion.stage is ExpansionStage.NODE:
            return Goal.PUBLISHED
        if not held:
            return Goal.CREATED
        # One that is used stays where it is; one that somebody waits for may grow before it comes.
        waits = self._is_at_rest(volume) and not self._capabilities.online_expand
        return Goal.CREATED if waits else None

    def _is_at_rest(self, volume: Volume) -> bool:
        """Whether no call is left that would bring it further down, short of its deletion."""
        if volume.state is VolumeState.DELETING:
            return False
        return next_step(volume, Goal.CREATED, self._capabilities) is None

    def step(self, turn: Turn, volume: Volume) -> bool:
        """Begin the call that can be made where the volume is now; False when there is none."""
        expansion = volume.expansion
        if expansion is None:
            return False
        published = volume.state is VolumeState.PUBLISHED
        if expansion.stage is ExpansionStage.NODE:
            if published:
                self._call_node(turn, volume, expansion)
            return published
        if volume.id not in self._wishes or not (
            self._is_at_rest(volume) or (published and self._capabilities.online_expand)
        ):
            return False
        self._call_controller(turn, volume, expansion)
        return True

    def _sent(self, turn: Turn, volume: Volume, expansion: Expansion) -> None:
        if not expansion.sent:
            self._host.save(turn, volume, replace(volume, expansion=replace(expansion, sent=True)))

    def _call_controller(self, turn: Turn, volume: Volume, expansion: Expansion) -> None:
        self._sent(turn, volume, expansion)
        attempt = self._attempts.call(
            turn,
            expand_at_controller(volume, expansion.required_bytes),
            f"ControllerExpandVolume of volume {volume.id}",
            lambda later, answer: self._room_made(later, volume.id, answer),
            lambda later, tried, failure: self._not_made(later, volume.id, expansion, tried, failure),
        )
        self._host.occupy(volume.id, attempt)

    def _room_made(self, turn: Turn, volume_id: str, answer: Expanded) -> None:
        self._host.free(volume_id)
        volume = self._host.volumes[volume_id]
        assert volume.expansion is not None
        required = volume.expansion.required_bytes
        size = told_size(answer.capacity_bytes, required)
        on_node = answer.on_node and self._capabilities.node_expand and size >= required
        following = replace(volume.expansion, stage=ExpansionStage.NODE, sent=False) if on_node else None
        self._grown(turn, volume, size, following)

    def _call_node(self, turn: Turn, volume: Volume, expansion: Expansion) -> None:
        assert self._host.facts is not None
        self._sent(turn, volume, expansion)
        attempt = self._attempts.call(
            turn,
            expand_on_node(volume, expansion.required_bytes, self._host.facts, self._host.paths),
            f"NodeExpandVolume of volume {volume.id}",
            lambda later, size: self._taken_in(later, volume.id, size),
            lambda later, tried, failure: self._not_made(later, volume.id, expansion, tried, failure),
        )
        self._host.occupy(volume.id, attempt)

    def _taken_in(self, turn: Turn, volume_id: str, size: int) -> None:
        self._host.free(volume_id)
        self._slow.discard(volume_id)
        self._restaged.discard(volume_id)
        volume = self._host.volumes[volume_id]
        assert volume.expansion is not None
        # What the controller said is what it takes; a file system may tell less than its volume holds.
        known = (
            volume.capacity_bytes
            if self.is_made(volume)
            else told_size(size, volume.expansion.required_bytes)
        )
        self._grown(turn, volume, known, None)

    def is_made(self, volume: Volume) -> bool:
        """Whether the room for its expansion is there, so that there is no way back."""
        return volume.expansion is not None and volume.capacity_bytes >= volume.expansion.required_bytes

    def _grown(self, turn: Turn, volume: Volume, size: int, following: Expansion | None) -> None:
        assert volume.expansion is not None
        grown = replace(volume, capacity_bytes=max(volume.capacity_bytes, size), expansion=following)
        self._host.save(turn, volume, grown)
        if following is None and volume.id in self._wishes:
            self._tell(turn, self._wishes.pop(volume.id), grown, volume.expansion)
        self._host.advance(turn, volume.id)

    def _tell(self, turn: Turn, wish: Wish, volume: Volume, wanted: Expansion) -> None:
        size, required = volume.capacity_bytes, wanted.required_bytes
        if size >= required:
            wish.done(turn, volume, size - wanted.from_bytes)
        else:
            text = f"the plugin made it {size} bytes large, less than the {required} required: look at it"
            wish.refused(turn, text, size - wanted.from_bytes)

    def _not_made(
        self, turn: Turn, volume_id: str, sent: Expansion, attempt: Attempt, failure: CallFailed
    ) -> None:
        volume = self._host.volumes[volume_id]
        repeated = attempt.failures > 0 or sent.sent
        if failure.outcome is not Outcome.REFUSED:
            self._unchanged.pop(volume_id, None)
            self._repeat(turn, volume_id, attempt, failure)
        elif self._may_help_to_stage(volume):
            self._restaged.add(volume_id)
            self._host.free(volume_id)
            self._host.renew(turn, volume_id, VolumeState.NODE_READY)
        elif self.is_made(volume) or volume_id not in self._wishes:
            self._repeat(turn, volume_id, attempt, failure)
        elif not repeated or failure.code in JUDGES_THE_REQUEST:
            self._host.free(volume_id)
            self._refused(turn, volume_id, f"{attempt.about} was refused: {failure.code}: {failure.message}")
        elif self._capabilities.list_volumes:
            self._look(turn, volume_id, attempt, failure)
        else:
            self._repeat(turn, volume_id, attempt, failure)

    def _may_help_to_stage(self, volume: Volume) -> bool:
        """Whether room was made, the node refuses to take it in as it is staged, and nobody uses it."""
        return (
            self.is_made(volume)
            and self._capabilities.stage
            and volume.id in self._wishes
            and volume.id not in self._host.holders
            and volume.id not in self._restaged
        )

    def _repeat(self, turn: Turn, volume_id: str, attempt: Attempt, failure: CallFailed) -> None:
        self._attempts.repeat(attempt, failure, turn.at.monotonic)
        if self._stage(volume_id) is ExpansionStage.NODE:
            self._slow.add(volume_id)
            self._host.answer(turn, volume_id)

    def _look(self, turn: Turn, volume_id: str, attempt: Attempt, failure: CallFailed) -> None:
        """A repeat was refused: see whether an earlier attempt has made room."""

        def listed(later: Turn, volumes: tuple[CreatedVolume, ...]) -> None:
            size = next((v.capacity_bytes for v in volumes if v.id == volume_id), 0)
            before = self._host.volumes[volume_id].capacity_bytes
            seen = self._unchanged.get(volume_id, 0) + 1 if 0 < size <= before else 0
            self._unchanged[volume_id] = seen
            if seen >= LISTS_NEEDED:
                self._host.free(volume_id)
                text = f"{attempt.about} was refused: {failure.code}: {failure.message}"
                self._refused(later, volume_id, text)
            else:
                self._repeat(later, volume_id, attempt, failure)

        def not_listed(later: Turn, _: Attempt, __: CallFailed) -> None:
            self._repeat(later, volume_id, attempt, failure)

        self._attempts.call(turn, ListVolumes(), f"ListVolumes for {attempt.about}", listed, not_listed)

    def give_up(self, turn: Turn, volume_id: str, message: str) -> None:
        """The volume cannot be published: without room made yet, the expansion is off."""
        volume = self._host.volumes[volume_id]
        open_ended = volume.expansion is None or volume.expansion.sent or self.is_made(volume)
        if volume_id in self._wishes and not open_ended:
            self._refused(turn, volume_id, message)

    def _refused(self, turn: Turn, volume_id: str, message: str) -> None:
        """It is off. What is under way for the volume, if it is not this room's own call, goes on."""
        self._unchanged.pop(volume_id, None)
        self._slow.discard(volume_id)
        volume = self._host.volumes[volume_id]
        self._host.save(turn, volume, replace(volume, expansion=None))
        self._wishes.pop(volume_id).refused(turn, message, 0)
        self._host.advance(turn, volume_id)

    def validate(self) -> None:
        """Raises AssertionError when an invariant is broken."""
        for volume_id in self._wishes:
            assert self._stage(volume_id) is not None, f"{volume_id} is to grow, its record does not say so"
