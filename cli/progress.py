"""A line on stderr that says what is being waited for; only on a terminal."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.status import Status


class ProgressLine:
    """`with ProgressLine("…") as progress: progress.say("…")`. Silent when stderr is no terminal."""

    def __init__(self, first: str) -> None:
        self._text = first
        self._status: Status | None = None

    def __enter__(self) -> ProgressLine:
        if sys.stderr.isatty():
            from rich.console import Console

            self._status = Console(stderr=True).status(self._text)
            self._status.start()
        return self

    def say(self, text: str) -> None:
        """Replace the line."""
        if self._status is not None and text != self._text:
            self._status.update(text)
        self._text = text

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()
