"""A scheduler that makes and destroys disks on whatever it is offered, and keeps all that it was told.

Each operation has an id; an ACCEPT whose answer was lost is sent again, as it was. What is not told is asked
for. All it knows comes over the public API.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from msgspec import UNSET, structs

from api.wire.v1 import mesos
from client import Refused, SchedulerClient, Unreachable
from client.errors import ClientError
from client.operations import create_disk, destroy_disk, framework_info

ROLE: Final = "kills"
WINDOW: Final = 100
"""Operations under way at once."""
DISKS: Final = 3
"""On one agent; then one goes."""
MB: Final = 100.0
REFUSE_SECONDS: Final = 10.0
RECONCILE_SECONDS: Final = 2.0
ASKED_TOGETHER: Final = 500
REPEAT_SECONDS: Final = 0.1
OVER: Final = frozenset({"OPERATION_FINISHED", "OPERATION_FAILED", "OPERATION_ERROR", "OPERATION_DROPPED"})


@dataclass
class Entry:
    """An operation: whether its ACCEPT was answered 202, and every end that it was told to have."""

    kind: str
    disk: str | None = None
    accepted: bool = False
    ends: set[str] = field(default_factory=set)


class Load:
    """The framework."""

    def __init__(self, url: str, seed: int) -> None:
        self._rng = random.Random(seed)
        self._seed = seed
        info = framework_info("kills", ROLE, failover_seconds=3600.0)
        self._client = SchedulerClient(url, info, random=self._rng, first_is_retried=True)
        self._sending: set[asyncio.Task[None]] = set()
        self.entries: dict[str, Entry] = {}
        self.open: set[str] = set()
        self.disks: set[str] = set()
        self.wrong: list[str] = []
        self.streams = 0
        self.is_stopping = False

    async def run(self) -> None:
        """Until cancelled."""
        asking = asyncio.create_task(self._ask())
        try:
            async for event in self._client.events():
                if event.subscribed is not UNSET:
                    self.streams += 1
                elif event.offers is not UNSET:
                    self._offered(event.offers.offers)
                elif event.update_operation_status is not UNSET:
                    self._told(event.update_operation_status.status)
        finally:
            for task in (asking, *self._sending):
                task.cancel()
            await self._client.close()

    @property
    def ended(self) -> int:
        """Operations that are over."""
        return len(self.entries) - len(self.open)

    def judge(self, done: dict[str, list[str]]) -> list[str]:
        """What is not as it must be. `done`: by their names, what providers did."""
        wrong = [*self.wrong]
        for name, entry in self.entries.items():
            finished = entry.ends == {"OPERATION_FINISHED"}
            if len(entry.ends) != 1:
                wrong.append(
                    f"{entry.kind} {name} (accepted: {entry.accepted}) ended as {sorted(entry.ends)}"
                )
            if len(done.get(name, ())) != (1 if finished else 0):
                wrong.append(f"{entry.kind} {name} ended as {sorted(entry.ends)}, done: {done.get(name, [])}")
        wrong += [f"{name} was done, and nobody asked for it" for name in done if name not in self.entries]
        return wrong

    # Offers.

    def _offered(self, offers: Iterable[mesos.Offer]) -> None:
        left = []
        for offer in offers:
            made = None if self.is_stopping or len(self.open) >= WINDOW else self._chosen(offer)
            if made is None:
                left.append(offer)
            else:
                self._begin(offer, *made)
        if left:
            self._send(lambda: self._client.decline(left, refuse_seconds=REFUSE_SECONDS))

    def _chosen(self, offer: mesos.Offer) -> tuple[mesos.OfferOperation, Entry] | None:
        found = {_disk_id(each): each for each in offer.resources if each.disk is not UNSET}
        pool = found.pop("", None)
        if found and (len(found) >= DISKS or self._rng.random() < 0.5):
            name = self._rng.choice(sorted(found))
            return destroy_disk(found[name]), Entry("DESTROY_DISK", name)
        if pool is None or pool.scalar is UNSET or pool.scalar.value < MB:
            return None
        return create_disk(pool, MB), Entry("CREATE_DISK")

    def _begin(self, offer: mesos.Offer, operation: mesos.OfferOperation, entry: Entry) -> None:
        name = f"{self._seed}-{len(self.entries)}"
        self.entries[name] = entry
        self.open.add(name)
        wanted = structs.replace(operation, id=mesos.OperationID(value=name))

        async def accept() -> None:
            await self._client.accept([offer], [wanted], refuse_seconds=0)
            entry.accepted = True

        self._send(lambda: self._repeated(accept))

    async def _repeated(self, call: Callable[[], Awaitable[None]]) -> None:
        while True:
            stream_id = self._client.stream_id
            try:
                return await call()
            except Unreachable:
                pass
            except Refused as error:
                if error.status not in (403, 503) and self._client.stream_id == stream_id:
                    self.wrong.append(f"an ACCEPT was refused: {error}")
                    return None
            await asyncio.sleep(REPEAT_SECONDS)

    def _send(self, call: Callable[[], Awaitable[None]]) -> None:
        async def sent() -> None:
            try:
                await call()
            except ClientError:
                pass  # of the stream before: there are new offers, and what was told is told again

        task = asyncio.create_task(sent())
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    # What is told.

    def _told(self, status: mesos.OperationStatus) -> None:
        name = "" if status.operation_id is UNSET else status.operation_id.value
        entry, state = self.entries.get(name), str(status.state)
        if entry is None:
            self.wrong.append(f"{state} of an operation {name} that nobody asked for")
            return
        if state in OVER:
            if name in self.open:
                self.open.discard(name)
                self._over(entry, status)
            entry.ends.add(state)
            self._send(lambda: self._client.acknowledge_operation(status))
        elif state == "OPERATION_UNKNOWN" and entry.accepted and name in self.open:
            self.wrong.append(f"{entry.kind} {name} was accepted, and is not known: {status.message}")

    def _over(self, entry: Entry, status: mesos.OperationStatus) -> None:
        if status.state is not mesos.OperationState.OPERATION_FINISHED:
            return
        if entry.disk is not None:
            self.disks.discard(entry.disk)
        else:
            self.disks |= {_disk_id(each) for each in status.converted_resources}

    async def _ask(self) -> None:
        """About what is not over, again and again."""
        while True:
            waiting = [name for name in self.open if self.entries[name].accepted]
            await asyncio.sleep(RECONCILE_SECONDS)
            asked = [name for name in waiting if name in self.open][:ASKED_TOGETHER]
            if asked:
                self._send(lambda asked=asked: self._client.reconcile_operations(*asked))  # type: ignore[misc]


def _disk_id(resource: mesos.Resource) -> str:
    """Of a disk; "" of a pool."""
    assert isinstance(resource.disk, mesos.ResourceDiskInfo)
    source = resource.disk.source
    return "" if source is UNSET or source.id is UNSET else str(source.id)
