"""Podman's containers are started here, each at most once, whoever is killed meanwhile.

Podman writes that a container runs after the runtime has started it. Killed in between, it never learns of
it, calls the container "created" again when that has ended, and would start it a second time: its word is no
proof. The rule, and the facts that it goes by, are in docs/containers.md: who asks for a start writes that
down before, and what was asked for counts as begun until it is proven that it is not.

Nothing is removed here, and nothing made.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.containerizer.exits import read_exit, write_exit
from agent.containerizer.interface import ContainerizerError, Who
from agent.containerizer.libpod import Inspected, LibpodError, LibpodUnreachable
from agent.containerizer.podman_calls import REPEATS, PodmanCalls
from agent.containerizer.podman_monitors import hold
from agent.containerizer.podman_remains import RECORD_FILES, records_directory
from agent.containerizer.podman_service import PodmanService
from agent.containerizer.podman_watch import NOT_STARTED, exit_of, let_go, monitor_process
from agent.containerizer.shim import records
from agent.containerizer.watch import Process
from api.model.clock import Clock

ASKED = "start"
"""The record that a container's start was asked for: of whom, and in which life of the host."""

WAITING_FILE = "exec.fifo"
"""What runc and crun remove from their directory of a container when they start it."""

ATTEMPTS = 3
"""At telling Podman that a container runs; then that one is ended."""

LOOKS = 100
LOOK_PAUSE = 0.05
"""Five seconds for each attempt."""


class Begun(enum.Enum):
    """Whether the process of a container has begun."""

    NO = enum.auto()
    """It has not; a runtime that was told to start it may be at work still, and nobody else."""
    KNOWN = enum.auto()
    """It has, and Podman knows."""
    UNKNOWN = enum.auto()
    """It runs, and Podman does not know."""
    OVER = enum.auto()
    """It has, or may have, and has ended; how is on record, or nobody knows."""


@dataclass(frozen=True, slots=True)
class Asked:
    """That a container's start was asked for, in that `boot` of the host; of `service`, if that has not
    refused."""

    service: Process | None
    boot: str

    @classmethod
    def read(cls, directory: Path) -> Asked | None:
        """None: nobody was ever asked."""
        record = records.read(str(directory), ASKED)
        if record is None:
            return None
        process = Process(int(record["pid"]), int(record["start_time"]))
        return cls(process if process.pid else None, record["boot"])


def note(directory: Path, service: Process | None) -> None:
    """`service` is going to be asked; None: it has refused.

    On record for every process in this life of the host: nothing that was started outlives that.
    """
    who = service or Process(0, 0)
    values: dict[str, str | int | float] = {"pid": who.pid, "start_time": who.start_time}
    values["boot"] = records.boot_id()
    records.write(str(directory), ASKED, values, durable=False)


def forget(directory: Path) -> None:
    """The container has not begun and never will; or whoever wanted it wants it no more."""
    (directory / ASKED).unlink(missing_ok=True)


