"""A registry on PostgreSQL whose server, or the network to it, fails: what was written is written once.

The server is the tests' own, and real; the network between is `tests.store.network`.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    bindparam,
    func,
    insert,
    make_url,
    select,
    update,
)

from store.port import Run, StoreError, StoreFailed
from store.postgresql import PostgresStore
from tests.postgresql import PostgresServer
from tests.store.network import Link, Network, Stream

pytestmark = pytest.mark.needs("postgresql")

metadata = MetaData()
counts = Table(
    "counts", metadata, Column("id", Integer, primary_key=True), Column("count", Integer, nullable=False)
)

blobs = Table(
    "blobs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("blob", LargeBinary, nullable=False),
)

CREATE = Run(insert(counts), {"id": 1, "count": 0})
COUNT = Run(
    update(counts).where(counts.c.id == 1).values(count=counts.c.count + bindparam("more")), {"more": 1}
)

MANY = 60
"""More messages than a group of the tests has in either direction."""

QUICK = 0.3
"""Seconds of silence that the store bears in tests which play a lost answer."""


def count(connection: Connection) -> int:
    return connection.execute(select(counts.c.count)).scalar_one()


def opened(
    server: PostgresServer,
    database: str,
    network: Network | None = None,
    *,
    patience: float = 60.0,
    silence: float = 2.0,
) -> PostgresStore:
    url = server.url(database, port=network.port if network else None)
    return PostgresStore.open(
        make_url(f"{url}?sslmode=disable&gssencmode=disable"), metadata, 1, patience, silence
    )


@contextmanager
def own_server() -> Iterator[tuple[PostgresServer, str]]:
    with PostgresServer(in_memory=True) as server:
        yield server, server.new_database()


async def until(holds: Callable[[], object]) -> None:
    """What another thread does."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - threads tell no event loop
            await asyncio.sleep(0.01)


class Cut:
    """Ends the writer's connection when so many messages of one direction have passed."""

    def __init__(self, network: Network, from_client: bool, after: int) -> None:
        self.done = threading.Event()
        self._from_client, self._left = from_client, after
        network.decide = self

    def __call__(self, link: Link, stream: Stream, message: bytes) -> bool:
        if self.done.is_set() or b"orlop-writer" not in link.name or stream.from_client != self._from_client:
            return True
        if self._left == 0:
            self.done.set()
            link.cut()
            return False
        self._left -= 1
        return True


@pytest.mark.parametrize("from_client", [True, False], ids=["to the server", "to the store"])
async def test_a_group_is_done_once_wherever_its_connection_ends(
    postgresql: PostgresServer, from_client: bool
) -> None:
    with Network(postgresql.port) as network:
        store = opened(postgresql, postgresql.new_database(), network)
        await store.write(CREATE)
        cuts = 0
        while True:
            before = store.read(count)
            cut = Cut(network, from_client, cuts)
            await store.write(COUNT)
            assert store.read(count) == before + 1, f"cut after {cuts} messages"
            if not cut.done.is_set():
                break
            cuts += 1
            assert cuts < MANY
        assert cuts > 8, "every statement's messages, and those of COMMIT, must have been among them"
        await store.close()


async def test_a_commit_whose_answer_was_lost_is_not_repeated(postgresql: PostgresServer) -> None:
    with Network(postgresql.port) as network:
        store = opened(postgresql, postgresql.new_database(), network)
        await store.write(CREATE)
        lost = threading.Event()

        def lose_the_answer(link: Link, stream: Stream, message: bytes) -> bool:
            if not lost.is_set() and message.startswith(b"C") and b"COMMIT" in message:
                lost.set()
                link.cut()
                return False
            return True

        network.decide = lose_the_answer
        await store.write(COUNT)
        assert lost.is_set() and store.read(count) == 1
        await store.close()


async def test_a_group_that_comes_late_after_its_repetition_is_refused(postgresql: PostgresServer) -> None:
    with Network(postgresql.port) as network:
        store = opened(postgresql, postgresql.new_database(), network, silence=QUICK)
        # A name that the store does not know itself by: so it cannot end the session that is late.
        network.rename = lambda first: first.replace(b"orlop-writer", b"orlop-masked")
        await store.write(CREATE)
        (late,) = [link for link in network.links if b"orlop-masked" in link.name]
        late.lingers = True
        answers: list[bytes] = []
        kept: list[bytes] = []

        def keep(link: Link, stream: Stream, message: bytes) -> bool:
            if link is late:
                (kept if stream.from_client else answers).append(message)
            return link is not late

        network.decide = keep
        await store.write(COUNT)
        assert kept and store.read(count) == 1
        late.streams[0].target.sendall(b"".join(kept))
        await until(lambda: any(answer.startswith(b"E") for answer in answers))
        (refusal,) = [answer for answer in answers if answer.startswith(b"E")]
        assert b"orlop_writers_number_held" in refusal
        assert store.read(count) == 1
        await store.write(COUNT)
        assert store.read(count) == 2
        await store.close()


