"""One agent in a world of models, which can be crashed and started again on what survives.

What survives a crash: the store's disk, the host with its containers, the volumes published by the
model manager, the orchestrator.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from agent import schema
from agent.connection import Connector
from agent.containerizer.interface import Bind, Containerizer
from agent.containerizer.late_volumes import LateVolumeRefused, Running
from agent.containers.edge import ContainerEdge
from agent.containers.keeper import OperatorContainers
from agent.containers.parts import ContainerParts
from agent.daemon import Agent, AgentConfig, AgentParts, Failure
from agent.draining import DrainParts
from agent.executors.spec import ExecutorLimits
from agent.link import LinkLimits
from agent.pages.files import ServedFiles
from agent.pages.mesos_metrics import MesosMetrics
from agent.pages.pages import Pages
from agent.providers.plugin_containers import PluginContainerKeeper
from agent.providers.providers import Providers
from agent.sandboxes.files import TaskFiles
from agent.sandboxes.ownership import owner_of
from agent.sandboxes.root_volumes import RootVolumes
from agent.sandboxes.sandbox import Sandboxes
from agent.tasks.parts import Fetcher, NoFetcher, TaskLimits
from api.model.clock import Clock, SystemClock
from api.model.ids import IdSource, SeededIds
from api.model.resources import Resource, Resources
from api.model.values import Scalar
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from cli.agent_settings import AgentSettings
from cli.process import DaemonProcess
from provider.manager.publishing import PublishFailed
from provider.own import OwnConfig, OwnParts, OwnResources
from store.port import Store
from tests.agent.model_containerizer import Host, ModelContainerizer
from tests.agent.model_orchestrator import ModelOrchestrator
from tests.agent.model_store import Disk, ModelStore

FRAMEWORK = mesos.FrameworkInfo(user="root", name="test", id=mesos.FrameworkID(value="fw"))
FAST_LINK = LinkLimits(first_backoff=0.005, max_backoff=0.02, register_timeout=1.0, refused_backoff=0.05)
FAST_TASKS = TaskLimits(first_retry=0.005, max_retry=0.02, release_patience=0.1)

FAST_EXECUTORS = ExecutorLimits(
    registration_timeout=2.0, reregistration_timeout=2.0, shutdown_grace=0.2, unacknowledged=8
)


class ModelManager:
    """Publishes below a directory name, and remembers who holds what: `story` is the order of it all."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.held: dict[str, set[str]] = {}
        self.story: list[tuple[str, str]] = []
        self.failure: str | None = None
        self.applied: list[tuple[str, rp.EventApplyOperation]] = []
        self.acknowledged: list[tuple[str, rp.EventAcknowledgeOperationStatus]] = []
        self.reconciled: list[tuple[str, list[mesos.UUID]]] = []
        self.asked = 0
        self.interventions: list[tuple[str, rp.Event]] = []
        self.slow = asyncio.Event()
        self.slow.set()
        self.waits_for = ""

    async def publish(
        self,
        resources: Sequence[mesos.Resource],
        user: str,
        readonly: bool = False,
        told: Callable[[str], None] | None = None,
    ) -> list[rp.CallUpdatePublishResourcesStatusPublishedVolume]:
        if told is not None and self.waits_for:
            told(self.waits_for)
        await self.slow.wait()
        if self.failure is not None:
            raise PublishFailed(self.failure)
        published = []
        for resource in resources:
            source = resource.disk.source  # type: ignore[union-attr]
            self.held.setdefault(user, set()).add(source.id)  # type: ignore[union-attr,arg-type]
            published.append(
                rp.CallUpdatePublishResourcesStatusPublishedVolume(
                    source_id=source.id,  # type: ignore[union-attr,arg-type]
                    path=f"/mnt/{source.id}",  # type: ignore[union-attr]
                    block=source.type is mesos.ResourceDiskInfoSourceType.BLOCK,  # type: ignore[union-attr]
                    provider_id=resource.provider_id,
                )
            )
        self.story.append(("publish", user))
        return published

    def apply_operation(self, provider_id: str, operation: rp.EventApplyOperation) -> None:
        self.applied.append((provider_id, operation))

    def acknowledge(self, provider_id: str, acknowledgement: rp.EventAcknowledgeOperationStatus) -> None:
        self.acknowledged.append((provider_id, acknowledgement))

    def reconcile(self, provider_id: str, operation_uuids: Sequence[mesos.UUID]) -> None:
        self.reconciled.append((provider_id, list(operation_uuids)))

    def intervene(self, provider_id: str, operation: mesos.UUID, event: rp.Event) -> None:
        self.interventions.append((provider_id, event))

    def ask_for_reports(self) -> None:
        self.asked += 1

    async def unpublish(self, user: str, providers: Sequence[str]) -> None:
        await asyncio.sleep(0)
        assert user not in self._host.running, "unpublished under a running container"
        self.held.pop(user, None)
        self.story.append(("unpublish", user))


