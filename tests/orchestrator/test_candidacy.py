"""Candidacy under virtual time: one lease, several processes that may lead, and what can befall them.

The lease here is a row of the test's own, by the time of a database that all reach, unless they are cut off.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from orchestrator.candidacy import Candidacy
from orchestrator.stances import STANCES, InvalidTurn, Stance, Turn, after
from orchestrator.term import Term
from store.port import Store, StoreError, StoreFailed
from tests.simulation.clock import SimClock
from tests.simulation.loop import Process, VirtualLoop

SECONDS = 6.0
POLL = 0.25 * 1.2
PAGE = Path(__file__).resolve().parents[2] / "docs" / "failover.md"


@dataclass
class Row:
    """The lease, as the database has it."""

    epoch: int = 0
    holder: str = ""
    expires: float = 0.0


@dataclass(frozen=True)
class Seen:
    epoch: int
    name: str
    seconds_left: float

    @property
    def http(self) -> str:
        return f"{self.name}:5050"

    @property
    def link(self) -> str:
        return f"{self.name}:5060"


class Database:
    """Answers after 10 ms whoever is not cut off; the others wait `patience` seconds and get an error."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop
        self.row = Row()
        self.cut: set[str] = set()
        self.patience = 15.0
        self.refuses_release = False

    async def answers(self, name: str) -> None:
        began = self.loop.time()
        while name in self.cut:
            await asyncio.sleep(0.1)
            if self.loop.time() - began > self.patience:
                raise StoreFailed("the database does not answer")
        await asyncio.sleep(0.01)


class RowLease:
    def __init__(self, database: Database, name: str, holder: str) -> None:
        self._database, self._name, self._holder = database, name, holder

    async def seen(self) -> Seen | None:
        await self._database.answers(self._name)
        row = self._database.row
        if not row.holder:
            return None
        return Seen(row.epoch, row.holder.partition("/")[0], row.expires - self._database.loop.time())

    async def take(self) -> int | None:
        await self._database.answers(self._name)
        row, now = self._database.row, self._database.loop.time()
        if row.holder and row.expires > now:
            return None
        row.epoch, row.holder, row.expires = row.epoch + 1, self._holder, now + SECONDS
        return row.epoch

    async def renew(self, epoch: int) -> None:
        await self._database.answers(self._name)
        if self._database.row.epoch != epoch:
            raise StoreFailed(f"epoch {epoch} no longer leads")
        self._database.row.expires = self._database.loop.time() + SECONDS

    async def release(self, epoch: int) -> None:
        await self._database.answers(self._name)
        if self._database.refuses_release:
            self._database.refuses_release = False
            raise StoreFailed("an earlier write failed")
        if self._database.row.epoch == epoch:
            self._database.row.holder = ""


class Round:
    """A registry of the test: the lease, and no store."""

    store: Store

    def __init__(self, lease: RowLease, seconds: float | None) -> None:
        self.lease, self.seconds = lease, seconds
        self.is_open = True

    def let_go(self) -> None:
        self.is_open = False


class Reign:
    """A leadership that only remembers what became of it."""

    def __init__(self, machine: Machine, term: Term) -> None:
        self.machine, self.term = machine, term
        self.failed: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self.handed_over = False
        self.dropped_at: float | None = None

    async def hand_over(self) -> None:
        await asyncio.sleep(0.05)  # the last writes
        self.handed_over = True

    def drop(self) -> None:
        self.dropped_at = self.machine.loop.time()
        self.machine.reign = None


class Machine:
    """A process that may lead."""

    def __init__(self, cluster: Cluster, name: str, seconds: float | None = SECONDS) -> None:
        self.cluster, self.name, self.seconds = cluster, name, seconds
        self.loop, self.database = cluster.loop, cluster.database
        self.recovery = 0.3
        self.reign: Reign | None = None
        self.reigns: list[Reign] = []
        self.rounds: list[Round] = []
        self.outcome: asyncio.Task[None] | None = None
        self._lives = itertools.count(1)
        self.start()

    def start(self) -> None:
        self.process = Process(self.loop, self.name)
        self.clock = SimClock(self.loop)
        self.candidacy = Candidacy(
            self._open, self._lead, self.clock, Random(f"{self.name}"), self.cluster.told(self.name)
        )
        self.outcome = self.process.spawn(self.candidacy.run())

    def kill(self) -> None:
        self.process.kill()
        self.reign = None

    def stop(self) -> None:
        assert self.outcome is not None
        self.outcome.cancel()

    @property
    def leads(self) -> bool:
        return self.candidacy.stance is Stance.LEADING and self.process.alive

    async def _open(self) -> Round:
        if self.name in self.database.cut:
            await asyncio.sleep(2.0)
            raise StoreError("the database cannot be reached")
        lease = RowLease(self.database, self.name, f"{self.name}/{next(self._lives)}")
        self.rounds.append(Round(lease, self.seconds))
        return self.rounds[-1]

    async def _lead(self, registry: object, term: Term) -> Reign:
        assert self.cluster.reigning() == [], "two lead at a time"
        await asyncio.sleep(self.recovery)
        self.reign = Reign(self, term)
        self.reigns.append(self.reign)
        return self.reign


