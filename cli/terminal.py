"""Our own terminal, lent to a program in a container: raw meanwhile, and afterwards as it was before.

It is given back however this ends: by an error, an interruption or a signal that ends the process; only
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

from cli.failures import USAGE, CommandFailed
from client.containers import WindowSize

CHUNK: Final = 4096
ENDING: Final = (signal.SIGTERM, signal.SIGHUP)


class LentTerminal:
    """A context manager. Raises CommandFailed on entry: our standard input is no terminal."""

    def __init__(self) -> None:
        if not os.isatty(sys.stdin.fileno()):
            raise CommandFailed("--tty: the standard input is no terminal", USAGE)
        self._fd = sys.stdin.fileno()

    def __enter__(self) -> LentTerminal:
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
        """What is typed, and the new size whenever that changes; without end while the terminal is there."""
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

        fd = os.open(os.ttyname(self._fd), os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        loop.add_signal_handler(signal.SIGWINCH, resized)
        loop.add_reader(fd, look)
        try:
            while True:
                await ready.get()
                if not changed.empty():
                    changed.get_nowait()
                    yield self.size()
                with contextlib.suppress(BlockingIOError):
                    if not (data := os.read(fd, CHUNK)):
                        return
                    yield data
        except OSError:  # the terminal has gone
            return
        finally:
            loop.remove_reader(fd)
            loop.remove_signal_handler(signal.SIGWINCH)
            os.close(fd)

    def _end(self, number: int, frame: FrameType | None) -> None:
        """Called by the interpreter, between two of its instructions."""
        self._give_back()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _give_back(self) -> None:
        with contextlib.suppress(termios.error):  # it has gone
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)