def operator_containers(
    store: Store,
    containerizer: Containerizer,
    sandboxes: Sandboxes,
    clock: Clock,
    ids: IdSource,
    failure: Failure,
    boot_id: str = "boot",
) -> OperatorContainers:
    """The room of operators' containers, as the agent's command builds it."""
    return OperatorContainers(
        ContainerParts(store, containerizer, sandboxes, clock, ids, owner_of, failure.fail, boot_id=boot_id)
    )


def container_edge(
    agent: Agent,
    containers: OperatorContainers,
    plugins: PluginContainerKeeper,
    containerizer: Containerizer,
    sandboxes: Sandboxes,
) -> ContainerEdge:
    """All that the API says and does about containers. Comes before the agent's start."""
    clock = SystemClock()
    return ContainerEdge(containers, agent.tasks, agent.executors, plugins, containerizer, sandboxes, clock)


class ModelShared:
    """Shared directories that nothing is mounted on."""

    def __init__(self) -> None:
        self.paths: set[str] = set()

    def share(self, path: str) -> None:
        self.paths.add(path)

    def release(self, path: str) -> None:
        self.paths.discard(path)


class ModelLateVolumes:
    """Implements `agent.containerizer.late_volumes.LateVolumes`: what is where, by container and target."""

    def __init__(self) -> None:
        self.brought: dict[tuple[int, str], str] = {}
        self.refusal: str | None = None
        self.busy = False

    async def bring(self, into: Running, binds: Sequence[Bind], owner: tuple[int, int] | None) -> None:
        await asyncio.sleep(0)
        if self.refusal is not None:
            raise LateVolumeRefused(self.refusal)
        self.brought |= {(into.pid, bind.target): bind.source for bind in binds}

    async def take(self, from_: Running, binds: Sequence[Bind]) -> None:
        await asyncio.sleep(0)
        if self.busy:
            raise OSError("Device or resource busy")
        for bind in binds:
            if self.brought.get((from_.pid, bind.target)) == bind.source:
                del self.brought[from_.pid, bind.target]


