"""A database that several processes share, and their connections to it: slow, cut, silent in one direction.

`SimServer` is what survives; a `RemoteStore` is one process's `store.port.Store` on it. A group that was sent
and not answered is sent again with the number it had, so that it is done once whatever became of the first:
as the real store does. What comes too late comes all the same.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import Connection, MetaData

from store.port import Change, StoreAway, StoreFailed, failure_of
from tests.simulation.loop import Process
from tests.simulation.simstore import SimDisk

if TYPE_CHECKING:
    from tests.simulation.cluster import Cluster

T = TypeVar("T")
Outcomes = list[StoreFailed | None]

ANSWER_SECONDS = 2.0
"""After which a connection that says nothing is given up."""

PATIENCE = 15.0
"""For a group of which nobody knows whether it was done."""

DATABASE = "database"
UNFENCED = frozenset({"lease"})


class Disconnected(Exception):
    """Nobody knows whether it was done."""


class SimServer:
    """One database server. `cut` and `restart` are the world's."""

    def __init__(self, cluster: Cluster, metadata: MetaData, rng: random.Random) -> None:
        self._cluster = cluster
        self._rng = rng
        self._jumped = 0.0
        self.disk = SimDisk(metadata, self.now)
        self.process = Process(cluster.loop, DATABASE)
        self.stores: list[RemoteStore] = []
        self._done: dict[str, tuple[int, Outcomes]] = {}
        """By store, the number of the last group that was done, and what came of it; as durable as that."""
        self._written: set[str] = set()
        self.disk.watch(metadata, self._written.add)

    def now(self) -> float:
        """Its own clock, by which leases end."""
        return self._cluster.loop.time() + self._jumped

    def jump(self, seconds: float) -> None:
        """Somebody sets its clock."""
        self._jumped += seconds

    def apply(self, store: RemoteStore, number: int, group: Sequence[tuple[Change, ...]]) -> Outcomes:
        """Do a group, once."""
        known = self._done.get(store.name)
        if known is not None and known[0] == number:
            return known[1]
        if known is not None and known[0] > number:
            return [StoreFailed("a later group was done") for _ in group]
        if store.dies_now() and self._rng.random() < 0.5:
            return []  # it was not sent any more
        outcomes = self._all(store, group) or self._one_by_one(store, group)
        self._done[store.name] = (number, outcomes)
        self.disk.commits += 1
        store.committed()
        return outcomes

    def _all(self, store: RemoteStore, group: Sequence[tuple[Change, ...]]) -> Outcomes | None:
        try:
            self.disk.write([change for changes in group for change in changes])
        except Exception:
            self._written.clear()
            return None
        self._check(store)
        return [None] * len(group)

    def _one_by_one(self, store: RemoteStore, group: Sequence[tuple[Change, ...]]) -> Outcomes:
        outcomes: Outcomes = []
        failed: StoreFailed | None = None
        for changes in group:
            if failed is None:
                try:
                    self.disk.write(changes)
                except Exception as error:
                    failed = failure_of(changes, error)
                    self._written.clear()
                else:
                    self._check(store)
            outcomes.append(failed)
        return outcomes

    def _check(self, store: RemoteStore) -> None:
        """What was committed is the leader's, whatever it was that should have kept others from it."""
        written = sorted(self._written - UNFENCED)
        self._written.clear()
        self._check_leaders()
        if written:
            leads = self.disk.read(lambda c: c.exec_driver_sql("SELECT epoch FROM lease").scalar())
            self._cluster.trace.require(
                leads == store.epoch,
                f"{store.process.name} wrote {written} in epoch {store.epoch}, and epoch {leads} leads",
            )

    def _check_leaders(self) -> None:
        """Whose lease another has taken knows by its own clock that it is over; unless this one was set."""
        if self._jumped:
            return
        leads = self.disk.read(lambda c: c.exec_driver_sql("SELECT epoch FROM lease").scalar()) or 0
        for part in self._cluster.orchestrator.parts:
            self._cluster.trace.require(
                not 0 < part.believes < leads,
                f"{part.name} takes itself for the leader in epoch {part.believes}, and epoch {leads} leads",
            )

    # The world's.

    def restored(self) -> None:
        """Its content was replaced by a backup: nobody's write."""
        self._written.clear()
        self.disk.commits += 1

    def cut(self, name: str, *, late: bool) -> None:
        """The connections of one process are lost. `late`: what was sent arrives all the same."""
        for store in self.stores:
            if store.process.name == name:
                store.cut(late=late)

    def restart(self) -> None:
        """It dies and comes back: some of what was under way was done, and nobody is told."""
        for store in self.stores:
            store.cut(late=self._rng.random() < 0.5)


