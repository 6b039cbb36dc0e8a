"""What owners of durable facts may rely on, whichever store they are given."""

from __future__ import annotations

import asyncio
import gc
import logging
import traceback
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    case,
    insert,
    select,
    update,
)

from store.database_time import database_time
from store.port import Change, Guard, Run, Several, StoreError, StoreFailed
from store.upsert import upsert
from tests.store.kinds import ALL, REAL, Made, made

__all__ = ["made"]

metadata = MetaData()
numbers = Table(
    "numbers",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("number", Integer, nullable=False, unique=True),
)
kept = Table(
    "kept",
    metadata,
    Column("name", String, primary_key=True),
    Column("count", BigInteger, nullable=True),
    Column("share", Float, nullable=True),
    Column("yes", Boolean, nullable=True),
    Column("blob", LargeBinary, nullable=True),
)
term = Table(
    "term",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", Integer, nullable=False),
    CheckConstraint("number >= 0", name="term_lasts"),
)

ADD = insert(numbers)
SAME = (
    update(term)
    .where(term.c.id == 1)
    .values(number=case((term.c.number == bindparam("mine"), term.c.number), else_=-1))
)

every_store = pytest.mark.parametrize("made", ALL, indirect=True)
real_stores = pytest.mark.parametrize("made", REAL, indirect=True)


class Over(StoreFailed):
    """What a guard says."""


def add(number: int) -> Change:
    return Run(ADD, {"number": number})


def add_by_hand(number: int) -> Change:
    return lambda connection: connection.execute(insert(numbers).values(number=number))


def lasts(number: int) -> Change:
    return Guard(Run(SAME, {"mine": number}), "term_lasts", lambda: Over(f"term {number} is over"))


def stored(connection: Connection) -> list[int]:
    return list(connection.execute(select(numbers.c.number).order_by(numbers.c.position)).scalars())


@every_store
async def test_a_write_is_all_or_nothing(made: Made) -> None:
    store = made(metadata).open()
    await store.write(add(1))
    with pytest.raises(StoreFailed):
        await store.write(add(2), add(1))
    assert store.read(stored) == [1]
    await store.close()


@every_store
async def test_writes_become_durable_in_the_order_in_which_they_were_asked_for(made: Made) -> None:
    store = made(metadata).open()
    ended: list[int] = []
    writes = []
    for number in range(700):  # more than one group
        write = store.submit(add(number) if number % 50 else add_by_hand(number))
        write.add_done_callback(lambda _, number=number: ended.append(number))
        writes.append(write)
    await asyncio.gather(*writes)
    assert store.read(stored) == ended == list(range(700))
    await store.close()


@every_store
async def test_one_bad_write_leaves_those_before_it_alone_and_takes_those_after_it_along(made: Made) -> None:
    store = made(metadata).open()
    writes = [store.submit(add(number)) for number in (1, 2, 1, 3)]
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), type(None), StoreFailed, StoreFailed]
    with pytest.raises(StoreFailed):
        await store.write(add(4))
    assert store.read(stored) == [1, 2] == await store.ask(stored)
    await store.close()


@every_store
async def test_statements_and_steps_by_hand_are_done_in_their_order(made: Made) -> None:
    store = made(metadata).open()
    seen: list[list[int]] = []

    def look(connection: Connection) -> None:
        seen.append(stored(connection))

    await store.write(add(1), look, Several((add(2), look, add_by_hand(3))), look)
    assert seen == [[1], [1, 2], [1, 2, 3]]
    await store.close()


@every_store
async def test_reads_see_every_completed_write(made: Made) -> None:
    store = made(metadata).open()
    for number in range(10):
        await store.write(add(number))
        assert store.read(stored) == list(range(number + 1)) == await store.ask(stored)
    await store.close()


@every_store
async def test_a_write_of_nothing_waits_for_those_before_it(made: Made) -> None:
    store = made(metadata).open()
    first = store.submit(add(1))
    await store.write()
    assert first.done()
    await store.close()


@every_store
async def test_who_stops_waiting_does_not_undo_a_write(made: Made) -> None:
    store = made(metadata).open()
    writing = asyncio.ensure_future(store.write(add(1)))
    await asyncio.sleep(0)
    writing.cancel()
    await store.write(add(2))
    assert store.read(stored) == [1, 2]
    await store.close()


@every_store
async def test_what_was_accepted_is_finished_before_a_store_is_closed(made: Made) -> None:
    kind = made(metadata)
    store = kind.open()
    writes = [store.submit(add(number)) for number in range(1200)]
    await store.close()
    await asyncio.gather(*writes)
    again = kind.open()
    assert again.read(stored) == list(range(1200))
    await again.close()


