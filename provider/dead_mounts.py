"""Published volumes whose mounts have vanished or died without a reboot: found, mounted anew, or reported.

All that is published is looked at when the plugin came up and then from time to time, on the host alone: no
CSI call is made for a volume at rest. What follows:

    VANISHED        it is published anew; what is staged stays, as containers may still use it
    DEAD            nobody can use it any more, so it is staged and published anew at once
    FAILING, SILENT left alone while somebody uses it, and nobody else gets it then; with the last user
                    it comes down, and goes up anew for the next

Containers that run keep what they were started with, so their users are told to restart them.

It must not: call a plugin, or know how a mount is looked at. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from provider.attempts import Attempt, Attempts, Turn
from provider.driver import VolumeDriver
from provider.events import CallFailed, ExamineMounts, MountProblem, MountState, PublishedMount
from provider.notices import Notice, NoticeKind
from provider.volume import Volume, VolumeState

LOOK_SECONDS = 30.0
"""How often published volumes are looked at, beside when the plugin came up."""


@dataclass(slots=True)
class _Dead:
    """A mount that was found dead. `users`: who was using it then. `renewed`: it is being mounted anew."""

    problem: MountProblem
    since: float
    users: tuple[str, ...]
    renewed: bool


class DeadMounts:
    """Looks at what is published, and knows what was found dead."""

    def __init__(self, driver: VolumeDriver, attempts: Attempts) -> None:
        self._driver = driver
        self._attempts = attempts
        self._dead: dict[str, _Dead] = {}
        self._looking = False
        self._looked = float("-inf")

    def look_if_due(self, turn: Turn) -> None:
        """Look, unless it was done a short while ago."""
        if turn.at.monotonic - self._looked >= LOOK_SECONDS:
            self.look(turn)

    def look(self, turn: Turn) -> None:
        """Look at everything that is published here, unless that is being done."""
        seen = {v.id: v for v in self._driver.published()}
        if self._looking or not seen:
            return
        self._looking, self._looked = True, turn.at.monotonic
        mounts = tuple(
            PublishedMount(v.id, self._driver.paths.target(v.id), v.capability.block, v.mounted)
            for v in seen.values()
        )

        def looked(later: Turn, problems: Mapping[str, MountProblem] | None) -> None:
            self._looking = False
            for volume_id, volume in seen.items():
                self._seen(later, volume, (problems or {}).get(volume_id))

        def not_looked(later: Turn, attempt: Attempt, failure: CallFailed) -> None:
            self._looking = False  # the next time has to do

        self._attempts.act(turn, ExamineMounts(mounts), "a look at the mounts", looked, not_looked)

    def _seen(self, turn: Turn, volume: Volume, problem: MountProblem | None) -> None:
        if self._driver.volumes.get(volume.id) is not volume or volume.id in self._driver.under_way:
            return  # it is not what was looked at
        known = self._dead.get(volume.id)
        if problem is None:
            if known is not None and not known.renewed:
                self._forget(turn, volume.id)
            return
        if known is not None and not known.renewed and known.problem == problem:
            return
        users = self._driver.holders.get(volume.id, ())
        renewed = problem.state in (MountState.VANISHED, MountState.DEAD)
        since = known.since if known is not None else turn.at.epoch
        self._dead[volume.id] = _Dead(problem, since, users, renewed)
        turn.report(urgent=False)
        if renewed:
            self._driver.unhealthy.pop(volume.id, None)
            dead = problem.state is MountState.DEAD
            self._driver.renew(turn, volume.id, VolumeState.NODE_READY if dead else VolumeState.VOL_READY)
        else:
            self._driver.unhealthy[volume.id] = problem.message

    def _forget(self, turn: Turn, volume_id: str) -> None:
        del self._dead[volume_id]
        self._driver.unhealthy.pop(volume_id, None)
        turn.report(urgent=False)

    def released(self, turn: Turn) -> None:
        """Users may have given volumes back: what they alone saw is of no interest any more."""
        for volume_id in list(self._dead):
            if not self._affected(volume_id):
                self._forget(turn, volume_id)

    def _affected(self, volume_id: str) -> list[str]:
        holders = self._driver.holders.get(volume_id, ())
        return [user for user in self._dead[volume_id].users if user in holders]

    def notices(self) -> Iterable[Notice]:
        """See `NoticeSource.notices`."""
        for volume_id, dead in self._dead.items():
            users = ", ".join(self._affected(volume_id))
            when = datetime.fromtimestamp(dead.since, UTC).isoformat(timespec="seconds")
            if dead.renewed:
                after = f"it was mounted anew; {users} still see what is dead: restart them"
            else:
                after = f"it is in use by {users}: end them, and it is mounted anew for its next user"
            text = f"{dead.problem.message} (seen {when}); {after}"
            volume = self._driver.volumes.get(volume_id)
            size = 0 if volume is None else volume.capacity_bytes
            yield Notice(volume_id, NoticeKind.DEAD_MOUNT, text, size)
