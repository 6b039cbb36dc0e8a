"""Containers under shims: starts them, reads their records, cleans up after a shim that was killed.

State of a container lives in `ROOT/ID/`, written by the agent (spec.json, before anything is started) and
by the shim (shim, task, exit). This room never holds a container's pipes or its fate, so that its own
death changes nothing. What may run, and where, is decided by those who use it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.containerizer import statistics
from agent.containerizer.exits import read_exit, write_exit
from agent.containerizer.interface import (
    ContainerInput,
    ContainerizerError,
    ContainerSpec,
    ContainerState,
    Exit,
    LaunchError,
    Limits,
    Statistics,
    Trouble,
    UnknownContainer,
    Who,
    validate_id,
)
from agent.containerizer.live_limits import change_limits
from agent.containerizer.shim import records
from agent.containerizer.shim.cgroups import Group, Hierarchies
from agent.containerizer.shim_input import ShimInput
from agent.containerizer.shim_mother import NO_ANSWER, ShimMother
from agent.containerizer.shim_order import MARK, Parent, intent_of, order_of, prepare
from agent.containerizer.watch import Process, is_spent
from api.model.clock import Clock

KILL_PASSES = 500
KILL_PAUSE = 0.01
"""Seconds; five in all for the processes of a container whose shim was killed to go."""

LAUNCH_ATTEMPTS = 2
"""Orders for one launch; nothing came of the first where there is a second. Then the caller repeats."""

CHILDREN_PATIENCE = 6.0
"""Seconds in which the children of a container that has ended have to end: longer than a shim tries."""

STARTING_PASSES = 500
"""Looks at a launch of an earlier life whose shim holds the lock and has not said who it is yet."""

MAX_GROUP_LENGTH = 3000
"""Of a control group's path: each container that is nested in another adds its id. Deeper is refused."""


