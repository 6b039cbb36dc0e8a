"""`orlop agent`: the composition root. Everything is built here and in cli.agent_storage, nowhere else."""

from __future__ import annotations

import asyncio
import logging
import random  # noqa: TID251 - composition root
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from importlib import metadata
from pathlib import Path
from typing import Final

from msgspec import UNSET

from agent import schema
from agent.addresses import parsed
from agent.containers.departure import in_the_way
from agent.containers.edge import ContainerEdge
from agent.containers.keeper import OperatorContainers
from agent.containers.parts import ContainerParts
from agent.daemon import Agent, AgentConfig, AgentParts, Failure, Service
from agent.devices.calls import DeviceCalls
from agent.devices.findings import DiskFindings
from agent.devices.keeper import DeviceKeeper
from agent.devices.metrics import DeviceMetrics
from agent.draining import DrainParts
from agent.executors.spec import ExecutorLimits
from agent.fetch.fetcher import Fetcher
from agent.fetch.host_files import HostFiles
from agent.host.detection import boot_id, host_resources
from agent.host.displacement import Displacement
from agent.host.shared_mounts import SharedMounts
from agent.images.pending import Pending
from agent.link_stream import StreamConnector
from agent.operator_api import CallGroup, OperatorApi
from agent.operator_calls import OperatorCalls
from agent.pages.daemon_calls import DaemonCalls
from agent.pages.files import ServedFiles
from agent.pages.mesos_metrics import MesosMetrics
from agent.pages.pages import Pages
from agent.providers.api import ProviderApi, ProviderApiLimits
from agent.providers.at_rest import ProvidersAtRest
from agent.providers.calls import ProviderCalls
from agent.providers.config_calls import ConfigCalls
from agent.providers.config_metrics import ConfigMetrics
from agent.providers.manager_metrics import ManagerMetrics
from agent.providers.metrics import ProviderMetrics
from agent.providers.plugin_containers import PluginContainerKeeper
from agent.providers.providers import Providers
from agent.reconfiguration_calls import ReconfigurationCalls
from agent.sandboxes.files import TaskFiles
from agent.sandboxes.ownership import owner_of
from agent.sandboxes.quota import SandboxQuota
from agent.sandboxes.root_volumes import RootVolumes
from agent.sandboxes.sandbox import Sandboxes
from agent.sandboxes.work_space import SpaceLimits, WorkSpace
from api.model.clock import SystemClock
from api.model.ids import RandomIds
from api.wire.codec import make_ready
from api.wire.fault_domain import fault_domain
from api.wire.v1 import agent as agent_api
from api.wire.v1 import executor
from cli.agent_configuration import accepted, check, wanted
from cli.agent_devices import DiskParts, device_keeper, leave_disks, lives_of_disks
from cli.agent_history import history_of
from cli.agent_images import SETTINGS as image_settings
from cli.agent_images import AgentImages
from cli.agent_places import AgentPlaces
from cli.agent_reload import Applier, Reload
from cli.agent_settings import AgentSettings
from cli.agent_storage import Storage, StorageParts, resend_of
from cli.containerizers import started as started_containerizer
from cli.daemon import (
    Started,
    address_for_others,
    held,
    rereading,
    serve,
    start_logging,
    warn_if_open,
)
from cli.failures import CommandFailed
from cli.process import DaemonProcess
from cli.work_dir import work_dir_lock
from provider.manager.manager import ResourceProviderManager
from provider.own import OwnConfig, OwnParts, OwnResources
from store.sqlite import SqliteStore

DATABASE: Final = "agent.db"
END_SECONDS: Final = 25.0
"""For tasks to end and volumes to be released at a clean end; the next start goes on with what is left."""
MOUNT_NAMESPACE: Final = Path("/proc/self/ns/mnt")

log = logging.getLogger(__name__)


def run(settings: AgentSettings, again: Callable[[], AgentSettings]) -> int:
    """Serve until SIGTERM or SIGINT; the exit status. `again` reads the settings anew."""
    if settings.check_config:
        return check(settings)
    start_logging(settings.log_level, settings.log_file)
    warn_if_open("the HTTP API", settings.address)
    make_ready(agent_api.Call, executor.Call)
    return serve(lambda started: _main(settings, again, started))


