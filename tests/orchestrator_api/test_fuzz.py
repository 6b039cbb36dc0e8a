"""No message of a framework or an operator stops the orchestrator, is answered 500, or breaks its books.

A run is bounded by its number of calls and repeats from its seed, which a failure names.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from random import Random

import pytest

from api.wire.content import JSON, PROTOBUF, decode, encode
from api.wire.errors import WireError
from api.wire.v1 import master, mesos, scheduler
from tests.orchestrator_api.cluster import ApiCluster, Scheduler, until
from tests.orchestrator_api.fuzzing import Calls, FuzzedAgent

CALLS = 250

STATES = (
    mesos.TaskState.TASK_RUNNING,
    mesos.TaskState.TASK_RUNNING,
    mesos.TaskState.TASK_FINISHED,
    mesos.TaskState.TASK_FAILED,
)


class Run:
    """Two frameworks and an operator who call at random, and an agent to which things happen."""

    def __init__(self, cluster: ApiCluster, seed: int) -> None:
        self.cluster = cluster
        self.random = Random(seed)
        self.agent = cluster.agent = FuzzedAgent()
        self.schedulers: list[tuple[Scheduler, Calls]] = []
        self.story: list[object] = []

    async def start(self) -> None:
        await self.cluster.join()
        for role in ("test", "other"):
            self.schedulers.append((await self.cluster.subscribe(role), Calls(self.random, role)))

    async def step(self) -> None:
        action = self.random.random()
        if action < 0.8:
            await self._call_scheduler()
        elif action < 0.9:
            kind, body = Calls(self.random, "default").operator()
            await self._expect_answer("/api/v1", {"type": kind, **({kind.lower(): body} if body else {})})
        else:
            await self._disturb()
        self.check()

    async def _call_scheduler(self) -> None:
        rooms = self.cluster.orchestrator
        if self.random.random() < 0.7:  # not waiting for the next cycle, nor for filters to end
            for framework in rooms.state.frameworks.values():
                rooms.frameworks.revive(framework, [])
            rooms.offers.allocate()
            await asyncio.sleep(0.002)
        offered = {offer.framework_id for offer in rooms.offers.outstanding()}
        called = [each for each in self.schedulers if each[0].framework_id in offered]
        scheduler, calls = self.random.choice(called or self.schedulers)
        fresh = {offer.offer_id for offer in rooms.offers.of_framework(scheduler.framework_id)}
        told = [offer for event in scheduler.stream.of_type("OFFERS") for offer in event["offers"]]
        calls.offers = [
            offer for offer in told if offer["id"]["value"] in fresh or self.random.random() < 0.02
        ]
        calls.statuses = [event["status"] for event in scheduler.stream.of_type("UPDATE_OPERATION_STATUS")]
        calls.task_statuses = [event["status"] for event in scheduler.stream.of_type("UPDATE")]
        kind, body = calls.scheduler()
        call = {"type": kind, "framework_id": {"value": scheduler.framework_id}}
        if body is not None:
            call[kind.lower()] = body
        await self._expect_answer("/api/v1/scheduler", call, {"Mesos-Stream-Id": scheduler.stream.stream_id})

    async def _expect_answer(
        self, path: str, call: Mapping[str, object], headers: dict[str, str] | None = None
    ) -> None:
        self.story.append(call)
        status, text = await self.cluster.post(path, *self._in_either(path, call, headers or {}))
        assert status != 500, f"{status} {text} {call}"

    def _in_either(
        self, path: str, call: Mapping[str, object], headers: dict[str, str]
    ) -> tuple[Mapping[str, object] | bytes, dict[str, str]]:
        """Half of the calls that can be read are sent in protobuf."""
        if self.random.random() < 0.5:
            return call, headers
        kind = scheduler.Call if path.endswith("scheduler") else master.Call
        try:
            data = encode(decode(kind, json.dumps(call).encode(), JSON), PROTOBUF)
        except WireError:
            return call, headers
        return data, {**headers, "Content-Type": PROTOBUF}

    async def _disturb(self) -> None:
        what = self.random.choice(
            ("deaf", "provider", "lost", "leave", *("return",) * 8, *("report", "tasks", "executors") * 6)
        )
        self.story.append(what)
        if what == "deaf":
            self.agent.deaf = not self.agent.deaf
        elif what == "provider":
            self.agent.lose_provider()
        elif what == "return":
            await self.cluster.join()
        elif what == "lost":
            self.cluster.orchestrator.agents.disconnected(str(self.agent.agent_id), self.agent)
        elif what == "leave":
            await self._leave()
        elif what == "report":
            self.agent.report_provider()
        elif what == "executors":
            for key in sorted(self.agent.executors):
                self.agent.exit(key, self.random)
        else:
            self._tasks_go_on()
        await asyncio.sleep(0)

    async def _leave(self) -> None:
        """A framework is torn down, and another one comes in its place."""
        place = self.random.randrange(len(self.schedulers))
        scheduler, calls = self.schedulers[place]
        assert await scheduler.call("TEARDOWN") == (202, "")
        self.schedulers[place] = await self.cluster.subscribe(calls.role), Calls(self.random, calls.role)

    def _tasks_go_on(self) -> None:
        for key in sorted(self.cluster.orchestrator.state.tasks):
            self.agent.tell_task(key, self.random.choice(STATES), self.random.randbytes(16))

    def check(self) -> None:
        orchestrator = self.cluster.orchestrator
        assert not orchestrator.failed.done(), orchestrator.failed.result()
        orchestrator.allocator.validate()

    async def settle(self) -> None:
        """Once the agent is back and listens, everything that was accepted has its end."""
        self.agent.deaf = False
        await self.cluster.join()
        operations = self.cluster.orchestrator.ledger.operations
        assert operations, "nothing that was said was right"
        await until(lambda: all(record.terminal for record in operations.values()))
        known = {key[1] + key[2] for key in self.cluster.orchestrator.state.executors}
        assert known == set(self.agent.executors), "those that its agent has, and no others"
        volumes = self.cluster.orchestrator.provisioning.volumes
        await until(lambda: all(record.operation is None for record in volumes.values()))
        self.check()


@pytest.mark.parametrize("seed", range(3))
async def test_no_call_stops_the_orchestrator_or_breaks_its_books(cluster: ApiCluster, seed: int) -> None:
    run = Run(cluster, seed)
    await run.start()
    try:
        for _ in range(CALLS):
            await run.step()
        await run.settle()
    except BaseException:
        print(f"seed {seed}, after {len(run.story)} steps; the last of them:", *run.story[-5:], sep="\n")
        raise
