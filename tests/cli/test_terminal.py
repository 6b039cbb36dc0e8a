"""Our own terminal while it is lent to a program in a container."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import select
import signal
import subprocess
import sys
import termios
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast

import pytest

from cli.container_run import handing_on
from client.containers import ContainerClient, WindowSize
from client.errors import Refused

REPOSITORY = Path(__file__).resolve().parents[2]
SECONDS = 60

LENT = """
import asyncio, os, resource, sys
from cli.failures import CommandFailed
from cli.terminal import LentTerminal

resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
if "nameless" in sys.argv:
    def nameless(fd):
        raise OSError(19, "it has no name here")
    os.ttyname = nameless

async def typed(ours):
    async for piece in ours.pieces():
        print("ready" if piece == ours.size() else piece, end="\\r\\n", flush=True)
        if isinstance(piece, bytes):
            return

try:
    with LentTerminal() as ours:
        asyncio.run(typed(ours))
except CommandFailed as error:
    print(error, error.status)
"""


@contextlib.contextmanager
def lent(*arguments: str, controls: bool = True) -> Iterator[tuple[int, int, subprocess.Popen[bytes]]]:
    """Our end of a terminal, the other end, and who has lent it."""
    master, slave = os.openpty()

    def prepare() -> None:
        os.setsid()
        if controls:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [sys.executable, "-c", LENT, *arguments],
        cwd=REPOSITORY,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        preexec_fn=prepare,
    )
    try:
        yield master, slave, process
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)


def expect(master: int, words: bytes) -> None:
    seen = b""
    while words not in seen:
        assert select.select([master], [], [], SECONDS)[0], f"{words!r} is not in {seen!r}"
        seen += os.read(master, 65536)


@pytest.mark.parametrize("arguments", [(), ("nameless",)], ids=["named", "without a name here"])
def test_what_is_typed_is_read_also_of_a_terminal_without_a_name_here(arguments: tuple[str, ...]) -> None:
    with lent(*arguments) as (master, slave, process):
        before = termios.tcgetattr(slave)
        expect(master, b"ready")
        os.write(master, b"\x03")  # raw: it is not for the process
        expect(master, b"b'\\x03'")
        assert process.wait(SECONDS) == 0
        assert termios.tcgetattr(slave) == before


def test_terminal_that_cannot_be_opened_is_refused_before_it_is_raw() -> None:
    with lent("nameless", controls=False) as (master, slave, process):
        before = termios.tcgetattr(slave)
        expect(master, b"run it without --tty 125")
        assert process.wait(SECONDS) == 0
        assert termios.tcgetattr(slave) == before


def test_a_standard_input_that_is_closed_is_no_terminal() -> None:
    command = [sys.executable, "-c", LENT]
    closed = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, preexec_fn=lambda: os.close(0), check=False
    )
    assert closed.stdout == "--tty: the standard input is no terminal 2\n", closed.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_that_ends_us_gives_the_terminal_back(number: signal.Signals) -> None:
    with lent() as (master, slave, process):
        before = termios.tcgetattr(slave)
        expect(master, b"ready")
        assert termios.tcgetattr(slave) != before
        process.send_signal(number)
        assert process.wait(SECONDS) == -number
        assert termios.tcgetattr(slave) == before


class FullAgent:
    """Takes no input of anybody."""

    def __init__(self) -> None:
        self.killed: asyncio.Queue[str] = asyncio.Queue()

    async def send_input(self, path: str, pieces: object) -> None:
        raise Refused(503, "500 streams are open, the limit: try again later")

    async def kill(self, path: str) -> None:
        self.killed.put_nowait(path)


async def nothing() -> AsyncIterator[bytes | WindowSize]:
    return
    yield


async def test_a_session_at_whose_terminal_nobody_can_type_is_ended() -> None:
    agent = FullAgent()
    async with handing_on(cast(ContainerClient, agent), "web.exec-1", nothing()):
        assert await asyncio.wait_for(agent.killed.get(), SECONDS) == "web.exec-1"
