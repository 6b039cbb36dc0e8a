"""The lease on real databases: taken by one, ended by the database's clock, fenced by epoch."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from api.model.ids import RandomIds
from orchestrator import schema
from orchestrator.lease import Candidate, Deposed, Lease
from store.port import Run, Store, StoreFailed
from store.postgresql import PostgresStore
from store.sqlite import SqliteStore
from store.upsert import upsert
from tests.postgresql import PostgresServer

Opened = Callable[[], Store]

PUT = upsert(schema.weights, "milli")


@pytest.fixture
async def opened(postgresql: PostgresServer) -> AsyncIterator[Opened]:
    """Opens one more store of the same database."""
    url = make_url(postgresql.url(postgresql.new_database()))
    stores: list[Store] = []

    def another() -> Store:
        stores.append(PostgresStore.open(url, schema.metadata, schema.SCHEMA_VERSION))
        return stores[-1]

    yield another
    for store in stores:
        await store.close()


def candidate(store: Store, name: str, ttl: float = 6.0) -> Lease:
    return Lease(store, Candidate(name, f"{name}:5050", f"{name}:5060"), RandomIds(), ttl)


async def within(seconds: float, asked: Callable[[], Awaitable[int | None]]) -> int:
    """What is answered at last."""
    async with asyncio.timeout(seconds):
        while (answer := await asked()) is None:  # noqa: ASYNC110 - as a standby does
            await asyncio.sleep(0.02)
        return answer


@pytest.mark.needs("postgresql")
async def test_of_two_that_want_the_lease_at_once_one_gets_it(opened: Opened) -> None:
    leases = [candidate(opened(), name) for name in ("first", "second", "third")]
    order = random.Random(8)
    for epoch in range(1, 11):
        order.shuffle(leases)
        taken = await asyncio.gather(*(lease.take() for lease in leases))
        assert sorted(str(each) for each in taken) == sorted([str(epoch), "None", "None"])
        winner = leases[taken.index(epoch)]
        for lease in leases:
            seen = await lease.seen()
            assert seen is not None and (seen.epoch, seen.holder) == (epoch, winner.holder)
        await winner.release(epoch)
        assert await winner.seen() is None


@pytest.mark.needs("postgresql")
async def test_a_lease_that_is_not_renewed_ends_by_the_databases_clock(opened: Opened) -> None:
    leads, waits = candidate(opened(), "leads", ttl=0.6), candidate(opened(), "waits")
    assert await leads.take() == 1
    seen = await waits.seen()
    assert seen is not None and seen.http == "leads:5050" and seen.link == "leads:5060"
    assert 0 < seen.seconds_left <= 0.6
    assert await within(60, waits.take) == 2
    seen = await leads.seen()
    assert seen is not None and (seen.epoch, seen.name) == (2, "waits") and 3 < seen.seconds_left <= 6


@pytest.mark.needs("postgresql")
async def test_a_lease_that_is_renewed_is_nobody_elses(opened: Opened) -> None:
    leads, waits = candidate(opened(), "leads", ttl=30), candidate(opened(), "waits")
    assert await leads.take() == 1
    for _ in range(5):
        await leads.renew(1)
        assert await waits.take() is None


@pytest.mark.needs("postgresql")
async def test_who_was_too_slow_to_renew_still_leads_while_nobody_has_taken_over(opened: Opened) -> None:
    leads = candidate(opened(), "leads", ttl=0.05)
    assert await leads.take() == 1
    async with asyncio.timeout(60):
        while (seen := await leads.seen()) is not None and seen.seconds_left > 0:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    await leads.renew(1)


@pytest.mark.needs("postgresql")
async def test_what_a_deposed_leader_writes_is_refused_whole(
    opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    store = opened()
    old, new = candidate(store, "old", ttl=0.05), candidate(opened(), "new")
    assert await old.take() == 1
    await store.write(old.fence(1), Run(PUT, {"role": "before", "milli": 1}))
    assert await within(60, new.take) == 2
    late = [
        store.submit(old.fence(1), Run(PUT, {"role": f"late{number}", "milli": 1})) for number in range(3)
    ]
    results = await asyncio.gather(*late, old.renew(1), return_exceptions=True)
    assert isinstance(results[0], Deposed) and "epoch 1 no longer leads" in str(results[0])
    assert all(isinstance(result, StoreFailed) for result in results)
    assert roles(store) == ["before"]
    seen = await old.seen()
    assert seen is not None and (seen.epoch, seen.name) == (2, "new")
    [refusal] = [each for each in caplog.records if "epoch 1 no longer leads" in each.getMessage()]
    assert refusal.exc_info is None, "to be deposed is no fault of the program"


@pytest.mark.needs("postgresql")
async def test_a_leader_that_stands_still_in_the_middle_of_a_write_does_not_keep_the_lease(
    opened: Opened, postgresql: PostgresServer
) -> None:
    store = opened()
    leads, waits = candidate(store, "leads", ttl=0.05), candidate(opened(), "waits")
    assert await leads.take() == 1
    database = store.read(lambda connection: connection.exec_driver_sql("SELECT current_database()").scalar())
    with contextlib.closing(postgresql.connect(str(database))) as stopped:
        stopped.execute("SET application_name = 'orlop-writer of a leader that stands still'")
        stopped.execute("BEGIN")
        stopped.execute("UPDATE lease SET epoch = epoch")
        assert await within(60, waits.take) == 2


async def test_an_epoch_is_higher_than_any_that_agents_are_known_to_have_seen(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "a.db", schema.metadata, schema.SCHEMA_VERSION)
    lease = candidate(store, "restored")
    assert await lease.take() == 1
    assert await lease.take(above=41) == 42
    assert await lease.take(above=3) == 43
    await store.close()


async def test_a_database_of_ones_own_is_led_at_once_by_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    before = SqliteStore.open(path, schema.metadata, schema.SCHEMA_VERSION)
    first = candidate(before, "host")
    assert await first.take() == 1
    await before.close()
    store = SqliteStore.open(path, schema.metadata, schema.SCHEMA_VERSION)
    assert await candidate(store, "host").take() == 2
    with pytest.raises(Deposed):
        await store.write(first.fence(1), Run(PUT, {"role": "late", "milli": 1}))
    assert roles(store) == []
    await store.close()


def roles(store: Store) -> list[str]:
    return store.read(lambda connection: list(connection.execute(select(schema.weights.c.role)).scalars()))
