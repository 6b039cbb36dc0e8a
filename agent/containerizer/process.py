"""The process containerizer: every container is a process tree under a small shim of its own.

State of a container lives in `WORK_DIR/containers/process/ID/`, written by the agent (spec.json,
before anything is started) and by the shim (shim, task, exit). This room starts shims, reads
their records, and cleans up after a shim that was killed; it never holds a container's pipes or
its fate, so that its own death changes nothing.

No protection against the container's program: it is an ordinary process of the host, and sees
the host's files. What is private is its mounts, what is bounded its memory, cpu and output.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import marshal
import os
import shutil
import sys
import weakref
from pathlib import Path
from typing import Any

from agent.containerizer import accounts
from agent.containerizer.exits import read_exit, write_exit
from agent.containerizer.fitness import refuse_unfit
from agent.containerizer.interface import (
    MIN_CPU_LIMIT,
    MIN_MEMORY_LIMIT,
    ContainerInput,
    ContainerizerError,
    ContainerSpec,
    ContainerState,
    Exit,
    Isolation,
    LaunchError,
    Limits,
    Progress,
    Statistics,
    UnknownContainer,
    Who,
    validate_id,
)
from agent.containerizer.refusals import refuse_nesting, unoffered
from agent.containerizer.shim import records
from agent.containerizer.shim.cgroups import Group, Hierarchies
from agent.containerizer.watch import Process, is_spent, scope_of
from api.model.clock import Clock

LAUNCH_TIMEOUT = 30.0
"""Seconds for a shim to answer. After that the outcome is unknown and the caller repeats."""

KILL_PASSES = 500
KILL_PAUSE = 0.01
"""Seconds; five in all for the processes of a container whose shim was killed to go."""

STARTING_PASSES = 500
"""Looks at a launch of an earlier life whose shim holds the lock and has not said who it is yet."""

MARK = "ORLOP_CONTAINER"
"""Variable in every container's environment: finds its processes where there are no control groups."""

_PACKAGE_ROOT = str(Path(__file__).resolve().parents[2])
_BOOT = "import sys; sys.path.append(sys.argv[1]); from agent.containerizer.shim.main import main; main()"


