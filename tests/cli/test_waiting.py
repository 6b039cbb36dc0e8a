"""Commands that wait for a volume while the orchestrator is restarted."""

from __future__ import annotations

import asyncio
import os
import pty
from typing import Any

import pytest

from tests.cli.conftest import ORLOP, Orlop
from tests.cli.fake_orchestrator import FakeOrchestrator
from tests.cli.test_commands import CREATE, provisioned, volume, volumes


async def until_asked(fake: FakeOrchestrator, kind: str) -> None:
    async with asyncio.timeout(10):
        while not fake.asked(kind):  # noqa: ASYNC110 - what it looks at has no events
            await asyncio.sleep(0.01)


def under_way(fake: FakeOrchestrator, state: str = "VOLUME_CREATING") -> None:
    now = {"volume": volume("data", state)}
    fake.answers["PROVISION_VOLUME"] = provisioned()
    fake.answers["DEPROVISION_VOLUME"] = {"type": "DEPROVISION_VOLUME", "deprovision_volume": now}
    fake.answers["GET_VOLUMES"] = volumes(now["volume"])


@pytest.mark.parametrize(
    ("command", "state", "found", "said"),
    [
        (
            CREATE,
            "VOLUME_CREATING",
            [volume("data", "VOLUME_AVAILABLE")],
            "volume data: AVAILABLE, 1GiB, profile default\n",
        ),
        (("volume", "destroy", "data"), "VOLUME_DESTROYING", [], "volume data: destroyed\n"),
    ],
)
async def test_a_command_that_waits_goes_on_over_a_restart_of_the_orchestrator(
    fake: FakeOrchestrator,
    orlop: Orlop,
    command: tuple[str, ...],
    state: str,
    found: list[dict[str, Any]],
    said: str,
) -> None:
    under_way(fake, state)
    running = asyncio.ensure_future(orlop(*command))
    await until_asked(fake, "GET_VOLUMES")
    await fake.go()
    await asyncio.sleep(0.5)
    assert not running.done()
    fake.answers["GET_VOLUMES"] = volumes(*found)
    await fake.come()
    ended = await running
    assert (ended.status, ended.stdout, ended.stderr) == (0, said, "")
    assert len(fake.asked("PROVISION_VOLUME")) + len(fake.asked("DEPROVISION_VOLUME")) == 1


async def test_a_wait_that_ends_without_an_orchestrator_ends_with_3_and_says_what_to_look_at(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    under_way(fake)
    running = asyncio.ensure_future(orlop(*CREATE, "--timeout", "1"))
    await until_asked(fake, "GET_VOLUMES")
    await fake.go()
    ended = await running
    assert (ended.status, ended.stdout) == (3, "")
    assert "cannot reach" in ended.stderr and ended.stderr.count("\n") == 1
    assert "orlop volume inspect data" in ended.stderr


async def test_a_request_that_cannot_be_made_is_not_waited_for(fake: FakeOrchestrator, orlop: Orlop) -> None:
    await fake.go()
    async with asyncio.timeout(10):
        ended = await orlop(*CREATE)
    assert (ended.status, ended.stdout) == (3, "")


async def test_a_terminal_shows_that_the_orchestrator_is_not_reachable(fake: FakeOrchestrator) -> None:
    under_way(fake)
    master, slave = pty.openpty()
    process = None
    try:
        process = await asyncio.create_subprocess_exec(
            str(ORLOP),
            *CREATE,
            "--timeout",
            "1.5",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=slave,
            env={"ORLOP_URL": fake.url, "PATH": "/usr/bin:/bin", "TERM": "xterm", "COLUMNS": "200"},
        )
        await until_asked(fake, "GET_VOLUMES")
        await fake.go()
        async with asyncio.timeout(20):
            assert await process.wait() == 3
        shown = os.read(master, 65536).decode()
    finally:
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()
        os.close(master)
        os.close(slave)
    assert "orchestrator not reachable, retrying" in shown
