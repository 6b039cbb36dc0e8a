"""SIGHUP before a daemon is ready for it: it must not end the daemon, and what it asks for must not be lost.

Between the first line of a command and its event loop's own handler a daemon imports, waits for its work
directory and opens its database. The handler is of this process alone: what it starts meanwhile has none.
"""

from __future__ import annotations

import signal
from types import FrameType


class Hangups:
    """The handler of that time: remembers that SIGHUP came."""

    def __init__(self) -> None:
        self.came = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Called by the interpreter, between two of its instructions."""
        self.came = True


def remember_hangups() -> None:
    """From now on SIGHUP ends nothing, until somebody takes it over, and looks whether it `came`."""
    signal.signal(signal.SIGHUP, Hangups())