class World:
    """An agent, and all that it lives among."""

    def __init__(self, path: Path, connector: Connector | None = None) -> None:
        self.path = path
        self.clock = SystemClock()
        self.disk = Disk(schema.metadata)
        self.host = Host(self.clock)
        self.manager = ModelManager(self.host)
        self.orchestrator = ModelOrchestrator()
        self.connector: Connector = connector or self.orchestrator
        self.ids = SeededIds(random.Random(7))
        self.tasks = FAST_TASKS
        self.executors = FAST_EXECUTORS
        self.link = FAST_LINK
        self.shared = ModelShared()
        self.directories = RootVolumes(path)
        self.resources = Resources((Resource("cpus", Scalar(4_000)), Resource("disk", Scalar(10_000_000))))
        self.boot_id = "boot"
        settings = AgentSettings(work_dir=path, log_file=path / "agent.log")
        self.process = DaemonProcess(lambda: settings)
        self.fetcher: Fetcher = NoFetcher()
        self.drain = DrainParts()
        self.late = ModelLateVolumes()
        self.containerizer: Containerizer | None = None
        """None: a model, a new one for each agent."""
        self.agent: Agent | None = None
        self.store: ModelStore | None = None

    async def start(self, dies_after: int | None = None) -> Agent:
        """A new agent on what survived the last one."""
        self.store = ModelStore(self.disk, dies_after)
        config = AgentConfig(
            "host-1", link=self.link, tasks=self.tasks, executors=self.executors, boot_id=self.boot_id
        )
        containerizer = self.containerizer or ModelContainerizer(self.host)
        sandboxes = Sandboxes(self.path / "sandboxes", self.clock)
        self.plugins = PluginContainerKeeper(self.store, containerizer, sandboxes, self.shared)
        self.providers = Providers()
        self.failure = Failure()
        self.containers = operator_containers(
            self.store, containerizer, sandboxes, self.clock, self.ids, self.failure
        )
        self.own = OwnResources(
            OwnConfig(tuple(self.resources)),
            OwnParts(
                store=self.store,
                tables=schema.own_resources,
                host=self.providers,
                volumes=self.directories,
                clock=self.clock,
                ids=self.ids,
                random=random.Random(5),
                failed=self.failure.fail,
            ),
        )
        self.providers.connect(self.own, self.manager)
        parts = AgentParts(
            store=self.store,
            containerizer=containerizer,
            connector=self.connector,
            manager=self.manager,
            own=self.own,
            providers=self.providers,
            failure=self.failure,
            directories=self.directories,
            sandboxes=sandboxes,
            keepers=[self.plugins, self.containers],
            clock=self.clock,
            ids=self.ids,
            rng=random.Random(3),
            services=(self.own, self.containers),
            fetcher=self.fetcher,
            drain=self.drain,
            late=self.late,
        )
        self.agent = Agent(config, parts)
        self.edge = container_edge(self.agent, self.containers, self.plugins, containerizer, sandboxes)
        self.files = ServedFiles(
            TaskFiles(sandboxes, self.agent.tasks, self.agent.executors, self.containers), self.process
        )
        self.numbers = MesosMetrics(self.agent, self.process, self.clock)
        self.pages = Pages(self.agent, self.files, self.numbers, self.process, self.clock, "0.1.0")
        await self.agent.start()
        return self.agent

    async def started(self) -> Agent:
        """A new agent that is registered."""
        before = len(self.orchestrator.registrations)
        agent = await self.start()
        await self.orchestrator.until(
            lambda: len(self.orchestrator.registrations) > before and agent.link.connected
        )
        return agent

    async def crash(self) -> None:
        """The agent is gone; a stop writes nothing, so that it is as good as a kill."""
        if self.agent is not None:
            await self.agent.stop()
            self.agent = None

    async def close(self) -> None:
        await self.crash()
        await self.orchestrator.stop()
        self.disk.close()


def task(
    task_id: str, command: str = "sleep 1000", resources: Sequence[mesos.Resource] = ()
) -> mesos.TaskInfo:
    return mesos.TaskInfo(
        name=task_id,
        task_id=mesos.TaskID(value=task_id),
        agent_id=mesos.AgentID(value="agent-1"),
        command=mesos.CommandInfo(value=command),
        resources=list(resources),
    )


def custom_executor(executor_id: str = "e1", resources: Sequence[mesos.Resource] = ()) -> mesos.ExecutorInfo:
    return mesos.ExecutorInfo(
        executor_id=mesos.ExecutorID(value=executor_id),
        framework_id=FRAMEWORK.id,
        type=mesos.ExecutorInfoType.CUSTOM,
        command=mesos.CommandInfo(value="sleep 1000"),
        resources=list(resources),
    )


def default_executor(executor_id: str = "e1") -> mesos.ExecutorInfo:
    return mesos.ExecutorInfo(
        executor_id=mesos.ExecutorID(value=executor_id),
        framework_id=FRAMEWORK.id,
        type=mesos.ExecutorInfoType.DEFAULT,
    )


def scalar(name: str, amount: float) -> mesos.Resource:
    return mesos.Resource(name=name, type=mesos.ValueType.SCALAR, scalar=mesos.ValueScalar(value=amount))


def disk(volume_id: str, target: str, mode: mesos.VolumeMode = mesos.VolumeMode.RW) -> mesos.Resource:
    """A MOUNT disk of a provider, wanted at `target`."""
    resource = scalar("disk", 64.0)
    resource.provider_id = mesos.ResourceProviderID(value="provider-1")
    resource.disk = mesos.ResourceDiskInfo(
        source=mesos.ResourceDiskInfoSource(type=mesos.ResourceDiskInfoSourceType.MOUNT, id=volume_id),
        volume=mesos.Volume(container_path=target, mode=mode),
    )
    return resource
