"""Plugin containers as plain child processes: the smallest thing that fulfils the port."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from provider.plugins.containers import ContainerFailed, FoundContainer, PluginContainer


@dataclass
class Running:
    container: PluginContainer
    process: asyncio.subprocess.Process
    log: str


class ProcessContainers:
    """Each container is a process group of its own. `end_all` ends what is left, and only that."""

    def __init__(self, log_directory: str) -> None:
        self._logs = log_directory
        self._running: dict[str, Running] = {}
        self.launches = 0

    async def launch(self, container: PluginContainer) -> None:
        if container.id in self._running:
            return
        self.launches += 1
        log = f"{self._logs}/{container.id}.log"
        with Path(log).open("ab") as output:  # noqa: ASYNC230 - a test
            process = await asyncio.create_subprocess_exec(
                *container.argv,
                env={**os.environ, **container.environment},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._running[container.id] = Running(container, process, log)

    async def wait(self, container_id: str) -> str:
        if container_id not in self._running:
            raise ContainerFailed(f"no container {container_id}")
        status = await self._running[container_id].process.wait()
        return f"exited with status {status}"

    async def kill(self, container_id: str) -> None:
        if container_id in self._running:
            self.end(container_id, signal.SIGKILL)

    async def remove(self, container_id: str) -> None:
        found = self._running.get(container_id)
        if found is not None and found.process.returncode is None:
            raise ContainerFailed(f"{container_id} runs")
        self._running.pop(container_id, None)

    async def log(self, container_id: str, lines: int) -> tuple[str, ...]:
        if container_id not in self._running:
            return ()
        text = Path(self._running[container_id].log).read_text(errors="replace")  # noqa: ASYNC240 - a test
        return tuple(text.splitlines()[-lines:])

    async def list(self, prefix: str) -> list[FoundContainer]:
        return [
            FoundContainer(name, each.process.returncode is None, each.container.digest)
            for name, each in sorted(self._running.items())
            if name.startswith(prefix)
        ]

    def end(self, container_id: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the container's process group, as the kernel or an operator would."""
        process = self._running[container_id].process
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, how)

    async def end_all(self) -> None:
        for name in list(self._running):
            self.end(name)
            await self._running[name].process.wait()

    def logs(self) -> Iterator[str]:
        """What the containers printed, for a failing test."""
        for each in self._running.values():
            with Path(each.log).open(encoding="utf-8") as log:
                yield log.read()
