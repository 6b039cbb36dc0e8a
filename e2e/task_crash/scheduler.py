"""A framework that runs tasks of all kinds, a few at a time, and writes down what it is told of them.

Each plan with a custom executor has one of its own, which is shut down when its tasks have ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import UNSET

from api.wire.v1 import mesos, scheduler
from client import Refused, SchedulerClient, Unreachable
from client.errors import ClientError
from e2e.task_crash.chronicle import Chronicle, Story
from e2e.task_crash.kinds import PLANS, By, Plan, TaskKind

ROLE: Final = "default"
AT_ONCE: Final = 6
RECONCILE_SECONDS: Final = 2.0
TASK_SECONDS: Final = 300.0
"""For a task to end while things are killed; longer is a violation."""
NEEDS: Final = {"cpus": 0.05, "mem": 32.0}
EXAMPLE: Final = Path(__file__).parents[2] / "docs" / "examples" / "executor.py"

Capability = mesos.FrameworkInfoCapabilityType
FRAMEWORK = mesos.FrameworkInfo(
    user="root",
    name="tasks",
    roles=[ROLE],
    failover_timeout=3600.0,
    capabilities=[
        mesos.FrameworkInfoCapability(type=kind)
        for kind in (
            Capability.MULTI_ROLE,
            Capability.RESERVATION_REFINEMENT,
            Capability.PARTITION_AWARE,
            Capability.TASK_KILLING_STATE,
        )
    ],
)


@dataclass(frozen=True)
class Wanted:
    """A plan that waits for an offer: names of its tasks, in order; the volume that it takes, if any."""

    plan: Plan
    names: tuple[str, ...]
    volume: str

    @property
    def executor_id(self) -> str:
        return f"executor-{self.names[0]}"


class TaskStories:
    """The framework. `volumes` are names of persistent volumes that tasks may take, one task each."""

    def __init__(self, url: str, rng: random.Random, chronicle: Chronicle, volumes: list[str]) -> None:
        self._client = SchedulerClient(url, FRAMEWORK, random=rng)
        self._rng = rng
        self._chronicle = chronicle
        self._volumes = list(volumes)
        self._wanted: list[Wanted] = []
        self._sent: set[str] = set()
        self._over: dict[str, asyncio.Event] = {}
        self._running: dict[str, asyncio.Event] = {}
        self._executors: dict[str, mesos.AgentID] = {}
        """Where the custom executors are that have not exited, by their ids."""
        self.stopping = asyncio.Event()

    @contextlib.asynccontextmanager
    async def subscribed(self) -> AsyncIterator[None]:
        """The framework, for as long as the context lasts; torn down at its end."""
        jobs = [asyncio.create_task(self._listen()), asyncio.create_task(self._reconcile())]
        try:
            yield
            await self._client.teardown()
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
            await self._client.close()

    async def run(self) -> None:
        """Until `stopping` is set and each task has ended."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._one_after_the_other())

    async def _one_after_the_other(self) -> None:
        while not self.stopping.is_set():
            plan = self._rng.choice(PLANS)
            if plan.needs_volume and not self._volumes:
                continue
            volume = self._volumes.pop() if plan.needs_volume else ""
            await self._tell(plan, volume)
            if volume:
                self._volumes.append(volume)

    async def _tell(self, plan: Plan, volume: str) -> None:
        wanted = Wanted(plan, tuple(str(uuid.uuid4()) for _ in plan.members), volume)
        for name, kind in zip(wanted.names, plan.members, strict=True):
            self._chronicle.stories[name] = Story(kind, wanted.names)
            self._over[name], self._running[name] = asyncio.Event(), asyncio.Event()
        self._wanted.append(wanted)
        async with asyncio.TaskGroup() as group:
            for name, kind in zip(wanted.names, plan.members, strict=True):
                group.create_task(self._see_through(name, kind))
        if plan.by.is_custom and any(self._chronicle.stories[name].told for name in wanted.names):
            await self._shut_down(wanted.executor_id)

    async def _shut_down(self, executor_id: str) -> None:
        """Told to exit, until it has; a FAILURE event says so, and nothing else."""
        try:
            async with asyncio.timeout(TASK_SECONDS):
                while executor_id in self._executors:
                    call = scheduler.CallShutdown(
                        executor_id=mesos.ExecutorID(value=executor_id), agent_id=self._executors[executor_id]
                    )
                    with contextlib.suppress(ClientError):
                        await self._client.call(
                            scheduler.Call(type=scheduler.CallType.SHUTDOWN, shutdown=call)
                        )
                    await asyncio.sleep(RECONCILE_SECONDS / 4)
        except TimeoutError:
            self._chronicle.wrong.append(f"{executor_id} did not exit in {TASK_SECONDS} s")

    async def _see_through(self, name: str, kind: TaskKind) -> None:
        killing = asyncio.create_task(self._kill(name)) if kind.is_killed else None
        try:
            async with asyncio.timeout(TASK_SECONDS):
                await self._over[name].wait()
        except TimeoutError:
            self._chronicle.wrong.append(f"{name} ({kind.name}) did not end in {TASK_SECONDS} s")
        finally:
            if killing is not None:
                killing.cancel()

    async def _kill(self, name: str) -> None:
        """Some time after it runs, again and again: a call may be lost with an orchestrator's answer."""
        await self._running[name].wait()
        await asyncio.sleep(self._rng.random())
        while True:
            with contextlib.suppress(ClientError):
                await self._client.kill(name)
            await asyncio.sleep(RECONCILE_SECONDS)

    async def _listen(self) -> None:
        async for event in self._client.events():
            with contextlib.suppress(Unreachable):
                await self._take(event)

    async def _take(self, event: Any) -> None:
        if event.offers is not UNSET:
            for offer in event.offers.offers:
                await self._use(offer)
        if event.update is not UNSET:
            status = event.update.status
            self._hear(status)
            await self._client.acknowledge(status)
        if event.failure is not UNSET and event.failure.executor_id is not UNSET:
            self._executors.pop(event.failure.executor_id.value, None)

    def _hear(self, status: mesos.TaskStatus) -> None:
        story = self._chronicle.hear(status)
        if story is None:
            return
        name = status.task_id.value
        if str(status.state) == "TASK_RUNNING":
            self._running[name].set()
        unknown = str(status.state) == "TASK_UNKNOWN" and not story.told
        dropped = str(status.state) in ("TASK_DROPPED", "TASK_GONE")
        if story.end[0] or unknown or dropped:
            if unknown:
                story.accepted = False
            self._over[name].set()

    async def _use(self, offer: mesos.Offer) -> None:
        left, operations, sent = list(offer.resources), [], []
        for wanted in list(self._wanted):
            made = _launch(wanted, offer, left, self._rng)
            if made is not None:
                operation, left = made
                operations.append(operation)
                sent.append(wanted)
        if not operations:
            await self._client.decline([offer], refuse_seconds=0.2)
            return
        for wanted in sent:
            self._wanted.remove(wanted)
            self._sent.update(wanted.names)
            if wanted.plan.by.is_custom:
                self._executors[wanted.executor_id] = offer.agent_id
        try:
            await self._client.accept([offer], operations, refuse_seconds=0.0)
        except Refused as refused:
            print(f"an ACCEPT was refused: {refused}")
            self._wanted += sent
            return
        for wanted in sent:
            for name in wanted.names:
                self._chronicle.stories[name].accepted = True

    async def _reconcile(self) -> None:
        while True:
            await asyncio.sleep(RECONCILE_SECONDS)
            waiting = [name for name in self._sent if not self._over[name].is_set()]
            with contextlib.suppress(ClientError):
                if waiting:
                    await self._client.reconcile(*waiting)


