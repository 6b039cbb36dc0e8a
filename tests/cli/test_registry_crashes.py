"""Backups and restores of a registry that others use, that end in the middle, or that are done twice."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from cli import registry, registry_files
from cli.failures import CommandFailed
from cli.options import Output
from cli.registry_files import examine
from orchestrator.registry_check import counted
from store.registry import sqlite_url
from tests.cli.test_registry import Host, as_after_a_crash, crashed, host, names, roles

__all__ = ["host"]


def process(*arguments: str) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, *arguments], stdin=pipe, stdout=pipe, stderr=pipe)


async def test_a_backup_that_another_made_meanwhile_stays_as_it_is(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "b.db"
    first: list[bytes] = []

    def made_meanwhile(source: Connection) -> dict[str, int]:
        if not first:
            first.append(b"")
            made = process(
                "-m", "cli.main", "registry", "backup", str(file), "--work-dir", str(host.file.parent)
            )
            assert made.communicate() and made.returncode == 0
            first.append(file.read_bytes())
        return counted(source)

    monkeypatch.setattr(registry_files, "counted", made_meanwhile)
    with pytest.raises(CommandFailed, match="exists already"):
        registry.backup(host.settings, file, Output.TABLE)
    assert file.read_bytes() == first[1] and examine(sqlite_url(file)).taken is not None
    assert names(tmp_path) == {"b.db", "work"}


USES = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("SELECT epoch FROM lease").fetchone(), flush=True)
sys.stdin.read()
"""


async def test_a_registry_that_is_used_from_another_work_directory_is_not_replaced(
    host: Host, tmp_path: Path
) -> None:
    registry.backup(host.settings, tmp_path / "b.db", Output.TABLE)
    elsewhere = replace(host.settings, work_dir=tmp_path / "else", registry=str(host.url))
    user = process("-c", USES, str(host.file))
    try:
        assert user.stdout is not None and user.stdout.readline()
        with pytest.raises(CommandFailed, match="another process uses the registry"):
            registry.restore(elsewhere, tmp_path / "b.db", Output.TABLE)
        with pytest.raises(CommandFailed, match="another process uses the registry"):
            registry.new(elsewhere, Output.TABLE, keep=False)
    finally:
        user.communicate()
    assert names(host.settings.work_dir) == {"orchestrator.db", "orchestrator.db.lock", "registry.json"}
    registry.restore(elsewhere, tmp_path / "b.db", Output.TABLE)


async def test_a_registry_that_is_restored_again_before_all_came_back_still_lets_them_in(
    host: Host, tmp_path: Path
) -> None:
    registry.backup(host.settings, tmp_path / "b.db", Output.TABLE)
    taken_in = examine(host.url).epoch
    registry.restore(host.settings, tmp_path / "b.db", Output.TABLE)
    await host.live()
    registry.restore(host.settings, host.file, Output.TABLE)
    assert restored_of(host.file) == (1, taken_in)
    await host.live()


def restored_of(file: Path) -> tuple[int, int]:
    """How many restorations a registry knows of, and the epoch from which on agents are let in."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        found: tuple[int, int] = connection.execute("SELECT count(*), epoch FROM restorations").fetchone()
    return found


async def test_a_restore_that_is_killed_on_a_new_host_is_not_followed_by_a_new_cluster(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> int:
        raise SystemExit(137)

    registry.backup(host.settings, tmp_path / "b.db", Output.TABLE)
    new = Host(tmp_path / "new")
    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(registry, "put_back", killed)
        registry.restore(new.settings, tmp_path / "b.db", Output.TABLE)
    assert "is missing" in await new.refusal()
    registry.restore(new.settings, tmp_path / "b.db", Output.TABLE)
    await new.live()


async def test_a_registry_behind_a_link_is_led_with_after_a_crash_and_restored_where_it_is(
    host: Host, tmp_path: Path
) -> None:
    real = tmp_path / "disk" / "real.db"
    real.parent.mkdir()
    host.file.rename(real)
    host.file.symlink_to(real)
    store = await host.open()
    left = crashed(real)
    await store.close()
    as_after_a_crash(real, left)
    await host.live()
    registry.backup(host.settings, tmp_path / "b.db", Output.TABLE)
    registry.restore(host.settings, tmp_path / "b.db", Output.TABLE)
    assert host.file.is_symlink() and roles(host.url) == 200
    kept = {each for each in names(real.parent) if each.startswith("real.db.before-")}
    assert any(not each.endswith(("-wal", "-shm")) for each in kept)
    await host.live()
