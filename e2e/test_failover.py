"""Three orchestrators on PostgreSQL: a task, an operation and a scheduler, while leaders come and go.

One cluster for the whole story, because its processes take longer to start than it does. How long each
failover took is printed; what is asserted does not depend on how fast the machine is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from api.wire.v1 import mesos
from client import Framework, OperatorClient, SchedulerClient
from client.offered import scalars
from client.operations import framework_info, task
from e2e.conftest import running
from e2e.harness.census import stored_volumes
from e2e.harness.daemon import Daemon, until
from e2e.harness.several import SeveralOrchestrators
from tests.postgresql import PostgresServer
from tests.telling import Tell

LEASE_SECONDS = 3.0
SECONDS = 60.0
"""For each step, on a machine that does much else."""
GIB = 2**30

pytestmark = pytest.mark.needs("root", "mount", "postgresql")


@pytest.fixture
def cluster(postgresql: PostgresServer, request: pytest.FixtureRequest) -> Iterator[SeveralOrchestrators]:
    made = SeveralOrchestrators(postgresql, LEASE_SECONDS)
    with running(made, request.config):
        yield made


@dataclass
class Scheduler:
    """One of the client library, with a task that runs until it is told to end."""

    framework: Framework
    client: SchedulerClient
    told: list[mesos.TaskStatus] = field(default_factory=list)

    def states(self) -> list[str]:
        return [str(status.state) for status in self.told]


@contextlib.asynccontextmanager
async def scheduler_of(cluster: SeveralOrchestrators) -> AsyncIterator[Scheduler]:
    info = framework_info("survivor", "default")
    async with SchedulerClient(cluster.urls, info) as client, Framework(client) as framework:
        yield Scheduler(framework, client)


async def comes(what: Any, text: str) -> Any:
    return await asyncio.to_thread(until, what, SECONDS, text)


async def comes_to(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            if await true():
                return
            await asyncio.sleep(0.02)


async def failed_over(
    cluster: SeveralOrchestrators, old: Daemon, began: float, what: str, tell: Tell
) -> Daemon:
    """The new leader, once it has written something and the agent is back."""
    new: Daemon = await comes(lambda: cluster.leader(besides=old), "another one leads")
    led = time.monotonic() - began
    async with OperatorClient(f"http://{cluster.api_of(new)}") as client:
        await client.provision_volume(f"after-{what}", "default", GIB // 64)
        written = time.monotonic() - began

        async def here() -> bool:
            return any(each.active for each in (await client.agents()).agents)

        await comes_to(here)
    registered = time.monotonic() - began
    tell(
        f"{what}: another leads after {led:.2f} s, has written after {written:.2f} s, has the agent after "
        f"{registered:.2f} s (lease {LEASE_SECONDS:g} s)"
    )
    return new


def unanswered(address: str, call: dict[str, Any]) -> socket.socket:
    """A request that is sent and stays in the kernel of a process that does not run."""
    host, _, port = address.partition(":")
    body = json.dumps(call).encode()
    connection = socket.create_connection((host, int(port)))
    head = f"POST /api/v1 HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return connection


def provision(name: str) -> dict[str, Any]:
    return {
        "type": "PROVISION_VOLUME",
        "provision_volume": {"name": name, "profile": "default", "size_bytes": GIB // 64},
    }


async def test_nothing_is_lost_whichever_way_the_leader_goes(
    cluster: SeveralOrchestrators, tell: Tell
) -> None:
    async with asyncio.timeout(6 * SECONDS), scheduler_of(cluster) as scheduler:
        running_task = asyncio.create_task(
            scheduler.framework.run(
                scalars(cpus=0.1, mem=32),
                lambda _: task("long", "echo x >> started; sleep 3600"),
                scheduler.told.append,
            )
        )
        await comes(lambda: "TASK_RUNNING" in scheduler.states(), "the task runs")
        framework_id = scheduler.client.framework_id

        # kill -9, with an operation that was accepted a moment before.
        first = cluster.leader()
        assert first is not None
        await asyncio.to_thread(cluster.post, provision("in-flight"))
        began = time.monotonic()
        first.kill()
        second = await failed_over(cluster, first, began, "kill", tell)
        await asyncio.to_thread(first.start)

        # SIGTERM: the lease is given back, nobody waits for its end.
        epoch = cluster.lease()[0]
        began = time.monotonic()
        second.ask_to_end()
        third = await failed_over(cluster, second, began, "stop", tell)
        assert await asyncio.to_thread(second.ended) == 0
        assert cluster.lease()[0] == epoch + 1
        await asyncio.to_thread(second.start)

        # SIGSTOP past the lease: another leads; woken, it is asked to write, and follows instead.
        began = time.monotonic()
        third.pause()
        late = unanswered(cluster.api_of(third), provision("late"))
        await comes(lambda: cluster.leader(besides=third), "another one leads while it is stopped")
        third.resume()
        fourth = await failed_over(cluster, third, began, "pause", tell)
        with contextlib.closing(late):
            late.settimeout(SECONDS)
            answer = await asyncio.to_thread(late.recv, 65_536)
        assert answer.split(b" ", 2)[1] in (b"307", b"503"), answer
        follows = await comes(
            lambda: cluster.health_of(third).get("leader") == cluster.api_of(fourth),
            "it follows the new leader",
        )
        assert follows and third.is_running

        # It can lead again: the others end.
        for each in cluster.orchestrators:
            if each is not third:
                each.ask_to_end()
        await comes(lambda: cluster.leader() is third, "the one that was stopped leads again")

        # Everything is as it was told.
        async with OperatorClient(cluster.urls) as client:
            wanted = {"in-flight", "after-kill", "after-stop", "after-pause"}

            async def all_there() -> bool:
                volumes = {each.name: str(each.state) for each in await client.volumes()}
                return volumes == dict.fromkeys(wanted, "VOLUME_AVAILABLE")

            await comes_to(all_there)
        assert len(stored_volumes(cluster.place)) == len(wanted), "each was made once"
        sandboxes = (cluster.work_dir / "agent" / "sandboxes").rglob("started")
        assert [each.read_text() for each in sandboxes] == ["x\n"], "the task was started once"
        assert scheduler.client.framework_id == framework_id
        assert not running_task.done(), scheduler.told
        assert set(scheduler.states()) <= {"TASK_STARTING", "TASK_RUNNING"}, "nobody took it for lost"
        running_task.cancel()
        await asyncio.gather(running_task, return_exceptions=True)
        await comes(lambda: "TASK_KILLED" in {t["state"] for t in cluster.tasks()}, "the task is killed")
        await scheduler.framework.teardown()
