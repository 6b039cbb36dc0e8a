"""One provider's executor under virtual time, killed once at a chosen point and started again.

The product decides what the points are: the rig is only the store and the edge that the executor is
given, and notes each thing that the executor has them do, twice where there is a before and an after.
What survives the kill is the database, the plugin (or the host's folders) and the owner's books.
"""

from __future__ import annotations

import asyncio
import contextvars
import random
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData

from api.model.ids import SeededIds
from api.model.resources import Resource
from provider import events
from provider.calls import CreateVolume, PluginError, Request
from provider.checkpoint import ProviderTables
from provider.executor import Executor
from provider.machine import Machine
from provider.records import OperationRecord, Profile
from provider.starts import Kind
from tests.provider.model_plugin import ModelPlugin
from tests.provider.world import DEFAULT, PROVIDER, VENDOR
from tests.simulation.clock import SimClock
from tests.simulation.loop import Process, VirtualLoop
from tests.simulation.simstore import SimDisk, SimStore

OUTSIDE = contextvars.Context()
"""What runs in it belongs to no process, so that it outlives a kill."""

RESTART_SECONDS = 0.5
PATIENCE = 20_000.0
"""Virtual seconds that a scenario may take: room for every backoff there is."""


@cache
def _tables() -> tuple[MetaData, ProviderTables]:
    metadata = MetaData()
    return metadata, ProviderTables(metadata)


class HostFolders:
    """The persistent volumes on a host's own disk, by role and name."""

    def __init__(self) -> None:
        self.there: set[tuple[str, str]] = set()

    def act(self, action: events.MakeVolume | events.RemoveVolume) -> None:
        resource = action.resource
        assert resource.disk is not None and resource.disk.persistence is not None
        key = (resource.role, resource.disk.persistence.id)
        if isinstance(action, events.MakeVolume):
            self.there.add(key)
        else:
            self.there.discard(key)


