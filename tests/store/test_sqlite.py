"""The embedded store: what it makes durable, and in which order."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, select

from store.port import Change, StoreFailed
from store.sqlite import SqliteStore

metadata = MetaData()
numbers = Table("numbers", metadata, Column("number", Integer, primary_key=True))


def put(number: int) -> Change:
    return lambda connection: connection.execute(insert(numbers).values(number=number))


def stored(connection: Connection) -> list[int]:
    return sorted(connection.execute(select(numbers.c.number)).scalars())


async def test_a_write_is_all_or_nothing(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "a.db", metadata, 1)
    await store.write(put(1))
    with pytest.raises(StoreFailed):
        await store.write(put(2), put(1))
    assert store.read(stored) == [1]
    await store.close()


async def test_nothing_becomes_durable_after_a_write_that_failed(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "a.db", metadata, 1)
    results = await asyncio.gather(
        store.write(put(1)), store.write(put(1)), store.write(put(2)), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), StoreFailed, StoreFailed]
    with pytest.raises(StoreFailed):
        await store.write(put(3))
    assert store.read(stored) == [1]
    await store.close()


async def test_what_was_written_is_there_after_it_is_opened_again(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "a.db", metadata, 1)
    await asyncio.gather(*(store.write(put(number)) for number in range(20)))
    await store.close()
    again = SqliteStore.open(tmp_path / "a.db", metadata, 1)
    assert again.read(stored) == list(range(20))
    await again.close()
