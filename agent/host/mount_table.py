"""What is mounted on this host, from the kernel's table at each call. Mounts nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

MOUNTINFO = Path("/proc/self/mountinfo")

_ESCAPED = re.compile(rb"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """`device`: major and minor number of what is mounted."""

    point: str
    device: tuple[int, int]


def mounts() -> list[Mount]:
    """Every mount that this process sees, in the kernel's order."""
    lines = [line.split(b" ") for line in MOUNTINFO.read_bytes().split(b"\n") if line]
    return [Mount(_path(fields[4]), _numbers(fields[2])) for fields in lines]


def mount_points() -> list[str]:
    """The path of every mount that this process sees, in the kernel's order; one path may come twice."""
    return parse_mount_points(MOUNTINFO.read_bytes())


def parse_mount_points(table: bytes) -> list[str]:
    """From the text of mountinfo. Bytes, because a path may hold any but NUL: only blanks, line ends and
    backslashes are escaped, as three octal digits."""
    return [_path(line.split(b" ")[4]) for line in table.split(b"\n") if line]


def _path(escaped: bytes) -> str:
    raw = _ESCAPED.sub(lambda match: bytes([int(match[1], 8)]), escaped)
    return raw.decode("utf-8", "surrogateescape")


def _numbers(text: bytes) -> tuple[int, int]:
    major, _, minor = text.partition(b":")
    return int(major), int(minor)
