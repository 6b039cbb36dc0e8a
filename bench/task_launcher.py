"""A scheduler on the public API that launches plain tasks, one or many at a time, and ends them again.

It measures what a user could see: when it asked, and when it was told TASK_RUNNING.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from msgspec import UNSET

from api.wire.v1 import mesos
from bench.bare_containers import PROGRAM
from client.scheduler import SchedulerClient
from e2e.harness.cluster import Cluster

ROLE = "bench"
STEP_SECONDS = 120.0
"""For an offer, for the tasks to run, for their end; then the measurement fails."""
NEEDED = {"cpus": 0.02, "mem": 16.0}
"""Of each task. It may use more: its start, not its limits, is measured."""
UNBOUNDED = 1e15

State = mesos.TaskState
USUAL = (State.TASK_STAGING, State.TASK_STARTING, State.TASK_RUNNING, State.TASK_KILLING, State.TASK_KILLED)


@dataclass(frozen=True)
class Started:
    """A task that runs: its container, and when its scheduler was told, in seconds since the epoch."""

    task_id: str
    container_id: str
    told_at: float


class Launcher:
    def __init__(self, client: SchedulerClient) -> None:
        self._client = client
        self._offers: asyncio.Queue[mesos.Offer] = asyncio.Queue()
        self._statuses: asyncio.Queue[tuple[float, mesos.TaskStatus]] = asyncio.Queue()
        self._count = 0

    async def listen(self) -> None:
        async for event in self._client.events():
            if event.offers is not UNSET:
                for offer in event.offers.offers:
                    self._offers.put_nowait(offer)
            elif event.update is not UNSET:
                self._statuses.put_nowait((time.time(), event.update.status))
                if event.update.status.uuid is not UNSET:
                    await self._client.acknowledge(event.update.status)

    async def launch(self, count: int = 1) -> tuple[float, list[Started]]:
        """Seconds from ACCEPT until all of them run; and each."""
        offer = await self._offer(count)
        infos = [_task(f"bench-{self._count + number}", offer) for number in range(count)]
        self._count += count
        launch = mesos.OfferOperation(
            type=mesos.OfferOperationType.LAUNCH, launch=mesos.OfferOperationLaunch(task_infos=infos)
        )
        began = time.monotonic()
        await self._client.accept([offer], [launch], refuse_seconds=0)
        found = await self._statuses_of(count, State.TASK_RUNNING)
        took = time.monotonic() - began
        return took, [
            Started(status.task_id.value, status.container_status.container_id.value, told_at)
            for told_at, status in found
            if status.container_status is not UNSET and status.container_status.container_id is not UNSET
        ]

    async def end(self, started: list[Started]) -> None:
        for task in started:
            await self._client.kill(task.task_id)
        await self._statuses_of(len(started), State.TASK_KILLED)

    async def _offer(self, count: int) -> mesos.Offer:
        """The latest offer with what the tasks need; the others are given back."""
        async with asyncio.timeout(STEP_SECONDS):
            while True:
                offer = await self._offers.get()
                if self._offers.empty() and _suffices(offer, count):
                    return offer
                await self._client.decline([offer], refuse_seconds=0)

    async def _statuses_of(self, count: int, wanted: mesos.TaskState) -> list[tuple[float, mesos.TaskStatus]]:
        found: dict[str, tuple[float, mesos.TaskStatus]] = {}
        async with asyncio.timeout(STEP_SECONDS):
            while len(found) < count:
                told_at, status = await self._statuses.get()
                assert status.state in USUAL, f"a task is {status.state}: {status.message}"
                if status.state is wanted:
                    found[status.task_id.value] = (told_at, status)
        return list(found.values())


@asynccontextmanager
async def launcher(cluster: Cluster) -> AsyncIterator[Launcher]:
    framework = mesos.FrameworkInfo(
        user="root",
        name="bench",
        roles=[ROLE],
        capabilities=[
            mesos.FrameworkInfoCapability(type=kind)
            for kind in (
                mesos.FrameworkInfoCapabilityType.MULTI_ROLE,
                mesos.FrameworkInfoCapabilityType.RESERVATION_REFINEMENT,
            )
        ],
    )
    async with SchedulerClient(f"http://{cluster.address}", framework, random=random.Random(0)) as client:
        made = Launcher(client)
        listening = asyncio.create_task(made.listen())
        try:
            yield made
        finally:
            await client.teardown()
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


def _plain(offer: mesos.Offer, name: str) -> float:
    found = (r.scalar.value for r in offer.resources if r.name == name and r.scalar is not UNSET)
    return max(found, default=0.0)


def _suffices(offer: mesos.Offer, count: int) -> bool:
    return all(_plain(offer, name) >= amount * count for name, amount in NEEDED.items())


def _task(task_id: str, offer: mesos.Offer) -> mesos.TaskInfo:
    resources = [
        mesos.Resource(
            name=name,
            type=mesos.ValueType.SCALAR,
            scalar=mesos.ValueScalar(value=amount),
            allocation_info=mesos.ResourceAllocationInfo(role=ROLE),
        )
        for name, amount in NEEDED.items()
    ]
    return mesos.TaskInfo(
        name=task_id,
        task_id=mesos.TaskID(value=task_id),
        agent_id=offer.agent_id,
        resources=resources,
        limits={name: mesos.ValueScalar(value=UNBOUNDED) for name in NEEDED},
        command=mesos.CommandInfo(shell=False, value=PROGRAM[0], arguments=list(PROGRAM)),
        kill_policy=mesos.KillPolicy(grace_period=mesos.DurationInfo(nanoseconds=0)),
    )