class ProcessContainerizer:
    """Implements interface.Containerizer; see there for what each call promises."""

    name = "process"

    def __init__(self, work_dir: Path, clock: Clock, *, python: str = sys.executable) -> None:
        self._work_dir = work_dir.resolve()
        self._root = self._work_dir / "containers" / "process"
        self._scope = scope_of(work_dir)
        self._clock = clock
        self._python = python
        self._hierarchies = Hierarchies(2, {})
        self._isolation = Isolation(volumes=False, memory_limit=False, cpu_limit=False, images=False)
        self._watches: dict[str, asyncio.Task[Exit]] = {}
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    @property
    def isolation(self) -> Isolation:
        return self._isolation

    async def start(self) -> None:
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._hierarchies = Hierarchies.of_host()
        self._isolation = await self._probe()
        for directory in sorted(self._root.iterdir()):
            if not await self._unstarted(directory):
                self._watch(directory.name)

    async def close(self) -> None:
        for watch in self._watches.values():
            watch.cancel()
        await asyncio.gather(*self._watches.values(), return_exceptions=True)
        self._watches.clear()

    async def launch(self, spec: ContainerSpec, progress: Progress | None = None) -> ContainerState:
        refuse_nesting(spec, self.name)
        async with self._lock(spec.id):
            directory = self._root / spec.id
            if directory.exists() and not await self._unstarted(directory):
                return await self._state(spec.id)
            order = self._order(spec, directory)
            self._prepare(spec, directory)
            answer = await self._start_shim(order)
            verb, _, rest = answer.partition(" ")
            if verb == "failed":
                self._clean(spec.id)
                who, _, message = rest.partition(" ")
                raise LaunchError(f"container {spec.id}: {message}", Who(who))
            if verb != "running":
                raise LaunchError(self._no_answer(spec.id, directory), Who.RETRY)
            self._watch(spec.id)
            return await self._state(spec.id)

    async def wait(self, container_id: str) -> Exit:
        self._require(container_id)
        return await asyncio.shield(self._watch(container_id))

    async def kill(
        self, container_id: str, grace_period: float | None = None, signal: int | None = None
    ) -> None:
        async with self._lock(container_id):
            directory = self._require(container_id)
            if signal is not None:
                request = f"signal {signal:d}\n"
            else:
                grace = _grace_of(directory) if grace_period is None else grace_period
                request = f"term {max(0.0, grace):f}\n"
            _tell(directory / records.CONTROL, request)

    async def remove(self, container_id: str) -> None:
        validate_id(container_id)
        async with self._lock(container_id):
            if not (self._root / container_id).exists():
                return
            if (await self._state(container_id)).running:
                raise ContainerizerError(f"container {container_id} runs: kill it first", Who.REQUEST)
            await asyncio.shield(self._watch(container_id))
            del self._watches[container_id]
            self._clean(container_id)

    async def list(self) -> list[ContainerState]:
        names = sorted(path.name for path in self._root.iterdir())
        return [await self._state(name) for name in names if self._started(self._root / name)]

    async def statistics(self, container_id: str) -> Statistics:
        raise unoffered(self.name, "statistics")

    async def input(self, container_id: str) -> ContainerInput:
        raise unoffered(self.name, "an input")

    async def update(self, container_id: str, limits: Limits) -> None:
        raise unoffered(self.name, "other limits for a running container")

    # Launching

    def _order(self, spec: ContainerSpec, directory: Path) -> dict[str, Any]:
        """What the shim is told; only types that `marshal` carries."""
        self._refuse_unfit(spec)
        binds = [
            (b.source, os.path.normpath(os.path.join(spec.sandbox, b.target)), b.read_only, b.propagation)  # noqa: PTH118
            for b in spec.binds
        ]
        memory, cpu = spec.limits.memory_bytes, spec.limits.cpu_milli
        return {
            "directory": str(directory),
            "group": self._group_name(spec.id),
            "argv": list(spec.argv),
            "environment": {**spec.environment, MARK: self._mark(spec.id)},
            "sandbox": spec.sandbox,
            "scratch": str(directory / "scratch"),
            "hidden": [str(self._work_dir)],
            # A privileged container lives among the host's own mounts: what it mounts must stay there.
            "binds": [] if spec.privileged else binds,
            "memory_bytes": None if memory is None else max(memory, MIN_MEMORY_LIMIT),
            "cpu_milli": None if cpu is None else max(cpu, MIN_CPU_LIMIT),
            "user": accounts.resolve(spec.user),
            "output_limit": spec.output_limit_bytes,
        }

    def _refuse_unfit(self, spec: ContainerSpec) -> None:
        if spec.image is not None:
            raise LaunchError(
                f"container {spec.id}: image {spec.image!r} needs --containerizer podman on this agent",
                Who.OPERATOR,
            )
        refuse_unfit(spec)
        for bind in spec.binds:
            if bind.is_device and bind.read_only and not spec.privileged:
                # A device stays writable under a read-only mount, and nothing else is between it and root.
                raise LaunchError(
                    f"container {spec.id}: a read-only device at {bind.target} needs --containerizer podman"
                    " on this agent",
                    Who.OPERATOR,
                )
            if spec.privileged and bind.source != bind.target:
                raise LaunchError(
                    f"container {spec.id}: a privileged container without podman sees the host's own paths;"
                    f" bind {bind.source} at {bind.source}, not at {bind.target}",
                    Who.REQUEST,
                )

    def _prepare(self, spec: ContainerSpec, directory: Path) -> None:
        directory.mkdir(mode=0o700)
        (directory / "scratch").mkdir()
        (directory / records.LOCK).touch()
        intent = {
            "id": spec.id,
            "argv": spec.argv,
            "sandbox": spec.sandbox,
            "labels": dict(spec.labels),
            "grace_period": spec.grace_period,
        }
        records.write_durably(str(directory), records.SPEC, json.dumps(intent).encode())

    async def _start_shim(self, order: dict[str, Any]) -> str:
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
        shim = await asyncio.create_subprocess_exec(
            self._python,
            *("-I", "-S", "-c", _BOOT, _PACKAGE_ROOT),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            env=kept,
        )
        try:
            async with asyncio.timeout(LAUNCH_TIMEOUT):
                answer, _ = await shim.communicate(marshal.dumps(order))
        except TimeoutError:
            return ""
        return answer.decode("utf-8", "replace").strip()

    def _no_answer(self, container_id: str, directory: Path) -> str:
        errors = directory / "shim.err"
        text = errors.read_text(errors="replace")[-500:].strip() if errors.exists() else ""
        return f"container {container_id}: its shim did not answer; launch it again. {text}".strip()

    async def _unstarted(self, directory: Path) -> bool:
        """As `_discard_unstarted`; waits for a shim of an earlier life that is just starting."""
        for _ in range(STARTING_PASSES):
            if self._discard_unstarted(directory):
                return True
            if self._started(directory):
                break
            await asyncio.sleep(KILL_PAUSE)
        return False

    def _discard_unstarted(self, directory: Path) -> bool:
        """Remove a launch that never came to a shim. True: nothing of that container is left.

        Whoever holds the lock decides: a shim that comes later finds the lock file gone.
        """
        try:
            lock = os.open(directory / records.LOCK, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            shutil.rmtree(directory, ignore_errors=True)
            return True
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if records.read(str(directory), records.SHIM) is not None:
                return False
            shutil.rmtree(directory)
        except BlockingIOError:
            return False
        finally:
            os.close(lock)
        return True

    # Watching

    def _watch(self, container_id: str) -> asyncio.Task[Exit]:
        watch = self._watches.get(container_id)
        if watch is None or is_spent(watch):
            watch = asyncio.get_running_loop().create_task(self._until_ended(container_id))
            self._watches[container_id] = watch
        return watch

    async def _until_ended(self, container_id: str) -> Exit:
        directory = self._root / container_id
        shim = self._shim(directory)
        if shim is not None:
            await shim.gone()
        recorded = read_exit(directory)
        if recorded is None:
            await self._end_orphans(container_id)
            recorded = self._record_loss(directory)
        return recorded

    async def _end_orphans(self, container_id: str) -> None:
        """Kill what a killed shim has left: the group's members and whatever carries the mark."""
        for _ in range(KILL_PASSES):
            members = set(self._group(container_id).processes())
            members.update(records.with_variable(MARK, self._mark(container_id)))
            alive = [process for pid in sorted(members) if (process := Process.of(pid)) is not None]
            if not alive:
                break
            for process in alive:
                process.send(9)
            await asyncio.sleep(KILL_PAUSE)
        self._group(container_id).remove()

    def _record_loss(self, directory: Path) -> Exit:
        message = "the container's shim was killed: the container was ended, its status is unknown"
        lost = Exit(None, None, False, message, self._clock.now())
        write_exit(directory, lost)
        return lost

    # Reading what is

    async def _state(self, container_id: str) -> ContainerState:
        directory = self._root / container_id
        ended = read_exit(directory)
        shim = self._shim(directory)
        if ended is None and (shim is None or not shim.alive()):
            ended = await asyncio.shield(self._watch(container_id))
        labels = _intent(directory).get("labels", {})
        task = records.read(str(directory), records.TASK) or {}
        pid = int(task.get("pid", 0)) or None
        return ContainerState(container_id, ended is None, pid if ended is None else None, ended, labels)

    def _shim(self, directory: Path) -> Process | None:
        record = records.read(str(directory), records.SHIM)
        if record is None or record.get("boot_id") != records.boot_id():
            return None
        return Process(int(record["pid"]), int(record["start_time"]))

    def _started(self, directory: Path) -> bool:
        return (directory / records.SHIM).exists()

    def _require(self, container_id: str) -> Path:
        validate_id(container_id)
        directory = self._root / container_id
        if not self._started(directory):
            raise UnknownContainer(container_id)
        return directory

    # The rest

    def _clean(self, container_id: str) -> None:
        self._group(container_id).remove()
        shutil.rmtree(self._root / container_id, ignore_errors=True)

    def _group(self, container_id: str) -> Group:
        return Group.at(self._hierarchies, self._group_name(container_id))

    def _group_name(self, container_id: str) -> str:
        return f"orlop-{self._scope}/{container_id}"

    def _mark(self, container_id: str) -> str:
        return f"{self._scope}/{container_id}"

    def _lock(self, container_id: str) -> asyncio.Lock:
        return self._locks.setdefault(container_id, asyncio.Lock())

    async def _probe(self) -> Isolation:
        """Try each thing once: what a kernel allows cannot be told from its version."""
        group = Group.create(self._hierarchies, self._group_name("probe"))
        missing = group.limit(MIN_MEMORY_LIMIT, MIN_CPU_LIMIT)
        group.remove()
        volumes = await self._can_unshare()
        notes = [f"no control group for {name} can be made: its limits are not enforced" for name in missing]
        if not volumes:
            notes.append("no mount namespace can be made: tasks with volumes need root or podman")
        return Isolation(
            volumes, "memory" not in missing, "cpu" not in missing, images=False, notes=tuple(notes)
        )

    async def _can_unshare(self) -> bool:
        program = (
            "import os, sys; sys.path.append(sys.argv[1]); from agent.containerizer.shim import kernel;"
            "kernel.unshare(kernel.CLONE_NEWNS | (kernel.CLONE_NEWUSER if os.getuid() else 0))"
        )
        trial = await asyncio.create_subprocess_exec(
            self._python, *("-I", "-S", "-c", program, _PACKAGE_ROOT), stderr=asyncio.subprocess.DEVNULL
        )
        return await trial.wait() == 0


def _intent(directory: Path) -> dict[str, dict[str, str]]:
    try:
        content = json.loads((directory / records.SPEC).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _grace_of(directory: Path) -> float:
    grace = _intent(directory).get("grace_period", 0.0)
    return float(grace) if isinstance(grace, int | float) else 0.0


def _tell(control: Path, request: str) -> None:
    """Write to the shim's fifo. Without a reader the shim has gone: the container has ended or soon will."""
    try:
        fd = os.open(control, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, OSError):
        return
    try:
        os.write(fd, request.encode())
    except BlockingIOError:
        pass  # the shim has thousands of unread requests: one of them is a kill
    finally:
        os.close(fd)
