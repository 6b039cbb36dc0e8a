"""SIGHUP that comes before a daemon is ready for it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.daemon import rereading
from cli.hangup import remember_hangups
from cli.work_dir import locked
from tests.cli.conftest import ORLOP

PATIENCE = 60.0


@pytest.fixture(autouse=True)
def own_handler() -> Iterator[None]:
    before = signal.getsignal(signal.SIGHUP)
    yield
    signal.signal(signal.SIGHUP, before)


async def test_what_was_asked_for_early_is_done_as_soon_as_it_can_be() -> None:
    remember_hangups()
    os.kill(os.getpid(), signal.SIGHUP)
    done = asyncio.Event()

    async def reread() -> None:
        done.set()

    with rereading(reread):
        async with asyncio.timeout(PATIENCE):
            await done.wait()


async def test_without_an_early_one_nothing_is_read_again() -> None:
    remember_hangups()
    done: list[str] = []

    async def reread() -> None:
        done.append("again")

    with rereading(reread):
        for _ in range(10):
            await asyncio.sleep(0)
        assert not done


@pytest.mark.parametrize("daemon", ["agent", "orchestrator"])
async def test_a_daemon_that_waits_for_its_work_directory_outlives_it(tmp_path: Path, daemon: str) -> None:
    with locked(tmp_path, daemon):
        process = await asyncio.create_subprocess_exec(
            *(ORLOP, daemon, "--work-dir", tmp_path), stderr=asyncio.subprocess.PIPE
        )
        try:
            assert process.stderr is not None
            async with asyncio.timeout(PATIENCE):
                while b"waiting" not in await process.stderr.readline():
                    pass
            process.send_signal(signal.SIGHUP)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(process.wait(), 0.5)
        finally:
            if process.returncode is None:
                process.terminate()
            assert await process.wait() == 0, "it ended as it was told to"
