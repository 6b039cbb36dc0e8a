"""From Podman's log of a container to the files `stdout` and `stderr` in its sandbox.

Podman's monitor (conmon) writes one log with both streams, whether an agent runs or not, and
starts it anew when it is full. This reads on from where it stopped, also in an earlier life, and
keeps the files within the container's output limit.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from agent.containerizer.shim import records

MAX_LINE = 64 * 1024
"""conmon breaks longer lines into partial ones; a longer one than this is not conmon's."""

CHUNK = 256 * 1024
POSITION = "log-position"

LINE = re.compile(rb"[^\n]*\n|[^\n]+$")
"""A line with its newline; the last one may lack it. A carriage return is part of the text."""


class LogSplitter:
    """Follows `directory`/log. Not safe for two at once on one container."""

    def __init__(self, log: Path, sandbox: Path, limit: int) -> None:
        self._log = log
        self._fd = -1
        self._offset = 0
        self._files = {name: KeptFile(sandbox / name, limit) for name in ("stdout", "stderr")}
        self._resume()

    def pump(self) -> bool:
        """Copy what is new. True: something was."""
        moved = False
        while True:
            if self._fd < 0 and not self._open():
                return moved
            if self._copy():
                moved = True
            elif not self._follow_rotation():
                break
        if moved:
            self._remember()
        return moved

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _copy(self) -> bool:
        data = os.pread(self._fd, CHUNK, self._offset)
        whole = data.rfind(b"\n") + 1
        if whole == 0:
            if len(data) <= MAX_LINE:
                return False
            whole = len(data)  # not a log line: let it go rather than stop here for ever
        for line in LINE.findall(data[:whole]):  # splitlines would also split at what the program printed
            self._keep(line)
        self._offset += whole
        return True

    def _keep(self, line: bytes) -> None:
        """A line is "TIME STREAM F|P TEXT"; P means that the newline is the log's, not the program's."""
        parts = line.split(b" ", 3)
        if len(parts) == 4 and (file := self._files.get(parts[1].decode("ascii", "replace"))) is not None:
            file.keep(parts[3].removesuffix(b"\n") if parts[2] == b"P" else parts[3])

    def _open(self) -> bool:
        try:
            self._fd = os.open(self._log, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        return True

    def _follow_rotation(self) -> bool:
        """conmon replaced the log: what is left of the old one was copied, go on with the new one."""
        try:
            same = self._log.stat().st_ino == os.fstat(self._fd).st_ino
        except FileNotFoundError:
            return False
        if same and os.fstat(self._fd).st_size >= self._offset:
            return False
        while self._copy():
            pass  # what came between the last look and the replacement
        self.close()
        self._offset = 0
        return True

    def _remember(self) -> None:
        position = {"inode": os.fstat(self._fd).st_ino, "offset": self._offset}
        sizes = {name: file.size for name, file in self._files.items()}
        text = "".join(f"{key} {value}\n" for key, value in {**position, **sizes}.items())
        temporary = self._log.with_name(f".{POSITION}.new")
        temporary.write_text(text)
        temporary.rename(self._log.with_name(POSITION))

    def _resume(self) -> None:
        """What was copied after the position was written last is cut off and copied again."""
        position = records.read(str(self._log.parent), POSITION)
        if position is None:
            for file in self._files.values():
                file.cut(0)
            return
        for name, file in self._files.items():
            file.cut(int(position[name]))
        if self._open() and os.fstat(self._fd).st_ino == int(position["inode"]):
            self._offset = int(position["offset"])


class KeptFile:
    """A file that becomes `NAME.1` at half its limit and begins anew.

    The container can write in its sandbox: neither a link nor a fifo in the file's place does harm.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._half = max(1, limit // 2)
        self.size = 0
        if (fd := self._open()) is not None:
            self.size = os.fstat(fd).st_size
            os.close(fd)

    def keep(self, data: bytes) -> None:
        while data:
            room = self._half - self.size
            if room <= 0:
                self._rotate()
                continue
            self._append(data[:room])
            data = data[room:]

    def cut(self, size: int) -> None:
        """Let go of what is beyond `size` bytes."""
        if self.size > size and (fd := self._open()) is not None:
            os.ftruncate(fd, size)
            os.close(fd)
            self.size = size

    def _append(self, data: bytes) -> None:
        self.size += len(data)
        if (fd := self._open()) is None:
            return
        try:
            os.write(fd, data)
        except OSError:
            pass  # a full disk loses output, it stops nothing
        finally:
            os.close(fd)

    def _rotate(self) -> None:
        self.size = 0
        try:
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        except OSError:
            pass  # the container took the file away, or put a directory there

    def _open(self) -> int | None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            return os.open(self._path, flags, 0o644)
        except OSError:
            return None
