"""A scheduler whose stories each make a disk, write to it, read it back, enlarge it, and destroy it.

One framework, several stories at once. A story asks (for an operation, for a task) and waits; the framework
carries wishes out with the offers that come, acknowledges what it is told, and reconciles what it has not
been told of. All it knows comes over the public API.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from msgspec import UNSET

from api.wire.v1 import mesos
from client import Refused, SchedulerClient, Unreachable
from client.errors import ClientError
from e2e.crash import contents, cutting
from e2e.crash.cutting import Make
from e2e.crash.record import Record

ROLE = "stories"
RECONCILE_SECONDS = 2.0
STORY_SECONDS = 90.0
"""For one wish to be fulfilled while things are killed; longer is a violation."""
DESTROY_ATTEMPTS = 15
"""Refusals of one disk's end (a task may be only just leaving it); then it is a violation."""
DECLINE_ATTEMPTS = 3
OVER = frozenset(
    {
        "OPERATION_FINISHED",
        "OPERATION_FAILED",
        "OPERATION_ERROR",
        "OPERATION_DROPPED",
        "TASK_FINISHED",
        "TASK_FAILED",
        "TASK_ERROR",
        "TASK_KILLED",
        "TASK_LOST",
        "TASK_DROPPED",
        "TASK_GONE",
        "TASK_GONE_BY_OPERATOR",
    }
)
NEVER_HEARD_OF = frozenset({"OPERATION_UNKNOWN", "TASK_UNKNOWN"})
FRAMEWORK = mesos.FrameworkInfo(
    user="root",
    name="stories",
    roles=[ROLE],
    failover_timeout=3600.0,
    capabilities=[
        mesos.FrameworkInfoCapability(type=kind)
        for kind in (
            mesos.FrameworkInfoCapabilityType.MULTI_ROLE,
            mesos.FrameworkInfoCapabilityType.RESERVATION_REFINEMENT,
            mesos.FrameworkInfoCapabilityType.PARTITION_AWARE,
        )
    ],
)


@dataclass
class Disk:
    """A disk of a story's. `text`: what a task has written there last; nothing yet while it is empty."""

    id: str
    profile: str
    size_mb: float
    text: str = ""
    grown: bool = False

    @property
    def block(self) -> bool:
        return self.profile == "block"


