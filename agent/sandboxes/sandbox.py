"""Sandboxes: the directories that containers work in, and that their output is kept in.

Made under one root, `FRAMEWORK/TASK/CONTAINER`, kept for a while after their container has ended,
served to whoever may read them. Strict about paths: what a container puts into its sandbox
(links, fifos, odd names) never leads a reader or the collection out of the root. Knows no tasks:
callers say when a sandbox's container has ended.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import stat
import urllib.parse
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from agent.host.mount_table import mount_points
from api.model.clock import Clock
from provider.removal import remove_tree

log = logging.getLogger(__name__)

MAX_AGE = 24 * 3600.0
"""Seconds that the sandbox of an ended container is kept."""

MAX_KEPT = 500
"""Sandboxes of ended containers kept at most; beyond it the longest ended go first."""

MAX_READ = 1024 * 1024
"""Bytes that one read returns at most; readers ask again from where it ended."""

MAX_ENTRIES = 10_000
"""Entries that one listing returns at most; the others are left out."""

_MAX_NAME = 200  # of the 255 that filesystems allow; the mark's suffix has to fit too
_MARK = ".ended"


class OwnFolder(StrEnum):
    """What stands for a framework in the paths of sandboxes that no framework has.

    A framework that calls itself so gets a folder of another name: these are for the agent's own rooms, and
    only with a member of this class can they be reached.
    """

    PLUGINS = "plugins"
    CHECKS = "checks"
    CONTAINERS = "containers"


class SandboxError(Exception):
    """The file cannot be served: the request has to change."""


class NoSuchFile(SandboxError):
    """There is nothing of that name under the root, or something other than was asked for."""


@dataclass(frozen=True, slots=True)
class FileSlice:
    """Part of a file. `size` is the whole file's at that moment, in bytes."""

    size: int
    data: bytes


@dataclass(frozen=True, slots=True)
class FileInfo:
    """One entry of a directory, itself, not what it may link to. `path` is relative to the root."""

    path: str
    size: int
    mode: int
    modified_at: float
    links: int
    uid: int
    gid: int


