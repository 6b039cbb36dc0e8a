"""A framework that runs tasks of all kinds, a few at a time, and writes down what it is told of them."""

from __future__ import annotations

import asyncio
import contextlib
import random
import uuid
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from msgspec import UNSET

from api.wire.v1 import mesos
from client import Refused, SchedulerClient, Unreachable
from client.errors import ClientError
from e2e.task_crash.chronicle import Chronicle, Story
from e2e.task_crash.kinds import KINDS, TaskKind

ROLE: Final = "default"
AT_ONCE: Final = 6
RECONCILE_SECONDS: Final = 2.0
TASK_SECONDS: Final = 120.0
"""For a task to end while things are killed; longer is a violation."""
NEEDS: Final = {"cpus": 0.05, "mem": 32.0}

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


class TaskStories:
    """The framework. `volumes` are names of persistent volumes that tasks may take, one task each."""

    def __init__(self, url: str, rng: random.Random, chronicle: Chronicle, volumes: list[str]) -> None:
        self._client = SchedulerClient(url, FRAMEWORK, random=rng)
        self._rng = rng
        self._chronicle = chronicle
        self._volumes = list(volumes)
        self._wanted: list[tuple[str, TaskKind, str]] = []  # name, kind, volume
        self._agents: dict[str, mesos.AgentID] = {}
        self._over: dict[str, asyncio.Event] = {}
        self._running: dict[str, asyncio.Event] = {}
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
            kind = self._rng.choice(KINDS)
            if kind.needs_volume and not self._volumes:
                continue
            volume = self._volumes.pop() if kind.needs_volume else ""
            await self._tell(kind, volume)
            if volume:
                self._volumes.append(volume)

    async def _tell(self, kind: TaskKind, volume: str) -> None:
        name = str(uuid.uuid4())
        self._chronicle.stories[name] = Story(kind)
        over = self._over[name] = asyncio.Event()
        self._running[name] = asyncio.Event()
        self._wanted.append((name, kind, volume))
        killing = asyncio.create_task(self._kill(name)) if kind.is_killed else None
        try:
            async with asyncio.timeout(TASK_SECONDS):
                await over.wait()
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
            self._agents[wanted[0]] = offer.agent_id
        try:
            await self._client.accept([offer], operations, refuse_seconds=0.0)
        except Refused:
            self._wanted += sent
            return
        for name, _, _ in sent:
            self._chronicle.stories[name].accepted = True

    async def _reconcile(self) -> None:
        while True:
            await asyncio.sleep(RECONCILE_SECONDS)
            waiting = [name for name in self._agents if not self._over[name].is_set()]
            with contextlib.suppress(ClientError):
                if waiting:
                    await self._client.reconcile(*waiting)


def _launch(
    wanted: tuple[str, TaskKind, str], offer: mesos.Offer, left: list[mesos.Resource], rng: random.Random
) -> tuple[mesos.OfferOperation, list[mesos.Resource]] | None:
    name, kind, volume = wanted
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
    info = mesos.TaskInfo(
        name=kind.name,
        task_id=mesos.TaskID(value=name),
        agent_id=offer.agent_id,
        resources=taken,
        command=kind.command_info(rng),
        kill_policy=kind.kill_policy(),  # type: ignore[arg-type]
    )
    operation = mesos.OfferOperation(
        type=mesos.OfferOperationType.LAUNCH, launch=mesos.OfferOperationLaunch(task_infos=[info])
    )
    return operation, [each for each in rest if each.scalar is UNSET or each.scalar.value > 0]


def _persistence(resource: mesos.Resource) -> str:
    disk = resource.disk
    return "" if disk is UNSET or disk.persistence is UNSET else disk.persistence.id


def _sized(resource: mesos.Resource, value: float) -> mesos.Resource:
    return msgspec.structs.replace(resource, scalar=mesos.ValueScalar(value=value))