def _launch(
    wanted: Wanted, offer: mesos.Offer, left: list[mesos.Resource], rng: random.Random
) -> tuple[mesos.OfferOperation, list[mesos.Resource]] | None:
    """The operation that launches the plan, and what it leaves; None when the offer does not suffice."""
    by, kinds = wanted.plan.by, mesos.OfferOperationType
    executor = None
    if by is not By.AGENT:
        cut = _cut(left, wanted.volume if by.is_custom else "")
        if cut is None:
            return None
        executor, left = _executor(wanted, offer, cut[0]), cut[1]
    tasks: list[mesos.TaskInfo] = []
    for name, kind in zip(wanted.names, wanted.plan.members, strict=True):
        cut = _cut(left, wanted.volume if kind.needs_volume and not by.is_custom else "")
        if cut is None:
            return None
        tasks.append(_task(name, kind, offer, cut[0], kind.text(name, rng), by))
        left = cut[1]
    if executor is None or by is By.EXECUTOR:
        for task in tasks:
            task.executor = UNSET if executor is None else executor
        launch = mesos.OfferOperationLaunch(task_infos=tasks)
        return mesos.OfferOperation(type=kinds.LAUNCH, launch=launch), left
    group = mesos.OfferOperationLaunchGroup(executor=executor, task_group=mesos.TaskGroupInfo(tasks=tasks))
    return mesos.OfferOperation(type=kinds.LAUNCH_GROUP, launch_group=group), left