class Rig:
    """The world of one scenario. `stop_at`: the number of the point at which the process dies; 0: never."""

    def __init__(
        self,
        plugin: ModelPlugin,
        *,
        stop_at: int = 0,
        kind: Kind = Kind.PLUGIN,
        profiles: tuple[Profile, ...] = (DEFAULT,),
        reboots: bool = False,
        own: tuple[Resource, ...] = (),
    ) -> None:
        self.loop = VirtualLoop()
        self.plugin = plugin
        self.profiles: Mapping[str, Profile] = {p.name: p for p in profiles}
        self.folders = HostFolders()
        self.points: list[str] = []
        self.told = 0
        """How many of them there were when the story was over; what follows is the quiet after it."""
        self.reported: tuple[Resource, ...] = ()
        self.lives = 0
        self.ended: dict[UUID, OperationRecord] = {}
        self.unknown: list[UUID] = []
        self._open: dict[UUID, events.ApplyOperation] = {}
        self._asked: dict[UUID, events.Publish | events.Unpublish] = {}
        self._answers: dict[UUID, events.AnswerPublish] = {}
        self._stop_at = stop_at
        self._kind = kind
        self._reboots = reboots
        self.rebooted = False
        self._own = own
        self._boot = 1
        metadata, self._provider_tables = _tables()
        self._disk = SimDisk(metadata)
        self._random = random.Random(7)
        self._ids = SeededIds(self._random)
        self._process: Process | None = None
        self._changed = asyncio.Event()
        self.problems: list[BaseException] = []

    def play(self, story: Callable[[Rig], Awaitable[None]]) -> None:
        """The whole scenario, up to the point where everybody is at rest."""
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.call_soon(self._start, context=OUTSIDE)
            self.loop.run_until_complete(asyncio.wait_for(self._told(story), PATIENCE))
        finally:
            asyncio.set_event_loop(None)
            self.loop.bury()
            self._disk.close()
        assert not self.problems, self.problems
        assert not self.loop.errors, self.loop.errors

    async def _told(self, story: Callable[[Rig], Awaitable[None]]) -> None:
        await self._until(lambda: bool(self.reported))
        await story(self)
        self.told = len(self.points)
        await self.rest()
        self.machine.validate_state()
        self.checkpoint = self._disk_says()

    # The process

    def _start(self) -> None:
        self.lives += 1
        self._owes = True
        self._process = Process(self.loop, f"provider-{self.lives}")
        self._process.call(self._build)

    def _build(self) -> None:
        store = SimStore(self._disk, self._random, self._before_commit, self._after_commit)
        checkpoint = store.read(self._provider_tables.load)
        machine = Machine(
            checkpoint,
            kind=self._kind,
            vendor=VENDOR,
            mount_root="/run/volumes",
            boot_id=f"boot-{self._boot}",
            ids=self._ids,
            random=self._random,
        )
        self.machine = machine
        self._executor = Executor(
            machine, store, self._provider_tables, SimClock(self.loop), self, self.problems.append
        )
        self._executor.start()
        if self._kind is Kind.PLUGIN:
            self._executor.feed(events.ProfilesChanged(dict(self.profiles)))
            self._executor.feed(events.Subscribed(PROVIDER))
            self._executor.feed(events.PluginReady(self.plugin.facts))
        else:
            base = checkpoint.base or ()
            if base != self._own:
                self._executor.feed(events.Configure(base, self._own))
            self._executor.feed(events.Reconcile(()))

    def feed(self, event: events.Event) -> None:
        """Something comes in from outside; lost when the process is down."""
        if self._process is not None and self._process.alive:
            self._process.call(self._executor.feed, event)

    def _kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        if self._reboots:
            self.rebooted = True
            self._boot += 1
            self.plugin.reboot()
        self.loop.call_later(RESTART_SECONDS, self._start, context=OUTSIDE)

    def _note(self, what: str) -> bool:
        """Whether the process dies at this point."""
        self.points.append(what)
        if len(self.points) != self._stop_at:
            return False
        self._kill()
        return True

    async def _point(self, what: str) -> None:
        if self._note(what):
            await asyncio.Event().wait()  # of a dead process: never woken

    def _before_commit(self) -> bool:
        return self._note("Persist begun")

    def _after_commit(self) -> None:
        self._note("Persist done")

    # What the executor asks (`provider.executor.Edge`)

    async def call_plugin(self, request: Request[Any]) -> Any:
        name = type(request).__name__
        await self._point(f"{name} sent")
        await asyncio.sleep(0.001)
        try:
            result = self.plugin.answer(request)
        except PluginError:
            await self._point(f"{name} answered")
            raise
        await self._point(f"{name} answered")
        return result

    async def act(self, action: events.HostAction) -> Any:
        name = type(action).__name__
        await self._point(f"{name} begun")
        await asyncio.sleep(0.001)
        if isinstance(action, events.ExamineMounts):
            seen = self.plugin.examine(action.mounts)
            await self._point(f"{name} done")
            return seen
        if isinstance(action, events.WipeContents):
            published = [v for v in self.plugin.volumes.values() if v.published == action.path]
            if len(published) != 1:
                raise OSError(f"{action.path}: nothing is published there")
            published[0].data.clear()
            result = None
        elif isinstance(action, events.ExamineMounts):
            result = self._examined(action)
        else:
            result = self.folders.act(action)
        await self._point(f"{name} done")
        return result

    def _examined(self, action: events.ExamineMounts) -> dict[str, events.MountProblem]:
        published = {v.id: v.published for v in self.plugin.volumes.values()}
        gone = events.MountProblem(events.MountState.VANISHED, "nothing is mounted there")
        return {m.volume_id: gone for m in action.mounts if published.get(m.volume_id) != m.path}
        return None

    async def send(
        self, instruction: events.SendStatus | events.SendUnknownOperation | events.AnswerPublish
    ) -> None:
        await self._point(f"{type(instruction).__name__} begun")
        match instruction:
            case events.SendStatus(record, status):
                if status is not None:
                    self._ended(record, status)
            case events.SendUnknownOperation(uuid):
                self.unknown.append(uuid)
            case events.AnswerPublish(request):
                if self._asked.pop(request, None) is not None:
                    self._answers[request] = instruction
        self._changed.set()
        await self._point(f"{type(instruction).__name__} done")

    def _ended(self, record: OperationRecord, status: UUID) -> None:
        told = self.ended.get(record.uuid)
        assert told is None or (told.state, told.converted) == (record.state, record.converted), (
            f"{record.uuid} ended twice: {told} and {record}"
        )
        self.ended[record.uuid] = record
        self._open.pop(record.uuid, None)
        acknowledge = events.Acknowledge(record.uuid, status)
        self.loop.call_later(0.01, self.feed, acknowledge, context=OUTSIDE)

    def snapshot(self) -> Any:
        return tuple(self.machine.totals.all())

    async def report(self, snapshot: Any) -> None:
        self.reported = snapshot
        self._changed.set()
        if self._owes:  # whoever waits for an end asks again once the provider has come back
            self._owes = False
            for asked in (*self._open.values(), *self._asked.values()):
                self._executor.feed(asked)
        await self._point("ReportState done")

    # What stories do

    async def done(self, operation: events.ApplyOperation) -> OperationRecord:
        """How the operation ended: it is sent again after a restart, until its end was told."""
        self.ask(operation)
        return await self.end_of(operation.uuid)

    def ask(self, operation: events.ApplyOperation) -> None:
        """Send it, now and after each restart, until its end was told."""
        self._open[operation.uuid] = operation
        self.feed(operation)

    async def end_of(self, uuid: UUID) -> OperationRecord:
        await self._until(lambda: uuid in self.ended)
        return self.ended[uuid]

    async def asked_about(self, uuid: UUID) -> None:
        """Reconcile an operation that never came."""
        while uuid not in self.unknown:
            self.feed(events.Reconcile((uuid,)))
            await asyncio.sleep(1.0)

    async def publish(self, resource: Resource, user: str, *, readonly: bool = False) -> events.AnswerPublish:
        return await self._answer(events.Publish(self._ids.uuid(), (resource,), user, readonly))

    async def unpublish(self, user: str) -> None:
        await self._answer(events.Unpublish(user, self._ids.uuid()))

    async def _answer(self, asked: events.Publish | events.Unpublish) -> events.AnswerPublish:
        assert asked.request is not None
        self._asked[asked.request] = asked
        self.feed(asked)
        await self._until(lambda: asked.request in self._answers)
        return self._answers.pop(asked.request)

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    async def rest(self) -> None:
        """Wait until nothing is under way: every end acknowledged, every volume where it should be."""
        for _ in range(2):
            await asyncio.sleep(1000.0)  # virtual: past every resend and repetition
            for _ in range(2):
                self.feed(events.RefreshDue())
                await asyncio.sleep(60.0)

    def is_given_up(self, uuid: UUID) -> bool:
        """Whether that an operator gave the operation up is written, or it has ended."""
        pending = [r for r in self._disk_says().operations if r.uuid == uuid]
        return uuid in self.ended or any(r.abandoned is not None for r in pending)

    def _disk_says(self) -> Any:
        with self._disk.connection.begin():
            return self._provider_tables.load(self._disk.connection)

    def outcome(self) -> Any:
        """Everything that must be the same wherever the process was stopped."""
        return {
            "operations": {str(u): (r.state, r.message) for u, r in sorted(self.ended.items())},
            "totals": sorted(str(r) for r in self.machine.totals.all()),
            "plugin": sorted(
                (v.id, v.size, v.attached, v.staged, v.published, tuple(sorted(set(v.data))))
                for v in self.plugin.volumes.values()
            ),
            "folders": sorted(self.folders.there),
            "creations": sorted({r.name for r in self.plugin.requests if isinstance(r, CreateVolume)}),
            "records": {
                "operations": self.checkpoint.operations,
                "volumes": sorted((v.id, v.state) for v in self.checkpoint.volumes),
                "holders": dict(self.checkpoint.holders),
            },
        }
