"""`orlop agent`: the composition root. Everything is built here and in cli.agent_storage, nowhere else."""

from __future__ import annotations

import asyncio
import logging
import random  # noqa: TID251 - composition root
import socket
from importlib import metadata
from pathlib import Path
from typing import Final

from agent import schema
from agent.daemon import Agent, AgentConfig, AgentParts, Service
from agent.files import TaskFiles
from agent.link_stream import StreamConnector
from agent.operator_api import OperatorApi
from agent.operator_calls import OperatorCalls
from agent.root_volumes import RootVolumes
from agent.sandbox import Sandboxes
from agent.shared_mounts import SharedMounts
from agent.standalone import StandaloneContainers
from api.model.clock import SystemClock
from api.model.ids import RandomIds
from cli.agent_storage import LateHost, Storage, fresh_schema
from cli.containerizers import choose
from cli.daemon import Started, serve, start_logging, warn_if_open
from cli.daemon_settings import AgentSettings
from cli.failures import USAGE, CommandFailed
from provider.manager.manager import ResourceProviderManager
from store.sqlite import SqliteStore

DATABASE: Final = "agent.db"
END_SECONDS: Final = 25.0
"""For tasks to end and volumes to be released at a clean end; the next start goes on with what is left."""
BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
MOUNT_NAMESPACE: Final = Path("/proc/self/ns/mnt")

log = logging.getLogger(__name__)


def run(settings: AgentSettings) -> int:
    """Serve until SIGTERM or SIGINT; the exit status."""
    start_logging(settings.log_level, settings.log_file)
    warn_if_open("the HTTP API", settings.address)
    return serve(lambda started: _main(settings, started))


async def _main(settings: AgentSettings, started: Started) -> None:
    work_dir = settings.work_dir.absolute()
    work_dir.mkdir(parents=True, exist_ok=True)
    tables = fresh_schema(schema.metadata)
    store = SqliteStore.open(work_dir / DATABASE, tables.metadata, schema.SCHEMA_VERSION)
    try:
        clock, ids, rng = SystemClock(), RandomIds(), random.Random()
        containerizer = await choose(settings.containerizer, work_dir, settings.runtime, clock)
        sandboxes = Sandboxes(work_dir / "sandboxes", clock)
        standalone = StandaloneContainers(store, containerizer, sandboxes, SharedMounts())
        host = LateHost()
        manager = ResourceProviderManager(store, tables.registry, ids, host, host.fail)
        services: list[Service] = []
        parts = AgentParts(
            store=store,
            containerizer=containerizer,
            connector=StreamConnector(*_host_and_port(settings.orchestrator)),
            manager=manager,
            directories=RootVolumes(work_dir),
            sandboxes=sandboxes,
            standalone=standalone,
            clock=clock,
            ids=ids,
            rng=rng,
            services=services,
        )
        agent = Agent(_config(settings), parts)
        host.bind(agent)
        storage = Storage(
            settings, work_dir, boot_id(), store, tables, standalone, manager, agent, clock, ids, rng
        )
        calls = OperatorCalls(
            agent, containerizer, TaskFiles(sandboxes, agent.tasks), standalone, metadata.version("orlop")
        )
        services += [OperatorApi(agent, calls, settings.address, settings.port), *storage.services]
        await _serve(agent, storage, settings, started)
    finally:
        await store.close()


async def _serve(agent: Agent, storage: Storage, settings: AgentSettings, started: Started) -> None:
    try:
        try:
            await agent.start()
        except OSError as error:
            raise CommandFailed(f"the agent cannot start: {error}") from error
        started()
        await agent.failed()
    except asyncio.CancelledError:
        if settings.end_containers:
            await _end_everything(agent, storage)
        raise
    finally:
        await agent.stop()


async def _end_everything(agent: Agent, storage: Storage) -> None:
    """Leave no container and no mount behind; the volumes stay."""
    try:
        async with asyncio.timeout(END_SECONDS):
            await agent.end_containers()
            await storage.released()
            await storage.end_plugin()
    except TimeoutError:
        log.error("not everything had ended after %.0f s: the next start goes on with it", END_SECONDS)


def _config(settings: AgentSettings) -> AgentConfig:
    return AgentConfig(
        hostname=settings.hostname or socket.gethostname(),
        advertised_host=settings.address,
        port=settings.port,
        version=metadata.version("orlop"),
        boot_id=boot_id(),
    )


def boot_id() -> str:
    """Another one whenever the mounts of an earlier life are gone: after a boot, in a new mount namespace."""
    return f"{BOOT_ID.read_text().strip()} {MOUNT_NAMESPACE.readlink()}"


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise CommandFailed(f"--orchestrator: {text!r} is not HOST:PORT", USAGE)
    return host.strip("[]"), int(port)
