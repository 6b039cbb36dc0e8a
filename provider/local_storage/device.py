"""A block device and what is on it, as values. Pure: nothing is looked up here."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.StrEnum):
    """What a device is. Nothing is ever made of an OTHER one: it is put together of others, or of memory."""

    DISK = "disk"
    PARTITION = "partition"
    LOOP = "loop"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Device:
    """A device with something in it.

    `size` in bytes. `number` is (major, minor). `identity` stays the same wherever and under whatever name
    the device is attached; empty when it has nothing like that. `links`: other names of its node, and of a
    loop device the file behind it. `sequence` is another one when another medium is in it. `parts`: names of
    its partitions; `holders`: of the devices that are made of it. `disk`: of a partition, the identity of
    what it is on. `leaving`: it goes as soon as nobody has it open. `volume`: it is a volume of some pool.
    """

    path: str
    number: tuple[int, int]
    kind: Kind
    size: int
    model: str = ""
    rotational: bool = False
    read_only: bool = False
    identity: str = ""
    links: tuple[str, ...] = ()
    sequence: str = ""
    parts: tuple[str, ...] = ()
    disk: str = ""
    holders: tuple[str, ...] = ()
    leaving: bool = False
    volume: bool = False

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Contents:
    """What was found. `what` in words, empty for a device that holds nothing at all. `signature`: it is
    something that is known by its signature. `pool_id`: the pool that it is, by the UUID of its filesystem.
    `busy`: who has it, in words, when somebody has; then nothing else was looked at. `unreadable`: what
    reading it answered.
    """

    what: str = ""
    signature: bool = False
    pool_id: str = ""
    busy: str = ""
    unreadable: str = ""
