"""Small durable records, and the identity of processes: what the shim writes and the agent reads.

A record is lines of "key value". Nothing here decides what a record means.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SHIM = "shim"
TASK = "task"
EXIT = "exit"
SPEC = "spec.json"
LOCK = "lock"
CONTROL = "control"
INPUT = "input"

MAX_RECORD_BYTES = 64 * 1024
"""A longer record is not one of ours; what lies beyond is not read."""

MAX_ENVIRONMENT_BYTES = 1 << 21
"""Of a process: more than a container is given."""

MAX_VALUE_LENGTH = 4096
"""Longer texts (error messages) are cut when they are written."""

_START_TIME_FIELD = 22


def write(
    directory: str, name: str, values: Mapping[str, str | int | float], *, durable: bool = True
) -> None:
    """Replace the record; on return it has reached the disk, whole.

    Not `durable`: it is whole for every process, and of no use after the host's next start anyway.
    """
    lines = [
        f"{key} {str(value).replace(chr(10), ' ')[:MAX_VALUE_LENGTH]}\n" for key, value in values.items()
    ]
    write_whole(directory, name, "".join(lines).encode("utf-8", "replace"), durable=durable)


def write_whole(directory: str, name: str, content: bytes, *, durable: bool = True) -> None:
    """Write beside, fsync, rename, fsync the directory: a reader sees the old or the new, whole."""
    temporary = f"{directory}/.{name}.new"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        while content:  # a disk that is nearly full takes a part, and refuses the rest
            content = content[os.write(fd, content) :]
        if durable:
            os.fsync(fd)
    finally:
        os.close(fd)
    os.rename(temporary, f"{directory}/{name}")
    if not durable:
        return
    parent = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


def read(directory: str, name: str) -> dict[str, str] | None:
    """The record, or None when there is none."""
    try:
        fd = os.open(f"{directory}/{name}", os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        text = os.read(fd, MAX_RECORD_BYTES).decode("utf-8", "replace")
    finally:
        os.close(fd)
    return {key: value for key, _, value in (line.partition(" ") for line in text.splitlines())}


def boot_id() -> str:
    """Which life of the host this is: start times of processes mean something only within one."""
    return _content("/proc/sys/kernel/random/boot_id").strip()


def start_time(pid: int) -> int | None:
    """When the process started, in clock ticks since boot; None when there is none or it is a zombie.

    A pid alone is not an identity: it may be given again. The pair of both is one.
    """
    try:
        line = _content(f"/proc/{pid}/stat")
    except OSError:
        return None
    # The second field is the program's name in parentheses and may hold anything.
    fields = line[line.rindex(")") + 2 :].split()
    if fields[0] in "ZX":
        return None
    return int(fields[_START_TIME_FIELD - 3])


def parent_of(pid: int) -> int | None:
    """The parent's pid; None when the process has gone."""
    try:
        line = _content(f"/proc/{pid}/stat")
    except OSError:
        return None
    return int(line[line.rindex(")") + 2 :].split()[1])


def all_processes() -> list[int]:
    """Every pid of this host that the caller may see."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def descendants(root: int) -> list[int]:
    """All processes below `root`, nearest first."""
    children: dict[int, list[int]] = {}
    for pid in all_processes():
        parent = parent_of(pid)
        if parent is not None:
            children.setdefault(parent, []).append(pid)
    found = list(children.get(root, ()))
    for pid in found:  # grows while it is walked
        found.extend(children.get(pid, ()))
    return found


def by_variable(name: str) -> dict[str, list[int]]:
    """Processes that were started with this variable in their environment, by its value."""
    wanted = f"{name}=".encode()
    found: dict[str, list[int]] = {}
    for pid in all_processes():
        for line in _environment(pid).split(b"\0"):
            if line.startswith(wanted):
                found.setdefault(line[len(wanted) :].decode("utf-8", "replace"), []).append(pid)
    return found


def _environment(pid: int) -> bytes:
    try:
        fd = os.open(f"/proc/{pid}/environ", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    content = bytearray()
    try:
        while len(content) < MAX_ENVIRONMENT_BYTES and (part := os.read(fd, 65536)):
            content += part
    except OSError:
        pass
    finally:
        os.close(fd)
    return bytes(content)


def _content(path: str) -> str:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(fd, 4096).decode("utf-8", "replace")
    finally:
        os.close(fd)
