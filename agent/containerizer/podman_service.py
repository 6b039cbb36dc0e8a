"""Podman's API service: started when its socket is dead, restarted when it dies, stopped on close.

The socket's path belongs to one agent, so a service that listens there is this agent's, also
when an earlier life of the agent started it. Containers outlive the service: it may stop and
start at any time. Nothing here knows about containers.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import struct
from pathlib import Path
from typing import Protocol

from agent.containerizer.interface import ContainerizerError, Who
from agent.containerizer.watch import Process

START_TIMEOUT = 20.0
"""Seconds from start to a socket that accepts; then the start counts as failed."""

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0
"""Seconds between attempts to start a service that dies at once; doubles from the first to the longest."""

HEALTHY_AFTER = 10.0
"""Seconds of life after which a death is the first one again."""

START_ATTEMPTS = 4
"""Services that may be killed during the agent's start before it gives up."""

_POLL = 0.02
_PEER = struct.Struct("3i")
# The service is idle most of the time: collect its garbage early rather than keep it.
_ENVIRONMENT = {"GOGC": "25", "GOMAXPROCS": "2"}


class Connection(Protocol):
    """A connected socket, or what stands for it in an event loop."""

    def getsockopt(self, level: int, option: int, length: int, /) -> bytes:
        """See socket.socket."""


class PodmanService:
    """Keeps `podman system service` on `socket`. `runtime` is the OCI runtime's name or path."""

    def __init__(self, socket_path: Path, *, podman: str = "podman", runtime: str | None = None) -> None:
        self.socket = socket_path
        self._podman = podman
        self._runtime = runtime
        self._keeper: asyncio.Task[None] | None = None
        self._child: asyncio.subprocess.Process | None = None
        self._process: Process | None = None
        self._starting = asyncio.Lock()

    @property
    def process(self) -> Process | None:
        """The service's process, when it is known to run."""
        return self._process

    async def start(self) -> None:
        """Have a service that answers, and keep it. One that somebody kills meanwhile is started anew.

        Raises ContainerizerError (Who.OPERATOR; Who.RETRY when it is killed each time).
        """
        for left in reversed(range(START_ATTEMPTS)):
            try:
                await self.ensure()
                break
            except ContainerizerError as error:
                if error.who is not Who.RETRY or not left:
                    raise
        self._keeper = asyncio.get_running_loop().create_task(self._keep())

    async def close(self) -> None:
        """Stop the service and remove its socket. Containers go on."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        # Which of them lives is not certain: one that was just being started has no socket yet.
        started = None if self._child is None else Process.of(self._child.pid)
        for process in dict.fromkeys(each for each in (self._process, started) if each is not None):
            if process.send(15):
                try:
                    async with asyncio.timeout(START_TIMEOUT):
                        await process.gone()
                except TimeoutError:
                    process.send(9)
        if self._child is not None:
            await self._child.wait()
        self._process = self._child = None
        self.socket.unlink(missing_ok=True)

    async def ensure(self) -> None:
        """Return when the socket accepts. Raises ContainerizerError (Who.OPERATOR) when it cannot be had."""
        async with self._starting:
            self._process = _listener(self.socket)
            if self._process is None:
                await self._start_once()

    async def end(self, service: Process) -> None:
        """Kill a service that was asked for something and did not answer: it must not do it later on."""
        service.send(9)
        await service.gone()

    async def _start_once(self) -> None:
        if shutil.which(self._podman) is None:
            raise ContainerizerError(
                f"{self._podman} is not installed: install it, or use --containerizer process", Who.OPERATOR
            )
        self.socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.socket.unlink(missing_ok=True)
        self._child = await asyncio.create_subprocess_exec(
            *self._command(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # an interrupt typed at the agent's terminal is not meant for it
            env={**os.environ, **_ENVIRONMENT},
            cwd=self.socket.parent,  # conmon leaves a file there that says that memory ran out
        )
        try:
            async with asyncio.timeout(START_TIMEOUT):
                self._process = await self._first_answer(self._child)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._child.kill()
            raise ContainerizerError("podman's service did not answer in time", Who.OPERATOR) from None

    def _command(self) -> list[str]:
        # cgroupfs: groups with names of our own, on hosts with and without systemd.
        command = [self._podman, "--cgroup-manager", "cgroupfs", "--log-level", "error"]
        if self._runtime is not None:
            command += ["--runtime", self._runtime]
        return [*command, "system", "service", "--time", "0", f"unix://{self.socket}"]

    async def _first_answer(self, child: asyncio.subprocess.Process) -> Process:
        while (process := _listener(self.socket)) is None:
            if child.returncode is not None:
                assert child.stderr is not None
                words = (await child.stderr.read(2000)).decode("utf-8", "replace").strip()
                who = Who.RETRY if child.returncode < 0 else Who.OPERATOR  # killed, or it could not
                raise ContainerizerError(f"podman's service ended at once: {words}", who)
            await asyncio.sleep(_POLL)
        return process

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE
        while True:
            began = loop.time()
            if self._process is not None:
                await self._process.gone()
            if loop.time() - began > HEALTHY_AFTER:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            with contextlib.suppress(ContainerizerError):
                await self.ensure()


def _listener(path: Path) -> Process | None:
    """The process that listens on the socket; None when nobody does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(1.0)
        try:
            connection.connect(str(path))
            return service_at(connection)
        except OSError:
            return None


def service_at(connection: Connection) -> Process:
    """Who listens at the other end. Raises OSError: it has gone."""
    pid = _PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))[0]
    if (process := Process.of(pid)) is None:
        raise ConnectionResetError("podman's service has gone")
    return process
