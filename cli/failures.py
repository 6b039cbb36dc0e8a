"""How a command ends when it does not succeed: one line on stderr and an exit status. No I/O here."""

from __future__ import annotations

from typing import Final

FAILED: Final = 1
"""The cluster refused or failed."""
USAGE: Final = 2
"""The command line is wrong."""
UNREACHABLE: Final = 3
"""The orchestrator cannot be reached."""
NOT_RUN: Final = 125
"""`orlop task run`: the task could not be run."""
INTERRUPTED: Final = 130


class CommandFailed(Exception):
    """Ends the command with `status`. The message is one line: what is wrong and what to do next."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(" ".join(message.split()))
        self.status = status
