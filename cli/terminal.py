"""Our own terminal, lent to a program in a container: raw meanwhile, and afterwards as it was before.

It is given back however this ends: by an error, an interruption or a signal that asks for the process's end;
SIGKILL leaves it raw. What is typed is read from a descriptor of its own, since others share those that we
were given and would find them not waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import termios
import tty
from collections.abc import AsyncIterator
from types import FrameType, TracebackType
from typing import Final

from cli.failures import NOT_RUN, USAGE, CommandFailed
from client.containers import WindowSize

CHUNK: Final = 4096
ENDING: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
CONTROLLING: Final = "/dev/tty"


class LentTerminal:
    """A context manager. Raises CommandFailed: our input is no terminal, or none that we may open."""

    def __init__(self) -> None:
        if sys.stdin is None or not os.isatty(sys.stdin.fileno()):  # none: it was closed
            raise CommandFailed("--tty: the standard input is no terminal", USAGE)
        self._fd = sys.stdin.fileno()

    def __enter__(self) -> LentTerminal:
        self._typed = _opened(self._fd)  # until the process ends: who reads it may go after us
        self._before = termios.tcgetattr(self._fd)
        self._handlers = {number: signal.signal(number, self._end) for number in ENDING}
        tty.setraw(self._fd, termios.TCSADRAIN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_back()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def size(self) -> WindowSize:
        """As it is now."""
        columns, rows = os.get_terminal_size(self._fd)
        return WindowSize(rows, columns)

    async def pieces(self) -> AsyncIterator[bytes | WindowSize]:
        """The size, now and whenever it changes, and what is typed; no end while the terminal is there."""
        loop = asyncio.get_running_loop()
        ready: asyncio.Queue[None] = asyncio.Queue(1)
        changed: asyncio.Queue[None] = asyncio.Queue(1)

        def look() -> None:
            with contextlib.suppress(asyncio.QueueFull):
                ready.put_nowait(None)

        def resized() -> None:
            with contextlib.suppress(asyncio.QueueFull):
                changed.put_nowait(None)
            look()

        loop.add_signal_handler(signal.SIGWINCH, resized)
        loop.add_reader(self._typed, look)
        try:
            yield self.size()  # it may have changed since it was asked for
            while True:
                await ready.get()
                if not changed.empty():
                    changed.get_nowait()
                    yield self.size()
                with contextlib.suppress(BlockingIOError):
                    if not (data := os.read(self._typed, CHUNK)):
                        return
                    yield data
        except OSError:  # the terminal has gone
            return
        finally:
            loop.remove_reader(self._typed)
            loop.remove_signal_handler(signal.SIGWINCH)

    def _end(self, number: int, frame: FrameType | None) -> None:
        """Called by the interpreter, between two of its instructions."""
        self._give_back()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _give_back(self) -> None:
        with contextlib.suppress(termios.error):  # it has gone
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)


def _opened(fd: int) -> int:
    """That terminal, for us alone: by its name; where it has none that we may open (another user's, or the
    host's within a container), as the one that controls us."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        return os.open(os.ttyname(fd), flags)
    except OSError:
        try:
            return os.open(CONTROLLING, flags)
        except OSError as error:
            words = f"--tty: our terminal cannot be opened ({error.strerror}): run it without --tty"
            raise CommandFailed(words, NOT_RUN) from error