async def test_a_silent_network_is_noticed_and_writes_wait_for_it(postgresql: PostgresServer) -> None:
    with Network(postgresql.port) as network:
        store = opened(postgresql, postgresql.new_database(), network)
        await store.write(CREATE)
        await store.ask(count)
        network.silent.set()
        began = time.monotonic()
        waiting = asyncio.ensure_future(store.write(COUNT))
        with pytest.raises(StoreError, match="no answer within 2 s"):
            await store.ask(count)
        await until(lambda: store.full)
        noticed = time.monotonic() - began
        assert 1.5 < noticed < 30  # 2 s, and what a busy machine makes of it
        assert not waiting.done()
        network.cut_all()
        network.silent.clear()
        await waiting
        assert store.full is None
        assert store.read(count) == await store.ask(count) == 1
        await store.close()


async def test_a_write_fails_when_patience_ends_and_the_store_can_be_opened_anew(
    postgresql: PostgresServer,
) -> None:
    database = postgresql.new_database()
    with Network(postgresql.port) as network:
        store = opened(postgresql, database, network, patience=0.5, silence=QUICK)
        await store.write(CREATE)
        network.silent.set()
        with pytest.raises(StoreFailed, match="not known whether"):
            await store.write(COUNT)
        with pytest.raises(StoreFailed):
            await store.write(COUNT)
        network.silent.clear()
        network.cut_all()
        assert await store.ask(count) in (0, 1)
        await store.close()
    again = opened(postgresql, database)
    known = again.read(count)
    await again.write(COUNT)
    assert again.read(count) == known + 1
    await again.close()


async def test_a_store_whose_server_is_silent_is_closed_without_long_waits(
    postgresql: PostgresServer,
) -> None:
    with Network(postgresql.port) as network:
        store = opened(postgresql, postgresql.new_database(), network, patience=3600, silence=QUICK)
        await store.write(CREATE)
        network.silent.set()
        waiting = [store.submit(COUNT) for _ in range(3)]
        await until(lambda: store.full)
        async with asyncio.timeout(30):
            await store.close()
        assert all(isinstance(write.exception(), StoreFailed) for write in waiting)


async def test_a_database_that_cannot_be_reached_is_told_without_its_password() -> None:
    with Network(1) as nobody, pytest.raises(StoreError, match="cannot open the database") as caught:
        url = f"postgresql+psycopg://me:hidden@127.0.0.1:{nobody.port}/db"
        PostgresStore.open(make_url(url), metadata, 1)
    assert "hidden" not in str(caught.value)


async def test_a_server_that_is_stopped_killed_and_started_finds_every_write_once() -> None:
    with own_server() as (server, database):
        store = opened(server, database)
        await store.write(CREATE)
        done = 0
        for end in (server.stop, server.kill, lambda: server.stop("immediate")):
            writes = [asyncio.ensure_future(store.write(COUNT)) for _ in range(5)]
            await asyncio.wait(writes, return_when=asyncio.FIRST_COMPLETED)
            more = [store.submit(COUNT) for _ in range(5)]
            await asyncio.get_running_loop().run_in_executor(None, end)
            last = store.submit(COUNT)
            await until(lambda: store.full)
            assert not last.done()
            await asyncio.get_running_loop().run_in_executor(None, server.start)
            await asyncio.gather(*writes, *more, last)
            done += 11
            assert store.read(count) == done == await store.ask(count)
        await store.close()


async def test_a_session_that_an_administrator_ends_is_made_anew(postgresql: PostgresServer) -> None:
    database = postgresql.new_database()
    store = opened(postgresql, database)
    await store.write(CREATE)
    for expected in range(1, 4):
        assert await store.ask(count) == expected - 1
        end_sessions(postgresql, database)
        await store.write(COUNT)
        assert await store.ask(count) == expected
    await store.close()


async def test_a_question_that_the_server_dies_of_is_an_error_and_the_next_one_is_answered() -> None:
    with own_server() as (server, database):
        store = opened(server, database)
        await store.write(CREATE)
        assert await store.ask(count) == 0
        asked = asyncio.ensure_future(
            store.ask(lambda connection: connection.scalar(select(func.pg_sleep(60))))
        )
        with server.connect(database) as watching:
            await until(lambda: is_asleep(watching))
        await asyncio.get_running_loop().run_in_executor(None, server.stop, "immediate")
        with pytest.raises(StoreError, match="cannot read the database"):
            await asked
        await asyncio.get_running_loop().run_in_executor(None, server.start)
        assert await store.ask(count) == 0
        await store.close()


