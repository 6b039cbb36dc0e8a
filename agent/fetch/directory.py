"""A directory that files are put into, by names that nobody vouches for. Blocking.

No name leads out of it: each step on the way is opened by itself and follows no link, so that neither an odd
name in an archive nor a link that an earlier archive left there writes anywhere else. What it may hold is
bounded in bytes and in entries; beyond that `FetchFailed` says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import IO

from agent.fetch.uris import FetchFailed

MAX_DEPTH = 64
"""Directories within each other."""


class Budget:
    """What may still be written, and whether anybody still wants it. Raises FetchFailed beyond it."""

    def __init__(self, max_bytes: int, max_entries: int) -> None:
        self.written = 0
        self._max_bytes = max_bytes
        self._entries = max_entries
        self._max_entries = max_entries
        self.given_up = Event()

    def take(self, count: int) -> None:
        """`count` bytes more."""
        if self.given_up.is_set():
            raise FetchFailed("the fetch was given up")
        self.written += count
        if self.written > self._max_bytes:
            raise FetchFailed(
                f"more than {self._max_bytes // 2**20} MB would be written, the limit of a fetch: "
                "fetch less, or in the command itself"
            )

    def take_entry(self) -> None:
        """One file, directory or link more."""
        self._entries -= 1
        if self._entries < 0:
            raise FetchFailed(f"an archive holds more than {self._max_entries} entries, the limit of a fetch")


class Directory:
    """Everything is relative to `root`, which exists. `owner` is who gets what is made: (uid, gid)."""

    def __init__(self, root: str, owner: tuple[int, int] | None, budget: Budget) -> None:
        self._root = root
        self._owner = owner
        self.budget = budget

    @contextmanager
    def new_file(self, name: Sequence[str], mode: int = 0o644) -> Iterator[int]:
        """A descriptor of a new, empty file in place of whatever was called so."""
        self.budget.take_entry()
        with self._parent(name) as parent:
            _remove(parent, name)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.open(name[-1], flags, mode & 0o777, dir_fd=parent)
            try:
                os.fchmod(file, mode & 0o777)  # never set-user-id, whatever an archive says
                self._give(file)
                yield file
            finally:
                os.close(file)

    @contextmanager
    def open_file(self, name: Sequence[str]) -> Iterator[IO[bytes]]:
        """A file that was put here, to read."""
        with self._parent(name) as parent:
            file = os.open(name[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
        with os.fdopen(file, "rb") as opened:
            yield opened

    def write(self, file: int, data: bytes) -> None:
        """All of `data`, within the budget."""
        self.budget.take(len(data))
        view = memoryview(data)
        while view:
            view = view[os.write(file, view) :]

    def make_directory(self, name: Sequence[str], mode: int = 0o755) -> None:
        """Make it unless it is there."""
        self.budget.take_entry()
        with self._parent([*name, ""]) as made:
            os.fchmod(made, (mode & 0o777) | 0o700)

    def link(self, name: Sequence[str], target: str) -> None:
        """A symbolic link. One that leads out of the directory is refused."""
        self.budget.take_entry()
        _refuse_way_out(name, target)
        with self._parent(name) as parent:
            _remove(parent, name)
            os.symlink(target, name[-1], dir_fd=parent)
            if self._owner is not None:
                os.chown(name[-1], *self._owner, dir_fd=parent, follow_symlinks=False)

    def second_name(self, name: Sequence[str], first: Sequence[str]) -> None:
        """A further name of a file that is in the directory already."""
        self.budget.take_entry()
        with self._parent(first) as source, self._parent(name) as parent:
            _remove(parent, name)
            os.link(first[-1], name[-1], src_dir_fd=source, dst_dir_fd=parent, follow_symlinks=False)

    def rename(self, name: Sequence[str], new: Sequence[str]) -> None:
        """Under another name, in place of what was called so."""
        with self._parent(name) as source, self._parent(new) as parent:
            _remove(parent, new)
            os.rename(name[-1], new[-1], src_dir_fd=source, dst_dir_fd=parent)

    def remove(self, name: Sequence[str]) -> None:
        """A file or link, if it is there."""
        with self._parent(name) as parent:
            _remove(parent, name)

    @contextmanager
    def _parent(self, name: Sequence[str]) -> Iterator[int]:
        """A descriptor of the directory that the last part of `name` is in; made on the way."""
        if len(name) > MAX_DEPTH or any(part in (".", "..") or "/" in part or "\0" in part for part in name):
            raise FetchFailed(f"{'/'.join(name)[:200]!r} is no path below the sandbox")
        walk = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        current = os.open(self._root, walk)
        try:
            for part in name[:-1]:
                following = self._step(current, part, walk)
                os.close(current)
                current = following
            yield current
        finally:
            os.close(current)

    def _step(self, current: int, part: str, walk: int) -> int:
        try:
            os.mkdir(part, 0o755, dir_fd=current)
        except FileExistsError:
            made = False
        else:
            made = True
        try:
            following = os.open(part, walk, dir_fd=current)
        except OSError as error:
            raise FetchFailed(f"{part!r} is in the way: it is a link or a file, not a directory") from error
        if made:
            self._give(following)
        return following

    def _give(self, file: int) -> None:
        if self._owner is not None:
            os.fchown(file, *self._owner)


def _refuse_way_out(name: Sequence[str], target: str) -> None:
    """`..` may only begin a target. It is counted from directories then, never through another link, so that
    no links together lead out that do not by themselves."""
    parts = [part for part in target.split("/") if part not in ("", ".")]
    upwards = 0
    while upwards < len(parts) and parts[upwards] == "..":
        upwards += 1
    if target.startswith("/") or upwards >= len(name) or ".." in parts[upwards:] or "\0" in target:
        raise FetchFailed(f"an archive holds a link {'/'.join(name)!r} that may lead out of the sandbox")


def _remove(parent: int, name: Sequence[str]) -> None:
    try:
        os.unlink(name[-1], dir_fd=parent)
    except FileNotFoundError:
        pass
    except (IsADirectoryError, PermissionError) as error:
        raise FetchFailed(f"{'/'.join(name)!r} is a directory already") from error
