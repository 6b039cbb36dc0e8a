"""Who leads: this process's part in it, from standby to leader and back.

    look at the lease -> take it when nobody holds it -> recover -> lead -> (lost, or told to stop) -> resign
           ^                                                                                          |
           +------------------------------------------------------------------------------------------+

A leader renews its lease well before it ends, and stops itself when its own monotonic clock says that the
lease may end soon, whatever it heard of the database: nobody else can have taken it by then. It is the epoch
in every write and message, not this, that keeps a deposed leader from changing anything.

No sockets and no tables here; what leading is, the composition root brings.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random  # noqa: TID251 - for its type: the generator is passed in
from typing import Final, Protocol

from api.model.clock import Clock
from orchestrator.stances import Stance, Turn, after
from orchestrator.term import Term
from store.port import Store, StoreAway, StoreError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CandidacyLimits:
    """Times in seconds; shares of the lease's length.

    poll: between two looks at the lease of another; each is drawn from 0.8 to 1.2 of it.
    renewals: of the lease in its length; one that fails leaves time for others.
    margin: this share before the lease ends its holder stops by itself.
    away: the pause after the database could not be asked.
    """

    poll: float = 0.25
    renewals: int = 4
    margin: float = 0.2
    away: float = 0.5


HAND_OVER_SECONDS: Final = 5.0
"""For what was decided to become durable when the process is told to stop; what is not by then, nobody was
told of."""

TROUBLES_TOLD: Final = 8
"""Reasons why the database is away that are told in the log; further ones, and repeats, at level debug."""

RELEASE_SECONDS: Final = 5.0
"""For the lease to be given back; without, it ends by itself."""


class SeenLeader(Protocol):
    """What the lease says of its holder."""

    @property
    def epoch(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def http(self) -> str: ...
    @property
    def link(self) -> str: ...
    @property
    def seconds_left(self) -> float: ...


class Leases(Protocol):
    """The lease as this process can ask for it: `orchestrator.lease.Lease`. All raise StoreError."""

    async def seen(self) -> SeenLeader | None:
        """Who holds it; None when nobody does."""

    async def take(self) -> int | None:
        """A new epoch, or None: another's has not ended."""

    async def renew(self, epoch: int) -> None:
        """Hold it for its whole length from now on. Raises Deposed when another epoch leads."""

    async def release(self, epoch: int) -> None:
        """Nobody holds it."""


class Leadership(Protocol):
    """The rooms and edges of one term, serving."""

    @property
    def failed(self) -> asyncio.Future[BaseException]:
        """Done when memory is in an unknown state."""

    async def hand_over(self) -> None:
        """Decide nothing more, take in nothing, and make durable what was decided. May be cancelled.

        Nothing is told to anybody any more after it; `drop` follows.
        """

    def drop(self) -> None:
        """End all links and streams at once, and be forgotten. What is under way may fail."""


class Registry(Protocol):
    """The database of one round of candidacy, and the lease in it."""

    @property
    def store(self) -> Store: ...

    @property
    def lease(self) -> Leases: ...

    @property
    def seconds(self) -> float | None:
        """The lease's length; None where no other process can take it: there it is not renewed."""

    def let_go(self) -> None:
        """Nothing is asked of it any more. What it still writes is fenced."""


class Lost(Exception):
    """The lease is lost, or may be. The process goes on as a standby."""


Open = Callable[[], Awaitable[Registry]]
"""The database, connected anew. Raises StoreError."""
Lead = Callable[[Registry, Term], Awaitable[Leadership]]
"""Recover, and serve. Cancelled when the term is over before that."""
Told = Callable[[Stance, SeenLeader | None], None]
"""Called whenever the stance, or what is known of the leader, is another; in its own turn, never waits."""


