"""Brings volumes into a container that runs, and takes them away: one order, then this process ends.

The mounts are made in the container's own mount namespace and nowhere else: nothing of them is on the host,
and they are gone with the container. What leads to a target is walked name by name and no link is followed,
for the sandbox is the container's to change. It is the container that is meant when its environment says so.
"""

from __future__ import annotations

import errno
import marshal
import os
import re

from agent.containerizer.shim import kernel

_DIRECTORY = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_DIRECTORY


_OCTAL = re.compile(r"\\([0-7]{3})")


class Wrong(Exception):
    """It cannot be done, and why."""


def main() -> None:
    """Carry out the order on standard input, and end: what was wrong is printed."""
    order = marshal.loads(_all_of(0))
    try:
        _carry_out(order)
    except Wrong as wrong:
        os.write(1, f"wrong {wrong}".encode())
    except OSError as error:
        kind = "busy" if error.errno == errno.EBUSY else "failed"
        os.write(1, f"{kind} {error.strerror or error}".encode())


def _carry_out(order: dict[str, object]) -> None:
    pid, sandbox, owner = order["pid"], str(order["sandbox"]), order["owner"]
    assert isinstance(pid, int)
    takes = bool(order["takes"])
    # A program may write over its environment. What is taken is known by what it is, wherever that is.
    process = _container(pid, "" if takes else str(order["mark"]))
    volumes: list[tuple[str, str, bool]] = order["volumes"]  # type: ignore[assignment]
    trees, leaving = [], []
    if takes:
        leaving = [(_identity(source), target) for source, target, _ in volumes]
    else:
        trees = [(_tree(source, read_only), target) for source, target, read_only in volumes]
    facts = os.open("/proc/self/fdinfo", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    inside = _Inside(facts, _mounts_of(pid))
    kernel.enter_namespaces(process, kernel.CLONE_NEWNS)
    root = os.open(sandbox, _DIRECTORY)
    for tree, target in trees:
        inside.attach(root, tree, target, owner)  # type: ignore[arg-type]
    for volume, target in reversed(leaving):
        inside.detach(root, target, volume)
        if volume is not None and (place := inside.moved(sandbox, target, volume)):
            raise OSError(errno.EBUSY, f"the volume is at {place} now, as a directory above it was renamed")


def _container(pid: int, mark: str) -> int:
    """A descriptor of the container's main process, which has mounts of its own."""
    try:
        process = os.pidfd_open(pid)
        with open(f"/proc/{pid}/environ", "rb") as file:
            if mark and mark.encode() not in file.read().split(b"\0"):
                raise Wrong("the container has ended")
    except (ProcessLookupError, FileNotFoundError):
        raise Wrong("the container has ended") from None
    if os.readlink(f"/proc/{pid}/ns/mnt") == os.readlink("/proc/self/ns/mnt"):
        raise Wrong("the container has no mounts of its own: the agent has to run as root for that")
    return process


def _tree(source: str, read_only: bool) -> int:
    tree = kernel.clone_tree(source)
    kernel.make_private(tree)
    if read_only:
        kernel.make_read_only(tree)
    return tree


class _Inside:
    """In the container's namespace. `facts`: what the host's /proc says of this process's descriptors;
    `mounts`: and of what is mounted in there."""

    def __init__(self, facts: int, mounts: int) -> None:
        self._facts = facts
        self._mounts = mounts

    def attach(self, root: int, tree: int, target: str, owner: tuple[int, int] | None) -> None:
        parent, name = _walk(root, target.split("/")[:-1], owner, make=True), target.rpartition("/")[2]
        place = _walk(parent, [name], owner, make=True)
        here, wanted = os.fstat(place), os.fstat(tree)
        if (here.st_dev, here.st_ino) == (wanted.st_dev, wanted.st_ino):
            if _is_read_only(place) != _is_read_only(tree):
                raise Wrong(
                    f"another task has that volume at {target}, {_mode(place)}, and this one is to have it"
                    f" {_mode(tree)}: choose another container_path"
                )
            return  # brought before
        if self._mount(place) != self._mount(parent):
            raise Wrong(f"something else is mounted at {target}: choose another container_path")
        kernel.attach_tree_at(tree, place)

    def detach(self, root: int, target: str, volume: tuple[int, int] | None) -> None:
        try:
            parent, name = _walk(root, target.split("/")[:-1], None, make=False), target.rpartition("/")[2]
            place = _walk(parent, [name], None, make=False)
        except (FileNotFoundError, Wrong):
            return  # it was never brought, or moved with a directory above it
        is_ours = self._mount(place) != self._mount(parent) and _identity(place) == volume
        os.close(place)  # it would keep it busy
        if is_ours:  # else it is another task's
            os.fchdir(parent)
            kernel.unmount_here(name)

    def moved(self, sandbox: str, target: str, volume: tuple[int, int]) -> str:
        """Where else in the sandbox the volume is, under the name that a mount point keeps; or nothing.

        It may be another task's there: then it waits for that one.
        """
        os.lseek(self._mounts, 0, os.SEEK_SET)
        name, own = f"/{target.rpartition('/')[2]}", f"{sandbox}/{target}"
        for line in _all_of(self._mounts).decode(errors="surrogateescape").splitlines():
            point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), line.split(" ")[4])
            below = point.startswith(f"{sandbox}/") and point.endswith(name) and point != own
            if below and _identity(point) == volume:
                return point
        return ""

    def _mount(self, descriptor: int) -> str:
        with open(os.open(str(descriptor), os.O_RDONLY, dir_fd=self._facts)) as file:
            return next(line.split()[1] for line in file if line.startswith("mnt_id:"))


def _mounts_of(pid: int) -> int:
    try:
        return os.open(f"/proc/{pid}/mountinfo", os.O_RDONLY | os.O_CLOEXEC)
    except (ProcessLookupError, FileNotFoundError):
        raise Wrong("the container has ended") from None


def _identity(place: int | str) -> tuple[int, int] | None:
    """What tells one volume from another; None of one that does not even answer that."""
    try:
        status = os.stat(place)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_read_only(place: int) -> bool:
    return bool(os.fstatvfs(place).f_flag & os.ST_RDONLY)


def _mode(place: int) -> str:
    return "read-only" if _is_read_only(place) else "to write to"


def _walk(start: int, parts: list[str], owner: tuple[int, int] | None, *, make: bool) -> int:
    """A descriptor of what is at `parts` below `start`, through real directories only."""
    current = os.dup(start)
    for part in parts:
        try:
            if make:
                _make(current, part, owner)
            following = os.open(part, _DIRECTORY, dir_fd=current)
        except NotADirectoryError:
            raise Wrong(f"a link or a file called {part} is in the way: remove it") from None
        finally:
            os.close(current)
        current = following
    return current


def _make(directory: int, name: str, owner: tuple[int, int] | None) -> None:
    try:
        os.mkdir(name, 0o755, dir_fd=directory)
    except FileExistsError:
        return
    if owner is not None:
        os.chown(name, *owner, dir_fd=directory, follow_symlinks=False)


def _all_of(descriptor: int) -> bytes:
    content = bytearray()
    while part := os.read(descriptor, 65536):
        content += part
    return bytes(content)
