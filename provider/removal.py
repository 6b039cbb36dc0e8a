"""Removes directory trees that containers have filled, whatever their shape.

A program can nest directories deeper than recursion, paths and open files go. So nothing here recurses:
a directory that is not empty is moved up to the top of the tree, and emptied there in the next round. No
symbolic link is followed and no other file system is entered. Volumes and sandboxes are not known here.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

MOVED = ".removed-"
"""Begins the names of directories that were moved up; a name that is taken is passed over."""

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_TAKEN = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR})


def remove_tree(path: Path) -> None:
    """Remove the directory `path` and all in it; one that is not there is fine.

    Raises OSError at the first obstacle; a repeat removes what is left.
    """
    with contextlib.suppress(FileNotFoundError):
        top = os.open(path, _DIRECTORY)
        try:
            empty(top)
        finally:
            os.close(top)
        path.rmdir()


def empty(top: int, kept: Collection[str] = ()) -> None:
    """Delete all below the open directory `top`; directories of it named in `kept` are emptied and stay.

    Raises OSError as `remove_tree` does.
    """
    places = (f"{MOVED}{number}" for number in itertools.count())
    while True:
        for name in os.listdir(top):
            if not _is_directory(top, name):
                os.unlink(name, dir_fd=top)
                continue
            _clear(top, name, places)
            if name not in kept:
                os.rmdir(name, dir_fd=top)
        if all(name in kept for name in os.listdir(top)):
            return


def _clear(top: int, name: str, places: Iterator[str]) -> None:
    """Leave nothing in a directory of `top`: what in it is not empty itself comes up to `top`."""
    directory = os.open(name, _DIRECTORY, dir_fd=top)
    try:
        if os.fstat(directory).st_dev != os.fstat(top).st_dev:
            raise OSError(f"{name!r} is another file system: unmount it first")
        for child in os.listdir(directory):  # noqa: PTH208 - as above
            if not _is_directory(directory, child):
                os.unlink(child, dir_fd=directory)
            elif not _removed(directory, child):
                _move_up(directory, child, top, places)
    finally:
        os.close(directory)


def _removed(directory: int, name: str) -> bool:
    """Whether it was empty, and is gone."""
    try:
        os.rmdir(name, dir_fd=directory)
    except OSError as error:
        if error.errno == errno.EBUSY:
            raise OSError(f"{name!r} is another file system: unmount it first") from error
        if error.errno not in _TAKEN:
            raise
        return False
    return True


def _move_up(directory: int, name: str, top: int, places: Iterator[str]) -> None:
    for place in places:
        try:
            os.rename(name, place, src_dir_fd=directory, dst_dir_fd=top)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
        else:
            return


def _is_directory(parent: int, name: str) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
