"""The embedded store: what it makes durable, and in which order."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, select

from store.port import Change, StoreFailed
from store.sqlite import BUSY_LOG_BYTES, LOG_BYTES, SqliteStore

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


async def test_what_could_not_be_written_is_not_told(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "a.db", metadata, 1)
    with pytest.raises(StoreFailed) as caught:
        await store.write(put(123_456_789), put(123_456_789))
    assert "123456789" not in str(caught.value)
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


async def test_a_busy_databases_log_is_lengthened_once_and_survives_a_crash(
    tmp_path: Path,
) -> None:
    store = SqliteStore.open(tmp_path / "a.db", metadata, 1)
    log = tmp_path / "a.db-wal"
    written, lengths = 0, {log.stat().st_size}
    while max(lengths) < BUSY_LOG_BYTES:
        await store.write(put(written))
        written += 1
        lengths.add(log.stat().st_size)
        assert written < 5000, sorted(lengths)[-3:]
    await store.write(put(written))
    assert log.stat().st_size >= LOG_BYTES
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for path in (tmp_path / "a.db", log):  # as they are on disk if the process dies now
        (crashed / path.name).write_bytes(path.read_bytes())
    await store.write(put(written + 1))
    assert max(lengths) <= LOG_BYTES + BUSY_LOG_BYTES and log.stat().st_size == LOG_BYTES
    await store.close()
    again = SqliteStore.open(crashed / "a.db", metadata, 1)
    assert again.read(stored) == list(range(written + 1))
    await again.close()


@pytest.mark.needs("mount")
async def test_a_full_disk_makes_writes_wait_until_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path):
        store = SqliteStore.open(tmp_path / "a.db", metadata, 1)
        await store.write(put(1))
        filler = fill(tmp_path)
        waiting = [asyncio.create_task(store.write(put(number))) for number in range(2, 6)]
        while store.full is None:  # noqa: ASYNC110 - a thread sets it
            await asyncio.sleep(0.01)
        assert not any(write.done() for write in waiting)
        filler.unlink()
        await asyncio.gather(*waiting)
        assert store.full is None
        assert store.read(stored) == [1, 2, 3, 4, 5]
        await store.close()


@pytest.mark.needs("mount")
async def test_a_store_that_waits_for_room_can_be_closed(tmp_path: Path) -> None:
    with small_disk(tmp_path):
        store = SqliteStore.open(tmp_path / "a.db", metadata, 1)
        await store.write(put(1))
        fill(tmp_path)
        waiting = asyncio.create_task(store.write(put(2)))
        while store.full is None:  # noqa: ASYNC110 - a thread sets it
            await asyncio.sleep(0.01)
        await store.close()
        with pytest.raises(StoreFailed):
            await waiting


@contextmanager
def small_disk(path: Path) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "orlop-test", str(path)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def fill(path: Path) -> Path:
    """Take all room that there is."""
    filler = path / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    return filler


async def test_nobody_else_can_read_what_is_stored(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.touch(mode=0o644)
    store = SqliteStore.open(path, metadata, 1)
    await store.write(put(1))
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}  # noqa: ASYNC240 - a test
    await store.close()
