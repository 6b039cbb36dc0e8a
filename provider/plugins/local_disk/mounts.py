"""Mounts, as the kernel tells them and by its own calls. Blocking: call through BlockingCalls.

The mount table is read from the kernel each time; nothing here remembers what it mounted.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

MOUNTINFO = Path("/proc/self/mountinfo")
STACK_LIMIT = 64
"""Mounts on top of each other at one path that are taken off in one go; more is an error."""

MS_RDONLY = 1
MS_REMOUNT = 32
MS_BIND = 4096
MNT_DETACH = 2
UMOUNT_NOFOLLOW = 8

FLAGS = {
    "ro": MS_RDONLY,
    "nosuid": 2,
    "nodev": 4,
    "noexec": 8,
    "sync": 16,
    "dirsync": 128,
    "noatime": 1024,
    "nodiratime": 2048,
    "relatime": 1 << 21,
    "strictatime": 1 << 24,
    "lazytime": 1 << 25,
}
"""Mount flags that a volume may ask for, with the kernel's bits."""

KEPT_BY_REMOUNT = ("nosuid", "nodev", "noexec", "noatime", "nodiratime", "relatime")
"""Flags of a single mount that a bind remount would clear unless they are named again."""

NOT_WRITTEN = frozenset({"ro", "emergency_ro", "shutdown"})
"""What the kernel lists of a filesystem that takes no writes. Newer kernels tell one that met an error from
one that was mounted so, and statvfs knows nothing of the former."""

_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class Mount:
    """A line of the kernel's mount table. `device` is (major, minor), `root` the path within it.

    `options` are this mount's own; `filesystem_read_only` holds for the filesystem, wherever it is mounted.
    """

    device: tuple[int, int]
    root: str
    point: str
    options: frozenset[str]
    filesystem_read_only: bool = False

    @property
    def read_only(self) -> bool:
        return "ro" in self.options


def parse_mountinfo(text: str) -> list[Mount]:
    """Mounts in the order in which the kernel lists them: at one path, the last is on top."""
    return [_parse_line(line) for line in text.split("\n") if line]  # a path may hold other line breaks


def _parse_line(line: str) -> Mount:
    _, _, device, root, point, options, *_, of_filesystem = line.split(" ")
    major, minor = device.split(":")
    return Mount(
        (int(major), int(minor)),
        _unescape(root),
        _unescape(point),
        frozenset(options.split(",")),
        not NOT_WRITTEN.isdisjoint(of_filesystem.split(",")),
    )


def _unescape(path: str) -> str:
    """The kernel writes blanks and backslashes of a path as three octal digits of a byte each."""
    raw = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), path)
    return raw.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def flag_bits(flags: Iterable[str]) -> int:
    bits = 0
    for flag in flags:
        bits |= FLAGS.get(flag, 0)
    return bits


class KernelMounts:
    """The mount table of this process's mount namespace."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)

    def table(self) -> list[Mount]:
        return parse_mountinfo(MOUNTINFO.read_bytes().decode("utf-8", "surrogateescape"))

    def at(self, point: str) -> Mount | None:
        """The topmost mount at exactly this path (free of symbolic links)."""
        found = [mount for mount in self.table() if mount.point == point]
        return found[-1] if found else None

    def mount(self, source: str, target: str, fs_type: str, flags: Iterable[str]) -> None:
        """Mount a filesystem. Raises OSError."""
        self._mount(source, target, fs_type, flag_bits(flags))

    def bind(self, source: str, target: str) -> None:
        """Make what is at `source` visible at `target`, too. Raises OSError."""
        self._mount(source, target, "", MS_BIND)

    def make_read_only(self, target: str) -> None:
        """Allow no more writing through this mount; other mounts of the same volume stay as they are."""
        mount = self.at(target)
        kept = [flag for flag in KEPT_BY_REMOUNT if mount is not None and flag in mount.options]
        self._mount("", target, "", MS_REMOUNT | MS_BIND | MS_RDONLY | flag_bits(kept))

    def unmount(self, target: str, ours: Callable[[Mount], bool]) -> None:
        """Take off what is mounted at this path, from the top, as long as it is ours.

        Raises OSError: EBUSY while a file in it is in use.
        """
        for _ in range(STACK_LIMIT):
            top = self.at(target)
            if top is None or not ours(top):
                return
            if self._libc.umount2(os.fsencode(target), 0) != 0:
                self._raise(target)
        raise OSError(f"more than {STACK_LIMIT} mounts at {target}")

    def let_go(self, target: str) -> None:
        """Take all mounts off this path at once, also what is in use or dead: users keep what they have open,
        and the kernel forgets it with the last of them. Raises OSError."""
        for _ in range(STACK_LIMIT):
            if self.at(target) is None:
                return
            if self._libc.umount2(os.fsencode(target), MNT_DETACH | UMOUNT_NOFOLLOW) != 0:
                self._raise(target)
        raise OSError(f"more than {STACK_LIMIT} mounts at {target}")

    def _mount(self, source: str, target: str, fs_type: str, bits: int) -> None:
        arguments = (os.fsencode(source), os.fsencode(target), fs_type.encode(), ctypes.c_ulong(bits), None)
        if self._libc.mount(*arguments) != 0:
            self._raise(target)

    def _raise(self, target: str) -> None:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), target)