class Cluster:
    def __init__(self) -> None:
        self.loop = VirtualLoop()
        self.database = Database(self.loop)
        self.machines: list[Machine] = []
        self.heard: list[tuple[str, Stance, str | None]] = []

    def told(self, name: str) -> Callable[[Stance, object], None]:
        return lambda stance, leader: self.heard.append((name, stance, getattr(leader, "name", None)))

    def reigning(self) -> list[Machine]:
        return [each for each in self.machines if each.reign is not None and not each.reign.term.is_over]

    def play(self, story: Callable[[], Awaitable[None]], *names: str) -> None:
        async def all_of_it() -> None:
            self.machines += [Machine(self, name) for name in names]
            await story()

        try:
            self.loop.run_until_complete(all_of_it())
            assert self.loop.errors == []
        finally:
            self.loop.bury()

    async def leader(self, within: float, besides: Machine | None = None) -> Machine:
        """Who leads, at most so many seconds from now."""
        deadline = self.loop.time() + within
        while True:
            for each in self.machines:
                if each.leads and each is not besides:
                    return each
            assert self.loop.time() < deadline, f"nobody leads after {within} s: {self.heard}"
            await asyncio.sleep(0.01)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    yield Cluster()


def test_one_leads_and_the_others_know_whom_they_follow(cluster: Cluster) -> None:
    async def story() -> None:
        first = await cluster.leader(within=1.0)
        await asyncio.sleep(60.0)
        assert [each for each in cluster.machines if each.leads] == [first]
        assert (cluster.database.row.epoch, len(first.reigns)) == (1, 1)
        for each in cluster.machines:
            follows = each.candidacy.leader
            assert (follows.name if follows else None) == (None if each is first else first.name)

    cluster.play(story, "a", "b", "c")


def test_a_leader_that_is_told_to_stop_hands_over_and_another_leads_at_once(cluster: Cluster) -> None:
    async def story() -> None:
        first = await cluster.leader(within=1.0)
        reign = first.reigns[0]
        first.stop()
        await cluster.leader(within=0.05 + POLL + 0.3 + 0.1, besides=first)
        assert reign.handed_over, "what was decided is durable before another leads"
        assert first.outcome is not None and first.outcome.cancelled()
        assert first.candidacy.stance is Stance.ENDED
        assert not any(each.is_open for each in first.rounds)

    cluster.play(story, "a", "b", "c")


def test_a_leader_that_is_killed_is_replaced_when_its_lease_has_ended(cluster: Cluster) -> None:
    async def story() -> None:
        first = await cluster.leader(within=1.0)
        await asyncio.sleep(20.0)
        first.kill()
        second = await cluster.leader(within=SECONDS + POLL + 0.3 + 0.1)
        assert second is not first and cluster.database.row.epoch == 2
        first.start()
        await asyncio.sleep(20.0)
        assert second.leads and not first.leads

    cluster.play(story, "a", "b")


def test_a_leader_that_is_cut_off_the_database_stops_before_another_can_lead(cluster: Cluster) -> None:
    async def story() -> None:
        first = await cluster.leader(within=1.0)
        await asyncio.sleep(10.0)
        reign, cut_at = first.reigns[0], cluster.loop.time()
        cluster.database.cut.add(first.name)
        second = await cluster.leader(within=SECONDS + POLL + 0.3 + 0.1, besides=first)
        assert reign.dropped_at is not None and reign.term.is_over
        assert cut_at < reign.dropped_at < cluster.database.row.expires - SECONDS
        assert first.candidacy.stance is Stance.STANDBY
        cluster.database.cut.clear()
        await asyncio.sleep(10.0)
        assert second.leads, "who comes back follows"
        assert first.candidacy.leader is not None and first.candidacy.leader.name == second.name
        second.kill()
        assert await cluster.leader(within=SECONDS + POLL + 0.3 + 0.1, besides=second) is first, (
            "and can lead"
        )
        assert len(first.reigns) == 2 and first.reigns[0] is not first.reigns[1]

    cluster.play(story, "a", "b")


def test_when_the_database_is_away_nobody_leads_and_when_it_is_back_one_does(cluster: Cluster) -> None:
    async def story() -> None:
        await cluster.leader(within=1.0)
        cluster.database.cut = {"a", "b"}
        await asyncio.sleep(30.0)
        assert not any(each.leads for each in cluster.machines)
        assert all(each.process.alive for each in cluster.machines)
        cluster.database.cut = set()
        await cluster.leader(within=5.0)

    cluster.play(story, "a", "b")