async def _main(settings: AgentSettings, again: Callable[[], AgentSettings], started: Started) -> None:
    work_dir = settings.work_dir.absolute()
    (host, port), *others = map(parsed, settings.orchestrator)
    connector = StreamConnector(host, port, others)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(held(work_dir_lock(work_dir, "agent")))
        store = SqliteStore.open(work_dir / DATABASE, schema.metadata, schema.SCHEMA_VERSION)
        stack.push_async_callback(store.close)
        await accepted(store, settings)
        clock, ids, rng = SystemClock(), RandomIds(), random.Random()
        images = AgentImages(settings, store, clock)
        choice = await started_containerizer(
            settings.containerizer, work_dir, settings.runtime, clock, ids, images.ports
        )
        containerizer = choice.containerizer
        stack.push_async_callback(containerizer.close)
        space = WorkSpace(work_dir, SpaceLimits(min_free_bytes=settings.min_free))
        sandboxes = Sandboxes(
            work_dir / "sandboxes", clock, max_age=settings.sandbox_age, leniency=space.leniency
        )
        plugins = PluginContainerKeeper(store, containerizer, sandboxes, SharedMounts())
        failure = Failure()
        containers = OperatorContainers(
            ContainerParts(
                store, containerizer, sandboxes, clock, ids, owner_of, failure.fail, boot_id=boot_id()
            )
        )
        metrics = ProviderMetrics()
        providers, directories = Providers(), RootVolumes(work_dir)
        manager = ResourceProviderManager(store, schema.registry, ids, providers, failure.fail)
        own = OwnResources(
            OwnConfig(
                tuple(host_resources(work_dir, wanted(settings))),
                resend_of(settings),
            ),
            OwnParts(
                store,
                schema.own_resources,
                providers,
                directories,
                clock,
                ids,
                rng,
                failure.fail,
                metrics.observer("agent", "own"),
            ),
        )
        providers.connect(own, manager)
        places = AgentPlaces(work_dir, settings.hostname or socket.gethostname())
        storage = Storage(
            StorageParts(
                settings,
                work_dir,
                places,
                _mounts_id(),
                plugins,
                manager,
                metrics,
                clock,
                ids,
                rng,
                lambda: lives_of_disks(store),
            )
        )
        services: list[Service] = []
        host_files = HostFiles(_private(settings, work_dir), settings.fetch_from)
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
            clock=clock,
            ids=ids,
            rng=rng,
            services=services,
            fetcher=Fetcher(host_files),
            room=space.lacking,
            hidden=tuple(path.resolve() for path in _private(settings, work_dir)),
            drain=DrainParts(
                ProvidersAtRest(manager, providers, lambda each: manager.absences.why(each, "") != ""),
                lambda: in_the_way(containers.records),
                lambda: leave_disks(devices, storage.providers.shut_down),
            ),
            findings=lambda: [*disk_findings.told, *history.told],
        )
        agent = Agent(_config(settings), parts)
        process = DaemonProcess(lambda: reload.settings)
        files = ServedFiles(TaskFiles(sandboxes, agent.tasks, agent.executors, containers), process)
        numbers = MesosMetrics(agent, process, clock)
        calls = OperatorCalls(agent, containerizer, files, metadata.version("orlop"))
        container_edge = ContainerEdge(
            containers, agent.tasks, agent.executors, plugins, containerizer, sandboxes, clock
        )
        provider_limits = ProviderApiLimits(heartbeat_seconds=settings.provider_heartbeat)
        provider_api = ProviderApi(manager, ids, provider_limits)
        history = history_of(settings, work_dir, store, agent, own, containers, directories, failure.fail)
        displacement = Displacement(own, agent.tasks, agent.executors)
        quota = SandboxQuota(agent.tasks, agent.executors, containers, settings.enforce_disk_interval)
        disk_parts = DiskParts(
            settings,
            work_dir,
            store,
            storage.providers,
            manager,
            agent.tasks,
            clock,
            ids,
            failure.fail,
            lambda: agent.draining.gone_for,
        )
        devices = device_keeper(disk_parts)
        disk_findings = DiskFindings(lambda: devices.last_rows, agent.tell)
        pending = Pending(
            lambda: agent.tasks.records,
            lambda: agent.executors.records,
            lambda: containers.records,
            lambda: [each.info for each in storage.providers.states() if each.info is not None],
        )
        images.keep(choice.images, pending, failure.fail)

        async def reread() -> None:
            await storage.providers.reread()
            await devices.reread()

        reload = Reload(
            settings,
            again,
            store,
            work_dir,
            own,
            agent,
            displacement,
            [
                Applier(("log_level",), lambda new: process.reconfigured()),
                Applier(("sandbox_age",), lambda new: sandboxes.keep_for(new.sandbox_age)),
                Applier(
                    ("enforce_disk_interval",), lambda new: quota.measure_every(new.enforce_disk_interval)
                ),
                Applier(("min_free",), lambda new: space.limit(SpaceLimits(min_free_bytes=new.min_free))),
                Applier(("fetch_from",), lambda new: host_files.allow(new.fetch_from)),
                Applier(image_settings, images.configure),
            ],
            reread,
        )
        groups: list[CallGroup] = [
            ProviderCalls(providers, manager),
            ConfigCalls(storage.providers),
            ReconfigurationCalls(reload),
            DeviceCalls(devices),
            DaemonCalls(process, numbers),
            images.calls,
        ]
        edge = OperatorApi(
            agent,
            calls,
            container_edge,
            provider_api,
            groups,
            settings.address,
            settings.port,
            pages=Pages(agent, files, numbers, process, clock, metadata.version("orlop")),
            metrics=[
                metrics,
                ManagerMetrics(manager),
                ConfigMetrics(storage.providers),
                DeviceMetrics(devices),
                *images.metrics,
            ],
        )
        services += [history, own, displacement, manager, storage.providers, devices, containers, edge]
        services += [disk_findings, *images.services]
        if settings.enforce_disk:
            services.append(quota)
        await _serve(agent, failure, containers, storage, devices, reload, started)


