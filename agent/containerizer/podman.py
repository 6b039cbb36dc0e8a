"""The Podman containerizer: containers by libpod's REST API, exits by the kernel.

Podman's database says which containers there are (by name and a label that carries the agent's
scope); `WORK_DIR/containers/podman/ID/` holds a container's log, how far it was copied into the
sandbox, and its exit once it is known. The service may die at any time: calls start it again
and repeat.
"""

from __future__ import annotations

import asyncio
import shutil
import weakref
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from agent.containerizer.exits import read_exit
from agent.containerizer.fitness import device_rules, refuse_unfit
from agent.containerizer.interface import (
    MIN_MEMORY_LIMIT,
    ContainerizerError,
    ContainerSpec,
    ContainerState,
    Exit,
    Isolation,
    LaunchError,
    UnknownContainer,
    Who,
    validate_id,
)
from agent.containerizer.libpod import Inspected, Libpod, LibpodError, LibpodUnreachable
from agent.containerizer.logs import LogSplitter
from agent.containerizer.podman_host import (
    NO_INIT,
    default_socket,
    read_facts,
    refuse_unknown_program,
    refused,
)
from agent.containerizer.podman_remains import Remains
from agent.containerizer.podman_service import PodmanService
from agent.containerizer.podman_spec import (
    GRACE_LABEL,
    ID_LABEL,
    LOG_FILE,
    MEMORY_LABEL,
    OUTPUT_LABEL,
    SANDBOX_LABEL,
    SCOPE_LABEL,
    HostFacts,
    cgroup_parent,
    container_name,
    create_document,
    group_of,
    own_labels,
)
from agent.containerizer.podman_watch import (
    ENDED,
    NOT_STARTED,
    Watch,
    kill_deadline,
    members,
    recorded_deadline,
)
from agent.containerizer.shim.cgroups import Hierarchies
from agent.containerizer.watch import is_spent, scope_of
from api.model.clock import Clock

REPEATS = 6
"""Attempts at a call whose service went away; then the error goes to the caller (Who.RETRY)."""

REFUSED_PAUSE = 0.2
"""Seconds before what Podman refuses for the moment is asked again, at first; later waits are longer."""

LAUNCH_ATTEMPTS = 3
"""Launches in a row during which Podman's own processes may be killed."""

LATE_RECOVERY = 5.0
"""Seconds after the start at which Podman is asked again for what an earlier life had begun."""

T = TypeVar("T")


