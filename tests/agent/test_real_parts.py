"""One agent on real parts: processes, a database on disk, a socket. Few and short: models have the rest."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from agent import schema
from agent.connection import Connector
from agent.containerizer.process import ProcessContainerizer
from agent.daemon import Agent, AgentConfig, AgentParts, Failure
from agent.host.detection import Wanted, host_resources
from agent.host.shared_mounts import SharedMounts
from agent.link_stream import StreamConnection, StreamConnector
from agent.providers.plugin_containers import PluginContainerKeeper
from agent.providers.providers import Providers
from agent.sandboxes.files import TaskFiles
from agent.sandboxes.root_volumes import RootVolumes
from agent.sandboxes.sandbox import Sandboxes
from api.model.clock import SystemClock
from api.model.ids import RandomIds
from provider.manager.manager import ResourceProviderManager
from provider.own import OwnConfig, OwnParts, OwnResources
from store.sqlite import SqliteStore
from tests.agent.model_orchestrator import ModelOrchestrator
from tests.agent.world import FAST_LINK, FRAMEWORK, container_edge, operator_containers, task

CLOCK, IDS = SystemClock(), RandomIds()


@dataclass
class Running:
    agent: Agent
    files: TaskFiles


@asynccontextmanager
async def orchestrator() -> AsyncIterator[tuple[ModelOrchestrator, Connector]]:
    model = ModelOrchestrator()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        model.accept(StreamConnection(reader, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield model, StreamConnector(*server.sockets[0].getsockname()[:2])
    finally:
        await model.stop()
        server.close()


@asynccontextmanager
async def agent_on(work_dir: Path, connector: Connector) -> AsyncIterator[Running]:
    """An agent as a composition root builds it; leaving it is a stop, and its containers go on."""
    store = SqliteStore.open(work_dir / "agent.db", schema.metadata, schema.SCHEMA_VERSION)
    containerizer = ProcessContainerizer(work_dir, CLOCK)
    await containerizer.start()
    sandboxes = Sandboxes(work_dir / "sandboxes", CLOCK)
    plugins = PluginContainerKeeper(store, containerizer, sandboxes, SharedMounts())
    directories, providers, failure = RootVolumes(work_dir), Providers(), Failure()
    containers = operator_containers(store, containerizer, sandboxes, CLOCK, IDS, failure)
    manager = ResourceProviderManager(store, schema.registry, IDS, providers, failure.fail)
    configured = OwnConfig(tuple(host_resources(work_dir, Wanted(cpus=2.0))))
    own = OwnResources(
        configured,
        OwnParts(
            store=store,
            tables=schema.own_resources,
            host=providers,
            volumes=directories,
            clock=CLOCK,
            ids=IDS,
            random=random.Random(1),
            failed=failure.fail,
        ),
    )
    providers.connect(own, manager)
    parts = AgentParts(
        store=store,
        containerizer=containerizer,
        connector=connector,
        manager=manager,
        own=own,
        providers=providers,
        failure=failure,
        directories=directories,
        sandboxes=sandboxes,
        keepers=[plugins, containers],
        clock=CLOCK,
        ids=IDS,
        rng=random.Random(2),
        services=(own, manager, containers),
    )
    agent = Agent(AgentConfig("host-1", link=FAST_LINK), parts)
    container_edge(agent, containers, plugins, containerizer, sandboxes)
    try:
        await agent.start()
        yield Running(agent, TaskFiles(sandboxes, agent.tasks, agent.executors, containers))
    finally:
        await agent.stop()
        await containerizer.close()
        await store.close()


async def test_a_command_that_exits_while_the_agent_is_down_is_told_with_its_status(tmp_path: Path) -> None:
    async with orchestrator() as (model, connector):
        async with agent_on(tmp_path, connector):
            await model.until(lambda: model.registrations)
            gate = tmp_path / "gate"
            command = f"echo hello; while ! test -e {gate}; do sleep 0.02; done; echo done; exit 7"
            await model.run_task(task("t1", command), FRAMEWORK)
            await model.until(lambda: "TASK_RUNNING" in model.states("t1"), patience=20)
        gate.touch()
        await asyncio.sleep(0.3)
        assert model.states("t1") == ["TASK_RUNNING"]
        async with agent_on(tmp_path, connector) as running:
            await model.until(lambda: "TASK_FAILED" in model.states("t1"), patience=20)
            assert model.statuses("t1")[-1].message == "the command exited with status 7"
            await model.until(lambda: len(running.agent.tasks) == 0)
            output = running.files.read("/frameworks/fw/tasks/t1/stdout", 0, None)
            assert output.data == b"hello\ndone\n"


async def test_a_kill_ends_real_processes(tmp_path: Path) -> None:
    async with orchestrator() as (model, connector), agent_on(tmp_path, connector) as running:
        await model.until(lambda: model.registrations)
        await model.run_task(task("t1", "trap '' TERM; echo up; while :; do sleep 0.02; done"), FRAMEWORK)
        await model.until(lambda: "TASK_RUNNING" in model.states("t1"), patience=20)
        await model.kill_task("t1", grace=0.1)
        await model.until(lambda: "TASK_KILLED" in model.states("t1"), patience=20)
        assert "SIGKILL" in str(model.statuses("t1")[-1].message)
        await model.until(lambda: len(running.agent.tasks) == 0)
