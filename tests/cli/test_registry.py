"""`orlop registry`, and what an orchestrator does at its start with a registry that is damaged or old."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import URL, insert

from api.model.clock import SystemClock
from api.model.ids import RandomIds
from api.wire.codec import encode_msgpack
from api.wire.v1 import mesos
from cli import registry
from cli.daemon_settings import OrchestratorSettings
from cli.failures import CommandFailed
from cli.options import Output
from cli.registry_files import back_up, examine, put_back
from cli.registry_marker import Marker
from cli.registry_opening import opened
from cli.registry_place import database_of, registry_of
from cli.work_dir import locked, registry_locked
from orchestrator import schema
from orchestrator.lease import Candidate, Lease
from store.port import Run, Store, StoreError
from tests.cli.conftest import Orlop
from tests.cli.fake_orchestrator import FakeOrchestrator
from tests.orchestrator.scripted import lead
from tests.postgresql import PostgresServer

CLOCK, IDS = SystemClock(), RandomIds()


class Host:
    """A host that an orchestrator runs on, as far as its registry goes."""

    def __init__(self, work_dir: Path) -> None:
        self.settings = OrchestratorSettings(work_dir=work_dir)
        self.file = work_dir / "orchestrator.db"

    @property
    def url(self) -> URL:
        return registry_of(self.settings)

    async def open(self) -> Store:
        """As the daemon does. Raises StoreError."""
        self.settings.work_dir.mkdir(parents=True, exist_ok=True)
        marker = Marker(self.settings.work_dir, str(self.url), database_of(self.url))
        marker.expect()
        store = await opened(self.url)
        try:
            await marker.recognise(store, CLOCK, IDS)
            epoch = await Lease(store, Candidate("host", "h:1", "h:2"), IDS).take()
            assert epoch is not None
            marker.leads(epoch)
        except BaseException:
            await store.close()
            raise
        return store

    async def live(self) -> None:
        """One life of an orchestrator, in good order."""
        store = await self.open()
        Marker(self.settings.work_dir, str(self.url), database_of(self.url)).closed()
        await store.close()

    async def refusal(self) -> str:
        """Why the orchestrator does not start, as it is printed."""
        with pytest.raises(StoreError) as refused:
            store = await self.open()
            await store.close()
        return " ".join(str(refused.value).split())


@pytest.fixture
async def host(tmp_path: Path) -> Host:
    """One whose registry has been led with, and has some rows."""
    host = Host(tmp_path / "work")
    store = await host.open()
    rows = ({"role": f"role-{number}" + "x" * 200, "milli": number + 1} for number in range(200))
    await store.write(*(Run(insert(schema.weights), row) for row in rows))
    await store.close()
    Marker(host.settings.work_dir, "", host.file).closed()
    return host


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def roles(url: URL) -> int:
    return examine(url).rows["weights"]


async def test_a_registry_begins_a_new_cluster_once_and_is_led_with_again(tmp_path: Path) -> None:
    host = Host(tmp_path / "work")
    await host.live()
    cluster = examine(host.url).cluster
    await host.live()
    found = examine(host.url)
    assert (found.cluster, found.epoch, found.faults) == (cluster, 2, ())


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda file: file.unlink(), "is missing"),
        (lambda file: file.write_bytes(b""), "is empty"),
        (lambda file: file.write_bytes(b"\xff" * 9_000), "is damaged: file is not a database"),
        (
            lambda file: file.write_bytes(file.read_bytes()[:30_000]),
            "is damaged: database disk image",
        ),
        (lambda file: overwrite(file, 4096 * 5, b"\xa5" * 4096), "is damaged"),
        (lambda file: overwrite(file, 0, b"\0" * 100), "is damaged"),
        (lambda file: sql(file, "PRAGMA user_version=99"), "has schema 99, this release reads"),
        (lambda file: sql(file, "DELETE FROM cluster"), "is empty"),
    ],
    ids=["missing", "empty", "garbage", "cut off", "a page", "zeroes for the header", "newer", "no cluster"],
)
async def test_a_damaged_registry_is_never_begun_with_and_the_way_out_is_named(
    host: Host, tmp_path: Path, damage: Callable[[Path], object], words: str
) -> None:
    backup = tmp_path / "backup.db"
    back_up(host.url, backup, CLOCK.now(), "1")
    damage(host.file)
    for _ in range(2):  # the first attempt must not make it look right for the second
        refusal = await host.refusal()
        assert words in refusal and "orlop registry restore FILE" in refusal
    registry.restore(host.settings, backup, Output.TABLE)
    await host.live()
    assert roles(host.url) == 200


def overwrite(file: Path, offset: int, data: bytes) -> None:
    with file.open("r+b") as opened_file:
        opened_file.seek(offset)
        opened_file.write(data)


def sql(file: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)
        connection.commit()


def as_after_a_crash(file: Path, parts: dict[str, bytes]) -> None:
    for part, data in parts.items():
        Path(f"{file}{part}").write_bytes(data)


def crashed(file: Path) -> dict[str, bytes]:
    """What a crash would leave now of a registry that is open."""
    return {part: Path(f"{file}{part}").read_bytes() for part in ("", "-wal")}


async def test_a_log_that_was_deleted_after_a_crash_is_missed(host: Host) -> None:
    store = await host.open()
    left = crashed(host.file)
    await store.close()
    as_after_a_crash(host.file, {"": left[""]})
    assert "-wal is missing" in await host.refusal()
    as_after_a_crash(host.file, left)
    await host.live()
    assert roles(host.url) == 200


async def test_after_a_lost_log_one_goes_on_with_what_there_is(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    store = await host.open()
    left = crashed(host.file)
    await store.close()
    as_after_a_crash(host.file, {"": left[""]})
    assert f"orlop registry restore {host.file}" in await host.refusal()
    registry.restore(host.settings, host.file, Output.JSON)
    assert Path(json.loads(capsys.readouterr().out)["kept"]).name.startswith("orchestrator.db.before-")
    await host.live()
    assert roles(host.url) == 200


async def test_an_older_copy_that_was_put_there_by_hand_is_told(host: Host) -> None:
    copy = host.file.read_bytes()
    await host.live()
    await host.live()
    host.file.write_bytes(copy)
    assert "is an old one" in await host.refusal()


async def test_the_registry_of_another_cluster_is_told(host: Host, tmp_path: Path) -> None:
    other = Host(tmp_path / "other")
    await other.live()
    host.file.write_bytes(other.file.read_bytes())
    assert "belongs to cluster" in await host.refusal()
    with pytest.raises(CommandFailed, match="take one of its backups"):
        registry.restore(host.settings, other.file, Output.TABLE)
    registry.new(host.settings, Output.TABLE, keep=True)
    await host.live()
    assert examine(host.url).cluster == examine(other.url).cluster


async def test_a_row_that_cannot_be_read_is_named(host: Host) -> None:
    sql(host.file, "INSERT INTO quotas VALUES ('role-7', x'c1')")
    store = await host.open()
    with pytest.raises(StoreError, match="the row role-7 of table quotas cannot be read"):
        await lead(store)  # type: ignore[arg-type]
    await store.close()
    with pytest.raises(CommandFailed, match=r"role-7.*orlop registry restore FILE"):
        registry.check(host.settings, None, Output.TABLE)


async def test_yes_a_new_cluster(host: Host) -> None:
    first = examine(host.url).cluster
    registry.new(host.settings, Output.TABLE, keep=False)
    assert not host.file.exists() and list(host.file.parent.glob("*.before-*"))
    await host.live()
    assert examine(host.url).cluster != first


async def test_a_backup_is_made_while_the_registry_is_written_to(host: Host, tmp_path: Path) -> None:
    store = await host.open()
    await store.write(Run(insert(schema.weights), {"role": "new", "milli": 1}))
    with locked(host.settings.work_dir, "orchestrator"):
        registry.backup(host.settings, tmp_path / "backup.db", Output.TABLE)
        with pytest.raises(CommandFailed, match="another orchestrator"):
            registry.restore(host.settings, tmp_path / "backup.db", Output.TABLE)
        with pytest.raises(CommandFailed, match="another orchestrator"):
            registry.new(host.settings, Output.TABLE, keep=False)
    assert roles(registry_of(replace(host.settings, registry=f"sqlite:///{tmp_path}/backup.db"))) == 201
    assert (tmp_path / "backup.db").stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == {"backup.db", "work"}
    await store.write(Run(insert(schema.weights), {"role": "b", "milli": 1}))
    await store.close()
    with pytest.raises(CommandFailed, match="exists already"):
        registry.backup(host.settings, tmp_path / "backup.db", Output.TABLE)


async def test_a_registry_that_another_process_is_about_to_open_is_neither_restored_nor_kept_aside(
    host: Host, tmp_path: Path
) -> None:
    registry.backup(host.settings, tmp_path / "backup.db", Output.TABLE)
    elsewhere = replace(host.settings, work_dir=tmp_path / "elsewhere", registry=f"sqlite:///{host.file}")
    before = host.file.read_bytes()
    with registry_locked(host.file):
        with pytest.raises(CommandFailed, match=r"another process .* uses the registry"):
            registry.restore(elsewhere, tmp_path / "backup.db", Output.TABLE)
        with pytest.raises(CommandFailed, match=r"another process .* uses the registry"):
            registry.new(elsewhere, Output.TABLE, keep=False)
    assert host.file.read_bytes() == before


async def test_which_life_of_an_agent_spoke_last_is_not_known_after_a_restore(
    host: Host, tmp_path: Path
) -> None:
    info = encode_msgpack(mesos.AgentInfo(hostname="host-1", id=mesos.AgentID(value="a")))
    store = await host.open()
    await store.write(
        Run(
            insert(schema.agents),
            {"agent_id": "a", "info": info, "admitted": 1.0, "life": 7, "life_id": b"x"},
        )
    )
    await store.close()
    registry.backup(host.settings, tmp_path / "backup.db", Output.TABLE)
    registry.restore(host.settings, tmp_path / "backup.db", Output.TABLE)
    store = await host.open()
    rooms = await lead(store)  # type: ignore[arg-type]
    assert list(rooms.registrar.agents) == ["a"] and not rooms.registrar.lives
    await rooms.stop()
    await store.close()


async def test_no_backup_is_made_of_what_is_damaged(host: Host, tmp_path: Path) -> None:
    sql(host.file, "INSERT INTO quotas VALUES ('r', x'c1')")
    with pytest.raises(CommandFailed, match="is damaged"):
        registry.backup(host.settings, tmp_path / "backup.db", Output.TABLE)
    assert names(tmp_path) == {"work"}


async def test_a_damaged_backup_is_not_restored(host: Host, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    registry.backup(host.settings, backup, Output.TABLE)
    overwrite(backup, 4096 * 5, b"\xa5" * 4096)
    before = host.file.read_bytes()
    with pytest.raises(CommandFailed, match="cannot be restored"):
        registry.restore(host.settings, backup, Output.TABLE)
    assert host.file.read_bytes() == before


@contextlib.contextmanager
def read_only(path: Path) -> Iterator[None]:
    subprocess.run(["mount", "--bind", str(path), str(path)], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", str(path)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


@pytest.mark.needs("mount")
async def test_a_read_only_disk_is_told(host: Host) -> None:
    with read_only(host.settings.work_dir):
        refusal = await host.refusal()
    assert "ead-only" in refusal or "readonly" in refusal
    await host.live()


@pytest.mark.needs("postgresql")
async def test_a_backup_of_one_database_can_be_restored_into_the_other(
    host: Host, tmp_path: Path, postgresql: PostgresServer
) -> None:
    there = Host(tmp_path / "there")
    there.settings = replace(there.settings, registry=postgresql.url(postgresql.new_database()))
    there.settings.work_dir.mkdir()
    registry.backup(host.settings, tmp_path / "first.db", Output.TABLE)
    with pytest.raises(CommandFailed, match="cannot be used: it is no registry: it has no tables"):
        registry.check(there.settings, None, Output.TABLE)
    registry.restore(there.settings, tmp_path / "first.db", Output.TABLE)  # into a database without tables
    store = await there.open()
    with pytest.raises(CommandFailed, match="leads with the registry"):
        registry.restore(there.settings, tmp_path / "first.db", Output.TABLE)
    await store.close()
    registry.backup(there.settings, tmp_path / "second.db", Output.TABLE)
    put_back(tmp_path / "second.db", host.url, tmp_path / "aside.db", CLOCK.now(), 0)
    assert examine(host.url).rows["weights"] == roles(there.url) == 200
    assert examine(host.url).cluster == examine(there.url).cluster


DIFFERENCE = {
    "kind": "VOLUME_MISSING",
    "subject": "data",
    "message": "volume data: its provider does not have it",
    "found": 1000.0,
}


async def test_what_differs_is_shown_until_an_operator_says_that_it_is_settled(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    found = {"restoration": {"taken": 500.0, "restored": 900.0}, "differences": [DIFFERENCE]}
    kind = "GET_REGISTRY_DIFFERENCES"
    fake.answers[kind] = {"type": kind, "get_registry_differences": found}
    shown = (await orlop("registry", "differences")).stdout
    assert "VOLUME_MISSING" in shown and "its provider does not have it" in shown
    assert "orlop registry differences --settle" in shown
    fake.answers[kind] = {"type": kind, "get_registry_differences": {}}
    fake.answers["SETTLE_REGISTRY_DIFFERENCES"] = (200, "")
    assert (await orlop("registry", "differences", "--settle")).stdout == "Nothing is known to differ.\n"
    assert [call["type"] for call in fake.calls[1:]] == ["SETTLE_REGISTRY_DIFFERENCES", kind]


async def test_the_daemon_says_why_it_does_not_start_and_starts_on_a_backup(
    host: Host, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.db"
    registry.backup(host.settings, backup, Output.TABLE)
    ready = await daemon(host.settings.work_dir, until="leading in epoch")
    assert ready.returncode == 0
    host.file.unlink()
    ended = await daemon(host.settings.work_dir)
    told = [line for line in ended.stderr.splitlines() if line.startswith("orlop: ")]
    assert ended.returncode == 1 and len(told) == 1 and "is missing" in told[0]
    registry.restore(host.settings, backup, Output.TABLE)
    assert (await daemon(host.settings.work_dir, until="leading in epoch")).returncode == 0


async def daemon(work_dir: Path, until: str | None = None) -> subprocess.CompletedProcess[str]:
    """An orchestrator, until it ends by itself; or is told to, once it has logged `until`."""
    command = [
        "-m",
        "cli.main",
        "orchestrator",
        "--work-dir",
        str(work_dir),
        "--port",
        "0",
        "--link-port",
        "0",
    ]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    said = ""
    try:
        async with asyncio.timeout(60):
            while line := (await process.stderr.readline()).decode():
                said += line
                if until is not None and until in line:
                    process.terminate()
            status = await process.wait()
    except BaseException:
        process.kill()
        raise
    return subprocess.CompletedProcess(command, status, "", said)
