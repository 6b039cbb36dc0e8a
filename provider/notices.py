"""What an operator should know of single volumes: those that are not as they should be, and what to do.

Values only. Whoever finds out makes the notice; the machine gathers them for its report.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

MAX_NOTICES = 1000
"""Notices in one report, the worst; of more, the report gives the number alone."""


class NoticeKind(enum.StrEnum):
    """What is wrong with a volume. In the order in which they are told: the worst first."""

    LOST = "LOST"
    """It is a disk here, and the plugin lists it no more."""
    DEAD_MOUNT = "DEAD_MOUNT"
    """It is published, and what was mounted there is gone or does not answer."""
    STUCK = "STUCK"
    """A call on it goes on failing or does not return; only this volume waits."""
    WITHHELD = "WITHHELD"
    """The plugin lists it and no record here knows it: it may be somebody's data, so it is not on offer."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One volume's trouble. `message` says what is wrong and which command or call resolves it."""

    volume_id: str
    kind: NoticeKind
    message: str
    size_bytes: int = 0


class NoticeSource(Protocol):
    """A room that finds out about volumes. Asked at each report: cheap, and the same again while it holds."""

    def notices(self) -> Iterable[Notice]: ...


def told(sources: Iterable[NoticeSource]) -> tuple[list[Notice], int]:
    """What a report says: at most MAX_NOTICES of them, the worst first, and how many there are."""
    found = [notice for source in sources for notice in source.notices()]
    severity = {kind: place for place, kind in enumerate(NoticeKind)}
    found.sort(key=lambda notice: (severity[notice.kind], notice.volume_id))
    return found[:MAX_NOTICES], len(found)
