"""Files that survive `kill -9` and loss of power: the plain, blocking way. Call through BlockingCalls.

No knowledge of volumes here.
"""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make the folder's entries (creations, renames, removals) durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class SharedFolderSync:
    """Syncs one folder for all who wait: whoever comes while a sync runs shares the next one.

    For threads. A sync that begins after a change makes the change durable, whoever asked for the sync.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._counting = threading.Lock()
        self._running = threading.Lock()
        self._asked = 0
        self._done = 0

    def sync(self) -> None:
        """The folder's entries are durable as they were at the call, or newer. Raises OSError."""
        with self._counting:
            self._asked += 1
            mine = self._asked
        with self._running:
            if self._done >= mine:
                return
            with self._counting:
                covered = self._asked
            sync_folder(self._folder)
            self._done = covered


def write_durably(path: Path, content: bytes) -> None:
    """Replace the file as a whole: afterwards it has the old content or the new one, never a mixture."""
    replace_file(path, content)
    sync_folder(path.parent)


def replace_file(path: Path, content: bytes, after: Path | None = None) -> None:
    """As `write_durably`, but that it is the new file after a loss of power takes a sync of the folder.

    The file `after` is durable before the new content can be seen. It is synced second, because on
    journaling filesystems the first sync has then done the work of both.
    """
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        if os.write(descriptor, content) != len(content):  # the last block of the disk was partly free
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(temporary))
        os.fsync(descriptor)
        if after is not None:
            sync_file(after)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    temporary.rename(path)


def sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def allocate(path: Path, size: int) -> None:
    """Make the file exactly `size` bytes, all of them allocated. What it holds within stays.

    Durable when the caller has synced file and folder. Raises OSError: ENOSPC or EDQUOT when the
    filesystem has not that much, EFBIG when it allows no such file. What was allocated before the failure
    stays in the file.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, size)
        if os.fstat(descriptor).st_size > size:
            os.ftruncate(descriptor, size)
    finally:
        os.close(descriptor)


def holds_data(path: Path) -> bool:
    """Whether anything was ever written to the file; space that is only allocated does not count."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.lseek(descriptor, 0, os.SEEK_DATA)
    except OSError as error:
        if error.errno == errno.ENXIO:
            return False
        raise
    finally:
        os.close(descriptor)
    return True