@real_stores
async def test_nobody_has_to_look_at_a_write_that_failed_after_they_stopped_waiting(
    made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "store")  # what is logged is kept, and with it what is looked for here
    store = made(metadata).open()
    unseen: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
    writing = asyncio.ensure_future(store.write(add(1), add(1)))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(StoreFailed):
        await store.write(add(2))
    await store.close()
    del writing, store
    gc.collect()
    await asyncio.sleep(0)
    assert unseen == []


@real_stores
async def test_a_closed_store_takes_no_write(made: Made) -> None:
    store = made(metadata).open()
    await store.close()
    await store.close()
    with pytest.raises(StoreFailed):
        await store.write(add(1))


@real_stores
async def test_a_database_of_another_schema_is_refused_and_left_as_it_is(made: Made) -> None:
    kind = made(metadata)
    store = kind.open()
    await store.write(add(1))
    await store.close()
    with pytest.raises(StoreError, match="schema 1, this release reads 2"):
        kind.open(version=2)
    again = kind.open()
    assert again.read(stored) == [1]
    await again.close()


@every_store
async def test_a_guard_that_holds_lets_the_write_pass(made: Made) -> None:
    store = made(metadata).open()
    await store.write(Run(insert(term), {"id": 1, "number": 7}))
    await asyncio.gather(*(store.write(lasts(7), add(number)) for number in range(5)))
    assert store.read(stored) == list(range(5))
    await store.close()


@every_store
async def test_a_guard_that_does_not_hold_fails_its_write_and_all_after_it_with_its_own_words(
    made: Made,
) -> None:
    store = made(metadata).open()
    await store.write(Run(insert(term), {"id": 1, "number": 7}))
    good = store.submit(lasts(7), add(1))
    late = store.submit(Several((lasts(6), add(2))))
    after = store.submit(add(3))
    results = await asyncio.gather(good, late, after, return_exceptions=True)
    assert results[0] is None
    assert isinstance(results[1], Over) and "term 6 is over" in str(results[1])
    assert isinstance(results[2], StoreFailed)
    assert store.read(stored) == [1]
    await store.close()


@every_store
@pytest.mark.parametrize("by_hand", [False, True])
async def test_values_come_back_as_they_were(made: Made, by_hand: bool) -> None:
    store = made(metadata).open()
    rows: list[dict[str, Any]] = [
        {"name": "", "count": None, "share": None, "yes": None, "blob": None},
        {"name": "Größe ☃ 𝄞 'q\"", "count": 2**62, "share": 0.1, "yes": True, "blob": bytes(range(256))},
        {"name": "a\\b%s:c $1", "count": -1, "share": 1795430919.0478117, "yes": False, "blob": b""},
    ]
    for row in rows:
        if by_hand:
            await store.write(lambda connection, row=row: connection.execute(insert(kept).values(**row)))
        else:
            await store.write(Run(insert(kept), row))

    def query(connection: Connection) -> list[dict[str, Any]]:
        return [dict(row._mapping) for row in connection.execute(select(kept))]

    found = sorted(store.read(query), key=lambda row: [each["name"] for each in rows].index(row["name"]))
    assert found == rows
    await store.close()


@every_store
async def test_an_upsert_replaces_what_it_names_and_nothing_else(made: Made) -> None:
    store = made(metadata).open()
    put, keep = upsert(kept, "count"), upsert(kept)
    for statement, count, share in ((put, 1, 1.0), (put, 2, 2.0), (keep, 3, 3.0)):
        await store.write(Run(statement, {"name": "it", "count": count, "share": share}))
    assert store.read(lambda connection: list(connection.execute(select(kept.c.count, kept.c.share)))) == [
        (2, 1.0)
    ]
    await store.close()


@real_stores
async def test_what_could_not_be_written_is_not_told(made: Made) -> None:
    kind = made(metadata)
    for secret in (add, add_by_hand):
        store = kind.open()
        with pytest.raises(StoreFailed) as caught:
            await store.write(secret(123_456_789), secret(123_456_789))
        told = "".join(traceback.format_exception(caught.value))
        assert "123456789" not in told and "123_456_789" not in told.replace("secret(123_456_789)", "")
        await store.close()


@every_store
async def test_the_databases_clock_does_not_go_back(made: Made) -> None:
    store = made(metadata).open()

    def now(connection: Connection) -> float:
        return connection.execute(select(database_time())).scalar_one()

    times = [await store.ask(now), store.read(now), await store.ask(now), store.read(now)]
    assert times == sorted(times) and all(isinstance(time, float) for time in times)
    await store.close()


@every_store
async def test_many_read_off_the_event_loop_at_once(made: Made) -> None:
    store = made(metadata).open()
    await store.write(*(add(number) for number in range(100)))
    answers = await asyncio.gather(*(store.ask(stored) for _ in range(20)))
    assert answers == [list(range(100))] * 20
    await store.close()