def test_a_database_that_is_away_for_long_is_told_once_in_the_log_and_when_it_is_back(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        await cluster.leader(within=1.0)
        cluster.database.patience = 0.1
        cluster.database.cut = {"a", "b"}
        await asyncio.sleep(300.0)
        cluster.database.cut = set()
        await cluster.leader(within=5.0)
        await asyncio.sleep(1.0)

    caplog.set_level(logging.INFO)
    cluster.play(story, "a", "b")
    lines = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    assert len([each for each in lines if "cannot be opened" in each]) == 2, "one of each process"
    assert lines.count("the database answers again") == 2


def test_a_leader_that_was_paused_past_its_lease_knows_so_before_it_says_anything(cluster: Cluster) -> None:
    async def story() -> None:
        first = await cluster.leader(within=1.0)
        await asyncio.sleep(5.0)
        reign = first.reigns[0]
        first.process.stop()
        second = await cluster.leader(within=SECONDS + POLL + 0.3 + 0.1, besides=first)
        assert reign.term.is_over, "its own clock tells, whatever runs first when it is woken"
        first.process.go_on()
        await asyncio.sleep(2.0)
        assert second.leads and reign.dropped_at is not None
        assert first.candidacy.leader is not None and first.candidacy.leader.name == second.name

    cluster.play(story, "a", "b")


def test_a_short_pause_costs_nobody_anything(cluster: Cluster) -> None:
    async def story() -> None:
        first = await cluster.leader(within=1.0)
        for _ in range(5):
            await asyncio.sleep(3.0)
            first.process.stop()
            await asyncio.sleep(2.0)
            first.process.go_on()
        assert first.leads and cluster.database.row.epoch == 1

    cluster.play(story, "a", "b")


def test_a_lease_that_could_not_be_given_back_is_over_the_next_connection(cluster: Cluster) -> None:
    async def story() -> None:
        first = await cluster.leader(within=1.0)
        cluster.database.refuses_release = True
        assert first.reign is not None
        first.reign.failed.set_result(StoreFailed("a write did not become durable"))
        began = cluster.loop.time()
        await asyncio.sleep(0.1)
        await cluster.leader(within=2.0)
        assert cluster.loop.time() - began < 2.0 < SECONDS, "nobody waited for the lease to end"

    cluster.play(story, "a", "b")


def test_recovery_that_takes_longer_than_the_lease_keeps_it_by_renewing(cluster: Cluster) -> None:
    async def story() -> None:
        for each in cluster.machines:
            each.recovery = 5 * SECONDS
        await cluster.leader(within=5 * SECONDS + 2.0)
        assert cluster.database.row.epoch == 1

    cluster.play(story, "a", "b")


def test_recovery_that_holds_the_event_loop_up_goes_on_if_nobody_took_the_lease(cluster: Cluster) -> None:
    async def story() -> None:
        (alone,) = cluster.machines
        alone.recovery = 5.0
        await asyncio.sleep(0.1)
        alone.process.stop()  # as it is for its timers while a long look-up is made
        await asyncio.sleep(5.5)
        alone.process.go_on()
        await cluster.leader(within=1.0)
        assert cluster.database.row.epoch == 1
        assert not alone.reigns[0].term.is_over, "it leads with a lease that was renewed"

    cluster.play(story, "a")


def test_a_fault_of_the_rooms_ends_the_process_and_another_leads_at_once(cluster: Cluster) -> None:
    async def story() -> None:
        first = await cluster.leader(within=1.0)
        assert first.reign is not None
        first.reign.failed.set_result(ZeroDivisionError("a fault"))
        await cluster.leader(within=POLL + 0.3 + 0.2, besides=first)
        assert first.outcome is not None
        with pytest.raises(ZeroDivisionError):
            await first.outcome

    cluster.play(story, "a", "b")


def test_where_nobody_else_can_lead_the_lease_is_not_renewed_and_a_failed_write_ends_the_process(
    cluster: Cluster,
) -> None:
    async def story() -> None:
        alone = Machine(cluster, "alone", seconds=None)
        cluster.machines.append(alone)
        await cluster.leader(within=1.0)
        cluster.database.cut.add("alone")
        await asyncio.sleep(3_600.0)
        assert alone.leads, "a disk that is slow, or full, is waited for"
        cluster.database.cut.clear()
        assert alone.reign is not None and alone.outcome is not None
        alone.reign.failed.set_result(StoreFailed("memory is ahead of the disk"))
        with pytest.raises(StoreFailed):
            await alone.outcome

    cluster.play(story)


def test_what_the_table_does_not_have_is_refused_with_both_names() -> None:
    for stance, turn in itertools.product(Stance, Turn):
        if (stance, turn) in STANCES:
            assert after(stance, turn) is STANCES[stance, turn]
        else:
            with pytest.raises(InvalidTurn, match=f"{stance}.*{turn}"):
                after(stance, turn)


def test_the_table_in_the_documentation_is_the_one_in_the_code() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    (head,) = (line for line in rows if line.startswith(f"| stance | {Turn.WON} "))
    turns = [cell.strip() for cell in head.strip("|").split("|")][1:]
    assert turns == [str(turn) for turn in Turn]
    told: dict[tuple[str, str], str] = {}
    for line in rows:
        stance, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if stance in Stance.__members__ and len(cells) == len(turns):
            told |= {(stance, turn): cell for turn, cell in zip(turns, cells, strict=True) if cell}
    assert told == {(str(stance), str(turn)): str(to) for (stance, turn), to in STANCES.items()}
