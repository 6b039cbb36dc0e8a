"""The agents of the simulated cluster, composed as the command line does, on models of the host.

Real: the agent, its link, tasks and checkpoint, the manager, the storage provider, the plugin
service. Models: the containerizer, the plugin, the host's files and sandboxes.
"""

from __future__ import annotations

import asyncio
import random
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection, MetaData, select

from agent import schema
from agent.checkpoint import Identity, load_identity
from agent.connection import Connector
from agent.containerizer.interface import ContainerSpec
from agent.daemon import Agent, AgentConfig, AgentParts, Failure
from agent.draining import DrainParts
from agent.host.displacement import Displacement
from agent.link_stream import StreamConnector
from agent.providers.at_rest import ProvidersAtRest
from agent.providers.plugin_containers import PluginContainerKeeper
from agent.providers.providers import Providers
from agent.services import Service
from api.model.ids import SeededIds
from api.model.resource import Resource, scalar
from api.wire.v1 import link, mesos
from api.wire.v1 import resource_provider as rp
from provider.calls import Request
from provider.checkpoint import ProviderTables
from provider.local_storage.provider import LocalStorageConfig, LocalStorageParts, LocalStorageProvider
from provider.manager.manager import ResourceProviderManager
from provider.own import OwnConfig, OwnParts, OwnResources
from provider.plugins.config import PluginConfig, ServingContainer
from provider.plugins.containers import PluginBind, PluginContainer
from provider.plugins.service import PluginService
from provider.profile_source import FileSource
from provider.records import Checkpoint, OperationRecord
from provider.session import InProcessSession
from provider.stored import StoredOperation, operation_in
from provider.volume import Capabilities
from store.port import StoreError
from tests.simulation.clock import SimClock
from tests.simulation.executor import SimExecutor
from tests.simulation.host import SimContainerizer, SimHost
from tests.simulation.host_files import SimFiles, SimSandboxes
from tests.simulation.intents import is_intended
from tests.simulation.late_volumes import SimLateVolumes
from tests.simulation.orchestrators import LINK_PORT
from tests.simulation.parts import Part
from tests.simulation.plugin import SimPlugin
from tests.simulation.provider_session import SimSession
from tests.simulation.simstore import SimDisk, SimStore

if TYPE_CHECKING:
    from tests.simulation.cluster import Cluster

CAPACITY = 2048 * 2**20
MOUNT_ROOT = "/run/orlop/volumes"


OWN = (scalar("cpus", 4000), scalar("mem", 4096_000), scalar("disk", 1000_000))
"""What each host has besides its plugin's pool."""


class LookedAt(ProviderTables):
    """Tables that are read very often, from outside: what was read of an operation is not read again."""

    def _operations(self, connection: Connection) -> list[OperationRecord]:
        rows = connection.execute(select(self.operations.c.value))
        return [_operation_in(value) for (value,) in rows]


@lru_cache(maxsize=10_000)
def _operation_in(value: bytes) -> OperationRecord:
    return operation_in(msgspec.msgpack.decode(value, type=StoredOperation))


@cache
def storage_tables() -> tuple[MetaData, ProviderTables]:
    """The tables of a storage provider's database, the same for every seed."""
    metadata = MetaData()
    return metadata, LookedAt(metadata)


class OlderProviders(Providers):
    """Providers that do not announce that they make whole volumes: volumes take three operations there."""

    def provider_updated(self, info: mesos.ResourceProviderInfo | None, state: rp.CallUpdateState) -> None:
        super().provider_updated(info, msgspec.structs.replace(state, capabilities=[]))