class ShimKeeper:
    """All containers in `root`. Calls keep what `interface.Containerizer` promises for those of that name."""

    def __init__(self, root: Path, scope: str, clock: Clock, python: str) -> None:
        self._root = root
        self._scope = scope
        self._clock = clock
        self._mother = ShimMother(python)
        self.hierarchies = Hierarchies(2, {})
        self._watches: dict[str, asyncio.Task[Exit]] = {}
        self._children: dict[str, set[str]] = {}
        self._look: asyncio.Task[Mapping[str, Sequence[int]]] | None = None
        self._looking = asyncio.Lock()
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    async def start(self) -> None:
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.hierarchies = Hierarchies.of_host()
        for directory in sorted(self._root.iterdir()):
            if not await self._unstarted(directory):
                self._know(directory.name, intent_of(directory)["parent"])
                self._watch(directory.name)

    async def close(self) -> None:
        for watch in self._watches.values():
            watch.cancel()
        await asyncio.gather(*self._watches.values(), return_exceptions=True)
        self._watches.clear()
        await self._mother.close()

    # Launching: under the id's lock, if there is none yet, begin

    def lock(self, container_id: str) -> asyncio.Lock:
        return self._locks.setdefault(container_id, asyncio.Lock())

    async def existing(self, container_id: str) -> ContainerState | None:
        """The container of that id; None when there is none, and nothing is left of an attempt."""
        directory = self._root / container_id
        if not directory.exists() or await self._unstarted(directory):
            return None
        return await self._state(container_id)

    async def begin(
        self, spec: ContainerSpec, parent: Parent | None, hidden: Sequence[str] = ()
    ) -> ContainerState:
        """Start it. Mounts below the `hidden` directories are not the container's. Raises LaunchError."""
        directory = self._root / spec.id
        group = self._new_group(spec, parent)
        order = order_of(spec, directory, group, self._mark(spec.id), parent, hidden)
        for _ in range(LAUNCH_ATTEMPTS):
            self._prepare(spec, directory, group)
            words = await self._start_shim(order)
            if words != NO_ANSWER or not await self._unstarted(directory):
                break  # else the mother was killed before she had read it: the next order has another one
        verb, _, rest = words.partition(" ")
        if verb == "failed":
            self._clean(spec.id)
            who, about, message = rest.split(" ", 2)
            raise LaunchError(f"container {spec.id}: {message}", Who(who), _about(about))
        if verb != "running":
            raise LaunchError(_no_answer(spec.id, directory), Who.RETRY)
        self._know(spec.id, spec.parent)
        self._watch(spec.id)
        return await self._state(spec.id)

    def _new_group(self, spec: ContainerSpec, parent: Parent | None) -> str:
        """Below the parent's where it runs in that one: what it uses is the parent's use.

        In version 2 no group with processes has groups with limits below it: these get one of their own.
        """
        limited = spec.limits != Limits() or spec.processes is not None
        own = parent is None or not spec.enters or (limited and self.hierarchies.version == 2)
        group = self.group_name(spec.id) if own or parent is None else f"{parent.group}/{spec.id}"
        if len(group) > MAX_GROUP_LENGTH:
            raise LaunchError(f"container {spec.id}: too many are nested in one another", Who.REQUEST)
        return group

    def _prepare(self, spec: ContainerSpec, directory: Path, group: str) -> None:
        try:
            prepare(spec, directory, group)
        except OSError as error:
            shutil.rmtree(directory, ignore_errors=True)
            message = f"container {spec.id}: {directory} cannot be made ({error.strerror}): make room there"
            raise LaunchError(message, Who.OPERATOR) from error

    async def _start_shim(self, order: dict[str, Any]) -> str:
        return await self._mother.order(order)

    async def _unstarted(self, directory: Path) -> bool:
        """As `_discard_unstarted`; waits for a shim of an earlier life that is just starting."""
        for _ in range(STARTING_PASSES):
            if self._discard_unstarted(directory):
                return True
            if self.has(directory.name):
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

    def _know(self, container_id: str, parent: str | None) -> None:
        if parent is not None:
            self._children.setdefault(parent, set()).add(container_id)

    # What can be done with one that was started

    def has(self, container_id: str) -> bool:
        return (self._root / container_id / records.SHIM).exists()

    async def wait(self, container_id: str) -> Exit:
        self._require(container_id)
        return await asyncio.shield(self._watch(container_id))

    async def kill(
        self, container_id: str, grace_period: float | None = None, signal: int | None = None
    ) -> None:
        async with self.lock(container_id):
            directory = self._require(container_id)
            if signal is not None:
                request = f"signal {signal:d}\n"
            else:
                grace = intent_of(directory)["grace_period"] if grace_period is None else grace_period
                request = f"term {max(0.0, grace):f}\n"
            _tell(directory / records.CONTROL, request)

    async def remove(self, container_id: str) -> None:
        validate_id(container_id)
        async with self.lock(container_id):
            if not (self._root / container_id).exists():
                return
            if (await self._state(container_id)).running:
                raise ContainerizerError(f"container {container_id} runs: kill it first", Who.REQUEST)
            await asyncio.shield(self._watch(container_id))
            del self._watches[container_id]
            self._forget(container_id)
            self._clean(container_id)

    async def list(self) -> list[ContainerState]:
        names = sorted(path.name for path in self._root.iterdir())
        return [await self._state(name) for name in names if self.has(name)]

    async def statistics(self, container_id: str) -> Statistics:
        self._require(container_id)
        if not (await self._state(container_id)).running:
            return Statistics()
        return statistics.of_group(self.hierarchies, self._group_of(container_id))

    async def input(self, container_id: str) -> ContainerInput:
        directory = self._require(container_id)
        if not intent_of(directory)["stdin"]:
            raise ContainerizerError(f"container {container_id} was launched without an input", Who.REQUEST)
        if not (directory / records.INPUT).exists():
            raise ContainerizerError(f"the input of container {container_id} is closed", Who.REQUEST)
        control = directory / records.CONTROL
        return ShimInput(container_id, directory, self._shim(directory), lambda words: _tell(control, words))

    async def update(self, container_id: str, limits: Limits) -> None:
        self._require(container_id)
        async with self.lock(container_id):
            if (await self._state(container_id)).running:
                group = Group.at(self.hierarchies, self._group_of(container_id))
                change_limits(container_id, group, limits)

    def parent(self, child_id: str, container_id: str) -> Parent:
        """That container, for `child_id` to be nested in. Raises LaunchError: it does not run."""
        directory = self._root / container_id
        task = records.read(str(directory), records.TASK) or {}
        process = Process(int(task.get("pid", 0)), int(task.get("start_time", -1)))
        shim = self._shim(directory)
        if shim is None or not shim.alive() or not process.alive():
            raise LaunchError(f"container {child_id}: its parent {container_id} does not run", Who.REQUEST)
        return Parent(process, self._group_of(container_id))

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
        await self.children_ended(container_id)
        return recorded

    async def children_ended(self, container_id: str) -> None:
        """Return when all that ran in the container's namespaces has ended: nothing holds its mounts then.

        They end with it by themselves. One that would not is not waited for longer than its shim waits.
        """
        children = [self._watch(child) for child in self._children.get(container_id, ()) if self.has(child)]
        if children:
            await asyncio.wait(children, timeout=CHILDREN_PATIENCE)

    async def _end_orphans(self, container_id: str) -> None:
        """Kill what a killed shim has left: the group's members and whatever carries the mark."""
        group = Group.at(self.hierarchies, self._group_of(container_id))
        for _ in range(KILL_PASSES):
            members = set(group.processes())
            members.update((await self._marked()).get(self._mark(container_id), ()))
            alive = [process for pid in sorted(members) if (process := Process.of(pid)) is not None]
            if not alive:
                break
            for process in alive:
                process.send(9)
            await asyncio.sleep(KILL_PAUSE)
        group.remove()

    async def _marked(self) -> Mapping[str, Sequence[int]]:
        """Processes by their mark; one look for all who ask before it is taken: many may have been lost.

        It reads of every process of the host, in a thread. Who asks meanwhile is told by the next one: this
        one may have passed over what has been started since.
        """

        async def look() -> Mapping[str, Sequence[int]]:
            async with self._looking:
                self._look = None
                return await asyncio.get_running_loop().run_in_executor(None, records.by_variable, MARK)

        if self._look is None or self._look.done():
            self._look = asyncio.get_running_loop().create_task(look())
        return await asyncio.shield(self._look)

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
        intent = intent_of(directory)
        task = records.read(str(directory), records.TASK) or {}
        return ContainerState(
            container_id,
            running=ended is None,
            pid=(int(task.get("pid", 0)) or None) if ended is None else None,
            exit=ended,
            labels=intent["labels"],
            parent=intent["parent"],
            started_at=float(task["started_at"]) if "started_at" in task else None,
        )

    def _shim(self, directory: Path) -> Process | None:
        record = records.read(str(directory), records.SHIM)
        if record is None or record.get("boot_id") != records.boot_id():
            return None
        return Process(int(record["pid"]), int(record["start_time"]))

    def _require(self, container_id: str) -> Path:
        validate_id(container_id)
        if not self.has(container_id):
            raise UnknownContainer(container_id)
        return self._root / container_id

    # The rest

    def _forget(self, container_id: str) -> None:
        siblings = self._children.get(parent := intent_of(self._root / container_id)["parent"], set())
        siblings.discard(container_id)
        if not siblings:
            self._children.pop(parent, None)

    def _clean(self, container_id: str) -> None:
        Group.at(self.hierarchies, self._group_of(container_id)).remove()
        shutil.rmtree(self._root / container_id, ignore_errors=True)

    def _group_of(self, container_id: str) -> str:
        return intent_of(self._root / container_id)["group"] or self.group_name(container_id)

    def group_name(self, container_id: str) -> str:
        return f"orlop-{self._scope}/{container_id}"

    def _mark(self, container_id: str) -> str:
        return f"{self._scope}/{container_id}"


def _about(word: str) -> Trouble:
    known: tuple[Trouble, ...] = ("image", "volume", "network", "limits", "command")
    return next((each for each in known if each == word), "other")


def _no_answer(container_id: str, directory: Path) -> str:
    errors = directory / "shim.err"
    text = errors.read_text(errors="replace")[-500:].strip() if errors.exists() else ""
    return f"container {container_id}: its shim did not answer; launch it again. {text}".strip()


def _tell(control: Path, request: str) -> None:
    """Write to the shim's fifo. Without a reader the shim has gone: the container has ended or soon will.

    Raises ContainerizerError (Who.RETRY): the shim does not read, and was not told.
    """
    try:
        fd = os.open(control, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, OSError):
        return
    try:
        os.write(fd, request.encode())
    except BlockingIOError as error:
        message = f"container {control.parent.name}: its shim has thousands of unread requests: ask again"
        raise ContainerizerError(message, Who.RETRY) from error
    finally:
        os.close(fd)
