"""How one Podman container ends, seen from outside: its output on the way, its exit, its loss.

Podman learns of an exit from the container's monitor (conmon). When the monitor is killed, the
container's process lives on unseen and Podman goes on saying "running", for ever. So both are
watched here, by pidfd; a container without its monitor is ended, and its status is unknown.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

from agent.containerizer.exits import read_exit, write_exit
from agent.containerizer.interface import ContainerizerError, Exit
from agent.containerizer.libpod import Inspected
from agent.containerizer.logs import LogSplitter
from agent.containerizer.shim import records
from agent.containerizer.shim.cgroups import Group, Hierarchies, remove_below
from agent.containerizer.watch import Process
from api.model.clock import Clock

SETTLE_TIMEOUT = 5.0
"""Seconds after the main process's end in which Podman has to know the exit; then it is lost."""

SETTLE_PAUSE = 0.02
BUSY_PAUSE = 0.1
QUIET_PAUSE = 0.5
"""Seconds between looks at the log: while there is output, and when there is none."""

KILL_PASSES = 500
KILL_PAUSE = 0.01
"""Seconds; five in all for what runs on without a monitor to go."""

MONITOR_PATIENCE = 10.0
"""Seconds for a monitor to leave after its container's end; else the groups stay until the removal."""

GROUP_PASSES = 10
GROUP_PAUSE = 0.1
"""Looks at groups that are not empty though the monitor has left, and seconds between them."""

ASK_AGAIN = 1.0
"""Seconds between questions that Podman does not answer."""

NOT_STARTED = frozenset({"created", "configured", "initialized"})
ENDED = frozenset({"exited", "stopped", "removing"})
KILLED = 137
KILL_RECORD = "kill"

Inspect = Callable[[], Awaitable[Inspected | None]]
T = TypeVar("T")

log = logging.getLogger(__name__)


class Watch:
    """Follows one container to its end. `directory` holds its log and, at the end, its exit record.

    `seen` is how Podman described it a moment ago. Output is copied in `threads`.
    """

    def __init__(
        self,
        seen: Inspected,
        inspect: Inspect,
        directory: Path,
        splitter: LogSplitter,
        hierarchies: Hierarchies,
        group: str,
        memory_limit: int,
        clock: Clock,
        threads: Executor,
    ) -> None:
        self._seen = seen
        self._inspect = inspect
        self._directory = directory
        self._splitter = splitter
        self._hierarchies = hierarchies
        self._group = group
        self._memory_limit = memory_limit
        self._clock = clock
        self._threads = threads
        self._saw_oom = False

    async def until_ended(self) -> Exit:
        """The exit, recorded durably and with all output copied."""
        try:
            found = await self._exit_while_copying()
            while await self._pumped():
                pass  # all of it, and others have their turn between two parts
        finally:
            self._splitter.close()
        if read_exit(self._directory) is None:
            write_exit(self._directory, found)
        return found

    async def remove_groups(self) -> None:
        """After the end: remove the container's empty groups once its monitor has left. Never fails."""
        try:
            async with asyncio.timeout(MONITOR_PATIENCE):
                monitor = monitor_process(self._seen)
                if monitor is not None:
                    await monitor.gone()
            for _ in range(GROUP_PASSES):
                if remove_below(self._group):
                    return
                await asyncio.sleep(GROUP_PAUSE)
        except (TimeoutError, OSError) as error:
            log.debug("the groups %s stay until the container is removed: %r", self._group, error)

    async def _exit_while_copying(self) -> Exit:
        copying = asyncio.get_running_loop().create_task(self._copy_output())
        try:
            return read_exit(self._directory) or await self._exit()
        finally:
            copying.cancel()
            await asyncio.gather(copying, return_exceptions=True)

    async def _copy_output(self) -> None:
        """A little at a time: a program that prints without pause has no more than its share of the agent."""
        while True:
            busy = await self._pumped()
            await asyncio.sleep(BUSY_PAUSE if busy else QUIET_PAUSE)

    async def _pumped(self) -> bool:
        """Whether output was copied, and there may be more. What the host refuses loses output, and no more:
        neither what is printed later nor how the container ends."""
        try:
            return self._splitter.behind() > 0 and await self._in_thread(self._splitter.pump)
        except OSError as error:
            log.warning("output of the container of %s cannot be copied now: %s", self._group, error)
            return False

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """What `work` returns. Who is cancelled waits for the thread: nobody else may copy meanwhile."""
        job = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.shield(job)
        except asyncio.CancelledError:
            await asyncio.wait((job,))
            raise

    async def _exit(self) -> Exit:
        loop = asyncio.get_running_loop()
        deadline: float | None = None
        seen: Inspected | None = self._seen
        while True:
            if seen is None:
                return self._lost("the container was removed by someone else")
            if seen.status in ENDED:
                return self._ended(seen)
            main, monitor = main_process(seen, self._group), monitor_process(seen)
            monitored = monitor is not None or seen.conmon_pid == 0
            if main is not None and not monitored:
                break  # nobody will ever tell Podman
            if main is not None:
                await self._until_one_ends(seen, [main] if monitor is None else [main, monitor])
            else:
                deadline = deadline or loop.time() + SETTLE_TIMEOUT
                if loop.time() >= deadline:
                    break
                await asyncio.sleep(SETTLE_PAUSE)
            seen = await self._look()
        await self._end(seen)
        return self._lost("the container's monitor was killed: the container was ended")

    async def _look(self) -> Inspected | None:
        """Ask until there is an answer: a container must not stay unwatched because Podman was away."""
        while True:
            try:
                return await self._inspect()
            except ContainerizerError:
                await asyncio.sleep(ASK_AGAIN)

    async def _until_one_ends(self, seen: Inspected, processes: list[Process]) -> None:
        waits = [asyncio.ensure_future(process.gone()) for process in processes]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        # At once: the group goes with the container, and the count of kills with the group.
        self._saw_oom = self._saw_oom or self._own_group(seen).out_of_memory()

    async def _end(self, seen: Inspected) -> None:
        """Kill what runs on without a monitor."""
        for _ in range(KILL_PASSES):
            main = main_process(seen, self._group)
            if main is not None:
                main.send(9)
            if not self._own_group(seen).kill() and main is None:
                return
            await asyncio.sleep(KILL_PAUSE)

    def _own_group(self, seen: Inspected) -> Group:
        """Podman's own group of the container; without a path, one that has no members."""
        return Group.at(self._hierarchies, seen.cgroup_path.strip("/") or f"{self._group}/none")

    def _ended(self, seen: Inspected) -> Exit:
        oom = seen.exit_code != 0 and self._ran_out_of_memory(seen)
        return exit_of(seen.exit_code, seconds_of(seen.finished_at), seen.error, oom=oom)

    def _ran_out_of_memory(self, seen: Inspected) -> bool:
        outer = Group.at(self._hierarchies, self._group)
        if seen.oom_killed or self._saw_oom or (self._hierarchies.version == 2 and outer.out_of_memory()):
            return True
        # Version 1 counts kills only in the group that has gone. Without an agent that saw it in time:
        # killed, not by us, with all its memory used.
        killed = seen.exit_code == KILLED and not (self._directory / KILL_RECORD).exists()
        return killed and self._memory_limit > 0 and outer.reached(self._memory_limit)

    def _lost(self, message: str) -> Exit:
        return Exit(None, None, False, f"{message}, its status is unknown", self._clock.now())