class AgentPart(Part):
    """An agent: its database, containers and plugin survive."""

    def __init__(self, cluster: Cluster, name: str, capabilities: Capabilities, skew: float) -> None:
        super().__init__(cluster, name)
        self.clock = SimClock(cluster.loop, skew)
        rng = random.Random(f"{cluster.seed}-{name}-world")
        fails = lambda: cluster.plays("the runtime fails")  # noqa: E731
        self.host = SimHost(cluster.loop, name, self.clock, rng, cluster.trace, fails)
        faulty = lambda: cluster.plays("plugins misbehave")  # noqa: E731
        self.plugin = SimPlugin(
            cluster.loop, f"{name}-csi", CAPACITY, capabilities, rng, cluster.trace, faulty
        )
        again = random.Random(f"{cluster.seed}-{name}-again").random() < 0.5
        self.plugin.refuses_again = capabilities.list_volumes and again
        self.host.plugin_started = self.plugin.started
        self.host.plugin_ended = self.plugin.ended
        self.host.volume_used = self.plugin.used_by
        self.host.executor_started = self._executor_started
        self.host.executor_ended = self._executor_ended
        self._executors: dict[str, SimExecutor] = {}
        self.plugin.users_of = self.host.users_of
        self.plugin.asked = self._check_intent
        self.disk = SimDisk(schema.metadata)
        metadata, self._tables = storage_tables()
        self.storage_disk = SimDisk(metadata)
        """The storage provider's database, a file of its own: it commits apart from the agent's."""
        self._whole = random.Random(f"{cluster.seed}-{name}-whole").random() < 0.7
        self.files = SimFiles(self.plugin)
        self.agent: Agent | None = None
        self.provider: LocalStorageProvider | None = None
        self.own: OwnResources | None = None
        self.own_at_first: tuple[Resource, ...] = OWN
        self._configured = OWN
        """What its operator says that the host has; read at each start."""
        self._displacement: Displacement | None = None
        self.has_older = False
        """Whether its work directory is an older one, put back: what it knows is not what there is."""
        self.obeyed = 0
        """The highest epoch that it has taken anything from, in all its lives."""
        self._read: tuple[SimDisk, int, Checkpoint] | None = None
        """The checkpoint as it was read last: of which disk, after how many writes."""
        self._session: SimSession | None = None
        """Of its storage provider."""

    async def live(self) -> BaseException:
        process = self.process
        assert process is not None
        process.at_kill(self._gone)
        await asyncio.sleep(0.02)
        store, containerizer, ids = (
            self.store(self.disk),
            SimContainerizer(self.host),
            SeededIds(self.rng("ids")),
        )
        sandboxes = SimSandboxes(Path(self.cluster.scratch) / self.name / "sandboxes")
        plugins = PluginContainerKeeper(store, containerizer, sandboxes, self.files)
        providers, failure = (Providers() if self._whole else OlderProviders()), Failure()
        manager = ResourceProviderManager(store, schema.registry, ids, providers, failure.fail)
        provider = self._provider(self.store(self.storage_disk), plugins, ids, manager, failure.fail)
        own = OwnResources(OwnConfig(self._configured), self._own(store, ids, providers, failure.fail))
        providers.connect(own, manager)
        services: list[Service] = [own, manager, provider]
        parts = AgentParts(
            store=store,
            containerizer=containerizer,
            connector=self._connector(),
            manager=manager,
            own=own,
            providers=providers,
            failure=failure,
            directories=self.files,
            sandboxes=sandboxes,
            keepers=[plugins],
            clock=self.clock,
            ids=ids,
            rng=self.rng("agent"),
            services=services,
            owner_of=lambda user: None,
            late=SimLateVolumes(self.host),
            drain=DrainParts(ProvidersAtRest(manager, providers)),
        )
        agent = Agent(AgentConfig(self.name, boot_id=self.host.boot_id), parts)
        self._watch_epochs(agent)
        displacement = Displacement(own, agent.tasks, agent.executors)
        services.insert(1, displacement)
        await agent.start()
        self.agent, self.provider, self.own = agent, provider, own
        self._displacement = displacement
        try:
            await failure.wait()
        except Exception as error:
            return error

    def _watch_epochs(self, agent: Agent) -> None:
        """Nothing is taken in from a leader after a later one was obeyed."""
        received, registered = agent.received, agent.registered

        def obey(epoch: int) -> None:
            self.cluster.trace.require(
                epoch >= self.obeyed, f"{self.name} obeys epoch {epoch} after epoch {self.obeyed}"
            )
            self.obeyed = max(epoch, self.obeyed)

        def watched(message: link.OrchestratorMessage) -> None:
            obey(message.epoch)
            received(message)

        async def durably(message: link.OrchestratorMessageRegistered, epoch: int) -> None:
            await registered(message, epoch)
            obey(epoch)
            written = self._identity.highest_epoch
            self.cluster.trace.require(
                written >= epoch, f"{self.name} obeys epoch {epoch}, and has written {written}"
            )

        agent.received, agent.registered = watched, durably  # type: ignore[method-assign]

    def _connector(self) -> Connector:
        addresses = [(part.name, LINK_PORT) for part in self.cluster.orchestrator.parts]
        return StreamConnector(*addresses[0], further=addresses[1:])

    def cut_provider(self) -> None:
        """The session between its storage provider and its manager is lost, with what is under way."""
        if self._session is not None:
            self._session.cut()

    def reconfigure(self, resources: tuple[Resource, ...]) -> None:
        """Its operator says that the host has these; the agent takes it in at once if it runs."""
        changed, self._configured = resources != self._configured, resources
        if changed and self.process is not None and self.own is not None and self._displacement is not None:
            self.process.spawn(self._take_in(self.own, self._displacement, resources))

    async def _take_in(
        self, own: OwnResources, displacement: Displacement, resources: tuple[Resource, ...]
    ) -> None:
        before = own.totals()
        try:
            await own.configure(resources)
        except StoreError:
            return  # the agent ends by itself
        if not own.totals().contains(before):
            displacement.shrunk()

    def _own(self, store: SimStore, ids: SeededIds, providers: Providers, failed: Any) -> OwnParts:
        return OwnParts(
            store=store,
            tables=schema.own_resources,
            host=providers,
            volumes=self.files,
            clock=self.clock,
            ids=ids,
            random=self.rng("own"),
            failed=failed,
        )

    def _provider(
        self, store: SimStore, containers: PluginContainerKeeper, ids: SeededIds, manager: Any, failed: Any
    ) -> LocalStorageProvider:
        rng = self.rng("provider")
        container = PluginContainer(
            f"plugin-{self.name}", ("plugin", "serve"), binds=(PluginBind(MOUNT_ROOT, shared=True),)
        )
        serving = ServingContainer(container, f"{self.cluster.scratch}/{self.name}/csi.sock")
        config = PluginConfig((serving,), "plugin-")
        self._session = SimSession(InProcessSession(manager.accept), self.rng("session"))
        parts = LocalStorageParts(
            store=store,
            tables=self._tables,
            session=self._session,
            plugin=lambda ready, changed: PluginService(
                config, containers, self.plugin, self.clock, rng, ready, changed
            ),
            files=self.files,
            profiles=FileSource(self.cluster.profiles_file),
            clock=self.clock,
            ids=ids,
            random=rng,
            failed=failed,
        )
        storage = LocalStorageConfig(
            "local", "model.orlop", MOUNT_ROOT, self.host.boot_id, refresh_seconds=10.0
        )
        return LocalStorageProvider(storage, parts)

    @property
    def agent_id(self) -> str:
        """Its id as the cluster knows it; "" before it was admitted."""
        return self._identity.agent_id or ""

    @property
    def _identity(self) -> Identity:
        """As it is written."""
        with self.disk.connection.begin():
            return load_identity(self.disk.connection)

    def checkpoint(self) -> Checkpoint:
        """What the provider would read if it started now. Read again only when something was written."""
        disk = self.storage_disk
        if self._read is None or self._read[:2] != (disk, disk.writes):
            with disk.connection.begin():
                self._read = disk, disk.writes, self._tables.load(disk.connection)
        return self._read[2]

    def _check_intent(self, request: Request[Any]) -> None:
        self.cluster.trace.require(
            self.has_older or is_intended(request, self.checkpoint()),
            f"{self.name} asks for {request}, and that it does is not written",
        )

    def rows(self) -> dict[str, int]:
        """How many rows each table of both databases has; operations without those that are remembered."""
        with self.disk.connection.begin():
            own = schema.own_resources.load(self.disk.connection)
        owed = {"own": own, "provider": self.checkpoint()}
        counted = {f"{name}_operations": len(each.operations) for name, each in owed.items()}
        return {**self.disk.rows(), **self.storage_disk.rows(), **counted}

    def _executor_started(self, container_id: str, spec: ContainerSpec) -> None:
        rng = random.Random(f"{self.cluster.seed}-{container_id}")
        self._executors[container_id] = SimExecutor(self, container_id, spec, rng)

    def _executor_ended(self, container_id: str) -> None:
        self._executors.pop(container_id).process.kill()

    def _gone(self) -> None:
        self.agent = self.provider = self.own = self._session = None

    @property
    def tells_rest(self) -> bool:
        """Whether its provider says which volumes are not at rest."""
        return self._whole

    @property
    def is_left(self) -> bool:
        """Whether an agent that was removed for good has ended all that it ran."""
        return self.agent is not None and self.agent.draining.left

    def renew(self) -> None:
        """The host is set up anew, as another agent's: nothing of the former one is there."""
        self.cluster.trace.note(self.name, "is set up anew")
        self.has_older = False
        self.kill(down=3.0)
        self.host.reboot()
        self.plugin.disk.reboot()
        self.plugin.disk.volumes.clear()
        self.disk.close()
        self.storage_disk.close()
        self.disk, self.storage_disk = SimDisk(schema.metadata), SimDisk(storage_tables()[0])
        self.files = SimFiles(self.plugin)

    def backup(self) -> tuple[bytes, bytes]:
        """A copy of its work directory, as it is now."""
        return self.disk.image(), self.storage_disk.image()

    def put_back(self, copy: tuple[bytes, bytes]) -> None:
        """The work directory is this copy of one from now on. It must not run."""
        assert self.process is None, f"{self.name} runs"
        self.has_older = True
        self.disk.restore(copy[0])
        self.storage_disk.restore(copy[1])

    def reboot(self) -> None:
        """The host goes down with everything, and comes up without containers and mounts."""
        self.kill(down=3.0)
        self.host.reboot()
        self.plugin.disk.reboot()
