"""A container's terminal: a pseudo-terminal whose master its shim holds.

What the program prints is read from the master like any output. What is written for the program comes
through the pipe that every container with an input has, so that agents come and go as they like, and goes
from there to the master as fast as that takes it. The end of that pipe is the terminal's own sign of an end
of file. What is done with output is not decided here.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct
import termios

INPUT_BYTES = 4096
"""Of input that are on their way at most: what a terminal's line takes."""

_EOF = 4
"""Control-D, where the terminal's settings cannot be read."""

_LINE_ENDS = b"\r\n\x04"


class Terminal:
    """Both ends of it. `slave`, the program's, stays open here as well: a program may let go of its terminal
    for a while, and that is not the terminal's end.

    `typed` is the reading end of the container's input, -1 where it has none any more.
    """

    def __init__(self, rows: int, columns: int, typed: int, poll: select.poll) -> None:
        self.master, self.slave = os.openpty()
        self.typed = typed
        self._poll = poll
        self._waiting = b""
        self._within_line = False
        self._hung_up = False
        os.set_blocking(self.master, False)
        if typed >= 0:
            poll.register(typed, select.POLLIN)
        self.resize(rows, columns)

    def resize(self, rows: int, columns: int) -> None:
        """The programs in the foreground are told by the kernel (SIGWINCH)."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def take(self) -> None:
        """Input has come, or its end. No more is read than the terminal takes."""
        if self._hung_up:
            return
        data = os.read(self.typed, INPUT_BYTES)
        self._waiting += data or self._end_of_file()
        self._within_line = data[-1:] not in _LINE_ENDS
        self._feed()
        if self._waiting:
            self._poll.modify(self.master, select.POLLIN | select.POLLOUT)
        if not data or self._waiting:
            self._poll.unregister(self.typed)
        if not data:
            os.close(self.typed)
            self.typed = -1

    def go_on(self) -> None:
        """The terminal takes more than it did."""
        self._feed()
        if not self._waiting:
            self._poll.modify(self.master, select.POLLIN)
            if self.typed >= 0:
                self._poll.register(self.typed, select.POLLIN)

    def hang_up(self) -> None:
        """The program has ended, and `master` is polled no more: what is typed still is for nobody."""
        if self.typed >= 0 and not self._waiting:
            self._poll.unregister(self.typed)
        self._waiting, self._hung_up = b"", True

    def _feed(self) -> None:
        try:
            while self._waiting:
                self._waiting = self._waiting[os.write(self.master, self._waiting) :]
        except BlockingIOError:
            pass
        except OSError:  # nobody has the terminal open any more
            self._waiting = b""

    def _end_of_file(self) -> bytes:
        """The sign of it; within a line twice, since the first one only hands over what was typed of that."""
        try:
            sign = bytes(termios.tcgetattr(self.master)[6][termios.VEOF])
        except (termios.error, OSError):
            sign = bytes((_EOF,))
        return sign * 2 if self._within_line else sign


def control(fd: int) -> None:
    """Make the terminal at `fd` the one that controls this session, whose leader calls."""
    fcntl.ioctl(fd, termios.TIOCSCTTY, 0)