def is_asleep(watching: psycopg.Connection[tuple[object, ...]]) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    return watching.execute(query).fetchone() == (1,)


async def test_writes_wait_while_the_database_is_read_only(postgresql: PostgresServer) -> None:
    database = postgresql.new_database()
    store = opened(postgresql, database)
    await store.write(CREATE)
    read_only(postgresql, database, "on")
    waiting = asyncio.ensure_future(store.write(COUNT))
    await until(lambda: "read-only" in str(store.full))
    assert await store.ask(count) == 0
    read_only(postgresql, database, "off")
    await waiting
    assert store.read(count) == 1
    await store.close()


async def test_a_database_that_is_read_only_is_not_opened(postgresql: PostgresServer) -> None:
    database = postgresql.new_database()
    read_only(postgresql, database, "on")
    with pytest.raises(StoreError, match=r"read-only .* name the primary"):
        opened(postgresql, database)


@pytest.mark.parametrize(
    ("setting", "value"), [("synchronous_commit", "off"), ("synchronous_commit", "local")]
)
async def test_a_database_that_forgets_what_it_has_committed_is_not_opened(
    postgresql: PostgresServer, setting: str, value: str
) -> None:
    database = postgresql.new_database()
    with postgresql.connect() as administrator:
        administrator.execute(f"ALTER DATABASE {database} SET {setting} = {value}")
    with pytest.raises(StoreError, match=f"{setting} = {value}"):
        opened(postgresql, database)


@pytest.mark.needs("mount")
async def test_writes_wait_while_the_databases_disk_is_full(tmp_path: Path) -> None:
    with own_server() as (server, _), small_disk(server.folder / "small") as disk:
        with server.connect() as administrator:
            administrator.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
            administrator.execute("CREATE DATABASE small TEMPLATE template0 TABLESPACE small")
        store = opened(server, "small")
        await store.write(CREATE)
        filler = fill(disk)
        writes = [store.submit(Run(insert(blobs), {"blob": bytes(8000)})) for _ in range(500)]
        await until(lambda: store.full)
        assert "No space left" in str(store.full)
        filler.unlink()
        await asyncio.gather(*writes)
        assert store.full is None
        assert store.read(lambda at: at.execute(select(func.count()).select_from(blobs)).scalar()) == 500
        await store.close()


async def test_several_that_open_a_new_database_at_once_all_can(postgresql: PostgresServer) -> None:
    database = postgresql.new_database()
    loop = asyncio.get_running_loop()
    stores = await asyncio.gather(
        *(loop.run_in_executor(None, lambda: opened(postgresql, database)) for _ in range(6))
    )
    await stores[0].write(CREATE)
    for expected, store in enumerate(stores, 1):
        await store.write(COUNT)
        assert stores[-1].read(count) == expected
    await asyncio.gather(*(store.close() for store in stores))


async def test_writers_that_are_gone_for_a_day_are_forgotten_and_those_that_only_rest_are_not(
    postgresql: PostgresServer,
) -> None:
    database = postgresql.new_database()
    gone, rests = opened(postgresql, database), opened(postgresql, database)
    await gone.write(CREATE)
    await rests.write(COUNT)
    await gone.close()
    with postgresql.connect(database) as administrator:
        administrator.execute("UPDATE orlop_writers SET seen = seen - interval '25 hours'")
        another = opened(postgresql, database)
        (known,) = administrator.execute("SELECT count(*) FROM orlop_writers").fetchone() or ()
    assert known == 2  # the one that rests, and the one that was opened now
    await rests.write(COUNT)
    assert rests.read(count) == 2
    await another.close()
    await rests.close()


async def test_a_writer_whose_row_is_gone_writes_nothing(postgresql: PostgresServer) -> None:
    database = postgresql.new_database()
    store = opened(postgresql, database)
    await store.write(CREATE)
    with postgresql.connect(database) as administrator:
        administrator.execute("DELETE FROM orlop_writers")
    end_sessions(postgresql, database)
    with pytest.raises(StoreFailed):
        await store.write(COUNT)
    assert store.read(count) == 0
    await store.close()


def read_only(server: PostgresServer, database: str, value: str) -> None:
    """From now on, for sessions that are made; those that are there end."""
    with server.connect() as administrator:
        administrator.execute(f"ALTER DATABASE {database} SET default_transaction_read_only = {value}")
    end_sessions(server, database)


def end_sessions(server: PostgresServer, database: str) -> None:
    with server.connect() as administrator:
        administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,)
        )


@contextmanager
def small_disk(path: Path) -> Iterator[Path]:
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "orlop-test", str(path)], check=True)
    try:
        folder = path / "space"
        folder.mkdir()
        shutil.chown(folder, "postgres")
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def fill(folder: Path) -> Path:
    """Take all room but what a few pages need."""
    filler = folder.parent / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(65536))
    return filler