class PodmanContainerizer:
    """Implements interface.Containerizer; see there for what each call promises."""

    name = "podman"

    def __init__(
        self,
        work_dir: Path,
        clock: Clock,
        *,
        podman: str = "podman",
        runtime: str | None = None,
        socket: Path | None = None,
    ) -> None:
        """`runtime`: the OCI runtime, by default runc where it is installed, else Podman's own choice."""
        self._scope = scope_of(work_dir)
        self._root = work_dir.resolve() / "containers" / "podman"
        self._clock = clock
        self._runtime = runtime or ("runc" if shutil.which("runc") else None)
        socket = socket or default_socket(self._scope)
        self._service = PodmanService(socket, podman=podman, runtime=self._runtime)
        self._libpod = Libpod(socket)
        self._hierarchies = Hierarchies(2, {})
        self._facts = HostFacts(self._scope, self._runtime, (), (), init=False)
        self._watches: dict[str, asyncio.Task[Exit]] = {}
        self._killers: dict[str, asyncio.Task[None]] = {}
        self._late: asyncio.Task[None] | None = None
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    @property
    def isolation(self) -> Isolation:
        notes = () if self._facts.init else (NO_INIT,)
        return Isolation(volumes=True, memory_limit=True, cpu_limit=True, images=True, notes=notes)

    async def start(self) -> None:
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._hierarchies = Hierarchies.of_host()
        await self._service.start()
        self._facts = read_facts(self._scope, self._runtime, self._service.process)
        await self._recover()
        self._late = asyncio.get_running_loop().create_task(self._recover_late())

    async def close(self) -> None:
        tasks = [*self._watches.values(), *self._killers.values()]
        tasks += [self._late] if self._late is not None else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._watches.clear()
        self._killers.clear()
        await self._libpod.close()
        await self._service.close()

    async def launch(self, spec: ContainerSpec) -> ContainerState:
        async with self._lock(spec.id):
            refuse_unfit(spec)
            refuse_unknown_program(spec)
            try:
                seen = await self._inspect(spec.id)
                if seen is None or seen.status in NOT_STARTED:
                    seen = await self._create_and_start(spec)
                self._watch(seen)
                return await self._state(seen)
            except LaunchError:
                raise
            except ContainerizerError as error:
                raise LaunchError(f"container {spec.id}: {error.message}", error.who) from error

    async def wait(self, container_id: str) -> Exit:
        validate_id(container_id)
        recorded = read_exit(self._root / container_id)
        if recorded is not None:
            return recorded
        return await asyncio.shield(await self._watch_of(container_id))

    async def kill(
        self, container_id: str, grace_period: float | None = None, signal: int | None = None
    ) -> None:
        validate_id(container_id)
        async with self._lock(container_id):
            if read_exit(self._root / container_id) is not None:
                return
            seen = await self._require(container_id)
            if seen.status in ENDED:
                return
            if signal is not None:
                self._send(seen, signal)
                return
            grace = float(seen.labels.get(GRACE_LABEL, "0")) if grace_period is None else grace_period
            deadline = kill_deadline(self._root / container_id, self._clock.now() + max(0.0, grace))
            self._kill_after(container_id, seen, deadline)
            self._send(seen, 15)

    async def remove(self, container_id: str) -> None:
        validate_id(container_id)
        async with self._lock(container_id):
            seen = await self._inspect(container_id)
            directory = self._root / container_id
            running = seen is not None and seen.status not in ENDED | NOT_STARTED
            if running and read_exit(directory) is None:
                raise ContainerizerError(f"container {container_id} runs: kill it first", Who.REQUEST)
            if seen is not None and seen.status in ENDED:
                await asyncio.shield(self._watch(seen))
            for task in (self._watches.pop(container_id, None), self._killers.pop(container_id, None)):
                if task is not None:
                    task.cancel()
            await self._clean(container_id)

    async def list(self) -> list[ContainerState]:
        found: dict[str, ContainerState] = {}
        for seen in await self._all():
            if seen.status not in NOT_STARTED:
                state = await self._state(seen)
                found[state.id] = state
        for directory in self._root.iterdir():
            ended = read_exit(directory)
            if directory.name not in found and ended is not None:
                found[directory.name] = ContainerState(directory.name, False, None, ended, {})
        return [found[container_id] for container_id in sorted(found)]

    # Launching

    async def _create_and_start(self, spec: ContainerSpec) -> Inspected:
        """Anew while the trouble is of the passing kind; then that is told (Who.RETRY)."""
        for _ in range(LAUNCH_ATTEMPTS - 1):
            try:
                return await self._attempt(spec)
            except LaunchError as error:
                if error.who is not Who.RETRY:
                    raise
        return await self._attempt(spec)

    async def _attempt(self, spec: ContainerSpec) -> Inspected:
        """From nothing, or from a launch that an earlier life did not finish."""
        await self._clean(spec.id)
        directory = self._root / spec.id
        directory.mkdir(mode=0o700)
        self._facts = read_facts(self._scope, self._runtime, self._service.process)
        document = create_document(spec, self._facts, str(directory), device_rules(spec))
        name = container_name(self._scope, spec.id)
        try:
            await self._create(document, name)
            await self._repeated(lambda: self._libpod.start(name))
        except LibpodError as error:
            await self._clean(spec.id)
            raise refused(spec.id, error) from error
        return await self._require(spec.id)

    async def _create(self, document: dict[str, object], name: str) -> None:
        try:
            await self._repeated(lambda: self._libpod.create(document))
        except LibpodError:
            # An attempt whose answer was lost may have made it: then the name is taken, by us.
            if await self._libpod.inspect(name) is None:
                raise

    async def _clean(self, container_id: str) -> None:
        name = container_name(self._scope, container_id)
        await self._remove_from_podman(name)
        await self._remains().remove(container_id)
        shutil.rmtree(self._root / container_id, ignore_errors=True)

    def _remains(self) -> Remains:
        return Remains(self._runtime, self._hierarchies, group_of(self._scope))

    async def _remove_from_podman(self, name: str) -> None:
        """Where the monitor was killed the first attempt fails, and makes Podman see the end."""
        for _ in range(REPEATS):
            try:
                await self._repeated(lambda: self._libpod.remove(name))
            except LibpodError as error:
                refusal = error
                await asyncio.sleep(REFUSED_PAUSE)
            else:
                return
        raise ContainerizerError(f"podman cannot remove {name}: {refusal.message}", Who.RETRY)

    # Watching

    async def _recover_late(self) -> None:
        """Once more: a call of the earlier life may still have been on its way when this one began."""
        await asyncio.sleep(LATE_RECOVERY)
        for seen in await self._all():
            async with self._lock(seen.labels[ID_LABEL]):
                now = await self._inspect(seen.labels[ID_LABEL])
                if now is not None and now.status in NOT_STARTED:
                    await self._clean(now.labels[ID_LABEL])
                elif now is not None:
                    self._watch(now)

    async def _recover(self) -> None:
        known = set()
        for seen in await self._all():
            container_id = seen.labels[ID_LABEL]
            if seen.status in NOT_STARTED:
                await self._clean(container_id)
                continue
            known.add(container_id)
            self._watch(seen)
            if (deadline := recorded_deadline(self._root / container_id)) is not None:
                self._kill_after(container_id, seen, deadline)
        directories = {path.name: path for path in self._root.iterdir()}
        for container_id in sorted(directories.keys() - known):
            if read_exit(directories[container_id]) is None:
                await self._clean(container_id)
        for container_id in sorted(self._remains().containers() - known):
            await self._remains().remove(container_id)

    def _watch(self, seen: Inspected) -> asyncio.Task[Exit]:
        container_id = seen.labels[ID_LABEL]
        watch = self._watches.get(container_id)
        if watch is None or is_spent(watch):
            directory = self._root / container_id
            directory.mkdir(exist_ok=True, mode=0o700)
            sandbox = Path(seen.labels[SANDBOX_LABEL])
            splitter = LogSplitter(directory / LOG_FILE, sandbox, int(seen.labels[OUTPUT_LABEL]))
            follower = self._follower(container_id, directory, splitter, int(seen.labels[MEMORY_LABEL]))
            watch = asyncio.get_running_loop().create_task(follower.until_ended())
            self._watches[container_id] = watch
        return watch

    def _follower(self, container_id: str, directory: Path, splitter: LogSplitter, memory: int) -> Watch:
        limit = max(memory, MIN_MEMORY_LIMIT) if memory else 0
        group = cgroup_parent(self._scope, container_id)

        async def inspect() -> Inspected | None:
            return await self._inspect(container_id)

        return Watch(inspect, directory, splitter, self._hierarchies, group, limit, self._clock)

    async def _watch_of(self, container_id: str) -> asyncio.Task[Exit]:
        watch = self._watches.get(container_id)
        if watch is not None and not is_spent(watch):
            return watch
        return self._watch(await self._require(container_id))

    # Killing

    def _send(self, seen: Inspected, signal: int) -> None:
        """To each of the container's processes by its identity: that needs no service."""
        container_id = seen.labels[ID_LABEL]
        if container_id in self._watches and self._watches[container_id].done():
            return
        for process in members(seen, self._hierarchies, cgroup_parent(self._scope, container_id)):
            process.send(signal)

    def _kill_after(self, container_id: str, seen: Inspected, deadline: float) -> None:
        before = self._killers.pop(container_id, None)
        if before is not None:
            before.cancel()

        async def killer() -> None:
            await asyncio.sleep(max(0.0, deadline - self._clock.now()))
            self._send(seen, 9)

        self._killers[container_id] = asyncio.get_running_loop().create_task(killer())

    # Reading what is

    async def _state(self, seen: Inspected) -> ContainerState:
        container_id = seen.labels[ID_LABEL]
        if seen.status in ENDED:
            ended: Exit | None = await asyncio.shield(self._watch(seen))
        else:
            ended = read_exit(self._root / container_id)
        pid = seen.pid or None if ended is None else None
        return ContainerState(container_id, ended is None, pid, ended, own_labels(seen.labels))

    async def _all(self) -> tuple[Inspected, ...]:
        names = await self._asked(lambda: self._libpod.names(f"{SCOPE_LABEL}={self._scope}"))
        found = [await self._look(name) for name in names]
        return tuple(seen for seen in found if seen is not None)

    async def _inspect(self, container_id: str) -> Inspected | None:
        return await self._look(container_name(self._scope, container_id))

    async def _look(self, name: str) -> Inspected | None:
        """Of one that was half removed when Podman was killed, the other half is removed: it is gone."""
        try:
            return await self._asked(lambda: self._libpod.inspect(name))
        except ContainerizerError as error:
            if not (isinstance(error.__cause__, LibpodError) and error.__cause__.is_half_removed):
                raise
        await self._remove_from_podman(name)
        return None

    async def _require(self, container_id: str) -> Inspected:
        validate_id(container_id)
        seen = await self._inspect(container_id)
        if seen is None or seen.status in NOT_STARTED:
            raise UnknownContainer(container_id)
        return seen

    async def _asked(self, question: Callable[[], Awaitable[T]]) -> T:
        """The answer to something that Podman has no reason to refuse, and does while a container, perhaps
        somebody else's, ends or is removed under its eyes: then it is asked again."""
        for attempt in range(REPEATS):
            try:
                return await self._repeated(question)
            except LibpodError as error:
                refusal = error
                await asyncio.sleep(REFUSED_PAUSE * 2**attempt if attempt + 1 < REPEATS else 0)
        raise ContainerizerError(str(refusal), Who.RETRY) from refusal

    async def _repeated(self, call: Callable[[], Awaitable[T]]) -> T:
        """Repeat while the service is away; every call here may be. Raises LibpodError: a refusal."""
        for _ in range(REPEATS):
            try:
                return await call()
            except LibpodUnreachable as error:
                trouble = error
                await self._service.ensure()
        raise ContainerizerError(f"podman does not answer ({trouble}): repeat the call", Who.RETRY)

    def _lock(self, container_id: str) -> asyncio.Lock:
        return self._locks.setdefault(container_id, asyncio.Lock())