class Starts:
    """Of one agent's containers. `runtimes` are names or paths of those that Podman may have used; what is
    asked for is on record in the container's own `directory`."""

    def __init__(
        self, calls: PodmanCalls, service: PodmanService, runtimes: Sequence[str], clock: Clock
    ) -> None:
        self._calls = calls
        self._service = service
        self._runtimes = runtimes
        self._clock = clock

    async def start(self, name: str, directory: Path) -> Begun:
        """Start a container that was created: KNOWN, or OVER.

        Raises LibpodError: it is refused, and has not begun; ContainerizerError (Who.RETRY): no answer.
        """
        for _ in range(REPEATS):
            monitor = await self._prepared(name)
            asked: list[Process] = []

            def asks(service: Process, asked: list[Process] = asked) -> None:
                note(directory, service)
                asked.append(service)

            refusal: LibpodError | None = None
            try:
                await self._calls.libpod.start(name, asks)
                if monitor is not None:
                    monitor.send(signal.SIGCONT)
                return Begun.KNOWN
            except LibpodUnreachable as error:
                trouble = str(error)
                for service in asked:
                    await self._service.end(service)
            except LibpodError as error:
                refusal = error
                note(directory, None)
            begun = await self._settled(name, directory)
            if begun is not Begun.NO:
                return begun
            if refusal is not None:
                raise refusal
            await self._service.ensure()
        raise ContainerizerError(f"podman does not answer ({trouble}): repeat the call", Who.RETRY)

    async def called_off(self, name: str, directory: Path) -> Begun:
        """What came of a start that may have been asked for: KNOWN, OVER, or NO. Then it never will begin.

        A runtime that was told to start it may be at work still: its process is stopped, and then looked at.
        """
        asked = Asked.read(directory)
        if asked is None:
            seen = await self._calls.look(name)
            if seen is not None:
                let_go(seen)
            return Begun.KNOWN if seen is not None and seen.status not in NOT_STARTED else Begun.NO
        if asked.service is not None and not await self._is_started(name):
            await self._service.end(asked.service)
        if (begun := await self._settled(name, directory)) is not Begun.NO:
            return begun
        seen = await self._calls.look(name)
        waiting = None if seen is None else _process(seen)
        if waiting is not None:
            waiting.send(signal.SIGSTOP)
            if self._begun(seen, directory) is not Begun.NO:
                waiting.send(signal.SIGCONT)
                return await self._settled(name, directory)
        forget(directory)
        if waiting is not None:
            waiting.send(signal.SIGKILL)
        return Begun.NO

    async def _prepared(self, name: str) -> Process | None:
        """The monitor of a container that has only to be started, held still: Podman has heard of the start
        before it hears of the end, and until then the kernel keeps how it ended, whoever is killed.

        Raises LibpodError: the runtime cannot make it; ContainerizerError (Who.RETRY): no answer.
        """
        await self._calls.repeated(lambda: self._calls.libpod.init(name))
        seen = await self._calls.look(name)
        monitor = None if seen is None else monitor_process(seen)
        if monitor is not None:
            monitor.send(signal.SIGSTOP)
        return monitor

    async def _settled(self, name: str, directory: Path) -> Begun:
        """KNOWN, OVER or NO: one that runs unknown to Podman is made known to it, or ended.

        How one ended that Podman knows nothing of is on record afterwards, where that can be found out.
        Invariant: whoever was asked to start it has gone, or has answered.
        """
        held = await asyncio.get_running_loop().run_in_executor(None, hold, name)
        told = False
        try:
            for _ in range(ATTEMPTS):
                seen = await self._calls.look(name)
                begun = self._begun(seen, directory)
                if seen is not None and (told or begun in (Begun.UNKNOWN, Begun.OVER)):
                    self._keep_exit(held.exit_code(seen.pid, seen.libpod_id), directory)
                if begun is not Begun.UNKNOWN:
                    return begun
                await self._make_known(name)
                told = True
            if seen is not None and (process := _process(seen)) is not None:
                process.send(signal.SIGKILL)
            return Begun.OVER
        finally:
            held.let_go()

    def _keep_exit(self, code: int | None, directory: Path) -> None:
        if code is not None and read_exit(directory) is None:
            write_exit(directory, exit_of(code, self._clock.now()))

    # What is known

    def _begun(self, seen: Inspected | None, directory: Path) -> Begun:
        if seen is not None and seen.status not in NOT_STARTED:
            return Begun.KNOWN
        asked = Asked.read(directory)
        if asked is None:
            return Begun.NO
        if seen is None or asked.boot != records.boot_id():
            return Begun.OVER
        if not seen.pid:
            return Begun.NO  # Podman writes the process down before it has the runtime start it
        record, process = self._record(seen), _process(seen)
        if record is None or process is None:
            return Begun.OVER
        waits = (record / WAITING_FILE).exists() and self._is_runtime(process)
        return Begun.NO if waits else Begun.UNKNOWN

    def _record(self, seen: Inspected) -> Path | None:
        """The runtime's directory of the container; None: it has none, or not any more."""
        for runtime in self._runtimes:
            directory = records_directory(runtime) / seen.libpod_id
            if any((directory / name).exists() for name in RECORD_FILES):
                return directory
        return None

    def _is_runtime(self, process: Process) -> bool:
        """Whether it is the runtime's own still: the container's program takes its place."""
        program = _read(f"/proc/{process.pid}/cmdline").partition("\0")[0]
        return program.rpartition("/")[2] in {Path(each).name for each in self._runtimes}

    async def _is_started(self, name: str) -> bool:
        seen = await self._calls.look(name)
        return seen is not None and seen.status not in NOT_STARTED

    async def _make_known(self, name: str) -> None:
        """Podman writes down that a container which it is to stop is stopping, and follows it to its end from
        then on. It is given all the time that there is for that, and the signal that comes first is one
        that programs do not mind."""
        waiting = asyncio.ensure_future(self._calls.libpod.await_end(name))
        try:
            for _ in range(LOOKS):
                await asyncio.wait((waiting,), timeout=LOOK_PAUSE)
                if waiting.done() or await self._is_started(name):
                    break
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)


def _process(seen: Inspected) -> Process | None:
    """The container's first process, if that pid still is in a group of the container's."""
    process = Process.of(seen.pid) if seen.pid else None
    return process if process is not None and seen.libpod_id in _read(f"/proc/{seen.pid}/cgroup") else None


def _read(path: str) -> str:
    with contextlib.suppress(OSError):
        return os.fsdecode(Path(path).read_bytes())
    return ""
