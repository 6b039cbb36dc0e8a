"""An orchestrator whose memory holds a cluster of any size, in a process of its own that is told what to do.

    python -m bench.state_server AGENTS TASKS

Agents and tasks are put where the rooms keep what agents report; the HTTP edge and all behind it is the real
one. Beside it, in the same process and on the same event loop, a plain server of stored bytes: the reference.
Prints one JSON object for each line that it reads; the first says the ports. It measures what only this
process can see: how long the event loop was held, and what encoding costs.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from api.model.resource import Resource
from api.model.resources import Resources
from api.model.values import Ranges, Scalar
from api.wire.codec import make_ready
from api.wire.content import JSON, MEDIA_TYPES, MediaType, encode
from api.wire.v1 import master, mesos, scheduler
from orchestrator.event_messages import task_updated
from orchestrator.operator_messages import agent_shown
from orchestrator.state import Agent, ChangeKind, Framework, Provider, Task
from orchestrator.streams import WAITING_LIMIT_BYTES
from orchestrator.tasks import task_message
from tests.orchestrator_api.cluster import ApiCluster, running

FRAMEWORKS = 10
CHUNK_BYTES = 128 * 1024
"""Of what the reference sends in one write."""
NOW = 1_700_000_000.0


def agent_made(number: int) -> Agent:
    agent_id = f"5f0c8a1e-7c55-4d1b-9b0e-{number:012d}-S{number}"
    totals = Resources(
        [
            Resource("cpus", Scalar(16_000)),
            Resource("mem", Scalar(65_536_000)),
            Resource("disk", Scalar(1_024_000_000)),
            Resource("ports", Ranges(((31000, 32000),))),
        ]
    )
    host = f"host-{number}.rack-{number % 40}.example.org"
    info = mesos.AgentInfo(
        hostname=host,
        port=5051,
        id=mesos.AgentID(value=agent_id),
        attributes=[
            mesos.Attribute(name="rack", type=mesos.ValueType.TEXT, text=mesos.ValueText(value="r1"))
        ],
    )
    own = Provider((agent_id, None), None, bytes(16))
    own.totals.report(totals, ())
    return Agent(
        agent_id,
        info,
        version="1.11.0",
        address=f"10.0.{number // 250}.{number % 250}:5051",
        connected=True,
        registered_at=NOW,
        providers={None: own},
    )


def task_made(number: int, framework_id: str, agent_id: str) -> Task:
    task_id = f"service-{number % 997}.instance-{number}"
    task = Task(
        framework_id=framework_id,
        task_id=task_id,
        agent_id=agent_id,
        role="services",
        name=f"service-{number % 997}",
        state=mesos.TaskState.TASK_RUNNING,
        resources=Resources(
            [
                Resource("cpus", Scalar(100)),
                Resource("mem", Scalar(128_000)),
                Resource("disk", Scalar(10_000)),
            ]
        ),
    )
    task.statuses = [status_made(task, mesos.TaskState.TASK_RUNNING, number)]
    return task


def status_made(task: Task, state: mesos.TaskState, number: int) -> mesos.TaskStatus:
    return mesos.TaskStatus(
        task_id=mesos.TaskID(value=task.task_id),
        state=state,
        source=mesos.TaskStatusSource.SOURCE_AGENT,
        agent_id=mesos.AgentID(value=task.agent_id),
        timestamp=NOW + number,
        uuid=number.to_bytes(16, "big"),
    )


class StateServer:
    """The commands. Each returns what is printed."""

    def __init__(self, cluster: ApiCluster, agents: int, tasks: int) -> None:
        self._cluster = cluster
        self._state = cluster.orchestrator.state
        self._held = _Held()
        self._stored = b""
        self._view = memoryview(self._stored)
        self._bare: list[asyncio.Transport] = []
        # A daemon has no use for ways to these rooms from outside.
        self._streams = cluster.server._streams
        calls = cluster.server._apis["/api/v1"]._state_calls  # type: ignore[attr-defined]
        self._events, self._usage = calls._events, calls._view._kinds.usage
        self._changes = 0
        for number in range(FRAMEWORKS):
            info = mesos.FrameworkInfo(
                user="svc",
                name=f"framework-{number}",
                roles=["services"],
                id=mesos.FrameworkID(value=f"f-{number}"),
            )
            framework = Framework(f"f-{number}", info, NOW, connected=True)
            self._state.frameworks[framework.framework_id] = framework
            self._state.changed(ChangeKind.FRAMEWORK_ADDED, framework)
        for number in range(agents):
            agent = agent_made(number)
            self._state.agents[agent.agent_id] = agent
            self._state.changed(ChangeKind.AGENT_ADDED, agent)
        self._agents = list(self._state.agents.values())
        for number in range(tasks):
            agent_id = self._agents[number % agents].agent_id
            self._state.add_task(task_made(number, f"f-{number % FRAMEWORKS}", agent_id))
        self._tasks = list(self._state.tasks.values())

    async def start(self) -> dict[str, Any]:
        runner = web.ServerRunner(web.Server(self._reference, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        gc.collect()
        gc.freeze()
        loop = asyncio.get_running_loop()
        bare = await loop.create_server(lambda: _Bare(self._bare), "127.0.0.1", 0)
        ports = {"port": self._cluster.port, "reference_port": runner.addresses[0][1]}
        return {**ports, "bare_port": bare.sockets[0].getsockname()[1]}

    async def _reference(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/whole":
            return web.Response(body=self._stored)
        response = web.StreamResponse()
        response.content_length = len(self._stored)
        await response.prepare(request)
        for start in range(0, len(self._stored), CHUNK_BYTES):
            await response.write(self._view[start : start + CHUNK_BYTES])
        await response.write_eof()
        return response

    def store(self, length: int) -> dict[str, Any]:
        """From now on the reference sends so many bytes."""
        self._stored = bytes(length)
        self._view = memoryview(self._stored)
        return {"length": length}

    def change(self, share: float) -> dict[str, Any]:
        """That share of the tasks, and of the agents, is different: what encoding them once costs, in s.

        They are spread evenly over all there are.
        """
        self._changes += 1
        every = round(1 / share)
        tasks, agents = (
            self._tasks[self._changes % every :: every],
            self._agents[self._changes % every :: every],
        )
        costs = {each: self._cost(tasks, agents, each) for each in MEDIA_TYPES}
        for number, task in enumerate(tasks):
            running = mesos.TaskState.TASK_RUNNING
            task.statuses = [status_made(task, running, self._changes * 1_000_000 + number)]
            self._state.changed(ChangeKind.TASK_UPDATED, task)
        for agent in agents:
            agent.reregistered_at = NOW + self._changes
            self._state.changed(ChangeKind.AGENT_UPDATED, agent)
        gc.collect(1)  # of what so many changes in one go leave behind nothing is left for the answer
        return {"entities": len(tasks) + len(agents), "seconds": costs}

    def build(self) -> dict[str, Any]:
        """What building and encoding all tasks and agents from the objects takes, in s."""
        return {"seconds": {each: self._cost(self._tasks, self._agents, each) for each in MEDIA_TYPES}}

    def length(self, count: int) -> dict[str, Any]:
        """How many bytes so many events are for each subscriber."""
        return {"bytes": sum(len(_chunk(self._tasks[number % len(self._tasks)])) for number in range(count))}

    async def tell(self, count: int, together: int) -> dict[str, Any]:
        """So many events, `together` in one turn of the event loop, and the next when all are handed over.

        `at`: when it began, by the clock. `processor`: the time of it that was taken, in s.
        """
        told = [self._tasks[number % len(self._tasks)] for number in range(count)]
        began, processor = time.monotonic(), time.thread_time()
        for first in range(0, count, together):
            for task in told[first : first + together]:
                self._state.changed(ChangeKind.TASK_UPDATED, task)
            while self._events._gathered or self._events._sender is not None:  # noqa: ASYNC110 - it is measured
                await asyncio.sleep(0)
        return {"at": began, "processor": time.thread_time() - processor}

    async def tell_barely(self, count: int, together: int) -> dict[str, Any]:
        """The reference: as many events of that size, framed beforehand, written to plain connections."""
        chunks = [_chunk(self._tasks[number % len(self._tasks)]) for number in range(count)]
        began, processor = time.monotonic(), time.thread_time()
        for first in range(0, count, together):
            data = b"".join(chunks[first : first + together])
            for transport in self._bare:
                transport.write(data)
            await asyncio.sleep(0)
        return {"at": began, "processor": time.thread_time() - processor}

    def cut_off(self) -> dict[str, Any]:
        """How many subscribers were cut off since the start, and why."""
        return {str(why): count for why, count in self._streams.cut_off.items()}

    def limits(self) -> dict[str, Any]:
        """How many bytes may wait for a subscriber."""
        return {"waiting_bytes": WAITING_LIMIT_BYTES}

    def held(self) -> dict[str, Any]:
        """The longest that the event loop was held at once since the last time, in s."""
        return self._held.longest()

    def _cost(self, tasks: list[Task], agents: list[Agent], media_type: MediaType) -> float:
        """What encoding them takes, with what is in use of the agents as it is kept."""
        began = time.perf_counter()
        for task in tasks:
            encode(task_message(task), media_type)
        for agent in agents:
            encode(agent_shown(agent, self._usage.of_agent(agent.agent_id)), media_type)
        return time.perf_counter() - began

    def memory(self) -> dict[str, Any]:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return {"rss": pages * resource.getpagesize()}


def _chunk(task: Task) -> bytes:
    record = task_updated(task)(JSON)
    return b"%x\r\n%b\r\n" % (len(record), record)


class _Bare(asyncio.Protocol):
    """A connection that is written to, and answers its request with a line."""

    def __init__(self, transports: list[asyncio.Transport]) -> None:
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transports.append(transport)
        transport.write(b"HTTP/1.1 200 OK\r\n\r\n")


class _Held:
    """Times every callback of the event loop: by the clock, and in processor time, which is what it would
    take if nothing else ran on the machine."""

    def __init__(self) -> None:
        self._clock = self._processor = 0.0
        run = asyncio.events.Handle._run

        def timed(handle: asyncio.events.Handle) -> None:
            clock, processor = time.perf_counter(), time.thread_time()
            run(handle)
            self._clock = max(self._clock, time.perf_counter() - clock)
            self._processor = max(self._processor, time.thread_time() - processor)

        asyncio.events.Handle._run = timed  # type: ignore[method-assign, assignment]

    def longest(self) -> dict[str, float]:
        found = {"clock": self._clock, "processor": self._processor}
        self._clock = self._processor = 0.0
        return found


async def serve(agents: int, tasks: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder)) as cluster:
            server = StateServer(cluster, agents, tasks)
            print(json.dumps(await server.start()), flush=True)
            commands: dict[str, Callable[..., Any]] = {
                each.__name__: each
                for each in (
                    *(server.store, server.change, server.build, server.held, server.memory),
                    *(server.length, server.tell, server.tell_barely, server.cut_off, server.limits),
                )
            }
            loop = asyncio.get_running_loop()
            reader = asyncio.StreamReader()
            await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
            while line := await reader.readline():
                name, *arguments = json.loads(line)
                done = commands[name](*arguments)
                print(json.dumps(await done if isinstance(done, Awaitable) else done), flush=True)


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # who is cut off is counted
    make_ready(scheduler.Call, master.Call)  # as the daemon does
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
