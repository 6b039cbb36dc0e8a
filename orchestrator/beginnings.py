"""Snapshots that event streams begin with, as long as nobody has read them: what all of them may take.

Streams that begin at one moment share a snapshot; what changes meanwhile is made anew for who comes later,
and the former parts stay in memory for who has not read them. Pure: it knows no socket.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

UNREAD_LIMIT_BYTES: Final = 512 * 2**20
"""Of snapshots that are not read yet, what several share counted once. Beyond it those are cut off that began
first; the latest is let read its own, however long it is."""

SLOWEST_BYTES_PER_SECOND: Final = 256 * 1024
"""A snapshot may take a minute, and longer by its length at this rate, to be read; then its reader is cut
off."""


def too_many(unread: Sequence[Collection[bytes]]) -> Iterator[int]:
    """Which of these are beyond the limit, by their place; `unread`: chunks, the latest to begin last."""
    if sum(len(chunk) for chunks in unread for chunk in chunks) <= UNREAD_LIMIT_BYTES:
        return
    held: set[int] = set()
    size = 0
    for place in range(len(unread) - 1, -1, -1):
        own = {id(chunk): len(chunk) for chunk in unread[place] if id(chunk) not in held}
        if size and size + sum(own.values()) > UNREAD_LIMIT_BYTES:
            yield place
            continue
        held.update(own)
        size += sum(own.values())


def patience(length: int) -> float:
    """Seconds that a snapshot of so many bytes may take beyond what any record may."""
    return length / SLOWEST_BYTES_PER_SECOND
