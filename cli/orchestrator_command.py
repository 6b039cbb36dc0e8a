"""`orlop orchestrator`: the composition root. What leading is, is put together in cli.leadership."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import random  # noqa: TID251 - composition root
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from importlib import metadata

from msgspec import UNSET

from api.model.clock import SystemClock
from api.model.ids import RandomIds
from api.wire.codec import make_ready
from api.wire.fault_domain import fault_domain
from api.wire.v1 import master, scheduler
from cli import whitelist
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
from cli.descriptors import for_links, raised
from cli.failures import USAGE, CommandFailed
from cli.leadership import Leading, Registries, health
from cli.process import DaemonProcess
from cli.registry_marker import Marker
from cli.registry_opening import opened
from cli.registry_place import database_of, registry_of
from cli.work_dir import registry_lock, work_dir_lock
from orchestrator.agent_link import CONNECTIONS_LIMIT
from orchestrator.candidacy import Candidacy
from orchestrator.daemon import OrchestratorConfig
from orchestrator.front import Front
from orchestrator.lease import Candidate
from orchestrator.link_front import LinkFront
from orchestrator.standby.standby import Standby
from orchestrator.version import Identity
from store.registry import is_shared

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ports:
    """Where this process listens, as others dial it."""

    host: str
    http_port: int
    link_host: str
    link_port: int


def run(settings: OrchestratorSettings) -> int:
    """Serve until SIGTERM or SIGINT; the exit status."""
    start_logging(settings.log_level, settings.log_file)
    warn_if_open("the HTTP API", settings.address)
    warn_if_open("the agents' link", settings.link_address)
    make_ready(scheduler.Call, master.Call)
    return serve(lambda started: _main(settings, started))


async def _main(settings: OrchestratorSettings, started: Started) -> None:
    if settings.whitelist is not None:
        _readable(settings)
    links = for_links(raised(), CONNECTIONS_LIMIT)
    config, url, clock, ids = _config(settings, links), registry_of(settings), SystemClock(), RandomIds()
    identity = Identity(str(ids.uuid()), config.domain)
    candidacy: Candidacy | None = None  # until it listens
    leading: Leading | None = None
    async with AsyncExitStack() as stack:
        work_dir, database = settings.work_dir.absolute(), database_of(url)
        await stack.enter_async_context(held(work_dir_lock(work_dir, "orchestrator")))
        if database is not None:
            await stack.enter_async_context(held(registry_lock(database.absolute())))
        front, link_front = Front(lambda: health(candidacy, leading)), LinkFront(links)
        ports = await _listen(front, link_front, settings, stack)
        ip = await _ip(ports.host)
        identity.listens_at(ip, ports.http_port, ports.host)
        if is_shared(url):
            for host in {ip, await _ip(ports.link_host)}:
                _warn_if_near(host)
        candidate, process = _candidate(ports), DaemonProcess(lambda: settings)
        registries = Registries(
            lambda: opened(url),
            Marker(settings.work_dir, str(url), database),
            candidate,
            clock,
            ids,
            settings.lease_seconds,
        )
        stack.push_async_callback(registries.close)
        standby = Standby(candidate.name, clock, process, metadata.version("orlop"))
        standby.open(candidate.http)
        stack.push_async_callback(standby.close)
        leading = Leading(
            config,
            front,
            link_front,
            standby,
            identity,
            process,
            clock,
            ids,
            random.Random(),
            registries,
            candidate.http,
            settings.whitelist,
            started,
        )
        stack.push_async_callback(leading.closed)
        if settings.whitelist is not None:
            stack.enter_context(rereading(leading.reread))
        candidacy = Candidacy(registries.open, leading.lead, clock, random.Random(), leading.told)
        await candidacy.run()


def _readable(settings: OrchestratorSettings) -> None:
    """A standby, too, says at once that its whitelist cannot be read. Raises CommandFailed."""
    assert settings.whitelist is not None
    try:
        whitelist.read(settings.whitelist)
    except (OSError, ValueError) as error:
        raise CommandFailed(f"--whitelist: {error}", USAGE) from error


def _config(settings: OrchestratorSettings, links: int) -> OrchestratorConfig:
    config = OrchestratorConfig(
        allocation_interval=settings.allocation_interval,
        offer_timeout=settings.offer_timeout,
        fair_sharing_excluded=settings.fair_sharing_excluded,
        filter_gpu_resources=settings.filter_gpu_resources,
        domain=fault_domain(*settings.fault_domain) if settings.fault_domain else UNSET,
        recovery_share=settings.recovery_share,
        recovery_seconds=settings.recovery_seconds,
        operations_kept=settings.operations_kept,
        operations_kept_days=settings.operations_kept_days,
        unreachable_after=settings.agent_unreachable_after,
        reregister_timeout=settings.agent_reregister_timeout,
        agent_connections=links,
    )
    if settings.min_allocatable is None:
        return config
    return replace(config, min_allocatable=settings.min_allocatable)


async def _listen(
    front: Front, link_front: LinkFront, settings: OrchestratorSettings, stack: AsyncExitStack
) -> Ports:
    """Raises CommandFailed."""
    try:
        link_port = await link_front.start(settings.link_address, settings.link_port)
        stack.callback(link_front.stop)
        ip, port = await front.start(settings.address, settings.port)
        stack.push_async_callback(front.stop)
    except OSError as error:
        raise CommandFailed(
            f"cannot listen: {error}; name other ports with --port and --link-port"
        ) from error
    log.info("serving on %s:%d, agents dial %s:%d", settings.address, port, settings.link_address, link_port)
    told = settings.advertise_address or _reached_at(settings.address, ip)
    link_told = settings.advertise_address or _reached_at(settings.link_address, settings.link_address)
    return Ports(told, port, link_told, link_port)


def _reached_at(address: str, bound: str) -> str:
    told = address_for_others(address)
    return bound if told == address else told


def _warn_if_near(host: str) -> None:
    if ipaddress.ip_address(host).is_loopback:
        log.warning(
            "others are told that this orchestrator is at %s: who is on another host does not reach it there"
            " (--advertise-address, --address, --link-address)",
            host,
        )


async def _ip(host: str) -> str:
    """Raises CommandFailed: others would not find it either."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CommandFailed(f"--advertise-address: {host}: {error.strerror}", USAGE) from error
    return str(found[0][4][0])


def _candidate(ports: Ports) -> Candidate:
    return Candidate(
        socket.gethostname(),
        f"{_bracketed(ports.host)}:{ports.http_port}",
        f"{_bracketed(ports.link_host)}:{ports.link_port}",
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
