"""Volumes that are not at rest on this host: published, staged, attached or on their way, and what each waits
for. Asked before a host is left: what is at rest can be reached from elsewhere, and needs no plugin here.

Must not: change anything, call a plugin. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from provider.attempts import Attempt
from provider.driver import VolumeDriver
from provider.volume import HEIGHT, Goal, Volume, VolumeState, next_step

LINES_LIMIT: Final = 100
"""Volumes that are named at most; when there are more, the rest is named once these are at rest."""


def unsettled(driver: VolumeDriver) -> tuple[str, ...]:
    """One line for each, at most LINES_LIMIT, by their ids; none when all are at rest."""
    return tuple(islice(_every(driver), LINES_LIMIT))


def _every(driver: VolumeDriver) -> Iterator[str]:
    for volume_id in sorted(driver.volumes):
        volume = driver.volumes[volume_id]
        users = driver.holders.get(volume_id, ())
        if users:
            yield f"volume {volume_id} is used by {', '.join(users)}"
        elif not _is_at_rest(driver, volume):
            yield f"volume {volume_id} {_why(driver, volume)}"


def _is_at_rest(driver: VolumeDriver, volume: Volume) -> bool:
    """Whether there is nothing to undo. A plugin that attaches nothing leaves its volumes at NODE_READY."""
    if HEIGHT[volume.state] <= HEIGHT[VolumeState.CREATED]:
        return True
    if driver.facts is None:
        return volume.state is VolumeState.NODE_READY and not volume.attached
    return next_step(volume, Goal.CREATED, driver.facts.capabilities) is None


def _why(driver: VolumeDriver, volume: Volume) -> str:
    if driver.facts is None:
        return f"is {volume.state}, and its plugin is not up: see `orlop plugins`"
    attempt = driver.under_way.get(volume.id)
    if attempt is None:
        return f"is {volume.state}, and nothing is done about it: see `orlop providers`"
    return f"is {volume.state}: {_words(attempt)}"


def _words(attempt: Attempt) -> str:
    if not attempt.failures:
        return f"{attempt.about} is under way"
    return f"{attempt.about} failed {attempt.failures} times and goes on being tried: {attempt.message}"
