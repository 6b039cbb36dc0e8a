"""Podman's own containers: by libpod's REST API, their exits by the kernel.

Podman's database says which containers there are (by name and a label that carries the agent's
scope); `WORK_DIR/containers/podman/ID/` holds a container's log, how far it was copied into the
sandbox, and its exit once it is known. The service may die at any time: calls start it again
and repeat. What runs in the namespaces of one of them, as `exec` does, is another room's.
"""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from pathlib import Path

from agent.containerizer.exits import read_exit, write_exit
from agent.containerizer.fitness import refuse_unfit
from agent.containerizer.image_needs import ImagePorts
from agent.containerizer.interface import (
    ContainerInput,
    ContainerizerError,
    ContainerSpec,
    ContainerState,
    Exit,
    LaunchError,
    Limits,
    Progress,
    Statistics,
    UnknownContainer,
    Who,
    validate_id,
)
from agent.containerizer.libpod import Inspected, Libpod
from agent.containerizer.live_limits import change_limits
from agent.containerizer.podman_calls import PodmanCalls
from agent.containerizer.podman_endings import Endings
from agent.containerizer.podman_host import networks, refuse_missing_network, refuse_unknown_program
from agent.containerizer.podman_images import PodmanImages
from agent.containerizer.podman_input import PodmanInput
from agent.containerizer.podman_launch import Launcher
from agent.containerizer.podman_remains import Remains
from agent.containerizer.podman_service import PodmanService
from agent.containerizer.podman_spec import (
    GRACE_LABEL,
    ID_LABEL,
    PARENT_LABEL,
    Joined,
    cgroup_parent,
    group_of,
    own_labels,
)
from agent.containerizer.podman_watch import (
    ENDED,
    MONITOR_PATIENCE,
    NOT_STARTED,
    is_on_host_network,
    let_go,
    main_process,
    monitor_process,
    seconds_of,
    shared_memory_of,
)
from agent.containerizer.podman_watches import Watches
from agent.containerizer.shim.cgroups import Group, Hierarchies
from agent.containerizer.shim_order import Parent
from agent.containerizer.statistics import of_group
from agent.containerizer.watch import Process, scope_of
from api.model.clock import Clock

LATE_RECOVERY = 5.0
"""Seconds after the start at which Podman is asked again for what an earlier life had begun."""


UNSEEN = (
    "nobody saw what came of its start (podman was killed, or somebody removed it): it may have run, and is"
    " not started again; its status is unknown"
)


