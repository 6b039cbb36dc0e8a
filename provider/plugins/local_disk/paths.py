"""Staging and target paths on the host. Blocking: call through BlockingCalls.

Only the last component of a target path is ever made or removed here, and only when it is empty.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from provider.plugins.local_disk.refusals import failed_precondition, internal, invalid_argument

DEAD_MOUNT_ERRORS = frozenset({errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.ESHUTDOWN, errno.EUCLEAN})
"""How the folder answers on which a filesystem is mounted that has failed."""


def resolved_staging(path: str) -> str:
    """The existing folder that the client made for staging, free of symbolic links."""
    real = os.path.realpath(path)
    try:
        found = Path(real).is_dir()
    except OSError as error:
        if error.errno not in DEAD_MOUNT_ERRORS:
            raise
        found = True
    if not found:
        raise invalid_argument(f"staging_target_path {path} is not an existing folder; make it first")
    return real


def resolved_target(path: str, field: str = "target_path") -> str:
    """The target path with its parent free of symbolic links; the parent exists."""
    parent = os.path.realpath(Path(path).parent)
    if not Path(parent).is_dir():
        raise invalid_argument(f"{field}: the folder {parent} does not exist; make it first")
    return str(Path(parent, Path(path).name))


def resolved_if_possible(path: str) -> str:
    """As the kernel would name it, also when nothing is there any more. A link at its end stays."""
    return str(Path(os.path.realpath(Path(path).parent), Path(path).name))


def check_folder_place(target: str) -> None:
    """A folder is at this path, or nothing."""
    path = Path(target)
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise invalid_argument(f"target_path {target} is there and is not a folder; remove it")


def check_file_place(target: str) -> None:
    """An empty file is at this path, or nothing."""
    path = Path(target)
    if path.is_symlink() or (path.exists() and not (path.is_file() and path.stat().st_size == 0)):
        raise invalid_argument(f"target_path {target} is there and is not an empty file; remove it")


def check_link_place(target: str, destination: Path) -> None:
    """The link is at this path, or an empty folder that gives way, or nothing."""
    path = Path(target)
    if is_link_to(target, destination):
        return
    empty_folder = path.is_dir() and not path.is_symlink() and not any(path.iterdir())
    if os.path.lexists(path) and not empty_folder:
        raise invalid_argument(f"target_path {target} is there and is not an empty folder; remove it")


def make_folder(target: str) -> None:
    check_folder_place(target)
    Path(target).mkdir(mode=0o755, exist_ok=True)


def make_file(target: str) -> None:
    check_file_place(target)
    os.close(os.open(target, os.O_CREAT | os.O_CLOEXEC, 0o600))


def make_link(path: str, destination: Path) -> None:
    """A symbolic link at `path`; an empty folder there gives way."""
    check_link_place(path, destination)
    link = Path(path)
    if is_link_to(path, destination):
        return
    if link.is_dir():
        link.rmdir()
    link.symlink_to(destination)


def is_link_to(path: str, destination: Path) -> bool:
    try:
        return Path(path).readlink() == destination
    except OSError:
        return False


def remove_target(target: str) -> None:
    """Remove what a publication left at its target path: an empty folder, an empty file or a link."""
    path = Path(target)
    try:
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        elif path.is_symlink() or (path.is_file() and path.stat().st_size == 0):
            path.unlink()
        elif path.exists():
            raise failed_precondition(f"target_path {target} is not what was published; remove it by hand")
    except FileNotFoundError:
        pass
    except OSError as error:
        raise internal(f"cannot remove target_path {target}: {error.strerror}") from error


def same(path: str, resolved: str) -> bool:
    """Whether the path leads where `resolved`, which is free of symbolic links, does."""
    return os.path.realpath(path) == resolved
