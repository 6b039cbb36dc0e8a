"""Snapshots that event streams begin with, as long as nobody has read them: what all of them may take.

Streams that begin at one moment share a snapshot; what changes meanwhile is made anew for who comes later,
and the former parts stay in memory for who has not read them. Pure: it knows no socket.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

UNREAD_LIMIT_BYTES: Final = 512 * 2**20
"""Of snapshots that are not read yet, what several share counted once. Beyond it those are cut off that began
first; the latest is let read its own, however long it is."""

SLOWEST_BYTES_PER_SECOND: Final = 256 * 1024
"""A snapshot may take a minute, and longer by its length at this rate, to be read; then its reader is cut
off."""


class Unread:
    """All chunks that wait for some stream to begin with: what several wait for counts once.

    A chunk is known by its identity, as whoever waits for it holds it. So it is known at any time how much
    there is, without a look at each.
    """

    def __init__(self) -> None:
        self.size = 0
        self._waiting_for: dict[int, int] = {}

    @property
    def is_too_much(self) -> bool:
        return self.size > UNREAD_LIMIT_BYTES

    def hold(self, chunk: bytes) -> None:
        waiting = self._waiting_for.get(id(chunk), 0)
        if not waiting:
            self.size += len(chunk)
        self._waiting_for[id(chunk)] = waiting + 1

    def let_go(self, chunk: bytes) -> None:
        waiting = self._waiting_for.pop(id(chunk)) - 1
        if waiting:
            self._waiting_for[id(chunk)] = waiting
        else:
            self.size -= len(chunk)


class Beginning:
    """The chunks of one stream's snapshot that its connection has not taken, in order."""

    __slots__ = ("_chunks", "_unread")

    def __init__(self, unread: Unread) -> None:
        self._chunks: deque[bytes] = deque()
        self._unread = unread

    def __len__(self) -> int:
        return len(self._chunks)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)

    def __contains__(self, chunk: object) -> bool:
        return chunk in self._chunks

    def __getitem__(self, place: int) -> bytes:
        return self._chunks[place]

    def extend(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            self._chunks.append(chunk)
            self._unread.hold(chunk)

    def popleft(self) -> bytes:
        chunk = self._chunks.popleft()
        self._unread.let_go(chunk)
        return chunk

    def unframe(self) -> None:
        """It is no HTTP chunk: what frames it as one, before and behind it, is left out."""
        if self._chunks:
            head, *chunks, _ = self._chunks
            self.clear()
            self.extend((head.partition(b"\r\n")[2], *chunks))

    def clear(self) -> None:
        while self._chunks:
            self.popleft()


def too_many(unread: Sequence[Collection[bytes]]) -> Iterator[int]:
    """Which of these are beyond the limit, by their place; `unread`: chunks, the latest to begin last."""
    if sum(len(chunk) for chunks in unread for chunk in chunks) <= UNREAD_LIMIT_BYTES:
        return
    held: set[int] = set()
    size = 0
    for place in range(len(unread) - 1, -1, -1):
        own = {id(chunk): len(chunk) for chunk in unread[place] if id(chunk) not in held}
        if own and size and size + sum(own.values()) > UNREAD_LIMIT_BYTES:
            yield place
            continue
        held.update(own)
        size += sum(own.values())


def patience(length: int) -> float:
    """Seconds that a snapshot of so many bytes may take beyond what any record may."""
    return length / SLOWEST_BYTES_PER_SECOND
