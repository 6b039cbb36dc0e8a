"""Identifiers as a port: where fresh ones come from.

Nothing here knows what an identifier names. A simulation passes a seeded source, so that a
run replays with the same identifiers.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import random  # noqa: TID251 - only its type


class IdSource(Protocol):
    """Makes identifiers that no other call has returned or will return."""

    def uuid(self) -> uuid.UUID:
        """A fresh version-4 UUID. Text form: 36 characters; wire form: 16 bytes."""


class RandomIds:
    """UUIDs from the system's entropy."""

    def uuid(self) -> uuid.UUID:
        return uuid.uuid4()  # noqa: TID251 - this room implements the port


class SeededIds:
    """UUIDs drawn from a seeded generator: the same seed gives the same sequence."""

    def __init__(self, source: random.Random) -> None:
        self._source = source

    def uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self._source.getrandbits(128), version=4)
