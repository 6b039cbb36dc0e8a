"""Files as version-0 pages show them, and the log that a daemon serves under a name of its own.

Values in, values out; whoever calls has read the file.
"""

from __future__ import annotations

import stat
from pathlib import PurePosixPath

from api.model.process import LogPart, Process
from api.wire.v0.documents import Document
from api.wire.v0.queries import text_of
from api.wire.v1 import mesos

LOG_MODE = stat.S_IFREG | 0o644
NO_LOG = "this daemon's log goes to stderr: give it a --log-file to have it served"


class ServedLog:
    """The log file of a daemon, under a path like /master/log."""

    def __init__(self, process: Process, path: str) -> None:
        self._process = process
        self.path = path

    def is_named(self, path: str) -> bool:
        return PurePosixPath("/", path.lstrip("/")) == PurePosixPath(self.path)

    def holds(self, path: str) -> bool:
        """Whether `path` is that of a directory above it."""
        return PurePosixPath("/", path.lstrip("/")) in PurePosixPath(self.path).parents

    def read(self, offset: int, length: int) -> LogPart | None:
        """See `Process.read_log`."""
        return self._process.read_log(offset, length)

    def info(self) -> mesos.FileInfo | None:
        """As LIST_FILES shows it; None when there is none."""
        part = self._process.read_log(0, 0)
        if part is None:
            return None
        at = mesos.TimeInfo(nanoseconds=int(part.modified_at * 1e9))
        return mesos.FileInfo(path=self.path, nlink=1, size=part.size, mtime=at, mode=LOG_MODE)


def browsed(info: mesos.FileInfo) -> Document:
    """An entry of a directory."""
    return {
        "path": info.path,
        "nlink": info.nlink or 0,
        "size": info.size or 0,
        "mtime": info.mtime.nanoseconds // 10**9 if info.mtime else 0,
        "mode": stat.filemode(info.mode or 0),
        "uid": info.uid or "",
        "gid": info.gid or "",
    }


def part_read(offset: int | None, size: int, data: bytes) -> Document:
    """A part of a file as text. Without an offset only the size is wanted, and told as one."""
    if offset is None:
        return {"offset": size, "data": ""}
    text, _ = text_of(data, ends=offset + len(data) >= size)
    return {"offset": offset, "data": text}
