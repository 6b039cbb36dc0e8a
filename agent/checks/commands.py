"""Probes by a command: each a container of its own, nested in the task's, that sees what the task sees.

At most one is there at a time for one check. A command that does not end in time is killed and removed by
`tidy`; until that has succeeded no other is started. What a crash of the agent leaves behind is removed as
any other container that belongs to nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from agent.checks.findings import Found, command_answer
from agent.containerizer.interface import (
    Containerizer,
    ContainerizerError,
    ContainerSpec,
    ContainerState,
    Exit,
    UnknownContainer,
    Who,
)
from api.model.ids import IdSource
from api.wire.v1 import mesos

log = logging.getLogger(__name__)

TAIL: Final = 300
"""Bytes of a failed command's output that its owner is told."""

SpecOf = Callable[[str, mesos.CommandInfo, Path], ContainerSpec]
"""The container of a check's command, by the id that it gets and the directory that its output is kept in.
Raises LaunchError."""


class CommandProbes:
    """The commands of one check of one task."""

    def __init__(
        self,
        containerizer: Containerizer,
        ids: IdSource,
        spec_of: SpecOf,
        make_output: Callable[[], Path],
    ) -> None:
        """`make_output`: a directory of the agent's own for the commands' output, made if need be; may raise
        OSError."""
        self._containerizer = containerizer
        self._ids = ids
        self._spec_of = spec_of
        self._make_output = make_output
        self._left: dict[str, asyncio.Task[ContainerState]] = {}
        """Containers that may be there, each with its launch, which is never broken off half-way."""

    async def run(self, command: mesos.CommandInfo) -> Found | str:
        """What the command said, or in words why it said nothing that counts.

        Raises ContainerizerError and OSError for what is the agent's own trouble, not the task's. When it is
        cancelled, `tidy` has to follow.
        """
        if self._left:
            return "the command of the last check has not ended yet"
        output = self._make_output()
        for name in ("stdout", "stderr"):
            (output / name).unlink(missing_ok=True)
        container_id = str(self._ids.uuid())
        spec = self._spec_of(container_id, command, output)
        launch = asyncio.create_task(self._containerizer.launch(spec))
        self._left[container_id] = launch
        try:
            await asyncio.shield(launch)
            ended = await self._containerizer.wait(container_id)
        except UnknownContainer:
            del self._left[container_id]
            return "its command disappeared"
        except ContainerizerError as error:
            if error.who is not Who.REQUEST:
                raise
            await self.tidy()
            return f"its command cannot be started: {error.message}"
        await self.tidy()
        return _answer(ended, output)

    async def tidy(self) -> None:
        """Nothing of the commands is left afterwards. Raises ContainerizerError, OSError: call again."""
        for container_id, launch in list(self._left.items()):
            await asyncio.gather(launch, return_exceptions=True)  # it is asked about below
            try:
                await self._containerizer.kill(container_id, 0.0)
                await self._containerizer.wait(container_id)
                await self._containerizer.remove(container_id)
            except UnknownContainer:
                pass
            self._left.pop(container_id, None)

    def abandon(self) -> None:
        """The agent stops: what is left is found, and removed, by its next life."""
        for launch in self._left.values():
            launch.cancel()


def _answer(ended: Exit, output: Path) -> Found | str:
    if ended.status is None:
        return f"its command was lost: {ended.message}"
    words = f"its command exited with status {ended.status}"
    said = _last_words(output) if ended.status != 0 else ""
    return command_answer(ended.status, f"{words}: {said}" if said else words)


def _last_words(output: Path) -> str:
    for name in ("stderr", "stdout"):
        try:
            with (output / name).open("rb") as file:
                file.seek(0, 2)
                file.seek(max(0, file.tell() - TAIL))
                text = file.read(TAIL).decode("utf-8", "replace").strip()
        except OSError:
            continue
        if text:
            return text.splitlines()[-1]
    return ""
