"""The containers that operators launch on this agent, nested ones too: which there are, and who drives them.

Each is driven by one `ContainerRun`; this room starts those, finds parents, and removes families. It works
with no orchestrator in reach, and knows neither HTTP nor messages but the launch itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from agent.containerizer.interface import ContainerizerError, ContainerState, Exit
from agent.containers.checkpoint import load_containers, phase_change
from agent.containers.parts import ContainerParts, ContainerRefused, NoSuchContainer, Parent, Parents
from agent.containers.paths import ContainerPath, as_text, path_of
from agent.containers.record import ContainerRecord
from agent.containers.run import ContainerRun, sandbox_names
from agent.containers.spec import Home, InvalidLaunch, container_spec, disk_of, image_of
from agent.containers.state import ContainerEvent, ContainerPhase, next_phase
from agent.jobs import Jobs
from agent.sandboxes.quota import Bounded
from api.wire.codec import encode_msgpack
from api.wire.v1 import agent as wire

log = logging.getLogger(__name__)

P = ContainerPhase


class OperatorContainers:
    """Every container that an operator has launched here. `load` comes first, then `connect`."""

    def __init__(self, parts: ContainerParts) -> None:
        self._parts = parts
        self._parents: Parents | None = None
        self._runs: dict[ContainerPath, ContainerRun] = {}
        self._jobs = Jobs("a container", parts.failed)

    # recovery (`agent.daemon.ContainerKeeper`)

    def connect(self, parents: Parents) -> None:
        """Who has the containers that are no operator's."""
        self._parents = parents

    def load(self) -> set[str]:
        """Read the checkpoint; returns the ids of the containers that belong to this room."""
        for record in self._parts.store.read(load_containers):
            self._runs[record.path] = self._run(record)
        return {run.record.run_id for run in self._runs.values()}

    async def resume(self, found: Mapping[str, ContainerState]) -> None:
        """What is known of them by now. The connection of a session is gone, and so the session is."""
        for run in self._runs.values():
            state = found.get(run.record.run_id)
            run.record.pid = None if state is None else state.pid
            if run.record.session:
                run.give_up()

    def sandboxes(self) -> set[Path]:
        """The directories that these containers use."""
        return {self._sandbox(run.record) for run in self._runs.values()}

    # life (`agent.daemon.Service`)

    async def start(self) -> None:
        """Drive every loaded container on."""
        for run in list(self._runs.values()):
            self._jobs.begin(run.drive())
        self._jobs.begin(self._sweep())

    async def stop(self) -> None:
        """Stop driving. Containers go on; everything is taken up again by `load` and `resume`."""
        await self._jobs.stop()

    async def end_all(self) -> None:
        """End every container, and wait until all have. How they ended is kept. Cancel to give up."""
        live = [run for run in self._runs.values() if run.record.live]
        for run in live:
            try:
                await run.end(0.0, None)
            except ContainerizerError as error:
                log.error("container %s does not end: %s", run.record.key, error.message)
        for run in live:
            await run.exited.wait()

    # what there is

    @property
    def records(self) -> Sequence[ContainerRecord]:
        """Every container, ended ones too; parents before what is nested in them."""
        return [self._runs[path].record for path in sorted(self._runs)]

    def find(self, path: ContainerPath) -> ContainerRecord | None:
        run = self._runs.get(path)
        return None if run is None else run.record

    def sandbox(self, path: ContainerPath) -> Path | None:
        """Where the output of a container is; None for one that is not known."""
        run = self._runs.get(path)
        return None if run is None else self._sandbox(run.record)

    def bounded(self) -> Sequence[Bounded]:
        """See `agent.sandboxes.quota.QuotaContainers`."""
        return [
            Bounded(self._sandbox(run.record), allowed, "the container", self._limit(run))
            for run in self._runs.values()
            if run.record.phase is P.RUNNING and (allowed := disk_of(run.record.call)) is not None
        ]

    def _limit(self, run: ContainerRun) -> Callable[[str], None]:
        return lambda why: self._jobs.begin(run.limit(why))

    # calls

    async def launch(self, call: wire.CallLaunchContainer, *, session: bool = False) -> bool:
        """Start a container, once. True: it was started; False: it was launched before, by the same call.

        Raises InvalidContainerId, ContainerRefused and HostFailed, and then nothing of it is left.
        """
        path = path_of(call.container_id)
        known = self._runs.get(path)
        if known is not None:
            self._must_be_same(known.record, call, session)
            run = known
        else:
            run = self._runs[path] = self._run(self._record(path, call, session))
            self._jobs.begin(run.arrive())
        await run.settled.wait()
        if run.refusal is not None:
            raise run.refusal
        return known is None

    async def wait(self, path: ContainerPath) -> Exit:
        """How a container ended, once it has. Raises NoSuchContainer."""
        run = self._get(path)
        await run.exited.wait()
        if run.record.ended is None:
            raise NoSuchContainer(f"container {as_text(path)} was removed before it had ended")
        return run.record.ended

    async def kill(self, path: ContainerPath, grace_period: float, signal: int | None) -> None:
        """End it, or send it a signal; nothing happens to one that has ended.

        Raises NoSuchContainer, ContainerRefused, ContainerizerError.
        """
        await self._get(path).end(grace_period, signal)

    def give_up(self, path: ContainerPath) -> None:
        """The session that a container was launched for is over: it is killed, and removed."""
        run = self._runs.get(path)
        if run is not None and run.record.session:
            run.give_up()

    async def remove(self, path: ContainerPath) -> None:
        """Forget an ended container, and what was nested in it. Raises NoSuchContainer, ContainerRefused."""
        run = self._get(path)
        if run.record.live:
            raise ContainerRefused(f"container {as_text(path)} runs: kill it first, then remove it")
        deepest_first = sorted(self._runs, key=len, reverse=True)
        family = [self._runs[each] for each in deepest_first if each[: len(path)] == path]
        await self._all_ended(family)
        ended = [each for each in family if each.record.phase is P.EXITED and not each.record.session]
        phase = next_phase(P.EXITED, ContainerEvent.REMOVE)
        await self._parts.store.write(
            *(phase_change(each.record, phase, each.record.ended) for each in ended)
        )
        for each in ended:
            if each.record.phase is P.EXITED:
                each.record.phase = phase
                self._jobs.begin(each.drive())
        for each in family:
            if each.record.session:
                each.give_up()  # who drives it is not done with it yet
            await each.gone.wait()

    # within

    def _record(self, path: ContainerPath, call: wire.CallLaunchContainer, session: bool) -> ContainerRecord:
        """A new container. Raises ContainerRefused before anything is kept of one that cannot be."""
        limit = self._parts.limits.containers
        if len(self._runs) >= limit:
            raise ContainerRefused(f"this agent keeps {limit} containers, its limit: remove ended ones first")
        if self._parents is not None and self._parents.knows(path):
            raise ContainerRefused(f"container {as_text(path)} is this agent's own: choose another id")
        run_id = str(self._parts.ids.uuid())
        record = ContainerRecord(
            path=path,
            run_id=run_id,
            parent=None if len(path) == 1 else self._parent(path[:-1]).run_id,
            call=call,
            session=session,
            created_at=self._parts.clock.now(),
            boot_id=self._parts.boot_id,
        )
        try:
            container_spec(record, self._home(record), self._parts.limits.output_limit_bytes)
        except InvalidLaunch as error:
            raise ContainerRefused(str(error)) from error
        return record

    def _must_be_same(self, record: ContainerRecord, call: wire.CallLaunchContainer, session: bool) -> None:
        if record.phase is P.REMOVING:
            raise ContainerRefused(f"container {record.key} is being removed: try again soon")
        if session or record.session or encode_msgpack(record.call) != encode_msgpack(call):
            raise ContainerRefused(
                f"container {record.key} is there already, as another one: remove it, or choose another id"
            )

    def _get(self, path: ContainerPath) -> ContainerRun:
        run = self._runs.get(path)
        if run is None:
            raise NoSuchContainer(f"no operator's container {as_text(path)} here: see orlop containers")
        return run

    def _parent(self, path: ContainerPath) -> Parent:
        """The running container of that path. Raises ContainerRefused."""
        run = self._runs.get(path)
        if run is not None and run.record.phase is P.RUNNING:
            return Parent(run.record.run_id, self._home(run.record).directory)
        if run is None and self._parents is not None:
            found = self._parents.find(path)
            if found is not None:
                return found
        state = "is not known here" if run is None else f"is {run.record.phase}"
        raise NoSuchContainer(f"the parent container {as_text(path)} {state}: a running one is needed")

    def _home(self, record: ContainerRecord) -> Home:
        """Where it lives. What shares its parent's files works where that does; its output is kept apart,
        where nothing that runs in the parent can lead it elsewhere. Raises NoSuchContainer.
        """
        own = str(self._sandbox(record))
        if record.parent is None:
            return Home(own, own)
        parent = self._parent(record.path[:-1])
        return Home(own, own if image_of(record.call) is not None else parent.directory)

    def _sandbox(self, record: ContainerRecord) -> Path:
        return self._parts.sandboxes.path(*sandbox_names(record))

    async def _all_ended(self, family: Sequence[ContainerRun]) -> None:
        """Nested containers end with their parent, soon after it. Raises ContainerRefused."""
        try:
            async with asyncio.timeout(self._parts.limits.family):
                for each in family:
                    await each.exited.wait()
        except TimeoutError:
            names = ", ".join(each.record.key for each in family if each.record.live)
            raise ContainerRefused(f"nested in it {names} runs still: kill that first") from None

    async def _sweep(self) -> None:
        """Nobody can ask for what was nested in a task's container once that is forgotten."""
        while True:
            await asyncio.sleep(self._parts.limits.sweep)
            for path in sorted(self._runs, key=len, reverse=True):
                run = self._runs.get(path)
                if run is None or run.record.phase is not P.EXITED or not self._is_left_behind(path):
                    continue
                try:
                    await self.remove(path)
                except ContainerRefused as error:
                    log.info("container %s is removed later: %s", as_text(path), error)

    def _is_left_behind(self, path: ContainerPath) -> bool:
        outside = path[:-1]
        while outside in self._runs:
            outside = outside[:-1]
        return bool(outside) and (self._parents is None or not self._parents.knows(outside))

    def _run(self, record: ContainerRecord) -> ContainerRun:
        return ContainerRun(record, self._parts, self._home, self._forget)

    def _forget(self, record: ContainerRecord) -> None:
        del self._runs[record.path]