class _Exchange(Generic[T]):
    """Something asked on one connection."""

    def __init__(self, answer: asyncio.Future[T]) -> None:
        self.answer = answer
        self.dropped = False

    def tell(self, result: T) -> None:
        if not self.answer.done():
            self.answer.set_result(result)

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)
            self.answer.exception()  # who asked may be gone

    def lose(self, *, late: bool) -> None:
        self.dropped = not late
        self.fail(Disconnected())


class RemoteStore:
    """See `store.port.Store`. Made in the process that it belongs to."""

    def __init__(
        self,
        cluster: Cluster,
        server: SimServer,
        process: Process,
        name: str,
        rng: random.Random,
        dies_now: Callable[[], bool],
        committed: Callable[[], None],
    ) -> None:
        self.name = name
        self.process = process
        self.dies_now, self.committed = dies_now, committed
        self.epoch = 0
        """That its process took the lease for."""
        self._cluster, self._server, self._rng = cluster, server, rng
        self._waiting: list[tuple[tuple[Change, ...], asyncio.Future[None]]] = []
        self._under_way: list[_Exchange[Any]] = []
        self._busy = False
        self._number = 0
        self._failed: StoreFailed | None = None
        server.stores.append(self)
        process.at_kill(self._gone)

    @property
    def shared(self) -> bool:
        return True

    @property
    def full(self) -> str | None:
        return None

    async def write(self, *changes: Change) -> None:
        await asyncio.shield(self.submit(*changes))

    def submit(self, *changes: Change, at_once: bool = False) -> asyncio.Future[None]:
        done: asyncio.Future[None] = self._cluster.loop.create_future()
        if self._failed is not None:
            done.set_exception(StoreFailed("an earlier write failed"))
            return done
        self._waiting.append((changes, done))
        if not self._busy:
            self._busy = True
            self.process.spawn(self._write())
        return done

    async def _write(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            self._number += 1
            outcomes = await self._surely([changes for changes, _ in group])
            for (_, done), failure in zip(group, outcomes, strict=True):
                self._failed = self._failed or failure
                if done.done():
                    continue
                if failure is None:
                    done.set_result(None)
                else:
                    done.set_exception(failure)
                    done.exception()  # who waited may be gone
        self._busy = False

    async def _surely(self, group: list[tuple[Change, ...]]) -> Outcomes:
        if self._failed is not None:
            return [self._failed] * len(group)
        number, end = self._number, self._cluster.loop.time() + PATIENCE
        while self._cluster.loop.time() < end:
            try:
                return await self._exchange(lambda: self._server.apply(self, number, group))
            except Disconnected:
                await asyncio.sleep(self._rng.uniform(0.05, 0.5))
        self._failed = StoreFailed("whether it was done is not known: the database does not answer")
        return [self._failed] * len(group)

    def read(self, query: Callable[[Connection], T]) -> T:
        if self._cluster.network.is_silent(self.process.name, DATABASE):
            raise StoreAway("the database does not answer")
        return self._server.disk.read(query)

    async def ask(self, query: Callable[[Connection], T]) -> T:
        try:
            return await self._exchange(lambda: self._server.disk.read(query))
        except Disconnected:
            raise StoreAway("the database does not answer") from None

    async def load(self, query: Callable[[Connection], T]) -> T:
        return await self.ask(query)

    async def close(self) -> None:
        """Finish what was accepted."""
        while self._busy:  # noqa: ASYNC110 - nothing waits long under virtual time
            await asyncio.sleep(0.001)

    def let_go(self) -> None:
        """Nothing more is written; what is under way may be done."""
        self._failed = self._failed or StoreFailed("the store was let go")
        self.cut(late=True)

    def cut(self, *, late: bool) -> None:
        for exchange in self._under_way:
            exchange.lose(late=late)

    def _gone(self) -> None:
        """The process died. What it sent may arrive."""
        self._server.stores.remove(self)

    async def _exchange(self, work: Callable[[], T]) -> T:
        """What the server answers. Raises Disconnected."""
        exchange: _Exchange[T] = _Exchange(self._cluster.loop.create_future())
        network, server, rng = self._cluster.network, self._server.process, self._rng

        def arrive() -> None:
            server.later(rng.choice((0.0002, 0.001, 0.002, 0.005, 0.03)), serve)

        def serve() -> None:
            if exchange.dropped:
                return
            tell: Callable[[], None]
            try:
                tell = partial(exchange.tell, work())
            except Exception as error:
                tell = partial(exchange.fail, error)
            delay = rng.choice((0.0, 0.0005))
            network.carry(DATABASE, self.process.name, lambda: self.process.later(delay, tell))

        self._under_way.append(exchange)
        network.carry(self.process.name, DATABASE, arrive)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await exchange.answer
        except TimeoutError:
            raise Disconnected from None
        finally:
            self._under_way.remove(exchange)
