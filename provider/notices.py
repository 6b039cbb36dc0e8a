"""What an operator should know of single volumes: those that are not as they should be, and what to do.

Values only. Whoever finds out makes the notice; the machine gathers them for its report.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

MAX_NOTICES = 1000
"""Notices in one report; of more, the report gives the number alone."""


class NoticeKind(enum.StrEnum):
    """What is wrong with a volume."""

    WITHHELD = "WITHHELD"
    """The plugin lists it and no record here knows it: it may be somebody's data, so it is not on offer."""
    LOST = "LOST"
    """It is a disk here, and the plugin lists it no more."""
    STUCK = "STUCK"
    """A call on it goes on failing or does not return; only this volume waits."""
    DEAD_MOUNT = "DEAD_MOUNT"
    """It is published, and what was mounted there is gone or does not answer."""


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
