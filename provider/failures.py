"""What follows when a call that moves a volume did not succeed.

    unknown, busy       the same call again
    NOT_FOUND           an inverse has nothing left to do
    refused, a deletion that an earlier attempt may have done: the plugin's list decides
    refused, an inverse because of the state that the volume is in (FAILED_PRECONDITION): what comes before
                        it is undone once more, as a plugin may have said so without doing it
    refused             whoever waits for it is told, and the volume goes where it is wanted then

It must not: begin a call itself, or know operations and users. Pure.
"""

from __future__ import annotations

from typing import Protocol

from provider import volume as ladder
from provider.attempts import Attempt, Attempts, Turn
from provider.calls import CreatedVolume, ListVolumes, Outcome, PluginFacts
from provider.events import CallFailed
from provider.volume import Step, Volume, VolumeCall

INVERSES = frozenset(
    {
        VolumeCall.NODE_UNPUBLISH,
        VolumeCall.NODE_UNSTAGE,
        VolumeCall.CONTROLLER_UNPUBLISH,
        VolumeCall.DELETE,
    }
)
"""Calls that have nothing left to do when the plugin does not know the volume (NOT_FOUND)."""


class Host(Protocol):
    """What this room asks of the driver."""

    volumes: dict[str, Volume]
    facts: PluginFacts | None

    def save(self, turn: Turn, before: Volume, after: Volume) -> None: ...

    def free(self, volume_id: str) -> None: ...

    def is_occupied_by(self, volume_id: str, attempt: Attempt) -> bool: ...

    def advance(self, turn: Turn, volume_id: str) -> None: ...

    def done(self, turn: Turn, volume_id: str, step: Step) -> None: ...

    def next_step(self, volume: Volume) -> Step | None: ...

    def taken_for_gone(self, turn: Turn, volume_id: str) -> bool: ...

    def give_up(self, turn: Turn, volume_id: str, message: str) -> None: ...


class Failures:
    """Calls on volumes that did not succeed."""

    def __init__(self, host: Host, attempts: Attempts) -> None:
        self._host = host
        self._attempts = attempts
        self._redone: dict[str, set[VolumeCall]] = {}
        """Calls after whose refusal what comes before was undone once more, by volume."""

    def failed(self, turn: Turn, volume_id: str, step: Step, attempt: Attempt, failure: CallFailed) -> None:
        """`attempt`, which was `step`'s call, ended so."""
        if failure.code == "NOT_FOUND" and step.call in INVERSES:
            self._host.done(turn, volume_id, step)
        elif failure.outcome is not Outcome.REFUSED:
            self._attempts.repeat(attempt, failure, turn.at.monotonic)
        elif step.call is VolumeCall.DELETE and self._in_doubt(volume_id, step, attempt):
            self._look(turn, volume_id, step, attempt, failure)
        else:
            self._not_done(turn, volume_id, step, attempt, failure)

    def forget(self, volume_id: str) -> None:
        """The volume is where it was wanted."""
        self._redone.pop(volume_id, None)

    def _not_done(
        self, turn: Turn, volume_id: str, step: Step, attempt: Attempt, failure: CallFailed
    ) -> None:
        """It was refused, and no earlier attempt had done it."""
        if self._undone_before(turn, volume_id, step, failure):
            self._host.free(volume_id)
            self._host.advance(turn, volume_id)
        else:
            self._refused(turn, volume_id, step, attempt, failure)

    def _undone_before(self, turn: Turn, volume_id: str, step: Step, failure: CallFailed) -> bool:
        """Whether what comes before is to be undone once more; only once for each call."""
        assert self._host.facts is not None
        redone = self._redone.setdefault(volume_id, set())
        if failure.code != "FAILED_PRECONDITION" or step.call in redone:
            return False
        volume = self._host.volumes[volume_id]
        back = ladder.one_back(volume, step, self._host.facts.capabilities)
        if back is None:
            return False
        redone.add(step.call)
        self._host.save(turn, volume, back)
        return True

    def _in_doubt(self, volume_id: str, step: Step, attempt: Attempt) -> bool:
        """Whether an earlier attempt may have done it, and the plugin can be asked."""
        assert self._host.facts is not None
        listed = self._host.facts.capabilities.list_volumes
        before = step.start is step.transient or self._host.volumes[volume_id].retreating
        return listed and (attempt.failures > 0 or before)

    def _look(self, turn: Turn, volume_id: str, step: Step, attempt: Attempt, failure: CallFailed) -> None:
        """A repeated deletion was refused: see whether an earlier attempt had done it."""

        def listed(later: Turn, volumes: tuple[CreatedVolume, ...]) -> None:
            if any(v.id == volume_id for v in volumes):
                self._not_done(later, volume_id, step, attempt, failure)
            else:
                self._host.done(later, volume_id, step)

        def not_listed(later: Turn, _: Attempt, __: CallFailed) -> None:
            self._attempts.repeat(attempt, failure, later.at.monotonic)

        about = f"ListVolumes for {attempt.about}"
        self._attempts.call(turn, ListVolumes(), about, listed, not_listed)

    def _refused(self, turn: Turn, volume_id: str, step: Step, attempt: Attempt, failure: CallFailed) -> None:
        volume = self._host.volumes[volume_id]
        self._host.save(turn, volume, ladder.refused(volume, step))
        self.forget(volume_id)
        if failure.code == "NOT_FOUND" and self._host.taken_for_gone(turn, volume_id):
            return
        self._host.give_up(turn, volume_id, f"{step.call} was refused: {failure.code}: {failure.message}")
        if not self._host.is_occupied_by(volume_id, attempt):
            self._host.advance(turn, volume_id)  # whoever gave up has gone on with it already
            return
        following = self._host.next_step(self._host.volumes[volume_id])
        if following is not None and following.call is step.call:
            self._attempts.repeat(attempt, failure, turn.at.monotonic)  # nothing else leads there
            return
        self._host.free(volume_id)
        self._host.advance(turn, volume_id)