def _task(
    name: str, kind: TaskKind, offer: mesos.Offer, resources: list[mesos.Resource], command: str, by: By
) -> mesos.TaskInfo:
    info = mesos.TaskInfo(
        name=kind.name, task_id=mesos.TaskID(value=name), agent_id=offer.agent_id, resources=resources
    )
    if by.is_custom:
        info.data = command.encode()
    else:
        info.command = mesos.CommandInfo(shell=True, value=command)
    kind.fill(info)
    return info


def _executor(wanted: Wanted, offer: mesos.Offer, resources: list[mesos.Resource]) -> mesos.ExecutorInfo:
    info = mesos.ExecutorInfo(
        executor_id=mesos.ExecutorID(value=wanted.executor_id),
        framework_id=offer.framework_id,
        type=mesos.ExecutorInfoType.DEFAULT,
        resources=resources,
    )
    if wanted.plan.by.is_custom:
        info.type = mesos.ExecutorInfoType.CUSTOM
        program = [mesos.CommandInfoURI(value=EXAMPLE.as_uri())]
        info.command = mesos.CommandInfo(value=f"exec {sys.executable} executor.py", uris=program)
    return info


def _cut(left: list[mesos.Resource], volume: str) -> tuple[list[mesos.Resource], list[mesos.Resource]] | None:
    """What a task needs, and what is left without it."""
    taken: list[mesos.Resource] = []
    rest = list(left)
    for index, resource in enumerate(left):
        need = NEEDS.get(resource.name)
        if need and resource.scalar.value >= need and all(each.name != resource.name for each in taken):
            taken.append(_sized(resource, need))
            rest[index] = _sized(resource, resource.scalar.value - need)
        elif volume and _persistence(resource) == volume:
            assert resource.disk is not UNSET, "it has a persistence id"
            mounted = mesos.Volume(container_path="data", mode=mesos.VolumeMode.RW)
            disk = msgspec.structs.replace(resource.disk, volume=mounted)
            taken.append(msgspec.structs.replace(resource, disk=disk))
            rest[index] = _sized(resource, 0.0)
    if len(taken) != len(NEEDS) + bool(volume):
        return None
    return taken, [each for each in rest if each.scalar is UNSET or each.scalar.value > 0]


def _persistence(resource: mesos.Resource) -> str:
    disk = resource.disk
    return "" if disk is UNSET or disk.persistence is UNSET else disk.persistence.id


def _sized(resource: mesos.Resource, value: float) -> mesos.Resource:
    return msgspec.structs.replace(resource, scalar=mesos.ValueScalar(value=value))
