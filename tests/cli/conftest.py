"""The command line as a process, against an orchestrator that answers from a script."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.fake_orchestrator import FakeOrchestrator, running

ORLOP = Path(sys.executable).with_name("orlop")


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    status: int
    stdout: str
    stderr: str


Orlop = Callable[..., Awaitable[Ended]]


@pytest.fixture
async def fake() -> AsyncIterator[FakeOrchestrator]:
    async with running() as orchestrator:
        yield orchestrator


@pytest.fixture
def orlop(fake: FakeOrchestrator) -> Orlop:
    """Runs `orlop` with arguments against the fake, to its end."""

    async def run(*arguments: str, url: str | None = None) -> Ended:
        process = await asyncio.create_subprocess_exec(
            str(ORLOP),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"ORLOP_URL": url or fake.url, "PATH": "/usr/bin:/bin"},
        )
        stdout, stderr = await process.communicate()
        assert process.returncode is not None
        return Ended(process.returncode, stdout.decode(), stderr.decode())

    return run
