"""Volumes that cannot be brought where they should be: since when, why, and what an operator can do.

A call that fails is repeated for ever, and one that does not return is waited for; either holds up its own
volume alone. This room only tells of it. It must not: change anything, or repeat a call. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from provider import calls
from provider.attempts import Attempt, Attempts, Turn
from provider.driver import VolumeDriver
from provider.events import CallPlugin
from provider.notices import Notice, NoticeKind

STUCK_SECONDS = 30.0
"""A call on a volume that has not succeeded for so long is told of."""

LONG_SECONDS = 600.0
"""The same for wiping, which takes long by its nature."""

IN_THE_WAY = (
    "see on the agent's host what keeps {path} busy (fuser -vm {path}) and end it, or what is left in it "
    "though nothing is mounted there (ls -la {path}), which is not deleted here, and move it away"
)

ADVICE: Mapping[type[calls.Request[Any]], str] = {
    calls.NodeUnpublish: IN_THE_WAY,
    calls.NodeUnstage: IN_THE_WAY,
    calls.NodeExpand: "the volume is larger already, what is on it is not; an operation that waits for it "
    "can be given up (orlop operations abandon ID)",
}
"""What to do, where it is more than to look after the plugin."""

OTHERWISE = "see what its plugin says (orlop plugins)"


class Stuck:
    """Looks at the calls under way of every volume."""

    def __init__(self, driver: VolumeDriver, attempts: Attempts) -> None:
        self._driver = driver
        self._attempts = attempts
        self._told: tuple[str, ...] = ()

    def look(self, turn: Turn) -> None:
        """Report when other volumes are stuck than before. To be called from time to time."""
        stuck = tuple(sorted((*self._stuck(), *self._driver.places.waiting)))
        if stuck != self._told:
            self._told = stuck
            turn.report(urgent=False)

    def _stuck(self) -> dict[str, Attempt]:
        now = self._attempts.at.monotonic
        return {
            volume_id: attempt
            for volume_id, attempt in self._driver.under_way.items()
            if now - attempt.since >= (STUCK_SECONDS if _request(attempt) is not None else LONG_SECONDS)
        }

    def notices(self) -> Iterable[Notice]:
        """See `NoticeSource.notices`."""
        for volume_id, attempt in self._stuck().items():
            yield self._notice(volume_id, self._text(volume_id, attempt))
        limit = self._driver.places.limit
        for volume_id in self._driver.places.waiting:
            text = (
                f"it waits until one of the {limit} volumes that this node takes at once "
                "(max_volumes_per_node) has left: end a task that uses one"
            )
            yield self._notice(volume_id, text)

    def _notice(self, volume_id: str, text: str) -> Notice:
        volume = self._driver.volumes.get(volume_id)
        return Notice(volume_id, NoticeKind.STUCK, text, 0 if volume is None else volume.capacity_bytes)

    def _text(self, volume_id: str, attempt: Attempt) -> str:
        at, request = self._attempts.at, _request(attempt)
        when = datetime.fromtimestamp(at.epoch - (at.monotonic - attempt.since), UTC)
        since = when.isoformat(timespec="seconds")
        how = f"fails since {since}: {attempt.message}" if attempt.failures else f"is under way since {since}"
        advice = ADVICE.get(type(request), OTHERWISE) if request is not None else OTHERWISE
        staging = isinstance(request, calls.NodeUnstage)
        paths = self._driver.paths
        path = paths.staging(volume_id) if staging else paths.target(volume_id)
        return f"{attempt.about} {how}; it goes on being tried, {advice.format(path=path)}"


def _request(attempt: Attempt) -> calls.Request[Any] | None:
    instruction = attempt.instruction
    return instruction.request if isinstance(instruction, CallPlugin) else None
