"""Whose a disk that is offered whole is, among the agents of one host: nothing on the disk says it.

A claim is a lock of one byte on the disk's node (an open file description lock, which ends with the last
descriptor of whoever has it), and the byte's place says who claims. So an agent and its plugin have it both,
one goes on while the other is away, and everybody else can see it. Blocking, though no disk is asked.

It must not: read or write the disk, wait.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import struct
from typing import Final

FLOCK: Final = struct.Struct("hhqqi4x")
"""struct flock: kind, whence, start, length (0: to the end), process."""

PLACE_BYTES: Final = 7
"""Of a digest of who claims: two agents of a host have the same place once in 2**56."""


class Claimed(BlockingIOError):
    """Another agent has the disk."""

    def __init__(self) -> None:
        super().__init__(errno.EAGAIN, "another agent of this host has claimed it")


def claim(descriptor: int, owner: str) -> None:
    """The disk that is open is claimed until the descriptor is closed, beside others of that owner.

    Where two claim at once, both may be refused. Raises Claimed, OSError.
    """
    place = _place(owner)
    fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, FLOCK.pack(fcntl.F_RDLCK, 0, place, 1, 0))
    if is_claimed_by_others(descriptor, owner):
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, FLOCK.pack(fcntl.F_UNLCK, 0, place, 1, 0))
        raise Claimed


def is_claimed_by_others(descriptor: int, owner: str) -> bool:
    """Whether somebody else than that owner has the disk that is open. Raises OSError."""
    place = _place(owner)
    return _is_locked(descriptor, 0, place) or _is_locked(descriptor, place + 1, 0)


def _is_locked(descriptor: int, start: int, length: int) -> bool:
    asked = FLOCK.pack(fcntl.F_WRLCK, 0, start, length, 0)
    found, *_ = FLOCK.unpack(fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, asked))
    return bool(found != fcntl.F_UNLCK)


def _place(owner: str) -> int:
    return 1 + int.from_bytes(hashlib.sha256(owner.encode()).digest()[:PLACE_BYTES], "big")
