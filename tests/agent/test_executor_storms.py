"""Executors and groups while anything may die at any time: nothing runs twice, each end is told once, and
nothing is left.

A seed decides what happens; a failure names it. `ORLOP_STORMS=500` plays more of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from pathlib import Path

import pytest

from agent.daemon import Agent
from agent.executors.executors import UnknownExecutor
from agent.executors.spec import ExecutorLimits
from api.wire.v1 import link, mesos
from store.port import StoreError
from tests.agent.model_executor import ModelExecutor, State
from tests.agent.world import FRAMEWORK, World, custom_executor, default_executor, task

STORMS = int(os.environ.get("ORLOP_STORMS", "12"))
STEPS = 40
TERMINAL = {"TASK_FINISHED", "TASK_FAILED", "TASK_KILLED", "TASK_ERROR", "TASK_LOST", "TASK_GONE"}
CUSTOM, PLAYED = ("c1", "c2"), ("d1", "d2")


class Storm:
    """One story. It plays the orchestrator's part too: what is launched is the agent's until it says more."""

    def __init__(self, path: Path, seed: int) -> None:
        self.rng = random.Random(seed)
        self.world = World(path)
        self.world.executors = ExecutorLimits(
            registration_timeout=5.0, reregistration_timeout=5.0, shutdown_grace=0.05
        )
        self.processes: dict[str, ModelExecutor] = {}
        self.tasks: dict[str, str] = {}
        """Executor by the task's name, for what was sent to a live agent."""
        self.lost: set[str] = set()
        """Sent to an agent that died before it could write them down."""
        self.number = 0

    # what is there

    def over(self, name: str) -> bool:
        return name in self.lost or bool(TERMINAL & set(self.world.orchestrator.states(name)))

    @property
    def live(self) -> list[str]:
        return [name for name in self.tasks if not self.over(name)]

    def runs(self, executor: str) -> bool:
        """Whether the orchestrator has to think so."""
        agent = self.world.agent
        return agent is not None and agent.executors.find("fw", executor) is not None

    # what happens

    async def play(self) -> None:
        await self.world.started()
        steps = [self.launch, self.group, self.wait] * 2
        steps += [self.kill, self.finish, self.exit, self.disconnect, self.crash, self.end_executor]
        for _ in range(STEPS):
            step = self.rng.choice(steps)
            await step()
            await self.look_after_processes()
            await asyncio.sleep(0.002)
        await self.settle()

    def named(self, executor: str) -> str:
        self.number += 1
        name = f"{executor}-{self.number}"
        self.tasks[name] = executor
        return name

    async def launch(self) -> None:
        executor = self.rng.choice(CUSTOM)
        starts, info = not self.runs(executor), task(self.named(executor))
        await self.world.orchestrator.run_with(custom_executor(executor), info, FRAMEWORK, starts=starts)
        await self.taken([info])

    async def group(self) -> None:
        executor = self.rng.choice((*CUSTOM, *PLAYED))
        make = custom_executor if executor in CUSTOM else default_executor
        commands = [self.rng.choice(("exit 0", "exit 1", "sleep 9", "sleep 9")) for _ in range(2)]
        infos = [task(self.named(executor), command) for command in commands]
        starts = not self.runs(executor)
        await self.world.orchestrator.run_group(make(executor), infos, FRAMEWORK, starts=starts)
        await self.taken(infos)

    async def taken(self, infos: list[mesos.TaskInfo]) -> None:
        """A launch is not sent while another one is on its way, so that it is known who is to start what."""
        agent = self.world.agent
        assert agent is not None
        names = [info.task_id.value for info in infos]
        await self.world.orchestrator.until(
            lambda: all(agent.tasks.find("fw", name) or self.over(name) for name in names)
        )

    async def kill(self) -> None:
        if self.live:
            await self.world.orchestrator.kill_task(self.rng.choice(self.live))

    async def finish(self) -> None:
        """A task of a custom executor ends by itself."""
        process = self.some_process()
        agent = self.world.agent
        if process is None or agent is None or not process.connected:
            return
        running = [name for name in process.launched if name not in process.finished]
        if running:
            name = self.rng.choice(running)
            state = self.rng.choice((State.TASK_FINISHED, State.TASK_FAILED))
            with contextlib.suppress(StoreError, UnknownExecutor):
                await process.end(agent, name, state)

    async def exit(self) -> None:
        """Any container ends."""
        if self.world.host.running:
            self.world.host.end(self.rng.choice(self.world.host.running), self.rng.choice((0, 1, 137)))

    async def end_executor(self) -> None:
        shutdown = link.OrchestratorMessageShutdownExecutor(
            framework_id=mesos.FrameworkID(value="fw"),
            executor_id=mesos.ExecutorID(value=self.rng.choice((*CUSTOM, *PLAYED))),
        )
        await self.world.orchestrator.say(
            link.OrchestratorMessageType.SHUTDOWN_EXECUTOR, shutdown_executor=shutdown
        )

    async def disconnect(self) -> None:
        process = self.some_process()
        if process is not None and process.connected:
            process.disconnect()
            await asyncio.sleep(0)

    async def crash(self) -> None:
        """The agent dies, at once or at one of its next writes, and comes back."""
        store = self.world.store
        assert store is not None
        if self.rng.random() < 0.7:
            store.die_after(self.rng.randrange(6))
            await asyncio.sleep(0.01)
        store.die()  # whoever still speaks with the dead one is not heard
        await self.world.crash()
        await self.world.started()
        known = {each.task_id.value for each in self.world.orchestrator.registrations[-1].tasks}
        self.lost |= {name for name in self.live if name not in known}

    async def wait(self) -> None:
        await asyncio.sleep(self.rng.random() * 0.02)

    def some_process(self) -> ModelExecutor | None:
        alive = [self.processes[each] for each in self.world.host.running if each in self.processes]
        return self.rng.choice(alive) if alive else None

    async def look_after_processes(self) -> None:
        """Each container of a custom executor has a process in it, which subscribes when it is not."""
        agent = self.world.agent
        assert agent is not None
        for container_id in self.world.host.running:
            if container_id not in self.world.host.running:
                continue  # it has ended while another one subscribed
            name = self.world.host.containers[container_id].spec.labels.get("orlop.executor")
            if name not in CUSTOM:
                continue
            process = self.processes.get(container_id) or self.born(container_id, name)
            if process.shut_down.is_set():
                self.world.host.end(container_id, 0)
            elif not process.connected:
                with contextlib.suppress(UnknownExecutor, StoreError, TimeoutError):
                    async with asyncio.timeout(0.5):
                        await process.subscribe(agent)

    def born(self, container_id: str, name: str) -> ModelExecutor:
        process = self.processes[container_id] = ModelExecutor(name, first=1000 * len(self.processes))
        process.alive = lambda: container_id in self.world.host.running
        return process

    async def settle(self) -> None:
        """Everything is ended in good order."""
        world = self.world
        for executor in (*CUSTOM, *PLAYED):
            shutdown = link.OrchestratorMessageShutdownExecutor(
                framework_id=mesos.FrameworkID(value="fw"), executor_id=mesos.ExecutorID(value=executor)
            )
            await world.orchestrator.say(
                link.OrchestratorMessageType.SHUTDOWN_EXECUTOR, shutdown_executor=shutdown
            )
        agent = world.agent
        assert agent is not None
        async with asyncio.timeout(10):
            while len(agent.tasks) or len(agent.executors) or self.live:
                await self.look_after_processes()
                await asyncio.sleep(0.005)

    # what must hold

    def check(self) -> None:
        assert self.world.host.containers == {}, "no container is left"
        launched = self.world.host.launched
        assert len(launched) == len(set(launched)), "no container was started twice"
        handed = [name for process in self.processes.values() for name in process.launched]
        assert len(handed) == len(set(handed)), "no task was handed over twice"
        assert not [fault for process in self.processes.values() for fault in process.faults]
        for name in self.tasks:
            if name not in self.lost:
                self.check_told(name)

    def check_told(self, name: str) -> None:
        durable = [each for each in self.world.orchestrator.statuses(name) if isinstance(each.uuid, bytes)]
        states = [each.state.value for each in durable]
        ends = [state for state in states if state in TERMINAL]
        told = self.world.orchestrator.states(name)
        assert len(ends) <= 1, f"{name} has ended more than once: {states}"
        assert not ends or states[-1] == ends[0], f"{name} goes on after its end: {states}"
        assert TERMINAL & set(told), f"{name} has no end: {told}"

    async def close(self) -> None:
        for process in self.processes.values():
            await process.stop()
        await self.world.close()


