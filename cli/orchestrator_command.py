"""`orlop orchestrator`: the composition root. Everything is built here and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random  # noqa: TID251 - composition root
from collections.abc import AsyncIterator
from dataclasses import replace
from importlib import metadata
from typing import Final

from msgspec import UNSET

from api.model.clock import SystemClock
from api.model.ids import RandomIds
from api.wire.fault_domain import fault_domain
from cli.daemon import (
    Started,
    address_for_others,
    held,
    rereading,
    serve,
    start_logging,
    warn_if_open,
)
from cli.daemon_settings import OrchestratorSettings
from cli.failures import CommandFailed
from cli.process import DaemonProcess
from cli.whitelist import Whitelist
from orchestrator import schema
from orchestrator.daemon import Orchestrator, OrchestratorConfig
from orchestrator.edges import build_http_server
from orchestrator.front import Front
from orchestrator.http import HttpServer
from store.port import Store, StoreFailed
from store.sqlite import SqliteStore

DATABASE: Final = "orchestrator.db"
SHUTDOWN_SECONDS: Final = 2.0
"""For requests that are being answered when the orchestrator is told to stop."""

log = logging.getLogger(__name__)


def run(settings: OrchestratorSettings) -> int:
    """Serve until SIGTERM or SIGINT; the exit status."""
    start_logging(settings.log_level, settings.log_file)
    warn_if_open("the HTTP API", settings.address)
    warn_if_open("the agents' link", settings.link_address)
    return serve(lambda started: _main(settings, started))


async def _main(settings: OrchestratorSettings, started: Started) -> None:
    async with held(settings.work_dir.absolute(), "orchestrator"):
        store = SqliteStore.open(settings.work_dir / DATABASE, schema.metadata, schema.SCHEMA_VERSION)
        try:
            await _lead(settings, store, started)
        finally:
            await store.close()


async def _lead(settings: OrchestratorSettings, store: Store, started: Started) -> None:
    orchestrator = await Orchestrator.lead(
        _config(settings), store, SystemClock(), RandomIds(), random.Random()
    )
    server = http_server(orchestrator, DaemonProcess(lambda: settings))
    front = Front(dict)
    try:
        async with _whitelisted(settings, orchestrator):
            await _listen(orchestrator, server, front, settings)
            started()
            error = await orchestrator.failed
            raise StoreFailed(f"the orchestrator cannot go on, start it again: {error}") from error
    finally:
        server.end_streams()
        await front.stop()
        await server.close()
        await orchestrator.stop()


def _config(settings: OrchestratorSettings) -> OrchestratorConfig:
    config = OrchestratorConfig(
        allocation_interval=settings.allocation_interval,
        offer_timeout=settings.offer_timeout,
        fair_sharing_excluded=settings.fair_sharing_excluded,
        filter_gpu_resources=settings.filter_gpu_resources,
        domain=fault_domain(*settings.fault_domain) if settings.fault_domain else UNSET,
        recovery_share=settings.recovery_share,
        recovery_seconds=settings.recovery_seconds,
        unreachable_after=settings.agent_unreachable_after,
        reregister_timeout=settings.agent_reregister_timeout,
    )
    if settings.min_allocatable is None:
        return config
    return replace(config, min_allocatable=settings.min_allocatable)


@contextlib.asynccontextmanager
async def _whitelisted(settings: OrchestratorSettings, orchestrator: Orchestrator) -> AsyncIterator[None]:
    """Offers are made only where the whitelist says, while this lasts. Raises CommandFailed."""
    if settings.whitelist is None:
        yield
        return
    whitelist = Whitelist(settings.whitelist, orchestrator.allocator.set_whitelist)
    whitelist.begin()
    following = asyncio.create_task(whitelist.follow(), name="whitelist")
    try:
        with rereading(whitelist.reread):
            yield
    finally:
        following.cancel()


async def _listen(
    orchestrator: Orchestrator, server: HttpServer, front: Front, settings: OrchestratorSettings
) -> None:
    """Agents first: who reads the API at once finds them."""
    try:
        link_port = await orchestrator.agent_link.start(settings.link_address, settings.link_port)
        ip, port = await front.start(settings.address, settings.port)
        told = address_for_others(settings.address)
        orchestrator.identity.listens_at(ip if told == settings.address else told, port)
        server.open()
        front.serve(server)
    except OSError as error:
        raise CommandFailed(
            f"cannot listen: {error}; name other ports with --port and --link-port"
        ) from error
    log.info("serving on %s:%d, agents dial %s:%d", settings.address, port, settings.link_address, link_port)


def http_server(orchestrator: Orchestrator, process: DaemonProcess) -> HttpServer:
    """The HTTP edges of one orchestrator."""
    return build_http_server(
        state=orchestrator.state,
        sessions=orchestrator.framework_sessions,
        ledger=orchestrator.ledger,
        journal=orchestrator.journal,
        allocator=orchestrator.allocator,
        offers=orchestrator.offers,
        operations=orchestrator.operations,
        tasks=orchestrator.tasks,
        executors=orchestrator.executors,
        acceptance=orchestrator.acceptance,
        frameworks=orchestrator.frameworks,
        provisioning=orchestrator.provisioning,
        standings=orchestrator.standings,
        interventions=orchestrator.interventions,
        machines=orchestrator.machines,
        draining=orchestrator.draining,
        inverse_offers=orchestrator.inverse_offers,
        adoptions=orchestrator.adoptions,
        expansion=orchestrator.expansion,
        reservations=orchestrator.reservations,
        quotas=orchestrator.quotas,
        weights=orchestrator.weights,
        clock=orchestrator.clock,
        ids=orchestrator.ids,
        heartbeat_interval=orchestrator.config.scheduler_heartbeat,
        product_version=metadata.version("orlop"),
        identity=orchestrator.identity,
        process=process,
    )