class Candidacy:
    """Of one process. `run` it; cancel it to hand over in good order."""

    def __init__(
        self,
        opened: Open,
        lead: Lead,
        clock: Clock,
        random: Random,
        told: Told,
        limits: CandidacyLimits = CandidacyLimits(),
    ) -> None:
        self._open = opened
        self._lead = lead
        self._clock = clock
        self._random = random
        self._told = told
        self._limits = limits
        self.stance = Stance.STANDBY
        self.leader: SeenLeader | None = None
        """Who else leads, as the lease said when it was last looked at; None while nobody else does."""
        self.term: Term | None = None
        """Of this process, while it recovers or leads."""
        self._leadership: Leadership | None = None
        self._partings: set[asyncio.Task[None]] = set()
        self._held: int | None = None
        """The epoch that was led last, while the lease may still say that this process has it."""
        self.trouble: str | None = None
        """Why the database cannot be asked who leads; None while it can."""
        self._looked: float | None = None
        self._troubles: set[str] = set()
        """What was told of a database that is away, until it answers: it is asked twice a second."""

    async def run(self) -> None:
        """Until cancelled: then what was decided is made durable and the lease is given back.

        Raises what the process cannot live with: StoreError when the database cannot be opened at the start
        for another reason than that it is away; a failure of the rooms; a failed write where nobody else
        could have caused it.
        """
        try:
            registry = await self._opened(StoreAway)
            while True:
                await self._round(registry)
                await asyncio.sleep(self._pause(self._limits.away))
                registry = await self._opened(StoreError)
        finally:
            self._turn(Turn.STOPPED)
            for task in tuple(self._partings):
                task.cancel()

    @property
    def looked_before(self) -> float | None:
        """So many seconds ago the lease said what is known of it; None before it did."""
        return None if self._looked is None else self._clock.monotonic() - self._looked

    # As a standby.

    async def _round(self, registry: Registry) -> None:
        """Stand by and, when it is this process's turn, lead. Returns when the database is to be
        opened anew."""
        try:
            term = await self._elected(registry)
        except BaseException as error:
            registry.let_go()
            if not isinstance(error, StoreError) or registry.seconds is None:
                raise
            self._cannot(f"the database cannot be asked who leads: {error}")
            return
        await self._hold(registry, term)

    async def _elected(self, registry: Registry) -> Term:
        """Wait until the lease is this process's. It is tried at once: it may have been its own."""
        if self._held is not None:
            await registry.lease.release(self._held)
            self._held = None
        term = await self._taken(registry)
        while term is None:
            leader = await registry.lease.seen()
            self._can()
            is_free = leader is None or leader.seconds_left <= 0
            self._see(None if is_free else leader)
            if is_free:
                term = await self._taken(registry)
            if term is None:
                await asyncio.sleep(self._pause(self._limits.poll))
        return term

    async def _taken(self, registry: Registry) -> Term | None:
        asked = self._clock.monotonic()
        epoch = await registry.lease.take()
        return None if epoch is None else Term(epoch, self._clock, self._end(registry, asked))

    def _end(self, registry: Registry, asked: float) -> float:
        """When a lease that was asked for at that time may be taken for lost; it began later than that."""
        if registry.seconds is None:
            return float("inf")
        return asked + registry.seconds * (1 - self._limits.margin)

    async def _opened(self, passing: type[StoreError]) -> Registry:
        """Sooner or later; raises what is not `passing`."""
        while True:
            try:
                return await self._open()
            except passing as error:
                self._cannot(f"the database cannot be opened: {error}")
            await asyncio.sleep(self._pause(self._limits.away))

    # As the leader.

    async def _hold(self, registry: Registry, term: Term) -> None:
        """Lead until that is over. Raises what the process cannot live with."""
        self._can()
        self._see(None)
        self.term, self._held = term, term.epoch
        self._turn(Turn.WON)
        log.info("elected: epoch %d", term.epoch)
        keeping = asyncio.create_task(self._keep(registry, term), name="lease")
        leading = asyncio.create_task(self._serve(registry, term), name="leading")
        try:
            await asyncio.wait((keeping, leading), return_when=asyncio.FIRST_COMPLETED)
            why = next(each.exception() for each in (keeping, leading) if each.done())
        except asyncio.CancelledError:
            await self._stop(registry, term, keeping, leading)
            raise
        assert why is not None, "leading ends by a failure only"
        self._turn(Turn.LOST)
        await self._drop(term, keeping, leading)
        self._part(registry, term)
        if not isinstance(why, Lost | StoreError) or registry.seconds is None:
            await self._parted()
            raise why
        log.warning("epoch %d of this orchestrator is over, it follows now: %s", term.epoch, why)

    async def _keep(self, registry: Registry, term: Term) -> None:
        """Renew the lease for ever. Raises Lost, or StoreError."""
        if registry.seconds is None:
            await asyncio.get_running_loop().create_future()
            return
        while True:
            await asyncio.sleep(registry.seconds / self._limits.renewals)
            asked = self._clock.monotonic()
            # Who recovers has said nothing to anybody: it may be late, if nobody took the lease meanwhile.
            leads = self.stance is Stance.LEADING
            try:
                async with asyncio.timeout(max(0.0, term.seconds_left) if leads else registry.seconds):
                    await registry.lease.renew(term.epoch)
            except TimeoutError:
                raise Lost("the lease could not be renewed in time") from None
            if leads and term.is_over:
                raise Lost("the lease was renewed too late: another may have had it")
            term.ends = self._end(registry, asked)

    async def _serve(self, registry: Registry, term: Term) -> None:
        """Recover and lead for ever. Raises why it cannot."""
        leadership = self._leadership = await self._lead(registry, term)
        while term.is_over:  # noqa: ASYNC110 - recovery held the loop up: it is renewed now, or lost
            await asyncio.sleep(self._limits.poll)
        self._turn(Turn.RECOVERED)
        raise await asyncio.shield(leadership.failed)

    async def _stop(
        self, registry: Registry, term: Term, keeping: asyncio.Task[None], leading: asyncio.Task[None]
    ) -> None:
        """In good order: nothing that was decided is lost, and another leads at once."""
        self._turn(Turn.STOPPED)
        try:
            if self._leadership is not None:
                async with asyncio.timeout(max(0.0, min(term.seconds_left, HAND_OVER_SECONDS))):
                    await self._leadership.hand_over()
        except (TimeoutError, StoreError) as error:
            log.warning(
                "what was decided last may not be durable: %s", str(error) or "the database does not answer"
            )
        finally:
            await self._drop(term, keeping, leading)
            self._part(registry, term)
        await self._parted()

    async def _drop(self, term: Term, *tasks: asyncio.Task[None]) -> None:
        """Nothing is left of a leadership but what is under way, which may fail."""
        term.end()
        for task in tasks:
            task.cancel()
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            leadership, self._leadership, self.term = self._leadership, None, None
            if leadership is not None:
                leadership.drop()
            self._turn(Turn.DROPPED)

    def _part(self, registry: Registry, term: Term) -> None:
        """Give the lease back however it was lost: a renewal may be under way, and then nobody would lead."""
        task = asyncio.create_task(self._release(registry, term), name="release")
        self._partings.add(task)
        task.add_done_callback(self._partings.discard)

    async def _release(self, registry: Registry, term: Term) -> None:
        try:
            async with asyncio.timeout(RELEASE_SECONDS):
                await registry.lease.release(term.epoch)
            if self._held == term.epoch:
                self._held = None
        except (TimeoutError, StoreError) as error:
            log.info("the lease could not be given back: %s", str(error) or "no answer")
        finally:
            registry.let_go()

    async def _parted(self) -> None:
        if self._partings:
            await asyncio.wait(self._partings)

    # What is told.

    def _cannot(self, why: str) -> None:
        is_new = why not in self._troubles and len(self._troubles) < TROUBLES_TOLD
        log.log(logging.WARNING if is_new else logging.DEBUG, "%s", why)
        if is_new:
            self._troubles.add(why)
        self.trouble = why

    def _can(self) -> None:
        self.trouble, self._looked = None, self._clock.monotonic()
        if self._troubles:
            log.warning("the database answers again")
            self._troubles.clear()

    def _turn(self, turn: Turn) -> None:
        before, self.stance = self.stance, after(self.stance, turn)
        if before is not self.stance:
            self._told(self.stance, self.leader)

    def _see(self, leader: SeenLeader | None) -> None:
        before, self.leader = self.leader, leader
        if _who(before) != _who(leader):
            if leader is not None:
                log.info("%s leads at %s (epoch %d)", leader.name, leader.http, leader.epoch)
            self._told(self.stance, leader)

    def _pause(self, seconds: float) -> float:
        return seconds * self._random.uniform(0.8, 1.2)


def _who(leader: SeenLeader | None) -> tuple[int, str, str] | None:
    return None if leader is None else (leader.epoch, leader.http, leader.link)
