"""One process for each work directory."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from cli.daemon import held
from cli.failures import CommandFailed
from cli.setting_values import orchestrators
from cli.work_dir import locked, registry_lock, work_dir_lock


def test_a_second_one_is_refused_with_the_pid_of_the_first(tmp_path: Path) -> None:
    named = pytest.raises(CommandFailed, match=f"another orlop dev .pid {os.getpid()}.")
    with locked(tmp_path, "orlop dev"), named, locked(tmp_path, "orlop dev"):
        pytest.fail("two hold one directory")
    with locked(tmp_path, "orlop dev"):
        pass


async def test_a_daemon_waits_for_one_that_is_ending(tmp_path: Path) -> None:
    with locked(tmp_path, "agent"):
        waiting = asyncio.create_task(_hold(tmp_path, patience=30.0))
        await asyncio.sleep(0.3)
        assert not waiting.done()
    await waiting


async def test_a_registry_that_is_a_file_belongs_to_one_process_whatever_its_work_directory(
    tmp_path: Path,
) -> None:
    database = tmp_path / "cluster.db"
    async with held(registry_lock(database), 0.2):
        named = pytest.raises(CommandFailed, match=f"pid {os.getpid()}.* uses the registry .*cluster.db")
        with named:
            async with held(registry_lock(database), 0.2):
                pytest.fail("two hold one registry")
    async with held(registry_lock(database), 0.2):
        pass


async def test_a_daemon_does_not_wait_for_ever(tmp_path: Path) -> None:
    with locked(tmp_path, "agent"), pytest.raises(CommandFailed, match="end it, or name another --work-dir"):
        await _hold(tmp_path, patience=0.2)


@pytest.mark.parametrize("text", ["nowhere", "a:5060,b", ":5060", "a:0", "a:65536", ""])
def test_an_address_that_is_none_is_a_wrong_command_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not HOST:PORT|no orchestrator is named"):
        orchestrators(text)


async def _hold(work_dir: Path, patience: float) -> None:
    async with held(work_dir_lock(work_dir, "agent"), patience):
        pass
