"""How long a task takes from its launch to running, beside the bare start of a container or process.

    python -m bench.bench_launch [podman|process]

A scheduler on the public API accepts an offer with LAUNCH and is told TASK_RUNNING; then it kills the task
and waits for its end, so that one task runs at a time. The references are started in turns with it.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import UNSET

from agent.containerizer.podman_host import default_socket
from agent.containerizer.watch import scope_of
from api.wire.v1 import mesos
from bench.bare_containers import PROGRAM, BarePodman, BareProcess
from bench.figures import Figures, milliseconds, table
from client.scheduler import SchedulerClient
from e2e.harness.cluster import DevCluster

LAUNCHES = 30
ROLE = "bench"
STEP_SECONDS = 60.0
"""For an offer, for a task to run, for its end; then the measurement fails."""
NEEDED = {"cpus": 0.1, "mem": 32.0}

HEADINGS = ("launch to running", "launches", "p50 ms", "p99 ms", "times bare")

State = mesos.TaskState


class Launcher:
    """A scheduler with one task at a time."""

    def __init__(self, client: SchedulerClient) -> None:
        self._client = client
        self._offers: asyncio.Queue[mesos.Offer] = asyncio.Queue()
        self._states: asyncio.Queue[mesos.TaskState] = asyncio.Queue()
        self._count = 0

    async def listen(self) -> None:
        async for event in self._client.events():
            if event.offers is not UNSET:
                for offer in event.offers.offers:
                    self._offers.put_nowait(offer)
            elif event.update is not UNSET:
                self._states.put_nowait(event.update.status.state)
                await self._client.acknowledge(event.update.status)

    async def launch(self) -> float:
        """Seconds from ACCEPT to TASK_RUNNING."""
        offer = await self._offer()
        self._count += 1
        info = _task(f"bench-{self._count}", offer)
        launch = mesos.OfferOperation(
            type=mesos.OfferOperationType.LAUNCH, launch=mesos.OfferOperationLaunch(task_infos=[info])
        )
        began = time.monotonic()
        await self._client.accept([offer], [launch], refuse_seconds=0)
        await self._state(State.TASK_RUNNING)
        took = time.monotonic() - began
        await self._client.kill(info.task_id.value)
        await self._state(State.TASK_KILLED)
        return took

    async def _offer(self) -> mesos.Offer:
        """The latest offer with what a task needs; the others are given back."""
        async with asyncio.timeout(STEP_SECONDS):
            while True:
                offer = await self._offers.get()
                if self._offers.empty() and _suffices(offer):
                    return offer
                await self._client.decline([offer], refuse_seconds=0)

    async def _state(self, wanted: mesos.TaskState) -> None:
        async with asyncio.timeout(STEP_SECONDS):
            while (state := await self._states.get()) is not wanted:
                usual = (State.TASK_STAGING, State.TASK_STARTING, State.TASK_RUNNING, State.TASK_KILLING)
                assert state in usual, f"a task is {state} instead of {wanted}"


def _plain(offer: mesos.Offer, name: str) -> float:
    found = (r.scalar.value for r in offer.resources if r.name == name and r.scalar is not UNSET)
    return max(found, default=0.0)


def _suffices(offer: mesos.Offer) -> bool:
    return all(_plain(offer, name) >= amount for name, amount in NEEDED.items())


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
        command=mesos.CommandInfo(shell=False, value=PROGRAM[0], arguments=list(PROGRAM)),
        kill_policy=mesos.KillPolicy(grace_period=mesos.DurationInfo(nanoseconds=0)),
    )


@asynccontextmanager
async def _launcher(cluster: DevCluster) -> AsyncIterator[Launcher]:
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
        launcher = Launcher(client)
        listening = asyncio.create_task(launcher.listen())
        try:
            yield launcher
        finally:
            await client.teardown()
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def run(cluster: DevCluster) -> list[list[str]]:
    """The rows of the table."""
    socket = default_socket(scope_of(cluster.work_dir / "c" / "agent-1"))
    bare = BarePodman(socket) if cluster.containerizer == "podman" else BareProcess()
    references, launches = [], []
    async with _launcher(cluster) as launcher:
        for _ in range(LAUNCHES):
            references.append(await bare.start())
            launches.append(await launcher.launch())
    reference, measured = (Figures(tuple(each), sum(each)) for each in (references, launches))
    name = cluster.containerizer
    return [
        [f"bare {name}", *_cells(reference), ""],
        [f"orlop, {name}", *_cells(measured), f"{measured.median / reference.median:.2f}"],
    ]


def _cells(found: Figures) -> list[str]:
    return [str(len(found.seconds)), milliseconds(found.median), milliseconds(found.p99)]


def main() -> None:
    containerizer = sys.argv[1] if len(sys.argv) > 1 else "podman"
    cluster = DevCluster(containerizer)
    try:
        cluster.start()
        print(table(HEADINGS, asyncio.run(run(cluster))))
    finally:
        if cluster.dev.is_running:
            cluster.stop()
        cluster.close(None)


if __name__ == "__main__":
    main()
