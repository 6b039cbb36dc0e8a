"""What the agent as a whole asks of its parts: to start and stop, to recover containers, what is fatal.

Must not: know which parts there are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn, Protocol

from agent.containerizer.interface import ContainerState


class Service(Protocol):
    """A part that runs beside the tasks: a provider, the plugin containers, the HTTP edge."""

    async def start(self) -> None:
        """Recover and begin; returns when it serves or will come to serve by itself."""

    async def stop(self) -> None:
        """Stop serving; loses nothing."""


class ContainerKeeper(Protocol):
    """Who keeps containers that are no tasks' (plugins', operators'), as far as recovery needs it."""

    def load(self) -> set[str]:
        """Read the checkpoint; returns the ids of containers that are not orphans."""

    async def resume(self, found: Mapping[str, ContainerState]) -> None:
        """Finish what a crash interrupted; `found` are the containers that there are."""

    def sandboxes(self) -> set[Path]:
        """The directories that those use."""


class Failure:
    """What an agent cannot live with, said by whichever part meets it first."""

    def __init__(self) -> None:
        self._error: BaseException | None = None
        self._met = asyncio.Event()

    def fail(self, error: BaseException) -> None:
        """Memory and disk may differ from here on, so the agent must end. Only the first one counts."""
        if self._error is None:
            self._error = error
            self._met.set()

    async def wait(self) -> NoReturn:
        """Wait until there is one, and raise it."""
        await self._met.wait()
        assert self._error is not None, "set together with the event"
        raise self._error