def exit_of(code: int, finished_at: float, error: str = "", *, oom: bool = False) -> Exit:
    """From an exit code as a shell has it. `error` is Podman's word for it, if it has one."""
    signal = code - 128 if 128 < code <= 128 + 64 else None
    message = error or (f"ended by signal {signal}" if signal else f"exited with status {code}")
    limitation: Literal["memory"] | None = "memory" if oom else None
    return Exit(code, signal, oom, message, finished_at, limitation)


def main_process(seen: Inspected, group: str) -> Process | None:
    """The container's first process, if that pid still is in the container's group."""
    process = Process.of(seen.pid) if seen.pid else None
    return process if process is not None and f"{group}/" in _text(f"/proc/{seen.pid}/cgroup") else None


def members(seen: Inspected, hierarchies: Hierarchies, group: str) -> list[Process]:
    """All of the container's processes; its first one at least, where groups cannot be read.

    A first process that only reaps and forwards is left out when there are others: it would
    deliver the signal a second time.
    """
    main = main_process(seen, group)
    if main is None:
        return []
    inner = Group.at(hierarchies, seen.cgroup_path.strip("/")) if seen.cgroup_path else None
    others = [pid for pid in (inner.processes() if inner else []) if pid != main.pid]
    found = [process for pid in others if (process := Process.of(pid)) is not None]
    forwards = "/run/podman-init" in _text(f"/proc/{main.pid}/cmdline")
    return found if found and forwards else [main, *found]


def monitor_process(seen: Inspected) -> Process | None:
    """conmon, if that pid still is the one that was given this container."""
    process = Process.of(seen.conmon_pid) if seen.conmon_pid else None
    return (
        process
        if process is not None and seen.libpod_id in _text(f"/proc/{seen.conmon_pid}/cmdline")
        else None
    )


def let_go(seen: Inspected) -> None:
    """Have its monitor go on, which an agent that was killed may have held still (`podman_starts`)."""
    if (monitor := monitor_process(seen)) is not None:
        monitor.send(signal.SIGCONT)


def _text(path: str) -> str:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(fd, 65536).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(fd)


def shared_memory_of(seen: Inspected) -> str:
    """The host directory that is the container's /dev/shm; "" where Podman keeps none there."""
    path = f"{seen.static_dir}/shm"
    return path if seen.static_dir and os.path.isdir(path) else ""  # noqa: PTH112


def is_on_host_network(pid: int) -> bool:
    """Whether the process has the network that the agent has."""
    try:
        return os.stat(f"/proc/{pid}/ns/net").st_ino == os.stat("/proc/self/ns/net").st_ino  # noqa: PTH116
    except OSError:
        return False


def seconds_of(timestamp: str) -> float:
    """Since the epoch, of a time as Podman writes it."""
    return datetime.fromisoformat(timestamp).timestamp()


def kill_deadline(directory: Path, wanted: float) -> float:
    """When SIGKILL is due, in seconds since the epoch; durable, and never later than was said before."""
    before = recorded_deadline(directory)
    at = wanted if before is None else min(wanted, before)
    records.write(str(directory), KILL_RECORD, {"at": at})
    return at


def recorded_deadline(directory: Path) -> float | None:
    """What `kill_deadline` said; None: nobody asked for the container's end."""
    record = records.read(str(directory), KILL_RECORD)
    return None if record is None else float(record["at"])
