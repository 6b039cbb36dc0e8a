"""The files that an agent serves: those of sandboxes, and its own log. For pages and calls alike."""

from __future__ import annotations

from agent.sandboxes.files import TaskFiles
from agent.sandboxes.sandbox import FileSlice, NoSuchFile
from api.model.process import Process
from api.wire.v0.files import NO_LOG, ServedLog
from api.wire.v1 import mesos

LOG = "/slave/log"
"""The path under which the log file is served."""

READ_LIMIT = 2**20
"""Bytes of the log in one answer; readers ask again from where it ended."""


class ServedFiles:
    """All of one agent's (`agent.operator_calls.Files`)."""

    def __init__(self, files: TaskFiles, process: Process) -> None:
        self._files = files
        self._log = ServedLog(process, LOG)

    def read(self, path: str, offset: int, length: int | None) -> FileSlice:
        """A part of a file. Raises NoSuchFile, SandboxError."""
        if not self._log.is_named(path):
            return self._files.read(path, offset, length)
        part = self._log.read(offset, READ_LIMIT if length is None else min(length, READ_LIMIT))
        if part is None:
            raise NoSuchFile(NO_LOG)
        return FileSlice(part.size, part.data)

    def entries(self, path: str) -> list[mesos.FileInfo]:
        """The entries of a directory. Raises NoSuchFile, SandboxError."""
        if not self._log.holds(path):
            return self._files.entries(path)
        info = self._log.info()
        if info is None:
            raise NoSuchFile(NO_LOG)
        return [info]