@dataclass
class Wish:
    """Something to be done with an offer. `make` gives the operation and what it leaves, None if it does
    not suffice. `name` is the operation's or the task's id."""

    name: str
    kind: str
    make: Make
    is_sent: bool = False
    over: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class SchedulerStories:
    """The framework and its stories; `disks` are those that stand when the stories have ended."""

    def __init__(self, url: str, stories: int, rng: random.Random, record: Record) -> None:
        self._client = SchedulerClient(url, FRAMEWORK, random=rng, first_is_retried=True)
        self._rng = rng
        self._record = record
        self._stories = stories
        self._wishes: dict[str, Wish] = {}
        self.stopping = asyncio.Event()
        self.disks: set[str] = set()

    @contextlib.asynccontextmanager
    async def subscribed(self) -> AsyncIterator[None]:
        """The framework, for as long as the context lasts; torn down at its end."""
        jobs = [asyncio.create_task(self._listen()), asyncio.create_task(self._reconcile())]
        for job in jobs:
            job.add_done_callback(self._ended)
        try:
            yield
            await self._client.teardown()
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
            await self._client.close()

    # The stories

    async def run(self) -> None:
        """Until `stopping` is set, and each story has come to its end.

        Each leaves two disks standing: the first that it made, which is looked at again and again, and
        its last.
        """
        async with asyncio.TaskGroup() as group:
            for _ in range(self._stories):
                group.create_task(self._tell_stories())

    async def _tell_stories(self) -> None:
        kept = None
        while kept is None or not kept.text:
            kept = await self._make_disk()
            if kept is not None:
                await self._write(kept)
        while True:
            disk = await self._make_disk()
            if disk is None:
                continue
            if await self._write(disk):
                await self._check(disk)
            if self._rng.random() < 0.5 and await self._grow(disk) and disk.text:
                await self._check(disk)
            if self.stopping.is_set() or self._rng.random() < 0.3:
                await self._check(kept)
            if self.stopping.is_set():
                return
            await self.destroy(disk.id)

    async def _make_disk(self) -> Disk | None:
        """A file system or a device, now and then as a persistent volume in one piece."""
        size = float(self._rng.choice((16, 32, 64)))
        profile = self._rng.choice(("default", "default", "block"))
        name = f"kept-{uuid.uuid4()}" if self._rng.random() < 0.4 else ""
        status = await self._operate("CREATE_DISK", cutting.create_disk(profile, size, ROLE, name))
        if status is None or status.state is not mesos.OperationState.OPERATION_FINISHED:
            return None
        made = status.converted_resources[0]
        disk = Disk(cutting.disk_id(made), profile, made.scalar.value)
        self.disks.add(disk.id)
        return disk

    async def _write(self, disk: Disk) -> bool:
        """Whether a task has written to the disk; only then its data must be there."""
        text = uuid.uuid4().hex
        command = contents.write(text, block=disk.block, seconds=self._rng.random())
        written = await self.task(disk.id, command) == "TASK_FINISHED"
        disk.text = text if written else disk.text
        return written

    async def _check(self, disk: Disk) -> None:
        await self.task(
            disk.id, contents.check(disk.text, block=disk.block, size_mb=disk.size_mb, grown=disk.grown)
        )

    async def _grow(self, disk: Disk) -> bool:
        more = float(self._rng.choice((8, 16)))
        status = await self._operate("GROW_VOLUME", cutting.grow_volume(disk.id, disk.profile, more))
        if status is None or status.state is not mesos.OperationState.OPERATION_FINISHED:
            return False
        disk.grown, disk.size_mb = True, status.converted_resources[0].scalar.value
        return True

    async def destroy(self, disk_id: str) -> None:
        """DESTROY_DISK until it has finished."""
        refusals = []
        while len(refusals) < DESTROY_ATTEMPTS:
            status = await self._operate("DESTROY_DISK", cutting.destroy_disk(disk_id))
            if status is not None and status.state is mesos.OperationState.OPERATION_FINISHED:
                self.disks.discard(disk_id)
                return
            refusals.append("never heard of" if status is None else f"{status.state}: {status.message}")
            await asyncio.sleep(0.2 * len(refusals))
        self._record.violations.append(f"disk {disk_id} cannot be destroyed: {refusals[-1]}")

    async def _operate(self, kind: str, make: Make) -> mesos.OperationStatus | None:
        status = await self._fulfil(kind, make)
        return status if isinstance(status, mesos.OperationStatus) else None

    async def task(self, disk_id: str, command: str) -> str:
        """How a task with the disk at /data ended; empty when the orchestrator never heard of it."""
        name = str(uuid.uuid4())
        status = await self._fulfil("LAUNCH", cutting.launch(name, disk_id, command), name, disk_id)
        return str(status.state) if isinstance(status, mesos.TaskStatus) else ""

    async def _fulfil(self, kind: str, make: Make, name: str | None = None, about: str = "") -> Any:
        """The terminal status; None when the orchestrator never heard of it, or it took too long."""
        wish = Wish(name or str(uuid.uuid4()), kind, make)
        self._record.begin(wish.name, kind, about)
        self._wishes[wish.name] = wish
        try:
            async with asyncio.timeout(STORY_SECONDS):
                return await wish.over
        except TimeoutError:
            self._record.violations.append(
                f"{kind} {wish.name} did not end in {STORY_SECONDS} s (sent: {wish.is_sent})"
            )
            raise RuntimeError(self._record.violations[-1]) from None
        finally:
            del self._wishes[wish.name]

    # The framework

    def _ended(self, job: asyncio.Task[None]) -> None:
        if not job.cancelled():
            self._record.violations.append(f"the framework has lost its stream: {job.exception()!r}")

    async def _listen(self) -> None:
        async for event in self._client.events():
            # A call meets another leader than the stream's: what was to be said is said after the next
            # SUBSCRIBED, or asked for.
            with contextlib.suppress(Unreachable, Refused):
                await self._take(event)

    async def _take(self, event: Any) -> None:
        if event.offers is not UNSET:
            for offer in event.offers.offers:
                await self._use(offer)
        if event.update_operation_status is not UNSET:
            status = event.update_operation_status.status
            self._heard(status.operation_id.value, status)
            await self._client.acknowledge_operation(status)
        if event.update is not UNSET:
            status = event.update.status
            self._heard(status.task_id.value, status)
            await self._client.acknowledge(status)

    async def _use(self, offer: mesos.Offer) -> None:
        left, operations, sent = list(offer.resources), [], []
        for wish in self._wishes.values():
            made = None if wish.is_sent else wish.make(offer, left)
            if made is None:
                continue
            operation, left = made
            if wish.kind != "LAUNCH":
                operation.id = mesos.OperationID(value=wish.name)
            operations.append(operation)
            sent.append(wish)
        if not operations:
            await self._decline(offer)
            return
        for wish in sent:
            wish.is_sent = True
        try:
            await self._client.accept([offer], operations, refuse_seconds=0.0)
        except Refused:
            for wish in sent:
                wish.is_sent = False
            return
        except Unreachable:
            # Whether it arrived is asked for. If it did not, the offer is this framework's still.
            await self._decline(offer)
            return
        for wish in sent:
            self._record.entries[wish.name].accepted = True

    async def _decline(self, offer: mesos.Offer) -> None:
        """Surely: an offer whose decline was lost on a stream that lives on is held for ever."""
        for _ in range(DECLINE_ATTEMPTS - 1):
            with contextlib.suppress(Unreachable):
                await self._client.decline([offer], refuse_seconds=0.2)
                return
            await asyncio.sleep(0.2)
        await self._client.decline([offer], refuse_seconds=0.2)

    def _heard(self, name: str, status: Any) -> None:
        if name not in self._record.entries:
            self._record.violations.append(f"a status of {name}, of which nothing was asked: {status}")
            return
        wish, state = self._wishes.get(name), str(status.state)
        if state in OVER:
            self._record.tell(name, state, str(status.message))
            if wish is not None and not wish.over.done():
                wish.over.set_result(status)
        elif state in NEVER_HEARD_OF and wish is not None and wish.is_sent and not wish.over.done():
            self._record.forget_refused(name)
            wish.over.set_result(None)

    async def _reconcile(self) -> None:
        """Ask for what is not known, as every scheduler has to."""
        while True:
            await asyncio.sleep(RECONCILE_SECONDS)
            sent = [wish for wish in self._wishes.values() if wish.is_sent]
            tasks = [wish.name for wish in sent if wish.kind == "LAUNCH"]
            operations = [wish.name for wish in sent if wish.kind != "LAUNCH"]
            for wish in sent:
                entry = self._record.entries[wish.name]
                entry.was_asked = entry.accepted
            with contextlib.suppress(ClientError):
                if tasks:
                    await self._client.reconcile(*tasks)
                if operations:
                    await self._client.reconcile_operations(*operations)
