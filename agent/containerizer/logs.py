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
PUMP_CHUNKS = 4
"""Chunks that one pump copies at most: a program that prints without pause does not hold its caller."""

LOG_BYTES_PER_OUTPUT_BYTE = 2
"""Of the log, so many times the output limit are copied: room for the stamps of its lines. It is what one log
holds; older lines are passed over, as they would be if they had been replaced before anybody looked."""

POSITION = "log-position"

LINE = re.compile(rb"[^\n]*\n|[^\n]+$")
"""A line with its newline; the last one may lack it. A carriage return is part of the text."""


class LogSplitter:
    """Follows `log`. Not safe for two at once on one container; its work is fit for any thread."""

    def __init__(self, log: Path, sandbox: Path, limit: int) -> None:
        self._log = log
        self._fd = -1
        self._offset = 0
        self._most_behind = LOG_BYTES_PER_OUTPUT_BYTE * limit
        self._files = {name: KeptFile(sandbox / name, limit) for name in ("stdout", "stderr")}
        self._resume()

    def pump(self) -> bool:
        """Copy what is new, PUMP_CHUNKS at most. True: something was, and there may be more."""
        moved = False
        self._pass_over()
        for _ in range(PUMP_CHUNKS):
            if not self._advance():
                break
            moved = True
        if moved and self._fd >= 0:
            self._remember()
        return moved

    def behind(self) -> int:
        """Bytes of the log that were not copied yet; cheap enough to be asked anywhere."""
        try:
            newest = self._log.stat()
        except FileNotFoundError:
            newest = None
        if self._fd < 0:
            return 0 if newest is None else newest.st_size
        current = os.fstat(self._fd)
        if newest is None or newest.st_ino == current.st_ino:
            cut = current.st_size < self._offset
            return current.st_size if cut else current.st_size - self._offset
        return current.st_size - self._offset + newest.st_size

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _advance(self) -> bool:
        """Copy the next chunk, of the old log before the new one. False: nothing is there."""
        while self._fd >= 0 or self._open():
            if self._copy():
                return True
            if not self._replaced():
                return False
            if self._copy():
                return True  # it came between the last look and the replacement
            self.close()
            self._offset = 0
        return False

    def _pass_over(self) -> None:
        """Go on at a line's start where more waits than is kept: that one must not be waited for, either."""
        if self._fd < 0 and not self._open():
            return
        size = os.fstat(self._fd).st_size
        start = min(size, self._offset + self.behind() - self._most_behind)
        if start > self._offset:
            rest = os.pread(self._fd, MAX_LINE, start - 1)
            self._offset = min(size, start + rest.find(b"\n"))

    def _copy(self) -> bool:
        """Copy a chunk of whole lines; each stream's part is written at once."""
        data = os.pread(self._fd, CHUNK, self._offset)
        whole = data.rfind(b"\n") + 1
        if whole == 0:
            if len(data) <= MAX_LINE:
                return False
            whole = len(data)  # not a log line: let it go rather than stop here for ever
        for name, texts in _by_stream(data[:whole]).items():
            self._files[name].keep(b"".join(texts))
        self._offset += whole
        return True

    def _open(self) -> bool:
        try:
            self._fd = os.open(self._log, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        return True

    def _replaced(self) -> bool:
        """Whether conmon has begun another log, or this one anew."""
        try:
            same = self._log.stat().st_ino == os.fstat(self._fd).st_ino
        except FileNotFoundError:
            return False
        return not same or os.fstat(self._fd).st_size < self._offset

    def _remember(self) -> None:
        position = {"inode": os.fstat(self._fd).st_ino, "offset": self._offset}
        sizes = {name: file.size for name, file in self._files.items()}
        text = "".join(f"{key} {value}\n" for key, value in {**position, **sizes}.items())
        temporary = self._log.with_name(f".{POSITION}.new")
        try:
            temporary.write_text(text)
            temporary.rename(self._log.with_name(POSITION))
        except OSError:
            pass  # a full disk: a next life copies again from the position that was written last

    def _resume(self) -> None:
        """What was copied after the position was written last is cut off and copied again."""
        position = self._position()
        for name, file in self._files.items():
            file.cut(position.get(name, 0))
        if position and self._open() and os.fstat(self._fd).st_ino == position["inode"]:
            self._offset = position["offset"]

    def _position(self) -> dict[str, int]:
        """As it was written last; empty when there is none, or it was cut short as the host went down."""
        try:
            found = records.read(str(self._log.parent), POSITION) or {}
            return {key: int(found[key]) for key in ("inode", "offset", *self._files)}
        except (KeyError, ValueError, OSError):
            return {}


def _by_stream(lines: bytes) -> dict[str, list[bytes]]:
    """What was printed. A line is "TIME STREAM F|P TEXT"; P: the newline is the log's, not the program's."""
    texts: dict[bytes, list[bytes]] = {b"stdout": [], b"stderr": []}
    for line in LINE.findall(lines):  # splitlines would also split at what the program printed
        parts = line.split(b" ", 3)
        if len(parts) == 4 and (found := texts.get(parts[1])) is not None:
            found.append(parts[3].removesuffix(b"\n") if parts[2] == b"P" else parts[3])
    return {stream.decode(): found for stream, found in texts.items() if found}


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
