"""The agent as a whole: its parts in the right order, from recovery to stop.

    read the checkpoint -> look at the containers -> remove orphans -> start the services (own
    resources, manager, providers, HTTP edge) -> resume tasks -> dial the orchestrator

It builds nothing (composition roots do) and it does no part's work. A stop is a crash with manners:
containers go on, and nothing is written that a crash would not have left as well.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, UnsetType

from agent.checkpoint import Identity, identity_change, load_identity
from agent.draining import Draining
from agent.executors.executors import Executors
from agent.executors.parts import ExecutorParts
from agent.link import Link
from agent.networks import ip_address_of
from agent.orphans import remove_orphans
from agent.parts import AgentConfig as AgentConfig
from agent.parts import AgentParts as AgentParts
from agent.services import ContainerKeeper as ContainerKeeper
from agent.services import Failure as Failure
from agent.services import Service as Service
from agent.tasks.ended import EndedTasks
from agent.tasks.parts import TaskParts
from agent.tasks.publisher import Publisher
from agent.tasks.record import TaskRecord
from agent.tasks.tasks import Tasks
from agent.tasks.updates import TaskUpdates
from api.wire.errors import WireError
from api.wire.v1 import link, mesos

if TYPE_CHECKING:
    pass

log = logging.getLogger(__name__)

Capability = mesos.AgentInfoCapabilityType
CAPABILITIES = (
    Capability.MULTI_ROLE,
    Capability.HIERARCHICAL_ROLE,
    Capability.RESERVATION_REFINEMENT,
    Capability.RESOURCE_PROVIDER,
    Capability.AGENT_OPERATION_FEEDBACK,
    Capability.AGENT_DRAINING,
    Capability.TASK_RESOURCE_LIMITS,
)

REGISTERED_LIVES = 32
"""Lives that were registered, whose ids are kept: a registry that is restored from a backup knows an earlier
one than the last. One that knows none of them refuses the agent."""

UNREGISTERED_LIVES = 1000
"""Lives after these, that may or may not have been registered; beyond it the earliest of them goes."""

COLLECTION_INTERVAL = 60.0
"""Seconds between looks for old sandboxes."""


class Agent:
    """One agent's life. `run` is all of it; `start` and `stop` are for who runs several things."""

    def __init__(self, config: AgentConfig, parts: AgentParts) -> None:
        self.config = config
        self._parts = parts
        self._identity = Identity()
        self._life_id = parts.ids.uuid().bytes
        self._jobs: list[asyncio.Task[None]] = []
        self._started: list[Service] = []
        self.link = Link(parts.connector, self, parts.rng, config.link)
        self.providers = parts.providers
        self.providers.attach(self.link.send)
        self.updates = TaskUpdates(self.link.send, parts.clock, config.resend)
        self.executors = Executors(parts.store, parts.sandboxes, parts.failure.fail)
        task_parts = self._task_parts()
        self.tasks = Tasks(task_parts, self.executors, self.updates, self.link.send, parts.failure.fail)
        self.executors.attach(self._executor_parts(task_parts))
        self.draining = Draining(
            parts.store, self.tasks, self.executors, parts.drain, self.link.send, parts.failure.fail
        )
        self._port = config.port
        self.ended = EndedTasks()
        self.recovered = False
        self.found: frozenset[str] = frozenset()
        """Ids of the containers that there were at the start."""
        self.orphans: list[str] = []
        """Those of them that nothing knows; they are removed."""

    def _task_parts(self) -> TaskParts:
        return TaskParts(
            store=self._parts.store,
            containerizer=self._parts.containerizer,
            publisher=self._publisher(),
            owner_of=self._parts.owner_of,
            fetcher=self._parts.fetcher,
            room=self._parts.room,
            hidden=self._parts.hidden,
            address=ip_address_of(self.config.advertised_host),
            tell=self.updates.tell,
            boot_id=self.config.boot_id,
            sandboxes=self._parts.sandboxes,
            clock=self._parts.clock,
            ids=self._parts.ids,
            agent_id=lambda: self._identity.agent_id or "",
            deliver=self.updates.deliver,
            roots=self.executors,
            ended=self._task_ended,
            limits=self.config.tasks,
        )

    def _executor_parts(self, tasks: TaskParts) -> ExecutorParts:
        return ExecutorParts(
            tasks=tasks,
            endpoint=lambda: self.address,
            agent_info=self.agent_info,
            send=self.link.send,
            limits=self.config.executors,
            late=self._parts.late,
        )

    def _publisher(self) -> Publisher:
        parts = self._parts
        return Publisher(parts.manager, parts.own, parts.directories, parts.owner_of)

    # life

    async def run(self) -> None:
        """Start, serve until cancelled, stop. Raises what made the agent fail: start it again."""
        try:
            await self.start()
            await self._parts.failure.wait()
        finally:
            await self.stop()

    async def start(self) -> None:
        """Recover everything and begin to serve.

        Raises ContainerizerError, StoreError, OperatorNeeded: nothing was lost, and `stop` has to follow.
        """
        for note in self._parts.containerizer.isolation.notes:
            log.warning("%s: %s", self._parts.containerizer.name, note)
        await self._begin_life()
        mine = (self.executors.load() | self.tasks.load()).union(
            *(keeper.load() for keeper in self._parts.keepers)
        )
        found = {state.id: state for state in await self._parts.containerizer.list()}
        self.found, self.orphans = frozenset(found), sorted(found.keys() - mine)
        self._begin("orphans", remove_orphans(self._parts.containerizer, self.orphans))
        for keeper in self._parts.keepers:
            await keeper.resume(found)
        for service in self._parts.services:
            self._started.append(service)
            await service.start()
        self.draining.load()
        self.executors.resume(found)
        self.tasks.resume(found)
        self.draining.resume()
        in_use = (self.tasks.sandboxes() | self.executors.sandboxes()).union(
            *(keeper.sandboxes() for keeper in self._parts.keepers)
        )
        self._parts.sandboxes.retire_others(in_use)
        self._begin("sandboxes", self._collect_sandboxes())
        self._begin("updates", self.updates.run())
        self._begin("link", self.link.run())
        self.recovered = True

    async def _begin_life(self) -> None:
        """One more, durable before anybody hears of it: what is older does not know of it."""
        known = self._parts.store.read(load_identity)
        registered, since = known.life_ids[:REGISTERED_LIVES], known.life_ids[REGISTERED_LIVES:]
        ids = (*registered, *since[-UNREGISTERED_LIVES:], self._life_id)
        self._identity = replace(known, life=known.life + 1, life_ids=ids)
        await self._parts.store.write(identity_change(self._identity))

    async def stop(self) -> None:
        """Let everything go. Tasks and plugins run on."""
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        await self.draining.stop()
        await self.tasks.stop()
        await self.executors.stop()
        while self._started:
            await _stop(self._started.pop())

    async def end_containers(self) -> None:
        """End every task, and wait until their volumes are given back. Comes before `stop`, if at all."""
        why = "the agent is shut down"
        await asyncio.gather(self.tasks.end_all(why), self.executors.end_all(why))

    def serves_on(self, port: int) -> None:
        """The HTTP edge listens on that port; told before the first registration."""
        self._port = port

    def reconfigured(
        self, attributes: tuple[mesos.Attribute, ...], domain: mesos.DomainInfo | UnsetType
    ) -> None:
        """Frameworks are told this of the agent from now on. Without a link, at the next registration."""
        if (attributes, domain) != (self.config.attributes, self.config.domain):
            self.config = replace(self.config, attributes=attributes, domain=domain)
            self.tell()

    @property
    def findings(self) -> list[mesos.HostFinding]:
        """What is left on the host of former lives, for operators."""
        return self._parts.findings()

    def tell(self) -> None:
        """Something of what REGISTER says is another: attributes, the fault domain, what was found here."""
        told = link.AgentMessageUpdateAgent(agent_info=self.agent_info(), findings=self._parts.findings())
        self.link.send(link.AgentMessage(type=link.AgentMessageType.UPDATE_AGENT, update_agent=told))

    # what the link asks (`agent.link.LinkHost`)

    def agent_info(self) -> mesos.AgentInfo:
        """This agent as the cluster knows it."""
        own = [report for report in self.providers.reports if report.resource_provider_info is UNSET]
        info = mesos.AgentInfo(
            hostname=self.config.hostname,
            port=self._port,
            attributes=list(self.config.attributes),
            domain=self.config.domain,
            resources=own[0].update_state.resources if own else [],
        )
        if self._identity.agent_id is not None:
            info.id = mesos.AgentID(value=self._identity.agent_id)
        return info

    def registration(self) -> link.AgentMessageRegister:
        """See `LinkHost.registration`."""
        return link.AgentMessageRegister(
            agent_info=self.agent_info(),
            version=self.config.version,
            capabilities=[mesos.AgentInfoCapability(type=each) for each in CAPABILITIES],
            highest_epoch=self._identity.highest_epoch,
            life=self._identity.life,
            life_id=self._life_id,
            former_life_ids=list(self._identity.life_ids[:-1]),
            tasks=self.tasks.report(),
            executors=self.executors.report(),
            boot_id=self.config.boot_id or UNSET,
            address=self.address,
            isolation=self._parts.containerizer.name,
            findings=self._parts.findings(),
        )

    @property
    def address(self) -> str:
        """HOST:PORT of this agent's HTTP API."""
        return f"{self.config.advertised_host}:{self._port}"

    @property
    def highest_epoch(self) -> int:
        """See `LinkHost.highest_epoch`."""
        return self._identity.highest_epoch

    async def registered(self, message: link.OrchestratorMessageRegistered, epoch: int) -> None:
        """See `LinkHost.registered`. Raises StoreFailed."""
        agent_id = message.agent_id
        ids = self._identity.life_ids[-REGISTERED_LIVES:]
        identity = replace(self._identity, agent_id=agent_id.value, highest_epoch=epoch, life_ids=ids)
        if identity != self._identity:
            await self._parts.store.write(identity_change(identity))
            self._identity = identity
        await self.draining.registered(message.drain)
        log.info("registered as agent %s with the orchestrator of epoch %d", agent_id.value, epoch)

    def owe(self) -> None:
        """See `LinkHost.owe`. Reports and statuses follow by themselves, from those who own them."""
        self.providers.ask_for_reports()
        self.updates.resume()
        self.executors.owe()
        self.draining.owe()

    def gone(self, why: str) -> None:
        """See `LinkHost.gone`."""
        self.draining.gone(why)

    def disconnected(self) -> None:
        """See `LinkHost.disconnected`."""
        self.updates.pause()

    def received(self, message: link.OrchestratorMessage) -> None:
        """See `LinkHost.received`. A message that cannot be understood is left, and the link goes on."""
        try:
            if self.providers.received(message):
                return
        except WireError as error:
            log.error("a message of type %s cannot be passed on: %s", message.type, error)
            return
        if message.update_drain is not UNSET:
            self.draining.update(message.update_drain)
        elif message.agent_gone is not UNSET:
            self.draining.gone(message.agent_gone.message)
        elif not self._is_for_tasks(message) and not self._is_for_executors(message):
            log.warning("a message of type %s is not understood: ignored", message.type)

    def _is_for_tasks(self, message: link.OrchestratorMessage) -> bool:
        if message.run_task is not UNSET:
            self.tasks.run(message.run_task)
        elif message.run_task_group is not UNSET:
            self.tasks.run_group(message.run_task_group)
        elif message.kill_task is not UNSET:
            self.tasks.kill(message.kill_task)
        elif message.acknowledge_task_status is not UNSET:
            self.tasks.acknowledge(message.acknowledge_task_status)
        else:
            return False
        return True

    def _is_for_executors(self, message: link.OrchestratorMessage) -> bool:
        if message.executor_message is not UNSET:
            self.executors.message(message.executor_message)
        elif message.shutdown_executor is not UNSET:
            self.executors.shutdown(message.shutdown_executor)
        elif message.shutdown_framework is not UNSET:
            self.tasks.shutdown_framework(message.shutdown_framework.framework_id.value)
            self.executors.shutdown_framework(message.shutdown_framework.framework_id.value)
        else:
            return False
        return True

    # within

    def _task_ended(self, record: TaskRecord) -> None:
        self.ended.note(record)
        self.tasks.ended(record)

    async def _collect_sandboxes(self) -> None:
        while True:
            for sandbox in await self._parts.sandboxes.collect():
                log.info("removed the old sandbox %s", sandbox)
            await asyncio.sleep(COLLECTION_INTERVAL)

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        job = asyncio.create_task(work, name=name)
        self._jobs.append(job)
        job.add_done_callback(self._ended)

    def _ended(self, job: asyncio.Task[None]) -> None:
        if not job.cancelled() and (error := job.exception()) is not None:
            self._parts.failure.fail(error)


async def _stop(service: Service) -> None:
    """Also for one whose start failed half-way: what its stop then stumbles over must not hide why."""
    try:
        await service.stop()
    except Exception:
        log.exception("%s did not stop as it should", type(service).__name__)