class Sandboxes:
    """All sandboxes of one agent, below `root`."""

    def __init__(
        self,
        root: Path,
        clock: Clock,
        *,
        max_age: float = MAX_AGE,
        max_kept: int = MAX_KEPT,
        leniency: Callable[[], float] = lambda: 1.0,
    ) -> None:
        """`leniency`: the part of `max_age` that they are kept just now: 1 while there is room, 0 without."""
        self._root = root.resolve()
        self._clock = clock
        self._leniency = leniency
        self._max_age = max_age
        self._max_kept = max_kept

    def keep_for(self, max_age: float) -> None:
        """Sandboxes of what has ended are kept for so many seconds from now on."""
        self._max_age = max_age

    @property
    def root(self) -> Path:
        return self._root

    def create(
        self,
        framework: str,
        task: str,
        container: str,
        owner: tuple[int, int] | None = None,
        *,
        mode: int = 0o755,
    ) -> Path:
        """The sandbox of these names, made if need be; `owner` is (uid, gid), the agent's by default."""
        path = self.path(framework, task, container)
        path.mkdir(parents=True, exist_ok=True, mode=mode)
        if owner is not None:
            os.chown(path, *owner, follow_symlinks=False)
        return path

    def path(self, framework: str, task: str, container: str) -> Path:
        """Where that sandbox is, made or not. Any text is a name: what cannot be one is encoded."""
        return self._root / _folder(framework) / _file_name(task) / _file_name(container)

    def retire(self, sandbox: Path) -> None:
        """Its container has ended: from now on its age counts. Repeating this changes nothing.

        Where no mark can be made (the disk is full, say) it is kept until a later start marks it.
        """
        mark = _mark_of(sandbox)
        try:
            if sandbox.is_dir() and not mark.exists():
                mark.touch()
                os.utime(mark, (self._clock.now(), self._clock.now()))
        except OSError as error:
            log.warning("the sandbox %s is kept until the agent starts again: %s", sandbox, error)

    def retire_others(self, in_use: Collection[Path]) -> None:
        """After a restart: whatever no container uses has ended, at the latest now."""
        used = set(in_use)
        for sandbox in list(self._all()):
            if sandbox not in used:
                self.retire(sandbox)

    async def collect(self) -> list[Path]:
        """Remove sandboxes that ended too long ago, and the longest ended of too many; returns them.

        Where the disk fills, too long is sooner; and the longest ended go first, until there is room. One
        with something mounted below it is left: its data is not the sandbox's. In a thread, because it takes
        as long as there are files.
        """
        return await asyncio.get_running_loop().run_in_executor(None, self._collect)

    async def discard(self, sandbox: Path) -> None:
        """Remove a sandbox that nobody will ask for again; what cannot be removed now is collected later."""
        self.retire(sandbox)
        if _mark_of(sandbox).exists():
            await asyncio.get_running_loop().run_in_executor(
                None, lambda: self._remove(_mark_of(sandbox), mount_points())
            )

    def _collect(self) -> list[Path]:
        ended = sorted((mark.stat().st_mtime, mark) for mark in self._root.glob(f"*/*/*{_MARK}"))
        surplus = max(0, len(ended) - self._max_kept)
        mounted = mount_points()
        removed = []
        for place, (at, mark) in enumerate(ended):
            if place >= surplus and at > self._clock.now() - self._max_age * self._leniency():
                break  # the others ended later, and each removal may have made room
            if (sandbox := self._remove(mark, mounted)) is not None:
                removed.append(sandbox)
        return removed

    def list_files(self, path: str) -> list[FileInfo]:
        """The entries of a directory, by name. Raises NoSuchFile."""
        parts = self._parts(path)
        directory = self._open(parts, os.O_RDONLY | os.O_DIRECTORY)
        try:
            names = sorted(os.listdir(directory))[:MAX_ENTRIES]  # noqa: PTH208 - a descriptor, not a path
            return [info for name in names if (info := _info(directory, parts, name)) is not None]
        finally:
            os.close(directory)

    def read_file(self, path: str, offset: int, length: int | None = None) -> FileSlice:
        """At most MAX_READ bytes from `offset`, none beyond the end. Raises NoSuchFile, SandboxError."""
        if offset < 0 or (length is not None and length < 0):
            raise SandboxError("offset and length must not be negative")
        wanted = MAX_READ if length is None else min(length, MAX_READ)
        file = self.open_file(path)
        try:
            size = os.fstat(file).st_size
            return FileSlice(size, os.pread(file, wanted, offset) if offset < size else b"")
        finally:
            os.close(file)

    def open_file(self, path: str) -> int:
        """A descriptor of a regular file, to read from; the caller closes it. Raises NoSuchFile."""
        file = self._open(self._parts(path), os.O_RDONLY | os.O_NONBLOCK)
        if stat.S_ISREG(os.fstat(file).st_mode):
            return file
        os.close(file)
        raise NoSuchFile(f"{'/'.join(self._parts(path))} is not a regular file")

    def _parts(self, path: str) -> list[str]:
        """The names on the way from the root; `path` is relative to it, or absolute and below it."""
        if "\0" in path:
            raise NoSuchFile("a path holds no NUL character")
        prefix = f"{self._root}/"
        inner = path[len(prefix) :] if f"{path}/".startswith(prefix) else path
        parts = [part for part in inner.split("/") if part not in {"", "."}]
        if ".." in parts:
            raise NoSuchFile(f"{'/'.join(parts)} leads out of the sandboxes")
        return parts

    def _open(self, parts: list[str], flags: int) -> int:
        """Walk down name by name and follow no link, so that no race can lead out of the root."""
        flags |= os.O_NOFOLLOW | os.O_CLOEXEC
        walk = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        current = os.open(self._root, walk if parts else flags)
        for place, part in enumerate(parts):
            last = place == len(parts) - 1
            try:
                following = os.open(part, flags if last else walk, dir_fd=current)
            except OSError as error:
                raise NoSuchFile(f"{'/'.join(parts)}: {error.strerror}") from error
            finally:
                os.close(current)
            current = following
        return current

    def _all(self) -> Iterator[Path]:
        return (path for path in self._root.glob("*/*/*") if path.is_dir() and not path.is_symlink())

    def _remove(self, mark: Path, mounted: list[str]) -> Path | None:
        sandbox = mark.with_name(mark.name.removesuffix(_MARK))
        if any(f"{point}/".startswith(f"{sandbox}/") for point in mounted):
            return None
        try:
            remove_tree(sandbox)
        except OSError as error:
            log.warning("the old sandbox %s cannot be removed now: %s", sandbox, error)
            return None
        mark.unlink(missing_ok=True)
        for parent in (sandbox.parent, sandbox.parent.parent):
            try:
                parent.rmdir()
            except OSError:
                break  # others are in it
        return sandbox


def _folder(framework: str) -> str:
    if isinstance(framework, OwnFolder):
        return framework.value
    name = _file_name(framework)
    return f"%{name}" if name in set(OwnFolder) else name


def _file_name(name: str) -> str:
    quoted = urllib.parse.quote(name, safe=" @:+=,").replace("~", "%7E")
    if quoted.startswith(".") or quoted.endswith(_MARK) or not quoted:
        quoted = f"%{quoted}"
    if len(quoted) > _MAX_NAME:
        quoted = f"{quoted[: _MAX_NAME - 65]}~{hashlib.sha256(quoted.encode()).hexdigest()}"
    return quoted


def _mark_of(sandbox: Path) -> Path:
    return sandbox.with_name(f"{sandbox.name}{_MARK}")


def _info(directory: int, parts: list[str], name: str) -> FileInfo | None:
    try:
        status = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None  # it went while the directory was read
    path = "/".join([*parts, name])
    return FileInfo(
        path, status.st_size, status.st_mode, status.st_mtime, status.st_nlink, status.st_uid, status.st_gid
    )