async def _serve(
    agent: Agent,
    failure: Failure,
    containers: OperatorContainers,
    storage: Storage,
    devices: DeviceKeeper,
    reload: Reload,
    started: Started,
) -> None:
    try:
        with rereading(reload.signalled):
            try:
                await agent.start()
            except OSError as error:
                raise CommandFailed(f"the agent cannot start: {error}") from error
            started()
            reload.serve()
            await failure.wait()
    except asyncio.CancelledError:
        if reload.settings.end_containers:
            await _end_everything(agent, containers, storage, devices)
        raise
    finally:
        await agent.stop()


async def _end_everything(
    agent: Agent, containers: OperatorContainers, storage: Storage, devices: DeviceKeeper
) -> None:
    """Leave no container and no mount behind; the volumes stay."""
    try:
        async with asyncio.timeout(END_SECONDS):
            await asyncio.gather(agent.end_containers(), containers.end_all())
            await storage.released()
            await storage.end_plugins()
            await devices.unmounted()
    except TimeoutError:
        log.error("not everything had ended after %.0f s: the next start goes on with it", END_SECONDS)


def _private(settings: AgentSettings, work_dir: Path) -> list[Path]:
    """What no task's URI may name: what the agent and its plugins keep."""
    return [work_dir] if settings.pool is None else [work_dir, settings.pool]


def _config(settings: AgentSettings) -> AgentConfig:
    return AgentConfig(
        hostname=settings.hostname or socket.gethostname(),
        advertised_host=address_for_others(settings.address),
        port=settings.port,
        version=metadata.version("orlop"),
        boot_id=boot_id(),
        attributes=settings.attributes,
        domain=fault_domain(*settings.fault_domain) if settings.fault_domain else UNSET,
        resend=resend_of(settings),
        executors=ExecutorLimits(
            registration_timeout=settings.executor_registration,
            reregistration_timeout=settings.executor_reregistration,
        ),
    )


def _mounts_id() -> str:
    """Another one whenever the mounts of an earlier life are gone: after a boot, in a new mount namespace."""
    return f"{boot_id()} {MOUNT_NAMESPACE.readlink()}"
