"""The journal and the store beneath it: order, and what a write that failed means for those after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, select

from orchestrator.journal import Journal, Transaction
from store.port import Change, StoreFailed
from store.sqlite import SqliteStore

metadata = MetaData()
numbers = Table("numbers", metadata, Column("place", Integer, primary_key=True), Column("number", Integer))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "numbers.db", metadata, 1)
    yield opened
    await opened.close()


def writes(number: int) -> Transaction:
    transaction = Transaction()
    transaction.add(lambda connection: connection.execute(insert(numbers).values(number=number)))
    return transaction


def nothing(connection: Connection) -> None:
    """A fence that always holds."""


def refused(connection: Connection) -> None:
    raise ValueError("the disk is full")


def written(store: SqliteStore) -> list[int]:
    query = select(numbers.c.number).order_by(numbers.c.place)
    return store.read(lambda connection: list(connection.execute(query).scalars()))


def journal(store: SqliteStore, failures: list[BaseException], fence: Change = nothing) -> Journal:
    return Journal(store, fence, failures.append)


async def test_transactions_become_durable_in_the_order_in_which_they_were_committed(
    store: SqliteStore,
) -> None:
    told: list[int] = []
    made, first, second = journal(store, []), writes(1), writes(2)
    first.afterwards(lambda: told.append(1))
    second.afterwards(lambda: told.append(2))
    made.commit_soon(first)
    await made.commit(second)
    await made.drain()
    assert (written(store), told) == ([1, 2], [1, 2])


async def test_nothing_is_written_after_a_write_that_failed(store: SqliteStore) -> None:
    failures: list[BaseException] = []
    made, bad = journal(store, failures), writes(2)
    bad.add(refused)
    await made.commit(writes(1))
    with pytest.raises(StoreFailed):
        await made.commit(bad)
    with pytest.raises(StoreFailed):
        await made.commit(writes(3))
    assert written(store) == [1]
    assert failures


async def test_a_repeat_that_writes_nothing_is_not_answered_after_a_write_that_failed(
    store: SqliteStore,
) -> None:
    told: list[str] = []
    made, bad, repeat = journal(store, []), writes(1), Transaction()
    bad.add(refused)
    repeat.afterwards(lambda: told.append("accepted"))
    with pytest.raises(StoreFailed):
        await made.commit(bad)
    with pytest.raises(StoreFailed):
        await made.commit(repeat)
    with pytest.raises(StoreFailed):
        await made.barrier()
    assert told == []


async def test_a_fault_after_a_write_stops_the_orchestrator_also_when_somebody_waits(
    store: SqliteStore,
) -> None:
    failures: list[BaseException] = []
    made, bad = journal(store, failures), writes(1)
    bad.afterwards(lambda: 1 // 0)  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):
        await made.commit(bad)
    assert isinstance(failures[0], ZeroDivisionError)


async def test_who_waits_for_what_was_written_before_does_not_wait_for_what_is_written_later(
    store: SqliteStore,
) -> None:
    made, told = journal(store, []), []
    first, second, go_on = writes(1), writes(2), asyncio.Event()
    begin, begun = store.submit, 0

    async def later(*changes: Change) -> None:
        await go_on.wait()
        await begin(*changes)

    def submit(*changes: Change, at_once: bool = False) -> asyncio.Future[None]:
        nonlocal begun
        begun += 1
        return asyncio.ensure_future(later(*changes)) if begun == 2 else begin(*changes, at_once=at_once)

    store.submit = submit  # type: ignore[method-assign]
    first.afterwards(lambda: told.append("first"))
    second.afterwards(lambda: told.append("second"))
    made.commit_soon(first)
    await asyncio.sleep(0)
    shown = asyncio.ensure_future(made.barrier())
    shown.add_done_callback(lambda _: told.append("shown"))
    await asyncio.sleep(0)
    made.commit_soon(second)
    await shown
    go_on.set()
    await made.drain()
    assert told == ["first", "shown", "second"]
    await made.barrier()
    assert made.latest is None


async def test_a_leader_whose_lease_may_be_over_says_nothing_even_if_nothing_had_to_be_written(
    store: SqliteStore,
) -> None:
    failures: list[BaseException] = []
    told: list[str] = []
    over = False
    made = Journal(store, nothing, failures.append, lambda: over)
    words = Transaction()
    words.afterwards(lambda: told.append("said"))
    await made.commit(words)
    over = True
    with pytest.raises(StoreFailed, match="does not lead any more"):
        await made.commit(words)
    assert told == ["said"] and len(failures) == 1, "and it stops leading"


async def test_a_leader_whose_lease_may_be_over_shows_nothing_of_its_memory(store: SqliteStore) -> None:
    failures: list[BaseException] = []
    over = False
    made = Journal(store, nothing, failures.append, lambda: over)
    await made.commit(writes(1))
    await made.barrier()
    over = True
    with pytest.raises(StoreFailed, match="does not lead any more"):
        await made.barrier()
    over = False
    made.close()
    with pytest.raises(StoreFailed, match="does not lead any more"):
        await made.barrier()


async def test_what_is_committed_after_the_end_of_a_leadership_is_not_done_and_troubles_nobody(
    store: SqliteStore,
) -> None:
    failures: list[BaseException] = []
    made = journal(store, failures)
    first = asyncio.ensure_future(made.commit(writes(1)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    made.close()
    with pytest.raises(StoreFailed, match="does not lead any more"):
        await made.commit(writes(2))
    await first
    assert (written(store), failures) == ([1], []), "what was being written then, is"


async def test_a_write_is_begun_before_who_commits_it_goes_on_when_nothing_else_is_written(
    store: SqliteStore,
) -> None:
    made, begun = journal(store, []), []
    first, second = writes(1), Transaction()
    first.add(lambda connection: begun.append("first"))
    second.add(lambda connection: begun.append("second"))
    durable = made.begin(first)
    assert begun == ["first"]
    waits = made.begin(second)
    assert begun == ["first"], "it goes with the next group"
    await asyncio.gather(durable, waits)
    assert (begun, written(store)) == (["first", "second"], [1])


async def test_who_stops_waiting_for_a_write_does_not_undo_it(store: SqliteStore) -> None:
    made, told = journal(store, []), []
    kept = writes(1)
    kept.afterwards(lambda: told.append("said"))
    made.begin(kept).cancel()
    await made.barrier()
    assert (written(store), told) == ([1], ["said"])