class PodmanKeeper:
    """All that Podman runs for one agent. Calls keep what `interface.Containerizer` promises."""

    def __init__(
        self, work_dir: Path, clock: Clock, podman: str, runtime: str | None, socket: Path, ports: ImagePorts
    ) -> None:
        """`runtime`: the OCI runtime; None leaves it to Podman."""
        self._scope = scope_of(work_dir)
        self._root = work_dir.resolve() / "containers" / "podman"
        self._clock = clock
        self._runtime = runtime
        self._service = PodmanService(socket, podman=podman, runtime=runtime)
        self._libpod = Libpod(socket)
        self._calls = PodmanCalls(self._scope, self._service, self._libpod)
        self.images = PodmanImages(self._calls, ports.credentials)
        needs = self.images.needs(ports.book)
        self._launcher = Launcher(self._scope, self._root, runtime, self._calls, self._service, needs, clock)
        self._hierarchies = Hierarchies(2, {})
        self._watches = Watches(self._root, self._scope, clock, self._calls.inspect)
        self._endings = Endings(
            self._root, self._scope, clock, self._watches, self.wait, lambda each: self.kill(each, signal=9)
        )
        self._late: asyncio.Task[None] | None = None
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    @property
    def has_init(self) -> bool:
        """Whether its containers have a first process that forwards signals and reaps."""
        return self._launcher.facts.init

    async def start(self) -> None:
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._hierarchies = Hierarchies.of_host()
        self._watches.start(self._hierarchies)
        self._endings.start(self._hierarchies)
        await self._service.start()
        self._launcher.read_facts()
        await self._recover()
        self._late = asyncio.get_running_loop().create_task(self._recover_late())

    async def close(self) -> None:
        await self._launcher.images.close()
        if self._late is not None:
            self._late.cancel()
            await asyncio.gather(self._late, return_exceptions=True)
        await self._endings.close()
        await self._watches.close()
        await self._libpod.close()
        await self._service.close()

    async def launch(self, spec: ContainerSpec, progress: Progress | None = None) -> ContainerState:
        async with self._lock(spec.id):
            refuse_unfit(spec)
            refuse_unknown_program(spec)
            refuse_missing_network(spec, networks())
            try:
                seen = await self._known(spec.id)
                if seen is None or seen.status in NOT_STARTED:
                    if read_exit(self._root / spec.id) is not None:
                        return await self._lost(spec.id)
                    joined = None if spec.parent is None else await self._joined(spec.parent)
                    seen = await self._launcher.launch(spec, self._remains(), joined, progress)
                return await (self._lost(spec.id) if seen is None else self._state(seen, self._watch(seen)))
            except LaunchError:
                raise
            except ContainerizerError as error:
                raise LaunchError(f"container {spec.id}: {error.message}", error.who) from error

    async def wait(self, container_id: str) -> Exit:
        validate_id(container_id)
        recorded = read_exit(self._root / container_id)
        if recorded is not None:
            return recorded
        if (watch := self._watches.of(container_id)) is None:
            known = await self._followed(await self._require(container_id))
            if known is None:
                raise UnknownContainer(container_id)
            _, watch = known
        return await asyncio.shield(watch)

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
                self._endings.send(seen, signal)
                return
            grace = float(seen.labels.get(GRACE_LABEL, "0")) if grace_period is None else grace_period
            self._endings.end(seen, grace)

    async def remove(self, container_id: str) -> None:
        validate_id(container_id)
        async with self._lock(container_id):
            seen = await self._calls.inspect(container_id)
            directory = self._root / container_id
            running = seen is not None and seen.status not in ENDED | NOT_STARTED
            if running and read_exit(directory) is None:
                raise ContainerizerError(f"container {container_id} runs: kill it first", Who.REQUEST)
            if seen is not None and seen.status in ENDED:
                await asyncio.shield(self._watch(seen))
            self._watches.forget(container_id)
            self._endings.forget(container_id)
            await self._launcher.clean(container_id, self._remains())

    async def list(self) -> list[ContainerState]:
        found: dict[str, ContainerState] = {}
        for seen in await self._calls.all():
            if seen.status not in NOT_STARTED and (known := await self._followed(seen)) is not None:
                state = await self._state(*known)
                found[state.id] = state
        for directory in self._root.iterdir():
            ended = read_exit(directory)
            if directory.name not in found and ended is not None:
                found[directory.name] = ContainerState(directory.name, False, None, ended, {})
        return [found[container_id] for container_id in sorted(found)]

    async def statistics(self, container_id: str) -> Statistics:
        if read_exit(self._root / container_id) is not None:
            return Statistics()
        seen = await self._require(container_id)
        if seen.status in ENDED:
            return Statistics()
        return of_group(self._hierarchies, seen.cgroup_path.strip("/"))

    async def input(self, container_id: str) -> ContainerInput:
        seen = await self._require(container_id)
        monitor = monitor_process(seen)
        if not seen.has_input or monitor is None:
            what = "has ended" if seen.has_input else "was launched without an input"
            raise ContainerizerError(f"container {container_id} {what}", Who.REQUEST)
        return PodmanInput(
            container_id, monitor, lambda: self._calls.repeated(lambda: self._libpod.end_input(seen.name))
        )

    async def update(self, container_id: str, limits: Limits) -> None:
        if read_exit(self._root / container_id) is not None:
            return
        if (seen := await self._require(container_id)).status not in ENDED:
            change_limits(container_id, Group.at(self._hierarchies, seen.cgroup_path.strip("/")), limits)

    async def parent(self, container_id: str) -> Parent:
        """That container, for others to enter. Raises LaunchError: it does not run."""
        seen, main = await self._running(container_id)
        return Parent(main, seen.cgroup_path.strip("/"))

    async def _joined(self, container_id: str) -> Joined:
        """What of that container others share. Raises LaunchError: it does not run."""
        seen, main = await self._running(container_id)
        return Joined(main.pid, shared_memory_of(seen), is_on_host_network(main.pid))

    async def _running(self, container_id: str) -> tuple[Inspected, Process]:
        seen = await self._known(container_id)
        main = None if seen is None else main_process(seen, cgroup_parent(self._scope, container_id))
        if seen is None or main is None:
            raise LaunchError(f"the parent, {container_id}, does not run", Who.REQUEST)
        return seen, main

    # Watching

    async def _recover_late(self) -> None:
        """Once more: a call of the earlier life may still have been on its way when this one began."""
        await asyncio.sleep(LATE_RECOVERY)
        for seen in await self._calls.all():
            async with self._lock(seen.labels[ID_LABEL]):
                now = await self._calls.inspect(seen.labels[ID_LABEL])
                if now is not None and now.status in NOT_STARTED:
                    now = await self._found(now.labels[ID_LABEL])
                if now is not None:
                    self._watch(now)

    async def _recover(self) -> None:
        known = set()
        for seen in await self._calls.all():
            container_id = seen.labels[ID_LABEL]
            if seen.status in NOT_STARTED:
                found = await self._found(container_id)
                if found is None:
                    continue
                seen = found
            known.add(container_id)
            self._watch(seen)
            self._endings.resume(seen)
        directories = {path.name: path for path in self._root.iterdir()}
        for container_id in sorted(directories.keys() - known):
            await self._found(container_id)
        for container_id in sorted(self._remains().containers() - known):
            await self._remains().remove(container_id)

    async def _found(self, container_id: str) -> Inspected | None:
        """Of a launch that nobody finished: the container, if it has begun; None: its exit is on record, or
        nothing of it is left."""
        if read_exit(self._root / container_id) is not None:
            if (seen := await self._calls.inspect(container_id)) is not None:
                let_go(seen)  # the agent that wrote the exit may have been killed before it did that
            return None
        has_begun, seen = await self._launcher.found(container_id, self._remains())
        if has_begun and seen is None:
            await self._lost(container_id)
        return seen

    async def _lost(self, container_id: str) -> ContainerState:
        """It has begun, or may have, and Podman does not know how it ended: it is not started again."""
        directory = self._root / container_id
        if (ended := read_exit(directory)) is None:
            ended = Exit(None, None, False, UNSEEN, self._clock.now())
            write_exit(directory, ended)
        if (seen := await self._calls.inspect(container_id)) is not None:
            let_go(seen)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(MONITOR_PATIENCE):
                    if (monitor := monitor_process(seen)) is not None:
                        await monitor.gone()
            await asyncio.shield(self._watches.begin(seen))  # what it has printed is copied there
        return ContainerState(container_id, False, None, ended, {})

    def _watch(self, seen: Inspected) -> asyncio.Task[Exit]:
        """Follow it to its end, and to its parent's. `seen` was asked for under the lock of its id."""
        container_id = seen.labels[ID_LABEL]
        if (watch := self._watches.of(container_id, seen.libpod_id)) is None:
            let_go(seen)
            watch = self._watches.begin(seen)
            if (parent := seen.labels.get(PARENT_LABEL)) is not None:
                self._endings.follow(container_id, parent)
        return watch

    async def _followed(self, seen: Inspected) -> tuple[Inspected, asyncio.Task[Exit]] | None:
        """The container of that id with its watch; None: it was removed since it was seen."""
        container_id = seen.labels[ID_LABEL]
        if (watch := self._watches.of(container_id, seen.libpod_id)) is not None:
            return seen, watch
        async with self._lock(container_id):
            now = await self._calls.inspect(container_id)
            return None if now is None or now.status in NOT_STARTED else (now, self._watch(now))

    # Reading what is

    async def _state(self, seen: Inspected, watch: asyncio.Task[Exit]) -> ContainerState:
        container_id = seen.labels[ID_LABEL]
        # Where the monitor was killed Podman does not know of the end: the kernel does.
        if seen.status in ENDED or (seen.pid and Process.of(seen.pid) is None):
            ended: Exit | None = await asyncio.shield(watch)
        else:
            ended = read_exit(self._root / container_id)
        pid = seen.pid or None if ended is None else None
        return ContainerState(
            container_id,
            ended is None,
            pid,
            ended,
            own_labels(seen.labels),
            parent=seen.labels.get(PARENT_LABEL),
            started_at=seconds_of(seen.started_at) if seen.started_at else None,
            addresses=seen.addresses if ended is None else (),
        )

    async def _known(self, container_id: str) -> Inspected | None:
        """What Podman has of it; it is not asked where nothing was ever begun."""
        if not (self._root / container_id).exists():
            return None
        return await self._calls.inspect(container_id)

    def _remains(self) -> Remains:
        return Remains(self._runtime, self._hierarchies, group_of(self._scope))

    async def _require(self, container_id: str) -> Inspected:
        validate_id(container_id)
        seen = await self._calls.inspect(container_id)
        if seen is None or seen.status in NOT_STARTED:
            raise UnknownContainer(container_id)
        return seen

    def _lock(self, container_id: str) -> asyncio.Lock:
        return self._locks.setdefault(container_id, asyncio.Lock())