class EndsEarly(ModelExecutor):
    """The second task of its group has failed before it comes to say that it runs."""

    async def say(self, agent: Agent, task_id: str, state: State, **fields: object) -> mesos.TaskStatus:
        status = await super().say(agent, task_id, state, **fields)
        if task_id == "a" and state is State.TASK_RUNNING:
            await self.end(agent, "b", State.TASK_FAILED)
        return status


async def test_a_process_says_nothing_of_a_task_of_a_group_after_its_end(world: World) -> None:
    process = EndsEarly()
    agent = await world.started()
    try:
        await world.orchestrator.run_group(custom_executor(), [task("a"), task("b")], FRAMEWORK)
        await process.keep_subscribed(agent)
        await world.orchestrator.until(lambda: "TASK_FAILED" in world.orchestrator.states("b"))
        await world.orchestrator.until(lambda: process.faults or not process.updates)
        assert process.faults == [] and process.connected
        assert process.launched == ["a", "b"]
        assert world.orchestrator.states("b") == ["TASK_FAILED"], "its first word is its last"
        assert world.orchestrator.states("a") == ["TASK_RUNNING"], "a group is its executor's affair"
    finally:
        await process.stop()


@pytest.mark.parametrize("seed", range(STORMS))
async def test_a_storm(tmp_path: Path, seed: int) -> None:
    storm = Storm(tmp_path, seed)
    try:
        await storm.play()
        storm.check()
    finally:
        await storm.close()
